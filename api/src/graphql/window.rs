//! From the page that was asked for to the rows that are read.

use lianshen_domain::rejected::{Reason, Rejected};
use uuid::Uuid;

use super::page::{Key, PageArguments, PageRequest};
use crate::page::{SortKey, Window};

/// The page that was asked for of a list, and the rows that it takes; `sort` reads the text that the list is sorted by.
///
/// # Errors
/// What [`PageArguments::read`] refuses; `CursorInvalid` also when the text is none that this list writes.
pub fn window(
    asked: PageArguments,
    list: &'static str,
    sort: fn(&str) -> Option<SortKey>,
) -> Result<(PageRequest, Window), Rejected> {
    let request = asked.read(list)?;
    let read = |key: &Option<Key>, path: &str| -> Result<Option<(SortKey, Uuid)>, Rejected> {
        let Some(key) = key else { return Ok(None) };
        let read = sort(&key.sort).ok_or_else(|| Reason::CursorInvalid.at(path))?;
        Ok(Some((read, key.id)))
    };
    let window = Window {
        fetch: request.fetch(),
        after: read(&request.after, "after")?,
        before: read(&request.before, "before")?,
        backwards: request.backwards,
    };
    Ok((request, window))
}

/// Reads a date of a cursor.
pub fn date(text: &str) -> Option<SortKey> {
    text.parse().ok().map(SortKey::Date)
}

/// Reads an instant of a cursor.
pub fn instant(text: &str) -> Option<SortKey> {
    text.parse().ok().map(SortKey::Instant)
}

/// Reads a text of a cursor.
pub fn text(text: &str) -> Option<SortKey> {
    Some(SortKey::Text(text.to_owned()))
}
