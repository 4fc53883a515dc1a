//! The clocks of an application told as stories, row by row of the table: what starts, stops, moves and lapses.
//!
//! March 2026 has no holiday; 6 April is one (清明).

use super::hall::{Hall, date};
use super::*;
use crate::clock::{Anchor, Boundary, ClockKind, JointPolicy, Limit, Unsupplemented};
use crate::item::{AcceptanceCheck, SpecialProcedureKind, StatutoryLimit};

/// Accepted on Monday, 2 March: the promise ends on the 9th, the statutory period on the 30th.
fn accepted(hall: Hall, deeds: &str) -> hall::Matter {
    hall.receive("03-02", "A")
        .after("03-02 accept")
        .after(deeds)
}

#[test]
fn silence_accepts_as_of_the_receipt() {
    let mut matter = Hall::new().receive("03-02", "A");
    assert_eq!(matter.clocks(ClockKind::AcceptanceCheck), "03-02 due 03-09");
    assert_eq!(matter.come(date("03-09")), []);
    let deemed = Lapsed::DeemedAccepted {
        accepted_on: date("03-02"),
        established_on: date("03-10"),
    };
    assert_eq!(matter.come(date("03-10")), [deemed]);
    let check = "03-02 due 03-09, stopped 03-10, overdue";
    assert_eq!(matter.clocks(ClockKind::AcceptanceCheck), check);
    let promise = "A 03-02 due 03-09, overdue";
    assert_eq!(matter.clocks(ClockKind::Promised), promise);
    assert_eq!(matter.clocks(ClockKind::Statutory), "A 03-02 due 03-30");
    // Nothing that comes later has an effect, even if it is dated to a day in time.
    for late in [
        "accept",
        "accept conditionally",
        "notice",
        "correct",
        "A not required",
    ] {
        for dated in ["03-10", "03-10 for 03-09", "03-10 for 03-05"] {
            let said = matter.says(&format!("{dated} {late}"));
            assert_eq!(said, "refused DEEMED_ACCEPTED", "{dated} {late}");
        }
    }
}

#[test]
fn the_check_ends_with_acceptance_refusal_and_notice() {
    let check = |deeds: &str| {
        let matter = Hall::new().receive("03-02", "A").after(deeds);
        matter.clocks(ClockKind::AcceptanceCheck)
    };
    assert_eq!(check("03-09 accept"), "03-02 due 03-09, stopped 03-09");
    let in_time = "03-02 due 03-09, stopped 03-04";
    for deed in ["notice", "A not required", "A not competent", "withdraw"] {
        assert_eq!(check(&format!("03-04 {deed}")), in_time, "{deed}");
    }
    // Correcting an error on the spot is no notice.
    assert_eq!(check("03-04 correct"), "03-02 due 03-09");
    // Of two cases, the check waits for the last answer.
    let two = Hall::new()
        .receive("03-02", "A, B")
        .after("03-04 A not required");
    assert_eq!(two.clocks(ClockKind::AcceptanceCheck), "03-02 due 03-09");
}

/// 行政许可法 第三十二条第一款第四项 allows five days; an act may set fewer for an item.
#[test]
fn the_item_with_the_fewest_days_ends_the_check_of_all() {
    let fewer = |days, online_days| {
        Hall::new().publishing("B", move |item| {
            item.acceptance_check = Some(AcceptanceCheck { days, online_days });
        })
    };
    let checked = |hall: Hall, cases: &str, channel: Channel| {
        let mut matter = hall.receive("03-02", cases);
        matter.file.application.channel = channel;
        matter.clocks(ClockKind::AcceptanceCheck)
    };
    let (window, online) = (Channel::Window, Channel::Online);
    for (days, online_days, cases, channel, due) in [
        (3, Some(1), "A, B", window, "03-05"),
        (3, Some(1), "A, B", online, "03-03"),
        (3, None, "A, B", online, "03-05"),
        (1, Some(3), "A, B, C", online, "03-05"),
        (3, Some(1), "A", online, "03-09"),
    ] {
        let said = checked(fewer(days, online_days), cases, channel);
        assert_eq!(
            said,
            format!("03-02 due {due}"),
            "{days}, {online_days:?}, {cases}"
        );
    }
    let centre = fewer(3, None).convening(|conventions| conventions.acceptance_check_days = 2);
    assert_eq!(checked(centre, "A, B", window), "03-02 due 03-04");

    // The end of its case moves nothing.
    let ended = fewer(3, None).receive("03-02", "A, B");
    let ended = ended.after("03-03 B not required");
    assert_eq!(ended.clocks(ClockKind::AcceptanceCheck), "03-02 due 03-05");

    // Silence comes sooner, and the supplement is checked as fast as the application was.
    let mut matter = fewer(2, None).receive("03-02", "A, B");
    assert_eq!(matter.come(date("03-04")), []);
    let deemed = Lapsed::DeemedAccepted {
        accepted_on: date("03-02"),
        established_on: date("03-05"),
    };
    assert_eq!(matter.come(date("03-05")), [deemed]);
    let supplemented = fewer(2, None).receive("03-02", "A, B");
    let supplemented = supplemented.after("03-03 notice; 03-10 supplement");
    let checks = supplemented.clocks(ClockKind::AcceptanceCheck);
    assert!(checks.ends_with("03-10 due 03-12"), "{checks}");
}

