//! The table of clocks: what starts each, how long it runs, what pauses, extends and stops it, and what its lapse means.
//!
//! A new clock is a row here, not code. The limits are defaults: an item, a bundle or a local rule may set its own.

use super::Limit;
use crate::coded;

/// Makes the codes and their rows from one table, so that neither can lack the other.
macro_rules! clocks {
    ($($variant:ident = $code:literal {
        name: $zh:literal / $en:literal,
        event: $event_zh:literal / $event_en:literal,
        limit: $limit:expr, $direction:ident, pauses: $pauses:ident, extends: $extends:expr,
        stops: $stops_zh:literal / $stops_en:literal,
        lapse: $lapse:ident, article: $article:literal,
    })+) => {
        coded! {
            /// The clocks that the program knows.
            pub enum ClockKind {
                $(#[doc = concat!($zh, ": ", $en, " (", $article, ").")] $variant = $code),+
            }
        }

        impl ClockKind {
            /// The row of the table.
            pub const fn row(self) -> ClockRow {
                match self {
                    $(Self::$variant => ClockRow {
                        name: Phrase { zh: $zh, en: $en },
                        event: Phrase { zh: $event_zh, en: $event_en },
                        limit: $limit,
                        direction: Direction::$direction,
                        pauses: Pauses::$pauses,
                        extends: $extends,
                        stops: Phrase { zh: $stops_zh, en: $stops_en },
                        on_lapse: Lapse::$lapse,
                        article: $article,
                    }),+
                }
            }
        }
    };
}

clocks! {
    AcceptanceCheck = "ACCEPTANCE_CHECK" {
        name: "受理审查期限" / "acceptance check",
        event: "收到申请材料或补正材料之日" / "material or a supplement received",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "受理、不予受理或告知补正" / "acceptance, refusal to accept or correction notice",
        lapse: DeemedAccepted, article: "行政许可法 Art. 32(1)(4)",
    }
    Supplement = "SUPPLEMENT" {
        name: "补正期限" / "supplement by the applicant",
        event: "补正告知书送达" / "correction notice delivered",
        limit: Some(Limit::workdays(20)), After, pauses: Never, extends: Some(Extending::by(Approver::Clerk)),
        stops: "提交补正材料" / "supplement handed in",
        lapse: TreatedAsWithdrawn, article: "补正告知书",
    }
    Statutory = "STATUTORY" {
        name: "法定办结时限" / "statutory period",
        event: "受理之日（法律另有规定的为收到之日）" / "acceptance, or receipt where the law says so",
        limit: Some(Limit::workdays(20)), After, pauses: Procedures, extends: Some(Extending::at_most(10, Approver::AgencyHead)),
        stops: "作出决定、撤回或终止" / "decision, withdrawal or termination",
        lapse: Overdue, article: "行政许可法 Art. 42(1), 45",
    }
    Promised = "PROMISED" {
        name: "承诺办结时限" / "promised period",
        event: "与法定办结时限同时" / "together with the statutory period",
        limit: None, After, pauses: ProceduresAndSupplement, extends: Some(Extending::at_most(10, Approver::AgencyHead)),
        stops: "作出决定、撤回或终止" / "decision, withdrawal or termination",
        lapse: Overdue, article: "service guide; 行政许可法 Art. 42(1), 45",
    }
    Step = "STEP" {
        name: "环节时限" / "step",
        event: "进入环节" / "step entered",
        limit: None, After, pauses: WithCase, extends: None,
        stops: "离开环节" / "step left",
        lapse: StepOverrun, article: "service guide",
    }
    Joint = "JOINT" {
        name: "联合办理时限" / "joint handling",
        event: "统一受理" / "unified acceptance",
        limit: Some(Limit::workdays(45)), After, pauses: WithComponents, extends: Some(Extending::at_most(15, Approver::GovernmentHead)),
        stops: "作出联合决定" / "joint decision",
        lapse: Overdue, article: "行政许可法 Art. 26(2), 42(2)",
    }
    Preliminary = "PRELIMINARY" {
        name: "初审期限" / "first examination",
        event: "下级机关受理" / "acceptance by the lower level",
        limit: Some(Limit::workdays(20)), After, pauses: Procedures, extends: None,
        stops: "报送初步审查意见" / "opinion sent up",
        lapse: Overdue, article: "行政许可法 Art. 43",
    }
    InspectionAssign = "INSPECTION_ASSIGN" {
        name: "指派检验检疫人员期限" / "naming of inspectors",
        event: "受理" / "acceptance",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "指派两名以上工作人员" / "two persons named",
        lapse: Alert, article: "行政许可法 Art. 55(2)",
    }
    Special = "SPECIAL" {
        name: "特别程序期限" / "special procedure",
        event: "特别程序开始" / "start of the special procedure",
        limit: None, After, pauses: Never, extends: Some(Extending::by(Approver::Notice)),
        stops: "登记特别程序结束" / "end recorded",
        lapse: Alert, article: "行政许可法 Art. 45",
    }
    ConditionalSupplement = "CONDITIONAL_SUPPLEMENT" {
        name: "容缺补正期限" / "supplement after conditional acceptance",
        event: "容缺受理" / "conditional acceptance",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "提交所缺材料" / "material handed in",
        lapse: AcceptanceWithdrawn, article: "local rules on 容缺受理",
    }
    Opinion = "OPINION" {
        name: "征求意见答复期限" / "opinion of a co-department",
        event: "转送协办部门" / "case passed to the co-department",
        limit: Some(Limit::workdays(5)), After, pauses: WithComponents, extends: None,
        stops: "提出意见" / "opinion given",
        lapse: SilencePolicy, article: "bundle; 行政许可法 Art. 26(2)",
    }
    Delivery = "DELIVERY" {
        name: "送达期限" / "delivery",
        event: "作出决定" / "decision",
        limit: Some(Limit::workdays(10)), After, pauses: Never, extends: None,
        stops: "送达，或者可以领取并已通知申请人" / "delivered, or ready and the applicant told",
        lapse: Overdue, article: "行政许可法 Art. 44",
    }
    HearingRequest = "HEARING_REQUEST" {
        name: "申请听证期限" / "request for a hearing",
        event: "告知听证权利" / "told of the right",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "提出申请" / "request",
        lapse: RightLapses, article: "行政许可法 Art. 47(1)",
    }
    HearingHold = "HEARING_HOLD" {
        name: "组织听证期限" / "holding of a hearing",
        event: "提出听证申请" / "request",
        limit: Some(Limit::workdays(20)), After, pauses: Never, extends: None,
        stops: "举行听证" / "hearing held",
        lapse: Overdue, article: "行政许可法 Art. 47(1)",
    }
    HearingNotice = "HEARING_NOTICE" {
        name: "听证通知期限" / "notice of a hearing",
        event: "举行听证之日" / "day of the hearing",
        limit: Some(Limit::workdays(7)), Before, pauses: Never, extends: None,
        stops: "通知申请人和利害关系人" / "applicant and interested parties told",
        lapse: HearingMayNotOpen, article: "行政许可法 Art. 48(1)(1)",
    }
    RenewalApply = "RENEWAL_APPLY" {
        name: "申请延续期限" / "application for renewal",
        event: "有效期届满之日" / "expiry of the licence",
        limit: Some(Limit::calendar_days(30)), Before, pauses: Never, extends: None,
        stops: "提出延续申请" / "application for renewal",
        lapse: OrdinaryApplication, article: "行政许可法 Art. 50(1)",
    }
    RenewalDecide = "RENEWAL_DECIDE" {
        name: "延续决定期限" / "decision on renewal",
        event: "有效期届满之日" / "expiry of the licence",
        limit: Some(Limit::calendar_days(0)), After, pauses: Never, extends: None,
        stops: "作出是否准予延续的决定" / "decision",
        lapse: Renewed, article: "行政许可法 Art. 50(2)",
    }
    DisclosureAnswer = "DISCLOSURE_ANSWER" {
        name: "政府信息公开答复期限" / "answer to a disclosure request",
        event: "收到政府信息公开申请" / "request received",
        limit: Some(Limit::workdays(20)), After, pauses: OtherOpinions, extends: Some(Extending::at_most(20, Approver::DisclosureOfficeHead)),
        stops: "答复" / "answer",
        lapse: Overdue, article: "政府信息公开条例(2019) Art. 33",
    }
    DisclosureCorrection = "DISCLOSURE_CORRECTION" {
        name: "政府信息公开补正告知期限" / "correction notice on a disclosure request",
        event: "收到政府信息公开申请" / "request received",
        limit: Some(Limit::workdays(7)), After, pauses: Never, extends: None,
        stops: "告知补正" / "correction notice",
        lapse: Overdue, article: "政府信息公开条例(2019) Art. 30",
    }
    DisclosureThirdParty = "DISCLOSURE_THIRD_PARTY" {
        name: "第三方意见期限" / "opinion of a third party on disclosure",
        event: "第三方收到征求意见书" / "third party asked",
        limit: Some(Limit::workdays(15)), After, pauses: Never, extends: None,
        stops: "提出意见" / "opinion given",
        lapse: AgencyDecides, article: "政府信息公开条例(2019) Art. 32",
    }
    DisclosureOtherAgency = "DISCLOSURE_OTHER_AGENCY" {
        name: "其他行政机关意见期限" / "opinion of another agency on disclosure",
        event: "其他行政机关收到征求意见" / "other agency asked",
        limit: Some(Limit::workdays(15)), After, pauses: Never, extends: None,
        stops: "提出意见" / "opinion given",
        lapse: Consent, article: "政府信息公开条例(2019) Art. 34",
    }
    DisclosurePublish = "DISCLOSURE_PUBLISH" {
        name: "主动公开期限" / "proactive disclosure",
        event: "政府信息形成或变更" / "information formed or changed",
        limit: Some(Limit::workdays(20)), After, pauses: Never, extends: None,
        stops: "公开" / "published",
        lapse: Overdue, article: "政府信息公开条例(2019) Art. 26",
    }
    RatingContact = "RATING_CONTACT" {
        name: "差评联系期限" / "contact after a negative rating",
        event: "收到实名差评" / "negative rating received",
        limit: Some(Limit::workdays(1)), After, pauses: Never, extends: None,
        stops: "联系评价人" / "rater contacted",
        lapse: Alert, article: "local 好差评 rules",
    }
    RatingRectify = "RATING_RECTIFY" {
        name: "差评整改期限" / "rectification after a negative rating",
        event: "收到差评" / "negative rating received",
        limit: Some(Limit::workdays(15)), After, pauses: Never, extends: None,
        stops: "反馈整改结果" / "result fed back",
        lapse: Overdue, article: "local 好差评 rules",
    }
    ComplaintAnswer = "COMPLAINT_ANSWER" {
        name: "投诉答复期限" / "answer to a complaint",
        event: "受理投诉" / "complaint accepted",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: Some(Extending::at_most(5, Approver::UnitHead)),
        stops: "答复" / "answer",
        lapse: Overdue, article: "local complaint rules",
    }
    SupervisionSign = "SUPERVISION_SIGN" {
        name: "督办签收期限" / "signing of a supervision order",
        event: "发出督办" / "order issued",
        limit: Some(Limit::workdays(1)), After, pauses: Never, extends: None,
        stops: "签收" / "signed",
        lapse: SignedAutomatically, article: "GB/T 39046-2020; local rules",
    }
    SupervisionReport = "SUPERVISION_REPORT" {
        name: "督办整改反馈期限" / "report on a supervision order",
        event: "签收督办" / "order signed",
        limit: Some(Limit::workdays(3)), After, pauses: Never, extends: Some(Extending::by(Approver::Supervisor)),
        stops: "反馈整改结果" / "report",
        lapse: Overdue, article: "GB/T 39046-2020; local rules",
    }
    CardAppeal = "CARD_APPEAL" {
        name: "亮牌申诉期限" / "appeal against a card",
        event: "收到黄牌或红牌" / "card received",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "提出申诉" / "appeal",
        lapse: RightLapses, article: "local supervision rules",
    }
    CardAppealDecide = "CARD_APPEAL_DECIDE" {
        name: "申诉裁定期限" / "decision on an appeal against a card",
        event: "提出申诉" / "appeal",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "作出裁定" / "decision",
        lapse: Overdue, article: "local supervision rules",
    }
    LibraryChange = "LIBRARY_CHANGE" {
        name: "事项变更申报期限" / "filing of a change of an item",
        event: "法律公布或职能调整" / "law published or functions changed",
        limit: Some(Limit::workdays(20)), After, pauses: Never, extends: None,
        stops: "提交变更申请" / "change filed",
        lapse: Overdue, article: "local power-list rules",
    }
    LibraryReview = "LIBRARY_REVIEW" {
        name: "事项变更审核期限" / "legal review of a change of an item",
        event: "收到变更申请" / "change filed",
        limit: Some(Limit::workdays(10)), After, pauses: Never, extends: None,
        stops: "答复" / "answer",
        lapse: Overdue, article: "local power-list rules",
    }
    LibraryPublish = "LIBRARY_PUBLISH" {
        name: "事项变更公布期限" / "publication of a change of an item",
        event: "批准变更" / "change approved",
        limit: Some(Limit::workdays(3)), After, pauses: Never, extends: None,
        stops: "公布" / "published",
        lapse: Overdue, article: "local power-list rules",
    }
}

/// A short text in both languages of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

coded! {
    /// Whether the period runs from its event or up to it.
    pub enum Direction {
        /// The act is due so long after the event ([`Clock`](super::Clock)).
        After = "AFTER",
        /// The act is due so long before the event ([`Limit::latest_before`]).
        Before = "BEFORE",
    }
}

coded! {
    /// What pauses a clock. Waiting for payment, for a missing colleague or for the applicant never does.
    pub enum Pauses {
        /// Nothing.
        Never = "NEVER",
        /// The procedures required by law that 行政许可法 Art. 45 lists.
        Procedures = "PROCEDURES",
        /// The same, and once a supplement asked for after acceptance: that may pause a promise but no statutory period.
        ProceduresAndSupplement = "PROCEDURES_AND_SUPPLEMENT",
        /// Whatever pauses the case.
        WithCase = "WITH_CASE",
        /// Suspended components, by [`JointPolicy`](super::JointPolicy).
        WithComponents = "WITH_COMPONENTS",
        /// Asking third parties and other agencies (政府信息公开条例(2019) Art. 33(3)).
        OtherOpinions = "OTHER_OPINIONS",
    }
}

coded! {
    /// Who may extend a clock.
    pub enum Approver {
        /// The clerk at the window.
        Clerk = "CLERK",
        /// The head of the agency (行政许可法 Art. 42(1)).
        AgencyHead = "AGENCY_HEAD",
        /// The head of the local government (行政许可法 Art. 42(2)).
        GovernmentHead = "LOCAL_GOVERNMENT_HEAD",
        /// The head of the disclosure office (政府信息公开条例(2019) Art. 33(2)).
        DisclosureOfficeHead = "DISCLOSURE_OFFICE_HEAD",
        /// The head of the unit that answers.
        UnitHead = "UNIT_HEAD",
        /// The supervisor.
        Supervisor = "SUPERVISOR",
        /// Nobody by rank: a new written notice to the applicant.
        Notice = "NEW_NOTICE",
    }
}

/// The one extension that a clock admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extending {
    /// The most days, in the unit of the clock; `None` if no rule bounds them.
    pub days: Option<u32>,
    /// Who approves it.
    pub approver: Approver,
}

