//! A refused case that is opened again: what comes back with it, its clock, and what may not be decided again.

use super::consultation::in_review;
use super::hall::{Hall, Matter, date};
use super::*;
use crate::application::OwedActKind;
use crate::clock::ClockKind;
use crate::item::StatutoryLimit;
use crate::revocation::{Revocation, RevocationGround, RevocationWay};

pub(super) fn revocation(ground: RevocationGround, decided_on: &str) -> Revocation {
    Revocation {
        body: "滨澜县人民政府".to_owned(),
        document_number: "滨政复决〔2026〕3号".to_owned(),
        way: RevocationWay::Reconsideration,
        ground,
        decided_on: date(decided_on),
        within_days: None,
        note: None,
    }
}

impl Matter {
    /// Opens a case again by a document that was received today, or earlier.
    pub(super) fn decides_anew(
        &mut self,
        case: usize,
        received_on: &str,
        revocation: &Revocation,
    ) -> String {
        let when = When {
            at: self.last,
            on: date(received_on),
        };
        let mut file = self.file.clone();
        let fresh = id::<ReviewId>(200 + file.reviews.len());
        let answer = file.reopen(case_id(case), revocation, when, &self.hall, fresh);
        let answer = answer.map(Outcome::Done);
        if let Err(refused) = &answer {
            let code = refused.reason.code().code();
            return match &refused.reason {
                Reason::NotRefused { state } => format!("refused {code} {state}"),
                Reason::ActInFuture { today } => format!("refused {code} {today}"),
                Reason::ActOutOfOrder { after } => {
                    format!("refused {code} {} {after}", refused.field.join("."))
                }
                Reason::NumberOutOfRange { min, max } => format!("refused {code} {min} {max}"),
                _ => format!("refused {code}"),
            };
        }
        if let Ok(Outcome::Done(happenings)) = &answer {
            self.file = file;
            self.note(&happenings.clone(), Some(person(2).account));
        }
        told(&answer)
    }

    /// The dates that decide the lamp of a case.
    fn lamp(&self, case: usize) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let lamp = self.file.cases[case].dates.as_ref().unwrap().lamp;
        (lamp.promised_due_on, lamp.statutory_due_on)
    }

    /// What the events make of it is what stands there, now and after everything that was done.
    pub(super) fn is_folded(&self) {
        let (known, _) = self.file.as_known_at(self.last.now, &self.hall).unwrap();
        let states = |file: &File| {
            let cases = file.cases.iter().map(|case| {
                let ended = case
                    .ending
                    .as_ref()
                    .map(|ending| (ending.result, ending.on));
                (case.state, ended, case.dates.clone(), case.former.clone())
            });
            let whole = &file.application;
            let ends = (whole.outcome, whole.concluded_at, whole.closed_at);
            (whole.state, ends, whole.joint, cases.collect::<Vec<_>>())
        };
        assert_eq!(states(&known), states(&self.file));
    }
}

/// A is refused on 4 March, with B and then C behind it; D is granted on the 5th, all is delivered on the 6th.
fn delivered() -> Matter {
    let hall = Hall::new().joint();
    let matter = hall.receive("03-02", "A, B after A, C after B, D");
    let matter = matter
        .after("03-02 accept")
        .has_heard("03-03 A disagree; 03-03 D agree");
    let matter = matter.has_heard("03-04 A refuse; 03-05 D grant; 03-06 deliver");
    assert_eq!(
        matter.states(),
        "CLOSED: A CLOSED, B CLOSED, C CLOSED, D CLOSED"
    );
    matter
}

const FACTS: RevocationGround = RevocationGround::Facts;

