//! What people do: applications from their filing to their delivery, several departments at once.

use std::sync::Arc;

use futures_util::future::{join, join_all};
use lianshen_domain::event::EventKind;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::hall::Hall;
use super::journal::Act;
use crate::support::documents;
use crate::support::world::{Application, Case, input_for_bundle, input_for_items, new_key};

/// Items of six departments.
const ITEMS: [&str; 6] = [
    "SJJ-01-002",
    "CGJ-01-001",
    "ZJJ-01-004",
    "YCJ-01-001",
    "WJW-01-001",
    "XFD-01-002",
];

/// 开办餐饮店 with everything: six cases in three layers, of which the later ones wait.
const EVERYTHING: [(&str, &str); 6] = [
    ("Q1", "N"),
    ("Q2", "Y"),
    ("Q3", "P"),
    ("Q4", "Y"),
    ("Q5", "Y"),
    ("Q6", "Y"),
];

const ASK: &str = "mutation Ask($input: CaseAskOpinionsInput!) { caseAskOpinions(input: $input) {
  case { id reviews { id } } userErrors { code message field } } }";
const BEGIN: &str = "caseBeginSpecialProcedure";
const END: &str = "caseEndSpecialProcedure";
const NOTICE: &str = "applicationNoticeCorrection";
const SUPPLEMENT: &str = "applicationSupplement";

/// One client: a life after the other until the hall closes.
pub async fn serve(hall: Arc<Hall>, seed: u64) {
    let mut dice = StdRng::seed_from_u64(seed);
    while !hall.is_closing() {
        let life = Life {
            hall: &hall,
            clerk: ["clerk", "clerk-2"][dice.random_range(0..2)],
        };
        // Some are left as they are, so that there is always something that must be woken.
        let _ = life.run(&mut dice).await;
    }
}

/// The special procedure that the item of a case may need.
fn procedure_of(case: &Case) -> Option<&'static str> {
    match case.item.as_str() {
        "ZJJ-01-004" => Some("INSPECTION"),
        "WJW-01-001" => Some("TESTING"),
        _ => None,
    }
}

struct Life<'a> {
    hall: &'a Hall,
    clerk: &'static str,
}

