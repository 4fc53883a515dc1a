//! The pulse: whether the background loops still do their work, and whether the program is on its way out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The last success of one background loop, and how far the round is that goes on.
///
/// It's measured on the monotonic clock: setting the machine's clock makes no loop late.
#[derive(Debug)]
pub struct Beat {
    name: &'static str,
    patience: Duration,
    last: Mutex<Instant>,
    /// When the round that goes on has last got somewhere; none between rounds, so that a failed one counts for nothing.
    at_work: Mutex<Option<Instant>>,
}

impl Beat {
    /// The name of the loop.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How long ago a round last succeeded.
    pub fn lag(&self) -> Duration {
        held(&self.last).elapsed()
    }

    /// Whether that is longer ago than it may be, and a round that goes on has not got anywhere for as long.
    pub fn is_late(&self) -> bool {
        let at_work = *held(&self.at_work);
        let silent = at_work.map_or(self.lag(), |at| at.elapsed().min(self.lag()));
        silent > self.patience
    }

    /// Whoever gets on during a round says so by [`at_work`].
    pub(crate) async fn during<R>(self: Arc<Self>, round: impl Future<Output = R>) -> R {
        let done = ROUND_OF.scope(self.clone(), round).await;
        *held(&self.at_work) = None;
        done
    }

    /// A round has succeeded.
    pub(crate) fn strike(&self) {
        *held(&self.last) = Instant::now();
    }
}

fn held<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

tokio::task_local! {
    /// The loop whose round this is.
    static ROUND_OF: Arc<Beat>;
}

/// Another part of a long round is done: the loop is not silent, however long all of it takes. Outside the loops it says
/// nothing.
pub(crate) fn at_work() {
    let _ = ROUND_OF.try_with(|beat| *held(&beat.at_work) = Some(Instant::now()));
}

/// What readiness is judged by.
#[derive(Debug, Default)]
pub struct Pulse {
    beats: Mutex<Vec<Arc<Beat>>>,
    closing: AtomicBool,
}

impl Pulse {
    /// Watches one more loop, which begins now and may be silent for so long.
    pub fn watch(&self, name: &'static str, patience: Duration) -> Arc<Beat> {
        let beat = Arc::new(Beat {
            name,
            patience,
            last: Mutex::new(Instant::now()),
            at_work: Mutex::default(),
        });
        held(&self.beats).push(beat.clone());
        beat
    }

    /// The loops that are watched.
    pub fn beats(&self) -> Vec<Arc<Beat>> {
        held(&self.beats).clone()
    }

    /// From now on the program is not ready, whatever else is true.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Whether the program is on its way out.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_loop_is_late_until_it_strikes() {
        let pulse = Pulse::default();
        let beat = pulse.watch("sweep", Duration::from_millis(20));
        assert!(!beat.is_late());
        std::thread::sleep(Duration::from_millis(30));
        assert!(pulse.beats()[0].is_late());
        beat.strike();
        assert!(!beat.is_late());
    }

    #[tokio::test]
    async fn a_round_that_goes_on_is_not_late_however_long_it_takes() {
        let pulse = Pulse::default();
        let beat = pulse.watch("nightly", Duration::from_millis(40));
        beat.clone()
            .during(async {
                tokio::time::sleep(Duration::from_millis(60)).await;
                assert!(beat.is_late());
                at_work();
                assert!(!beat.is_late());
                tokio::time::sleep(Duration::from_millis(60)).await;
                assert!(beat.is_late(), "it stands still");
                at_work();
            })
            .await;
        assert!(
            beat.is_late(),
            "what was done in a round that failed counts for nothing"
        );
        at_work();
        assert!(beat.is_late(), "who is no round speaks for none");
    }
}
