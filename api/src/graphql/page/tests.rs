use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;

fn arguments(
    first: Option<i32>,
    after: Option<&str>,
    last: Option<i32>,
    before: Option<&str>,
) -> PageArguments {
    PageArguments {
        first,
        after: after.map(str::to_owned),
        last,
        before: before.map(str::to_owned),
    }
}

fn key(n: u32) -> Key {
    Key {
        sort: format!("{n:05}"),
        id: Uuid::from_u128(u128::from(n)),
    }
}

fn cursor(n: u32) -> String {
    written("inbox", &key(n))
}

/// The page out of a list of numbers: its rows, and whether there are pages before and after it.
fn page(of: &[u32], arguments: PageArguments) -> (Vec<u32>, bool, bool) {
    let request = arguments.read("inbox").unwrap();
    let rows = request.fetch_from(of.to_vec(), |n| key(*n));
    let page = Connection::new(&request, rows, |n| key(*n), || Box::pin(async { Ok(0) }));
    let rows = page.edges.iter().map(|edge| edge.node.0).collect();
    (rows, page.has_previous_page, page.has_next_page)
}

#[test]
fn a_page_has_twenty_rows_unless_told() {
    let request = PageArguments::default().read("inbox").unwrap();
    assert_eq!((request.limit, request.fetch()), (20, 21));
    assert!(!request.backwards && request.after.is_none() && request.before.is_none());
    for size in [1, 100] {
        let request = arguments(Some(size), None, None, None).read("inbox");
        assert_eq!(request.unwrap().limit, usize::try_from(size).unwrap());
    }
}

#[test]
fn more_than_a_page_is_fetched_by_few_statements() {
    let fetched = (1..=100).map(|size| {
        let request = arguments(Some(size), None, None, None).read("inbox");
        let (limit, fetched) = request
            .map(|request| (request.limit, request.fetch()))
            .unwrap();
        assert!(fetched > limit as u64, "{fetched} of {limit}");
        fetched
    });
    let fetched: BTreeSet<u64> = fetched.collect();
    assert_eq!(fetched.into_iter().collect::<Vec<_>>(), FETCHED);
}

#[test]
fn sizes_that_no_page_has_are_refused() {
    for size in [0, -1, 101, 100_000, i32::MIN, i32::MAX] {
        let too = |path| Err(Reason::PageSize { max: 100 }.at(path));
        assert_eq!(
            arguments(Some(size), None, None, None).read("inbox"),
            too("first")
        );
        assert_eq!(
            arguments(None, None, Some(size), None).read("inbox"),
            too("last")
        );
    }
}

#[test]
fn only_one_direction_at_a_time() {
    let both = arguments(Some(1), None, Some(1), None).read("inbox");
    assert_eq!(both, Err(Reason::PageDirection.at("last")));
}

