//! Everybody at once: whatever meets on one application, it concludes once and nothing is lost.
//!
//! Before there was a lock, 233 of 300 joint reviews never concluded: each last decider saw another one undecided.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};
use lianshen::app::App;
use lianshen::case;
use lianshen::config::Config;
use lianshen::db;
use lianshen::env::Env;
use lianshen::server::open_app;
use lianshen_domain::application::ApplicationState;
use lianshen_domain::event::EventKind;
use sea_orm::{ConnectionTrait as _, DbBackend};
use serde_json::json;
use tokio::sync::Notify;

use crate::support::answer::Answer;
use crate::support::database::open;
use crate::support::seed::PASSWORD;
use crate::support::whole::Whole;
use crate::support::world::{Application, Case, input_for_items, items_for_enterprises, new_key};
use crate::support::{Client, TestApp, documents, each_db};

const SIGN_OUT: &str = "mutation { sessionSignOut { userErrors { code } } }";

each_db! {
    async fn two_on_the_last_reviews_conclude_it_once(app: TestApp) {
        for _ in 0..8 {
            race(&app, 2).await;
        }
        assert_concluded(&app, 8).await;
    }

    async fn five_on_the_last_reviews_conclude_it_once(app: TestApp) {
        for _ in 0..5 {
            race(&app, 5).await;
        }
        assert_concluded(&app, 5).await;
    }

    /// Fifty is the most that one application can carry; the catalogue has 52 items for enterprises.
    async fn fifty_on_the_last_reviews_conclude_it_once(app: TestApp) {
        race(&app, 50).await;
        assert_concluded(&app, 1).await;
    }

    /// The same, but each case is decided as soon as its own opinion is given, while others still review.
    async fn fifty_who_review_and_decide_in_one_go_conclude_it_once(app: TestApp) {
        let application = app.submit(&items_for_enterprises(50)).await;
        sign_in(&app, &application).await;

        join_all(application.cases.iter().enumerate().map(async |(at, case)| {
            app.agree(&case.review).await;
            decide(&app, at, case).await.done();
        }))
        .await;

        assert_concluded(&app, 1).await;
    }

    async fn fifty_times_the_same_key_at_once_is_one_submission(app: TestApp) {
        let clerk = app.clerk();
        clerk.token().await;
        let input = input_for_items(&["SJJ-01-002", "CGJ-01-001"]);

        let answers = join_all((0..50).map(|_| clerk.act(&documents::SUBMIT, input.clone()))).await;

        assert_all_equal(answers);
        let whole = whole(&app).await;
        assert_eq!((whole.applications.len(), whole.cases.len(), whole.keys.len()), (1, 2, 1));
    }

    async fn fifty_times_the_same_key_at_once_is_one_opinion_and_one_decision(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        let (reviewer, decider) = (app.reviewer("SJJ"), app.decider("SJJ"));
        join(reviewer.token(), decider.token()).await;

        let input = json!({ "idempotencyKey": new_key(), "reviewId": case.review.id, "opinion": "AGREE" });
        let opinions = (0..50).map(|_| reviewer.act(&documents::GIVE_OPINION, input.clone()));
        assert_all_equal(join_all(opinions).await);
        let input = json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT" });
        let decisions = (0..50).map(|_| decider.act(&documents::DECIDE, input.clone()));
        assert_all_equal(join_all(decisions).await);

        let whole = whole(&app).await;
        assert_eq!(whole.keys.len(), 3);
        assert_eq!(whole.reviews[0].version, 3);
    }

    async fn of_fifty_who_differ_on_one_review_one_is_heard(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let review = &application.cases[0].review;
        let reviewers = [app.reviewer("SJJ"), app.as_("reviewer-sjj-2")];
        join(reviewers[0].token(), reviewers[1].token()).await;

        let answers = join_all((0..50).map(|at| {
            let opinion = ["AGREE", "DISAGREE"][at % 2];
            let input = json!({
                "idempotencyKey": new_key(), "reviewId": review.id, "opinion": opinion, "reasons": format!("理由 {at}"),
            });
            reviewers[at / 2 % 2].act(&documents::GIVE_OPINION, input)
        }))
        .await;

        // One opinion with one text of reasons can be the first; every other one differs from it.
        let codes = answers.iter().map(|answer| answer.user_errors("reviewGiveOpinion"));
        let (heard, refused): (Vec<_>, Vec<_>) = codes.partition(Vec::is_empty);
        assert_eq!((heard.len(), refused.len()), (1, 49), "{refused:?}");
        for codes in refused {
            assert_eq!(codes, ["ALREADY_DECIDED"]);
        }
        let heard = answers.iter().find(|answer| answer.user_errors("reviewGiveOpinion").is_empty());
        let heard = heard.unwrap().text("reviewGiveOpinion.review.reasons");
        let whole = whole(&app).await;
        assert_eq!(whole.reviews[0].reasons, Some(heard));
        assert_eq!(whole.keys.len(), 2, "the submission's and the one opinion's; a refusal leaves no key");
    }

    async fn fifty_submissions_at_once_get_their_numbers_without_a_gap(app: TestApp) {
        let clerks = [app.clerk(), app.as_("clerk-2")];
        join(clerks[0].token(), clerks[1].token()).await;

        let answers = join_all((0..50).map(async |at: usize| {
            let mut input = input_for_items(&["SJJ-01-002", "CGJ-01-001", "WJW-01-001"][..=at % 3]);
            // Some of them are refused, and take no number with them.
            if at % 10 == 9 {
                input["applicant"]["phone"] = json!("0");
            }
            clerks[at % 2].act(&documents::SUBMIT, input).await
        }))
        .await;

        let (done, refused): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.user_errors("applicationSubmit").is_empty());
        assert_eq!((done.len(), refused.len()), (45, 5));
        let numbers: BTreeSet<String> =
            done.iter().map(|answer| answer.text("applicationSubmit.application.receiptNumber")).collect();
        let whole = whole(&app).await;
        let written: BTreeSet<String> = whole.applications.iter().map(|row| row.receipt_number.clone()).collect();
        assert_eq!((numbers.len(), &numbers), (45, &written), "each that was told stands, and no other");
    }

    async fn after_a_sign_out_nothing_more_is_decided(app: TestApp) {
        let mut decided = 0;
        for round in 0..12_u64 {
            let application = app.submit(&["SJJ-01-002"]).await;
            let case = &application.cases[0];
            app.agree(&case.review).await;
            // A session of its own, which ends in this round.
            let session = Client::bearer(&app, &new_token(&app, "decider-sjj").await);
            let input = json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT" });

            let sign_out = async {
                tokio::time::sleep(Duration::from_millis(round)).await;
                session.query(SIGN_OUT, json!({})).await
            };
            let (decision, signed_out) = join(session.act(&documents::DECIDE, input.clone()), sign_out).await;
            signed_out.ok();

            let truth = app.reread(&application).await.cases[0].state.clone();
            let acknowledged = decision.codes().is_empty();
            assert_eq!(truth, if acknowledged { "GRANTED" } else { "DECIDING" }, "{decision}");
            decided += usize::from(acknowledged);
            let late = session.act(&documents::DECIDE, input).await;
            assert_eq!(late.error_code(), "UNAUTHENTICATED", "{late}");
        }
        let whole = whole(&app).await;
        let grants = whole.events.iter().filter(|event| event.kind.0 == EventKind::CaseGranted).count();
        assert_eq!(grants, decided);
    }

    /// The decision has been let in, and waits for its application, when its session ends.
    async fn a_sign_out_stops_a_decision_that_still_waits(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        app.agree(&case.review).await;
        let session = Client::bearer(&app, &new_token(&app, "decider-sjj").await);
        let input = json!({ "idempotencyKey": new_key(), "caseId": case.id, "decision": "GRANT" });
        let db = open(&app.database_url).await;
        let rows_are_locked_alone = db.engine() == DbBackend::Postgres;
        let (locked, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));

        let lock = db::write(&db, |tx| {
            let (locked, gate) = (locked.clone(), gate.clone());
            async move {
                if rows_are_locked_alone {
                    tx.execute_unprepared("SELECT id FROM application FOR UPDATE").await?;
                }
                locked.notify_one();
                gate.notified().await;
                Ok(())
            }
        });
        let scene = async {
            locked.notified().await;
            let sign_out = async {
                tokio::time::sleep(Duration::from_millis(250)).await;
                let sign_out = session.query(SIGN_OUT, json!({}));
                let signed_out = tokio::time::timeout(Duration::from_millis(750), sign_out).await.is_ok();
                gate.notify_one();
                signed_out
            };
            join(session.act(&documents::DECIDE, input), sign_out).await
        };
        let (unlocked, (decision, signed_out)) = join(lock, scene).await;
        unlocked.unwrap();
        db.close().await;

        let truth = app.reread(&application).await.cases[0].state.clone();
        if rows_are_locked_alone {
            assert!(signed_out, "the sign-out does not wait for the application");
            assert_eq!(decision.codes(), ["UNAUTHENTICATED"], "{decision}");
            assert_eq!(truth, "DECIDING");
        } else {
            // There is one writer, and whoever waits is served in turn: the decision came first.
            assert_eq!((decision.codes(), truth.as_str()), (vec![], "GRANTED"));
        }
    }

    /// Review and case are read by the statement that waits for the application, and are as they stand when the wait is over.
    async fn who_waited_for_an_application_reads_the_review_as_the_others_left_it(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let review = &application.cases[0].review;
        let reviewer = app.reviewer("SJJ");
        reviewer.token().await;
        let db = open(&app.database_url).await;
        let rows_are_locked_alone = db.engine() == DbBackend::Postgres;
        let locked = Arc::new(Notify::new());
        let counted = app.statements();

        let others = db::write(&db, |tx| {
            let locked = locked.clone();
            async move {
                if rows_are_locked_alone {
                    tx.execute_unprepared("SELECT id FROM application FOR UPDATE").await?;
                }
                locked.notify_one();
                tokio::time::sleep(Duration::from_millis(250)).await;
                tx.execute_unprepared("UPDATE case_ SET version = version + 1").await?;
                tx.execute_unprepared("UPDATE review SET version = version + 1").await?;
                Ok(())
            }
        });
        let waits = async {
            locked.notified().await;
            let input = json!({
                "idempotencyKey": new_key(), "reviewId": review.id, "opinion": "AGREE", "expectedVersion": review.version + 1,
            });
            reviewer.act(&documents::GIVE_OPINION, input).await
        };
        let (written, given) = join(others, waits).await;
        written.unwrap();
        db.close().await;

        assert_eq!(given.done().number("reviewGiveOpinion.review.version"), review.version + 2);
        // Whoever reads an older row meets another version when it writes, and goes all the way once more.
        let list = counted.list();
        let held = list.iter().filter(|statement| statement.contains("JOIN session ON"));
        assert_eq!(held.count(), 1, "{list:#?}");
    }

    /// The sweep takes cases, decisions take the application: they meet on the row of a case.
    async fn a_sweep_beside_fifty_decisions_disturbs_none(app: TestApp) {
        let application = app.submit(&items_for_enterprises(50)).await;
        sign_in(&app, &application).await;
        join_all(application.cases.iter().map(|case| app.agree(&case.review))).await;
        // Tokens live shorter than a deadline; so the people sign in again that day.
        app.advance_workdays(15);
        sign_in(&app, &application).await;
        let beside = another(&app).await;

        let decisions = join_all(application.cases.iter().enumerate().map(|(at, case)| decide(&app, at, case)));
        let (answers, swept) = join(decisions, case::sweep(&beside)).await;
        let swept = swept.unwrap();

        beside.db.close().await;
        for answer in answers {
            answer.done();
        }
        assert_eq!(swept.failed, 0);
        assert_concluded(&app, 1).await;
        let whole = whole(&app).await;
        let mut lamps: BTreeMap<_, usize> = BTreeMap::new();
        for event in &whole.events {
            if matches!(event.kind.0, EventKind::DeadlineNear | EventKind::PromiseOverdue | EventKind::StatutoryOverdue) {
                // Two clocks may come near their end, each by a rule of its own.
                *lamps.entry((event.case_id, format!("{:?} {}", event.kind.0, event.detail["rule"]))).or_default() += 1;
            }
        }
        assert!(lamps.values().all(|times| *times == 1), "{lamps:?}");
    }
}

