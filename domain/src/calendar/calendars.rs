//! All calendars of an installation: the national one, and those of regions and departments with notices of their own.
//!
//! Nothing here is ever changed in place: adopting a notice gives other calendars, and those of any earlier moment can
//! be made from what was in force then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::scope::{stem, stems_around};
use super::{Calendar, Notice, NoticeDayKind, Scope, local_date};
use crate::rejected::{Reason, Rejected};

/// A notice and the time for which it was in force here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdoptedNotice {
    /// The notice.
    pub notice: Notice,
    /// When it was adopted.
    pub adopted_at: DateTime<Utc>,
    /// When another took its place.
    pub superseded_at: Option<DateTime<Utc>>,
}

/// What adopting notices comes to.
#[derive(Clone, Debug)]
pub struct Adoption {
    /// The calendars as they were.
    pub before: Calendars,
    /// The calendars with the notices in force.
    pub after: Calendars,
    /// The notices that are new; one that was known already is not among them.
    pub adopted: Vec<Notice>,
    /// The numbers of those that were in force and no longer are.
    pub superseded: Vec<String>,
}

/// The calendars of an installation. Immutable, so they can be shared between threads.
#[derive(Clone, Debug, Default)]
pub struct Calendars {
    notices: Vec<AdoptedNotice>,
    present: Layers,
    /// What was in force before, each until the instant of the adoption that ended it; the first is before all notices.
    former: Vec<(DateTime<Utc>, Layers)>,
}

/// The calendars that are in force at one time.
#[derive(Clone, Debug, Default)]
struct Layers {
    national: Arc<Calendar>,
    /// By the stem of the division code.
    regions: BTreeMap<String, Arc<Calendar>>,
    /// By the stem of the division code, then by the code of the department.
    departments: BTreeMap<String, BTreeMap<String, Arc<Calendar>>>,
}

impl Calendars {
    /// Makes the calendars from all notices that were ever adopted, in any order. Each was checked by itself when it
    /// was adopted, so a rule that came later does not make a stored notice unreadable.
    ///
    /// # Errors
    ///
    /// `NoticeYearTaken` and `NoticeDaysDisagree` for those in force.
    pub fn try_new(notices: Vec<AdoptedNotice>) -> Result<Self, Vec<Rejected>> {
        let (in_force, former): (Vec<_>, Vec<_>) = notices
            .into_iter()
            .partition(|adopted| adopted.superseded_at.is_none());
        let mut known = former;
        for adopted in in_force {
            faults_beside(&adopted.notice, &known)?;
            known.push(adopted);
        }
        Ok(Self::merged(known))
    }

    /// The working days of a department of a region; of the region as a whole without a department.
    ///
    /// A department's notice wins over its region's, a county's over its city's and province's, and all of them over
    /// the State Council's, each for the days that it names.
    pub fn of(&self, region: &str, department: Option<&str>) -> &Arc<Calendar> {
        self.present.of(region, department)
    }

    /// The working days by which a period is counted that was on record from a day, and that was stopped or not; `due_on`
    /// tells where it ends by a calendar.
    ///
    /// A notice moves no due date that had passed, and no period that was over, when it was adopted: so a date that was read
    /// once is read for ever. Only the due date is kept of a period that went on after it; what it is late by is counted in
    /// the working days that are in force since, because nobody is late by a day off.
    pub fn of_period(
        &self,
        region: &str,
        department: Option<&str>,
        (known_from, stopped_on): (NaiveDate, Option<NaiveDate>),
        due_on: impl Fn(&Calendar) -> Option<NaiveDate>,
    ) -> Arc<Calendar> {
        let former = self
            .former
            .iter()
            .map(|(until, layers)| (local_date(*until), layers))
            .filter(|(adopted_on, _)| *adopted_on > known_from);
        let mut passed: Option<(NaiveDate, &Arc<Calendar>)> = None;
        for (adopted_on, layers) in former {
            let calendar = layers.of(region, department);
            if stopped_on.is_some_and(|stop| stop < adopted_on) {
                return kept_through(passed, calendar);
            }
            passed = passed.or_else(|| {
                let due_on = due_on(calendar).filter(|due_on| *due_on < adopted_on)?;
                Some((due_on, calendar))
            });
        }
        kept_through(passed, self.of(region, department))
    }

