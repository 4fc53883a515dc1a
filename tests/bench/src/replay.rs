//! What an act of the product writes, row by row: read before and after, so that the limit writes the same.

use std::collections::BTreeMap;

use lianshen::db::Db;
use lianshen::error::AppError;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use uuid::Uuid;

use crate::centre::REGION;
use crate::template::TABLES;

/// A column: its name, and its type as PostgreSQL writes it.
pub type Column = (String, String);

/// A table, as far as writing needs it.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The places of the columns of its primary key.
    pub key: Vec<usize>,
}

/// The rows of an application, as literals; by table and key.
pub type Rows = BTreeMap<(usize, Vec<String>), Vec<String>>;

/// What an act wrote.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Rows that are new, by table.
    pub inserted: Vec<(usize, Vec<String>)>,
    /// Rows that are another: the table, its row now, and the places of the columns that changed.
    pub updated: Vec<(usize, Vec<String>, Vec<usize>)>,
    /// Series from which numbers were taken, and how many.
    pub series: Vec<(String, i64)>,
}

/// Reads what acts write.
pub struct Watcher<'a> {
    db: &'a Db,
    /// The tables that are watched.
    pub tables: Vec<Table>,
    application: Uuid,
    rows: Rows,
    series: BTreeMap<String, i64>,
}

impl<'a> Watcher<'a> {
    /// Watches an application that is about to be made; until it is, nothing of it is there.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn new(db: &'a Db) -> Result<Self, AppError> {
        let mut tables = Vec::new();
        for name in TABLES.iter().filter(|name| **name != "idempotency") {
            tables.push(table(db, name).await?);
        }
        let mut watcher = Self {
            db,
            tables,
            application: Uuid::nil(),
            rows: Rows::new(),
            series: BTreeMap::new(),
        };
        watcher.series = watcher.read_series().await?;
        Ok(watcher)
    }

    /// The application is there.
    pub fn of(&mut self, application: Uuid) {
        self.application = application;
    }

    /// What was written since the last time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn change(&mut self) -> Result<Change, AppError> {
        let now = self.read_rows().await?;
        let series = self.read_series().await?;
        let mut change = Change::default();
        for ((table, key), row) in &now {
            match self.rows.get(&(*table, key.clone())) {
                None => change.inserted.push((*table, row.clone())),
                Some(before) => {
                    let columns = &self.tables[*table].columns;
                    // What the sequencer writes is none of the act.
                    let differs = |at: &usize| {
                        row[*at] != before[*at]
                            && !["position", "hash"].contains(&columns[*at].0.as_str())
                    };
                    let changed: Vec<usize> = (0..row.len()).filter(differs).collect();
                    if !changed.is_empty() {
                        change.updated.push((*table, row.clone(), changed));
                    }
                }
            }
        }
        for (name, last) in &series {
            let taken = last - self.series.get(name).copied().unwrap_or(0);
            if taken > 0 {
                change.series.push((name.clone(), taken));
            }
        }
        self.rows = now;
        self.series = series;
        Ok(change)
    }

    async fn read_rows(&self) -> Result<Rows, AppError> {
        let engine = self.db.engine();
        let id = match engine {
            DbBackend::Postgres => format!("'{}'", self.application),
            _ => format!("x'{}'", self.application.simple()),
        };
        let mut rows = Rows::new();
        for (at, table) in self.tables.iter().enumerate() {
            let of = if table.name == "application" {
                "id"
            } else {
                "application_id"
            };
            let literals: Vec<String> = table
                .columns
                .iter()
                .enumerate()
                .map(|(nth, (name, kind))| match engine {
                    DbBackend::Postgres => {
                        format!("quote_nullable(\"{name}\"::text) || '::{kind}' AS c{nth}")
                    }
                    _ => format!("quote(\"{name}\") AS c{nth}"),
                })
                .collect();
            let sql = format!(
                "SELECT {} FROM {} WHERE {of} = {id}",
                literals.join(", "),
                table.name
            );
            let statement = Statement::from_string(engine, sql);
            for row in self.db.reader().query_all_raw(statement).await? {
                let row: Vec<String> = (0..table.columns.len())
                    .map(|nth| row.try_get("", &format!("c{nth}")))
                    .collect::<Result<_, _>>()?;
                let key = table.key.iter().map(|nth| row[*nth].clone()).collect();
                rows.insert((at, key), row);
            }
        }
        Ok(rows)
    }

    async fn read_series(&self) -> Result<BTreeMap<String, i64>, AppError> {
        let statement = Statement::from_string(self.db.engine(), "SELECT key, value FROM serial");
        let rows = self.db.reader().query_all_raw(statement).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("", "key")?, row.try_get("", "value")?)))
            .collect()
    }
}

