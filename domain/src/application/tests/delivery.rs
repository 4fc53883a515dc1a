//! Results that are handed over before the others are there, and the period that each of them has (行政许可法 第四十四条).

use super::hall::{Hall, Matter, date};
use super::revocation::revocation;
use super::*;
use crate::clock::ClockKind;
use crate::revocation::RevocationGround;
use crate::supervision::{TimeRule, agenda};

/// A is granted on the 5th of March, B is under review.
fn half_done() -> Matter {
    let hall = Hall::new().joint();
    hall.receive("03-02", "A, B")
        .after("03-02 accept; 03-04 A agree; 03-05 A grant; 03-05 B agree")
}

fn owed(matter: &Matter) -> String {
    let outlook = matter.outlook_by_promises();
    let of_windows = outlook.owed.iter().filter(|act| act.by == OwedBy::Window);
    let lines = of_windows.map(|act| {
        let case = act.case.map_or("all".to_owned(), |id| {
            let case = matter.file.cases.iter().find(|case| case.id == id).unwrap();
            case.item.clone()
        });
        let due = act.due_on.map_or("-".to_owned(), |due| due.to_string());
        format!("{case} {} by {due}", act.kind.code())
    });
    lines.collect::<Vec<_>>().join("; ")
}

/// What an application has become that was decided before each result had a period of its own.
fn of_before(mut matter: Matter) -> Matter {
    for entry in &mut matter.file.course.0 {
        entry.detail.remove("delivery");
    }
    matter
}

#[test]
fn each_decision_has_ten_working_days_of_its_own() {
    let matter = half_done();
    assert_eq!(matter.clocks(ClockKind::Delivery), "A 03-05 due 03-19");
    assert_eq!(owed(&matter), "A DELIVERY by 2026-03-19");
    let both = matter.after("03-12 B refuse");
    assert_eq!(
        both.clocks(ClockKind::Delivery),
        "A 03-05 due 03-19; B 03-12 due 03-26"
    );
    assert_eq!(
        owed(&both),
        "all DELIVERY by 2026-03-19",
        "the first of them binds"
    );
    let late = both.after("03-20 deliver");
    assert_eq!(
        late.clocks(ClockKind::Delivery),
        "A 03-05 due 03-19, stopped 03-20, overdue; B 03-12 due 03-26, stopped 03-20"
    );
    let clocks = late.file.clocks(&late.hall);
    let cards: Vec<_> = agenda(&clocks, late.hall.thresholds())
        .into_iter()
        .filter(|card| card.key.rule == TimeRule::DeliveryPassed)
        .map(|card| (card.key.case, card.department, card.on))
        .collect();
    assert_eq!(
        cards,
        [(Some(case_id(0)), None, date("03-20"))],
        "the window was late, not the department"
    );
    late.is_folded();
}

#[test]
fn one_result_is_handed_over_while_the_others_are_under_review() {
    let mut matter = half_done();
    assert_eq!(
        matter.says("03-06 B hand over"),
        "refused WRONG_STATE DECIDING"
    );
    assert_eq!(
        matter.says("03-06 deliver"),
        "refused WRONG_STATE IN_REVIEW"
    );
    assert_eq!(matter.says("03-06 C hand over"), "refused NOT_FOUND");
    let version = matter.file.application.version;
    assert_eq!(
        matter.says("03-09 for 03-04 A hand over"),
        "refused ACT_OUT_OF_ORDER",
        "before the decision"
    );
    assert_eq!(matter.says("03-09 A hand over"), "CASE_DELIVERED A");
    assert_eq!(matter.file.application.version, version + 1);
    assert_eq!(matter.says("03-09 A hand over"), "unchanged");
    assert_eq!(matter.says("03-09 A tell ready"), "unchanged");
    assert_eq!(matter.says("03-09 A fail to hand over"), "unchanged");
    assert_eq!(matter.states(), "IN_REVIEW: A CLOSED, B DECIDING");
    assert_eq!(
        matter.clocks(ClockKind::Delivery),
        "A 03-05 due 03-19, stopped 03-09"
    );
    assert_eq!(owed(&matter), "");
    matter.is_folded();

    let mut matter = matter.after("03-12 B grant");
    let left: Vec<&str> = matter.file.to_hand_over().map(|case| &*case.item).collect();
    assert_eq!(left, ["B"], "A was handed over");
    assert_eq!(
        matter.says("03-13 B hand over"),
        "CASE_DELIVERED B, APPLICATION_CLOSED",
        "with the last of them"
    );
    assert_eq!(matter.states(), "CLOSED: A CLOSED, B CLOSED");
    assert_eq!(matter.outcome(), "GRANTED");
    assert_eq!(matter.says("03-13 deliver"), "unchanged");
    matter.is_folded();
}

