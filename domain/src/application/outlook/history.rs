//! How long cases of an item took before: what a forecast is made from.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

use crate::calendar::time_of_day;

/// How far forecasts look back, and when departments are told. All are keys of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Foresight {
    /// The newest decided cases of an item that are looked at.
    pub history_cases: u32,
    /// With fewer of them the promise is taken for a forecast.
    pub least_cases: u32,
    /// The local time from which the morning digests are written.
    #[serde(with = "time_of_day")]
    pub digest_at: NaiveTime,
}

impl Default for Foresight {
    fn default() -> Self {
        Self {
            history_cases: 50,
            least_cases: 8,
            digest_at: time_of_day::at(8, 30),
        }
    }
}

impl Foresight {
    /// The most decided cases of an item that may be looked at.
    const MOST: u32 = 500;

    /// What is out of its bounds: the key, what it is, and what it may be.
    pub fn faults(&self) -> Vec<String> {
        let Self {
            history_cases,
            least_cases,
            ..
        } = *self;
        let most = history_cases.clamp(1, Self::MOST);
        let bounded = [
            ("history_cases", history_cases, Self::MOST),
            ("least_cases", least_cases, most),
        ];
        let beyond = bounded
            .into_iter()
            .filter(|(_, n, most)| !(1..=*most).contains(n));
        beyond
            .map(|(key, n, most)| format!("outlook.{key} is {n}, and may be 1 to {most}"))
            .collect()
    }
}

/// How many working days decided cases of one item took, from the day on which their clocks began to the decision.
///
/// All days between are in it, also those on which the clocks stood still: whoever waits for the end waits through them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The shortest first.
    days: Vec<u32>,
}

impl History {
    /// A history of cases in any order.
    pub fn of(days: impl IntoIterator<Item = u32>) -> Self {
        let mut days: Vec<u32> = days.into_iter().collect();
        days.sort_unstable();
        Self { days }
    }

    /// How many cases are known.
    pub fn known(&self) -> usize {
        self.days.len()
    }

    /// The working days that a case takes which has already run for `elapsed` of them: the median of those that took at
    /// least as long, the longer of the two in the middle; `None` when it has outlasted all of them.
    ///
    /// A case that is later than most is so measured by those that were late, too, and its forecast never comes nearer as
    /// days pass.
    pub fn typical(&self, elapsed: u32) -> Option<u32> {
        let shorter = self.days.partition_point(|days| *days < elapsed);
        let lasting = &self.days[shorter..];
        lasting.get(lasting.len() / 2).copied()
    }
}
