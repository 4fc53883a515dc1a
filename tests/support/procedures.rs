//! Acts that move the clocks of a case, done by the people whose they are.

use chrono::NaiveDate;
use lianshen::case::{
    BeginProcedure, EndProcedure, ExtendCase, OnCase, begin_procedure, end_procedure, extend_case,
};
use lianshen::identity;
use lianshen_domain::actor::Actor;
use lianshen_domain::clock::Limit;
use lianshen_domain::item::{ExtensionApprover, SpecialProcedureKind};

use super::app::TestApp;
use super::client::Client;
use super::world::{Case, new_key};

impl TestApp {
    /// Somebody who has signed in, as the program knows them.
    pub async fn person(&self, client: &Client) -> Actor {
        let token = client.token().await.expect("nobody is signed in");
        identity::authenticate(self.program(), &token)
            .await
            .expect("the token is good")
    }

    /// The department's decider begins a special procedure; the notice was delivered on its first day.
    pub async fn begin(
        &self,
        case: &Case,
        kind: SpecialProcedureKind,
        days: u32,
        on: Option<&str>,
    ) {
        let command = BeginProcedure {
            on: on_case(case, on),
            kind,
            expected: Limit::workdays(days),
            notice_delivered_on: on.map_or_else(|| self.clock.today(), day),
            of_own_motion: false,
        };
        let actor = self.person(&self.decider(&case.department)).await;
        let begun = begin_procedure(self.program(), &actor, command).await;
        begun.expect("the procedure begins");
    }

    /// The department's decider ends it with its result.
    pub async fn end(&self, case: &Case, kind: SpecialProcedureKind, on: Option<&str>) {
        let command = EndProcedure {
            on: on_case(case, on),
            kind,
            finding: "合格".to_owned(),
        };
        let actor = self.person(&self.decider(&case.department)).await;
        let ended = end_procedure(self.program(), &actor, command).await;
        ended.expect("the procedure ends");
    }

    /// The department's decider extends the periods.
    pub async fn extend(&self, case: &Case, days: u32, on: Option<&str>) {
        let command = ExtendCase {
            on: on_case(case, on),
            days,
            approver: ExtensionApprover::AgencyHead,
            reasons: "案情复杂".to_owned(),
        };
        let actor = self.person(&self.decider(&case.department)).await;
        let extended = extend_case(self.program(), &actor, command).await;
        extended.expect("the periods are extended");
    }
}

fn on_case(case: &Case, on: Option<&str>) -> OnCase {
    let (_, id) = case.id.split_once(':').expect("an id names its kind");
    OnCase {
        idempotency_key: new_key(),
        case: id.parse().expect("an id"),
        happened_on: on.map(day),
        expected_version: None,
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}
