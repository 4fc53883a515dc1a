//! The outlook of an application (办理前景): when it will end if things go as they usually do, what makes it so long, and who
//! owes the next act.
//!
//! A forecast binds nobody and moves no clock. It comes from what decided cases of the item took, and where too few are
//! known from what was promised. It is always a working day, and never one that has passed.

mod history;
mod owed;
mod plan;

use chrono::NaiveDate;

use self::plan::{Plan, Task};
use super::{File, FileClock, Rules};
use crate::case::Case;
use crate::clock::{ClockKind, JointPolicy, Limit};
use crate::coded;
use crate::ids::CaseId;

pub use history::{Foresight, History};
pub use owed::{OwedAct, OwedActKind, OwedBy};

coded! {
    /// What a forecast rests on.
    pub enum ForecastBasis {
        /// 历史办件: what the newest decided cases of the item took.
        History = "HISTORY",
        /// 承诺时限: the promise, because too few cases were decided, or none took as long as this one has; for a case that is
        /// decided anew the period for that.
        Promise = "PROMISE",
        /// 已逾预期: whatever could be expected has passed; it is as if it ended today.
        Overrun = "OVERRUN",
    }
}

/// The outlook of an application on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The day on which the last case will have ended; `None` before acceptance and once all have.
    pub ends_on: Option<NaiveDate>,
    /// The cases one after the other that lead to that day, the first first; of several such chains one.
    pub critical_path: Vec<CaseId>,
    /// How it stands to the joint limits.
    pub spare: Spare,
    /// Its cases that have been accepted and not ended, in their order.
    pub cases: Vec<CaseOutlook>,
    /// The acts that are owed: first what delays the whole, then by due date.
    pub owed: Vec<OwedAct>,
}

/// The outlook of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseOutlook {
    /// The case.
    pub case: CaseId,
    /// The day on which its clocks began, or will begin when what it waits for has been granted.
    pub starts_on: NaiveDate,
    /// The day on which it will be decided.
    pub ends_on: NaiveDate,
    /// What that rests on.
    pub basis: ForecastBasis,
    /// By how many working days of its department it may be decided later without making the whole later.
    pub slack: i64,
    /// Whether it lies on the critical path, or on another chain that is as long.
    pub critical: bool,
    /// How it stands to its own limits.
    pub spare: Spare,
}

/// The working days between a forecast and the last day of a limit: negative if it will be late, `None` without such a
/// limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spare {
    /// To the promise (承诺时限).
    pub promised: Option<i64>,
    /// To the statutory period (法定时限).
    pub statutory: Option<i64>,
}

/// What is known of former cases.
#[derive(Clone, Copy)]
pub struct Experience<'a> {
    /// The decided cases of an item, by its code.
    pub history: &'a dyn Fn(&str) -> Option<&'a History>,
    /// With fewer of them the promise is taken.
    pub least_cases: u32,
}

impl File {
    /// Its outlook on a day. The whole course must be known, because open procedures move forecasts.
    pub fn outlook(
        &self,
        experience: Experience<'_>,
        today: NaiveDate,
        rules: &dyn Rules,
    ) -> Outlook {
        let clocks = self.clocks(rules);
        let forecast = Forecast {
            clocks: &clocks,
            experience,
            today,
            rules,
        };
        let accepted = self.application.accepted_on.is_some();
        let open: Vec<&Case> = self.open_cases().filter(|_| accepted).collect();
        let tasks: Vec<Task<'_>> = open.iter().map(|case| forecast.task(case, &open)).collect();
        let plan = Plan::of(&tasks);
        let cases = plan.iter().flat_map(|plan| forecast.cases(&open, plan));
        let cases: Vec<CaseOutlook> = cases.collect();
        let is_critical = |id: CaseId| {
            let mut found = cases.iter();
            found.any(|known| known.case == id && known.critical)
        };
        Outlook {
            ends_on: plan.as_ref().map(|plan| plan.ends_on),
            critical_path: plan.iter().flat_map(|plan| plan.path(&open)).collect(),
            spare: plan.as_ref().map_or_else(Spare::default, |plan| {
                forecast.joint_spare(plan.ends_on, &open)
            }),
            owed: self.owed(&clocks, &is_critical, (today, rules)),
            cases,
        }
    }
}

