//! Lives of applications: planned by a seed, and played through the product's own use cases on a clock that is moved
//! through the past, so that every row is one that the product writes.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use lianshen::app::App;
use lianshen::case::{self, HandedIn};
use lianshen::catalogue::file::CatalogueFile;
use lianshen::env::Clock;
use lianshen::error::AppError;
use lianshen::ledger::hex;
use lianshen::review::{Claim, GiveOpinion, claim, give_opinion};
use lianshen_domain::actor::Actor;
use lianshen_domain::applicant::{Applicant, ApplicantKind};
use lianshen_domain::bundle::Answers;
use lianshen_domain::calendar::{Calendar, start_of};
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::clock::Limit;
use lianshen_domain::guide::{guide, guide_for_items};
use lianshen_domain::ids::{ApplicationId, Id as _, ReviewId};
use lianshen_domain::item::SpecialProcedureKind;
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::OpinionKind;
use lianshen_entity::{case_, review};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use sha2::{Digest as _, Sha256};

use crate::centre::{self, Staff, names};

/// A clock that stands where the story is.
pub struct LifeClock(Mutex<DateTime<Utc>>);

impl LifeClock {
    /// Stands there.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    /// Is moved there.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for LifeClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is applied for.
#[derive(Clone, Debug)]
pub enum What {
    /// A bundle.
    Bundle(String),
    /// Items, without a bundle.
    Items(Vec<String>),
}

/// What is done with the n-th case of an application, or with all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A clerk accepts what was only received.
    Accept,
    /// A reviewer takes it.
    Claim(usize),
    /// A reviewer agrees.
    Agree(usize),
    /// A reviewer disagrees, and the decider refuses.
    Refuse(usize),
    /// The decider grants.
    Grant(usize),
    /// Experts are asked; the clocks stand still.
    AskExperts(usize),
    /// The experts have answered.
    HearExperts(usize),
    /// The clerk hands the results over.
    Deliver,
}

/// One application, and what becomes of it on which day.
#[derive(Clone, Debug)]
pub struct Life {
    /// What is applied for.
    pub what: What,
    /// The window.
    pub window: usize,
    /// The day of receipt.
    pub filed: NaiveDate,
    /// Whether it is only received then.
    pub receive_only: bool,
    /// What is done, in order.
    pub deeds: Vec<(NaiveDate, Deed)>,
    /// How many of a thousand applications that are under way, or of those that are not, live it; all weights are
    /// compared with each other.
    pub weight: u32,
    /// Whether it has ended.
    pub has_ended: bool,
}

/// How many lives are planned.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    /// That have ended.
    pub ended: usize,
    /// That are under way.
    pub open: usize,
}

/// How many working days lie between the first and the last application.
const WORKDAYS: usize = 490;
/// The last of those that have ended was filed so many working days ago.
const LATEST: usize = 20;

/// Plans lives; the same seed plans the same.
///
/// # Errors
/// When the catalogue lacks what is applied for.
pub fn plan(
    file: &CatalogueFile,
    calendar: &Calendar,
    today: NaiveDate,
    lives: Lives,
    seed: u64,
) -> Result<Vec<Life>, AppError> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut planned = Vec::new();
    for number in 0..lives.ended {
        let ago = LATEST + WORKDAYS - WORKDAYS * number / lives.ended.max(1);
        let filed = calendar.subtract_workdays(today, u32::try_from(ago).unwrap_or(u32::MAX));
        planned.push(ended(file, calendar, filed, number, &mut random)?);
    }
    for number in 0..lives.open {
        planned.push(open(file, calendar, today, number, &mut random)?);
    }
    planned.sort_by_key(|life| life.filed);
    Ok(planned)
}

/// Every third is a bundle of five; the others are of two to five items of different departments, four on average.
fn what(file: &CatalogueFile, number: usize, random: &mut StdRng) -> What {
    if number.is_multiple_of(3) {
        return What::Bundle(centre::bundle_code(number / 3 % centre::BUNDLES));
    }
    let count = [2, 3, 4, 5][random.random_range(0..4)];
    let first = random.random_range(0..centre::DEPARTMENTS);
    let items = (0..count).map(|at| {
        let department = &file.departments[(first + at) % centre::DEPARTMENTS].code;
        centre::item_code(department, random.random_range(0..centre::ITEMS_EACH))
    });
    What::Items(items.collect())
}

/// The codes of the items, in the order of the cases.
fn items_of(file: &CatalogueFile, what: &What) -> Vec<String> {
    match what {
        What::Items(items) => items.clone(),
        What::Bundle(code) => {
            let bundle = file.bundles.iter().find(|bundle| bundle.code == *code);
            let components = bundle.into_iter().flat_map(|bundle| &bundle.components);
            components.map(|component| component.item.clone()).collect()
        }
    }
}

