//! Events: what happened, past tense, never changed.

use chrono::NaiveDate;

use crate::coded;
use crate::ids::{CaseId, ReviewId};

coded! {
    /// What happened. The timeline of an application is made of these.
    pub enum EventKind {
        /// 收件: the material was received; no legal decision yet.
        ApplicationReceived = "APPLICATION_RECEIVED",
        /// 受理: the application was accepted and the clocks began.
        ApplicationAccepted = "APPLICATION_ACCEPTED",
        /// 抄告: the case was passed to the department that answers for it.
        CasePassed = "CASE_PASSED",
        /// 启动: the last predecessor was granted and the clocks of this case began.
        CaseStarted = "CASE_STARTED",
        /// 领取: a reviewer took the review.
        ReviewClaimed = "REVIEW_CLAIMED",
        /// 退领: a reviewer gave the review back to the department.
        ReviewReleased = "REVIEW_RELEASED",
        /// 出具意见: the department gave its opinion.
        OpinionGiven = "OPINION_GIVEN",
        /// 征求意见: another department was asked for its opinion, and the file was passed to it.
        OpinionAsked = "OPINION_ASKED",
        /// 撤回征求意见: a department is not asked any more.
        OpinionWithdrawn = "OPINION_WITHDRAWN",
        /// 超时视为同意: the period for an opinion passed in silence, and the bundle lets that count as consent.
        OpinionTacit = "OPINION_TACIT",
        /// 意见失效: a material on which an opinion relied was replaced; the department is asked once more.
        OpinionStale = "OPINION_STALE",
        /// 分派、转办: a review was given to a reviewer, or passed on to another.
        ReviewAssigned = "REVIEW_ASSIGNED",
        /// 退回重审: who decides sent the examination back to the reviewer, with reasons.
        ReviewReturned = "REVIEW_RETURNED",
        /// 准予: the case was granted.
        CaseGranted = "CASE_GRANTED",
        /// 不予许可: the case was refused, with reasons and remedies.
        CaseRefused = "CASE_REFUSED",
        /// 终止: the case ended without decision because a predecessor was refused.
        CaseTerminated = "CASE_TERMINATED",
        /// 联审办结: the last case ended and the application came to its result.
        ApplicationConcluded = "APPLICATION_CONCLUDED",
        /// 送达: the results were handed over.
        ResultsDelivered = "RESULTS_DELIVERED",
        /// 办结: the application was closed.
        ApplicationClosed = "APPLICATION_CLOSED",
        /// 预警: the promised or statutory limit is near (TIME-01, TIME-03).
        DeadlineNear = "DEADLINE_NEAR",
        /// 黄牌: the promised limit passed (TIME-02).
        PromiseOverdue = "PROMISE_OVERDUE",
        /// 红牌: the statutory limit passed (TIME-04).
        StatutoryOverdue = "STATUTORY_OVERDUE",
        // Before acceptance.
        /// 补正告知: the one notice of everything that is missing was delivered; the check stops.
        CorrectionNoticed = "CORRECTION_NOTICED",
        /// 补正期限延长: the applicant was given more time for the supplement.
        SupplementExtended = "SUPPLEMENT_EXTENDED",
        /// 补正: the supplement was handed in; the check begins anew.
        Supplemented = "SUPPLEMENTED",
        /// 缺件报告: a department reported what is missing for its case.
        MissingReported = "MISSING_REPORTED",
        /// 齐全报告: a department reported that nothing is missing for its case.
        CompletenessReported = "COMPLETENESS_REPORTED",
        /// 当场更正: an error was corrected on the spot.
        CorrectedOnTheSpot = "CORRECTED_ON_THE_SPOT",
        /// 替换材料: the applicant handed in another version of a material.
        MaterialReplaced = "MATERIAL_REPLACED",
        /// 补充提供材料: the applicant handed in a listed material that had not been there.
        MaterialAdded = "MATERIAL_ADDED",
        /// 共享材料已获取: a material came by sharing; it was asked for the items that are named.
        MaterialFetched = "MATERIAL_FETCHED",
        /// 共享材料未获取: a material could not be had by sharing. The applicant may hand it in, and need not.
        MaterialNotFetched = "MATERIAL_NOT_FETCHED",
        /// 补齐容缺材料: what a conditional acceptance waited for was handed in.
        MissingMaterialReceived = "MISSING_MATERIAL_RECEIVED",
        /// 容缺材料不再需要: what a conditional acceptance still waited for is wanted by no case any more.
        MissingMaterialNotNeeded = "MISSING_MATERIAL_NOT_NEEDED",
        // The acts that move clocks.
        /// 特别程序开始: the written notice was delivered, and the clocks stand still.
        SpecialProcedureBegun = "SPECIAL_PROCEDURE_BEGUN",
        /// 特别程序再次告知: a new written notice gives it more time.
        SpecialProcedureRenotified = "SPECIAL_PROCEDURE_RENOTIFIED",
        /// 特别程序结束: its result is there, and the clocks run again.
        SpecialProcedureEnded = "SPECIAL_PROCEDURE_ENDED",
        /// 延期: the periods of a case were extended.
        CaseExtended = "CASE_EXTENDED",
        /// 联合办理延期: the joint period was extended.
        ApplicationExtended = "APPLICATION_EXTENDED",
        /// 受理后要求补充材料: material was asked for; only the promise may pause.
        MaterialAsked = "MATERIAL_ASKED",
        /// 收到补充材料: the material asked for was handed in.
        MaterialReceived = "MATERIAL_RECEIVED",
        // Visits.
        /// 召集: a joint site visit or a joint meeting was called.
        VisitCalled = "VISIT_CALLED",
        /// 通知部门: a department was told of day and place of a visit.
        VisitTold = "VISIT_TOLD",
        /// 确定人员: a department named the persons who take part.
        VisitPersonsNamed = "VISIT_PERSONS_NAMED",
        /// 改期: a visit was moved to another day or place.
        VisitMoved = "VISIT_MOVED",
        /// 取消: a visit was cancelled.
        VisitCancelled = "VISIT_CANCELLED",
        /// 部门结论: a department gave its conclusion at a visit.
        VisitConcluded = "VISIT_CONCLUDED",
        /// 已举行: a visit was held, and its record made.
        VisitHeld = "VISIT_HELD",
        /// 整改确认: a department confirmed that a defect was mended.
        DefectMended = "DEFECT_MENDED",
        // Mediation.
        /// 发起协调: the mediation of a conflict was opened.
        MediationOpened = "MEDIATION_OPENED",
        /// 提请上一级协调: a mediation came to the next level, because somebody passed it up or its days had passed.
        MediationClimbed = "MEDIATION_CLIMBED",
        /// 提出立场: a department said what it holds in a mediation.
        MediationPositionTaken = "MEDIATION_POSITION_TAKEN",
        /// 协调一致: the conflict was settled.
        MediationSettled = "MEDIATION_SETTLED",
        /// 保留意见: a mediation ended with the view of the minority on record.
        MediationMinorityRecorded = "MEDIATION_MINORITY_RECORDED",
        /// 协调终结: the case ended, and nothing was left to settle.
        MediationClosed = "MEDIATION_CLOSED",
        /// 通知部门: a department was told of what became of a mediation that concerns it.
        MediationTold = "MEDIATION_TOLD",
        // Other ends.
        /// 不受理: the item needs no approval.
        CaseNotRequired = "CASE_NOT_REQUIRED",
        /// 不予受理: another agency is competent.
        CaseNotCompetent = "CASE_NOT_COMPETENT",
        /// 撤回: withdrawn by the applicant, or treated as withdrawn because no supplement came.
        CaseWithdrawn = "CASE_WITHDRAWN",
        /// 撤销受理: what a conditional acceptance waited for never came.
        CaseAcceptanceRevoked = "CASE_ACCEPTANCE_REVOKED",
        /// 视为准予延续: no decision came before the licence expired (行政许可法 第五十条).
        CaseRenewed = "CASE_RENEWED",
        /// 超时默许: the department said nothing in its period, and the bundle lets the component pass. No certificate comes of it.
        CaseTacitPassed = "CASE_TACIT_PASSED",
        /// 补发文书: the department issued the paper that it owed since its silence let the case pass.
        CasePaperIssued = "CASE_PAPER_ISSUED",
        /// 申请作废: somebody asked for a mistaken record to be voided.
        VoidAsked = "VOID_ASKED",
        /// 作废: a second person voided it; the record stays.
        CaseVoided = "CASE_VOIDED",
        /// 许可失效: a licence that had been granted is no more.
        LicenceEnded = "LICENCE_ENDED",
        /// 综合许可凭证: the comprehensive permit was issued, with the licences that are named; with none when none is left.
        PermitIssued = "PERMIT_ISSUED",
        // Decided anew.
        /// 重新审查: the refusal was revoked on reconsideration or by a court, and the case is under review again.
        CaseReopened = "CASE_REOPENED",
        /// 恢复待前置: what ended because of the refusal waits for its predecessor again.
        CaseRestored = "CASE_RESTORED",
        /// 申请重新办理: a concluded application is at work again, because a case of it is.
        ApplicationReopened = "APPLICATION_REOPENED",
        // Delivery.
        /// 可领取: the result of a case is ready and the applicant was told, whatever becomes of the others.
        CaseReady = "CASE_READY",
        /// 单件送达: the result of a case was handed over by itself.
        CaseDelivered = "CASE_DELIVERED",
        /// 通知领取: the results are ready and the applicant was told.
        ResultsReady = "RESULTS_READY",
        /// 送达未果: an attempt to deliver failed.
        DeliveryFailed = "DELIVERY_FAILED",
        // Time.
        /// 监察规则触发: a rule of supervision raised an alert or a card (TIME-05 to TIME-10, FLOW-04, MAT-02).
        CardRaised = "CARD_RAISED",
        /// 预警解除: the cause of an alert is gone.
        CardCleared = "CARD_CLEARED",
        /// 日历重算: an adopted notice moved a due date.
        CalendarRecomputed = "CALENDAR_RECOMPUTED",
        /// 登录: somebody signed in.
        SessionStarted = "SESSION_STARTED",
        /// 登录结束: a session ended.
        SessionEnded = "SESSION_ENDED",
        /// 开户: an account was opened.
        AccountCreated = "ACCOUNT_CREATED",
        /// 销户: an account was closed.
        AccountClosed = "ACCOUNT_CLOSED",
        /// 修改密码: somebody changed their password.
        PasswordChanged = "PASSWORD_CHANGED",
        /// 重置密码: an account was given another password in the place of a forgotten one.
        PasswordReset = "PASSWORD_RESET",
        /// 登记外出: a reviewer will be absent, and another one stands in.
        AbsenceRegistered = "ABSENCE_REGISTERED",
        /// 取消外出: the absence was cancelled, or ended before its last day.
        AbsenceCancelled = "ABSENCE_CANCELLED",
        // Calendars.
        /// 采用节假日安排通知: a holiday notice was adopted; open clocks are counted anew.
        CalendarAdopted = "CALENDAR_ADOPTED",
    }
}

