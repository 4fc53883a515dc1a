//! Working days (工作日): which days are worked, how to count them, and what the answer rests on.
//!
//! 行政许可法 Art. 82 counts the periods of that law in working days without statutory holidays. A day is worked
//! if a notice makes it a make-up day, else not if a notice gives it off, else from Monday to Friday.
//! A year without a national notice is counted by weekdays and everything that reaches into it is *provisional*.
//! A region or a department may have notices of its own, laid over the national ones: see [`Calendars`].
//!
//! All arithmetic is total: what would leave the range of dates stays at its end.

mod calendars;
mod notice;
mod scope;
pub(crate) mod time_of_day;
mod zone;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::coded;
use crate::rejected::Rejected;

pub use calendars::{AdoptedNotice, Adoption, Calendars};
pub use notice::{Notice, NoticeDay, NoticeDayKind};
pub use scope::Scope;
pub use zone::{local_date, local_minute, local_time, start_of};

coded! {
    /// What a day is.
    pub enum DayKind {
        /// Monday to Friday, and no notice says otherwise.
        Workday = "WORKDAY",
        /// Saturday or Sunday, and no notice says otherwise.
        Weekend = "WEEKEND",
        /// Off by a notice (放假).
        Holiday = "HOLIDAY",
        /// Worked by a notice although a Saturday or Sunday (调休上班).
        Makeup = "MAKEUP",
    }
}

impl DayKind {
    /// Whether people work on such a day.
    pub fn is_worked(self) -> bool {
        matches!(self, Self::Workday | Self::Makeup)
    }
}

/// One day and why it is worked or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarDay<'a> {
    /// The local date.
    pub date: NaiveDate,
    /// What the day is.
    pub kind: DayKind,
    /// The number of the notice that speaks for it: the nearest one that names the day, else the national one for its
    /// year.
    pub notice: Option<&'a str>,
    /// The holiday for which the day is off or worked.
    pub holiday: Option<&'a str>,
    /// No national notice speaks for it yet, so what it is may still change.
    pub provisional: bool,
}

/// A day on which two calendars differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedDay {
    /// The local date.
    pub date: NaiveDate,
    /// What it is by the one.
    pub before: DayKind,
    /// What it is by the other.
    pub after: DayKind,
}

/// The merged view of several notices; immutable, so it can be shared between threads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The number of the national notice for each year.
    years: BTreeMap<i32, String>,
    /// The days that notices name.
    named: BTreeMap<NaiveDate, Named>,
    /// The days that differ from the weekday rule, ascending.
    shifts: Vec<Shift>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    kind: NoticeDayKind,
    holiday: String,
    number: String,
    is_national: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shift {
    day: i64,
    /// The working days gained or lost against the weekday rule through this day.
    gained_through: i64,
    /// The working days through this day, as [`Calendar::workdays_through`] counts them.
    workdays_through: i64,
}

impl Calendar {
    /// Merges national notices, in any order.
    ///
    /// # Errors
    ///
    /// What [`Calendars::adopting`] refuses.
    pub fn try_new(notices: &[Notice]) -> Result<Self, Vec<Rejected>> {
        let adoption = Calendars::default().adopting(notices, DateTime::<Utc>::MIN_UTC)?;
        Ok(Self::clone(adoption.after.national()))
    }

    /// Lays notices over each other, the widest first. They are known to agree.
    fn layered(notices: &[&Notice]) -> Self {
        let mut calendar = Self::default();
        for notice in notices {
            let is_national = notice.scope.is_national();
            if is_national {
                calendar.years.insert(notice.year, notice.number.clone());
            }
            for day in &notice.days {
                // Where two national notices agree on a day in December, the one for its own year is cited.
                if is_national
                    && day.date.year() != notice.year
                    && calendar.named.contains_key(&day.date)
                {
                    continue;
                }
                let named = Named {
                    kind: day.kind,
                    holiday: day.holiday.clone(),
                    number: notice.number.clone(),
                    is_national,
                };
                calendar.named.insert(day.date, named);
            }
        }
        calendar.shifts = shifts(&calendar.named);
        calendar
    }

