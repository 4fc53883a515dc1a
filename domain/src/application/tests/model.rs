//! Random people doing everything that can be done, on random days and after the fact, under random conventions.
//!
//! What must hold after each deed is written down here once more, from the law and not from the program.

use proptest::prelude::*;

use super::hall::{Deed, Hall, Matter, date};
use super::*;
use crate::clock::{Anchor, Boundary, Clock, ClockKind, JointPolicy, Unsupplemented};
use crate::item::SpecialProcedureKind;

const PEOPLE: usize = 4;

/// One step of a story: how many days later, how many days back it is dated, who, what.
type Step = (u64, u64, usize, Deed);

/// What a story happens under; each convention is its own yes or no.
#[expect(clippy::struct_excessive_bools)]
#[derive(Clone, Debug)]
struct Setting {
    cases: &'static str,
    renews_after: Option<u64>,
    policy: JointPolicy,
    boundary: Boundary,
    silence: Unsupplemented,
    anchor: Anchor,
    promise: bool,
    material: bool,
    cap: bool,
    joint: bool,
    /// Each case is refused in the end, and after the delivery its refusal is revoked.
    revokes: bool,
}

impl Setting {
    fn matter(&self) -> Matter {
        let hall = Hall::new().convening(|law| {
            law.joint_suspension_policy = self.policy;
            law.suspension_boundary = self.boundary;
            law.unsupplemented = self.silence;
            law.extension_applies_to_promise = self.promise;
            law.post_acceptance_supplement_pauses_promise = self.material;
            law.cap_exclusion_at_notified_duration = self.cap;
        });
        let hall = hall.publishing("A", |item| {
            item.statutory.as_mut().unwrap().anchor = self.anchor;
        });
        let hall = if self.joint { hall.joint() } else { hall };
        let mut matter = hall.receive("03-02", self.cases);
        if let (Some(days), 1) = (self.renews_after, matter.file.cases.len()) {
            matter.file.application.renewal = Some(Renewal {
                certificate: "证1".to_owned(),
                expires_on: date("03-02") + Days::new(days),
                in_time: true,
            });
        }
        matter
    }
}

fn any_setting() -> impl Strategy<Value = Setting> {
    let cases = prop::sample::select(&["A", "A, B", "A, B after A", "A, B, C after A B"][..]);
    let law = (
        prop::sample::select(JointPolicy::ALL),
        prop::sample::select(Boundary::ALL),
        prop::sample::select(Unsupplemented::ALL),
        prop::sample::select(Anchor::ALL),
    );
    let expires = prop::option::weighted(0.5, 5_u64..60);
    (cases, expires, law, any::<[bool; 5]>()).prop_map(
        |(
            cases,
            renews_after,
            (policy, boundary, silence, anchor),
            [promise, material, cap, joint, revokes],
        )| Setting {
            cases,
            renews_after,
            policy,
            boundary,
            silence,
            anchor,
            promise,
            material,
            cap,
            joint,
            revokes,
        },
    )
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let case = || 0..3_usize;
    let kind = || {
        prop::sample::select(
            &[
                SpecialProcedureKind::ExpertReview,
                SpecialProcedureKind::Hearing,
                SpecialProcedureKind::Tender,
            ][..],
        )
    };
    let opinion = prop::sample::select(OpinionKind::ALL);
    let before = prop_oneof![
        4 => Just(Deed::Main(Act::Accept)),
        2 => Just(Deed::AcceptConditionally),
        3 => prop::option::of(1..15_u32).prop_map(Deed::Notice),
        1 => (0..8_u32).prop_map(Deed::ExtendSupplement),
        4 => Just(Deed::Supplement),
        1 => Just(Deed::CorrectOnTheSpot),
        1 => case().prop_map(Deed::NotRequired),
        1 => case().prop_map(Deed::NotCompetent),
        2 => Just(Deed::HandIn),
    ];
    let during = prop_oneof![
        8 => (case(), kind(), 1..12_u32).prop_map(|(case, kind, days)| Deed::Begin(case, kind, days)),
        3 => (case(), kind(), 1..20_u32).prop_map(|(case, kind, days)| Deed::Renotify(case, kind, days)),
        8 => (case(), kind()).prop_map(|(case, kind)| Deed::End(case, kind)),
        3 => (case(), 0..12_u32).prop_map(|(case, days)| Deed::Extend(case, days)),
        2 => (0..17_u32).prop_map(Deed::ExtendJoint),
        3 => case().prop_map(Deed::Ask),
        3 => case().prop_map(Deed::Receive),
        8 => (case(), opinion).prop_map(|(case, kind)| Deed::Main(Act::Give(case, kind))),
    ];
    let ends = prop_oneof![
        5 => case().prop_map(|case| Deed::Main(Act::GrantWithReasons(case))),
        4 => case().prop_map(|case| Deed::Main(Act::Refuse(case))),
        1 => prop::option::of(case()).prop_map(Deed::Withdraw),
        1 => case().prop_map(Deed::Terminate),
        1 => case().prop_map(Deed::AskVoid),
        1 => case().prop_map(Deed::ConfirmVoid),
        1 => Just(Deed::Ready),
        1 => Just(Deed::FailDelivery),
        2 => Just(Deed::Main(Act::Deliver)),
        1 => case().prop_map(Deed::ReadyOne),
        1 => case().prop_map(Deed::FailOne),
        3 => case().prop_map(Deed::DeliverOne),
        8 => case().prop_map(Deed::Reopen),
    ];
    prop_oneof![2 => before, 4 => during, 2 => ends]
}

