//! What happens when three people act at once: every order of their statements, one after the other.
//!
//! The store has the semantics of READ COMMITTED: a statement sees what was committed before it, a written
//! row is held until the commit, and a row is saved only from the version that was read. The use cases lock
//! the application first; without that lock the last conclusion is lost, and this explorer must find it.

use std::collections::BTreeSet;

use super::*;

/// When a use case locks the row of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Locking {
    First,
    AfterLoading,
    Never,
}

/// The next statement of a use case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Lock,
    LoadApplication,
    LoadCases,
    Save,
    Commit,
    Over,
}

/// A row, by the table that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Application,
    Case(CaseId),
    Review(ReviewId),
}

#[derive(Clone)]
struct Store {
    committed: File,
    lock: Option<usize>,
    held: Vec<(Row, usize)>,
}

/// One person's use case under way.
#[derive(Clone)]
struct Clerk {
    act: Act,
    actor: Actor,
    at: Moment,
    step: usize,
    loaded: File,
    decided: Option<File>,
    answer: String,
}

/// Where an interleaving ended: the rows, and what each person was told.
#[derive(Clone, PartialEq, Eq)]
struct End {
    file: File,
    answers: Vec<String>,
}

impl Locking {
    fn steps(self) -> &'static [Step] {
        match self {
            Self::First => &[
                Step::Lock,
                Step::LoadApplication,
                Step::LoadCases,
                Step::Save,
                Step::Commit,
            ],
            Self::AfterLoading => &[
                Step::LoadApplication,
                Step::LoadCases,
                Step::Lock,
                Step::Save,
                Step::Commit,
            ],
            Self::Never => &[
                Step::LoadApplication,
                Step::LoadCases,
                Step::Save,
                Step::Commit,
            ],
        }
    }

    fn step(self, clerk: &Clerk) -> Step {
        self.steps().get(clerk.step).copied().unwrap_or(Step::Over)
    }
}

impl Store {
    /// Whether the statement would wait for another transaction.
    fn is_blocked(&self, number: usize, step: Step, clerk: &Clerk) -> bool {
        match step {
            Step::Lock => self.lock.is_some(),
            Step::Save => {
                let mut file = clerk.loaded.clone();
                let rows = match perform(&mut file, clerk.act, &clerk.actor, clerk.at) {
                    Ok(Outcome::Done(_)) => changed(&clerk.loaded, &file),
                    _ => Vec::new(),
                };
                self.held
                    .iter()
                    .any(|(row, holder)| *holder != number && rows.contains(row))
            }
            _ => false,
        }
    }

    fn run(&mut self, number: usize, step: Step, clerk: &mut Clerk) {
        clerk.step += 1;
        match step {
            Step::Lock => self.lock = Some(number),
            Step::LoadApplication => clerk.loaded.application = self.committed.application.clone(),
            Step::LoadCases => {
                clerk.loaded.cases.clone_from(&self.committed.cases);
                clerk.loaded.reviews.clone_from(&self.committed.reviews);
            }
            Step::Save => self.decide_and_save(number, clerk),
            Step::Commit => {
                if let Some(decided) = clerk.decided.take() {
                    write(&mut self.committed, &clerk.loaded, &decided);
                }
                self.held.retain(|(_, holder)| *holder != number);
                self.lock = self.lock.filter(|holder| *holder != number);
            }
            Step::Over => {}
        }
    }

    /// Saves each row from the version that was read; one row too late, and nothing is written at all.
    fn decide_and_save(&mut self, number: usize, clerk: &mut Clerk) {
        let mut file = clerk.loaded.clone();
        let answer = perform(&mut file, clerk.act, &clerk.actor, clerk.at);
        clerk.answer = told(&answer);
        if !matches!(answer, Ok(Outcome::Done(_))) {
            return;
        }
        let rows = changed(&clerk.loaded, &file);
        if rows
            .iter()
            .any(|row| version(&clerk.loaded, *row) != version(&self.committed, *row))
        {
            "conflict".clone_into(&mut clerk.answer);
            return;
        }
        self.held.extend(rows.into_iter().map(|row| (row, number)));
        clerk.decided = Some(file);
    }
}

