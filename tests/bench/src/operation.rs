//! The operations, as clients of the product ask for them.

use std::fmt;
use std::sync::Arc;

use lianshen::error::AppError;
use memchr::memmem::find;
use rand::RngExt as _;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use crate::centre::{self, names};
use crate::life;
use crate::wire::Wire;
use crate::world::{Submitted, Waiting, World};

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum)]
pub enum Operation {
    /// An application with its cases, their reviews, items and departments.
    R1,
    /// A page of fifty of an inbox.
    R2,
    /// What a supervisor counts.
    R3,
    /// Progress by receipt number and query code.
    R4,
    /// Submit and accept, five departments.
    W1,
    /// An opinion; the next one is on another application.
    W2,
    /// An opinion; five at once on one application.
    W2Hot,
    /// A whole life: submit, five opinions, five decisions, delivery.
    W3,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::R1,
        Self::R2,
        Self::R3,
        Self::R4,
        Self::W1,
        Self::W2,
        Self::W2Hot,
        Self::W3,
    ];

    /// Whether it writes.
    pub fn writes(self) -> bool {
        matches!(self, Self::W1 | Self::W2 | Self::W2Hot | Self::W3)
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::R1 => "application with cases, reviews, items, departments",
            Self::R2 => "inbox, a page of 50",
            Self::R3 => "supervisor's dashboard",
            Self::R4 => "public progress",
            Self::W1 => "submit and accept, five departments",
            Self::W2 => "opinion, spread",
            Self::W2Hot => "opinion, five at once on one application",
            Self::W3 => "a whole life, 12 requests",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// The documents that are sent.
pub mod documents {
    /// R1.
    pub const APPLICATION: &str = "query Application($id: ID!) { application(id: $id) { \
        id receiptNumber state outcome version receivedOn acceptedOn \
        cases { id caseNumber itemName state result version item { code name } department { code shortName } \
        reviews { id state opinion version department { code } } } } }";
    /// R2.
    pub const INBOX: &str = "query Inbox($first: Int!) { inbox(first: $first) { nodes { \
        id state lamp promisedDueOn promisedDaysLeft statutoryDueOn statutoryDaysLeft \
        case { id caseNumber itemName application { receiptNumber applicant { name } bundle { name } } } } \
        pageInfo { hasNextPage endCursor } } }";
    /// R3.
    pub const DASHBOARD: &str = "query Dashboard { dashboard { month \
        departments { department { code shortName } \
        open { total inReview suspended deciding deadlines { near promisePassed statutePassed } } \
        concluded { total inTime promisePassed statutePassed } \
        cards { alert yellow red warningsStanding } } } }";
    /// A reviewer's counts.
    pub const INBOX_COUNTS: &str = "query InboxCounts { inboxCounts { open claimedByMe claimedByOthers waiting alert yellow red } }";
    /// Cases that wait for their decision.
    pub const CASES: &str = "query Deciding { cases(first: 20, filter: { state: DECIDING }) { \
        nodes { id caseNumber itemName state lamp promised { dueOn remaining } department { shortName } } \
        pageInfo { hasNextPage endCursor } } }";
    /// What happened.
    pub const TIMELINE: &str = "query Timeline($id: ID!) { application(id: $id) { receiptNumber \
        timeline(first: 50) { nodes { id kind happenedAt departmentCode actorRole detail { name value } } } } }";
    /// The newest applications.
    pub const APPLICATIONS: &str = "query Applications { applications(first: 20) { \
        nodes { id receiptNumber state outcome cases { itemName state } } pageInfo { hasNextPage endCursor } } }";
    /// What a bundle asks for.
    pub const GUIDE: &str = "query Guide($bundleCode: String!, $answers: [AnswerInput!]) { \
        guide(bundleCode: $bundleCode, answers: $answers) { guide { \
        items { layer item { code name department { shortName } promised { n unit } } predecessors { code } } \
        criticalPathDays jointPromised { n unit } applicantProvides { material { code name } necessity } } \
        userErrors { code message field } } }";
    /// R4.
    pub const PROGRESS: &str = "query Progress($receiptNumber: String!, $queryCode: String!) { \
        progress(receiptNumber: $receiptNumber, queryCode: $queryCode) { state outcome receivedOn \
        cases { itemName departmentName state result } timeline { kind happenedAt departmentCode } } }";
    /// W1.
    pub const SUBMIT: &str = "mutation Submit($input: ApplicationSubmitInput!) { applicationSubmit(input: $input) { \
        application { id receiptNumber queryCode state jointPromised { dueOn } \
        cases { id caseNumber itemName department { code } state promised { dueOn remaining } \
        statutory { dueOn } reviews { id state } } } userErrors { code message field } } }";
    /// W2.
    pub const OPINION: &str = "mutation Agree($input: ReviewGiveOpinionInput!) { reviewGiveOpinion(input: $input) { \
        review { state opinion givenAt case { itemName state } } userErrors { code message field } } }";
    /// Within W3.
    pub const DECIDE: &str = "mutation Grant($input: CaseDecideInput!) { caseDecide(input: $input) { \
        case { itemName state result application { state } } userErrors { code message field } } }";
    /// Within W3.
    pub const DELIVER: &str = "mutation Deliver($input: ApplicationDeliverInput!) { applicationDeliver(input: $input) { \
        application { state outcome closedAt cases { itemName state result } } userErrors { code message field } } }";
}

/// One client: its connection, its chance, and what it knows.
pub struct Client {
    wire: Wire,
    random: SmallRng,
    world: Arc<World>,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(
        address: std::net::SocketAddr,
        world: Arc<World>,
        random: SmallRng,
    ) -> Result<Self, AppError> {
        Ok(Self {
            wire: Wire::open(address).await.map_err(AppError::internal)?,
            random,
            world,
        })
    }

    /// Does an operation once; `false` when there is nothing left to do it on.
    ///
    /// # Errors
    /// When the answer is not what it should be.
    pub async fn once(&mut self, operation: Operation) -> Result<bool, AppError> {
        let world = self.world.clone();
        match operation {
            Operation::R1 => {
                let target = &world.targets[self.random.random_range(0..world.targets.len())];
                let body = query(documents::APPLICATION, json!({ "id": target.id }));
                let clerk = names::clerk(target.clerk);
                self.ask(world.token(&clerk), &body, b"\"caseNumber\"")
                    .await?;
            }
            Operation::R2 => {
                let at = self.random.random_range(0..world.departments.len());
                let reviewer = names::reviewer(&world.departments[at], 0);
                let body = query(documents::INBOX, json!({ "first": 50 }));
                self.ask(world.token(&reviewer), &body, b"\"caseNumber\"")
                    .await?;
            }
            Operation::R3 => {
                let body = query(documents::DASHBOARD, json!({}));
                self.ask(
                    world.token(names::SUPERVISOR),
                    &body,
                    b"\"warningsStanding\"",
                )
                .await?;
            }
            Operation::R4 => {
                let target = &world.targets[self.random.random_range(0..world.targets.len())];
                let body = query(
                    documents::PROGRESS,
                    json!({ "receiptNumber": target.receipt, "queryCode": target.query_code }),
                );
                self.ask(None, &body, b"\"itemName\"").await?;
            }
            Operation::W1 => {
                self.submit().await?;
            }
            Operation::W2 | Operation::W2Hot => {
                let Some(waiting) = world.next_waiting() else {
                    return Ok(false);
                };
                self.agree(&waiting).await?;
            }
            Operation::W3 => self.live().await?,
        }
        Ok(true)
    }

    /// Submits an application for a bundle of five.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn submit(&mut self) -> Result<Submitted, AppError> {
        let world = self.world.clone();
        let number = world.number();
        let bundle = usize::try_from(number).unwrap_or(0) % centre::BUNDLES;
        let clerk = self.random.random_range(0..centre::WINDOWS);
        let life = self.random.random_range(1..100_000_000_usize);
        let body = query(
            documents::SUBMIT,
            json!({ "input": {
                "idempotencyKey": world.key(),
                "bundleCode": centre::bundle_code(bundle),
                "applicant": {
                    "kind": "ENTERPRISE", "name": life::name_of(life),
                    "idNumber": life::credit_code_of(life), "phone": "13800000000",
                },
                "materials": world.materials[bundle],
            } }),
        );
        self.ask(world.token(&names::clerk(clerk)), &body, b"\"caseNumber\"")
            .await?;
        let answer: Value = serde_json::from_slice(self.wire.body()).map_err(AppError::internal)?;
        let application = &answer["data"]["applicationSubmit"]["application"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let cases = application["cases"].as_array().into_iter().flatten();
        let reviews = cases.map(|case| {
            let department = text(&case["department"]["code"]);
            let department = world.department(&department);
            Ok(Waiting {
                review: text(&case["reviews"][0]["id"]),
                case: text(&case["id"]),
                department: department
                    .ok_or_else(|| AppError::internal("a case of no department"))?,
            })
        });
        Ok(Submitted {
            application: text(&application["id"]),
            reviews: reviews.collect::<Result<_, AppError>>()?,
            clerk,
        })
    }

    /// The reviewer agrees.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn agree(&mut self, waiting: &Waiting) -> Result<(), AppError> {
        let world = self.world.clone();
        let reviewer = names::reviewer(&world.departments[waiting.department], 0);
        let body = query(
            documents::OPINION,
            json!({ "input": {
                "idempotencyKey": world.key(), "reviewId": waiting.review, "opinion": "AGREE",
            } }),
        );
        self.ask(world.token(&reviewer), &body, b"\"GIVEN\"").await
    }

    /// The decider grants.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn grant(&mut self, waiting: &Waiting) -> Result<(), AppError> {
        let world = self.world.clone();
        let decider = names::decider(&world.departments[waiting.department]);
        let body = query(
            documents::DECIDE,
            json!({ "input": {
                "idempotencyKey": world.key(), "caseId": waiting.case, "decision": "GRANT",
            } }),
        );
        self.ask(world.token(&decider), &body, b"\"GRANTED\"").await
    }

    /// The clerk hands over the results.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn deliver(&mut self, submitted: &Submitted) -> Result<(), AppError> {
        let world = self.world.clone();
        let clerk = names::clerk(submitted.clerk);
        let body = query(
            documents::DELIVER,
            json!({ "input": {
                "idempotencyKey": world.key(), "applicationId": submitted.application,
                "receivedBy": "测量客",
            } }),
        );
        self.ask(world.token(&clerk), &body, b"\"CLOSED\"").await
    }

    async fn live(&mut self) -> Result<(), AppError> {
        let submitted = self.submit().await?;
        for waiting in &submitted.reviews {
            self.agree(waiting).await?;
        }
        for waiting in &submitted.reviews {
            self.grant(waiting).await?;
        }
        self.deliver(&submitted).await
    }

    /// Asks, and makes sure of the answer: no error, no refusal, and what was asked for in it.
    async fn ask(
        &mut self,
        token: Option<&str>,
        body: &[u8],
        wanted: &[u8],
    ) -> Result<(), AppError> {
        let (status, answer) = self
            .wire
            .post(token, body)
            .await
            .map_err(AppError::internal)?;
        let is_good = status == 200
            && answer.starts_with(b"{\"data\":{")
            && find(answer, b"\"errors\":[").is_none()
            && find(answer, b"\"userErrors\":[{").is_none()
            && find(answer, wanted).is_some();
        if is_good {
            return Ok(());
        }
        let answer = String::from_utf8_lossy(answer);
        let answer: String = answer.chars().take(300).collect();
        Err(AppError::internal(format!("{status}: {answer}")))
    }
}

fn query(document: &str, variables: Value) -> Vec<u8> {
    json!({ "query": document, "variables": variables })
        .to_string()
        .into_bytes()
}
