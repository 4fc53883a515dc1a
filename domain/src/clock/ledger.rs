//! The ledger of days behind a clock: which days are charged, and which of them is the last.

use chrono::NaiveDate;

use super::suspension::Stretch;
use super::{Clock, Extension, Interval, Unit};
use crate::calendar::{Calendar, date_of, number_of};

/// The charged days of one clock, by what was known on one day or by all that is recorded.
pub(super) struct Ledger<'a> {
    calendar: &'a Calendar,
    /// Working days or calendar days.
    unit: Unit,
    /// Whether an end in calendar days that is no working day rolls to the next.
    rolls: bool,
    anchor: i64,
    /// The days that are not charged, ascending and apart.
    excluded: Vec<Stretch>,
    /// The days of the limit and of all extensions that took effect.
    total: i64,
    /// When the extensions were approved that came too late.
    late_extensions: Vec<NaiveDate>,
    /// The suspensions that were entered too late.
    late_suspensions: Vec<Interval>,
}

/// The end of a period.
#[derive(Clone, Copy)]
pub(super) struct End {
    /// The last charged day.
    pub(super) last_charged: i64,
    /// The same, rolled to a working day if the unit asks for it.
    pub(super) due: i64,
}

impl<'a> Ledger<'a> {
    /// By what was known on `known_on`, or by all that is recorded.
    pub(super) fn of(clock: &Clock, calendar: &'a Calendar, known_on: Option<NaiveDate>) -> Self {
        let (entered_late, known): (Vec<Interval>, Vec<Interval>) = clock
            .suspensions
            .iter()
            .filter_map(|interval| match known_on {
                Some(day) => interval.as_known_on(day),
                None => Some(*interval),
            })
            .partition(|interval| interval.start_entered_on.is_some());
        let mut ledger = Self::by(clock, calendar, &known, known_on);
        if !entered_late.is_empty() {
            ledger.take_late(clock, known, entered_late, known_on);
        }
        ledger
    }

    fn by(
        clock: &Clock,
        calendar: &'a Calendar,
        known: &[Interval],
        known_on: Option<NaiveDate>,
    ) -> Self {
        let excluded = known
            .iter()
            .map(|interval| interval.excluded(clock.boundary));
        let mut ledger = Self::with(clock, calendar, excluded.collect());
        ledger.extend(clock, known_on);
        ledger
    }

    /// A suspension that was entered after the fact counts if the period had not ended by then: an entry never heals a
    /// breach.
    fn take_late(
        &mut self,
        clock: &Clock,
        mut known: Vec<Interval>,
        mut entered_late: Vec<Interval>,
        known_on: Option<NaiveDate>,
    ) {
        entered_late.sort_by_key(|interval| interval.start_entered_on);
        let mut without_effect = Vec::new();
        for interval in entered_late {
            let entered_on = interval.start_entered_on.unwrap_or(interval.start);
            let before: Vec<Interval> = known
                .iter()
                .filter_map(|other| other.as_known_on(entered_on))
                .collect();
            let in_time = Self::by(clock, self.calendar, &before, Some(entered_on))
                .end()
                .is_none_or(|end| number_of(entered_on) <= end.due);
            if in_time {
                known.push(interval);
            } else {
                without_effect.push(interval);
            }
        }
        *self = Self::by(clock, self.calendar, &known, known_on);
        self.late_suspensions = without_effect;
    }

    /// The same ledger as if every open suspension ended on `day`; nothing else can change by that.
    pub(super) fn resumed_on(&self, clock: &Clock, day: NaiveDate) -> Self {
        let known = clock
            .suspensions
            .iter()
            .filter(|interval| !self.is_late(interval))
            .filter_map(|interval| interval.as_known_on(day));
        let excluded = known.map(|interval| interval.ended_by(day).excluded(clock.boundary));
        Self {
            total: self.total,
            ..Self::with(clock, self.calendar, excluded.collect())
        }
    }

    fn with(clock: &Clock, calendar: &'a Calendar, excluded: Vec<Stretch>) -> Self {
        let anchor = number_of(clock.anchor);
        Self {
            calendar,
            unit: clock.limit.unit.counted_in(),
            rolls: clock.rolls,
            anchor,
            excluded: Stretch::union(excluded, anchor),
            total: clock.limit.days_from(clock.anchor),
            late_extensions: Vec::new(),
            late_suspensions: Vec::new(),
        }
    }

