//! The rules of an application's life, one by one.

use super::*;
use crate::code::Code;
use crate::rejected::because;

/// What one act by the usual person answers, after the acts before it.
fn answer(cases: &str, before: &str, last: &str) -> (String, File) {
    answer_by(usual_person(act(last)), cases, before, last)
}

/// The same by somebody else; a refusal and a repetition must have changed nothing.
fn answer_by(number: usize, cases: &str, before: &str, last: &str) -> (String, File) {
    let before = after(received_from(cases), before);
    let mut file = before.clone();
    let answer = perform(&mut file, act(last), &person(number), moment(30));
    if !matches!(answer, Ok(Outcome::Done(_))) {
        assert_eq!(
            file,
            before,
            "{last} changed something and said: {}",
            told(&answer)
        );
    }
    (told(&answer), file)
}

fn said(cases: &str, before: &str, last: &str) -> String {
    answer(cases, before, last).0
}

#[test]
fn acceptance_passes_every_case_and_starts_exactly_those_without_predecessor() {
    let (said, file) = answer("A, B after A, C, D after B C", "", "accept");
    assert_eq!(
        said,
        "APPLICATION_ACCEPTED, CASE_PASSED A, CASE_STARTED A, CASE_PASSED B, CASE_PASSED C, CASE_STARTED C, \
         CASE_PASSED D"
    );
    assert_eq!(
        states(&file),
        "A IN_REVIEW, B AWAITING_PREDECESSOR, C IN_REVIEW, D AWAITING_PREDECESSOR"
    );
    let reviews: Vec<_> = file
        .reviews
        .iter()
        .map(|review| review.state.code())
        .collect();
    assert_eq!(reviews, ["OPEN", "WAITING", "OPEN", "WAITING"]);
    let dated: Vec<_> = file.cases.iter().map(|case| case.dates.is_some()).collect();
    assert_eq!(
        dated,
        [true, false, true, false],
        "no clock runs before a case starts"
    );
    let application = &file.application;
    assert_eq!(application.accepted_on, Some(moment(30).today));
    assert_eq!(application.accepted_by, Some(person(0).account));
    assert_eq!(application.window, person(0).window);
}

#[test]
fn an_application_is_accepted_once() {
    assert_eq!(
        said("A", "accept", "accept"),
        "refused WRONG_STATE IN_REVIEW"
    );
}

#[test]
fn a_case_starts_only_when_its_last_predecessor_is_granted() {
    let cases = "A, B, C after A B, D after C";
    let both = "accept; A agree; B agree";
    let (said_first, file) = answer(cases, both, "B grant");
    assert_eq!(said_first, "CASE_GRANTED B");
    assert_eq!(case_of(&file, 2).state, CaseState::AwaitingPredecessor);
    let (said_last, file) = answer(cases, &format!("{both}; B grant"), "A grant");
    assert_eq!(said_last, "CASE_GRANTED A, CASE_STARTED C");
    assert_eq!(
        states(&file),
        "A GRANTED, B GRANTED, C IN_REVIEW, D AWAITING_PREDECESSOR"
    );
    // Its clocks begin on the day of the grant, the statutory one too.
    let (started, today) = (case_of(&file, 2), moment(30).today);
    assert_eq!(started.dates, Some(CaseDates::starting(today)));
    assert_eq!(file.reviews[2].state, ReviewState::Open);
}

#[test]
fn a_refusal_ends_exactly_what_depends_on_it() {
    let cases = "A, B after A, C after B, D, E after D, F after A D, G after F";
    let (said, file) = answer(cases, "accept; A agree; D claim", "A refuse");
    assert_eq!(
        said,
        "CASE_REFUSED A, CASE_TERMINATED B, CASE_TERMINATED C, CASE_TERMINATED F, CASE_TERMINATED G"
    );
    assert_eq!(
        states(&file),
        "A REFUSED, B TERMINATED, C TERMINATED, D IN_REVIEW, E AWAITING_PREDECESSOR, F TERMINATED, G TERMINATED"
    );
    let reviews: Vec<_> = file
        .reviews
        .iter()
        .map(|review| review.state.code())
        .collect();
    assert_eq!(
        reviews,
        [
            "GIVEN",
            "CANCELLED",
            "CANCELLED",
            "CLAIMED",
            "WAITING",
            "CANCELLED",
            "CANCELLED"
        ]
    );
    let by: Vec<_> = file
        .cases
        .iter()
        .filter_map(|case| case.ending.as_ref())
        .map(|ending| ending.by)
        .collect();
    let decider = Some(person(2).account);
    assert_eq!(
        by,
        [decider, None, None, None, None],
        "nobody decided what was only terminated"
    );
}

