//! The life of each of the eight bundles, from the guide to the delivery, told as those live it who have a part in it.
//!
//! All dates are worked out by hand from the notices of the year, not by the program. A story reads from above to below;
//! what its words do stands in `support/life.rs`, and a new act is one method there.

use lianshen_domain::clock::JointPolicy;
use serde_json::json;

use crate::support::life::Life;
use crate::support::log::Log;
use crate::support::{TestApp, TestDatabase, each_db};

each_db! {
    /// 企业开办, filed on a holiday. Nothing of it has a period by law, and there is no joint one: it is a package.
    async fn company_set_up_online_of_which_the_applicant_withdraws_one_case(app: TestApp) {
        app.clock.set_day("2026-10-05");
        let mut life = Life::online(&app, "YJS-002", "Q1=Y Q2=Y Q3=N").await;
        life.stands("RECEIVED: SJJ-01-001 RECEIVED, GAJ-10-001 RECEIVED, SWJ-20-001 RECEIVED, RSJ-20-001 RECEIVED").await;
        life.joint("- -").await;
        life.happened("APPLICATION_RECEIVED").await;

        life.day("2026-10-08").await;
        life.accepted().await;
        life.stands("IN_REVIEW: SJJ-01-001 IN_REVIEW, GAJ-10-001 AWAITING_PREDECESSOR, \
            SWJ-20-001 AWAITING_PREDECESSOR, RSJ-20-001 AWAITING_PREDECESSOR").await;
        life.joint("10-09 -").await;
        life.due("SJJ-01-001 10-08 10-12, GAJ-10-001 - -").await;
        life.happened("APPLICATION_ACCEPTED, CASE_PASSED SJJ-01-001, CASE_STARTED SJJ-01-001, CASE_PASSED GAJ-10-001, \
            CASE_PASSED SWJ-20-001, CASE_PASSED RSJ-20-001").await;

        let seal = json!({ "onlyCaseId": life.case("GAJ-10-001").id });
        life.whole(&app.applicant(), "applicationWithdraw", seal).await;
        life.happened("CASE_WITHDRAWN GAJ-10-001").await;
        life.granted("SJJ-01-001").await;
        life.stands("IN_REVIEW: SJJ-01-001 GRANTED, GAJ-10-001 WITHDRAWN, SWJ-20-001 IN_REVIEW, RSJ-20-001 IN_REVIEW").await;
        life.due("SWJ-20-001 10-08 -, RSJ-20-001 10-08 -").await;
        life.happened("REVIEW_CLAIMED SJJ-01-001, OPINION_GIVEN SJJ-01-001, CASE_GRANTED SJJ-01-001, \
            CASE_STARTED SWJ-20-001, CASE_STARTED RSJ-20-001").await;
        life.day("2026-10-09").await;
        life.granted("RSJ-20-001, SWJ-20-001").await;
        life.delivered("2026-10-09", "2026-10-10", "PARTLY_GRANTED").await;
        life.stands("CLOSED: SJJ-01-001 CLOSED, GAJ-10-001 WITHDRAWN, SWJ-20-001 CLOSED, RSJ-20-001 CLOSED").await;
    }

    /// 开办药店. Labour Day lies between; Saturday, 9 May is worked. Silence passes nothing (OFF).
    async fn pharmacy_after_a_correction_and_with_a_silent_department_under_policy_off(app: TestApp) {
        app.clock.set_day("2026-04-28");
        let mut life = Life::received(&app, "YJS-003", "Q1=Y Q2=Y Q3=Y Q4=N").await;
        life.day("2026-04-30").await;
        let points = json!({ "points": [{ "text": "平面图未标注面积", "basis": "药品管理法 第五十二条" }] });
        life.whole(&app.clerk(), "applicationNoticeCorrection", points).await;
        life.stands("CORRECTION: SJJ-01-003 CORRECTION, SJJ-10-001 CORRECTION, SJJ-10-002 CORRECTION").await;
        // Twenty working days for the applicant.
        let notice = app.file(&life.application).await.paper("CORRECTION_NOTICE");
        assert_eq!((notice.issued_on.as_str(), notice.line("SUPPLEMENT_BY")), ("2026-04-30", "2026-06-01"));
        life.day("2026-05-07").await;
        life.whole(&app.clerk(), "applicationSupplement", json!({ "text": "平面图" })).await;
        life.stands("RECEIVED: SJJ-01-003 RECEIVED, SJJ-10-001 RECEIVED, SJJ-10-002 RECEIVED").await;
        life.happened("APPLICATION_RECEIVED, CORRECTION_NOTICED, SUPPLEMENTED").await;

        life.day("2026-05-08").await;
        life.accepted().await;
        life.joint("05-25 07-10").await;
        life.due("SJJ-01-003 05-19 06-04, SJJ-10-001 05-08 -, SJJ-10-002 05-08 -").await;
        life.granted("SJJ-10-001, SJJ-10-002").await;
        life.day("2026-05-11").await;
        life.asks("SJJ-01-003", &["CGJ"]).await;
        life.happened("APPLICATION_ACCEPTED, CASE_PASSED SJJ-01-003, CASE_STARTED SJJ-01-003, CASE_PASSED SJJ-10-001, \
            CASE_STARTED SJJ-10-001, CASE_PASSED SJJ-10-002, CASE_STARTED SJJ-10-002, REVIEW_CLAIMED SJJ-10-001, \
            OPINION_GIVEN SJJ-10-001, CASE_GRANTED SJJ-10-001, REVIEW_CLAIMED SJJ-10-002, OPINION_GIVEN SJJ-10-002, \
            CASE_GRANTED SJJ-10-002, OPINION_ASKED SJJ-01-003").await;

        // Its five working days passed on the 18th.
        life.day("2026-05-19").await;
        assert_eq!(life.reviews("SJJ-01-003").await, "OPEN, CGJ OPEN", "silence says nothing");
        let own = life.in_inbox_of("SJJ", "SJJ-01-003").await;
        let refused = life.opines("SJJ", &own, "AGREE", None).await;
        assert_eq!(refused.user_errors("reviewGiveOpinion"), ["OPINIONS_OUTSTANDING"]);
        let late = app.cards_on(&life.application).await;
        assert!(late.contains(&("TIME_09".into(), "YELLOW".into(), "2026-05-19".into())), "{late:?}");
        let asked = life.in_inbox_of("CGJ", "SJJ-01-003").await;
        life.opines("CGJ", &asked, "AGREE", None).await.done();
        life.granted("SJJ-01-003").await;
        life.delivered("2026-05-20", "2026-05-21", "GRANTED").await;
        life.stands("CLOSED: SJJ-01-003 CLOSED, SJJ-10-001 CLOSED, SJJ-10-002 CLOSED").await;
    }

    /// 立项用地规划许可阶段. 19 to 21 June are off. Silence is an opinion (OPINION_ONLY), but not on what is protected.
    async fn investment_project_with_a_silent_department_under_policy_opinion_only(app: TestApp) {
        app.clock.set_day("2026-06-15");
        let mut life = Life::received(&app, "YJS-004", "Q1=B Q2=Y Q3=Y Q4=T Q5=N").await;
        life.accepted().await;
        life.joint("07-07 08-18").await;
        // Thirty calendar days from the receipt.
        life.due("FGW-10-001 06-15 -, FGW-01-002 - -, SLJ-01-002 06-23 07-14, STHJ-01-001 06-30 07-15, ZRZY-01-001 - -").await;
        life.granted("FGW-10-001").await;
        life.stands("IN_REVIEW: FGW-10-001 GRANTED, SLJ-01-002 IN_REVIEW, STHJ-01-001 IN_REVIEW, FGW-01-002 IN_REVIEW, \
            ZRZY-01-001 IN_REVIEW").await;
        life.due("FGW-01-002 06-25 07-14, ZRZY-01-001 06-23 07-14").await;
        life.happened("APPLICATION_RECEIVED, APPLICATION_ACCEPTED, CASE_PASSED FGW-10-001, CASE_STARTED FGW-10-001, \
            CASE_PASSED SLJ-01-002, CASE_STARTED SLJ-01-002, CASE_PASSED STHJ-01-001, CASE_STARTED STHJ-01-001, \
            CASE_PASSED FGW-01-002, CASE_PASSED ZRZY-01-001, REVIEW_CLAIMED FGW-10-001, OPINION_GIVEN FGW-10-001, \
            CASE_GRANTED FGW-10-001, CASE_STARTED FGW-01-002, CASE_STARTED ZRZY-01-001").await;
        life.asks("FGW-01-002", &["CZJ"]).await;
        life.asks("STHJ-01-001", &["CZJ"]).await;
        life.granted("SLJ-01-002, ZRZY-01-001").await;

        life.day("2026-06-23").await;
        assert_eq!(life.reviews("FGW-01-002").await, "OPEN, CZJ OPEN", "the last day is theirs");
        life.day("2026-06-24").await;
        assert_eq!(life.reviews("FGW-01-002").await, "OPEN, CZJ TACIT");
        assert_eq!(life.reviews("STHJ-01-001").await, "OPEN, CZJ OPEN", "environment is protected");
        life.granted("FGW-01-002").await;
        let asked = life.in_inbox_of("CZJ", "STHJ-01-001").await;
        life.opines("CZJ", &asked, "AGREE", None).await.done();
        life.granted("STHJ-01-001").await;
        life.delivered("2026-06-25", "2026-06-26", "GRANTED").await;
        life.stands("CLOSED: FGW-10-001 CLOSED, SLJ-01-002 CLOSED, STHJ-01-001 CLOSED, FGW-01-002 CLOSED, \
            ZRZY-01-001 CLOSED").await;
    }

    /// 工程建设许可与施工许可阶段. Silence passes an opinion under COMPONENT, and a whole case, too.
    async fn construction_permit_with_an_extension_and_silent_departments_under_policy_component(app: TestApp) {
        app.clock.set_day("2026-07-06");
        let mut life = Life::received(&app, "YJS-005", "Q1=Y Q2=N Q3=Y Q4=Y").await;
        life.accepted().await;
        life.joint("07-27 09-07").await;
        life.due("ZRZY-01-002 07-15 08-03, ZJJ-01-002 - -, CGJ-01-002 - -, CGJ-01-003 07-10 08-03, ZJJ-01-001 - -").await;
        life.asks("ZRZY-01-002", &["CZJ"]).await;
        // Three working days of silence of the department of the waste permit were over on the 9th.
        life.day("2026-07-10").await;
        life.stands("IN_REVIEW: ZRZY-01-002 IN_REVIEW, CGJ-01-003 GRANTED, ZJJ-01-002 AWAITING_PREDECESSOR, \
            CGJ-01-002 AWAITING_PREDECESSOR, ZJJ-01-001 AWAITING_PREDECESSOR").await;
        let more = |days, who: &str| json!({ "days": days, "approvedBy": who, "reasons": "地形复杂，需补充勘察" });
        let planning = life.case("ZRZY-01-002").clone();
        app.decider("ZRZY").does("caseExtend", &planning.id, more(10, "AGENCY_HEAD")).await.done();
        life.due("ZRZY-01-002 07-29 08-17, CGJ-01-003 07-10 08-03").await;
        life.whole(&app.lead("ZJJ"), "applicationExtend", more(15, "LOCAL_GOVERNMENT_HEAD")).await;
        life.joint("08-17 09-28").await;
        life.happened("APPLICATION_RECEIVED, APPLICATION_ACCEPTED, CASE_PASSED ZRZY-01-002, CASE_STARTED ZRZY-01-002, \
            CASE_PASSED CGJ-01-003, CASE_STARTED CGJ-01-003, CASE_PASSED ZJJ-01-002, CASE_PASSED CGJ-01-002, \
            CASE_PASSED ZJJ-01-001, OPINION_ASKED ZRZY-01-002, CASE_TACIT_PASSED CGJ-01-003, CASE_EXTENDED ZRZY-01-002, \
            APPLICATION_EXTENDED").await;

        // The opinion was due on Monday, the 13th, and the paper of the waste permit on Friday, the 10th.
        life.day("2026-07-14").await;
        assert_eq!(life.reviews("ZRZY-01-002").await, "OPEN, CZJ TACIT");
        life.stands("IN_REVIEW: ZRZY-01-002 IN_REVIEW, CGJ-01-003 GRANTED, ZJJ-01-002 AWAITING_PREDECESSOR, \
            CGJ-01-002 AWAITING_PREDECESSOR, ZJJ-01-001 AWAITING_PREDECESSOR").await;
        let cards = app.cards_on(&life.application).await;
        for (rule, level, day) in [("TIME_09", "RED", "2026-07-10"), ("TIME_09", "RED", "2026-07-14"), ("TIME_08", "YELLOW", "2026-07-13")] {
            assert!(cards.contains(&(rule.into(), level.into(), day.into())), "{rule} {level} {day}: {cards:?}");
        }
        let waste = life.case("CGJ-01-003").clone();
        let too_late = app.decide(&waste, "GRANT", None).await;
        assert_eq!(too_late.user_errors("caseDecide"), ["ALREADY_DECIDED"]);
        assert_eq!(app.file(&life.application).await.papers("GRANT_DECISION").len(), 0, "silence makes no certificate");
        app.decider("CGJ").does("caseIssuePaper", &waste.id, json!({})).await.done();
        let twice = app.decider("CGJ").does("caseIssuePaper", &waste.id, json!({})).await;
        assert_eq!(twice.user_errors("caseIssuePaper"), ["PAPER_NOT_OWED"]);
        assert_eq!(app.file(&life.application).await.papers("GRANT_DECISION").len(), 1);
        life.granted("ZRZY-01-002").await;
        life.due("ZJJ-01-002 07-21 08-04, CGJ-01-002 07-21 08-11, ZJJ-01-001 - -").await;
        life.day("2026-07-16").await;
        life.granted("CGJ-01-002, ZJJ-01-002").await;
        // Seven working days from the receipt: it waited, so they run from the last result.
        life.due("ZJJ-01-001 07-21 07-27").await;
        life.granted("ZJJ-01-001").await;
        life.delivered("2026-07-17", "2026-07-20", "GRANTED").await;
        life.stands("CLOSED: ZRZY-01-002 CLOSED, CGJ-01-003 CLOSED, ZJJ-01-002 CLOSED, CGJ-01-002 CLOSED, \
            ZJJ-01-001 CLOSED").await;
    }

    /// 工程建设项目联合验收. 25 to 27 September and 1 to 7 October are off; Saturday, 10 October is worked.
    async fn joint_acceptance_in_which_one_refusal_ends_all_that_waits_for_it_and_the_rest_goes_on(app: TestApp) {
        app.clock.set_day("2026-09-21");
        let mut life = Life::received(&app, "YJS-006", "Q1=Y").await;
        life.accepted().await;
        life.joint("10-12 11-30").await;
        life.due("ZRZY-07-001 09-29 10-26, ZJJ-01-003 09-29 10-19, ZJJ-10-001 - -, ZRZY-07-002 - -").await;
        life.happened("APPLICATION_RECEIVED, APPLICATION_ACCEPTED, CASE_PASSED ZRZY-07-001, CASE_STARTED ZRZY-07-001, \
            CASE_PASSED ZJJ-01-003, CASE_STARTED ZJJ-01-003, CASE_PASSED ZJJ-10-001, CASE_PASSED ZRZY-07-002").await;

        life.day("2026-09-23").await;
        let review = life.in_inbox_of("ZRZY", "ZRZY-07-001").await;
        life.opines("ZRZY", &review, "DISAGREE", Some("建筑高度超过许可")).await.done();
        app.refuse(life.case("ZRZY-07-001"), "建筑高度超过许可").await;
        life.stands("IN_REVIEW: ZRZY-07-001 REFUSED, ZJJ-01-003 IN_REVIEW, ZJJ-10-001 TERMINATED, ZRZY-07-002 TERMINATED").await;
        life.happened("REVIEW_CLAIMED ZRZY-07-001, OPINION_GIVEN ZRZY-07-001, CASE_REFUSED ZRZY-07-001, \
            CASE_TERMINATED ZJJ-10-001, CASE_TERMINATED ZRZY-07-002").await;
        for item in ["ZJJ-10-001", "ZRZY-07-002"] {
            assert_eq!(life.reviews(item).await, "CANCELLED", "{item}");
        }
        let file = app.file(&life.application).await;
        assert_eq!(file.paper("REFUSAL_DECISION").line("REASONS"), "建筑高度超过许可");
        assert!(!file.paper("REFUSAL_DECISION").line("REMEDIES").is_empty());
        let notices = file.papers("TERMINATION_NOTICE");
        let reasons: Vec<&str> = notices.iter().map(|notice| notice.line("REASONS")).collect();
        assert_eq!(reasons, ["前置事项未获准予。"; 2]);

        life.day("2026-09-29").await;
        life.due("ZJJ-01-003 09-29 10-19").await;
        life.granted("ZJJ-01-003").await;
        life.happened("REVIEW_CLAIMED ZJJ-01-003, OPINION_GIVEN ZJJ-01-003, CASE_GRANTED ZJJ-01-003, \
            APPLICATION_CONCLUDED").await;
        life.delivered("2026-09-30", "2026-10-08", "PARTLY_GRANTED").await;
        life.stands("CLOSED: ZRZY-07-001 CLOSED, ZJJ-01-003 CLOSED, ZJJ-10-001 CLOSED, ZRZY-07-002 CLOSED").await;
    }

    /// 开办幼儿园: a package, because months are longer than forty-five days.
    async fn kindergarten_with_a_reviewer_replaced_and_opinions_made_stale_by_a_new_material(app: TestApp) {
        app.clock.set_day("2026-03-02");
        let mut life = Life::received(&app, "YJS-007", "Q1=Y Q2=Y Q3=Y").await;
        life.accepted().await;
        life.joint("05-21 -").await;
        life.due("XFD-01-002 03-09 03-16, WJW-07-001 03-11 03-30, JYJ-01-001 - -, MZJ-01-001 - -, SJJ-01-002 - -").await;
        life.asks("WJW-07-001", &["STHJ", "CGJ"]).await;
        life.granted("XFD-01-002").await;

        life.day("2026-03-04").await;
        let asked = life.in_inbox_of("STHJ", "WJW-07-001").await;
        life.replaced("WJW-07-001", &asked, "ZJJ").await;
        assert_eq!(life.reviews("WJW-07-001").await, "OPEN, STHJ WITHDRAWN, CGJ OPEN, ZJJ OPEN");
        let gone = life.opines("STHJ", &asked, "AGREE", None).await;
        assert_eq!(gone.user_errors("reviewGiveOpinion"), ["NOT_FOUND"]);
        let plan = life.in_inbox_of("CGJ", "WJW-07-001").await;
        life.agrees_relying_on("CGJ", &plan, &["M-PLAN"]).await;
        let whole = life.in_inbox_of("ZJJ", "WJW-07-001").await;
        life.opines("ZJJ", &whole, "AGREE", None).await.done();
        life.examined("WJW-07-001").await;

        // The rules of the house are written anew: ZJJ and the examination relied on all there was, CGJ on the plan alone. The
        // licences of the school and of its canteen want them, too, but nobody has said anything about these yet.
        life.replaces("M-SYS").await;
        assert_eq!(life.state_of("WJW-07-001").await, "IN_REVIEW");
        assert_eq!(life.reviews("WJW-07-001").await,
            "STALE, WJW CLAIMED, STHJ WITHDRAWN, CGJ GIVEN, ZJJ STALE, ZJJ CLAIMED");
        for item in ["JYJ-01-001", "SJJ-01-002"] {
            assert_eq!(life.reviews(item).await, "WAITING", "{item}");
        }
        let stale = life.opines("ZJJ", &whole, "DISAGREE", Some("见现场核查记录")).await;
        assert_eq!(stale.user_errors("reviewGiveOpinion"), ["OPINION_STALE"]);
        // It gives the case no more days.
        life.due("XFD-01-002 03-09 03-16, WJW-07-001 03-11 03-30").await;
        let early = app.decide(life.case("WJW-07-001"), "GRANT", None).await;
        assert_eq!(early.user_errors("caseDecide"), ["WRONG_STATE"]);
        let own = life.in_inbox_of("WJW", "WJW-07-001").await;
        let waits = life.opines("WJW", &own, "AGREE", None).await;
        assert_eq!(waits.user_errors("reviewGiveOpinion"), ["OPINIONS_OUTSTANDING"]);
        let again = life.in_inbox_of("ZJJ", "WJW-07-001").await;
        life.opines("ZJJ", &again, "AGREE", None).await.done();
        life.granted("WJW-07-001").await;
        assert_eq!(life.reviews("WJW-07-001").await,
            "STALE, WJW GIVEN, STHJ WITHDRAWN, CGJ GIVEN, ZJJ STALE, ZJJ GIVEN");
        life.happened("APPLICATION_RECEIVED, APPLICATION_ACCEPTED, CASE_PASSED XFD-01-002, CASE_STARTED XFD-01-002, \
            CASE_PASSED WJW-07-001, CASE_STARTED WJW-07-001, CASE_PASSED JYJ-01-001, CASE_PASSED MZJ-01-001, \
            CASE_PASSED SJJ-01-002, OPINION_ASKED WJW-07-001, OPINION_ASKED WJW-07-001, REVIEW_CLAIMED XFD-01-002, \
            OPINION_GIVEN XFD-01-002, CASE_GRANTED XFD-01-002, REVIEW_CLAIMED WJW-07-001, OPINION_WITHDRAWN WJW-07-001, \
            OPINION_ASKED WJW-07-001, REVIEW_CLAIMED WJW-07-001, OPINION_GIVEN WJW-07-001, REVIEW_CLAIMED WJW-07-001, \
            OPINION_GIVEN WJW-07-001, REVIEW_CLAIMED WJW-07-001, OPINION_GIVEN WJW-07-001, MATERIAL_REPLACED, \
            OPINION_STALE WJW-07-001, OPINION_STALE WJW-07-001, OPINION_ASKED WJW-07-001, OPINION_GIVEN WJW-07-001, \
            OPINION_GIVEN WJW-07-001, CASE_GRANTED WJW-07-001, CASE_STARTED JYJ-01-001").await;
        // Three months end on Thursday, 4 June; thirty working days leave out Qingming.
        life.due("JYJ-01-001 04-16 06-04").await;
        life.day("2026-04-16").await;
        life.granted("JYJ-01-001").await;
        // Sixty calendar days from its own beginning.
        life.due("MZJ-01-001 05-11 06-15, SJJ-01-002 04-23 04-30").await;
        life.day("2026-04-20").await;
        life.granted("SJJ-01-002, MZJ-01-001").await;
        life.delivered("2026-04-21", "2026-04-22", "GRANTED").await;
        life.stands("CLOSED: XFD-01-002 CLOSED, WJW-07-001 CLOSED, JYJ-01-001 CLOSED, MZJ-01-001 CLOSED, \
            SJJ-01-002 CLOSED").await;
    }

    /// 开办旅馆.
    async fn hotel_with_a_conflict_mediated_and_granted_against_an_advisory_opinion_only_with_reasons(app: TestApp) {
        app.clock.set_day("2026-05-18");
        let mut life = Life::received(&app, "YJS-008", "Q1=N Q2=Y Q3=Y").await;
        life.accepted().await;
        life.joint("06-08 07-21").await;
        life.due("SJJ-01-001 05-18 05-21, XFD-01-002 - -, WJW-01-001 - -, CGJ-01-001 - -, SJJ-01-002 - -, GAJ-01-001 - -").await;
        life.granted("SJJ-01-001").await;
        life.happened("APPLICATION_RECEIVED, APPLICATION_ACCEPTED, CASE_PASSED SJJ-01-001, CASE_STARTED SJJ-01-001, \
            CASE_PASSED XFD-01-002, CASE_PASSED WJW-01-001, CASE_PASSED CGJ-01-001, CASE_PASSED SJJ-01-002, \
            CASE_PASSED GAJ-01-001, REVIEW_CLAIMED SJJ-01-001, OPINION_GIVEN SJJ-01-001, CASE_GRANTED SJJ-01-001, \
            CASE_STARTED XFD-01-002, CASE_STARTED WJW-01-001, CASE_STARTED CGJ-01-001, CASE_STARTED SJJ-01-002").await;
        life.due("XFD-01-002 05-25 06-01, WJW-01-001 05-25 06-15, CGJ-01-001 05-21 06-15, SJJ-01-002 05-25 06-01").await;
        life.day("2026-05-20").await;
        life.granted("CGJ-01-001, SJJ-01-002, XFD-01-002, WJW-01-001").await;
        // From the 20th: five and twenty working days.
        life.due("GAJ-01-001 05-27 06-17").await;
        life.stands("IN_REVIEW: SJJ-01-001 GRANTED, XFD-01-002 GRANTED, WJW-01-001 GRANTED, CGJ-01-001 GRANTED, \
            SJJ-01-002 GRANTED, GAJ-01-001 IN_REVIEW").await;

        life.asks("GAJ-01-001", &["ZJJ", "WLJ?"]).await;
        for (department, opinion) in [("ZJJ", "AGREE"), ("WLJ", "DISAGREE")] {
            let review = life.in_inbox_of(department, "GAJ-01-001").await;
            life.opines(department, &review, opinion, Some("见现场核查记录")).await.done();
        }
        assert_eq!(life.conflicts("GAJ-01-001").await, ["OPINIONS ZJJ WLJ"]);
        let mediation = life.mediated("GAJ", "GAJ-01-001", ["ZJJ", "WLJ"]).await;
        assert_eq!(life.mediation("GAJ-01-001").await, "OPEN LEAD 05-25");
        for (department, position) in [("WLJ", "客房数与登记不符"), ("ZJJ", "以竣工图为准")] {
            let position = json!({ "position": position });
            app.reviewer(department).does("mediationTakePosition", &mediation, position).await.done();
        }
        life.examined("GAJ-01-001").await;
        let case = life.case("GAJ-01-001").clone();
        let open = app.decide(&case, "GRANT", Some("文旅部门意见已当面协调")).await;
        assert_eq!(open.user_errors("caseDecide"), ["MEDIATION_OPEN"]);
        life.day("2026-05-22").await;
        // The clocks have run on.
        life.due("GAJ-01-001 05-27 06-17").await;
        let agreed = json!({ "settlement": "按竣工图核定客房数" });
        app.lead("GAJ").does("mediationSettle", &mediation, agreed).await.done();
        assert_eq!(life.mediation("GAJ-01-001").await, "SETTLED LEAD -");
        life.happened("REVIEW_CLAIMED CGJ-01-001, OPINION_GIVEN CGJ-01-001, CASE_GRANTED CGJ-01-001, \
            REVIEW_CLAIMED SJJ-01-002, OPINION_GIVEN SJJ-01-002, CASE_GRANTED SJJ-01-002, REVIEW_CLAIMED XFD-01-002, \
            OPINION_GIVEN XFD-01-002, CASE_GRANTED XFD-01-002, REVIEW_CLAIMED WJW-01-001, OPINION_GIVEN WJW-01-001, \
            CASE_GRANTED WJW-01-001, CASE_STARTED GAJ-01-001, OPINION_ASKED GAJ-01-001, OPINION_ASKED GAJ-01-001, \
            REVIEW_CLAIMED GAJ-01-001, OPINION_GIVEN GAJ-01-001, REVIEW_CLAIMED GAJ-01-001, OPINION_GIVEN GAJ-01-001, \
            MEDIATION_OPENED GAJ-01-001, MEDIATION_TOLD GAJ-01-001, MEDIATION_TOLD GAJ-01-001, \
            MEDIATION_POSITION_TAKEN GAJ-01-001, MEDIATION_POSITION_TAKEN GAJ-01-001, REVIEW_CLAIMED GAJ-01-001, \
            OPINION_GIVEN GAJ-01-001, MEDIATION_SETTLED GAJ-01-001, MEDIATION_TOLD GAJ-01-001, \
            MEDIATION_TOLD GAJ-01-001").await;
        let bare = app.decide(&case, "GRANT", None).await;
        assert_eq!((bare.user_errors("caseDecide"), bare.fields("caseDecide")),
            (vec!["REASONS_REQUIRED".to_owned()], vec!["reasons".to_owned()]));
        app.decide(&case, "GRANT", Some("文旅部门意见已当面协调")).await.done();
        assert_eq!(life.reviews("GAJ-01-001").await, "GIVEN, ZJJ GIVEN, WLJ GIVEN");
        life.delivered("2026-05-22", "2026-05-25", "GRANTED").await;
        life.stands("CLOSED: SJJ-01-001 CLOSED, XFD-01-002 CLOSED, WJW-01-001 CLOSED, CGJ-01-001 CLOSED, \
            SJJ-01-002 CLOSED, GAJ-01-001 CLOSED").await;
    }
}

