//! Templates: the rows of a life that was played, cut where a copy of it says something of its own.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, Utc};
use lianshen::error::AppError;
use lianshen_domain::calendar::{local_date, start_of};
use lianshen_domain::code::Code as _;
use lianshen_domain::document::DocumentKind;
use lianshen_entity::event;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use uuid::Uuid;

use crate::centre::REGION;
use crate::life;

/// The tables of applications, in the order in which rows may be written.
pub const TABLES: [&str; 9] = [
    "application",
    "case_",
    "review",
    "material",
    "document",
    "event",
    "clock",
    "card",
    "idempotency",
];
/// The tables of the centre, which are taken over as they are.
pub const BASE: [&str; 8] = [
    "centre",
    "department",
    "item_version",
    "bundle_version",
    "catalogue_part",
    "calendar_notice",
    "account",
    "session",
];
/// What is made anew: numbers, cases and cards are counted, keys and leases belong to who runs, a digest to its morning; and
/// what happens in no life of the grown centre.
const LEFT_OUT: [&str; 13] = [
    "absence",
    "correction_notice",
    "mediation",
    "missing_report",
    "sharing_request",
    "visit",
    "digest",
    "serial",
    "tally",
    "tally_change",
    "lease",
    "signing_key",
    "seaql_migrations",
];

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier.
    Uuid,
    /// An instant.
    Instant,
    /// A date.
    Date,
    /// Text, or JSON.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Flag,
}

/// A table and its columns.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Names and kinds of its columns.
    pub columns: Vec<(String, Kind)>,
}

/// What stands in a column of a copy.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A date.
    Date(NaiveDate),
    /// An instant; one that is not the beginning of a day moves with the hour of the copy.
    Instant(DateTime<Utc>, bool),
    /// An identifier that all copies share.
    Shared(Uuid),
    /// The n-th identifier of the copy.
    Own(u16),
    /// A text.
    Text(Vec<Part>),
    /// The place of a case in the order of acceptance.
    AcceptedSeq(u16),
    /// The position of an event.
    Position,
    /// The hash of an event.
    Hash,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it was played.
    Plain(String),
    /// What the copy says here.
    Slot(Slot),
}

/// What a copy says of its own within texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The n-th identifier.
    Id(u16),
    /// The receipt number.
    Receipt,
    /// The query code.
    QueryCode,
    /// The name of the applicant.
    Name,
    /// The number of the applicant.
    CreditCode,
    /// The n-th case number.
    CaseNumber(u16),
    /// The same in small letters.
    CaseNumberLower(u16),
    /// The n-th document number.
    DocumentNumber(u16),
    /// By which the commands of a life are known.
    Key,
}

/// An event, as far as its hash depends on the copy.
#[derive(Clone, Debug)]
pub struct EventTemplate {
    /// As it was played.
    pub played: event::Model,
    /// Its own identifiers: event, application, case, review.
    pub ids: [Option<u16>; 4],
    /// Whether its instants move: when it happened, when it was entered.
    pub moves: [bool; 2],
    /// Its detail, if that says something of the copy.
    pub detail: Option<Vec<Part>>,
}

/// A life, ready to be copied.
#[derive(Clone, Debug)]
pub struct Template {
    /// Rows by table, in the order of [`TABLES`].
    pub rows: Vec<Vec<Vec<Cell>>>,
    /// Events, in the order of their rows.
    pub events: Vec<EventTemplate>,
    /// Own identifiers: the millisecond that each carries.
    pub ids: Vec<u64>,
    /// The day of receipt.
    pub received_on: NaiveDate,
    /// Implementation code and day, and the series, of each case number.
    pub cases: Vec<CaseNumbers>,
    /// What stands before the serial of each document number, and the series.
    pub documents: Vec<(String, String)>,
    /// By how much the hours of a copy may be moved.
    pub leeway: Duration,
    /// How often it is lived, compared with others.
    pub weight: u32,
    /// Whether it has ended.
    pub has_ended: bool,
}

/// The numbers of a case.
#[derive(Clone, Debug)]
pub struct CaseNumbers {
    /// What stands before the serial.
    pub stem: String,
    /// The series of the number.
    pub series: String,
    /// The series of acceptance, if it was accepted.
    pub accepted: Option<String>,
}

/// Identifiers that all copies share, made anew from the seed.
pub struct Shared(HashMap<Uuid, Uuid>);

