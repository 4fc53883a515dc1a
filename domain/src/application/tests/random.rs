//! Random people doing random acts, repeated and out of order, on random applications.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

const PEOPLE: usize = 4;

/// A received application of up to eight cases, whose file may hold them in any order.
fn any_file() -> impl Strategy<Value = File> {
    let edges = prop::collection::vec(prop::bool::weighted(0.3), 28);
    (1..=8_usize, edges, any::<Index>()).prop_map(|(count, edges, turn)| {
        let mut edges = edges.into_iter();
        let predecessors: Vec<Vec<usize>> = (0..count)
            .map(|place| (0..place).filter(|_| edges.next().unwrap()).collect())
            .collect();
        let mut file = received(&predecessors);
        file.cases.rotate_left(turn.index(count));
        file.reviews.reverse();
        file
    })
}

fn any_kind() -> impl Strategy<Value = OpinionKind> {
    prop::sample::select(OpinionKind::ALL)
}

/// Acts on a case are far more frequent than those on the whole, as in a hall.
fn any_act() -> impl Strategy<Value = Act> {
    let case = || 0..8_usize;
    prop_oneof![
        2 => Just(Act::Accept),
        5 => case().prop_map(Act::Claim),
        2 => case().prop_map(Act::Release),
        9 => (case(), any_kind()).prop_map(|(case, kind)| Act::Give(case, kind)),
        5 => case().prop_map(Act::Grant),
        5 => case().prop_map(Act::GrantWithReasons),
        3 => case().prop_map(Act::Refuse),
        2 => Just(Act::Deliver),
    ]
}

