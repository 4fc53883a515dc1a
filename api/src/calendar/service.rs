//! Adopting notices.

use lianshen_domain::calendar::{Calendar, Notice};
use lianshen_entity::{calendar_notice, centre};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{EntityTrait as _, Set};

use crate::db::{self, Db};
use crate::env::Env;
use crate::error::AppError;

/// Adopts holiday notices; one that is already adopted stays as it is.
///
/// # Errors
/// When the notices contradict themselves or each other, or the database refuses.
pub async fn adopt(db: &Db, env: &Env, notices: &[Notice]) -> Result<(), AppError> {
    Calendar::try_new(notices.to_vec()).map_err(AppError::internal)?;
    let now = env.now();
    db::write(db, async |tx| {
        for known in calendar_notice::Entity::find().all(&tx.0).await? {
            let other = notices
                .iter()
                .find(|notice| notice.year == known.year && notice.number != known.number);
            if let Some(other) = other {
                let (year, number) = (known.year, known.number);
                return Err(AppError::internal(format!(
                    "{year} has the notice {number} already; {} cannot be adopted beside it",
                    other.number
                )));
            }
        }
        let mut rows = Vec::new();
        for notice in notices {
            rows.push(calendar_notice::ActiveModel {
                number: Set(notice.number.clone()),
                year: Set(notice.year),
                adopted_at: Set(now),
                definition: Set(serde_json::to_value(notice).map_err(AppError::internal)?),
            });
        }
        let keep = OnConflict::column(calendar_notice::Column::Number)
            .do_nothing()
            .to_owned();
        calendar_notice::Entity::insert_many(rows)
            .on_conflict(keep)
            .exec_without_returning(&tx.0)
            .await?;
        let grown = Expr::col(centre::Column::Revision).add(1);
        centre::Entity::update_many()
            .col_expr(centre::Column::Revision, grown)
            .exec(&tx.0)
            .await?;
        Ok(())
    })
    .await
}
