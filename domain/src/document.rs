//! Documents (文书): what the law wants on paper, made in the transaction of the act itself.

use serde::{Deserialize, Serialize};

use crate::coded;

coded! {
    /// Which document.
    pub enum DocumentKind {
        /// 收件凭证.
        Receipt = "RECEIPT",
        /// 受理通知书: one for the whole application, naming every case.
        AcceptanceNotice = "ACCEPTANCE_NOTICE",
        /// 准予行政许可决定书.
        GrantDecision = "GRANT_DECISION",
        /// 不予行政许可决定书, with reasons and remedies.
        RefusalDecision = "REFUSAL_DECISION",
        /// 终止告知书.
        TerminationNotice = "TERMINATION_NOTICE",
        /// 送达回证.
        DeliveryReceipt = "DELIVERY_RECEIPT",
    }
}

impl DocumentKind {
    /// The word in the document number (文号).
    pub fn mark(self) -> &'static str {
        match self {
            Self::Receipt => "收",
            Self::AcceptanceNotice => "许受",
            Self::GrantDecision => "许决",
            Self::RefusalDecision => "许不",
            Self::TerminationNotice => "许终",
            Self::DeliveryReceipt => "许送",
        }
    }
}

coded! {
    /// What a line of a document says.
    pub enum LineLabel {
        /// 机关.
        Agency = "AGENCY",
        /// 日期.
        Date = "DATE",
        /// 申请人.
        Applicant = "APPLICANT",
        /// 受理凭证号.
        ReceiptNumber = "RECEIPT_NUMBER",
        /// 办件编号及事项.
        Case = "CASE",
        /// 承诺办结日期.
        PromisedDue = "PROMISED_DUE",
        /// 法定办结日期.
        StatutoryDue = "STATUTORY_DUE",
        /// 材料.
        Material = "MATERIAL",
        /// 可能的特别程序.
        SpecialProcedure = "SPECIAL_PROCEDURE",
        /// 理由.
        Reasons = "REASONS",
        /// 依据.
        Basis = "BASIS",
        /// 救济途径.
        Remedies = "REMEDIES",
        /// 查询码.
        QueryCode = "QUERY_CODE",
        /// 签收人.
        ReceivedBy = "RECEIVED_BY",
        /// 办理人.
        Signer = "SIGNER",
    }
}

/// Remedies that every adverse decision names (行政复议法 第二十条, 行政诉讼法 第四十六条).
pub const REMEDIES: &str = "如不服本决定，可自收到之日起六十日内申请行政复议，或者自收到之日起六个月内向人民法院提起行政诉讼。";

/// What stands behind a due date in a year whose national holiday notice has not come yet.
pub const PROVISIONAL: &str = "（暂定：该年度放假安排尚未公布，公布后可能调整）";

/// One line of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it says.
    pub label: LineLabel,
    /// The text, as it was printed.
    pub value: String,
}

impl Line {
    /// A line.
    pub fn new(label: LineLabel, value: impl Into<String>) -> Self {
        Self {
            label,
            value: value.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::code::Code as _;

    #[test]
    fn no_two_documents_share_a_mark() {
        let marks: BTreeSet<_> = DocumentKind::ALL.iter().map(|kind| kind.mark()).collect();
        assert_eq!(marks.len(), DocumentKind::ALL.len());
        assert!(marks.iter().all(|mark| !mark.is_empty()));
    }

    #[test]
    fn the_remedies_name_both_ways_and_both_periods() {
        for words in ["六十日内申请行政复议", "六个月内向人民法院提起行政诉讼"]
        {
            assert!(REMEDIES.contains(words), "{words}");
        }
    }

    #[test]
    fn a_line_is_kept_as_its_code_and_its_text() {
        let line = Line::new(LineLabel::PromisedDue, "2026-03-02");
        let text = r#"{"label":"PROMISED_DUE","value":"2026-03-02"}"#;
        assert_eq!(serde_json::to_string(&line).unwrap(), text);
        assert_eq!(serde_json::from_str::<Line>(text).unwrap(), line);
        assert!(serde_json::from_str::<Line>(&text.replace("PROMISED", "HOPED")).is_err());
    }
}
