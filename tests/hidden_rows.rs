//! The same database with and without the rows that somebody may not see gives the same answers, to every
//! filter, order, search, page and count, at every root of the schema.

use std::collections::BTreeSet;

use lianshen::env::Clock as _;
use lianshen::{case, db, tally};
use lianshen_domain::actor::Actor;
use lianshen_domain::code::Code as _;
use lianshen_domain::supervision::{CardLevel, TimeRule};
use lianshen_entity::{
    Coded, application, card, case_, clock, correction_notice, document, event, material,
    mediation, missing_report, review, sharing_request, visit,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::contract::Contract;
use crate::matrix::{NOTICE, tell_anew};
use crate::support::each_db;
use crate::two_centres::{PEOPLE, TwoCentres};

/// The lists that come in pages.
const LISTS: [&str; 4] = ["inbox", "cases", "applications", "cards"];

/// The roots that show nothing of any application, so that none can be hidden in what they say.
const ROOTS_WITHOUT_ROWS: &[(&str, &str)] = &[
    ("absences", "days of the colleagues of a department"),
    ("accounts", "people, for who administers them"),
    ("bundle", "what is published"),
    ("bundles", "what is published"),
    ("calendarDays", "what is adopted"),
    ("calendarNotices", "what is adopted"),
    ("deadlinePreview", "what was asked with, counted"),
    ("departments", "what is published"),
    ("guide", "what is published"),
    ("item", "what is published"),
    ("items", "what is published"),
    ("me", "who asks"),
    (
        "progress",
        "one application, to anybody who holds both of its numbers, whoever asks",
    ),
];

const DASHBOARD: &str = "{ departments { departmentCode open { total inReview deciding } concluded { total granted refused inTime }
    cards { alert yellow red warningsStanding } }
  jointCards { alert yellow red warningsStanding }
  total { open { total deadlines { near promisePassed statutePassed } } concluded { total } cards { alert yellow red } } }";

const DIGEST: &str = "{ open claimed waiting toDecide dueToday near promisePassed statutePassed
  urgent { caseId caseNumber receiptNumber } late { applicationId receiptNumber lateWorkdays } }";

each_db! {
    async fn what_is_hidden_changes_no_answer(app: TestApp) {
        let world = TwoCentres::build(app).await;
        let contract = Contract::read(&lianshen::graphql::sdl(&world.served));
        raise_cards(&world).await;
        assert_every_root_is_asked(&contract, &questions(&contract, &world));
        let mut answered = 0;
        for name in PEOPLE {
            let actor = world.actor(name).await;
            let mut questions = questions(&contract, &world);
            add_pages(&world, &actor, &mut questions).await;

            let with = ask(&world, &actor, &questions).await;
            let hidden = Hidden::from(&world, &actor).await;
            assert!(!hidden.applications.is_empty(), "nothing is hidden from {name}");
            hidden.take_away(&world).await;
            let without = ask(&world, &actor, &questions).await;
            hidden.put_back(&world).await;
            let again = ask(&world, &actor, &questions[..20]).await;

            for (question, (with, without)) in questions.iter().zip(with.iter().zip(&without)) {
                assert_eq!(with, without, "{name} can tell whether there is more than they see by\n{question}");
            }
            assert_eq!(with[..20], again, "the rows were not put back as they were");
            answered += questions.len();
        }
        assert!(answered > 2_000, "only {answered} questions were asked");
    }
}

/// Fails when a root of the schema is neither asked nor known to show no rows: whoever adds one says which.
fn assert_every_root_is_asked(contract: &Contract, questions: &[String]) {
    let root = |question: &String| -> String {
        let asked = question.trim_start_matches(['{', ' ']);
        asked
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect()
    };
    let asked = questions.iter().map(root);
    let known = ROOTS_WITHOUT_ROWS.iter();
    let known = known.map(|(root, _)| (*root).to_owned());
    let told: BTreeSet<String> = asked.chain(known).collect();
    let roots = contract.fields("Query").into_iter();
    let roots: BTreeSet<String> = roots.map(|field| field.name.node.to_string()).collect();
    assert_eq!(
        roots, told,
        "left the schema, right what is asked or shows no rows"
    );
}

