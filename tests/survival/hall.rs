//! Everybody at the counters: they act over HTTP, and repeat what was not answered until it is.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, RwLock as StdRwLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::{NaiveDate, TimeDelta};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lianshen::env::{Clock as _, MachineClock};
use lianshen_domain::calendar::local_date;
use serde_json::{Value, json};
use tokio::sync::{Mutex, RwLock, RwLockWriteGuard};
use uuid::Uuid;

use super::journal::{Act, Ending, Journal};
use crate::support::answer::Answer;
use crate::support::documents;
use crate::support::seed::PASSWORD;

/// How long a client waits for an answer before it counts as unknown, unless it is told otherwise.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long an act is repeated before it counts as lost.
const LONGEST: Duration = Duration::from_secs(150);

/// What all clients share.
pub struct Hall {
    pub journal: Arc<Journal>,
    /// Where the program listens now.
    address: StdRwLock<SocketAddr>,
    http: Client<HttpConnector, Full<Bytes>>,
    tokens: Mutex<HashMap<String, String>>,
    /// Whoever acts holds it for reading until there is an answer; who wants rest holds it for writing.
    gate: RwLock<()>,
    closing: AtomicBool,
    /// How far the program's clock is ahead of the machine's.
    pub seconds_ahead: AtomicI64,
    patience: std::sync::Mutex<Duration>,
    /// How often a client was told to come back.
    pub told_to_come_back: AtomicI64,
    /// When an act was last acknowledged.
    last_done: std::sync::Mutex<Instant>,
}

/// What an answer says.
enum Said {
    Done,
    Refused(Vec<String>),
    ComeBack(String),
    SignIn,
    Fault(String),
}

impl Hall {
    pub fn open(address: SocketAddr, journal: Journal) -> Arc<Self> {
        Arc::new(Self {
            journal: Arc::new(journal),
            address: StdRwLock::new(address),
            http: Client::builder(TokioExecutor::new()).build_http(),
            tokens: Mutex::default(),
            gate: RwLock::default(),
            closing: AtomicBool::new(false),
            seconds_ahead: AtomicI64::new(0),
            patience: std::sync::Mutex::new(PATIENCE),
            told_to_come_back: AtomicI64::new(0),
            last_done: std::sync::Mutex::new(Instant::now()),
        })
    }

    pub fn turn_to(&self, address: SocketAddr) {
        *self.address.write().unwrap() = address;
    }

    pub fn address(&self) -> SocketAddr {
        *self.address.read().unwrap()
    }

    pub fn set_patience(&self, patience: Duration) {
        *self.patience.lock().unwrap() = patience;
    }

    /// Begins no more lives.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// The day at the centre, by the program's clock.
    pub fn today(&self) -> NaiveDate {
        let ahead = TimeDelta::seconds(self.seconds_ahead.load(Ordering::Relaxed));
        local_date(MachineClock.now() + ahead)
    }

    /// Waits until every act that was sent has its answer, and lets nobody act until the guard is dropped.
    pub async fn rest(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().await
    }

    /// How long ago an act was last acknowledged.
    pub fn since_done(&self) -> Duration {
        self.last_done.lock().unwrap().elapsed()
    }

    /// Sends an act, again and again under the same key until it is answered.
    pub async fn act(&self, act: Act, document: &str, input: Value) -> Option<Answer> {
        let _held = self.gate.read().await;
        let (who, name) = (act.who.clone(), act.name);
        let at = self.journal.sending(act);
        let body = json!({ "query": document, "variables": { "input": input } });
        let began = Instant::now();
        while began.elapsed() < LONGEST {
            let Some(token) = self.token(&who).await else {
                continue;
            };
            self.journal.attempt(at);
            match self.post(Some(&token), &body).await {
                Err(why) => self.journal.unknown(at, &why),
                Ok(answer) => match said(&answer) {
                    Said::Done => {
                        *self.last_done.lock().unwrap() = Instant::now();
                        let about = subject_of(&answer, name);
                        self.journal.answered(at, Ending::Acknowledged, about);
                        return Some(answer);
                    }
                    Said::Refused(codes) => {
                        self.journal.answered(at, Ending::Refused(codes), None);
                        return None;
                    }
                    Said::ComeBack(why) => {
                        self.told_to_come_back.fetch_add(1, Ordering::Relaxed);
                        self.journal.unknown(at, &why);
                    }
                    Said::SignIn => self.forget(&who, &token).await,
                    Said::Fault(what) => {
                        self.journal
                            .fault("answered-by-a-fault", &format!("{name}: {what}"));
                        self.journal.unknown(at, &what);
                    }
                },
            }
            pause().await;
        }
        self.journal.answered(at, Ending::Never, None);
        None
    }

