//! The catalogue file: a whole county's items and bundles in one JSON document, with the numbers
//! of the exchange standard, read into the terms of the domain.

use std::collections::BTreeSet;

use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::bundle::{self, BundleVersion};
use lianshen_domain::catalogue::Catalogue;
use lianshen_domain::clock::{Limit, Unit};
use lianshen_domain::code::Code;
use lianshen_domain::item::{
    self, AcceptanceCheck, CaseType, Department, DepartmentKind, Extension, Fault, Fee,
    FeeCollection, FeePayee, FeeStandard, FeeWaiver, ItemResult, ItemType, ItemVersion, LegalBasis,
    Level, Material, MaterialForm, MaterialKind, MaterialSource, Necessity, OnlineDepth,
    PowerSource, SpecialProcedure, SpecialProcedureKind, StatutoryLimit, Step,
};
use rust_decimal::Decimal;
use serde::Deserialize;

use self::written_bundle::WrittenBundle;

mod written_bundle;

/// The version of the format that this program reads.
const SCHEMA_VERSION: u32 = 1;

/// The region and the centre that a catalogue file speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Region {
    /// 行政区划代码.
    pub code: String,
    /// Name of the region.
    pub name: String,
    /// Name of its service centre.
    pub centre: String,
}

/// A catalogue file, read; all lists in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueFile {
    /// The region.
    pub region: Region,
    /// The departments.
    pub departments: Vec<Department>,
    /// The definitions of materials.
    pub materials: Vec<Material>,
    /// The definitions of fees.
    pub fees: Vec<Fee>,
    /// The items.
    pub items: Vec<ItemVersion>,
    /// The bundles.
    pub bundles: Vec<BundleVersion>,
}

/// Why a catalogue file cannot be read, and where.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueFileError {
    /// It is not JSON, or not of this shape; the text names line and column.
    #[error("the catalogue file is not of the expected shape: {0}")]
    Shape(#[from] serde_json::Error),
    /// It is of a version that this program does not know.
    #[error("the catalogue file has schemaVersion {0}, this program reads {SCHEMA_VERSION}")]
    Version(u32),
    /// A value is not one of the known ones.
    #[error("{path}: {value:?} is not a known {wanted}")]
    Unknown {
        /// Where it stands.
        path: String,
        /// What stands there.
        value: String,
        /// What should stand there.
        wanted: &'static str,
    },
    /// Two entries of a list have the same code.
    #[error("{path}: the code {code:?} stands twice")]
    Twice {
        /// Where the second one stands.
        path: String,
        /// The code.
        code: String,
    },
}

/// Reads a catalogue file.
///
/// # Errors
/// Says where the file is not what it should be. Whether its items may be published is another
/// question: see [`CatalogueFile::faults`].
pub fn parse(json: &str) -> Result<CatalogueFile, CatalogueFileError> {
    let written: WrittenFile = serde_json::from_str(json)?;
    if written.schema_version != SCHEMA_VERSION {
        return Err(CatalogueFileError::Version(written.schema_version));
    }
    let file = CatalogueFile {
        region: written.region,
        departments: written
            .departments
            .into_iter()
            .map(WrittenDepartment::read)
            .collect(),
        materials: read_all(written.materials, "materials", WrittenMaterial::read)?,
        fees: written.fees.into_iter().map(WrittenFee::read).collect(),
        items: read_all(written.items, "items", WrittenItem::read)?,
        bundles: written
            .bundles
            .into_iter()
            .map(WrittenBundle::read)
            .collect(),
    };
    all_different(
        "departments",
        file.departments.iter().map(|department| &department.code),
    )?;
    all_different(
        "materials",
        file.materials.iter().map(|material| &material.code),
    )?;
    all_different("fees", file.fees.iter().map(|fee| &fee.code))?;
    all_different("items", file.items.iter().map(|item| &item.code))?;
    all_different("bundles", file.bundles.iter().map(|bundle| &bundle.code))?;
    Ok(file)
}

impl CatalogueFile {
    /// The file as the rules see it.
    pub fn catalogue(&self) -> Catalogue {
        let mut catalogue = Catalogue::default();
        self.departments
            .iter()
            .cloned()
            .for_each(|department| catalogue.add_department(department));
        self.materials
            .iter()
            .cloned()
            .for_each(|material| catalogue.add_material(material));
        self.fees
            .iter()
            .cloned()
            .for_each(|fee| catalogue.add_fee(fee));
        self.items
            .iter()
            .cloned()
            .for_each(|item| catalogue.add_item(item));
        self.bundles
            .iter()
            .cloned()
            .for_each(|bundle| catalogue.add_bundle(bundle));
        catalogue
    }

