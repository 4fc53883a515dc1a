//! Deadlines: a clock, read today or on the day on which it stopped.

use async_graphql::SimpleObject;
use chrono::NaiveDate;
use lianshen_domain::application::FileClock;
use lianshen_domain::clock::{self, ClockState, Unit};

use super::coded::CodeEnum;
use super::limit::Limit;
use super::scalars::Date;

/// A legal period as it stands today (期限). The server counts; clients never need a calendar.
#[derive(SimpleObject)]
pub struct Deadline {
    /// The period as published.
    pub limit: Limit,
    /// The day from which it runs; the day itself is not counted.
    pub anchor_on: Date,
    /// The last day in time, until 24:00; null while the clock is suspended.
    pub due_on: Option<Date>,
    /// The last day in time if nothing more happens.
    pub projected_on: Date,
    /// Days left after today: 0 on the due date, negative when overdue; it stands still once the clock has stopped.
    pub remaining: i64,
    /// What `remaining` is counted in.
    pub remaining_unit: CodeEnum<Unit>,
    /// Days used up, in the same unit.
    pub elapsed: i64,
    /// What the clock is doing.
    pub state: CodeEnum<ClockState>,
    /// The due date has passed, or had passed when the clock stopped.
    pub overdue: bool,
    /// The due date reaches into a year whose holiday notice has not come yet, and may move.
    pub provisional: bool,
}

impl Deadline {
    /// Reads a clock.
    pub fn read(clock: &FileClock, today: NaiveDate) -> Self {
        let clock::Deadline {
            due_on,
            projected_on,
            remaining,
            remaining_unit,
            elapsed,
            state,
            overdue,
            provisional,
            ..
        } = clock.deadline(today);
        let clock = &clock.running.clock;
        Self {
            limit: clock.limit.into(),
            anchor_on: Date(clock.anchor),
            due_on: due_on.map(Date),
            projected_on: Date(projected_on),
            remaining,
            remaining_unit: remaining_unit.into(),
            elapsed,
            state: state.into(),
            overdue,
            provisional,
        }
    }
}
