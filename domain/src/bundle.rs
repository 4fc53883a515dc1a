//! Bundles (一件事 / 联审主题): a published set of items for one event of life or business.

mod budget;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::catalogue::CatalogueView;
use crate::clock::Limit;
use crate::coded;
use crate::guide::{Link, layers};
use crate::item::{Extension, Fault, PublishingRule};
use crate::rejected::{Reason, Rejected};

pub use budget::{Allowance, Budgeted, Misfit};

coded! {
    /// How the departments of a bundle are bound together.
    pub enum LegalMode {
        /// 统一办理、联合办理、集中办理: the joint limit of 行政许可法 第四十二条第二款 applies.
        Art26Joint = "ART26_JOINT",
        /// Separate decisions handed out together; each keeps its own limit.
        ServicePackage = "SERVICE_PACKAGE",
    }
}

coded! {
    /// 超时默认: what silence of a department means. By law it grants nothing.
    pub enum TacitPolicy {
        /// Nothing passes by silence.
        Off = "OFF",
        /// The opinion counts as consent; it is never shown as a signed one.
        OpinionOnly = "OPINION_ONLY",
        /// The component passes; the department must issue the paper at once.
        Component = "COMPONENT",
    }
}

coded! {
    /// How a component is shown; the order comes from dependencies alone.
    pub enum ComponentMode {
        /// 并联.
        Parallel = "PARALLEL",
        /// 串联.
        Serial = "SERIAL",
    }
}

/// A condition on the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a condition has `q` and `in`, or `all`, and nothing else"
)]
pub enum Condition {
    /// True when the question was answered by one of the values.
    Answered {
        /// Id of the question.
        q: String,
        /// The values.
        #[serde(rename = "in")]
        values: Vec<String>,
    },
    /// True when all of the conditions are.
    All {
        /// The conditions.
        all: Vec<Condition>,
    },
}

impl Condition {
    /// Whether the answers fulfil the condition; an unanswered question does not.
    pub fn holds(&self, answers: &Answers) -> bool {
        match self {
            Self::Answered { q, values } => answers
                .value(q)
                .is_some_and(|given| values.iter().any(|value| value == given)),
            Self::All { all } => all.iter().all(|condition| condition.holds(answers)),
        }
    }

    /// Whether every question and value that the condition names is one of these.
    fn fits(&self, questions: &[Question]) -> bool {
        match self {
            Self::Answered { q, values } => questions
                .iter()
                .find(|question| question.id == *q)
                .is_some_and(|question| {
                    !values.is_empty() && values.iter().all(|value| question.offers(value))
                }),
            Self::All { all } => all.iter().all(|condition| condition.fits(questions)),
        }
    }
}

/// The answers of an applicant, as they were given: pairs of question and value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers(pub Vec<(String, String)>);

impl Answers {
    /// The answer to a question.
    pub fn value(&self, question: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(id, _)| id == question)
            .map(|(_, value)| value.as_str())
    }
}

/// An answer that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionOption {
    /// What is stored.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// A question that decides which items are needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Short id, e.g. `Q1`.
    pub id: String,
    /// What people read.
    pub text: String,
    /// The answers to choose from.
    pub options: Vec<QuestionOption>,
}

impl Question {
    /// Whether this value is one of the options.
    pub fn offers(&self, value: &str) -> bool {
        self.options.iter().any(|option| option.value == value)
    }
}

/// One item of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// Code of the item.
    pub item: String,
    /// How it is shown.
    pub mode: ComponentMode,
    /// Codes of the items that must be granted first, as far as they are included.
    pub depends_on: Vec<String>,
    /// When it is needed; always if absent.
    pub include_when: Option<Condition>,
    /// Working days for the opinion; the default of the centre if absent.
    pub opinion_days: Option<u32>,
    /// Whether silence may count here at all.
    pub tacit_eligible: bool,
}

impl Component {
    /// Whether the answers call for the item.
    pub fn is_needed(&self, answers: &Answers) -> bool {
        self.include_when
            .as_ref()
            .is_none_or(|condition| condition.holds(answers))
    }
}

/// The joint limit of joint handling (行政许可法 第四十二条第二款).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JointStatutory {
    /// How long.
    pub limit: Limit,
    /// By how much it may be extended, and by whom.
    pub extension: Option<Extension>,
}

/// What silence means in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TacitConsent {
    /// The policy.
    pub policy: TacitPolicy,
    /// Working days after which silence counts.
    pub days: Option<u32>,
    /// Where it applies, in words.
    pub note: Option<String>,
}

