//! The course of an application: what happened to it, as far as clocks care, in the order of entry.

mod plain;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::procedure::OF_OWN_MOTION;
use super::when::COUNTS_ON;
use super::{AcceptanceKind, ApplicationOutcome, Moment};
use crate::calendar::local_date;
use crate::case::Case;
use crate::clock::{APPLICANT_SUPPLEMENT, Act, ActKind, ClockKind, Limit, Unit};
use crate::code::Code as _;
use crate::event::{ABOUT_OPINION, ASKED_BY, EventKind, Happening};
use crate::ids::{AccountId, CaseId};
use crate::item::{ItemVersion, SpecialProcedureKind};

/// One event, as it stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What.
    pub kind: EventKind,
    /// The case that it concerns, if one.
    pub case: Option<CaseId>,
    /// The day on which it happened.
    pub on: NaiveDate,
    /// The day from which it counts as known: that of its entry, or for what the law itself brings about the day on
    /// which it did, however late the program came to write it down.
    pub entered_on: NaiveDate,
    /// When it was entered.
    pub entered_at: DateTime<Utc>,
    /// Who did it; nobody for what time brought about.
    pub by: Option<AccountId>,
    /// The words that say more.
    pub detail: BTreeMap<String, String>,
}

/// A special procedure of a case, from its begin to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// Which.
    pub kind: SpecialProcedureKind,
    /// The article that demands it.
    pub basis: String,
    /// Whether it is a hearing that nobody asked for.
    pub of_own_motion: bool,
    /// The day on which the written notice was delivered.
    pub notice_delivered_on: Option<NaiveDate>,
    /// Its first day.
    pub started_on: NaiveDate,
    /// How long it is expected to take, as the applicant was told last; counted from the start.
    pub expected: Option<Limit>,
    /// Its last day; `None` while it goes on.
    pub ended_on: Option<NaiveDate>,
}

/// All of them, the first entered first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course(pub Vec<Entry>);

/// The name of the pause in which the applicant's material is awaited; procedures are numbered.
const MATERIAL: &str = "MATERIAL";

impl Course {
    /// Adds what an act brought about, in the moment of its entry.
    pub fn add(&mut self, happenings: &[Happening], by: Option<AccountId>, at: Moment) {
        let entries = happenings.iter().map(|happening| {
            let detail: BTreeMap<String, String> = happening
                .detail
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect();
            let on = happening.on.unwrap_or(at.today);
            Entry {
                kind: happening.kind,
                case: happening.case,
                on,
                entered_on: known_on(by, on, at.today, &detail),
                entered_at: at.now,
                by,
                detail,
            }
        });
        self.0.extend(entries);
    }

    /// What was on record at an instant.
    pub fn until(&self, instant: DateTime<Utc>) -> Self {
        let known = self.0.iter().filter(|entry| entry.entered_at <= instant);
        Self(known.cloned().collect())
    }

    /// Whether something of this kind happened.
    pub fn has(&self, kind: EventKind) -> bool {
        self.0.iter().any(|entry| entry.kind == kind)
    }

    /// What happened of this kind.
    pub fn all(&self, kind: EventKind) -> impl DoubleEndedIterator<Item = &Entry> {
        self.0.iter().filter(move |entry| entry.kind == kind)
    }

    /// What happened of this kind to a case.
    pub fn of_case(
        &self,
        case: CaseId,
        kind: EventKind,
    ) -> impl DoubleEndedIterator<Item = &Entry> {
        self.all(kind).filter(move |entry| entry.case == Some(case))
    }

    /// The special procedures of a case that have begun and not ended: number and kind.
    pub fn open_procedures(&self, case: CaseId) -> Vec<(&Entry, SpecialProcedureKind)> {
        let ended: Vec<&str> = self
            .of_case(case, EventKind::SpecialProcedureEnded)
            .map(Entry::procedure)
            .collect();
        self.of_case(case, EventKind::SpecialProcedureBegun)
            .filter(|begun| !ended.contains(&begun.procedure()))
            .filter_map(|begun| {
                let kind = SpecialProcedureKind::from_code(begun.word("reason"))?;
                Some((begun, kind))
            })
            .collect()
    }

    /// How long a special procedure takes, as the applicant was told last.
    pub fn notified(&self, case: CaseId, number: &str) -> Option<Limit> {
        let told = self.0.iter().rev().find(|entry| {
            let tells = entry.kind == EventKind::SpecialProcedureBegun
                || entry.kind == EventKind::SpecialProcedureRenotified;
            tells && entry.case == Some(case) && entry.procedure() == number
        });
        told?.limit()
    }

