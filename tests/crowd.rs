//! Fifty people at once on one application: some serial order of what was acknowledged explains everything that anybody
//! was told, and it is the order of the ledger.
//!
//! The ledger is replayed in the pure core, event by event: each belongs to one acknowledged act, and each acknowledged act
//! that changed something to events of its own. Whoever was refused was refused rightly at some point between the
//! question and the answer.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use lianshen_domain::actor::Actor;
use lianshen_domain::application::{CallVisit, Called};
use lianshen_domain::calendar::start_of;
use lianshen_domain::code::Code as _;
use lianshen_domain::consultation::{CompletionRule, OpinionPart};
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{CaseId, Id as _, ReviewId};
use lianshen_domain::item::SpecialProcedureKind;
use lianshen_domain::review::OpinionKind;
use lianshen_domain::visit::VisitKind;
use lianshen_entity::event;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

use crate::support::database::open;
use crate::support::deed::{AtVisit, Deed, InMediation};
use crate::support::shadow::{Book, Names, Shadow, moment, standing};
use crate::support::whole::Whole;
use crate::support::world::input_for_bundle;
use crate::support::{TestApp, documents, each_db, number};

/// 开办旅馆 by somebody who has a licence: five departments, of which 公安局 leads and waits for two others.
const BUNDLE: &str = "YJS-008";
const DEPARTMENTS: [&str; 5] = ["XFD", "WJW", "CGJ", "SJJ", "GAJ"];
/// What is done in one scene at least, in whichever order they come.
const DONE: [&str; 9] = [
    "applicationReplaceMaterial",
    "caseAskOpinions",
    "mediationSettle",
    "mediationTakePosition",
    "reviewAssign",
    "reviewClaim",
    "reviewDraftOpinion",
    "reviewGiveOpinion",
    "visitConclude",
];

/// Who coordinates for the one that leads.
const LEAD: &str = "lead-gaj";
/// Each does something a few times.
const PEOPLE: usize = 50;

each_db! {
    async fn what_fifty_people_do_at_once_has_a_serial_order_that_explains_each_answer(app: TestApp) {
        let first = number("LIANSHEN_CROWD_SEED").unwrap_or(1);
        let mut done = BTreeSet::new();
        for seed in first..first + 3 {
            eprintln!("LIANSHEN_CROWD_SEED={seed}");
            let mut scene = Scene::set(&app, seed).await;
            let heard = scene.rush().await;
            done.extend(scene.explain(heard).await);
        }
        app.assert_sound().await;
        for name in DONE {
            assert!(done.contains(name), "nobody did {name}: {done:?}");
        }
    }
}

/// One application on which everybody waits to act.
struct Scene<'a> {
    app: &'a TestApp,
    shadow: Shadow,
    dice: StdRng,
}

/// Somebody and what they are about to do, one after the other, each after so many milliseconds.
struct Person {
    name: String,
    deeds: Vec<(u64, Deed)>,
}

/// One thing that was done or refused, with the moments at which it was asked for and answered.
struct Heard {
    name: String,
    actor: Actor,
    deed: Deed,
    asked: u64,
    answered: u64,
    /// The code and the field of the refusal.
    refusal: Option<(String, String)>,
}

impl<'a> Scene<'a> {
    /// It is accepted, and every department but the last has asked three others; all of them meet today, and two that
    /// contradict each other on the first case are in mediation.
    async fn set(app: &'a TestApp, seed: u64) -> Self {
        let mut input = input_for_bundle(BUNDLE, &[("Q1", "Y"), ("Q2", "Y"), ("Q3", "Y")]);
        input["receiveOnly"] = json!(true);
        let received = app.clerk().act(&documents::SUBMIT, input).await.done();
        let id = received.text("applicationSubmit.application.id");
        let shadow = Shadow::of(app, &id, Book::of(app, Some(BUNDLE)), None).await;
        let dice = StdRng::seed_from_u64(seed);
        let mut scene = Self { app, shadow, dice };
        scene.does("clerk", Deed::Accept).await;
        for (at, department) in DEPARTMENTS.iter().enumerate().take(4) {
            let rule = [CompletionRule::Any, CompletionRule::All][at / 2];
            let wanted = (1..=3).map(|next| {
                let other = DEPARTMENTS[(at + next) % DEPARTMENTS.len()];
                (other.to_owned(), OpinionPart::Mandatory)
            });
            let ask = Deed::ask(scene.case_of(department), wanted.collect(), rule);
            scene.does(&account("reviewer", department), ask).await;
        }
        let called = DEPARTMENTS.map(|department| Called {
            department: department.to_owned(),
            persons: Vec::new(),
            again_because: None,
        });
        let tomorrow = app.calendar().add_workdays(app.clock.today(), 1);
        let begins_at = start_of(tomorrow) + TimeDelta::hours(10);
        let call = CallVisit {
            kind: VisitKind::Meeting,
            begins_at,
            place: "二楼会议室".to_owned(),
            departments: called.into(),
        };
        scene.does(LEAD, Deed::CallVisit(call)).await;
        app.clock.set(begins_at);
        let case = scene.case_of("XFD");
        for (department, kind) in [("WJW", OpinionKind::Agree), ("CGJ", OpinionKind::Disagree)] {
            let mut reviews = scene.shadow.file.reviews.iter();
            let asked =
                reviews.find(|review| review.case == case && review.department == department);
            let give = Deed::give(asked.expect(department).id, kind);
            scene.does(&account("reviewer", department), give).await;
        }
        let (one, other) = scene.shadow.conflicts(case)[0].between;
        scene
            .does(LEAD, Deed::OpenMediation(case, [one, other]))
            .await;
        scene
    }

