//! Whether a database is whole: every application with everything that belongs to it, every number given once and
//! none left out, and a ledger that verifies. Read past the program, straight from the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::Datelike as _;
use lianshen::db::Db;
use lianshen::env::Env;
use lianshen::ledger::{self, Audit};
use lianshen_domain::application::{ApplicationOutcome, ApplicationState};
use lianshen_domain::case::{CaseResult, CaseState};
use lianshen_domain::document::DocumentKind;
use lianshen_domain::event::EventKind;
use lianshen_domain::review::ReviewState;
use lianshen_entity::{application, case_, document, event, idempotency, material, review, serial};
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::clock::ManualClock;

/// The papers with which a case ends.
const ENDING_PAPERS: [DocumentKind; 7] = [
    DocumentKind::GrantDecision,
    DocumentKind::RefusalDecision,
    DocumentKind::TerminationNotice,
    DocumentKind::NotRequiredNotice,
    DocumentKind::NotCompetentDecision,
    DocumentKind::AcceptanceRevocation,
    DocumentKind::RenewalNotice,
];

/// The papers with which an application is accepted.
const ACCEPTANCE_PAPERS: [DocumentKind; 3] = [
    DocumentKind::AcceptanceNotice,
    DocumentKind::ConditionalAcceptanceNotice,
    DocumentKind::DeemedAcceptanceNotice,
];

/// All rows that acts on applications leave.
pub struct Whole {
    pub applications: Vec<application::Model>,
    pub cases: Vec<case_::Model>,
    pub reviews: Vec<review::Model>,
    pub materials: Vec<material::Model>,
    pub documents: Vec<document::Model>,
    pub events: Vec<event::Model>,
    pub keys: Vec<idempotency::Model>,
    serials: BTreeMap<String, i64>,
}

impl Whole {
    /// Numbers the ledger to its end, reads everything, and fails unless it is whole.
    pub async fn assert(db: &Db) -> Self {
        let env = Env::new(Arc::new(ManualClock::new()));
        ledger::sequence_all(db, &env, Uuid::from_u128(1))
            .await
            .unwrap();
        let whole = Self::read(db).await;
        let events = i64::try_from(whole.events.len()).unwrap();
        assert_eq!(
            ledger::verify(db).await.unwrap(),
            Audit::Sound(events),
            "the ledger"
        );
        for application in &whole.applications {
            whole.assert_application(application);
        }
        whole.assert_nothing_is_alone();
        whole.assert_numbers();
        whole
    }

    async fn read(db: &Db) -> Self {
        let reader = db.reader();
        let serials = serial::Entity::find()
            .all(reader)
            .await
            .unwrap()
            .into_iter();
        Self {
            applications: application::Entity::find().all(reader).await.unwrap(),
            cases: case_::Entity::find().all(reader).await.unwrap(),
            reviews: review::Entity::find().all(reader).await.unwrap(),
            materials: material::Entity::find().all(reader).await.unwrap(),
            documents: document::Entity::find().all(reader).await.unwrap(),
            events: event::Entity::find().all(reader).await.unwrap(),
            keys: idempotency::Entity::find().all(reader).await.unwrap(),
            serials: serials.map(|serial| (serial.key, serial.value)).collect(),
        }
    }

    /// How often something happened to an application.
    pub fn count(&self, application: Uuid, kind: EventKind) -> usize {
        let of = |event: &&event::Model| {
            event.application_id == Some(application) && event.kind.0 == kind
        };
        self.events.iter().filter(of).count()
    }