    /// The special procedures of a case, the first first.
    pub fn procedures(&self, case: CaseId) -> Vec<Procedure> {
        let began = self.of_case(case, EventKind::SpecialProcedureBegun);
        let all = began.filter_map(|begun| {
            let of = |kind: EventKind| {
                let mut entries = self.of_case(case, kind);
                entries.rfind(|entry| entry.procedure() == begun.procedure())
            };
            let renotified = of(EventKind::SpecialProcedureRenotified);
            Some(Procedure {
                kind: SpecialProcedureKind::from_code(begun.word("reason"))?,
                basis: begun.word("basis").to_owned(),
                of_own_motion: begun.is_of_own_motion(),
                notice_delivered_on: begun.day("noticeDeliveredOn"),
                started_on: begun.on,
                expected: renotified.unwrap_or(begun).limit(),
                ended_on: of(EventKind::SpecialProcedureEnded).map(|ended| ended.on),
            })
        });
        all.collect()
    }

    /// Whether the examination of a case has ended, by all that happened so far.
    pub(super) fn is_examined(&self, case: CaseId) -> bool {
        let mut its_own = self.0.iter().filter(|entry| entry.case == Some(case));
        let last = its_own.rfind(|entry| entry.is_of_examination());
        last.is_some_and(|entry| entry.kind == EventKind::OpinionGiven)
    }

    /// Whether material that was asked for after acceptance is awaited. A decision ends the wait, also one that is revoked.
    pub fn awaits_material(&self, case: CaseId) -> bool {
        let last = self
            .since_it_went_on(case)
            .map(|entry| entry.kind)
            .find(|kind| matches!(kind, EventKind::MaterialAsked | EventKind::MaterialReceived));
        last == Some(EventKind::MaterialAsked)
    }

    /// How the application was accepted.
    pub fn acceptance(&self) -> Option<(AcceptanceKind, &Entry)> {
        let accepted = self.all(EventKind::ApplicationAccepted).next_back()?;
        let kind = AcceptanceKind::from_code(accepted.word("kind")).unwrap_or_default();
        Some((kind, accepted))
    }

    /// The acts on the application as a whole.
    pub fn acts(&self) -> Vec<Act> {
        self.0.iter().flat_map(Entry::acts_on_the_whole).collect()
    }

    /// The acts on one opinion that a case asked for, and the end of the case, after which nobody waits for it; with the place
    /// of the first that stops its clock.
    pub fn opinion_acts(&self, case: CaseId, number: &str) -> (Vec<Act>, Option<usize>) {
        let mut acts = Vec::new();
        let mut stop = None;
        for (place, entry) in self.0.iter().enumerate() {
            let is_its_own = entry.word(ABOUT_OPINION) == number;
            let kind = match entry.kind {
                _ if entry.case != Some(case) => continue,
                EventKind::OpinionAsked if is_its_own => ActKind::Passed,
                EventKind::OpinionGiven if is_its_own => ActKind::Opinion,
                EventKind::OpinionWithdrawn | EventKind::OpinionTacit if is_its_own => {
                    ActKind::Terminated
                }
                _ if entry.ends_case() => ActKind::Terminated,
                _ => continue,
            };
            if kind == ActKind::Passed {
                acts.push(entry.passed_on(entry.limit()));
            } else if !acts.is_empty() {
                stop.get_or_insert(place);
                acts.push(entry.act(kind));
            }
        }
        (acts, stop)
    }

    /// The acts on one case.
    pub fn acts_of(&self, case: &Case, item: &ItemVersion, renews: Option<NaiveDate>) -> Vec<Act> {
        let its_own = self
            .0
            .iter()
            .filter(|entry| entry.case.is_none_or(|id| id == case.id));
        let mut acts = Vec::new();
        for entry in its_own {
            entry.acts_on_case(case, item, renews, &mut acts);
        }
        acts
    }
}

/// What people enter is known from their entry; what the law brings about is known from its day, even if the program
/// stood still then.
pub(super) fn known_on(
    by: Option<AccountId>,
    on: NaiveDate,
    entered_on: NaiveDate,
    detail: &BTreeMap<String, String>,
) -> NaiveDate {
    let by_law = by.is_none().then(|| {
        let established = detail.get("establishedOn");
        established.and_then(|day| day.parse().ok()).unwrap_or(on)
    });
    by_law.unwrap_or(entered_on).max(on)
}

