use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::registry::{MetaType, Registry};
use async_graphql::{EmptyMutation, EmptySubscription, OutputType, Request, Response};
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::code::Code as _;
use lianshen_domain::ids::Id;
use lianshen_domain::rejected::Lang;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::catalogue::{file, publish};
use crate::config::Config;
use crate::db::DbOptions;
use crate::db::scratch::Scratch;
use crate::env::{Env, MachineClock};

const SAMPLE: &str = include_str!("../../data/sample-catalogue.json");

/// A program with the sample catalogue, on a database that goes with it.
struct World {
    app: App,
    statements: Arc<AtomicUsize>,
    _scratch: Scratch,
}

impl World {
    async fn new() -> Self {
        let env = Env::new(Arc::new(MachineClock));
        let scratch = Scratch::new();
        let statements = Arc::new(AtomicUsize::new(0));
        let counted = statements.clone();
        let options = DbOptions {
            // Whoever asked for a second connection while holding one would wait in vain.
            pool: 1,
            observer: Some(Arc::new(move |_, _, _| {
                counted.fetch_add(1, Ordering::SeqCst);
            })),
            ..scratch.options()
        };
        let db = scratch.open_with(&options).await;
        publish(&db, &env, &file::parse(SAMPLE).unwrap())
            .await
            .unwrap();
        let config = Config::defaults().unwrap();
        let app = crate::server::open_app(config, env, db).await.unwrap();
        Self {
            app,
            statements,
            _scratch: scratch,
        }
    }

    fn introspective(&self) -> App {
        let mut config = Config::defaults().unwrap();
        config.introspection = true;
        App {
            config: Arc::new(config),
            ..self.app.clone()
        }
    }

    async fn asks(&self, viewer: Viewer, query: &str) -> Response {
        let schema = schema(self.app.clone(), ExecutionLimits::default());
        schema.execute(Request::new(query).data(viewer)).await
    }

    /// What a visitor is answered without errors.
    async fn answers(&self, query: &str) -> Value {
        let answer = self.asks(visitor(Lang::En), query).await;
        assert_eq!(answer.errors, [], "{query}");
        answer.data.into_json().unwrap()
    }

    /// The code of the only error that a visitor is answered.
    async fn refuses(&self, query: &str) -> Option<String> {
        let answer = self.asks(visitor(Lang::En), query).await;
        assert_eq!(answer.errors.len(), 1, "{query}");
        let code = answer.errors[0].extensions.as_ref()?.get("code")?.clone();
        code.into_json().unwrap().as_str().map(str::to_owned)
    }
}

fn visitor(lang: Lang) -> Viewer {
    Viewer {
        actor: None,
        lang,
        request_id: Uuid::from_u128(1),
        peer: None,
        sheets: Sheets::default(),
    }
}

fn fields<T: OutputType>() -> Vec<String> {
    match Registry::default().create_fake_output_type::<T>() {
        MetaType::Object { fields, .. } => fields.into_keys().collect(),
        other => panic!("{} is no object", other.name()),
    }
}

#[test]
fn no_two_parts_of_a_root_share_a_field() {
    // The library would silently let one of them win. A part that is missing here fails the test too.
    let queries = [
        fields::<AbsenceQuery>(),
        fields::<AccountQuery>(),
        fields::<ApplicationQuery>(),
        fields::<CalendarPreviewQuery>(),
        fields::<CalendarQuery>(),
        fields::<CardQuery>(),
        fields::<CaseQuery>(),
        fields::<CatalogueQuery>(),
        fields::<DashboardQuery>(),
        fields::<DigestQuery>(),
        fields::<NodeQuery>(),
        fields::<PreviewQuery>(),
        fields::<ProgressQuery>(),
        fields::<ReviewQuery>(),
    ];
    let mutations = [
        fields::<AbsenceMutation>(),
        fields::<AccountMutation>(),
        fields::<ApplicationMutation>(),
        fields::<ApplicationEndingMutation>(),
        fields::<ApplicationExtensionMutation>(),
        fields::<CorrectionMutation>(),
        fields::<CalendarMutation>(),
        fields::<CaseMutation>(),
        fields::<CaseEndingMutation>(),
        fields::<CaseLicenceMutation>(),
        fields::<RevocationMutation>(),
        fields::<ConsultationMutation>(),
        fields::<MaterialMutation>(),
        fields::<MissingMutation>(),
        fields::<ProcedureMutation>(),
        fields::<ReviewMutation>(),
        fields::<SharingMutation>(),
        fields::<VisitMutation>(),
        fields::<MediationMutation>(),
    ];
    for (parts, merged) in [
        (queries.concat(), fields::<Query>()),
        (mutations.concat(), fields::<Mutation>()),
    ] {
        let once: BTreeSet<&String> = parts.iter().collect();
        assert_eq!(once.len(), parts.len());
        assert_eq!(once, merged.iter().collect());
    }
}

