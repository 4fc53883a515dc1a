//! Everything that people can do to an application, as one value: sent over the wire, or done by the pure core.

mod mediation;
mod visit;

use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor};
use lianshen_domain::application::{AskOpinions, CallVisit, Wanted};
use lianshen_domain::code::Code as _;
use lianshen_domain::consultation::{CompletionRule, OpinionPart};
use lianshen_domain::ids::{
    ApplicationId, CaseId, Id as _, MaterialId, MediationId, ReviewId, VisitId,
};
use lianshen_domain::item::SpecialProcedureKind;
use lianshen_domain::rejected::Rejected;
use lianshen_domain::review::{Condition, Opinion, OpinionKind};
use serde_json::{Value, json};

pub use mediation::InMediation;
pub use visit::AtVisit;

use super::answer::Answer;
use super::client::Client;
use super::documents;
use super::world::new_key;

/// What all who give reasons give.
pub const REASONS: &str = "见现场核查记录";

/// Who revokes what was refused, and in which document.
pub const REVOKED_BY: &str = "滨澜县人民政府";
/// See [`REVOKED_BY`].
pub const REVOKED_IN: &str = "滨政复决〔2026〕3号";

/// What a notice that is written by hand names.
pub const BY_HAND: &str = "缺平面图";
/// The article or condition on which people rest what they say.
pub const BASIS: &str = "申请条件第一项";

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
    Give(ReviewId, Said),
    Draft(ReviewId, OpinionKind),
    Assign(ReviewId, Box<Actor>),
    Return(ReviewId),
    Ask(CaseId, AskOpinions),
    TakeBack(ReviewId),
    Replace(ReviewId, String),
    /// Granted, or not; with reasons, or not.
    Decide(CaseId, bool, bool),
    /// The refusal is revoked for how it came about, by a document that came in on the day of its date.
    Reopen(CaseId),
    Begin(CaseId, SpecialProcedureKind, u32),
    Renotify(CaseId, SpecialProcedureKind, u32),
    End(CaseId, SpecialProcedureKind),
    Extend(CaseId, u32),
    ExtendJoint(u32),
    AskMaterial(CaseId, String),
    ReceiveMaterial(CaseId),
    /// A version, by another one whose file is told apart by this digit.
    ReplaceMaterial(MaterialId, char),
    ReportMissing(CaseId, Vec<Missed>),
    ReportComplete(CaseId),
    SendMergedNotice(Option<u32>),
    CallVisit(CallVisit),
    AtVisit(VisitId, AtVisit),
    OpenMediation(CaseId, [ReviewId; 2]),
    InMediation(MediationId, InMediation),
    Withdraw(Option<CaseId>),
    Terminate(CaseId),
    AskVoid(CaseId),
    ConfirmVoid(CaseId),
    IssuePaper(CaseId),
    /// The results of one case, or all.
    Announce(Option<CaseId>),
    FailDelivery(Option<CaseId>),
    Deliver(Option<CaseId>),
}

/// An opinion about to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub kind: OpinionKind,
    /// The categories of its conditions.
    pub on: Vec<&'static str>,
    /// The one material on which it relies; all if none is named.
    pub relying_on: Option<MaterialId>,
}

impl Said {
    /// The opinion, checked.
    ///
    /// # Errors
    /// What `Opinion` refuses.
    pub fn opinion(&self) -> Result<Opinion, Rejected> {
        let condition = |category: &&str| Condition {
            category: (*category).to_owned(),
            text: "开业前完成".to_owned(),
            article: BASIS.to_owned(),
        };
        let opinion = Opinion::try_new(self.kind, Some(REASONS.to_owned()))?;
        let opinion = opinion.on_condition(self.on.iter().map(condition).collect())?;
        opinion.relying_on(self.relying_on.map(|material| vec![material]))
    }
}

