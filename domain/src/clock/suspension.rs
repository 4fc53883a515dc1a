//! Suspensions (行政许可法 Art. 45) and the days that they exclude.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{date_of, number_of};
use crate::coded;

coded! {
    /// Whether the first and the last day of a suspension are charged; the law does not say.
    #[derive(Default)]
    pub enum Boundary {
        /// A day is charged if and only if the clock was running at 00:00 of it: the first day is, the last is not.
        #[default]
        StartOfDayState = "START_OF_DAY_STATE",
        /// The suspension includes both its days; neither is charged.
        Inclusive = "INCLUSIVE",
        /// The suspension lies between its days; both are charged.
        Exclusive = "EXCLUSIVE",
    }
}

/// One suspension of a clock, by local dates. One that ends before it starts excludes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// The day on which the special procedure started.
    pub start: NaiveDate,
    /// The day on which it ended; `None` while it is open.
    pub end: Option<NaiveDate>,
    /// The day from which its start is on record, if that is a later one (补录).
    #[serde(default)]
    pub start_entered_on: Option<NaiveDate>,
    /// The day from which its end is on record, if that is a later one.
    #[serde(default)]
    pub end_entered_on: Option<NaiveDate>,
}

impl Interval {
    /// A suspension that has ended.
    pub const fn closed(start: NaiveDate, end: NaiveDate) -> Self {
        Self {
            end: Some(end),
            ..Self::open(start)
        }
    }

    /// As those see it who wait for its end: it lasts until that is on record. Where even its begin came onto record after it had
    /// ended, there are two: the days that it had, and those on which it stood on record as open.
    pub fn as_told(self) -> Vec<Self> {
        let (Some(end), Some(known)) = (self.end, self.end_entered_on) else {
            return vec![self];
        };
        let since = self.start_entered_on.unwrap_or(self.start);
        if since <= end {
            let end = Some(known.max(end));
            return vec![Self { end, ..self }];
        }
        let on_record = Self::closed(since, known);
        if since < known {
            vec![self, on_record]
        } else {
            vec![self]
        }
    }

    /// A suspension that has not ended.
    pub const fn open(start: NaiveDate) -> Self {
        Self {
            start,
            end: None,
            start_entered_on: None,
            end_entered_on: None,
        }
    }

    /// The same, with the day on which its start was entered.
    pub fn entered(mut self, on: NaiveDate) -> Self {
        self.start_entered_on = (on > self.start).then_some(on);
        self
    }

    /// The same, ended on a day and entered on another.
    pub fn ended(mut self, on: NaiveDate, entered_on: NaiveDate) -> Self {
        self.end = Some(on);
        self.end_entered_on = (entered_on > on).then_some(entered_on);
        self
    }

    /// What was known of it on `day`: nothing before its start, an open suspension before its end, and neither before
    /// it was entered.
    pub(super) fn as_known_on(self, day: NaiveDate) -> Option<Self> {
        let known = |on: NaiveDate, entered: Option<NaiveDate>| {
            on <= day && entered.is_none_or(|entered| entered <= day)
        };
        let end = self.end.filter(|end| known(*end, self.end_entered_on));
        known(self.start, self.start_entered_on).then_some(Self { end, ..self })
    }

    /// The same with its end, if there is none, set to `day`.
    pub(super) fn ended_by(self, day: NaiveDate) -> Self {
        Self {
            end: Some(self.end.unwrap_or(day.max(self.start))),
            ..self
        }
    }

    /// The days that are not charged.
    pub(super) fn excluded(self, boundary: Boundary) -> Stretch {
        let start = number_of(self.start);
        let end = self.end.map_or(Stretch::FOR_EVER, number_of);
        let first = if boundary == Boundary::Inclusive {
            start
        } else {
            start + 1
        };
        let last = if boundary == Boundary::Exclusive && end != Stretch::FOR_EVER {
            end - 1
        } else {
            end
        };
        Stretch { first, last }
    }

    /// The suspension that excludes these days and no others: the other way round.
    pub(super) fn excluding(days: Stretch, boundary: Boundary) -> Self {
        let start = if boundary == Boundary::Inclusive {
            days.first
        } else {
            days.first - 1
        };
        let end = if boundary == Boundary::Exclusive {
            days.last.saturating_add(1)
        } else {
            days.last
        };
        Self {
            end: (days.last != Stretch::FOR_EVER).then(|| date_of(end)),
            ..Self::open(date_of(start))
        }
    }
}

/// Days in a row, first and last included, as numbers of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    pub(super) first: i64,
    pub(super) last: i64,
}

impl Stretch {
    /// The last day of a suspension that has not ended.
    pub(super) const FOR_EVER: i64 = i64::MAX;

    /// Whether a day is one of them.
    pub(super) fn holds(self, day: i64) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// The union of stretches after `anchor`, ascending and apart, so that no day is excluded twice.
    pub(super) fn union(mut all: Vec<Self>, anchor: i64) -> Vec<Self> {
        all.sort_unstable();
        let mut union: Vec<Self> = Vec::with_capacity(all.len());
        for stretch in all {
            let stretch = Self {
                first: stretch.first.max(anchor + 1),
                ..stretch
            };
            if stretch.last < stretch.first {
                continue;
            }
            match union.last_mut() {
                Some(former) if stretch.first <= former.last.saturating_add(1) => {
                    former.last = former.last.max(stretch.last);
                }
                _ => union.push(stretch),
            }
        }
        union
    }
}
