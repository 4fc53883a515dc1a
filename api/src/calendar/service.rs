//! Adopting notices, and seeing before what it would change.

use chrono::{DateTime, Utc};
use lianshen_domain::actor::{self, Action, Actor};
use lianshen_domain::calendar::{AdoptedNotice, Adoption, Calendars, Notice};
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::rejected::Reason;
use sea_orm::ConnectionTrait;
use serde::Serialize;

use super::store;
use crate::app::App;
use crate::authority;
use crate::db::{self, Db, Tx};
use crate::env::Env;
use crate::error::AppError;
use crate::idempotency::{self, Keyed};
use crate::ledger::{self, Entry};

/// A notice to adopt for one's own centre.
#[derive(Clone, Serialize)]
pub struct NoticeAdopt {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// The notice.
    pub notice: Notice,
}

/// The calendars by all notices that were ever adopted.
///
/// # Errors
/// When the database cannot be read, or holds a definition that this version does not understand.
pub async fn adopted(db: &impl ConnectionTrait) -> Result<Calendars, AppError> {
    store::calendars(db).await
}

/// The notices by which open clocks have not been counted anew yet.
///
/// # Errors
/// As [`adopted`].
pub async fn unprojected(db: &impl ConnectionTrait) -> Result<Vec<AdoptedNotice>, AppError> {
    store::unprojected(db).await
}

/// Notes that every open clock has been counted anew by these notices.
///
/// # Errors
/// When the database refuses.
pub async fn set_projected(
    db: &Db,
    numbers: &[String],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    if numbers.is_empty() {
        return Ok(());
    }
    db::write(db, async |tx| {
        // As an adoption does, and in its order.
        store::hold_centres(&tx).await?;
        store::set_projected(&tx, numbers, now).await
    })
    .await
}

/// What adopting notices would come to: the calendars before and after. Writes nothing.
///
/// # Errors
/// What adoption would be refused for.
pub async fn preview(db: &Db, env: &Env, notices: &[Notice]) -> Result<Adoption, AppError> {
    let known = store::calendars(db.reader()).await?;
    Ok(known.adopting(notices, env.now())?)
}

/// Where notices would hold for nobody: at a place without a centre of this installation, or at a department that no centre
/// there has. One sentence each, with what is known.
///
/// # Errors
/// When the database cannot be read.
pub async fn misplaced(db: &Db, notices: &[Notice]) -> Result<Vec<String>, AppError> {
    let centres = store::centres(db.reader()).await?;
    Ok(notices
        .iter()
        .filter_map(|notice| {
            let reached = centres
                .iter()
                .filter(|(region, _)| notice.scope.reaches(region));
            let departments: Vec<Vec<String>> = reached.map(|(_, codes)| codes.clone()).collect();
            let (number, region) = (&notice.number, notice.scope.region()?);
            if departments.is_empty() {
                let known: Vec<_> = centres.keys().cloned().collect();
                return Some(format!(
                    "{number}: there is no centre in region {region}; there are centres in: {}",
                    or_none(&known)
                ));
            }
            let department = notice.scope.department()?;
            let known = departments.concat();
            (!known.iter().any(|code| code == department)).then(|| {
                format!(
                    "{number}: region {region} has no department {department}; it has: {}",
                    or_none(&known)
                )
            })
        })
        .collect())
}

fn or_none(codes: &[String]) -> String {
    if codes.is_empty() {
        "none yet (import the catalogue first)".to_owned()
    } else {
        codes.join(", ")
    }
}

/// Adopts notices for all whom they reach, as who runs the system does; one that is already adopted stays as it is.
///
/// # Errors
/// What `Calendars::adopting` refuses; nothing is adopted then.
pub async fn adopt(db: &Db, env: &Env, notices: &[Notice]) -> Result<Adoption, AppError> {
    db::write(db, async |tx| {
        let centres = store::hold_centres(&tx).await?;
        adopt_in(&tx, env, None, &centres, notices).await
    })
    .await
}

