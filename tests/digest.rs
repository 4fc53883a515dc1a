//! What departments are told in the morning.

use chrono::TimeDelta;
use futures_util::future::join_all;
use lianshen::digest;
use lianshen_domain::calendar::start_of;
use lianshen_domain::item::SpecialProcedureKind;
use lianshen_entity::digest as row;
use sea_orm::{ConnectionTrait as _, EntityTrait as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Client, TestApp, documents, each_db, seed};

const DIGEST: &str =
    "query Digest($day: Date, $of: String) { digest(day: $day, departmentCode: $of) {
  day madeAt departmentCode department { code }
  open claimed waiting toDecide dueToday near promisePassed statutePassed
  urgent { caseId caseNumber receiptNumber itemCode itemName kind dueOn daysLeft }
  late { applicationId receiptNumber endsOn lateWorkdays heldBy { kind by departmentCode dueOn } }
} }";

/// Promised in five days, ten by law.
const FOOD: &str = "SJJ-01-002";
/// Promised in seven, twenty by law; an expert review may suspend it.
const WITH_REVIEW: &str = "FGW-01-002";

/// A restaurant that has its licence, with a signboard: food and signboard at once.
const RESTAURANT: &[(&str, &str)] = &[
    ("Q1", "Y"),
    ("Q2", "N"),
    ("Q4", "Y"),
    ("Q5", "N"),
    ("Q6", "N"),
];