impl Shared {
    /// Gives every identifier of the centre a new one that depends on nothing but their order.
    ///
    /// # Errors
    /// When the played database cannot be read.
    pub async fn read(db: &mut SqliteConnection, tables: &[Table]) -> Result<Self, AppError> {
        let mut found: Vec<Uuid> = Vec::new();
        for table in tables {
            for row in rows(db, table, "1 = 1").await? {
                let ids = table.columns.iter().enumerate();
                for (at, _) in ids.filter(|(_, (_, kind))| *kind == Kind::Uuid) {
                    found.extend(value::<Option<Uuid>>(&row, at)?);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        let anew = found.iter().enumerate().map(|(rank, id)| {
            (
                *id,
                made_id(millisecond(*id), u16::try_from(rank).unwrap_or(u16::MAX), 0),
            )
        });
        Ok(Self(anew.collect()))
    }

    /// The new identifier.
    pub fn of(&self, id: Uuid) -> Uuid {
        self.0.get(&id).copied().unwrap_or(id)
    }
}

/// The millisecond that an identifier of version 7 carries.
fn millisecond(id: Uuid) -> u64 {
    let bytes = id.as_bytes();
    bytes[..6]
        .iter()
        .fold(0, |milliseconds, byte| milliseconds << 8 | u64::from(*byte))
}

/// An identifier of version 7: a millisecond, a rank within it, and whose it is.
pub fn made_id(millisecond: u64, rank: u16, of: u64) -> Uuid {
    let high = u128::from(millisecond & 0xffff_ffff_ffff) << 80;
    let version = 7_u128 << 76;
    let rank = u128::from(rank & 0xfff) << 64;
    let variant = 2_u128 << 62;
    // Scattered a little, so that neighbours do not differ in the last bits only.
    let low = of.wrapping_mul(0x9e37_79b9_7f4a_7c15) & 0x3fff_ffff_ffff_ffff;
    Uuid::from_u128(high | version | rank | variant | u128::from(low))
}

/// The tables of the played database that are asked for.
///
/// # Errors
/// When there is a table that nobody here knows.
pub async fn tables(db: &mut SqliteConnection, wanted: &[&str]) -> Result<Vec<Table>, AppError> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(&mut *db)
    .await
    .map_err(AppError::internal)?;
    let known =
        |name: &str| TABLES.contains(&name) || BASE.contains(&name) || LEFT_OUT.contains(&name);
    if let Some(unknown) = found.iter().find(|name| !known(name)) {
        return Err(AppError::internal(format!(
            "the generator does not know the table {unknown}; name it in tests/bench/src/template.rs"
        )));
    }
    let mut tables = Vec::new();
    for name in wanted {
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1)")
                .bind(*name)
                .fetch_all(&mut *db)
                .await
                .map_err(AppError::internal)?;
        let columns = columns.into_iter().map(|(name, declared)| {
            let kind = kind_of(&declared)
                .ok_or_else(|| AppError::internal(format!("what is a {declared}?")))?;
            Ok((name, kind))
        });
        tables.push(Table {
            name: (*name).to_owned(),
            columns: columns.collect::<Result<_, AppError>>()?,
        });
    }
    Ok(tables)
}

fn kind_of(declared: &str) -> Option<Kind> {
    let declared = declared.to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| declared.starts_with(word));
    if begins(&["uuid"]) {
        Some(Kind::Uuid)
    } else if begins(&["timestamp"]) {
        Some(Kind::Instant)
    } else if begins(&["date"]) {
        Some(Kind::Date)
    } else if begins(&["varchar", "text", "json"]) {
        Some(Kind::Text)
    } else if begins(&["int", "bigint"]) {
        Some(Kind::Number)
    } else if begins(&["bool"]) {
        Some(Kind::Flag)
    } else {
        None
    }
}

async fn rows(
    db: &mut SqliteConnection,
    table: &Table,
    which: &str,
) -> Result<Vec<SqliteRow>, AppError> {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let sql = format!(
        "SELECT {} FROM {} WHERE {which} ORDER BY rowid",
        columns.join(", "),
        table.name
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .fetch_all(db)
        .await
        .map_err(AppError::internal)
}

fn value<'r, T>(row: &'r SqliteRow, at: usize) -> Result<T, AppError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite>,
{
    row.try_get_unchecked(at).map_err(AppError::internal)
}

