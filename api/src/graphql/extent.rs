//! How much an answer shows of rows that can be read in part.

use async_graphql::{Lookahead, SelectionField};

use crate::case::Extent;

/// All is read where one of these objects is asked for more than is read of it in lists: the object, and its fields that
/// need no more.
pub(super) fn of(shown: &[(&Lookahead<'_>, &[&str])]) -> Extent {
    let asks_beyond = |(object, head): &(&Lookahead<'_>, &[&str])| {
        let objects = object.selection_fields();
        let mut asked = objects.iter().flat_map(SelectionField::selection_set);
        asked.any(|field| !head.contains(&field.name()))
    };
    if shown.iter().any(asks_beyond) {
        Extent::Rows
    } else {
        Extent::Heads
    }
}