impl Plan {
    fn path(&self, open: &[&Case]) -> impl Iterator<Item = CaseId> {
        self.critical_path.iter().map(|at| open[*at].id)
    }
}

/// What the forecasts of one application are made of.
struct Forecast<'a, 'k> {
    clocks: &'a [FileClock],
    experience: Experience<'k>,
    today: NaiveDate,
    rules: &'a dyn Rules,
}

impl Forecast<'_, '_> {
    fn task<'a>(&'a self, case: &'a Case, open: &[&Case]) -> Task<'a> {
        let calendar = self.rules.calendar(Some(&case.department));
        match &case.dates {
            Some(dates) => {
                let (ends_on, _) = self.of_started(case, dates.started_on);
                let anew = self.open(Some(case), ClockKind::Redecision).next_back();
                let began_on = anew.map_or(dates.started_on, |clock| clock.running.clock.anchor);
                Task {
                    after: Vec::new(),
                    began_on: Some(began_on),
                    ends: Box::new(move |_| ends_on),
                    calendar,
                }
            }
            None => Task {
                after: (0..open.len())
                    .filter(|at| case.predecessors.contains(&open[*at].id))
                    .collect(),
                began_on: None,
                ends: Box::new(|starts_on| self.of_waiting(case, starts_on).0),
                calendar,
            },
        }
    }

    fn cases(&self, open: &[&Case], plan: &Plan) -> Vec<CaseOutlook> {
        let planned = open.iter().zip(&plan.cases).enumerate();
        let outlook = planned.map(|(at, (case, planned))| {
            let starts_on = planned.starts_on;
            let (_, basis) = match &case.dates {
                Some(_) => self.of_started(case, starts_on),
                None => self.of_waiting(case, starts_on),
            };
            CaseOutlook {
                case: case.id,
                starts_on,
                ends_on: planned.ends_on,
                basis,
                slack: planned.slack,
                critical: planned.slack == 0 || plan.critical_path.contains(&at),
                spare: self.spare(case, planned.starts_on, planned.ends_on),
            }
        });
        outlook.collect()
    }

    /// When a case ends whose clocks have begun.
    fn of_started(&self, case: &Case, started_on: NaiveDate) -> (NaiveDate, ForecastBasis) {
        let calendar = self.rules.calendar(Some(&case.department));
        let free_on = self.free_on(case);
        let elapsed = calendar.workdays_between(started_on, self.today);
        let elapsed = u32::try_from(elapsed).unwrap_or(0);
        // Nobody knows how long a decision takes that is made anew.
        let history = self.history(case).filter(|_| case.former.is_empty());
        let by_history = history.and_then(|history| {
            let days = history.typical(elapsed)?;
            Some((
                calendar.add_workdays(started_on, days),
                ForecastBasis::History,
            ))
        });
        let by_promise = || {
            let due_on = self.projected_on(Some(case), self.bound_by(case), free_on)?;
            (due_on >= free_on).then_some((due_on, ForecastBasis::Promise))
        };
        let (forecast, basis) = by_history
            .or_else(by_promise)
            .unwrap_or((free_on, ForecastBasis::Overrun));
        let ends_on = calendar.next_workday_on_or_after(forecast.max(free_on));
        (ends_on, basis)
    }

    /// When a case ends whose clocks begin on a day to come.
    fn of_waiting(&self, case: &Case, starts_on: NaiveDate) -> (NaiveDate, ForecastBasis) {
        let calendar = self.rules.calendar(Some(&case.department));
        let by_history = self.history(case).and_then(|history| {
            let days = history.typical(0)?;
            Some((
                calendar.add_workdays(starts_on, days),
                ForecastBasis::History,
            ))
        });
        let by_promise = || {
            let promised = self.rules.item(case)?.promised;
            let clock = self.rules.conventions().clock(starts_on, promised);
            let due_on = clock.due_on(calendar)?;
            Some((due_on, ForecastBasis::Promise))
        };
        let (forecast, basis) = by_history
            .or_else(by_promise)
            .unwrap_or((starts_on, ForecastBasis::Overrun));
        let ends_on = calendar.next_workday_on_or_after(forecast.max(starts_on));
        (ends_on, basis)
    }

