//! Shared materials: who is asked for what, what came of it, and what the applicant hands in of their own accord.
//!
//! Who is asked, and how, is a connector's matter (`exchange`); here stands what an application knows of it.

mod store;

use lianshen_domain::actor::{Action, Actor};
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::rejected::Reason;
use lianshen_domain::sharing::{self, Asked, Next, SharingProblem, SharingState};
use lianshen_entity::material;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

pub use store::{SharingAsk, SharingCase, SharingRow, requests_due, requests_of};

use super::act::{Command, Did, Subject, act};
use super::desk::Desk;
use super::handed_in::{HandedIn, material_faults};
use super::reach::Reach;
use super::submit_rows::material_row;
use crate::app::App;
use crate::db;
use crate::error::AppError;

/// A listed material that had not been there.
#[derive(Clone, Serialize)]
pub struct AddMaterial {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// What is handed in.
    #[serde(flatten)]
    pub handed_in: HandedIn,
    /// The version of the application that was looked at.
    pub expected_version: Option<i64>,
}

/// What came of asking once.
pub enum Brought {
    /// The material.
    Held(HandedIn),
    /// Nobody holds it.
    NotHeld,
    /// No usable answer.
    Failed(SharingProblem),
    /// Nobody was asked, because nobody needs it any more.
    NotNeeded,
}

/// Takes a listed material that is not there yet (补充提供), e.g. one that could not be had by sharing.
///
/// # Errors
/// `MaterialNotListed`; `MaterialThere`; what is wrong with the material; what `File::add_material` refuses.
pub async fn add_material(
    app: &App,
    actor: &Actor,
    command: AddMaterial,
) -> Result<ApplicationId, AppError> {
    let application = ApplicationId::new(command.application);
    let common = Command {
        action: Action::ActForApplicant,
        act: "applicationAddMaterial",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::MaterialsOf(application),
        reach: Reach::Applicant,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let handed_in = &command.handed_in;
        let code = &handed_in.code;
        let mut faults = material_faults(handed_in, "");
        let wanted_by = desk.wanting(code);
        if wanted_by.is_empty() {
            let material = code.clone();
            faults.push(Reason::MaterialNotListed { material }.at("materialCode"));
        } else if desk.there.has(code) {
            let material = code.clone();
            faults.push(Reason::MaterialThere { material }.at("materialCode"));
        }
        if !faults.is_empty() {
            return Err(faults.into());
        }
        let row = desk.new_material(handed_in, &wanted_by, false)?;
        let lines = vec![Line::new(LineLabel::Material, &row.name)];
        desk.decide(None, |file, when, _| {
            file.add_material(code, &wanted_by, when)
        })?;
        desk.paper(DocumentKind::SupplementReceipt, None, lines);
        if let Some(request) = desk.there.open_request(code) {
            let ended = store::ended(request.id, SharingState::Provided, desk.at.now);
            desk.beside.change_one(ended);
        }
        desk.beside.insert([row]);
        Ok(Did::Something)
    })
    .await?;
    Ok(application)
}

/// Writes down what came of asking for a material once: it lies with the others, it is asked for again later, or it will not
/// come. What was meanwhile handed in, or is not needed any more, stays as it is.
///
/// # Errors
/// When the database refuses, or the record of the application is not understood; see [`postpone_request`].
pub async fn end_request(app: &App, ask: &SharingAsk, brought: Brought) -> Result<(), AppError> {
    let at = app.env.moment();
    let attempts = ask.attempts + 1;
    let most = app.config.sharing.attempts;
    let (asked, handed_in) = match brought {
        Brought::Held(handed_in) => (Asked::Held, Some(handed_in)),
        Brought::NotHeld => (Asked::NotHeld, None),
        Brought::Failed(problem) => (Asked::Failed(problem), None),
        Brought::NotNeeded => {
            return db::write(&app.db, async |tx| {
                store::close_quietly(&tx, ask.id, at.now).await
            })
            .await;
        }
    };
    let state = match sharing::after(asked, attempts, most, at.now) {
        Next::Over(state) => state,
        Next::Again(then) => {
            let Asked::Failed(problem) = asked else {
                return Ok(());
            };
            return db::write(&app.db, async |tx| {
                store::ask_again(&tx, ask, problem, then).await
            })
            .await;
        }
    };
    db::write(&app.db, async |tx| {
        let Some(held) = super::hold::alone(&tx, ask.application).await? else {
            return Ok(());
        };
        let mut desk = Desk::take(app, &tx, held, None, at).await?;
        desk.read_materials(&tx).await?;
        desk.end_request(ask, state, asked, handed_in.as_ref())?;
        desk.clear(&tx).await?;
        Ok(())
    })
    .await
}

/// Lets a request wait as long as after an answer that was none, because what came could not be written down: of the same
/// person nobody is asked every few seconds, and who stands behind it has their turn.
///
/// # Errors
/// When the database refuses.
pub async fn postpone_request(app: &App, ask: &SharingAsk) -> Result<(), AppError> {
    let then = sharing::next_turn(ask.attempts + 1, app.env.now());
    db::write(&app.db, async |tx| store::postpone(&tx, ask, then).await).await
}

impl Desk<'_> {
    fn end_request(
        &mut self,
        ask: &SharingAsk,
        state: SharingState,
        asked: Asked,
        handed_in: Option<&HandedIn>,
    ) -> Result<(), AppError> {
        let Some(request) = self.there.open_request(&ask.code) else {
            return Ok(());
        };
        let is_moot = self.there.has(&ask.code) || self.file.needs_nothing_more(&ask.wanted_by);
        let state = if is_moot {
            SharingState::NotNeeded
        } else {
            state
        };
        let mut ended = store::ended(request.id, state, self.at.now);
        ended = store::attempted(ended, ask.attempts + 1, asked);
        if state == SharingState::NotNeeded {
            self.beside.change_one(ended);
            return Ok(());
        }
        if let (SharingState::Fetched, Some(handed_in)) = (state, handed_in) {
            let row = self.new_material(handed_in, &ask.wanted_by, true)?;
            ended = store::brought(ended, row.id);
            self.beside.insert([row]);
        }
        self.beside.change_one(ended);
        let told = self.file.end_sharing(&ask.code, &ask.wanted_by, state);
        self.happened(vec![told]);
        Ok(())
    }

    /// The items of the application that want a material.
    fn wanting(&self, code: &str) -> Vec<String> {
        let cases = self.file.cases.iter();
        let wanting = cases.filter(|case| {
            let item = self.snapshot.items.get(&case.item_version);
            item.is_some_and(|item| item.materials.iter().any(|listed| listed == code))
        });
        wanting.map(|case| case.item.clone()).collect()
    }

    fn new_material(
        &self,
        handed_in: &HandedIn,
        wanted_by: &[String],
        by_sharing: bool,
    ) -> Result<material::Model, AppError> {
        let id = self.file.application.id;
        Ok(material::Model {
            ordinal: self.there.next_ordinal(),
            readers: self.readers(wanted_by),
            wanted_by: json!(wanted_by),
            by_sharing,
            ..material_row(self.app, self.centre()?, id, handed_in, self.at.now)
        })
    }
}