each_db! {
    async fn each_department_is_told_once_at_its_hour(app: TestApp) {
        let departments = seed::catalogue_file().departments.len();
        at(&app, "2026-03-02", "08:29");
        assert_eq!(write(&app).await, 0);
        assert_eq!(told(&app, "SJJ").await, Value::Null);
        at(&app, "2026-03-02", "08:30");
        assert_eq!(write(&app).await, departments);
        let first = told(&app, "SJJ").await;
        assert_eq!((&first["day"], &first["madeAt"]), (&json!("2026-03-02"), &json!("2026-03-02T00:30:00.000000Z")));
        assert_eq!((&first["departmentCode"], &first["department"]["code"]), (&json!("SJJ"), &json!("SJJ")));
        at(&app, "2026-03-02", "08:31");
        assert_eq!(write(&app).await, 0);
        assert_eq!(told(&app, "SJJ").await, first, "it is kept as it was");
    }

    /// Each server is another holder of leases; whoever is second finds the lease taken or the rows there.
    async fn several_servers_tell_each_department_once(app: TestApp) {
        app.submit(&[FOOD]).await;
        let rounds = join_all((1..=6).map(|server| digest::write(app.program(), Uuid::from_u128(server))));
        let written: usize = rounds.await.into_iter().map(Result::unwrap).sum();
        let departments = seed::catalogue_file().departments.len();
        assert_eq!(written, departments);
        assert_eq!(rows(&app).await.len(), departments);
        for server in 1..=6 {
            assert_eq!(digest::write(app.program(), Uuid::from_u128(server)).await.unwrap(), 0);
        }
    }

    /// The Spring Festival is off from 15 to 23 February 2026; Saturday the 28th is worked for it.
    async fn nobody_is_told_on_days_off(app: TestApp) {
        let departments = seed::catalogue_file().departments.len();
        for (day, expected) in [
            ("2026-02-16", 0),
            ("2026-02-24", departments),
            ("2026-02-27", departments),
            ("2026-02-28", departments),
            ("2026-03-01", 0),
            ("2026-03-07", 0),
            ("2026-03-08", 0),
        ] {
            at(&app, day, "09:00");
            assert_eq!(write(&app).await, expected, "{day}");
        }
    }

    async fn who_stood_still_at_that_hour_tells_it_later_that_day_and_not_the_next(app: TestApp) {
        at(&app, "2026-03-03", "23:59");
        assert!(write(&app).await > 0);
        at(&app, "2026-03-05", "08:30");
        assert!(write(&app).await > 0);
        for (day, is_told) in [("2026-03-03", true), ("2026-03-04", false), ("2026-03-05", true), ("2026-03-06", false)] {
            let told = ask(&app.supervisor(), Some(day), Some("SJJ")).await;
            assert_eq!(told.data("digest").is_object(), is_told, "{day}");
        }
    }

    /// Ten that are due on the 9th and by law on the 16th, one that was taken, one to decide, one that waits.
    async fn it_counts_and_names_what_lies_before_a_department(app: TestApp) {
        let applications = [app.submit(&[FOOD]).await, app.submit(&[FOOD]).await, app.submit(&[FOOD]).await];
        app.reviewer("SJJ").act(&documents::CLAIM, json!({ "reviewId": applications[1].cases[0].review.id })).await.done();
        app.agree(&applications[2].cases[0].review).await;
        // Registration is due on the day; food waits for it.
        app.restaurant(&[("Q1", "N"), ("Q2", "N"), ("Q4", "N"), ("Q5", "N"), ("Q6", "N")]).await;
        let counts = async |day: &str| {
            at(&app, day, "09:00");
            write(&app).await;
            let told = told(&app, "SJJ").await;
            let of = |name: &str| told[name].as_u64().unwrap();
            let standing = ["open", "claimed", "waiting", "toDecide"].map(of);
            (standing, ["dueToday", "near", "promisePassed", "statutePassed"].map(of))
        };
        assert_eq!(counts("2026-03-02").await, ([2, 1, 1, 1], [1, 0, 0, 0]));
        // The licence that was promised on the day has its last day by law.
        assert_eq!(counts("2026-03-05").await, ([2, 1, 1, 1], [1, 0, 1, 0]));
        assert_eq!(counts("2026-03-06").await, ([2, 1, 1, 1], [0, 3, 0, 1]));
        assert_eq!(counts("2026-03-09").await, ([2, 1, 1, 1], [3, 0, 0, 1]));
        assert_eq!(counts("2026-03-10").await, ([2, 1, 1, 1], [0, 0, 3, 1]));
        assert_eq!(counts("2026-03-16").await, ([2, 1, 1, 1], [3, 0, 3, 1]));
        assert_eq!(counts("2026-03-17").await, ([2, 1, 1, 1], [0, 0, 0, 4]));
        // By the next date that has not passed; where all have, by law.
        for (day, expected) in [
            ("2026-03-09", [("2026-03-05", -2), ("2026-03-09", 0)]),
            ("2026-03-10", [("2026-03-05", -3), ("2026-03-16", 4)]),
            ("2026-03-16", [("2026-03-05", -7), ("2026-03-16", 0)]),
            ("2026-03-17", [("2026-03-05", -8), ("2026-03-16", -1)]),
        ] {
            let [(first, late), (next, left)] = expected;
            assert_eq!(urgent(&app, day, "SJJ").await, [
                format!("SJJ-01-001 OPINION {first} {late}"), format!("SJJ-01-002 OPINION {next} {left}"),
                format!("SJJ-01-002 OPINION {next} {left}"), format!("SJJ-01-002 DECISION {next} {left}"),
            ], "{day}");
        }
        let named = ask(&app.supervisor(), Some("2026-03-10"), Some("SJJ")).await;
        let numbers = named.texts("digest.urgent", "receiptNumber");
        assert_eq!(numbers[1..], applications.map(|application| application.receipt_number), "by case number within a day");
        // What stands still is named last, and without a day.
        let review = app.submit(&[WITH_REVIEW]).await;
        app.begin(&review.cases[0], SpecialProcedureKind::ExpertReview, 10, None).await;
        app.submit(&[WITH_REVIEW]).await;
        at(&app, "2026-03-18", "09:00");
        write(&app).await;
        assert_eq!(urgent(&app, "2026-03-18", "FGW").await, [
            "FGW-01-002 OPINION 2026-03-26 6", "FGW-01-002 END_PROCEDURE - -",
        ]);
        assert_eq!(urgent(&app, "2026-03-18", "JYJ").await, Vec::<String>::new());
    }

    async fn it_names_at_most_fifty_acts_and_twenty_late_applications(app: TestApp) {
        let later = app.submit(&[FOOD]).await;
        app.agree(&later.cases[0].review).await;
        for _ in 0..28 {
            app.restaurant(RESTAURANT).await;
        }
        for _ in 0..28 {
            app.submit(&[FOOD]).await;
        }
        // Fifteen days are promised together: 23 March.
        at(&app, "2026-03-25", "09:00");
        write(&app).await;
        let told = ask(&app.lead("SJJ"), None, None).await;
        assert_eq!(told.number("digest.open"), 56);
        assert_eq!(told.list("digest.urgent").len(), 50);
        assert_eq!(told.list("digest.late").len(), 20);
        let mut kept: Vec<usize> = rows(&app).await.iter().map(|row| row.contents.to_string().len()).collect();
        kept.sort_unstable();
        assert!(kept[kept.len() - 1] < 40_000, "the largest has {} bytes", kept[kept.len() - 1]);
    }

    /// Fifteen days from 2 March are promised together, to the 23rd; nothing was decided before.
    async fn a_lead_department_is_told_what_will_miss_the_joint_promise(app: TestApp) {
        let application = app.restaurant(RESTAURANT).await;
        let sign = application.case("CGJ-01-001");
        let food = application.case(FOOD);
        app.agree(&food.review).await;
        app.grant(food).await;
        let late = async |day: &str| {
            at(&app, day, "09:00");
            write(&app).await;
            ask(&app.lead("SJJ"), Some(day), None).await.data("digest.late").clone()
        };
        assert_eq!(late("2026-03-23").await, json!([]), "it may still be decided today");
        let expected = json!([{
            "applicationId": application.id, "receiptNumber": application.receipt_number,
            "endsOn": "2026-03-24", "lateWorkdays": 1,
            "heldBy": [{ "kind": "OPINION", "by": "DEPARTMENT", "departmentCode": "CGJ", "dueOn": "2026-03-03" }],
        }]);
        assert_eq!(late("2026-03-24").await, expected);
        // Whoever does not see how the whole stands is not told of it here either.
        for client in [app.reviewer("SJJ"), app.decider("SJJ"), app.administrator()] {
            let told = ask(&client, Some("2026-03-24"), Some("SJJ")).await;
            assert_eq!(told.data("digest.late"), &json!([]));
        }
        assert_eq!(ask(&app.supervisor(), Some("2026-03-24"), Some("SJJ")).await.data("digest.late"), &expected);
        assert_eq!(ask(&app.lead("CGJ"), Some("2026-03-24"), None).await.data("digest.late"), &json!([]), "it does not lead");
        app.agree(&sign.review).await;
        app.grant(sign).await;
        assert_eq!(late("2026-03-25").await, json!([]));
    }

    async fn people_are_told_of_their_own_department_or_of_the_one_they_name(app: TestApp) {
        app.submit(&[FOOD]).await;
        write(&app).await;
        for client in [app.reviewer("SJJ"), app.decider("SJJ"), app.lead("SJJ")] {
            for of in [None, Some("SJJ")] {
                assert_eq!(ask(&client, None, of).await.text("digest.departmentCode"), "SJJ");
            }
            // Another's and one that there is not are one answer.
            let nobody = ask(&client, None, Some("X")).await.body;
            assert_eq!(nobody, json!({ "data": { "digest": null } }));
            assert_eq!(ask(&client, None, Some("CGJ")).await.body, nobody);
        }
        for client in [app.supervisor(), app.administrator()] {
            assert_eq!(ask(&client, None, Some("CGJ")).await.text("digest.departmentCode"), "CGJ");
            assert_eq!(ask(&client, None, Some("X")).await.data("digest"), &Value::Null);
            assert_eq!(ask(&client, None, None).await.data("digest"), &Value::Null, "none was named");
        }
        for client in [app.clerk(), app.applicant(), app.system()] {
            for of in ["SJJ", "X"] {
                let refused = client.query(DIGEST, json!({ "of": of })).await;
                assert_eq!(refused.error_code(), "FORBIDDEN");
            }
        }
        assert_eq!(app.nobody().query(DIGEST, json!({ "of": "SJJ" })).await.error_code(), "UNAUTHENTICATED");
    }

    async fn what_one_department_cannot_be_told_keeps_no_other_from_it(app: TestApp) {
        app.restaurant(RESTAURANT).await;
        let connection = app.database().await;
        let damage = "UPDATE case_ SET predecessors = '\"damaged\"'";
        connection.execute_unprepared(damage).await.unwrap();
        let departments = seed::catalogue_file().departments.len();
        let all_others = departments - 1;
        assert_eq!(digest::write(app.program(), Uuid::from_u128(1)).await.unwrap(), all_others);
        assert_eq!(rows(&app).await.len(), all_others);
        assert_eq!(told(&app, "SJJ").await, Value::Null);
        let repair = "UPDATE case_ SET predecessors = '[]'";
        connection.execute_unprepared(repair).await.unwrap();
        connection.close().await.unwrap();
        assert_eq!(write(&app).await, 1);
        assert_eq!(told(&app, "SJJ").await["open"], 1);
    }
}

