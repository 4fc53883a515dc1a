//! Every field of the schema × every role × own, foreign and absent object, against `matrix.txt`, which people read.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use async_graphql::parser::types::{FieldDefinition, InputValueDefinition};
use async_graphql::{Executor as _, Response};
use futures_util::StreamExt as _;
use lianshen::env::Clock as _;
use lianshen::graphql::Transport;
use lianshen::{db, digest};
use lianshen_domain::actor::Actor;
use lianshen_entity::{digest as row, lease};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::contract::{Contract, name_of, needs_arguments};
use crate::support::world::new_key;
use crate::support::{Client, TestApp, documents, each_db, seed};
use crate::two_centres::{PEOPLE, TwoCentres};

/// Own, a neighbour's, another's of the centre, another centre's, nobody's.
const OBJECTS: usize = 5;
/// The applications among the objects: the second is at the same window and department, of another applicant, and closed.
const APPLICATIONS: [&str; 4] = ["own", "own, done", "elsewhere", "abroad"];
const ABSENT: &str = "00000000-0000-7000-8000-000000000000";

/// A preview of everything that can be previewed.
pub const NOTICE: &str = "(input: {idempotencyKey: \"preview\", number: \"甲〔2026〕9号\", issuer: \"甲\", issuedOn: \"2026-03-02\", year: 2026, \
    days: [{date: \"2026-03-05\", kind: OFF, holiday: \"甲日\"}]})";
const PREVIEW: &str = "(input: {promised: {n: 5, unit: WORKDAY}, statutory: {n: 20, unit: WORKDAY}, asOf: \"2026-03-04\", \
    events: [{type: ACCEPTED, date: \"2026-03-02\"}, {type: SUSPEND, date: \"2026-03-03\", reason: \"TESTING\"}], \
    clocks: [{kind: DELIVERY, on: \"2026-03-02\"}], dates: [{from: \"2026-03-02\", workdays: 5}], \
    joint: {unifiedAcceptedOn: \"2026-03-02\", jointPromised: 10, jointStatutory: 45, \
      components: [{code: \"A\", clockStartsOn: \"2026-03-02\", promised: 5, decidedOn: \"2026-03-06\"}], \
      serial: [{before: [\"A\"], after: \"A\"}]}})";

/// One line of the table: a verdict a person.
type Rows = BTreeMap<String, Vec<String>>;

each_db! { with jobs
    async fn every_field_answers_every_role_as_the_table_says(app: TestApp) {
        let world = TwoCentres::build(app).await;
        let contract = Contract::read(&lianshen::graphql::sdl(&world.served));
        tell_anew(&world.app).await;
        let matrix = Matrix::of(&world, &contract).await;
        compare(&contract, &matrix.fill().await);
        matrix.applicants_see_no_officer().await;
    }

    async fn what_somebody_else_sees_is_answered_as_what_is_not_there(app: TestApp) {
        let world = TwoCentres::build(app).await;
        let contract = Contract::read(&lianshen::graphql::sdl(&world.served));
        Matrix::of(&world, &contract).await.ask_for_all_of_everybody().await;
    }
}

/// The digests of the morning, as they are now: the loop has made some before there was anything to tell, and holds the
/// lease for a while.
pub async fn tell_anew(app: &TestApp) {
    let program = app.program();
    db::write(&program.db, async |tx| {
        row::Entity::delete_many().exec(&**tx).await?;
        lease::Entity::delete_by_id("digest").exec(&**tx).await?;
        Ok(())
    })
    .await
    .unwrap();
    let centres = program.library.present().centres.len();
    let all = centres * seed::catalogue_file().departments.len();
    // The loop may be at it, too.
    while row::Entity::find()
        .all(program.db.reader())
        .await
        .unwrap()
        .len()
        < all
    {
        digest::write(program, Uuid::from_u128(1)).await.unwrap();
    }
}

fn table_path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("matrix.txt")
}

fn compare(contract: &Contract, found: &Rows) {
    let text = std::fs::read_to_string(table_path()).unwrap_or_default();
    let rows = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let written: BTreeMap<&str, Vec<&str>> = rows
        .map(|line| {
            let mut words = line.split_whitespace();
            (words.next().unwrap_or_default(), words.collect())
        })
        .collect();
    let mut faults = String::new();
    for (kind, fields) in contract.objects() {
        for field in fields {
            let name = format!("{kind}.{}", field.name.node);
            let found = found.get(&name).map(|verdicts| line(&name, verdicts));
            let found =
                found.unwrap_or_else(|| format!("{name}: no way leads there, teach the test one"));
            match written.get(name.as_str()) {
                None => writeln!(faults, "no row for\n  {found}").unwrap(),
                Some(verdicts) => {
                    let wanted = line(&name, verdicts);
                    if wanted != found {
                        writeln!(faults, "written  {wanted}\nanswered {found}").unwrap();
                    }
                }
            }
        }
    }
    for name in written.keys() {
        let known = name.split_once('.').is_some_and(|(kind, field)| {
            contract
                .fields(kind)
                .iter()
                .any(|one| one.name.node == field)
        });
        if !known {
            writeln!(faults, "a row for {name}, which is not in the schema").unwrap();
        }
    }
    assert!(
        faults.is_empty(),
        "tests/matrix.txt and the program differ:\n{faults}"
    );
}

fn line<S: AsRef<str>>(name: &str, verdicts: &[S]) -> String {
    let mut line = format!("{name:<45}");
    for verdict in verdicts {
        write!(line, " {:<5}", verdict.as_ref()).unwrap();
    }
    line.trim_end().to_owned()
}

/// How a type is reached: the document around a selection, and the names that lead to it in the answer.
#[derive(Clone)]
struct Way {
    /// What stands before and behind the selection, one for each object.
    around: Vec<(String, String)>,
    /// The names in the answer, from the root to the object.
    steps: Vec<String>,
    /// How many of the steps lead to the object that is asked about; null on the way to it means it is not shown.
    anchor: usize,
    /// Of a list, only the entry whose `probe` is this, one for each object.
    probes: Option<Vec<String>>,
}