/// What adopting a notice for the actor's own centre would come to. Writes nothing.
///
/// # Errors
/// What [`adopt_for_centre`] would be refused for.
pub async fn preview_for_centre(
    app: &App,
    actor: &Actor,
    notice: &Notice,
) -> Result<Adoption, AppError> {
    actor::may(actor, Action::KeepCalendar)?;
    let centres: Vec<String> = app.library.present().centres.keys().cloned().collect();
    expect_own(actor, notice, &centres)?;
    expect_department(app.db.reader(), actor, notice).await?;
    preview(&app.db, &app.env, std::slice::from_ref(notice)).await
}

/// An administrator adopts for the own centre and for nobody else.
fn expect_own(actor: &Actor, notice: &Notice, centres: &[String]) -> Result<(), AppError> {
    let of_own_region = notice
        .scope
        .region()
        .is_none_or(|region| region == actor.region);
    let reaches_others = centres
        .iter()
        .any(|region| *region != actor.region && notice.scope.reaches(region));
    if !of_own_region || reaches_others {
        return Err(Reason::NoticeOfOthers.into());
    }
    Ok(())
}

/// A department that the own centre does not have keeps no days.
async fn expect_department(
    db: &impl ConnectionTrait,
    actor: &Actor,
    notice: &Notice,
) -> Result<(), AppError> {
    if let Some(department) = notice.scope.department()
        && !store::has_department(db, &actor.region, department).await?
    {
        let department = department.to_owned();
        return Err(Reason::DepartmentUnknown { department }
            .at("departmentCode")
            .into());
    }
    Ok(())
}

/// Adopts a notice for the actor's own centre; answers its number.
///
/// # Errors
/// `Forbidden`, `DepartmentUnknown` for a department that the centre does not have, `NoticeOfOthers` if it would hold for
/// another centre too, and what `Calendars::adopting` refuses.
pub async fn adopt_for_centre(
    app: &App,
    actor: &Actor,
    command: NoticeAdopt,
) -> Result<String, AppError> {
    actor::may(actor, Action::KeepCalendar)?;
    let notice = &command.notice;
    let number = db::write(&app.db, async |tx| {
        authority::hold(&tx, actor).await?;
        let centres = store::hold_centres(&tx).await?;
        let keyed = Keyed {
            act: "calendarNoticeAdopt",
            key: &command.idempotency_key,
            request: &command,
        };
        let now = app.env.now();
        if let Some(first) = idempotency::claim(&tx, actor, &keyed, &notice.number, now).await? {
            return Ok(first);
        }
        expect_own(actor, notice, &centres)?;
        expect_department(&tx.0, actor, notice).await?;
        adopt_in(
            &tx,
            &app.env,
            Some(actor),
            &centres,
            std::slice::from_ref(notice),
        )
        .await?;
        Ok(notice.number.clone())
    })
    .await?;
    // The other servers are told of it; who has adopted it sees it at once.
    let followed = app.library.follow(&app.db).await;
    followed.map_err(AppError::after_commit)?;
    Ok(number)
}

/// Adopts notices in a transaction that holds the centres. What else an adoption brings about, such as new due dates,
/// is written in the same transaction from what this answers.
async fn adopt_in(
    tx: &Tx,
    env: &Env,
    actor: Option<&Actor>,
    centres: &[String],
    notices: &[Notice],
) -> Result<Adoption, AppError> {
    let now = env.now();
    let adoption = store::calendars(&tx.0).await?.adopting(notices, now)?;
    if adoption.adopted.is_empty() {
        return Ok(adoption);
    }
    store::save(tx, &adoption, actor, now).await?;
    for region in centres {
        let reaching = adoption
            .adopted
            .iter()
            .filter(|notice| notice.scope.reaches(region));
        let happenings: Vec<_> = reaching.map(happening).collect();
        let entry = Entry {
            region,
            application: None,
            actor,
            happened_at: now,
        };
        ledger::append(tx, env, entry, &happenings).await?;
    }
    Ok(adoption)
}

fn happening(notice: &Notice) -> Happening {
    let adopted = Happening {
        department: notice.scope.department().map(str::to_owned),
        ..Happening::of_application(EventKind::CalendarAdopted)
    };
    let adopted = adopted
        .with("number", &notice.number)
        .with("year", notice.year.to_string());
    match &notice.replaces {
        Some(replaces) => adopted.with("replaces", replaces),
        None => adopted,
    }
}
