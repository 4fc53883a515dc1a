//! Previews: what would be due. Every worked example goes through the real endpoint, and every rule beside them.

use serde_json::{Map, Value, json};

use crate::support::written::assert_unchanged;
use crate::support::{Answer, TestApp, each_db};

const CASE: &str = "query Preview($input: DeadlinePreviewInput!) { deadlinePreview(input: $input) {
  anchorDate acceptanceCheckDue deemedAccepted deemedAcceptanceEstablishedOn
  promised { ...Period } statutory { ...Period } userErrors { code message field } } }
  fragment Period on PreviewDeadline { due remaining remainingUnit state overdueWorkdays onTime elapsedWorkdays
    projectedDueIfResumedOnAsOf provisional notes }";

const DAYS: &str = "query Preview($input: DeadlinePreviewInput!) { deadlinePreview(input: $input) {
  clocks { kind name label date lapsesOn lapseLabel onLapse article provisional law { act year order inForceFrom } }
  dates { date isWorkday workdays provisional } userErrors { code message field } } }";

const JOINT: &str = "query Preview($input: DeadlinePreviewInput!) { deadlinePreview(input: $input) {
  joint { any { ...Dates } all { ...Dates } none { ...Dates } byPolicy { policy statutoryDue } sumOfComponents
    components { code promisedDue statutoryDue onTime } serial { code startsOn } }
  userErrors { code message field } } }
  fragment Dates on PreviewJointDates { policy promisedDue statutoryDue excludedWorkdays provisional }";

const LEDGER: &str = "query Preview($input: DeadlinePreviewInput!, $first: Int, $from: Date) { deadlinePreview(input: $input) {
  statutory { dayCount days(first: $first, from: $from) { date rule text kind ordinal remaining notice holiday article
    suspension { startedOn endedOn procedure reason number } provisional } sheet whyOverdue }
  promised { sheet whyOverdue } userErrors { code field } } }";