    fn assert_application(&self, application: &application::Model) {
        let id = application.id;
        let number = &application.receipt_number;
        let cases: Vec<_> = self
            .cases
            .iter()
            .filter(|case| case.application_id == id)
            .collect();
        let papers = |kind| {
            let of = |document: &&document::Model| {
                document.application_id == id && document.kind.0 == kind
            };
            self.documents.iter().filter(of).count()
        };
        let happened = |kind| self.count(id, kind);
        assert!(!cases.is_empty(), "{number} has no case");
        assert!(
            self.materials
                .iter()
                .any(|material| material.application_id == id),
            "{number} has no material"
        );

        let accepted = usize::from(application.accepted_on.is_some());
        let notices: usize = ACCEPTANCE_PAPERS.into_iter().map(papers).sum();
        assert!(papers(DocumentKind::Receipt) <= 1, "receipts of {number}");
        assert!(
            notices + papers(DocumentKind::Receipt) >= 1,
            "papers of {number}"
        );
        assert_eq!(notices, accepted, "acceptance of {number}");
        assert_eq!(
            happened(EventKind::ApplicationReceived),
            1,
            "{number} received"
        );
        assert_eq!(
            happened(EventKind::ApplicationAccepted),
            accepted,
            "{number} accepted"
        );
        // What had ended before the acceptance was not accepted with the others.
        let numbered = cases.iter().filter(|case| case.accepted_seq.is_some());
        let numbered = numbered.count();
        assert_eq!(
            happened(EventKind::CasePassed),
            numbered,
            "{number} passed on"
        );
        let is_early = |case: &&&case_::Model| case.accepted_seq.is_none() && case.result.is_none();
        assert!(
            accepted == 0 || cases.iter().find(is_early).is_none(),
            "{number} has a case that was neither accepted nor ended"
        );

        let mut given = 0;
        for case in &cases {
            let reviews: Vec<_> = self
                .reviews
                .iter()
                .filter(|review| review.case_id == case.id)
                .collect();
            let (asked, examined): (Vec<_>, Vec<_>) = reviews
                .into_iter()
                .partition(|review| review.consultation.is_some());
            let (set_aside, examined): (Vec<_>, Vec<_>) = examined
                .into_iter()
                .partition(|review| review.state.0.is_set_aside());
            let [review] = examined.as_slice() else {
                panic!("{} has {} examinations", case.case_number, examined.len())
            };
            for former in set_aside {
                assert!(former.opinion.is_some() && former.set_aside_because.is_some());
                self.assert_set_aside_once(former, &case.case_number);
                given += 1;
            }
            given += self.assert_asked(case, &asked);
            assert_eq!(review.application_id, id);
            given += usize::from(review.state.0 == ReviewState::Given);
            assert_eq!(
                review.state.0 == ReviewState::Given,
                review.opinion.is_some(),
                "opinion on {}",
                case.case_number
            );
            assert_eq!(
                review.opinion.is_some(),
                review.given_by.is_some() && review.given_at.is_some()
            );
            if case.state.0 == CaseState::Deciding {
                assert_eq!(
                    review.state.0,
                    ReviewState::Given,
                    "{} is to be decided",
                    case.case_number
                );
            }
            self.assert_ending(case);
        }
        assert_eq!(
            happened(EventKind::OpinionGiven),
            given,
            "opinions on {number}"
        );

        let results: Vec<_> = cases
            .iter()
            .filter_map(|case| case.result.map(|result| result.0))
            .collect();
        let outcome = (results.len() == cases.len()).then(|| outcome_of(&results));
        let concluded = usize::from(outcome.is_some());
        assert_eq!(
            application.outcome.map(|outcome| outcome.0),
            outcome,
            "the outcome of {number}"
        );
        assert_eq!(
            application.concluded_at.is_some(),
            outcome.is_some(),
            "the end of {number}"
        );
        let reopened = happened(EventKind::ApplicationReopened);
        assert_eq!(
            happened(EventKind::ApplicationConcluded),
            concluded + reopened,
            "{number} concluded, as often as it was opened again and once more"
        );
        let undone = self.closings_undone(id);

        let closed = usize::from(application.state.0 == ApplicationState::Closed);
        let (at_once, one_by_one) = self.deliveries(id, number);
        assert_eq!(
            happened(EventKind::ApplicationClosed),
            closed + undone,
            "{number} closed"
        );
        // Several results may be signed for on one sheet.
        let receipts = papers(DocumentKind::DeliveryReceipt);
        assert!(
            receipts >= at_once + one_by_one.min(1) && receipts <= at_once + one_by_one,
            "{number} has {receipts} receipts of {at_once} and {one_by_one} deliveries"
        );
        for case in &cases {
            let result = case.result.map(|result| result.0);
            let closes = result
                .is_some_and(|result| result.is_decision() || result == CaseResult::Terminated);
            let is_closed = case.state.0 == CaseState::Closed;
            // What was delivered before the others, or before the whole was opened again, stays so.
            let may_be = closes && closed + undone + one_by_one > 0;
            let must_be = closes && closed == 1;
            assert!(
                must_be <= is_closed && is_closed <= may_be,
                "{}",
                case.case_number
            );
        }
    }

    /// What happened to an application, in order.
    fn events_of(&self, application: Uuid) -> Vec<&event::Model> {
        let own = self.events.iter();
        let own = own.filter(|event| event.application_id == Some(application));
        let mut own: Vec<&event::Model> = own.collect();
        own.sort_by_key(|event| event.position);
        own
    }

