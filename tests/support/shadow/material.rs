//! Materials: another version takes the place of one.

use chrono::{DateTime, Utc};
use lianshen_domain::actor::Actor;
use lianshen_domain::application::{Moment, Replaced, When};
use lianshen_domain::event::Happening;
use lianshen_domain::ids::{MaterialId, ReviewId};
use lianshen_domain::rejected::{Reason, Rejected};
use lianshen_domain::review::{Outcome, ReviewState};
use serde_json::Value;

use super::names::{nameless, number};
use super::{Refused, Shadow, read, text};

/// A version of a material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    pub id: MaterialId,
    pub code: String,
    pub version: u32,
    pub came_at: DateTime<Utc>,
    /// The digest of its file.
    pub sha256: String,
    /// Codes of the items that want it.
    pub wanted_by: Vec<String>,
    /// Whether another version has taken its place.
    pub is_replaced: bool,
}

/// All that was handed in, as the program says.
pub(super) fn read_all(application: &Value) -> Vec<Material> {
    let all = application["materials"].as_array().unwrap().iter();
    let one = |node: &Value| Material {
        id: read(&node["id"]),
        code: text(&node["code"]),
        version: number(&node["version"]),
        came_at: text(&node["receivedAt"]).parse().unwrap(),
        sha256: text(&node["sha256"]),
        wanted_by: node["wantedBy"]
            .as_array()
            .unwrap()
            .iter()
            .map(text)
            .collect(),
        is_replaced: !node["replacedAt"].is_null(),
    };
    all.map(one).collect()
}

impl Shadow {
    pub(super) fn replaces_material(
        &mut self,
        id: MaterialId,
        digit: char,
        at: Moment,
        new_id: impl FnMut() -> ReviewId,
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let place = self.materials.iter().position(|one| one.id == id);
        let place = place.ok_or(Reason::NotFound)?;
        let former = self.materials[place].clone();
        if former.is_replaced {
            let material = former.code;
            return Err(Reason::MaterialStale { material }.at("materialId").into());
        }
        let sha256 = digit.to_string().repeat(64);
        if former.sha256 == sha256 {
            return Err(Reason::MaterialUnchanged.at("sha256").into());
        }
        let replaced = Replaced {
            former: id,
            came_at: former.came_at,
            code: former.code.clone(),
            wanted_by: former.wanted_by.clone(),
            version: former.version + 1,
        };
        let told = self
            .file
            .replace_material(&replaced, When::now(at), new_id)?;
        self.materials[place].is_replaced = true;
        self.materials.push(Material {
            id: nameless(),
            version: former.version + 1,
            came_at: at.now,
            sha256,
            ..former
        });
        Ok(Outcome::Done(told))
    }

    /// Nobody relies on what they do not read, nor on what another version has taken the place of.
    pub(super) fn expect_readable(&self, actor: &Actor, id: MaterialId) -> Result<(), Rejected> {
        let own = actor.department.as_deref();
        let mut all = self.materials.iter();
        let reads = |item: &String| {
            let mut cases = self.file.cases.iter().filter(|case| case.item == *item);
            cases.any(|case| {
                let asked = |department: &str| {
                    self.file.reviews.iter().any(|review| {
                        let is_over = matches!(
                            review.state,
                            ReviewState::Withdrawn | ReviewState::Cancelled
                        );
                        review.case == case.id && review.department == department && !is_over
                    })
                };
                own.is_some_and(|own| case.department == own || asked(own))
            })
        };
        let found = all.find(|one| one.id == id && one.wanted_by.iter().any(reads));
        match found {
            None => Err(Reason::NotFound.at("materialIds.0")),
            Some(found) if found.is_replaced => {
                let material = found.code.clone();
                Err(Reason::MaterialStale { material }.at("materialIds.0"))
            }
            Some(_) => Ok(()),
        }
    }
}

/// Each version in words.
pub(super) fn lines(materials: &[Material]) -> Vec<String> {
    let line = |one: &Material| {
        let place = if one.is_replaced {
            "replaced"
        } else {
            "present"
        };
        format!("{} {} {} {place}", one.code, one.version, &one.sha256[..4])
    };
    let mut lines: Vec<String> = materials.iter().map(line).collect();
    lines.sort();
    lines
}
