//! The authority of an actor, read inside the transaction of the act: who was signed out, or whose account
//! was closed, a moment ago can no longer write.

use lianshen_domain::actor::Actor;
use lianshen_domain::ids::Id as _;
use lianshen_domain::rejected::Reason;
use lianshen_entity::{account, session};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use crate::db::Tx;
use crate::error::AppError;

/// Makes sure that the actor's session and account are still good, and keeps them so until the commit. Answers the
/// revision up to which the actor's centre has published and adopted; see [`crate::catalogue::Library::at_least`].
///
/// # Errors
/// `SessionEnded`.
pub async fn hold(tx: &Tx, actor: &Actor) -> Result<i64, AppError> {
    let revision = Expr::cust("(SELECT revision FROM centre WHERE centre.region = account.region)");
    let held = session::Entity::find_by_id(actor.session.raw())
        .select_only()
        .column_as(revision, "revision")
        .inner_join(account::Entity)
        .filter(session::Column::AccountId.eq(actor.account.raw()))
        .filter(session::Column::EndedAt.is_null())
        .filter(account::Column::ClosedAt.is_null())
        .lock_shared()
        .into_tuple::<Option<i64>>()
        .one(&tx.0)
        .await?;
    held.map(Option::unwrap_or_default)
        .ok_or(AppError::Unauthenticated(Reason::SessionEnded))
}