    /// How often all results were handed over at once, and how many by themselves. Each waits from its decision until then,
    /// or until that is taken back, and nothing closes before.
    fn deliveries(&self, application: Uuid, number: &str) -> (usize, usize) {
        let mut waiting: BTreeSet<Uuid> = BTreeSet::new();
        let (mut at_once, mut one_by_one) = (0, 0);
        for event in self.events_of(application) {
            let case = event.case_id;
            match event.kind.0 {
                EventKind::CaseGranted
                | EventKind::CaseRefused
                | EventKind::CaseRenewed
                | EventKind::CaseTacitPassed => waiting.extend(case),
                EventKind::CaseVoided | EventKind::CaseReopened => {
                    case.map(|case| waiting.remove(&case));
                }
                EventKind::CaseDelivered => {
                    let waited = case.is_some_and(|case| waiting.remove(&case));
                    assert!(waited, "{number} delivered what did not wait");
                    one_by_one += 1;
                }
                EventKind::ResultsDelivered => {
                    assert!(!waiting.is_empty(), "{number} delivered nothing");
                    waiting.clear();
                    at_once += 1;
                }
                EventKind::ApplicationClosed => {
                    assert!(waiting.is_empty(), "{number} closed before the delivery");
                }
                _ => {}
            }
        }
        let decided = [CaseState::Granted, CaseState::Refused];
        let cases = self
            .cases
            .iter()
            .filter(|case| case.application_id == application && decided.contains(&case.state.0));
        let kept: BTreeSet<Uuid> = cases.map(|case| case.id).collect();
        assert_eq!(kept, waiting, "what {number} has to hand over");
        (at_once, one_by_one)
    }

    /// How often an application was opened again after it had been closed.
    fn closings_undone(&self, application: Uuid) -> usize {
        let (mut undone, mut is_closed) = (0, false);
        for event in self.events_of(application) {
            match event.kind.0 {
                EventKind::ApplicationClosed => is_closed = true,
                EventKind::ApplicationReopened => {
                    undone += usize::from(std::mem::take(&mut is_closed))
                }
                _ => {}
            }
        }
        undone
    }

    /// The ends of a case that were taken back: its refusal was revoked, or what it waited for came back.
    fn ends_undone(&self, case: Uuid) -> Vec<(DocumentKind, EventKind)> {
        let of_case = self
            .events
            .iter()
            .filter(|event| event.case_id == Some(case));
        of_case
            .filter_map(|event| match event.kind.0 {
                EventKind::CaseReopened => {
                    Some((DocumentKind::RefusalDecision, EventKind::CaseRefused))
                }
                EventKind::CaseRestored => {
                    Some((DocumentKind::TerminationNotice, EventKind::CaseTerminated))
                }
                _ => None,
            })
            .collect()
    }

    /// What another review took the place of has one event that says so.
    fn assert_set_aside_once(&self, row: &review::Model, name: &str) {
        let mut of = self
            .events
            .iter()
            .filter(|event| event.review_id == Some(row.id));
        let kind = match row.state.0 {
            ReviewState::Stale => EventKind::OpinionStale,
            _ => EventKind::ReviewReturned,
        };
        assert!(
            of.by_ref().any(|event| event.kind.0 == kind),
            "{name}: {:?} without event",
            row.state
        );
        assert!(
            of.all(|event| event.kind.0 != kind),
            "{name}: twice {kind:?}"
        );
    }

