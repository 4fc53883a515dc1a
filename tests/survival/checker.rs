//! What must be so when everything is at rest, whatever happened before. Every breach has a name.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures_util::FutureExt as _;
use lianshen::case;
use lianshen::catalogue::Library;
use lianshen::config::Config;
use lianshen::db::Db;
use lianshen::ledger::{self, Audit};
use lianshen_domain::code::Code as _;
use lianshen_domain::event::EventKind;
use lianshen_entity::{account, application, case_, clock, event, idempotency, lease};
use sea_orm::{ConnectionTrait as _, DbBackend, EntityTrait as _, Statement};
use serde_json::Value;
use uuid::Uuid;

use super::journal::{Ending, Entry};
use crate::support::database::transactions_left_open;
use crate::support::whole::Whole;

/// A breach of what must be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub name: &'static str,
    pub what: String,
}

/// What the database is held against.
pub struct Truth<'a> {
    pub journal: &'a [Entry],
    /// Whether the journal holds everything; a backup may hold what came after.
    pub is_complete: bool,
    /// What the API said of applications.
    pub told: &'a [Value],
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
    /// Whether a program is running on it, whose loops have had their time.
    pub is_served: bool,
}

/// Whether a panic is what the checker is looking for.
pub static IS_LOOKING: AtomicBool = AtomicBool::new(false);

/// What an act leaves on what it is about. That an application closes follows from the last delivery, and is looked at with the
/// whole.
const LEFT_BY_ACTS: &[EventKind] = &[
    EventKind::ApplicationReceived,
    EventKind::ApplicationAccepted,
    EventKind::CorrectionNoticed,
    EventKind::Supplemented,
    EventKind::ReviewClaimed,
    EventKind::OpinionGiven,
    EventKind::OpinionAsked,
    EventKind::SpecialProcedureBegun,
    EventKind::SpecialProcedureEnded,
    EventKind::CaseGranted,
    EventKind::CaseRefused,
    EventKind::CaseDelivered,
    EventKind::ResultsDelivered,
];

/// Leases that nobody needs to hold.
pub const NOT_HELD: &[&str] = &["sequencer", "tally", "thresholds", "nightly", "digest"];

/// What ends a case.
const ENDINGS: &[EventKind] = &[
    EventKind::CaseGranted,
    EventKind::CaseRefused,
    EventKind::CaseTerminated,
    EventKind::CaseNotRequired,
    EventKind::CaseNotCompetent,
    EventKind::CaseWithdrawn,
    EventKind::CaseAcceptanceRevoked,
    EventKind::CaseRenewed,
    EventKind::CaseTacitPassed,
];

struct Rows {
    accounts: BTreeMap<String, Uuid>,
    applications: Vec<application::Model>,
    cases: Vec<case_::Model>,
    clocks: Vec<clock::Model>,
    events: Vec<event::Model>,
    keys: BTreeSet<(Uuid, String)>,
    leases: Vec<lease::Model>,
}

/// Looks at everything; answers what is not as it must be.
pub async fn check(db: &Db, truth: &Truth<'_>) -> Vec<Violation> {
    let rows = Rows::read(db).await;
    let mut found = Found(Vec::new());
    acts(&rows, truth, &mut found);
    endings(&rows, &mut found);
    waking(&rows, truth, &mut found);
    told(&rows, truth, &mut found);
    ledger(db, &rows, truth, &mut found).await;
    due_dates(db, truth, &mut found).await;
    engine(db, &mut found).await;
    // Last, because it gives numbers to what has none.
    IS_LOOKING.store(true, Ordering::Relaxed);
    let whole = AssertUnwindSafe(Whole::assert(db)).catch_unwind().await;
    IS_LOOKING.store(false, Ordering::Relaxed);
    if let Err(panic) = whole {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        found.add("not-whole", text.unwrap_or_default());
    }
    found.0
}

struct Found(Vec<Violation>);

impl Found {
    fn add(&mut self, name: &'static str, what: impl Into<String>) {
        let what = what.into();
        self.0.push(Violation { name, what });
    }
}

impl Rows {
    async fn read(db: &Db) -> Self {
        let reader = db.reader();
        let accounts = account::Entity::find().all(reader).await.unwrap();
        let keys = idempotency::Entity::find().all(reader).await.unwrap();
        Self {
            accounts: accounts.into_iter().map(|row| (row.name, row.id)).collect(),
            applications: application::Entity::find().all(reader).await.unwrap(),
            cases: case_::Entity::find().all(reader).await.unwrap(),
            clocks: clock::Entity::find().all(reader).await.unwrap(),
            events: event::Entity::find().all(reader).await.unwrap(),
            keys: keys
                .into_iter()
                .map(|row| (row.account_id, row.key))
                .collect(),
            leases: lease::Entity::find().all(reader).await.unwrap(),
        }
    }
}

