//! Revocation (撤销): a refusal that was set aside on reconsideration or by a court, and what may not be decided again.
//!
//! Ordered to act anew, an agency may not, for the same facts and reasons, make the same or basically the same decision,
//! unless the former one was revoked for a breach of procedure (行政复议法 第六十四条, 行政诉讼法 第七十条、第七十一条).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::case::{Case, CaseResult, Decision};
use crate::coded;
use crate::plain_text::half_width;
use crate::rejected::{Reason, Rejected};

/// The most working days that an order can give for the new decision.
pub const MOST_DAYS: u32 = 200;

coded! {
    /// On which way a decision was revoked.
    pub enum RevocationWay {
        /// 行政复议.
        Reconsideration = "RECONSIDERATION",
        /// 行政诉讼.
        Court = "COURT",
    }
}

impl RevocationWay {
    /// The articles by which the case is decided anew.
    pub fn article(self) -> &'static str {
        match self {
            Self::Reconsideration => "《行政复议法》第六十四条",
            Self::Court => "《行政诉讼法》第七十条、第七十一条",
        }
    }
}

coded! {
    /// Why a decision was revoked.
    pub enum RevocationGround {
        /// 主要事实不清、证据不足: the facts were unclear, or the evidence was insufficient.
        Facts = "FACTS",
        /// 适用依据错误: it rested on the wrong law.
        LegalBasis = "LEGAL_BASIS",
        /// 违反法定程序: a breach of procedure. Only then may the same be decided again for the same reasons.
        Procedure = "PROCEDURE",
        /// 超越职权或者滥用职权: powers were exceeded or abused.
        Powers = "POWERS",
    }
}

impl RevocationGround {
    /// The ground, as papers print it.
    pub fn term(self) -> &'static str {
        match self {
            Self::Facts => "主要事实不清、证据不足",
            Self::LegalBasis => "适用依据错误",
            Self::Procedure => "违反法定程序",
            Self::Powers => "超越职权或者滥用职权",
        }
    }
}

/// The document that revoked a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revocation {
    /// Who revoked it.
    pub body: String,
    /// Number of the document (文号, 案号).
    pub document_number: String,
    /// On which way.
    pub way: RevocationWay,
    /// Why.
    pub ground: RevocationGround,
    /// The date on the document.
    pub decided_on: NaiveDate,
    /// The working days that it gives for the new decision; `None` if it names none.
    pub within_days: Option<u32>,
    /// What else is to be known.
    pub note: Option<String>,
}

impl Revocation {
    /// The document in one line.
    pub fn document(&self) -> String {
        format!("{} {}", self.body, self.document_number)
    }

    /// Refuses a period that no order gives.
    ///
    /// # Errors
    /// `NumberOutOfRange`.
    pub fn expect_days(&self) -> Result<(), Rejected> {
        let fits = |days: u32| (1..=MOST_DAYS).contains(&days);
        if self.within_days.is_none_or(fits) {
            return Ok(());
        }
        let (min, max) = (1, i64::from(MOST_DAYS));
        Err(Reason::NumberOutOfRange { min, max }.at("withinDays"))
    }
}

/// A refusal that was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormerDecision {
    /// How the case had ended.
    pub result: CaseResult,
    /// Why.
    pub reasons: Option<String>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// The date on the decision.
    pub decided_on: NaiveDate,
    /// The document that revoked it.
    pub revocation: Revocation,
    /// The day on which the department received that document.
    pub received_on: NaiveDate,
    /// When the case was opened again.
    pub reopened_at: DateTime<Utc>,
}

impl Case {
    /// Refuses to refuse again for the reasons of a decision that was revoked, unless only its procedure was at fault.
    /// What is written otherwise but says the same makes no other reasons: signs between the words, white space, width and
    /// case of letters.
    pub(crate) fn expect_not_the_same(&self, decision: &Decision) -> Result<(), Rejected> {
        if decision.granted {
            return Ok(());
        }
        let binding = self
            .former
            .iter()
            .filter(|former| former.revocation.ground != RevocationGround::Procedure);
        let said = substance(decision.reasons.as_deref());
        let mut the_same = binding.filter(|former| substance(former.reasons.as_deref()) == said);
        match the_same.next() {
            Some(former) => {
                let document = former.revocation.document();
                Err(Reason::SameDecision { document }.at("reasons"))
            }
            None => Ok(()),
        }
    }
}

/// A text without what carries no meaning: white space, and signs that do not stand between two digits, where one tells 1.5
/// from 15. Letters count in their narrow and small form.
fn substance(text: Option<&str>) -> String {
    let text = text.unwrap_or_default().chars().map(half_width);
    let text: Vec<char> = text
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let is_digit = |at: Option<usize>| {
        let c = at.and_then(|at| text.get(at));
        c.is_some_and(char::is_ascii_digit)
    };
    let carries =
        |at: usize| !is_sign(text[at]) || is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
    let places = (0..text.len()).filter(|at| carries(*at));
    places.map(|at| text[at]).collect()
}

/// Signs that part words and sentences; those that compare and calculate are none.
fn is_sign(c: char) -> bool {
    ".,;:!?'\"()[]{}-_/、。“”‘’《》〈〉【】「」『』〔〕…—·".contains(c)
}
