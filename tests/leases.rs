//! Leases: one holder at a time, by the database's clock, and nothing written by one who slept through the end of it.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use lianshen::app::App;
use lianshen::env::Env;
use lianshen::error::{AppError, Lacking};
use lianshen::lease::{self, Lease};
use lianshen_entity::lease as row;
use sea_orm::{ConnectionTrait as _, DbBackend, EntityTrait as _};
use uuid::Uuid;

use crate::support::clock::Ahead;
use crate::support::each_db;

const ONE: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

each_db! {
    async fn a_lease_is_renewed_by_its_holder_and_had_by_nobody_else(app: TestApp) {
        let app = app.program();
        let first = take(app, ONE).await.expect("nobody has it");
        assert_eq!(take(app, ONE).await.as_ref(), Some(&first), "renewed, under the same fence");
        let refused = take(app, OTHER).await;
        // SQLite has one process: whoever starts there takes over from one that died.
        assert_eq!(refused.is_none(), app.db.engine() == DbBackend::Postgres);
        let kept = stored(app).await;
        assert_eq!(kept.fence, if refused.is_none() { 1 } else { 2 });
    }

    async fn a_holder_that_slept_writes_nothing(app: TestApp) {
        let app = app.program();
        let day = app.env.moment().today;
        let asleep = take(app, ONE).await.unwrap();
        lapse(app).await;
        let awake = take(app, OTHER).await.expect("it has lapsed");

        // It wakes up, and believes that it still holds the lease.
        let noted = asleep.note_done(&app.db, day).await;
        assert!(matches!(noted, Err(AppError::Busy(Lacking::Lease))), "{noted:?}");
        let expected = lianshen::db::write(&app.db, async |tx| asleep.expect(&tx).await).await;
        assert!(matches!(expected, Err(AppError::Busy(Lacking::Lease))), "{expected:?}");
        assert_eq!(stored(app).await.done_on, None, "it wrote nothing");

        awake.note_done(&app.db, day).await.unwrap();
        let kept = stored(app).await;
        assert_eq!((kept.holder, kept.fence, kept.done_on), (OTHER, 2, Some(day)));
    }

    async fn one_that_lapsed_unnoticed_is_still_good(app: TestApp) {
        let app = app.program();
        let slow = take(app, ONE).await.unwrap();
        lapse(app).await;
        slow.note_done(&app.db, app.env.moment().today).await.unwrap();
        assert_eq!(take(app, ONE).await.unwrap().done_on, Some(app.env.moment().today));
        assert_eq!(stored(app).await.fence, 1);
    }

    async fn what_is_given_back_is_free_at_once(app: TestApp) {
        let app = app.program();
        let given_back = take(app, ONE).await.unwrap();
        lease::give_back(&app.db, ONE).await.unwrap();
        let noted = given_back.note_done(&app.db, app.env.moment().today).await;
        assert!(matches!(noted, Err(AppError::Busy(Lacking::Lease))), "work under way under it writes nothing more");
        assert!(take(app, OTHER).await.is_some());
        lease::give_back(&app.db, ONE).await.unwrap();
        assert_eq!(stored(app).await.holder, OTHER, "what another has is not given back");
    }

    async fn of_many_who_reach_for_it_at_once_one_has_it(app: TestApp) {
        let app = app.program();
        let all = (10..26).map(|holder| take(app, Uuid::from_u128(holder)));
        let had = join_all(all).await.into_iter().flatten().count();
        if app.db.engine() == DbBackend::Postgres {
            assert_eq!(had, 1);
        }
        assert_eq!(stored(app).await.fence, i64::try_from(had).unwrap(), "each change of hands counts");
    }

    async fn who_has_another_time_than_the_database_does_nothing_that_time_brings_about(app: TestApp) {
        let app = app.program();
        let is_postgres = app.db.engine() == DbBackend::Postgres;
        for (ahead, is_wrong) in [(30, false), (-30, false), (90, true), (-90, true)] {
            let ahead = TimeDelta::seconds(ahead);
            let env = Env::new(Arc::new(Ahead(ahead)));
            let taken = lease::take(&app.db, &env, "test", ONE).await;
            assert_eq!(taken.is_err(), is_wrong && is_postgres, "{ahead}: {taken:?}");
            lease::give_back(&app.db, ONE).await.unwrap();
            if let Err(error) = taken {
                let side = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
                let told = error.to_string();
                // A moment passes while the database is asked.
                let is_said = (88..=92).any(|seconds| told.contains(&format!("clock is {seconds} s {side} that")));
                assert!(is_said, "{told}");
                assert!(take(app, OTHER).await.is_some(), "it keeps nobody waiting");
                lease::give_back(&app.db, OTHER).await.unwrap();
            }
        }
    }

    async fn work_that_writes_is_not_held_up_by_the_renewal_of_its_lease(app: TestApp) {
        let app = app.program();
        let lease = take(app, ONE).await.unwrap();
        // Others write all the time, so that work and renewal wait for their turns.
        let others: Vec<_> = (0..4).map(|_| tokio::spawn(write_often(app.clone()))).collect();
        let work = write_often(app.clone());
        let kept = lease.keep_by(Duration::from_millis(1), &app.db, &app.env, work);
        tokio::time::timeout(Duration::from_mins(1), kept).await.expect("it goes on").unwrap();
        for other in others {
            other.await.unwrap().unwrap();
        }
    }

    async fn work_under_a_lease_answers_what_it_did(app: TestApp) {
        let app = app.program();
        let lease = take(app, ONE).await.unwrap();
        let work = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(7)
        };
        assert_eq!(lease.keep(&app.db, &app.env, work).await.unwrap(), 7);
    }
}

async fn write_often(app: App) -> Result<(), AppError> {
    let now = app.env.now();
    for _ in 0..50 {
        lianshen::db::write(&app.db, async |tx| {
            lease::turn(&tx, "sequencer", OTHER, now).await
        })
        .await?;
    }
    Ok(())
}

async fn take(app: &App, holder: Uuid) -> Option<Lease> {
    lease::take(&app.db, &app.env, "test", holder)
        .await
        .unwrap()
}

async fn stored(app: &App) -> row::Model {
    let found = row::Entity::find_by_id("test").one(app.db.reader()).await;
    found.unwrap().expect("there is such a lease")
}

/// As if a minute had gone by on the clock of the database.
async fn lapse(app: &App) {
    lianshen::db::write(&app.db, async |tx| {
        let sql = "UPDATE lease SET until = '2000-01-01 00:00:00+00:00' WHERE name = 'test'";
        Ok(tx.execute_unprepared(sql).await.map(|_| ())?)
    })
    .await
    .unwrap();
}
