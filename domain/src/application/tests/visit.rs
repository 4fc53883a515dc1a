//! Departments that come together: in time, in two persons, with one record, and none shown as what it was not.

use super::hall::{Hall, Matter, bundle, date};
use super::*;
use crate::calendar::start_of;
use crate::code::Code as _;
use crate::ids::VisitId;
use crate::visit::{
    Attendance, FoundDefect, Mended, Record, RecordLine, Visit, VisitKind, VisitPolicy, VisitState,
};

/// One o'clock in the afternoon, by the clock of the hall.
fn afternoon(day: &str) -> DateTime<Utc> {
    start_of(date(day)) + TimeDelta::hours(13)
}

/// `A: 张三 李四`, `B` without persons, `C!: …` with a reason to come again.
fn called(words: &str) -> Called {
    let (name, persons) = words.split_once(':').unwrap_or((words, ""));
    Called {
        department: format!("D-{}", name.trim().trim_end_matches('!')),
        persons: persons.split_whitespace().map(str::to_owned).collect(),
        again_because: name.ends_with('!').then(|| "整改后复查".to_owned()),
    }
}

fn call(kind: VisitKind, on: &str, departments: &str) -> CallVisit {
    CallVisit {
        kind,
        begins_at: afternoon(on),
        place: "人民路 1 号".to_owned(),
        departments: departments.split(", ").map(called).collect(),
    }
}

/// `A 同意` came and concluded, `B absent` did not come, `C absent 同意` cannot be.
fn record(lines: &str, defects: &[(&str, &str)]) -> Record {
    let line = |words: &str| {
        let mut words = words.split_whitespace();
        let department = format!("D-{}", words.next().unwrap());
        let rest: Vec<&str> = words.collect();
        let present = rest.first() != Some(&"absent");
        let mut said = rest.into_iter().filter(|word| *word != "absent");
        RecordLine {
            department,
            present,
            conclusion: said.next_back().map(str::to_owned),
        }
    };
    let found = |(text, departments): &(&str, &str)| FoundDefect {
        text: (*text).to_owned(),
        departments: departments
            .split_whitespace()
            .map(|name| format!("D-{name}"))
            .collect(),
        due_on: date("03-20"),
    };
    Record {
        text: "现场查看".to_owned(),
        lines: lines
            .split(", ")
            .filter(|words| !words.is_empty())
            .map(line)
            .collect(),
        defects: defects.iter().map(found).collect(),
    }
}

/// A matter with its visits.
struct Scene {
    matter: Matter,
    visits: Vec<Visit>,
    policy: VisitPolicy,
}

/// Three cases under review since the second of March, a Monday; the third waits for the first.
fn scene() -> Scene {
    let matter = Hall::new().receive("03-02", "A, B, C after A, D");
    Scene {
        matter: matter.after("03-02 accept"),
        visits: Vec::new(),
        policy: VisitPolicy::default(),
    }
}

impl Scene {
    fn at(&mut self, day: &str) -> Moment {
        self.matter.come(date(day));
        let now = afternoon(day) + TimeDelta::hours(1);
        Moment {
            now,
            ..self.matter.last
        }
    }

    fn call(&mut self, on: &str, call: CallVisit) -> String {
        let at = self.at(on);
        let id = VisitId::new(Uuid::from_u128(900 + self.visits.len() as u128));
        let (file, hall) = (&mut self.matter.file, &self.matter.hall);
        let rules = (hall as &dyn Rules, &self.policy);
        match file.call_visit(&self.visits, call, (Some("D-A".to_owned()), id), at, rules) {
            Ok((visit, happenings)) => {
                self.visits.push(visit);
                self.matter.note(&happenings, Some(person(1).account));
                told(&Ok(Outcome::Done(happenings)))
            }
            Err(refused) => said(&refused),
        }
    }

    fn hold(&mut self, on: &str, record: Record) -> String {
        let at = self.at(on);
        let visit = self.visits.last_mut().unwrap();
        let before = visit.clone();
        match self
            .matter
            .file
            .record_visit(visit, record, at, &self.policy)
        {
            Ok(_) => attendance(visit),
            Err(refused) => {
                assert_eq!(*visit, before, "a refusal changes nothing");
                said(&refused)
            }
        }
    }

