//! What of that which somebody finds is shown to him. Who finds what says [`visibility`](super::visibility).

use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::application::{FileClock, OwedActKind};
use lianshen_domain::clock::ClockKind;

/// Whether the actor sees how the work goes on between departments: reviews, who is asked, who comes to a visit. Applicants
/// see where their case stands.
pub fn may_see_inner_work(actor: &Actor) -> bool {
    actor.role != Role::Applicant
}

/// Whether the actor deals with the papers: applicant and window hold them in their hands, with the query code on them, and
/// do not learn of what departments think of each other.
pub fn holds_papers(actor: &Actor) -> bool {
    matches!(actor.role, Role::Applicant | Role::WindowClerk)
}

/// Whether the actor sees the outlook of an application: the lead coordinator of the leading department, the supervisor,
/// and the window that deals with the applicant. To all others it would tell of other departments.
pub fn may_see_outlook(actor: &Actor, lead_department: Option<&str>) -> bool {
    match actor.role {
        Role::Supervisor | Role::WindowClerk => true,
        Role::LeadCoordinator => {
            lead_department.is_some() && lead_department == actor.department.as_deref()
        }
        Role::Applicant
        | Role::Reviewer
        | Role::Decider
        | Role::CentreAdministrator
        | Role::SystemAdministrator => false,
    }
}

/// Whether who sees an outlook is told of an act that is owed.
pub fn may_see_owed(actor: &Actor, kind: OwedActKind) -> bool {
    kind != OwedActKind::Mediate || !holds_papers(actor)
}

/// Whether the actor may read what one department wrote about its case: opinion, reasons, papers.
///
/// Departments do not read each other; the lead department reads all that was submitted to it.
pub fn may_read_department(actor: &Actor, department: &str, lead_department: Option<&str>) -> bool {
    let own = actor.department.as_deref();
    match actor.role {
        Role::Supervisor => true,
        Role::Reviewer | Role::Decider => own == Some(department),
        Role::LeadCoordinator => {
            own == Some(department) || (own.is_some() && own == lead_department)
        }
        Role::Applicant
        | Role::WindowClerk
        | Role::CentreAdministrator
        | Role::SystemAdministrator => false,
    }
}

/// Whether somebody who sees a case may see a clock of it. That of an opinion of another department is inner work; that of a
/// mediation is for those who deal with it.
pub fn may_see_clock(
    actor: &Actor,
    department: &str,
    lead_department: Option<&str>,
    clock: &FileClock,
) -> bool {
    match clock.running.kind {
        ClockKind::Mediation => {
            actor.role == Role::CentreAdministrator
                || may_read_department(actor, department, lead_department)
        }
        // The one of number 0 is the department's own, at whose end the case passes.
        ClockKind::Opinion => may_see_inner_work(actor) || clock.running.ordinal == 0,
        _ => true,
    }
}
