//! Whether the bundles of the county can keep what they promise, as anybody may ask.

use serde_json::{Value, json};

use crate::support::each_db;

const BUDGETS: &str =
    "query Budgets($days: Int) { bundles { code budget(from: \"2026-01-01\", days: $days) {
  from days synthesisDays deliveryDays fits } } }";

const BUDGET: &str = "query Budget($code: String!, $from: Date, $days: Int) { bundle(code: $code) {
  budget(from: $from, days: $days) { fits misfits {
    acceptedOn readyOn promisedDueOn statutoryDueOn breaksTheLaw chain provisional } } } }";

each_db! {
    async fn every_bundle_says_whether_it_can_keep_its_promise(app: TestApp) {
        let all = app.nobody().query(BUDGETS, json!({ "days": 366 })).await.ok();
        let fits: Vec<(String, bool)> = all.list("bundles").iter().map(|bundle| {
            let fits = bundle["budget"]["fits"].as_bool().unwrap();
            (bundle["code"].as_str().unwrap().to_owned(), fits)
        }).collect();
        // By hand: the longest chain of promises and one day for the lead, against the joint promise.
        let expected = [
            ("YJS-001", false), // 0 + 5 + 10 + 1 > 15
            ("YJS-002", true),  // 0 + 0 + 1 <= 1
            ("YJS-003", true),  // 0 + 8 + 1 <= 12
            ("YJS-004", false), // 15 + 1 > 15
            ("YJS-005", false), // 7 + 5 + 3 + 1 > 15
            ("YJS-006", true),  // 5 + 0 + 3 + 1 <= 10
            ("YJS-007", true),  // 7 + 30 + 15 + 1 <= 55
            ("YJS-008", true),  // 0 + 5 + 5 + 1 <= 15
        ];
        assert_eq!(fits, expected.map(|(code, fits)| (code.to_owned(), fits)));
        let first = &all.list("bundles")[0]["budget"];
        assert_eq!((&first["synthesisDays"], &first["deliveryDays"]), (&json!(1), &json!(0)));
        assert_eq!((&first["from"], &first["days"]), (&json!("2026-01-01"), &json!(366)));
    }

    async fn the_days_that_do_not_fit_are_named(app: TestApp) {
        let asked = json!({ "code": "YJS-001", "from": "2026-02-13", "days": 2 });
        let told = app.nobody().query(BUDGET, asked).await.ok();
        // The 14th and the 28th are make-up days; the holiday lasts to the 23rd. Fifteen working days from the 13th: the
        // 14th, five from 24 to 28 February, nine from 2 to 12 March. From the 14th it is one day later.
        let misfit = |accepted: &str, ready: &str, promised: &str, statutory: &str| json!({
            "acceptedOn": accepted, "readyOn": ready, "promisedDueOn": promised, "statutoryDueOn": statutory,
            "breaksTheLaw": false, "chain": ["SJJ-01-001", "SJJ-01-002", "YCJ-01-001"], "provisional": false,
        });
        assert_eq!(told.data("bundle.budget.fits"), &json!(false));
        assert_eq!(told.data("bundle.budget.misfits"), &json!([
            misfit("2026-02-13", "2026-03-13", "2026-03-12", "2026-04-24"),
            misfit("2026-02-14", "2026-03-16", "2026-03-13", "2026-04-27"),
        ]));
        // Without a from it is today; next year has no notice yet.
        let today = app.nobody().query(BUDGET, json!({ "code": "YJS-004", "days": 366 })).await.ok();
        let misfits = today.list("bundle.budget.misfits");
        assert_eq!((misfits.len(), &misfits[0]["acceptedOn"]), (366, &json!("2026-03-02")));
        assert_eq!(misfits[365]["provisional"], json!(true));
    }

    async fn a_stretch_of_no_day_or_of_years_is_refused(app: TestApp) {
        for days in [0, -1, 367] {
            let refused = app.nobody().query(BUDGET, json!({ "code": "YJS-001", "days": days })).await;
            let text = refused.to_string();
            assert!(text.contains("NUMBER_OUT_OF_RANGE") && text.contains("366"), "{text}");
        }
        let none: Value = app.nobody().query(BUDGET, json!({ "code": "YJS-404" })).await.ok().data("bundle").clone();
        assert_eq!(none, Value::Null);
    }
}
