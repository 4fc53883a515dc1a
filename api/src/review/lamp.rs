//! The lamp of a review: in memory, and as a condition on rows. Both follow `LampDates`, and are tested against each other.

use chrono::NaiveDate;
use lianshen_domain::calendar::local_date;
use lianshen_domain::clock::{CardModel, Lamp, LampDates, Standing};
use lianshen_domain::code::Code as _;
use lianshen_domain::review::ReviewState;
use lianshen_entity::{Coded, case_, review};
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, DbBackend};

use crate::case::{ReviewRead, ended_on};

/// The lamp that a review shows; once the opinion is given, or the case has ended without one, always the same.
/// `case` is needed of a cancelled review only.
pub fn lamp_of_review(
    review: &ReviewRead,
    case: Option<&case_::Model>,
    today: NaiveDate,
    model: CardModel,
) -> Lamp {
    let dates = LampDates {
        alert_on: *review.alert_on(),
        promised_due_on: *review.promised_due_on(),
        statutory_due_on: *review.statutory_due_on(),
    };
    let over_on = match review.state().0 {
        // What took the place of an opinion later does not change when it was given.
        ReviewState::Given | ReviewState::Returned | ReviewState::Stale => {
            review.given_at().map(local_date)
        }
        // Where the case was opened again it has no end any more; the dates are those that had passed by the first.
        ReviewState::Cancelled => Some(case.and_then(ended_on).unwrap_or(today)),
        // Who is not asked any more has no date; what passed in silence is late for ever.
        ReviewState::Waiting
        | ReviewState::Open
        | ReviewState::Claimed
        | ReviewState::Withdrawn
        | ReviewState::Tacit => None,
    };
    let never_began = review.state().0 == ReviewState::Cancelled
        && case.is_none_or(|case| case.started_on.is_none());
    model.lamp(match over_on {
        _ if never_began => Standing::Undated,
        Some(day) => dates.settled(day),
        None => dates.standing(today),
    })
}

/// The reviews that show a lamp, as [`lamp_of_review`] tells it of each; `case_` is joined.
pub(super) struct LampColumns {
    today: NaiveDate,
    engine: DbBackend,
    model: CardModel,
}

impl LampColumns {
    pub(super) fn new(today: NaiveDate, engine: DbBackend, model: CardModel) -> Self {
        Self {
            today,
            engine,
            model,
        }
    }

    /// Whether a review shows this lamp.
    pub(super) fn is(&self, lamp: Lamp) -> Condition {
        let standings = Standing::ALL.iter().copied();
        standings
            .filter(|standing| self.model.lamp(*standing) == lamp)
            .fold(Condition::any(), |any, standing| {
                any.add(self.stands(standing))
            })
    }

    /// The lamp by its place among all, for counting.
    pub(super) fn place(&self) -> CaseStatement {
        Lamp::ALL
            .iter()
            .zip(0_i32..)
            .fold(CaseStatement::new(), |case, (lamp, place)| {
                case.case(self.is(*lamp), place)
            })
            .finally(-1)
    }

    fn stands(&self, standing: Standing) -> Condition {
        use review::Column;
        let day = self.day();
        let passed = |column: Column| {
            Condition::all()
                .add(column.is_not_null())
                .add(Expr::col((review::Entity, column)).lt(day.clone()))
        };
        let is_over = || {
            Condition::any()
                .add(Column::GivenAt.is_not_null())
                .add(Column::State.eq(Coded(ReviewState::Cancelled)))
        };
        let near = || {
            Condition::all()
                .add(Column::AlertOn.is_not_null())
                .add(Expr::col((review::Entity, Column::AlertOn)).lte(day.clone()))
                .add(is_over().not())
        };
        // A case that ended while it stood still has no date, and was in time.
        let dated = || {
            let began = Condition::all()
                .add(Column::State.eq(Coded(ReviewState::Cancelled)))
                .add(case_::Column::StartedOn.is_not_null());
            Condition::any()
                .add(Column::PromisedDueOn.is_not_null())
                .add(Column::StatutoryDueOn.is_not_null())
                .add(Column::GivenAt.is_not_null())
                .add(began)
        };
        let red = || passed(Column::StatutoryDueOn);
        let yellow = || passed(Column::PromisedDueOn);
        let in_time = || Condition::all().add(yellow().not()).add(red().not());
        match standing {
            Standing::StatutePassed => red(),
            Standing::PromisePassed => yellow().add(red().not()),
            Standing::Near => near().add(in_time()),
            Standing::InTime => Condition::all()
                .add(dated())
                .add(near().not())
                .add(in_time()),
            Standing::Undated => Condition::all().add(dated().not()).add(near().not()),
        }
    }

    /// The day by which the dates are judged: that of the end, else today.
    fn day(&self) -> SimpleExpr {
        use review::Column;
        let given_at = Expr::col((review::Entity, Column::GivenAt));
        // The local date of an instant; China has one zone, and no summer time.
        let given_on = match self.engine {
            DbBackend::Postgres => {
                Expr::cust_with_expr("CAST(($1 AT TIME ZONE 'Asia/Shanghai') AS date)", given_at)
            }
            _ => Expr::cust_with_expr("date(?, '+8 hours')", given_at),
        };
        let ended_on = Expr::col((case_::Entity, case_::Column::StoppedOn))
            .if_null(Expr::col((case_::Entity, case_::Column::ResultOn)))
            .if_null(self.today);
        let by_state = CaseStatement::new()
            .case(Column::GivenAt.is_not_null(), given_on)
            .case(Column::State.eq(Coded(ReviewState::Cancelled)), ended_on)
            .finally(self.today);
        SimpleExpr::Case(Box::new(by_state))
    }
}

/// The lamp of a place among all.
pub(super) fn lamp_at(place: i32) -> Option<Lamp> {
    let place = usize::try_from(place).ok()?;
    Lamp::ALL.get(place).copied()
}
