//! A joint application that somebody thinks of, by each of the policies for suspended components.

use chrono::NaiveDate;

use super::arithmetic::expect_few;
use super::{LONGEST, date, number};
use crate::calendar::{Calendar, date_of};
use crate::clock::{
    Clock, ClockKind, Component, Conventions, Interval, JointPolicy, Limit, joint_suspensions,
};
use crate::code::Code as _;
use crate::rejected::{Reason, Rejected};

/// The most suspensions of all components together.
const MOST_SUSPENSIONS: usize = 200;

/// A joint application, with its components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JointQuestion {
    /// The day of unified acceptance.
    pub accepted_on: NaiveDate,
    /// The joint promise in working days.
    pub promised: Option<i64>,
    /// The joint statutory period in working days.
    pub statutory: Option<i64>,
    /// The components.
    pub components: Vec<JointComponent>,
    /// Which components wait for which.
    pub serial: Vec<SerialQuestion>,
}

/// One item of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JointComponent {
    /// What it is called.
    pub code: String,
    /// The day on which its clocks start.
    pub starts_on: NaiveDate,
    /// Its promise in working days.
    pub promised: Option<i64>,
    /// Its statutory period in working days; that of the law if not given.
    pub statutory: Option<i64>,
    /// First and last day of each suspension; one that goes on has no last.
    pub suspensions: Vec<Vec<NaiveDate>>,
    /// The day of its decision.
    pub decided_on: Option<NaiveDate>,
}

/// A component that waits for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialQuestion {
    /// The codes of those that it waits for.
    pub before: Vec<String>,
    /// Its code.
    pub after: String,
}

/// What the clocks say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JointAnswer {
    /// By each policy.
    pub by_policy: Vec<(JointPolicy, JointDates)>,
    /// The working days that the suspensions of all components exclude, each counted by itself.
    pub sum_of_components: i64,
    /// Each component.
    pub components: Vec<ComponentAnswer>,
    /// Each component that waits for others.
    pub serial: Vec<SerialAnswer>,
}

/// The joint clock by one policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JointDates {
    /// The last day of the joint promise; `None` while it stands still.
    pub promised_due_on: Option<NaiveDate>,
    /// The last day of the joint statutory period.
    pub statutory_due_on: Option<NaiveDate>,
    /// The working days that are excluded.
    pub excluded_workdays: i64,
    /// A date rests on a year without notice.
    pub provisional: bool,
}

/// The clocks of one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentAnswer {
    /// What it is called.
    pub code: String,
    /// The last day of its promise.
    pub promised_due_on: Option<NaiveDate>,
    /// The last day of its statutory period.
    pub statutory_due_on: Option<NaiveDate>,
    /// Whether it was decided in time, by its promise or where there is none by the law; `None` while undecided.
    pub on_time: Option<bool>,
}

/// When a component starts that waits for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialAnswer {
    /// Its code.
    pub code: String,
    /// The day on which the last result is shared; `None` while one is not decided.
    pub starts_on: Option<NaiveDate>,
}