#[test]
fn a_refusal_that_is_revoked_opens_the_case_all_that_waited_for_it_and_the_whole() {
    let mut matter = delivered();
    matter.come(date("05-06"));
    let before = matter.file.clone();
    assert_eq!(
        matter.decides_anew(0, "05-06", &revocation(FACTS, "04-30")),
        "CASE_REOPENED A, REVIEW_RETURNED A, CASE_RESTORED B, CASE_RESTORED C, APPLICATION_REOPENED"
    );
    assert_eq!(
        matter.states(),
        "IN_REVIEW: A IN_REVIEW, B AWAITING_PREDECESSOR, C AWAITING_PREDECESSOR, D CLOSED"
    );
    let whole = &matter.file.application;
    assert_eq!(
        (whole.outcome, whole.concluded_at, whole.closed_at),
        (None, None, None)
    );
    for (was, is) in before.cases.iter().zip(&matter.file.cases) {
        let grows = i64::from(was.item != "D");
        assert_eq!(is.version, was.version + grows, "{}", is.item);
    }
    assert_eq!(whole.version, before.application.version + 1);
    let former = &matter.file.cases[0].former[0];
    let refusal = before.cases[0].ending.as_ref().unwrap();
    assert_eq!(
        (&former.reasons, former.decided_on, former.decided_at),
        (&refusal.reasons, refusal.on, refusal.at)
    );
    matter.is_folded();

    // Another decision, its successors, and another delivery of what is decided anew.
    let matter = matter.has_heard("05-07 A agree; 05-08 A grant");
    assert_eq!(
        matter.states(),
        "IN_REVIEW: A GRANTED, B IN_REVIEW, C AWAITING_PREDECESSOR, D CLOSED"
    );
    let mut matter = {
        matter.is_folded();
        matter.has_heard("05-08 B agree; 05-08 B grant; 05-09 C agree; 05-11 C grant")
    };
    assert_eq!(
        (matter.states().as_str(), matter.outcome()),
        (
            "CONCLUDED: A GRANTED, B GRANTED, C GRANTED, D CLOSED",
            "GRANTED"
        )
    );
    let handed: Vec<&str> = matter.file.to_hand_over().map(|case| &*case.item).collect();
    assert_eq!(handed, ["A", "B", "C"], "D was delivered before");
    assert_eq!(matter.hears("05-12 ready"), "RESULTS_READY");
    assert_eq!(
        matter.hears("05-12 deliver"),
        "RESULTS_DELIVERED, APPLICATION_CLOSED"
    );
    assert_eq!(
        matter.clocks(ClockKind::Delivery),
        "A 03-04 due 03-18, stopped 03-06; A 05-08 due 05-21, stopped 05-12; \
         B 05-08 due 05-21, stopped 05-12; C 05-11 due 05-25, stopped 05-12; D 03-05 due 03-19, stopped 03-06"
    );
    matter.is_folded();
}

#[test]
fn nothing_of_the_new_review_is_dated_before_it() {
    let mut matter = delivered();
    matter.come(date("05-06"));
    matter.decides_anew(0, "05-06", &revocation(FACTS, "04-30"));
    for deed in ["A begin TESTING 5", "A ask"] {
        let mut early = matter.clone();
        let said = early.says(&format!("05-07 for 05-05 {deed}"));
        assert_eq!(said, "refused ACT_OUT_OF_ORDER", "{deed}");
        let said = matter.clone().says(&format!("05-07 for 05-06 {deed}"));
        assert!(!said.starts_with("refused"), "{deed}: {said}");
    }
}

#[test]
fn who_asked_to_void_the_former_record_asked_nothing_of_the_new_one() {
    let mut matter = delivered().after("03-09 by 2 A ask void");
    matter.come(date("05-06"));
    matter.decides_anew(0, "05-06", &revocation(FACTS, "04-30"));
    let mut matter = matter.has_heard("05-07 A agree; 05-08 A grant");
    let said = matter.says("05-11 by 3 A confirm void");
    assert_eq!(said, "refused VOID_NOT_ASKED");
    let mut matter = matter.after("05-11 by 2 A ask void");
    let said = matter.says("05-12 by 3 A confirm void");
    assert!(said.starts_with("CASE_VOIDED A"), "{said}");
}

#[test]
fn what_became_of_the_whole_without_a_void_decision_was_known_since() {
    let matter = Hall::new().receive("03-02", "A, B, C").after(
        "03-02 accept; 03-03 A agree; 03-03 B disagree; 03-03 C disagree; 03-04 A grant; \
         03-04 B refuse; 03-04 C refuse; 03-05 A ask void",
    );
    assert_eq!(matter.outcome(), "PARTLY_GRANTED");
    let before = matter.last.now;
    let voided = matter.after("03-06 A confirm void");
    assert_eq!(voided.outcome(), "REFUSED");
    voided.is_folded();
    let (then, _) = voided.file.as_known_at(before, &voided.hall).unwrap();
    let was = then.application.outcome;
    assert_eq!(was, Some(ApplicationOutcome::PartlyGranted));
}

