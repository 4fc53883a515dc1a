//! The checks of a submission: what is asked for, against what is published. All faults come at
//! once, because a person may be sent back only once (行政许可法 第三十二条: 一次告知).

use crate::applicant::ApplicantKind;
use crate::bundle::{Answers, BundleVersion, Component};
use crate::catalogue::CatalogueView;
use crate::guide::{Guide, GuideItem, MergedMaterial, guide_for_components, guide_for_items};
use crate::item::Necessity;
use crate::rejected::{Reason, Rejected};

/// The most items that one application may name.
pub const ITEMS_MAX: usize = 50;
/// The most answers that one application may give.
pub const ANSWERS_MAX: usize = 50;
/// The most materials that one application may carry.
pub const MATERIALS_MAX: usize = 200;

/// A bundle and the answers to its questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleChoice {
    /// Code of the bundle.
    pub bundle: String,
    /// The answers.
    pub answers: Answers,
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionRequest {
    /// The bundle, if one was chosen.
    pub bundle: Option<BundleChoice>,
    /// Codes of items; beside a bundle, none means all that the answers call for.
    pub items: Vec<String>,
    /// The kind of applicant.
    pub applicant_kind: ApplicantKind,
    /// Codes of the materials that are handed in, in the order of the input.
    pub materials: Vec<String>,
}

/// What an application becomes: its cases and its one set of materials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The items by layer, so that predecessors come first.
    pub items: Vec<GuideItem>,
    /// All materials on the lists of these items, handed in or not.
    pub materials: Vec<MergedMaterial>,
}

/// Checks a submission against the catalogue.
///
/// # Errors
/// Every fault that can be named at once. Faults of the bundle or of the answers hide those that
/// would only follow from them.
pub fn check(
    request: &SubmissionRequest,
    catalogue: &dyn CatalogueView,
) -> Result<Plan, Vec<Rejected>> {
    let bundle = request.bundle.as_ref();
    let mut faults = length_faults(bundle, &request.items, &request.materials);
    if !faults.is_empty() {
        return Err(faults);
    }
    let Some(guide) = arrange(bundle, &request.items, catalogue, &mut faults) else {
        return Err(faults);
    };
    audience_faults(&guide, request, catalogue, &mut faults);
    material_faults(&guide, request, catalogue, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut items = guide.items;
    items.sort_by_key(|item| item.layer);
    Ok(Plan {
        items,
        materials: guide.materials,
    })
}

/// The guide of what somebody would ask for, by the rules of a submission, before applicant and
/// materials are known.
///
/// # Errors
/// As [`check`], as far as bundle, answers and items are concerned.
pub fn chosen_guide(
    bundle: Option<&BundleChoice>,
    items: &[String],
    catalogue: &dyn CatalogueView,
) -> Result<Guide, Vec<Rejected>> {
    let mut faults = length_faults(bundle, items, &[]);
    if !faults.is_empty() {
        return Err(faults);
    }
    let guide = arrange(bundle, items, catalogue, &mut faults);
    guide.filter(|_| faults.is_empty()).ok_or(faults)
}

fn arrange(
    bundle: Option<&BundleChoice>,
    items: &[String],
    catalogue: &dyn CatalogueView,
    faults: &mut Vec<Rejected>,
) -> Option<Guide> {
    match bundle {
        Some(choice) => bundle_guide(choice, items, catalogue, faults),
        None => items_guide(items, catalogue, faults),
    }
}

fn length_faults(
    bundle: Option<&BundleChoice>,
    items: &[String],
    materials: &[String],
) -> Vec<Rejected> {
    let answers = bundle.map_or(0, |choice| choice.answers.0.len());
    [
        (items.len(), ITEMS_MAX, "items"),
        (answers, ANSWERS_MAX, "answers"),
        (materials.len(), MATERIALS_MAX, "materials"),
    ]
    .into_iter()
    .filter(|(length, max, _)| length > max)
    .map(|(_, max, path)| Reason::ListTooLong { max }.at(path))
    .collect()
}

/// The items that stand for the first time, with their places; the others are faults.
fn named_once<'a>(items: &'a [String], faults: &mut Vec<Rejected>) -> Vec<(usize, &'a str)> {
    let mut once: Vec<(usize, &str)> = Vec::new();
    for (at, code) in items.iter().enumerate() {
        if once.iter().any(|(_, known)| known == code) {
            faults.push(Reason::ItemTwice { item: code.clone() }.at(&format!("items.{at}")));
        } else {
            once.push((at, code));
        }
    }
    once
}

/// The guide of what was chosen from a bundle; `None` when nothing sensible can be said of it.
fn bundle_guide(
    choice: &BundleChoice,
    items: &[String],
    catalogue: &dyn CatalogueView,
    faults: &mut Vec<Rejected>,
) -> Option<Guide> {
    let named = named_once(items, faults);
    let Some(bundle) = catalogue.bundle(&choice.bundle) else {
        let bundle = choice.bundle.clone();
        faults.push(Reason::BundleNotPublished { bundle }.at("bundle"));
        return None;
    };
    let wrong_answers = bundle.answer_faults(&choice.answers);
    if !wrong_answers.is_empty() {
        faults.extend(wrong_answers);
        return None;
    }
    let chosen = chosen_components(bundle, &choice.answers, &named, faults);
    if chosen.is_empty() {
        // Items that were named but excluded have their own faults already.
        if named.is_empty() {
            faults.push(Reason::NoItems.at("items"));
        }
        return None;
    }
    guide_for_components(bundle, &chosen, catalogue)
        .map_err(|fault| faults.push(fault))
        .ok()
}

