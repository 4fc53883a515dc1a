//! Each rule by its number, on clocks as they run.

use std::collections::BTreeSet;
use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::clock::{Act, ActKind, Conventions, Interval, Limit, Terms, run};
use crate::ids::Id as _;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Working days of 2026 without holidays round March: Monday, 2 March is the first day of all examples.
fn calendar() -> Calendar {
    Calendar::weekdays_only()
}

fn case() -> CaseId {
    CaseId::new(Uuid::from_u128(1))
}

fn of_days(days: u32) -> Clock {
    Clock::new(day("2026-03-02"), Limit::workdays(days))
}

fn running(kind: ClockKind, clock: Clock) -> FileClock {
    FileClock {
        department: None,
        case: Some(case()),
        calendar: Arc::new(calendar()),
        suspending: Vec::new(),
        grave: false,
        running: Running {
            kind,
            ordinal: 1,
            stopped_by: clock.stopped_on.map(|_| 1),
            clock,
            started_by: 0,
            paused_by: Vec::new(),
        },
    }
}

/// Rule, level and day of each occurrence.
fn lines(clocks: &[FileClock], thresholds: &Thresholds) -> Vec<String> {
    agenda(clocks, thresholds)
        .iter()
        .map(|one| format!("{} {} {}", one.key.rule.code(), one.level.code(), one.on))
        .collect()
}

fn raised(kind: ClockKind, clock: Clock) -> Vec<String> {
    lines(&[running(kind, clock)], &Thresholds::default())
}

/// DL-53: ten working days promised, twenty by law.
#[test]
fn time_01_to_04_and_10_fall_on_the_days_of_the_example() {
    let clocks = [
        running(ClockKind::Promised, of_days(10)),
        running(ClockKind::Statutory, of_days(20)),
    ];
    let expected = [
        "TIME_01 ALERT 2026-03-13",
        "TIME_02 YELLOW 2026-03-17",
        "TIME_10 RED 2026-03-20",
        "TIME_03 ALERT 2026-03-26",
        "TIME_04 RED 2026-03-31",
    ];
    assert_eq!(lines(&clocks, &Thresholds::default()), expected);

    let warning = Thresholds {
        card_model: CardModel::WarningColours,
        ..Thresholds::default()
    };
    let expected = [
        "TIME_01 YELLOW 2026-03-13",
        "TIME_02 RED 2026-03-17",
        "TIME_10 RED 2026-03-20",
        "TIME_03 YELLOW 2026-03-26",
        "TIME_04 RED 2026-03-31",
    ];
    assert_eq!(lines(&clocks, &warning), expected);
}

#[test]
fn the_whole_is_watched_like_its_cases_but_has_no_step_and_no_time_10() {
    let whole = |kind, days| FileClock {
        department: None,
        case: None,
        ..running(kind, of_days(days))
    };
    let clocks = [
        whole(ClockKind::JointPromised, 10),
        whole(ClockKind::Joint, 20),
    ];
    let expected = [
        "TIME_01 ALERT 2026-03-13",
        "TIME_02 YELLOW 2026-03-17",
        "TIME_03 ALERT 2026-03-26",
        "TIME_04 RED 2026-03-31",
    ];
    assert_eq!(lines(&clocks, &Thresholds::default()), expected);
}

#[test]
fn what_passes_on_a_friday_is_raised_on_the_monday() {
    // Four days end on Friday, 6 March.
    let closed_on = |date: &str| {
        let clock = of_days(4).stopped(day(date));
        raised(ClockKind::Delivery, clock)
    };
    assert_eq!(
        raised(ClockKind::Delivery, of_days(4)),
        ["TIME_08 YELLOW 2026-03-09"]
    );
    assert_eq!(closed_on("2026-03-06"), Vec::<String>::new());
    assert_eq!(
        closed_on("2026-03-07"),
        ["TIME_08 YELLOW 2026-03-09"],
        "on the Saturday it was late"
    );
    assert_eq!(closed_on("2026-03-09"), ["TIME_08 YELLOW 2026-03-09"]);
}

#[test]
fn a_warning_on_a_rest_day_waits_for_monday_and_never_comes_after_the_end() {
    let from_saturday = |days| Clock::new(day("2026-03-07"), Limit::workdays(days));
    assert_eq!(
        raised(ClockKind::Promised, from_saturday(1))[0],
        "TIME_01 ALERT 2026-03-09"
    );
    assert_eq!(
        raised(ClockKind::Promised, from_saturday(0))[0],
        "TIME_02 YELLOW 2026-03-09"
    );
}

