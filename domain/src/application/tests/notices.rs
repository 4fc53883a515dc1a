//! A notice that is adopted while an application is under way moves what has not passed, and nothing that has.

use super::hall::{Hall, Matter, date};
use super::*;
use crate::clock::ClockKind;
use crate::supervision::{TimeRule, agenda};

/// Accepted on Monday, 2 March 2026, with a promise until the 9th, and examined.
fn promised_until_the_ninth() -> Matter {
    let received = Hall::new().receive("03-02", "A");
    received.after("03-02 accept; 03-04 A agree")
}

impl Matter {
    /// What is left of the promise today.
    fn left(&self) -> i64 {
        let clocks = self.file.clocks(&self.hall);
        let mut promised = clocks
            .iter()
            .filter(|clock| clock.running.kind == ClockKind::Promised);
        promised.next().unwrap().deadline(self.last.today).remaining
    }

    /// The days of the month on which the promise raises something by a rule.
    fn raised(&self, rule: TimeRule) -> String {
        let raised = agenda(&self.file.clocks(&self.hall), self.hall.thresholds());
        let by_rule = raised.into_iter().filter(|one| one.key.rule == rule);
        let days = by_rule.map(|one| one.on.format("%m-%d").to_string());
        days.collect::<Vec<_>>().join(" ")
    }
}

#[test]
fn a_notice_after_the_due_date_lets_no_later_entry_heal_the_breach() {
    for notice in [None, Some("03-11")] {
        let mut matter = promised_until_the_ninth().after("03-10");
        if let Some(on) = notice {
            matter = matter.adopting(on, &["03-09", "03-10"]);
        }
        let decided = matter.after("03-12 for 03-09 A grant");
        assert_eq!(
            decided.clocks(ClockKind::Promised),
            "A 03-02 due 03-09, stopped 03-12, overdue",
            "{notice:?}"
        );
    }
    // Adopted while the period ran, it moves the due date, and the entry is in time.
    let moved = promised_until_the_ninth().adopting("03-09", &["03-09", "03-10"]);
    assert_eq!(
        moved
            .after("03-11 for 03-09 A grant")
            .clocks(ClockKind::Promised),
        "A 03-02 due 03-11, stopped 03-09"
    );
}

#[test]
fn silence_accepts_by_the_working_days_of_the_check_that_lapsed() {
    let received = Hall::new().receive("03-02", "A");
    let mut matter = received.adopting("03-11", &["03-09", "03-10"]);
    let accepted = Lapsed::DeemedAccepted {
        accepted_on: date("03-02"),
        established_on: date("03-10"),
    };
    assert_eq!(matter.come(date("03-11")), [accepted]);
    // A check that was over in time is not begun again by a notice that takes a day from it.
    let supplemented = Hall::new()
        .receive("03-02", "A")
        .after("03-09 notice")
        .adopting("03-09", &["+03-07"]);
    let mut supplemented = supplemented.after("03-10 supplement");
    assert_eq!(
        supplemented.clocks(ClockKind::AcceptanceCheck),
        "03-02 due 03-07, stopped 03-09, overdue; 03-10 due 03-17"
    );
    assert_eq!(supplemented.come(date("03-17")), []);
    assert_eq!(supplemented.come(date("03-18")).len(), 1);
    // While the check runs a notice gives it more days.
    let mut matter = Hall::new()
        .receive("03-02", "A")
        .adopting("03-09", &["03-09", "03-10"]);
    assert_eq!(matter.come(date("03-11")), []);
}

#[test]
fn nobody_is_late_by_a_day_that_a_notice_has_given_off_since() {
    let late = promised_until_the_ninth().after("03-12");
    assert_eq!(late.left(), -3);
    let still_open = late.raised(TimeRule::StillOpen);
    let late = late.adopting("03-12", &["03-10", "03-11"]);
    assert_eq!(late.left(), -1);
    assert_eq!(
        late.clocks(ClockKind::Promised),
        "A 03-02 due 03-09, overdue"
    );
    assert_eq!(
        [still_open.as_str(), &late.raised(TimeRule::StillOpen)],
        ["03-13", "03-17"],
        "cards come on working days"
    );

    // What was over keeps what it was late by, whatever is adopted afterwards.
    let decided = late.after("03-16 A grant");
    assert_eq!(decided.left(), -3, "the 12th, the 13th and the 16th");
    let again = decided
        .adopting("03-17", &["03-12", "03-13"])
        .after("03-18");
    assert_eq!(again.left(), -3);
    let before = promised_until_the_ninth().after("03-11 A grant");
    let before = before.adopting("03-12", &["03-10", "03-11"]).after("03-12");
    assert_eq!(before.left(), -2);
}
