//! The rows of visits.

use lianshen_domain::actor::Actor;
use lianshen_domain::ids::{ApplicationId, Id as _, VisitId};
use lianshen_domain::rejected::Reason;
use lianshen_domain::visit::Visit;
use lianshen_entity::{Coded, application, visit};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Select};

use crate::app::App;
use crate::case::mapping::kept;
use crate::case::read::ApplicationRow;
use crate::case::store::save_changed;
use crate::case::visibility::of_visible;
use crate::db::{Tx, Writes};
use crate::error::AppError;

/// The visits of an application on the desk: as they were read, and what becomes of them.
#[derive(Default)]
pub(in crate::case) struct Visits {
    before: Vec<Visit>,
    /// The first first; those that are new stand behind the others.
    pub(in crate::case) all: Vec<Visit>,
}

impl Visits {
    /// Reads those of an application that is held.
    pub(in crate::case) async fn of(tx: &Tx, id: ApplicationId) -> Result<Self, AppError> {
        let rows = visit::Entity::find()
            .filter(visit::Column::ApplicationId.eq(id.raw()))
            .order_by_asc(visit::Column::Number)
            .all(&tx.0)
            .await?;
        let all: Vec<Visit> = rows.iter().map(visit_of).collect::<Result<_, _>>()?;
        Ok(Self {
            before: all.clone(),
            all,
        })
    }

    /// One of them.
    pub(in crate::case) fn one(&self, id: VisitId) -> Result<&Visit, Reason> {
        let found = self.all.iter().find(|visit| visit.id == id);
        found.ok_or(Reason::NotFound)
    }

    /// Puts what became of one of them.
    pub(super) fn put(&mut self, changed: Visit) {
        let mut all = self.all.iter_mut();
        if let Some(kept) = all.find(|visit| visit.id == changed.id) {
            *kept = changed;
        }
    }

    /// Adds what changed to what is written, each only from the version that was read.
    pub(in crate::case) fn save(&self, writes: &mut Writes, region: &str) {
        use visit::Column;
        let row = |visit: &Visit| row_of(visit, region);
        let known = self.all.iter().zip(&self.before);
        let changed = known.filter(|(visit, before)| visit != before);
        let changed = changed.map(|(visit, before)| visit::Model {
            version: before.version + 1,
            ..row(visit)
        });
        let changing = [
            Column::State,
            Column::BeginsAt,
            Column::Place,
            Column::Parts,
            Column::Because,
            Column::Record,
            Column::Defects,
            Column::Version,
        ];
        save_changed(writes, changed, Column::Id, Column::Version, changing);
        let fresh = self.all.iter().skip(self.before.len());
        writes.insert(fresh.map(row));
    }
}

/// The visits of several applications that the actor may know of, the first first.
///
/// # Errors
/// When the database cannot be read, or a row cannot be understood.
pub async fn visits_of(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
) -> Result<Vec<Visit>, AppError> {
    let ids = ids.iter().map(|id| id.raw());
    let find = visible_visits(actor)
        .filter(visit::Column::ApplicationId.is_in(ids))
        .order_by_asc(visit::Column::ApplicationId)
        .order_by_asc(visit::Column::Number);
    let rows = find.all(app.db.reader()).await?;
    rows.iter().map(visit_of).collect()
}

/// One visit with its application, if the actor may know of it.
///
/// # Errors
/// As [`visits_of`].
pub async fn visit(
    app: &App,
    actor: &Actor,
    id: VisitId,
) -> Result<Option<(Visit, ApplicationRow)>, AppError> {
    let find = visible_visits(actor)
        .filter(visit::Column::Id.eq(id.raw()))
        .select_also(application::Entity);
    match find.one(app.db.reader()).await? {
        Some((row, Some(application))) => Ok(Some((visit_of(&row)?, application))),
        _ => Ok(None),
    }
}

fn visible_visits(actor: &Actor) -> Select<visit::Entity> {
    of_visible::<visit::Entity>(actor, visit::Column::ApplicationId)
}

fn visit_of(row: &visit::Model) -> Result<Visit, AppError> {
    Ok(Visit {
        id: VisitId::new(row.id),
        application: ApplicationId::new(row.application_id),
        number: u32::try_from(row.number).map_err(AppError::internal)?,
        kind: row.kind.0,
        state: row.state.0,
        begins_at: row.begins_at,
        place: row.place.clone(),
        convener: row.convener.clone(),
        parts: kept(&row.parts)?,
        because: row.because.clone(),
        record: row.record.clone(),
        defects: kept(&row.defects)?,
        version: row.version,
    })
}

fn row_of(visit: &Visit, region: &str) -> visit::Model {
    visit::Model {
        id: visit.id.raw(),
        application_id: visit.application.raw(),
        region: region.to_owned(),
        number: i32::try_from(visit.number).unwrap_or(i32::MAX),
        kind: Coded(visit.kind),
        state: Coded(visit.state),
        begins_at: visit.begins_at,
        place: visit.place.clone(),
        convener: visit.convener.clone(),
        parts: serde_json::json!(visit.parts),
        because: visit.because.clone(),
        record: visit.record.clone(),
        defects: serde_json::json!(visit.defects),
        version: visit.version,
    }
}
