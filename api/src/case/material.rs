//! Materials after they were handed in: another version takes the place of one, and what opinions rely on.

use chrono::{DateTime, Utc};
use lianshen_domain::actor::{Action, Actor};
use lianshen_domain::application::Replaced;
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::ids::{ApplicationId, Id as _, MaterialId};
use lianshen_domain::rejected::{Reason, Rejected};
use lianshen_domain::sharing::{self, SharingState};
use lianshen_entity::{application, material, review, sharing_request};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ModelTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::act::{Command, Did, Subject, act};
use super::desk::Desk;
use super::handed_in::{HandedIn, as_reader, material_faults};
use super::hold::Held;
use super::mapping::kept;
use super::procedure::reasons_of;
use super::reach::Reach;
use crate::app::App;
use crate::db::{Tx, Writes};
use crate::error::AppError;

/// Another version of a material.
#[derive(Clone, Serialize)]
pub struct ReplaceMaterial {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The application.
    pub application: Uuid,
    /// The version that is replaced.
    pub material: Uuid,
    /// Originals on paper.
    pub originals: i32,
    /// Copies on paper.
    pub copies: i32,
    /// Name of the electronic file.
    pub file_name: Option<String>,
    /// SHA-256 of the electronic file, 64 hexadecimal digits.
    pub sha256: Option<String>,
    /// Why.
    pub reasons: String,
    /// The version of the application that was looked at.
    pub expected_version: Option<i64>,
}

/// The materials of an application: those that are there, and those that others were asked for.
#[derive(Default)]
pub(super) struct Materials {
    there: Vec<material::Model>,
    asked: Vec<sharing_request::Model>,
    /// The one whose row this act writes already, because another version takes its place.
    replaced: Option<Uuid>,
}

impl Materials {
    /// One of them, also one that was replaced.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) fn one(&self, id: MaterialId) -> Result<&material::Model, Reason> {
        let found = self.there.iter().find(|row| row.id == id.raw());
        found.ok_or(Reason::NotFound)
    }

    /// Whether one of a code is there.
    pub(super) fn has(&self, code: &str) -> bool {
        self.there.iter().any(|row| row.code == code)
    }

    /// The place behind all that are there.
    pub(super) fn next_ordinal(&self) -> i32 {
        let ordinals = self.there.iter().map(|row| row.ordinal);
        ordinals.max().map_or(0, |last| last.saturating_add(1))
    }

    /// The one that this act replaces.
    pub(super) fn replaced(&self) -> Option<Uuid> {
        self.replaced
    }

    /// The request for a material that is still open.
    pub(super) fn open_request(&self, code: &str) -> Option<&sharing_request::Model> {
        let open = |row: &&sharing_request::Model| row.state.0 == SharingState::Open;
        self.asked.iter().filter(open).find(|row| row.code == code)
    }
}

/// A material and what takes its place.
struct Replacement {
    former: Uuid,
    because: String,
    new: material::Model,
}

/// Takes another version of a material (替换材料); the opinions that relied on the former one are asked for once more.
///
/// # Errors
/// What `File::replace_material` refuses; `MaterialStale` for a version that was replaced; `MaterialUnchanged`; what is
/// wrong with the material.
pub async fn replace_material(
    app: &App,
    actor: &Actor,
    command: ReplaceMaterial,
) -> Result<ApplicationId, AppError> {
    let application = ApplicationId::new(command.application);
    let former = MaterialId::new(command.material);
    let common = Command {
        action: Action::ActForApplicant,
        act: "applicationReplaceMaterial",
        key: &command.idempotency_key,
        request: &command,
        subject: Subject::MaterialsOf(application),
        reach: Reach::Applicant,
        expected_version: command.expected_version,
    };
    act(app, actor, common, |desk| {
        let replacement = command.replacement(desk)?;
        let row = desk.there.one(former)?;
        let replaced = Replaced {
            former,
            came_at: row.received_at,
            code: row.code.clone(),
            wanted_by: kept(&row.wanted_by)?,
            version: u32::try_from(replacement.new.version).map_err(AppError::internal)?,
        };
        desk.decide(None, |file, when, _| {
            file.replace_material(&replaced, when, || app.env.id())
        })?;
        let lines = vec![
            Line::new(LineLabel::Material, &replacement.new.name),
            Line::new(LineLabel::Reasons, &replacement.because),
        ];
        desk.paper(DocumentKind::SupplementReceipt, None, lines);
        // By who is asked now: an opinion may have lapsed just before.
        let readers = desk.readers(&replaced.wanted_by);
        desk.there.replaced = Some(replacement.former);
        replacement.write(readers, &mut desk.beside);
        Ok(Did::Something)
    })
    .await?;
    Ok(application)
}

