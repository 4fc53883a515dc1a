//! An application once more, in the pure core beside the program: the same deeds of the same people at the same instants
//! are done to both, and both must say the same and stand the same.

mod book;
mod material;
mod mediation;
mod missing;
mod names;
mod reach;
mod review;
mod told;
mod visit;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use lianshen::env::Clock as _;
use lianshen_domain::actor::{Actor, may};
use lianshen_domain::application::{
    Acceptance, AcceptanceKind, Application, ApplicationState, Begin, Channel, Course, Extend,
    File, Lapsed, MaterialRequest, Moment, NotAccepted, Rules,
};
use lianshen_domain::calendar::local_date;
use lianshen_domain::case::{Case, CaseResult, CaseState, Decision};
use lianshen_domain::clock::{LampDates, Limit};
use lianshen_domain::code::Code as _;
use lianshen_domain::conflict::{Conflict, conflicts};
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{AccountId, ApplicationId, CaseId, Id, ItemVersionId, ReviewId};
use lianshen_domain::item::{ExtensionApprover, ItemVersion};
use lianshen_domain::mediation::Mediation;
use lianshen_domain::missing::Reports;
use lianshen_domain::rejected::{Reason, Rejected};
use lianshen_domain::review::{Outcome, Review, ReviewState};
use lianshen_domain::sharing::demanded_faults;
use lianshen_domain::visit::Visit;
use serde_json::{Value, json};
use uuid::Uuid;

use super::app::TestApp;
use super::deed::{Deed, REASONS, Reach};
use super::seed;

pub use book::Book;
pub use material::Material;
pub use names::Names;
pub use told::standing;

/// An application in the pure core, with the rules that it lives under.
#[derive(Clone)]
pub struct Shadow {
    /// It.
    pub file: File,
    /// Its visits, the first first.
    pub visits: Vec<Visit>,
    /// Its mediations, the first first.
    pub mediations: Vec<Mediation>,
    /// What departments miss before acceptance.
    pub reports: Reports,
    /// All versions of what was handed in.
    pub materials: Vec<Material>,
    /// The account that filed it online.
    applicant: Option<Actor>,
    rules: Arc<Book>,
    /// The names of those who have acted.
    people: BTreeMap<AccountId, String>,
    /// The versions of everything by its identifier: in the program, and in the core.
    counted: BTreeMap<String, (i64, i64)>,
}

/// What a deed did: what time had brought about before, and what came of the deed; nothing when it had been done before.
pub type Did = Option<(Vec<Happening>, Vec<Happening>)>;

/// Why something is not done.
enum Refused {
    /// Nothing stays of it.
    Plainly(Rejected),
    /// That somebody wanted it is on record, with what time had brought about before.
    OnRecord(Rejected),
}

