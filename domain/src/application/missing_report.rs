//! The one correction notice of a joint application: who misses something says so within the check days, and it is told
//! once. What somebody wants beyond that is refused, and raises a card.

use chrono::NaiveDate;

use super::{ApplicationState, Correction, Entry, File, Moment, Rules, When};
use crate::case::Case;
use crate::clock::{Clock, ClockKind, Limit};
use crate::event::{EventKind, Happening};
use crate::ids::CaseId;
use crate::missing::{MissingPoint, MissingReport, ReportState, Reports, merged};
use crate::rejected::{Reason, Rejected};
use crate::supervision::{Occurrence, beyond_notice};

/// What becomes of a report, or of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wished {
    /// It was done.
    Done(Vec<Happening>),
    /// It had been said already.
    Unchanged,
    /// It is refused, and it wants what nobody may want any more. That is on record even so.
    Unlawful {
        /// Why it is refused.
        refusal: Rejected,
        /// What the rules of supervision raise, if the rule is on.
        raises: Option<Occurrence>,
    },
}

/// The one notice, as somebody sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What the sender names.
    pub points: Vec<MissingPoint>,
    /// Whether it takes in what the departments reported. Otherwise it is written by hand, and there is nothing to take in.
    pub merges: bool,
    /// The working days for the supplement; those of the convention if absent.
    pub days: Option<u32>,
    /// The lead department, if it is the one that sends; `None` for the window.
    pub lead: Option<String>,
}

impl File {
    /// What a department misses for its case, in place of what it reported before; no points where nothing is missing.
    ///
    /// Before the notice, and within the check days, it names what it wants. After these days it may only take back; after
    /// the supplement it may only name points of the notice.
    ///
    /// # Errors
    /// `NotFound`; `AlreadyDecided` and `WrongState` for a case that has ended; `DeemedAccepted` and `WrongState` for a case
    /// of which nothing is missing, once the check is over.
    pub fn report_missing(
        &mut self,
        reports: &mut Reports,
        case: CaseId,
        points: Vec<MissingPoint>,
        at: Moment,
        rules: &dyn Rules,
    ) -> Result<Wished, Rejected> {
        let subject = self.case_mut(case)?.clone();
        if subject.state.has_ended() {
            return Err(subject.refusal().into());
        }
        let (round, due_on) = (self.report_round(), self.report_due(rules));
        let own = reports.of(case, round);
        let own = own.map(|report| report.points.clone());
        let is_open = self.application.state == ApplicationState::Received;
        let is_late = at.today > due_on;
        let may_name = |point: &MissingPoint| match (is_open, is_late, round) {
            (false, ..) => false,
            (true, true, _) => point.is_among(own.as_deref().unwrap_or_default()),
            (true, false, 1) => true,
            (true, false, _) => reports.is_noticed(point),
        };
        let beyond = points.iter().position(|point| !may_name(point));
        if let Some(at_point) = beyond {
            let refusal = if is_open && !is_late {
                let point = points[at_point].text.clone();
                Reason::PointNotInNotice { point }.at(&format!("points.{at_point}"))
            } else {
                let due = due_on.to_string();
                Reason::ReportTooLate { due }.at("points")
            };
            // Who repeats what the applicant was told wants nothing new; and whoever has days left when all is accepted without
            // them is told so, and did nothing wrong.
            let is_accepted = self.application.accepted_on.is_some();
            let is_in_time =
                is_accepted && !is_late && !self.course.has(EventKind::CorrectionNoticed);
            if is_in_time || points.iter().all(|point| reports.is_noticed(point)) {
                return Err(refusal);
            }
            let raises = self.beyond_notice(Some(&subject), None, at.today, rules);
            return Ok(Wished::Unlawful { refusal, raises });
        }
        self.expect_not_deemed()?;
        if own.as_ref() == Some(&points) {
            return Ok(Wished::Unchanged);
        }
        let report = MissingReport {
            case,
            round,
            department: subject.department.clone(),
            points,
            reported_at: at.now,
            due_on,
        };
        let happening = said(&report, &subject);
        reports.put(report);
        self.application.version += 1;
        self.case_mut(case)?.version += 1;
        Ok(Wished::Done(vec![happening]))
    }

