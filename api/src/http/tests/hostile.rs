//! Vectors that stopped or slowed the library when measured. Each is followed by an ordinary question.

use std::{fmt::Write as _, time::Instant};

use super::*;

async fn refused(server: &Server, query: &str, code: &str) {
    let begun = Instant::now();
    let reply = server.ask(query).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, code),
        "{}",
        reply.body
    );
    assert!(reply.json().get("data").is_none());
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "refused only after {:?}",
        begun.elapsed()
    );
    server.still_answers().await;
}

#[tokio::test]
async fn nested_brackets_do_not_overflow_the_stack() {
    let server = Server::start().await;
    for levels in [1_500, 2_000, 5_000] {
        refused(
            &server,
            &format!("{{nope(v:{}1{})}}", "[".repeat(levels), "]".repeat(levels)),
            "DOCUMENT_TOO_DEEP",
        )
        .await;
        refused(
            &server,
            &format!(
                "{{nope(v:{}1{})}}",
                "{a:".repeat(levels),
                "}".repeat(levels)
            ),
            "DOCUMENT_TOO_DEEP",
        )
        .await;
        refused(
            &server,
            &format!(
                "query($v:{}Int{}){{a}}",
                "[".repeat(levels),
                "]".repeat(levels)
            ),
            "DOCUMENT_TOO_DEEP",
        )
        .await;
        refused(&server, &"{a".repeat(levels), "DOCUMENT_TOO_DEEP").await;
    }
    refused(
        &server,
        &format!("{{nope(v:{}1)}}", "[".repeat(100_000)),
        "DOCUMENT_TOO_LONG",
    )
    .await;
    refused(
        &server,
        &format!(r#"{{nope(v:["""x" {}"#, "[".repeat(5_000)),
        "GRAPHQL_PARSE_FAILED",
    )
    .await;
}

#[tokio::test]
async fn doubled_fragments_do_not_hold_a_worker() {
    let server = Server::start().await;
    for levels in [20, 30] {
        let mut query = "{ again { ...f0 } }".to_owned();
        for level in 0..levels {
            write!(
                query,
                " fragment f{level} on Query {{ ...f{next} ...f{next} }}",
                next = level + 1
            )
            .unwrap();
        }
        write!(query, " fragment f{levels} on Query {{ lang }}").unwrap();
        refused(&server, &query, "DOCUMENT_TOO_LARGE").await;
    }
    let mut query = "{ again { ...f0 } }".to_owned();
    for level in 0..6 {
        write!(
            query,
            " fragment f{level} on Query {{ {} }}",
            format!("...f{} ", level + 1).repeat(10)
        )
        .unwrap();
    }
    query += " fragment f6 on Query { lang }";
    refused(&server, &query, "DOCUMENT_TOO_LARGE").await;
    refused(
        &server,
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
        "DOCUMENT_FRAGMENT_CIRCLE",
    )
    .await;
}

#[tokio::test]
async fn numbers_of_things_are_bounded() {
    let server = Server::start().await;
    let many =
        |count: usize, what: &dyn Fn(usize) -> String| (0..count).map(what).collect::<String>();
    refused(
        &server,
        &format!("{{ {} }}", many(1_000, &|n| format!("a{n}: lang "))),
        "DOCUMENT_TOO_MANY_TOKENS",
    )
    .await;
    refused(
        &server,
        &format!("{{ {} }}", many(500, &|n| format!("a{n}: lang "))),
        "DOCUMENT_TOO_MANY_ROOT_FIELDS",
    )
    .await;
    refused(
        &server,
        &format!(
            "{{ again {{ {} }} }}",
            many(500, &|n| format!("a{n}: lang "))
        ),
        "DOCUMENT_TOO_MANY_ALIASES",
    )
    .await;
    refused(
        &server,
        &format!("{{ lang {} }}", "@skip(if:false)".repeat(10_000)),
        "DOCUMENT_TOO_LONG",
    )
    .await;
    refused(
        &server,
        &format!("{{ lang {} }}", "@a".repeat(10_000)),
        "DOCUMENT_TOO_MANY_TOKENS",
    )
    .await;
    refused(
        &server,
        &format!("{{ lang {} }}", "@a".repeat(900)),
        "DOCUMENT_TOO_MANY_DIRECTIVES",
    )
    .await;
    refused(
        &server,
        &format!("mutation {{ {} }}", many(1_000, &|n| format!("a{n}:act "))),
        "DOCUMENT_TOO_MANY_TOKENS",
    )
    .await;
    refused(
        &server,
        &format!("mutation {{ {} }}", many(6, &|n| format!("a{n}:act "))),
        "DOCUMENT_TOO_MANY_MUTATIONS",
    )
    .await;
    assert_eq!(
        server.acts.0.load(Ordering::SeqCst),
        0,
        "nothing was executed"
    );
}

#[tokio::test]
async fn an_unbounded_body_is_cut_off() {
    let server = Server::start().await;
    let declared = server.raw(b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000000\r\n\r\n{\"query\":\"").await;
    assert_eq!(
        (declared.status, declared.code().as_str()),
        (413, "REQUEST_TOO_LARGE")
    );
    assert_eq!(declared.header("connection").as_deref(), Some("close"));
    server.still_answers().await;

    // A body of unknown length: sixty megabytes in chunks, as far as the server lets itself be sent.
    let (mut reader, mut writer) = server.connect().await.into_split();
    writer.write_all(b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
    let sent = tokio::spawn(async move {
        let chunk = [b"10000\r\n".as_slice(), &vec![b' '; 0x10000], b"\r\n"].concat();
        let mut sent = 0;
        while sent < 60_000_000 && writer.write_all(&chunk).await.is_ok() {
            sent += 0x10000;
        }
        sent
    });
    let mut reply = Vec::new();
    drop(reader.read_to_end(&mut reply).await);
    assert!(
        reply.starts_with(b"HTTP/1.1 413"),
        "{}",
        String::from_utf8_lossy(&reply)
    );
    assert!(sent.await.unwrap() < 60_000_000, "the rest was not read");
    server.still_answers().await;
}

#[tokio::test]
async fn the_standard_introspection_query_passes() {
    let server = Server::start().await;
    let types = "{kind name ofType{kind name ofType{kind name ofType{kind name ofType{kind name ofType{kind name ofType{kind name ofType{kind name ofType{kind name ofType{kind name}}}}}}}}}}";
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }} subscriptionType {{ name kind }} \
         types {{ ...FullType }} directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }} \
         fragment FullType on __Type {{ kind name description specifiedByURL isOneOf fields(includeDeprecated: true) {{ name description \
         args(includeDeprecated: true) {{ ...InputValue }} type {types} isDeprecated deprecationReason }} inputFields(includeDeprecated: true) {{ ...InputValue }} \
         interfaces {types} enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} possibleTypes {types} }} \
         fragment InputValue on __InputValue {{ name description type {types} defaultValue isDeprecated deprecationReason }}"
    );
    let reply = server.ask(&query).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(reply.json().get("errors").is_none(), "{}", reply.body);
    assert_eq!(
        reply.json()["data"]["__schema"]["queryType"]["name"],
        "Query"
    );
}

