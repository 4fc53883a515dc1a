//! The table of refusals, read as a whole.

use std::collections::BTreeSet;

use super::*;

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
        changed: "DECIDING".to_owned(),
    };
    assert_eq!(
        conflict.message(Lang::Zh),
        "内容已被更改（您看到的是第 2 版，现为第 5 版：DECIDING）。请刷新后重试。"
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
