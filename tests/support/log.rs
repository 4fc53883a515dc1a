//! What the program under test says of itself: kept apart for every test, and read when the test is over.
//!
//! A line at ERROR is a fault of ours and fails the test; so does a secret, wherever it stands.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Record};
use tracing::{Dispatch, Event, Id, Level, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

/// The log of one test.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<(Level, String)>>>);

impl Log {
    /// A subscriber that writes here. Threads of the test's own runtime take it as their default.
    pub fn dispatch(&self) -> Dispatch {
        Dispatch::new(Registry::default().with(Pen(self.clone())))
    }

    /// All lines.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines
            .iter()
            .map(|(level, line)| format!("{level} {line}"))
            .collect()
    }

    /// Forgets the lines at ERROR whose text holds `text`, for tests that provoke them.
    pub fn forgive(&self, text: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|(level, line)| *level != Level::ERROR || !line.contains(text));
    }

    /// Fails if there is a fault, or any of the secrets.
    pub fn assert_clean(&self, secrets: &[&str]) {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (level, line) in lines.iter() {
            assert!(*level != Level::ERROR, "the program logged a fault: {line}");
            for secret in secrets {
                assert!(
                    !line.contains(secret),
                    "the log holds the secret {secret:?}: {line}"
                );
            }
        }
    }

    fn write(&self, level: Level, line: String) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((level, line));
    }
}

struct Pen(Log);

impl<S: Subscriber> Layer<S> for Pen {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        // What PostgreSQL remarks is none of the program's lines.
        if metadata.target() == "sqlx::postgres::notice" {
            return false;
        }
        let level = if metadata.target().starts_with("lianshen") {
            Level::DEBUG
        } else {
            Level::WARN
        };
        *metadata.level() <= level
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut line = Line::of(attributes.metadata().name());
        attributes.record(&mut line);
        self.0.write(*attributes.metadata().level(), line.0);
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut line = Line::of("…");
        values.record(&mut line);
        self.0.write(Level::DEBUG, line.0);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::of(event.metadata().target());
        event.record(&mut line);
        self.0.write(*event.metadata().level(), line.0);
    }
}

struct Line(String);

impl Line {
    fn of(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {field}={value}");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}
