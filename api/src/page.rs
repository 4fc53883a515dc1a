//! Keyset windows: a page is found by the rows round it, so a deep page costs what the first one does.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Condition, Expr, Value};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};
use uuid::Uuid;

use crate::error::AppError;

/// The rows that are wanted of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many rows at most.
    pub fetch: u64,
    /// Only rows after this one.
    pub after: Option<(SortKey, Uuid)>,
    /// Only rows before this one.
    pub before: Option<(SortKey, Uuid)>,
    /// Whether the rows are taken from the end; they then come in the opposite order.
    pub backwards: bool,
}

/// A value that lists are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// A date.
    Date(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
    /// A text.
    Text(String),
}

impl From<SortKey> for Value {
    fn from(key: SortKey) -> Self {
        match key {
            SortKey::Date(date) => date.into(),
            SortKey::Instant(instant) => instant.into(),
            SortKey::Text(text) => text.into(),
        }
    }
}

/// The order of a list: a column that is never empty, then the id.
pub struct Keyset<C> {
    sort: C,
    id: C,
    descending: bool,
}

/// The next rows of a list by their key alone, for who walks through all of it: those after a key, the least first.
///
/// # Errors
/// When the database cannot be read.
pub async fn batch_after<E: EntityTrait>(
    list: Select<E>,
    key: E::Column,
    after: Uuid,
    most: u64,
    db: &impl ConnectionTrait,
) -> Result<Vec<E::Model>, DbErr> {
    list.filter(key.gt(after))
        .order_by_asc(key)
        .limit(most)
        .all(db)
        .await
}

impl<C: ColumnTrait> Keyset<C> {
    /// Smallest first.
    pub fn ascending(sort: C, id: C) -> Self {
        Self {
            sort,
            id,
            descending: false,
        }
    }

    /// Largest first.
    pub fn descending(sort: C, id: C) -> Self {
        Self {
            sort,
            id,
            descending: true,
        }
    }

    /// Reads the rows of a window.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read<E: EntityTrait>(
        &self,
        list: Select<E>,
        window: &Window,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<E::Model>, AppError> {
        Ok(self.apply(list, window).all(db).await?)
    }

    /// Narrows a list to a window.
    pub fn apply<E: EntityTrait>(&self, list: Select<E>, window: &Window) -> Select<E> {
        let bounds = Condition::all()
            .add_option(
                window
                    .after
                    .clone()
                    .map(|key| self.beyond(key, self.descending)),
            )
            .add_option(
                window
                    .before
                    .clone()
                    .map(|key| self.beyond(key, !self.descending)),
            );
        let order = if self.descending == window.backwards {
            Order::Asc
        } else {
            Order::Desc
        };
        list.filter(bounds)
            .order_by(self.sort, order.clone())
            .order_by(self.id, order)
            .limit(window.fetch)
    }

    /// Rows below a key when `downwards`, above it otherwise.
    fn beyond(&self, (sort, id): (SortKey, Uuid), downwards: bool) -> Condition {
        let side = |column: C, value: Value| -> Expr {
            if downwards {
                column.lt(value)
            } else {
                column.gt(value)
            }
        };
        let sort = Value::from(sort);
        let tie = Condition::all()
            .add(self.sort.eq(sort.clone()))
            .add(side(self.id, id.into()));
        Condition::any().add(side(self.sort, sort)).add(tie)
    }
}