#[tokio::test]
async fn the_largest_documents_that_are_let_through_are_harmless() {
    let server = Server::start().await;
    let mut ladder = "{ again { ...f0 } }".to_owned();
    for level in 0..8 {
        write!(
            ladder,
            " fragment f{level} on Query {{ lang ...f{next} ...f{next} }}",
            next = level + 1
        )
        .unwrap();
    }
    ladder += " fragment f8 on Query { lang echo(text: \"x\") }";
    for (query, status) in [
        (
            format!("{{ echo(text: {}1{}) }}", "[".repeat(38), "]".repeat(38)),
            400,
        ),
        (
            format!("{{ echo(text: {}1{}) }}", "{a:".repeat(38), "}".repeat(38)),
            400,
        ),
        (format!("{{ echo(text: [{}]) }}", "1 ".repeat(1_900)), 400),
        (
            format!("{}lang{}", "{again".repeat(31), "}".repeat(31)).replacen(
                "againlang",
                "lang",
                1,
            ),
            200,
        ),
        (format!("{{ again {{ {} }} }}", "lang ".repeat(1_900)), 200),
        (
            format!("{{ again {{ {} }} }}", "again { lang } ".repeat(450)),
            200,
        ),
        (
            format!("{{ again {{ {} }} }}", "echo(text: \"x\") ".repeat(280)),
            200,
        ),
        (ladder, 200),
    ] {
        let begun = Instant::now();
        let reply = server.ask(&query).await;
        println!(
            "{:?} for {} bytes: {}",
            begun.elapsed(),
            query.len(),
            query.chars().take(60).collect::<String>()
        );
        assert_eq!(reply.status, status, "{}", reply.body);
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{:?} for {query}",
            begun.elapsed()
        );
        server.still_answers().await;
    }
}
