//! A field that fails becomes null, and if it must not be null, what contains it does (GraphQL 6.4.4).
//!
//! The library, in the version that we use, leaves a failed field out of the answer, whatever its type, and answers null
//! for an object of which every field was left out. Both are mended in the finished answer: each failure is followed
//! down the document along its path, and the declared types decide where the null stands. Nothing stands between the
//! fields while they are resolved, where the library would allocate for each of them.
//!
//! Two things cannot be mended, and the schema has neither (`tests/schema.rs`): a list of which an item may be null and
//! fails by itself, and not by one of its fields, is given up whole; and of a field of an interface that fails the library
//! does not say the place, so the whole answer is null.

use std::collections::HashSet;
use std::fmt::Write as _;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{Name, PathSegment, Response, ServerError, Value};

/// A document that was executed.
#[derive(Clone, Copy)]
pub struct Executed<'a> {
    /// All of its text.
    pub document: &'a ExecutableDocument,
    /// The operation that was chosen.
    pub operation: &'a OperationDefinition,
    /// Whether anything of it may be left out on a condition.
    pub has_conditions: bool,
    /// The types that it was validated against.
    pub registry: &'a Registry,
}

/// Selections of one place, each with the type that it stands in.
type Selected<'a> = Vec<(&'a str, &'a SelectionSet)>;

impl<'a> Executed<'a> {
    /// Writes the nulls into the answer, and where nothing was wanted of an object, an empty one.
    pub fn settle(self, mut response: Response) -> Response {
        let mut nulls = Nulls::default();
        for error in &response.errors {
            let place = self.place(error);
            if nulls.add(place) {
                blank(&mut response.data, place);
            }
        }
        let is_null = nulls.are_all();
        if !is_null && self.has_conditions {
            let named = format!("{}!", self.root());
            self.complete(&mut response.data, &named, &self.selected());
        }
        response
    }

