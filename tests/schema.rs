//! The contract: what stands in `schema.graphql` is what the program serves, and all of it is written for people.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};
use lianshen::config::Config;
use lianshen::env::Env;
use lianshen::graphql;
use lianshen::server::open_app;

use crate::support::clock::ManualClock;
use crate::support::database::block_on;
use crate::support::{Engine, TestDatabase};

/// What the program decides by itself: whoever could send it could make it so (mass assignment).
const SERVER_OWNED: &[&str] = &[
    "id",
    "version",
    "status",
    "state",
    "result",
    "outcome",
    "lamp",
    "region",
    "channel",
    "window",
    "ownerId",
    "createdAt",
    "createdBy",
    "updatedAt",
    "receivedAt",
    "receivedOn",
    "acceptedOn",
    "acceptedBy",
    "submittedBy",
    "claimedBy",
    "claimedAt",
    "givenBy",
    "givenAt",
    "decidedAt",
    "decidedBy",
    "decidedOn",
    "concludedAt",
    "closedAt",
    "startedOn",
    "dueOn",
    "promisedDueOn",
    "statutoryDueOn",
    "receiptNumber",
    "caseNumber",
    "queryCode",
    "acceptedSeq",
    "passwordHash",
];

/// Fields of inputs that have such a name for another reason, besides [`DATES`].
const EXPLAINED: &[(&str, &str, &str)] = &[(
    "AccountCreateInput",
    "window",
    "the system administrator says at which window a clerk works",
)];

/// Every date and every moment that somebody can send to an act, and why the program does not know it by itself. One that is
/// not here says when something happened, or holds, by the word of whoever sends it.
const DATES: &[(&str, &str, &str)] = &[
    (
        "AbsenceRegisterInput",
        "fromOn",
        "the first day of one's own absence, never a day that is gone",
    ),
    (
        "AbsenceRegisterInput",
        "throughOn",
        "the last day of one's own absence",
    ),
    (
        "ApplicationCallVisitInput",
        "beginsAt",
        "an appointment; whether it is far enough ahead is judged",
    ),
    (
        "VisitMoveInput",
        "beginsAt",
        "an appointment; whether it is far enough ahead is judged",
    ),
    (
        "VisitDefectInput",
        "mendBy",
        "what those who were there agreed on, never a day that is gone",
    ),
    (
        "CalendarNoticeAdoptInput",
        "issuedOn",
        "the date on the notice of another body",
    ),
    (
        "CalendarNoticeDayInput",
        "date",
        "a day of which the notice speaks",
    ),
    (
        "CaseBeginSpecialProcedureInput",
        "noticeDeliveredOn",
        "when the paper reached the applicant, never after the start",
    ),
    (
        "CaseReopenInput",
        "decidedOn",
        "the date on the document of another body",
    ),
    (
        "CaseReopenInput",
        "receivedOn",
        "the day on which the document of another body came in",
    ),
    (
        "RenewalInput",
        "expiresOn",
        "the last day of the licence that is to be renewed",
    ),
];

/// Where an act is entered after the fact (补录): checked against the order of things, who may, and how far back; it never heals
/// a breach. By this name everywhere.
const AFTER_THE_FACT: &str = "happenedOn";

/// Lists that are as long as a county has departments and life events: a few dozen.
const SHORT_LISTS: &[&str] = &[
    "Query.bundles",
    "Query.departments",
    // At most 400 days, and the notices of one year.
    "Query.calendarDays",
    "Query.calendarNotices",
    // The people of one department, and which of them are absent; at most 500.
    "Query.absences",
    "Query.colleagues",
];

/// Run with `UPDATE_SCHEMA=1` to write the file anew.
#[test]
fn the_file_is_what_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    let served = served();
    #[expect(
        clippy::disallowed_methods,
        reason = "a switch of this test, not a setting of the program"
    )]
    let update = std::env::var("UPDATE_SCHEMA").is_ok_and(|value| value == "1");
    if update {
        std::fs::write(&path, served).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = served
        .lines()
        .zip(written.lines())
        .position(|(served, written)| served != written);
    let line = differs.unwrap_or_else(|| served.lines().count().min(written.lines().count()));
    assert!(
        served == written,
        "schema.graphql differs from line {}: served is {:?}, written is {:?}. If the change is meant: UPDATE_SCHEMA=1 \
         cargo test -p lianshen-tests schema",
        line + 1,
        served.lines().nth(line).unwrap_or_default(),
        written.lines().nth(line).unwrap_or_default(),
    );
}

