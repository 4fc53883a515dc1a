//! Documents as issued.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::ids::{CaseId, DocumentId, Id as _};

use super::coded::CodeEnum;
use super::context::Ctx;
use super::scalars::{Date, DateTime};
use crate::case::{DocumentRow, holds_papers};

/// A document (文书) that was issued.
pub struct Document(pub DocumentRow);

/// A line of a document.
#[derive(SimpleObject)]
pub struct DocumentLine {
    /// What it says.
    pub label: CodeEnum<LineLabel>,
    /// The text as printed.
    pub value: String,
}

/// A document (文书) that was issued, exactly as it was issued.
#[Object]
impl Document {
    /// Identifier.
    async fn id(&self) -> ID {
        ID(DocumentId::new(self.0.id).wire())
    }

    /// Which document.
    async fn kind(&self) -> CodeEnum<DocumentKind> {
        self.0.kind.0.into()
    }

    /// Number (文号), of a gap-free series a department, kind and year.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// Code of the issuing department; null for the centre.
    async fn department_code(&self) -> Option<&str> {
        self.0.department.as_deref()
    }

    /// The case; null when it speaks of the whole application.
    async fn case_id(&self) -> Option<ID> {
        self.0.case_id.map(|id| ID(CaseId::new(id).wire()))
    }

    /// The date on it.
    async fn issued_on(&self) -> Date {
        Date(self.0.issued_on)
    }

    /// When it was issued.
    async fn issued_at(&self) -> DateTime {
        DateTime(self.0.issued_at)
    }

    /// Its lines, in order. The query code is left out for all but the window and the applicant.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<DocumentLine>> {
        let ctx = Ctx::of(ctx)?;
        let knows_code = holds_papers(ctx.actor()?);
        let lines: Vec<Line> = ctx.kept(&self.0.body)?;
        Ok(lines
            .into_iter()
            .filter(|line| knows_code || line.label != LineLabel::QueryCode)
            .map(|line| DocumentLine {
                label: line.label.into(),
                value: line.value,
            })
            .collect())
    }
}
