//! Bundles as the catalogue file writes them.

use lianshen_domain::bundle::{
    BundleVersion, Component, ComponentMode, Condition, JointStatutory, LegalMode, Question,
    TacitConsent,
};
use lianshen_domain::clock::{Limit, Unit};
use lianshen_domain::item::{Extension, ExtensionApprover};
use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WrittenBundle {
    code: String,
    name: String,
    /// Absent in the first files; they all speak of first versions.
    #[serde(default = "first_version")]
    version: u32,
    stage: Option<String>,
    lead_department: String,
    joint_promised: Limit,
    legal_mode: LegalMode,
    joint_statutory: Option<WrittenJointStatutory>,
    questions: Vec<Question>,
    components: Vec<WrittenComponent>,
    joint_site_visit: bool,
    #[serde(default)]
    comprehensive_permit: bool,
    tacit_consent: TacitConsent,
    note: Option<String>,
    /// What who wrote it expects of the guide.
    #[serde(rename = "expect")]
    _expect: Option<IgnoredAny>,
    #[serde(rename = "guideExamples")]
    _guide_examples: Option<IgnoredAny>,
    #[serde(rename = "mergedMaterials")]
    _merged_materials: Option<IgnoredAny>,
}

fn first_version() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenJointStatutory {
    n: u32,
    unit: Unit,
    extension: Option<WrittenJointExtension>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenJointExtension {
    n: u32,
    approver: ExtensionApprover,
}

impl WrittenJointStatutory {
    /// The extension has no unit of its own in the file; it is that of the limit.
    fn read(self) -> JointStatutory {
        let unit = self.unit;
        JointStatutory {
            limit: Limit { n: self.n, unit },
            extension: self.extension.map(|extension| Extension {
                limit: Limit {
                    n: extension.n,
                    unit,
                },
                approver: extension.approver,
            }),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenComponent {
    item: String,
    mode: ComponentMode,
    depends_on: Vec<String>,
    include_when: Option<Condition>,
    opinion_days: Option<u32>,
    tacit_eligible: bool,
    /// The item in words.
    #[serde(rename = "itemName")]
    _item_name: Option<IgnoredAny>,
}

impl WrittenComponent {
    fn read(self) -> Component {
        Component {
            item: self.item,
            mode: self.mode,
            depends_on: self.depends_on,
            include_when: self.include_when,
            opinion_days: self.opinion_days,
            tacit_eligible: self.tacit_eligible,
        }
    }
}

impl WrittenBundle {
    pub(super) fn read(self) -> BundleVersion {
        BundleVersion {
            code: self.code,
            name: self.name,
            version: self.version,
            stage: self.stage,
            lead_department: self.lead_department,
            joint_promised: self.joint_promised,
            legal_mode: self.legal_mode,
            joint_statutory: self.joint_statutory.map(WrittenJointStatutory::read),
            questions: self.questions,
            components: self
                .components
                .into_iter()
                .map(WrittenComponent::read)
                .collect(),
            joint_site_visit: self.joint_site_visit,
            comprehensive_permit: self.comprehensive_permit,
            tacit_consent: self.tacit_consent,
            note: self.note,
        }
    }
}
