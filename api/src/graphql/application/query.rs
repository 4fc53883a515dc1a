//! Asking for applications.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result};
use chrono::SecondsFormat;
use futures_util::future::BoxFuture;
use lianshen_domain::application::ApplicationState;
use lianshen_domain::ids::ApplicationId;
use lianshen_domain::rejected::Rejected;

use super::Application;
use crate::case::{self, ApplicationFilter};
use crate::graphql::at_once::AtOnce;
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::extent;
use crate::graphql::ids::NodeId;
use crate::graphql::page::{Connection, Key, PageArguments, page_cost};
use crate::graphql::scalars::Date;
use crate::graphql::window::{instant, sought, window};

/// Which applications are wanted; all conditions must hold.
#[derive(Default, InputObject)]
pub struct ApplicationFilterInput {
    /// In this state.
    pub state: Option<CodeEnum<ApplicationState>>,
    /// Of the bundle of this code.
    pub bundle_code: Option<String>,
    /// Received on or after this day.
    pub received_from: Option<Date>,
    /// Received on or before this day.
    pub received_to: Option<Date>,
}

impl ApplicationFilterInput {
    fn read(self) -> Result<ApplicationFilter, Rejected> {
        Ok(ApplicationFilter {
            state: self.state.map(|state| state.0),
            bundle: sought(self.bundle_code, "filter.bundleCode")?,
            received_from: self.received_from.map(|date| date.0),
            received_to: self.received_to.map(|date| date.0),
        })
    }
}

/// What can be asked of applications.
#[derive(Default)]
pub struct ApplicationQuery;

#[Object]
impl ApplicationQuery {
    /// An application that you may see; null for all others, whether they exist or not.
    async fn application(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Identifier of the application.")] id: NodeId<ApplicationId>,
    ) -> Result<Option<AtOnce<Application>>> {
        let cases = Application::shown_with_cases(ctx.look_ahead());
        let ctx = Ctx::of(ctx)?;
        let id = id.read("id").map_err(|fault| ctx.fail(fault))?;
        let found = Application::find(ctx.app(), ctx.actor()?, id, cases).await;
        Ok(found.map_err(|error| ctx.fail(error))?.map(AtOnce))
    }

    /// As `application`, by the receipt number.
    async fn application_by_receipt(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The 21 digits on the receipt.")] receipt_number: String,
    ) -> Result<Option<Application>> {
        let ctx = Ctx::of(ctx)?;
        let found = case::application_by_receipt(ctx.app(), ctx.actor()?, &receipt_number).await;
        let row = found.map_err(|error| ctx.fail(error))?;
        Ok(row.map(|row| Application::new(Arc::new(row))))
    }

    /// The applications that you may see, the newest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn applications(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many from the beginning, or after `after`: 1 to 100, 20 if not given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, or before `before`: 1 to 100. Not with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only applications that fulfil all of this.")] filter: Option<
            ApplicationFilterInput,
        >,
    ) -> Result<Connection<Application>> {
        let extent = extent::APPLICATION.own_extent(&extent::objects_of(&ctx.look_ahead()));
        let ctx = Ctx::of(ctx)?;
        let actor = ctx.actor()?;
        let asked = PageArguments {
            first,
            after,
            last,
            before,
        };
        let (request, window) =
            window(asked, "applications", instant).map_err(|fault| ctx.fail(fault))?;
        let filter = filter.unwrap_or_default().read();
        let filter = filter.map_err(|fault| ctx.fail(fault))?;
        let found = case::applications(ctx.app(), actor, &filter, &window, extent)
            .await
            .map_err(|error| ctx.fail(error))?;
        let applications = found.into_iter().map(Application::new).collect();
        let key = |application: &Application| Key {
            sort: application
                .read
                .received_at()
                .to_rfc3339_opts(SecondsFormat::Micros, true),
            id: *application.read.id(),
        };
        let (app, actor) = (ctx.app().clone(), actor.clone());
        let count = move || -> BoxFuture<'static, _> {
            let (app, actor, filter) = (app.clone(), actor.clone(), filter.clone());
            Box::pin(async move { case::count_applications(&app, &actor, &filter).await })
        };
        Ok(Connection::new(&request, applications, key, count))
    }
}
