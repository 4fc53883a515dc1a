//! An entry after the fact (补录) is on record, and heals nothing: what was late stays late.

use super::hall::{Hall, Matter, date, morning};
use super::*;
use crate::calendar::tests::day;
use crate::clock::{ClockKind, JointPolicy};

fn accepted(hall: Hall, cases: &str, deeds: &str) -> Matter {
    hall.receive("03-02", cases)
        .after("03-02 accept")
        .after(deeds)
}

#[test]
fn a_procedure_entered_late_moves_only_what_had_not_passed() {
    let late = "03-10 for 03-04 A begin EXPERT_REVIEW 10; 03-11 A end EXPERT_REVIEW";
    let late = accepted(Hall::new(), "A", late);
    assert_eq!(
        late.clocks(ClockKind::Promised),
        "A 03-02 due 03-09, overdue"
    );
    assert_eq!(late.clocks(ClockKind::Statutory), "A 03-02 due 04-07");
    let in_time = "03-09 for 03-04 A begin EXPERT_REVIEW 10; 03-11 A end EXPERT_REVIEW";
    let in_time = accepted(Hall::new(), "A", in_time);
    assert_eq!(in_time.clocks(ClockKind::Promised), "A 03-02 due 03-16");
}

#[test]
fn an_end_entered_late_ends_the_suspension_on_its_day() {
    let late = "03-04 A begin EXPERT_REVIEW 10; 03-20 for 03-11 A end EXPERT_REVIEW";
    let late = accepted(Hall::new(), "A", late);
    assert_eq!(
        late.clocks(ClockKind::Promised),
        "A 03-02 due 03-16, overdue"
    );
    assert_eq!(late.clocks(ClockKind::Statutory), "A 03-02 due 04-07");
}

#[test]
fn a_procedure_of_a_component_entered_late_heals_no_joint_breach() {
    let joint = |policy, deeds: &str| {
        let hall = Hall::new().joint();
        let hall = hall.convening(|law| law.joint_suspension_policy = policy);
        accepted(hall, "A, B", deeds).clocks(ClockKind::JointPromised)
    };
    let begun = |entered: &str| format!("{entered} for 03-04 A begin TESTING 10");
    let (in_time, late) = (begun("03-16"), begun("03-17"));
    assert_eq!(
        joint(JointPolicy::Any, &in_time),
        "03-02 due none, suspended"
    );
    assert_eq!(joint(JointPolicy::Any, &late), "03-02 due 03-16, overdue");
    let both = |entered: &str| {
        let second = format!("{entered} for 03-05 B begin TESTING 10");
        format!("03-04 A begin TESTING 10; {second}")
    };
    assert_eq!(
        joint(JointPolicy::All, &both("03-16")),
        "03-02 due none, suspended"
    );
    assert_eq!(
        joint(JointPolicy::All, &both("03-17")),
        "03-02 due 03-16, overdue"
    );
}

#[test]
fn where_all_components_must_be_suspended_a_decision_entered_late_heals_no_joint_breach() {
    let hall = Hall::new().joint();
    let hall = hall.convening(|law| law.joint_suspension_policy = JointPolicy::All);
    let deeds = "03-03 A agree; 03-04 B begin TESTING 10";
    let open = accepted(hall, "A, B", deeds);
    assert_eq!(open.clocks(ClockKind::JointPromised), "03-02 due 03-16");
    // From the grant on only B is undecided, and B is suspended.
    let in_time = open.clone().after("03-10 for 03-05 A grant");
    assert_eq!(
        in_time.clocks(ClockKind::JointPromised),
        "03-02 due none, suspended"
    );
    let late = open.after("03-17 for 03-05 A grant");
    assert_eq!(
        late.clocks(ClockKind::JointPromised),
        "03-02 due 03-16, overdue"
    );
}

#[test]
fn a_decision_entered_late_is_late_on_record() {
    let decided = |dated: &str| {
        let deeds = format!("03-04 A agree; {dated} A grant");
        let matter = accepted(Hall::new(), "A", &deeds);
        let [promised, statutory] =
            [ClockKind::Promised, ClockKind::Statutory].map(|kind| matter.clocks(kind));
        format!("{promised} | {statutory}")
    };
    assert_eq!(
        decided("03-09 for 03-05"),
        "A 03-02 due 03-09, stopped 03-05 | A 03-02 due 03-30, stopped 03-05"
    );
    assert_eq!(
        decided("03-11 for 03-05"),
        "A 03-02 due 03-09, stopped 03-11, overdue | A 03-02 due 03-30, stopped 03-05"
    );
}

