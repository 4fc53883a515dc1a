//! What the law leaves open, decided once for the installation.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Boundary, Clock, ClockKind, JointPolicy, Limit};
use crate::calendar::{Calendar, local_date, local_time, time_of_day};
use crate::code::Code as _;
use crate::coded;

coded! {
    /// What becomes of an application whose supplement never came; centres differ.
    #[derive(Default)]
    pub enum Unsupplemented {
        /// Treated as withdrawn by the applicant (补正不来, closing kind 5).
        #[default]
        Withdrawn = "WITHDRAWN",
        /// Refused (滨州 2020).
        Refused = "REFUSED",
    }
}

/// Conventions where the law is silent. Each is a key of the configuration.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own that a centre answers with yes or no"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conventions {
    /// Whether the first and last day of a suspension are charged.
    pub suspension_boundary: Boundary,
    /// Whether a period of calendar days, months or years that ends on a day off ends on the next working day (民法典
    /// Art. 203(1), by analogy).
    pub roll_calendar_end: bool,
    /// Whether an extension lengthens the promise, too.
    pub extension_applies_to_promise: bool,
    /// Whether waiting for material that was asked for after acceptance pauses the promise, once a case.
    pub post_acceptance_supplement_pauses_promise: bool,
    /// Whether a special procedure excludes no more than the days that the applicant was told of, and then ends by itself.
    pub cap_exclusion_at_notified_duration: bool,
    /// When a suspended component stops the joint clock.
    pub joint_suspension_policy: JointPolicy,
    /// Working days of the acceptance check; the law allows 5, a centre may promise fewer.
    pub acceptance_check_days: u32,
    /// Working days in which departments report what is missing, before the one notice; never more than the check.
    pub component_check_days: u32,
    /// Working days that an applicant has for a supplement, unless the notice says otherwise.
    pub supplement_days: u32,
    /// Working days for material that a conditional acceptance waits for; never more than the promise.
    pub conditional_supplement_days: u32,
    /// Working days for an opinion that a case asks of another department, unless the case or its bundle says otherwise.
    pub opinion_days: u32,
    /// Unit of the five days in which a hearing may be asked for.
    pub hearing_request_unit: super::Unit,
    /// How long before expiry a renewal must be applied for.
    pub renewal_apply: Limit,
    /// What becomes of an application whose supplement never came.
    pub unsupplemented: Unsupplemented,
    /// Whether what is received after closing time counts as received on the next day, worked or not.
    pub after_hours_rolls_forward: bool,
    /// The time of day, in Asia/Shanghai, from which on the centre is closed.
    #[serde(with = "time_of_day")]
    pub closing_time: NaiveTime,
}

impl Default for Conventions {
    fn default() -> Self {
        Self {
            suspension_boundary: Boundary::default(),
            roll_calendar_end: true,
            extension_applies_to_promise: true,
            post_acceptance_supplement_pauses_promise: true,
            cap_exclusion_at_notified_duration: false,
            joint_suspension_policy: JointPolicy::default(),
            acceptance_check_days: 5,
            component_check_days: 3,
            supplement_days: 20,
            conditional_supplement_days: 5,
            opinion_days: 5,
            hearing_request_unit: super::Unit::Workday,
            renewal_apply: Limit::calendar_days(30),
            unsupplemented: Unsupplemented::default(),
            after_hours_rolls_forward: false,
            closing_time: time_of_day::at(17, 30),
        }
    }
}

impl Conventions {
    /// The bounds of [`Conventions::acceptance_check_days`]: five days by law, and a centre may promise fewer (行政许可法
    /// Art. 32(1)(4)).
    pub(super) const ACCEPTANCE_CHECK: RangeInclusive<u32> = 1..=5;
    /// The bounds of [`Conventions::supplement_days`].
    pub(super) const SUPPLEMENT: RangeInclusive<u32> = 1..=250;
    /// The bounds of [`Conventions::conditional_supplement_days`].
    pub(super) const CONDITIONAL_SUPPLEMENT: RangeInclusive<u32> = 1..=60;
    /// The bounds of [`Conventions::opinion_days`].
    pub(super) const OPINION: RangeInclusive<u32> = 1..=60;

    /// What is out of its bounds: the key, what it is, and what it may be.
    pub fn faults(&self) -> Vec<String> {
        let bounded = [
            (
                "acceptance_check_days",
                self.acceptance_check_days,
                Self::ACCEPTANCE_CHECK,
            ),
            ("component_check_days", self.component_check_days, 1..=5),
            ("supplement_days", self.supplement_days, Self::SUPPLEMENT),
            (
                "conditional_supplement_days",
                self.conditional_supplement_days,
                Self::CONDITIONAL_SUPPLEMENT,
            ),
            ("opinion_days", self.opinion_days, Self::OPINION),
            ("renewal_apply.n", self.renewal_apply.n, 1..=365),
        ];
        let beyond = bounded
            .into_iter()
            .filter(|(_, value, may)| !may.contains(value));
        let mut faults: Vec<String> = beyond
            .map(|(key, value, may)| {
                let (least, most) = may.into_inner();
                format!("{key} is {value}, and may be {least} to {most}")
            })
            .collect();
        let unit = self.hearing_request_unit;
        if unit.counted_in() != unit {
            let unit = unit.code();
            faults.push(format!(
                "hearing_request_unit is {unit}, and may be WORKDAY or CALENDAR_DAY"
            ));
        }
        // Whoever means the evening and writes the morning would move all that is received.
        if self.closing_time < time_of_day::at(12, 0) {
            let time = time_of_day::text(self.closing_time);
            faults.push(format!("closing_time is {time}, and may be 12:00 to 23:59"));
        }
        faults
    }

