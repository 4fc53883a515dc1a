//! Consultation: a department asks others for their opinions on its case, and nobody else learns of it.

use futures_util::future::join_all;
use lianshen::case;
use lianshen_domain::item::SpecialProcedureKind;
use serde_json::{Value, json};

use crate::support::life::Life;
use crate::support::world::{Case, input_for_bundle, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{Answer, Client, TestApp, documents, each_db};

/// Promised in five days, ten by law; SJJ answers for it.
const ITEM: &str = "SJJ-01-002";

const CASE: &str = "query Case($id: ID!) { case(id: $id) { state awaitedOpinions { code }
  reviews { id state lamp opinion reasons promisedDueOn statutoryDueOn department { code } consultation { number question } }
  clocks { kind ordinal deadline { dueOn state } }
  application { id materials { code } timeline(first: 100) { nodes { kind departmentCode } } } } }";

const INBOX: &str =
    "query Inbox { inbox(first: 20) { nodes { id state lamp promisedDueOn statutoryDueOn
  consultation { question part askedOn } case { itemName application { id receiptNumber } } } } }";

const PREVIEW: &str = "query Preview($id: ID!, $input: OpinionsPreviewInput!) { case(id: $id) { previewOpinions(input: $input) {
  preview { asked { department { code } dueOn afterPromise afterStatute } lost { id department { code } } told { code } }
  userErrors { code field } } } }";

/// Mandatory opinions of these departments; `?` makes one advisory, `!` gives it the force of a veto.
fn opinions(of: &[&str]) -> Value {
    let one = |name: &&str| {
        let part = if name.ends_with('?') {
            "ADVISORY"
        } else {
            "MANDATORY"
        };
        let article = name.ends_with('!').then_some("某条例 第八条");
        json!({ "departmentCode": name.trim_end_matches(['?', '!']), "part": part, "vetoArticle": article })
    };
    of.iter().map(one).collect()
}

async fn ask_by(who: &Client, case: &Case, of: &[&str], rule: &str) -> Answer {
    let input = json!({
        "idempotencyKey": new_key(), "caseId": case.id, "question": "该场所是否符合规划？", "rule": rule,
        "opinions": opinions(of),
    });
    who.act(&documents::ASK_OPINIONS, input).await
}

/// Asks, and answers the reviews of those who were asked, in that order.
async fn ask(app: &TestApp, case: &Case, of: &[&str], rule: &str) -> Vec<String> {
    let asked = ask_by(&app.reviewer(&case.department), case, of, rule)
        .await
        .done();
    let reviews = asked.list("caseAskOpinions.case.reviews");
    let ids = reviews
        .iter()
        .map(|review| review["id"].as_str().unwrap().to_owned());
    ids.skip(reviews.len() - of.len()).collect()
}

async fn opine(app: &TestApp, department: &str, review: &str, opinion: &str) -> Answer {
    let reasons = (opinion == "DISAGREE").then_some("不符合规划");
    let input = json!({ "idempotencyKey": new_key(), "reviewId": review, "opinion": opinion, "reasons": reasons });
    app.reviewer(department)
        .act(&documents::GIVE_OPINION, input)
        .await
}

async fn seen(who: &Client, case: &Case) -> Answer {
    who.query(CASE, json!({ "id": case.id })).await.ok()
}

async fn withdraw(who: &Client, review: &str) -> Answer {
    let input = json!({ "idempotencyKey": new_key(), "reviewId": review, "reasons": "误送" });
    who.act(&documents::WITHDRAW_OPINION, input).await
}

fn codes(answer: &Answer, path: &str) -> Vec<String> {
    let list = answer.list(path).iter();
    list.map(|one| one["code"].as_str().unwrap().to_owned())
        .collect()
}

fn events(answer: &Answer, department: &str) -> Vec<String> {
    let list = answer.list("case.application.timeline.nodes").iter();
    let of = list.filter(|event| event["departmentCode"] == department);
    let kinds = of.map(|event| event["kind"].as_str().unwrap().to_owned());
    kinds.filter(|kind| kind.starts_with("OPINION")).collect()
}

