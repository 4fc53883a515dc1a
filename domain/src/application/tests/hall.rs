//! A hall in which everything can be done to an application, day by day, in words, under rules of one's own.
//!
//! `03-09 A grant` is done and entered on 9 March 2026; `03-09 for 03-05 A grant` is entered on the 9th and dated to the
//! 5th (补录). Before each deed, what time brought about is brought about, as every use case does.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::revocation::revocation;
use super::*;
use crate::bundle::{BundleVersion, JointStatutory};
use crate::calendar::tests::{day, notice, notices};
use crate::calendar::{Calendar, Calendars, Notice, NoticeDayKind, Scope, start_of};
use crate::catalogue::county;
use crate::clock::{Clock, ClockKind, ClockState, Conventions, Limit};
use crate::item::{
    Extension, ExtensionApprover, ItemVersion, Necessity, SpecialProcedure, SpecialProcedureKind,
    Step,
};
use crate::revocation::RevocationGround;
use crate::supervision::Thresholds;

/// The notices as published, adopted before anything happens.
static CALENDARS: LazyLock<Arc<Calendars>> = LazyLock::new(|| {
    let none = Calendars::default();
    let adopted = none.adopting(&notices(), start_of(day("2025-11-04")));
    Arc::new(adopted.unwrap().after)
});

/// The region of the hall.
const REGION: &str = "430102";

/// Everything that can be done. A case is named by its place in the alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// What was known before: accept, claim, release, opinion, decision, delivery.
    Main(Act),
    AcceptConditionally,
    Notice(Option<u32>),
    ExtendSupplement(u32),
    Supplement,
    CorrectOnTheSpot,
    NotRequired(usize),
    NotCompetent(usize),
    HandIn,
    Begin(usize, SpecialProcedureKind, u32),
    Renotify(usize, SpecialProcedureKind, u32),
    End(usize, SpecialProcedureKind),
    Extend(usize, u32),
    ExtendJoint(u32),
    Ask(usize),
    Receive(usize),
    Withdraw(Option<usize>),
    Terminate(usize),
    AskVoid(usize),
    ConfirmVoid(usize),
    Ready,
    FailDelivery,
    DeliverOne(usize),
    ReadyOne(usize),
    FailOne(usize),
    /// A document of the very day revokes the refusal, for how it came about.
    Reopen(usize),
}

/// What is published and decided.
#[derive(Clone)]
pub(super) struct Hall {
    pub(super) items: BTreeMap<String, ItemVersion>,
    pub(super) bundle: Option<BundleVersion>,
    pub(super) conventions: Conventions,
    pub(super) calendars: Arc<Calendars>,
}

impl Rules for Hall {
    fn item(&self, case: &Case) -> Option<&ItemVersion> {
        self.items.get(&case.item)
    }

    fn bundle(&self) -> Option<&BundleVersion> {
        self.bundle.as_ref()
    }

    fn calendar(&self, department: Option<&str>) -> &Arc<Calendar> {
        self.calendars.of(REGION, department)
    }

    fn calendar_of(
        &self,
        department: Option<&str>,
        clock: &Clock,
        known_from: NaiveDate,
    ) -> Arc<Calendar> {
        let known = (known_from, clock.stopped_on);
        let due_on = |calendar: &Calendar| clock.due_on(calendar);
        self.calendars.of_period(REGION, department, known, due_on)
    }

    fn conventions(&self) -> &Conventions {
        &self.conventions
    }

    fn thresholds(&self) -> &Thresholds {
        static DEFAULT: LazyLock<Thresholds> = LazyLock::new(Thresholds::default);
        &DEFAULT
    }
}

/// An item promised in 5 working days of 20, in two steps of 3 and 2, with three special procedures and one extension.
pub(super) fn item(code: &str) -> ItemVersion {
    let step = |name: &str, days| Step {
        name: name.to_owned(),
        days,
    };
    let procedure = |kind| SpecialProcedure {
        kind,
        legal_basis: "某条例 第九条".to_owned(),
        limit: Limit::workdays(10),
    };
    ItemVersion {
        steps: vec![step("受理", 0), step("审查", 3), step("决定", 2)],
        extension: Some(Extension {
            limit: Limit::workdays(10),
            approver: ExtensionApprover::AgencyHead,
        }),
        special_procedures: [
            SpecialProcedureKind::Hearing,
            SpecialProcedureKind::ExpertReview,
            SpecialProcedureKind::Testing,
        ]
        .map(procedure)
        .to_vec(),
        ..county::item(code, 5, &["M"])
    }
}

