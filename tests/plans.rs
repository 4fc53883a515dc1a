//! What must not grow with the history is read by an index of open work, on both engines: the plans of the program's
//! own statements name it.

use lianshen::{db, digest, ledger};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use serde_json::json;
use uuid::Uuid;

use crate::support::{TestApp, documents, each_db};

each_db! {
    async fn the_sweep_looks_only_at_what_is_due(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let counted = app.statements();
        app.sweep().await;

        let plan = plan_of(&app, &one(counted.list(), "\"sweep_on\" <=")).await;

        assert!(plan.contains("application_swept"), "{plan}");
    }

    async fn an_inbox_is_read_from_what_is_open(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let reviewer = app.reviewer("SJJ");
        reviewer.token().await;
        let counted = app.statements();
        reviewer.query(&documents::INBOX, json!({ "first": 20 })).await.ok();

        // PostgreSQL chooses by how much there is, and in a test there is next to nothing. It must know how much is wanted.
        if app.program().db.engine() == DbBackend::Postgres {
            let page = one(counted.list(), "ORDER BY \"review\".\"sort_on\"");
            assert!(page.ends_with(" LIMIT 21"), "{page}");
            return;
        }
        for words in ["ORDER BY \"review\".\"sort_on\"", "COUNT(*)"] {
            let plan = plan_of(&app, &one(counted.list(), words)).await;
            assert!(plan.contains("review_inbox"), "{plan}");
            // Whether a case of the department is in it is asked of each application, not listed for all of them.
            assert!(!plan.contains("LIST SUBQUERY"), "{plan}");
        }
    }

    async fn the_inbox_of_a_whole_centre_is_read_in_its_order(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let supervisor = app.supervisor();
        supervisor.token().await;
        let counted = app.statements();
        supervisor.query(&documents::INBOX, json!({ "first": 20 })).await.ok();

        let page = one(counted.list(), "ORDER BY \"review\".\"sort_on\"");
        if app.program().db.engine() == DbBackend::Postgres {
            assert!(page.ends_with(" LIMIT 21"), "{page}");
            return;
        }
        let plan = plan_of(&app, &page).await;
        assert!(plan.contains("review_open") && !plan.contains("TEMP B-TREE"), "{plan}");
    }

    /// A statement that is planned once finds the index only where its text names the state.
    async fn what_waits_for_a_decision_is_not_read_from_all_applications(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let supervisor = app.supervisor();
        supervisor.token().await;
        let counted = app.statements();
        let deciding = json!({ "first": 20, "filter": { "state": "DECIDING" } });
        supervisor.query(&documents::CASES, deciding).await.ok();

        let page = one(counted.list(), "ORDER BY \"case_\".\"case_number\"");
        assert!(page.contains("\"case_\".\"state\" = 'DECIDING'"), "{page}");
        // SQLite, which knows nothing of how much there is, reads cases in their order, and not all applications of the centre.
        if app.program().db.engine() == DbBackend::Sqlite {
            let plan = plan_of(&app, &page).await;
            assert!(plan.contains("SEARCH case_ USING INDEX") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }

    async fn a_dashboard_is_read_by_the_key_of_the_tally(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let supervisor = app.supervisor();
        supervisor.token().await;
        let counted = app.statements();
        supervisor.query(&documents::DASHBOARD, json!({})).await.ok();

        let plan = plan_of(&app, &one(counted.list(), "UNION ALL")).await;

        // What is folded in by its key, what is not as a whole, and nothing else.
        let key = if app.program().db.engine() == DbBackend::Postgres { "tally_pkey" } else { "sqlite_autoindex_tally_1" };
        assert!(plan.contains(key), "{plan}");
        assert!(plan.contains("tally_change"), "{plan}");
        for table in ["case_", "card"] {
            assert!(!plan.contains(table), "{plan}");
        }
    }

    async fn a_history_is_read_from_the_decided_cases_of_its_items(app: TestApp) {
        let application = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let supervisor = app.supervisor();
        supervisor.token().await;
        let counted = app.statements();
        let outlook = "query($id: ID!) { application(id: $id) { outlook { endsOn } } }";
        supervisor.query(outlook, json!({ "id": application.id })).await.ok();

        let plan = plan_of(&app, &one(counted.list(), "AS newest_1")).await;

        // Once an item, all that is asked for stands in the index, and in the order in which it is cut off.
        assert_eq!(plan.matches("case_history").count(), 2, "{plan}");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "{plan}");
    }

    async fn a_digest_is_made_of_open_work(app: TestApp) {
        app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let counted = app.statements();
        digest::write(app.program(), Uuid::from_u128(1)).await.unwrap();

        for (words, indexes) in [
            ("GROUP BY state, due", &["review_inbox", "case_deciding"][..]),
            ("AS reviewed", &["review_inbox", "case_deciding"]),
            ("application.state = 'IN_REVIEW'", &["application_led"]),
        ] {
            let plan = plan_of(&app, &one(counted.list(), words)).await;
            // With next to nothing in them PostgreSQL takes either of the two indexes of open reviews.
            let plan = match app.program().db.engine() {
                DbBackend::Postgres => plan.replace("review_open", "review_inbox"),
                _ => plan,
            };
            for index in indexes {
                assert!(plan.contains(index), "{index}: {plan}");
            }
        }
    }

    async fn what_happened_is_read_by_its_application(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let held = json!({ "receiptNumber": application.receipt_number, "queryCode": application.query_code });
        let counted = app.statements();
        app.nobody().query(&documents::PUBLIC_PROGRESS, held).await.ok();

        let plan = plan_of(&app, &one(counted.list(), "UNION ALL")).await;

        assert!(plan.contains("event_application"), "{plan}");
    }

    async fn what_is_not_numbered_yet_is_found_without_what_is(app: TestApp) {
        let counted = app.statements();
        app.submit(&["SJJ-01-002"]).await;
        let program = app.program();
        ledger::sequence(&program.db, &program.env, Uuid::from_u128(1)).await.unwrap();

        let waiting = one(counted.list(), "\"position\" IS NULL ORDER BY \"event\".\"entered_at\" ASC");
        let plan = plan_of(&app, &waiting).await;

        assert!(plan.contains("event_unsequenced"), "{plan}");
    }
}

/// The statement that holds these words.
#[track_caller]
fn one(statements: Vec<String>, words: &str) -> String {
    let found = statements
        .iter()
        .find(|statement| statement.contains(words));
    let all = || statements.join("\n");
    found
        .unwrap_or_else(|| panic!("none holds {words}:\n{}", all()))
        .clone()
}

/// How the engine runs a statement whose values it does not know, as the program's are when it is prepared for good.
async fn plan_of(app: &TestApp, statement: &str) -> String {
    let db = app.program().db.clone();
    if db.engine() == DbBackend::Sqlite {
        let explain =
            Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {statement}"));
        let rows = db.reader().query_all_raw(explain).await.unwrap();
        return lines(&rows, "detail");
    }
    let values = (1..)
        .take_while(|at| statement.contains(&format!("${at}")))
        .count();
    let nulls = vec!["NULL"; values].join(", ");
    let statement = statement.to_owned();
    let explained = db::write(&db, |tx: std::sync::Arc<db::Tx>| {
        let (statement, nulls) = (statement.clone(), nulls.clone());
        async move {
            // There is too little in a test for an index to be worth it.
            tx.execute_unprepared(
                "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan",
            )
            .await?;
            tx.execute_unprepared(&format!("PREPARE asked AS {statement}"))
                .await?;
            let explain = format!("EXPLAIN EXECUTE asked({nulls})");
            let rows = tx
                .query_all_raw(Statement::from_string(DbBackend::Postgres, explain))
                .await?;
            tx.execute_unprepared("DEALLOCATE asked").await?;
            Ok(lines(&rows, "QUERY PLAN"))
        }
    });
    explained.await.unwrap()
}

fn lines(rows: &[sea_orm::QueryResult], column: &str) -> String {
    let lines = rows
        .iter()
        .map(|row| row.try_get::<String>("", column).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}
