//! What the fields of a case are made of, read when one of them asks.

use std::sync::Arc;

use async_graphql::{Context, Result};
use lianshen_domain::actor::{Action, may};
use lianshen_domain::application::{Course, FileClock, period_of_decision};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};

use super::{Case, Whole};
use crate::case::{
    ApplicationRow, CaseRow, ReviewRead, ReviewRow, clocks_of_case, holds_papers,
    may_read_department,
};
use crate::graphql::application::Application;
use crate::graphql::context::Ctx;
use crate::graphql::deadline::Deadline;
use crate::graphql::extent;
use crate::graphql::loaders::{
    ById, CaseById, Loaders, all_of, cases_of, course_of, whole_cases_of,
};

impl Case {
    /// All of its row: at hand, or read with those of all others that are asked for now.
    pub(in crate::graphql) async fn row(&self, ctx: &Context<'_>) -> Result<&Arc<CaseRow>> {
        all_of(ctx, self.read.whole(), &self.whole, CaseById(self.key())).await
    }

    /// Its application, as far as it was read.
    pub(super) async fn its_application(&self, ctx: &Context<'_>) -> Result<Option<Application>> {
        if let Some(read) = &self.application {
            return Ok(Some(Application::new(read.clone())));
        }
        let key = ById(self.application_id());
        let loaded = ctx.data::<Loaders>()?.load_one(key).await;
        Ok(Ctx::of(ctx)?.loaded(loaded)?.map(Application::new))
    }

    /// All of its application.
    pub(in crate::graphql) async fn application_row(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<Arc<ApplicationRow>>> {
        match self.its_application(ctx).await? {
            Some(application) => application.row(ctx).await.cloned().map(Some),
            None => Ok(None),
        }
    }

    pub(in crate::graphql) async fn course(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<Arc<Course>>> {
        course_of(ctx, self.application_id()).await
    }

    /// Every clock of it; without its course, those of decision.
    pub(super) async fn made_clocks(&self, ctx: &Context<'_>, all: bool) -> Result<Vec<FileClock>> {
        let Some(application) = self.application_row(ctx).await? else {
            return Ok(Vec::new());
        };
        let row = self.row(ctx).await?;
        let course = if all || row.eventful {
            self.course(ctx).await?
        } else {
            None
        };
        let stands_still = |course: &Course| course.has(EventKind::SpecialProcedureBegun);
        let siblings = if all && course.as_deref().is_some_and(stands_still) {
            whole_cases_of(ctx, self.application_id()).await?
        } else {
            Vec::new()
        };
        let ctx = Ctx::of(ctx)?;
        let app = ctx.app();
        let snapshot = app.library.present();
        let of = (&**row, &*siblings);
        let clocks = clocks_of_case(app, &snapshot, &application, of, course.as_deref());
        clocks.map_err(|error| ctx.fail(error))
    }

    /// Reads the promised or the statutory clock.
    pub(super) async fn deadline(
        &self,
        ctx: &Context<'_>,
        kind: ClockKind,
    ) -> Result<Option<Deadline>> {
        if self.row(ctx).await?.started_on.is_none() {
            return Ok(None);
        }
        let made = || self.made_clocks(ctx, false);
        let clocks = self.deciding.get_or_try_init(made).await?;
        let found = period_of_decision(clocks, self.key(), kind);
        let today = Ctx::of(ctx)?.app().env.moment().today;
        Ok(found.map(|clock| Deadline::read(clock, today)))
    }

    /// Its reviews, as far as they are shown.
    pub(super) async fn shown_reviews(&self, ctx: &Context<'_>) -> Result<Arc<Vec<ReviewRead>>> {
        if let Some(reviews) = &self.reviews {
            return Ok(reviews.clone());
        }
        let extent = extent::REVIEW.extent(&[ctx.look_ahead()]);
        let siblings = cases_of(ctx, self.application_id(), extent).await?;
        let own = siblings
            .iter()
            .find(|(case, _)| case.id() == self.read.id());
        Ok(own.map(|(_, reviews)| reviews.clone()).unwrap_or_default())
    }

    /// All of its reviews.
    pub(super) async fn review_rows(&self, ctx: &Context<'_>) -> Result<Vec<Arc<ReviewRow>>> {
        let whole = |review: &ReviewRead| review.whole().cloned();
        let at_hand = self.reviews.as_ref();
        if let Some(rows) = at_hand.and_then(|reviews| reviews.iter().map(whole).collect()) {
            return Ok(rows);
        }
        let siblings = whole_cases_of(ctx, self.application_id()).await?;
        let own = siblings
            .into_iter()
            .find(|(case, _)| case.id == *self.read.id());
        Ok(own.map(|(_, reviews)| reviews).unwrap_or_default())
    }

    /// The application with all its cases and its course: what has to be known to try an act. `None` if it is not seen.
    pub(in crate::graphql) async fn whole(&self, ctx: &Context<'_>) -> Result<Option<Whole>> {
        let Some(row) = self.application_row(ctx).await? else {
            return Ok(None);
        };
        let key = ApplicationId::new(row.id);
        let course = course_of(ctx, key).await?;
        let cases = whole_cases_of(ctx, key).await?;
        Ok(Some((row, cases, course.unwrap_or_default())))
    }

    pub(in crate::graphql) fn key(&self) -> CaseId {
        CaseId::new(*self.read.id())
    }

    pub(super) fn application_id(&self) -> ApplicationId {
        ApplicationId::new(*self.read.application_id())
    }

    /// Code of the department that answers for it.
    pub(in crate::graphql) fn department_code(&self) -> &str {
        self.read.department()
    }

    /// Code of the department that leads the application, if one does.
    pub(super) async fn lead(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let application = self.its_application(ctx).await?;
        Ok(application.and_then(|application| application.lead_department_code().cloned()))
    }

    /// Whether the caller may read why it ended so.
    pub(super) async fn may_read(&self, ctx: &Context<'_>) -> Result<bool> {
        let actor = Ctx::of(ctx)?.actor()?;
        if may(actor, Action::ReadContents).is_err() {
            return Ok(false);
        }
        if holds_papers(actor) {
            return Ok(true);
        }
        let lead = self.lead(ctx).await?;
        Ok(may_read_department(
            actor,
            self.read.department(),
            lead.as_deref(),
        ))
    }
}
