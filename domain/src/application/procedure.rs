//! The acts that move the clocks of a case: special procedures, extensions, material asked for after acceptance.

use chrono::NaiveDate;

use super::correction::{LONGEST, expect_days, naming};
use super::when::expect_after;
use super::{ApplicationState, File, FileClock, Rules, When, wrong_state};
use crate::case::{Case, CaseState};
use crate::clock::{ClockKind, Limit};
use crate::code::Code as _;
use crate::event::{EventKind, Happening};
use crate::ids::CaseId;
use crate::item::{Extension, ExtensionApprover, SpecialProcedureKind};
use crate::rejected::{Reason, Rejected};
use crate::review::ReviewState;

/// The word of the event that says so of a hearing.
pub(super) const OF_OWN_MOTION: &str = "ofOwnMotion";

/// A special procedure about to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begin {
    /// Which.
    pub kind: SpecialProcedureKind,
    /// How long it is expected to take, as the applicant is told in writing.
    pub expected: Limit,
    /// The day on which the written notice was delivered to the applicant.
    pub notice_delivered_on: NaiveDate,
    /// A hearing that the department holds of its own motion (依职权听证, 行政许可法 Art. 46), and not because somebody asked
    /// for it: nothing then says within which days it must be held.
    pub of_own_motion: bool,
}

/// An extension about to be approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extend {
    /// The days added, in the unit of the period.
    pub days: u32,
    /// Who approved it.
    pub approver: ExtensionApprover,
}

/// Material that is asked for after acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterialRequest {
    /// Codes of the materials.
    pub materials: Vec<String>,
}

