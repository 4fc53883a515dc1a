//! What was known at an instant: folding all that was entered until then.

use chrono::{DateTime, Utc};
use lianshen::env::Clock as _;
use serde_json::json;

use super::answer::Answer;
use super::app::TestApp;
use super::client::Client;

const AS_OF: &str = "query AsOf($id: ID!, $at: DateTime!) { case(id: $id) {
  state lamp result startedOn promised { ...Said } statutory { ...Said }
  asOf(at: $at) { id day state lamp result startedOn promised { ...Said } statutory { ...Said } clocks { kind ordinal } }
  application { state outcome acceptedOn asOf(at: $at) { day state outcome acceptedOn lamp clocks { kind } cases { id state } } } } }
  fragment Said on Deadline { dueOn projectedOn remaining state overdue provisional whyOverdue }";

impl Client {
    /// A case and its application as they are, and as they were known at an instant.
    pub async fn known(&self, case: &str, at: DateTime<Utc>) -> Answer {
        let asked = json!({ "id": case, "at": at });
        self.query(AS_OF, asked).await.ok()
    }
}

impl TestApp {
    /// Folding all that was entered gives what the rows say.
    pub async fn assert_now_is_now(&self, reader: &Client, case: &str) {
        let answer = reader.known(case, self.clock.now()).await;
        let of_case = [
            "state",
            "lamp",
            "result",
            "startedOn",
            "promised",
            "statutory",
        ];
        let of_application = ["state", "outcome", "acceptedOn"];
        let of_case = of_case.map(|name| ("case", name));
        let of_application = of_application.map(|name| ("case.application", name));
        for (of, name) in of_case.into_iter().chain(of_application) {
            let then = answer.data(&format!("{of}.asOf.{name}"));
            let now = answer.data(&format!("{of}.{name}"));
            assert_eq!(then, now, "{of}.{name}: {answer}");
        }
    }
}
