//! What is asked most, without a wire: the pure core, and the ten hottest documents through the whole of the program,
//! from the bytes of a request to those of its answer.

use std::hint::black_box;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use chrono::{Days, NaiveDate};
use http::{Request, header};
use http_body_util::BodyExt as _;
use lianshen::config::Config;
use lianshen::env::{Env, MachineClock};
use lianshen::error::AppError;
use lianshen::http::caller::Callers;
use lianshen::http::{MintId, Now, TransportConfig};
use lianshen::{calendar, graphql, server};
use lianshen_domain::calendar::Calendar;
use lianshen_domain::clock::{
    Boundary, Clock, Component, Interval, JointPolicy, Limit, joint_suspensions,
};
use memchr::memmem::find;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::centre::{self, names};
use crate::life;
use crate::operation::documents;
use crate::world::Target;

/// Names of what the core does.
pub const PURE: [&str; 5] = [
    "calendar: add 20 working days",
    "clock: due date",
    "clock: deadline",
    "clock: deadline, two suspensions and an extension",
    "joint: suspensions of five components",
];

/// What the core works on.
pub struct Core {
    calendar: Calendar,
    plain: Clock,
    eventful: Clock,
    components: Vec<Component>,
    day: NaiveDate,
}

impl Core {
    /// The adopted calendar, and a spring with its holidays.
    ///
    /// # Errors
    /// When the notices cannot be read.
    pub fn open() -> Result<Self, AppError> {
        let notices = calendar::parse(centre::HOLIDAYS).map_err(AppError::internal)?;
        let calendar = Calendar::try_new(&notices)
            .map_err(|faults| AppError::internal(format!("{faults:?}")))?;
        let day = NaiveDate::from_ymd_opt(2026, 1, 26).unwrap_or_default();
        let on = |days| day + Days::new(days);
        let components = (0..5).map(|number| Component {
            starts_on: day,
            decided_on: (number % 2 == 0).then(|| on(20 + number)),
            decided_entered_on: None,
            suspensions: vec![
                Interval::closed(on(2 + number), on(6 + number)),
                Interval::closed(on(9 + number), on(14)),
            ],
        });
        Ok(Self {
            plain: Clock::new(day, Limit::workdays(20)),
            eventful: Clock::new(day, Limit::workdays(20))
                .suspended(Interval::closed(on(3), on(9)))
                .suspended(Interval::closed(on(8), on(13)))
                .extended(on(14), 10),
            components: components.collect(),
            calendar,
            day,
        })
    }

    /// Does the n-th of [`PURE`] once.
    pub fn once(&self, which: usize) {
        let today = self.day + Days::new(15);
        match which {
            0 => {
                black_box(self.calendar.add_workdays(black_box(self.day), 20));
            }
            1 => {
                black_box(black_box(&self.plain).due_on(&self.calendar));
            }
            2 => {
                black_box(black_box(&self.plain).deadline(&self.calendar, today));
            }
            3 => {
                black_box(black_box(&self.eventful).deadline(&self.calendar, today));
            }
            _ => {
                black_box(joint_suspensions(
                    JointPolicy::Any,
                    Boundary::default(),
                    black_box(&self.components),
                ));
            }
        }
    }
}

/// A document that is asked often.
struct Asked {
    who: Option<String>,
    variables: Value,
    text: &'static str,
}

/// The program without its wire, and the ten hottest documents.
pub struct Hot {
    router: Router,
    asked: Vec<(&'static str, Option<String>, String)>,
    submitted: std::cell::Cell<u64>,
}

const SUBMIT: &str = "submit and accept";

/// Names of the ten documents.
pub const DOCUMENTS: [&str; 10] = [
    "application",
    "inbox of 50",
    "inbox counts",
    "deciding cases",
    "supervisor's dashboard",
    "progress",
    "timeline",
    "applications of a window",
    "guide",
    SUBMIT,
];

impl Hot {
    /// Opens a database that was grown, in this process.
    ///
    /// # Errors
    /// When it cannot be opened, or lets nobody in.
    pub async fn open(database: &str) -> Result<Self, AppError> {
        let mut config = Config::defaults().map_err(AppError::internal)?;
        config.database_url = database.into();
        config.access_token_minutes = 600;
        config.session_idle_minutes = 600;
        let env = Env::new(Arc::new(MachineClock));
        let db = server::open_database(&config, None, false).await?;
        let app = server::open_app(config, env, db).await?;
        let (ids, clock) = (app.env.clone(), app.env.clone());
        let mint_id: MintId = Arc::new(move || ids.uuid());
        let now: Now = Arc::new(move || clock.now());
        let transport = TransportConfig::new(mint_id, now, CancellationToken::new());
        let schema = graphql::schema(app.clone(), graphql::ExecutionLimits::default());
        let router = lianshen::http::routes(schema, Arc::new(Callers(app)), transport);
        let mut hot = Self {
            router,
            asked: Vec::new(),
            submitted: std::cell::Cell::new(0),
        };
        let target = crate::world::middle(database).await?;
        for (name, asked) in DOCUMENTS.into_iter().zip(asked(&target)?) {
            let token = match &asked.who {
                Some(name) => Some(hot.sign_in(name).await?),
                None => None,
            };
            let body = json!({ "query": asked.text, "variables": asked.variables });
            hot.asked.push((name, token, body.to_string()));
        }
        Ok(hot)
    }

