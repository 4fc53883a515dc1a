//! The documents for people say what is: their operations are valid, their table of settings is complete, and the
//! files and places that they point at exist.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lianshen::config::Config;
use lianshen::graphql::fault::FaultCode;
use lianshen_domain::application::Foresight;
use lianshen_domain::bundle::Allowance;
use lianshen_domain::clock::Conventions;
use lianshen_domain::code::Code as _;
use lianshen_domain::conflict::Opposed;
use lianshen_domain::mediation::MediationPolicy;
use lianshen_domain::rejected::UserErrorCode;
use lianshen_domain::supervision::Thresholds;
use lianshen_domain::visit::VisitPolicy;
use serde_json::{Value, json};

use crate::support::{each_db, error_table};

const DOCUMENTS: &[&str] = &[
    "README.md",
    "CHANGELOG.md",
    "docs/api.md",
    "docs/operations.md",
    "docs/scale.md",
];

/// The folders whose files the documents name.
const FOLDERS: &[&str] = &[
    "api/",
    "docs/",
    "domain/",
    "entity/",
    "migration/",
    "tests/",
];

each_db! {
    /// The program itself validates them, and nobody need be signed in for that. Validation reads the whole of a document, but no
    /// variable of what does not run: so each is sent with a query for nothing, and that one runs.
    async fn every_operation_of_the_documents_is_valid(app: TestApp) {
        let validated = async |operation: &str| {
            let document = format!("{operation}\nquery Nothing {{ __typename }}");
            let body = json!({ "query": document, "operationName": "Nothing" });
            app.nobody().post(&body).await
        };
        let mut tried = 0;
        for document in DOCUMENTS {
            for operation in blocks(&text(document), "graphql") {
                let answer = validated(&operation).await.to_string();
                assert!(answer.contains(VALID), "{document}:\n{operation}\n{answer}");
                assert!(takes_its_own_input(&operation), "{document}:\n{operation}");
                tried += 1;
            }
        }
        assert!(tried >= 30, "only {tried} operations were found");
        for wrong in [
            "mutation A($input: CaseDecideInput!) { caseDecide(input: $input) { nothing } }",
            "mutation A($input: CaseDecide!) { caseDecide(input: $input) { userErrors { code } } }",
            "mutation A($input: CaseDecideInput!) { caseDecide(input: $input, why: 1) { userErrors { code } } }",
        ] {
            let answer = validated(wrong).await.to_string();
            assert!(!answer.contains(VALID) && answer.contains("GRAPHQL_VALIDATION_FAILED"), "{wrong}: {answer}");
        }
        let of_another = "mutation A($input: CaseReopenInput!) { caseDecide(input: $input) { userErrors { code } } }";
        assert!(!takes_its_own_input(of_another));
    }
}

/// Whether each act takes the input that is named after it. In what does not run, validation lets that of another act pass.
fn takes_its_own_input(operation: &str) -> bool {
    let acts = operation.trim_start().starts_with("mutation");
    let fields = operation.split("(input: $input)");
    let count = operation.matches("(input: $input)").count();
    let mut named = fields.take(count).filter_map(|before| {
        let name = before.rsplit(|c: char| !c.is_alphanumeric()).next()?;
        let (first, rest) = name.split_at_checked(1)?;
        Some(format!("$input: {}{rest}Input!", first.to_uppercase()))
    });
    !acts || named.all(|declared| operation.contains(&declared))
}

/// What a query for nothing is answered.
const VALID: &str = r#""__typename": "Query""#;

#[test]
fn every_setting_stands_in_the_readme_and_nothing_else() {
    let readme = text("README.md");
    let table = section(&readme, "## Configuration");
    let described: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let once: BTreeSet<&str> = described.iter().copied().collect();
    assert_eq!(once.len(), described.len(), "a key stands there twice");
    let source = text("api/src/config.rs");
    let mut settings: BTreeSet<&str> = between(&source, "pub struct Config {", "\n}")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next())
        .collect();
    assert!(settings.len() > 10, "only {settings:?} were found");
    // A table is described by its keys.
    let nested = tables();
    for key in nested.keys() {
        let (table, _) = key.split_once('.').unwrap();
        settings.remove(table);
    }
    assert!(
        nested.len() > 20,
        "only {} keys of tables were found",
        nested.len()
    );
    settings.extend(nested.keys().map(String::as_str));
    assert_eq!(once, settings);
    let mut variables = 0;
    for word in table.split(['`', '=', ' ', '\n']) {
        let Some((table, rest)) = word
            .strip_prefix("LIANSHEN_")
            .and_then(|word| word.split_once("__"))
        else {
            continue;
        };
        let key = rest.split("__").next().unwrap_or_default();
        let key = format!("{table}.{key}").to_lowercase();
        assert!(nested.contains_key(&key), "{word} leads to no key");
        variables += 1;
    }
    assert!(
        variables >= 3,
        "only {variables} variables of tables were found"
    );
}

