//! What other systems got wrong, and the edges of each rule, by hand.

use chrono::NaiveDate;

use crate::calendar::tests::{day, published};
use crate::clock::{
    Boundary, CardModel, Clock, ClockKind, ClockState, Component, Conventions, Direction, Interval,
    JointPolicy, Lamp, LampDates, Limit, Standing, Unit, Warning, Warnings, joint_suspensions,
};
use crate::code::Code;
use crate::lang::Lang;

fn closed(start: &str, end: &str) -> Interval {
    Interval::closed(day(start), day(end))
}

fn workdays(anchor: &str, n: u32) -> Clock {
    Clock::new(day(anchor), Limit::workdays(n))
}

#[track_caller]
fn due(clock: &Clock, expected: &str) {
    assert_eq!(
        clock
            .due_on(&published())
            .map(|due| due.to_string())
            .as_deref(),
        Some(expected)
    );
}

#[test]
fn the_boundary_decides_on_the_first_and_the_last_day_of_a_suspension() {
    let clock = workdays("2025-03-03", 8).suspended(closed("2025-03-06", "2025-03-19"));

    due(&clock, "2025-03-26");
    due(&clock.clone().bounded(Boundary::Inclusive), "2025-03-27");
    due(&clock.bounded(Boundary::Exclusive), "2025-03-25");
}

#[test]
fn a_suspension_of_one_day_excludes_a_day_only_if_both_ends_are_excluded() {
    let clock = workdays("2026-03-02", 5).suspended(closed("2026-03-04", "2026-03-04"));

    due(&clock, "2026-03-09");
    due(&clock.clone().bounded(Boundary::Exclusive), "2026-03-09");
    due(&clock.bounded(Boundary::Inclusive), "2026-03-10");
}

/// Trap 24: a day excluded by each of two suspensions that overlap.
#[test]
fn overlapping_suspensions_exclude_a_day_once() {
    let one = workdays("2025-03-03", 8).suspended(closed("2025-03-06", "2025-03-19"));
    let both = one
        .clone()
        .suspended(closed("2025-03-10", "2025-03-14"))
        .suspended(closed("2025-03-08", "2025-03-19"));

    due(&one, "2025-03-26");
    due(&both, "2025-03-26");
}

#[test]
fn a_suspension_after_the_due_date_does_not_touch_the_clock() {
    let calendar = published();
    let clock = workdays("2025-03-03", 3).suspended(closed("2025-03-10", "2025-03-20"));

    let said = clock.deadline(&calendar, day("2025-03-20"));
    assert_eq!(said.due_on, Some(day("2025-03-06")));
    assert_eq!(
        (said.remaining, said.state, said.elapsed),
        (-10, ClockState::Overdue, 13)
    );
    let open = workdays("2025-03-03", 3).suspended(Interval::open(day("2025-03-10")));
    assert_eq!(
        open.deadline(&calendar, day("2025-03-20")).state,
        ClockState::Overdue
    );
}

#[test]
fn a_suspension_that_starts_on_the_due_date_finds_no_day_left() {
    let calendar = published();
    let on_the_day = workdays("2025-03-03", 3).suspended(Interval::open(day("2025-03-06")));
    let a_day_before = workdays("2025-03-03", 3).suspended(Interval::open(day("2025-03-05")));

    assert_eq!(on_the_day.due_on(&calendar), Some(day("2025-03-06")));
    assert_eq!(
        on_the_day.deadline(&calendar, day("2025-03-07")).state,
        ClockState::Overdue
    );
    let said = a_day_before.deadline(&calendar, day("2025-03-07"));
    assert_eq!(
        (said.due_on, said.remaining, said.state),
        (None, 1, ClockState::Suspended)
    );
}

