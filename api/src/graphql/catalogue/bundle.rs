//! Bundles.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use lianshen_domain::bundle::{self, BundleVersion, ComponentMode, LegalMode, TacitPolicy};
use lianshen_domain::ids::BundleVersionId;

use super::budget::{self, BundleBudget};
use super::item::LimitExtension;
use super::{Department, Item, Published};
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::ids::NodeId;
use crate::graphql::limit::Limit;
use crate::graphql::scalars::Date;

/// One published version of a bundle (一件事).
#[derive(Clone)]
pub struct Bundle {
    published: Published,
    id: BundleVersionId,
    version: Arc<BundleVersion>,
}

impl Bundle {
    pub(super) fn new(
        published: Published,
        id: BundleVersionId,
        version: Arc<BundleVersion>,
    ) -> Self {
        Self {
            published,
            id,
            version,
        }
    }

    pub(super) fn version(&self) -> &BundleVersion {
        &self.version
    }
}

/// One published version of a bundle (一件事 / 联审主题): the items of one event of life or business, applied for at
/// once. It never changes; a change is a new version.
#[Object]
impl Bundle {
    /// Identifier of this version.
    pub async fn id(&self) -> NodeId<BundleVersionId> {
        self.id.into()
    }

    /// Short code, e.g. `YJS-001`; the same in all versions.
    async fn code(&self) -> &str {
        &self.version.code
    }

    /// Name, as people know it.
    async fn name(&self) -> &str {
        &self.version.name
    }

    /// Version, from 1.
    #[graphql(name = "version")]
    async fn version_number(&self) -> u32 {
        self.version.version
    }

    /// The stage of a construction project (阶段); null outside construction.
    async fn stage(&self) -> Option<&str> {
        self.version.stage.as_deref()
    }

    /// The department that leads (牵头部门).
    async fn lead_department(&self) -> Option<Department> {
        self.published.department(&self.version.lead_department)
    }

    /// What the departments promise together (联办承诺时限).
    async fn joint_promised(&self) -> Limit {
        self.version.joint_promised.into()
    }

    /// How the departments are bound together.
    async fn legal_mode(&self) -> CodeEnum<LegalMode> {
        self.version.legal_mode.into()
    }

    /// The joint legal maximum (行政许可法 第四十二条第二款); null in a package of separate decisions.
    async fn joint_statutory(&self) -> Option<JointStatutory> {
        self.version.joint_statutory.map(|joint| JointStatutory {
            limit: joint.limit.into(),
            extension: joint.extension.map(Into::into),
        })
    }

    /// The questions whose answers decide which items are needed, in order.
    #[graphql(complexity = "5 * child_complexity")]
    async fn questions(&self) -> Vec<Question> {
        self.version.questions.iter().map(Into::into).collect()
    }

    /// The items, in order.
    #[graphql(complexity = "10 * child_complexity")]
    async fn components(&self) -> Vec<Component> {
        let components = 0..self.version.components.len();
        let components = components.map(|at| Component {
            bundle: self.clone(),
            at,
        });
        components.collect()
    }

    /// Whether site visits are made together (联合踏勘).
    async fn joint_site_visit(&self) -> bool {
        self.version.joint_site_visit
    }

    /// Whether one sheet shows all licences that are granted (综合许可); each stays its department's own.
    async fn comprehensive_permit(&self) -> bool {
        self.version.comprehensive_permit
    }

    /// What silence of a department means (超时默认).
    async fn tacit_consent(&self) -> TacitConsent {
        let tacit = &self.version.tacit_consent;
        TacitConsent {
            policy: tacit.policy.into(),
            days: tacit.days,
            note: tacit.note.clone(),
        }
    }

