//! What is foreseen of an application, day by day, and who owes what.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::hall::{Hall, Matter, date};
use super::*;
use crate::clock::{JointPolicy, Limit};

/// What is known of former cases: by item, the working days that they took.
type Known = BTreeMap<String, History>;

fn known(histories: &[(&str, &[u32])]) -> Known {
    let all = histories.iter();
    all.map(|(item, days)| ((*item).to_owned(), History::of(days.iter().copied())))
        .collect()
}

impl Matter {
    /// What is foreseen today where no case was decided before, so that promises are taken.
    pub(super) fn outlook_by_promises(&self) -> Outlook {
        self.outlook(&Known::new(), &self.last.today.to_string())
    }

    fn outlook(&self, known: &Known, on: &str) -> Outlook {
        let experience = Experience {
            history: &|item| known.get(item),
            least_cases: 3,
        };
        self.file.outlook(experience, date(on), &self.hall)
    }

    /// A line a case, `A 02-10 to 03-03 PROMISE +2*`, where the star says that it is critical; and one for the whole:
    /// `ends 03-03 by A, joint +0/+9`.
    fn foreseen(&self, known: &Known, on: &str) -> String {
        let outlook = self.outlook(known, on);
        let mut lines: Vec<String> = outlook
            .cases
            .iter()
            .map(|case| {
                format!(
                    "{} {} to {} {} +{}{}",
                    self.name(case.case),
                    short(case.starts_on),
                    short(case.ends_on),
                    case.basis.code(),
                    case.slack,
                    if case.critical { "*" } else { "" },
                )
            })
            .collect();
        if let Some(ends_on) = outlook.ends_on {
            let path = outlook.critical_path.iter().map(|id| self.name(*id));
            let path = path.collect::<Vec<_>>().join(" ");
            lines.push(format!("ends {} by {path}", short(ends_on)));
        }
        lines.join("; ")
    }

    /// What is owed, one after the other: `A OPINION of D-A by 03-05 STEP*`.
    fn owed(&self, on: &str) -> String {
        let outlook = self.outlook(&Known::new(), on);
        let lines = outlook.owed.iter().map(|act| {
            let case = act.case.map(|id| format!("{} ", self.name(id)));
            let who = act.department.as_deref().unwrap_or(act.by.code());
            let due = act.due_on.zip(act.clock);
            let due = due.map(|(due_on, clock)| format!(" by {} {}", short(due_on), clock.code()));
            format!(
                "{}{} of {who}{}{}",
                case.unwrap_or_default(),
                act.kind.code(),
                due.unwrap_or_default(),
                if act.critical { "*" } else { "" },
            )
        });
        lines.collect::<Vec<_>>().join("; ")
    }

    fn name(&self, id: CaseId) -> &str {
        let mut cases = self.file.cases.iter();
        cases
            .find(|case| case.id == id)
            .map_or("?", |case| &case.item)
    }
}

fn short(day: NaiveDate) -> String {
    day.format("%m-%d").to_string()
}

