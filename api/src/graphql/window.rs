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
    can_be_kept(text).then(|| SortKey::Text(text.to_owned()))
}

/// Reads a text that rows are looked for by, e.g. a code. One that there is not finds nothing; one that cannot be is refused.
///
/// # Errors
/// `TextNotPrintable`, pointing at `path`.
pub fn sought(text: Option<String>, path: &str) -> Result<Option<String>, Rejected> {
    match text {
        Some(text) if !can_be_kept(&text) => Err(Reason::TextNotPrintable.at(path)),
        text => Ok(text),
    }
}

/// Whether a row may hold a text. None holds control characters, and PostgreSQL fails at the first NUL that it is asked for.
fn can_be_kept(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_row_can_hold_is_not_looked_for() {
        for odd in ["\0", "SJJ\0", "a\u{1b}[31m", "a\nb"] {
            assert!(text(odd).is_none(), "{odd:?}");
            let refused = sought(Some(odd.to_owned()), "filter.itemCode");
            assert_eq!(
                refused,
                Err(Reason::TextNotPrintable.at("filter.itemCode")),
                "{odd:?}"
            );
        }
        for plain in ["", "SJJ-01-002", "没有这样的事项", "' OR 1=1 --"] {
            assert!(text(plain).is_some(), "{plain:?}");
            let kept = sought(Some(plain.to_owned()), "filter.itemCode");
            assert_eq!(kept, Ok(Some(plain.to_owned())));
        }
        assert_eq!(sought(None, "filter.itemCode"), Ok(None));
    }
}
