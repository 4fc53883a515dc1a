//! Random people do random things on random days, to the program and to the pure core at once. After each thing both have
//! said the same, stand the same, and count the same days; in the end, time and dutiful people close everything.
//!
//! A life is known by its seed, which is printed when it fails, with all that was done until then:
//! `LIANSHEN_MODEL_SEED=7 LIANSHEN_MODEL_LIVES=1` lives it again. More lives than usual search further.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, TimeDelta};
use lianshen_domain::actor::Actor;
use lianshen_domain::application::ApplicationState;
use lianshen_domain::calendar::start_of;
use lianshen_domain::case::{Case, CaseState};
use lianshen_domain::code::Code as _;
use lianshen_domain::consultation::{CompletionRule, OpinionPart};
use lianshen_domain::ids::{AccountId, CaseId, Id as _, ReviewId};
use lianshen_domain::item::SpecialProcedureKind;
use lianshen_domain::review::{OpinionKind, Review, ReviewState};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::support::deed::{Deed, Reach};
use crate::support::shadow::{Book, Shadow, moment, new_reviews, standing};
use crate::support::world::{input_for_bundle, input_for_items};
use crate::support::{TestApp, documents, each_db, number, seed};

/// How many lives a run has, unless the environment says otherwise.
const LIVES: u64 = 8;

/// Whom opinions are asked of, beside those that have cases.
const OTHERS: [&str; 4] = ["CGJ", "XFD", "WJW", "CZJ"];

each_db! {
    async fn whatever_random_people_do_the_program_says_and_counts_what_the_core_does(app: TestApp) {
        let first = number("LIANSHEN_MODEL_SEED").unwrap_or(1);
        let lives = number("LIANSHEN_MODEL_LIVES").unwrap_or(LIVES);
        let mut people = People::default();
        for seed in first..first + lives {
            let mut life = Life::begin(&app, &mut people, seed).await;
            for _ in 0..life.dice.random_range(15..40) {
                life.step().await;
            }
            life.let_time_run().await;
            life.end().await;
        }
        app.assert_sound().await;
        assert!(people.done.len() >= 20, "only this was done: {:?}", people.done);
    }
}

/// Everybody who has acted so far.
#[derive(Default)]
struct People {
    known: BTreeMap<String, Actor>,
    /// What they have done together.
    done: BTreeSet<&'static str>,
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
            eprintln!("the life of seed {} until then:\n  {lines}", self.seed);
        }
    }
}

impl<'a> Life<'a> {
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