impl EventKind {
    /// What the rules of supervision raise and clear.
    pub const OF_SUPERVISION: &'static [Self] = &[
        Self::DeadlineNear,
        Self::PromiseOverdue,
        Self::StatutoryOverdue,
        Self::CardRaised,
        Self::CardCleared,
    ];

    /// What happens to the opinions that a case asks for; who asks is told of it.
    pub const OF_CONSULTATION: &'static [Self] = &[
        Self::OpinionAsked,
        Self::OpinionGiven,
        Self::OpinionWithdrawn,
        Self::OpinionTacit,
        Self::OpinionStale,
    ];

    /// What happens to a case and with it to every review of it, whichever department it is of: it has more time, its dates
    /// move, it stands still, goes on, or is over.
    pub const OF_ALL_REVIEWS: &'static [Self] = &[
        Self::CaseExtended,
        Self::CalendarRecomputed,
        Self::SpecialProcedureBegun,
        Self::SpecialProcedureEnded,
        Self::CaseGranted,
        Self::CaseRefused,
        Self::CaseTerminated,
        Self::CaseWithdrawn,
        Self::CaseNotRequired,
        Self::CaseNotCompetent,
        Self::CaseAcceptanceRevoked,
        Self::CaseRenewed,
        Self::CaseTacitPassed,
        Self::CaseVoided,
        Self::CaseReopened,
        Self::CaseRestored,
    ];

    /// What happens to an application before its acceptance, or to its materials, and with it to what is not over in the
    /// inboxes of all its departments.
    pub const OF_ALL_CASES: &'static [Self] = &[
        Self::ApplicationReceived,
        Self::CorrectionNoticed,
        Self::Supplemented,
        Self::MaterialReplaced,
        Self::MaterialAdded,
        Self::MaterialFetched,
        Self::MaterialNotFetched,
    ];

    /// Whether the applicant may see that something of this kind happened. Internal work of a department, and what it
    /// thinks before the decision, is not for the applicant or for other departments.
    pub fn is_public(self) -> bool {
        matches!(
            self,
            Self::ApplicationReceived
                | Self::ApplicationAccepted
                | Self::CasePassed
                | Self::CaseStarted
                | Self::CaseGranted
                | Self::CaseRefused
                | Self::CaseTerminated
                | Self::ApplicationConcluded
                | Self::ResultsDelivered
                | Self::ApplicationClosed
                | Self::CorrectionNoticed
                | Self::SupplementExtended
                | Self::Supplemented
                | Self::CorrectedOnTheSpot
                | Self::MaterialReplaced
                | Self::MaterialAdded
                | Self::MaterialFetched
                | Self::MaterialNotFetched
                | Self::MissingMaterialReceived
                | Self::MissingMaterialNotNeeded
                | Self::SpecialProcedureBegun
                | Self::SpecialProcedureRenotified
                | Self::SpecialProcedureEnded
                | Self::CaseExtended
                | Self::ApplicationExtended
                | Self::MaterialAsked
                | Self::MaterialReceived
                | Self::VisitCalled
                | Self::VisitMoved
                | Self::VisitCancelled
                | Self::VisitHeld
                | Self::CaseNotRequired
                | Self::CaseNotCompetent
                | Self::CaseWithdrawn
                | Self::CaseAcceptanceRevoked
                | Self::CaseRenewed
                | Self::CaseTacitPassed
                | Self::CasePaperIssued
                | Self::CaseVoided
                | Self::LicenceEnded
                | Self::PermitIssued
                | Self::CaseReopened
                | Self::CaseRestored
                | Self::ApplicationReopened
                | Self::CaseReady
                | Self::CaseDelivered
                | Self::ResultsReady
                | Self::DeliveryFailed
                | Self::CalendarRecomputed
        )
    }
}

