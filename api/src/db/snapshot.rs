//! Many statements that see one moment, for what counts everything while others go on writing.

use std::ops::Deref;

use sea_orm::{
    AccessMode, DatabaseTransaction, DbBackend, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};

use super::Db;
use crate::error::AppError;

/// The database as it was at one moment, on a connection of its own. Nobody waits for it, nothing can be written by it, and
/// it ends when it is dropped.
pub struct Snapshot(DatabaseTransaction);

impl Snapshot {
    /// Begins; the moment is that of the first statement.
    ///
    /// # Errors
    /// When no connection is to be had.
    #[expect(
        clippy::disallowed_methods,
        reason = "it writes nothing; what writes goes through db::write"
    )]
    pub async fn begin(db: &Db) -> Result<Self, AppError> {
        let options = match db.engine() {
            DbBackend::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
            _ => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            },
        };
        let alone = db.reader.alone().await.map_err(AppError::internal)?;
        Ok(Self(alone.begin_with_options(options).await?))
    }
}

impl Deref for Snapshot {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