#[test]
fn a_terminated_case_takes_no_act_any_more() {
    let before = "accept; A agree; A refuse";
    for (last, expected) in [
        ("B claim", "refused WRONG_STATE CANCELLED"),
        ("B release", "refused WRONG_STATE CANCELLED"),
        ("B agree", "refused WRONG_STATE CANCELLED"),
        ("B grant", "refused ALREADY_DECIDED TERMINATED"),
        ("B refuse", "refused ALREADY_DECIDED TERMINATED"),
    ] {
        assert_eq!(said("A, B after A, C", before, last), expected, "{last}");
    }
}

#[test]
fn the_outcome_is_recomputed_from_the_cases() {
    for (cases, acts, outcome) in [
        ("A", "A agree; A grant", "GRANTED"),
        ("A", "A agree; A refuse", "REFUSED"),
        ("A, B", "A agree; B agree; A grant; B grant", "GRANTED"),
        (
            "A, B",
            "A agree; B agree; A refuse; B grant",
            "PARTLY_GRANTED",
        ),
        (
            "A, B",
            "A agree; B agree; A grant; B refuse",
            "PARTLY_GRANTED",
        ),
        ("A, B", "A agree; B agree; A refuse; B refuse", "REFUSED"),
        ("A, B after A", "A agree; A refuse", "REFUSED"),
        (
            "A, B after A",
            "A agree; A grant; B agree; B refuse",
            "PARTLY_GRANTED",
        ),
        (
            "A, B after A, C",
            "A agree; C agree; C grant; A refuse",
            "PARTLY_GRANTED",
        ),
    ] {
        let file = after(received_from(cases), &format!("accept; {acts}"));
        assert_eq!(
            file.application.outcome.map(Code::code),
            Some(outcome),
            "{cases}: {acts}"
        );
        let minutes = acts.split("; ").count() + 1;
        assert_eq!(file.application.concluded_at, Some(moment(minutes).now));
    }
}

#[test]
fn the_application_concludes_exactly_once_whatever_the_order() {
    let decisions = ["A grant", "B refuse", "C grant"];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let mut file = after(
            received_from("A, B, C"),
            "accept; A agree; B agree; C disagree",
        );
        let mut concluded = Vec::new();
        for place in order {
            let act = match act(decisions[place]) {
                Act::Grant(2) => Act::GrantWithReasons(2),
                act => act,
            };
            let said = told(&perform(&mut file, act, &person(2), moment(30)));
            concluded.push(said.contains("APPLICATION_CONCLUDED"));
            // The same again is no second conclusion.
            assert_eq!(
                told(&perform(&mut file, act, &person(2), moment(31))),
                "unchanged"
            );
        }
        assert_eq!(concluded, [false, false, true], "{order:?}");
        assert_eq!(
            file.application.outcome,
            Some(ApplicationOutcome::PartlyGranted)
        );
    }
}

#[test]
fn the_same_decision_again_changes_nothing_and_another_one_is_refused() {
    let cases = "A, B";
    for (decided, repeated, expected) in [
        ("A grant", "A grant", "unchanged"),
        ("A refuse", "A refuse", "unchanged"),
        ("A grant", "A refuse", "refused ALREADY_DECIDED GRANTED"),
        (
            "A grant",
            "A grant with reasons",
            "refused ALREADY_DECIDED GRANTED",
        ),
        ("A refuse", "A grant", "refused ALREADY_DECIDED REFUSED"),
        (
            "A refuse",
            "A grant with reasons",
            "refused ALREADY_DECIDED REFUSED",
        ),
    ] {
        let before = format!("accept; A agree; {decided}");
        assert_eq!(
            said(cases, &before, repeated),
            expected,
            "{decided}, then {repeated}"
        );
    }
}