    /// Somebody does something while nobody else does.
    async fn does(&mut self, name: &str, deed: Deed) {
        let (app, id) = (self.app, self.shadow.file.application.id);
        let at = moment(app);
        let answer = deed.done_by(&app.as_(name), id, at.today, None).await;
        answer.done();
        let names = Names::of(&standing(app, id).await);
        let actor = app.actor(name).await;
        let did = self.shadow.does(&actor, &deed, (at, None), &names);
        assert!(matches!(did, Ok(Some(_))), "{did:?}");
    }

    fn case_of(&self, department: &str) -> CaseId {
        let mut cases = self.shadow.file.cases.iter();
        let case = cases.find(|case| case.department == department);
        case.expect(department).id
    }

    /// The ten people of a department: they review, prepare and pass on, ask, take back, answer others, conclude at the
    /// meeting, take positions, suspend, extend, send back and decide, some of them against each other.
    fn people_of(&mut self, department: &str, second: Actor) -> Vec<Person> {
        let (visit, mediation) = (self.shadow.visits[0].id, self.shadow.mediations[0].id);
        let concludes = |opinion| Deed::AtVisit(visit, AtVisit::Conclude(opinion));
        let holds = |said| Deed::InMediation(mediation, InMediation::TakePosition(said));
        let case = self.case_of(department);
        let reviews = &self.shadow.file.reviews;
        let of_case = reviews.iter().filter(|review| review.case == case);
        let (out, examination): (Vec<_>, Vec<_>) =
            of_case.partition(|review| review.consultation.is_some());
        let [examination] = examination[..] else {
            panic!("one department examines")
        };
        let examination = examination.id;
        let out: Vec<ReviewId> = out.iter().map(|review| review.id).collect();
        let own = reviews
            .iter()
            .filter(|review| review.department == department && review.consultation.is_some());
        let own: Vec<ReviewId> = own.map(|review| review.id).collect();
        let item = self.shadow.item(self.shadow.case(case).unwrap());
        let listed = item.special_procedures.first();
        let kind = listed.map_or(SpecialProcedureKind::Hearing, |listed| listed.kind);
        let ask = |other: &str| {
            let wanted = vec![(other.to_owned(), OpinionPart::Advisory)];
            Deed::ask(case, wanted, CompletionRule::All)
        };
        let (agree, disagree) = (OpinionKind::Agree, OpinionKind::Disagree);
        let answer = |kind| own.iter().map(move |review| Deed::give(*review, kind));
        let claims = own.iter().map(|review| Deed::Claim(*review));
        let replace = |other: &str| {
            let out = out.iter().rev();
            out.map(|review| Deed::Replace(*review, other.to_owned()))
                .collect()
        };
        let decide = |granted, reasons| Deed::Decide(case, granted, reasons);
        // Two of the five send the examination back.
        let returns = if ["WJW", "CGJ"].contains(&department) {
            Deed::Return(examination)
        } else {
            decide(true, true)
        };
        let acts: [(&str, &str, Vec<Deed>); PEOPLE / DEPARTMENTS.len()] = [
            (
                "reviewer",
                "",
                vec![
                    Deed::Draft(examination, disagree),
                    Deed::give(examination, agree),
                    Deed::Claim(examination),
                ],
            ),
            (
                "reviewer",
                "-2",
                vec![
                    Deed::Claim(examination),
                    Deed::Release(examination),
                    Deed::give(examination, agree),
                ],
            ),
            (
                "reviewer",
                "",
                vec![
                    Deed::give(examination, disagree),
                    holds("须先整改"),
                    ask("ZJJ"),
                ],
            ),
            (
                "reviewer",
                "-2",
                vec![ask("ZJJ"), concludes(own.first().map(|id| (*id, agree)))],
            ),
            ("reviewer", "", claims.chain(answer(agree)).collect()),
            (
                "reviewer",
                "-2",
                answer(disagree)
                    .chain([holds("可以整改"), concludes(None)])
                    .collect(),
            ),
            (
                "lead",
                "",
                out.iter().map(|review| Deed::TakeBack(*review)).collect(),
            ),
            ("reviewer", "-2", replace("CZJ")),
            (
                "decider",
                "",
                vec![
                    Deed::Assign(examination, Box::new(second)),
                    decide(true, false),
                    returns,
                    decide(true, true),
                ],
            ),
            (
                "decider",
                "-2",
                vec![
                    Deed::Begin(case, kind, 5),
                    Deed::Extend(case, 3),
                    Deed::End(case, kind),
                    decide(false, true),
                ],
            ),
        ];
        let acts = acts.into_iter().map(|(role, second, deeds)| Person {
            name: format!("{}{second}", account(role, department)),
            deeds: deeds
                .into_iter()
                .map(|deed| (self.dice.random_range(0..60), deed))
                .collect(),
        });
        acts.collect()
    }

