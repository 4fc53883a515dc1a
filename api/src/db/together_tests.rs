use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use lianshen_domain::rejected::Reason;
use lianshen_entity::serial;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, PaginatorTrait as _, Set};
use tokio::task::JoinHandle;

use super::*;
use crate::db::scratch::Scratch;
use crate::db::{self, Db, Tx};

async fn seen(db: &Db) -> u64 {
    serial::Entity::find().count(db.reader()).await.unwrap()
}

async fn keys(db: &Db) -> Vec<String> {
    let rows = serial::Entity::find().all(db.reader()).await.unwrap();
    let mut keys: Vec<String> = rows.into_iter().map(|row| row.key).collect();
    keys.sort_unstable();
    keys
}

async fn note(tx: &Tx, key: &str) -> Result<(), AppError> {
    let row = serial::ActiveModel {
        key: Set(key.to_owned()),
        value: Set(1),
    };
    row.insert(&tx.0).await?;
    Ok(())
}

/// What an act does after it has written its row.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Done,
    Refused,
    Fault,
    Slow,
}

fn act(db: &Db, key: usize, then: Then) -> JoinHandle<Result<(), AppError>> {
    let db = db.clone();
    tokio::spawn(async move {
        let key = format!("{key:03}");
        db::write(&db, async |tx| {
            note(&tx, &key).await?;
            match then {
                Then::Done => Ok(()),
                Then::Refused => Err(Reason::NotFound.into()),
                // The key is there already.
                Then::Fault => note(&tx, &key).await,
                Then::Slow => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    Ok(())
                }
            }
        })
        .await
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_share_a_commit_and_nobody_is_told_before_it() {
    let scratch = Scratch::new();
    let db = scratch.open().await;
    let ahead = Arc::new(AtomicBool::new(false));
    let acts = (0..60).map(|key| {
        let (db, ahead) = (db.clone(), ahead.clone());
        tokio::spawn(async move {
            let key = format!("{key:03}");
            let done = db::write(&db, async |tx| {
                note(&tx, &key).await?;
                let inside = serial::Entity::find().count(&tx.0).await?;
                let outside = serial::Entity::find().count(db.reader()).await?;
                if inside > outside + 1 {
                    ahead.store(true, Ordering::Relaxed);
                }
                Ok(())
            });
            done.await.unwrap();
            let row = serial::Entity::find_by_id(key).one(db.reader()).await;
            assert!(row.unwrap().is_some(), "told, and not there");
        })
    });
    for act in acts.collect::<Vec<_>>() {
        act.await.unwrap();
    }
    assert_eq!(seen(&db).await, 60);
    assert!(
        ahead.load(Ordering::Relaxed),
        "no two acts shared a transaction"
    );
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_or_faulty_leaves_nothing_and_takes_nothing_along() {
    let scratch = Scratch::new();
    let db = scratch.open().await;
    let thens = [
        Then::Done,
        Then::Refused,
        Then::Done,
        Then::Fault,
        Then::Done,
    ];
    let acts: Vec<_> = (0..50)
        .map(|key| (key, thens[key % 5], act(&db, key, thens[key % 5])))
        .collect();
    let mut expected = Vec::new();
    for (key, then, act) in acts {
        let outcome = act.await.unwrap();
        match then {
            Then::Refused => assert!(matches!(outcome, Err(AppError::Rejected(_)))),
            Then::Fault => assert!(matches!(outcome, Err(AppError::Internal(_)))),
            Then::Done | Then::Slow => {
                outcome.unwrap();
                expected.push(format!("{key:03}"));
            }
        }
    }
    assert_eq!(keys(&db).await, expected);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_dropped_while_acting_or_waiting_holds_up_nobody() {
    let scratch = Scratch::new();
    let db = scratch.open().await;
    let before: Vec<_> = (0..5).map(|key| act(&db, key, Then::Done)).collect();
    let slow = act(&db, 100, Then::Slow);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let after: Vec<_> = (5..10).map(|key| act(&db, key, Then::Done)).collect();
    // The last one in the queue, for whom a transaction may have been left open.
    let last = act(&db, 101, Then::Done);
    tokio::time::sleep(Duration::from_millis(20)).await;
    last.abort();
    slow.abort();
    for act in before.into_iter().chain(after) {
        let done = tokio::time::timeout(Duration::from_secs(5), act).await;
        done.unwrap().unwrap().unwrap();
    }
    let keys = keys(&db).await;
    let expected: Vec<String> = (0..10).map(|key| format!("{key:03}")).collect();
    assert_eq!(keys, expected);
    act(&db, 102, Then::Done).await.unwrap().unwrap();
    assert_eq!(seen(&db).await, 11);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_dropped_while_it_commits_for_all_has_nobody_act_twice() {
    let scratch = Scratch::new();
    let db = scratch.open().await;
    let (mut done, mut dropped) = (Vec::new(), 0);
    for trial in 0..300 {
        let acts = [0, 1, 2].map(|nth| {
            let (db, key) = (db.clone(), format!("{trial}/{nth}"));
            let act = async move { db::write(&db, async |tx| count(&tx, &key).await).await };
            (format!("{trial}/{nth}"), tokio::spawn(act))
        });
        tokio::time::sleep(Duration::from_micros(rand::random_range(100..2_500))).await;
        acts[2].1.abort();
        for (key, act) in acts {
            match act.await {
                Ok(outcome) => {
                    outcome.unwrap();
                    done.push(key);
                }
                Err(_) => dropped += 1,
            }
        }
    }
    assert!(dropped > 0, "nobody was dropped");
    let counted = serial::Entity::find().all(db.reader()).await;
    let counted = counted.unwrap().into_iter();
    let counted: BTreeMap<String, i64> = counted.map(|row| (row.key, row.value)).collect();
    for key in done {
        assert_eq!(counted.get(&key), Some(&1), "how often {key} acted");
    }
    db.close().await;
}

/// Counts how often it was done.
async fn count(tx: &Tx, key: &str) -> Result<(), AppError> {
    let one = serial::ActiveModel {
        key: Set(key.to_owned()),
        value: Set(1),
    };
    let grown = Expr::col((serial::Entity, serial::Column::Value)).add(1);
    let grown = OnConflict::column(serial::Column::Key)
        .value(serial::Column::Value, grown)
        .to_owned();
    let insert = serial::Entity::insert(one).on_conflict(grown);
    insert.exec_without_returning(&tx.0).await?;
    Ok(())
}
