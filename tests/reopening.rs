//! Reviews that begin again, and who has them: sent back, made stale by another version of a material, passed on, taken over.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::world::{Application, Case, input_for_bundle, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{Answer, Client, TestApp, documents, each_db};

/// Promised in five days, ten by law; SJJ answers for it.
const ITEM: &str = "SJJ-01-002";

const REVIEWS: &str = "query Reviews($id: ID!) { case(id: $id) { id state awaitedOpinions { code }
  reviews { id state version opinion reasons setAsideBecause claimedBy department { code } promisedDueOn lamp
    draft { opinion reasons conditions { text } writtenBy } consultation { number round }
    reliedOn { code version sha256 replacedAt } }
  application { id materials(includeReplaced: true) { id code version sha256 replacedBecause } } } }";

const REVIEW: &str = " review { id state version claimedByMe draft { opinion reasons } } userErrors { code message field } ";

fn mutation(name: &str) -> String {
    let input = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let selection = match name {
        "applicationReplaceMaterial" => {
            " application { id version } userErrors { code message field } "
        }
        "absenceRegister" | "absenceCancel" => {
            " absence { id version name substituteName fromOn throughOn isCancelled } userErrors { code message field } "
        }
        _ => REVIEW,
    };
    format!("mutation Act($input: {input}!) {{ {name}(input: $input) {{ {selection} }} }}")
}

async fn act(who: &Client, name: &str, input: Value) -> Answer {
    who.act(&mutation(name), input).await
}

async fn seen(who: &Client, case: &Case) -> Answer {
    who.query(REVIEWS, json!({ "id": case.id })).await.ok()
}

/// Each review in words: department, its number if it was asked for, state.
fn lines(answer: &Answer) -> Vec<String> {
    let reviews = answer.list("case.reviews").iter();
    let line = |review: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let number = review["consultation"]["number"]
            .as_i64()
            .map_or(String::new(), |n| format!(" {n}"));
        format!(
            "{}{number} {}",
            text(&review["department"]["code"]),
            text(&review["state"])
        )
    };
    reviews.map(line).collect()
}

async fn send_back(app: &TestApp, case: &Case, review: &str) -> Answer {
    let input =
        json!({ "idempotencyKey": new_key(), "reviewId": review, "reasons": "现场情况未核实" });
    act(&app.decider(&case.department), "reviewReturn", input).await
}

async fn opine(who: &Client, review: &str, opinion: &str, materials: Option<Vec<&str>>) -> Answer {
    let input = json!({
        "idempotencyKey": new_key(), "reviewId": review, "opinion": opinion, "materialIds": materials,
        "reasons": (opinion == "DISAGREE").then_some("不符合要求"),
    });
    who.act(&documents::GIVE_OPINION, input).await
}

fn replacing(application: &Application, material: &str, digit: char) -> Value {
    json!({
        "idempotencyKey": new_key(), "applicationId": application.id, "materialId": material, "originals": 1, "copies": 1,
        "fileName": "新版.pdf", "sha256": digit.to_string().repeat(64), "reasons": "更正笔误",
    })
}

/// The account of a reviewer, as a colleague finds it.
async fn account(app: &TestApp, department: &str, name: &str) -> String {
    let colleagues = "query Colleagues { colleagues { accountId name holds } }";
    let found = app
        .decider(department)
        .query(colleagues, json!({}))
        .await
        .ok();
    let mut all = found.list("colleagues").iter();
    let one = all.find(|one| one["name"] == format!("测试 {name}"));
    one.unwrap_or_else(|| panic!("{name} is not in {found}"))["accountId"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn ask(app: &TestApp, case: &Case, departments: &[&str]) -> Vec<String> {
    let opinions: Vec<Value> = departments
        .iter()
        .map(|code| json!({ "departmentCode": code, "part": "MANDATORY" }))
        .collect();
    let input = json!({
        "idempotencyKey": new_key(), "caseId": case.id, "question": "是否符合规划？", "rule": "ALL", "opinions": opinions,
    });
    let ask = "mutation Ask($input: CaseAskOpinionsInput!) { caseAskOpinions(input: $input) {
      case { reviews { id } } userErrors { code message field } } }";
    let asked = app.reviewer(&case.department).act(ask, input).await.done();
    let reviews = asked.list("caseAskOpinions.case.reviews").iter();
    let ids = reviews.map(|review| review["id"].as_str().unwrap().to_owned());
    ids.skip(asked.list("caseAskOpinions.case.reviews").len() - departments.len())
        .collect()
}

