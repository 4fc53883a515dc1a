//! Loaders: what several objects of one answer need is read at once.
//!
//! There is one set a request and no cache across requests; what the actor may see is decided inside the
//! capabilities, so a loader can bring nothing that a root field would not.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Error};
use lianshen_domain::actor::Actor;
use lianshen_domain::application::{Course, History};
use lianshen_domain::ids::{AccountId, ApplicationId, CaseId, Id as _};
use lianshen_domain::mediation::Mediation;
use lianshen_domain::missing::Reports;
use lianshen_domain::rejected::Reason;
use lianshen_domain::visit::Visit;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::context::Ctx;
use crate::app::App;
use crate::case::{
    self, ApplicationRow, CardRow, CaseReadWithReviews, CaseRow, CaseWithReviews, DocumentRow,
    Extent, ItemOf, MaterialRow, SharingRow, Timeline,
};
use crate::error::AppError;
use crate::identity;

/// All loaders of a request.
pub type Loaders = DataLoader<Reader>;

/// Reads for one actor.
pub struct Reader {
    app: App,
    actor: Option<Actor>,
}

/// An error as loaders hand it to several waiting fields.
pub type Shared = Arc<AppError>;

/// One application.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ById(pub ApplicationId);

/// One case.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CaseById(pub CaseId);

/// The cases of an application with their reviews, of which at least so much is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CasesOf(pub ApplicationId, pub Extent);

/// The materials of an application.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MaterialsOf(pub ApplicationId);

/// The requests for shared materials of an application.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SharingOf(pub ApplicationId);

/// The documents of an application.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentsOf(pub ApplicationId);

/// The timeline of an application.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventsOf(pub ApplicationId);

/// The alerts and cards of an application and of its cases.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CardsOf(pub ApplicationId);

/// The visits of an application.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VisitsOf(pub ApplicationId);

/// What departments miss of an application. Who may read what of it is decided where it is shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MissingOf(pub ApplicationId);
/// The mediations of the cases of an application.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MediationsOf(pub ApplicationId);

/// The course of an application, by which its clocks are made. Asked for only of applications that the caller sees.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CourseOf(pub ApplicationId);

/// How long the newest decided cases of an item took. Asked for only of items of which the caller sees a case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HistoryOf(pub ItemOf);

/// The name of an account, as the centre shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NameOf(pub AccountId);

/// The loaders of one request.
pub fn loaders(app: &App, actor: Option<&Actor>) -> Loaders {
    let reader = Reader {
        app: app.clone(),
        actor: actor.cloned(),
    };
    // A delay of a millisecond, the default, would be most of the latency of a small answer.
    DataLoader::new(reader, tokio::spawn)
        .delay(Duration::from_micros(100))
        .max_batch_size(500)
}

/// All of a row of which a part was read: at hand, or kept when it was asked for once, or read with those of all others that
/// are asked for now.
///
/// # Errors
/// When the database cannot be read, or the row is gone, or the caller may not see it any more.
pub(super) async fn all_of<'a, K, R>(
    ctx: &Context<'_>,
    at_hand: Option<&'a Arc<R>>,
    kept: &'a OnceCell<Arc<R>>,
    key: K,
) -> Result<&'a Arc<R>, Error>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    R: Send + Sync + 'static,
    Reader: Loader<K, Value = Arc<R>, Error = Shared>,
{
    if let Some(row) = at_hand {
        return Ok(row);
    }
    let load = async || {
        let loaded = ctx.data::<Loaders>()?.load_one(key.clone()).await;
        let ctx = Ctx::of(ctx)?;
        let gone = || {
            let row = std::any::type_name::<R>();
            ctx.fail(AppError::internal(format!("{row} that was read is gone")))
        };
        ctx.loaded(loaded)?.ok_or_else(gone)
    };
    // In a place of its own: it is seldom needed, and every field would be made as large as it.
    Box::pin(kept.get_or_try_init(load)).await
}

/// The cases of an application with their reviews, as far as the caller sees it; at least so much of them is read.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn cases_of(
    ctx: &Context<'_>,
    id: ApplicationId,
    extent: Extent,
) -> Result<Arc<Vec<CaseReadWithReviews>>, Error> {
    let loaded = ctx.data::<Loaders>()?.load_one(CasesOf(id, extent)).await;
    Ok(Ctx::of(ctx)?.loaded(loaded)?.unwrap_or_default())
}