/// Over the Spring Festival of 2026: off from 15 to 23 February, worked on Saturday the 14th and Saturday the 28th.
#[test]
fn forecasts_go_around_the_holidays() {
    let none = Known::new();
    let mut matter = Hall::new().joint().receive("02-11", "A, B after A, C");
    assert_eq!(
        matter.foreseen(&none, "02-11"),
        "",
        "nothing is foreseen before acceptance"
    );
    matter.says("02-11 accept");
    // Five working days from the 11th: the 12th, 13th, 14th, 24th, 25th. B after it: the 26th, 27th, 28th, 2 and 3 March.
    // Between the 25th and the 3rd lie five of them.
    let expected = "A 02-11 to 02-25 PROMISE +0*; B 02-25 to 03-03 PROMISE +0*; C 02-11 to 02-25 PROMISE +5; \
        ends 03-03 by A B";
    assert_eq!(matter.foreseen(&none, "02-11"), expected);
    // A took 3 days of late, once 9: the longer of the two in the middle. B took two.
    let some = known(&[("A", &[3, 3, 9, 2]), ("B", &[2, 2, 2]), ("C", &[1, 1])]);
    assert_eq!(
        matter.foreseen(&some, "02-11"),
        "A 02-11 to 02-14 HISTORY +0*; B 02-14 to 02-25 HISTORY +0*; C 02-11 to 02-25 PROMISE +0*; ends 02-25 by A B",
        "two of C are too few"
    );
    // On the 16th, a day off, A has run for three working days, as those three did that ended on the third or later: today
    // would be one of them, but nobody decides before the 24th.
    assert_eq!(
        matter.foreseen(&some, "02-16"),
        "A 02-11 to 02-24 HISTORY +0*; B 02-24 to 02-26 HISTORY +0*; C 02-11 to 02-25 PROMISE +1; ends 02-26 by A B"
    );
    // On the 24th, the fourth day, only the one that took nine is a measure: the ninth day is 2 March.
    assert_eq!(
        matter.foreseen(&some, "02-24"),
        "A 02-11 to 03-02 HISTORY +0*; B 03-02 to 03-04 HISTORY +0*; C 02-11 to 02-25 PROMISE +6; ends 03-04 by A B"
    );
    // Ten working days from the 11th are promised for the whole, 3 March, and 45 by law; the forecast is the eleventh.
    let spare = matter.outlook(&some, "02-24").spare;
    assert_eq!((spare.promised, spare.statutory), (Some(-1), Some(34)));
}

#[test]
fn when_everything_expected_has_passed_it_is_as_if_it_ended_today() {
    let some = known(&[("A", &[1, 2, 3])]);
    let matter = Hall::new().receive("03-02", "A").after("03-02 accept");
    let on = |day: &str| matter.foreseen(&some, day);
    assert_eq!(on("03-02"), "A 03-02 to 03-04 HISTORY +0*; ends 03-04 by A");
    assert_eq!(on("03-05"), "A 03-02 to 03-05 HISTORY +0*; ends 03-05 by A");
    // It has outlasted them, and its promise has not passed yet; then it has. The 14th is a Saturday.
    assert_eq!(on("03-06"), "A 03-02 to 03-09 PROMISE +0*; ends 03-09 by A");
    assert_eq!(on("03-09"), "A 03-02 to 03-09 PROMISE +0*; ends 03-09 by A");
    assert_eq!(on("03-10"), "A 03-02 to 03-10 OVERRUN +0*; ends 03-10 by A");
    assert_eq!(on("03-14"), "A 03-02 to 03-16 OVERRUN +0*; ends 03-16 by A");
    let spare = matter.outlook(&some, "03-10").cases[0].spare;
    assert_eq!((spare.promised, spare.statutory), (Some(-1), Some(14)));
    let whole = matter.outlook(&some, "03-10").spare;
    assert_eq!(whole, Spare::default(), "single items have no joint limits");
}

#[test]
fn an_immediate_item_may_end_today() {
    let hall = Hall::new().publishing("A", |item| item.promised = Limit::workdays(0));
    let matter = hall.receive("03-02", "A, B after A").after("03-02 accept");
    assert_eq!(
        matter.foreseen(&Known::new(), "03-02"),
        "A 03-02 to 03-02 PROMISE +0*; B 03-02 to 03-09 PROMISE +0*; ends 03-09 by A B"
    );
}

