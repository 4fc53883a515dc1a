//! The example documents of `api/examples`: a walkthrough that the playground runs and the tests run too.
//!
//! A file holds one named operation. The comment lines before it, up to the first line that is neither a comment nor
//! empty, are its header:
//!
//! ```graphql
//! # What the example shows, in one or more lines.
//! # account: clerk01
//! # variables:
//! #   { "input": { "applicationId": "{{applicationId}}",
//! #                "idempotencyKey": "example-2" } }
//! # keep: caseId = data.applicationSubmit.application.cases.0.id
//! mutation SubmitApplication($input: ApplicationSubmitInput!) { … }
//! ```
//!
//! * `# account: NAME` names the demo account that the example is run by.
//! * `# variables:` is followed by JSON, on the same line or on lines that begin with `#` and two spaces at least.
//! * `# keep: NAME = PATH` keeps a value of the result for later examples; a number in the path is a place in a list.
//! * `{{NAME}}` in a string of the variables stands for a kept value. A string that is nothing else takes the value
//!   as it is, so that `"{{version}}"` can become a number.
//! * Every other line of the header is its description.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// One example document with what its header says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Example {
    /// The file name without its ending.
    pub name: String,
    /// The demo account that runs it; none if nobody needs to be signed in.
    pub account: Option<String>,
    pub description: String,
    /// As written, with the placeholders in it.
    pub variables: Option<Value>,
    pub keeps: Vec<Keep>,
    /// The operation, without the header.
    #[serde(rename = "query")]
    pub document: String,
}

/// A value that a result leaves for later examples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Keep {
    pub name: String,
    /// Begins with `data`, its steps are separated by dots.
    pub path: String,
}

/// A header that does not follow the convention.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("example {example}: {reason}")]
pub struct BadExample {
    example: String,
    reason: String,
}

/// The examples in the program, in the order of their file names.
///
/// # Errors
///
/// The first header that does not follow the convention.
pub fn embedded() -> Result<Vec<Example>, BadExample> {
    EMBEDDED
        .iter()
        .map(|(name, text)| parse(name, text))
        .collect()
}

/// Reads one example file.
///
/// # Errors
///
/// If the variables are not JSON, a `keep` is not `NAME = data.PATH`, or there is no operation.
pub fn parse(name: &str, text: &str) -> Result<Example, BadExample> {
    let bad = |reason: String| BadExample {
        example: name.to_owned(),
        reason,
    };
    let mut description = Vec::new();
    let mut account = None;
    let mut variables: Option<String> = None;
    let mut keeps = Vec::new();
    let mut in_variables = false;
    let mut rest = text;

    while let Some((line, after)) = header_line(rest) {
        rest = after;
        if in_variables
            && let Some(json) = &mut variables
            && line.starts_with("  ")
        {
            json.push('\n');
            json.push_str(line);
            continue;
        }
        in_variables = false;
        let line = line.trim();
        if let Some(value) = line.strip_prefix("account:") {
            account = Some(value.trim().to_owned());
        } else if let Some(json) = line.strip_prefix("variables:") {
            variables = Some(json.to_owned());
            in_variables = true;
        } else if let Some(keep) = line.strip_prefix("keep:") {
            keeps.push(
                parse_keep(keep)
                    .ok_or_else(|| bad(format!("`keep:{keep}` is not `NAME = data.PATH`")))?,
            );
        } else if !line.is_empty() {
            description.push(line);
        }
    }

    let document = rest.trim().to_owned();
    if document.is_empty() {
        return Err(bad("there is no operation after the header".to_owned()));
    }
    let variables = variables
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|error| bad(format!("the variables are not JSON: {error}")))?;
    Ok(Example {
        name: name.to_owned(),
        account,
        description: description.join("\n"),
        variables,
        keeps,
        document,
    })
}

impl Example {
    /// The variables with kept values in place of the placeholders.
    ///
    /// # Errors
    ///
    /// The name of the first placeholder for which nothing was kept.
    pub fn fill(&self, kept: &BTreeMap<String, Value>) -> Result<Option<Value>, String> {
        self.variables
            .as_ref()
            .map(|variables| fill(variables, kept))
            .transpose()
    }
}

impl Keep {
    /// The value in a result `{"data": …}`, unless it is absent or null.
    pub fn find<'result>(&self, result: &'result Value) -> Option<&'result Value> {
        let found = self.path.split('.').try_fold(result, |at, step| match at {
            Value::Array(items) => step
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index)),
            _ => at.get(step),
        });
        found.filter(|value| !value.is_null())
    }
}

/// The next line of the header without its `#`, and what follows; none if the header is over.
fn header_line(text: &str) -> Option<(&str, &str)> {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let Some(comment) = line.strip_prefix('#') {
        return Some((comment.trim_end(), rest));
    }
    (line.trim().is_empty() && !rest.is_empty()).then_some(("", rest))
}