    /// This calendar through a day, and another one after it. The year of that day rests on the notice of the former.
    fn through(&self, day: NaiveDate, after: &Self) -> Self {
        let years = self.years.range(..=day.year());
        let years = years.chain(after.years.range(day.year() + 1..));
        let named = self.named.range(..=day);
        let named = named.chain(after.named.range((Bound::Excluded(day), Bound::Unbounded)));
        let named = named.map(|(date, named)| (*date, named.clone())).collect();
        Self {
            years: years
                .map(|(year, number)| (*year, number.clone()))
                .collect(),
            shifts: shifts(&named),
            named,
        }
    }

    /// The calendar without any notice: Monday to Friday, and every answer provisional.
    pub fn weekdays_only() -> Self {
        Self::default()
    }

    /// Whether `date` is a working day.
    pub fn is_workday(&self, date: NaiveDate) -> bool {
        let shift = self
            .shifts
            .binary_search_by_key(&number_of(date), |shift| shift.day);
        // A shift turns a working day into a day off, or the other way round.
        is_weekend(date) == shift.is_ok()
    }

    /// Whether `date` is a guess, because no national notice names it and none speaks for its year.
    pub fn is_provisional(&self, date: NaiveDate) -> bool {
        let named = self.named.get(&date);
        !self.years.contains_key(&date.year()) && !named.is_some_and(|named| named.is_national)
    }

    /// The days that are something else by `after`, ascending.
    pub fn changed_days(&self, after: &Self) -> Vec<ChangedDay> {
        let dates: BTreeSet<NaiveDate> = self
            .named
            .keys()
            .chain(after.named.keys())
            .copied()
            .collect();
        let changed = dates.into_iter().map(|date| ChangedDay {
            date,
            before: kind(date, self.named.get(&date)),
            after: kind(date, after.named.get(&date)),
        });
        changed.filter(|day| day.before != day.after).collect()
    }

    /// What `date` is and which notice says so.
    pub fn day(&self, date: NaiveDate) -> CalendarDay<'_> {
        let named = self.named.get(&date);
        let year = self.years.get(&date.year());
        CalendarDay {
            date,
            kind: kind(date, named),
            notice: named
                .map(|named| &named.number)
                .or(year)
                .map(String::as_str),
            holiday: named.map(|named| named.holiday.as_str()),
            provisional: self.is_provisional(date),
        }
    }

    /// The `n`-th working day after `date`, which itself is not counted; `date` itself for 0.
    pub fn add_workdays(&self, date: NaiveDate, n: u32) -> NaiveDate {
        date_of(self.nth_workday_after(number_of(date), i64::from(n)))
    }

    /// The `n`-th working day before `date`, which itself is not counted; `date` itself for 0.
    ///
    /// For a working day this undoes [`add_workdays`](Self::add_workdays).
    pub fn subtract_workdays(&self, date: NaiveDate, n: u32) -> NaiveDate {
        if n == 0 {
            return date;
        }
        date_of(self.day_reaching(self.workdays_through(number_of(date) - 1) - i64::from(n) + 1))
    }

    /// The number of working days in (`after`, `through`]; negative when the two are reversed.
    pub fn workdays_between(&self, after: NaiveDate, through: NaiveDate) -> i64 {
        self.workdays_in(number_of(after), number_of(through))
    }

    /// `date` if it is worked, else the next day that is (民法典 Art. 203(1)).
    pub fn next_workday_on_or_after(&self, date: NaiveDate) -> NaiveDate {
        if self.is_workday(date) {
            return date;
        }
        self.add_workdays(date, 1)
    }

    /// The years for which there is a notice.
    pub fn years(&self) -> BTreeSet<i32> {
        self.years.keys().copied().collect()
    }

    /// Whether a year without a notice is touched by the days from `first` through `last`.
    pub(crate) fn is_any_provisional(&self, first: NaiveDate, last: NaiveDate) -> bool {
        // Stops at the first gap, so it looks at no more years than there are notices.
        (first.year()..=last.year()).any(|year| !self.years.contains_key(&year))
    }

    /// The number of working days in (`after`, `through`], both given by [`number_of`].
    pub(crate) fn workdays_in(&self, after: i64, through: i64) -> i64 {
        self.workdays_through(through) - self.workdays_through(after)
    }

    /// The `n`-th working day after a day, as numbers; saturates at the last date.
    pub(crate) fn nth_workday_after(&self, day: i64, n: i64) -> i64 {
        if n <= 0 {
            return day;
        }
        self.day_reaching(self.workdays_through(day).saturating_add(n))
    }

    /// The working days from day 1 of the common era through `day`; only differences mean anything.
    fn workdays_through(&self, day: i64) -> i64 {
        let later = self.shifts.partition_point(|shift| shift.day <= day);
        weekdays_through(day) + self.gained_before(later)
    }

    /// The first day with that many working days through it.
    ///
    /// Between two shifts only weekdays count, so the answer is the one by weekdays, or the shift at which the count
    /// is reached before: one search in the shifts, whatever the distance.
    fn day_reaching(&self, count: i64) -> i64 {
        // No date has more, so what follows cannot overflow.
        let count = count.clamp(i32::MIN.into(), i32::MAX.into());
        let next = self
            .shifts
            .partition_point(|shift| shift.workdays_through < count);
        let by_weekdays = weekday_reaching(count - self.gained_before(next));
        let day = match self.shifts.get(next) {
            Some(shift) => by_weekdays.min(shift.day),
            None => by_weekdays,
        };
        day.clamp(number_of(NaiveDate::MIN), number_of(NaiveDate::MAX))
    }

    /// The working days gained or lost by the first `shifts` shifts.
    fn gained_before(&self, shifts: usize) -> i64 {
        shifts
            .checked_sub(1)
            .and_then(|last| self.shifts.get(last))
            .map_or(0, |shift| shift.gained_through)
    }
}