/// The word by which an event names the opinion that it is about, of those that a case asks of other departments.
pub const ABOUT_OPINION: &str = "asked";

/// The word by which an event names the department that asked, where that is not the one that handles the case.
pub const ASKED_BY: &str = "askedBy";

/// The word by which an event names the mediation that it is about.
pub const ABOUT_MEDIATION: &str = "mediation";

/// Something that an act or the passing of time brought about, before it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// What.
    pub kind: EventKind,
    /// The case that it concerns, if one.
    pub case: Option<CaseId>,
    /// The review that it concerns, if one.
    pub review: Option<ReviewId>,
    /// The department whose work it concerns; `None` for the application as a whole.
    pub department: Option<String>,
    /// Codes that say more, never reasons or personal data, e.g. `("opinion", "AGREE")`.
    pub detail: Vec<(&'static str, String)>,
    /// The day on which it happened, if that is not the day on which it is entered (补录), or if the law dates it.
    pub on: Option<NaiveDate>,
}

impl Happening {
    /// Something that concerns the application as a whole.
    pub fn of_application(kind: EventKind) -> Self {
        Self {
            kind,
            case: None,
            review: None,
            department: None,
            detail: Vec::new(),
            on: None,
        }
    }

    /// Whether the applicant may see that this happened. What departments ask of each other, and what is mediated between
    /// them, is inner work, also where no more than a due date of it moves.
    pub fn is_public(&self) -> bool {
        let mut names = self.detail.iter().map(|(name, _)| *name);
        let is_inner = names.any(|name| name == ABOUT_OPINION || name == ABOUT_MEDIATION);
        self.kind.is_public() && !is_inner
    }

