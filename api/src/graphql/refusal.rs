//! Why a document is not executed: a stable code, and one sentence that says what to do.

use async_graphql::{ErrorExtensionValues, ServerError};

use lianshen_domain::code::Code as _;
use lianshen_domain::lang::Lang;

use super::fault::FaultCode;

/// A document that this program does not execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code, in `errors[].extensions.code`.
    pub code: FaultCode,
    zh: String,
    en: String,
}

impl Refusal {
    /// A refusal with its wording in both languages.
    pub fn new(code: FaultCode, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// A limit that was passed. The count is given where it's known exactly.
    pub(super) fn over(code: FaultCode, zh: &str, en: &str, limit: usize) -> Self {
        Self::new(
            code,
            format!("{zh}（上限 {limit}）"),
            format!("{en} (limit {limit})."),
        )
    }

    /// The sentence for people.
    pub fn message(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }

    /// The refusal as it stands in the answer.
    pub fn into_error(self, lang: Lang) -> ServerError {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.code());
        let mut error = ServerError::new(self.message(lang), None);
        error.extensions = Some(extensions);
        error
    }
}
