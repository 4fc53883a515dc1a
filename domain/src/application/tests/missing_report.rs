//! The one correction notice: what departments miss in time is told once, and what is wanted beyond it is on record.

use super::hall::{Hall, Matter, bundle, date};
use super::*;
use crate::application::{Notice, Wished};
use crate::code::Code as _;
use crate::missing::{MissingPoint, Reports, Wish};

/// Received on Monday, the second of March: departments report until the 5th, the check runs until the 9th.
struct Scene {
    matter: Matter,
    reports: Reports,
}

fn scene() -> Scene {
    Scene {
        matter: Hall::new().joint().receive("03-02", "A, B, C"),
        reports: Reports::default(),
    }
}

/// `图 印` are two points.
fn points(words: &str, department: &str) -> Vec<MissingPoint> {
    let words = words.split_whitespace();
    words
        .map(|text| MissingPoint {
            text: text.to_owned(),
            basis: "某办法 第五条".to_owned(),
            material: None,
            wanted_by: vec![Wish {
                department: department.to_owned(),
                item: None,
            }],
        })
        .collect()
}

impl Scene {
    fn answer(&mut self, wished: Result<Wished, Rejected>) -> String {
        match wished {
            Ok(Wished::Done(happenings)) => {
                self.matter.note(&happenings, Some(person(1).account));
                told(&Ok(Outcome::Done(happenings)))
            }
            Ok(Wished::Unchanged) => "unchanged".to_owned(),
            Ok(Wished::Unlawful { refusal, raises }) => {
                let raised = raises.expect("the rule is on");
                let department = raised.department.unwrap_or_default();
                let (code, level) = (refusal.reason.code().code(), raised.level.code());
                format!("{code}: {level} {department} {}", raised.key.occurrence)
            }
            Err(refused) => refused.reason.code().code().to_owned(),
        }
    }

    /// The department of a case reports; no words, nothing is missing.
    fn report(&mut self, on: &str, case: usize, words: &str) -> String {
        self.matter.come(date(on));
        let points = points(words, &format!("D-{}", letter(case)));
        let (file, hall) = (&mut self.matter.file, &self.matter.hall);
        let at = self.matter.last;
        let wished = file.report_missing(&mut self.reports, case_id(case), points, at, hall);
        self.answer(wished)
    }

    fn send(&mut self, on: &str, merges: bool, words: &str) -> String {
        self.matter.come(date(on));
        let notice = Notice {
            points: points(words, "D-L"),
            merges,
            days: None,
            lead: merges.then(|| "D-L".to_owned()),
        };
        let when = When::now(self.matter.last);
        let (file, hall) = (&mut self.matter.file, &self.matter.hall);
        let wished = file.send_notice(&mut self.reports, notice, when, hall);
        self.answer(wished)
    }

    fn says(&mut self, words: &str) -> String {
        self.matter.says(words)
    }

    fn told(&self) -> String {
        let noticed = self.reports.noticed.iter().flatten();
        let lines = noticed.map(|point| {
            let wanted = point.wanted_by.iter().map(|wish| &*wish.department);
            format!("{}: {}", point.text, wanted.collect::<Vec<_>>().join(" "))
        });
        lines.collect::<Vec<_>>().join(", ")
    }

    fn state(&self, case: usize) -> &'static str {
        let (file, today) = (&self.matter.file, self.matter.last.today);
        let state = file.report_state(case_of(file, case), today, &self.matter.hall);
        state.map_or("", |state| state.code())
    }
}

#[test]
fn all_reports_are_told_once_and_the_case_goes_on_after_the_supplement() {
    let mut scene = scene();
    assert_eq!(scene.state(0), "AWAITED");
    assert_eq!(scene.report("03-02", 0, "图 印"), "MISSING_REPORTED A");
    assert_eq!(scene.report("03-02", 0, "图 印"), "unchanged");
    assert_eq!(scene.report("03-03", 0, "图"), "MISSING_REPORTED A");
    assert_eq!(scene.send("03-03", true, ""), "REPORTS_OUTSTANDING");
    assert_eq!(scene.report("03-03", 1, "图 章"), "MISSING_REPORTED B");
    assert_eq!(scene.report("03-04", 2, ""), "COMPLETENESS_REPORTED C");
    assert_eq!(
        [0, 1, 2].map(|case| scene.state(case)),
        ["MISSING", "MISSING", "COMPLETE"]
    );
    assert_eq!(scene.says("03-04 accept"), "refused MISSING_REPORTED");
    assert_eq!(
        scene.says("03-04 notice"),
        "CORRECTION_NOTICED",
        "the core by itself knows no reports"
    );
}