#[test]
fn a_centre_promises_a_shorter_check_but_no_longer_one() {
    for (days, due) in [(1, "03-03"), (2, "03-04"), (5, "03-09"), (10, "03-09")] {
        let hall = Hall::new().convening(|law| law.acceptance_check_days = days);
        let check = hall
            .receive("03-02", "A")
            .clocks(ClockKind::AcceptanceCheck);
        assert_eq!(check, format!("03-02 due {due}"), "{days}");
    }
}

#[test]
fn a_supplement_starts_the_check_anew_and_silence_accepts_as_of_it() {
    let mut matter = Hall::new().receive("03-02", "A").after("03-04 notice");
    assert_eq!(matter.clocks(ClockKind::Supplement), "03-04 due 04-01");
    matter = matter.after("03-11 supplement");
    let supplement = "03-04 due 04-01, stopped 03-11";
    assert_eq!(matter.clocks(ClockKind::Supplement), supplement);
    let checks = "03-02 due 03-09, stopped 03-04; 03-11 due 03-18";
    assert_eq!(matter.clocks(ClockKind::AcceptanceCheck), checks);
    assert_eq!(matter.says("03-12 notice"), "refused CORRECTION_TWICE");
    matter.come(date("03-19"));
    assert_eq!(matter.file.application.accepted_on, Some(date("03-11")));
    assert_eq!(
        matter.clocks(ClockKind::Promised),
        "A 03-11 due 03-18, overdue"
    );
    assert_eq!(matter.clocks(ClockKind::Statutory), "A 03-11 due 04-09");
}

#[test]
fn the_time_for_the_supplement_is_what_the_notice_prints_and_is_extended_once() {
    let mut matter = Hall::new().receive("03-02", "A").after("03-04 notice 10");
    assert_eq!(matter.clocks(ClockKind::Supplement), "03-04 due 03-18");
    matter = matter.after("03-18 extend supplement 5");
    assert_eq!(matter.clocks(ClockKind::Supplement), "03-04 due 03-25");
    let twice = matter.says("03-19 extend supplement 5");
    assert_eq!(twice, "refused SUPPLEMENT_EXTENDED_TWICE");
    assert_eq!(matter.come(date("03-25")), []);
    assert_eq!(matter.says("03-25 supplement"), "SUPPLEMENTED");
    let late = Hall::new().receive("03-02", "A").after("03-04 notice 10");
    for deed in ["supplement", "extend supplement 5"] {
        for dated in ["03-19", "03-19 for 03-18"] {
            let said = late.clone().says(&format!("{dated} {deed}"));
            assert_eq!(said, "refused SUPPLEMENT_LATE", "{dated} {deed}");
        }
    }
}

#[test]
fn what_is_never_supplemented_is_withdrawn_or_refused() {
    let mut withdrawn = Hall::new().receive("03-02", "A").after("03-04 notice 10");
    assert_eq!(withdrawn.come(date("03-25")), [Lapsed::NotSupplemented]);
    assert_eq!(withdrawn.states(), "CLOSED: A WITHDRAWN");
    assert_eq!(withdrawn.outcome(), "WITHDRAWN");
    let lapsed = "03-04 due 03-18, stopped 03-19, overdue";
    assert_eq!(withdrawn.clocks(ClockKind::Supplement), lapsed);
    assert_eq!(withdrawn.clocks(ClockKind::Delivery), "");
    let kind = |matter: &hall::Matter| {
        let ending = matter.file.cases[0].ending.clone().unwrap();
        (ending.result.closing_kind(), ending.on, ending.by)
    };
    assert_eq!(kind(&withdrawn), (5, date("03-19"), None));

    let hall = Hall::new().convening(|law| law.unsupplemented = Unsupplemented::Refused);
    let mut refused = hall.receive("03-02", "A").after("03-04 notice 10");
    refused.come(date("03-25"));
    assert_eq!(refused.states(), "CONCLUDED: A REFUSED");
    assert_eq!(kind(&refused), (1, date("03-19"), None));
    // The refusal ends the waiting; a clock that ran on would be overdue for ever.
    assert_eq!(refused.clocks(ClockKind::Supplement), lapsed);
    assert_eq!(refused.clocks(ClockKind::Delivery), "A 03-19 due 04-02");
}

