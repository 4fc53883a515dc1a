//! The rows of an explanation: by hand, and that they add up to what the deadline says.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::random::{clocks, readings};
use crate::calendar::Calendar;
use crate::calendar::tests::{day, published};
use crate::clock::{Boundary, Clock, DayRule, ExplainedDay, Interval, Limit, MOST_DAYS, Unit};
use crate::code::Code;

static CALENDAR: LazyLock<Calendar> = LazyLock::new(published);

fn explain(clock: &Clock, today: &str) -> Vec<ExplainedDay<'static>> {
    clock.explain(&CALENDAR, day(today))
}

/// The rules of days in a row, each with the day of the month on which it begins.
fn rules(rows: &[ExplainedDay]) -> String {
    let mut text = String::new();
    let mut former = None;
    for row in rows {
        if former != Some(row.rule) {
            let _ = write!(text, "{} {}, ", row.date.format("%d"), row.rule.code());
        }
        former = Some(row.rule);
    }
    text
}

#[test]
fn every_day_over_the_spring_festival_has_its_rule() {
    let clock = Clock::new(day("2026-02-13"), Limit::workdays(6))
        .suspended(Interval::closed(day("2026-02-26"), day("2026-03-02")));
    let rows = explain(&clock, "2026-03-05");

    assert_eq!(
        rules(&rows),
        "13 ANCHOR, 14 MAKEUP, 15 HOLIDAY, 24 COUNTED, 27 SUSPENDED, 03 COUNTED, 05 OVERDUE, "
    );
    let row = |date: &str| *rows.iter().find(|row| row.date == day(date)).unwrap();
    let makeup = row("2026-02-14");
    assert_eq!((makeup.ordinal, makeup.remaining), (Some(1), 5));
    assert_eq!(makeup.holiday, Some("春节"));
    assert_eq!(makeup.notice, Some("国办发明电〔2025〕7号"));
    assert_eq!(row("2026-02-28").suspension, Some(0));
    assert_eq!(row("2026-03-04").ordinal, Some(6));
    assert_eq!(
        rows.last().unwrap().date,
        day("2026-03-05"),
        "overdue today"
    );
}

#[test]
fn days_after_the_due_date_say_how_it_came_to_be_overdue() {
    let clock = Clock::new(day("2026-03-02"), Limit::workdays(3));

    assert_eq!(
        rules(&explain(&clock, "2026-03-09")),
        "02 ANCHOR, 03 COUNTED, 06 OVERDUE, 07 OVERDUE_REST, 09 OVERDUE, "
    );
    assert_eq!(explain(&clock, "2026-03-09").last().unwrap().remaining, -2);
    let in_time = clock.clone().stopped(day("2026-03-04"));
    assert_eq!(
        rules(&explain(&in_time, "2026-04-01")),
        "02 ANCHOR, 03 COUNTED, "
    );
    let late = clock.stopped(day("2026-03-06"));
    assert_eq!(
        rules(&explain(&late, "2026-04-01")),
        "02 ANCHOR, 03 COUNTED, 06 OVERDUE, ",
        "the days after the stop are nobody's"
    );
}

#[test]
fn a_month_is_counted_by_the_calendar_and_rolls() {
    let month = Clock::new(day("2025-09-05"), Limit::months(1));

    assert_eq!(
        rules(&explain(&month, "2025-10-10")),
        "05 ANCHOR, 06 CALENDAR_DAY, 06 ROLLED, 10 OVERDUE, "
    );
    let none = Clock::new(day("2025-10-01"), Limit::calendar_days(0));
    assert_eq!(
        rules(&explain(&none, "2025-10-02")),
        "01 IMMEDIATE, 02 OVERDUE, ",
        "a period of no days is not rolled"
    );
}

