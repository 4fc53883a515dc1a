//! The worked examples, computed independently of this program.

use chrono::{Days, NaiveDate};
use serde_json::Value;

use crate::calendar::Calendar;
use crate::calendar::tests::{day, published};
use crate::clock::{
    Boundary, Clock, ClockKind, ClockState, Component, Deadline, Interval, JointPolicy, Limit,
    joint_suspensions,
};
use crate::code::Code;

/// The kinds of examples that these types cannot express: none. A new kind in the file fails the test.
const SKIPPED: &[&str] = &[];

/// What an example of kind CLOCK may say of a clock; a new word fails the test.
const CLOCK_WORDS: &[&str] = &[
    "due",
    "remaining",
    "remainingUnit",
    "state",
    "overdueWorkdays",
    "onTime",
    "elapsedWorkdays",
    "provisional",
    "projectedDueIfResumedOnAsOf",
    "notes",
];

#[test]
fn every_worked_example_comes_out_as_computed() {
    let file: Value =
        serde_json::from_str(include_str!("../../../testdata/deadline-examples.json")).unwrap();
    let calendar = published();
    let mut seen = 0;
    for example in file["examples"].as_array().unwrap() {
        match text(&example["kind"]) {
            "CLOCK" => clocks(&calendar, example),
            "DATE_ARITH" => arithmetic(&calendar, example),
            "JOINT" => joint(&calendar, example),
            kind => assert!(
                SKIPPED.contains(&kind),
                "{}: unknown kind {kind}",
                example["id"]
            ),
        }
        seen += 1;
    }
    assert_eq!(seen, 39, "the file has other examples than it had");
}

fn clocks(calendar: &Calendar, example: &Value) {
    let input = &example["input"];
    let as_of = date(&input["asOf"]);
    let anchor = anchor(calendar, example);
    assert_eq!(
        anchor,
        date(&example["expect"]["anchorDate"]),
        "{}",
        example["id"]
    );

    for which in ["promised", "statutory"] {
        if input[which].is_null() {
            continue;
        }
        let clock = clock(input, which, anchor);
        let expected = &example["expect"][which];
        let said = clock.deadline(calendar, as_of);
        let known: Vec<_> = expected
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| !CLOCK_WORDS.contains(&key.as_str()))
            .collect();
        assert!(
            known.is_empty(),
            "{}: unknown words {known:?}",
            example["id"]
        );
        compare(&format!("{} {which}", example["id"]), &said, expected);
        let recorded = clock.due_on(calendar);
        assert_eq!(
            recorded, said.due_on,
            "{} {which}: nothing happens after the day of the reading",
            example["id"]
        );
    }
}

/// Material on which nobody acted in five working days is accepted as of its receipt (行政许可法 Art. 32(1)(4)).
fn anchor(calendar: &Calendar, example: &Value) -> NaiveDate {
    let on = |kind: &str| {
        events(&example["input"])
            .find(|event| text(&event["type"]) == kind)
            .map(|event| date(&event["date"]))
    };
    let received = on("RECEIVED");
    if let Some(received) = received {
        let check = Clock::new(received, ClockKind::AcceptanceCheck.row().limit.unwrap());
        let due = check.due_on(calendar).unwrap();
        assert_eq!(
            due,
            date(&example["expect"]["acceptanceCheckDue"]),
            "{}",
            example["id"]
        );
        // A notice in time would stop the check; the one in the examples is late and so has no effect.
        assert!(
            on("CORRECTION_NOTICE").is_none_or(|notice| notice > due),
            "{}",
            example["id"]
        );
        let established = &example["expect"]["deemedAcceptanceEstablishedOn"];
        assert_eq!(
            on("ACCEPTED").is_none(),
            !established.is_null(),
            "{}",
            example["id"]
        );
        if !established.is_null() {
            let lapsed = check.deadline(calendar, date(established));
            assert!(
                lapsed.overdue && !check.deadline(calendar, due).overdue,
                "{}",
                example["id"]
            );
            assert_eq!(date(established), due + Days::new(1), "{}", example["id"]);
        }
    }
    match (text(&example["input"]["anchor"]), on("ACCEPTED"), received) {
        ("ACCEPTED", Some(accepted), _) => accepted,
        (_, _, Some(received)) => received,
        other => panic!("{}: no anchor in {other:?}", example["id"]),
    }
}

fn clock(input: &Value, which: &str, anchor: NaiveDate) -> Clock {
    let limit: Limit = serde_json::from_value(input[which].clone()).unwrap();
    let boundary = Boundary::from_code(text(&input["config"]["suspensionBoundary"])).unwrap();
    let mut clock = Clock::new(anchor, limit).bounded(boundary);
    for event in events(input) {
        let on = date(&event["date"]);
        let applies = event["appliesTo"]
            .as_array()
            .is_none_or(|clocks| clocks.iter().any(|name| text(name) == which));
        match text(&event["type"]) {
            "SUSPEND" if applies => clock.suspensions.push(Interval::open(on)),
            "RESUME" if applies => clock.suspensions.last_mut().unwrap().end = Some(on),
            "EXTEND" => {
                clock = clock.extended(on, u32::try_from(event["days"].as_u64().unwrap()).unwrap());
            }
            "DECIDED" | "TERMINATED" => clock = clock.stopped(on),
            // These set the anchor or act on another clock.
            "ACCEPTED" | "RECEIVED" | "CORRECTION_NOTICE" | "SUSPEND" | "RESUME" => {}
            unknown => panic!("unknown event {unknown}"),
        }
    }
    clock
}

