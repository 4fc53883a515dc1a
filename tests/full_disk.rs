//! A database that cannot grow: nothing is acknowledged that is not there, and when there is room again all goes on.

use std::sync::Arc;

use lianshen::db::{self, Db, Tx};
use lianshen::error::AppError;
use lianshen_domain::rejected::Reason;
use lianshen_entity::serial;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, Set};

use crate::support::{Engine, TestDatabase, on_seeded};

/// SQLite rolls back by itself where it finds no room. The driver went on counting a transaction, the next refusal left
/// one open, and everything after that was acknowledged in it and lost.
#[test]
fn what_is_acknowledged_after_a_full_disk_is_there() {
    on_seeded(Engine::Sqlite, async |database: &TestDatabase| {
        let (db, other) = (database.open().await, database.open().await);
        order(&db, "PRAGMA max_page_count = 1").await;
        for attempt in 0..3 {
            let refused = insert(&db, &format!("{attempt}{}", "x".repeat(200_000))).await;
            assert!(refused.is_err(), "there was room for it");
            order(&db, "PRAGMA max_page_count = 1").await;
        }
        order(&db, "PRAGMA max_page_count = 1000000").await;
        let refusal = db::write(&db, async |_| {
            Err::<(), _>(AppError::from(Reason::NotFound))
        });
        assert!(matches!(refusal.await, Err(AppError::Rejected(_))));

        insert(&db, "after").await.unwrap();

        let seen = serial::Entity::find_by_id("after".to_owned());
        let seen = seen.one(other.reader()).await.unwrap();
        assert!(
            seen.is_some(),
            "it was acknowledged, and nobody else sees it"
        );
        db.close().await;
        other.close().await;
    });
}

async fn order(db: &Db, statement: &str) {
    let done = db::write(db, async |tx| {
        tx.execute_unprepared(statement).await?;
        Ok(())
    });
    done.await.unwrap();
}

async fn insert(db: &Db, key: &str) -> Result<(), AppError> {
    db::write(db, |tx: Arc<Tx>| async move {
        let row = serial::ActiveModel {
            key: Set(key.to_owned()),
            value: Set(1),
        };
        serial::Entity::insert(row)
            .exec_without_returning(&**tx)
            .await?;
        Ok(())
    })
    .await
}