    /// Tells the applicant once what is missing: what the sender names, and where it merges what all departments
    /// reported. Departments that said nothing in time miss nothing.
    ///
    /// # Errors
    /// What [`File::notice_correction`] refuses; `ReportsOutstanding` while departments may still report, and for a notice
    /// that leaves out what they reported `MissingReported`.
    pub fn send_notice(
        &mut self,
        reports: &mut Reports,
        notice: Notice,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Wished, Rejected> {
        let points = if notice.merges {
            let round = self.report_round();
            let reported = self
                .open_cases()
                .filter_map(|case| reports.of(case.id, round));
            let mut reported: Vec<&MissingReport> = reported.collect();
            reported.sort_by_key(|report| report.reported_at);
            let reported = reported
                .into_iter()
                .flat_map(|report| report.points.clone());
            merged(reported.chain(notice.points))
        } else {
            notice.points
        };
        let correction = Correction {
            points: points.len(),
            days: notice.days,
        };
        let refusal = match self.notice_once(&correction, notice.merges, when, rules) {
            Ok(happenings) => {
                reports.noticed = Some(points);
                return Ok(Wished::Done(happenings));
            }
            Err(refusal) => refusal,
        };
        let before_acceptance = matches!(
            self.application.state,
            ApplicationState::Received | ApplicationState::Correction
        );
        let wants_more = points.iter().any(|point| !reports.is_noticed(point));
        if reports.noticed.is_none() || !before_acceptance || !wants_more {
            return Err(refusal);
        }
        let raises = self.beyond_notice(None, notice.lead, when.at.today, rules);
        Ok(Wished::Unlawful { refusal, raises })
    }

    fn notice_once(
        &mut self,
        correction: &Correction,
        merges: bool,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Vec<Happening>, Rejected> {
        let is_first = !self.course.has(EventKind::CorrectionNoticed);
        if is_first && self.application.state == ApplicationState::Received {
            let outstanding = self.unreported(when.on, rules);
            // A notice by hand would take from the departments what they may still say; where nobody leads, the window knows
            // best.
            // On the last day of the check it cannot wait any longer: on the next one all of it counts as accepted.
            let may_wait = !self.is_last_of_check(when.at.today, rules);
            if (merges || self.is_checked_together(rules)) && may_wait && !outstanding.is_empty() {
                let departments = outstanding.join(", ");
                return Err(Reason::ReportsOutstanding { departments }.into());
            }
            if !merges {
                self.expect_nothing_missing()?;
            }
        }
        self.notice_correction(correction, when, rules)
    }

    fn is_last_of_check(&self, today: NaiveDate, rules: &dyn Rules) -> bool {
        let check = self.open_clock(None, ClockKind::AcceptanceCheck, rules);
        let due_on = check.and_then(|check| check.due_on());
        due_on.is_some_and(|due_on| today >= due_on)
    }

    /// The last day on which departments report: so many working days from the receipt, or from the supplement, and never
    /// after the acceptance check.
    pub fn report_due(&self, rules: &dyn Rules) -> NaiveDate {
        let from = self.complete_on();
        let known_from = self.brought_in().map_or(from, |entry| entry.entered_on);
        let days = rules.conventions().component_check_days;
        let check = self.acceptance_check(rules);
        let days = check.map_or(days, |check| days.min(check.n));
        let clock = Clock::new(from, Limit::workdays(days));
        let calendar = rules.calendar_of(None, &clock, known_from);
        clock.due_on(&calendar).unwrap_or(from)
    }

    /// The day as of which the last of the material counts: of the supplement, or else of the receipt.
    pub(super) fn complete_on(&self) -> NaiveDate {
        let received_on = self.application.received_on;
        self.brought_in().map_or(received_on, Entry::counts_on)
    }

    fn brought_in(&self) -> Option<&Entry> {
        let of = |kind: EventKind| self.course.all(kind).next_back();
        of(EventKind::Supplemented).or_else(|| of(EventKind::ApplicationReceived))
    }

    /// In which round departments report: 1 before the notice, 2 after the supplement.
    pub fn report_round(&self) -> u32 {
        let supplements = self.course.all(EventKind::Supplemented).count();
        u32::try_from(supplements).unwrap_or(0).saturating_add(1)
    }

    /// What the department of a case has said in this round; `None` where there is nothing to say any more, and nothing was
    /// said.
    pub fn report_state(
        &self,
        case: &Case,
        today: NaiveDate,
        rules: &dyn Rules,
    ) -> Option<ReportState> {
        let said = self.reported(case.id);
        if said.is_some() || self.application.accepted_on.is_some() || case.state.has_ended() {
            return said;
        }
        let may_speak =
            self.application.state == ApplicationState::Received && today <= self.report_due(rules);
        Some(if may_speak {
            ReportState::Awaited
        } else {
            ReportState::Silent
        })
    }

    /// Whether several departments check what is open, and one of them leads.
    pub(super) fn is_checked_together(&self, rules: &dyn Rules) -> bool {
        rules.bundle().is_some() && departments(self.open_cases()).len() > 1
    }

    /// Codes of the departments that have said nothing of a case and still may, each once.
    pub fn unreported(&self, on: NaiveDate, rules: &dyn Rules) -> Vec<String> {
        let silent = |case: &Case| self.report_state(case, on, rules) == Some(ReportState::Awaited);
        departments(self.cases.iter().filter(|case| silent(case)))
    }

    /// Nothing that a department misses is left: it was told, or the department has taken it back.
    ///
    /// # Errors
    /// `MissingReported` names the departments.
    pub(super) fn expect_nothing_missing(&self) -> Result<(), Rejected> {
        let missing = self.cases.iter().filter(|case| {
            !case.state.has_ended() && self.reported(case.id) == Some(ReportState::Missing)
        });
        let departments = departments(missing);
        if departments.is_empty() {
            return Ok(());
        }
        let departments = departments.join(", ");
        Err(Reason::MissingReported { departments }.into())
    }

    /// What was reported last on a case, since the last supplement.
    fn reported(&self, case: CaseId) -> Option<ReportState> {
        let since = self.course.0.iter().rev();
        let since = since.take_while(|entry| entry.kind != EventKind::Supplemented);
        since
            .filter(|entry| entry.case == Some(case))
            .find_map(|entry| match entry.kind {
                EventKind::MissingReported => Some(ReportState::Missing),
                EventKind::CompletenessReported => Some(ReportState::Complete),
                _ => None,
            })
    }

    fn beyond_notice(
        &self,
        case: Option<&Case>,
        lead: Option<String>,
        on: NaiveDate,
        rules: &dyn Rules,
    ) -> Option<Occurrence> {
        let mut clocks = self.clocks_of_the_whole(rules).into_iter();
        let check = clocks.rfind(|clock| clock.running.kind == ClockKind::AcceptanceCheck)?;
        let of = case.map(|case| (case.id, case.department.clone()));
        let (case, department) = of.map_or((None, lead), |(id, own)| (Some(id), Some(own)));
        beyond_notice(&check, case, department, on, rules.thresholds())
    }
}

fn said(report: &MissingReport, case: &Case) -> Happening {
    let kind = match report.state() {
        ReportState::Complete => EventKind::CompletenessReported,
        _ => EventKind::MissingReported,
    };
    let happening = Happening {
        case: Some(case.id),
        department: Some(case.department.clone()),
        ..Happening::of_application(kind)
    };
    let happening = happening.with("item", case.item.clone());
    match report.points.len() {
        0 => happening,
        points => happening.with("points", points.to_string()),
    }
}

fn departments<'a>(cases: impl Iterator<Item = &'a Case>) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for case in cases {
        if !codes.contains(&case.department) {
            codes.push(case.department.clone());
        }
    }
    codes
}