impl From<Rejected> for Refused {
    fn from(rejected: Rejected) -> Self {
        Self::Plainly(rejected)
    }
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Self::Plainly(reason.into())
    }
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
            let id = read(&review["id"]);
            reviews.push(Review {
                version: review["version"].as_i64().unwrap(),
                ..Review::new(id, case.id, case.department.clone(), ReviewState::Waiting)
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
            visits: Vec::new(),
            mediations: Vec::new(),
            reports: Reports::default(),
            materials: material::read_all(node),
            applicant,
            rules: Arc::new(rules),
            people: BTreeMap::new(),
            counted: BTreeMap::new(),
        }
    }

    /// What is published of a case.
    pub fn item(&self, case: &Case) -> &ItemVersion {
        self.rules.item(case).expect("it is published")
    }

    /// Whether the applicant filed it online.
    pub fn is_online(&self) -> bool {
        self.applicant.is_some()
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

    /// The conflicts between the opinions on a case.
    pub fn conflicts(&self, case: CaseId) -> Vec<Conflict> {
        let of_case = self
            .file
            .reviews
            .iter()
            .filter(|review| review.case == case);
        conflicts(of_case, &self.rules.opposed)
    }

    /// Brings about what time has brought, and keeps it.
    pub fn sweep(&mut self, at: Moment) -> Vec<Happening> {
        let mut all = Vec::new();
        while let Some((lapsed, happenings)) = self.file.lapse(at, &*self.rules).unwrap() {
            if let Lapsed::MediationClimbed(standing) = lapsed {
                self.climbs(standing);
            }
            all.extend(self.note(happenings, None, at));
        }
        all
    }

    /// Does a deed, or refuses it and stays as it was. What comes into being by it is named as the program has named it.
    ///
    /// # Errors
    /// What the program refuses.
    pub fn does(
        &mut self,
        actor: &Actor,
        deed: &Deed,
        (at, on): (Moment, Option<NaiveDate>),
        names: &Names,
    ) -> Result<Did, Rejected> {
        let mut tried = self.clone();
        match tried.tries(actor, deed, (at, on), names) {
            Ok(None) => Ok(None),
            Ok(did) => {
                *self = tried;
                Ok(did)
            }
            Err(Refused::Plainly(refusal)) => Err(refusal),
            Err(Refused::OnRecord(refusal)) => {
                *self = tried;
                Err(refusal)
            }
        }
    }

    fn tries(
        &mut self,
        actor: &Actor,
        deed: &Deed,
        (at, on): (Moment, Option<NaiveDate>),
        names: &Names,
    ) -> Result<Did, Refused> {
        let (action, reach) = deed.right(actor.department.as_deref());
        may(actor, action)?;
        // What is said is looked at before anything else.
        match deed {
            Deed::Decide(_, granted, reasons) => drop(decision(*granted, *reasons)?),
            Deed::Give(_, said) => drop(said.opinion()?),
            _ => {}
        }
        // Who does not see it learns nothing of what time has brought.
        self.expect_reach(actor, reach, deed)?;
        self.expect_workable(actor, deed)?;
        let by_time = if self.lies_on_the_desk(deed) {
            self.sweep(at)
        } else {
            Vec::new()
        };
        let dated = on.filter(|_| deed.is_dated());
        let Outcome::Done(mut done) = self.decides(actor, deed, (at, dated))? else {
            return Ok(None);
        };
        self.adopt(&mut done, names);
        self.meet(actor);
        if let Deed::Assign(_, to) = deed {
            self.meet(to);
        }
        let done = self.note(done, Some(actor), at);
        // Whoever first acts at a window on an application that has none takes it there.
        if reach != Reach::Review && self.file.application.window.is_none() {
            self.file.application.window.clone_from(&actor.window);
        }
        Ok(Some((by_time, done)))
    }

    /// Remembers who somebody is.
    fn meet(&mut self, actor: &Actor) {
        let name = actor.display_name.clone();
        self.people.insert(actor.account, name);
    }

    fn decides(
        &mut self,
        actor: &Actor,
        deed: &Deed,
        (at, on): (Moment, Option<NaiveDate>),
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let mut count = 0;
        let mut new_id = || {
            count += 1;
            ReviewId::new(Uuid::from_u128(count))
        };
        match deed {
            Deed::Draft(id, kind) => return self.keeps_draft(*id, *kind, actor, at),
            Deed::Assign(id, to) => return self.assigns(*id, to.account, actor, at),
            Deed::ReplaceMaterial(id, digit) => {
                return self.replaces_material(*id, *digit, at, new_id);
            }
            Deed::AskMaterial(case, code) => {
                let catalogue = seed::catalogue_file().catalogue();
                let case = self.case(*case).ok_or(Reason::NotFound)?;
                let listed = self.item(case).materials.contains(code);
                let named = listed.then_some((0, code));
                let faults = demanded_faults(&catalogue, named, |at| format!("materials.{at}"));
                if let Some(fault) = faults.into_iter().next() {
                    return Err(Refused::Plainly(fault));
                }
            }
            Deed::Reopen(case) => return self.reopens(*case, actor, (at, on), new_id()),
            Deed::ReportMissing(case, points) => return self.reports(*case, points, at),
            Deed::ReportComplete(case) => return self.reports(*case, &[], at),
            Deed::Notice(days) => return self.notices_by_hand(actor, *days, (at, on)),
            Deed::SendMergedNotice(days) => return self.sends_merged(actor, *days, (at, on)),
            Deed::CallVisit(call) => return self.calls_visit(call, actor, at),
            Deed::AtVisit(id, act) => return self.at_visit(*id, act, actor, at),
            Deed::OpenMediation(case, between) => return self.opens_mediation(*case, *between, at),
            Deed::InMediation(id, act) => return self.in_mediation(*id, act, actor, at),
            _ => {}
        }
        let rules = &*self.rules.clone();
        let file = &mut self.file;
        let when = file.when(actor, at, on, self.rules.late_entry_days)?;
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
            Deed::Give(id, said) => {
                return Ok(file.give_opinion(*id, actor, said.opinion()?, at)?);
            }
            Deed::TakeBack(id) => return Ok(file.withdraw_opinion(*id, REASONS, when)?),
            Deed::Return(id) => {
                return Ok(file.return_to_reviewer(*id, REASONS, when, new_id())?);
            }
            Deed::Decide(case, granted, reasons) => {
                let decision = decision(*granted, *reasons)?;
                return Ok(file.decide(*case, decision, actor, when, &rules.opposed)?);
            }
            Deed::Announce(None) => return Ok(file.announce_results(when)?),
            Deed::Announce(Some(case)) => return Ok(file.announce_some(&[*case], when)?),
            Deed::FailDelivery(None) => return Ok(file.fail_delivery(when)?),
            Deed::FailDelivery(Some(case)) => {
                return Ok(file.fail_to_deliver_some(&[*case], when)?);
            }
            Deed::Deliver(None) => return Ok(file.deliver(when)?),
            Deed::Deliver(Some(case)) => return Ok(file.deliver_some(&[*case], when)?),
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
            Deed::ExtendSupplement(days) => file.extend_supplement(*days, when, rules),
            Deed::Supplement => file.supplement(when, rules),
            Deed::CorrectOnTheSpot => file.correct_on_the_spot(when),
            Deed::NotRequired(case) => {
                file.refuse_acceptance(*case, refusal(CaseResult::NotRequired), when)
            }
            Deed::NotCompetent(case) => {
                file.refuse_acceptance(*case, refusal(CaseResult::NotCompetent), when)
            }
            Deed::Ask(case, ask) => file.ask_opinions(*case, ask, when, rules, new_id),
            Deed::Replace(id, by) => {
                file.replace_opinion(*id, (by, None), REASONS, (when, rules), new_id())
            }
            Deed::Begin(case, kind, days) => {
                let begin = Begin {
                    kind: *kind,
                    expected: expected(*days),
                    notice_delivered_on: when.on,
                    of_own_motion: false,
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
            Deed::ReceiveMaterial(case) => file.receive_material(*case, when, rules),
            Deed::Withdraw(case) => file.withdraw(*case, actor, when),
            Deed::Terminate(case) => file.terminate(*case, why, actor, when),
            Deed::AskVoid(case) => file.ask_void(*case, when),
            Deed::ConfirmVoid(case) => file.confirm_void(*case, actor, when),
            Deed::IssuePaper(case) => file.issue_paper(*case, when),
            Deed::Draft(..)
            | Deed::Assign(..)
            | Deed::ReplaceMaterial(..)
            | Deed::Reopen(_)
            | Deed::ReportMissing(..)
            | Deed::ReportComplete(_)
            | Deed::Notice(_)
            | Deed::SendMergedNotice(_)
            | Deed::CallVisit(_)
            | Deed::AtVisit(..)
            | Deed::OpenMediation(..)
            | Deed::InMediation(..) => unreachable!("it was done above"),
        }
        .map(Outcome::Done)
        .map_err(Refused::Plainly)
    }

    /// Who has a review, what it would say, and an opinion on a case that asked nobody touch one row, and let time wait.
    fn lies_on_the_desk(&self, deed: &Deed) -> bool {
        match deed {
            Deed::Claim(_) | Deed::Release(_) | Deed::Draft(..) | Deed::Assign(..) => false,
            Deed::Give(id, _) => self.review(*id).is_some_and(|review| {
                let case = self.case(review.case);
                review.consultation.is_some() || case.is_some_and(|case| case.asked > 0)
            }),
            _ => true,
        }
    }

    /// Keeps what happened, and what there was nothing left of by it; answers all of it.
    fn note(
        &mut self,
        mut happenings: Vec<Happening>,
        by: Option<&Actor>,
        at: Moment,
    ) -> Vec<Happening> {
        let by = by.map(|actor| actor.account);
        self.file.course.add(&happenings, by, at);
        let moot = self.closes_moot();
        self.file.course.add(&moot, by, at);
        self.file.wind(&*self.rules, at.today);
        happenings.extend(moot);
        happenings
    }
}

/// What an act on one review brought about.
fn of_one(outcome: Outcome<Happening>) -> Result<Outcome<Vec<Happening>>, Refused> {
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
