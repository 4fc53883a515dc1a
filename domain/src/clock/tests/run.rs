//! The table of clocks, row by row, by what `run` does with every act; a new row without its lines here fails.

use std::fmt::Write as _;
use std::sync::LazyLock;

use chrono::NaiveDate;

use crate::calendar::Calendar;
use crate::calendar::tests::{day, published};
use crate::clock::{
    APPLICANT_SUPPLEMENT, Act, ActKind, Anchor, Boundary, ClockKind, ClockState, Conventions,
    Interval, Limit, Running, Terms, deemed_acceptance, procedure_pauses, run,
};
use crate::code::Code as _;

static CALENDAR: LazyLock<Calendar> = LazyLock::new(published);

/// March 2026 begins on a Sunday and has no holiday.
fn march(date: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, date).unwrap()
}

/// Terms in which every clock has ten working days.
fn terms() -> Terms {
    let terms = Terms::new(Conventions::default());
    let with = |terms: Terms, kind: &ClockKind| terms.with(*kind, Some(Limit::workdays(10)));
    ClockKind::ALL.iter().fold(terms, with)
}

fn act(kind: ActKind, date: u32) -> Act {
    Act::new(kind, march(date))
}

fn ran(kind: ClockKind, acts: &[Act]) -> Vec<Running> {
    run(kind, acts, &terms(), &[], &CALENDAR)
}

fn due(clocks: &[Running]) -> Option<NaiveDate> {
    clocks.first()?.clock.due_on(&CALENDAR)
}

/// What `run` does with a clock that was started on the 2nd and is due on the 16th.
fn row(kind: ClockKind) -> String {
    let all = ActKind::ALL.iter().copied();
    let starts: Vec<ActKind> = all
        .clone()
        .filter(|begun| !ran(kind, &[act(*begun, 2)]).is_empty())
        .collect();
    let names = |acts: Vec<ActKind>| {
        let codes: Vec<&str> = acts.into_iter().map(ActKind::code).collect();
        codes.join(" ")
    };
    let Some(first) = starts.first() else {
        return "runs backward".to_owned();
    };
    let begun = act(*first, 2).because("EXPERT_REVIEW").of_procedure("1");
    let after = |acts: &[Act], components: &[Interval]| {
        let acts = [&[begun.clone()][..], acts].concat();
        run(kind, &acts, &terms(), components, &CALENDAR)
    };
    assert_eq!(due(&after(&[], &[])), Some(march(16)), "{kind:?}");
    let stops = all
        .filter(|end| {
            let clocks = after(&[act(*end, 9)], &[]);
            let stopped = clocks[0].stopped_by.is_some();
            assert_eq!(
                clocks[0].clock.stopped_on,
                stopped.then(|| march(9)),
                "{kind:?}"
            );
            stopped
        })
        .collect();
    let pause = |reason: &str| {
        let begun = act(ActKind::Suspend, 4).because(reason).of_procedure("2");
        let ended = act(ActKind::Resume, 6).of_procedure("2");
        due(&after(&[begun, ended], &[])) == Some(march(18))
    };
    let mut by = Vec::new();
    for (name, is_moved) in [
        ("procedures", pause("EXPERT_REVIEW")),
        ("material", pause(APPLICANT_SUPPLEMENT)),
        (
            "components",
            due(&after(&[], &[Interval::closed(march(4), march(6))])) == Some(march(18)),
        ),
        (
            "extension",
            due(&after(&[act(ActKind::Extend, 9).adding(5)], &[])) == Some(march(23)),
        ),
        (
            "notice",
            due(&after(
                &[act(ActKind::Renotify, 9)
                    .of_procedure("1")
                    .setting(Some(Limit::workdays(15)))],
                &[],
            )) == Some(march(23)),
        ),
    ] {
        if is_moved {
            by.push(name);
        }
    }
    let moved = if by.is_empty() {
        "nothing".to_owned()
    } else {
        by.join(" ")
    };
    format!("{} -> {} | {moved}", names(starts), names(stops))
}