fn any_acts() -> impl Strategy<Value = Vec<(usize, Act)>> {
    prop::collection::vec((0..PEOPLE, any_act()), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn nothing_that_people_do_breaks_an_application(start in any_file(), acts in any_acts()) {
        let mut file = start;
        let mut journal = Vec::new();
        let count = file.cases.len();
        for (minute, (number, act)) in acts.into_iter().enumerate() {
            let act = within(act, count);
            step(&mut file, act, number, minute, &mut journal);
        }
        finish(&mut file, &mut journal);
        let times = |kind| journal.iter().filter(|happening: &&Happening| happening.kind == kind).count();
        for once in [EventKind::ApplicationAccepted, EventKind::ApplicationConcluded, EventKind::ApplicationClosed] {
            prop_assert_eq!(times(once), 1, "{:?}", once);
        }
        let ended = [EventKind::CaseGranted, EventKind::CaseRefused, EventKind::CaseTerminated];
        prop_assert_eq!(ended.into_iter().map(times).sum::<usize>(), count);
    }
}

/// The act on a case that the application has.
fn within(act: Act, count: usize) -> Act {
    match act {
        Act::Claim(case) => Act::Claim(case % count),
        Act::Release(case) => Act::Release(case % count),
        Act::Give(case, kind) => Act::Give(case % count, kind),
        Act::Grant(case) => Act::Grant(case % count),
        Act::GrantWithReasons(case) => Act::GrantWithReasons(case % count),
        Act::Refuse(case) => Act::Refuse(case % count),
        whole => whole,
    }
}

/// One act, and everything that must hold after it.
fn step(
    file: &mut File,
    act: Act,
    number: usize,
    minute: usize,
    journal: &mut Vec<Happening>,
) -> bool {
    let before = file.clone();
    let answer = perform(file, act, &person(number), moment(minute));
    let done = if let Ok(Outcome::Done(happenings)) = answer {
        check_happenings(&before, file, &happenings);
        check_versions(&before, file);
        let by = Some(person(number).account);
        file.course.add(&happenings, by, moment(minute));
        check_fold(file);
        journal.extend(happenings);
        true
    } else {
        assert_eq!(
            *file,
            before,
            "{act:?} changed something and said: {}",
            told(&answer)
        );
        false
    };
    check_state(file);
    // Repeating an act never does it a second time; claiming and giving back take turns.
    if done {
        let mut again = file.clone();
        let answer = perform(&mut again, act, &person(number), moment(minute + 1));
        assert!(
            !matches!(answer, Ok(Outcome::Done(_))),
            "{act:?} was done twice"
        );
        assert_eq!(again, *file);
    }
    done
}

/// What stands in the rows is what the events add up to.
fn check_fold(file: &File) {
    let folded = file.folded(file.course.clone());
    let whole = |file: &File| {
        let application = &file.application;
        let ends = (application.concluded_at, application.closed_at);
        (
            application.state,
            application.outcome,
            application.accepted_on,
            ends,
        )
    };
    assert_eq!(whole(&folded), whole(file));
    let each = |file: &File| -> Vec<_> {
        let cases = file.cases.iter();
        let ending = |case: &Case| {
            let ending = case.ending.clone()?;
            // An event names who acted, also for what followed from the act by itself.
            Some((ending.result, ending.on, ending.at))
        };
        cases
            .map(|case| {
                let started_on = case.dates.as_ref().map(|dates| dates.started_on);
                (case.id, case.state, started_on, ending(case))
            })
            .collect()
    };
    assert_eq!(each(&folded), each(file));
}

/// From any state, people who do their work bring the application to its end.
fn finish(file: &mut File, journal: &mut Vec<Happening>) {
    for minute in 100..200 {
        let Some((act, number)) = next_duty(file) else {
            break;
        };
        assert!(
            step(file, act, number, minute, journal),
            "{act:?} is due but was not done"
        );
    }
    assert_eq!(
        file.application.state,
        ApplicationState::Closed,
        "{}",
        states(file)
    );
}

fn next_duty(file: &File) -> Option<(Act, usize)> {
    match file.application.state {
        ApplicationState::Received => return Some((Act::Accept, 0)),
        ApplicationState::Concluded => return Some((Act::Deliver, 0)),
        ApplicationState::Closed => return None,
        ApplicationState::InReview => {}
        ApplicationState::Correction => panic!("none of these acts asks for a correction"),
    }
    (0..file.cases.len()).find_map(|place| match case_of(file, place).state {
        CaseState::InReview => {
            let case = case_id(place);
            let review = file.reviews.iter().find(|review| review.case == case)?;
            let holder =
                (0..PEOPLE).find(|number| review.claimed_by == Some(person(*number).account));
            Some((Act::Give(place, OpinionKind::Agree), holder.unwrap_or(1)))
        }
        CaseState::Deciding => {
            // Anybody may have accepted, so somebody else decides.
            let decider = (0..PEOPLE)
                .find(|number| file.application.accepted_by != Some(person(*number).account));
            Some((Act::GrantWithReasons(place), decider?))
        }
        _ => None,
    })
}

/// I5: a version grows by exactly one with every act that changes the object, and with no other.
fn check_versions(before: &File, after: &File) {
    let same_version = Application {
        version: before.application.version,
        ..after.application.clone()
    };
    check_version(
        before.application == same_version,
        before.application.version,
        after.application.version,
    );
    for (was, is) in before.cases.iter().zip(&after.cases) {
        let same_version = Case {
            version: was.version,
            ..is.clone()
        };
        check_version(*was == same_version, was.version, is.version);
    }
    for (was, is) in before.reviews.iter().zip(&after.reviews) {
        let same_version = Review {
            version: was.version,
            ..is.clone()
        };
        check_version(*was == same_version, was.version, is.version);
    }
}

#[track_caller]
fn check_version(same: bool, was: i64, is: i64) {
    assert_eq!(is - was, i64::from(!same), "version {was} became {is}");
}

/// Every change of state is told by its event, and nothing is told that did not change.
fn check_happenings(before: &File, after: &File, happenings: &[Happening]) {
    let mut expected = Vec::new();
    if before.application.state != after.application.state {
        expected.extend(match after.application.state {
            ApplicationState::Received | ApplicationState::Correction => {
                panic!("nothing goes back to the counter")
            }
            ApplicationState::InReview => vec!["APPLICATION_ACCEPTED".to_owned()],
            ApplicationState::Concluded => vec!["APPLICATION_CONCLUDED".to_owned()],
            ApplicationState::Closed => vec![
                "RESULTS_DELIVERED".to_owned(),
                "APPLICATION_CLOSED".to_owned(),
            ],
        });
    }
    for (was, is) in before.cases.iter().zip(&after.cases) {
        let mut tell = |kind: &str| expected.push(format!("{kind} {}", is.item));
        if was.state == CaseState::Received && is.state != CaseState::Received {
            tell("CASE_PASSED");
        }
        if was.state == is.state {
            continue;
        }
        match is.state {
            CaseState::InReview => tell("CASE_STARTED"),
            CaseState::Granted => tell("CASE_GRANTED"),
            CaseState::Refused => tell("CASE_REFUSED"),
            CaseState::Terminated => tell("CASE_TERMINATED"),
            CaseState::Received => panic!("nothing goes back to the counter"),
            // Told by the acceptance, by the opinion and by the closing of the whole.
            CaseState::AwaitingPredecessor | CaseState::Deciding | CaseState::Closed => {}
            state => panic!("none of these acts leads to {state:?}"),
        }
    }
    for (was, is) in before.reviews.iter().zip(&after.reviews) {
        let about = is.department.trim_start_matches("D-");
        match (was.state, is.state) {
            (ReviewState::Open, ReviewState::Claimed) => {
                expected.push(format!("REVIEW_CLAIMED {about}"));
            }
            (ReviewState::Claimed, ReviewState::Open) => {
                expected.push(format!("REVIEW_RELEASED {about}"));
            }
            (ReviewState::Open | ReviewState::Claimed, ReviewState::Given) => {
                expected.push(format!("OPINION_GIVEN {about}"));
            }
            // Told by the start and by the termination of the case.
            (ReviewState::Waiting, ReviewState::Open | ReviewState::Cancelled) => {}
            (was, is) => assert_eq!(was, is, "no review goes this way"),
        }
    }
    let mut told: Vec<_> = happenings.iter().map(told_happening).collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

/// The state of everything, recomputed from what was accepted, given and decided.
fn check_state(file: &File) {
    let application = &file.application;
    let accepted = application.state != ApplicationState::Received;
    assert_eq!(application.accepted_on.is_some(), accepted);
    assert_eq!(application.accepted_by.is_some(), accepted);

    let result = |id| {
        file.cases
            .iter()
            .find(|case| case.id == id)
            .unwrap()
            .ending
            .as_ref()
            .map(|ending| ending.result)
    };
    for case in &file.cases {
        let review = file
            .reviews
            .iter()
            .find(|review| review.case == case.id)
            .unwrap();
        // I1: given exactly when an opinion stands.
        assert_eq!(review.state == ReviewState::Given, review.given.is_some());
        assert_eq!(
            review.claimed_by.is_some(),
            matches!(review.state, ReviewState::Claimed | ReviewState::Given)
        );
        assert_eq!(review.claimed_at.is_some(), review.claimed_by.is_some());
        let before: Vec<_> = case.predecessors.iter().map(|id| result(*id)).collect();
        let lost = before
            .iter()
            .any(|result| matches!(result, Some(CaseResult::Refused | CaseResult::Terminated)));
        let ready = before
            .iter()
            .all(|result| *result == Some(CaseResult::Granted));
        let own = case.ending.as_ref().map(|ending| ending.result);
        let expected = match (accepted, own) {
            (_, Some(_)) if application.state == ApplicationState::Closed => CaseState::Closed,
            (_, Some(CaseResult::Granted)) => CaseState::Granted,
            (_, Some(CaseResult::Refused)) => CaseState::Refused,
            (_, Some(CaseResult::Terminated)) => CaseState::Terminated,
            (false, None) => CaseState::Received,
            (true, None) if review.given.is_some() => CaseState::Deciding,
            (true, None) if ready => CaseState::InReview,
            (true, None) => CaseState::AwaitingPredecessor,
            (_, Some(result)) => panic!("none of these acts ends in {result:?}"),
        };
        assert_eq!(case.state, expected, "{}", case.item);
        assert_eq!(
            own == Some(CaseResult::Terminated),
            lost,
            "{} ends with its predecessors",
            case.item
        );
        assert_eq!(
            case.dates.is_some(),
            accepted && ready,
            "{} runs when nothing stands before it",
            case.item
        );

        // A review ends with its case, by an opinion or without.
        let fitting: &[ReviewState] = match (case.state, own) {
            (_, Some(CaseResult::Terminated)) => &[ReviewState::Cancelled],
            (CaseState::Received | CaseState::AwaitingPredecessor, _) => &[ReviewState::Waiting],
            (CaseState::InReview, _) => &[ReviewState::Open, ReviewState::Claimed],
            _ => &[ReviewState::Given],
        };
        assert!(
            fitting.contains(&review.state),
            "{}: {:?}",
            case.item,
            review.state
        );
        check_decision(application, case, review);
    }

    check_conclusion(file);
}

/// I2: concluded exactly when every case has ended, not before the last of them.
fn check_conclusion(file: &File) {
    let application = &file.application;
    let concluded = matches!(
        application.state,
        ApplicationState::Concluded | ApplicationState::Closed
    );
    assert_eq!(
        concluded,
        file.cases.iter().all(|case| case.ending.is_some())
    );
    assert_eq!(application.outcome.is_some(), concluded);
    let last = file
        .cases
        .iter()
        .filter_map(|case| case.ending.as_ref())
        .map(|ending| ending.at)
        .max();
    assert_eq!(application.concluded_at, last.filter(|_| concluded));
    assert_eq!(
        application.closed_at.is_some(),
        application.state == ApplicationState::Closed
    );
    let results = file
        .cases
        .iter()
        .filter_map(|case| case.ending.as_ref())
        .map(|ending| ending.result);
    let granted = results
        .filter(|result| *result == CaseResult::Granted)
        .count();
    let outcome = match application.outcome {
        Some(ApplicationOutcome::Granted) => granted == file.cases.len(),
        Some(ApplicationOutcome::PartlyGranted) => 0 < granted && granted < file.cases.len(),
        Some(ApplicationOutcome::Refused) => granted == 0,
        Some(other) => panic!("none of these acts ends in {other:?}"),
        None => true,
    };
    assert!(outcome, "{:?} with {granted} granted", application.outcome);
}

/// What the law asks of a decision.
fn check_decision(application: &Application, case: &Case, review: &Review) {
    let Some(ending) = &case.ending else { return };
    if ending.result == CaseResult::Terminated {
        assert_eq!((ending.by, &ending.reasons), (None, &None));
        return;
    }
    assert!(
        ending.by.is_some() && ending.by != application.accepted_by,
        "who accepts does not decide"
    );
    let opinion = review.given.as_ref().map(|given| &given.opinion);
    let against = opinion.is_some_and(|opinion| opinion.kind == OpinionKind::Disagree);
    if ending.result == CaseResult::Refused || against {
        assert!(
            ending.reasons.is_some(),
            "{} was decided without reasons",
            case.item
        );
    }
    assert_eq!(
        against,
        opinion.is_some_and(|opinion| opinion.reasons.is_some())
    );
}