fn any_step() -> impl Strategy<Value = Step> {
    let later = prop_oneof![3 => 0..2_u64, 2 => 2..6_u64, 1 => 6..25_u64];
    let back = prop_oneof![3 => Just(0), 2 => 1..10_u64];
    (later, back, 0..PEOPLE, any_deed())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_that_people_do_breaks_what_the_law_keeps(
        setting in any_setting(),
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let mut matter = setting.matter();
        let mut seen = vec![snapshot(&matter)];
        for (later, back, number, deed) in steps {
            let today = matter.last.today + Days::new(later);
            matter.come(today);
            check(&matter);
            let before = matter.clone();
            let deed = within(deed, &matter);
            let answer = matter.does(deed, number, today - Days::new(back));
            check_deed(&before, &matter, deed, &answer);
            check(&matter);
            seen.push(snapshot(&matter));
        }
        finish(&mut matter, setting.revokes);
        check(&matter);
        for (instant, clocks) in seen {
            let mut then = matter.file.clone();
            then.course = matter.file.course.until(instant);
            prop_assert_eq!(then.clocks(&matter.hall), clocks, "as it was known at {}", instant);
        }
        check_ends(&matter);
    }
}

/// It concludes and is closed once, and once more after each time that it was at work again.
fn check_ends(matter: &Matter) {
    use EventKind::{ApplicationClosed, ApplicationConcluded, ApplicationReopened};
    let mut last = ApplicationReopened;
    for told in &matter.journal {
        let may_follow: &[EventKind] = match told.kind {
            ApplicationConcluded => &[ApplicationReopened],
            ApplicationClosed => &[ApplicationConcluded],
            ApplicationReopened => &[ApplicationConcluded, ApplicationClosed],
            _ => continue,
        };
        assert!(may_follow.contains(&last), "{:?} after {last:?}", told.kind);
        last = told.kind;
    }
    assert_eq!(last, ApplicationClosed);
}

fn snapshot(matter: &Matter) -> (DateTime<Utc>, Vec<FileClock>) {
    (matter.last.now, matter.file.clocks(&matter.hall))
}

