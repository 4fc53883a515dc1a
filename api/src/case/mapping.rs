//! Between rows and what the core sees.

use chrono::{DateTime, Utc};
use lianshen_domain::application::{Application, Renewal};
use lianshen_domain::case::{Case, CaseDates, Ending};
use lianshen_domain::consultation::Consultation;
use lianshen_domain::ids::{
    AccountId, ApplicationId, CaseId, Id, ItemVersionId, MaterialId, ReviewId,
};
use lianshen_domain::review::{
    Condition, GivenOpinion, Opinion, OpinionDraft, Review, ReviewState,
};
use lianshen_domain::revocation::FormerDecision;
use lianshen_entity::{Coded, application, case_, review};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::store::{NOT_BEGUN, STANDS_STILL};
use crate::error::AppError;

pub(super) fn application_of(row: &application::Model) -> Application {
    Application {
        id: ApplicationId::new(row.id),
        state: row.state.0,
        outcome: row.outcome.map(|outcome| outcome.0),
        channel: row.channel.0,
        window: row.window.clone(),
        received_on: row.received_on,
        accepted_on: row.accepted_on,
        accepted_by: row.accepted_by.map(AccountId::new),
        joint: row.lamp(),
        eventful: row.eventful,
        renewal: row
            .renewal_certificate
            .clone()
            .zip(row.renewal_expires_on)
            .map(|(certificate, expires_on)| Renewal {
                certificate,
                expires_on,
                in_time: row.renewal_in_time,
            }),
        concluded_at: row.concluded_at,
        closed_at: row.closed_at,
        version: row.version,
    }
}

pub(super) fn application_row(
    application: &Application,
    row: application::Model,
) -> application::Model {
    let renewal = application.renewal.as_ref();
    application::Model {
        renewal_certificate: renewal.map(|renewal| renewal.certificate.clone()),
        renewal_expires_on: renewal.map(|renewal| renewal.expires_on),
        renewal_in_time: renewal.is_some_and(|renewal| renewal.in_time),
        eventful: application.eventful,
        state: Coded(application.state),
        outcome: application.outcome.map(Coded),
        window: application.window.clone(),
        accepted_on: application.accepted_on,
        accepted_by: application.accepted_by.map(Id::raw),
        joint_alert_on: application.joint.alert_on,
        joint_promised_due_on: application.joint.promised_due_on,
        joint_statutory_due_on: application.joint.statutory_due_on,
        concluded_at: application.concluded_at,
        closed_at: application.closed_at,
        version: application.version,
        ..row
    }
}

/// What a JSON column holds.
///
/// # Errors
/// `Internal` where something else was written into it: nobody is shown less than there is.
pub fn kept<'a, T: Deserialize<'a>>(json: &'a Value) -> Result<T, AppError> {
    T::deserialize(json).map_err(AppError::internal)
}

pub(super) fn case_of(row: &case_::Model) -> Result<Case, AppError> {
    let predecessors: Vec<Uuid> = kept(&row.predecessors)?;
    let ending = match (row.result, row.result_at, row.result_on) {
        (Some(result), Some(at), Some(on)) => Some(Ending {
            result: result.0,
            reasons: row.result_reasons.clone(),
            by: row.result_by.map(AccountId::new),
            at,
            on,
        }),
        _ => None,
    };
    Ok(Case {
        id: CaseId::new(row.id),
        application: ApplicationId::new(row.application_id),
        item_version: ItemVersionId::new(row.item_version_id),
        item: row.item.clone(),
        item_name: row.item_name.clone(),
        department: row.department.clone(),
        ordinal: row.ordinal,
        predecessors: predecessors.into_iter().map(CaseId::new).collect(),
        case_number: row.case_number.clone(),
        accepted_seq: row.accepted_seq,
        state: row.state.0,
        dates: row.started_on.map(|started_on| CaseDates {
            started_on,
            lamp: row.lamp(),
            provisional: row.provisional,
            stopped_on: row.stopped_on,
            standing_unsuspended: row.standing_unsuspended.map(|standing| standing.0),
            eventful: row.eventful,
        }),
        ending,
        former: former_of(row)?,
        asked: u32::try_from(row.asked).map_err(AppError::internal)?,
        version: row.version,
    })
}

/// The refusals of a case that were revoked.
///
/// # Errors
/// When the row cannot be understood.
pub fn former_of(row: &case_::Model) -> Result<Vec<FormerDecision>, AppError> {
    let kept = row.former_decisions.as_ref().map(Vec::deserialize);
    Ok(kept
        .transpose()
        .map_err(AppError::internal)?
        .unwrap_or_default())
}

