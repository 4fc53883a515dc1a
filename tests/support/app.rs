//! The program under test: the real one, in this process, over real HTTP on a port of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lianshen::app::App;
use lianshen::config::Config;
use lianshen::env::Env;
use lianshen::error::AppError;
use lianshen::server::{Running, Server};
use lianshen_domain::calendar::Calendar;
use tokio::sync::Mutex;

use super::client::{Client, Tokens};
use super::clock::ManualClock;
use super::database::TestDatabase;
use super::log::Log;
use super::seed;
use super::statements::{Counted, Statements};

/// The program, its clock, and everybody who may speak to it. Cheap to clone.
#[derive(Clone)]
pub struct TestApp {
    /// What time it is.
    pub clock: Arc<ManualClock>,
    /// What the program says.
    pub log: Log,
    /// Where the database is, for tests that look behind the program's back.
    pub database_url: Arc<str>,
    /// The program itself, for tests that ask it without a wire between; not there when it runs elsewhere.
    program: Option<App>,
    address: SocketAddr,
    http: HttpClient<HttpConnector, Full<Bytes>>,
    statements: Statements,
    tokens: Arc<Mutex<Tokens>>,
}

impl TestApp {
    /// Starts the program on a database.
    pub async fn start(database: &TestDatabase, log: &Log, jobs: bool) -> (Self, Running) {
        Self::start_with(database, log, jobs, |_| {}).await
    }

    /// The same, with a configuration of its own.
    pub async fn start_with(
        database: &TestDatabase,
        log: &Log,
        jobs: bool,
        configure: impl FnOnce(&mut Config),
    ) -> (Self, Running) {
        let started = Self::try_start(database, log, jobs, configure).await;
        started.expect("the program does not start")
    }

    /// The same, where it may refuse to start.
    pub async fn try_start(
        database: &TestDatabase,
        log: &Log,
        jobs: bool,
        configure: impl FnOnce(&mut Config),
    ) -> Result<(Self, Running), AppError> {
        let clock = Arc::new(ManualClock::new());
        let statements = Statements::default();
        let mut config = Config::defaults().unwrap();
        config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.database_url = database.url().into();
        config.pool = 12;
        config.acquire_timeout_seconds = 30;
        config.introspection = true;
        configure(&mut config);
        let server = Server::builder(config)
            .env(Env::new(clock.clone()))
            .observer(statements.observer())
            .jobs(jobs)
            .start()
            .await?;
        let app = Self {
            clock,
            log: log.clone(),
            database_url: database.url().into(),
            program: Some(server.app.clone()),
            address: server.addr,
            http: HttpClient::builder(TokioExecutor::new()).build_http(),
            statements,
            tokens: Arc::default(),
        };
        Ok((app, server))
    }

    /// A program in a process of its own, which somebody else has started on a database.
    pub fn elsewhere(database: &TestDatabase, address: SocketAddr) -> Self {
        Self {
            clock: Arc::new(ManualClock::new()),
            log: Log::default(),
            database_url: database.url().into(),
            program: None,
            address,
            http: HttpClient::builder(TokioExecutor::new()).build_http(),
            statements: Statements::default(),
            tokens: Arc::default(),
        }
    }

    /// The same people, with what they were given to sign in, at another address.
    #[must_use]
    pub fn moved_to(&self, address: SocketAddr) -> Self {
        Self {
            address,
            ..self.clone()
        }
    }

    /// The program itself, for tests that ask it without a wire between.
    pub fn program(&self) -> &App {
        self.program.as_ref().expect("the program runs elsewhere")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The working days of the centre.
    pub fn calendar(&self) -> &'static Calendar {
        seed::working_days()
    }

    /// Lets so many working days pass.
    pub fn advance_workdays(&self, days: u32) {
        self.clock.advance_workdays(self.calendar(), days);
    }

    /// Counts statements from here on.
    pub fn statements(&self) -> Counted {
        self.statements.count()
    }

    /// Somebody by the name of the account.
    pub fn as_(&self, account: &str) -> Client {
        Client::account(self, account)
    }

    /// 窗口人员 at window A01.
    pub fn clerk(&self) -> Client {
        self.as_("clerk")
    }

    /// 审查人员 of a department.
    pub fn reviewer(&self, department: &str) -> Client {
        self.as_(&format!("reviewer-{}", department.to_lowercase()))
    }

    /// 决定人员 of a department.
    pub fn decider(&self, department: &str) -> Client {
        self.as_(&format!("decider-{}", department.to_lowercase()))
    }

    /// 牵头协调人员 of a department.
    pub fn lead(&self, department: &str) -> Client {
        self.as_(&format!("lead-{}", department.to_lowercase()))
    }

    /// 申请人.
    pub fn applicant(&self) -> Client {
        self.as_("applicant")
    }

    /// 中心管理员.
    pub fn administrator(&self) -> Client {
        self.as_("administrator")
    }

    /// 监察人员.
    pub fn supervisor(&self) -> Client {
        self.as_("supervisor")
    }

    /// 系统管理员.
    pub fn system(&self) -> Client {
        self.as_("system")
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Client {
        Client::nobody(self)
    }

    pub(super) fn http(&self) -> &HttpClient<HttpConnector, Full<Bytes>> {
        &self.http
    }

    pub(super) fn tokens(&self) -> &Mutex<Tokens> {
        &self.tokens
    }
}
