//! Reading applications, cases and all that hangs on them. Every finder starts from what the actor may know of.

use std::collections::HashMap;

use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor, Role, may};
use lianshen_domain::application::ApplicationState;
use lianshen_domain::case::{CaseResult, CaseState};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::code::Code as _;
use lianshen_domain::document::DocumentKind;
use lianshen_domain::event::{ABOUT_MEDIATION, EventKind};
use lianshen_domain::ids::{ApplicationId, CaseId, EventId, Id as _};
use lianshen_domain::item_code::is_valid_receipt_number;
use lianshen_domain::rejected::Reason;
use lianshen_entity::{
    Coded, all_placed, application, case_, document, event, material, mediation, review,
};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, Select,
};

use super::handed_in::as_reader;
use super::visibility::{is_about, of_visible, told_to_everybody, visible_to};
use crate::app::App;
use crate::error::AppError;
use crate::page::{Keyset, Window};

/// An application as it stands.
pub type ApplicationRow = application::Model;
/// A case as it stands.
pub type CaseRow = case_::Model;
/// A case as far as it was read.
pub type CaseRead = case_::Read;
/// An application as far as it was read.
pub type ApplicationRead = application::Read;
/// A review as it stands.
pub type ReviewRow = review::Model;
/// A review as far as it was read.
pub type ReviewRead = review::Read;
/// A material as it was handed in.
pub type MaterialRow = material::Model;
/// A document as it was issued.
pub type DocumentRow = document::Model;
/// An event as it was written.
pub type EventRow = event::Model;

/// What happened to an application, as far as the actor may see it.
#[derive(Debug)]
pub struct Timeline {
    /// What this program understands of it, in the order of the ids.
    pub events: Vec<EventRow>,
    /// Whether that is all of it: what a newer program wrote is not understood.
    pub is_whole: bool,
}

/// Which applications of those that may be seen.
#[derive(Clone, Debug, Default)]
pub struct ApplicationFilter {
    /// In this state.
    pub state: Option<ApplicationState>,
    /// Of this bundle.
    pub bundle: Option<String>,
    /// Received on or after this day.
    pub received_from: Option<NaiveDate>,
    /// Received on or before this day.
    pub received_to: Option<NaiveDate>,
}

/// Which cases of those that may be seen.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    /// In this state.
    pub state: Option<CaseState>,
    /// Of this item.
    pub item: Option<String>,
    /// Of this department.
    pub department: Option<String>,
}

/// How much is read of rows that are shown together, less before more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// What lists show of them.
    Heads,
    /// All of them.
    Rows,
}

/// How much is read of cases and of their applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseExtent {
    /// Of the cases.
    pub case: Extent,
    /// Of their applications.
    pub application: Extent,
}

impl CaseExtent {
    /// All of both.
    pub const WHOLE: Self = Self {
        case: Extent::Rows,
        application: Extent::Rows,
    };
}

/// One application, if the actor may know of it.
///
/// # Errors
/// When the database cannot be read; not for one that may not be seen.
pub async fn application(
    app: &App,
    actor: &Actor,
    id: ApplicationId,
) -> Result<Option<ApplicationRow>, AppError> {
    let find = application::Entity::find_by_id(id.raw()).filter(visible_to(actor));
    Ok(find.one(app.db.reader()).await?)
}

/// One application by its receipt number, if the actor may know of it.
///
/// # Errors
/// As [`application()`].
pub async fn application_by_receipt(
    app: &App,
    actor: &Actor,
    number: &str,
) -> Result<Option<ApplicationRow>, AppError> {
    if !is_valid_receipt_number(number) {
        return Ok(None);
    }
    let find = application::Entity::find()
        .filter(visible_to(actor))
        .filter(application::Column::ReceiptNumber.eq(number));
    Ok(find.one(app.db.reader()).await?)
}

/// Several applications at once, for a loader.
///
/// # Errors
/// As [`application()`].
pub async fn applications_by_id(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
) -> Result<Vec<ApplicationRow>, AppError> {
    let ids = ids.iter().map(|id| id.raw());
    let find = application::Entity::find()
        .filter(visible_to(actor))
        .filter(application::Column::Id.is_in(ids));
    Ok(find.all(app.db.reader()).await?)
}

/// A window of applications, the newest first.
///
/// # Errors
/// As [`application()`].
pub async fn applications(
    app: &App,
    actor: &Actor,
    filter: &ApplicationFilter,
    window: &Window,
    extent: Extent,
) -> Result<Vec<ApplicationRead>, AppError> {
    let keyset = Keyset::descending(application::Column::ReceivedAt, application::Column::Id);
    let find = keyset.apply(some_applications(actor, filter), window);
    let db = app.db.reader();
    Ok(match extent {
        Extent::Heads => {
            let heads = all_placed::<application::Head>(find, db).await?;
            heads.into_iter().map(Into::into).collect()
        }
        Extent::Rows => {
            let rows = all_placed::<ApplicationRow>(find, db).await?;
            rows.into_iter().map(Into::into).collect()
        }
    })
}

