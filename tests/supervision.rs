//! Electronic supervision of time, each rule by its number: what is raised, when, on what evidence, for whom, and once.

use lianshen::case::{
    self, BeginProcedure, Decide, EndCase, EndProcedure, ExtendCase, RenotifyProcedure,
    begin_procedure, end_procedure, extend_case, renotify_procedure, terminate,
};
use lianshen_domain::clock::Limit;
use lianshen_domain::item::{ExtensionApprover, SpecialProcedureKind};
use serde_json::{Value, json};

use crate::support::cards::{on_case, raw};
use crate::support::world::{Application, Case, input_for_bundle, input_for_items, new_key};
use crate::support::{TestApp, documents, each_db};

/// Examination three days, decision two: promised in five, ten by law.
const ITEM: &str = "SJJ-01-002";
/// Examination five days, decision two: promised in seven, twenty by law; an expert review may suspend it.
const WITH_REVIEW: &str = "FGW-01-002";

/// From Monday, 2 March 2026: the examination ends on the 5th, the promise on the 9th, the statutory period on the 16th.
const NEGLECTED: &[&str] = &[
    "TIME_01 ALERT 2026-03-06",
    "TIME_05 YELLOW 2026-03-06",
    "TIME_02 YELLOW 2026-03-10",
    "TIME_03 ALERT 2026-03-13",
    "TIME_10 RED 2026-03-13",
    "TIME_04 RED 2026-03-17",
];