#[test]
fn a_period_from_receipt_runs_from_the_last_material_and_the_promise_with_it() {
    let hall = Hall::new().publishing("A", |item| {
        item.statutory = Some(StatutoryLimit {
            limit: Limit::workdays(20),
            anchor: Anchor::Received,
        });
    });
    let at_once = hall.clone().receive("03-02", "A").after("03-05 accept");
    assert_eq!(at_once.clocks(ClockKind::Statutory), "A 03-02 due 03-30");
    assert_eq!(at_once.clocks(ClockKind::Promised), "A 03-02 due 03-09");
    let corrected = "03-03 notice; 03-10 supplement; 03-12 accept";
    let corrected = hall.clone().receive("03-02", "A").after(corrected);
    assert_eq!(corrected.clocks(ClockKind::Statutory), "A 03-10 due 04-08");
    assert_eq!(corrected.clocks(ClockKind::Promised), "A 03-10 due 03-17");
    // A serial case has nothing to receive before the result of its predecessor is shared.
    let serial = hall.receive("03-02", "A after B, B");
    let serial = serial.after("03-05 accept; 03-09 B agree; 03-10 B grant");
    assert_eq!(
        serial.clocks(ClockKind::Statutory),
        "A 03-10 due 04-08; B 03-05 due 04-02, stopped 03-10"
    );
}

#[test]
fn a_conditional_acceptance_waits_as_long_as_the_convention_and_no_longer_than_the_promise() {
    let waits = |promised: Limit, on: &str| {
        let hall = Hall::new().publishing("A", |item| item.promised = promised);
        let matter = hall
            .receive(on, "A")
            .after(&format!("{on} accept conditionally"));
        matter.clocks(ClockKind::ConditionalSupplement)
    };
    assert_eq!(waits(Limit::workdays(20), "03-06"), "03-06 due 03-13");
    assert_eq!(waits(Limit::workdays(3), "03-06"), "03-06 due 03-11");
    assert_eq!(waits(Limit::workdays(0), "03-06"), "03-06 due 03-06");
    // Calendar days are a promise, too: three of them end on the Monday.
    assert_eq!(waits(Limit::calendar_days(3), "03-06"), "03-06 due 03-09");
    assert_eq!(waits(Limit::calendar_days(30), "03-06"), "03-06 due 03-13");
    assert_eq!(waits(Limit::months(1), "03-06"), "03-06 due 03-13");
    // What is not accepted promises nothing.
    let hall = Hall::new().publishing("B", |item| item.promised = Limit::workdays(1));
    let matter = hall.receive("03-06", "A, B");
    let matter = matter.after("03-06 B not required; 03-06 accept conditionally");
    let due = matter.clocks(ClockKind::ConditionalSupplement);
    assert_eq!(due, "03-06 due 03-13");
}

#[test]
fn what_a_conditional_acceptance_waits_for_comes_or_ends_it() {
    let conditional = || {
        let matter = Hall::new().receive("03-02", "A, B after A");
        matter.after("03-02 accept conditionally")
    };
    let kind = ClockKind::ConditionalSupplement;
    let handed_in = conditional().after("03-09 hand in");
    assert_eq!(handed_in.clocks(kind), "03-02 due 03-09, stopped 03-09");
    assert_eq!(
        handed_in.clone().says("03-10 hand in"),
        "refused MATERIAL_NOT_ASKED"
    );

    let mut revoked = conditional();
    assert_eq!(revoked.come(date("03-12")), [Lapsed::AcceptanceRevoked]);
    let states = "CLOSED: A ACCEPTANCE_REVOKED, B ACCEPTANCE_REVOKED";
    assert_eq!(revoked.states(), states);
    assert_eq!(
        revoked.clocks(kind),
        "03-02 due 03-09, stopped 03-10, overdue"
    );
    let promise = "A 03-02 due 03-09, stopped 03-10, overdue";
    assert_eq!(revoked.clocks(ClockKind::Promised), promise);

    // A decision ends the waiting.
    let decided = Hall::new().receive("03-02", "A");
    let decided = decided.after("03-02 accept conditionally; 03-03 A agree; 03-04 A grant");
    assert_eq!(decided.clocks(kind), "03-02 due 03-09, stopped 03-04");
}

#[test]
fn a_procedure_stops_promise_and_statutory_period_by_its_days() {
    let matter = accepted(Hall::new(), "03-04 A begin EXPERT_REVIEW 10");
    assert_eq!(
        matter.clocks(ClockKind::Promised),
        "A 03-02 due none, suspended"
    );
    assert_eq!(
        matter.clocks(ClockKind::Statutory),
        "A 03-02 due none, suspended"
    );
    assert_eq!(matter.clocks(ClockKind::Special), "A 03-04 due 03-18");
    // The day of the start is charged, that of the end is not.
    let matter = matter.after("03-11 A end EXPERT_REVIEW");
    assert_eq!(matter.clocks(ClockKind::Promised), "A 03-02 due 03-16");
    assert_eq!(matter.clocks(ClockKind::Statutory), "A 03-02 due 04-07");
    assert_eq!(
        matter.clocks(ClockKind::Special),
        "A 03-04 due 03-18, stopped 03-11"
    );
    let same_day = "03-04 A begin EXPERT_REVIEW 10; 03-04 A end EXPERT_REVIEW";
    let same_day = accepted(Hall::new(), same_day);
    assert_eq!(same_day.clocks(ClockKind::Promised), "A 03-02 due 03-09");
}