#[test]
fn what_stands_still_raises_nothing() {
    for kind in [ClockKind::Promised, ClockKind::Statutory, ClockKind::Step] {
        let paused = of_days(10).suspended(Interval::open(day("2026-03-03")));
        assert_eq!(raised(kind, paused), Vec::<String>::new(), "{kind:?}");
    }
    let resumed = of_days(10).suspended(Interval::closed(day("2026-03-03"), day("2026-03-05")));
    assert_eq!(
        raised(ClockKind::Statutory, resumed),
        ["TIME_03 ALERT 2026-03-17", "TIME_04 RED 2026-03-19"]
    );
    let extended = of_days(10).extended(day("2026-03-16"), 5);
    assert_eq!(
        raised(ClockKind::Statutory, extended),
        ["TIME_03 ALERT 2026-03-20", "TIME_04 RED 2026-03-24"]
    );
    let too_late = of_days(10).extended(day("2026-03-17"), 5);
    assert_eq!(
        raised(ClockKind::Statutory, too_late),
        ["TIME_03 ALERT 2026-03-13", "TIME_04 RED 2026-03-17"]
    );
}

#[test]
fn time_05_is_for_cases_that_are_in_time() {
    let step = running(ClockKind::Step, of_days(3));
    let with_promise = |days| {
        let promise = running(ClockKind::Promised, of_days(days));
        let lines = lines(&[step.clone(), promise], &Thresholds::default());
        lines.into_iter().find(|line| line.starts_with("TIME_05"))
    };
    assert_eq!(
        with_promise(5),
        Some("TIME_05 YELLOW 2026-03-06".to_owned())
    );
    assert_eq!(
        with_promise(4),
        Some("TIME_05 YELLOW 2026-03-06".to_owned()),
        "due on that day"
    );
    assert_eq!(with_promise(3), None, "the promise passed with the step");
    // The promise of another case says nothing about this one.
    let other = FileClock {
        department: None,
        case: Some(CaseId::new(Uuid::from_u128(2))),
        ..running(ClockKind::Promised, of_days(1))
    };
    assert!(
        lines(&[step, other], &Thresholds::default())
            .contains(&"TIME_05 YELLOW 2026-03-06".to_owned())
    );
}

#[test]
fn time_06_warns_with_one_day_left_and_is_yellow_when_silence_accepted() {
    let check = |stopped: Option<&str>| {
        let clock = of_days(5);
        let clock = Clock {
            stopped_on: stopped.map(day),
            ..clock
        };
        raised(ClockKind::AcceptanceCheck, clock)
    };
    let (near, late) = ("TIME_06 ALERT 2026-03-06", "TIME_06 YELLOW 2026-03-10");
    assert_eq!(check(None), [near, late]);
    assert_eq!(check(Some("2026-03-05")), Vec::<String>::new());
    assert_eq!(check(Some("2026-03-09")), [near]);
    assert_eq!(check(Some("2026-03-10")), [near, late]);
}

#[test]
fn time_07_is_red_after_five_more_days_and_moves_with_a_new_notice() {
    let terms = Terms::new(Conventions::default());
    let begun = Act::new(ActKind::Suspend, day("2026-03-02"))
        .because("EXPERT_REVIEW")
        .of_procedure("1")
        .setting(Some(Limit::workdays(10)));
    let told_again = |on: &str, days| {
        Act::new(ActKind::Renotify, day(on))
            .of_procedure("1")
            .setting(Some(Limit::workdays(days)))
    };
    let ended = |on: &str| Act::new(ActKind::Resume, day(on)).of_procedure("1");
    let by = |acts: &[Act]| {
        let special = run(ClockKind::Special, acts, &terms, &[], &calendar());
        let special = special.into_iter().map(|running| FileClock {
            department: None,
            case: Some(case()),
            grave: false,
            running,
            calendar: Arc::new(calendar()),
            suspending: Vec::new(),
        });
        lines(&special.collect::<Vec<_>>(), &Thresholds::default())
    };
    let (yellow, red) = ("TIME_07 YELLOW 2026-03-17", "TIME_07 RED 2026-03-24");
    assert_eq!(by(std::slice::from_ref(&begun)), [yellow, red]);
    assert_eq!(
        by(&[begun.clone(), told_again("2026-03-10", 15)]),
        ["TIME_07 YELLOW 2026-03-24", "TIME_07 RED 2026-03-31"]
    );
    assert_eq!(
        by(&[begun.clone(), ended("2026-03-16")]),
        Vec::<String>::new()
    );
    assert_eq!(
        by(&[begun.clone(), ended("2026-03-23")]),
        [yellow],
        "five days more have not passed"
    );
    assert_eq!(by(&[begun, ended("2026-03-24")]), [yellow, red]);
}

