//! Applications as they stood and were known on any day of the past.

use chrono::TimeDelta;
use lianshen::env::Clock as _;
use lianshen_domain::calendar::start_of;
use lianshen_domain::item::SpecialProcedureKind;
use serde_json::json;

use crate::support::world::new_key;
use crate::support::{TestApp, each_db};

const ADOPT: &str = "mutation Adopt($input: CalendarNoticeAdoptInput!) {
  calendarNoticeAdopt(input: $input) { notice { number } userErrors { code } } }";

const TESTING: SpecialProcedureKind = SpecialProcedureKind::Testing;

each_db! {
    /// The present is what has been known until now.
    async fn the_present_is_the_last_of_the_past(app: TestApp) {
        let application = app.submit(&["WJW-01-001", "SJJ-01-002"]).await;
        let (case, other) = (application.case("WJW-01-001"), application.case("SJJ-01-002"));
        app.assert_now_is_now(&app.clerk(), &case.id).await;
        app.begin(case, TESTING, 5, None).await;
        app.assert_now_is_now(&app.clerk(), &case.id).await;
        go_to(&app, "2026-03-05");
        app.end(case, TESTING, None).await;
        app.assert_now_is_now(&app.clerk(), &case.id).await;
        app.extend(case, 5, None).await;
        app.agree(&case.review).await;
        app.assert_now_is_now(&app.clerk(), &case.id).await;
        app.refuse(case, "不符合条件").await;
        app.assert_now_is_now(&app.clerk(), &case.id).await;
        app.agree(&other.review).await;
        app.grant(other).await;
        app.assert_now_is_now(&app.clerk(), &other.id).await;
        app.deliver(&application).await;
        app.assert_now_is_now(&app.clerk(), &case.id).await;
        app.assert_now_is_now(&app.clerk(), &other.id).await;
    }

    async fn a_suspension_is_open_in_the_past_and_not_there_before(app: TestApp) {
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        go_to(&app, "2026-03-04");
        let before = app.clock.now();
        app.clock.advance(TimeDelta::hours(2));
        app.begin(case, TESTING, 5, None).await;
        go_to(&app, "2026-03-11");
        app.end(case, TESTING, None).await;
        go_to(&app, "2026-03-20");

        let then = app.clerk().known(&case.id, before).await;
        assert_eq!((then.text("case.asOf.state"), then.text("case.asOf.promised.dueOn")), ("IN_REVIEW".into(), "2026-03-09".into()));
        let then = app.clerk().known(&case.id, start_of("2026-03-09".parse().unwrap())).await;
        assert_eq!(then.text("case.asOf.state"), "SUSPENDED");
        assert!(then.data("case.asOf.promised.dueOn").is_null());
        assert_eq!(then.text("case.asOf.promised.projectedOn"), "2026-03-12");
        assert_eq!(then.number("case.asOf.promised.remaining"), 3);
        let then = app.clerk().known(&case.id, start_of("2026-03-12".parse().unwrap())).await;
        assert_eq!((then.text("case.asOf.state"), then.text("case.asOf.promised.dueOn")), ("IN_REVIEW".into(), "2026-03-16".into()));
        assert_eq!(then.text("case.asOf.lamp"), "GREEN");
        assert_eq!(then.text("case.lamp"), "YELLOW");
    }

    async fn an_extension_is_not_known_before_it_is_approved(app: TestApp) {
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        go_to(&app, "2026-03-05");
        let before = app.clock.now();
        app.clock.advance(TimeDelta::seconds(1));
        app.extend(case, 5, None).await;

        assert_eq!(app.clerk().known(&case.id, before).await.text("case.asOf.promised.dueOn"), "2026-03-09");
        assert_eq!(app.clerk().known(&case.id, app.clock.now()).await.text("case.asOf.promised.dueOn"), "2026-03-16");
    }

    /// What is entered after the fact was not known before, and heals no breach.
    async fn an_entry_after_the_fact_is_known_from_its_entry(app: TestApp) {
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        go_to(&app, "2026-03-06");
        app.begin(case, TESTING, 3, Some("2026-03-04")).await;
        go_to(&app, "2026-03-10");

        let then = app.clerk().known(&case.id, start_of("2026-03-05".parse().unwrap())).await;
        assert_eq!((then.text("case.asOf.state"), then.text("case.asOf.promised.dueOn")), ("IN_REVIEW".into(), "2026-03-09".into()));
        assert_eq!(then.number("case.asOf.promised.remaining"), 2, "nobody knew of it on the 5th");
        let then = app.clerk().known(&case.id, start_of("2026-03-07".parse().unwrap())).await;
        assert_eq!((then.text("case.asOf.state"), then.number("case.asOf.promised.remaining")), ("SUSPENDED".into(), 3));
    }

    /// Trap 10: a notice that comes later moves the date from its adoption on, and the past stays as it was known.
    async fn a_notice_is_known_from_its_adoption(app: TestApp) {
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        app.clock.advance(TimeDelta::hours(1));
        let before = app.clock.now();
        app.clock.advance(TimeDelta::hours(1));
        let notice = json!({
            "idempotencyKey": new_key(), "number": "滨政办〔2026〕1号", "issuer": "滨澜县人民政府办公室", "issuedOn": "2026-03-02",
            "year": 2026, "days": [{ "date": "2026-03-04", "kind": "OFF", "holiday": "县庆" }],
        });
        app.administrator().act(ADOPT, notice).await.done();

        let then = app.clerk().known(&case.id, before).await;
        assert_eq!((then.text("case.asOf.promised.dueOn"), then.text("case.promised.dueOn")), ("2026-03-09".into(), "2026-03-10".into()));
        assert_eq!(app.clerk().known(&case.id, app.clock.now()).await.text("case.asOf.promised.dueOn"), "2026-03-10");
    }

    /// Trap 11: closed in time is green for ever; closed late keeps its colour for ever.
    async fn the_lamp_after_the_end_never_changes(app: TestApp) {
        let application = app.submit(&["WJW-01-001", "SJJ-01-002"]).await;
        let (early, late) = (application.case("WJW-01-001"), application.case("SJJ-01-002"));
        app.agree(&early.review).await;
        app.grant(early).await;
        go_to(&app, "2026-03-09");
        let near = app.clock.now();
        go_to(&app, "2026-03-11");
        let over = app.clock.now();
        app.agree(&late.review).await;
        app.grant(late).await;
        app.deliver(&application).await;
        for day in ["2026-03-12", "2026-06-01", "2028-06-01"] {
            go_to(&app, day);
            let known = app.clerk().known(&early.id, start_of(day.parse().unwrap())).await;
            assert_eq!((known.text("case.asOf.lamp"), known.text("case.asOf.state")), ("GREEN".into(), "CLOSED".into()), "on {day}");
            let known = app.clerk().known(&late.id, start_of(day.parse().unwrap())).await;
            assert_eq!((known.text("case.asOf.lamp"), known.text("case.lamp")), ("YELLOW".into(), "YELLOW".into()), "on {day}");
            assert!(known.text("case.asOf.promised.whyOverdue").contains("2 个工作日"), "{known}");
        }
        assert_eq!(app.clerk().known(&late.id, near).await.text("case.asOf.lamp"), "ALERT");
        assert_eq!(app.clerk().known(&late.id, over).await.text("case.asOf.lamp"), "YELLOW");
        let then = app.clerk().known(&late.id, near).await;
        assert_eq!(then.text("case.application.asOf.state"), "IN_REVIEW");
        assert_eq!(then.texts("case.application.asOf.cases", "state"), ["GRANTED", "IN_REVIEW"]);
    }

    async fn before_receipt_there_was_nothing_and_the_future_is_refused(app: TestApp) {
        let received_at = app.clock.now();
        let application = app.submit(&["WJW-01-001"]).await;
        let case = application.case("WJW-01-001");
        let before = app.clerk().known(&case.id, received_at - TimeDelta::microseconds(1)).await;
        assert!(before.data("case.asOf").is_null() && before.data("case.application.asOf").is_null());
        let at_once = app.clerk().known(&case.id, received_at).await;
        assert_eq!(at_once.text("case.asOf.state"), "IN_REVIEW");

        const ONE: &str = "query AsOf($id: ID!, $at: DateTime!) { case(id: $id) { asOf(at: $at) { state } } }";
        let later = received_at + TimeDelta::microseconds(1);
        let answer = app.clerk().query(ONE, json!({ "id": case.id, "at": later })).await;
        assert_eq!(answer.error_code(), "INSTANT_IN_FUTURE");
        let foreign = app.reviewer("CGJ").query(ONE, json!({ "id": case.id, "at": received_at })).await.ok();
        assert!(foreign.data("case").is_null());
    }
}

fn go_to(app: &TestApp, day: &str) {
    app.clock
        .set(start_of(day.parse().unwrap()).max(app.clock.now()));
}