#[test]
fn several_procedures_end_each_by_its_own_result_and_a_day_is_excluded_once() {
    let two = accepted(
        Hall::new(),
        "03-04 A begin EXPERT_REVIEW 10; 03-06 A begin TESTING 10; 03-10 A end EXPERT_REVIEW",
    );
    assert_eq!(two.states(), "IN_REVIEW: A SUSPENDED");
    assert_eq!(
        two.clocks(ClockKind::Promised),
        "A 03-02 due none, suspended"
    );
    assert_eq!(
        two.clone().says("03-10 A end EXPERT_REVIEW"),
        "refused PROCEDURE_NOT_OPEN"
    );
    assert_eq!(
        two.clone().says("03-10 A begin TESTING 5"),
        "refused PROCEDURE_OPEN"
    );
    let two = two.after("03-12 A end TESTING");
    assert_eq!(two.states(), "IN_REVIEW: A IN_REVIEW");
    assert_eq!(two.clocks(ClockKind::Promised), "A 03-02 due 03-17");
    // The same once more: it is another procedure, and its end is not that of the first.
    let three = two.after("03-16 A begin EXPERT_REVIEW 5; 03-18 A end EXPERT_REVIEW");
    assert_eq!(three.clocks(ClockKind::Promised), "A 03-02 due 03-19");
    assert_eq!(
        three.clocks(ClockKind::Special),
        "A 03-04 due 03-18, stopped 03-10; A 03-06 due 03-20, stopped 03-12; A 03-16 due 03-23, stopped 03-18"
    );
}

#[test]
fn a_new_notice_gives_a_procedure_more_time_until_the_old_time_has_passed() {
    let begun = accepted(Hall::new(), "03-04 A begin EXPERT_REVIEW 5");
    assert_eq!(begun.clocks(ClockKind::Special), "A 03-04 due 03-11");
    let told = begun.clone().after("03-10 A renotify EXPERT_REVIEW 10");
    assert_eq!(told.clocks(ClockKind::Special), "A 03-04 due 03-18");
    for shorter in [3, 10] {
        let said = told
            .clone()
            .says(&format!("03-11 A renotify EXPERT_REVIEW {shorter}"));
        assert_eq!(said, "refused NUMBER_OUT_OF_RANGE", "{shorter}");
    }
    let again = told.after("03-18 A renotify EXPERT_REVIEW 15");
    assert_eq!(again.clocks(ClockKind::Special), "A 03-04 due 03-25");
    // A notice after the notified time, or entered after it, is on record and heals nothing.
    for late in ["03-12", "03-12 for 03-10"] {
        let late = begun
            .clone()
            .after(&format!("{late} A renotify EXPERT_REVIEW 10"));
        assert_eq!(
            late.clocks(ClockKind::Special),
            "A 03-04 due 03-11, overdue"
        );
    }
}

#[test]
fn where_no_more_is_excluded_than_was_notified_a_procedure_ends_by_itself() {
    let hall = || Hall::new().convening(|law| law.cap_exclusion_at_notified_duration = true);
    let mut capped = accepted(hall(), "03-04 A begin EXPERT_REVIEW 5");
    let returned = Lapsed::ProcedureReturned {
        case: case_id(0),
        kind: SpecialProcedureKind::ExpertReview,
    };
    assert_eq!(capped.come(date("03-11")), []);
    assert_eq!(capped.come(date("03-20")), std::slice::from_ref(&returned));
    assert_eq!(capped.states(), "IN_REVIEW: A IN_REVIEW");
    assert_eq!(
        capped.clocks(ClockKind::Promised),
        "A 03-02 due 03-16, overdue"
    );
    assert_eq!(
        capped.clocks(ClockKind::Special),
        "A 03-04 due 03-11, stopped 03-11"
    );
    let told = "03-04 A begin EXPERT_REVIEW 5; 03-10 A renotify EXPERT_REVIEW 10";
    let mut told = accepted(hall(), told);
    assert_eq!(told.come(date("03-18")), []);
    assert_eq!(told.come(date("03-19")), std::slice::from_ref(&returned));
    assert_eq!(told.clocks(ClockKind::Promised), "A 03-02 due 03-23");
    // Where the first day is excluded, too, it is one of the days that were notified.
    let inclusive = hall().convening(|law| law.suspension_boundary = Boundary::Inclusive);
    let mut inclusive = accepted(inclusive, "03-04 A begin EXPERT_REVIEW 5");
    assert_eq!(inclusive.come(date("03-10")), []);
    assert_eq!(inclusive.come(date("03-11")), [returned]);
    assert_eq!(inclusive.clocks(ClockKind::Promised), "A 03-02 due 03-16");
    assert_eq!(
        inclusive.clocks(ClockKind::Special),
        "A 03-04 due 03-11, stopped 03-10"
    );
    // Without the convention the time above the notified one is excluded, and carded.
    let open = accepted(
        Hall::new(),
        "03-04 A begin EXPERT_REVIEW 5; 03-20 A end EXPERT_REVIEW",
    );
    assert_eq!(open.clocks(ClockKind::Promised), "A 03-02 due 03-25");
    let special = "A 03-04 due 03-11, stopped 03-20, overdue";
    assert_eq!(open.clocks(ClockKind::Special), special);
}

