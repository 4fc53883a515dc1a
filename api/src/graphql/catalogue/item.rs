//! Items.

use std::sync::Arc;

use async_graphql::{InputObject, Object, SimpleObject};
use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::clock::Anchor;
use lianshen_domain::ids::ItemVersionId;
use lianshen_domain::item::{
    CaseType, ExtensionApprover, ItemType, ItemVersion, Level, OnlineDepth, PowerSource,
    ResultKind, SpecialProcedureKind,
};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::Rejected;

use super::{Department, Fee, MaterialDefinition, Published};
use crate::graphql::coded::CodeEnum;
use crate::graphql::ids::NodeId;
use crate::graphql::limit::Limit;

/// One published version of an item (事项).
#[derive(Clone)]
pub struct Item {
    published: Published,
    id: ItemVersionId,
    version: Arc<ItemVersion>,
}

impl Item {
    pub(super) fn new(published: Published, id: ItemVersionId, version: Arc<ItemVersion>) -> Self {
        Self {
            published,
            id,
            version,
        }
    }

    pub(super) fn version_id(&self) -> ItemVersionId {
        self.id
    }

    pub(super) fn version(&self) -> &ItemVersion {
        &self.version
    }
}

/// One published version of an item (事项): what one can apply for. It never changes; a change is a new version.
#[Object]
impl Item {
    /// Identifier of this version.
    pub async fn id(&self) -> NodeId<ItemVersionId> {
        self.id.into()
    }

    /// The short code by which the centre speaks of the item, e.g. `SJJ-01-002`; the same in all versions.
    async fn code(&self) -> &str {
        &self.version.code
    }

    /// Name (事项名称).
    async fn name(&self) -> &str {
        &self.version.name
    }

    /// Version (事项版本), from 1.
    #[graphql(name = "version")]
    async fn version_number(&self) -> u32 {
        self.version.version
    }

    /// What kind of power or service it is (事项类型).
    async fn item_type(&self) -> CodeEnum<ItemType> {
        self.version.item_type.into()
    }

    /// The department that answers for it (实施主体).
    async fn department(&self) -> Option<Department> {
        self.published.department(&self.version.department)
    }

    /// Basic code (基本编码), 12 digits.
    async fn basic_code(&self) -> &str {
        &self.version.basic_code
    }

    /// Implementation code (实施编码), 31 characters.
    async fn implementation_code(&self) -> &str {
        &self.version.implementation_code
    }

    /// Code of the handling item (业务办理项编码), 33 characters.
    async fn handling_item_code(&self) -> &str {
        &self.version.handling_item_code
    }

    /// The level of government at which it is handled (行使层级).
    async fn level(&self) -> CodeEnum<Level> {
        self.version.level.into()
    }

    /// Where the power comes from (权力来源).
    async fn power_source(&self) -> CodeEnum<PowerSource> {
        self.version.power_source.into()
    }

    /// The kinds of applicant it is for (服务对象).
    async fn audience(&self) -> Vec<CodeEnum<ApplicantKind>> {
        self.version
            .audience
            .iter()
            .copied()
            .map(CodeEnum)
            .collect()
    }

    /// Act and article on which it stands (设定依据).
    async fn legal_basis(&self) -> &str {
        &self.version.legal_basis.text
    }

    /// Whether it is decided on the spot or within a promise (办件类型).
    async fn case_type(&self) -> CodeEnum<CaseType> {
        self.version.case_type.into()
    }

    /// The legal maximum (法定办结时限); null when no act sets one.
    async fn statutory(&self) -> Option<StatutoryLimit> {
        self.version.statutory.map(|statutory| StatutoryLimit {
            limit: statutory.limit.into(),
            anchor: statutory.anchor.into(),
        })
    }

    /// By how much the legal maximum may be extended once, and by whom (延期); null when it may not be.
    async fn extension(&self) -> Option<LimitExtension> {
        self.version.extension.map(Into::into)
    }

    /// What the centre promises (承诺办结时限).
    async fn promised(&self) -> Limit {
        self.version.promised.into()
    }

    /// How long the check before acceptance may take, where an act sets less for this item (受理审查, 行政许可法
    /// 第三十二条第一款第四项); null where it is as the centre has it. An application has as long as the item with the least, and
    /// never longer than the centre has.
    async fn acceptance_check(&self) -> Option<AcceptanceCheck> {
        self.version.acceptance_check.map(Into::into)
    }

    /// How long before its last day a licence must be applied for again, so that silence renews it (行政许可法 第五十条);
    /// null where it is as the centre has it.
    async fn renewal_apply(&self) -> Option<Limit> {
        self.version.renewal_apply.map(Into::into)
    }

    /// The steps of the procedure (办理环节), in order.
    async fn steps(&self) -> Vec<Step> {
        let steps = self.version.steps.iter().map(|step| Step {
            name: step.name.clone(),
            days: step.days,
        });
        steps.collect()
    }

    /// Procedures that may occur and whose time does not count (特别程序).
    async fn special_procedures(&self) -> Vec<SpecialProcedure> {
        let procedures = self.version.special_procedures.iter();
        let procedures = procedures.map(|procedure| SpecialProcedure {
            kind: procedure.kind.into(),
            legal_basis: procedure.legal_basis.clone(),
            limit: procedure.limit.into(),
        });
        procedures.collect()
    }

    /// The full list of materials (申请材料), in order. Nothing else may be demanded (行政许可法 第三十一条).
    #[graphql(complexity = "10 * child_complexity")]
    async fn materials(&self) -> Vec<MaterialDefinition> {
        let codes = self.version.materials.iter();
        codes
            .filter_map(|code| self.published.material(code))
            .collect()
    }

