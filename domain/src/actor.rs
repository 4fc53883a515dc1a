//! Who acts, and what a role may do. One table answers; nothing about rights is decided elsewhere.

use crate::coded;
use crate::ids::{AccountId, SessionId};
use crate::rejected::Reason;

coded! {
    /// What a person does at the centre. An account has one role.
    pub enum Role {
        /// 申请人: files applications and follows them; sees only what is theirs.
        Applicant = "APPLICANT",
        /// 窗口人员: receives, accepts and delivers at one window.
        WindowClerk = "WINDOW_CLERK",
        /// 审查人员: examines the cases of one department and gives its opinions.
        Reviewer = "REVIEWER",
        /// 决定人员: decides the cases of one department.
        Decider = "DECIDER",
        /// 牵头协调人员: sees the whole of the joint applications that the department leads.
        LeadCoordinator = "LEAD_COORDINATOR",
        /// 中心管理员: sees states and deadlines of the whole centre, but no contents.
        CentreAdministrator = "CENTRE_ADMINISTRATOR",
        /// 监察人员: reads everything of the centre, changes nothing.
        Supervisor = "SUPERVISOR",
        /// 系统管理员: keeps accounts; has no business rights at all.
        SystemAdministrator = "SYSTEM_ADMINISTRATOR",
    }
}

impl Role {
    /// Whether an account of this role belongs to a department.
    pub fn has_department(self) -> bool {
        matches!(self, Self::Reviewer | Self::Decider | Self::LeadCoordinator)
    }

    /// Whether an account of this role works at a window.
    pub fn has_window(self) -> bool {
        self == Self::WindowClerk
    }
}

/// A signed-in person, as far as rights depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// The session through which the person acts.
    pub session: SessionId,
    /// The one role of the account.
    pub role: Role,
    /// Division code (行政区划代码) of the centre; nothing crosses it.
    pub region: String,
    /// Code of the department, for roles that belong to one.
    pub department: Option<String>,
    /// The window, for clerks.
    pub window: Option<String>,
    /// The name shown inside the centre.
    pub display_name: String,
}

/// What can be attempted; objects are checked by visibility, this is about the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// File an application, for oneself or at the window on behalf of the applicant.
    SubmitApplication,
    /// Accept a received application (受理).
    AcceptApplication,
    /// Deliver results at the window (送达).
    DeliverResults,
    /// Claim or release a review, give an opinion.
    Review,
    /// Give a review to a reviewer, pass it on, register absences (分派, 转办, 外出).
    ShareWork,
    /// Decide a case (决定).
    Decide,
    /// Hand in what was asked for, or withdraw (补正, 撤回).
    ActForApplicant,
    /// Begin and end special procedures, ask for material after acceptance (特别程序).
    RunProcedure,
    /// Ask other departments for their opinions on a case (征求意见).
    Consult,
    /// Call departments to a joint site visit or a joint meeting, and record it (联合踏勘, 联审会议).
    Convene,
    /// Take part in one for a department: name persons, conclude, confirm that a defect was mended; or in a mediation: state
    /// what the department holds.
    TakePart,
    /// Report what is missing for a case, or that nothing is (缺件报告).
    ReportMissing,
    /// Send the one notice of all that was reported (合并补正告知).
    SendNotice,
    /// Open the mediation of a conflict; settle it or pass it up, as who holds its level (协调).
    Mediate,
    /// Extend the periods of a case (延期).
    Extend,
    /// Extend the joint period.
    ExtendJoint,
    /// End a case without decision (终止).
    Terminate,
    /// Ask for a mistaken record to be voided, or confirm it (作废).
    Void,
    /// Enter an act after the fact (补录).
    EnterLate,
    /// Read the inbox of a department.
    ReadInbox,
    /// List the alerts and cards of a department, or of the centre.
    ReadCards,
    /// Read the dashboard and the morning digest of a department, or of the centre (统计, 晨报).
    ReadDashboard,
    /// Read contents of materials, opinions and documents of visible cases.
    ReadContents,
    /// Keep accounts.
    KeepAccounts,
    // Calendars.
    /// Adopt holiday notices for one's own centre.
    KeepCalendar,
}

impl Action {
    /// All actions, for the tests that walk the table.
    pub const ALL: &'static [Self] = &[
        Self::SubmitApplication,
        Self::AcceptApplication,
        Self::DeliverResults,
        Self::Review,
        Self::ShareWork,
        Self::Decide,
        Self::ActForApplicant,
        Self::RunProcedure,
        Self::Consult,
        Self::Convene,
        Self::TakePart,
        Self::ReportMissing,
        Self::SendNotice,
        Self::Mediate,
        Self::Extend,
        Self::ExtendJoint,
        Self::Terminate,
        Self::Void,
        Self::EnterLate,
        Self::ReadInbox,
        Self::ReadCards,
        Self::ReadDashboard,
        Self::ReadContents,
        Self::KeepAccounts,
        // Calendars.
        Self::KeepCalendar,
    ];
}

