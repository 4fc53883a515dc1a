//! What was sent and what was answered, written down before it is sent.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use lianshen_domain::event::EventKind;
use serde_json::json;
use uuid::Uuid;

/// An act that somebody sends, with what it must leave behind when it is acknowledged.
#[derive(Clone, Debug)]
pub struct Act {
    pub who: String,
    /// The mutation.
    pub name: &'static str,
    /// None where the act carries no key, because saying it twice is the same as once.
    pub key: Option<String>,
    /// What it is about; of a submission the answer says so.
    pub subject: Option<Uuid>,
    pub leaves: Vec<EventKind>,
    /// Whether somebody else may be first, so that a refusal is a right answer.
    pub has_rival: bool,
}

/// How an act ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Acknowledged,
    Refused(Vec<String>),
    /// Not answered in the end, however often it was repeated.
    Never,
}

/// One act in the journal.
#[derive(Clone, Debug)]
pub struct Entry {
    pub act: Act,
    pub attempts: u32,
    /// Attempts of which nobody knows what came of them.
    pub unknown: u32,
    pub ending: Option<Ending>,
}

/// The journal of one run.
pub struct Journal {
    entries: Mutex<Vec<Entry>>,
    /// Answers that no fault excuses.
    faults: Mutex<Vec<String>>,
    /// Codes that refuse rightly in this run.
    excused: Mutex<Vec<&'static str>>,
    file: Mutex<File>,
}

/// The sums of a journal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    pub sent: usize,
    pub acknowledged: usize,
    pub refused: usize,
    pub unknown: usize,
    pub resolved: usize,
    pub never: usize,
}

impl Sums {
    /// Takes in others.
    pub fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.resolved += other.resolved;
        self.never += other.never;
    }
}

impl Journal {
    pub fn begin(file: &Path) -> std::io::Result<Self> {
        Ok(Self {
            entries: Mutex::default(),
            faults: Mutex::default(),
            excused: Mutex::default(),
            file: Mutex::new(File::create(file)?),
        })
    }

    /// Notes an act that is about to be sent for the first time.
    pub fn sending(&self, act: Act) -> usize {
        let line =
            json!({ "sending": act.name, "who": act.who, "key": act.key, "subject": act.subject });
        self.write(&line);
        let mut entries = self.entries();
        entries.push(Entry {
            act,
            attempts: 0,
            unknown: 0,
            ending: None,
        });
        entries.len() - 1
    }

    /// Notes an attempt, and if it was not the first, that the one before it remained without answer.
    pub fn attempt(&self, at: usize) {
        let mut entries = self.entries();
        entries[at].attempts += 1;
    }

    /// Notes that nobody knows what came of an attempt.
    pub fn unknown(&self, at: usize, why: &str) {
        self.write(&json!({ "unknown": at, "why": why }));
        self.entries()[at].unknown += 1;
    }

    /// Notes the answer, and what it is about.
    pub fn answered(&self, at: usize, ending: Ending, subject: Option<Uuid>) {
        self.write(&json!({ "answered": at, "how": format!("{ending:?}"), "subject": subject }));
        let mut entries = self.entries();
        let entry = &mut entries[at];
        if let Ending::Refused(codes) = &ending
            && !entry.act.has_rival
            && !codes
                .iter()
                .all(|code| self.excused.lock().unwrap().contains(&code.as_str()))
        {
            let fault = format!(
                "{} of {:?} was refused: {codes:?}",
                entry.act.name, entry.act.subject
            );
            self.fault("unexpected-refusal", &fault);
        }
        entry.act.subject = entry.act.subject.or(subject);
        entry.ending = Some(ending);
    }

    /// Notes an answer that no fault excuses.
    pub fn fault(&self, name: &str, what: &str) {
        self.write(&json!({ "fault": name, "what": what }));
        self.faults.lock().unwrap().push(format!("{name}: {what}"));
    }

    /// A refusal by this code is a right answer.
    pub fn excuse(&self, code: &'static str) {
        self.excused.lock().unwrap().push(code);
    }

    pub fn faults(&self) -> Vec<String> {
        self.faults.lock().unwrap().clone()
    }

    /// Everything, as it stands.
    pub fn read(&self) -> Vec<Entry> {
        self.entries().clone()
    }

    pub fn sums(&self) -> Sums {
        let entries = self.entries();
        let count =
            |what: &dyn Fn(&Entry) -> bool| entries.iter().filter(|entry| what(entry)).count();
        let is_answered = |entry: &Entry| {
            matches!(
                entry.ending,
                Some(Ending::Acknowledged | Ending::Refused(_))
            )
        };
        Sums {
            sent: entries.len(),
            acknowledged: count(&|entry| entry.ending == Some(Ending::Acknowledged)),
            refused: count(&|entry| matches!(entry.ending, Some(Ending::Refused(_)))),
            unknown: count(&|entry| entry.unknown > 0),
            resolved: count(&|entry| entry.unknown > 0 && is_answered(entry)),
            never: count(&|entry| !is_answered(entry)),
        }
    }

    /// How often each code refused an act.
    pub fn refusals(&self) -> BTreeMap<String, usize> {
        let mut codes = BTreeMap::new();
        for entry in self.entries().iter() {
            if let Some(Ending::Refused(refused)) = &entry.ending {
                *codes
                    .entry(format!("{} {}", entry.act.name, refused.join("+")))
                    .or_default() += 1;
            }
        }
        codes
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap()
    }

    fn write(&self, line: &serde_json::Value) {
        let mut file = self.file.lock().unwrap();
        writeln!(file, "{line}").expect("the journal cannot be written");
    }
}
