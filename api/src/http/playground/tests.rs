use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

/// Asks the routes for one path.
async fn ask(path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let account = DemoAccount {
        name: "clerk01".to_owned(),
        role: "WINDOW_CLERK".to_owned(),
        password: "demo".to_owned(),
    };
    let routes = routes(PlaygroundConfig {
        demo_accounts: vec![account],
    });
    let answer = routes
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = answer.into_parts();
    (
        parts.status,
        parts.headers,
        body.collect().await.unwrap().to_bytes().to_vec(),
    )
}

#[tokio::test]
async fn every_address_in_the_page_is_served() {
    let (status, headers, page) = ask("/playground", &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self';"), "{policy}");
    assert!(
        !policy.contains("http") && !policy.contains("unsafe-eval"),
        "{policy}"
    );

    let page = String::from_utf8(page).unwrap();
    let addresses: Vec<_> = page
        .split('"')
        .filter(|part| part.starts_with("/playground/"))
        .collect();
    assert!(addresses.len() >= 3, "{addresses:?}");
    for address in addresses {
        let (status, headers, body) = ask(address, &[("accept-encoding", "br, gzip")]).await;
        assert_eq!(status, StatusCode::OK, "{address}");
        assert_ne!(
            headers[CONTENT_TYPE], "application/octet-stream",
            "{address}"
        );
        assert!(!body.is_empty(), "{address}");
    }
}

#[tokio::test]
async fn no_page_source_of_ours_names_another_host() {
    let files = ASSETS
        .iter()
        .filter(|asset| !asset.gzipped && content_type(asset.name) != "image/svg+xml");
    for asset in files.filter(|asset| !FULL || asset.name == "index.html") {
        let text = std::str::from_utf8(asset.bytes).unwrap();
        assert!(
            !text.contains("http://") && !text.contains("https://"),
            "{}",
            asset.name
        );
    }
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let (_, headers, _) = ask("/playground", &[]).await;
    let tag = headers[ETAG].to_str().unwrap();
    let (status, headers, body) = ask(
        "/playground",
        &[("if-none-match", &format!("\"other\", W/{tag}"))],
    )
    .await;
    assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(headers[ETAG], tag);
    let (status, ..) = ask("/playground", &[("if-none-match", "\"other\"")]).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn only_files_of_the_page_are_served() {
    for path in [
        "/playground/assets/none.js",
        "/playground/assets/..%2Findex.html",
        "/playground/assets/",
    ] {
        assert_eq!(ask(path, &[]).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn gzip_is_taken_at_its_word() {
    let accepts = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
        accepts_gzip(&headers)
    };
    assert!(accepts_gzip(&HeaderMap::new()));
    assert!(accepts("gzip, deflate, br"));
    assert!(accepts("br;q=1.0, GZIP;q=0.5"));
    assert!(accepts("*"));
    assert!(!accepts("identity"));
    assert!(!accepts("gzip;q=0, br"));
    assert!(!accepts("gzip; q=0.0"));
}

#[tokio::test]
async fn the_configuration_carries_accounts_and_parsed_examples() {
    let (status, headers, body) = ask("/playground/config.json", &[]).await;
    assert_eq!(
        (status, headers[CACHE_CONTROL].to_str().unwrap()),
        (StatusCode::OK, "no-store")
    );
    let config: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(config["graphql"], "/graphql");
    let account =
        serde_json::json!({"name": "clerk01", "role": "WINDOW_CLERK", "password": "demo"});
    assert_eq!(config["demoAccounts"], serde_json::json!([account]));
    let examples = examples::embedded().unwrap();
    assert_eq!(config["examples"].as_array().unwrap().len(), examples.len());
    assert_eq!(config["examples"][0]["query"], examples[0].document);
}
