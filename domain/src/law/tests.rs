use super::*;
use crate::calendar::Calendar;
use crate::calendar::tests::day;
use crate::clock::Clock;
use crate::code::Code as _;

/// Trap 21: the law was hard-coded, and a new text of it changed the clocks of requests that it does not govern.
#[test]
fn the_same_request_under_two_versions_of_the_law_gets_two_different_clocks() {
    let calendar = Calendar::weekdays_only();
    let answer_due = |received: &str| {
        let on = ClockKind::DisclosureAnswer.row_on(day(received));
        let clock = Clock::new(day(received), on.row.limit.unwrap());
        let extended = clock
            .clone()
            .extended(day(received), on.row.extends.unwrap().days.unwrap());
        (
            on.law.unwrap().year,
            on.row.article.en,
            calendar.workdays_between(day(received), clock.due_on(&calendar).unwrap()),
            calendar.workdays_between(day(received), extended.due_on(&calendar).unwrap()),
        )
    };

    assert_eq!(
        answer_due("2019-05-14"),
        (2007, "政府信息公开条例(2007) Art. 24", 15, 30)
    );
    assert_eq!(
        answer_due("2019-05-15"),
        (2019, "政府信息公开条例(2019) Art. 33", 20, 40)
    );
}

#[test]
fn every_disclosure_clock_is_what_its_version_says() {
    let days = |kind: ClockKind, on: &str| {
        let row = kind.row_on(day(on)).row;
        assert!(
            row.limit
                .is_none_or(|limit| limit.unit == crate::clock::Unit::Workday)
        );
        (
            row.limit.map(|limit| limit.n),
            row.extends.and_then(|extends| extends.days),
            row.on_lapse,
        )
    };
    for (kind, by_2007, by_2019) in [
        (
            ClockKind::DisclosureAnswer,
            (Some(15), Some(15), Lapse::Overdue),
            (Some(20), Some(20), Lapse::Overdue),
        ),
        (
            ClockKind::DisclosureCorrection,
            (None, None, Lapse::Overdue),
            (Some(7), None, Lapse::Overdue),
        ),
        (
            ClockKind::DisclosureThirdParty,
            (None, None, Lapse::AgencyDecides),
            (Some(15), None, Lapse::AgencyDecides),
        ),
        (
            ClockKind::DisclosureOtherAgency,
            (None, None, Lapse::AgencyDecides),
            (Some(15), None, Lapse::Consent),
        ),
        (
            ClockKind::DisclosurePublish,
            (Some(20), None, Lapse::Overdue),
            (Some(20), None, Lapse::Overdue),
        ),
    ] {
        assert_eq!(days(kind, "2008-05-01"), by_2007, "{kind:?}");
        assert_eq!(days(kind, "2019-05-14"), by_2007, "{kind:?}");
        assert_eq!(days(kind, "2019-05-15"), by_2019, "{kind:?}");
        let before = kind.row_on(day("2008-04-30"));
        assert_eq!(
            (before.row.limit, before.row.extends, before.law),
            (None, None, None),
            "{kind:?}"
        );
    }
    let extends = |on| {
        ClockKind::DisclosureAnswer
            .row_on(day(on))
            .row
            .extends
            .unwrap()
    };
    for on in ["2018-01-02", "2026-01-05"] {
        assert_eq!(extends(on).approver, Approver::DisclosureOfficeHead);
    }
}

#[test]
fn a_version_is_in_force_until_the_next_begins() {
    let in_force = |act: Act, on: &str| act.in_force_on(day(on)).map(|version| version.year);

    assert_eq!(in_force(Act::Licensing, "2004-06-30"), None);
    assert_eq!(in_force(Act::Licensing, "2004-07-01"), Some(2003));
    assert_eq!(in_force(Act::Licensing, "2019-04-22"), Some(2003));
    assert_eq!(in_force(Act::Licensing, "2019-04-23"), Some(2019));
    assert_eq!(in_force(Act::Holidays, "2024-12-31"), Some(2013));
    assert_eq!(in_force(Act::Holidays, "2025-01-01"), Some(2024));
    for act in Act::ALL {
        let begins: Vec<_> = act
            .versions()
            .map(|version| version.in_force_from)
            .collect();
        assert!(!begins.is_empty() && begins.is_sorted(), "{act:?}");
        assert!(
            begins.iter().all(|begin| *begin > NaiveDate::MIN),
            "{act:?} has a date that is none"
        );
    }
}

/// An amendment that leaves the periods alone changes what is cited, and nothing else.
#[test]
fn the_amendment_of_2019_left_the_periods_of_the_licensing_law_alone() {
    for kind in ClockKind::ALL
        .iter()
        .filter(|kind| kind.act() == Some(Act::Licensing))
    {
        let (former, present) = (
            kind.row_on(day("2019-04-22")),
            kind.row_on(day("2019-04-23")),
        );
        assert_eq!(former.row, present.row, "{kind:?}");
        assert_eq!(former.law.map(|law| law.year), Some(2003), "{kind:?}");
        assert_eq!(present.law.map(|law| law.year), Some(2019), "{kind:?}");
    }
}

#[test]
fn the_table_of_clocks_is_the_law_of_today() {
    for kind in ClockKind::ALL {
        assert_eq!(kind.row_on(day("2026-01-05")).row, kind.row(), "{kind:?}");
    }
    let acts = |act| {
        ClockKind::ALL
            .iter()
            .filter(|kind| kind.act() == act)
            .count()
    };
    assert!(acts(Some(Act::Licensing)) >= 12 && acts(None) >= 10);
    assert_eq!(acts(Some(Act::Disclosure)), 5);
}

#[test]
fn every_former_row_lies_within_the_life_of_one_text_that_is_not_the_present_one() {
    for former in FORMER_ROWS {
        let act = former.kind.act().unwrap();
        let law = act.in_force_on(former.from).unwrap();
        let last = former.until.pred_opt().unwrap();
        assert_eq!(
            (law.in_force_from, act.in_force_on(last)),
            (former.from, Some(law)),
            "{:?}",
            former.kind
        );
        assert_ne!(act.versions().next_back(), Some(law), "{:?}", former.kind);
        assert!(
            former.article.en.contains(&format!("({})", law.year)),
            "{}",
            former.article.en
        );
    }
}