/// What was acknowledged is there exactly once, and nothing is there that was not.
fn acts(rows: &Rows, truth: &Truth<'_>, found: &mut Found) {
    let mut keys = BTreeSet::new();
    let mut expected: BTreeMap<(EventKind, Option<Uuid>), i64> = BTreeMap::new();
    for entry in truth.journal {
        if entry.ending != Some(Ending::Acknowledged) {
            continue;
        }
        let act = &entry.act;
        if let Some(key) = &act.key {
            let whose = (rows.accounts[&act.who], key.clone());
            if !rows.keys.contains(&whose) {
                found.add(
                    "lost-act",
                    format!("{} of {} by {key} left no key", act.name, act.who),
                );
            }
            keys.insert(whose);
        }
        for kind in &act.leaves {
            *expected.entry((*kind, act.subject)).or_default() += 1;
        }
    }
    let mut there: BTreeMap<(EventKind, Option<Uuid>), i64> = BTreeMap::new();
    for event in rows
        .events
        .iter()
        .filter(|event| LEFT_BY_ACTS.contains(&event.kind.0))
    {
        // It is the case that asks; the review comes of it.
        let review = event
            .review_id
            .filter(|_| event.kind.0 != EventKind::OpinionAsked);
        let subject = review.or(event.case_id).or(event.application_id);
        *there.entry((event.kind.0, subject)).or_default() += 1;
    }
    for (of, times) in &expected {
        let (kind, found_times) = (of.0.code(), there.get(of).copied().unwrap_or_default());
        if found_times < *times {
            found.add(
                "lost-act",
                format!("{kind} of {:?}: {found_times} instead of {times}", of.1),
            );
        }
        if found_times > *times && truth.is_complete {
            found.add(
                "doubled-act",
                format!("{kind} of {:?}: {found_times} instead of {times}", of.1),
            );
        }
    }
    if !truth.is_complete {
        return;
    }
    for of in there.keys().filter(|of| !expected.contains_key(of)) {
        found.add(
            "unasked-act",
            format!("{} of {:?}, which nobody was told of", of.0.code(), of.1),
        );
    }
    for key in rows.keys.difference(&keys) {
        found.add(
            "unasked-act",
            format!("the key {key:?}, by which nothing was acknowledged"),
        );
    }
}

/// Nothing is decided twice, and what has ended is concluded once; an end that was taken back, because a refusal was revoked,
/// does not count.
fn endings(rows: &Rows, found: &mut Found) {
    let mut opinions: BTreeMap<Uuid, usize> = BTreeMap::new();
    let mut decisions: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut conclusions: BTreeMap<Uuid, i64> = BTreeMap::new();
    for event in &rows.events {
        if let (EventKind::OpinionGiven, Some(review)) = (event.kind.0, event.review_id) {
            *opinions.entry(review).or_default() += 1;
        }
        if let (true, Some(case)) = (ENDINGS.contains(&event.kind.0), event.case_id) {
            *decisions.entry(case).or_default() += 1;
        }
        match (event.kind.0, event.application_id, event.case_id) {
            (EventKind::ApplicationConcluded, Some(id), _) => {
                *conclusions.entry(id).or_default() += 1;
            }
            (EventKind::ApplicationReopened, Some(id), _) => {
                *conclusions.entry(id).or_default() -= 1;
            }
            (EventKind::CaseReopened | EventKind::CaseRestored, _, Some(case)) => {
                *decisions.entry(case).or_default() -= 1;
            }
            _ => {}
        }
    }
    for (review, times) in opinions.iter().filter(|(_, times)| **times > 1) {
        found.add("opinion-twice", format!("review {review}: {times} times"));
    }
    for (case, times) in decisions.iter().filter(|(_, times)| **times > 1) {
        found.add("decided-twice", format!("case {case}: {times} times"));
    }
    let mut open: BTreeMap<Uuid, bool> = BTreeMap::new();
    for case in &rows.cases {
        *open.entry(case.application_id).or_default() |= case.result.is_none();
    }
    for row in &rows.applications {
        let times = conclusions.get(&row.id).copied().unwrap_or_default();
        let is_open = open.get(&row.id).copied().unwrap_or(true);
        let number = &row.receipt_number;
        if !is_open && (times == 0 || row.concluded_at.is_none() || row.outcome.is_none()) {
            found.add(
                "not-concluded",
                format!("{number}: all its cases have ended"),
            );
        }
        if times > 1 {
            found.add("concluded-twice", format!("{number}: {times} times"));
        }
        if is_open && (times > 0 || row.concluded_at.is_some()) {
            found.add("concluded-early", format!("{number}: a case of it is open"));
        }
    }
}