/// The changed row of a case, one version later, or `None` when nothing changed.
pub fn case_row(case: &Case, row: &case_::Model) -> Option<case_::Model> {
    let version = row.version;
    let is_newer = case.version != version;
    let filled = case_::Model {
        version,
        ..fill_case(case, row.clone())
    };
    (is_newer || filled != *row).then(|| case_::Model {
        version: version + 1,
        ..filled
    })
}

pub(super) fn fill_case(case: &Case, row: case_::Model) -> case_::Model {
    let dates = case.dates.as_ref();
    let lamp = dates.map(|dates| dates.lamp).unwrap_or_default();
    let ending = case.ending.as_ref();
    let predecessors: Vec<Uuid> = case.predecessors.iter().map(|id| id.raw()).collect();
    case_::Model {
        state: Coded(case.state),
        accepted_seq: case.accepted_seq,
        started_on: dates.map(|dates| dates.started_on),
        promised_due_on: lamp.promised_due_on,
        statutory_due_on: lamp.statutory_due_on,
        alert_on: lamp.alert_on,
        provisional: dates.is_some_and(|dates| dates.provisional),
        stopped_on: dates.and_then(|dates| dates.stopped_on),
        eventful: dates.is_some_and(|dates| dates.eventful),
        predecessors: serde_json::json!(predecessors),
        result: ending.map(|ending| Coded(ending.result)),
        result_reasons: ending.and_then(|ending| ending.reasons.clone()),
        result_by: ending.and_then(|ending| ending.by).map(Id::raw),
        result_at: ending.map(|ending| ending.at),
        result_on: ending.map(|ending| ending.on),
        asked: i32::try_from(case.asked).unwrap_or(i32::MAX),
        former_decisions: Some(&case.former)
            .filter(|former| !former.is_empty())
            .map(|former| serde_json::json!(former)),
        standing_unsuspended: dates
            .and_then(|dates| dates.standing_unsuspended)
            .map(Coded),
        version: case.version,
        ..row
    }
}

pub(super) fn review_of(row: &review::Model) -> Result<Review, AppError> {
    let consultation = consultation_of(row)?;
    let given = match (row.opinion, row.given_by, row.given_at) {
        (Some(kind), Some(by), Some(at)) => Some(GivenOpinion {
            opinion: Opinion {
                kind: kind.0,
                reasons: row.reasons.clone(),
                conditions: conditions_of(row)?,
                relied_on: relied_on(row)?,
            },
            by: AccountId::new(by),
            at,
        }),
        _ => None,
    };
    Ok(Review {
        id: ReviewId::new(row.id),
        case: CaseId::new(row.case_id),
        department: row.department.clone(),
        state: row.state.0,
        claimed_by: row.claimed_by.map(AccountId::new),
        claimed_at: row.claimed_at,
        given,
        consultation,
        draft: draft_of(row)?,
        set_aside_because: row.set_aside_because.clone(),
        version: row.version,
    })
}

/// What nobody has signed yet.
///
/// # Errors
/// When the row cannot be understood.
pub fn draft_of(row: &review::Model) -> Result<Option<OpinionDraft>, AppError> {
    let kept = row.draft.as_ref().map(OpinionDraft::deserialize);
    kept.transpose().map_err(AppError::internal)
}

/// The materials that an opinion named.
fn relied_on(row: &review::Model) -> Result<Option<Vec<MaterialId>>, AppError> {
    let kept = row.relied_on.as_ref().map(Vec::<Uuid>::deserialize);
    let kept = kept.transpose().map_err(AppError::internal)?;
    Ok(kept.map(|ids| ids.into_iter().map(MaterialId::new).collect()))
}

/// On what an opinion agrees.
///
/// # Errors
/// When the row cannot be understood.
pub fn conditions_of(row: &review::Model) -> Result<Vec<Condition>, AppError> {
    let kept = row.conditions.as_ref().map(Vec::deserialize);
    Ok(kept
        .transpose()
        .map_err(AppError::internal)?
        .unwrap_or_default())
}

/// Why a department was asked, with the dates of its opinion.
///
/// # Errors
/// When the row cannot be understood.
pub fn consultation_of(row: &review::Model) -> Result<Option<Consultation>, AppError> {
    let Some(kept) = &row.consultation else {
        return Ok(None);
    };
    let asked = Consultation::deserialize(kept).map_err(AppError::internal)?;
    Ok(Some(Consultation {
        lamp: row.lamp(),
        ..asked
    }))
}