#[tokio::test]
async fn everything_that_the_schema_shows_is_described() {
    let world = World::new().await;
    let schema = schema(world.introspective(), ExecutionLimits::default());
    let query = "{ __schema { queryType { name } types { kind name description specifiedByURL
        enumValues(includeDeprecated: true) { name description } inputFields { name description }
        fields(includeDeprecated: true) { name description args { name description } } } } }";
    let answer = schema.execute(query).await;
    assert_eq!(answer.errors, []);
    let shown = answer.data.into_json().unwrap()["__schema"].clone();
    assert_eq!(shown["queryType"]["name"], "Query");
    let mut silent = Vec::new();
    for of_type in shown["types"].as_array().unwrap() {
        let name = of_type["name"].as_str().unwrap();
        // The language itself describes these.
        if name.starts_with("__") || name == "ID" {
            continue;
        }
        let mut look = |what: &Value, path: String| {
            if what["description"].as_str().is_none_or(str::is_empty) {
                silent.push(path);
            }
        };
        look(of_type, name.to_owned());
        for list in ["fields", "enumValues", "inputFields"] {
            for member in of_type[list].as_array().into_iter().flatten() {
                let path = format!("{name}.{}", member["name"].as_str().unwrap());
                for argument in member["args"].as_array().into_iter().flatten() {
                    look(argument, format!("{path}({})", argument["name"]));
                }
                look(member, path);
            }
        }
        if of_type["kind"] == "INPUT_OBJECT" {
            assert!(
                name.ends_with("Input") || name.ends_with("Filter"),
                "{name}"
            );
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[tokio::test]
async fn the_introspection_of_common_tools_passes_the_limits() {
    let world = World::new().await;
    let schema = schema(world.introspective(), ExecutionLimits::default());
    let type_ref = format!(
        "kind name {} kind name {}",
        "ofType { kind name ".repeat(9),
        "}".repeat(9)
    );
    let value = format!(
        "name description type {{ {type_ref} }} defaultValue isDeprecated deprecationReason"
    );
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }}
            types {{ kind name description specifiedByURL isOneOf
                fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ {value} }}
                    type {{ {type_ref} }} isDeprecated deprecationReason }}
                inputFields(includeDeprecated: true) {{ {value} }} interfaces {{ {type_ref} }}
                enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }}
                possibleTypes {{ {type_ref} }} }}
            directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ {value} }} }} }} }}"
    );
    let answer = schema.execute(query).await;
    assert_eq!(answer.errors, []);
    let sdl = schema.schema().sdl();
    for code in FaultCode::ALL {
        assert!(
            sdl.contains(&format!("\t{}\n", code.code())),
            "{}",
            code.code()
        );
    }
}

#[tokio::test]
async fn the_schema_keeps_silent_about_itself_unless_told() {
    let world = World::new().await;
    assert_eq!(
        world.answers("{ __schema { queryType { name } } }").await,
        json!({"__schema": null})
    );
    let answer = world.asks(visitor(Lang::En), "{ bundels { code } }").await;
    assert!(!answer.errors[0].message.contains("bundles"), "{answer:?}");
}

