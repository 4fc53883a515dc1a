//! Absences of reviewers, and who stands in for them.

use chrono::{DateTime, Utc};
use lianshen_domain::absence::Absence;
use lianshen_domain::actor::{self, Action, Actor, Role};
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{AbsenceId, AccountId, Id as _};
use lianshen_domain::plain_text;
use lianshen_domain::rejected::{Reason, Word, expect_version};
use lianshen_domain::review::{Review, ReviewState};
use lianshen_entity::{Coded, absence, account, review};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use serde::Serialize;
use uuid::Uuid;

use super::opinion::REASONS_MAX;
use crate::app::App;
use crate::authority;
use crate::db::{self, Tx, Writes};
use crate::error::AppError;
use crate::idempotency::{self, Keyed};
use crate::ledger::{self, Entry};

/// An absence as a row.
pub type AbsenceRow = absence::Model;

/// The most absences and reviewers that are listed.
const MOST: u64 = 500;

/// An absence to be registered.
#[derive(Clone, Serialize)]
pub struct RegisterAbsence {
    /// Chosen by the client.
    pub idempotency_key: String,
    /// Who is absent; the caller if not given.
    pub account: Option<Uuid>,
    /// Who stands in.
    pub substitute: Uuid,
    /// The first day.
    pub from_on: chrono::NaiveDate,
    /// The last day.
    pub through_on: chrono::NaiveDate,
    /// Why.
    pub reasons: String,
}

/// An absence to be cancelled.
#[derive(Clone, Copy)]
pub struct CancelAbsence {
    /// Which.
    pub absence: AbsenceId,
    /// The version that was looked at.
    pub expected_version: Option<i64>,
}

/// A reviewer of the caller's department.
pub struct Colleague {
    /// The account.
    pub account: AccountId,
    /// The name shown inside the centre.
    pub display_name: String,
    /// How many reviews they hold.
    pub holds: u64,
}

/// Registers an absence: a reviewer their own, who decides that of any reviewer of the department.
///
/// # Errors
/// `Forbidden`; `NotAReviewer`; what `Absence::try_new` refuses.
pub async fn register_absence(
    app: &App,
    actor: &Actor,
    command: RegisterAbsence,
) -> Result<AbsenceId, AppError> {
    actor::may(actor, Action::ShareWork)?;
    let reasons = plain_text::checked_lines(&command.reasons, REASONS_MAX, "reasons")?;
    let account = command.account.map_or(actor.account, AccountId::new);
    if actor.role == Role::Reviewer && account != actor.account {
        return Err(Reason::Forbidden.at("accountId").into());
    }
    let substitute = AccountId::new(command.substitute);
    let wanted = Absence {
        account,
        substitute,
        from_on: command.from_on,
        through_on: command.through_on,
    };
    let id = app.env.id::<AbsenceId>();
    db::write(&app.db, async |tx| {
        authority::hold(&tx, actor).await?;
        let at = app.env.moment();
        let keyed = Keyed {
            act: "absenceRegister",
            key: &command.idempotency_key,
            request: &command,
        };
        if let Some(first) = idempotency::claim(&tx, actor, &keyed, &id.raw(), at.now).await? {
            return Ok(AbsenceId::new(first));
        }
        // Both are held, always in one order, lest each be made the other's substitute at the same moment.
        for held in [account.min(substitute), account.max(substitute)] {
            let field = if held == substitute {
                "substituteId"
            } else {
                "accountId"
            };
            expect_reviewer(&tx, actor, held, field).await?;
        }
        let both = [account.raw(), substitute.raw()];
        let on_record = not_cancelled()
            .filter(absence::Column::ThroughOn.gte(command.from_on))
            .filter(absence::Column::FromOn.lte(command.through_on))
            .filter(
                Condition::any()
                    .add(absence::Column::AccountId.is_in(both))
                    .add(absence::Column::SubstituteId.eq(account.raw())),
            )
            .all(&tx.0)
            .await?;
        let on_record: Vec<Absence> = on_record.iter().map(absence_of).collect();
        Absence::try_new(wanted, &on_record, at.today)?;
        let row = absence::Model {
            id: id.raw(),
            region: actor.region.clone(),
            department: actor.department.clone().unwrap_or_default(),
            account_id: account.raw(),
            substitute_id: substitute.raw(),
            from_on: wanted.from_on,
            through_on: wanted.through_on,
            reasons: reasons.clone(),
            registered_by: actor.account.raw(),
            registered_at: at.now,
            cancelled_at: None,
            version: 1,
        };
        let happening = told(EventKind::AbsenceRegistered, &row)
            .with("from", row.from_on.to_string())
            .with("through", row.through_on.to_string());
        let mut writes = Writes::default();
        writes.insert([row]);
        write_down(app, &mut writes, actor, at.now, happening);
        writes.send(&tx).await?;
        Ok(id)
    })
    .await
}

