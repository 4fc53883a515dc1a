//! Fees (收费项目): only those that a law or administrative regulation sets (行政许可法 第五十八条).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::coded;

coded! {
    /// Into which account a fee is paid.
    pub enum FeePayee {
        /// 非税收入专户: the treasury's account, never the department's (收支两条线).
        NonTaxAccount = "NON_TAX_ACCOUNT",
    }
}

coded! {
    /// When a fee is collected.
    pub enum FeeCollection {
        /// After the grant, before the result is delivered.
        AfterDecisionBeforeDelivery = "AFTER_DECISION_BEFORE_DELIVERY",
    }
}

/// 收费标准: an amount for one case of application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeeStandard {
    /// For what it is charged.
    pub applies_to: String,
    /// Yuan for one unit.
    pub amount: Decimal,
    /// The unit, in words, e.g. 元/件.
    pub unit: String,
}

/// 减免: who pays less or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeWaiver {
    /// The rule, in words.
    pub rule: String,
    /// What it stands on.
    pub basis: String,
}

/// A fee of the published fee catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fee {
    /// Short code, e.g. `F-ID`.
    pub code: String,
    /// Name of the fee item.
    pub name: String,
    /// What kind of charge it is, e.g. 行政事业性收费.
    pub kind: String,
    /// 收费标准.
    pub standards: Vec<FeeStandard>,
    /// 收费依据.
    pub basis: String,
    /// 减免.
    pub waivers: Vec<FeeWaiver>,
    /// How sure the author of the catalogue was.
    pub confidence: String,
    /// Who receives the money.
    pub payee: FeePayee,
    /// When it is collected.
    pub collection: FeeCollection,
}