/// A procedure of ten days from 4 March ends on the 18th; of the five promised days two are used by then.
#[test]
fn a_suspended_case_does_not_end_before_its_procedure() {
    let some = known(&[("A", &[4, 4, 4])]);
    let matter = Hall::new().joint().receive("03-02", "A, B");
    let matter = matter.after("03-02 accept; 03-04 A begin EXPERT_REVIEW 10");
    assert_eq!(
        matter.foreseen(&Known::new(), "03-04"),
        "A 03-02 to 03-23 PROMISE +0*; B 03-02 to 03-09 PROMISE +10; ends 03-23 by A"
    );
    assert_eq!(
        matter.foreseen(&some, "03-04"),
        "A 03-02 to 03-18 HISTORY +0*; B 03-02 to 03-09 PROMISE +7; ends 03-18 by A"
    );
    // It takes longer than the applicant was told.
    assert_eq!(
        matter.foreseen(&some, "03-20"),
        "A 03-02 to 03-25 PROMISE +0*; B 03-02 to 03-20 OVERRUN +3; ends 03-25 by A"
    );
    // The joint promise stands still as long as one case does: with eight of its ten days left it goes on on the 18th.
    let spare = |policy| {
        let mut matter = matter.clone();
        matter.hall = matter
            .hall
            .convening(|conventions| conventions.joint_suspension_policy = policy);
        matter.outlook(&Known::new(), "03-04").spare.promised
    };
    assert_eq!(spare(JointPolicy::Any), Some(5), "30 March");
    assert_eq!(spare(JointPolicy::All), Some(-5), "16 March");
    assert_eq!(spare(JointPolicy::None), Some(-5), "16 March");
}

#[test]
fn a_case_that_waits_lets_no_joint_clock_go_on() {
    let hall = Hall::new()
        .joint()
        .convening(|law| law.joint_suspension_policy = JointPolicy::All);
    let matter = hall.receive("03-02", "A, B after A");
    let matter = matter.after("03-02 accept; 03-03 A begin TESTING 10");
    // A goes on with the test on the 17th and B after it on the 23rd; the joint clock stands still as long as A, and 9 of its
    // 10 days are left on the 17th.
    let outlook = matter.outlook(&Known::new(), "03-03");
    assert_eq!(outlook.ends_on, Some(date("03-30")));
    assert_eq!(outlook.spare.promised, Some(0));
}

#[test]
fn what_waits_for_several_begins_with_the_last_of_them() {
    let some = known(&[("A", &[8, 8, 8])]);
    let matter = Hall::new().receive("03-02", "A, B, C after A B, D after C");
    let mut matter = matter.after("03-02 accept");
    assert_eq!(
        matter.foreseen(&some, "03-02"),
        "A 03-02 to 03-12 HISTORY +0*; B 03-02 to 03-09 PROMISE +3; C 03-12 to 03-19 PROMISE +0*; \
         D 03-19 to 03-26 PROMISE +0*; ends 03-26 by A C D"
    );
    let waiting = matter.outlook(&some, "03-02").cases[3];
    assert_eq!(
        waiting.spare,
        Spare {
            promised: Some(0),
            statutory: Some(15)
        }
    );
    // Granted on the 4th, A holds up nothing any more.
    matter = matter.after("03-03 A agree; 03-04 A grant");
    assert_eq!(
        matter.foreseen(&some, "03-04"),
        "B 03-02 to 03-09 PROMISE +0*; C 03-09 to 03-16 PROMISE +0*; D 03-16 to 03-23 PROMISE +0*; ends 03-23 by B C D"
    );
    // What ended because another was refused is foreseen no longer.
    matter = matter.after("03-05 B agree; 03-05 B refuse");
    assert_eq!(matter.foreseen(&some, "03-05"), "");
    assert_eq!(matter.outlook(&some, "03-05").ends_on, None);
}