#[test]
fn a_day_names_the_suspension_that_excluded_first() {
    let clock = Clock::new(day("2025-03-03"), Limit::workdays(8))
        .suspended(Interval::closed(day("2025-03-10"), day("2025-03-14")))
        .suspended(Interval::closed(day("2025-03-06"), day("2025-03-12")))
        .suspended(Interval::open(day("2025-03-20")));
    let by = |today: &str, date: &str| {
        let rows = explain(&clock, today);
        rows.iter()
            .find(|row| row.date == day(date))
            .unwrap()
            .suspension
    };

    assert_eq!(by("2025-03-18", "2025-03-11"), Some(1));
    assert_eq!(by("2025-03-18", "2025-03-13"), Some(0));
    assert_eq!(by("2025-03-11", "2025-03-11"), Some(1), "both still open");
    assert_eq!(by("2025-03-11", "2025-03-13"), None, "the projection");
    assert_eq!(by("2025-03-09", "2025-03-11"), None, "the projection");
}

#[test]
fn of_two_suspensions_from_one_day_the_one_entered_too_late_excludes_nothing() {
    let start = day("2026-03-03");
    let clock = Clock::new(day("2026-03-02"), Limit::workdays(5))
        .suspended(Interval::closed(start, day("2026-03-06")).entered(day("2026-03-20")))
        .suspended(Interval::closed(start, day("2026-03-04")).entered(day("2026-03-05")));
    let rows = explain(&clock, "2026-03-20");

    let suspended = rows.iter().filter(|row| row.suspension.is_some());
    let suspended: Vec<_> = suspended.map(|row| (row.date, row.suspension)).collect();
    assert_eq!(suspended, [(day("2026-03-04"), Some(1))]);
    let said = clock.deadline(&CALENDAR, day("2026-03-20"));
    assert_eq!(said.due_on, Some(day("2026-03-10")));
    assert_eq!(said.late_suspensions, [start]);
}

#[test]
fn a_list_that_is_too_long_says_so_in_its_last_row() {
    let long = Clock::new(day("2023-01-01"), Limit::workdays(u32::MAX));
    for (clock, today) in [
        (&long, "2023-01-01"),
        (
            &Clock::new(NaiveDate::MIN, Limit::workdays(1)),
            "2026-01-01",
        ),
    ] {
        let rows = explain(clock, today);
        assert_eq!(rows.len(), MOST_DAYS);
        assert_eq!(rows.last().unwrap().rule, DayRule::Cut);
        assert!(
            rows.iter()
                .rev()
                .skip(1)
                .all(|row| row.rule != DayRule::Cut)
        );
    }
    let fits = Clock::new(day("2023-01-01"), Limit::calendar_days(7_999));
    let rows = explain(&fits, "2023-01-01");
    assert_eq!(
        (rows.len(), rows.last().unwrap().rule),
        (MOST_DAYS, DayRule::CalendarDay)
    );
    let ten_years = Clock::new(day("2023-01-01"), Limit::workdays(3_650));
    assert_ne!(
        explain(&ten_years, "2023-01-01").last().unwrap().rule,
        DayRule::Cut
    );
}

#[test]
fn only_what_a_missing_notice_could_change_is_provisional() {
    let provisional = |clock: &Clock, today: &str| -> Vec<String> {
        let rows = explain(clock, today);
        let provisional = rows.iter().filter(|row| row.provisional);
        provisional.map(|row| row.date.to_string()).collect()
    };

    let days = Clock::new(day("2026-12-20"), Limit::calendar_days(11));
    assert!(
        provisional(&days, "2027-01-05").is_empty(),
        "overdue by the calendar"
    );
    let workdays = Clock::new(day("2026-12-30"), Limit::workdays(1));
    assert_eq!(
        provisional(&workdays, "2027-01-02"),
        ["2027-01-01", "2027-01-02"],
        "overdue by working days"
    );
    let suspended = Clock::new(day("2026-12-30"), Limit::workdays(2))
        .suspended(Interval::closed(day("2026-12-31"), day("2027-01-05")));
    assert_eq!(
        provisional(&suspended, "2027-01-06"),
        ["2027-01-06"],
        "suspended whatever the notice will say"
    );
}