/// The deed on a case that there is.
fn within(deed: Deed, matter: &Matter) -> Deed {
    let count = matter.file.cases.len();
    match deed {
        Deed::NotRequired(case) => Deed::NotRequired(case % count),
        Deed::NotCompetent(case) => Deed::NotCompetent(case % count),
        Deed::Begin(case, kind, days) => Deed::Begin(case % count, kind, days),
        Deed::Renotify(case, kind, days) => Deed::Renotify(case % count, kind, days),
        Deed::End(case, kind) => Deed::End(case % count, kind),
        Deed::Extend(case, days) => Deed::Extend(case % count, days),
        Deed::Ask(case) => Deed::Ask(case % count),
        Deed::Receive(case) => Deed::Receive(case % count),
        Deed::Withdraw(case) => Deed::Withdraw(case.map(|case| case % count)),
        Deed::Terminate(case) => Deed::Terminate(case % count),
        Deed::AskVoid(case) => Deed::AskVoid(case % count),
        Deed::ConfirmVoid(case) => Deed::ConfirmVoid(case % count),
        Deed::ReadyOne(case) => Deed::ReadyOne(case % count),
        Deed::FailOne(case) => Deed::FailOne(case % count),
        Deed::DeliverOne(case) => Deed::DeliverOne(case % count),
        // Mostly there is none that was refused.
        Deed::Reopen(case) => {
            let mut all = 0..count;
            let refused = all.find(|place| {
                let ending = case_of(&matter.file, *place).ending.as_ref();
                ending.is_some_and(|ending| ending.result == CaseResult::Refused)
            });
            Deed::Reopen(refused.unwrap_or(case % count))
        }
        Deed::Main(Act::Give(case, kind)) => Deed::Main(Act::Give(case % count, kind)),
        Deed::Main(Act::GrantWithReasons(case)) => Deed::Main(Act::GrantWithReasons(case % count)),
        Deed::Main(Act::Refuse(case)) => Deed::Main(Act::Refuse(case % count)),
        whole => whole,
    }
}

/// What one deed may do to what was there.
fn check_deed(before: &Matter, after: &Matter, deed: Deed, answer: &Answer) {
    if !matches!(answer, Ok(Outcome::Done(_))) {
        assert_eq!(after.file, before.file, "{deed:?}: {}", told(answer));
        return;
    }
    check_versions(&before.file, &after.file);
    let today = after.last.today;
    let later = after.file.clocks(&after.hall);
    for one in before.file.clocks(&before.hall) {
        let same = |other: &&FileClock| {
            let key = |clock: &FileClock| (clock.case, clock.running.kind, clock.running.ordinal);
            key(other) == key(&one)
        };
        let other = later.iter().find(same).expect("no clock is ever lost");
        let name = format!("{deed:?} {:?} {:?}", one.case, one.running.kind);
        check_clock(
            &name,
            &one.running.clock,
            &other.running.clock,
            after,
            today,
        );
        if matches!(deed, Deed::Begin(..)) && one.running.stopped_by.is_none() {
            let due = |clock: &Clock| clock.due_on(calendar(after)).unwrap_or(NaiveDate::MAX);
            assert!(
                due(&other.running.clock) >= due(&one.running.clock),
                "{name} shortens"
            );
        }
    }
    if let Deed::End(..) = deed {
        check_ended_earlier(before, after, deed);
    }
}

/// A version grows when the object changes, so that whoever read it before is told.
fn check_versions(before: &File, after: &File) {
    let (was, is) = (&before.application, &after.application);
    // The dates of the joint clock are a cache, and move with the cases.
    let same = *was
        == Application {
            version: was.version,
            joint: was.joint,
            eventful: was.eventful,
            ..is.clone()
        };
    assert!(same || is.version > was.version, "the application");
    for (was, is) in before.cases.iter().zip(&after.cases) {
        let version = was.version;
        let same = *was
            == Case {
                version,
                ..is.clone()
            };
        assert!(same || is.version > version, "{}", is.item);
    }
    for (was, is) in before.reviews.iter().zip(&after.reviews) {
        let version = was.version;
        let same = *was
            == Review {
                version,
                ..is.clone()
            };
        assert!(
            same || is.version > version,
            "the review of {}",
            is.department
        );
    }
}

fn calendar(matter: &Matter) -> &crate::calendar::Calendar {
    matter.hall.calendar(None)
}