#[test]
fn every_row_is_started_moved_and_stopped_by_exactly_these() {
    let mut table = String::new();
    for kind in ClockKind::ALL {
        writeln!(table, "{}: {}", kind.code(), row(*kind)).unwrap();
    }
    let expected = include_str!("rows.txt");
    assert!(table == expected, "the table is now\n{table}");
}

#[test]
fn an_item_sets_the_periods_of_decision_and_a_convention_or_an_act_the_others() {
    let bare = Terms::new(Conventions::default());
    let n = |kind, terms: &Terms, act: Act| {
        let clocks = run(kind, &[act], terms, &[], &CALENDAR);
        clocks.first().map(|running| running.clock.limit.n)
    };
    let three = Some(Limit::workdays(3));
    for kind in ClockKind::ALL {
        let starting = kind.row().starts[0];
        let plain = n(*kind, &bare, act(starting, 2));
        let said = n(*kind, &bare, act(starting, 2).setting(three));
        let is_of_item = matches!(
            kind,
            ClockKind::Statutory
                | ClockKind::Promised
                | ClockKind::Joint
                | ClockKind::JointPromised
        );
        let runs_back = matches!(kind, ClockKind::HearingNotice | ClockKind::RenewalApply);
        if is_of_item || runs_back {
            // Without an item or a bundle there is no such period, whatever an act says.
            assert_eq!((plain, said), (None, None), "{kind:?}");
        } else {
            assert_eq!(plain, kind.row().limit.map(|limit| limit.n), "{kind:?}");
            assert_eq!(said, Some(3), "{kind:?}");
        }
    }
    let own = Conventions {
        acceptance_check_days: 2,
        supplement_days: 7,
        conditional_supplement_days: 4,
        ..Conventions::default()
    };
    let own = Terms::new(own);
    assert_eq!(
        n(ClockKind::AcceptanceCheck, &own, act(ActKind::Received, 2)),
        Some(2)
    );
    assert_eq!(
        n(
            ClockKind::Supplement,
            &own,
            act(ActKind::CorrectionNotice, 2)
        ),
        Some(7)
    );
    let conditional = act(ActKind::ConditionalAcceptance, 2);
    assert_eq!(
        n(ClockKind::ConditionalSupplement, &own, conditional),
        Some(4)
    );
    let longer = Conventions {
        acceptance_check_days: 10,
        ..Conventions::default()
    };
    let longer = n(
        ClockKind::AcceptanceCheck,
        &Terms::new(longer),
        act(ActKind::Received, 2),
    );
    assert_eq!(longer, Some(5), "the law allows five");
}

#[test]
fn only_a_period_of_decision_runs_from_receipt_and_from_the_last_material() {
    let terms = Terms {
        anchor: Anchor::Received,
        ..terms()
    };
    let acts = [
        act(ActKind::Received, 2),
        act(ActKind::CorrectionNotice, 4),
        act(ActKind::Supplement, 9),
        act(ActKind::Accepted, 11),
    ];
    for kind in ClockKind::ALL {
        let clocks = run(*kind, &acts, &terms, &[], &CALENDAR);
        let anchors: Vec<_> = clocks.iter().map(|running| running.clock.anchor).collect();
        let expected = match kind {
            ClockKind::AcceptanceCheck => vec![march(2), march(9)],
            ClockKind::Supplement => vec![march(4)],
            ClockKind::Statutory | ClockKind::Promised => vec![march(9)],
            ClockKind::Joint
            | ClockKind::JointPromised
            | ClockKind::Preliminary
            | ClockKind::InspectionAssign => vec![march(11)],
            _ => vec![],
        };
        assert_eq!(anchors, expected, "{kind:?}");
    }
    // What is decided on the spot is due on the day of its acceptance even so.
    let immediate = terms.clone();
    let immediate = immediate.with(ClockKind::Promised, Some(Limit::workdays(0)));
    let anchors = [ClockKind::Promised, ClockKind::Statutory].map(|kind| {
        let clocks = run(kind, &acts, &immediate, &[], &CALENDAR);
        clocks[0].clock.anchor
    });
    assert_eq!(anchors, [march(11), march(9)]);
    // A serial case has no receipt of its own.
    let serial = run(
        ClockKind::Statutory,
        &[act(ActKind::Accepted, 11)],
        &terms,
        &[],
        &CALENDAR,
    );
    assert_eq!(serial[0].clock.anchor, march(11));
}

