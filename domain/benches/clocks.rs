//! How long clocks take: `cargo bench -p lianshen-domain`, less than a minute on one core.
//!
//! Each measurement runs through a thousand anchors of 2023 to 2026 in no order, so that no branch learns the next one.
//! The time is that of all thousand, hence a microsecond in it is a nanosecond a clock; `elem/s` are clocks a second.

use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

use chrono::{Days, NaiveDate};
use criterion::{Criterion, Throughput};
use lianshen_domain::calendar::{Calendar, Notice, NoticeDay, NoticeDayKind, Scope};
use lianshen_domain::clock::{Clock, Interval, Limit};

#[path = "../testdata/published.rs"]
mod published;

const CLOCKS: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .without_plots()
        .configure_from_args();
    let calendar =
        Calendar::try_new(&published::notices()?).map_err(|faults| format!("{faults:?}"))?;
    let anchors = anchors();

    Group::of(&mut criterion, "calendar", &anchors)
        .measure("add 20 working days", |from| {
            calendar.add_workdays(*from, 20)
        })
        .measure("subtract 20 working days", |from| {
            calendar.subtract_workdays(*from, 20)
        })
        .measure("count working days", |from| {
            calendar.workdays_between(*from, *from + Days::new(100))
        })
        .measure("is it worked", |date| calendar.is_workday(*date));

    for (name, happen) in [
        ("plain", plain as fn(NaiveDate) -> Clock),
        ("two suspensions and an extension", eventful),
    ] {
        let clocks: Vec<Clock> = anchors.iter().map(|anchor| happen(*anchor)).collect();
        let today = |clock: &Clock| clock.anchor + Days::new(15);
        Group::of(&mut criterion, name, &clocks)
            .measure("due date", |clock| clock.due_on(&calendar))
            .measure("deadline", |clock| clock.deadline(&calendar, today(clock)))
            .measure("explain", |clock| clock.explain(&calendar, today(clock)));
    }
    criterion.final_summary();
    Ok(())
}

/// Twenty working days, and nothing happens.
fn plain(anchor: NaiveDate) -> Clock {
    Clock::new(anchor, Limit::workdays(20))
}

/// The same with two suspensions that overlap for a day, and ten days more.
fn eventful(anchor: NaiveDate) -> Clock {
    let on = |day| anchor + Days::new(day);
    plain(anchor)
        .suspended(Interval::closed(on(3), on(9)))
        .suspended(Interval::closed(on(8), on(13)))
        .extended(on(14), 10)
}

/// Measurements of the same inputs.
struct Group<'a, Input> {
    group: criterion::BenchmarkGroup<'a, criterion::measurement::WallTime>,
    inputs: &'a [Input],
}

impl<'a, Input> Group<'a, Input> {
    fn of(criterion: &'a mut Criterion, name: &str, inputs: &'a [Input]) -> Self {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(CLOCKS as u64));
        Self { group, inputs }
    }

    fn measure<Output>(mut self, name: &str, act: impl Fn(&Input) -> Output) -> Self {
        self.group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for input in self.inputs {
                    black_box(act(black_box(input)));
                }
            });
        });
        self
    }
}

fn anchors() -> Vec<NaiveDate> {
    // 619 shares no factor with the 1,461 days of four years, so no anchor comes twice.
    let first = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap_or_default();
    let offsets = (0..1_461_u64).map(|n| n * 619 % 1_461);
    offsets
        .take(CLOCKS)
        .map(|offset| first + Days::new(offset))
        .collect()
}