/// The days from Monday to Friday from day 1 of the common era through `day`.
fn weekdays_through(day: i64) -> i64 {
    // Day 1 was a Monday, so the remainders 1 to 5 are Monday to Friday.
    day.div_euclid(7) * 5 + day.rem_euclid(7).min(5)
}

/// The first day with that many days from Monday to Friday through it.
fn weekday_reaching(count: i64) -> i64 {
    (count - 1).div_euclid(5) * 7 + (count - 1).rem_euclid(5) + 1
}

/// The number of a date: 1 is the first of January of the year 1, a Monday.
pub(crate) fn number_of(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce())
}

/// The date of a number; beyond the range of dates it is the first or the last of them.
pub(crate) fn date_of(number: i64) -> NaiveDate {
    let end = if number < 0 {
        NaiveDate::MIN
    } else {
        NaiveDate::MAX
    };
    i32::try_from(number)
        .ok()
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .unwrap_or(end)
}

fn kind(date: NaiveDate, named: Option<&Named>) -> DayKind {
    match named.map(|named| named.kind) {
        Some(NoticeDayKind::Off) => DayKind::Holiday,
        Some(NoticeDayKind::Makeup) => DayKind::Makeup,
        None if is_weekend(date) => DayKind::Weekend,
        None => DayKind::Workday,
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    date.weekday().number_from_monday() > 5
}

/// Only what differs from the weekday rule shifts the count: a Sunday that is off by a notice is off anyway.
fn shifts(named: &BTreeMap<NaiveDate, Named>) -> Vec<Shift> {
    let mut gained = 0;
    named
        .iter()
        .filter(|(date, named)| (named.kind == NoticeDayKind::Makeup) == is_weekend(**date))
        .map(|(date, named)| {
            gained += if named.kind == NoticeDayKind::Makeup {
                1
            } else {
                -1
            };
            let day = number_of(*date);
            Shift {
                day,
                gained_through: gained,
                workdays_through: weekdays_through(day) + gained,
            }
        })
        .collect()
}
