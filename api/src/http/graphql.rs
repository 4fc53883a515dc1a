//! GraphQL by POST and GET, following GraphQL over HTTP as graphql-http audits it.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{Executor, Request as Question};
use axum::{
    Extension,
    body::Body,
    extract::{FromRequestParts, Query, Request, State, WebSocketUpgrade},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{
    TransportConfig,
    accept::ConnectionPermit,
    authenticate::{Authenticate, CallHeaders},
    call::Call,
    envelope,
    media::{Media, is_json},
    origin,
    outcome::{self, Phase},
    websocket,
};
use crate::graphql::fault::FaultCode;
use crate::graphql::{Progress, Refusal, Transport};

/// How long an answer may take; then the client is told to ask again.
const ANSWER: Duration = Duration::from_secs(20);

/// What a socket reads at once; a longer message comes in several pieces.
const SOCKET_BUFFER: usize = 4 * 1024;

/// What all three ways share.
pub(super) struct Door<E> {
    pub(super) executor: E,
    pub(super) authenticate: Arc<dyn Authenticate>,
    pub(super) config: TransportConfig,
}

/// Answers a POST.
pub(super) async fn post<E: Executor>(
    State(door): State<Arc<Door<E>>>,
    Extension(call): Extension<Call>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(media) = Media::negotiate(&parts.headers) else {
        return not_acceptable(call);
    };
    if !is_json(&parts.headers) {
        let refusal = Refusal::new(
            FaultCode::ContentTypeUnsupported,
            "请使用 Content-Type: application/json",
            "Send `Content-Type: application/json` in UTF-8.",
        );
        return outcome::refused(Phase::NotJson, media, refusal, call);
    }
    // Nobody's body is read before it's known whose it is.
    let identity = match identify(&*door.authenticate, &parts.headers, call).await {
        Ok(identity) => identity,
        Err(refusal) => return outcome::unauthenticated(refusal, media, call),
    };
    let body = match read(body, &door.config).await {
        Ok(body) => body,
        Err((phase, refusal)) => return outcome::refused(phase, media, refusal, call),
    };
    match envelope::from_body(&body) {
        Ok(question) => {
            execute(
                &door.executor,
                question,
                identity.data,
                Transport::Post,
                media,
                call,
            )
            .await
        }
        Err(refusal) => outcome::refused(Phase::Malformed, media, refusal, call),
    }
}

/// Answers a GET, or opens a WebSocket.
pub(super) async fn get<E: Executor>(
    State(door): State<Arc<Door<E>>>,
    Extension(call): Extension<Call>,
    request: Request,
) -> Response {
    let (mut parts, _) = request.into_parts();
    if parts.headers.get(http::header::UPGRADE).is_some() {
        return upgrade(door, &mut parts, call).await;
    }
    let Some(media) = Media::negotiate(&parts.headers) else {
        return not_acceptable(call);
    };
    let identity = match identify(&*door.authenticate, &parts.headers, call).await {
        Ok(identity) => identity,
        Err(refusal) => return outcome::unauthenticated(refusal, media, call),
    };
    let parameters =
        Query::<HashMap<String, String>>::try_from_uri(&parts.uri).map(|query| query.0);
    match envelope::from_parameters(parameters.unwrap_or_default()) {
        Ok(question) => {
            execute(
                &door.executor,
                question,
                identity.data,
                Transport::Get,
                media,
                call,
            )
            .await
        }
        Err(refusal) => outcome::refused(Phase::Malformed, media, refusal, call),
    }
}

async fn identify(
    authenticate: &dyn Authenticate,
    headers: &HeaderMap,
    call: Call,
) -> Result<super::Identity, super::AuthRefusal> {
    authenticate
        .authenticate(&CallHeaders::of(headers, call)?)
        .await
}

async fn execute<E: Executor>(
    executor: &E,
    mut question: Question,
    data: async_graphql::Data,
    transport: Transport,
    media: Media,
    call: Call,
) -> Response {
    let progress = Progress::default();
    question.data = data;
    let question = question
        .data(progress.clone())
        .data(transport)
        .data(call)
        .data(call.lang);
    let answer = AssertUnwindSafe(executor.execute(question)).catch_unwind();
    match tokio::time::timeout(ANSWER, answer).await {
        Ok(Ok(answer)) => outcome::answered(answer, &progress, media, call),
        Ok(Err(_)) => {
            tracing::error!("a resolver panicked");
            outcome::broken(call)
        }
        // What was begun goes on in a task of its own; whoever repeats it with its key is told what came of it.
        Err(_) => {
            tracing::warn!("an answer took too long");
            let refusal = Refusal::new(
                FaultCode::Unavailable,
                "处理超时，无法确定是否已办理，请稍后用同一幂等键重试",
                "This took too long, and it is not known whether it was done: repeat shortly, with the same idempotency key.",
            );
            outcome::refused(Phase::Later, media, refusal, call)
        }
    }
}

/// Reads a body within its size and time.
async fn read(body: Body, config: &TransportConfig) -> Result<Bytes, (Phase, Refusal)> {
    let limit = config.body_bytes;
    if axum::body::HttpBody::size_hint(&body).lower() > limit as u64 {
        return Err((Phase::TooLarge, too_large(limit)));
    }
    match tokio::time::timeout(config.body_timeout, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err((Phase::TooLarge, too_large(limit)))
        }
        Ok(Err(_)) => Err((
            Phase::Malformed,
            Refusal::new(
                FaultCode::RequestMalformed,
                "请求体不完整",
                "The body broke off: send it again.",
            ),
        )),
        Err(_) => Err((
            Phase::TooSlow,
            Refusal::new(
                FaultCode::RequestTimeout,
                "请求体接收超时，请重试",
                "The body took too long to arrive: send it again.",
            ),
        )),
    }
}