impl Life<'_> {
    /// None when it ended before its end.
    async fn run(&self, dice: &mut StdRng) -> Option<()> {
        let application = self.file(dice).await?;
        let waiting = loop {
            if self.hall.is_closing() || dice.random_bool(0.05) {
                return None;
            }
            let asked = json!({ "id": application.id });
            let read = self
                .hall
                .ask(self.clerk, &documents::APPLICATION_BY_ID, asked)
                .await?;
            let seen = Application::read(&read, "application");
            let mut waiting = 0;
            for case in &seen.cases {
                let has_result = ["GRANTED", "REFUSED"].contains(&case.state.as_str());
                if has_result && dice.random_bool(0.2) {
                    self.hand_over(&application, case).await?;
                } else {
                    waiting += usize::from(has_result);
                }
            }
            let open: Vec<&Case> = seen
                .cases
                .iter()
                .filter(|case| {
                    ["IN_REVIEW", "DECIDING", "SUSPENDED"].contains(&case.state.as_str())
                })
                .collect();
            if open.is_empty() {
                break waiting;
            }
            // Each department draws its own lots, so that the order in which they run changes nothing.
            let lots: Vec<u64> = open.iter().map(|_| dice.random()).collect();
            join_all(
                open.iter()
                    .zip(lots)
                    .map(|(case, lot)| self.handle(case, lot)),
            )
            .await;
        };
        // With the last of its results it closed.
        if waiting > 0 && dice.random_bool(0.8) {
            let input = json!({ "idempotencyKey": new_key(), "applicationId": application.id, "receivedBy": "王小明" });
            let leaves = vec![EventKind::ResultsDelivered];
            let act = self.act(
                self.clerk,
                "applicationDeliver",
                &input,
                &application.id,
                leaves,
            );
            self.hall.act(act, &documents::DELIVER, input).await?;
        }
        Some(())
    }

    /// One result, before the others or after them.
    async fn hand_over(&self, application: &Application, case: &Case) -> Option<()> {
        let input = json!({
            "idempotencyKey": new_key(), "applicationId": application.id, "receivedBy": "王小明", "onlyCaseIds": [case.id],
        });
        let leaves = vec![EventKind::CaseDelivered];
        let act = self.act(self.clerk, "applicationDeliver", &input, &case.id, leaves);
        self.hall.act(act, &documents::DELIVER, input).await?;
        Some(())
    }

    /// Takes in an application: accepted at once, or after a notice of what is missing.
    async fn file(&self, dice: &mut StdRng) -> Option<Application> {
        let is_led = dice.random_bool(0.2);
        let mut input = if is_led {
            input_for_bundle("YJS-001", &EVERYTHING)
        } else {
            let (from, count) = (dice.random_range(0..4), dice.random_range(1..=3));
            input_for_items(&ITEMS[from..(from + count).min(ITEMS.len())])
        };
        // Where a department leads, the window waits for what all of them report.
        let is_incomplete = dice.random_bool(0.2) && !is_led;
        let mut leaves = vec![EventKind::ApplicationReceived];
        if is_incomplete {
            input["receiveOnly"] = json!(true);
        } else {
            leaves.push(EventKind::ApplicationAccepted);
        }
        let act = Act {
            subject: None,
            ..self.act(self.clerk, "applicationSubmit", &input, "", leaves)
        };
        let answer = self.hall.act(act, &documents::SUBMIT, input).await?;
        let application = Application::read(&answer, "applicationSubmit.application");
        if is_incomplete {
            let points = json!([{ "text": "缺少平面图", "basis": "《食品经营许可和备案管理办法》第十二条" }]);
            let told = json!({ "points": points, "supplementDays": 10 });
            self.does(NOTICE, &application.id, told, EventKind::CorrectionNoticed)
                .await?;
            let handed_in = json!({ "text": "平面图一份" });
            self.does(
                SUPPLEMENT,
                &application.id,
                handed_in,
                EventKind::Supplemented,
            )
            .await?;
            let input = json!({ "idempotencyKey": new_key(), "applicationId": application.id });
            let leaves = vec![EventKind::ApplicationAccepted];
            let act = self.act(
                self.clerk,
                "applicationAccept",
                &input,
                &application.id,
                leaves,
            );
            self.hall.act(act, &documents::ACCEPT, input).await?;
        }
        Some(application)
    }

    /// What a department does with a case, as far as it comes.
    async fn handle(&self, case: &Case, lot: u64) -> Option<()> {
        let mut dice = StdRng::seed_from_u64(lot);
        let department = case.department.to_lowercase();
        let reviewer = format!("reviewer-{department}");
        if case.state == "SUSPENDED" {
            self.end_procedure(&reviewer, case).await?;
        } else if case.state == "IN_REVIEW" {
            if case.review.state == "OPEN" && dice.random_bool(0.3) {
                let input = json!({ "reviewId": case.review.id });
                let leaves = vec![EventKind::ReviewClaimed];
                let act = self.act(&reviewer, "reviewClaim", &input, &case.review.id, leaves);
                self.hall.act(act, &documents::CLAIM, input).await?;
            } else if let Some(procedure) = procedure_of(case)
                && dice.random_bool(0.5)
            {
                let input = json!({
                    "idempotencyKey": new_key(), "caseId": case.id, "procedure": procedure,
                    "expected": { "n": 5, "unit": "WORKDAY" }, "noticeDeliveredOn": self.hall.today(),
                });
                let leaves = vec![EventKind::SpecialProcedureBegun];
                let act = self.act(&reviewer, BEGIN, &input, &case.id, leaves);
                self.hall.act(act, &documents::act(BEGIN), input).await?;
                if dice.random_bool(0.2) {
                    return None;
                }
                self.end_procedure(&reviewer, case).await?;
            }
            if dice.random_bool(0.3) {
                self.consult(case, &reviewer).await?;
            }
            self.give_opinion(case, &department, &mut dice).await;
        }
        self.decide(case, &department, &mut dice).await;
        Some(())
    }

    async fn end_procedure(&self, reviewer: &str, case: &Case) -> Option<()> {
        let input = json!({
            "idempotencyKey": new_key(), "caseId": case.id, "procedure": procedure_of(case), "finding": "符合要求",
        });
        let act = self.act(
            reviewer,
            END,
            &input,
            &case.id,
            vec![EventKind::SpecialProcedureEnded],
        );
        self.hall.act(act, &documents::act(END), input).await?;
        Some(())
    }

    /// Another department is asked, and answers.
    async fn consult(&self, case: &Case, reviewer: &str) -> Option<()> {
        let other = if case.department == "WJW" {
            "XFD"
        } else {
            "WJW"
        };
        let input = json!({
            "idempotencyKey": new_key(), "caseId": case.id, "question": "请提出意见", "rule": "ALL",
            "opinions": [{ "departmentCode": other, "part": "ADVISORY" }],
        });
        let leaves = vec![EventKind::OpinionAsked];
        let act = self.act(reviewer, "caseAskOpinions", &input, &case.id, leaves);
        let asked = self.hall.act(act, ASK, input).await?;
        let reviews = asked.list("caseAskOpinions.case.reviews");
        let review = reviews.last()?["id"].as_str()?.to_owned();
        let input = json!({ "idempotencyKey": new_key(), "reviewId": review, "opinion": "AGREE" });
        let who = format!("reviewer-{}", other.to_lowercase());
        let leaves = vec![EventKind::OpinionGiven];
        let act = self.act(&who, "reviewGiveOpinion", &input, &review, leaves);
        self.hall.act(act, &documents::GIVE_OPINION, input).await?;
        Some(())
    }

    /// One reviewer, or two who do not agree and are not told of each other.
    async fn give_opinion(&self, case: &Case, department: &str, dice: &mut StdRng) {
        let review = &case.review;
        let say = |who: String, opinion: &str, reasons: Option<&str>, has_rival| {
            let input = json!({
                "idempotencyKey": new_key(), "reviewId": review.id, "opinion": opinion, "reasons": reasons,
            });
            let leaves = vec![EventKind::OpinionGiven];
            let act = self.act(&who, "reviewGiveOpinion", &input, &review.id, leaves);
            self.hall
                .act(Act { has_rival, ..act }, &documents::GIVE_OPINION, input)
        };
        let first = format!("reviewer-{department}");
        if review.state == "OPEN" && dice.random_bool(0.2) {
            let second = format!("reviewer-{department}-2");
            join(
                say(first, "AGREE", None, true),
                say(second, "DISAGREE", Some("不符合规划"), true),
            )
            .await;
        } else {
            say(first, "AGREE", None, review.state == "CLAIMED").await;
        }
    }

    /// One decider, or two.
    async fn decide(&self, case: &Case, department: &str, dice: &mut StdRng) {
        let say = |who: String, is_granted: bool, has_rival| {
            let (decision, leaves) = if is_granted {
                ("GRANT", EventKind::CaseGranted)
            } else {
                ("REFUSE", EventKind::CaseRefused)
            };
            let input = json!({
                "idempotencyKey": new_key(), "caseId": case.id, "decision": decision, "reasons": "理由",
            });
            let act = self.act(&who, "caseDecide", &input, &case.id, vec![leaves]);
            self.hall
                .act(Act { has_rival, ..act }, &documents::DECIDE, input)
        };
        let first = format!("decider-{department}");
        if dice.random_bool(0.2) {
            let second = format!("decider-{department}-2");
            join(say(first, true, true), say(second, false, true)).await;
        } else {
            let is_granted = dice.random_bool(0.85);
            // After an opinion against it a grant may be refused for want of reasons.
            say(first, is_granted, true).await;
        }
    }

    /// An act of the window on the application.
    async fn does(
        &self,
        name: &'static str,
        id: &str,
        rest: Value,
        leaves: EventKind,
    ) -> Option<()> {
        let mut input = rest;
        input["idempotencyKey"] = json!(new_key());
        input["applicationId"] = json!(id);
        let act = self.act(self.clerk, name, &input, id, vec![leaves]);
        self.hall.act(act, &documents::act(name), input).await?;
        Some(())
    }

    fn act(
        &self,
        who: &str,
        name: &'static str,
        input: &Value,
        id: &str,
        leaves: Vec<EventKind>,
    ) -> Act {
        let key = input["idempotencyKey"].as_str().map(str::to_owned);
        let subject = id
            .split_once(':')
            .and_then(|(_, id)| id.parse::<Uuid>().ok());
        Act {
            who: who.to_owned(),
            name,
            key,
            subject,
            leaves,
            has_rival: false,
        }
    }
}