/// The joint handling of everything, in 45 working days of which 10 are promised.
pub(super) fn bundle() -> BundleVersion {
    BundleVersion {
        joint_promised: Limit::workdays(10),
        joint_statutory: Some(JointStatutory {
            limit: Limit::workdays(45),
            extension: Some(Extension {
                limit: Limit::workdays(15),
                approver: ExtensionApprover::LocalGovernmentHead,
            }),
        }),
        ..county::bundle(Vec::new())
    }
}

impl Hall {
    pub(super) fn new() -> Self {
        let letters = (0..8).map(letter);
        Self {
            items: letters.map(|code| (code.clone(), item(&code))).collect(),
            bundle: None,
            conventions: Conventions::default(),
            calendars: CALENDARS.clone(),
        }
    }

    pub(super) fn joint(self) -> Self {
        Self {
            bundle: Some(bundle()),
            ..self
        }
    }

    pub(super) fn convening(mut self, change: impl FnOnce(&mut Conventions)) -> Self {
        change(&mut self.conventions);
        self
    }

    pub(super) fn publishing(mut self, code: &str, change: impl FnOnce(&mut ItemVersion)) -> Self {
        change(self.items.get_mut(code).unwrap());
        self
    }

    /// Receives an application (`"A, B after A"`) on a day.
    pub(super) fn receive(self, on: &str, cases: &str) -> Matter {
        self.receive_at(morning(date(on), 0), cases)
    }

    pub(super) fn receive_at(self, at: Moment, cases: &str) -> Matter {
        let mut file = received_from(cases);
        file.application.received_on = at.today;
        let received = file.receive(When::now(at), &self);
        file.course.add(&[received], Some(person(9).account), at);
        file.wind(&self, at.today);
        Matter {
            hall: self,
            file,
            last: at,
            journal: Vec::new(),
        }
    }
}

/// A day of 2026, or of another year that is named.
pub(super) fn date(text: &str) -> NaiveDate {
    if text.len() == 5 {
        day(&format!("2026-{text}"))
    } else {
        day(text)
    }
}

fn short(day: NaiveDate) -> String {
    day.format("%m-%d").to_string()
}

/// Some minutes after eight o'clock.
pub(super) fn morning(day: NaiveDate, minute: i64) -> Moment {
    Moment {
        now: start_of(day) + TimeDelta::hours(8) + TimeDelta::minutes(minute),
        today: day,
    }
}

/// One application on its way.
#[derive(Clone)]
pub(super) struct Matter {
    pub(super) hall: Hall,
    pub(super) file: File,
    pub(super) last: Moment,
    /// All that happened, with what time brought about.
    pub(super) journal: Vec<Happening>,
}

impl Matter {
    /// Everything that is done, each to be done; divided by `;`.
    pub(super) fn after(mut self, deeds: &str) -> Self {
        for words in deeds.split(';').map(str::trim) {
            if !words.is_empty() {
                let said = self.says(words);
                assert!(!said.starts_with("refused"), "{words}: {said}");
            }
        }
        self
    }

    /// Does one thing and says what was answered. `03-09` alone lets that day come.
    pub(super) fn says(&mut self, words: &str) -> String {
        let (entered, rest) = words.split_once(' ').unwrap_or((words, ""));
        let (on, rest) = match rest.strip_prefix("for ") {
            Some(rest) => rest.split_once(' ').unwrap(),
            None => (entered, rest),
        };
        let (by, rest) = match rest.strip_prefix("by ") {
            Some(rest) => {
                let (number, rest) = rest.split_once(' ').unwrap();
                (Some(number.parse().unwrap()), rest)
            }
            None => (None, rest),
        };
        self.come(date(entered));
        if rest.is_empty() {
            return String::new();
        }
        let deed = deed(rest);
        told(&self.does(deed, by.unwrap_or_else(|| usual(deed)), date(on)))
    }

    /// Lets a day come, with what time brings about by then.
    pub(super) fn come(&mut self, today: NaiveDate) -> Vec<Lapsed> {
        assert!(today >= self.last.today, "time runs forward");
        let minute = if today == self.last.today {
            (self.last.now - start_of(today)).num_minutes() - 8 * 60 + 1
        } else {
            0
        };
        self.last = morning(today, minute);
        let mut all = Vec::new();
        while let Some((lapsed, happenings)) = self.file.lapse(self.last, &self.hall).unwrap() {
            self.note(&happenings, None);
            all.push(lapsed);
            assert!(all.len() < 50, "time never comes to rest: {all:?}");
        }
        all
    }