struct Matrix<'a> {
    world: &'a TwoCentres,
    contract: &'a Contract,
    people: Vec<Option<Actor>>,
}

impl<'a> Matrix<'a> {
    async fn of(world: &'a TwoCentres, contract: &'a Contract) -> Self {
        let mut people = Vec::new();
        for name in PEOPLE {
            people.push(Some(world.actor(name).await));
        }
        people.push(None);
        Self {
            world,
            contract,
            people,
        }
    }

    async fn fill(&self) -> Rows {
        let mut rows = Rows::new();
        self.read_types(&mut rows).await;
        self.read_roots(&mut rows).await;
        self.act(&mut rows).await;
        self.end_sessions(&mut rows).await;
        self.listen(&mut rows).await;
        rows
    }

    /// Every identifier of both centres, in every field that takes one, by everybody.
    async fn ask_for_all_of_everybody(&self) {
        let world = self.world;
        let mut ids: Vec<(&str, Uuid, Uuid)> = Vec::new();
        ids.extend(
            world
                .applications
                .iter()
                .map(|row| ("application", row.id, row.id)),
        );
        ids.extend(
            world
                .cases
                .iter()
                .map(|row| ("case", row.id, row.application_id)),
        );
        ids.extend(
            world
                .reviews
                .iter()
                .map(|row| ("review", row.id, row.application_id)),
        );
        ids.extend(
            world
                .visits
                .iter()
                .map(|row| ("visit", row.id, row.application_id)),
        );
        ids.extend(
            world
                .mediations
                .iter()
                .map(|row| ("mediation", row.id, row.application_id)),
        );
        let mut compared = 0;
        for person in &self.people {
            let knows = |application: Uuid| {
                let row = world
                    .applications
                    .iter()
                    .find(|row| row.id == application)
                    .unwrap();
                person.as_ref().is_some_and(|actor| world.knows(actor, row))
            };
            let mut absent: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for (kind, id, application) in &ids {
                if knows(*application) {
                    continue;
                }
                if !absent.contains_key(kind) {
                    absent.insert(kind, self.ask_for(person.as_ref(), kind, ABSENT).await);
                }
                let answers = self.ask_for(person.as_ref(), kind, &id.to_string()).await;
                assert_eq!(
                    answers,
                    absent[kind],
                    "{kind}:{id} by {:?}",
                    person.as_ref().map(|actor| actor.role)
                );
                compared += answers.len();
            }
            for row in &world.accounts {
                let far = person
                    .as_ref()
                    .is_none_or(|actor| actor.region != row.region);
                if far {
                    let answers = self
                        .ask_for(person.as_ref(), "account", &row.id.to_string())
                        .await;
                    assert_eq!(
                        answers,
                        self.ask_for(person.as_ref(), "account", ABSENT).await,
                        "{}",
                        row.name
                    );
                    compared += answers.len();
                }
            }
            for row in world.applications.iter().filter(|row| !knows(row.id)) {
                let ask = |number: &str| {
                    format!("{{ applicationByReceipt(receiptNumber: \"{number}\") {{ id }} }}")
                };
                let told = world.ask(person.as_ref(), &ask(&row.receipt_number)).await;
                let absent = world
                    .ask(
                        person.as_ref(),
                        &ask(&crate::support::world::absent_receipt_number()),
                    )
                    .await;
                assert_eq!(text(&told), text(&absent));
            }
        }
        assert!(compared > 1_000, "{compared}");
    }

    /// The answers of every field that takes an identifier of a kind; a field that this does not know fails.
    async fn ask_for(&self, person: Option<&Actor>, kind: &str, id: &str) -> Vec<String> {
        let wire = format!("{}:{id}", self.wire_kind(kind));
        let mut documents = vec![format!("{{ node(id: \"{wire}\") {{ __typename id }} }}")];
        if !matches!(kind, "account" | "visit" | "mediation") {
            documents.push(format!(
                "{{ {kind}(id: \"{wire}\") {{ id version state }} }}"
            ));
        }
        for field in self.contract.fields("Mutation") {
            let Some(input) = field
                .arguments
                .first()
                .map(|argument| name_of(&argument.node.ty.node))
            else {
                continue;
            };
            let inputs = self.contract.inputs(input);
            let Some(of) = inputs.iter().find(|one| name_of(&one.ty.node) == "ID") else {
                continue;
            };
            if of.name.node != format!("{kind}Id") {
                continue;
            }
            let rest = inputs.iter().filter_map(said_in);
            let rest: Vec<String> = rest.collect();
            let name = &field.name.node;
            documents.push(format!(
                "mutation {{ {name}(input: {{{}: \"{wire}\" {}}}) {{ __typename userErrors {{ code message field }} }} }}",
                of.name.node, rest.join(" ")
            ));
        }
        let mut answers = Vec::new();
        for document in documents {
            answers.push(text(&self.world.ask(person, &document).await));
        }
        answers
    }

    /// Public events, too, keep from the applicant who acted and at which review.
    async fn applicants_see_no_officer(&self) {
        let id = &self.ids("application")[0];
        let document = format!(
            "{{ application(id: \"{id}\") {{ timeline(first: 100) {{ nodes {{ kind reviewId actorRole position }} }} }} }}"
        );
        for (person, staff) in [(&self.people[0], false), (&self.people[1], true)] {
            let data = self
                .world
                .ask(person.as_ref(), &document)
                .await
                .data
                .into_json()
                .unwrap();
            let nodes = data["application"]["timeline"]["nodes"].as_array().unwrap();
            assert!(nodes.len() > 5, "{data}");
            assert!(
                nodes.iter().any(|node| !node["actorRole"].is_null()) == staff,
                "{data}"
            );
            assert!(
                staff
                    || nodes
                        .iter()
                        .all(|node| node["reviewId"].is_null() && node["position"].is_null()),
                "{data}"
            );
        }
    }

