//! An application once more, in the pure core beside the program: the same deeds of the same people at the same instants
//! are done to both, and both must say the same and stand the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use lianshen::env::Clock as _;
use lianshen_domain::actor::{Actor, Role, may};
use lianshen_domain::application::{
    Acceptance, AcceptanceKind, Application, ApplicationState, AskOpinions, Begin, Channel,
    Correction, Course, Extend, File, FileClock, MaterialRequest, Moment, NotAccepted, Rules,
    Wanted,
};
use lianshen_domain::bundle::BundleVersion;
use lianshen_domain::calendar::{Calendar, local_date};
use lianshen_domain::case::{Case, CaseResult, CaseState, Decision};
use lianshen_domain::clock::{ClockKind, Conventions, LampDates, Limit};
use lianshen_domain::code::Code as _;
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{ApplicationId, CaseId, Id, ItemVersionId, ReviewId};
use lianshen_domain::item::{ExtensionApprover, ItemVersion};
use lianshen_domain::rejected::{Reason, Rejected};
use lianshen_domain::review::{Opinion, Outcome, Review, ReviewState};
use lianshen_domain::supervision::Thresholds;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::app::TestApp;
use super::deed::{Deed, REASONS, Reach};
use super::seed;

/// What is published and adopted in the sample centre, with the program's conventions.
pub struct Book {
    items: BTreeMap<&'static str, &'static ItemVersion>,
    bundle: Option<&'static BundleVersion>,
    calendar: Arc<Calendar>,
    conventions: Conventions,
    thresholds: Thresholds,
    late_entry_days: u32,
}

impl Book {
    /// The rules of an application for a bundle.
    pub fn of(app: &TestApp, bundle: Option<&str>) -> Self {
        let file = seed::catalogue_file();
        let config = &app.program().config;
        let items = file.items.iter();
        let known = |code: &str| file.bundles.iter().find(|known| known.code == code);
        Self {
            items: items.map(|item| (item.code.as_str(), item)).collect(),
            bundle: bundle.map(|code| known(code).expect(code)),
            calendar: Arc::new(seed::working_days().clone()),
            conventions: config.conventions.clone(),
            thresholds: config.thresholds.clone(),
            late_entry_days: config.late_entry_days,
        }
    }
}

impl Rules for Book {
    fn item(&self, case: &Case) -> Option<&ItemVersion> {
        self.items.get(case.item.as_str()).copied()
    }

    fn bundle(&self) -> Option<&BundleVersion> {
        self.bundle
    }

    fn calendar(&self, _: Option<&str>) -> &Arc<Calendar> {
        &self.calendar
    }

    fn conventions(&self) -> &Conventions {
        &self.conventions
    }

    fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }
}

/// An application in the pure core, with the rules that it lives under.
#[derive(Clone)]
pub struct Shadow {
    /// It.
    pub file: File,
    /// The account that filed it online.
    applicant: Option<Actor>,
    rules: Arc<Book>,
    /// The versions of everything by its identifier: in the program, and in the core.
    counted: BTreeMap<String, (i64, i64)>,
}

/// What a deed did: what time had brought about before, and what came of the deed; nothing when it had been done before.
pub type Did = Option<(Vec<Happening>, Vec<Happening>)>;

/// What the program says of an application: states, versions, due dates.
const STANDING: &str = "query Standing($id: ID!) { application(id: $id) {
  id state outcome version window channel receivedOn acceptedOn jointPromised { dueOn } jointStatutory { dueOn }
  cases {
    id state result version item { code } department { code } predecessors { id }
    promised { dueOn } statutory { dueOn }
    reviews { id state opinion version promisedDueOn department { code } consultation { number } }
  } } }";

/// What the program says of an application now, as the supervisor sees it.
pub async fn standing(app: &TestApp, id: ApplicationId) -> Answer {
    let variables = json!({ "id": id.wire() });
    app.supervisor().query(STANDING, variables).await.ok()
}