/// Every answer that a test gets is held against the table, too; that tells which refusals stand in `errors`.
#[test]
fn every_code_that_is_answered_stands_in_the_table_and_nothing_else() {
    let told = &*error_table::CODES;
    for code in FaultCode::ALL.iter().map(|fault| fault.code()) {
        assert!(told.contains(code), "docs/api.md does not tell {code}");
    }
    for code in told {
        let is_known =
            FaultCode::from_code(code).is_some() || UserErrorCode::from_code(code).is_some();
        assert!(is_known, "docs/api.md tells {code}, which nothing answers");
    }
}

/// The value in the second column is what a configuration without file and variables holds.
#[test]
fn the_readme_tells_the_defaults() {
    let readme = text("README.md");
    let source = text("api/src/config.rs");
    let defaults = between(&source, "impl Default for Defaults {", "\n}");
    let nested = tables();
    for line in section(&readme, "## Configuration").lines() {
        let Some(row) = line.strip_prefix("| `") else {
            continue;
        };
        let cells: Vec<&str> = row
            .split('|')
            .map(|cell| cell.trim().trim_matches('`'))
            .collect();
        let (key, told) = (cells[0], cells[1]);
        if let Some(value) = nested.get(key) {
            assert_eq!(told, in_toml(value), "{key}");
            continue;
        }
        let written = defaults
            .lines()
            .find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": "))
            .unwrap_or_else(|| panic!("{key} has no default"))
            .trim_end_matches(',');
        let written = match written {
            "Vec::new()" => "[]".to_owned(),
            "LogFormat::Json" => "\"json\"".to_owned(),
            "SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4000)" => {
                "\"127.0.0.1:4000\"".to_owned()
            }
            number if number.starts_with(|c: char| c.is_ascii_digit()) => number.replace('_', ""),
            other => other.to_owned(),
        };
        assert_eq!(told, written, "{key}");
    }
}

/// The keys of the nested tables with their defaults, as a file would name them: `thresholds.off`.
fn tables() -> BTreeMap<String, Value> {
    [
        ("conventions", json!(Conventions::default())),
        ("bundles", json!(Allowance::default())),
        ("outlook", json!(Foresight::default())),
        ("mediation", json!(MediationPolicy::default())),
        ("opinions", json!(Opposed::default())),
        ("thresholds", json!(Thresholds::default())),
        ("sharing", sharing()),
        ("visits", json!(VisitPolicy::default())),
    ]
    .into_iter()
    .flat_map(|(table, defaults)| {
        let keys = defaults.as_object().unwrap().clone();
        keys.into_iter()
            .map(move |(key, value)| (format!("{table}.{key}"), value))
    })
    .collect()
}

/// Whom a centre asks unless it says otherwise; the token is a secret and is not written down.
fn sharing() -> Value {
    let sharing = Config::defaults().unwrap().sharing;
    json!({
        "url": sharing.url, "token": "", "ca_file": sharing.ca_file,
        "timeout_seconds": sharing.timeout_seconds, "attempts": sharing.attempts,
    })
}

/// A value as it is written in a file of settings.
fn in_toml(value: &Value) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{key} = {}", in_toml(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}

#[test]
fn every_file_that_is_named_exists() {
    let mut checked = 0;
    for document in DOCUMENTS {
        let text = text(document);
        let folder = root().join(document).parent().unwrap().to_owned();
        for target in links(&text) {
            let file = target.split('#').next().unwrap_or_default();
            if !target.contains("://") && !file.is_empty() {
                assert!(folder.join(file).exists(), "{document} links to {target}");
                checked += 1;
            }
        }
        let is_end = |c: char| c.is_whitespace() || "`()[],;|\"'".contains(c);
        for word in text
            .split(is_end)
            .map(|word| word.trim_end_matches(['.', ':']))
        {
            // The anchors of links have a test of their own.
            let word = word.split('#').next().unwrap_or_default();
            if FOLDERS.iter().any(|folder| word.starts_with(folder)) {
                assert!(root().join(word).exists(), "{document} names {word}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 20, "only {checked} names were found");
}

#[test]
fn every_heading_that_is_linked_exists() {
    for document in DOCUMENTS {
        let text = text(document);
        let folder = root().join(document).parent().unwrap().to_owned();
        for target in links(&text)
            .into_iter()
            .filter(|target| !target.contains("://"))
        {
            let Some((file, anchor)) = target.split_once('#') else {
                continue;
            };
            let pointed_at = if file.is_empty() {
                text.clone()
            } else {
                std::fs::read_to_string(folder.join(file)).unwrap()
            };
            let is_there = pointed_at
                .lines()
                .filter(|line| line.starts_with('#'))
                .any(|line| anchor_of(line) == anchor);
            assert!(is_there, "{document} links to {target}");
        }
    }
}

/// The anchor that GitHub and others give a heading.
fn anchor_of(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || " -".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// What stands in the fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    text.split(&format!("```{language}\n"))
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(str::to_owned)
        .collect()
}

fn links(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect()
}

/// From a heading of the second level to the next.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    between(text, &format!("{heading}\n"), "\n## ")
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text
        .split_once(from)
        .unwrap_or_else(|| panic!("{from:?} is not there"));
    rest.split_once(to).map_or(rest, |(inside, _)| inside)
}

fn text(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