    /// Each opinion that was asked for has its number, one event for each thing that happened to it, and nothing is out
    /// where nobody waits for it any more. Answers how many were given.
    fn assert_asked(&self, case: &case_::Model, asked: &[&review::Model]) -> usize {
        let name = &case.case_number;
        let mut numbers: Vec<u64> = Vec::new();
        let mut given = 0;
        for row in asked {
            let told = row.consultation.as_ref().unwrap();
            numbers.push(told["number"].as_u64().unwrap());
            let happened = |kind: EventKind| {
                let of = self
                    .events
                    .iter()
                    .filter(|event| event.review_id == Some(row.id));
                of.filter(|event| event.kind.0 == kind).count()
            };
            let state = row.state.0;
            let expected = |wanted: ReviewState| usize::from(state == wanted);
            assert_eq!(
                happened(EventKind::OpinionAsked),
                1,
                "{name}: asked of {}",
                row.department
            );
            // What is stale now was given, or passed in silence.
            let was_given = row.opinion.is_some();
            let is_stale = state == ReviewState::Stale;
            if is_stale {
                self.assert_set_aside_once(row, name);
                assert_eq!(happened(EventKind::OpinionGiven), usize::from(was_given));
                assert_eq!(happened(EventKind::OpinionTacit), usize::from(!was_given));
                given += usize::from(was_given);
            }
            let told = [
                (EventKind::OpinionGiven, ReviewState::Given),
                (EventKind::OpinionWithdrawn, ReviewState::Withdrawn),
                (EventKind::OpinionTacit, ReviewState::Tacit),
            ];
            for (kind, wanted) in told.into_iter().filter(|_| !is_stale) {
                assert_eq!(
                    happened(kind),
                    expected(wanted),
                    "{name}: {}",
                    row.department
                );
            }
            assert!(
                is_stale || was_given == (state == ReviewState::Given),
                "{name}: {}",
                row.department
            );
            assert!(
                state.is_over() || case.state.0.is_under_way(),
                "{name}: {} is waited for",
                row.department
            );
            assert_ne!(
                row.department, case.department,
                "{name} asked its own department"
            );
            given += expected(ReviewState::Given);
        }
        numbers.sort_unstable();
        assert_eq!(
            numbers,
            (1..).take(numbers.len()).collect::<Vec<u64>>(),
            "the opinions of {name}"
        );
        assert_eq!(
            usize::try_from(case.asked).unwrap(),
            asked.len(),
            "how many {name} asked"
        );
        given
    }

    /// An ended case has its result, one paper and one event; another one none of them.
    fn assert_ending(&self, case: &case_::Model) {
        let number = &case.case_number;
        let expected = case.result.map(|result| match result.0 {
            CaseResult::Granted => (DocumentKind::GrantDecision, EventKind::CaseGranted),
            CaseResult::Refused => (DocumentKind::RefusalDecision, EventKind::CaseRefused),
            CaseResult::Terminated => (DocumentKind::TerminationNotice, EventKind::CaseTerminated),
            CaseResult::NotRequired => {
                (DocumentKind::NotRequiredNotice, EventKind::CaseNotRequired)
            }
            CaseResult::NotCompetent => (
                DocumentKind::NotCompetentDecision,
                EventKind::CaseNotCompetent,
            ),
            CaseResult::Withdrawn | CaseResult::NotSupplemented => {
                (DocumentKind::TerminationNotice, EventKind::CaseWithdrawn)
            }
            CaseResult::AcceptanceRevoked => (
                DocumentKind::AcceptanceRevocation,
                EventKind::CaseAcceptanceRevoked,
            ),
            CaseResult::Void => (DocumentKind::VoidRecord, EventKind::CaseVoided),
            CaseResult::Renewed => (DocumentKind::RenewalNotice, EventKind::CaseRenewed),
            CaseResult::TacitPassed => (DocumentKind::GrantDecision, EventKind::CaseTacitPassed),
        });
        // A void record may have had another end before, and one paper for the asking beside that of the confirmation.
        if case
            .result
            .is_some_and(|result| result.0 == CaseResult::Void)
        {
            return;
        }
        assert_eq!(
            case.state.0.has_ended(),
            expected.is_some(),
            "the state of {number}"
        );
        assert_eq!(
            case.result_at.is_some(),
            expected.is_some(),
            "the result of {number}"
        );
        let papers: Vec<_> = self
            .documents
            .iter()
            .filter(|document| document.case_id == Some(case.id))
            .collect();
        let papers: Vec<_> = papers
            .iter()
            .map(|document| document.kind.0)
            .filter(|kind| ENDING_PAPERS.contains(kind))
            .collect();
        let mut of_case = self
            .events
            .iter()
            .filter(|event| event.case_id == Some(case.id));
        // Silence makes no paper; the department issues it later.
        let is_issued = case
            .result
            .is_none_or(|result| result.0 != CaseResult::TacitPassed)
            || of_case.any(|event| event.kind.0 == EventKind::CasePaperIssued);
        let undone = self.ends_undone(case.id);
        let expected_paper = expected.filter(|_| is_issued).map(|(paper, _)| paper);
        let sorted = |mut papers: Vec<DocumentKind>| {
            papers.sort();
            papers
        };
        let former = undone.iter().map(|(paper, _)| *paper);
        assert_eq!(
            sorted(papers),
            sorted(former.chain(expected_paper).collect()),
            "the papers of {number}"
        );
        let endings = [
            EventKind::CaseGranted,
            EventKind::CaseRefused,
            EventKind::CaseTerminated,
            EventKind::CaseNotRequired,
            EventKind::CaseNotCompetent,
            EventKind::CaseWithdrawn,
            EventKind::CaseAcceptanceRevoked,
            EventKind::CaseVoided,
            EventKind::CaseRenewed,
            EventKind::CaseTacitPassed,
        ];
        let events = self
            .events
            .iter()
            .filter(|event| event.case_id == Some(case.id));
        let events: Vec<_> = events
            .map(|event| event.kind.0)
            .filter(|kind| endings.contains(kind))
            .collect();
        let sorted = |mut events: Vec<EventKind>| {
            events.sort();
            events
        };
        let former = undone.iter().map(|(_, event)| *event);
        assert_eq!(
            sorted(events),
            sorted(former.chain(expected.map(|(_, event)| event)).collect()),
            "the end of {number}"
        );
    }

