//! Stamps copies out of templates: new identifiers and numbers, other hours of the same days, a chain that holds.

use std::collections::HashMap;
use std::fmt::Write as _;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use lianshen::error::AppError;
use lianshen::ledger;
use lianshen_domain::item_code::receipt_number;
use lianshen_entity::event;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use uuid::Uuid;

use crate::centre::REGION;
use crate::life;
use crate::template::{Cell, EventTemplate, Part, Slot, Template, made_id};

/// Where rows go.
pub trait Sink {
    /// A row of the n-th table begins.
    fn begin(&mut self, table: usize);
    /// Nothing.
    fn null(&mut self);
    /// A number.
    fn number(&mut self, number: i64);
    /// Yes or no.
    fn flag(&mut self, flag: bool);
    /// A date.
    fn date(&mut self, date: NaiveDate);
    /// An instant.
    fn instant(&mut self, at: DateTime<Utc>);
    /// An identifier.
    fn id(&mut self, id: Uuid);
    /// A text.
    fn text(&mut self, text: &str);
    /// The row ends.
    fn end(&mut self);
}

/// Stamps copies, one after the other.
pub struct Stamp {
    random: StdRng,
    series: HashMap<String, i64>,
    position: i64,
    hash: String,
    /// Copies so far.
    pub copies: u64,
    /// Rows so far.
    pub rows: u64,
}

/// What a copy says of its own.
struct Copy<'a> {
    template: &'a Template,
    number: u64,
    shift: Duration,
    receipt: String,
    query_code: String,
    name: String,
    credit_code: String,
    key: String,
    cases: Vec<String>,
    accepted: Vec<i64>,
    documents: Vec<String>,
}

impl Stamp {
    /// Begins where the chain of the ledger ends.
    pub fn new(seed: u64, position: i64, hash: String) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            series: HashMap::new(),
            position,
            hash,
            copies: 0,
            rows: 0,
        }
    }

    /// The last number of each series.
    pub fn series(&self) -> impl Iterator<Item = (&str, i64)> {
        self.series
            .iter()
            .map(|(name, last)| (name.as_str(), *last))
    }

    /// Writes one more copy.
    ///
    /// # Errors
    /// When a day has no number left.
    pub fn copy(&mut self, template: &Template, sink: &mut impl Sink) -> Result<(), AppError> {
        let copy = self.begin(template)?;
        let mut text = String::new();
        for (table, rows) in template.rows.iter().enumerate() {
            for (nth, row) in rows.iter().enumerate() {
                let is_event = row.iter().any(|cell| matches!(cell, Cell::Hash));
                if is_event {
                    let event = copy.event(&template.events[nth], &mut text)?;
                    self.position += 1;
                    self.hash = ledger::chain(&self.hash, self.position, &event.into());
                }
                sink.begin(table);
                for cell in row {
                    match cell {
                        Cell::Null => sink.null(),
                        Cell::Number(number) => sink.number(*number),
                        Cell::Flag(flag) => sink.flag(*flag),
                        Cell::Date(date) => sink.date(*date),
                        Cell::Instant(at, moves) => sink.instant(copy.instant(*at, *moves)),
                        Cell::Shared(id) => sink.id(*id),
                        Cell::Own(rank) => sink.id(copy.id(*rank)),
                        Cell::Text(parts) => {
                            if let [Part::Plain(plain)] = parts.as_slice() {
                                sink.text(plain);
                            } else {
                                copy.write(parts, &mut text);
                                sink.text(&text);
                            }
                        }
                        Cell::AcceptedSeq(case) => {
                            sink.number(copy.accepted[usize::from(*case)]);
                        }
                        Cell::Position => sink.number(self.position),
                        Cell::Hash => sink.text(&self.hash),
                    }
                }
                sink.end();
                self.rows += 1;
            }
        }
        self.copies += 1;
        Ok(())
    }

    fn begin<'a>(&mut self, template: &'a Template) -> Result<Copy<'a>, AppError> {
        let number = self.copies + 1;
        let seconds = template.leeway.num_seconds();
        let shift = Duration::seconds(self.random.random_range(0..seconds.max(1)));
        let day = template.received_on;
        let serial = self.next(&format!("receipt:{REGION}:{day}"));
        let serial = u32::try_from(serial).map_err(AppError::internal)?;
        let receipt = receipt_number(REGION, day, serial)
            .ok_or_else(|| AppError::internal("no receipt number left for the day"))?;
        let mut cases = Vec::new();
        let mut accepted = Vec::new();
        for case in &template.cases {
            let serial = self.next(&case.series);
            if serial > 99_999 {
                return Err(AppError::internal("no case number left for the day"));
            }
            cases.push(format!("{}{serial:05}", case.stem));
            accepted.push(case.accepted.as_ref().map_or(0, |series| self.next(series)));
        }
        let mut documents = Vec::new();
        for (stem, series) in &template.documents {
            documents.push(format!("{stem}{}号", self.next(series)));
        }
        let life = usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Copy {
            template,
            number,
            shift,
            receipt,
            query_code: self.query_code(),
            name: life::name_of(life),
            credit_code: life::credit_code_of(life),
            key: life::key_of(life),
            cases,
            accepted,
            documents,
        })
    }

    fn next(&mut self, series: &str) -> i64 {
        if let Some(last) = self.series.get_mut(series) {
            *last += 1;
            return *last;
        }
        self.series.insert(series.to_owned(), 1);
        1
    }

    fn query_code(&mut self) -> String {
        const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        (0..10)
            .map(|_| char::from(LETTERS[self.random.random_range(0..LETTERS.len())]))
            .collect()
    }
}