/// Lets as many as there are cases give their opinions at once, and then their decisions: every third refuses.
async fn race(app: &TestApp, cases: usize) {
    let application = app.submit(&items_for_enterprises(cases)).await;
    sign_in(app, &application).await;

    let opinions = application.cases.iter().enumerate().map(|(at, case)| {
        let opinion = if at % 3 == 2 { "DISAGREE" } else { "AGREE" };
        app.give_opinion(&case.review, opinion, Some("理由"))
    });
    let opinions: Vec<Answer> = join_all(opinions)
        .await
        .into_iter()
        .map(Answer::done)
        .collect();
    let now = app.reread(&application).await;
    for (case, opinion) in now.cases.iter().zip(&opinions) {
        assert_eq!(
            (case.state.as_str(), case.review.state.as_str()),
            ("DECIDING", "GIVEN")
        );
        assert_eq!(
            case.review.version,
            opinion.number("reviewGiveOpinion.review.version")
        );
    }

    let decisions = now
        .cases
        .iter()
        .enumerate()
        .map(|(at, case)| decide(app, at, case));
    let decisions: Vec<Answer> = join_all(decisions)
        .await
        .into_iter()
        .map(Answer::done)
        .collect();
    let now = app.reread(&application).await;
    for (case, decision) in now.cases.iter().zip(&decisions) {
        assert_eq!(case.state, decision.text("caseDecide.case.state"));
        assert_eq!(case.version, decision.number("caseDecide.case.version"));
    }
}

