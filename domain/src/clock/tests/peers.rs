//! Mistakes of other systems that the edges of our own rules do not show; the numbers are those of the table in
//! [`super`].

use std::sync::LazyLock;

use chrono::{DateTime, Days, NaiveDate, Utc};
use proptest::prelude::*;

use super::random::{clocks, closed, near};
use crate::calendar::tests::{day, notice, notices, published};
use crate::calendar::{Calendar, NoticeDayKind, local_date};
use crate::clock::{
    Act, ActKind, Boundary, Clock, ClockKind, ClockState, Conventions, DayRule, Interval, Limit,
    Terms, run,
};

static CALENDAR: LazyLock<Calendar> = LazyLock::new(published);

fn workdays(anchor: &str, n: u32) -> Clock {
    Clock::new(day(anchor), Limit::workdays(n))
}

/// Trap 4: remaining time in milliseconds, so that a day becomes twenty-four hours.
#[test]
fn a_working_day_is_a_date_and_no_hours() {
    for (instant, due) in [
        // Friday 16:59 in Shanghai: the next Monday, and before a Saturday that works, that Saturday.
        ("2024-03-08T08:59:00Z", "2024-03-11"),
        ("2025-10-10T08:59:00Z", "2025-10-11"),
        // A minute before and at midnight in Shanghai.
        ("2024-03-08T15:59:59Z", "2024-03-11"),
        ("2024-03-10T16:00:00Z", "2024-03-12"),
    ] {
        let instant: DateTime<Utc> = instant.parse().unwrap();
        let clock = Clock::new(local_date(instant), Limit::workdays(1));
        assert_eq!(clock.due_on(&CALENDAR), Some(day(due)), "{instant}");
        let last_second =
            (day(due).and_hms_opt(23, 59, 59).unwrap() - chrono::TimeDelta::hours(8)).and_utc();
        assert!(!clock.deadline(&CALENDAR, local_date(last_second)).overdue);
        let midnight = last_second + chrono::TimeDelta::seconds(1);
        assert!(clock.deadline(&CALENDAR, local_date(midnight)).overdue);
    }
}

/// Trap 10: a calendar that ends on a known date refuses what reaches over it, or never looks at it again.
#[test]
fn a_clock_that_runs_over_the_last_notice_is_settled_by_the_next() {
    let off = NoticeDayKind::Off;
    let mut all = notices();
    all.push(notice(
        2027,
        &[
            ("2027-01-01", off),
            ("2027-01-02", off),
            ("2027-01-03", off),
        ],
    ));
    let (before, after) = (published(), Calendar::try_new(&all).unwrap());
    let clock = workdays("2026-12-21", 9);
    let reading = |calendar| {
        let said = clock.deadline(calendar, clock.anchor);
        (said.due_on.unwrap().to_string(), said.provisional)
    };

    assert_eq!(reading(&before), ("2027-01-01".to_owned(), true));
    assert_eq!(reading(&after), ("2027-01-04".to_owned(), false));
    let guessed = clock.explain(&before, clock.anchor);
    assert_eq!(guessed.iter().filter(|row| row.provisional).count(), 1);
    let rows = clock.explain(&after, clock.anchor);
    let new_year = rows
        .iter()
        .find(|row| row.date == day("2027-01-01"))
        .unwrap();
    assert_eq!(
        (new_year.rule, new_year.holiday),
        (DayRule::Holiday, Some("元旦"))
    );
    assert!(new_year.notice.is_some(), "and the reason is on record");
}

