//! Previews agree with the clocks of real cases, and answer whatever they are asked.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use crate::calendar::tests::{day, published};
use crate::clock::preview::{AskedEvent, AskedLimit, Otherwise, Preview};
use crate::clock::{ActKind, Anchor, Clock, Conventions, Interval, Limit, Unit};
use crate::code::Code;
use crate::rejected::Reason;

fn event(kind: ActKind, on: NaiveDate) -> AskedEvent {
    AskedEvent {
        kind,
        on,
        reason: None,
        notified_days: None,
        days: (kind == ActKind::Extend).then_some(5),
        approved_by: None,
        after_hours: false,
        applies_to: None,
    }
}

fn preview(events: Vec<AskedEvent>, as_of: NaiveDate) -> Preview {
    let days = |n| {
        Some(AskedLimit {
            n,
            unit: Unit::Workday,
        })
    };
    Preview {
        anchor: Anchor::Accepted,
        promised: days(5),
        statutory: days(20),
        events,
        as_of,
        conventions: Conventions::default(),
    }
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0..40_u64).prop_map(|days| day("2026-02-01") + Days::new(days))
}

fn any_event() -> impl Strategy<Value = AskedEvent> {
    let kind = prop_oneof![
        4 => prop::sample::select(&[
            ActKind::Received, ActKind::CorrectionNotice, ActKind::Supplement, ActKind::Accepted, ActKind::Suspend,
            ActKind::Resume, ActKind::Extend, ActKind::Decided, ActKind::Terminated,
        ][..]),
        1 => prop::sample::select(ActKind::ALL),
    ];
    let names = prop::option::of(prop::sample::select(&["promised", "statutory"][..]));
    (kind, any_day(), names).prop_map(|(kind, on, name)| AskedEvent {
        applies_to: name.map(|name| vec![name.to_owned()]),
        ..event(kind, on)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is asked, in whatever order, is answered or refused; and what is answered is no due date before its anchor.
    #[test]
    fn every_question_is_answered_or_refused(
        mut events in prop::collection::vec(any_event(), 0..12), is_sorted in prop::bool::weighted(0.8), as_of in any_day(),
        anchor in prop::sample::select(Anchor::ALL),
    ) {
        if is_sorted {
            events.sort_by_key(|event| event.on);
        }
        let asked = Preview { anchor, ..preview(events, as_of) };
        match asked.read(&published()) {
            Err(refused) => prop_assert!(!refused.is_empty()),
            Ok(read) => {
                for clock in [read.promised, read.statutory].into_iter().flatten() {
                    let clock = clock.running.clock;
                    prop_assert_eq!(Some(clock.anchor), read.anchor_on);
                    let said = clock.deadline(&published(), as_of);
                    prop_assert!(said.projected_on >= clock.anchor);
                }
                if let Some(deemed) = read.deemed {
                    prop_assert!(deemed.established_on <= as_of && deemed.accepted_on <= deemed.check_due_on);
                    prop_assert_eq!(read.anchor_on, Some(deemed.accepted_on));
                }
            }
        }
    }

    /// What will happen changes nothing of what is known today.
    #[test]
    fn later_events_are_not_known(suspended in any_day(), as_of in any_day()) {
        let accepted = event(ActKind::Accepted, day("2026-02-01"));
        let later = vec![accepted.clone(), event(ActKind::Suspend, suspended.max(as_of + Days::new(1)))];
        let calendar = published();
        let (with, without) = (preview(later, as_of).read(&calendar), preview(vec![accepted], as_of).read(&calendar));
        prop_assert_eq!(with, without);
    }

    /// The preview of a suspension is the clock with that suspension.
    #[test]
    fn a_preview_is_the_clock_itself(from in any_day(), days in 0..30_u64) {
        let (start, until) = (day("2026-02-02"), from + Days::new(days));
        let events = vec![
            event(ActKind::Accepted, start),
            event(ActKind::Suspend, from.max(start)),
            event(ActKind::Resume, until.max(start)),
        ];
        let as_of = day("2026-06-01");
        let calendar = published();
        let read = preview(events, as_of).read(&calendar).unwrap();
        let clock = Clock::new(start, Limit::workdays(20))
            .suspended(Interval::closed(from.max(start), until.max(start)));
        let statutory = read.statutory.unwrap().running.clock;
        prop_assert_eq!(statutory.deadline(&calendar, as_of), clock.deadline(&calendar, as_of));
    }
}

/// Silence accepts by the first check, and what is entered later begins no other.
#[test]
fn the_check_that_lapsed_is_the_one_that_is_told() {
    let events = vec![
        event(ActKind::Received, day("2025-05-06")),
        event(ActKind::CorrectionNotice, day("2025-05-14")),
        event(ActKind::Supplement, day("2025-05-20")),
    ];
    let read = preview(events, day("2025-06-10"))
        .read(&published())
        .unwrap();

    assert_eq!(read.check_due_on, Some(day("2025-05-13")));
    let deemed = read.deemed.unwrap();
    assert_eq!(
        (deemed.accepted_on, deemed.established_on),
        (day("2025-05-06"), day("2025-05-14"))
    );
}

/// What a configuration could not say is not tried out either.
#[test]
fn conventions_are_tried_within_their_bounds() {
    let decided = Conventions::default();
    for (asked, place, may) in [
        (
            Otherwise {
                acceptance_check_days: Some(7),
                ..Otherwise::default()
            },
            "config.acceptanceCheckDays",
            (1, 5),
        ),
        (
            Otherwise {
                supplement_days: Some(0),
                ..Otherwise::default()
            },
            "config.supplementDays",
            (1, 250),
        ),
        (
            Otherwise {
                conditional_supplement_days: Some(61),
                ..Otherwise::default()
            },
            "config.conditionalSupplementDays",
            (1, 60),
        ),
        (
            Otherwise {
                opinion_days: Some(0),
                ..Otherwise::default()
            },
            "config.opinionDays",
            (1, 60),
        ),
    ] {
        let (min, max) = may;
        let refused = Reason::NumberOutOfRange { min, max }.at(place);
        assert_eq!(asked.apply(&decided), Err(vec![refused]));
    }
    let tried = Otherwise {
        acceptance_check_days: Some(2),
        roll_calendar_end: Some(false),
        ..Otherwise::default()
    };
    let tried = tried.apply(&decided).unwrap();
    assert_eq!(
        (tried.acceptance_check_days, tried.roll_calendar_end),
        (2, false)
    );
}

#[test]
fn what_is_decided_on_the_spot_is_due_with_its_acceptance_wherever_its_periods_begin() {
    let received = event(ActKind::Received, day("2026-03-02"));
    let accepted = event(ActKind::Accepted, day("2026-03-05"));
    for (events, as_of, due) in [
        (vec![received.clone()], "2026-03-04", (None, "2026-03-30")),
        (
            vec![received.clone(), accepted],
            "2026-03-06",
            (Some("2026-03-05"), "2026-03-30"),
        ),
        // By silence it is accepted as of the day of receipt.
        (
            vec![received],
            "2026-03-10",
            (Some("2026-03-02"), "2026-03-30"),
        ),
    ] {
        let mut asked = preview(events, day(as_of));
        asked.anchor = Anchor::Received;
        asked.promised = Some(AskedLimit {
            n: 0,
            unit: Unit::Workday,
        });
        let read = asked.read(&published()).unwrap();
        let due_on = |clock: &crate::clock::preview::PreviewedClock| {
            clock.running.clock.due_on(&published()).unwrap()
        };
        assert_eq!(
            read.promised.as_ref().map(due_on),
            due.0.map(day),
            "as of {as_of}"
        );
        assert_eq!(read.statutory.as_ref().map(due_on), Some(day(due.1)));
    }
}
