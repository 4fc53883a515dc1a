//! The catalogue (事项目录): what can be applied for, and the guide of what one would apply for.
//! Everything comes from the snapshot in memory; nothing here asks the database.

pub mod budget;
pub mod bundle;
pub mod department;
pub mod fee;
pub mod guide;
pub mod item;
pub mod material;
pub mod published;

use async_graphql::{Context, Object, Result};
use lianshen_domain::ids::Id as _;

pub use bundle::Bundle;
pub use department::Department;
pub use fee::Fee;
pub use guide::{AnswerInput, Guide, GuideResult};
pub use item::{Item, ItemFilter};
pub use material::MaterialDefinition;
pub use published::{Published, department, published};

use super::context::Ctx;
use super::page::{Connection, Key, PageArguments, page_cost};
use guide::{Asked, guide_result};

/// What can be asked of the catalogue.
#[derive(Default)]
pub struct CatalogueQuery;

/// What can be asked of the catalogue. No sign-in is needed.
#[expect(
    clippy::unused_async,
    reason = "the library wants async fields, and these read memory only"
)]
#[Object]
impl CatalogueQuery {
    /// The guide (办事指南) of what one would apply for: which items in which order, one set of materials for all of
    /// them, fees and days. Give a bundle with answers, or items, or a bundle with some of its items.
    async fn guide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of a bundle (一件事), e.g. `YJS-001`.")] bundle_code: Option<String>,
        #[graphql(
            desc = "Codes of items. Beside a bundle they choose from those that the answers call for; none means all."
        )]
        item_codes: Option<Vec<String>>,
        #[graphql(
            desc = "Answers to the questions of the bundle. What is not answered calls for nothing."
        )]
        answers: Option<Vec<AnswerInput>>,
    ) -> Result<GuideResult> {
        let ctx = Ctx::of(ctx)?;
        let asked = Asked {
            bundle: bundle_code,
            items: item_codes.unwrap_or_default(),
            answers: answers.unwrap_or_default(),
        };
        Ok(guide_result(Published::to(ctx).as_ref(), asked, ctx.lang()))
    }

    /// The open version of an item (事项); null if there is none.
    async fn item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of the item, e.g. `SJJ-01-002`.")] code: String,
    ) -> Result<Option<Item>> {
        let ctx = Ctx::of(ctx)?;
        Ok(Published::to(ctx).and_then(|published| published.item(&code)))
    }

    /// The open versions of the items, by code.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn items(
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
        #[graphql(desc = "Only items that fulfil all of this.")] filter: Option<ItemFilter>,
    ) -> Result<Connection<Item>> {
        let ctx = Ctx::of(ctx)?;
        let arguments = PageArguments {
            first,
            after,
            last,
            before,
        };
        let request = arguments.read("items").map_err(|fault| ctx.fail(fault))?;
        let filter = filter.unwrap_or_default().folded();
        let filter = filter.map_err(|rejected| ctx.fail(rejected))?;
        let mut items = Published::to(ctx).map_or_else(Vec::new, |published| published.items());
        items.retain(|item| filter.lets_through(item));
        let total = items.len() as u64;
        let key = |item: &Item| Key {
            sort: item.version().code.clone(),
            id: item.version_id().raw(),
        };
        let rows = request.fetch_from(items, key);
        Ok(Connection::new(&request, rows, key, move || {
            Box::pin(async move { Ok(total) })
        }))
    }

    /// The open version of a bundle (一件事); null if there is none.
    async fn bundle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code of the bundle, e.g. `YJS-001`.")] code: String,
    ) -> Result<Option<Bundle>> {
        let ctx = Ctx::of(ctx)?;
        Ok(Published::to(ctx).and_then(|published| published.bundle(&code)))
    }

    /// The open versions of all bundles, by code. There are few.
    #[graphql(complexity = "20 * child_complexity")]
    async fn bundles(&self, ctx: &Context<'_>) -> Result<Vec<Bundle>> {
        let ctx = Ctx::of(ctx)?;
        Ok(Published::to(ctx).map_or_else(Vec::new, |published| published.bundles()))
    }

    /// The departments (部门) of the centre, by code.
    #[graphql(complexity = "20 * child_complexity")]
    async fn departments(&self, ctx: &Context<'_>) -> Result<Vec<Department>> {
        let ctx = Ctx::of(ctx)?;
        Ok(Published::to(ctx).map_or_else(Vec::new, |published| published.departments()))
    }
}