/// No flow starts an opinion clock yet; the rule is there.
#[test]
fn time_09_is_for_opinions() {
    let acts = [Act::new(ActKind::Passed, day("2026-03-02"))];
    let terms = Terms::new(Conventions::default());
    let opinions = |acts: &[Act]| {
        let running = run(ClockKind::Opinion, acts, &terms, &[], &calendar());
        let running = running.into_iter().map(|running| FileClock {
            department: None,
            case: Some(case()),
            grave: false,
            running,
            calendar: Arc::new(calendar()),
            suspending: Vec::new(),
        });
        lines(&running.collect::<Vec<_>>(), &Thresholds::default())
    };
    assert_eq!(opinions(&acts), ["TIME_09 YELLOW 2026-03-10"]);
    let given = Act::new(ActKind::Opinion, day("2026-03-09"));
    assert_eq!(opinions(&[acts[0].clone(), given]), Vec::<String>::new());
}

#[test]
fn time_10_waits_three_days_after_the_promise() {
    let closed_on = |date: &str| {
        let clock = of_days(5).stopped(day(date));
        raised(ClockKind::Promised, clock)
    };
    // Due on Monday the 9th: the 10th, 11th and 12th pass without a decision.
    let (near, yellow, red) = (
        "TIME_01 ALERT 2026-03-06",
        "TIME_02 YELLOW 2026-03-10",
        "TIME_10 RED 2026-03-13",
    );
    assert_eq!(closed_on("2026-03-09"), [near]);
    assert_eq!(closed_on("2026-03-12"), [near, yellow]);
    assert_eq!(closed_on("2026-03-13"), [near, yellow, red]);
}

#[test]
fn every_threshold_moves_its_rule_and_every_rule_can_be_off() {
    let clocks = [
        running(ClockKind::Promised, of_days(10)),
        running(ClockKind::Statutory, of_days(20)),
        running(ClockKind::AcceptanceCheck, of_days(5)),
        running(ClockKind::Special, of_days(10)),
    ];
    let thresholds = Thresholds {
        promise_charged_percent: 50,
        statutory_left_percent: 25,
        acceptance_days_left: 2,
        procedure_red_after: 1,
        still_open_after: 1,
        grace: [(TimeRule::PromisePassed, 2), (TimeRule::ProcedurePassed, 1)].into(),
        ..Thresholds::default()
    };
    assert_eq!(
        lines(&clocks, &thresholds),
        [
            "TIME_06 ALERT 2026-03-05",
            "TIME_01 ALERT 2026-03-09",
            "TIME_06 YELLOW 2026-03-10",
            "TIME_07 YELLOW 2026-03-18",
            "TIME_10 RED 2026-03-18",
            "TIME_02 YELLOW 2026-03-19",
            "TIME_07 RED 2026-03-19",
            "TIME_03 ALERT 2026-03-23",
            "TIME_04 RED 2026-03-31",
        ]
    );
    let most = Thresholds {
        promise_days_left: 3,
        statutory_days_left: 6,
        off: vec![
            TimeRule::AcceptanceCheck,
            TimeRule::ProcedurePassed,
            TimeRule::StillOpen,
        ],
        ..Thresholds::default()
    };
    assert_eq!(
        lines(&clocks, &most),
        [
            "TIME_01 ALERT 2026-03-11",
            "TIME_02 YELLOW 2026-03-17",
            "TIME_03 ALERT 2026-03-20",
            "TIME_04 RED 2026-03-31",
        ]
    );
    let none = Thresholds {
        off: TimeRule::ALL.to_vec(),
        ..Thresholds::default()
    };
    assert_eq!(lines(&clocks, &none), Vec::<String>::new());
}

/// The third special procedure of a case, and each one more; on a working day, and for ever.
#[test]
fn flow_04_counts_the_special_procedures_of_a_case() {
    // The sixth begins on a Saturday.
    let begun = ["03-02", "03-03", "03-04", "03-04", "03-05", "03-07"];
    let clocks: Vec<FileClock> = (1..)
        .zip(begun)
        .map(|(ordinal, on)| {
            let on = day(&format!("2026-{on}"));
            let mut one = running(
                ClockKind::Special,
                Clock::new(on, Limit::workdays(9)).stopped(on),
            );
            one.running.ordinal = ordinal;
            one
        })
        .collect();
    let from = |special_procedures_red_from| Thresholds {
        special_procedures_red_from,
        ..Thresholds::default()
    };
    let third_on = [
        "FLOW_04 RED 2026-03-04",
        "FLOW_04 RED 2026-03-04",
        "FLOW_04 RED 2026-03-05",
        "FLOW_04 RED 2026-03-09",
    ];
    assert_eq!(lines(&clocks, &Thresholds::default()), third_on);
    assert_eq!(
        lines(&clocks[..2], &Thresholds::default()),
        Vec::<String>::new()
    );
    assert_eq!(lines(&clocks, &from(5)), third_on[2..]);
    let keys: BTreeSet<Key> = agenda(&clocks, &from(2))
        .into_iter()
        .map(|one| one.key)
        .collect();
    assert_eq!(keys.len(), 5);
    assert!(keys.iter().all(|key| !key.is_warning()));
}

