//! Background loops, owned by the server: number events and feed them on, follow what is published, fold changes into
//! the tally, sweep for deadlines, write the morning digests.
//!
//! Several servers may run on one database. Each numbers what it wrote and feeds its own listeners; the sweep and what is
//! done once a day are for whoever holds the lease ([`crate::lease`]).
//!
//! A round that fails or panics is logged once and tried again with growing pauses; nothing but the stop of
//! the program ends a loop. How far each is behind shows in the metrics and in `/readyz`.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::app::App;
use crate::bell;
use crate::db::News;
use crate::digest;
use crate::error::{AppError, Lacking};
use crate::feed::Follower;
use crate::lease;
use crate::ledger;
use crate::pulse::{Beat, Pulse};
use crate::tally;
use crate::telemetry;

/// One round of the sweep for deadlines.
pub type Sweep = Arc<dyn Fn(App) -> BoxFuture<'static, Result<(), AppError>> + Send + Sync>;

/// What the loops do on one of the servers at a time.
pub struct Rounds {
    /// Every few seconds.
    pub sweep: Sweep,
    /// Once a day.
    pub nightly: Sweep,
    /// Asks for shared materials, where the centre is connected to somebody.
    pub sharing: Option<Sweep>,
}

/// The loops of one server.
#[derive(Debug)]
pub struct Jobs {
    tracker: TaskTracker,
    stop: CancellationToken,
    /// This server, among those that hold leases.
    holder: Uuid,
}

impl Jobs {
    /// Starts the loops; they end when `stop` is cancelled.
    ///
    /// # Errors
    /// When the last position of the ledger cannot be read.
    pub async fn start(
        app: &App,
        pulse: &Pulse,
        rounds: Rounds,
        stop: CancellationToken,
    ) -> Result<Self, AppError> {
        let jobs = Self {
            tracker: TaskTracker::new(),
            stop,
            holder: app.env.uuid(),
        };
        jobs.number_and_feed(app, pulse).await?;
        jobs.listen(app);
        let follow = Rhythm {
            every: Duration::from_secs(2),
            on: Some(News::Published),
        };
        let beat = pulse.watch("library", Duration::from_mins(1));
        jobs.spawn(app, beat, follow, |app| async move {
            app.library.follow(&app.db).await
        });
        jobs.fold(app, pulse);
        let every = Duration::from_secs(app.config.sweep_seconds);
        let beat = pulse.watch("sweep", every * 3 + Duration::from_secs(30));
        jobs.on_one_server(app, beat, every, "sweep", rounds.sweep);
        if let Some(sharing) = rounds.sharing {
            let beat = pulse.watch("sharing", ASK_PATIENCE);
            jobs.on_one_server(app, beat, ASK_EVERY, "sharing", sharing);
        }
        jobs.every_night(app, pulse, rounds.nightly);
        jobs.every_morning(app, pulse);
        Ok(jobs)
    }

    /// Goes round on whichever server has the lease.
    fn on_one_server(
        &self,
        app: &App,
        beat: Arc<Beat>,
        every: Duration,
        lease: &'static str,
        round: Sweep,
    ) {
        let (holder, rhythm) = (self.holder, Rhythm { every, on: None });
        self.spawn(app, beat, rhythm, move |app| {
            let round = round.clone();
            async move {
                match lease::take(&app.db, &app.env, lease, holder).await? {
                    Some(lease) => lease.keep(&app.db, &app.env, round(app.clone())).await,
                    None => Ok(()),
                }
            }
        });
    }

    /// Gives back what this server holds, so that others need not wait for it to end.
    pub async fn give_back(&self, app: &App) {
        if let Err(error) = lease::give_back(&app.db, self.holder).await {
            tracing::warn!(%error, "leases were not given back; they end within a minute");
        }
    }

    /// Hears what other servers do.
    fn listen(&self, app: &App) {
        let (db, own, stop) = (app.db.clone(), self.holder, self.stop.clone());
        self.tracker
            .spawn(async move { bell::listen(&db, own, &stop).await });
    }