/// The rows of the centre itself, as cells.
///
/// # Errors
/// When the played database cannot be read.
pub async fn base(
    db: &mut SqliteConnection,
    tables: &[Table],
    shared: &Shared,
) -> Result<Vec<Vec<Vec<Cell>>>, AppError> {
    let cutter = Cutter {
        shared,
        own: &HashMap::new(),
        words: &[],
    };
    let mut all = Vec::new();
    for table in tables {
        let mut cut = Vec::new();
        for row in rows(db, table, "1 = 1").await? {
            let mut cells = Vec::new();
            for (at, (_, kind)) in table.columns.iter().enumerate() {
                cells.push(match cutter.cell(&row, at, *kind)? {
                    Cell::Instant(at, _) => Cell::Instant(at, false),
                    cell => cell,
                });
            }
            cut.push(cells);
        }
        all.push(cut);
    }
    Ok(all)
}

/// Cuts the life of an application.
///
/// # Errors
/// When the played database cannot be read, or says what nobody here expects.
pub async fn cut(
    db: &mut SqliteConnection,
    tables: &[Table],
    shared: &Shared,
    application: Uuid,
    (number, life): (usize, &life::Life),
    today: NaiveDate,
) -> Result<Template, AppError> {
    // Nobody signed a copy: its reviews have identifiers of their own.
    sqlx::query("UPDATE event SET detail = json_remove(detail, '$.digest') WHERE kind = 'OPINION_GIVEN' AND application_id = $1")
        .bind(application)
        .execute(&mut *db)
        .await
        .map_err(AppError::internal)?;
    let mut read = Vec::new();
    for table in tables {
        let which = match table.name.as_str() {
            "application" => format!("id = x'{}'", application.simple()),
            "idempotency" => format!("key LIKE '{}-%'", life::key_of(number)),
            _ => format!("application_id = x'{}'", application.simple()),
        };
        read.push(rows(db, table, &which).await?);
    }
    let place = |table: &str, column: &str| place_of(tables, table, column);
    let own = own_ids(tables, &read)?;

    let (table, at) = place("application", "receipt_number")?;
    let of_application = read[table]
        .first()
        .ok_or_else(|| AppError::internal("a life left no application"))?;
    let mut words: Vec<(String, Slot)> = vec![
        (value(of_application, at)?, Slot::Receipt),
        (
            value(of_application, place("application", "query_code")?.1)?,
            Slot::QueryCode,
        ),
        (life::name_of(number), Slot::Name),
        (life::credit_code_of(number), Slot::CreditCode),
        (life::key_of(number), Slot::Key),
    ];
    let received_on: NaiveDate = value(of_application, place("application", "received_on")?.1)?;
    let cases = case_numbers(tables, &read, received_on, &mut words)?;
    let documents = document_numbers(tables, &read, &mut words)?;

    let cutter = Cutter {
        shared,
        own: &own,
        words: &words,
    };
    let mut cut = Vec::new();
    let mut last = DateTime::<Utc>::MIN_UTC;
    for (table, rows) in tables.iter().zip(&read) {
        let mut of_table = Vec::new();
        for (nth, row) in rows.iter().enumerate() {
            let mut cells = Vec::new();
            for (at, (name, kind)) in table.columns.iter().enumerate() {
                let cell = match (table.name.as_str(), name.as_str()) {
                    ("event", "position") => Cell::Position,
                    ("event", "hash") => Cell::Hash,
                    ("case_", "accepted_seq") if cases[nth].accepted.is_some() => {
                        Cell::AcceptedSeq(u16::try_from(nth).map_err(AppError::internal)?)
                    }
                    _ => cutter.cell(row, at, *kind)?,
                };
                if let Cell::Instant(at, true) = &cell {
                    last = last.max(*at);
                }
                cells.push(cell);
            }
            of_table.push(cells);
        }
        cut.push(of_table);
    }
    let (events, _) = place("event", "id")?;
    let events = read[events]
        .iter()
        .map(|row| event_template(&tables[events], row, &cutter))
        .collect::<Result<Vec<_>, _>>()?;
    let mut ids: Vec<(Uuid, u16)> = own.iter().map(|(id, rank)| (*id, *rank)).collect();
    ids.sort_by_key(|(_, rank)| *rank);
    // The last act of a day is moved to no other day, and nothing into what has not come yet.
    let most = Duration::hours(5);
    let leeway = (start_of(today) - last).min(most).max(Duration::zero());
    Ok(Template {
        rows: cut,
        events,
        ids: ids.into_iter().map(|(id, _)| millisecond(id)).collect(),
        received_on,
        cases,
        documents,
        leeway,
        weight: life.weight,
        has_ended: life.has_ended,
    })
}

