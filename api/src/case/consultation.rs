//! Asking other departments for their opinions on a case, asking another one instead, and hearing what they say.

use std::sync::Arc;

use chrono::NaiveDate;
use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::application::{AskOpinions, Course, Moment, Wanted, When, period_of_decision};
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::clock::ClockKind;
use lianshen_domain::conflict::{Conflict, conflicts};
use lianshen_domain::consultation::{CompletionRule, OpinionPart, awaited};
use lianshen_domain::ids::{CaseId, Id as _, ReviewId};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::{Reason, expect_version};
use lianshen_domain::review::{Opinion, Outcome, Review, ReviewState};
use lianshen_entity::material;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::act::{Command, Did, Subject, act};
use super::as_of;
use super::decide::REASONS_MAX;
use super::desk::Desk;
use super::handed_in::readers_of;
use super::hold::Held;
use super::joined::CaseWithReviews;
use super::mapping::{kept, review_of};
use super::procedure::{OnCase, on_case, reasons_of};
use super::reach::Reach;
use super::read::{ApplicationRow, ReviewRow};
use super::rules::RuleBook;
use super::shown::may_read_department;
use crate::app::App;
use crate::catalogue::{Centre, Snapshot};
use crate::db::{Tx, Writes};
use crate::error::AppError;

/// The longest name of an article.
pub const ARTICLE_MAX: usize = 200;

/// An opinion that is wanted of another department.
#[derive(Clone, Serialize)]
pub struct WantedOpinion {
    /// Code of the department.
    pub department: String,
    /// What it counts for.
    pub part: OpinionPart,
    /// The working days that it has.
    pub days: Option<u32>,
    /// The article by which nothing may be granted against it.
    pub veto_article: Option<String>,
}

/// A round of opinions.
#[derive(Clone, Serialize)]
pub struct AskForOpinions {
    /// The case.
    #[serde(flatten)]
    pub on: OnCase,
    /// What is asked.
    pub question: String,
    /// How many of the mandatory opinions there must be.
    pub rule: CompletionRule,
    /// How many, for `AT_LEAST`.
    pub at_least: Option<u32>,
    /// Whom.
    pub opinions: Vec<WantedOpinion>,
}

/// An opinion that is not wanted any more, or of another department.
#[derive(Clone, Serialize)]
pub struct WithdrawOpinion {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The review of the department that was asked.
    pub review: Uuid,
    /// Why.
    pub reasons: String,
    /// Who is asked instead, and in how many working days.
    pub instead: Option<(String, Option<u32>)>,
    /// The version of the review that was looked at.
    pub expected_version: Option<i64>,
}

/// Asks other departments for their opinions (征求意见).
///
/// # Errors
/// What `File::ask_opinions` refuses; `DepartmentUnknown`; texts that are none.
pub async fn ask_opinions(
    app: &App,
    actor: &Actor,
    command: AskForOpinions,
) -> Result<CaseId, AppError> {
    let id = CaseId::new(command.on.case);
    let about = (Action::Consult, "caseAskOpinions", Reach::DepartmentOrLead);
    on_case(app, actor, about, &command.on, &command, |desk| {
        let ask = checked(desk, &command)?;
        desk.decide(command.on.happened_on, |file, when, rules| {
            file.ask_opinions(id, &ask, when, rules, || app.env.id())
        })?;
        Ok(())
    })
    .await
}

/// Does not ask a department any more, or another one instead (撤回, 更换).
///
/// # Errors
/// What `File::withdraw_opinion` and `File::replace_opinion` refuse; `DepartmentUnknown`.
pub async fn withdraw_opinion(
    app: &App,
    actor: &Actor,
    command: WithdrawOpinion,
) -> Result<ReviewId, AppError> {
    let id = ReviewId::new(command.review);
    let common = Command {
        action: Action::Consult,
        act: match command.instead {
            Some(_) => "reviewReplace",
            None => "reviewWithdraw",
        },
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::Review(id),
        reach: Reach::DepartmentOrLead,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let reasons = reasons_of(&command.reasons)?;
        if let Some((department, days)) = &command.instead {
            expect_department(desk, department, "departmentCode")?;
            desk.decide(None, |file, when, rules| {
                let instead = (department.as_str(), *days);
                file.replace_opinion(id, instead, &reasons, (when, rules), app.env.id())
            })?;
            return Ok(Did::Something);
        }
        let done = desk.attempt(None, |file, when, _| {
            file.withdraw_opinion(id, &reasons, when)
        })?;
        Ok(done.map_or(Did::Nothing, |_| Did::Something))
    })
    .await?;
    Ok(id)
}