/// Each case has a card of a rule of its own, some of them cleared; and each application has one of no department.
async fn raise_cards(world: &TwoCentres) {
    let now = world.app.clock.now();
    let today = world.app.clock.today();
    let card = |at: usize, of: (Uuid, Option<Uuid>), region: &str, department: &str| card::Model {
        id: world.app.program().env.uuid(),
        subject_id: of.1.unwrap_or(of.0),
        rule: Coded(TimeRule::ALL[at % TimeRule::ALL.len()]),
        occurrence: format!("TEST:{at}"),
        application_id: of.0,
        case_id: of.1,
        region: region.to_owned(),
        department: department.to_owned(),
        level: Coded(CardLevel::ALL[at % CardLevel::ALL.len()]),
        raised_on: today,
        raised_at: now + chrono::TimeDelta::seconds(i64::try_from(at).unwrap()),
        cleared_on: at.is_multiple_of(5).then_some(today),
        evidence: json!({}),
    };
    let of_cases = world.cases.iter().enumerate().map(|(at, case)| {
        let of = (case.application_id, Some(case.id));
        card(at, of, &case.region, &case.department)
    });
    let of_the_whole = world.applications.iter().enumerate();
    let of_the_whole =
        of_the_whole.map(|(at, row)| card(100 + at, (row.id, None), &row.region, ""));
    let cards: Vec<card::Model> = of_cases.chain(of_the_whole).collect();
    db::write(&world.app.program().db, async |tx| {
        let rows = cards.iter().cloned().map(|row| row.into_active_model());
        card::Entity::insert_many(rows)
            .exec_without_returning(&**tx)
            .await?;
        Ok(())
    })
    .await
    .unwrap();
}

/// What is counted and told beforehand, made anew from the rows that are there.
async fn count_anew(world: &TwoCentres) {
    let program = world.app.program();
    let found = case::recount_tally(&program.db).await.unwrap();
    tally::mend(&program.db, &program.env, &found)
        .await
        .unwrap();
    tell_anew(&world.app).await;
}

/// The fields of an answer stand in no fixed order, so the answers are compared as values.
async fn ask(world: &TwoCentres, actor: &Actor, questions: &[String]) -> Vec<Value> {
    count_anew(world).await;
    let mut answers = Vec::new();
    for question in questions {
        answers.push(serde_json::to_value(&world.ask(Some(actor), question).await).unwrap());
    }
    answers
}

