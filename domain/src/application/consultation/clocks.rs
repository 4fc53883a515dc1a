//! The periods of the opinions that a case asked for: their clocks, their dates, and what their silence means.

use chrono::NaiveDate;

use crate::application::clocks::{case_terms, lamp_dates, last_stop, settled};
use crate::application::{Course, File, FileClock, Rules};
use crate::case::Case;
use crate::clock::{ClockKind, Interval, LampDates, Running, Terms, procedure_pauses, run};
use crate::event::{ABOUT_OPINION, EventKind};
use crate::ids::{CaseId, ReviewId};
use crate::review::ReviewState;

impl File {
    /// The clocks of the opinions that a case asked for; each has the number of its opinion.
    pub(in crate::application) fn opinion_clocks(
        &self,
        case: &Case,
        rules: &dyn Rules,
    ) -> Vec<FileClock> {
        if case.asked == 0 {
            return Vec::new();
        }
        let asked = self.course.of_case(case.id, EventKind::OpinionAsked);
        let terms = Terms::new(rules.conventions().clone());
        let mut clocks = Vec::new();
        for asking in asked {
            let Ok(number) = asking.word(ABOUT_OPINION).parse() else {
                continue;
            };
            let (acts, stop) = self
                .course
                .opinion_acts(case.id, asking.word(ABOUT_OPINION));
            let suspended = self.pauses_until(case, stop, rules);
            let department = Some(asking.word("department"));
            let calendar = rules.calendar(department);
            for running in run(ClockKind::Opinion, &acts, &terms, &suspended, calendar) {
                let running = Running {
                    ordinal: number,
                    ..running
                };
                clocks.push(FileClock {
                    grave: rules
                        .bundle()
                        .is_some_and(|bundle| bundle.lets_component_pass(&case.item)),
                    ..FileClock::made_by(&acts, running, (Some(case.id), department), rules)
                });
            }
        }
        clocks
    }

    /// Brings the dates of opinions that are out into line with their clocks.
    pub(in crate::application) fn wind_opinions(
        &mut self,
        clocks: &[FileClock],
        rules: &dyn Rules,
    ) {
        let warnings = rules.thresholds().warnings();
        for review in &mut self.reviews {
            let Some(asked) = &mut review.consultation else {
                continue;
            };
            let own = clocks.iter().find(|clock| {
                clock.case == Some(review.case)
                    && clock.running.kind == ClockKind::Opinion
                    && clock.running.ordinal == asked.number
            });
            let of_case = self.cases.iter().find(|case| case.id == review.case);
            let by_law = of_case
                .and_then(|case| case.dates.as_ref())
                .and_then(|dates| dates.lamp.statutory_due_on);
            asked.lamp = match review.state {
                // Who is not asked any more owes nothing.
                ReviewState::Withdrawn => LampDates::default(),
                // What silence passed stays late by its own period, whatever becomes of the case.
                ReviewState::Tacit => lamp_dates(own, None, warnings),
                // The case ended without it. Of its dates those stay that had passed by then: it is late for ever or never,
                // although the case may be opened again.
                ReviewState::Cancelled => {
                    let dates = LampDates {
                        statutory_due_on: asked.lamp.statutory_due_on,
                        ..lamp_dates(own, None, warnings)
                    };
                    let deciding = self.course.deciding(review.case, asked.number, clocks);
                    let ends = [last_stop(own), last_stop(deciding)];
                    settled(dates, ends.into_iter().flatten().min())
                }
                state => LampDates {
                    statutory_due_on: if state.is_over() {
                        asked.lamp.statutory_due_on
                    } else {
                        by_law
                    },
                    ..lamp_dates(own, None, warnings)
                },
            };
        }
    }

    /// The opinions whose period passed in silence where that counts as consent, with their last days.
    pub(in crate::application) fn silences(&self, rules: &dyn Rules) -> Vec<(NaiveDate, ReviewId)> {
        let mut silent = Vec::new();
        let under_way = self.cases.iter().filter(|case| case.state.is_under_way());
        for case in under_way.filter(|case| case.asked > 0) {
            let is_eligible = rules
                .bundle()
                .is_some_and(|bundle| bundle.lets_silence_agree(&case.item));
            let is_heard = rules.item(case).is_none_or(|item| item.hearing_required);
            if !is_eligible || is_heard {
                continue;
            }
            for clock in self.opinion_clocks(case, rules) {
                let is_open = clock.running.stopped_by.is_none();
                let review = self.asked_of(case.id).find(|(review, asked)| {
                    asked.number == clock.running.ordinal
                        && asked.veto_article.is_none()
                        && !review.state.is_over()
                });
                if let (true, Some(due_on), Some((review, _))) = (is_open, clock.due_on(), review) {
                    silent.push((due_on, review.id));
                }
            }
        }
        silent
    }

    /// When the period of an opinion on a case stands still: with the joint clock, and while the case itself does, of which
    /// nobody is silent then. What comes after the answer, at its place of the course, touches its clock no more, and never
    /// its date. A suspension whose end is entered after the fact lasts until its entry: nobody was silent for days on which the
    /// record said that the clock stood still.
    pub(in crate::application) fn pauses_until(
        &self,
        case: &Case,
        answer: Option<usize>,
        rules: &dyn Rules,
    ) -> Vec<Interval> {
        if !self.course.has(EventKind::SpecialProcedureBegun) {
            return Vec::new();
        }
        if let Some(place) = answer {
            return self.known_through(place).pauses_until(case, None, rules);
        }
        let mut pauses = self.joint_pauses_as_told(rules);
        if let Some(acts) = self.acts_of(case, rules) {
            let calendar = rules.calendar(Some(&case.department));
            let own = procedure_pauses(&acts, &case_terms(case, rules), calendar);
            let own = own.into_iter().flat_map(Interval::as_told);
            let own = own.filter(|own| !pauses.contains(own));
            pauses.extend(own.collect::<Vec<_>>());
        }
        pauses
    }

    /// The file as far as it had come with an entry of its course; without reviews, which make no clocks.
    fn known_through(&self, last: usize) -> Self {
        let course = self.course.0.iter().take(last + 1).cloned();
        Self {
            application: self.application.clone(),
            cases: self.cases.clone(),
            reviews: Vec::new(),
            course: Course(course.collect()),
        }
    }
}

impl Course {
    /// The clocks of the decision for which a case asked an opinion: those of the first one, or the one of the decision that
    /// was due anew when it asked.
    fn deciding<'a>(
        &self,
        case: CaseId,
        asked: u32,
        clocks: &'a [FileClock],
    ) -> impl Iterator<Item = &'a FileClock> {
        let number = asked.to_string();
        let of_case = self.0.iter().filter(|entry| entry.case == Some(case));
        let before = of_case.take_while(|entry| {
            entry.kind != EventKind::OpinionAsked || entry.word(ABOUT_OPINION) != number
        });
        let anew = before.filter(|entry| entry.kind == EventKind::CaseReopened);
        let anew = u32::try_from(anew.count()).unwrap_or(u32::MAX);
        let its_own = clocks.iter().filter(move |clock| clock.case == Some(case));
        its_own.filter(move |clock| match clock.running.kind {
            ClockKind::Promised | ClockKind::Statutory => anew == 0,
            ClockKind::Redecision => clock.running.ordinal == anew,
            _ => false,
        })
    }
}
