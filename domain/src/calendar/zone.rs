//! The one zone of all clocks: Asia/Shanghai, UTC+8, without summer time.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// China Standard Time is eight hours ahead of UTC all the year; the summer time of 1986 to 1991 is of no concern here.
const AHEAD: TimeDelta = TimeDelta::hours(8);

/// The date on the wall of the service centre at `instant`.
///
/// Every clock works on such dates and never on hours. An instant beyond what a date can hold gives the last date.
pub fn local_date(instant: DateTime<Utc>) -> NaiveDate {
    local(instant).date()
}

/// The time of day on the wall of the service centre at `instant`.
pub fn local_time(instant: DateTime<Utc>) -> NaiveTime {
    local(instant).time()
}

/// The date and the minute on the wall of the service centre at `instant`, for people: `2026-03-04 10:00`.
pub fn local_minute(instant: DateTime<Utc>) -> String {
    local(instant).format("%Y-%m-%d %H:%M").to_string()
}

fn local(instant: DateTime<Utc>) -> NaiveDateTime {
    let local = instant.naive_utc().checked_add_signed(AHEAD);
    local.unwrap_or(NaiveDateTime::MAX)
}

/// The instant at which `date` begins (00:00 in Asia/Shanghai).
///
/// A date before what an instant can hold gives the first instant.
pub fn start_of(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN)
        .checked_sub_signed(AHEAD)
        .map_or(DateTime::<Utc>::MIN_UTC, |utc| utc.and_utc())
}