/// The same, all of them.
///
/// # Errors
/// As [`cases_of`].
pub(super) async fn whole_cases_of(
    ctx: &Context<'_>,
    id: ApplicationId,
) -> Result<Vec<CaseWithReviews>, Error> {
    let cases = cases_of(ctx, id, Extent::Rows).await?;
    let whole: Option<Vec<_>> = cases.iter().map(case::whole_case).collect();
    let unread = || AppError::internal("less of cases was read than was asked for");
    whole
        .ok_or_else(unread)
        .or_else(|error| Err(Ctx::of(ctx)?.fail(error)))
}

/// The course of an application that the caller sees; nothing where nothing happened.
///
/// # Errors
/// `RecordNotUnderstood`; when the database cannot be read.
pub(super) async fn course_of(
    ctx: &Context<'_>,
    id: ApplicationId,
) -> Result<Option<Arc<Course>>, Error> {
    let loaded = ctx.data::<Loaders>()?.load_one(CourseOf(id)).await;
    let ctx = Ctx::of(ctx)?;
    let course = ctx.loaded(loaded)?.transpose();
    course.map_err(|reason| ctx.fail(reason))
}

impl Reader {
    /// Reads for the actor; a visitor is shown nothing.
    async fn read<'a, T, F>(
        &'a self,
        read: impl FnOnce(&'a App, &'a Actor) -> F,
    ) -> Result<Vec<T>, Shared>
    where
        F: Future<Output = Result<Vec<T>, AppError>>,
    {
        match &self.actor {
            Some(actor) => read(&self.app, actor).await.map_err(Arc::new),
            None => Ok(Vec::new()),
        }
    }
}

impl Loader<ById> for Reader {
    type Value = Arc<ApplicationRow>;
    type Error = Shared;

    async fn load(&self, keys: &[ById]) -> Result<HashMap<ById, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .read(|app, actor| case::applications_by_id(app, actor, &ids))
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (ById(ApplicationId::new(row.id)), Arc::new(row)))
            .collect())
    }
}

impl Loader<CaseById> for Reader {
    type Value = Arc<CaseRow>;
    type Error = Shared;

    async fn load(&self, keys: &[CaseById]) -> Result<HashMap<CaseById, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .read(|app, actor| case::cases_by_id(app, actor, &ids))
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (CaseById(CaseId::new(row.id)), Arc::new(row)))
            .collect())
    }
}

impl Loader<CourseOf> for Reader {
    type Value = Result<Arc<Course>, Reason>;
    type Error = Shared;

    async fn load(&self, keys: &[CourseOf]) -> Result<HashMap<CourseOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let courses = case::courses_of(&self.app, &ids).await.map_err(Arc::new)?;
        Ok(courses
            .into_iter()
            .map(|(id, course)| (CourseOf(id), course.map(Arc::new)))
            .collect())
    }
}

impl Loader<HistoryOf> for Reader {
    type Value = Arc<History>;
    type Error = Shared;

    async fn load(&self, keys: &[HistoryOf]) -> Result<HashMap<HistoryOf, Self::Value>, Shared> {
        let items: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let histories = case::histories_of(&self.app, &items)
            .await
            .map_err(Arc::new)?;
        Ok(histories
            .into_iter()
            .map(|(of, history)| (HistoryOf(of), Arc::new(history)))
            .collect())
    }
}

impl Loader<CasesOf> for Reader {
    type Value = Arc<Vec<CaseReadWithReviews>>;
    type Error = Shared;

    /// Where one wants more than another, all is read for both: two statements might not tell the same of an application.
    async fn load(&self, keys: &[CasesOf]) -> Result<HashMap<CasesOf, Self::Value>, Shared> {
        let extent = keys.iter().map(|key| key.1).max();
        let ids: HashSet<_> = keys.iter().map(|key| key.0).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let cases = self
            .read(|app, actor| case::cases_of(app, actor, &ids, extent.unwrap_or(Extent::Rows)))
            .await?;
        let cases = grouped(cases, |(case, _)| *case.application_id(), |id| id);
        let of = |key: &CasesOf| Some((*key, cases.get(&key.0)?.clone()));
        Ok(keys.iter().filter_map(of).collect())
    }
}