/// From receipt to closing; the item has steps of three and of two days.
#[test]
fn who_owes_the_next_act() {
    let mut matter = Hall::new().joint().receive("03-02", "A, B after A, C");
    let mut owed = |deeds: &str, on: &str| {
        matter = matter.clone().after(deeds);
        matter.owed(on)
    };
    assert_eq!(
        owed("", "03-02"),
        "REPORT of D-A*; REPORT of D-B*; REPORT of D-C*; ACCEPT of WINDOW by 03-09 ACCEPTANCE_CHECK*"
    );
    assert_eq!(
        owed("03-03 notice 10", "03-03"),
        "SUPPLEMENT of APPLICANT by 03-17 SUPPLEMENT*"
    );
    assert_eq!(
        owed("03-04 supplement", "03-04"),
        "REPORT of D-A*; REPORT of D-B*; REPORT of D-C*; ACCEPT of WINDOW by 03-11 ACCEPTANCE_CHECK*"
    );
    assert_eq!(
        owed("03-05 accept conditionally", "03-05"),
        "A OPINION of D-A by 03-10 STEP*; C OPINION of D-C by 03-10 STEP; \
         MISSING_MATERIAL of APPLICANT by 03-12 CONDITIONAL_SUPPLEMENT"
    );
    assert_eq!(
        owed("03-06 hand in; 03-06 C claim; 03-09 C agree", "03-09"),
        "A OPINION of D-A by 03-10 STEP*; C DECISION of D-C by 03-11 STEP"
    );
    assert_eq!(
        owed("03-09 A begin HEARING 5; 03-10 A begin TESTING 8", "03-10"),
        "A END_PROCEDURE of D-A by 03-16 SPECIAL*; A END_PROCEDURE of D-A by 03-20 SPECIAL*; \
         C DECISION of D-C by 03-11 STEP"
    );
    assert_eq!(
        owed("03-10 C ask", "03-10"),
        "A END_PROCEDURE of D-A by 03-16 SPECIAL*; A END_PROCEDURE of D-A by 03-20 SPECIAL*; \
         C MATERIAL of APPLICANT by 04-02 STATUTORY",
        "the law does not wait for the applicant"
    );
    assert_eq!(
        owed(
            "03-11 C receive; 03-11 C grant; 03-16 A end HEARING; 03-17 A end TESTING",
            "03-17"
        ),
        "A OPINION of D-A by 03-18 STEP*; C DELIVERY of WINDOW by 03-25 DELIVERY"
    );
    assert_eq!(
        owed("03-17 A agree", "03-17"),
        "A DECISION of D-A by 03-19 STEP*; C DELIVERY of WINDOW by 03-25 DELIVERY"
    );
    assert_eq!(
        owed("03-18 A grant", "03-18"),
        "B OPINION of D-B by 03-23 STEP*; C DELIVERY of WINDOW by 03-25 DELIVERY; \
         A DELIVERY of WINDOW by 04-01 DELIVERY"
    );
    assert_eq!(
        owed("03-19 B agree; 03-19 B grant", "03-19"),
        "DELIVERY of WINDOW by 03-25 DELIVERY*",
        "all at once, before the first of the periods ends"
    );
    assert_eq!(
        owed("03-20 ready", "03-20"),
        "DELIVERY of WINDOW*",
        "the applicant was told"
    );
    assert_eq!(owed("03-20 deliver", "03-20"), "");
}

#[test]
fn several_reviews_of_a_case_are_owed_by_their_departments() {
    let mut matter = Hall::new().receive("03-02", "A").after("03-02 accept");
    let asked = Review {
        id: id::<ReviewId>(9),
        department: "D-X".to_owned(),
        ..matter.file.reviews[0].clone()
    };
    let waiting = Review {
        id: id::<ReviewId>(8),
        state: ReviewState::Waiting,
        ..asked.clone()
    };
    matter.file.reviews.extend([asked, waiting]);
    assert_eq!(
        matter.owed("03-02"),
        "A OPINION of D-A by 03-05 STEP*; A OPINION of D-X by 03-05 STEP*"
    );
}

