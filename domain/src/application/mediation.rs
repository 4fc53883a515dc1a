//! Mediation of conflicts on the cases of an application: opening one, its clock, and what time brings about.
//!
//! What is due and what is open is read from the course, so it is known wherever the course is.

use chrono::NaiveDate;

use super::{Course, Entry, File, FileClock, Moment, Rules};
use crate::case::{Case, Decision};
use crate::clock::{Act, ActKind, ClockKind, Limit, Running, Terms, Unit, run};
use crate::code::Code as _;
use crate::conflict::{Conflict, Opposed, conflicts};
use crate::event::{ABOUT_MEDIATION, EventKind, Happening};
use crate::ids::{CaseId, MediationId, ReviewId};
use crate::mediation::{
    Mediation, MediationLevel, MediationPolicy, MediationState, Party, Reached, Standing,
};
use crate::rejected::{Reason, Rejected};

/// What is to be mediated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenMediation {
    /// The case.
    pub case: CaseId,
    /// The reviews with the two opinions.
    pub between: Vec<ReviewId>,
    /// What is to be settled.
    pub question: String,
}

impl File {
    /// Opens the mediation of a conflict (发起协调) that there is now between two opinions on a case.
    ///
    /// `former` are the mediations of the application so far.
    ///
    /// # Errors
    /// What [`Case::refusal`](crate::case::Case) says unless the case is under way; `NotFound` for a review that is not
    /// there; `OtherLicence` where an opinion was given on another case; `NoConflict`; `MediationOpen` while this conflict is
    /// mediated already.
    pub fn open_mediation(
        &mut self,
        former: &[Mediation],
        wanted: OpenMediation,
        id: MediationId,
        (at, rules): (Moment, &dyn Rules),
        opposed: &Opposed,
    ) -> Result<(Mediation, Vec<Happening>), Rejected> {
        let case = self.under_way(wanted.case)?.clone();
        for (place, id) in wanted.between.iter().enumerate() {
            let at = |reason: Reason| reason.at(&format!("reviewIds.{place}"));
            let mut reviews = self.reviews.iter();
            let review = reviews.find(|review| review.id == *id);
            let review = review.ok_or_else(|| at(Reason::NotFound))?;
            // What a department decides on a case of its own is for nobody else to override.
            if review.case != case.id {
                return Err(at(Reason::OtherLicence));
            }
        }
        let conflict = self.conflict_between(case.id, &wanted.between, opposed)?;
        let (first, second) = conflict.between;
        let mut open = former
            .iter()
            .filter(|one| one.state == MediationState::Open);
        if let Some(open) = open.find(|one| one.is_between(first, second)) {
            let level = open.level().into();
            return Err(Reason::MediationOpen { level }.at("reviewIds"));
        }
        let lead = rules.bundle().map(|bundle| bundle.lead_department.as_str());
        let number = former.iter().map(|one| one.number).max().unwrap_or(0) + 1;
        let mediation = Mediation {
            id,
            application: self.application.id,
            number,
            case: case.id,
            kind: conflict.kind,
            categories: conflict.categories,
            parties: [self.party(first)?, self.party(second)?],
            question: wanted.question,
            state: MediationState::Open,
            levels: vec![Reached {
                level: MediationLevel::Lead,
                department: Some(lead.unwrap_or(&case.department).to_owned()),
                on: at.today,
                because: None,
            }],
            positions: Vec::new(),
            ending: None,
            ended_on: None,
            version: 1,
            department: case.department,
        };
        self.case_mut(case.id)?.version += 1;
        let told = mediation.standing().told(EventKind::MediationOpened);
        Ok((mediation, with_days(told, rules.mediation())))
    }

    /// Passes a mediation up before its time (提请上一级协调).
    ///
    /// # Errors
    /// As [`Mediation::pass_up`].
    pub fn pass_mediation_up(
        &self,
        mediation: &mut Mediation,
        named: Option<&str>,
        because: String,
        who: (&crate::actor::Actor, Option<&str>),
        (at, rules): (Moment, &dyn Rules),
    ) -> Result<Vec<Happening>, Rejected> {
        let policy = rules.mediation();
        let named = (named, rules.named_for_conflicts());
        let told = mediation.pass_up(named, because, who, at.today)?;
        Ok(with_days(told, policy))
    }

