//! One application on a desk, with named cases and people, for the tests of its whole life.

mod after_hours;
mod breaches;
mod conditional;
mod consultation;
mod delivery;
mod hall;
mod interleaving;
mod life;
mod mediation;
mod missing_report;
mod model;
mod notices;
mod outlook;

mod products;
mod random;
mod reopening;
mod revocation;
mod silence;
mod stories;
mod visit;

use chrono::{DateTime, Days, TimeDelta};
use uuid::Uuid;

use super::*;
use crate::actor::Role;
use crate::code::Code as _;
use crate::event::EventKind;
use crate::ids::{Id, ItemVersionId, ReviewId, SessionId};

/// What an act answers.
type Answer = Result<Outcome<Vec<Happening>>, Rejected>;

/// One act on an application; a case is named by its place in the alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Accept,
    Claim(usize),
    Release(usize),
    Give(usize, OpinionKind),
    Grant(usize),
    GrantWithReasons(usize),
    Refuse(usize),
    Deliver,
}

fn id<I: Id>(number: usize) -> I {
    I::new(Uuid::from_u128(u128::try_from(number).unwrap() + 1))
}

fn case_id(place: usize) -> CaseId {
    id(place)
}

/// Person 0 is the clerk who accepts; the others review and decide.
fn person(number: usize) -> Actor {
    Actor {
        account: id(number),
        session: id::<SessionId>(number),
        role: if number == 0 {
            Role::WindowClerk
        } else {
            Role::Reviewer
        },
        region: "430102".to_owned(),
        department: None,
        window: (number == 0).then(|| "W1".to_owned()),
        display_name: format!("人员{number}"),
    }
}

/// The tenth minute is the tenth act; every act has a day of its own.
fn moment(minute: usize) -> Moment {
    let minutes = TimeDelta::minutes(i64::try_from(minute).unwrap());
    let day = Days::new(u64::try_from(minute).unwrap());
    Moment {
        now: DateTime::UNIX_EPOCH + minutes,
        today: DateTime::UNIX_EPOCH.date_naive() + day,
    }
}

fn letter(place: usize) -> String {
    char::from(b'A' + u8::try_from(place).unwrap()).to_string()
}

fn place(name: char) -> usize {
    usize::try_from(u32::from(name) - u32::from('A')).unwrap()
}

/// A received application; the entry of each case holds the places of its predecessors.
fn received(predecessors: &[Vec<usize>]) -> File {
    let application = Application {
        id: id(0),
        state: ApplicationState::Received,
        outcome: None,
        channel: Channel::Online,
        window: None,
        received_on: moment(0).today,
        accepted_on: None,
        accepted_by: None,
        joint: LampDates::default(),
        eventful: false,
        renewal: None,
        concluded_at: None,
        closed_at: None,
        version: 1,
    };
    let cases = predecessors.iter().enumerate();
    let cases: Vec<Case> = cases
        .map(|(place, before)| Case {
            id: case_id(place),
            application: application.id,
            item_version: id::<ItemVersionId>(place),
            item: letter(place),
            item_name: format!("事项{}", letter(place)),
            department: format!("D-{}", letter(place)),
            ordinal: i32::try_from(place).unwrap(),
            predecessors: before.iter().copied().map(case_id).collect(),
            case_number: format!("2026-{place}"),
            accepted_seq: None,
            state: CaseState::Received,
            dates: None,
            ending: None,
            former: Vec::new(),
            asked: 0,
            version: 1,
        })
        .collect();
    let reviews = cases.iter().enumerate();
    let reviews = reviews
        .map(|(place, case)| {
            let department = case.department.clone();
            Review::new(id(place), case.id, department, ReviewState::Waiting)
        })
        .collect();
    File {
        application,
        cases,
        reviews,
        course: Course::default(),
    }
}

/// The same from text: `"A, B, C after A B"`.
fn received_from(text: &str) -> File {
    let predecessors: Vec<Vec<usize>> = text
        .split(", ")
        .map(|case| {
            let (_, before) = case.split_once(" after ").unwrap_or((case, ""));
            before
                .split_whitespace()
                .map(|name| place(name.chars().next().unwrap()))
                .collect()
        })
        .collect();
    received(&predecessors)
}

/// Does one act, as the use cases do it.
fn perform(file: &mut File, act: Act, actor: &Actor, at: Moment) -> Answer {
    perform_when(file, act, actor, When::now(at))
}