impl Shadow {
    /// The shadow of an application that was received just now, and nothing more.
    pub async fn of(app: &TestApp, id: &str, rules: Book, applicant: Option<Actor>) -> Self {
        let id: ApplicationId = read(&json!(id));
        let seen = standing(app, id).await;
        let at = moment(app);
        let node = seen.data("application");
        assert_eq!(node["state"], "RECEIVED", "{seen}");
        let mut reviews = Vec::new();
        let cases = node["cases"].as_array().unwrap().iter().enumerate();
        let cases = cases.map(|(ordinal, node)| {
            let predecessors = node["predecessors"].as_array().unwrap().iter();
            let case = Case {
                id: read(&node["id"]),
                application: id,
                item_version: ItemVersionId::new(Uuid::nil()),
                item: text(&node["item"]["code"]),
                item_name: String::new(),
                department: text(&node["department"]["code"]),
                ordinal: i32::try_from(ordinal).unwrap(),
                predecessors: predecessors.map(|one| read(&one["id"])).collect(),
                case_number: String::new(),
                accepted_seq: None,
                state: CaseState::Received,
                dates: None,
                ending: None,
                former: Vec::new(),
                asked: 0,
                version: node["version"].as_i64().unwrap(),
            };
            let review = &node["reviews"][0];
            reviews.push(Review {
                id: read(&review["id"]),
                case: case.id,
                department: case.department.clone(),
                state: ReviewState::Waiting,
                claimed_by: None,
                claimed_at: None,
                given: None,
                consultation: None,
                draft: None,
                set_aside_because: None,
                version: review["version"].as_i64().unwrap(),
            });
            case
        });
        let cases = cases.collect();
        let mut file = File {
            application: Application {
                id,
                state: ApplicationState::Received,
                outcome: None,
                channel: Channel::from_code(&text(&node["channel"])).unwrap(),
                window: node["window"].as_str().map(str::to_owned),
                received_on: at.today,
                accepted_on: None,
                accepted_by: None,
                joint: LampDates::default(),
                eventful: false,
                renewal: None,
                concluded_at: None,
                closed_at: None,
                version: node["version"].as_i64().unwrap(),
            },
            cases,
            reviews,
            course: Course::default(),
        };
        let received = Happening::of_application(EventKind::ApplicationReceived);
        let by = applicant.as_ref().map(|actor| actor.account);
        file.course.add(&[received], by, at);
        file.wind(&rules, at.today);
        Self {
            file,
            applicant,
            rules: Arc::new(rules),
            counted: BTreeMap::new(),
        }
    }

    /// What is published of a case.
    pub fn item(&self, case: &Case) -> &ItemVersion {
        self.rules.item(case).expect("it is published")
    }

    /// The department that leads.
    pub fn lead(&self) -> Option<&str> {
        Some(self.rules.bundle?.lead_department.as_str())
    }

    /// A review.
    pub fn review(&self, id: ReviewId) -> Option<&Review> {
        self.file.reviews.iter().find(|review| review.id == id)
    }

    /// A case.
    pub fn case(&self, id: CaseId) -> Option<&Case> {
        self.file.cases.iter().find(|case| case.id == id)
    }

    /// Brings about what time has brought, and keeps it.
    pub fn sweep(&mut self, at: Moment) -> Vec<Happening> {
        let mut all = Vec::new();
        while let Some((_, happenings)) = self.file.lapse(at, &*self.rules).unwrap() {
            self.note(&happenings, None, at);
            all.extend(happenings);
        }
        all
    }

    /// Does a deed, or refuses it and stays as it was. New reviews get these identifiers, in order.
    ///
    /// # Errors
    /// What the program refuses.
    pub fn does(
        &mut self,
        actor: &Actor,
        deed: &Deed,
        (at, on): (Moment, Option<NaiveDate>),
        new_reviews: &[ReviewId],
    ) -> Result<Did, Rejected> {
        let mut tried = self.clone();
        let did = tried.tries(actor, deed, (at, on), new_reviews)?;
        if did.is_some() {
            *self = tried;
        }
        Ok(did)
    }

    fn tries(
        &mut self,
        actor: &Actor,
        deed: &Deed,
        (at, on): (Moment, Option<NaiveDate>),
        new_reviews: &[ReviewId],
    ) -> Result<Did, Rejected> {
        let (action, reach) = deed.right();
        may(actor, action)?;
        if let Deed::Decide(_, granted, reasons) = deed {
            decision(*granted, *reasons)?;
        }
        // Who does not see it learns nothing of what time has brought.
        self.expect_reach(actor, reach, deed)?;
        let by_time = if self.lies_on_the_desk(deed) {
            self.sweep(at)
        } else {
            Vec::new()
        };
        let dated = on.filter(|_| deed.is_dated());
        let Outcome::Done(done) = self.decides(actor, deed, (at, dated), new_reviews)? else {
            return Ok(None);
        };
        self.note(&done, Some(actor), at);
        // Whoever first acts at a window on an application that has none takes it there.
        if reach != Reach::Review && self.file.application.window.is_none() {
            self.file.application.window.clone_from(&actor.window);
        }
        Ok(Some((by_time, done)))
    }

