//! Sending an examination back to its reviewer.

use lianshen_domain::actor::{Action, Actor};
use lianshen_domain::ids::{Id as _, ReviewId};
use serde::Serialize;
use uuid::Uuid;

use super::act::{Command, Did, Subject, act};
use super::procedure::reasons_of;
use super::reach::Reach;
use crate::app::App;
use crate::error::AppError;

/// An examination that is sent back.
#[derive(Clone, Serialize)]
pub struct ReturnReview {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The review.
    pub review: Uuid,
    /// Why.
    pub reasons: String,
    /// The version of the review that was looked at.
    pub expected_version: Option<i64>,
}

/// Sends the examination of a case back to the reviewer (退回重审).
///
/// # Errors
/// What `File::return_to_reviewer` refuses; `ReasonsRequired`.
pub async fn return_review(
    app: &App,
    actor: &Actor,
    command: ReturnReview,
) -> Result<ReviewId, AppError> {
    let id = ReviewId::new(command.review);
    let common = Command {
        action: Action::Decide,
        act: "reviewReturn",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::Review(id),
        reach: Reach::Department,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let reasons = reasons_of(&command.reasons)?;
        let done = desk.attempt(None, |file, when, _| {
            file.return_to_reviewer(id, &reasons, when, app.env.id())
        })?;
        Ok(done.map_or(Did::Nothing, |_| Did::Something))
    })
    .await?;
    Ok(id)
}