async fn decide(app: &TestApp, at: usize, case: &Case) -> Answer {
    let decision = if at % 3 == 2 { "REFUSE" } else { "GRANT" };
    app.decide(case, decision, Some("理由")).await
}

/// Everybody signs in beforehand, so that nobody comes late to the race.
async fn sign_in(app: &TestApp, application: &Application) {
    let departments: BTreeSet<&String> = application
        .cases
        .iter()
        .map(|case| &case.department)
        .collect();
    for department in departments {
        app.reviewer(department).token().await;
        app.decider(department).token().await;
    }
}

/// So many applications, all concluded, each once; every row was changed exactly as often as something happened to it.
async fn assert_concluded(app: &TestApp, count: usize) {
    let whole = whole(app).await;
    assert_eq!(whole.applications.len(), count);
    for application in &whole.applications {
        assert_eq!(application.state.0, ApplicationState::Concluded);
        assert_eq!(
            whole.count(application.id, EventKind::ApplicationConcluded),
            1
        );
        assert_eq!(application.version, 3, "received, accepted, concluded");
    }
    for case in &whole.cases {
        assert_eq!(
            case.version, 4,
            "received, in review, to be decided, decided"
        );
    }
    for review in &whole.reviews {
        assert_eq!(review.version, 3, "waiting, open, given");
    }
    let opinions = whole
        .events
        .iter()
        .filter(|event| event.kind.0 == EventKind::OpinionGiven)
        .count();
    assert_eq!(opinions, whole.cases.len());
}

/// The token of a session of its own.
async fn new_token(app: &TestApp, account: &str) -> String {
    let input = json!({ "accountName": account, "password": PASSWORD });
    let signed_in = app.nobody().act(documents::SIGN_IN, input).await.done();
    signed_in.text("sessionSignIn.session.accessToken")
}

/// A second instance on the same database.
async fn another(app: &TestApp) -> App {
    let (config, env) = (Config::defaults().unwrap(), Env::new(app.clock.clone()));
    open_app(config, env, open(&app.database_url).await)
        .await
        .unwrap()
}

async fn whole(app: &TestApp) -> Whole {
    let db = open(&app.database_url).await;
    let whole = Whole::assert(&db).await;
    db.close().await;
    whole
}

#[track_caller]
fn assert_all_equal(answers: Vec<Answer>) {
    let answers: Vec<Answer> = answers.into_iter().map(Answer::done).collect();
    for answer in &answers {
        assert_eq!(answer.body, answers[0].body);
    }
}