#[test]
fn an_end_without_a_name_is_that_of_the_last_suspension() {
    let begin = |date, reason: &str| act(ActKind::Suspend, date).because(reason);
    let pauses = |acts: &[Act]| procedure_pauses(acts, &terms(), &CALENDAR);
    let two = [begin(3, "TESTING"), begin(5, "HEARING")];
    let named = [&two[..], &[act(ActKind::Resume, 6).because("TESTING")]].concat();
    assert_eq!(
        pauses(&named),
        [
            Interval::closed(march(3), march(6)),
            Interval::open(march(5))
        ]
    );
    let unnamed = [&two[..], &[act(ActKind::Resume, 6)]].concat();
    assert_eq!(
        pauses(&unnamed),
        [
            Interval::open(march(3)),
            Interval::closed(march(5), march(6))
        ]
    );
    let nobodys = [&two[..], &[act(ActKind::Resume, 6).because("AUCTION")]].concat();
    assert_eq!(
        pauses(&nobodys),
        [Interval::open(march(3)), Interval::open(march(5))]
    );
    // Of two of one kind, the number tells.
    let twice = [
        begin(3, "TESTING").of_procedure("1"),
        act(ActKind::Resume, 4).of_procedure("1"),
        begin(5, "TESTING").of_procedure("2"),
        act(ActKind::Resume, 6).of_procedure("2"),
    ];
    let both = [
        Interval::closed(march(3), march(4)),
        Interval::closed(march(5), march(6)),
    ];
    assert_eq!(pauses(&twice), both);
}

#[test]
fn a_new_notice_lengthens_in_the_unit_of_the_clock_whatever_its_own() {
    let told = |first: Limit, again: Limit| {
        let begun = act(ActKind::Suspend, 2)
            .of_procedure("1")
            .setting(Some(first));
        let more = act(ActKind::Renotify, 3)
            .of_procedure("1")
            .setting(Some(again));
        due(&ran(ClockKind::Special, &[begun, more])).unwrap()
    };
    assert_eq!(told(Limit::workdays(5), Limit::workdays(8)), march(12));
    assert_eq!(
        told(Limit::workdays(5), Limit::calendar_days(20)),
        march(23)
    );
    assert_eq!(
        told(Limit::calendar_days(7), Limit::workdays(10)),
        march(16)
    );
    assert_eq!(
        told(Limit::calendar_days(7), Limit::months(1)),
        day("2026-04-02")
    );
    // It never takes away what the applicant was told of.
    assert_eq!(told(Limit::workdays(5), Limit::workdays(3)), march(9));
    assert_eq!(told(Limit::workdays(5), Limit::calendar_days(3)), march(9));
}

#[test]
fn the_cap_excludes_what_was_notified_and_no_more() {
    let mut capped = terms();
    capped.conventions.cap_exclusion_at_notified_duration = true;
    let begun = |date| {
        let begun = act(ActKind::Suspend, date)
            .because("TESTING")
            .of_procedure("1");
        begun.setting(Some(Limit::workdays(5)))
    };
    let told = |date| {
        let told = act(ActKind::Renotify, date).of_procedure("1");
        told.setting(Some(Limit::workdays(8)))
    };
    let ended = |date| act(ActKind::Resume, date).of_procedure("1");
    let pauses = |acts: &[Act]| procedure_pauses(acts, &capped, &CALENDAR);
    assert_eq!(
        pauses(&[begun(2), ended(5)]),
        [Interval::closed(march(2), march(5))]
    );
    assert_eq!(
        pauses(&[begun(2), ended(20)]),
        [Interval::closed(march(2), march(9))]
    );
    assert_eq!(pauses(&[begun(2)]), [Interval::closed(march(2), march(9))]);
    let in_time = [begun(2), told(9), ended(20)];
    assert_eq!(pauses(&in_time), [Interval::closed(march(2), march(12))]);
    let late = [begun(2), told(10), ended(20)];
    assert_eq!(pauses(&late), [Interval::closed(march(2), march(9))]);
    let entered_late = [begun(2), told(6).entered(march(10)), ended(20)];
    assert_eq!(
        pauses(&entered_late),
        [Interval::closed(march(2), march(9))]
    );
}

