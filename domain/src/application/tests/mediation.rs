//! Conflicts that are mediated: what is one, who holds it when, and when it climbs.

use std::fmt::Write as _;

use super::hall::{Hall, Matter, date};
use super::*;
use crate::code::Code as _;
use crate::conflict::Opposed;
use crate::ids::MediationId;
use crate::mediation::{
    Ending as End, MOST_POSITIONS, Mediation, MediationLevel, MediationState, Position, Reached,
    Shown,
};

/// A matter with its mediations.
struct Scene {
    matter: Matter,
    all: Vec<Mediation>,
}

/// Two cases under review since the second of March, a Monday. A asked X, which does not agree, and Y, which does.
fn scene() -> Scene {
    let mut matter = Hall::new().receive("03-02", "A, B").after("03-02 accept");
    for words in [
        "03-02 ask A: X Y all",
        "03-03 X disagree",
        "03-03 Y agree",
        "03-03 A agree",
    ] {
        let said = matter.hears(words);
        assert!(!said.starts_with("refused"), "{words}: {said}");
    }
    let all = Vec::new();
    Scene { matter, all }
}

impl Scene {
    fn review(&self, department: &str) -> ReviewId {
        let mut reviews = self.matter.file.reviews.iter();
        reviews
            .rfind(|review| review.department == department)
            .unwrap()
            .id
    }

    fn open(&mut self, on: &str, between: [&str; 2]) -> String {
        self.matter.come(date(on));
        let wanted = OpenMediation {
            case: case_id(0),
            between: between.map(|department| self.review(department)).to_vec(),
            question: "能否同意？".to_owned(),
        };
        let id = MediationId::new(Uuid::from_u128(800 + self.all.len() as u128));
        let by = (self.matter.last, &self.matter.hall as &dyn Rules);
        let opposed = Opposed::default();
        let opened = self
            .matter
            .file
            .open_mediation(&self.all, wanted, id, by, &opposed);
        match opened {
            Ok((mediation, happenings)) => {
                self.all.push(mediation);
                self.matter.note(&happenings, Some(person(1).account));
                self.stands()
            }
            Err(refused) => refused.reason.code().code().to_owned(),
        }
    }

    /// Where each stands that is open, and by when.
    fn stands(&self) -> String {
        let file = &self.matter.file;
        let clocks = file.clocks(&self.matter.hall);
        let mut told = String::new();
        for standing in file.open_mediations() {
            let ordinal = file.course.mediation_clock(standing.case, standing.number);
            let clock = clocks.iter().find(|clock| {
                clock.running.kind == crate::clock::ClockKind::Mediation
                    && Some(clock.running.ordinal) == ordinal
            });
            let due = clock.and_then(FileClock::due_on).unwrap();
            let (level, held) = (standing.level.code(), standing.held_by.as_deref());
            write!(
                told,
                "{level} {} until {}; ",
                held.unwrap_or("-"),
                due.format("%m-%d")
            )
            .unwrap();
        }
        told
    }
}

/// What a notice moves is told to everybody, and what of that is inner work says which it is.
#[test]
fn where_a_clock_of_inner_work_moves_nobody_else_is_told() {
    let mut scene = scene();
    scene.open("03-04", ["D-A", "X"]);
    let file = &scene.matter.file;
    let days = (date("03-09"), date("03-10"));
    let (mut inner, mut public) = (Vec::new(), Vec::new());
    for clock in file.clocks(&scene.matter.hall) {
        let told = file.recomputed(&clock, days, &[]);
        let code = clock.running.kind.code();
        if told.is_public() {
            public.push(code);
            continue;
        }
        let mut words = told
            .detail
            .iter()
            .map(|(name, value)| format!("{name} {value}"));
        let last = words.next_back().unwrap();
        inner.push(format!(
            "{code} {} {last}",
            told.department.as_deref().unwrap_or("-")
        ));
    }
    assert_eq!(
        inner,
        [
            "OPINION X asked 1",
            "OPINION Y asked 2",
            "MEDIATION D-A mediation 1"
        ]
    );
    assert!(
        public.contains(&"PROMISED") && public.contains(&"STATUTORY"),
        "{public:?}"
    );
}

