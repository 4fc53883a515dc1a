//! Many statements that see one moment, for what counts everything while others go on writing.

use std::ops::Deref;

use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};

use super::Db;
use crate::error::AppError;

/// A connection of its own for counting, on which one moment after the other is looked at.
pub struct Counting {
    alone: DatabaseConnection,
    engine: DbBackend,
}

impl Counting {
    /// Connects.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn open(db: &Db) -> Result<Self, AppError> {
        Ok(Self {
            alone: db.reader.alone().await.map_err(AppError::internal)?,
            engine: db.engine(),
        })
    }

    /// Begins to look at one moment: that of the first statement.
    ///
    /// # Errors
    /// When the connection is gone.
    #[expect(
        clippy::disallowed_methods,
        reason = "it writes nothing; what writes goes through db::write"
    )]
    pub async fn moment(&self) -> Result<Snapshot, AppError> {
        let options = match self.engine {
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
        Ok(Snapshot(self.alone.begin_with_options(options).await?))
    }
}

/// The database as it was at one moment. Nobody waits for it, nothing can be written by it, and it ends when it is dropped.
pub struct Snapshot(DatabaseTransaction);

impl Deref for Snapshot {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
