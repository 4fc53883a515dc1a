//! The guide (办事指南) of an application: which items, in which order, with what materials and fees.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::bundle::{Answers, BundleVersion, Component};
use crate::catalogue::CatalogueView;
use crate::item::{ItemVersion, Material, Necessity};
use crate::rejected::{Reason, Rejected};

/// An item of a guide, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuideItem {
    /// Code of the item.
    pub item: String,
    /// 0 for items that begin at once, otherwise one more than the last predecessor's layer.
    pub layer: usize,
    /// Codes of the included items that must be granted first.
    pub predecessors: Vec<String>,
}

/// A material that is handed in once for all items that want it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MergedMaterial {
    /// Code of the material.
    pub material: String,
    /// Codes of the items that want it, in the order of the guide.
    pub wanted_by: Vec<String>,
    /// 材料必要性.
    pub necessity: Necessity,
    /// Whether the centre obtains it; such a material may be handed in, but is never demanded.
    pub by_sharing: bool,
}

/// A fee of one item of a guide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuideFee {
    /// Code of the item.
    pub item: String,
    /// Code of the fee.
    pub fee: String,
}

/// What an application consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Guide {
    /// The items, in the order in which the bundle lists them.
    pub items: Vec<GuideItem>,
    /// Union of the materials, in order of first appearance.
    pub materials: Vec<MergedMaterial>,
    /// How many materials there would be if every item were applied for by itself.
    pub materials_if_separate: usize,
    /// The fees, in the order of the items.
    pub fees: Vec<GuideFee>,
    /// Codes of the departments that visit the place, sorted.
    pub site_visit_departments: Vec<String>,
    /// The longest chain of promised days.
    pub critical_path_days: u32,
}

impl Guide {
    /// Codes of the items by layer; the items of a layer begin at the same time.
    pub fn layers(&self) -> Vec<Vec<&str>> {
        let count = self
            .items
            .iter()
            .map(|item| item.layer + 1)
            .max()
            .unwrap_or(0);
        let mut layers = vec![Vec::new(); count];
        for item in &self.items {
            layers[item.layer].push(item.item.as_str());
        }
        layers
    }

    /// The materials that nobody but the applicant can provide.
    pub fn applicant_provides(&self) -> impl Iterator<Item = &MergedMaterial> {
        self.materials
            .iter()
            .filter(|material| !material.by_sharing)
    }

    /// The materials that the centre obtains by sharing.
    pub fn obtained_by_sharing(&self) -> impl Iterator<Item = &MergedMaterial> {
        self.materials.iter().filter(|material| material.by_sharing)
    }
}

/// The guide of a bundle for a set of answers. Items whose condition is not fulfilled are left out,
/// and what depends on them need not wait. No item at all is a possible guide.
///
/// # Errors
/// `QuestionUnknown` or `AnswerUnknown` for answers that do not fit; `ItemNotPublished` and
/// `BundleNotPublished` for a bundle that could not have been published.
pub fn guide(
    bundle: &BundleVersion,
    catalogue: &dyn CatalogueView,
    answers: &Answers,
) -> Result<Guide, Rejected> {
    if let Some(fault) = bundle.answer_faults(answers).into_iter().next() {
        return Err(fault);
    }
    let needed: Vec<&Component> = bundle
        .components
        .iter()
        .filter(|component| component.is_needed(answers))
        .collect();
    guide_for_components(bundle, &needed, catalogue)
}

/// The guide of some components of a bundle.
pub(crate) fn guide_for_components(
    bundle: &BundleVersion,
    components: &[&Component],
    catalogue: &dyn CatalogueView,
) -> Result<Guide, Rejected> {
    let links: Vec<Link> = components
        .iter()
        .map(|component| Link::of_component(component))
        .collect();
    arranged(&links, catalogue)?.ok_or_else(|| {
        let bundle = bundle.code.clone();
        Reason::BundleNotPublished { bundle }.at("bundle")
    })
}

/// The guide of items that were chosen one by one; they wait for each other only where an item
/// names another as its predecessor.
///
/// # Errors
/// `ItemNotPublished` for an item that is not, or whose predecessors run in a circle; `ItemTwice`.
pub fn guide_for_items(items: &[&str], catalogue: &dyn CatalogueView) -> Result<Guide, Rejected> {
    let mut links = Vec::new();
    for (at, code) in items.iter().enumerate() {
        let item = (*code).to_owned();
        if items[..at].contains(code) {
            return Err(Reason::ItemTwice { item }.at(&format!("items.{at}")));
        }
        let Some(found) = catalogue.item(code) else {
            return Err(Reason::ItemNotPublished { item }.at(&format!("items.{at}")));
        };
        links.push(Link {
            item: code,
            after: &found.predecessors,
        });
    }
    arranged(&links, catalogue)?.ok_or_else(|| {
        let item = items.join(", ");
        Reason::ItemNotPublished { item }.at("items")
    })
}