/// Deeds of any kind, of which those that are refused are left out.
fn any_deeds() -> impl Strategy<Value = Vec<(u64, &'static str)>> {
    const DEEDS: &[&str] = &[
        "notice",
        "supplement",
        "accept",
        "accept",
        "accept conditionally",
        "hand in",
        "A agree",
        "A grant",
        "A refuse",
        "B agree",
        "B grant",
        "C agree",
        "C grant",
        "D agree",
        "D grant",
        "A begin TESTING 7",
        "B begin HEARING 3",
        "A end TESTING",
        "B end HEARING",
        "A ask",
        "A receive",
        "C extend 5",
        "D withdraw",
        "deliver",
        "ready",
    ];
    prop::collection::vec((0..4_u64, prop::sample::select(DEEDS)), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_is_done_it_is_foreseen_and_somebody_owes_it(
        deeds in any_deeds(), days in prop::collection::vec(0..30_u32, 0..12), more in 0..9_u32,
    ) {
        let mut matter = Hall::new().joint().receive("02-09", "A, B after A, C, D after B C");
        let mut today = date("02-09");
        let some: Known = ["A", "C", "D"].map(|item| (item.to_owned(), History::of(days.clone()))).into();
        for (pause, deed) in deeds {
            today = today + chrono::Days::new(pause);
            let on = today.to_string();
            let said = matter.says(&format!("{on} {deed}"));
            let outlook = matter.outlook(&some, &on);
            foreseen_soundly(&matter, &outlook, today)?;
            if said.starts_with("refused") {
                continue;
            }
            // A slower case more never brings the end nearer, whoever has run how long.
            let slower = days.iter().copied().chain([days.iter().copied().max().unwrap_or(0) + more]);
            let slower: Known = some.keys().map(|item| (item.clone(), History::of(slower.clone()))).collect();
            let later = matter.outlook(&slower, &on);
            if days.len() >= 3 && outlook.cases.iter().all(|case| case.basis == ForecastBasis::History || case.case == case_id(1)) {
                prop_assert!(later.ends_on >= outlook.ends_on, "{:?} {:?}", outlook, later);
            }
        }
    }
}

fn foreseen_soundly(
    matter: &Matter,
    outlook: &Outlook,
    today: NaiveDate,
) -> Result<(), TestCaseError> {
    let (file, calendar) = (&matter.file, matter.hall.calendar(None));
    let is_open = |case: &&Case| file.application.accepted_on.is_some() && !case.state.has_ended();
    let open: Vec<CaseId> = file
        .cases
        .iter()
        .filter(is_open)
        .map(|case| case.id)
        .collect();
    let foreseen: Vec<CaseId> = outlook.cases.iter().map(|case| case.case).collect();
    prop_assert_eq!(&foreseen, &open);
    for case in &outlook.cases {
        prop_assert!(
            case.ends_on >= today && calendar.is_workday(case.ends_on),
            "{:?}",
            case
        );
        prop_assert!(case.slack >= 0 && case.starts_on <= case.ends_on);
    }
    let ends = outlook.cases.iter().map(|case| case.ends_on);
    prop_assert_eq!(outlook.ends_on, ends.max());
    for id in &outlook.critical_path {
        let case = outlook.cases.iter().find(|case| case.case == *id).unwrap();
        prop_assert!(case.critical && case.slack == 0, "{:?}", case);
    }
    let last = outlook
        .critical_path
        .last()
        .map(|id| outlook.cases.iter().find(|case| case.case == *id).unwrap());
    prop_assert_eq!(last.map(|case| case.ends_on), outlook.ends_on);
    let is_closed = file.application.state == ApplicationState::Closed;
    prop_assert_eq!(
        outlook.owed.is_empty(),
        is_closed,
        "{}: {:?}",
        matter.states(),
        &outlook.owed
    );
    prop_assert!(outlook.owed.is_sorted_by_key(|act| (
        !act.critical,
        act.due_on.is_none(),
        act.due_on
    )));
    for act in &outlook.owed {
        let is_for_department = act.by == OwedBy::Department;
        prop_assert_eq!(act.department.is_some(), is_for_department);
        // Departments report within days of their own, which are no clock.
        let has_days = act.clock.is_some() || act.kind == OwedActKind::Report;
        prop_assert_eq!(has_days, act.due_on.is_some());
    }
    Ok(())
}