    /// The identifiers of the objects of a kind that are read: all of them full of texts.
    fn ids(&self, kind: &str) -> Vec<String> {
        let world = self.world;
        let [own, done, elsewhere, abroad] = APPLICATIONS.map(|name| world.named[name]);
        let case = |application: Uuid, item: &str| {
            let found = world
                .cases
                .iter()
                .find(|case| case.application_id == application && case.item == item);
            found.unwrap().id
        };
        let cases = [
            case(own, "SJJ-01-002"),
            case(own, "CGJ-01-001"),
            case(elsewhere, "WJW-07-001"),
            case(abroad, "SJJ-01-002"),
        ];
        let of_items = |pick: &dyn Fn(&str, Uuid) -> Option<Uuid>| {
            let items = [
                ("SJJ", own),
                ("CGJ", own),
                ("WJW", elsewhere),
                ("SJJ", abroad),
            ];
            items.map(|(department, application)| {
                pick(department, application)
                    .unwrap_or_else(|| panic!("{department} has no {kind}"))
            })
        };
        let found: [Uuid; 4] = match kind {
            "application" => [own, done, elsewhere, abroad],
            "case" => cases,
            "review" => cases.map(|id| {
                world
                    .reviews
                    .iter()
                    .find(|review| review.case_id == id && review.consultation.is_none())
                    .unwrap()
                    .id
            }),
            "document" => of_items(&|department, application| {
                let ours = world
                    .documents
                    .iter()
                    .filter(|one| one.application_id == application);
                ours.filter(|one| one.department.as_deref() == Some(department))
                    .map(|one| one.id)
                    .next()
            }),
            "material" => of_items(&|department, application| {
                let mut ours = world
                    .materials
                    .iter()
                    .filter(|one| one.application_id == application);
                let only = |one: &&lianshen_entity::material::Model| {
                    let wanting = crate::two_centres::wanting(one);
                    wanting.contains(department)
                        && (department == "SJJ" || !wanting.contains("SJJ"))
                };
                ours.find(only).map(|one| one.id)
            }),
            "event" => of_items(&|department, application| {
                let mut ours = world
                    .events
                    .iter()
                    .filter(|one| one.application_id == Some(application));
                let inner = |one: &&lianshen_entity::event::Model| {
                    one.department.as_deref() == Some(department)
                        && one.kind.0 == lianshen_domain::event::EventKind::OpinionGiven
                };
                ours.find(inner).map(|one| one.id)
            }),
            "visit" => [(own, 1), (own, 2), (elsewhere, 1), (abroad, 1)].map(|(of, number)| {
                let mut all = world.visits.iter();
                all.find(|row| row.application_id == of && row.number == number)
                    .unwrap()
                    .id
            }),
            "mediation" => [(own, 1), (own, 2), (elsewhere, 1), (abroad, 1)].map(|(of, number)| {
                let mut all = world.mediations.iter();
                all.find(|row| row.application_id == of && row.number == number)
                    .unwrap()
                    .id
            }),
            "account" => {
                let account = |name: &str| {
                    world
                        .accounts
                        .iter()
                        .find(|row| row.name == name)
                        .unwrap()
                        .id
                };
                [
                    account("reviewer-sjj-2"),
                    account("clerk-2"),
                    account("decider-wjw"),
                    account("far-reviewer-sjj"),
                ]
            }
            "item" => ["SJJ-01-002", "CGJ-01-001", "WJW-07-001", ""].map(|code| {
                self.published(
                    |centre| {
                        centre
                            .item_ids
                            .get(if code.is_empty() { "SJJ-01-002" } else { code })
                            .map(|id| lianshen_domain::ids::Id::raw(*id))
                    },
                    code.is_empty(),
                )
            }),
            "bundle" => ["YJS-001", "YJS-002", "YJS-007", ""].map(|code| {
                self.published(
                    |centre| {
                        centre
                            .bundle_ids
                            .get(if code.is_empty() { "YJS-001" } else { code })
                            .map(|id| lianshen_domain::ids::Id::raw(*id))
                    },
                    code.is_empty(),
                )
            }),
            "department" => ["SJJ", "CGJ", "WJW", ""].map(|code| {
                self.published(
                    |centre| {
                        centre
                            .department_ids
                            .get(if code.is_empty() { "SJJ" } else { code })
                            .map(|id| lianshen_domain::ids::Id::raw(*id))
                    },
                    code.is_empty(),
                )
            }),
            other => panic!("{other}"),
        };
        let kind = self.wire_kind(kind);
        let mut wires: Vec<String> = found.iter().map(|id| format!("{kind}:{id}")).collect();
        wires.push(format!("{kind}:{ABSENT}"));
        wires
    }