    /// Some time passes, and somebody does something.
    async fn step(&mut self) {
        let days = *[0, 0, 0, 0, 1, 1, 2, 5].choose(&mut self.dice).unwrap();
        self.pass(days).await;
        let deed = self.any_deed();
        let who = self.somebody(&deed);
        let back = [0, 0, 0, 0, 0, 0, 0, 1, 2, 5];
        let back = *back.choose(&mut self.dice).unwrap();
        let today = self.app.clock.today();
        let on = (back > 0).then(|| today - Days::new(back));
        let on = on.or_else(|| self.dice.random_bool(0.02).then(|| today + Days::new(1)));
        self.does(&who, &deed, on).await;
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
        let fresh = new_reviews(&seen, &self.shadow);
        let did = self.shadow.does(&actor, deed, (at, on), &fresh);
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
        if refusals.is_empty() {
            self.people.done.insert(deed.name());
        }
        let has_changed = matches!(did, Ok(Some(_)));
        self.shadow.assert_like(&seen, has_changed);
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
        let state = self.shadow.file.application.state;
        assert_eq!(state, ApplicationState::Closed, "it never ends");
        self.assert_told().await;
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
        let clerk = |deed| Some(("clerk".to_owned(), deed));
        match file.application.state {
            ApplicationState::Received => return clerk(Deed::Accept),
            ApplicationState::Correction => return clerk(Deed::Supplement),
            ApplicationState::Concluded => return clerk(Deed::Deliver),
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
                Deed::Give(review.id, OpinionKind::Agree),
            )
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
            CaseState::Deciding => Some(asked.map_or_else(
                || {
                    (
                        account("decider", &case.department),
                        Deed::Decide(case.id, true, true),
                    )
                },
                agrees,
            )),
            _ => None,
        }
    }

    /// Something that may be done now, more often than something that may not.
    fn any_deed(&mut self) -> Deed {
        let file = self.shadow.file.clone();
        let under_way: Vec<&Case> = file
            .cases
            .iter()
            .filter(|case| case.state.is_under_way())
            .collect();
        let all = file.cases.iter().collect();
        let case = self.mostly(under_way, all).clone();
        let id = case.id;
        let of_case = file.reviews.iter().filter(|review| review.case == id);
        let open = of_case.filter(|review| !review.state.is_over()).collect();
        let review = self.mostly(open, file.reviews.iter().collect()).clone();
        let asked = file.reviews.iter();
        let asked = asked.filter(|review| review.consultation.is_some() && !review.state.is_over());
        let asked = self.mostly(asked.collect(), vec![&review]).clone();
        let kind = self.any_procedure(&case);
        let days = self.dice.random_range(1..12);
        let other = self.other();
        let opinion = *OpinionKind::ALL.choose(&mut self.dice).unwrap();
        let ask = self.any_question(id);
        let material = self.shadow.item(&case).materials.choose(&mut self.dice);
        let material = material.cloned().unwrap_or_else(|| "M-APP".to_owned());
        let reasons = self.dice.random_bool(0.7);
        let whole = match file.application.state {
            ApplicationState::Received => vec![
                Deed::Accept,
                Deed::Accept,
                Deed::Accept,
                Deed::Notice((days > 3).then_some(days)),
                Deed::Accept,
                Deed::Accept,
                Deed::Notice(None),
                Deed::CorrectOnTheSpot,
                match reasons {
                    true => Deed::NotRequired(id),
                    false => Deed::NotCompetent(id),
                },
            ],
            ApplicationState::Correction => vec![
                Deed::Supplement,
                Deed::Supplement,
                Deed::ExtendSupplement(days),
            ],
            ApplicationState::InReview => match case.state {
                CaseState::Suspended => vec![
                    Deed::End(id, kind),
                    Deed::End(id, kind),
                    Deed::Renotify(id, kind, days),
                ],
                CaseState::Deciding => vec![
                    Deed::Decide(id, true, reasons),
                    Deed::Decide(id, true, reasons),
                    Deed::Decide(id, false, reasons),
                    ask,
                ],
                _ => vec![
                    ask.clone(),
                    ask,
                    Deed::Begin(id, kind, days),
                    Deed::Begin(id, kind, days),
                    Deed::Extend(id, days),
                    Deed::AskMaterial(id, material),
                    Deed::ReceiveMaterial(id),
                    Deed::Claim(review.id),
                    Deed::Give(review.id, opinion),
                    Deed::Give(review.id, opinion),
                    Deed::Give(asked.id, opinion),
                    Deed::TakeBack(asked.id),
                    Deed::Replace(asked.id, other.clone()),
                ],
            },
            ApplicationState::Concluded | ApplicationState::Closed => {
                vec![Deed::Announce, Deed::FailDelivery, Deed::Deliver]
            }
        };
        if self.dice.random_bool(0.75) {
            return whole.choose(&mut self.dice).unwrap().clone();
        }
        let anything = [
            Deed::Accept,
            Deed::Supplement,
            Deed::Release(review.id),
            Deed::Claim(review.id),
            Deed::Give(review.id, opinion),
            Deed::TakeBack(review.id),
            Deed::Replace(review.id, other),
            Deed::Decide(id, true, reasons),
            Deed::End(id, kind),
            Deed::ExtendJoint(days + 5),
            Deed::Withdraw(Some(id)),
            Deed::Withdraw(None),
            Deed::Terminate(id),
            Deed::AskVoid(id),
            Deed::ConfirmVoid(id),
            Deed::ReceiveMaterial(id),
            Deed::Deliver,
        ];
        anything.choose(&mut self.dice).unwrap().clone()
    }

    /// One of the first, if there are any, and now and then one of the second.
    fn mostly<'b, T>(&mut self, first: Vec<&'b T>, second: Vec<&'b T>) -> &'b T {
        let from = if first.is_empty() || self.dice.random_bool(0.15) {
            second
        } else {
            first
        };
        from.choose(&mut self.dice).expect("there is one")
    }

    /// A procedure that the item lists, if it lists any.
    fn any_procedure(&mut self, case: &Case) -> SpecialProcedureKind {
        let listed = &self.shadow.item(case).special_procedures;
        let listed = listed.choose(&mut self.dice).map(|listed| listed.kind);
        listed.unwrap_or_else(|| *SpecialProcedureKind::ALL.choose(&mut self.dice).unwrap())
    }

    fn other(&mut self) -> String {
        (*OTHERS.choose(&mut self.dice).unwrap()).to_owned()
    }

    fn any_question(&mut self, case: CaseId) -> Deed {
        let mut wanted: Vec<(String, OpinionPart)> = Vec::new();
        for _ in 0..self.dice.random_range(1..4) {
            let part = *OpinionPart::ALL.choose(&mut self.dice).unwrap();
            wanted.push((self.other(), part));
        }
        let rule = *[CompletionRule::All, CompletionRule::Any]
            .choose(&mut self.dice)
            .unwrap();
        Deed::Ask(case, wanted, rule)
    }

    /// Whose business it is, mostly.
    fn somebody(&mut self, deed: &Deed) -> String {
        let second = if self.dice.random_bool(0.2) { "-2" } else { "" };
        let review = |id: ReviewId| self.shadow.review(id).cloned();
        let review = deed.review().and_then(review);
        let case = deed.case().or(review.as_ref().map(|review| review.case));
        let department = case
            .and_then(|id| self.shadow.case(id))
            .map(|case| case.department.clone());
        let department = department.unwrap_or_else(|| self.other());
        if self.dice.random_bool(0.1) {
            let anybody = [
                "clerk",
                "clerk-2",
                "applicant",
                "supervisor",
                "reviewer-cgj",
                "decider-xfd",
                "lead-sjj",
            ];
            return (*anybody.choose(&mut self.dice).unwrap()).to_owned();
        }
        let role = match deed {
            Deed::Decide(..) | Deed::Extend(..) | Deed::Terminate(_) => "decider",
            Deed::AskVoid(_) | Deed::ConfirmVoid(_) | Deed::Begin(..) | Deed::End(..)
                if self.dice.random_bool(0.5) =>
            {
                "decider"
            }
            Deed::ExtendJoint(_) => "lead",
            _ => "reviewer",
        };
        match deed.right().1 {
            Reach::Window => "clerk".to_owned(),
            Reach::Applicant if self.dice.random_bool(0.5) => "applicant".to_owned(),
            Reach::Applicant => "clerk".to_owned(),
            Reach::WindowOrDepartment if role == "reviewer" => "clerk".to_owned(),
            Reach::Lead => {
                let lead = self.shadow.lead().unwrap_or("SJJ");
                format!("{}{second}", account(role, lead))
            }
            Reach::Review => {
                let of = review.map_or(department, |review| review.department);
                format!("{}{second}", account(role, &of))
            }
            _ => format!("{}{second}", account(role, &department)),
        }
    }
}

fn account(role: &str, department: &str) -> String {
    format!("{role}-{}", department.to_lowercase())
}
