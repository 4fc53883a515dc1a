//! What is kept for a time only, and what the night puts away.

use chrono::{DateTime, TimeDelta, Utc};
use lianshen::env::Clock as _;
use lianshen::rounds;
use lianshen_entity::{application, event, idempotency, session};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _};

use crate::support::world::input_for_items;
use crate::support::{TestApp, documents, each_db};

each_db! {
    /// An integrator whose network failed at noon repeats next year, too.
    async fn a_command_is_remembered_for_its_time_and_no_longer(app: TestApp) {
        let input = input_for_items(&["SJJ-01-002"]);
        let submit = async || app.clerk().act(&documents::SUBMIT, input.clone()).await.done();
        let id = submit().await.text("applicationSubmit.application.id");

        app.clock.advance(TimeDelta::days(400));
        night(&app).await;
        assert_eq!(submit().await.text("applicationSubmit.application.id"), id);
        app.clock.advance(TimeDelta::seconds(1));
        night(&app).await;
        assert_eq!(keys(&app).await, Vec::<DateTime<Utc>>::new());
        assert_ne!(submit().await.text("applicationSubmit.application.id"), id, "it was forgotten");
    }

    async fn sessions_go_when_they_have_long_been_over_and_nothing_else_does(app: TestApp) {
        app.submit(&["SJJ-01-002"]).await;
        let database = app.database().await;
        let before = (
            application::Entity::find().all(&database).await.unwrap().len(),
            event::Entity::find().count(&database).await.unwrap(),
        );
        let over = session::Entity::find().all(&database).await.unwrap();
        let last = over.iter().map(|row| row.expires_at).max().expect("a clerk has signed in");

        app.clock.set(last + TimeDelta::days(400));
        night(&app).await;
        assert_eq!(session::Entity::find().count(&database).await.unwrap(), 1, "kept to the last moment");
        app.clock.advance(TimeDelta::seconds(1));
        night(&app).await;
        assert_eq!(session::Entity::find().count(&database).await.unwrap(), 0);
        let after = (
            application::Entity::find().all(&database).await.unwrap().len(),
            event::Entity::find().count(&database).await.unwrap(),
        );
        assert_eq!(before, after);
    }

    /// In several transactions, and only those whose time is over.
    async fn a_year_of_commands_goes_in_one_night(app: TestApp) {
        app.submit(&["SJJ-01-002"]).await;
        let database = app.database().await;
        let known = idempotency::Entity::find().one(&database).await.unwrap().expect("it was submitted");
        let now = app.clock.now();
        for nth in 0..2_500_i64 {
            let row = idempotency::Model {
                key: format!("old-{nth}"),
                created_at: now - TimeDelta::days(400) - TimeDelta::seconds(nth - 100),
                ..known.clone()
            };
            row.into_active_model().insert(&database).await.unwrap();
        }
        night(&app).await;
        let mut kept = keys(&app).await;
        kept.sort_unstable();
        assert_eq!(kept.len(), 102, "101 are not old enough, and one is of today");
        assert_eq!(kept[0], now - TimeDelta::days(400));
    }
}

async fn night(app: &TestApp) {
    rounds::nightly(app.program().clone()).await.unwrap();
}

/// When the remembered commands were given.
async fn keys(app: &TestApp) -> Vec<DateTime<Utc>> {
    let rows = idempotency::Entity::find().all(&app.database().await).await;
    let rows = rows.unwrap().into_iter();
    rows.map(|row| row.created_at).collect()
}
