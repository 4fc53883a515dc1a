//! What is told of a clock whose due date an adopted notice moved.

use chrono::NaiveDate;

use super::{File, FileClock};
use crate::calendar::Notice;
use crate::clock::ClockKind;
use crate::code::Code as _;
use crate::event::{ABOUT_MEDIATION, ABOUT_OPINION, EventKind, Happening};

impl File {
    /// What is told of a clock that moved (日历重算): its due date before and after, and the notices that speak of the days
    /// between its start and its end. That of inner work says of which, and is therefore not for everybody.
    pub fn recomputed(
        &self,
        one: &FileClock,
        (before, after): (NaiveDate, NaiveDate),
        notices: &[&Notice],
    ) -> Happening {
        let (start, end) = (one.running.clock.anchor, before.max(after));
        let speaks = |notice: &Notice| {
            let mut days = notice.days.iter();
            days.any(|day| start < day.date && day.date <= end)
        };
        let speaking = notices.iter().filter(|notice| speaks(notice));
        let numbers: Vec<&str> = speaking.map(|notice| notice.number.as_str()).collect();
        let told = Happening {
            case: one.case,
            department: one.department.clone(),
            ..Happening::of_application(EventKind::CalendarRecomputed)
        };
        let told = told
            .with("clock", one.running.kind.code())
            .with("before", before.to_string())
            .with("after", after.to_string())
            .with("notice", numbers.join(","));
        match self.inner_work_of(one) {
            Some((name, number)) => told.with(name, number),
            None => told,
        }
    }

    /// The work between departments that a clock measures, if it does: which opinion that a case asks for, or which mediation.
    fn inner_work_of(&self, one: &FileClock) -> Option<(&'static str, String)> {
        let ordinal = one.running.ordinal;
        match (one.running.kind, one.case) {
            // The one of number 0 is the department's own, at whose end the case passes.
            (ClockKind::Opinion, _) if ordinal > 0 => Some((ABOUT_OPINION, ordinal.to_string())),
            (ClockKind::Mediation, Some(case)) => {
                let number = self.course.mediation_of(case, ordinal);
                Some((ABOUT_MEDIATION, number.to_owned()))
            }
            _ => None,
        }
    }
}