    /// The working days of the country, without any local notice.
    pub fn national(&self) -> &Arc<Calendar> {
        &self.present.national
    }

    /// The working days of those who are bound by a scope.
    pub fn of_scope(&self, scope: &Scope) -> &Arc<Calendar> {
        match scope {
            Scope::National => &self.present.national,
            Scope::Region { region } => self.of(region, None),
            Scope::Department { region, department } => self.of(region, Some(department)),
        }
    }

    /// Every notice that was ever adopted, those in force and those that were, the latest year first.
    pub fn notices(&self) -> &[AdoptedNotice] {
        &self.notices
    }

    /// The calendars as they were known at an instant: with what was in force then, without what came later.
    pub fn as_adopted_at(&self, at: DateTime<Utc>) -> Self {
        let known = self.notices.iter().filter(|one| one.adopted_at <= at);
        let as_then = known.map(|one| AdoptedNotice {
            superseded_at: one.superseded_at.filter(|superseded| *superseded <= at),
            ..one.clone()
        });
        Self::merged(as_then.collect())
    }

    /// Adopts notices, in the given order. One that is already adopted, word for word, changes nothing.
    ///
    /// # Errors
    ///
    /// What [`Notice::check`] refuses, and `NoticeNumberTaken` for another text under a known number,
    /// `NoticeReplacesUnknown`, `NoticeYearTaken`, `NoticeDaysDisagree`; nothing is adopted then.
    pub fn adopting(
        &self,
        notices: &[Notice],
        at: DateTime<Utc>,
    ) -> Result<Adoption, Vec<Rejected>> {
        let mut known = self.notices.clone();
        let mut adopted = Vec::new();
        let mut superseded = Vec::new();
        for notice in notices {
            let same_number = known.iter().find(|one| one.notice.number == notice.number);
            if let Some(same_number) = same_number {
                if same_number.notice == *notice {
                    continue;
                }
                let number = notice.number.clone();
                return Err(vec![Reason::NoticeNumberTaken { number }.at("number")]);
            }
            notice.check()?;
            if let Some(replaces) = &notice.replaces {
                let mut in_force = known.iter_mut().filter(|one| one.superseded_at.is_none());
                let former = in_force.find(|one| {
                    let former = &one.notice;
                    former.number == *replaces
                        && former.year == notice.year
                        && former.scope == notice.scope
                });
                let unknown = || {
                    let number = replaces.clone();
                    vec![Reason::NoticeReplacesUnknown { number }.at("replaces")]
                };
                former.ok_or_else(unknown)?.superseded_at = Some(at);
                superseded.push(replaces.clone());
            }
            faults_beside(notice, &known)?;
            known.push(AdoptedNotice {
                notice: notice.clone(),
                adopted_at: at,
                superseded_at: None,
            });
            adopted.push(notice.clone());
        }
        // What came and went within one import was never in force before it.
        superseded.retain(|number| self.notices.iter().any(|one| one.notice.number == *number));
        Ok(Adoption {
            before: self.clone(),
            after: Self::merged(known),
            adopted,
            superseded,
        })
    }

    /// Merges notices that are known to agree.
    fn merged(mut notices: Vec<AdoptedNotice>) -> Self {
        // The later of two local notices that agree on a day is the one that is cited.
        notices.sort_by(|one, other| {
            let key = |adopted: &AdoptedNotice| (adopted.notice.year, adopted.notice.issued_on);
            (key(one), &one.notice.number).cmp(&(key(other), &other.notice.number))
        });
        let turns: BTreeSet<DateTime<Utc>> = notices.iter().map(|one| one.adopted_at).collect();
        let former = turns.into_iter().map(|turn| {
            let before = notices.iter().filter(|one| {
                one.adopted_at < turn && one.superseded_at.is_none_or(|until| until >= turn)
            });
            let before: Vec<&Notice> = before.map(|one| &one.notice).collect();
            (turn, Layers::of_notices(&before))
        });
        let former = former.collect();
        let in_force = notices.iter().filter(|one| one.superseded_at.is_none());
        let in_force: Vec<&Notice> = in_force.map(|one| &one.notice).collect();
        let present = Layers::of_notices(&in_force);
        notices.reverse();
        Self {
            notices,
            present,
            former,
        }
    }
}