/// The promised days of the cases.
fn promises(file: &CatalogueFile, what: &What) -> Result<Vec<u32>, AppError> {
    let days = items_of(file, what).into_iter().map(|code| {
        let item = file.items.iter().find(|item| item.code == code);
        item.map(|item| item.promised.n)
            .ok_or_else(|| AppError::internal(format!("there is no item {code}")))
    });
    days.collect()
}

fn ended(
    file: &CatalogueFile,
    calendar: &Calendar,
    filed: NaiveDate,
    number: usize,
    random: &mut StdRng,
) -> Result<Life, AppError> {
    let what = what(file, number, random);
    let promises = promises(file, &what)?;
    let receive_only = number % 9 == 4;
    let mut deeds = Vec::new();
    let begun = if receive_only {
        let accepted = calendar.add_workdays(filed, 1);
        deeds.push((accepted, Deed::Accept));
        accepted
    } else {
        filed
    };
    let after = |days| calendar.add_workdays(begun, days);
    for (case, promised) in promises.iter().enumerate() {
        let mut said = random.random_range(1..promised - 2);
        let decided = match number % 40 {
            // One that was late, one that was refused, one that waited for experts.
            7 if case == 0 => promised + 2,
            _ => said + random.random_range(0..2),
        };
        if number % 10 == 3 && case == 0 {
            deeds.push((after(1), Deed::AskExperts(case)));
            deeds.push((after(4), Deed::HearExperts(case)));
            said = said.max(5);
        }
        if random.random_range(0..2) == 0 {
            deeds.push((after(said.saturating_sub(1).max(1)), Deed::Claim(case)));
        }
        if number % 10 == 6 && case == 1 {
            deeds.push((after(said), Deed::Refuse(case)));
        } else {
            deeds.push((after(said), Deed::Agree(case)));
            deeds.push((after(decided.max(said)), Deed::Grant(case)));
        }
    }
    deeds.sort_by_key(|(on, _)| *on);
    // A case whose clocks stand still is neither claimed nor said anything of.
    let last = deeds.iter().map(|(on, _)| *on).max().unwrap_or(filed);
    deeds.push((calendar.add_workdays(last, 1), Deed::Deliver));
    Ok(Life {
        what,
        window: number % centre::WINDOWS,
        filed,
        receive_only,
        deeds: without_haste(deeds),
        weight: 100,
        has_ended: true,
    })
}

/// Nobody claims or says anything while the experts are asked.
fn without_haste(deeds: Vec<(NaiveDate, Deed)>) -> Vec<(NaiveDate, Deed)> {
    let heard = deeds.iter().find_map(|(on, deed)| match deed {
        Deed::HearExperts(case) => Some((*on, *case)),
        _ => None,
    });
    let Some((heard_on, waiting)) = heard else {
        return deeds;
    };
    let is_hasty = |on: NaiveDate, deed: Deed| {
        let of_case = matches!(deed, Deed::Claim(case) | Deed::Agree(case) | Deed::Grant(case) | Deed::Refuse(case) if case == waiting);
        of_case && on <= heard_on
    };
    deeds
        .into_iter()
        .filter(|(on, deed)| !(is_hasty(*on, *deed) && matches!(deed, Deed::Claim(_))))
        .collect()
}

fn open(
    file: &CatalogueFile,
    calendar: &Calendar,
    today: NaiveDate,
    number: usize,
    random: &mut StdRng,
) -> Result<Life, AppError> {
    let what = what(file, number, random);
    let promises = promises(file, &what)?;
    // The first of every forty is late; the least promise is five days.
    let is_late = number % 40 == 1;
    let ago = if is_late {
        14
    } else {
        random.random_range(1..5)
    };
    let filed = calendar.subtract_workdays(today, ago);
    let latest = calendar.subtract_workdays(today, 1);
    let mut deeds = Vec::new();
    for case in 0..promises.len() {
        let on = |days: u32| calendar.add_workdays(filed, days.min(ago - 1)).min(latest);
        match random.random_range(0..10) {
            0..=5 => {}
            6..=7 => deeds.push((on(1), Deed::Claim(case))),
            8 => deeds.push((on(2), Deed::Agree(case))),
            // The first case stays open, or it would be no open life.
            _ if case > 0 => {
                deeds.push((on(1), Deed::Agree(case)));
                deeds.push((on(2), Deed::Grant(case)));
            }
            _ => {}
        }
    }
    deeds.sort_by_key(|(on, _)| *on);
    Ok(Life {
        what,
        window: number % centre::WINDOWS,
        filed,
        receive_only: false,
        deeds,
        weight: if is_late { 10 } else { 100 },
        has_ended: false,
    })
}

