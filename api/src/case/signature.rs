//! Signatures of opinions: with each opinion the ledger keeps a digest of its words, so that nobody changes them
//! afterwards without being seen.

use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::Id as _;
use lianshen_domain::review::Review;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::ledger::hex;

/// What happened to a review; where its opinion was given, signed (签署): SHA-256 of which review, what, why, on which
/// conditions, by which materials.
pub fn signed(happening: Happening, review: &Review) -> Happening {
    let Some(given) = &review.given else {
        return happening;
    };
    if happening.kind != EventKind::OpinionGiven || happening.review != Some(review.id) {
        return happening;
    }
    let opinion = &given.opinion;
    let relied_on = opinion.relied_on.as_ref().map(|ids| {
        let ids = ids.iter().map(|id| id.wire());
        ids.collect::<Vec<_>>()
    });
    let conditions: Vec<[&str; 3]> = opinion
        .conditions
        .iter()
        .map(|condition| {
            let one = [&condition.category, &condition.text, &condition.article];
            one.map(String::as_str)
        })
        .collect();
    // A list, because the order of the fields of an object is nobody's promise.
    let words = json!([
        review.id.wire(),
        opinion.kind,
        opinion.reasons,
        conditions,
        relied_on
    ]);
    happening.with("digest", hex(&Sha256::digest(words.to_string())))
}
