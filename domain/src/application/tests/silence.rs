//! The silence of the department that handles a case: under the policy `COMPONENT` two working days after its start.

use super::consultation::tacit;
use super::hall::{Hall, Matter, date};
use super::*;
use crate::bundle::TacitPolicy;
use crate::clock::{ClockKind, JointPolicy};
use crate::event::ASKED_BY;
use crate::supervision::{CardLevel, Thresholds, TimeRule, agenda};

fn accepted(hall: Hall, cases: &str) -> Matter {
    hall.receive("03-02", cases).after("03-02 accept")
}

fn component() -> Hall {
    tacit(TacitPolicy::Component, true)
}

#[test]
fn a_component_passes_by_silence_on_the_day_after_its_last_and_the_next_begins() {
    let mut matter = accepted(component(), "A, B after A");
    matter.come(date("03-04"));
    assert_eq!(
        matter.states(),
        "IN_REVIEW: A IN_REVIEW, B AWAITING_PREDECESSOR",
        "the last day is theirs"
    );
    // The program stood still meanwhile; everything is dated as it came.
    matter.come(date("03-09"));
    assert_eq!(matter.states(), "IN_REVIEW: A GRANTED, B IN_REVIEW");
    let ending = matter.file.cases[0].ending.clone().unwrap();
    assert_eq!(
        (ending.result, ending.by, ending.on),
        (CaseResult::TacitPassed, None, date("03-05"))
    );
    let told: Vec<_> = matter
        .journal
        .iter()
        .rev()
        .take(2)
        .map(|told| (told.kind, told.on))
        .collect();
    assert_eq!(
        told,
        [
            (EventKind::CaseStarted, Some(date("03-05"))),
            (EventKind::CaseTacitPassed, Some(date("03-05")))
        ]
    );
    assert_eq!(matter.file.reviews[0].given, None, "nobody signed anything");
    assert_eq!(matter.file.reviews[0].state, ReviewState::Cancelled);
    assert_eq!(
        states(&matter.file.folded(matter.file.course.clone())),
        "A GRANTED, B IN_REVIEW"
    );
}

#[test]
fn nothing_passes_under_another_policy_nor_where_a_hearing_is_due_or_the_mark_is_missing() {
    let hearing = component().publishing("A", |item| item.hearing_required = true);
    for hall in [
        tacit(TacitPolicy::Off, true),
        tacit(TacitPolicy::OpinionOnly, true),
        tacit(TacitPolicy::Component, false),
        hearing,
        Hall::new(),
    ] {
        let mut matter = accepted(hall, "A");
        matter.come(date("06-30"));
        assert_eq!(matter.states(), "IN_REVIEW: A IN_REVIEW");
    }
}

#[test]
fn whoever_says_or_does_anything_is_not_silent() {
    for deed in [
        "03-04 A agree",
        "03-04 A disagree",
        "03-04 ask A: X? any",
        "03-04 A begin TESTING 3",
        "03-04 A ask",
        "03-04 A extend 5",
    ] {
        let mut matter = accepted(component(), "A").has_heard(deed);
        matter.come(date("06-30"));
        let ending = &matter.file.cases[0].ending;
        assert!(ending.is_none(), "{deed}: {ending:?}");
    }
}

