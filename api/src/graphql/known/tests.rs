//! What is known must answer, and refuse, word by word as if it had never been sent before.

use async_graphql::{EmptySubscription, Enum, InputObject, Object, Request, Schema, SimpleObject};
use lianshen_domain::lang::Lang;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value as Json, json};

use super::*;
use crate::graphql::Served;
use crate::graphql::limits::DocumentLimits;
use crate::graphql::progress::{Progress, Stage, Transport};

struct Query;

#[derive(SimpleObject)]
struct Row {
    id: i32,
    name: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Colour {
    Red,
    Green,
}

#[derive(InputObject)]
struct Filter {
    colour: Option<Colour>,
    texts: Option<Vec<String>>,
    most: Option<i32>,
}

#[Object]
impl Query {
    #[graphql(complexity = "usize::try_from(first.unwrap_or(2)).unwrap_or(0) * child_complexity")]
    async fn page(&self, first: Option<i32>, filter: Option<Filter>) -> Vec<Row> {
        let first = first.unwrap_or(2).clamp(0, 5);
        let name = filter.map_or_else(String::new, |filter| {
            let colour = filter.colour.map(|colour| colour == Colour::Red);
            format!("{colour:?} {:?} {:?}", filter.texts, filter.most)
        });
        let row = |id| Row {
            id,
            name: name.clone(),
        };
        (0..first).map(row).collect()
    }

    async fn one(&self, id: async_graphql::ID, colour: Option<Colour>) -> Option<Row> {
        let name = format!(
            "{} {:?}",
            id.as_str(),
            colour.map(|colour| colour == Colour::Red)
        );
        (id.as_str() != "none").then_some(Row { id: 1, name })
    }

