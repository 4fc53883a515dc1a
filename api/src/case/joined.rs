//! Cases with their reviews, which are shown and judged together and so are read together, in one statement; and cases with
//! their applications, by which it is decided who sees them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use lianshen_domain::actor::Actor;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};
use lianshen_entity::{Placed, application, case_, review};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, JoinType, QueryFilter as _,
    QueryOrder as _, QueryResult, QuerySelect as _, QueryTrait as _, RelationTrait as _, Select,
};
use uuid::Uuid;

use super::read::{
    ApplicationRead, ApplicationRow, CaseExtent, CaseFilter, CaseRead, CaseRow, Extent, ReviewRead,
    ReviewRow, some_cases, visible_cases,
};
use super::visibility::visible_to;
use crate::app::App;
use crate::error::AppError;
use crate::page::{Keyset, Window};

/// A case with its reviews, all of them.
pub type CaseWithReviews = (Arc<CaseRow>, Vec<Arc<ReviewRow>>);
/// A case with its reviews, as far as they were read.
pub type CaseReadWithReviews = (CaseRead, Arc<Vec<ReviewRead>>);

/// A case with its application, as far as they were read.
pub type CaseReadWithApplication = (CaseRead, ApplicationRead);

/// All of a case and its reviews, if all was read.
pub fn whole_case((case, reviews): &CaseReadWithReviews) -> Option<CaseWithReviews> {
    let reviews = reviews.iter().map(|review| review.whole().cloned());
    Some((case.whole()?.clone(), reviews.collect::<Option<_>>()?))
}

/// One application with its cases and their reviews, in one statement: for answers that show them.
///
/// # Errors
/// When the database cannot be read; not for one that may not be seen.
pub async fn application_with_cases(
    app: &App,
    actor: &Actor,
    id: ApplicationId,
    extent: Extent,
) -> Result<Option<(ApplicationRead, Vec<CaseReadWithReviews>)>, AppError> {
    let find = application::Entity::find_by_id(id.raw()).filter(visible_to(actor));
    let db = app.db.reader();
    Ok(match extent {
        Extent::Heads => {
            with_cases::<application::Head, case_::Head, review::Head>(db, find).await?
        }
        Extent::Rows => with_cases::<ApplicationRow, CaseRow, ReviewRow>(db, find).await?,
    })
}

/// An application with its cases and their reviews, of each as much as is read of it. The application is in every row, and
/// read from the first.
async fn with_cases<A, C, R>(
    db: &impl ConnectionTrait,
    find: Select<application::Entity>,
) -> Result<Option<(ApplicationRead, Vec<CaseReadWithReviews>)>, DbErr>
where
    A: Placed<Entity = application::Entity> + Into<ApplicationRead>,
    C: Placed<Entity = case_::Entity> + Into<CaseRead>,
    R: Placed<Entity = review::Entity> + Into<ReviewRead>,
{
    let query = find
        .select_only()
        .expr(A::columns())
        .expr(C::columns())
        .expr(R::columns())
        .join(JoinType::LeftJoin, application::Relation::Case.def())
        .join(JoinType::LeftJoin, case_::Relation::Review.def())
        .into_query();
    let rows = db.query_all(&query).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let cases = gathered::<C, R>(&rows, A::width())?.into_iter();
    let mut cases: Vec<_> = cases.map(as_read).collect();
    cases.sort_unstable_by_key(|(case, _)| *case.ordinal());
    Ok(Some((A::placed(first, 0)?.into(), cases)))
}

/// One case with its application, if the actor may know of that.
///
/// # Errors
/// As [`application_with_cases`].
pub async fn case_with_application(
    app: &App,
    actor: &Actor,
    id: CaseId,
    extent: CaseExtent,
) -> Result<Option<CaseReadWithApplication>, AppError> {
    let find = visible_cases(actor).filter(case_::Column::Id.eq(id.raw()));
    Ok(lines(app, find, extent).await?.pop())
}

/// A window of cases with their applications, by case number.
///
/// # Errors
/// As [`application_with_cases`].
pub async fn cases_with_applications(
    app: &App,
    actor: &Actor,
    filter: &CaseFilter,
    window: &Window,
    extent: CaseExtent,
) -> Result<Vec<CaseReadWithApplication>, AppError> {
    let keyset = Keyset::ascending(case_::Column::CaseNumber, case_::Column::Id);
    let find = keyset.apply(some_cases(actor, filter), window);
    Ok(lines(app, find, extent).await?)
}

/// Some cases with their applications, which are joined already.
async fn lines(
    app: &App,
    find: Select<case_::Entity>,
    extent: CaseExtent,
) -> Result<Vec<CaseReadWithApplication>, DbErr> {
    let db = app.db.reader();
    match (extent.case, extent.application) {
        (Extent::Heads, Extent::Heads) => {
            with_applications::<case_::Head, application::Head>(db, find).await
        }
        (Extent::Rows, Extent::Heads) => {
            with_applications::<CaseRow, application::Head>(db, find).await
        }
        (_, Extent::Rows) => with_applications::<CaseRow, ApplicationRow>(db, find).await,
    }
}