/// Trap 17: a suspension that nobody takes out of the figures again. Seven working days end on 11 March, and with the
/// procedure on the 17th.
#[test]
fn who_suspended_is_judged_as_if_nobody_had() {
    use ActKind::{Accepted, Decided, Extend, Resume, Suspend};
    let act = |kind, on| Act::new(kind, day(on));
    let promise = Some(Limit::workdays(7));
    let terms = Terms::new(Conventions::default()).with(ClockKind::Promised, promise);
    let late = |more: &[Act]| {
        let procedure = [
            act(Accepted, "2026-03-02"),
            act(Suspend, "2026-03-03"),
            act(Resume, "2026-03-09"),
        ];
        let acts = [&procedure[..], more].concat();
        let found = run(ClockKind::Promised, &acts, &terms, &[], &CALENDAR).remove(0);
        let unsuspended = found.unsuspended(&acts, &CALENDAR);
        let is_late = |clock: &Clock| clock.deadline(&CALENDAR, day("2026-06-30")).overdue;
        (is_late(&found.clock), is_late(&unsuspended))
    };
    let decided = |on| act(Decided, on);
    assert_eq!(late(&[decided("2026-03-11")]), (false, false));
    assert_eq!(late(&[decided("2026-03-12")]), (false, true));
    assert_eq!(late(&[decided("2026-03-17")]), (false, true));
    assert_eq!(late(&[decided("2026-03-18")]), (true, true));
    assert_eq!(late(&[]), (true, true), "nothing has stopped it yet");

    // Entered after the period would have ended: it stops that day.
    let entered = |on: &str| decided("2026-03-11").entered(day(on));
    assert_eq!(late(&[entered("2026-03-12")]), (false, true));

    // Approved after the period would have ended: of no effect.
    let extended = |on| act(Extend, on).about([ClockKind::Promised]).adding(3);
    let decided = decided("2026-03-16");
    assert_eq!(
        late(&[extended("2026-03-11"), decided.clone()]),
        (false, false)
    );
    assert_eq!(late(&[extended("2026-03-12"), decided]), (false, true));
}

/// Trap 20: an extension that the next edit of the case takes back.
#[test]
fn whatever_happens_later_keeps_an_extended_date() {
    let extended = workdays("2024-07-01", 10).extended(day("2024-07-10"), 5);
    let due = Some(day("2024-07-22"));
    assert_eq!(extended.due_on(&CALENDAR), due);

    let too_late = extended.clone().extended(day("2024-07-23"), 5);
    let suspended_too_late = extended
        .clone()
        .suspended(Interval::open(day("2024-07-22")));
    let for_no_day = extended
        .clone()
        .suspended(Interval::closed(day("2024-07-16"), day("2024-07-16")));
    let before = extended
        .clone()
        .suspended(Interval::closed(day("2024-06-01"), day("2024-07-01")));
    let by_none = extended.clone().extended(day("2024-07-11"), 0);
    let decided = extended.clone().stopped(day("2024-07-12"));
    let decided_late = extended.clone().stopped(day("2024-07-30"));
    for edited in [
        too_late,
        suspended_too_late,
        for_no_day,
        before,
        by_none,
        decided,
        decided_late,
    ] {
        assert_eq!(edited.due_on(&CALENDAR), due, "{edited:?}");
        for today in day("2024-07-10").iter_days().take(60) {
            assert_eq!(
                edited.deadline(&CALENDAR, today).due_on,
                due,
                "{edited:?} on {today}"
            );
        }
    }
    // What does move it starts from the extended date.
    let suspended = extended.suspended(Interval::closed(day("2024-07-18"), day("2024-07-19")));
    assert_eq!(suspended.due_on(&CALENDAR), Some(day("2024-07-23")));
}

/// Trap 22: a task that expired cannot be finished any more, or is forgiven when it is.
#[test]
fn overdue_work_can_be_done_and_the_breach_stays() {
    let done = workdays("2026-03-02", 3).stopped(day("2026-03-09"));

    assert_eq!(
        done.deadline(&CALENDAR, day("2026-03-06")).state,
        ClockState::Overdue
    );
    for today in ["2026-03-09", "2026-03-10", "2030-01-01"] {
        let said = done.deadline(&CALENDAR, day(today));
        assert_eq!(
            (said.state, said.overdue, said.remaining),
            (ClockState::Stopped, true, -2)
        );
        assert_eq!(said.due_on, Some(day("2026-03-05")));
        let rows = done.explain(&CALENDAR, day(today));
        let overdue = rows.iter().filter(|row| row.rule == DayRule::Overdue);
        assert_eq!(overdue.count(), 2, "on {today}");
    }
}

