//! Clocks of cases that nobody has filed: what would be due if this and that happened. Nothing is read and nothing is
//! written; the same functions count that count for real cases.

mod arithmetic;
mod joint;
mod otherwise;

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::pairs::pairs;
use super::{
    APPLICANT_SUPPLEMENT, Act, ActKind, Anchor, Approver, ClockKind, Conventions, Deemed, Limit,
    Running, Suspending, Terms, Unit, deemed_acceptance, run,
};
use crate::calendar::Calendar;
use crate::code::Code as _;
use crate::item::SpecialProcedureKind;
use crate::rejected::{Reason, Rejected};

pub use arithmetic::{ClockAnswer, ClockQuestion, DateAnswer, DateQuestion, expect_few};
pub use joint::{
    ComponentAnswer, JointAnswer, JointComponent, JointDates, JointQuestion, SerialAnswer,
    SerialQuestion,
};
pub use otherwise::Otherwise;

/// The most events that are looked at.
pub const MOST_EVENTS: usize = 200;
/// The most other questions of one kind.
pub const MOST_QUESTIONS: usize = 50;
/// The longest period, in any unit.
pub const LONGEST: i64 = 3_650;

/// Others are asked what they think of a disclosure; their time is not the agency's (政府信息公开条例(2019) Art. 33(3)).
const CONSULTATIONS: [&str; 2] = ["THIRD_PARTY_CONSULTATION", "OTHER_AGENCY_CONSULTATION"];

/// A period as somebody typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedLimit {
    /// How many.
    pub n: i64,
    /// Of what.
    pub unit: Unit,
}

/// Something that would happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedEvent {
    /// What.
    pub kind: ActKind,
    /// When.
    pub on: NaiveDate,
    /// Why, for a suspension.
    pub reason: Option<String>,
    /// The working days of which the applicant was told, for a suspension.
    pub notified_days: Option<i64>,
    /// The days of an extension.
    pub days: Option<i64>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// Whether it came after closing time, for what the applicant brings in.
    pub after_hours: bool,
    /// `promised`, `statutory`, for what moves clocks; both if not given.
    pub applies_to: Option<Vec<String>>,
}

/// A case that somebody thinks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// From which event its periods run.
    pub anchor: Anchor,
    /// The promise.
    pub promised: Option<AskedLimit>,
    /// The statutory period.
    pub statutory: Option<AskedLimit>,
    /// What happens, in its order.
    pub events: Vec<AskedEvent>,
    /// The day on which the clocks are read; what happens later is not yet known.
    pub as_of: NaiveDate,
    /// What the law leaves open.
    pub conventions: Conventions,
}

/// What its clocks would say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previewed {
    /// The day from which the periods run; `None` while nothing has started them.
    pub anchor_on: Option<NaiveDate>,
    /// The last day of the last acceptance check, or of the one that lapsed.
    pub check_due_on: Option<NaiveDate>,
    /// Acceptance by silence.
    pub deemed: Option<Deemed>,
    /// The promise.
    pub promised: Option<PreviewedClock>,
    /// The statutory period.
    pub statutory: Option<PreviewedClock>,
}

/// A clock, with the acts behind its suspensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewedClock {
    /// The clock.
    pub running: Running,
    /// The act behind each suspension.
    pub suspending: Vec<Option<Suspending>>,
}