    /// Everybody acts at once.
    async fn rush(&mut self) -> Vec<Heard> {
        let mut people: Vec<Person> = Vec::new();
        for department in DEPARTMENTS {
            let second = format!("{}-2", account("reviewer", department));
            let second = self.app.actor(&second).await;
            people.extend(self.people_of(department, second));
        }
        assert_eq!(people.len(), PEOPLE);
        // Four of them have something else to do.
        let signboard = self.case_of("CGJ");
        let mut materials = self.shadow.materials.iter();
        let plan = materials.find(|material| material.code == "M-PLAN");
        let plan = plan.expect("it was handed in").id;
        let (visit, mediation) = (self.shadow.visits[0].id, self.shadow.mediations[0].id);
        people[46] = Person {
            name: "lead-gaj-2".to_owned(),
            deeds: vec![
                // Who brings them together lets them speak first.
                (40, Deed::AtVisit(visit, AtVisit::Conclude(None))),
                (40, Deed::ExtendJoint(15)),
                (40, Deed::InMediation(mediation, InMediation::Settle)),
                (
                    40,
                    Deed::InMediation(mediation, InMediation::Minority("CGJ".to_owned())),
                ),
            ],
        };
        people[47] = Person {
            name: "clerk".to_owned(),
            deeds: vec![
                (50, Deed::ReplaceMaterial(plan, 'b')),
                (50, Deed::ReplaceMaterial(plan, 'c')),
            ],
        };
        people[49] = Person {
            name: "clerk".to_owned(),
            deeds: vec![
                (60, Deed::Deliver(Some(signboard))),
                (30, Deed::Withdraw(Some(signboard))),
                (90, Deed::Deliver(None)),
            ],
        };
        people[48] = Person {
            name: LEAD.to_owned(),
            deeds: vec![(20, Deed::ExtendJoint(15)), (20, Deed::ExtendJoint(15))],
        };
        // Nobody comes late because of a password.
        for person in &people {
            self.app.as_(&person.name).token().await;
        }
        let (app, id, at) = (self.app, self.shadow.file.application.id, moment(self.app));
        let stamps = AtomicU64::new(0);
        let next = || stamps.fetch_add(1, Ordering::SeqCst);
        let all = people.into_iter().map(async |person| {
            let (client, actor) = (app.as_(&person.name), app.actor(&person.name).await);
            let mut heard = Vec::new();
            for (pause, deed) in person.deeds {
                tokio::time::sleep(Duration::from_millis(pause)).await;
                let asked = next();
                let answer = deed.done_by(&client, id, at.today, None).await;
                let answered = next();
                let codes = answer.user_errors(deed.name()).into_iter();
                let mut refusals = codes.zip(answer.fields(deed.name()));
                heard.push(Heard {
                    name: person.name.clone(),
                    actor: actor.clone(),
                    deed,
                    asked,
                    answered,
                    refusal: refusals.next(),
                });
            }
            heard
        });
        join_all(all).await.into_iter().flatten().collect()
    }

