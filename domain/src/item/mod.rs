//! Items (事项): what one can apply for, as one department published it in one version.

use serde::{Deserialize, Serialize};

use crate::applicant::ApplicantKind;
use crate::clock::{Anchor, Limit};
use crate::coded;

mod department;
mod fee;
mod material;
mod publishing;

pub use department::{Department, DepartmentKind};
pub use fee::{Fee, FeeCollection, FeePayee, FeeStandard, FeeWaiver};
pub use material::{Material, MaterialForm, MaterialKind, MaterialSource, Necessity};
pub use publishing::{Fault, PublishingRule, publishing_faults};

coded! {
    /// 事项类型: what kind of power or service an item is (GB/T 39046 A.1).
    pub enum ItemType {
        /// 行政许可.
        Licence = "LICENCE",
        /// 行政处罚.
        Penalty = "PENALTY",
        /// 行政强制.
        Coercion = "COERCION",
        /// 行政征收.
        Levy = "LEVY",
        /// 行政给付.
        Benefit = "BENEFIT",
        /// 行政检查.
        Inspection = "INSPECTION",
        /// 行政确认.
        Confirmation = "CONFIRMATION",
        /// 行政奖励.
        Reward = "REWARD",
        /// 行政裁决.
        Adjudication = "ADJUDICATION",
        /// 其他行政权力.
        OtherPower = "OTHER_POWER",
        /// 公共服务.
        PublicService = "PUBLIC_SERVICE",
    }
}

impl ItemType {
    /// The number by which the exchange standard names the value.
    pub fn exchange_number(self) -> &'static str {
        match self {
            Self::Licence => "01",
            Self::Penalty => "02",
            Self::Coercion => "03",
            Self::Levy => "04",
            Self::Benefit => "05",
            Self::Inspection => "06",
            Self::Confirmation => "07",
            Self::Reward => "08",
            Self::Adjudication => "09",
            Self::OtherPower => "10",
            Self::PublicService => "20",
        }
    }
}

coded! {
    /// 行使层级: the level of government at which an item is handled (GB/T 39046 A.2).
    pub enum Level {
        /// 国家级.
        State = "STATE",
        /// 省级.
        Province = "PROVINCE",
        /// 市级.
        City = "CITY",
        /// 县级.
        County = "COUNTY",
        /// 乡级.
        Township = "TOWNSHIP",
        /// 村级.
        Village = "VILLAGE",
        /// 分级: at several levels, by graded powers.
        Graded = "GRADED",
    }
}

impl Level {
    /// The number by which the exchange standard names the value.
    pub fn exchange_number(self) -> &'static str {
        match self {
            Self::State => "1",
            Self::Province => "2",
            Self::City => "3",
            Self::County => "4",
            Self::Township => "5",
            Self::Village => "6",
            Self::Graded => "7",
        }
    }
}

coded! {
    /// 权力来源: where the power to handle an item comes from.
    pub enum PowerSource {
        /// 法定本级行使.
        Statutory = "STATUTORY",
        /// 上级下放.
        Devolved = "DEVOLVED",
        /// 上级授权.
        AuthorisedFromAbove = "AUTHORISED_FROM_ABOVE",
        /// 同级授权.
        AuthorisedSameLevel = "AUTHORISED_SAME_LEVEL",
        /// 上级委托.
        EntrustedFromAbove = "ENTRUSTED_FROM_ABOVE",
        /// 同级委托.
        EntrustedSameLevel = "ENTRUSTED_SAME_LEVEL",
    }
}

impl PowerSource {
    /// The number by which the exchange standard names the value.
    pub fn exchange_number(self) -> &'static str {
        match self {
            Self::Statutory => "1",
            Self::Devolved => "2",
            Self::AuthorisedFromAbove => "3",
            Self::AuthorisedSameLevel => "4",
            Self::EntrustedFromAbove => "5",
            Self::EntrustedSameLevel => "6",
        }
    }
}

coded! {
    /// 办件类型: whether a case is decided on the spot or within a promise (GB/T 39046 A.6).
    pub enum CaseType {
        /// 即办件: decided on the spot.
        Immediate = "IMMEDIATE",
        /// 承诺件: decided within the promised limit.
        Promised = "PROMISED",
        /// 其他.
        Other = "OTHER",
    }
}

impl CaseType {
    /// The number by which the exchange standard names the value.
    pub fn exchange_number(self) -> &'static str {
        match self {
            Self::Immediate => "1",
            Self::Promised => "2",
            Self::Other => "9",
        }
    }
}

coded! {
    /// 网办深度: how far an item can be handled without coming to the hall.
    pub enum OnlineDepth {
        /// Information only.
        Information = "INFORMATION",
        /// 网上预审: checked online beforehand, handed in at the window.
        PreCheck = "PRE_CHECK",
        /// 全程网办: the whole way online.
        Full = "FULL",
    }
}

coded! {
    /// 结果类型: what the applicant receives (行政许可法 第三十九条).
    pub enum ResultKind {
        /// 证照: a licence, permit or certificate.
        Certificate = "CERTIFICATE",
        /// 批文、证明文件: an approval or proof document.
        ApprovalDocument = "APPROVAL_DOCUMENT",
    }
}

coded! {
    /// 特别程序: procedures whose time does not count (行政许可法 第四十五条).
    pub enum SpecialProcedureKind {
        /// 听证.
        Hearing = "HEARING",
        /// 招标.
        Tender = "TENDER",
        /// 拍卖.
        Auction = "AUCTION",
        /// 检验.
        Inspection = "INSPECTION",
        /// 检测.
        Testing = "TESTING",
        /// 检疫.
        Quarantine = "QUARANTINE",
        /// 鉴定.
        Appraisal = "APPRAISAL",
        /// 专家评审.
        ExpertReview = "EXPERT_REVIEW",
    }
}

