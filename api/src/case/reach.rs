//! Whom an act concerns; to others its object does not exist, unless they see it.

use lianshen_domain::actor::Role;
use lianshen_domain::application::Channel;
use lianshen_domain::ids::{CaseId, Id as _, MediationId, VisitId};
use lianshen_domain::mediation::Shown;
use lianshen_domain::rejected::Reason;
use lianshen_entity::application;

use super::desk::Desk;
use super::visibility::{not_concerned, sees};
use crate::db::Tx;
use crate::error::AppError;

/// Whom an act concerns.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// The window that has it; any window of the centre as long as none has.
    Window,
    /// The applicant, or the window on the applicant's behalf.
    Applicant,
    /// The department that answers for the case.
    Department,
    /// The window, or the department of the case.
    WindowOrDepartment,
    /// The lead department.
    Lead,
    /// Who sends the merged notice: the lead department, or the window.
    Sender,
    /// The department that answers for the case, or the lead department.
    DepartmentOrLead,
    /// Whoever calls departments together: the lead department's coordinator or the centre; where nobody leads, a department
    /// that handles a case.
    Convener,
    /// A department that was called to a visit, as long as it sees the application.
    Called(VisitId),
    /// Who opens a mediation: the lead coordinator; where nobody leads, who decides the case.
    Mediator,
    /// Whoever sees a mediation.
    Mediation(MediationId),
}

impl Desk<'_> {
    /// Nobody but those whom it concerns may act on it; to others it does not exist, unless they see it.
    pub(super) async fn expect_reach(
        &self,
        tx: &Tx,
        reach: Reach,
        case: Option<CaseId>,
    ) -> Result<(), AppError> {
        let Some(actor) = self.actor else {
            return Ok(());
        };
        let row = self.row();
        let of_department = || {
            let case = case.and_then(|id| self.case(id).ok());
            case.is_some_and(|case| Some(&case.department) == actor.department.as_ref())
        };
        let of_lead = || row.lead_department.is_some() && row.lead_department == actor.department;
        let own = actor.department.as_deref();
        let handles = || {
            self.file
                .cases
                .iter()
                .any(|case| Some(&*case.department) == own)
        };
        let convenes = || of_lead() || (row.lead_department.is_none() && handles());
        let own_window = row.window == actor.window || is_unclaimed(row);
        let reaches = match (reach, actor.role) {
            (Reach::Window | Reach::WindowOrDepartment | Reach::Applicant, Role::WindowClerk) => {
                own_window
            }
            (Reach::Applicant, Role::Applicant) => {
                row.applicant_account == Some(actor.account.raw())
            }
            (Reach::DepartmentOrLead, Role::LeadCoordinator) => of_department() || of_lead(),
            (Reach::Department | Reach::WindowOrDepartment | Reach::DepartmentOrLead, _) => {
                of_department()
            }
            (Reach::Sender, Role::WindowClerk) => own_window,
            (Reach::Sender | Reach::Lead, _) | (Reach::Mediator, Role::LeadCoordinator) => {
                of_lead()
            }
            (Reach::Convener, Role::CentreAdministrator) => true,
            (Reach::Convener, Role::LeadCoordinator) => convenes(),
            // Where nobody leads, the department that handles a case calls the others.
            (Reach::Convener, _) => row.lead_department.is_none() && handles(),
            (Reach::Mediator, Role::Decider) => row.lead_department.is_none() && of_department(),
            (Reach::Mediation(id), _) => {
                let lead = row.lead_department.as_deref();
                let found = self.mediations.one(id).ok();
                found.is_some_and(|found| found.shown_to(actor, lead) != Shown::Nothing)
            }
            (Reach::Called(visit), _) => {
                let called = self.visits.one(visit).ok();
                called
                    .zip(own)
                    .is_some_and(|(visit, own)| visit.part(own).is_some())
            }
            _ => false,
        };
        // What is not of this application at all exists for nobody.
        if let Some(case) = case {
            self.case(case)?;
        }
        let application = self.file.application.id;
        if reaches {
            // A department stays called that is not asked any more, and to which nothing of this exists.
            if matches!(reach, Reach::Called(_)) && !sees(tx, actor, application).await? {
                return Err(Reason::NotFound.into());
            }
            return Ok(());
        }
        if let Reach::Mediation(_) = reach {
            return Err(Reason::NotFound.into());
        }
        let departments = self.concerned(reach, case);
        Err(not_concerned(tx, actor, application, &departments)
            .await?
            .into())
    }

    /// The departments whom an act concerns; none if it is for a window, or for an applicant.
    fn concerned(&self, reach: Reach, case: Option<CaseId>) -> Vec<&str> {
        let of_case = case.and_then(|id| self.case(id).ok());
        let of_case = of_case.map(|case| case.department.as_str());
        let lead = self.row().lead_department.as_deref();
        match reach {
            Reach::Window | Reach::Applicant | Reach::Mediation(_) => Vec::new(),
            Reach::Department | Reach::WindowOrDepartment | Reach::DepartmentOrLead => {
                of_case.into_iter().collect()
            }
            Reach::Lead | Reach::Sender => lead.into_iter().collect(),
            Reach::Mediator => lead.or(of_case).into_iter().collect(),
            Reach::Convener => {
                let cases = self.file.cases.iter();
                let handling = cases.map(|case| case.department.as_str());
                lead.map_or_else(|| handling.collect(), |lead| vec![lead])
            }
            Reach::Called(visit) => {
                let parts = self.visits.one(visit).ok().map(|visit| &visit.parts);
                let called = parts.into_iter().flatten();
                called.map(|part| part.department.as_str()).collect()
            }
        }
    }
}

/// Whether no window has an online application yet: any of the centre may take it, also after silence accepted it.
fn is_unclaimed(row: &application::Model) -> bool {
    row.channel.0 == Channel::Online && row.window.is_none()
}
