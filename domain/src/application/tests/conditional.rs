//! What a conditional acceptance waits for (容缺受理): it comes by the file, or nobody wants it any more.

use super::hall::{Hall, date};
use super::*;
use crate::clock::{Anchor, ClockKind, Limit};
use crate::item::Necessity;
use crate::sharing::SharingState;

/// A wants M, B wants N; both are accepted on the second of March, and M or both of it follows.
fn waiting_for(codes: &[&str]) -> hall::Matter {
    let hall = Hall::new().publishing("B", |item| item.materials = vec!["N".to_owned()]);
    waiting_in(hall, "A, B", codes, "03-02")
}

/// Received on the second of March and accepted on a day; these materials follow.
fn waiting_in(hall: Hall, cases: &str, codes: &[&str], accepted_on: &str) -> hall::Matter {
    let mut matter = hall.receive("03-02", cases);
    matter.come(date(accepted_on));
    let missing = codes.iter().map(|code| missing(code, false)).collect();
    let on = date(accepted_on);
    let acceptance = Acceptance::conditional(missing, on, &matter.file, &matter.hall).unwrap();
    let when = When::now(matter.last);
    let accepted = matter.file.accept(&person(0), when, &acceptance).unwrap();
    matter.note(&accepted, Some(person(0).account));
    matter
}

fn missing(code: &str, is_there: bool) -> MissingMaterial {
    MissingMaterial {
        code: code.to_owned(),
        necessity: Some(Necessity::MayFollow),
        is_there,
    }
}

/// Adds a material that an item wants, on a day.
fn added(matter: &mut hall::Matter, on: &str, code: &str, item: &str) -> Vec<Happening> {
    matter.come(date(on));
    let when = When::now(matter.last);
    let wanted_by = [item.to_owned()];
    matter.file.add_material(code, &wanted_by, when).unwrap()
}

/// How a wait was ended, and on which day.
fn ended(matter: &hall::Matter) -> Vec<(EventKind, Option<NaiveDate>)> {
    let kinds = [
        EventKind::MissingMaterialReceived,
        EventKind::MissingMaterialNotNeeded,
    ];
    let journal = matter.journal.iter();
    let ends = journal.filter(|told| kinds.contains(&told.kind));
    ends.map(|told| (told.kind, told.on)).collect()
}

#[test]
fn a_conditional_acceptance_waits_for_nothing_that_lies_with_the_application() {
    let kind = ClockKind::ConditionalSupplement;
    let mut matter = waiting_for(&["M", "N"]);
    let happenings = added(&mut matter, "03-04", "N", "B");
    matter.note(&happenings, None);
    assert_eq!(ended(&matter), [], "M is still to come");
    assert_eq!(matter.clocks(kind), "03-02 due 03-09");
    let version = matter.file.application.version;
    let shared = [String::from("A")];
    let told = matter.file.end_sharing("M", &shared, SharingState::Fetched);
    matter.note(&[told], None);
    let received = EventKind::MissingMaterialReceived;
    assert_eq!(ended(&matter), [(received, Some(date("03-04")))]);
    assert_eq!(matter.file.application.version, version + 2);
    assert_eq!(matter.clocks(kind), "03-02 due 03-09, stopped 03-04");
    assert_eq!(matter.come(date("03-12")), []);
    assert_eq!(matter.states(), "IN_REVIEW: A IN_REVIEW, B IN_REVIEW");

    let there = vec![missing("M", false), missing("N", true)];
    let file = Hall::new().receive("03-02", "A").file;
    let refused = Acceptance::conditional(there, date("03-02"), &file, &Hall::new());
    let material = "N".to_owned();
    let refusal = Reason::MaterialThere { material }.at("missingMaterials.1");
    assert_eq!(refused, Err(vec![refusal]));
}

#[test]
fn a_conditional_acceptance_waits_for_nothing_that_nobody_wants_any_more() {
    let kind = ClockKind::ConditionalSupplement;
    let not_needed = EventKind::MissingMaterialNotNeeded;
    for end in ["withdraw", "terminate"] {
        let mut matter = waiting_for(&["M", "N"]);
        let happenings = added(&mut matter, "03-03", "N", "B");
        matter.note(&happenings, None);
        matter = matter.after(&format!("03-05 for 03-04 A {end}"));
        assert_eq!(ended(&matter), [(not_needed, Some(date("03-04")))], "{end}");
        let waits = matter.clocks(kind);
        assert_eq!(waits, "03-02 due 03-09, stopped 03-04");
        assert_eq!(matter.come(date("03-12")), []);
        let states = matter.states();
        assert!(states.ends_with("B IN_REVIEW"), "{states}");
        assert_eq!(matter.says("03-12 hand in"), "refused MATERIAL_NOT_ASKED");
    }
    let mut wanted = waiting_for(&["M"]).after("03-04 B withdraw");
    assert_eq!(wanted.come(date("03-12")), [Lapsed::AcceptanceRevoked]);
}

