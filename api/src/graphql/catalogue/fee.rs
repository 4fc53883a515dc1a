//! Fees.

use async_graphql::SimpleObject;
use lianshen_domain::item::{self, FeeCollection, FeePayee};

use crate::graphql::coded::CodeEnum;
use crate::graphql::scalars::Decimal;

/// A fee (收费项目). Only laws and administrative regulations set any (行政许可法 第五十八条).
#[derive(Clone, Debug, SimpleObject)]
pub struct Fee {
    /// Short code, e.g. `F-ID`.
    pub code: String,
    /// Name of the fee.
    pub name: String,
    /// What kind of charge it is, e.g. 行政事业性收费.
    pub kind: String,
    /// What is charged for what (收费标准).
    pub standards: Vec<FeeStandard>,
    /// What it stands on (收费依据).
    pub basis: String,
    /// Who pays less or nothing (减免).
    pub waivers: Vec<FeeWaiver>,
    /// Who receives the money.
    pub payee: CodeEnum<FeePayee>,
    /// When it is collected.
    pub collection: CodeEnum<FeeCollection>,
}

/// An amount for one case of application (收费标准).
#[derive(Clone, Debug, SimpleObject)]
pub struct FeeStandard {
    /// For what it is charged.
    pub applies_to: String,
    /// Yuan for one unit.
    pub amount: Decimal,
    /// The unit, in words, e.g. 元/件.
    pub unit: String,
}

/// Who pays less or nothing (减免).
#[derive(Clone, Debug, SimpleObject)]
pub struct FeeWaiver {
    /// The rule, in words.
    pub rule: String,
    /// What it stands on.
    pub basis: String,
}

impl From<&item::Fee> for Fee {
    fn from(fee: &item::Fee) -> Self {
        let standards = fee.standards.iter().map(|standard| FeeStandard {
            applies_to: standard.applies_to.clone(),
            amount: standard.amount.into(),
            unit: standard.unit.clone(),
        });
        let waivers = fee.waivers.iter().map(|waiver| FeeWaiver {
            rule: waiver.rule.clone(),
            basis: waiver.basis.clone(),
        });
        Self {
            code: fee.code.clone(),
            name: fee.name.clone(),
            kind: fee.kind.clone(),
            standards: standards.collect(),
            basis: fee.basis.clone(),
            waivers: waivers.collect(),
            payee: fee.payee.into(),
            collection: fee.collection.into(),
        }
    }
}
