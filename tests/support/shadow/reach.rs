//! Whom an act concerns, and what everybody else is told.

use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::application::Channel;
use lianshen_domain::case::Case;
use lianshen_domain::mediation::{MediationLevel, Shown};
use lianshen_domain::rejected::{Reason, Rejected};
use lianshen_domain::review::{Review, ReviewState};

use super::Shadow;
use crate::support::deed::{Deed, Reach};

impl Shadow {
    pub(super) fn expect_reach(
        &self,
        actor: &Actor,
        reach: Reach,
        deed: &Deed,
    ) -> Result<(), Rejected> {
        let application = &self.file.application;
        let own = |department: &str| actor.department.as_deref() == Some(department);
        let review = deed.review().and_then(|id| self.review(id));
        let case = deed.case().or(review.map(|review| review.case));
        let case = case.and_then(|id| self.case(id));
        let of_department = case.is_some_and(|case| own(&case.department));
        let of_lead = self.lead().is_some_and(own);
        let is_unclaimed = application.channel == Channel::Online && application.window.is_none();
        let own_window = application.window == actor.window || is_unclaimed;
        let of_applicant = self
            .applicant
            .as_ref()
            .is_some_and(|applicant| applicant.account == actor.account);
        let handles = self.file.cases.iter().any(|case| own(&case.department));
        let nobody_leads = self.lead().is_none();
        let reaches = match (reach, actor.role) {
            (Reach::Review, _) => review.is_some_and(|review| {
                own(&review.department) && review.state != ReviewState::Withdrawn
            }),
            (Reach::Window | Reach::WindowOrDepartment | Reach::Applicant, Role::WindowClerk) => {
                own_window
            }
            (Reach::Applicant, Role::Applicant) => of_applicant,
            (Reach::DepartmentOrLead, Role::LeadCoordinator) => of_department || of_lead,
            (Reach::Department | Reach::WindowOrDepartment | Reach::DepartmentOrLead, _) => {
                of_department
            }
            (Reach::Sender, Role::WindowClerk) => own_window,
            (Reach::Sender | Reach::Lead, _) | (Reach::Mediator, Role::LeadCoordinator) => of_lead,
            (Reach::Convener, Role::CentreAdministrator) => true,
            (Reach::Convener, Role::LeadCoordinator) => of_lead || (nobody_leads && handles),
            (Reach::Convener, _) => nobody_leads && handles,
            // Who was called and is not asked any more sees nothing of it.
            (Reach::Called(id), _) => {
                let own = actor.department.as_deref();
                let called = self.visits.iter().any(|visit| {
                    visit.id == id && own.is_some_and(|own| visit.part(own).is_some())
                });
                called && self.sees(actor)
            }
            (Reach::Mediator, Role::Decider) => nobody_leads && of_department,
            (Reach::Mediation(id), _) => self.mediations.iter().any(|mediation| {
                mediation.id == id && mediation.shown_to(actor, self.lead()) != Shown::Nothing
            }),
            (Reach::Window | Reach::Applicant | Reach::Mediator, _) => false,
        };
        if reaches {
            Ok(())
        } else {
            Err(self.not_concerned(actor, reach, (review, case)).into())
        }
    }

    /// To whoever does not see the application nothing of it exists. Who sees it is told whose the act is, or that it is not for
    /// their role; of a review of their own that nobody wants any more, how it stands.
    fn not_concerned(
        &self,
        actor: &Actor,
        reach: Reach,
        (review, case): (Option<&Review>, Option<&Case>),
    ) -> Reason {
        if matches!(reach, Reach::Mediation(_)) || !self.sees(actor) {
            return Reason::NotFound;
        }
        let of_case = case.map(|case| &*case.department);
        let cases = self.file.cases.iter();
        let concerned: Vec<&str> = match reach {
            Reach::Window | Reach::Applicant | Reach::Mediation(_) => Vec::new(),
            Reach::Review => review
                .map(|review| &*review.department)
                .into_iter()
                .collect(),
            Reach::Department | Reach::WindowOrDepartment | Reach::DepartmentOrLead => {
                of_case.into_iter().collect()
            }
            Reach::Lead | Reach::Sender => self.lead().into_iter().collect(),
            Reach::Mediator => self.lead().or(of_case).into_iter().collect(),
            Reach::Convener => match self.lead() {
                Some(lead) => vec![lead],
                None => cases.map(|case| &*case.department).collect(),
            },
            Reach::Called(id) => {
                let called = self.visits.iter().filter(|visit| visit.id == id);
                let parts = called.flat_map(|visit| &visit.parts);
                parts.map(|part| &*part.department).collect()
            }
        };
        let own = actor.department.as_deref();
        let is_own = concerned.is_empty() || concerned.iter().any(|one| Some(*one) == own);
        match (is_own, reach, review) {
            (false, ..) => Reason::NotYours {
                departments: concerned.join(", "),
            },
            (true, Reach::Review, Some(review)) => Reason::WrongState {
                state: review.state.into(),
            },
            (true, ..) => Reason::Forbidden,
        }
    }

    /// Whether somebody of this centre sees the application.
    fn sees(&self, actor: &Actor) -> bool {
        let own = |department: &str| actor.department.as_deref() == Some(department);
        let application = &self.file.application;
        let handles = || self.file.cases.iter().any(|case| own(&case.department));
        let asked = || {
            self.file.reviews.iter().any(|review| {
                let still = review.state != ReviewState::Withdrawn;
                review.consultation.is_some() && still && own(&review.department)
            })
        };
        match actor.role {
            Role::CentreAdministrator | Role::Supervisor => true,
            Role::SystemAdministrator => false,
            Role::Applicant => {
                let applicant = self.applicant.as_ref();
                applicant.is_some_and(|applicant| applicant.account == actor.account)
            }
            Role::WindowClerk => {
                let is_unclaimed =
                    application.channel == Channel::Online && application.window.is_none();
                application.window == actor.window || is_unclaimed
            }
            Role::Reviewer => handles() || asked(),
            Role::LeadCoordinator => handles() || asked() || self.lead().is_some_and(own),
            Role::Decider => {
                let named = || {
                    let mut levels = self.mediations.iter().flat_map(|one| &one.levels);
                    levels.any(|reached| {
                        let named = reached.department.as_deref();
                        reached.level == MediationLevel::NamedDepartment && named.is_some_and(own)
                    })
                };
                handles() || asked() || named()
            }
        }
    }
}
