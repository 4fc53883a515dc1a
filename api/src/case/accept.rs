//! Accepting what was only received: an online application, or one that a window received before.

use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::application::Channel;
use lianshen_domain::bundle::BundleVersion;
use lianshen_domain::code::Code as _;
use lianshen_domain::document::DocumentKind;
use lianshen_domain::ids::{ApplicationId, BundleVersionId, Id as _};
use lianshen_domain::rejected::Reason;
use lianshen_entity::material;
use sea_orm::{ModelTrait as _, QueryOrder as _};
use serde::Serialize;
use uuid::Uuid;

use super::clocks::Clocks;
use super::paper::{Paper, Papers};
use super::serials::Wanted;
use super::store;
use super::submit::{Submitted, accepted_series};
use crate::app::App;
use crate::db;
use crate::error::AppError;
use crate::idempotency::{self, Keyed};
use crate::ledger::{self, Entry};

/// Which application is accepted.
#[derive(Clone, Serialize)]
pub struct Accept {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// The version that the clerk looked at.
    pub expected_version: Option<i64>,
}

/// Accepts all cases in one act; their clocks start, and every department has its file at once.
///
/// # Errors
/// `NotFound`, `Conflict`, `WrongState`; nothing is written then.
pub async fn accept(app: &App, actor: &Actor, command: Accept) -> Result<ApplicationId, AppError> {
    actor::may(actor, Action::AcceptApplication)?;
    let snapshot = app.library.present();
    let centre = snapshot.centre(&actor.region).ok_or(Reason::NotFound)?;
    let at = app.env.moment();
    let id = ApplicationId::new(command.application);
    db::write(&app.db, async |tx| {
        let held = store::hold_by_id(&tx, actor, id).await?;
        let online = held.row.channel.0 == Channel::Online && held.row.window.is_none();
        if !online && held.row.window != actor.window {
            return Err(Reason::NotFound.into());
        }
        let keyed = Keyed {
            act: "applicationAccept",
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
        store::expect_version(
            command.expected_version,
            held.row.version,
            held.row.state.0.code(),
        )?;
        let materials = held
            .row
            .find_related(material::Entity)
            .order_by_asc(material::Column::Ordinal)
            .all(&tx.0)
            .await?;
        let (mut file, rows) = store::load_file(&tx, held).await?;

        let bundle = rows.application.bundle_version_id.map(BundleVersionId::new);
        let bundle: Option<&BundleVersion> = bundle
            .and_then(|id| snapshot.bundles.get(&id))
            .map(AsRef::as_ref);
        let happenings = file.accept(
            actor,
            at,
            &Clocks {
                snapshot: &snapshot,
                region: &actor.region,
                bundle,
            },
        )?;

        let mut papers = Papers::new(&app.env, &snapshot, centre, actor, at);
        let mut wanted = Wanted::default();
        papers.want(&mut wanted, DocumentKind::AcceptanceNotice, None);
        file.cases
            .iter()
            .for_each(|case| wanted.one(accepted_series(centre, &case.item)));
        let mut given = wanted.take(&tx).await?;
        for case in &mut file.cases {
            case.accepted_seq = Some(given.next(&accepted_series(centre, &case.item))?);
        }
        let names: Vec<String> = materials
            .into_iter()
            .map(|material| material.name)
            .collect();
        let lines = papers.acceptance_lines(&file.cases, &names, &rows.application.query_code);
        let paper = Paper {
            kind: DocumentKind::AcceptanceNotice,
            case: None,
            lines,
        };
        papers.add(&rows.application, paper, &mut given)?;

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
