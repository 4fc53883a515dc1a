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
    /// Its lawful suspensions.
    pub suspensions: Vec<Interval>,
}

impl Component {
    /// Whether the component waits for its decision throughout the days after `after` through the next turn.
    fn is_undecided_after(&self, after: NaiveDate) -> bool {
        self.starts_on <= after && self.decided_on.is_none_or(|decided| after < decided)
    }

    fn is_suspended_after(&self, after: NaiveDate) -> bool {
        self.suspensions
            .iter()
            .any(|interval| interval.start <= after && interval.end.is_none_or(|end| after < end))
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
}

/// The suspensions of the joint clock, ascending and apart.
///
/// The state of all components changes only on the days on which something starts or ends, so it is looked at there.
pub fn joint_suspensions(policy: JointPolicy, components: &[Component]) -> Vec<Interval> {
    let mut turns: Vec<NaiveDate> = components.iter().flat_map(Component::turns).collect();
    turns.sort_unstable();
    turns.dedup();

    let mut joint = Vec::new();
    let mut since = None;
    for turn in turns {
        match (stops(policy, components, turn), since) {
            (true, None) => since = Some(turn),
            (false, Some(start)) => {
                joint.push(Interval::closed(start, turn));
                since = None;
            }
            _ => {}
        }
    }
    joint.extend(since.map(Interval::open));
    joint
}

fn stops(policy: JointPolicy, components: &[Component], after: NaiveDate) -> bool {
    let mut undecided = components
        .iter()
        .filter(|component| component.is_undecided_after(after))
        .peekable();
    match policy {
        JointPolicy::None => false,
        JointPolicy::Any => undecided.any(|component| component.is_suspended_after(after)),
        JointPolicy::All => {
            undecided.peek().is_some()
                && undecided.all(|component| component.is_suspended_after(after))
        }
    }
}
