//! Signing in and out, and keeping accounts.

use std::net::{IpAddr, Ipv4Addr};

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use lianshen_domain::account::NewAccount;
use lianshen_domain::actor::Role;
use lianshen_domain::ids::AccountId;
use secrecy::SecretString;

use super::{Account, Session};
use crate::graphql::coded::CodeEnum;
use crate::graphql::context::Ctx;
use crate::graphql::ids::NodeId;
use crate::graphql::user_error::UserError;
use crate::identity::{self, AccountClose, AccountCreate, AccountResetPassword, SignIn};

/// Name and password.
#[derive(InputObject)]
pub struct SessionSignInInput {
    /// The name to sign in with.
    pub account_name: String,
    /// The password.
    pub password: String,
}

/// A refresh token.
#[derive(InputObject)]
pub struct SessionRefreshInput {
    /// The newest refresh token of the session.
    pub refresh_token: String,
}

/// A new password for yourself.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// The present password.
    pub present_password: String,
    /// The wanted password.
    pub wanted_password: String,
}

/// An account to open.
#[derive(InputObject)]
pub struct AccountCreateInput {
    /// The name to sign in with.
    pub name: String,
    /// The name shown inside the centre.
    pub display_name: String,
    /// Its one role.
    pub role: CodeEnum<Role>,
    /// Code of the department, for reviewers, deciders and lead coordinators, and for nobody else.
    pub department_code: Option<String>,
    /// The window, for clerks and nobody else.
    pub window: Option<String>,
    /// Its first password.
    pub password: String,
}

/// An account to close.
#[derive(InputObject)]
pub struct AccountCloseInput {
    /// The account.
    pub account_id: NodeId<AccountId>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// Another password for an account whose person has forgotten theirs.
#[derive(InputObject)]
pub struct AccountResetPasswordInput {
    /// The account.
    pub account_id: NodeId<AccountId>,
    /// The password that its person is told, and changes.
    pub password: String,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

/// What became of a sign-in.
#[derive(SimpleObject)]
pub struct SessionSignInPayload {
    /// The session; null when there are `userErrors`.
    pub session: Option<Session>,
    /// Why there is none.
    pub user_errors: Vec<UserError>,
}

/// What became of a refresh.
#[derive(SimpleObject)]
pub struct SessionRefreshPayload {
    /// The session with its new tokens; null when there are `userErrors`.
    pub session: Option<Session>,
    /// Why there is none.
    pub user_errors: Vec<UserError>,
}

/// What became of a sign-out.
#[derive(SimpleObject)]
pub struct SessionSignOutPayload {
    /// The session has ended, and its tokens with it.
    pub signed_out: bool,
    /// Why it has not.
    pub user_errors: Vec<UserError>,
}

/// What became of a change of password.
#[derive(SimpleObject)]
pub struct PasswordChangePayload {
    /// The password is another one, and all other sessions of the account have ended.
    pub changed: bool,
    /// Why it is not.
    pub user_errors: Vec<UserError>,
}

/// What became of a new account.
#[derive(SimpleObject)]
pub struct AccountCreatePayload {
    /// The account; null when there are `userErrors`.
    pub account: Option<Account>,
    /// Why nothing was done.
    pub user_errors: Vec<UserError>,
}

/// What became of closing an account.
#[derive(SimpleObject)]
pub struct AccountClosePayload {
    /// The account; null when there are `userErrors`.
    pub account: Option<Account>,
    /// Why nothing was done.
    pub user_errors: Vec<UserError>,
}

/// What became of another password.
#[derive(SimpleObject)]
pub struct AccountResetPasswordPayload {
    /// The account; null when there are `userErrors`.
    pub account: Option<Account>,
    /// Why nothing was done.
    pub user_errors: Vec<UserError>,
}

/// Acts on sessions and accounts.
#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Signs in. Attempts are counted; unknown names, wrong passwords and closed accounts are one answer.
    async fn session_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Name and password.")] input: SessionSignInInput,
    ) -> Result<SessionSignInPayload> {
        let ctx = Ctx::of(ctx)?;
        let typed = SignIn {
            name: SecretString::from(input.account_name),
            password: SecretString::from(input.password),
            peer: peer(ctx),
        };
        let app = ctx.app().clone();
        let outcome = ctx.outcome(
            ctx.app()
                .run(async move { identity::sign_in(&app, typed).await })
                .await,
        )?;
        Ok(SessionSignInPayload {
            session: outcome.done.map(Into::into),
            user_errors: outcome.user_errors,
        })
    }