each_db! {
    async fn who_is_asked_sees_the_file_and_answers_and_then_the_examination_can_end(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let other = app.reviewer("CGJ");
        assert_eq!(seen(&other, case).await.data("case"), &Value::Null);

        let asked = ask_by(&app.reviewer("SJJ"), case, &["CGJ", "XFD?"], "ALL").await.done();
        assert_eq!(codes(&asked, "caseAskOpinions.case.awaitedOpinions"), ["CGJ"]);
        let reviews = asked.list("caseAskOpinions.case.reviews");
        assert_eq!(reviews[0]["consultation"], Value::Null, "the examination comes first");
        assert_eq!(reviews[1]["consultation"], json!({
            "number": 1, "round": 1, "part": "MANDATORY", "rule": "ALL", "atLeast": null, "askedOn": "2026-03-02",
            "limit": { "n": 5, "unit": "WORKDAY" }, "question": "该场所是否符合规划？", "vetoArticle": null,
            "withdrawnBecause": null,
        }));
        let review = reviews[1]["id"].as_str().unwrap().to_owned();

        let inbox = other.query(INBOX, json!({})).await.ok();
        let [mine] = inbox.list("inbox.nodes") else { panic!("{inbox}") };
        assert_eq!((&mine["id"], &mine["state"], &mine["lamp"]), (&json!(review), &json!("OPEN"), &json!("GREEN")));
        assert_eq!((&mine["promisedDueOn"], &mine["statutoryDueOn"]), (&json!("2026-03-09"), &json!("2026-03-16")));
        assert_eq!(mine["consultation"]["question"], "该场所是否符合规划？");
        let file = seen(&other, case).await;
        assert_eq!(codes(&file, "case.application.materials").len(), 4, "what the item wants from the applicant");
        assert_eq!(events(&file, "CGJ"), ["OPINION_ASKED"]);
        assert_eq!(events(&file, "XFD"), Vec::<String>::new());

        let too_soon = app.give_opinion(&case.review, "AGREE", None).await;
        assert_eq!(too_soon.user_errors("reviewGiveOpinion"), ["OPINIONS_OUTSTANDING"]);
        assert!(too_soon.to_string().contains("CGJ"), "{too_soon}");
        opine(&app, "CGJ", &review, "DISAGREE").await.done();

        // Who asked reads the answer, and is told; the others do not.
        let file = seen(&app.reviewer("SJJ"), case).await;
        assert_eq!((file.text("case.reviews.1.opinion"), file.text("case.reviews.1.reasons")),
            ("DISAGREE".to_owned(), "不符合规划".to_owned()));
        assert_eq!(events(&file, "CGJ"), ["OPINION_ASKED", "OPINION_GIVEN"]);
        let file = seen(&app.reviewer("XFD"), case).await;
        assert_eq!((file.data("case.reviews.1.opinion"), file.data("case.reviews.1.consultation.question")), (&Value::Null, &Value::Null));
        assert_eq!(events(&file, "CGJ"), Vec::<String>::new());
        assert_eq!(file.text("case.state"), "IN_REVIEW", "what others think ends no examination");
        let applicant = app.clerk().query(CASE, json!({ "id": case.id })).await.ok();
        assert_eq!(events(&applicant, "CGJ"), Vec::<String>::new());

        app.agree(&case.review).await;
        let bare = app.decide(case, "GRANT", None).await;
        assert_eq!(bare.user_errors("caseDecide"), ["REASONS_REQUIRED"], "against the opinion of another");
        app.decide(case, "GRANT", Some("已当面协调一致")).await.done();
        let file = seen(&app.supervisor(), case).await;
        assert_eq!(file.text("case.reviews.2.state"), "CANCELLED", "an advisory opinion that never came");
        let late = opine(&app, "XFD", &file.text("case.reviews.2.id"), "AGREE").await;
        assert_eq!(late.user_errors("reviewGiveOpinion"), ["WRONG_STATE"]);
        app.deliver(&application).await;
        app.assert_sound().await;
    }

    async fn who_is_not_asked_any_more_sees_nothing_any_more(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let reviews = ask(&app, case, &["CGJ", "XFD", "WJW?"], "ALL").await;
        let cgj = app.reviewer("CGJ");
        cgj.act(&documents::CLAIM, json!({ "reviewId": reviews[0] })).await.done();

        let taken_back = withdraw(&app.reviewer("SJJ"), &reviews[0]).await.done();
        let review = taken_back.data("reviewWithdraw.review");
        assert_eq!((&review["state"], &review["lamp"], &review["promisedDueOn"]), (&json!("WITHDRAWN"), &json!("OFF"), &Value::Null));
        assert_eq!(review["consultation"]["withdrawnBecause"], "误送");
        assert_eq!(seen(&cgj, case).await.data("case"), &Value::Null);
        assert!(cgj.query(INBOX, json!({})).await.ok().list("inbox.nodes").is_empty());
        let found = cgj.query(&documents::REVIEW_BY_ID, json!({ "id": reviews[0] })).await.ok();
        assert_eq!(found.data("review"), &Value::Null);
        let refused = opine(&app, "CGJ", &reviews[0], "AGREE").await;
        assert_eq!(refused.user_errors("reviewGiveOpinion"), ["NOT_FOUND"]);

        // The same again changes nothing; the last one that counts can only be replaced.
        withdraw(&app.reviewer("SJJ"), &reviews[0]).await.done();
        let before = app.written().await;
        let nobody = withdraw(&app.reviewer("SJJ"), &reviews[1]).await;
        assert_eq!(nobody.user_errors("reviewWithdraw"), ["NOBODY_LEFT"]);
        let own = withdraw(&app.reviewer("SJJ"), &case.review.id).await;
        assert_eq!(own.user_errors("reviewWithdraw"), ["OPINION_NOT_ASKED"]);
        assert_unchanged(&before, &app.written().await, "what cannot be taken back");

        let instead = json!({ "idempotencyKey": new_key(), "reviewId": reviews[1], "departmentCode": "ZJJ", "days": 2, "reasons": "职责在住建" });
        app.reviewer("SJJ").act(&documents::REPLACE_OPINION, instead.clone()).await.done();
        app.reviewer("SJJ").act(&documents::REPLACE_OPINION, instead).await.done();
        assert_eq!(seen(&app.reviewer("XFD"), case).await.data("case"), &Value::Null);
        let inbox = app.reviewer("ZJJ").query(INBOX, json!({})).await.ok();
        assert_eq!(inbox.list("inbox.nodes").len(), 1);
        app.assert_found_by_lamp().await;
        assert_eq!(inbox.text("inbox.nodes.0.promisedDueOn"), "2026-03-04");
        let file = seen(&app.reviewer("SJJ"), case).await;
        assert_eq!(codes(&file, "case.awaitedOpinions"), ["ZJJ"]);
        assert_eq!(file.list("case.reviews").len(), 5, "under one key it is replaced once");
        app.assert_sound().await;
    }

    async fn what_cannot_be_asked_is_refused_with_its_place_and_nothing_is_written(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let reviewer = app.reviewer("SJJ");
        reviewer.token().await;
        let before = app.written().await;
        let base = |opinions: Value| json!({ "idempotencyKey": new_key(), "caseId": case.id, "question": "请提出意见", "rule": "ALL", "opinions": opinions });
        let with = |field: &str, value: Value, opinions: Value| {
            let mut input = base(opinions);
            input[field] = value;
            input
        };
        let days = |n: i64| json!([{ "departmentCode": "CGJ", "part": "MANDATORY", "days": n }]);
        let advisory = json!([{ "departmentCode": "CGJ", "part": "ADVISORY", "vetoArticle": "某条例 第八条" }]);
        let many: Vec<Value> = (0..21).map(|_| json!({ "departmentCode": "CGJ", "part": "MANDATORY" })).collect();
        for (input, code, field) in [
            (base(json!([])), "NOBODY_ASKED", "opinions"),
            (base(opinions(&["ABC"])), "DEPARTMENT_UNKNOWN", "opinions.0.departmentCode"),
            (base(opinions(&["CGJ", "SJJ"])), "OWN_DEPARTMENT", "opinions.1.departmentCode"),
            (base(opinions(&["CGJ", "CGJ"])), "DEPARTMENT_TWICE", "opinions.1.departmentCode"),
            (base(days(0)), "NUMBER_OUT_OF_RANGE", "opinions.0.days"),
            (base(days(-1)), "NUMBER_OUT_OF_RANGE", "opinions.0.days"),
            (base(days(3_651)), "NUMBER_OUT_OF_RANGE", "opinions.0.days"),
            (base(advisory), "VETO_ADVISORY", "opinions.0.vetoArticle"),
            (base(json!(many)), "LIST_TOO_LONG", "opinions"),
            (with("question", json!(" "), opinions(&["CGJ"])), "TEXT_EMPTY", "question"),
            (with("question", json!("问".repeat(4_001)), opinions(&["CGJ"])), "TEXT_TOO_LONG", "question"),
            (with("rule", json!("AT_LEAST"), opinions(&["CGJ"])), "NUMBER_OUT_OF_RANGE", "atLeast"),
            (with("atLeast", json!(1), opinions(&["CGJ"])), "NUMBER_OUT_OF_RANGE", "atLeast"),
            (with("expectedVersion", json!(9), opinions(&["CGJ"])), "CONFLICT", "expectedVersion"),
        ] {
            let refused = reviewer.act(&documents::ASK_OPINIONS, input.clone()).await;
            assert_eq!(refused.user_errors("caseAskOpinions"), [code], "{input}");
            assert_eq!(refused.fields("caseAskOpinions"), [field], "{input}");
        }
        // Who has nothing to do with it learns nothing, and what may not be done by a role is not done.
        for (who, code) in [(app.reviewer("CGJ"), "NOT_FOUND"), (app.lead("CGJ"), "NOT_FOUND")] {
            let refused = ask_by(&who, case, &["XFD"], "ALL").await;
            assert_eq!(refused.user_errors("caseAskOpinions"), [code]);
        }
        for who in [app.clerk(), app.applicant(), app.supervisor(), app.administrator()] {
            let refused = ask_by(&who, case, &["XFD"], "ALL").await;
            assert!(refused.to_string().contains("FORBIDDEN"), "{refused}");
        }
        let after = app.written().await;
        assert_unchanged(&before, &after, "what cannot be asked");
    }

    async fn the_lead_may_ask_and_decide_what_is_waited_for(app: TestApp) {
        let application = app.restaurant(&[("Q1", "N"), ("Q2", "Y"), ("Q3", "I"), ("Q4", "Y"), ("Q5", "N"), ("Q6", "N")]).await;
        let case = application.case("SJJ-01-001");
        let asked = ask_by(&app.lead("SJJ"), case, &["XFD", "CGJ", "WJW"], "ANY").await.done();
        let reviews = asked.list("caseAskOpinions.case.reviews");
        // XFD and CGJ have cases of their own in this application; WJW has none.
        assert_eq!(reviews.len(), 4);
        let wjw = app.reviewer("WJW");
        assert!(!seen(&wjw, case).await.list("case.application.materials").is_empty());
        opine(&app, "WJW", reviews[3]["id"].as_str().unwrap(), "AGREE").await.done();
        assert!(codes(&seen(&app.lead("SJJ"), case).await, "case.awaitedOpinions").is_empty(), "one is enough");
        app.agree(&case.review).await;
        app.grant(case).await;
        let xfd = seen(&app.reviewer("XFD"), case).await;
        assert_eq!(xfd.text("case.reviews.1.state"), "CANCELLED");
        app.assert_sound().await;
    }

    /// Its opinion stops the period at whose end the case would pass, as no other act but one on its own case does.
    async fn whoever_gives_an_opinion_is_not_silent(app: TestApp) {
        let life = Life::received(&app, "YJS-005", "Q1=Y Q2=N Q3=Y Q4=Y").await;
        life.accepted().await;
        life.examined("CGJ-01-003").await;
        let read = "query Clocks($id: ID!) { case(id: $id) { clocks { kind ordinal deadline { state } } } }";
        let of = json!({ "id": life.case("CGJ-01-003").id });
        let clocks = app.supervisor().query(read, of).await.ok();
        let clock = json!({ "kind": "OPINION", "ordinal": 0, "deadline": { "state": "STOPPED" } });
        assert!(clocks.list("case.clocks").contains(&clock), "{clocks}");
        app.assert_sound().await;
    }

    /// By the convention ANY the whole stands still with each of its cases, and every opinion with it.
    async fn an_opinion_stands_still_with_another_case_wherever_it_is_read(app: TestApp) {
        let application = app.restaurant(crate::two_centres::EVERYTHING).await;
        let first = application.case("SJJ-01-001");
        app.agree(&first.review).await;
        app.grant(first).await;
        let case = application.case("CGJ-01-001");
        ask(&app, case, &["WJW?"], "ALL").await;
        let opinion = async || {
            let file = seen(&app.reviewer("CGJ"), case).await;
            let row = file.list("case.reviews").iter().find(|review| review["consultation"]["number"] == 1);
            let clocks = file.list("case.clocks").iter();
            let clock = clocks.clone().find(|clock| clock["kind"] == "OPINION" && clock["ordinal"] == 1).unwrap();
            assert_eq!(clock["deadline"]["dueOn"], row.unwrap()["promisedDueOn"], "as the inbox says");
            (clock["deadline"]["state"].clone(), clock["deadline"]["dueOn"].clone())
        };
        assert_eq!(opinion().await, (json!("RUNNING"), json!("2026-03-09")));
        let other = application.case("ZJJ-01-004");
        app.clock.set_day("2026-03-04");
        app.begin(other, SpecialProcedureKind::Inspection, 10, None).await;
        assert_eq!(opinion().await, (json!("SUSPENDED"), Value::Null));
        app.clock.set_day("2026-03-06");
        app.end(other, SpecialProcedureKind::Inspection, None).await;
        // Not charged: the fifth and the sixth.
        assert_eq!(opinion().await, (json!("RUNNING"), json!("2026-03-11")));
        app.assert_sound().await;
    }

    /// It may know what became of the case, and reads no further in the papers of somebody whom it has nothing to say about.
    async fn who_was_asked_and_said_nothing_reads_no_materials_once_the_case_has_ended(app: TestApp) {
        let decided = app.submit(&[ITEM]).await;
        let case = &decided.cases[0];
        let reviews = ask(&app, case, &["CGJ?", "WJW?"], "ALL").await;
        let materials = async |who: &str| codes(&seen(&app.reviewer(who), case).await, "case.application.materials").len();
        let all = materials("SJJ").await;
        assert!(all > 0);
        assert_eq!((materials("CGJ").await, materials("WJW").await), (all, all), "as long as they are asked");
        opine(&app, "WJW", &reviews[1], "AGREE").await.done();
        app.agree(&case.review).await;
        app.grant(case).await;

        let told = seen(&app.reviewer("CGJ"), case).await;
        assert_eq!((told.text("case.state"), told.text("case.reviews.1.state")), ("GRANTED".to_owned(), "CANCELLED".to_owned()));
        assert_eq!((materials("CGJ").await, materials("WJW").await, materials("SJJ").await), (0, all, all));

        // Whatever ends it; and what another case of the same department wants stays.
        let withdrawn = app.submit(&[ITEM, "CGJ-01-001"]).await;
        let case = withdrawn.case(ITEM);
        let own = codes(&seen(&app.reviewer("CGJ"), case).await, "case.application.materials");
        ask(&app, case, &["CGJ", "XFD"], "ALL").await;
        let more = codes(&seen(&app.reviewer("CGJ"), case).await, "case.application.materials");
        assert!(more.len() > own.len(), "{own:?} {more:?}");
        let input = json!({ "onlyCaseId": case.id });
        app.clerk().does("applicationWithdraw", &withdrawn.id, input).await.done();
        assert_eq!(codes(&seen(&app.reviewer("CGJ"), case).await, "case.application.materials"), own);
        assert_eq!(codes(&seen(&app.reviewer("XFD"), case).await, "case.application.materials"), Vec::<String>::new());
        app.assert_sound().await;
    }

    async fn nothing_is_granted_against_a_veto_until_the_department_thinks_otherwise(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let first = ask(&app, case, &["XFD!"], "ALL").await;
        let again = ask_by(&app.reviewer("SJJ"), case, &["XFD"], "ALL").await;
        assert_eq!(again.user_errors("caseAskOpinions"), ["ALREADY_ASKED"]);
        opine(&app, "XFD", &first[0], "DISAGREE").await.done();
        app.agree(&case.review).await;
        let vetoed = app.decide(case, "GRANT", Some("仍准予")).await;
        assert_eq!(vetoed.user_errors("caseDecide"), ["VETOED"]);
        assert!(vetoed.to_string().contains("某条例 第八条"), "{vetoed}");

        let second = ask(&app, case, &["XFD!"], "ALL").await;
        let waits = app.decide(case, "GRANT", Some("仍准予")).await;
        assert_eq!(waits.user_errors("caseDecide"), ["OPINIONS_OUTSTANDING"]);
        opine(&app, "XFD", &second[0], "AGREE").await.done();
        app.grant(case).await;
        app.assert_sound().await;
    }

    async fn who_decides_on_sight_of_fewer_opinions_is_told_that_there_are_others(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let asked = ask(&app, case, &["XFD?", "CGJ?"], "ALL").await;
        app.agree(&case.review).await;
        let version = async || {
            let read = "query Version($id: ID!) { case(id: $id) { version } }";
            app.decider("SJJ").query(read, json!({ "id": case.id })).await.ok().number("case.version")
        };
        let grant = async |version: i64| {
            let input = json!({
                "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT", "reasons": "意见已协调",
                "expectedVersion": version,
            });
            app.decider("SJJ").act(&documents::DECIDE, input).await
        };
        let looked_at = version().await;
        opine(&app, "XFD", &asked[0], "DISAGREE").await.done();
        assert_eq!(grant(looked_at).await.user_errors("caseDecide"), ["CONFLICT"]);
        let looked_at = version().await;
        withdraw(&app.reviewer("SJJ"), &asked[1]).await.done();
        assert_eq!(grant(looked_at).await.user_errors("caseDecide"), ["CONFLICT"]);
        grant(version().await).await.done();
        app.assert_sound().await;
    }

    async fn a_late_opinion_is_the_lateness_of_the_department_that_was_asked(app: TestApp) {
        let application = app.submit(&["SJJ-01-003"]).await;
        let case = &application.cases[0];
        let review = ask(&app, case, &["CGJ"], "ALL").await.remove(0);
        app.sweep_daily_until("2026-03-10").await;
        let cards = "query Cards { cards(first: 20) { nodes { rule level department { code } } } }";
        let of = |told: &Answer| -> Vec<String> {
            told.list("cards.nodes").iter().map(|card| format!("{} {}", card["rule"].as_str().unwrap(), card["level"].as_str().unwrap())).collect()
        };
        assert_eq!(of(&app.reviewer("CGJ").query(cards, json!({})).await.ok()), ["TIME_09 YELLOW"]);
        let own = of(&app.reviewer("SJJ").query(cards, json!({})).await.ok());
        assert!(!own.iter().any(|card| card.starts_with("TIME_09")), "{own:?}");
        let inbox = app.reviewer("CGJ").query(INBOX, json!({})).await.ok();
        assert_eq!(inbox.text("inbox.nodes.0.lamp"), "YELLOW");
        // What is late can still be done; it stays late on record.
        opine(&app, "CGJ", &review, "AGREE").await.done();
        let file = seen(&app.supervisor(), case).await;
        assert_eq!(file.text("case.reviews.1.lamp"), "YELLOW");
        let clocks = file.list("case.clocks").iter().filter(|clock| clock["kind"] == "OPINION");
        let clocks: Vec<_> = clocks.map(|clock| (clock["ordinal"].clone(), clock["deadline"]["dueOn"].clone())).collect();
        assert_eq!(clocks, [(json!(1), json!("2026-03-09"))]);
        app.assert_sound().await;
    }

    async fn silence_counts_as_consent_only_where_the_bundle_lets_it_and_is_shown_as_what_it_is(app: TestApp) {
        // YJS-004 lets silence count; of its items STHJ-01-001 (environment) is left out.
        let input = input_for_bundle("YJS-004", &first_answers("YJS-004"));
        let application = app.submit_input(input).await;
        let eligible = application.case("FGW-01-001");
        let review = ask(&app, eligible, &["CZJ"], "ALL").await.remove(0);
        let protected = application.cases.iter().find(|case| case.item == "STHJ-01-001");
        if let Some(case) = protected {
            ask(&app, case, &["CZJ"], "ALL").await;
        }
        app.sweep_daily_until("2026-03-09").await;
        assert_eq!(seen(&app.supervisor(), eligible).await.text("case.reviews.1.state"), "OPEN", "the last day is theirs");
        app.sweep_daily_until("2026-03-10").await;
        let file = seen(&app.supervisor(), eligible).await;
        let silent = file.data("case.reviews.1");
        assert_eq!((&silent["state"], &silent["opinion"], &silent["lamp"]), (&json!("TACIT"), &Value::Null, &json!("YELLOW")));
        assert_eq!(events(&file, "CZJ").last().unwrap(), "OPINION_TACIT");
        let refused = opine(&app, "CZJ", &review, "DISAGREE").await;
        assert_eq!(refused.user_errors("reviewGiveOpinion"), ["WRONG_STATE"]);
        app.agree(&eligible.review).await;
        if let Some(case) = protected {
            assert_eq!(seen(&app.supervisor(), case).await.text("case.reviews.1.state"), "OPEN");
        }
        let cards = app.cards_on(&application).await;
        assert!(cards.iter().any(|(rule, ..)| rule == "TIME_09"), "silence is raised as what it is: {cards:?}");
        app.assert_found_by_lamp().await;
        app.assert_sound().await;
    }

    async fn an_adopted_notice_moves_the_period_of_an_opinion_too(app: TestApp) {
        let application = app.submit(&["SJJ-01-003"]).await;
        let case = &application.cases[0];
        ask(&app, case, &["CGJ"], "ALL").await;
        let adopt = "mutation Adopt($input: CalendarNoticeAdoptInput!) { calendarNoticeAdopt(input: $input) { notice { number }
          userErrors { code message field } } }";
        let days = [json!({ "date": "2026-03-04", "holiday": "测试", "kind": "OFF" })];
        let input = json!({ "idempotencyKey": new_key(), "number": "滨政办〔2026〕1号", "issuer": "滨澜县人民政府",
            "issuedOn": "2026-03-01", "year": 2026, "days": days });
        app.administrator().act(adopt, input).await.done();
        assert!(case::reproject(app.program()).await.unwrap().moved > 0);
        let inbox = app.reviewer("CGJ").query(INBOX, json!({})).await.ok();
        assert_eq!(inbox.text("inbox.nodes.0.promisedDueOn"), "2026-03-10");
        app.assert_sound().await;
    }

    async fn a_preview_says_what_would_come_of_it_and_writes_nothing(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let reviews = ask(&app, case, &["CGJ", "WJW"], "ALL").await;
        app.supervisor().token().await;
        let before = app.written().await;
        let input = json!({ "opinions": [{ "departmentCode": "XFD", "part": "MANDATORY", "days": 8 }], "withdraw": [reviews[0]] });
        let of = async |who: Client, input: Value| who.query(PREVIEW, json!({ "id": case.id, "input": input })).await.ok();
        let told = of(app.reviewer("SJJ"), input.clone()).await;
        let preview = told.data("case.previewOpinions.preview");
        assert_eq!(preview["asked"], json!([{ "department": { "code": "XFD" }, "dueOn": "2026-03-12", "afterPromise": true, "afterStatute": false }]));
        assert_eq!(preview["lost"], json!([{ "id": reviews[0], "department": { "code": "CGJ" } }]));
        assert_eq!(preview["told"], json!([{ "code": "XFD" }, { "code": "CGJ" }]));
        for (who, input, code) in [
            (app.reviewer("SJJ"), json!({ "withdraw": reviews }), "NOBODY_LEFT"),
            (app.reviewer("SJJ"), json!({ "withdraw": [case.review.id] }), "OPINION_NOT_ASKED"),
            (app.reviewer("SJJ"), json!({ "opinions": opinions(&["WJW"]) }), "ALREADY_ASKED"),
            (app.reviewer("CGJ"), input, "NOT_YOURS"),
            (app.supervisor(), json!({}), "FORBIDDEN"),
        ] {
            let told = of(who, input.clone()).await;
            let errors = told.list("case.previewOpinions.userErrors");
            assert_eq!(errors[0]["code"], code, "{input}: {told}");
        }
        assert_unchanged(&before, &app.written().await, "a preview");
    }

    async fn what_departments_agree_on_is_read_where_they_contradict_each_other_and_stands_in_the_decision(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let reviews = ask(&app, case, &["XFD", "CGJ", "WJW"], "ALL").await;
        let on = |review: &str, opinion: &str, conditions: Value| json!({
            "idempotencyKey": new_key(), "reviewId": review, "opinion": opinion, "reasons": "见条件", "conditions": conditions,
        });
        let fire = json!({ "category": "消防", "text": "开业前完成疏散通道整改", "article": "消防法 第十五条" });
        let reviewer = app.reviewer("XFD");
        for (input, code, field) in [
            (on(&reviews[0], "DISAGREE", json!([fire])), "CONDITIONS_OF_DISAGREEMENT", "conditions"),
            (on(&reviews[0], "AGREE", json!([fire, fire])), "CONDITION_TWICE", "conditions.1"),
            (on(&reviews[0], "AGREE", json!([{ "category": "消防", "text": "整改", "article": " " }])), "TEXT_EMPTY", "conditions.0.article"),
            (on(&reviews[0], "AGREE", (0..21).map(|n| json!({ "category": "消防", "text": n.to_string(), "article": "甲" })).collect()), "LIST_TOO_LONG", "conditions"),
        ] {
            let refused = reviewer.act(&documents::GIVE_OPINION, input).await;
            assert_eq!(refused.user_errors("reviewGiveOpinion"), [code]);
            assert_eq!(refused.fields("reviewGiveOpinion"), [field]);
        }
        reviewer.act(&documents::GIVE_OPINION, on(&reviews[0], "AGREE", json!([fire]))).await.done();
        app.reviewer("CGJ").act(&documents::GIVE_OPINION, on(&reviews[1], "DISAGREE", json!([]))).await.done();
        opine(&app, "WJW", &reviews[2], "AGREE").await.done();

        let asked = "query Conflicts($id: ID!) { case(id: $id) { reviews { conditions { category text article } }
          conflicts { kind between { department { code } } categories } } }";
        let of = async |who: Client| who.query(asked, json!({ "id": case.id })).await.ok();
        let told = of(app.reviewer("SJJ")).await;
        assert_eq!(told.data("case.reviews.1.conditions"), &json!([fire]));
        let against = |who: &str| json!({ "kind": "OPINIONS", "categories": [],
            "between": [{ "department": { "code": who } }, { "department": { "code": "CGJ" } }] });
        assert_eq!(told.data("case.conflicts"), &json!([against("XFD"), against("WJW")]));
        let told = of(app.reviewer("WJW")).await;
        assert_eq!((told.data("case.conflicts"), told.data("case.reviews.1.conditions")), (&json!([]), &json!([])));

        app.agree(&case.review).await;
        app.decide(case, "GRANT", Some("城管意见已协调")).await.done();
        let paper = app.file(&application).await.paper("GRANT_DECISION");
        assert_eq!(paper.line("CONDITION"), "开业前完成疏散通道整改（消防法 第十五条）");
        app.assert_sound().await;
    }

    /// Who waits for others does not hold the clock; they do, each by its own.
    async fn while_opinions_are_out_those_who_were_asked_hold_the_clock(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        let asked = "query Owed($id: ID!) { application(id: $id) { outlook { owedActs { kind departmentCode clock dueOn critical } } } }";
        let owed = async || -> Vec<String> {
            let told = app.supervisor().query(asked, json!({ "id": application.id })).await.ok();
            let acts = told.list("application.outlook.owedActs").iter();
            acts.map(|act| format!("{} {} {} {} {}", act["kind"].as_str().unwrap(), act["departmentCode"].as_str().unwrap(),
                act["clock"].as_str().unwrap(), act["dueOn"].as_str().unwrap(), act["critical"])).collect()
        };
        assert_eq!(owed().await, ["OPINION SJJ STEP 2026-03-05 true"]);
        let reviews = ask(&app, case, &["CGJ", "XFD?"], "ALL").await;
        assert_eq!(owed().await, ["OPINION CGJ OPINION 2026-03-09 true", "OPINION XFD OPINION 2026-03-09 false"]);
        opine(&app, "CGJ", &reviews[0], "AGREE").await.done();
        assert_eq!(owed().await, ["OPINION SJJ STEP 2026-03-05 true", "OPINION XFD OPINION 2026-03-09 false"]);
        app.agree(&case.review).await;
        assert_eq!(owed().await[1..], ["OPINION XFD OPINION 2026-03-09 false"]);
        app.grant(case).await;
        assert_eq!(app.file(&application).await.text("state"), "CONCLUDED");
    }

    /// Everybody answers at once, some twice, while the department tries to end its examination and asks once more.
    async fn of_many_who_act_at_once_each_opinion_counts_once(app: TestApp) {
        for _ in 0..3 {
            let application = app.submit(&[ITEM]).await;
            let case = &application.cases[0];
            let others = ["CGJ", "XFD", "WJW", "ZJJ", "YCJ", "JYJ"];
            let reviews = ask(&app, case, &others, "ALL").await;
            let all = others.iter().zip(&reviews).flat_map(|(who, review)| {
                [opine(&app, who, review, "AGREE"), opine(&app, who, review, "DISAGREE")]
            });
            let answers = join_all(all).await;
            let given = answers.iter().filter(|answer| answer.user_errors("reviewGiveOpinion").is_empty()).count();
            assert_eq!(given, others.len(), "one of each two");
            app.agree(&case.review).await;
            app.decide(case, "GRANT", Some("综合各部门意见")).await.done();
        }
        app.assert_sound().await;
    }
}

/// The first option of each question of a bundle.
fn first_answers(bundle: &str) -> Vec<(&'static str, &'static str)> {
    let file = crate::support::seed::catalogue_file();
    let found = file
        .bundles
        .iter()
        .find(|found| found.code == bundle)
        .unwrap();
    let questions = found.questions.iter();
    questions
        .map(|question| (question.id.as_str(), question.options[0].value.as_str()))
        .collect()
}
