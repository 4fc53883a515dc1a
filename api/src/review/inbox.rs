//! The inbox of a department: open reviews, the nearest deadline first.

use std::collections::HashMap;

use lianshen_domain::actor::{self, Action, Actor, Role};
use lianshen_domain::clock::Lamp;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _, ReviewId};
use lianshen_domain::review::ReviewState;
use lianshen_entity::{Coded, Placed, application, case_, review};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbErr, EntityTrait as _, FromQueryResult, JoinType,
    PaginatorTrait as _, QueryFilter as _, QueryResult, QuerySelect as _, QueryTrait as _,
    RelationTrait as _, Select,
};
use uuid::Uuid;

use super::lamp::{LampColumns, lamp_at};
use crate::app::App;
use crate::case::{
    ApplicationRead, ApplicationRow, CaseRead, CaseRow, Extent, ReviewRead, ReviewRow,
    reviews_visible_to,
};
use crate::error::AppError;
use crate::page::{Keyset, Window};

/// A review with its case and application, read together.
pub type InboxRow = (ReviewRead, CaseRead, ApplicationRead);

/// Which reviews of the inbox.
#[derive(Clone, Debug, Default)]
pub struct InboxFilter {
    /// In these states; all that are open when empty.
    pub states: Vec<ReviewState>,
    /// Of this item.
    pub item: Option<String>,
    /// Of this bundle.
    pub bundle: Option<String>,
    /// Showing this lamp today.
    pub lamp: Option<Lamp>,
    /// Holding this text in applicant, item, receipt or case number; folded.
    pub text: Option<String>,
    /// Claimed by the reader.
    pub mine: Option<bool>,
}

/// How many reviews wait, by state and by lamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboxCounts {
    /// Nobody took them yet.
    pub open: u64,
    /// The reader took them.
    pub claimed_by_me: u64,
    /// Somebody else took them.
    pub claimed_by_others: u64,
    /// They wait for a predecessor.
    pub waiting: u64,
    /// Of all of them: the lamp is an alert.
    pub alert: u64,
    /// Of all of them: the lamp is yellow.
    pub yellow: u64,
    /// Of all of them: the lamp is red.
    pub red: u64,
}

/// A window of the inbox, the nearest deadline first.
///
/// # Errors
/// `Forbidden` for roles without an inbox.
pub async fn inbox(
    app: &App,
    actor: &Actor,
    filter: &InboxFilter,
    window: &Window,
    extent: Extent,
) -> Result<Vec<InboxRow>, AppError> {
    let list = some_reviews(app, actor, filter)?;
    let keyset = Keyset::ascending(review::Column::SortOn, review::Column::Id);
    lines(app, keyset.apply(list, window), extent).await
}

/// Reviews with their cases and applications, in one statement.
async fn lines(
    app: &App,
    reviews: Select<review::Entity>,
    extent: Extent,
) -> Result<Vec<InboxRow>, AppError> {
    match extent {
        Extent::Heads => {
            together::<review::Head, case_::Head, application::Head>(app, reviews).await
        }
        Extent::Rows => together::<ReviewRow, CaseRow, ApplicationRow>(app, reviews).await,
    }
}

/// The same, of each as much as is read of it.
async fn together<R, C, A>(
    app: &App,
    reviews: Select<review::Entity>,
) -> Result<Vec<InboxRow>, AppError>
where
    R: Placed<Entity = review::Entity> + Into<ReviewRead>,
    C: Placed<Entity = case_::Entity> + Into<CaseRead>,
    A: Placed<Entity = application::Entity> + Into<ApplicationRead>,
{
    let find = joined(reviews)
        .select_only()
        .expr(R::columns())
        .expr(C::columns())
        .expr(A::columns())
        .into_query();
    let rows = app.db.reader().query_all(&find).await?;
    let case_at = R::width();
    let application_at = case_at + C::width();
    let line = |row: &QueryResult| -> Result<InboxRow, DbErr> {
        let review = R::placed(row, 0)?.into();
        let case = C::placed(row, case_at)?.into();
        Ok((review, case, A::placed(row, application_at)?.into()))
    };
    let lines: Result<_, DbErr> = rows.iter().map(line).collect();
    Ok(lines?)
}