    /// Gives the next pair of tokens. A refresh token is good once; showing an old one ends the session.
    async fn session_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: SessionRefreshInput,
    ) -> Result<SessionRefreshPayload> {
        let ctx = Ctx::of(ctx)?;
        let token = SecretString::from(input.refresh_token);
        let app = ctx.app().clone();
        let outcome = ctx.outcome(
            ctx.app()
                .run(async move { identity::refresh(&app, &token).await })
                .await,
        )?;
        Ok(SessionRefreshPayload {
            session: outcome.done.map(Into::into),
            user_errors: outcome.user_errors,
        })
    }

    /// Ends the session through which you ask.
    async fn session_sign_out(&self, ctx: &Context<'_>) -> Result<SessionSignOutPayload> {
        let ctx = Ctx::of(ctx)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let outcome = ctx.outcome(
            ctx.app()
                .run(async move { identity::sign_out(&app, &actor).await })
                .await,
        )?;
        Ok(SessionSignOutPayload {
            signed_out: outcome.done.is_some(),
            user_errors: outcome.user_errors,
        })
    }

    /// Changes your own password.
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present and the wanted password.")] input: PasswordChangeInput,
    ) -> Result<PasswordChangePayload> {
        let ctx = Ctx::of(ctx)?;
        let (app, actor, peer) = (ctx.app().clone(), ctx.actor()?.clone(), peer(ctx));
        let present = SecretString::from(input.present_password);
        let wanted = SecretString::from(input.wanted_password);
        let change =
            async move { identity::password_change(&app, &actor, peer, present, wanted).await };
        let outcome = ctx.outcome(ctx.app().run(change).await)?;
        Ok(PasswordChangePayload {
            changed: outcome.done.is_some(),
            user_errors: outcome.user_errors,
        })
    }

    /// Opens an account at your centre. For system administrators.
    async fn account_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: AccountCreateInput,
    ) -> Result<AccountCreatePayload> {
        let ctx = Ctx::of(ctx)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let asked = AccountCreate {
            account: NewAccount {
                name: input.name,
                display_name: input.display_name,
                role: input.role.0,
                department: input.department_code,
                window: input.window,
            },
            password: SecretString::from(input.password),
        };
        let create = async move { identity::account_create(&app, &actor, asked).await };
        let outcome = ctx.outcome(ctx.app().run(create).await)?;
        Ok(AccountCreatePayload {
            account: outcome.done.map(Account),
            user_errors: outcome.user_errors,
        })
    }

    /// Closes an account for ever; its sessions end at once. For system administrators.
    async fn account_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: AccountCloseInput,
    ) -> Result<AccountClosePayload> {
        let ctx = Ctx::of(ctx)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let account = match input.account_id.read("accountId") {
            Ok(id) => id,
            Err(fault) => {
                return Ok(AccountClosePayload {
                    account: None,
                    user_errors: UserError::all(vec![fault], ctx.lang()),
                });
            }
        };
        let asked = AccountClose {
            account,
            expected_version: input.expected_version,
        };
        let close = async move { identity::account_close(&app, &actor, asked).await };
        let outcome = ctx.outcome(ctx.app().run(close).await)?;
        Ok(AccountClosePayload {
            account: outcome.done.map(Account),
            user_errors: outcome.user_errors,
        })
    }

    /// Gives an account another password in the place of a forgotten one; its sessions end at once. For system
    /// administrators. Whoever is told the password changes it by `passwordChange`.
    async fn account_reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account and its password.")] input: AccountResetPasswordInput,
    ) -> Result<AccountResetPasswordPayload> {
        let ctx = Ctx::of(ctx)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let account = match input.account_id.read("accountId") {
            Ok(id) => id,
            Err(fault) => {
                return Ok(AccountResetPasswordPayload {
                    account: None,
                    user_errors: UserError::all(vec![fault], ctx.lang()),
                });
            }
        };
        let asked = AccountResetPassword {
            account,
            password: SecretString::from(input.password),
            expected_version: input.expected_version,
        };
        let reset = async move { identity::account_reset_password(&app, &actor, asked).await };
        let outcome = ctx.outcome(ctx.app().run(reset).await)?;
        Ok(AccountResetPasswordPayload {
            account: outcome.done.map(Account),
            user_errors: outcome.user_errors,
        })
    }
}

/// The address that attempts are counted by.
fn peer(ctx: Ctx<'_>) -> IpAddr {
    ctx.viewer()
        .peer
        .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
