//! The rows of mediations.

use lianshen_domain::actor::Actor;
use lianshen_domain::application::File;
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _, MediationId, ReviewId};
use lianshen_domain::mediation::{
    Ending, Mediation, MediationLevel, Party, Reached, Shown, Standing,
};
use lianshen_domain::rejected::Reason;
use lianshen_entity::{Coded, application, mediation};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, SelectTwo};

use chrono::NaiveDate;

use crate::app::App;
use crate::case::mapping::kept;
use crate::case::read::ApplicationRow;
use crate::case::store::save_changed;
use crate::case::visibility::of_visible;
use crate::db::{Tx, Writes};
use crate::error::AppError;

/// The mediations of an application on the desk: as they were read, and what becomes of them.
#[derive(Default)]
pub(in crate::case) struct Mediations {
    before: Vec<Mediation>,
    /// The first first; those that are new stand behind the others.
    pub(in crate::case) all: Vec<Mediation>,
}

impl Mediations {
    /// Reads those of an application that is held, if it has any.
    pub(in crate::case) async fn of(tx: &Tx, file: &File) -> Result<Self, AppError> {
        if file.course.has(EventKind::MediationOpened) {
            Self::read(tx, file.application.id).await
        } else {
            Ok(Self::default())
        }
    }

    /// Reads those of an application that is held.
    pub(super) async fn read(tx: &Tx, id: ApplicationId) -> Result<Self, AppError> {
        let rows = mediation::Entity::find()
            .filter(mediation::Column::ApplicationId.eq(id.raw()))
            .order_by_asc(mediation::Column::Number)
            .all(&tx.0)
            .await?;
        let all: Vec<Mediation> = rows.iter().map(mediation_of).collect::<Result<_, _>>()?;
        Ok(Self {
            before: all.clone(),
            all,
        })
    }

    /// One of them.
    pub(in crate::case) fn one(&self, id: MediationId) -> Result<&Mediation, Reason> {
        let found = self.all.iter().find(|mediation| mediation.id == id);
        found.ok_or(Reason::NotFound)
    }

    /// Puts what became of one of them.
    pub(super) fn put(&mut self, changed: Mediation) {
        let mut all = self.all.iter_mut();
        if let Some(kept) = all.find(|mediation| mediation.id == changed.id) {
            *kept = changed;
        }
    }

    /// Notes that one of them climbed because its level let the days pass.
    pub(super) fn climb(&mut self, standing: &Standing) {
        if let Some(mediation) = self.numbered(standing.number) {
            mediation.reach(Reached {
                level: standing.level,
                department: standing.held_by.clone(),
                on: standing.since,
                because: None,
            });
        }
    }

    /// Notes that there is nothing left to settle in one of them.
    pub(super) fn close(&mut self, number: u32, on: NaiveDate) {
        if let Some(mediation) = self.numbered(number) {
            mediation.close(on);
        }
    }

    fn numbered(&mut self, number: u32) -> Option<&mut Mediation> {
        self.all
            .iter_mut()
            .find(|mediation| mediation.number == number)
    }

    /// Adds what changed to what is written, each only from the version that was read.
    pub(in crate::case) fn save(&self, writes: &mut Writes, region: &str) {
        use mediation::Column;
        let row = |mediation: &Mediation| row_of(mediation, region);
        let known = self.all.iter().zip(&self.before);
        let changed = known.filter(|(mediation, before)| mediation != before);
        let changed = changed.map(|(mediation, before)| mediation::Model {
            version: before.version + 1,
            ..row(mediation)
        });
        let changing = [
            Column::State,
            Column::Level,
            Column::NamedDepartment,
            Column::Levels,
            Column::Positions,
            Column::Settlement,
            Column::MinorityDepartment,
            Column::MinorityView,
            Column::EndedOn,
            Column::Version,
        ];
        save_changed(writes, changed, Column::Id, Column::Version, changing);
        let fresh = self.all.iter().skip(self.before.len());
        writes.insert(fresh.map(row));
    }
}

