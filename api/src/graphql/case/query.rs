//! Asking for cases.

use async_graphql::{Context, InputObject, Object, Result};
use futures_util::future::BoxFuture;
use lianshen_domain::case::CaseState;
use lianshen_domain::ids::CaseId;
use lianshen_domain::rejected::Rejected;

use super::Case;
use crate::case::{self, CaseFilter};
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::extent;
use crate::graphql::ids::NodeId;
use crate::graphql::page::{Connection, Key, PageArguments, page_cost};
use crate::graphql::payload::Noun as _;
use crate::graphql::window::{sought, text, window};

/// Which cases are wanted; all conditions must hold.
#[derive(Default, InputObject)]
pub struct CaseFilterInput {
    /// In this state.
    pub state: Option<CodeEnum<CaseState>>,
    /// Of the item of this code.
    pub item_code: Option<String>,
    /// Of the department of this code.
    pub department_code: Option<String>,
}

impl CaseFilterInput {
    fn read(self) -> Result<CaseFilter, Rejected> {
        Ok(CaseFilter {
            state: self.state.map(|state| state.0),
            item: sought(self.item_code, "filter.itemCode")?,
            department: sought(self.department_code, "filter.departmentCode")?,
        })
    }
}

/// What can be asked of cases.
#[derive(Default)]
pub struct CaseQuery;

#[Object]
impl CaseQuery {
    /// A case that you may see; null for all others, whether they exist or not.
    async fn case(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Identifier of the case.")] id: NodeId<CaseId>,
    ) -> Result<Option<Case>> {
        let extent = extent::of_cases(&[ctx.look_ahead()]);
        let ctx = Ctx::of(ctx)?;
        let id = id.read("id").map_err(|fault| ctx.fail(fault))?;
        let found = Case::read(ctx.app(), ctx.actor()?, id, extent).await;
        found.map_err(|error| ctx.fail(error))
    }

    /// The cases that you may see, by case number. Deciders find what waits for them with `state: DECIDING`.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn cases(
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
        #[graphql(desc = "Only cases that fulfil all of this.")] filter: Option<CaseFilterInput>,
    ) -> Result<Connection<Case>> {
        let extent = extent::of_cases(&extent::objects_of(&ctx.look_ahead()));
        let ctx = Ctx::of(ctx)?;
        let actor = ctx.actor()?;
        let asked = PageArguments {
            first,
            after,
            last,
            before,
        };
        let (request, window) = window(asked, "cases", text).map_err(|fault| ctx.fail(fault))?;
        let filter = filter.unwrap_or_default().read();
        let filter = filter.map_err(|fault| ctx.fail(fault))?;
        let lines = case::cases_with_applications(ctx.app(), actor, &filter, &window, extent)
            .await
            .map_err(|error| ctx.fail(error))?;
        let key = |case: &Case| Key {
            sort: case.read.case_number().clone(),
            id: *case.read.id(),
        };
        let (app, actor) = (ctx.app().clone(), actor.clone());
        let count = move || -> BoxFuture<'static, _> {
            let (app, actor, filter) = (app.clone(), actor.clone(), filter.clone());
            Box::pin(async move { case::count_cases(&app, &actor, &filter).await })
        };
        let cases = lines.into_iter().map(Case::of_line);
        Ok(Connection::new(&request, cases.collect(), key, count))
    }
}
