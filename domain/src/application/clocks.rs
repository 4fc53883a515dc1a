//! The clocks of an application and of its cases, made from its course.

use std::sync::Arc;

use chrono::NaiveDate;

use super::{Channel, File};
use crate::bundle::BundleVersion;
use crate::calendar::Calendar;
use crate::case::Case;
use crate::clock::{
    Act, ActKind, Anchor, Clock, ClockKind, Component, Conventions, Deadline, Interval, LampDates,
    Limit, Running, Standing, Suspending, Terms, Warnings, joint_suspensions, procedure_pauses,
    run,
};
use crate::event::EventKind;
use crate::ids::CaseId;
use crate::item::ItemVersion;
use crate::mediation::MediationPolicy;
use crate::supervision::Thresholds;

/// What stands behind the clocks: what is published, which days are worked, what the centre has decided.
pub trait Rules {
    /// The item version that a case was accepted under.
    fn item(&self, case: &Case) -> Option<&ItemVersion>;
    /// The bundle of the application, if it has one.
    fn bundle(&self) -> Option<&BundleVersion>;
    /// The working days of a department, or of the centre, as they are adopted now.
    fn calendar(&self, department: Option<&str>) -> &Arc<Calendar>;
    /// The working days by which one clock is counted: a notice moves no due date that had passed when it was adopted.
    /// `known_from` is the day from which the clock was on record.
    fn calendar_of(
        &self,
        department: Option<&str>,
        _clock: &Clock,
        _known_from: NaiveDate,
    ) -> Arc<Calendar> {
        self.calendar(department).clone()
    }
    /// What the law leaves open.
    fn conventions(&self) -> &Conventions;
    /// How long a level has for a mediation, and whom the government has named.
    fn mediation(&self) -> &MediationPolicy {
        const { &MediationPolicy::DEFAULT }
    }
    /// The department that the government has named for conflicts, where the centre has it.
    fn named_for_conflicts(&self) -> Option<&str> {
        self.mediation().named()
    }
    /// When the rules of supervision raise something, and what lamps mean.
    fn thresholds(&self) -> &Thresholds;
}

/// A clock of an application, or of one of its cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileClock {
    /// The case; `None` for the application as a whole.
    pub case: Option<CaseId>,
    /// Code of the department that it binds; `None` for the application as a whole.
    pub department: Option<String>,
    /// The clock.
    pub running: Running,
    /// The act behind each of its suspensions, by its place.
    pub suspending: Vec<Option<Suspending>>,
    /// The working days by which it is counted.
    pub calendar: Arc<Calendar>,
    /// Whether whoever lets it pass is shown a red card at once: silence that lets a component pass.
    pub grave: bool,
}

impl FileClock {
    /// A clock that acts have made. `department` is the one that it binds, by whose working days it is counted; without one
    /// they are those of the centre.
    pub(super) fn made_by(
        acts: &[Act],
        running: Running,
        (case, department): (Option<CaseId>, Option<&str>),
        rules: &dyn Rules,
    ) -> Self {
        let known_from = acts[running.started_by].entered_on;
        let calendar_of = |clock: &Clock| rules.calendar_of(department, clock, known_from);
        let running = running.stopped_on_record(acts, calendar_of);
        let calendar = calendar_of(&running.clock);
        Self {
            case,
            department: department.map(str::to_owned),
            suspending: running.suspending(acts),
            calendar,
            grave: false,
            running,
        }
    }

    /// Its due date by all that is recorded; `None` while it stands still.
    pub fn due_on(&self) -> Option<NaiveDate> {
        self.running.clock.due_on(&self.calendar)
    }

    /// What it says on a day.
    pub fn deadline(&self, today: NaiveDate) -> Deadline {
        self.running.clock.deadline(&self.calendar, today)
    }

    /// The same one if nothing had ever suspended it; `acts` are those that it was made from.
    fn unsuspended(&self, acts: &[Act]) -> Self {
        let mut unsuspended = self.clone();
        unsuspended.running.clock = self.running.unsuspended(acts, &self.calendar);
        unsuspended
    }

    /// Whether more than its start and its end made it what it is.
    fn is_moved(&self) -> bool {
        let clock = &self.running.clock;
        !clock.suspensions.is_empty() || !clock.extensions.is_empty()
    }
}