/// The same, dated to a day.
fn perform_when(file: &mut File, act: Act, actor: &Actor, when: When) -> Answer {
    let at = when.at;
    let why = || Some("缺少场地证明".to_owned());
    let decision = |granted, reasons| Decision::try_new(granted, reasons);
    match act {
        Act::Accept => file
            .accept(actor, when, &Acceptance::default())
            .map(Outcome::Done),
        Act::Claim(place) => review_of(file, place).claim(actor, at.now).map(listed),
        Act::Release(place) => review_of(file, place).release(actor).map(listed),
        Act::Give(place, kind) => {
            let reasons = why().filter(|_| kind == OpinionKind::Disagree);
            let opinion = Opinion::try_new(kind, reasons)?;
            let wanted = case_id(place);
            let case = file
                .cases
                .iter_mut()
                .find(|case| case.id == wanted)
                .unwrap();
            let review = file
                .reviews
                .iter_mut()
                .find(|review| review.case == wanted && !review.state.is_set_aside())
                .unwrap();
            give_opinion(review, case, actor, opinion, at).map(listed)
        }
        Act::Grant(place) => file.decide(
            case_id(place),
            decision(true, None)?,
            actor,
            when,
            &Opposed::default(),
        ),
        Act::GrantWithReasons(place) => file.decide(
            case_id(place),
            decision(true, why())?,
            actor,
            when,
            &Opposed::default(),
        ),
        Act::Refuse(place) => file.decide(
            case_id(place),
            decision(false, why())?,
            actor,
            when,
            &Opposed::default(),
        ),
        Act::Deliver => file.deliver(when),
    }
}

fn listed(outcome: Outcome<Happening>) -> Outcome<Vec<Happening>> {
    match outcome {
        Outcome::Done(happening) => Outcome::Done(vec![happening]),
        Outcome::Unchanged => Outcome::Unchanged,
    }
}

fn review_of(file: &mut File, place: usize) -> &mut Review {
    let case = case_id(place);
    file.reviews
        .iter_mut()
        .find(|review| review.case == case && !review.state.is_set_aside())
        .unwrap()
}

fn case_of(file: &File, place: usize) -> &Case {
    let case = case_id(place);
    file.cases.iter().find(|known| known.id == case).unwrap()
}

/// An act from its words: `"A claim"`, `"A disagree"`, `"A grant"`, `"accept"`.
fn act(words: &str) -> Act {
    let Some((name, verb)) = words.split_once(' ') else {
        return if words == "accept" {
            Act::Accept
        } else {
            Act::Deliver
        };
    };
    let place = place(name.chars().next().unwrap());
    match verb {
        "claim" => Act::Claim(place),
        "release" => Act::Release(place),
        "agree" => Act::Give(place, OpinionKind::Agree),
        "forward" => Act::Give(place, OpinionKind::AgreeToForward),
        "disagree" => Act::Give(place, OpinionKind::Disagree),
        "grant" => Act::Grant(place),
        "grant with reasons" => Act::GrantWithReasons(place),
        "refuse" => Act::Refuse(place),
        verb => panic!("nobody can {verb}"),
    }
}

/// Who does it when nobody else is named: the clerk, reviewer 1, decider 2.
fn usual_person(act: Act) -> usize {
    match act {
        Act::Accept | Act::Deliver => 0,
        Act::Claim(_) | Act::Release(_) | Act::Give(..) => 1,
        Act::Grant(_) | Act::GrantWithReasons(_) | Act::Refuse(_) => 2,
    }
}

/// Does acts, divided by `;`, each by the usual person and each to be done; nothing is forgiven.
fn after(mut file: File, acts: &str) -> File {
    for (minute, words) in acts
        .split("; ")
        .filter(|words| !words.is_empty())
        .enumerate()
    {
        let act = act(words);
        let answer = perform(
            &mut file,
            act,
            &person(usual_person(act)),
            moment(minute + 1),
        );
        assert!(
            matches!(answer, Ok(Outcome::Done(_))),
            "{words}: {answer:?}"
        );
    }
    file
}

/// The states of all cases, `A GRANTED, B IN_REVIEW`, in the order of their names.
fn states(file: &File) -> String {
    let mut states: Vec<String> = file
        .cases
        .iter()
        .map(|case| format!("{} {}", case.item, case.state.code()))
        .collect();
    states.sort();
    states.join(", ")
}

/// What an act answered, as one line: the events, or why it was refused.
fn told(answer: &Answer) -> String {
    match answer {
        Ok(Outcome::Unchanged) => "unchanged".to_owned(),
        Ok(Outcome::Done(happenings)) => happenings
            .iter()
            .map(told_happening)
            .collect::<Vec<_>>()
            .join(", "),
        Err(rejected) => match &rejected.reason {
            Reason::WrongState { state } => format!("refused WRONG_STATE {state}"),
            Reason::AlreadyDecided { decided } => format!("refused ALREADY_DECIDED {decided}"),
            reason => format!("refused {}", reason.code().code()),
        },
    }
}

fn told_happening(happening: &Happening) -> String {
    let department = happening.department.as_deref().unwrap_or("");
    let about = department.trim_start_matches("D-");
    format!("{} {about}", happening.kind.code())
        .trim_end()
        .to_owned()
}
