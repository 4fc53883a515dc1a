//! Who sees which application. Every finder starts from here; "not yours" and "not there" are one answer.
//!
//! So it is for acts, too, to whoever does not see the object. Who sees it is told whose it is to act on.

use std::collections::BTreeSet;

use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::application::Channel;
use lianshen_domain::clock::ClockKind;
use lianshen_domain::code::Code as _;
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::ReviewState;
use lianshen_entity::{Coded, application, case_, event, mediation, review};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait, JoinType, PaginatorTrait as _, QueryFilter as _,
    QuerySelect as _, QueryTrait as _, Select,
};

use crate::db::Tx;
use crate::error::AppError;

/// The applications that an actor may know of, as a condition on `application`.
pub fn visible_to(actor: &Actor) -> Condition {
    use application::Column;
    let here = Condition::all().add(Column::Region.eq(&actor.region));
    match actor.role {
        Role::Applicant => here.add(Column::ApplicantAccount.eq(actor.account.raw())),
        Role::WindowClerk => {
            let online = Condition::all()
                .add(Column::Channel.eq(Coded(Channel::Online)))
                .add(Column::Window.is_null());
            let own = Column::Window.eq(actor.window.clone().unwrap_or_default());
            here.add(Condition::any().add(own).add(online))
        }
        Role::Reviewer => here.add(
            Condition::any()
                .add(has_case_of(actor))
                .add(has_asked(actor)),
        ),
        Role::Decider => here.add(
            Condition::any()
                .add(has_case_of(actor))
                .add(has_asked(actor))
                .add(is_named(actor)),
        ),
        Role::LeadCoordinator => {
            let leads = Column::LeadDepartment.eq(actor.department.clone().unwrap_or_default());
            let of_department = Condition::any().add(leads).add(has_case_of(actor));
            here.add(of_department.add(has_asked(actor)))
        }
        Role::CentreAdministrator | Role::Supervisor => here,
        Role::SystemAdministrator => Condition::all().add(Expr::value(1).eq(0)),
    }
}

/// What belongs to the applications that an actor may know of, by the column that names its application; `application` is
/// joined.
pub(super) fn of_visible<E: EntityTrait>(actor: &Actor, named_by: E::Column) -> Select<E> {
    let its_own = application::Entity::belongs_to(E::default())
        .from(application::Column::Id)
        .to(named_by)
        .into();
    E::find()
        .join_rev(JoinType::InnerJoin, its_own)
        .filter(visible_to(actor))
}

/// The reviews that an actor may know of, as a condition on `review` and its `application`.
///
/// Those that departments have themselves are told by their own columns, and nothing is looked up for them: the department
/// that examines has the case, and one that was asked is known by the review by which it was.
pub fn reviews_visible_to(actor: &Actor) -> Condition {
    use review::Column;
    match actor.role {
        Role::Reviewer | Role::Decider | Role::LeadCoordinator => {
            let asks_still = Condition::any()
                .add(Column::Consultation.is_null())
                .add(Column::State.ne(Coded(ReviewState::Withdrawn)));
            let own = Condition::all()
                .add(Column::Region.eq(&actor.region))
                .add(Column::Department.eq(actor.department.clone().unwrap_or_default()))
                .add(asks_still);
            Condition::any().add(own).add(visible_to(actor))
        }
        Role::Applicant
        | Role::WindowClerk
        | Role::CentreAdministrator
        | Role::Supervisor
        | Role::SystemAdministrator => visible_to(actor),
    }
}

/// Whether an actor may know of an application.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn sees(
    tx: &Tx,
    actor: &Actor,
    application: ApplicationId,
) -> Result<bool, AppError> {
    let seen = application::Entity::find_by_id(application.raw()).filter(visible_to(actor));
    Ok(seen.count(&tx.0).await? > 0)
}

