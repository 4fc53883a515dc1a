//! GraphQL over HTTP as a client sees it.

use serde_json::json;

use super::*;

#[tokio::test]
async fn every_answer_carries_its_id_and_is_not_kept() {
    let server = Server::start().await;
    let reply = server.ask("{ requestId }").await;
    assert_eq!(
        reply.json()["data"]["requestId"].as_str(),
        reply.header("x-request-id").as_deref()
    );
    for reply in [
        reply,
        server.request("GET /nowhere", &[], "").await,
        server.request("PUT /graphql", &[], "").await,
        server.ask("{").await,
    ] {
        assert!(Uuid::parse_str(&reply.header("x-request-id").unwrap()).is_ok());
        assert_eq!(reply.header("cache-control").as_deref(), Some("no-store"));
        assert_eq!(
            reply.header("x-content-type-options").as_deref(),
            Some("nosniff")
        );
        assert_eq!(reply.header("content-language").as_deref(), Some("zh-CN"));
    }
    assert_eq!(server.request("PUT /graphql", &[], "").await.status, 405);
}

/// Whoever cannot be answered just now is told so by the status, and keeps what they signed in with.
#[tokio::test]
async fn who_shall_come_back_is_told_by_the_status() {
    let server = Server::start().await;
    for code in ["BUSY", "UNAVAILABLE"] {
        let reply = server.ask(&format!("{{ busy(code: \"{code}\") }}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (503, code));
        assert_eq!(reply.header("retry-after").as_deref(), Some("1"));
    }
    // What is there is an answer, and what is wrong does not pass.
    for (document, status) in [
        (r#"{ lang fault busy(code: "BUSY") }"#, 200),
        (r#"{ busy(code: "INTERNAL") }"#, 200),
        ("{ lang fault }", 200),
    ] {
        let reply = server.ask(document).await;
        assert_eq!(reply.status, status, "{document}");
        assert_eq!(reply.header("retry-after"), None, "{document}");
    }
}

#[tokio::test]
async fn only_json_and_never_a_mutation_by_get() {
    let server = Server::start().await;
    let body = json!({"query": "mutation { act }"}).to_string();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let reply = server
            .request(
                "POST /graphql",
                &[&format!("content-type: {content_type}")],
                &body,
            )
            .await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (415, "CONTENT_TYPE_UNSUPPORTED")
        );
    }
    let reply = server
        .request("GET /graphql?query=mutation%7Bact%7D", &[], "")
        .await;
    assert_eq!(
        (
            reply.status,
            reply.code().as_str(),
            reply.header("allow").as_deref()
        ),
        (405, "MUTATION_NEEDS_POST", Some("POST"))
    );
    let reply = server
        .post(json!([{"query": "mutation { act }"}]), &[])
        .await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "BATCH_NOT_SUPPORTED")
    );
    assert_eq!(server.acts.0.load(Ordering::SeqCst), 0);

    let reply = server
        .request(
            "GET /graphql?query=query($v:Int!)%7Bnumber(value:$v)%7D&variables=%7B%22v%22:3%7D",
            &[],
            "",
        )
        .await;
    assert_eq!(
        (reply.status, reply.json()),
        (200, json!({"data": {"number": 3}}))
    );
    assert_eq!(
        server
            .post(json!({"query": "mutation { act }"}), &[])
            .await
            .json(),
        json!({"data": {"act": 1}})
    );
    let reply = server.ask("subscription { count(to: 1) }").await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "SUBSCRIPTION_NEEDS_WEBSOCKET")
    );
    assert_eq!(
        server
            .request(
                "POST /graphql",
                &["content-type: application/json", "accept: text/html"],
                &body
            )
            .await
            .status,
        406
    );
}