    /// The same, dated to a day.
    pub fn dated(mut self, on: NaiveDate) -> Self {
        self.on = Some(on);
        self
    }

    /// The same, saying more.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.detail.push((name, value.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code as _;

    fn codes(public: bool) -> Vec<&'static str> {
        let kinds = EventKind::ALL
            .iter()
            .filter(|kind| kind.is_public() == public);
        kinds.map(|kind| kind.code()).collect()
    }

    #[test]
    fn the_applicant_sees_acts_and_results() {
        assert_eq!(
            codes(true),
            [
                "APPLICATION_RECEIVED",
                "APPLICATION_ACCEPTED",
                "CASE_PASSED",
                "CASE_STARTED",
                "CASE_GRANTED",
                "CASE_REFUSED",
                "CASE_TERMINATED",
                "APPLICATION_CONCLUDED",
                "RESULTS_DELIVERED",
                "APPLICATION_CLOSED",
                "CORRECTION_NOTICED",
                "SUPPLEMENT_EXTENDED",
                "SUPPLEMENTED",
                "CORRECTED_ON_THE_SPOT",
                "MATERIAL_REPLACED",
                "MATERIAL_ADDED",
                "MATERIAL_FETCHED",
                "MATERIAL_NOT_FETCHED",
                "MISSING_MATERIAL_RECEIVED",
                "MISSING_MATERIAL_NOT_NEEDED",
                "SPECIAL_PROCEDURE_BEGUN",
                "SPECIAL_PROCEDURE_RENOTIFIED",
                "SPECIAL_PROCEDURE_ENDED",
                "CASE_EXTENDED",
                "APPLICATION_EXTENDED",
                "MATERIAL_ASKED",
                "MATERIAL_RECEIVED",
                "VISIT_CALLED",
                "VISIT_MOVED",
                "VISIT_CANCELLED",
                "VISIT_HELD",
                "CASE_NOT_REQUIRED",
                "CASE_NOT_COMPETENT",
                "CASE_WITHDRAWN",
                "CASE_ACCEPTANCE_REVOKED",
                "CASE_RENEWED",
                "CASE_TACIT_PASSED",
                "CASE_PAPER_ISSUED",
                "CASE_VOIDED",
                "LICENCE_ENDED",
                "PERMIT_ISSUED",
                "CASE_REOPENED",
                "CASE_RESTORED",
                "APPLICATION_REOPENED",
                "CASE_READY",
                "CASE_DELIVERED",
                "RESULTS_READY",
                "DELIVERY_FAILED",
                "CALENDAR_RECOMPUTED",
            ]
        );
    }

    #[test]
    fn the_applicant_sees_no_inner_work() {
        assert_eq!(
            codes(false),
            [
                "REVIEW_CLAIMED",
                "REVIEW_RELEASED",
                "OPINION_GIVEN",
                "OPINION_ASKED",
                "OPINION_WITHDRAWN",
                "OPINION_TACIT",
                "OPINION_STALE",
                "REVIEW_ASSIGNED",
                "REVIEW_RETURNED",
                "DEADLINE_NEAR",
                "PROMISE_OVERDUE",
                "STATUTORY_OVERDUE",
                "MISSING_REPORTED",
                "COMPLETENESS_REPORTED",
                "VISIT_TOLD",
                "VISIT_PERSONS_NAMED",
                "VISIT_CONCLUDED",
                "DEFECT_MENDED",
                "MEDIATION_OPENED",
                "MEDIATION_CLIMBED",
                "MEDIATION_POSITION_TAKEN",
                "MEDIATION_SETTLED",
                "MEDIATION_MINORITY_RECORDED",
                "MEDIATION_CLOSED",
                "MEDIATION_TOLD",
                "VOID_ASKED",
                "CARD_RAISED",
                "CARD_CLEARED",
                "SESSION_STARTED",
                "SESSION_ENDED",
                "ACCOUNT_CREATED",
                "ACCOUNT_CLOSED",
                "PASSWORD_CHANGED",
                "PASSWORD_RESET",
                "ABSENCE_REGISTERED",
                "ABSENCE_CANCELLED",
                "CALENDAR_ADOPTED",
            ]
        );
    }

    #[test]
    fn a_happening_says_more_in_the_order_in_which_it_was_told() {
        let happening = Happening::of_application(EventKind::ApplicationConcluded)
            .with("outcome", "GRANTED")
            .with("cases", "3");
        let detail = [("outcome", "GRANTED".to_owned()), ("cases", "3".to_owned())];
        assert_eq!(happening.detail, detail);
        assert_eq!(
            (happening.case, happening.review, happening.department),
            (None, None, None)
        );
    }
}
