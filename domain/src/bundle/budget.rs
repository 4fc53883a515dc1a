//! Whether a bundle can keep what it promises: the terms of its departments one after the other, the lead's synthesis and
//! the delivery against the joint limits, from every day on which an application may be accepted.
//!
//! Only the calendar makes one start day differ from another: terms in working days and limits in calendar days part over a
//! long holiday. What doesn't fit is no fault that forbids publishing; it is named, so that a centre knows what it promises.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Answers, BundleVersion, Component};
use crate::calendar::Calendar;
use crate::catalogue::CatalogueView;
use crate::clock::{Conventions, Limit};
use crate::guide::{Link, layers};
use crate::item::ItemVersion;

/// Days that a joint application takes beside those of its departments. Both are keys of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Allowance {
    /// Working days in which the lead brings the results together (牵头汇总).
    pub synthesis_days: u32,
    /// Working days for the delivery within the joint limit; that of 行政许可法 Art. 44 comes after it.
    pub delivery_days: u32,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            synthesis_days: 1,
            delivery_days: 0,
        }
    }
}

impl Allowance {
    /// What is out of its bounds: the key, what it is, and what it may be.
    pub fn faults(&self) -> Vec<String> {
        let bounded = [
            ("synthesis_days", self.synthesis_days),
            ("delivery_days", self.delivery_days),
        ];
        let beyond = bounded.into_iter().filter(|(_, days)| *days > 60);
        beyond
            .map(|(key, days)| format!("bundles.{key} is {days}, and may be 0 to 60"))
            .collect()
    }
}

/// A day from which the joint limits cannot be kept if everybody takes the whole of their term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The day of the acceptance.
    pub accepted_on: NaiveDate,
    /// The day on which the last of it is done.
    pub ready_on: NaiveDate,
    /// The last day of the joint promise.
    pub promised_due_on: NaiveDate,
    /// The last day of the joint statutory period, if there is one.
    pub statutory_due_on: Option<NaiveDate>,
    /// Codes of the items one after the other that take that long.
    pub chain: Vec<String>,
    /// Whether it rests on a year without a holiday notice.
    pub provisional: bool,
}

impl Misfit {
    /// Whether not only the promise but the law is broken.
    pub fn breaks_the_law(&self) -> bool {
        self.statutory_due_on.is_some_and(|due| self.ready_on > due)
    }
}

/// What a budget is made of.
#[derive(Clone, Copy)]
pub struct Budgeted<'a> {
    /// The bundle.
    pub bundle: &'a BundleVersion,
    /// What it refers to.
    pub catalogue: &'a dyn CatalogueView,
    /// Days beside those of the departments.
    pub allowance: Allowance,
    /// What the law leaves open.
    pub conventions: &'a Conventions,
    /// The working days of the centre, and of a department by its code.
    pub calendar: &'a dyn Fn(Option<&str>) -> &'a Calendar,
}

/// No guide asks for more combinations than this; beyond it, everything is taken to be needed.
const MOST_COMBINATIONS: usize = 4_096;

impl<'a> Budgeted<'a> {
    /// The days from `first` on, `days` of them, from which the joint limits cannot be kept.
    ///
    /// A bundle that could not have been published, for it waits in a circle or names what there is not, has none.
    pub fn misfits(&self, first: NaiveDate, days: u32) -> Vec<Misfit> {
        let plans = self.plans();
        let mut ends = Ends::new();
        let accepted =
            (0..u64::from(days)).map_while(|after| first.checked_add_days(Days::new(after)));
        accepted
            .filter_map(|day| {
                let decided = plans
                    .iter()
                    .map(|plan| (plan, self.done(plan, day, &mut ends)));
                let (plan, done) = decided.max_by_key(|(_, done)| done.iter().max().copied())?;
                self.misfit(day, plan, &done)
            })
            .collect()
    }

    /// What does not fit about a plan whose items are done on these days.
    fn misfit(
        &self,
        accepted_on: NaiveDate,
        plan: &Plan<'a>,
        done: &[NaiveDate],
    ) -> Option<Misfit> {
        let joint = (self.calendar)(None);
        let Allowance {
            synthesis_days,
            delivery_days,
        } = self.allowance;
        let decided_on = done.iter().max().copied().unwrap_or(accepted_on);
        let ready_on = joint.add_workdays(decided_on, synthesis_days + delivery_days);
        let due = |limit: Limit| self.conventions.clock(accepted_on, limit).due_on(joint);
        let promised_due_on = due(self.bundle.joint_promised)?;
        let statutory_due_on = self
            .bundle
            .joint_statutory
            .and_then(|joint| due(joint.limit));
        let misfit = Misfit {
            accepted_on,
            ready_on,
            promised_due_on,
            statutory_due_on,
            chain: plan.longest(done),
            provisional: joint.is_any_provisional(accepted_on, ready_on.max(promised_due_on)),
        };
        (ready_on > promised_due_on || misfit.breaks_the_law()).then_some(misfit)
    }

