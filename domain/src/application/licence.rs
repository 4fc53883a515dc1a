//! What becomes of licences after they were granted: the comprehensive permit that shows them together, and their end.
//!
//! A comprehensive permit (综合许可) is a sheet over licences of which each stays its department's own: the legal relation of
//! none is changed by it. It is issued with the delivery, and anew, without the licence, when one of them ends or turns
//! out void.

use chrono::NaiveDate;

use super::{ApplicationState, Course, File, Rules, When};
use crate::case::{Case, CaseResult};
use crate::code::Code as _;
use crate::coded;
use crate::event::{EventKind, Happening};
use crate::ids::CaseId;
use crate::rejected::{Reason, Rejected};

coded! {
    /// Why a licence is no more.
    pub enum LicenceEndKind {
        /// 届满: its time is over, and it was not renewed (行政许可法 第七十条第一项).
        Expired = "EXPIRED",
        /// 注销: its holder has died, was dissolved, or gives it up (行政许可法 第七十条).
        Deregistered = "DEREGISTERED",
        /// 撤回: law or circumstances have changed (行政许可法 第八条).
        Withdrawn = "WITHDRAWN",
        /// 撤销: it should not have been granted (行政许可法 第六十九条).
        Revoked = "REVOKED",
        /// 吊销: taken away as a penalty.
        Forfeited = "FORFEITED",
    }
}

impl Course {
    /// How and when the licence of a case ended; `None` while it stands, or where there is none.
    pub fn licence_end(&self, case: CaseId) -> Option<(LicenceEndKind, NaiveDate)> {
        let last = self.of_case(case, EventKind::LicenceEnded).last()?;
        Some((LicenceEndKind::from_code(last.word("how"))?, last.on))
    }
}

impl File {
    /// Records that a licence is no more. What was decided stays decided.
    ///
    /// # Errors
    /// `NotALicence` unless the case was granted by a decision; `LicenceEnded`; `ActOutOfOrder` for a day before the grant.
    pub fn end_licence(
        &mut self,
        case: CaseId,
        how: LicenceEndKind,
        when: When,
    ) -> Result<Vec<Happening>, Rejected> {
        let ended = self.course.licence_end(case);
        let subject = self.case_mut(case)?;
        if !is_licence(subject) {
            return Err(Reason::NotALicence.into());
        }
        if let Some((_, on)) = ended {
            return Err(Reason::LicenceEnded { on: on.to_string() }.into());
        }
        let granted_on = subject.ending.as_ref().map(|ending| ending.on);
        if let Some(after) = granted_on.filter(|granted_on| when.on < *granted_on) {
            let after = after.to_string();
            return Err(Reason::ActOutOfOrder { after }.at("happenedOn"));
        }
        subject.version += 1;
        let told = subject.happening(EventKind::LicenceEnded);
        Ok(vec![told.with("how", how.code()).dated(when.on)])
    }

    /// The licences that stand, in the order of the cases.
    pub fn licences(&self) -> Vec<&Case> {
        let cases = self.cases.iter();
        cases
            .filter(|case| is_licence(case) && self.course.licence_end(case.id).is_none())
            .collect()
    }

    /// Issues the comprehensive permit where the bundle has one: first with the delivery, anew whenever the licences on it
    /// are others. Nothing where it is issued and says what is.
    pub fn issue_permit(&mut self, when: When, rules: &dyn Rules) -> Vec<Happening> {
        let has_one = rules
            .bundle()
            .is_some_and(|bundle| bundle.comprehensive_permit);
        let items: Vec<&str> = self
            .licences()
            .iter()
            .map(|case| case.item.as_str())
            .collect();
        let items = items.join(" ");
        let last = self.course.all(EventKind::PermitIssued).next_back();
        let shown = last.map(|entry| entry.word("items").to_owned());
        // Before the delivery there is none to be replaced.
        let is_first = shown.is_none() && !items.is_empty() && self.was_delivered();
        let is_other = shown.is_some_and(|shown| shown != items);
        if !has_one || !(is_first || is_other) {
            return Vec::new();
        }
        self.application.version += 1;
        let issued = Happening::of_application(EventKind::PermitIssued).with("items", items);
        vec![issued.dated(when.on)]
    }

    /// Whether all results were handed over, at once or one after the other.
    fn was_delivered(&self) -> bool {
        let is_closed = self.application.state == ApplicationState::Closed;
        self.course.has(EventKind::ResultsDelivered)
            || (is_closed && self.course.has(EventKind::CaseDelivered))
    }
}

/// Whether a case ended with a licence. Silence makes none: its paper is the department's own.
fn is_licence(case: &Case) -> bool {
    let result = case.ending.as_ref().map(|ending| ending.result);
    matches!(result, Some(CaseResult::Granted | CaseResult::Renewed))
}
