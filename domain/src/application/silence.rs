//! The silence of the department that handles a case, where the bundle lets the component pass by it (默许), and the paper
//! that it owes then. Nothing is ever signed by it, and the program makes no certificate of it.

use chrono::NaiveDate;

use super::{File, FileClock, Rules, When};
use crate::case::{Case, CaseResult, CaseState};
use crate::clock::{Act, ActKind, ClockKind, Limit, Running, Terms, run};
use crate::event::{EventKind, Happening};
use crate::ids::CaseId;
use crate::rejected::{Reason, Rejected};

/// Whoever does this is not silent; what the lead asks others about a component is not said by its department.
const SPEAKING: &[EventKind] = &[
    EventKind::OpinionAsked,
    EventKind::SpecialProcedureBegun,
    EventKind::MaterialAsked,
    EventKind::CaseExtended,
];

impl File {
    /// The period at whose end the silence of its department lets a case pass; of number 0, before the opinions that the case
    /// asks of others. Whatever the department says or does stops it for good.
    pub(super) fn component_clock(&self, case: &Case, rules: &dyn Rules) -> Option<FileClock> {
        let bundle = rules.bundle()?;
        if !bundle.lets_component_pass(&case.item) || rules.item(case)?.hearing_required {
            return None;
        }
        let limit = Limit::workdays(bundle.opinion_days(&case.item)?);
        let mut acts: Vec<Act> = Vec::new();
        let mut stop = None;
        for (place, entry) in self.course.0.iter().enumerate() {
            if entry.case != Some(case.id) {
                continue;
            }
            let so_far = acts.len();
            let examined = entry.kind == EventKind::OpinionGiven && entry.is_of_examination();
            match entry.kind {
                EventKind::CaseStarted => acts.push(entry.passed_on(Some(limit))),
                kind if examined || SPEAKING.contains(&kind) && entry.is_by(&case.department) => {
                    acts.push(entry.act(ActKind::Opinion));
                }
                // One that ended before it began may have come back.
                _ if entry.ends_case() && so_far > 0 => {
                    acts.push(entry.act(ActKind::Terminated));
                }
                _ => {}
            }
            if so_far > 0 && acts.len() > so_far {
                stop.get_or_insert(place);
            }
        }
        let department = Some(case.department.as_str());
        let calendar = rules.calendar(department);
        let terms = Terms::new(rules.conventions().clone());
        let suspended = self.pauses_until(case, stop, rules);
        let running = run(ClockKind::Opinion, &acts, &terms, &suspended, calendar);
        let running = running.into_iter().next()?;
        let running = Running {
            ordinal: 0,
            ..running
        };
        Some(FileClock {
            grave: true,
            ..FileClock::made_by(&acts, running, (Some(case.id), department), rules)
        })
    }

    /// The cases whose departments said nothing, with the last days of their periods.
    pub(super) fn silent_components(&self, rules: &dyn Rules) -> Vec<(NaiveDate, CaseId)> {
        let in_review = self.cases.iter();
        in_review
            .filter(|case| case.state == CaseState::InReview)
            .filter_map(|case| {
                let clock = self.component_clock(case, rules)?;
                let open = clock.running.stopped_by.is_none();
                Some((clock.due_on().filter(|_| open)?, case.id))
            })
            .collect()
    }

    /// Issues the paper that a department owes since its silence let a case pass (补发文书).
    ///
    /// # Errors
    /// `PaperNotOwed`, also when it was issued; `ActOutOfOrder`.
    pub fn issue_paper(&mut self, case: CaseId, when: When) -> Result<Vec<Happening>, Rejected> {
        let owed = self.papers_owed().any(|known| known.id == case);
        let subject = self.case_mut(case)?;
        if !owed {
            return Err(Reason::PaperNotOwed.into());
        }
        let passed_on = subject.ending.as_ref().map(|ending| ending.on);
        super::when::expect_after(when.on, passed_on.unwrap_or(when.on))?;
        subject.version += 1;
        let issued = subject.happening(EventKind::CasePaperIssued);
        Ok(vec![issued.dated(when.on)])
    }

    /// The cases that passed in silence and whose papers are owed.
    pub fn papers_owed(&self) -> impl Iterator<Item = &Case> {
        let passed = self.cases.iter().filter(|case| has_passed_in_silence(case));
        passed.filter(|case| !self.has_paper(case.id))
    }

    /// What is to be handed over waits as long as a department owes the paper of one of these cases.
    pub(super) fn expect_no_paper_owed(
        &self,
        is_concerned: impl Fn(&Case) -> bool,
    ) -> Result<(), Reason> {
        let owed = self.papers_owed().filter(|case| is_concerned(case));
        let owed: Vec<&str> = owed.map(|case| case.item.as_str()).collect();
        if owed.is_empty() {
            return Ok(());
        }
        let items = owed.join(", ");
        Err(Reason::PaperOwed { items })
    }

    fn has_paper(&self, case: CaseId) -> bool {
        let mut issued = self.course.of_case(case, EventKind::CasePaperIssued);
        issued.next().is_some()
    }
}

fn has_passed_in_silence(case: &Case) -> bool {
    let ending = case.ending.as_ref();
    ending.is_some_and(|ending| ending.result == CaseResult::TacitPassed)
}