/// Cancels an absence, or ends it before its last day; doing so again changes nothing.
///
/// # Errors
/// `Forbidden` for a colleague's, unless the caller decides for the department; `NotFound` for another department's;
/// `Conflict`.
pub async fn cancel_absence(
    app: &App,
    actor: &Actor,
    command: CancelAbsence,
) -> Result<AbsenceId, AppError> {
    actor::may(actor, Action::ShareWork)?;
    db::write(&app.db, async |tx| {
        authority::hold(&tx, actor).await?;
        let own = of_department(actor).filter(absence::Column::Id.eq(command.absence.raw()));
        let row = own.lock_exclusive().one(&tx.0).await?;
        let row = row.ok_or(Reason::NotFound)?;
        // Who reviews sees the absences of colleagues, and cancels none of them.
        if actor.role != Role::Decider && row.account_id != actor.account.raw() {
            return Err(Reason::Forbidden.into());
        }
        if row.cancelled_at.is_some() {
            return Ok(());
        }
        expect_version(
            command.expected_version,
            row.version,
            Word::new("外出登记", "absence"),
        )?;
        let happening = told(EventKind::AbsenceCancelled, &row);
        let now = app.env.now();
        let changed = absence::Model {
            cancelled_at: Some(now),
            version: row.version + 1,
            ..row
        };
        changed
            .into_active_model()
            .reset_all()
            .update(&tx.0)
            .await?;
        let mut writes = Writes::default();
        write_down(app, &mut writes, actor, now, happening);
        writes.send(&tx).await
    })
    .await?;
    Ok(command.absence)
}

/// One absence of the caller's department.
///
/// # Errors
/// When the database cannot be read.
pub async fn absence(
    app: &App,
    actor: &Actor,
    id: AbsenceId,
) -> Result<Option<AbsenceRow>, AppError> {
    if actor::may(actor, Action::ShareWork).is_err() {
        return Ok(None);
    }
    let find = of_department(actor).filter(absence::Column::Id.eq(id.raw()));
    Ok(find.one(app.db.reader()).await?)
}

/// The absences of the caller's department that last or are to come, the next first; at most 500.
///
/// # Errors
/// `Forbidden`.
pub async fn absences(app: &App, actor: &Actor) -> Result<Vec<AbsenceRow>, AppError> {
    actor::may(actor, Action::ShareWork)?;
    let find = of_department(actor)
        .filter(absence::Column::CancelledAt.is_null())
        .filter(absence::Column::ThroughOn.gte(app.env.moment().today))
        .order_by_asc(absence::Column::FromOn)
        .order_by_asc(absence::Column::Id)
        .limit(MOST);
    Ok(find.all(app.db.reader()).await?)
}

