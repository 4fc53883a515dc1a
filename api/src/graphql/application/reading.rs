//! What the fields of an application are made of, read when one of them asks.

use std::sync::Arc;

use async_graphql::{Context, Lookahead, Result};
use lianshen_domain::actor::Actor;
use lianshen_domain::application::{Course, FileClock};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::ids::{ApplicationId, Id as _};

use super::Application;
use crate::app::App;
use crate::case::{
    self, ApplicationRow, CaseReadWithReviews, CaseWithReviews, Extent, clocks_of_application,
};
use crate::error::AppError;
use crate::graphql::context::Ctx;
use crate::graphql::deadline::Deadline;
use crate::graphql::extent;
use crate::graphql::loaders::{ById, all_of, cases_of, course_of, whole_cases_of};

impl Application {
    /// One application, with as much of its cases as the answer shows, if it shows them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(in crate::graphql) async fn find(
        app: &App,
        actor: &Actor,
        id: ApplicationId,
        cases: Option<Extent>,
    ) -> Result<Option<Self>, AppError> {
        let Some(extent) = cases else {
            let row = case::application(app, actor, id).await?;
            return Ok(row.map(Self::new));
        };
        let found = case::application_with_cases(app, actor, id, extent).await?;
        Ok(found.map(|(read, cases)| Self {
            cases: Some(Arc::new(cases)),
            ..Self::new(read)
        }))
    }

    /// How much the answer shows of an application and its cases, if it shows these.
    pub(super) fn shown_with_cases(asked: Lookahead<'_>) -> Option<Extent> {
        let cases = asked.field("cases").exists();
        cases.then(|| extent::APPLICATION.extent(&[asked]))
    }

    /// All of its row: at hand, or read with those of all others that are asked for now.
    pub(in crate::graphql) async fn row(&self, ctx: &Context<'_>) -> Result<&Arc<ApplicationRow>> {
        all_of(ctx, self.read.whole(), &self.whole, ById(self.key())).await
    }

    /// Code of the department that leads it, if one does.
    pub(in crate::graphql) fn lead_department_code(&self) -> Option<&String> {
        self.read.lead_department().as_ref()
    }

    pub(super) fn key(&self) -> ApplicationId {
        ApplicationId::new(*self.read.id())
    }

    /// Its cases with their reviews, as far as they are shown: read with it, or with those of all others that are asked for
    /// now.
    pub(super) async fn shown_cases(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Arc<Vec<CaseReadWithReviews>>> {
        match &self.cases {
            Some(cases) => Ok(cases.clone()),
            None => cases_of(ctx, self.key(), extent::CASE.extent(&[ctx.look_ahead()])).await,
        }
    }

    /// All of its cases with their reviews, as far as the caller sees it.
    pub(super) async fn case_rows(&self, ctx: &Context<'_>) -> Result<Vec<CaseWithReviews>> {
        let at_hand = self.cases.as_ref();
        let at_hand = at_hand.and_then(|cases| cases.iter().map(case::whole_case).collect());
        match at_hand {
            Some(cases) => Ok(cases),
            None => whole_cases_of(ctx, self.key()).await,
        }
    }

    /// Every clock of the whole; without its course, those of joint handling.
    pub(super) async fn made_clocks(&self, ctx: &Context<'_>, all: bool) -> Result<Vec<FileClock>> {
        let row = self.row(ctx).await?;
        let (course, cases) = if all || row.eventful {
            let course = course_of(ctx, self.key()).await?;
            (course, self.case_rows(ctx).await?)
        } else {
            (None, Vec::new())
        };
        let ctx = Ctx::of(ctx)?;
        let app = ctx.app();
        let snapshot = app.library.present();
        let clocks = clocks_of_application(app, &snapshot, row, &cases, course.as_deref());
        clocks.map_err(|error| ctx.fail(error))
    }

    /// Its course, if it was accepted.
    pub(super) async fn accepted_course(&self, ctx: &Context<'_>) -> Result<Option<Arc<Course>>> {
        if self.read.accepted_on().is_none() {
            return Ok(None);
        }
        course_of(ctx, self.key()).await
    }

    /// Reads the promised or the statutory joint clock.
    pub(super) async fn joint(
        &self,
        ctx: &Context<'_>,
        kind: ClockKind,
    ) -> Result<Option<Deadline>> {
        let clocks = self.made_clocks(ctx, false).await?;
        let found = clocks.into_iter().find(|clock| clock.running.kind == kind);
        let today = Ctx::of(ctx)?.app().env.moment().today;
        Ok(found.map(|clock| Deadline::read(&clock, today)))
    }
}