/// Trap 7: the due date from before a suspension shown while it is open.
#[test]
fn while_suspended_the_date_is_projected_and_the_days_stand_still() {
    let calendar = published();
    let clock = workdays("2025-03-03", 8).suspended(closed("2025-03-06", "2025-03-19"));
    let said = |date: &str| clock.deadline(&calendar, day(date));

    assert_eq!(
        (said("2025-03-05").state, said("2025-03-05").remaining),
        (ClockState::Running, 6)
    );
    for date in ["2025-03-06", "2025-03-12", "2025-03-18"] {
        assert_eq!(
            (said(date).state, said(date).remaining, said(date).due_on),
            (ClockState::Suspended, 5, None)
        );
    }
    assert_eq!(said("2025-03-12").projected_on, day("2025-03-19"));
    assert_eq!(
        (said("2025-03-19").state, said("2025-03-19").remaining),
        (ClockState::Running, 5)
    );
    assert_eq!(said("2025-03-19").due_on, Some(day("2025-03-26")));
    assert_eq!(said("2025-03-02").state, ClockState::NotStarted);
    assert_eq!(said("2025-03-02").remaining, 8);
}

/// Trap 3: a suspension stored as a flag that moves no date, or that moves them all.
#[test]
fn only_the_clocks_that_a_procedure_may_stop_are_moved() {
    let supplement = closed("2026-03-04", "2026-03-11");

    due(
        &workdays("2026-03-02", 5).suspended(supplement),
        "2026-03-16",
    );
    due(&workdays("2026-03-02", 20), "2026-03-30");
}

/// Trap 1: holidays looked up for the limit only, and not for the days that an extension adds.
#[test]
fn the_days_of_an_extension_meet_holidays_like_all_others() {
    due(&workdays("2026-01-20", 15), "2026-02-10");
    // Ten days more: February 11 to 13, Saturday 14, then after the festival 24 to 27, Saturday 28, March 2.
    due(
        &workdays("2026-01-20", 15).extended(day("2026-02-09"), 10),
        "2026-03-02",
    );
}

#[test]
fn an_extension_counts_up_to_the_due_date_and_not_after() {
    let calendar = published();

    due(
        &workdays("2024-07-01", 10).extended(day("2024-07-15"), 5),
        "2024-07-22",
    );
    let late = workdays("2024-07-01", 10).extended(day("2024-07-16"), 5);
    due(&late, "2024-07-15");
    assert_eq!(
        late.deadline(&calendar, day("2024-07-20")).late_extensions,
        [day("2024-07-16")]
    );
    // It is not yet known on the day before it was approved, and the second counts from what the first gave.
    let twice = workdays("2024-07-01", 10)
        .extended(day("2024-07-22"), 1)
        .extended(day("2024-07-15"), 5);
    due(&twice, "2024-07-23");
    assert_eq!(
        twice.deadline(&calendar, day("2024-07-14")).due_on,
        Some(day("2024-07-15"))
    );
}

#[test]
fn an_extension_while_suspended_is_in_time() {
    let clock = workdays("2024-07-01", 10)
        .suspended(closed("2024-07-08", "2024-07-31"))
        .extended(day("2024-07-29"), 5);

    due(&clock, "2024-08-14");
}

/// Trap 23: a month after January 31, and three months without a corresponding day.
#[test]
fn months_end_on_the_corresponding_day_or_with_the_month_and_roll() {
    let months = |anchor: &str, n| Clock::new(day(anchor), Limit::months(n));

    due(&months("2026-01-31", 1), "2026-02-28");
    due(&months("2024-01-31", 1), "2024-02-29");
    due(&months("2025-11-30", 3), "2026-02-28");
    due(&months("2025-12-15", 2), "2026-02-24");
    due(
        &Clock::new(day("2024-02-29"), Limit::years(1)),
        "2025-02-28",
    );
    due(
        &Clock::new(day("2025-09-05"), Limit::calendar_days(30)),
        "2025-10-09",
    );
    due(
        &Clock::new(day("2025-10-01"), Limit::calendar_days(0)),
        "2025-10-01",
    );
}

/// 民法典 Art. 203(1) is applied by analogy; a centre may have decided otherwise.
#[test]
fn an_end_on_a_day_off_stays_where_nothing_rolls() {
    let unrolled = Conventions {
        roll_calendar_end: false,
        ..Conventions::default()
    };
    let ends = |limit, on| due(&unrolled.clock(day("2025-09-05"), limit), on);

    ends(Limit::calendar_days(30), "2025-10-05");
    ends(Limit::months(1), "2025-10-05");
    ends(Limit::workdays(20), "2025-10-10");
    due(
        &unrolled
            .clock(day("2025-09-05"), Limit::calendar_days(30))
            .suspended(closed("2025-09-10", "2025-09-11")),
        "2025-10-06",
    );
}