fn parse_keep(text: &str) -> Option<Keep> {
    let (name, path) = text.split_once('=')?;
    let (name, path) = (name.trim(), path.trim());
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || char == '_')
    };
    (is_word(name) && path.starts_with("data.") && path.split('.').all(is_word)).then(|| Keep {
        name: name.to_owned(),
        path: path.to_owned(),
    })
}

fn fill(value: &Value, kept: &BTreeMap<String, Value>) -> Result<Value, String> {
    match value {
        Value::String(text) => fill_text(text, kept),
        Value::Array(items) => items.iter().map(|item| fill(item, kept)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| Ok((name.clone(), fill(field, kept)?)))
            .collect::<Result<_, _>>(),
        other => Ok(other.clone()),
    }
}

fn fill_text(text: &str, kept: &BTreeMap<String, Value>) -> Result<Value, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        let value = kept
            .get(name.trim())
            .ok_or_else(|| name.trim().to_owned())?;
        if before.is_empty() && after.is_empty() && filled.is_empty() {
            return Ok(value.clone());
        }
        filled.push_str(before);
        match value {
            Value::String(text) => filled.push_str(text),
            other => filled.push_str(&other.to_string()),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(Value::String(filled))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SUBMIT: &str = r#"# Submits what the clerk has drafted.
# 提交草稿。
# account: clerk01
# variables:
#   { "input": { "applicationId": "{{applicationId}}",
#                "expectedVersion": "{{version}}", "idempotencyKey": "example-{{version}}" } }
# keep: caseId = data.applicationSubmit.application.cases.0.id

# keep: version = data.applicationSubmit.application.version
mutation Submit($input: ApplicationSubmitInput!) {
  # A comment of the document.
  applicationSubmit(input: $input) { application { version cases { id } } }
}
"#;

    #[test]
    fn reads_the_whole_header() {
        let example = parse("02-submit", SUBMIT).unwrap();
        assert_eq!(example.name, "02-submit");
        assert_eq!(example.account.as_deref(), Some("clerk01"));
        assert_eq!(
            example.description,
            "Submits what the clerk has drafted.\n提交草稿。"
        );
        assert_eq!(
            example.variables.unwrap()["input"]["applicationId"],
            "{{applicationId}}"
        );
        let names: Vec<_> = example
            .keeps
            .iter()
            .map(|keep| keep.name.as_str())
            .collect();
        assert_eq!(names, ["caseId", "version"]);
        assert!(
            example.document.starts_with("mutation Submit("),
            "{}",
            example.document
        );
        assert!(example.document.contains("# A comment of the document."));
    }

    #[test]
    fn needs_no_header() {
        let example = parse("plain", "{ __typename }").unwrap();
        assert_eq!(
            (
                example.description.as_str(),
                example.account,
                example.variables
            ),
            ("", None, None)
        );
        assert_eq!(example.document, "{ __typename }");
    }

    #[test]
    fn takes_variables_on_the_same_line() {
        let example = parse(
            "inline",
            "# variables: {\"first\": 5}\nquery Q($first: Int) { a(first: $first) }",
        )
        .unwrap();
        assert_eq!(example.variables, Some(json!({"first": 5})));
    }

    #[test]
    fn says_what_is_wrong() {
        let wrong = |text| parse("bad", text).unwrap_err().to_string();
        assert!(wrong("# variables: {oops}\n{ a }").contains("not JSON"));
        assert!(wrong("# keep: id data.id\n{ a }").contains("NAME = data.PATH"));
        assert!(wrong("# keep: id = errors.0\n{ a }").contains("NAME = data.PATH"));
        assert!(wrong("# Only a header.\n").contains("no operation"));
    }

    #[test]
    fn hands_values_from_a_result_to_variables() {
        let example = parse("02-submit", SUBMIT).unwrap();
        let mut kept = BTreeMap::from([("applicationId".to_owned(), json!("A1"))]);
        assert_eq!(example.fill(&kept), Err("version".to_owned()));

        kept.insert("version".to_owned(), json!(3));
        let filled = example.fill(&kept).unwrap().unwrap();
        let expected = json!({"input": {"applicationId": "A1", "expectedVersion": 3, "idempotencyKey": "example-3"}});
        assert_eq!(filled, expected);

        let result = json!({"data": {"applicationSubmit": {"application": {"version": null, "cases": [{"id": "C1"}]}}}});
        assert_eq!(example.keeps[0].find(&result), Some(&json!("C1")));
        assert_eq!(
            example.keeps[1].find(&result),
            None,
            "null is not worth keeping"
        );
    }

    #[test]
    fn every_embedded_example_follows_the_convention() {
        let examples = embedded().unwrap();
        assert!(!examples.is_empty());
        assert!(examples.is_sorted_by(|before, after| before.name < after.name));
        for example in examples {
            for keep in &example.keeps {
                assert!(!keep.name.is_empty(), "{}", example.name);
            }
        }
    }
}