/// What is over is over, and what was late stays late.
fn check_clock(name: &str, was: &Clock, is: &Clock, after: &Matter, today: NaiveDate) {
    let calendar = calendar(after);
    if was.stopped_on.is_some() {
        let said = |clock: &Clock| (clock.stopped_on, clock.due_on(calendar));
        assert_eq!(said(is), said(was), "{name}: a stopped clock moved");
        return;
    }
    let read = was.deadline(calendar, today);
    if read.overdue {
        let again = is.deadline(calendar, today);
        assert!(again.overdue, "{name}: healed");
        assert!(
            again.due_on <= read.due_on,
            "{name}: {read:?} then {again:?}"
        );
    }
}

/// The same end dated to an earlier day never gives more time.
fn check_ended_earlier(before: &Matter, after: &Matter, deed: Deed) {
    let mut ended_today = before.clone();
    let answer = ended_today.does(deed, 0, before.last.today);
    assert!(matches!(answer, Ok(Outcome::Done(_))), "{}", told(&answer));
    let late = ended_today.file.clocks(&before.hall);
    for (early, late) in after.file.clocks(&before.hall).iter().zip(&late) {
        let due = |clock: &FileClock| {
            let due = clock.running.clock.due_on(calendar(after));
            due.unwrap_or(NaiveDate::MAX)
        };
        assert!(due(early) <= due(late), "{:?}", early.running.kind);
    }
}

/// What must hold at any time.
fn check(matter: &Matter) {
    let file = &matter.file;
    let clocks = file.clocks(&matter.hall);
    assert_eq!(
        clocks,
        file.clocks(&matter.hall),
        "the same acts make the same clocks"
    );
    let mut again = file.clone();
    again.wind(&matter.hall, matter.last.today);
    assert_eq!(again, *file, "winding once more changes nothing");
    check_told(matter);
    check_order(matter, &clocks);
    check_plain(matter, &clocks);
    for case in &file.cases {
        let open = file.course.open_procedures(case.id);
        let waits = !case.state.has_ended() && !open.is_empty();
        assert_eq!(case.state == CaseState::Suspended, waits, "{}", case.item);
        assert_eq!(
            case.state.has_ended(),
            case.ending.is_some(),
            "{}",
            case.item
        );
    }
    // What was decided is delivered, within a period of its own; nothing waits for what is over.
    for clock in &clocks {
        let ended = match clock.case {
            Some(id) => {
                let mut cases = file.cases.iter();
                let state = cases.find(|case| case.id == id).unwrap().state;
                let waits = [CaseState::Granted, CaseState::Refused].contains(&state);
                let is_delivery = clock.running.kind == ClockKind::Delivery;
                state.has_ended() && !(is_delivery && waits)
            }
            None => file.application.outcome.is_some(),
        };
        assert!(
            !ended || clock.running.stopped_by.is_some(),
            "{:?} runs on after the end",
            clock.running.kind
        );
    }
}

