//! What counts as a guess.

use std::sync::Arc;

use super::*;
use crate::config::Config;
use crate::db;
use crate::db::scratch::Scratch;
use crate::env::{Env, MachineClock};

const NUMBER: &str = "320999202611240000012";

async fn does(app: &App, statement: &str) {
    let done = db::write(&app.db, async |tx| {
        Ok(tx.execute_unprepared(statement).await?)
    });
    done.await.unwrap();
}

#[tokio::test]
async fn only_who_was_answered_has_guessed() {
    let scratch = Scratch::new();
    let env = Env::new(Arc::new(MachineClock));
    let config = Config::defaults().unwrap();
    let app = crate::server::open_app(config, env, scratch.open().await)
        .await
        .unwrap();
    let guess = async || progress(&app, None, NUMBER, "AAAAAAAAAA", ProgressShows::default()).await;
    does(&app, "ALTER TABLE application RENAME TO elsewhere").await;
    for _ in 0..20 {
        let fault = guess().await.err().expect("nothing can be read");
        assert!(!matches!(fault, AppError::Rejected(_)), "{fault}");
    }
    does(&app, "ALTER TABLE elsewhere RENAME TO application").await;
    for _ in 0..5 {
        assert!(guess().await.unwrap().is_none());
    }
    let refused = guess().await.err().expect("it was guessed five times");
    assert!(matches!(refused, AppError::Rejected(_)), "{refused}");
}
