//! Progress (办件进度) without an account: for whoever holds receipt number and query code.

use std::net::{IpAddr, Ipv4Addr};

use lianshen_domain::application::FileClock;
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::item_code::is_valid_receipt_number;
use lianshen_domain::rejected::Reason;
use lianshen_entity::{Placed, application, case_, event};
use sea_orm::prelude::Json;
use sea_orm::sea_query::{Expr, UnionType};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, JoinType, QueryFilter as _,
    QuerySelect as _, QueryTrait as _, RelationTrait as _,
};

use super::read::{ApplicationRow, CaseRow};
use super::view::{clocks_of_case, courses_of};
use super::visibility::told_to_everybody;
use crate::app::App;
use crate::db::Reader;
use crate::error::AppError;

/// A case as far as progress shows it.
pub type CaseProgress = case_::Progress;
/// An event as far as everybody sees it who may see it.
pub type EventLine = event::Line;
/// The same, with its words where they were wanted.
pub type EventWithWords = (EventLine, Option<Json>);

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
    pub events: Vec<EventWithWords>,
}

/// Progress without an account; a wrong number and a wrong code are one answer. Of an application and its cases no more is read
/// than is shown, unless clocks are wanted, which are made of all of it.
///
/// # Errors
/// `TooManyAttempts` for who guesses; `RecordNotUnderstood`.
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
    let code = query_code.trim().to_ascii_uppercase();
    // No code holds anything else; and at a NUL PostgreSQL would fail.
    if !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(None);
    }
    let held = (receipt_number, &*code);
    let found = if shows.clocks {
        let found = file::<ApplicationRow, _>(db, held, shows, |row| &row.query_code);
        match found.await? {
            Some((row, cases, events)) => {
                let (application, cases) = with_clocks(app, row, cases).await?;
                Some((application, cases, events))
            }
            None => None,
        }
    } else {
        let found = file::<application::Progress, _>(db, held, shows, |part| &part.query_code);
        found.await?.map(|(part, cases, events)| {
            let cases = cases.into_iter().map(|case| (case, Vec::new()));
            (part, cases.collect(), events)
        })
    };
    let Some((application, mut cases, mut events)) = found else {
        return Ok(None);
    };
    cases.sort_unstable_by_key(|(case, _)| case.ordinal);
    events.sort_unstable_by_key(|(event, _)| event.id);
    Ok(Some(Progress {
        application,
        cases,
        events,
    }))
}

/// An application whose code is held, with its cases and what happened, in one statement; of each as much as is read of it.
///
/// It is in the rows of its cases; what happened has rows of its own, and none for who holds another code.
async fn file<A, C>(
    db: &Reader,
    (receipt_number, code): (&str, &str),
    shows: ProgressShows,
    code_of: impl Fn(&A) -> &String,
) -> Result<Option<(A, Vec<C>, Vec<EventWithWords>)>, AppError>
where
    A: Placed<Entity = application::Entity>,
    C: Placed<Entity = case_::Entity>,
{
    let of_it = application::Entity::find()
        .filter(application::Column::ReceiptNumber.eq(receipt_number))
        .select_only();
    let mut find = of_it
        .clone()
        .expr(A::columns())
        .expr(C::columns())
        .join(JoinType::LeftJoin, application::Relation::Case.def())
        .into_query();
    let event_at = A::width() + C::width();
    if shows.events {
        let details = shows.details.then_some(event::Column::Detail);
        find.expr(nulls(EventLine::width() + usize::from(shows.details)));
        let of_it = of_it
            .filter(application::Column::QueryCode.eq(code))
            .column(application::Column::Id)
            .into_query();
        let happened = event::Entity::find()
            .filter(event::Column::ApplicationId.in_subquery(of_it))
            .filter(told_to_everybody())
            .select_only()
            .expr(nulls(event_at))
            .expr(EventLine::columns())
            .columns(details);
        // Not a third: PostgreSQL takes the type of what is null in one from the other.
        find.union(UnionType::All, happened.into_query());
    }
    let rows = db.query_all(&find).await?;
    let mut application = rows.iter().map(|row| A::placed_if_any(row, 0));
    let application = application.find_map(Result::transpose).transpose()?;
    let held = |application: &A| is_same(code_of(application), code);
    let Some(application) = application.filter(held) else {
        return Ok(None);
    };
    let (mut cases, mut events) = (Vec::new(), Vec::new());
    for row in &rows {
        cases.extend(C::placed_if_any(row, A::width())?);
        if shows.events
            && let Some(event) =
                EventLine::placed_if_any(row, event_at).map_err(|_| Reason::RecordNotUnderstood)?
        {
            let detail = event_at + EventLine::width();
            let detail = shows.details.then(|| row.try_get_by_index(detail));
            events.push((event, detail.transpose()?));
        }
    }
    Ok(Some((application, cases, events)))
}

/// Columns in which there is nothing.
fn nulls(number: usize) -> Expr {
    Expr::cust(vec!["NULL"; number].join(", "))
}

/// The same with the clocks of the cases.
async fn with_clocks(
    app: &App,
    application: ApplicationRow,
    cases: Vec<CaseRow>,
) -> Result<(application::Progress, Vec<(CaseProgress, Vec<FileClock>)>), AppError> {
    let id = ApplicationId::new(application.id);
    let course = if cases.iter().any(|row| row.eventful) {
        courses_of(app, &[id]).await?.remove(&id).transpose()?
    } else {
        None
    };
    let snapshot = app.library.present();
    let clocked = |row: CaseRow| {
        let course = course.as_ref().filter(|_| row.eventful);
        let clocks = clocks_of_case(app, &snapshot, &application, (&row, &[]), course)?;
        Ok((row.into(), clocks))
    };
    let cases: Result<_, AppError> = cases.into_iter().map(clocked).collect();
    let cases = cases?;
    Ok((application.into(), cases))
}

/// Compares without telling by its time how much was right.
fn is_same(known: &str, given: &str) -> bool {
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