/// One published version of a bundle; it never changes afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BundleVersion {
    /// Short code, e.g. `YJS-001`.
    pub code: String,
    /// Name, as people know it.
    pub name: String,
    /// Version, from 1.
    pub version: u32,
    /// 阶段 of a construction project.
    pub stage: Option<String>,
    /// 牵头部门: code of the department that leads.
    pub lead_department: String,
    /// 联办承诺时限.
    pub joint_promised: Limit,
    /// How the departments are bound together.
    pub legal_mode: LegalMode,
    /// Joint statutory limit; absent in a package of separate decisions.
    pub joint_statutory: Option<JointStatutory>,
    /// The questions, in order.
    pub questions: Vec<Question>,
    /// The components, in order.
    pub components: Vec<Component>,
    /// 联合踏勘: whether site visits are made together.
    pub joint_site_visit: bool,
    /// 综合许可: whether one sheet shows all licences that are granted.
    #[serde(default)]
    pub comprehensive_permit: bool,
    /// What silence means.
    pub tacit_consent: TacitConsent,
    /// What else the guide says.
    pub note: Option<String>,
}

impl BundleVersion {
    /// Whether silence counts as the opinion that was asked for on an item: where the policy says so and the component is
    /// marked, never else.
    pub fn lets_silence_agree(&self, item: &str) -> bool {
        let component = self.components.iter().find(|part| part.item == item);
        let allowed = matches!(
            self.tacit_consent.policy,
            TacitPolicy::OpinionOnly | TacitPolicy::Component
        );
        allowed && component.is_some_and(|part| part.tacit_eligible)
    }

    /// Whether the silence of the department lets a component pass: where the policy says so and the component is marked.
    pub fn lets_component_pass(&self, item: &str) -> bool {
        self.tacit_consent.policy == TacitPolicy::Component && self.lets_silence_agree(item)
    }

    /// The working days that a component gives for an opinion: its own, those after which silence counts, or none.
    pub fn opinion_days(&self, item: &str) -> Option<u32> {
        let component = self.components.iter().find(|part| part.item == item)?;
        let until_silence = || {
            let days = self.tacit_consent.days;
            days.filter(|_| self.lets_silence_agree(item))
        };
        component.opinion_days.or_else(until_silence)
    }

    /// The faults of a set of answers: unknown questions, unknown values, second answers.
    pub fn answer_faults(&self, answers: &Answers) -> Vec<Rejected> {
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for (at, (id, value)) in answers.0.iter().enumerate() {
            let question = id.clone();
            match self.questions.iter().find(|question| question.id == *id) {
                None => faults.push(
                    Reason::QuestionUnknown { question }.at(&format!("answers.{at}.question")),
                ),
                Some(known) if !known.offers(value) || !seen.insert(id) => {
                    faults.push(
                        Reason::AnswerUnknown { question }.at(&format!("answers.{at}.value")),
                    );
                }
                Some(_) => {}
            }
        }
        faults
    }
}

/// Everything that forbids publishing a bundle; empty when it may be published.
pub fn publishing_faults(bundle: &BundleVersion, catalogue: &dyn CatalogueView) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut demand = |holds: bool, rule: PublishingRule, found: &str| {
        if !holds {
            faults.push(Fault::new(rule, found));
        }
    };
    demand(
        !bundle.name.trim().is_empty(),
        PublishingRule::NameGiven,
        &bundle.name,
    );
    demand(
        catalogue.department(&bundle.lead_department).is_some(),
        PublishingRule::DepartmentKnown,
        &bundle.lead_department,
    );
    let joint = bundle.legal_mode == LegalMode::Art26Joint;
    demand(
        joint == bundle.joint_statutory.is_some(),
        PublishingRule::JointLimitFits,
        &bundle.code,
    );
    if let Some(statutory) = bundle
        .joint_statutory
        .filter(|s| s.limit.unit == bundle.joint_promised.unit)
    {
        demand(
            bundle.joint_promised.n <= statutory.limit.n,
            PublishingRule::PromiseWithinStatute,
            &format!(
                "promised {}, statutory {}",
                bundle.joint_promised.n, statutory.limit.n
            ),
        );
    }
    let mut ids = BTreeSet::new();
    for question in &bundle.questions {
        let mut values = BTreeSet::new();
        let fits = ids.insert(&question.id)
            && !question.options.is_empty()
            && question
                .options
                .iter()
                .all(|option| values.insert(&option.value));
        demand(fits, PublishingRule::QuestionsFit, &question.id);
    }
    let mut items = BTreeSet::new();
    for component in &bundle.components {
        let known = catalogue.item(&component.item).is_some() && items.insert(&component.item);
        demand(known, PublishingRule::ComponentKnown, &component.item);
        let fits = component
            .include_when
            .as_ref()
            .is_none_or(|condition| condition.fits(&bundle.questions));
        demand(fits, PublishingRule::ConditionFits, &component.item);
        for other in &component.depends_on {
            let known = bundle
                .components
                .iter()
                .any(|component| component.item == *other);
            demand(
                known,
                PublishingRule::DependencyKnown,
                &format!("{} on {other}", component.item),
            );
        }
    }
    let links: Vec<Link> = bundle.components.iter().map(Link::of_component).collect();
    demand(
        layers(&links).is_some(),
        PublishingRule::NoCycle,
        &bundle.code,
    );
    demand(
        !bundle.components.is_empty(),
        PublishingRule::ComponentKnown,
        "none",
    );
    faults
}

#[cfg(test)]
mod tests;