impl Extending {
    const fn at_most(days: u32, approver: Approver) -> Self {
        Self {
            days: Some(days),
            approver,
        }
    }

    const fn by(approver: Approver) -> Self {
        Self {
            days: None,
            approver,
        }
    }
}

coded! {
    /// What it means that a clock lapsed.
    pub enum Lapse {
        /// The act is late; nothing is deemed granted.
        Overdue = "OVERDUE",
        /// Accepted as of the day of receipt.
        DeemedAccepted = "DEEMED_ACCEPTED",
        /// Treated as withdrawn by the applicant.
        TreatedAsWithdrawn = "TREATED_AS_WITHDRAWN",
        /// The acceptance is withdrawn.
        AcceptanceWithdrawn = "ACCEPTANCE_WITHDRAWN",
        /// The step is late although the case may be in time.
        StepOverrun = "STEP_OVERRUN",
        /// Somebody is told.
        Alert = "ALERT",
        /// What silence means is for the bundle to say.
        SilencePolicy = "SILENCE_POLICY",
        /// The right is gone.
        RightLapses = "RIGHT_LAPSES",
        /// The hearing may not open.
        HearingMayNotOpen = "HEARING_MAY_NOT_OPEN",
        /// An ordinary new application, without tacit renewal.
        OrdinaryApplication = "ORDINARY_APPLICATION",
        /// Renewed from the next day; the only grant by silence in 行政许可法.
        Renewed = "RENEWED",
        /// The agency decides without the opinion.
        AgencyDecides = "AGENCY_DECIDES",
        /// Silence is consent.
        Consent = "CONSENT",
        /// Taken as signed.
        SignedAutomatically = "SIGNED_AUTOMATICALLY",
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockRow {
    /// What people call the clock.
    pub name: Phrase,
    /// The event on whose day it starts, or up to which it runs.
    pub event: Phrase,
    /// The limit if nobody sets another; `None` if there is none without an item, a bundle or a notice.
    pub limit: Option<Limit>,
    /// After or before the event.
    pub direction: Direction,
    /// What pauses it.
    pub pauses: Pauses,
    /// How it may be extended; `None` for never.
    pub extends: Option<Extending>,
    /// The act that stops it.
    pub stops: Phrase,
    /// What its lapse means.
    pub on_lapse: Lapse,
    /// The legal source.
    pub article: &'static str,
}