    /// The period by which a case is forecast: what was promised, or what a new decision must keep.
    fn bound_by(&self, case: &Case) -> ClockKind {
        match self.open(Some(case), ClockKind::Redecision).next() {
            Some(_) => ClockKind::Redecision,
            None => ClockKind::Promised,
        }
    }

    /// The decided cases of its item, if they are enough.
    fn history(&self, case: &Case) -> Option<&History> {
        let history = (self.experience.history)(&case.item)?;
        let least = usize::try_from(self.experience.least_cases).unwrap_or(usize::MAX);
        (history.known() >= least).then_some(history)
    }

    /// From which day a case can be decided: today, or the day on which the last of its open special procedures will end by
    /// what the applicant was told.
    fn free_on(&self, case: &Case) -> NaiveDate {
        let procedures = self.open(Some(case), ClockKind::Special);
        let end = procedures.filter_map(FileClock::due_on).max();
        end.unwrap_or(self.today).max(self.today)
    }

    /// Where a clock will end if nothing more happens, and its suspension ends on a day.
    fn projected_on(
        &self,
        case: Option<&Case>,
        kind: ClockKind,
        resumes_on: NaiveDate,
    ) -> Option<NaiveDate> {
        let clock = self.open(case, kind).next_back()?;
        Some(clock.deadline(resumes_on).projected_on)
    }

    fn open(
        &self,
        case: Option<&Case>,
        kind: ClockKind,
    ) -> impl DoubleEndedIterator<Item = &FileClock> {
        let id = case.map(|case| case.id);
        self.clocks.iter().filter(move |clock| {
            let running = &clock.running;
            clock.case == id && running.kind == kind && running.stopped_by.is_none()
        })
    }

    fn spare(&self, case: &Case, starts_on: NaiveDate, ends_on: NaiveDate) -> Spare {
        let calendar = self.rules.calendar(Some(&case.department));
        let item = self.rules.item(case);
        let to = |kind: ClockKind, limit: Option<Limit>| {
            let due_on = if case.dates.is_some() {
                let anew = self.bound_by(case) == ClockKind::Redecision;
                let kind = match kind {
                    ClockKind::Statutory if anew => ClockKind::Redecision,
                    kind => kind,
                };
                self.projected_on(Some(case), kind, self.free_on(case))?
            } else {
                let clock = self.rules.conventions().clock(starts_on, limit?);
                clock.due_on(calendar)?
            };
            Some(calendar.workdays_between(ends_on, due_on))
        };
        let statutory = item.and_then(|item| item.statutory);
        Spare {
            promised: to(ClockKind::Promised, item.map(|item| item.promised)),
            statutory: to(ClockKind::Statutory, statutory.map(|limit| limit.limit)),
        }
    }

    /// The joint clocks go on when suspended cases do, by the policy of the centre. A case that has not started stops none and
    /// lets none go on.
    fn joint_spare(&self, ends_on: NaiveDate, open: &[&Case]) -> Spare {
        let calendar = self.rules.calendar(None);
        let started = open.iter().filter(|case| case.dates.is_some());
        let free = started.map(|case| self.free_on(case));
        let resumes_on = match self.rules.conventions().joint_suspension_policy {
            JointPolicy::All => free.min(),
            JointPolicy::Any | JointPolicy::None => free.max(),
        };
        let to = |kind: ClockKind| {
            let due_on = self.projected_on(None, kind, resumes_on.unwrap_or(self.today))?;
            Some(calendar.workdays_between(ends_on, due_on))
        };
        Spare {
            promised: to(ClockKind::JointPromised),
            statutory: to(ClockKind::Joint),
        }
    }
}

#[cfg(test)]
mod tests;
