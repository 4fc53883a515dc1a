//! Signatures of opinions: with each opinion the ledger keeps a digest of its words, so that nobody changes them
//! afterwards without being seen.

use std::collections::HashMap;

use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::Id as _;
use lianshen_domain::review::{GivenOpinion, Review};
use lianshen_entity::{Coded, event, review};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::mapping::review_of;
use crate::db::Db;
use crate::error::AppError;
use crate::ledger::hex;
use crate::page::batch_after;

/// Signs (签署) what happened to a review, where its opinion was given: SHA-256 of which review, what, why, on which
/// conditions, by which materials.
pub fn sign(happening: &mut Happening, review: &Review) {
    let is_given = happening.kind == EventKind::OpinionGiven && happening.review == Some(review.id);
    if let Some(given) = review.given.as_ref().filter(|_| is_given) {
        happening.detail.push(("digest", digest(review, given)));
    }
}

fn digest(review: &Review, given: &GivenOpinion) -> String {
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
    hex(&Sha256::digest(words.to_string()))
}

/// What comparing opinions with their signatures found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signatures {
    /// Opinions that are as they were signed.
    pub sound: u64,
    /// Opinions from before opinions were signed.
    pub unsigned: u64,
    /// Reviews whose opinion is not as it was signed, or of which the ledger says nothing.
    pub faults: Vec<String>,
}

/// How many reviews are read at once.
const BATCH: u64 = 500;

/// Compares every opinion with what the ledger keeps of it; whether the ledger is whole, `audit verify` says.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify_signatures(db: &Db) -> Result<Signatures, AppError> {
    let mut found = Signatures::default();
    let mut after = Uuid::nil();
    loop {
        let given = review::Entity::find().filter(review::Column::Opinion.is_not_null());
        let rows = batch_after(given, review::Column::Id, after, BATCH, db.reader()).await?;
        let Some(last) = rows.last() else {
            return Ok(found);
        };
        after = last.id;
        let told = event::Entity::find()
            .filter(event::Column::ApplicationId.is_in(rows.iter().map(|row| row.application_id)))
            .filter(event::Column::Kind.eq(Coded(EventKind::OpinionGiven)))
            .all(db.reader())
            .await?;
        let told = told.into_iter();
        let told: HashMap<Uuid, event::Model> = told
            .filter_map(|event| Some((event.review_id?, event)))
            .collect();
        for row in &rows {
            found.compare(&review_of(row)?, told.get(&row.id));
        }
    }
}

impl Signatures {
    fn compare(&mut self, review: &Review, told: Option<&event::Model>) {
        let Some(given) = &review.given else {
            return;
        };
        let name = review.id.wire();
        let signed = told.map(|event| event.detail.get("digest").and_then(|text| text.as_str()));
        match signed {
            None => self
                .faults
                .push(format!("{name}: the ledger says nothing of its opinion")),
            Some(None) => self.unsigned += 1,
            Some(Some(signed)) if signed == digest(review, given) => self.sound += 1,
            Some(Some(_)) => self
                .faults
                .push(format!("{name}: its opinion is not as it was signed")),
        }
    }
}