fn actor(role: Role, department: Option<&str>) -> Actor {
    Actor {
        role,
        department: department.map(str::to_owned),
        ..person(3)
    }
}

#[test]
fn only_a_conflict_between_two_opinions_on_one_case_is_mediated_and_once_at_a_time() {
    let mut scene = scene();
    assert_eq!(scene.open("03-04", ["D-A", "Y"]), "NO_CONFLICT");
    assert_eq!(scene.open("03-04", ["X", "X"]), "NO_CONFLICT");
    assert_eq!(scene.open("03-04", ["X", "D-B"]), "OTHER_LICENCE");
    assert_eq!(scene.open("03-04", ["X", "D-A"]), "LEAD D-A until 03-09; ");
    assert_eq!(scene.open("03-04", ["D-A", "X"]), "MEDIATION_OPEN");
    let [first, second] = &scene.all[0].parties;
    assert_eq!(
        (&*first.department, &*second.department),
        ("D-A", "X"),
        "who agrees comes first"
    );
    assert_eq!(
        scene.open("03-05", ["Y", "X"]),
        "LEAD D-A until 03-09; LEAD D-A until 03-10; ",
        "another conflict of the same case has days of its own"
    );
}

#[test]
fn each_party_has_so_many_positions_and_uses_up_none_of_the_other() {
    let mut scene = scene();
    scene.open("03-04", ["X", "D-A"]);
    let mediation = &mut scene.all[0];
    let (by, at) = (person(3).account, moment(1).now);
    let mut takes = |department: &str, text: String| {
        let position = Position::new(department.to_owned(), text, by, at);
        mediation.take_position(position)
    };
    for nth in 0..MOST_POSITIONS {
        takes("X", nth.to_string()).unwrap();
    }
    let max = MOST_POSITIONS;
    let one_more = Reason::ListTooLong { max }.at("position");
    assert_eq!(takes("X", "再".to_owned()), Err(one_more));
    let again = takes("X", (MOST_POSITIONS - 1).to_string());
    assert_eq!(again, Ok(Outcome::Unchanged), "the last one again");
    assert!(matches!(
        takes("D-A", "一".to_owned()),
        Ok(Outcome::Done(_))
    ));
}

#[test]
fn it_climbs_the_day_after_the_last_one_and_never_above_the_highest_level() {
    let mut scene = scene();
    scene.open("03-04", ["X", "D-A"]);
    let mut told = String::new();
    for day in [
        "03-09", "03-10", "03-12", "03-13", "03-17", "03-18", "04-20",
    ] {
        scene.matter.come(date(day));
        writeln!(told, "{day} {}", scene.stands()).unwrap();
    }
    // Nobody was named, so that level is left out. Who is reached at the beginning of a day has all of it.
    let expected = "\
03-09 LEAD D-A until 03-09; \n03-10 CENTRE - until 03-12; \n03-12 CENTRE - until 03-12; \n03-13 GOVERNMENT_HEAD - until 03-17; \n\
03-17 GOVERNMENT_HEAD - until 03-17; \n03-18 GOVERNMENT_HEAD - until 03-17; \n04-20 GOVERNMENT_HEAD - until 03-17; \n";
    assert_eq!(told, expected);

    // However late somebody looks, each step is dated to its own day.
    let mut late = self::scene();
    late.open("03-04", ["X", "D-A"]);
    late.matter.come(date("04-20"));
    let climbed = late.matter.file.course.all(EventKind::MediationClimbed);
    let days: Vec<String> = climbed
        .map(|entry| entry.on.format("%m-%d").to_string())
        .collect();
    assert_eq!(days, ["03-10", "03-13"]);
}