    /// The day as of which counts what was received at an instant: that day, or the next one from closing time on, where the
    /// centre has decided so. No clock looks at hours but by this.
    pub fn counts_on(&self, received_at: DateTime<Utc>) -> NaiveDate {
        let day = local_date(received_at);
        let is_late =
            self.after_hours_rolls_forward && local_time(received_at) >= self.closing_time;
        day.succ_opt().filter(|_| is_late).unwrap_or(day)
    }

    /// A clock that starts on `anchor`, by these conventions.
    pub fn clock(&self, anchor: NaiveDate, limit: Limit) -> Clock {
        Clock {
            boundary: self.suspension_boundary,
            rolls: self.roll_calendar_end,
            ..Clock::new(anchor, limit)
        }
    }

    /// The limit of a clock that no item, bundle or notice sets.
    pub fn limit(&self, kind: ClockKind) -> Option<Limit> {
        Some(match kind {
            // What a centre has decided never exceeds what the law allows.
            ClockKind::AcceptanceCheck => {
                Limit::workdays(self.acceptance_check_days.min(kind.row().limit?.n))
            }
            ClockKind::Supplement => Limit::workdays(self.supplement_days),
            ClockKind::ConditionalSupplement => Limit::workdays(self.conditional_supplement_days),
            ClockKind::Opinion => Limit::workdays(self.opinion_days),
            ClockKind::HearingRequest => Limit {
                n: kind.row().limit?.n,
                unit: self.hearing_request_unit,
            },
            ClockKind::RenewalApply => self.renewal_apply,
            _ => return kind.row().limit,
        })
    }

    /// The last day on which a renewal can be applied for, so that silence renews the licence (行政许可法 Art. 50): so long
    /// before its last as the item says, or else the centre.
    pub fn renewal_apply_by(
        &self,
        of_item: Option<Limit>,
        expires_on: NaiveDate,
        calendar: &Calendar,
    ) -> NaiveDate {
        let apply = of_item.unwrap_or(self.renewal_apply);
        apply.latest_before(expires_on, calendar)
    }
}

/// Conventions that a centre has changed (旧口径). What was received through their last day counts by them for good: a
/// change moves no date that somebody was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerConventions {
    /// The last day on which they were in force.
    pub until: NaiveDate,
    /// What they were; keys that are not given have their defaults, and not what is in force now.
    #[serde(default)]
    pub conventions: Conventions,
}

impl FormerConventions {
    /// The conventions by which an application counts that was received on a day.
    pub fn in_force<'a>(
        former: &'a [Self],
        present: &'a Conventions,
        received_on: NaiveDate,
    ) -> &'a Conventions {
        let reach = former.iter().filter(|one| received_on <= one.until);
        let first = reach.min_by_key(|one| one.until);
        first.map_or(present, |one| &one.conventions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_named_with_its_bounds() {
        assert_eq!(Conventions::default().faults(), Vec::<String>::new());
        let wrong = Conventions {
            acceptance_check_days: 6,
            hearing_request_unit: super::super::Unit::Month,
            closing_time: time_of_day::at(5, 30),
            ..Conventions::default()
        };
        assert_eq!(
            wrong.faults(),
            [
                "acceptance_check_days is 6, and may be 1 to 5",
                "hearing_request_unit is MONTH, and may be WORKDAY or CALENDAR_DAY",
                "closing_time is 05:30, and may be 12:00 to 23:59",
            ]
        );
    }

    #[test]
    fn from_closing_time_on_the_next_day_counts_where_a_centre_has_decided_so() {
        let counts = |instant: &str, rolls: bool| {
            let conventions = Conventions {
                after_hours_rolls_forward: rolls,
                ..Conventions::default()
            };
            conventions.counts_on(instant.parse().unwrap()).to_string()
        };
        // Eight hours behind the wall of the centre; 31 December is followed by another year.
        for (instant, rolled) in [
            ("2026-03-02T09:29:59.999999Z", "2026-03-02"),
            ("2026-03-02T09:30:00Z", "2026-03-03"),
            ("2026-03-02T15:59:59Z", "2026-03-03"),
            ("2026-03-02T16:00:00Z", "2026-03-03"),
            ("2026-12-31T12:00:00Z", "2027-01-01"),
        ] {
            assert_eq!(counts(instant, true), rolled, "{instant}");
            let day = local_date(instant.parse().unwrap()).to_string();
            assert_eq!(counts(instant, false), day, "{instant}");
        }
    }

    #[test]
    fn a_closing_time_is_read_as_people_write_it() {
        let read = |text: &str| {
            let file = serde_json::json!({ "closing_time": text });
            serde_json::from_value::<Conventions>(file).map(|read| read.closing_time)
        };
        assert_eq!(read("18:00").unwrap(), time_of_day::at(18, 0));
        for wrong in ["6 pm", "24:00", "17:30:00", ""] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.contains("write it as 08:30"), "{wrong}: {error}");
        }
        let written = serde_json::to_value(Conventions::default()).unwrap();
        assert_eq!(written["closing_time"], "17:30");
    }

    #[test]
    fn what_was_received_counts_by_what_was_in_force_then() {
        let of = |days: u32| Conventions {
            supplement_days: days,
            ..Conventions::default()
        };
        let until = |day: u32| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let former = |day: u32, days: u32| FormerConventions {
            until: until(day),
            conventions: of(days),
        };
        // In any order.
        let (former, present) = ([former(20, 12), former(10, 11)], of(13));
        for (day, days) in [(1, 11), (10, 11), (11, 12), (20, 12), (21, 13)] {
            let counts = FormerConventions::in_force(&former, &present, until(day));
            assert_eq!(counts.supplement_days, days, "on the {day}th");
        }
    }
}