#[test]
fn a_suspended_month_goes_on_with_the_days_it_had_left() {
    let clock = Clock::new(day("2026-03-02"), Limit::months(1))
        .suspended(closed("2026-03-10", "2026-03-20"));

    // Thirty-one days, ten of them excluded: 2026-04-12 is a Sunday.
    due(&clock, "2026-04-13");
}

#[test]
fn a_stopped_clock_stands_still() {
    let calendar = published();
    let clock = workdays("2026-06-12", 5).stopped(day("2026-06-17"));

    let said = clock.deadline(&calendar, day("2026-06-30"));
    assert_eq!(
        (said.state, said.remaining, said.elapsed, said.overdue),
        (ClockState::Stopped, 2, 3, false)
    );
    let late = workdays("2026-06-12", 5)
        .stopped(day("2026-06-24"))
        .deadline(&calendar, day("2027-01-01"));
    assert_eq!(
        (late.state, late.remaining, late.overdue),
        (ClockState::Stopped, -2, true)
    );
    let before = clock.deadline(&calendar, day("2026-06-16"));
    assert_eq!((before.state, before.remaining), (ClockState::Running, 3));
    let while_suspended = workdays("2026-06-12", 5)
        .suspended(Interval::open(day("2026-06-15")))
        .stopped(day("2026-06-17"));
    let said = while_suspended.deadline(&calendar, day("2026-06-30"));
    assert_eq!(
        (said.state, said.due_on, said.remaining, said.overdue),
        (ClockState::Stopped, None, 4, false)
    );
}

#[test]
fn warnings_start_when_one_tenth_is_left() {
    let calendar = published();
    let from = |n, rule| {
        workdays("2026-03-02", n)
            .warning_from(&calendar, rule)
            .unwrap()
            .to_string()
    };

    assert_eq!(from(10, Warning::PROMISED), "2026-03-13");
    assert_eq!(from(20, Warning::STATUTORY), "2026-03-26");
    assert_eq!(from(20, Warning::PROMISED), "2026-03-26");
    assert_eq!(
        from(15, Warning::PROMISED),
        "2026-03-20",
        "ceil(13.5) is 14 days"
    );
    assert_eq!(
        from(15, Warning::STATUTORY),
        "2026-03-20",
        "one tenth rounded down is one day"
    );
    assert_eq!(from(5, Warning::PROMISED), "2026-03-06");
    for n in [0, 1] {
        assert_eq!(from(n, Warning::PROMISED), "2026-03-02");
        assert_eq!(from(n, Warning::STATUTORY), "2026-03-02");
    }
}

#[test]
fn a_warning_waits_for_a_suspension_but_is_not_taken_back_by_it() {
    let calendar = published();
    let clock = workdays("2026-03-02", 10);
    let from = |clock: &Clock| clock.warning_from(&calendar, Warning::PROMISED);

    assert_eq!(
        from(&clock.clone().suspended(Interval::open(day("2026-03-10")))),
        None
    );
    assert_eq!(
        from(&clock.clone().suspended(closed("2026-03-10", "2026-03-17"))),
        Some(day("2026-03-20"))
    );
    assert_eq!(
        from(&clock.clone().suspended(Interval::open(day("2026-03-13")))),
        Some(day("2026-03-13"))
    );
    assert_eq!(from(&clock.clone().stopped(day("2026-03-12"))), None);
    assert_eq!(
        from(&clock.stopped(day("2026-03-13"))),
        Some(day("2026-03-13"))
    );
}

#[test]
fn calendar_periods_warn_on_a_day_on_which_somebody_works() {
    let calendar = published();
    let clock = Clock::new(day("2025-09-05"), Limit::calendar_days(30));

    // Due on 2025-10-09 after eight days of holidays; the three days left would begin inside them.
    assert_eq!(
        clock.warning_from(&calendar, Warning::STATUTORY),
        Some(day("2025-09-30"))
    );
    let paused = clock.suspended(closed("2025-09-24", "2025-09-30"));
    due(&paused, "2025-10-11");
    assert_eq!(
        paused.warning_from(&calendar, Warning::STATUTORY),
        Some(day("2025-10-08"))
    );
}

