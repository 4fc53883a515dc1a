//! Electronic supervision (电子监察) of time: which day raises an alert or a card, by which rule, on what evidence.
//!
//! Rules are evaluated on working days: a card that comes on a rest day reaches nobody, so what passes on a Friday is
//! raised on the Monday. Each occurrence is raised once; the cause of an alert may go away, a card stays.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::application::FileClock;
use crate::calendar::Calendar;
use crate::clock::{Clock, ClockKind, Running, Warning};
use crate::coded;
use crate::ids::CaseId;

coded! {
    /// The rules of time.
    pub enum TimeRule {
        /// TIME-01 承诺时限将届满: nine tenths of the promise are charged, or one working day is left.
        PromiseNear = "TIME_01",
        /// TIME-02 承诺时限届满: the promise passed.
        PromisePassed = "TIME_02",
        /// TIME-03 法定时限将届满: one tenth of the statutory period is left, at least one day.
        StatutoryNear = "TIME_03",
        /// TIME-04 法定时限届满: the statutory or the joint period passed.
        StatutoryPassed = "TIME_04",
        /// TIME-05 环节超时: a step took longer than its days, although the case is in time.
        StepPassed = "TIME_05",
        /// TIME-06 受理审查: one working day of the acceptance check is left, or it passed and silence accepted.
        AcceptanceCheck = "TIME_06",
        /// TIME-07 特别程序超时: a special procedure took longer than the applicant was told.
        ProcedurePassed = "TIME_07",
        /// TIME-08 送达超时: the period for delivery passed.
        DeliveryPassed = "TIME_08",
        /// TIME-09 意见超时: the period for an opinion passed.
        OpinionPassed = "TIME_09",
        /// TIME-10 承诺届满后仍未办结: the promise passed, and days later the case is still open.
        StillOpen = "TIME_10",
    }
}

coded! {
    /// How grave an occurrence is.
    pub enum CardLevel {
        /// 预警: somebody is told; it goes away with its cause.
        Alert = "ALERT",
        /// 黄牌.
        Yellow = "YELLOW",
        /// 红牌.
        Red = "RED",
    }
}

coded! {
    /// What the colours mean; centres differ.
    #[derive(Default)]
    pub enum CardModel {
        /// A card is a sanction for what was late; before it comes an alert (梅州, 中山).
        #[default]
        SanctionCards = "SANCTION_CARDS",
        /// Yellow warns before the limit, red says that it passed (成都, 榆林).
        WarningColours = "WARNING_COLOURS",
    }
}

/// What an occurrence rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The clock.
    pub clock: ClockKind,
    /// The n-th of its kind.
    pub ordinal: u32,
    /// The day from which it ran.
    pub anchor_on: NaiveDate,
    /// Its due date.
    pub due_on: Option<NaiveDate>,
    /// The days charged by the day of the occurrence.
    pub charged: i64,
    /// The days of the limit and of its extensions.
    pub total: i64,
    /// The legal source of the clock.
    pub article: String,
}

/// One thing that a rule raises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The rule.
    pub rule: TimeRule,
    /// How grave.
    pub level: CardLevel,
    /// The day on which it is raised.
    pub on: NaiveDate,
    /// The case; `None` for the application as a whole.
    pub case: Option<CaseId>,
    /// What tells it apart from others of its rule on the same subject.
    pub occurrence: String,
    /// What it rests on.
    pub evidence: Evidence,
}

/// The thresholds of the rules. Each is a key of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// What the colours mean.
    pub card_model: CardModel,
    /// Rules that are switched off.
    pub off: Vec<TimeRule>,
    /// TIME-06: working days left of the acceptance check when it warns.
    pub acceptance_days_left: u32,
    /// TIME-07: working days over the notified time after which yellow becomes red.
    pub procedure_red_after: u32,
    /// TIME-10: working days after the promise on which an open case raises red.
    pub still_open_after: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            card_model: CardModel::default(),
            off: Vec::new(),
            acceptance_days_left: 1,
            procedure_red_after: 5,
            still_open_after: 3,
        }
    }
}

impl CardModel {
    /// The level that a rule raises under this model.
    pub fn level(self, sanction: CardLevel) -> CardLevel {
        match (self, sanction) {
            (Self::SanctionCards, level) => level,
            (Self::WarningColours, CardLevel::Alert) => CardLevel::Yellow,
            (Self::WarningColours, _) => CardLevel::Red,
        }
    }
}

/// Everything that the clocks of a file raise, past and to come, by what is recorded; in the order of the days.
pub fn agenda(clocks: &[FileClock], thresholds: &Thresholds) -> Vec<Occurrence> {
    let mut all: Vec<Occurrence> = clocks
        .iter()
        .flat_map(|clock| Watched::of(clock, thresholds).occurrences())
        .filter(|occurrence| !thresholds.off.contains(&occurrence.rule))
        .collect();
    all.sort_by_key(|occurrence| occurrence.on);
    all
}