    fn wire_kind(&self, kind: &str) -> &'static str {
        use lianshen_domain::ids::{self, Id as _};
        match kind {
            "application" => ids::ApplicationId::KIND,
            "case" => ids::CaseId::KIND,
            "review" => ids::ReviewId::KIND,
            "visit" => ids::VisitId::KIND,
            "mediation" => ids::MediationId::KIND,
            "document" => ids::DocumentId::KIND,
            "material" => ids::MaterialId::KIND,
            "event" => ids::EventId::KIND,
            "account" => ids::AccountId::KIND,
            "item" => ids::ItemVersionId::KIND,
            "bundle" => ids::BundleVersionId::KIND,
            "department" => ids::DepartmentId::KIND,
            other => panic!("{other}"),
        }
    }

    fn published(
        &self,
        find: impl Fn(&lianshen::catalogue::Centre) -> Option<Uuid>,
        far: bool,
    ) -> Uuid {
        let snapshot = self.world.app.program().library.present();
        let region = if far {
            crate::two_centres::FAR
        } else {
            &seed::catalogue_file().region.code
        };
        find(snapshot.centre(region).unwrap()).unwrap()
    }

    fn row_of(&self, name: &str) -> &lianshen_entity::application::Model {
        let id = self.world.named[name];
        self.world
            .applications
            .iter()
            .find(|row| row.id == id)
            .unwrap()
    }

    /// The ways to the types that are asked about by object, and those to all others.
    fn ways(&self) -> BTreeMap<String, Way> {
        let mut open: VecDeque<(String, Way)> = VecDeque::new();
        for (ty, kind) in [
            ("Application", "application"),
            ("Case", "case"),
            ("Review", "review"),
            ("Visit", "visit"),
            ("Mediation", "mediation"),
            ("Item", "item"),
            ("Bundle", "bundle"),
            ("Department", "department"),
        ] {
            let ids = self.ids(kind);
            let around = ids.iter().map(|id| {
                (
                    format!("{{ node(id: \"{id}\") {{ ... on {ty} {{ "),
                    " } } }".to_owned(),
                )
            });
            open.push_back((
                ty.to_owned(),
                Way {
                    around: around.collect(),
                    steps: vec!["node".into()],
                    anchor: 1,
                    probes: None,
                },
            ));
        }
        for (ty, kind, list) in [
            ("Document", "document", "documents"),
            ("Material", "material", "materials"),
            ("Event", "event", "timeline"),
        ] {
            let owners = [
                self.ids("application")[0].clone(),
                self.ids("application")[0].clone(),
                self.ids("application")[2].clone(),
                self.ids("application")[3].clone(),
                self.ids("application")[4].clone(),
            ];
            let (asked, end, mut steps) = match list {
                "timeline" => (
                    "timeline(first: 100) { nodes".to_owned(),
                    " } } } }",
                    vec!["application", "timeline", "nodes"],
                ),
                _ => (list.to_owned(), " } } }", vec!["application", list]),
            };
            let around = owners.iter().map(|id| {
                (
                    format!("{{ application(id: \"{id}\") {{ {asked} {{ probe: id "),
                    end.to_owned(),
                )
            });
            let steps: Vec<String> = steps.drain(..).map(str::to_owned).collect();
            open.push_back((
                ty.to_owned(),
                Way {
                    around: around.collect(),
                    anchor: steps.len(),
                    steps,
                    probes: Some(self.ids(kind)),
                },
            ));
        }
        let around = self
            .ids("account")
            .iter()
            .map(|_| {
                (
                    "{ accounts(first: 100) { probe: id ".to_owned(),
                    " } }".to_owned(),
                )
            })
            .collect();
        open.push_back((
            "Account".into(),
            Way {
                around,
                steps: vec!["accounts".into()],
                anchor: 1,
                probes: Some(self.ids("account")),
            },
        ));
        let numbers = APPLICATIONS.map(|name| {
            let row = self.row_of(name);
            (row.receipt_number.clone(), row.query_code.clone())
        });
        let mut around: Vec<_> = numbers
            .iter()
            .map(|(number, code)| {
                (
                    format!("{{ progress(receiptNumber: \"{number}\", queryCode: \"{code}\") {{ "),
                    " } }".to_owned(),
                )
            })
            .collect();
        around.push((
            "{ progress(receiptNumber: \"1\", queryCode: \"1\") { ".to_owned(),
            " } }".to_owned(),
        ));
        open.push_back((
            "Progress".into(),
            Way {
                around,
                steps: vec!["progress".into()],
                anchor: 1,
                probes: None,
            },
        ));
        let one = |before: &str, steps: &[&str]| Way {
            around: vec![(
                before.to_owned(),
                " }".repeat(before.matches('{').count() - before.matches('}').count()),
            )],
            steps: steps.iter().map(|step| (*step).to_owned()).collect(),
            anchor: 1,
            probes: None,
        };
        let node = self.ids("department")[0].clone();
        open.push_back((
            "Node".into(),
            one(&format!("{{ node(id: \"{node}\") {{ "), &["node"]),
        ));
        let sign_in = format!(
            "mutation {{ sessionSignIn(input: {{accountName: \"clerk-2\", password: \"{}\"}}) {{ session {{ ",
            seed::PASSWORD
        );
        open.push_back((
            "Session".into(),
            one(&sign_in, &["sessionSignIn", "session"]),
        ));
        let refresh = "mutation { sessionRefresh(input: {refreshToken: \"x\"}) { userErrors { ";
        open.push_back((
            "UserError".into(),
            one(refresh, &["sessionRefresh", "userErrors"]),
        ));
        for field in self.contract.fields("Query") {
            let arguments = match field.name.node.as_str() {
                "guide" => {
                    "(bundleCode: \"YJS-001\", answers: [{question: \"Q1\", value: \"N\"}, {question: \"Q2\", value: \"Y\"}, \
                            {question: \"Q3\", value: \"P\"}, {question: \"Q4\", value: \"Y\"}, {question: \"Q5\", value: \"Y\"}, {question: \"Q6\", value: \"Y\"}])"
                }
                "calendarDays" => "(from: \"2026-02-13\", to: \"2026-02-16\")",
                "calendarNoticePreview" => NOTICE,
                "deadlinePreview" => PREVIEW,
                "digest" => "(departmentCode: \"SJJ\")",
                _ if needs_arguments(field) => continue,
                _ => "",
            };
            let name = field.name.node.as_str();
            open.push_back((
                name_of(&field.ty.node).to_owned(),
                one(&format!("{{ {name}{arguments} {{ "), &[name]),
            ));
        }
        let mut ways = BTreeMap::new();
        while let Some((ty, way)) = open.pop_front() {
            if ways.contains_key(&ty) || self.contract.is_leaf(&ty) {
                continue;
            }
            for possible in self
                .contract
                .possible(&ty)
                .into_iter()
                .filter(|_| ty != "Node")
            {
                let mut inner = way.clone();
                for (before, behind) in &mut inner.around {
                    write!(before, "... on {possible} {{ ").unwrap();
                    behind.push_str(" }");
                }
                open.push_back((possible.to_owned(), inner));
            }
            for field in self.contract.fields(&ty) {
                let name = field.name.node.as_str();
                let Some(arguments) = self.arguments(field) else {
                    continue;
                };
                let mut inner = way.clone();
                for (before, behind) in &mut inner.around {
                    write!(before, "{name}{arguments} {{ ").unwrap();
                    behind.push_str(" }");
                }
                inner.steps.push(name.to_owned());
                open.push_back((name_of(&field.ty.node).to_owned(), inner));
            }
            ways.insert(ty, way);
        }
        ways
    }

    /// What a field below the root must be told; `None` if this does not know.
    fn arguments(&self, field: &FieldDefinition) -> Option<String> {
        match field.name.node.as_str() {
            "asOf" => {
                let now = self.world.app.clock.now().to_rfc3339();
                Some(format!("(at: \"{now}\")"))
            }
            "previewOpinions" => {
                let asked = "{departmentCode: \"WJW\", part: MANDATORY}";
                Some(format!("(input: {{opinions: [{asked}]}})"))
            }
            "whatIf" => Some("(acts: [{kind: SILENCE, days: 30}])".to_owned()),
            _ if needs_arguments(field) => None,
            _ => Some(String::new()),
        }
    }

    fn selection(&self, field: &FieldDefinition) -> String {
        let name = field.name.node.as_str();
        let arguments = self.arguments(field).unwrap_or_default();
        if self.contract.is_leaf(name_of(&field.ty.node)) {
            format!("{name}{arguments}")
        } else {
            format!("{name}{arguments} {{ __typename }}")
        }
    }

    async fn read_types(&self, rows: &mut Rows) {
        for (ty, way) in self.ways() {
            let fields = self.contract.fields(&ty);
            for person in &self.people {
                let mut verdicts = vec![String::new(); fields.len()];
                for (object, (before, behind)) in way.around.iter().enumerate() {
                    let all: Vec<String> =
                        fields.iter().map(|field| self.selection(field)).collect();
                    let whole = self
                        .world
                        .ask(
                            person.as_ref(),
                            &format!("{before}{}{behind}", all.join(" ")),
                        )
                        .await;
                    for (place, field) in fields.iter().enumerate() {
                        let alone;
                        let answer = if whole.errors.is_empty() {
                            &whole
                        } else {
                            alone = self
                                .world
                                .ask(person.as_ref(), &format!("{before}{}{behind}", all[place]))
                                .await;
                            &alone
                        };
                        verdicts[place].push(verdict(
                            answer,
                            &way,
                            object,
                            field.name.node.as_str(),
                        ));
                    }
                }
                for (field, verdict) in fields.iter().zip(verdicts) {
                    rows.entry(format!("{ty}.{}", field.name.node))
                        .or_default()
                        .push(verdict);
                }
            }
        }
    }

    /// The fields of `Query` themselves.
    async fn read_roots(&self, rows: &mut Rows) {
        for field in self.contract.fields("Query") {
            let name = field.name.node.as_str();
            let inner = if self.contract.is_leaf(name_of(&field.ty.node)) {
                ""
            } else {
                "{ __typename }"
            };
            let by_id = |kind: &str| {
                self.ids(kind)
                    .iter()
                    .map(|id| format!("{{ {name}(id: \"{id}\") {{ id }} }}"))
                    .collect::<Vec<_>>()
            };
            // Of lists: whether the object is among them.
            let listed = |kind: &str, arguments: &str| {
                let ids = self.ids(kind);
                (
                    vec![format!("{{ {name}{arguments} {{ nodes {{ id }} }} }}"); OBJECTS],
                    Some(ids),
                )
            };
            let (documents, ids) = match name {
                "application" => (by_id("application"), None),
                "case" => (by_id("case"), None),
                "review" => (by_id("review"), None),
                "node" => (by_id("application"), None),
                "item" => (
                    ["SJJ-01-002", "CGJ-01-001", "WJW-07-001", "NONE"]
                        .map(|code| format!("{{ item(code: \"{code}\") {{ id }} }}"))
                        .to_vec(),
                    None,
                ),
                "bundle" => (
                    ["YJS-001", "YJS-002", "YJS-007", "NONE"]
                        .map(|code| format!("{{ bundle(code: \"{code}\") {{ id }} }}"))
                        .to_vec(),
                    None,
                ),
                "digest" => (
                    ["SJJ", "CGJ", "WJW", "NONE"]
                        .map(|code| format!("{{ digest(departmentCode: \"{code}\") {inner} }}"))
                        .to_vec(),
                    None,
                ),
                "applicationByReceipt" => {
                    let mut numbers = APPLICATIONS
                        .map(|name| self.row_of(name).receipt_number.clone())
                        .to_vec();
                    numbers.push(crate::support::world::absent_receipt_number());
                    (numbers.iter().map(|number| format!("{{ applicationByReceipt(receiptNumber: \"{number}\") {{ id }} }}")).collect(), None)
                }
                "progress" => {
                    let mut all = APPLICATIONS.map(|name| self.row_of(name)).map(|row| {
                        format!("{{ progress(receiptNumber: \"{}\", queryCode: \"{}\") {{ state }} }}", row.receipt_number, row.query_code)
                    }).to_vec();
                    all.push(
                        "{ progress(receiptNumber: \"1\", queryCode: \"1\") { state } }".into(),
                    );
                    (all, None)
                }
                "applications" => listed("application", "(first: 100)"),
                "cases" => listed("case", "(first: 100)"),
                "inbox" => listed(
                    "review",
                    "(first: 100, filter: {states: [WAITING, OPEN, CLAIMED, GIVEN, CANCELLED]})",
                ),
                "accounts" => (
                    vec!["{ accounts(first: 100) { id } }".into(); OBJECTS],
                    Some(self.ids("account")),
                ),
                "calendarDays" => (
                    vec![format!(
                        "{{ {name}(from: \"2026-02-13\", to: \"2026-02-16\") {inner} }}"
                    )],
                    None,
                ),
                "calendarNoticePreview" => (vec![format!("{{ {name}{NOTICE} {inner} }}")], None),
                "deadlinePreview" => (vec![format!("{{ {name}{PREVIEW} {inner} }}")], None),
                _ if needs_arguments(field) => panic!("teach the test how to ask {name}"),
                _ => (vec![format!("{{ {name} {inner} }}")], None),
            };
            for person in &self.people {
                let mut answers = Vec::new();
                for document in &documents {
                    answers.push(self.world.ask(person.as_ref(), document).await);
                }
                let verdicts = answers.iter().enumerate().map(|(object, answer)| {
                    let listed = ids.as_ref().map(|ids| ids[object].as_str());
                    root_verdict(answer, name, listed)
                });
                let verdicts: String = verdicts.collect();
                // What is not shown and what is not there is one answer, to the byte.
                if ids.is_none() && answers.len() > 1 {
                    let absent = text(answers.last().unwrap());
                    for (answer, verdict) in answers.iter().zip(verdicts.chars()) {
                        assert!(
                            verdict == 'V' || text(answer) == absent,
                            "{name}: {} is not {absent}",
                            text(answer)
                        );
                    }
                }
                rows.entry(format!("Query.{name}"))
                    .or_default()
                    .push(verdicts);
            }
        }
    }

    /// The objects that are acted on; a wrong version keeps everything as it is.
    async fn act(&self, rows: &mut Rows) {
        let world = self.world;
        let find = |application: &str, item: &str| {
            let id = world.named[application];
            let case = world
                .cases
                .iter()
                .find(|case| case.application_id == id && case.item == item)
                .unwrap();
            (
                case.id,
                world
                    .reviews
                    .iter()
                    .find(|review| review.case_id == case.id && review.consultation.is_none())
                    .unwrap()
                    .id,
            )
        };
        let open = [
            find("own, open", "SJJ-01-002"),
            find("own", "ZJJ-01-004"),
            find("elsewhere", "JYJ-01-001"),
            find("abroad, open", "SJJ-01-002"),
            (ABSENT.parse().unwrap(), ABSENT.parse().unwrap()),
        ];
        for field in self.contract.fields("Mutation") {
            let name = field.name.node.as_str();
            let keyed = |rest: String| format!("idempotencyKey: \"{}\", {rest}", new_key());
            let inputs: Vec<String> = match name {
                "applicationSubmit" => vec![keyed(
                    "itemCodes: [\"NONE\"], materials: [], applicant: {kind: ENTERPRISE, name: \"甲\", idNumber: \"1\", phone: \"1\"}".into())],
                "applicationAccept" => self.ids("application").iter().map(|id| keyed(format!("applicationId: \"{id}\", expectedVersion: 999"))).collect(),
                "applicationDeliver" => self.ids("application").iter().map(|id| {
                    keyed(format!("applicationId: \"{id}\", receivedBy: \"甲\", expectedVersion: 999"))
                }).collect(),
                "caseDecide" => open.iter().map(|(case, _)| keyed(format!("caseId: \"case:{case}\", decision: GRANT, expectedVersion: 999"))).collect(),
                "reviewClaim" | "reviewRelease" => open.iter().map(|(_, review)| format!("reviewId: \"review:{review}\", expectedVersion: 999")).collect(),
                "reviewGiveOpinion" => open.iter().map(|(_, review)| {
                    keyed(format!("reviewId: \"review:{review}\", opinion: AGREE, expectedVersion: 999"))
                }).collect(),
                "reviewDraftOpinion" => open.iter().map(|(_, review)| {
                    format!("reviewId: \"review:{review}\", opinion: AGREE, expectedVersion: 999")
                }).collect(),
                "reviewAssign" => {
                    let to = world.accounts.iter().find(|row| row.name == "reviewer-sjj-2").unwrap().id;
                    open.iter().map(|(_, review)| {
                        format!("reviewId: \"review:{review}\", accountId: \"account:{to}\", expectedVersion: 999")
                    }).collect()
                }
                "reviewReturn" => open.iter().map(|(_, review)| {
                    keyed(format!("reviewId: \"review:{review}\", reasons: \"甲\", expectedVersion: 999"))
                }).collect(),
                // Nobody stands in for themselves, so nothing is registered.
                "absenceRegister" => world.accounts.iter().filter(|row| row.name == "reviewer-sjj").map(|row| {
                    keyed(format!("accountId: \"account:{0}\", substituteId: \"account:{0}\", fromOn: \"2026-03-02\", \
                        throughOn: \"2026-03-02\", reasons: \"甲\"", row.id))
                }).collect(),
                "absenceCancel" => vec![format!("absenceId: \"absence:{ABSENT}\", expectedVersion: 999")],
                "reviewWithdraw" => open.iter().map(|(_, review)| {
                    keyed(format!("reviewId: \"review:{review}\", reasons: \"甲\", expectedVersion: 999"))
                }).collect(),
                "reviewReplace" => open.iter().map(|(_, review)| {
                    keyed(format!("reviewId: \"review:{review}\", departmentCode: \"CGJ\", reasons: \"甲\", expectedVersion: 999"))
                }).collect(),
                "calendarNoticeAdopt" => vec![keyed(
                    "number: \"甲〔2026〕1号\", issuer: \"甲\", issuedOn: \"2026-03-02\", year: 2026, days: []".into())],
                "sessionSignIn" => vec!["accountName: \"not-there\", password: \"Not-The-Password-1\"".into()],
                "sessionRefresh" => vec!["refreshToken: \"x\"".into()],
                "passwordChange" => vec!["presentPassword: \"Not-The-Password-1\", wantedPassword: \"Correct-Horse-8-Battery\"".into()],
                "accountCreate" => vec!["name: \"clerk\", displayName: \"甲\", role: SUPERVISOR, password: \"Correct-Horse-8-Battery\"".into()],
                "accountResetPassword" => self.ids("account").iter().map(|id| {
                    format!("accountId: \"{id}\", password: \"Correct-Horse-8-Battery\", expectedVersion: 999")
                }).collect(),
                "accountClose" => self.ids("account").iter().map(|id| format!("accountId: \"{id}\", expectedVersion: 999")).collect(),
                // With a session of its own, below.
                "sessionSignOut" => continue,
                _ => self.inputs_on(field, &open.map(|(case, _)| case)),
            };
            let payload = name_of(&field.ty.node);
            let parts = self.contract.fields(payload);
            let asked: Vec<String> = parts
                .iter()
                .map(|part| match part.name.node.as_str() {
                    "userErrors" => "userErrors { code message field }".to_owned(),
                    _ => self.selection(part),
                })
                .collect();
            for person in &self.people {
                let mut answers = Vec::new();
                for input in &inputs {
                    let document = format!(
                        "mutation {{ {name}(input: {{{input}}}) {{ {} }} }}",
                        asked.join(" ")
                    );
                    answers.push(world.ask(person.as_ref(), &document).await);
                }
                let verdicts: String = answers
                    .iter()
                    .map(|answer| acted_verdict(answer, name))
                    .collect();
                let absent = text(answers.last().unwrap());
                for (answer, verdict) in answers.iter().zip(verdicts.chars()) {
                    assert!(
                        verdict != 'N' || text(answer) == absent,
                        "{name}: {} is not {absent}",
                        text(answer)
                    );
                }
                rows.entry(format!("Mutation.{name}"))
                    .or_default()
                    .push(verdicts);
                for part in &parts {
                    let part = part.name.node.as_str();
                    let verdicts = answers.iter().map(|answer| {
                        let way = Way {
                            around: Vec::new(),
                            steps: vec![name.to_owned()],
                            anchor: 1,
                            probes: None,
                        };
                        verdict(answer, &way, 0, part)
                    });
                    // The payloads that led to other types were asked before, for something else.
                    let row = rows.entry(format!("{payload}.{part}")).or_default();
                    if row.len() == self.people.len() {
                        row.clear();
                    }
                    row.push(verdicts.collect());
                }
            }
        }
    }

    /// What acts on an application or a case are given, one input an object.
    fn inputs_on(&self, field: &FieldDefinition, open: &[Uuid]) -> Vec<String> {
        let name = field.name.node.as_str();
        let (subject, ids) = if name.starts_with("case") {
            let ids = open.iter().map(|id| format!("case:{id}"));
            ("caseId", ids.collect())
        } else if name.starts_with("application") {
            ("applicationId", self.ids("application"))
        } else if name.starts_with("visit") {
            ("visitId", self.ids("visit"))
        } else if name.starts_with("mediation") {
            ("mediationId", self.ids("mediation"))
        } else {
            panic!("teach the test how to ask {name}")
        };
        let input = name_of(&field.arguments[0].node.ty.node);
        let inputs = self.contract.inputs(input);
        let of_one = |id: &String| {
            let rest = inputs.iter().filter_map(said_in);
            let rest: Vec<String> = rest.collect();
            format!(
                "{subject}: \"{id}\", expectedVersion: 999, {}",
                rest.join(" ")
            )
        };
        ids.iter().map(of_one).collect()
    }

    async fn end_sessions(&self, rows: &mut Rows) {
        let app = &self.world.app;
        for name in PEOPLE.iter().map(Some).chain([None]) {
            let client = match name {
                Some(name) => {
                    let input = json!({ "accountName": name, "password": seed::PASSWORD });
                    let answer = app.nobody().act(documents::SIGN_IN, input).await.done();
                    Client::bearer(app, &answer.text("sessionSignIn.session.accessToken"))
                }
                None => app.nobody(),
            };
            let answer = client
                .query(
                    "mutation { sessionSignOut { signedOut userErrors { code } } }",
                    json!({}),
                )
                .await;
            let verdict = if answer.body.get("errors").is_some() {
                letter(&answer.codes()[0])
            } else {
                'V'
            };
            rows.entry("Mutation.sessionSignOut".into())
                .or_default()
                .push(verdict.to_string());
            let empty = if verdict == 'V' { '-' } else { verdict };
            rows.entry("SessionSignOutPayload.signedOut".into())
                .or_default()
                .push(verdict.to_string());
            rows.entry("SessionSignOutPayload.userErrors".into())
                .or_default()
                .push(empty.to_string());
        }
    }

    async fn listen(&self, rows: &mut Rows) {
        for person in &self.people {
            let mut verdicts = String::new();
            for id in self.ids("application") {
                let document = format!(
                    "subscription {{ applicationEvents(applicationId: \"{id}\", after: \"event:{ABSENT}\") {{ event {{ id }} }} }}"
                );
                let mut stream = self
                    .world
                    .served
                    .execute_stream(
                        self.world
                            .request(person.as_ref(), &document, Transport::Socket),
                        None,
                    )
                    .boxed();
                let first = tokio::time::timeout(Duration::from_secs(5), stream.next())
                    .await
                    .ok()
                    .flatten();
                verdicts.push(first.map_or('?', |answer| {
                    root_verdict(&answer, "applicationEvents", None)
                }));
            }
            for row in ["Subscription.applicationEvents", "ApplicationEvent.event"] {
                rows.entry(row.into()).or_default().push(verdicts.clone());
            }
        }
        let mut heard = Vec::new();
        for person in &self.people {
            let request = self.world.request(
                person.as_ref(),
                "subscription { inboxChanged { kind reviews { id } } }",
                Transport::Socket,
            );
            heard.push(tokio::spawn(listen_for(
                self.world.served.execute_stream(request, None).boxed(),
            )));
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut released = Vec::new();
        for (person, application, item) in [
            ("reviewer-sjj", "own, open", "SJJ-01-002"),
            ("reviewer-zjj", "own", "ZJJ-01-004"),
            ("reviewer-jyj", "elsewhere", "JYJ-01-001"),
            ("far-reviewer-sjj", "abroad, open", "SJJ-01-002"),
        ] {
            let id = self.world.named[application];
            let case = self
                .world
                .cases
                .iter()
                .find(|case| case.application_id == id && case.item == item)
                .unwrap();
            let review = format!(
                "review:{}",
                self.world
                    .reviews
                    .iter()
                    .find(|review| review.case_id == case.id && review.consultation.is_none())
                    .unwrap()
                    .id
            );
            self.world
                .app
                .as_(person)
                .act(&documents::RELEASE, json!({ "reviewId": review }))
                .await
                .done();
            released.push(review);
        }
        released.push(ABSENT.to_owned());
        for heard in heard {
            let told = heard.await.unwrap();
            let verdicts: String = released
                .iter()
                .map(|review| match &told {
                    Err(code) => letter(code),
                    Ok(told)
                        if told.iter().any(|text| {
                            text.contains("REVIEW_RELEASED") && text.contains(review.as_str())
                        }) =>
                    {
                        'V'
                    }
                    Ok(_) => '0',
                })
                .collect();
            for row in [
                "Subscription.inboxChanged",
                "InboxChange.kind",
                "InboxChange.reviews",
            ] {
                rows.entry(row.into()).or_default().push(verdicts.clone());
            }
        }
    }
}