/// The clocks of an application as a whole.
const OF_THE_WHOLE: [ClockKind; 5] = [
    ClockKind::AcceptanceCheck,
    ClockKind::Supplement,
    ClockKind::ConditionalSupplement,
    ClockKind::JointPromised,
    ClockKind::Joint,
];

/// The clocks of a case.
const OF_A_CASE: [ClockKind; 8] = [
    ClockKind::Promised,
    ClockKind::Statutory,
    ClockKind::Redecision,
    ClockKind::Step,
    ClockKind::Special,
    ClockKind::HearingHold,
    ClockKind::RenewalDecide,
    ClockKind::TacitPaper,
];

impl File {
    /// Every clock that was ever started.
    pub fn clocks(&self, rules: &dyn Rules) -> Vec<FileClock> {
        let mut clocks = self.clocks_of_the_whole(rules);
        for case in &self.cases {
            clocks.extend(self.clocks_of(case, rules));
        }
        clocks
    }

    /// The clocks of the application as a whole.
    pub fn clocks_of_the_whole(&self, rules: &dyn Rules) -> Vec<FileClock> {
        let acts = self.course.acts();
        let terms = self.terms_of_the_whole(rules);
        let suspended = self.joint_pauses(rules);
        let calendar = rules.calendar(None);
        OF_THE_WHOLE
            .iter()
            .flat_map(|kind| run(*kind, &acts, &terms, &suspended, calendar))
            .map(|running| FileClock::made_by(&acts, running, (None, None), rules))
            .chain(self.delivery_clocks(None, rules))
            .collect()
    }

    /// The clocks of one case.
    pub fn clocks_of(&self, case: &Case, rules: &dyn Rules) -> Vec<FileClock> {
        let Some(acts) = self.acts_of(case, rules) else {
            return Vec::new();
        };
        let terms = case_terms(case, rules);
        let department = Some(case.department.as_str());
        let calendar = rules.calendar(department);
        let subject = (Some(case.id), department);
        let own = OF_A_CASE
            .iter()
            .flat_map(|kind| run(*kind, &acts, &terms, &[], calendar))
            .map(|running| FileClock::made_by(&acts, running, subject, rules));
        own.chain(self.delivery_clocks(Some(case.id), rules))
            .chain(self.component_clock(case, rules))
            .chain(self.opinion_clocks(case, rules))
            .chain(self.mediation_clocks(case, rules))
            .collect()
    }

    /// The acts on a case, by which its clocks are made.
    pub fn acts_of(&self, case: &Case, rules: &dyn Rules) -> Option<Vec<Act>> {
        let item = rules.item(case)?;
        let renews = self.application.renewal.as_ref();
        let renews = renews.filter(|renewal| renewal.in_time);
        let expires_on = renews.map(|renewal| renewal.expires_on);
        Some(self.course.acts_of(case, item, expires_on))
    }

    /// How long the acceptance check may take: as long as the centre has for it, or less, where an item of the application
    /// has less; also one whose case has ended, so that the end of a case moves no date of the others.
    pub fn acceptance_check(&self, rules: &dyn Rules) -> Option<Limit> {
        let usual = rules.conventions().limit(ClockKind::AcceptanceCheck)?;
        let own = self.cases.iter().filter_map(|case| {
            let check = rules.item(case)?.acceptance_check?;
            Some(match self.application.channel {
                Channel::Online => check.days_online(),
                Channel::Window => check.days,
            })
        });
        let n = own.fold(usual.n, u32::min);
        Some(Limit { n, ..usual })
    }

    /// The limits that the bundle and the items set.
    pub fn terms_of_the_whole(&self, rules: &dyn Rules) -> Terms {
        let bundle = rules.bundle();
        let statutory = bundle.and_then(|bundle| bundle.joint_statutory);
        Terms::new(rules.conventions().clone())
            .with(ClockKind::AcceptanceCheck, self.acceptance_check(rules))
            .with(ClockKind::Joint, statutory.map(|joint| joint.limit))
            .with(
                ClockKind::JointPromised,
                bundle.map(|bundle| bundle.joint_promised),
            )
    }

    /// When the joint clock stands still, because components do.
    pub fn joint_pauses(&self, rules: &dyn Rules) -> Vec<Interval> {
        self.joint_pauses_of(rules, |_| {})
    }