mod suspended {
    //! 开办餐饮店 with an inspection from 30 March to 8 April, under each policy for the joint clock. Qingming is off: 4 to
    //! 6 April.

    use super::*;

    each_db! { on seeded
        /// Six working days are not charged to the joint clock: 31 March to 3 April, and the 7th and the 8th.
        async fn restaurant_whose_joint_clock_stands_while_any_case_is_suspended(database: TestDatabase) {
            restaurant(database, JointPolicy::Any, ["- -", "- -", "04-28 06-11"]).await;
        }

        /// From 1 April the suspended case is the only one left: the 2nd, the 3rd, the 7th and the 8th are not charged.
        async fn restaurant_whose_joint_clock_stands_while_all_cases_are_suspended(database: TestDatabase) {
            restaurant(database, JointPolicy::All, ["04-20 06-03", "- -", "04-24 06-09"]).await;
        }

        async fn restaurant_whose_joint_clock_stands_for_no_suspension(database: TestDatabase) {
            restaurant(database, JointPolicy::None, ["04-20 06-03", "04-20 06-03", "04-20 06-03"]).await;
        }
    }

    /// The joint dates: when it is suspended, when it is the only one left, and when it has gone on.
    async fn restaurant(database: &TestDatabase, policy: JointPolicy, joint: [&str; 3]) {
        let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
            config.conventions.joint_suspension_policy = policy;
        })
        .await;
        app.clock.set_day("2026-03-27");
        let mut life = Life::received(&app, "YJS-001", "Q1=N Q2=Y Q3=P Q4=Y Q5=Y Q6=N").await;
        life.accepted().await;
        life.stands("IN_REVIEW: SJJ-01-001 IN_REVIEW, XFD-01-001 AWAITING_PREDECESSOR, CGJ-01-001 AWAITING_PREDECESSOR, \
            ZJJ-01-004 AWAITING_PREDECESSOR, SJJ-01-002 AWAITING_PREDECESSOR").await;
        life.joint("04-20 06-03").await;
        life.due("SJJ-01-001 03-27 04-01, XFD-01-001 - -").await;
        life.granted("SJJ-01-001, XFD-01-001").await;
        life.due("XFD-01-001 03-27 03-27, CGJ-01-001 04-01 04-27, ZJJ-01-004 04-03 04-27, SJJ-01-002 04-03 04-13").await;
        life.happened("APPLICATION_RECEIVED, APPLICATION_ACCEPTED, CASE_PASSED SJJ-01-001, CASE_STARTED SJJ-01-001, \
            CASE_PASSED XFD-01-001, CASE_PASSED CGJ-01-001, CASE_PASSED ZJJ-01-004, CASE_PASSED SJJ-01-002, \
            REVIEW_CLAIMED SJJ-01-001, OPINION_GIVEN SJJ-01-001, CASE_GRANTED SJJ-01-001, CASE_STARTED XFD-01-001, \
            CASE_STARTED CGJ-01-001, CASE_STARTED ZJJ-01-004, CASE_STARTED SJJ-01-002, REVIEW_CLAIMED XFD-01-001, \
            OPINION_GIVEN XFD-01-001, CASE_GRANTED XFD-01-001").await;

        life.day("2026-03-30").await;
        life.suspended("ZJJ-01-004", "INSPECTION", 5).await;
        life.due("ZJJ-01-004 - -, CGJ-01-001 04-01 04-27, SJJ-01-002 04-03 04-13")
            .await;
        life.joint(joint[0]).await;
        life.day("2026-04-01").await;
        life.granted("CGJ-01-001, SJJ-01-002").await;
        life.stands("IN_REVIEW: SJJ-01-001 GRANTED, XFD-01-001 GRANTED, CGJ-01-001 GRANTED, ZJJ-01-004 SUSPENDED, \
            SJJ-01-002 GRANTED").await;
        life.day("2026-04-02").await;
        life.joint(joint[1]).await;
        life.day("2026-04-08").await;
        life.resumed("ZJJ-01-004", "INSPECTION").await;
        life.due("ZJJ-01-004 04-14 05-08").await;
        life.joint(joint[2]).await;
        life.day("2026-04-09").await;
        life.granted("ZJJ-01-004").await;
        life.joint(joint[2]).await;
        life.delivered("2026-04-10", "2026-04-13", "GRANTED").await;
        life.stands(
            "CLOSED: SJJ-01-001 CLOSED, XFD-01-001 CLOSED, CGJ-01-001 CLOSED, ZJJ-01-004 CLOSED, \
            SJJ-01-002 CLOSED",
        )
        .await;
        server.stop().await;
    }
}