#[test]
fn a_hearing_is_held_within_twenty_days_of_the_request() {
    let hearing = accepted(Hall::new(), "03-04 A begin HEARING 20");
    assert_eq!(hearing.clocks(ClockKind::HearingHold), "A 03-04 due 04-01");
    let held = hearing.after("03-25 A end HEARING");
    assert_eq!(
        held.clocks(ClockKind::HearingHold),
        "A 03-04 due 04-01, stopped 03-25"
    );
    assert_eq!(held.clocks(ClockKind::Statutory), "A 03-02 due 04-21");
}

#[test]
fn a_procedure_touches_no_clock_that_has_expired() {
    let begin = "03-12 A begin EXPERT_REVIEW 10; 03-19 A end EXPERT_REVIEW";
    let matter = accepted(Hall::new(), begin);
    assert_eq!(
        matter.clocks(ClockKind::Promised),
        "A 03-02 due 03-09, overdue"
    );
    assert_eq!(matter.clocks(ClockKind::Statutory), "A 03-02 due 04-07");
    let mut passed = accepted(Hall::new(), "");
    assert_eq!(
        passed.says("03-31 A begin EXPERT_REVIEW 10"),
        "refused PERIOD_PASSED"
    );
    assert_eq!(
        passed.says("03-31 for 03-10 A begin TESTING 10"),
        "refused PERIOD_PASSED"
    );
}

#[test]
fn an_extension_moves_what_had_not_passed_and_the_promise_by_convention() {
    let both = accepted(Hall::new(), "03-09 A extend 5");
    assert_eq!(both.clocks(ClockKind::Promised), "A 03-02 due 03-16");
    assert_eq!(both.clocks(ClockKind::Statutory), "A 03-02 due 04-07");
    assert_eq!(
        both.clone().says("03-10 A extend 5"),
        "refused EXTENSION_TWICE"
    );
    let one = accepted(Hall::new(), "03-30 A extend 10");
    assert_eq!(
        one.clocks(ClockKind::Promised),
        "A 03-02 due 03-09, overdue"
    );
    assert_eq!(one.clocks(ClockKind::Statutory), "A 03-02 due 04-14");
    let hall = Hall::new().convening(|law| law.extension_applies_to_promise = false);
    let kept = accepted(hall, "03-09 A extend 5");
    assert_eq!(kept.clocks(ClockKind::Promised), "A 03-02 due 03-09");
    assert_eq!(kept.clocks(ClockKind::Statutory), "A 03-02 due 04-07");
    for (words, said) in [
        ("03-31 A extend 10", "refused EXTENSION_LATE"),
        ("03-31 for 03-20 A extend 10", "refused EXTENSION_LATE"),
        ("03-10 A extend 11", "refused EXTENSION_TOO_LONG"),
        ("03-10 A extend 0", "refused EXTENSION_TOO_LONG"),
    ] {
        assert_eq!(accepted(Hall::new(), "").says(words), said, "{words}");
    }
}

#[test]
fn material_after_acceptance_is_asked_for_once_and_pauses_no_statutory_period() {
    let asked = accepted(Hall::new(), "03-04 A ask");
    assert_eq!(
        asked.clocks(ClockKind::Promised),
        "A 03-02 due none, suspended"
    );
    assert_eq!(
        asked.clocks(ClockKind::Special),
        "",
        "waiting is no procedure"
    );
    assert_eq!(asked.states(), "IN_REVIEW: A IN_REVIEW");
    let received = asked.after("03-11 A receive");
    assert_eq!(received.clocks(ClockKind::Promised), "A 03-02 due 03-16");
    assert_eq!(received.clocks(ClockKind::Statutory), "A 03-02 due 03-30");
    assert_eq!(
        received.clone().says("03-12 A ask"),
        "refused MATERIAL_ASKED_TWICE"
    );
    assert_eq!(
        received.clone().says("03-12 A receive"),
        "refused MATERIAL_NOT_ASKED"
    );
    let hall = Hall::new().convening(|law| law.post_acceptance_supplement_pauses_promise = false);
    let charged = accepted(hall, "03-04 A ask; 03-11 A receive");
    assert_eq!(
        charged.clocks(ClockKind::Promised),
        "A 03-02 due 03-09, overdue"
    );
    // A procedure during the waiting ends by its own result, and both exclude a day once.
    let both = "03-04 A ask; 03-05 A begin TESTING 5; 03-09 A receive; 03-11 A end TESTING";
    let both = accepted(Hall::new(), both);
    assert_eq!(both.clocks(ClockKind::Promised), "A 03-02 due 03-16");
    assert_eq!(both.clocks(ClockKind::Statutory), "A 03-02 due 04-03");
}

