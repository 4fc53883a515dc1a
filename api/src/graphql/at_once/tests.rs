use async_graphql::{
    EmptyMutation, EmptySubscription, Object, Request, Response, Schema, Value, Variables,
};
use serde_json::json;

use super::{AtOnce, NothingBetween};

/// Something within itself, some of whose fields wait, and one of which fails.
struct Thing(u32);

#[Object]
impl Thing {
    async fn id(&self) -> u32 {
        self.0
    }

    async fn late(&self, #[graphql(default = 1)] turns: u32) -> u32 {
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        self.0 + turns
    }

    async fn failing(&self) -> async_graphql::Result<Option<u32>> {
        Err("it failed".into())
    }

    async fn late_and_failing(&self) -> async_graphql::Result<Option<u32>> {
        tokio::task::yield_now().await;
        Err("it failed late".into())
    }

    async fn inner(&self) -> Option<AtOnce<Self>> {
        (self.0 < 3).then(|| AtOnce(Self(self.0 + 1)))
    }

    async fn parts(&self) -> Vec<AtOnce<Self>> {
        tokio::task::yield_now().await;
        (0..2).map(|n| AtOnce(Self(n))).collect()
    }
}

struct Query;

#[Object]
impl Query {
    async fn thing(&self) -> AtOnce<Thing> {
        AtOnce(Thing(0))
    }
}

/// The answer of both: the library's way, and at once.
async fn both(document: &str) -> [Response; 2] {
    let build = || Schema::build(Query, EmptyMutation, EmptySubscription);
    let variables = Variables::from_json(json!({ "yes": true, "no": false }));
    let request = || Request::new(document).variables(variables.clone());
    let librarys = build().finish().execute(request()).await;
    let ours = build().data(NothingBetween).finish();
    [librarys, ours.execute(request()).await]
}

#[tokio::test]
async fn the_answer_is_the_one_of_the_library() {
    let documents = [
        "{ thing { id late inner { id } } }",
        "{ thing { __typename a: id b: late(turns: 3) c: late(turns: 0) id } }",
        "{ thing { late(turns: 5) inner { late(turns: 2) inner { inner { inner { id } } } } parts { id late } } }",
        "{ thing { ...some ... on Thing { late } ... { b: id } } } fragment some on Thing { id inner { ...more } } \
           fragment more on Thing { __typename late(turns: 2) }",
        // The same name twice: the answers are merged.
        "{ thing { inner { id } inner { late } parts { id } ...again } } fragment again on Thing { id parts { late } id }",
        "query($yes: Boolean!, $no: Boolean!) { thing { id @skip(if: $no) late @include(if: $no) \
           ... @include(if: $yes) { a: late } inner @skip(if: $yes) { id } } }",
        // What fails leaves its place empty, and says where.
        "{ thing { id failing lateAndFailing inner { failing late } parts { lateAndFailing } } }",
        "{ thing { failing } }",
    ];
    for document in documents {
        let [librarys, ours] = both(document).await;
        // Which of two failures comes first is nobody's promise.
        let told = |answer: &Response| {
            let mut told: Vec<_> = answer
                .errors
                .iter()
                .map(|error| format!("{error:?}"))
                .collect();
            told.sort();
            told
        };
        assert_eq!(told(&librarys), told(&ours), "{document}");
        assert_eq!(
            librarys.data.into_json().unwrap(),
            ours.data.into_json().unwrap(),
            "{document}"
        );
    }
}

#[tokio::test]
async fn fields_stand_in_the_order_in_which_they_were_asked_for() {
    let [_, ours] = both("{ thing { late(turns: 4) id b: late inner { id } } }").await;
    let Value::Object(root) = ours.data else {
        panic!("no object");
    };
    let Some(Value::Object(thing)) = root.get("thing") else {
        panic!("no object");
    };
    let names: Vec<_> = thing.keys().map(async_graphql::Name::as_str).collect();
    assert_eq!(names, ["late", "id", "b", "inner"]);
}

#[tokio::test]
async fn who_waits_does_not_make_others_wait() {
    let turns = |document| async move {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription)
            .data(NothingBetween)
            .finish();
        let mut answer = std::pin::pin!(schema.execute(Request::new(document)));
        let mut turns = 0;
        std::future::poll_fn(|cx| {
            turns += 1;
            answer.as_mut().poll(cx).map(drop)
        })
        .await;
        turns
    };
    // Ten turns for one are ten for three of them, side by side.
    let one = turns("{ thing { late(turns: 10) } }").await;
    let three = turns("{ thing { late(turns: 10) b: late(turns: 10) c: late(turns: 10) } }").await;
    assert!(three < 2 * one, "{three} turns, {one} for one");
}