/// Something that a department misses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    pub text: &'static str,
    pub material: Option<String>,
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
    /// Who sends the merged notice.
    Sender,
    /// Who calls departments together.
    Convener,
    /// A department that was called to the visit.
    Called(VisitId),
    /// Who opens a mediation.
    Mediator,
    /// Whoever sees the mediation.
    Mediation(MediationId),
}

impl Deed {
    /// A plain opinion.
    pub fn give(review: ReviewId, kind: OpinionKind) -> Self {
        let said = Said {
            kind,
            on: Vec::new(),
            relying_on: None,
        };
        Self::Give(review, said)
    }

    /// A question to departments, each with what its opinion counts for.
    pub fn ask(case: CaseId, of: Vec<(String, OpinionPart)>, rule: CompletionRule) -> Self {
        let of = of.into_iter();
        let wanted = of.map(|(department, part)| Wanted {
            department,
            part,
            days: None,
            veto_article: None,
        });
        let ask = AskOpinions {
            question: REASONS.to_owned(),
            rule,
            at_least: None,
            wanted: wanted.collect(),
        };
        Self::Ask(case, ask)
    }

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
            Self::Draft(..) => "reviewDraftOpinion",
            Self::Assign(..) => "reviewAssign",
            Self::Return(_) => "reviewReturn",
            Self::Ask(..) => "caseAskOpinions",
            Self::TakeBack(_) => "reviewWithdraw",
            Self::Replace(..) => "reviewReplace",
            Self::Decide(..) => "caseDecide",
            Self::Reopen(_) => "caseReopen",
            Self::Begin(..) => "caseBeginSpecialProcedure",
            Self::Renotify(..) => "caseRenotifySpecialProcedure",
            Self::End(..) => "caseEndSpecialProcedure",
            Self::Extend(..) => "caseExtend",
            Self::ExtendJoint(_) => "applicationExtend",
            Self::AskMaterial(..) => "caseAskMaterial",
            Self::ReceiveMaterial(_) => "caseReceiveMaterial",
            Self::ReplaceMaterial(..) => "applicationReplaceMaterial",
            Self::ReportMissing(..) => "caseReportMissing",
            Self::ReportComplete(_) => "caseReportComplete",
            Self::SendMergedNotice(_) => "applicationSendMergedNotice",
            Self::CallVisit(_) => "applicationCallVisit",
            Self::AtVisit(_, act) => act.name(),
            Self::OpenMediation(..) => "caseOpenMediation",
            Self::InMediation(_, act) => act.name(),
            Self::Withdraw(_) => "applicationWithdraw",
            Self::Terminate(_) => "caseTerminate",
            Self::AskVoid(_) => "caseAskVoid",
            Self::ConfirmVoid(_) => "caseConfirmVoid",
            Self::IssuePaper(_) => "caseIssuePaper",
            Self::Announce(_) => "applicationAnnounceResults",
            Self::FailDelivery(_) => "applicationFailDelivery",
            Self::Deliver(_) => "applicationDeliver",
        }
    }

    /// What the role of somebody of a department must be allowed to, and whom the deed concerns.
    pub fn right(&self, own: Option<&str>) -> (Action, Reach) {
        match self {
            Self::Accept
            | Self::Notice(_)
            | Self::ExtendSupplement(_)
            | Self::CorrectOnTheSpot
            | Self::NotRequired(_)
            | Self::NotCompetent(_) => (Action::AcceptApplication, Reach::Window),
            Self::Supplement
            | Self::ReceiveMaterial(_)
            | Self::ReplaceMaterial(..)
            | Self::Withdraw(_) => (Action::ActForApplicant, Reach::Applicant),
            Self::Claim(_) | Self::Release(_) | Self::Give(..) | Self::Draft(..) => {
                (Action::Review, Reach::Review)
            }
            Self::Assign(..) => (Action::ShareWork, Reach::Review),
            Self::Ask(..) | Self::TakeBack(_) | Self::Replace(..) => {
                (Action::Consult, Reach::DepartmentOrLead)
            }
            Self::Decide(..) | Self::Reopen(_) | Self::Return(_) | Self::IssuePaper(_) => {
                (Action::Decide, Reach::Department)
            }
            Self::ReportMissing(..) | Self::ReportComplete(_) => {
                (Action::ReportMissing, Reach::Department)
            }
            Self::SendMergedNotice(_) => (Action::SendNotice, Reach::Sender),
            Self::CallVisit(_) => (Action::Convene, Reach::Convener),
            Self::AtVisit(visit, act) => act.right(*visit, own),
            Self::OpenMediation(..) => (Action::Mediate, Reach::Mediator),
            Self::InMediation(mediation, act) => act.right(*mediation),
            Self::Begin(..) | Self::Renotify(..) | Self::End(..) | Self::AskMaterial(..) => {
                (Action::RunProcedure, Reach::Department)
            }
            Self::Extend(..) => (Action::Extend, Reach::Department),
            Self::ExtendJoint(_) => (Action::ExtendJoint, Reach::Lead),
            Self::Terminate(_) => (Action::Terminate, Reach::Department),
            Self::AskVoid(_) | Self::ConfirmVoid(_) => (Action::Void, Reach::WindowOrDepartment),
            Self::Announce(_) | Self::FailDelivery(_) | Self::Deliver(_) => {
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
            | Self::Reopen(case)
            | Self::Begin(case, ..)
            | Self::Renotify(case, ..)
            | Self::End(case, _)
            | Self::Extend(case, _)
            | Self::AskMaterial(case, _)
            | Self::ReceiveMaterial(case)
            | Self::ReportMissing(case, _)
            | Self::ReportComplete(case)
            | Self::OpenMediation(case, _)
            | Self::Terminate(case)
            | Self::AskVoid(case)
            | Self::ConfirmVoid(case)
            | Self::IssuePaper(case) => Some(*case),
            _ => None,
        }
    }

    /// The review that it names.
    pub fn review(&self) -> Option<ReviewId> {
        match self {
            Self::Claim(review)
            | Self::Release(review)
            | Self::Give(review, _)
            | Self::Draft(review, _)
            | Self::Assign(review, _)
            | Self::Return(review)
            | Self::TakeBack(review)
            | Self::Replace(review, _) => Some(*review),
            _ => None,
        }
    }

    /// Whether it may be dated to an earlier day.
    pub fn is_dated(&self) -> bool {
        let is_of_today = matches!(
            self,
            Self::ReplaceMaterial(..)
                | Self::ReportMissing(..)
                | Self::ReportComplete(_)
                | Self::CallVisit(_)
                | Self::AtVisit(..)
                | Self::OpenMediation(..)
                | Self::InMediation(..)
        );
        self.review().is_none() && !is_of_today
    }

    /// Whether a case or a mediation ends with it, or all of it.
    pub fn ends_something(&self) -> bool {
        match self {
            Self::NotRequired(_)
            | Self::NotCompetent(_)
            | Self::Decide(..)
            | Self::Withdraw(_)
            | Self::Terminate(_)
            | Self::ConfirmVoid(_)
            | Self::Deliver(_) => true,
            Self::InMediation(_, act) => {
                matches!(act, InMediation::Settle | InMediation::Minority(_))
            }
            _ => false,
        }
    }

    /// The identifier of what it is about.
    fn subject(&self, application: ApplicationId) -> String {
        let of_case = || self.case().map(CaseId::wire);
        let found = match self {
            Self::AtVisit(visit, _) => Some(visit.wire()),
            Self::InMediation(mediation, _) => Some(mediation.wire()),
            _ => self.review().map(ReviewId::wire).or_else(of_case),
        };
        found.unwrap_or_else(|| application.wire())
    }

    /// Whether a repetition is told by a key; what only says who has a review needs none.
    fn has_key(&self) -> bool {
        !matches!(
            self,
            Self::Claim(_) | Self::Release(_) | Self::Draft(..) | Self::Assign(..)
        )
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
        let subject = format!("{}Id", documents::subject_of(self.name()));
        input[subject] = json!(self.subject(application));
        if self.has_key() {
            input["idempotencyKey"] = json!(new_key());
        }
        // The day of a document that came in stands among its words.
        if self.is_dated()
            && !matches!(self, Self::Reopen(_))
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
                json!({ "points": [{ "text": BY_HAND, "basis": BASIS }], "supplementDays": days })
            }
            Self::ExtendSupplement(days) => json!({ "days": days, "reasons": REASONS }),
            Self::Supplement | Self::CorrectOnTheSpot | Self::ReceiveMaterial(_) => {
                json!({ "text": "平面图" })
            }
            Self::NotRequired(_) => json!({ "kind": "NOT_REQUIRED", "reasons": REASONS }),
            Self::NotCompetent(_) => json!({ "kind": "NOT_COMPETENT", "reasons": REASONS }),
            Self::Give(_, said) => {
                let condition = |category: &&str| json!({ "category": category, "text": "开业前完成", "article": BASIS });
                json!({
                    "opinion": said.kind.code(), "reasons": REASONS,
                    "conditions": said.on.iter().map(condition).collect::<Vec<_>>(),
                    "materialIds": said.relying_on.map(|material| [material.wire()]),
                })
            }
            Self::Draft(_, kind) => json!({ "opinion": kind.code(), "reasons": REASONS }),
            Self::Assign(_, to) => json!({ "accountId": to.account.wire() }),
            Self::Ask(_, ask) => {
                let one = |wanted: &Wanted| {
                    json!({
                        "departmentCode": wanted.department, "part": wanted.part.code(), "days": wanted.days,
                        "vetoArticle": wanted.veto_article,
                    })
                };
                json!({
                    "question": ask.question, "rule": ask.rule.code(), "atLeast": ask.at_least,
                    "opinions": ask.wanted.iter().map(one).collect::<Vec<_>>(),
                })
            }
            Self::TakeBack(_) | Self::Return(_) | Self::Terminate(_) | Self::AskVoid(_) => {
                json!({ "reasons": REASONS })
            }
            Self::ReplaceMaterial(material, digit) => {
                json!({
                    "materialId": material.wire(), "originals": 1, "copies": 1, "fileName": "新版.pdf",
                    "sha256": digit.to_string().repeat(64), "reasons": REASONS,
                })
            }
            Self::ReportMissing(_, points) => {
                let one = |point: &Missed| json!({ "text": point.text, "basis": BASIS, "materialCode": point.material });
                json!({ "points": points.iter().map(one).collect::<Vec<_>>() })
            }
            Self::SendMergedNotice(days) => json!({ "supplementDays": days }),
            Self::CallVisit(call) => visit::calling(call),
            Self::AtVisit(_, act) => act.words(),
            Self::OpenMediation(_, between) => {
                json!({ "question": REASONS, "reviewIds": between.map(ReviewId::wire) })
            }
            Self::InMediation(_, act) => act.words(),
            Self::Replace(_, department) => {
                json!({ "departmentCode": department, "reasons": REASONS })
            }
            Self::Decide(_, granted, reasons) => {
                let decision = if *granted { "GRANT" } else { "REFUSE" };
                json!({ "decision": decision, "reasons": reasons.then_some(REASONS) })
            }
            Self::Reopen(_) => {
                let on = on.to_string();
                json!({
                    "body": REVOKED_BY, "documentNumber": REVOKED_IN, "decidedOn": on, "receivedOn": on,
                    "by": "RECONSIDERATION", "ground": "PROCEDURE",
                })
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
            Self::Announce(only) | Self::FailDelivery(only) => {
                json!({ "text": "短信告知", "onlyCaseIds": only.map(|case| [case.wire()]) })
            }
            Self::Deliver(only) => {
                json!({ "receivedBy": "王小明", "onlyCaseIds": only.map(|case| [case.wire()]) })
            }
            Self::Accept
            | Self::Claim(_)
            | Self::Release(_)
            | Self::ReportComplete(_)
            | Self::ConfirmVoid(_)
            | Self::IssuePaper(_) => json!({}),
        }
    }
}
