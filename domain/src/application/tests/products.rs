//! Every state against every act, each table as one text.

use std::fmt::Write as _;

use super::hall::{Hall, Matter};
use super::*;

/// One line an act and a state: what it answers, and the state after it where that changed.
fn table(
    states: &[(&str, File)],
    acts: &[(&str, usize)],
    state: fn(&File) -> &'static str,
) -> String {
    let mut text = String::new();
    for (name, before) in states {
        for (words, number) in acts {
            let mut file = before.clone();
            let answer = perform(&mut file, act(words), &person(*number), moment(30));
            let verb = format!("{} by {number}", words.trim_start_matches("B "));
            write!(text, "{name:<20} | {verb:<23} | {}", told(&answer)).unwrap();
            if state(&file) != state(before) {
                write!(text, " -> {}", state(&file)).unwrap();
            }
            if !matches!(answer, Ok(Outcome::Done(_))) {
                assert_eq!(file, *before, "{name}, {words}");
            }
            text.push('\n');
        }
    }
    text
}

#[track_caller]
fn assert_text(actual: &str, expected: &str) {
    assert!(actual == expected, "the table is now\n{actual}");
}

#[test]
fn every_act_on_every_state_of_a_review() {
    // Person 1 holds the review where it says so; person 3 is of the same department.
    let started = "accept; A agree; A grant";
    let at = |acts: &str| after(received_from("A, B after A"), acts);
    let states = [
        ("WAITING", at("accept")),
        ("OPEN", at(started)),
        ("CLAIMED by 1", at(&format!("{started}; B claim"))),
        ("GIVEN by 1", at(&format!("{started}; B agree"))),
        ("CANCELLED", at("accept; A agree; A refuse")),
    ];
    let reached: Vec<_> = states
        .iter()
        .map(|(_, file)| file.reviews[1].state)
        .collect();
    // The others are those of opinions that were asked for.
    let (of_examination, _) = ReviewState::ALL.split_at(5);
    assert_eq!(reached, of_examination, "a state is missing");
    let verbs = ["B claim", "B release", "B agree", "B disagree", "B forward"];
    let acts: Vec<_> = verbs
        .into_iter()
        .flat_map(|verb| [(verb, 1), (verb, 3)])
        .collect();
    let text = table(&states, &acts, |file| file.reviews[1].state.code());
    assert_text(&text, include_str!("review_product.txt"));
}

#[test]
fn every_act_on_every_state_of_a_case() {
    let started = "accept; A agree; A grant";
    let at = |acts: &str| after(received_from("A, B after A"), acts);
    let states = [
        ("RECEIVED", at("")),
        ("AWAITING_PREDECESSOR", at("accept")),
        ("IN_REVIEW", at(started)),
        ("DECIDING", at(&format!("{started}; B disagree"))),
        ("GRANTED", at(&format!("{started}; B agree; B grant"))),
        ("REFUSED", at(&format!("{started}; B agree; B refuse"))),
        ("TERMINATED", at("accept; A agree; A refuse")),
        (
            "CLOSED",
            at(&format!("{started}; B agree; B grant; deliver")),
        ),
    ];
    let reached: Vec<_> = states.iter().map(|(_, file)| file.cases[1].state).collect();
    // The other states are those of acts before acceptance, procedures and other ends; they have tables of their own.
    let of_the_main_job = [
        CaseState::Received,
        CaseState::AwaitingPredecessor,
        CaseState::InReview,
        CaseState::Deciding,
        CaseState::Granted,
        CaseState::Refused,
        CaseState::Terminated,
        CaseState::Closed,
    ];
    assert_eq!(reached, of_the_main_job, "a state is missing");
    let acts = [
        ("accept", 0),
        ("B claim", 1),
        ("B release", 1),
        ("B agree", 1),
        ("B disagree", 1),
        ("B grant", 2),
        ("B grant with reasons", 2),
        ("B refuse", 2),
        ("deliver", 0),
    ];
    let text = table(&states, &acts, |file| file.cases[1].state.code());
    assert_text(&text, include_str!("case_product.txt"));
}

