//! Electronic supervision (电子监察), above all of time: which day raises an alert or a card, by which rule, on what
//! evidence.
//!
//! Rules are evaluated on working days: a card that comes on a rest day reaches nobody, so what passes on a Friday is
//! raised on the Monday. Each occurrence is raised once, dated to its own day however late it is written down. The cause of
//! a warning may go away, and it with it; a card for what was late stays.
//!
//! Clocks that stand still raise nothing, and what moves a clock before a day comes moves what that day would have brought:
//! the agenda is made anew from the clocks each time, and only what is past is compared with what was raised.

mod beyond;
mod rule;
mod thresholds;

#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::application::FileClock;
use crate::calendar::Calendar;
use crate::clock::{Clock, ClockKind, Running, Unit, Warning};
use crate::code::Code as _;
use crate::ids::CaseId;

pub use crate::clock::CardModel;
pub use beyond::beyond_notice;
pub use rule::{CardLevel, TimeRule};
pub use thresholds::Thresholds;

/// What an occurrence rests on: the clock as it stood at the end of that day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The clock.
    pub clock: ClockKind,
    /// The n-th of its kind.
    pub ordinal: u32,
    /// The day from which it ran.
    pub anchor_on: NaiveDate,
    /// Its due date.
    pub due_on: Option<NaiveDate>,
    /// The days charged by the end of the day of the occurrence.
    pub charged: i64,
    /// The days of the limit and of its extensions.
    pub total: i64,
    /// What both are counted in.
    pub unit: Unit,
}

impl Evidence {
    fn of(running: &Running, calendar: &Calendar, on: NaiveDate) -> Self {
        let clock = &running.clock;
        let charged = clock.charged_on(calendar, on);
        Self {
            clock: running.kind,
            ordinal: running.ordinal,
            anchor_on: clock.anchor,
            due_on: clock.due_on(calendar),
            charged: charged.days,
            total: charged.total,
            unit: clock.limit.unit.counted_in(),
        }
    }
}

/// What tells occurrences on one application apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The case; `None` for the application as a whole.
    pub case: Option<CaseId>,
    /// The rule.
    pub rule: TimeRule,
    /// Clock, number of the clock and gravity, e.g. `SPECIAL:2:YELLOW`; for a warning that came again after it had been
    /// cleared also how often, e.g. `PROMISED:1:ALERT:2`.
    pub occurrence: String,
}

impl Key {
    fn of(case: Option<CaseId>, rule: TimeRule, running: &Running, gravity: CardLevel) -> Self {
        let (clock, ordinal) = (running.kind.code(), running.ordinal);
        Self {
            case,
            rule,
            occurrence: format!("{clock}:{ordinal}:{}", gravity.code()),
        }
    }

    /// Whether it warns of what is near. Only a warning goes away with its cause, whatever its colour.
    pub fn is_warning(&self) -> bool {
        self.first().ends_with(CardLevel::Alert.code())
    }

    /// Whether both are of one clock, rule and gravity, however often it came.
    fn is_like(&self, other: &Self) -> bool {
        (self.case, self.rule, self.first()) == (other.case, other.rule, other.first())
    }

    /// The occurrence, as it was called the first time.
    fn first(&self) -> &str {
        let third = self.occurrence.match_indices(':').nth(2);
        third.map_or(&*self.occurrence, |(at, _)| &self.occurrence[..at])
    }

    fn again(mut self, times: usize) -> Self {
        if times > 1 {
            self.occurrence = format!("{}:{times}", self.first());
        }
        self
    }
}

/// One thing that a rule raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// What tells it apart from all others.
    pub key: Key,
    /// Code of the department whose clock it is; `None` for the application as a whole.
    pub department: Option<String>,
    /// How grave, in the colours of the centre.
    pub level: CardLevel,
    /// The day on which it is raised.
    pub on: NaiveDate,
    /// The day on which its clock stopped, by which a warning has no cause any more.
    pub stopped_on: Option<NaiveDate>,
    /// What it rests on.
    pub evidence: Evidence,
}

/// Everything that the clocks of a file raise, past and to come, by what is recorded; in the order of the days.
pub fn agenda(clocks: &[FileClock], thresholds: &Thresholds) -> Vec<Occurrence> {
    let mut all: Vec<Occurrence> = clocks
        .iter()
        .flat_map(|clock| {
            let watched = Watched {
                case: clock.case,
                department: clock.department.as_deref(),
                running: &clock.running,
                all: clocks,
                calendar: &clock.calendar,
                grave: clock.grave,
                thresholds,
            };
            watched.occurrences()
        })
        .filter(|occurrence| thresholds.is_on(occurrence.key.rule))
        .collect();
    all.sort_by(|one, other| (one.on, &one.key).cmp(&(other.on, &other.key)));
    all
}

