//! The chain of the ledger: what it notices by itself, and what only an entry that was noted before shows.

use lianshen::ledger::{self, Audit, Mark};
use lianshen_entity::{event, lease};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
};
use uuid::Uuid;

use crate::support::{Engine, TestApp, each_db, with_app};

each_db! {
    async fn an_entry_that_was_changed_or_taken_out_is_named(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let last = numbered(&app).await;
        let db = &app.program().db;

        change(&app, "UPDATE event SET public = NOT public WHERE position = 3").await;
        assert_eq!(ledger::verify(db).await.unwrap(), Audit::Broken(3));
        change(&app, "UPDATE event SET public = NOT public WHERE position = 3").await;
        assert_eq!(ledger::verify(db).await.unwrap(), Audit::Sound(last.position));

        // Smuggled in before the first.
        change(&app, "UPDATE event SET position = -6 WHERE position = 4").await;
        assert_eq!(ledger::verify(db).await.unwrap(), Audit::Broken(-6));
        change(&app, "UPDATE event SET position = 4 WHERE position = -6").await;

        change(&app, "DELETE FROM event WHERE position = 4").await;
        assert_eq!(ledger::verify(db).await.unwrap(), Audit::Broken(4));
    }

    /// It is chained as the newer one would, and told from one that somebody changed.
    async fn an_entry_that_a_newer_program_wrote_is_chained_and_named_by_its_position(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let program = app.program();
        let db = &program.db;
        let third = "(SELECT id FROM event ORDER BY entered_at, id LIMIT 1 OFFSET 2)";
        let all = event::Entity::find().count(db.reader()).await.unwrap();

        change(&app, &format!("UPDATE event SET kind = 'WRITTEN_LATER', actor_role = 'NEW_HERE' WHERE id = {third}")).await;
        ledger::sequence_all(db, &program.env, Uuid::from_u128(1)).await.unwrap();

        let walked = ledger::walk(db, None).await.unwrap();
        match walked.audit {
            Audit::Unreadable(3, why) => assert!(why.contains("WRITTEN_LATER"), "{why}"),
            other => panic!("{other:?}"),
        }
        let last = walked.last.expect("the chain is whole");
        assert_eq!(last.position.unsigned_abs(), all);
        assert_eq!(ledger::walk(db, Some(&last)).await.unwrap().strayed, None);

        // What is broken weighs more, wherever it stands.
        change(&app, "UPDATE event SET public = NOT public WHERE position = 4").await;
        assert_eq!(ledger::verify(db).await.unwrap(), Audit::Broken(4));
        change(&app, "UPDATE event SET kind = 'WRITTEN_BY_HAND' WHERE position = 3").await;
        assert_eq!(ledger::verify(db).await.unwrap(), Audit::Broken(3));
    }

    async fn a_chain_that_was_cut_is_told_by_an_entry_that_was_noted(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let before = numbered(&app).await;
        let db = &app.program().db;
        app.submit(&["SJJ-01-002"]).await;
        let after = numbered(&app).await;
        assert!(after.position > before.position);
        for noted in [&before, &after] {
            let walked = ledger::walk(db, Some(noted)).await.unwrap();
            assert_eq!(walked.audit, Audit::Sound(after.position));
            assert_eq!((walked.last.as_ref(), walked.strayed), (Some(&after), None));
        }

        change(&app, &format!("DELETE FROM event WHERE position = {}", after.position)).await;

        // By itself it is sound.
        assert_eq!(ledger::verify(db).await.unwrap(), Audit::Sound(after.position - 1));
        let still = ledger::walk(db, Some(&before)).await.unwrap();
        assert_eq!(still.audit, Audit::Sound(after.position - 1));
        assert_eq!(still.strayed, None);
        let cut = ledger::walk(db, Some(&after)).await.unwrap();
        assert_eq!(cut.strayed, Some(after.position));
    }

    async fn a_chain_that_was_written_anew_is_told_by_an_entry_that_was_noted(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let noted = numbered(&app).await;
        let db = &app.program().db;

        change(&app, "UPDATE event SET public = NOT public WHERE position = 2").await;
        change(&app, "UPDATE event SET position = NULL, hash = NULL").await;
        let anew = numbered(&app).await;

        assert_eq!(anew.position, noted.position);
        assert_eq!(ledger::verify(db).await.unwrap(), Audit::Sound(anew.position));
        let walked = ledger::walk(db, Some(&noted)).await.unwrap();
        assert_eq!(walked.strayed, Some(noted.position));
    }
}

