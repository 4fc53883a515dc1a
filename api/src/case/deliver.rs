//! Delivering all results at the window, and closing.

use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::code::Code as _;
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::Outcome;
use serde::Serialize;
use uuid::Uuid;

use super::paper::{Paper, Papers};
use super::serials::Wanted;
use super::store;
use super::submit::Submitted;
use crate::app::App;
use crate::db;
use crate::error::AppError;
use crate::idempotency::{self, Keyed};
use crate::ledger::{self, Entry};

/// To whom the results are handed.
#[derive(Clone, Serialize)]
pub struct Deliver {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// Name of the person who signs for the results.
    pub received_by: String,
    /// The version that the clerk looked at.
    pub expected_version: Option<i64>,
}

/// Hands over all results with one receipt (送达回证) and closes the application.
///
/// # Errors
/// `WrongState` before the last case ended; `NotFound` at another window.
pub async fn deliver(
    app: &App,
    actor: &Actor,
    command: Deliver,
) -> Result<ApplicationId, AppError> {
    actor::may(actor, Action::DeliverResults)?;
    let received_by = plain_text::checked_name(&command.received_by, 100, "receivedBy")?;
    let snapshot = app.library.present();
    let centre = snapshot.centre(&actor.region).ok_or(Reason::NotFound)?;
    let id = ApplicationId::new(command.application);
    db::write(&app.db, async |tx| {
        let held = store::hold_by_id(&tx, actor, id).await?;
        let at = app.env.moment();
        if held.row.window != actor.window {
            return Err(Reason::NotFound.into());
        }
        let keyed = Keyed {
            act: "applicationDeliver",
            key: &command.idempotency_key,
            request: &command,
        };
        let result = Submitted {
            application: id.raw(),
        };
        if idempotency::claim(&tx, actor, &keyed, &result, at.now)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let (version, state) = (held.row.version, held.row.state.0);
        let (mut file, rows) = store::load_file(&tx, held).await?;
        let Outcome::Done(happenings) = file.deliver(at)? else {
            return Ok(());
        };
        store::expect_version(command.expected_version, version, state.code())?;

        let mut papers = Papers::new(&app.env, &snapshot, centre, actor, at);
        let mut wanted = Wanted::default();
        papers.want(&mut wanted, DocumentKind::DeliveryReceipt, None);
        let mut given = wanted.take(&tx).await?;
        let cases = file
            .cases
            .iter()
            .map(|case| format!("{} {}", case.case_number, case.item_name));
        let mut lines: Vec<Line> = cases.map(|text| Line::new(LineLabel::Case, text)).collect();
        lines.push(Line::new(LineLabel::ReceivedBy, &received_by));
        papers.add(
            &rows.application,
            Paper {
                kind: DocumentKind::DeliveryReceipt,
                case: None,
                lines,
            },
            &mut given,
        )?;

        store::save_file(&tx, &file, rows).await?;
        papers.write(&tx).await?;
        let entry = Entry {
            region: &actor.region,
            application: Some(id),
            actor: Some(actor),
            happened_at: at.now,
        };
        ledger::append(&tx, &app.env, entry, &happenings).await
    })
    .await?;
    Ok(id)
}
