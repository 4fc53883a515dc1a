//! Being told: what changes is announced to those who may see it, and to nobody else.

use std::time::Duration;

use serde_json::json;

use crate::support::{documents, each_db};

each_db! {
    with jobs

    async fn an_inbox_that_changes_says_so(app: TestApp) {
        let reviewer = app.reviewer("SJJ");
        let mut changes = reviewer.subscribe(&documents::INBOX_CHANGED, json!({})).await;
        let mut elsewhere = app.reviewer("CGJ").subscribe(&documents::INBOX_CHANGED, json!({})).await;
        // The subscription stands once the program has answered something sent after it.
        tokio::time::sleep(Duration::from_millis(300)).await;

        app.submit(&["SJJ-01-002"]).await;

        assert!(changes.next_within(Duration::from_secs(10)).await.is_some(), "no change was announced");
        assert_eq!(elsewhere.next_within(Duration::from_millis(500)).await, None, "another department's change");
    }
}
