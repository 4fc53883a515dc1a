//! Random people do random things on random days, to the program and to the pure core at once. After each thing both have
//! said the same, stand the same, and count the same days; in the end, time and dutiful people close everything.
//!
//! Each step follows from where the life stands and from what chance says; proptest says it, and of a life that fails it
//! leaves out steps until nothing can be left out. What was done until then is printed, the shortest life last.
//! `LIANSHEN_MODEL_SEED=7` lives other lives than usual, `LIANSHEN_MODEL_LIVES=60` more of them.

mod deeds;
mod somebody;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, TimeDelta};
use lianshen_domain::actor::Actor;
use lianshen_domain::application::ApplicationState;
use lianshen_domain::calendar::start_of;
use lianshen_domain::case::{Case, CaseState};
use lianshen_domain::code::Code as _;
use lianshen_domain::consultation;
use lianshen_domain::ids::{AccountId, CaseId, Id as _};
use lianshen_domain::mediation::{Mediation, MediationLevel, MediationState};
use lianshen_domain::missing::ReportState;
use lianshen_domain::review::{OpinionKind, Review, ReviewState};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::support::deed::{Deed, InMediation};
use crate::support::shadow::{Book, Names, Shadow, moment, standing};
use crate::support::world::{input_for_bundle, input_for_items};
use crate::support::{TestApp, documents, each_db, number, seed};

/// How many lives a run has, unless the environment says otherwise.
const LIVES: u64 = 8;
/// How often a life that failed is lived again with less.
const MOST_SHRINKS: u32 = 60;

each_db! {
    async fn whatever_random_people_do_the_program_says_and_counts_what_the_core_does(app: TestApp) {
        let seed = number("LIANSHEN_MODEL_SEED").unwrap_or(1);
        let lives = number("LIANSHEN_MODEL_LIVES").unwrap_or(LIVES);
        let people = RefCell::new(People::default());
        let chances = (any::<u64>(), prop::collection::vec(any::<u64>(), 25..50));
        let lived = runner(seed, lives).run(&chances, |(begin, steps)| {
            let mut people = people.borrow_mut();
            let life = Life::whole(&app, &mut people, begin, &steps);
            tokio::task::block_in_place(|| Handle::current().block_on(life));
            Ok(())
        });
        if let Err(failure) = lived {
            panic!("{failure}");
        }
        app.assert_sound().await;
        if number("LIANSHEN_MODEL_SEED").is_some() || lives < LIVES {
            return;
        }
        // A run in which little was done, brought about or refused would prove little.
        let People { done, brought, refused, .. } = people.into_inner();
        let counts = (done.len(), brought.len(), refused.len());
        let is_much = counts.0 >= 38 && counts.1 >= 45 && counts.2 >= 26;
        assert!(is_much, "{counts:?}: only {done:?} was done, {brought:?} happened, {refused:?} was refused");
    }
}

/// So many lives, the same each time.
fn runner(seed: u64, lives: u64) -> TestRunner {
    let config = Config {
        cases: u32::try_from(lives).unwrap(),
        max_shrink_iters: MOST_SHRINKS,
        failure_persistence: None,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Everybody who has acted so far.
#[derive(Default)]
struct People {
    known: BTreeMap<String, Actor>,
    /// What they have done together.
    done: BTreeSet<&'static str>,
    /// What came of it, or of time.
    brought: BTreeSet<&'static str>,
    /// By which codes they were refused.
    refused: BTreeSet<String>,
}

impl People {
    async fn named(&mut self, app: &TestApp, name: &str) -> Actor {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let actor = app.person(&app.as_(name)).await;
        self.known.insert(name.to_owned(), actor.clone());
        actor
    }

    fn name_of(&self, account: AccountId) -> Option<String> {
        let mut all = self.known.iter();
        let found = all.find(|(_, actor)| actor.account == account);
        found.map(|(name, _)| name.clone())
    }
}

/// One application and its shadow.
struct Life<'a> {
    app: &'a TestApp,
    people: &'a mut People,
    dice: StdRng,
    shadow: Shadow,
    story: Story,
}

/// What was done so far; a failure prints it.
struct Story {
    seed: u64,
    lines: Vec<String>,
}

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let lines = self.lines.join("\n  ");
            eprintln!(
                "the life that began with {} until then:\n  {lines}",
                self.seed
            );
        }
    }
}

