//! What an act writes, with what it changes in the tally: neither is sent without the other.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use lianshen_domain::tally::{Counted, Differences};

use super::store::change_row;
use crate::db::{Tx, Writes};
use crate::error::AppError;

/// Rows to be written, and what they change in the tally.
#[derive(Default)]
#[must_use = "nothing is written before it is sent"]
pub struct CountedWrites {
    rows: Writes,
    /// By region.
    changes: BTreeMap<String, Differences>,
}

impl CountedWrites {
    /// Notes that a row of a department counts for something else than before.
    pub fn count(
        &mut self,
        (region, department): (&str, &str),
        before: &[Counted],
        after: &[Counted],
    ) {
        if before == after {
            return;
        }
        let changes = self.changes.entry(region.to_owned()).or_default();
        changes.add(department, before, -1);
        changes.add(department, after, 1);
    }

    /// Writes all of it, as [`Writes::send`].
    ///
    /// # Errors
    /// As there.
    pub async fn send(mut self, tx: &Tx) -> Result<(), AppError> {
        let changes = self.changes.iter();
        let rows = changes
            .filter(|(_, changes)| !changes.is_empty())
            .map(|(region, changes)| change_row(region, changes));
        self.rows.insert(rows);
        self.rows.send(tx).await
    }
}

impl Deref for CountedWrites {
    type Target = Writes;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

impl DerefMut for CountedWrites {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.rows
    }
}
