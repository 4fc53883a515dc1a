//! One round of asking: everything that is due.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::Connector;
use crate::app::App;
use crate::case::{self, Brought, SharingAsk};
use crate::error::AppError;

/// How many requests are read at once.
const BATCH: u64 = 50;
/// How many are under way at the same time: the other side has departments to serve, too.
const AT_ONCE: usize = 4;

/// Asks for every shared material that is due. One that fails does not keep the others waiting.
///
/// # Errors
/// When what came could not be written; then the same is asked again in the next round.
pub async fn ask_round(app: App, connector: Arc<dyn Connector>) -> Result<(), AppError> {
    loop {
        let due = case::requests_due(&app, BATCH).await?;
        let is_all = (due.len() as u64) < BATCH;
        let asked: Vec<Result<(), AppError>> = stream::iter(due)
            .map(|ask| ask_one(&app, &*connector, ask))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        asked.into_iter().collect::<Result<(), AppError>>()?;
        if is_all {
            return Ok(());
        }
    }
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
