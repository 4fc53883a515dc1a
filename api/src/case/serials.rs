//! Serial numbers without gaps, taken inside the transaction that uses them.

use std::collections::BTreeMap;

use lianshen_entity::serial;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{EntityTrait as _, Set};

use crate::db::Tx;
use crate::error::AppError;

/// How many numbers are wanted of each series.
#[derive(Default)]
pub(super) struct Wanted(BTreeMap<String, i64>);

/// The numbers that were given: the last of each series.
pub(super) struct Given {
    last: BTreeMap<String, i64>,
    wanted: BTreeMap<String, i64>,
}

impl Wanted {
    /// Wants one more of a series.
    pub(super) fn one(&mut self, series: impl Into<String>) {
        *self.0.entry(series.into()).or_default() += 1;
    }

    /// Takes all of them in one statement, series in order, so that two takers never wait for each other.
    pub(super) async fn take(self, tx: &Tx) -> Result<Given, AppError> {
        if self.0.is_empty() {
            return Ok(Given {
                last: BTreeMap::new(),
                wanted: self.0,
            });
        }
        let rows = self.0.iter().map(|(key, count)| serial::ActiveModel {
            key: Set(key.clone()),
            value: Set(*count),
        });
        let grown = Expr::col((serial::Entity, serial::Column::Value))
            .add(Expr::col(("excluded", serial::Column::Value)));
        let given = serial::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::column(serial::Column::Key)
                    .value(serial::Column::Value, grown)
                    .to_owned(),
            )
            .exec_with_returning(&tx.0)
            .await?;
        let last = given.into_iter().map(|row| (row.key, row.value)).collect();
        Ok(Given {
            last,
            wanted: self.0,
        })
    }
}

impl Given {
    /// The next number of a series.
    pub(super) fn next(&mut self, series: &str) -> Result<i64, AppError> {
        let missing = || AppError::internal(format!("no number was wanted of series {series}"));
        let last = self.last.get(series).ok_or_else(missing)?;
        let left = self
            .wanted
            .get_mut(series)
            .filter(|left| **left > 0)
            .ok_or_else(missing)?;
        let number = last - *left + 1;
        *left -= 1;
        Ok(number)
    }
}
