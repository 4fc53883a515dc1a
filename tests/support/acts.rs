//! The acts that move clocks, as people do them over the wire, and what tests look at afterwards.

use lianshen::case;
use lianshen_domain::code::Code as _;
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_entity::{card, case_, clock, document};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::{Value, json};

use super::answer::Answer;
use super::app::TestApp;
use super::client::Client;
use super::documents;
use super::whole::Whole;
use super::world::{Application, Case, input_for_items, new_key};

impl Client {
    /// Does an act on what its name says, an application or a case or what belongs to one, under a key of its own; `rest` is
    /// what its input says beside.
    pub async fn does(&self, act: &str, id: &str, rest: Value) -> Answer {
        self.does_by_key(act, &new_key(), id, rest).await
    }

    /// The same under a key that may have been used.
    pub async fn does_by_key(&self, act: &str, key: &str, id: &str, rest: Value) -> Answer {
        let subject = format!("{}Id", documents::subject_of(act));
        let mut input = json!({ "idempotencyKey": key, subject: id });
        let fields = rest.as_object().cloned().unwrap_or_default();
        input.as_object_mut().unwrap().extend(fields);
        self.act(&documents::act(act), input).await
    }
}

/// An application with its papers and its timeline, as the supervisor reads it.
pub struct File(pub Answer);

/// A document as it was issued.
#[derive(Clone, Debug)]
pub struct Paper {
    pub number: String,
    pub issued_on: String,
    lines: Vec<(String, String)>,
}

impl Paper {
    /// What stands under a label, the first line of it.
    #[track_caller]
    pub fn line(&self, label: &str) -> &str {
        let found = self.lines.iter().find(|(known, _)| known == label);
        &found.unwrap_or_else(|| panic!("no {label} in {self:?}")).1
    }

    /// All that stands under a label.
    pub fn lines(&self, label: &str) -> Vec<&str> {
        let lines = self.lines.iter().filter(|(known, _)| known == label);
        lines.map(|(_, text)| &**text).collect()
    }
}

impl File {
    /// The text of a field.
    #[track_caller]
    pub fn text(&self, field: &str) -> String {
        self.0.text(&format!("application.{field}"))
    }

    /// A field.
    #[track_caller]
    pub fn data(&self, field: &str) -> &Value {
        self.0.data(&format!("application.{field}"))
    }

    /// The documents of a kind, in order.
    #[track_caller]
    pub fn papers(&self, kind: &str) -> Vec<Paper> {
        let all = self.0.list("application.documents").iter();
        let of_kind = all.filter(|one| one["kind"] == kind);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let paper = |one: &Value| Paper {
            number: text(&one["number"]),
            issued_on: text(&one["issuedOn"]),
            lines: one["lines"]
                .as_array()
                .unwrap()
                .iter()
                .map(|line| (text(&line["label"]), text(&line["value"])))
                .collect(),
        };
        of_kind.map(paper).collect()
    }

    /// The one document of a kind.
    #[track_caller]
    pub fn paper(&self, kind: &str) -> Paper {
        let papers = self.papers(kind);
        assert_eq!(papers.len(), 1, "documents of kind {kind}: {}", self.0);
        papers.into_iter().next().unwrap()
    }

    /// What happened of a kind, in order.
    pub fn events(&self, kind: &str) -> Vec<Value> {
        let all = self.0.list("application.timeline.nodes").iter();
        all.filter(|one| one["kind"] == kind).cloned().collect()
    }

    /// The one event of a kind.
    #[track_caller]
    pub fn event(&self, kind: &str) -> Value {
        let events = self.events(kind);
        assert_eq!(events.len(), 1, "events of kind {kind}: {}", self.0);
        events.into_iter().next().unwrap()
    }
}

/// A word of an event's detail.
pub fn word<'a>(event: &'a Value, name: &str) -> Option<&'a str> {
    let mut words = event["detail"].as_array()?.iter();
    words.find(|word| word["name"] == name)?["value"].as_str()
}