    /// Adopts a notice of the region on a day, before anybody is at work, that gives days off; those after a plus are worked.
    pub(super) fn adopting(mut self, on: &str, days: &[&str]) -> Self {
        let named = days.iter().map(|day| match day.strip_prefix('+') {
            Some(worked) => (date(worked).to_string(), NoticeDayKind::Makeup),
            None => (date(day).to_string(), NoticeDayKind::Off),
        });
        let named: Vec<(String, NoticeDayKind)> = named.collect();
        let days: Vec<_> = named.iter().map(|(day, kind)| (&**day, *kind)).collect();
        let off = Notice {
            number: format!("县政办〔2026〕{on}号"),
            scope: Scope::of(Some(REGION), None).unwrap(),
            ..notice(2026, &days)
        };
        let adopted = self.hall.calendars.adopting(&[off], start_of(date(on)));
        self.hall.calendars = Arc::new(adopted.unwrap().after);
        self
    }

    /// Does one thing on the day that has come.
    pub(super) fn does(&mut self, deed: Deed, number: usize, on: NaiveDate) -> Answer {
        let actor = person(number);
        let when = self.file.when(&person(0), self.last, Some(on), 400)?;
        let answer = self.perform(deed, &actor, when);
        if let Ok(Outcome::Done(happenings)) = &answer {
            self.note(&happenings.clone(), Some(actor.account));
        }
        answer
    }

    pub(super) fn note(&mut self, happenings: &[Happening], by: Option<AccountId>) {
        self.file.course.add(happenings, by, self.last);
        self.journal.extend_from_slice(happenings);
        while let Some(ended) = self.file.end_of_waiting(&self.hall) {
            let ended = [ended];
            self.file.course.add(&ended, by, self.last);
            self.journal.extend(ended);
        }
        self.file.wind(&self.hall, self.last.today);
    }

    fn perform(&mut self, deed: Deed, actor: &Actor, when: When) -> Answer {
        let (file, hall) = (&mut self.file, &self.hall);
        let why = || "申请人已注销".to_owned();
        let expected = Limit::workdays;
        let not_accepted = |result| NotAccepted {
            result,
            reasons: why(),
            by: actor.account,
        };
        match deed {
            Deed::Main(act) => return perform_when(file, act, actor, when),
            Deed::AcceptConditionally => {
                let missing = MissingMaterial {
                    code: "M".to_owned(),
                    necessity: Some(Necessity::MayFollow),
                    is_there: false,
                };
                let acceptance = Acceptance::conditional(vec![missing], when.on, file, hall)
                    .map_err(|faults| faults[0].clone())?;
                file.accept(actor, when, &acceptance)
            }
            Deed::Notice(days) => {
                let correction = Correction { points: 2, days };
                file.notice_correction(&correction, when, hall)
            }
            Deed::ExtendSupplement(days) => file.extend_supplement(days, when, hall),
            Deed::Supplement => file.supplement(when, hall),
            Deed::CorrectOnTheSpot => file.correct_on_the_spot(when),
            Deed::NotRequired(case) => {
                let refusal = not_accepted(CaseResult::NotRequired);
                file.refuse_acceptance(case_id(case), refusal, when)
            }
            Deed::NotCompetent(case) => {
                let refusal = not_accepted(CaseResult::NotCompetent);
                file.refuse_acceptance(case_id(case), refusal, when)
            }
            Deed::HandIn => file.hand_in_missing(when, hall),
            Deed::Begin(case, kind, days) => {
                let begin = Begin {
                    kind,
                    expected: expected(days),
                    notice_delivered_on: when.on,
                    of_own_motion: false,
                };
                file.begin_procedure(case_id(case), begin, when, hall)
            }
            Deed::Renotify(case, kind, days) => {
                file.renotify_procedure(case_id(case), kind, expected(days), when)
            }
            Deed::End(case, kind) => file.end_procedure(case_id(case), kind, when),
            Deed::Extend(case, days) => {
                let approver = ExtensionApprover::AgencyHead;
                file.extend(case_id(case), Extend { days, approver }, when, hall)
            }
            Deed::ExtendJoint(days) => {
                let approver = ExtensionApprover::LocalGovernmentHead;
                file.extend_joint(Extend { days, approver }, when, hall)
            }
            Deed::Ask(case) => {
                let materials = vec!["M".to_owned()];
                file.ask_material(case_id(case), &MaterialRequest { materials }, when, hall)
            }
            Deed::Receive(case) => file.receive_material(case_id(case), when, hall),
            Deed::Withdraw(case) => file.withdraw(case.map(case_id), actor, when),
            Deed::Terminate(case) => file.terminate(case_id(case), why(), actor, when),
            Deed::AskVoid(case) => file.ask_void(case_id(case), when),
            Deed::ConfirmVoid(case) => file.confirm_void(case_id(case), actor, when),
            Deed::Ready => return file.announce_results(when),
            Deed::FailDelivery => return file.fail_delivery(when),
            Deed::DeliverOne(case) => return file.deliver_some(&[case_id(case)], when),
            Deed::ReadyOne(case) => return file.announce_some(&[case_id(case)], when),
            Deed::FailOne(case) => return file.fail_to_deliver_some(&[case_id(case)], when),
            Deed::Reopen(case) => {
                let decided_on = when.on.to_string();
                let revoked = revocation(RevocationGround::Procedure, &decided_on);
                let fresh = id::<ReviewId>(5_000 + file.reviews.len());
                file.reopen(case_id(case), &revoked, when, hall, fresh)
            }
        }
        .map(Outcome::Done)
    }

