//! The table of clocks: what starts each, how long it runs, what pauses, extends and stops it, and what its lapse means.
//!
//! A new clock is a row here, not code. The limits are defaults: an item, a bundle or a local rule may set its own.
//!
//! The end of the matter stops every clock within it: once it is decided, nobody is late with what nobody waits for.

use super::row::{Approver, ClockRow, Direction, Extending, Lapse, Pauses, Phrase};
use super::{ActKind, Limit};
use crate::coded;

/// Makes the codes and their rows from one table, so that neither can lack the other.
macro_rules! clocks {
    ($($variant:ident = $code:literal {
        name: $zh:literal / $en:literal,
        event: $event_zh:literal / $event_en:literal,
        starts: [$($starts:ident),+], stops_at: [$($stops_at:ident),+], label: $label:literal,
        limit: $limit:expr, $direction:ident, pauses: $pauses:ident, extends: $extends:expr,
        stops: $stops_zh:literal / $stops_en:literal,
        lapse: $lapse:ident, article: $article_zh:literal / $article_en:literal,
    })+) => {
        coded! {
            /// The clocks that the program knows.
            pub enum ClockKind {
                $(#[doc = concat!($zh, ": ", $en, " (", $article_en, ").")] $variant = $code),+
            }
        }

        impl ClockKind {
            /// The row of the table.
            pub const fn row(self) -> ClockRow {
                match self {
                    $(Self::$variant => ClockRow {
                        name: Phrase { zh: $zh, en: $en },
                        event: Phrase { zh: $event_zh, en: $event_en },
                        starts: &[$(ActKind::$starts),+],
                        stops_at: &[$(ActKind::$stops_at),+],
                        label: $label,
                        limit: $limit,
                        direction: Direction::$direction,
                        pauses: Pauses::$pauses,
                        extends: $extends,
                        stops: Phrase { zh: $stops_zh, en: $stops_en },
                        on_lapse: Lapse::$lapse,
                        article: Phrase { zh: $article_zh, en: $article_en },
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
        starts: [Received, Supplement], stops_at: [Accepted, NotAccepted, CorrectionNotice, Terminated], label: "acceptanceCheckDue",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "受理、不予受理或告知补正" / "acceptance, refusal to accept or correction notice",
        lapse: DeemedAccepted, article: "《行政许可法》第三十二条第一款第四项" / "行政许可法 Art. 32(1)(4)",
    }
    Supplement = "SUPPLEMENT" {
        name: "补正期限" / "supplement by the applicant",
        event: "补正告知书送达" / "correction notice delivered",
        starts: [CorrectionNotice], stops_at: [Supplement, Decided, Terminated], label: "supplementBy",
        limit: Some(Limit::workdays(20)), After, pauses: Never, extends: Some(Extending::by(Approver::Clerk)),
        stops: "提交补正材料" / "supplement handed in",
        lapse: TreatedAsWithdrawn, article: "补正告知书" / "correction notice",
    }
    Statutory = "STATUTORY" {
        name: "法定办结时限" / "statutory period",
        event: "受理之日（法律另有规定的为收到之日）" / "acceptance, or receipt where the law says so",
        starts: [Accepted], stops_at: [Decided, Terminated], label: "statutoryDue",
        limit: Some(Limit::workdays(20)), After, pauses: Procedures, extends: Some(Extending::at_most(10, Approver::AgencyHead)),
        stops: "作出决定、撤回或终止" / "decision, withdrawal or termination",
        lapse: Overdue, article: "《行政许可法》第四十二条第一款、第四十五条" / "行政许可法 Art. 42(1), 45",
    }
    Promised = "PROMISED" {
        name: "承诺办结时限" / "promised period",
        event: "与法定办结时限同时" / "together with the statutory period",
        starts: [Accepted], stops_at: [Decided, Terminated], label: "promisedDue",
        limit: None, After, pauses: ProceduresAndSupplement, extends: Some(Extending::at_most(10, Approver::AgencyHead)),
        stops: "作出决定、撤回或终止" / "decision, withdrawal or termination",
        lapse: Overdue, article: "办事指南；《行政许可法》第四十二条第一款、第四十五条" / "service guide; 行政许可法 Art. 42(1), 45",
    }
    Redecision = "REDECISION" {
        name: "重新作出决定期限" / "new decision",
        event: "收到撤销原决定的复议决定书或者判决书" / "decision or judgment that revokes the former one received",
        starts: [Reopened], stops_at: [Decided, Terminated], label: "redecisionDue",
        limit: Some(Limit::workdays(20)), After, pauses: Procedures, extends: None,
        stops: "重新作出决定、撤回或终止" / "new decision, withdrawal or termination",
        lapse: Overdue, article: "《行政复议法》第六十四条；《行政诉讼法》第七十条、第七十一条" / "行政复议法 Art. 64; 行政诉讼法 Art. 70, 71",
    }
    Step = "STEP" {
        name: "环节时限" / "step",
        event: "进入环节" / "step entered",
        starts: [StepEntered], stops_at: [StepLeft, Decided, Terminated], label: "stepDue",
        limit: None, After, pauses: WithCase, extends: None,
        stops: "离开环节" / "step left",
        lapse: StepOverrun, article: "办事指南" / "service guide",
    }
    Joint = "JOINT" {
        name: "联合办理时限" / "joint handling",
        event: "统一受理" / "unified acceptance",
        starts: [Accepted], stops_at: [Decided, Terminated], label: "jointDue",
        limit: Some(Limit::workdays(45)), After, pauses: WithComponents, extends: Some(Extending::at_most(15, Approver::GovernmentHead)),
        stops: "作出联合决定" / "joint decision",
        lapse: Overdue, article: "《行政许可法》第二十六条第二款、第四十二条第二款" / "行政许可法 Art. 26(2), 42(2)",
    }
    JointPromised = "JOINT_PROMISED" {
        name: "联合办理承诺时限" / "joint promise",
        event: "统一受理" / "unified acceptance",
        starts: [Accepted], stops_at: [Decided, Terminated], label: "jointPromisedDue",
        limit: None, After, pauses: WithComponents, extends: Some(Extending::at_most(15, Approver::GovernmentHead)),
        stops: "作出联合决定" / "joint decision",
        lapse: Overdue, article: "联办事项；《行政许可法》第四十二条第二款" / "bundle; 行政许可法 Art. 42(2)",
    }
    Preliminary = "PRELIMINARY" {
        name: "初审期限" / "first examination",
        event: "下级机关受理" / "acceptance by the lower level",
        starts: [Accepted], stops_at: [SentUp, Decided, Terminated], label: "opinionSentUpBy",
        limit: Some(Limit::workdays(20)), After, pauses: Procedures, extends: None,
        stops: "报送初步审查意见" / "opinion sent up",
        lapse: Overdue, article: "《行政许可法》第四十三条" / "行政许可法 Art. 43",
    }
    InspectionAssign = "INSPECTION_ASSIGN" {
        name: "指派检验检疫人员期限" / "naming of inspectors",
        event: "受理" / "acceptance",
        starts: [Accepted], stops_at: [InspectorsNamed, Decided, Terminated], label: "assignBy",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "指派两名以上工作人员" / "two persons named",
        lapse: Alert, article: "《行政许可法》第五十五条第二款" / "行政许可法 Art. 55(2)",
    }
    Special = "SPECIAL" {
        name: "特别程序期限" / "special procedure",
        event: "特别程序开始" / "start of the special procedure",
        starts: [Suspend], stops_at: [Resume, Decided, Terminated], label: "specialProcedureDue",
        limit: None, After, pauses: Never, extends: Some(Extending::by(Approver::Notice)),
        stops: "登记特别程序结束" / "end recorded",
        lapse: Alert, article: "《行政许可法》第四十五条" / "行政许可法 Art. 45",
    }
    ConditionalSupplement = "CONDITIONAL_SUPPLEMENT" {
        name: "容缺补正期限" / "supplement after conditional acceptance",
        event: "容缺受理" / "conditional acceptance",
        starts: [ConditionalAcceptance], stops_at: [MissingHandedIn, Decided, Terminated], label: "missingMaterialBy",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "提交所缺材料" / "material handed in",
        lapse: AcceptanceWithdrawn, article: "地方容缺受理规定" / "local rules on conditional acceptance",
    }
    Opinion = "OPINION" {
        name: "征求意见答复期限" / "opinion of a co-department",
        event: "转送协办部门" / "case passed to the co-department",
        starts: [Passed], stops_at: [Opinion, Decided, Terminated], label: "opinionDue",
        limit: Some(Limit::workdays(5)), After, pauses: WithComponents, extends: None,
        stops: "提出意见" / "opinion given",
        lapse: SilencePolicy, article: "联办事项；《行政许可法》第二十六条第二款" / "bundle; 行政许可法 Art. 26(2)",
    }
    Mediation = "MEDIATION" {
        name: "协调期限" / "mediation of a conflict",
        event: "协调提交至该层级，或者上一层级期限届满" / "mediation comes to a level, or the former lets its days pass",
        starts: [LevelReached], stops_at: [LevelLeft, Decided, Terminated], label: "mediationDue",
        limit: Some(Limit::workdays(3)), After, pauses: Never, extends: None,
        stops: "达成一致、记录保留意见或提交上一级" / "settled, minority view recorded, or passed up",
        lapse: Climbs, article: "地方并联审批协调规定" / "local rules on parallel approval",
    }
    Delivery = "DELIVERY" {
        name: "送达期限" / "delivery",
        event: "作出决定" / "decision",
        starts: [Decided], stops_at: [Ready, Delivered, Terminated, Reopened], label: "deliverBy",
        limit: Some(Limit::workdays(10)), After, pauses: Never, extends: None,
        stops: "送达，或者可以领取并已通知申请人" / "delivered, or ready and the applicant told",
        lapse: Overdue, article: "《行政许可法》第四十四条" / "行政许可法 Art. 44",
    }
    TacitPaper = "TACIT_PAPER" {
        name: "默许后补发文书期限" / "paper owed after silence",
        event: "超时默许通过" / "passed by silence",
        starts: [TacitPassed], stops_at: [PaperIssued, Terminated], label: "paperDue",
        limit: Some(Limit::workdays(1)), After, pauses: Never, extends: None,
        stops: "补发文书" / "paper issued",
        lapse: Overdue, article: "联办事项的默许规定" / "the bundle's rule on silence",
    }
    HearingRequest = "HEARING_REQUEST" {
        name: "申请听证期限" / "request for a hearing",
        event: "告知听证权利" / "told of the right",
        starts: [HearingTold], stops_at: [HearingRequested, Decided, Terminated], label: "requestBy",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "提出申请" / "request",
        lapse: RightLapses, article: "《行政许可法》第四十七条第一款" / "行政许可法 Art. 47(1)",
    }
    HearingHold = "HEARING_HOLD" {
        name: "组织听证期限" / "holding of a hearing",
        event: "提出听证申请" / "request",
        starts: [HearingRequested], stops_at: [HearingHeld, Decided, Terminated], label: "holdBy",
        limit: Some(Limit::workdays(20)), After, pauses: Never, extends: None,
        stops: "举行听证" / "hearing held",
        lapse: Overdue, article: "《行政许可法》第四十七条第一款" / "行政许可法 Art. 47(1)",
    }
    HearingNotice = "HEARING_NOTICE" {
        name: "听证通知期限" / "notice of a hearing",
        event: "举行听证之日" / "day of the hearing",
        starts: [HearingSet], stops_at: [HearingNoticed, Terminated], label: "noticeNoLaterThan",
        limit: Some(Limit::workdays(7)), Before, pauses: Never, extends: None,
        stops: "通知申请人和利害关系人" / "applicant and interested parties told",
        lapse: HearingMayNotOpen, article: "《行政许可法》第四十八条第一款第一项" / "行政许可法 Art. 48(1)(1)",
    }
    RenewalApply = "RENEWAL_APPLY" {
        name: "申请延续期限" / "application for renewal",
        event: "有效期届满之日" / "expiry of the licence",
        starts: [Expiry], stops_at: [RenewalApplied], label: "applyNoLaterThan",
        limit: Some(Limit::calendar_days(30)), Before, pauses: Never, extends: None,
        stops: "提出延续申请" / "application for renewal",
        lapse: OrdinaryApplication, article: "《行政许可法》第五十条第一款" / "行政许可法 Art. 50(1)",
    }
    RenewalDecide = "RENEWAL_DECIDE" {
        name: "延续决定期限" / "decision on renewal",
        event: "有效期届满之日" / "expiry of the licence",
        starts: [RenewalAccepted], stops_at: [Decided, Terminated], label: "decideBy",
        limit: Some(Limit::calendar_days(0)), After, pauses: Never, extends: None,
        stops: "作出是否准予延续的决定" / "decision",
        lapse: Renewed, article: "《行政许可法》第五十条第二款" / "行政许可法 Art. 50(2)",
    }
    DisclosureAnswer = "DISCLOSURE_ANSWER" {
        name: "政府信息公开答复期限" / "answer to a disclosure request",
        event: "收到政府信息公开申请" / "request received",
        starts: [DisclosureRequested], stops_at: [Answered, Terminated], label: "answerBy",
        limit: Some(Limit::workdays(20)), After, pauses: OtherOpinions, extends: Some(Extending::at_most(20, Approver::DisclosureOfficeHead)),
        stops: "答复" / "answer",
        lapse: Overdue, article: "《政府信息公开条例》（2019）第三十三条" / "政府信息公开条例(2019) Art. 33",
    }
    DisclosureCorrection = "DISCLOSURE_CORRECTION" {
        name: "政府信息公开补正告知期限" / "correction notice on a disclosure request",
        event: "收到政府信息公开申请" / "request received",
        starts: [DisclosureRequested], stops_at: [DisclosureNoticed, Answered, Terminated], label: "noticeBy",
        limit: Some(Limit::workdays(7)), After, pauses: Never, extends: None,
        stops: "告知补正" / "correction notice",
        lapse: Overdue, article: "《政府信息公开条例》（2019）第三十条" / "政府信息公开条例(2019) Art. 30",
    }
    DisclosureThirdParty = "DISCLOSURE_THIRD_PARTY" {
        name: "第三方意见期限" / "opinion of a third party on disclosure",
        event: "第三方收到征求意见书" / "third party asked",
        starts: [ThirdPartyAsked], stops_at: [Opinion, Answered, Terminated], label: "opinionBy",
        limit: Some(Limit::workdays(15)), After, pauses: Never, extends: None,
        stops: "提出意见" / "opinion given",
        lapse: AgencyDecides, article: "《政府信息公开条例》（2019）第三十二条" / "政府信息公开条例(2019) Art. 32",
    }
    DisclosureOtherAgency = "DISCLOSURE_OTHER_AGENCY" {
        name: "其他行政机关意见期限" / "opinion of another agency on disclosure",
        event: "其他行政机关收到征求意见" / "other agency asked",
        starts: [OtherAgencyAsked], stops_at: [Opinion, Answered, Terminated], label: "opinionBy",
        limit: Some(Limit::workdays(15)), After, pauses: Never, extends: None,
        stops: "提出意见" / "opinion given",
        lapse: Consent, article: "《政府信息公开条例》（2019）第三十四条" / "政府信息公开条例(2019) Art. 34",
    }
    DisclosurePublish = "DISCLOSURE_PUBLISH" {
        name: "主动公开期限" / "proactive disclosure",
        event: "政府信息形成或变更" / "information formed or changed",
        starts: [InformationFormed], stops_at: [Published], label: "publishBy",
        limit: Some(Limit::workdays(20)), After, pauses: Never, extends: None,
        stops: "公开" / "published",
        lapse: Overdue, article: "《政府信息公开条例》（2019）第二十六条" / "政府信息公开条例(2019) Art. 26",
    }
    RatingContact = "RATING_CONTACT" {
        name: "差评联系期限" / "contact after a negative rating",
        event: "收到实名差评" / "negative rating received",
        starts: [Rated], stops_at: [RaterContacted], label: "contactBy",
        limit: Some(Limit::workdays(1)), After, pauses: Never, extends: None,
        stops: "联系评价人" / "rater contacted",
        lapse: Alert, article: "地方“好差评”规定" / "local rules on ratings",
    }
    RatingRectify = "RATING_RECTIFY" {
        name: "差评整改期限" / "rectification after a negative rating",
        event: "收到差评" / "negative rating received",
        starts: [Rated], stops_at: [Rectified], label: "rectifyBy",
        limit: Some(Limit::workdays(15)), After, pauses: Never, extends: None,
        stops: "反馈整改结果" / "result fed back",
        lapse: Overdue, article: "地方“好差评”规定" / "local rules on ratings",
    }
    ComplaintAnswer = "COMPLAINT_ANSWER" {
        name: "投诉答复期限" / "answer to a complaint",
        event: "受理投诉" / "complaint accepted",
        starts: [ComplaintAccepted], stops_at: [Answered, Terminated], label: "answerBy",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: Some(Extending::at_most(5, Approver::UnitHead)),
        stops: "答复" / "answer",
        lapse: Overdue, article: "地方投诉处理规定" / "local complaint rules",
    }
    SupervisionSign = "SUPERVISION_SIGN" {
        name: "督办签收期限" / "signing of a supervision order",
        event: "发出督办" / "order issued",
        starts: [OrderIssued], stops_at: [OrderSigned], label: "signBy",
        limit: Some(Limit::workdays(1)), After, pauses: Never, extends: None,
        stops: "签收" / "signed",
        lapse: SignedAutomatically, article: "GB/T 39046-2020；地方规定" / "GB/T 39046-2020; local rules",
    }
    SupervisionReport = "SUPERVISION_REPORT" {
        name: "督办整改反馈期限" / "report on a supervision order",
        event: "签收督办" / "order signed",
        starts: [OrderSigned], stops_at: [OrderReported], label: "reportBy",
        limit: Some(Limit::workdays(3)), After, pauses: Never, extends: Some(Extending::by(Approver::Supervisor)),
        stops: "反馈整改结果" / "report",
        lapse: Overdue, article: "GB/T 39046-2020；地方规定" / "GB/T 39046-2020; local rules",
    }
    CardAppeal = "CARD_APPEAL" {
        name: "亮牌申诉期限" / "appeal against a card",
        event: "收到黄牌或红牌" / "card received",
        starts: [CardReceived], stops_at: [Appealed], label: "appealBy",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "提出申诉" / "appeal",
        lapse: RightLapses, article: "地方电子监察规定" / "local supervision rules",
    }
    CardAppealDecide = "CARD_APPEAL_DECIDE" {
        name: "申诉裁定期限" / "decision on an appeal against a card",
        event: "提出申诉" / "appeal",
        starts: [Appealed], stops_at: [AppealDecided], label: "decideBy",
        limit: Some(Limit::workdays(5)), After, pauses: Never, extends: None,
        stops: "作出裁定" / "decision",
        lapse: Overdue, article: "地方电子监察规定" / "local supervision rules",
    }
    LibraryChange = "LIBRARY_CHANGE" {
        name: "事项变更申报期限" / "filing of a change of an item",
        event: "法律公布或职能调整" / "law published or functions changed",
        starts: [LawPublished], stops_at: [ChangeFiled], label: "fileBy",
        limit: Some(Limit::workdays(20)), After, pauses: Never, extends: None,
        stops: "提交变更申请" / "change filed",
        lapse: Overdue, article: "地方权责清单管理规定" / "local power-list rules",
    }
    LibraryReview = "LIBRARY_REVIEW" {
        name: "事项变更审核期限" / "legal review of a change of an item",
        event: "收到变更申请" / "change filed",
        starts: [ChangeFiled], stops_at: [Answered], label: "answerBy",
        limit: Some(Limit::workdays(10)), After, pauses: Never, extends: None,
        stops: "答复" / "answer",
        lapse: Overdue, article: "地方权责清单管理规定" / "local power-list rules",
    }
    LibraryPublish = "LIBRARY_PUBLISH" {
        name: "事项变更公布期限" / "publication of a change of an item",
        event: "批准变更" / "change approved",
        starts: [ChangeApproved], stops_at: [Published], label: "publishBy",
        limit: Some(Limit::workdays(3)), After, pauses: Never, extends: None,
        stops: "公布" / "published",
        lapse: Overdue, article: "地方权责清单管理规定" / "local power-list rules",
    }
}