#[test]
fn everything_is_described() {
    let mut faults = Vec::new();
    let mut describe = |path: String, description: Option<&Positioned<String>>| {
        if description.is_none_or(|text| text.node.trim().len() < 4) {
            faults.push(path);
        }
    };
    for (name, definition) in &types() {
        describe(name.clone(), definition.description.as_ref());
        for field in fields(definition) {
            let path = format!("{name}.{}", field.name.node);
            for argument in &field.arguments {
                let path = format!("{path}({}:)", argument.node.name.node);
                describe(path, argument.node.description.as_ref());
            }
            describe(path, field.description.as_ref());
        }
        for field in input_fields(definition) {
            describe(
                format!("{name}.{}", field.name.node),
                field.description.as_ref(),
            );
        }
        if let TypeKind::Enum(kind) = &definition.kind {
            for value in &kind.values {
                let path = format!("{name}.{}", value.node.value.node);
                describe(path, value.node.description.as_ref());
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} have no description: {faults:#?}",
        faults.len()
    );
}

#[test]
fn names_say_what_a_thing_is() {
    let types = types();
    let mut faults = Vec::new();
    for (name, definition) in &types {
        let is_input = matches!(definition.kind, TypeKind::InputObject(_));
        if is_input != name.ends_with("Input") {
            faults.push(format!("{name}: exactly inputs end in Input"));
        }
        if matches!(definition.kind, TypeKind::Scalar) && name.to_lowercase().contains("json") {
            faults.push(format!("{name}: a value without a shape"));
        }
        let wanted = |value: &str| {
            value
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        };
        if let TypeKind::Enum(kind) = &definition.kind {
            let odd = kind
                .values
                .iter()
                .filter(|value| !wanted(&value.node.value.node));
            faults.extend(
                odd.map(|value| format!("{name}.{}: codes are in capitals", value.node.value.node)),
            );
        }
        for field in fields(definition) {
            let field_name = &field.name.node;
            if field_name.contains('_') || !field_name.starts_with(|c: char| c.is_ascii_lowercase())
            {
                faults.push(format!("{name}.{field_name}: fields are in camelCase"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// `nounVerb(input: NounVerbInput!): NounVerbPayload!`, with the refusals as data.
#[test]
fn every_mutation_is_a_business_act() {
    let types = types();
    let mutation = types.get("Mutation").expect("there are mutations");
    let mut faults = Vec::new();
    for field in fields(mutation) {
        let name = field.name.node.to_string();
        let capital = name[..1].to_uppercase() + &name[1..];
        let arguments: Vec<_> = field
            .arguments
            .iter()
            .map(|argument| written(&argument.node))
            .collect();
        if !arguments.is_empty() && arguments != [format!("input: {capital}Input!")] {
            faults.push(format!("{name}: takes {arguments:?}"));
        }
        let payload = format!("{capital}Payload");
        if field.ty.node.to_string() != format!("{payload}!") {
            faults.push(format!("{name}: answers {}", field.ty.node));
        }
        let payload = types.get(&payload).map(fields).unwrap_or_default();
        let refusals = payload.iter().find(|field| field.name.node == "userErrors");
        if refusals.is_none_or(|field| field.ty.node.to_string() != "[UserError!]!") {
            faults.push(format!(
                "{name}: refusals are data, `userErrors: [UserError!]!`"
            ));
        }
        for verb in ["update", "set", "save", "edit", "delete", "patch"] {
            if words(&name).any(|word| word == verb) {
                faults.push(format!("{name}: `{verb}` is no act of a centre"));
            }
        }
    }
    assert!(fields(mutation).len() >= 9, "acts are missing");
    assert!(faults.is_empty(), "{faults:#?}");
}

/// T5: no input that a mutation takes, however deep, holds what the program decides.
#[test]
fn nobody_can_send_what_the_program_decides() {
    let types = types();
    let mut faults = Vec::new();
    let mut dates = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<String> = fields(&types["Mutation"])
        .iter()
        .flat_map(|field| &field.arguments)
        .map(|argument| innermost(&argument.node.ty.node))
        .collect();
    while let Some(name) = open.pop() {
        let Some(definition) = types.get(&name).filter(|_| seen.insert(name.clone())) else {
            continue;
        };
        for field in input_fields(definition) {
            let field_name = field.name.node.as_str();
            let mut known = EXPLAINED.iter().chain(DATES);
            let explained =
                known.any(|(input, known, _)| (*input, *known) == (name.as_str(), field_name));
            if SERVER_OWNED.contains(&field_name) && !explained {
                faults.push(format!("{name}.{field_name}"));
            }
            let of = innermost(&field.ty.node);
            if ["Date", "DateTime"].contains(&of.as_str()) && field_name != AFTER_THE_FACT {
                dates.insert(format!("{name}.{field_name}"));
            }
            open.push(of);
        }
    }
    assert!(seen.len() >= 9, "inputs are missing: {seen:?}");
    assert!(faults.is_empty(), "the program decides these: {faults:#?}");
    let known = DATES.iter();
    let known = known.map(|(input, field, _)| format!("{input}.{field}"));
    assert_eq!(
        dates,
        known.collect(),
        "left what can be sent, right what is known to be for somebody to say: when is for the program to decide"
    );
}

/// A list that grows with the work of a centre comes in pages, and its cost is what `first` says.
#[test]
fn lists_that_grow_come_in_pages() {
    let types = types();
    let mut pages = 0;
    let mut faults = Vec::new();
    for (name, definition) in &types {
        for field in fields(definition) {
            let path = format!("{name}.{}", field.name.node);
            let answered = innermost(&field.ty.node);
            if answered.ends_with("Connection") {
                pages += 1;
                let arguments: BTreeSet<_> = field
                    .arguments
                    .iter()
                    .map(|argument| argument.node.name.node.as_str())
                    .collect();
                for needed in ["first", "after", "last", "before"] {
                    if !arguments.contains(needed) {
                        faults.push(format!("{path}: takes no `{needed}`"));
                    }
                }
            }
            let is_list = field.ty.node.to_string().starts_with('[');
            let has_first = field
                .arguments
                .iter()
                .any(|argument| argument.node.name.node == "first");
            if is_list && name == "Query" && !has_first && !SHORT_LISTS.contains(&path.as_str()) {
                faults.push(format!("{path}: a list at the root without pages"));
            }
        }
    }
    assert!(pages >= 3, "inbox, applications and cases come in pages");
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Of a list with an item that may be null and fails by itself, the library gives up the whole; so there is none.
#[test]
fn no_list_has_items_that_may_be_null() {
    let types = types();
    let answered = types.iter().flat_map(|(name, definition)| {
        let fields = fields(definition).into_iter();
        fields.map(move |field| (format!("{name}.{}", field.name.node), &field.ty.node))
    });
    let lists: Vec<(String, &Type)> = answered
        .filter(|(_, ty)| matches!(ty.base, BaseType::List(_)))
        .collect();
    let faults = lists
        .iter()
        .filter(|(_, ty)| has_items_that_may_be_null(ty));
    let faults: Vec<&String> = faults.map(|(path, _)| path).collect();
    assert!(lists.len() > 30, "only {} lists", lists.len());
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Where a field of an interface fails the library does not say; an identifier never does.
#[test]
fn interfaces_have_nothing_that_can_fail() {
    let types = types();
    let interfaces = types
        .iter()
        .filter(|(_, definition)| matches!(definition.kind, TypeKind::Interface(_)));
    let all: Vec<(&str, Vec<&str>)> = interfaces
        .map(|(name, definition)| {
            let fields = fields(definition).into_iter();
            let names = fields.map(|field| field.name.node.as_str());
            (name.as_str(), names.collect())
        })
        .collect();
    assert_eq!(all, [("Node", vec!["id"])]);
}

fn has_items_that_may_be_null(ty: &Type) -> bool {
    match &ty.base {
        BaseType::Named(_) => false,
        BaseType::List(item) => item.nullable || has_items_that_may_be_null(item),
    }
}

/// The schema of a program on an empty centre: what is published does not change the contract.
fn served() -> &'static str {
    static SERVED: OnceLock<String> = OnceLock::new();
    SERVED.get_or_init(|| {
        block_on(async {
            let database = TestDatabase::empty(Engine::Sqlite).await;
            let db = database.open().await;
            db.migrate().await.unwrap();
            let env = Env::new(Arc::new(ManualClock::new()));
            let app = open_app(Config::defaults().unwrap(), env, db)
                .await
                .unwrap();
            graphql::sdl(&graphql::schema(app, graphql::ExecutionLimits::default()))
        })
    })
}

fn types() -> BTreeMap<String, TypeDefinition> {
    let document = parse_schema(served()).expect("the schema is a schema");
    let types = document
        .definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => {
                let definition = definition.node;
                Some((definition.name.node.to_string(), definition))
            }
            TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
        });
    let types: BTreeMap<_, _> = types.collect();
    assert!(types.len() > 30, "only {} types", types.len());
    types
}

fn fields(definition: &TypeDefinition) -> Vec<&FieldDefinition> {
    let fields = match &definition.kind {
        TypeKind::Object(kind) => &kind.fields,
        TypeKind::Interface(kind) => &kind.fields,
        TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) | TypeKind::InputObject(_) => {
            return Vec::new();
        }
    };
    fields.iter().map(|field| &field.node).collect()
}

fn input_fields(definition: &TypeDefinition) -> Vec<&InputValueDefinition> {
    match &definition.kind {
        TypeKind::InputObject(kind) => kind.fields.iter().map(|field| &field.node).collect(),
        _ => Vec::new(),
    }
}

/// The words of a name in camelCase, in small letters.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            words.push(String::new());
        }
        let word = words.last_mut().expect("there is one");
        word.push(letter.to_ascii_lowercase());
    }
    words.into_iter()
}

fn innermost(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => innermost(inner),
    }
}

fn written(argument: &InputValueDefinition) -> String {
    format!("{}: {}", argument.name.node, argument.ty.node)
}