#[test]
fn the_same_opinion_again_changes_nothing_and_another_one_is_refused() {
    for (given, repeated, expected) in [
        ("A agree", "A agree", "unchanged"),
        ("A forward", "A forward", "unchanged"),
        ("A disagree", "A disagree", "unchanged"),
        ("A agree", "A disagree", "refused ALREADY_DECIDED AGREE"),
        ("A disagree", "A agree", "refused ALREADY_DECIDED DISAGREE"),
        (
            "A forward",
            "A agree",
            "refused ALREADY_DECIDED AGREE_TO_FORWARD",
        ),
    ] {
        assert_eq!(
            said("A", &format!("accept; {given}"), repeated),
            expected,
            "{given}, then {repeated}"
        );
    }
}

#[test]
fn who_accepted_may_not_decide() {
    let before = "accept; A agree";
    for last in ["A grant", "A refuse"] {
        assert_eq!(answer_by(0, "A", before, last).0, "refused SAME_PERSON");
        assert!(answer_by(3, "A", before, last).0.starts_with("CASE_"));
    }
}

#[test]
fn a_grant_against_a_disagreeing_opinion_needs_reasons() {
    let disagreed = "accept; A disagree";
    assert_eq!(
        said("A, B", disagreed, "A grant"),
        "refused REASONS_REQUIRED"
    );
    assert_eq!(
        said("A, B", disagreed, "A grant with reasons"),
        "CASE_GRANTED A"
    );
    assert_eq!(said("A, B", disagreed, "A refuse"), "CASE_REFUSED A");
    for agreed in ["A agree; B disagree", "A forward; B disagree"] {
        let said = said("A, B", &format!("accept; {agreed}"), "A grant");
        assert_eq!(
            said, "CASE_GRANTED A",
            "another case's opinion does not count"
        );
    }
}

#[test]
fn blank_reasons_are_none() {
    let required = |because| Err(Reason::ReasonsRequired { because }.at("reasons"));
    for blank in [None, Some(String::new()), Some(" \n\u{3000}".to_owned())] {
        assert_eq!(
            Decision::try_new(false, blank.clone()).map(|_| ()),
            required(because::REFUSED)
        );
        assert_eq!(
            Opinion::try_new(OpinionKind::Disagree, blank.clone()).map(|_| ()),
            required(because::DISAGREED)
        );
        assert_eq!(
            Decision::try_new(true, blank.clone()).unwrap().reasons,
            None
        );
        assert_eq!(
            Opinion::try_new(OpinionKind::Agree, blank).unwrap().reasons,
            None
        );
    }
}

#[test]
fn results_are_delivered_together_and_only_after_the_conclusion() {
    let cases = "A, B, C after A";
    for before in ["", "accept", "accept; A agree; A refuse"] {
        let state = if before.is_empty() {
            "RECEIVED"
        } else {
            "IN_REVIEW"
        };
        assert_eq!(
            said(cases, before, "deliver"),
            format!("refused WRONG_STATE {state}")
        );
    }
    let concluded = "accept; A agree; A refuse; B agree; B grant";
    let (said, file) = answer(cases, concluded, "deliver");
    assert_eq!(said, "RESULTS_DELIVERED, APPLICATION_CLOSED");
    assert_eq!(states(&file), "A CLOSED, B CLOSED, C CLOSED");
    let results: Vec<_> = file
        .cases
        .iter()
        .filter_map(|case| case.ending.as_ref())
        .map(|ending| ending.result.code())
        .collect();
    assert_eq!(
        results,
        ["REFUSED", "GRANTED", "TERMINATED"],
        "closing forgets no result"
    );
    assert_eq!(
        file.application.outcome,
        Some(ApplicationOutcome::PartlyGranted)
    );
    let again = answer(cases, &format!("{concluded}; deliver"), "deliver").0;
    assert_eq!(again, "unchanged");
}

