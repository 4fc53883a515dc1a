//! The tally (统计计数): how many cases and cards there are of each, kept as they come and go, so that a dashboard costs the
//! same however many there were.
//!
//! Every act adds what it changes as a row of its own, in the statement of its other rows: no two acts wait for each
//! other. A reader adds up the tally and the changes that are not folded in yet, in one statement, and so is exact at
//! every moment. A loop folds the changes in ([`fold`]). What counts for what is said by [`lianshen_domain::tally`].

mod dashboard;
mod recount;
mod store;
mod writes;

pub use dashboard::{Dashboard, dashboard};
pub use recount::{Found, Recount, mend};
pub use store::{ROUND, fold};
pub use writes::CountedWrites;
