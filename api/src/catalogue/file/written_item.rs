//! Items as the catalogue file writes them.

use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::clock::{Anchor, Limit, Unit};
use lianshen_domain::item::{
    AcceptanceCheck, CaseType, Extension, ExtensionApprover, ItemResult, ItemType, ItemVersion,
    LegalBasis, Level, OnlineDepth, PowerSource, SpecialProcedure, SpecialProcedureKind,
    StatutoryLimit, Step,
};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{CatalogueFileError, by_number};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenItem {
    code: String,
    name: String,
    #[serde(rename = "type")]
    item_type: String,
    department: String,
    basic_code: String,
    implementation_code: String,
    handling_item_code: String,
    version: u32,
    level: String,
    power_source: String,
    audience: Vec<String>,
    basis: String,
    basis_confidence: String,
    case_type: String,
    statutory: Option<WrittenStatutory>,
    extension: Option<WrittenExtension>,
    promised: Limit,
    acceptance_check: Option<WrittenAcceptanceCheck>,
    renewal_apply: Option<Limit>,
    steps: Vec<Step>,
    special_procedures: Vec<WrittenSpecialProcedure>,
    materials: Vec<String>,
    site_visit: bool,
    hearing_required: bool,
    notification_and_promise: bool,
    fee: Option<String>,
    result: ItemResult,
    predecessors: Vec<String>,
    visits_needed: u32,
    online_depth: OnlineDepth,
    coverage: String,
    note: Option<String>,
    /// The numbers in words.
    #[serde(rename = "typeLabel")]
    _type_label: Option<IgnoredAny>,
    #[serde(rename = "caseTypeLabel")]
    _case_type_label: Option<IgnoredAny>,
}

/// Written out: what serde flattens cannot be refused by its keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStatutory {
    n: u32,
    unit: Unit,
    anchor: Anchor,
}

impl WrittenStatutory {
    fn read(self) -> StatutoryLimit {
        StatutoryLimit {
            limit: Limit {
                n: self.n,
                unit: self.unit,
            },
            anchor: self.anchor,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenExtension {
    n: u32,
    unit: Unit,
    approver: ExtensionApprover,
}

impl WrittenExtension {
    fn read(self) -> Extension {
        Extension {
            limit: Limit {
                n: self.n,
                unit: self.unit,
            },
            approver: self.approver,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenAcceptanceCheck {
    days: u32,
    online_days: Option<u32>,
}

impl WrittenAcceptanceCheck {
    fn read(self) -> AcceptanceCheck {
        AcceptanceCheck {
            days: self.days,
            online_days: self.online_days,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenSpecialProcedure {
    reason: SpecialProcedureKind,
    legal_basis: String,
    days: u32,
    unit: Unit,
}

impl WrittenSpecialProcedure {
    fn read(self) -> SpecialProcedure {
        SpecialProcedure {
            kind: self.reason,
            legal_basis: self.legal_basis,
            limit: Limit {
                n: self.days,
                unit: self.unit,
            },
        }
    }
}

impl WrittenItem {
    pub(super) fn read(self, path: &str) -> Result<ItemVersion, CatalogueFileError> {
        let audience = self.audience.iter().enumerate().map(|(at, number)| {
            by_number(
                number,
                ApplicantKind::exchange_number,
                &format!("{path}.audience.{at}"),
            )
        });
        Ok(ItemVersion {
            item_type: by_number(
                &self.item_type,
                ItemType::exchange_number,
                &format!("{path}.type"),
            )?,
            level: by_number(
                &self.level,
                Level::exchange_number,
                &format!("{path}.level"),
            )?,
            power_source: by_number(
                &self.power_source,
                PowerSource::exchange_number,
                &format!("{path}.powerSource"),
            )?,
            audience: audience.collect::<Result<_, _>>()?,
            case_type: by_number(
                &self.case_type,
                CaseType::exchange_number,
                &format!("{path}.caseType"),
            )?,
            code: self.code,
            name: self.name,
            department: self.department,
            basic_code: self.basic_code,
            implementation_code: self.implementation_code,
            handling_item_code: self.handling_item_code,
            version: self.version,
            legal_basis: LegalBasis {
                text: self.basis,
                confidence: self.basis_confidence,
            },
            statutory: self.statutory.map(WrittenStatutory::read),
            extension: self.extension.map(WrittenExtension::read),
            promised: self.promised,
            acceptance_check: self.acceptance_check.map(WrittenAcceptanceCheck::read),
            renewal_apply: self.renewal_apply,
            steps: self.steps,
            special_procedures: self
                .special_procedures
                .into_iter()
                .map(WrittenSpecialProcedure::read)
                .collect(),
            materials: self.materials,
            site_visit: self.site_visit,
            hearing_required: self.hearing_required,
            notification_and_promise: self.notification_and_promise,
            fee: self.fee,
            result: self.result,
            predecessors: self.predecessors,
            visits_needed: self.visits_needed,
            online_depth: self.online_depth,
            coverage: self.coverage,
            note: self.note,
        })
    }
}
