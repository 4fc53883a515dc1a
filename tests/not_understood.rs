//! What this program does not understand, because a newer one wrote it beside it: it stops nobody, and by half a record
//! nothing is decided and no date is given.

use std::time::Duration;

use lianshen::case;
use lianshen::ledger::{self, Audit};
use lianshen_entity::{application, event};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _,
};
use serde_json::{Value, json};

use crate::support::acts::uuid_of;
use crate::support::client::Subscription;
use crate::support::world::Application;
use crate::support::{TestApp, documents, each_db};

const CODE: &str = "RECORD_NOT_UNDERSTOOD";

/// Longer than any of it takes, so that a slow machine fails nothing.
const PATIENCE: Duration = Duration::from_secs(30);

mod beside_the_loops {
    use super::*;

    const LEFT_OUT: &str = "The sweep could not look at an application.";

    /// Two rounds of the sweep, and what a slow machine takes.
    const ROUNDS: Duration = Duration::from_secs(120);

    each_db! {
        with jobs

        /// What is left out of a round leaves the loop alive: a balancer would take away a server that does all the rest.
        async fn a_round_that_leaves_one_out_has_not_failed(app: TestApp) {
            let (theirs, ours) = (app.submit(&["SJJ-01-002"]).await, app.submit(&["SJJ-01-002"]).await);
            write_later(&app, &theirs).await;
            let today = app.clock.today();
            let due = format!("UPDATE application SET sweep_on = '{today}'");
            app.database().await.execute_unprepared(&due).await.unwrap();
            let lines = || app.log.lines();
            let left_out = || lines().iter().filter(|line| line.contains(LEFT_OUT)).count();
            // The first of these rounds has ended when the second has begun.
            until_within(ROUNDS, async || left_out() >= 2).await;
            let row = application::Entity::find_by_id(uuid_of(&ours.id)).one(app.program().db.reader()).await.unwrap();
            assert!(row.unwrap().sweep_on.is_none_or(|on| on > today), "the other was swept");
            assert!(!lines().iter().any(|line| line.contains("background loop failed")), "{:?}", lines());
            app.database().await.execute_unprepared("DELETE FROM event WHERE kind = 'WRITTEN_LATER'").await.unwrap();
            tokio::time::sleep(Duration::from_millis(500)).await;
            app.log.forgive(LEFT_OUT);
        }

        async fn it_is_numbered_and_passed_over_and_what_follows_is_told(app: TestApp) {
            let theirs = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
            let ours = app.submit(&["SJJ-01-002"]).await;
            let id = json!({ "id": theirs.id });
            let mut inbox = app.reviewer("SJJ").subscribe("subscription { inboxChanged { kind } }", json!({})).await;
            let mut story = app.supervisor().subscribe(&documents::APPLICATION_EVENTS, id.clone()).await;
            // The subscriptions stand once the program has answered something sent after them.
            tokio::time::sleep(Duration::from_millis(300)).await;

            write_later(&app, &theirs).await;
            let position = position_of_it(&app).await;
            app.agree(&theirs.case("SJJ-01-002").review).await;

            hear(&mut inbox, "/inboxChanged/kind", "OPINION_GIVEN").await;
            hear(&mut story, "/applicationEvents/event/kind", "OPINION_GIVEN").await;
            // Who begins to listen now hears what comes, too.
            let mut late = app.supervisor().subscribe(&documents::APPLICATION_EVENTS, id).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            app.agree(&theirs.case("CGJ-01-001").review).await;
            hear(&mut late, "/applicationEvents/event/kind", "OPINION_GIVEN").await;

            let refused = app.decide(theirs.case("SJJ-01-002"), "GRANT", None).await;
            assert_eq!(refused.user_errors("caseDecide"), [CODE], "{refused}");
            app.agree(&ours.cases[0].review).await;
            app.grant(&ours.cases[0]).await;

            let lines = app.log.lines();
            let said = lines.iter().filter(|line| line.contains("is not understood"));
            let said: Vec<_> = said.collect();
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(said[0].contains(&format!("position={position}")), "{}", said[0]);
            for other in ["WRITTEN_LATER", &*theirs.receipt_number] {
                assert!(!said[0].contains(other), "{}", said[0]);
            }
            let db = &app.program().db;
            until(async || waiting(&app).await == 0).await;
            assert!(ledger::last_position(db).await.unwrap() > position);
            match ledger::verify(db).await.unwrap() {
                Audit::Unreadable(at, why) => {
                    assert_eq!(at, position);
                    assert!(why.contains("WRITTEN_LATER"), "{why}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

each_db! {
    async fn by_half_a_record_nothing_is_decided_and_no_date_is_given(app: TestApp) {
        let (theirs, ours) = (app.submit(&["SJJ-01-002"]).await, app.submit(&["SJJ-01-002"]).await);
        let (their_case, our_case) = (&theirs.cases[0], &ours.cases[0]);
        for case in [their_case, our_case] {
            let more = json!({ "days": 3, "approvedBy": "AGENCY_HEAD", "reasons": "案情复杂" });
            app.decider("SJJ").does("caseExtend", &case.id, more).await.done();
        }
        let version = app.case_row(their_case).await.version;
        let supervisor = app.supervisor();

        write_later(&app, &theirs).await;

        // A date is left open, and those beside it are not.
        let list = "{ applications(first: 10) { nodes { id cases { promised { dueOn } } } } }";
        let dated = supervisor.query(list, json!({})).await;
        assert_eq!(dated.error_code(), CODE);
        for one in dated.list("applications.nodes") {
            let is_theirs = one["id"] == json!(theirs.id);
            assert_eq!(one["cases"][0]["promised"].is_null(), is_theirs, "{dated}");
        }
        let timeline = "query($id: ID!) { application(id: $id) { timeline { totalCount } } }";
        let told = async |one: &Application| supervisor.query(timeline, json!({ "id": one.id })).await;
        assert_eq!(told(&theirs).await.error_code(), CODE);
        assert!(told(&ours).await.ok().number("application.timeline.totalCount") > 3);
        let progress = async |one: &Application| {
            let held = json!({ "receiptNumber": one.receipt_number, "queryCode": one.query_code });
            app.nobody().query(&documents::PUBLIC_PROGRESS, held).await
        };
        assert_eq!(progress(&theirs).await.error_code(), CODE);
        progress(&ours).await.ok();
        // Who may not see it learns nothing.
        let held = json!({ "receiptNumber": theirs.receipt_number, "queryCode": ours.query_code });
        let guessed = app.nobody().query(&documents::PUBLIC_PROGRESS, held).await.ok();
        assert!(guessed.data("progress").is_null(), "{guessed}");

        let terminate = async |case: &str| {
            let reasons = json!({ "reasons": "申请人已注销" });
            app.decider("SJJ").does("caseTerminate", case, reasons).await
        };
        let refused = terminate(&their_case.id).await;
        assert_eq!(refused.user_errors("caseTerminate"), [CODE], "{refused}");
        assert_eq!(app.case_row(their_case).await.version, version);
        terminate(&our_case.id).await.done();

        // What looks at all of them names it, and goes on.
        app.clock.advance(chrono::TimeDelta::days(120));
        let other = app.submit(&["SJJ-01-002"]).await;
        app.clock.advance(chrono::TimeDelta::days(120));
        let swept = case::sweep(app.program()).await.unwrap();
        assert_eq!(swept.failed, 1);
        assert!(!app.cards_on(&other).await.is_empty());
        app.log.forgive("The sweep could not look at an application.");
        let program = app.program();
        let snapshot = program.library.present();
        let recount = case::recount(&program.db, &snapshot, &program.config, app.clock.today());
        let faults = recount.await.unwrap().faults;
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with(&theirs.receipt_number), "{faults:?}");

        // As a program that understands it sees it.
        app.database().await.execute_unprepared("DELETE FROM event WHERE kind = 'WRITTEN_LATER'").await.unwrap();
        terminate(&their_case.id).await.done();
        app.sweep().await;
        app.assert_sound().await;
    }
}

/// What a newer program writes: one more event of an application, of a kind that nobody here knows.
pub(crate) async fn write_later(app: &TestApp, application: &Application) {
    let id = uuid_of(&application.id).simple();
    let (new, of) = match app.program().db.engine() {
        DbBackend::Postgres => ("gen_random_uuid()", format!("'{id}'::uuid")),
        _ => ("randomblob(16)", format!("unhex('{id}')")),
    };
    let columns = "application_id, case_id, review_id, region, department, public, happened_at, entered_at, actor, \
                   actor_role, detail";
    let sql = format!(
        "INSERT INTO event (id, kind, {columns}) SELECT {new}, 'WRITTEN_LATER', {columns} FROM event \
         WHERE application_id = {of} AND kind = 'APPLICATION_ACCEPTED'"
    );
    let written = app.database().await.execute_unprepared(&sql).await.unwrap();
    assert_eq!(written.rows_affected(), 1);
}

/// Its position, as soon as it has one.
async fn position_of_it(app: &TestApp) -> i64 {
    let find = event::Entity::find()
        .select_only()
        .column(event::Column::Position)
        .filter(event::Column::Kind.eq("WRITTEN_LATER"));
    let position = async || {
        let found: Option<Option<i64>> = find
            .clone()
            .into_tuple()
            .one(app.program().db.reader())
            .await
            .unwrap();
        found.flatten()
    };
    until(async || position().await.is_some()).await;
    position().await.unwrap()
}

/// How many entries wait for their number.
async fn waiting(app: &TestApp) -> u64 {
    let waiting = event::Entity::find().filter(event::Column::Position.is_null());
    waiting.count(app.program().db.reader()).await.unwrap()
}

async fn until(is_so: impl AsyncFn() -> bool) {
    until_within(PATIENCE, is_so).await;
}

async fn until_within(patience: Duration, is_so: impl AsyncFn() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(patience, wait).await.unwrap();
}

/// Listens until it is told of this.
async fn hear(stream: &mut Subscription, at: &str, kind: &str) {
    loop {
        let told = stream.next_within(PATIENCE).await;
        let told = told.unwrap_or_else(|| panic!("{kind} was not told"));
        if told.pointer(at).and_then(Value::as_str) == Some(kind) {
            return;
        }
    }
}