#[test]
fn an_act_is_not_dated_before_what_it_follows_from() {
    for (before, act) in [
        ("03-03 notice; 03-10 supplement", "accept"),
        ("03-03 notice; 03-10 supplement", "A not required"),
        ("03-03 notice; 03-10 supplement", "withdraw"),
        ("03-03 notice; 03-10 supplement", "correct"),
        ("03-10 accept", "A begin TESTING 5"),
        ("03-10 accept", "A extend 5"),
        ("03-10 accept", "A ask"),
        ("03-10 accept", "extend joint 5"),
        ("03-10 accept", "A withdraw"),
        ("03-10 accept", "A terminate"),
        ("03-10 accept; 03-10 A agree", "A grant"),
        ("03-05 accept; 03-10 A agree", "A grant"),
        ("03-05 accept; 03-10 A begin TESTING 5", "A end TESTING"),
        (
            "03-05 accept; 03-10 A begin TESTING 5",
            "A renotify TESTING 9",
        ),
        ("03-05 accept; 03-10 A ask", "A receive"),
        ("03-05 accept; 03-06 A agree; 03-10 A extend 5", "A grant"),
        (
            "03-05 accept; 03-05 A begin TESTING 5; 03-10 A end TESTING; 03-10 A agree",
            "A grant",
        ),
        ("03-05 accept; 03-10 A ask void", "A confirm void"),
        ("03-05 accept; 03-06 A agree; 03-10 A grant", "deliver"),
        ("03-05 accept; 03-06 A agree; 03-10 A grant", "ready"),
        (
            "03-05 accept; 03-06 A agree; 03-10 A grant",
            "fail delivery",
        ),
    ] {
        let received = if before.starts_with("03-10") {
            "03-05"
        } else {
            "03-02"
        };
        let matter = Hall::new().joint().receive(received, "A").after(before);
        let mut early = matter.clone();
        let said = early.says(&format!("03-11 for 03-09 {act}"));
        assert_eq!(said, "refused ACT_OUT_OF_ORDER", "{before}; {act}");
        let said = matter.clone().says(&format!("03-11 for 03-10 {act}"));
        assert!(!said.starts_with("refused"), "{before}; {act}: {said}");
    }
    let mut noticed = Hall::new().receive("03-02", "A").after("03-05 notice");
    let said = noticed.says("03-06 for 03-04 extend supplement 5");
    assert_eq!(said, "refused ACT_OUT_OF_ORDER");
}

#[test]
fn what_follows_from_several_ends_is_dated_to_the_last_of_them() {
    let serial = "03-03 A agree; 03-03 B agree; 03-06 A grant; 03-09 for 03-05 B grant";
    let serial = accepted(Hall::new(), "A, B, C after A B", serial);
    // Both grants were there on the 6th, whichever was entered last; who waited for them knows of both from the 9th on.
    assert_eq!(
        serial.clocks(ClockKind::Promised),
        "A 03-02 due 03-09, stopped 03-06; B 03-02 due 03-09, stopped 03-05; C 03-09 due 03-16"
    );
    let started = serial.file.cases[2].dates.as_ref();
    assert_eq!(started.map(|dates| dates.started_on), Some(date("03-09")));
    // What was done meanwhile is entered after the fact, too, and then nothing was used up.
    let done = serial.after("03-10 for 03-06 C terminate");
    let of_c = done.clocks(ClockKind::Promised);
    assert!(of_c.ends_with("C 03-09 due 03-16, stopped 03-06"), "{of_c}");
    // Nor does it run for the joint clock before: the whole stands still with B from the grant of A on.
    let stands =
        "03-03 A agree; 03-03 B begin TESTING 30; 03-10 for 03-05 A grant; 03-13 B end TESTING";
    let hall = Hall::new().joint();
    let hall = hall.convening(|law| law.joint_suspension_policy = JointPolicy::All);
    let whole = accepted(hall, "A, B, C after A", stands);
    let joint = whole.clocks(ClockKind::JointPromised);
    assert_eq!(joint, "03-02 due 03-19");
    let parallel = "03-03 A agree; 03-03 B agree; 03-06 A grant; 03-09 for 03-05 B grant";
    let parallel = accepted(Hall::new().joint(), "A, B", parallel);
    assert_eq!(
        parallel.clocks(ClockKind::Delivery),
        "A 03-06 due 03-20; B 03-05 due 03-19"
    );
    let joint = "03-02 due 03-16, stopped 03-06";
    assert_eq!(parallel.clocks(ClockKind::JointPromised), joint);
}