/// The mark by which everything of a life is found again.
pub fn key_of(life: usize) -> String {
    format!("life-{life:07}")
}

/// The name of the applicant of a life.
pub fn name_of(life: usize) -> String {
    format!("测量用企业{life:07}号")
}

/// A credit code that belongs to nobody.
pub fn credit_code_of(life: usize) -> String {
    let stem = format!("91320999{life:09}");
    let complete = "0123456789ABCDEFGHJKLMNPQRTUWXY"
        .chars()
        .map(|last| format!("{stem}{last}"));
    complete
        .into_iter()
        .find(|code| lianshen_domain::item_code::is_credit_code(code))
        .unwrap_or(stem)
}

/// One act of one life, at its instant; none files the application.
struct Act {
    at: DateTime<Utc>,
    life: usize,
    deed: Option<Deed>,
}

/// Plays all lives in the order of time, with a sweep at the beginning of each day and one today; answers the
/// applications in the order of the lives.
///
/// # Errors
/// When a use case refuses what was planned, or the database fails.
pub async fn play(
    app: &App,
    clock: &LifeClock,
    staff: &Staff,
    lives: &[Life],
    today: NaiveDate,
) -> Result<Vec<ApplicationId>, AppError> {
    let mut acts = Vec::new();
    for (number, life) in lives.iter().enumerate() {
        // Eighty lives a day fit into the hours of the window, and each has its own minute.
        let minute = i64::try_from(number % 80).unwrap_or(0);
        let at = |on, step: usize| {
            let step = i64::try_from(step).unwrap_or(0);
            start_of(on) + Duration::hours(9) + Duration::minutes(minute) + Duration::seconds(step)
        };
        acts.push(Act {
            at: at(life.filed, 0),
            life: number,
            deed: None,
        });
        for (step, (on, deed)) in life.deeds.iter().enumerate() {
            acts.push(Act {
                at: at(*on, step + 1),
                life: number,
                deed: Some(*deed),
            });
        }
    }
    acts.sort_by_key(|act| act.at);
    let mut filed: Vec<Option<ApplicationId>> = vec![None; lives.len()];
    let mut day = None;
    for (number, act) in acts.iter().enumerate() {
        let on = lianshen_domain::calendar::local_date(act.at);
        if day != Some(on) {
            day = Some(on);
            clock.set(start_of(on) + Duration::minutes(1));
            case::sweep(app).await?;
        }
        clock.set(act.at);
        let player = Player {
            app,
            staff,
            life: act.life,
            key: format!("{}-{number}", key_of(act.life)),
        };
        match (act.deed, filed[act.life]) {
            (None, _) => filed[act.life] = Some(player.file(act.life, &lives[act.life]).await?),
            (Some(deed), Some(application)) => {
                player.does(deed, application, &lives[act.life]).await?;
            }
            (Some(_), None) => return Err(AppError::internal("a life begins with its middle")),
        }
    }
    clock.set(start_of(today) + Duration::minutes(1));
    case::sweep(app).await?;
    filed
        .into_iter()
        .map(|id| id.ok_or_else(|| AppError::internal("a life did not begin")))
        .collect()
}

struct Player<'a> {
    app: &'a App,
    staff: &'a Staff,
    life: usize,
    key: String,
}