    fn conclude(
        &mut self,
        on: &str,
        department: &str,
        opinion: Option<(usize, OpinionKind)>,
    ) -> String {
        let at = self.at(on);
        let visit = self.visits.last_mut().unwrap();
        let concluding = Concluding {
            text: "符合条件".to_owned(),
            opinion: opinion.map(|(number, kind)| (id(number), kind)),
        };
        let file = &mut self.matter.file;
        let answer = file.conclude_at_visit(visit, department, concluding, &person(1), at);
        match &answer {
            Err(refused) => said(refused),
            Ok(_) => told(&answer),
        }
    }
}

fn said(refused: &Rejected) -> String {
    let place = refused.field.join(".");
    format!("{} {place}", refused.reason.code().code())
        .trim_end()
        .to_owned()
}

fn attendance(visit: &Visit) -> String {
    let parts = visit.parts.iter().map(|part| {
        let came = part.attendance.map_or("unknown", Attendance::code);
        format!("{} {came}", part.department.trim_start_matches("D-"))
    });
    parts.collect::<Vec<_>>().join(", ")
}

const SITE: VisitKind = VisitKind::SiteVisit;

#[test]
fn whoever_cannot_be_called_is_named_and_nothing_is_called() {
    let two = "A: 张三 李四, B";
    let many = ["A"; 21].join(", ");
    for (kind, on, departments, expected) in [
        (
            SITE,
            "03-03",
            two,
            "VISIT_CALLED, VISIT_TOLD A, VISIT_TOLD B",
        ),
        (SITE, "03-02", two, "VISIT_IN_PAST beginsAt"),
        (SITE, "02-27", two, "VISIT_IN_PAST beginsAt"),
        (
            SITE,
            "03-03",
            "A: 张三 李四",
            "DEPARTMENTS_TOO_FEW departments",
        ),
        (SITE, "03-03", &many, "LIST_TOO_LONG departments"),
        (
            SITE,
            "03-03",
            "A, A",
            "DEPARTMENT_TWICE departments.1.departmentCode",
        ),
        (
            SITE,
            "03-03",
            "A, Z",
            "DEPARTMENT_TAKES_NO_PART departments.1.departmentCode",
        ),
        (
            SITE,
            "03-03",
            "A: 张三, B",
            "TWO_PERSONS_NEEDED departments.0.persons",
        ),
        (
            SITE,
            "03-03",
            "A, B: 张三 张三",
            "PERSON_TWICE departments.1.persons.1",
        ),
        (
            VisitKind::Meeting,
            "03-03",
            "A: 张三, B",
            "VISIT_CALLED, VISIT_TOLD A, VISIT_TOLD B",
        ),
    ] {
        let mut scene = scene();
        let answer = scene.call("03-02", call(kind, on, departments));
        assert_eq!(answer, expected, "{on} {departments}");
        assert_eq!(
            scene.visits.len(),
            usize::from(answer.starts_with("VISIT_CALLED"))
        );
    }
    let mut scene = scene();
    let far = CallVisit {
        begins_at: start_of(date("2028-03-02")),
        ..call(SITE, "03-03", two)
    };
    assert_eq!(scene.call("03-02", far), "DATE_OUT_OF_RANGE beginsAt");
}

#[test]
fn the_departments_are_told_by_working_days() {
    // Friday; the next working day is Monday, and with three days' notice Wednesday.
    for (days, on, is_in_time) in [
        (1, "03-07", false),
        (1, "03-09", true),
        (3, "03-10", false),
        (3, "03-11", true),
    ] {
        let mut scene = scene();
        scene.policy.notice_workdays = days;
        let answer = scene.call("03-06", call(SITE, on, "A, B"));
        let expected = if is_in_time {
            "VISIT_CALLED, VISIT_TOLD A, VISIT_TOLD B"
        } else {
            "VISIT_NOTICE_SHORT beginsAt"
        };
        assert_eq!(answer, expected, "{days} {on}");
    }
}