fn place_of(tables: &[Table], table: &str, column: &str) -> Result<(usize, usize), AppError> {
    let found = tables.iter().position(|known| known.name == table);
    let found = found.and_then(|at| {
        let mut columns = tables[at].columns.iter();
        Some((at, columns.position(|(name, _)| name == column)?))
    });
    found.ok_or_else(|| AppError::internal(format!("there is no {table}.{column}")))
}

/// The identifiers of an application, ranked in their order.
fn own_ids(tables: &[Table], read: &[Vec<SqliteRow>]) -> Result<HashMap<Uuid, u16>, AppError> {
    let mut own = Vec::new();
    for (table, rows) in tables.iter().zip(read) {
        let id = table.columns.iter().position(|(name, _)| name == "id");
        for row in rows {
            if let Some(at) = id {
                own.push(value::<Uuid>(row, at)?);
            }
        }
    }
    own.sort_unstable();
    if own.len() > 0xfff {
        return Err(AppError::internal("a life has too many identifiers"));
    }
    Ok(own.into_iter().zip(0..).collect())
}

fn case_numbers(
    tables: &[Table],
    read: &[Vec<SqliteRow>],
    received_on: NaiveDate,
    words: &mut Vec<(String, Slot)>,
) -> Result<Vec<CaseNumbers>, AppError> {
    let (table, number) = place_of(tables, "case_", "case_number")?;
    let (_, item) = place_of(tables, "case_", "item")?;
    let (_, accepted) = place_of(tables, "case_", "accepted_seq")?;
    let mut cases = Vec::new();
    for (nth, row) in (0..).zip(&read[table]) {
        let number: String = value(row, number)?;
        let item: String = value(row, item)?;
        let stem = number[..number.len() - 5].to_owned();
        words.push((number.to_lowercase(), Slot::CaseNumberLower(nth)));
        words.push((number, Slot::CaseNumber(nth)));
        let accepted: Option<i64> = value(row, accepted)?;
        cases.push(CaseNumbers {
            stem,
            series: format!("case:{REGION}:{item}:{received_on}"),
            accepted: accepted.map(|_| format!("accepted:{REGION}:{item}")),
        });
    }
    Ok(cases)
}

fn document_numbers(
    tables: &[Table],
    read: &[Vec<SqliteRow>],
    words: &mut Vec<(String, Slot)>,
) -> Result<Vec<(String, String)>, AppError> {
    let (table, number) = place_of(tables, "document", "number")?;
    let (_, department) = place_of(tables, "document", "department")?;
    let (_, kind) = place_of(tables, "document", "kind")?;
    let (_, issued_on) = place_of(tables, "document", "issued_on")?;
    let mut documents = Vec::new();
    for (nth, row) in (0..).zip(&read[table]) {
        let number: String = value(row, number)?;
        let department: Option<String> = value(row, department)?;
        let code: String = value(row, kind)?;
        let kind = DocumentKind::from_code(&code)
            .ok_or_else(|| AppError::internal(format!("what is a {code}?")))?;
        let issued_on: NaiveDate = value(row, issued_on)?;
        let serial = number
            .trim_end_matches('号')
            .rsplit('〕')
            .next()
            .unwrap_or_default();
        let stem = number[..number.len() - serial.len() - '号'.len_utf8()].to_owned();
        words.push((number, Slot::DocumentNumber(nth)));
        let series = format!(
            "document:{REGION}:{}:{}:{}",
            department.as_deref().unwrap_or("CENTRE"),
            kind.mark(),
            issued_on.year()
        );
        documents.push((stem, series));
    }
    Ok(documents)
}

struct Cutter<'a> {
    shared: &'a Shared,
    own: &'a HashMap<Uuid, u16>,
    words: &'a [(String, Slot)],
}