/// Everything that can be done in the hall.
const DEEDS: &[&str] = &[
    "accept",
    "accept conditionally",
    "notice",
    "extend supplement 5",
    "supplement",
    "correct",
    "B not required",
    "B not competent",
    "hand in",
    "B begin EXPERT_REVIEW 5",
    "B begin TENDER 5",
    "B renotify TESTING 9",
    "B end TESTING",
    "B extend 5",
    "extend joint 5",
    "B ask",
    "B receive",
    "B withdraw",
    "withdraw",
    "B terminate",
    "B ask void",
    "B confirm void",
    "B agree",
    "B grant",
    "ready",
    "fail delivery",
    "deliver",
    "B tell ready",
    "B fail to hand over",
    "B hand over",
];

/// One line an act and a state, as above, for everything that can be done in the hall. Things are done on 11 March.
#[test]
fn everything_that_can_be_done_on_every_state_of_a_case() {
    let serial = |deeds: &str| {
        let hall = Hall::new().joint();
        hall.receive("03-02", "A, B after A").after(deeds)
    };
    let started = "03-03 accept; 03-03 A agree; 03-03 A grant";
    let states = [
        ("RECEIVED", serial("03-03 notice; 03-10 supplement")),
        ("CORRECTION", serial("03-03 notice")),
        ("AWAITING_PREDECESSOR", serial("03-03 accept")),
        ("IN_REVIEW", serial(started)),
        (
            "SUSPENDED",
            serial(&format!("{started}; 03-04 B begin TESTING 5")),
        ),
        ("DECIDING", serial(&format!("{started}; 03-04 B agree"))),
        (
            "GRANTED",
            serial(&format!("{started}; 03-04 B agree; 03-04 B grant")),
        ),
        (
            "REFUSED",
            serial(&format!("{started}; 03-04 B agree; 03-04 B refuse")),
        ),
        (
            "TERMINATED",
            serial("03-03 accept; 03-03 A agree; 03-03 A refuse"),
        ),
        (
            "NOT_REQUIRED",
            serial("03-03 B not required; 03-03 accept; 03-03 A agree; 03-03 A grant"),
        ),
        (
            "NOT_COMPETENT",
            serial("03-03 B not competent; 03-03 accept; 03-03 A agree; 03-03 A grant"),
        ),
        ("WITHDRAWN", serial(&format!("{started}; 03-04 B withdraw"))),
        (
            "ACCEPTANCE_REVOKED",
            serial("03-03 accept conditionally; 03-11"),
        ),
        (
            "VOID",
            serial(&format!(
                "{started}; 03-04 B ask void; 03-04 B confirm void"
            )),
        ),
        (
            "CLOSED",
            serial(&format!(
                "{started}; 03-04 B agree; 03-04 B grant; 03-04 deliver"
            )),
        ),
    ];
    let state = |matter: &Matter| {
        let mut cases = matter.file.cases.iter();
        cases.find(|case| case.item == "B").unwrap().state
    };
    let reached: Vec<_> = states.iter().map(|(_, matter)| state(matter)).collect();
    let all: Vec<_> = states
        .iter()
        .map(|(name, _)| CaseState::from_code(name).unwrap())
        .collect();
    assert_eq!(reached, all);
    assert_eq!(all.len(), CaseState::ALL.len(), "a state is missing");
    let mut text = String::new();
    for (name, before) in &states {
        for words in DEEDS {
            let mut after = before.clone();
            after.come(hall::date("03-11"));
            let before = after.clone();
            let said = after.says(&format!("03-11 {words}"));
            let verb = words.trim_start_matches("B ");
            write!(text, "{name:<20} | {verb:<22} | {said}").unwrap();
            if state(&after) != state(&before) {
                write!(text, " -> {}", state(&after).code()).unwrap();
            }
            if said.starts_with("refused") || said == "unchanged" {
                assert_eq!(after.file, before.file, "{name}, {words}");
            }
            text.push('\n');
        }
    }
    assert_text(&text, include_str!("hall_product.txt"));
}
