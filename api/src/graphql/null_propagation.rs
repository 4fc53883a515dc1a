//! A field that fails becomes null, and if it must not be null, what contains it does (GraphQL 6.4.4).
//!
//! The library, in the version that we use, leaves a failed field out of the answer, whatever its type. Here every
//! failure is noted with its place. Where a field is complete, its declared type decides: null there, or a mark on the
//! object that contains it. List items are decided by their field, because the library reports the items of a
//! `[T]` as `T!`. Marks are kept by place and not in the values, since two selections of one field are merged later.

use std::{
    collections::HashSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    PathSegment, QueryPathNode, QueryPathSegment, Response, ServerError, ServerResult, Value,
    extensions::ResolveInfo,
    indexmap::IndexMap,
    registry::{MetaType, Registry},
};

/// The failures of one execution: of a request, or of one event of a subscription.
#[derive(Debug, Default)]
pub struct NullPropagation {
    any: AtomicBool,
    failures: Mutex<Failures>,
}

/// Where a field stands, and what type it was declared with.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    node: &'a QueryPathNode<'a>,
    declared: &'a str,
}

impl<'a> Place<'a> {
    /// The place of the field that is about to be resolved.
    pub fn of(info: &ResolveInfo<'a>) -> Self {
        Self {
            node: info.path_node,
            declared: info.return_type,
        }
    }

    fn path(self) -> Path {
        let mut path: Path = std::iter::once(self.node)
            .chain(self.node.parents())
            .map(|node| match node.segment {
                QueryPathSegment::Name(name) => Step::Key(name.to_owned()),
                QueryPathSegment::Index(index) => Step::Index(index),
            })
            .collect();
        path.reverse();
        path
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Key(String),
    Index(usize),
}

type Path = Vec<Step>;

#[derive(Debug, Default)]
struct Failures {
    errors: Vec<ServerError>,
    /// List items that failed themselves.
    items: HashSet<Path>,
    /// Objects of which a field failed that must not be null.
    objects: HashSet<Path>,
    /// Where the answer is null because of a failure.
    nulls: Vec<Path>,
}

impl NullPropagation {
    /// Forgets what failed before: one subscription executes once per event.
    pub fn begin(&self) {
        self.any.store(false, Ordering::Relaxed);
        *self.lock() = Failures::default();
    }

    /// Decides what stands at a place, once what's below it is complete.
    ///
    /// # Errors
    /// None of its own: an error that comes in is noted and answered by null.
    pub fn settle(
        &self,
        place: Place<'_>,
        result: ServerResult<Option<Value>>,
        registry: &Registry,
    ) -> ServerResult<Option<Value>> {
        let is_item = matches!(place.node.segment, QueryPathSegment::Index(_));
        let value = match result {
            Ok(value) if is_item => return Ok(value),
            Ok(value) => {
                let mut value = value.unwrap_or_default();
                if value == Value::Null && must_be_object(place.declared, registry) {
                    value = empty_object();
                }
                if !self.any.load(Ordering::Relaxed) {
                    return Ok(Some(value));
                }
                Some(value)
            }
            Err(mut error) => {
                let path = place.path();
                if error.path.is_empty() {
                    error.path = path.iter().map(Step::to_segment).collect();
                }
                self.any.store(true, Ordering::Relaxed);
                let mut failures = self.lock();
                failures.errors.push(error);
                if is_item {
                    failures.items.insert(path);
                    return Ok(Some(Value::Null));
                }
                None
            }
        };
        let mut path = place.path();
        let mut failures = self.lock();
        let settled = match value {
            Some(value) => failures.complete(value, place.declared, &mut path),
            None => failures.failed(place.declared, &path),
        };
        if settled.is_none() {
            path.pop();
            failures.objects.insert(path);
        }
        Ok(Some(settled.unwrap_or_default()))
    }

    /// Writes the nulls and the errors into the finished answer.
    pub fn finish(&self, mut response: Response) -> Response {
        if self.any.load(Ordering::Relaxed) {
            let failures = std::mem::take(&mut *self.lock());
            if failures.objects.contains(&Path::new()) {
                response.data = Value::Null;
            } else {
                for path in &failures.nulls {
                    blank(&mut response.data, path);
                }
            }
            response.errors.extend(failures.errors);
        } else if response.data == Value::Null && response.errors.is_empty() {
            response.data = empty_object();
        }
        response
    }