/// The mediations of several applications that the actor may know of, the first first.
///
/// # Errors
/// When the database cannot be read, or a row cannot be understood.
pub async fn mediations_of(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
) -> Result<Vec<Mediation>, AppError> {
    let ids = ids.iter().map(|id| id.raw());
    let rows = visible_mediations(actor)
        .filter(mediation::Column::ApplicationId.is_in(ids))
        .order_by_asc(mediation::Column::ApplicationId)
        .order_by_asc(mediation::Column::Number)
        .all(app.db.reader())
        .await?;
    let shown = rows
        .into_iter()
        .filter_map(|row| shown(actor, row).transpose());
    let shown = shown.map(|found| Ok(found?.0));
    shown.collect()
}

/// One mediation with its application, if the actor may know of it.
///
/// # Errors
/// As [`mediations_of`].
pub async fn mediation(
    app: &App,
    actor: &Actor,
    id: MediationId,
) -> Result<Option<(Mediation, ApplicationRow)>, AppError> {
    let find = visible_mediations(actor).filter(mediation::Column::Id.eq(id.raw()));
    match find.one(app.db.reader()).await? {
        Some(row) => shown(actor, row),
        None => Ok(None),
    }
}

/// Those of visible applications; whom each concerns it says itself.
fn visible_mediations(actor: &Actor) -> SelectTwo<mediation::Entity, application::Entity> {
    of_visible::<mediation::Entity>(actor, mediation::Column::ApplicationId)
        .select_also(application::Entity)
}

fn shown(
    actor: &Actor,
    (row, application): (mediation::Model, Option<ApplicationRow>),
) -> Result<Option<(Mediation, ApplicationRow)>, AppError> {
    let mediation = mediation_of(&row)?;
    Ok(application.and_then(|application| {
        let lead = application.lead_department.as_deref();
        let is_shown = mediation.shown_to(actor, lead) != Shown::Nothing;
        is_shown.then_some((mediation, application))
    }))
}

fn mediation_of(row: &mediation::Model) -> Result<Mediation, AppError> {
    let party = |department: &String, review| Party {
        department: department.clone(),
        review: ReviewId::new(review),
    };
    let categories = row.first_category.clone().zip(row.second_category.clone());
    let minority = row
        .minority_department
        .clone()
        .zip(row.minority_view.clone());
    let minority = minority.map(|(department, view)| Ending::Minority { department, view });
    Ok(Mediation {
        id: MediationId::new(row.id),
        application: ApplicationId::new(row.application_id),
        number: u32::try_from(row.number).map_err(AppError::internal)?,
        case: CaseId::new(row.case_id),
        department: row.department.clone(),
        kind: row.kind.0,
        categories,
        parties: [
            party(&row.first_department, row.first_review),
            party(&row.second_department, row.second_review),
        ],
        question: row.question.clone(),
        state: row.state.0,
        levels: kept(&row.levels)?,
        positions: kept(&row.positions)?,
        ending: row.settlement.clone().map(Ending::Settled).or(minority),
        ended_on: row.ended_on,
        version: row.version,
    })
}

fn row_of(mediation: &Mediation, region: &str) -> mediation::Model {
    let [first, second] = &mediation.parties;
    let (first_category, second_category) = mediation.categories.clone().unzip();
    let (settlement, minority) = match &mediation.ending {
        Some(Ending::Settled(text)) => (Some(text.clone()), None),
        Some(Ending::Minority { department, view }) => {
            (None, Some((department.clone(), view.clone())))
        }
        None => (None, None),
    };
    let (minority_department, minority_view) = minority.unzip();
    let mut reached = mediation.levels.iter();
    let named = reached.find(|reached| reached.level == MediationLevel::NamedDepartment);
    mediation::Model {
        id: mediation.id.raw(),
        application_id: mediation.application.raw(),
        case_id: mediation.case.raw(),
        region: region.to_owned(),
        department: mediation.department.clone(),
        number: i32::try_from(mediation.number).unwrap_or(i32::MAX),
        kind: Coded(mediation.kind),
        first_review: first.review.raw(),
        first_department: first.department.clone(),
        second_review: second.review.raw(),
        second_department: second.department.clone(),
        first_category,
        second_category,
        question: mediation.question.clone(),
        state: Coded(mediation.state),
        level: Coded(mediation.level()),
        named_department: named.and_then(|reached| reached.department.clone()),
        levels: serde_json::json!(mediation.levels),
        positions: serde_json::json!(mediation.positions),
        settlement,
        minority_department,
        minority_view,
        ended_on: mediation.ended_on,
        version: mediation.version,
    }
}