/// Gives an opinion on a case that asked other departments for theirs: the whole file must be seen for it.
///
/// # Errors
/// What `File::give_opinion` refuses; `Conflict`.
pub async fn give_opinion_among_others(
    app: &App,
    tx: &Tx,
    (held, actor, at): (Held, &Actor, Moment),
    id: ReviewId,
    opinion: Opinion,
    (stands_in, expected_version): (bool, Option<i64>),
) -> Result<(), AppError> {
    let mut desk = Desk::take(app, tx, held, Some(actor), at).await?;
    let review = desk.review(id)?;
    let (version, state) = (review.version, review.state);
    let mut taken_over = Vec::new();
    if stands_in {
        let mut reviews = desk.file.reviews.iter_mut();
        // Perhaps it has passed by silence just now, and is nobody's any more.
        let held = reviews.find(|review| review.id == id && review.state == ReviewState::Claimed);
        taken_over.extend(held.map(|review| review.stand_in(actor, at.now)));
    }
    let outcome = desk.file.give_opinion(id, actor, opinion, at)?;
    let Outcome::Done(happenings) = outcome else {
        return Ok(());
    };
    expect_version(expected_version, version, state)?;
    taken_over.extend(happenings);
    desk.happened(taken_over);
    desk.clear(tx).await?;
    Ok(())
}

impl From<WantedOpinion> for Wanted {
    fn from(wanted: WantedOpinion) -> Self {
        Self {
            department: wanted.department,
            part: wanted.part,
            days: wanted.days,
            veto_article: wanted.veto_article,
        }
    }
}

/// What would come of asking for opinions.
pub struct OpinionsPreview {
    /// Those that would be asked for.
    pub asked: Vec<PreviewedOpinion>,
    /// Codes of the departments that must be told.
    pub told: Vec<String>,
}

/// An opinion that would be asked for.
pub struct PreviewedOpinion {
    /// Code of the department.
    pub department: String,
    /// The last day in time.
    pub due_on: Option<NaiveDate>,
    /// It may come after the promised date of the case.
    pub after_promise: bool,
    /// It may come after the statutory date of the case.
    pub after_statute: bool,
}

/// What would come of asking for opinions, and of not asking some departments any more; nothing is written. The same rules
/// decide as if somebody did it.
///
/// # Errors
/// `Forbidden`; `NotYours` for another department, which sees the case; what the acts refuse.
pub fn preview_opinions(
    app: &App,
    actor: &Actor,
    snapshot: &Arc<Snapshot>,
    (row, cases, course): (&ApplicationRow, &[CaseWithReviews], &Course),
    case: CaseId,
    (ask, withdraw): (Option<&AskOpinions>, &[ReviewId]),
) -> Result<OpinionsPreview, AppError> {
    actor::may(actor, Action::Consult)?;
    let rules = RuleBook::of(&app.config, snapshot.clone(), row);
    let mut file = as_of::file(row, cases, course)?;
    let subject = file.cases.iter().find(|known| known.id == case);
    let subject = subject.ok_or(Reason::NotFound)?;
    if !may_read_department(actor, &subject.department, row.lead_department.as_deref()) {
        let departments = subject.department.clone();
        return Err(Reason::NotYours { departments }.into());
    }
    let centre = snapshot.centre(&row.region).ok_or(Reason::NotFound)?;
    let when = When::now(app.env.moment());
    let before = file.reviews.len();
    let mut happenings = Vec::new();
    if let Some(ask) = ask {
        for (at, wanted) in ask.wanted.iter().enumerate() {
            let field = format!("opinions.{at}.departmentCode");
            expect_known(centre, &wanted.department, &field)?;
        }
        happenings.extend(file.ask_opinions(case, ask, when, &rules, || app.env.id())?);
    }
    for (at, id) in withdraw.iter().enumerate() {
        let of_case = file.reviews.iter().find(|review| review.id == *id);
        if of_case.is_none_or(|review| review.case != case) {
            return Err(Reason::NotFound.at(&format!("withdraw.{at}")).into());
        }
        if let Outcome::Done(done) = file.withdraw_opinion(*id, "", when)? {
            happenings.extend(done);
        }
    }
    file.course.add(&happenings, Some(actor.account), when.at);
    let clocks = file.wind(&rules, when.at.today);
    let passes = |kind: ClockKind, due_on: Option<NaiveDate>| {
        let period = period_of_decision(&clocks, case, kind);
        period.is_some_and(|clock| {
            due_on.is_some_and(|due_on| due_on > clock.deadline(when.at.today).projected_on)
        })
    };
    let fresh = file.reviews.iter().skip(before);
    let asked = fresh.map(|review| {
        let asked = review.consultation.as_ref();
        let due_on = asked.and_then(|asked| asked.lamp.promised_due_on);
        PreviewedOpinion {
            department: review.department.clone(),
            due_on,
            after_promise: passes(ClockKind::Promised, due_on),
            after_statute: passes(ClockKind::Statutory, due_on),
        }
    });
    let told = happenings.iter().filter_map(|told| told.department.clone());
    Ok(OpinionsPreview {
        asked: asked.collect(),
        told: told.collect(),
    })
}