/// The place of a review among those of its case: the examination first, each that another took the place of before that,
/// then the opinions in the order in which they were asked for.
pub fn place_of_review(read: &review::Read) -> (u64, bool, Option<DateTime<Utc>>) {
    let asked = read.consultation().as_ref();
    let number = asked.and_then(|asked| asked["number"].as_u64());
    let stands = !read.state().0.is_set_aside();
    (number.unwrap_or(0), stands, *read.given_at())
}

/// The row of a review that is new.
pub(super) fn new_review_row(
    review: &Review,
    case: &Case,
    application: &application::Model,
) -> review::Model {
    let blank = review::Model {
        id: review.id.raw(),
        case_id: case.id.raw(),
        application_id: application.id,
        region: application.region.clone(),
        department: review.department.clone(),
        state: Coded(review.state),
        claimed_by: None,
        claimed_at: None,
        opinion: None,
        reasons: None,
        given_by: None,
        given_at: None,
        item: case.item.clone(),
        bundle: application.bundle.clone(),
        sort_on: NOT_BEGUN,
        promised_due_on: None,
        statutory_due_on: None,
        alert_on: None,
        search_text: search_text(application, case),
        version: 1,
        consultation: None,
        conditions: None,
        relied_on: None,
        draft: None,
        set_aside_because: None,
    };
    fill_review(review, Some(case), blank)
}

/// What an inbox is searched by, folded, because the engines fold differently.
fn search_text(application: &application::Model, case: &Case) -> String {
    let text = format!(
        "{} {} {} {}",
        application.applicant_name, case.item_name, application.receipt_number, case.case_number
    );
    text.to_lowercase()
}

/// The changed row of a review, one version later, or `None` when nothing changed; the dates come from its case, or from the
/// period of its own, as long as somebody still works on it.
pub fn review_row(
    review: &Review,
    case: Option<&Case>,
    row: &review::Model,
) -> Option<review::Model> {
    let version = row.version;
    let is_newer = review.version != version;
    if review.state.is_over() && !is_newer {
        return None;
    }
    let filled = review::Model {
        version,
        ..fill_review(review, case, row.clone())
    };
    (is_newer || filled != *row).then(|| review::Model {
        version: version + 1,
        ..filled
    })
}

pub(super) fn fill_review(
    review: &Review,
    case: Option<&Case>,
    row: review::Model,
) -> review::Model {
    // What was set aside keeps the dates by which it was given: its case may have others now.
    let case = case.filter(|_| !review.state.is_set_aside());
    let dates = case.and_then(|case| case.dates.as_ref());
    // An opinion that was asked for has a period of its own.
    let lamp = match (&review.consultation, dates) {
        (Some(asked), _) => asked.lamp,
        (None, Some(dates)) => dates.lamp,
        (None, None) => row.lamp(),
    };
    let nearest = [lamp.promised_due_on, lamp.statutory_due_on]
        .into_iter()
        .flatten()
        .min();
    let given = review.given.as_ref();
    review::Model {
        state: Coded(review.state),
        claimed_by: review.claimed_by.map(Id::raw),
        claimed_at: review.claimed_at,
        opinion: given.map(|given| Coded(given.opinion.kind)),
        reasons: given.and_then(|given| given.opinion.reasons.clone()),
        conditions: given
            .map(|given| &given.opinion.conditions)
            .filter(|conditions| !conditions.is_empty())
            .map(|conditions| serde_json::json!(conditions)),
        relied_on: given
            .and_then(|given| given.opinion.relied_on.as_ref())
            .map(|ids| serde_json::json!(ids.iter().map(|id| id.raw()).collect::<Vec<_>>())),
        draft: review.draft.as_ref().map(|draft| serde_json::json!(draft)),
        set_aside_because: review.set_aside_because.clone(),
        given_by: given.map(|given| given.by.raw()),
        given_at: given.map(|given| given.at),
        sort_on: nearest.unwrap_or(match review.state {
            ReviewState::Open | ReviewState::Claimed => STANDS_STILL,
            _ => NOT_BEGUN,
        }),
        promised_due_on: lamp.promised_due_on,
        statutory_due_on: lamp.statutory_due_on,
        alert_on: lamp.alert_on,
        consultation: review
            .consultation
            .as_ref()
            .map(|asked| serde_json::json!(asked)),
        version: review.version,
        ..row
    }
}