/// Goes to a local time of a day.
fn at(app: &TestApp, day: &str, time: &str) {
    let time: chrono::NaiveTime = format!("{time}:00").parse().unwrap();
    let since: TimeDelta = time.signed_duration_since(chrono::NaiveTime::MIN);
    app.clock.set(start_of(day.parse().unwrap()) + since);
}

/// A round of the loop; answers how many were written.
async fn write(app: &TestApp) -> usize {
    let server = Uuid::from_u128(1);
    digest::write(app.program(), server).await.unwrap()
}

async fn ask(client: &Client, day: Option<&str>, of: Option<&str>) -> Answer {
    let asked = json!({ "day": day, "of": of });
    client.query(DIGEST, asked).await.ok()
}

/// What a department was told today, as the supervisor reads it.
async fn told(app: &TestApp, department: &str) -> Value {
    let told = ask(&app.supervisor(), None, Some(department)).await;
    told.data("digest").clone()
}

/// The acts that were named: item, act, due date, days left.
async fn urgent(app: &TestApp, day: &str, department: &str) -> Vec<String> {
    let told = ask(&app.supervisor(), Some(day), Some(department)).await;
    let acts = told.list("digest.urgent").iter();
    acts.map(|act| {
        let days = act["daysLeft"]
            .as_i64()
            .map_or("-".to_owned(), |days| days.to_string());
        let text = |name: &str| act[name].as_str().unwrap_or("-");
        assert!(act["caseId"].as_str().unwrap().starts_with("case:"));
        format!(
            "{} {} {} {days}",
            text("itemCode"),
            text("kind"),
            text("dueOn")
        )
    })
    .collect()
}

async fn rows(app: &TestApp) -> Vec<row::Model> {
    let all = row::Entity::find().all(app.program().db.reader());
    all.await.unwrap()
}