each_db! {
    async fn who_decides_sends_the_examination_back_and_what_was_said_stays_on_record(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let reviewer = app.reviewer("SJJ");
        opine(&reviewer, &case.review.id, "DISAGREE", None).await.done();
        let returned = send_back(&app, case, &case.review.id).await.done();
        assert_eq!(returned.text("reviewReturn.review.state"), "RETURNED");
        let file = seen(&reviewer, case).await;
        assert_eq!(lines(&file), ["SJJ RETURNED", "SJJ CLAIMED"]);
        assert_eq!(file.text("case.state"), "IN_REVIEW");
        assert_eq!((file.text("case.reviews.0.opinion"), file.text("case.reviews.0.setAsideBecause")),
            ("DISAGREE".to_owned(), "现场情况未核实".to_owned()));
        assert_eq!(file.data("case.reviews.1.draft"), &json!({
            "opinion": "DISAGREE", "reasons": "不符合要求", "conditions": [], "writtenBy": "测试 reviewer-SJJ" }));
        assert_eq!(file.text("case.reviews.1.promisedDueOn"), "2026-03-09", "the case has no more days than before");

        // The inbox of the reviewer has it again, and nobody else of the department may answer it.
        let again = file.text("case.reviews.1.id");
        let inbox = reviewer.query(&documents::INBOX, json!({ "first": 20, "filter": { "claimedByMe": true } })).await.ok();
        assert_eq!(inbox.list("inbox.nodes").len(), 1);
        assert_eq!(inbox.text("inbox.nodes.0.id"), again);
        let other = opine(&app.as_("reviewer-sjj-2"), &again, "AGREE", None).await;
        assert_eq!(other.user_errors("reviewGiveOpinion"), ["CLAIMED_BY_OTHER"]);
        let stale = opine(&reviewer, &case.review.id, "AGREE", None).await;
        assert_eq!(stale.user_errors("reviewGiveOpinion"), ["WRONG_STATE"]);
        let before = app.written().await;
        let too_soon = app.decide(case, "GRANT", None).await;
        assert_eq!(too_soon.user_errors("caseDecide"), ["WRONG_STATE"]);
        assert_unchanged(&before, &app.written().await, "no decision without an examination");

        opine(&reviewer, &again, "AGREE", None).await.done();
        let other_department = send_back(&app, &Case { department: "CGJ".to_owned(), ..case.clone() }, &again).await;
        assert_eq!(other_department.user_errors("reviewReturn"), ["NOT_FOUND"]);
        app.grant(case).await;
        let late = send_back(&app, case, &again).await;
        assert_eq!(late.user_errors("reviewReturn"), ["ALREADY_DECIDED"]);
        let clerk = seen(&app.clerk(), case).await;
        assert_eq!((clerk.data("case.reviews.0.setAsideBecause"), clerk.data("case.reviews.0.opinion")), (&Value::Null, &Value::Null));
        app.deliver(&application).await;
        app.assert_sound().await;
    }

    async fn a_replaced_material_reopens_exactly_the_opinions_that_relied_on_it(app: TestApp) {
        let application = app.submit(&[ITEM, "CGJ-01-001"]).await;
        let case = application.case(ITEM);
        let other = application.case("CGJ-01-001");
        let reviews = ask(&app, case, &["XFD", "WJW"]).await;
        let file = seen(&app.reviewer("XFD"), case).await;
        let materials: Vec<(String, String)> = file.list("case.application.materials").iter()
            .map(|one| (one["id"].as_str().unwrap().to_owned(), one["code"].as_str().unwrap().to_owned()))
            .collect();
        let theirs = seen(&app.reviewer("CGJ"), other).await;
        let theirs: Vec<&str> = theirs.list("case.application.materials").iter().map(|one| one["code"].as_str().unwrap()).collect();
        let (former, code) = materials.iter().find(|(_, code)| !theirs.contains(&code.as_str())).unwrap();
        let (unrelated, _) = materials.iter().find(|(id, _)| id != former).unwrap();

        opine(&app.reviewer("XFD"), &reviews[0], "AGREE", None).await.done();
        opine(&app.reviewer("WJW"), &reviews[1], "AGREE", Some(vec![unrelated])).await.done();
        app.agree(&case.review).await;
        app.agree(&other.review).await;

        let clerk = app.clerk();
        act(&clerk, "applicationReplaceMaterial", replacing(&application, former, 'a')).await.done();
        let file = seen(&app.supervisor(), case).await;
        assert_eq!(lines(&file), ["SJJ STALE", "SJJ CLAIMED", "XFD 1 STALE", "WJW 2 GIVEN", "XFD 3 CLAIMED"]);
        app.assert_found_by_lamp().await;
        assert_eq!(file.text("case.reviews.0.setAsideBecause"), *code);
        assert_eq!(lines(&seen(&app.supervisor(), other).await), ["CGJ GIVEN"]);
        let versions: Vec<i64> = file.list("case.application.materials").iter()
            .filter(|one| one["code"] == *code).map(|one| one["version"].as_i64().unwrap()).collect();
        assert_eq!(versions, [1, 2]);
        let relied: Vec<&Value> = file.list("case.reviews.2.reliedOn").iter().filter(|one| one["code"] == *code).collect();
        assert_eq!(relied.len(), 1);
        assert_eq!(relied[0]["version"], 1, "as it was when the opinion was given");
        assert_eq!(file.list("case.reviews.3.reliedOn").len(), 1);

        // An opinion on the former version, given by who has not looked again, is refused.
        let fresh = file.text("case.reviews.4.id");
        let stale = opine(&app.reviewer("XFD"), &fresh, "AGREE", Some(vec![former])).await;
        assert_eq!(stale.user_errors("reviewGiveOpinion"), ["MATERIAL_STALE"]);
        let stale = opine(&app.reviewer("XFD"), &reviews[0], "DISAGREE", None).await;
        assert_eq!(stale.user_errors("reviewGiveOpinion"), ["OPINION_STALE"]);
        let foreign = opine(&app.reviewer("XFD"), &fresh, "AGREE", Some(vec![&new_material_id()])).await;
        assert_eq!(foreign.user_errors("reviewGiveOpinion"), ["NOT_FOUND"]);

        // What cannot be replaced; and the same request again replaces once.
        let before = app.written().await;
        let again = act(&clerk, "applicationReplaceMaterial", replacing(&application, former, 'b')).await;
        assert_eq!(again.user_errors("applicationReplaceMaterial"), ["MATERIAL_STALE"]);
        let present = file.list("case.application.materials").iter()
            .find(|one| one["code"] == *code && one["version"] == 2).unwrap()["id"].as_str().unwrap().to_owned();
        let same = act(&clerk, "applicationReplaceMaterial", replacing(&application, &present, 'a')).await;
        assert_eq!(same.user_errors("applicationReplaceMaterial"), ["MATERIAL_UNCHANGED"]);
        let mut odd = replacing(&application, &present, 'c');
        odd["sha256"] = json!("x");
        odd["copies"] = json!(101);
        let odd = act(&clerk, "applicationReplaceMaterial", odd).await;
        assert_eq!(odd.user_errors("applicationReplaceMaterial"), ["NUMBER_OUT_OF_RANGE", "DIGEST_INVALID"]);
        let elsewhere = act(&app.as_("clerk-2"), "applicationReplaceMaterial", replacing(&application, &present, 'c')).await;
        assert_eq!(elsewhere.user_errors("applicationReplaceMaterial"), ["NOT_FOUND"]);
        assert_unchanged(&before, &app.written().await, "refusals");
        let key = replacing(&application, &present, 'd');
        act(&clerk, "applicationReplaceMaterial", key.clone()).await.done();
        act(&clerk, "applicationReplaceMaterial", key).await.done();
        let file = seen(&app.supervisor(), case).await;
        assert_eq!(file.list("case.application.materials").iter().filter(|one| one["code"] == *code).count(), 3);

        opine(&app.reviewer("XFD"), &fresh, "AGREE", None).await.done();
        let examination = file.text("case.reviews.1.id");
        opine(&app.reviewer("SJJ"), &examination, "AGREE", None).await.done();
        app.grant(case).await;
        app.grant(other).await;
        app.deliver(&application).await;
        app.assert_sound().await;
    }

    async fn a_material_that_came_after_an_opinion_was_no_ground_of_it(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let reviews = ask(&app, case, &["XFD"]).await;
        opine(&app.reviewer("XFD"), &reviews[0], "AGREE", None).await.done();
        app.clock.advance(TimeDelta::minutes(1));
        let clerk = app.clerk();
        clerk.does("applicationAddMaterial", &application.id, json!({ "materialCode": "M-BL", "copies": 1 })).await.done();
        app.clock.advance(TimeDelta::minutes(1));
        app.agree(&case.review).await;
        let file = seen(&app.supervisor(), case).await;
        let relied = |at: usize| file.list(&format!("case.reviews.{at}.reliedOn")).iter().any(|one| one["code"] == "M-BL");
        assert_eq!((relied(0), relied(1)), (true, false));
        let came = file.list("case.application.materials").iter().find(|one| one["code"] == "M-BL").unwrap();
        let came = came["id"].as_str().unwrap();
        act(&clerk, "applicationReplaceMaterial", replacing(&application, came, 'a')).await.done();
        assert_eq!(lines(&seen(&app.supervisor(), case).await), ["SJJ STALE", "SJJ CLAIMED", "XFD 1 GIVEN"]);
        app.assert_sound().await;
    }

    async fn a_reviewer_who_reads_while_a_material_is_replaced_is_told(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let reviewer = app.reviewer("SJJ");
        let file = seen(&reviewer, case).await;
        let version = file.number("case.reviews.0.version");
        let material = file.text("case.application.materials.0.id");
        act(&app.clerk(), "applicationReplaceMaterial", replacing(&application, &material, 'e')).await.done();
        let input = json!({
            "idempotencyKey": new_key(), "reviewId": case.review.id, "opinion": "AGREE", "expectedVersion": version,
        });
        let refused = reviewer.act(&documents::GIVE_OPINION, input).await;
        assert_eq!(refused.user_errors("reviewGiveOpinion"), ["CONFLICT"]);
        app.assert_sound().await;
    }

    async fn a_draft_is_for_the_department_alone_and_gone_once_the_opinion_is_signed(app: TestApp) {
        let application = app.restaurant(&[("Q1", "N"), ("Q2", "N"), ("Q4", "N"), ("Q5", "N"), ("Q6", "N")]).await;
        let case = &application.cases[0];
        let reviewer = app.reviewer(&case.department);
        let draft = |reasons: &str| json!({ "reviewId": case.review.id, "opinion": "AGREE", "reasons": reasons,
            "conditions": [{ "category": "消防", "text": "开业前整改", "article": "某条例 第三条" }] });
        let saved = act(&reviewer, "reviewDraftOpinion", draft("待核实")).await.done();
        assert_eq!(saved.data("reviewDraftOpinion.review.draft"), &json!({ "opinion": "AGREE", "reasons": "待核实" }));
        assert!(saved.data("reviewDraftOpinion.review.claimedByMe").as_bool().unwrap());
        let before = app.written().await;
        act(&reviewer, "reviewDraftOpinion", draft("待核实")).await.done();
        assert_unchanged(&before, &app.written().await, "the same draft");
        let colleague = app.as_(&format!("reviewer-{}-2", case.department.to_lowercase()));
        assert_eq!(act(&colleague, "reviewDraftOpinion", draft("抢先")).await.user_errors("reviewDraftOpinion"), ["CLAIMED_BY_OTHER"]);
        let shown = |file: &Answer| file.data("case.reviews.0.draft.reasons").clone();
        for (who, sees) in [
            (app.decider(&case.department), true), (colleague, true), (app.supervisor(), false), (app.clerk(), false),
        ] {
            let file = seen(&who, case).await;
            assert_eq!(file.data("case.reviews.0.draft").is_null(), !sees, "{file}");
            if sees {
                assert_eq!(shown(&file), "待核实");
            }
        }
        opine(&reviewer, &case.review.id, "AGREE", None).await.done();
        let file = seen(&reviewer, case).await;
        assert_eq!((file.text("case.reviews.0.state"), file.data("case.reviews.0.draft")), ("GIVEN".to_owned(), &Value::Null));
        app.assert_sound().await;
    }

    async fn a_successor_prepares_its_opinion_before_its_clocks_begin(app: TestApp) {
        let mut input = input_for_bundle("YJS-002", &[("Q1", "Y"), ("Q2", "Y"), ("Q3", "N")]);
        input["receiveOnly"] = json!(true);
        let application = app.submit_input(input).await;
        let case = application.case("GAJ-10-001");
        let reviewer = app.reviewer(&case.department);
        let draft = json!({ "reviewId": case.review.id, "opinion": "AGREE", "reasons": "材料齐全" });
        let early = act(&reviewer, "reviewDraftOpinion", draft.clone()).await;
        assert_eq!(early.user_errors("reviewDraftOpinion"), ["AWAITS_PREDECESSOR"], "not accepted yet");
        let accept = json!({ "idempotencyKey": new_key(), "applicationId": application.id });
        app.clerk().act(&documents::ACCEPT, accept).await.done();

        act(&reviewer, "reviewDraftOpinion", draft).await.done();
        let file = seen(&reviewer, case).await;
        assert_eq!((file.text("case.reviews.0.state"), file.data("case.reviews.0.promisedDueOn")), ("WAITING".to_owned(), &Value::Null));
        assert_eq!(file.text("case.reviews.0.draft.reasons"), "材料齐全");
        let opinion = opine(&reviewer, &case.review.id, "AGREE", None).await;
        assert_eq!(opinion.user_errors("reviewGiveOpinion"), ["AWAITS_PREDECESSOR"]);

        let first = application.case("SJJ-01-001");
        app.agree(&first.review).await;
        app.grant(first).await;
        let file = seen(&reviewer, case).await;
        assert_eq!((file.text("case.reviews.0.state"), file.text("case.reviews.0.draft.opinion")), ("OPEN".to_owned(), "AGREE".to_owned()));
        opine(&reviewer, &case.review.id, "AGREE", None).await.done();
        app.assert_sound().await;
    }

    async fn who_decides_assigns_and_a_reviewer_passes_on_what_they_hold(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let review = &application.cases[0].review.id;
        let (one, two) = (app.reviewer("SJJ"), app.as_("reviewer-sjj-2"));
        let (first, second) = (account(&app, "SJJ", "reviewer-SJJ").await, account(&app, "SJJ", "reviewer-SJJ-2").await);
        let stranger = account(&app, "CGJ", "reviewer-CGJ").await;
        let assign = |to: &str| json!({ "reviewId": review, "accountId": to });

        let before = app.written().await;
        assert_eq!(act(&one, "reviewAssign", assign(&second)).await.user_errors("reviewAssign"), ["WRONG_STATE"]);
        assert_eq!(act(&app.decider("SJJ"), "reviewAssign", assign(&stranger)).await.user_errors("reviewAssign"), ["NOT_A_REVIEWER"]);
        assert_eq!(act(&app.decider("CGJ"), "reviewAssign", assign(&stranger)).await.user_errors("reviewAssign"), ["NOT_FOUND"]);
        assert_eq!(act(&app.clerk(), "reviewAssign", assign(&first)).await.user_errors("reviewAssign"), ["FORBIDDEN"]);
        assert_unchanged(&before, &app.written().await, "refusals");

        act(&app.decider("SJJ"), "reviewAssign", assign(&second)).await.done();
        assert_eq!(act(&one, "reviewAssign", assign(&first)).await.user_errors("reviewAssign"), ["CLAIMED_BY_OTHER"]);
        act(&two, "reviewAssign", assign(&first)).await.done();
        let again = act(&app.decider("SJJ"), "reviewAssign", assign(&first)).await.done();
        assert_eq!(again.text("reviewAssign.review.state"), "CLAIMED");
        let colleagues = "query Colleagues { colleagues { accountId holds } }";
        let found = one.query(colleagues, json!({})).await.ok();
        let holds = |of: &str| found.list("colleagues").iter().find(|one| one["accountId"] == of).unwrap()["holds"].clone();
        assert_eq!((holds(&first), holds(&second)), (json!(1), json!(0)));
        opine(&one, review, "AGREE", None).await.done();
        let over = act(&app.decider("SJJ"), "reviewAssign", assign(&second)).await;
        assert_eq!(over.user_errors("reviewAssign"), ["ALREADY_DECIDED"]);
        app.assert_sound().await;
    }

    async fn a_substitute_acts_on_the_days_of_the_absence_and_on_no_other(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let review = &application.cases[0].review.id;
        let (one, two) = (app.reviewer("SJJ"), app.as_("reviewer-sjj-2"));
        let second = account(&app, "SJJ", "reviewer-SJJ-2").await;
        let first = account(&app, "SJJ", "reviewer-SJJ").await;
        one.act(&documents::CLAIM, json!({ "reviewId": review })).await.done();
        // It is 2026-03-02.
        let absence = |from: &str, through: &str, substitute: &str| json!({
            "idempotencyKey": new_key(), "substituteId": substitute, "fromOn": from, "throughOn": through, "reasons": "培训",
        });
        let registered = act(&one, "absenceRegister", absence("2026-03-03", "2026-03-04", &second)).await.done();
        let id = registered.text("absenceRegister.absence.id");
        assert_eq!(registered.text("absenceRegister.absence.substituteName"), "测试 reviewer-SJJ-2");

        let before = app.written().await;
        for (who, input, code) in [
            (&one, absence("2026-03-04", "2026-03-09", &second), "ABSENCE_OVERLAPS"),
            (&two, absence("2026-03-04", "2026-03-04", &first), "ABSENCE_OVERLAPS"),
            (&one, absence("2026-03-09", "2026-03-09", &first), "OWN_SUBSTITUTE"),
            (&one, absence("2026-03-01", "2026-03-09", &second), "DATE_OUT_OF_RANGE"),
        ] {
            assert_eq!(act(who, "absenceRegister", input).await.user_errors("absenceRegister")[0], code);
        }
        let mut of_other = absence("2026-04-01", "2026-04-02", &first);
        of_other["accountId"] = json!(second);
        assert_eq!(act(&one, "absenceRegister", of_other.clone()).await.user_errors("absenceRegister"), ["FORBIDDEN"]);
        let foreign = account(&app, "CGJ", "reviewer-CGJ").await;
        assert_eq!(act(&one, "absenceRegister", absence("2026-04-01", "2026-04-02", &foreign)).await
            .user_errors("absenceRegister"), ["NOT_A_REVIEWER"]);
        let cancel = json!({ "absenceId": id });
        assert_eq!(act(&two, "absenceCancel", cancel.clone()).await.user_errors("absenceCancel"), ["FORBIDDEN"]);
        assert_eq!(act(&app.decider("CGJ"), "absenceCancel", cancel.clone()).await.user_errors("absenceCancel"), ["NOT_FOUND"]);
        // Not today yet.
        assert_eq!(two.act(&documents::CLAIM, json!({ "reviewId": review })).await.user_errors("reviewClaim"), ["CLAIMED_BY_OTHER"]);
        assert_unchanged(&before, &app.written().await, "refusals");
        act(&app.decider("SJJ"), "absenceRegister", of_other).await.done();

        app.advance_workdays(1);
        let list = "query Absences { absences { id name } }";
        assert_eq!(app.decider("SJJ").query(list, json!({})).await.ok().list("absences").len(), 2);
        assert_eq!(app.decider("CGJ").query(list, json!({})).await.ok().list("absences").len(), 0);
        opine(&two, review, "AGREE", None).await.done();
        let file = seen(&one, &application.cases[0]).await;
        assert_eq!((file.text("case.reviews.0.opinion"), file.text("case.reviews.0.claimedBy")),
            ("AGREE".to_owned(), "测试 reviewer-SJJ-2".to_owned()), "who acted is who signed");

        // Cancelled, it gives no right any more.
        send_back(&app, &application.cases[0], review).await.done();
        let again = seen(&one, &application.cases[0]).await.text("case.reviews.1.id");
        act(&two, "reviewAssign", json!({ "reviewId": again, "accountId": first })).await.done();
        act(&one, "absenceCancel", cancel.clone()).await.done();
        act(&one, "absenceCancel", cancel).await.done();
        assert_eq!(opine(&two, &again, "AGREE", None).await.user_errors("reviewGiveOpinion"), ["CLAIMED_BY_OTHER"]);
        opine(&one, &again, "AGREE", None).await.done();
        app.assert_sound().await;
    }

    async fn of_an_opinion_and_a_replacement_at_once_none_is_lost(app: TestApp) {
        for round in 0..6 {
            let application = app.submit(&[ITEM]).await;
            let case = &application.cases[0];
            let reviews = ask(&app, case, &["XFD"]).await;
            let material = seen(&app.reviewer("SJJ"), case).await.text("case.application.materials.0.id");
            let (clerk, xfd, sjj) = (app.clerk(), app.reviewer("XFD"), app.reviewer("SJJ"));
            let one = async { act(&clerk, "applicationReplaceMaterial", replacing(&application, &material, 'f')).await };
            let two = async { opine(&xfd, &reviews[0], "AGREE", None).await };
            let three = async { opine(&sjj, &case.review.id, "AGREE", None).await };
            let all: Vec<Answer> = if round % 2 == 0 {
                let (a, b, c) = tokio::join!(one, two, three);
                vec![a, b, c]
            } else {
                let (c, b, a) = tokio::join!(three, two, one);
                vec![a, b, c]
            };
            assert!(all[0].user_errors("applicationReplaceMaterial").is_empty(), "{}", all[0]);
            let file = seen(&app.supervisor(), case).await;
            let open: Vec<String> = lines(&file).into_iter().filter(|line| !line.ends_with("STALE")).collect();
            // Whatever came first, the other department is asked once for the present version, and answered or not.
            assert_eq!(open.iter().filter(|line| line.starts_with("XFD")).count(), 1, "{open:?}");
            assert_eq!(open.iter().filter(|line| line.starts_with("SJJ")).count(), 1, "{open:?}");
        }
        let each = (0..8).map(|n| {
            let app = &app;
            async move {
                let application = app.submit(&[ITEM]).await;
                let case = application.cases[0].clone();
                app.agree(&case.review).await;
                let both = [send_back(app, &case, &case.review.id), send_back(app, &case, &case.review.id)];
                let answers = join_all(both).await;
                let done = answers.iter().filter(|answer| answer.user_errors("reviewReturn").is_empty()).count();
                assert_eq!(done, 2, "the second finds it done ({n})");
                assert_eq!(lines(&seen(&app.supervisor(), &case).await), ["SJJ RETURNED", "SJJ CLAIMED"]);
            }
        });
        join_all(each).await;
        app.assert_sound().await;
    }
}

/// Whoever changes a row by hand is found out by the signature.
mod signatures {
    use super::*;
    use sea_orm::ConnectionTrait as _;

    each_db! {
        async fn an_opinion_that_was_changed_by_hand_is_found(app: TestApp) {
            let application = app.submit(&[ITEM]).await;
            app.agree(&application.cases[0].review).await;
            let verify = async || lianshen::case::verify_signatures(&app.program().db).await.unwrap();
            let found = verify().await;
            assert_eq!((found.sound, found.unsigned, found.faults.len()), (1, 0, 0));
            let database = app.database().await;
            database.execute_unprepared("UPDATE review SET reasons = '换了理由' WHERE opinion IS NOT NULL").await.unwrap();
            let found = verify().await;
            assert_eq!((found.sound, found.faults.len()), (0, 1));
            assert!(found.faults[0].starts_with("review:") && found.faults[0].contains("not as it was signed"), "{:?}", found.faults);
            database.execute_unprepared("UPDATE review SET reasons = NULL WHERE opinion IS NOT NULL").await.unwrap();
            database.close().await.unwrap();
            assert_eq!(verify().await.sound, 1);
        }
    }
}

fn new_material_id() -> String {
    "material:0197d3a0-0000-7000-8000-000000000000".to_owned()
}
