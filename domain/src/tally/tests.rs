use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::*;
use crate::clock::{CardModel, Lamp};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn open(state: CaseState, lamp: LampDates) -> CountedCase {
    CountedCase {
        state,
        ended: None,
        is_started: true,
        stopped_on: None,
        lamp,
        standing_unsuspended: None,
    }
}

const PLAIN: LampDates = LampDates {
    alert_on: NaiveDate::from_ymd_opt(2026, 3, 6),
    promised_due_on: NaiveDate::from_ymd_opt(2026, 3, 9),
    statutory_due_on: NaiveDate::from_ymd_opt(2026, 3, 16),
};

/// What the tally says on a day, of some cases.
fn told(cases: &[CountedCase], on: NaiveDate) -> Counts {
    let mut counts = Counts::default();
    for counted in cases.iter().flat_map(CountedCase::counts) {
        let (topic, _, day) = counted.parts();
        if topic != Topic::Standing || day <= on {
            counts.add(counted, 1);
        }
    }
    counts
}

#[test]
fn an_open_case_counts_for_the_days_on_which_its_lamp_changes() {
    let counts = open(CaseState::InReview, PLAIN).counts();
    let expected = [
        Counted::Open(CaseState::InReview),
        Counted::Standing(Standing::InTime, ALWAYS),
        Counted::Standing(Standing::Near, day("2026-03-06")),
        Counted::Standing(Standing::PromisePassed, day("2026-03-10")),
        Counted::Standing(Standing::StatutePassed, day("2026-03-17")),
    ];
    assert_eq!(counts, expected);
    let suspended = open(CaseState::Suspended, LampDates::default()).counts();
    assert_eq!(suspended, [Counted::Open(CaseState::Suspended)]);
}

#[test]
fn what_ended_counts_for_its_month_and_what_was_decided_for_how_late_it_was() {
    let ended = |result, on: &str| CountedCase {
        state: CaseState::Granted,
        ended: Some((result, day(on))),
        is_started: true,
        stopped_on: Some(day(on)),
        lamp: LampDates {
            alert_on: None,
            ..PLAIN
        },
        standing_unsuspended: None,
    };
    let march = day("2026-03-01");
    for (on, standing) in [
        ("2026-03-09", Standing::InTime),
        ("2026-03-16", Standing::PromisePassed),
        ("2026-03-31", Standing::StatutePassed),
    ] {
        let expected = [
            Counted::EndedAs(CaseResult::Granted, march),
            Counted::EndedIn(standing, march),
            Counted::EndedUnsuspended(standing, march),
        ];
        assert_eq!(ended(CaseResult::Granted, on).counts(), expected);
        let refused = ended(CaseResult::Refused, on).counts();
        assert_eq!(refused[1..], expected[1..]);
        // Only because days of a suspension were not charged.
        let spared = CountedCase {
            standing_unsuspended: Some(Standing::StatutePassed),
            ..ended(CaseResult::Granted, on)
        };
        let late = Counted::EndedUnsuspended(Standing::StatutePassed, march);
        assert_eq!(spared.counts(), [expected[0], expected[1], late]);
    }
    for undecided in [
        CaseResult::Terminated,
        CaseResult::NotRequired,
        CaseResult::NotCompetent,
        CaseResult::Withdrawn,
        CaseResult::NotSupplemented,
        CaseResult::AcceptanceRevoked,
        CaseResult::Void,
        CaseResult::Renewed,
        CaseResult::TacitPassed,
    ] {
        let counts = ended(undecided, "2026-03-09").counts();
        assert_eq!(counts, [Counted::EndedAs(undecided, march)]);
    }
}

#[test]
fn a_case_was_closed_unless_it_was_not_accepted_or_voided() {
    let mut counts = Counts::default();
    for (n, result) in (1_i64..).zip(CaseResult::ALL) {
        counts.add(Counted::EndedAs(*result, ALWAYS), n);
    }
    counts.add(Counted::EndedIn(Standing::InTime, ALWAYS), 2);
    counts.add(Counted::EndedIn(Standing::StatutePassed, ALWAYS), 1);
    let none = counts.ended_as(&[
        CaseResult::NotRequired,
        CaseResult::NotCompetent,
        CaseResult::Void,
    ]);
    let all = counts.ended_as(CaseResult::ALL);
    assert_eq!(counts.ended(), all - none);
    assert_eq!(counts.ended_unjudged(), counts.ended() - 3);
}