impl Preview {
    /// Counts.
    ///
    /// # Errors
    /// All at once: `ListTooLong`, `DateOutOfRange`, `NumberOutOfRange`, `NoStart`, `ActBeforeReceipt`,
    /// `ActOutOfOrder`, `ResumeWithoutSuspend`, `ExtensionTwice`, `CodeUnknown`.
    pub fn read(&self, calendar: &Calendar) -> Result<Previewed, Vec<Rejected>> {
        let mut faults = Vec::new();
        let promised = limit(self.promised, "promised", &mut faults);
        let statutory = limit(self.statutory, "statutory", &mut faults);
        self.check(&mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let terms = Terms {
            anchor: self.anchor,
            ..Terms::new(self.conventions.clone())
        };
        let terms = terms
            .with(ClockKind::Promised, promised)
            .with(ClockKind::Statutory, statutory);
        let mut acts = self.acts();
        let is_accepted = acts.iter().any(|act| act.kind == ActKind::Accepted);
        let (check_due_on, deemed) = self.accept(&mut acts, &terms, calendar);
        // What is decided on the spot is due with its acceptance, and not before.
        let is_promised = promised.is_none_or(|promised| promised.n > 0);
        let is_promised = is_promised || is_accepted || deemed.is_some();
        let first = |kind: ClockKind, terms: &Terms| {
            run(kind, &acts, terms, &[], calendar).into_iter().next()
        };
        let read = |kind: ClockKind| {
            let running = first(kind, &terms)?;
            let suspending = running.suspending(&acts);
            Some(PreviewedClock {
                running,
                suspending,
            })
        };
        // Where no period is asked for, one of no length tells where it would begin.
        let any = statutory.or(promised).unwrap_or(Limit::workdays(0));
        let begun = first(
            ClockKind::Statutory,
            &terms.clone().with(ClockKind::Statutory, Some(any)),
        );
        Ok(Previewed {
            anchor_on: begun.map(|begun| begun.clock.anchor),
            check_due_on,
            deemed,
            promised: read(ClockKind::Promised).filter(|_| is_promised),
            statutory: read(ClockKind::Statutory),
        })
    }

    /// What is known on the day of the reading.
    fn acts(&self) -> Vec<Act> {
        let known = self.events.iter().filter(|event| event.on <= self.as_of);
        known.map(|event| self.counted(event)).collect()
    }

    /// An event as an act. What the applicant brings in after closing time may count as of the next day.
    fn counted(&self, event: &AskedEvent) -> Act {
        let act = event.act();
        let rolls = self.conventions.after_hours_rolls_forward && event.after_hours;
        let next = event.on.succ_opt().filter(|_| rolls && event.brings_in());
        act.counting(next.unwrap_or(event.on))
    }

    /// Writes acceptance into the acts where silence brings it about, and answers when the check ends.
    fn accept(
        &self,
        acts: &mut Vec<Act>,
        terms: &Terms,
        calendar: &Calendar,
    ) -> (Option<NaiveDate>, Option<Deemed>) {
        let accepted = acts.iter().position(|act| act.kind == ActKind::Accepted);
        let through = accepted.map_or(acts.len(), |at| at + 1);
        let checks = run(
            ClockKind::AcceptanceCheck,
            &acts[..through],
            terms,
            &[],
            calendar,
        );
        let deemed = deemed_acceptance(&acts[..through], terms, calendar, self.as_of);
        let Some(last) = checks.last() else {
            return (None, deemed);
        };
        let mut last_check = last.clock.clone();
        last_check.stopped_on = None;
        let mut due_on = last_check.due_on(calendar);
        let started = match &deemed {
            Some(deemed) => {
                // Nothing begins another check any more either.
                due_on = Some(deemed.check_due_on);
                // An acceptance, refusal or notice that came after the check had lapsed has no effect any more.
                acts.retain(|act| act.kind != ActKind::Accepted);
                let lapsed = checks
                    .iter()
                    .find(|check| check.clock.anchor == deemed.accepted_on);
                lapsed.map(|check| check.started_by)
            }
            // A period that runs from receipt runs while the check does.
            None if self.anchor == Anchor::Received && last.stopped_by.is_none() => {
                Some(last.started_by)
            }
            None => None,
        };
        if let Some(at) = started {
            let on = acts[at].counts_on;
            acts.insert(at + 1, Act::new(ActKind::Accepted, on));
        }
        (due_on, deemed)
    }

    fn check(&self, faults: &mut Vec<Rejected>) {
        date(self.as_of, "asOf", faults);
        if self.events.len() > MOST_EVENTS {
            faults.push(Reason::ListTooLong { max: MOST_EVENTS }.at("events"));
            return;
        }
        for (at, event) in self.events.iter().enumerate() {
            event.check(at, faults);
        }
        self.check_order(faults);
        self.check_pairs(faults);
        let extensions = self.places(ActKind::Extend).skip(1);
        let twice = extensions.map(|at| Reason::ExtensionTwice.at(&format!("events.{at}")));
        faults.extend(twice);
    }

    fn places(&self, kind: ActKind) -> impl Iterator<Item = usize> {
        let events = self.events.iter().enumerate();
        events
            .filter(move |(_, event)| event.kind == kind)
            .map(|(at, _)| at)
    }

    fn check_order(&self, faults: &mut Vec<Rejected>) {
        let begins = self.events.iter().position(AskedEvent::begins);
        let Some(begins) = begins else {
            faults.push(Reason::NoStart.at("events"));
            return;
        };
        let received = self.places(ActKind::Received).next();
        let received_on = received.map(|at| self.events[at].on);
        let mut former: Option<NaiveDate> = None;
        for (at, event) in self.events.iter().enumerate() {
            let is_receipt = event.kind == ActKind::Received;
            // Nothing but a start comes before the first, and no receipt after an acceptance.
            let waits_for = if at < begins {
                Some(self.events[begins].on)
            } else if is_receipt && self.events[..at].iter().any(AskedEvent::accepts) {
                former
            } else {
                former.filter(|former| event.on < *former)
            };
            let place = format!("events.{at}.date");
            if let Some(received) = received_on.filter(|received| event.on < *received) {
                let received = received.to_string();
                faults.push(Reason::ActBeforeReceipt { received }.at(&place));
            } else if let Some(after) = waits_for {
                let after = after.to_string();
                faults.push(Reason::ActOutOfOrder { after }.at(&place));
            }
            former = former.max(Some(event.on));
        }
    }

    /// Each end is that of a suspension: of the one with its reason, else of the last.
    fn check_pairs(&self, faults: &mut Vec<Rejected>) {
        let acts: Vec<Act> = self.events.iter().map(AskedEvent::act).collect();
        let pairs = pairs(&acts);
        for (at, act) in acts.iter().enumerate() {
            if act.kind == ActKind::Resume && !pairs.contains_key(&at) {
                faults.push(Reason::ResumeWithoutSuspend.at(&format!("events.{at}")));
            }
        }
    }
}

impl AskedEvent {
    fn begins(&self) -> bool {
        self.kind == ActKind::Received || self.accepts()
    }

