//! Reviews: the inbox of a department, who has which, who stands in for whom, and giving opinions.

mod absence;
mod handling;
mod inbox;
mod lamp;
mod opinion;

pub use absence::{
    AbsenceRow, CancelAbsence, Colleague, RegisterAbsence, absence, absences, cancel_absence,
    colleagues, register_absence,
};
pub use handling::{Assign, Claim, KeepDraft, assign, claim, keep_draft, release};
pub use inbox::{
    InboxCounts, InboxFilter, InboxRow, count_inbox, has_review_of_case, inbox, inbox_counts,
    review, reviews_of_application, reviews_of_case,
};
pub use lamp::lamp_of_review;
pub use opinion::{GiveOpinion, give_opinion};