#[tokio::test]
async fn documents_that_ask_for_too_much_are_refused() {
    let world = World::new().await;
    let deep = format!(
        "{{ item(code: \"ZRZY-01-001\") {} {{ code }} {} }}",
        "{ predecessors ".repeat(15),
        "}".repeat(15)
    );
    let wide = "{ items(first: 100) { nodes { materials { code name kind source necessity form note \
        originals copies sharedFrom { code } } } } }";
    for document in [deep.as_str(), wide] {
        let answer = world.asks(visitor(Lang::En), document).await;
        assert_eq!(answer.errors.len(), 1, "{document}");
        assert!(answer.data == async_graphql::Value::Null, "{document}");
    }
}

#[tokio::test]
async fn an_item_is_shown_with_all_that_was_published() {
    let world = World::new().await;
    let answer = world
        .answers(
            "{ item(code: \"GAJ-07-001\") { id code name version itemType basicCode caseType level audience
            department { code name kind } promised { n unit } statutory { limit { n unit } anchor }
            steps { name days } materials { code necessity } legalBasis onlineDepth siteVisit
            fee { code payee standards { appliesTo amount unit } } result { name kind validMonths } }
            none: item(code: \"NO-SUCH\") { code } }",
        )
        .await;
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let written = |list: &str, code: &str| {
        let all = sample[list].as_array().unwrap().iter();
        all.clone().find(|one| one["code"] == code).unwrap().clone()
    };
    let (item, shown) = (written("items", "GAJ-07-001"), &answer["item"]);
    for name in [
        "code",
        "name",
        "version",
        "basicCode",
        "steps",
        "siteVisit",
        "promised",
    ] {
        assert_eq!(shown[name], item[name], "{name}");
    }
    assert_eq!(shown["legalBasis"], item["basis"]);
    assert_eq!(shown["itemType"], "CONFIRMATION");
    assert_eq!(shown["department"]["code"], "GAJ");
    assert_eq!(
        shown["department"]["name"],
        written("departments", "GAJ")["name"]
    );
    assert_eq!(shown["statutory"]["anchor"], item["statutory"]["anchor"]);
    assert_eq!(shown["statutory"]["limit"]["n"], item["statutory"]["n"]);
    let materials: Vec<&Value> = shown["materials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|material| &material["code"])
        .collect();
    assert_eq!(json!(materials), item["materials"]);
    let fee = written("fees", "F-ID");
    assert_eq!(shown["fee"]["code"], "F-ID");
    assert_eq!(shown["fee"]["payee"], "NON_TAX_ACCOUNT");
    assert_eq!(
        shown["fee"]["standards"][0]["appliesTo"],
        fee["standard"][0]["case"]
    );
    assert!(shown["fee"]["standards"][0]["amount"].is_string());
    assert!(shown["id"].as_str().unwrap().starts_with("item:"));
    assert_eq!(answer["none"], Value::Null);
}

#[tokio::test]
async fn items_are_paged_and_filtered() {
    let world = World::new().await;
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = world
            .answers(&format!(
                "{{ items(first: 25{after}) {{ totalCount nodes {{ code }} pageInfo {{ hasNextPage endCursor }} }} }}"
            ))
            .await;
        let page = &page["items"];
        assert_eq!(page["totalCount"], 56);
        for node in page["nodes"].as_array().unwrap() {
            seen.push(node["code"].as_str().unwrap().to_owned());
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = format!(", after: {}", page["pageInfo"]["endCursor"]);
    }
    assert_eq!(seen.len(), 56);
    assert!(seen.is_sorted());

    for (filter, count) in [
        ("{}", 56),
        ("{ text: \"许可\", department: \"GAJ\" }", 1),
        ("{ text: \" sjj-10 \" }", 2),
        ("{ department: \"SJJ\" }", 6),
        ("{ itemType: PUBLIC_SERVICE }", 3),
        ("{ department: \"SJJ\", immediate: true }", 3),
        ("{ department: \"SJJ\", immediate: false }", 3),
        ("{ department: \"SJJ\", applicantKind: AGENCY }", 0),
        ("{ department: \"NO-SUCH\" }", 0),
    ] {
        let query = format!("{{ items(first: 1, filter: {filter}) {{ totalCount }} }}");
        let answer = world.answers(&query).await;
        assert_eq!(answer["items"]["totalCount"], count, "{filter}");
    }
}

#[tokio::test]
async fn wrong_pages_are_errors_with_a_code() {
    let world = World::new().await;
    for (arguments, code) in [
        ("first: 0", "PAGE_SIZE"),
        ("first: -1", "PAGE_SIZE"),
        ("first: 100000", "PAGE_SIZE"),
        ("last: 101", "PAGE_SIZE"),
        ("first: 1, last: 1", "PAGE_DIRECTION"),
        ("after: \"nonsense\"", "CURSOR_INVALID"),
    ] {
        let query = format!("{{ items({arguments}) {{ totalCount }} }}");
        assert_eq!(
            world.refuses(&query).await.as_deref(),
            Some(code),
            "{arguments}"
        );
    }
}

#[tokio::test]
async fn a_guide_answers_for_a_bundle_and_its_answers() {
    let world = World::new().await;
    let answer = world
        .answers(
            "{ guide(bundleCode: \"YJS-001\", answers: [{ question: \"Q1\", value: \"N\" }, { question: \"Q6\", value: \"Y\" }]) {
            userErrors { code } guide { bundle { code name leadDepartment { code } } levels { code }
            items { item { code } layer predecessors { code } }
            materials { material { code } wantedBy { code } necessity bySharing } materialsIfSeparate
            applicantProvides { material { code } } obtainedBySharing { material { code } }
            fees { item { code } fee { code } } siteVisitDepartments { code } criticalPathDays
            jointPromised { n unit } } } }",
        )
        .await;
    assert_eq!(answer["guide"]["userErrors"], json!([]));
    let guide = &answer["guide"]["guide"];
    assert_eq!(guide["bundle"]["name"], "开办餐饮店");
    let level = |code: &str| json!([{ "code": code }]);
    assert_eq!(
        guide["levels"],
        json!([
            level("SJJ-01-001"),
            level("SJJ-01-002"),
            level("YCJ-01-001")
        ])
    );
    assert_eq!(
        guide["items"][2],
        json!({"item": {"code": "YCJ-01-001"}, "layer": 2,
            "predecessors": [{"code": "SJJ-01-001"}, {"code": "SJJ-01-002"}]})
    );
    let length = |name: &str| guide[name].as_array().unwrap().len();
    assert_eq!(
        length("materials"),
        length("applicantProvides") + length("obtainedBySharing")
    );
    let wanted: usize = guide["materials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|material| material["wantedBy"].as_array().unwrap().len())
        .sum();
    assert_eq!(guide["materialsIfSeparate"], wanted);
    assert!(length("materials") < wanted);
    assert_eq!(guide["fees"], json!([]));
}