impl Cutter<'_> {
    fn cell(&self, row: &SqliteRow, at: usize, kind: Kind) -> Result<Cell, AppError> {
        let cell = match kind {
            Kind::Uuid => value::<Option<Uuid>>(row, at)?.map(|id| match self.own.get(&id) {
                Some(rank) => Cell::Own(*rank),
                None => Cell::Shared(self.shared.of(id)),
            }),
            Kind::Instant => value::<Option<DateTime<Utc>>>(row, at)?
                .map(|at| Cell::Instant(at, at != start_of(local_date(at)))),
            Kind::Date => value::<Option<NaiveDate>>(row, at)?.map(Cell::Date),
            Kind::Text => {
                value::<Option<String>>(row, at)?.map(|text| Cell::Text(self.parts(&text)))
            }
            Kind::Number => value::<Option<i64>>(row, at)?.map(Cell::Number),
            Kind::Flag => value::<Option<bool>>(row, at)?.map(Cell::Flag),
        };
        Ok(cell.unwrap_or(Cell::Null))
    }

    /// Cuts a text at everything that is the copy's own.
    fn parts(&self, text: &str) -> Vec<Part> {
        let mut parts = self.without_ids(text);
        for (word, slot) in self.words {
            if word.is_empty() || text.len() < word.len() {
                continue;
            }
            let cut = parts.into_iter().flat_map(|part| match part {
                Part::Plain(plain) if plain.contains(word.as_str()) => {
                    let mut cut = Vec::new();
                    for (nth, piece) in plain.split(word.as_str()).enumerate() {
                        if nth > 0 {
                            cut.push(Part::Slot(*slot));
                        }
                        if !piece.is_empty() {
                            cut.push(Part::Plain(piece.to_owned()));
                        }
                    }
                    cut
                }
                part => vec![part],
            });
            parts = cut.collect();
        }
        parts
    }

    /// Cuts a text at the identifiers in it; those that are shared become what they are now.
    fn without_ids(&self, text: &str) -> Vec<Part> {
        const LENGTH: usize = 36;
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let found = rest
                .get(..LENGTH)
                .filter(|text| text.as_bytes()[8] == b'-')
                .and_then(|text| Uuid::try_parse(text).ok());
            if let Some(id) = found {
                rest = &rest[LENGTH..];
                match self.own.get(&id) {
                    Some(rank) => {
                        if !plain.is_empty() {
                            parts.push(Part::Plain(std::mem::take(&mut plain)));
                        }
                        parts.push(Part::Slot(Slot::Id(*rank)));
                    }
                    None => plain.push_str(&self.shared.of(id).to_string()),
                }
            } else {
                plain.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        if !plain.is_empty() || parts.is_empty() {
            parts.push(Part::Plain(plain));
        }
        parts
    }
}

fn event_template(
    table: &Table,
    row: &SqliteRow,
    cutter: &Cutter<'_>,
) -> Result<EventTemplate, AppError> {
    let columns: BTreeMap<&str, usize> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (name.as_str(), at))
        .collect();
    let at = |name: &str| {
        let found = columns.get(name).copied();
        found.ok_or_else(|| AppError::internal(format!("there is no event.{name}")))
    };
    let mut ids = [None; 4];
    let names = ["id", "application_id", "case_id", "review_id"];
    let mut raw = [None; 4];
    for (nth, name) in names.into_iter().enumerate() {
        raw[nth] = value::<Option<Uuid>>(row, at(name)?)?;
        ids[nth] = raw[nth].and_then(|id| cutter.own.get(&id).copied());
    }
    let detail: String = value(row, at("detail")?)?;
    let parts = cutter.parts(&detail);
    let is_shared = matches!(parts.as_slice(), [Part::Plain(_)]);
    let plain = match parts.as_slice() {
        [Part::Plain(text)] => text.as_str(),
        _ => detail.as_str(),
    };
    let instant = |name: &str| value::<DateTime<Utc>>(row, at(name)?);
    let (happened_at, entered_at) = (instant("happened_at")?, instant("entered_at")?);
    let moves = |at: DateTime<Utc>| at != start_of(local_date(at));
    let coded = |name: &str| value::<Option<String>>(row, at(name)?);
    let kind = coded("kind")?.unwrap_or_default();
    let role = coded("actor_role")?;
    let played = event::Model {
        id: raw[0].unwrap_or_default(),
        application_id: raw[1],
        case_id: raw[2],
        review_id: raw[3],
        region: coded("region")?.unwrap_or_default(),
        kind: lianshen_domain::event::EventKind::from_code(&kind)
            .map(lianshen_entity::Coded)
            .ok_or_else(|| AppError::internal(format!("what is a {kind}?")))?,
        department: coded("department")?,
        public: value(row, at("public")?)?,
        happened_at,
        entered_at,
        actor: value::<Option<Uuid>>(row, at("actor")?)?.map(|id| cutter.shared.of(id)),
        actor_role: role
            .as_deref()
            .and_then(lianshen_domain::actor::Role::from_code)
            .map(lianshen_entity::Coded),
        detail: serde_json::from_str(plain).map_err(AppError::internal)?,
        position: None,
        hash: None,
    };
    Ok(EventTemplate {
        played,
        ids,
        moves: [moves(happened_at), moves(entered_at)],
        detail: (!is_shared).then_some(parts),
    })
}
