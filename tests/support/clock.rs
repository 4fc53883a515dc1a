//! Time that only moves when a test moves it.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, NaiveDate, TimeZone as _, Utc};
use lianshen::env::{Clock, MachineClock};
use lianshen_domain::calendar::{Calendar, local_date, start_of};

/// A clock that stands still until it is set.
pub struct ManualClock {
    now: Mutex<DateTime<Utc>>,
}

impl ManualClock {
    /// Monday, 2 March 2026, nine o'clock in Shanghai: no holiday is near.
    pub fn start() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap()
    }

    /// A clock that stands at [`ManualClock::start`].
    pub fn new() -> Self {
        Self {
            now: Mutex::new(Self::start()),
        }
    }

    /// Sets the instant.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Sets it to nine o'clock of a day in Shanghai.
    pub fn set_day(&self, day: &str) {
        let day = day.parse().expect("a day is written YYYY-MM-DD");
        self.set(start_of(day) + Duration::hours(9));
    }

    /// Moves on.
    pub fn advance(&self, by: Duration) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Moves on by so many working days, to the same time of day.
    pub fn advance_workdays(&self, calendar: &Calendar, days: u32) {
        let today = self.today();
        self.advance(calendar.add_workdays(today, days) - today);
    }

    /// The local date.
    pub fn today(&self) -> NaiveDate {
        local_date(self.now())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The clock of a machine that was set so far ahead.
pub struct Ahead(pub Duration);

impl Clock for Ahead {
    fn now(&self) -> DateTime<Utc> {
        MachineClock.now() + self.0
    }

    fn tells_time_of_day(&self) -> bool {
        true
    }
}