/// One clock under the eyes of the rules.
struct Watched<'a> {
    case: Option<CaseId>,
    running: &'a Running,
    calendar: &'a Calendar,
    thresholds: &'a Thresholds,
    due_on: Option<NaiveDate>,
}

impl<'a> Watched<'a> {
    fn of(clock: &'a FileClock, thresholds: &'a Thresholds) -> Self {
        Self {
            case: clock.case,
            running: &clock.running,
            calendar: &clock.calendar,
            thresholds,
            due_on: clock.due_on(),
        }
    }

    fn clock(&self) -> &Clock {
        &self.running.clock
    }

    fn occurrences(&self) -> Vec<Occurrence> {
        use CardLevel::{Alert, Red, Yellow};
        let found = match self.running.kind {
            ClockKind::Promised => vec![
                self.near(TimeRule::PromiseNear, Warning::Promised),
                self.passed(TimeRule::PromisePassed, Yellow, 1),
                self.passed(TimeRule::StillOpen, Red, self.thresholds.still_open_after),
            ],
            ClockKind::JointPromised => vec![
                self.near(TimeRule::PromiseNear, Warning::Promised),
                self.passed(TimeRule::PromisePassed, Yellow, 1),
            ],
            ClockKind::Statutory | ClockKind::Joint => vec![
                self.near(TimeRule::StatutoryNear, Warning::Statutory),
                self.passed(TimeRule::StatutoryPassed, Red, 1),
            ],
            ClockKind::Step => vec![self.passed(TimeRule::StepPassed, Yellow, 1)],
            ClockKind::AcceptanceCheck => vec![
                self.before(
                    TimeRule::AcceptanceCheck,
                    Alert,
                    self.thresholds.acceptance_days_left,
                ),
                self.passed(TimeRule::AcceptanceCheck, Yellow, 1),
            ],
            ClockKind::Special => vec![
                self.passed(TimeRule::ProcedurePassed, Yellow, 1),
                self.passed(
                    TimeRule::ProcedurePassed,
                    Red,
                    self.thresholds.procedure_red_after.saturating_add(1),
                ),
            ],
            ClockKind::Delivery => vec![self.passed(TimeRule::DeliveryPassed, Yellow, 1)],
            ClockKind::Opinion => vec![self.passed(TimeRule::OpinionPassed, Yellow, 1)],
            _ => Vec::new(),
        };
        found.into_iter().flatten().collect()
    }

    /// An alert by the share of days that are left.
    fn near(&self, rule: TimeRule, warning: Warning) -> Option<Occurrence> {
        let on = self.clock().warning_from(self.calendar, warning)?;
        Some(self.occurrence(rule, CardLevel::Alert, on))
    }

    /// An alert so many working days before the end; never before the start.
    fn before(&self, rule: TimeRule, level: CardLevel, days: u32) -> Option<Occurrence> {
        let on = self.calendar.subtract_workdays(self.due_on?, days);
        let on = on.max(self.clock().anchor);
        let was_open = self.clock().stopped_on.is_none_or(|stop| stop >= on);
        was_open.then(|| self.occurrence(rule, level, on))
    }

    /// So many working days after the end, if nothing stopped the clock until then; on the first of them, if it was
    /// stopped late at all.
    fn passed(&self, rule: TimeRule, level: CardLevel, days: u32) -> Option<Occurrence> {
        let due_on = self.due_on?;
        let on = self.calendar.add_workdays(due_on, days);
        let was_open = self
            .clock()
            .stopped_on
            .is_none_or(|stop| if days == 1 { stop > due_on } else { stop >= on });
        was_open.then(|| self.occurrence(rule, level, on))
    }

    fn occurrence(&self, rule: TimeRule, sanction: CardLevel, on: NaiveDate) -> Occurrence {
        let kind = self.running.kind;
        let read = self.clock().deadline(self.calendar, on);
        Occurrence {
            rule,
            level: self.thresholds.card_model.level(sanction),
            on,
            case: self.case,
            occurrence: format!(
                "{}:{}:{}",
                crate::code::Code::code(kind),
                self.running.ordinal,
                crate::code::Code::code(sanction)
            ),
            evidence: Evidence {
                clock: kind,
                ordinal: self.running.ordinal,
                anchor_on: self.clock().anchor,
                due_on: self.due_on,
                charged: read.elapsed,
                total: read.elapsed + read.remaining,
                article: kind.row().article.to_owned(),
            },
        }
    }
}
