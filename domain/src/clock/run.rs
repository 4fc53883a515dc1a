//! The one function that makes any clock of the table from what was done.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::pairs::{Pair, is_meant, pairs};
use super::{
    APPLICANT_SUPPLEMENT, Act, ActKind, Anchor, Approver, Boundary, Clock, ClockKind, Conventions,
    Direction, Extending, Extension, Interval, Limit, Pauses, Unit,
};
use crate::calendar::Calendar;

/// What governs the clocks of one subject: a case, an application, a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The limits that an item or a bundle sets; the others come from the conventions.
    pub limits: BTreeMap<ClockKind, Limit>,
    /// Whether the statutory period and the promise run from acceptance or from receipt.
    pub anchor: Anchor,
    /// What the law leaves open.
    pub conventions: Conventions,
}

impl Terms {
    /// Terms without limits of their own.
    pub fn new(conventions: Conventions) -> Self {
        Self {
            limits: BTreeMap::new(),
            anchor: Anchor::Accepted,
            conventions,
        }
    }

    /// The same with one more limit; none takes the clock away.
    pub fn with(mut self, kind: ClockKind, limit: Option<Limit>) -> Self {
        match limit {
            Some(limit) => self.limits.insert(kind, limit),
            None => self.limits.remove(&kind),
        };
        self
    }

    /// The limit of a clock that an act starts: what the act says, then item or bundle, then the convention.
    ///
    /// The two periods of a decision have no default: an item without a statutory limit has no such clock.
    fn limit(&self, kind: ClockKind, act: &Act) -> Option<Limit> {
        let is_set_by_item = matches!(
            kind,
            ClockKind::Statutory
                | ClockKind::Promised
                | ClockKind::Joint
                | ClockKind::JointPromised
        );
        let said = act.limit.filter(|_| !is_set_by_item);
        said.or_else(|| self.limits.get(&kind).copied())
            .or_else(|| {
                (!is_set_by_item)
                    .then(|| self.conventions.limit(kind))
                    .flatten()
            })
    }
}

/// A clock that was started, with the acts that made it what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Which clock.
    pub kind: ClockKind,
    /// The n-th of its kind on this subject, from 1.
    pub ordinal: u32,
    /// The clock itself.
    pub clock: Clock,
    /// The act that started it, by its place in the list.
    pub started_by: usize,
    /// The act that stopped it.
    pub stopped_by: Option<usize>,
    /// The act behind each suspension of the clock.
    pub paused_by: Vec<usize>,
}

/// The act behind a suspension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspending {
    /// Why the clock stands still: the code of a special procedure, or [`APPLICANT_SUPPLEMENT`].
    pub reason: Option<String>,
    /// Which of several.
    pub procedure: Option<String>,
}

impl Running {
    /// The act behind each suspension of the clock, by its place; none behind those that came from components.
    /// `acts` are those that the clock was made from.
    pub fn suspending(&self, acts: &[Act]) -> Vec<Option<Suspending>> {
        let of_components = self
            .clock
            .suspensions
            .len()
            .saturating_sub(self.paused_by.len());
        let of_acts = self.paused_by.iter().map(|at| {
            acts.get(*at).map(|act| Suspending {
                reason: act.reason.clone(),
                procedure: act.procedure.clone(),
            })
        });
        std::iter::repeat_n(None, of_components)
            .chain(of_acts)
            .collect()
    }
}

impl Running {
    /// The clock as if nothing had ever suspended it. Entries after the fact, and extensions, count as they would have then.
    /// `acts` are those that it was made from.
    pub fn unsuspended(&self, acts: &[Act], calendar: &Calendar) -> Clock {
        let mut clock = Clock {
            suspensions: Vec::new(),
            ..self.clock.clone()
        };
        if let Some(stop) = self.stop(acts) {
            clock.stop_by(stop, |_| calendar);
        }
        clock
    }