/// What stands in a field of an input beside the object and its version.
fn said_in(one: &&InputValueDefinition) -> Option<String> {
    let field = one.name.node.as_str();
    let said = match field {
        "idempotencyKey" => return Some(format!("idempotencyKey: \"{}\"", new_key())),
        "receivedBy" | "text" | "reasons" | "finding" | "question" | "place" | "conclusion"
        | "record" | "settlement" | "view" | "body" | "documentNumber" => "\"甲\"",
        "by" => "COURT",
        "ground" => "FACTS",
        "decidedOn" | "receivedOn" => "\"2026-03-02\"",
        "position" if name_of(&one.ty.node) == "String" => "\"甲\"",
        "departmentCode" if !one.ty.node.nullable => "\"WJW\"",
        "reviewIds" => "[\"review:00000000-0000-7000-8000-000000000000\"]",
        "rule" => "ALL",
        "opinions" => "[{departmentCode: \"WJW\", part: MANDATORY}]",
        "decision" => "GRANT",
        "opinion" => "AGREE",
        "materialId" => "\"material:00000000-0000-7000-8000-000000000000\"",
        "kind" if name_of(&one.ty.node) == "VisitKind" => "SITE_VISIT",
        "kind" => "NOT_REQUIRED",
        "beginsAt" => "\"2026-03-04T02:00:00Z\"",
        "departments" => "[{departmentCode: \"SJJ\"}, {departmentCode: \"CGJ\"}]",
        "persons" => "[\"甲\", \"乙\"]",
        "lines" => "[]",
        "number" => "1",
        "procedure" => "HEARING",
        "expected" => "{n: 5, unit: WORKDAY}",
        "noticeDeliveredOn" => "\"2026-03-02\"",
        "days" => "5",
        "approvedBy" => "AGENCY_HEAD",
        "points" => "[{text: \"甲\", basis: \"乙\"}]",
        "materials" => "[\"M-APP\"]",
        "materialCode" => "\"M-NONE\"",
        "how" => "EXPIRED",
        _ => return None,
    };
    Some(format!("{field}: {said}"))
}