each_db! {
    /// Trap 14: nobody calls anything but the sweep.
    async fn time_01_to_05_and_10_each_come_on_their_day(app: TestApp) {
        app.submit(&[ITEM]).await;
        app.sweep_daily_until("2026-04-30").await;

        assert_eq!(app.cards().await, NEGLECTED);
        for card in app.card_rows().await {
            let written_on = lianshen_domain::calendar::local_date(card.raised_at);
            assert_eq!(written_on, card.raised_on, "{}", card.rule.0 as usize);
        }
        app.assert_announced_once().await;
    }

    async fn after_weeks_without_a_sweep_each_has_its_own_day_and_the_same_evidence(app: TestApp) {
        app.submit(&[ITEM]).await;
        app.sweep_daily_until("2026-03-31").await;
        let daily = app.card_rows().await;
        app.clock.set(crate::support::clock::ManualClock::start());
        app.submit(&[ITEM]).await;
        app.go_to("2026-03-31");

        let report = app.sweep().await;
        assert_eq!((report.changed, report.cleared, report.failed), (6, 0, 0));
        assert_eq!(app.sweep().await, case::SweepReport::default());
        let all = app.card_rows().await;
        let late: Vec<_> = all.iter().filter(|card| daily.iter().all(|known| known.id != card.id)).collect();
        let said = |card: &lianshen_entity::card::Model| {
            (card.rule, card.level, card.occurrence.clone(), card.raised_on, card.evidence.clone())
        };
        assert_eq!(late.iter().map(|card| said(card)).collect::<Vec<_>>(), daily.iter().map(said).collect::<Vec<_>>());
        app.assert_announced_once().await;
    }

    /// No sweep ever ran: the acts themselves raise what had come by then.
    async fn an_act_loses_nothing_that_had_come_before_it(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        app.go_to("2026-03-11");
        app.agree(&case.review).await;
        app.grant(case).await;

        let raised = [
            "TIME_01 ALERT 2026-03-06 until 2026-03-11",
            "TIME_05 YELLOW 2026-03-06",
            "TIME_02 YELLOW 2026-03-10",
        ];
        assert_eq!(app.cards().await, raised);
        assert_eq!(app.sweep().await.changed, 0);
        app.go_to("2026-03-26");
        app.sweep().await;
        assert_eq!(app.cards().await[..3], raised, "what was decided late raises no more for it");
        assert_eq!(app.cards().await[3..], ["TIME_08 YELLOW 2026-03-26"]);
        app.assert_announced_once().await;
    }

    /// What supervision finds because of an act stands behind it in the ledger; what had come before the act, before it.
    async fn what_an_act_makes_due_or_clears_is_told_after_the_act(app: TestApp) {
        let mut input = input_for_bundle("YJS-001", &[("Q1", "N"), ("Q2", "Y"), ("Q3", "P"), ("Q4", "N"), ("Q5", "N"), ("Q6", "N")]);
        input["receiveOnly"] = json!(true);
        let application = app.submit_input(input).await;
        app.clerk().does("applicationAccept", &application.id, json!({})).await.done();
        let first = application.case("SJJ-01-001");
        app.agree(&first.review).await;
        app.grant(first).await;
        let food = application.case("SJJ-01-002");
        app.go_to("2026-03-10");
        app.agree(&food.review).await;
        app.grant(food).await;

        let file = app.file(&application).await;
        let told = |kind: &str, case: Option<&Case>| {
            let mut nodes = file.0.list("application.timeline.nodes").iter();
            let found = nodes.position(|event| event["kind"] == kind && case.is_none_or(|case| event["caseId"] == json!(case.id)));
            found.unwrap_or_else(|| panic!("no {kind}: {}", file.0))
        };
        let fire = Some(application.case("XFD-01-001"));
        // Due on the day of the acceptance, as soon as there is one; cleared by the decision.
        assert!(told("APPLICATION_ACCEPTED", None) < told("DEADLINE_NEAR", Some(first)));
        assert!(told("CASE_GRANTED", Some(first)) < told("CARD_CLEARED", Some(first)));
        assert!(told("CASE_STARTED", fire) < told("DEADLINE_NEAR", fire));
        // Promised for the 9th: that had passed when somebody came to it.
        assert!(told("PROMISE_OVERDUE", Some(food)) < told("CASE_GRANTED", Some(food)));
        app.assert_announced_once().await;
        app.assert_sound().await;
    }

    /// 即办件: promised for the day of acceptance, so near from its beginning.
    async fn what_is_promised_for_the_day_warns_on_that_day(app: TestApp) {
        app.submit(&["SJJ-01-001"]).await;
        app.sweep().await;
        assert_eq!(app.cards().await, ["TIME_01 ALERT 2026-03-02"]);
        app.sweep_daily_until("2026-03-03").await;
        assert_eq!(app.cards().await, ["TIME_01 ALERT 2026-03-02", "TIME_02 YELLOW 2026-03-03"]);
        app.assert_announced_once().await;
    }

    async fn time_06_warns_and_is_yellow_when_silence_accepts(app: TestApp) {
        let application = received(&app).await;
        app.sweep_daily_until("2026-03-09").await;
        assert_eq!(app.cards().await, ["TIME_06 ALERT 2026-03-06"]);
        app.sweep_daily_until("2026-03-10").await;
        // Accepted as of the day of receipt: so the promise has run since, and passed.
        assert_eq!(
            app.cards().await,
            [
                "TIME_01 ALERT 2026-03-06",
                "TIME_05 YELLOW 2026-03-06",
                "TIME_06 ALERT 2026-03-06 until 2026-03-10",
                "TIME_02 YELLOW 2026-03-10",
                "TIME_06 YELLOW 2026-03-10",
            ]
        );
        app.assert_announced_once().await;

        // One that is accepted in its time raises no card.
        let second = received(&app).await;
        let input = json!({ "idempotencyKey": new_key(), "applicationId": second.id });
        app.clerk().act(&documents::ACCEPT, input).await.done();
        app.go_to("2026-03-31");
        app.sweep().await;
        let about = raw(&second.id);
        assert!(app.card_rows().await.iter().all(|card| card.subject_id != about));
        assert_ne!(application.id, second.id);
    }

    async fn time_07_is_yellow_then_red_and_moves_with_a_notice_in_time(app: TestApp) {
        let longer = app.submit(&[WITH_REVIEW]).await;
        let told = app.submit(&[WITH_REVIEW]).await;
        app.go_to("2026-03-03");
        for application in [&longer, &told] {
            begin(&app, &application.cases[0], 5).await;
        }
        app.go_to("2026-03-09");
        let again = RenotifyProcedure {
            on: on_case(&told.cases[0].id, None),
            kind: SpecialProcedureKind::ExpertReview,
            expected: Limit::workdays(15),
            reasons: "专家另行约定时间。".into(),
        };
        renotify_procedure(app.program(), &app.actor("reviewer-fgw").await, again).await.unwrap();
        app.sweep_daily_until("2026-04-30").await;

        let of = |application: &Application| {
            let subject = raw(&application.cases[0].id);
            let app = app.clone();
            async move {
                let rows = app.card_rows().await;
                let own = rows.iter().filter(|card| card.subject_id == subject);
                own.map(crate::support::cards::card_line).collect::<Vec<_>>()
            }
        };
        // Promise, statute and step stand still, and so raise nothing.
        assert_eq!(of(&longer).await, ["TIME_07 YELLOW 2026-03-11", "TIME_07 RED 2026-03-18"]);
        assert_eq!(of(&told).await, ["TIME_07 YELLOW 2026-03-25", "TIME_07 RED 2026-04-01"]);
        app.assert_announced_once().await;
    }

    async fn time_08_is_for_results_that_are_not_handed_over(app: TestApp) {
        let waits = app.submit(&[ITEM]).await;
        let goes = app.submit(&[ITEM]).await;
        for application in [&waits, &goes] {
            app.agree(&application.cases[0].review).await;
            app.grant(&application.cases[0]).await;
        }
        app.go_to("2026-03-16");
        app.deliver(&goes).await;
        app.sweep_daily_until("2026-04-30").await;

        assert_eq!(app.cards().await, ["TIME_08 YELLOW 2026-03-17"]);
        assert_eq!(app.card_rows().await[0].application_id, raw(&waits.id));
        app.assert_announced_once().await;
    }

    async fn an_alert_goes_away_with_its_cause_and_comes_again_with_it(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        let case = &application.cases[0];
        app.sweep_daily_until("2026-03-09").await;
        extend(&app, case, 5).await;
        assert_eq!(
            app.cards().await,
            ["TIME_01 ALERT 2026-03-06 until 2026-03-09", "TIME_05 YELLOW 2026-03-06"],
            "a card is not taken back"
        );

        app.sweep_daily_until("2026-03-13").await;
        assert_eq!(app.cards().await[2..], ["TIME_01 ALERT 2026-03-13"]);
        app.agree(&case.review).await;
        app.grant(case).await;
        assert_eq!(app.cards().await[2..], ["TIME_01 ALERT 2026-03-13 until 2026-03-13"]);
        app.assert_announced_once().await;
    }

    /// A procedure that ended days ago, entered today: the period had run on, and what it raised is dated to its days.
    async fn what_an_entry_after_the_fact_makes_due_is_raised_with_it(app: TestApp) {
        let application = app.submit(&[WITH_REVIEW]).await;
        let case = &application.cases[0];
        app.go_to("2026-03-03");
        begin(&app, case, 30).await;
        app.sweep_daily_until("2026-03-27").await;
        assert_eq!(app.cards().await, Vec::<String>::new());

        let ended = EndProcedure {
            on: on_case(&case.id, Some("2026-03-10")),
            kind: SpecialProcedureKind::ExpertReview,
            finding: "通过。".into(),
        };
        end_procedure(app.program(), &app.actor("decider-fgw").await, ended).await.unwrap();
        // One day had been charged, six of the promise were left from the 11th: until the 18th.
        let raised = app.cards().await;
        assert!(raised.contains(&"TIME_01 ALERT 2026-03-17".to_owned()), "{raised:?}");
        assert!(raised.contains(&"TIME_02 YELLOW 2026-03-19".to_owned()), "{raised:?}");
        assert!(raised.contains(&"TIME_10 RED 2026-03-24".to_owned()), "{raised:?}");
        assert_eq!(app.sweep().await.changed, 0, "all of it was raised with the act");
        app.assert_announced_once().await;
    }

    /// Trap 11: a closed case compared with today. An entry after the fact heals nothing.
    async fn a_lamp_after_closing_never_changes(app: TestApp) {
        let applications = [app.submit(&[ITEM]).await, app.submit(&[ITEM]).await];
        let [in_time, late] = applications.each_ref().map(|application| &application.cases[0]);
        for (case, happened, entered) in [(in_time, "2026-03-05", "2026-03-06"), (late, "2026-03-09", "2026-03-11")] {
            app.go_to(happened);
            app.agree(&case.review).await;
            app.go_to(entered);
            let decision = Decide {
                idempotency_key: new_key(),
                case: raw(&case.id),
                granted: true,
                reasons: None,
                happened_on: Some(happened.parse().unwrap()),
                expected_version: None,
            };
            case::decide(app.program(), &app.actor("decider-sjj").await, decision).await.unwrap();
        }
        for later in ["2026-03-11", "2026-03-31", "2027-12-31"] {
            app.go_to(later);
            app.sweep().await;
            assert_eq!(shown(&app, in_time).await, ["GREEN", "GREEN"], "{later}");
            // Entered when the promise had passed, so it is late, although the opinion came in time.
            assert_eq!(shown(&app, late).await, ["YELLOW", "GREEN"], "{later}");
            app.assert_found_by_lamp().await;
        }
        app.assert_announced_once().await;
    }

    /// What a predecessor's refusal ends keeps the lamp that it had, and one that never began has none.
    async fn a_review_that_was_cancelled_keeps_its_lamp(app: TestApp) {
        let application = app.submit(&[ITEM, "CGJ-01-001"]).await;
        let case = application.case("CGJ-01-001");
        app.go_to("2026-03-09");
        let ended = EndCase {
            on: on_case(&case.id, None),
            reasons: "申请人主体终止。".into(),
        };
        terminate(app.program(), &app.actor("decider-cgj").await, ended).await.unwrap();
        for later in ["2026-03-09", "2026-12-31"] {
            app.go_to(later);
            assert_eq!(shown(&app, case).await, ["YELLOW", "YELLOW"], "{later}");
            app.assert_found_by_lamp().await;
        }
    }

    async fn sweeps_and_acts_at_once_announce_each_once(app: TestApp) {
        let mut all = Vec::new();
        for _ in 0..4 {
            all.push(app.submit(&[ITEM]).await);
        }
        app.go_to("2026-03-31");
        for application in &all[..2] {
            app.agree(&application.cases[0].review).await;
        }
        let (first, second, third, _, _) = tokio::join!(
            app.sweep(),
            app.sweep(),
            app.sweep(),
            app.decide(&all[0].cases[0], "GRANT", None),
            app.decide(&all[1].cases[0], "GRANT", None),
        );
        for report in [first, second, third, app.sweep().await] {
            assert_eq!(report.failed, 0);
        }
        assert_eq!(app.card_rows().await.len(), 24);
        app.assert_announced_once().await;
    }

    /// What is not due costs nothing: one statement finds that, however much there is, and one whether the thresholds are
    /// those by which it was looked at last.
    async fn a_sweep_costs_what_is_due(app: TestApp) {
        for _ in 0..6 {
            app.submit(&[ITEM]).await;
        }
        app.go_to("2026-03-04");
        let count = || app.statements();
        app.sweep().await;
        let idle = count();
        app.sweep().await;
        idle.assert(2);

        app.go_to("2026-03-06");
        let counted = count();
        assert_eq!(app.sweep().await.changed, 12);
        let per_application = (counted.list().len() - 2) / 6;
        assert!(per_application <= 10, "{per_application} statements:\n{}", counted.list()[..12].join("\n"));
        let idle = count();
        app.sweep().await;
        idle.assert(2);
    }

    async fn everybody_is_told_of_what_is_theirs(app: TestApp) {
        let everything = [("Q1", "N"), ("Q2", "Y"), ("Q3", "P"), ("Q4", "Y"), ("Q5", "Y"), ("Q6", "Y")];
        let application = app.restaurant(&everything).await;
        let first = application.cases.iter().find(|case| case.state == "IN_REVIEW").unwrap();
        app.agree(&first.review).await;
        app.grant(first).await;
        app.go_to("2026-05-29");
        app.sweep().await;
        let rows = app.card_rows().await;
        let started: Vec<&Case> = application
            .cases
            .iter()
            .filter(|case| rows.iter().any(|card| card.subject_id == raw(&case.id)))
            .collect();
        let departments: std::collections::BTreeSet<&str> = started.iter().map(|case| &*case.department).collect();
        assert!(departments.len() > 1, "{departments:?}");
        let of_department = |code: &str| rows.iter().filter(|card| card.department == code).count();
        let (all, sjj) = (rows.len(), of_department("SJJ"));
        let other = *departments.iter().find(|code| **code != "SJJ").unwrap();
        let reviewer_of_other = format!("reviewer-{}", other.to_lowercase());
        assert!(rows.iter().any(|card| card.case_id.is_none()), "the whole is late, too");

        for (who, beside, listed) in [
            ("supervisor", all, Some(all)),
            ("administrator", all, Some(all)),
            ("lead-sjj", all, Some(all)),
            ("reviewer-sjj", sjj, Some(sjj)),
            ("decider-sjj", sjj, Some(sjj)),
            (&*reviewer_of_other, of_department(other), Some(of_department(other))),
            ("reviewer-jyj", 0, Some(0)),
            ("clerk", all, None),
            ("clerk-2", 0, None),
            ("applicant", 0, None),
            ("system", 0, None),
        ] {
            let client = app.as_(who);
            let told = client.query(&documents::CARDS_OF, json!({ "id": application.id })).await;
            let told = match told.data("application") {
                Value::Null => 0,
                _ => told.list("application.cards").len(),
            };
            assert_eq!(told, beside, "{who} beside the application");
            let list = client.query(&documents::CARDS, json!({ "first": 100 })).await;
            match listed {
                Some(count) => {
                    let list = list.ok();
                    assert_eq!(list.number("cards.totalCount"), i64::try_from(count).unwrap(), "{who}");
                    assert_eq!(list.list("cards.nodes").len(), count.min(100), "{who}");
                }
                None => assert_eq!(list.error_code(), "FORBIDDEN", "{who}"),
            }
        }
        let nobody = app.nobody().query(&documents::CARDS, json!({})).await;
        assert_eq!(nobody.error_code(), "UNAUTHENTICATED");
    }

    async fn the_list_is_filtered_paged_and_tells_the_evidence(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        app.submit(&["CGJ-01-001"]).await;
        app.sweep_daily_until("2026-03-12").await;
        app.agree(&application.cases[0].review).await;
        app.grant(&application.cases[0]).await;
        let supervisor = app.supervisor();
        let list = async |filter: Value| {
            let list = supervisor.query(&documents::CARDS, json!({ "filter": filter })).await.ok();
            let lines = list.list("cards.nodes").iter().map(|node| {
                format!("{} {} {}", node["rule"].as_str().unwrap(), node["department"]["code"].as_str().unwrap(),
                    node["raisedOn"].as_str().unwrap())
            });
            let mut lines: Vec<_> = lines.collect();
            lines.sort();
            lines
        };
        assert_eq!(
            list(json!({ "rule": "TIME_02" })).await,
            ["TIME_02 CGJ 2026-03-06", "TIME_02 SJJ 2026-03-10"]
        );
        assert_eq!(list(json!({ "level": "ALERT", "cleared": false })).await, ["TIME_01 CGJ 2026-03-04"]);
        assert_eq!(list(json!({ "cleared": true })).await, ["TIME_01 SJJ 2026-03-06"]);
        assert_eq!(
            list(json!({ "departmentCode": "SJJ", "raisedFrom": "2026-03-07", "raisedTo": "2026-03-12" })).await,
            ["TIME_02 SJJ 2026-03-10"]
        );
        assert_eq!(list(json!({ "departmentCode": "JYJ" })).await, Vec::<String>::new());

        let mut seen = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = supervisor.query(&documents::CARDS, json!({ "first": 2, "after": after })).await.ok();
            seen.extend(page.texts("cards.nodes", "id"));
            if page.data("cards.pageInfo.hasNextPage") == &json!(false) {
                break;
            }
            after = page.data("cards.pageInfo.endCursor").clone();
        }
        let whole = supervisor.query(&documents::CARDS, json!({})).await.ok();
        assert_eq!(seen, whole.texts("cards.nodes", "id"));
        assert_eq!(seen.len(), app.card_rows().await.len());

        let filter = json!({ "rule": "TIME_02", "departmentCode": "SJJ" });
        let told = supervisor.query(&documents::CARDS, json!({ "filter": filter })).await.ok();
        let english = supervisor.in_english().query(&documents::CARDS, json!({ "filter": filter })).await.ok();
        assert_eq!(told.text("cards.nodes.0.ruleName"), "承诺时限届满");
        assert_eq!(english.text("cards.nodes.0.ruleName"), "The promised limit has passed");
        assert_eq!(told.text("cards.nodes.0.case.id"), application.cases[0].id);
        assert_eq!(told.text("cards.nodes.0.application.id"), application.id);
        assert_eq!(
            told.data("cards.nodes.0.evidence"),
            &json!({
                "clock": "PROMISED", "clockName": "承诺办结时限", "ordinal": 1, "anchorOn": "2026-03-02",
                "dueOn": "2026-03-09", "charged": 6, "total": 5, "unit": "WORKDAY",
                "article": "办事指南；《行政许可法》第四十二条第一款、第四十五条",
            })
        );
    }
}

