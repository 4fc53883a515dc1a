//! Clocks between events and rows: the course of an application read from the ledger, and the rows that cache what its
//! clocks say.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use lianshen_domain::application::{Course, Entry, File, FileClock};
use lianshen_domain::calendar::local_date;
use lianshen_domain::code::Code as _;
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{AccountId, ApplicationId, CaseId, Id as _};
use lianshen_domain::rejected::Reason;
use lianshen_entity::{Coded, clock, event};
use sea_orm::sea_query::{NullOrdering, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, TryGetableMany as _,
};
use uuid::Uuid;

use crate::db::Writes;
use crate::error::AppError;

/// The events that clocks are made of, and with them where an application stood on any day, and who owes what.
const CLOCK_EVENTS: &[EventKind] = &[
    EventKind::ApplicationReceived,
    EventKind::MissingReported,
    EventKind::CompletenessReported,
    EventKind::CorrectionNoticed,
    EventKind::SupplementExtended,
    EventKind::Supplemented,
    EventKind::ApplicationAccepted,
    EventKind::MissingMaterialReceived,
    EventKind::MissingMaterialNotNeeded,
    EventKind::MaterialAdded,
    EventKind::MaterialFetched,
    EventKind::MaterialReplaced,
    EventKind::CaseStarted,
    EventKind::OpinionGiven,
    EventKind::OpinionAsked,
    EventKind::OpinionWithdrawn,
    EventKind::OpinionTacit,
    EventKind::OpinionStale,
    EventKind::LicenceEnded,
    EventKind::PermitIssued,
    EventKind::ReviewReturned,
    EventKind::SpecialProcedureBegun,
    EventKind::SpecialProcedureRenotified,
    EventKind::SpecialProcedureEnded,
    EventKind::CaseExtended,
    EventKind::ApplicationExtended,
    EventKind::MaterialAsked,
    EventKind::MaterialReceived,
    EventKind::VisitTold,
    EventKind::VisitCancelled,
    EventKind::MediationOpened,
    EventKind::MediationClimbed,
    EventKind::MediationSettled,
    EventKind::MediationMinorityRecorded,
    EventKind::MediationClosed,
    EventKind::CaseGranted,
    EventKind::CaseRefused,
    EventKind::CaseTerminated,
    EventKind::CaseNotRequired,
    EventKind::CaseNotCompetent,
    EventKind::CaseWithdrawn,
    EventKind::CaseAcceptanceRevoked,
    EventKind::CaseRenewed,
    EventKind::CaseTacitPassed,
    EventKind::CasePaperIssued,
    EventKind::VoidAsked,
    EventKind::CaseVoided,
    EventKind::CaseReopened,
    EventKind::CaseRestored,
    EventKind::ApplicationReopened,
    EventKind::ApplicationConcluded,
    EventKind::CaseReady,
    EventKind::CaseDelivered,
    EventKind::ResultsReady,
    EventKind::DeliveryFailed,
    EventKind::ResultsDelivered,
    EventKind::ApplicationClosed,
];

/// A course, unless something of it is not understood: by half of it no clock is right.
pub(super) type Told = Result<Course, Reason>;

/// The courses of several applications, in one statement; those that are not understood stop none of the others.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn courses(
    db: &impl ConnectionTrait,
    ids: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Told>, AppError> {
    // What no clock is made of is left out, and not what is: a kind that only a newer program knows is read, and noticed.
    let others = EventKind::ALL
        .iter()
        .filter(|kind| !CLOCK_EVENTS.contains(kind));
    // What is read at every act is read without what it does not need.
    let find = event::Entity::find()
        .select_only()
        .columns([
            event::Column::ApplicationId,
            event::Column::Kind,
            event::Column::CaseId,
            event::Column::HappenedAt,
            event::Column::EnteredAt,
            event::Column::Actor,
            event::Column::Detail,
        ])
        .filter(event::Column::ApplicationId.is_in(ids.iter().map(|id| id.raw())))
        .filter(event::Column::Kind.is_not_in(others.map(|kind| Coded(*kind))))
        // As they came: by their number where they have one, because the machine's clock may have been set back since.
        .order_by_with_nulls(event::Column::Position, Order::Asc, NullOrdering::Last)
        .order_by_asc(event::Column::EnteredAt)
        .order_by_asc(event::Column::Id);
    let mut courses: HashMap<ApplicationId, Told> = HashMap::new();
    for row in db.query_all(&find.into_query()).await? {
        let id = ApplicationId::new(row.try_get_by_index(0)?);
        let told = courses.entry(id).or_insert_with(|| Ok(Course::default()));
        match Columns::try_get_many_by_index(&row) {
            Ok(columns) => {
                if let Ok(course) = told {
                    course.0.push(entry_of(columns));
                }
            }
            Err(_) => *told = Err(Reason::RecordNotUnderstood),
        }
    }
    Ok(courses)
}

/// The course of one application.
///
/// # Errors
/// `RecordNotUnderstood`; when the database cannot be read.
pub(super) async fn course(
    db: &impl ConnectionTrait,
    id: ApplicationId,
) -> Result<Course, AppError> {
    let told = courses(db, &[id]).await?.remove(&id);
    Ok(told.transpose()?.unwrap_or_default())
}

/// The columns of an event that a course needs, in the order in which they are selected.
type Columns = (
    Option<Uuid>,
    Coded<EventKind>,
    Option<Uuid>,
    DateTime<Utc>,
    DateTime<Utc>,
    Option<Uuid>,
    serde_json::Value,
);

fn entry_of((_, kind, case, happened_at, entered_at, actor, detail): Columns) -> Entry {
    let words = detail.as_object().into_iter().flatten();
    let detail: BTreeMap<String, String> = words
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    Entry::new(
        kind.0,
        case.map(CaseId::new),
        (local_date(happened_at), entered_at),
        actor.map(AccountId::new),
        detail,
    )
}

/// The rows that cache what the clocks say.
pub(super) fn clock_rows(
    file: &File,
    region: &str,
    clocks: &[FileClock],
    today: NaiveDate,
) -> Vec<clock::Model> {
    let row = |one: &FileClock| {
        let department = one.department.as_deref().unwrap_or_default();
        let kept = &one.running.clock;
        let read = one.deadline(today);
        clock::Model {
            subject_id: one
                .case
                .map_or(file.application.id.raw(), lianshen_domain::ids::Id::raw),
            kind: Coded(one.running.kind),
            ordinal: i32::try_from(one.running.ordinal).unwrap_or(i32::MAX),
            application_id: file.application.id.raw(),
            case_id: one.case.map(lianshen_domain::ids::Id::raw),
            region: region.to_owned(),
            department: department.to_owned(),
            anchor_on: kept.anchor,
            n: i32::try_from(kept.limit.n).unwrap_or(i32::MAX),
            unit: Coded(kept.limit.unit),
            due_on: one.due_on(),
            projected_on: read.projected_on,
            provisional: read.provisional,
            stopped_on: kept.stopped_on,
        }
    };
    clocks.iter().map(row).collect()
}

/// Adds clock rows to what is written; one that is there becomes what it is now.
pub(super) fn keep_clocks(writes: &mut Writes, rows: Vec<clock::Model>) {
    use clock::Column;
    let kept = OnConflict::columns([Column::SubjectId, Column::Kind, Column::Ordinal])
        .update_columns([
            Column::AnchorOn,
            Column::N,
            Column::Unit,
            Column::DueOn,
            Column::ProjectedOn,
            Column::Provisional,
            Column::StoppedOn,
        ])
        .to_owned();
    writes.put(rows, &kept);
}
