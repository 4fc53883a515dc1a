//! Deciding: each department for itself, what follows from it for the others, and the end of the whole.

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::support::world::{Application, absent_receipt_number, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{TestApp, documents, each_db};

/// 开办餐饮店 with everything: registration first, then five items, then tobacco.
const EVERYTHING: &[(&str, &str)] = &[
    ("Q1", "N"),
    ("Q2", "Y"),
    ("Q3", "P"),
    ("Q4", "Y"),
    ("Q5", "Y"),
    ("Q6", "Y"),
];

each_db! {
    async fn the_whole_way_from_the_window_to_the_delivery(app: TestApp) {
        let application = app.restaurant(EVERYTHING).await;
        let by_layer: &[&[&str]] = &[
            &["SJJ-01-001"],
            &["XFD-01-001", "CGJ-01-001", "ZJJ-01-004", "SJJ-01-002"],
            &["YCJ-01-001"],
        ];
        for layer in by_layer {
            let now = app.reread(&application).await;
            let open: Vec<_> =
                now.cases.iter().filter(|case| case.state == "IN_REVIEW").map(|case| case.item.as_str()).collect();
            assert_eq!(&open, layer, "exactly these are at work now");
            for item in *layer {
                finish(&app, &now, item).await;
            }
        }

        let concluded = app.clerk().query(&documents::APPLICATION_BY_ID, json!({ "id": application.id })).await.ok();
        assert_eq!(concluded.text("application.state"), "CONCLUDED");
        assert_eq!(concluded.text("application.outcome"), "GRANTED");

        let delivered = app.deliver(&application).await;
        assert_eq!(delivered.text("applicationDeliver.application.state"), "CLOSED");
        let states = delivered.texts("applicationDeliver.application.cases", "state");
        assert_eq!(states, ["CLOSED"; 6]);

        // The applicant follows it without an account, by the two numbers on the receipt.
        let numbers = json!({ "receiptNumber": application.receipt_number, "queryCode": application.query_code });
        let progress = app.nobody().query(&documents::PROGRESS, numbers).await.ok();
        assert_eq!(progress.text("progress.state"), "CLOSED");
    }

    async fn a_grant_starts_what_waited_for_it_and_its_clock(app: TestApp) {
        let application = app.restaurant(&[("Q1", "Y"), ("Q2", "N"), ("Q4", "N"), ("Q5", "N"), ("Q6", "Y")]).await;
        app.advance_workdays(3);

        finish(&app, &application, "SJJ-01-002").await;

        let now = app.reread(&application).await;
        let tobacco = now.case("YCJ-01-001");
        assert_eq!((tobacco.state.as_str(), tobacco.review.state.as_str()), ("IN_REVIEW", "OPEN"));
        // Ten working days from Thursday the 5th, not from the acceptance.
        let clocks = app.clerk().query(&documents::CASE_CLOCKS, json!({ "id": tobacco.id })).await.ok();
        assert_eq!(clocks.text("case.promised.dueOn"), "2026-03-19");
    }

    async fn a_refusal_ends_what_depends_on_it_and_nothing_else(app: TestApp) {
        let application = app.restaurant(EVERYTHING).await;
        finish(&app, &application, "SJJ-01-001").await;
        let food = application.case("SJJ-01-002");
        app.give_opinion(&food.review, "DISAGREE", Some("无独立操作间")).await.done();

        let refused = app.refuse(food, "场所不符合要求").await;
        assert_eq!(refused.text("caseDecide.case.result"), "REFUSED");

        let now = app.reread(&application).await;
        let states: Vec<_> = now.cases.iter().map(|case| (case.item.as_str(), case.state.as_str())).collect();
        assert_eq!(states, [
            ("SJJ-01-001", "GRANTED"),
            ("XFD-01-001", "IN_REVIEW"),
            ("CGJ-01-001", "IN_REVIEW"),
            ("ZJJ-01-004", "IN_REVIEW"),
            ("SJJ-01-002", "REFUSED"),
            ("YCJ-01-001", "TERMINATED"),
        ]);
        assert_eq!(now.case("YCJ-01-001").review.state, "CANCELLED");
        for item in ["XFD-01-001", "CGJ-01-001", "ZJJ-01-004"] {
            finish(&app, &now, item).await;
        }
        let concluded = app.clerk().query(&documents::APPLICATION_BY_ID, json!({ "id": application.id })).await.ok();
        assert_eq!(concluded.text("application.outcome"), "PARTLY_GRANTED");
    }

    async fn a_refusal_needs_reasons(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        app.agree(&case.review).await;
        app.decider("SJJ").token().await;
        let before = app.written().await;

        for reasons in [None, Some(""), Some("\t ")] {
            let refused = app.decide(case, "REFUSE", reasons).await;
            assert_eq!(refused.user_errors("caseDecide"), ["REASONS_REQUIRED"]);
            assert_eq!(refused.fields("caseDecide"), ["reasons"]);
        }
        assert_unchanged(&before, &app.written().await, "the refusal without reasons");
    }

    async fn a_grant_against_a_disagreement_needs_reasons(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        app.give_opinion(&case.review, "DISAGREE", Some("通道过窄")).await.done();
        let before = app.written().await;

        let refused = app.decide(case, "GRANT", None).await;
        assert_eq!(refused.user_errors("caseDecide"), ["REASONS_REQUIRED"]);
        assert_eq!(app.written().await["case_"], before["case_"]);

        app.decide(case, "GRANT", Some("已整改并复核")).await.done();
    }

    async fn nothing_is_decided_before_the_opinion(app: TestApp) {
        let application = app.restaurant(EVERYTHING).await;
        app.decider("SJJ").token().await;
        app.decider("YCJ").token().await;
        let before = app.written().await;

        let early = app.decide(application.case("SJJ-01-001"), "GRANT", None).await;
        assert_eq!(early.user_errors("caseDecide"), ["WRONG_STATE"]);
        let earlier = app.decide(application.case("YCJ-01-001"), "GRANT", None).await;
        assert_eq!(earlier.user_errors("caseDecide"), ["AWAITS_PREDECESSOR"]);
        assert_unchanged(&before, &app.written().await, "the early decision");
    }

    async fn the_same_decision_again_is_quietly_the_first(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        app.agree(&case.review).await;
        let input = json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT" });
        let first = app.decider("SJJ").act(&documents::DECIDE, input.clone()).await.done();
        let before = app.written().await;

        let again = app.decider("SJJ").act(&documents::DECIDE, input).await.done();

        assert_eq!(again.body, first.body);
        assert_unchanged(&before, &app.written().await, "the repetition");
    }

    async fn another_decision_is_refused_and_told_the_first(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        finish(&app, &application, "SJJ-01-002").await;
        let before = app.written().await;

        let refused = app.decide(&application.cases[0], "REFUSE", Some("反悔")).await;

        assert_eq!(refused.user_errors("caseDecide"), ["ALREADY_DECIDED"]);
        assert!(refused.messages()[0].contains("“准予许可”"), "{refused}");
        assert_unchanged(&before, &app.written().await, "the second decision");
    }

    /// Measured before there was a lock: 233 of 300 joint reviews never concluded.
    async fn however_the_last_decisions_meet_the_application_concludes_once(app: TestApp) {
        for round in 0..6 {
            let application = app.submit(&["SJJ-01-002", "CGJ-01-001", "YCJ-01-001"]).await;
            for case in &application.cases {
                app.agree(&case.review).await;
                app.decider(&case.department).token().await;
            }

            join_all(application.cases.iter().map(|case| app.grant(case))).await;

            let answer = app.clerk().query(&documents::APPLICATION_BY_ID, json!({ "id": application.id })).await.ok();
            assert_eq!(answer.text("application.state"), "CONCLUDED");
            let written = app.written().await;
            let concluded = written["event"].iter().filter(|event| event.contains("ApplicationConcluded")).count();
            assert_eq!(concluded, round + 1);
        }
    }

    async fn of_two_contrary_decisions_at_once_one_stands(app: TestApp) {
        for _ in 0..4 {
            let application = app.submit(&["SJJ-01-002"]).await;
            let case = &application.cases[0];
            app.agree(&case.review).await;
            let (one, two) = (app.decider("SJJ"), app.as_("decider-sjj-2"));
            join(one.token(), two.token()).await;
            let decision = |kind: &str| {
                json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": kind, "reasons": "理由" })
            };

            let (grant, refuse) = join(
                one.act(&documents::DECIDE, decision("GRANT")),
                two.act(&documents::DECIDE, decision("REFUSE")),
            )
            .await;

            let mut outcomes = [grant.user_errors("caseDecide"), refuse.user_errors("caseDecide")];
            outcomes.sort();
            assert_eq!(outcomes, [vec![], vec!["ALREADY_DECIDED".to_owned()]]);
        }
    }

    async fn results_are_delivered_once_and_not_before_the_end(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let deliver = |key: String| {
            json!({ "idempotencyKey": key, "applicationId": application.id, "receivedBy": "王小明" })
        };
        let early = app.clerk().act(&documents::DELIVER, deliver(new_key())).await;
        assert_eq!(early.user_errors("applicationDeliver"), ["WRONG_STATE"]);
        finish(&app, &application, "SJJ-01-002").await;

        let elsewhere = app.as_("clerk-2").act(&documents::DELIVER, deliver(new_key())).await;
        assert_eq!(elsewhere.user_errors("applicationDeliver"), ["NOT_FOUND"]);

        let key = new_key();
        app.clerk().act(&documents::DELIVER, deliver(key.clone())).await.done();
        let before = app.written().await;
        app.clerk().act(&documents::DELIVER, deliver(key)).await.done();
        assert_unchanged(&before, &app.written().await, "the second delivery");
    }

    async fn progress_needs_both_numbers(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let first = if application.query_code.starts_with('2') { "3" } else { "2" };
        let wrong = format!("{first}{}", &application.query_code[1..]);
        let right = json!({ "receiptNumber": application.receipt_number, "queryCode": application.query_code });
        app.nobody().query(&documents::PROGRESS, right).await.ok();

        let guessed = json!({ "receiptNumber": application.receipt_number, "queryCode": wrong });
        let unknown = json!({ "receiptNumber": absent_receipt_number(), "queryCode": wrong });
        let guessed = app.nobody().query(&documents::PROGRESS, guessed).await;
        let unknown = app.nobody().query(&documents::PROGRESS, unknown).await;

        assert_eq!(guessed.data("progress"), &Value::Null);
        assert_eq!((guessed.status, guessed.body), (unknown.status, unknown.body), "the two are never told apart");
    }
}

/// Agrees to a case and grants it.
async fn finish(app: &TestApp, application: &Application, item: &str) {
    let case = application.case(item);
    app.agree(&case.review).await;
    app.grant(case).await;
}
