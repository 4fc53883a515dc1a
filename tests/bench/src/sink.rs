//! The two ways into a database: `COPY` on PostgreSQL, statements of many rows on SQLite.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use lianshen::error::AppError;
use sqlx::Arguments as _;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use uuid::Uuid;

use crate::stamp::Sink;
use crate::template::Table;

/// Rows as `COPY` reads them, a text for each table.
pub struct Copied(pub Vec<String>);

impl Copied {
    /// Nothing yet.
    pub fn new(tables: usize) -> Self {
        Self(vec![String::new(); tables])
    }
}

/// Writes rows as `COPY` reads them.
pub struct CopySink<'a> {
    into: &'a mut Copied,
    table: usize,
}

impl<'a> CopySink<'a> {
    /// Into there.
    pub fn new(into: &'a mut Copied) -> Self {
        Self { into, table: 0 }
    }

    fn out(&mut self) -> &mut String {
        &mut self.into.0[self.table]
    }
}

impl Sink for CopySink<'_> {
    fn begin(&mut self, table: usize) {
        self.table = table;
    }

    fn null(&mut self) {
        self.out().push_str("\\N\t");
    }

    fn number(&mut self, number: i64) {
        let _ = write!(self.out(), "{number}\t");
    }

    fn flag(&mut self, flag: bool) {
        self.out().push_str(if flag { "t\t" } else { "f\t" });
    }

    fn date(&mut self, date: NaiveDate) {
        let _ = write!(self.out(), "{date}\t");
    }

    fn instant(&mut self, at: DateTime<Utc>) {
        let text = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let out = self.out();
        out.push_str(&text);
        out.push('\t');
    }

    fn id(&mut self, id: Uuid) {
        let mut buffer = Uuid::encode_buffer();
        let text = id.hyphenated().encode_lower(&mut buffer);
        let out = self.out();
        out.push_str(text);
        out.push('\t');
    }

    fn text(&mut self, text: &str) {
        let out = self.out();
        for c in text.chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c => out.push(c),
            }
        }
        out.push('\t');
    }

    fn end(&mut self) {
        let out = self.out();
        out.pop();
        out.push('\n');
    }
}

/// Copies rows into their tables, in their order, in one transaction.
///
/// # Errors
/// When the database refuses a row.
pub async fn copy_in(
    db: &mut PgConnection,
    tables: &[Table],
    copied: &Copied,
) -> Result<(), AppError> {
    let mut tx = db.begin().await.map_err(AppError::internal)?;
    for (table, text) in tables.iter().zip(&copied.0) {
        if text.is_empty() {
            continue;
        }
        let columns = columns(table);
        let sql = format!("COPY {} ({columns}) FROM STDIN", table.name);
        let mut copy = tx.copy_in_raw(&sql).await.map_err(AppError::internal)?;
        copy.send(text.as_bytes())
            .await
            .map_err(AppError::internal)?;
        copy.finish().await.map_err(AppError::internal)?;
    }
    tx.commit().await.map_err(AppError::internal)
}

fn columns(table: &Table) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    columns.join(", ")
}

/// A value on its way to SQLite.
pub enum Value {
    /// Nothing.
    Null,
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A date.
    Date(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
    /// An identifier.
    Id(Uuid),
    /// A text.
    Text(String),
}

/// Rows on their way to SQLite: the values of each table, row after row.
pub struct Bound(pub Vec<Vec<Value>>);

impl Bound {
    /// Nothing yet.
    pub fn new(tables: usize) -> Self {
        Self((0..tables).map(|_| Vec::new()).collect())
    }
}

/// Writes values.
pub struct BoundSink<'a> {
    into: &'a mut Bound,
    table: usize,
}

impl<'a> BoundSink<'a> {
    /// Into there.
    pub fn new(into: &'a mut Bound) -> Self {
        Self { into, table: 0 }
    }

    fn push(&mut self, value: Value) {
        self.into.0[self.table].push(value);
    }
}

impl Sink for BoundSink<'_> {
    fn begin(&mut self, table: usize) {
        self.table = table;
    }

    fn null(&mut self) {
        self.push(Value::Null);
    }

    fn number(&mut self, number: i64) {
        self.push(Value::Number(number));
    }

    fn flag(&mut self, flag: bool) {
        self.push(Value::Flag(flag));
    }

    fn date(&mut self, date: NaiveDate) {
        self.push(Value::Date(date));
    }

    fn instant(&mut self, at: DateTime<Utc>) {
        self.push(Value::Instant(at));
    }

    fn id(&mut self, id: Uuid) {
        self.push(Value::Id(id));
    }

    fn text(&mut self, text: &str) {
        self.push(Value::Text(text.to_owned()));
    }

    fn end(&mut self) {}
}

/// How many values one statement binds.
const MOST_VALUES: usize = 2_000;

/// Inserts rows into their tables, in their order, in one transaction.
///
/// # Errors
/// When the database refuses a row.
pub async fn insert(
    db: &mut SqliteConnection,
    tables: &[Table],
    bound: Bound,
) -> Result<(), AppError> {
    let mut tx = db.begin().await.map_err(AppError::internal)?;
    for (table, values) in tables.iter().zip(bound.0) {
        let width = table.columns.len();
        let most = (MOST_VALUES / width).max(1) * width;
        let mut values = values.into_iter();
        loop {
            let mut arguments = SqliteArguments::default();
            let mut count = 0;
            for value in values.by_ref().take(most) {
                let added = match value {
                    Value::Null => arguments.add(None::<i64>),
                    Value::Number(number) => arguments.add(number),
                    Value::Flag(flag) => arguments.add(flag),
                    Value::Date(date) => arguments.add(date),
                    Value::Instant(at) => arguments.add(at),
                    Value::Id(id) => arguments.add(id),
                    Value::Text(text) => arguments.add(text),
                };
                added.map_err(AppError::internal)?;
                count += 1;
            }
            if count == 0 {
                break;
            }
            let row = format!("({})", vec!["?"; width].join(", "));
            let rows = vec![row; count / width].join(", ");
            let sql = format!(
                "INSERT INTO {} ({}) VALUES {rows}",
                table.name,
                columns(table)
            );
            sqlx::query_with(AssertSqlSafe(sql), arguments)
                .execute(&mut *tx)
                .await
                .map_err(AppError::internal)?;
        }
    }
    tx.commit().await.map_err(AppError::internal)
}