    /// Reads something, again and again until there is an answer; none when it never comes.
    pub async fn ask(&self, who: &str, document: &str, variables: Value) -> Option<Answer> {
        let body = json!({ "query": document, "variables": variables });
        let began = Instant::now();
        while began.elapsed() < LONGEST {
            let Some(token) = self.token(who).await else {
                continue;
            };
            if let Ok(answer) = self.post(Some(&token), &body).await {
                match said(&answer) {
                    Said::Done => return Some(answer),
                    Said::Refused(codes) => {
                        self.journal
                            .fault("answered-by-a-fault", &format!("a reading: {codes:?}"));
                        return None;
                    }
                    Said::SignIn => self.forget(who, &token).await,
                    Said::ComeBack(_) => {
                        self.told_to_come_back.fetch_add(1, Ordering::Relaxed);
                    }
                    Said::Fault(what) => {
                        self.journal
                            .fault("answered-by-a-fault", &format!("a reading: {what}"));
                    }
                }
            }
            pause().await;
        }
        self.journal.fault("never-answered", "a reading");
        None
    }

    /// Reads something once; answers why it could not.
    pub async fn read_now(&self, who: &str) -> Result<(), String> {
        let Some(token) = self.tokens.lock().await.get(who).cloned() else {
            return Err(format!("{who} is not signed in"));
        };
        let body = json!({ "query": &*documents::ME });
        let answer = self.post(Some(&token), &body).await?;
        match said(&answer) {
            Said::Done => Ok(()),
            _ => Err(answer.to_string()),
        }
    }

    /// Whether the program says that it can do its work.
    pub async fn is_ready(&self) -> bool {
        let uri = format!("http://{}/readyz", self.address());
        let Ok(request) = Request::get(uri).body(Full::default()) else {
            return false;
        };
        let asked = tokio::time::timeout(Duration::from_secs(5), self.http.request(request)).await;
        matches!(asked, Ok(Ok(response)) if response.status() == StatusCode::OK)
    }

    /// An access token; none when the program does not give one now.
    async fn token(&self, who: &str) -> Option<String> {
        let mut tokens = self.tokens.lock().await;
        if let Some(token) = tokens.get(who) {
            return Some(token.clone());
        }
        let input = json!({ "accountName": who, "password": PASSWORD });
        let body = json!({ "query": documents::SIGN_IN, "variables": { "input": input } });
        let answer = self.post(None, &body).await.ok();
        let answer = answer.filter(|answer| match said(answer) {
            Said::Fault(what) => {
                self.journal
                    .fault("answered-by-a-fault", &format!("a sign-in: {what}"));
                false
            }
            Said::Refused(codes) => {
                self.journal.fault(
                    "unexpected-refusal",
                    &format!("sign-in of {who}: {codes:?}"),
                );
                false
            }
            said => matches!(said, Said::Done),
        });
        let Some(answer) = answer else {
            drop(tokens);
            pause().await;
            return None;
        };
        let token = answer.text("sessionSignIn.session.accessToken");
        tokens.insert(who.to_owned(), token.clone());
        Some(token)
    }

    /// A token that is not good any more is thrown away, unless there is a newer one.
    async fn forget(&self, who: &str, token: &str) {
        let mut tokens = self.tokens.lock().await;
        if tokens.get(who).is_some_and(|known| known == token) {
            tokens.remove(who);
        }
    }

    async fn post(&self, token: Option<&str>, body: &Value) -> Result<Answer, String> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}/graphql", self.address()))
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/graphql-response+json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = Full::new(Bytes::from(body.to_string()));
        let request = request.body(body).map_err(|error| error.to_string())?;
        let asked = async {
            let response = self
                .http
                .request(request)
                .await
                .map_err(|error| error.to_string())?;
            let (head, body) = response.into_parts();
            let body = body
                .collect()
                .await
                .map_err(|error| error.to_string())?
                .to_bytes();
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            Ok(Answer {
                status: head.status,
                headers: head.headers,
                body,
            })
        };
        let patience = *self.patience.lock().unwrap();
        let asked = tokio::time::timeout(patience, asked).await;
        asked.unwrap_or_else(|_| Err(format!("no answer within {patience:?}")))
    }
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(rand::random_range(40..160))).await;
}

/// The codes by which a program that cannot work just now sends its clients away for a moment.
const COME_BACK: [&str; 2] = ["BUSY", "UNAVAILABLE"];

fn said(answer: &Answer) -> Said {
    let errors = answer.body.get("errors").is_some();
    let codes = answer.codes();
    if codes.iter().any(|code| code == "UNAUTHENTICATED") {
        return Said::SignIn;
    }
    if errors && codes.iter().all(|code| COME_BACK.contains(&code.as_str())) {
        // An answer of which a part is there is an answer, and says only in its errors that another part is not.
        let is_partial = answer.body["data"].is_object() && answer.status == StatusCode::OK;
        let is_told = answer.status == StatusCode::SERVICE_UNAVAILABLE
            && answer.headers.contains_key("retry-after");
        if !is_partial && !is_told {
            return Said::Fault(format!(
                "{codes:?} without 503 and retry-after, but {}",
                answer.status
            ));
        }
        return Said::ComeBack(codes.join(" "));
    }
    if errors || answer.status != StatusCode::OK || !answer.body["data"].is_object() {
        return Said::Fault(format!("{} {codes:?}", answer.status));
    }
    if codes.is_empty() {
        Said::Done
    } else {
        Said::Refused(codes)
    }
}

/// The identifier of what was made, in the answer to a submission.
fn subject_of(answer: &Answer, name: &str) -> Option<Uuid> {
    let id = answer.body["data"][name]["application"]["id"].as_str()?;
    id.split_once(':')?.1.parse().ok()
}
