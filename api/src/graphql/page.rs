//! Pages of lists: Relay connections over keysets.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::connection::PageInfo;
use async_graphql::{ContainerType, Context, Object, TypeName};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::BoxFuture;
use lianshen_domain::rejected::{Reason, Rejected};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::at_once::AtOnce;
use super::context::Ctx;
use crate::error::AppError;

/// How many rows a page has when nobody says.
pub const PAGE_DEFAULT: usize = 20;
/// The most rows of a page.
pub const PAGE_MAX: usize = 100;

/// How many rows are fetched of a list; the fewest first.
const FETCHED: [u64; 5] = [6, 11, 21, 51, PAGE_MAX as u64 + 1];

/// The version of the cursors; one of another version is not understood.
const CURSOR_VERSION: u8 = 1;
/// No cursor of ours is longer, in characters.
const CURSOR_MAX: usize = 1_024;

/// Where a row stands in its list: by the text it is sorted by, then by its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The text that the list is sorted by, in a form whose order is that of the list.
    pub sort: String,
    /// The id of the row, for rows of the same text.
    pub id: Uuid,
}

/// The arguments of a list field, as they arrived.
#[derive(Clone, Debug, Default)]
pub struct PageArguments {
    /// How many rows from the beginning, or after `after`.
    pub first: Option<i32>,
    /// The cursor after which to begin.
    pub after: Option<String>,
    /// How many rows from the end, or before `before`.
    pub last: Option<i32>,
    /// The cursor before which to stop.
    pub before: Option<String>,
}

/// The page that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    list: &'static str,
    /// How many rows the page has at most.
    pub limit: usize,
    /// Only rows after this key.
    pub after: Option<Key>,
    /// Only rows before this key.
    pub before: Option<Key>,
    /// Whether the page is counted from the end.
    pub backwards: bool,
}

impl PageArguments {
    /// The page of the list of this name, e.g. `inbox`; the cursors of one list are of no other.
    ///
    /// # Errors
    /// `PageDirection`, `PageSize`, `CursorInvalid`.
    pub fn read(self, list: &'static str) -> Result<PageRequest, Rejected> {
        let only_before = self.first.is_none() && self.after.is_none() && self.before.is_some();
        let limit = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(Reason::PageDirection.at("last")),
            (Some(rows), None) => size(rows, "first")?,
            (None, Some(rows)) => size(rows, "last")?,
            (None, None) => PAGE_DEFAULT,
        };
        Ok(PageRequest {
            list,
            limit,
            after: cursor_of(list, self.after.as_deref(), "after")?,
            before: cursor_of(list, self.before.as_deref(), "before")?,
            backwards: self.last.is_some() || only_before,
        })
    }
}

impl PageRequest {
    /// How many rows to fetch: at least one more than the page, to know whether another follows. There are few such numbers,
    /// so that the database keeps few statements.
    pub fn fetch(&self) -> u64 {
        let wanted = self.limit as u64 + 1;
        let mut sizes = FETCHED.into_iter();
        sizes.find(|size| *size >= wanted).unwrap_or(wanted)
    }

    /// The rows to hand to [`Connection::new`], out of a list that is in memory and in order.
    pub fn fetch_from<N>(&self, list: Vec<N>, key: impl Fn(&N) -> Key) -> Vec<N> {
        let mut rows: Vec<N> = list
            .into_iter()
            .filter(|row| {
                let key = key(row);
                self.after.as_ref().is_none_or(|after| key > *after)
                    && self.before.as_ref().is_none_or(|before| key < *before)
            })
            .collect();
        if self.backwards {
            rows.reverse();
        }
        rows.truncate(self.limit + 1);
        rows
    }
}

/// What a page may cost: each row costs what is asked of it. For use in `complexity`:
/// `#[graphql(complexity = "page_cost(first, last, child_complexity)")]`.
pub fn page_cost(first: Option<i32>, last: Option<i32>, child_complexity: usize) -> usize {
    let asked = first.or(last).and_then(|size| usize::try_from(size).ok());
    // What is more than a page is refused when the field is resolved; it need not be counted.
    asked.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX) * child_complexity + 1
}

