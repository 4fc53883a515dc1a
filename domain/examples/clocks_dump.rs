//! Prints what this program says of every day of 2023 to 2026 and of 20,000 clocks, a line of JSON each, for a judge
//! that shares no code with it: `cargo run -q -p lianshen-domain --example clocks_dump | node tests/clients/oracle.mjs`.
//!
//! The same clocks each time: what one run finds, the next one finds again.

use std::error::Error;
use std::io::{self, BufWriter, Write};

use chrono::{Days, NaiveDate};
use lianshen_domain::calendar::{Calendar, Notice, NoticeDay, NoticeDayKind, Scope};
use lianshen_domain::clock::{Boundary, Clock, Interval, Limit};
use serde_json::json;

#[path = "../testdata/published.rs"]
mod published;

const CLOCKS: usize = 20_000;

/// The days of 2023 to 2026.
const DAYS: u64 = 1_461;

fn main() -> Result<(), Box<dyn Error>> {
    let calendar =
        Calendar::try_new(&published::notices()?).map_err(|faults| format!("{faults:?}"))?;
    let first = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap_or_default();
    let mut out = BufWriter::new(io::stdout().lock());

    for date in first.iter_days().take(usize::try_from(DAYS)?) {
        let worked = calendar.is_workday(date);
        writeln!(out, "{}", json!({ "date": date, "worked": worked }))?;
    }
    let mut chance = Chance(20_260_701);
    for _ in 0..CLOCKS {
        let clock = clock(first, &mut chance);
        let today = clock.anchor - Days::new(5) + Days::new(chance.below(200));
        let said = clock.deadline(&calendar, today);
        let line = json!({
            "clock": clock,
            "today": today,
            "said": {
                "dueOn": said.due_on,
                "projectedOn": said.projected_on,
                "remaining": said.remaining,
                "elapsed": said.elapsed,
                "state": said.state,
                "overdue": said.overdue,
                "provisional": said.provisional,
                "lateExtensions": said.late_extensions,
                "lateSuspensions": said.late_suspensions,
                "recordedDueOn": clock.due_on(&calendar),
            },
        });
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}

/// Anything that may happen to a clock, from ten days before its anchor on.
fn clock(first: NaiveDate, chance: &mut Chance) -> Clock {
    let anchor = first + Days::new(chance.below(DAYS));
    let limit = match chance.below(10) {
        0..6 => Limit::workdays(chance.few(61)),
        6..8 => Limit::calendar_days(chance.few(91)),
        8 => Limit::months(chance.few(8)),
        _ => Limit::years(chance.few(3)),
    };
    let boundary = match chance.below(5) {
        0 => Boundary::Inclusive,
        1 => Boundary::Exclusive,
        _ => Boundary::StartOfDayState,
    };
    let mut clock = Clock::new(anchor, limit).bounded(boundary);
    for _ in 0..chance.below(4) {
        let start = anchor - Days::new(10) + Days::new(chance.below(110));
        let end = start + Days::new(chance.below(25));
        let suspension = Interval::open(start).entered(start + chance.lateness());
        clock = clock.suspended(if chance.below(6) == 0 {
            suspension
        } else {
            suspension.ended(end, end + chance.lateness())
        });
    }
    for _ in 0..chance.below(3) {
        let approved_on = anchor + Days::new(chance.below(100));
        clock = clock.extended(approved_on, chance.few(21));
    }
    for extension in &mut clock.extensions {
        extension.entered_on = Some(extension.approved_on + chance.lateness());
    }
    if chance.below(4) == 0 {
        clock = clock.stopped(anchor + Days::new(chance.below(120)));
    }
    clock
}

/// Numbers that look like chance and are the same each time (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// How long after the fact an act is entered: mostly at once.
    fn lateness(&mut self) -> Days {
        Days::new(if self.below(4) == 0 {
            self.below(40)
        } else {
            0
        })
    }

    fn few(&mut self, end: u32) -> u32 {
        u32::try_from(self.below(end.into())).unwrap_or_default()
    }
}
