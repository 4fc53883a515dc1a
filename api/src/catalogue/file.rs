//! The catalogue file: a whole county's items and bundles in one JSON document, with the numbers
//! of the exchange standard, read into the terms of the domain.
//!
//! A key that nobody knows is refused: one that was mistyped would be a rule that nobody notices. What a file may say to
//! people beside that has a field here, too, which is read and forgotten.

use std::collections::BTreeSet;

use lianshen_domain::bundle::{self, BundleVersion};
use lianshen_domain::catalogue::Catalogue;
use lianshen_domain::code::Code;
use lianshen_domain::item::{
    self, Department, DepartmentKind, Fault, Fee, FeeCollection, FeePayee, FeeStandard, FeeWaiver,
    ItemVersion, Material, MaterialForm, MaterialKind, MaterialSource, Necessity,
};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::IgnoredAny;

use self::written_bundle::WrittenBundle;
use self::written_item::WrittenItem;

mod written_bundle;
mod written_item;

/// The version of the format that this program reads.
const SCHEMA_VERSION: u32 = 1;

/// The region and the centre that a catalogue file speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    #[error("{path}: {value:?} is not a known {wanted}; known are {known}")]
    Unknown {
        /// Where it stands.
        path: String,
        /// What stands there.
        value: String,
        /// What should stand there.
        wanted: &'static str,
        /// All that may stand there.
        known: String,
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
        region: written.region.read(),
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
    all.find(|known| number_of(*known) == value).ok_or_else(|| {
        let known: Vec<_> = T::ALL.iter().map(|known| number_of(*known)).collect();
        CatalogueFileError::Unknown {
            path: path.to_owned(),
            value: value.to_owned(),
            wanted: T::NAME,
            known: known.join(", "),
        }
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenFile {
    schema_version: u32,
    region: WrittenRegion,
    departments: Vec<WrittenDepartment>,
    materials: Vec<WrittenMaterial>,
    fees: Vec<WrittenFee>,
    items: Vec<WrittenItem>,
    bundles: Vec<WrittenBundle>,
    /// What the file says of itself.
    #[serde(rename = "statement")]
    _statement: Option<IgnoredAny>,
    #[serde(rename = "fictional")]
    _fictional: Option<IgnoredAny>,
    /// 行政裁量权基准, which this program does not keep.
    #[serde(rename = "discretionBenchmarks")]
    _discretion_benchmarks: Option<IgnoredAny>,
    /// What who wrote it has counted.
    #[serde(rename = "expectedAggregates")]
    _expected_aggregates: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRegion {
    code: String,
    name: String,
    centre: String,
    /// The region above.
    #[serde(rename = "parent")]
    _parent: Option<IgnoredAny>,
}

impl WrittenRegion {
    fn read(self) -> Region {
        Region {
            code: self.code,
            name: self.name,
            centre: self.centre,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
    /// The numbers in words.
    #[serde(rename = "typeLabel")]
    _type_label: Option<IgnoredAny>,
    #[serde(rename = "necessityLabel")]
    _necessity_label: Option<IgnoredAny>,
    #[serde(rename = "formLabel")]
    _form_label: Option<IgnoredAny>,
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
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

#[cfg(test)]
mod tests;
