//! Cards: what the rules of supervision raise, each occurrence once, with its evidence; and what they clear.
//!
//! Whoever takes an application onto the desk, an act or the sweep, raises what is due by then, before anything changes;
//! and what an act makes due, though it be dated to days that are gone, is raised with the act. So nothing hangs on when
//! the sweep comes. The cards are read only if there may be something to raise or to clear.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use lianshen_domain::code::Code as _;
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{CaseId, Id as _};
use lianshen_domain::supervision::{
    CardLevel, Evidence, Findings, Key, Occurrence, RaisedCard, TimeRule, agenda, findings,
    has_gone,
};
use lianshen_entity::{Coded, card};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::announced_before::AnnouncedBefore;
use super::desk::Desk;
use super::mapping::kept;
use super::store;
use crate::db::Tx;
use crate::error::AppError;
use crate::tally::CountedWrites;

/// What is watched while an application lies on the desk.
#[derive(Default)]
pub(super) struct Watch {
    /// The agenda as it was loaded; its warnings that hold are those that are open.
    loaded: Vec<Occurrence>,
    /// The same after time had brought about what it brings: all of it that is past is raised, or about to be.
    settled: Vec<Occurrence>,
    /// The cards that are there, if they were read.
    cards: Option<Vec<card::Model>>,
}

/// What the sweep counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Announced {
    /// Alerts and cards that were raised.
    pub(super) raised: u64,
    /// Warnings whose cause was gone.
    pub(super) cleared: u64,
}

impl Watch {
    /// What is to be written, by the agenda as it stands `now`.
    /// What somebody wanted unlawfully is among it, whatever the clocks say.
    fn findings(
        &self,
        (now, unlawful): (&[Occurrence], &[Occurrence]),
        swept: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Findings {
        let cards = self.cards.as_deref().unwrap_or_default();
        let known: Vec<RaisedCard> = cards.iter().map(raised_card).collect();
        // A threshold that was changed since does not reach back to clocks that had stopped.
        let missing = self
            .settled
            .iter()
            .filter(|one| one.stopped_on.is_none() || swept.is_none_or(|swept| one.on > swept));
        findings(
            &known,
            missing
                .chain(self.fresh(now, today))
                .chain(unlawful)
                .cloned(),
            now,
            today,
        )
    }

    /// Whether something was past before the act.
    fn had_come(&self, key: &Key, today: NaiveDate) -> bool {
        let mut settled = self.settled.iter();
        settled.any(|one| one.on <= today && one.key == *key)
    }

    /// What is past now, and was not before the act.
    fn fresh<'a>(
        &'a self,
        now: &'a [Occurrence],
        today: NaiveDate,
    ) -> impl Iterator<Item = &'a Occurrence> {
        let past = self.settled.iter().filter(move |one| one.on <= today);
        let past: BTreeSet<&Key> = past.map(|one| &one.key).collect();
        now.iter()
            .filter(move |one| one.on <= today && !past.contains(&one.key))
    }
}