#[tokio::test]
async fn a_guide_of_single_items_or_of_some_of_a_bundle() {
    let world = World::new().await;
    let of = async |arguments: &str| {
        let query = format!(
            "{{ guide({arguments}) {{ userErrors {{ code field message }} guide {{ bundle {{ code }} levels {{ code }} \
             fees {{ fee {{ code }} }} }} }} }}"
        );
        world.answers(&query).await["guide"].clone()
    };
    let single = of("itemCodes: [\"GAJ-07-001\"]").await;
    assert_eq!(
        single["guide"],
        json!({"bundle": null, "levels": [[{"code": "GAJ-07-001"}]], "fees": [{"fee": {"code": "F-ID"}}]})
    );
    let some = of("bundleCode: \"YJS-002\", itemCodes: [\"SJJ-01-001\"]").await;
    assert_eq!(some["guide"]["levels"], json!([[{"code": "SJJ-01-001"}]]));

    for (arguments, code, field) in [
        ("", "NO_ITEMS", json!(["itemCodes"])),
        (
            "bundleCode: \"X\"",
            "BUNDLE_NOT_PUBLISHED",
            json!(["bundleCode"]),
        ),
        (
            "itemCodes: [\"X\"]",
            "ITEM_NOT_PUBLISHED",
            json!(["itemCodes", "0"]),
        ),
        (
            "bundleCode: \"YJS-002\", itemCodes: [\"GAJ-10-001\"]",
            "ITEM_EXCLUDED",
            json!(["itemCodes", "0"]),
        ),
        (
            "bundleCode: \"YJS-002\", itemCodes: [\"SWJ-20-001\"]",
            "ITEM_MISSING",
            json!(["itemCodes"]),
        ),
        (
            "bundleCode: \"YJS-002\", answers: [{ question: \"Q1\", value: \"MAYBE\" }]",
            "ANSWER_UNKNOWN",
            json!(["answers", "0", "value"]),
        ),
        (
            "answers: [{ question: \"Q1\", value: \"Y\" }]",
            "QUESTION_UNKNOWN",
            json!(["answers", "0", "question"]),
        ),
    ] {
        let arguments = if arguments.is_empty() {
            "itemCodes: []"
        } else {
            arguments
        };
        let refused = of(arguments).await;
        assert_eq!(refused["guide"], Value::Null, "{arguments}");
        let errors = refused["userErrors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{arguments}");
        assert_eq!(
            (&errors[0]["code"], &errors[0]["field"]),
            (&json!(code), &field)
        );
    }
}