async fn table(db: &Db, name: &str) -> Result<Table, AppError> {
    let sql = match db.engine() {
        DbBackend::Postgres => format!(
            "SELECT attname::text AS name, format_type(atttypid, atttypmod) AS kind, \
             coalesce(attnum = ANY (indkey::int2[]), false)::int AS part FROM pg_attribute \
             LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary \
             WHERE attrelid = '{name}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        ),
        _ => format!(
            "SELECT name, '' AS kind, pk > 0 AS part FROM pragma_table_info('{name}') ORDER BY cid"
        ),
    };
    let rows = db
        .reader()
        .query_all_raw(Statement::from_string(db.engine(), sql))
        .await?;
    let mut columns = Vec::new();
    let mut key = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        columns.push((row.try_get("", "name")?, row.try_get("", "kind")?));
        if row.try_get::<i32>("", "part")? > 0 {
            key.push(at);
        }
    }
    Ok(Table {
        name: name.to_owned(),
        columns,
        key,
    })
}

/// How a limit names identifiers: those that were there before the act, and those that it makes.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    /// Whose they are that were there: an expression of the stem.
    pub known: &'static str,
    /// The stem of new ones.
    pub made: &'static str,
}

/// Writes changes again, under other identifiers.
pub struct Writer<'a> {
    engine: DbBackend,
    tables: &'a [Table],
    ranks: BTreeMap<String, usize>,
}

impl<'a> Writer<'a> {
    /// Knows nothing yet.
    pub fn new(engine: DbBackend, tables: &'a [Table]) -> Self {
        Self {
            engine,
            tables,
            ranks: BTreeMap::new(),
        }
    }