/// The components that were chosen, and those that should have been.
fn chosen_components<'a>(
    bundle: &'a BundleVersion,
    answers: &Answers,
    named: &[(usize, &str)],
    faults: &mut Vec<Rejected>,
) -> Vec<&'a Component> {
    let needed: Vec<&Component> = bundle
        .components
        .iter()
        .filter(|component| component.is_needed(answers))
        .collect();
    if named.is_empty() {
        return needed;
    }
    for (at, code) in named {
        if !needed.iter().any(|component| component.item == *code) {
            let item = (*code).to_owned();
            faults.push(Reason::ItemExcluded { item }.at(&format!("items.{at}")));
        }
    }
    let (chosen, left_out): (Vec<&Component>, Vec<&Component>) = needed
        .into_iter()
        .partition(|component| named.iter().any(|(_, code)| component.item == *code));
    if chosen.is_empty() {
        return chosen;
    }
    // What a chosen item waits for must be asked for too, and what that waits for, and so on.
    let mut wanted: Vec<&Component> = chosen.clone();
    let mut missing: Vec<&Component> = Vec::new();
    while let Some(component) = wanted.pop() {
        for other in &left_out {
            let is_missing = component.depends_on.contains(&other.item);
            if is_missing && !missing.iter().any(|known| known.item == other.item) {
                missing.push(other);
                wanted.push(other);
            }
        }
    }
    // The missing ones go on with the chosen ones, so that their materials are asked for at once too.
    let all = bundle.components.iter().filter(|component| {
        let is_missing = missing.iter().any(|other| other.item == component.item);
        if is_missing {
            let item = component.item.clone();
            faults.push(Reason::ItemMissing { item }.at("items"));
        }
        is_missing || chosen.iter().any(|other| other.item == component.item)
    });
    all.collect()
}

/// The guide of items without a bundle; `None` when none of them is published.
fn items_guide(
    items: &[String],
    catalogue: &dyn CatalogueView,
    faults: &mut Vec<Rejected>,
) -> Option<Guide> {
    if items.is_empty() {
        faults.push(Reason::NoItems.at("items"));
        return None;
    }
    let mut published = Vec::new();
    for (at, code) in named_once(items, faults) {
        if catalogue.item(code).is_some() {
            published.push(code);
        } else {
            let item = code.to_owned();
            faults.push(Reason::ItemNotPublished { item }.at(&format!("items.{at}")));
        }
    }
    if published.is_empty() {
        return None;
    }
    guide_for_items(&published, catalogue)
        .map_err(|fault| faults.push(fault))
        .ok()
}

/// A bundle often spans the birth of the body that it is for: a founder applies, and the new body
/// gets the licence. Within a bundle it is therefore enough that one chosen item is for this kind of
/// applicant; items that were chosen one by one must each be.
fn audience_faults(
    guide: &Guide,
    request: &SubmissionRequest,
    catalogue: &dyn CatalogueView,
    faults: &mut Vec<Rejected>,
) {
    let is_for = |planned: &&GuideItem| {
        catalogue
            .item(&planned.item)
            .is_some_and(|item| item.is_for(request.applicant_kind))
    };
    if request.bundle.is_some() && guide.items.iter().any(|planned| is_for(&planned)) {
        return;
    }
    for planned in guide.items.iter().filter(|planned| !is_for(planned)) {
        let place = request.items.iter().position(|code| *code == planned.item);
        let path = place.map_or_else(|| "applicant.kind".to_owned(), |at| format!("items.{at}"));
        let item = planned.item.clone();
        faults.push(Reason::ItemNotForApplicant { item }.at(&path));
    }
}

fn material_faults(
    guide: &Guide,
    request: &SubmissionRequest,
    catalogue: &dyn CatalogueView,
    faults: &mut Vec<Rejected>,
) {
    // While an item is wrong, its materials would be called unlisted for no fault of theirs.
    let items_settled = faults.iter().all(|fault| {
        !matches!(
            fault.reason,
            Reason::ItemNotPublished { .. } | Reason::ItemExcluded { .. }
        )
    });
    for (at, code) in request.materials.iter().enumerate() {
        let path = format!("materials.{at}.code");
        let material = code.clone();
        if request.materials[..at].contains(code) {
            faults.push(Reason::MaterialTwice { material }.at(&path));
        } else if items_settled
            && !guide
                .materials
                .iter()
                .any(|listed| listed.material == *code)
        {
            faults.push(Reason::MaterialNotListed { material }.at(&path));
        }
    }
    let missing: Vec<String> = guide
        .applicant_provides()
        .filter(|listed| {
            listed.necessity == Necessity::Required && !request.materials.contains(&listed.material)
        })
        .map(|listed| {
            let name = catalogue
                .material(&listed.material)
                .map_or("", |material| material.name.as_str());
            format!("{name} ({})", listed.material)
        })
        .collect();
    if !missing.is_empty() {
        let materials = missing.join("；");
        faults.push(Reason::MaterialMissing { materials }.at("materials"));
    }
}

#[cfg(test)]
mod tests;