#[test]
fn an_opinion_belongs_to_its_own_case() {
    let mut file = after(received_from("A, B"), "accept");
    let before = file.clone();
    let opinion = Opinion::try_new(OpinionKind::Agree, None).unwrap();
    let (case, review) = (&mut file.cases[1], &mut file.reviews[0]);
    let answer = give_opinion(review, case, &person(1), opinion, moment(30));
    assert_eq!(answer, Err(Reason::NotFound.into()));
    assert_eq!(file, before);
}

#[test]
fn a_late_opinion_reopens_nothing() {
    let mut file = after(received_from("A"), "accept; A agree; A grant");
    // A second department was asked and had not answered when the case was decided.
    let mut second = file.reviews[0].clone();
    second.id = id(9);
    second.state = ReviewState::Open;
    second.given = None;
    let (before, unanswered) = (file.clone(), second.clone());
    let opinion = Opinion::try_new(OpinionKind::Agree, None).unwrap();
    let answer = give_opinion(
        &mut second,
        &mut file.cases[0],
        &person(3),
        opinion,
        moment(30),
    );
    let decided = CaseResult::Granted.into();
    assert_eq!(answer, Err(Reason::AlreadyDecided { decided }.into()));
    assert_eq!((file, second), (before, unanswered));
}

#[test]
fn nobody_decides_a_case_of_another_application() {
    assert_eq!(
        told(&after(received_from("A"), "accept").decide(
            case_id(7),
            Decision::try_new(true, None).unwrap(),
            &person(2),
            When::now(moment(30)),
            &Opposed::default(),
        )),
        "refused NOT_FOUND"
    );
}

#[test]
fn events_say_which_opinion_and_which_outcome() {
    let detail = |before: &str, words: &str| {
        let mut file = after(received_from("A"), before);
        let answer = perform(&mut file, act(words), &person(2), moment(30));
        let Ok(Outcome::Done(happenings)) = answer else {
            panic!("{answer:?}");
        };
        happenings.last().unwrap().detail.clone()
    };
    let forward = detail("accept", "A forward");
    assert_eq!(forward, [("opinion", "AGREE_TO_FORWARD".to_owned())]);
    let refused = detail("accept; A agree", "A refuse");
    let by_case = ("delivery", "BY_CASE".to_owned());
    assert_eq!(refused, [("outcome", "REFUSED".to_owned()), by_case]);
    // Reasons never stand in an event: everybody who may see that it happened may read it.
    assert_eq!(
        detail("accept", "A disagree"),
        [("opinion", "DISAGREE".to_owned())]
    );
}

/// Found by the model: a grant that turned out void left its successors waiting for ever.
#[test]
fn what_waits_for_a_grant_that_was_void_ends_and_what_had_started_goes_on() {
    use super::hall::Hall;
    let matter = |cases: &str, deeds: &str| {
        let deeds = format!("03-02 accept; {deeds}");
        Hall::new().receive("03-02", cases).after(&deeds)
    };
    let void = "03-04 A ask void; 03-04 by 3 A confirm void";
    let granted = "03-03 A agree; 03-03 A grant";
    let waiting = matter("A, B, C after A B", &format!("{granted}; {void}"));
    assert_eq!(
        waiting.states(),
        "IN_REVIEW: A VOID, B IN_REVIEW, C TERMINATED"
    );
    let ended = waiting.after("03-05 B agree; 03-05 B grant");
    assert_eq!(ended.states(), "CONCLUDED: A VOID, B GRANTED, C TERMINATED");
    assert_eq!(ended.outcome(), "PARTLY_GRANTED");

    let started = matter("A, B after A, C after B", &format!("{granted}; {void}"));
    assert_eq!(
        started.states(),
        "IN_REVIEW: A VOID, B IN_REVIEW, C AWAITING_PREDECESSOR"
    );
    let refused = "03-03 C agree; 03-03 C refuse";
    let last = matter(
        "A, B, C, D after A B",
        &format!("{refused}; {granted}; {void}"),
    );
    assert_eq!(
        last.states(),
        "IN_REVIEW: A VOID, B IN_REVIEW, C REFUSED, D TERMINATED"
    );
    let last = last.after("03-05 B terminate");
    assert_eq!(last.outcome(), "REFUSED");
}