mod escalated {
    //! 工程建设项目联合验收 of which two departments cannot agree. The government has named 发展改革局 for conflicts. Qingming is
    //! off: 4 to 6 April; 1 to 5 May are off, and Saturday, 9 May is worked.

    use super::*;

    /// Each level has three working days, and climbs at the beginning of the day after, which is the first of the next: since
    /// when, who holds it, its last day.
    const LEVELS: [(&str, &str, &str); 4] = [
        ("2026-04-02", "LEAD", "04-08"),
        ("2026-04-09", "CENTRE", "04-13"),
        ("2026-04-14", "NAMED_DEPARTMENT", "04-16"),
        ("2026-04-17", "GOVERNMENT_HEAD", "04-21"),
    ];

    each_db! { on seeded
        async fn joint_acceptance_with_a_conflict_escalated_to_the_top_while_the_clocks_run_on(database: TestDatabase) {
            let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
                config.mediation.named_department = "FGW".to_owned();
            })
            .await;
            app.clock.set_day("2026-04-02");
            let mut life = Life::received(&app, "YJS-006", "Q1=Y").await;
            life.accepted().await;
            life.joint("04-17 06-09").await;
            life.due("ZRZY-07-001 04-10 05-06, ZJJ-01-003 04-10 04-24").await;
            life.asks("ZRZY-07-001", &["XFD"]).await;
            let asked = life.in_inbox_of("XFD", "ZRZY-07-001").await;
            life.opines("XFD", &asked, "DISAGREE", Some("疏散通道宽度不足")).await.done();
            life.examined("ZRZY-07-001").await;
            assert_eq!(life.conflicts("ZRZY-07-001").await, ["OPINIONS ZRZY XFD"]);
            let mediation = life.mediated("ZJJ", "ZRZY-07-001", ["ZRZY", "XFD"]).await;
            life.happened("APPLICATION_RECEIVED, APPLICATION_ACCEPTED, CASE_PASSED ZRZY-07-001, CASE_STARTED ZRZY-07-001, \
                CASE_PASSED ZJJ-01-003, CASE_STARTED ZJJ-01-003, CASE_PASSED ZJJ-10-001, CASE_PASSED ZRZY-07-002, \
                OPINION_ASKED ZRZY-07-001, REVIEW_CLAIMED ZRZY-07-001, OPINION_GIVEN ZRZY-07-001, \
                REVIEW_CLAIMED ZRZY-07-001, OPINION_GIVEN ZRZY-07-001, MEDIATION_OPENED ZRZY-07-001, \
                MEDIATION_TOLD ZRZY-07-001, MEDIATION_TOLD ZRZY-07-001").await;