    /// Whether the joint limits can be kept if every department takes the whole of its promised term, one after the other
    /// as far as they wait for each other, and the lead its days for the synthesis: for every day on which an application
    /// may be accepted.
    #[graphql(complexity = "100 + child_complexity")]
    async fn budget(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day of acceptance that is tried; today if not given.")]
        from: Option<Date>,
        #[graphql(desc = "How many days are tried: 1 to 366, 365 if not given.")] days: Option<i32>,
    ) -> Result<BundleBudget> {
        let ctx = Ctx::of(ctx)?;
        let first = from.map_or_else(|| ctx.app().env.moment().today, |from| from.0);
        let days = budget::days(days).map_err(|fault| ctx.fail(fault))?;
        let config = &ctx.app().config;
        let misfits = self.published.misfits(&self.version, config, (first, days));
        Ok(BundleBudget::of(first, days, config.bundles, misfits))
    }

    /// What else the guide says.
    async fn note(&self) -> Option<&str> {
        self.version.note.as_deref()
    }
}

/// The joint legal maximum of joint handling (行政许可法 第四十二条第二款).
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct JointStatutory {
    /// How long.
    pub limit: Limit,
    /// By how much it may be extended, and by whom; null when it may not be.
    pub extension: Option<LimitExtension>,
}

/// A question that decides which items are needed.
#[derive(Clone, Debug, SimpleObject)]
pub struct Question {
    /// Short id within the bundle, e.g. `Q1`.
    pub id: String,
    /// What people read.
    pub text: String,
    /// The answers to choose from.
    pub options: Vec<QuestionOption>,
}

/// An answer that can be chosen.
#[derive(Clone, Debug, SimpleObject)]
pub struct QuestionOption {
    /// What to send.
    pub value: String,
    /// What people read.
    pub label: String,
}

impl From<&bundle::Question> for Question {
    fn from(question: &bundle::Question) -> Self {
        let options = question.options.iter().map(|option| QuestionOption {
            value: option.value.clone(),
            label: option.label.clone(),
        });
        Self {
            id: question.id.clone(),
            text: question.text.clone(),
            options: options.collect(),
        }
    }
}

/// A question, and the answers to it that fulfil the condition.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct Condition {
    /// Id of the question.
    pub question: String,
    /// The answers of which one must be given.
    pub values: Vec<String>,
}

/// One item of a bundle.
pub struct Component {
    bundle: Bundle,
    at: usize,
}

impl Component {
    fn component(&self) -> &bundle::Component {
        &self.bundle.version.components[self.at]
    }
}

/// One item of a bundle.
#[Object]
impl Component {
    /// The item.
    async fn item(&self) -> Option<Item> {
        self.bundle.published.item(&self.component().item)
    }

    /// How it is shown; the order comes from the dependencies alone.
    async fn mode(&self) -> CodeEnum<ComponentMode> {
        self.component().mode.into()
    }

    /// The items of the bundle that must be granted first, as far as they are needed.
    #[graphql(complexity = "5 * child_complexity")]
    async fn depends_on(&self) -> Vec<Item> {
        let codes = self.component().depends_on.iter();
        codes
            .filter_map(|code| self.bundle.published.item(code))
            .collect()
    }

    /// When it is needed: when all of these hold. Empty means always.
    async fn include_when(&self) -> Vec<Condition> {
        let mut conditions = Vec::new();
        if let Some(condition) = &self.component().include_when {
            flatten(condition, &mut conditions);
        }
        conditions
    }

    /// Working days for the opinion of the department; null means the default of the centre.
    async fn opinion_days(&self) -> Option<u32> {
        self.component().opinion_days
    }

    /// Whether silence may count here at all.
    async fn tacit_eligible(&self) -> bool {
        self.component().tacit_eligible
    }
}

/// What silence of a department means (超时默认). By law it grants nothing.
#[derive(Clone, Debug, SimpleObject)]
pub struct TacitConsent {
    /// The policy.
    pub policy: CodeEnum<TacitPolicy>,
    /// Working days after which silence counts; null when it never does.
    pub days: Option<u32>,
    /// Where it applies, in words.
    pub note: Option<String>,
}

/// All-of conditions within all-of conditions are one list.
fn flatten(condition: &bundle::Condition, into: &mut Vec<Condition>) {
    match condition {
        bundle::Condition::Answered { q, values } => into.push(Condition {
            question: q.clone(),
            values: values.clone(),
        }),
        bundle::Condition::All { all } => {
            for one in all {
                flatten(one, into);
            }
        }
    }
}
