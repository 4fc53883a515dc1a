//! Visits: several departments come together, at the site (联合踏勘) or at a table (联审会议).
//!
//! Both are called in time, by the lead or by the centre, and have one record with one conclusion line a department.
//! Whoever stays away is shown as absent: by the policy of the centre that may count as consent to the record (视为同意),
//! and is never shown as agreement. What is wrong at the site is listed once, and stays in the list when it is mended.

mod policy;
mod record;

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::{local_date, local_minute};
use crate::code::Code as _;
use crate::coded;
use crate::event::{EventKind, Happening};
use crate::ids::{ApplicationId, VisitId};
use crate::rejected::{Reason, Rejected, Word};
use crate::review::{OpinionKind, Outcome};

pub use policy::VisitPolicy;
pub use record::{FoundDefect, Record, RecordLine};

/// The most departments of one visit.
pub const MOST_DEPARTMENTS: usize = 20;
/// The most persons of one department.
pub const MOST_PERSONS: usize = 10;
/// The most defects of one visit.
pub const MOST_DEFECTS: usize = 50;

coded! {
    /// Where departments come together.
    pub enum VisitKind {
        /// 联合踏勘: at the site; two different persons of each department (行政许可法 第三十四条第三款).
        SiteVisit = "SITE_VISIT",
        /// 联审会议: at a table.
        Meeting = "MEETING",
    }
}

impl VisitKind {
    /// How many persons of a department take part at least.
    pub fn least_persons(self) -> usize {
        match self {
            Self::SiteVisit => 2,
            Self::Meeting => 0,
        }
    }
}

coded! {
    /// Where a visit stands.
    pub enum VisitState {
        /// 已召集: the departments were told.
        Called = "CALLED",
        /// 已举行: its record was made.
        Held = "HELD",
        /// 已取消: it does not take place.
        Cancelled = "CANCELLED",
    }
}

coded! {
    /// Whether a department came.
    pub enum Attendance {
        /// 到场.
        Present = "PRESENT",
        /// 缺席.
        Absent = "ABSENT",
        /// 缺席视为同意记录: absent although duly called, which by the policy of the centre is consent to the record and to
        /// nothing else. It is no opinion, and nobody agreed.
        AbsentConsents = "ABSENT_CONSENTS",
    }
}

coded! {
    /// Where a defect stands.
    pub enum DefectState {
        /// 待整改.
        Open = "OPEN",
        /// 已整改: a department confirmed it.
        Mended = "MENDED",
    }
}

/// What a department concluded (部门结论).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conclusion {
    /// The line in the record.
    pub text: String,
    /// Whether the department gave it itself; otherwise the record reports it.
    pub signed: bool,
    /// The opinion that it is, where the department gave one on a review of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opinion: Option<OpinionKind>,
}

/// A department that was called to a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VisitPart {
    /// Code of the department.
    pub department: String,
    /// Names of who comes for it, all different.
    pub persons: Vec<String>,
    /// Why it must see the site once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again_because: Option<String>,
    /// Whether it came; `None` before the visit is held, and where it took no part in the application any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendance: Option<Attendance>,
    /// What it concluded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<Conclusion>,
}

/// That a defect was mended, by whom it was confirmed, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mended {
    /// The day.
    pub on: NaiveDate,
    /// Code of the department.
    pub department: String,
    /// What it found.
    pub finding: String,
}

/// Something that is wrong at the site (问题). It is listed once, for all departments that it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Defect {
    /// The n-th of its visit, from 1.
    pub number: u32,
    /// What is wrong.
    pub text: String,
    /// Codes of the departments that it concerns.
    pub departments: Vec<String>,
    /// By when it is to be mended.
    pub due_on: NaiveDate,
    /// That it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mended: Option<Mended>,
}

impl Defect {
    /// Where it stands.
    pub fn state(&self) -> DefectState {
        match self.mended {
            Some(_) => DefectState::Mended,
            None => DefectState::Open,
        }
    }

    /// Whether it ought to have been mended before a day, and was not.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.mended.is_none() && self.due_on < today
    }
}

/// A joint site visit or a joint meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Identifier.
    pub id: VisitId,
    /// The application.
    pub application: ApplicationId,
    /// The n-th of the application, from 1.
    pub number: u32,
    /// Where the departments come together.
    pub kind: VisitKind,
    /// Where it stands.
    pub state: VisitState,
    /// When it begins.
    pub begins_at: DateTime<Utc>,
    /// The place.
    pub place: String,
    /// Code of the department that called it; `None` for the centre.
    pub convener: Option<String>,
    /// The departments, in the order in which they were called.
    pub parts: Vec<VisitPart>,
    /// Why it was moved last, or cancelled.
    pub because: Option<String>,
    /// The record, or the minutes.
    pub record: Option<String>,
    /// What is wrong, in order.
    pub defects: Vec<Defect>,
    /// Counts the changes.
    pub version: i64,
}