    fn decides(
        &mut self,
        actor: &Actor,
        deed: &Deed,
        (at, on): (Moment, Option<NaiveDate>),
        new_reviews: &[ReviewId],
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let rules = &*self.rules.clone();
        let file = &mut self.file;
        let when = file.when(actor, at, on, self.rules.late_entry_days)?;
        let mut new_reviews = new_reviews.iter().copied();
        let mut new_id = || new_reviews.next().unwrap_or(ReviewId::new(Uuid::nil()));
        let extend = |days, approver| Extend { days, approver };
        let why = REASONS.to_owned();
        let refusal = |result| NotAccepted {
            result,
            reasons: REASONS.to_owned(),
            by: actor.account,
        };
        let expected = Limit::workdays;
        match deed {
            Deed::Claim(id) => return of_one(review_mut(file, *id)?.claim(actor, at.now)?),
            Deed::Release(id) => return of_one(review_mut(file, *id)?.release(actor)?),
            Deed::Give(id, kind) => {
                let opinion = Opinion::try_new(*kind, Some(why))?;
                return file.give_opinion(*id, actor, opinion, at);
            }
            Deed::TakeBack(id) => return file.withdraw_opinion(*id, REASONS, when),
            Deed::Decide(case, granted, reasons) => {
                return file.decide(*case, decision(*granted, *reasons)?, actor, when);
            }
            Deed::Announce => return file.announce_results(when),
            Deed::FailDelivery => return file.fail_delivery(when),
            Deed::Deliver => return file.deliver(when),
            Deed::Accept => {
                let mut items = file.cases.iter().filter_map(|case| rules.item(case));
                let on_promise = items.all(|item| item.notification_and_promise);
                let kind = if on_promise {
                    AcceptanceKind::Promise
                } else {
                    AcceptanceKind::Normal
                };
                let acceptance = Acceptance {
                    kind,
                    ..Acceptance::default()
                };
                file.accept(actor, when, &acceptance)
            }
            Deed::Notice(days) => {
                let correction = Correction {
                    points: 1,
                    days: *days,
                };
                file.notice_correction(&correction, when, rules)
            }
            Deed::ExtendSupplement(days) => file.extend_supplement(*days, when, rules),
            Deed::Supplement => file.supplement(when, rules),
            Deed::CorrectOnTheSpot => file.correct_on_the_spot(when),
            Deed::NotRequired(case) => {
                file.refuse_acceptance(*case, refusal(CaseResult::NotRequired), when)
            }
            Deed::NotCompetent(case) => {
                file.refuse_acceptance(*case, refusal(CaseResult::NotCompetent), when)
            }
            Deed::Ask(case, wanted, rule) => {
                let one = |(department, part): &(String, _)| Wanted {
                    department: department.clone(),
                    part: *part,
                    days: None,
                    veto_article: None,
                };
                let ask = AskOpinions {
                    question: why,
                    rule: *rule,
                    at_least: None,
                    wanted: wanted.iter().map(one).collect(),
                };
                file.ask_opinions(*case, &ask, when, rules, new_id)
            }
            Deed::Replace(id, by) => {
                file.replace_opinion(*id, (by, None), REASONS, (when, rules), new_id())
            }
            Deed::Begin(case, kind, days) => {
                let begin = Begin {
                    kind: *kind,
                    expected: expected(*days),
                    notice_delivered_on: when.on,
                };
                file.begin_procedure(*case, begin, when, rules)
            }
            Deed::Renotify(case, kind, days) => {
                file.renotify_procedure(*case, *kind, expected(*days), when)
            }
            Deed::End(case, kind) => file.end_procedure(*case, *kind, when),
            Deed::Extend(case, days) => {
                let extend = extend(*days, ExtensionApprover::AgencyHead);
                file.extend(*case, extend, when, rules)
            }
            Deed::ExtendJoint(days) => {
                let extend = extend(*days, ExtensionApprover::LocalGovernmentHead);
                file.extend_joint(extend, when, rules)
            }
            Deed::AskMaterial(case, code) => {
                let materials = vec![code.clone()];
                file.ask_material(*case, &MaterialRequest { materials }, when, rules)
            }
            Deed::ReceiveMaterial(case) => file.receive_material(*case, when),
            Deed::Withdraw(case) => file.withdraw(*case, actor, when),
            Deed::Terminate(case) => file.terminate(*case, why, actor, when),
            Deed::AskVoid(case) => file.ask_void(*case, when),
            Deed::ConfirmVoid(case) => file.confirm_void(*case, actor, when),
        }
        .map(Outcome::Done)
    }

