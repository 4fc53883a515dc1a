//! When the database was last heard: as long as it answers somebody, connections come home without being asked.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A silence that makes one suspicious.
const SILENCE: Duration = Duration::from_secs(1);

/// The last answer to a statement of this program.
#[derive(Debug)]
pub(super) struct Heard {
    begun: Instant,
    /// Milliseconds from the beginning.
    at: AtomicU64,
}

impl Heard {
    pub(super) fn new() -> Self {
        Self {
            begun: Instant::now(),
            at: AtomicU64::new(0),
        }
    }

    /// Notes an answer.
    pub(super) fn note(&self) {
        let at = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.at.fetch_max(at, Ordering::Relaxed);
    }

    /// Whether nothing was heard for so long that the database may be gone without a word.
    pub(super) fn is_silent(&self) -> bool {
        let at = Duration::from_millis(self.at.load(Ordering::Relaxed));
        self.begun.elapsed().saturating_sub(at) > SILENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_the_silence() {
        let heard = Heard {
            begun: Instant::now().checked_sub(Duration::from_secs(10)).unwrap(),
            at: AtomicU64::new(0),
        };
        assert!(heard.is_silent());
        heard.note();
        assert!(!heard.is_silent());
    }
}
