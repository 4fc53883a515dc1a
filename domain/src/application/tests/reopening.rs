//! What begins a review again: who decides sends the examination back, or a material is replaced.

use super::consultation::in_review;
use super::hall::{Hall, Matter};
use super::*;

/// Every review in words: what was examined, what was asked, and where each stands.
fn reviews(matter: &Matter) -> String {
    let line = |review: &Review| {
        let asked = review.consultation.as_ref();
        let kind = asked.map_or("examination".to_owned(), |asked| {
            format!("{} {}", asked.number, asked.round)
        });
        format!("{} {kind} {}", review.department, review.state.code())
    };
    let lines: Vec<String> = matter.file.reviews.iter().map(line).collect();
    lines.join("; ")
}

fn last(matter: &Matter) -> &Review {
    matter.file.reviews.last().unwrap()
}

#[test]
fn an_examination_that_is_sent_back_is_made_again_and_what_was_said_stays() {
    let mut matter = in_review().has_heard("03-03 A agree");
    assert_eq!(matter.hears("03-04 return A"), "REVIEW_RETURNED A");
    assert_eq!(matter.states(), "IN_REVIEW: A IN_REVIEW");
    assert_eq!(
        reviews(&matter),
        "D-A examination RETURNED; D-A examination CLAIMED"
    );
    let former = &matter.file.reviews[0];
    assert_eq!(former.set_aside_because.as_deref(), Some("请补充核查"));
    assert!(former.given.is_some());
    let fresh = last(&matter);
    assert_eq!(
        fresh.claimed_by,
        Some(person(1).account),
        "who made it makes it again"
    );
    let draft = fresh.draft.as_ref().unwrap();
    assert_eq!(
        (draft.kind, draft.reasons.as_deref()),
        (Some(OpinionKind::Agree), Some("审查"))
    );

    assert_eq!(
        matter.hears("03-04 A grant"),
        "refused WRONG_STATE IN_REVIEW"
    );
    assert_eq!(
        matter.hears("03-05 return A"),
        "refused CLAIMED_BY_OTHER",
        "it is not there yet"
    );
    assert_eq!(matter.hears("03-05 A agree"), "OPINION_GIVEN A");
    assert_eq!(last(&matter).draft, None);
    assert_eq!(
        matter.hears("03-05 A grant"),
        "CASE_GRANTED A, APPLICATION_CONCLUDED",
        "with reasons against the second"
    );
}

#[test]
fn sending_back_the_same_review_twice_changes_nothing() {
    let mut matter = in_review().has_heard("03-03 A agree; 03-04 return A");
    let returned = matter.file.reviews[0].id;
    let before = matter.file.clone();
    let again = matter
        .file
        .return_to_reviewer(returned, "x", When::now(matter.last), id(77));
    assert_eq!((again, &matter.file), (Ok(Outcome::Unchanged), &before));
}

#[test]
fn only_the_own_examination_is_sent_back_and_only_before_the_decision() {
    let mut matter = in_review().has_heard("03-03 ask A: X all; 03-03 X agree");
    let of_others = last(&matter).id;
    let refused = |matter: &mut Matter, review| {
        let before = matter.file.clone();
        let when = When::now(matter.last);
        let answer = matter.file.return_to_reviewer(review, "x", when, id(77));
        assert_eq!(matter.file, before);
        answer.unwrap_err().reason.code().code()
    };
    assert_eq!(refused(&mut matter, of_others), "OPINION_OF_OTHERS");
    let own = matter.file.reviews[0].id;
    assert_eq!(refused(&mut matter, own), "WRONG_STATE", "open");
    let mut matter = matter.has_heard("03-04 A agree; 03-04 A grant");
    assert_eq!(refused(&mut matter, own), "ALREADY_DECIDED");
}