#[test]
fn a_cursor_belongs_to_one_list_and_one_version() {
    let read = |cursor: &str| arguments(None, Some(cursor), None, None).read("inbox");
    assert_eq!(read(&cursor(7)).unwrap().after, Some(key(7)));
    let encoded = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let nil = Uuid::nil();
    for wrong in [
        String::new(),
        "no cursor".to_owned(),
        written("cases", &key(7)),
        encoded(&format!(r#"[2,"inbox","00007","{nil}"]"#)),
        encoded(&format!(r#"[1,"inbox","00007","{nil}",0]"#)),
        encoded(r#"[1,"inbox","00007","7"]"#),
        encoded("{}"),
        encoded(&format!(r#"[1,"inbox","{}","{nil}"]"#, "7".repeat(2_000))),
    ] {
        assert_eq!(
            read(&wrong),
            Err(Reason::CursorInvalid.at("after")),
            "{wrong}"
        );
        let before = arguments(None, None, None, Some(&wrong)).read("inbox");
        assert_eq!(before, Err(Reason::CursorInvalid.at("before")), "{wrong}");
    }
}

#[test]
fn pages_follow_each_other_in_both_directions() {
    let all: Vec<u32> = (1..=7).collect();
    let three = |after: Option<u32>| arguments(Some(3), after.map(cursor).as_deref(), None, None);
    assert_eq!(page(&all, three(None)), (vec![1, 2, 3], false, true));
    assert_eq!(page(&all, three(Some(3))), (vec![4, 5, 6], true, true));
    assert_eq!(page(&all, three(Some(6))), (vec![7], true, false));
    assert_eq!(page(&all, three(Some(7))), (vec![], true, false));

    let back = |before: Option<u32>| arguments(None, None, Some(3), before.map(cursor).as_deref());
    assert_eq!(page(&all, back(None)), (vec![5, 6, 7], true, false));
    assert_eq!(page(&all, back(Some(5))), (vec![2, 3, 4], true, true));
    assert_eq!(page(&all, back(Some(2))), (vec![1], false, true));

    let up_to = arguments(None, None, None, Some(&cursor(3)));
    assert_eq!(page(&all, up_to), (vec![1, 2], false, true));
    let between = arguments(Some(9), Some(&cursor(2)), None, Some(&cursor(5)));
    assert_eq!(page(&all, between), (vec![3, 4], true, false));
}

#[test]
fn rows_of_the_same_text_are_told_apart_by_their_ids() {
    let twin = |n: u128| Key {
        sort: "same".to_owned(),
        id: Uuid::from_u128(n),
    };
    let after = written("inbox", &twin(2));
    let request = arguments(Some(5), Some(&after), None, None)
        .read("inbox")
        .unwrap();
    assert_eq!(request.fetch_from(vec![1, 2, 3, 4], |n| twin(*n)), [3, 4]);
}

#[test]
fn a_page_costs_what_its_rows_cost() {
    assert_eq!(page_cost(None, None, 3), 61);
    assert_eq!(page_cost(Some(100), None, 3), 301);
    assert_eq!(page_cost(None, Some(5), 3), 16);
    assert_eq!(page_cost(Some(i32::MAX), None, 3), 301);
    assert_eq!(page_cost(Some(-1), None, 3), 61);
}

/// A number, as the row of a list.
#[derive(async_graphql::SimpleObject)]
struct Number {
    n: u32,
}

struct Query;

static COUNTED: AtomicUsize = AtomicUsize::new(0);

#[Object]
impl Query {
    async fn numbers(&self) -> Connection<Number> {
        let request = PageArguments::default().read("inbox").unwrap();
        let count = || {
            COUNTED.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(2_u64) }) as BoxFuture<'static, _>
        };
        let rows = [1, 2].map(|n| Number { n }).into();
        Connection::new(&request, rows, |row: &Number| key(row.n), count)
    }
}

#[tokio::test]
async fn the_whole_list_is_counted_only_when_asked() {
    let schema = async_graphql::Schema::new(
        Query,
        async_graphql::EmptyMutation,
        async_graphql::EmptySubscription,
    );
    let answer = schema
        .execute("{ numbers { nodes { n } edges { node { n } cursor } pageInfo { hasNextPage endCursor } } }")
        .await;
    assert_eq!(answer.errors, []);
    let data = answer.data.into_json().unwrap();
    assert_eq!(
        data["numbers"]["nodes"],
        serde_json::json!([{ "n": 1 }, { "n": 2 }])
    );
    assert_eq!(data["numbers"]["pageInfo"]["endCursor"], cursor(2));
    assert_eq!(COUNTED.load(Ordering::SeqCst), 0);

    // Without a viewer in the context the count cannot be answered for, and is not made.
    let answer = schema.execute("{ numbers { totalCount } }").await;
    assert_eq!(answer.errors.len(), 1);
    assert_eq!(COUNTED.load(Ordering::SeqCst), 0);
}

proptest! {
    #[test]
    fn walking_forwards_and_backwards_meets_every_row_once(rows in 0_u32..60, size in 1_i32..10) {
        let all: Vec<u32> = (0..rows).collect();
        let (mut forwards, mut after) = (Vec::<u32>::new(), None);
        loop {
            let (found, _, more) = page(&all, arguments(Some(size), after.as_deref(), None, None));
            forwards.extend(&found);
            after = found.last().map(|n| cursor(*n));
            if !more { break; }
        }
        prop_assert_eq!(&forwards, &all);
        let (mut backwards, mut before) = (Vec::<u32>::new(), None);
        loop {
            let (found, more, _) = page(&all, arguments(None, None, Some(size), before.as_deref()));
            before = found.first().map(|n| cursor(*n));
            backwards.splice(0..0, found);
            if !more { break; }
        }
        prop_assert_eq!(&backwards, &all);
    }

    #[test]
    fn no_text_passes_for_a_cursor(text in ".{0,60}") {
        prop_assert!(arguments(None, Some(&text), None, None).read("inbox").is_err());
    }
}