impl Visit {
    /// The day in the zone of the centre.
    pub fn on(&self) -> NaiveDate {
        local_date(self.begins_at)
    }

    /// What it says of a department.
    pub fn part(&self, department: &str) -> Option<&VisitPart> {
        let mut parts = self.parts.iter();
        parts.find(|part| part.department == department)
    }

    /// Names who comes for a department, in place of those who were named before.
    ///
    /// # Errors
    /// `WrongState` unless it is called; `ConclusionTwice` once the department has concluded, for who came stands behind
    /// that; `TwoPersonsNeeded`, `PersonTwice`, `ListTooLong`.
    pub fn name_persons(
        &mut self,
        department: &str,
        persons: Vec<String>,
    ) -> Result<Outcome<Happening>, Rejected> {
        self.expect_state(VisitState::Called)?;
        let least = self.kind.least_persons();
        expect_persons(department, &persons, least, "persons")?;
        let part = self.part_mut(department, "departmentCode")?;
        if part.persons == persons {
            return Ok(Outcome::Unchanged);
        }
        if part.conclusion.is_some() {
            let department = department.to_owned();
            return Err(Reason::ConclusionTwice { department }.into());
        }
        part.persons = persons;
        self.version += 1;
        let named = self.happening(EventKind::VisitPersonsNamed);
        Ok(Outcome::Done(of_department(named, department)))
    }

    /// Gives the conclusion of a department by itself, once the visit has begun.
    ///
    /// # Errors
    /// `WrongState` unless it is called; `VisitNotBegun`; `ConclusionTwice` where another line stands;
    /// `TwoPersonsNeeded` at a site.
    pub fn conclude(
        &mut self,
        department: &str,
        conclusion: Conclusion,
        now: DateTime<Utc>,
    ) -> Result<Outcome<Happening>, Rejected> {
        let kind = self.kind;
        self.expect_begun(now)?;
        let part = self.part_mut(department, "visitId")?;
        if part.conclusion.as_ref() == Some(&conclusion) {
            return Ok(Outcome::Unchanged);
        }
        if part.conclusion.is_some() {
            let department = department.to_owned();
            return Err(Reason::ConclusionTwice { department }.into());
        }
        expect_persons(department, &part.persons, kind.least_persons(), "visitId")?;
        part.attendance = Some(Attendance::Present);
        part.conclusion = Some(conclusion);
        self.version += 1;
        let concluded = self.happening(EventKind::VisitConcluded);
        Ok(Outcome::Done(of_department(concluded, department)))
    }

    /// Moves it to another time, and to another place if one is given. Whether the departments are told in time is for
    /// the caller to see.
    ///
    /// # Errors
    /// `WrongState` unless it is called; `ConclusionTwice` once a department has concluded at it.
    pub(crate) fn move_to(
        &mut self,
        begins_at: DateTime<Utc>,
        place: Option<String>,
        because: String,
    ) -> Result<Vec<Happening>, Rejected> {
        self.expect_state(VisitState::Called)?;
        self.expect_nothing_said()?;
        self.begins_at = begins_at;
        if let Some(place) = place {
            self.place = place;
        }
        self.because = Some(because);
        self.version += 1;
        Ok(self.told(EventKind::VisitMoved))
    }

    /// Cancels it.
    ///
    /// # Errors
    /// `WrongState` once it was held; `ConclusionTwice` once a department has concluded at it.
    pub fn cancel(&mut self, because: String) -> Result<Outcome<Happening>, Rejected> {
        if self.state == VisitState::Cancelled {
            return Ok(Outcome::Unchanged);
        }
        self.expect_state(VisitState::Called)?;
        self.expect_nothing_said()?;
        self.state = VisitState::Cancelled;
        self.because = Some(because);
        self.version += 1;
        Ok(Outcome::Done(self.happening(EventKind::VisitCancelled)))
    }

    /// Confirms that a defect was mended; it stays in the list.
    ///
    /// # Errors
    /// `WrongState` unless the visit was held, and once the defect is mended; `NotFound`; `DepartmentTakesNoPart` for a
    /// department that the defect does not concern.
    pub fn mend(&mut self, number: u32, mended: Mended) -> Result<Outcome<Happening>, Rejected> {
        self.expect_state(VisitState::Held)?;
        let mut defects = self.defects.iter_mut();
        let Some(defect) = defects.find(|defect| defect.number == number) else {
            return Err(Reason::NotFound.at("number"));
        };
        let department = mended.department.clone();
        if !defect.departments.contains(&department) {
            return Err(Reason::DepartmentTakesNoPart { department }.at("number"));
        }
        match &defect.mended {
            Some(former) if *former == mended => return Ok(Outcome::Unchanged),
            Some(_) => return Err(wrong_state(DefectState::Mended)),
            None => defect.mended = Some(mended),
        }
        self.version += 1;
        let mended = self.happening(EventKind::DefectMended);
        let mended = mended.with("defect", number.to_string());
        Ok(Outcome::Done(of_department(mended, &department)))
    }