impl ReplaceMaterial {
    /// What takes the place of the material on the desk, checked.
    fn replacement(&self, desk: &Desk<'_>) -> Result<Replacement, AppError> {
        let former = desk.there.one(MaterialId::new(self.material))?;
        if former.replaced_at.is_some() {
            let material = former.code.clone();
            return Err(Reason::MaterialStale { material }.at("materialId").into());
        }
        let handed_in = HandedIn {
            code: former.code.clone(),
            originals: self.originals,
            copies: self.copies,
            file_name: self.file_name.clone(),
            sha256: self.sha256.as_deref().map(str::to_ascii_lowercase),
        };
        let faults = material_faults(&handed_in, "");
        if !faults.is_empty() {
            return Err(faults.into());
        }
        let new = material::Model {
            id: desk.app.env.id::<MaterialId>().raw(),
            originals: handed_in.originals,
            copies: handed_in.copies,
            file_name: handed_in.file_name,
            sha256: handed_in.sha256,
            version: former.version + 1,
            received_at: desk.at.now,
            ..former.clone()
        };
        let said = |row: &material::Model| (row.originals, row.copies, row.sha256.clone());
        // Paper has no digest: another sheet may stand in for the first although nothing else is told apart.
        let is_same = said(&new) == said(former) && new.sha256.is_some();
        if is_same {
            return Err(Reason::MaterialUnchanged.at("sha256").into());
        }
        Ok(Replacement {
            former: former.id,
            because: reasons_of(&self.reasons)?,
            new,
        })
    }
}

impl Replacement {
    /// A new version beside the former one, which stays as it was, for those who read both.
    fn write(self, readers: String, writes: &mut Writes) {
        use material::Column;
        let replaced = material::Entity::update_many()
            .col_expr(Column::Readers, Expr::value(readers.clone()))
            .col_expr(Column::ReplacedAt, Expr::value(self.new.received_at))
            .col_expr(Column::ReplacedBecause, Expr::value(self.because))
            .filter(Column::Id.eq(self.former))
            .filter(Column::ReplacedAt.is_null());
        writes.change_one(replaced);
        writes.insert([material::Model {
            readers,
            ..self.new
        }]);
    }
}

impl Desk<'_> {
    /// Reads the materials of the application, for an act on them.
    pub(super) async fn read_materials(&mut self, tx: &Tx) -> Result<(), AppError> {
        let row = self.row();
        self.there = Materials {
            there: row.find_related(material::Entity).all(&tx.0).await?,
            asked: row.find_related(sharing_request::Entity).all(&tx.0).await?,
            replaced: None,
        };
        Ok(())
    }

    /// What the government holds is never demanded of the applicant (国务院令第716号 第七条).
    ///
    /// # Errors
    /// `MaterialShared` for each such material; `place` makes the path of the n-th.
    pub(super) fn expect_not_shared<'c>(
        &self,
        codes: impl IntoIterator<Item = (usize, &'c String)>,
        place: impl Fn(usize) -> String,
    ) -> Result<(), AppError> {
        let faults = sharing::demanded_faults(&self.centre()?.catalogue, codes, place);
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults.into())
        }
    }
}

/// Whether an opinion of an item relied on a version of a material, which its reader may see.
pub fn is_relied_on(
    review: &review::Model,
    given_at: DateTime<Utc>,
    item: &str,
    row: &material::Model,
) -> bool {
    if let Some(ids) = &review.relied_on {
        let id = row.id.to_string();
        let mut named = ids.as_array().into_iter().flatten();
        return named.any(|named| named.as_str() == Some(&id));
    }
    let mut wanted_by = row.wanted_by.as_array().into_iter().flatten();
    // Of two versions at one instant the former was there when the opinion was given: it is stale, or it would be later.
    let was_there = if row.version == 1 {
        row.received_at <= given_at
    } else {
        row.received_at < given_at
    };
    wanted_by.any(|wanting| wanting.as_str() == Some(item))
        && was_there
        && row.replaced_at.is_none_or(|at| at >= given_at)
}

/// Makes sure that a department may rely on materials: it reads them, and nothing newer has taken their place.
///
/// # Errors
/// `NotFound`; `MaterialStale`.
pub async fn expect_readable(
    tx: &Tx,
    held: &Held,
    department: &str,
    ids: &[Uuid],
) -> Result<(), AppError> {
    let rows = held
        .row
        .find_related(material::Entity)
        .filter(material::Column::Id.is_in(ids.iter().copied()))
        .all(&tx.0)
        .await?;
    let mut faults: Vec<Rejected> = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let place = format!("materialIds.{at}");
        let own = as_reader(department);
        let row = rows
            .iter()
            .find(|row| row.id == *id && row.readers.contains(&own));
        match row {
            None => faults.push(Reason::NotFound.at(&place)),
            Some(row) if row.replaced_at.is_some() => {
                let material = row.code.clone();
                faults.push(Reason::MaterialStale { material }.at(&place));
            }
            Some(_) => {}
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.into())
    }
}

/// The names of what was handed in.
pub(super) async fn material_names(
    tx: &Tx,
    row: &application::Model,
) -> Result<Vec<String>, AppError> {
    let materials = row
        .find_related(material::Entity)
        .filter(material::Column::ReplacedAt.is_null())
        .order_by_asc(material::Column::Ordinal)
        .all(&tx.0)
        .await?;
    Ok(materials
        .into_iter()
        .map(|material| material.name)
        .collect())
}