#[test]
fn it_closes_by_itself_where_no_result_is_left() {
    let matter = half_done().after("03-09 A hand over");
    let mut ended = matter.clone();
    assert_eq!(
        ended.says("03-10 B withdraw"),
        "CASE_WITHDRAWN B, APPLICATION_CONCLUDED, APPLICATION_CLOSED"
    );
    assert_eq!(ended.states(), "CLOSED: A CLOSED, B WITHDRAWN");
    assert_eq!(ended.outcome(), "PARTLY_GRANTED");
    ended.is_folded();

    let mut voided = matter.after("03-10 B grant; 03-10 B ask void");
    assert_eq!(voided.states(), "CONCLUDED: A CLOSED, B GRANTED");
    let said = voided.says("03-11 B confirm void");
    assert_eq!(said, "CASE_VOIDED B, APPLICATION_CLOSED");
    assert_eq!(
        voided.clocks(ClockKind::Delivery),
        "A 03-05 due 03-19, stopped 03-09; B 03-10 due 03-24, stopped 03-11"
    );
}

#[test]
fn what_came_to_no_result_is_not_handed_over() {
    let hall = Hall::new().joint();
    let matter = hall.receive("03-02", "A, B, C after B, D, E, F").after(
        "03-02 E not required; 03-02 accept; 03-03 A agree; 03-03 B disagree; 03-03 D withdraw; \
         03-03 F ask void; 03-04 F confirm void; 03-05 B refuse; 03-05 A grant",
    );
    let states =
        "CONCLUDED: A GRANTED, B REFUSED, C TERMINATED, D WITHDRAWN, E NOT_REQUIRED, F VOID";
    assert_eq!(matter.states(), states);
    let left: Vec<&str> = matter.file.to_hand_over().map(|case| &*case.item).collect();
    assert_eq!(left, ["A", "B", "C"], "that it was terminated is told, too");
    let delivered = matter.after("03-06 deliver");
    assert_eq!(delivered.file.to_hand_over().count(), 0);
}

#[test]
fn an_empty_list_is_a_mistake_and_not_everything() {
    let mut matter = half_done().after("03-12 B grant");
    let when = When::now(matter.last);
    let answers = [
        matter.file.deliver_some(&[], when),
        matter.file.announce_some(&[], when),
        matter.file.fail_to_deliver_some(&[], when),
    ];
    for answer in answers {
        let refused = answer.unwrap_err();
        assert_eq!(refused.reason, Reason::TextEmpty);
        assert_eq!(refused.field, ["onlyCaseIds"]);
    }
    let both = [case_id(1), case_id(0), case_id(1)];
    let told = matter.file.deliver_some(&both, when);
    assert_eq!(
        super::told(&told),
        "CASE_DELIVERED B, CASE_DELIVERED A, APPLICATION_CLOSED",
        "each once"
    );
}

