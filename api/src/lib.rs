//! lianshen (联审): joint review for government service centres (政务服务中心).
//!
//! One application at one window, all departments review at the same time, every legal period on its clock.
//! This crate is the shell: it reads and writes, serves and is started. What the law demands is decided in
//! [`lianshen_domain`], which knows no database, no network and no clock.
//!
//! # Who knows whom
//!
//! ```text
//! main ─▶ cli ─▶ server ─▶ http ─▶ graphql ─▶ capabilities ─▶ app ─▶ ledger ─▶ db ─▶ env, error, config
//! crates:  lianshen ─▶ entity ─▶ domain      lianshen ─▶ domain      lianshen ─▶ migration ─▶ nothing of ours
//! ```
//!
//! - A capability knows only those before it: [`identity`], [`calendar`], [`catalogue`], [`tally`], [`case`],
//!   [`review`], then what reads from these, as [`digest`] does. Nobody outside of a capability imports its `store`.
//! - `graphql` names neither `sea_orm` nor the entities; capabilities never name `async_graphql`; the domain
//!   can name neither. Object types refer to each other in circles, so they stand in one layer above all
//!   capabilities.
//! - What reacts to events (subscriptions, the sweep) is started by [`server`] and fed by [`feed`]; who
//!   writes an event does not know who reads it.
//!
//! # Writing
//!
//! - **One door.** [`db::write`] is the only way to a transaction. A store function that writes takes the
//!   transaction first. SQLite has one writer, which begins IMMEDIATE, and acts that wait for it share a commit,
//!   beside readers that cannot write; PostgreSQL locks the application's row first, in every use case, and then in one order:
//!   application, case, review, events. Inside the door nothing else is awaited: no network, no hashing.
//! - **Four lines.** A use case loads, decides, saves, appends events. Every `if` about law or state is in
//!   the domain. Row, event and due dates change in one transaction or not at all.
//! - **Detached.** A use case runs in a task of its own ([`app::App::run`]), never in the request's future: a
//!   client that hangs up cannot stop it half way; nor can it drop half a `BEGIN`, whose transaction would
//!   swallow the next borrower's work.
//! - **Every aggregate has a version**; a stale one is a `CONFLICT`. A command repeated with its idempotency
//!   key gets its first result again and writes nothing.
//!
//! # The ledger
//!
//! Events are appended in the writer's transaction, without a number. The sequencer gives those that are
//! committed a position without gaps and a hash over the previous hash and the event ([`ledger`]). Whoever
//! follows positions skips no late commit, whoever writes waits for no chain, and `lianshen audit verify`
//! names the first entry that is missing or was changed.
//!
//! # Several servers
//!
//! On PostgreSQL several servers may share one database. What one at a time ought to do it does under a [`lease`] with a
//! fence; they wake each other by a [`bell`], which saves waiting and is not relied on. Session and account are read from
//! the database for each request ([`gather`]: those that come at once are read together), and in the same statement up to where the centre has published and adopted; an act reads
//! it again in the statement that holds its application. Nothing older is shown or decided by
//! ([`catalogue::Library::at_least`]). A request may read from a replica once that shows everything that was committed
//! when it began ([`db::Db::for_request`]).
//! A SQLite file has one server, which holds a lock beside it ([`db::Hold`]).
//!
//! # Reading
//!
//! A finder begins with [`case::visible_to`], one of reviews with [`case::reviews_visible_to`]: leaving the filter out
//! must mean writing a longer line. The inbox of open work alone is by region, department and state, which say as much.
//! "Not yours" and "does not exist" are one answer on every path. A request has its own loaders, and nothing is
//! cached between requests but what is published ([`catalogue::Library`]), which never changes once it is.
//! How many there are of each is not asked of the rows: acts keep a [`tally`], by differences beside their rows.
//!
//! # Other systems
//!
//! What other government systems hold is asked of them beside the requests, through one interface
//! ([`exchange::Connector`]), and never inside a transaction: one that does not answer keeps nobody waiting.
//!
//! # Time and chance
//!
//! [`mod@env`] alone asks the machine for the time, for ids and for secrets, [`config`] alone reads its
//! environment; everything else is handed them, so tests set both. A server whose clock PostgreSQL contradicts does no act
//! ([`app::App::act`]) and nothing that time brings about.
//!
//! # Failing
//!
//! A refusal is a value ([`lianshen_domain::rejected::Rejected`]) that reaches the caller with its code, its
//! sentence and its field. A fault is [`error::AppError::Internal`]: it goes to the log, and the caller is
//! told a request id.

// Modules in reading order: what everything stands on,
pub mod config;
pub mod env;
pub mod error;

pub mod db;
pub mod gather;

pub mod bell;
pub mod lease;
pub mod retention;

pub mod ledger;

pub mod feed;

pub mod app;

// what every use case asks,
pub mod authority;
pub mod idempotency;
pub mod page;

// the capabilities, each knowing only those before it,
pub mod identity;

pub mod calendar;

pub mod catalogue;

pub mod tally;

pub mod case;

pub mod review;

pub mod digest;

pub mod exchange;

// the way in,
pub mod graphql;

pub mod http;

// and the program.
pub mod jobs;
pub mod pulse;
pub mod rounds;
pub mod telemetry;

pub mod server;

pub mod demo;

pub mod cli;