#[test]
fn the_new_decision_has_a_period_of_its_own_and_no_other_clock_runs_again() {
    let mut matter = delivered();
    let joint = matter.clocks(ClockKind::Joint);
    matter.come(date("05-06"));
    matter.decides_anew(0, "05-06", &revocation(FACTS, "04-30"));
    // Twenty working days from 7 May; Saturday, 9 May is worked.
    assert_eq!(matter.clocks(ClockKind::Redecision), "A 05-06 due 06-02");
    assert_eq!(matter.lamp(0), (None, Some(date("06-02"))));
    assert_eq!(
        matter.clocks(ClockKind::Promised),
        "A 03-02 due 03-09, stopped 03-04; D 03-02 due 03-09, stopped 03-05"
    );
    assert_eq!(matter.clocks(ClockKind::Joint), joint);
    assert_eq!(
        matter.file.application.joint,
        LampDates::default(),
        "it was concluded in time"
    );
    let steps = matter.clocks(ClockKind::Step);
    assert_eq!(
        matter.hears("05-07 A extend 5"),
        "refused EXTENSION_NOT_ALLOWED",
        "nobody extends what was ordered"
    );

    // A hearing of five working days stops it as it stops the statutory period.
    let mut matter = matter.after("05-11 A begin HEARING 10");
    assert_eq!(
        matter.clocks(ClockKind::Redecision),
        "A 05-06 due none, suspended"
    );
    let matter_after = matter.clone().after("05-18 A end HEARING");
    assert_eq!(
        matter_after.clocks(ClockKind::Redecision),
        "A 05-06 due 06-09"
    );
    matter.file = matter_after.file;
    matter.last = matter_after.last;
    matter.is_folded();
    let matter = matter.has_heard("05-19 A agree; 06-10 A grant");
    assert_eq!(
        matter.clocks(ClockKind::Redecision),
        "A 05-06 due 06-09, stopped 06-10, overdue"
    );
    assert_eq!(
        matter.clocks(ClockKind::Step).matches("A ").count(),
        steps.matches("A ").count()
    );
    let standing = matter.file.cases[0].standing_on(date("06-30"));
    assert_eq!(standing, crate::clock::Standing::StatutePassed);
    matter.is_folded();
}

#[test]
fn the_order_sets_the_period_and_without_one_the_item_does_or_the_law() {
    // What the item says, what the order says, and by when it is due.
    let cases = [
        (None, None, "06-02"),
        (Some(10), None, "05-19"),
        (Some(10), Some(3), "05-09"),
        (None, Some(15), "05-26"),
    ];
    for (of_item, within_days, expected) in cases {
        let hall = Hall::new().publishing("A", |item| {
            item.statutory = item
                .statutory
                .zip(of_item)
                .map(|(statutory, days)| StatutoryLimit {
                    limit: crate::clock::Limit::workdays(days),
                    ..statutory
                });
        });
        let matter = hall.receive("03-02", "A").after("03-02 accept");
        let mut matter = matter.has_heard("03-03 A disagree; 03-04 A refuse");
        matter.come(date("05-06"));
        let ordered = Revocation {
            within_days,
            ..revocation(FACTS, "04-30")
        };
        matter.decides_anew(0, "05-06", &ordered);
        let due = matter.lamp(0).1.unwrap();
        assert_eq!(due, date(expected));
    }
}