each_db! {
    /// Anybody may ask, and gets what the law says to the day.
    async fn every_worked_example_comes_out_by_the_api(app: TestApp) {
        let file: Value = serde_json::from_str(include_str!("../domain/testdata/deadline-examples.json")).unwrap();
        let before = app.written().await;
        let mut seen = [0; 3];
        for example in file["examples"].as_array().unwrap() {
            let kind = example["kind"].as_str().unwrap();
            match kind {
                "CLOCK" => {
                    seen[0] += 1;
                    case_of(&app, example).await;
                }
                "DATE_ARITH" => {
                    seen[1] += 1;
                    dates_of(&app, example).await;
                }
                "JOINT" => {
                    seen[2] += 1;
                    joint_of(&app, example).await;
                }
                other => panic!("{}: unknown kind {other}", example["id"]),
            }
        }
        assert_eq!(seen, [26, 12, 1]);
        assert_unchanged(&before, &app.written().await, "previews");
    }

    /// The rules at their edges, each by hand.
    async fn every_rule_holds_beside_the_examples(app: TestApp) {
        let accepted = |day: &str| event("ACCEPTED", day);
        let suspend = |day: &str, reason: &str| with(event("SUSPEND", day), "reason", json!(reason));
        let extend = |day: &str, days: i32| with(with(event("EXTEND", day), "days", json!(days)), "approvedBy", json!("AGENCY_HEAD"));
        let evening = |event: Value| with(event, "afterHours", json!(true));
        let only_promised = |event: Value| with(event, "appliesTo", json!(["promised"]));
        let config = |name: &str, value: Value| json!({ "config": { name: value } });
        let none = || json!({});
        let march = || accepted("2026-03-02");
        let rows: Vec<(&str, Value, Vec<Value>, &str, Value)> = vec![
            // A.4-1: which of its days a suspension excludes.
            ("inclusive", config("suspensionBoundary", json!("INCLUSIVE")),
                vec![accepted("2025-03-03"), suspend("2025-03-06", "EXPERT_REVIEW"), event("RESUME", "2025-03-19")], "2025-03-20",
                json!({ "promised": { "due": "2025-03-24" } })),
            ("one day, inclusive", config("suspensionBoundary", json!("INCLUSIVE")),
                vec![march(), suspend("2026-03-04", "TESTING"), event("RESUME", "2026-03-04")], "2026-03-05",
                json!({ "promised": { "due": "2026-03-10" } })),
            // A.4-4: overlaps count once; a suspension after the end touches nothing, and the other clock all the more.
            ("overlap", none(), vec![march(), suspend("2026-03-04", "HEARING"), suspend("2026-03-05", "EXPERT_REVIEW"),
                with(event("RESUME", "2026-03-09"), "reason", json!("HEARING")), event("RESUME", "2026-03-11")], "2026-03-12",
                json!({ "promised": { "due": "2026-03-16", "remaining": 2 }, "statutory": { "due": "2026-04-07" } })),
            ("suspended after the promise", none(), vec![march(), suspend("2026-03-11", "TESTING"), event("RESUME", "2026-03-18")],
                "2026-03-19", json!({ "promised": { "due": "2026-03-09", "remaining": -8, "state": "OVERDUE", "overdueWorkdays": 8,
                    "notes": ["suspension started on 2026-03-11 has no effect: clock expired on 2026-03-09"] },
                    "statutory": { "due": "2026-04-07", "notes": [] } })),
            ("the overdue promise goes on while the law's period stands still", none(), vec![march(), suspend("2026-03-11", "TESTING")],
                "2026-03-19", json!({ "promised": { "state": "OVERDUE", "remaining": -8 },
                    "statutory": { "due": null, "state": "SUSPENDED", "remaining": 13, "projectedDueIfResumedOnAsOf": "2026-04-08" } })),
            // A.4-6: an extension in time, on the last day, late; and one that leaves the promise alone. Trap 1: its days meet 清明.
            ("extended on the last day", none(), vec![march(), extend("2026-03-09", 5)], "2026-03-09",
                json!({ "promised": { "due": "2026-03-16" }, "statutory": { "due": "2026-04-07" } })),
            ("extended a day late", none(), vec![march(), extend("2026-03-31", 10)], "2026-04-01",
                json!({ "promised": { "due": "2026-03-09", "notes": ["extension approved on 2026-03-31 has no effect: clock expired on 2026-03-09"] },
                    "statutory": { "due": "2026-03-30", "state": "OVERDUE", "overdueWorkdays": 2,
                    "notes": ["extension approved on 2026-03-31 has no effect: clock expired on 2026-03-30"] } })),
            ("the promise is not extended", config("extensionAppliesToPromise", json!(false)), vec![march(), extend("2026-03-05", 5)], "2026-03-06",
                json!({ "promised": { "due": "2026-03-09", "notes": [] }, "statutory": { "due": "2026-04-07" } })),
            // A.4-8: the applicant is waited for.
            ("the promise does not pause", config("postAcceptanceSupplementPausesPromise", json!(false)),
                vec![march(), only_promised(suspend("2026-03-04", "APPLICANT_SUPPLEMENT")), only_promised(event("RESUME", "2026-03-11"))], "2026-03-12",
                json!({ "promised": { "due": "2026-03-09" }, "statutory": { "due": "2026-03-30" } })),
            ("the law's period never pauses for the applicant", none(),
                vec![march(), suspend("2026-03-04", "APPLICANT_SUPPLEMENT"), event("RESUME", "2026-03-11")], "2026-03-12",
                json!({ "promised": { "due": "2026-03-16" }, "statutory": { "due": "2026-03-30" } })),
            ("no more than notified", config("capExclusionAtNotifiedDuration", json!(true)),
                vec![march(), with(suspend("2026-03-04", "TESTING"), "notifiedDays", json!(2)), event("RESUME", "2026-03-11")], "2026-03-12",
                json!({ "promised": { "due": "2026-03-11" }, "statutory": { "due": "2026-04-01" } })),
            // Art. 32: silence, the late notice, the notice in time, the supplement, the late acceptance.
            ("silence after the supplement", none(),
                vec![event("RECEIVED", "2026-03-02"), event("CORRECTION_NOTICE", "2026-03-04"), event("SUPPLEMENT", "2026-03-10")], "2026-03-18",
                json!({ "anchorDate": "2026-03-10", "acceptanceCheckDue": "2026-03-17", "deemedAccepted": true,
                    "deemedAcceptanceEstablishedOn": "2026-03-18", "promised": { "due": "2026-03-17", "state": "OVERDUE", "remaining": -1 } })),
            ("before silence has accepted", none(),
                vec![event("RECEIVED", "2026-03-02"), event("CORRECTION_NOTICE", "2026-03-04"), event("SUPPLEMENT", "2026-03-10")], "2026-03-17",
                json!({ "anchorDate": null, "deemedAccepted": false, "promised": null, "statutory": null })),
            ("the applicant is waited for", none(), vec![event("RECEIVED", "2026-03-02"), event("CORRECTION_NOTICE", "2026-03-09")], "2026-04-30",
                json!({ "anchorDate": null, "acceptanceCheckDue": "2026-03-09", "deemedAccepted": false, "promised": null })),
            ("accepted after silence had", none(), vec![event("RECEIVED", "2026-03-02"), accepted("2026-03-12")], "2026-03-13",
                json!({ "anchorDate": "2026-03-02", "deemedAccepted": true, "deemedAcceptanceEstablishedOn": "2026-03-10",
                    "promised": { "due": "2026-03-09", "remaining": -4 } })),
            ("refused after silence had accepted", none(), vec![event("RECEIVED", "2026-03-02"), event("NOT_ACCEPTED", "2026-03-10")], "2026-03-10",
                json!({ "anchorDate": "2026-03-02", "deemedAccepted": true })),
            ("refused in time", none(), vec![event("RECEIVED", "2026-03-02"), event("NOT_ACCEPTED", "2026-03-09")], "2026-04-10",
                json!({ "anchorDate": null, "deemedAccepted": false, "statutory": null })),
            ("accepted on the last day of the check", none(), vec![event("RECEIVED", "2026-03-02"), accepted("2026-03-09")], "2026-03-10",
                json!({ "anchorDate": "2026-03-09", "deemedAccepted": false, "promised": { "due": "2026-03-16" } })),
            ("a check of two days", config("acceptanceCheckDays", json!(2)), vec![event("RECEIVED", "2026-03-02")], "2026-03-05",
                json!({ "anchorDate": "2026-03-02", "acceptanceCheckDue": "2026-03-04", "deemedAccepted": true })),
            // A.4-7: what comes in the evening, where a centre counts it as of the next day; what ends a period does not roll.
            ("in the evening", config("afterHoursRollsForward", json!(true)), vec![evening(event("RECEIVED", "2026-03-02"))], "2026-03-11",
                json!({ "anchorDate": "2026-03-03", "acceptanceCheckDue": "2026-03-10", "deemedAccepted": true,
                    "deemedAcceptanceEstablishedOn": "2026-03-11", "promised": { "due": "2026-03-10" } })),
            ("in the evening, where it makes no difference", none(), vec![evening(event("RECEIVED", "2026-03-02"))], "2026-03-11",
                json!({ "anchorDate": "2026-03-02", "acceptanceCheckDue": "2026-03-09", "deemedAccepted": true })),
            ("accepted in the same evening", config("afterHoursRollsForward", json!(true)),
                vec![evening(event("RECEIVED", "2026-03-02")), evening(march())], "2026-03-03",
                json!({ "anchorDate": "2026-03-02", "deemedAccepted": false, "promised": { "due": "2026-03-09" } })),
            ("material in the evening", config("afterHoursRollsForward", json!(true)),
                vec![march(), suspend("2026-03-03", "APPLICANT_SUPPLEMENT"),
                    evening(with(event("RESUME", "2026-03-05"), "reason", json!("APPLICANT_SUPPLEMENT")))], "2026-03-06",
                json!({ "promised": { "due": "2026-03-12" }, "statutory": { "due": "2026-03-30" } })),
            // A.3-5: from receipt, whenever it is accepted.
            ("from receipt", json!({ "anchor": "RECEIVED" }), vec![event("RECEIVED", "2026-03-02"), accepted("2026-03-05")], "2026-03-06",
                json!({ "anchorDate": "2026-03-02", "promised": { "due": "2026-03-09" }, "deemedAccepted": false })),
            ("from receipt, not accepted yet", json!({ "anchor": "RECEIVED" }), vec![event("RECEIVED", "2026-03-02")], "2026-03-04",
                json!({ "anchorDate": "2026-03-02", "promised": { "due": "2026-03-09", "remaining": 3 }, "deemedAccepted": false })),
            ("from the supplement", json!({ "anchor": "RECEIVED" }), vec![event("RECEIVED", "2026-03-02"), event("CORRECTION_NOTICE", "2026-03-03"),
                event("SUPPLEMENT", "2026-03-10"), accepted("2026-03-12")], "2026-03-13", json!({ "anchorDate": "2026-03-10" })),
            // Trap 23: months on the 31st, and the roll; years; nothing at all.
            ("a month after the 31st", json!({ "statutory": { "n": 1, "unit": "MONTH" } }), vec![accepted("2026-01-31")], "2026-02-02",
                json!({ "statutory": { "due": "2026-02-28", "remaining": 26, "remainingUnit": "CALENDAR_DAY" } })),
            ("a month after August 31", json!({ "statutory": { "n": 1, "unit": "MONTH" } }), vec![accepted("2025-08-31")], "2025-09-01",
                json!({ "statutory": { "due": "2025-09-30" } })),
            ("a year, rolled", json!({ "statutory": { "n": 1, "unit": "YEAR" } }), vec![accepted("2024-10-04")], "2024-10-08",
                json!({ "statutory": { "due": "2025-10-09", "provisional": false } })),
            ("30 days, overdue", json!({ "statutory": { "n": 30, "unit": "CALENDAR_DAY" } }), vec![march()], "2026-04-06",
                json!({ "statutory": { "due": "2026-04-01", "remaining": -5, "state": "OVERDUE", "overdueWorkdays": 5 } })),
            ("on the spot, on a Sunday", json!({ "promised": { "n": 0, "unit": "WORKDAY" } }), vec![accepted("2026-03-01")], "2026-03-02",
                json!({ "promised": { "due": "2026-03-01", "state": "OVERDUE", "remaining": -1, "overdueWorkdays": 1 } })),
            // Ends: late stays late, and what ended during a suspension was in time.
            ("decided late", none(), vec![march(), event("DECIDED", "2026-03-12")], "2026-05-01",
                json!({ "promised": { "state": "STOPPED", "onTime": false, "overdueWorkdays": 3, "elapsedWorkdays": 8, "remaining": -3 },
                    "statutory": { "onTime": true, "overdueWorkdays": 0, "remaining": 12 } })),
            ("not decided yet", none(), vec![march(), event("DECIDED", "2026-03-12")], "2026-03-11",
                json!({ "promised": { "state": "OVERDUE", "onTime": null } })),
            ("withdrawn while suspended", none(), vec![march(), suspend("2026-03-04", "TESTING"), event("TERMINATED", "2026-03-20")], "2026-04-01",
                json!({ "statutory": { "state": "STOPPED", "onTime": true, "remaining": 18 } })),
            // Trap 6: no notice yet.
            ("far outside of all calendars", none(), vec![accepted("2199-12-30")], "2200-01-02",
                json!({ "promised": { "due": "2200-01-06", "provisional": true } })),
            ("before the first notice", none(), vec![accepted("1949-10-03")], "1949-10-04", json!({ "statutory": { "due": "1949-10-31", "provisional": true } })),
            ("nothing is known yet", none(), vec![march()], "2026-03-01", json!({ "anchorDate": null, "promised": null, "statutory": null })),
        ];
        for (name, more, events, as_of, expected) in rows {
            let input = merged(&base(&events, as_of), &more);
            let answer = app.nobody().query(CASE, json!({ "input": input })).await.done();
            compare(name, answer.data("deadlinePreview"), &expected, &answer);
        }
    }

    async fn bad_input_is_refused_by_its_code_and_says_where(app: TestApp) {
        let march = || event("ACCEPTED", "2026-03-02");
        let extend = |day: &str, days: i32| with(event("EXTEND", day), "days", json!(days));
        let many = |n: usize| (0..n).map(|_| march()).collect::<Vec<_>>();
        let stops = |components: usize, of_each: usize| {
            let stops = vec![json!(["2026-03-05", "2026-03-05"]); of_each];
            let components = vec![json!({ "code": "A", "clockStartsOn": "2026-03-02", "suspensions": stops }); components];
            json!({ "unifiedAcceptedOn": "2026-03-02", "components": components })
        };
        let rows: Vec<(Value, Vec<Value>, &str, &str)> = vec![
            (json!({}), vec![march(), event("DECIDED", "2026-02-27")], "ACT_OUT_OF_ORDER", "events.1.date"),
            (json!({}), vec![event("SUSPEND", "2026-03-01"), march()], "ACT_OUT_OF_ORDER", "events.0.date"),
            (json!({}), vec![march(), event("RECEIVED", "2026-03-02")], "ACT_OUT_OF_ORDER", "events.1.date"),
            (json!({}), vec![event("RECEIVED", "2026-03-02"), event("ACCEPTED", "2026-03-01")], "ACT_BEFORE_RECEIPT", "events.1.date"),
            (json!({}), vec![march(), event("RESUME", "2026-03-03")], "RESUME_WITHOUT_SUSPEND", "events.1"),
            (json!({}), vec![march(), with(event("SUSPEND", "2026-03-03"), "reason", json!("TESTING")),
                with(event("RESUME", "2026-03-04"), "reason", json!("HEARING"))], "RESUME_WITHOUT_SUSPEND", "events.2"),
            (json!({}), vec![], "NO_START", "events"),
            (json!({}), vec![event("DECIDED", "2026-03-03")], "NO_START", "events"),
            (json!({}), vec![march(), extend("2026-03-03", 5), extend("2026-03-04", 5)], "EXTENSION_TWICE", "events.2"),
            (json!({}), vec![march(), with(extend("2026-03-03", 5), "approvedBy", json!("MY_UNCLE"))], "CODE_UNKNOWN", "events.1.approvedBy"),
            (json!({}), vec![march(), extend("2026-03-03", 0)], "NUMBER_OUT_OF_RANGE", "events.1.days"),
            (json!({}), vec![march(), with(event("SUSPEND", "2026-03-03"), "reason", json!("HOLIDAY"))], "CODE_UNKNOWN", "events.1.reason"),
            (json!({}), vec![march(), with(event("SUSPEND", "2026-03-03"), "appliesTo", json!(["both"]))], "CODE_UNKNOWN", "events.1.appliesTo"),
            (json!({}), vec![march(), with(event("SUSPEND", "2026-03-03"), "notifiedDays", json!(-1))], "NUMBER_OUT_OF_RANGE", "events.1.notifiedDays"),
            (json!({ "promised": { "n": 3_651, "unit": "WORKDAY" } }), vec![march()], "NUMBER_OUT_OF_RANGE", "promised.n"),
            (json!({ "statutory": { "n": -1, "unit": "YEAR" } }), vec![march()], "NUMBER_OUT_OF_RANGE", "statutory.n"),
            (json!({ "config": { "acceptanceCheckDays": -1 } }), vec![march()], "NUMBER_OUT_OF_RANGE", "config.acceptanceCheckDays"),
            (json!({}), many(201), "LIST_TOO_LONG", "events"),
            (json!({}), vec![event("ACCEPTED", "1948-12-31")], "DATE_OUT_OF_RANGE", "events.0.date"),
            (json!({ "asOf": "1900-01-01" }), vec![march()], "DATE_OUT_OF_RANGE", "asOf"),
            (json!({ "clocks": [{ "kind": "DELIVERY", "on": "1900-01-01" }] }), vec![march()], "DATE_OUT_OF_RANGE", "clocks.0.on"),
            (json!({ "dates": [{ "from": "2026-03-02", "workdays": -3_651 }] }), vec![march()], "NUMBER_OUT_OF_RANGE", "dates.0.workdays"),
            (json!({ "joint": joint(&[("A", "2026-03-02", &["2026-03-05", "2026-03-03"])]) }), vec![march()], "ACT_OUT_OF_ORDER", "joint.components.0.suspensions.0"),
            (json!({ "joint": joint(&[("A", "2026-03-01", &[])]) }), vec![march()], "ACT_OUT_OF_ORDER", "joint.components.0.clockStartsOn"),
            (json!({ "joint": stops(5, 41) }), vec![march()], "LIST_TOO_LONG", "joint.components"),
            (json!({ "departmentCode": "sjj" }), vec![march()], "DEPARTMENT_UNKNOWN", "departmentCode"),
        ];
        for (more, events, code, field) in rows {
            let input = merged(&base(&events, "2026-03-06"), &more);
            let answer = app.nobody().query(CASE, json!({ "input": input })).await.ok();
            assert_eq!(answer.user_errors("deadlinePreview"), [code], "{answer}");
            assert_eq!(answer.fields("deadlinePreview"), [field], "{answer}");
            assert!(answer.data("deadlinePreview.promised").is_null() && answer.data("deadlinePreview.anchorDate").is_null());
        }
        let unknown = base(&[march(), with(extend("2026-03-03", 5), "approvedBy", json!("MY_UNCLE"))], "2026-03-06");
        let answer = app.nobody().query(CASE, json!({ "input": unknown })).await.ok();
        assert!(answer.messages()[0].contains("AGENCY_HEAD"), "what is known is listed: {answer}");
        let all = base(&[march(), extend("2026-03-04", 9_999), extend("2026-03-03", 5)], "2026-03-06");
        let all = merged(&all, &json!({ "departmentCode": "ABC" }));
        let answer = app.nobody().query(CASE, json!({ "input": all })).await.ok();
        let codes = ["DEPARTMENT_UNKNOWN", "NUMBER_OUT_OF_RANGE", "ACT_OUT_OF_ORDER", "EXTENSION_TWICE"];
        assert_eq!(answer.user_errors("deadlinePreview"), codes, "all at once");
        let beyond = base(&[event("ACCEPTED", "2201-01-01")], "2026-03-06");
        let answer = app.nobody().query(CASE, json!({ "input": beyond })).await;
        assert_eq!(answer.error_code(), "DATE_OUT_OF_RANGE");
        assert!(answer.to_string().contains(r#""field": "events.0.date""#), "{answer}");
    }

    /// The text of the law that was in force on the day of the event chooses the period.
    async fn the_law_of_the_day_counts(app: TestApp) {
        let input = json!({ "clocks": [
            { "kind": "DISCLOSURE_ANSWER", "on": "2019-05-14" }, { "kind": "DISCLOSURE_ANSWER", "on": "2019-05-15" },
            { "kind": "DISCLOSURE_CORRECTION", "on": "2019-05-14" }, { "kind": "DELIVERY", "on": "2004-06-30" },
            { "kind": "DELIVERY", "on": "2026-02-12" }, { "kind": "RATING_CONTACT", "on": "2026-02-12" },
        ] });
        let answer = app.nobody().in_english().query(DAYS, json!({ "input": input })).await.done();
        let said = |at: usize| {
            let clock = answer.data(&format!("deadlinePreview.clocks.{at}"));
            (clock["date"].clone(), clock["law"]["year"].clone(), clock["article"].clone())
        };
        assert_eq!(said(0), (json!("2019-06-04"), json!(2007), json!("政府信息公开条例(2007) Art. 24")));
        assert_eq!(said(1), (json!("2019-06-12"), json!(2019), json!("政府信息公开条例(2019) Art. 33")));
        assert_eq!(said(2), (Value::Null, json!(2007), json!("政府信息公开条例(2007) Art. 21(4)")));
        assert_eq!((said(3).0, said(3).1), (Value::Null, Value::Null), "before there was such a law");
        assert_eq!(said(4), (json!("2026-03-04"), json!(2019), json!("行政许可法 Art. 44")));
        assert_eq!(said(5).1, Value::Null, "a local rule rests on no act");
        assert_eq!(answer.text("deadlinePreview.clocks.4.name"), "delivery");
    }

    /// Trap 8: New Year's Eve of 2024 was worked, that of 2025 was not.
    async fn a_preview_is_explained_day_by_day(app: TestApp) {
        let suspend = with(event("SUSPEND", "2024-02-19"), "reason", json!("EXPERT_REVIEW"));
        let events = [event("ACCEPTED", "2024-02-08"), suspend, event("RESUME", "2024-02-21")];
        let input = merged(&base(&events, "2024-04-01"), &json!({ "statutory": { "n": 10, "unit": "WORKDAY" } }));
        let ask = |first: Value, from: Value| json!({ "input": input, "first": first, "from": from });
        let answer = app.nobody().query(LEDGER, ask(Value::Null, Value::Null)).await.done();

        let days = answer.list("deadlinePreview.statutory.days");
        assert_eq!(answer.number("deadlinePreview.statutory.dayCount"), i64::try_from(days.len()).unwrap());
        let rule = |day: &str| {
            let row = days.iter().find(|row| row["date"] == json!(day)).unwrap();
            (row["rule"].as_str().unwrap().to_owned(), row["ordinal"].clone())
        };
        assert_eq!(rule("2024-02-08"), ("ANCHOR".to_owned(), Value::Null));
        assert_eq!(rule("2024-02-09"), ("COUNTED".to_owned(), json!(1)));
        assert_eq!(rule("2024-02-12"), ("HOLIDAY".to_owned(), Value::Null));
        assert_eq!(rule("2024-02-18"), ("MAKEUP".to_owned(), json!(2)));
        assert_eq!(rule("2024-02-19"), ("COUNTED".to_owned(), json!(3)));
        assert_eq!(rule("2024-02-20"), ("SUSPENDED".to_owned(), Value::Null));
        assert_eq!(rule("2024-02-24"), ("WEEKEND".to_owned(), Value::Null));
        assert_eq!(rule("2024-03-01"), ("COUNTED".to_owned(), json!(10)));
        assert_eq!(rule("2024-03-02"), ("OVERDUE_REST".to_owned(), Value::Null));
        let suspended = days.iter().find(|row| row["rule"] == json!("SUSPENDED")).unwrap();
        assert_eq!(suspended["suspension"]["procedure"], json!("EXPERT_REVIEW"));
        assert_eq!((&suspended["suspension"]["startedOn"], &suspended["suspension"]["endedOn"]), (&json!("2024-02-19"), &json!("2024-02-21")));
        let holiday = days.iter().find(|row| row["rule"] == json!("HOLIDAY")).unwrap();
        assert_eq!((&holiday["holiday"], holiday["notice"].is_string()), (&json!("春节"), true));

        let page = app.nobody().query(LEDGER, ask(json!(3), json!("2024-02-18"))).await.done();
        assert_eq!(page.texts("deadlinePreview.statutory.days", "date"), ["2024-02-18", "2024-02-19", "2024-02-20"]);
        for first in [0, -1, 1_001] {
            assert_eq!(app.nobody().query(LEDGER, ask(json!(first), Value::Null)).await.error_code(), "PAGE_SIZE");
        }
        let why = answer.text("deadlinePreview.statutory.whyOverdue");
        assert!(why.contains("2024-03-01") && why.contains("2024-02-19 至 2024-02-21 中止") && why.contains("21 个工作日"), "{why}");
        let english = app.nobody().in_english().query(LEDGER, ask(json!(1), Value::Null)).await.done();
        let sheet = english.text("deadlinePreview.statutory.sheet");
        assert!(sheet.starts_with("statutory period") && sheet.contains("Due: 2024-03-01"), "{sheet}");
        assert!(answer.text("deadlinePreview.statutory.sheet").starts_with("法定办结时限"));
    }

    /// A ledger of years is weighed before anything is counted.
    async fn long_ledgers_are_weighed(app: TestApp) {
        let input = merged(&base(&[event("ACCEPTED", "2026-03-02")], "2200-12-31"), &json!({ "statutory": { "n": 3_650, "unit": "YEAR" } }));
        let ask = |first: i32| json!({ "input": input, "first": first });
        let answer = app.nobody().query(LEDGER, ask(500)).await.done();
        assert_eq!(answer.number("deadlinePreview.statutory.dayCount"), 8_000);
        assert_eq!(answer.list("deadlinePreview.statutory.days").len(), 500);
        let refused = app.nobody().query(LEDGER, ask(1_000)).await;
        assert!(refused.body["errors"].is_array() && refused.body["data"].is_null(), "{}", refused.status);
    }
}

async fn case_of(app: &TestApp, example: &Value) {
    let answer = app
        .nobody()
        .query(CASE, json!({ "input": example["input"] }))
        .await
        .done();
    let name = example["id"].as_str().unwrap();
    let said = answer.data("deadlinePreview");
    compare(name, said, &example["expect"], &answer);
    for period in ["promised", "statutory"] {
        let expected = &example["expect"][period];
        assert_eq!(expected.is_null(), said[period].is_null(), "{name}");
        if expected.is_object() {
            let is_marked = expected["provisional"].as_bool().unwrap_or(false);
            assert_eq!(said[period]["provisional"], json!(is_marked), "{name}");
            let notes = expected.get("notes").cloned().unwrap_or(json!([]));
            assert_eq!(said[period]["notes"], notes, "{name}");
        }
    }
    let deemed = example["expect"].get("deemedAccepted").is_some();
    assert_eq!(said["deemedAccepted"], json!(deemed), "{name}");
}

/// Counted day by day, and where the table of clocks has a row of this name by the row, too.
async fn dates_of(app: &TestApp, example: &Value) {
    let ops = example["ops"].as_array().unwrap();
    let dates: Vec<Value> = ops.iter().map(asked_date).collect();
    let clocks: Vec<(&Value, Value)> = ops
        .iter()
        .filter_map(|op| Some((op, asked_clock(op)?)))
        .collect();
    let asked: Vec<&Value> = clocks.iter().map(|(_, clock)| clock).collect();
    let input = json!({ "input": { "dates": dates, "clocks": asked } });
    let answer = app.nobody().query(DAYS, input).await.done();
    for (at, op) in ops.iter().enumerate() {
        let said = answer.data(&format!("deadlinePreview.dates.{at}"));
        let field = match op["op"].as_str().unwrap() {
            "isWorkday" => "isWorkday",
            "workdaysBetween" => "workdays",
            _ => "date",
        };
        assert_eq!(
            said[field], op["expect"],
            "{} {}",
            example["id"], op["label"]
        );
    }
    for (at, (op, _)) in clocks.iter().enumerate() {
        let said = answer.data(&format!("deadlinePreview.clocks.{at}"));
        let label = op["label"].as_str().unwrap();
        let field = if said["label"] == json!(label) {
            "date"
        } else {
            assert_eq!(said["lapseLabel"], json!(label));
            "lapsesOn"
        };
        assert_eq!(said[field], op["expect"], "{} {label}", example["id"]);
    }
}

fn asked_date(op: &Value) -> Value {
    let (from, n) = (&op["args"][0], &op["args"][1]);
    match op["op"].as_str().unwrap() {
        "addWorkdays" => json!({ "from": from, "workdays": n }),
        "subWorkdays" => json!({ "from": from, "workdays": -n.as_i64().unwrap() }),
        "addDays" => json!({ "from": from, "days": n }),
        "isWorkday" => json!({ "from": from }),
        "workdaysBetween" => json!({ "from": from, "to": n }),
        unknown => panic!("unknown operation {unknown}"),
    }
}

/// The row of the table, with no limit where the law's own is the one of the example.
fn asked_clock(op: &Value) -> Option<Value> {
    let on = &op["args"][0];
    let sector = json!({ "n": 30, "unit": "WORKDAY" });
    let (kind, limit) = match op["label"].as_str().unwrap() {
        "deliverBy" => ("DELIVERY", Value::Null),
        "requestBy" => ("HEARING_REQUEST", Value::Null),
        "holdBy" => ("HEARING_HOLD", Value::Null),
        "noticeNoLaterThan" => ("HEARING_NOTICE", Value::Null),
        "applyNoLaterThan" if op["op"] == json!("addDays") => ("RENEWAL_APPLY", Value::Null),
        "applyNoLaterThan" => ("RENEWAL_APPLY", sector),
        "deemedRenewedFrom" => ("RENEWAL_DECIDE", Value::Null),
        "publishBy" => ("DISCLOSURE_PUBLISH", Value::Null),
        "noticeBy" => ("DISCLOSURE_CORRECTION", Value::Null),
        "opinionBy" => ("DISCLOSURE_THIRD_PARTY", Value::Null),
        "contactBy" => ("RATING_CONTACT", Value::Null),
        "rectifyBy" => ("RATING_RECTIFY", Value::Null),
        "assignBy" => ("INSPECTION_ASSIGN", Value::Null),
        "opinionDue" => ("OPINION", Value::Null),
        _ => return None,
    };
    Some(json!({ "kind": kind, "on": on, "limit": limit }))
}

async fn joint_of(app: &TestApp, example: &Value) {
    let mut asked = example["input"].clone();
    let components = asked["components"].as_array_mut().unwrap();
    let expected: Vec<Value> = components
        .iter_mut()
        .map(|component| component.as_object_mut().unwrap().remove("expect").unwrap())
        .collect();
    let input = json!({ "input": { "joint": asked } });
    let answer = app.nobody().query(JOINT, input).await.done();
    let said = answer.data("deadlinePreview.joint");
    let expect = &example["expect"];
    for policy in ["ANY", "ALL", "NONE"] {
        let by = &said[policy.to_lowercase()];
        compare(policy, by, &expect[policy], &answer);
        assert_eq!(by["excludedWorkdays"], expect["excludedWorkdays"][policy]);
        assert_eq!(by["policy"], json!(policy));
    }
    assert_eq!(said["byPolicy"]["policy"], json!("ANY"));
    let sum = &expect["excludedWorkdays"]["sumOfComponentsWouldBeWrong"];
    assert_eq!(&said["sumOfComponents"], sum);
    for (at, expected) in expected.iter().enumerate() {
        compare("component", &said["components"][at], expected, &answer);
    }
    assert_eq!(said["serial"][0]["startsOn"], expect["serialFoodStartsOn"]);
}

/// Everything that is expected stands in the answer; what is not mentioned is free.
#[track_caller]
fn compare(name: &str, said: &Value, expected: &Value, answer: &Answer) {
    for (key, value) in expected.as_object().unwrap() {
        let found = said.get(key);
        let found = found.unwrap_or_else(|| panic!("{name}: the answer has no {key}"));
        if value.is_object() {
            compare(&format!("{name} {key}"), found, value, answer);
        } else {
            assert_eq!(found, value, "{name} {key}: {answer}");
        }
    }
}

fn event(kind: &str, date: &str) -> Value {
    json!({ "type": kind, "date": date })
}

fn with(mut input: Value, name: &str, value: Value) -> Value {
    input[name] = value;
    input
}

/// A promise of 5 and a statutory period of 20 working days.
fn base(events: &[Value], as_of: &str) -> Value {
    json!({
        "promised": { "n": 5, "unit": "WORKDAY" }, "statutory": { "n": 20, "unit": "WORKDAY" },
        "events": events, "asOf": as_of,
    })
}

fn merged(base: &Value, more: &Value) -> Value {
    let both = [base, more]
        .into_iter()
        .flat_map(|one| one.as_object().unwrap());
    let merged: Map<String, Value> = both
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    merged.into()
}

fn joint(components: &[(&str, &str, &[&str])]) -> Value {
    let components = components.iter().map(|(code, starts_on, pair)| {
        let suspensions: Vec<_> = [pair].into_iter().filter(|pair| !pair.is_empty()).collect();
        json!({ "code": code, "clockStartsOn": starts_on, "suspensions": suspensions })
    });
    json!({ "unifiedAcceptedOn": "2026-03-02", "components": components.collect::<Vec<_>>() })
}

mod governed {
    //! Where the centre has decided otherwise since.

    use lianshen_domain::clock::{Boundary, Conventions, FormerConventions, JointPolicy};

    use super::*;
    use crate::support::log::Log;

    each_db! { on seeded
        /// Through 5 March both ends of a suspension were excluded, all components had to stand still, and a supplement had ten
        /// days; read a year later.
        async fn a_preview_counts_by_what_was_decided_when_it_begins(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                let conventions = Conventions {
                    suspension_boundary: Boundary::Inclusive,
                    joint_suspension_policy: JointPolicy::All,
                    supplement_days: 10,
                    ..Conventions::default()
                };
                let until = "2026-03-05".parse().unwrap();
                config.former_conventions = vec![FormerConventions { until, conventions }];
            })
            .await;
            let ask = async |document: &str, input: Value| app.nobody().query(document, json!({ "input": input })).await.done();
            for (accepted, due) in [("2026-03-05", "2026-03-13"), ("2026-03-06", "2026-03-13")] {
                let suspended = with(event("SUSPEND", "2026-03-10"), "reason", json!("TESTING"));
                let events = [event("ACCEPTED", accepted), suspended, event("RESUME", "2026-03-10")];
                let said = ask(CASE, base(&events, "2027-03-01")).await;
                assert_eq!(said.text("deadlinePreview.promised.due"), due, "accepted on {accepted}");
            }
            let clocks = ["2026-03-05", "2026-03-06"].map(|on| json!({ "kind": "SUPPLEMENT", "on": on }));
            let said = ask(DAYS, json!({ "clocks": clocks })).await;
            assert_eq!(said.texts("deadlinePreview.clocks", "date"), ["2026-03-19", "2026-04-03"]);
            for (accepted, policy) in [("2026-03-05", "ALL"), ("2026-03-06", "ANY")] {
                let joint = json!({ "unifiedAcceptedOn": accepted, "jointStatutory": 10, "components": [] });
                let said = ask(JOINT, json!({ "joint": joint })).await;
                assert_eq!(said.text("deadlinePreview.joint.byPolicy.policy"), policy, "accepted on {accepted}");
            }
            // What is asked otherwise is so on every day.
            let otherwise = json!({ "config": { "supplementDays": 5 }, "clocks": clocks });
            let said = ask(DAYS, otherwise).await;
            assert_eq!(said.texts("deadlinePreview.clocks", "date"), ["2026-03-12", "2026-03-13"]);
            server.stop().await;
        }
    }
}