/// What somebody is told in three seconds, or the code with which they are sent away.
async fn listen_for(
    mut stream: futures_util::stream::BoxStream<'static, Response>,
) -> Result<Vec<String>, String> {
    let mut told = Vec::new();
    let end = tokio::time::Instant::now() + Duration::from_secs(3);
    while let Ok(Some(answer)) = tokio::time::timeout_at(end, stream.next()).await {
        match code(&answer) {
            Some(code) => return Err(code),
            None => told.push(text(&answer)),
        }
    }
    Ok(told)
}

/// The answer with its fields in alphabetical order, for they stand in no fixed one.
fn text(answer: &Response) -> String {
    fn sorted(value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let fields: BTreeMap<String, Value> = fields
                    .into_iter()
                    .map(|(name, value)| (name, sorted(value)))
                    .collect();
                Value::Object(fields.into_iter().collect())
            }
            Value::Array(entries) => entries.into_iter().map(sorted).collect(),
            other => other,
        }
    }
    sorted(serde_json::to_value(answer).unwrap()).to_string()
}

fn code(answer: &Response) -> Option<String> {
    let error = serde_json::to_value(answer.errors.first()?).unwrap();
    Some(
        error["extensions"]["code"]
            .as_str()
            .unwrap_or("an error without code")
            .to_owned(),
    )
}

