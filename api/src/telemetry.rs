//! What operators see: the log and the metrics. Neither ever holds a value of a statement, a secret or a name.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Config, LogFormat};
use crate::db::Observer;
use crate::error::AppError;

/// The duration of statements, in seconds, by verb and outcome.
pub const STATEMENT_SECONDS: &str = "lianshen_db_statement_seconds";
/// The time since a background loop last succeeded, in seconds.
pub const JOB_LAG_SECONDS: &str = "lianshen_job_lag_seconds";
/// The rounds of background loops that failed.
pub const JOB_FAILURES: &str = "lianshen_job_failures_total";
/// What background loops could not do for a single application, department or request, and left for their next round.
pub const LEFT_OUT: &str = "lianshen_job_left_out_total";
/// The alerts and cards that the sweep has raised, and the warnings that it has cleared: each changes what is shown.
pub const LAMPS_CHANGED: &str = "lianshen_lamps_changed_total";
/// Kept due dates that were not what the events give.
pub const CLOCK_FAULTS: &str = "lianshen_clock_faults_total";
/// Lines of the tally that were not what the rows give.
pub const TALLY_FAULTS: &str = "lianshen_tally_faults_total";
/// What came of asking for shared materials, by outcome.
pub const SHARING_ASKED: &str = "lianshen_sharing_asked_total";
/// The events that were handed to the feed.
pub const FEED_EVENTS: &str = "lianshen_feed_events_total";

/// Starts the log, on standard error, in the form that the configuration asks for.
///
/// # Errors
/// When the filter cannot be read, or a log was started before.
pub fn start_log(config: &Config) -> Result<(), AppError> {
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter(&config.log)?)
        .with_ansi(std::io::stderr().is_terminal())
        // Where the log cannot be written, on a full disk, its own complaint of that would bring down who wrote.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Json => log.json().flatten_event(true).finish().try_init(),
        LogFormat::Text => log.finish().try_init(),
    };
    started.map_err(AppError::internal)
}

/// Reads a filter, and bounds what libraries say: a notice or a statement of the database may hold values.
///
/// # Errors
/// Says what is wrong with the filter.
pub(crate) fn filter(wanted: &str) -> Result<EnvFilter, AppError> {
    let mut filter = EnvFilter::try_new(wanted)
        .map_err(|error| AppError::internal(format!("log = {wanted:?}: {error}")))?;
    for bound in [
        "sqlx::postgres::notice=off",
        "sqlx::query=off",
        "sea_orm=warn",
    ] {
        filter = filter.add_directive(bound.parse().map_err(AppError::internal)?);
    }
    // Migrations belong to what the bound above silences; they are told unless less was asked for.
    if filter.max_level_hint() >= Some(LevelFilter::INFO) {
        let told = "sea_orm_migration=info".parse();
        filter = filter.add_directive(told.map_err(AppError::internal)?);
    }
    Ok(filter)
}

/// The recorder of this process; a second server in the same process shares it.
///
/// # Errors
/// When something else has installed a recorder.
pub fn metrics() -> Result<PrometheusHandle, AppError> {
    static RECORDER: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut recorder = RECORDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = recorder.as_ref() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Full(STATEMENT_SECONDS.to_owned()),
            &[
                0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
            ],
        )
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(AppError::internal)?;
    metrics::describe_histogram!(
        STATEMENT_SECONDS,
        metrics::Unit::Seconds,
        "Duration of statements."
    );
    metrics::describe_gauge!(
        JOB_LAG_SECONDS,
        metrics::Unit::Seconds,
        "Time since a background loop last succeeded."
    );
    metrics::describe_counter!(JOB_FAILURES, "Rounds of background loops that failed.");
    metrics::describe_counter!(
        LEFT_OUT,
        "What background loops could not do for one of many, and left for the next round."
    );
    metrics::describe_counter!(
        LAMPS_CHANGED,
        "Alerts and cards that the sweep has raised, and warnings that it has cleared."
    );
    metrics::describe_counter!(
        CLOCK_FAULTS,
        "Kept due dates that were not what the events give."
    );
    metrics::describe_counter!(
        TALLY_FAULTS,
        "Counts of the tally that were not what the rows give; they were put right."
    );
    metrics::describe_counter!(
        SHARING_ASKED,
        "Shared materials that somebody was asked for, by outcome."
    );
    metrics::describe_counter!(FEED_EVENTS, "Events handed to the feed.");
    // An alarm wants its counter from the beginning, not from the first fault.
    for counter in [LAMPS_CHANGED, CLOCK_FAULTS, TALLY_FAULTS, FEED_EVENTS] {
        metrics::counter!(counter).increment(0);
    }
    for job in ["sweep", "digest", "sharing"] {
        left_out(job, 0);
    }
    *recorder = Some(handle.clone());
    Ok(handle)
}

/// Counts what a round could not do for some of many. The round went through all the same: a server that does everything
/// else is not to be taken for one that does nothing.
pub(crate) fn left_out(job: &'static str, some: u64) {
    metrics::counter!(LEFT_OUT, "job" => job).increment(some);
}

/// Counts statements for the metrics, and tells the next observer.
pub(crate) fn statement_observer(next: Option<Observer>) -> Observer {
    Arc::new(move |statement: &str, took: Duration, failed: bool| {
        let outcome = if failed { "failed" } else { "done" };
        metrics::histogram!(STATEMENT_SECONDS, "verb" => verb(statement), "outcome" => outcome)
            .record(took.as_secs_f64());
        if let Some(next) = &next {
            next(statement, took, failed);
        }
    })
}

/// The verb of a statement; few enough to be a label.
fn verb(statement: &str) -> &'static str {
    let first = statement.split_whitespace().next().unwrap_or_default();
    ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"]
        .into_iter()
        .find(|verb| first.eq_ignore_ascii_case(verb))
        .unwrap_or("OTHER")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_by_verb_only() {
        assert_eq!(verb("select * from account where name = 'x'"), "SELECT");
        assert_eq!(verb("  INSERT INTO event"), "INSERT");
        assert_eq!(verb("PRAGMA journal_mode"), "OTHER");
        assert_eq!(verb(""), "OTHER");
    }

    #[test]
    fn a_wrong_filter_names_itself() {
        let error = filter("info,lianshen=loud").unwrap_err();
        assert!(error.to_string().contains("lianshen=loud"), "{error}");
        let bounded = filter("trace").unwrap().to_string();
        assert!(bounded.contains("sqlx::query=off"), "{bounded}");
    }

    #[test]
    fn both_the_metrics_and_the_next_observer_are_told() {
        let handle = metrics().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let tell = Mutex::new(tell);
        let observer = statement_observer(Some(Arc::new(move |statement: &str, _, failed| {
            let _ = tell.lock().unwrap().send((statement.to_owned(), failed));
        })));
        observer("DELETE FROM session", Duration::from_millis(3), true);
        assert_eq!(
            told.recv().unwrap(),
            ("DELETE FROM session".to_owned(), true)
        );
        let text = handle.render();
        assert!(
            text.contains(r#"lianshen_db_statement_seconds_count{verb="DELETE",outcome="failed"}"#),
            "{text}"
        );
    }
}
