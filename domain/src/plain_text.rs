//! Text that people typed: trimmed, measured in characters, and free of what nobody can see.
//!
//! Invisible characters make two names look the same that are not, and turn the order of a line
//! around on a printed document; so they are refused, not silently removed.

use crate::rejected::{Reason, Rejected};

/// One line of text, at most `max` characters; emoji are allowed.
///
/// # Errors
/// `TextEmpty`, `TextTooLong` or `TextNotPrintable`, pointing at `path`.
pub fn checked(text: &str, max: usize, path: &str) -> Result<String, Rejected> {
    let line = measured(text, max, path)?;
    if is_printable(line) {
        Ok(line.to_owned())
    } else {
        Err(Reason::TextNotPrintable.at(path))
    }
}

/// Text of several lines, at most `max` characters; line ends become `\n`.
///
/// # Errors
/// `TextEmpty`, `TextTooLong` or `TextNotPrintable`, pointing at `path`.
pub fn checked_lines(text: &str, max: usize, path: &str) -> Result<String, Rejected> {
    let lines = measured(text, max, path)?.replace("\r\n", "\n");
    if lines.split('\n').all(is_printable) {
        Ok(lines)
    } else {
        Err(Reason::TextNotPrintable.at(path))
    }
}

/// A name: one line of text without emoji, which no certificate can print.
///
/// # Errors
/// `TextEmpty`, `TextTooLong` or `TextNotPrintable`, pointing at `path`.
pub fn checked_name(text: &str, max: usize, path: &str) -> Result<String, Rejected> {
    let name = checked(text, max, path)?;
    if name.chars().any(|c| is_emoji(c) || joins_emoji(c)) {
        return Err(Reason::TextNotPrintable.at(path));
    }
    Ok(name)
}

/// Whether a character is a Chinese one of the common forms: neither a radical nor a form for compatibility, which look like
/// another one and are not.
pub fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{2EE5D}' | '\u{30000}'..='\u{33479}')
}

/// Chinese input methods type `ａ` where `a` is meant.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

fn measured<'a>(text: &'a str, max: usize, path: &str) -> Result<&'a str, Rejected> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Reason::TextEmpty.at(path));
    }
    // Counting stops at the limit, so that a huge text costs nothing.
    if trimmed.chars().nth(max).is_some() {
        return Err(Reason::TextTooLong { max }.at(path));
    }
    Ok(trimmed)
}

/// Whether every character of a line can be seen; joiners count as seen inside an emoji only.
fn is_printable(line: &str) -> bool {
    let mut before = None;
    for c in line.chars() {
        if joins_emoji(c) {
            if !before.is_some_and(|b| is_emoji(b) || b == '\u{FE0F}' || can_be_keycap(b)) {
                return false;
            }
        } else if is_hidden(c) {
            return false;
        }
        before = Some(c);
    }
    before != Some('\u{200D}')
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{0600}'..='\u{0605}' | '\u{06DD}' | '\u{070F}' | '\u{0890}' | '\u{0891}' | '\u{08E2}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{FFA0}' | '\u{FEFF}'
            | '\u{FE00}'..='\u{FE0D}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}'
            | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1345F}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// The joiner and the variation selectors: invisible by themselves, part of an emoji after one.
fn joins_emoji(c: char) -> bool {
    matches!(c, '\u{200D}' | '\u{FE0E}' | '\u{FE0F}')
}

/// Digits and the two signs that become keycaps when a selector follows.
fn can_be_keycap(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '#' | '*')
}

fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{203C}' | '\u{2049}' | '\u{20E3}' | '\u{2139}'
        | '\u{231A}'..='\u{23FF}'
        | '\u{25AA}'..='\u{25FE}'
        | '\u{2600}'..='\u{27BF}'
        | '\u{2934}'..='\u{2935}'
        | '\u{2B05}'..='\u{2B55}'
        | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_can_be_seen_is_kept_and_trimmed() {
        for (text, kept) in [
            ("  王小明 \n", "王小明"),
            (
                "\u{3000}滨澜县市场监督管理局\u{3000}",
                "滨澜县市场监督管理局",
            ),
            ("阿依古丽·买买提", "阿依古丽·买买提"),
            ("𠮷野家(滨澜)", "𠮷野家(滨澜)"),
            ("很好 👍🏽 👨‍👩‍👧 ❤️ 1️⃣", "很好 👍🏽 👨‍👩‍👧 ❤️ 1️⃣"),
        ] {
            assert_eq!(checked(text, 40, "note").unwrap(), kept);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for text in [
            "a\0b",
            "a\u{7}b",
            "a\nb",
            "a\tb",
            "a\u{85}b",
            "王\u{200B}明",
            "王\u{200D}明",
            "王\u{202E}明",
            "王\u{2066}明",
            "王\u{FEFF}明",
            "王\u{AD}明",
            "王\u{E0041}明",
            "王\u{FE0F}",
            "\u{3164}",
            "👍\u{200D}",
        ] {
            assert_eq!(
                checked(text, 40, "a.b"),
                Err(Reason::TextNotPrintable.at("a.b")),
                "{text:?}"
            );
        }
    }

    #[test]
    fn emoji_stand_in_text_but_not_in_names() {
        assert!(checked_name("王小明", 40, "name").is_ok());
        for text in ["王😀", "❤️王", "王1️⃣"] {
            assert!(checked(text, 40, "name").is_ok(), "{text}");
            assert_eq!(
                checked_name(text, 40, "name"),
                Err(Reason::TextNotPrintable.at("name")),
                "{text}"
            );
        }
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(checked("滨澜县", 3, "p").is_ok());
        assert_eq!(
            checked("滨澜县城", 3, "p"),
            Err(Reason::TextTooLong { max: 3 }.at("p"))
        );
        assert_eq!(
            checked(" \u{3000}\n", 3, "p"),
            Err(Reason::TextEmpty.at("p"))
        );
    }

    #[test]
    fn several_lines_keep_their_line_ends_only() {
        assert_eq!(
            checked_lines("一\r\n二\n\n三", 20, "p").unwrap(),
            "一\n二\n\n三"
        );
        assert_eq!(
            checked_lines("一\r二", 20, "p"),
            Err(Reason::TextNotPrintable.at("p"))
        );
        assert_eq!(
            checked_lines("一\t二", 20, "p"),
            Err(Reason::TextNotPrintable.at("p"))
        );
    }

    proptest! {
        #[test]
        fn what_passes_passes_again_unchanged(text in any::<String>()) {
            if let Ok(once) = checked(&text, 50, "p") {
                prop_assert!(!once.chars().any(char::is_control));
                prop_assert!(once.chars().count() <= 50);
                prop_assert_eq!(checked(&once, 50, "p").unwrap(), once);
            }
        }
    }
}