#[test]
fn a_department_goes_to_one_visit_at_a_time_and_a_second_time_for_a_reason() {
    let mut scene = scene();
    scene.call("03-02", call(SITE, "03-03", "A: 张三 李四, B: 王五 赵六"));
    let again = call(SITE, "03-05", "B, D");
    assert_eq!(
        scene.call("03-02", again.clone()),
        "VISIT_OPEN departments.0.departmentCode"
    );
    let table = call(VisitKind::Meeting, "03-05", "A, B");
    assert!(
        scene.call("03-02", table).starts_with("VISIT_CALLED"),
        "another kind"
    );
    scene.visits.pop();
    assert_eq!(
        scene.hold("03-03", record("A 合格, B absent", &[])),
        "A PRESENT, B ABSENT"
    );
    assert!(
        scene.call("03-03", again).starts_with("VISIT_CALLED"),
        "who was absent has not seen it"
    );
    scene.visits.pop();
    let answer = scene.call("03-03", call(SITE, "03-05", "A, D"));
    assert_eq!(answer, "REASONS_REQUIRED departments.0.reasons");
    assert!(
        scene
            .call("03-03", call(SITE, "03-05", "A!, D"))
            .starts_with("VISIT_CALLED")
    );
}

#[test]
fn a_record_says_of_each_department_one_thing_once() {
    let mut scene = scene();
    scene.call(
        "03-02",
        call(SITE, "03-03", "A: 张三 李四, B: 王五 赵六, D"),
    );
    let whole = "A 合格, B 合格, D absent";
    for (on, lines, defects, expected) in [
        ("03-02", whole, &[][..], "VISIT_NOT_BEGUN"),
        ("03-03", "A 合格, B 合格", &[], "CONCLUSION_MISSING lines"),
        (
            "03-03",
            "A 合格, A 合格, B 合格",
            &[],
            "DEPARTMENT_TWICE lines.1.departmentCode",
        ),
        (
            "03-03",
            "A 合格, C 合格",
            &[],
            "DEPARTMENT_TAKES_NO_PART lines.1.departmentCode",
        ),
        (
            "03-03",
            "A 合格, B absent 合格, D absent",
            &[],
            "ABSENT_CONCLUDES lines.1.conclusion",
        ),
        (
            "03-03",
            "A, B absent, D absent",
            &[],
            "TEXT_EMPTY lines.0.conclusion",
        ),
        (
            "03-03",
            "A 合格, B 合格, D 合格",
            &[],
            "TWO_PERSONS_NEEDED lines.2.departmentCode",
        ),
        (
            "03-03",
            "A absent, B absent, D absent",
            &[],
            "NOBODY_CAME lines",
        ),
        (
            "03-03",
            whole,
            &[("堵塞", "A"), ("堵塞", "B")],
            "DEFECT_TWICE defects.1.text",
        ),
        (
            "03-03",
            whole,
            &[("堵塞", "")],
            "TEXT_EMPTY defects.0.departmentCodes",
        ),
        (
            "03-03",
            whole,
            &[("堵塞", "A D")],
            "DEPARTMENT_TAKES_NO_PART defects.0.departmentCodes.1",
        ),
        (
            "03-21",
            whole,
            &[("堵塞", "A")],
            "DATE_OUT_OF_RANGE defects.0.mendBy",
        ),
    ] {
        let mut scene = Scene {
            matter: scene.matter.clone(),
            visits: scene.visits.clone(),
            policy: scene.policy.clone(),
        };
        assert_eq!(
            scene.hold(on, record(lines, defects)),
            expected,
            "{on} {lines}"
        );
    }
}

#[test]
fn there_is_one_record_and_each_defect_stands_in_it_once() {
    let mut scene = scene();
    scene.call(
        "03-02",
        call(SITE, "03-03", "A: 张三 李四, B: 王五 赵六, D"),
    );
    let whole = "A 合格, B 合格, D absent";
    let done = record(whole, &[("堵塞", "A B"), ("缺灭火器", "B")]);
    assert_eq!(
        scene.hold("03-03", done.clone()),
        "A PRESENT, B PRESENT, D ABSENT"
    );
    assert_eq!(
        scene.hold("03-03", done),
        "WRONG_STATE",
        "there is one record"
    );
    let visit = &scene.visits[0];
    let defects: Vec<_> = visit
        .defects
        .iter()
        .map(|one| (one.number, one.departments.len()))
        .collect();
    assert_eq!(defects, [(1, 2), (2, 1)]);
    assert!(
        visit
            .parts
            .iter()
            .all(|part| part.came() == part.conclusion.is_some())
    );
}