impl JointQuestion {
    /// Counts; a suspension that goes on is counted through `as_of`.
    ///
    /// # Errors
    /// All at once: `ListTooLong`, `DateOutOfRange`, `NumberOutOfRange`, `ActOutOfOrder`, `CodeUnknown`.
    pub fn answer(
        &self,
        as_of: NaiveDate,
        conventions: &Conventions,
        calendar: &Calendar,
    ) -> Result<JointAnswer, Vec<Rejected>> {
        let mut faults = Vec::new();
        let promised = days(self.promised, "joint.jointPromised", &mut faults);
        let statutory = days(self.statutory, "joint.jointStatutory", &mut faults);
        let limits = self.check(&mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let components: Vec<Component> = self.components.iter().map(component).collect();
        let excluded = |suspensions: &[Interval]| -> i64 {
            let stretches = suspensions.iter().map(|interval| {
                interval
                    .ended_by(as_of)
                    .excluded(conventions.suspension_boundary)
            });
            let worked = stretches.filter(|stretch| stretch.first <= stretch.last);
            worked
                .map(|stretch| {
                    calendar.workdays_between(date_of(stretch.first - 1), date_of(stretch.last))
                })
                .sum()
        };
        let by_policy = JointPolicy::ALL.iter().map(|policy| {
            let suspensions =
                joint_suspensions(*policy, conventions.suspension_boundary, &components);
            let clock = |limit: Option<Limit>| {
                let clock = conventions.clock(self.accepted_on, limit?);
                Some(clock.suspended_by(suspensions.clone()))
            };
            let (promised, statutory) = (clock(promised), clock(statutory));
            let due = |clock: &Option<Clock>| clock.as_ref()?.due_on(calendar);
            let both = [&promised, &statutory].into_iter().flatten();
            let dates = JointDates {
                promised_due_on: due(&promised),
                statutory_due_on: due(&statutory),
                excluded_workdays: excluded(&suspensions),
                provisional: both
                    .into_iter()
                    .any(|clock| clock.deadline(calendar, as_of).provisional),
            };
            (*policy, dates)
        });
        let own = self.components.iter().zip(&components).zip(limits);
        Ok(JointAnswer {
            by_policy: by_policy.collect(),
            sum_of_components: components
                .iter()
                .map(|component| excluded(&component.suspensions))
                .sum(),
            components: own
                .map(|((asked, component), limits)| {
                    read(&asked.code, component, limits, (conventions, calendar))
                })
                .collect(),
            serial: self
                .serial
                .iter()
                .map(|serial| self.serial(serial))
                .collect(),
        })
    }

    fn check(&self, faults: &mut Vec<Rejected>) -> Vec<(Option<Limit>, Option<Limit>)> {
        date(self.accepted_on, "joint.unifiedAcceptedOn", faults);
        faults.extend(expect_few(self.components.len(), "joint.components").err());
        faults.extend(expect_few(self.serial.len(), "joint.serial").err());
        // Each is looked at wherever another one begins or ends.
        let suspensions = self.components.iter().map(|one| one.suspensions.len());
        if suspensions.sum::<usize>() > MOST_SUSPENSIONS {
            let max = MOST_SUSPENSIONS;
            faults.push(Reason::ListTooLong { max }.at("joint.components"));
        }
        if !faults.is_empty() {
            return Vec::new();
        }
        let statutory = ClockKind::Statutory.row().limit;
        let limits = self.components.iter().enumerate().map(|(at, one)| {
            let place = |name: &str| format!("joint.components.{at}.{name}");
            in_order(
                self.accepted_on,
                one.starts_on,
                &place("clockStartsOn"),
                faults,
            );
            if let Some(decided_on) = one.decided_on {
                in_order(one.starts_on, decided_on, &place("decidedOn"), faults);
            }
            faults.extend(expect_few(one.suspensions.len(), &place("suspensions")).err());
            for (number, pair) in one.suspensions.iter().enumerate() {
                let place = place(&format!("suspensions.{number}"));
                match pair[..] {
                    [start] => in_order(one.starts_on, start, &place, faults),
                    [start, end] => {
                        in_order(one.starts_on, start, &place, faults);
                        in_order(start, end, &place, faults);
                    }
                    _ => faults.push(Reason::NumberOutOfRange { min: 1, max: 2 }.at(&place)),
                }
            }
            let promised = days(one.promised, &place("promised"), faults);
            let own = days(one.statutory, &place("statutory"), faults);
            (promised, own.or(statutory))
        });
        let limits = limits.collect();
        for (at, serial) in self.serial.iter().enumerate() {
            let mut named = serial.before.iter().chain([&serial.after]);
            if !named.all(|code| self.component(code).is_some()) {
                let known = self.components.iter().map(|one| one.code.as_str());
                let known = known.collect::<Vec<_>>().join(" / ");
                faults.push(Reason::CodeUnknown { known }.at(&format!("joint.serial.{at}")));
            }
        }
        limits
    }

    fn component(&self, code: &str) -> Option<&JointComponent> {
        self.components.iter().find(|one| one.code == code)
    }

    fn serial(&self, serial: &SerialQuestion) -> SerialAnswer {
        let decided = serial
            .before
            .iter()
            .map(|code| self.component(code)?.decided_on);
        let decided: Option<Vec<NaiveDate>> = decided.collect();
        SerialAnswer {
            code: serial.after.clone(),
            starts_on: decided.and_then(|days| days.into_iter().max()),
        }
    }
}

fn component(asked: &JointComponent) -> Component {
    let suspensions = asked.suspensions.iter().filter_map(|pair| {
        let start = *pair.first()?;
        Some(Interval {
            end: pair.get(1).copied(),
            ..Interval::open(start)
        })
    });
    Component {
        starts_on: asked.starts_on,
        decided_on: asked.decided_on,
        decided_entered_on: None,
        suspensions: suspensions.collect(),
    }
}

fn read(
    code: &str,
    component: &Component,
    (promised, statutory): (Option<Limit>, Option<Limit>),
    (conventions, calendar): (&Conventions, &Calendar),
) -> ComponentAnswer {
    let clock = |limit: Option<Limit>| {
        let clock = conventions.clock(component.starts_on, limit?);
        let clock = clock.suspended_by(component.suspensions.clone());
        Some(Clock {
            stopped_on: component.decided_on,
            ..clock
        })
    };
    let (promised, statutory) = (clock(promised), clock(statutory));
    let due = |clock: &Option<Clock>| clock.as_ref()?.due_on(calendar);
    let decisive = promised.as_ref().or(statutory.as_ref());
    ComponentAnswer {
        code: code.to_owned(),
        promised_due_on: due(&promised),
        statutory_due_on: due(&statutory),
        on_time: component
            .decided_on
            .zip(decisive)
            .map(|(decided, clock)| !clock.deadline(calendar, decided).overdue),
    }
}

fn days(asked: Option<i64>, place: &str, faults: &mut Vec<Rejected>) -> Option<Limit> {
    number(asked?, 0..=LONGEST, place, faults).map(Limit::workdays)
}

fn in_order(former: NaiveDate, on: NaiveDate, place: &str, faults: &mut Vec<Rejected>) {
    if date(on, place, faults) && on < former {
        let after = former.to_string();
        faults.push(Reason::ActOutOfOrder { after }.at(place));
    }
}