impl TestApp {
    /// The clerk takes in an application for items, and does not accept it yet.
    pub async fn receive(&self, items: &[&str]) -> Application {
        let mut input = input_for_items(items);
        input["receiveOnly"] = json!(true);
        self.submit_input(input).await
    }

    /// The applicant files online.
    pub async fn file_online(&self, items: &[&str]) -> Application {
        let answer = self
            .applicant()
            .act(&documents::SUBMIT, input_for_items(items))
            .await
            .done();
        let id = answer.text("applicationSubmit.application.id");
        let read = self
            .clerk()
            .query(&documents::APPLICATION_BY_ID, json!({ "id": id }))
            .await
            .ok();
        Application::read(&read, "application")
    }

    /// The application with its papers and its timeline.
    pub async fn file(&self, application: &Application) -> File {
        let supervisor = self.supervisor();
        let found = supervisor.query(&documents::FILE, json!({ "id": application.id }));
        File(found.await.ok())
    }

    /// A case with its clocks, as the supervisor reads it.
    pub async fn clocks(&self, case: &Case) -> Answer {
        self.supervisor()
            .query(&documents::CASE_FILE, json!({ "id": case.id }))
            .await
            .ok()
    }

    /// The due dates of a case: promised and by law; none while they stand still.
    pub async fn due(&self, case: &Case) -> [Option<String>; 2] {
        let answer = self.clocks(case).await;
        ["promised", "statutory"].map(|which| {
            let clock = answer.data(&format!("case.{which}"));
            clock["dueOn"].as_str().map(str::to_owned)
        })
    }

    /// The row of a case.
    pub async fn case_row(&self, case: &Case) -> case_::Model {
        let id = uuid_of(&case.id);
        let found = case_::Entity::find_by_id(id)
            .one(self.program().db.reader())
            .await;
        found.unwrap().expect("the case has a row")
    }

    /// The kept clocks of a case or an application.
    pub async fn clock_rows(&self, id: &str) -> Vec<clock::Model> {
        let of = clock::Entity::find().filter(clock::Column::SubjectId.eq(uuid_of(id)));
        of.all(self.program().db.reader()).await.unwrap()
    }

    /// The cards of an application: rule, level, day.
    pub async fn cards_on(&self, application: &Application) -> Vec<(String, String, String)> {
        let of =
            card::Entity::find().filter(card::Column::ApplicationId.eq(uuid_of(&application.id)));
        let ordered = of
            .order_by_asc(card::Column::RaisedOn)
            .order_by_asc(card::Column::Rule);
        let cards = ordered
            .all(self.program().db.reader())
            .await
            .unwrap()
            .into_iter();
        cards
            .map(|card| {
                (
                    card.rule.0.code().to_owned(),
                    card.level.0.code().to_owned(),
                    card.raised_on.to_string(),
                )
            })
            .collect()
    }

    /// Fails unless everything is whole, every document has what the law wants on it, and every kept due date is what the
    /// events give.
    pub async fn assert_sound(&self) {
        let program = self.program();
        let whole = Whole::assert(&program.db).await;
        for paper in &whole.documents {
            assert_complete(paper);
        }
        let snapshot = program.library.present();
        let recount = case::recount(&program.db, &snapshot, &program.config, self.clock.today());
        let recount = recount.await.unwrap();
        assert_eq!(recount.faults, Vec::<String>::new());
        assert!(recount.clocks > 0);
        let signatures = case::verify_signatures(&program.db).await.unwrap();
        assert_eq!(signatures.faults, Vec::<String>::new());
        assert_eq!(signatures.unsigned, 0, "every opinion is signed");
    }
}

/// The identifier behind one of the wire.
pub fn uuid_of(wire: &str) -> uuid::Uuid {
    let (_, id) = wire.split_once(':').expect("a kind stands in front");
    id.parse().unwrap()
}