#[test]
fn the_paper_is_owed_within_one_working_day_and_nothing_is_delivered_before() {
    let mut matter = accepted(component(), "A");
    // The last day was Wednesday, the fourth; passed on Thursday, and the paper is owed on that day.
    matter.come(date("03-06"));
    assert_eq!(matter.states(), "CONCLUDED: A GRANTED");
    assert_eq!(matter.outcome(), "GRANTED");
    let owed = |matter: &Matter| matter.file.papers_owed().count();
    assert_eq!(owed(&matter), 1);
    let clocks = matter.file.clocks(&matter.hall);
    let paper = clocks
        .iter()
        .find(|clock| clock.running.kind == ClockKind::TacitPaper)
        .unwrap();
    assert_eq!(paper.due_on(), Some(date("03-05")));
    let raised: Vec<_> = agenda(&clocks, &Thresholds::default())
        .into_iter()
        .filter(|one| {
            matches!(
                one.key.rule,
                TimeRule::OpinionPassed | TimeRule::DeliveryPassed
            )
        })
        .map(|one| (one.key.rule, one.level, one.on, one.key.case.is_some()))
        .filter(|one| one.3)
        .collect();
    assert_eq!(
        raised,
        [
            (TimeRule::OpinionPassed, CardLevel::Red, date("03-05"), true),
            (
                TimeRule::DeliveryPassed,
                CardLevel::Yellow,
                date("03-06"),
                true
            ),
            // And the result is to be handed over like any other.
            (
                TimeRule::DeliveryPassed,
                CardLevel::Yellow,
                date("03-20"),
                true
            ),
        ]
    );

    assert_eq!(matter.hears("03-06 ready"), "refused PAPER_OWED");
    assert_eq!(matter.hears("03-06 deliver"), "refused PAPER_OWED");
    let issue = |matter: &mut Matter| {
        let when = When::now(matter.last);
        let said = matter.file.issue_paper(case_id(0), when);
        if let Ok(told) = &said {
            matter.note(told, Some(person(2).account));
        }
        told(&said.map(Outcome::Done))
    };
    assert_eq!(issue(&mut matter), "CASE_PAPER_ISSUED A");
    assert_eq!(issue(&mut matter), "refused PAPER_NOT_OWED", "once");
    assert_eq!(owed(&matter), 0);
    assert!(
        matter
            .hears("03-06 deliver")
            .starts_with("RESULTS_DELIVERED")
    );

    let mut decided = accepted(Hall::new(), "A").has_heard("03-03 A agree; 03-03 A grant");
    assert_eq!(issue(&mut decided), "refused PAPER_NOT_OWED");
}

/// When the case A passes by silence, if it does by then.
fn passes(matter: &mut Matter, until: &str) -> Option<NaiveDate> {
    let (mut day, until) = (matter.last.today, date(until));
    while day <= until {
        matter.come(day);
        if let Some(ending) = &matter.file.cases[0].ending {
            return Some(ending.on);
        }
        day = day.succ_opt()?;
    }
    None
}

#[test]
fn nobody_is_silent_about_a_file_that_he_has_not_got() {
    // Accepted by silence at the beginning of the tenth, as of the second: until then no department had it.
    let mut deemed = component().receive("03-02", "A");
    assert_eq!(passes(&mut deemed, "03-31"), Some(date("03-13")));
    let dates = deemed.file.cases[0].dates.as_ref();
    assert_eq!(dates.map(|dates| dates.started_on), Some(date("03-02")));

    // Begun on the fifth, by a decision that was entered on the eleventh.
    let deeds = "03-03 A agree; 03-11 for 03-05 A grant";
    let mut entered = accepted(both_components(), "A, B after A").after(deeds);
    for (day, states) in [
        ("03-13", "IN_REVIEW: A GRANTED, B IN_REVIEW"),
        ("03-14", "CONCLUDED: A GRANTED, B GRANTED"),
    ] {
        entered.come(date(day));
        assert_eq!(entered.states(), states, "{day}");
    }

    // The program stood still for a week: begun on the fifth, and given to its department on the twelfth.
    let mut outage = accepted(both_components(), "A, B after A");
    for (day, states) in [
        ("03-12", "IN_REVIEW: A GRANTED, B IN_REVIEW"),
        ("03-16", "IN_REVIEW: A GRANTED, B IN_REVIEW"),
        ("03-17", "CONCLUDED: A GRANTED, B GRANTED"),
    ] {
        outage.come(date(day));
        assert_eq!(outage.states(), states, "{day}");
    }
}

#[test]
fn nobody_is_silent_while_a_component_stands_still_by_law() {
    let hall = both_components();
    let mut matter = accepted(hall, "A, B").after("03-03 B begin TESTING 10");
    matter.come(date("03-11"));
    assert_eq!(matter.states(), "IN_REVIEW: A IN_REVIEW, B SUSPENDED");
    // The third was charged, and the twelfth, the day of the end, is not: the thirteenth is the last.
    let mut matter = matter.after("03-12 B end TESTING");
    assert_eq!(passes(&mut matter, "03-31"), Some(date("03-14")));
}