/// The states, told once more by the events alone.
fn check_told(matter: &Matter) {
    let mut whole = ApplicationState::Received;
    let mut states: Vec<(CaseId, CaseState)> = matter
        .file
        .cases
        .iter()
        .map(|case| (case.id, CaseState::Received))
        .collect();
    let mut given: Vec<CaseId> = Vec::new();
    for told in &matter.journal {
        match told.kind {
            EventKind::CorrectionNoticed => {
                whole = ApplicationState::Correction;
                each_open(&mut states, CaseState::Correction);
            }
            EventKind::Supplemented => {
                whole = ApplicationState::Received;
                each_open(&mut states, CaseState::Received);
            }
            EventKind::ApplicationAccepted => {
                whole = ApplicationState::InReview;
                each_open(&mut states, CaseState::AwaitingPredecessor);
            }
            EventKind::ApplicationConcluded => whole = ApplicationState::Concluded,
            EventKind::ApplicationReopened => whole = ApplicationState::InReview,
            EventKind::ApplicationClosed => {
                whole = ApplicationState::Closed;
                for (_, state) in &mut states {
                    let closes = [
                        CaseState::Granted,
                        CaseState::Refused,
                        CaseState::Terminated,
                    ];
                    if closes.contains(state) {
                        *state = CaseState::Closed;
                    }
                }
            }
            _ => {}
        }
        let Some(case) = told.case else { continue };
        given.extend((told.kind == EventKind::OpinionGiven).then_some(case));
        if told.kind == EventKind::CaseReopened {
            given.retain(|known| *known != case);
        }
        let state = match told.kind {
            EventKind::CaseStarted | EventKind::CaseReopened => CaseState::InReview,
            EventKind::CaseRestored => CaseState::AwaitingPredecessor,
            EventKind::OpinionGiven => CaseState::Deciding,
            EventKind::SpecialProcedureBegun => CaseState::Suspended,
            EventKind::SpecialProcedureEnded => goes_on(matter, case, &given),
            EventKind::CaseGranted | EventKind::CaseRenewed => CaseState::Granted,
            EventKind::CaseRefused => CaseState::Refused,
            EventKind::CaseTerminated => CaseState::Terminated,
            EventKind::CaseNotRequired => CaseState::NotRequired,
            EventKind::CaseNotCompetent => CaseState::NotCompetent,
            EventKind::CaseWithdrawn => CaseState::Withdrawn,
            EventKind::CaseAcceptanceRevoked => CaseState::AcceptanceRevoked,
            EventKind::CaseVoided => CaseState::Void,
            EventKind::CaseDelivered => CaseState::Closed,
            _ => continue,
        };
        if let Some(told) = states.iter_mut().find(|(id, _)| *id == case) {
            told.1 = state;
        }
    }
    assert_eq!(matter.file.application.state, whole);
    let is: Vec<_> = matter
        .file
        .cases
        .iter()
        .map(|case| (case.id, case.state))
        .collect();
    assert_eq!(is, states);
}

/// Where a case goes on when a procedure has ended.
fn goes_on(matter: &Matter, case: CaseId, given: &[CaseId]) -> CaseState {
    if !matter.file.course.open_procedures(case).is_empty() {
        CaseState::Suspended
    } else if given.contains(&case) {
        CaseState::Deciding
    } else {
        CaseState::InReview
    }
}

fn each_open(states: &mut [(CaseId, CaseState)], to: CaseState) {
    for (_, state) in states.iter_mut().filter(|(_, state)| !state.has_ended()) {
        *state = to;
    }
}

/// Nothing is dated before what it follows from, or after its entry.
fn check_order(matter: &Matter, clocks: &[FileClock]) {
    let file = &matter.file;
    for entry in &file.course.0 {
        assert!(entry.on >= file.application.received_on, "{entry:?}");
        assert!(entry.on <= entry.entered_on, "{entry:?}");
        assert!(
            entry.on <= crate::calendar::local_date(entry.entered_at),
            "{entry:?}"
        );
    }
    for case in &file.cases {
        if let (Some(dates), Some(ending)) = (&case.dates, &case.ending) {
            assert!(
                ending.on >= dates.started_on,
                "{} ends before it starts",
                case.item
            );
        }
    }
    for clock in clocks {
        let kind = clock.running.kind;
        let clock = &clock.running.clock;
        // The decision on a renewal is due on a day that is known beforehand.
        let is_over = clock
            .stopped_on
            .filter(|_| kind != ClockKind::RenewalDecide);
        assert!(
            is_over.is_none_or(|stop| stop >= clock.anchor),
            "{kind:?} {clock:?}"
        );
    }
}

