//! Handing in: one window, one form, one set of materials, one acceptance, and every department has its case.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::world::{Application, applicant, input_for_bundle, input_for_items, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{documents, each_db, seed};

/// 开办餐饮店 with everything but tobacco: five items in two layers.
const WHOLE_RESTAURANT: &[(&str, &str)] = &[
    ("Q1", "N"),
    ("Q2", "Y"),
    ("Q3", "P"),
    ("Q4", "Y"),
    ("Q5", "Y"),
    ("Q6", "N"),
];

each_db! {
    async fn what_a_clerk_takes_in_is_received_and_accepted_in_one_act(app: TestApp) {
        let answer = app.clerk().act(&documents::SUBMIT, input_for_items(&["SJJ-01-002"])).await.done();

        let path = "applicationSubmit.application";
        assert_eq!(answer.text(&format!("{path}.state")), "IN_REVIEW");
        let application = Application::read(&answer, path);
        let [case] = application.cases.as_slice() else { panic!("one case was expected: {answer}") };
        assert_eq!((case.item.as_str(), case.department.as_str()), ("SJJ-01-002", "SJJ"));
        assert_eq!((case.state.as_str(), case.review.state.as_str()), ("IN_REVIEW", "OPEN"));
        assert_eq!(case.review.department, "SJJ");
        // Accepted on Monday the 2nd: five working days are promised, ten are the law's.
        let clocks = app.clerk().query(&documents::CASE_CLOCKS, json!({ "id": case.id })).await.ok();
        assert_eq!(clocks.text("case.promised.dueOn"), "2026-03-09");
        assert_eq!(clocks.text("case.statutory.dueOn"), "2026-03-16");
    }

    async fn every_item_of_a_bundle_becomes_a_case_of_its_department(app: TestApp) {
        let application = app.restaurant(WHOLE_RESTAURANT).await;

        let found: Vec<_> = application
            .cases
            .iter()
            .map(|case| (case.item.as_str(), case.department.as_str(), case.state.as_str(), case.review.state.as_str()))
            .collect();
        let waiting = ("AWAITING_PREDECESSOR", "WAITING");
        assert_eq!(found, [
            ("SJJ-01-001", "SJJ", "IN_REVIEW", "OPEN"),
            ("XFD-01-001", "XFD", waiting.0, waiting.1),
            ("CGJ-01-001", "CGJ", waiting.0, waiting.1),
            ("ZJJ-01-004", "ZJJ", waiting.0, waiting.1),
            ("SJJ-01-002", "SJJ", waiting.0, waiting.1),
        ]);
    }

    async fn every_bundle_becomes_the_cases_that_its_guide_names(app: TestApp) {
        let mut tried = 0;
        for (bundle, answers, items) in guide_examples() {
            let answers: Vec<_> = answers.iter().map(|(question, value)| (question.as_str(), value.as_str())).collect();
            let application = app.submit_input(input_for_bundle(&bundle, &answers)).await;

            let found: BTreeSet<_> = application.cases.iter().map(|case| case.item.clone()).collect();
            assert_eq!(found, items, "{bundle} {answers:?}");
            tried += 1;
        }
        assert!(tried >= 8, "only {tried} examples in the catalogue");
    }

    async fn numbers_are_never_given_twice(app: TestApp) {
        let clerk = app.clerk();
        clerk.token().await;
        let submissions = (0..8).map(|_| clerk.act(&documents::SUBMIT, input_for_items(&["SJJ-01-002"])));
        let answers = futures_util::future::join_all(submissions).await;

        let texts = |path: &str| -> BTreeSet<String> {
            answers.iter().map(|answer| answer.text(&format!("applicationSubmit.application.{path}"))).collect()
        };
        for path in ["id", "receiptNumber", "queryCode", "cases.0.id", "cases.0.caseNumber"] {
            assert_eq!(texts(path).len(), 8, "{path}: {:?}", texts(path));
        }
    }

    async fn the_same_command_again_gives_the_first_application_and_writes_nothing(app: TestApp) {
        let input = input_for_items(&["SJJ-01-002", "CGJ-01-001"]);
        let first = app.submit_input(input.clone()).await;
        let before = app.written().await;

        let again = app.submit_input(input).await;

        assert_eq!(again.id, first.id);
        assert_unchanged(&before, &app.written().await, "the repetition");
    }

    /// Whoever was not answered on the last day of a licence repeats on the next morning: what was filed is filed.
    async fn the_same_command_again_when_it_would_be_refused_gives_the_first_application(app: TestApp) {
        let mut input = input_for_items(&["SJJ-01-002"]);
        input["renewal"] = json!({ "certificate": "JY23209990000001", "expiresOn": "2026-03-02" });
        let first = app.submit_input(input.clone()).await;
        app.clock.set_day("2026-03-03");
        let before = app.written().await;

        let again = app.submit_input(input.clone()).await;

        assert_eq!(again.id, first.id);
        let mut another = input.clone();
        another["idempotencyKey"] = json!(new_key());
        let mut changed = input;
        changed["applicant"]["phone"] = json!("13900000000");
        for refused in [another, changed] {
            let refused = app.clerk().act(&documents::SUBMIT, refused).await;
            assert_eq!(refused.user_errors("applicationSubmit"), ["RENEWAL_EXPIRED"]);
        }
        assert_unchanged(&before, &app.written().await, "the repetition");
    }

    async fn twins_under_way_at_once_file_once(app: TestApp) {
        let clerk = app.clerk();
        clerk.token().await;
        let input = input_for_items(&["SJJ-01-002"]);

        let twins = (0..6).map(|_| clerk.act(&documents::SUBMIT, input.clone()));
        let answers = futures_util::future::join_all(twins).await;

        let ids: BTreeSet<_> = answers.into_iter().map(|answer| answer.done().text("applicationSubmit.application.id")).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(app.written().await["application"].len(), 1);
    }

    async fn a_key_is_good_for_one_request(app: TestApp) {
        let input = input_for_items(&["SJJ-01-002"]);
        app.submit_input(input.clone()).await;
        let before = app.written().await;
        let mut other = input_for_items(&["CGJ-01-001"]);
        other["idempotencyKey"] = input["idempotencyKey"].clone();

        let refused = app.clerk().act(&documents::SUBMIT, other).await;

        assert_eq!(refused.user_errors("applicationSubmit"), ["IDEMPOTENCY_KEY_REUSED"]);
        assert_eq!(refused.fields("applicationSubmit"), ["idempotencyKey"]);
        assert_unchanged(&before, &app.written().await, "the other request");
    }

    async fn a_key_belongs_to_one_account(app: TestApp) {
        let input = input_for_items(&["SJJ-01-002"]);
        let first = app.submit_input(input.clone()).await;

        let second = app.as_("clerk-2").act(&documents::SUBMIT, input).await.done();

        assert_ne!(second.text("applicationSubmit.application.id"), first.id);
    }

    /// 一次告知 (行政许可法 第三十二条): a person is sent back once, with everything that is wrong.
    async fn all_faults_are_told_at_once(app: TestApp) {
        app.clerk().token().await;
        let before = app.written().await;
        let mut input = input_for_items(&["SJJ-01-002"]);
        input["itemCodes"] = json!(["SJJ-01-002", "SJJ-01-002", "SJJ-99-999"]);
        input["applicant"]["phone"] = json!("call me");
        input["applicant"]["idNumber"] = json!("91320999MA1ABCDE04");

        let refused = app.clerk().act(&documents::SUBMIT, input).await;

        let told: BTreeSet<_> = refused.user_errors("applicationSubmit").into_iter().collect();
        let wanted = ["CREDIT_CODE_INVALID", "ITEM_NOT_PUBLISHED", "ITEM_TWICE", "PHONE_INVALID"];
        assert_eq!(told, wanted.map(str::to_owned).into());
        assert_eq!(refused.data("applicationSubmit.application"), &Value::Null);
        assert_unchanged(&before, &app.written().await, "the refused submission");
    }

    async fn every_missing_material_is_named(app: TestApp) {
        let mut input = input_for_items(&["SJJ-01-002"]);
        input["materials"] = json!([]);

        let refused = app.clerk().act(&documents::SUBMIT, input).await;

        assert_eq!(refused.user_errors("applicationSubmit"), ["MATERIAL_MISSING"]);
        assert_eq!(refused.fields("applicationSubmit"), ["materials"]);
        let told = refused.messages().join(" ");
        assert!(told.contains("M-APP") && told.contains("M-PLAN"), "{told}");
        // What the centre obtains itself is never demanded.
        assert!(!told.contains("M-BL") && !told.contains("M-HEALTH"), "{told}");
    }

    async fn what_was_only_received_waits_for_acceptance(app: TestApp) {
        let mut input = input_for_items(&["SJJ-01-002"]);
        input["receiveOnly"] = json!(true);
        let received = app.submit_input(input).await;
        assert_eq!(received.cases[0].state, "RECEIVED");
        app.advance_workdays(1);

        let accept = json!({ "idempotencyKey": new_key(), "applicationId": received.id, "expectedVersion": received.version });
        let accepted = app.clerk().act(&documents::ACCEPT, accept.clone()).await.done();

        let accepted_now = Application::read(&accepted, "applicationAccept.application");
        assert_eq!(accepted_now.cases[0].state, "IN_REVIEW");
        assert_eq!(accepted_now.version, received.version + 1);
        // The clocks begin with the acceptance, not with the receipt.
        let clocks = app.clerk().query(&documents::CASE_CLOCKS, json!({ "id": received.cases[0].id })).await.ok();
        assert_eq!(clocks.text("case.promised.dueOn"), "2026-03-10");

        let mut other_key = accept;
        other_key["idempotencyKey"] = json!(new_key());
        other_key["expectedVersion"] = json!(accepted_now.version);
        let before = app.written().await;
        let refused = app.clerk().act(&documents::ACCEPT, other_key).await;
        assert_eq!(refused.user_errors("applicationAccept"), ["WRONG_STATE"]);
        assert_unchanged(&before, &app.written().await, "the second acceptance");
    }

    async fn what_was_filed_online_is_accepted_at_a_window(app: TestApp) {
        let filed = app.applicant().act(&documents::SUBMIT, input_for_items(&["SJJ-01-002"])).await.done();
        let id = filed.text("applicationSubmit.application.id");
        assert_eq!(filed.text("applicationSubmit.application.cases.0.state"), "RECEIVED");
        // What a department thinks before it decides is none of the applicant's business.
        assert!(filed.list("applicationSubmit.application.cases.0.reviews").is_empty());

        let version = filed.number("applicationSubmit.application.version");
        let accept = json!({ "idempotencyKey": new_key(), "applicationId": id, "expectedVersion": version });
        let accepted = app.clerk().act(&documents::ACCEPT, accept).await.done();

        assert_eq!(accepted.text("applicationAccept.application.state"), "IN_REVIEW");
        // It belongs to that window now.
        let elsewhere = app.as_("clerk-2").query(&documents::APPLICATION_BY_ID, json!({ "id": id })).await;
        assert_eq!(elsewhere.data("application"), &Value::Null);
    }

    async fn nobody_but_applicants_and_clerks_hands_in(app: TestApp) {
        let others = ["reviewer-sjj", "decider-sjj", "lead-sjj", "administrator", "supervisor", "system"];
        for account in others {
            app.as_(account).token().await;
        }
        let before = app.written().await;
        for account in others {
            let refused = app.as_(account).act(&documents::SUBMIT, input_for_items(&["SJJ-01-002"])).await;
            assert_eq!(refused.codes(), ["FORBIDDEN"], "{account}: {refused}");
        }
        let refused = app.nobody().act(&documents::SUBMIT, input_for_items(&["SJJ-01-002"])).await;
        assert_eq!(refused.codes(), ["UNAUTHENTICATED"], "{refused}");
        assert_unchanged(&before, &app.written().await, "somebody without the right");
    }

    async fn the_number_of_a_person_is_masked_for_everybody_and_the_name_for_most(app: TestApp) {
        let mut input = input_for_items(&["SJJ-01-002"]);
        input["applicant"] = applicant("NATURAL_PERSON");
        let application = app.submit_input(input).await;
        let asked = json!({ "id": application.id });

        for (account, name) in [
            ("clerk", "王小明"), ("reviewer-sjj", "王小明"), ("decider-sjj", "王小明"),
            ("administrator", "王*明"),
        ] {
            let seen = app.as_(account).query(&documents::APPLICANT_OF, asked.clone()).await.ok();
            let shown = ["name", "idNumber", "phone"].map(|field| seen.text(&format!("application.applicant.{field}")));
            assert_eq!(shown, [name, "320999********001X", "138****5678"], "{account}");
        }
        // Nor where no more is read of it than lists show.
        for (account, name) in [("clerk", "王小明"), ("administrator", "王*明")] {
            let document = "query Name($id: ID!) { application(id: $id) { applicant { kind name } cases { id } } }";
            let seen = app.as_(account).query(document, asked.clone()).await.ok();
            assert_eq!(seen.data("application.applicant"), &json!({ "kind": "NATURAL_PERSON", "name": name }), "{account}");
        }
        for account in ["clerk-2", "system", "applicant", "reviewer-cgj"] {
            let seen = app.as_(account).query(&documents::APPLICANT_OF, asked.clone()).await;
            assert_eq!(seen.data("application"), &Value::Null, "{account}: {seen}");
        }
    }
}

type GuideExample = (String, Vec<(String, String)>, BTreeSet<String>);

/// The examples that the sample catalogue itself gives: bundle, answers, items.
fn guide_examples() -> Vec<GuideExample> {
    let file: Value = serde_json::from_str(seed::CATALOGUE).unwrap();
    let mut examples = Vec::new();
    for bundle in file["bundles"].as_array().unwrap() {
        for example in bundle["guideExamples"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let answers = example["answers"].as_object().unwrap().iter();
            let items = example["expect"]["items"].as_array().unwrap().iter();
            examples.push((
                text(&bundle["code"]),
                answers
                    .map(|(question, value)| (question.clone(), text(value)))
                    .collect(),
                items.map(text).collect(),
            ));
        }
    }
    examples
}