    /// The clock stopped by the working days that were on record when the act that stopped it was entered, which
    /// `calendar_of` tells of the clock without that act: a notice that came after the due date heals no breach either.
    /// `acts` are those that it was made from.
    pub fn stopped_on_record(
        mut self,
        acts: &[Act],
        calendar_of: impl FnOnce(&Clock) -> Arc<Calendar>,
    ) -> Self {
        if let Some(stop) = self.stop(acts) {
            self.clock.stop_by(stop, calendar_of);
        }
        self
    }

    /// The act that stopped the clock.
    fn stop<'a>(&self, acts: &'a [Act]) -> Option<&'a Act> {
        self.stopped_by.and_then(|at| acts.get(at))
    }

    /// The last day that a special procedure may exclude by the time of which the applicant was told; where its first day is
    /// excluded, too, that day is one of them.
    pub fn told_through(&self, calendar: &Calendar) -> Option<NaiveDate> {
        let clock = &self.clock;
        let due_on = clock.due_on(calendar)?;
        let by_workdays = clock.limit.unit == Unit::Workday;
        let counts_first = clock.boundary == Boundary::Inclusive
            && (!by_workdays || calendar.is_workday(clock.anchor));
        match (counts_first, by_workdays) {
            (false, _) => Some(due_on),
            (true, true) => Some(calendar.subtract_workdays(due_on, 1)),
            (true, false) => due_on.pred_opt(),
        }
    }
}

/// A time during which a clock may stand still.
#[derive(Clone, Copy)]
struct Pause {
    act: usize,
    interval: Interval,
}

/// Makes all clocks of one kind from acts in the order in which they were entered. `components` are the suspensions of
/// a joint clock, made by [`joint_suspensions`](super::joint_suspensions); other clocks do not look at them.
///
/// A clock that runs backward from its event has no anchor to run from and is not made here
/// ([`Limit::latest_before`]).
pub fn run(
    kind: ClockKind,
    acts: &[Act],
    terms: &Terms,
    components: &[Interval],
    calendar: &Calendar,
) -> Vec<Running> {
    if kind.row().direction == Direction::Before {
        return Vec::new();
    }
    let pairs = pairs(acts);
    let pauses = pauses(kind, acts, &pairs, (terms, calendar));
    let mut all: Vec<Running> = Vec::new();
    for (at, _) in acts
        .iter()
        .enumerate()
        .filter(|(_, act)| act.is_about(kind))
    {
        stop(kind, acts, at, &pairs, &mut all);
        extend(kind, acts, at, (terms, calendar), &mut all);
        start(kind, acts, at, terms, &mut all);
    }
    for running in &mut all {
        if kind.row().pauses == Pauses::WithComponents {
            running.clock.suspensions = components.to_vec();
        }
        let touching = pauses.iter().filter(|pause| {
            pause
                .interval
                .end
                .is_none_or(|end| end > running.clock.anchor)
                // What was entered after the stop does not touch a clock any more, however it is dated.
                && running
                    .stopped_by
                    .is_none_or(|stop| pause.act < stop && acts[stop].on >= pause.interval.start)
        });
        for pause in touching {
            running.clock.suspensions.push(pause.interval);
            running.paused_by.push(pause.act);
        }
        if let Some(stop) = running.stopped_by {
            running.clock.stop_by(&acts[stop], |_| calendar);
        }
    }
    all
}