    /// On which day each item of a plan is done, by its place in it.
    fn done(&self, plan: &Plan<'a>, accepted_on: NaiveDate, ends: &mut Ends<'a>) -> Vec<NaiveDate> {
        let mut done = vec![accepted_on; plan.steps.len()];
        for at in &plan.order {
            let Step { item, after } = &plan.steps[*at];
            let begins = after.iter().map(|before| done[*before]);
            let begins = begins.max().unwrap_or(accepted_on);
            done[*at] = *ends.entry((&item.code, begins)).or_insert_with(|| {
                let term = self.conventions.clock(begins, item.promised);
                let calendar = (self.calendar)(Some(&item.department));
                term.due_on(calendar).unwrap_or(begins)
            });
        }
        done
    }

    /// The widest sets of items that answers can lead to: who needs fewer of them waits no longer for any.
    fn plans(&self) -> Vec<Plan<'a>> {
        let mut all: Vec<Vec<&'a Component>> = match self.all_answers() {
            Some(answers) => answers.iter().map(|answers| self.needed(answers)).collect(),
            None => vec![self.bundle.components.iter().collect()],
        };
        all.sort_by_key(|needed| Reverse(needed.len()));
        let mut widest: Vec<Vec<&'a Component>> = Vec::new();
        for needed in all {
            let holds_all = |wide: &Vec<&'a Component>| {
                let mut needed = needed.iter();
                needed.all(|one| wide.iter().any(|known| std::ptr::eq(*known, *one)))
            };
            if !widest.iter().any(holds_all) {
                widest.push(needed);
            }
        }
        let plans = widest.iter().filter_map(|needed| self.plan(needed));
        plans.collect()
    }

    fn needed(&self, answers: &Answers) -> Vec<&'a Component> {
        let components = self.bundle.components.iter();
        components
            .filter(|component| component.is_needed(answers))
            .collect()
    }

    /// Every way to answer all questions; `None` when there are too many.
    fn all_answers(&self) -> Option<Vec<Answers>> {
        let mut all = vec![Answers::default()];
        for question in &self.bundle.questions {
            if all.len() * question.options.len() > MOST_COMBINATIONS {
                return None;
            }
            all = all
                .iter()
                .flat_map(|given| {
                    question.options.iter().map(|option| {
                        let mut given = given.clone();
                        given.0.push((question.id.clone(), option.value.clone()));
                        given
                    })
                })
                .collect();
        }
        Some(all)
    }

    fn plan(&self, needed: &[&'a Component]) -> Option<Plan<'a>> {
        let links: Vec<Link> = needed
            .iter()
            .map(|component| Link::of_component(component))
            .collect();
        let layers = layers(&links)?;
        let mut order: Vec<usize> = (0..links.len()).collect();
        order.sort_by_key(|at| layers[*at]);
        let steps = links.iter().map(|link| {
            Some(Step {
                item: self.catalogue.item(link.item)?,
                after: link.predecessors(&links),
            })
        });
        Some(Plan {
            steps: steps.collect::<Option<_>>()?,
            order,
        })
    }
}

/// When the term of an item ends that begins on a day: the same in every plan, and counted once.
type Ends<'a> = HashMap<(&'a str, NaiveDate), NaiveDate>;

/// The items of one guide, in an order in which none comes before what it waits for.
struct Plan<'a> {
    steps: Vec<Step<'a>>,
    order: Vec<usize>,
}

impl Plan<'_> {
    /// Codes of the items, one after the other, for which the last of all waits.
    fn longest(&self, done: &[NaiveDate]) -> Vec<String> {
        let mut chain = Vec::new();
        let mut last = (0..done.len()).max_by_key(|at| done[*at]);
        while let Some(at) = last {
            let Step { item, after } = &self.steps[at];
            chain.push(item.code.clone());
            last = after.iter().copied().max_by_key(|before| done[*before]);
        }
        chain.reverse();
        chain
    }
}

struct Step<'a> {
    item: &'a ItemVersion,
    after: Vec<usize>,
}

#[cfg(test)]
mod tests;