    /// The clocks of a kind, one a line: `A 03-02 +5 due 03-09, stopped 03-05`.
    pub(super) fn clocks(&self, kind: ClockKind) -> String {
        let all = self.file.clocks(&self.hall);
        let of_kind = all.iter().filter(|clock| clock.running.kind == kind);
        let lines: Vec<String> = of_kind.map(|clock| self.line(clock)).collect();
        lines.join("; ")
    }

    fn line(&self, one: &FileClock) -> String {
        let clock = &one.running.clock;
        let case = one.case.map_or(String::new(), |id| {
            let case = self.file.cases.iter().find(|case| case.id == id).unwrap();
            format!("{} ", case.item)
        });
        let read = one.deadline(self.last.today);
        let due = one.due_on().map_or("none".to_owned(), short);
        let stopped = clock
            .stopped_on
            .map_or(String::new(), |stop| format!(", stopped {}", short(stop)));
        let overdue = if read.overdue { ", overdue" } else { "" };
        let suspended = if read.state == ClockState::Suspended {
            ", suspended"
        } else {
            ""
        };
        let anchor = short(clock.anchor);
        format!("{case}{anchor} due {due}{stopped}{suspended}{overdue}")
    }

    pub(super) fn states(&self) -> String {
        let whole = self.file.application.state.code();
        format!("{whole}: {}", states(&self.file))
    }

    pub(super) fn outcome(&self) -> &'static str {
        let outcome = self.file.application.outcome;
        outcome.map_or("", crate::code::Code::code)
    }
}

/// One thing from its words.
pub(super) fn deed(words: &str) -> Deed {
    let parts: Vec<&str> = words.split_whitespace().collect();
    let at = |name: &str| place(name.chars().next().unwrap());
    let number = |text: &str| text.parse().unwrap();
    let kind = |text: &str| {
        <SpecialProcedureKind as crate::code::Code>::from_code(text).expect("a special procedure")
    };
    match parts.as_slice() {
        ["accept", "conditionally"] => Deed::AcceptConditionally,
        ["notice"] => Deed::Notice(None),
        ["notice", days] => Deed::Notice(Some(number(days))),
        ["extend", "supplement", days] => Deed::ExtendSupplement(number(days)),
        ["supplement"] => Deed::Supplement,
        ["correct"] => Deed::CorrectOnTheSpot,
        [case, "not", "required"] => Deed::NotRequired(at(case)),
        [case, "not", "competent"] => Deed::NotCompetent(at(case)),
        ["hand", "in"] => Deed::HandIn,
        [case, "begin", which, days] => Deed::Begin(at(case), kind(which), number(days)),
        [case, "renotify", which, days] => Deed::Renotify(at(case), kind(which), number(days)),
        [case, "end", which] => Deed::End(at(case), kind(which)),
        ["extend", "joint", days] => Deed::ExtendJoint(number(days)),
        [case, "extend", days] => Deed::Extend(at(case), number(days)),
        [case, "ask"] => Deed::Ask(at(case)),
        [case, "receive"] => Deed::Receive(at(case)),
        ["withdraw"] => Deed::Withdraw(None),
        [case, "withdraw"] => Deed::Withdraw(Some(at(case))),
        [case, "terminate"] => Deed::Terminate(at(case)),
        [case, "ask", "void"] => Deed::AskVoid(at(case)),
        [case, "confirm", "void"] => Deed::ConfirmVoid(at(case)),
        ["ready"] => Deed::Ready,
        ["fail", "delivery"] => Deed::FailDelivery,
        [case, "hand", "over"] => Deed::DeliverOne(at(case)),
        [case, "tell", "ready"] => Deed::ReadyOne(at(case)),
        [case, "fail", "to", "hand", "over"] => Deed::FailOne(at(case)),
        [case, "reopen"] => Deed::Reopen(at(case)),
        _ => Deed::Main(act(words)),
    }
}

/// The clerk, the reviewer 1, the decider 2, and the second person 3.
pub(super) fn usual(deed: Deed) -> usize {
    match deed {
        Deed::Main(act) => usual_person(act),
        Deed::Begin(..) | Deed::Renotify(..) | Deed::End(..) | Deed::Ask(_) | Deed::Receive(_) => 1,
        Deed::Extend(..) | Deed::Terminate(_) | Deed::Reopen(_) => 2,
        Deed::ConfirmVoid(_) => 3,
        _ => 0,
    }
}