#[test]
fn what_never_comes_revokes_what_wants_it_and_ends_what_waits_for_that() {
    let hall = Hall::new()
        .publishing("B", |item| item.materials = vec!["N".to_owned()])
        .publishing("C", |item| item.materials = Vec::new());
    let mut matter = waiting_in(hall, "A, B, C after A", &["M"], "03-02");
    matter = matter.after("03-04 B agree");
    assert_eq!(matter.come(date("03-09")), []);
    assert_eq!(matter.come(date("03-12")), [Lapsed::AcceptanceRevoked]);
    let states = "IN_REVIEW: A ACCEPTANCE_REVOKED, B DECIDING, C TERMINATED";
    assert_eq!(matter.states(), states);
    let not_needed = EventKind::MissingMaterialNotNeeded;
    assert_eq!(ended(&matter), [(not_needed, Some(date("03-10")))]);
    assert_eq!(
        matter.after("03-12 B grant").states(),
        "CONCLUDED: A ACCEPTANCE_REVOKED, B GRANTED, C TERMINATED"
    );
}

#[test]
fn it_waits_no_longer_than_what_wants_the_material_and_begins_now_is_promised() {
    for (promised, cases, waits) in [
        (("B", 0), "A, B", "03-02 due 03-09"),
        (("B", 2), "A, B", "03-02 due 03-09"),
        (("A", 2), "A, B", "03-02 due 03-04"),
        (("C", 2), "A, B, C after B", "03-02 due 03-09"),
        (("C", 2), "A, B, C", "03-02 due 03-04"),
    ] {
        let hall = Hall::new()
            .publishing("B", |item| item.materials = vec!["N".to_owned()])
            .publishing(promised.0, |item| {
                item.promised = Limit::workdays(promised.1);
            });
        let matter = waiting_in(hall, cases, &["M"], "03-02");
        let kind = ClockKind::ConditionalSupplement;
        assert_eq!(matter.clocks(kind), waits, "{promised:?} of {cases}");
    }
    // A promise that runs from the receipt has begun already.
    for (accepted_on, waits) in [("03-05", "03-05 due 03-09"), ("03-09", "03-09 due 03-09")] {
        let hall = Hall::new().publishing("A", |item| {
            let statutory = item.statutory.as_mut().unwrap();
            statutory.anchor = Anchor::Received;
        });
        let matter = waiting_in(hall, "A, B", &["M"], accepted_on);
        let promised = matter.clocks(ClockKind::Promised);
        assert!(promised.starts_with("A 03-02 due 03-09"), "{promised}");
        assert_eq!(matter.clocks(ClockKind::ConditionalSupplement), waits);
    }
}

#[test]
fn what_came_before_anybody_noted_that_nothing_is_missing_is_not_called_missing_later() {
    let mut matter = waiting_for(&["M"]);
    let happenings = added(&mut matter, "03-04", "M", "A");
    // As it was written before that was looked for.
    let by = Some(person(0).account);
    matter.file.course.add(&happenings, by, matter.last);
    assert_eq!(matter.come(date("03-12")), [Lapsed::NothingMissing]);
    let kind = ClockKind::ConditionalSupplement;
    assert_eq!(matter.clocks(kind), "03-02 due 03-09, stopped 03-04");
    assert_eq!(matter.states(), "IN_REVIEW: A IN_REVIEW, B IN_REVIEW");
}

/// The promise stands still for what a case asked for after acceptance, and goes on when that comes, whoever says so or not.
#[test]
fn what_a_case_asked_for_and_comes_by_the_file_ends_its_wait() {
    let asking = || {
        Hall::new()
            .receive("03-02", "A")
            .after("03-02 accept; 03-03 A ask")
    };
    let wait = |matter: &hall::Matter| matter.file.course.awaits_material(case_id(0));
    assert!(wait(&asking()));
    let mut added_later = asking();
    let happenings = added(&mut added_later, "03-05", "M", "A");
    added_later.note(&happenings, None);
    let replaced = asking().has_heard("03-05 replace M of A");
    let said = asking().after("03-05 A receive");
    for mut matter in [added_later, replaced, said] {
        assert!(!wait(&matter));
        let received = matter
            .journal
            .iter()
            .filter(|told| told.kind == EventKind::MaterialReceived);
        let days: Vec<_> = received.map(|told| told.on).collect();
        assert_eq!(days, [Some(date("03-05"))]);
        assert_eq!(
            matter.hears("03-06 A receive"),
            "refused MATERIAL_NOT_ASKED"
        );
    }
    // Another material is none of it.
    let mut other = asking();
    let happenings = added(&mut other, "03-05", "N", "A");
    other.note(&happenings, None);
    assert!(wait(&other));
}
