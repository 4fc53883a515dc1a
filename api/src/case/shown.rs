//! What of that which somebody finds is shown to him. Who finds what says [`visibility`](super::visibility).

use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::application::OwedActKind;

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
