//! What an act writes, gathered and sent together: one round trip, and not one a table.
//!
//! On PostgreSQL it is one statement, in which each part is a `WITH`; its foreign keys are checked at its end. On
//! SQLite, which has no network but a thread between, it is one text of several statements, one after the other.

use sea_orm::sea_query::{
    CommonTableExpression, Expr, InsertStatement, OnConflict, Query, UpdateStatement, Values,
    WithClause, WithQuery,
};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait as _, DbBackend, EntityTrait, IntoActiveModel, Iterable as _,
    QueryTrait as _, Statement, UpdateMany,
};

use super::Tx;
use crate::error::{AppError, Lacking};

/// How many rows one part writes.
const MOST_ROWS: usize = 500;
/// How many values one statement holds; both databases have a bound.
const MOST_VALUES: usize = 30_000;

/// Rows to be written, in the order in which they came.
#[derive(Default)]
#[must_use = "nothing is written before it is sent"]
pub struct Writes(Vec<Part>);

struct Part {
    change: Change,
    rows: u64,
    values: usize,
}

enum Change {
    Insert(InsertStatement),
    Update(UpdateStatement),
}

impl Writes {
    /// Adds new rows.
    pub fn insert<A, M>(&mut self, rows: impl IntoIterator<Item = M>)
    where
        A: ActiveModelTrait,
        M: IntoActiveModel<A>,
    {
        self.rows(rows, None);
    }

    /// Adds rows of which some may be there already; each must be written all the same.
    pub fn put<A, M>(&mut self, rows: impl IntoIterator<Item = M>, on_conflict: &OnConflict)
    where
        A: ActiveModelTrait,
        M: IntoActiveModel<A>,
    {
        self.rows(rows, Some(on_conflict));
    }

    fn rows<A, M>(&mut self, rows: impl IntoIterator<Item = M>, on_conflict: Option<&OnConflict>)
    where
        A: ActiveModelTrait,
        M: IntoActiveModel<A>,
    {
        let columns = <A::Entity as EntityTrait>::Column::iter().count();
        let rows: Vec<A> = rows.into_iter().map(M::into_active_model).collect();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some: Vec<A> = rows.by_ref().take(MOST_ROWS).collect();
            let count = some.len();
            let mut insert = A::Entity::insert_many(some).into_query();
            if let Some(on_conflict) = on_conflict {
                insert.on_conflict(on_conflict.clone());
            }
            self.0.push(Part {
                change: Change::Insert(insert),
                rows: count as u64,
                values: count * columns,
            });
        }
    }

    /// Adds a change that must meet exactly one row.
    pub fn change_one<E: EntityTrait>(&mut self, update: UpdateMany<E>) {
        self.0.push(Part {
            change: Change::Update(update.into_query()),
            rows: 1,
            values: E::Column::iter().count() + 2,
        });
    }

    /// Adds what was gathered elsewhere.
    pub fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// Writes it now where its rows may stand before those that they refer to, which the same transaction must write, too;
    /// elsewhere gives it back, to be written after them.
    ///
    /// That is on PostgreSQL, for the tables whose foreign keys are deferred.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_ahead(self, tx: &Tx) -> Result<Self, AppError> {
        if tx.get_database_backend() != DbBackend::Postgres {
            return Ok(self);
        }
        self.send(tx).await?;
        Ok(Self::default())
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// When the database refuses, or a row was not as it had been read, which the lock forbids.
    pub async fn send(self, tx: &Tx) -> Result<(), AppError> {
        let mut waiting = Vec::new();
        let mut values = 0;
        for part in self.0 {
            if values + part.values > MOST_VALUES && !waiting.is_empty() {
                send(tx, std::mem::take(&mut waiting)).await?;
                values = 0;
            }
            values += part.values;
            waiting.push(part);
        }
        send(tx, waiting).await
    }
}

async fn send(tx: &Tx, parts: Vec<Part>) -> Result<(), AppError> {
    let wanted: u64 = parts.iter().map(|part| part.rows).sum();
    let engine = tx.get_database_backend();
    let written = match parts.as_slice() {
        [] => return Ok(()),
        [_, _, ..] if engine == DbBackend::Postgres => {
            let row = tx.query_one_raw(at_once(parts)).await?;
            let written = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
            u64::try_from(written.unwrap_or_default()).map_err(AppError::internal)?
        }
        _ => {
            let statement = one_after_the_other(engine, &parts);
            tx.execute_raw(statement).await?.rows_affected()
        }
    };
    if written == wanted {
        Ok(())
    } else {
        Err(AppError::Busy(Lacking::Transaction))
    }
}

/// One statement that writes every part and counts the rows.
fn at_once(parts: Vec<Part>) -> Statement {
    let mut with = WithClause::new();
    let mut counts = Vec::new();
    let one = || Query::returning().exprs([Expr::cust("1")]);
    for (at, part) in parts.into_iter().enumerate() {
        let name = format!("part{at}");
        let mut cte = CommonTableExpression::new();
        match part.change {
            Change::Insert(mut insert) => cte.query(insert.returning(one()).take()),
            Change::Update(mut update) => cte.query(update.returning(one()).take()),
        };
        counts.push(format!("(SELECT count(*) FROM {name})"));
        cte.table_name(name);
        with.cte(cte);
    }
    let count = Query::select().expr(Expr::cust(counts.join(" + "))).take();
    // By hand, since `WithClause::query` copies every row.
    let mut all = WithQuery::new();
    DbBackend::Postgres.build(all.with_clause(with).query(count))
}

fn one_after_the_other(engine: DbBackend, parts: &[Part]) -> Statement {
    let (mut text, mut all) = (String::new(), Vec::new());
    for part in parts {
        let Statement { sql, values, .. } = match &part.change {
            Change::Insert(insert) => engine.build(insert),
            Change::Update(update) => engine.build(update),
        };
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(&sql);
        all.extend(values.map(|Values(values)| values).unwrap_or_default());
    }
    Statement::from_sql_and_values(engine, text, all)
}
