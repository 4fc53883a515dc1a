//! Guides.

use async_graphql::{InputObject, Object, SimpleObject};
use lianshen_domain::bundle::Answers;
use lianshen_domain::guide::{self, GuideItem as PlannedItem, MergedMaterial};
use lianshen_domain::item::Necessity;
use lianshen_domain::rejected::{Lang, Reason, Rejected};
use lianshen_domain::submission::{BundleChoice, chosen_guide};

use super::{Bundle, Department, Fee, Item, MaterialDefinition, Published};
use crate::graphql::coded::CodeEnum;
use crate::graphql::limit::Limit;
use crate::graphql::user_error::UserError;

/// An answer to a question of a bundle.
#[derive(Clone, Debug, InputObject)]
pub struct AnswerInput {
    /// Id of the question, e.g. `Q1`.
    pub question: String,
    /// The value of the option that was chosen.
    pub value: String,
}

impl AnswerInput {
    /// The answers as the rules know them.
    pub fn all(answers: Vec<Self>) -> Answers {
        let pairs = answers
            .into_iter()
            .map(|answer| (answer.question, answer.value));
        Answers(pairs.collect())
    }
}

/// A guide, or why there is none.
#[derive(SimpleObject)]
pub struct GuideResult {
    /// The guide; null when there are `userErrors`.
    pub guide: Option<Guide>,
    /// Why there is none.
    pub user_errors: Vec<UserError>,
}

/// The arguments of the guide field.
pub(super) struct Asked {
    pub(super) bundle: Option<String>,
    pub(super) items: Vec<String>,
    pub(super) answers: Vec<AnswerInput>,
}

pub(super) fn guide_result(published: Option<&Published>, asked: Asked, lang: Lang) -> GuideResult {
    match guide_of(published, asked) {
        Ok(guide) => GuideResult {
            guide: Some(guide),
            user_errors: Vec::new(),
        },
        Err(rejected) => GuideResult {
            guide: None,
            user_errors: UserError::all(rejected.into_iter().map(by_argument).collect(), lang),
        },
    }
}

fn guide_of(published: Option<&Published>, asked: Asked) -> Result<Guide, Vec<Rejected>> {
    let answered = asked.answers.first().map(|answer| answer.question.clone());
    let choice = match (asked.bundle, answered) {
        (Some(bundle), _) => Some(BundleChoice {
            bundle,
            answers: AnswerInput::all(asked.answers),
        }),
        (None, Some(question)) => {
            let unknown = Reason::QuestionUnknown { question };
            return Err(vec![unknown.at("answers.0.question")]);
        }
        (None, None) => None,
    };
    let centre = published.and_then(Published::centre);
    let (Some(published), Some(centre)) = (published, centre) else {
        return Err(vec![Reason::NotFound.into()]);
    };
    let plan = chosen_guide(choice.as_ref(), &asked.items, &centre.catalogue)?;
    Ok(Guide {
        published: published.clone(),
        bundle: choice.and_then(|choice| published.bundle(&choice.bundle)),
        plan,
    })
}

/// The rules speak of `bundle` and `items`; the arguments are named for the codes that they are.
pub(in crate::graphql) fn by_argument(mut rejected: Rejected) -> Rejected {
    if let Some(outermost) = rejected.field.first_mut() {
        match outermost.as_str() {
            "bundle" => "bundleCode".clone_into(outermost),
            "items" => "itemCodes".clone_into(outermost),
            _ => {}
        }
    }
    rejected
}

/// The guide (办事指南) of an application that one could file.
pub struct Guide {
    published: Published,
    bundle: Option<Bundle>,
    plan: guide::Guide,
}

impl Guide {
    fn materials_of<'a>(
        &self,
        materials: impl Iterator<Item = &'a MergedMaterial>,
    ) -> Vec<GuideMaterial> {
        let materials = materials.map(|merged| GuideMaterial {
            published: self.published.clone(),
            merged: merged.clone(),
        });
        materials.collect()
    }
}

/// The guide (办事指南) of an application that one could file: which items in which order, with which materials and
/// fees, and how long it takes.
#[Object]
impl Guide {
    /// The bundle; null for items that were chosen one by one.
    async fn bundle(&self) -> Option<&Bundle> {
        self.bundle.as_ref()
    }

    /// The items, in the order in which the bundle lists them.
    #[graphql(complexity = "10 * child_complexity")]
    async fn items(&self) -> Vec<GuideItem> {
        let items = self.plan.items.iter().filter_map(|planned| {
            Some(GuideItem {
                item: self.published.item(&planned.item)?,
                planned: planned.clone(),
                published: self.published.clone(),
            })
        });
        items.collect()
    }