/// Told of five working days on Wednesday the 4th; ten are promised from the 2nd, until the 16th.
#[test]
fn the_cap_excludes_as_many_days_as_were_notified_whichever_are_the_first() {
    let due_on = |boundary, limit: Limit, begun: u32| {
        let mut capped = terms();
        capped.conventions.cap_exclusion_at_notified_duration = true;
        capped.conventions.suspension_boundary = boundary;
        let acts = [
            act(ActKind::Accepted, 2),
            act(ActKind::Suspend, begun)
                .because("TESTING")
                .of_procedure("1")
                .setting(Some(limit)),
            act(ActKind::Resume, 25).of_procedure("1"),
        ];
        due(&run(ClockKind::Promised, &acts, &capped, &[], &CALENDAR)).unwrap()
    };
    let five = || Limit::workdays(5);
    assert_eq!(due_on(Boundary::StartOfDayState, five(), 4), march(23));
    assert_eq!(due_on(Boundary::Inclusive, five(), 4), march(23));
    assert_eq!(
        due_on(Boundary::Inclusive, Limit::workdays(1), 4),
        march(17)
    );
    // Saturday the 7th is no working day: the five are those of the next week.
    assert_eq!(due_on(Boundary::Inclusive, five(), 7), march(23));
}

#[test]
fn material_pauses_a_promise_once_and_no_statutory_period_ever() {
    let asked = |date| act(ActKind::Suspend, date).because(APPLICANT_SUPPLEMENT);
    let received = |date| act(ActKind::Resume, date).because(APPLICANT_SUPPLEMENT);
    let acts = [
        act(ActKind::Accepted, 2),
        asked(4),
        received(6),
        asked(9),
        received(11),
    ];
    assert_eq!(due(&ran(ClockKind::Promised, &acts)), Some(march(18)));
    assert_eq!(due(&ran(ClockKind::Statutory, &acts)), Some(march(16)));
    assert!(ran(ClockKind::Special, &acts).is_empty());
    let mut charged = terms();
    charged
        .conventions
        .post_acceptance_supplement_pauses_promise = false;
    let promise = run(ClockKind::Promised, &acts, &charged, &[], &CALENDAR);
    assert_eq!(due(&promise), Some(march(16)));
}

#[test]
fn silence_is_no_acceptance_while_an_answer_came_in_time() {
    let deemed = |acts: &[Act], date| {
        let terms = Terms::new(Conventions::default());
        deemed_acceptance(acts, &terms, &CALENDAR, march(date)).map(|deemed| {
            (
                deemed.accepted_on,
                deemed.check_due_on,
                deemed.established_on,
            )
        })
    };
    let received = act(ActKind::Received, 2);
    let first = Some((march(2), march(9), march(10)));
    assert_eq!(deemed(std::slice::from_ref(&received), 9), None);
    assert_eq!(deemed(std::slice::from_ref(&received), 10), first);
    let answered = |kind, date| [received.clone(), act(kind, date)];
    for kind in [
        ActKind::Accepted,
        ActKind::NotAccepted,
        ActKind::CorrectionNotice,
    ] {
        assert_eq!(deemed(&answered(kind, 9), 20), None, "{kind:?}");
        assert_eq!(deemed(&answered(kind, 10), 20), first, "{kind:?}");
        let entered_late = [received.clone(), act(kind, 5).entered(march(10))];
        assert_eq!(deemed(&entered_late, 20), first, "{kind:?}");
    }
    let notice = act(ActKind::CorrectionNotice, 4);
    let again = [
        received.clone(),
        notice.clone(),
        act(ActKind::Supplement, 11),
    ];
    assert_eq!(deemed(&again, 18), None);
    assert_eq!(deemed(&again, 19), Some((march(11), march(18), march(19))));
    // A supplement that was entered late was received on its day all the same.
    let late = [
        received,
        notice,
        act(ActKind::Supplement, 5).entered(march(11)),
    ];
    assert_eq!(deemed(&late, 12), None);
    assert_eq!(deemed(&late, 13), Some((march(5), march(12), march(13))));
}

