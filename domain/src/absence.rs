//! Absences (外出): for some days another reviewer of the department stands in (代办).

use chrono::{Days, NaiveDate};

use crate::ids::AccountId;
use crate::rejected::{Reason, Rejected};

/// The most days of one absence.
pub const LONGEST_ABSENCE: u64 = 366;

/// An absence, with who stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Who is absent.
    pub account: AccountId,
    /// Who stands in.
    pub substitute: AccountId,
    /// The first day.
    pub from_on: NaiveDate,
    /// The last day.
    pub through_on: NaiveDate,
}

impl Absence {
    /// An absence, checked against those on record that were not cancelled. Nobody stands in for somebody while absent, so
    /// no chain of substitutes comes about, and the work of a day has one home.
    ///
    /// # Errors
    /// `OwnSubstitute`; `DateOutOfRange` for days that have passed, an end before the begin, and more than a year;
    /// `AbsenceOverlaps`.
    pub fn try_new(
        wanted: Self,
        on_record: &[Self],
        today: NaiveDate,
    ) -> Result<Self, Vec<Rejected>> {
        let mut faults = Vec::new();
        if wanted.account == wanted.substitute {
            faults.push(Reason::OwnSubstitute.at("substituteId"));
        }
        let within = |from: NaiveDate, field: &str| {
            let to = from + Days::new(LONGEST_ABSENCE - 1);
            let (from, to) = (from.to_string(), to.to_string());
            Reason::DateOutOfRange { from, to }.at(field)
        };
        let is_within = |on: NaiveDate, from: NaiveDate| {
            from <= on && (on - from).num_days() < LONGEST_ABSENCE.cast_signed()
        };
        if !is_within(wanted.from_on, today) {
            faults.push(within(today, "fromOn"));
        } else if !is_within(wanted.through_on, wanted.from_on) {
            faults.push(within(wanted.from_on, "throughOn"));
        }
        let meets = |other: &&Self| {
            other.from_on <= wanted.through_on && wanted.from_on <= other.through_on
        };
        let clashes = |other: &&Self| {
            other.account == wanted.account
                || other.account == wanted.substitute
                || other.substitute == wanted.account
        };
        if let Some(other) = on_record
            .iter()
            .find(|other| meets(other) && clashes(other))
        {
            let (from, through) = (other.from_on.to_string(), other.through_on.to_string());
            let field = if other.account == wanted.substitute {
                "substituteId"
            } else {
                "fromOn"
            };
            faults.push(Reason::AbsenceOverlaps { from, through }.at(field));
        }
        if faults.is_empty() {
            Ok(wanted)
        } else {
            Err(faults)
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::code::Code as _;
    use crate::ids::Id as _;

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 9, 1).unwrap() + Days::new(n)
    }

    fn absence(account: u128, substitute: u128, from: u64, through: u64) -> Absence {
        let account_of = |n: u128| AccountId::new(Uuid::from_u128(n));
        Absence {
            account: account_of(account),
            substitute: account_of(substitute),
            from_on: day(from),
            through_on: day(through),
        }
    }

    fn codes(wanted: Absence, on_record: &[Absence]) -> Vec<(&'static str, String)> {
        let faults = Absence::try_new(wanted, on_record, day(0)).err();
        let faults = faults.unwrap_or_default().into_iter();
        faults
            .map(|fault| (fault.reason.code().code(), fault.field.join(".")))
            .collect()
    }

    #[test]
    fn an_absence_has_days_to_come_and_somebody_else_who_stands_in() {
        assert_eq!(codes(absence(1, 2, 0, 0), &[]), []);
        assert_eq!(codes(absence(1, 2, 3, 368), &[]), []);
        let refused = |wanted| {
            codes(wanted, &[])
                .into_iter()
                .map(|(code, field)| format!("{code} {field}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            refused(absence(1, 1, 0, 0)),
            ["OWN_SUBSTITUTE substituteId"]
        );
        assert_eq!(
            refused(absence(1, 2, 3, 2)),
            ["DATE_OUT_OF_RANGE throughOn"]
        );
        assert_eq!(
            refused(absence(1, 2, 3, 369)),
            ["DATE_OUT_OF_RANGE throughOn"]
        );
        assert_eq!(
            refused(absence(1, 2, 366, 366)),
            ["DATE_OUT_OF_RANGE fromOn"]
        );
        let passed = Absence {
            from_on: day(0).pred_opt().unwrap(),
            ..absence(1, 2, 0, 1)
        };
        assert_eq!(refused(passed), ["DATE_OUT_OF_RANGE fromOn"]);
    }

    #[test]
    fn the_work_of_a_day_has_one_home() {
        let on_record = [absence(1, 2, 10, 12)];
        let found = |account, substitute, from, through| {
            let faults = codes(absence(account, substitute, from, through), &on_record);
            faults
                .into_iter()
                .map(|(code, field)| format!("{code} {field}"))
                .collect::<Vec<_>>()
        };
        // Twice absent on a day; a substitute who is absent; absent while standing in.
        assert_eq!(found(1, 3, 12, 14), ["ABSENCE_OVERLAPS fromOn"]);
        assert_eq!(found(3, 1, 8, 10), ["ABSENCE_OVERLAPS substituteId"]);
        assert_eq!(found(2, 3, 11, 11), ["ABSENCE_OVERLAPS fromOn"]);
        // The same on other days, and one who stands in for two.
        assert_eq!(found(1, 3, 13, 14), [""; 0]);
        assert_eq!(found(3, 1, 8, 9), [""; 0]);
        assert_eq!(found(3, 2, 10, 12), [""; 0]);
    }
}
