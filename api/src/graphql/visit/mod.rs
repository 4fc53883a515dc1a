//! Visits: joint site visits and joint meetings.

pub mod act;

use std::sync::Arc;

use async_graphql::{Context, Lookahead, Object, Result};
use lianshen_domain::actor::Actor;
use lianshen_domain::ids::{ApplicationId, Id as _, VisitId};
use lianshen_domain::review::OpinionKind;
use lianshen_domain::visit::{self, Attendance, DefectState, VisitKind, VisitState};

pub use act::VisitMutation;

use super::application::Application;
use super::catalogue::{Department, department, published};
use super::coded::CodeEnum;
use super::context::Ctx;
use super::ids::NodeId;
use super::loaders::{Loaders, VisitsOf};
use super::payload::Noun;
use super::scalars::{Date, DateTime};
use crate::app::App;
use crate::case::{self, ApplicationRow, may_read_visit, may_see_inner_work};
use crate::error::AppError;

/// Departments come together.
#[derive(Clone)]
pub struct Visit {
    visit: visit::Visit,
    application: Arc<ApplicationRow>,
}

/// A department that was called.
pub struct VisitPart {
    part: visit::VisitPart,
    region: String,
    /// Whether the caller may read what was said.
    shown: bool,
}

/// Something that is wrong.
pub struct VisitDefect {
    defect: visit::Defect,
    region: String,
}

impl Visit {
    /// The visits of an application that the caller sees.
    pub(super) async fn all(
        ctx: &Context<'_>,
        application: &Arc<ApplicationRow>,
    ) -> Result<Vec<Self>> {
        let key = VisitsOf(ApplicationId::new(application.id));
        let loaded = ctx.data::<Loaders>()?.load_one(key).await;
        let visits = Ctx::of(ctx)?.loaded(loaded)?.unwrap_or_default();
        let visit = |visit: &visit::Visit| Self {
            visit: visit.clone(),
            application: application.clone(),
        };
        Ok(visits.iter().map(visit).collect())
    }

    /// Whether the caller may read what was said, and who came.
    fn is_shown(&self, ctx: &Context<'_>) -> Result<bool> {
        let actor = Ctx::of(ctx)?.actor()?;
        Ok(may_read_visit(actor, &self.application, &self.visit))
    }
}

impl Noun for Visit {
    type Id = VisitId;
    type Shown = ();

    fn shown(_answer: &Lookahead<'_>) {}

    async fn read(app: &App, actor: &Actor, id: VisitId, (): ()) -> Result<Option<Self>, AppError> {
        let found = case::visit(app, actor, id).await?;
        Ok(found.map(|(visit, application)| Self {
            visit,
            application: Arc::new(application),
        }))
    }
}

/// Several departments come together, at the site (联合踏勘) or at a table (联审会议): called in time, with one record and one
/// conclusion a department.
#[Object]
impl Visit {
    /// Identifier.
    pub async fn id(&self) -> NodeId<VisitId> {
        self.visit.id.into()
    }

    /// The n-th of its application.
    async fn number(&self) -> u32 {
        self.visit.number
    }

    /// Counts the changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.visit.version
    }

    /// At the site, or at a table.
    async fn kind(&self) -> CodeEnum<VisitKind> {
        self.visit.kind.into()
    }

    /// Where it stands.
    async fn state(&self) -> CodeEnum<VisitState> {
        self.visit.state.into()
    }

    /// When it begins.
    async fn begins_at(&self) -> DateTime {
        DateTime(self.visit.begins_at)
    }

    /// The place.
    async fn place(&self) -> &str {
        &self.visit.place
    }

    /// The department that called it; null for the centre, and for applicants.
    async fn convener(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        let shown = may_see_inner_work(Ctx::of(ctx)?.actor()?);
        let code = self.visit.convener.as_deref().filter(|_| shown);
        department(ctx, &self.application.region, code)
    }

    /// The departments that were called, in that order. Not for applicants.
    #[graphql(complexity = "5 * child_complexity")]
    async fn parts(&self, ctx: &Context<'_>) -> Result<Vec<VisitPart>> {
        if !may_see_inner_work(Ctx::of(ctx)?.actor()?) {
            return Ok(Vec::new());
        }
        let shown = self.is_shown(ctx)?;
        let parts = self.visit.parts.iter().map(|part| VisitPart {
            part: part.clone(),
            region: self.application.region.clone(),
            shown,
        });
        Ok(parts.collect())
    }

    /// Why it was moved last, or cancelled; null for those who may not read it.
    async fn because(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let shown = self.is_shown(ctx)?;
        Ok(self.visit.because.as_deref().filter(|_| shown))
    }