#[test]
fn a_calendar_period_with_one_working_day_left_warns_before_its_suspension() {
    let clock = Clock::new(day("2026-03-02"), Limit::calendar_days(10))
        .suspended(closed("2026-03-10", "2026-03-20"));

    // Two days are left, a Saturday and a Sunday, so Monday the 23rd is the only working day after the 10th.
    due(&clock, "2026-03-23");
    for rule in [Warning::PROMISED, Warning::STATUTORY] {
        assert_eq!(
            clock.warning_from(&published(), rule),
            Some(day("2026-03-10"))
        );
    }
}

/// The lamp where cards are sanctions.
fn shown(standing: Standing) -> Lamp {
    CardModel::default().lamp(standing)
}

/// DL-53 by both models: cards as sanctions, and colours that warn.
#[test]
fn the_colours_mean_what_the_centre_says() {
    let calendar = published();
    let (promised, statutory) = (workdays("2026-03-02", 10), workdays("2026-03-02", 20));
    let dates = LampDates::of(
        Some(&promised),
        Some(&statutory),
        &calendar,
        Warnings::default(),
    );
    let mut table = Vec::new();
    for date in [
        "2026-03-12",
        "2026-03-13",
        "2026-03-16",
        "2026-03-17",
        "2026-03-31",
    ] {
        let models = [CardModel::SanctionCards, CardModel::WarningColours];
        let running = models.map(|model| model.lamp(dates.standing(day(date))).code());
        let closed = models.map(|model| model.lamp(dates.settled(day(date))).code());
        table.push(format!("{date} {} {}", running.join("/"), closed.join("/")));
    }
    assert_eq!(
        table,
        [
            "2026-03-12 GREEN/GREEN GREEN/GREEN",
            "2026-03-13 ALERT/YELLOW GREEN/GREEN",
            "2026-03-16 ALERT/YELLOW GREEN/GREEN",
            "2026-03-17 YELLOW/RED YELLOW/RED",
            "2026-03-31 RED/RED RED/RED",
        ]
    );
}

#[test]
fn other_thresholds_warn_on_other_days() {
    let calendar = published();
    let from = |n, warning| workdays("2026-03-02", n).warning_from(&calendar, warning);
    for (n, warning, expected) in [
        (10, Warning::charged(50, 1), "2026-03-09"),
        (10, Warning::charged(100, 0), "2026-03-16"),
        (10, Warning::charged(100, 3), "2026-03-11"),
        (10, Warning::left(30, 1), "2026-03-11"),
        (10, Warning::left(0, 1), "2026-03-13"),
        (15, Warning::left(25, 1), "2026-03-18"),
        (2, Warning::charged(90, 5), "2026-03-02"),
    ] {
        assert_eq!(from(n, warning), Some(day(expected)), "{n} {warning:?}");
    }
    // Thirty days end on Wednesday, 1 April: two working days before is the Monday.
    let month = Clock::new(day("2026-03-02"), Limit::calendar_days(30));
    assert_eq!(
        month.warning_from(&calendar, Warning::left(0, 2)),
        Some(day("2026-03-30"))
    );
}

#[test]
fn the_lamp_runs_from_green_to_red() {
    let calendar = published();
    let (promised, statutory) = (workdays("2026-03-02", 10), workdays("2026-03-02", 20));
    let dates = LampDates::of(
        Some(&promised),
        Some(&statutory),
        &calendar,
        Warnings::default(),
    );

    for (date, lamp, next) in [
        ("2026-03-02", Lamp::Green, Some("2026-03-13")),
        ("2026-03-13", Lamp::Alert, Some("2026-03-17")),
        ("2026-03-16", Lamp::Alert, Some("2026-03-17")),
        ("2026-03-17", Lamp::Yellow, Some("2026-03-31")),
        ("2026-03-30", Lamp::Yellow, Some("2026-03-31")),
        ("2026-03-31", Lamp::Red, None),
    ] {
        assert_eq!(shown(dates.standing(day(date))), lamp, "{date}");
        assert_eq!(dates.next_change_after(day(date)), next.map(day), "{date}");
    }
    assert_eq!(
        shown(LampDates::default().standing(day("2026-03-02"))),
        Lamp::Off
    );
    assert_eq!(LampDates::default().next_change_after(NaiveDate::MAX), None);
    let no_promise = LampDates::of(None, Some(&statutory), &calendar, Warnings::default());
    assert_eq!(no_promise.alert_on, Some(day("2026-03-26")));
    assert_eq!(
        no_promise.next_change_after(day("2026-03-26")),
        Some(day("2026-03-31"))
    );
}

