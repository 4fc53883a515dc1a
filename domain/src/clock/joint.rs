//! Which days the joint clock does not charge while its components are suspended.

use chrono::NaiveDate;

use super::suspension::Stretch;
use super::{Boundary, Interval};
use crate::calendar::number_of;
use crate::coded;

coded! {
    /// When a suspended component stops the joint clock; 行政许可法 Art. 42(2) does not say.
    #[derive(Default)]
    pub enum JointPolicy {
        /// While any undecided component is suspended.
        #[default]
        Any = "ANY",
        /// While all undecided components are suspended.
        All = "ALL",
        /// Never.
        None = "NONE",
    }
}

/// One item of a joint application, as far as the joint clock cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// The day on which its own clock starts: unified acceptance, or for a serial component the day on which the
    /// result of its predecessor is shared.
    pub starts_on: NaiveDate,
    /// The day of its decision; from then on it suspends nothing.
    pub decided_on: Option<NaiveDate>,
    /// The day from which the decision is on record, if that is a later one (补录).
    pub decided_entered_on: Option<NaiveDate>,
    /// Its lawful suspensions.
    pub suspensions: Vec<Interval>,
}

/// Days that one suspension of a component excludes.
struct Excluded {
    days: Stretch,
    /// The day from which it is on record.
    known_from: NaiveDate,
    /// The day from which its end is on record, while it has one.
    end_known_from: Option<NaiveDate>,
}

/// A component, with the days that it excludes.
struct Part<'a> {
    component: &'a Component,
    excluded: Vec<Excluded>,
}

impl<'a> Part<'a> {
    fn of(component: &'a Component, boundary: Boundary) -> Self {
        let excluded = component.suspensions.iter().filter_map(|interval| {
            let is_cut = |decided: &NaiveDate| interval.end.is_none_or(|end| *decided < end);
            let (end, entered_on) = match component.decided_on.filter(is_cut) {
                Some(decided_on) => (Some(decided_on), component.decided_entered_on),
                None => (interval.end, interval.end_entered_on),
            };
            let start = interval.start.max(component.starts_on);
            let days = Interval {
                start,
                end,
                ..*interval
            }
            .excluded(boundary);
            (days.first <= days.last).then(|| Excluded {
                days,
                known_from: interval.start_entered_on.unwrap_or(interval.start),
                end_known_from: entered_on.or(end),
            })
        });
        Self {
            component,
            excluded: excluded.collect(),
        }
    }

    /// The days on which something of it begins, or does no more hold.
    fn turns(&self) -> impl Iterator<Item = i64> {
        let own = [Some(self.component.starts_on), self.component.decided_on];
        let own = own.into_iter().flatten().map(|day| number_of(day) + 1);
        let excluded = self.excluded.iter().flat_map(|one| {
            let after = (one.days.last != Stretch::FOR_EVER).then(|| one.days.last + 1);
            [Some(one.days.first), after]
        });
        own.chain(excluded.flatten())
    }

    /// The day from which it is on record that the component is suspended on a day; `None` if it is not.
    fn suspended_on(&self, day: i64) -> Option<NaiveDate> {
        let excluded = self.excluded.iter().filter(|one| one.days.holds(day));
        excluded.map(|one| one.known_from).min()
    }

    /// Whether it was at work when a day began, and not suspended on it.
    fn runs_on(&self, day: i64) -> bool {
        let Component {
            starts_on,
            decided_on,
            ..
        } = self.component;
        number_of(*starts_on) < day
            && decided_on.is_none_or(|decided_on| day <= number_of(decided_on))
            && self.suspended_on(day).is_none()
    }

    /// The day from which it is on record that the component was decided before a day; `None` if it was not.
    fn decided_before(&self, day: i64) -> Option<NaiveDate> {
        let decided_on = self.component.decided_on?;
        let entered_on = self.component.decided_entered_on;
        (number_of(decided_on) < day).then(|| entered_on.unwrap_or(decided_on))
    }
}

/// The suspensions of the joint clock, ascending and apart.
///
/// Each suspension is looked at by the days that it excludes, so that the joint clock keeps to the same boundary as those of
/// the components. What all of them come to changes only on the days on which something begins or ends, so it is looked
/// at there. What was entered after the fact for a component is entered after the fact for the joint clock, too: it heals no
/// breach of either.
pub fn joint_suspensions(
    policy: JointPolicy,
    boundary: Boundary,
    components: &[Component],
) -> Vec<Interval> {
    let parts = components
        .iter()
        .map(|component| Part::of(component, boundary));
    let parts: Vec<Part<'_>> = parts.collect();
    let mut turns: Vec<i64> = parts.iter().flat_map(Part::turns).collect();
    turns.sort_unstable();
    turns.dedup();

    let mut joint = Vec::new();
    let mut since: Option<(i64, NaiveDate)> = None;
    let began_on = |first: i64| {
        let last = Stretch::FOR_EVER;
        Interval::excluding(Stretch { first, last }, boundary).start
    };
    for turn in turns {
        let known_from = stopped_on(policy, &parts, turn);
        if let (Some(known_from), Some((first, former))) = (known_from, since) {
            // The days from here on belong to the suspension that began before, if they are on record as early.
            let in_time = known_from <= began_on(turn) && former <= began_on(first);
            if known_from == former || in_time {
                continue;
            }
        }
        if let Some((first, former)) = since.take() {
            let last = turn - 1;
            let interval = Interval::excluding(Stretch { first, last }, boundary).entered(former);
            let end = interval.end.unwrap_or(interval.start);
            let end_known_from = end_known_from(policy, &parts, last);
            joint.push(interval.ended(end, end_known_from.unwrap_or(end)));
        }
        since = known_from.map(|known_from| (turn, known_from));
    }
    let open = since.map(|(first, former)| Interval::open(began_on(first)).entered(former));
    joint.extend(open);
    joint
}

/// The day from which it is on record that the joint clock stands still on a day; `None` if it runs.
fn stopped_on(policy: JointPolicy, parts: &[Part<'_>], day: i64) -> Option<NaiveDate> {
    let suspended = parts.iter().filter_map(|part| part.suspended_on(day));
    match policy {
        JointPolicy::None => None,
        JointPolicy::Any => suspended.min(),
        JointPolicy::All => {
            if parts.iter().any(|part| part.runs_on(day)) {
                return None;
            }
            let known = suspended.max()?;
            // Those that wait for nothing any more stop it only since that is on record.
            let decided = parts.iter().filter_map(|part| part.decided_before(day));
            decided.chain([known]).max()
        }
    }
}

/// The day from which it is on record that a suspension of the joint clock ended with a day: with the last of what
/// ended then where any of them was enough to stop it, with the first where all were needed; `None` if nothing did.
fn end_known_from(policy: JointPolicy, parts: &[Part<'_>], last: i64) -> Option<NaiveDate> {
    let excluded = parts.iter().flat_map(|part| &part.excluded);
    let ended = excluded.filter(|one| one.days.last == last);
    let known = ended.filter_map(|one| one.end_known_from);
    if policy == JointPolicy::Any {
        known.max()
    } else {
        known.min()
    }
}