fn version(file: &File, row: Row) -> i64 {
    match row {
        Row::Application => file.application.version,
        Row::Case(id) => {
            file.cases
                .iter()
                .find(|case| case.id == id)
                .unwrap()
                .version
        }
        Row::Review(id) => {
            file.reviews
                .iter()
                .find(|review| review.id == id)
                .unwrap()
                .version
        }
    }
}

fn changed(before: &File, after: &File) -> Vec<Row> {
    let cases = after.cases.iter().map(|case| Row::Case(case.id));
    let reviews = after.reviews.iter().map(|review| Row::Review(review.id));
    let rows = [Row::Application].into_iter().chain(cases).chain(reviews);
    rows.filter(|row| version(before, *row) != version(after, *row))
        .collect()
}

/// Writes the changed rows, and those alone.
fn write(committed: &mut File, loaded: &File, decided: &File) {
    for row in changed(loaded, decided) {
        match row {
            Row::Application => committed.application = decided.application.clone(),
            Row::Case(id) => {
                let case = committed
                    .cases
                    .iter_mut()
                    .find(|case| case.id == id)
                    .unwrap();
                case.clone_from(decided.cases.iter().find(|case| case.id == id).unwrap());
            }
            Row::Review(id) => {
                let review = committed
                    .reviews
                    .iter_mut()
                    .find(|review| review.id == id)
                    .unwrap();
                review.clone_from(
                    decided
                        .reviews
                        .iter()
                        .find(|review| review.id == id)
                        .unwrap(),
                );
            }
        }
    }
}

/// Goes every way on from here, and shows each end.
fn explore(locking: Locking, store: &Store, clerks: &[Clerk], visit: &mut dyn FnMut(End)) {
    let mut over = true;
    let mut stuck = true;
    for (number, clerk) in clerks.iter().enumerate() {
        let step = locking.step(clerk);
        if step == Step::Over {
            continue;
        }
        over = false;
        if store.is_blocked(number, step, clerk) {
            continue;
        }
        stuck = false;
        let (mut store, mut clerks) = (store.clone(), clerks.to_vec());
        store.run(number, step, &mut clerks[number]);
        explore(locking, &store, &clerks, visit);
    }
    if over {
        let answers = clerks.iter().map(|clerk| clerk.answer.clone()).collect();
        visit(End {
            file: store.committed.clone(),
            answers,
        });
    } else {
        assert!(!stuck, "everybody waits for everybody");
    }
}

