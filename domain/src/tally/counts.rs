//! What a tally says on a day.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use super::Counted;
use crate::case::{CaseResult, CaseState};
use crate::clock::{CardModel, Lamp, Standing};
use crate::code::Code as _;
use crate::supervision::CardLevel;

/// The counts of a department, or the sum of several, of one day and one month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    open: BTreeMap<CaseState, i64>,
    /// Open cases that stand so or graver.
    at_least: BTreeMap<Standing, i64>,
    ended_as: BTreeMap<CaseResult, i64>,
    ended_in: BTreeMap<Standing, i64>,
    ended_unsuspended: BTreeMap<Standing, i64>,
    raised: BTreeMap<CardLevel, i64>,
    warnings: i64,
}

impl Counts {
    /// Adds a line whose day has come, or which is of the month.
    pub fn add(&mut self, counted: Counted, n: i64) {
        match counted {
            Counted::Open(state) => *self.open.entry(state).or_default() += n,
            Counted::Standing(standing, _) => *self.at_least.entry(standing).or_default() += n,
            Counted::EndedAs(result, _) => *self.ended_as.entry(result).or_default() += n,
            Counted::EndedIn(standing, _) => *self.ended_in.entry(standing).or_default() += n,
            Counted::EndedUnsuspended(standing, _) => {
                *self.ended_unsuspended.entry(standing).or_default() += n;
            }
            Counted::Raised(level, _) => *self.raised.entry(level).or_default() += n,
            Counted::Warning(_) => self.warnings += n,
        }
    }

    /// All open cases.
    pub fn open(&self) -> i64 {
        self.open.values().sum()
    }

    /// Open cases in a state.
    pub fn open_in(&self, state: CaseState) -> i64 {
        self.open.get(&state).copied().unwrap_or_default()
    }

    /// Open cases of which the dates say this on the day, and nothing graver.
    pub fn open_standing(&self, standing: Standing) -> i64 {
        let at_least = |standing: Standing| match standing {
            // Every one has some standing.
            Standing::Undated => self.open(),
            _ => self.at_least.get(&standing).copied().unwrap_or_default(),
        };
        let graver = Standing::ALL.iter().copied().find(|one| *one > standing);
        at_least(standing) - graver.map_or(0, at_least)
    }

    /// Open cases that show a lamp on the day.
    pub fn open_showing(&self, lamp: Lamp, model: CardModel) -> i64 {
        let standings = Standing::ALL.iter().copied();
        standings
            .filter(|standing| model.lamp(*standing) == lamp)
            .map(|standing| self.open_standing(standing))
            .sum()
    }

    /// Cases that ended in the month, without those that were not accepted or were voided.
    pub fn ended(&self) -> i64 {
        let closed = self.ended_as.iter();
        let closed = closed.filter(|(result, _)| result.is_closed_case());
        closed.map(|(_, n)| n).sum()
    }

    /// Cases that ended in the month in one of these ways.
    pub fn ended_as(&self, results: &[CaseResult]) -> i64 {
        let found = results.iter().filter_map(|one| self.ended_as.get(one));
        found.sum()
    }

    /// Cases that ended in the month with a signed decision, when their dates said this.
    pub fn ended_in(&self, standing: Standing) -> i64 {
        self.ended_in.get(&standing).copied().unwrap_or_default()
    }

    /// The same cases, by what their dates would have said if nothing had ever suspended a clock.
    pub fn ended_unsuspended(&self, standing: Standing) -> i64 {
        let found = self.ended_unsuspended.get(&standing);
        found.copied().unwrap_or_default()
    }

    /// Of [`Self::ended`], those that were neither in time nor late: nobody decided them, or no clock of theirs began.
    pub fn ended_unjudged(&self) -> i64 {
        let judged = self.ended_in.iter();
        let judged = judged.filter(|(standing, _)| **standing != Standing::Undated);
        self.ended() - judged.map(|(_, n)| n).sum::<i64>()
    }

    /// Alerts or cards of a level, dated to the month.
    pub fn raised(&self, level: CardLevel) -> i64 {
        self.raised.get(&level).copied().unwrap_or_default()
    }

    /// Warnings that stand.
    pub fn warnings(&self) -> i64 {
        self.warnings
    }
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        fn add<K: Copy + Ord>(to: &mut BTreeMap<K, i64>, more: &BTreeMap<K, i64>) {
            for (key, n) in more {
                *to.entry(*key).or_default() += n;
            }
        }
        add(&mut self.open, &other.open);
        add(&mut self.at_least, &other.at_least);
        add(&mut self.ended_as, &other.ended_as);
        add(&mut self.ended_in, &other.ended_in);
        add(&mut self.ended_unsuspended, &other.ended_unsuspended);
        add(&mut self.raised, &other.raised);
        self.warnings += other.warnings;
    }
}