    /// The mediations that are open, as the course tells it.
    pub fn open_mediations(&self) -> Vec<Standing> {
        let opened = self.course.all(EventKind::MediationOpened);
        let standing = opened.filter_map(|opened| self.standing(opened));
        standing.collect()
    }

    /// The mediations of cases that have ended: there is nothing left to settle. Each with the day on which its case ended.
    pub fn close_moot_mediations(&self) -> Vec<(u32, NaiveDate, Vec<Happening>)> {
        let open = self.open_mediations().into_iter();
        let moot = open.filter_map(|standing| {
            let mut cases = self.cases.iter();
            let case = cases.find(|case| case.id == standing.case && case.state.has_ended())?;
            let ended_on = case.ending.as_ref()?.on.max(standing.since);
            let told = standing.told(EventKind::MediationClosed).into_iter();
            let told = told.map(|happening| happening.dated(ended_on)).collect();
            Some((standing.number, ended_on, told))
        });
        moot.collect()
    }

    /// A case is not granted while a conflict of its opinions is mediated; its clocks run on, and it may be refused.
    pub(super) fn expect_no_mediation(
        &self,
        case: CaseId,
        decision: &Decision,
    ) -> Result<(), Rejected> {
        let mut open = self.open_mediations().into_iter();
        match open.find(|standing| decision.granted && standing.case == case) {
            Some(standing) => {
                let level = standing.level.into();
                Err(Reason::MediationOpen { level }.into())
            }
            None => Ok(()),
        }
    }

    /// The clocks of the mediations of a case: one for each level that was reached, in that order.
    pub(super) fn mediation_clocks(&self, case: &Case, rules: &dyn Rules) -> Vec<FileClock> {
        let terms = Terms::new(rules.conventions().clone());
        let mut clocks = Vec::new();
        for (ordinal, (place, reached)) in (1..).zip(self.course.levels(case.id)) {
            let act = |kind, on, entry: &Entry| Act::new(kind, on).entered(entry.entered_on);
            let from = reached.day(FORMER_DUE).unwrap_or(reached.on);
            let mut acts = vec![act(ActKind::LevelReached, from, reached).setting(reached.limit())];
            let mut later = self.course.0.iter().skip(place + 1);
            let left = later.find(|entry| {
                MOVES.contains(&entry.kind)
                    && entry.word(ABOUT_MEDIATION) == reached.word(ABOUT_MEDIATION)
            });
            acts.extend(left.map(|left| act(ActKind::LevelLeft, left.on, left)));
            let calendar = rules.calendar(None);
            for running in run(ClockKind::Mediation, &acts, &terms, &[], calendar) {
                let held_by = Some(reached.word("heldBy")).filter(|code| !code.is_empty());
                let level = MediationLevel::from_code(reached.word("level"));
                let running = Running { ordinal, ..running };
                clocks.push(FileClock {
                    // Above the last level nobody is left to climb to: who lets its days pass is late.
                    grave: level.is_some_and(|level| level.above(None).is_none()),
                    department: held_by.map(str::to_owned),
                    // Every level has days of the centre.
                    ..FileClock::made_by(&acts, running, (Some(case.id), None), rules)
                });
            }
        }
        clocks
    }

    /// The open mediations of which a level let its days pass, with the last of them. There is nothing above the last level.
    pub(super) fn mediations_to_climb(&self, rules: &dyn Rules) -> Vec<(NaiveDate, Standing)> {
        let climbing = self.open_mediations().into_iter().filter_map(|standing| {
            standing.level.above(None)?;
            let mut cases = self.cases.iter();
            let case = cases.find(|case| case.id == standing.case && !case.state.has_ended())?;
            let ordinal = self.course.mediation_clock(case.id, standing.number)?;
            let mut clocks = self.mediation_clocks(case, rules).into_iter();
            let clock = clocks.find(|clock| clock.running.ordinal == ordinal)?;
            Some((clock.due_on()?, standing))
        });
        climbing.collect()
    }

    /// Lets a mediation climb because its level let the days pass.
    pub(super) fn climb_by_time(
        mut standing: Standing,
        on: NaiveDate,
        rules: &dyn Rules,
    ) -> Option<(Standing, Vec<Happening>)> {
        let policy = rules.mediation();
        let named = rules.named_for_conflicts();
        let named = named.and_then(|named| standing.may_name(named));
        (standing.level, standing.held_by) = standing.level.above(named)?;
        standing.since = on;
        let mut told = with_days(standing.told(EventKind::MediationClimbed), policy);
        if let (Some(first), Some(due)) = (told.first_mut(), on.pred_opt()) {
            first.detail.push((FORMER_DUE, due.to_string()));
        }
        let told = told.into_iter().map(|happening| happening.dated(on));
        let told = told.collect();
        Some((standing, told))
    }

