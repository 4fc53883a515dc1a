//! Reviewing together: every department at the same time, each its own case, none the other's.

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::support::world::{input_for_items, new_key};
use crate::support::written::assert_unchanged;
use crate::support::{TestApp, documents, each_db};

/// Six departments at once.
const SIX: &[&str] = &[
    "SJJ-01-002",
    "CGJ-01-001",
    "ZJJ-01-004",
    "YCJ-01-001",
    "WJW-01-001",
    "XFD-01-002",
];

each_db! {
    async fn each_department_finds_its_own_review_in_its_inbox(app: TestApp) {
        let application = app.submit(SIX).await;

        for case in &application.cases {
            let inbox = app.reviewer(&case.department).query(&documents::INBOX, json!({})).await.ok();
            assert_eq!(inbox.texts("inbox.nodes", "id"), *std::slice::from_ref(&case.review.id), "{}", case.department);
            assert_eq!(inbox.number("inbox.totalCount"), 1);
        }
        let empty = app.reviewer("JYJ").query(&documents::INBOX, json!({})).await.ok();
        assert_eq!(empty.number("inbox.totalCount"), 0);
    }

    async fn the_nearest_deadline_comes_first(app: TestApp) {
        let late = app.submit(&["SJJ-01-003"]).await;
        let soon = app.submit(&["SJJ-01-004"]).await;
        let between = app.submit(&["SJJ-01-002"]).await;

        let inbox = app.reviewer("SJJ").query(&documents::INBOX, json!({})).await.ok();

        // Promised are 2, 5 and 8 working days.
        let order = [&soon, &between, &late].map(|application| application.cases[0].review.id.clone());
        assert_eq!(inbox.texts("inbox.nodes", "id"), order);
    }

    async fn an_inbox_is_read_page_by_page_and_nothing_stands_twice(app: TestApp) {
        for _ in 0..7 {
            app.submit(&["SJJ-01-002"]).await;
        }
        let reviewer = app.reviewer("SJJ");
        let mut seen = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = reviewer.query(&documents::INBOX, json!({ "first": 3, "after": after })).await.ok();
            seen.extend(page.texts("inbox.nodes", "id"));
            after = page.data("inbox.pageInfo.endCursor").clone();
            if page.data("inbox.pageInfo.hasNextPage") == &json!(false) {
                break;
            }
        }
        let whole = reviewer.query(&documents::INBOX, json!({ "first": 100 })).await.ok();

        assert_eq!(seen.len(), 7);
        assert_eq!(seen, whole.texts("inbox.nodes", "id"));
    }

    async fn a_review_is_claimed_by_one(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let review = &application.cases[0].review;
        let claim = json!({ "reviewId": review.id, "expectedVersion": review.version });

        let claimed = app.reviewer("SJJ").act(&documents::CLAIM, claim.clone()).await.done();
        assert_eq!(claimed.text("reviewClaim.review.state"), "CLAIMED");

        // The same person again: nothing new. A colleague: refused, whatever version they read.
        let before = app.written().await;
        let again = app.reviewer("SJJ").act(&documents::CLAIM, claim).await.done();
        assert_eq!(again.text("reviewClaim.review.state"), "CLAIMED");
        let colleague = app.as_("reviewer-sjj-2");
        let refused = colleague.act(&documents::CLAIM, json!({ "reviewId": review.id })).await;
        assert_eq!(refused.user_errors("reviewClaim"), ["CLAIMED_BY_OTHER"]);
        let input = json!({ "idempotencyKey": new_key(), "reviewId": review.id, "opinion": "AGREE" });
        let refused = colleague.act(&documents::GIVE_OPINION, input).await;
        assert_eq!(refused.user_errors("reviewGiveOpinion"), ["CLAIMED_BY_OTHER"]);
        assert_unchanged(&before, &app.written().await, "the colleague");
    }

    async fn a_review_that_was_given_back_is_free_for_a_colleague(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let review = json!({ "reviewId": application.cases[0].review.id });
        app.reviewer("SJJ").act(&documents::CLAIM, review.clone()).await.done();

        let released = app.reviewer("SJJ").act(&documents::RELEASE, review.clone()).await.done();

        assert_eq!(released.text("reviewRelease.review.state"), "OPEN");
        app.as_("reviewer-sjj-2").act(&documents::CLAIM, review).await.done();
    }

    async fn of_two_colleagues_who_claim_at_once_one_succeeds(app: TestApp) {
        for _ in 0..5 {
            let application = app.submit(&["SJJ-01-002"]).await;
            let claim = json!({ "reviewId": application.cases[0].review.id });
            let (one, two) = (app.reviewer("SJJ"), app.as_("reviewer-sjj-2"));
            join(one.token(), two.token()).await;

            let (one, two) = join(one.act(&documents::CLAIM, claim.clone()), two.act(&documents::CLAIM, claim)).await;

            let mut outcomes = [one.user_errors("reviewClaim"), two.user_errors("reviewClaim")];
            outcomes.sort();
            assert_eq!(outcomes, [vec![], vec!["CLAIMED_BY_OTHER".to_owned()]]);
        }
    }

    async fn an_opinion_lets_the_decision_begin(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;

        let given = app.agree(&application.cases[0].review).await;

        assert_eq!(given.text("reviewGiveOpinion.review.state"), "GIVEN");
        assert_eq!(app.reread(&application).await.cases[0].state, "DECIDING");
        let inbox = app.reviewer("SJJ").query(&documents::INBOX, json!({})).await.ok();
        assert_eq!(inbox.number("inbox.totalCount"), 0, "what is done leaves the inbox");
    }

    async fn a_disagreement_needs_reasons(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let review = &application.cases[0].review;
        app.reviewer("SJJ").token().await;
        let before = app.written().await;

        for reasons in [None, Some(""), Some(" \n ")] {
            let refused = app.give_opinion(review, "DISAGREE", reasons).await;
            assert_eq!(refused.user_errors("reviewGiveOpinion"), ["REASONS_REQUIRED"]);
            assert_eq!(refused.fields("reviewGiveOpinion"), ["reasons"]);
        }
        assert_unchanged(&before, &app.written().await, "the disagreement without reasons");

        app.give_opinion(review, "DISAGREE", Some("无独立操作间")).await.done();
    }

    async fn the_same_opinion_again_is_quietly_the_first(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let review = &application.cases[0].review;
        let input = json!({ "idempotencyKey": new_key(), "reviewId": review.id, "opinion": "AGREE", "expectedVersion": review.version });
        let first = app.reviewer("SJJ").act(&documents::GIVE_OPINION, input.clone()).await.done();
        let before = app.written().await;

        let again = app.reviewer("SJJ").act(&documents::GIVE_OPINION, input).await.done();

        assert_eq!(again.body, first.body);
        assert_unchanged(&before, &app.written().await, "the repetition");
        // With another key, and by a colleague: still the same opinion, and no second event.
        app.agree(review).await;
        assert_eq!(app.written().await["event"], before["event"]);
        assert_eq!(app.written().await["review"], before["review"]);
    }

    async fn another_opinion_is_refused_and_told_the_first(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let review = &application.cases[0].review;
        app.agree(review).await;
        let before = app.written().await;

        let refused = app.give_opinion(review, "DISAGREE", Some("反悔")).await;

        assert_eq!(refused.user_errors("reviewGiveOpinion"), ["ALREADY_DECIDED"]);
        assert!(refused.messages()[0].contains("“同意”"), "{refused}");
        assert_unchanged(&before, &app.written().await, "the second opinion");
    }

    async fn a_review_that_waits_takes_no_opinion(app: TestApp) {
        let answers = [("Q1", "Y"), ("Q2", "N"), ("Q4", "N"), ("Q5", "N"), ("Q6", "Y")];
        let application = app.restaurant(&answers).await;
        let tobacco = &application.case("YCJ-01-001").review;
        assert_eq!(tobacco.state, "WAITING");
        app.reviewer("YCJ").token().await;
        let before = app.written().await;

        let refused = app.give_opinion(tobacco, "AGREE", None).await;

        assert_eq!(refused.user_errors("reviewGiveOpinion"), ["AWAITS_PREDECESSOR"]);
        assert_unchanged(&before, &app.written().await, "the early opinion");
    }

    async fn all_departments_give_their_opinions_at_the_same_moment(app: TestApp) {
        let application = app.submit(SIX).await;
        join_all(application.cases.iter().map(|case| sign_in(&app, &case.department))).await;

        join_all(application.cases.iter().map(|case| app.agree(&case.review))).await;

        let now = app.reread(&application).await;
        let states: Vec<_> = now.cases.iter().map(|case| (case.state.as_str(), case.review.state.as_str())).collect();
        assert_eq!(states, [("DECIDING", "GIVEN"); 6]);
    }

    async fn of_two_contrary_opinions_at_once_one_stands(app: TestApp) {
        for _ in 0..5 {
            let application = app.submit(&["SJJ-01-002"]).await;
            let review = &application.cases[0].review;
            let (one, two) = (app.reviewer("SJJ"), app.as_("reviewer-sjj-2"));
            join(one.token(), two.token()).await;
            let opinion = |kind: &str| {
                json!({ "idempotencyKey": new_key(), "reviewId": review.id, "opinion": kind, "reasons": "理由" })
            };

            let (agree, disagree) = join(
                one.act(&documents::GIVE_OPINION, opinion("AGREE")),
                two.act(&documents::GIVE_OPINION, opinion("DISAGREE")),
            )
            .await;

            let mut outcomes = [agree.user_errors("reviewGiveOpinion"), disagree.user_errors("reviewGiveOpinion")];
            outcomes.sort();
            assert_eq!(outcomes, [vec![], vec!["ALREADY_DECIDED".to_owned()]]);
            let opinions = app.written().await["event"].iter().filter(|event| event.contains("OpinionGiven")).count();
            assert_eq!(opinions, app.written().await["application"].len());
        }
    }

    async fn departments_do_not_read_each_others_opinions(app: TestApp) {
        let application = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        let secret = "排烟不符合本局内部标准";
        app.give_opinion(&application.case("SJJ-01-002").review, "DISAGREE", Some(secret)).await.done();

        let id = json!({ "id": application.id });
        let own = app.reviewer("SJJ").query(&documents::APPLICATION_BY_ID, id.clone()).await.ok();
        assert!(own.body.to_string().contains(secret));
        let others = [app.reviewer("CGJ"), app.decider("CGJ"), app.lead("CGJ"), app.clerk(), app.administrator()];
        for other in others {
            let seen = other.query(&documents::APPLICATION_BY_ID, id.clone()).await;
            assert!(!seen.body.to_string().contains(secret), "{seen}");
        }
        // 监察 reads everything.
        let supervised = app.supervisor().query(&documents::APPLICATION_BY_ID, id).await.ok();
        assert!(supervised.body.to_string().contains(secret));
    }

    async fn a_stale_reader_is_told_what_changed(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let review = &application.cases[0].review;
        app.reviewer("SJJ").act(&documents::CLAIM, json!({ "reviewId": review.id })).await.done();
        let before = app.written().await;

        let input = json!({ "idempotencyKey": new_key(), "reviewId": review.id, "opinion": "AGREE", "expectedVersion": review.version });
        let refused = app.reviewer("SJJ").act(&documents::GIVE_OPINION, input).await;

        assert_eq!(refused.user_errors("reviewGiveOpinion"), ["CONFLICT"]);
        assert!(refused.messages()[0].contains(&(review.version + 1).to_string()), "{refused}");
        assert_unchanged(&before, &app.written().await, "the stale reader");
    }

    async fn the_inbox_counts_what_it_shows(app: TestApp) {
        let first = app.submit(&["SJJ-01-002"]).await;
        app.submit(&["SJJ-01-003"]).await;
        app.restaurant(&[("Q1", "N"), ("Q2", "N"), ("Q4", "N"), ("Q5", "N"), ("Q6", "N")]).await;
        app.reviewer("SJJ").act(&documents::CLAIM, json!({ "reviewId": first.cases[0].review.id })).await.done();

        let mine = app.reviewer("SJJ").query(&documents::INBOX_COUNTS, json!({})).await.ok();
        let theirs = app.as_("reviewer-sjj-2").query(&documents::INBOX_COUNTS, json!({})).await.ok();

        // 设立登记 is open, 食品经营 of the restaurant waits for it.
        let counts = |answer: &crate::support::Answer| {
            ["open", "claimedByMe", "claimedByOthers", "waiting"].map(|name| answer.number(&format!("inboxCounts.{name}")))
        };
        assert_eq!(counts(&mine), [2, 1, 0, 1]);
        assert_eq!(counts(&theirs), [2, 0, 1, 1]);
    }
}

async fn sign_in(app: &TestApp, department: &str) {
    app.reviewer(department).token().await;
}

/// Keeps the input builders of this file honest: what they hand in is complete.
#[test]
fn the_six_items_are_of_six_departments() {
    let input = input_for_items(SIX);
    let departments: std::collections::BTreeSet<_> = SIX.iter().map(|item| &item[..3]).collect();
    assert_eq!(
        (
            departments.len(),
            input["itemCodes"].as_array().map(Vec::len)
        ),
        (6, Some(6))
    );
}