    /// Every breach of a publishing rule, with the code of the item or bundle that commits it.
    pub fn faults(&self) -> Vec<(String, Fault)> {
        let catalogue = self.catalogue();
        let of_items = self.items.iter().flat_map(|item| {
            let faults = item::publishing_faults(item, &catalogue).into_iter();
            faults.map(|fault| (item.code.clone(), fault))
        });
        let of_bundles = self.bundles.iter().flat_map(|bundle| {
            let faults = bundle::publishing_faults(bundle, &catalogue).into_iter();
            faults.map(|fault| (bundle.code.clone(), fault))
        });
        of_items.chain(of_bundles).collect()
    }
}

fn read_all<W, T>(
    written: Vec<W>,
    list: &str,
    read: impl Fn(W, &str) -> Result<T, CatalogueFileError>,
) -> Result<Vec<T>, CatalogueFileError> {
    let numbered = written.into_iter().enumerate();
    numbered
        .map(|(at, entry)| read(entry, &format!("{list}.{at}")))
        .collect()
}

fn all_different<'a>(
    list: &str,
    codes: impl Iterator<Item = &'a String>,
) -> Result<(), CatalogueFileError> {
    let mut seen = BTreeSet::new();
    for (at, code) in codes.enumerate() {
        if !seen.insert(code) {
            let (path, code) = (format!("{list}.{at}.code"), code.clone());
            return Err(CatalogueFileError::Twice { path, code });
        }
    }
    Ok(())
}

/// The value that the exchange standard names by a number.
fn by_number<T: Code>(
    value: &str,
    number_of: fn(T) -> &'static str,
    path: &str,
) -> Result<T, CatalogueFileError> {
    let mut all = T::ALL.iter().copied();
    all.find(|known| number_of(*known) == value)
        .ok_or_else(|| CatalogueFileError::Unknown {
            path: path.to_owned(),
            value: value.to_owned(),
            wanted: T::NAME,
        })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenFile {
    schema_version: u32,
    region: Region,
    departments: Vec<WrittenDepartment>,
    materials: Vec<WrittenMaterial>,
    fees: Vec<WrittenFee>,
    items: Vec<WrittenItem>,
    bundles: Vec<WrittenBundle>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenDepartment {
    code: String,
    name: String,
    short_name: String,
    uscc: String,
    standard_dept_no: String,
    kind: DepartmentKind,
    hall_window: Option<String>,
}

impl WrittenDepartment {
    fn read(self) -> Department {
        Department {
            code: self.code,
            name: self.name,
            short_name: self.short_name,
            credit_code: self.uscc,
            standard_number: self.standard_dept_no,
            kind: self.kind,
            hall_window: self.hall_window,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenMaterial {
    code: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    source: String,
    necessity: String,
    form: String,
    originals: u32,
    copies: u32,
    shared_from: Option<String>,
    note: Option<String>,
}

impl WrittenMaterial {
    fn read(self, path: &str) -> Result<Material, CatalogueFileError> {
        Ok(Material {
            kind: by_number(
                &self.kind,
                MaterialKind::exchange_number,
                &format!("{path}.type"),
            )?,
            source: by_number(&self.source, source_word, &format!("{path}.source"))?,
            necessity: by_number(
                &self.necessity,
                Necessity::exchange_number,
                &format!("{path}.necessity"),
            )?,
            form: by_number(
                &self.form,
                MaterialForm::exchange_number,
                &format!("{path}.form"),
            )?,
            code: self.code,
            name: self.name,
            originals: self.originals,
            copies: self.copies,
            shared_from: self.shared_from,
            note: self.note,
        })
    }
}

/// The word by which the file names a source.
fn source_word(source: MaterialSource) -> &'static str {
    match source {
        MaterialSource::Applicant => "APPLICANT",
        MaterialSource::Government => "GOV",
        MaterialSource::Intermediary => "INTERMEDIARY",
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenFee {
    code: String,
    name: String,
    kind: String,
    standard: Vec<WrittenStandard>,
    basis: String,
    waiver: Vec<FeeWaiver>,
    confidence: String,
    payee_kind: FeePayee,
    collect: FeeCollection,
}

#[derive(Deserialize)]
struct WrittenStandard {
    case: String,
    amount: Decimal,
    unit: String,
}

impl WrittenFee {
    fn read(self) -> Fee {
        let standards = self.standard.into_iter().map(|standard| FeeStandard {
            applies_to: standard.case,
            amount: standard.amount,
            unit: standard.unit,
        });
        Fee {
            code: self.code,
            name: self.name,
            kind: self.kind,
            standards: standards.collect(),
            basis: self.basis,
            waivers: self.waiver,
            confidence: self.confidence,
            payee: self.payee_kind,
            collection: self.collect,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenItem {
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
    statutory: Option<StatutoryLimit>,
    extension: Option<Extension>,
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
}

/// A key that is mistyped would be a day that nobody notices.
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
#[serde(rename_all = "camelCase")]
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
    fn read(self, path: &str) -> Result<ItemVersion, CatalogueFileError> {
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
            statutory: self.statutory,
            extension: self.extension,
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

#[cfg(test)]
mod tests;
