//! The working days: which days are worked at the centre, and the notices that say so.

pub mod act;
pub mod preview;
pub mod query;

use async_graphql::{Object, SimpleObject};
use lianshen_domain::calendar::{self, AdoptedNotice, DayKind, NoticeDayKind};

pub use act::CalendarMutation;
pub use preview::CalendarPreviewQuery;
pub use query::CalendarQuery;

use super::coded::CodeEnum;
use super::scalars::{Date, DateTime};

/// One day, and why it is worked or not.
#[derive(SimpleObject)]
pub struct CalendarDay {
    /// The date.
    pub date: Date,
    /// What the day is.
    pub kind: CodeEnum<DayKind>,
    /// Whether people work on it.
    pub worked: bool,
    /// The holiday for which it is off or worked; null for other days.
    pub holiday: Option<String>,
    /// Number of the notice that speaks for it: the nearest that names the day, else the national one for its year.
    pub notice_number: Option<String>,
    /// The national notice for its year has not come yet, so what the day is may still change.
    pub provisional: bool,
}

impl From<calendar::CalendarDay<'_>> for CalendarDay {
    fn from(day: calendar::CalendarDay<'_>) -> Self {
        Self {
            date: Date(day.date),
            kind: day.kind.into(),
            worked: day.kind.is_worked(),
            holiday: day.holiday.map(str::to_owned),
            notice_number: day.notice.map(str::to_owned),
            provisional: day.provisional,
        }
    }
}

/// A day that a notice names.
#[derive(SimpleObject)]
pub struct CalendarNoticeDay {
    /// The date.
    pub date: Date,
    /// Off, or worked although a Saturday or Sunday.
    pub kind: CodeEnum<NoticeDayKind>,
    /// The holiday for which it is so, e.g. 春节.
    pub holiday: String,
}

/// A holiday notice (节假日安排通知) that was adopted: national, of a region, or of a department.
pub struct CalendarNotice(AdoptedNotice);

impl CalendarNotice {
    pub(super) fn new(adopted: AdoptedNotice) -> Self {
        Self(adopted)
    }
}

/// A holiday notice (节假日安排通知) that was adopted: national, of a region, or of a department.
#[Object]
impl CalendarNotice {
    /// The document number (文号).
    async fn number(&self) -> &str {
        &self.0.notice.number
    }

    /// The issuing office.
    async fn issuer(&self) -> &str {
        &self.0.notice.issuer
    }

    /// When it was issued.
    async fn issued_on(&self) -> Date {
        Date(self.0.notice.issued_on)
    }

    /// The year for which it speaks.
    async fn year(&self) -> i32 {
        self.0.notice.year
    }

    /// Division code (行政区划代码) of the region where it holds; null for the whole country.
    async fn region(&self) -> Option<&str> {
        self.0.notice.scope.region()
    }

    /// Code of the one department for which it holds; null for all of the region.
    async fn department_code(&self) -> Option<&str> {
        self.0.notice.scope.department()
    }

    /// The number of the notice in whose place it came.
    async fn replaces(&self) -> Option<&str> {
        self.0.notice.replaces.as_deref()
    }

    /// When it was adopted here.
    async fn adopted_at(&self) -> DateTime {
        DateTime(self.0.adopted_at)
    }

    /// When another took its place; null while it is in force.
    async fn superseded_at(&self) -> Option<DateTime> {
        self.0.superseded_at.map(DateTime)
    }

    /// The days that it names, in its order; all others follow their weekday, or the wider notices.
    #[graphql(complexity = "40 * child_complexity")]
    async fn days(&self) -> Vec<CalendarNoticeDay> {
        let days = self.0.notice.days.iter();
        days.map(|day| CalendarNoticeDay {
            date: Date(day.date),
            kind: day.kind.into(),
            holiday: day.holiday.clone(),
        })
        .collect()
    }
}