#[test]
fn the_same_is_not_decided_again_unless_only_the_procedure_was_at_fault() {
    let refusal = |reasons: &str| Decision::try_new(false, Some(reasons.to_owned())).unwrap();
    let decides = |ground: RevocationGround, reasons: &str| {
        let mut matter = in_review().has_heard("03-03 A disagree");
        let when = When::now(matter.last);
        let first = matter.file.decide(
            case_id(0),
            refusal("面积不足 20 平方米"),
            &person(2),
            when,
            &Opposed::default(),
        );
        let Ok(Outcome::Done(first)) = first else {
            panic!("{first:?}")
        };
        matter.note(&first, Some(person(2).account));
        matter.come(date("05-06"));
        matter.decides_anew(0, "05-06", &revocation(ground, "04-30"));
        let mut matter = matter.has_heard("05-07 A disagree");
        let when = When::now(matter.last);
        let answer = matter.file.decide(
            case_id(0),
            refusal(reasons),
            &person(2),
            when,
            &Opposed::default(),
        );
        if let Ok(Outcome::Done(happenings)) = &answer {
            matter.note(&happenings.clone(), Some(person(2).account));
        }
        (told(&answer), matter)
    };
    for ground in [
        FACTS,
        RevocationGround::LegalBasis,
        RevocationGround::Powers,
    ] {
        for same in [
            "面积不足 20 平方米",
            "  面积不足\n\n20\u{3000}平方米 ",
            "面积，不足２０平方米。",
            "“面积”不足——20平方米！",
        ] {
            assert!(
                decides(ground, same).0.starts_with("refused SAME_DECISION"),
                "{ground:?} {same}"
            );
        }
        for other in ["面积不足 19 平方米", "面积不足 2.0 平方米", "面积不足 20%"]
        {
            let told = decides(ground, other).0;
            assert!(told.starts_with("CASE_REFUSED A"), "{other}: {told}");
        }
    }
    let (told, mut matter) = decides(RevocationGround::Procedure, "面积不足 20 平方米");
    assert!(told.starts_with("CASE_REFUSED A"), "{told}");

    // Once more, and neither of the two reasons that were revoked for what they say may come again.
    matter.come(date("06-01"));
    assert!(
        matter
            .decides_anew(0, "06-01", &revocation(FACTS, "05-29"))
            .starts_with("CASE_REOPENED A")
    );
    assert_eq!(matter.file.cases[0].former.len(), 2);
    assert_eq!(
        matter.clocks(ClockKind::Redecision),
        "A 05-06 due 06-02, stopped 05-07; A 06-01 due 06-30"
    );
    assert_eq!(
        matter.lamp(0),
        (None, Some(date("06-30"))),
        "the new period, not the former one"
    );
    let mut matter = matter.has_heard("06-02 A disagree");
    let when = When::now(matter.last);
    let answer = matter.file.decide(
        case_id(0),
        refusal("面积不足 20 平方米"),
        &person(2),
        when,
        &Opposed::default(),
    );
    assert_eq!(answer.unwrap_err().reason.code().code(), "SAME_DECISION");
    let granted = Decision::try_new(true, Some("面积不足 20 平方米".to_owned())).unwrap();
    assert!(
        matter
            .file
            .decide(case_id(0), granted, &person(2), when, &Opposed::default())
            .is_ok(),
        "a grant is another decision"
    );
}

#[test]
fn only_what_stands_refused_by_a_decision_is_opened_again() {
    let refused = |matter: &mut Matter, case: usize| {
        let before = matter.file.clone();
        let (today, ended) = (matter.last.today.to_string(), matter.last.today.to_string());
        let answer = matter.decides_anew(case, &today, &revocation(FACTS, &ended));
        assert_eq!(matter.file, before);
        answer
    };
    let mut matter = delivered();
    assert_eq!(refused(&mut matter, 3), "refused NOT_REFUSED GRANTED");
    assert_eq!(refused(&mut matter, 1), "refused NOT_REFUSED TERMINATED");
    matter.come(date("05-06"));
    matter.decides_anew(0, "05-06", &revocation(FACTS, "04-30"));
    assert_eq!(
        refused(&mut matter, 0),
        "refused NOT_REFUSED IN_REVIEW",
        "it is open already"
    );

    // Who never handed in the supplement was refused without an examination, where the centre has it so.
    let hall = Hall::new().convening(|conventions| {
        conventions.unsupplemented = crate::clock::Unsupplemented::Refused;
    });
    let mut matter = hall.receive("03-02", "A").after("03-02 notice 5; 03-20");
    assert_eq!(refused(&mut matter, 0), "refused NEVER_EXAMINED");
}

