//! Signatures of opinions: with each opinion the ledger keeps a digest of its words, so that nobody changes them
//! afterwards without being seen.

use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{Id as _, ReviewId};
use lianshen_domain::review::Opinion;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::error::AppError;
use crate::ledger::hex;

/// The event of an opinion, signed (签署).
///
/// # Errors
/// When the words cannot be written as JSON.
pub fn signed(
    id: ReviewId,
    opinion: &Opinion,
    happening: Happening,
) -> Result<Happening, AppError> {
    if happening.kind != EventKind::OpinionGiven {
        return Ok(happening);
    }
    Ok(happening.with("digest", digest_of(id, opinion)?))
}

/// SHA-256 of an opinion: of which review, what, why, on which conditions, by which materials.
///
/// # Errors
/// When the words cannot be written as JSON.
pub fn digest_of(id: ReviewId, opinion: &Opinion) -> Result<String, AppError> {
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
        id.wire(),
        opinion.kind,
        opinion.reasons,
        conditions,
        relied_on
    ]);
    let words = serde_json::to_vec(&words).map_err(AppError::internal)?;
    Ok(hex(&Sha256::digest(words)))
}
