//! One round of asking: what has been due for longest.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::Connector;
use crate::app::App;
use crate::case::{self, Brought, SharingAsk};
use crate::error::AppError;

/// How many requests one round asks for. Where nobody answers, each takes as long as `sharing.timeout_seconds` lets it, a
/// minute at most: then a round lasts ten minutes, and no longer.
const BATCH: u64 = 40;
/// How many are under way at the same time: the other side has departments to serve, too.
const AT_ONCE: usize = 4;

/// Asks for shared materials that are due; the rest is for the next round. One that fails does not keep the others waiting.
///
/// # Errors
/// When what came could not be written; then the same is asked again in the next round.
pub async fn ask_round(app: App, connector: Arc<dyn Connector>) -> Result<(), AppError> {
    let due = case::requests_due(&app, BATCH).await?;
    let asked: Vec<Result<(), AppError>> = stream::iter(due)
        .map(|ask| ask_one(&app, &*connector, ask))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    asked.into_iter().collect()
}

async fn ask_one(app: &App, connector: &dyn Connector, ask: SharingAsk) -> Result<(), AppError> {
    let brought = if ask.cases.is_empty() {
        // What belongs to the applicant is read for a case that is open, and for nothing else.
        Brought::NotNeeded
    } else {
        connector.ask(&ask).await
    };
    case::end_request(app, &ask, brought).await
}