/// An item, and those after which it comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    pub(crate) item: &'a str,
    pub(crate) after: &'a [String],
}

impl<'a> Link<'a> {
    pub(crate) fn of_component(component: &'a Component) -> Self {
        Self {
            item: &component.item,
            after: &component.depends_on,
        }
    }

    /// Where the included predecessors stand in the list.
    pub(crate) fn predecessors(self, links: &[Link]) -> Vec<usize> {
        (0..links.len())
            .filter(|other| self.after.iter().any(|code| code == links[*other].item))
            .collect()
    }
}

/// The layer of each item, or `None` when they wait for each other in a circle.
/// Predecessors that are not in the list count as granted.
pub(crate) fn layers(links: &[Link]) -> Option<Vec<usize>> {
    let before: Vec<Vec<usize>> = links.iter().map(|link| link.predecessors(links)).collect();
    let mut layers = vec![None; links.len()];
    // Every round settles one whole layer; a round that settles nothing has met a circle.
    for layer in 0..links.len() {
        let ready: Vec<usize> = (0..links.len())
            .filter(|at| {
                layers[*at].is_none() && before[*at].iter().all(|other| layers[*other].is_some())
            })
            .collect();
        for at in ready {
            layers[at] = Some(layer);
        }
    }
    layers.into_iter().collect()
}

fn arranged(links: &[Link], catalogue: &dyn CatalogueView) -> Result<Option<Guide>, Rejected> {
    let mut items: Vec<&ItemVersion> = Vec::with_capacity(links.len());
    for link in links {
        let item = catalogue.item(link.item).ok_or_else(|| {
            let item = link.item.to_owned();
            Reason::ItemNotPublished { item }.at("items")
        })?;
        items.push(item);
    }
    let Some(layers) = layers(links) else {
        return Ok(None);
    };
    let visits: BTreeSet<&String> = items
        .iter()
        .filter(|item| item.site_visit)
        .map(|item| &item.department)
        .collect();
    Ok(Some(Guide {
        items: links
            .iter()
            .zip(&layers)
            .map(|(link, layer)| GuideItem {
                item: link.item.to_owned(),
                layer: *layer,
                predecessors: link
                    .predecessors(links)
                    .into_iter()
                    .map(|at| links[at].item.to_owned())
                    .collect(),
            })
            .collect(),
        materials: merged(&items, catalogue),
        materials_if_separate: items.iter().map(|item| item.materials.len()).sum(),
        fees: items
            .iter()
            .filter_map(|item| {
                item.fee.as_ref().map(|fee| GuideFee {
                    item: item.code.clone(),
                    fee: fee.clone(),
                })
            })
            .collect(),
        site_visit_departments: visits.into_iter().cloned().collect(),
        critical_path_days: longest_chain(links, &layers, &items),
    }))
}

fn merged(items: &[&ItemVersion], catalogue: &dyn CatalogueView) -> Vec<MergedMaterial> {
    let mut materials: Vec<MergedMaterial> = Vec::new();
    for item in items {
        for code in &item.materials {
            if let Some(known) = materials
                .iter_mut()
                .find(|material| material.material == *code)
            {
                if known.wanted_by.last() != Some(&item.code) {
                    known.wanted_by.push(item.code.clone());
                }
                continue;
            }
            let definition = catalogue.material(code);
            materials.push(MergedMaterial {
                material: code.clone(),
                wanted_by: vec![item.code.clone()],
                // A material that nobody defined cannot be demanded (行政许可法 第三十一条).
                necessity: definition.map_or(Necessity::Optional, |material| material.necessity),
                by_sharing: definition.is_some_and(Material::is_obtained_by_sharing),
            });
        }
    }
    materials
}

fn longest_chain(links: &[Link], layers: &[usize], items: &[&ItemVersion]) -> u32 {
    let mut order: Vec<usize> = (0..links.len()).collect();
    order.sort_by_key(|at| layers[*at]);
    let mut until = vec![0_u32; links.len()];
    for at in order {
        let waits = links[at]
            .predecessors(links)
            .into_iter()
            .map(|other| until[other])
            .max()
            .unwrap_or(0);
        until[at] = waits.saturating_add(items[at].promised.about_workdays());
    }
    until.into_iter().max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
