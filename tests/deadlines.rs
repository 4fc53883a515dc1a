//! The lamp of a case follows the day, without anything being written.

use lianshen::env::Clock as _;
use lianshen_domain::calendar::start_of;
use serde_json::json;

use crate::support::{Answer, TestApp, documents, each_db};

each_db! {
    /// Accepted on Monday, 2 March 2026: promised until the 9th, by law until the 16th.
    async fn the_lamp_of_a_case_follows_the_day(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let before = app.written().await;

        for (day, lamp) in [
            ("2026-03-02", "GREEN"),
            ("2026-03-09", "ALERT"),
            ("2026-03-10", "YELLOW"),
            ("2026-03-16", "YELLOW"),
            ("2026-03-17", "RED"),
            ("2027-03-17", "RED"),
        ] {
            go_to(&app, day);
            let clocks = app.clerk().query(&documents::CASE_CLOCKS, json!({ "id": application.cases[0].id })).await.ok();
            assert_eq!(clocks.text("case.lamp"), lamp, "on {day}");
            assert_eq!(clocks.text("case.promised.dueOn"), "2026-03-09", "on {day}");
            let inbox = app.reviewer("SJJ").query(&documents::INBOX, json!({})).await.ok();
            assert_eq!(inbox.texts("inbox.nodes", "lamp"), [lamp], "on {day}");
            let counts = app.reviewer("SJJ").query(&documents::INBOX_COUNTS, json!({})).await.ok();
            assert_eq!(counted(&counts), ["ALERT", "YELLOW", "RED"].map(|known| i64::from(known == lamp)), "on {day}");
        }
        crate::support::written::assert_unchanged(&before, &app.written().await, "the passing of time");
    }

    /// A machine that is a day ahead is set right: what comes then was entered earlier than what it follows from.
    async fn a_clock_that_is_set_back_moves_no_due_date(app: TestApp) {
        app.clock.set_day("2026-03-03");
        let application = app.submit(&["SJJ-01-002", "CGJ-01-001"]).await;
        app.assert_sound().await;

        app.clock.set_day("2026-03-02");
        app.agree(&application.cases[0].review).await;

        app.assert_sound().await;
        app.agree(&application.cases[1].review).await;
        app.assert_sound().await;
    }

    async fn the_lamp_changes_at_midnight_in_shanghai(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let lamp = |app: TestApp| {
            let id = application.cases[0].id.clone();
            async move { app.clerk().query(&documents::CASE_CLOCKS, json!({ "id": id })).await.ok().text("case.lamp") }
        };
        go_to(&app, "2026-03-10");
        app.clock.advance(-chrono::TimeDelta::microseconds(1));
        assert_eq!(lamp(app.clone()).await, "ALERT");

        app.clock.advance(chrono::TimeDelta::microseconds(1));
        assert_eq!(lamp(app.clone()).await, "YELLOW");
    }

    async fn what_has_ended_shows_no_lamp_for_what_comes_after(app: TestApp) {
        let application = app.submit(&["SJJ-01-002"]).await;
        let case = &application.cases[0];
        app.agree(&case.review).await;
        app.grant(case).await;

        go_to(&app, "2026-06-01");

        let clocks = app.clerk().query(&documents::CASE_CLOCKS, json!({ "id": case.id })).await.ok();
        assert!(!["YELLOW", "RED"].contains(&clocks.text("case.lamp").as_str()), "it was in time: {clocks}");
    }

    /// 国庆: 1 to 7 October are off, Sunday 20 September and Saturday 10 October are worked (国办发明电〔2025〕7号).
    async fn holidays_are_not_counted(app: TestApp) {
        go_to(&app, "2026-09-30");

        let application = app.submit(&["SJJ-01-002"]).await;

        let clocks = app.clerk().query(&documents::CASE_CLOCKS, json!({ "id": application.cases[0].id })).await.ok();
        // The 8th, 9th, 10th (a worked Saturday), 12th and 13th.
        assert_eq!(clocks.text("case.promised.dueOn"), "2026-10-13");
    }
}

/// The first instant of a day in Shanghai, or the present one if that is later.
fn go_to(app: &TestApp, day: &str) {
    app.clock
        .set(start_of(day.parse().unwrap()).max(app.clock.now()));
}

fn counted(answer: &Answer) -> [i64; 3] {
    ["alert", "yellow", "red"].map(|name| answer.number(&format!("inboxCounts.{name}")))
}