/// Trap 11: a closed case compared with today, so that it turns red in the archive.
#[test]
fn closed_in_time_is_green_for_ever_and_closed_late_keeps_its_colour() {
    let calendar = published();
    let closed_on = |date: &str| {
        let stop = day(date);
        let clocks = [10, 20].map(|n| workdays("2026-03-02", n).stopped(stop));
        let dates = LampDates::of(
            Some(&clocks[0]),
            Some(&clocks[1]),
            &calendar,
            Warnings::default(),
        );
        assert_eq!(dates.settled(stop), dates.standing(stop), "{date}");
        shown(dates.standing(stop))
    };

    assert_eq!(closed_on("2026-03-05"), Lamp::Green);
    assert_eq!(
        closed_on("2026-03-16"),
        Lamp::Green,
        "on the last day, with the alert on"
    );
    assert_eq!(closed_on("2026-03-17"), Lamp::Yellow);
    assert_eq!(closed_on("2026-03-31"), Lamp::Red);
    // The stored dates of a running case settle in the same way, and one closed during a suspension was in time.
    let running = LampDates::of(
        Some(&workdays("2026-03-02", 10)),
        None,
        &calendar,
        Warnings::default(),
    );
    assert_eq!(
        (
            shown(running.standing(day("2026-03-16"))),
            shown(running.settled(day("2026-03-16")))
        ),
        (Lamp::Alert, Lamp::Green)
    );
    assert_eq!(
        shown(LampDates::default().settled(day("2026-03-16"))),
        Lamp::Green
    );
}

#[test]
fn a_suspended_case_shows_no_date_but_keeps_what_it_has_earned() {
    let calendar = published();
    let promised = workdays("2026-03-02", 5);
    let statutory = workdays("2026-03-02", 20).suspended(Interval::open(day("2026-03-12")));

    let late = LampDates::of(
        Some(&promised),
        Some(&statutory),
        &calendar,
        Warnings::default(),
    );
    assert_eq!(
        (
            late.statutory_due_on,
            shown(late.standing(day("2026-06-01")))
        ),
        (None, Lamp::Yellow)
    );
    let both = promised.suspended(Interval::open(day("2026-03-03")));
    assert_eq!(
        shown(
            LampDates::of(
                Some(&both),
                Some(&statutory),
                &calendar,
                Warnings::default()
            )
            .standing(day("2026-06-01"))
        ),
        Lamp::Off
    );
}

/// Trap 6: a date outside the known calendar given without a word.
#[test]
fn a_date_beyond_the_notices_is_provisional() {
    let calendar = published();
    let provisional = |clock: Clock| clock.deadline(&calendar, clock.anchor).provisional;

    assert!(!provisional(workdays("2026-12-21", 8)), "due on 2026-12-31");
    assert!(provisional(workdays("2026-12-21", 9)), "due on 2027-01-01");
    assert!(provisional(Clock::new(day("2026-12-21"), Limit::months(1))));
    assert!(
        !provisional(Clock::new(day("2022-12-31"), Limit::workdays(5))),
        "counts from 2023-01-01"
    );
    assert!(
        !provisional(Clock::new(day("2022-06-01"), Limit::years(1))),
        "only its end touches the calendar"
    );
    assert!(
        !provisional(workdays("2027-03-01", 0)),
        "rests on no calendar at all"
    );
}

