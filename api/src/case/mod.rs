//! Applications and their cases: submit, accept, decide, deliver; and reading them.
//!
//! Every use case is four lines: load, decide, save, append events. What is decided is decided in
//! `lianshen_domain::application`.

mod accept;
mod act;
mod announced_before;
mod as_of;
mod batch;
mod cards;
mod clocks;
mod consultation;
mod correction;
mod counted;
mod decide;
mod deliver;
mod desk;
mod ending;
mod handed_in;
mod history;
mod hold;
mod joined;
mod lamp;
mod lapsed;
mod licence;
mod mapping;
mod material;
mod mediation;
mod missing;
mod moves;
mod outlook;
mod paper;
mod procedure;
mod progress;
mod reach;
mod read;
mod recount;
mod reopen;
mod reproject;
mod revocation;
mod rules;
mod serials;
mod sharing;
mod shown;
mod signature;
mod step;
mod store;
mod submit;
mod submit_rows;
mod supervise;
mod sweep;
mod view;
mod visibility;
mod visit;

pub use accept::{Accept, accept};
pub use as_of::{AsOf, as_of, what_if};
pub use consultation::{
    ARTICLE_MAX, AskForOpinions, OpinionsPreview, WantedOpinion, WithdrawOpinion, ask_opinions,
    awaited_departments, conflicts_of, give_opinion_among_others, preview_opinions,
    withdraw_opinion,
};
pub use correction::{
    ExtendSupplement, Note, NoticeCorrection, Point, RefuseAcceptance, correct_on_the_spot,
    extend_supplement, hand_in_missing, notice_correction, refuse_acceptance, supplement,
};
pub use counted::recount_tally;
pub use decide::{Decide, decide};
pub use deliver::{Deliver, DeliveryNote, announce_results, deliver, fail_delivery};
pub use ending::{EndCase, Withdraw, ask_void, confirm_void, issue_paper, terminate, withdraw};
pub use handed_in::{HandedIn, material_faults};
pub use history::{ItemOf, histories_of};
pub use hold::{Held, HeldReview, hold_review};
pub use joined::{
    CaseReadWithApplication, CaseReadWithReviews, CaseWithReviews, anybodys_cases_of,
    application_with_cases, case_with_application, cases_of, cases_with_applications, whole_case,
};
pub use lamp::{ended_on, lamp_of_case};
pub use licence::{EndLicence, end_licence};
pub use mapping::{
    case_row, conditions_of, consultation_of, draft_of, former_of, kept, place_of_review,
    review_row,
};
pub use material::{ReplaceMaterial, expect_readable, is_relied_on, replace_material};
pub use mediation::{
    ClimbMediation, OnMediation, OpenedMediation, RecordMinority, SettleMediation, TakePosition,
    climb_mediation, mediation, mediation_due_on, mediations_of, open_mediation, record_minority,
    settle_mediation, take_position,
};
pub use missing::{
    MissingOf, OnReport, ReportPoint, ReportView, SendNotice, may_read_merged, may_read_report,
    missing_of, report_complete, report_missing, report_view, send_merged_notice,
};
pub use moves::{Moved, Moves, moves};
pub use outlook::outlook_of;
pub use procedure::{
    AskMaterial, BeginProcedure, EndProcedure, ExtendApplication, ExtendCase, OnCase,
    ReceiveMaterial, RenotifyProcedure, ask_material, begin_procedure, end_procedure,
    extend_application, extend_case, receive_material, renotify_procedure,
};
pub use progress::{CaseProgress, EventLine, EventWithWords, Progress, ProgressShows, progress};
pub use read::{
    ApplicationFilter, ApplicationRead, ApplicationRow, CaseExtent, CaseFilter, CaseRead, CaseRow,
    DocumentRow, EventRow, Extent, MaterialRow, ReviewRead, ReviewRow, Timeline, application,
    application_by_receipt, applications, applications_by_id, cases_by_id, count_applications,
    count_cases, documents_of, event, events_of, materials_of,
};
pub use recount::{Recount, recount};
pub use reopen::{ReturnReview, return_review};
pub use reproject::{Reprojected, reproject};
pub use revocation::{Reopen, reopen};
pub use rules::RuleBook;
pub use sharing::{
    AddMaterial, Brought, SharingAsk, SharingCase, SharingRow, add_material, end_request,
    postpone_request, requests_due, requests_of,
};
pub use shown::{
    holds_papers, may_read_department, may_see_clock, may_see_inner_work, may_see_outlook,
    may_see_owed,
};
pub use signature::{Signatures, sign, verify_signatures};
pub use step::{next_step, touches_more_than_its_step};
pub use store::{save_cases, save_reviews};
pub use submit::{RenewalOf, Submit, submit};
pub use supervise::{CardFilter, CardRow, cards, cards_of, count_cards};
pub use sweep::{SweepReport, sweep};
pub use view::{clocks_of_application, clocks_of_case, courses_of};
pub use visibility::{not_concerned, reviews_visible_to, visible_to};
pub use visit::{
    CalledDepartment, CancelVisit, Conclude, MendDefect, MoveVisit, NamePersons, OnVisit,
    RecordVisit, VisitCall, VisitDefect, VisitLine, call_visit, cancel_visit, conclude,
    may_read_visit, mend_defect, move_visit, name_persons, record_visit, visit, visits_of,
};
