//! Plans of any shape, over calendars and periods of any kind; and histories.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::plan::Planned;
use super::*;
use crate::calendar::Calendar;
use crate::calendar::tests::{day, published};
use crate::clock::Clock;

static PUBLISHED: LazyLock<Calendar> = LazyLock::new(published);
static WEEKDAYS: LazyLock<Calendar> = LazyLock::new(Calendar::weekdays_only);

/// A case of a plan that can be made twice, once with a delay.
#[derive(Clone, Debug)]
struct Given {
    after: Vec<usize>,
    takes: Limit,
    weekdays: bool,
}

impl Given {
    fn task(&self, today: NaiveDate, late_by: u32) -> Task<'static> {
        let calendar: &'static Calendar = if self.weekdays { &WEEKDAYS } else { &PUBLISHED };
        let takes = self.takes;
        Task {
            after: self.after.clone(),
            began_on: self.after.is_empty().then_some(today),
            ends: Box::new(move |starts_on| {
                let due_on = Clock::new(starts_on, takes).due_on(calendar).unwrap();
                let ends_on = calendar.next_workday_on_or_after(due_on);
                calendar.add_workdays(ends_on, late_by)
            }),
            calendar,
        }
    }
}

/// The plan, with one case late by working days of its department.
fn plan(given: &[Given], today: NaiveDate, late: Option<(usize, u32)>) -> Plan {
    let tasks = given.iter().enumerate().map(|(at, one)| {
        let late_by = late.filter(|(place, _)| *place == at);
        one.task(today, late_by.map_or(0, |(_, days)| days))
    });
    Plan::of(&tasks.collect::<Vec<_>>()).unwrap()
}

fn any_limit() -> impl Strategy<Value = Limit> {
    prop_oneof![
        3 => (0..25_u32).prop_map(Limit::workdays),
        1 => (0..40_u32).prop_map(Limit::calendar_days),
        1 => (1..3_u32).prop_map(Limit::months),
    ]
}

/// Up to eight cases, each waiting for some of those before it, turned about.
fn any_cases(
    limit: impl Strategy<Value = Limit>,
    calendars: impl Strategy<Value = bool>,
) -> impl Strategy<Value = Vec<Given>> {
    let one = (
        prop::collection::vec(prop::bool::weighted(0.3), 8),
        limit,
        calendars,
    );
    let cases = prop::collection::vec(one, 1..8);
    (cases, any::<prop::sample::Index>()).prop_map(|(cases, turn)| {
        let count = cases.len();
        let turn = turn.index(count);
        let turned = |at: usize| (at + turn) % count;
        let mut all: Vec<(usize, Given)> = cases
            .into_iter()
            .enumerate()
            .map(|(at, (edges, takes, weekdays))| {
                let after = (0..at).filter(|before| edges[*before]).map(turned);
                let given = Given {
                    after: after.collect(),
                    takes,
                    weekdays,
                };
                (turned(at), given)
            })
            .collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, given)| given).collect()
    })
}

