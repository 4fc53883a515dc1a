//! Which days the joint clock does not charge while its components are suspended.

use chrono::NaiveDate;

use super::Interval;
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

impl Component {
    /// Whether the component waits for its decision throughout the days after `after` through the next turn.
    fn is_undecided_after(&self, after: NaiveDate) -> bool {
        self.starts_on <= after && self.decided_on.is_none_or(|decided| after < decided)
    }

    /// The day from which it is on record that the component is suspended then; `None` if it is not.
    fn suspended_after(&self, after: NaiveDate) -> Option<NaiveDate> {
        self.suspensions
            .iter()
            .filter(|interval| {
                interval.start <= after && interval.end.is_none_or(|end| after < end)
            })
            .map(|interval| interval.start_entered_on.unwrap_or(interval.start))
            .min()
    }

    /// The day from which it is on record that the component is decided then; `None` if it is not.
    fn decided_by(&self, day: NaiveDate) -> Option<NaiveDate> {
        let decided_on = self.decided_on.filter(|decided| *decided <= day)?;
        Some(self.decided_entered_on.unwrap_or(decided_on))
    }

    fn turns(&self) -> impl Iterator<Item = NaiveDate> {
        let suspensions = self
            .suspensions
            .iter()
            .flat_map(|interval| [Some(interval.start), interval.end]);
        [Some(self.starts_on), self.decided_on]
            .into_iter()
            .chain(suspensions)
            .flatten()
    }

    /// The days from which it is on record that something of the component ended on `day`.
    fn ended_on(&self, day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let suspensions = self
            .suspensions
            .iter()
            .filter(move |interval| interval.end == Some(day))
            .map(move |interval| interval.end_entered_on.unwrap_or(day));
        let decision = (self.decided_on == Some(day))
            .then(|| self.decided_entered_on.unwrap_or(day))
            .into_iter();
        suspensions.chain(decision)
    }
}

/// The suspensions of the joint clock, ascending and apart.
///
/// The state of all components changes only on the days on which something starts or ends, so it is looked at there.
/// What was entered after the fact for a component is entered after the fact for the joint clock, too: it heals no
/// breach of either.
pub fn joint_suspensions(policy: JointPolicy, components: &[Component]) -> Vec<Interval> {
    let mut turns: Vec<NaiveDate> = components.iter().flat_map(Component::turns).collect();
    turns.sort_unstable();
    turns.dedup();

    let mut joint = Vec::new();
    let mut since: Option<(NaiveDate, NaiveDate)> = None;
    for turn in turns {
        let known_from = stopped_after(policy, components, turn);
        if let (Some(known_from), Some((start, former))) = (known_from, since)
            && goes_on(turn, known_from, start, former)
        {
            continue;
        }
        if let Some((start, former)) = since.take() {
            let interval = Interval::open(start).entered(former);
            joint.push(interval.ended(turn, end_known_from(policy, components, turn)));
        }
        since = known_from.map(|known_from| (turn, known_from));
    }
    joint.extend(since.map(|(start, known_from)| Interval::open(start).entered(known_from)));
    joint
}

/// Whether the days after a turn belong to the suspension that began before: they are on record as early.
fn goes_on(turn: NaiveDate, known_from: NaiveDate, start: NaiveDate, former: NaiveDate) -> bool {
    known_from == former || (known_from <= turn && former <= start)
}

/// The day from which it is on record that the joint clock stands still after `after`; `None` if it runs.
fn stopped_after(
    policy: JointPolicy,
    components: &[Component],
    after: NaiveDate,
) -> Option<NaiveDate> {
    let undecided = || {
        components
            .iter()
            .filter(|component| component.is_undecided_after(after))
            .map(|component| component.suspended_after(after))
    };
    match policy {
        JointPolicy::None => None,
        JointPolicy::Any => undecided().flatten().min(),
        JointPolicy::All => {
            let known = undecided()
                .collect::<Option<Vec<NaiveDate>>>()?
                .into_iter()
                .max()?;
            // Those that wait for nothing any more stop it only since that is on record.
            let decided = components
                .iter()
                .filter_map(|component| component.decided_by(after));
            decided.chain([known]).max()
        }
    }
}

/// The day from which it is on record that a suspension of the joint clock ended on `day`: with the last of what
/// ended then where any of them was enough to stop it, with the first where all were needed.
fn end_known_from(policy: JointPolicy, components: &[Component], day: NaiveDate) -> NaiveDate {
    let ended = components
        .iter()
        .flat_map(|component| component.ended_on(day));
    let known = if policy == JointPolicy::Any {
        ended.max()
    } else {
        ended.min()
    };
    known.unwrap_or(day)
}
