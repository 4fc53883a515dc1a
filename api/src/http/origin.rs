//! Which pages may open a socket: browsers send no preflight for those.

use http::{
    HeaderMap, Uri,
    header::{HOST, ORIGIN},
};

/// Whether the page that asks is our own or a listed one. Programs that aren't browsers send no origin.
pub(super) fn allowed(headers: &HeaderMap, listed: &[String]) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    if listed
        .iter()
        .any(|listed| listed.trim_end_matches('/').eq_ignore_ascii_case(origin))
    {
        return true;
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let Ok(origin) = origin.parse::<Uri>() else {
        return false;
    };
    match (origin.authority(), host) {
        (Some(authority), Some(host)) => authority.as_str().eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn our_own_pages_and_listed_ones_are_allowed() {
        let listed = ["https://hall.example.gov.cn/".to_owned()];
        for (origin, ok) in [
            ("http://lianshen.local:8080", true),
            ("http://LIANSHEN.local:8080", true),
            ("https://hall.example.gov.cn", true),
            ("http://lianshen.local", false),
            ("https://hall.example.gov.cn.evil.example", false),
            ("http://evil.example", false),
            ("null", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([
                (ORIGIN, HeaderValue::from_static(origin)),
                (HOST, HeaderValue::from_static("lianshen.local:8080")),
            ]);
            assert_eq!(allowed(&headers, &listed), ok, "{origin}");
        }
        assert!(allowed(&HeaderMap::new(), &listed));
    }
}