/// How many reviews the filter finds.
///
/// # Errors
/// As [`inbox`].
pub async fn count_inbox(app: &App, actor: &Actor, filter: &InboxFilter) -> Result<u64, AppError> {
    Ok(joined(some_reviews(app, actor, filter)?)
        .count(app.db.reader())
        .await?)
}

/// Counts by state and lamp, in one statement over the open work.
///
/// # Errors
/// As [`inbox`].
pub async fn inbox_counts(app: &App, actor: &Actor) -> Result<InboxCounts, AppError> {
    #[derive(FromQueryResult)]
    struct Count {
        state: Coded<ReviewState>,
        mine: i32,
        lamp: i32,
        number: i64,
    }
    let mine = Expr::case(review::Column::ClaimedBy.eq(actor.account.raw()), 1).finally(0);
    let lamp = lamps(app).place();
    let counts: Vec<Count> = joined(some_reviews(app, actor, &InboxFilter::default())?)
        .select_only()
        .column(review::Column::State)
        .column_as(SimpleExpr::Case(Box::new(mine)), "mine")
        .column_as(SimpleExpr::Case(Box::new(lamp)), "lamp")
        .column_as(review::Column::Id.count(), "number")
        .group_by(review::Column::State)
        .group_by(Expr::cust("2"))
        .group_by(Expr::cust("3"))
        .into_model()
        .all(app.db.reader())
        .await?;
    let mut totals = InboxCounts::default();
    for count in counts {
        let number = u64::try_from(count.number).unwrap_or(0);
        match (count.state.0, count.mine) {
            (ReviewState::Waiting, _) => totals.waiting += number,
            (ReviewState::Open, _) => totals.open += number,
            (ReviewState::Claimed, 1) => totals.claimed_by_me += number,
            (ReviewState::Claimed, _) => totals.claimed_by_others += number,
            (
                ReviewState::Given
                | ReviewState::Cancelled
                | ReviewState::Withdrawn
                | ReviewState::Tacit
                | ReviewState::Returned
                | ReviewState::Stale,
                _,
            ) => continue,
        }
        match lamp_at(count.lamp) {
            Some(Lamp::Red) => totals.red += number,
            Some(Lamp::Yellow) => totals.yellow += number,
            Some(Lamp::Alert) => totals.alert += number,
            Some(Lamp::Off | Lamp::Green) | None => {}
        }
    }
    Ok(totals)
}

/// One review with its case and application, if the actor may know of it.
///
/// # Errors
/// When the database cannot be read.
pub async fn review(
    app: &App,
    actor: &Actor,
    id: ReviewId,
    extent: Extent,
) -> Result<Option<InboxRow>, AppError> {
    let find = review::Entity::find_by_id(id.raw()).filter(reviews_visible_to(actor));
    Ok(lines(app, find, extent).await?.pop())
}

/// The reviews of a case, if the actor may know of it.
///
/// # Errors
/// When the database cannot be read.
pub async fn reviews_of_case(
    app: &App,
    actor: &Actor,
    case: CaseId,
) -> Result<Vec<ReviewRow>, AppError> {
    reviews_of(app, actor, review::Column::CaseId.eq(case.raw())).await
}

/// Whether a department has a review of a case, whatever became of it. Whoever asks at the same time shares the statement; it
/// says nothing of what may be seen.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_review_of_case(
    app: &App,
    department: &str,
    case: CaseId,
) -> Result<bool, AppError> {
    let db = app.db.clone();
    let read = move |cases: Vec<Uuid>| {
        let db = db.clone();
        async move {
            let rows: Vec<(Uuid, String)> = review::Entity::find()
                .select_only()
                .columns([review::Column::CaseId, review::Column::Department])
                .filter(review::Column::CaseId.is_in(cases))
                .into_tuple()
                .all(db.reader())
                .await?;
            let mut departments: HashMap<Uuid, Vec<String>> = HashMap::new();
            for (case, department) in rows {
                departments.entry(case).or_default().push(department);
            }
            Ok(departments)
        }
    };
    let reviewing = app.reviewing.ask(case.raw(), read).await?;
    Ok(reviewing.is_some_and(|departments| departments.iter().any(|own| own == department)))
}

