//! The ledger: what happened, written in the transaction of the act, and later numbered and chained.
//!
//! A writer appends rows without position. The sequencer gives rows that are *committed* a gapless
//! position and a hash over (previous hash, canonical event). Readers follow positions, so none ever
//! skips a late commit, and no writer waits for a lock on the chain.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use lianshen_domain::actor::Actor;
use lianshen_domain::calendar::{local_date, start_of};
use lianshen_domain::event::Happening;
use lianshen_domain::ids::{ApplicationId, EventId, Id as _};
use lianshen_entity::{Coded, Placed as _, event};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbBackend, DbErr, EntityTrait as _, Order, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Statement,
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::db::{self, Db, Tx, Writes};
use crate::env::Env;
use crate::error::{AppError, Lacking};
use crate::lease;

/// Who and where an entry is about, and when.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Division code of the centre.
    pub region: &'a str,
    /// The application, unless it is about an account.
    pub application: Option<ApplicationId>,
    /// Who acted; `None` when time did.
    pub actor: Option<&'a Actor>,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
}

/// Appends events in the writer's transaction; one statement for all.
///
/// # Errors
/// When the database refuses.
pub async fn append(
    tx: &Tx,
    env: &Env,
    entry: Entry<'_>,
    happenings: &[Happening],
) -> Result<(), AppError> {
    let mut writes = Writes::default();
    add(&mut writes, env, &[(entry, happenings)]);
    writes.send(tx).await
}

/// Adds events, about several subjects at once, to what an act writes.
pub fn add(writes: &mut Writes, env: &Env, entries: &[(Entry<'_>, &[Happening])]) {
    let entered_at = env.now();
    let rows = entries.iter().flat_map(|(entry, happenings)| {
        let row = |happening| row_of(env, entry, happening, entered_at);
        happenings.iter().map(row)
    });
    writes.insert(rows);
}

fn row_of(
    env: &Env,
    entry: &Entry<'_>,
    happening: &Happening,
    entered_at: DateTime<Utc>,
) -> event::Model {
    let detail: BTreeMap<_, _> = happening
        .detail
        .iter()
        .map(|(name, value)| (*name, value))
        .collect();
    event::Model {
        id: env.id::<EventId>().raw(),
        application_id: entry.application.map(ApplicationId::raw),
        case_id: happening.case.map(lianshen_domain::ids::Id::raw),
        review_id: happening.review.map(lianshen_domain::ids::Id::raw),
        region: entry.region.to_owned(),
        kind: Coded(happening.kind),
        department: happening.department.clone(),
        public: happening.is_public(),
        happened_at: dated(happening.on, entry.happened_at),
        entered_at,
        actor: entry.actor.map(|actor| actor.account.raw()),
        actor_role: entry.actor.map(|actor| Coded(actor.role)),
        detail: serde_json::json!(detail),
        position: None,
        hash: None,
    }
}

/// When something happened: a day that is not that of the entry has no hour.
fn dated(on: Option<NaiveDate>, entered: DateTime<Utc>) -> DateTime<Utc> {
    on.filter(|on| *on != local_date(entered))
        .map_or(entered, start_of)
}

/// How many events are numbered in one round.
pub const ROUND: usize = 500;

/// An entry that has its number.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// Its position.
    pub position: i64,
    /// What happened; nothing where this program does not understand the row.
    pub event: Option<event::Model>,
}

/// What a round of numbering did.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// What was numbered, as it now stands.
    pub numbered: Vec<Numbered>,
    /// How many rows cannot even be read, so that there is nothing to be chained. They stay without a number until somebody
    /// mends them, and hold nobody up.
    pub unreadable: usize,
}

/// Numbers and chains committed events, at most [`ROUND`] at a time: also those of kinds that only a newer program knows,
/// because the chain is made of what stands in the row.
///
/// # Errors
/// When the database refuses; then nothing was numbered.
pub async fn sequence(db: &Db, env: &Env, holder: Uuid) -> Result<Round, AppError> {
    // The newest: before the oldest, PostgreSQL passes what was numbered just now and is not yet cleared away.
    let newest = waiting(db.reader(), Order::Desc, 1).await?;
    match newest.first() {
        None => return Ok(Round::default()),
        Some(Ok(_)) => {}
        // It will wait for long, and is no reason to write.
        Some(Err(_)) => {
            let all = waiting(db.reader(), Order::Desc, ROUND).await?;
            if all.iter().all(Result::is_err) {
                return Ok(Round {
                    unreadable: all.len(),
                    ..Round::default()
                });
            }
        }
    }
    let now = env.now();
    db::write(db, async |tx| {
        lease::turn(&tx, "sequencer", holder, now).await?;
        let (mut position, mut hash) = head(&tx.0).await?;
        let found = waiting(&tx.0, Order::Asc, ROUND).await?;
        let of_all = found.len();
        let mut rows: Vec<event::Stored> = found.into_iter().flatten().collect();
        for row in &mut rows {
            position += 1;
            hash = chain(&hash, position, row);
            (row.position, row.hash) = (Some(position), Some(hash.clone()));
        }
        if !rows.is_empty() {
            number(&tx, &rows).await?;
        }
        Ok(Round {
            unreadable: of_all - rows.len(),
            numbered: rows.into_iter().filter_map(Numbered::of).collect(),
        })
    })
    .await
}