    /// An extension takes effect if it was approved on or before the due date which the clock had by then; what is
    /// asked for after the limit is overrun.
    fn extend(&mut self, clock: &Clock, known_on: Option<NaiveDate>) {
        let mut extensions = clock.extensions.clone();
        extensions.retain(|extension| known_on.is_none_or(|day| extension.known_from() <= day));
        extensions.sort_by_key(Extension::known_from);
        for extension in extensions {
            let in_time = self
                .end()
                .is_none_or(|end| number_of(extension.known_from()) <= end.due);
            if in_time {
                self.total = self.total.saturating_add(i64::from(extension.days));
            } else {
                self.late_extensions.push(extension.approved_on);
            }
        }
    }

    /// Whether the suspension was entered too late.
    pub(super) fn is_late(&self, interval: &Interval) -> bool {
        // Of two that began on one day, one may have been entered in time.
        let entered = |one: &Interval| (one.start, one.start_entered_on);
        let mut late = self.late_suspensions.iter();
        late.any(|late| entered(late) == entered(interval))
    }

    /// Whether any of these days would be charged before the period ends if they were not excluded.
    pub(super) fn is_moved_by(&self, days: Stretch) -> bool {
        let last_charged = self.end().map_or(Stretch::FOR_EVER, |end| end.last_charged);
        let (first, last) = (days.first.max(self.anchor + 1), days.last.min(last_charged));
        first <= last && self.count(first - 1, last) > 0
    }

    /// Whether the extension came too late.
    pub(super) fn is_late_extension(&self, extension: &Extension) -> bool {
        self.late_extensions.contains(&extension.approved_on)
    }

    pub(super) fn total(&self) -> i64 {
        self.total
    }

    /// The extensions and the suspensions that came too late, by their days.
    pub(super) fn into_late(self) -> (Vec<NaiveDate>, Vec<NaiveDate>) {
        let began = self.late_suspensions.iter().map(|late| late.start);
        let began = began.collect();
        (self.late_extensions, began)
    }

    /// The end of the period; `None` while an open suspension stands before it.
    pub(super) fn end(&self) -> Option<End> {
        let last_charged = self.day_charging(self.total)?;
        // A period of 0 days is over on the day on which it starts, worked or not.
        let due = if self.unit == Unit::Workday || !self.rolls || self.total <= 0 {
            last_charged
        } else {
            self.rolled(last_charged)
        };
        Some(End { last_charged, due })
    }

    /// The first day on which `n` days are charged, the anchor for none; `None` if an open suspension comes before.
    ///
    /// Beyond the range of dates it is the last date.
    pub(super) fn day_charging(&self, n: i64) -> Option<i64> {
        let (mut from, mut left) = (self.anchor, n);
        if left <= 0 {
            return Some(self.anchor);
        }
        for stretch in &self.excluded {
            let running = self.count(from, stretch.first - 1);
            if running >= left {
                break;
            }
            if stretch.last == Stretch::FOR_EVER {
                return None;
            }
            left -= running;
            from = stretch.last;
        }
        Some(self.nth(from, left))
    }

    /// The days charged in (anchor, `day`]; none before the anchor.
    pub(super) fn charged(&self, day: i64) -> i64 {
        if day <= self.anchor {
            return 0;
        }
        let excluded: i64 = self
            .excluded
            .iter()
            .take_while(|stretch| stretch.first <= day)
            .map(|stretch| self.count(stretch.first - 1, stretch.last.min(day)))
            .sum();
        self.count(self.anchor, day) - excluded
    }

    /// Whether a suspension keeps the day from being charged.
    pub(super) fn excludes(&self, day: i64) -> bool {
        let later = self
            .excluded
            .partition_point(|stretch| stretch.first <= day);
        later
            .checked_sub(1)
            .and_then(|last| self.excluded.get(last))
            .is_some_and(|stretch| day <= stretch.last)
    }

    /// The days of the unit in (`after`, `through`], charged or not.
    pub(super) fn count(&self, after: i64, through: i64) -> i64 {
        match self.unit {
            Unit::Workday => self.calendar.workdays_in(after, through),
            _ => through - after,
        }
    }

    /// The last day before the `due` date at whose end one charged working day is left, or none.
    pub(super) fn day_before(&self, due: i64) -> i64 {
        let mut eve = self.workday_before(due);
        // Days of a suspension bring the due date no nearer, so the condition has held since before it.
        for stretch in self.excluded.iter().rev() {
            if stretch.holds(eve) {
                eve = self.workday_before(stretch.first);
            }
        }
        eve
    }

    fn workday_before(&self, day: i64) -> i64 {
        number_of(self.calendar.subtract_workdays(date_of(day), 1))
    }

    fn nth(&self, after: i64, n: i64) -> i64 {
        match self.unit {
            Unit::Workday => self.calendar.nth_workday_after(after, n),
            _ => after.saturating_add(n).min(number_of(NaiveDate::MAX)),
        }
    }

    fn rolled(&self, day: i64) -> i64 {
        number_of(self.calendar.next_workday_on_or_after(date_of(day)))
    }
}
