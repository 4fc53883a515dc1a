//! Plays the stories through the use cases themselves, on a clock that is moved through the past.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use lianshen_domain::actor::Actor;
use lianshen_domain::applicant::{Applicant, ApplicantKind};
use lianshen_domain::bundle::Answers;
use lianshen_domain::calendar::{Calendar, local_date, start_of};
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::guide::{guide, guide_for_items};
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _, ReviewId};
use lianshen_domain::item_code::{is_citizen_number, is_credit_code};
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::{OpinionKind, ReviewState};
use lianshen_entity::{case_, review};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use sha2::{Digest as _, Sha256};

use super::accounts::Cast;
use super::stories::{STORIES, Step, Story, Way, What};
use crate::app::App;
use crate::case::{self, HandedIn};
use crate::catalogue::Centre;
use crate::env::Clock;
use crate::error::AppError;
use crate::ledger::hex;
use crate::review::{Claim, GiveOpinion, claim, give_opinion};

/// A clock that stands where the story is.
pub(super) struct StoryClock(Mutex<DateTime<Utc>>);

impl StoryClock {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    pub(super) fn set(&self, now: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for StoryClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the window opens.
const OPENS: Duration = Duration::hours(9);
/// From one application's act of a day to the next one's.
const NEXT_STORY: Duration = Duration::minutes(3);
/// From one act on an application to its next.
const NEXT_STEP: Duration = Duration::minutes(20);
/// From the opinion to the decision that it prepares.
const TO_DECIDE: Duration = Duration::minutes(7);

/// One act of one story, at its instant.
struct Act {
    at: DateTime<Utc>,
    story: usize,
    /// None files the application.
    step: Option<Step>,
}

/// Plays all stories, in the order of time, and lets the lamps change between them.
///
/// # Errors
/// When a use case refuses what a story says, or the database fails.
pub(super) async fn play(
    app: &App,
    clock: &StoryClock,
    cast: &Cast,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let snapshot = app.library.present();
    let region = &cast.named("clerk")?.region;
    let centre = snapshot.centre(region).ok_or(Reason::NotFound)?;
    let mut filed: Vec<Option<ApplicationId>> = vec![None; STORIES.len()];
    let mut day = None;
    for act in schedule(snapshot.calendar(region, None), local_date(now)) {
        let today = local_date(act.at);
        if day != Some(today) {
            day = Some(today);
            clock.set(start_of(today) + Duration::minutes(1));
            case::sweep(app).await?;
        }
        clock.set(act.at);
        let story = &STORIES[act.story];
        let teller = Teller {
            app,
            clock,
            cast,
            key: format!("story-{}-{}", act.story, act.at.timestamp()),
        };
        match (act.step, filed[act.story]) {
            (None, _) => {
                filed[act.story] = Some(teller.file(centre, story, act.story).await?);
            }
            (Some(step), Some(application)) => Box::pin(teller.take(step, application)).await?,
            (Some(_), None) => return Err(AppError::internal("a story begins with its middle")),
        }
    }
    clock.set(now);
    case::sweep(app).await?;
    Ok(())
}

/// All acts in the order of time.
fn schedule(calendar: &Calendar, today: NaiveDate) -> Vec<Act> {
    let mut acts = Vec::new();
    let mut opens = OPENS;
    for (story, told) in STORIES.iter().enumerate() {
        let mut time = opens;
        let first = std::iter::once((told.filed, None));
        for (ago, step) in first.chain(told.then.iter().map(|(ago, step)| (*ago, Some(*step)))) {
            let at = start_of(workdays_ago(calendar, today, ago)) + time;
            acts.push(Act { at, story, step });
            time += NEXT_STEP;
        }
        opens += NEXT_STORY;
    }
    acts.sort_by_key(|act| act.at);
    acts
}

/// The working day that lies so many working days back; on a rest day, those are counted that have been charged by now.
fn workdays_ago(calendar: &Calendar, today: NaiveDate, ago: u32) -> NaiveDate {
    let rest = u32::from(!calendar.is_workday(today));
    calendar.subtract_workdays(today, ago + rest)
}

/// Takes one step of a story.
struct Teller<'a> {
    app: &'a App,
    clock: &'a StoryClock,
    cast: &'a Cast,
    key: String,
}

impl Teller<'_> {
    async fn file(
        &self,
        centre: &Centre,
        story: &Story,
        number: usize,
    ) -> Result<ApplicationId, AppError> {
        let catalogue = &centre.catalogue;
        let (bundle, answers, items) = match story.what {
            What::Items(items) => (None, &[][..], items),
            What::Bundle(code, answers) => (Some(code), answers, &[][..]),
        };
        let answers: Vec<(String, String)> = answers
            .iter()
            .map(|(question, value)| ((*question).to_owned(), (*value).to_owned()))
            .collect();
        let guide = match bundle.and_then(|code| catalogue.bundle(code)) {
            Some(bundle) => {
                guide(bundle, catalogue, &Answers(answers.clone())).map_err(AppError::from)?
            }
            None => guide_for_items(items, catalogue)?,
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
            bundle: bundle.map(str::to_owned),
            answers,
            items: items.iter().map(|item| (*item).to_owned()).collect(),
            applicant: applicant(story, number)?,
            materials: materials.collect(),
            receive_only: false,
            renewal: None,
        };
        let actor = self.cast.named(match story.way {
            Way::Window => "clerk",
            Way::Online => "applicant",
        })?;
        case::submit(self.app, actor, command).await
    }

