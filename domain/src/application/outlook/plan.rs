//! Cases as a plan: when each begins and ends if the forecasts come true, which chain of them makes the whole as long as it
//! is, and by how much the others may be later.

use chrono::{Days, NaiveDate};

use crate::calendar::Calendar;

/// A case of a plan.
pub(super) struct Task<'a> {
    /// The places of those that must have ended before it begins.
    pub(super) after: Vec<usize>,
    /// The day on which it began; `None` for one that waits.
    pub(super) began_on: Option<NaiveDate>,
    /// The day on which it ends if it begins on a day: not before that day, and no sooner for a later one.
    pub(super) ends: Box<dyn Fn(NaiveDate) -> NaiveDate + 'a>,
    /// The working days of its department.
    pub(super) calendar: &'a Calendar,
}

/// What a plan says of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    /// The day on which it began or will begin.
    pub(super) starts_on: NaiveDate,
    /// The day on which it will end.
    pub(super) ends_on: NaiveDate,
    /// By how many working days of its department it may end later without making the whole later.
    pub(super) slack: i64,
}

/// A plan of cases that have not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Its cases, in the order of the tasks.
    pub(super) cases: Vec<Planned>,
    /// The day on which the last of them ends.
    pub(super) ends_on: NaiveDate,
    /// The chain that leads to that day, by places, the first first.
    pub(super) critical_path: Vec<usize>,
}

impl Plan {
    /// A plan; `None` without a case, and for cases that wait for each other in a circle.
    pub(super) fn of(tasks: &[Task<'_>]) -> Option<Self> {
        let order = order(tasks)?;
        let mut spans: Vec<Option<(NaiveDate, NaiveDate)>> = vec![None; tasks.len()];
        for at in &order {
            let task = &tasks[*at];
            let ended = task.after.iter().filter_map(|before| spans[*before]);
            let free_on = ended.map(|(_, ends_on)| ends_on).max();
            let starts_on = task.began_on.or(free_on)?;
            spans[*at] = Some((starts_on, (task.ends)(starts_on)));
        }
        let spans: Vec<(NaiveDate, NaiveDate)> = spans.into_iter().flatten().collect();
        // Of several that end last the first counts, so that the answer is the same each time.
        let last = first_latest(0..spans.len(), &spans)?;
        let ends_on = spans[last].1;
        let latest = latest_ends(tasks, &order, &spans, ends_on);
        let cases = tasks.iter().zip(&spans).zip(latest);
        Some(Self {
            cases: cases
                .map(|((task, (starts_on, ends_on)), latest)| Planned {
                    starts_on: *starts_on,
                    ends_on: *ends_on,
                    slack: task.calendar.workdays_between(*ends_on, latest),
                })
                .collect(),
            ends_on,
            critical_path: path_to(last, tasks, &spans),
        })
    }
}

/// An order in which each comes after those that it waits for; `None` if there is none.
fn order(tasks: &[Task<'_>]) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = Vec::with_capacity(tasks.len());
    while order.len() < tasks.len() {
        let is_next = |at: &usize| {
            let after = &tasks[*at].after;
            !order.contains(at) && after.iter().all(|before| order.contains(before))
        };
        order.push((0..tasks.len()).find(is_next)?);
    }
    Some(order)
}

/// The last day on which each may end so that the whole ends no later.
///
/// It is searched for and not added up: departments have calendars of their own, and a period in calendar days swallows a
/// delay where it rolls over a weekend. So the slack is exact, whatever the units.
fn latest_ends(
    tasks: &[Task<'_>],
    order: &[usize],
    spans: &[(NaiveDate, NaiveDate)],
    end: NaiveDate,
) -> Vec<NaiveDate> {
    let mut latest = vec![end; tasks.len()];
    for at in order.iter().rev() {
        let task = &tasks[*at];
        if task.began_on.is_some() {
            continue;
        }
        let start = latest_start(task, spans[*at].0, latest[*at]);
        for before in &task.after {
            latest[*before] = latest[*before].min(start);
        }
    }
    latest
}

/// The last day, from a start that is early enough, from which a case ends in time.
fn latest_start(task: &Task<'_>, start: NaiveDate, latest: NaiveDate) -> NaiveDate {
    let later = |days: u64| start.checked_add_days(Days::new(days)).unwrap_or(start);
    let (mut early, mut late) = (0, (latest - start).num_days().unsigned_abs());
    while early < late {
        let middle = (early + late).div_ceil(2);
        if (task.ends)(later(middle)) <= latest {
            early = middle;
        } else {
            late = middle - 1;
        }
    }
    later(early)
}

/// The chain that leads to a case: each waited for the one before it.
fn path_to(last: usize, tasks: &[Task<'_>], spans: &[(NaiveDate, NaiveDate)]) -> Vec<usize> {
    let mut path = vec![last];
    let mut at = last;
    while tasks[at].began_on.is_none()
        && let Some(before) = first_latest(tasks[at].after.iter().copied(), spans)
    {
        path.push(before);
        at = before;
    }
    path.reverse();
    path
}

/// The first of those that end last.
fn first_latest(
    places: impl Iterator<Item = usize>,
    spans: &[(NaiveDate, NaiveDate)],
) -> Option<usize> {
    places.min_by_key(|at| (std::cmp::Reverse(spans[*at].1), *at))
}
