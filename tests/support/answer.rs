//! What the program answered, and the ways in which a test looks at it.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// An answer to one operation.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status of HTTP.
    pub status: StatusCode,
    /// The headers of HTTP.
    pub headers: HeaderMap,
    /// The body; null if there was none, or no JSON.
    pub body: Value,
}

impl Answer {
    /// The same answer, if it has no `errors`.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(
            self.status == StatusCode::OK
                && self.body.get("errors").is_none()
                && self.body["data"].is_object(),
            "errors: {self}"
        );
        self
    }

    /// The same answer, if it has neither `errors` nor `userErrors`: what was asked for was done.
    #[track_caller]
    pub fn done(self) -> Self {
        let answer = self.ok();
        for (field, payload) in answer.body["data"].as_object().unwrap() {
            let refusals = payload.get("userErrors").and_then(Value::as_array);
            assert!(
                refusals.is_none_or(Vec::is_empty),
                "{field} was refused: {answer}"
            );
        }
        answer
    }

    /// What stands at a dotted path below `data`; a number is a place in a list.
    #[track_caller]
    pub fn data(&self, path: &str) -> &Value {
        at(&self.body["data"], path).unwrap_or_else(|| panic!("nothing at {path}: {self}"))
    }

    /// The text at a path below `data`.
    #[track_caller]
    pub fn text(&self, path: &str) -> String {
        let value = self.data(path);
        value
            .as_str()
            .unwrap_or_else(|| panic!("no text at {path}: {self}"))
            .to_owned()
    }

    /// The number at a path below `data`.
    #[track_caller]
    pub fn number(&self, path: &str) -> i64 {
        self.data(path)
            .as_i64()
            .unwrap_or_else(|| panic!("no number at {path}: {self}"))
    }

    /// The list at a path below `data`.
    #[track_caller]
    pub fn list(&self, path: &str) -> &[Value] {
        self.data(path)
            .as_array()
            .unwrap_or_else(|| panic!("no list at {path}: {self}"))
    }

    /// The texts at a path below each entry of a list.
    #[track_caller]
    pub fn texts(&self, list: &str, path: &str) -> Vec<String> {
        let entries = self.list(list).iter();
        let text = |entry| at(entry, path).and_then(Value::as_str).map(str::to_owned);
        entries
            .map(|entry| text(entry).unwrap_or_else(|| panic!("no text at {path} of {entry}")))
            .collect()
    }

    /// The codes by which a mutation was refused; the answer must be a payload without object.
    #[track_caller]
    pub fn user_errors(&self, mutation: &str) -> Vec<String> {
        assert!(
            self.body.get("errors").is_none(),
            "a fault, not a refusal: {self}"
        );
        self.texts(&format!("{mutation}.userErrors"), "code")
    }

    /// The input fields to which the refusals point, dotted.
    #[track_caller]
    pub fn fields(&self, mutation: &str) -> Vec<String> {
        let refusals = self.list(&format!("{mutation}.userErrors")).iter();
        let field = |refusal: &Value| match &refusal["field"] {
            Value::Array(path) => path
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join("."),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        refusals.map(field).collect()
    }

    /// The code of the one error.
    #[track_caller]
    pub fn error_code(&self) -> String {
        let errors = self.body["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("no errors: {self}"));
        assert_eq!(errors.len(), 1, "one error was expected: {self}");
        let code = errors[0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("an error without code: {self}"))
            .to_owned()
    }

    /// Every code in the answer, of errors and of refusals, in their order.
    pub fn codes(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().into_iter().flatten();
        let errors = errors.map(|error| &error["extensions"]["code"]);
        let payloads = self.body["data"]
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::values);
        let refusals = payloads
            .filter_map(|payload| payload.get("userErrors")?.as_array())
            .flatten();
        let refusals = refusals.map(|refusal| &refusal["code"]);
        errors
            .chain(refusals)
            .map(|code| code.as_str().unwrap_or("an error without code").to_owned())
            .collect()
    }

    /// The messages that belong to [`Answer::codes`].
    pub fn messages(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().into_iter().flatten();
        let payloads = self.body["data"]
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::values);
        let refusals = payloads
            .filter_map(|payload| payload.get("userErrors")?.as_array())
            .flatten();
        let both = errors.chain(refusals);
        both.map(|refusal| refusal["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

/// As a person reads it in the report of a failed test.
impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{:#}", self.status, self.body)
    }
}

fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(value, |value, step| match step.parse::<usize>() {
            Ok(place) => value.get(place),
            Err(_) => value.get(step),
        })
}

/// An object without what was asked for beside it by the name `more`.
pub fn without_more(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        assert!(fields.remove("more").is_some());
    }
    object
}