/// An application that was received only.
async fn received(app: &TestApp) -> Application {
    let mut input = input_for_items(&[ITEM]);
    input["receiveOnly"] = json!(true);
    app.submit_input(input).await
}

async fn begin(app: &TestApp, case: &Case, days: u32) {
    let begun = BeginProcedure {
        on: on_case(&case.id, None),
        kind: SpecialProcedureKind::ExpertReview,
        expected: Limit::workdays(days),
        notice_delivered_on: app.clock.today(),
        of_own_motion: false,
    };
    let reviewer = app.actor("reviewer-fgw").await;
    begin_procedure(app.program(), &reviewer, begun)
        .await
        .unwrap();
}

async fn extend(app: &TestApp, case: &Case, days: u32) {
    let extended = ExtendCase {
        on: on_case(&case.id, None),
        days,
        approver: ExtensionApprover::AgencyHead,
        reasons: "案情复杂。".into(),
    };
    let decider = app.actor("decider-sjj").await;
    extend_case(app.program(), &decider, extended)
        .await
        .unwrap();
}

/// The lamps of a case and of its review.
async fn shown(app: &TestApp, case: &Case) -> [String; 2] {
    let query = "query Lamps($id: ID!) { case(id: $id) { lamp reviews { lamp } } }";
    let told = app
        .supervisor()
        .query(query, json!({ "id": case.id }))
        .await
        .ok();
    [told.text("case.lamp"), told.text("case.reviews.0.lamp")]
}