/// Trap 24: a weekend inside a pause counted once as a weekend and once as paused.
#[test]
fn a_weekend_inside_a_suspension_is_not_excluded_twice() {
    let clock = workdays("2026-03-02", 10);
    let due = |clock: &Clock| clock.due_on(&CALENDAR).unwrap().to_string();
    assert_eq!(due(&clock), "2026-03-16");

    // Thursday to Tuesday: Friday, Monday and Tuesday are lost, and the weekend was never there to lose.
    let over_a_weekend = clock
        .clone()
        .suspended(Interval::closed(day("2026-03-05"), day("2026-03-10")));
    assert_eq!(due(&over_a_weekend), "2026-03-19");
    let only_a_weekend = clock
        .clone()
        .suspended(Interval::closed(day("2026-03-06"), day("2026-03-08")));
    assert_eq!(due(&only_a_weekend), "2026-03-16");
    let twice = over_a_weekend.suspended(Interval::closed(day("2026-03-06"), day("2026-03-08")));
    assert_eq!(due(&twice), "2026-03-19");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Trap 3: the date moves by the days that were lost, no more and no less.
    #[test]
    fn a_suspension_moves_a_clock_by_exactly_its_days(anchor in near(day("2022-12-31"), 1_200), n in 1_u32..61, start in 0_u64..100, length in 0_u64..30) {
        let clock = Clock::new(anchor, Limit::workdays(n));
        let due = clock.due_on(&CALENDAR).unwrap();
        let start = anchor - Days::new(10) + Days::new(start);
        let end = start + Days::new(length);
        let suspended = clock.suspended(Interval::closed(start, end)).due_on(&CALENDAR).unwrap();

        // The days of the suspension that the clock would else have charged, or that come in the place of those.
        let from = start.max(anchor);
        let lost = if from < due && from < end { CALENDAR.workdays_between(from, end) } else { 0 };
        prop_assert_eq!(CALENDAR.workdays_between(due, suspended), lost);
    }

    /// Trap 9: the day from which a period runs is found again from its end.
    #[test]
    fn counting_back_from_a_due_date_finds_the_anchor(anchor in near(day("2022-12-31"), 1_400), n in 0_u32..400) {
        let limit = Limit::workdays(n);
        let anchor = CALENDAR.next_workday_on_or_after(anchor);
        let due = Clock::new(anchor, limit).due_on(&CALENDAR).unwrap();
        prop_assert_eq!(limit.latest_before(due, &CALENDAR), anchor);
    }

    #[test]
    fn a_later_resumption_never_shortens(clock in clocks(), start in 0_u64..100, length in 0_u64..25, more in 0_u64..30) {
        let clock = Clock { stopped_on: None, ..closed(clock) };
        let start = clock.anchor - Days::new(10) + Days::new(start);
        let resumed = |more| {
            let end = start + Days::new(length + more);
            clock.clone().suspended(Interval::closed(start, end)).due_on(&CALENDAR)
        };
        prop_assert!(resumed(more) >= resumed(0));
        // And while it is open, the date shown for a resumption never comes nearer.
        let open = clock.clone().suspended(Interval::open(start));
        let shown = |day: NaiveDate| open.deadline(&CALENDAR, day).projected_on;
        let today = start + Days::new(more);
        prop_assert!(shown(today + Days::new(1)) >= shown(today));
    }

    /// Trap 24: the union counts, however it is cut.
    #[test]
    fn suspensions_cut_into_parts_exclude_the_same_days(clock in clocks(), start in 0_u64..100,
            length in 2_u64..40, cut in 0_u64..40, overlap in 0_u64..10) {
        let clock = Clock { stopped_on: None, boundary: Boundary::StartOfDayState, ..closed(clock) };
        let start = clock.anchor - Days::new(10) + Days::new(start);
        let on = |offset: u64| start + Days::new(offset.min(length));
        let whole = clock.clone().suspended(Interval::closed(start, on(length)));
        let parts = clock
            .suspended(Interval::closed(start, on(cut + overlap)))
            .suspended(Interval::closed(on(cut), on(length)));
        prop_assert_eq!(parts.due_on(&CALENDAR), whole.due_on(&CALENDAR));
        for today in [start, on(cut), on(cut + overlap), on(length), on(length) + Days::new(20)] {
            prop_assert_eq!(parts.deadline(&CALENDAR, today), whole.deadline(&CALENDAR, today));
        }
    }
}
