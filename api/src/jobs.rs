//! Background loops, owned by the server: number events and feed them on, follow what is published, sweep
//! for deadlines.
//!
//! A round that fails or panics is logged once and tried again with growing pauses; nothing but the stop of
//! the program ends a loop. How far each is behind shows in the metrics and in `/readyz`.

use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::error::AppError;
use crate::ledger;
use crate::pulse::{Beat, Pulse};
use crate::telemetry;

/// One round of the sweep for deadlines.
pub type Sweep = Arc<dyn Fn(App) -> BoxFuture<'static, Result<(), AppError>> + Send + Sync>;

/// The loops of one server.
#[derive(Debug)]
pub struct Jobs {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Jobs {
    /// Starts the loops; they end when `stop` is cancelled.
    ///
    /// # Errors
    /// When the last position of the ledger cannot be read.
    pub async fn start(
        app: &App,
        pulse: &Pulse,
        sweep: Sweep,
        nightly: Sweep,
        stop: CancellationToken,
    ) -> Result<Self, AppError> {
        let jobs = Self {
            tracker: TaskTracker::new(),
            stop,
        };
        jobs.number_and_feed(app, pulse).await?;
        let follow = Rhythm {
            every: Duration::from_secs(2),
            on_commit: false,
        };
        let beat = pulse.watch("library", Duration::from_mins(1));
        jobs.spawn(app, beat, follow, |app| async move {
            app.library.follow(&app.db).await
        });
        let every = Duration::from_secs(app.config.sweep_seconds.max(1));
        let beat = pulse.watch("sweep", every * 3 + Duration::from_secs(30));
        let rhythm = Rhythm {
            every,
            on_commit: false,
        };
        jobs.spawn(app, beat, rhythm, move |app| sweep(app));
        jobs.every_night(app, pulse, nightly);
        Ok(jobs)
    }

    /// Does once a day, after midnight at the centre or an hour after the start, what looks at everything.
    fn every_night(&self, app: &App, pulse: &Pulse, nightly: Sweep) {
        let beat = pulse.watch("nightly", Duration::from_mins(10));
        let rhythm = Rhythm {
            every: Duration::from_mins(1),
            on_commit: false,
        };
        let begun = app.env.moment();
        let last = Arc::new(Mutex::new(None));
        self.spawn(app, beat, rhythm, move |app| {
            let (last, nightly) = (last.clone(), nightly.clone());
            async move {
                let at = app.env.moment();
                let known = *last.lock().unwrap_or_else(PoisonError::into_inner);
                let is_settled =
                    at.today > begun.today || at.now - begun.now >= TimeDelta::hours(1);
                if known == Some(at.today) || !is_settled {
                    return Ok(());
                }
                nightly(app).await?;
                *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(at.today);
                Ok(())
            }
        });
    }

    /// Keeps the memory of the metrics small when nobody reads them.
    pub fn keep_metrics(&self, metrics: PrometheusHandle) {
        let stop = self.stop.clone();
        self.tracker.spawn(async move {
            while stop
                .run_until_cancelled(tokio::time::sleep(Duration::from_secs(5)))
                .await
                .is_some()
            {
                metrics.run_upkeep();
            }
        });
    }

    /// Waits for the loops to end; only useful when they have been told to.
    pub async fn ended(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }

    async fn number_and_feed(&self, app: &App, pulse: &Pulse) -> Result<(), AppError> {
        let beat = pulse.watch("sequencer", Duration::from_secs(30));
        let position = Arc::new(AtomicI64::new(ledger::last_position(&app.db).await?));
        let holder = app.env.uuid();
        let rhythm = Rhythm {
            every: Duration::from_millis(500),
            on_commit: true,
        };
        self.spawn(app, beat, rhythm, move |app| {
            let position = position.clone();
            async move {
                while ledger::sequence(&app.db, &app.env, holder).await? > 0 {}
                feed_on(&app, &position).await
            }
        });
        Ok(())
    }

    fn spawn<R>(
        &self,
        app: &App,
        beat: Arc<Beat>,
        rhythm: Rhythm,
        round: impl Fn(App) -> R + Send + Sync + 'static,
    ) where
        R: Future<Output = Result<(), AppError>> + Send + 'static,
    {
        let (app, stop) = (app.clone(), self.stop.clone());
        self.tracker.spawn(async move {
            let mut failures = 0;
            loop {
                // Listens before the round begins, so that a commit during the round is not slept through.
                let mut commit = pin!(app.db.committed().fuse());
                let _ = futures_util::poll!(commit.as_mut());
                // In a task of its own, so that a panic ends the round and not the loop.
                match app.run(round(app.clone())).await {
                    Ok(()) => {
                        beat.strike();
                        if failures > 0 {
                            tracing::info!(job = beat.name(), failures, "background loop recovered");
                        }
                        failures = 0;
                    }
                    Err(error) => {
                        metrics::counter!(telemetry::JOB_FAILURES, "job" => beat.name())
                            .increment(1);
                        if failures == 0 {
                            tracing::error!(job = beat.name(), %error, "background loop failed; trying again");
                        }
                        failures += 1;
                    }
                }
                let pause = tokio::time::sleep(rhythm.pause(failures));
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = commit, if rhythm.on_commit && failures == 0 => {
                        tokio::time::sleep(GATHER).await;
                    }
                    () = pause => {}
                }
            }
        });
    }
}

async fn feed_on(app: &App, position: &AtomicI64) -> Result<(), AppError> {
    loop {
        let rows = ledger::after(&app.db, position.load(Ordering::Relaxed), 500).await?;
        if rows.is_empty() {
            return Ok(());
        }
        metrics::counter!(telemetry::FEED_EVENTS).increment(rows.len() as u64);
        for row in rows {
            if let Some(reached) = row.position {
                position.store(reached, Ordering::Relaxed);
            }
            app.feed.publish(row);
        }
    }
}

/// How long a loop that follows commits waits for more of them: where everybody writes at once, rounds of one event each
/// would double the commits, on SQLite behind the same one writer.
const GATHER: Duration = Duration::from_millis(20);

/// When a loop goes round.
#[derive(Clone, Copy)]
struct Rhythm {
    /// At the latest after so long.
    every: Duration,
    /// And at each commit of this process.
    on_commit: bool,
}

impl Rhythm {
    /// The pause after so many failures in a row: it doubles, up to ten seconds or the usual pause.
    fn pause(self, failures: u32) -> Duration {
        let longest = self.every.max(Duration::from_secs(10));
        let factor = 2_u32.saturating_pow(failures.min(16));
        self.every.saturating_mul(factor).min(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        let fast = Rhythm {
            every: Duration::from_millis(500),
            on_commit: true,
        };
        let pauses: Vec<_> = (0..7).map(|n| fast.pause(n).as_millis()).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
        assert_eq!(fast.pause(u32::MAX), Duration::from_secs(10));
        let slow = Rhythm {
            every: Duration::from_secs(30),
            on_commit: false,
        };
        assert_eq!(slow.pause(3), Duration::from_secs(30));
    }
}
