//! The lamp of a case, from its row.

use chrono::NaiveDate;
use lianshen_domain::clock::{CardModel, Lamp};
use lianshen_entity::case_;

/// The day on which a case ended, for its lamp: that on which its clocks stopped, which for an entry after the fact may
/// be that of the entry.
pub fn ended_on(row: &case_::Model) -> Option<NaiveDate> {
    row.stopped_on.or(row.result_on)
}

/// The lamp that a case shows; after its end always the same.
pub fn lamp_of_case(row: &case_::Model, today: NaiveDate, model: CardModel) -> Lamp {
    let shown = row
        .lamp()
        .shown(row.started_on.is_some(), ended_on(row), today);
    model.lamp(shown)
}