#[test]
fn absurd_clocks_are_explained_without_a_crash() {
    let edges = [NaiveDate::MIN, day("2026-02-14"), NaiveDate::MAX];
    for (anchor, other) in edges
        .into_iter()
        .flat_map(|one| edges.map(|other| (one, other)))
    {
        for unit in Unit::ALL {
            let clock = Clock::new(
                anchor,
                Limit {
                    n: u32::MAX,
                    unit: *unit,
                },
            )
            .extended(other, u32::MAX)
            .suspended(Interval::closed(other, anchor))
            .suspended(Interval::open(other))
            .stopped(other);
            for today in edges {
                let rows = clock.explain(&CALENDAR, today);
                assert!((1..=MOST_DAYS).contains(&rows.len()));
                assert_eq!(rows[0].date, anchor);
            }
        }
    }
}

#[test]
fn every_rule_says_what_it_is_and_where_it_stands() {
    for rule in DayRule::ALL {
        let phrases = [Some(rule.says()), rule.article()];
        for phrase in phrases.into_iter().flatten() {
            assert!(!phrase.zh.is_ascii() && !phrase.en.is_empty(), "{rule:?}");
        }
        assert_eq!(rule.article().is_none(), *rule == DayRule::Cut, "{rule:?}");
    }
}

/// Whether a suspension known on `read_on` excludes the day; the open ones end on `read_on` if `resumed`.
fn is_excluded(
    clock: &Clock,
    interval: Interval,
    date: NaiveDate,
    read_on: NaiveDate,
    resumed: bool,
) -> bool {
    let end = interval
        .end
        .filter(|end| {
            *end <= read_on
                && interval
                    .end_entered_on
                    .is_none_or(|entered| entered <= read_on)
        })
        .or(resumed.then_some(read_on));
    let (from, through) = match clock.boundary {
        Boundary::StartOfDayState => (interval.start < date, end.is_none_or(|end| date <= end)),
        Boundary::Inclusive => (interval.start <= date, end.is_none_or(|end| date <= end)),
        Boundary::Exclusive => (interval.start < date, end.is_none_or(|end| date < end)),
    };
    let is_known = interval.start <= read_on
        && interval
            .start_entered_on
            .is_none_or(|entered| entered <= read_on);
    is_known && from && through
}