/// Every filter by itself with every value, some together, in pages of different lengths from both ends.
fn questions(contract: &Contract, world: &TwoCentres) -> Vec<String> {
    let code = |codes: BTreeSet<&str>, field: &str| {
        codes
            .into_iter()
            .map(|code| format!("{field}: \"{code}\""))
            .collect::<Vec<_>>()
    };
    let of = |name: &str, field: &str| {
        contract
            .values(name)
            .into_iter()
            .map(|value| format!("{field}: {value}"))
            .collect::<Vec<_>>()
    };
    let items = || {
        world
            .cases
            .iter()
            .map(|case| case.item.as_str())
            .chain(["NONE-01-001"])
            .collect()
    };
    let departments = || {
        world
            .cases
            .iter()
            .map(|case| case.department.as_str())
            .chain(["JYJ", "NONE"])
            .collect()
    };
    let bundles = || BTreeSet::from(["YJS-001", "YJS-002", "YJS-007"]);

    let mut inbox = code(items(), "itemCode");
    inbox.extend(code(bundles(), "bundleCode"));
    inbox.extend(of("Lamp", "lamp"));
    inbox.extend(
        contract
            .values("ReviewState")
            .into_iter()
            .map(|state| format!("states: [{state}]")),
    );
    inbox.extend(["claimedByMe: true", "claimedByMe: false", ""].map(str::to_owned));
    let every_state = format!("states: [{}]", contract.values("ReviewState").join(", "));
    inbox.push(every_state.clone());
    // Everything that can be searched for, and some of what cannot.
    let searched = |what: &str| {
        matches!(
            what,
            "name of an applicant" | "receipt number" | "case number"
        )
    };
    let mut texts: Vec<String> = world
        .markers
        .iter()
        .filter(|marker| searched(&marker.what))
        .map(|marker| marker.text.clone())
        .collect();
    texts.extend(
        world
            .markers
            .iter()
            .filter(|marker| !searched(&marker.what))
            .step_by(40)
            .map(|marker| marker.text.clone()),
    );
    texts.extend(
        [
            "mk",
            "餐饮",
            "许可",
            "%",
            "_",
            "3209",
            "32099",
            "公司",
            "不存在",
        ]
        .map(str::to_owned),
    );
    for text in &texts {
        inbox.push(format!("text: \"{text}\""));
        inbox.push(format!("text: \"{text}\", {every_state}"));
    }
    let mut cases = code(items(), "itemCode");
    cases.extend(code(departments(), "departmentCode"));
    cases.extend(of("CaseState", "state"));
    cases.push(String::new());
    let mut applications = code(bundles(), "bundleCode");
    applications.extend(of("ApplicationState", "state"));
    applications.extend(
        [
            "receivedFrom: \"2026-03-02\"",
            "receivedTo: \"2026-03-01\"",
            "receivedFrom: \"2026-03-03\"",
            "",
        ]
        .map(str::to_owned),
    );

    let mut cards = code(departments(), "departmentCode");
    cards.extend(of("TimeRule", "rule"));
    cards.extend(of("CardLevel", "level"));
    cards.extend(
        [
            "cleared: true",
            "cleared: false",
            "raisedFrom: \"2026-03-02\"",
            "raisedTo: \"2026-03-01\"",
            "",
        ]
        .map(str::to_owned),
    );

    let mut questions = vec![
        "{ inboxCounts { open claimedByMe claimedByOthers waiting alert yellow red } }".to_owned(),
        "{ colleagues { accountId name holds } }".to_owned(),
        format!("{{ dashboard {DASHBOARD} }}"),
        format!("{{ dashboard(month: \"2026-02-01\") {DASHBOARD} }}"),
        format!("{{ digest {DIGEST} }}"),
        format!(
            "{{ calendarNoticePreview{NOTICE} {{ preview {{ moved overdue deadlines {{ number before after }} }} }} }}"
        ),
    ];
    let told_to = departments().into_iter();
    questions
        .extend(told_to.map(|code| format!("{{ digest(departmentCode: \"{code}\") {DIGEST} }}")));
    for case in &world.cases {
        questions.push(format!(
            "{{ case(id: \"case:{}\") {{ id state }} }}",
            case.id
        ));
        questions.push(format!(
            "{{ node(id: \"case:{}\") {{ __typename id }} }}",
            case.id
        ));
    }
    for review in &world.reviews {
        questions.push(format!(
            "{{ review(id: \"review:{}\") {{ id state }} }}",
            review.id
        ));
    }
    for (root, filters) in LISTS.into_iter().zip([inbox, cases, applications, cards]) {
        for filter in filters {
            // Every page says how much there is in all.
            for page in ["first: 100", "first: 1", "last: 2"] {
                if filter.starts_with("text") && page != "first: 1" {
                    continue;
                }
                questions.push(listed(root, &format!("{page}, filter: {{{filter}}}")));
            }
        }
    }
    for row in &world.applications {
        questions.push(format!("{{ applicationByReceipt(receiptNumber: \"{}\") {{ id state cases {{ id reviews {{ id }} }} }} }}", row.receipt_number));
        questions.push(format!("{{ application(id: \"application:{}\") {{ id cases {{ caseNumber acceptedSeq mediations {{ id number }} }} timeline {{ totalCount }} visits {{ id number }} missingPoints {{ text }} sharingRequests {{ code name }} }} }}", row.id));
    }
    questions
}

fn listed(root: &str, arguments: &str) -> String {
    // A card never changes, and has no version.
    let node = if root == "cards" { "id" } else { "id version" };
    format!(
        "{{ {root}({arguments}) {{ totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} edges {{ cursor node {{ {node} }} }} }} }}"
    )
}

/// From each cursor on, forwards and backwards: those of everybody, because a cursor is not a permission.
async fn add_pages(world: &TwoCentres, actor: &Actor, questions: &mut Vec<String>) {
    let supervisor = world.actor("supervisor").await;
    for root in LISTS {
        let mut cursors = BTreeSet::new();
        for reader in [actor, &supervisor] {
            let data = world
                .ask(Some(reader), &listed(root, "first: 100"))
                .await
                .data
                .into_json()
                .unwrap();
            let edges = data[root]["edges"].as_array().cloned().unwrap_or_default();
            cursors.extend(
                edges
                    .iter()
                    .map(|edge| edge["cursor"].as_str().unwrap().to_owned()),
            );
        }
        for cursor in cursors {
            questions.push(listed(root, &format!("first: 2, after: \"{cursor}\"")));
            questions.push(listed(root, &format!("last: 2, before: \"{cursor}\"")));
        }
    }
}