/// The reviewers of the caller's department, with how much each holds; at most 500.
///
/// # Errors
/// `Forbidden`.
pub async fn colleagues(app: &App, actor: &Actor) -> Result<Vec<Colleague>, AppError> {
    actor::may(actor, Action::ShareWork)?;
    let reader = app.db.reader();
    let found = reviewers(actor)
        .order_by_asc(account::Column::DisplayName)
        .order_by_asc(account::Column::Id)
        .limit(MOST)
        .all(reader)
        .await?;
    let held: Vec<(Option<Uuid>, i64)> = review::Entity::find()
        .select_only()
        .column(review::Column::ClaimedBy)
        .column_as(review::Column::Id.count(), "number")
        .filter(review::Column::Region.eq(&actor.region))
        .filter(review::Column::Department.eq(actor.department.clone().unwrap_or_default()))
        .filter(review::Column::State.eq(Coded(ReviewState::Claimed)))
        .group_by(review::Column::ClaimedBy)
        .into_tuple()
        .all(reader)
        .await?;
    let holds = |id: Uuid| {
        let of = held.iter().find(|(by, _)| *by == Some(id));
        of.map_or(0, |(_, number)| u64::try_from(*number).unwrap_or(0))
    };
    Ok(found
        .into_iter()
        .map(|row| Colleague {
            account: AccountId::new(row.id),
            holds: holds(row.id),
            display_name: row.display_name,
        })
        .collect())
}

/// Whether the actor stands in today for the colleague who holds a review. What nobody else holds asks nothing of the
/// database.
pub(super) async fn stands_in(
    tx: &Tx,
    actor: &Actor,
    review: &Review,
    today: chrono::NaiveDate,
) -> Result<bool, AppError> {
    let holder = review
        .claimed_by
        .filter(|holder| review.state == ReviewState::Claimed && *holder != actor.account);
    let Some(holder) = holder.filter(|_| actor.role == Role::Reviewer) else {
        return Ok(false);
    };
    let absent = not_cancelled()
        .filter(absence::Column::AccountId.eq(holder.raw()))
        .filter(absence::Column::SubstituteId.eq(actor.account.raw()))
        .filter(absence::Column::FromOn.lte(today))
        .filter(absence::Column::ThroughOn.gte(today));
    Ok(absent.count(&tx.0).await? > 0)
}

/// Makes sure that an account reviews for the actor's department, and goes on to until the commit.
pub(super) async fn expect_reviewer(
    tx: &Tx,
    actor: &Actor,
    id: AccountId,
    field: &str,
) -> Result<(), AppError> {
    let find = reviewers(actor).filter(account::Column::Id.eq(id.raw()));
    let found = find.lock_exclusive().one(&tx.0).await?;
    if found.is_some() {
        Ok(())
    } else {
        Err(Reason::NotAReviewer.at(field).into())
    }
}

fn reviewers(actor: &Actor) -> Select<account::Entity> {
    use account::Column;
    account::Entity::find()
        .filter(Column::Region.eq(&actor.region))
        .filter(Column::Department.eq(actor.department.clone().unwrap_or_default()))
        .filter(Column::Role.eq(Coded(Role::Reviewer)))
        .filter(Column::ClosedAt.is_null())
}

fn not_cancelled() -> Select<absence::Entity> {
    absence::Entity::find().filter(absence::Column::CancelledAt.is_null())
}

fn of_department(actor: &Actor) -> Select<absence::Entity> {
    absence::Entity::find()
        .filter(absence::Column::Region.eq(&actor.region))
        .filter(absence::Column::Department.eq(actor.department.clone().unwrap_or_default()))
}

fn absence_of(row: &AbsenceRow) -> Absence {
    Absence {
        account: AccountId::new(row.account_id),
        substitute: AccountId::new(row.substitute_id),
        from_on: row.from_on,
        through_on: row.through_on,
    }
}

fn told(kind: EventKind, row: &AbsenceRow) -> Happening {
    let happening = Happening {
        department: Some(row.department.clone()),
        ..Happening::of_application(kind)
    };
    happening
        .with("absence", AbsenceId::new(row.id).wire())
        .with("account", AccountId::new(row.account_id).wire())
        .with("substitute", AccountId::new(row.substitute_id).wire())
}

fn write_down(
    app: &App,
    writes: &mut Writes,
    actor: &Actor,
    now: DateTime<Utc>,
    happening: Happening,
) {
    let entry = Entry {
        region: &actor.region,
        application: None,
        actor: Some(actor),
        happened_at: now,
    };
    ledger::add(writes, &app.env, &[(entry, &[happening])]);
}