prop_compose! {
    /// Readings of clocks of which some acts were entered after the fact.
    fn entered_readings()((clock, today) in readings(), late in prop::collection::vec(prop_oneof![Just(0), 0_u64..60], 8)) -> (Clock, NaiveDate) {
        let mut clock = clock;
        let mut late = late.into_iter().map(Days::new);
        for interval in &mut clock.suspensions {
            *interval = interval.entered(interval.start + late.next().unwrap());
            let entered_on = late.next().unwrap();
            if let Some(end) = interval.end {
                *interval = interval.ended(end, end + entered_on);
            }
        }
        for extension in &mut clock.extensions {
            extension.entered_on = Some(extension.approved_on + late.next().unwrap());
        }
        // The deadline names what came too late by its day, so no two acts may share one.
        let mut days = BTreeSet::new();
        clock.suspensions.retain(|one| days.insert(one.start));
        days.clear();
        clock.extensions.retain(|one| days.insert(one.approved_on));
        (clock, today)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_rows_are_every_day_once_and_in_order((clock, today) in entered_readings()) {
        let said = clock.deadline(&CALENDAR, today);
        let rows = clock.explain(&CALENDAR, today);

        let read_on = clock.stopped_on.map_or(today, |stop| stop.min(today));
        let last = if said.overdue { read_on } else { said.projected_on };
        let days: Vec<NaiveDate> = clock.anchor.iter_days().take_while(|date| *date <= last).collect();
        prop_assert_eq!(rows.iter().map(|row| row.date).collect::<Vec<_>>(), days);
        for row in &rows {
            let day = CALENDAR.day(row.date);
            prop_assert_eq!((row.kind, row.notice, row.holiday), (day.kind, day.notice, day.holiday));
        }
    }

    #[test]
    fn the_charged_rows_add_up_to_the_limit_and_its_extensions((clock, today) in entered_readings()) {
        let said = clock.deadline(&CALENDAR, today);
        let rows = clock.explain(&CALENDAR, today);

        let charged: Vec<_> = rows.iter().filter(|row| row.rule.is_charged()).collect();
        let known_on = clock.stopped_on.map_or(today, |stop| stop.min(today));
        let approved = clock.extensions.iter().filter(|extension| extension.known_from() <= known_on);
        let late = |date| said.late_extensions.contains(&date);
        let effective: i64 = approved.filter(|one| !late(one.approved_on)).map(|one| i64::from(one.days)).sum();
        let total = clock.limit.days_from(clock.anchor) + effective;
        prop_assert_eq!(i64::try_from(charged.len()).unwrap(), total);
        for (row, ordinal) in charged.iter().zip(1..) {
            prop_assert_eq!(row.ordinal, Some(ordinal));
        }
        prop_assert!(rows.iter().all(|row| row.rule.is_charged() == row.ordinal.is_some()));

        let of_period = rows.iter().filter(|row| row.rule.is_charged() || row.rule == DayRule::Rolled);
        let last = of_period.map(|row| row.date).next_back().unwrap_or(clock.anchor);
        prop_assert_eq!(last, said.projected_on);
    }

    #[test]
    fn the_days_left_in_a_row_are_those_of_the_deadline((clock, today) in entered_readings()) {
        let said = clock.deadline(&CALENDAR, today);
        let rows = clock.explain(&CALENDAR, today);

        let read_on = clock.stopped_on.map_or(today, |stop| stop.min(today));
        if let Some(due) = said.due_on {
            let of = |date| rows.iter().find(|row| row.date == date).map(|row| row.remaining);
            prop_assert_eq!(of(due), Some(0));
            if read_on >= clock.anchor {
                prop_assert_eq!(of(read_on).unwrap_or(said.remaining), said.remaining);
                prop_assert!(of(read_on).is_some() || !said.overdue);
            }
        }
    }

    #[test]
    fn the_suspended_rows_are_those_that_the_ledger_excludes((clock, today) in entered_readings()) {
        let said = clock.deadline(&CALENDAR, today);
        let read_on = clock.stopped_on.map_or(today, |stop| stop.min(today));
        let resumed = said.due_on.is_none();
        let rows = clock.explain(&CALENDAR, today);
        let last_charged = rows.iter().filter(|row| row.rule.is_charged()).map(|row| row.date).next_back();

        for row in rows.iter().skip(1) {
            let is_late = |interval: &Interval| {
                interval.start_entered_on.is_some() && said.late_suspensions.contains(&interval.start)
            };
            let excludes = |interval: &Interval| !is_late(interval) && is_excluded(&clock, *interval, row.date, read_on, resumed);
            let excluded = Some(row.date) <= last_charged && clock.suspensions.iter().any(excludes);
            prop_assert_eq!(row.rule == DayRule::Suspended, excluded, "{}", row.date);
            match row.suspension {
                Some(place) => prop_assert!(excludes(&clock.suspensions[place])),
                None => prop_assert!(!excluded),
            }
        }
    }

    #[test]
    fn a_row_is_provisional_only_if_the_date_is(clock in clocks()) {
        let said = clock.deadline(&CALENDAR, clock.anchor);
        let rows = clock.explain(&CALENDAR, clock.anchor);

        let is_any = rows.iter().any(|row| row.provisional);
        prop_assert!(said.provisional || !is_any);
        // Days named by a notice are certain also in a year that has none: only 2022-12-31, before these anchors count.
        let plain = Clock { suspensions: Vec::new(), ..clock };
        if plain.anchor >= day("2022-12-31") {
            let said = plain.deadline(&CALENDAR, plain.anchor);
            let is_any = plain.explain(&CALENDAR, plain.anchor).iter().any(|row| row.provisional);
            prop_assert_eq!(said.provisional, is_any);
        }
    }
}