#[test]
fn a_grant_waits_and_the_end_of_the_case_leaves_nothing_to_settle() {
    let mut scene = scene();
    scene.open("03-04", ["X", "D-A"]);
    let decision = |granted| Decision::try_new(granted, Some("理由".to_owned())).unwrap();
    let when = When::now(scene.matter.last);
    let mut file = scene.matter.file.clone();
    let refused = file.decide(
        case_id(0),
        decision(true),
        &person(2),
        when,
        &Opposed::default(),
    );
    let open = Reason::MediationOpen {
        level: MediationLevel::Lead.into(),
    };
    assert_eq!(refused, Err(open.into()));
    assert_eq!(file.close_moot_mediations(), []);
    file.decide(
        case_id(0),
        decision(false),
        &person(2),
        when,
        &Opposed::default(),
    )
    .unwrap();
    let [(1, on, told)] = &*file.close_moot_mediations() else {
        panic!("it is moot")
    };
    assert_eq!((*on, told[0].kind), (when.on, EventKind::MediationClosed));
    let told_to: Vec<&str> = told
        .iter()
        .filter_map(|told| told.department.as_deref())
        .collect();
    assert_eq!(told_to, ["D-A", "X"]);
}

#[test]
fn no_grant_is_dated_into_the_days_of_its_mediation() {
    let mut scene = scene();
    scene.open("03-04", ["X", "D-A"]);
    let matter = &mut scene.matter;
    matter.come(date("03-06"));
    let ending = End::Settled("一致".to_owned());
    let own = actor(Role::Decider, Some("D-A"));
    let settled = scene.all[0].end(ending, (&own, None), matter.last.today);
    let Ok(Outcome::Done(happenings)) = settled else {
        panic!("{settled:?}")
    };
    matter.note(&happenings, Some(own.account));
    let early = matter.says("03-06 for 03-05 A grant with reasons");
    assert_eq!(early, "refused ACT_OUT_OF_ORDER");
    let granted = matter.says("03-06 A grant with reasons");
    assert!(granted.starts_with("CASE_GRANTED"), "{granted}");
}

#[test]
fn who_holds_the_level_ends_it_or_passes_it_up_and_nobody_else() {
    let mut scene = scene();
    scene.open("03-04", ["X", "D-A"]);
    let today = scene.matter.last.today;
    let mut one = scene.all[0].clone();
    let centre = actor(Role::CentreAdministrator, None);
    let decider = |of| actor(Role::Decider, Some(of));
    let settled = || End::Settled("一致".to_owned());
    let elsewhere = |level: MediationLevel| {
        let level = level.into();
        Err(Reason::MediationElsewhere { level }.into())
    };
    for stranger in [
        &centre,
        &decider("X"),
        &actor(Role::LeadCoordinator, Some("D-A")),
    ] {
        assert_eq!(
            one.end(settled(), (stranger, None), today),
            elsewhere(MediationLevel::Lead)
        );
    }
    let own = decider("D-A");
    assert!(
        one.is_held_by(&own, None) && !one.is_held_by(&own, Some("D-A")),
        "where somebody leads, the coordinator"
    );
    let up = |one: &mut Mediation, named, who: &Actor| {
        let told = one.pass_up(
            (named, Some("X")),
            "不能一致".to_owned(),
            (who, None),
            today,
        );
        told.map(|_| (one.level(), one.held_by().map(str::to_owned)))
    };
    let not_named = |department: &str| {
        Err(Reason::NotToBeNamed {
            department: department.to_owned(),
        }
        .at("departmentCode"))
    };
    assert_eq!(up(&mut one, Some("Z"), &own), not_named("Z"));
    assert_eq!(up(&mut one, None, &own), Ok((MediationLevel::Centre, None)));
    assert_eq!(up(&mut one, Some("X"), &centre), not_named("X"));
    assert_eq!(up(&mut one, Some("D-A"), &centre), not_named("D-A"));
    let mut skipping = one.clone();
    // The one that is usually named is a party here, and is left out.
    assert_eq!(
        up(&mut skipping, None, &centre),
        Ok((MediationLevel::GovernmentHead, None))
    );
    assert_eq!(
        up(&mut skipping, None, &centre),
        Err(Reason::MediationAtTop.into())
    );
    assert_eq!(
        up(&mut one, Some("Z"), &centre),
        Ok((MediationLevel::NamedDepartment, Some("Z".to_owned())))
    );
    assert_eq!(
        one.end(settled(), (&centre, None), today),
        elsewhere(MediationLevel::NamedDepartment)
    );
    let minority = End::Minority {
        department: "Y".to_owned(),
        view: "不同意".to_owned(),
    };
    let not_a_party = Reason::NotAParty {
        department: "Y".to_owned(),
    }
    .at("departmentCode");
    assert_eq!(
        one.end(minority, (&decider("Z"), None), today),
        Err(not_a_party)
    );
    assert!(matches!(
        one.end(settled(), (&decider("Z"), None), today),
        Ok(Outcome::Done(_))
    ));
    assert_eq!(
        one.end(settled(), (&decider("Z"), None), today),
        Ok(Outcome::Unchanged)
    );
    assert_eq!(
        (one.state, one.ended_on),
        (MediationState::Settled, Some(today))
    );
}