#[test]
fn a_step_is_entered_and_left_and_pauses_with_the_case() {
    let entered = accepted(Hall::new(), "");
    assert_eq!(entered.clocks(ClockKind::Step), "A 03-02 due 03-05");
    let left = entered.after("03-04 A agree");
    let steps = "A 03-02 due 03-05, stopped 03-04; A 03-04 due 03-06";
    assert_eq!(left.clocks(ClockKind::Step), steps);
    let decided = left.after("03-09 A grant");
    let steps = "A 03-02 due 03-05, stopped 03-04; A 03-04 due 03-06, stopped 03-09, overdue";
    assert_eq!(decided.clocks(ClockKind::Step), steps);
    let paused = "03-04 A begin EXPERT_REVIEW 10; 03-11 A end EXPERT_REVIEW; 03-11 A extend 5";
    let paused = accepted(Hall::new(), paused);
    assert_eq!(paused.clocks(ClockKind::Step), "A 03-02 due 03-12");
    let asked = accepted(Hall::new(), "03-04 A ask; 03-11 A receive");
    assert_eq!(asked.clocks(ClockKind::Step), "A 03-02 due 03-12");
}

#[test]
fn delivery_runs_from_the_decision_until_the_results_are_ready_or_delivered() {
    let decided = accepted(Hall::new(), "03-03 A agree; 03-05 A grant");
    assert_eq!(decided.clocks(ClockKind::Delivery), "A 03-05 due 03-19");
    let failed = decided.clone().after("03-10 fail delivery");
    assert_eq!(failed.clocks(ClockKind::Delivery), "A 03-05 due 03-19");
    let ready = decided.clone().after("03-19 ready; 03-30 deliver");
    assert_eq!(
        ready.clocks(ClockKind::Delivery),
        "A 03-05 due 03-19, stopped 03-19"
    );
    let late = decided.after("03-20 deliver");
    let overdue = "A 03-05 due 03-19, stopped 03-20, overdue";
    assert_eq!(late.clocks(ClockKind::Delivery), overdue);
    let nothing = accepted(Hall::new(), "03-05 withdraw");
    assert_eq!(nothing.clocks(ClockKind::Delivery), "");
}

#[test]
fn every_other_end_stops_every_clock() {
    let busy = "03-04 A begin HEARING 20; 03-04 A ask; 03-05 A extend 5";
    for end in [
        "withdraw",
        "A withdraw",
        "A terminate",
        "A ask void; 03-12 A confirm void",
    ] {
        let matter = accepted(Hall::new().joint(), &format!("{busy}; 03-12 {end}"));
        for clock in matter.file.clocks(&matter.hall) {
            let stopped = clock.running.clock.stopped_on;
            let kind = clock.running.kind;
            let day = if kind == ClockKind::AcceptanceCheck {
                "03-02"
            } else {
                "03-12"
            };
            assert_eq!(stopped, Some(date(day)), "{kind:?} {end}");
        }
    }
}

/// A renewal of a licence that is valid to a day.
fn renewal(expires_on: &str, deeds: &str) -> hall::Matter {
    let mut matter = Hall::new().receive("03-02", "A");
    matter.file.application.renewal = Some(Renewal {
        certificate: "证1".to_owned(),
        expires_on: date(expires_on),
        in_time: true,
    });
    matter.after(deeds)
}

#[test]
fn silence_renews_and_nothing_moves_that_day() {
    let mut matter = renewal(
        "03-20",
        "03-02 accept; 03-04 A begin HEARING 10; 03-05 A extend 10",
    );
    assert_eq!(matter.clocks(ClockKind::RenewalDecide), "A 03-20 due 03-20");
    assert_eq!(matter.come(date("03-20")), []);
    let renewed = [Lapsed::Renewed { case: case_id(0) }];
    assert_eq!(matter.come(date("03-23")), renewed);
    assert_eq!(matter.states(), "CONCLUDED: A GRANTED");
    let ending = matter.file.cases[0].ending.clone().unwrap();
    assert_eq!((ending.on, ending.by), (date("03-21"), None));
    // A Saturday is as good as any: it is the day after the last.
    let decide = "A 03-20 due 03-20, stopped 03-21, overdue";
    assert_eq!(matter.clocks(ClockKind::RenewalDecide), decide);
    // The hearing that was open is no longer waited for.
    assert_eq!(
        matter.clocks(ClockKind::Special),
        "A 03-04 due 03-18, stopped 03-21, overdue"
    );
    assert_eq!(
        matter.clocks(ClockKind::HearingHold),
        "A 03-04 due 04-01, stopped 03-21"
    );
    // A decision that is entered too late was none.
    let said = matter.says("03-23 for 03-19 A grant");
    assert_eq!(said, "refused ALREADY_DECIDED RENEWED");

    let decided = renewal("03-20", "03-02 accept; 03-03 A agree; 03-20 A refuse");
    let stopped = "A 03-20 due 03-20, stopped 03-20";
    assert_eq!(decided.clocks(ClockKind::RenewalDecide), stopped);

    // A refusal that is revoked before the licence expires decided nothing.
    for (reopened, after) in [("03-20", 1), ("03-23", 0)] {
        let deeds = format!("03-02 accept; 03-03 A agree; 03-04 A refuse; {reopened} A reopen");
        let mut reopened = renewal("03-20", &deeds);
        assert_eq!(reopened.come(date("03-24")).len(), after, "{deeds}");
    }
}

