//! The printed sheet, word for word.

use crate::calendar::tests::{day, published};
use crate::clock::{Clock, ClockKind, Interval, Limit};
use crate::lang::Lang;

/// Accepted on the Friday before the nine days of the Spring Festival of 2026, with an expert review and five days more.
fn over_the_spring_festival() -> Clock {
    Clock::new(day("2026-02-13"), Limit::workdays(10))
        .suspended(Interval::closed(day("2026-02-26"), day("2026-03-03")))
        .extended(day("2026-03-06"), 5)
}

#[test]
fn a_sheet_over_the_spring_festival_says_every_day_and_its_article() {
    let clock = over_the_spring_festival();
    let sheet = |lang| clock.sheet(ClockKind::Statutory, &published(), day("2026-03-10"), lang);

    assert_eq!(
        sheet(Lang::Zh),
        include_str!("sheets/spring-festival.zh.txt")
    );
    assert_eq!(
        sheet(Lang::En),
        include_str!("sheets/spring-festival.en.txt")
    );
}

#[test]
fn a_sheet_says_what_is_uncertain_late_or_left_out() {
    let says = |clock: &Clock, today: &str, texts: &[&str]| {
        let sheet = clock.sheet(ClockKind::Delivery, &published(), day(today), Lang::En);
        for text in texts {
            assert!(sheet.contains(text), "{text} is not in\n{sheet}");
        }
        sheet
    };
    let month = Clock::new(day("2026-12-05"), Limit::months(1));
    let suspended = month.suspended(Interval::open(day("2026-12-15")));
    says(
        &suspended,
        "2026-12-20",
        &[
            "Limit: 1 month\n",
            "Suspension: (1) since 2026-12-15, not ended\n",
            "Projected due: 2027-01-11 (if resumed on the day of this sheet) (provisional",
            "State: suspended\n",
            "2027-01-10 Sun   31  calendar day, counted (provisional)\n",
            "2027-01-11 Mon    –  the last day was not worked, so the period goes on (provisional)\n",
        ],
    );
    let before = says(
        &suspended,
        "2026-12-10",
        &["Due: 2027-01-05", "State: running\n"],
    );
    assert!(!before.contains("Suspension"), "not known yet");
    let to_come = suspended
        .clone()
        .extended(day("2026-12-15"), 3)
        .stopped(day("2026-12-16"));
    assert_eq!(
        says(&to_come, "2026-12-10", &[]),
        before,
        "nor is an extension or a stop"
    );

    let late = Clock::new(day("2026-02-06"), Limit::workdays(1))
        .extended(day("2026-02-10"), 1)
        .stopped(day("2026-02-10"));
    says(
        &late,
        "2026-12-20",
        &[
            "Extension: 1 working day, approved on 2026-02-10 (after the due date, without effect)\n",
            "Due: 2026-02-09\n",
            "Stopped: 2026-02-10, delivered",
            "Remaining: overdue by 1 working day\n",
            "State: stopped, overdue\n",
            "2026-02-10 Tue   -1  overdue\n\n",
        ],
    );
    let entered = Clock::new(day("2026-03-02"), Limit::workdays(5))
        .suspended(
            Interval::closed(day("2026-03-03"), day("2026-03-04")).entered(day("2026-03-06")),
        )
        .suspended(Interval::open(day("2026-03-05")).entered(day("2026-03-16")));
    says(
        &entered,
        "2026-03-16",
        &[
            "Suspension: (1) 2026-03-03 to 2026-03-04 (entered on 2026-03-06)\n",
            "Suspension: (2) since 2026-03-05, not ended (entered on 2026-03-16, after the due date, without effect)\n",
            "Due: 2026-03-10\n",
        ],
    );
    let for_ever = Clock::new(day("1990-01-01"), Limit::workdays(1));
    says(
        &for_ever,
        "2026-12-20",
        &["too many days; not listed further (a sheet has at most 8000 lines)\n"],
    );
}
