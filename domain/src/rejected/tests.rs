//! The table of refusals, read as a whole.

use std::collections::BTreeSet;

use super::*;
use crate::actor::Role;
use crate::application::ApplicationState;
use crate::case::{CaseResult, CaseState};
use crate::item::{ExtensionApprover, SpecialProcedureKind};
use crate::mediation::{MediationLevel, MediationState};
use crate::review::{OpinionKind, ReviewState};
use crate::visit::{DefectState, VisitState};

/// The names between braces, in the order of the alphabet.
fn placeholders(text: &str) -> BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts
        .map(|part| part.split_once('}').expect("a brace is closed").0)
        .collect()
}

/// The words that stand in braces or Latin letters in both languages alike: names of fields and laws.
fn is_chinese(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

#[test]
fn every_code_is_unique_and_upper_snake() {
    let mut seen = BTreeSet::new();
    for (code, ..) in TABLE {
        assert!(seen.insert(*code), "{code} stands twice");
        let mut words = code.split('_');
        assert!(
            words
                .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase())),
            "{code}"
        );
    }
    assert_eq!(seen.len(), UserErrorCode::ALL.len());
}

#[test]
fn every_text_is_a_sentence_in_its_own_language() {
    for (code, _, zh, en) in TABLE {
        assert!(
            zh.ends_with('。') && zh.chars().any(is_chinese),
            "{code}: {zh}"
        );
        assert!(
            en.ends_with('.') && !en.chars().any(is_chinese),
            "{code}: {en}"
        );
        assert!(
            en.starts_with(|first: char| first.is_ascii_uppercase()),
            "{code}: {en}"
        );
        assert_eq!((zh.trim(), en.trim()), (*zh, *en), "{code}");
    }
}

#[test]
fn both_texts_say_every_field_and_no_other() {
    for (code, fields, zh, en) in TABLE {
        let fields: BTreeSet<_> = fields.iter().copied().collect();
        assert_eq!(placeholders(zh), fields, "{code}: {zh}");
        assert_eq!(placeholders(en), fields, "{code}: {en}");
    }
}

#[test]
fn every_reason_answers_with_its_own_code_and_texts() {
    let reasons = one_of_each();
    let codes: Vec<_> = reasons.iter().map(Reason::code).collect();
    assert_eq!(codes, UserErrorCode::ALL);
    for (reason, (code, fields, zh, en)) in reasons.into_iter().zip(TABLE) {
        assert_eq!(reason.code().code(), *code);
        assert!(
            !reason.code().about().trim().is_empty(),
            "{code} is not explained"
        );
        let (in_zh, in_en) = (reason.message(Lang::Zh), reason.message(Lang::En));
        assert!(!in_zh.contains('{') && !in_en.contains('{'), "{code}");
        if fields.is_empty() {
            assert_eq!((in_zh.as_str(), in_en.as_str()), (*zh, *en));
        }
        assert_eq!(
            Rejected::from(reason).to_string(),
            *code,
            "a log sees the code and nothing else"
        );
    }
}

#[test]
fn a_text_is_filled_with_what_it_speaks_of() {
    let conflict = Reason::Conflict {
        expected: 2,
        actual: 5,
        changed: CaseState::Deciding.into(),
    };
    assert_eq!(
        conflict.message(Lang::Zh),
        "内容已被更改（您看到的是第 2 版，现为第 5 版：待决定）。请刷新后重试。"
    );
    assert_eq!(
        conflict.message(Lang::En),
        "It was changed meanwhile (you read version 2, now it is 5: DECIDING). Read it again and retry."
    );
    // What comes from outside is text, never a pattern.
    let item = "{materials}".to_owned();
    assert_eq!(
        Reason::ItemNotPublished { item }.message(Lang::En),
        "Item {materials} is not published. Choose a published item."
    );
}

#[test]
fn a_refusal_points_at_the_field_outermost_first() {
    assert_eq!(
        Reason::ItemTwice {
            item: "A".to_owned()
        }
        .at("items.2")
        .field,
        ["items", "2"]
    );
    assert!(Rejected::from(Reason::Forbidden).field.is_empty());
}

/// In a Chinese text a state has its Chinese word, and no code.
#[test]
fn codes_are_said_in_words() {
    fn words<C: crate::code::Code>() -> Vec<Word> {
        C::ALL.iter().map(|code| (*code).into()).collect()
    }
    let all = [
        words::<ApplicationState>(),
        words::<CaseState>(),
        words::<CaseResult>(),
        words::<ReviewState>(),
        words::<OpinionKind>(),
        words::<VisitState>(),
        words::<DefectState>(),
        words::<MediationState>(),
        words::<MediationLevel>(),
        words::<Role>(),
        words::<ExtensionApprover>(),
        words::<SpecialProcedureKind>(),
    ];
    for word in all.into_iter().flatten() {
        let state = word.clone();
        let told = Reason::WrongState { state };
        let zh = told.message(Lang::Zh);
        assert!(!zh.chars().any(|c| c.is_ascii_alphanumeric()), "{zh}");
        assert!(told.message(Lang::En).contains(&word.to_string()));
    }
    let reviewing = Reason::WrongState {
        state: CaseState::InReview.into(),
    };
    assert_eq!(
        reviewing.message(Lang::Zh),
        "当前状态为“审查”，不能进行此操作。请刷新后按当前状态办理。"
    );
}

/// Of each act that wants reasons the text says by which rule; that of a refusal stands for no other.
#[test]
fn reasons_are_required_by_a_rule_of_the_act() {
    let text = |because: Word| Reason::ReasonsRequired { because }.message(Lang::Zh);
    assert_eq!(
        text(because::REFUSED),
        "必须写明理由：不予许可的决定应当说明理由（行政许可法第三十八条第二款）。"
    );
    for other in [
        because::GRANTED_AGAINST,
        because::EXTENDED,
        because::VISITED_AGAIN,
        because::ON_RECORD,
    ] {
        assert!(!text(other.clone()).contains("三十八"), "{other}");
    }
}
