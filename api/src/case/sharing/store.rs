//! The rows of requests for shared materials.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use lianshen_domain::actor::{Action, Actor, may};
use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::sharing::{Asked, SharingProblem, SharingState};
use lianshen_entity::{Coded, application, case_, sharing_request};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    UpdateMany,
};
use serde::Serialize;
use uuid::Uuid;

use crate::app::App;
use crate::case::handed_in::as_reader;
use crate::case::mapping::kept;
use crate::case::read::own_or_led;
use crate::case::visibility::of_visible;
use crate::db::Tx;
use crate::error::AppError;

/// A request for a shared material, as it is kept.
pub type SharingRow = sharing_request::Model;

/// What somebody is asked for, why, and for whom. Not to be printed: it names a person.
pub struct SharingAsk {
    /// The request.
    pub id: Uuid,
    /// The application.
    pub application: ApplicationId,
    /// Division code of the centre.
    pub region: String,
    /// Code of the material.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Code of the department that holds it; none where the archive of whoever issued it does.
    pub asked_of: Option<String>,
    /// Items that want it.
    pub wanted_by: Vec<String>,
    /// How often somebody was asked before.
    pub attempts: u32,
    /// Number of the receipt.
    pub receipt_number: String,
    /// The open cases for which it is asked; none where nobody needs it any more.
    pub cases: Vec<SharingCase>,
    /// Who applies.
    pub applicant_kind: ApplicantKind,
    /// By which name.
    pub applicant_name: String,
    /// By which number.
    pub applicant_number: String,
}

/// For what it is asked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SharingCase {
    /// Number of the case.
    pub case_number: String,
    /// Code of the item.
    pub item: String,
    /// Name of the item.
    pub item_name: String,
}