            let case = life.case("ZRZY-07-001").clone();
            let settle = json!({ "settlement": "限期整改后同意" });
            let holders = [app.lead("ZJJ"), app.administrator(), app.decider("FGW"), app.administrator()];
            for (at, (since, level, last)) in LEVELS.into_iter().enumerate() {
                life.day(since).await;
                assert_eq!(life.mediation("ZRZY-07-001").await, format!("OPEN {level} {last}"));
                // The next level decides nothing yet, and the former one nothing any more.
                for other in [at.checked_sub(1), (at < 3).then_some(at + 1)].into_iter().flatten() {
                    let early = holders[other].does("mediationSettle", &mediation, settle.clone()).await;
                    let refused = early.user_errors("mediationSettle");
                    assert!(["MEDIATION_ELSEWHERE", "NOT_FOUND"].contains(&&*refused[0]), "{since}: {early}");
                }
                let moot = app.decide(&case, "GRANT", Some("已协调")).await;
                assert_eq!(moot.user_errors("caseDecide"), ["MEDIATION_OPEN"]);
                // All clocks run on, and the other case goes its way.
                life.joint("04-17 06-09").await;
                life.due("ZRZY-07-001 04-10 05-06, ZJJ-01-003 04-10 04-24").await;
                if at == 0 {
                    life.granted("ZJJ-01-003").await;
                }
            }
            life.stands("IN_REVIEW: ZRZY-07-001 DECIDING, ZJJ-01-003 GRANTED, ZJJ-10-001 AWAITING_PREDECESSOR, \
                ZRZY-07-002 AWAITING_PREDECESSOR").await;
            life.happened("REVIEW_CLAIMED ZJJ-01-003, OPINION_GIVEN ZJJ-01-003, CASE_GRANTED ZJJ-01-003, \
                MEDIATION_CLIMBED ZRZY-07-001, MEDIATION_TOLD ZRZY-07-001, MEDIATION_CLIMBED ZRZY-07-001, \
                MEDIATION_TOLD ZRZY-07-001, MEDIATION_TOLD ZRZY-07-001, MEDIATION_CLIMBED ZRZY-07-001, \
                MEDIATION_TOLD ZRZY-07-001").await;