coded! {
    /// Who may approve an extension (行政许可法 第四十二条).
    pub enum ExtensionApprover {
        /// 本行政机关负责人.
        AgencyHead = "AGENCY_HEAD",
        /// 本级人民政府负责人: for joint handling.
        LocalGovernmentHead = "LOCAL_GOVERNMENT_HEAD",
    }
}

/// 设定依据: the act and article on which an item stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalBasis {
    /// Act and article.
    pub text: String,
    /// How sure the author of the catalogue was, in the author's words.
    pub confidence: String,
}

/// 法定办结时限: the legal maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatutoryLimit {
    /// How long.
    #[serde(flatten)]
    pub limit: Limit,
    /// From when.
    pub anchor: Anchor,
}

/// 延期: by how much a limit may be extended once, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// By how much.
    #[serde(flatten)]
    pub limit: Limit,
    /// Who must approve it.
    pub approver: ExtensionApprover,
}

/// 受理审查: how long the check before acceptance may take, where an act sets less than five working days (行政许可法
/// 第三十二条第一款第四项).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AcceptanceCheck {
    /// Working days.
    pub days: u32,
    /// Working days for what comes in online; as many as at a window if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online_days: Option<u32>,
}

impl AcceptanceCheck {
    /// Working days for what comes in online.
    pub fn days_online(self) -> u32 {
        self.online_days.unwrap_or(self.days)
    }
}

/// 办理环节: one step of the procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    pub name: String,
    /// How many days of the promise it has.
    pub days: u32,
}

/// A procedure that the law demands and whose time does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpecialProcedure {
    /// Which.
    pub kind: SpecialProcedureKind,
    /// The article that demands it.
    pub legal_basis: String,
    /// How long it takes, as published.
    pub limit: Limit,
}

/// 办理结果: what a grant produces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemResult {
    /// The name on the paper.
    pub name: String,
    /// What kind of paper.
    pub kind: ResultKind,
    /// How many months it is valid; without end if absent.
    pub valid_months: Option<u32>,
}

/// One published version of an item; it never changes afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemVersion {
    /// The short code by which the centre speaks of the item, e.g. `SJJ-01-002`.
    pub code: String,
    /// 事项名称.
    pub name: String,
    /// 事项类型.
    pub item_type: ItemType,
    /// Code of the department that answers for it.
    pub department: String,
    /// 基本编码, 12 digits.
    pub basic_code: String,
    /// 实施编码, 31 characters.
    pub implementation_code: String,
    /// 业务办理项编码, 33 characters.
    pub handling_item_code: String,
    /// 事项版本, from 1.
    pub version: u32,
    /// 行使层级.
    pub level: Level,
    /// 权力来源.
    pub power_source: PowerSource,
    /// 服务对象: the kinds of applicant it is for.
    pub audience: Vec<ApplicantKind>,
    /// 设定依据.
    pub legal_basis: LegalBasis,
    /// 办件类型.
    pub case_type: CaseType,
    /// 法定办结时限; absent when no act sets one.
    pub statutory: Option<StatutoryLimit>,
    /// 延期; absent when it may not be extended.
    pub extension: Option<Extension>,
    /// 承诺办结时限.
    pub promised: Limit,
    /// 受理审查; absent where it may take as long as the centre has for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance_check: Option<AcceptanceCheck>,
    /// 延续申请: how long before its last day a licence must be applied for again; absent where the centre decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal_apply: Option<Limit>,
    /// 办理环节, in order.
    pub steps: Vec<Step>,
    /// 特别程序 that may occur.
    pub special_procedures: Vec<SpecialProcedure>,
    /// 申请材料: codes of the full list (行政许可法 第三十条), in order.
    pub materials: Vec<String>,
    /// 现场踏勘: whether two persons visit the place.
    pub site_visit: bool,
    /// Whether a hearing must be held.
    pub hearing_required: bool,
    /// 告知承诺: decided on the applicant's written promise.
    pub notification_and_promise: bool,
    /// Code of the fee, if there is one.
    pub fee: Option<String>,
    /// 办理结果.
    pub result: ItemResult,
    /// 前置审批: codes of items that must be granted first.
    pub predecessors: Vec<String>,
    /// 到办事现场次数: how often the applicant must come.
    pub visits_needed: u32,
    /// 网办深度.
    pub online_depth: OnlineDepth,
    /// 通办范围.
    pub coverage: String,
    /// What else the guide says.
    pub note: Option<String>,
}

impl ItemVersion {
    /// The days of the two steps that follow acceptance, examination and decision, in the unit of the promise; where the
    /// item makes one step of both, only the first is there.
    pub fn step_limits(&self) -> (Option<Limit>, Option<Limit>) {
        let limit = |days: u32| Limit {
            n: days,
            unit: self.promised.unit.counted_in(),
        };
        match self.steps.as_slice() {
            [] => (None, None),
            [only] | [_, only] => (Some(limit(only.days)), None),
            [_, examination @ .., decision] => {
                let days = examination.iter().map(|step| step.days).sum();
                (Some(limit(days)), Some(limit(decision.days)))
            }
        }
    }

    /// Whether an applicant of this kind may apply.
    pub fn is_for(&self, kind: ApplicantKind) -> bool {
        self.audience.contains(&kind)
    }
}