#[test]
fn each_examination_and_each_decision_has_the_days_of_its_step() {
    let hall = Hall::new();
    let matter = hall.receive("03-02", "A").after("03-02 accept");
    let matter = matter.has_heard("03-03 A agree; 03-05 return A; 03-09 A agree");
    let steps = matter.file.clocks(&matter.hall).into_iter();
    let steps: Vec<String> = steps
        .filter(|clock| clock.running.kind == crate::clock::ClockKind::Step)
        .map(|clock| {
            let stopped = clock
                .running
                .clock
                .stopped_on
                .map_or("runs".to_owned(), |on| on.to_string());
            format!(
                "{} {} {stopped}",
                clock.running.ordinal, clock.running.clock.anchor
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            "1 2026-03-02 2026-03-03",
            "2 2026-03-03 2026-03-05",
            "3 2026-03-05 2026-03-09",
            "4 2026-03-09 runs"
        ]
    );
    assert!(
        matter.file.cases[0].dates.as_ref().unwrap().eventful,
        "its clocks need its events"
    );
}

#[test]
fn a_replaced_material_makes_exactly_the_opinions_stale_that_relied_on_it() {
    let matter = Hall::new().receive("03-02", "A, B").after("03-02 accept");
    let mut matter = matter
        .has_heard("03-03 ask A: X Y Z all; 03-03 X agree; 03-03 Y agree by M; 03-04 Z disagree");
    matter = matter.has_heard("03-04 A agree; 03-04 B agree");
    // Only A wants it; Y named another one below.
    assert_eq!(
        matter.hears("03-05 replace M of A"),
        "MATERIAL_REPLACED, OPINION_STALE A, OPINION_STALE X, OPINION_ASKED X, OPINION_STALE Y, OPINION_ASKED Y, \
         OPINION_STALE Z, OPINION_ASKED Z"
    );
    assert_eq!(
        matter.states(),
        "IN_REVIEW: A IN_REVIEW, B DECIDING",
        "nobody else is touched"
    );
    assert_eq!(
        matter.opinions(),
        "X 1 STALE 2026-03-10; Y 1 STALE 2026-03-10; Z 1 STALE 2026-03-10; \
         X 1 CLAIMED 2026-03-12; Y 1 CLAIMED 2026-03-12; Z 1 CLAIMED 2026-03-12"
    );
    assert_eq!(
        matter.hears("03-05 A agree"),
        "refused OPINIONS_OUTSTANDING"
    );
    let mut matter =
        matter.has_heard("03-06 X agree; 03-06 Y agree by N; 03-06 Z agree; 03-06 A agree");
    // The second version is replaced: who named it as no ground of theirs is left alone.
    let said = matter.hears("03-09 replace M of A");
    assert!(!said.contains('Y'), "{said}");
    assert!(
        said.contains("OPINION_STALE X") && said.contains("OPINION_STALE A"),
        "{said}"
    );
}

#[test]
fn who_names_a_material_of_another_item_relied_on_it_too() {
    let matter = Hall::new().receive("03-02", "A, B, C");
    let matter = matter.after("03-02 accept");
    let mut matter = matter.has_heard(
        "03-03 ask B: X Y all; 03-03 ask C: Z any; 03-03 X agree by M; 03-03 Y agree; 03-03 Z agree by M; \
         03-04 C agree; 03-04 C grant; 03-04 B agree",
    );
    // B does not want it: who named it there is asked again, the others are not, and C has ended.
    assert_eq!(
        matter.hears("03-05 replace M of A"),
        "MATERIAL_REPLACED, OPINION_STALE X, OPINION_ASKED X"
    );
    assert_eq!(
        matter.states(),
        "IN_REVIEW: A IN_REVIEW, B DECIDING, C GRANTED"
    );
    assert_eq!(
        matter.hears("03-05 B grant"),
        "refused OPINIONS_OUTSTANDING"
    );
}

/// X was asked, and has passed by silence on 10 March.
fn passed_in_silence() -> Matter {
    let mut matter = in_review().has_heard("03-03 ask A: X all");
    let review = last(&matter).id;
    let passed = matter
        .file
        .pass_in_silence(review, super::hall::date("03-10"))
        .unwrap();
    matter.note(&passed, None);
    matter
}

#[test]
fn silence_relied_on_what_was_passed() {
    let mut matter = passed_in_silence();
    let said = matter.hears("03-11 replace M of A");
    assert_eq!(said, "MATERIAL_REPLACED, OPINION_STALE X, OPINION_ASKED X");
    assert_eq!(last(&matter).state, ReviewState::Open, "nobody had it");
}

#[test]
fn what_came_after_an_opinion_was_no_ground_of_it() {
    let said = "03-03 ask A: X Y all; 03-03 X agree; 03-05 Y agree; 03-05 A agree";
    let mut matter = in_review().has_heard(said);
    assert_eq!(
        matter.hears("03-06 replace M of A from 03-04"),
        "MATERIAL_REPLACED, OPINION_STALE A, OPINION_STALE Y, OPINION_ASKED Y"
    );
    // Nor of silence.
    for (came, said) in [
        ("03-11", "MATERIAL_REPLACED"),
        (
            "03-10",
            "MATERIAL_REPLACED, OPINION_STALE X, OPINION_ASKED X",
        ),
    ] {
        let mut matter = passed_in_silence();
        assert_eq!(
            matter.hears(&format!("03-12 replace M of A from {came}")),
            said
        );
    }
}

#[test]
fn a_replaced_material_tells_those_at_work_and_leaves_what_was_decided() {
    let matter = Hall::new().receive("03-02", "A, B").after("03-02 accept");
    let mut matter = matter.has_heard("03-03 A agree; 03-03 A grant");
    let versions = |matter: &Matter| -> Vec<i64> {
        matter
            .file
            .reviews
            .iter()
            .map(|review| review.version)
            .collect()
    };
    let before = versions(&matter);
    assert_eq!(matter.hears("03-04 replace M of AB"), "MATERIAL_REPLACED");
    let after = versions(&matter);
    assert_eq!(
        (after[0], after[1]),
        (before[0], before[1] + 1),
        "who reads B reads again"
    );
    assert_eq!(
        matter.hears("03-04 replace K of A"),
        "refused ALREADY_DECIDED GRANTED"
    );
    assert_eq!(matter.hears("03-04 replace K of C"), "refused NOT_FOUND");
}

#[test]
fn before_acceptance_nothing_relied_on_it() {
    let mut matter = Hall::new().receive("03-02", "A");
    assert_eq!(matter.hears("03-03 replace M of A"), "MATERIAL_REPLACED");
    assert_eq!(matter.states(), "RECEIVED: A RECEIVED");
}

#[test]
fn a_suspended_case_stays_suspended_and_is_examined_again_afterwards() {
    let matter = in_review().has_heard("03-03 A agree; 03-04 A begin HEARING 10");
    assert_eq!(matter.states(), "IN_REVIEW: A SUSPENDED");
    let mut matter = matter.has_heard("03-05 replace M of A");
    assert_eq!(matter.states(), "IN_REVIEW: A SUSPENDED");
    matter = matter.has_heard("03-09 A end HEARING");
    assert_eq!(matter.states(), "IN_REVIEW: A IN_REVIEW");
    assert_eq!(folded(&matter), "A IN_REVIEW", "and so say the events");
}

#[test]
fn the_events_tell_where_a_case_stood_through_all_of_it() {
    let matter = in_review().has_heard("03-03 A agree");
    assert_eq!(folded(&matter), "A DECIDING");
    let matter = matter.has_heard("03-04 return A");
    assert_eq!(folded(&matter), "A IN_REVIEW");
    let matter = matter.has_heard("03-05 A agree; 03-06 replace M of A");
    assert_eq!(folded(&matter), "A IN_REVIEW");
    let matter = matter.has_heard("03-09 A agree; 03-09 A grant");
    assert_eq!(folded(&matter), "A GRANTED");
}

fn folded(matter: &Matter) -> String {
    states(&matter.file.folded(matter.file.course.clone()))
}

#[test]
fn who_decides_gives_reviews_and_who_holds_one_passes_it_on() {
    let mut review = in_review().file.reviews[0].clone();
    let decider = Actor {
        role: crate::actor::Role::Decider,
        ..person(9)
    };
    let now = moment(5).now;
    let refused = review
        .assign(person(2).account, &person(1), now)
        .unwrap_err();
    assert_eq!(
        refused.reason.code().code(),
        "WRONG_STATE",
        "claim it first"
    );
    let given = review.assign(person(2).account, &decider, now).unwrap();
    assert!(matches!(given, Outcome::Done(told) if told.kind == EventKind::ReviewAssigned));
    assert_eq!(
        (review.state, review.claimed_by),
        (ReviewState::Claimed, Some(person(2).account))
    );
    assert_eq!(
        review.assign(person(2).account, &decider, now),
        Ok(Outcome::Unchanged)
    );
    let others = review
        .assign(person(1).account, &person(1), now)
        .unwrap_err();
    assert_eq!(others.reason, Reason::ClaimedByOther);
    review.assign(person(3).account, &person(2), now).unwrap();
    assert_eq!(review.claimed_by, Some(person(3).account));
}

#[test]
fn a_draft_is_kept_by_whoever_has_the_review_and_gone_with_the_opinion() {
    let mut review = in_review().file.reviews[0].clone();
    let draft = || crate::review::OpinionDraft {
        reasons: Some("现场尚未核查".to_owned()),
        ..Default::default()
    };
    let now = moment(5).now;
    let kept = review.keep_draft(&person(1), draft(), now).unwrap();
    assert!(
        matches!(kept, Outcome::Done(told) if told.len() == 1),
        "it is claimed"
    );
    let version = review.version;
    assert_eq!(
        review.keep_draft(&person(1), draft(), moment(6).now),
        Ok(Outcome::Unchanged)
    );
    assert_eq!(review.version, version);
    let other = review.keep_draft(&person(2), draft(), now).unwrap_err();
    assert_eq!(other.reason, Reason::ClaimedByOther);
    let opinion = Opinion::try_new(OpinionKind::Agree, None).unwrap();
    review.give(&person(1), opinion, now).unwrap();
    assert_eq!(review.draft, None);
}
