//! The sample county as `lianshen demo` plants it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, TimeZone as _, Utc};
use lianshen::catalogue::Library;
use lianshen::config::Config;
use lianshen::db::Db;
use lianshen::demo::{self, Planted};
use lianshen::ledger::{self, Audit};
use lianshen::{case, server};
use lianshen_domain::calendar::local_date;
use lianshen_domain::clock::{CardModel, Lamp};
use lianshen_domain::code::Code as _;
use lianshen_domain::event::EventKind;
use lianshen_entity::{account, application, case_, event, review};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use crate::support::clock::ManualClock;
use crate::support::{TestDatabase, each_db, seed};

/// What stands there, on any day.
const COUNTS: &str = "\
application CLOSED GRANTED ONLINE 1
application CLOSED GRANTED WINDOW 4
application CLOSED PARTLY_GRANTED WINDOW 1
application CONCLUDED GRANTED WINDOW 1
application CONCLUDED PARTLY_GRANTED WINDOW 1
application CONCLUDED REFUSED WINDOW 2
application IN_REVIEW - ONLINE 1
application IN_REVIEW - WINDOW 26
application RECEIVED - ONLINE 1
case AWAITING_PREDECESSOR OFF 13
case CLOSED GREEN 9
case CLOSED YELLOW 3
case DECIDING ALERT 3
case DECIDING GREEN 3
case DECIDING YELLOW 4
case GRANTED GREEN 22
case GRANTED YELLOW 4
case IN_REVIEW ALERT 9
case IN_REVIEW GREEN 11
case IN_REVIEW RED 2
case IN_REVIEW YELLOW 6
case RECEIVED OFF 1
case REFUSED GREEN 3
case REFUSED YELLOW 1
case TERMINATED OFF 3
review CANCELLED - 4
review CLAIMED - 13
review GIVEN AGREE 44
review GIVEN AGREE_TO_FORWARD 1
review GIVEN DISAGREE 6
review OPEN - 15
review WAITING - 14
";

/// Plants the sample county in an empty database.
pub async fn plant(database: &TestDatabase, now: DateTime<Utc>) -> Planted {
    let mut config = Config::defaults().unwrap();
    config.database_url = database.url().into();
    let db = server::open_database(&config, None, true).await.unwrap();
    let planted = demo::plant(&config, &db, now).await.unwrap();
    db.close().await;
    planted
}

each_db! { on empty
    async fn it_shows_every_state_and_every_lamp(database: TestDatabase) {
        plant(database, ManualClock::start()).await;
        let counts = counts(database, ManualClock::start()).await;
        assert!(counts == COUNTS, "there is now\n{counts}");
    }

    async fn it_shows_the_same_on_a_rest_day(database: TestDatabase) {
        // 2026-02-18, in the middle of Spring Festival, at three in the morning.
        let now = Utc.with_ymd_and_hms(2026, 2, 17, 19, 0, 0).unwrap();
        plant(database, now).await;
        let counts = counts(database, now).await;
        assert!(counts == COUNTS, "there is now\n{counts}");
    }

    async fn its_ledger_is_sound_and_nothing_in_it_is_still_to_come(database: TestDatabase) {
        let now = ManualClock::start();
        plant(database, now).await;
        let db = database.open().await;
        let events = event::Entity::find().all(db.reader()).await.unwrap();
        let last = i64::try_from(events.len()).unwrap();
        assert!(last > 300, "{last}");
        assert_eq!(ledger::verify(&db).await.unwrap(), Audit::Sound(last));
        for event in events {
            assert!(event.happened_at <= now && event.entered_at <= now, "{event:?}");
            assert!(event.happened_at <= event.entered_at, "{event:?}");
        }
        db.close().await;
    }

    async fn its_due_dates_are_those_that_the_clocks_give(database: TestDatabase) {
        plant(database, ManualClock::start()).await;
        let db = database.open().await;
        let published = Library::open(&db).await.unwrap().present();
        let config = Arc::new(Config::defaults().unwrap());
        let today = local_date(ManualClock::start());
        let recount = case::recount(&db, &published, &config, today).await.unwrap();
        assert!(recount.applications > 30 && recount.clocks > 200, "{recount:?}");
        assert_eq!(recount.faults, Vec::<String>::new());
        db.close().await;
    }

    async fn every_lamp_that_shines_was_announced(database: TestDatabase) {
        let now = ManualClock::start();
        plant(database, now).await;
        let db = database.open().await;
        let events = event::Entity::find().all(db.reader()).await.unwrap();
        let announced = |case: &case_::Model, kind: EventKind| {
            events.iter().filter(|event| event.case_id == Some(case.id) && event.kind.0 == kind).count()
        };
        for (_, cases) in files(&db).await {
            for case in cases.iter().filter(|case| !case.state.0.has_ended()) {
                let lamp = lamp(case, now);
                assert_eq!(announced(case, EventKind::StatutoryOverdue), usize::from(lamp == Lamp::Red));
                if lamp == Lamp::Yellow {
                    assert_eq!(announced(case, EventKind::PromiseOverdue), 1, "{case:?}");
                }
                if lamp == Lamp::Alert {
                    assert_eq!(announced(case, EventKind::DeadlineNear), 1, "{case:?}");
                }
            }
        }
        db.close().await;
    }

    async fn what_stands_there_is_kept(database: TestDatabase) {
        plant(database, ManualClock::start()).await;
        let db = database.open().await;
        let before = event::Entity::find().count(db.reader()).await.unwrap();
        plant(database, ManualClock::start()).await;
        assert_eq!(event::Entity::find().count(db.reader()).await.unwrap(), before);
        db.close().await;
    }

    async fn a_database_with_accounts_of_others_is_left_alone(database: TestDatabase) {
        let db = database.open().await;
        db.migrate().await.unwrap();
        seed::plant(&db).await;
        let before = account::Entity::find().count(db.reader()).await.unwrap();
        let config = Config::defaults().unwrap();
        assert!(demo::plant(&config, &db, ManualClock::start()).await.is_err());
        assert_eq!(account::Entity::find().count(db.reader()).await.unwrap(), before);
        assert_eq!(application::Entity::find().count(db.reader()).await.unwrap(), 0);
        db.close().await;
    }
}

async fn files(db: &Db) -> Vec<(application::Model, Vec<case_::Model>)> {
    application::Entity::find()
        .find_with_related(case_::Entity)
        .all(db.reader())
        .await
        .unwrap()
}

fn lamp(row: &case_::Model, now: DateTime<Utc>) -> Lamp {
    case::lamp_of_case(row, local_date(now), CardModel::default())
}

/// How many applications, cases and reviews there are of each sort.
async fn counts(database: &TestDatabase, now: DateTime<Utc>) -> String {
    let db = database.open().await;
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for (application, cases) in files(&db).await {
        let outcome = application.outcome.map_or("-", |outcome| outcome.0.code());
        let (state, channel) = (application.state.0.code(), application.channel.0.code());
        *counts
            .entry(format!("application {state} {outcome} {channel}"))
            .or_default() += 1;
        for case in cases {
            let lamp = lamp(&case, now).code();
            *counts
                .entry(format!("case {} {lamp}", case.state.0.code()))
                .or_default() += 1;
        }
    }
    for review in review::Entity::find().all(db.reader()).await.unwrap() {
        let opinion = review.opinion.map_or("-", |opinion| opinion.0.code());
        *counts
            .entry(format!("review {} {opinion}", review.state.0.code()))
            .or_default() += 1;
    }
    db.close().await;
    let mut table = String::new();
    for (sort, count) in counts {
        writeln!(table, "{sort} {count}").unwrap();
    }
    table
}