/// Where nothing moved the clocks, the row alone makes them.
fn check_plain(matter: &Matter, clocks: &[FileClock]) {
    let file = &matter.file;
    let of = |clocks: &[FileClock], case: Option<CaseId>, kinds: [ClockKind; 2]| -> Vec<Clock> {
        let its_own = clocks.iter().filter(|clock| clock.case == case);
        let of_kinds = its_own.filter(|clock| kinds.contains(&clock.running.kind));
        of_kinds.map(|clock| clock.running.clock.clone()).collect()
    };
    for case in &file.cases {
        let Some(dates) = case.dates.as_ref().filter(|dates| !dates.eventful) else {
            continue;
        };
        let ended_on = dates
            .stopped_on
            .or(case.ending.as_ref().map(|ending| ending.on));
        let received_on = file.application.received_on;
        let plain = File {
            course: Course::plain(case.id, received_on, dates.started_on, ended_on),
            ..file.clone()
        };
        let kinds = [ClockKind::Promised, ClockKind::Statutory];
        let plain = of(&plain.clocks_of(case, &matter.hall), Some(case.id), kinds);
        assert_eq!(plain, of(clocks, Some(case.id), kinds), "{}", case.item);
    }
    if !file.application.eventful {
        let application = &file.application;
        let concluded_on = application.concluded_at.map(crate::calendar::local_date);
        let (received_on, accepted_on) = (application.received_on, application.accepted_on);
        let plain = File {
            course: Course::plain_whole(received_on, accepted_on, concluded_on),
            ..file.clone()
        };
        let kinds = [ClockKind::Joint, ClockKind::JointPromised];
        let plain = of(&plain.clocks_of_the_whole(&matter.hall), None, kinds);
        assert_eq!(plain, of(clocks, None, kinds), "the whole");
    }
}

/// From any state, people who do their work bring the application to its end; where refusals are revoked, to its second end.
fn finish(matter: &mut Matter, revokes: bool) {
    for _ in 0..120 {
        let today = matter.last.today;
        matter.come(today);
        let Some((deed, number)) = duty(&matter.file, revokes) else {
            return;
        };
        let before = matter.clone();
        let answer = matter.does(deed, number, today);
        assert!(
            matches!(answer, Ok(Outcome::Done(_))),
            "{deed:?}: {}",
            told(&answer)
        );
        check_deed(&before, matter, deed, &answer);
        check(matter);
    }
    panic!("it never ends: {}", matter.states());
}

fn duty(file: &File, revokes: bool) -> Option<(Deed, usize)> {
    let place = |case: &Case| usize::try_from(case.ordinal).unwrap();
    match file.application.state {
        ApplicationState::Received => return Some((Deed::Main(Act::Accept), 0)),
        ApplicationState::Correction => return Some((Deed::Supplement, 0)),
        ApplicationState::Concluded => return Some((Deed::Main(Act::Deliver), 0)),
        ApplicationState::Closed => {
            let is_refused = |case: &&Case| {
                let ending = case.ending.as_ref();
                let refused = ending.is_some_and(|ending| ending.result == CaseResult::Refused);
                refused && case.dates.is_some() && case.former.is_empty()
            };
            let refused = file.cases.iter().find(is_refused).filter(|_| revokes)?;
            return Some((Deed::Reopen(place(refused)), 2));
        }
        ApplicationState::InReview => {}
    }
    file.cases.iter().find_map(|case| match case.state {
        CaseState::Suspended => {
            let open = file.course.open_procedures(case.id);
            Some((Deed::End(place(case), open[0].1), 1))
        }
        CaseState::InReview => {
            let agree = Act::Give(place(case), OpinionKind::Agree);
            let mut reviews = file.reviews.iter();
            let open = reviews.find(|one| one.case == case.id && !one.state.is_over())?;
            let holder =
                (0..PEOPLE).find(|number| open.claimed_by == Some(person(*number).account));
            Some((Deed::Main(agree), holder.unwrap_or(1)))
        }
        CaseState::Deciding => {
            let accepted_by = file.application.accepted_by;
            let decider = (0..PEOPLE).find(|number| accepted_by != Some(person(*number).account));
            let act = if revokes && case.former.is_empty() {
                Act::Refuse(place(case))
            } else {
                Act::GrantWithReasons(place(case))
            };
            Some((Deed::Main(act), decider?))
        }
        _ => None,
    })
}
