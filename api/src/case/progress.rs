//! Progress (办件进度) without an account: for whoever holds receipt number and query code.

use std::net::{IpAddr, Ipv4Addr};

use lianshen_domain::application::FileClock;
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::item_code::is_valid_receipt_number;
use lianshen_domain::rejected::Reason;
use lianshen_entity::{Placed, application, case_, event};
use sea_orm::prelude::{Json, Uuid};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, JoinType, QueryFilter as _,
    QueryOrder as _, QueryResult, QuerySelect as _, QueryTrait as _, RelationTrait as _,
};

use super::read::{ApplicationRow, CaseRow};
use super::view::{clocks_of_case, courses_of};
use crate::app::App;
use crate::db::Reader;
use crate::error::AppError;

/// A case as far as progress shows it.
pub type CaseProgress = case_::Progress;
/// An event as far as everybody sees it who may see it.
pub type EventLine = event::Line;

/// What is wanted beside the application and its cases.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProgressShows {
    /// The clocks of the cases.
    pub clocks: bool,
    /// What happened.
    pub events: bool,
    /// The words that say more about what happened.
    pub details: bool,
}

/// What anybody may see who holds receipt number and query code, as far as it was wanted.
pub struct Progress {
    /// The application.
    pub application: application::Progress,
    /// Its cases in their order, with their clocks.
    pub cases: Vec<(CaseProgress, Vec<FileClock>)>,
    /// What happened and is public, the oldest first, with its detail.
    pub events: Vec<(EventLine, Option<Json>)>,
}

/// Progress without an account; a wrong number and a wrong code are one answer. Of an application and its cases no more is read
/// than is shown, unless clocks are wanted, which are made of all of it.
///
/// # Errors
/// `TooManyAttempts` for who guesses.
pub async fn progress(
    app: &App,
    peer: Option<IpAddr>,
    receipt_number: &str,
    query_code: &str,
    shows: ProgressShows,
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
    let read = read(app, receipt_number, query_code, shows).await;
    match read {
        Ok(Some(_)) => app.progress_attempts.succeeded(receipt_number, peer, now),
        Ok(None) => {}
        // Nobody was told whether the code was right.
        Err(_) => app.progress_attempts.unanswered(receipt_number, peer, now),
    }
    read
}

/// What whoever gives the code of a receipt may see; nothing for a wrong one.
async fn read(
    app: &App,
    receipt_number: &str,
    query_code: &str,
    shows: ProgressShows,
) -> Result<Option<Progress>, AppError> {
    let db = app.db.reader();
    let found = if shows.clocks {
        let held = |row: &ApplicationRow| same_code(&row.query_code, query_code);
        match file::<ApplicationRow, CaseRow>(db, receipt_number, held).await? {
            Some((row, cases)) => Some(with_clocks(app, row, cases).await?),
            None => None,
        }
    } else {
        let held = |part: &application::Progress| same_code(&part.query_code, query_code);
        let found = file::<application::Progress, CaseProgress>(db, receipt_number, held).await?;
        found.map(|(part, cases)| {
            let cases = cases.into_iter().map(|case| (case, Vec::new()));
            (part, cases.collect())
        })
    };
    let Some((application, mut cases)) = found else {
        return Ok(None);
    };
    cases.sort_unstable_by_key(|(case, _)| case.ordinal);
    let events = if shows.events {
        public_events(db, application.id, shows.details).await?
    } else {
        Vec::new()
    };
    Ok(Some(Progress {
        application,
        cases,
        events,
    }))
}

/// An application whose code is held, with its cases, in one statement; of each as much as is read of it.
async fn file<A, C>(
    db: &Reader,
    receipt_number: &str,
    is_held: impl Fn(&A) -> bool,
) -> Result<Option<(A, Vec<C>)>, AppError>
where
    A: Placed<Entity = application::Entity>,
    C: Placed<Entity = case_::Entity>,
{
    let find = application::Entity::find()
        .filter(application::Column::ReceiptNumber.eq(receipt_number))
        .select_only()
        .expr(A::columns())
        .expr(C::columns())
        .join(JoinType::LeftJoin, application::Relation::Case.def())
        .into_query();
    let rows = db.query_all(&find).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let application = A::placed(first, 0)?;
    if !is_held(&application) {
        return Ok(None);
    }
    let cases = rows.iter();
    let cases = cases.map(|row| C::placed_if_any(row, A::width()));
    let cases: Result<_, _> = cases.filter_map(Result::transpose).collect();
    Ok(Some((application, cases?)))
}

/// The same with the clocks of the cases.
async fn with_clocks(
    app: &App,
    application: ApplicationRow,
    cases: Vec<CaseRow>,
) -> Result<(application::Progress, Vec<(CaseProgress, Vec<FileClock>)>), AppError> {
    let id = ApplicationId::new(application.id);
    let course = if cases.iter().any(|row| row.eventful) {
        courses_of(app, &[id]).await?.remove(&id)
    } else {
        None
    };
    let snapshot = app.library.present();
    let clocked = |row: CaseRow| {
        let course = course.as_ref().filter(|_| row.eventful);
        let clocks = clocks_of_case(app, &snapshot, &application, &row, course)?;
        Ok((row.into(), clocks))
    };
    let cases: Result<_, AppError> = cases.into_iter().map(clocked).collect();
    let cases = cases?;
    Ok((application.into(), cases))
}

/// The public events of an application, the oldest first.
async fn public_events(
    db: &Reader,
    application: Uuid,
    details: bool,
) -> Result<Vec<(EventLine, Option<Json>)>, AppError> {
    let find = event::Entity::find()
        .filter(event::Column::ApplicationId.eq(application))
        .filter(event::Column::Public.eq(true))
        .order_by_asc(event::Column::Id)
        .select_only()
        .expr(EventLine::columns());
    let find = if details {
        find.column(event::Column::Detail)
    } else {
        find
    };
    let rows = db.query_all(&find.into_query()).await?;
    let event = |row: &QueryResult| -> Result<_, AppError> {
        let detail = details.then(|| row.try_get_by_index(EventLine::width()));
        Ok((EventLine::placed(row, 0)?, detail.transpose()?))
    };
    rows.iter().map(event).collect()
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
#[path = "progress_tests.rs"]
mod tests;
