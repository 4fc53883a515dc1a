//! The checker can fail: in a copy of a sound database one thing after the other is spoilt, and each is found by its name.

use std::path::Path;

use lianshen::db;
use sea_orm::ConnectionTrait as _;
use serde_json::Value;

use super::checker::{Violation, check};
use super::faults::Measure;
use super::journal::Entry;
use super::stage::{Report, Settings, Stage};
use super::store::url_of_file;
use crate::support::database::open;

/// What is spoilt, how, and by which name it must be found.
const DAMAGE: &[(&str, &str, &str)] = &[
    (
        "an act whose key is gone",
        "DELETE FROM idempotency WHERE key = (SELECT max(key) FROM idempotency)",
        "lost-act",
    ),
    (
        "a key that nobody was told of",
        "INSERT INTO idempotency SELECT account_id, key || '-x', request_hash, result, created_at FROM idempotency LIMIT 1",
        "unasked-act",
    ),
    (
        "an event that is gone from the middle",
        "DELETE FROM event WHERE position = (SELECT max(position) / 2 FROM event)",
        "chain-broken",
    ),
    (
        "the last opinion, gone together with all that came after it",
        "DELETE FROM event WHERE position >= (SELECT max(position) FROM event WHERE kind = 'OPINION_GIVEN')",
        "lost-act",
    ),
    (
        "an opinion given twice",
        "@twice OPINION_GIVEN",
        "opinion-twice",
    ),
    (
        "an opinion that was asked for once",
        "@twice OPINION_GIVEN",
        "doubled-act",
    ),
    (
        "a case granted twice",
        "@twice CASE_GRANTED",
        "decided-twice",
    ),
    (
        "an application concluded twice",
        "@twice APPLICATION_CONCLUDED",
        "concluded-twice",
    ),
    (
        "an application that stays open for ever",
        "UPDATE application SET concluded_at = NULL, outcome = NULL WHERE id = (SELECT id FROM application WHERE concluded_at IS NOT NULL LIMIT 1)",
        "not-concluded",
    ),
    (
        "an application that ended too early",
        "UPDATE case_ SET result = NULL WHERE id = (SELECT case_id FROM event WHERE kind = 'CASE_GRANTED' AND application_id IN (SELECT id FROM application WHERE concluded_at IS NOT NULL) LIMIT 1)",
        "concluded-early",
    ),
    (
        "a due date in the row of a case",
        "UPDATE case_ SET promised_due_on = date(promised_due_on, '+1 day') WHERE id = (SELECT id FROM case_ WHERE promised_due_on IS NOT NULL LIMIT 1)",
        "due-date-moved",
    ),
    (
        "a due date of a clock",
        "UPDATE clock SET due_on = date(due_on, '-1 day') WHERE rowid = (SELECT rowid FROM clock WHERE due_on IS NOT NULL LIMIT 1)",
        "due-date-moved",
    ),
    (
        "an open application that nobody looks at again",
        "UPDATE application SET sweep_on = NULL WHERE id = (SELECT id FROM application WHERE sweep_on IS NOT NULL LIMIT 1)",
        "nobody-wakes-it",
    ),
    (
        "one that should have been looked at",
        "UPDATE application SET sweep_on = '2026-01-05' WHERE id = (SELECT id FROM application WHERE sweep_on IS NOT NULL LIMIT 1)",
        "nobody-wakes-it",
    ),
    (
        "an event without its number",
        "UPDATE event SET position = NULL, hash = NULL WHERE position = (SELECT max(position) FROM event)",
        "event-without-number",
    ),
    (
        "an event that says something else",
        "UPDATE event SET detail = '{\"reason\": \"x\"}' WHERE position = (SELECT max(position) - 3 FROM event)",
        "chain-broken",
    ),
    (
        "a review that is open again",
        "UPDATE review SET state = 'OPEN' WHERE id = (SELECT id FROM review WHERE state = 'GIVEN' LIMIT 1)",
        "not-whole",
    ),
    (
        "a paper that is gone",
        "DELETE FROM document WHERE id = (SELECT id FROM document LIMIT 1)",
        "not-whole",
    ),
    (
        "a lease that nobody takes over",
        "INSERT INTO lease (name, holder, fence, until) SELECT 'a job', holder, 1, '2026-01-05 00:00:00+00:00' FROM lease LIMIT 1",
        "lease-overdue",
    ),
    (
        "a case of which the API says something else",
        "UPDATE case_ SET version = version + 1",
        "api-differs",
    ),
];

/// Another row of the last event of a kind, with an identifier of its own.
fn twice(kind: &str) -> String {
    let columns = "application_id, case_id, review_id, region, kind, department, public, happened_at, entered_at, actor, actor_role, detail";
    format!(
        "INSERT INTO event (id, {columns}) SELECT randomblob(16), {columns} FROM event \
         WHERE kind = '{kind}' ORDER BY position DESC LIMIT 1"
    )
}

/// Works for a while without any fault, and then spoils copies.
pub async fn run(settings: &Settings, _: Measure) -> Report {
    let mut stage = Stage::open(settings, "checker", async |_| {}).await;
    stage.work(120).await;
    stage.examine().await;
    let hall = stage.hall.clone();
    let rest = hall.rest().await;
    // What was done between the examination and this rest still wants its numbers and its sweep, and so does the sign-in
    // of whoever asks.
    stage.come_to_rest().await;
    let told = stage.told(50).await;
    stage.come_to_rest().await;
    let journal = hall.journal.read();
    let master = stage.folder.join("master.db");
    copy(&stage.url, &master).await;
    let sound = found_in(&stage, &master, &journal, &told).await;
    if !sound.is_empty() {
        stage.violation("checker-cries-wolf", format!("in a sound copy: {sound:?}"));
    }
    for (number, (what, statement, name)) in DAMAGE.iter().enumerate() {
        let spoilt = stage.folder.join(format!("spoilt-{number}.db"));
        std::fs::copy(&master, &spoilt).unwrap();
        let statement = statement
            .strip_prefix("@twice ")
            .map_or_else(|| (*statement).to_owned(), twice);
        let db = open(&url_of_file(&spoilt)).await;
        let spoil = db::write(&db, async |tx| {
            // The tables themselves would not let some of it happen.
            tx.execute_unprepared("PRAGMA ignore_check_constraints = ON")
                .await?;
            Ok(tx.execute_unprepared(&statement).await?.rows_affected())
        });
        let rows = spoil.await.unwrap();
        db.close().await;
        let found = found_in(&stage, &spoilt, &journal, &told).await;
        if rows == 0 || !found.iter().any(|one| one.name == *name) {
            stage.violation(
                "checker-is-blind",
                format!("{what} ({name}) in {rows} rows; it found {found:?}"),
            );
        }
        std::fs::remove_file(&spoilt).unwrap();
        stage.report.faults += 1;
    }
    drop(rest);
    stage.report.faults -= 1;
    stage.close().await
}

/// What is found in a copy.
async fn found_in(stage: &Stage, file: &Path, journal: &[Entry], told: &[Value]) -> Vec<Violation> {
    let db = open(&url_of_file(file)).await;
    let found = check(&db, &stage.truth(journal, told)).await;
    db.close().await;
    found
}

/// Readers of the program may write nothing, not even another file; so somebody else copies it.
async fn copy(url: &str, to: &Path) {
    let connection = sea_orm::Database::connect(url).await.unwrap();
    let copy = format!("VACUUM INTO '{}'", to.display());
    connection.execute_unprepared(&copy).await.unwrap();
    connection.close().await.unwrap();
}