/// The departments whose opinions the examination of a case waits for.
///
/// # Errors
/// When a row cannot be understood.
pub fn awaited_departments(reviews: &[Arc<ReviewRow>]) -> Result<Vec<String>, AppError> {
    let reviews = understood(reviews)?;
    Ok(awaited(reviews.iter())
        .into_iter()
        .map(|review| review.department.clone())
        .collect())
}

/// The conflicts between the opinions on a case.
///
/// # Errors
/// When a row cannot be understood.
pub fn conflicts_of(app: &App, reviews: &[Arc<ReviewRow>]) -> Result<Vec<Conflict>, AppError> {
    let reviews = understood(reviews)?;
    Ok(conflicts(reviews.iter(), &app.config.opinions))
}

impl Desk<'_> {
    /// Passes the materials of a case to those who were asked about it, and lets nobody read them on who said nothing and is not
    /// asked any more.
    pub(super) async fn pass_materials(
        &self,
        tx: &Tx,
        writes: &mut Writes,
    ) -> Result<(), AppError> {
        let rows = material::Entity::find()
            .filter(material::Column::ApplicationId.eq(self.row().id))
            .all(&tx.0)
            .await?;
        // One statement changes no row twice.
        let others = |row: &material::Model| Some(row.id) != self.there.replaced();
        for row in rows.into_iter().filter(others) {
            let wanted_by: Vec<String> = kept(&row.wanted_by)?;
            let readers = self.readers(&wanted_by);
            if readers == row.readers {
                continue;
            }
            let update = material::Entity::update_many()
                .col_expr(material::Column::Readers, Expr::value(readers))
                .filter(material::Column::Id.eq(row.id));
            writes.change_one(update);
        }
        Ok(())
    }

    /// The departments that read what these items want, as a list that can be searched.
    pub(super) fn readers(&self, wanted_by: &[String]) -> String {
        let cases = self.file.cases.iter();
        let cases = cases.filter(|case| wanted_by.contains(&case.item));
        readers_of(cases.flat_map(|case| {
            let reviews = self.file.reviews.iter();
            let asked =
                reviews.filter(|review| review.case == case.id && !review.state.is_dropped());
            let asked = asked.map(|review: &Review| review.department.as_str());
            asked.chain([case.department.as_str()])
        }))
    }
}

fn checked(desk: &Desk<'_>, command: &AskForOpinions) -> Result<AskOpinions, AppError> {
    let question = plain_text::checked_lines(&command.question, REASONS_MAX, "question")?;
    let wanted = command.opinions.iter().enumerate();
    let wanted = wanted.map(|(at, wanted)| {
        let place = |field: &str| format!("opinions.{at}.{field}");
        expect_department(desk, &wanted.department, &place("departmentCode"))?;
        let article = wanted.veto_article.as_deref();
        let article = article
            .map(|text| plain_text::checked(text, ARTICLE_MAX, &place("vetoArticle")))
            .transpose()?;
        Ok(Wanted {
            veto_article: article,
            ..wanted.clone().into()
        })
    });
    Ok(AskOpinions {
        question,
        rule: command.rule,
        at_least: command.at_least,
        wanted: wanted.collect::<Result<_, AppError>>()?,
    })
}

pub(super) fn expect_department(desk: &Desk<'_>, code: &str, field: &str) -> Result<(), AppError> {
    expect_known(desk.centre()?, code, field)
}

fn expect_known(centre: &Centre, code: &str, field: &str) -> Result<(), AppError> {
    if centre.catalogue.department(code).is_some() {
        return Ok(());
    }
    let department = code.to_owned();
    Err(Reason::DepartmentUnknown { department }.at(field).into())
}

fn understood(reviews: &[Arc<ReviewRow>]) -> Result<Vec<Review>, AppError> {
    reviews.iter().map(|row| review_of(row)).collect()
}
