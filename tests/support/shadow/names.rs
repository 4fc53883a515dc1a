//! What the program has named what came into being: the core beside it names it the same.

use lianshen_domain::event::Happening;
use lianshen_domain::ids::{CaseId, Id, MaterialId, MediationId, ReviewId, VisitId};
use serde_json::Value;
use uuid::Uuid;

use super::{Shadow, read, text};
use crate::support::Answer;

/// The identifiers of everything that belongs to an application, by what people call it.
#[derive(Clone, Default)]
pub struct Names {
    /// Of the n-th opinion that a case asked for, or of an examination, the first first.
    reviews: Vec<(CaseId, Option<u32>, ReviewId)>,
    /// Of a version of a material.
    materials: Vec<(String, u32, MaterialId)>,
    /// By their numbers.
    visits: Vec<(u32, VisitId)>,
    mediations: Vec<(u32, MediationId)>,
}

impl Names {
    /// Those that the program gave, by how it says that an application stands.
    pub fn of(seen: &Answer) -> Self {
        let node = seen.data("application");
        let list = |node: &Value, name: &str| node[name].as_array().unwrap().clone();
        let mut names = Self::default();
        for case in list(node, "cases") {
            let id: CaseId = read(&case["id"]);
            let reviews = list(&case, "reviews").into_iter();
            names.reviews.extend(reviews.map(|review| {
                let asked = &review["consultation"];
                let number = asked.is_object().then(|| number(&asked["number"]));
                (id, number, read(&review["id"]))
            }));
            let mediations = list(&case, "mediations").into_iter();
            let one = |one: Value| (number(&one["number"]), read(&one["id"]));
            names.mediations.extend(mediations.map(one));
        }
        names.reviews.sort();
        let visits = list(node, "visits").into_iter();
        let one = |one: Value| (number(&one["number"]), read(&one["id"]));
        names.visits = visits.map(one).collect();
        let materials = list(node, "materials").into_iter();
        let one = |one: Value| {
            (
                text(&one["code"]),
                number(&one["version"]),
                read(&one["id"]),
            )
        };
        names.materials = materials.map(one).collect();
        names
    }
}

impl Shadow {
    /// Names all that has come into being as the program did. What the program does not know keeps a name of no meaning.
    pub(super) fn adopt(&mut self, done: &mut [Happening], names: &Names) {
        for at in 0..self.file.reviews.len() {
            let review = &self.file.reviews[at];
            let nameless = review.id;
            if !is_nameless(nameless) {
                continue;
            }
            let number = review.consultation.as_ref().map(|asked| asked.number);
            let mut fitting = names.reviews.iter();
            let named = fitting.find(|(case, of, id)| {
                (*case, *of) == (review.case, number) && self.review(*id).is_none()
            });
            let Some((.., id)) = named else { continue };
            self.file.reviews[at].id = *id;
            let mut told = done.iter_mut();
            if let Some(told) = told.find(|told| told.review == Some(nameless)) {
                told.review = Some(*id);
            }
        }
        // The program reads them case by case.
        let cases: Vec<CaseId> = self.file.cases.iter().map(|case| case.id).collect();
        let place = |id: CaseId| cases.iter().position(|known| *known == id);
        self.file.reviews.sort_by_key(|review| place(review.case));
        for visit in self.visits.iter_mut().filter(|one| is_nameless(one.id)) {
            let mut all = names.visits.iter();
            let named = all.find(|(number, _)| *number == visit.number);
            visit.id = named.map_or(visit.id, |(_, id)| *id);
        }
        for mediation in self.mediations.iter_mut().filter(|one| is_nameless(one.id)) {
            let mut all = names.mediations.iter();
            let named = all.find(|(number, _)| *number == mediation.number);
            mediation.id = named.map_or(mediation.id, |(_, id)| *id);
        }
        for material in self.materials.iter_mut().filter(|one| is_nameless(one.id)) {
            let mut all = names.materials.iter();
            let named = all
                .find(|(code, version, _)| (code, *version) == (&material.code, material.version));
            material.id = named.map_or(material.id, |(.., id)| *id);
        }
    }
}

/// An identifier that nobody gave: a small number.
pub(super) fn nameless<I: Id>() -> I {
    I::new(Uuid::nil())
}

fn is_nameless<I: Id>(id: I) -> bool {
    id.raw().as_u128() < 1_000
}

pub(super) fn number(value: &Value) -> u32 {
    let number = value
        .as_u64()
        .unwrap_or_else(|| panic!("no number: {value}"));
    u32::try_from(number).unwrap()
}
