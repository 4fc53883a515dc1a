//! The two media types of GraphQL answers, and the one of questions.

use http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT, CONTENT_TYPE},
};

use lianshen_domain::lang::weighted;

/// A media type that we answer in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`, whose status says only whether the request was well-formed.
    #[default]
    Json,
    /// `application/graphql-response+json`, whose status says whether the operation began.
    GraphQl,
}

impl Media {
    /// Chooses by `Accept`: the type with the highest weight, the first of equals; none if we have none of those.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut accepted = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .peekable();
        if accepted.peek().is_none() {
            return Some(Self::Json);
        }
        let mut best = None;
        for entry in accepted.flat_map(|value| value.split(',')) {
            let (range, weight) = weighted(entry);
            let media = match range.to_ascii_lowercase().as_str() {
                "application/json" | "application/*" | "*/*" => Self::Json,
                "application/graphql-response+json" => Self::GraphQl,
                _ => continue,
            };
            if weight > best.map_or(0, |(_, weight)| weight) {
                best = Some((media, weight));
            }
        }
        best.map(|(media, _)| media)
    }

    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
        })
    }
}

/// Whether a body is said to be JSON in UTF-8. Anything else could be sent by a form of a foreign page.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_answer_has_the_type_that_was_asked_for() {
        assert_eq!(Media::negotiate(&HeaderMap::new()), Some(Media::Json));
        for (accept, media) in [
            ("*/*", Some(Media::Json)),
            ("application/*", Some(Media::Json)),
            ("application/json", Some(Media::Json)),
            (
                "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
                Some(Media::GraphQl),
            ),
            (
                "application/json;q=0.9, application/graphql-response+json",
                Some(Media::GraphQl),
            ),
            (
                "application/graphql-response+json;q=0.5, */*;q=0.6",
                Some(Media::Json),
            ),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            assert_eq!(
                Media::negotiate(&headers(ACCEPT, accept)),
                media,
                "{accept}"
            );
        }
    }

    #[test]
    fn only_json_in_utf_8_is_read() {
        for (content_type, ok) in [
            ("application/json", true),
            ("Application/JSON; charset=\"UTF-8\"", true),
            ("application/json; charset=gbk", false),
            ("application/jsonp", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
        ] {
            assert_eq!(
                is_json(&headers(CONTENT_TYPE, content_type)),
                ok,
                "{content_type}"
            );
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
