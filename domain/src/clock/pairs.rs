//! Which suspension an end ends.

use std::collections::BTreeMap;

use super::{Act, ActKind, ClockKind};
use crate::code::Code as _;

/// What an end ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// The act that began the suspension, by its place in the list.
    pub begun: usize,
    /// The clocks for which it ended.
    pub clocks: Vec<ClockKind>,
}

/// The suspension that each end among acts ends, by the place of the end: the last one that is open for one of its clocks
/// and that it names, or the last of all where it names none. It makes no difference whether that one stopped a clock.
pub(super) fn pairs(acts: &[Act]) -> BTreeMap<usize, Pair> {
    let mut open: Vec<Pair> = Vec::new();
    let mut pairs = BTreeMap::new();
    for (at, act) in acts.iter().enumerate() {
        match act.kind {
            ActKind::Suspend => open.push(Pair {
                begun: at,
                clocks: clocks_of(act),
            }),
            ActKind::Resume => {
                let ends = clocks_of(act);
                let fits = |pair: &Pair| {
                    is_meant(&acts[pair.begun], act)
                        && pair.clocks.iter().any(|kind| ends.contains(kind))
                };
                let Some(place) = open.iter().rposition(fits) else {
                    continue;
                };
                let begun = open[place].begun;
                let (mut clocks, left): (Vec<_>, Vec<_>) = open[place]
                    .clocks
                    .iter()
                    .partition(|kind| ends.contains(kind));
                open[place].clocks = left;
                if open[place].clocks.is_empty() {
                    open.remove(place);
                    // The notified time is that of the procedure, whichever clocks it stops.
                    clocks.push(ClockKind::Special);
                }
                pairs.insert(at, Pair { begun, clocks });
            }
            _ => {}
        }
    }
    pairs
}

/// Whether a suspension is the one that an act names: itself, or its reason; an act that names neither means any.
pub(super) fn is_meant(begun: &Act, act: &Act) -> bool {
    match (&act.procedure, &act.reason) {
        (Some(_), _) => act.procedure == begun.procedure,
        (None, Some(_)) => act.reason == begun.reason,
        (None, None) => true,
    }
}

fn clocks_of(act: &Act) -> Vec<ClockKind> {
    let about = ClockKind::ALL.iter().filter(|kind| act.is_about(**kind));
    about
        .copied()
        .filter(|kind| *kind != ClockKind::Special)
        .collect()
}
