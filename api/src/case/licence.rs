//! Licences after they were granted: their end, and the comprehensive permit that shows those that stand.

use lianshen_domain::actor::{Action, Actor};
use lianshen_domain::application::{LicenceEndKind, When};
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::code::Code as _;
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::ids::{CaseId, Id as _};
use serde::Serialize;

use super::desk::Desk;
use super::procedure::{OnCase, on_case, reasons_of};
use super::reach::Reach;
use crate::app::App;
use crate::error::AppError;

/// A licence that is no more.
#[derive(Clone, Serialize)]
pub struct EndLicence {
    /// The case that granted it.
    #[serde(flatten)]
    pub on: OnCase,
    /// How.
    pub how: LicenceEndKind,
    /// Why.
    pub reasons: String,
}

/// Records that a licence is no more (许可失效); a comprehensive permit is issued anew without it.
///
/// # Errors
/// What `File::end_licence` refuses; `ReasonsRequired`.
pub async fn end_licence(
    app: &App,
    actor: &Actor,
    command: EndLicence,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.on.case);
    let about = (Action::Decide, "caseEndLicence", Reach::Department);
    on_case(app, actor, about, &command.on, &command, |desk| {
        let reasons = reasons_of(&command.reasons)?;
        let when = desk.decide(command.on.happened_on, |file, when, _| {
            file.end_licence(id, command.how, when)
        })?;
        let lines = vec![
            Line::new(LineLabel::Result, command.how.term()),
            Line::new(LineLabel::EndedOn, when.on.to_string()),
            Line::new(LineLabel::Reasons, &reasons),
        ];
        desk.paper(DocumentKind::LicenceEndNotice, Some(id), lines);
        desk.issue_permit(when)
    })
    .await
}

impl Desk<'_> {
    /// Issues the comprehensive permit, if there is one and it does not say what is: each licence with the department that
    /// answers for it.
    pub(super) fn issue_permit(&mut self, when: When) -> Result<(), AppError> {
        let issued = self.file.issue_permit(when, &self.rules);
        if issued.is_empty() {
            return Ok(());
        }
        self.happened(issued);
        let catalogue = &self.centre()?.catalogue;
        let licences = self.file.licences();
        let mut lines: Vec<Line> = licences
            .iter()
            .map(|case| {
                let department = catalogue.department(&case.department);
                let department = department.map_or(case.department.as_str(), |known| &known.name);
                let (number, item) = (&case.case_number, &case.item_name);
                Line::new(LineLabel::Case, format!("{number} {item}（{department}）"))
            })
            .collect();
        if lines.is_empty() {
            lines.push(Line::new(
                LineLabel::Result,
                "所载许可均已失效，本综合许可凭证同时失效。",
            ));
        }
        self.paper(DocumentKind::ComprehensivePermit, None, lines);
        Ok(())
    }
}
