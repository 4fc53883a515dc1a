//! Everything that people can do to an application, as one value: sent over the wire, or done by the pure core.

use chrono::NaiveDate;
use lianshen_domain::actor::Action;
use lianshen_domain::code::Code as _;
use lianshen_domain::consultation::{CompletionRule, OpinionPart};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _, ReviewId};
use lianshen_domain::item::SpecialProcedureKind;
use lianshen_domain::review::OpinionKind;
use serde_json::{Value, json};

use super::answer::Answer;
use super::client::Client;
use super::documents;
use super::world::new_key;

/// What all who give reasons give.
pub const REASONS: &str = "见现场核查记录";

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Accept,
    Notice(Option<u32>),
    ExtendSupplement(u32),
    Supplement,
    CorrectOnTheSpot,
    NotRequired(CaseId),
    NotCompetent(CaseId),
    Claim(ReviewId),
    Release(ReviewId),
    Give(ReviewId, OpinionKind),
    Ask(CaseId, Vec<(String, OpinionPart)>, CompletionRule),
    TakeBack(ReviewId),
    Replace(ReviewId, String),
    /// Granted, or not; with reasons, or not.
    Decide(CaseId, bool, bool),
    Begin(CaseId, SpecialProcedureKind, u32),
    Renotify(CaseId, SpecialProcedureKind, u32),
    End(CaseId, SpecialProcedureKind),
    Extend(CaseId, u32),
    ExtendJoint(u32),
    AskMaterial(CaseId, String),
    ReceiveMaterial(CaseId),
    Withdraw(Option<CaseId>),
    Terminate(CaseId),
    AskVoid(CaseId),
    ConfirmVoid(CaseId),
    Announce,
    FailDelivery,
    Deliver,
}

/// Whom a deed concerns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The window.
    Window,
    /// The applicant, or the window on their behalf.
    Applicant,
    /// The department of the case.
    Department,
    /// The window, or the department of the case.
    WindowOrDepartment,
    /// The department that leads.
    Lead,
    /// The department of the case, or that which leads.
    DepartmentOrLead,
    /// The department of the review.
    Review,
}

