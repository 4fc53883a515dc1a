//! The feed: what the sequencer has numbered, handed to whoever in this process listens.
//!
//! It follows positions, so it never skips a late commit. It is not the record: who must not miss
//! anything reads on from a position with [`crate::ledger::after`].

use std::sync::Arc;

use lianshen_entity::event;
use tokio::sync::broadcast;

/// The hub between the sequencer and its listeners. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed {
    hub: broadcast::Sender<Arc<event::Model>>,
}

impl Feed {
    /// A hub that keeps so many events for a listener that is behind.
    pub fn new(kept: usize) -> Self {
        let (hub, _) = broadcast::channel(kept.max(1));
        Self { hub }
    }

    /// Listens from now on.
    ///
    /// A listener that falls too far behind is told `Lagged` once, with the number of events it missed, and
    /// goes on with the oldest that is kept; it should then read again what it shows.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<event::Model>> {
        self.hub.subscribe()
    }

    /// Hands an event to all who listen, if anybody does.
    pub(crate) fn publish(&self, event: event::Model) {
        let _ = self.hub.send(Arc::new(event));
    }
}

impl Default for Feed {
    fn default() -> Self {
        Self::new(4_096)
    }
}

#[cfg(test)]
mod tests {
    use lianshen_domain::event::EventKind;
    use lianshen_entity::Coded;
    use tokio::sync::broadcast::error::RecvError;
    use uuid::Uuid;

    use super::*;

    fn event(position: i64) -> event::Model {
        event::Model {
            id: Uuid::nil(),
            application_id: None,
            case_id: None,
            review_id: None,
            region: "330100".to_owned(),
            kind: Coded(EventKind::AccountCreated),
            department: None,
            public: false,
            happened_at: chrono::DateTime::UNIX_EPOCH,
            entered_at: chrono::DateTime::UNIX_EPOCH,
            actor: None,
            actor_role: None,
            detail: serde_json::json!({}),
            position: Some(position),
            hash: None,
        }
    }

    #[tokio::test]
    async fn every_listener_hears_in_order() {
        let feed = Feed::new(4);
        feed.publish(event(1));
        let (mut one, mut two) = (feed.subscribe(), feed.subscribe());
        feed.publish(event(2));
        feed.publish(event(3));
        for listener in [&mut one, &mut two] {
            assert_eq!(listener.recv().await.unwrap().position, Some(2));
            assert_eq!(listener.recv().await.unwrap().position, Some(3));
        }
    }

    #[tokio::test]
    async fn who_is_behind_is_told_and_goes_on() {
        let feed = Feed::new(2);
        let mut slow = feed.subscribe();
        for position in 1..=5 {
            feed.publish(event(position));
        }
        assert!(matches!(slow.recv().await, Err(RecvError::Lagged(3))));
        assert_eq!(slow.recv().await.unwrap().position, Some(4));
    }
}