#[test]
fn the_document_comes_after_the_refusal_and_is_received_after_its_date() {
    let answer = |received_on: &str, decided_on: &str, within_days: Option<u32>| {
        let mut matter = delivered();
        matter.come(date("05-06"));
        let given = Revocation {
            within_days,
            ..revocation(FACTS, decided_on)
        };
        matter.decides_anew(0, received_on, &given)
    };
    assert_eq!(
        answer("05-06", "05-07", None),
        "refused ACT_IN_FUTURE 2026-05-06"
    );
    assert_eq!(
        answer("05-06", "03-03", None),
        "refused ACT_OUT_OF_ORDER decidedOn 2026-03-04"
    );
    assert_eq!(
        answer("04-30", "05-01", None),
        "refused ACT_OUT_OF_ORDER receivedOn 2026-05-01"
    );
    for days in [0, 201] {
        assert_eq!(
            answer("05-06", "04-30", Some(days)),
            "refused NUMBER_OUT_OF_RANGE 1 200"
        );
    }
    assert!(
        answer("05-06", "03-04", Some(200)).starts_with("CASE_REOPENED A"),
        "of the day itself"
    );
    // Entered on the 6th, received on the 4th: the period runs from then.
    assert!(answer("05-04", "04-30", None).starts_with("CASE_REOPENED A"));
}

#[test]
fn what_waits_for_two_comes_back_only_when_neither_is_lost() {
    let matter = Hall::new().receive("03-02", "A, B, C after A B, D after C");
    let matter = matter
        .after("03-02 accept")
        .has_heard("03-03 A disagree; 03-03 B disagree");
    let mut matter = matter.has_heard("03-04 A refuse; 03-04 B refuse");
    matter.come(date("05-06"));
    assert_eq!(
        matter.decides_anew(0, "05-06", &revocation(FACTS, "04-30")),
        "CASE_REOPENED A, REVIEW_RETURNED A, APPLICATION_REOPENED",
        "B stands refused, so C waits in vain"
    );
    let mut matter = matter.has_heard("05-07 A agree; 05-08 A grant");
    assert_eq!(
        matter.states(),
        "CONCLUDED: A GRANTED, B REFUSED, C TERMINATED, D TERMINATED"
    );
    assert_eq!(
        matter.decides_anew(1, "05-08", &revocation(FACTS, "05-08")),
        "CASE_REOPENED B, REVIEW_RETURNED B, CASE_RESTORED C, CASE_RESTORED D, APPLICATION_REOPENED"
    );
    let matter = matter.has_heard("05-09 B agree; 05-09 B grant");
    assert_eq!(
        matter.states(),
        "IN_REVIEW: A GRANTED, B GRANTED, C IN_REVIEW, D AWAITING_PREDECESSOR"
    );
    matter.is_folded();
}

#[test]
fn what_was_withdrawn_stays_and_a_whole_that_is_at_work_is_not_opened_again() {
    let matter = Hall::new()
        .joint()
        .receive("03-02", "A, B after A, C after B, D");
    let mut matter = matter
        .after("03-02 accept; 03-03 C withdraw")
        .has_heard("03-03 A disagree; 03-04 A refuse");
    matter.come(date("03-05"));
    assert_eq!(
        matter.decides_anew(0, "03-05", &revocation(FACTS, "03-05")),
        "CASE_REOPENED A, REVIEW_RETURNED A, CASE_RESTORED B"
    );
    assert_eq!(
        matter.states(),
        "IN_REVIEW: A IN_REVIEW, B AWAITING_PREDECESSOR, C WITHDRAWN, D IN_REVIEW"
    );
    assert!(
        matter.clocks(ClockKind::Joint).ends_with("due 05-08"),
        "{}",
        matter.clocks(ClockKind::Joint)
    );
    // Refused once more, and what waited for it ends with it once more.
    let mut matter = matter.has_heard("03-06 A disagree");
    let when = When::now(matter.last);
    let other = Decision::try_new(false, Some("另有理由".to_owned())).unwrap();
    let answer = matter
        .file
        .decide(case_id(0), other, &person(2), when, &Opposed::default());
    assert_eq!(told(&answer), "CASE_REFUSED A, CASE_TERMINATED B");
}

#[test]
fn the_outlook_says_who_owes_the_new_decision_and_by_when() {
    let mut matter = delivered();
    matter.come(date("05-06"));
    matter.decides_anew(0, "05-06", &revocation(FACTS, "04-30"));
    let owed = |matter: &Matter| {
        let outlook = matter.outlook_by_promises();
        let of_a = outlook
            .cases
            .iter()
            .find(|known| known.case == case_id(0))
            .copied()
            .unwrap();
        (outlook.owed[0].clone(), of_a)
    };
    let (examines, forecast) = owed(&matter);
    assert_eq!(
        (
            examines.kind,
            examines.department.as_deref(),
            examines.clock,
            examines.due_on
        ),
        (
            OwedActKind::Opinion,
            Some("D-A"),
            Some(ClockKind::Redecision),
            Some(date("06-02"))
        )
    );
    assert_eq!(
        (forecast.starts_on, forecast.ends_on),
        (date("05-06"), date("06-02"))
    );
    assert_eq!(
        (forecast.spare.promised, forecast.spare.statutory),
        (None, Some(0))
    );
    let matter = matter.has_heard("05-07 A agree");
    let (decides, _) = owed(&matter);
    assert_eq!(
        (decides.kind, decides.clock),
        (OwedActKind::Decision, Some(ClockKind::Redecision))
    );
}

