//! What has begun: a `pong` says that everything that was sent before its `ping` has.

use std::collections::{BTreeSet, VecDeque};

/// Operations that have not begun, and the pings that wait for them.
#[derive(Debug, Default)]
pub(super) struct Starting {
    waiting: BTreeSet<u64>,
    /// How many pings came after an operation and before the next.
    pings: VecDeque<(u64, u32)>,
}

impl Starting {
    /// An operation is to begin; later ones have greater numbers.
    pub(super) fn begins(&mut self, number: u64) {
        self.waiting.insert(number);
    }

    /// An operation has begun, or ended without. Answers how many pings are to be answered now.
    pub(super) fn has_begun(&mut self, number: u64) -> u32 {
        self.waiting.remove(&number);
        let first = self.waiting.first().copied().unwrap_or(u64::MAX);
        let mut due = 0;
        while let Some((_, pings)) = self.pings.pop_front_if(|(last, _)| *last < first) {
            due += pings;
        }
        due
    }

    /// A ping came after the operation of this number; whether it is to be answered at once.
    pub(super) fn ping(&mut self, last: u64) -> bool {
        if self.waiting.is_empty() {
            return true;
        }
        match self.pings.back_mut() {
            Some((number, pings)) if *number == last => *pings += 1,
            _ => self.pings.push_back((last, 1)),
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_is_answered_when_what_came_before_it_has_begun() {
        let mut starting = Starting::default();
        assert!(starting.ping(0), "nothing was asked");
        starting.begins(1);
        assert!(!starting.ping(1));
        starting.begins(2);
        assert!(!starting.ping(2));
        assert!(!starting.ping(2));
        assert_eq!(starting.has_begun(2), 0, "the first has not");
        assert_eq!(starting.has_begun(1), 3);
        assert_eq!(starting.has_begun(1), 0);
        assert!(starting.ping(2));
    }
}
