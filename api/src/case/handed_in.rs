//! A material as it is handed in, whichever way: with the application, in another version, later, or by sharing.

use std::collections::BTreeSet;

use lianshen_domain::plain_text;
use lianshen_domain::rejected::{Reason, Rejected};
use serde::Serialize;

/// One material as handed in.
#[derive(Clone, Serialize)]
pub struct HandedIn {
    /// Code of the material.
    pub code: String,
    /// Originals on paper.
    pub originals: i32,
    /// Copies on paper.
    pub copies: i32,
    /// Name of the electronic file.
    pub file_name: Option<String>,
    /// SHA-256 of the electronic file, 64 hexadecimal digits.
    pub sha256: Option<String>,
}

/// The departments that read something, as a list in which [`as_reader`] is looked for.
pub(super) fn readers_of<'a>(departments: impl IntoIterator<Item = &'a str>) -> String {
    let readers: BTreeSet<&str> = departments.into_iter().collect();
    format!(",{},", readers.into_iter().collect::<Vec<_>>().join(","))
}

/// How a department stands in such a list.
pub(super) fn as_reader(department: &str) -> String {
    format!(",{department},")
}

/// What is wrong with a material; `place` is the path before its fields.
pub fn material_faults(material: &HandedIn, place: &str) -> Vec<Rejected> {
    let mut faults = Vec::new();
    for (field, count) in [
        ("originals", material.originals),
        ("copies", material.copies),
    ] {
        if !(0..=100).contains(&count) {
            let range = Reason::NumberOutOfRange { min: 0, max: 100 };
            faults.push(range.at(&format!("{place}{field}")));
        }
    }
    let name = material.file_name.as_deref();
    let checked = name.map(|name| plain_text::checked(name, 200, &format!("{place}fileName")));
    faults.extend(checked.and_then(Result::err));
    let is_digest =
        |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if material
        .sha256
        .as_deref()
        .is_some_and(|text| !is_digest(text))
    {
        faults.push(Reason::DigestInvalid.at(&format!("{place}sha256")));
    }
    faults
}
