//! An application as it stood, and as it was known, at an instant of the past: folded from its events.

use chrono::{DateTime, Utc};

use super::{
    Application, ApplicationOutcome, ApplicationState, Course, Entry, File, FileClock, Rules,
};
use crate::calendar::local_date;
use crate::case::{Case, CaseDates, CaseResult, CaseState, Ending};
use crate::clock::LampDates;
use crate::code::Code as _;
use crate::event::EventKind;

impl File {
    /// The file as it was known at an instant, with its clocks; `None` before it was received. `rules` are those of
    /// that instant: the calendar as it was adopted then.
    ///
    /// What was entered later is not in it, whenever it happened. Reviews are not folded.
    pub fn as_known_at(
        &self,
        instant: DateTime<Utc>,
        rules: &dyn Rules,
    ) -> Option<(Self, Vec<FileClock>)> {
        let course = self.course.until(instant);
        if !course.has(EventKind::ApplicationReceived) {
            return None;
        }
        let mut file = self.folded(course);
        let clocks = file.wind(rules, local_date(instant));
        Some((file, clocks))
    }

    /// The file that these events make.
    pub(super) fn folded(&self, course: Course) -> Self {
        let mut file = Self {
            application: Application {
                state: ApplicationState::Received,
                outcome: None,
                accepted_on: None,
                joint: LampDates::default(),
                eventful: false,
                concluded_at: None,
                closed_at: None,
                ..self.application.clone()
            },
            cases: self.cases.iter().map(as_received).collect(),
            reviews: Vec::new(),
            course: Course::default(),
        };
        for entry in course.0 {
            file.fold(&entry);
            file.course.0.push(entry);
        }
        for case in &mut file.cases {
            let reopened = file.course.of_case(case.id, EventKind::CaseReopened);
            case.former.truncate(reopened.count());
        }
        file
    }

    fn fold(&mut self, entry: &Entry) {
        let application = &mut self.application;
        match entry.kind {
            EventKind::CorrectionNoticed => {
                application.state = ApplicationState::Correction;
                self.set_open(CaseState::Correction);
            }
            EventKind::Supplemented => {
                application.state = ApplicationState::Received;
                self.set_open(CaseState::Received);
            }
            EventKind::ApplicationAccepted => {
                application.state = ApplicationState::InReview;
                application.accepted_on = Some(entry.on);
                self.set_open(CaseState::AwaitingPredecessor);
            }
            EventKind::ApplicationConcluded => {
                application.state = ApplicationState::Concluded;
                application.outcome = ApplicationOutcome::from_code(entry.word("outcome"));
                application.concluded_at = Some(entry.entered_at);
            }
            EventKind::ApplicationReopened => application.go_on(),
            EventKind::ApplicationClosed => {
                application.state = ApplicationState::Closed;
                application.closed_at = Some(entry.entered_at);
                self.cases.iter_mut().for_each(Case::close);
            }
            _ => self.fold_case(entry),
        }
    }

    fn fold_case(&mut self, entry: &Entry) {
        let Some(at) = self
            .cases
            .iter()
            .position(|case| Some(case.id) == entry.case)
        else {
            return;
        };
        let id = self.cases[at].id;
        let has_opinion = || self.course.is_examined(id);
        let is_suspended = self.cases[at].state == CaseState::Suspended;
        // The procedure that this entry ends is still open in what was folded so far.
        let is_last = || self.course.open_procedures(id).len() <= 1;
        let state = match entry.kind {
            EventKind::CaseReopened | EventKind::CaseRestored => {
                let state = if entry.kind == EventKind::CaseReopened {
                    CaseState::InReview
                } else {
                    CaseState::AwaitingPredecessor
                };
                let _told = self.cases[at].go_on(state, entry.kind);
                return;
            }
            EventKind::CaseDelivered => {
                self.cases[at].close();
                return;
            }
            _ if entry.is_of_examination() => match entry.kind {
                EventKind::OpinionGiven => CaseState::Deciding,
                _ if is_suspended => CaseState::Suspended,
                _ => CaseState::InReview,
            },
            EventKind::SpecialProcedureBegun => CaseState::Suspended,
            EventKind::SpecialProcedureEnded if !is_last() => CaseState::Suspended,
            EventKind::SpecialProcedureEnded if has_opinion() => CaseState::Deciding,
            EventKind::CaseStarted | EventKind::SpecialProcedureEnded => CaseState::InReview,
            _ => {
                if let Some(ending) = ending(entry) {
                    // Only the event tells; what ended again, as a void record does, is what it became last.
                    let _told = self.cases[at].end(ending);
                    self.tell_outcome_anew();
                }
                return;
            }
        };
        let case = &mut self.cases[at];
        case.state = state;
        if entry.kind == EventKind::CaseStarted {
            case.dates = Some(CaseDates::starting(entry.counts_on()));
        }
    }

    fn set_open(&mut self, state: CaseState) {
        let open = self.cases.iter_mut();
        for case in open.filter(|case| !case.state.has_ended()) {
            case.state = state;
        }
    }
}

fn as_received(case: &Case) -> Case {
    Case {
        state: CaseState::Received,
        dates: None,
        ending: None,
        accepted_seq: None,
        ..case.clone()
    }
}

/// How a case ended by an event. Events from before there were several ways to withdraw name no result.
fn ending(entry: &Entry) -> Option<Ending> {
    let usual = match entry.kind {
        EventKind::CaseGranted => CaseResult::Granted,
        EventKind::CaseRefused => CaseResult::Refused,
        EventKind::CaseTerminated => CaseResult::Terminated,
        EventKind::CaseNotRequired => CaseResult::NotRequired,
        EventKind::CaseNotCompetent => CaseResult::NotCompetent,
        EventKind::CaseWithdrawn => CaseResult::Withdrawn,
        EventKind::CaseAcceptanceRevoked => CaseResult::AcceptanceRevoked,
        EventKind::CaseVoided => CaseResult::Void,
        EventKind::CaseRenewed => CaseResult::Renewed,
        EventKind::CaseTacitPassed => CaseResult::TacitPassed,
        _ => return None,
    };
    Some(Ending {
        result: CaseResult::from_code(entry.word("result")).unwrap_or(usual),
        reasons: None,
        by: entry.by,
        at: entry.entered_at,
        on: entry.on,
    })
}