async fn with_applications<C, A>(
    db: &impl ConnectionTrait,
    find: Select<case_::Entity>,
) -> Result<Vec<CaseReadWithApplication>, DbErr>
where
    C: Placed<Entity = case_::Entity> + Into<CaseRead>,
    A: Placed<Entity = application::Entity> + Into<ApplicationRead>,
{
    let query = find
        .select_only()
        .expr(C::columns())
        .expr(A::columns())
        .into_query();
    let rows = db.query_all(&query).await?;
    let line = |row| {
        Ok((
            C::placed(row, 0)?.into(),
            A::placed(row, C::width())?.into(),
        ))
    };
    rows.iter().map(line).collect()
}

/// The cases of several applications with their reviews, by application and in their order.
///
/// # Errors
/// As [`application_with_cases`].
pub async fn cases_of(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
    extent: Extent,
) -> Result<Vec<CaseReadWithReviews>, AppError> {
    let find = of_applications(visible_cases(actor), ids);
    let db = app.db.reader();
    Ok(match extent {
        Extent::Heads => {
            let heads = together::<case_::Head, review::Head>(db, find).await?;
            heads.into_iter().map(as_read).collect()
        }
        Extent::Rows => {
            let rows = together::<CaseRow, ReviewRow>(db, find).await?;
            rows.into_iter().map(as_read).collect()
        }
    })
}

/// All of the cases of several applications with their reviews, whoever may see them: for what the program does by itself.
///
/// # Errors
/// When the database cannot be read.
pub async fn anybodys_cases_of(
    db: &impl ConnectionTrait,
    ids: &[ApplicationId],
) -> Result<Vec<CaseWithReviews>, DbErr> {
    let find = of_applications(case_::Entity::find(), ids);
    let rows = together::<CaseRow, ReviewRow>(db, find).await?.into_iter();
    let shared = |(case, reviews): (_, Vec<_>)| {
        let reviews = reviews.into_iter().map(Arc::new);
        (Arc::new(case), reviews.collect())
    };
    Ok(rows.map(shared).collect())
}

/// Some cases with their reviews, of each as much as is read of it; the reviews of each in the order in which they came into
/// being.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn together<C, R>(
    db: &impl ConnectionTrait,
    cases: Select<case_::Entity>,
) -> Result<Vec<(C, Vec<R>)>, DbErr>
where
    C: Placed<Entity = case_::Entity>,
    R: Placed<Entity = review::Entity>,
{
    let query = cases
        .select_only()
        .expr(C::columns())
        .expr(R::columns())
        .join(JoinType::LeftJoin, case_::Relation::Review.def())
        .into_query();
    gathered(&db.query_all(&query).await?, 0)
}

/// The cases of rows in which the columns of a case begin at `case_at` and those of its review follow them; cases in the
/// order in which they come, the reviews of each in that in which they came into being.
fn gathered<C: Placed, R: Placed>(
    rows: &[QueryResult],
    case_at: usize,
) -> Result<Vec<(C, Vec<R>)>, DbErr> {
    let review_at = case_at + C::width();
    let mut known: HashMap<Uuid, usize> = HashMap::new();
    let mut cases: Vec<(C, Vec<(Uuid, R)>)> = Vec::new();
    for row in rows {
        let Some(id) = C::key(row, case_at)? else {
            continue;
        };
        let at = match known.entry(id) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                cases.push((C::placed(row, case_at)?, Vec::new()));
                *new.insert(cases.len() - 1)
            }
        };
        if let Some(id) = R::key(row, review_at)? {
            cases[at].1.push((id, R::placed(row, review_at)?));
        }
    }
    let in_order = |(case, mut reviews): (C, Vec<(Uuid, R)>)| {
        reviews.sort_unstable_by_key(|(id, _)| *id);
        let reviews = reviews.into_iter().map(|(_, review)| review);
        (case, reviews.collect())
    };
    Ok(cases.into_iter().map(in_order).collect())
}

/// Some cases of these applications, in the order in which they are shown.
fn of_applications(cases: Select<case_::Entity>, ids: &[ApplicationId]) -> Select<case_::Entity> {
    let ids = ids.iter().map(|id| id.raw());
    cases
        .filter(case_::Column::ApplicationId.is_in(ids))
        .order_by_asc(case_::Column::ApplicationId)
        .order_by_asc(case_::Column::Ordinal)
}

fn as_read(
    (case, reviews): (impl Into<CaseRead>, Vec<impl Into<ReviewRead>>),
) -> CaseReadWithReviews {
    let reviews = reviews.into_iter().map(Into::into);
    (case.into(), Arc::new(reviews.collect()))
}