/// How many applications there are in all.
///
/// # Errors
/// As [`application()`].
pub async fn count_applications(
    app: &App,
    actor: &Actor,
    filter: &ApplicationFilter,
) -> Result<u64, AppError> {
    Ok(some_applications(actor, filter)
        .count(app.db.reader())
        .await?)
}

fn some_applications(actor: &Actor, filter: &ApplicationFilter) -> Select<application::Entity> {
    use application::Column;
    let wanted = Condition::all()
        .add_option(filter.state.map(|state| Column::State.eq(Coded(state))))
        .add_option(
            filter
                .bundle
                .as_ref()
                .map(|bundle| Column::Bundle.eq(bundle)),
        )
        .add_option(
            filter
                .received_from
                .map(|from| Column::ReceivedOn.gte(from)),
        )
        .add_option(filter.received_to.map(|to| Column::ReceivedOn.lte(to)));
    application::Entity::find()
        .filter(visible_to(actor))
        .filter(wanted)
}

/// Several cases at once, for a loader.
///
/// # Errors
/// As [`application()`].
pub async fn cases_by_id(
    app: &App,
    actor: &Actor,
    ids: &[CaseId],
) -> Result<Vec<CaseRow>, AppError> {
    let ids = ids.iter().map(|id| id.raw());
    let find = visible_cases(actor).filter(case_::Column::Id.is_in(ids));
    Ok(find.all(app.db.reader()).await?)
}

/// How many cases there are in all.
///
/// # Errors
/// As [`application()`].
pub async fn count_cases(app: &App, actor: &Actor, filter: &CaseFilter) -> Result<u64, AppError> {
    Ok(some_cases(actor, filter).count(app.db.reader()).await?)
}

pub(super) fn some_cases(actor: &Actor, filter: &CaseFilter) -> Select<case_::Entity> {
    use case_::Column;
    let wanted = Condition::all()
        // That of its application, said once more for the indexes of cases.
        .add(Column::Region.eq(&actor.region))
        .add_option(filter.state.map(is_in))
        .add_option(filter.item.as_ref().map(|item| Column::Item.eq(item)))
        .add_option(
            filter
                .department
                .as_ref()
                .map(|department| Column::Department.eq(department)),
        );
    visible_cases(actor).filter(wanted)
}

/// In the text of the statement and not as a value of it: what waits for a decision has an index of its own, and a statement
/// that is planned once finds it only where it names the state.
fn is_in(state: CaseState) -> Expr {
    let code = Expr::Constant(state.code().into());
    case_::Column::State.into_expr().eq(code)
}

pub(super) fn visible_cases(actor: &Actor) -> Select<case_::Entity> {
    of_visible::<case_::Entity>(actor, case_::Column::ApplicationId)
}

/// The materials of several applications that the actor may read.
///
/// A department reads those that its own items want, and no others; contents are not for administrators.
///
/// # Errors
/// As [`application()`].
pub async fn materials_of(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
) -> Result<Vec<MaterialRow>, AppError> {
    if may(actor, Action::ReadContents).is_err() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().map(|id| id.raw());
    let own = as_reader(actor.department.as_deref().unwrap_or_default());
    let own = material::Column::Readers.contains(&own);
    let find = of_visible::<material::Entity>(actor, material::Column::ApplicationId)
        .filter(material::Column::ApplicationId.is_in(ids))
        .filter(own_or_led(actor, own))
        .order_by_asc(material::Column::ApplicationId)
        .order_by_asc(material::Column::Ordinal);
    Ok(find.all(app.db.reader()).await?)
}

/// The documents of several applications that the actor may read.
///
/// # Errors
/// As [`application()`].
pub async fn documents_of(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
) -> Result<Vec<DocumentRow>, AppError> {
    if may(actor, Action::ReadContents).is_err() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().map(|id| id.raw());
    let own = document::Column::Department.eq(actor.department.clone().unwrap_or_default());
    let find = of_visible::<document::Entity>(actor, document::Column::ApplicationId)
        .filter(document::Column::ApplicationId.is_in(ids))
        .filter(own_or_led(actor, own))
        .filter(given_out(actor))
        .order_by_asc(document::Column::IssuedAt)
        .order_by_asc(document::Column::Id);
    Ok(find.all(app.db.reader()).await?)
}

/// Narrows papers to what is given out to applicants: that a record is to be void is inner work until a second person has
/// confirmed it. Others are not narrowed here.
fn given_out(actor: &Actor) -> Condition {
    if actor.role != Role::Applicant {
        return Condition::all();
    }
    let of_paper = (document::Entity, document::Column::CaseId);
    let void = case_::Entity::find()
        .select_only()
        .expr(Expr::cust("1"))
        .filter(case_::Column::Id.into_expr().equals(of_paper))
        .filter(case_::Column::Result.eq(Coded(CaseResult::Void)));
    Condition::any()
        .add(document::Column::Kind.ne(Coded(DocumentKind::VoidRecord)))
        .add(Expr::exists(void.into_query()))
}