#[test]
fn within_the_grace_nothing_is_raised() {
    let thresholds = Thresholds {
        grace: [(TimeRule::DeliveryPassed, 2)].into(),
        ..Thresholds::default()
    };
    let delivered = |on: &str| {
        let clock = of_days(5).stopped(day(on));
        lines(&[running(ClockKind::Delivery, clock)], &thresholds)
    };
    assert_eq!(delivered("2026-03-11"), Vec::<String>::new());
    assert_eq!(delivered("2026-03-12"), ["TIME_08 YELLOW 2026-03-12"]);
}

#[test]
fn the_evidence_is_the_clock_on_that_day() {
    let clock = of_days(10)
        .suspended(Interval::closed(day("2026-03-03"), day("2026-03-05")))
        .extended(day("2026-03-06"), 2);
    let found = agenda(
        &[running(ClockKind::Promised, clock)],
        &Thresholds::default(),
    );
    let said = |rule: TimeRule| {
        let one = found.iter().find(|one| one.key.rule == rule).unwrap();
        let evidence = &one.evidence;
        (
            one.on,
            evidence.due_on.unwrap(),
            evidence.charged,
            evidence.total,
        )
    };
    let due = day("2026-03-20");
    assert_eq!(
        said(TimeRule::PromiseNear),
        (day("2026-03-19"), due, 11, 12)
    );
    assert_eq!(
        said(TimeRule::PromisePassed),
        (day("2026-03-23"), due, 13, 12)
    );
    let evidence = serde_json::to_value(&found[0].evidence).unwrap();
    let expected = serde_json::json!({
        "clock": "PROMISED", "ordinal": 1, "anchorOn": "2026-03-02", "dueOn": "2026-03-20", "charged": 11, "total": 12,
        "unit": "WORKDAY",
    });
    assert_eq!(evidence, expected);
    // The days that a due date rolls are no days of the limit: the 31st day is a Saturday.
    let month = Clock::new(day("2026-03-05"), Limit::calendar_days(30));
    let found = agenda(
        &[running(ClockKind::Statutory, month)],
        &Thresholds::default(),
    );
    let passed = &found.last().unwrap().evidence;
    assert_eq!((passed.due_on, passed.total), (Some(day("2026-04-06")), 30));
}

fn found(clock: Clock) -> Vec<Occurrence> {
    agenda(
        &[running(ClockKind::Promised, clock)],
        &Thresholds::default(),
    )
}

fn cards(found: &Findings) -> Vec<RaisedCard> {
    let card = |one: &Occurrence| RaisedCard {
        key: one.key.clone(),
        raised_on: one.on,
        cleared_on: None,
    };
    found.raise.iter().map(card).collect()
}

#[test]
fn what_was_raised_is_not_raised_again() {
    let now = found(of_days(5));
    let first = findings(&[], now.clone(), &now, day("2026-03-10"));
    assert_eq!(first.raise.len(), 2, "near and passed");
    assert_eq!(first.clear, []);
    let again = findings(&cards(&first), now.clone(), &now, day("2026-03-12"));
    assert_eq!(again, Findings::default());
    let later = findings(
        &cards(&first),
        now.iter().chain(&now).cloned(),
        &now,
        day("2026-03-13"),
    );
    assert_eq!(
        later.raise.len(),
        1,
        "TIME-10, once although it was found twice"
    );
}