    /// The record (踏勘记录), or the minutes (会议纪要). For the departments that were called, the one that called them, the
    /// lead coordinator, the window of the application and the supervisor; for the centre administrator if the centre called
    /// them. Null for all others.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let shown = self.is_shown(ctx)?;
        Ok(self.visit.record.as_deref().filter(|_| shown))
    }

    /// What is wrong, each listed once; what was mended stays in the list. For those who may read the record.
    #[graphql(complexity = "5 * child_complexity")]
    async fn defects(&self, ctx: &Context<'_>) -> Result<Vec<VisitDefect>> {
        if !self.is_shown(ctx)? {
            return Ok(Vec::new());
        }
        let defects = self.visit.defects.iter().map(|defect| VisitDefect {
            defect: defect.clone(),
            region: self.application.region.clone(),
        });
        Ok(defects.collect())
    }

    /// The application.
    async fn application(&self) -> Application {
        Application::new(self.application.clone())
    }
}

/// A department that was called to a visit. What it said is null for those who may not read the record.
#[Object]
impl VisitPart {
    /// Code of the department.
    async fn department_code(&self) -> &str {
        &self.part.department
    }

    /// The department; null for one that the catalogue does not have any more.
    async fn department(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        department(ctx, &self.region, &*self.part.department)
    }

    /// Names of who comes for it; none as long as it has not named them.
    async fn persons(&self) -> Vec<&str> {
        let persons = self.part.persons.iter().filter(|_| self.shown);
        persons.map(String::as_str).collect()
    }

    /// Why it must see the site once more (再次踏勘理由); null where it had not seen it.
    async fn again_because(&self) -> Option<&str> {
        self.part.again_because.as_deref().filter(|_| self.shown)
    }

    /// Whether it came; null before it is known. Absence is never agreement.
    async fn attendance(&self) -> Option<CodeEnum<Attendance>> {
        self.part.attendance.filter(|_| self.shown).map(Into::into)
    }

    /// What it concluded; null for who was absent.
    async fn conclusion(&self) -> Option<&str> {
        let conclusion = self.part.conclusion.as_ref().filter(|_| self.shown);
        conclusion.map(|conclusion| conclusion.text.as_str())
    }

    /// Whether it gave the conclusion itself; otherwise the record reports it. Null where there is none.
    async fn signed(&self) -> Option<bool> {
        let conclusion = self.part.conclusion.as_ref().filter(|_| self.shown);
        conclusion.map(|conclusion| conclusion.signed)
    }

    /// The opinion that its conclusion is; null where it gave none on a review of its own.
    async fn opinion(&self) -> Option<CodeEnum<OpinionKind>> {
        let conclusion = self.part.conclusion.as_ref().filter(|_| self.shown);
        conclusion.and_then(|conclusion| conclusion.opinion.map(Into::into))
    }
}

/// Something that a visit found to be wrong (问题), followed until it was mended.
#[Object]
impl VisitDefect {
    /// The n-th of its visit.
    async fn number(&self) -> u32 {
        self.defect.number
    }

    /// What is wrong.
    async fn text(&self) -> &str {
        &self.defect.text
    }

    /// The departments that it concerns.
    #[graphql(complexity = "3 * child_complexity")]
    async fn departments(&self, ctx: &Context<'_>) -> Result<Vec<Department>> {
        let published = published(ctx, &self.region)?;
        let department = |code: &String| published.as_ref()?.department(code);
        let codes = self.defect.departments.iter();
        Ok(codes.filter_map(department).collect())
    }

    /// Where it stands.
    async fn state(&self) -> CodeEnum<DefectState> {
        self.defect.state().into()
    }

    /// By when it is to be mended.
    async fn due_on(&self) -> Date {
        Date(self.defect.due_on)
    }

    /// Whether that day has passed, and it is not mended.
    async fn overdue(&self, ctx: &Context<'_>) -> Result<bool> {
        let today = Ctx::of(ctx)?.app().env.moment().today;
        Ok(self.defect.is_overdue(today))
    }

    /// The day on which it was confirmed to be mended.
    async fn mended_on(&self) -> Option<Date> {
        self.defect.mended.as_ref().map(|mended| Date(mended.on))
    }

    /// The department that confirmed it.
    async fn mended_by(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        let mended = self.defect.mended.as_ref();
        let code = mended.map(|mended| &*mended.department);
        department(ctx, &self.region, code)
    }

    /// What that department found.
    async fn finding(&self) -> Option<&str> {
        let mended = self.defect.mended.as_ref();
        mended.map(|mended| mended.finding.as_str())
    }
}