    /// When it does as those see it who wait for components: see [`Interval::as_told`].
    pub(super) fn joint_pauses_as_told(&self, rules: &dyn Rules) -> Vec<Interval> {
        self.joint_pauses_of(rules, |component| {
            let suspensions = std::mem::take(&mut component.suspensions).into_iter();
            component.suspensions = suspensions.flat_map(Interval::as_told).collect();
        })
    }

    fn joint_pauses_of(&self, rules: &dyn Rules, see: fn(&mut Component)) -> Vec<Interval> {
        let of_case = |case: &Case| Some(components_of(&self.acts_of(case, rules)?, case, rules));
        let components = self.cases.iter().filter_map(of_case).flatten();
        let mut components: Vec<Component> = components.collect();
        components.iter_mut().for_each(see);
        let conventions = rules.conventions();
        joint_suspensions(
            conventions.joint_suspension_policy,
            conventions.suspension_boundary,
            &components,
        )
    }

    /// One clock that is under way.
    pub fn open_clock(
        &self,
        case: Option<&Case>,
        kind: ClockKind,
        rules: &dyn Rules,
    ) -> Option<FileClock> {
        let clocks = match case {
            Some(case) => self.clocks_of(case, rules),
            None => self.clocks_of_the_whole(rules),
        };
        clocks
            .into_iter()
            .rfind(|clock| clock.running.kind == kind && clock.running.stopped_by.is_none())
    }

    /// Brings the dates that rows keep into line with the clocks, and answers the clocks.
    pub fn wind(&mut self, rules: &dyn Rules, today: NaiveDate) -> Vec<FileClock> {
        let clocks = self.clocks(rules);
        let find_joint = |kind: ClockKind| {
            clocks
                .iter()
                .find(|clock| clock.case.is_none() && clock.running.kind == kind)
        };
        let warnings = rules.thresholds().warnings();
        let joint = [ClockKind::JointPromised, ClockKind::Joint].map(find_joint);
        let was_reopened = self.course.has(EventKind::ApplicationReopened);
        let dates = lamp_dates(joint[0], joint[1], warnings);
        self.application.joint = if was_reopened {
            settled(dates, last_stop(joint.into_iter().flatten()))
        } else {
            dates
        };
        self.application.eventful = was_reopened
            || clocks
                .iter()
                .filter(|clock| {
                    clock.running.kind == ClockKind::Joint
                        || clock.running.kind == ClockKind::JointPromised
                })
                .any(FileClock::is_moved)
            || self.course.accepted_late()
            || self.course.concluded_late();
        let unsuspended: Vec<Option<Standing>> = self
            .cases
            .iter()
            .map(|case| self.standing_unsuspended(case, &clocks, rules))
            .collect();
        for (case, unsuspended) in self.cases.iter_mut().zip(unsuspended) {
            let eventful = self.course.is_eventful_for(case);
            let Some(dates) = &mut case.dates else {
                continue;
            };
            dates.eventful = eventful;
            let promised = period_of_decision(&clocks, case.id, ClockKind::Promised);
            let statutory = period_of_decision(&clocks, case.id, ClockKind::Statutory);
            let both = || promised.into_iter().chain(statutory);
            dates.lamp = lamp_dates(promised, statutory, warnings);
            dates.provisional = both().any(|clock| clock.deadline(today).provisional);
            dates.stopped_on = last_stop(both());
            let told = dates.stopped_on.map(|on| dates.lamp.settled(on));
            dates.standing_unsuspended = unsuspended.filter(|standing| told != Some(*standing));
        }
        self.wind_opinions(&clocks, rules);
        clocks
    }

    /// What the clocks of a case that ended would say if nothing had ever suspended one; `None` where nothing has.
    fn standing_unsuspended(
        &self,
        case: &Case,
        clocks: &[FileClock],
        rules: &dyn Rules,
    ) -> Option<Standing> {
        let both = [ClockKind::Promised, ClockKind::Statutory]
            .map(|kind| period_of_decision(clocks, case.id, kind));
        let mut suspensions = both
            .iter()
            .flatten()
            .map(|clock| &clock.running.clock.suspensions);
        if suspensions.all(Vec::is_empty) {
            return None;
        }
        let acts = self.acts_of(case, rules)?;
        let [promised, statutory] = both.map(|clock| Some(clock?.unsuspended(&acts)));
        let (promised, statutory) = (promised.as_ref(), statutory.as_ref());
        let lamp = lamp_dates(promised, statutory, rules.thresholds().warnings());
        last_stop(promised.into_iter().chain(statutory)).map(|on| lamp.settled(on))
    }
}

