//! Asking for accounts.

use async_graphql::{Context, ID, Object, Result};
use lianshen_domain::actor::Role;
use lianshen_domain::ids::Id as _;

use super::{Account, Me};
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::page::PAGE_MAX;
use crate::graphql::scalars::DateTime;
use crate::graphql::window::sought;
use crate::identity;
use lianshen_domain::rejected::Reason;

/// An account, as its administrator sees it (账户).
#[Object]
impl Account {
    /// Identifier.
    async fn id(&self) -> ID {
        ID(self.0.id.wire())
    }

    /// The name to sign in with.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The name shown inside the centre.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// Its one role.
    async fn role(&self) -> CodeEnum<Role> {
        self.0.role.into()
    }

    /// Code of its department, for roles that belong to one.
    async fn department_code(&self) -> Option<&str> {
        self.0.department.as_deref()
    }

    /// Its window, for clerks.
    async fn window(&self) -> Option<&str> {
        self.0.window.as_deref()
    }

    /// When it was opened.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was closed; null while it is open.
    async fn closed_at(&self) -> Option<DateTime> {
        self.0.closed_at.map(DateTime)
    }

    /// Counts the changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// What can be asked of accounts.
#[derive(Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// Who is signed in; null for visitors.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Me>> {
        Ok(Ctx::of(ctx)?.viewer().actor.clone().map(Me))
    }

    /// The accounts of the centre by name. For system administrators.
    #[graphql(complexity = "first as usize * child_complexity")]
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100.", default = 20)] first: u32,
        #[graphql(desc = "Only accounts whose name sorts after this one.")] after_name: Option<
            String,
        >,
    ) -> Result<Vec<Account>> {
        let ctx = Ctx::of(ctx)?;
        if !(1..=PAGE_MAX).contains(&(first as usize)) {
            return Err(ctx.fail(Reason::PageSize { max: 100 }.at("first")));
        }
        let after_name = sought(after_name, "afterName").map_err(|fault| ctx.fail(fault))?;
        let found =
            identity::accounts(ctx.app(), ctx.actor()?, after_name.as_deref(), first.into()).await;
        Ok(found
            .map_err(|error| ctx.fail(error))?
            .into_iter()
            .map(Account)
            .collect())
    }
}