/// Says whether a role may attempt an action.
///
/// # Errors
/// `Forbidden` when the table says no.
pub fn may(actor: &Actor, action: Action) -> Result<(), Reason> {
    let allowed = match action {
        Action::SubmitApplication | Action::ActForApplicant => {
            matches!(actor.role, Role::Applicant | Role::WindowClerk)
        }
        Action::AcceptApplication | Action::DeliverResults => actor.role == Role::WindowClerk,
        Action::Review => actor.role == Role::Reviewer,
        Action::Decide | Action::Extend | Action::Terminate => actor.role == Role::Decider,
        Action::RunProcedure | Action::ShareWork => {
            matches!(actor.role, Role::Reviewer | Role::Decider)
        }
        Action::SendNotice => matches!(actor.role, Role::WindowClerk | Role::LeadCoordinator),
        Action::Consult | Action::TakePart | Action::ReportMissing => matches!(
            actor.role,
            Role::Reviewer | Role::Decider | Role::LeadCoordinator
        ),
        Action::Mediate => matches!(
            actor.role,
            Role::Decider | Role::LeadCoordinator | Role::CentreAdministrator
        ),
        Action::Convene => matches!(
            actor.role,
            Role::Reviewer | Role::Decider | Role::LeadCoordinator | Role::CentreAdministrator
        ),
        Action::ExtendJoint => actor.role == Role::LeadCoordinator,
        Action::Void => matches!(actor.role, Role::WindowClerk | Role::Decider),
        Action::EnterLate => matches!(
            actor.role,
            Role::WindowClerk | Role::Decider | Role::LeadCoordinator
        ),
        Action::ReadInbox => matches!(
            actor.role,
            Role::Reviewer | Role::Decider | Role::LeadCoordinator | Role::Supervisor
        ),
        Action::ReadCards | Action::ReadDashboard => matches!(
            actor.role,
            Role::Reviewer
                | Role::Decider
                | Role::LeadCoordinator
                | Role::CentreAdministrator
                | Role::Supervisor
        ),
        Action::ReadContents => !matches!(
            actor.role,
            Role::CentreAdministrator | Role::SystemAdministrator
        ),
        Action::KeepAccounts => actor.role == Role::SystemAdministrator,
        // Calendars.
        Action::KeepCalendar => actor.role == Role::CentreAdministrator,
    };
    if allowed {
        Ok(())
    } else {
        Err(Reason::Forbidden)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use uuid::Uuid;

    use super::*;
    use crate::code::Code as _;
    use crate::ids::Id as _;

    fn of_role(role: Role) -> Actor {
        Actor {
            account: AccountId::new(Uuid::from_u128(1)),
            session: SessionId::new(Uuid::from_u128(2)),
            role,
            region: "430102".to_owned(),
            department: role.has_department().then(|| "D".to_owned()),
            window: role.has_window().then(|| "W1".to_owned()),
            display_name: "张三".to_owned(),
        }
    }

    #[test]
    fn each_role_may_do_exactly_this() {
        let mut table = String::new();
        for role in Role::ALL {
            write!(table, "{:<21}", role.code()).unwrap();
            for action in Action::ALL {
                let answer = may(&of_role(*role), *action);
                assert!(matches!(answer, Ok(()) | Err(Reason::Forbidden)));
                if answer.is_ok() {
                    write!(table, " {action:?}").unwrap();
                }
            }
            table.push('\n');
        }
        let expected = "\
APPLICANT             SubmitApplication ActForApplicant ReadContents
WINDOW_CLERK          SubmitApplication AcceptApplication DeliverResults ActForApplicant SendNotice Void EnterLate ReadContents
REVIEWER              Review ShareWork RunProcedure Consult Convene TakePart ReportMissing ReadInbox ReadCards ReadDashboard ReadContents
DECIDER               ShareWork Decide RunProcedure Consult Convene TakePart ReportMissing Mediate Extend Terminate Void EnterLate ReadInbox ReadCards ReadDashboard ReadContents
LEAD_COORDINATOR      Consult Convene TakePart ReportMissing SendNotice Mediate ExtendJoint EnterLate ReadInbox ReadCards ReadDashboard ReadContents
CENTRE_ADMINISTRATOR  Convene Mediate ReadCards ReadDashboard KeepCalendar
SUPERVISOR            ReadInbox ReadCards ReadDashboard ReadContents
SYSTEM_ADMINISTRATOR  KeepAccounts
";
        assert!(table == expected, "the table is now\n{table}");
    }

    #[test]
    fn no_role_unites_what_the_law_separates() {
        let may_all = |role: Role, actions: &[Action]| {
            let actor = of_role(role);
            actions.iter().all(|action| may(&actor, *action).is_ok())
        };
        for role in Role::ALL {
            for pair in [
                [Action::AcceptApplication, Action::Decide],
                [Action::Review, Action::Decide],
                [Action::KeepAccounts, Action::ReadContents],
            ] {
                assert!(!may_all(*role, &pair), "{role:?} {pair:?}");
            }
        }
    }

    #[test]
    fn a_role_belongs_to_a_department_or_a_window_or_neither() {
        let mut table = String::new();
        for role in Role::ALL {
            let place = match (role.has_department(), role.has_window()) {
                (true, false) => "department",
                (false, true) => "window",
                (false, false) => "neither",
                (true, true) => "both",
            };
            writeln!(table, "{} {place}", role.code()).unwrap();
        }
        let expected = "\
APPLICANT neither
WINDOW_CLERK window
REVIEWER department
DECIDER department
LEAD_COORDINATOR department
CENTRE_ADMINISTRATOR neither
SUPERVISOR neither
SYSTEM_ADMINISTRATOR neither
";
        assert!(table == expected, "the table is now\n{table}");
    }
}
