//! Random clocks, compared with a second implementation that walks day by day.

use std::sync::LazyLock;

use chrono::{Days, Months, NaiveDate};
use proptest::prelude::*;

use crate::calendar::Calendar;
use crate::calendar::tests::{day, published};
use crate::clock::{
    Boundary, Clock, ClockState, Component, Extension, Interval, JointPolicy, LampDates, Limit,
    Standing, Unit, Warning, Warnings, joint_suspensions,
};

static CALENDAR: LazyLock<Calendar> = LazyLock::new(published);

/// Written from the wording of the rules, one day at a time, knowing nothing of stretches or counts.
struct Walk<'a> {
    clock: &'a Clock,
    /// What happened after this day is not known.
    known_on: NaiveDate,
    resumed: bool,
}

impl Walk<'_> {
    fn counts(&self, date: NaiveDate) -> bool {
        self.clock.limit.unit != Unit::Workday || CALENDAR.is_workday(date)
    }

    fn excluded(&self, date: NaiveDate) -> bool {
        self.clock
            .suspensions
            .iter()
            .filter(|pause| pause.start <= self.known_on)
            .any(|pause| {
                let end = pause
                    .end
                    .filter(|end| *end <= self.known_on)
                    .or(self.resumed.then_some(self.known_on));
                match self.clock.boundary {
                    Boundary::StartOfDayState => {
                        pause.start < date && end.is_none_or(|end| date <= end)
                    }
                    Boundary::Inclusive => pause.start <= date && end.is_none_or(|end| date <= end),
                    Boundary::Exclusive => pause.start < date && end.is_none_or(|end| date < end),
                }
            })
    }

    fn limit_in_days(&self) -> i64 {
        let anchor = self.clock.anchor;
        match self.clock.limit {
            Limit {
                n,
                unit: Unit::Workday | Unit::CalendarDay,
            } => n.into(),
            Limit {
                n,
                unit: Unit::Month,
            } => (anchor + Months::new(n) - anchor).num_days(),
            Limit {
                n,
                unit: Unit::Year,
            } => (anchor + Months::new(12 * n) - anchor).num_days(),
        }
    }

    /// The last charged day and the due date; `None` if ten years do not reach it.
    fn end(&self, total: i64) -> Option<(NaiveDate, NaiveDate)> {
        let mut left = total;
        let mut date = self.clock.anchor;
        let horizon = date + Days::new(3_650);
        while left > 0 {
            date = date.succ_opt()?;
            if date > horizon {
                return None;
            }
            left -= i64::from(self.counts(date) && !self.excluded(date));
        }
        let mut rolled = date;
        while self.clock.rolls
            && self.clock.limit.unit != Unit::Workday
            && total > 0
            && !CALENDAR.is_workday(rolled)
        {
            rolled = rolled.succ_opt()?;
        }
        Some((date, rolled))
    }

    /// Limit and extensions, and the number of those that came too late.
    fn total(&self) -> (i64, usize) {
        let mut approved: Vec<&Extension> = self.clock.extensions.iter().collect();
        approved.retain(|extension| extension.approved_on <= self.known_on);
        approved.sort_by_key(|extension| extension.approved_on);
        let (mut total, mut late) = (self.limit_in_days(), 0);
        for extension in approved {
            match self.end(total) {
                Some((_, due)) if extension.approved_on > due => late += 1,
                _ => total += i64::from(extension.days),
            }
        }
        (total, late)
    }

    /// Walks from the anchor to the day of the reading and takes a day off for each that is charged.
    fn remaining(&self, total: i64) -> i64 {
        let end = self.end(total);
        let mut left = total;
        for date in self
            .clock
            .anchor
            .iter_days()
            .skip(1)
            .take_while(|date| *date <= self.known_on)
        {
            let runs_out = end.is_some_and(|(last, _)| date > last);
            left -= i64::from(self.counts(date) && (runs_out || !self.excluded(date)));
        }
        // The days of a roll are days left.
        left + end.map_or(0, |(last, due)| (due - last).num_days())
    }
}

pub(super) fn near(from: NaiveDate, days: u64) -> impl Strategy<Value = NaiveDate> {
    (0..days).prop_map(move |offset| from + Days::new(offset))
}

fn limits() -> impl Strategy<Value = Limit> {
    prop_oneof![
        4 => (0_u32..61).prop_map(Limit::workdays),
        2 => (0_u32..91).prop_map(Limit::calendar_days),
        1 => (0_u32..7).prop_map(Limit::months),
        1 => (0_u32..2).prop_map(Limit::years),
    ]
}