impl Numbered {
    fn of(row: event::Stored) -> Option<Self> {
        let position = row.position?;
        Some(Self {
            position,
            event: row.try_into().ok(),
        })
    }
}

/// A row, or why it cannot be read.
type Read = Result<event::Stored, DbErr>;

/// Entries without a number, in the order in which they were entered.
async fn waiting(
    db: &impl ConnectionTrait,
    order: Order,
    most: usize,
) -> Result<Vec<Read>, AppError> {
    let find = event::Entity::find()
        .filter(event::Column::Position.is_null())
        .order_by(event::Column::EnteredAt, order.clone())
        .order_by(event::Column::Id, order)
        .limit(most as u64);
    let query = find.select_only().expr(event::Stored::columns());
    let rows = db.query_all(&query.into_query()).await?;
    Ok(rows
        .iter()
        .map(|row| event::Stored::placed(row, 0))
        .collect())
}

/// Numbers and chains all that was committed, in as many rounds as it takes.
///
/// # Errors
/// As [`sequence`].
pub async fn sequence_all(db: &Db, env: &Env, holder: Uuid) -> Result<(), AppError> {
    while !sequence(db, env, holder).await?.numbered.is_empty() {}
    Ok(())
}

/// Why entries without a number cannot be read, of the oldest [`ROUND`] that wait; nothing when all can.
///
/// # Errors
/// When the database cannot be read.
pub async fn without_number(db: &Db) -> Result<Vec<String>, AppError> {
    let waiting = waiting(db.reader(), Order::Asc, ROUND).await?.into_iter();
    let unreadable = waiting.filter_map(Result::err);
    Ok(unreadable.map(|error| error.to_string()).collect())
}

/// Writes positions and hashes, all of a round in one statement: by hand, since neither engine has one for it that the
/// builder knows, and with one value, so that it is prepared once whatever the number of rows.
async fn number(tx: &Tx, rows: &[event::Stored]) -> Result<(), AppError> {
    let engine = tx.get_database_backend();
    let sql = match engine {
        DbBackend::Postgres => {
            "UPDATE event SET position = (link ->> 1)::bigint, hash = link ->> 2 \
             FROM jsonb_array_elements($1) AS links(link) \
             WHERE event.id = (link ->> 0)::uuid AND event.position IS NULL"
        }
        _ => {
            "UPDATE event SET position = link.value ->> 1, hash = link.value ->> 2 \
             FROM json_each($1) AS link \
             WHERE event.id = unhex(link.value ->> 0) AND event.position IS NULL"
        }
    };
    let link = |row: &event::Stored| {
        serde_json::json!([row.id.simple().to_string(), row.position, row.hash])
    };
    let value: serde_json::Value = rows.iter().map(link).collect();
    let statement = Statement::from_sql_and_values(engine, sql, [value.into()]);
    let numbered = tx.execute_raw(statement).await?.rows_affected();
    if numbered == rows.len() as u64 {
        Ok(())
    } else {
        Err(AppError::Busy(Lacking::Transaction))
    }
}

/// The last position and hash.
async fn head(db: &impl ConnectionTrait) -> Result<(i64, String), DbErr> {
    let last: Option<(Option<i64>, Option<String>)> = event::Entity::find()
        .select_only()
        .columns([event::Column::Position, event::Column::Hash])
        .filter(event::Column::Position.is_not_null())
        .order_by_desc(event::Column::Position)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    let (position, hash) = last.unwrap_or_default();
    Ok((position.unwrap_or(0), hash.unwrap_or_default()))
}

/// The last position.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_position(db: &Db) -> Result<i64, AppError> {
    Ok(head(db.reader()).await?.0)
}

/// Entries after a position, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn after(db: &Db, position: i64, limit: u64) -> Result<Vec<Numbered>, AppError> {
    let rows = read_after(db, position, limit).await?.into_iter();
    let numbered = rows.map(|(position, row)| Numbered {
        position,
        event: row.and_then(TryInto::try_into).ok(),
    });
    Ok(numbered.collect())
}

/// The same as they stand in their rows, and where one cannot be read, why.
async fn read_after(db: &Db, position: i64, limit: u64) -> Result<Vec<(i64, Read)>, AppError> {
    let find = event::Entity::find()
        .filter(event::Column::Position.gt(position))
        .order_by_asc(event::Column::Position)
        .limit(limit);
    let query = find
        .select_only()
        .column(event::Column::Position)
        .expr(event::Stored::columns());
    let rows = db.reader().query_all(&query.into_query()).await?;
    let numbered = rows.iter().map(|row| {
        let position: i64 = row.try_get_by_index(0)?;
        Ok((position, event::Stored::placed(row, 1)))
    });
    numbered.collect()
}