#[tokio::test]
async fn every_bundle_and_department_is_listed() {
    let world = World::new().await;
    let answer = world
        .answers(
            "{ bundles { id code questions { id options { value } } components { item { code } dependsOn { code }
            includeWhen { question values } tacitEligible } tacitConsent { policy } jointStatutory { limit { n } } }
            departments { id code creditCode } bundle(code: \"YJS-001\") { components { includeWhen { question values } } } }",
        )
        .await;
    assert_eq!(answer["bundles"].as_array().unwrap().len(), 8);
    assert_eq!(answer["departments"].as_array().unwrap().len(), 24);
    for bundle in answer["bundles"].as_array().unwrap() {
        for component in bundle["components"].as_array().unwrap() {
            assert!(component["item"]["code"].is_string(), "{bundle}");
        }
    }
    // Of all-of conditions each stands by itself; none means always.
    let components = &answer["bundle"]["components"];
    assert_eq!(
        components[1]["includeWhen"],
        json!([{"question": "Q2", "values": ["Y"]}, {"question": "Q3", "values": ["P"]}])
    );
    assert_eq!(components[5]["includeWhen"], json!([]));
}

/// As the interface of all objects is derived.
#[derive(async_graphql::Interface)]
#[graphql(field(name = "id", ty = "async_graphql::ID"))]
enum Published {
    Item(catalogue::Item),
    Bundle(catalogue::Bundle),
    Department(catalogue::Department),
}

struct Nodes;

#[async_graphql::Object]
impl Nodes {
    async fn nodes(&self, ctx: &async_graphql::Context<'_>) -> Vec<Published> {
        let published = catalogue::Published::to(Ctx::of(ctx).unwrap()).unwrap();
        let department = published.department("SJJ").unwrap();
        assert_eq!(
            published.department_name("SJJ").unwrap(),
            "滨澜县市场监督管理局"
        );
        vec![
            published.item("SJJ-01-002").unwrap().into(),
            published.bundle("YJS-001").unwrap().into(),
            department.into(),
        ]
    }
}