fn compare(name: &str, said: &Deadline, expected: &Value) {
    assert_eq!(
        said.due_on,
        (!expected["due"].is_null()).then(|| date(&expected["due"])),
        "{name} due"
    );
    assert_eq!(
        said.remaining,
        expected["remaining"].as_i64().unwrap(),
        "{name} remaining"
    );
    assert_eq!(
        said.remaining_unit.code(),
        text(&expected["remainingUnit"]),
        "{name} unit"
    );
    assert_eq!(said.state.code(), text(&expected["state"]), "{name} state");
    assert_eq!(
        said.provisional,
        expected["provisional"].as_bool().unwrap_or(false),
        "{name} provisional"
    );
    let overdue_by = expected["overdueWorkdays"].as_i64().unwrap_or(0);
    assert_eq!((-said.remaining).max(0), overdue_by, "{name} overdue by");
    assert_eq!(said.overdue, overdue_by > 0, "{name} overdue");
    if let Some(on_time) = expected["onTime"].as_bool() {
        assert_eq!(!said.overdue, on_time, "{name} on time");
        assert_eq!(
            said.elapsed,
            expected["elapsedWorkdays"].as_i64().unwrap(),
            "{name} elapsed"
        );
    }
    if said.state == ClockState::Suspended {
        assert_eq!(
            said.projected_on,
            date(&expected["projectedDueIfResumedOnAsOf"]),
            "{name} projection"
        );
    } else {
        assert_eq!(Some(said.projected_on), said.due_on, "{name} projection");
    }
    let notes = expected["notes"].as_array().map_or(0, Vec::len);
    assert_eq!(said.late_extensions.len(), notes, "{name} late extensions");
    for late in &said.late_extensions {
        let note = format!(
            "extension approved on {late} has no effect: clock expired on {}",
            said.due_on.unwrap()
        );
        assert_eq!(text(&expected["notes"][0]), note, "{name}");
    }
}

fn arithmetic(calendar: &Calendar, example: &Value) {
    for op in example["ops"].as_array().unwrap() {
        let from = date(&op["args"][0]);
        let n = op["args"][1].as_i64();
        let days = || u32::try_from(n.unwrap()).unwrap();
        let said: Value = match text(&op["op"]) {
            "addWorkdays" => calendar.add_workdays(from, days()).to_string().into(),
            "subWorkdays" => Limit::workdays(days())
                .latest_before(from, calendar)
                .to_string()
                .into(),
            "addDays" if n.unwrap() < 0 => {
                let back = u32::try_from(-n.unwrap()).unwrap();
                Limit::calendar_days(back)
                    .latest_before(from, calendar)
                    .to_string()
                    .into()
            }
            "addDays" => (from + Days::new(days().into())).to_string().into(),
            "isWorkday" => calendar.is_workday(from).into(),
            "workdaysBetween" => calendar.workdays_between(from, date(&op["args"][1])).into(),
            unknown => panic!("{}: unknown operation {unknown}", example["id"]),
        };
        assert_eq!(said, op["expect"], "{} {}", example["id"], op["label"]);
    }
}

fn joint(calendar: &Calendar, example: &Value) {
    let input = &example["input"];
    let expect = &example["expect"];
    let days = |value: &Value| Limit::workdays(u32::try_from(value.as_u64().unwrap()).unwrap());
    let mut components = Vec::new();
    for component in input["components"].as_array().unwrap() {
        let pairs = component["suspensions"].as_array().unwrap();
        let part = Component {
            starts_on: date(&component["clockStartsOn"]),
            decided_on: Some(date(&component["decidedOn"])),
            decided_entered_on: None,
            suspensions: pairs
                .iter()
                .map(|pair| Interval::closed(date(&pair[0]), date(&pair[1])))
                .collect(),
        };
        let own = |limit| {
            let clock = Clock::new(part.starts_on, limit).suspended_by(part.suspensions.clone());
            clock
                .stopped(date(&component["decidedOn"]))
                .deadline(calendar, day("2026-07-01"))
        };
        let promised = own(days(&component["promised"]));
        let name = &component["code"];
        assert_eq!(
            promised.due_on,
            Some(date(&component["expect"]["promisedDue"])),
            "{name}"
        );
        assert_eq!(
            !promised.overdue,
            component["expect"]["onTime"].as_bool().unwrap(),
            "{name}"
        );
        assert_eq!(
            own(Limit::workdays(20)).due_on,
            Some(date(&component["expect"]["statutoryDue"])),
            "{name}"
        );
        components.push(part);
    }

    let accepted = date(&input["unifiedAcceptedOn"]);
    for policy in JointPolicy::ALL {
        let suspended = joint_suspensions(*policy, Boundary::default(), &components);
        let due = |limit| {
            Clock::new(accepted, limit)
                .suspended_by(suspended.clone())
                .due_on(calendar)
        };
        let expected = &expect[policy.code()];
        assert_eq!(
            due(days(&input["jointStatutory"])),
            Some(date(&expected["statutoryDue"])),
            "{policy:?}"
        );
        if !expected["promisedDue"].is_null() {
            assert_eq!(
                due(days(&input["jointPromised"])),
                Some(date(&expected["promisedDue"])),
                "{policy:?}"
            );
        }
        let excluded: i64 = suspended
            .iter()
            .map(|i| calendar.workdays_between(i.start, i.end.unwrap()))
            .sum();
        assert_eq!(
            excluded,
            expect["excludedWorkdays"][policy.code()].as_i64().unwrap(),
            "{policy:?}"
        );
    }
}

fn events(input: &Value) -> impl Iterator<Item = &Value> {
    input["events"].as_array().unwrap().iter()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn date(value: &Value) -> NaiveDate {
    day(text(value))
}