    fn standing(&self, opened: &Entry) -> Option<Standing> {
        let number: u32 = opened.word(ABOUT_MEDIATION).parse().ok()?;
        let of = |entry: &&Entry| entry.word(ABOUT_MEDIATION) == opened.word(ABOUT_MEDIATION);
        let ended = ENDS
            .iter()
            .any(|kind| self.course.all(*kind).any(|entry| of(&entry)));
        let climbed = self.course.all(EventKind::MediationClimbed).filter(of);
        let last = climbed.fold(opened, |_, later| later);
        let case = self
            .cases
            .iter()
            .find(|case| Some(case.id) == opened.case)?;
        let held_by = Some(last.word("heldBy")).filter(|code| !code.is_empty());
        let level = MediationLevel::from_code(last.word("level"))?;
        (!ended).then(|| Standing {
            number,
            case: case.id,
            handled_by: case.department.clone(),
            parties: ["first", "second"].map(|name| opened.word(name).to_owned()),
            level,
            held_by: held_by.map(str::to_owned),
            since: last.on,
        })
    }

    fn conflict_between(
        &self,
        case: CaseId,
        between: &[ReviewId],
        opposed: &Opposed,
    ) -> Result<Conflict, Rejected> {
        let of_case = self.reviews.iter().filter(|review| review.case == case);
        let mut found = conflicts(of_case, opposed).into_iter();
        let found = found.find(|conflict| {
            let (first, second) = conflict.between;
            between == [first, second] || between == [second, first]
        });
        found.ok_or_else(|| Reason::NoConflict.at("reviewIds"))
    }

    fn party(&self, review: ReviewId) -> Result<Party, Rejected> {
        let found = self.reviews.iter().find(|known| known.id == review);
        let department = found.ok_or(Reason::NotFound)?.department.clone();
        Ok(Party { department, review })
    }
}

impl Course {
    /// The number of the clock of a case that the level of a mediation runs by.
    pub fn mediation_clock(&self, case: CaseId, number: u32) -> Option<u32> {
        let number = number.to_string();
        let numbered = (1..).zip(self.levels(case));
        let own = numbered.filter(|(_, (_, reached))| reached.word(ABOUT_MEDIATION) == number);
        own.map(|(ordinal, _)| ordinal).last()
    }

    /// The number of the mediation that a clock of a case measures a level of; empty if there is no such clock.
    pub(super) fn mediation_of(&self, case: CaseId, ordinal: u32) -> &str {
        let mut numbered = (1..).zip(self.levels(case));
        let found = numbered.find(|(number, _)| *number == ordinal);
        found.map_or("", |(_, (_, reached))| reached.word(ABOUT_MEDIATION))
    }

    /// The levels that the mediations of a case reached, with their places.
    fn levels(&self, case: CaseId) -> impl Iterator<Item = (usize, &Entry)> {
        let entries = self.0.iter().enumerate();
        entries.filter(move |(_, entry)| {
            let reaches = matches!(
                entry.kind,
                EventKind::MediationOpened | EventKind::MediationClimbed
            );
            reaches && entry.case == Some(case)
        })
    }
}

/// The word of a climb by time that names the last day of the level that was left. The next one has the whole day after it, so
/// that is the first of its days; a level that was reached by an act begins with the day after.
const FORMER_DUE: &str = "formerDue";

/// What ends a mediation.
const ENDS: [EventKind; 3] = [
    EventKind::MediationSettled,
    EventKind::MediationMinorityRecorded,
    EventKind::MediationClosed,
];

/// What ends the time of a level.
const MOVES: [EventKind; 4] = [
    EventKind::MediationClimbed,
    EventKind::MediationSettled,
    EventKind::MediationMinorityRecorded,
    EventKind::MediationClosed,
];

/// The first of them says how many days the level has.
fn with_days(mut told: Vec<Happening>, policy: &MediationPolicy) -> Vec<Happening> {
    let limit = Limit::workdays(policy.level_days);
    if let Some(first) = told.first_mut() {
        first.detail.push(("days", limit.n.to_string()));
        first.detail.push(("unit", Unit::Workday.code().to_owned()));
    }
    told
}