/// PostgreSQL takes nothing into a column that cannot be read of it; SQLite does.
#[test]
fn an_entry_that_cannot_be_read_gets_no_number_and_holds_nobody_up() {
    with_app(Engine::Sqlite, async |app| {
        app.submit(&["SJJ-01-002"]).await;
        let program = app.program();
        let db = &program.db;
        let count = async || event::Entity::find().count(db.reader()).await.unwrap();
        let number = async || {
            let round = ledger::sequence(db, &program.env, Uuid::from_u128(1)).await;
            let round = round.unwrap();
            (round.numbered.len() as u64, round.unreadable)
        };
        let turns = async || {
            let lease = lease::Entity::find_by_id("sequencer")
                .one(db.reader())
                .await;
            lease.unwrap().map(|lease| lease.fence)
        };
        let first = "(SELECT id FROM event ORDER BY entered_at, id LIMIT 1)";
        change(
            &app,
            &format!("UPDATE event SET detail = 'torn' WHERE id = {first}"),
        )
        .await;
        let before = count().await;

        assert_eq!(number().await, (before - 1, 1));
        let turn = turns().await;
        assert_eq!(number().await, (0, 1));
        assert_eq!(turns().await, turn, "nothing is written for its sake");
        app.submit(&["SJJ-01-002"]).await;
        assert_eq!(number().await, (count().await - before, 1));
        assert_eq!(ledger::without_number(db).await.unwrap().len(), 1);

        change(&app, "UPDATE event SET detail = '{}' WHERE detail = 'torn'").await;
        assert_eq!(number().await, (1, 0));
        let all = i64::try_from(count().await).unwrap();
        assert_eq!(ledger::verify(db).await.unwrap(), Audit::Sound(all));
    });
}

#[test]
fn a_mark_is_read_as_it_is_printed_and_nothing_else_is() {
    let hash = "0123456789abcdef".repeat(4);
    let mark = Mark {
        position: 45,
        hash: hash.clone(),
    };
    assert_eq!(mark.to_string().parse(), Ok(mark.clone()));
    assert_eq!(format!(" 45:{}\n", hash.to_uppercase()).parse(), Ok(mark));
    for wrong in [
        "",
        "45",
        "45:",
        "0:",
        ":",
        &format!("-1:{hash}"),
        &format!("0:{hash}"),
        &format!("45:{hash}0"),
        &hash,
    ] {
        assert!(wrong.parse::<Mark>().is_err(), "{wrong}");
    }
}

/// Numbers all that has happened, and answers the last entry.
async fn numbered(app: &TestApp) -> Mark {
    let program = app.program();
    ledger::sequence_all(&program.db, &program.env, Uuid::from_u128(1))
        .await
        .unwrap();
    let walked = ledger::walk(&program.db, None).await.unwrap();
    let last = walked.last.unwrap();
    assert_eq!(walked.audit, Audit::Sound(last.position));
    let known = event::Entity::find().filter(event::Column::Position.eq(last.position));
    let known = known.one(program.db.reader()).await.unwrap().unwrap();
    assert_eq!(known.hash.as_ref(), Some(&last.hash));
    last
}

/// What somebody does who may write to the database.
async fn change(app: &TestApp, sql: &str) {
    let connection = app.database().await;
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}