    async fn take(&self, step: Step, application: ApplicationId) -> Result<(), AppError> {
        match step {
            Step::Accept => {
                let accept = case::Accept {
                    idempotency_key: self.key.clone(),
                    application: application.raw(),
                    missing_materials: Vec::new(),
                    happened_on: None,
                    expected_version: None,
                };
                case::accept(self.app, self.cast.named("clerk")?, accept).await?;
            }
            Step::Deliver(to) => {
                let deliver = case::Deliver {
                    idempotency_key: self.key.clone(),
                    application: application.raw(),
                    only_cases: None,
                    received_by: to.to_owned(),
                    happened_on: None,
                    expected_version: None,
                };
                case::deliver(self.app, self.cast.named("clerk")?, deliver).await?;
            }
            Step::Claim(item) => {
                let found = self.find(application, item).await?;
                self.claim(self.cast.reviewer(&found.department)?, &found)
                    .await?;
            }
            Step::Agree(item) => {
                self.say(application, item, OpinionKind::Agree, None)
                    .await?;
            }
            Step::Forward(item, reasons) => {
                let kind = OpinionKind::AgreeToForward;
                self.say(application, item, kind, Some(reasons)).await?;
            }
            Step::Disagree(item, reasons) => {
                let kind = OpinionKind::Disagree;
                self.say(application, item, kind, Some(reasons)).await?;
            }
            Step::Grant(item) => Box::pin(self.decide(application, item, None)).await?,
            Step::Refuse(item, reasons) => {
                Box::pin(self.decide(application, item, Some(reasons))).await?;
            }
        }
        Ok(())
    }

    async fn claim(&self, reviewer: &Actor, found: &Found) -> Result<(), AppError> {
        let wanted = Claim {
            review: found.review,
            expected_version: None,
        };
        claim(self.app, reviewer, wanted).await.map(drop)
    }

    /// Takes the review, unless that was told, and gives the opinion.
    async fn say(
        &self,
        application: ApplicationId,
        item: &str,
        opinion: OpinionKind,
        reasons: Option<&str>,
    ) -> Result<(), AppError> {
        let found = self.find(application, item).await?;
        let reviewer = self.cast.reviewer(&found.department)?;
        self.claim(reviewer, &found).await?;
        let given = GiveOpinion {
            idempotency_key: format!("{}-opinion", self.key),
            review: found.review.raw(),
            opinion,
            reasons: reasons.map(str::to_owned),
            conditions: Vec::new(),
            materials: None,
            expected_version: None,
        };
        give_opinion(self.app, reviewer, given).await.map(drop)
    }