impl Entry {
    /// An event as the ledger holds it.
    pub fn new(
        kind: EventKind,
        case: Option<CaseId>,
        (on, entered_at): (NaiveDate, DateTime<Utc>),
        by: Option<AccountId>,
        detail: BTreeMap<String, String>,
    ) -> Self {
        let entered_on = local_date(entered_at);
        Self {
            kind,
            case,
            on,
            entered_on: known_on(by, on, entered_on, &detail),
            entered_at,
            by,
            detail,
        }
    }

    /// Whether a case ended by it.
    pub(super) fn ends_case(&self) -> bool {
        matches!(
            self.kind,
            EventKind::CaseGranted
                | EventKind::CaseRefused
                | EventKind::CaseRenewed
                | EventKind::CaseTacitPassed
                | EventKind::CaseTerminated
                | EventKind::CaseWithdrawn
                | EventKind::CaseNotRequired
                | EventKind::CaseNotCompetent
                | EventKind::CaseAcceptanceRevoked
                | EventKind::CaseVoided
        )
    }

    /// Whether it ended the examination of a case, or began it again. What other departments think does neither.
    pub(super) fn is_of_examination(&self) -> bool {
        let is_of_opinion = matches!(
            self.kind,
            EventKind::OpinionGiven | EventKind::ReviewReturned | EventKind::OpinionStale
        );
        is_of_opinion && self.word(ABOUT_OPINION).is_empty()
    }

    /// Whether the department that handles the case did it, and not the lead in its stead.
    pub(super) fn is_by(&self, department: &str) -> bool {
        let by = self.word(ASKED_BY);
        by.is_empty() || by == department
    }

    /// A word of the detail, empty if it is not there.
    pub fn word(&self, name: &str) -> &str {
        self.detail.get(name).map_or("", String::as_str)
    }

    /// A day of the detail.
    pub fn day(&self, name: &str) -> Option<NaiveDate> {
        self.word(name).parse().ok()
    }

    /// The day as of which it counts, which is a later one for what was received after closing time.
    pub fn counts_on(&self) -> NaiveDate {
        self.day(COUNTS_ON).map_or(self.on, |day| day.max(self.on))
    }

    /// The number of the special procedure that it is about.
    pub fn procedure(&self) -> &str {
        self.word("procedure")
    }

    fn is_of_own_motion(&self) -> bool {
        !self.word(OF_OWN_MOTION).is_empty()
    }

    /// The period that it names.
    pub fn limit(&self) -> Option<Limit> {
        let n = self.word("days").parse().ok()?;
        let unit = Unit::from_code(self.word("unit")).unwrap_or(Unit::Workday);
        Some(Limit { n, unit })
    }

    pub(super) fn act(&self, kind: ActKind) -> Act {
        Act::new(kind, self.on)
            .entered(self.entered_on)
            .counting(self.counts_on())
    }

    /// That a department was given the case, and a period to speak in: on the day of the entry, however the act is dated.
    /// Nobody is silent about a file that he has not got.
    pub(super) fn passed_on(&self, limit: Option<Limit>) -> Act {
        let given_on = local_date(self.entered_at).max(self.on);
        Act::new(ActKind::Passed, given_on).setting(limit)
    }

    fn extension(&self, clocks: [ClockKind; 2]) -> Act {
        let days = self.word("days").parse().unwrap_or(0);
        self.act(ActKind::Extend).about(clocks).adding(days)
    }

    /// That a renewal is to be decided before the licence expires. After that there is nothing left that silence could renew.
    fn renewal_pending(&self, renews: Option<NaiveDate>) -> Option<Act> {
        let expires_on = renews.filter(|expires_on| self.on <= *expires_on)?;
        Some(Act::new(ActKind::RenewalAccepted, expires_on))
    }

    fn acts_on_the_whole(&self) -> Vec<Act> {
        vec![match self.kind {
            EventKind::ApplicationReceived => self.act(ActKind::Received),
            EventKind::CorrectionNoticed => {
                self.act(ActKind::CorrectionNotice).setting(self.limit())
            }
            EventKind::SupplementExtended => {
                self.extension([ClockKind::Supplement, ClockKind::Supplement])
            }
            EventKind::Supplemented => self.act(ActKind::Supplement),
            EventKind::ApplicationAccepted => {
                let mut acts = vec![self.act(ActKind::Accepted)];
                if self.word("kind") == AcceptanceKind::Conditional.code() {
                    let conditional = self.act(ActKind::ConditionalAcceptance);
                    acts.push(conditional.setting(self.limit()));
                }
                return acts;
            }
            EventKind::MissingMaterialReceived | EventKind::MissingMaterialNotNeeded => {
                self.act(ActKind::MissingHandedIn)
            }
            EventKind::ApplicationExtended => {
                self.extension([ClockKind::Joint, ClockKind::JointPromised])
            }
            EventKind::ApplicationConcluded => {
                let outcome = ApplicationOutcome::from_code(self.word("outcome"));
                let is_decided = outcome.is_none_or(ApplicationOutcome::is_decided);
                self.act(if is_decided {
                    ActKind::Decided
                } else {
                    ActKind::Terminated
                })
            }
            EventKind::ApplicationReopened => self.act(ActKind::Reopened),
            _ => return Vec::new(),
        }]
    }