    /// Whether two persons visit the place (现场踏勘).
    async fn site_visit(&self) -> bool {
        self.version.site_visit
    }

    /// Whether a hearing must be held (听证).
    async fn hearing_required(&self) -> bool {
        self.version.hearing_required
    }

    /// Whether it is decided on the applicant's written promise (告知承诺).
    async fn notification_and_promise(&self) -> bool {
        self.version.notification_and_promise
    }

    /// The fee; null when it is free of charge.
    async fn fee(&self) -> Option<Fee> {
        self.published.fee(self.version.fee.as_deref()?)
    }

    /// What a grant produces (办理结果).
    async fn result(&self) -> ItemResult {
        let result = &self.version.result;
        ItemResult {
            name: result.name.clone(),
            kind: result.kind.into(),
            valid_months: result.valid_months,
        }
    }

    /// Items that must be granted first (前置审批).
    #[graphql(complexity = "5 * child_complexity")]
    async fn predecessors(&self) -> Vec<Item> {
        let codes = self.version.predecessors.iter();
        codes.filter_map(|code| self.published.item(code)).collect()
    }

    /// How often the applicant must come (到办事现场次数).
    async fn visits_needed(&self) -> u32 {
        self.version.visits_needed
    }

    /// How far it can be handled without coming (网办深度).
    async fn online_depth(&self) -> CodeEnum<OnlineDepth> {
        self.version.online_depth.into()
    }

    /// Where it can be applied for (通办范围).
    async fn coverage(&self) -> &str {
        &self.version.coverage
    }

    /// What else the guide says.
    async fn note(&self) -> Option<&str> {
        self.version.note.as_deref()
    }
}

/// The legal maximum (法定办结时限).
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct StatutoryLimit {
    /// How long.
    pub limit: Limit,
    /// From when.
    pub anchor: CodeEnum<Anchor>,
}

/// By how much a limit may be extended once (延期).
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct LimitExtension {
    /// By how much.
    pub limit: Limit,
    /// Who must approve it.
    pub approver: CodeEnum<ExtensionApprover>,
}

impl From<lianshen_domain::item::Extension> for LimitExtension {
    fn from(extension: lianshen_domain::item::Extension) -> Self {
        Self {
            limit: extension.limit.into(),
            approver: extension.approver.into(),
        }
    }
}

/// How long the check before acceptance may take, in working days (受理审查).
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct AcceptanceCheck {
    /// For what is handed in at a window.
    pub days: u32,
    /// For what comes in online.
    pub online_days: u32,
}

impl From<lianshen_domain::item::AcceptanceCheck> for AcceptanceCheck {
    fn from(check: lianshen_domain::item::AcceptanceCheck) -> Self {
        Self {
            days: check.days,
            online_days: check.days_online(),
        }
    }
}

/// A step of the procedure (办理环节).
#[derive(Clone, Debug, SimpleObject)]
pub struct Step {
    /// What is done.
    pub name: String,
    /// How many days of the promise it has.
    pub days: u32,
}

/// A procedure that the law demands and whose time does not count (特别程序).
#[derive(Clone, Debug, SimpleObject)]
pub struct SpecialProcedure {
    /// Which.
    pub kind: CodeEnum<SpecialProcedureKind>,
    /// The article that demands it.
    pub legal_basis: String,
    /// How long it takes, as published.
    pub limit: Limit,
}

/// What a grant produces (办理结果).
#[derive(Clone, Debug, SimpleObject)]
pub struct ItemResult {
    /// The name on the paper.
    pub name: String,
    /// What kind of paper.
    pub kind: CodeEnum<ResultKind>,
    /// How many months it is valid; null means without end.
    pub valid_months: Option<u32>,
}

/// Which items to list; what is not given lets all through.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "ItemFilterInput")]
pub struct ItemFilter {
    /// Part of the name or of the code, at most 100 characters; the case of letters does not matter.
    pub text: Option<String>,
    /// Code of the department that answers for it.
    pub department: Option<String>,
    /// What kind of power or service it is (事项类型).
    pub item_type: Option<CodeEnum<ItemType>>,
    /// Only items that are for this kind of applicant (服务对象).
    pub applicant_kind: Option<CodeEnum<ApplicantKind>>,
    /// True for items that are decided on the spot (即办件), false for the others.
    pub immediate: Option<bool>,
}

impl ItemFilter {
    /// The text in the form in which it is compared.
    pub(super) fn folded(self) -> Result<Self, Rejected> {
        let text = self.text.filter(|text| !text.trim().is_empty());
        let text = text.map(|text| plain_text::checked(&text, 100, "filter.text"));
        let text = text.transpose()?.map(|text| text.to_lowercase());
        Ok(Self { text, ..self })
    }

    /// Whether an item fulfils all of it, once it is [`folded`](Self::folded).
    pub(super) fn lets_through(&self, item: &Item) -> bool {
        let version = item.version();
        self.text.as_ref().is_none_or(|text| {
            version.name.to_lowercase().contains(text) || version.code.to_lowercase().contains(text)
        }) && self
            .department
            .as_ref()
            .is_none_or(|code| version.department == *code)
            && self
                .item_type
                .is_none_or(|CodeEnum(item_type)| version.item_type == item_type)
            && self
                .applicant_kind
                .is_none_or(|CodeEnum(kind)| version.is_for(kind))
            && self
                .immediate
                .is_none_or(|wanted| (version.case_type == CaseType::Immediate) == wanted)
    }
}
