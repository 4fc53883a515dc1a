//! The common scenes, built through the public API only: who applies, reviews, decides, delivers.

use std::sync::atomic::{AtomicU64, Ordering};

use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::bundle::Answers;
use lianshen_domain::guide::{Guide, guide, guide_for_items};
use lianshen_domain::item_code::receipt_number;
use serde_json::{Value, json};

use super::answer::Answer;
use super::app::TestApp;
use super::clock::ManualClock;
use super::{documents, seed};

/// An application as the API showed it last.
#[derive(Clone, Debug)]
pub struct Application {
    pub id: String,
    pub receipt_number: String,
    pub query_code: String,
    pub version: i64,
    pub cases: Vec<Case>,
}

/// A case of it, with the review of its department.
#[derive(Clone, Debug)]
pub struct Case {
    pub id: String,
    pub item: String,
    pub department: String,
    pub state: String,
    pub version: i64,
    pub review: Review,
}

/// A review of a case.
#[derive(Clone, Debug)]
pub struct Review {
    pub id: String,
    pub department: String,
    pub state: String,
    pub version: i64,
}

impl Application {
    /// Reads what stands at a path of an answer.
    #[track_caller]
    pub fn read(answer: &Answer, path: &str) -> Self {
        let text = |field: &str| answer.text(&format!("{path}.{field}"));
        let cases = (0..answer.list(&format!("{path}.cases")).len()).map(|at| {
            let path = format!("{path}.cases.{at}");
            let text = |field: &str| answer.text(&format!("{path}.{field}"));
            Case {
                id: text("id"),
                item: text("item.code"),
                department: text("department.code"),
                state: text("state"),
                version: answer.number(&format!("{path}.version")),
                review: Review {
                    id: text("reviews.0.id"),
                    department: text("reviews.0.department.code"),
                    state: text("reviews.0.state"),
                    version: answer.number(&format!("{path}.reviews.0.version")),
                },
            }
        });
        Self {
            id: text("id"),
            receipt_number: text("receiptNumber"),
            query_code: text("queryCode"),
            version: answer.number(&format!("{path}.version")),
            cases: cases.collect(),
        }
    }

    /// The case of an item.
    #[track_caller]
    pub fn case(&self, item: &str) -> &Case {
        let found = self.cases.iter().find(|case| case.item == item);
        found.unwrap_or_else(|| panic!("the application has no case of {item}"))
    }
}

/// A key that no other command of this run has.
pub fn new_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("key-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A receipt number that could be given, and was not.
pub fn absent_receipt_number() -> String {
    receipt_number("320999", ManualClock::start().date_naive(), 999_999).expect("it is well-formed")
}

/// Identity number and telephone of the applicant in all scenes; they must never reach a log.
pub const ID_NUMBER: &str = "32099919900307001X";
/// See [`ID_NUMBER`].
pub const CREDIT_CODE: &str = "91320999MA1ABCDE03";
/// See [`ID_NUMBER`].
pub const PHONE: &str = "13812345678";

/// Somebody who applies: a body for items that are not for persons.
pub fn applicant(kind: &str) -> Value {
    match kind {
        "NATURAL_PERSON" => {
            json!({ "kind": kind, "name": "王小明", "idNumber": ID_NUMBER, "phone": PHONE })
        }
        _ => {
            json!({ "kind": kind, "name": "滨澜县小明餐饮有限公司", "idNumber": CREDIT_CODE, "phone": PHONE })
        }
    }
}

/// Codes of so many items that enterprises apply for; none of them waits for another.
#[track_caller]
pub fn items_for_enterprises(count: usize) -> Vec<&'static str> {
    let items = seed::catalogue_file().items.iter();
    let open = items.filter(|item| item.audience.contains(&ApplicantKind::Enterprise));
    let codes: Vec<&str> = open.map(|item| item.code.as_str()).take(count).collect();
    assert_eq!(
        codes.len(),
        count,
        "the catalogue holds fewer items for enterprises"
    );
    codes
}

/// The input of `applicationSubmit` for items by themselves, with everything that is required.
pub fn input_for_items(items: &[&str]) -> Value {
    let catalogue = seed::catalogue_file().catalogue();
    let guide = guide_for_items(items, &catalogue).expect("the items are published");
    json!({
        "idempotencyKey": new_key(),
        "itemCodes": items,
        "applicant": applicant("ENTERPRISE"),
        "materials": materials(&guide),
    })
}