#[tokio::test]
async fn the_status_tells_whether_the_operation_began() {
    let server = Server::start().await;
    for (query, json_status, graphql_status, code) in [
        ("{", 200, 400, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", 200, 400, "GRAPHQL_VALIDATION_FAILED"),
        (
            "query($v: Int!) { number(value: $v) }",
            200,
            400,
            "VARIABLE_MISSING",
        ),
        ("{ fault lang }", 200, 200, "INTERNAL"),
    ] {
        for (accept, status) in [
            ("application/json", json_status),
            ("application/graphql-response+json", graphql_status),
        ] {
            let reply = server
                .post(json!({"query": query}), &[&format!("accept: {accept}")])
                .await;
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (status, code),
                "{query} {accept}"
            );
            assert_eq!(
                reply.json().get("data").is_some(),
                code == "INTERNAL",
                "{query}"
            );
            assert!(reply.header("content-type").unwrap().starts_with(accept));
        }
    }
}

#[tokio::test]
async fn faults_of_ours_carry_the_request_id_and_nothing_else() {
    let server = Server::start().await;
    let reply = server.ask("{ fault lang }").await;
    assert_eq!(
        reply.json()["data"],
        json!({"fault": null, "lang": "zh-CN"})
    );
    assert_eq!(
        reply.json()["errors"][0]["extensions"]["requestId"].as_str(),
        reply.header("x-request-id").as_deref()
    );

    assert!(!reply.body.contains("something broke"), "{}", reply.body);
    let reply = server.ask("{ unlaid }").await;
    assert_eq!(reply.code(), "INTERNAL");
    assert!(!reply.body.contains("TcpListener"), "{}", reply.body);

    let reply = server.ask("{ boom }").await;
    assert_eq!((reply.status, reply.code().as_str()), (500, "INTERNAL"));
    assert_eq!(
        reply.json()["errors"][0]["extensions"]["requestId"].as_str(),
        reply.header("x-request-id").as_deref()
    );
    assert!(!reply.body.contains("panic"), "{}", reply.body);
    server.still_answers().await;
}

#[tokio::test]
async fn a_caller_of_whom_nobody_could_be_asked_keeps_the_session_and_asks_again() {
    let server = Server::start().await;
    let header = "authorization: Bearer asked too soon";
    let reply = server
        .post(json!({"query": "mutation { act }"}), &[header])
        .await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "BUSY"));
    assert_eq!(reply.header("retry-after").as_deref(), Some("1"));
    assert_eq!(reply.header("www-authenticate"), None);
    assert_eq!(server.acts.0.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn callers_are_known_before_their_document_is_looked_at() {
    let server = Server::start().await;
    let act = json!({"query": "mutation { act }"});
    for header in [
        "authorization: Bearer expired",
        "authorization: Basic Z29vZA==",
        "authorization: Bearer ",
    ] {
        let reply = server.post(act.clone(), &[header]).await;
        assert_eq!(reply.status, 401, "{header}");
        assert!(!reply.code().is_empty());
        assert_eq!(reply.header("www-authenticate").as_deref(), Some("Bearer"));
    }
    assert_eq!(
        server
            .post(
                json!("not even an envelope"),
                &["authorization: Bearer expired"]
            )
            .await
            .code(),
        "UNAUTHENTICATED"
    );
    assert_eq!(server.acts.0.load(Ordering::SeqCst), 0);
    let question = json!({"query": "{ caller }"});
    assert_eq!(
        server
            .post(question.clone(), &["authorization: bearer good"])
            .await
            .json()["data"]["caller"],
        "good"
    );
    assert_eq!(
        server.post(question, &[]).await.json()["data"]["caller"],
        "stranger"
    );
}

#[tokio::test]
async fn people_are_addressed_in_their_language() {
    let server = Server::start().await;
    assert_eq!(
        server
            .post(json!({"query": "{ lang }"}), &["accept-language: en-GB"])
            .await
            .json()["data"]["lang"],
        "en"
    );
    let english = server.post(json!([]), &["accept-language: en"]).await;
    let chinese = server.post(json!([]), &["accept-language: zh-CN"]).await;
    assert_eq!(english.code(), chinese.code());
    assert!(
        english.json()["errors"][0]["message"]
            .as_str()
            .unwrap()
            .is_ascii()
    );
    assert!(
        !chinese.json()["errors"][0]["message"]
            .as_str()
            .unwrap()
            .is_ascii()
    );
    assert_eq!(english.header("content-language").as_deref(), Some("en"));
}