    async fn echo(&self, text: String, flag: Option<bool>) -> async_graphql::Result<String> {
        if text == "fail" {
            return Err("failed".into());
        }
        Ok(format!("{text} {flag:?}"))
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn act(&self, filter: Filter) -> Option<i32> {
        filter.most
    }
}

fn served() -> Served<Query, Mutation, EmptySubscription> {
    let limits = DocumentLimits {
        selections: 60,
        ..DocumentLimits::default()
    };
    Served::new(limits, || {
        let builder = Schema::build(Query, Mutation, EmptySubscription);
        builder.limit_complexity(40).limit_depth(6)
    })
}

/// One request for a document.
#[derive(Clone, Debug)]
struct Sent {
    document: String,
    variables: Json,
    operation: Option<&'static str>,
    transport: Transport,
}

async fn answer(schema: &Served<Query, Mutation, EmptySubscription>, sent: &Sent) -> (Json, Stage) {
    let progress = Progress::default();
    let variables = async_graphql::Variables::from_json(sent.variables.clone());
    let mut request = Request::new(&sent.document).variables(variables);
    request.operation_name = sent.operation.map(str::to_owned);
    let request = request
        .data(progress.clone())
        .data(sent.transport)
        .data(Lang::En);
    let mut answer = schema.execute(request).await;
    // The library takes the operations of a document in no certain order.
    answer.errors.sort_by_key(|error| format!("{error:?}"));
    (serde_json::to_value(&answer).unwrap(), progress.stage())
}

/// Fails unless a schema that has seen everything before says the same as one that has seen nothing.
async fn says_the_same(requests: &[Sent]) -> usize {
    let warm = served();
    let mut cold = Vec::new();
    for sent in requests {
        cold.push(answer(&served(), sent).await);
    }
    for _ in 0..3 {
        for (sent, cold) in requests.iter().zip(&cold) {
            assert_eq!(&answer(&warm, sent).await, cold, "{sent:?}");
        }
    }
    let mut texts: Vec<&str> = requests.iter().map(|sent| &*sent.document).collect();
    texts.sort_unstable();
    texts.dedup();
    let found = texts
        .iter()
        .filter(|text| warm.known().find(text).is_some());
    found.count()
}

const DOCUMENTS: &[&str] = &[
    "{ page { id } }",
    "query($n: Int) { page(first: $n) { id name } }",
    "query($n: Int = 3) { page(first: $n) { id } }",
    "query($n: Int!) { page(first: $n) { id } }",
    "query($i: ID!) { one(id: $i) { name } }",
    "query($i: ID!, $c: Colour) { one(id: $i, colour: $c) { name } }",
    "query($i: ID!, $c: String) { one(id: $i, colour: $c) { name } }",
    "query($i: ID!, $t: String) { ... on Query { one(id: $i, colour: $t) { name } } }",
    "query($t: String!, $b: Boolean) { echo(text: $t, flag: $b) }",
    "query($t: String!, $b: Boolean!) { echo(text: $t) @include(if: $b) one(id: \"a\") { id } }",
    "query($t: String!) { page(filter: { texts: [$t], colour: RED }) { name } }",
    "query($t: Colour) { page(filter: { colour: $t }) { name } }",
    // A text where a colour stands, deep inside, is for each value to decide.
    "query($t: String) { page(filter: { colour: $t }) { name } }",
    "query($f: Filter) { page(filter: $f) { name } }",
    "query($n: Int) { page(filter: { most: $n }, first: $n) { name } }",
    "query a($n: Int) { page(first: $n) { id } } query b($i: ID!) { one(id: $i) { id } }",
    "query a { page { id } } query b($n: Int) { page(first: $n) { id name } }",
    "query($n: Int) { ...f } fragment f on Query { page(first: $n) { ...g } } fragment g on Row { id name }",
    "query($t: String!) { ...f } fragment f on Query { page(filter: { texts: [$t] }) { name } }",
    "mutation($f: Filter!) { act(filter: $f) }",
    "mutation($n: Int) { act(filter: { most: $n }) }",
    // What is refused for its text.
    "{ page { id }",
    "{ page { nothing } }",
    "query($n: Int) { page { id } }",
    "query($n: Nothing) { page(first: $n) { id } }",
    "{ page(first: \"x\") { id } }",
    "{ page(first: 30) { id name } }",
    "{ ...a } fragment a on Query { ...b ...b } fragment b on Query { ...a }",
    "{ ...a } fragment a on Query { ...b ...b ...b ...b } fragment b on Query { ...c ...c ...c ...c } fragment c on Query { ...d ...d ...d ...d } fragment d on Query { page { id } }",
    "{ page { id @skip(if: false) @skip(if: false) @skip(if: false) @skip(if: false) @skip(if: false) @skip(if: false) @skip(if: false) @skip(if: false) @skip(if: false) @skip(if: false) @skip(if: false) } }",
    "{ echo(text: \"fail\") }",
    "query { __typename }",
];

fn values() -> Vec<Json> {
    vec![
        json!(null),
        json!(0),
        json!(1),
        json!(3),
        json!(19),
        json!(21),
        json!(-1),
        json!(3_000_000_000_u64),
        json!(u64::MAX),
        json!(1.5),
        json!("x"),
        json!("none"),
        json!("fail"),
        json!("RED"),
        json!("BLUE"),
        json!(true),
        json!(false),
        json!([]),
        json!(["x", 1]),
        json!({ "most": 2, "colour": "RED" }),
        json!({ "colour": "BLUE" }),
        json!({ "nothing": 1 }),
    ]
}

#[tokio::test]
async fn every_document_with_every_variable_is_answered_as_if_it_were_new() {
    let mut requests = Vec::new();
    for document in DOCUMENTS {
        let mut add = |variables: Json, operation, transport| {
            requests.push(Sent {
                document: (*document).to_owned(),
                variables,
                operation,
                transport,
            });
        };
        for operation in [None, Some("a"), Some("b"), Some("nobody")] {
            for transport in [Transport::Post, Transport::Get, Transport::Socket] {
                add(json!({}), operation, transport);
                add(json!({ "n": 21, "i": "x" }), operation, transport);
            }
        }
        for value in values() {
            let all = ["n", "i", "t", "b", "c", "f"];
            let variables: serde_json::Map<_, _> = all
                .iter()
                .map(|name| ((*name).to_owned(), value.clone()))
                .collect();
            add(variables.into(), None, Transport::Post);
        }
    }
    let known = says_the_same(&requests).await;
    assert!(known >= 18, "only {known} documents came to be known");
}

#[tokio::test]
async fn documents_made_at_random_are_answered_as_if_they_were_new() {
    let seed = rand::random();
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let fields = [
        "page(first: $n) { id }",
        "page(first: 2, filter: { most: $n }) { name }",
        "page(filter: $f) { name id }",
        "page(filter: { colour: $c }) { name }",
        "one(id: $i) { name }",
        "one(id: $t) { name }",
        "echo(text: $t, flag: $b)",
        "echo(text: \"x\") @skip(if: $b)",
        "a: page { id nothing }",
        "... on Query { one(id: $i, colour: $c) { id } }",
    ];
    let definitions = [
        "$n: Int",
        "$n: Int!",
        "$n: Int = 4",
        "$i: ID!",
        "$t: String!",
        "$t: ID!",
        "$t: String = \"y\"",
        "$b: Boolean!",
        "$b: Boolean",
        "$c: Colour",
        "$c: String",
        "$f: Filter",
    ];
    let mut requests = Vec::new();
    for _ in 0..250 {
        let chosen = |random: &mut StdRng| {
            let some = random.random_range(1..4);
            fields
                .sample(random, some)
                .copied()
                .collect::<Vec<_>>()
                .join(" ")
        };
        let some = chosen(&mut random);
        // Most of the time the definitions fit what is used; now and then they do not.
        let wanted = definitions.iter().filter(|one| some.contains(&one[..2]));
        let mut wanted: Vec<&str> = wanted.copied().collect();
        wanted.sort_by_key(|one| (one[..2].to_owned(), random.random::<u32>()));
        wanted.dedup_by_key(|one| one[..2].to_owned());
        if random.random_ratio(1, 10) {
            wanted.pop();
        }
        let head = if wanted.is_empty() {
            String::new()
        } else {
            format!("query({}) ", wanted.join(", "))
        };
        let document = format!("{head}{{ {some} }}");
        for _ in 0..6 {
            let mut variables = serde_json::Map::new();
            for name in ["n", "i", "t", "b", "c", "f"] {
                if random.random_ratio(4, 5) {
                    let value = values().choose(&mut random).unwrap().clone();
                    variables.insert(name.to_owned(), value);
                }
            }
            requests.push(Sent {
                document: document.clone(),
                variables: variables.into(),
                operation: None,
                transport: Transport::Post,
            });
        }
    }
    says_the_same(&requests).await;
}

#[tokio::test]
async fn a_document_that_is_known_is_neither_parsed_nor_validated_again() {
    let schema = served();
    let known = schema.known();
    let sent = |variables: Json| Sent {
        document: "query($n: Int, $i: ID!) { page(first: $n) { id } one(id: $i) { id } }"
            .to_owned(),
        variables,
        operation: None,
        transport: Transport::Post,
    };
    let first = sent(json!({ "n": 3, "i": "x" }));
    for _ in 0..2 {
        answer(&schema, &first).await;
    }
    let found = known.find(&first.document).unwrap();
    let asked = |variables: Json| {
        Asked::of(
            &found,
            None,
            &async_graphql::Variables::from_json(variables),
        )
        .unwrap()
    };
    assert!(found.has_passed(&asked(json!({ "n": 3, "i": "x" }))));
    // Another text is as good; another number may cost more.
    assert!(found.has_passed(&asked(json!({ "n": 3, "i": "y" }))));
    assert!(!found.has_passed(&asked(json!({ "n": 4, "i": "x" }))));
    let (dear, _) = answer(&schema, &sent(json!({ "n": 60, "i": "x" }))).await;
    let told = dear["errors"][0]["message"].as_str().unwrap();
    assert!(told.contains("Query is too complex."), "{told}");
}

#[tokio::test]
async fn a_flood_of_documents_does_not_fill_the_memory() {
    let schema = served();
    let known = schema.known();
    let flood = |at: usize| Sent {
        document: format!("{{ echo(text: \"{at} {}\") }}", "x".repeat(at % 700)),
        variables: json!({}),
        operation: None,
        transport: Transport::Post,
    };
    for at in 0..2_000 {
        answer(&schema, &flood(at)).await;
    }
    let (documents, bytes) = known.size();
    assert!(
        documents <= MOST && bytes <= MOST_BYTES,
        "{documents} of {bytes} bytes"
    );
    assert!(known.find(&flood(1_999).document).is_some());
    assert!(known.find(&flood(0).document).is_none());
}
