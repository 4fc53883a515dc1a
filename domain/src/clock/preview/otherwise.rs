//! Conventions tried out: what would follow if the centre had decided otherwise.

use std::ops::RangeInclusive;

use super::number;
use crate::clock::{Boundary, Conventions, JointPolicy, Limit, Unit};
use crate::rejected::Rejected;

/// What somebody wants to be otherwise than the installation has decided; what is not said stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Otherwise {
    /// See [`Conventions::suspension_boundary`].
    pub suspension_boundary: Option<Boundary>,
    /// See [`Conventions::roll_calendar_end`].
    pub roll_calendar_end: Option<bool>,
    /// See [`Conventions::extension_applies_to_promise`].
    pub extension_applies_to_promise: Option<bool>,
    /// See [`Conventions::post_acceptance_supplement_pauses_promise`].
    pub post_acceptance_supplement_pauses_promise: Option<bool>,
    /// See [`Conventions::cap_exclusion_at_notified_duration`].
    pub cap_exclusion_at_notified_duration: Option<bool>,
    /// See [`Conventions::joint_suspension_policy`].
    pub joint_suspension_policy: Option<JointPolicy>,
    /// See [`Conventions::acceptance_check_days`].
    pub acceptance_check_days: Option<i64>,
    /// See [`Conventions::supplement_days`].
    pub supplement_days: Option<i64>,
    /// See [`Conventions::conditional_supplement_days`].
    pub conditional_supplement_days: Option<i64>,
    /// See [`Conventions::opinion_days`].
    pub opinion_days: Option<i64>,
    /// See [`Conventions::hearing_request_unit`].
    pub hearing_request_unit: Option<Unit>,
    /// The unit of [`Conventions::renewal_apply`].
    pub renewal_unit: Option<Unit>,
    /// See [`Conventions::after_hours_rolls_forward`].
    pub after_hours_rolls_forward: Option<bool>,
}

impl Otherwise {
    /// The conventions with what is wanted otherwise.
    ///
    /// # Errors
    /// `NumberOutOfRange`.
    pub fn apply(&self, decided: &Conventions) -> Result<Conventions, Vec<Rejected>> {
        let mut faults = Vec::new();
        let mut days = |asked: Option<i64>, decided: u32, may: RangeInclusive<u32>, name: &str| {
            let place = format!("config.{name}");
            let (least, most) = may.into_inner();
            let may = i64::from(least)..=i64::from(most);
            let asked = asked.and_then(|n| number(n, may, &place, &mut faults));
            asked.unwrap_or(decided)
        };
        let conventions = Conventions {
            acceptance_check_days: days(
                self.acceptance_check_days,
                decided.acceptance_check_days,
                Conventions::ACCEPTANCE_CHECK,
                "acceptanceCheckDays",
            ),
            component_check_days: decided.component_check_days,
            supplement_days: days(
                self.supplement_days,
                decided.supplement_days,
                Conventions::SUPPLEMENT,
                "supplementDays",
            ),
            conditional_supplement_days: days(
                self.conditional_supplement_days,
                decided.conditional_supplement_days,
                Conventions::CONDITIONAL_SUPPLEMENT,
                "conditionalSupplementDays",
            ),
            opinion_days: days(
                self.opinion_days,
                decided.opinion_days,
                Conventions::OPINION,
                "opinionDays",
            ),
            suspension_boundary: self
                .suspension_boundary
                .unwrap_or(decided.suspension_boundary),
            roll_calendar_end: self.roll_calendar_end.unwrap_or(decided.roll_calendar_end),
            extension_applies_to_promise: self
                .extension_applies_to_promise
                .unwrap_or(decided.extension_applies_to_promise),
            post_acceptance_supplement_pauses_promise: self
                .post_acceptance_supplement_pauses_promise
                .unwrap_or(decided.post_acceptance_supplement_pauses_promise),
            cap_exclusion_at_notified_duration: self
                .cap_exclusion_at_notified_duration
                .unwrap_or(decided.cap_exclusion_at_notified_duration),
            joint_suspension_policy: self
                .joint_suspension_policy
                .unwrap_or(decided.joint_suspension_policy),
            hearing_request_unit: self
                .hearing_request_unit
                .unwrap_or(decided.hearing_request_unit),
            renewal_apply: Limit {
                n: decided.renewal_apply.n,
                unit: self.renewal_unit.unwrap_or(decided.renewal_apply.unit),
            },
            unsupplemented: decided.unsupplemented,
            after_hours_rolls_forward: self
                .after_hours_rolls_forward
                .unwrap_or(decided.after_hours_rolls_forward),
            closing_time: decided.closing_time,
        };
        if faults.is_empty() {
            Ok(conventions)
        } else {
            Err(faults)
        }
    }
}
