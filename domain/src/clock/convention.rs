//! What the law leaves open, decided once for the installation.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Boundary, ClockKind, JointPolicy, Limit};
use crate::calendar::Calendar;
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conventions {
    /// Whether the first and last day of a suspension are charged.
    pub suspension_boundary: Boundary,
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
    /// Unit of the five days in which a hearing may be asked for.
    pub hearing_request_unit: super::Unit,
    /// How long before expiry a renewal must be applied for.
    pub renewal_apply: Limit,
    /// What becomes of an application whose supplement never came.
    pub unsupplemented: Unsupplemented,
}

impl Default for Conventions {
    fn default() -> Self {
        Self {
            suspension_boundary: Boundary::default(),
            extension_applies_to_promise: true,
            post_acceptance_supplement_pauses_promise: true,
            cap_exclusion_at_notified_duration: false,
            joint_suspension_policy: JointPolicy::default(),
            acceptance_check_days: 5,
            component_check_days: 3,
            supplement_days: 20,
            conditional_supplement_days: 5,
            hearing_request_unit: super::Unit::Workday,
            renewal_apply: Limit::calendar_days(30),
            unsupplemented: Unsupplemented::default(),
        }
    }
}

impl Conventions {
    /// What is out of its bounds: the key, what it is, and what it may be.
    pub fn faults(&self) -> Vec<String> {
        let bounded = [
            // 行政许可法 Art. 32(1)(4): five days; a centre may promise fewer.
            ("acceptance_check_days", self.acceptance_check_days, 1, 5),
            ("component_check_days", self.component_check_days, 1, 5),
            ("supplement_days", self.supplement_days, 1, 250),
            (
                "conditional_supplement_days",
                self.conditional_supplement_days,
                1,
                60,
            ),
            ("renewal_apply.n", self.renewal_apply.n, 1, 365),
        ];
        let mut faults: Vec<String> = bounded
            .into_iter()
            .filter(|(_, value, least, most)| !(least..=most).contains(&value))
            .map(|(key, value, least, most)| {
                format!("conventions.{key} is {value}, and may be {least} to {most}")
            })
            .collect();
        let unit = self.hearing_request_unit;
        if unit.counted_in() != unit {
            let unit = unit.code();
            faults.push(format!(
                "conventions.hearing_request_unit is {unit}, and may be WORKDAY or CALENDAR_DAY"
            ));
        }
        faults
    }

    /// The limit of a clock that no item, bundle or notice sets.
    pub fn limit(&self, kind: ClockKind) -> Option<Limit> {
        Some(match kind {
            // A centre may promise fewer days than the law allows, never more (行政许可法 Art. 32(1)(4)).
            ClockKind::AcceptanceCheck => {
                Limit::workdays(self.acceptance_check_days.min(kind.row().limit?.n))
            }
            ClockKind::Supplement => Limit::workdays(self.supplement_days),
            ClockKind::ConditionalSupplement => Limit::workdays(self.conditional_supplement_days),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_bounds_is_named_with_its_bounds() {
        assert_eq!(Conventions::default().faults(), Vec::<String>::new());
        let wrong = Conventions {
            acceptance_check_days: 6,
            hearing_request_unit: super::super::Unit::Month,
            ..Conventions::default()
        };
        assert_eq!(
            wrong.faults(),
            [
                "conventions.acceptance_check_days is 6, and may be 1 to 5",
                "conventions.hearing_request_unit is MONTH, and may be WORKDAY or CALENDAR_DAY",
            ]
        );
    }
}
