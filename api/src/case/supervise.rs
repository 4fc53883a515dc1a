//! Reading alerts and cards: who is told what the rules of supervision raised.

use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor, Role, may};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::code::Code as _;
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::supervision::{CardLevel, TimeRule};
use lianshen_entity::{Coded, application, card};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, Select};

use super::visibility::of_visible;
use crate::app::App;
use crate::error::AppError;
use crate::page::{Keyset, Window};

/// A card as it stands.
pub type CardRow = card::Model;

/// Which cards of those that may be seen; all conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct CardFilter {
    /// Raised by this rule.
    pub rule: Option<TimeRule>,
    /// Of this level.
    pub level: Option<CardLevel>,
    /// Of this department.
    pub department: Option<String>,
    /// Cleared, or not.
    pub cleared: Option<bool>,
    /// Raised on or after this day.
    pub from: Option<NaiveDate>,
    /// Raised on or before this day.
    pub to: Option<NaiveDate>,
}

/// A window of cards, the last raised first.
///
/// # Errors
/// `Forbidden` for roles that are told of cards only beside a case.
pub async fn cards(
    app: &App,
    actor: &Actor,
    filter: &CardFilter,
    window: &Window,
) -> Result<Vec<CardRow>, AppError> {
    let keyset = Keyset::descending(card::Column::RaisedAt, card::Column::Id);
    keyset
        .read(some_cards(actor, filter)?, window, app.db.reader())
        .await
}

/// How many cards there are in all.
///
/// # Errors
/// As [`cards`].
pub async fn count_cards(app: &App, actor: &Actor, filter: &CardFilter) -> Result<u64, AppError> {
    Ok(some_cards(actor, filter)?.count(app.db.reader()).await?)
}

fn some_cards(actor: &Actor, filter: &CardFilter) -> Result<Select<card::Entity>, AppError> {
    use card::Column;
    may(actor, Action::ReadCards)?;
    let cleared = filter.cleared.map(|cleared| {
        if cleared {
            Column::ClearedOn.is_not_null()
        } else {
            Column::ClearedOn.is_null()
        }
    });
    let department = filter.department.as_ref();
    let wanted = Condition::all()
        .add(Column::Region.eq(&actor.region))
        .add_option(filter.rule.map(|rule| Column::Rule.eq(Coded(rule))))
        .add_option(filter.level.map(|level| Column::Level.eq(Coded(level))))
        .add_option(department.map(|department| Column::Department.eq(department)))
        .add_option(cleared)
        .add_option(filter.from.map(|from| Column::RaisedOn.gte(from)))
        .add_option(filter.to.map(|to| Column::RaisedOn.lte(to)));
    Ok(visible_cards(actor).filter(wanted))
}

/// The cards of several applications that the actor may see, in the order of their days.
///
/// # Errors
/// When the database cannot be read.
pub async fn cards_of(
    app: &App,
    actor: &Actor,
    ids: &[ApplicationId],
) -> Result<Vec<CardRow>, AppError> {
    if actor.role == Role::Applicant {
        return Ok(Vec::new());
    }
    let ids = ids.iter().map(|id| id.raw());
    let find = visible_cards(actor)
        .filter(card::Column::ApplicationId.is_in(ids))
        .order_by_asc(card::Column::RaisedOn)
        .order_by_asc(card::Column::Id);
    Ok(find.all(app.db.reader()).await?)
}

/// A department is told of its own cards, the lead of all that it leads; window, administrator and supervisor of all that
/// they see, but that of a mediation the window knows nothing. What an agency is reproached with is not for the applicant.
fn visible_cards(actor: &Actor) -> Select<card::Entity> {
    let department = || actor.department.clone().unwrap_or_default();
    let own = || card::Column::Department.eq(department());
    let told = match actor.role {
        Role::Reviewer | Role::Decider => Condition::all().add(own()),
        Role::LeadCoordinator => {
            let leads = application::Column::LeadDepartment.eq(department());
            Condition::any().add(leads).add(own())
        }
        Role::WindowClerk => {
            // An occurrence begins with the code of its clock.
            let inner = format!("{}:%", ClockKind::Mediation.code());
            Condition::all().add(card::Column::Occurrence.not_like(inner))
        }
        Role::CentreAdministrator | Role::Supervisor => Condition::all(),
        Role::Applicant | Role::SystemAdministrator => Condition::all().add(Expr::value(1).eq(0)),
    };
    of_visible::<card::Entity>(actor, card::Column::ApplicationId).filter(told)
}