impl Desk<'_> {
    /// What the rules raise by the clocks as they are, past and to come.
    pub(super) fn agenda(&self) -> Vec<Occurrence> {
        let thresholds = &self.app.config.thresholds;
        agenda(&self.clocks(), thresholds)
    }

    /// Keeps in mind what is due before anything changes.
    pub(super) fn watch(&mut self, loaded: Vec<Occurrence>, has_lapsed: bool) {
        // Making every clock again is the dearest part of an act, and where nothing lapsed they are what they were.
        let settled = if has_lapsed {
            self.agenda()
        } else {
            loaded.clone()
        };
        self.watch = Watch {
            loaded,
            settled,
            cards: None,
        };
    }

    /// Reads the cards, and so has everything raised that is missing: for whoever finds the application due, and for
    /// whoever changes what stands behind its clocks, such as its calendar.
    pub(super) async fn look_at_cards(&mut self, tx: &Tx) -> Result<(), AppError> {
        if self.watch.cards.is_none() {
            let cards = card::Entity::find()
                .filter(card::Column::ApplicationId.eq(self.row().id))
                .all(&tx.0)
                .await?;
            self.watch.cards = Some(cards);
        }
        Ok(())
    }

    /// Raises and clears what is to be, adds it to what is written, and notes it.
    pub(super) async fn announce(
        &mut self,
        (tx, writes): (&Tx, &mut CountedWrites),
        now: &[Occurrence],
    ) -> Result<Announced, AppError> {
        let today = self.at.today;
        let watch = &self.watch;
        let is_unlawful = !self.unlawful.is_empty();
        if is_unlawful
            || watch.fresh(now, today).next().is_some()
            || has_gone(&watch.loaded, now, today)
        {
            self.look_at_cards(tx).await?;
        }
        if self.watch.cards.is_none() {
            return Ok(Announced::default());
        }
        let swept = self.row().swept_through;
        let Findings { raise, clear } = self.watch.findings((now, &self.unlawful), swept, today);
        let cleared_on = |key: &Key| {
            let found = clear.iter().find(|(cleared, _)| cleared == key);
            found.map(|(_, on)| *on)
        };
        let mut before = match swept {
            Some(_) => AnnouncedBefore::nothing(),
            None => AnnouncedBefore::of(tx, self.row().id).await?,
        };
        let mut rows: Vec<card::Model> = raise
            .iter()
            .map(|one| self.card_row(one, cleared_on(&one.key)))
            .collect::<Result<_, _>>()?;
        let mut raised = 0;
        for (row, one) in rows.iter_mut().zip(&raise) {
            if let Some(at) = before.take(one) {
                row.raised_at = at;
                continue;
            }
            raised += 1;
            let told = self.told(event_of(one.key.rule), row, &one.evidence, one.on);
            let had_come = self.watch.had_come(&one.key, today);
            self.note_found(told, had_come);
        }
        let known = self.watch.cards.take().unwrap_or_default();
        let known: Vec<(card::Model, NaiveDate)> = known
            .into_iter()
            .filter(|row| row.cleared_on.is_none())
            .filter_map(|row| Some((cleared_on(&raised_card(&row).key)?, row)))
            .map(|(on, row)| (row, on))
            .collect();
        let fresh = rows.iter().filter_map(|row| Some((row, row.cleared_on?)));
        let known_and_fresh = known.iter().map(|(row, on)| (row, *on)).chain(fresh);
        let cleared: Vec<Happening> = known_and_fresh
            .map(|(row, on)| {
                let evidence: Evidence = kept(&row.evidence)?;
                Ok(self.told(EventKind::CardCleared, row, &evidence, on))
            })
            .collect::<Result<_, AppError>>()?;
        let announced = Announced {
            raised,
            cleared: cleared.len() as u64,
        };
        for happening in cleared {
            self.note_found(happening, false);
        }
        store::raise_cards(writes, rows);
        store::clear_cards(writes, known);
        Ok(announced)
    }

    fn card_row(
        &self,
        one: &Occurrence,
        cleared_on: Option<NaiveDate>,
    ) -> Result<card::Model, AppError> {
        let application = self.file.application.id.raw();
        Ok(card::Model {
            id: self.app.env.uuid(),
            subject_id: one.key.case.map_or(application, CaseId::raw),
            rule: Coded(one.key.rule),
            occurrence: one.key.occurrence.clone(),
            application_id: application,
            case_id: one.key.case.map(CaseId::raw),
            region: self.row().region.clone(),
            department: one.department.clone().unwrap_or_default(),
            level: Coded(one.level),
            raised_on: one.on,
            raised_at: self.at.now,
            cleared_on,
            evidence: serde_json::to_value(&one.evidence).map_err(AppError::internal)?,
        })
    }

    fn told(
        &self,
        kind: EventKind,
        row: &card::Model,
        evidence: &Evidence,
        on: NaiveDate,
    ) -> Happening {
        let case = row.case_id.map(CaseId::new);
        let case = case.and_then(|id| self.case(id).ok());
        let level: CardLevel = row.level.0;
        let told = Happening {
            case: case.map(|case| case.id),
            department: Some(row.department.clone()).filter(|code| !code.is_empty()),
            ..Happening::of_application(kind)
        }
        .with("rule", row.rule.0.code())
        .with("level", level.code())
        .with("clock", evidence.clock.code())
        .with("on", on.to_string());
        let told = match evidence.due_on {
            Some(due_on) => told.with("due", due_on.to_string()),
            None => told,
        };
        let told = match case {
            Some(case) => told.with("item", case.item.clone()),
            None => told,
        };
        told.dated(on)
    }
}

pub(super) fn raised_card(row: &card::Model) -> RaisedCard {
    RaisedCard {
        key: Key {
            case: row.case_id.map(CaseId::new),
            rule: row.rule.0,
            occurrence: row.occurrence.clone(),
        },
        raised_on: row.raised_on,
        cleared_on: row.cleared_on,
    }
}

/// The event of a card: three kinds had a name of their own from the beginning.
pub(super) fn event_of(rule: TimeRule) -> EventKind {
    match rule {
        TimeRule::PromiseNear | TimeRule::StatutoryNear => EventKind::DeadlineNear,
        TimeRule::PromisePassed => EventKind::PromiseOverdue,
        TimeRule::StatutoryPassed => EventKind::StatutoryOverdue,
        TimeRule::StepPassed
        | TimeRule::AcceptanceCheck
        | TimeRule::ProcedurePassed
        | TimeRule::DeliveryPassed
        | TimeRule::OpinionPassed
        | TimeRule::StillOpen
        | TimeRule::OftenSuspended
        | TimeRule::BeyondNotice => EventKind::CardRaised,
    }
}
