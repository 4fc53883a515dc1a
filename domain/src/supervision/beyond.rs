//! MAT-02: what somebody wants beyond the one correction notice. No clock raises it, but the attempt itself.

use chrono::NaiveDate;

use super::{CardLevel, Evidence, Key, Occurrence, Thresholds, TimeRule};
use crate::application::FileClock;
use crate::ids::CaseId;

/// What an attempt raises, with the acceptance check as its evidence; once a case, or for who sends the notice once an
/// application, however often it is tried.
pub fn beyond_notice(
    check: &FileClock,
    case: Option<CaseId>,
    department: Option<String>,
    on: NaiveDate,
    thresholds: &Thresholds,
) -> Option<Occurrence> {
    let rule = TimeRule::BeyondNotice;
    let occurrence = match case {
        Some(_) => "REPORT:1:RED",
        None => "NOTICE:1:RED",
    };
    thresholds.is_on(rule).then(|| Occurrence {
        key: Key {
            case,
            rule,
            occurrence: occurrence.to_owned(),
        },
        department,
        level: thresholds.card_model.level(CardLevel::Red),
        on,
        stopped_on: check.running.clock.stopped_on,
        evidence: Evidence::of(&check.running, &check.calendar, on),
    })
}
