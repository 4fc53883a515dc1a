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
        /// 补正告知书: everything that is missing, once (行政许可法 第三十二条).
        CorrectionNotice = "CORRECTION_NOTICE",
        /// 补正材料收件凭证.
        SupplementReceipt = "SUPPLEMENT_RECEIPT",
        /// 补正期限延长告知书.
        SupplementExtension = "SUPPLEMENT_EXTENSION",
        /// 当场更正记录.
        OnTheSpotCorrection = "ON_THE_SPOT_CORRECTION",
        /// 不受理告知书: no approval is needed.
        NotRequiredNotice = "NOT_REQUIRED_NOTICE",
        /// 不予受理决定书, naming the competent agency.
        NotCompetentDecision = "NOT_COMPETENT_DECISION",
        /// 容缺受理通知书.
        ConditionalAcceptanceNotice = "CONDITIONAL_ACCEPTANCE_NOTICE",
        /// 逾期未告知视为受理通知书, made by the system.
        DeemedAcceptanceNotice = "DEEMED_ACCEPTANCE_NOTICE",
        /// 特别程序告知书: reason, basis, start, expected days.
        SpecialProcedureNotice = "SPECIAL_PROCEDURE_NOTICE",
        /// 特别程序结果告知书.
        SpecialProcedureResult = "SPECIAL_PROCEDURE_RESULT",
        /// 延期告知书: reasons, approver, new dates.
        ExtensionNotice = "EXTENSION_NOTICE",
        /// 补充材料通知书, after acceptance.
        MaterialRequest = "MATERIAL_REQUEST",
        /// 撤销受理决定书.
        AcceptanceRevocation = "ACCEPTANCE_REVOCATION",
        /// 作废记录.
        VoidRecord = "VOID_RECORD",
        /// 视为准予延续告知书 (行政许可法 第五十条).
        RenewalNotice = "RENEWAL_NOTICE",
        /// 重新审查通知书: the refusal was revoked, and the case is decided anew.
        ReopeningNotice = "REOPENING_NOTICE",
        /// 领取通知书: the results are ready.
        CollectionNotice = "COLLECTION_NOTICE",
        /// 送达未果记录.
        DeliveryFailure = "DELIVERY_FAILURE",
        /// 许可失效告知书.
        LicenceEndNotice = "LICENCE_END_NOTICE",
        /// 综合许可凭证: the licences that stand, each with its department; none when all have ended.
        ComprehensivePermit = "COMPREHENSIVE_PERMIT",
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
            Self::CorrectionNotice => "许补",
            Self::SupplementReceipt => "补收",
            Self::SupplementExtension => "补延",
            Self::OnTheSpotCorrection => "更正",
            Self::NotRequiredNotice => "许无",
            Self::NotCompetentDecision => "许拒",
            Self::ConditionalAcceptanceNotice => "许容",
            Self::DeemedAcceptanceNotice => "视受",
            Self::SpecialProcedureNotice => "特告",
            Self::SpecialProcedureResult => "特果",
            Self::ExtensionNotice => "许延",
            Self::MaterialRequest => "补通",
            Self::AcceptanceRevocation => "撤受",
            Self::VoidRecord => "作废",
            Self::RenewalNotice => "视延",
            Self::ReopeningNotice => "许重",
            Self::CollectionNotice => "领通",
            Self::DeliveryFailure => "送未",
            Self::LicenceEndNotice => "许失",
            Self::ComprehensivePermit => "综许",
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
        /// 应补正事项及依据.
        MissingPoint = "MISSING_POINT",
        /// 提出部门: who wants the point before it.
        WantedBy = "WANTED_BY",
        /// 补正期限.
        SupplementBy = "SUPPLEMENT_BY",
        /// 逾期后果.
        Consequence = "CONSEQUENCE",
        /// 有权机关.
        CompetentAgency = "COMPETENT_AGENCY",
        /// 开始日期.
        StartsOn = "STARTS_ON",
        /// 结束日期.
        EndedOn = "ENDED_ON",
        /// 预计所需时间.
        ExpectedTime = "EXPECTED_TIME",
        /// 批准人.
        Approver = "APPROVER",
        /// 延长期限.
        ExtendedBy = "EXTENDED_BY",
        /// 结果.
        Result = "RESULT",
        /// 暂缺材料.
        MissingMaterial = "MISSING_MATERIAL",
        /// 认定日期.
        EstablishedOn = "ESTABLISHED_ON",
        /// 补录日期.
        EnteredOn = "ENTERED_ON",
        /// 原有效期届满日.
        ValidUntil = "VALID_UNTIL",
        /// 送达经过.
        Attempt = "ATTEMPT",
        /// 更正内容.
        Corrected = "CORRECTED",
        /// 复核人.
        SecondPerson = "SECOND_PERSON",
        /// 附带条件.
        Condition = "CONDITION",
        /// 撤销原决定的机关、文号及日期.
        RevokedBy = "REVOKED_BY",
        /// 重新作出决定的日期: the last day of the period for it.
        NewDecisionDue = "NEW_DECISION_DUE",
        /// 视为收件日期: the day as of which counts what came after closing time.
        CountsOn = "COUNTS_ON",
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