/// The reviews of an application, if the actor may know of it.
///
/// # Errors
/// As [`reviews_of_case`].
pub async fn reviews_of_application(
    app: &App,
    actor: &Actor,
    id: ApplicationId,
) -> Result<Vec<ReviewRow>, AppError> {
    reviews_of(app, actor, review::Column::ApplicationId.eq(id.raw())).await
}

async fn reviews_of(app: &App, actor: &Actor, these: Expr) -> Result<Vec<ReviewRow>, AppError> {
    Ok(joined(review::Entity::find().filter(these))
        .filter(reviews_visible_to(actor))
        .all(app.db.reader())
        .await?)
}

/// The application decides who sees a review, so every list of reviews joins it.
fn joined(reviews: Select<review::Entity>) -> Select<review::Entity> {
    reviews
        .join(JoinType::InnerJoin, review::Relation::Case.def())
        .join(JoinType::InnerJoin, case_::Relation::Application.def())
}

/// The reviews of the reader's department; a supervisor's inbox is that of the whole centre.
fn some_reviews(
    app: &App,
    actor: &Actor,
    filter: &InboxFilter,
) -> Result<Select<review::Entity>, AppError> {
    use review::Column;
    actor::may(actor, Action::ReadInbox)?;
    let open_only = !filter.states.iter().any(|state| state.is_over());
    // Word by word the condition of the index of open work: neither engine sees through a value that is bound, and would walk
    // through all that the department ever did.
    let is_open = open_only.then(|| Expr::cust("review.state IN ('WAITING', 'OPEN', 'CLAIMED')"));
    let some_states = (!filter.states.is_empty())
        .then(|| Column::State.is_in(filter.states.iter().map(|state| Coded(*state))));
    let department = match actor.role {
        Role::Supervisor => None,
        _ => Some(Column::Department.eq(actor.department.clone().unwrap_or_default())),
    };
    let pattern = filter
        .text
        .as_ref()
        .map(|text| format!("%{}%", escaped(&text.to_lowercase())));
    let mine = filter.mine.map(|mine| {
        let is_mine = Column::ClaimedBy.eq(actor.account.raw());
        if mine {
            Condition::all().add(is_mine)
        } else {
            Condition::any()
                .add(is_mine.not())
                .add(Column::ClaimedBy.is_null())
        }
    });
    let wanted = Condition::all()
        .add(Column::Region.eq(&actor.region))
        .add_option(department)
        .add_option(is_open)
        .add_option(some_states)
        .add_option(filter.item.as_ref().map(|item| Column::Item.eq(item)))
        .add_option(
            filter
                .bundle
                .as_ref()
                .map(|bundle| Column::Bundle.eq(bundle)),
        )
        .add_option(filter.lamp.map(|lamp| lamps(app).is(lamp)))
        .add_option(mine)
        .add_option(pattern.map(|pattern| {
            Expr::col((review::Entity, Column::SearchText))
                .like(sea_orm::sea_query::LikeExpr::new(pattern).escape('!'))
        }));
    // What is open is still asked of the department, and so it may know of it. Saying no more than that is half as much again
    // for PostgreSQL, which prepares the other ways of knowing for every page.
    let wanted = wanted.add_option((!open_only).then(|| reviews_visible_to(actor)));
    Ok(review::Entity::find().filter(wanted))
}

/// The lamps of today, by the colours of the centre.
fn lamps(app: &App) -> LampColumns {
    let today = app.env.moment().today;
    LampColumns::new(today, app.db.engine(), app.config.thresholds.card_model)
}

/// Text in which `%` and `_` stand for themselves.
fn escaped(text: &str) -> String {
    text.replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_")
}