#[test]
fn a_licence_that_expired_before_acceptance_is_not_renewed_by_silence() {
    let mut matter = renewal("03-20", "03-03 notice; 03-18 supplement; 03-24 accept");
    assert_eq!(matter.clocks(ClockKind::RenewalDecide), "");
    assert_eq!(matter.come(date("03-25")), []);
    // On the last day it still can be.
    let mut matter = renewal("03-20", "03-03 notice; 03-18 supplement; 03-20 accept");
    assert_eq!(matter.come(date("03-21")).len(), 1);
    let mut late = Hall::new().receive("03-02", "A");
    late.file.application.renewal = Some(Renewal {
        certificate: "证1".to_owned(),
        expires_on: date("03-20"),
        in_time: false,
    });
    let late = late.after("03-02 accept");
    assert_eq!(
        late.clocks(ClockKind::RenewalDecide),
        "",
        "late: an ordinary application"
    );
}

#[test]
fn what_lapses_first_comes_first_however_late_it_is_seen() {
    let conditional = |seen: &[&str]| {
        let mut matter = renewal("03-05", "03-02 accept conditionally");
        let lapsed: Vec<Lapsed> = seen.iter().flat_map(|day| matter.come(date(day))).collect();
        (lapsed, matter.states(), matter.journal)
    };
    let every_day = conditional(&["03-05", "03-06", "03-09", "03-10", "03-12"]);
    assert_eq!(every_day.0, [Lapsed::Renewed { case: case_id(0) }]);
    assert_eq!(
        conditional(&["03-12"]),
        every_day,
        "after an outage of a week"
    );
}

/// DL-49, done by people: three parallel items, then the serial one.
#[test]
fn the_joint_clock_stands_still_with_its_components() {
    for (policy, promised, statutory) in [
        (JointPolicy::Any, Some("05-11"), "06-23"),
        (JointPolicy::All, None, "06-16"),
        (JointPolicy::None, None, "06-11"),
    ] {
        let mut hall = Hall::new()
            .joint()
            .convening(|law| law.joint_suspension_policy = policy);
        hall.bundle.as_mut().unwrap().joint_promised = Limit::workdays(15);
        let hall = hall.publishing("B", |item| item.promised = Limit::workdays(3));
        let matter = hall.receive("04-07", "A, B, C, D after A C").after(
            "04-07 accept; 04-08 A begin TESTING 10; 04-09 B agree; 04-10 B grant; 04-10 C begin TESTING 10; \
             04-15 A end TESTING; 04-17 C end TESTING; 04-20 A agree; 04-20 A grant; 04-21 C agree; 04-21 C grant",
        );
        // The last predecessor's result starts the serial component, on the same day.
        assert_eq!(
            matter.clocks(ClockKind::Promised),
            "A 04-07 due 04-21, stopped 04-20; B 04-07 due 04-10, stopped 04-10; \
             C 04-07 due 04-21, stopped 04-21; D 04-21 due 04-28"
        );
        assert_eq!(
            matter.clocks(ClockKind::Statutory),
            "A 04-07 due 05-14, stopped 04-20; B 04-07 due 05-08, stopped 04-10; \
             C 04-07 due 05-14, stopped 04-21; D 04-21 due 05-21"
        );
        let joint = matter.clocks(ClockKind::Joint);
        assert_eq!(joint, format!("04-07 due {statutory}"), "{policy:?}");
        if let Some(promised) = promised {
            let joint = matter.clocks(ClockKind::JointPromised);
            assert_eq!(joint, format!("04-07 due {promised}"), "{policy:?}");
        }
        // Years later somebody finds that a record was a mistake: the days of then stay what they were.
        let voided = matter
            .clone()
            .after("04-28 B ask void; 04-28 B confirm void");
        let after = voided.clocks(ClockKind::Joint);
        assert_eq!(after, format!("04-07 due {statutory}"), "{policy:?}");
        let done = matter.after("04-27 D agree; 04-28 D grant");
        let stopped = format!("04-07 due {statutory}, stopped 04-28");
        assert_eq!(done.clocks(ClockKind::Joint), stopped, "{policy:?}");
    }
}

#[test]
fn a_component_that_is_withdrawn_suspends_nothing_any_more() {
    let joint = |deeds: &str| {
        let matter = Hall::new().joint().receive("03-02", "A, B");
        let matter = matter
            .after("03-02 accept; 03-04 A begin TESTING 10")
            .after(deeds);
        matter.clocks(ClockKind::JointPromised)
    };
    // Ten days of which 5 to 9 March are excluded.
    assert_eq!(joint("03-09 A withdraw"), "03-02 due 03-19");
    assert_eq!(joint("03-09 A terminate"), "03-02 due 03-19");
    assert_eq!(joint("03-09 A end TESTING"), "03-02 due 03-19");
    assert_eq!(joint("03-10"), "03-02 due none, suspended");
}