/// Until the entry everybody saw a clock that stood still: nobody was silent for those days.
#[test]
fn an_end_that_is_entered_late_makes_nobody_silent_for_days_that_stood_still() {
    let late = "03-03 B begin TESTING 10; 03-20 for 03-10 B end TESTING";
    let mut matter = accepted(both_components(), "A, B").after(late);
    // Friday the twentieth, the day of the entry, is not charged; Monday is the last.
    matter.come(date("03-23"));
    assert_eq!(matter.states(), "IN_REVIEW: A IN_REVIEW, B IN_REVIEW");
    assert_eq!(passes(&mut matter, "04-30"), Some(date("03-24")));

    // Another one that ended later, and in time, hides nothing of it.
    let both = "03-03 B begin TESTING 10; 03-05 C begin TESTING 10; 03-12 C end TESTING; 03-20 for 03-10 B end TESTING";
    let mut matter = accepted(both_components(), "A, B, C").after(both);
    assert_eq!(passes(&mut matter, "04-30"), Some(date("03-24")));

    let asked = tacit(TacitPolicy::OpinionOnly, true).receive("03-02", "A");
    let asked = asked
        .after("03-02 accept")
        .has_heard("03-03 ask A: X any")
        .after("03-04 A begin TESTING 10; 03-20 for 03-10 A end TESTING");
    assert_eq!(asked.opinions(), "X 1 OPEN 2026-03-23");
}

/// What the lead asks others about a component is not said by its department.
#[test]
fn what_another_department_asks_breaks_nobody_s_silence() {
    for (asker, ended) in [("A", false), ("L", true)] {
        let mut matter = accepted(component(), "A");
        let department = matter.file.cases[0].department.clone();
        let asker = if asker == "A" {
            department
        } else {
            asker.to_owned()
        };
        let mut told = matter.file.cases[0].happening(EventKind::OpinionAsked);
        told.detail.push((ASKED_BY, asker.clone()));
        matter.note(&[told.dated(date("03-03"))], None);
        matter.come(date("06-30"));
        assert_eq!(matter.file.cases[0].ending.is_some(), ended, "{asker}");
    }
}

#[test]
fn a_component_that_comes_back_stands_still_like_any_other() {
    let deeds = "03-03 A disagree; 03-03 A refuse; 03-04 A reopen; 03-05 A agree; 03-05 A grant; 03-05 C begin TESTING 10";
    let mut matter = accepted(both_components(), "A, B after A, C").after(deeds);
    matter.come(date("03-31"));
    let states = "IN_REVIEW: A GRANTED, B IN_REVIEW, C SUSPENDED";
    assert_eq!(matter.states(), states);
    // The thirty-first, the day of the end, is not charged yet; the first and the second of April are its days.
    let mut matter = matter.after("03-31 C end TESTING");
    matter.come(date("04-02"));
    assert_eq!(matter.states(), states.replace("SUSPENDED", "IN_REVIEW"));
    matter.come(date("04-03"));
    let states = "IN_REVIEW: A GRANTED, B GRANTED, C IN_REVIEW";
    assert_eq!(matter.states(), states);
}

#[test]
fn an_opinion_does_not_pass_where_a_hearing_is_due_nor_while_its_case_stands_still() {
    let opinion = |hall: Hall, deeds: &str| {
        let mut matter = accepted(hall, "A")
            .has_heard("03-03 ask A: X any")
            .after(deeds);
        matter.come(date("03-20"));
        let review = matter.file.reviews.last().unwrap();
        (review.state, matter.file.cases[0].state)
    };
    let only = || tacit(TacitPolicy::OpinionOnly, true);
    let suspended = "03-04 A begin TESTING 20";
    let alone =
        |policy| only().convening(|conventions| conventions.joint_suspension_policy = policy);
    let (passed, waits) = (ReviewState::Tacit, ReviewState::Open);
    assert_eq!(opinion(only(), "").0, passed);
    let hearing = only().publishing("A", |item| item.hearing_required = true);
    assert_eq!(opinion(hearing, "").0, waits);
    for policy in [JointPolicy::Any, JointPolicy::All, JointPolicy::None] {
        assert_eq!(
            opinion(alone(policy), suspended),
            (waits, CaseState::Suspended)
        );
    }
}

fn both_components() -> Hall {
    let mut hall = component();
    if let Some(bundle) = &mut hall.bundle {
        let mut second = bundle.components[0].clone();
        second.item = "B".to_owned();
        bundle.components.push(second);
    }
    hall
}

#[test]
fn the_paper_is_owed_on_the_day_that_the_worked_example_says() {
    // DL-50 has five days, which begin on the 21st; two of them begin on Thursday, the 24th, before the autumn festival.
    let mut matter = component().receive("09-24", "A").after("09-24 accept");
    assert_eq!(passes(&mut matter, "10-08"), Some(date("09-30")));
    let clocks = matter.file.clocks(&matter.hall);
    let paper = clocks
        .iter()
        .find(|clock| clock.running.kind == ClockKind::TacitPaper);
    assert_eq!(paper.unwrap().due_on(), Some(date("09-30")));
}
