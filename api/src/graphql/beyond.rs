//! Dates that are written well and lie beyond all years that mean anything here. The schema lets them pass, and their scalar
//! refuses them where the argument is read. The library then tells where in the text the argument stands, and not what it is
//! called.

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Pos, Response, ServerError, Value, Variables};
use lianshen_domain::code::Code as _;
use lianshen_domain::rejected::UserErrorCode;

use super::scalars::Date;
use super::unfit::below_input;

/// Whether such a date is among the variables of a request; those of all others need not be kept.
pub(super) fn is_among(variables: &Variables) -> bool {
    variables.values().any(|value| place_in(value).is_some())
}

/// Names the field in every refusal of such a date.
pub(super) fn name_fields(
    response: &mut Response,
    document: &ExecutableDocument,
    variables: Option<&Variables>,
) {
    for error in &mut response.errors {
        let Some(at) = unnamed(error) else {
            continue;
        };
        let operations = document.operations.iter();
        let operations = operations.map(|(_, operation)| &operation.node.selection_set.node);
        let fragments = document.fragments.values();
        let fragments = fragments.map(|fragment| &fragment.node.selection_set.node);
        let mut sets = operations.chain(fragments);
        if let Some(field) = sets.find_map(|set| field_at(set, at, variables)) {
            error.extensions.get_or_insert_default().set("field", field);
        }
    }
}

/// Where the argument stands of which an error says that a date is out of range, if the error does not name it.
fn unnamed(error: &ServerError) -> Option<Pos> {
    let extensions = error.extensions.as_ref()?;
    let of_range = Value::from(UserErrorCode::DateOutOfRange.code());
    let is_it = extensions.get("code") == Some(&of_range) && extensions.get("field").is_none();
    error.locations.first().copied().filter(|_| is_it)
}

/// The field with the date, of the argument whose value stands at a place. The nesting of the text is bounded, and so is how
/// deep this calls itself.
fn field_at(set: &SelectionSet, at: Pos, variables: Option<&Variables>) -> Option<String> {
    set.items.iter().find_map(|selection| {
        let field = match &selection.node {
            Selection::Field(field) => &field.node,
            Selection::InlineFragment(fragment) => {
                return field_at(&fragment.node.selection_set.node, at, variables);
            }
            Selection::FragmentSpread(_) => return None,
        };
        let mut arguments = field.arguments.iter();
        let Some((name, value)) = arguments.find(|(_, value)| value.pos == at) else {
            return field_at(&field.selection_set.node, at, variables);
        };
        // A variable that holds no such date is of no concern.
        let value = value.node.clone().into_const_with(|variable| {
            let given = variables.and_then(|variables| variables.get(&variable));
            Ok::<_, ()>(given.cloned().unwrap_or_default())
        });
        let place = format!("{}{}", name.node, place_in(&value.ok()?)?);
        Some(below_input(&place).to_owned())
    })
}

/// Where in a value the first such date stands, as what follows on the name of the value: `.lines.1.on`, or nothing where the
/// value is the date. Written on the way back, so that looking in vain costs no text.
fn place_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Date::is_beyond(text).then(String::new),
        Value::List(values) => {
            let mut values = values.iter().enumerate();
            values.find_map(|(at, value)| Some(format!(".{at}{}", place_in(value)?)))
        }
        Value::Object(fields) => {
            let mut fields = fields.iter();
            fields.find_map(|(name, value)| Some(format!(".{name}{}", place_in(value)?)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, InputObject, Object, Request, Schema};
    use serde_json::{Value, json};

    use super::*;
    use crate::graphql::{DocumentLimits, Served};

    #[derive(InputObject)]
    struct Line {
        on: Option<Date>,
        text: Option<String>,
    }

    #[derive(InputObject)]
    struct Input {
        lines: Vec<Line>,
    }

    struct Query;

    #[Object]
    impl Query {
        async fn act(&self, input: Input) -> bool {
            let mut lines = input.lines.iter();
            lines.all(|line| line.on.is_some() || line.text.is_some())
        }

        async fn ask(&self, month: Option<Date>) -> bool {
            month.is_some()
        }

        async fn inner(&self) -> Self {
            Self
        }
    }

    #[tokio::test]
    async fn a_date_out_of_range_is_told_with_its_field_however_it_came() {
        let schema = Served::new(DocumentLimits::default(), || {
            Schema::build(Query, EmptyMutation, EmptySubscription)
        });
        let late =
            json!({ "lines": [{ "on": "2026-03-02" }, { "text": "x", "on": "2201-01-01" }] });
        for (document, variables, field) in [
            (
                "query($input: Input!) { act(input: $input) }",
                json!({ "input": late }),
                "lines.1.on",
            ),
            (
                "query($day: Date) { act(input: { lines: [{ on: $day }] }) }",
                json!({ "day": "1899-12-31" }),
                "lines.0.on",
            ),
            (
                "query($text: String) { act(input: { lines: [{ text: $text, on: \"2201-01-01\" }] }) }",
                json!({ "text": "x" }),
                "lines.0.on",
            ),
            (
                "{ ask(month: \"2026-03-02\") inner { inner { ...Late } } } fragment Late on Query { late: ask(month: \"2201-01-01\") }",
                json!({}),
                "month",
            ),
        ] {
            // Twice, because what was sent before is answered another way.
            for _ in 0..2 {
                let variables = Variables::from_json(variables.clone());
                let answer = schema.execute(Request::new(document).variables(variables));
                let answer = serde_json::to_value(answer.await).unwrap();
                let told = &answer["errors"][0]["extensions"];
                assert_eq!(told["code"], "DATE_OUT_OF_RANGE", "{answer}");
                assert_eq!(told["field"], field, "{answer}");
            }
        }
        let right = Request::new("{ ask(month: \"2200-12-31\") }");
        let right: Value = serde_json::to_value(schema.execute(right).await).unwrap();
        assert_eq!(right["data"]["ask"], true);
    }
}
