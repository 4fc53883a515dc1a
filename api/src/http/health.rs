//! For operators and balancers: `/healthz`, `/readyz`, `/metrics`. They name what is not ready and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;

use crate::app::App;
use crate::error::AppError;
use crate::pulse::Pulse;
use crate::telemetry;

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// The routes. They ask for no sign-in; a proxy in front should not pass them on to the public.
pub fn routes(app: App, metrics: PrometheusHandle, pulse: Arc<Pulse>) -> Router {
    let watch = Arc::new(Watch {
        app,
        metrics,
        pulse,
        is_migrated: AtomicBool::new(false),
    });
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .with_state(watch)
}

struct Watch {
    app: App,
    metrics: PrometheusHandle,
    pulse: Arc<Pulse>,
    /// Once all migrations have run they stay so while this program runs.
    is_migrated: AtomicBool,
}

/// The process answers.
async fn alive() -> Response {
    plain(StatusCode::OK, Health { status: "alive" })
}

/// The process can do its work.
async fn ready(State(watch): State<Arc<Watch>>) -> Response {
    let not_ready = watch.not_ready().await;
    let (status, is_ready) = if not_ready.is_empty() {
        (StatusCode::OK, true)
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, false)
    };
    plain(
        status,
        Readiness {
            ready: is_ready,
            not_ready,
        },
    )
}

/// Prometheus text.
async fn figures(State(watch): State<Arc<Watch>>) -> Response {
    for beat in watch.pulse.beats() {
        metrics::gauge!(telemetry::JOB_LAG_SECONDS, "job" => beat.name())
            .set(beat.lag().as_secs_f64());
    }
    let form = (
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    );
    ([form], watch.metrics.render()).into_response()
}

impl Watch {
    /// The names of what is not ready, for people who know the program; no errors, no addresses.
    async fn not_ready(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        if self.pulse.is_closing() {
            names.push("closing");
        }
        let ping = tokio::time::timeout(PATIENCE, self.app.db.ping()).await;
        if let Ok(Ok(told)) = ping {
            if told.is_some_and(|told| self.app.env.contradicted_by(told).is_some()) {
                names.push("clock");
            }
            names.extend(self.of_tables().await);
            if !self.app.db.takes_writes() {
                names.push("writing");
            }
        } else {
            names.push("database");
        }
        let late = self
            .pulse
            .beats()
            .into_iter()
            .filter(|beat| beat.is_late())
            .map(|beat| beat.name());
        names.extend(late);
        names
    }

    /// What is not ready of the tables: that they are not those of this program, or that nobody could be asked.
    async fn of_tables(&self) -> Option<&'static str> {
        if self.is_migrated.load(Ordering::Relaxed) {
            return None;
        }
        let pending = tokio::time::timeout(PATIENCE, self.app.db.pending_migrations()).await;
        match pending {
            Ok(Ok(pending)) if pending.is_empty() => {
                self.is_migrated.store(true, Ordering::Relaxed);
                None
            }
            // Some have not run, or those of a newer program have.
            Ok(Ok(_) | Err(AppError::Internal(_))) => Some("migrations"),
            Ok(Err(_)) | Err(_) => Some("database"),
        }
    }
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Readiness {
    ready: bool,
    not_ready: Vec<&'static str>,
}

fn plain(status: StatusCode, body: impl Serialize) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
