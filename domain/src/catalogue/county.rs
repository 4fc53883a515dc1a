//! A very small county, for the tests of the rules.

use super::Catalogue;
use crate::applicant::ApplicantKind;
use crate::bundle::{
    BundleVersion, Component, ComponentMode, Condition, JointStatutory, LegalMode, Question,
    QuestionOption, TacitConsent, TacitPolicy,
};
use crate::clock::{Anchor, Limit, Unit};
use crate::item::{
    CaseType, Department, DepartmentKind, Fee, FeeCollection, FeePayee, FeeStandard, ItemResult,
    ItemType, ItemVersion, LegalBasis, Level, Material, MaterialForm, MaterialKind, MaterialSource,
    Necessity, OnlineDepth, PowerSource, ResultKind, StatutoryLimit, Step,
};

const CREDIT_CODE: &str = "11320999030000212W";

pub(crate) fn workdays(n: u32) -> Limit {
    Limit {
        n,
        unit: Unit::Workday,
    }
}

pub(crate) fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub(crate) fn department(code: &str) -> Department {
    Department {
        code: code.to_owned(),
        name: format!("滨澜县{code}局"),
        short_name: format!("{code}局"),
        credit_code: CREDIT_CODE.to_owned(),
        standard_number: "04".to_owned(),
        kind: DepartmentKind::Department,
        hall_window: None,
    }
}

/// A licence that may be published, promised in some working days.
pub(crate) fn item(code: &str, promised: u32, materials: &[&str]) -> ItemVersion {
    let implementation_code = format!("{CREDIT_CODE}4990104001000");
    ItemVersion {
        code: code.to_owned(),
        name: format!("事项{code}"),
        item_type: ItemType::Licence,
        department: "D".to_owned(),
        basic_code: "990104001000".to_owned(),
        handling_item_code: format!("{implementation_code}01"),
        implementation_code,
        version: 1,
        level: Level::County,
        power_source: PowerSource::Statutory,
        audience: vec![ApplicantKind::NaturalPerson, ApplicantKind::Enterprise],
        legal_basis: LegalBasis {
            text: "某条例 第一条".to_owned(),
            confidence: "sure".to_owned(),
        },
        case_type: if promised == 0 {
            CaseType::Immediate
        } else {
            CaseType::Promised
        },
        statutory: Some(StatutoryLimit {
            limit: workdays(20),
            anchor: Anchor::Accepted,
        }),
        extension: None,
        promised: workdays(promised),
        acceptance_check: None,
        renewal_apply: None,
        steps: vec![Step {
            name: "审查".to_owned(),
            days: promised,
        }],
        special_procedures: Vec::new(),
        materials: owned(materials),
        site_visit: false,
        hearing_required: false,
        notification_and_promise: false,
        fee: None,
        result: ItemResult {
            name: "某许可证".to_owned(),
            kind: ResultKind::Certificate,
            valid_months: None,
        },
        predecessors: Vec::new(),
        visits_needed: 0,
        online_depth: OnlineDepth::Full,
        coverage: "本县通办".to_owned(),
        note: None,
    }
}

pub(crate) fn material(code: &str, necessity: Necessity, source: MaterialSource) -> Material {
    Material {
        code: code.to_owned(),
        name: format!("材料{code}"),
        kind: MaterialKind::Form,
        source,
        necessity,
        form: MaterialForm::Both,
        originals: 1,
        copies: 0,
        shared_from: None,
        note: None,
    }
}

pub(crate) fn fee(code: &str) -> Fee {
    Fee {
        code: code.to_owned(),
        name: "工本费".to_owned(),
        kind: "行政事业性收费".to_owned(),
        standards: vec![FeeStandard {
            applies_to: "每本".to_owned(),
            amount: 120.into(),
            unit: "元/本".to_owned(),
        }],
        basis: "某文件".to_owned(),
        waivers: Vec::new(),
        confidence: "sure".to_owned(),
        payee: FeePayee::NonTaxAccount,
        collection: FeeCollection::AfterDecisionBeforeDelivery,
    }
}

/// A component that is needed when this question, if any, is answered by `Y`.
pub(crate) fn component(item: &str, after: &[&str], question: Option<&str>) -> Component {
    Component {
        item: item.to_owned(),
        mode: ComponentMode::Parallel,
        depends_on: owned(after),
        include_when: question.map(|q| Condition::Answered {
            q: q.to_owned(),
            values: owned(&["Y"]),
        }),
        opinion_days: None,
        tacit_eligible: false,
    }
}

pub(crate) fn question(id: &str) -> Question {
    let option = |value: &str| QuestionOption {
        value: value.to_owned(),
        label: value.to_owned(),
    };
    Question {
        id: id.to_owned(),
        text: format!("问题{id}?"),
        options: vec![option("Y"), option("N")],
    }
}

pub(crate) fn bundle(components: Vec<Component>) -> BundleVersion {
    BundleVersion {
        code: "B".to_owned(),
        name: "一件事".to_owned(),
        version: 1,
        stage: None,
        lead_department: "D".to_owned(),
        joint_promised: workdays(15),
        legal_mode: LegalMode::Art26Joint,
        joint_statutory: Some(JointStatutory {
            limit: workdays(45),
            extension: None,
        }),
        questions: ["Q0", "Q1", "Q2", "Q3", "Q4"].map(question).to_vec(),
        components,
        joint_site_visit: false,
        comprehensive_permit: false,
        tacit_consent: TacitConsent {
            policy: TacitPolicy::Off,
            days: None,
            note: None,
        },
        note: None,
    }
}

/// Items A, B, C, D in a chain A → B → C with D beside it; the bundle asks `Q1` for B and `Q2` for D.
pub(crate) fn county() -> Catalogue {
    let mut county = Catalogue::default();
    county.add_department(department("D"));
    county.add_material(material(
        "M-FORM",
        Necessity::Required,
        MaterialSource::Applicant,
    ));
    county.add_material(material(
        "M-PLAN",
        Necessity::Required,
        MaterialSource::Applicant,
    ));
    county.add_material(material(
        "M-LATER",
        Necessity::MayFollow,
        MaterialSource::Applicant,
    ));
    county.add_material(material(
        "M-GOV",
        Necessity::Required,
        MaterialSource::Government,
    ));
    county.add_fee(fee("F"));
    county.add_item(item("A", 3, &["M-FORM", "M-GOV"]));
    county.add_item(item("B", 5, &["M-FORM", "M-PLAN"]));
    county.add_item(item("C", 7, &["M-LATER", "M-FORM"]));
    county.add_item(ItemVersion {
        fee: Some("F".to_owned()),
        site_visit: true,
        ..item("D", 9, &[])
    });
    county.add_bundle(bundle(vec![
        component("C", &["B"], None),
        component("A", &[], None),
        component("B", &["A"], Some("Q1")),
        component("D", &[], Some("Q2")),
    ]));
    county
}