/// What a document of a kind names beside agency, date, applicant, number and signer.
fn wanted(kind: DocumentKind) -> &'static [LineLabel] {
    use LineLabel::{
        Approver, Attempt, Basis, Case, Consequence, Corrected, EndedOn, EstablishedOn,
        ExpectedTime, ExtendedBy, Material, MissingMaterial, MissingPoint, NewDecisionDue,
        QueryCode, Reasons, ReceivedBy, Remedies, Result, RevokedBy, SpecialProcedure, StartsOn,
        SupplementBy, ValidUntil,
    };
    match kind {
        DocumentKind::Receipt => &[Material, QueryCode],
        DocumentKind::AcceptanceNotice => &[Case, Material, QueryCode],
        DocumentKind::ConditionalAcceptanceNotice => &[
            Case,
            Material,
            QueryCode,
            MissingMaterial,
            SupplementBy,
            Consequence,
        ],
        DocumentKind::DeemedAcceptanceNotice => {
            &[Case, Material, QueryCode, StartsOn, EstablishedOn]
        }
        DocumentKind::GrantDecision => &[Case, Basis],
        DocumentKind::RefusalDecision
        | DocumentKind::NotCompetentDecision
        | DocumentKind::TerminationNotice
        | DocumentKind::AcceptanceRevocation => &[Case, Basis, Reasons, Remedies],
        DocumentKind::NotRequiredNotice => &[Case, Basis, Reasons],
        DocumentKind::DeliveryReceipt => &[Case, ReceivedBy],
        DocumentKind::CorrectionNotice => &[MissingPoint, SupplementBy, Consequence],
        DocumentKind::SupplementReceipt => &[Material],
        DocumentKind::SupplementExtension => &[ExtendedBy, SupplementBy, Reasons],
        DocumentKind::OnTheSpotCorrection => &[Corrected],
        DocumentKind::SpecialProcedureNotice => {
            &[Case, SpecialProcedure, Basis, StartsOn, ExpectedTime]
        }
        DocumentKind::SpecialProcedureResult => &[Case, SpecialProcedure, EndedOn, Result],
        DocumentKind::ExtensionNotice => &[ExtendedBy, Approver, Reasons],
        DocumentKind::MaterialRequest => &[Case, MissingMaterial, Reasons],
        DocumentKind::VoidRecord => &[Case],
        DocumentKind::ReopeningNotice => &[Case, RevokedBy, Reasons, Basis, NewDecisionDue],
        DocumentKind::RenewalNotice => &[Case, Basis, ValidUntil],
        DocumentKind::LicenceEndNotice => &[Case, Result, EndedOn, Reasons],
        // The last one says that nothing is left.
        DocumentKind::ComprehensivePermit => &[],
        DocumentKind::CollectionNotice | DocumentKind::DeliveryFailure => &[Case, Attempt],
    }
}

fn assert_complete(paper: &document::Model) {
    let lines: Vec<Line> = serde_json::from_value(paper.body.clone()).unwrap();
    let common = [
        LineLabel::Agency,
        LineLabel::Date,
        LineLabel::Applicant,
        LineLabel::ReceiptNumber,
        LineLabel::Signer,
    ];
    for label in common.iter().chain(wanted(paper.kind.0)) {
        let found = lines.iter().find(|line| line.label == *label);
        let is_there = found.is_some_and(|line| !line.value.trim().is_empty());
        assert!(
            is_there,
            "{} ({}) lacks {}: {lines:?}",
            paper.number,
            paper.kind.0.code(),
            label.code()
        );
    }
    let date = lines
        .iter()
        .find(|line| line.label == LineLabel::Date)
        .unwrap();
    assert_eq!(date.value, paper.issued_on.to_string(), "{}", paper.number);
    // Codes are for programs; people read words.
    for line in lines
        .iter()
        .filter(|line| line.label != LineLabel::QueryCode)
    {
        let is_code = line.value.len() > 4
            && line
                .value
                .chars()
                .all(|c| c.is_ascii_uppercase() || c == '_');
        assert!(!is_code, "{} prints a code: {line:?}", paper.number);
    }
}