    /// That it takes place on a day, and that each of its departments was told so.
    pub(crate) fn told(&self, kind: EventKind) -> Vec<Happening> {
        let on = self.on().to_string();
        let of_all = self.happening(kind).with("on", &*on);
        let each = self.parts.iter().map(|part| {
            let told = self.happening(EventKind::VisitTold).with("on", &*on);
            let told = told.with("department", &*part.department);
            of_department(told, &part.department)
        });
        [of_all].into_iter().chain(each).collect()
    }

    fn part_mut(&mut self, department: &str, field: &str) -> Result<&mut VisitPart, Rejected> {
        let mut parts = self.parts.iter_mut();
        let found = parts.find(|part| part.department == department);
        let department = department.to_owned();
        found.ok_or_else(|| Reason::DepartmentTakesNoPart { department }.at(field))
    }

    fn expect_state(&self, state: VisitState) -> Result<(), Rejected> {
        if self.state == state {
            Ok(())
        } else {
            Err(wrong_state(self.state))
        }
    }

    fn expect_begun(&self, now: DateTime<Utc>) -> Result<(), Rejected> {
        self.expect_state(VisitState::Called)?;
        if now < self.begins_at {
            let begins = local_minute(self.begins_at);
            return Err(Reason::VisitNotBegun { begins }.into());
        }
        Ok(())
    }

    /// What a department has concluded is neither moved nor cancelled.
    fn expect_nothing_said(&self) -> Result<(), Rejected> {
        let mut said = self.parts.iter().filter(|part| part.conclusion.is_some());
        let department = said.next().map(|part| part.department.clone());
        department.map_or(Ok(()), |department| {
            Err(Reason::ConclusionTwice { department }.into())
        })
    }

    fn happening(&self, kind: EventKind) -> Happening {
        Happening::of_application(kind)
            .with("visit", self.number.to_string())
            .with("kind", self.kind.code())
    }
}

impl VisitPart {
    /// Whether it came.
    pub fn came(&self) -> bool {
        self.attendance == Some(Attendance::Present)
    }
}

/// Refuses persons of whom two are the same, or who are too few or too many.
pub(crate) fn expect_persons(
    department: &str,
    persons: &[String],
    least: usize,
    field: &str,
) -> Result<(), Rejected> {
    if persons.len() > MOST_PERSONS {
        return Err(Reason::ListTooLong { max: MOST_PERSONS }.at(field));
    }
    let twice = (1..persons.len()).find(|at| persons[..*at].contains(&persons[*at]));
    if let Some(at) = twice {
        let person = persons[at].clone();
        return Err(Reason::PersonTwice { person }.at(&format!("{field}.{at}")));
    }
    if persons.len() < least {
        let department = department.to_owned();
        return Err(Reason::TwoPersonsNeeded { department }.at(field));
    }
    Ok(())
}

/// Nothing is dated before today, nor further ahead than a year.
pub(crate) fn expect_within(on: NaiveDate, today: NaiveDate, field: &str) -> Result<(), Rejected> {
    let last = today.checked_add_days(Days::new(366));
    let last = last.unwrap_or(NaiveDate::MAX);
    if (today..=last).contains(&on) {
        return Ok(());
    }
    let (from, to) = (today.to_string(), last.to_string());
    Err(Reason::DateOutOfRange { from, to }.at(field))
}

fn of_department(happening: Happening, department: &str) -> Happening {
    Happening {
        department: Some(department.to_owned()),
        ..happening
    }
}

fn wrong_state(state: impl Into<Word>) -> Rejected {
    let state = state.into();
    Reason::WrongState { state }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_overdue_after_its_day_until_it_is_mended() {
        let day = |n: u32| NaiveDate::from_ymd_opt(2026, 3, n).unwrap();
        let open = Defect {
            number: 1,
            text: "疏散通道堵塞".to_owned(),
            departments: vec!["A".to_owned()],
            due_on: day(9),
            mended: None,
        };
        assert_eq!(open.state(), DefectState::Open);
        assert!(!open.is_overdue(day(9)) && open.is_overdue(day(10)));
        let mended = Defect {
            mended: Some(Mended {
                on: day(11),
                department: "A".to_owned(),
                finding: "已清理".to_owned(),
            }),
            ..open
        };
        assert_eq!(mended.state(), DefectState::Mended);
        assert!(!mended.is_overdue(day(12)));
    }
}
