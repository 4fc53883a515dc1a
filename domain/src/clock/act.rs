//! Acts that start, move or stop clocks, as far as clocks care.

use chrono::NaiveDate;

use super::{ClockKind, Limit};
use crate::coded;

coded! {
    /// What was done. Each clock names in its row the acts that start it and those that stop it.
    pub enum ActKind {
        /// 收件: material received.
        Received = "RECEIVED",
        /// 补正告知: the notice of everything that is missing was delivered.
        CorrectionNotice = "CORRECTION_NOTICE",
        /// 补正: the supplement was handed in.
        Supplement = "SUPPLEMENT",
        /// 受理: accepted; for a serial case, the result of its last predecessor was shared.
        Accepted = "ACCEPTED",
        /// 容缺受理: accepted although a secondary material is missing.
        ConditionalAcceptance = "CONDITIONAL_ACCEPTANCE",
        /// 补齐容缺材料: the missing material was handed in.
        MissingHandedIn = "MISSING_HANDED_IN",
        /// 不受理、不予受理: not accepted.
        NotAccepted = "NOT_ACCEPTED",
        /// 进入环节: a step was entered.
        StepEntered = "STEP_ENTERED",
        /// 离开环节: a step was left.
        StepLeft = "STEP_LEFT",
        /// 特别程序开始, 挂起: a clock may stand still from here.
        Suspend = "SUSPEND",
        /// 再次告知: a new written notice gives a special procedure more time.
        Renotify = "RENOTIFY",
        /// 特别程序结束, 恢复: the clock runs again.
        Resume = "RESUME",
        /// 延期: an extension was approved.
        Extend = "EXTEND",
        /// 转送: the file was passed to a co-department.
        Passed = "PASSED",
        /// 提出意见: an opinion was given.
        Opinion = "OPINION",
        /// 进入协调层级: a mediation came to a level.
        LevelReached = "LEVEL_REACHED",
        /// 离开协调层级: it climbed, or came to its end.
        LevelLeft = "LEVEL_LEFT",
        /// 报送初审意见: the lower level sent its opinion up.
        SentUp = "SENT_UP",
        /// 指派人员: two inspectors were named.
        InspectorsNamed = "INSPECTORS_NAMED",
        /// 作出决定: decided.
        Decided = "DECIDED",
        /// 收到撤销决定: a decision was revoked, and is to be made anew.
        Reopened = "REOPENED",
        /// 超时默许: the silence of the department let its case pass.
        TacitPassed = "TACIT_PASSED",
        /// 补发文书: the paper that was owed since then was issued.
        PaperIssued = "PAPER_ISSUED",
        /// 撤回、终止、撤销受理、作废: ended without decision.
        Terminated = "TERMINATED",
        /// 结果可领取并已告知: ready, and the applicant told.
        Ready = "READY",
        /// 送达: delivered.
        Delivered = "DELIVERED",
        /// 告知听证权利: told of the right to a hearing.
        HearingTold = "HEARING_TOLD",
        /// 申请听证: a hearing was asked for.
        HearingRequested = "HEARING_REQUESTED",
        /// 确定听证日期: the day of the hearing.
        HearingSet = "HEARING_SET",
        /// 听证通知: the notice of the hearing was given.
        HearingNoticed = "HEARING_NOTICED",
        /// 举行听证: the hearing was held.
        HearingHeld = "HEARING_HELD",
        /// 有效期届满: the last day of a licence.
        Expiry = "EXPIRY",
        /// 申请延续: renewal was applied for.
        RenewalApplied = "RENEWAL_APPLIED",
        /// 受理延续: a renewal that was applied for in time was accepted; its day is the last day of the licence.
        RenewalAccepted = "RENEWAL_ACCEPTED",
        /// 收到公开申请: a disclosure request was received.
        DisclosureRequested = "DISCLOSURE_REQUESTED",
        /// 公开补正告知: the correction notice on a disclosure request.
        DisclosureNoticed = "DISCLOSURE_NOTICED",
        /// 征求第三方意见: a third party was asked.
        ThirdPartyAsked = "THIRD_PARTY_ASKED",
        /// 征求其他机关意见: another agency was asked.
        OtherAgencyAsked = "OTHER_AGENCY_ASKED",
        /// 答复: answered.
        Answered = "ANSWERED",
        /// 信息形成或变更: information was formed or changed.
        InformationFormed = "INFORMATION_FORMED",
        /// 公开、公布: published.
        Published = "PUBLISHED",
        /// 收到差评: a negative rating was received.
        Rated = "RATED",
        /// 联系评价人: the rater was contacted.
        RaterContacted = "RATER_CONTACTED",
        /// 反馈整改结果: rectified.
        Rectified = "RECTIFIED",
        /// 受理投诉: a complaint was accepted.
        ComplaintAccepted = "COMPLAINT_ACCEPTED",
        /// 发出督办: a supervision order was issued.
        OrderIssued = "ORDER_ISSUED",
        /// 签收督办: the order was signed.
        OrderSigned = "ORDER_SIGNED",
        /// 反馈督办: the rectification was reported.
        OrderReported = "ORDER_REPORTED",
        /// 收到亮牌: a card was received.
        CardReceived = "CARD_RECEIVED",
        /// 申诉: an appeal was made.
        Appealed = "APPEALED",
        /// 裁定: the appeal was decided.
        AppealDecided = "APPEAL_DECIDED",
        /// 法律公布或职能调整: a law was published, or functions changed.
        LawPublished = "LAW_PUBLISHED",
        /// 提交变更: a change of an item was filed.
        ChangeFiled = "CHANGE_FILED",
        /// 批准变更: the change was approved.
        ChangeApproved = "CHANGE_APPROVED",
    }
}

