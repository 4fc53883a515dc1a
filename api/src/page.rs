//! Keyset pages: a page is found by the last row before it, so a deep page costs what the first one does.

use sea_orm::sea_query::{Condition, Value};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
};
use uuid::Uuid;

use crate::error::AppError;

/// Which page is wanted. Both keys are values of the sort column and the id of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// How many rows.
    pub limit: u64,
    /// Only rows after this one, or before it when `backwards`.
    pub from: Option<(SortKey, Uuid)>,
    /// Whether the page is the last before `from` instead of the first after it.
    pub backwards: bool,
}

/// A value that lists are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// A date.
    Date(chrono::NaiveDate),
    /// An instant.
    Instant(chrono::DateTime<chrono::Utc>),
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

/// A page of rows.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// The rows, in the order of the list.
    pub rows: Vec<T>,
    /// Whether there are rows beyond the page in the direction that was asked for.
    pub more: bool,
}

/// The order of a list: a column that is never empty, then the id.
pub struct Keyset<C> {
    sort: C,
    id: C,
    descending: bool,
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

    /// Reads one page of a list.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read<E, M>(
        &self,
        list: Select<E>,
        page: &PageRequest,
        db: &impl ConnectionTrait,
    ) -> Result<Rows<M>, AppError>
    where
        E: EntityTrait<Model = M>,
        M: FromQueryResult + Send + Sync,
    {
        let mut rows = self.window(list, page).all(db).await?;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        if page.backwards {
            rows.reverse();
        }
        Ok(Rows { rows, more })
    }

    /// The rows of a page and one more, in the direction of the page.
    pub fn window<E: EntityTrait>(&self, list: Select<E>, page: &PageRequest) -> Select<E> {
        let downwards = self.descending != page.backwards;
        let (order, beyond): (Order, fn(C, Value) -> sea_orm::sea_query::Expr) = if downwards {
            (Order::Desc, |column, value| column.lt(value))
        } else {
            (Order::Asc, |column, value| column.gt(value))
        };
        let from = page.from.clone().map(|(sort, id)| {
            let sort = Value::from(sort);
            let tie = Condition::all()
                .add(self.sort.eq(sort.clone()))
                .add(beyond(self.id, id.into()));
            Condition::any().add(beyond(self.sort, sort)).add(tie)
        });
        list.filter(Condition::all().add_option(from))
            .order_by(self.sort, order.clone())
            .order_by(self.id, order)
            .limit(page.limit.saturating_add(1))
    }
}