    fn root(self) -> &'a str {
        let registry = self.registry;
        let root = match self.operation.ty {
            OperationType::Query => Some(&registry.query_type),
            OperationType::Mutation => registry.mutation_type.as_ref(),
            OperationType::Subscription => registry.subscription_type.as_ref(),
        };
        root.map_or("", String::as_str)
    }

    fn selected(self) -> Selected<'a> {
        vec![(self.root(), &self.operation.selection_set.node)]
    }

    /// Where the null of a failure stands: at its field, or at the nearest place above that may be null.
    fn place(self, error: &ServerError) -> &[PathSegment] {
        let (mut selected, mut declared) = (self.selected(), "");
        // How much of the path is left where the failure goes on to the nearest that may be null.
        let mut kept = 0;
        for (at, step) in error.path.iter().enumerate() {
            match step {
                PathSegment::Field(key) => {
                    let Some((strictest, below)) = self.below(&selected, key) else {
                        break;
                    };
                    (declared, selected) = (strictest, below);
                }
                PathSegment::Index(_) => match item_type(declared) {
                    Some(item) => declared = item,
                    None => break,
                },
            }
            if !declared.ends_with('!') {
                kept = at + 1;
            }
        }
        &error.path[..kept]
    }

    /// The type of the field that answers by this key, and what is selected of it.
    fn below(self, selected: &Selected<'a>, key: &str) -> Option<(&'a str, Selected<'a>)> {
        let mut fields = Vec::new();
        for (parent, set) in selected {
            self.gather(parent, set, key, &mut fields);
        }
        let types = fields.iter().filter_map(|(parent, field)| {
            let parent = self.registry.types.get(*parent)?;
            Some(parent.field_by_name(&field.name.node)?.ty.as_str())
        });
        // Which type an object of several has is no longer known; a null must not stand where one of them forbids it.
        let strictest = types.max_by_key(|declared| declared.ends_with('!'))?;
        let named = named(strictest);
        let sets = fields.into_iter();
        let below = sets.map(|(_, field)| (named, &field.selection_set.node));
        Some((strictest, below.collect()))
    }

    fn gather(
        self,
        parent: &'a str,
        set: &'a SelectionSet,
        key: &str,
        fields: &mut Vec<(&'a str, &'a Field)>,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    fields.push((parent, &field.node));
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let on = on.map_or(parent, |on| on.node.on.node.as_str());
                    self.gather(on, &fragment.node.selection_set.node, key, fields);
                }
                Selection::FragmentSpread(spread) => {
                    let named = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(named) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.gather(on, &fragment.node.selection_set.node, key, fields);
                    }
                }
            }
        }
    }

    /// The library writes null for an object of which every field was skipped; where no null may stand, it was one.
    fn complete(self, value: &mut Value, declared: &str, selected: &Selected<'a>) {
        match value {
            Value::Null => {
                let named = declared.strip_suffix('!');
                let ty = named.and_then(|named| self.registry.types.get(named));
                if ty.is_some_and(MetaType::is_composite) {
                    *value = Value::Object(IndexMap::new());
                }
            }
            Value::List(items) => {
                let item = item_type(declared).unwrap_or_default();
                for value in items {
                    self.complete(value, item, selected);
                }
            }
            Value::Object(fields) => {
                for (key, value) in fields {
                    if let Some((declared, below)) = self.below(selected, key) {
                        self.complete(value, declared, &below);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Where nulls stand. Every field of a long answer may have failed, so none is compared with all.
#[derive(Default)]
struct Nulls(HashSet<String>);

impl Nulls {
    /// Adds one, unless it stands under one of them.
    fn add(&mut self, place: &[PathSegment]) -> bool {
        let mut key = String::new();
        for step in place {
            if self.0.contains(&key) {
                return false;
            }
            let _ = match step {
                PathSegment::Field(name) => write!(key, "/{name}"),
                PathSegment::Index(index) => write!(key, "/{index}"),
            };
        }
        self.0.insert(key)
    }

    /// Whether the whole answer is null.
    fn are_all(&self) -> bool {
        self.0.contains("")
    }
}

/// Whether anything may be left out on a condition.
pub fn has_conditions(document: &ExecutableDocument) -> bool {
    fn are_in(set: &SelectionSet) -> bool {
        set.items.iter().any(|selection| {
            !selection.node.directives().is_empty()
                || match &selection.node {
                    Selection::Field(field) => are_in(&field.node.selection_set.node),
                    Selection::InlineFragment(fragment) => {
                        are_in(&fragment.node.selection_set.node)
                    }
                    Selection::FragmentSpread(_) => false,
                }
        })
    }
    let mut operations = document.operations.iter();
    let mut fragments = document.fragments.values();
    operations.any(|(_, operation)| are_in(&operation.node.selection_set.node))
        || fragments.any(|fragment| are_in(&fragment.node.selection_set.node))
}

/// `T` of `T`, `T!`, `[T!]!` and so on.
fn named(declared: &str) -> &str {
    declared.trim_matches(['[', ']', '!'])
}

fn item_type(list: &str) -> Option<&str> {
    let list = list.strip_suffix('!').unwrap_or(list);
    list.strip_prefix('[')?.strip_suffix(']')
}

/// Sets one place to null, whether the library left it out or not.
fn blank(data: &mut Value, place: &[PathSegment]) {
    let mut at = data;
    for step in place {
        match step {
            PathSegment::Field(key) => {
                if *at == Value::Null {
                    // Nothing else of this object was answered.
                    *at = Value::Object(IndexMap::new());
                }
                let Value::Object(fields) = at else {
                    return;
                };
                at = fields.entry(Name::new(key)).or_default();
            }
            PathSegment::Index(index) => {
                let Value::List(items) = at else {
                    return;
                };
                let Some(item) = items.get_mut(*index) else {
                    return;
                };
                at = item;
            }
        }
    }
    *at = Value::Null;
}

#[cfg(test)]
mod tests {
    use async_graphql::{
        ComplexObject, EmptyMutation, Error, Executor as _, Interface, Object, Request, Schema,
        SimpleObject, Subscription, Union,
        futures_util::{Stream, StreamExt, stream},
    };
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::graphql::{DocumentLimits, Served};

    fn failing<T>() -> std::future::Ready<Result<T, Error>> {
        std::future::ready(bad())
    }

    fn bad<T>() -> Result<T, Error> {
        Err(Error::new("bad"))
    }

    #[derive(Default)]
    struct Inner;

    #[Object]
    impl Inner {
        async fn ok(&self) -> i32 {
            1
        }
        async fn bad(&self) -> Result<i32, Error> {
            failing().await
        }
        async fn soft(&self) -> Option<Result<i32, Error>> {
            Some(bad())
        }
        async fn result_option(&self) -> Result<Option<i32>, Error> {
            failing().await
        }
        async fn inner(&self) -> Inner {
            Inner
        }
        async fn maybe(&self) -> Option<Inner> {
            Some(Inner)
        }
    }

    #[derive(SimpleObject)]
    #[graphql(complex)]
    struct Numbered {
        number: i32,
    }

    #[ComplexObject]
    impl Numbered {
        async fn odd(&self) -> Result<i32, Error> {
            if self.number % 2 == 1 {
                Ok(self.number)
            } else {
                failing().await
            }
        }
    }

    #[derive(Interface)]
    #[graphql(field(name = "odd", ty = "Result<i32, Error>"))]
    enum Odd {
        Numbered(Numbered),
    }

    #[derive(Union)]
    enum Either {
        Inner(Inner),
        Numbered(Numbered),
    }

    fn numbered() -> Vec<Numbered> {
        (1..=3).map(|number| Numbered { number }).collect()
    }

    struct Deny;

    impl async_graphql::Guard for Deny {
        async fn check(&self, _: &async_graphql::Context<'_>) -> async_graphql::Result<()> {
            bad()
        }
    }

    struct Query;

    #[Object]
    impl Query {
        async fn ok(&self) -> i32 {
            1
        }
        async fn bad(&self) -> Result<i32, Error> {
            failing().await
        }
        async fn option_result(&self) -> Option<Result<i32, Error>> {
            Some(bad())
        }
        async fn result_option(&self) -> Result<Option<i32>, Error> {
            failing().await
        }
        #[graphql(guard = "Deny")]
        async fn guarded(&self) -> Option<i32> {
            Some(1)
        }
        #[graphql(guard = "Deny")]
        async fn guarded_strictly(&self) -> i32 {
            1
        }
        async fn inner(&self) -> Inner {
            Inner
        }
        async fn maybe(&self) -> Option<Inner> {
            Some(Inner)
        }
        async fn list(&self) -> Vec<Numbered> {
            numbered()
        }
        async fn maybe_list(&self) -> Option<Vec<Numbered>> {
            Some(numbered())
        }
        async fn list_of_maybe(&self) -> Vec<Option<Numbered>> {
            numbered().into_iter().map(Some).collect()
        }
        async fn results(&self) -> Option<Vec<Result<i32, Error>>> {
            Some(vec![Ok(1), bad(), Ok(3)])
        }
        async fn odd(&self) -> Option<Odd> {
            Some(Odd::Numbered(Numbered { number: 2 }))
        }
        async fn either(&self) -> Vec<Option<Either>> {
            vec![
                Some(Either::Inner(Inner)),
                Some(Either::Numbered(Numbered { number: 2 })),
            ]
        }
        async fn result_list(&self) -> Result<Option<Vec<i32>>, Error> {
            failing().await
        }
    }

    struct Events;

    #[Subscription]
    impl Events {
        async fn numbers(&self) -> impl Stream<Item = Numbered> {
            stream::iter(numbered())
        }
        async fn maybe_numbers(&self) -> impl Stream<Item = Option<Numbered>> {
            stream::iter(numbered().into_iter().map(Some))
        }
        async fn results(&self) -> impl Stream<Item = Result<i32, Error>> {
            stream::iter([Ok(1), bad(), Ok(3)])
        }
    }

    fn schema() -> Served<Query, EmptyMutation, Events> {
        Served::new(DocumentLimits::default(), || {
            Schema::build(Query, EmptyMutation, Events)
        })
    }

    fn paths(response: &Response) -> Vec<String> {
        let mut paths: Vec<String> = response
            .errors
            .iter()
            .map(|error| {
                let steps: Vec<String> = error
                    .path
                    .iter()
                    .map(|step| match step {
                        PathSegment::Field(name) => name.clone(),
                        PathSegment::Index(index) => index.to_string(),
                    })
                    .collect();
                steps.join(".")
            })
            .collect();
        paths.sort();
        paths
    }

    /// A query, its data, and the paths of its errors.
    type Case = (&'static str, Json, &'static [&'static str]);

    async fn hold(cases: impl IntoIterator<Item = Case>) {
        for (query, data, errors) in cases {
            let schema = schema();
            for time in ["new", "known"] {
                let response = schema.execute(query).await;
                assert_eq!(paths(&response), errors, "{time}: {query}");
                assert_eq!(response.data.into_json().unwrap(), data, "{time}: {query}");
            }
        }
    }

    #[tokio::test]
    async fn a_failure_becomes_null_where_the_type_allows_it() {
        let cases: [Case; 13] = [
            ("{ ok }", json!({"ok": 1}), &[]),
            ("{ ok bad }", Json::Null, &["bad"]),
            (
                "{ ok optionResult }",
                json!({"ok": 1, "optionResult": null}),
                &["optionResult"],
            ),
            (
                "{ ok resultOption }",
                json!({"ok": 1, "resultOption": null}),
                &["resultOption"],
            ),
            (
                "{ ok resultList }",
                json!({"ok": 1, "resultList": null}),
                &["resultList"],
            ),
            (
                "{ ok guarded }",
                json!({"ok": 1, "guarded": null}),
                &["guarded"],
            ),
            ("{ ok guardedStrictly }", Json::Null, &["guardedStrictly"]),
            (
                "{ ok renamed: resultOption }",
                json!({"ok": 1, "renamed": null}),
                &["renamed"],
            ),
            ("{ inner { ok bad } }", Json::Null, &["inner.bad"]),
            (
                "{ maybe { ok bad } }",
                json!({"maybe": null}),
                &["maybe.bad"],
            ),
            (
                "{ maybe { ok soft resultOption } }",
                json!({"maybe": {"ok": 1, "soft": null, "resultOption": null}}),
                &["maybe.resultOption", "maybe.soft"],
            ),
            (
                "{ maybe { inner { inner { bad } } } }",
                json!({"maybe": null}),
                &["maybe.inner.inner.bad"],
            ),
            (
                "{ inner { maybe { inner { bad } } ok } }",
                json!({"inner": {"maybe": null, "ok": 1}}),
                &["inner.maybe.inner.bad"],
            ),
        ];
        hold(cases).await;
    }

    #[tokio::test]
    async fn a_failed_item_is_decided_by_the_type_of_its_list() {
        let cases: [Case; 15] = [
            ("{ list { number odd } }", Json::Null, &["list.1.odd"]),
            (
                "{ maybeList { number odd } }",
                json!({"maybeList": null}),
                &["maybeList.1.odd"],
            ),
            (
                "{ listOfMaybe { odd } }",
                json!({"listOfMaybe": [{"odd": 1}, null, {"odd": 3}]}),
                &["listOfMaybe.1.odd"],
            ),
            ("{ results }", json!({"results": null}), &["results.1"]),
            // Where it failed is not told.
            ("{ odd { odd } }", Json::Null, &[""]),
            (
                "{ odd { ... on Numbered { number odd } } }",
                json!({"odd": null}),
                &["odd.odd"],
            ),
            (
                "{ either { ... on Inner { ok } ... on Numbered { odd } } }",
                json!({"either": [{"ok": 1}, null]}),
                &["either.1.odd"],
            ),
            (
                "{ maybe { ...f } } fragment f on Inner { ok bad }",
                json!({"maybe": null}),
                &["maybe.bad"],
            ),
            (
                "{ maybe { ok } maybe { bad } }",
                json!({"maybe": null}),
                &["maybe.bad"],
            ),
            ("{ inner { ok } inner { bad } }", Json::Null, &["inner.bad"]),
            (
                "{ a: maybe { bad } b: maybe { ok } }",
                json!({"a": null, "b": {"ok": 1}}),
                &["a.bad"],
            ),
            (
                "{ maybe { bad @skip(if: true) ok } }",
                json!({"maybe": {"ok": 1}}),
                &[],
            ),
            (
                "{ inner { ok @skip(if: true) } }",
                json!({"inner": {}}),
                &[],
            ),
            ("{ ok @skip(if: true) }", json!({}), &[]),
            (
                "{ __schema { queryType { name } } maybe { bad __typename } }",
                json!({"__schema": {"queryType": {"name": "Query"}}, "maybe": null}),
                &["maybe.bad"],
            ),
        ];
        hold(cases).await;
    }

    #[tokio::test]
    async fn each_event_of_a_subscription_is_decided_for_itself() {
        let cases: [(&str, Json, &str); 3] = [
            (
                "subscription { numbers { odd } }",
                json!([{"numbers": {"odd": 1}}, null, {"numbers": {"odd": 3}}]),
                "numbers.odd",
            ),
            (
                "subscription { maybeNumbers { odd } }",
                json!([{"maybeNumbers": {"odd": 1}}, {"maybeNumbers": null}, {"maybeNumbers": {"odd": 3}}]),
                "maybeNumbers.odd",
            ),
            (
                "subscription { results }",
                json!([{"results": 1}, null, {"results": 3}]),
                "results",
            ),
        ];
        for (query, data, path) in cases {
            let events: Vec<Response> = schema()
                .execute_stream(Request::new(query), None)
                .collect()
                .await;
            let errors: Vec<Vec<String>> = events.iter().map(paths).collect();
            assert_eq!(errors, [vec![], vec![path.to_owned()], vec![]], "{query}");
            let events: Vec<Json> = events
                .into_iter()
                .map(|event| event.data.into_json().unwrap())
                .collect();
            assert_eq!(Json::Array(events), data, "{query}");
        }
    }
}