/// Whatever comes of itself has somebody to bring it about.
fn waking(rows: &Rows, truth: &Truth<'_>, found: &mut Found) {
    let applications: BTreeMap<Uuid, &application::Model> =
        rows.applications.iter().map(|row| (row.id, row)).collect();
    for clock in rows
        .clocks
        .iter()
        .filter(|clock| clock.stopped_on.is_none())
    {
        let Some(row) = applications.get(&clock.application_id) else {
            continue;
        };
        // The day after the due date brings what follows from it, unless that was brought about already, by a clock that
        // was ahead.
        let is_to_come = |next: &NaiveDate| {
            *next > truth.today && row.swept_through.is_none_or(|through| *next > through)
        };
        let next = clock.due_on.and_then(|due| due.succ_opt());
        let Some(next) = next.filter(is_to_come) else {
            continue;
        };
        if row.sweep_on.is_none_or(|on| on > next) {
            let (number, kind) = (&row.receipt_number, clock.kind.0.code());
            found.add(
                "nobody-wakes-it",
                format!(
                    "{number}: {kind} lapses on {next}, looked at on {:?}",
                    row.sweep_on
                ),
            );
        }
    }
    if !truth.is_served {
        return;
    }
    for row in rows
        .applications
        .iter()
        .filter(|row| row.sweep_on.is_some_and(|on| on <= truth.today))
    {
        found.add(
            "nobody-wakes-it",
            format!(
                "{} was to be looked at on {:?}",
                row.receipt_number, row.sweep_on
            ),
        );
    }
    // The rows of the sequencer, of the tally and of the thresholds are turns and no leases: their time is that of the last
    // turn, and thresholds change perhaps once a year. What is done once a day holds its lease no longer than that takes.
    let patience = TimeDelta::seconds(60);
    for lease in rows
        .leases
        .iter()
        .filter(|lease| !NOT_HELD.contains(&lease.name.as_str()))
    {
        if lease.until + patience < truth.now {
            found.add(
                "lease-overdue",
                format!("{} until {}", lease.name, lease.until),
            );
        }
    }
}

/// The API tells what the rows hold.
fn told(rows: &Rows, truth: &Truth<'_>, found: &mut Found) {
    let cases: BTreeMap<String, &case_::Model> = rows
        .cases
        .iter()
        .map(|row| (row.id.to_string(), row))
        .collect();
    let applications: BTreeMap<String, &application::Model> = rows
        .applications
        .iter()
        .map(|row| (row.id.to_string(), row))
        .collect();
    let id_of = |told: &Value| {
        let id = told["id"].as_str().unwrap_or_default();
        id.rsplit(':').next().unwrap_or_default().to_owned()
    };
    for one in truth.told {
        let Some(row) = applications.get(&id_of(one)) else {
            found.add(
                "api-differs",
                format!("{} is not in the database", one["receiptNumber"]),
            );
            continue;
        };
        let same = one["state"] == row.state.0.code()
            && one["outcome"].as_str() == row.outcome.map(|outcome| outcome.0.code())
            && one["version"].as_i64() == Some(row.version);
        if !same {
            found.add(
                "api-differs",
                format!(
                    "{}: {} {}",
                    row.receipt_number, one["state"], one["outcome"]
                ),
            );
        }
        for told in one["cases"].as_array().into_iter().flatten() {
            let same = cases.get(&id_of(told)).is_some_and(|row| {
                told["state"] == row.state.0.code()
                    && told["result"].as_str() == row.result.map(|result| result.0.code())
                    && told["version"].as_i64() == Some(row.version)
            });
            if !same {
                found.add(
                    "api-differs",
                    format!(
                        "{}: {} {}",
                        told["caseNumber"], told["state"], told["result"]
                    ),
                );
            }
        }
    }
}

async fn ledger(db: &Db, rows: &Rows, truth: &Truth<'_>, found: &mut Found) {
    let waiting = rows
        .events
        .iter()
        .filter(|event| event.position.is_none())
        .count();
    if waiting > 0 && truth.is_served {
        found.add("event-without-number", format!("{waiting} events"));
    }
    match ledger::verify(db).await.unwrap() {
        Audit::Sound(position)
            if usize::try_from(position).is_ok_and(|n| n + waiting == rows.events.len()) => {}
        other => found.add(
            "chain-broken",
            format!("{other:?} of {} events", rows.events.len()),
        ),
    }
}

async fn due_dates(db: &Db, truth: &Truth<'_>, found: &mut Found) {
    let snapshot = Library::open(db).await.unwrap().present();
    let config = Arc::new(Config::defaults().unwrap());
    let recount = case::recount(db, &snapshot, &config, truth.today)
        .await
        .unwrap();
    for fault in recount.faults {
        found.add("due-date-moved", fault);
    }
    for fault in case::recount_tally(db).await.unwrap().faults {
        found.add("miscounted", fault);
    }
}

/// The database itself has nothing half done.
async fn engine(db: &Db, found: &mut Found) {
    if db.engine() == DbBackend::Sqlite {
        let check = Statement::from_string(db.engine(), "PRAGMA integrity_check");
        for row in db.reader().query_all_raw(check).await.unwrap() {
            let fault: String = row.try_get("", "integrity_check").unwrap();
            if fault != "ok" {
                found.add("damaged", fault);
            }
        }
        return;
    }
    for session in transactions_left_open(db).await {
        found.add("transaction-left-open", session);
    }
}