/// A card that was raised, as far as it matters for what is raised and cleared next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaisedCard {
    /// What tells it apart.
    pub key: Key,
    /// The day on which it was raised.
    pub raised_on: NaiveDate,
    /// The day on which its cause was gone.
    pub cleared_on: Option<NaiveDate>,
}

/// What is to be written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// What is to be raised, the earliest first.
    pub raise: Vec<Occurrence>,
    /// The warnings that are to be cleared, among them perhaps some that are raised with them, with the day on which each
    /// lost its cause.
    pub clear: Vec<(Key, NaiveDate)>,
}

/// Compares what the agenda has brought by `today` with the cards that are there. `found` may hold more than `now`, the
/// agenda as it stands: what was due before an act must be raised although the act moved it.
pub fn findings(
    cards: &[RaisedCard],
    found: impl IntoIterator<Item = Occurrence>,
    now: &[Occurrence],
    today: NaiveDate,
) -> Findings {
    let mut raise: Vec<Occurrence> = Vec::new();
    for one in found.into_iter().filter(|one| one.on <= today) {
        let is_found_twice = raise.iter().any(|other| other.key.is_like(&one.key));
        if let (false, Some(key)) = (is_found_twice, key_to_raise(&one, cards)) {
            raise.push(Occurrence { key, ..one });
        }
    }
    raise.sort_by(|one, other| (one.on, &one.key).cmp(&(other.on, &other.key)));

    let there = cards.iter().filter(|card| card.cleared_on.is_none());
    let there = there.map(|card| (&card.key, card.raised_on));
    let fresh = raise.iter().map(|one| (&one.key, one.on));
    let clear = there
        .chain(fresh)
        .filter(|(key, _)| key.is_warning())
        .filter_map(|(key, raised_on)| {
            let gone_on = gone_on(key, now, today)?;
            Some((key.clone(), gone_on.max(raised_on)))
        })
        .collect();
    Findings { raise, clear }
}

/// The key under which an occurrence is to be raised, unless it has been. What was late is raised once; a warning again if
/// it had been cleared and its cause came again.
fn key_to_raise(one: &Occurrence, cards: &[RaisedCard]) -> Option<Key> {
    let like = cards.iter().filter(|card| card.key.is_like(&one.key));
    let times = like.clone().count();
    let has_come_again = |card: &RaisedCard| {
        let cleared_on = card.cleared_on;
        cleared_on.is_some_and(|cleared_on| one.stopped_on.is_none() || one.on > cleared_on)
    };
    like.clone()
        .all(has_come_again)
        .then(|| one.key.clone().again(times + 1))
}

/// The day on which a warning lost its cause, by the agenda as it stands: its clock stopped, or it is not near any more.
fn gone_on(key: &Key, now: &[Occurrence], today: NaiveDate) -> Option<NaiveDate> {
    let still = now
        .iter()
        .find(|one| one.key.is_like(key) && one.on <= today);
    match still {
        Some(still) => still.stopped_on.filter(|stop| *stop <= today),
        None => Some(today),
    }
}

/// Whether a warning that held by `before` has no cause any more by `now`.
pub fn has_gone(before: &[Occurrence], now: &[Occurrence], today: NaiveDate) -> bool {
    before
        .iter()
        .filter(|one| one.key.is_warning() && one.on <= today)
        .filter(|one| one.stopped_on.is_none_or(|stop| stop > today))
        .any(|one| gone_on(&one.key, now, today).is_some())
}

/// One clock under the eyes of the rules.
struct Watched<'a> {
    case: Option<CaseId>,
    department: Option<&'a str>,
    running: &'a Running,
    all: &'a [FileClock],
    calendar: &'a Calendar,
    grave: bool,
    thresholds: &'a Thresholds,
}