impl<'a> Life<'a> {
    /// From the receipt through all steps to the closing.
    async fn whole(app: &'a TestApp, people: &'a mut People, begin: u64, steps: &[u64]) {
        let mut life = Life::begin(app, people, begin).await;
        for chance in steps {
            life.dice = StdRng::seed_from_u64(*chance);
            if life.is_closed() && life.dice.random_bool(0.3) {
                break;
            }
            life.step().await;
        }
        life.let_time_run().await;
        life.end().await;
    }

    /// Something is received, of a bundle or of some items, at the window or online.
    async fn begin(app: &'a TestApp, people: &'a mut People, seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let file = seed::catalogue_file();
        let (bundle, mut input) = if dice.random_bool(0.7) {
            let bundle = file.bundles.choose(&mut dice).unwrap();
            let mut answers = Vec::new();
            for question in &bundle.questions {
                let option = question.options.choose(&mut dice).unwrap();
                answers.push((question.id.as_str(), option.value.as_str()));
            }
            (
                Some(bundle.code.as_str()),
                input_for_bundle(&bundle.code, &answers),
            )
        } else {
            let items = ["SJJ-01-002", "ZJJ-01-004", "SLJ-01-001", "WJW-01-001"];
            let count = dice.random_range(1..=items.len());
            (None, input_for_items(&items[..count]))
        };
        let online = dice.random_bool(0.4);
        input["receiveOnly"] = json!(!online);
        let by = if online { "applicant" } else { "clerk" };
        let received = app.as_(by).act(&documents::SUBMIT, input).await.done();
        let id = received.text("applicationSubmit.application.id");
        let applicant = match online {
            true => Some(people.named(app, by).await),
            false => None,
        };
        let shadow = Shadow::of(app, &id, Book::of(app, bundle), applicant).await;
        let line = format!("{} {bundle:?} by {by}", app.clock.today());
        let story = Story {
            seed,
            lines: vec![line],
        };
        Self {
            app,
            people,
            dice,
            shadow,
            story,
        }
    }

    /// Whether nothing is left to do.
    fn is_closed(&self) -> bool {
        self.shadow.file.application.state == ApplicationState::Closed
    }