    /// Refuses if there are reasons, otherwise grants.
    async fn decide(
        &self,
        application: ApplicationId,
        item: &str,
        reasons: Option<&str>,
    ) -> Result<(), AppError> {
        let found = self.find(application, item).await?;
        if found.state != ReviewState::Given {
            let kind = match reasons {
                Some(_) => OpinionKind::Disagree,
                None => OpinionKind::Agree,
            };
            self.say(application, item, kind, reasons).await?;
        }
        self.clock.set(self.clock.now() + TO_DECIDE);
        let decide = case::Decide {
            idempotency_key: self.key.clone(),
            case: found.case.raw(),
            granted: reasons.is_none(),
            reasons: reasons.map(str::to_owned),
            happened_on: None,
            expected_version: None,
        };
        case::decide(self.app, self.cast.decider(&found.department)?, decide)
            .await
            .map(drop)
    }

    async fn find(&self, application: ApplicationId, item: &str) -> Result<Found, AppError> {
        let found = case_::Entity::find()
            .filter(case_::Column::ApplicationId.eq(application.raw()))
            .filter(case_::Column::Item.eq(item))
            .find_also_related(review::Entity)
            .one(self.app.db.reader())
            .await?;
        let Some((case, Some(review))) = found else {
            return Err(AppError::internal(format!("a story has no case of {item}")));
        };
        Ok(Found {
            case: CaseId::new(case.id),
            review: ReviewId::new(review.id),
            state: review.state.0,
            department: case.department,
        })
    }
}

/// The case of an item with its review.
struct Found {
    case: CaseId,
    review: ReviewId,
    state: ReviewState,
    department: String,
}

/// The applicant of a story; numbers are well-formed and belong to nobody.
fn applicant(story: &Story, number: usize) -> Result<Applicant, AppError> {
    let today = NaiveDate::MAX;
    let (kind, id_number) = if story.person {
        // The same person has the same number, whatever they file.
        let seat = story.applicant.chars().map(u32::from).sum::<u32>() % 900 + 100;
        let stem = format!("32099919900101{seat}");
        let number = completed(&stem, |number| is_citizen_number(number, today));
        (ApplicantKind::NaturalPerson, number)
    } else {
        let stem = format!("91320999MADEM{number:04}");
        (ApplicantKind::Enterprise, completed(&stem, is_credit_code))
    };
    Ok(Applicant {
        kind,
        name: story.applicant.to_owned(),
        id_number: id_number.ok_or_else(|| AppError::internal("a number without check"))?,
        phone: format!("1380000{number:04}"),
        agent: None,
    })
}

/// The number with the one check character that makes it valid.
fn completed(stem: &str, is_valid: impl Fn(&str) -> bool) -> Option<String> {
    ('0'..='9')
        .chain('A'..='Z')
        .map(|check| format!("{stem}{check}"))
        .find(|number| is_valid(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_shows_the_same_whatever_day_it_is() {
        let notices = crate::calendar::parse(super::super::HOLIDAYS).unwrap();
        let calendar = Calendar::try_new(&notices).unwrap();
        let mut today = NaiveDate::from_ymd_opt(2025, 6, 1).unwrap();
        for _ in 0..400 {
            for ago in [1, 5, 12] {
                let day = workdays_ago(&calendar, today, ago);
                assert!(calendar.is_workday(day));
                assert_eq!(
                    calendar.workdays_between(day, today),
                    i64::from(ago),
                    "{today}"
                );
            }
            today = today.succ_opt().unwrap();
        }
    }

    #[test]
    fn each_story_is_told_in_the_order_of_time_and_before_today() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let calendar = Calendar::weekdays_only();
        let acts = schedule(&calendar, today);
        for (number, story) in STORIES.iter().enumerate() {
            let mut own = acts.iter().filter(|act| act.story == number);
            assert!(
                own.next().is_some_and(|first| first.step.is_none()),
                "{}",
                story.applicant
            );
            assert!(own.all(|act| act.step.is_some() && act.at < start_of(today)));
        }
    }

    #[test]
    fn numbers_are_well_formed_and_the_same_person_has_one() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let mut of_online = Vec::new();
        for (number, story) in STORIES.iter().enumerate() {
            let applicant = Applicant::try_new(applicant(story, number).unwrap(), today).unwrap();
            if story.way == Way::Online {
                of_online.push(applicant.id_number);
            }
        }
        of_online.dedup();
        assert_eq!(of_online.len(), 1);
    }
}
