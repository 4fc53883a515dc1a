//! Who does what, mostly.

use lianshen_domain::case::Case;
use lianshen_domain::ids::{MediationId, VisitId};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;

use super::{Life, account};
use crate::support::deed::{AtVisit, Deed, InMediation, Reach};

impl Life<'_> {
    /// Whose business it is, mostly.
    pub(super) fn somebody(&mut self, deed: &Deed) -> String {
        if self.dice.random_bool(0.1) {
            let anybody = [
                "clerk",
                "clerk-2",
                "applicant",
                "supervisor",
                "administrator",
                "reviewer-cgj",
                "decider-xfd",
                "lead-sjj",
            ];
            return (*anybody.choose(&mut self.dice).unwrap()).to_owned();
        }
        let second = if self.dice.random_bool(0.2) { "-2" } else { "" };
        let review = deed.review().and_then(|id| self.shadow.review(id)).cloned();
        let case = deed.case().or(review.as_ref().map(|review| review.case));
        let case = case.and_then(|id| self.shadow.case(id)).cloned();
        let department = case.map_or_else(|| self.any_department(), |case| case.department);
        let of = |role: &str, department: &str| format!("{}{second}", account(role, department));
        let role = match deed {
            Deed::Decide(..)
            | Deed::Reopen(_)
            | Deed::Return(_)
            | Deed::Extend(..)
            | Deed::Terminate(_)
            | Deed::IssuePaper(_) => "decider",
            Deed::AskVoid(_)
            | Deed::ConfirmVoid(_)
            | Deed::Begin(..)
            | Deed::End(..)
            | Deed::Assign(..)
                if self.dice.random_bool(0.5) =>
            {
                "decider"
            }
            _ => "reviewer",
        };
        let lead = self.shadow.lead().map(str::to_owned);
        match deed.right(None).1 {
            Reach::Window => self.clerk(),
            Reach::Applicant if self.shadow.is_online() && self.dice.random_bool(0.5) => {
                "applicant".to_owned()
            }
            Reach::Applicant => self.clerk(),
            Reach::WindowOrDepartment if role == "reviewer" => self.clerk(),
            Reach::Lead => of("lead", lead.as_deref().unwrap_or("SJJ")),
            Reach::Sender => lead.map_or(self.clerk(), |lead| of("lead", &lead)),
            Reach::Convener if self.dice.random_bool(0.3) => "administrator".to_owned(),
            Reach::Convener => match lead {
                Some(lead) => of("lead", &lead),
                None => of("reviewer", &department),
            },
            Reach::Mediator => match lead {
                Some(lead) => of("lead", &lead),
                None => of("decider", &department),
            },
            Reach::Called(visit) => of("reviewer", &self.one_called(visit, deed)),
            Reach::Mediation(mediation) => self.one_in_mediation(mediation, deed),
            Reach::Review => {
                let of_review = review.map_or(department, |review| review.department);
                of(role, &of_review)
            }
            Reach::Department | Reach::WindowOrDepartment | Reach::DepartmentOrLead => {
                of(role, &department)
            }
        }
    }

    /// Who sits at the window that has it.
    pub(super) fn clerk(&self) -> String {
        let window = self.shadow.file.application.window.as_deref();
        let clerk = if window == Some("A02") {
            "clerk-2"
        } else {
            "clerk"
        };
        clerk.to_owned()
    }

    /// The department of some case.
    fn any_department(&mut self) -> String {
        let cases = &self.shadow.file.cases;
        let case: &Case = cases.choose(&mut self.dice).expect("there is one");
        case.department.clone()
    }

    /// A department that was called to a visit: the one whose review or defect it is about.
    fn one_called(&mut self, id: VisitId, deed: &Deed) -> String {
        let mut visits = self.shadow.visits.iter();
        let visit = visits.find(|visit| visit.id == id).expect("it was called");
        let concerned = match deed {
            Deed::AtVisit(_, AtVisit::Conclude(Some((review, _)))) => self
                .shadow
                .review(*review)
                .map(|review| review.department.clone()),
            Deed::AtVisit(_, AtVisit::Mend(number)) => {
                let mut defects = visit.defects.iter();
                let found = defects.find(|defect| defect.number == *number);
                found.and_then(|defect| defect.departments.choose(&mut self.dice).cloned())
            }
            _ => None,
        };
        let any = visit.parts.choose(&mut self.dice).expect("there are two");
        concerned.unwrap_or_else(|| any.department.clone())
    }

    /// One of the two departments, or who holds the mediation.
    fn one_in_mediation(&mut self, id: MediationId, deed: &Deed) -> String {
        let mut all = self.shadow.mediations.iter();
        let mediation = all.find(|one| one.id == id).expect("it was opened").clone();
        if let Deed::InMediation(_, InMediation::TakePosition(_)) = deed {
            let party = mediation
                .parties
                .choose(&mut self.dice)
                .expect("there are two");
            let role = *["reviewer", "decider"].choose(&mut self.dice).unwrap();
            return account(role, &party.department);
        }
        self.holder_of(&mediation)
    }
}