#[test]
fn a_card_counts_for_its_month_and_a_warning_as_long_as_it_stands() {
    let card = |level, warns| CountedCard {
        level,
        raised_on: day("2026-02-28"),
        warns,
    };
    let february = day("2026-02-01");
    assert_eq!(
        card(CardLevel::Red, false).counts(),
        [Counted::Raised(CardLevel::Red, february)]
    );
    assert_eq!(
        card(CardLevel::Alert, true).counts(),
        [
            Counted::Raised(CardLevel::Alert, february),
            Counted::Warning(CardLevel::Alert)
        ]
    );
}

#[test]
fn what_comes_to_nothing_is_no_difference() {
    let mut differences = Differences::default();
    let (before, after) = (
        open(CaseState::InReview, PLAIN).counts(),
        open(CaseState::Deciding, PLAIN).counts(),
    );
    differences.add("SJJ", &before, -1);
    differences.add("SJJ", &after, 1);
    let told: Vec<_> = differences
        .iter()
        .map(|(key, n)| (key.counted, n))
        .collect();
    let expected = [
        (Counted::Open(CaseState::InReview), -1),
        (Counted::Open(CaseState::Deciding), 1),
    ];
    assert_eq!(told, expected);
    differences.add("SJJ", &after, -1);
    differences.add("SJJ", &before, 1);
    assert!(differences.is_empty());
}

#[test]
fn every_key_can_be_written_and_read() {
    let all = [
        Counted::Open(CaseState::Correction),
        Counted::Standing(Standing::Near, day("2026-03-06")),
        Counted::EndedAs(CaseResult::Renewed, day("2026-03-01")),
        Counted::EndedIn(Standing::StatutePassed, day("2026-03-01")),
        Counted::EndedUnsuspended(Standing::PromisePassed, day("2026-03-01")),
        Counted::Raised(CardLevel::Yellow, day("2026-03-01")),
        Counted::Warning(CardLevel::Alert),
    ];
    for counted in all {
        let (topic, code, on) = counted.parts();
        assert_eq!(Counted::of_parts(topic, code, on), Some(counted));
        assert_eq!(Counted::of_parts(topic, "SOMETHING_NEW", on), None);
    }
    assert_eq!(all.len(), Topic::ALL.len());
}

fn some_day() -> impl Strategy<Value = Option<NaiveDate>> {
    proptest::option::of((0..40_u64).prop_map(|days| day("2026-03-01") + Days::new(days)))
}

proptest! {
    /// Whatever the dates and the day: the tally says of some cases what their lamps show.
    #[test]
    fn the_tally_shows_the_lamps(
        dates in proptest::collection::vec((some_day(), some_day(), some_day()), 0..8),
        on in some_day(),
    ) {
        let on = on.unwrap_or(ALWAYS);
        let cases: Vec<CountedCase> = dates
            .into_iter()
            .map(|(alert_on, promised_due_on, statutory_due_on)| {
                open(CaseState::InReview, LampDates { alert_on, promised_due_on, statutory_due_on })
            })
            .collect();
        let counts = told(&cases, on);
        for standing in Standing::ALL {
            let shown = cases.iter().filter(|case| case.lamp.standing(on) == *standing).count();
            prop_assert_eq!(counts.open_standing(*standing), i64::try_from(shown).unwrap());
        }
        for model in [CardModel::SanctionCards, CardModel::WarningColours] {
            for lamp in Lamp::ALL {
                let shown = cases.iter().filter(|case| model.lamp(case.lamp.standing(on)) == *lamp).count();
                prop_assert_eq!(counts.open_showing(*lamp, model), i64::try_from(shown).unwrap());
            }
        }
    }
}
