//! A server of the few fields that the browser test needs, signed in by the account's name.

use std::time::Duration;

use async_graphql::http::{
    ALL_WEBSOCKET_PROTOCOLS, WebSocket as Protocol, WebSocketProtocols, WsMessage,
};
use async_graphql::{
    Context, Data, InputObject, Object, Result, Schema, SimpleObject, Subscription,
};
use axum::Json;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use futures_util::{SinkExt, Stream, StreamExt, future};

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
    context
        .data::<Caller>()
        .map(|caller| caller.0.clone())
        .map_err(|_| "nobody is signed in".into())
}

#[expect(clippy::unused_async, reason = "the macro wants every resolver async")]
#[Object]
impl Query {
    async fn viewer(&self, context: &Context<'_>) -> Result<Account> {
        Ok(Account {
            display_name: caller(context)?,
            role: "WINDOW_CLERK",
        })
    }

    async fn note(&self, context: &Context<'_>, id: async_graphql::ID) -> Result<Option<Note>> {
        let read_by = caller(context)?;
        Ok((id.as_str() == "note-7").then(|| Note {
            id,
            text: "请尽快补正".to_owned(),
            read_by,
        }))
    }
}

#[expect(clippy::unused_async, reason = "the macro wants every resolver async")]
#[Object]
impl Mutation {
    async fn session_sign_in(&self, input: SessionSignInInput) -> SessionSignInPayload {
        if input.password != "demo" {
            let error = UserError {
                code: "SIGN_IN_FAILED",
                message: "账号或密码不正确",
                field: None,
            };
            return SessionSignInPayload {
                session: None,
                user_errors: vec![error],
            };
        }
        let session = Session {
            access_token: input.account_name.clone(),
            access_token_expires_at: "2999-01-01T00:00:00Z",
            refresh_token: "none",
            account: Account {
                display_name: input.account_name,
                role: "WINDOW_CLERK",
            },
        };
        SessionSignInPayload {
            session: Some(session),
            user_errors: Vec::new(),
        }
    }

    async fn note_add(&self, context: &Context<'_>, input: NoteAddInput) -> Result<Note> {
        Ok(Note {
            id: "note-7".into(),
            text: input.text,
            read_by: caller(context)?,
        })
    }
}

#[expect(clippy::unused_async, reason = "the macro wants every resolver async")]
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
    bearer
        .strip_prefix("Bearer ")
        .map(|name| Caller(name.to_owned()))
}

pub(super) async fn answer(
    headers: HeaderMap,
    Json(mut request): Json<async_graphql::Request>,
) -> Json<async_graphql::Response> {
    if let Some(caller) = headers
        .get(AUTHORIZATION)
        .and_then(|value| signed_in(value.to_str().unwrap()))
    {
        request = request.data(caller);
    }
    Json(Schema::new(Query, Mutation, Ticks).execute(request).await)
}

pub(super) async fn upgrade(upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .protocols(ALL_WEBSOCKET_PROTOCOLS)
        .on_upgrade(converse)
}

async fn converse(socket: WebSocket) {
    let schema = Schema::new(Query, Mutation, Ticks);
    let (mut sink, stream) = socket.split();
    let incoming = stream
        .filter_map(|message| future::ready(message.ok()))
        .take_while(|message| future::ready(!matches!(message, Message::Close(_))))
        .map(Message::into_data)
        .boxed();
    let mut outgoing = Protocol::new(schema, incoming, WebSocketProtocols::GraphQLWS)
        .on_connection_init(|payload: serde_json::Value| {
            let mut data = Data::default();
            if let Some(caller) = payload["authorization"].as_str().and_then(signed_in) {
                data.insert(caller);
            }
            future::ready(Ok(data))
        })
        .boxed();
    while let Some(message) = outgoing.next().await {
        let message = match message {
            WsMessage::Text(text) => Message::Text(text.into()),
            WsMessage::Close(code, reason) => Message::Close(Some(CloseFrame {
                code,
                reason: reason.into(),
            })),
        };
        if sink.send(message).await.is_err() {
            return;
        }
    }
}