/// The timelines of several applications, as far as the actor may see them.
///
/// # Errors
/// As [`application()`].
pub async fn events_of(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Timeline>, AppError> {
    let ids = ids.iter().map(|id| id.raw());
    let find = visible_events(actor)
        .filter(event::Column::ApplicationId.is_in(ids))
        .order_by_asc(event::Column::ApplicationId)
        .order_by_asc(event::Column::Id);
    let mut timelines: HashMap<ApplicationId, Timeline> = HashMap::new();
    for row in all_placed::<event::Stored>(find, app.db.reader()).await? {
        let of = ApplicationId::new(row.application_id.unwrap_or_default());
        let timeline = timelines.entry(of).or_insert(Timeline {
            events: Vec::new(),
            is_whole: true,
        });
        match row.try_into() {
            Ok(event) => timeline.events.push(event),
            Err(_) => timeline.is_whole = false,
        }
    }
    Ok(timelines)
}

/// Narrows contents to what a department may read: its own, and for the lead all of what it leads. Others are not
/// narrowed here.
pub(super) fn own_or_led(actor: &Actor, own: Expr) -> Condition {
    match actor.role {
        Role::Reviewer | Role::Decider => Condition::all().add(own),
        Role::LeadCoordinator => {
            let department = actor.department.clone().unwrap_or_default();
            let leads = application::Column::LeadDepartment.eq(department);
            Condition::any().add(leads).add(own)
        }
        _ => Condition::all(),
    }
}

/// One event, if the actor may see it.
///
/// # Errors
/// As [`application()`]; `RecordNotUnderstood`.
pub async fn event(app: &App, actor: &Actor, id: EventId) -> Result<Option<EventRow>, AppError> {
    let find = visible_events(actor).filter(event::Column::Id.eq(id.raw()));
    let found = all_placed::<event::Stored>(find, app.db.reader()).await?;
    let event = found.into_iter().next().map(TryInto::try_into).transpose();
    Ok(event.map_err(|_| Reason::RecordNotUnderstood)?)
}

/// Whether an event is about a case of the actor's department.
fn on_case_of(actor: &Actor) -> Expr {
    let case = (event::Entity, event::Column::CaseId);
    let own = case_::Entity::find()
        .select_only()
        .expr(Expr::cust("1"))
        .filter(case_::Column::Id.into_expr().equals(case))
        .filter(case_::Column::Department.eq(actor.department.clone().unwrap_or_default()));
    Expr::exists(own.into_query())
}

/// Whether an event is about a mediation in which the actor's department is one of the two.
fn in_mediation_of(actor: &Actor) -> Expr {
    let own = actor.department.clone().unwrap_or_default();
    let case = (event::Entity, event::Column::CaseId);
    let party = mediation::Entity::find()
        .select_only()
        .expr(Expr::cust("1"))
        .filter(mediation::Column::CaseId.into_expr().equals(case))
        .filter(
            Condition::any()
                .add(mediation::Column::FirstDepartment.eq(&own))
                .add(mediation::Column::SecondDepartment.eq(&own)),
        )
        // By hand, because both engines read this, and the builder has a way for each.
        .filter(Expr::cust(format!(
            "CAST(mediation.number AS TEXT) = event.detail ->> '{ABOUT_MEDIATION}'"
        )));
    Expr::exists(party.into_query())
}

fn visible_events(actor: &Actor) -> Select<event::Entity> {
    let public = told_to_everybody();
    let recomputed = event::Column::Kind.eq(Coded(EventKind::CalendarRecomputed));
    let own = event::Column::Department.eq(actor.department.clone().unwrap_or_default());
    let readable = match actor.role {
        Role::Supervisor => Condition::all(),
        Role::Reviewer | Role::Decider | Role::LeadCoordinator => {
            // Who asks for opinions is told of them and of their dates, and nobody else is; of the dates of a mediation who
            // handles the case, and the two between whom it is.
            let of_opinions = EventKind::OF_CONSULTATION.iter().map(|kind| Coded(*kind));
            let of_opinions = event::Column::Kind.is_in(of_opinions);
            let heard = Condition::all()
                .add(Condition::any().add(of_opinions).add(recomputed.clone()))
                .add(on_case_of(actor));
            let moved = Condition::all().add(recomputed).add(in_mediation_of(actor));
            let own = own_or_led(actor, own);
            Condition::any().add(public).add(own).add(heard).add(moved)
        }
        // Whoever sees the alerts and cards is told of them, too; the window not of those of a mediation. Who keeps the
        // calendar is told of all that moves by it.
        Role::WindowClerk | Role::CentreAdministrator => {
            let keeps_calendar = actor.role == Role::CentreAdministrator;
            let raised = EventKind::OF_SUPERVISION.iter().map(|kind| Coded(*kind));
            let raised = Condition::all()
                .add(event::Column::Kind.is_in(raised))
                .add_option((!keeps_calendar).then(|| is_about(ClockKind::Mediation).not()));
            let moved = keeps_calendar.then_some(recomputed);
            Condition::any().add(public).add(raised).add_option(moved)
        }
        Role::Applicant | Role::SystemAdministrator => Condition::all().add(public),
    };
    of_visible::<event::Entity>(actor, event::Column::ApplicationId).filter(readable)
}