impl File {
    /// Begins a special procedure (特别程序): the clocks stand still from this day (行政许可法 第四十五条).
    ///
    /// # Errors
    /// `ProcedureNotListed` unless the item lists it; `ProcedureNoticeLate` unless the applicant was told in writing by
    /// then, and not before the receipt (`ActBeforeReceipt`); `OwnMotionNoHearing`; `ProcedureOpen`; `PeriodPassed`; `ActOutOfOrder`; `WrongState`.
    pub fn begin_procedure(
        &mut self,
        case: CaseId,
        begin: Begin,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Vec<Happening>, Rejected> {
        let subject = self.under_way(case)?;
        let item = rules.item(subject).ok_or(Reason::NotFound)?;
        let kind = begin.kind;
        let published = item
            .special_procedures
            .iter()
            .find(|procedure| procedure.kind == kind);
        let Some(published) = published else {
            let (procedure, item) = (kind.into(), item.code.clone());
            return Err(Reason::ProcedureNotListed { procedure, item }.at("procedure"));
        };
        if begin.of_own_motion && kind != SpecialProcedureKind::Hearing {
            return Err(Reason::OwnMotionNoHearing.at("ofOwnMotion"));
        }
        expect_days(begin.expected.n, "expected.n")?;
        let received = self.application.received_on;
        if begin.notice_delivered_on < received {
            let received = received.to_string();
            return Err(Reason::ActBeforeReceipt { received }.at("noticeDeliveredOn"));
        }
        if begin.notice_delivered_on > when.on {
            let starts = when.on.to_string();
            return Err(Reason::ProcedureNoticeLate { starts }.at("noticeDeliveredOn"));
        }
        if self.open_procedure(case, kind).is_some() {
            let procedure = kind.into();
            return Err(Reason::ProcedureOpen { procedure }.at("procedure"));
        }
        self.expect_begun(subject, when.on)?;
        self.expect_not_passed(subject, when, rules, |due| Reason::PeriodPassed { due })?;

        let number = self
            .course
            .of_case(case, EventKind::SpecialProcedureBegun)
            .count()
            + 1;
        let basis = published.legal_basis.clone();
        let started = subject
            .happening(EventKind::SpecialProcedureBegun)
            .with("procedure", number.to_string())
            .with("reason", kind.code())
            .with("basis", basis)
            .with("noticeDeliveredOn", begin.notice_delivered_on.to_string());
        let started = if begin.of_own_motion {
            started.with(OF_OWN_MOTION, "true")
        } else {
            started
        };
        let started = naming(started, begin.expected).dated(when.on);
        self.set_state(case, CaseState::Suspended)?;
        Ok(vec![started])
    }

    /// Tells the applicant in writing that a special procedure takes longer; its expected time is counted from its start.
    ///
    /// A notice that comes after the notified time has passed is on record, and moves nothing any more.
    ///
    /// # Errors
    /// `ProcedureNotOpen`, `ActOutOfOrder`; `NumberOutOfRange` unless it is longer than what the applicant was told before.
    pub fn renotify_procedure(
        &mut self,
        case: CaseId,
        kind: SpecialProcedureKind,
        expected: Limit,
        when: When,
    ) -> Result<Vec<Happening>, Rejected> {
        expect_days(expected.n, "expected.n")?;
        let subject = self.under_way(case)?;
        let (number, begun_on) = self.expect_open(case, kind)?;
        expect_after(when.on, begun_on)?;
        let former = self.course.notified(case, &number);
        if let Some(former) = former.filter(|former| former.unit == expected.unit)
            && expected.n <= former.n
        {
            let (min, max) = (i64::from(former.n) + 1, i64::from(LONGEST));
            return Err(Reason::NumberOutOfRange { min, max }.at("expected.n"));
        }
        let told = subject
            .happening(EventKind::SpecialProcedureRenotified)
            .with("procedure", number)
            .with("reason", kind.code());
        let told = naming(told, expected).dated(when.on);
        self.case_mut(case)?.version += 1;
        Ok(vec![told])
    }

    /// Ends a special procedure with its result; the clocks run from the next day.
    ///
    /// # Errors
    /// `ProcedureNotOpen`, `ActOutOfOrder`.
    pub fn end_procedure(
        &mut self,
        case: CaseId,
        kind: SpecialProcedureKind,
        when: When,
    ) -> Result<Vec<Happening>, Rejected> {
        let subject = self.under_way(case)?;
        let (number, begun_on) = self.expect_open(case, kind)?;
        expect_after(when.on, begun_on)?;
        let ended = subject
            .happening(EventKind::SpecialProcedureEnded)
            .with("procedure", number)
            .with("reason", kind.code())
            .dated(when.on);
        let is_last = self.course.open_procedures(case).len() == 1;
        let state = if is_last {
            self.state_without_procedure(case)
        } else {
            CaseState::Suspended
        };
        self.set_state(case, state)?;
        Ok(vec![ended])
    }

    /// Extends the periods of a case, once (行政许可法 第四十二条第一款).
    ///
    /// # Errors
    /// `ExtensionNotAllowed`, `ExtensionTwice`, `ExtensionApprover`, `ExtensionTooLong`, `ExtensionLate`, `WrongState`.
    pub fn extend(
        &mut self,
        case: CaseId,
        extend: Extend,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Vec<Happening>, Rejected> {
        let subject = self.under_way(case)?;
        let item = rules.item(subject).ok_or(Reason::NotFound)?;
        let twice = self
            .course
            .of_case(case, EventKind::CaseExtended)
            .next()
            .is_some();
        // What an order gives is extended by nobody.
        let is_ordered = self.open_clock(Some(subject), ClockKind::Redecision, rules);
        let allowed = item.extension.filter(|_| is_ordered.is_none());
        check_extension(allowed, &item.code, extend, twice)?;
        self.expect_begun(subject, when.on)?;
        self.expect_not_passed(subject, when, rules, |due| Reason::ExtensionLate { due })?;
        let extended = subject
            .happening(EventKind::CaseExtended)
            .with("days", extend.days.to_string())
            .with("approver", extend.approver.code())
            .dated(when.on);
        self.case_mut(case)?.version += 1;
        Ok(vec![extended])
    }

    /// Extends the joint period, once (行政许可法 第四十二条第二款).
    ///
    /// # Errors
    /// As [`extend`](Self::extend).
    pub fn extend_joint(
        &mut self,
        extend: Extend,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Vec<Happening>, Rejected> {
        if self.application.state != ApplicationState::InReview {
            return Err(wrong_state(self.application.state));
        }
        let bundle = rules.bundle();
        // It ended with the last decision: what is decided anew on an order has the days of the order.
        let joint = self.open_clock(None, ClockKind::Joint, rules);
        let allowed = bundle
            .and_then(|bundle| bundle.joint_statutory)
            .and_then(|whole| whole.extension)
            .filter(|_| joint.is_some());
        let name = bundle.map_or("", |bundle| bundle.code.as_str());
        let twice = self.course.has(EventKind::ApplicationExtended);
        check_extension(allowed, name, extend, twice)?;
        self.expect_in_order(None, when.on)?;
        expect_running(joint, when, |due| Reason::ExtensionLate { due })?;
        self.application.version += 1;
        let extended = Happening::of_application(EventKind::ApplicationExtended)
            .with("days", extend.days.to_string())
            .with("approver", extend.approver.code())
            .dated(when.on);
        Ok(vec![extended])
    }

    /// Asks for material after acceptance, once. No statutory clock stops; the promise may.
    ///
    /// # Errors
    /// `MaterialAskedTwice`; `MaterialNotListed` for what the item does not list (行政许可法 第三十一条); `ActOutOfOrder`;
    /// `WrongState`.
    pub fn ask_material(
        &mut self,
        case: CaseId,
        request: &MaterialRequest,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Vec<Happening>, Rejected> {
        let subject = self.under_way(case)?;
        let item = rules.item(subject).ok_or(Reason::NotFound)?;
        if request.materials.is_empty() {
            return Err(Reason::CorrectionEmpty.at("materials"));
        }
        let unlisted = request
            .materials
            .iter()
            .position(|code| !item.materials.contains(code));
        if let Some(at) = unlisted {
            let material = request.materials[at].clone();
            return Err(Reason::MaterialNotListed { material }.at(&format!("materials.{at}")));
        }
        let asked = self.course.of_case(case, EventKind::MaterialAsked).next();
        if asked.is_some() {
            return Err(Reason::MaterialAskedTwice.into());
        }
        self.expect_begun(subject, when.on)?;
        let asking = subject
            .happening(EventKind::MaterialAsked)
            .with("materials", request.materials.join(","))
            .dated(when.on);
        self.case_mut(case)?.version += 1;
        Ok(vec![asking])
    }

    /// Takes the material that was asked for.
    ///
    /// # Errors
    /// `MaterialNotAsked`, `ActOutOfOrder`, `WrongState`.
    pub fn receive_material(
        &mut self,
        case: CaseId,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Vec<Happening>, Rejected> {
        let subject = self.under_way(case)?;
        let asked = self
            .course
            .of_case(case, EventKind::MaterialAsked)
            .next_back();
        let asked_on = asked.filter(|_| self.course.awaits_material(case));
        let asked_on = asked_on
            .map(|asked| asked.on)
            .ok_or(Reason::MaterialNotAsked)?;
        expect_after(when.on, asked_on)?;
        let received = subject.happening(EventKind::MaterialReceived);
        self.case_mut(case)?.version += 1;
        Ok(vec![when.brought_in(received, rules)])
    }

    /// A case whose clocks run or stand still.
    pub(super) fn under_way(&self, case: CaseId) -> Result<&Case, Rejected> {
        let found = self.cases.iter().find(|found| found.id == case);
        let found = found.ok_or(Reason::NotFound)?;
        if found.state.is_under_way() {
            Ok(found)
        } else {
            Err(found.refusal().into())
        }
    }

    fn open_procedure(
        &self,
        case: CaseId,
        kind: SpecialProcedureKind,
    ) -> Option<(String, NaiveDate)> {
        let open = self.course.open_procedures(case).into_iter();
        let mut of_kind = open.filter(|(_, other)| *other == kind);
        of_kind
            .next()
            .map(|(begun, _)| (begun.procedure().to_owned(), begun.on))
    }

    fn expect_open(
        &self,
        case: CaseId,
        kind: SpecialProcedureKind,
    ) -> Result<(String, NaiveDate), Rejected> {
        self.open_procedure(case, kind)
            .ok_or_else(|| Reason::ProcedureNotOpen.at("procedure"))
    }

    /// Where a case goes on when nothing suspends it any more.
    fn state_without_procedure(&self, case: CaseId) -> CaseState {
        let examination = self.examination(case);
        if examination.is_some_and(|review| review.state == ReviewState::Given) {
            CaseState::Deciding
        } else {
            CaseState::InReview
        }
    }

    pub(super) fn set_state(&mut self, case: CaseId, state: CaseState) -> Result<(), Rejected> {
        let subject = self.case_mut(case)?;
        subject.state = state;
        subject.version += 1;
        Ok(())
    }

    /// The statutory period decides, or that of a new decision; the promise where there is none.
    fn expect_not_passed(
        &self,
        case: &Case,
        when: When,
        rules: &dyn Rules,
        reason: fn(String) -> Reason,
    ) -> Result<(), Rejected> {
        let statutory = self.open_clock(Some(case), ClockKind::Statutory, rules);
        let others = [ClockKind::Redecision, ClockKind::Promised];
        let clock = statutory.or_else(|| {
            let mut others = others.into_iter();
            others.find_map(|kind| self.open_clock(Some(case), kind, rules))
        });
        expect_running(clock, when, reason)
    }
}

/// A period that had ended by the day of the entry is moved by nothing.
fn expect_running(
    running: Option<FileClock>,
    when: When,
    reason: fn(String) -> Reason,
) -> Result<(), Rejected> {
    let due_on = running.and_then(|running| running.due_on());
    match due_on {
        Some(due) if due < when.at.today => Err(reason(due.to_string()).into()),
        _ => Ok(()),
    }
}

fn check_extension(
    allowed: Option<Extension>,
    name: &str,
    extend: Extend,
    twice: bool,
) -> Result<(), Rejected> {
    let Some(allowed) = allowed else {
        let item = name.to_owned();
        return Err(Reason::ExtensionNotAllowed { item }.into());
    };
    if twice {
        return Err(Reason::ExtensionTwice.into());
    }
    if extend.approver != allowed.approver {
        let approver = allowed.approver.into();
        return Err(Reason::ExtensionApprover { approver }.at("approvedBy"));
    }
    let max = allowed.limit.n.min(LONGEST);
    if extend.days == 0 || extend.days > max {
        return Err(Reason::ExtensionTooLong { max }.at("days"));
    }
    Ok(())
}
