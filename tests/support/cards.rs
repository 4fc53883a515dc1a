//! Alerts and cards: what was raised, by the rows, and the acts that hang on them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use lianshen::case::{self, OnCase, SweepReport};
use lianshen::env::Clock as _;
use lianshen_domain::actor::Actor;
use lianshen_domain::calendar::{local_date, start_of};
use lianshen_domain::clock::Lamp;
use lianshen_domain::code::Code as _;
use lianshen_domain::event::EventKind;
use lianshen_domain::review::ReviewState;
use lianshen_entity::{card, event};
use sea_orm::{EntityTrait as _, QueryOrder as _};
use serde_json::json;
use uuid::Uuid;

use super::app::TestApp;
use super::documents;
use super::world::new_key;

/// The identifier behind `case:…`.
#[track_caller]
pub fn raw(wire: &str) -> Uuid {
    wire.split_once(':').unwrap().1.parse().unwrap()
}

/// The begin of an act on a case.
pub fn on_case(case: &str, happened_on: Option<&str>) -> OnCase {
    OnCase {
        idempotency_key: new_key(),
        case: raw(case),
        happened_on: happened_on.map(|day| day.parse().unwrap()),
        expected_version: None,
    }
}

impl TestApp {
    /// Goes to the morning of a day, or stays if it is later.
    pub fn go_to(&self, day: &str) {
        let nine = start_of(day.parse().unwrap()) + chrono::TimeDelta::hours(9);
        self.clock.set(nine.max(self.clock.now()));
    }

    /// One round of the sweep, as the program runs it beside the requests.
    pub async fn sweep(&self) -> SweepReport {
        let report = case::sweep(self.program()).await.unwrap();
        assert_eq!(report.failed, 0, "an application could not be swept");
        report
    }

    /// Sweeps every morning until a day, that included.
    pub async fn sweep_daily_until(&self, day: &str) {
        let day: NaiveDate = day.parse().unwrap();
        while self.clock.today() < day {
            self.clock.advance(chrono::TimeDelta::days(1));
            self.sweep().await;
        }
    }

    /// Somebody as the program knows them after they signed in.
    pub async fn actor(&self, account: &str) -> Actor {
        self.person(&self.as_(account)).await
    }

    /// All cards, in the order of their days: rule, level, day, and the day on which it was cleared.
    pub async fn cards(&self) -> Vec<String> {
        let rows = self.card_rows().await;
        rows.iter().map(card_line).collect()
    }

    pub async fn card_rows(&self) -> Vec<card::Model> {
        card::Entity::find()
            .order_by_asc(card::Column::RaisedOn)
            .order_by_asc(card::Column::Rule)
            .order_by_asc(card::Column::CaseId)
            .all(self.program().db.reader())
            .await
            .unwrap()
    }

    /// Fails unless the inbox finds every review, whatever became of it, by the lamp that it shows, and by no other.
    pub async fn assert_found_by_lamp(&self) {
        let states: Vec<&str> = ReviewState::ALL.iter().map(|state| state.code()).collect();
        let supervisor = self.supervisor();
        let all = json!({ "first": 100, "filter": { "states": states } });
        let all = supervisor.query(&documents::INBOX, all).await.ok();
        let shown = all.texts("inbox.nodes", "lamp");
        assert!(!shown.is_empty());
        for lamp in Lamp::ALL.iter().map(|lamp| lamp.code()) {
            let filter = json!({ "first": 100, "filter": { "states": states, "lamp": lamp } });
            let found = supervisor.query(&documents::INBOX, filter).await.ok();
            let mut wanted = shown.clone();
            wanted.retain(|shown| shown == lamp);
            assert_eq!(found.texts("inbox.nodes", "lamp"), wanted, "{lamp}");
        }
    }

    /// Fails unless each card was announced by one event, and cleared by one, on its own day.
    pub async fn assert_announced_once(&self) {
        let cards = self.card_rows().await;
        let events = event::Entity::find();
        let events = events.all(self.program().db.reader()).await.unwrap();
        let word = |event: &event::Model, name: &str| {
            event.detail[name].as_str().unwrap_or_default().to_owned()
        };
        let mut told: BTreeMap<(Uuid, bool, String), usize> = BTreeMap::new();
        for event in events
            .iter()
            .filter(|event| EventKind::OF_SUPERVISION.contains(&event.kind.0))
        {
            let is_clear = event.kind.0 == EventKind::CardCleared;
            let words = ["rule", "level", "clock", "on"].map(|name| word(event, name));
            assert_eq!(
                local_date(event.happened_at).to_string(),
                words[3],
                "dated to its day"
            );
            assert_eq!(event.actor, None, "nobody raises a card");
            let subject = event.case_id.or(event.application_id).unwrap();
            *told
                .entry((subject, is_clear, words.join(" ")))
                .or_default() += 1;
        }
        let mut wanted: BTreeMap<(Uuid, bool, String), usize> = BTreeMap::new();
        for card in &cards {
            let clock = card.evidence["clock"].as_str().unwrap();
            let line = |on: NaiveDate| {
                let (rule, level) = (card.rule.0.code(), card.level.0.code());
                format!("{rule} {level} {clock} {on}")
            };
            let mut want = |is_clear, on| {
                let key = (card.subject_id, is_clear, line(on));
                *wanted.entry(key).or_default() += 1;
            };
            want(false, card.raised_on);
            if let Some(on) = card.cleared_on {
                want(true, on);
            }
        }
        assert_eq!(told, wanted, "what was told, and what is there");
        assert!(told.values().all(|times| *times == 1), "{told:?}");
    }
}

/// Rule, level, day, and the day on which it was cleared.
pub fn card_line(card: &card::Model) -> String {
    let (rule, level) = (card.rule.0.code(), card.level.0.code());
    let cleared = card.cleared_on.map(|on| format!(" until {on}"));
    format!(
        "{rule} {level} {}{}",
        card.raised_on,
        cleared.unwrap_or_default()
    )
}