/// The reason of a pause that no law demands: material asked for again after acceptance. It may pause a promise and
/// never a statutory period (行政许可法 Art. 45 does not list it).
pub const APPLICANT_SUPPLEMENT: &str = "APPLICANT_SUPPLEMENT";

/// One act, with the day on which it was done and the day on which it was entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What.
    pub kind: ActKind,
    /// The day on which it was done; it starts periods, and its own day is not charged to them.
    pub on: NaiveDate,
    /// The day as of which it counts: later than `on` for what was received after closing time. From it run the periods that
    /// it starts or lets run again; those for which it is awaited stop on the day itself, so that the last evening is in time.
    pub counts_on: NaiveDate,
    /// The day from which it is on record; later than `on` for an entry after the fact (补录).
    pub entered_on: NaiveDate,
    /// The clocks that it is about; all that it can be about if empty.
    pub clocks: Vec<ClockKind>,
    /// The period that it sets: notified for a special procedure, printed in a correction notice, given to a step.
    pub limit: Option<Limit>,
    /// The days that an extension adds.
    pub days: u32,
    /// Why: the special procedure.
    pub reason: Option<String>,
    /// Which of several suspensions begins, is told of again or ends.
    pub procedure: Option<String>,
}

impl Act {
    /// An act that was entered when it was done and says no more.
    pub fn new(kind: ActKind, on: NaiveDate) -> Self {
        Self {
            kind,
            on,
            counts_on: on,
            entered_on: on,
            clocks: Vec::new(),
            limit: None,
            days: 0,
            reason: None,
            procedure: None,
        }
    }

    /// The same, entered on a later day.
    pub fn entered(mut self, on: NaiveDate) -> Self {
        self.entered_on = on.max(self.on);
        self
    }

    /// The same, counting as of a later day.
    pub fn counting(mut self, on: NaiveDate) -> Self {
        self.counts_on = on.max(self.on);
        self
    }

    /// The same, about some clocks only.
    pub fn about(mut self, clocks: impl IntoIterator<Item = ClockKind>) -> Self {
        self.clocks = clocks.into_iter().collect();
        self
    }

    /// The same, setting a period.
    pub fn setting(mut self, limit: Option<Limit>) -> Self {
        self.limit = limit;
        self
    }

    /// The same, adding days.
    pub fn adding(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// The same, for a reason.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// The same, belonging to one of several suspensions.
    pub fn of_procedure(mut self, procedure: impl Into<String>) -> Self {
        self.procedure = Some(procedure.into());
        self
    }

    /// Whether a decision was revoked by it.
    pub fn is_reopening(&self) -> bool {
        self.kind == ActKind::Reopened
    }

    /// Whether it can be about this clock.
    pub fn is_about(&self, kind: ClockKind) -> bool {
        self.clocks.is_empty() || self.clocks.contains(&kind)
    }
}