fn suspension(from: NaiveDate) -> impl Strategy<Value = Interval> {
    (
        near(from, 110),
        prop_oneof![5 => (0_u64..25).prop_map(Some), 1 => Just(None)],
    )
        .prop_map(|(start, length)| Interval {
            end: length.map(|length| start + Days::new(length)),
            ..Interval::open(start)
        })
}

fn boundaries() -> impl Strategy<Value = Boundary> {
    prop_oneof![3 => Just(Boundary::StartOfDayState), 1 => Just(Boundary::Inclusive), 1 => Just(Boundary::Exclusive)]
}

prop_compose! {
    /// Anything that may happen, from ten days before the anchor on.
    pub(super) fn clocks()(anchor in near(day("2022-12-20"), 1_560))(
        anchor in Just(anchor),
        limit in limits(),
        (boundary, rolls) in (boundaries(), prop::bool::weighted(0.8)),
        suspensions in prop::collection::vec(suspension(anchor - Days::new(10)), 0..4),
        extensions in prop::collection::vec((near(anchor, 100), 0_u32..20), 0..3),
        stopped_on in prop_oneof![3 => Just(None), 1 => near(anchor, 120).prop_map(Some)],
    ) -> Clock {
        let extensions = extensions.into_iter().map(|(approved_on, days)| Extension { approved_on, days, entered_on: None }).collect();
        Clock { anchor, limit, extensions, suspensions, stopped_on, boundary, rolls }
    }
}

prop_compose! {
    pub(super) fn readings()(clock in clocks())(today in near(clock.anchor - Days::new(5), 200), clock in Just(clock)) -> (Clock, NaiveDate) {
        (clock, today)
    }
}