impl Watched<'_> {
    fn clock(&self) -> &Clock {
        &self.running.clock
    }

    fn occurrences(&self) -> Vec<Occurrence> {
        use CardLevel::{Red, Yellow};
        let warnings = self.thresholds.warnings();
        let found = match self.running.kind {
            ClockKind::Promised => vec![
                self.near(TimeRule::PromiseNear, warnings.promised),
                self.passed(TimeRule::PromisePassed, Yellow, 0),
                self.passed(TimeRule::StillOpen, Red, self.thresholds.still_open_after),
            ],
            ClockKind::JointPromised => vec![
                self.near(TimeRule::PromiseNear, warnings.promised),
                self.passed(TimeRule::PromisePassed, Yellow, 0),
            ],
            ClockKind::Statutory | ClockKind::Redecision | ClockKind::Joint => vec![
                self.near(TimeRule::StatutoryNear, warnings.statutory),
                self.passed(TimeRule::StatutoryPassed, Red, 0),
            ],
            ClockKind::Step => vec![
                self.passed(TimeRule::StepPassed, Yellow, 0)
                    .filter(|occurrence| self.case_is_in_time(occurrence.on)),
            ],
            ClockKind::Mediation if self.grave => {
                vec![self.passed(TimeRule::StepPassed, Yellow, 0)]
            }
            ClockKind::AcceptanceCheck => vec![
                self.before(
                    TimeRule::AcceptanceCheck,
                    self.thresholds.acceptance_days_left,
                ),
                self.passed(TimeRule::AcceptanceCheck, Yellow, 0),
            ],
            ClockKind::Special => vec![
                self.passed(TimeRule::ProcedurePassed, Yellow, 0),
                self.passed(
                    TimeRule::ProcedurePassed,
                    Red,
                    self.thresholds.procedure_red_after,
                ),
                self.repeated(TimeRule::OftenSuspended),
            ],
            ClockKind::Delivery | ClockKind::TacitPaper => {
                vec![self.passed(TimeRule::DeliveryPassed, Yellow, 0)]
            }
            ClockKind::Opinion => {
                let level = if self.grave { Red } else { Yellow };
                vec![self.passed(TimeRule::OpinionPassed, level, 0)]
            }
            _ => Vec::new(),
        };
        found.into_iter().flatten().collect()
    }

    /// A warning by the share of days that are left.
    fn near(&self, rule: TimeRule, warning: Warning) -> Option<Occurrence> {
        let from = self.clock().warning_from(self.calendar, warning)?;
        self.warning(rule, from)
    }

    /// A warning so many working days before the end.
    fn before(&self, rule: TimeRule, days: u32) -> Option<Occurrence> {
        let due_on = self.clock().due_on(self.calendar)?;
        self.warning(rule, self.calendar.subtract_workdays(due_on, days))
    }

    /// A warning from a day on: on the first working day, if that comes before the end and the clock runs until then.
    fn warning(&self, rule: TimeRule, from: NaiveDate) -> Option<Occurrence> {
        let from = from.max(self.clock().anchor);
        let on = self.calendar.next_workday_on_or_after(from);
        let due_on = self.clock().due_on(self.calendar);
        let is_before_end = due_on.is_none_or(|due_on| on <= due_on);
        let was_open = self.clock().stopped_on.is_none_or(|stop| stop >= on);
        (is_before_end && was_open).then(|| self.occurrence(rule, CardLevel::Alert, on))
    }

    /// On the first working day after the end, or after the end and so many working days more (and those of grace), if
    /// nothing stopped the clock until they had passed.
    fn passed(&self, rule: TimeRule, level: CardLevel, days_more: u32) -> Option<Occurrence> {
        let due_on = self.clock().due_on(self.calendar)?;
        let days_more = days_more.saturating_add(self.thresholds.grace_of(rule));
        let end = self.calendar.add_workdays(due_on, days_more);
        let was_open = self.clock().stopped_on.is_none_or(|stop| stop > end);
        was_open.then(|| self.occurrence(rule, level, self.calendar.add_workdays(end, 1)))
    }

    /// On the first working day of a clock of which there were too many before.
    fn repeated(&self, rule: TimeRule) -> Option<Occurrence> {
        let is_too_often = self.running.ordinal >= self.thresholds.special_procedures_red_from;
        let on = self.calendar.next_workday_on_or_after(self.clock().anchor);
        is_too_often.then(|| self.occurrence(rule, CardLevel::Red, on))
    }

    /// Whether neither period of the case had passed by a day; then a late step is a fault of its own.
    fn case_is_in_time(&self, on: NaiveDate) -> bool {
        self.all
            .iter()
            .filter(|clock| clock.case == self.case)
            .filter(|clock| {
                matches!(
                    clock.running.kind,
                    ClockKind::Promised | ClockKind::Statutory
                )
            })
            .filter_map(FileClock::due_on)
            .all(|due_on| due_on >= on)
    }

    fn occurrence(&self, rule: TimeRule, gravity: CardLevel, on: NaiveDate) -> Occurrence {
        Occurrence {
            key: Key::of(self.case, rule, self.running, gravity),
            department: self.department.map(str::to_owned),
            level: self.thresholds.card_model.level(gravity),
            on,
            stopped_on: self.clock().stopped_on,
            evidence: Evidence::of(self.running, self.calendar, on),
        }
    }
}