    /// Does once a day, after midnight at the centre or an hour after the start, what looks at everything: on one of the
    /// servers, and not again where it has been done that day.
    fn every_night(&self, app: &App, pulse: &Pulse, nightly: Sweep) {
        let beat = pulse.watch("nightly", Duration::from_mins(10));
        let rhythm = Rhythm {
            every: Duration::from_mins(1),
            on: None,
        };
        let holder = self.holder;
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
                if !once_a_day(&app, holder, at.today, &nightly).await? {
                    return Ok(());
                }
                *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(at.today);
                Ok(())
            }
        });
    }

    /// Tells each department what lies before it, from the hour that the centre has set; later that day where the program
    /// stood still then.
    fn every_morning(&self, app: &App, pulse: &Pulse) {
        let beat = pulse.watch("digest", Duration::from_mins(10));
        let rhythm = Rhythm {
            every: Duration::from_mins(1),
            on: None,
        };
        let holder = self.holder;
        self.spawn(app, beat, rhythm, move |app| async move {
            digest::write(&app, holder).await?;
            Ok(())
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
        let follower = Arc::new(Follower::begin(&app.db, app.feed.clone()).await?);
        let unreadable = Arc::new(AtomicUsize::new(0));
        let holder = self.holder;
        let rhythm = Rhythm {
            every: Duration::from_millis(500),
            on: Some(News::Committed),
        };
        self.spawn(app, beat, rhythm, move |app| {
            let (follower, unreadable) = (follower.clone(), unreadable.clone());
            async move {
                follower.look_back(&app.db).await?;
                loop {
                    let round = ledger::sequence(&app.db, &app.env, holder).await?;
                    tell_of_unreadable(
                        unreadable.swap(round.unreadable, Ordering::Relaxed),
                        round.unreadable,
                    );
                    let numbered = round.numbered;
                    let (some, last) = (numbered.len(), numbered.last().map(|row| row.position));
                    follower.feed_on(&app.db, numbered).await?;
                    if let Some(last) = last {
                        bell::ring_numbered(&app.db, holder, last).await?;
                    }
                    if some < ledger::ROUND {
                        return Ok(());
                    }
                }
            }
        });
        Ok(())
    }

    /// Folds what acts changed into the tally. Nobody waits for it: it keeps short what a dashboard adds up.
    fn fold(&self, app: &App, pulse: &Pulse) {
        let beat = pulse.watch("tally", Duration::from_secs(30));
        let rhythm = Rhythm {
            every: Duration::from_millis(500),
            on: None,
        };
        let holder = self.holder;
        self.spawn(app, beat, rhythm, move |app| async move {
            // What comes while it folds waits for the next time, or under load it would fold a handful without end.
            while tally::fold(&app.db, &app.env, holder).await? == tally::ROUND {}
            Ok(())
        });
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
        // An alarm wants its counter from the beginning.
        metrics::counter!(telemetry::JOB_FAILURES, "job" => beat.name()).increment(0);
        self.tracker.spawn(async move {
            let mut failures = 0;
            loop {
                // Listens before the round begins, so that news during the round are not slept through.
                let mut news = pin!(news(&app, rhythm.on).fuse());
                let _ = futures_util::poll!(news.as_mut());
                // In a task of its own, so that a panic ends the round and not the loop.
                // Where the database is gone without a word its answer never comes, and the loop would wait for ever.
                let round = beat.clone().during(round(app.clone()));
                let round = tokio::time::timeout(rhythm.longest(), round);
                let round = round.map(|done| done.unwrap_or(Err(AppError::Busy(Lacking::Time))));
                match app.run(round).await {
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
                    () = news, if failures == 0 => {
                        if rhythm.on == Some(News::Committed) {
                            tokio::time::sleep(GATHER).await;
                        }
                    }
                    () = pause => {}
                }
            }
        });
    }
}

/// Does the work of a day, unless another server has done it; answers whether it is done.
///
/// # Errors
/// What the work answers; busy when the lease was lost over it.
pub(crate) async fn once_a_day(
    app: &App,
    holder: Uuid,
    today: NaiveDate,
    work: &Sweep,
) -> Result<bool, AppError> {
    let Some(lease) = lease::take(&app.db, &app.env, "nightly", holder).await? else {
        return Ok(false);
    };
    if lease.done_on.is_none_or(|done| done < today) {
        lease.keep(&app.db, &app.env, work(app.clone())).await?;
        lease.note_done(&app.db, today).await?;
    }
    Ok(true)
}

async fn news(app: &App, on: Option<News>) {
    match on {
        Some(news) => app.db.news(news).await,
        None => std::future::pending().await,
    }
}

/// Says how many entries get no number, whenever that is another number than before.
fn tell_of_unreadable(before: usize, now: usize) {
    if now > 0 && now != before {
        tracing::warn!(
            entries = now,
            "entries of the ledger cannot be read and get no number: somebody changed them; `lianshen audit verify` says why"
        );
    }
}

/// How long a loop that follows commits waits for more of them: where everybody writes at once, rounds of one event each
/// would double the commits, on SQLite behind the same one writer.
const GATHER: Duration = Duration::from_millis(20);

/// The pause between two rounds of asking for shared materials.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// How long a round of asking may last before this server counts as behind: longer than one in which nobody answers, for a
/// system that is down elsewhere makes nothing of ours unready.
const ASK_PATIENCE: Duration = Duration::from_mins(15);

/// When a loop goes round.
#[derive(Clone, Copy)]
struct Rhythm {
    /// At the latest after so long.
    every: Duration,
    /// And at news of this kind.
    on: Option<News>,
}

impl Rhythm {
    /// How long a round may take: what others wait for is short, what looks at everything may last a night, however often
    /// it is to.
    fn longest(self) -> Duration {
        if self.on.is_some() || self.every < Duration::from_secs(1) {
            Duration::from_mins(1)
        } else {
            Duration::from_hours(12)
        }
    }

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
    fn whoever_waits_for_other_systems_is_not_cut_off() {
        let asking = Rhythm {
            every: ASK_EVERY,
            on: None,
        };
        assert!(asking.longest() > ASK_PATIENCE);
        let sweeping_often = Rhythm {
            every: Duration::from_secs(1),
            on: None,
        };
        assert_eq!(sweeping_often.longest(), asking.longest());
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        let fast = Rhythm {
            every: Duration::from_millis(500),
            on: Some(News::Committed),
        };
        let pauses: Vec<_> = (0..7).map(|n| fast.pause(n).as_millis()).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
        assert_eq!(fast.pause(u32::MAX), Duration::from_secs(10));
        let slow = Rhythm {
            every: Duration::from_secs(30),
            on: None,
        };
        assert_eq!(slow.pause(3), Duration::from_secs(30));
    }
}