    /// Claiming, giving back and an opinion on a case that asked nobody touch one row, and let time wait.
    fn lies_on_the_desk(&self, deed: &Deed) -> bool {
        match deed {
            Deed::Claim(_) | Deed::Release(_) => false,
            Deed::Give(id, _) => self.review(*id).is_some_and(|review| {
                let case = self.case(review.case);
                review.consultation.is_some() || case.is_some_and(|case| case.asked > 0)
            }),
            _ => true,
        }
    }

    fn expect_reach(&self, actor: &Actor, reach: Reach, deed: &Deed) -> Result<(), Rejected> {
        let application = &self.file.application;
        let own = |department: &str| actor.department.as_deref() == Some(department);
        let review = deed.review().and_then(|id| self.review(id));
        let case = deed.case().or(review.map(|review| review.case));
        let case = case.and_then(|id| self.case(id));
        let of_department = case.is_some_and(|case| own(&case.department));
        let of_lead = self.lead().is_some_and(own);
        let is_unclaimed = application.channel == Channel::Online && application.window.is_none();
        let own_window = application.window == actor.window || is_unclaimed;
        let of_applicant = self
            .applicant
            .as_ref()
            .is_some_and(|applicant| applicant.account == actor.account);
        let reaches = match (reach, actor.role) {
            (Reach::Review, _) => review.is_some_and(|review| {
                own(&review.department) && review.state != ReviewState::Withdrawn
            }),
            (Reach::Window | Reach::WindowOrDepartment | Reach::Applicant, Role::WindowClerk) => {
                own_window
            }
            (Reach::Applicant, Role::Applicant) => of_applicant,
            (Reach::DepartmentOrLead, Role::LeadCoordinator) => of_department || of_lead,
            (Reach::Department | Reach::WindowOrDepartment | Reach::DepartmentOrLead, _) => {
                of_department
            }
            (Reach::Lead, _) => of_lead,
            (Reach::Window | Reach::Applicant, _) => false,
        };
        if reaches {
            Ok(())
        } else {
            Err(Reason::NotFound.into())
        }
    }

    fn note(&mut self, happenings: &[Happening], by: Option<&Actor>, at: Moment) {
        let by = by.map(|actor| actor.account);
        self.file.course.add(happenings, by, at);
        self.file.wind(&*self.rules, at.today);
    }

    /// Fails unless the program says of the application what its shadow does.
    pub fn assert_same(&self, seen: &Answer) {
        let own = self.told(&self.file.clocks(&*self.rules));
        let told = told_by_program(seen.data("application"));
        assert_eq!(told, own, "left the program, right the core");
    }

    /// The same, and it has counted what changed since this was asked last: a
    /// version grows by one with what the core counts, at most by one with dates that move by themselves, and never
    /// by what was not done.
    pub fn assert_like(&mut self, seen: &Answer, has_changed: bool) {
        self.assert_same(seen);
        let now = versions(&self.file);
        let kept = versions_of_rows(seen.data("application"));
        for (id, row) in &kept {
            let Some((before, counted)) = self.counted.get(id) else {
                continue;
            };
            let grew = row - before;
            let least = i64::from(now[id] > *counted);
            let most = i64::from(has_changed);
            assert!(
                (least..=most).contains(&grew),
                "the version of {id} grew by {grew}, not by {least} to {most}"
            );
        }
        let rows = kept.into_iter();
        self.counted = rows
            .map(|(id, row)| (id.clone(), (row, now[&id])))
            .collect();
    }

    fn told(&self, clocks: &[FileClock]) -> Vec<String> {
        let file = &self.file;
        let due = |case: Option<CaseId>, kind: ClockKind| {
            let mut of = clocks.iter().filter(|clock| clock.case == case);
            let found = of.find(|clock| clock.running.kind == kind);
            found.and_then(FileClock::due_on)
        };
        let application = &file.application;
        let mut lines = vec![format!(
            "{} {:?} accepted {} joint {} {}",
            application.state.code(),
            application.outcome.map(|outcome| outcome.code()),
            day(application.accepted_on),
            day(due(None, ClockKind::JointPromised)),
            day(due(None, ClockKind::Joint)),
        )];
        for case in &file.cases {
            lines.push(format!(
                "{} {} {:?} due {} {}",
                case.item,
                case.state.code(),
                case.ending.as_ref().map(|ending| ending.result.code()),
                day(due(Some(case.id), ClockKind::Promised)),
                day(due(Some(case.id), ClockKind::Statutory)),
            ));
            let reviews = file.reviews.iter().filter(|review| review.case == case.id);
            lines.extend(reviews.map(|review| {
                let asked = review.consultation.as_ref();
                format!(
                    "  {} {} {} {:?} due {}",
                    review.id.wire(),
                    review.department,
                    review.state.code(),
                    review.given.as_ref().map(|given| given.opinion.kind.code()),
                    day(asked.and_then(|asked| asked.lamp.promised_due_on)),
                )
            }));
        }
        lines
    }
}

