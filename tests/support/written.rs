//! Everything that acts write, as one value: two that are equal prove that nothing was written between them.

use std::collections::BTreeMap;

use lianshen_entity::{
    account, application, case_, correction_notice, document, event, idempotency, material,
    mediation, missing_report, review, serial, sharing_request, visit,
};
use sea_orm::{Database, DatabaseConnection, EntityTrait};

use super::app::TestApp;

/// The rows of each table as text, in an order of their own.
pub type Written = BTreeMap<&'static str, Vec<String>>;

impl TestApp {
    /// What is written now; read past the program, straight from the database.
    pub async fn written(&self) -> Written {
        let connection = self.database().await;
        let mut written = Written::new();
        macro_rules! read {
            ($($module:ident)+) => {$(
                written.insert(stringify!($module), rows::<$module::Entity>(&connection).await);
            )+};
        }
        read!(account application case_ correction_notice document idempotency material mediation missing_report review serial sharing_request visit);
        // Whoever signs in leaves an event; that is not what an act writes.
        // Nor is the number that an event is given later.
        let events = event::Entity::find()
            .all(&connection)
            .await
            .unwrap()
            .into_iter();
        let events = events.map(|event| event::Model {
            position: None,
            hash: None,
            ..event
        });
        let mut events: Vec<String> = events.map(|event| format!("{event:?}")).collect();
        events.retain(|event| !event.contains("kind: Session"));
        events.sort_unstable();
        written.insert("event", events);
        connection.close().await.unwrap();
        written
    }

    /// A connection of the test's own.
    pub async fn database(&self) -> DatabaseConnection {
        Database::connect(&*self.database_url).await.unwrap()
    }
}

async fn rows<E: EntityTrait>(connection: &DatabaseConnection) -> Vec<String>
where
    E::Model: std::fmt::Debug + Sync,
{
    let models = E::find().all(connection).await.unwrap();
    let mut rows: Vec<String> = models.iter().map(|model| format!("{model:?}")).collect();
    rows.sort_unstable();
    rows
}

/// Fails unless both are the same, and names the rows that are not.
#[track_caller]
pub fn assert_unchanged(before: &Written, after: &Written, act: &str) {
    for (table, rows) in after {
        let new: Vec<_> = rows
            .iter()
            .filter(|row| !before[table].contains(row))
            .collect();
        let gone: Vec<_> = before[table]
            .iter()
            .filter(|row| !rows.contains(row))
            .collect();
        assert!(
            new.is_empty() && gone.is_empty(),
            "{act} wrote to {table}: new {new:#?}, gone {gone:#?}"
        );
    }
}
