//! The holiday notice (节假日安排通知), national or local, and what is refused in one.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::scope::is_division;
use super::{Scope, is_weekend};
use crate::coded;
use crate::plain_text;
use crate::rejected::{Reason, Rejected};

/// The longest document number, name of an office or name of a holiday.
const TEXT_MAX: usize = 100;
/// More days than this no notice can name.
const DAYS_MAX: usize = 400;

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

/// A notice for one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The document number, such as 国办发明电〔2023〕7号.
    pub number: String,
    /// The issuing office, for a national notice 国务院办公厅.
    pub issuer: String,
    /// The date on which the notice was issued.
    pub issued_on: NaiveDate,
    /// The year for which it speaks.
    pub year: i32,
    /// Where it holds.
    #[serde(default, skip_serializing_if = "Scope::is_national")]
    pub scope: Scope,
    /// The number of the notice in whose place it comes, such as that on the longer Spring Festival of 2020.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// The days it names; all others follow their weekday, or for a local notice the wider ones.
    pub days: Vec<NoticeDay>,
}

impl Notice {
    /// The same notice without blanks around its texts, so that one number is never two.
    pub fn trimmed(mut self) -> Self {
        let trim = |text: &mut String| *text = text.trim().to_owned();
        trim(&mut self.number);
        trim(&mut self.issuer);
        self.replaces.iter_mut().for_each(trim);
        for day in &mut self.days {
            trim(&mut day.holiday);
        }
        self
    }

    /// Checks the notice by itself; [`Calendars::adopting`](super::Calendars::adopting) compares it with the others.
    ///
    /// # Errors
    ///
    /// Every fault at once: an empty or unprintable text, `NoticeRegionInvalid`, `NoticeEmpty`,
    /// `NoticeDayOfOtherYear`, `NoticeDayTwice`, `NoticeOffAndMakeup`, `NoticeMakeupOnWeekday`.
    pub fn check(&self) -> Result<(), Vec<Rejected>> {
        let mut faults = Vec::new();
        let mut text = |text: &str, path: &str| {
            faults.extend(plain_text::checked(text, TEXT_MAX, path).err());
        };
        text(&self.number, "number");
        text(&self.issuer, "issuer");
        if let Some(replaces) = &self.replaces {
            text(replaces, "replaces");
        }
        if let Some(department) = self.scope.department() {
            text(department, "departmentCode");
        }
        if let Some(region) = self.scope.region().filter(|region| !is_division(region)) {
            let region = region.to_owned();
            faults.push(Reason::NoticeRegionInvalid { region }.at("region"));
        }
        if self.days.is_empty() {
            faults.push(Reason::NoticeEmpty { year: self.year }.at("days"));
        }
        if self.days.len() > DAYS_MAX {
            faults.push(Reason::ListTooLong { max: DAYS_MAX }.at("days"));
            return Err(faults);
        }
        let mut named = BTreeMap::new();
        for (index, day) in self.days.iter().enumerate() {
            let earlier = named.insert(day.date, day.kind);
            let date_path = format!("days.{index}.date");
            let holiday_path = format!("days.{index}.holiday");
            faults.extend(
                self.fault_of(day, earlier)
                    .map(|fault| fault.at(&date_path)),
            );
            faults.extend(plain_text::checked(&day.holiday, TEXT_MAX, &holiday_path).err());
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }

    fn fault_of(&self, day: &NoticeDay, earlier: Option<NoticeDayKind>) -> Option<Reason> {
        let (date, year) = (day.date.to_string(), self.year);
        if !self.may_name(day.date) {
            return Some(Reason::NoticeDayOfOtherYear { date, year });
        }
        match earlier {
            Some(kind) if kind == day.kind => return Some(Reason::NoticeDayTwice { date }),
            Some(_) => return Some(Reason::NoticeOffAndMakeup { date }),
            None => {}
        }
        let makes_up_for_nothing = day.kind == NoticeDayKind::Makeup && !is_weekend(day.date);
        makes_up_for_nothing.then_some(Reason::NoticeMakeupOnWeekday { date })
    }

    /// New Year's Day may bring the last days of December with it (2022-12-31 stands in the notice for 2023); only the
    /// State Council's arrangement does so, a local notice speaks of its year.
    fn may_name(&self, date: NaiveDate) -> bool {
        let eve = date.month() == 12 && date.day() >= 24 && self.scope.is_national();
        date.year() == self.year || (eve && date.year().checked_add(1) == Some(self.year))
    }
}