    /// The statements that write a change, without what stands before and after them: each is an `INSERT` or `UPDATE`
    /// that takes its stems from the tables `from`.
    pub fn statements(&mut self, change: &Change, naming: Naming, from: &str) -> Vec<String> {
        let known = self.ranks.len();
        for (table, row) in &change.inserted {
            if let Some(at) = self.tables[*table]
                .columns
                .iter()
                .position(|(name, _)| name == "id")
            {
                let next = self.ranks.len();
                self.ranks.entry(row[at].clone()).or_insert(next);
            }
        }
        let mut statements = Vec::new();
        if !change.series.is_empty() {
            let rows: Vec<String> = change
                .series
                .iter()
                .map(|(name, taken)| {
                    let key = self.without_colons(&format!("'bench:{name}'"));
                    format!("({key}, {taken})")
                })
                .collect();
            statements.push(format!(
                "INSERT INTO serial (key, value) VALUES {} ON CONFLICT (key) \
                 DO UPDATE SET value = serial.value + excluded.value RETURNING value",
                rows.join(", ")
            ));
        }
        for (at, table) in self.tables.iter().enumerate() {
            let rows: Vec<String> = change
                .inserted
                .iter()
                .filter(|(of, _)| *of == at)
                .map(|(_, row)| {
                    let values: Vec<String> = (0..row.len())
                        .map(|column| self.value(at, column, row, naming, known))
                        .collect();
                    format!("SELECT {} FROM {from}", values.join(", "))
                })
                .collect();
            if rows.is_empty() {
                continue;
            }
            let columns: Vec<String> = table
                .columns
                .iter()
                .map(|(name, _)| format!("\"{name}\""))
                .collect();
            let kept = if table.name == "clock" {
                " ON CONFLICT (subject_id, kind, ordinal) DO UPDATE SET due_on = excluded.due_on, \
                 projected_on = excluded.projected_on, stopped_on = excluded.stopped_on"
            } else {
                ""
            };
            // SQLite takes a conflict clause after a SELECT for a join, unless there is a WHERE.
            let guard = if kept.is_empty() { "" } else { " WHERE true" };
            statements.push(format!(
                "INSERT INTO {} ({}) {}{guard}{kept}",
                table.name,
                columns.join(", "),
                rows.join(" UNION ALL ")
            ));
        }
        for (at, row, changed) in &change.updated {
            let table = &self.tables[*at];
            let sets: Vec<String> = changed
                .iter()
                .map(|column| {
                    let value = self.value(*at, *column, row, naming, known);
                    format!("\"{}\" = {value}", table.columns[*column].0)
                })
                .collect();
            let keys: Vec<String> = table
                .key
                .iter()
                .map(|column| {
                    let value = self.value(*at, *column, row, naming, known);
                    format!("{}.\"{}\" = {value}", table.name, table.columns[*column].0)
                })
                .collect();
            statements.push(format!(
                "UPDATE {} SET {} FROM {from} WHERE {}",
                table.name,
                sets.join(", "),
                keys.join(" AND ")
            ));
        }
        statements
    }

    fn value(
        &self,
        table: usize,
        column: usize,
        row: &[String],
        naming: Naming,
        known: usize,
    ) -> String {
        let (name, _) = &self.tables[table].columns[column];
        let literal = &row[column];
        if let Some(rank) = self.ranks.get(literal) {
            let stem = if *rank < known {
                naming.known
            } else {
                naming.made
            };
            return match self.engine {
                DbBackend::Postgres => format!("({stem} || '{rank:08x}')::uuid"),
                _ => format!("CAST({stem} || x'{rank:08x}' AS BLOB)"),
            };
        }
        let unique = |word: &str| match self.engine {
            DbBackend::Postgres => format!("('{word}' || {})", naming.made),
            _ => format!("('{word}' || hex({}))", naming.made),
        };
        match (self.tables[table].name.as_str(), name.as_str()) {
            ("application", "receipt_number") => unique("B"),
            ("case_", "case_number") | ("document", "number") => {
                let id = self.tables[table]
                    .columns
                    .iter()
                    .position(|(name, _)| name == "id");
                let rank = id.and_then(|at| self.ranks.get(&row[at]));
                unique(&format!("B{}-", rank.copied().unwrap_or(0)))
            }
            ("event", "position") => match self.engine {
                DbBackend::Postgres => "-nextval('bench.position')".to_owned(),
                _ => "NULL".to_owned(),
            },
            ("event", "hash") => match self.engine {
                DbBackend::Postgres => format!("'{}'", "0".repeat(64)),
                _ => "NULL".to_owned(),
            },
            // In no inbox and no list of the product.
            (_, "region") => literal.replace(REGION, "000000"),
            _ => self.without_colons(literal),
        }
    }

    /// A literal in which `pgbench` sees no variable: it would even take the minutes of a time for one.
    fn without_colons(&self, literal: &str) -> String {
        let end = literal.rfind('\'').filter(|_| literal.contains(':'));
        let Some(end) = end.filter(|_| self.engine == DbBackend::Postgres) else {
            return literal.to_owned();
        };
        let (text, kind) = literal.split_at(end);
        let text = text.trim_start_matches("E").replace(':', "\\x3A");
        format!("E{text}{kind}")
    }
}