/// An entry by its place and hash, as one notes it where nobody who can write to the database can: `POSITION:HASH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The position.
    pub position: i64,
    /// The hash, in hexadecimal.
    pub hash: String,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, self.hash)
    }
}

impl FromStr for Mark {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = text.trim().split_once(':').and_then(|(position, hash)| {
            let position = position.parse().ok().filter(|position| *position > 0)?;
            let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            let hash = hash.to_ascii_lowercase();
            is_hash.then_some(Self { position, hash })
        });
        read.ok_or("give it as `audit verify` prints it: POSITION:HASH, 64 hexadecimal digits")
    }
}

/// What an audit of the chain found.
#[derive(Debug, PartialEq, Eq)]
pub enum Audit {
    /// Every row is as it was written, and none is missing, up to this position.
    Sound(i64),
    /// The first position that is missing, or whose row is not what was chained.
    Broken(i64),
    /// The first position whose row is not understood, and why: one that cannot even be read ends the walk, and what a newer
    /// program wrote does not, because the chain is made of what stands there.
    Unreadable(i64, String),
}

/// What a walk along the whole chain found.
#[derive(Debug, PartialEq, Eq)]
pub struct Walked {
    /// Whether it is sound by itself.
    pub audit: Audit,
    /// The last entry, to be noted for the next time, of a chain that is whole.
    pub last: Option<Mark>,
    /// The position of an entry that was noted before and through which the sound chain does not lead: it was cut before
    /// that, or all of it was written anew.
    pub strayed: Option<i64>,
}

impl Walked {
    /// A walk that ended before its end.
    fn stopped(audit: Audit) -> Self {
        Self {
            audit,
            last: None,
            strayed: None,
        }
    }
}

/// Walks the whole chain.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify(db: &Db) -> Result<Audit, AppError> {
    Ok(walk(db, None).await?.audit)
}

/// Walks the whole chain, which by itself cannot tell whether its end was cut off: through an entry that was noted before.
///
/// # Errors
/// As [`verify`].
pub async fn walk(db: &Db, noted: Option<&Mark>) -> Result<Walked, AppError> {
    // No entry stands before the first one.
    let stray: Option<i64> = event::Entity::find()
        .select_only()
        .column(event::Column::Position)
        .filter(event::Column::Position.lt(1))
        .order_by_asc(event::Column::Position)
        .limit(1)
        .into_tuple()
        .one(db.reader())
        .await?;
    if let Some(position) = stray {
        return Ok(Walked::stopped(Audit::Broken(position)));
    }
    let (mut position, mut hash) = (0, String::new());
    let (mut has_met, mut not_known) = (false, None);
    loop {
        let rows = read_after(db, position, 1_000).await?;
        if rows.is_empty() {
            break;
        }
        for (at, row) in rows {
            position += 1;
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    let audit = Audit::Unreadable(position, error.to_string());
                    return Ok(Walked::stopped(audit));
                }
            };
            hash = chain(&hash, position, &row);
            if at != position || row.hash.as_deref() != Some(hash.as_str()) {
                return Ok(Walked::stopped(Audit::Broken(position)));
            }
            has_met |= noted.is_some_and(|noted| noted.position == position && noted.hash == hash);
            if let Err(error) = event::Model::try_from(row) {
                not_known.get_or_insert(Audit::Unreadable(position, error.to_string()));
            }
        }
    }
    Ok(Walked {
        audit: not_known.unwrap_or(Audit::Sound(position)),
        last: (position > 0).then_some(Mark { position, hash }),
        strayed: noted.filter(|_| !has_met).map(|noted| noted.position),
    })
}

/// SHA-256 over the previous hash and the canonical form of the event, in hexadecimal. It is made of what stands in the row,
/// and of nothing that has to be understood, so that every version of the program makes the same of it.
pub fn chain(previous: &str, position: i64, row: &event::Stored) -> String {
    #[derive(Serialize)]
    struct Canonical<'a> {
        position: i64,
        id: Uuid,
        application: Option<Uuid>,
        case: Option<Uuid>,
        review: Option<Uuid>,
        region: &'a str,
        kind: &'a str,
        department: Option<&'a str>,
        public: bool,
        happened_at: String,
        entered_at: String,
        actor: Option<Uuid>,
        actor_role: Option<&'a str>,
        detail: BTreeMap<&'a str, &'a serde_json::Value>,
    }
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let canonical = Canonical {
        position,
        id: row.id,
        application: row.application_id,
        case: row.case_id,
        review: row.review_id,
        region: &row.region,
        kind: &row.kind,
        department: row.department.as_deref(),
        public: row.public,
        happened_at: instant(row.happened_at),
        entered_at: instant(row.entered_at),
        actor: row.actor,
        actor_role: row.actor_role.as_deref(),
        // Sorted, because PostgreSQL and SQLite may give the members back in another order.
        detail: row
            .detail
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), value))
            .collect(),
    };
    let mut digest = Sha256::new();
    digest.update(previous.as_bytes());
    digest.update(serde_json::to_vec(&canonical).unwrap_or_default());
    hex(&digest.finalize())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
