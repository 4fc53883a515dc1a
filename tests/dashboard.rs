//! The dashboard says what there is, after every act and on every day; and what it costs does not grow.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use futures_util::future::join_all;
use lianshen::{case, tally};
use lianshen_domain::clock::{CardModel, Lamp, Standing};
use lianshen_domain::code::Code as _;
use lianshen_domain::supervision::CardLevel;
use lianshen_entity::{card, case_, tally as line, tally_change};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::world::{Application, Case, new_key};
use crate::support::{Answer, TestApp, documents, each_db};

/// Promised in five days, ten by law.
const ITEM: &str = "SJJ-01-002";
/// Promised in seven, twenty by law; an expert review may suspend it.
const WITH_REVIEW: &str = "FGW-01-002";

const ADOPT: &str = "mutation Adopt($input: CalendarNoticeAdoptInput!) {
  calendarNoticeAdopt(input: $input) { notice { number } userErrors { code message field } } }";

each_db! {
    async fn a_case_is_counted_where_it_stands(app: TestApp) {
        let received = app.receive(&[ITEM]).await;
        assert_eq!(open(&app, "SJJ").await, "RECEIVED 1 undated 1");
        let wanted = json!({ "points": [{ "text": "平面图", "basis": "办事指南" }] });
        app.clerk().does("applicationNoticeCorrection", &received.id, wanted).await.done();
        assert_eq!(open(&app, "SJJ").await, "CORRECTION 1 undated 1");
        app.clerk().does("applicationSupplement", &received.id, json!({ "text": "平面图" })).await.done();
        assert_eq!(open(&app, "SJJ").await, "RECEIVED 1 undated 1");
        app.clerk().does("applicationAccept", &received.id, json!({})).await.done();
        assert_eq!(open(&app, "SJJ").await, "IN_REVIEW 1 inTime 1");
        let case = &app.reread(&received).await.cases[0];
        app.agree(&case.review).await;
        assert_eq!(open(&app, "SJJ").await, "DECIDING 1 inTime 1");
        app.grant(case).await;
        assert_eq!(open(&app, "SJJ").await, "");
        let told = counted(&app).await;
        assert_eq!(told.number("dashboard.total.concluded.granted"), 1);
        assert_eq!(told.number("dashboard.total.concluded.inTime"), 1);
        app.deliver(&received).await;
        assert_eq!(counted(&app).await.number("dashboard.total.concluded.granted"), 1);
    }

    async fn what_is_not_accepted_withdrawn_or_voided_is_told_apart(app: TestApp) {
        let refused = app.receive(&[ITEM]).await;
        let rest = json!({ "kind": "NOT_COMPETENT", "reasons": "向另一机关申请" });
        app.clerk().does("caseRefuseAcceptance", &refused.cases[0].id, rest).await.done();
        let told = counted(&app).await;
        assert_eq!(told.number("dashboard.total.concluded.notAccepted"), 1);
        assert_eq!(told.number("dashboard.total.concluded.total"), 0, "it never became a case");

        let withdrawn = app.submit(&[ITEM, "CGJ-01-001"]).await;
        app.clerk().does("applicationWithdraw", &withdrawn.id, json!({})).await.done();
        assert_eq!(counted(&app).await.number("dashboard.total.concluded.withdrawn"), 2);

        let mistaken = app.submit(&[ITEM]).await;
        let about = &mistaken.cases[0].id;
        app.clerk().does("caseAskVoid", about, json!({ "reasons": "重复录入" })).await.done();
        counted(&app).await;
        app.decider("SJJ").does("caseConfirmVoid", about, json!({})).await.done();
        let told = counted(&app).await;
        assert_eq!(told.number("dashboard.total.concluded.voided"), 1);
        assert_eq!(told.number("dashboard.total.concluded.total"), 2, "what is void is none of them");
        assert_eq!(told.number("dashboard.total.open.total"), 0);
    }

    /// Only a decision is in time or late: who withdraws before the promise ends makes nobody punctual, and what is
    /// terminated afterwards makes nobody late.
    async fn only_what_was_decided_is_in_time_or_late(app: TestApp) {
        let not_competent = app.receive(&[ITEM]).await;
        let rest = json!({ "kind": "NOT_COMPETENT", "reasons": "向另一机关申请" });
        app.clerk().does("caseRefuseAcceptance", &not_competent.cases[0].id, rest).await.done();
        let [punctual, late] = [app.submit(&[ITEM]).await, app.submit(&[ITEM]).await];
        let [withdrawn, terminated] = [app.submit(&[ITEM]).await, app.submit(&[ITEM]).await];
        for application in [&punctual, &late, &terminated] {
            app.agree(&application.cases[0].review).await;
        }
        app.grant(&punctual.cases[0]).await;
        app.clerk().does("applicationWithdraw", &withdrawn.id, json!({})).await.done();
        app.go_to("2026-03-10");
        app.grant(&late.cases[0]).await;
        app.decider("SJJ").does("caseTerminate", &terminated.cases[0].id, json!({ "reasons": "申请人死亡" })).await.done();
        let told = counted(&app).await;
        let concluded = told.data("dashboard.total.concluded");
        let of = |name: &str| concluded[name].as_i64().unwrap();
        let results = ["total", "granted", "withdrawn", "terminated", "notAccepted"].map(of);
        assert_eq!(results, [4, 2, 1, 1, 1]);
        assert_eq!(["inTime", "promisePassed", "statutePassed", "undated"].map(of), [1, 1, 0, 2]);
    }

    /// Trap 17 of others: whoever suspends is in time by that alone, and nobody sees it. Promised for the 11th, and by law for
    /// the 30th.
    async fn what_only_suspensions_kept_in_time_is_told_beside(app: TestApp) {
        let mut all = Vec::new();
        for _ in 0..3 {
            all.push(app.submit(&[WITH_REVIEW]).await);
        }
        let begun_on = app.clock.today();
        let reviewer = app.reviewer("FGW");
        for application in &all {
            let begin = json!({ "procedure": "EXPERT_REVIEW", "expected": { "n": 25, "unit": "WORKDAY" },
                "noticeDeliveredOn": begun_on });
            reviewer.does("caseBeginSpecialProcedure", &application.cases[0].id, begin).await.done();
        }
        for (application, (ended_on, told, with_suspended_days)) in all.iter().zip([
            ("2026-03-10", [1, 0, 0], [1, 0, 0]),
            ("2026-03-12", [2, 0, 0], [1, 1, 0]),
            ("2026-04-02", [1, 0, 0], [0, 0, 1]),
        ]) {
            app.go_to(ended_on);
            let case = &application.cases[0];
            let end = json!({ "procedure": "EXPERT_REVIEW", "finding": "完成" });
            reviewer.does("caseEndSpecialProcedure", &case.id, end).await.done();
            app.agree(&case.review).await;
            app.grant(case).await;
            let all = counted(&app).await;
            let concluded = all.data("dashboard.total.concluded");
            let of = |counts: &Value| {
                ["inTime", "promisePassed", "statutePassed"].map(|name| counts[name].as_i64().unwrap())
            };
            assert_eq!(of(concluded), told, "{ended_on}");
            assert_eq!(of(&concluded["withSuspendedDays"]), with_suspended_days, "{ended_on}");
        }
        let program = app.program();
        let today = app.clock.today();
        let found = case::recount(&program.db, &program.library.present(), &program.config, today).await.unwrap();
        assert_eq!(found.faults, Vec::<String>::new());
    }

    /// Only days go by: nobody writes anything, and nothing need happen at midnight.
    async fn as_days_go_by_a_case_comes_near_its_end_and_is_late(app: TestApp) {
        app.submit(&[ITEM]).await;
        for (day, expected) in [
            ("2026-03-05", "IN_REVIEW 1 inTime 1"),
            ("2026-03-06", "IN_REVIEW 1 near 1"),
            ("2026-03-09", "IN_REVIEW 1 near 1"),
            ("2026-03-10", "IN_REVIEW 1 promisePassed 1"),
            ("2026-03-16", "IN_REVIEW 1 promisePassed 1"),
            ("2026-03-17", "IN_REVIEW 1 statutePassed 1"),
        ] {
            app.go_to(day);
            assert_eq!(open(&app, "SJJ").await, expected, "{day}");
        }
        assert_eq!(line::Entity::find().count(app.program().db.reader()).await.unwrap(), 0, "nothing is folded in");
    }

    async fn cards_are_counted_as_they_are_raised_and_warnings_until_they_are_cleared(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        app.sweep_daily_until("2026-03-06").await;
        let cards = |told: &Answer| {
            let of = &told.data("dashboard.total.cards");
            ["alert", "yellow", "red", "warningsStanding"].map(|name| of[name].as_i64().unwrap())
        };
        assert_eq!(cards(&counted(&app).await), [1, 1, 0, 1]);
        app.sweep_daily_until("2026-03-17").await;
        assert_eq!(cards(&counted(&app).await), [2, 2, 2, 2]);
        app.agree(&application.cases[0].review).await;
        app.grant(&application.cases[0]).await;
        let told = counted(&app).await;
        assert_eq!(cards(&told), [2, 2, 2, 0]);
        assert_eq!(told.number("dashboard.total.concluded.statutePassed"), 1);

        // In the next month all of it is that of the month before.
        app.go_to("2026-04-01");
        let told = counted(&app).await;
        assert_eq!(told.text("dashboard.month"), "2026-04-01");
        assert_eq!(cards(&told), [0, 0, 0, 0]);
        assert_eq!(told.number("dashboard.total.concluded.total"), 0);
        let before = counted_in(&app, Some("2026-03-31")).await;
        assert_eq!(before.text("dashboard.month"), "2026-03-01");
        assert_eq!(cards(&before), [2, 2, 2, 0]);
        assert_eq!(before.number("dashboard.total.concluded.statutePassed"), 1);
    }

    async fn a_notice_moves_what_is_near(app: TestApp) {
        app.submit(&[ITEM]).await;
        let days = [json!({ "date": "2026-03-04", "holiday": "测试", "kind": "OFF" })];
        let input = json!({ "idempotencyKey": new_key(), "number": "滨政办〔2026〕1号", "issuer": "滨澜县人民政府",
            "issuedOn": "2026-03-01", "year": 2026, "days": days });
        app.administrator().act(ADOPT, input).await.done();
        assert!(case::reproject(app.program()).await.unwrap().moved > 0);
        for (day, expected) in [
            ("2026-03-06", "IN_REVIEW 1 inTime 1"),
            ("2026-03-10", "IN_REVIEW 1 near 1"),
            ("2026-03-11", "IN_REVIEW 1 promisePassed 1"),
        ] {
            app.go_to(day);
            assert_eq!(open(&app, "SJJ").await, expected, "{day}");
        }
    }

    /// Many applications, acts in any order on any day, changes folded in now and then: it says what the rows say.
    async fn whatever_is_done_it_says_what_the_rows_say(app: TestApp) {
        let mut done: BTreeMap<&str, usize> = BTreeMap::new();
        for seed in 0..3 {
            let mut chance = SmallRng::seed_from_u64(seed);
            let mut all: Vec<Application> = Vec::new();
            for step in 0..80 {
                if let Some(act) = random_act(&app, &mut chance, &mut all).await {
                    *done.entry(act).or_default() += 1;
                }
                if step % 7 == 0 {
                    fold(&app, 1).await;
                }
                if step % 5 == 0 {
                    counted(&app).await;
                }
            }
            counted(&app).await;
            counted_in(&app, Some("2026-03-15")).await;
        }
        assert_eq!(done.len(), 12, "every act was done at least once: {done:?}");
    }

    /// It is asked by a statement of its own beside the one that asks who calls, whatever there is; and once folded in, the
    /// rows are as many as there are days to tell apart.
    async fn it_costs_the_same_however_much_there_is(app: TestApp) {
        let supervisor = app.supervisor();
        supervisor.token().await;
        let mut lines = Vec::new();
        for more in [1, 20] {
            for _ in 0..more {
                app.submit(&[ITEM, "CGJ-01-001"]).await;
            }
            let statements = app.statements();
            supervisor.query(&documents::DASHBOARD, json!({})).await.ok();
            statements.assert(2);
            fold(&app, 1).await;
            let db = app.program().db.reader();
            assert_eq!(tally_change::Entity::find().count(db).await.unwrap(), 0);
            lines.push(line::Entity::find().count(db).await.unwrap());
        }
        assert_eq!(lines[0], lines[1], "21 times the cases, and no more lines");
        assert_eq!(counted(&app).await.number("dashboard.total.open.total"), 42);
    }

    async fn lines_that_come_to_nothing_go(app: TestApp) {
        let application = app.submit(&[ITEM]).await;
        fold(&app, 1).await;
        let topics = lines(&app).await;
        assert_eq!(topics, ["OPEN", "STANDING", "STANDING", "STANDING", "STANDING"]);
        app.agree(&application.cases[0].review).await;
        app.grant(&application.cases[0]).await;
        fold(&app, 1).await;
        assert_eq!(lines(&app).await, ["ENDED_AS", "ENDED_IN", "ENDED_UNSUSPENDED"]);
        counted(&app).await;
    }

    /// Several fold in while others act and others look: no change is counted twice, and none is lost.
    async fn many_fold_in_while_others_act(app: TestApp) {
        let clerk = app.clerk();
        let supervisor = app.supervisor();
        clerk.token().await;
        supervisor.token().await;
        let acts = join_all((0..30).map(|_| app.submit(&[ITEM, "CGJ-01-001"])));
        let folds = join_all((0..4).map(async |who| {
            for _ in 0..15 {
                fold(&app, who).await;
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }));
        let looks = async {
            let mut last = 0;
            for _ in 0..20 {
                let told = supervisor.query(&documents::DASHBOARD, json!({})).await.ok();
                let now = told.number("dashboard.total.open.total");
                assert!(now >= last && now % 2 == 0, "{last}, then {now}");
                last = now;
            }
        };
        let (applications, _, ()) = tokio::join!(acts, folds, looks);
        for who in 0..4 {
            fold(&app, who).await;
        }
        assert_eq!(applications.len(), 30);
        assert_eq!(counted(&app).await.number("dashboard.total.open.total"), 60);
    }

    async fn damage_is_found_named_and_put_right(app: TestApp) {
        app.submit(&[ITEM, "CGJ-01-001"]).await;
        fold(&app, 1).await;
        let connection = app.database().await;
        let damage = "UPDATE tally SET n = 5 WHERE department = 'SJJ' AND topic = 'OPEN'";
        connection.execute_unprepared(damage).await.unwrap();
        connection.execute_unprepared("DELETE FROM tally WHERE department = 'CGJ' AND code = 'NEAR'").await.unwrap();
        connection.close().await.unwrap();
        let db = &app.program().db;
        let found = case::recount_tally(db).await.unwrap();
        assert_eq!(found.rows, 2);
        assert_eq!(found.faults.len(), 2, "{:?}", found.faults);
        assert_eq!(found.faults[1], "320999 SJJ OPEN IN_REVIEW 0001-01-01: kept 5, rows give 1");
        assert!(found.faults[0].starts_with("320999 CGJ STANDING NEAR 2026-03-"), "{:?}", found.faults);

        // Something is done between the counting and the mending.
        app.submit(&[ITEM]).await;
        tally::mend(db, &app.program().env, &found).await.unwrap();
        assert_eq!(case::recount_tally(db).await.unwrap().faults, Vec::<String>::new());
        // Who counted before somebody else mended must not mend it again.
        let twice = tally::mend(db, &app.program().env, &found).await;
        assert!(matches!(twice, Err(lianshen::error::AppError::Busy(_))), "{twice:?}");
        counted(&app).await;
    }

    async fn people_see_the_centre_or_their_department(app: TestApp) {
        app.submit(&[ITEM, "CGJ-01-001", "WJW-01-001"]).await;
        for who in [app.supervisor(), app.administrator()] {
            let told = who.query(&documents::DASHBOARD, json!({})).await.ok();
            assert_eq!(told.number("dashboard.total.open.total"), 3);
            assert!(told.list("dashboard.departments").len() > 10, "those without cases, too");
        }
        for who in [app.reviewer("SJJ"), app.decider("SJJ"), app.lead("SJJ")] {
            let told = who.query(&documents::DASHBOARD, json!({})).await.ok();
            assert_eq!(told.texts("dashboard.departments", "departmentCode"), ["SJJ"]);
            assert_eq!(told.number("dashboard.total.open.total"), 1);
            assert_eq!(told.data("dashboard.total.open"), &told.list("dashboard.departments")[0]["open"]);
        }
        for who in [app.clerk(), app.applicant(), app.system()] {
            let refused = who.query(&documents::DASHBOARD, json!({})).await;
            assert_eq!(refused.error_code(), "FORBIDDEN");
        }
        assert_eq!(app.nobody().query(&documents::DASHBOARD, json!({})).await.error_code(), "UNAUTHENTICATED");
        let far = app.supervisor().query(&documents::DASHBOARD, json!({ "month": "2999-01-01" })).await;
        assert_eq!(far.error_code(), "DATE_OUT_OF_RANGE");
    }
}

/// Open cases of a department as the dashboard tells them, by state and by what their limits say.
async fn open(app: &TestApp, department: &str) -> String {
    let told = counted(app).await;
    let mut all = told.list("dashboard.departments").iter();
    let of = all.find(|of| of["departmentCode"] == department).unwrap();
    let mut said = Vec::new();
    let states = [
        ("RECEIVED", "received"),
        ("CORRECTION", "correction"),
        ("AWAITING_PREDECESSOR", "awaitingPredecessor"),
        ("IN_REVIEW", "inReview"),
        ("SUSPENDED", "suspended"),
        ("DECIDING", "deciding"),
    ];
    for (name, field) in states {
        said.push((name, of["open"][field].as_i64().unwrap()));
    }
    for field in [
        "undated",
        "inTime",
        "near",
        "promisePassed",
        "statutePassed",
    ] {
        said.push((field, of["open"]["deadlines"][field].as_i64().unwrap()));
    }
    said.retain(|(_, n)| *n != 0);
    let said: Vec<String> = said.iter().map(|(name, n)| format!("{name} {n}")).collect();
    said.join(" ")
}

/// The dashboard of this month, after making sure that it says what the rows say.
async fn counted(app: &TestApp) -> Answer {
    counted_in(app, None).await
}

async fn counted_in(app: &TestApp, month: Option<&str>) -> Answer {
    let asked = month.map_or_else(|| json!({}), |month| json!({ "month": month }));
    let told = app
        .supervisor()
        .query(&documents::DASHBOARD, asked)
        .await
        .ok();
    let day = month.map_or_else(|| app.clock.today(), |day| day.parse().unwrap());
    let expected = by_the_rows(app, day.with_day(1).unwrap()).await;
    for department in told.list("dashboard.departments") {
        let code = department["departmentCode"].as_str().unwrap();
        let nothing = Naive::default();
        let of = expected.get(code).unwrap_or(&nothing);
        assert_eq!(department, &of.told(Some(code)), "{code}");
    }
    let codes = told.texts("dashboard.departments", "departmentCode");
    let mut total = Naive::default();
    for (code, of) in &expected {
        assert!(
            code.is_empty() || codes.contains(code),
            "{code} is left out"
        );
        total.add(of);
    }
    assert_eq!(told.data("dashboard.total"), &total.told(None), "in all");
    let joint = expected
        .get("")
        .map_or_else(|| Naive::default().cards(), Naive::cards);
    assert_eq!(told.data("dashboard.jointCards"), &joint);
    told
}

/// Counted one by one, as plainly as can be.
#[derive(Default)]
struct Naive(BTreeMap<&'static str, i64>);

impl Naive {
    fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    fn add(&mut self, other: &Self) {
        for (what, n) in &other.0 {
            *self.0.entry(what).or_default() += n;
        }
    }

    fn of(&self, names: &[&str]) -> i64 {
        names.iter().filter_map(|name| self.0.get(name)).sum()
    }

    fn cards(&self) -> Value {
        json!({ "alert": self.of(&["alert"]), "yellow": self.of(&["yellow"]), "red": self.of(&["red"]),
            "warningsStanding": self.of(&["warning"]) })
    }

    fn told(&self, department: Option<&str>) -> Value {
        let n = |names: &[&str]| self.of(names);
        let mut told = json!({
            "open": {
                "total": n(&["open"]), "received": n(&["RECEIVED"]), "correction": n(&["CORRECTION"]),
                "awaitingPredecessor": n(&["AWAITING_PREDECESSOR"]), "inReview": n(&["IN_REVIEW"]),
                "suspended": n(&["SUSPENDED"]), "deciding": n(&["DECIDING"]),
                "lamps": { "off": n(&["OFF"]), "green": n(&["GREEN"]), "alert": n(&["ALERT"]),
                    "yellow": n(&["YELLOW"]), "red": n(&["RED"]) },
                "deadlines": { "undated": n(&["OFF"]), "inTime": n(&["GREEN"]), "near": n(&["ALERT"]),
                    "promisePassed": n(&["YELLOW"]), "statutePassed": n(&["RED"]) },
            },
            "concluded": {
                "total": n(&["closed"]),
                "granted": n(&["=GRANTED", "=RENEWED", "=TACIT_PASSED"]), "refused": n(&["=REFUSED"]),
                "terminated": n(&["=TERMINATED"]),
                "notAccepted": n(&["=NOT_REQUIRED", "=NOT_COMPETENT"]),
                "withdrawn": n(&["=WITHDRAWN", "=NOT_SUPPLEMENTED"]), "acceptanceRevoked": n(&["=ACCEPTANCE_REVOKED"]),
                "voided": n(&["=VOID"]), "inTime": n(&["onTime"]), "promisePassed": n(&["late"]),
                "statutePassed": n(&["tooLate"]), "undated": n(&["undecided"]),
                "withSuspendedDays": { "inTime": n(&["IN_TIME"]), "promisePassed": n(&["PROMISE_PASSED"]),
                    "statutePassed": n(&["STATUTE_PASSED"]) },
            },
            "cards": self.cards(),
        });
        if let Some(code) = department {
            told["departmentCode"] = json!(code);
            told["department"] = json!({ "code": code });
        }
        told
    }
}

async fn by_the_rows(app: &TestApp, month: NaiveDate) -> BTreeMap<String, Naive> {
    let db = app.program().db.reader();
    let today = app.clock.today();
    let in_month = |day: NaiveDate| (day.year(), day.month()) == (month.year(), month.month());
    let mut all: BTreeMap<String, Naive> = BTreeMap::new();
    for row in case_::Entity::find().all(db).await.unwrap() {
        let of = all.entry(row.department.clone()).or_default();
        let Some(result) = row.result else {
            of.count("open");
            of.count(row.state.0.code());
            let lamp: Lamp = case::lamp_of_case(&row, today, CardModel::SanctionCards);
            of.count(lamp.code());
            continue;
        };
        if !in_month(row.result_on.unwrap()) {
            continue;
        }
        let names = [
            "=GRANTED",
            "=REFUSED",
            "=TERMINATED",
            "=NOT_REQUIRED",
            "=NOT_COMPETENT",
            "=WITHDRAWN",
            "=NOT_SUPPLEMENTED",
            "=ACCEPTANCE_REVOKED",
            "=VOID",
            "=RENEWED",
            "=TACIT_PASSED",
        ];
        of.count(
            names
                .into_iter()
                .find(|name| name[1..] == *result.0.code())
                .unwrap(),
        );
        let end = row.stopped_on.or(row.result_on).unwrap();
        let passed = |due: Option<NaiveDate>| due.is_some_and(|due| due < end);
        if ["VOID", "NOT_REQUIRED", "NOT_COMPETENT"].contains(&result.0.code()) {
            continue;
        }
        of.count("closed");
        if !["GRANTED", "REFUSED"].contains(&result.0.code()) {
            of.count("undecided");
            continue;
        }
        let (told, by_itself) = if passed(row.statutory_due_on) {
            ("tooLate", Standing::StatutePassed)
        } else if passed(row.promised_due_on) {
            ("late", Standing::PromisePassed)
        } else {
            ("onTime", Standing::InTime)
        };
        of.count(told);
        let unsuspended = row.standing_unsuspended.map(|standing| standing.0);
        of.count(unsuspended.unwrap_or(by_itself).code());
    }
    for row in card::Entity::find().all(db).await.unwrap() {
        let of = all.entry(row.department.clone()).or_default();
        if in_month(row.raised_on) {
            of.count(match row.level.0 {
                CardLevel::Alert => "alert",
                CardLevel::Yellow => "yellow",
                CardLevel::Red => "red",
            });
        }
        // Where cards are sanctions, what warns is an alert.
        if row.level.0 == CardLevel::Alert && row.cleared_on.is_none() {
            of.count("warning");
        }
    }
    all
}

async fn fold(app: &TestApp, who: u128) {
    let program = app.program();
    tally::fold(&program.db, &program.env, Uuid::from_u128(who))
        .await
        .unwrap();
}

async fn lines(app: &TestApp) -> Vec<String> {
    let rows = line::Entity::find().all(app.program().db.reader()).await;
    let topics = rows
        .unwrap()
        .into_iter()
        .map(|row| row.topic.0.code().to_owned());
    let mut topics: Vec<String> = topics.collect();
    topics.sort();
    topics
}

/// What may be tried on a case that stands so.
fn acts_on(state: &str) -> &'static [&'static str] {
    match state {
        "RECEIVED" => &[
            "applicationNoticeCorrection",
            "applicationAccept",
            "caseRefuseAcceptance",
        ],
        "CORRECTION" => &["applicationSupplement", "applicationWithdraw"],
        "IN_REVIEW" => &[
            "reviewGiveOpinion",
            "reviewGiveOpinion",
            "caseBeginSpecialProcedure",
            "caseBeginSpecialProcedure",
            "caseExtend",
            "applicationWithdraw",
        ],
        "SUSPENDED" => &[
            "caseEndSpecialProcedure",
            "caseEndSpecialProcedure",
            "caseTerminate",
        ],
        "DECIDING" => &["caseDecide", "caseDecide", "caseExtend", "caseTerminate"],
        "REFUSED" => &["caseReopen"],
        _ => &["caseDecide"],
    }
}

/// Somebody does something to some application, or is refused; or days go by. Answers what was done.
async fn random_act(
    app: &TestApp,
    chance: &mut SmallRng,
    all: &mut Vec<Application>,
) -> Option<&'static str> {
    let which = chance.random_range(0..10);
    if all.is_empty() || which < 2 {
        let items: &[&str] = [
            &[ITEM][..],
            &[ITEM, "CGJ-01-001"],
            &[WITH_REVIEW],
            &["SJJ-01-001"],
        ][chance.random_range(0..4)];
        let application = match which {
            0 => app.receive(items).await,
            _ => app.submit(items).await,
        };
        all.push(application);
        return None;
    }
    if which == 2 {
        app.advance_workdays(chance.random_range(1..4));
        if chance.random() {
            app.sweep().await;
        }
        return None;
    }
    // The last ones, so that some of them come to their end.
    let last = &all[all.len().saturating_sub(4)..];
    let application = &last[chance.random_range(0..last.len())];
    let application = app.reread(application).await;
    let case: &Case = &application.cases[chance.random_range(0..application.cases.len())];
    let acts = acts_on(&case.state);
    let act = acts[chance.random_range(0..acts.len())];
    let (reviewer, decider) = (
        app.reviewer(&case.department),
        app.decider(&case.department),
    );
    let (who, rest) = match act {
        "applicationNoticeCorrection" => {
            let points = json!([{ "text": "平面图", "basis": "办事指南" }]);
            (app.clerk(), json!({ "points": points }))
        }
        "applicationSupplement" => (app.clerk(), json!({ "text": "平面图" })),
        "caseRefuseAcceptance" => {
            let rest = json!({ "kind": "NOT_REQUIRED", "reasons": "理由" });
            (app.clerk(), rest)
        }
        "caseBeginSpecialProcedure" => {
            let expected = json!({ "n": 5, "unit": "WORKDAY" });
            let rest = json!({ "procedure": "EXPERT_REVIEW", "expected": expected,
                "noticeDeliveredOn": app.clock.today() });
            (reviewer, rest)
        }
        "caseEndSpecialProcedure" => {
            let rest = json!({ "procedure": "EXPERT_REVIEW", "finding": "完成" });
            (reviewer, rest)
        }
        "caseExtend" => {
            let rest = json!({ "days": 3, "reasons": "理由", "approvedBy": "AGENCY_HEAD" });
            (decider, rest)
        }
        "caseTerminate" => (decider, json!({ "reasons": "理由" })),
        "caseReopen" => {
            let today = app.clock.today().to_string();
            let rest = json!({ "body": "人民政府", "documentNumber": "复决1号", "decidedOn": today, "receivedOn": today,
                "by": "RECONSIDERATION", "ground": "PROCEDURE" });
            (decider, rest)
        }
        "caseDecide" => {
            let decision = if chance.random() { "GRANT" } else { "REFUSE" };
            let answer = app.decide(case, decision, Some("理由")).await;
            return answer.user_errors(act).is_empty().then_some(act);
        }
        "reviewGiveOpinion" => {
            let input = json!({ "idempotencyKey": new_key(), "reviewId": case.review.id, "opinion": "AGREE" });
            let answer = reviewer.act(&documents::GIVE_OPINION, input).await;
            return answer.user_errors(act).is_empty().then_some(act);
        }
        _ => (app.clerk(), json!({})),
    };
    let subject = if act.starts_with("case") {
        &case.id
    } else {
        &application.id
    };
    let answer = who.does(act, subject, rest).await;
    answer.user_errors(act).is_empty().then_some(act)
}
