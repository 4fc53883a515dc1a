//! Reading a digest.

use chrono::{DateTime, NaiveDate, Utc};
use lianshen_domain::actor::{Action, Actor, Role, may};
use lianshen_domain::digest::Digest;

use super::store;
use crate::app::App;
use crate::error::AppError;

/// A digest that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whose, by code of the department.
    pub department: String,
    /// Of which day.
    pub day: NaiveDate,
    /// When it was written.
    pub made_at: DateTime<Utc>,
    /// What it says, as far as the reader may know it.
    pub digest: Digest,
}

/// The digest of a day: of one's own department, or for those who see the whole centre of the one that they name. Another
/// department's, one that was never written and a department that there is not are one answer.
///
/// # Errors
/// `Forbidden` for roles without a department or an eye on the centre.
pub async fn digest(
    app: &App,
    actor: &Actor,
    day: Option<NaiveDate>,
    department: Option<String>,
) -> Result<Option<Found>, AppError> {
    may(actor, Action::ReadDashboard)?;
    let own = actor.department.as_deref();
    let wanted = match department {
        Some(asked) if actor.role.has_department() && own != Some(asked.as_str()) => None,
        Some(asked) => Some(asked),
        None => own.map(str::to_owned),
    };
    let Some(department) = wanted else {
        return Ok(None);
    };
    let day = day.unwrap_or_else(|| app.env.moment().today);
    let row = store::find(app.db.reader(), (&actor.region, &department), day).await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let mut digest: Digest = serde_json::from_value(row.contents).map_err(AppError::internal)?;
    // It tells of other departments, like the outlook of an application.
    if !matches!(actor.role, Role::LeadCoordinator | Role::Supervisor) {
        digest.late.clear();
    }
    Ok(Some(Found {
        department: row.department,
        day: row.day,
        made_at: row.made_at,
        digest,
    }))
}
