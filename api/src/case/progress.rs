//! Progress (办件进度) without an account: for whoever holds receipt number and query code.

use std::net::{IpAddr, Ipv4Addr};

use lianshen_domain::item_code::is_valid_receipt_number;
use lianshen_domain::rejected::Reason;
use lianshen_entity::{Placed as _, application, event};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, RelationTrait as _,
};

use super::read::{ApplicationRow, CaseRow, EventRow};
use crate::app::App;
use crate::error::AppError;

/// What anybody may see who holds receipt number and query code.
pub struct Progress {
    /// The application.
    pub application: ApplicationRow,
    /// Its cases.
    pub cases: Vec<CaseRow>,
    /// What happened, as far as it is public and was wanted.
    pub events: Vec<EventRow>,
}

/// Progress without an account; a wrong number and a wrong code are one answer. Events are read if they are wanted.
///
/// # Errors
/// `TooManyAttempts` for who guesses.
pub async fn progress(
    app: &App,
    peer: Option<IpAddr>,
    receipt_number: &str,
    query_code: &str,
    with_events: bool,
) -> Result<Option<Progress>, AppError> {
    if !is_valid_receipt_number(receipt_number) {
        return Ok(None);
    }
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let now = app.env.now();
    let attempt = app.progress_attempts.attempt(receipt_number, peer, now);
    attempt.map_err(|refused| Reason::TooManyAttempts {
        seconds: refused.seconds,
    })?;
    let read = read(app, receipt_number, query_code, with_events).await;
    match read {
        Ok(Some(_)) => app.progress_attempts.succeeded(receipt_number, peer, now),
        Ok(None) => {}
        // Nobody could say whether the code was right.
        Err(_) => app.progress_attempts.unanswered(receipt_number, peer, now),
    }
    read
}

/// What whoever gives the code of a receipt may see; nothing for a wrong one.
async fn read(
    app: &App,
    receipt_number: &str,
    query_code: &str,
    with_events: bool,
) -> Result<Option<Progress>, AppError> {
    let db = app.db.reader();
    let find = application::Entity::find()
        .filter(application::Column::ReceiptNumber.eq(receipt_number))
        .select_only()
        .expr(ApplicationRow::columns())
        .expr(CaseRow::columns())
        .join(JoinType::LeftJoin, application::Relation::Case.def())
        .into_query();
    let rows = db.query_all(&find).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let row = ApplicationRow::placed(first, 0)?;
    if !same_code(&row.query_code, query_code) {
        return Ok(None);
    }
    let case_at = ApplicationRow::width();
    let cases = rows.iter();
    let cases = cases.map(|row| CaseRow::placed_if_any(row, case_at));
    let mut cases: Vec<CaseRow> = cases
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    cases.sort_unstable_by_key(|case| case.ordinal);
    let events = if with_events {
        let find = event::Entity::find()
            .filter(event::Column::ApplicationId.eq(row.id))
            .filter(event::Column::Public.eq(true))
            .order_by_asc(event::Column::Id)
            .select_only()
            .expr(EventRow::columns())
            .into_query();
        let events = db.query_all(&find).await?;
        let events = events.iter().map(|row| EventRow::placed(row, 0));
        events.collect::<Result<_, _>>()?
    } else {
        Vec::new()
    };
    Ok(Some(Progress {
        application: row,
        cases,
        events,
    }))
}

/// Compares without telling by its time how much was right.
fn same_code(known: &str, given: &str) -> bool {
    let given = given.trim().to_ascii_uppercase();
    known.len() == given.len()
        && known
            .bytes()
            .zip(given.bytes())
            .fold(0, |differ, (a, b)| differ | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::catalogue::Library;
    use crate::config::Config;
    use crate::db::{self, DbOptions};
    use crate::env::{Env, MachineClock};
    use crate::identity::Identity;

    const NUMBER: &str = "320999202611240000012";

    /// The program on a database of its own, which goes with the folder.
    async fn program(folder: &std::path::Path) -> App {
        let options = DbOptions {
            url: format!("sqlite:{}", folder.join("progress.db").display()),
            pool: 2,
            acquire_timeout: Duration::from_secs(5),
            observer: None,
            replica: None,
        };
        let db = db::connect(&options).await.unwrap();
        db.migrate().await.unwrap();
        let env = Env::new(Arc::new(MachineClock));
        let config = Arc::new(Config::defaults().unwrap());
        let library = Arc::new(Library::open(&db).await.unwrap());
        let identity = Arc::new(Identity::open(&config, &db, &env).await.unwrap());
        App::new(db, env, config, library, identity)
    }

    async fn does(app: &App, statement: &str) {
        let done = db::write(&app.db, async |tx| {
            Ok(tx.execute_unprepared(statement).await?)
        });
        done.await.unwrap();
    }

    #[tokio::test]
    async fn only_who_was_answered_has_guessed() {
        let name = format!("lianshen-progress-{}", rand::random::<u64>());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let app = program(&folder).await;
        let guess = async || progress(&app, None, NUMBER, "AAAAAAAAAA", false).await;
        does(&app, "ALTER TABLE application RENAME TO elsewhere").await;
        for _ in 0..20 {
            let fault = guess().await.err().expect("nothing can be read");
            assert!(!matches!(fault, AppError::Rejected(_)), "{fault}");
        }
        does(&app, "ALTER TABLE elsewhere RENAME TO application").await;
        for _ in 0..5 {
            assert!(guess().await.unwrap().is_none());
        }
        let refused = guess().await.err().expect("it was guessed five times");
        assert!(matches!(refused, AppError::Rejected(_)), "{refused}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