fn start(kind: ClockKind, acts: &[Act], at: usize, terms: &Terms, all: &mut Vec<Running>) {
    let act = &acts[at];
    let is_open = all.last().is_some_and(|last| last.stopped_by.is_none());
    let again = kind == ClockKind::Special;
    if !kind.row().starts.contains(&act.kind) || (is_open && !again) {
        return;
    }
    // Waiting for the applicant is no procedure and has no notified duration.
    if kind == ClockKind::Special && act.reason.as_deref() == Some(APPLICANT_SUPPLEMENT) {
        return;
    }
    let Some(limit) = terms.limit(kind, act) else {
        return;
    };
    let is_decided_on = matches!(kind, ClockKind::Statutory | ClockKind::Promised);
    // What is decided on the spot (即办) is due on the day of its acceptance, wherever other periods begin.
    let is_immediate = kind == ClockKind::Promised && limit.n == 0;
    let from_receipt = is_decided_on && !is_immediate && terms.anchor == Anchor::Received;
    let anchor = if from_receipt {
        received_before(acts, at).unwrap_or(act.counts_on)
    } else {
        act.counts_on
    };
    all.push(Running {
        kind,
        ordinal: u32::try_from(all.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1),
        clock: terms.conventions.clock(anchor, limit),
        started_by: at,
        stopped_by: None,
        paused_by: Vec::new(),
    });
}

/// The day on which the material was complete: the last receipt or supplement before acceptance.
fn received_before(acts: &[Act], at: usize) -> Option<NaiveDate> {
    let receipts = acts[..at]
        .iter()
        .filter(|act| matches!(act.kind, ActKind::Received | ActKind::Supplement));
    receipts.map(|act| act.counts_on).next_back()
}

fn stop(
    kind: ClockKind,
    acts: &[Act],
    at: usize,
    pairs: &BTreeMap<usize, Pair>,
    all: &mut [Running],
) {
    let act = &acts[at];
    if !kind.row().stops_at.contains(&act.kind) {
        return;
    }
    let open = all
        .iter_mut()
        .filter(|running| running.stopped_by.is_none());
    let stopped = open.filter(|running| {
        act.kind != ActKind::Resume || ended(pairs, at, kind) == Some(running.started_by)
    });
    stopped.for_each(|running| running.stopped_by = Some(at));
}

/// The act that began the suspension of a clock that ends by the act at a place.
fn ended(pairs: &BTreeMap<usize, Pair>, at: usize, kind: ClockKind) -> Option<usize> {
    let pair = pairs.get(&at)?;
    pair.clocks.contains(&kind).then_some(pair.begun)
}

fn extend(
    kind: ClockKind,
    acts: &[Act],
    at: usize,
    (terms, calendar): (&Terms, &Calendar),
    all: &mut [Running],
) {
    let act = &acts[at];
    let open = all
        .iter_mut()
        .filter(|running| running.stopped_by.is_none());
    match act.kind {
        ActKind::Extend => {
            let is_promise = matches!(kind, ClockKind::Promised | ClockKind::JointPromised);
            // A special procedure gets more time by a new notice to the applicant, not by anybody's approval.
            let by_approval = |extending: Extending| extending.approver != Approver::Notice;
            let may = kind.row().extends.is_some_and(by_approval)
                && (!is_promise || terms.conventions.extension_applies_to_promise);
            if may {
                open.for_each(|running| running.clock.extensions.push(extension(act)));
            }
        }
        ActKind::Renotify if kind == ClockKind::Special => {
            let its_own = open.filter(|running| is_meant(&acts[running.started_by], act));
            its_own.for_each(|running| {
                let days = act
                    .limit
                    .map_or(0, |told| days_more(&running.clock, told, calendar));
                if days > 0 {
                    let more = Act {
                        days,
                        ..act.clone()
                    };
                    running.clock.extensions.push(extension(&more));
                }
            });
        }
        _ => {}
    }
}

/// By how much a new notice lengthens the notified time, in the unit of the clock; both are counted from the start. Like
/// every extension it counts only if it comes before that time has passed, and it never takes time away that the
/// applicant was told of.
fn days_more(clock: &Clock, told: Limit, calendar: &Calendar) -> u32 {
    let added: i64 = clock
        .extensions
        .iter()
        .map(|extension| i64::from(extension.days))
        .sum();
    let (own, other) = (clock.limit.unit.counted_in(), told.unit.counted_in());
    let until = Clock {
        rolls: clock.rolls,
        ..Clock::new(clock.anchor, told)
    };
    let until = until.due_on(calendar);
    let days = match until {
        Some(until) if own != other && own == Unit::Workday => {
            calendar.workdays_between(clock.anchor, until)
        }
        Some(until) if own != other => (until - clock.anchor).num_days(),
        _ => told.days_from(clock.anchor),
    };
    let more = days - clock.limit.days_from(clock.anchor) - added;
    u32::try_from(more.max(0)).unwrap_or(u32::MAX)
}