/// Absence consents to the record and to nothing else, where the centre says so; no review is touched.
#[test]
fn absence_is_shown_as_what_it_is() {
    for (absence_consent, expected) in [(false, "B ABSENT"), (true, "B ABSENT_CONSENTS")] {
        let mut scene = scene();
        scene.policy.absence_consent = absence_consent;
        scene.call("03-02", call(VisitKind::Meeting, "03-03", "A, B"));
        let reviews = scene.matter.file.reviews.clone();
        let told = scene.hold("03-03", record("A 合格, B absent", &[]));
        assert_eq!(told, format!("A PRESENT, {expected}"));
        assert_eq!(scene.visits[0].parts[1].conclusion, None);
        assert_eq!(scene.matter.file.reviews, reviews);
    }
}

#[test]
fn what_a_department_says_itself_stands_and_can_be_its_opinion() {
    let mut scene = scene();
    scene.call("03-02", call(VisitKind::Meeting, "03-03", "A, B"));
    assert_eq!(scene.conclude("03-02", "D-A", None), "VISIT_NOT_BEGUN");
    assert_eq!(
        scene.conclude("03-03", "D-E", None),
        "DEPARTMENT_TAKES_NO_PART visitId"
    );
    let other = Some((1, OpinionKind::Agree));
    assert_eq!(
        scene.conclude("03-03", "D-A", other),
        "NOT_YOURS position.reviewId"
    );
    assert_eq!(
        scene.visits[0].parts[0].conclusion, None,
        "nothing half done"
    );
    let own = Some((0, OpinionKind::Disagree));
    assert_eq!(
        scene.conclude("03-03", "D-A", own),
        "VISIT_CONCLUDED A, OPINION_GIVEN A"
    );
    assert_eq!(scene.conclude("03-03", "D-A", own), "unchanged");
    assert_eq!(scene.conclude("03-03", "D-A", None), "CONCLUSION_TWICE");
    assert_eq!(case_of(&scene.matter.file, 0).state, CaseState::Deciding);
    let twice = record("A 合格, B absent", &[]);
    assert_eq!(
        scene.hold("03-03", twice),
        "CONCLUSION_TWICE lines.0.departmentCode"
    );

    let visit = scene.visits.last_mut().unwrap();
    assert!(
        visit.cancel("改期".to_owned()).is_err(),
        "somebody has spoken"
    );
    let two = vec!["王五".to_owned(), "赵六".to_owned()];
    let others = visit.name_persons("D-A", two.clone()).unwrap_err();
    assert_eq!(said(&others), "CONCLUSION_TWICE", "and who came has come");
    assert!(visit.name_persons("D-B", two).is_ok());
    assert_eq!(
        scene.hold("03-03", record("B absent", &[])),
        "A PRESENT, B ABSENT"
    );
    let conclusion = scene.visits[0].parts[0].conclusion.clone().unwrap();
    assert!(conclusion.signed && conclusion.opinion == Some(OpinionKind::Disagree));
}

#[test]
fn a_visit_is_moved_in_time_or_cancelled_and_then_is_over() {
    let mut scene = scene();
    scene.call("03-02", call(SITE, "03-04", "A: 张三 李四, B"));
    let at = scene.at("03-03");
    let (file, hall) = (&scene.matter.file, &scene.matter.hall);
    let rules = (hall as &dyn Rules, &scene.policy);
    let visit = &mut scene.visits[0];
    let mut to = |day: &str| {
        let to = (afternoon(day), None, "下雨".to_owned());
        file.move_visit(visit, to, at, rules)
    };
    assert_eq!(said(&to("03-03").unwrap_err()), "VISIT_IN_PAST beginsAt");
    assert_eq!(to("03-05").unwrap().len(), 3, "each is told anew");
    let visit = &mut scene.visits[0];
    assert_eq!((visit.on(), visit.version), (date("03-05"), 2));
    assert_eq!(
        visit
            .name_persons("D-A", vec!["张三".to_owned()])
            .unwrap_err()
            .field,
        ["persons"]
    );
    let two = || vec!["王五".to_owned(), "赵六".to_owned()];
    assert!(matches!(
        visit.name_persons("D-B", two()),
        Ok(Outcome::Done(_))
    ));
    assert_eq!(visit.name_persons("D-B", two()), Ok(Outcome::Unchanged));
    assert!(matches!(
        visit.cancel("不再需要".to_owned()),
        Ok(Outcome::Done(_))
    ));
    assert_eq!(visit.cancel("不再需要".to_owned()), Ok(Outcome::Unchanged));
    assert_eq!(visit.state, VisitState::Cancelled);
    assert_eq!(
        scene.hold("03-05", record("A 合格, B 合格", &[])),
        "WRONG_STATE"
    );
}

