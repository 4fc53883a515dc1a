//! An exchange front end as a region has one, on a port of its own: it answers as it is told, and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What it was asked: the bearer token, and the question.
pub type Asked = (String, Value);

#[derive(Default)]
struct Kept {
    answers: BTreeMap<String, (u16, String)>,
    asked: Vec<Asked>,
}

/// The front end. Cheap to clone.
#[derive(Clone, Default)]
pub struct Exchange {
    kept: Arc<Mutex<Kept>>,
    /// Who answers waits for its turn.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Where it listens.
    pub url: String,
}

impl Exchange {
    /// Listens; what it was not told of, nobody holds.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let exchange = Self {
            url: format!("http://{}/share", listener.local_addr().unwrap()),
            ..Self::default()
        };
        let routes = Router::new()
            .route("/share", post(answer))
            .with_state(exchange.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        exchange
    }

    /// Answers a question for a material so, from here on.
    pub fn answers(&self, material: &str, status: u16, body: impl Into<String>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.answers
            .insert(material.to_owned(), (status, body.into()));
    }

    /// Holds a material.
    pub fn holds(&self, material: &str) {
        let body = json!({ "held": true, "copies": 1, "fileName": format!("{material}.ofd"), "sha256": "A".repeat(64) });
        self.answers(material, 200, body.to_string());
    }

    /// Holds every answer back for as long as this is kept.
    pub async fn hold_back(&self) -> tokio::sync::OwnedMutexGuard<()> {
        self.turn.clone().lock_owned().await
    }

    /// Waits until somebody has asked.
    pub async fn wait_for_a_question(&self) {
        let is_asked = || {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            !kept.asked.is_empty()
        };
        while !is_asked() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What it was asked since somebody looked last.
    pub fn asked(&self) -> Vec<Asked> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = std::mem::take(&mut kept.asked);
        asked.sort_by_key(|(_, question)| question["material"].to_string());
        asked
    }
}

async fn answer(
    State(exchange): State<Exchange>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let question: Value = serde_json::from_str(&body).unwrap();
    let token = headers.get("authorization");
    let token = token.map_or("", |token| token.to_str().unwrap()).to_owned();
    let (status, body) = {
        let mut kept = exchange.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.answers.get(question["material"].as_str().unwrap());
        let known = known.cloned().unwrap_or((404, String::new()));
        kept.asked.push((token, question));
        known
    };
    let _turn = exchange.turn.lock().await;
    (StatusCode::from_u16(status).unwrap(), body)
}