    /// Finds the serial order and the place of each answer in it. Answers what was done.
    async fn explain(&self, heard: Vec<Heard>) -> BTreeSet<&'static str> {
        let at = moment(self.app);
        let events = self.new_events().await;
        let seen = standing(self.app, self.shadow.file.application.id).await;
        let names = Names::of(&seen);
        let mut states = vec![self.shadow.clone()];
        // Who did something, in the order of the ledger.
        let mut order: Vec<usize> = Vec::new();
        let mut told = 0;
        while told < events.len() {
            let state = states.last().unwrap();
            let left = &events[told..];
            let could_be = heard.iter().enumerate().filter(|(at, one)| {
                one.refusal.is_none()
                    && !order.contains(at)
                    && left[0].actor == Some(one.actor.account.raw())
            });
            let fits = could_be.filter_map(|(place, one)| {
                let mut after = state.clone();
                let did = after.does(&one.actor, &one.deed, (at, None), &names);
                let (_, done) = did.ok()??;
                // Of a draft nobody is told.
                if done.is_empty() {
                    return None;
                }
                let same = done.len() <= left.len()
                    && done.iter().zip(left).all(|(own, event)| {
                        own.kind == event.kind.0
                            && own.case.map(CaseId::raw) == event.case_id
                            && own.review.map(ReviewId::raw) == event.review_id
                            && own.department == event.department
                            && event.actor == left[0].actor
                    });
                same.then_some((one.answered, place, after, done.len()))
            });
            let first = fits.min_by_key(|(answered, ..)| *answered);
            let (_, place, after, count) = first.unwrap_or_else(|| {
                panic!("nobody was told of {:?}, at {told}", left[0]);
            });
            order.push(place);
            states.push(after);
            told += count;
        }
        self.assert_each_has_a_place(&heard, &order, &states);
        states.last().unwrap().assert_same(&seen);
        let done = heard.iter().filter(|one| one.refusal.is_none());
        done.map(|one| one.deed.name()).collect()
    }

    fn assert_each_has_a_place(&self, heard: &[Heard], order: &[usize], states: &[Shadow]) {
        let at = moment(self.app);
        let mut refused = 0;
        for (place, one) in heard.iter().enumerate() {
            // What was answered before this was asked for came before it, and the other way round.
            let mut from = 0;
            let mut to = order.len();
            for (nth, other) in order.iter().enumerate() {
                if heard[*other].answered < one.asked {
                    from = from.max(nth + 1);
                }
                if heard[*other].asked > one.answered {
                    to = to.min(nth);
                }
            }
            if let Some(nth) = order.iter().position(|other| *other == place) {
                assert!(
                    (from..=to).contains(&nth),
                    "{} {:?} is out of order",
                    one.name,
                    one.deed
                );
                continue;
            }
            refused += usize::from(one.refusal.is_some());
            let says = |state: &Shadow| {
                let did = state
                    .clone()
                    .does(&one.actor, &one.deed, (at, None), &Names::default());
                match did {
                    Ok(Some((_, done))) if done.is_empty() => Ok(None),
                    Ok(Some(_)) => Err("would have been done".to_owned()),
                    Ok(None) => Ok(None),
                    Err(refused) => {
                        let code = refused.reason.code().code().to_owned();
                        Ok(Some((code, refused.field.join("."))))
                    }
                }
            };
            let said: Vec<_> = states[from..=to].iter().map(says).collect();
            assert!(
                said.contains(&Ok(one.refusal.clone())),
                "{} was told {:?} of {:?}, but between {from} and {to} it is {said:?}",
                one.name,
                one.refusal,
                one.deed
            );
        }
        // A rush in which nearly nothing was done, or nearly nothing refused, would prove little.
        assert!(
            order.len() >= 20 && refused >= 20,
            "{} done, {refused} refused",
            order.len()
        );
    }

    /// What the ledger tells since the rush began, in its order.
    async fn new_events(&self) -> Vec<event::Model> {
        let db = open(&self.app.database_url).await;
        let mut events = Whole::assert(&db).await.events;
        db.close().await;
        let id = self.shadow.file.application.id.raw();
        events.retain(|event| event.application_id == Some(id) && !is_supervision(event.kind.0));
        events.sort_by_key(|event| event.position);
        events.split_off(self.shadow.file.course.0.len())
    }
}

/// What the rules of supervision raise is no act of anybody.
fn is_supervision(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::DeadlineNear
            | EventKind::PromiseOverdue
            | EventKind::StatutoryOverdue
            | EventKind::CardRaised
            | EventKind::CardCleared
    )
}

fn account(role: &str, department: &str) -> String {
    format!("{role}-{}", department.to_lowercase())
}