impl Deed {
    /// The name of the mutation.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accept => "applicationAccept",
            Self::Notice(_) => "applicationNoticeCorrection",
            Self::ExtendSupplement(_) => "applicationExtendSupplement",
            Self::Supplement => "applicationSupplement",
            Self::CorrectOnTheSpot => "applicationCorrectOnTheSpot",
            Self::NotRequired(_) | Self::NotCompetent(_) => "caseRefuseAcceptance",
            Self::Claim(_) => "reviewClaim",
            Self::Release(_) => "reviewRelease",
            Self::Give(..) => "reviewGiveOpinion",
            Self::Ask(..) => "caseAskOpinions",
            Self::TakeBack(_) => "reviewWithdraw",
            Self::Replace(..) => "reviewReplace",
            Self::Decide(..) => "caseDecide",
            Self::Begin(..) => "caseBeginSpecialProcedure",
            Self::Renotify(..) => "caseRenotifySpecialProcedure",
            Self::End(..) => "caseEndSpecialProcedure",
            Self::Extend(..) => "caseExtend",
            Self::ExtendJoint(_) => "applicationExtend",
            Self::AskMaterial(..) => "caseAskMaterial",
            Self::ReceiveMaterial(_) => "caseReceiveMaterial",
            Self::Withdraw(_) => "applicationWithdraw",
            Self::Terminate(_) => "caseTerminate",
            Self::AskVoid(_) => "caseAskVoid",
            Self::ConfirmVoid(_) => "caseConfirmVoid",
            Self::Announce => "applicationAnnounceResults",
            Self::FailDelivery => "applicationFailDelivery",
            Self::Deliver => "applicationDeliver",
        }
    }

    /// What the role must be allowed to, and whom the deed concerns.
    pub fn right(&self) -> (Action, Reach) {
        match self {
            Self::Accept
            | Self::Notice(_)
            | Self::ExtendSupplement(_)
            | Self::CorrectOnTheSpot
            | Self::NotRequired(_)
            | Self::NotCompetent(_) => (Action::AcceptApplication, Reach::Window),
            Self::Supplement | Self::ReceiveMaterial(_) | Self::Withdraw(_) => {
                (Action::ActForApplicant, Reach::Applicant)
            }
            Self::Claim(_) | Self::Release(_) | Self::Give(..) => (Action::Review, Reach::Review),
            Self::Ask(..) | Self::TakeBack(_) | Self::Replace(..) => {
                (Action::Consult, Reach::DepartmentOrLead)
            }
            Self::Decide(..) => (Action::Decide, Reach::Department),
            Self::Begin(..) | Self::Renotify(..) | Self::End(..) | Self::AskMaterial(..) => {
                (Action::RunProcedure, Reach::Department)
            }
            Self::Extend(..) => (Action::Extend, Reach::Department),
            Self::ExtendJoint(_) => (Action::ExtendJoint, Reach::Lead),
            Self::Terminate(_) => (Action::Terminate, Reach::Department),
            Self::AskVoid(_) | Self::ConfirmVoid(_) => (Action::Void, Reach::WindowOrDepartment),
            Self::Announce | Self::FailDelivery | Self::Deliver => {
                (Action::DeliverResults, Reach::Window)
            }
        }
    }

    /// The case that it names.
    pub fn case(&self) -> Option<CaseId> {
        match self {
            Self::NotRequired(case)
            | Self::NotCompetent(case)
            | Self::Ask(case, ..)
            | Self::Decide(case, ..)
            | Self::Begin(case, ..)
            | Self::Renotify(case, ..)
            | Self::End(case, _)
            | Self::Extend(case, _)
            | Self::AskMaterial(case, _)
            | Self::ReceiveMaterial(case)
            | Self::Terminate(case)
            | Self::AskVoid(case)
            | Self::ConfirmVoid(case) => Some(*case),
            _ => None,
        }
    }

    /// The review that it names.
    pub fn review(&self) -> Option<ReviewId> {
        match self {
            Self::Claim(review)
            | Self::Release(review)
            | Self::Give(review, _)
            | Self::TakeBack(review)
            | Self::Replace(review, _) => Some(*review),
            _ => None,
        }
    }

    /// Whether it may be dated to an earlier day.
    pub fn is_dated(&self) -> bool {
        self.review().is_none()
    }

    /// Somebody does it, dated to a day if one is given.
    pub async fn done_by(
        &self,
        who: &Client,
        application: ApplicationId,
        today: NaiveDate,
        on: Option<NaiveDate>,
    ) -> Answer {
        let mut input = self.words(on.unwrap_or(today));
        if let Some(review) = self.review() {
            input["reviewId"] = json!(review.wire());
        } else if let Some(case) = self.case() {
            input["caseId"] = json!(case.wire());
        } else {
            input["applicationId"] = json!(application.wire());
        }
        if !matches!(self, Self::Claim(_) | Self::Release(_)) {
            input["idempotencyKey"] = json!(new_key());
        }
        if self.is_dated()
            && let Some(on) = on
        {
            input["happenedOn"] = json!(on.to_string());
        }
        let document: &str = match self {
            Self::Claim(_) => &documents::CLAIM,
            Self::Release(_) => &documents::RELEASE,
            Self::Give(..) => &documents::GIVE_OPINION,
            Self::Ask(..) => &documents::ASK_OPINIONS,
            Self::TakeBack(_) => &documents::WITHDRAW_OPINION,
            Self::Replace(..) => &documents::REPLACE_OPINION,
            other => &documents::act(other.name()),
        };
        who.act(document, input).await
    }

    /// What its input says beside what it is about.
    fn words(&self, on: NaiveDate) -> Value {
        let limit = |days: u32| json!({ "n": days, "unit": "WORKDAY" });
        match self {
            Self::Notice(days) => {
                json!({ "points": [{ "text": "缺平面图", "basis": "申请条件第一项" }], "supplementDays": days })
            }
            Self::ExtendSupplement(days) => json!({ "days": days, "reasons": REASONS }),
            Self::Supplement | Self::CorrectOnTheSpot | Self::ReceiveMaterial(_) => {
                json!({ "text": "平面图" })
            }
            Self::NotRequired(_) => json!({ "kind": "NOT_REQUIRED", "reasons": REASONS }),
            Self::NotCompetent(_) => json!({ "kind": "NOT_COMPETENT", "reasons": REASONS }),
            Self::Give(_, kind) => json!({ "opinion": kind.code(), "reasons": REASONS }),
            Self::Ask(_, wanted, rule) => {
                let one = |(department, part): &(String, OpinionPart)| json!({ "departmentCode": department, "part": part.code() });
                json!({ "question": REASONS, "rule": rule.code(), "opinions": wanted.iter().map(one).collect::<Vec<_>>() })
            }
            Self::TakeBack(_) | Self::Terminate(_) | Self::AskVoid(_) => {
                json!({ "reasons": REASONS })
            }
            Self::Replace(_, department) => {
                json!({ "departmentCode": department, "reasons": REASONS })
            }
            Self::Decide(_, granted, reasons) => {
                let decision = if *granted { "GRANT" } else { "REFUSE" };
                json!({ "decision": decision, "reasons": reasons.then_some(REASONS) })
            }
            Self::Begin(_, kind, days) => {
                json!({ "procedure": kind.code(), "expected": limit(*days), "noticeDeliveredOn": on.to_string() })
            }
            Self::Renotify(_, kind, days) => {
                json!({ "procedure": kind.code(), "expected": limit(*days), "reasons": REASONS })
            }
            Self::End(_, kind) => json!({ "procedure": kind.code(), "finding": "合格" }),
            Self::Extend(_, days) => {
                json!({ "days": days, "approvedBy": "AGENCY_HEAD", "reasons": REASONS })
            }
            Self::ExtendJoint(days) => {
                json!({ "days": days, "approvedBy": "LOCAL_GOVERNMENT_HEAD", "reasons": REASONS })
            }
            Self::AskMaterial(_, code) => json!({ "materials": [code], "reasons": REASONS }),
            Self::Withdraw(case) => json!({ "onlyCaseId": case.map(CaseId::wire) }),
            Self::Announce | Self::FailDelivery => json!({ "text": "短信告知" }),
            Self::Deliver => json!({ "receivedBy": "王小明" }),
            Self::Accept | Self::Claim(_) | Self::Release(_) | Self::ConfirmVoid(_) => json!({}),
        }
    }
}
