//! Accounts and sessions.

pub mod act;
pub mod query;

use async_graphql::{ID, Object, SimpleObject};
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::ids::Id as _;

pub use act::AccountMutation;
pub use query::AccountQuery;

use super::coded::CodeEnum;
use super::scalars::DateTime;
use crate::identity::{Account as AccountRow, SignedIn};
use secrecy::ExposeSecret as _;

/// Who is signed in.
pub struct Me(pub Actor);

/// Who is signed in, and what the program knows of them.
#[Object]
impl Me {
    /// Identifier of the account.
    async fn id(&self) -> ID {
        ID(self.0.account.wire())
    }

    /// The name shown inside the centre.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// What the person does at the centre; rights follow from it.
    async fn role(&self) -> CodeEnum<Role> {
        self.0.role.into()
    }

    /// Division code (行政区划代码) of the centre.
    async fn region(&self) -> &str {
        &self.0.region
    }

    /// Code of the department, for roles that belong to one.
    async fn department_code(&self) -> Option<&str> {
        self.0.department.as_deref()
    }

    /// The window, for clerks.
    async fn window(&self) -> Option<&str> {
        self.0.window.as_deref()
    }
}

/// A sign-in: an access token that is good for minutes, and a refresh token that gives the next.
#[derive(SimpleObject)]
pub struct Session {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// When it stops being good; refresh before.
    pub access_token_expires_at: DateTime,
    /// Gives the next pair, once. Using an old one again ends the session.
    pub refresh_token: String,
    /// When the session ends in any case.
    pub expires_at: DateTime,
    /// Who is signed in.
    pub account: Me,
}

impl From<SignedIn> for Session {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token.expose_secret().to_owned(),
            access_token_expires_at: DateTime(signed_in.access_expires_at),
            refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
            expires_at: DateTime(signed_in.session_expires_at),
            account: Me(signed_in.actor),
        }
    }
}

/// An account, as its administrator sees it.
pub struct Account(pub AccountRow);