fn letter(code: &str) -> char {
    match code {
        "UNAUTHENTICATED" => 'U',
        "FORBIDDEN" => 'F',
        "NOT_FOUND" => 'N',
        "NOT_YOURS" => 'Y',
        "CONFLICT" => 'C',
        "INTERNAL" | "BUSY" | "an error without code" => '!',
        _ => 'W',
    }
}

fn root_verdict(answer: &Response, name: &str, listed: Option<&str>) -> char {
    if let Some(code) = code(answer) {
        return letter(&code);
    }
    let data = answer.data.clone().into_json().unwrap();
    let shown = match listed {
        Some(id) => data.to_string().contains(id),
        None => !is_empty(&data[name]),
    };
    if shown { 'V' } else { '0' }
}

fn acted_verdict(answer: &Response, name: &str) -> char {
    if let Some(code) = code(answer) {
        return letter(&code);
    }
    let data = answer.data.clone().into_json().unwrap();
    let refusal = data[name]["userErrors"][0]["code"].as_str();
    refusal.map_or('V', letter)
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn verdict(answer: &Response, way: &Way, object: usize, field: &str) -> char {
    if let Some(code) = code(answer) {
        return letter(&code);
    }
    let mut values = vec![answer.data.clone().into_json().unwrap()];
    for (place, step) in way.steps.iter().enumerate() {
        let next = values.iter().flat_map(|value| match &value[step] {
            Value::Array(entries) => entries.clone(),
            Value::Null => Vec::new(),
            other => vec![other.clone()],
        });
        values = next.collect();
        if place + 1 == way.anchor
            && let Some(probes) = &way.probes
        {
            values.retain(|value| value["probe"] == probes[object].as_str());
        }
        if values.is_empty() {
            return if place < way.anchor { '0' } else { '-' };
        }
    }
    if values.iter().all(|value| is_empty(&value[field])) {
        '-'
    } else {
        'V'
    }
}