pub(super) fn closed(mut clock: Clock) -> Clock {
    clock.suspensions.retain(|interval| interval.end.is_some());
    clock
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_walk_day_by_day_agrees((clock, today) in readings()) {
        let said = clock.deadline(&CALENDAR, today);

        let stopped = clock.stopped_on.filter(|stop| *stop <= today);
        let known_on = stopped.unwrap_or(today);
        let walk = Walk { clock: &clock, known_on, resumed: false };
        let (total, late) = walk.total();
        let end = walk.end(total);
        let overdue = end.is_some_and(|(_, due)| known_on > due);
        let state = match (stopped, end) {
            (Some(_), _) => ClockState::Stopped,
            _ if today < clock.anchor => ClockState::NotStarted,
            (None, None) => ClockState::Suspended,
            _ if overdue => ClockState::Overdue,
            _ => ClockState::Running,
        };
        prop_assert_eq!(said.due_on, end.map(|(_, due)| due));
        prop_assert_eq!(said.remaining, walk.remaining(total));
        prop_assert_eq!(said.state, state);
        prop_assert_eq!(said.overdue, overdue);
        prop_assert_eq!(said.late_extensions.len(), late);
        let projected = Walk { resumed: true, ..walk }.end(total).unwrap().1;
        prop_assert_eq!(said.projected_on, projected);
    }

    #[test]
    fn stored_dates_and_readings_tell_the_same((clock, today) in readings()) {
        let clock = Clock { stopped_on: None, ..closed(clock) };
        // By then all that is recorded has happened.
        let later = today.max(day("2030-01-01"));
        let due = clock.due_on(&CALENDAR).unwrap();
        prop_assert_eq!(clock.deadline(&CALENDAR, later).due_on, Some(due));

        let dates = LampDates::of(None, Some(&clock), &CALENDAR, Warnings::default());
        let alert = dates.alert_on.unwrap();
        prop_assert!(clock.anchor <= alert && alert <= due);
        prop_assert_eq!(dates.standing(today) == Standing::StatutePassed, today > due);
        if let Some(next) = dates.next_change_after(today) {
            prop_assert!(next > today);
            prop_assert_eq!(dates.standing(next - Days::new(1)), dates.standing(today));
            prop_assert_ne!(dates.standing(next), dates.standing(today));
        }
    }

    #[test]
    fn the_warning_holds_from_its_first_day_and_not_before(anchor in near(day("2022-12-20"), 1_400), n in 0_u32..61,
            pauses in prop::collection::vec(suspension(day("2024-01-01")), 0..3), percent in 1_u32..101, days_left in 0_u32..5) {
        let other = Warning::charged(percent, days_left);
        let clock = closed(Clock::new(anchor, Limit::workdays(n)).suspended_by(pauses));
        let total = i64::from(n);
        let holds = |date: NaiveDate, rule| {
            // All suspensions are known, so the days charged are counted as of the end and not as of the day.
            let walk = Walk { clock: &clock, known_on: day("2030-01-01"), resumed: false };
            let charged = clock.anchor.iter_days().skip(1).take_while(|day| *day <= date)
                .filter(|day| walk.counts(*day) && !walk.excluded(*day)).count();
            let charged = i64::try_from(charged).unwrap();
            if rule == Warning::PROMISED {
                10 * charged >= 9 * total || total - charged <= 1
            } else if rule == Warning::STATUTORY {
                total - charged <= (total / 10).max(1)
            } else {
                100 * charged >= i64::from(percent) * total || total - charged <= i64::from(days_left)
            }
        };
        for rule in [Warning::PROMISED, Warning::STATUTORY, other] {
            let from = clock.warning_from(&CALENDAR, rule).unwrap();
            prop_assert!(holds(from, rule));
            prop_assert!(from == anchor || !holds(from - Days::new(1), rule));
        }
    }

    #[test]
    fn the_days_left_never_grow_by_themselves(clock in clocks(), start in 0_u64..100) {
        // An extension gives days and a roll gives some at the end of a suspension; nothing else may.
        let clock = Clock { extensions: Vec::new(), limit: Limit::workdays(clock.limit.n), ..clock };
        let mut former = i64::MAX;
        for today in (clock.anchor + Days::new(start)).iter_days().take(60) {
            let remaining = clock.deadline(&CALENDAR, today).remaining;
            prop_assert!(remaining <= former, "{today}: {remaining} after {former}");
            former = remaining;
        }
    }

    #[test]
    fn a_suspension_never_shortens(clock in clocks(), pause in suspension(day("2024-06-01"))) {
        // An extension approved late may come in time by the suspension; that only adds.
        let clock = Clock { stopped_on: None, ..closed(clock) };
        let pause = Interval { end: pause.end.or(Some(pause.start)), ..pause };
        let more = clock.clone().suspended(pause);
        prop_assert!(more.due_on(&CALENDAR) >= clock.due_on(&CALENDAR));
        prop_assert!(more.suspended(pause).due_on(&CALENDAR) == clock.suspended(pause).due_on(&CALENDAR));
    }

    #[test]
    fn the_joint_clock_excludes_the_days_that_its_components_do(boundary in boundaries(),
            parts in prop::collection::vec(prop::collection::vec(suspension(day("2026-03-02")), 0..4), 1..4)) {
        let began_on = day("2026-03-01");
        let by_boundary = |suspensions: &[Interval]| {
            Clock::new(began_on, Limit::workdays(20)).bounded(boundary).suspended_by(suspensions.iter().copied())
        };
        let excluded = |clock: &Clock, date: NaiveDate| {
            Walk { clock, known_on: day("2030-01-01"), resumed: false }.excluded(date)
        };
        let own: Vec<Clock> = parts.iter().map(|suspensions| by_boundary(suspensions)).collect();
        let components = parts.into_iter().map(|suspensions| Component {
            starts_on: began_on,
            decided_on: None,
            decided_entered_on: None,
            suspensions,
        });
        let components: Vec<Component> = components.collect();
        let by_policy = |policy| by_boundary(&joint_suspensions(policy, boundary, &components));
        let (any, all) = (by_policy(JointPolicy::Any), by_policy(JointPolicy::All));
        for date in began_on.iter_days().take(150) {
            prop_assert_eq!(excluded(&any, date), own.iter().any(|clock| excluded(clock, date)), "any on {}", date);
            prop_assert_eq!(excluded(&all, date), own.iter().all(|clock| excluded(clock, date)), "all on {}", date);
        }
    }

    #[test]
    fn a_day_is_charged_at_most_once(clock in clocks()) {
        let clock = Clock { stopped_on: None, extensions: Vec::new(), ..closed(clock) };
        let mut former = 0;
        for today in clock.anchor.iter_days().take(120) {
            let elapsed = clock.deadline(&CALENDAR, today).elapsed;
            prop_assert!(elapsed - former == 0 || elapsed - former == 1, "{today}: {elapsed} after {former}");
            former = elapsed;
        }
    }
}
