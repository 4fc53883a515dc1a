//! The thresholds of the rules: what a centre may set, and within which bounds.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::TimeRule;
use crate::clock::{CardModel, Warning, Warnings};
use crate::code::{self, Code as _};

/// The thresholds of the rules. Each is a key of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// What the colours mean.
    pub card_model: CardModel,
    /// Rules that are switched off.
    pub off: Vec<TimeRule>,
    /// Working days, by rule, for which nothing is raised although a period has passed. The lamp shows it all the same.
    #[serde(deserialize_with = "by_rule")]
    pub grace: BTreeMap<TimeRule, u32>,
    /// TIME-01: hundredths of the promise that are charged when it warns, rounded up to a day.
    pub promise_charged_percent: u32,
    /// TIME-01: working days left of the promise when it warns in any case.
    pub promise_days_left: u32,
    /// TIME-03: hundredths of the statutory period that are left when it warns, rounded down to a day.
    pub statutory_left_percent: u32,
    /// TIME-03: working days left of the statutory period when it warns in any case.
    pub statutory_days_left: u32,
    /// TIME-06: working days left of the acceptance check when it warns.
    pub acceptance_days_left: u32,
    /// TIME-07: working days over the notified time after which yellow becomes red.
    pub procedure_red_after: u32,
    /// FLOW-04: the special procedure of a case from which on each raises red.
    pub special_procedures_red_from: u32,
    /// TIME-10: working days that a case may stay open after the promise has passed before it raises red.
    pub still_open_after: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            card_model: CardModel::default(),
            off: Vec::new(),
            grace: BTreeMap::new(),
            promise_charged_percent: 90,
            promise_days_left: 1,
            statutory_left_percent: 10,
            statutory_days_left: 1,
            acceptance_days_left: 1,
            procedure_red_after: 5,
            special_procedures_red_from: 3,
            still_open_after: 3,
        }
    }
}

impl Thresholds {
    /// When the two periods of a case warn.
    pub fn warnings(&self) -> Warnings {
        Warnings {
            promised: Warning::charged(self.promise_charged_percent, self.promise_days_left),
            statutory: Warning::left(self.statutory_left_percent, self.statutory_days_left),
        }
    }

    /// Whether a rule is on.
    pub fn is_on(&self, rule: TimeRule) -> bool {
        !self.off.contains(&rule)
    }

    /// The working days of grace of a rule.
    pub fn grace_of(&self, rule: TimeRule) -> u32 {
        self.grace.get(&rule).copied().unwrap_or(0)
    }

    /// What is out of its bounds: the key, what it is, and what it may be.
    pub fn faults(&self) -> Vec<String> {
        let bounded = [
            (
                "promise_charged_percent",
                self.promise_charged_percent,
                1,
                100,
            ),
            ("promise_days_left", self.promise_days_left, 0, 60),
            ("statutory_left_percent", self.statutory_left_percent, 0, 99),
            ("statutory_days_left", self.statutory_days_left, 0, 60),
            ("acceptance_days_left", self.acceptance_days_left, 0, 5),
            ("procedure_red_after", self.procedure_red_after, 1, 250),
            (
                "special_procedures_red_from",
                self.special_procedures_red_from,
                2,
                250,
            ),
            ("still_open_after", self.still_open_after, 1, 250),
        ];
        let mut faults: Vec<String> = bounded
            .into_iter()
            .filter(|(_, value, least, most)| !(least..=most).contains(&value))
            .map(|(key, value, least, most)| {
                format!("thresholds.{key} is {value}, and may be {least} to {most}")
            })
            .collect();
        for (rule, days) in &self.grace {
            let code = rule.code();
            if !rule.is_of_period() {
                faults.push(format!(
                    "thresholds.grace.{code}: the rule is of no period and has no grace"
                ));
            } else if !rule.has_grace() {
                faults.push(format!(
                    "thresholds.grace.{code}: the rule warns before the end and has no grace"
                ));
            } else if *days > 30 {
                faults.push(format!(
                    "thresholds.grace.{code} is {days}, and may be 0 to 30"
                ));
            }
        }
        faults
    }
}

/// Rules by their codes, in small letters, too, in which variables of the environment arrive.
fn by_rule<'de, D: Deserializer<'de>>(reader: D) -> Result<BTreeMap<TimeRule, u32>, D::Error> {
    let written = BTreeMap::<String, u32>::deserialize(reader)?;
    written
        .into_iter()
        .map(|(code, days)| {
            let rule = TimeRule::from_code(&code.to_ascii_uppercase());
            let unknown = || serde::de::Error::custom(code::unknown::<TimeRule>(&code));
            Ok((rule.ok_or_else(unknown)?, days))
        })
        .collect()
}