/// The rows of the applications that somebody may not know of.
struct Hidden {
    applications: Vec<application::Model>,
    cases: Vec<case_::Model>,
    reviews: Vec<review::Model>,
    materials: Vec<material::Model>,
    documents: Vec<document::Model>,
    events: Vec<event::Model>,
    clocks: Vec<clock::Model>,
    cards: Vec<card::Model>,
    visits: Vec<visit::Model>,
    mediations: Vec<mediation::Model>,
    reports: Vec<missing_report::Model>,
    notices: Vec<correction_notice::Model>,
    requests: Vec<sharing_request::Model>,
}

impl Hidden {
    async fn from(world: &TwoCentres, actor: &Actor) -> Self {
        let applications: Vec<_> = world
            .applications
            .iter()
            .filter(|row| !world.knows(actor, row))
            .cloned()
            .collect();
        let reader = world.app.program().db.reader();
        let clocks = clock::Entity::find().all(reader).await.unwrap();
        let cards = card::Entity::find().all(reader).await.unwrap();
        let gone: BTreeSet<Uuid> = applications.iter().map(|row| row.id).collect();
        let gone = |id: &Uuid| gone.contains(id);
        Self {
            clocks: clocks
                .into_iter()
                .filter(|row| gone(&row.application_id))
                .collect(),
            cards: cards
                .into_iter()
                .filter(|row| gone(&row.application_id))
                .collect(),
            cases: world
                .cases
                .iter()
                .filter(|row| gone(&row.application_id))
                .cloned()
                .collect(),
            reviews: world
                .reviews
                .iter()
                .filter(|row| gone(&row.application_id))
                .cloned()
                .collect(),
            materials: world
                .materials
                .iter()
                .filter(|row| gone(&row.application_id))
                .cloned()
                .collect(),
            mediations: world
                .mediations
                .iter()
                .filter(|row| gone(&row.application_id))
                .cloned()
                .collect(),
            reports: world
                .reports
                .iter()
                .filter(|row| gone(&row.application_id))
                .cloned()
                .collect(),
            notices: world
                .notices
                .iter()
                .filter(|row| gone(&row.application_id))
                .cloned()
                .collect(),
            requests: world
                .requests
                .iter()
                .filter(|row| gone(&row.application_id))
                .cloned()
                .collect(),
            visits: world
                .visits
                .iter()
                .filter(|row| gone(&row.application_id))
                .cloned()
                .collect(),
            documents: world
                .documents
                .iter()
                .filter(|row| gone(&row.application_id))
                .cloned()
                .collect(),
            events: world
                .events
                .iter()
                .filter(|row| row.application_id.as_ref().is_some_and(gone))
                .cloned()
                .collect(),
            applications,
        }
    }

    async fn take_away(&self, world: &TwoCentres) {
        let ids: Vec<Uuid> = self.applications.iter().map(|row| row.id).collect();
        db::write(&world.app.program().db, async |tx| {
            let ids = || ids.iter().copied();
            let tx = &**tx;
            event::Entity::delete_many()
                .filter(event::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            clock::Entity::delete_many()
                .filter(clock::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            card::Entity::delete_many()
                .filter(card::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            mediation::Entity::delete_many()
                .filter(mediation::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            missing_report::Entity::delete_many()
                .filter(missing_report::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            correction_notice::Entity::delete_many()
                .filter(correction_notice::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            sharing_request::Entity::delete_many()
                .filter(sharing_request::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            visit::Entity::delete_many()
                .filter(visit::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            document::Entity::delete_many()
                .filter(document::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            material::Entity::delete_many()
                .filter(material::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            review::Entity::delete_many()
                .filter(review::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            case_::Entity::delete_many()
                .filter(case_::Column::ApplicationId.is_in(ids()))
                .exec(tx)
                .await?;
            application::Entity::delete_many()
                .filter(application::Column::Id.is_in(ids()))
                .exec(tx)
                .await?;
            Ok(())
        })
        .await
        .unwrap();
    }

    async fn put_back(&self, world: &TwoCentres) {
        db::write(&world.app.program().db, async |tx| {
            let tx = &**tx;
            macro_rules! insert {
                ($($table:ident $rows:ident),+) => {$(
                    for row in &self.$rows {
                        $table::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
                    }
                )+};
            }
            insert!(application applications, case_ cases, review reviews, material materials, document documents, event events, clock clocks, card cards, visit visits, missing_report reports, sharing_request requests,
                correction_notice notices, mediation mediations);
            Ok(())
        })
        .await
        .unwrap();
    }
}