fn extension(act: &Act) -> Extension {
    Extension {
        approved_on: act.on,
        days: act.days,
        entered_on: (act.entered_on > act.on).then_some(act.entered_on),
    }
}

impl Clock {
    /// Stops the clock by an act. One that was entered after the period had ended stops it on the day of its entry: what was
    /// late on record stays late. `calendar_of` is asked only then, of the clock as it was before.
    fn stop_by<C: Borrow<Calendar>>(&mut self, act: &Act, calendar_of: impl FnOnce(&Self) -> C) {
        if act.entered_on <= act.on {
            self.stopped_on = Some(act.on);
            return;
        }
        self.stopped_on = None;
        let calendar = calendar_of(self);
        let due_on = self.deadline(calendar.borrow(), act.entered_on).due_on;
        let was_over = due_on.is_some_and(|due_on| due_on < act.entered_on);
        self.stopped_on = Some(if was_over { act.entered_on } else { act.on });
    }
}

/// The lawful suspensions of a case, by which it can stop a joint clock.
pub fn procedure_pauses(acts: &[Act], terms: &Terms, calendar: &Calendar) -> Vec<Interval> {
    pauses(ClockKind::Statutory, acts, &pairs(acts), (terms, calendar))
        .into_iter()
        .map(|pause| pause.interval)
        .collect()
}

/// When a clock of this kind stands still by the acts.
fn pauses(
    kind: ClockKind,
    acts: &[Act],
    pairs: &BTreeMap<usize, Pair>,
    (terms, calendar): (&Terms, &Calendar),
) -> Vec<Pause> {
    let by_supplement = match kind.row().pauses {
        Pauses::Never | Pauses::WithComponents => return Vec::new(),
        Pauses::Procedures | Pauses::OtherOpinions => false,
        Pauses::ProceduresAndSupplement | Pauses::WithCase => {
            terms.conventions.post_acceptance_supplement_pauses_promise
        }
    };
    let mut pauses: Vec<Pause> = Vec::new();
    let mut supplements = 0;
    for (at, act) in acts
        .iter()
        .enumerate()
        .filter(|(_, act)| act.is_about(kind))
    {
        match act.kind {
            ActKind::Suspend => {
                if act.reason.as_deref() == Some(APPLICANT_SUPPLEMENT) {
                    supplements += 1;
                    if !by_supplement || supplements > 1 {
                        continue;
                    }
                }
                let interval = Interval::open(act.on).entered(act.entered_on);
                pauses.push(Pause { act: at, interval });
            }
            ActKind::Resume => {
                let begun = ended(pairs, at, kind);
                if let Some(pause) = pauses.iter_mut().find(|pause| Some(pause.act) == begun) {
                    pause.interval = pause.interval.ended(act.counts_on, act.entered_on);
                }
            }
            _ => {}
        }
    }
    if terms.conventions.cap_exclusion_at_notified_duration {
        cap(&mut pauses, acts, terms, calendar);
    }
    pauses
}

/// No more is excluded than the applicant was told of.
fn cap(pauses: &mut [Pause], acts: &[Act], terms: &Terms, calendar: &Calendar) {
    let notified = run(ClockKind::Special, acts, terms, &[], calendar);
    for pause in pauses {
        let told = notified
            .iter()
            .find(|special| special.started_by == pause.act);
        let Some(until) = told.and_then(|special| special.told_through(calendar)) else {
            continue;
        };
        let ends_later = pause.interval.end.is_none_or(|end| end > until);
        if ends_later {
            pause.interval.end = Some(until);
            pause.interval.end_entered_on = None;
        }
    }
}
