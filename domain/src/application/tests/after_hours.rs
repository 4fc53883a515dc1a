//! What comes after closing time, where the centre counts it as received on the next day.

use super::hall::{Hall, Matter, date, morning};
use crate::clock::{Anchor, ClockKind};

/// Eight o'clock in the evening, twelve hours after the first act of a day.
const EVENING: i64 = 12 * 60;

fn hall() -> Hall {
    Hall::new().convening(|conventions| conventions.after_hours_rolls_forward = true)
}

/// Received on the evening of Monday, the second of March.
fn received(hall: Hall, cases: &str) -> Matter {
    hall.receive_at(morning(date("03-02"), EVENING), cases)
}

/// The evening of a day, and what is done then.
fn in_the_evening(matter: &mut Matter, on: &str, words: &str) -> String {
    matter.come(date(on));
    matter.last = morning(date(on), EVENING);
    matter.says(&format!("{on} {words}"))
}

/// The period by the law runs from the receipt.
fn from_receipt() -> Hall {
    hall().publishing("A", |item| {
        if let Some(statutory) = &mut item.statutory {
            statutory.anchor = Anchor::Received;
        }
    })
}

#[test]
fn the_check_and_what_silence_accepts_count_from_the_next_day() {
    let mut matter = received(from_receipt(), "A");
    assert_eq!(
        matter.clocks(ClockKind::AcceptanceCheck),
        "03-03 due 03-10",
        "a day later than by day"
    );
    assert_eq!(
        matter.file.application.received_on,
        date("03-02"),
        "and received when it was"
    );
    matter.come(date("03-10"));
    assert_eq!(matter.states(), "RECEIVED: A RECEIVED");
    matter.come(date("03-11"));
    assert_eq!(matter.states(), "IN_REVIEW: A IN_REVIEW");
    assert_eq!(matter.file.application.accepted_on, Some(date("03-03")));
    let by_silence = matter.clocks(ClockKind::Statutory);
    assert!(by_silence.starts_with("A 03-03 "), "{by_silence}");
}

#[test]
fn who_goes_on_in_the_same_evening_is_in_order() {
    // The periods run from the acceptance, whose day is the one on the paper, or from the receipt, as it counts.
    for (hall, begins) in [(hall(), "A 03-02 "), (from_receipt(), "A 03-03 ")] {
        let mut matter = received(hall, "A");
        for deed in ["accept", "A agree", "A grant"] {
            let said = in_the_evening(&mut matter, "03-02", deed);
            assert!(!said.starts_with("refused"), "{deed}: {said}");
        }
        assert_eq!(
            matter.clocks(ClockKind::AcceptanceCheck),
            "03-03 due 03-10, stopped 03-02",
            "before it had begun"
        );
        for kind in [ClockKind::Promised, ClockKind::Statutory] {
            let clocks = matter.clocks(kind);
            assert!(clocks.starts_with(begins), "{clocks}");
        }
        let dates = matter.file.cases[0].dates.as_ref().unwrap();
        assert!(dates.eventful, "the days of the rows do not tell it");
        for clock in matter.file.clocks(&matter.hall) {
            for day in ["03-02", "03-03", "03-30"] {
                let read = clock.deadline(date(day));
                assert!(read.elapsed >= 0, "{clock:?} on {day}");
                let days = clock.running.clock.explain(&clock.calendar, date(day));
                assert_eq!(days[0].date, clock.running.clock.anchor);
            }
        }
    }
}

#[test]
fn a_supplement_on_the_last_evening_is_in_time_and_counts_from_the_next_day() {
    let mut matter = hall().receive("03-02", "A").after("03-03 notice 2");
    assert_eq!(matter.clocks(ClockKind::Supplement), "03-03 due 03-05");
    assert_eq!(
        in_the_evening(&mut matter, "03-05", "supplement"),
        "SUPPLEMENTED"
    );
    assert_eq!(
        matter.clocks(ClockKind::Supplement),
        "03-03 due 03-05, stopped 03-05"
    );
    assert_eq!(
        matter.clocks(ClockKind::AcceptanceCheck),
        "03-02 due 03-09, stopped 03-03; 03-06 due 03-13"
    );
    let due = matter.file.report_due(&matter.hall);
    assert_eq!(due, date("03-11"), "three working days of the departments");
}

#[test]
fn the_promise_stands_still_until_the_next_day_for_material_that_came_in_the_evening() {
    let by = |on: &str, at: i64| {
        let mut matter = hall()
            .receive("03-02", "A")
            .after("03-02 accept; 03-03 A ask");
        matter.come(date(on));
        matter.last = morning(date(on), at);
        assert_eq!(
            matter.says(&format!("{on} A receive")),
            "MATERIAL_RECEIVED A"
        );
        matter.clocks(ClockKind::Promised)
    };
    assert_eq!(by("03-05", 0), "A 03-02 due 03-11");
    assert_eq!(by("03-05", EVENING), "A 03-02 due 03-12, suspended");
}

#[test]
fn what_is_entered_after_the_fact_counts_on_its_day_and_nothing_rolls_unless_it_was_decided() {
    let mut matter = hall().receive("03-02", "A").after("03-03 notice 2");
    let late = in_the_evening(&mut matter, "03-05", "for 03-04 supplement");
    assert_eq!(late, "SUPPLEMENTED");
    assert_eq!(
        matter.clocks(ClockKind::AcceptanceCheck),
        "03-02 due 03-09, stopped 03-03; 03-04 due 03-11"
    );
    let usual = received(Hall::new(), "A");
    assert_eq!(usual.clocks(ClockKind::AcceptanceCheck), "03-02 due 03-09");
}