#[test]
fn a_warning_goes_away_with_its_cause_and_a_card_does_not() {
    let clock = of_days(5);
    let before = found(clock.clone());
    let raised = cards(&findings(&[], before.clone(), &before, day("2026-03-10")));
    let after = |clock: &Clock, today: &str| {
        let now = found(clock.clone());
        let gone = has_gone(&before, &now, day(today));
        let clear = findings(&raised, now.clone(), &now, day(today)).clear;
        assert_eq!(gone, !clear.is_empty());
        clear
            .into_iter()
            .map(|(key, on)| format!("{} {on}", key.occurrence))
            .collect::<Vec<_>>()
    };
    assert_eq!(after(&clock, "2026-03-12"), Vec::<String>::new());
    let decided = clock.clone().stopped(day("2026-03-11"));
    assert_eq!(
        after(&decided, "2026-03-12"),
        ["PROMISED:1:ALERT 2026-03-11"]
    );
    let extended = clock.clone().extended(day("2026-03-09"), 10);
    assert_eq!(
        after(&extended, "2026-03-09"),
        ["PROMISED:1:ALERT 2026-03-09"]
    );
    // It was near when the clock came to stand still, and is no less near since.
    let paused = clock.clone().suspended(Interval::open(day("2026-03-06")));
    assert_eq!(after(&paused, "2026-03-09"), Vec::<String>::new());
    // One that was entered after the fact, though in time, began before it was near.
    let paused = clock.suspended(Interval::open(day("2026-03-04")).entered(day("2026-03-09")));
    assert_eq!(
        after(&paused, "2026-03-09"),
        ["PROMISED:1:ALERT 2026-03-09"]
    );
}

#[test]
fn a_warning_that_comes_again_is_raised_again_and_what_was_late_is_not() {
    let clock = of_days(5);
    let before = found(clock.clone());
    let mut raised = cards(&findings(&[], before.clone(), &before, day("2026-03-09")));
    let extended = found(clock.clone().extended(day("2026-03-09"), 5));
    raised[0].cleared_on = Some(day("2026-03-09"));

    let quiet = findings(&raised, extended.clone(), &extended, day("2026-03-12"));
    assert_eq!(quiet, Findings::default());
    let again = findings(&raised, extended.clone(), &extended, day("2026-03-13"));
    assert_eq!(again.raise[0].key.occurrence, "PROMISED:1:ALERT:2");
    raised.extend(cards(&again));
    assert_eq!(
        findings(&raised, extended.clone(), &extended, day("2026-03-13")),
        Findings::default()
    );
    let decided = found(
        clock
            .extended(day("2026-03-09"), 5)
            .stopped(day("2026-03-16")),
    );
    let cleared = findings(&raised, decided.clone(), &decided, day("2026-03-16"));
    assert_eq!(cleared.raise, []);
    assert_eq!(cleared.clear, [(raised[1].key.clone(), day("2026-03-16"))]);
    raised[1].cleared_on = Some(day("2026-03-16"));
    let over = findings(&raised, decided.clone(), &decided, day("2026-06-01"));
    assert_eq!(over, Findings::default(), "its clock had stopped");
}

#[test]
fn an_outage_raises_and_clears_with_their_own_days() {
    let now = found(of_days(5).stopped(day("2026-03-09")));
    let findings = findings(&[], now.clone(), &now, day("2026-04-01"));
    assert_eq!(findings.raise.len(), 1);
    assert_eq!(findings.raise[0].on, day("2026-03-06"));
    assert_eq!(findings.clear[0].1, day("2026-03-09"));
}

#[test]
fn what_is_out_of_bounds_is_named_with_its_bounds() {
    assert_eq!(Thresholds::default().faults(), Vec::<String>::new());
    let wrong = Thresholds {
        promise_charged_percent: 0,
        still_open_after: 0,
        grace: [(TimeRule::PromiseNear, 1), (TimeRule::DeliveryPassed, 31)].into(),
        ..Thresholds::default()
    };
    assert_eq!(
        wrong.faults(),
        [
            "thresholds.promise_charged_percent is 0, and may be 1 to 100",
            "thresholds.still_open_after is 0, and may be 1 to 250",
            "thresholds.grace.TIME_01: the rule warns before the end and has no grace",
            "thresholds.grace.TIME_08 is 31, and may be 0 to 30",
        ]
    );
}

#[test]
fn rules_are_read_by_their_codes_also_in_small_letters() {
    let read = |text: &str| serde_json::from_str::<Thresholds>(text);
    let thresholds =
        read(r#"{"off": ["TIME_05"], "grace": {"time_08": 2, "TIME_02": 1}}"#).unwrap();
    assert!(!thresholds.is_on(TimeRule::StepPassed));
    assert_eq!(thresholds.grace_of(TimeRule::DeliveryPassed), 2);
    assert_eq!(thresholds.grace_of(TimeRule::PromisePassed), 1);
    for wrong in [
        r#"{"grace": {"TIME_11": 1}}"#,
        r#"{"off": ["X"]}"#,
        r#"{"of": []}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_rule_has_a_name_in_both_languages() {
    let mut names = BTreeSet::new();
    for rule in TimeRule::ALL {
        let name = rule.name();
        assert!(names.insert(name.zh) && names.insert(name.en), "{name:?}");
    }
}