    fn lock(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Failures {
    /// The value at a place of this type, or `None` if the failure goes on to what contains it.
    fn complete(&mut self, value: Value, declared: &str, path: &mut Path) -> Option<Value> {
        let named = declared.strip_suffix('!').unwrap_or(declared);
        let whole = if self.items.contains(path) || self.objects.contains(path) {
            None
        } else if let (Value::List(_), Some(item)) = (&value, item_type(named)) {
            let Value::List(values) = value else {
                return None;
            };
            let mut whole = Some(Vec::with_capacity(values.len()));
            for (index, value) in values.into_iter().enumerate() {
                path.push(Step::Index(index));
                match (self.complete(value, item, path), &mut whole) {
                    (Some(value), Some(values)) => values.push(value),
                    _ => whole = None,
                }
                path.pop();
            }
            whole.map(Value::List)
        } else {
            Some(value)
        };
        whole.or_else(|| self.failed(declared, path))
    }

    /// Null where the type allows it; `None` where the failure goes on.
    fn failed(&mut self, declared: &str, path: &Path) -> Option<Value> {
        if declared.ends_with('!') {
            return None;
        }
        self.nulls.push(path.clone());
        Some(Value::Null)
    }
}

/// The library writes null for an object of which every field was skipped; here that is told apart from no object.
fn must_be_object(declared: &str, registry: &Registry) -> bool {
    let named = declared
        .strip_suffix('!')
        .and_then(|named| registry.types.get(named));
    named.is_some_and(MetaType::is_composite)
}

fn empty_object() -> Value {
    Value::Object(IndexMap::new())
}

fn item_type(list: &str) -> Option<&str> {
    list.strip_prefix('[')?.strip_suffix(']')
}

/// Sets one place to null. What stands above it may be null already.
fn blank(data: &mut Value, path: &[Step]) {
    let mut at = data;
    for step in path {
        let next = match (at, step) {
            (Value::Object(fields), Step::Key(key)) => fields.get_mut(key.as_str()),
            (Value::List(items), Step::Index(index)) => items.get_mut(*index),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => return,
        }
    }
    *at = Value::Null;
}

impl Step {
    fn to_segment(&self) -> PathSegment {
        match self {
            Self::Key(key) => PathSegment::Field(key.clone()),
            Self::Index(index) => PathSegment::Index(*index),
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{
        ComplexObject, EmptyMutation, Error, Interface, Object, Schema, SimpleObject, Subscription,
        Union,
        futures_util::{Stream, StreamExt, stream},
    };
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::graphql::{DocumentLimits, guarded};

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
        async fn option_results(&self) -> Vec<Option<Result<i32, Error>>> {
            vec![Some(Ok(1)), Some(bad()), None]
        }
        async fn strict_matrix(&self) -> Option<Vec<Vec<Result<i32, Error>>>> {
            Some(vec![vec![Ok(1)], vec![Ok(2), bad()]])
        }
        async fn matrix(&self) -> Vec<Option<Vec<Result<i32, Error>>>> {
            vec![Some(vec![Ok(1)]), Some(vec![Ok(2), bad()])]
        }
        async fn soft_matrix(&self) -> Vec<Vec<Option<Result<i32, Error>>>> {
            vec![vec![Some(Ok(1))], vec![Some(Ok(2)), Some(bad())]]
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

    fn schema() -> Schema<Query, EmptyMutation, Events> {
        guarded(
            Schema::build(Query, EmptyMutation, Events),
            DocumentLimits::default(),
        )
        .finish()
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
            let response = schema().execute(query).await;
            assert_eq!(paths(&response), errors, "{query}");
            assert_eq!(response.data.into_json().unwrap(), data, "{query}");
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
        let cases: [Case; 19] = [
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
            (
                "{ optionResults }",
                json!({"optionResults": [1, null, null]}),
                &["optionResults.1"],
            ),
            (
                "{ strictMatrix }",
                json!({"strictMatrix": null}),
                &["strictMatrix.1.1"],
            ),
            (
                "{ matrix }",
                json!({"matrix": [[1], null]}),
                &["matrix.1.1"],
            ),
            (
                "{ softMatrix }",
                json!({"softMatrix": [[1], [2, null]]}),
                &["softMatrix.1.1"],
            ),
            ("{ odd { odd } }", json!({"odd": null}), &["odd.odd"]),
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
            let events: Vec<Response> = schema().execute_stream(query).collect().await;
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