#[test]
fn nothing_is_said_any_more_once_it_ended() {
    let mut scene = scene();
    scene.open("03-04", ["X", "D-A"]);
    let mut one = scene.all[0].clone();
    one.end(
        End::Settled("一致".to_owned()),
        (&actor(Role::Decider, Some("D-A")), None),
        scene.matter.last.today,
    )
    .unwrap();
    let position = |of: &str| {
        Position::new(
            of.to_owned(),
            "立场".to_owned(),
            person(1).account,
            scene.matter.last.now,
        )
    };
    let state = MediationState::Settled.into();
    assert_eq!(
        one.take_position(position("X")),
        Err(Reason::WrongState { state }.into())
    );
}

#[test]
fn it_is_shown_to_whom_it_concerns() {
    let mut scene = scene();
    scene.open("03-04", ["X", "D-A"]);
    let mut one = scene.all[0].clone();
    let table = |one: &Mediation| {
        let mut told = String::new();
        for role in Role::ALL {
            write!(told, "{}:", role.code()).unwrap();
            let departments: &[Option<&str>] = if role.has_department() {
                &[Some("D-A"), Some("X"), Some("Y"), Some("L"), Some("Z")]
            } else {
                &[None]
            };
            for department in departments {
                let shown = match one.shown_to(&actor(*role, *department), Some("L")) {
                    Shown::Nothing => '0',
                    Shown::State => 's',
                    Shown::All => 'V',
                };
                told.push(shown);
            }
            told.push(' ');
        }
        told
    };
    assert_eq!(
        table(&one),
        "APPLICANT:0 WINDOW_CLERK:0 REVIEWER:VV000 DECIDER:VV000 LEAD_COORDINATOR:VV0V0 CENTRE_ADMINISTRATOR:s SUPERVISOR:V \
         SYSTEM_ADMINISTRATOR:0 "
    );
    for (level, department) in [
        (MediationLevel::NamedDepartment, Some("Z")),
        (MediationLevel::GovernmentHead, None),
    ] {
        let (department, on) = (department.map(str::to_owned), date("03-05"));
        one.reach(Reached {
            level,
            department,
            on,
            because: None,
        });
    }
    assert_eq!(
        table(&one),
        "APPLICANT:0 WINDOW_CLERK:0 REVIEWER:VV000 DECIDER:VV00V LEAD_COORDINATOR:VV0V0 CENTRE_ADMINISTRATOR:V SUPERVISOR:V \
         SYSTEM_ADMINISTRATOR:0 "
    );
}