    /// The items by layer: those of a layer are reviewed at the same time (并联), one layer after the other (串联).
    #[graphql(complexity = "10 * child_complexity")]
    async fn levels(&self) -> Vec<Vec<Item>> {
        let layers = self.plan.layers().into_iter().map(|layer| {
            let items = layer.into_iter();
            items.filter_map(|code| self.published.item(code)).collect()
        });
        layers.collect()
    }

    /// The one set of materials for all items, in order of first appearance.
    #[graphql(complexity = "20 * child_complexity")]
    async fn materials(&self) -> Vec<GuideMaterial> {
        self.materials_of(self.plan.materials.iter())
    }

    /// Those materials that nobody but the applicant can provide.
    #[graphql(complexity = "20 * child_complexity")]
    async fn applicant_provides(&self) -> Vec<GuideMaterial> {
        self.materials_of(self.plan.applicant_provides())
    }

    /// Those materials that the centre obtains by sharing; they are never demanded.
    #[graphql(complexity = "20 * child_complexity")]
    async fn obtained_by_sharing(&self) -> Vec<GuideMaterial> {
        self.materials_of(self.plan.obtained_by_sharing())
    }

    /// How many materials there would be if every item were applied for by itself.
    async fn materials_if_separate(&self) -> usize {
        self.plan.materials_if_separate
    }

    /// The fees, in the order of the items; empty when all is free of charge.
    #[graphql(complexity = "5 * child_complexity")]
    async fn fees(&self) -> Vec<GuideFee> {
        let fees = self.plan.fees.iter().filter_map(|charged| {
            Some(GuideFee {
                item: self.published.item(&charged.item)?,
                fee: self.published.fee(&charged.fee)?,
            })
        });
        fees.collect()
    }

    /// The departments that visit the place (现场踏勘), by code.
    #[graphql(complexity = "5 * child_complexity")]
    async fn site_visit_departments(&self) -> Vec<Department> {
        let codes = self.plan.site_visit_departments.iter();
        codes
            .filter_map(|code| self.published.department(code))
            .collect()
    }

    /// The longest chain of promises, in working days; limits in other units are brought to about as many.
    async fn critical_path_days(&self) -> u32 {
        self.plan.critical_path_days
    }

    /// What the departments promise together (联办承诺时限); null without a bundle.
    async fn joint_promised(&self) -> Option<Limit> {
        let bundle = self.bundle.as_ref()?;
        Some(bundle.version().joint_promised.into())
    }
}

/// An item of a guide, and what it waits for.
pub struct GuideItem {
    published: Published,
    item: Item,
    planned: PlannedItem,
}

/// An item of a guide, and what it waits for.
#[Object]
impl GuideItem {
    /// The item.
    async fn item(&self) -> &Item {
        &self.item
    }

    /// 0 for items that begin at once, otherwise one more than the layer of the last predecessor.
    async fn layer(&self) -> usize {
        self.planned.layer
    }

    /// The items of the guide that must be granted first.
    #[graphql(complexity = "5 * child_complexity")]
    async fn predecessors(&self) -> Vec<Item> {
        let codes = self.planned.predecessors.iter();
        codes.filter_map(|code| self.published.item(code)).collect()
    }
}

/// A material that is handed in once for all items that want it.
pub struct GuideMaterial {
    published: Published,
    merged: MergedMaterial,
}

/// A material that is handed in once for all items that want it.
#[Object]
impl GuideMaterial {
    /// What it is; null when the catalogue does not define it, and then it cannot be demanded.
    async fn material(&self) -> Option<MaterialDefinition> {
        self.published.material(&self.merged.material)
    }

    /// The items that want it, in the order of the guide.
    #[graphql(complexity = "5 * child_complexity")]
    async fn wanted_by(&self) -> Vec<Item> {
        let codes = self.merged.wanted_by.iter();
        codes.filter_map(|code| self.published.item(code)).collect()
    }

    /// Whether it must be handed in (材料必要性).
    async fn necessity(&self) -> CodeEnum<Necessity> {
        self.merged.necessity.into()
    }

    /// Whether the centre obtains it. It may be handed in, but is never demanded.
    async fn by_sharing(&self) -> bool {
        self.merged.by_sharing
    }
}

/// A fee of one item of a guide.
#[derive(SimpleObject)]
pub struct GuideFee {
    /// The item.
    pub item: Item,
    /// The fee.
    pub fee: Fee,
}