type Count = Arc<dyn Fn() -> BoxFuture<'static, Result<u64, AppError>> + Send + Sync>;

/// One page of a list.
pub struct Connection<N> {
    edges: Vec<Edge<N>>,
    has_previous_page: bool,
    has_next_page: bool,
    count: Count,
}

impl<N> Connection<N> {
    /// The page out of the rows that were fetched: at most [`PageRequest::fetch`], in the order of the
    /// list, or in the opposite order if [`PageRequest::backwards`]. `count` counts the whole list and
    /// is called only if somebody asks.
    pub fn new(
        request: &PageRequest,
        mut rows: Vec<N>,
        key: impl Fn(&N) -> Key,
        count: impl Fn() -> BoxFuture<'static, Result<u64, AppError>> + Send + Sync + 'static,
    ) -> Self {
        let more = rows.len() > request.limit;
        rows.truncate(request.limit);
        if request.backwards {
            rows.reverse();
        }
        let edges = rows.into_iter().map(|node| Edge {
            cursor: written(request.list, &key(&node)),
            node: AtOnce(node),
        });
        let (has_previous_page, has_next_page) = if request.backwards {
            (more, request.before.is_some())
        } else {
            (request.after.is_some(), more)
        };
        Self {
            edges: edges.collect(),
            has_previous_page,
            has_next_page,
            count: Arc::new(count),
        }
    }
}

impl<N: ContainerType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Connection", N::type_name()))
    }
}

/// One page of a list, with the means to ask for the next.
#[Object(name_type)]
impl<N: ContainerType> Connection<N> {
    /// The rows of the page.
    async fn nodes(&self) -> Vec<&AtOnce<N>> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// The rows of the page, each with its cursor.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// Whether there are more pages, and the cursors to ask for them.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// How many rows the whole list has. Counted only when asked for; leave it out of lists that you
    /// read often.
    async fn total_count(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<u64>> {
        let ctx = Ctx::of(ctx)?;
        (self.count)()
            .await
            .map(Some)
            .map_err(|error| ctx.fail(error))
    }
}

/// A row of a page, with its cursor.
pub struct Edge<N> {
    cursor: String,
    node: AtOnce<N>,
}

impl<N: ContainerType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Edge", N::type_name()))
    }
}

/// A row of a page, with its cursor.
#[Object(name_type)]
impl<N: ContainerType> Edge<N> {
    /// The place of the row in this list, for `after` and `before`. Opaque, and of no other list.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The row.
    async fn node(&self) -> &AtOnce<N> {
        &self.node
    }
}

fn size(asked: i32, path: &str) -> Result<usize, Rejected> {
    usize::try_from(asked)
        .ok()
        .filter(|size| (1..=PAGE_MAX).contains(size))
        .ok_or_else(|| Reason::PageSize { max: 100 }.at(path))
}

#[derive(Serialize, Deserialize)]
struct Written<'a>(u8, Cow<'a, str>, Cow<'a, str>, Uuid);

fn written(list: &str, key: &Key) -> String {
    let cursor = Written(
        CURSOR_VERSION,
        Cow::Borrowed(list),
        Cow::Borrowed(&key.sort),
        key.id,
    );
    // Numbers, texts and ids cannot fail to be written.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

fn cursor_of(list: &str, cursor: Option<&str>, path: &str) -> Result<Option<Key>, Rejected> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let key = (cursor.len() <= CURSOR_MAX)
        .then(|| URL_SAFE_NO_PAD.decode(cursor).ok())
        .flatten()
        .and_then(|bytes| {
            let Written(version, of, sort, id) = serde_json::from_slice(&bytes).ok()?;
            (version == CURSOR_VERSION && of == list).then(|| Key {
                sort: sort.into_owned(),
                id,
            })
        });
    key.map(Some).ok_or_else(|| Reason::CursorInvalid.at(path))
}

#[cfg(test)]
mod tests;