#[test]
fn absurd_input_is_answered_and_not_refused_by_a_crash() {
    let calendar = published();
    let limits = [Unit::Workday, Unit::CalendarDay, Unit::Month, Unit::Year];
    let dates = [
        NaiveDate::MIN,
        day("1970-01-01"),
        day("2026-02-14"),
        NaiveDate::MAX,
    ];
    for (unit, n) in limits
        .into_iter()
        .flat_map(|unit| [0, 1, 3_650, u32::MAX].map(|n| (unit, n)))
    {
        for (anchor, other) in dates
            .into_iter()
            .flat_map(|anchor| dates.map(|other| (anchor, other)))
        {
            for boundary in Boundary::ALL {
                let clock = Clock::new(anchor, Limit { n, unit })
                    .bounded(*boundary)
                    .extended(other, u32::MAX)
                    .suspended(Interval::closed(other, anchor))
                    .suspended(Interval::closed(anchor, other))
                    .suspended(Interval::open(other));
                for clock in [clock.clone(), clock.stopped(other)] {
                    for today in dates {
                        let said = clock.deadline(&calendar, today);
                        assert!(said.due_on.is_none_or(|due| due >= anchor));
                        assert!(said.elapsed >= 0);
                    }
                    let lamps =
                        LampDates::of(Some(&clock), Some(&clock), &calendar, Warnings::default());
                    assert!(lamps.alert_on.is_none_or(|alert| alert >= anchor));
                    assert_ne!(lamps.next_change_after(other), Some(other));
                }
            }
        }
    }
}

#[test]
fn backward_limits_are_not_rolled() {
    let calendar = published();

    assert_eq!(
        Limit::workdays(7).latest_before(day("2026-03-26"), &calendar),
        day("2026-03-17")
    );
    assert_eq!(
        Limit::calendar_days(30).latest_before(day("2026-06-30"), &calendar),
        day("2026-05-31")
    );
    assert_eq!(
        Limit::months(1).latest_before(day("2026-03-31"), &calendar),
        day("2026-02-28")
    );
    assert_eq!(
        Limit::years(u32::MAX).latest_before(day("2026-03-31"), &calendar),
        NaiveDate::MIN
    );
    assert_eq!(
        Limit::calendar_days(u32::MAX).latest_before(day("2026-03-31"), &calendar),
        NaiveDate::MIN
    );
}

#[test]
fn an_open_component_stops_the_joint_clock_until_it_is_decided() {
    let component = |decided: Option<&str>, suspensions| Component {
        starts_on: day("2026-04-07"),
        decided_on: decided.map(day),
        decided_entered_on: None,
        suspensions,
    };
    let parts = [
        component(Some("2026-04-20"), vec![Interval::open(day("2026-04-10"))]),
        component(
            None,
            vec![
                closed("2026-04-08", "2026-04-13"),
                Interval::open(day("2026-04-25")),
            ],
        ),
    ];

    assert_eq!(
        joint_suspensions(JointPolicy::Any, Boundary::default(), &parts),
        [
            closed("2026-04-08", "2026-04-20"),
            Interval::open(day("2026-04-25"))
        ]
    );
    assert_eq!(
        joint_suspensions(JointPolicy::All, Boundary::default(), &parts),
        [
            closed("2026-04-10", "2026-04-13"),
            Interval::open(day("2026-04-25"))
        ]
    );
    assert_eq!(
        joint_suspensions(JointPolicy::None, Boundary::default(), &parts),
        []
    );
    assert_eq!(
        joint_suspensions(JointPolicy::All, Boundary::default(), &[]),
        []
    );
}