/// The events that everybody is told who may know of their application, as a condition on `event`.
///
/// Former versions wrote as public, too, that a notice moved a clock of inner work, and what stands in the ledger is never
/// changed: the clock of a mediation, and that of an opinion by another department than the one that handles the case.
pub(super) fn told_to_everybody() -> Condition {
    let case = case_::Entity::find()
        .select_only()
        .expr(Expr::cust("1"))
        .filter(
            case_::Column::Id
                .into_expr()
                .equals((event::Entity, event::Column::CaseId)),
        )
        .filter(
            case_::Column::Department
                .into_expr()
                .equals((event::Entity, event::Column::Department)),
        );
    let of_others = Expr::exists(case.into_query()).not();
    let inner = Condition::any().add(is_about(ClockKind::Mediation)).add(
        Condition::all()
            .add(is_about(ClockKind::Opinion))
            .add(of_others),
    );
    let recomputed = event::Column::Kind.eq(Coded(EventKind::CalendarRecomputed));
    Condition::all()
        .add(event::Column::Public.eq(true))
        .add(Condition::all().add(recomputed).add(inner).not())
}

/// Whether an event is about a clock of this kind.
pub(super) fn is_about(clock: ClockKind) -> Expr {
    // By hand, because both engines read this, and the builder has a way for each.
    let clock = clock.code();
    Expr::cust(format!(
        "(event.detail ->> 'clock' IS NOT DISTINCT FROM '{clock}')"
    ))
}

/// What somebody is told whom an act on an application, or on a part of it, does not concern: that it does not exist, unless
/// they see it. To them: whose it is to act; that it is not for their role, if it is for their own department or for none.
///
/// # Errors
/// When the database cannot be read.
pub async fn not_concerned(
    tx: &Tx,
    actor: &Actor,
    application: ApplicationId,
    departments: &[&str],
) -> Result<Reason, AppError> {
    if !sees(tx, actor, application).await? {
        return Ok(Reason::NotFound);
    }
    let own = actor.department.as_deref();
    if departments.is_empty() || departments.iter().any(|one| Some(*one) == own) {
        return Ok(Reason::Forbidden);
    }
    let named: BTreeSet<&str> = departments.iter().copied().collect();
    let departments = Vec::from_iter(named).join(", ");
    Ok(Reason::NotYours { departments })
}

/// Whether one of its cases asked the department for its opinion, and still does, or has it.
fn has_asked(actor: &Actor) -> Expr {
    let application = (application::Entity, application::Column::Id);
    let asked = review::Entity::find()
        .select_only()
        .expr(Expr::cust("1"))
        // Word by word the condition of the index.
        .filter(Expr::cust("review.consultation IS NOT NULL"))
        .filter(
            review::Column::ApplicationId
                .into_expr()
                .equals(application),
        )
        .filter(review::Column::Department.eq(actor.department.clone().unwrap_or_default()))
        .filter(review::Column::State.ne(Coded(ReviewState::Withdrawn)));
    Expr::exists(asked.into_query())
}

/// Whether the government named the department for a conflict on one of its cases.
fn is_named(actor: &Actor) -> Expr {
    let application = (application::Entity, application::Column::Id);
    let named = mediation::Entity::find()
        .select_only()
        .expr(Expr::cust("1"))
        // Word by word the condition of the index.
        .filter(Expr::cust("mediation.named_department IS NOT NULL"))
        .filter(
            mediation::Column::ApplicationId
                .into_expr()
                .equals(application),
        )
        .filter(
            mediation::Column::NamedDepartment.eq(actor.department.clone().unwrap_or_default()),
        );
    Expr::exists(named.into_query())
}

/// Asked of each application by an index; `IN` would have SQLite list all cases of the department first.
fn has_case_of(actor: &Actor) -> Expr {
    let application = (application::Entity, application::Column::Id);
    let of_department = case_::Entity::find()
        .select_only()
        .expr(Expr::cust("1"))
        .filter(case_::Column::Region.eq(&actor.region))
        .filter(case_::Column::Department.eq(actor.department.clone().unwrap_or_default()))
        .filter(case_::Column::ApplicationId.into_expr().equals(application));
    Expr::exists(of_department.into_query())
}