#[tokio::test]
async fn published_objects_can_be_found_again_by_their_ids() {
    let world = World::new().await;
    let schema = Schema::build(Nodes, EmptyMutation, EmptySubscription)
        .data(world.app.clone())
        .finish();
    let query = "{ nodes { id __typename ... on Item { code } ... on Department { code } } }";
    let request = Request::new(query).data(visitor(Lang::En));
    let answer = schema.execute(request).await;
    assert_eq!(answer.errors, []);
    let nodes = answer.data.into_json().unwrap()["nodes"].clone();
    let snapshot = world.app.library.present();
    let published = catalogue::Published::of(snapshot, "320999").unwrap();
    for (at, kind) in ["item", "bundle", "department"].into_iter().enumerate() {
        let id = nodes[at]["id"].as_str().unwrap();
        let raw: Uuid = id
            .strip_prefix(&format!("{kind}:"))
            .unwrap()
            .parse()
            .unwrap();
        let found = match kind {
            "item" => published.item_version(Id::new(raw)).is_some(),
            "bundle" => published.bundle_version(Id::new(raw)).is_some(),
            _ => published.department_of(Id::new(raw)).is_some(),
        };
        assert!(found, "{id}");
        assert!(published.item_version(Id::new(Uuid::nil())).is_none());
    }
}

#[tokio::test]
async fn the_catalogue_asks_the_database_nothing() {
    let world = World::new().await;
    let before = world.statements.load(Ordering::SeqCst);
    assert!(before > 0);
    world
        .answers(
            "{ items { totalCount nodes { department { name } fee { name } predecessors { code } } }
            bundles { components { item { name } } } departments { name }
            guide(bundleCode: \"YJS-001\") { guide { materials { material { name } } } } }",
        )
        .await;
    assert_eq!(world.statements.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn an_account_sees_the_catalogue_of_its_own_centre() {
    let world = World::new().await;
    let of = async |region: &str| {
        let actor = Actor {
            account: Id::new(Uuid::from_u128(2)),
            session: Id::new(Uuid::from_u128(3)),
            role: Role::Applicant,
            region: region.to_owned(),
            department: None,
            window: None,
            display_name: "王小明".to_owned(),
        };
        let viewer = Viewer {
            actor: Some(actor),
            ..visitor(Lang::Zh)
        };
        let query = "{ items { totalCount } bundles { code } item(code: \"SJJ-01-002\") { code } \
            guide(itemCodes: [\"SJJ-01-002\"]) { guide { criticalPathDays } userErrors { message } } }";
        let answer = world.asks(viewer, query).await;
        assert_eq!(answer.errors, []);
        answer.data.into_json().unwrap()
    };
    let own = of("320999").await;
    assert_eq!(own["items"]["totalCount"], 56);
    assert_eq!(own["guide"]["userErrors"], json!([]));
    let elsewhere = of("110101").await;
    assert_eq!(
        elsewhere,
        json!({"items": {"totalCount": 0}, "bundles": [], "item": null,
            "guide": {"guide": null, "userErrors": [{"message": "未找到。请核对编号，或确认您有权查看。"}]}})
    );
}

/// A sheet of ten years has some 5,300 lines: four of them are more than a mebibyte.
#[tokio::test]
async fn a_short_question_is_not_answered_by_any_number_of_long_sheets() {
    let world = World::new().await;
    let ask = |sheets: usize| {
        let sheets: Vec<_> = (0..sheets).map(|n| format!("s{n}: sheet")).collect();
        let sheets = sheets.join(" ");
        format!(
            "{{ deadlinePreview(input: {{ promised: {{ n: 3650, unit: WORKDAY }}, asOf: \"2024-07-01\", \
             events: [{{ type: ACCEPTED, date: \"2024-07-01\" }}] }}) {{ promised {{ {sheets} }} }} }}"
        )
    };
    let one = world.answers(&ask(1)).await;
    let sheet = one["deadlinePreview"]["promised"]["s0"].as_str().unwrap();
    assert!((150_000..600_000).contains(&sheet.len()), "{}", sheet.len());

    let refused = world.asks(visitor(Lang::En), &ask(20)).await;
    assert!(refused.errors.len() >= 14, "{:?}", refused.errors);
    for error in refused.errors {
        let code = error.extensions.unwrap().get("code").unwrap().clone();
        assert_eq!(code.into_json().unwrap(), "SHEETS_TOO_LONG");
    }
}