/// A file, and three people who act on it at once.
struct Rush {
    file: File,
    acts: [(&'static str, usize); 3],
}

impl Rush {
    fn new(cases: &str, before: &str, acts: [(&'static str, usize); 3]) -> Self {
        Self {
            file: after(received_from(cases), before),
            acts,
        }
    }

    fn clerks(&self) -> Vec<Clerk> {
        let clerk = |(minute, (words, number)): (usize, &(&str, usize))| Clerk {
            act: act(words),
            actor: person(*number),
            at: moment(50 + minute),
            step: 0,
            loaded: self.file.clone(),
            decided: None,
            answer: String::new(),
        };
        self.acts.iter().enumerate().map(clerk).collect()
    }

    fn ends(&self, locking: Locking) -> Vec<End> {
        let store = Store {
            committed: self.file.clone(),
            lock: None,
            held: Vec::new(),
        };
        let mut ends = Vec::new();
        explore(locking, &store, &self.clerks(), &mut |end| ends.push(end));
        ends
    }

    /// Where it ends when the three come one after the other.
    fn in_turn(&self) -> Vec<End> {
        let orders = [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ];
        let end = |order: [usize; 3]| {
            let (mut file, clerks) = (self.file.clone(), self.clerks());
            let mut answers = vec![String::new(); 3];
            for number in order {
                let Clerk { act, actor, at, .. } = &clerks[number];
                answers[number] = told(&perform(&mut file, *act, actor, *at));
            }
            End { file, answers }
        };
        orders.into_iter().map(end).collect()
    }
}

fn rushes() -> Vec<Rush> {
    vec![
        Rush::new(
            "A, B, C",
            LAST_THREE,
            [("A grant", 2), ("B grant", 3), ("C refuse", 2)],
        ),
        Rush::new(
            "A, B",
            "accept; A agree; B agree; B grant",
            [("A grant", 2), ("A refuse", 3), ("deliver", 0)],
        ),
        Rush::new(
            "A, B after A, C",
            "accept; A agree; C agree",
            [("A refuse", 2), ("C grant", 3), ("B claim", 1)],
        ),
        Rush::new(
            "A, B, C after A B",
            "accept; A agree; B agree",
            [("A grant", 2), ("B grant", 3), ("C claim", 1)],
        ),
        Rush::new(
            "A, B, C after A B",
            "accept; A agree; B agree",
            [("A grant", 2), ("B refuse", 3), ("C agree", 1)],
        ),
        Rush::new(
            "A",
            "accept",
            [("A claim", 1), ("A claim", 3), ("A agree", 2)],
        ),
        Rush::new(
            "A",
            "accept",
            [("A agree", 1), ("A disagree", 3), ("A grant", 2)],
        ),
        Rush::new(
            "A, B after A",
            "",
            [("accept", 0), ("accept", 0), ("A claim", 1)],
        ),
        Rush::new(
            "A",
            "accept; A agree; A grant",
            [("deliver", 0), ("deliver", 0), ("A grant", 2)],
        ),
    ]
}

const LAST_THREE: &str = "accept; A agree; B agree; C agree";

/// Every case has ended and nobody noticed.
fn lost_conclusion(end: &End) -> bool {
    let ended = end.file.cases.iter().all(|case| case.state.has_ended());
    ended && end.file.application.state == ApplicationState::InReview
}

/// Everything before it was granted, and it still waits.
fn lost_start(end: &End) -> bool {
    let granted = |id| {
        end.file
            .cases
            .iter()
            .any(|case| case.id == id && case.state == CaseState::Granted)
    };
    end.file.cases.iter().any(|case| {
        case.state == CaseState::AwaitingPredecessor
            && case.predecessors.iter().all(|id| granted(*id))
    })
}

#[test]
fn with_the_lock_every_interleaving_ends_as_if_they_had_come_in_turn() {
    for rush in rushes() {
        let in_turn = rush.in_turn();
        let ends = rush.ends(Locking::First);
        let mut orders = BTreeSet::new();
        for end in &ends {
            let order = in_turn.iter().position(|turn| turn == end);
            orders.insert(order.unwrap_or_else(|| panic!("{:?}: {:?}", rush.acts, end.answers)));
            assert!(!lost_conclusion(end) && !lost_start(end));
        }
        let different = (0..6).filter(|order| {
            in_turn.iter().position(|turn| *turn == in_turn[*order]) == Some(*order)
        });
        assert_eq!(
            orders,
            different.collect(),
            "{:?}: an order was never tried",
            rush.acts
        );
    }
}

#[test]
fn without_the_lock_the_last_conclusion_is_lost() {
    let ends = rushes().swap_remove(0).ends(Locking::Never);
    // Three use cases of four statements each, in every order: 12! / (4!)^3.
    assert_eq!(ends.len(), 34_650);
    let lost = ends.iter().filter(|end| lost_conclusion(end)).count();
    let fine = ends
        .iter()
        .filter(|end| end.file.application.state == ApplicationState::Concluded)
        .count();
    assert!(lost > 0 && fine > 0, "{lost} lost, {fine} fine");
    assert_eq!(lost + fine, ends.len());
    let acknowledged = |end: &&End| end.answers.iter().all(|answer| answer.starts_with("CASE_"));
    assert!(
        ends.iter()
            .filter(|end| lost_conclusion(end))
            .all(|end| acknowledged(&end)),
        "and everybody was told yes"
    );
}

#[test]
fn a_lock_taken_after_loading_is_none() {
    assert!(
        rushes()
            .swap_remove(0)
            .ends(Locking::AfterLoading)
            .iter()
            .any(lost_conclusion)
    );
}

#[test]
fn without_the_lock_a_successor_is_never_started() {
    assert!(
        rushes()
            .swap_remove(3)
            .ends(Locking::Never)
            .iter()
            .any(lost_start)
    );
}
