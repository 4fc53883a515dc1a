//! Retention (保存期限): what is kept for a time only goes when it is over, in short transactions, so that nobody at a desk waits.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait, Iterable as _, PrimaryKeyToColumn, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
};

use crate::db::{self, Db};
use crate::error::AppError;
use crate::pulse;

/// How many rows one transaction deletes.
const BATCH: u64 = 1_000;

/// Deletes the rows of a table that lie before an instant by a column; answers how many. That column has an index.
///
/// # Errors
/// When the database refuses; what was deleted until then is gone, and the next time goes on from there.
pub async fn forget<E: EntityTrait>(
    db: &Db,
    since: E::Column,
    before: DateTime<Utc>,
) -> Result<u64, AppError> {
    let key = || E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    let mut gone = 0;
    loop {
        pulse::at_work();
        let deleted = db::write(db, async |tx| {
            let old = E::find()
                .select_only()
                .columns(key())
                .filter(since.lt(before))
                .order_by_asc(since)
                .limit(BATCH)
                .into_query();
            let rows = Expr::tuple(key().map(Expr::col));
            let done = E::delete_many().filter(rows.in_subquery(old)).exec(&tx.0);
            Ok(done.await?.rows_affected)
        })
        .await?;
        gone += deleted;
        if deleted < BATCH {
            return Ok(gone);
        }
    }
}