#[test]
fn what_was_known_then_is_read_from_the_course_of_then() {
    let deeds = "03-04 A begin EXPERT_REVIEW 10; 03-09 for 03-06 A extend 5; 03-20 for 03-11 A end EXPERT_REVIEW";
    let matter = accepted(Hall::new(), "A", deeds);
    let promised = |until: &str| {
        let mut then = matter.clone();
        then.last = morning(date(until), 600);
        then.file.course = matter.file.course.until(then.last.now);
        then.clocks(ClockKind::Promised)
    };
    assert_eq!(promised("03-03"), "A 03-02 due 03-09");
    assert_eq!(promised("03-04"), "A 03-02 due none, suspended");
    assert_eq!(promised("03-19"), "A 03-02 due none, suspended");
    // Suspended through the 11th, extended by five: the 12th is the third of ten days.
    assert_eq!(promised("03-20"), "A 03-02 due 03-23");
    assert_eq!(
        matter.file.course.until(morning(date("03-01"), 0).now),
        Course::default()
    );
}

#[test]
fn who_may_date_an_act_and_how_far_back() {
    let file = Hall::new().receive("03-02", "A").file;
    let at = morning(date("03-20"), 0);
    let clerk = person(0);
    let on = |actor: &Actor, text: Option<&str>, most| {
        let answer = file.when(actor, at, text.map(date), most);
        answer.map(|when| when.on)
    };
    let refused = |reason: Reason| Err(reason.at("happenedOn"));
    assert_eq!(on(&clerk, None, 30), Ok(date("03-20")));
    assert_eq!(on(&person(1), Some("03-20"), 30), Ok(date("03-20")));
    assert_eq!(on(&clerk, Some("03-19"), 30), Ok(date("03-19")));
    let today = "2026-03-20".to_owned();
    assert_eq!(
        on(&clerk, Some("03-21"), 30),
        refused(Reason::ActInFuture { today })
    );
    assert_eq!(
        on(&person(1), Some("03-19"), 30),
        refused(Reason::LateEntryForbidden)
    );
    assert_eq!(on(&clerk, Some("03-10"), 10), Ok(date("03-10")));
    assert_eq!(
        on(&clerk, Some("03-10"), 9),
        refused(Reason::LateEntryTooOld { days: 9 })
    );
    let received = "2026-03-02".to_owned();
    assert_eq!(
        on(&clerk, Some("03-01"), 30),
        refused(Reason::ActBeforeReceipt { received })
    );
    assert_eq!(on(&clerk, Some("03-02"), 30), Ok(day("2026-03-02")));
}

#[test]
fn a_procedure_of_a_component_that_came_and_went_late_heals_no_joint_breach() {
    for policy in [JointPolicy::Any, JointPolicy::All] {
        let hall = Hall::new().joint();
        let hall = hall.convening(|law| law.joint_suspension_policy = policy);
        let late = "03-17 for 03-04 A begin TESTING 10; 03-17 for 03-04 B begin TESTING 10; \
                    03-18 A end TESTING; 03-18 B end TESTING";
        let late = accepted(hall, "A, B", late);
        let promise = "03-02 due 03-16, overdue";
        assert_eq!(late.clocks(ClockKind::JointPromised), promise, "{policy:?}");
        // The statutory period had not passed, and gets its days.
        assert_eq!(
            late.clocks(ClockKind::Joint),
            "03-02 due 05-21",
            "{policy:?}"
        );
    }
}

#[test]
fn only_what_ended_on_the_day_of_its_entry_is_told_by_the_row_alone() {
    let eventful = |dated: &str| {
        let deeds = format!("03-04 A agree; {dated}");
        let matter = accepted(Hall::new().joint(), "A", &deeds);
        let case = matter.file.cases[0].dates.as_ref().unwrap().eventful;
        (case, matter.file.application.eventful)
    };
    for end in ["A grant", "A refuse", "A withdraw", "A terminate"] {
        assert_eq!(eventful(&format!("03-11 {end}")), (false, false), "{end}");
        assert_eq!(
            eventful(&format!("03-11 for 03-05 {end}")),
            (true, true),
            "{end}"
        );
    }
    let both = |entered: &str| {
        let deeds = format!("03-11 A ask void; {entered} A confirm void");
        accepted(Hall::new().joint(), "A", &deeds).file
    };
    assert!(!both("03-12").application.eventful);
    assert!(both("03-13 for 03-12").application.eventful);
}