impl Player<'_> {
    async fn file(&self, number: usize, life: &Life) -> Result<ApplicationId, AppError> {
        let clerk = self.staff.named(&names::clerk(life.window))?;
        let snapshot = self.app.library.present();
        let centre = snapshot.centre(&clerk.region).ok_or(Reason::NotFound)?;
        let catalogue = &centre.catalogue;
        let (bundle, items) = match &life.what {
            What::Bundle(code) => (Some(code.clone()), Vec::new()),
            What::Items(items) => (None, items.clone()),
        };
        let guide = match bundle.as_deref().and_then(|code| catalogue.bundle(code)) {
            Some(bundle) => {
                guide(bundle, catalogue, &Answers::default()).map_err(AppError::from)?
            }
            None => {
                let codes: Vec<&str> = items.iter().map(String::as_str).collect();
                guide_for_items(&codes, catalogue)?
            }
        };
        let materials = guide.applicant_provides().map(|material| HandedIn {
            code: material.material.clone(),
            originals: 1,
            copies: 1,
            file_name: Some(format!("{}.pdf", material.material)),
            sha256: Some(hex(&Sha256::digest(material.material.as_bytes()))),
        });
        let command = case::Submit {
            idempotency_key: self.key.clone(),
            bundle,
            answers: Vec::new(),
            items,
            applicant: Applicant {
                kind: ApplicantKind::Enterprise,
                name: name_of(number),
                id_number: credit_code_of(number),
                phone: "13800000000".to_owned(),
                agent: None,
            },
            materials: materials.collect(),
            receive_only: life.receive_only,
            renewal: None,
        };
        case::submit(self.app, clerk, command).await
    }

    async fn does(
        &self,
        deed: Deed,
        application: ApplicationId,
        life: &Life,
    ) -> Result<(), AppError> {
        let clerk = self.staff.named(&names::clerk(life.window))?;
        match deed {
            Deed::Accept => {
                let accept = case::Accept {
                    idempotency_key: self.key.clone(),
                    application: application.raw(),
                    missing_materials: Vec::new(),
                    happened_on: None,
                    expected_version: None,
                };
                case::accept(self.app, clerk, accept).await?;
            }
            Deed::Deliver => {
                let deliver = case::Deliver {
                    idempotency_key: self.key.clone(),
                    application: application.raw(),
                    only_cases: None,
                    received_by: "测量客".to_owned(),
                    happened_on: None,
                    expected_version: None,
                };
                case::deliver(self.app, clerk, deliver).await?;
            }
            Deed::Claim(at) => {
                let (_, review) = self.find(application, at).await?;
                let wanted = Claim {
                    review: ReviewId::new(review.id),
                    expected_version: None,
                };
                claim(self.app, self.reviewer(&review)?, wanted).await?;
            }
            Deed::Agree(at) => self.say(application, at, OpinionKind::Agree).await?,
            Deed::Refuse(at) => {
                self.say(application, at, OpinionKind::Disagree).await?;
                self.decide(application, at, false).await?;
            }
            Deed::Grant(at) => self.decide(application, at, true).await?,
            Deed::AskExperts(at) => {
                let (case, review) = self.find(application, at).await?;
                let begin = case::BeginProcedure {
                    on: self.on(&case),
                    kind: SpecialProcedureKind::ExpertReview,
                    expected: Limit::workdays(10),
                    notice_delivered_on: self.app.env.moment().today,
                    of_own_motion: false,
                };
                case::begin_procedure(self.app, self.reviewer(&review)?, begin).await?;
            }
            Deed::HearExperts(at) => {
                let (case, review) = self.find(application, at).await?;
                let end = case::EndProcedure {
                    on: self.on(&case),
                    kind: SpecialProcedureKind::ExpertReview,
                    finding: "专家评审通过。".to_owned(),
                };
                case::end_procedure(self.app, self.reviewer(&review)?, end).await?;
            }
        }
        Ok(())
    }

    fn on(&self, case: &case_::Model) -> case::OnCase {
        case::OnCase {
            idempotency_key: self.key.clone(),
            case: case.id,
            happened_on: None,
            expected_version: None,
        }
    }

    /// Who has the review, or else one of its department.
    fn reviewer(&self, review: &review::Model) -> Result<&Actor, AppError> {
        let number = self.life % centre::REVIEWERS;
        self.staff
            .named(&names::reviewer(&review.department, number))
    }

    async fn say(
        &self,
        application: ApplicationId,
        at: usize,
        opinion: OpinionKind,
    ) -> Result<(), AppError> {
        let (_, review) = self.find(application, at).await?;
        let reasons = (opinion == OpinionKind::Disagree).then(|| "场所条件不符合要求。".to_owned());
        let given = GiveOpinion {
            idempotency_key: self.key.clone(),
            review: review.id,
            opinion,
            reasons,
            conditions: Vec::new(),
            materials: None,
            expected_version: None,
        };
        give_opinion(self.app, self.reviewer(&review)?, given).await?;
        Ok(())
    }

    async fn decide(
        &self,
        application: ApplicationId,
        at: usize,
        granted: bool,
    ) -> Result<(), AppError> {
        let (case, _) = self.find(application, at).await?;
        let decide = case::Decide {
            idempotency_key: format!("{}-decision", self.key),
            case: case.id,
            granted,
            reasons: (!granted).then(|| "场所条件不符合要求。".to_owned()),
            happened_on: None,
            expected_version: None,
        };
        let decider = self.staff.named(&names::decider(&case.department))?;
        case::decide(self.app, decider, decide).await?;
        Ok(())
    }

    async fn find(
        &self,
        application: ApplicationId,
        at: usize,
    ) -> Result<(case_::Model, review::Model), AppError> {
        let found = case_::Entity::find()
            .filter(case_::Column::ApplicationId.eq(application.raw()))
            .order_by_asc(case_::Column::Ordinal)
            .find_also_related(review::Entity)
            .all(self.app.db.reader())
            .await?;
        match found.into_iter().nth(at) {
            Some((case, Some(review))) => Ok((case, review)),
            _ => Err(AppError::internal(format!("a life has no case {at}"))),
        }
    }
}