impl Layers {
    fn of(&self, region: &str, department: Option<&str>) -> &Arc<Calendar> {
        let of_department = department.and_then(|department| {
            let departments = self.departments.get(stem(region))?;
            departments.get(department)
        });
        of_department.unwrap_or_else(|| {
            stems_around(region)
                .find_map(|stem| self.regions.get(stem))
                .unwrap_or(&self.national)
        })
    }

    /// Lays the notices over each other, for each scope that has one of its own.
    fn of_notices(in_force: &[&Notice]) -> Self {
        let of_scopes = |holds: &dyn Fn(&Scope) -> bool| {
            let mut layers: Vec<_> = in_force
                .iter()
                .copied()
                .filter(|notice| holds(&notice.scope))
                .collect();
            layers.sort_by_key(|notice| nearness(&notice.scope));
            Arc::new(Calendar::layered(&layers))
        };
        let mut regions = BTreeMap::new();
        let mut departments: BTreeMap<String, BTreeMap<String, _>> = BTreeMap::new();
        let scopes: BTreeSet<&Scope> = in_force.iter().map(|notice| &notice.scope).collect();
        for scope in scopes {
            let Some(region) = scope.region() else {
                continue;
            };
            let holds_around =
                |other: &Scope| other.department().is_none() && other.reaches(region);
            if let Some(department) = scope.department() {
                let holds = |other: &Scope| holds_around(other) || other == scope;
                departments
                    .entry(stem(region).to_owned())
                    .or_default()
                    .insert(department.to_owned(), of_scopes(&holds));
            } else {
                regions.insert(stem(region).to_owned(), of_scopes(&holds_around));
            }
        }
        Self {
            national: of_scopes(&Scope::is_national),
            regions,
            departments,
        }
    }
}

/// A calendar, with the days through a due date that had passed as they were.
fn kept_through(
    passed: Option<(NaiveDate, &Arc<Calendar>)>,
    since: &Arc<Calendar>,
) -> Arc<Calendar> {
    match passed {
        Some((due_on, former)) if former != since => Arc::new(former.through(due_on, since)),
        _ => since.clone(),
    }
}

/// The nearer of two scopes is laid over the wider one.
fn nearness(scope: &Scope) -> usize {
    match scope {
        Scope::National => 0,
        Scope::Region { region } => stem(region).len(),
        Scope::Department { .. } => usize::MAX,
    }
}

/// Compares a notice with those of its own scope that are in force.
fn faults_beside(notice: &Notice, known: &[AdoptedNotice]) -> Result<(), Vec<Rejected>> {
    let beside = known
        .iter()
        .filter(|one| one.superseded_at.is_none())
        .map(|one| &one.notice)
        .filter(|other| other.scope == notice.scope);
    let mut faults = Vec::new();
    for other in beside {
        let number = other.number.clone();
        if notice.scope.is_national() && other.year == notice.year {
            let year = notice.year;
            return Err(vec![Reason::NoticeYearTaken { year, number }.at("year")]);
        }
        let said: BTreeMap<_, NoticeDayKind> =
            other.days.iter().map(|day| (day.date, day.kind)).collect();
        for (index, day) in notice.days.iter().enumerate() {
            if said.get(&day.date).is_some_and(|kind| *kind != day.kind) {
                let (date, number) = (day.date.to_string(), number.clone());
                let fault = Reason::NoticeDaysDisagree { date, number };
                faults.push(fault.at(&format!("days.{index}.date")));
            }
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

#[cfg(test)]
mod tests;
