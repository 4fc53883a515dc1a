//! Reviews: the inbox of a department, claiming, and giving opinions.

mod inbox;
mod lamp;
mod opinion;

pub use inbox::{
    InboxCounts, InboxFilter, InboxRow, count_inbox, inbox, inbox_counts, review, reviews_of_case,
};
pub use lamp::lamp_of_review;
pub use opinion::{Claim, GiveOpinion, claim, give_opinion, release};