impl Loader<MaterialsOf> for Reader {
    type Value = Arc<Vec<MaterialRow>>;
    type Error = Shared;

    async fn load(
        &self,
        keys: &[MaterialsOf],
    ) -> Result<HashMap<MaterialsOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .read(|app, actor| case::materials_of(app, actor, &ids))
            .await?;
        Ok(grouped(rows, |row| row.application_id, MaterialsOf))
    }
}

impl Loader<SharingOf> for Reader {
    type Value = Arc<Vec<SharingRow>>;
    type Error = Shared;

    async fn load(&self, keys: &[SharingOf]) -> Result<HashMap<SharingOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .read(|app, actor| case::requests_of(app, actor, &ids))
            .await?;
        Ok(grouped(rows, |row| row.application_id, SharingOf))
    }
}

impl Loader<DocumentsOf> for Reader {
    type Value = Arc<Vec<DocumentRow>>;
    type Error = Shared;

    async fn load(
        &self,
        keys: &[DocumentsOf],
    ) -> Result<HashMap<DocumentsOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .read(|app, actor| case::documents_of(app, actor, &ids))
            .await?;
        Ok(grouped(rows, |row| row.application_id, DocumentsOf))
    }
}

impl Loader<EventsOf> for Reader {
    type Value = Arc<Timeline>;
    type Error = Shared;

    async fn load(&self, keys: &[EventsOf]) -> Result<HashMap<EventsOf, Self::Value>, Shared> {
        let Some(actor) = &self.actor else {
            return Ok(HashMap::new());
        };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = case::events_of(&self.app, actor, &ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|(id, timeline)| (EventsOf(id), Arc::new(timeline)))
            .collect())
    }
}

impl Loader<CardsOf> for Reader {
    type Value = Arc<Vec<CardRow>>;
    type Error = Shared;

    async fn load(&self, keys: &[CardsOf]) -> Result<HashMap<CardsOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .read(|app, actor| case::cards_of(app, actor, &ids))
            .await?;
        Ok(grouped(rows, |row| row.application_id, CardsOf))
    }
}

impl Loader<VisitsOf> for Reader {
    type Value = Arc<Vec<Visit>>;
    type Error = Shared;

    async fn load(&self, keys: &[VisitsOf]) -> Result<HashMap<VisitsOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let visits = self
            .read(|app, actor| case::visits_of(app, actor, &ids))
            .await?;
        Ok(grouped(visits, |visit| visit.application.raw(), VisitsOf))
    }
}

impl Loader<MissingOf> for Reader {
    type Value = Arc<Reports>;
    type Error = Shared;

    async fn load(&self, keys: &[MissingOf]) -> Result<HashMap<MissingOf, Self::Value>, Shared> {
        let Some(actor) = &self.actor else {
            return Ok(HashMap::new());
        };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = case::missing_of(&self.app, actor, &ids).await;
        let found = found.map_err(Arc::new)?.into_iter();
        Ok(found
            .map(|(id, reports)| (MissingOf(id), Arc::new(reports)))
            .collect())
    }
}

impl Loader<MediationsOf> for Reader {
    type Value = Arc<Vec<Mediation>>;
    type Error = Shared;

    async fn load(
        &self,
        keys: &[MediationsOf],
    ) -> Result<HashMap<MediationsOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self
            .read(|app, actor| case::mediations_of(app, actor, &ids))
            .await?;
        Ok(grouped(found, |one| one.application.raw(), MediationsOf))
    }
}

impl Loader<NameOf> for Reader {
    type Value = String;
    type Error = Shared;

    async fn load(&self, keys: &[NameOf]) -> Result<HashMap<NameOf, String>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .read(|app, actor| identity::display_names(app, actor, &ids))
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, name)| (NameOf(id), name))
            .collect())
    }
}

fn grouped<T, K: Eq + Hash>(
    rows: Vec<T>,
    application: impl Fn(&T) -> Uuid,
    key: impl Fn(ApplicationId) -> K,
) -> HashMap<K, Arc<Vec<T>>> {
    let mut groups: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(application(&row)).or_default().push(row);
    }
    groups
        .into_iter()
        .map(|(id, rows)| (key(ApplicationId::new(id)), Arc::new(rows)))
        .collect()
}
