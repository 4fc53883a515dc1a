//! The tally (统计计数): what a case and a card count for, so that nobody need read all of them to know how many there are.
//!
//! A key is made of what does not change as days go by. An open case counts from what day on it is near its end or late,
//! by the lamp's own rule; how many are today is a question to the days, and nothing need happen at midnight.

mod counts;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};

use crate::case::{CaseResult, CaseState};
use crate::clock::{LampDates, Standing};
use crate::code::Code;
use crate::coded;
use crate::supervision::CardLevel;

pub use counts::Counts;

/// The day of what hangs on no day.
pub const ALWAYS: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

coded! {
    /// What is counted, and what the day of it means.
    pub enum Topic {
        /// Open cases by state; on no day.
        Open = "OPEN",
        /// Open cases of which the dates say so, or something graver, from the day on.
        Standing = "STANDING",
        /// Cases that ended, by result; in the month that begins with the day.
        EndedAs = "ENDED_AS",
        /// Cases that ended with a signed decision, by what their dates said then; in the month that begins with the
        /// day. What was withdrawn, terminated, not accepted or voided, and what silence granted, is neither in time nor
        /// late.
        EndedIn = "ENDED_IN",
        /// The same cases, by what their dates would have said if nothing had ever suspended a clock: who suspends gains
        /// nothing by it here.
        EndedUnsuspended = "ENDED_UNSUSPENDED",
        /// Alerts and cards by level, dated to the month that begins with the day.
        Raised = "RAISED",
        /// Warnings that stand, by level; on no day.
        Warning = "WARNING",
    }
}

/// One thing that a row counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// An open case in a state.
    Open(CaseState),
    /// An open case of which the dates say this, or something graver, from a day on.
    Standing(Standing, NaiveDate),
    /// A case that ended so in a month.
    EndedAs(CaseResult, NaiveDate),
    /// A case that ended in a month with a signed decision, when its dates said this.
    EndedIn(Standing, NaiveDate),
    /// Such a case, by what its dates would have said without suspensions.
    EndedUnsuspended(Standing, NaiveDate),
    /// An alert or a card of a month.
    Raised(CardLevel, NaiveDate),
    /// A warning that stands.
    Warning(CardLevel),
}

impl Counted {
    /// Its topic, the code of what is counted, and the day.
    pub fn parts(self) -> (Topic, &'static str, NaiveDate) {
        match self {
            Self::Open(state) => (Topic::Open, state.code(), ALWAYS),
            Self::Standing(standing, from) => (Topic::Standing, standing.code(), from),
            Self::EndedAs(result, month) => (Topic::EndedAs, result.code(), month),
            Self::EndedIn(standing, month) => (Topic::EndedIn, standing.code(), month),
            Self::EndedUnsuspended(standing, month) => {
                (Topic::EndedUnsuspended, standing.code(), month)
            }
            Self::Raised(level, month) => (Topic::Raised, level.code(), month),
            Self::Warning(level) => (Topic::Warning, level.code(), ALWAYS),
        }
    }

    /// From its parts; `None` for a code that this version does not know.
    pub fn of_parts(topic: Topic, code: &str, day: NaiveDate) -> Option<Self> {
        fn known<T: Code>(code: &str) -> Option<T> {
            T::from_code(code)
        }
        Some(match topic {
            Topic::Open => Self::Open(known(code)?),
            Topic::Standing => Self::Standing(known(code)?, day),
            Topic::EndedAs => Self::EndedAs(known(code)?, day),
            Topic::EndedIn => Self::EndedIn(known(code)?, day),
            Topic::EndedUnsuspended => Self::EndedUnsuspended(known(code)?, day),
            Topic::Raised => Self::Raised(known(code)?, day),
            Topic::Warning => Self::Warning(known(code)?),
        })
    }
}

/// A line of the tally of a centre.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Code of the department; empty for an application as a whole.
    pub department: String,
    /// What is counted.
    pub counted: Counted,
}

/// A case, as far as it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedCase {
    /// Where it stands.
    pub state: CaseState,
    /// How it ended, and the day of it.
    pub ended: Option<(CaseResult, NaiveDate)>,
    /// Whether its clocks began.
    pub is_started: bool,
    /// The day on which its clocks stopped.
    pub stopped_on: Option<NaiveDate>,
    /// The dates that decide its lamp.
    pub lamp: LampDates,
    /// What they would have said when the clocks stopped if nothing had ever suspended one, where that is something else.
    pub standing_unsuspended: Option<Standing>,
}

impl CountedCase {
    /// What it counts for.
    pub fn counts(&self) -> Vec<Counted> {
        let ended_on = self.stopped_on.or(self.ended.map(|(_, on)| on));
        let shown = |day| self.lamp.shown(self.is_started, ended_on, day);
        let Some((result, on)) = self.ended else {
            let mut counts = vec![Counted::Open(self.state)];
            counts.extend(self.standings(shown));
            return counts;
        };
        let mut counts = vec![Counted::EndedAs(result, month_of(on))];
        if result.is_signed_decision() {
            let (standing, month) = (shown(on), month_of(on));
            let unsuspended = self.standing_unsuspended.unwrap_or(standing);
            counts.push(Counted::EndedIn(standing, month));
            counts.push(Counted::EndedUnsuspended(unsuspended, month));
        }
        counts
    }

    /// The day from which each standing holds, or one that is graver; as days go by they only grow graver.
    fn standings(&self, shown: impl Fn(NaiveDate) -> Standing) -> Vec<Counted> {
        let mut found = Vec::new();
        let (mut day, mut known) = (ALWAYS, Standing::Undated);
        loop {
            let standing = shown(day);
            let reached = Standing::ALL.iter().copied();
            let reached = reached.filter(|one| *one > known && *one <= standing);
            found.extend(reached.map(|one| Counted::Standing(one, day)));
            known = known.max(standing);
            match self.lamp.next_change_after(day) {
                Some(next) => day = next,
                None => return found,
            }
        }
    }
}

/// An alert or a card, as far as it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedCard {
    /// How grave it is.
    pub level: CardLevel,
    /// The day to which it is dated.
    pub raised_on: NaiveDate,
    /// Whether it warns of what is near, and its cause is not gone.
    pub warns: bool,
}

impl CountedCard {
    /// What it counts for.
    pub fn counts(&self) -> Vec<Counted> {
        let mut counts = vec![Counted::Raised(self.level, month_of(self.raised_on))];
        if self.warns {
            counts.push(Counted::Warning(self.level));
        }
        counts
    }
}

/// The first day of the month of a day.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// What is to be added to the tally of a centre, and what taken off it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences(BTreeMap<Key, i64>);

impl Differences {
    /// So many more of what rows of a department count for; fewer when negative.
    pub fn add(&mut self, department: &str, counts: &[Counted], n: i64) {
        for counted in counts {
            let key = Key {
                department: department.to_owned(),
                counted: *counted,
            };
            self.add_to(key, n);
        }
    }

    /// So many more of one line. What comes to nothing is no difference.
    pub fn add_to(&mut self, key: Key, n: i64) {
        use std::collections::btree_map::Entry;
        match self.0.entry(key) {
            Entry::Vacant(entry) => {
                if n != 0 {
                    entry.insert(n);
                }
            }
            Entry::Occupied(mut entry) => {
                *entry.get_mut() += n;
                if *entry.get() == 0 {
                    entry.remove();
                }
            }
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lines that change, and by how much; in one order.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, i64)> {
        self.0.iter().map(|(key, n)| (key, *n))
    }
}