impl Copy<'_> {
    fn id(&self, rank: u16) -> Uuid {
        let played = self.template.ids[usize::from(rank)];
        let moved = u64::try_from(self.shift.num_milliseconds()).unwrap_or(0);
        made_id(played + moved, rank, self.number)
    }

    fn instant(&self, at: DateTime<Utc>, moves: bool) -> DateTime<Utc> {
        if moves { at + self.shift } else { at }
    }

    fn write(&self, parts: &[Part], text: &mut String) {
        text.clear();
        for part in parts {
            match part {
                Part::Plain(plain) => text.push_str(plain),
                Part::Slot(slot) => match slot {
                    Slot::Id(rank) => {
                        let _ = write!(text, "{}", self.id(*rank));
                    }
                    Slot::Receipt => text.push_str(&self.receipt),
                    Slot::QueryCode => text.push_str(&self.query_code),
                    Slot::Name => text.push_str(&self.name),
                    Slot::CreditCode => text.push_str(&self.credit_code),
                    Slot::CaseNumber(case) => text.push_str(&self.cases[usize::from(*case)]),
                    Slot::CaseNumberLower(case) => {
                        text.push_str(&self.cases[usize::from(*case)].to_lowercase());
                    }
                    Slot::DocumentNumber(nth) => text.push_str(&self.documents[usize::from(*nth)]),
                    Slot::Key => text.push_str(&self.key),
                },
            }
        }
    }

    fn event(&self, of: &EventTemplate, text: &mut String) -> Result<event::Model, AppError> {
        let [id, application_id, case_id, review_id] =
            of.ids.map(|rank| rank.map(|rank| self.id(rank)));
        let detail = match &of.detail {
            None => of.played.detail.clone(),
            Some(parts) => {
                self.write(parts, text);
                serde_json::from_str(text).map_err(AppError::internal)?
            }
        };
        Ok(event::Model {
            id: id.unwrap_or(of.played.id),
            application_id,
            case_id,
            review_id,
            happened_at: self.instant(of.played.happened_at, of.moves[0]),
            entered_at: self.instant(of.played.entered_at, of.moves[1]),
            detail,
            ..of.played.clone()
        })
    }
}