    /// Asks the n-th document once, and makes sure of its answer.
    ///
    /// # Errors
    /// When the answer is not what it should be.
    pub async fn once(&self, which: usize) -> Result<(), AppError> {
        let (name, token, body) = &self.asked[which];
        let body = if *name == SUBMIT {
            let nth = self.submitted.get() + 1;
            self.submitted.set(nth);
            body.replace("KEY", &format!("{nth}-{:x}", rand::random::<u64>()))
        } else {
            body.clone()
        };
        let answer = self.ask(token.as_deref(), body).await?;
        let is_good = answer.starts_with(b"{\"data\":{")
            && find(&answer, b"\"errors\":[").is_none()
            && find(&answer, b"\"userErrors\":[{").is_none();
        if is_good {
            return Ok(());
        }
        let answer: String = String::from_utf8_lossy(&answer).chars().take(300).collect();
        Err(AppError::internal(format!("{name}: {answer}")))
    }

    async fn ask(&self, token: Option<&str>, body: String) -> Result<Vec<u8>, AppError> {
        let mut request = Request::post("/graphql")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/graphql-response+json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body)).map_err(AppError::internal)?;
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .map_err(AppError::internal)?;
        let answer = answer.into_body().collect().await;
        Ok(answer.map_err(AppError::internal)?.to_bytes().to_vec())
    }

    async fn sign_in(&self, name: &str) -> Result<String, AppError> {
        let body = json!({
            "query": "mutation SignIn($input: SessionSignInInput!) { sessionSignIn(input: $input) { \
                      session { accessToken } userErrors { code } } }",
            "variables": { "input": { "accountName": name, "password": centre::PASSWORD } },
        });
        let answer = self.ask(None, body.to_string()).await?;
        let answer: Value = serde_json::from_slice(&answer).map_err(AppError::internal)?;
        let token = answer["data"]["sessionSignIn"]["session"]["accessToken"].as_str();
        token
            .map(str::to_owned)
            .ok_or_else(|| AppError::internal(format!("{name} cannot sign in")))
    }
}

fn asked(target: &Target) -> Result<Vec<Asked>, AppError> {
    let department = &centre::published()?.departments[0].code;
    let clerk = Some(names::clerk(target.clerk));
    let reviewer = Some(names::reviewer(department, 0));
    let supervisor = Some(names::SUPERVISOR.to_owned());
    let ask = |who: &Option<String>, variables, text| Asked {
        who: who.clone(),
        variables,
        text,
    };
    let materials = crate::world::materials(&centre::published()?)?;
    let submit = json!({ "input": {
        "idempotencyKey": "KEY",
        "bundleCode": centre::bundle_code(0),
        "applicant": {
            "kind": "ENTERPRISE", "name": life::name_of(1),
            "idNumber": life::credit_code_of(1), "phone": "13800000000",
        },
        "materials": materials[0],
    } });
    // In the order of their names.
    Ok(vec![
        ask(&clerk, json!({ "id": target.id }), documents::APPLICATION),
        ask(&reviewer, json!({ "first": 50 }), documents::INBOX),
        ask(&reviewer, json!({}), documents::INBOX_COUNTS),
        ask(&supervisor, json!({}), documents::CASES),
        ask(&supervisor, json!({}), documents::DASHBOARD),
        ask(
            &None,
            json!({ "receiptNumber": target.receipt, "queryCode": target.query_code }),
            documents::PROGRESS,
        ),
        ask(&clerk, json!({ "id": target.id }), documents::TIMELINE),
        ask(&clerk, json!({}), documents::APPLICATIONS),
        ask(
            &None,
            json!({ "bundleCode": centre::bundle_code(0) }),
            documents::GUIDE,
        ),
        ask(&clerk, submit, documents::SUBMIT),
    ])
}