#[test]
fn a_suspension_after_the_stop_does_not_touch_the_clock_however_it_is_dated() {
    let entered = act(ActKind::StepEntered, 2).setting(Some(Limit::workdays(3)));
    let begun = |date| {
        act(ActKind::Suspend, date)
            .because("TESTING")
            .entered(march(4))
    };
    for began in [begun(3), begun(4)] {
        let acts = [entered.clone(), act(ActKind::StepLeft, 4), began];
        let step = ran(ClockKind::Step, &acts);
        assert_eq!((due(&step), step[0].paused_by.len()), (Some(march(5)), 0));
    }
}

/// An end that names nothing ends the last suspension, whether or not that one stopped the clock in question.
#[test]
fn an_end_without_a_name_does_not_ask_which_clock_stood_still() {
    use ActKind::{Accepted, Resume, Suspend};
    let act = |kind, on| Act::new(kind, day(on));
    let because = |on, reason: &str| act(Suspend, on).because(reason);
    let terms = |pauses_promise| {
        let conventions = Conventions {
            post_acceptance_supplement_pauses_promise: pauses_promise,
            ..Conventions::default()
        };
        Terms::new(conventions)
            .with(ClockKind::Promised, Some(Limit::workdays(10)))
            .with(ClockKind::Statutory, Some(Limit::workdays(20)))
    };
    let state = |kind, acts: &[Act], terms: &Terms| {
        let found = run(kind, acts, terms, &[], &CALENDAR).remove(0);
        let said = found.clock.deadline(&CALENDAR, day("2026-03-12"));
        (said.state, said.remaining)
    };
    let suspended = |left| (ClockState::Suspended, left);
    let acts = [
        act(Accepted, "2026-03-02"),
        because("2026-03-04", "HEARING"),
        because("2026-03-05", APPLICANT_SUPPLEMENT),
        act(Resume, "2026-03-06"),
    ];
    for pauses_promise in [true, false] {
        let terms = terms(pauses_promise);
        assert_eq!(state(ClockKind::Promised, &acts, &terms), suspended(8));
        assert_eq!(state(ClockKind::Statutory, &acts, &terms), suspended(18));
    }

    // Of two suspensions for one clock each it ends one.
    let of_each = [
        act(Accepted, "2026-03-02"),
        because("2026-03-04", "HEARING").about([ClockKind::Statutory]),
        because("2026-03-05", "TESTING").about([ClockKind::Promised]),
        act(Resume, "2026-03-06"),
    ];
    let terms = terms(true);
    let promised = state(ClockKind::Promised, &of_each, &terms);
    assert_eq!(promised.0, ClockState::Running);
    assert_eq!(state(ClockKind::Statutory, &of_each, &terms), suspended(18));

    // What ended for one clock goes on for the other, until that is ended, too.
    let mut by_halves = vec![
        act(Accepted, "2026-03-02"),
        because("2026-03-04", "HEARING"),
        act(Resume, "2026-03-06").about([ClockKind::Promised]),
    ];
    let promised = state(ClockKind::Promised, &by_halves, &terms);
    assert_eq!(promised.0, ClockState::Running);
    assert_eq!(
        state(ClockKind::Statutory, &by_halves, &terms),
        suspended(18)
    );
    by_halves.push(act(Resume, "2026-03-09"));
    let statutory = state(ClockKind::Statutory, &by_halves, &terms);
    assert_eq!(statutory.0, ClockState::Running);
}
