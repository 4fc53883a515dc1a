//! What time brings about by itself: acceptance by silence, a supplement that never came, a renewal by silence.

use chrono::NaiveDate;

use super::{Acceptance, AcceptanceKind, ApplicationState, File, Moment, Rules, When};
use crate::calendar::start_of;
use crate::case::{Case, CaseResult, Ending};
use crate::clock::{ClockKind, Unsupplemented};
use crate::event::Happening;
use crate::ids::{CaseId, ReviewId};
use crate::item::SpecialProcedureKind;
use crate::mediation::Standing;
use crate::rejected::Rejected;

/// What lapsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lapsed {
    /// Accepted by silence, as of a day.
    DeemedAccepted {
        /// The day of receipt, or of the supplement.
        accepted_on: NaiveDate,
        /// The day at whose beginning it was established.
        established_on: NaiveDate,
    },
    /// The supplement never came.
    NotSupplemented,
    /// The material that a conditional acceptance waited for never came: it is revoked for the cases that want it.
    AcceptanceRevoked,
    /// Nothing was left of what it waited for, and nobody had noted that.
    NothingMissing,
    /// A special procedure ended by itself at the notified maximum.
    ProcedureReturned {
        /// The case.
        case: CaseId,
        /// The procedure.
        kind: SpecialProcedureKind,
    },
    /// A licence was renewed by silence.
    Renewed {
        /// The case.
        case: CaseId,
    },
    /// The silence of its department let a case pass.
    TacitPassed {
        /// The case.
        case: CaseId,
    },
    /// Silence counts as the opinion that was asked for.
    OpinionTacit {
        /// The review of the department that said nothing.
        review: ReviewId,
    },
    /// A level let its days for a mediation pass; it stands higher now.
    MediationClimbed(Standing),
}

/// What has passed while the departments are at work.
#[derive(Clone)]
enum Passed {
    /// The time for what a conditional acceptance waits for.
    Acceptance,
    /// The time of which the applicant was told.
    Procedure(CaseId, SpecialProcedureKind),
    /// The licence.
    Renewal(CaseId),
    /// The period for an opinion.
    Opinion(ReviewId),
    /// The period after which a component passes.
    Component(CaseId),
    /// The days of a level for a mediation.
    Level(Standing),
}

impl File {
    /// Brings about the next thing that time has brought, if there is one; to be asked again until there is none.
    ///
    /// Each is dated to its own day, however late it is written down, so an outage changes nothing but the time of
    /// entry.
    ///
    /// # Errors
    /// None that a sound file gives.
    pub fn lapse(
        &mut self,
        at: Moment,
        rules: &dyn Rules,
    ) -> Result<Option<(Lapsed, Vec<Happening>)>, Rejected> {
        match self.application.state {
            ApplicationState::Received => Ok(self.deem_accepted(at, rules)),
            ApplicationState::Correction => self.give_up_supplement(at, rules),
            ApplicationState::InReview => self.lapse_in_review(at, rules),
            ApplicationState::Concluded | ApplicationState::Closed => Ok(None),
        }
    }

    /// Whether time has brought something by a day that was not brought about yet.
    pub fn has_lapsed(&self, by: NaiveDate, rules: &dyn Rules) -> bool {
        let at = Moment {
            now: start_of(by),
            today: by,
        };
        let lapsed = self.clone().lapse(at, rules);
        lapsed.is_ok_and(|lapsed| lapsed.is_some())
    }

    /// Accepted as of the day of receipt at 00:00 after the last day of the check (行政许可法 第三十二条第一款第四项).
    fn deem_accepted(&mut self, at: Moment, rules: &dyn Rules) -> Option<(Lapsed, Vec<Happening>)> {
        // By the working days of the check itself, so that a notice that came after it has no say. A check that a correction
        // notice ended is over, whatever a later notice of the working days would make of it.
        let check = self.open_clock(None, ClockKind::AcceptanceCheck, rules)?;
        let deemed = check.running.deemed(&check.calendar, at.today)?;
        let acceptance = Acceptance {
            kind: AcceptanceKind::Deemed,
            established_on: Some(deemed.established_on),
            ..Acceptance::default()
        };
        let mut happenings = self.begin_review(deemed.accepted_on, &acceptance);
        // All that follows is established with it, and no sooner.
        for happening in happenings.iter_mut().skip(1) {
            let day = deemed.established_on.to_string();
            happening.detail.push(("establishedOn", day));
        }
        let lapsed = Lapsed::DeemedAccepted {
            accepted_on: deemed.accepted_on,
            established_on: deemed.established_on,
        };
        Some((lapsed, happenings))
    }

    fn give_up_supplement(
        &mut self,
        at: Moment,
        rules: &dyn Rules,
    ) -> Result<Option<(Lapsed, Vec<Happening>)>, Rejected> {
        let Some(on) = self.lapsed_on(ClockKind::Supplement, at, rules) else {
            return Ok(None);
        };
        let (result, reasons) = match rules.conventions().unsupplemented {
            Unsupplemented::Withdrawn => (CaseResult::NotSupplemented, None),
            Unsupplemented::Refused => (
                CaseResult::Refused,
                Some("申请人在补正期限内未补正材料。".to_owned()),
            ),
        };
        let open: Vec<CaseId> = self.open_cases().map(|case| case.id).collect();
        let happenings = self.end_by_law(&open, (result, reasons), When { at, on })?;
        Ok(Some((Lapsed::NotSupplemented, happenings)))
    }

