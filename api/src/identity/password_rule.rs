//! Which passwords an account may have: long, not common, not the account name again.
//!
//! By default there is no rule about kinds of characters, because such rules make passwords worse;
//! where an assessment (等级保护) demands them, `kinds` is set.

use lianshen_domain::rejected::Reason;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// What is asked of a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordRule {
    /// The least number of characters.
    pub min: usize,
    /// The greatest number of characters; bounds the work, not the strength.
    pub max: usize,
    /// How many kinds (lower case, upper case, digit, other) it needs; 0 asks for none.
    pub kinds: usize,
}

impl Default for PasswordRule {
    fn default() -> Self {
        Self {
            min: 12,
            max: 128,
            kinds: 0,
        }
    }
}

impl PasswordRule {
    /// Says whether `password` will do for the account called `name`.
    ///
    /// # Errors
    /// `TextTooLong` beyond the greatest length, `PasswordTooWeak` for everything else.
    pub fn check(&self, password: &SecretString, name: &str) -> Result<(), Reason> {
        let text = password.expose_secret();
        let length = text.chars().count();
        if length > self.max {
            return Err(Reason::TextTooLong { max: self.max });
        }
        let lower = text.to_lowercase();
        let weak = length < self.min
            || kinds(text) < self.kinds
            || is_monotonous(&lower)
            || is_common(&lower)
            || is_close(&lower, &name.trim().to_lowercase());
        if weak {
            return Err(Reason::PasswordTooWeak { min: self.min });
        }
        Ok(())
    }

    /// Whether a text is so long that it cannot be anybody's password, and is not worth hashing.
    pub fn is_beyond(&self, password: &SecretString) -> bool {
        password.expose_secret().chars().count() > self.max
    }
}

/// Passwords and the words that people make them of, one a line, in lower case.
const COMMON: &str = include_str!("../../data/common-passwords.txt");

/// Names shorter than this stand in too many good passwords by chance.
const SHORT_NAME: usize = 4;

fn kinds(text: &str) -> usize {
    let tests: [fn(char) -> bool; 4] = [
        |c| c.is_lowercase(),
        |c| c.is_uppercase(),
        char::is_numeric,
        |c| !c.is_lowercase() && !c.is_uppercase() && !c.is_numeric(),
    ];
    tests.iter().filter(|test| text.chars().any(**test)).count()
}

/// A short piece again and again, or a run along the alphabet, the digits or the keyboard.
fn is_monotonous(lower: &str) -> bool {
    let letters: Vec<char> = lower.chars().collect();
    let repeats = (1..=letters.len() / 2).any(|piece| {
        piece <= 6
            && letters
                .iter()
                .zip(letters.iter().skip(piece))
                .all(|(a, b)| a == b)
    });
    let steps = letters.windows(2).filter(|pair| follows(pair)).count();
    repeats || (letters.len() > 1 && steps * 4 >= (letters.len() - 1) * 3)
}

fn follows(pair: &[char]) -> bool {
    const ROWS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let [a, b] = pair else { return false };
    let apart = u32::from(*a).abs_diff(u32::from(*b));
    let beside = |row: &str| {
        let place = |letter: &char| row.chars().position(|key| key == *letter);
        matches!((place(a), place(b)), (Some(x), Some(y)) if x.abs_diff(y) == 1)
    };
    apart <= 1 || ROWS.iter().any(|row| beside(row))
}

/// A listed password, or listed words with nothing but digits and signs around and between them.
fn is_common(lower: &str) -> bool {
    let listed = |text: &str| !text.is_empty() && COMMON.lines().any(|line| line == text);
    if listed(lower) {
        return true;
    }
    [lower.to_owned(), plain(lower)].iter().any(|text| {
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
            .collect();
        !words.is_empty()
            && words
                .iter()
                .all(|word| word.chars().count() <= 2 || listed(word))
            && words.iter().any(|word| listed(word))
    })
}

/// Undoes the usual disguises, so that `p@ssw0rd` is read as what it is.
fn plain(lower: &str) -> String {
    lower
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

fn is_close(lower: &str, name: &str) -> bool {
    if name.chars().count() < SHORT_NAME {
        return false;
    }
    let backwards: String = name.chars().rev().collect();
    lower.contains(name) || lower.contains(&backwards) || name.contains(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str, name: &str) -> Result<(), Reason> {
        PasswordRule::default().check(&SecretString::from(password.to_owned()), name)
    }

    #[test]
    fn long_and_unusual_passwords_of_any_characters_are_taken() {
        for good in [
            "correct horse battery staple",
            "春眠不觉晓处处闻啼鸟夜来风雨",
            "tkvgqzrwmhsx",
            "839201746553",
            "Walfisch & Regenschirm",
            "            a quiet room",
        ] {
            assert_eq!(check(good, "wang.fang"), Ok(()), "{good}");
        }
    }

    #[test]
    fn short_common_monotonous_or_name_like_passwords_are_refused() {
        for bad in [
            "",
            "tkvgqzrwmhs",
            "password1234",
            "P@ssw0rd2026!",
            "Passw0rd!Passw0rd!",
            "woaini5201314",
            "qwertyuiop123",
            "zhengwu@2026!!",
            "admin12345678",
            "lianshen-2026",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "123456789012",
            "abcdefghijkl",
            "987654321098",
            "1qaz2wsx3edc",
            "wang.fang 88!",
            "xxgnaf.gnaw77",
        ] {
            assert_eq!(
                check(bad, "Wang.Fang"),
                Err(Reason::PasswordTooWeak { min: 12 }),
                "{bad}"
            );
        }
    }

    #[test]
    fn length_counts_characters_and_has_an_upper_end() {
        let rule = PasswordRule::default();
        let long = |length: usize| {
            SecretString::from(
                "天地玄黄宇宙洪荒"
                    .chars()
                    .cycle()
                    .take(length)
                    .chain("x".chars())
                    .collect::<String>(),
            )
        };

        assert_eq!(rule.check(&long(127), "name"), Ok(()));
        assert_eq!(
            rule.check(&long(128), "name"),
            Err(Reason::TextTooLong { max: 128 })
        );
        assert!(rule.is_beyond(&long(128)));
        assert!(!rule.is_beyond(&long(127)));
    }

    #[test]
    fn kinds_of_characters_are_asked_for_only_where_configured() {
        let strict = PasswordRule {
            kinds: 3,
            ..PasswordRule::default()
        };
        let check = |text: &str| strict.check(&SecretString::from(text.to_owned()), "name");

        assert_eq!(
            check("tkvgqzrwmhsx"),
            Err(Reason::PasswordTooWeak { min: 12 })
        );
        assert_eq!(check("tkvgqzRwmh7x"), Ok(()));
    }

    #[test]
    fn the_list_is_lower_case_without_blanks_or_doubles() {
        let mut seen = std::collections::HashSet::new();
        for line in COMMON.lines() {
            assert_eq!(line, line.trim().to_lowercase());
            assert!(!line.is_empty());
            assert!(seen.insert(line), "{line} stands twice");
        }
        assert!(seen.len() >= 150, "{}", seen.len());
    }
}
