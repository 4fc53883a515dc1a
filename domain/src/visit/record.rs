//! The one record of a visit: who came, what each concluded, what is wrong.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Attendance, Conclusion, Defect, MOST_DEFECTS, Visit, VisitPart, VisitPolicy, VisitState,
    expect_persons, expect_within,
};
use crate::event::{EventKind, Happening};
use crate::rejected::{Reason, Rejected};

/// A line of a record about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLine {
    /// Code of the department.
    pub department: String,
    /// Whether it came.
    pub present: bool,
    /// What it concluded, as the record reports it.
    pub conclusion: Option<String>,
}

/// A defect about to be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDefect {
    /// What is wrong.
    pub text: String,
    /// Codes of the departments that it concerns.
    pub departments: Vec<String>,
    /// By when it is to be mended.
    pub due_on: NaiveDate,
}

/// A record about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What happened, or the minutes.
    pub text: String,
    /// One line a department; those that concluded by themselves need none.
    pub lines: Vec<RecordLine>,
    /// What is wrong.
    pub defects: Vec<FoundDefect>,
}

impl Visit {
    /// Makes the one record: who came, what each concluded, what is wrong. `takes_part` says whether a department still has
    /// to do with the application; of one that has not, nothing needs to be said.
    ///
    /// # Errors
    /// `WrongState` unless it is called; `VisitNotBegun`; for its lines `DepartmentTakesNoPart`, `DepartmentTwice`,
    /// `ConclusionTwice`, `ConclusionMissing`, `AbsentConcludes`, `TextEmpty`, `TwoPersonsNeeded`, `NobodyCame`; for its
    /// defects `ListTooLong`, `DefectTwice`, `DepartmentTakesNoPart` of one that did not come, `DateOutOfRange`.
    pub fn hold(
        &mut self,
        record: Record,
        policy: &VisitPolicy,
        (now, today): (DateTime<Utc>, NaiveDate),
        takes_part: impl Fn(&str) -> bool,
    ) -> Result<Happening, Rejected> {
        self.expect_begun(now)?;
        let mut held = self.clone();
        for (at, line) in record.lines.iter().enumerate() {
            let twice = record.lines[..at].iter();
            if twice.clone().any(|one| one.department == line.department) {
                let department = line.department.clone();
                let place = format!("lines.{at}.departmentCode");
                return Err(Reason::DepartmentTwice { department }.at(&place));
            }
            held.take_down(line, policy, at)?;
        }
        let missing = held.parts.iter();
        let missing =
            missing.filter(|part| part.attendance.is_none() && takes_part(&part.department));
        let missing: Vec<&str> = missing.map(|part| part.department.as_str()).collect();
        if !missing.is_empty() {
            let departments = missing.join(", ");
            return Err(Reason::ConclusionMissing { departments }.at("lines"));
        }
        if !held.parts.iter().any(VisitPart::came) {
            return Err(Reason::NobodyCame.at("lines"));
        }
        held.defects = held.listed(record.defects, today)?;
        held.record = Some(record.text);
        held.state = VisitState::Held;
        held.version += 1;
        *self = held;
        Ok(self.happening(EventKind::VisitHeld).dated(self.on()))
    }

    fn take_down(
        &mut self,
        line: &RecordLine,
        policy: &VisitPolicy,
        at: usize,
    ) -> Result<(), Rejected> {
        let place = |field: &str| format!("lines.{at}.{field}");
        let department = line.department.clone();
        let least = self.kind.least_persons();
        let part = self.part_mut(&department, &place("departmentCode"))?;
        if part.conclusion.is_some() {
            return Err(Reason::ConclusionTwice { department }.at(&place("departmentCode")));
        }
        match (&line.conclusion, line.present) {
            (Some(_), false) => {
                return Err(Reason::AbsentConcludes { department }.at(&place("conclusion")));
            }
            (None, true) => return Err(Reason::TextEmpty.at(&place("conclusion"))),
            (None, false) => part.attendance = Some(policy.of_absence()),
            (Some(text), true) => {
                expect_persons(&department, &part.persons, least, &place("departmentCode"))?;
                part.attendance = Some(Attendance::Present);
                part.conclusion = Some(Conclusion {
                    text: text.clone(),
                    signed: false,
                    opinion: None,
                });
            }
        }
        Ok(())
    }

    fn listed(&self, found: Vec<FoundDefect>, today: NaiveDate) -> Result<Vec<Defect>, Rejected> {
        if found.len() > MOST_DEFECTS {
            return Err(Reason::ListTooLong { max: MOST_DEFECTS }.at("defects"));
        }
        let came = |code: &str| self.part(code).is_some_and(VisitPart::came);
        for (at, defect) in found.iter().enumerate() {
            let place = |field: &str| format!("defects.{at}.{field}");
            if found[..at].iter().any(|other| other.text == defect.text) {
                return Err(Reason::DefectTwice.at(&place("text")));
            }
            if defect.departments.is_empty() {
                return Err(Reason::TextEmpty.at(&place("departmentCodes")));
            }
            let stranger = defect.departments.iter().position(|code| !came(code));
            if let Some(which) = stranger {
                let department = defect.departments[which].clone();
                let place = place(&format!("departmentCodes.{which}"));
                return Err(Reason::DepartmentTakesNoPart { department }.at(&place));
            }
            expect_within(defect.due_on, today, &place("mendBy"))?;
        }
        let numbered = (1..).zip(found).map(|(number, defect)| Defect {
            number,
            text: defect.text,
            departments: defect.departments,
            due_on: defect.due_on,
            mended: None,
        });
        Ok(numbered.collect())
    }
}