#[test]
fn the_opinions_of_others_stand_and_may_be_asked_for_anew() {
    let matter = in_review().has_heard("03-03 ask A: X Y all; 03-03 X agree; 03-03 Y agree");
    let mut matter = matter.has_heard("03-04 A disagree; 03-05 A refuse");
    matter.come(date("05-06"));
    matter.decides_anew(0, "05-06", &revocation(FACTS, "04-30"));
    assert_eq!(
        matter.opinions(),
        "X 1 GIVEN 2026-03-10; Y 1 GIVEN 2026-03-10"
    );
    let matter = matter.has_heard("05-07 ask A: X all");
    assert_eq!(
        matter.opinions(),
        "X 1 GIVEN 2026-03-10; Y 1 GIVEN 2026-03-10; X 2 OPEN 2026-05-13"
    );
    // Its period stands still with the case, although the case had been decided before.
    let matter = matter.has_heard("05-08 A begin HEARING 5");
    assert_eq!(
        matter
            .clocks(ClockKind::Opinion)
            .matches("suspended")
            .count(),
        1
    );
    let mut matter = matter.has_heard("05-11 A end HEARING");
    assert_eq!(
        matter.hears("05-12 A agree"),
        "refused OPINIONS_OUTSTANDING"
    );
    let matter = matter.has_heard("05-12 X agree; 05-12 A agree; 05-13 A grant");
    assert_eq!(matter.states(), "CONCLUDED: A GRANTED");
    matter.is_folded();
}

#[test]
fn material_that_was_never_handed_in_is_not_awaited_any_more() {
    let mut matter = in_review().has_heard("03-03 A ask; 03-04 A disagree; 03-05 A refuse");
    matter.come(date("05-06"));
    matter.decides_anew(0, "05-06", &revocation(FACTS, "04-30"));
    assert!(!matter.file.course.awaits_material(case_id(0)));
    assert_eq!(
        matter.hears("05-06 A receive"),
        "refused MATERIAL_NOT_ASKED"
    );
}

/// What nobody waits for any more, when the case had ended, is late for ever or never; also what was asked for the new
/// decision.
#[test]
fn what_was_asked_in_vain_is_late_or_not_whatever_becomes_of_the_case() {
    let dates = |matter: &Matter, department: &str| {
        let mut all = matter.file.reviews.iter();
        let review = all.rfind(|review| review.department == department);
        let review = review.unwrap();
        assert_eq!(review.state, ReviewState::Cancelled);
        review.consultation.as_ref().unwrap().lamp
    };
    let late = LampDates {
        alert_on: None,
        promised_due_on: Some(date("03-10")),
        statutory_due_on: None,
    };
    // Asked for by 10 March; refused in time on the 10th, or too late on the 11th.
    for (refused_on, expected) in [("03-10", LampDates::default()), ("03-11", late)] {
        let matter = in_review().has_heard("03-03 ask A: X? all; 03-04 A disagree");
        let mut matter = matter.has_heard(&format!("{refused_on} A refuse"));
        assert_eq!(dates(&matter, "X"), expected, "{refused_on}");
        matter.come(date("05-06"));
        matter.decides_anew(0, "05-06", &revocation(FACTS, "04-30"));
        assert_eq!(dates(&matter, "X"), expected, "opened again");
        // Asked for by 13 May, in vain once more.
        let matter = matter.has_heard("05-07 ask A: Y? all; 05-07 A agree; 05-14 A grant");
        assert_eq!(dates(&matter, "X"), expected, "decided anew");
        let anew = dates(&matter, "Y");
        assert_eq!(anew.promised_due_on, Some(date("05-13")));
        assert_eq!(anew.statutory_due_on, None, "the new period had not passed");
    }
}
