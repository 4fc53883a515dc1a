//! The yearly holiday notice (国务院办公厅关于部分节假日安排的通知) and what is refused in one.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::coded;

coded! {
    /// What a notice says of a day.
    pub enum NoticeDayKind {
        /// 放假: nobody works, whatever the weekday.
        Off = "OFF",
        /// 上班 (调休): a Saturday or Sunday on which everybody works.
        Makeup = "MAKEUP",
    }
}

/// One day named by a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeDay {
    /// The local date.
    pub date: NaiveDate,
    /// The holiday for which the day is off or worked, such as 春节.
    pub holiday: String,
    /// Off or worked.
    pub kind: NoticeDayKind,
}

/// The notice for one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The document number, such as 国办发明电〔2023〕7号.
    pub number: String,
    /// The issuing office, as a rule 国务院办公厅.
    pub issuer: String,
    /// The date on which the notice was issued.
    pub issued_on: NaiveDate,
    /// The year for which it speaks.
    pub year: i32,
    /// The days it names; all others follow their weekday.
    pub days: Vec<NoticeDay>,
}

/// Why notices do not make a calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Two notices speak for one year; an amended notice replaces the former one, it does not stand beside it.
    #[error("two notices for the year {year}")]
    TwoNoticesForYear {
        /// The year in question.
        year: i32,
    },
    /// The notice has no number, so no explanation could cite it.
    #[error("the notice for {year} has no number")]
    NumberMissing {
        /// The year of the notice.
        year: i32,
    },
    /// The notice names no day: it would turn a whole year of guesses into facts.
    #[error("the notice for {year} names no day")]
    NoDays {
        /// The year of the notice.
        year: i32,
    },
    /// The day is neither in the year of the notice nor one of the last days of December before.
    #[error("{date} does not belong to the notice for {year}")]
    NotOfYear {
        /// The day named.
        date: NaiveDate,
        /// The year of the notice that names it.
        year: i32,
    },
    /// One notice names a day twice.
    #[error("the notice for {year} names {date} twice")]
    NamedTwice {
        /// The day named twice.
        date: NaiveDate,
        /// The year of the notice.
        year: i32,
    },
    /// A day is both off and worked, in one notice or by two.
    #[error("{date} is both a day off and a make-up working day")]
    OffAndMakeup {
        /// The day in question.
        date: NaiveDate,
    },
    /// A make-up working day that is no Saturday or Sunday makes up for nothing.
    #[error("{date} is no Saturday or Sunday and cannot be a make-up working day")]
    MakeupOnWeekday {
        /// The day in question.
        date: NaiveDate,
    },
}

impl Notice {
    /// Checks the notice by itself; [`Calendar::try_new`](super::Calendar::try_new) compares it with the others.
    ///
    /// # Errors
    ///
    /// The first fault found, in the order of [`CalendarError`].
    pub fn check(&self) -> Result<(), CalendarError> {
        let year = self.year;
        if self.number.trim().is_empty() {
            return Err(CalendarError::NumberMissing { year });
        }
        if self.days.is_empty() {
            return Err(CalendarError::NoDays { year });
        }
        for (index, day) in self.days.iter().enumerate() {
            let date = day.date;
            if !self.may_name(date) {
                return Err(CalendarError::NotOfYear { date, year });
            }
            if let Some(earlier) = self
                .days
                .iter()
                .take(index)
                .find(|earlier| earlier.date == date)
            {
                return Err(if earlier.kind == day.kind {
                    CalendarError::NamedTwice { date, year }
                } else {
                    CalendarError::OffAndMakeup { date }
                });
            }
            if day.kind == NoticeDayKind::Makeup && date.weekday().number_from_monday() <= 5 {
                return Err(CalendarError::MakeupOnWeekday { date });
            }
        }
        Ok(())
    }

    /// New Year's Day may bring the last days of December with it (2022-12-31 stands in the notice for 2023).
    fn may_name(&self, date: NaiveDate) -> bool {
        let eve = date.month() == 12 && date.day() >= 24;
        date.year() == self.year || (eve && date.year().checked_add(1) == Some(self.year))
    }
}