#[test]
fn the_merged_notice_names_each_point_once_and_everybody_who_wants_it() {
    let mut scene = scene();
    scene.report("03-02", 0, "图");
    scene.report("03-03", 1, "图 章");
    assert_eq!(
        scene.send("03-03", false, "证"),
        "REPORTS_OUTSTANDING",
        "not by hand, as long as somebody may report"
    );
    scene.report("03-04", 2, "");
    assert_eq!(
        scene.send("03-04", false, "证"),
        "MISSING_REPORTED",
        "not by hand"
    );
    assert_eq!(scene.send("03-04", true, "证"), "CORRECTION_NOTICED");
    assert_eq!(scene.told(), "图: D-A D-B, 章: D-B, 证: D-L");
    assert_eq!(
        scene.matter.states(),
        "CORRECTION: A CORRECTION, B CORRECTION, C CORRECTION"
    );
    assert_eq!(scene.says("03-06 supplement"), "SUPPLEMENTED");
    // Only of what was told can anything still be missing, and three days from the supplement.
    assert_eq!(scene.state(1), "AWAITED");
    let beyond = "POINT_NOT_IN_NOTICE: RED D-C REPORT:1:RED";
    assert_eq!(scene.report("03-06", 2, "新"), beyond);
    assert_eq!(scene.report("03-09", 1, "章"), "MISSING_REPORTED B");
    assert_eq!(scene.says("03-09 accept"), "refused MISSING_REPORTED");
    assert_eq!(
        scene.report("03-12", 1, ""),
        "COMPLETENESS_REPORTED B",
        "late, but it takes back"
    );
    assert!(
        scene
            .says("03-12 accept")
            .starts_with("APPLICATION_ACCEPTED")
    );
    assert_eq!(scene.state(1), "COMPLETE");
    assert_eq!(
        scene.state(0),
        "",
        "nothing was said, and nothing is to be said any more"
    );
}

#[test]
fn who_said_nothing_in_time_may_not_ask_later() {
    let mut scene = scene();
    scene.report("03-05", 0, "图 章");
    let late = "REPORT_TOO_LATE: RED D-B REPORT:1:RED";
    assert_eq!(
        scene.report("03-06", 1, "图"),
        late,
        "others asked for it, and it did not"
    );
    assert_eq!(scene.state(1), "SILENT");
    assert_eq!(
        scene.report("03-06", 0, "图"),
        "MISSING_REPORTED A",
        "it may want less"
    );
    let more = "REPORT_TOO_LATE: RED D-A REPORT:1:RED";
    assert_eq!(scene.report("03-06", 0, "图 新"), more);
    assert_eq!(
        scene.send("03-06", true, ""),
        "CORRECTION_NOTICED",
        "the silent miss nothing"
    );
    assert_eq!(scene.report("03-06", 1, "新"), late);
    assert_eq!(
        scene.report("03-06", 1, "图"),
        "REPORT_TOO_LATE",
        "the applicant was told, so it is nothing new"
    );
    assert_eq!(scene.report("03-06", 1, ""), "WRONG_STATE");
}

#[test]
fn after_acceptance_nothing_is_asked_for_any_more() {
    let mut scene = scene();
    scene.matter = scene.matter.clone().after("03-02 accept");
    assert_eq!(
        scene.report("03-03", 0, "图"),
        "REPORT_TOO_LATE",
        "its days were not over, and nobody was told of anything"
    );
    assert_eq!(
        scene.report("03-06", 0, "图"),
        "REPORT_TOO_LATE: RED D-A REPORT:1:RED"
    );
    assert_eq!(scene.report("03-06", 0, ""), "WRONG_STATE");
    let mut silent = self::scene();
    silent.report("03-03", 0, "图");
    silent.matter.come(date("03-10"));
    assert!(
        silent.matter.states().starts_with("IN_REVIEW"),
        "silence accepts whatever was reported"
    );
    assert_eq!(silent.report("03-10", 0, ""), "DEEMED_ACCEPTED");
    assert_eq!(silent.send("03-10", true, ""), "DEEMED_ACCEPTED");
}

