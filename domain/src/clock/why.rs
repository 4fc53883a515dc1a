//! Why a clock is overdue: what counted, and what came too late to count.

use chrono::NaiveDate;

use super::ledger::Ledger;
use super::sheet::counted;
use super::{Clock, Extension, Interval};
use crate::calendar::Calendar;
use crate::lang::Lang;

/// Something that was to move a clock and did not, because the period was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutEffect {
    /// An extension that was approved, or entered, after the due date (行政许可法 Art. 42).
    Extension(Extension),
    /// A suspension that began, or was entered, after the due date (行政许可法 Art. 45).
    Suspension(Interval),
}

/// What moved a clock and what did not, by what is known on a day.
struct Account {
    extensions: Vec<Extension>,
    suspensions: Vec<Interval>,
    without_effect: Vec<WithoutEffect>,
    /// Suspensions that came in time and excluded no day of the period: begun on its last day, or ended on the day on which
    /// they began.
    idle: Vec<Interval>,
}

impl Clock {
    /// What came too late to move the clock, as known on `today`; nothing while it has no due date.
    pub fn without_effect(&self, calendar: &Calendar, today: NaiveDate) -> Vec<WithoutEffect> {
        let due_on = self.deadline(calendar, today).due_on;
        due_on.map_or_else(Vec::new, |due_on| {
            self.account(calendar, today, due_on).without_effect
        })
    }

    /// The same as remarks in English, in words that never change: programs compare them.
    pub fn notes(&self, calendar: &Calendar, today: NaiveDate) -> Vec<String> {
        let expired_on = self.deadline(calendar, today).projected_on;
        let note = |one: WithoutEffect| match one {
            WithoutEffect::Extension(extension) => format!(
                "extension approved on {} has no effect: clock expired on {expired_on}",
                extension.approved_on
            ),
            WithoutEffect::Suspension(interval) => format!(
                "suspension started on {} has no effect: clock expired on {expired_on}",
                interval.start
            ),
        };
        let without_effect = self.without_effect(calendar, today).into_iter();
        without_effect.map(note).collect()
    }

    /// A short text for whoever asks why: the due date, the days over it, what counted and what did not. `None` unless
    /// the clock is overdue, or was when it stopped.
    pub fn why_overdue(&self, calendar: &Calendar, today: NaiveDate, lang: Lang) -> Option<String> {
        let said = self.deadline(calendar, today);
        let due_on = said.due_on.filter(|_| said.overdue)?;
        let account = self.account(calendar, today, due_on);
        let read_on = self.read_on(today);
        let days = |n: i64| counted(n, said.remaining_unit, lang);
        let over = days(said.remaining.saturating_neg());
        let extension = |one: &Extension| {
            let (added, on) = (days(one.days.into()), one.approved_on);
            lang.pick(
                format!("{on} 批准延期 {added}"),
                format!("extension of {added} approved on {on}"),
            )
        };
        let suspension = |one: &Interval| {
            let start = one.start;
            match one.end {
                Some(end) => lang.pick(
                    format!("{start} 至 {end} 中止"),
                    format!("suspension from {start} to {end}"),
                ),
                None => lang.pick(
                    format!("自 {start} 起中止"),
                    format!("suspension from {start}"),
                ),
            }
        };
        let moved = account.suspensions.iter().map(suspension);
        let moved: Vec<String> = moved
            .chain(account.extensions.iter().map(extension))
            .collect();
        let lost = account.without_effect.iter().map(|one| {
            let (text, entered_on) = match one {
                WithoutEffect::Extension(one) => (extension(one), one.entered_on),
                WithoutEffect::Suspension(one) => (suspension(one), one.start_entered_on),
            };
            let why = match entered_on {
                Some(on) => lang.pick(
                    format!("{on} 补录，已届满"),
                    format!("entered on {on}, after the due date"),
                ),
                None => lang.pick("届满之后", "after the due date").to_owned(),
            };
            lang.pick(format!("{text}（{why}）"), format!("{text} ({why})"))
        });
        let idle = account.idle.iter().map(|one| {
            let text = suspension(one);
            lang.pick(
                format!("{text}（未扣除期限内任何一日）"),
                format!("{text} (it excludes no day of the period)"),
            )
        });
        let lost: Vec<String> = lost.chain(idle).collect();
        let listed = |texts: &[String]| {
            if texts.is_empty() {
                lang.pick("无", "nothing").to_owned()
            } else {
                texts.join(lang.pick("；", "; "))
            }
        };
        let (moved, lost) = (listed(&moved), listed(&lost));
        Some(lang.pick(
            format!("期限已于 {due_on} 届满，至 {read_on} 逾期 {over}。使期限顺延的中止、延期：{moved}。未产生效力的：{lost}。"),
            format!(
                "The period ended on {due_on}; on {read_on} it was over by {over}. It was moved by: {moved}. Without \
                 effect: {lost}."
            ),
        ))
    }

    /// The day on which the clock is read: the stop, if it has come.
    fn read_on(&self, today: NaiveDate) -> NaiveDate {
        self.stopped_on.map_or(today, |stop| stop.min(today))
    }

    fn account(&self, calendar: &Calendar, today: NaiveDate, due_on: NaiveDate) -> Account {
        let read_on = self.read_on(today);
        let ledger = Ledger::of(self, calendar, Some(read_on));
        let is_late = |interval: &Interval| ledger.is_late(interval) || interval.start > due_on;
        let known = self
            .suspensions
            .iter()
            .filter_map(|interval| interval.as_known_on(read_on));
        let (lost, in_time): (Vec<Interval>, Vec<Interval>) = known.partition(is_late);
        let saves_a_day = |one: &Interval| ledger.is_moved_by(one.excluded(self.boundary));
        let (suspensions, idle) = in_time.into_iter().partition(saves_a_day);
        let (late, extensions): (Vec<Extension>, Vec<Extension>) = self
            .extensions
            .iter()
            .filter(|extension| extension.known_from() <= read_on)
            .partition(|extension| ledger.is_late_extension(extension));
        let lost = lost.into_iter().map(WithoutEffect::Suspension);
        Account {
            extensions,
            suspensions,
            without_effect: late
                .into_iter()
                .map(WithoutEffect::Extension)
                .chain(lost)
                .collect(),
            idle,
        }
    }
}