/// A.4-9: by each boundary the joint clock excludes the days that its components do, those at the edges, too.
#[test]
fn the_joint_clock_keeps_to_the_boundary_of_its_components() {
    let calendar = published();
    let joint = |policy, boundary, suspensions: &[Interval]| {
        let parts = suspensions.iter().map(|interval| Component {
            starts_on: day("2026-03-02"),
            decided_on: None,
            decided_entered_on: None,
            suspensions: vec![*interval],
        });
        let suspended = joint_suspensions(policy, boundary, &parts.collect::<Vec<_>>());
        let clock = |limit| workdays("2026-03-02", limit).bounded(boundary);
        let due_on = clock(15).suspended_by(suspended).due_on(&calendar).unwrap();
        let plain = clock(15).due_on(&calendar).unwrap();
        (calendar.workdays_between(plain, due_on), due_on.to_string())
    };
    let (any, all) = (JointPolicy::Any, JointPolicy::All);
    let one_day = [closed("2026-03-04", "2026-03-04")];
    let in_turn = [
        closed("2026-03-04", "2026-03-10"),
        closed("2026-03-10", "2026-03-17"),
    ];
    for (policy, boundary, suspensions, days, due_on) in [
        (
            any,
            Boundary::StartOfDayState,
            &one_day[..],
            0,
            "2026-03-23",
        ),
        (any, Boundary::Inclusive, &one_day, 1, "2026-03-24"),
        (any, Boundary::Exclusive, &one_day, 0, "2026-03-23"),
        (any, Boundary::StartOfDayState, &in_turn, 9, "2026-04-03"),
        (any, Boundary::Inclusive, &in_turn, 10, "2026-04-07"),
        (any, Boundary::Exclusive, &in_turn, 7, "2026-04-01"),
        (all, Boundary::StartOfDayState, &in_turn, 0, "2026-03-23"),
        (all, Boundary::Inclusive, &in_turn, 1, "2026-03-24"),
        (all, Boundary::Exclusive, &in_turn, 0, "2026-03-23"),
    ] {
        let found = joint(policy, boundary, suspensions);
        assert_eq!(found, (days, due_on.to_owned()), "{policy:?} {boundary:?}");
    }
}

/// An entry after the fact of a component is one for the joint clock by each boundary, and no other is.
#[test]
fn by_each_boundary_only_what_was_entered_late_is_late_for_the_joint_clock() {
    for boundary in Boundary::ALL {
        let late = closed("2026-03-04", "2026-03-06").entered(day("2026-03-05"));
        for interval in [closed("2026-03-04", "2026-03-06"), late] {
            let component = Component {
                starts_on: day("2026-03-02"),
                decided_on: None,
                decided_entered_on: None,
                suspensions: vec![interval],
            };
            for policy in [JointPolicy::Any, JointPolicy::All] {
                let joint = joint_suspensions(policy, *boundary, std::slice::from_ref(&component));
                assert_eq!(joint, [interval], "{policy:?} {boundary:?}");
            }
        }
    }
}

/// Only a suspension that left a day of the period out has moved it.
#[test]
fn what_excluded_no_day_did_not_move_the_clock() {
    let calendar = published();
    let why = |suspension: Interval, lang| {
        let clock = workdays("2026-03-02", 5).suspended(suspension);
        clock
            .why_overdue(&calendar, day("2026-03-31"), lang)
            .unwrap()
    };
    for (idle, zh, en) in [
        (
            closed("2026-03-09", "2026-03-13"),
            "2026-03-09 至 2026-03-13 中止（未扣除期限内任何一日）",
            "suspension from 2026-03-09 to 2026-03-13 (it excludes no day of the period)",
        ),
        (
            closed("2026-03-04", "2026-03-04"),
            "2026-03-04 至 2026-03-04 中止（未扣除期限内任何一日）",
            "suspension from 2026-03-04 to 2026-03-04 (it excludes no day of the period)",
        ),
        (
            closed("2026-03-06", "2026-03-08"),
            "2026-03-06 至 2026-03-08 中止（未扣除期限内任何一日）",
            "suspension from 2026-03-06 to 2026-03-08 (it excludes no day of the period)",
        ),
        (
            closed("2026-03-10", "2026-03-11"),
            "2026-03-10 至 2026-03-11 中止（届满之后）",
            "suspension from 2026-03-10 to 2026-03-11 (after the due date)",
        ),
    ] {
        let chinese = why(idle, Lang::Zh);
        assert!(
            chinese.contains("使期限顺延的中止、延期：无。未产生效力的："),
            "{chinese}"
        );
        assert!(
            chinese.ends_with(&format!("未产生效力的：{zh}。")),
            "{chinese}"
        );
        let english = why(idle, Lang::En);
        let told = format!("It was moved by: nothing. Without effect: {en}.");
        assert!(english.ends_with(&told), "{english}");
    }
    let moved = why(closed("2026-03-06", "2026-03-09"), Lang::En);
    let told = "moved by: suspension from 2026-03-06 to 2026-03-09. Without effect: nothing.";
    assert!(moved.ends_with(told), "{moved}");
}