            // The head of the government decides; XFD keeps its view on record, and the grant gives reasons against it.
            life.day("2026-04-21").await;
            let minority = json!({ "departmentCode": "XFD", "view": "疏散通道宽度不足，不应同意" });
            app.administrator().does("mediationRecordMinority", &mediation, minority).await.done();
            assert_eq!(life.mediation("ZRZY-07-001").await, "MINORITY_VIEW GOVERNMENT_HEAD -");
            let bare = app.decide(&case, "GRANT", None).await;
            assert_eq!(bare.user_errors("caseDecide"), ["REASONS_REQUIRED"]);
            app.decide(&case, "GRANT", Some("政府负责人决定：限期整改后同意")).await.done();
            // Fifteen calendar days and thirty working days from the last result: the dependants had waited.
            life.due("ZJJ-10-001 04-21 05-06, ZRZY-07-002 - -").await;
            life.granted("ZJJ-10-001").await;
            life.due("ZRZY-07-002 04-24 06-04").await;
            life.granted("ZRZY-07-002").await;
            life.happened("MEDIATION_MINORITY_RECORDED ZRZY-07-001, MEDIATION_TOLD ZRZY-07-001, CASE_GRANTED ZRZY-07-001, \
                CASE_STARTED ZJJ-10-001, REVIEW_CLAIMED ZJJ-10-001, OPINION_GIVEN ZJJ-10-001, CASE_GRANTED ZJJ-10-001, \
                CASE_STARTED ZRZY-07-002, REVIEW_CLAIMED ZRZY-07-002, OPINION_GIVEN ZRZY-07-002, \
                CASE_GRANTED ZRZY-07-002, APPLICATION_CONCLUDED").await;
            life.delivered("2026-04-23", "2026-04-24", "GRANTED").await;
            life.stands("CLOSED: ZRZY-07-001 CLOSED, ZJJ-01-003 CLOSED, ZJJ-10-001 CLOSED, ZRZY-07-002 CLOSED").await;
            server.stop().await;
        }
    }
}