    fn accepts(&self) -> bool {
        matches!(
            self.kind,
            ActKind::Accepted | ActKind::ConditionalAcceptance
        )
    }

    /// Whether the applicant brings something in by it, whose hour may matter.
    fn brings_in(&self) -> bool {
        let is_awaited = self.reason.as_deref() == Some(APPLICANT_SUPPLEMENT);
        match self.kind {
            ActKind::Received | ActKind::Supplement => true,
            ActKind::Resume => is_awaited,
            _ => false,
        }
    }

    /// The clocks that it names. What starts or ends a case does so for both.
    fn clocks(&self) -> Option<Vec<ClockKind>> {
        let moves = matches!(
            self.kind,
            ActKind::Suspend | ActKind::Resume | ActKind::Extend
        );
        if !moves {
            return None;
        }
        let named = self.applies_to.as_ref()?.iter();
        Some(named.filter_map(|name| clock_named(name)).collect())
    }

    fn act(&self) -> Act {
        let kind = if self.accepts() {
            ActKind::Accepted
        } else {
            self.kind
        };
        let whole = |n: i64| u32::try_from(n).unwrap_or(0);
        let act = Act {
            reason: self.reason.clone(),
            limit: self.notified_days.map(whole).map(Limit::workdays),
            days: self.days.map_or(0, whole),
            ..Act::new(kind, self.on)
        };
        // The notified time is that of the procedure, whichever clock it stops.
        let own = [ClockKind::Special];
        let clocks = self.clocks().unwrap_or_default();
        let about = clocks
            .iter()
            .copied()
            .chain(own.into_iter().filter(|_| !clocks.is_empty()));
        act.about(about)
    }