    fn acts_on_case(
        &self,
        case: &Case,
        item: &ItemVersion,
        renews: Option<NaiveDate>,
        acts: &mut Vec<Act>,
    ) {
        // What waits for a predecessor begins when that is granted, whenever the material came in.
        let is_first = case.predecessors.is_empty();
        let hearing = SpecialProcedureKind::Hearing.code();
        match self.kind {
            EventKind::ApplicationReceived if is_first => acts.push(self.act(ActKind::Received)),
            EventKind::Supplemented if is_first => acts.push(self.act(ActKind::Supplement)),
            EventKind::CaseStarted => {
                acts.push(self.act(ActKind::Accepted));
                acts.extend(self.renewal_pending(renews));
                let step = item.step_limits().0;
                acts.extend(step.map(|step| self.act(ActKind::StepEntered).setting(Some(step))));
            }
            EventKind::CaseReopened => {
                acts.push(self.act(ActKind::Reopened).setting(self.limit()));
                acts.extend(self.renewal_pending(renews));
            }
            // The steps divide the promise, and a new decision has none.
            _ if self.is_of_examination() && acts.iter().any(Act::is_reopening) => {}
            _ if self.is_of_examination() => {
                // A case of one step has none to leave.
                if let (first, Some(second)) = item.step_limits() {
                    let is_over = self.kind == EventKind::OpinionGiven;
                    let next = if is_over { Some(second) } else { first };
                    acts.push(self.act(ActKind::StepLeft));
                    acts.extend(
                        next.map(|step| self.act(ActKind::StepEntered).setting(Some(step))),
                    );
                }
            }
            EventKind::SpecialProcedureBegun => {
                let begun = self.act(ActKind::Suspend).because(self.word("reason"));
                acts.push(begun.of_procedure(self.procedure()).setting(self.limit()));
                // Nobody waits for a hearing for which nobody has asked (行政许可法 Art. 46, 47).
                if self.word("reason") == hearing && !self.is_of_own_motion() {
                    acts.push(self.act(ActKind::HearingRequested));
                }
            }
            EventKind::SpecialProcedureRenotified => {
                let told = self.act(ActKind::Renotify).of_procedure(self.procedure());
                acts.push(told.setting(self.limit()));
            }
            EventKind::SpecialProcedureEnded => {
                acts.push(self.act(ActKind::Resume).of_procedure(self.procedure()));
                if self.word("reason") == hearing {
                    acts.push(self.act(ActKind::HearingHeld));
                }
            }
            EventKind::CaseExtended => {
                acts.push(self.extension([ClockKind::Statutory, ClockKind::Promised]));
            }
            EventKind::MaterialAsked => {
                let asked = self.act(ActKind::Suspend).because(APPLICANT_SUPPLEMENT);
                acts.push(asked.of_procedure(MATERIAL));
            }
            EventKind::MaterialReceived => {
                acts.push(self.act(ActKind::Resume).of_procedure(MATERIAL));
            }
            EventKind::CaseGranted | EventKind::CaseRefused | EventKind::CaseRenewed => {
                acts.push(self.act(ActKind::Decided));
            }
            EventKind::CaseTacitPassed => {
                acts.push(self.act(ActKind::Decided));
                // Its paper is owed within a working day of the last day of the period, which is the one before.
                let last = self.on.pred_opt().unwrap_or(self.on);
                acts.push(Act::new(ActKind::TacitPassed, last).entered(self.entered_on));
            }
            EventKind::CasePaperIssued => acts.push(self.act(ActKind::PaperIssued)),
            EventKind::CaseTerminated
            | EventKind::CaseWithdrawn
            | EventKind::CaseNotRequired
            | EventKind::CaseNotCompetent
            | EventKind::CaseAcceptanceRevoked
            | EventKind::CaseVoided => acts.push(self.act(ActKind::Terminated)),
            _ => {}
        }
    }
}