fn too_large(limit: usize) -> Refusal {
    Refusal::new(
        FaultCode::RequestTooLarge,
        format!("请求体超过 {limit} 字节，请减小；文件内容不随请求提交，只登记文件名和 SHA-256"),
        format!(
            "The body is larger than {limit} bytes: send less; files are recorded by name and SHA-256, and not sent."
        ),
    )
}

fn not_acceptable(call: Call) -> Response {
    let refusal = Refusal::new(
        FaultCode::NotAcceptable,
        "仅提供 application/json 与 application/graphql-response+json",
        "Accept `application/json` or `application/graphql-response+json`.",
    );
    outcome::refused(Phase::NotAcceptable, Media::Json, refusal, call)
}

async fn upgrade<E: Executor>(door: Arc<Door<E>>, parts: &mut Parts, call: Call) -> Response {
    if !origin::allowed(&parts.headers, &door.config.origins) {
        let refusal = Refusal::new(
            FaultCode::OriginForbidden,
            "该网页来源不允许建立连接，请由管理员登记来源",
            "Pages of this origin may not open sockets: have the administrator list it.",
        );
        return outcome::refused(Phase::Forbidden, Media::Json, refusal, call);
    }
    let headers = match CallHeaders::of(&parts.headers, call) {
        Ok(headers) => headers,
        Err(refusal) => return outcome::unauthenticated(refusal, Media::Json, call),
    };
    let permit = parts.extensions.get::<ConnectionPermit>().cloned();
    match WebSocketUpgrade::from_request_parts(parts, &()).await {
        Ok(upgrade) => {
            let bytes = door.config.socket.message_bytes;
            upgrade
                .max_message_size(bytes)
                .max_frame_size(bytes)
                // The library would hold 128 KiB for each of them, for as long as it is open.
                .read_buffer_size(SOCKET_BUFFER)
                .protocols([websocket::PROTOCOL])
                .on_upgrade(move |socket| async move {
                    websocket::converse(socket, &door, headers.bearer, call).await;
                    // Held until here: an open socket counts as a connection.
                    drop(permit);
                })
        }
        Err(rejection) => rejection.into_response(),
    }
}