    /// Some time passes, and somebody does something.
    async fn step(&mut self) {
        let days = *[0, 0, 0, 0, 0, 0, 1, 1, 2, 5]
            .choose(&mut self.dice)
            .unwrap();
        self.pass(days).await;
        let (who, deed) = self.choice().await;
        let back = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 5];
        let back = *back.choose(&mut self.dice).unwrap();
        let today = self.app.clock.today();
        let on = (back > 0).then(|| today - Days::new(back));
        let on = on.or_else(|| self.dice.random_bool(0.02).then(|| today + Days::new(1)));
        self.does(&who, &deed, on).await;
    }

    /// Somebody and what they do: anything, or what can be done now, and of that mostly what nobody has done yet.
    async fn choice(&mut self) -> (String, Deed) {
        let looks = if self.dice.random_bool(0.6) { 12 } else { 1 };
        let at = moment(self.app);
        let mut found = None;
        for _ in 0..looks {
            let deed = self.any_deed().await;
            let who = self.somebody(&deed);
            let actor = self.people.named(self.app, &who).await;
            let mut tried = self.shadow.clone();
            let did = tried.does(&actor, &deed, (at, None), &Names::default());
            let can_be_done = matches!(did, Ok(Some(_)));
            let is_new = !self.people.done.contains(deed.name());
            if can_be_done && is_new {
                return (who, deed);
            }
            // What has ended teaches no more.
            if can_be_done && deed.ends_something() && self.dice.random_bool(0.85) {
                continue;
            }
            if can_be_done || found.is_none() {
                found = Some((who, deed));
            }
        }
        match found {
            Some(found) => found,
            None => (self.clerk(), Deed::Accept),
        }
    }

    /// Days pass; on most of them the program looks in the morning at what time has brought.
    async fn pass(&mut self, days: u64) {
        if days == 0 {
            self.app.clock.advance(TimeDelta::minutes(1));
            return;
        }
        let day = self.app.clock.today() + Days::new(days);
        self.app.clock.set(start_of(day) + TimeDelta::hours(9));
        if self.dice.random_bool(0.7) {
            self.sweep().await;
        }
    }

    async fn sweep(&mut self) {
        let at = moment(self.app);
        self.story.lines.push(format!("{} sweep", at.today));
        self.app.sweep().await;
        let brought = self.shadow.sweep(at);
        let brought = brought.iter().map(|told| told.kind.code());
        self.people.brought.extend(brought.clone());
        self.story
            .lines
            .extend(brought.map(|kind| format!("  {kind}")));
        let seen = standing(self.app, self.shadow.file.application.id).await;
        self.shadow.assert_like(&seen, true);
    }

    /// Somebody does it to both; answers whether it was done.
    async fn does(&mut self, who: &str, deed: &Deed, on: Option<NaiveDate>) -> bool {
        let (app, id) = (self.app, self.shadow.file.application.id);
        let at = moment(app);
        let dated = on.map_or(String::new(), |on| format!(" for {on}"));
        self.story
            .lines
            .push(format!("{}{dated} {who} {deed:?}", at.today));
        let actor = self.people.named(app, who).await;
        let answer = deed.done_by(&app.as_(who), id, at.today, on).await;
        let seen = standing(app, id).await;
        let before = self.shadow.file.clone();
        let did = self.shadow.does(&actor, deed, (at, on), &Names::of(&seen));
        let refusals: Vec<_> = did
            .as_ref()
            .err()
            .map(|refused| {
                (
                    refused.reason.code().code().to_owned(),
                    refused.field.join("."),
                )
            })
            .into_iter()
            .collect();
        let codes = answer.user_errors(deed.name()).into_iter();
        let told: Vec<_> = codes.zip(answer.fields(deed.name())).collect();
        assert_eq!(told, refusals, "left the program, right the core: {answer}");
        let said = refusals.first().map_or("done", |(code, _)| code.as_str());
        self.story.lines.push(format!("  {said}"));
        match &did {
            Ok(Some((by_time, done))) => {
                self.people.done.insert(deed.name());
                let told = by_time.iter().chain(done);
                let told = told.map(|told| told.kind.code());
                self.people.brought.extend(told);
            }
            Ok(None) => {}
            Err(_) => self.people.refused.extend([said.to_owned()]),
        }
        let has_changed = matches!(did, Ok(Some(_))) || self.shadow.file != before;
        self.shadow.assert_like(&seen, has_changed);
        if let Deed::Draft(id, _) = deed
            && did.is_ok()
        {
            let kept = self
                .shadow
                .review(*id)
                .and_then(|review| review.draft.clone());
            let kept = kept.map(|draft| json!({ "opinion": draft.kind.map(|kind| kind.code()), "reasons": draft.reasons }));
            let told = answer.data("reviewDraftOpinion.review.draft");
            assert_eq!(told, &json!(kept));
        }
        refusals.is_empty()
    }

    /// Weeks in which nobody does anything.
    async fn let_time_run(&mut self) {
        for days in [1, 3, 7, 14] {
            let day = self.app.clock.today() + Days::new(days);
            self.app.clock.set(start_of(day) + TimeDelta::hours(9));
            self.sweep().await;
        }
    }

    /// Everybody does their duty until it is closed.
    async fn end(&mut self) {
        for _ in 0..200 {
            match self.duty() {
                Some((who, deed)) => {
                    self.app.clock.advance(TimeDelta::minutes(1));
                    if !self.does(&who, &deed, None).await {
                        self.pass(1).await;
                        self.sweep().await;
                    }
                }
                None => break,
            }
        }
        assert!(self.is_closed(), "it never ends");
        self.assert_told().await;
    }

    /// Who holds the level of a mediation.
    fn holder_of(&self, mediation: &Mediation) -> String {
        let of = |role: &str| account(role, mediation.held_by().unwrap_or_default());
        match mediation.level() {
            MediationLevel::Lead if self.shadow.lead().is_some() => of("lead"),
            MediationLevel::Lead | MediationLevel::NamedDepartment => of("decider"),
            MediationLevel::Centre | MediationLevel::GovernmentHead => "administrator".to_owned(),
        }
    }

    /// What is told of it, each thing with its day, is what the core says has happened.
    async fn assert_told(&self) {
        let timeline = "query Told($id: ID!, $after: String) { application(id: $id) {
          timeline(first: 100, after: $after) { nodes { kind caseId happenedAt } pageInfo { hasNextPage endCursor } } } }";
        let supervision = [
            "DEADLINE_NEAR",
            "PROMISE_OVERDUE",
            "STATUTORY_OVERDUE",
            "CARD_RAISED",
            "CARD_CLEARED",
        ];
        let (mut told, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "id": self.shadow.file.application.id.wire(), "after": after });
            let page = self.app.supervisor().query(timeline, variables).await.ok();
            for event in page.list("application.timeline.nodes") {
                let kind = event["kind"].as_str().unwrap();
                if !supervision.contains(&kind) {
                    told.push(format!(
                        "{kind} {}",
                        event["caseId"].as_str().unwrap_or("-")
                    ));
                }
            }
            if page.data("application.timeline.pageInfo.hasNextPage") == &json!(false) {
                break;
            }
            after = page.data("application.timeline.pageInfo.endCursor").clone();
        }
        let course = self.shadow.file.course.0.iter();
        let course: Vec<String> = course
            .map(|entry| {
                let case = entry.case.map_or("-".to_owned(), CaseId::wire);
                format!("{} {case}", entry.kind.code())
            })
            .collect();
        assert_eq!(told, course);
    }

    /// What has to be done next, by whom.
    fn duty(&self) -> Option<(String, Deed)> {
        let file = &self.shadow.file;
        let clerk = |deed| Some((self.clerk(), deed));
        let of = |role: &str, case: &Case| account(role, &case.department);
        match file.application.state {
            ApplicationState::Received => {
                let round = file.report_round();
                let misses = |case: &&Case| {
                    let report = self.shadow.reports.of(case.id, round);
                    let misses =
                        report.is_some_and(|report| report.state() == ReportState::Missing);
                    misses && !case.state.has_ended()
                };
                return match file.cases.iter().find(misses) {
                    Some(case) => Some((of("reviewer", case), Deed::ReportComplete(case.id))),
                    None => clerk(Deed::Accept),
                };
            }
            ApplicationState::Correction => return clerk(Deed::Supplement),
            ApplicationState::Concluded => {
                return match file.papers_owed().next() {
                    Some(case) => Some((of("decider", case), Deed::IssuePaper(case.id))),
                    None => clerk(Deed::Deliver(None)),
                };
            }
            ApplicationState::Closed => return None,
            ApplicationState::InReview => {}
        }
        file.cases.iter().find_map(|case| self.duty_on(case))
    }

    fn duty_on(&self, case: &Case) -> Option<(String, Deed)> {
        let of_case = |review: &&Review| review.case == case.id;
        let open =
            |review: &&Review| matches!(review.state, ReviewState::Open | ReviewState::Claimed);
        let reviews = || self.shadow.file.reviews.iter().filter(of_case).filter(open);
        let asked = reviews().find(|review| review.consultation.is_some());
        let examination = || reviews().find(|review| review.consultation.is_none());
        let agrees = |review: &Review| {
            let holder = review
                .claimed_by
                .and_then(|account| self.people.name_of(account));
            let usual = || account("reviewer", &review.department);
            (
                holder.unwrap_or_else(usual),
                Deed::give(review.id, OpinionKind::Agree),
            )
        };
        let decides = |granted| {
            let decider = account("decider", &case.department);
            (decider, Deed::Decide(case.id, granted, true))
        };
        match case.state {
            CaseState::Suspended => {
                let open = self.shadow.file.course.open_procedures(case.id);
                let (_, kind) = open.first()?;
                Some((
                    account("reviewer", &case.department),
                    Deed::End(case.id, *kind),
                ))
            }
            CaseState::InReview => asked.or_else(examination).map(agrees),
            CaseState::Deciding => {
                if let Some(asked) = asked {
                    return Some(agrees(asked));
                }
                let of_case = self.shadow.file.reviews.iter().filter(of_case);
                let is_veto = |(review, kind): (&Review, OpinionKind)| {
                    let asked = review.consultation.as_ref();
                    let article = asked.and_then(|asked| asked.veto_article.as_ref());
                    article.is_some() && kind == OpinionKind::Disagree
                };
                if consultation::standing(of_case).into_iter().any(is_veto) {
                    return Some(decides(false));
                }
                let mut mediations = self.shadow.mediations.iter();
                let open =
                    mediations.find(|one| one.case == case.id && one.state == MediationState::Open);
                Some(open.map_or_else(
                    || decides(true),
                    |one| {
                        (
                            self.holder_of(one),
                            Deed::InMediation(one.id, InMediation::Settle),
                        )
                    },
                ))
            }
            _ => None,
        }
    }
}

/// The name of somebody of a department.
fn account(role: &str, department: &str) -> String {
    format!("{role}-{}", department.to_lowercase())
}
