use std::process::Stdio;
use std::time::Duration;

use async_graphql::http::{ALL_WEBSOCKET_PROTOCOLS, WebSocket as Protocol, WsMessage};
use async_graphql::{Context, Data, InputObject, Object, Result, Schema, SimpleObject, Subscription};
use axum::Json;
use axum::body::Body;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use axum::routing::post;
use futures_util::{SinkExt, Stream, StreamExt, future};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

/// What `name` answers, and its text if it has one.
async fn ask(path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let account =
        DemoAccount { name: "clerk01".to_owned(), role: "WINDOW_CLERK".to_owned(), password: "demo".to_owned() };
    let routes = routes(PlaygroundConfig { demo_accounts: vec![account] });
    let answer = routes.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

#[tokio::test]
async fn every_address_in_the_page_is_served() {
    let (status, headers, page) = ask("/playground", &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self';"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains("unsafe-eval"), "{policy}");

    let page = String::from_utf8(page).unwrap();
    let addresses: Vec<_> = page.split('"').filter(|part| part.starts_with("/playground/")).collect();
    assert!(addresses.len() >= 3, "{addresses:?}");
    for address in addresses {
        let (status, headers, body) = ask(address, &[("accept-encoding", "br, gzip")]).await;
        assert_eq!(status, StatusCode::OK, "{address}");
        assert_ne!(headers[CONTENT_TYPE], "application/octet-stream", "{address}");
        assert!(!body.is_empty(), "{address}");
    }
}

#[tokio::test]
async fn no_page_source_of_ours_names_another_host() {
    let files = ASSETS.iter().filter(|asset| !asset.gzipped && !asset.name.ends_with(".svg"));
    for asset in files.filter(|asset| !FULL || asset.name == "index.html") {
        let text = std::str::from_utf8(asset.bytes).unwrap();
        assert!(!text.contains("http://") && !text.contains("https://"), "{}", asset.name);
    }
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let (_, headers, _) = ask("/playground", &[]).await;
    let tag = headers[ETAG].to_str().unwrap();
    let (status, headers, body) = ask("/playground", &[("if-none-match", &format!("\"other\", W/{tag}"))]).await;
    assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(headers[ETAG], tag);
    let (status, ..) = ask("/playground", &[("if-none-match", "\"other\"")]).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn only_files_of_the_page_are_served() {
    for path in ["/playground/assets/none.js", "/playground/assets/..%2Findex.html", "/playground/assets/"] {
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
    assert_eq!((status, headers[CACHE_CONTROL].to_str().unwrap()), (StatusCode::OK, "no-store"));
    let config: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(config["graphql"], "/graphql");
    let account = serde_json::json!({"name": "clerk01", "role": "WINDOW_CLERK", "password": "demo"});
    assert_eq!(config["demoAccounts"], serde_json::json!([account]));
    let examples = examples::embedded().unwrap();
    assert_eq!(config["examples"].as_array().unwrap().len(), examples.len());
    assert_eq!(config["examples"][0]["query"], examples[0].document);
}

/// Run by `cargo test -p lianshen playground -- --ignored`, with `LIANSHEN_PLAYGROUND=full` for the full page.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, and `npm ci` in api/playground"]
async fn works_in_a_browser() {
    let account = |name: &str, role: &str| DemoAccount {
        name: name.to_owned(),
        role: role.to_owned(),
        password: "demo".to_owned(),
    };
    let examples = WALKTHROUGH.iter().map(|(name, text)| examples::parse(name, text).unwrap()).collect();
    let demo_accounts = vec![account("clerk01", "WINDOW_CLERK"), account("reviewer01", "REVIEWER")];
    let page = router(&PageConfig { graphql: "/graphql", demo_accounts, examples });
    let server = page.route("/graphql", post(answer).get(upgrade));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, server).await });

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/playground/check.mjs");
    let kind = if FULL { "full" } else { "plain" };
    let mut check = tokio::task::spawn_blocking(move || {
        std::process::Command::new("node").args([script, &address, kind]).stdin(Stdio::null()).status()
    });
    let status = tokio::time::timeout(Duration::from_mins(3), &mut check).await.unwrap().unwrap().unwrap();
    serving.abort();
    assert!(status.success());
}

const WALKTHROUGH: [(&str, &str); 5] = [
    (
        "01-sign-in",
        r#"# 登录。
# Signs in.
# variables:
#   { "input": { "accountName": "clerk01", "password": "demo" } }
mutation SignIn($input: SessionSignInInput!) {
  sessionSignIn(input: $input) { session { accessToken account { displayName role } } userErrors { code } }
}"#,
    ),
    ("02-viewer", "# Who is signed in.\n# account: clerk01\nquery Viewer {\n  viewer { displayName role }\n}"),
    (
        "03-add-note",
        r#"# Adds a note and keeps its id.
# account: clerk01
# variables: { "input": { "text": "请尽快补正" } }
# keep: noteId = data.noteAdd.id
mutation AddNote($input: NoteAddInput!) {
  noteAdd(input: $input) { id text }
}"#,
    ),
    (
        "04-read-note",
        r#"# Reads the kept note as somebody else.
# account: reviewer01
# variables: { "id": "{{noteId}}" }
query ReadNote($id: ID!) {
  note(id: $id) { id text readBy }
}"#,
    ),
    ("05-ticks", "# Listens.\n# account: reviewer01\nsubscription Ticks {\n  ticks { count heardBy }\n}"),
];

struct Query;
struct Mutation;
struct Ticks;

/// Who asks: the bearer token of the stub is the account's name.
struct Caller(String);

#[derive(SimpleObject)]
struct Account {
    display_name: String,
    role: &'static str,
}

#[derive(SimpleObject)]
struct Session {
    access_token: String,
    access_token_expires_at: &'static str,
    refresh_token: &'static str,
    account: Account,
}

#[derive(SimpleObject)]
struct UserError {
    code: &'static str,
    message: &'static str,
    field: Option<Vec<String>>,
}

#[derive(SimpleObject)]
struct SessionSignInPayload {
    session: Option<Session>,
    user_errors: Vec<UserError>,
}

#[derive(InputObject)]
struct SessionSignInInput {
    account_name: String,
    password: String,
}

#[derive(InputObject)]
struct NoteAddInput {
    text: String,
}

#[derive(SimpleObject)]
struct Note {
    id: async_graphql::ID,
    text: String,
    read_by: String,
}

#[derive(SimpleObject)]
struct Tick {
    count: u32,
    heard_by: String,
}

fn caller(context: &Context<'_>) -> Result<String> {
    context.data::<Caller>().map(|caller| caller.0.clone()).map_err(|_| "nobody is signed in".into())
}

#[Object]
impl Query {
    async fn viewer(&self, context: &Context<'_>) -> Result<Account> {
        Ok(Account { display_name: caller(context)?, role: "WINDOW_CLERK" })
    }

    async fn note(&self, context: &Context<'_>, id: async_graphql::ID) -> Result<Option<Note>> {
        let read_by = caller(context)?;
        Ok((id.as_str() == "note-7").then(|| Note { id, text: "请尽快补正".to_owned(), read_by }))
    }
}

#[Object]
impl Mutation {
    async fn session_sign_in(&self, input: SessionSignInInput) -> SessionSignInPayload {
        if input.password != "demo" {
            let error = UserError { code: "SIGN_IN_FAILED", message: "账号或密码不正确", field: None };
            return SessionSignInPayload { session: None, user_errors: vec![error] };
        }
        let session = Session {
            access_token: input.account_name.clone(),
            access_token_expires_at: "2999-01-01T00:00:00Z",
            refresh_token: "none",
            account: Account { display_name: input.account_name, role: "WINDOW_CLERK" },
        };
        SessionSignInPayload { session: Some(session), user_errors: Vec::new() }
    }

    async fn note_add(&self, context: &Context<'_>, input: NoteAddInput) -> Result<Note> {
        Ok(Note { id: "note-7".into(), text: input.text, read_by: caller(context)? })
    }
}

#[Subscription]
impl Ticks {
    async fn ticks(&self, context: &Context<'_>) -> Result<impl Stream<Item = Tick>> {
        let heard_by = caller(context)?;
        Ok(async_stream::stream! {
            for count in 1.. {
                yield Tick { count, heard_by: heard_by.clone() };
                tokio::time::sleep(Duration::from_millis(400)).await;
            }
        })
    }
}

fn signed_in(bearer: &str) -> Option<Caller> {
    bearer.strip_prefix("Bearer ").map(|name| Caller(name.to_owned()))
}

async fn answer(
    headers: HeaderMap,
    Json(mut request): Json<async_graphql::Request>,
) -> Json<async_graphql::Response> {
    if let Some(caller) = headers.get(AUTHORIZATION).and_then(|value| signed_in(value.to_str().unwrap())) {
        request = request.data(caller);
    }
    Json(Schema::new(Query, Mutation, Ticks).execute(request).await)
}

async fn upgrade(upgrade: WebSocketUpgrade) -> Response {
    upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).on_upgrade(converse)
}

async fn converse(socket: WebSocket) {
    let schema = Schema::new(Query, Mutation, Ticks);
    let (mut sink, stream) = socket.split();
    let incoming = stream
        .filter_map(|message| future::ready(message.ok()))
        .take_while(|message| future::ready(!matches!(message, Message::Close(_))))
        .map(Message::into_data);
    let mut outgoing = Protocol::new(schema, incoming, async_graphql::http::WebSocketProtocols::GraphQLWS)
        .on_connection_init(async |payload: serde_json::Value| {
            let mut data = Data::default();
            if let Some(caller) = payload["authorization"].as_str().and_then(signed_in) {
                data.insert(caller);
            }
            Ok(data)
        });
    while let Some(message) = outgoing.next().await {
        let message = match message {
            WsMessage::Text(text) => Message::Text(text.into()),
            WsMessage::Close(code, reason) => Message::Close(Some(CloseFrame { code, reason: reason.into() })),
        };
        if sink.send(message).await.is_err() {
            return;
        }
    }
}