#[test]
fn a_defect_is_mended_once_by_a_department_that_it_concerns() {
    let mut scene = scene();
    scene.call("03-02", call(SITE, "03-03", "A: 张三 李四, B: 王五 赵六"));
    scene.hold("03-03", record("A 合格, B 整改", &[("堵塞", "B")]));
    let visit = &mut scene.visits[0];
    let by = |department: &str, finding: &str| Mended {
        on: date("03-09"),
        department: department.to_owned(),
        finding: finding.to_owned(),
    };
    assert_eq!(
        said(&visit.mend(2, by("D-B", "已清理")).unwrap_err()),
        "NOT_FOUND number"
    );
    let stranger = visit.mend(1, by("D-A", "已清理")).unwrap_err();
    assert_eq!(said(&stranger), "DEPARTMENT_TAKES_NO_PART number");
    assert!(matches!(
        visit.mend(1, by("D-B", "已清理")),
        Ok(Outcome::Done(_))
    ));
    assert_eq!(visit.mend(1, by("D-B", "已清理")), Ok(Outcome::Unchanged));
    assert_eq!(
        said(&visit.mend(1, by("D-B", "又看")).unwrap_err()),
        "WRONG_STATE"
    );
    assert_eq!(visit.defects.len(), 1, "it stays in the list");
}

/// Where the bundle wants those who visit the site to go together, the lead owes the call, until it is made.
#[test]
fn the_lead_owes_the_call_of_those_who_must_visit_the_site() {
    let visiting = |hall: Hall, codes: &[&str]| {
        codes.iter().fold(hall, |hall, code| {
            hall.publishing(code, |item| item.site_visit = true)
        })
    };
    let together = || Hall {
        bundle: Some(crate::bundle::BundleVersion {
            joint_site_visit: true,
            comprehensive_permit: false,
            ..bundle()
        }),
        ..Hall::new()
    };
    for (hall, expected) in [
        (visiting(together(), &["A", "B", "C"]), vec!["D-A", "D-B"]),
        (visiting(together(), &["A", "C"]), vec![]),
        (visiting(Hall::new().joint(), &["A", "B"]), vec![]),
        (visiting(Hall::new(), &["A", "B"]), vec![]),
    ] {
        let matter = hall
            .receive("03-02", "A, B, C after A")
            .after("03-02 accept");
        assert_eq!(matter.file.unvisited(&matter.hall), expected);
    }
    let matter = visiting(together(), &["A", "B"]).receive("03-02", "A, B");
    let mut scene = Scene {
        matter: matter.after("03-02 accept"),
        visits: Vec::new(),
        policy: VisitPolicy::default(),
    };
    let owes = |scene: &Scene| {
        let outlook = scene.matter.outlook_by_promises();
        outlook
            .owed
            .iter()
            .any(|act| act.kind == OwedActKind::CallVisit)
    };
    assert!(owes(&scene));
    scene.call("03-02", call(VisitKind::Meeting, "03-03", "A, B"));
    assert!(owes(&scene), "a meeting is no site visit");
    scene.call("03-02", call(SITE, "03-03", "A, B"));
    assert!(!owes(&scene));
    let Ok(Outcome::Done(cancelled)) = scene.visits[1].cancel("停电".to_owned()) else {
        panic!("it is not cancelled");
    };
    scene.matter.note(&[cancelled], Some(person(1).account));
    assert!(owes(&scene), "and again when it is cancelled");
}