    fn assert_nothing_is_alone(&self) {
        let applications: BTreeSet<Uuid> = self.applications.iter().map(|row| row.id).collect();
        let owners = self.cases.iter().map(|row| row.application_id);
        let owners = owners.chain(self.reviews.iter().map(|row| row.application_id));
        let owners = owners.chain(self.materials.iter().map(|row| row.application_id));
        let owners = owners.chain(self.documents.iter().map(|row| row.application_id));
        let owners = owners.chain(self.events.iter().filter_map(|row| row.application_id));
        for owner in owners {
            assert!(
                applications.contains(&owner),
                "{owner} is not there, and yet has parts"
            );
        }
    }

    /// Each series runs from 1 to what was given, without gap and without the same number twice.
    fn assert_numbers(&self) {
        let mut series: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        let mut used = |key: String, number: i64| series.entry(key).or_default().push(number);
        let serial = |text: &str| text.parse::<i64>().unwrap();
        for row in &self.applications {
            used(
                format!("receipt:{}:{}", row.region, row.received_on),
                serial(&row.receipt_number[14..20]),
            );
        }
        let received_on: BTreeMap<Uuid, _> = self
            .applications
            .iter()
            .map(|row| (row.id, row.received_on))
            .collect();
        for row in &self.cases {
            let day = received_on[&row.application_id];
            let number = serial(&row.case_number[row.case_number.len() - 5..]);
            used(format!("case:{}:{}:{day}", row.region, row.item), number);
            if let Some(number) = row.accepted_seq {
                used(format!("accepted:{}:{}", row.region, row.item), number);
            }
        }
        for row in &self.documents {
            let department = row.department.as_deref().unwrap_or("CENTRE");
            let key = format!(
                "document:{}:{department}:{}:{}",
                row.region,
                row.kind.0.mark(),
                row.issued_on.year()
            );
            let number = row
                .number
                .rsplit('〕')
                .next()
                .and_then(|rest| rest.strip_suffix('号'));
            used(key, serial(number.unwrap()));
        }
        for (key, mut numbers) in series.clone() {
            numbers.sort_unstable();
            let expected: Vec<i64> = (1..).take(numbers.len()).collect();
            assert_eq!(numbers, expected, "the numbers of {key}");
        }
        let given: BTreeMap<_, _> = series
            .iter()
            .map(|(key, numbers)| (key.clone(), i64::try_from(numbers.len()).unwrap()))
            .collect();
        assert_eq!(
            self.serials, given,
            "numbers given, and numbers that stand somewhere"
        );
    }
}

/// What became of the whole, by what became of its parts.
fn outcome_of(results: &[CaseResult]) -> ApplicationOutcome {
    let results: Vec<_> = results
        .iter()
        .filter(|result| **result != CaseResult::Void)
        .collect();
    let of = |wanted: fn(&CaseResult) -> bool| results.iter().filter(|one| wanted(one)).count();
    let granted = of(|result| result.is_granted());
    let not_required = of(|result| *result == CaseResult::NotRequired);
    if results.is_empty() {
        ApplicationOutcome::Terminated
    } else if granted > 0 && granted + not_required == results.len() {
        ApplicationOutcome::Granted
    } else if granted > 0 {
        ApplicationOutcome::PartlyGranted
    } else if results.contains(&&CaseResult::Refused) {
        ApplicationOutcome::Refused
    } else if results.iter().all(|result| result.is_not_accepted()) {
        ApplicationOutcome::NotAccepted
    } else if results.iter().all(|result| result.is_withdrawn()) {
        ApplicationOutcome::Withdrawn
    } else {
        ApplicationOutcome::Terminated
    }
}