/// The input of `applicationSubmit` for a bundle and the answers to its questions.
pub fn input_for_bundle(bundle: &str, answers: &[(&str, &str)]) -> Value {
    let file = seed::catalogue_file();
    let found = file
        .bundles
        .iter()
        .find(|known| known.code == bundle)
        .expect("the bundle is published");
    let given = answers
        .iter()
        .map(|(question, value)| ((*question).to_owned(), (*value).to_owned()));
    let guide =
        guide(found, &file.catalogue(), &Answers(given.collect())).expect("the answers fit");
    let answers = answers
        .iter()
        .map(|(question, value)| json!({ "question": question, "value": value }));
    json!({
        "idempotencyKey": new_key(),
        "bundleCode": bundle,
        "answers": answers.collect::<Vec<_>>(),
        "applicant": applicant("ENTERPRISE"),
        "materials": materials(&guide),
    })
}

fn materials(guide: &Guide) -> Vec<Value> {
    let provided = guide.applicant_provides();
    let one = |code: &str| {
        json!({
            "code": code, "originals": 1, "copies": 1,
            "fileName": format!("{code}.pdf"),
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        })
    };
    provided.map(|material| one(&material.material)).collect()
}

/// 开办餐饮店 with licence, fire inspection and signboard: SJJ leads, XFD and CGJ take part.
pub const FOOD_FIRE_SIGN: [(&str, &str); 6] = [
    ("Q1", "Y"),
    ("Q2", "Y"),
    ("Q3", "I"),
    ("Q4", "Y"),
    ("Q5", "N"),
    ("Q6", "N"),
];

impl TestApp {
    /// The clerk takes in an application for items and accepts it.
    pub async fn submit(&self, items: &[&str]) -> Application {
        self.submit_input(input_for_items(items)).await
    }

    /// The clerk takes in 开办餐饮店 and accepts it.
    pub async fn restaurant(&self, answers: &[(&str, &str)]) -> Application {
        self.submit_input(input_for_bundle("YJS-001", answers))
            .await
    }

    /// The clerk takes in what the input says.
    pub async fn submit_input(&self, input: Value) -> Application {
        let answer = self.clerk().act(&documents::SUBMIT, input).await.done();
        Application::read(&answer, "applicationSubmit.application")
    }

    /// The application as the clerk sees it now.
    pub async fn reread(&self, application: &Application) -> Application {
        let answer = self
            .clerk()
            .query(
                &documents::APPLICATION_BY_ID,
                json!({ "id": application.id }),
            )
            .await
            .ok();
        Application::read(&answer, "application")
    }

    /// The department's reviewer agrees.
    pub async fn agree(&self, review: &Review) -> Answer {
        self.give_opinion(review, "AGREE", None).await.done()
    }

    /// The department's reviewer says something.
    pub async fn give_opinion(
        &self,
        review: &Review,
        opinion: &str,
        reasons: Option<&str>,
    ) -> Answer {
        let input = json!({
            "idempotencyKey": new_key(), "reviewId": review.id, "opinion": opinion, "reasons": reasons,
        });
        self.reviewer(&review.department)
            .act(&documents::GIVE_OPINION, input)
            .await
    }

    /// The department's decider grants.
    pub async fn grant(&self, case: &Case) -> Answer {
        self.decide(case, "GRANT", None).await.done()
    }

    /// The department's decider refuses.
    pub async fn refuse(&self, case: &Case, reasons: &str) -> Answer {
        self.decide(case, "REFUSE", Some(reasons)).await.done()
    }

    /// The department's decider decides.
    pub async fn decide(&self, case: &Case, decision: &str, reasons: Option<&str>) -> Answer {
        let input = json!({
            "idempotencyKey": new_key(), "caseId": case.id, "decision": decision, "reasons": reasons,
        });
        self.decider(&case.department)
            .act(&documents::DECIDE, input)
            .await
    }

    /// The clerk hands over the results.
    pub async fn deliver(&self, application: &Application) -> Answer {
        let input = json!({
            "idempotencyKey": new_key(), "applicationId": application.id, "receivedBy": "王小明",
        });
        self.clerk().act(&documents::DELIVER, input).await.done()
    }
}