/// What an act on one review brought about.
fn of_one(outcome: Outcome<Happening>) -> Result<Outcome<Vec<Happening>>, Rejected> {
    Ok(match outcome {
        Outcome::Done(happening) => Outcome::Done(vec![happening]),
        Outcome::Unchanged => Outcome::Unchanged,
    })
}

fn review_mut(file: &mut File, id: ReviewId) -> Result<&mut Review, Rejected> {
    let mut reviews = file.reviews.iter_mut();
    let found = reviews.find(|review| review.id == id);
    found.ok_or_else(|| Reason::NotFound.into())
}

fn decision(granted: bool, reasons: bool) -> Result<Decision, Rejected> {
    Decision::try_new(granted, reasons.then(|| REASONS.to_owned()))
}

/// The same lines as the shadow's, by what the program says.
fn told_by_program(node: &Value) -> Vec<String> {
    let due = |clock: &Value| clock["dueOn"].as_str().unwrap_or("-").to_owned();
    let code = |value: &Value| value.as_str().map(str::to_owned);
    let mut lines = vec![format!(
        "{} {:?} accepted {} joint {} {}",
        text(&node["state"]),
        code(&node["outcome"]),
        node["acceptedOn"].as_str().unwrap_or("-"),
        due(&node["jointPromised"]),
        due(&node["jointStatutory"]),
    )];
    for case in node["cases"].as_array().unwrap() {
        lines.push(format!(
            "{} {} {:?} due {} {}",
            text(&case["item"]["code"]),
            text(&case["state"]),
            code(&case["result"]),
            due(&case["promised"]),
            due(&case["statutory"]),
        ));
        for review in case["reviews"].as_array().unwrap() {
            let asked = review["consultation"].is_object();
            let due = review["promisedDueOn"].as_str().filter(|_| asked);
            lines.push(format!(
                "  {} {} {} {:?} due {}",
                text(&review["id"]),
                text(&review["department"]["code"]),
                text(&review["state"]),
                code(&review["opinion"]),
                due.unwrap_or("-"),
            ));
        }
    }
    lines
}

fn versions(file: &File) -> BTreeMap<String, i64> {
    let application = (file.application.id.wire(), file.application.version);
    let cases = file.cases.iter().map(|case| (case.id.wire(), case.version));
    let reviews = file.reviews.iter();
    let reviews = reviews.map(|review| (review.id.wire(), review.version));
    cases.chain(reviews).chain([application]).collect()
}

fn versions_of_rows(node: &Value) -> BTreeMap<String, i64> {
    let version = |node: &Value| (text(&node["id"]), node["version"].as_i64().unwrap());
    let mut all = BTreeMap::from([version(node)]);
    for case in node["cases"].as_array().unwrap() {
        all.extend([version(case)]);
        all.extend(case["reviews"].as_array().unwrap().iter().map(version));
    }
    all
}

/// The reviews that the program has and a shadow does not know yet.
pub fn new_reviews(seen: &Answer, shadow: &Shadow) -> Vec<ReviewId> {
    let cases = seen.list("application.cases").iter();
    let reviews = cases.flat_map(|case| case["reviews"].as_array().unwrap());
    let ids = reviews.map(|review| read(&review["id"]));
    ids.filter(|id| shadow.review(*id).is_none()).collect()
}

/// The instant that the program's clock shows.
pub fn moment(app: &TestApp) -> Moment {
    let now = app.clock.now();
    Moment {
        now,
        today: local_date(now),
    }
}

/// An identifier from the wire.
#[track_caller]
pub fn read<I: Id>(wire: &Value) -> I {
    let wire = wire.as_str().unwrap_or_else(|| panic!("no id: {wire}"));
    let (kind, id) = wire.split_once(':').expect("a kind stands in front");
    assert_eq!(kind, I::KIND);
    I::new(id.parse().unwrap())
}

fn text(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

fn day(day: Option<NaiveDate>) -> String {
    day.map_or("-".to_owned(), |day| day.to_string())
}
