//! Applications and their cases: submit, accept, decide, deliver; and reading them.
//!
//! Every use case is four lines: load, decide, save, append events. What is decided is decided in
//! `lianshen_domain::application`.

mod accept;
mod clocks;
mod decide;
mod deliver;
mod mapping;
mod paper;
mod read;
mod serials;
mod store;
mod submit;
mod submit_rows;
mod sweep;
mod visibility;

pub use accept::{Accept, accept};
pub use clocks::{case_clocks, joint_clocks};
pub use decide::{Decide, decide};
pub use deliver::{Deliver, deliver};
pub use mapping::{case_row, review_row};
pub use read::{
    ApplicationFilter, ApplicationRow, CaseFilter, CaseRow, CaseWithReviews, DocumentRow, EventRow,
    MaterialRow, Progress, ReviewRow, application, application_by_receipt, applications,
    applications_by_id, case, cases, cases_by_id, cases_of, count_applications, count_cases,
    documents_of, event, events_of, materials_of, progress,
};
pub use store::{
    Held, expect_version, hold_by_case, hold_by_review, review_and_case, save_cases, save_reviews,
};
pub use submit::{HandedIn, Submit, Submitted, submit};
pub use sweep::{SweepReport, sweep};
pub use visibility::{may_read_department, visible_to};