/// Days of 2026 around the Spring Festival, which is off from 15 to 23 February, and after it.
fn any_today() -> impl Strategy<Value = NaiveDate> {
    (0..120_u64).prop_map(|days| day("2026-01-20") + chrono::Days::new(days))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Later by its slack, a case moves nothing; by a day more, it moves the end of the whole.
    #[test]
    fn slack_is_exact(given in any_cases(any_limit(), any::<bool>()), today in any_today()) {
        let before = plan(&given, today, None);
        for (at, planned) in before.cases.iter().enumerate() {
            prop_assert!(planned.slack >= 0);
            let slack = u32::try_from(planned.slack).unwrap();
            prop_assert_eq!(plan(&given, today, Some((at, slack))).ends_on, before.ends_on, "case {}", at);
            prop_assert!(plan(&given, today, Some((at, slack + 1))).ends_on > before.ends_on, "case {}", at);
        }
    }

    /// Each on it begins when the one before it ends, the last ends with the whole, and in working days of one calendar none
    /// of them has a day to spare.
    #[test]
    fn the_critical_path_leads_to_the_end(
        given in any_cases((0..25_u32).prop_map(Limit::workdays), Just(false)), today in any_today(),
    ) {
        let plan = plan(&given, today, None);
        let path: Vec<Planned> = plan.critical_path.iter().map(|at| plan.cases[*at]).collect();
        prop_assert_eq!(path[0].starts_on, today);
        prop_assert_eq!(path[path.len() - 1].ends_on, plan.ends_on);
        prop_assert!(path.windows(2).all(|pair| pair[0].ends_on == pair[1].starts_on));
        prop_assert!(path.iter().all(|planned| planned.slack == 0));
        let latest = plan.cases.iter().map(|planned| planned.ends_on).max();
        prop_assert_eq!(latest, Some(plan.ends_on));
        prop_assert!(plan.cases.iter().all(|planned| planned.starts_on >= today && planned.ends_on >= planned.starts_on));
    }

    #[test]
    fn a_case_that_goes_on_is_never_expected_sooner(days in prop::collection::vec(0..60_u32, 0..40), elapsed in 0..60_u32) {
        let history = History::of(days);
        let Some(typical) = history.typical(elapsed) else {
            prop_assert_eq!(history.typical(elapsed + 1), None);
            return Ok(());
        };
        prop_assert!(typical >= elapsed);
        prop_assert!(history.typical(elapsed + 1).is_none_or(|later| later >= typical));
    }

    /// One more case that took as long, or any that took longer than it did, never makes a forecast shorter.
    #[test]
    fn a_slower_history_gives_no_sooner_forecast(
        days in prop::collection::vec(0..60_u32, 1..40), elapsed in 0..60_u32, more in 0..30_u32, at in any::<prop::sample::Index>(),
    ) {
        let Some(typical) = History::of(days.clone()).typical(elapsed) else { return Ok(()) };
        let longer = days.iter().copied().chain([typical + more]);
        prop_assert!(History::of(longer).typical(elapsed).unwrap() >= typical);
        let mut slower = days.clone();
        let at = at.index(days.len());
        // Who had not lasted so long says nothing of a case that has.
        if slower[at] >= elapsed {
            slower[at] += more;
        }
        prop_assert!(History::of(slower).typical(elapsed).unwrap() >= typical);
    }
}

#[test]
fn cases_that_wait_in_a_circle_have_no_plan() {
    let circle: Vec<Task<'_>> = [1, 0]
        .map(|before| Given {
            after: vec![before],
            takes: Limit::workdays(1),
            weekdays: true,
        })
        .iter()
        .map(|given| given.task(day("2026-03-02"), 0))
        .collect();
    assert_eq!(Plan::of(&circle), None);
    assert_eq!(Plan::of(&[]), None);
}

#[test]
fn the_typical_case_is_that_in_the_middle_of_those_that_lasted_as_long() {
    let history = History::of([9, 2, 4, 3, 30]);
    let typical = [0, 2, 3, 4, 5, 9, 10, 30, 31].map(|elapsed| history.typical(elapsed));
    // Of 2 3 4 9 30; of 3 4 9 30 the longer of the two in the middle; of 4 9 30; of 9 30; of 30; of none.
    let expected = [4, 4, 9, 9, 30, 30, 30, 30].map(Some);
    assert_eq!(typical[..8], expected);
    assert_eq!((typical[8], history.known()), (None, 5));
    assert_eq!(History::default().typical(0), None);
}

#[test]
fn how_far_forecasts_look_back_is_bounded() {
    let faults = |history_cases, least_cases| {
        Foresight {
            history_cases,
            least_cases,
            ..Foresight::default()
        }
        .faults()
    };
    assert!(Foresight::default().faults().is_empty());
    assert!(faults(500, 500).is_empty() && faults(1, 1).is_empty());
    assert_eq!(
        faults(0, 0),
        [
            "outlook.history_cases is 0, and may be 1 to 500",
            "outlook.least_cases is 0, and may be 1 to 1",
        ]
    );
    assert_eq!(
        faults(501, 8),
        ["outlook.history_cases is 501, and may be 1 to 500"]
    );
    // More than are looked at can never be known.
    assert_eq!(
        faults(20, 21),
        ["outlook.least_cases is 21, and may be 1 to 20"]
    );
}
