//! What people and programs send by mistake or on purpose: each is answered by a code in the reader's language,
//! none writes anything, and none is a fault of ours.

use http::{Method, StatusCode};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::support::seed::PASSWORD;
use crate::support::world::{
    Application, absent_receipt_number, input_for_bundle, input_for_items, new_key,
};
use crate::support::written::assert_unchanged;
use crate::support::{Answer, Client, TestApp, documents, each_db};

/// One thing that must not work.
struct Bad {
    what: &'static str,
    by: Client,
    document: &'static str,
    variables: Value,
    codes: &'static [&'static str],
    fields: &'static [&'static str],
}

impl Bad {
    fn act(what: &'static str, by: Client, document: &'static str, input: Value) -> Self {
        Self {
            what,
            by,
            document,
            variables: json!({ "input": input }),
            codes: &[],
            fields: &[],
        }
    }

    fn ask(what: &'static str, by: Client, document: &'static str, variables: Value) -> Self {
        Self {
            what,
            by,
            document,
            variables,
            codes: &[],
            fields: &[],
        }
    }

    fn is(self, code: &'static [&'static str], fields: &'static [&'static str]) -> Self {
        Self {
            codes: code,
            fields,
            ..self
        }
    }
}

/// Sends each in both languages and looks at the answers; and at the database afterwards.
async fn refuse_all(app: &TestApp, all: Vec<Bad>) {
    for bad in &all {
        bad.by.token().await;
    }
    let before = app.written().await;
    for bad in all {
        let chinese = bad.by.query(bad.document, bad.variables.clone()).await;
        let english = bad
            .by
            .clone()
            .in_english()
            .query(bad.document, bad.variables)
            .await;
        let what = bad.what;
        assert_eq!(chinese.codes(), bad.codes, "{what}: {chinese}");
        assert_eq!(english.codes(), bad.codes, "{what}: {english}");
        assert_eq!(
            chinese.status,
            StatusCode::OK,
            "{what}: a refusal is an answer: {chinese}"
        );
        assert_in_both_languages(what, &chinese, &english);
        if !bad.fields.is_empty() {
            let mutation = chinese.body["data"]
                .as_object()
                .unwrap()
                .keys()
                .next()
                .unwrap()
                .clone();
            assert_eq!(chinese.fields(&mutation), bad.fields, "{what}: {chinese}");
        }
        assert_unchanged(&before, &app.written().await, what);
    }
}

/// Han characters in the one, none in the other, unless they were sent.
fn assert_in_both_languages(what: &str, chinese: &Answer, english: &Answer) {
    let is_han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for (chinese, english) in chinese.messages().iter().zip(english.messages()) {
        assert!(is_han(chinese), "{what}: no Chinese: {chinese}");
        assert!(
            !english.is_empty() && *chinese != english,
            "{what}: no English: {english}"
        );
    }
}