#[test]
fn the_table_of_clocks_is_complete() {
    // Clock, default limit, most days of an extension: section by section as the law and the rules give them.
    let expected = [
        ("ACCEPTANCE_CHECK", Some(5), None),
        ("SUPPLEMENT", Some(20), None),
        ("STATUTORY", Some(20), Some(10)),
        ("PROMISED", None, Some(10)),
        ("REDECISION", Some(20), None),
        ("STEP", None, None),
        ("JOINT", Some(45), Some(15)),
        ("JOINT_PROMISED", None, Some(15)),
        ("PRELIMINARY", Some(20), None),
        ("INSPECTION_ASSIGN", Some(5), None),
        ("SPECIAL", None, None),
        ("CONDITIONAL_SUPPLEMENT", Some(5), None),
        ("OPINION", Some(5), None),
        ("MEDIATION", Some(3), None),
        ("DELIVERY", Some(10), None),
        ("TACIT_PAPER", Some(1), None),
        ("HEARING_REQUEST", Some(5), None),
        ("HEARING_HOLD", Some(20), None),
        ("HEARING_NOTICE", Some(7), None),
        ("RENEWAL_APPLY", Some(30), None),
        ("RENEWAL_DECIDE", Some(0), None),
        ("DISCLOSURE_ANSWER", Some(20), Some(20)),
        ("DISCLOSURE_CORRECTION", Some(7), None),
        ("DISCLOSURE_THIRD_PARTY", Some(15), None),
        ("DISCLOSURE_OTHER_AGENCY", Some(15), None),
        ("DISCLOSURE_PUBLISH", Some(20), None),
        ("RATING_CONTACT", Some(1), None),
        ("RATING_RECTIFY", Some(15), None),
        ("COMPLAINT_ANSWER", Some(5), Some(5)),
        ("SUPERVISION_SIGN", Some(1), None),
        ("SUPERVISION_REPORT", Some(3), None),
        ("CARD_APPEAL", Some(5), None),
        ("CARD_APPEAL_DECIDE", Some(5), None),
        ("LIBRARY_CHANGE", Some(20), None),
        ("LIBRARY_REVIEW", Some(10), None),
        ("LIBRARY_PUBLISH", Some(3), None),
    ];

    let table = ClockKind::ALL.iter().map(|kind| {
        let row = kind.row();
        (
            kind.code(),
            row.limit.map(|limit| limit.n),
            row.extends.and_then(|extending| extending.days),
        )
    });
    assert!(table.eq(expected));
    for kind in ClockKind::ALL {
        let row = kind.row();
        let calendar_days = matches!(kind, ClockKind::RenewalApply | ClockKind::RenewalDecide);
        assert_eq!(
            row.limit.is_some_and(|limit| limit.unit != Unit::Workday),
            calendar_days,
            "{kind:?}"
        );
        let backward = matches!(kind, ClockKind::HearingNotice | ClockKind::RenewalApply);
        assert_eq!(row.direction == Direction::Before, backward, "{kind:?}");
        for phrase in [row.name, row.event, row.stops] {
            assert!(
                !phrase.zh.is_ascii() && phrase.en.is_ascii() && !phrase.en.is_empty(),
                "{kind:?}"
            );
        }
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
    }
}

#[test]
fn codes_and_exchange_forms_agree() {
    let limit: Limit = serde_json::from_str(r#"{"n":5,"unit":"WORKDAY"}"#).unwrap();
    assert_eq!(limit, Limit::workdays(5));
    assert_eq!(
        serde_json::to_string(&Limit::calendar_days(7)).unwrap(),
        r#"{"n":7,"unit":"CALENDAR_DAY"}"#
    );
    for unit in Unit::ALL {
        assert_eq!(serde_json::to_value(unit).unwrap(), unit.code());
    }
    for boundary in Boundary::ALL {
        assert_eq!(serde_json::to_value(boundary).unwrap(), boundary.code());
    }
}