    fn check(&self, at: usize, faults: &mut Vec<Rejected>) {
        let place = |name: &str| format!("events.{at}.{name}");
        date(self.on, &place("date"), faults);
        if let Some(n) = self.notified_days {
            number(n, 0..=LONGEST, &place("notifiedDays"), faults);
        }
        if self.kind == ActKind::Extend || self.days.is_some() {
            number(self.days.unwrap_or(0), 1..=LONGEST, &place("days"), faults);
        }
        let approver = self.approved_by.as_deref();
        if approver.is_some_and(|approver| Approver::from_code(approver).is_none()) {
            let known = Approver::ALL.iter().map(|approver| approver.code());
            let known = known.collect::<Vec<_>>().join(" / ");
            faults.push(Reason::CodeUnknown { known }.at(&place("approvedBy")));
        }
        let reason = self.reason.as_deref();
        if self.kind == ActKind::Suspend && reason.is_some_and(|reason| !is_known(reason)) {
            let known = known_reasons().collect::<Vec<_>>().join(" / ");
            faults.push(Reason::CodeUnknown { known }.at(&place("reason")));
        }
        let mut names = self.applies_to.iter().flatten();
        if names.any(|name| clock_named(name).is_none()) {
            let known = "promised / statutory".to_owned();
            faults.push(Reason::CodeUnknown { known }.at(&place("appliesTo")));
        }
    }
}

const BOTH: [ClockKind; 2] = [ClockKind::Promised, ClockKind::Statutory];

fn clock_named(name: &str) -> Option<ClockKind> {
    BOTH.into_iter()
        .find(|kind| kind.code().eq_ignore_ascii_case(name))
}

fn is_known(reason: &str) -> bool {
    known_reasons().any(|known| known == reason)
}

/// Why a clock may stand still: what the law lists, consultations, and once the applicant's supplement.
fn known_reasons() -> impl Iterator<Item = &'static str> {
    let procedures = SpecialProcedureKind::ALL.iter().map(|kind| kind.code());
    procedures
        .chain([APPLICANT_SUPPLEMENT])
        .chain(CONSULTATIONS)
}

/// A period within reason; the fault is noted.
fn limit(asked: Option<AskedLimit>, place: &str, faults: &mut Vec<Rejected>) -> Option<Limit> {
    let asked = asked?;
    number(asked.n, 0..=LONGEST, &format!("{place}.n"), faults).map(|n| Limit {
        n,
        unit: asked.unit,
    })
}

fn number(
    n: i64,
    may: RangeInclusive<i64>,
    place: &str,
    faults: &mut Vec<Rejected>,
) -> Option<u32> {
    if may.contains(&n) {
        return u32::try_from(n).ok();
    }
    let (min, max) = may.into_inner();
    faults.push(Reason::NumberOutOfRange { min, max }.at(place));
    None
}

/// The days for which a legal period can be asked.
fn date(day: NaiveDate, place: &str, faults: &mut Vec<Rejected>) -> bool {
    let first = NaiveDate::from_ymd_opt(1949, 1, 1).unwrap_or(NaiveDate::MIN);
    let last = NaiveDate::from_ymd_opt(2200, 12, 31).unwrap_or(NaiveDate::MAX);
    let is_within = (first..=last).contains(&day);
    if !is_within {
        let (from, to) = (first.to_string(), last.to_string());
        faults.push(Reason::DateOutOfRange { from, to }.at(place));
    }
    is_within
}