/// The day on which the last of them stopped.
pub(super) fn last_stop<'a>(clocks: impl IntoIterator<Item = &'a FileClock>) -> Option<NaiveDate> {
    let stops = clocks
        .into_iter()
        .filter_map(|clock| clock.running.clock.stopped_on);
    stops.max()
}

/// A case as the joint clock sees it: from its start to its end, and if it was opened again, from there to the new one.
/// The first end counts: a record that is voided later was decided all the same.
fn components_of(acts: &[Act], case: &Case, rules: &dyn Rules) -> Vec<Component> {
    let calendar = rules.calendar(Some(&case.department));
    let suspensions = procedure_pauses(acts, &case_terms(case, rules), calendar);
    let mut components: Vec<Component> = Vec::new();
    for act in acts {
        let open = components
            .last_mut()
            .filter(|component| component.decided_on.is_none());
        match (act.kind, open) {
            (ActKind::Accepted | ActKind::Reopened, None) => components.push(Component {
                starts_on: act.counts_on,
                decided_on: None,
                decided_entered_on: None,
                suspensions: suspensions.clone(),
            }),
            (ActKind::Decided | ActKind::Terminated, Some(open)) => {
                open.decided_on = Some(act.on);
                open.decided_entered_on = Some(act.entered_on).filter(|entered| *entered > act.on);
            }
            _ => {}
        }
    }
    components
}

/// The clock by which a case stands towards one of its two periods. A new decision has one period, which the law sets, and
/// what was promised for the former one binds nobody any more.
pub fn period_of_decision<'a>(
    clocks: impl IntoIterator<Item = &'a FileClock>,
    case: CaseId,
    kind: ClockKind,
) -> Option<&'a FileClock> {
    let (mut found, mut anew) = (None, None);
    for clock in clocks.into_iter().filter(|clock| clock.case == Some(case)) {
        if clock.running.kind == kind {
            found.get_or_insert(clock);
        } else if clock.running.kind == ClockKind::Redecision {
            anew = Some(clock);
        }
    }
    match (kind, anew) {
        (ClockKind::Statutory, Some(anew)) => Some(anew),
        (ClockKind::Promised, Some(_)) => None,
        _ => found,
    }
}

/// What stays of dates whose clocks have stopped, where life goes on after that: only what had passed by then says anything
/// any more. So it is with the joint dates of an application that is at work again, and with what a case asked of others
/// before it ended.
pub(super) fn settled(dates: LampDates, stopped_on: Option<NaiveDate>) -> LampDates {
    let passed = |due: &NaiveDate| stopped_on.is_some_and(|stopped_on| *due < stopped_on);
    LampDates {
        alert_on: None,
        promised_due_on: dates.promised_due_on.filter(passed),
        statutory_due_on: dates.statutory_due_on.filter(passed),
    }
}

/// The dates of two clocks, each by the working days that it is counted by.
pub(super) fn lamp_dates(
    promised: Option<&FileClock>,
    statutory: Option<&FileClock>,
    warnings: Warnings,
) -> LampDates {
    let of_one = |clock: &FileClock, is_promise: bool| {
        let kept = Some(&clock.running.clock);
        let (promised, statutory) = if is_promise {
            (kept, None)
        } else {
            (None, kept)
        };
        LampDates::of(promised, statutory, &clock.calendar, warnings)
    };
    let promised = promised
        .map(|clock| of_one(clock, true))
        .unwrap_or_default();
    let statutory = statutory
        .map(|clock| of_one(clock, false))
        .unwrap_or_default();
    LampDates {
        alert_on: promised
            .alert_on
            .into_iter()
            .chain(statutory.alert_on)
            .min(),
        promised_due_on: promised.promised_due_on,
        statutory_due_on: statutory.statutory_due_on,
    }
}

/// The limits that an item sets.
pub(super) fn case_terms(case: &Case, rules: &dyn Rules) -> Terms {
    let item = rules.item(case);
    let statutory = item.and_then(|item| item.statutory);
    let terms = Terms::new(rules.conventions().clone())
        .with(ClockKind::Promised, item.map(|item| item.promised))
        .with(ClockKind::Statutory, statutory.map(|limit| limit.limit));
    Terms {
        anchor: statutory.map_or(Anchor::Accepted, |limit| limit.anchor),
        ..terms
    }
}
