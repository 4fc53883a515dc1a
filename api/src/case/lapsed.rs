//! The papers of what time brought about; nobody signs them.

use lianshen_domain::application::Lapsed;
use lianshen_domain::code::Code as _;
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::event::Happening;
use lianshen_domain::ids::CaseId;

use super::decide::ending_paper;
use super::desk::{Desk, Draft};
use crate::error::AppError;

impl Desk<'_> {
    /// Lays the papers of what lapsed to the file, dated as the law dates it.
    pub(super) fn lay_lapse_papers(
        &mut self,
        lapsed: &Lapsed,
        happenings: &[Happening],
    ) -> Result<(), AppError> {
        let on = happenings.first().and_then(|first| first.on);
        let mut papers: Vec<(DocumentKind, Option<CaseId>, Vec<Line>)> = Vec::new();
        match lapsed {
            Lapsed::DeemedAccepted {
                accepted_on,
                established_on,
            } => {
                let mut lines = self.acceptance_lines()?;
                lines.push(Line::new(LineLabel::StartsOn, accepted_on.to_string()));
                lines.push(Line::new(
                    LineLabel::EstablishedOn,
                    established_on.to_string(),
                ));
                papers.push((DocumentKind::DeemedAcceptanceNotice, None, lines));
            }
            Lapsed::NotSupplemented | Lapsed::AcceptanceRevoked => {
                for id in happenings.iter().filter_map(|happening| happening.case) {
                    let (kind, lines) = ending_paper(self, id)?;
                    papers.push((kind, Some(id), lines));
                }
            }
            Lapsed::ProcedureReturned { case, kind } => {
                let lines = vec![
                    Line::new(LineLabel::SpecialProcedure, kind.term()),
                    Line::new(LineLabel::EndedOn, on.unwrap_or(self.at.today).to_string()),
                    Line::new(LineLabel::Result, "告知的时间届满，自动恢复计时。"),
                ];
                papers.push((DocumentKind::SpecialProcedureResult, Some(*case), lines));
            }
            // Nobody signs silence: the department itself issues what it owes; mediation is inner work; and what came has
            // its receipt.
            Lapsed::NothingMissing
            | Lapsed::OpinionTacit { .. }
            | Lapsed::TacitPassed { .. }
            | Lapsed::MediationClimbed(_) => {}
            Lapsed::Renewed { case } => {
                let renewal = self.file.application.renewal.as_ref();
                let mut lines = vec![Line::new(
                    LineLabel::Basis,
                    "行政许可法第五十条第二款：逾期未作决定的，视为准予延续。",
                )];
                if let Some(renewal) = renewal {
                    let until = format!("{} {}", renewal.certificate, renewal.expires_on);
                    lines.push(Line::new(LineLabel::ValidUntil, until));
                }
                papers.push((DocumentKind::RenewalNotice, Some(*case), lines));
            }
        }
        self.drafts
            .extend(papers.into_iter().map(|(kind, case, lines)| Draft {
                kind,
                case,
                lines,
                on: on.unwrap_or(self.at.today),
                by_time: true,
            }));
        Ok(())
    }
}
