use super::*;
use crate::bundle::Condition;
use crate::calendar::tests::published;
use crate::catalogue::Catalogue;
use crate::catalogue::county::{bundle, component, county, item, owned, workdays};
use crate::clock::{Conventions, Limit};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A county in which the items of a test take so many working days.
fn county_of(items: &[(&str, u32)]) -> Catalogue {
    let mut county = county();
    for (code, promised) in items {
        county.add_item(item(code, *promised, &[]));
    }
    county
}

fn misfits(
    bundle: &BundleVersion,
    county: &Catalogue,
    allowance: Allowance,
    first: &str,
    days: u32,
) -> Vec<Misfit> {
    let calendar = published();
    let budgeted = Budgeted {
        bundle,
        catalogue: county,
        allowance,
        conventions: &Conventions::default(),
        calendar: &|_| &calendar,
    };
    budgeted.misfits(day(first), days)
}

fn nothing_beside() -> Allowance {
    Allowance {
        synthesis_days: 0,
        delivery_days: 0,
    }
}

#[test]
fn working_days_fit_on_every_day_or_on_none() {
    let county = county_of(&[("A", 3), ("B", 7), ("C", 9)]);
    let mut chained = bundle(vec![
        component("A", &[], None),
        component("B", &["A"], None),
        component("C", &[], None),
    ]);
    chained.joint_promised = workdays(10);
    assert_eq!(
        misfits(&chained, &county, nothing_beside(), "2026-01-01", 365),
        []
    );

    // With a day for the lead, 3 + 7 are one too many, wherever the year begins.
    let found = misfits(&chained, &county, Allowance::default(), "2026-01-01", 365);
    assert_eq!(found.len(), 365);
    assert!(
        found
            .iter()
            .all(|misfit| misfit.chain == ["A", "B"] && !misfit.breaks_the_law())
    );
    let first = &found[0];
    // 2026-01-01 to 03 are days off, the 4th is worked: the tenth working day is the 15th, the eleventh the 16th.
    assert_eq!(
        (first.accepted_on, first.promised_due_on, first.ready_on),
        (day("2026-01-01"), day("2026-01-15"), day("2026-01-16"))
    );
}

#[test]
fn a_limit_in_calendar_days_is_broken_around_the_holidays_only() {
    let county = county_of(&[("A", 5)]);
    let mut short = bundle(vec![component("A", &[], None)]);
    short.joint_promised = Limit::calendar_days(9);
    let found = misfits(&short, &county, nothing_beside(), "2026-01-01", 365);

    // Walked by hand, day by day, without clocks: the fifth working day after the acceptance against the ninth day, or
    // the next working day if that one is a day off.
    let calendar = published();
    let mut expected = Vec::new();
    for accepted_on in day("2026-01-01").iter_days().take(365) {
        let mut after = accepted_on.iter_days().skip(1);
        let ready_on = after
            .by_ref()
            .filter(|on| calendar.is_workday(*on))
            .nth(4)
            .unwrap();
        let due_on = accepted_on
            .iter_days()
            .skip(9)
            .find(|on| calendar.is_workday(*on))
            .unwrap();
        if ready_on > due_on {
            expected.push(accepted_on);
        }
    }
    let days: Vec<NaiveDate> = found.iter().map(|misfit| misfit.accepted_on).collect();
    assert_eq!(days, expected);
    // Those days lie before the Spring Festival and before the National Day.
    assert!(
        days.contains(&day("2026-02-12")) && !days.contains(&day("2026-06-01")),
        "{days:?}"
    );
    assert!(
        found
            .iter()
            .all(|misfit| !misfit.provisional || misfit.accepted_on > day("2026-12-15"))
    );
}

#[test]
fn items_that_no_answers_need_together_are_not_added_up() {
    let county = county_of(&[("A", 8), ("B", 8)]);
    let unless = |mut component: Component| {
        component.include_when = Some(Condition::Answered {
            q: "Q1".to_owned(),
            values: owned(&["N"]),
        });
        component
    };
    let mut either = bundle(vec![
        component("A", &[], Some("Q1")),
        unless(component("B", &["A"], None)),
    ]);
    either.joint_promised = workdays(10);
    assert_eq!(
        misfits(&either, &county, nothing_beside(), "2026-03-02", 30),
        []
    );
    either.components[1].include_when = None;
    assert_eq!(
        misfits(&either, &county, nothing_beside(), "2026-03-02", 30).len(),
        30
    );
}

/// What the centre has decided of clocks holds for its plans, too.
#[test]
fn a_joint_promise_in_calendar_days_rolls_where_clocks_do() {
    let county = county_of(&[("A", 5)]);
    let mut weekend = bundle(vec![component("A", &[], None)]);
    // From Monday 2 March to Saturday the 7th.
    weekend.joint_promised = Limit::calendar_days(5);
    let calendar = published();
    let found = |conventions: &Conventions| {
        let budgeted = Budgeted {
            bundle: &weekend,
            catalogue: &county,
            allowance: nothing_beside(),
            conventions,
            calendar: &|_| &calendar,
        };
        budgeted.misfits(day("2026-03-02"), 1).len()
    };
    assert_eq!(found(&Conventions::default()), 0, "on Monday the 9th");
    let unrolled = Conventions {
        roll_calendar_end: false,
        ..Conventions::default()
    };
    assert_eq!(found(&unrolled), 1);
}

#[test]
fn what_breaks_the_law_says_so() {
    let county = county_of(&[("A", 30), ("B", 20)]);
    let mut late = bundle(vec![
        component("A", &[], None),
        component("B", &["A"], None),
    ]);
    late.joint_promised = workdays(45);
    let found = misfits(&late, &county, nothing_beside(), "2026-03-02", 1);
    assert_eq!(found.len(), 1);
    assert!(found[0].breaks_the_law());
    late.components[1].depends_on.clear();
    assert_eq!(
        misfits(&late, &county, nothing_beside(), "2026-03-02", 1),
        []
    );
}

#[test]
fn a_bundle_in_a_circle_has_no_budget() {
    let county = county_of(&[("A", 30)]);
    let circle = bundle(vec![
        component("A", &["B"], None),
        component("B", &["A"], None),
    ]);
    assert_eq!(
        misfits(&circle, &county, nothing_beside(), "2026-03-02", 3),
        []
    );
    let unknown = bundle(vec![component("X", &[], None)]);
    assert_eq!(
        misfits(&unknown, &county, nothing_beside(), "2026-03-02", 3),
        []
    );
}

#[test]
fn the_allowance_is_bounded() {
    assert!(Allowance::default().faults().is_empty());
    let much = Allowance {
        synthesis_days: 61,
        delivery_days: 60,
    };
    assert_eq!(
        much.faults(),
        ["bundles.synthesis_days is 61, and may be 0 to 60"]
    );
}
