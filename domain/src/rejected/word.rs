//! What fills a text: a word that each language has for itself, or something that is the same in both.

use std::fmt::{self, Display, Formatter};

use crate::code::Code;
use crate::lang::Lang;

/// A word in both languages, e.g. of a state: people read its Chinese term (术语), programmers its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(Form);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Each {
        zh: &'static str,
        en: &'static str,
    },
    /// The same in both.
    Alike(Box<str>),
}

impl Word {
    /// A word that is no code.
    pub const fn new(zh: &'static str, en: &'static str) -> Self {
        Self(Form::Each { zh, en })
    }

    fn pick(&self, lang: Lang) -> &str {
        match &self.0 {
            Form::Each { zh, en } => lang.pick(zh, en),
            Form::Alike(word) => word,
        }
    }
}

/// Nothing to be said, for the tests that read the table.
#[cfg(test)]
impl Default for Word {
    fn default() -> Self {
        Self::new("", "")
    }
}

impl<C: Code> From<C> for Word {
    fn from(code: C) -> Self {
        Self::new(code.term(), code.code())
    }
}

/// What is the same in both languages.
impl From<String> for Word {
    fn from(alike: String) -> Self {
        Self(Form::Alike(alike.into()))
    }
}

/// As logs and tests read it.
impl Display for Word {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.pick(Lang::En))
    }
}

/// What can stand in a text.
pub(super) trait Said {
    /// As it is said in a language.
    fn said(&self, lang: Lang) -> impl Display + '_;
}

impl Said for Word {
    fn said(&self, lang: Lang) -> impl Display + '_ {
        self.pick(lang)
    }
}

/// The same in both languages.
macro_rules! said_alike {
    ($($alike:ty),+) => {
        $(impl Said for $alike {
            fn said(&self, _: Lang) -> impl Display + '_ {
                self
            }
        })+
    };
}

said_alike!(String, i32, i64, u32, u64, usize);