    /// What passed first comes first: an outage must not let a later lapse overtake an earlier one.
    fn lapse_in_review(
        &mut self,
        at: Moment,
        rules: &dyn Rules,
    ) -> Result<Option<(Lapsed, Vec<Happening>)>, Rejected> {
        if let Some(ended) = self.end_of_condition(rules) {
            return Ok(Some((Lapsed::NothingMissing, vec![ended])));
        }
        let mut passed: Vec<(NaiveDate, Passed)> = Vec::new();
        if let Some(on) = self.lapsed_on(ClockKind::ConditionalSupplement, at, rules) {
            passed.extend(on.pred_opt().map(|due| (due, Passed::Acceptance)));
        }
        passed.extend(self.procedures_to_return(rules));
        passed.extend(self.renewals(rules));
        let silences = self.silences(rules).into_iter();
        passed.extend(silences.map(|(due, review)| (due, Passed::Opinion(review))));
        let silent = self.silent_components(rules).into_iter();
        passed.extend(silent.map(|(due, case)| (due, Passed::Component(case))));
        let climbing = self.mediations_to_climb(rules).into_iter();
        passed.extend(climbing.map(|(due, standing)| (due, Passed::Level(standing))));
        passed.retain(|(due, _)| *due < at.today);
        let Some((due, what)) = passed.into_iter().min_by_key(|(due, _)| *due) else {
            return Ok(None);
        };
        let on = due.succ_opt().unwrap_or(due);
        Ok(Some(match what {
            Passed::Acceptance => {
                let wanting = self.waiting_in_vain(rules);
                let revoked = (CaseResult::AcceptanceRevoked, None);
                let happenings = self.end_by_law(&wanting, revoked, When { at, on })?;
                (Lapsed::AcceptanceRevoked, happenings)
            }
            Passed::Procedure(case, kind) => {
                let happenings = self.end_procedure(case, kind, When { at, on: due })?;
                (Lapsed::ProcedureReturned { case, kind }, happenings)
            }
            Passed::Renewal(case) => {
                let renewed = (CaseResult::Renewed, None);
                let happenings = self.end_by_law(&[case], renewed, When { at, on })?;
                (Lapsed::Renewed { case }, happenings)
            }
            Passed::Component(case) => {
                let passed = (CaseResult::TacitPassed, None);
                let happenings = self.end_by_law(&[case], passed, When { at, on })?;
                (Lapsed::TacitPassed { case }, happenings)
            }
            Passed::Opinion(review) => {
                let happenings = self.pass_in_silence(review, on)?;
                (Lapsed::OpinionTacit { review }, happenings)
            }
            Passed::Level(standing) => {
                let Some((standing, happenings)) = Self::climb_by_time(standing, on, rules) else {
                    return Ok(None);
                };
                (Lapsed::MediationClimbed(standing), happenings)
            }
        }))
    }

    /// The open procedures with the last day of which the applicant was told; they end by themselves only where the
    /// convention says that a procedure excludes no more than was notified.
    fn procedures_to_return(&self, rules: &dyn Rules) -> Vec<(NaiveDate, Passed)> {
        if !rules.conventions().cap_exclusion_at_notified_duration {
            return Vec::new();
        }
        let of_case = |case: &Case| {
            let clocks = self.clocks_of(case, rules);
            let open = self.course.open_procedures(case.id).into_iter();
            let due = open.filter_map(|(begun, kind)| {
                let number: u32 = begun.procedure().parse().ok()?;
                let special = clocks.iter().find(|clock| {
                    clock.running.kind == ClockKind::Special && clock.running.ordinal == number
                })?;
                let due = special.running.told_through(&special.calendar)?;
                Some((due, Passed::Procedure(case.id, kind)))
            });
            due.collect::<Vec<_>>()
        };
        let under_way = self.cases.iter().filter(|case| case.state.is_under_way());
        under_way.flat_map(of_case).collect()
    }

    /// Silence until the licence expires renews it (行政许可法 第五十条第二款).
    fn renewals(&self, rules: &dyn Rules) -> Vec<(NaiveDate, Passed)> {
        let under_way = self.cases.iter().filter(|case| case.state.is_under_way());
        let due = under_way.filter_map(|case| {
            let due = self
                .open_clock(Some(case), ClockKind::RenewalDecide, rules)?
                .due_on()?;
            Some((due, Passed::Renewal(case.id)))
        });
        due.collect()
    }

    /// The day after the due date of an open clock of the whole, if that has come.
    fn lapsed_on(&self, kind: ClockKind, at: Moment, rules: &dyn Rules) -> Option<NaiveDate> {
        let running = self.open_clock(None, kind, rules)?;
        let due = running.due_on()?;
        due.succ_opt().filter(|on| *on <= at.today)
    }

    fn end_by_law(
        &mut self,
        cases: &[CaseId],
        (result, reasons): (CaseResult, Option<String>),
        when: When,
    ) -> Result<Vec<Happening>, Rejected> {
        let ending = Ending {
            result,
            reasons,
            by: None,
            at: when.at.now,
            on: when.on,
        };
        self.end_all(cases, &ending, when)
    }
}