#[test]
fn the_joint_period_is_extended_once_by_the_government() {
    let matter = Hall::new()
        .joint()
        .receive("03-02", "A, B")
        .after("03-02 accept");
    assert_eq!(matter.clocks(ClockKind::Joint), "03-02 due 05-08");
    assert_eq!(matter.clocks(ClockKind::JointPromised), "03-02 due 03-16");
    let mut extended = matter.clone().after("03-17 extend joint 15");
    assert_eq!(extended.clocks(ClockKind::Joint), "03-02 due 05-28");
    let promise = "03-02 due 03-16, overdue";
    assert_eq!(extended.clocks(ClockKind::JointPromised), promise);
    assert_eq!(
        extended.clocks(ClockKind::Statutory),
        "A 03-02 due 03-30; B 03-02 due 03-30"
    );
    assert_eq!(
        extended.says("03-18 extend joint 1"),
        "refused EXTENSION_TWICE"
    );
    let mut late = matter.clone();
    assert_eq!(
        late.says("05-09 for 05-06 extend joint 15"),
        "refused EXTENSION_LATE"
    );
    let refuse = "03-03 A agree; 03-03 A refuse; 03-03 B agree; 03-03 B grant; 03-10 A reopen";
    let mut anew = matter.clone().after(refuse);
    assert_eq!(
        anew.clocks(ClockKind::Joint),
        "03-02 due 05-08, stopped 03-03"
    );
    assert_eq!(
        anew.says("03-11 extend joint 15"),
        "refused EXTENSION_NOT_ALLOWED"
    );
    let alone = Hall::new().receive("03-02", "A").after("03-02 accept");
    assert_eq!(
        alone.clone().says("03-03 extend joint 5"),
        "refused EXTENSION_NOT_ALLOWED"
    );
    assert_eq!(alone.clocks(ClockKind::Joint), "");
}

#[test]
fn one_decision_leaves_the_others_alone_and_the_outcome_is_made_of_all() {
    for (deeds, states, outcome) in [
        (
            "A withdraw",
            "IN_REVIEW: A WITHDRAWN, B TERMINATED, C IN_REVIEW",
            "",
        ),
        (
            "A terminate",
            "IN_REVIEW: A TERMINATED, B TERMINATED, C IN_REVIEW",
            "",
        ),
        (
            "A ask void; 03-05 A confirm void",
            "IN_REVIEW: A VOID, B TERMINATED, C IN_REVIEW",
            "",
        ),
        (
            "withdraw",
            "CLOSED: A WITHDRAWN, B WITHDRAWN, C WITHDRAWN",
            "WITHDRAWN",
        ),
        (
            "A begin TESTING 5; 03-05 A withdraw; 03-05 C agree; 03-05 C grant",
            "CONCLUDED: A WITHDRAWN, B TERMINATED, C GRANTED",
            "PARTLY_GRANTED",
        ),
        (
            "A terminate; 03-05 C terminate",
            "CLOSED: A CLOSED, B CLOSED, C CLOSED",
            "TERMINATED",
        ),
    ] {
        let matter = Hall::new().joint().receive("03-02", "A, B after A, C");
        let matter = matter
            .after("03-02 accept")
            .after(&format!("03-05 {deeds}"));
        assert_eq!(
            (matter.states(), matter.outcome()),
            (states.to_owned(), outcome),
            "{deeds}"
        );
    }
}

#[test]
fn what_needs_no_approval_stands_before_nothing_and_what_is_not_ours_ends_its_dependants() {
    let received = || Hall::new().receive("03-02", "A, B after A");
    let mut free = received().after("03-03 A not required; 03-04 accept");
    assert_eq!(free.states(), "IN_REVIEW: A NOT_REQUIRED, B IN_REVIEW");
    free = free.after("03-05 B agree; 03-06 B grant");
    assert_eq!(free.states(), "CONCLUDED: A NOT_REQUIRED, B GRANTED");
    let other = received().after("03-03 A not competent");
    assert_eq!(other.states(), "CLOSED: A NOT_COMPETENT, B CLOSED");
    let none = received().after("03-03 A not required; 03-03 B not competent");
    assert_eq!(none.states(), "CLOSED: A NOT_REQUIRED, B NOT_COMPETENT");
    assert_eq!(none.outcome(), "NOT_ACCEPTED");
}

#[test]
fn a_record_is_voided_by_two_people_and_only_once() {
    let asked = accepted(Hall::new(), "03-03 by 2 A ask void");
    let by = |number: usize| {
        let mut matter = asked.clone();
        let said = matter.says(&format!("03-04 by {number} A confirm void"));
        (said, matter)
    };
    assert_eq!(by(2).0, "refused SECOND_PERSON_NEEDED");
    let (said, mut voided) = by(3);
    let told = "CASE_VOIDED A, APPLICATION_CONCLUDED, APPLICATION_CLOSED";
    assert_eq!(said, told);
    assert_eq!(voided.outcome(), "TERMINATED");
    let again = voided.says("03-04 by 3 A confirm void");
    assert_eq!(again, "refused ALREADY_DECIDED VOID");
    // The clocks stop with the record, and what it said before is still there.
    assert_eq!(
        voided.clocks(ClockKind::Promised),
        "A 03-02 due 03-09, stopped 03-04"
    );
    assert!(voided.file.course.has(EventKind::CaseStarted));
}