each_db! {
    // ---- Who asks ------------------------------------------------------------------------------------------------

    async fn a_token_that_is_none_is_turned_away(app: TestApp) {
        let good = app.reviewer("SJJ").token().await.unwrap();
        let (head, signature) = good.rsplit_once('.').unwrap();
        let flipped = if signature.starts_with('A') { "B" } else { "A" };
        let forged = format!("{head}.{flipped}{}", &signature[1..]);
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", good.split('.').nth(1).unwrap());
        for (what, token) in [("nonsense", "nonsense"), ("forged", &forged), ("unsigned", &unsigned), ("cut", head)] {
            let refused = Client::bearer(&app, token).query(&documents::INBOX, json!({})).await;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{what}: {refused}");
            assert_eq!(refused.codes(), ["UNAUTHENTICATED"], "{what}: {refused}");
            assert!(refused.headers.contains_key(http::header::WWW_AUTHENTICATE), "{what}: {:?}", refused.headers);
        }
    }

    async fn a_token_is_good_for_minutes_only(app: TestApp) {
        let token = app.reviewer("SJJ").token().await.unwrap();
        let holder = Client::bearer(&app, &token);
        holder.query(&documents::INBOX, json!({})).await.ok();

        app.clock.advance(chrono::TimeDelta::minutes(11));

        let refused = holder.query(&documents::INBOX, json!({})).await;
        assert_eq!((refused.status, refused.codes()), (StatusCode::UNAUTHORIZED, vec!["UNAUTHENTICATED".to_owned()]));
    }

    async fn who_signed_out_is_nobody_at_once(app: TestApp) {
        let token = app.reviewer("SJJ").token().await.unwrap();
        let holder = Client::bearer(&app, &token);
        holder.query(&documents::SIGN_OUT, json!({})).await.done();

        let refused = holder.query(&documents::INBOX, json!({})).await;
        assert_eq!((refused.status, refused.codes()), (StatusCode::UNAUTHORIZED, vec!["UNAUTHENTICATED".to_owned()]));
    }

    async fn whose_account_was_closed_is_nobody_at_once(app: TestApp) {
        let reviewer = app.as_("reviewer-sjj-2");
        let me = reviewer.query(&documents::ME, json!({})).await.ok().text("me.id");
        reviewer.query(&documents::INBOX, json!({})).await.ok();

        app.system().act(&documents::ACCOUNT_CLOSE, json!({ "accountId": me })).await.done();

        let refused = reviewer.query(&documents::INBOX, json!({})).await;
        assert_eq!((refused.status, refused.codes()), (StatusCode::UNAUTHORIZED, vec!["UNAUTHENTICATED".to_owned()]));
        let again = app.nobody().act(documents::SIGN_IN, json!({ "accountName": "reviewer-sjj-2", "password": PASSWORD })).await;
        assert_eq!(again.codes(), ["SIGN_IN_FAILED"]);
    }

    async fn whose_password_was_reset_is_nobody_until_they_sign_in_with_the_new_one(app: TestApp) {
        const NEXT: &str = "Gewitter-7-Leuchtturm";
        let reviewer = app.as_("reviewer-sjj-2");
        let me = reviewer.query(&documents::ME, json!({})).await.ok().text("me.id");
        let input = json!({ "accountId": me, "password": NEXT });
        let refused = app.as_("reviewer-sjj").act(&documents::ACCOUNT_RESET_PASSWORD, input.clone()).await;
        assert_eq!(refused.codes(), ["FORBIDDEN"]);

        app.system().act(&documents::ACCOUNT_RESET_PASSWORD, input).await.done();

        let refused = reviewer.query(&documents::INBOX, json!({})).await;
        assert_eq!((refused.status, refused.codes()), (StatusCode::UNAUTHORIZED, vec!["UNAUTHENTICATED".to_owned()]));
        let sign_in = |password: &str| json!({ "accountName": "reviewer-sjj-2", "password": password });
        let old = app.nobody().act(documents::SIGN_IN, sign_in(PASSWORD)).await;
        assert_eq!(old.codes(), ["SIGN_IN_FAILED"]);
        app.nobody().act(documents::SIGN_IN, sign_in(NEXT)).await.done();
    }

    async fn a_key_of_another_request_is_refused_by_every_act(app: TestApp) {
        let used = |key: &str, mut input: Value| { input["idempotencyKey"] = json!(key); input };
        let first = app.submit(&["SJJ-01-002"]).await;
        let second = app.submit(&["SJJ-01-002"]).await;
        let (one, two) = (&first.cases[0], &second.cases[0]);
        let opinion = |review: &str| used("opinion", json!({ "reviewId": review, "opinion": "AGREE" }));
        app.reviewer("SJJ").act(&documents::GIVE_OPINION, opinion(&one.review.id)).await.done();
        app.agree(&two.review).await;
        let decision = |case: &str| used("decision", json!({ "caseId": case, "decision": "GRANT" }));
        app.decider("SJJ").act(&documents::DECIDE, decision(&one.id)).await.done();
        app.grant(two).await;
        let delivery = |application: &str| used("delivery", json!({ "applicationId": application, "receivedBy": "王" }));
        app.clerk().act(&documents::DELIVER, delivery(&first.id)).await.done();

        let reused = &["IDEMPOTENCY_KEY_REUSED"];
        refuse_all(&app, vec![
            Bad::act("opinion", app.reviewer("SJJ"), &documents::GIVE_OPINION, opinion(&two.review.id)).is(reused, &["idempotencyKey"]),
            Bad::act("decision", app.decider("SJJ"), &documents::DECIDE, decision(&two.id)).is(reused, &["idempotencyKey"]),
            Bad::act("delivery", app.clerk(), &documents::DELIVER, delivery(&second.id)).is(reused, &["idempotencyKey"]),
            Bad::act("the key of a decision for a delivery", app.clerk(), &documents::DELIVER,
                used("delivery", json!({ "applicationId": first.id, "receivedBy": "李" }))).is(reused, &["idempotencyKey"]),
        ]).await;
    }

    /// Whoever corrects a request sends it with the same key; and what is wrong by itself is told whatever the key was used for.
    async fn what_is_refused_uses_no_key_up(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        app.agree(&case.review).await;
        let decides = async |rest: Value| {
            let mut input = json!({ "idempotencyKey": "one", "caseId": case.id });
            input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            app.decider("SJJ").act(&documents::DECIDE, input).await
        };
        let refuse = json!({ "decision": "REFUSE" });
        assert_eq!(decides(refuse.clone()).await.user_errors("caseDecide"), ["REASONS_REQUIRED"]);
        let stale = json!({ "decision": "GRANT", "expectedVersion": 99 });
        assert_eq!(decides(stale).await.user_errors("caseDecide"), ["CONFLICT"]);

        decides(json!({ "decision": "GRANT" })).await.done();

        assert_eq!(decides(refuse).await.user_errors("caseDecide"), ["REASONS_REQUIRED"]);
        let other = json!({ "decision": "REFUSE", "reasons": "反悔" });
        assert_eq!(decides(other).await.user_errors("caseDecide"), ["IDEMPOTENCY_KEY_REUSED"]);
    }

    async fn a_version_that_is_not_the_present_one_is_a_conflict(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let mut received = input_for_items(&["SJJ-01-002"]);
        received["receiveOnly"] = json!(true);
        let received = app.submit_input(received).await;
        let case = application.cases[0].clone();
        let claim = json!({ "reviewId": case.review.id, "expectedVersion": case.review.version + 1 });
        let accept = json!({ "idempotencyKey": new_key(), "applicationId": received.id, "expectedVersion": received.version + 1 });
        let mut all = vec![
            Bad::act("claim", app.reviewer("SJJ"), &documents::CLAIM, claim).is(&["CONFLICT"], &[]),
            Bad::act("accept", app.clerk(), &documents::ACCEPT, accept).is(&["CONFLICT"], &[]),
        ];
        app.agree(&case.review).await;
        for version in [case.version, -1, i64::MAX] {
            let decision = json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT", "expectedVersion": version });
            all.push(Bad::act("decide", app.decider("SJJ"), &documents::DECIDE, decision).is(&["CONFLICT"], &[]));
        }
        let opened = all.remove(0);
        refuse_all(&app, all).await;
        // The review is done by now; that says more than its version.
        let refused = opened.by.query(opened.document, opened.variables).await;
        assert_eq!(refused.codes(), ["ALREADY_DECIDED"]);
    }

    async fn who_is_not_signed_in_reads_and_writes_nothing(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let before = app.written().await;
        let case = &application.cases[0];
        let id = |id: &str| json!({ "id": id });
        let input = |input: Value| json!({ "input": input });
        let attempts = [
            (&documents::APPLICATION_BY_ID, id(&application.id)),
            (&documents::CASE_BY_ID, id(&case.id)),
            (&documents::REVIEW_BY_ID, id(&case.review.id)),
            (&documents::NODE_BY_ID, id(&case.id)),
            (&documents::INBOX, json!({})),
            (&documents::INBOX_COUNTS, json!({})),
            (&documents::APPLICATIONS, json!({})),
            (&documents::CASES, json!({})),
            (&documents::CLAIM, input(json!({ "reviewId": case.review.id }))),
            (&documents::GIVE_OPINION, input(json!({ "idempotencyKey": new_key(), "reviewId": case.review.id, "opinion": "AGREE" }))),
            (&documents::DECIDE, input(json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT" }))),
        ];
        for (document, variables) in attempts {
            let refused = app.nobody().query(document, variables).await;
            assert_eq!(refused.codes(), ["UNAUTHENTICATED"], "{}: {refused}", **document);
            assert!(!refused.body.to_string().contains(&application.receipt_number));
        }
        assert_unchanged(&before, &app.written().await, "a stranger");
    }

    async fn a_wrong_password_and_an_unknown_name_are_one_answer(app: TestApp) {
        let sign_in = |name: &str, password: &str| {
            let input = json!({ "accountName": name, "password": password });
            let nobody = app.nobody();
            async move { nobody.act(documents::SIGN_IN, input).await }
        };

        let wrong = sign_in("reviewer-sjj", "Wrong-Horse-7-Battery").await;
        let unknown = sign_in("nobody-at-all", "Wrong-Horse-7-Battery").await;

        assert_eq!(wrong.codes(), ["SIGN_IN_FAILED"]);
        assert_eq!((wrong.status, wrong.body), (unknown.status, unknown.body));
        for (name, password) in [("", ""), ("reviewer-sjj", ""), ("\0", "\0"), (&"长".repeat(10_000), &"x".repeat(10_000))] {
            let refused = sign_in(name, password).await;
            assert_eq!(refused.status, StatusCode::OK, "{refused}");
            assert_eq!(refused.codes().len(), 1, "{refused}");
        }
    }

    // ---- What is not theirs ------------------------------------------------------------------------------------------

    async fn what_is_another_departments_is_answered_like_what_is_not_there(app: TestApp) {
        let theirs = app.submit(&["SJJ-01-002"]).await;
        let (case, review) = (&theirs.cases[0].id, &theirs.cases[0].review.id);
        let absent = |id: &str| format!("{}:018f3c2e-7d41-7c33-9b1f-0242ac120002", id.split(':').next().unwrap());
        for stranger in [app.reviewer("CGJ"), app.decider("CGJ"), app.lead("CGJ"), app.as_("clerk-2"), app.applicant(), app.system()] {
            for (document, id) in [
                (&documents::APPLICATION_BY_ID, &theirs.id),
                (&documents::CASE_BY_ID, case),
                (&documents::REVIEW_BY_ID, review),
                (&documents::NODE_BY_ID, &theirs.id),
                (&documents::NODE_BY_ID, case),
                (&documents::NODE_BY_ID, review),
            ] {
                let real = stranger.query(document, json!({ "id": id })).await;
                let none = stranger.query(document, json!({ "id": absent(id) })).await;
                assert_same(&real, &none, document);
            }
            let real = stranger.query(&documents::APPLICATION_BY_RECEIPT, json!({ "number": theirs.receipt_number })).await;
            let none = stranger.query(&documents::APPLICATION_BY_RECEIPT, json!({ "number": absent_receipt_number() })).await;
            assert_same(&real, &none, &documents::APPLICATION_BY_RECEIPT);
            assert!(!real.body.to_string().contains(&theirs.id));
            for (document, list) in [(&documents::APPLICATIONS, "applications"), (&documents::CASES, "cases")] {
                let list_of_none = stranger.query(document, json!({ "first": 10 })).await;
                if list_of_none.body.get("errors").is_none() {
                    assert_eq!(list_of_none.number(&format!("{list}.totalCount")), 0, "{list_of_none}");
                    assert!(list_of_none.list(&format!("{list}.nodes")).is_empty());
                }
            }
        }
        let reviewer = app.reviewer("CGJ").query(&documents::INBOX, json!({})).await.ok();
        assert_eq!(reviewer.number("inbox.totalCount"), 0);
        let counts = app.reviewer("CGJ").query(&documents::INBOX_COUNTS, json!({})).await.ok();
        assert_eq!((counts.number("inboxCounts.open"), counts.number("inboxCounts.waiting")), (0, 0));
        for filter in [json!({ "text": theirs.receipt_number }), json!({ "itemCode": "SJJ-01-002" })] {
            let found = app.reviewer("CGJ").query(&documents::INBOX, json!({ "filter": filter })).await.ok();
            assert_eq!(found.number("inbox.totalCount"), 0, "{filter}");
        }
        let found = app.reviewer("CGJ").query(&documents::CASES, json!({ "filter": { "departmentCode": "SJJ" } })).await.ok();
        assert_eq!(found.number("cases.totalCount"), 0);
    }

    async fn another_departments_work_cannot_be_done(app: TestApp) {
        let theirs = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let food = theirs.case("SJJ-01-002").clone();
        app.agree(&food.review).await;
        let absent = |kind: &str| format!("{kind}:018f3c2e-7d41-7c33-9b1f-0242ac120002");
        // The reviewer of CGJ sees the application, because a case of it is theirs, and is told whose this one is; the reviewer of
        // JYJ sees nothing of it, and is answered as of what is not there.
        let mut all = Vec::new();
        let (not_yours, not_found): (&[&str], &[&str]) = (&["NOT_YOURS"], &["NOT_FOUND"]);
        for (by, review, case, code) in [
            ("CGJ", &food.review.id, &food.id, not_yours),
            ("JYJ", &food.review.id, &food.id, not_found),
            ("CGJ", &absent("review"), &absent("case"), not_found),
        ] {
            let (reviewer, on) = (app.reviewer(by), json!({ "reviewId": review }));
            all.push(Bad::act("claim", reviewer.clone(), &documents::CLAIM, on.clone()).is(code, &[]));
            all.push(Bad::act("release", reviewer.clone(), &documents::RELEASE, on).is(code, &[]));
            let opinion = json!({ "idempotencyKey": new_key(), "reviewId": review, "opinion": "AGREE" });
            all.push(Bad::act("opinion", reviewer, &documents::GIVE_OPINION, opinion).is(code, &[]));
            let decision = json!({ "idempotencyKey": new_key(), "caseId": case, "decision": "GRANT" });
            all.push(Bad::act("decision", app.decider(by), &documents::DECIDE, decision).is(code, &[]));
        }
        for application in [theirs.id.clone(), absent("application")] {
            let accept = json!({ "idempotencyKey": new_key(), "applicationId": application });
            all.push(Bad::act("acceptance", app.as_("clerk-2"), &documents::ACCEPT, accept).is(&["NOT_FOUND"], &[]));
            let deliver = json!({ "idempotencyKey": new_key(), "applicationId": application, "receivedBy": "王" });
            all.push(Bad::act("delivery", app.as_("clerk-2"), &documents::DELIVER, deliver).is(&["NOT_FOUND"], &[]));
        }
        refuse_all(&app, all).await;
    }

    async fn each_role_does_its_own_work_only(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = application.cases[0].clone();
        let claim = json!({ "reviewId": case.review.id });
        let opinion = || json!({ "idempotencyKey": new_key(), "reviewId": case.review.id, "opinion": "AGREE" });
        let decision = || json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT" });
        let mut all = Vec::new();
        for account in ["applicant", "clerk", "decider-sjj", "lead-sjj", "administrator", "supervisor", "system"] {
            all.push(Bad::act("claim", app.as_(account), &documents::CLAIM, claim.clone()).is(&["FORBIDDEN"], &[]));
            all.push(Bad::act("opinion", app.as_(account), &documents::GIVE_OPINION, opinion()).is(&["FORBIDDEN"], &[]));
        }
        for account in ["applicant", "clerk", "reviewer-sjj", "lead-sjj", "administrator", "supervisor", "system"] {
            all.push(Bad::act("decision", app.as_(account), &documents::DECIDE, decision()).is(&["FORBIDDEN"], &[]));
        }
        refuse_all(&app, all).await;
    }

    // ---- What is asked for ---------------------------------------------------------------------------------------------

    async fn what_is_not_offered_cannot_be_applied_for(app: TestApp) {
        let items = |codes: &[&str]| {
            let mut input = input_for_items(&["SJJ-01-002"]);
            input["itemCodes"] = json!(codes);
            input
        };
        let answers = [("Q1", "Y"), ("Q2", "N"), ("Q4", "N"), ("Q5", "N"), ("Q6", "N")];
        let bundle = |change: fn(&mut Value)| {
            let mut input = input_for_bundle("YJS-001", &answers);
            change(&mut input);
            input
        };
        let submit = |what, input| Bad::act(what, app.clerk(), &documents::SUBMIT, input);
        refuse_all(&app, vec![
            submit("an unpublished item", items(&["SJJ-99-999"])).is(&["ITEM_NOT_PUBLISHED"], &["itemCodes.0"]),
            submit("an item twice", items(&["SJJ-01-002", "SJJ-01-002"])).is(&["ITEM_TWICE"], &["itemCodes.1"]),
            submit("nothing", items(&[])).is(&["NO_ITEMS"], &["itemCodes"]),
            submit("an unpublished bundle", bundle(|input| input["bundleCode"] = json!("YJS-999")))
                .is(&["BUNDLE_NOT_PUBLISHED"], &["bundleCode"]),
            submit("an excluded item", bundle(|input| input["itemCodes"] = json!(["SJJ-01-002", "YCJ-01-001"])))
                .is(&["ITEM_EXCLUDED"], &["itemCodes.1"]),
            submit("an unknown question", bundle(|input| input["answers"][0]["question"] = json!("Q9")))
                .is(&["QUESTION_UNKNOWN"], &["answers.0.question"]),
            submit("an unknown answer", bundle(|input| input["answers"][0]["value"] = json!("MAYBE")))
                .is(&["ANSWER_UNKNOWN"], &["answers.0.value"]),
        ]).await;
    }

    async fn materials_are_those_of_the_list_and_all_of_them(app: TestApp) {
        let with = |change: fn(&mut Vec<Value>)| {
            let mut input = input_for_items(&["SJJ-01-002"]);
            change(input["materials"].as_array_mut().unwrap());
            input
        };
        let submit = |what, input| Bad::act(what, app.clerk(), &documents::SUBMIT, input);
        refuse_all(&app, vec![
            submit("a missing material", with(|all| all.retain(|one| one["code"] != "M-PLAN")))
                .is(&["MATERIAL_MISSING"], &["materials"]),
            submit("a material that is not on the list", with(|all| all[0]["code"] = json!("M-ENERGY")))
                .is(&["MATERIAL_NOT_LISTED", "MATERIAL_MISSING"], &["materials.0.code", "materials"]),
            submit("a material twice", with(|all| { let again = all[0].clone(); all.push(again); }))
                .is(&["MATERIAL_TWICE"], &["materials.4.code"]),
        ]).await;
    }

    async fn numbers_of_originals_and_sums_of_files_are_plausible(app: TestApp) {
        app.clerk().token().await;
        let before = app.written().await;
        for (field, value) in [
            ("originals", json!(-1)), ("copies", json!(2_000_000_000)), ("sha256", json!("123")),
            ("sha256", json!("zz86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
            ("fileName", json!("../../etc/passwd\0")), ("fileName", json!("长".repeat(10_000))),
        ] {
            let mut input = input_for_items(&["SJJ-01-002"]);
            input["materials"][0][field] = value.clone();
            let refused = app.clerk().act(&documents::SUBMIT, input).await;
            assert_eq!(refused.status, StatusCode::OK, "{field}: {refused}");
            assert_eq!(refused.codes().len(), 1, "{field} {value}: {refused}");
            assert_eq!(refused.fields("applicationSubmit"), [format!("materials.0.{field}")], "{refused}");
        }
        assert_unchanged(&before, &app.written().await, "an implausible material");
    }

    // ---- Texts -------------------------------------------------------------------------------------------------------

    async fn names_are_what_a_certificate_can_print(app: TestApp) {
        let named = |name: &str| {
            let mut input = input_for_items(&["SJJ-01-002"]);
            input["applicant"]["name"] = json!(name);
            input
        };
        let submit = |what, name: &str| Bad::act(what, app.clerk(), &documents::SUBMIT, named(name));
        refuse_all(&app, vec![
            submit("no name", "").is(&["TEXT_EMPTY"], &["applicant.name"]),
            submit("a blank name", " \u{3000} ").is(&["TEXT_EMPTY"], &["applicant.name"]),
            submit("a name of 10,000 characters", &"名".repeat(10_000)).is(&["TEXT_TOO_LONG"], &["applicant.name"]),
            submit("a control character", "王\u{7}明").is(&["TEXT_NOT_PRINTABLE"], &["applicant.name"]),
            submit("two lines", "王\n明").is(&["TEXT_NOT_PRINTABLE"], &["applicant.name"]),
            submit("NUL", "王\0明").is(&["TEXT_NOT_PRINTABLE"], &["applicant.name"]),
            submit("an emoji", "王😀明").is(&["TEXT_NOT_PRINTABLE"], &["applicant.name"]),
            submit("an override of direction", "王\u{202e}明").is(&["TEXT_NOT_PRINTABLE"], &["applicant.name"]),
            submit("a space of no width", "王\u{200b}明").is(&["TEXT_NOT_PRINTABLE"], &["applicant.name"]),
        ]).await;
    }

    async fn numbers_of_persons_and_bodies_are_checked(app: TestApp) {
        let applicant = |kind: &str, number: &str, phone: &str| {
            let mut input = input_for_items(&["SJJ-01-002"]);
            input["applicant"] = json!({ "kind": kind, "name": "王小明", "idNumber": number, "phone": phone });
            input
        };
        let (number, wrong) = (&["applicant.idNumber"], &["ID_NUMBER_INVALID"]);
        let submit = |what, input| Bad::act(what, app.clerk(), &documents::SUBMIT, input);
        let person = |what, id: &str| submit(what, applicant("NATURAL_PERSON", id, "13812345678")).is(wrong, number);
        refuse_all(&app, vec![
            person("a wrong check digit", "320999199003070010"),
            person("15 digits", "320999900307001"),
            person("a day that never was", "320999199002300014"),
            person("born in 2099", "320999209903070012"),
            person("NUL in a number", "32099919900307001\0"),
            submit("a wrong check character", applicant("ENTERPRISE", "91320999MA1ABCDE04", "13812345678"))
                .is(&["CREDIT_CODE_INVALID"], number),
            submit("words for a telephone", applicant("NATURAL_PERSON", "32099919900307001X", "找我"))
                .is(&["PHONE_INVALID"], &["applicant.phone"]),
            submit("a telephone of 10,000 digits", applicant("NATURAL_PERSON", "32099919900307001X", &"1".repeat(10_000)))
                .is(&["PHONE_INVALID"], &["applicant.phone"]),
        ]).await;
    }

    async fn reasons_are_text_of_some_length(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let review = application.cases[0].review.id.clone();
        let opinion = |what, reasons: &str| {
            let input = json!({ "idempotencyKey": new_key(), "reviewId": review, "opinion": "DISAGREE", "reasons": reasons });
            Bad::act(what, app.reviewer("SJJ"), &documents::GIVE_OPINION, input)
        };
        refuse_all(&app, vec![
            opinion("reasons of 10,000 characters", &"因".repeat(10_000)).is(&["TEXT_TOO_LONG"], &["reasons"]),
            opinion("NUL in the reasons", "因\0果").is(&["TEXT_NOT_PRINTABLE"], &["reasons"]),
            opinion("a control character in the reasons", "因\u{1b}[31m果").is(&["TEXT_NOT_PRINTABLE"], &["reasons"]),
        ]).await;
        // Several lines and emoji are text that people write.
        app.give_opinion(&application.cases[0].review, "DISAGREE", Some("一、通道过窄\n二、无消防栓 ⚠️")).await.done();
    }

    async fn keys_are_short_and_printable(app: TestApp) {
        let keyed = |key: &str| {
            let mut input = input_for_items(&["SJJ-01-002"]);
            input["idempotencyKey"] = json!(key);
            input
        };
        let submit = |what, key: &str| Bad::act(what, app.clerk(), &documents::SUBMIT, keyed(key));
        refuse_all(&app, vec![
            submit("no key", "").is(&["TEXT_EMPTY"], &["idempotencyKey"]),
            submit("a long key", &"k".repeat(256)).is(&["TEXT_TOO_LONG"], &["idempotencyKey"]),
            submit("NUL in a key", "k\0").is(&["TEXT_NOT_PRINTABLE"], &["idempotencyKey"]),
        ]).await;
    }

    // ---- Ids, pages, dates -----------------------------------------------------------------------------------------------

    async fn ids_are_those_that_the_program_gave(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = application.cases[0].clone();
        let raw = case.id.split(':').nth(1).unwrap().to_owned();
        let mut all = Vec::new();
        for (what, id, code) in [
            ("no id", "", &["ID_MALFORMED"]), ("a number", "7", &["ID_MALFORMED"]), ("NUL", "review:\0", &["ID_MALFORMED"]),
            ("a statement", "review:' OR 1=1 --", &["ID_MALFORMED"]), ("no kind", raw.as_str(), &["ID_MALFORMED"]),
            ("the id of a case", case.id.as_str(), &["ID_WRONG_KIND"]),
            ("the id of an application", application.id.as_str(), &["ID_WRONG_KIND"]),
        ] {
            all.push(Bad::act(what, app.reviewer("SJJ"), &documents::CLAIM, json!({ "reviewId": id })).is(code, &["reviewId"]));
            let opinion = json!({ "idempotencyKey": new_key(), "reviewId": id, "opinion": "AGREE" });
            all.push(Bad::act(what, app.reviewer("SJJ"), &documents::GIVE_OPINION, opinion).is(code, &["reviewId"]));
            all.push(Bad::ask(what, app.reviewer("SJJ"), &documents::REVIEW_BY_ID, json!({ "id": id })).is(code, &[]));
        }
        let review = case.review.id;
        let decision = json!({ "idempotencyKey": new_key(), "caseId": review, "decision": "GRANT" });
        all.push(Bad::act("a review to decide", app.decider("SJJ"), &documents::DECIDE, decision)
            .is(&["ID_WRONG_KIND"], &["caseId"]));
        refuse_all(&app, all).await;
    }

    async fn pages_are_of_one_to_a_hundred_rows_in_one_direction(app: TestApp) {
        app.submit(&["SJJ-01-002"]).await;
        app.submit(&["SJJ-01-002"]).await;
        let reviewer = app.reviewer("SJJ");
        let inbox = reviewer.query(&documents::INBOX, json!({ "first": 1 })).await.ok();
        let foreign = inbox.data("inbox.pageInfo.endCursor").clone();
        let ask = |what, document, variables| Bad::ask(what, app.reviewer("SJJ"), document, variables);
        let mut all = Vec::new();
        for document in [&documents::INBOX, &documents::APPLICATIONS, &documents::CASES] {
            all.push(ask("a page of 100,000", document, json!({ "first": 100_000 })).is(&["PAGE_SIZE"], &[]));
            all.push(ask("a page of 101", document, json!({ "first": 101 })).is(&["PAGE_SIZE"], &[]));
            all.push(ask("a page of none", document, json!({ "first": 0 })).is(&["PAGE_SIZE"], &[]));
            all.push(ask("a page of less", document, json!({ "last": -1 })).is(&["PAGE_SIZE"], &[]));
            all.push(ask("first with last", document, json!({ "first": 1, "last": 1 })).is(&["PAGE_DIRECTION"], &[]));
            all.push(ask("a cursor of nothing", document, json!({ "after": "nothing" })).is(&["CURSOR_INVALID"], &[]));
            all.push(ask("a huge cursor", document, json!({ "after": "A".repeat(10_000) })).is(&["CURSOR_INVALID"], &[]));
        }
        // What this list would have written after a case whose number is NUL.
        let nul = "WzEsImNhc2VzIiwiXHUwMDAwIiwiMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAxIl0";
        for side in ["after", "before"] {
            all.push(ask("a cursor with NUL", &documents::CASES, json!({ side: nul })).is(&["CURSOR_INVALID"], &[]));
        }
        for document in [&documents::APPLICATIONS, &documents::CASES] {
            all.push(ask("a cursor of the inbox", document, json!({ "after": foreign })).is(&["CURSOR_INVALID"], &[]));
        }
        refuse_all(&app, all).await;
    }

    async fn searches_for_strange_things_find_nothing(app: TestApp) {
        app.submit(&["SJJ-01-002"]).await;
        for text in ["%", "_", "\\", "' OR 1=1 --", "\u{0}", "😀", "食品%", &"食".repeat(10_000)] {
            let found = app.reviewer("SJJ").query(&documents::INBOX, json!({ "filter": { "text": text } })).await;
            assert_eq!(found.status, StatusCode::OK, "{text:?}: {found}");
            if found.codes().is_empty() {
                assert_eq!(found.number("inbox.totalCount"), 0, "{text:?}: {found}");
            } else {
                assert!(!found.codes().contains(&"INTERNAL".to_owned()), "{text:?}: {found}");
            }
        }
        let found = app.reviewer("SJJ").query(&documents::INBOX, json!({ "filter": { "text": "食品" } })).await.ok();
        assert_eq!(found.number("inbox.totalCount"), 1);

        let of_items = "query Items($text: String) { items(filter: { text: $text }) { totalCount } }";
        let search = async |text: &str| app.nobody().query(of_items, json!({ "text": text })).await;
        let all = search("").await.ok().number("items.totalCount");
        assert!(all > 1);
        for (text, found) in [(" ", all), ("sjj-01-002 ", 1), (&*"食".repeat(100), 0), ("%", 0)] {
            assert_eq!(search(text).await.ok().number("items.totalCount"), found, "{text:?}");
        }
        assert_eq!(search(&"食".repeat(101)).await.codes(), ["TEXT_TOO_LONG"]);
    }

    /// PostgreSQL fails at a NUL; both engines are asked for what a row can hold, and for nothing else.
    async fn codes_that_rows_are_looked_for_by_are_printable(app: TestApp) {
        app.submit(&["SJJ-01-002"]).await;
        let (reviewer, supervisor, system) = (app.reviewer("SJJ"), app.supervisor(), app.system());
        let of_digest = "query Digest($code: String) { digest(departmentCode: $code) { day } }";
        let of_accounts = "query Accounts($after: String) { accounts(afterName: $after) { id } }";
        let filters = [
            (&reviewer, documents::INBOX.as_str(), "itemCode"), (&reviewer, documents::INBOX.as_str(), "bundleCode"),
            (&reviewer, documents::APPLICATIONS.as_str(), "bundleCode"), (&reviewer, documents::CASES.as_str(), "itemCode"),
            (&reviewer, documents::CASES.as_str(), "departmentCode"), (&supervisor, documents::CARDS.as_str(), "departmentCode"),
        ];
        for odd in ["\0", "SJJ\0", "SJJ\u{1b}[31m"] {
            let mut asked: Vec<(&Client, &str, Value)> = filters
                .map(|(who, document, field)| (who, document, json!({ "filter": { field: odd } })))
                .into();
            asked.push((&supervisor, of_digest, json!({ "code": odd })));
            asked.push((&system, of_accounts, json!({ "after": odd })));
            for (who, document, variables) in asked {
                let refused = who.query(document, variables).await;
                assert_eq!(refused.codes(), ["TEXT_NOT_PRINTABLE"], "{odd:?} {document}: {refused}");
            }
        }
        // A code that there is not finds nothing, and is no fault.
        for (who, document, field) in filters {
            who.query(document, json!({ "filter": { field: "没有" } })).await.ok();
        }
    }

    async fn dates_are_of_this_age(app: TestApp) {
        app.submit(&["SJJ-01-002"]).await;
        for (filter, is_refused) in [
            (json!({ "receivedFrom": "2099-01-01" }), false),
            (json!({ "receivedTo": "1949-10-01" }), false),
            (json!({ "receivedFrom": "2026-02-30" }), true),
            (json!({ "receivedFrom": "yesterday" }), true),
            (json!({ "receivedFrom": "99999-01-01" }), true),
        ] {
            let found = app.clerk().query(&documents::APPLICATIONS, json!({ "filter": filter })).await;
            assert!(!found.status.is_server_error(), "{filter}: {found}");
            let codes = found.codes();
            assert!(!codes.contains(&"INTERNAL".to_owned()), "{filter}: {found}");
            if is_refused {
                assert_eq!(codes.len(), 1, "{filter}: {found}");
            } else if codes.is_empty() {
                assert_eq!(found.number("applications.totalCount"), 0, "{filter}: {found}");
            }
        }
    }

    // ---- Documents and requests --------------------------------------------------------------------------------------------

    async fn documents_that_do_not_fit_the_schema_are_not_executed(app: TestApp) {
        app.clerk().token().await;
        let before = app.written().await;
        let submit = json!({ "input": input_for_items(&["SJJ-01-002"]) });
        let with = |field: &str, value: Value| {
            let mut variables = submit.clone();
            variables["input"][field] = value;
            variables
        };
        for (what, document, variables) in [
            ("no document", "", json!({})),
            ("half a document", "query {", json!({})),
            ("an unknown field", "{ me { passwordHash } }", json!({})),
            ("an unknown mutation", "mutation { caseUpdate(id: 1) { id } }", json!({})),
            ("a field of the server's", documents::SUBMIT.as_str(), with("status", json!("GRANTED"))),
            ("another one", documents::SUBMIT.as_str(), with("receivedOn", json!("2020-01-01"))),
            ("a number for a text", documents::SUBMIT.as_str(), with("idempotencyKey", json!(7))),
            ("null for a text", documents::SUBMIT.as_str(), with("idempotencyKey", Value::Null)),
            ("no input at all", documents::SUBMIT.as_str(), json!({})),
            ("an unknown opinion", documents::GIVE_OPINION.as_str(),
                json!({ "input": { "idempotencyKey": "k", "reviewId": "review:x", "opinion": "PERHAPS" } })),
        ] {
            let refused = app.clerk().query(document, variables).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{what}: {refused}");
            assert!(refused.body.get("data").is_none(), "{what}: {refused}");
            let code = refused.error_code();
            assert!(!code.is_empty() && code != "INTERNAL", "{what}: {refused}");
        }
        // One text is taken for a list of one, and what that is not is found only when the field is run.
        let refused = app.clerk().query(&documents::SUBMIT, with("materials", json!("all"))).await;
        assert_eq!(refused.codes(), ["INPUT_INVALID"], "{refused}");
        assert_eq!(refused.body["data"], Value::Null);
        assert_unchanged(&before, &app.written().await, "what does not fit");
    }

    async fn requests_that_are_none_are_bad_requests(app: TestApp) {
        let clerk = app.clerk();
        for (what, body) in [
            ("nothing", &b""[..]), ("no JSON", b"{"), ("a list", b"[]"), ("a text", b"\"{ me { id } }\""),
            ("no UTF-8", b"{\"query\":\"\xff\"}"), ("a number for the document", b"{\"query\":7}"),
            ("a list for the variables", b"{\"query\":\"{ me { id } }\",\"variables\":[]}"),
        ] {
            let refused = clerk.send(Method::POST, "/graphql", body.to_vec()).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{what}: {refused}");
        }
        let mutation = "/graphql?query=mutation%20%7B%20sessionSignOut%20%7B%20__typename%20%7D%20%7D";
        let refused = clerk.send(Method::GET, mutation, Vec::new()).await;
        assert!(refused.status.is_client_error(), "a mutation by GET: {refused}");
    }

    async fn a_fault_of_ours_says_nothing_of_the_inside(app: TestApp) {
        app.submit(&["SJJ-01-002"]).await;
        app.reviewer("SJJ").token().await;
        let database = app.database().await;
        database.execute_unprepared("ALTER TABLE review RENAME TO elsewhere").await.unwrap();
        database.close().await.unwrap();

        let broken = app.reviewer("SJJ").query(&documents::INBOX_COUNTS, json!({})).await;

        assert_eq!(broken.error_code(), "INTERNAL");
        let text = broken.body.to_string().to_lowercase();
        for inside in ["select", "table", "relation", "sqlx", "sqlite", "postgres", "panic"] {
            assert!(!text.contains(inside), "{broken}");
        }
        // The number in the answer leads to the line in the log.
        let number = broken.body["errors"][0]["extensions"]["requestId"].as_str().unwrap();
        let lines = app.log.lines();
        assert!(lines.iter().any(|line| line.starts_with("ERROR") && line.contains(number)), "{lines:#?}");
        app.log.forgive(number);
    }

    async fn what_would_cost_too_much_is_not_executed(app: TestApp) {
        app.submit(&["SJJ-01-002"]).await;
        let reviewer = app.reviewer("SJJ");
        let deep = format!("{{ inbox {{ nodes {} }} }}", nested("case { application { cases { reviews", 12));
        let wide = "{ inbox(first: 100) { nodes { case { application { cases { reviews { case { application { cases { id } } } } } } } } } }";
        let many: String = (0..200).map(|at| format!("a{at}: inboxCounts {{ open }} ")).collect();
        for (what, document) in [("deep", deep.as_str()), ("wide", wide), ("many", &format!("{{ {many} }}"))] {
            let refused = reviewer.query(document, json!({})).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{what}: {refused}");
            assert!(!refused.error_code().is_empty());
        }
        // A page of one is cheap enough for what a page of a hundred is not.
        reviewer.query("{ inbox(first: 1) { nodes { case { application { cases { reviews { id } } } } } } }", json!({})).await.ok();
    }
}

fn nested(names: &str, times: usize) -> String {
    let opened = names.matches('{').count() + 1;
    let level = format!("{{ {names} ");
    format!(
        "{}{{ id }}{}",
        level.repeat(times),
        "}".repeat(opened * times)
    )
}

#[track_caller]
fn assert_same(real: &Answer, none: &Answer, document: &str) {
    assert_eq!(
        (real.status, &real.body),
        (none.status, &none.body),
        "told apart by {document}"
    );
}

/// What stands in the way of most tests here: an application must look like one to be refused for one fault.
#[test]
fn the_input_is_complete_but_for_the_fault() {
    let input = input_for_items(&["SJJ-01-002"]);
    assert_eq!(input["materials"].as_array().map(Vec::len), Some(4));
    let _: fn(&Answer, &str) -> Application = Application::read;
}