/// What is to be asked for now, longest waiting first.
///
/// # Errors
/// When the database cannot be read.
pub async fn requests_due(app: &App, most: u64) -> Result<Vec<SharingAsk>, AppError> {
    use sharing_request::Column;
    let due = sharing_request::Entity::find()
        .find_also_related(application::Entity)
        .filter(Column::NextAt.is_not_null())
        .filter(Column::NextAt.lte(app.env.now()))
        .order_by_asc(Column::NextAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(app.db.reader())
        .await?;
    let ids = due.iter().map(|(row, _)| row.application_id);
    let cases = case_::Entity::find()
        .filter(case_::Column::ApplicationId.is_in(ids))
        .order_by_asc(case_::Column::Ordinal)
        .all(app.db.reader())
        .await?;
    let mut of: HashMap<Uuid, Vec<case_::Model>> = HashMap::new();
    for case in cases {
        of.entry(case.application_id).or_default().push(case);
    }
    let asks = due
        .into_iter()
        .filter_map(|(row, application)| Some((row, application?)));
    let asks = asks.filter_map(|(row, application)| {
        let cases = of.get(&application.id).map_or(&[][..], Vec::as_slice);
        let id = row.id;
        ask_of(row, application, cases)
            .inspect_err(|error| tracing::error!(sharing_request.id = %id, %error, "a request for a material cannot be read"))
            .ok()
    });
    Ok(asks.collect())
}

fn ask_of(
    row: SharingRow,
    application: application::Model,
    cases: &[case_::Model],
) -> Result<SharingAsk, AppError> {
    let wanted_by: Vec<String> = kept(&row.wanted_by)?;
    let open = cases
        .iter()
        .filter(|case| wanted_by.contains(&case.item) && !case.state.0.has_ended());
    let cases = open
        .map(|case| SharingCase {
            case_number: case.case_number.clone(),
            item: case.item.clone(),
            item_name: case.item_name.clone(),
        })
        .collect();
    Ok(SharingAsk {
        id: row.id,
        application: ApplicationId::new(row.application_id),
        region: row.region,
        code: row.code,
        name: row.name,
        asked_of: row.asked_of,
        wanted_by,
        attempts: u32::try_from(row.attempts).map_err(AppError::internal)?,
        receipt_number: application.receipt_number,
        cases,
        applicant_kind: application.applicant_kind.0,
        applicant_name: application.applicant_name,
        applicant_number: application.applicant_number,
    })
}

/// The requests of several applications that the actor may know of: a department knows of those for its own items.
///
/// # Errors
/// When the database cannot be read.
pub async fn requests_of(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
) -> Result<Vec<SharingRow>, AppError> {
    use sharing_request::Column;
    if may(actor, Action::ReadContents).is_err() {
        return Ok(Vec::new());
    }
    let own = as_reader(actor.department.as_deref().unwrap_or_default());
    let find = of_visible::<sharing_request::Entity>(actor, Column::ApplicationId)
        .filter(Column::ApplicationId.is_in(ids.iter().map(|id| id.raw())))
        .filter(own_or_led(actor, Column::Readers.contains(&own)))
        .order_by_asc(Column::ApplicationId)
        .order_by_asc(Column::Ordinal);
    Ok(find.all(app.db.reader()).await?)
}

/// Ends an open request.
pub(super) fn ended(
    id: Uuid,
    state: SharingState,
    now: DateTime<Utc>,
) -> UpdateMany<sharing_request::Entity> {
    use sharing_request::Column;
    still_open(id)
        .col_expr(Column::State, Expr::value(Coded(state)))
        .col_expr(Column::NextAt, Expr::value(Option::<DateTime<Utc>>::None))
        .col_expr(Column::EndedAt, Expr::value(now))
}

/// The same, after somebody was asked once more.
pub(super) fn attempted(
    update: UpdateMany<sharing_request::Entity>,
    attempts: u32,
    asked: Asked,
) -> UpdateMany<sharing_request::Entity> {
    use sharing_request::Column;
    let problem = match asked {
        Asked::Failed(problem) => Some(Coded(problem)),
        Asked::Held | Asked::NotHeld => None,
    };
    update
        .col_expr(Column::Attempts, Expr::value(counted(attempts)))
        .col_expr(Column::Problem, Expr::value(problem))
}

/// The same, with what came.
pub(super) fn brought(
    update: UpdateMany<sharing_request::Entity>,
    material: Uuid,
) -> UpdateMany<sharing_request::Entity> {
    update.col_expr(sharing_request::Column::MaterialId, Expr::value(material))
}

/// Ends a request that nobody needs any more; it is nobody's act and changes nothing of the application.
pub(super) async fn close_quietly(tx: &Tx, id: Uuid, now: DateTime<Utc>) -> Result<(), AppError> {
    ended(id, SharingState::NotNeeded, now).exec(&tx.0).await?;
    Ok(())
}

/// Lets a request wait for its next turn, of which nobody could write down what came.
pub(super) async fn postpone(
    tx: &Tx,
    ask: &SharingAsk,
    then: DateTime<Utc>,
) -> Result<(), AppError> {
    use sharing_request::Column;
    still_open(ask.id)
        .col_expr(Column::NextAt, Expr::value(then))
        .col_expr(Column::Attempts, Expr::value(counted(ask.attempts + 1)))
        .exec(&tx.0)
        .await?;
    Ok(())
}

/// Lets a request wait for its next turn.
pub(super) async fn ask_again(
    tx: &Tx,
    ask: &SharingAsk,
    problem: SharingProblem,
    then: DateTime<Utc>,
) -> Result<(), AppError> {
    let waiting = still_open(ask.id).col_expr(sharing_request::Column::NextAt, Expr::value(then));
    attempted(waiting, ask.attempts + 1, Asked::Failed(problem))
        .exec(&tx.0)
        .await?;
    Ok(())
}

fn still_open(id: Uuid) -> UpdateMany<sharing_request::Entity> {
    use sharing_request::Column;
    sharing_request::Entity::update_many()
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(Coded(SharingState::Open)))
}

fn counted(attempts: u32) -> i32 {
    i32::try_from(attempts).unwrap_or(i32::MAX)
}