#[test]
fn a_second_notice_that_wants_more_is_on_record() {
    let mut scene = scene();
    assert_eq!(scene.send("03-05", false, "图"), "REPORTS_OUTSTANDING");
    assert_eq!(
        scene.send("03-06", false, "图"),
        "CORRECTION_NOTICED",
        "by hand, when nobody may report any more"
    );
    assert_eq!(scene.send("03-09", false, "图"), "CORRECTION_TWICE");
    assert_eq!(
        scene.send("03-09", false, "图 新"),
        "CORRECTION_TWICE: RED  NOTICE:1:RED"
    );
    scene.says("03-10 supplement");
    assert_eq!(scene.send("03-10", false, "图"), "CORRECTION_TWICE");
    assert_eq!(
        scene.send("03-10", true, "新"),
        "CORRECTION_TWICE: RED D-L NOTICE:1:RED"
    );
}

#[test]
fn nothing_is_told_where_nothing_is_missing_and_a_case_that_ended_is_not_waited_for() {
    let mut scene = scene();
    scene.report("03-02", 0, "图");
    assert_eq!(scene.says("03-02 A not competent"), "CASE_NOT_COMPETENT A");
    assert_eq!(scene.report("03-02", 0, "图"), "ALREADY_DECIDED");
    scene.report("03-02", 1, "");
    assert_eq!(scene.send("03-02", true, ""), "REPORTS_OUTSTANDING");
    scene.report("03-02", 2, "");
    assert_eq!(scene.send("03-02", true, ""), "CORRECTION_EMPTY");
    assert!(
        scene
            .says("03-02 accept")
            .starts_with("APPLICATION_ACCEPTED")
    );
}

#[test]
fn on_the_last_day_of_the_check_the_notice_waits_for_nobody() {
    let hall = Hall::new().joint().convening(|conventions| {
        conventions.acceptance_check_days = 2;
    });
    let mut scene = Scene {
        matter: hall.receive("03-02", "A, B, C"),
        reports: Reports::default(),
    };
    scene.report("03-03", 0, "图");
    assert_eq!(scene.send("03-03", true, ""), "REPORTS_OUTSTANDING");
    assert_eq!(scene.state(1), "AWAITED");
    assert_eq!(scene.send("03-04", true, ""), "CORRECTION_NOTICED");
    assert_eq!(scene.told(), "图: D-A");
}

#[test]
fn the_days_of_the_departments_end_with_the_check_at_the_latest() {
    let due = |check: u32, component: u32| {
        let hall = Hall::new().convening(|conventions| {
            conventions.acceptance_check_days = check;
            conventions.component_check_days = component;
        });
        let matter = hall.receive("03-06", "A");
        matter.file.report_due(&matter.hall).to_string()
    };
    assert_eq!(due(5, 3), "2026-03-11");
    assert_eq!(due(2, 3), "2026-03-10");
    assert_eq!(bundle().joint_promised.n, 10, "which is another clock");
}

/// A department of the same application has fewer days for the check, and so have all for their reports.
#[test]
fn reports_are_due_with_the_shortest_check() {
    let fewer = |item: &mut crate::item::ItemVersion| {
        item.acceptance_check = Some(crate::item::AcceptanceCheck {
            days: 2,
            online_days: None,
        });
    };
    let hall = Hall::new().joint().publishing("C", fewer);
    let matter = hall.receive("03-02", "A, B, C");
    assert_eq!(matter.file.report_due(&matter.hall), date("03-04"));
    let matter = Hall::new().joint().receive("03-02", "A, B, C");
    assert_eq!(matter.file.report_due(&matter.hall), date("03-05"));
    // A day off moves them as long as they have not passed.
    for (adopted_on, due_on) in [("03-05", "03-06"), ("03-06", "03-05")] {
        let matter = matter.clone().adopting(adopted_on, &["03-05"]);
        let due = matter.file.report_due(&matter.hall);
        assert_eq!(due, date(due_on), "adopted on {adopted_on}");
    }
}