#[test]
fn who_was_told_that_a_result_is_ready_can_fetch_it() {
    let mut matter = half_done();
    assert_eq!(
        matter.says("03-06 A fail to hand over"),
        "DELIVERY_FAILED A"
    );
    assert_eq!(matter.clocks(ClockKind::Delivery), "A 03-05 due 03-19");
    assert_eq!(matter.says("03-09 A tell ready"), "CASE_READY A");
    assert_eq!(matter.says("03-10 A tell ready"), "unchanged");
    assert_eq!(
        matter.clocks(ClockKind::Delivery),
        "A 03-05 due 03-19, stopped 03-09"
    );
    assert_eq!(owed(&matter), "A DELIVERY by -");
    let mut matter = matter.after("03-12 B grant");
    assert_eq!(owed(&matter), "all DELIVERY by 2026-03-26");
    assert_eq!(matter.says("03-13 ready"), "RESULTS_READY");
    assert_eq!(
        matter.says("03-13 B tell ready"),
        "unchanged",
        "all were told of"
    );
    assert_eq!(
        matter.clocks(ClockKind::Delivery),
        "A 03-05 due 03-19, stopped 03-09; B 03-12 due 03-26, stopped 03-13"
    );
}

#[test]
fn a_refusal_that_was_handed_over_and_revoked_is_decided_and_delivered_anew() {
    let hall = Hall::new().joint();
    let mut matter = hall
        .receive("03-02", "A, B")
        .after("03-02 accept; 03-04 A disagree; 03-05 A refuse; 03-09 A hand over");
    matter.come(date("03-11"));
    let facts = revocation(RevocationGround::Facts, "03-10");
    let said = matter.decides_anew(0, "03-11", &facts);
    assert_eq!(
        said, "CASE_REOPENED A, REVIEW_RETURNED A",
        "the whole never ended"
    );
    let matter = matter.has_heard("03-12 A agree; 03-12 A grant; 03-12 B agree; 03-12 B grant");
    let left: Vec<&str> = matter.file.to_hand_over().map(|case| &*case.item).collect();
    assert_eq!(left, ["A", "B"]);
    assert_eq!(
        matter.clocks(ClockKind::Delivery),
        "A 03-05 due 03-19, stopped 03-09; A 03-12 due 03-26; B 03-12 due 03-26"
    );

    // A refusal that is revoked before anybody fetched it has nothing to be handed over.
    let hall = Hall::new().joint();
    let mut waiting = hall
        .receive("03-02", "A")
        .after("03-02 accept; 03-04 A disagree; 03-05 A refuse");
    waiting.come(date("03-11"));
    waiting.decides_anew(0, "03-11", &facts);
    assert_eq!(
        waiting.clocks(ClockKind::Delivery),
        "A 03-05 due 03-19, stopped 03-11"
    );
    waiting.is_folded();
}

#[test]
fn an_application_of_before_keeps_the_one_period_of_all_its_decisions() {
    let decided = of_before(half_done());
    assert_eq!(decided.clocks(ClockKind::Delivery), "");
    assert_eq!(owed(&decided), "", "it is owed with the others, as it was");
    // Decided under way: what is left of before waits for the end of the whole, what is new does not.
    let mixed = decided.after("03-12 B grant");
    assert_eq!(
        mixed.clocks(ClockKind::Delivery),
        "03-12 due 03-26; B 03-12 due 03-26"
    );
    let ended = of_before(half_done().after("03-12 B grant"));
    assert_eq!(ended.clocks(ClockKind::Delivery), "03-12 due 03-26");
    let delivered = ended.clone().after("03-20 deliver");
    assert_eq!(
        delivered.clocks(ClockKind::Delivery),
        "03-12 due 03-26, stopped 03-20"
    );
    let one_by_one = ended.after("03-16 A hand over; 03-17 B hand over");
    assert_eq!(one_by_one.states(), "CLOSED: A CLOSED, B CLOSED");
    assert_eq!(
        one_by_one.clocks(ClockKind::Delivery),
        "03-12 due 03-26, stopped 03-17"
    );
}
