//! How a call ended, and how that is written down.

use async_graphql::{ErrorExtensionValues, Response as Answer, ServerError};
use axum::{body::Body, response::Response};
use http::{
    HeaderValue, StatusCode,
    header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde::Serialize;

use super::{authenticate::AuthRefusal, call::Call, media::Media};
use crate::graphql::fault::FaultCode;
use crate::graphql::{Progress, Refusal, Stage};
use lianshen_domain::code::Code as _;

/// What people are told of a fault of ours, in Chinese and in English.
const FAULT: (&str, &str) = (
    "系统内部错误，请凭请求编号联系管理员",
    "Internal error: give the request id to the administrator.",
);

/// How far a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    NotAcceptable,
    NotJson,
    HeadTooLarge,
    TooLarge,
    TooSlow,
    Unauthenticated,
    Forbidden,
    Malformed,
    Refused,
    WrongTransport,
    Invalid,
    Executed,
    /// Nothing could be done just now; the same call may be repeated shortly.
    Later,
    Broken,
}

/// The status of an answer. This is the only place that knows: the draft of GraphQL over HTTP changes its mind.
///
/// It follows the audits of graphql-http 1.23.1: under `application/json` a document that cannot be parsed or
/// validated is an ordinary answer, under `application/graphql-response+json` it is a bad request.
pub(super) fn status(phase: Phase, media: Media) -> StatusCode {
    match (phase, media) {
        (Phase::NotAcceptable, _) => StatusCode::NOT_ACCEPTABLE,
        (Phase::NotJson, _) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        (Phase::HeadTooLarge, _) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        (Phase::TooLarge, _) => StatusCode::PAYLOAD_TOO_LARGE,
        (Phase::TooSlow, _) => StatusCode::REQUEST_TIMEOUT,
        (Phase::Unauthenticated, _) => StatusCode::UNAUTHORIZED,
        (Phase::Forbidden, _) => StatusCode::FORBIDDEN,
        (Phase::WrongTransport, _) => StatusCode::METHOD_NOT_ALLOWED,
        (Phase::Malformed | Phase::Refused, _) | (Phase::Invalid, Media::GraphQl) => {
            StatusCode::BAD_REQUEST
        }
        (Phase::Invalid, Media::Json) | (Phase::Executed, _) => StatusCode::OK,
        (Phase::Later, _) => StatusCode::SERVICE_UNAVAILABLE,
        (Phase::Broken, _) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The codes of what passes: whoever repeats the call shortly is answered.
fn passes(code: FaultCode) -> bool {
    matches!(code, FaultCode::Busy | FaultCode::Unavailable)
}

/// Whether an answer holds nothing but that nothing could be done just now.
fn is_for_later(answer: &Answer) -> bool {
    let passes = |error: &ServerError| {
        let code = error
            .extensions
            .as_ref()
            .and_then(|extensions| extensions.get("code"));
        matches!(code, Some(async_graphql::Value::String(code)) if FaultCode::from_code(code).is_some_and(passes))
    };
    answer.data == async_graphql::Value::Null
        && !answer.errors.is_empty()
        && answer.errors.iter().all(passes)
}

/// Writes the answer of an executor.
pub(super) fn answered(
    mut answer: Answer,
    progress: &Progress,
    media: Media,
    call: Call,
) -> Response {
    let phase = match progress.stage() {
        Stage::Executing if is_for_later(&answer) => Phase::Later,
        Stage::Executing => Phase::Executed,
        Stage::Received => Phase::Invalid,
        Stage::Refused => Phase::Refused,
        Stage::WrongTransport => Phase::WrongTransport,
    };
    complete(&mut answer, progress, call);
    let headers = std::mem::take(&mut answer.http_headers);
    let data = matches!(phase, Phase::Executed | Phase::Later).then_some(&answer.data);
    let mut response = written(
        phase,
        media,
        &Document {
            data,
            errors: &answer.errors,
            extensions: &answer.extensions,
        },
        call,
    );
    response.headers_mut().extend(headers);
    response
}

/// Gives every error a code, and those of ours the request id.
pub(super) fn complete(answer: &mut Answer, progress: &Progress, call: Call) {
    let missing = if progress.stage() == Stage::Executing {
        FaultCode::InputInvalid
    } else {
        FaultCode::GraphqlValidationFailed
    };
    for error in &mut answer.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            // So the library reports that a value was not laid into the context: by the name of its Rust type.
            let ours = error.message.starts_with("Data `");
            let code = if ours { FaultCode::Internal } else { missing };
            extensions.set("code", code.code());
        }
        if matches!(extensions.get("code"), Some(async_graphql::Value::String(code)) if code == FaultCode::Internal.code())
        {
            extensions.set("requestId", call.request_id.to_string());
            call.lang
                .pick(FAULT.0, FAULT.1)
                .clone_into(&mut error.message);
        }
    }
}

/// Turns a call away before its document was looked at.
pub(super) fn refused(phase: Phase, media: Media, refusal: Refusal, call: Call) -> Response {
    failed(phase, media, refusal.into_error(call.lang), call)
}

/// Turns away a caller whom nobody vouches for, or of whom nobody could be asked just now: whoever is told so keeps the
/// session and asks again.
pub(super) fn unauthenticated(refusal: AuthRefusal, media: Media, call: Call) -> Response {
    let phase = if passes(refusal.code) {
        Phase::Later
    } else {
        Phase::Unauthenticated
    };
    let mut error = coded(refusal.code, refusal.message);
    if let Some(reason) = refusal.reason {
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("reason", reason);
    }
    failed(phase, media, error, call)
}

/// Answers for a fault of ours.
pub(super) fn broken(call: Call) -> Response {
    failed(Phase::Broken, Media::Json, internal(call), call)
}

/// The error that stands for a fault of ours.
pub(super) fn internal(call: Call) -> ServerError {
    let message = call.lang.pick(FAULT.0, FAULT.1);
    let mut error = coded(FaultCode::Internal, message);
    error
        .extensions
        .get_or_insert_default()
        .set("requestId", call.request_id.to_string());
    error
}

/// An error with a code.
pub(super) fn coded(code: FaultCode, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.code());
    error.extensions = Some(extensions);
    error
}

fn failed(phase: Phase, media: Media, error: ServerError, call: Call) -> Response {
    let extensions = std::collections::BTreeMap::new();
    written(
        phase,
        media,
        &Document {
            data: None,
            errors: &[error],
            extensions: &extensions,
        },
        call,
    )
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a async_graphql::Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    extensions: &'a std::collections::BTreeMap<String, async_graphql::Value>,
}

fn written(phase: Phase, media: Media, document: &Document<'_>, call: Call) -> Response {
    let (status, body) = if let Ok(body) = serde_json::to_vec(document) {
        (status(phase, media), body)
    } else {
        tracing::error!(request_id = %call.request_id, "an answer could not be written as JSON");
        (StatusCode::INTERNAL_SERVER_ERROR, Vec::new())
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media.content_type());
    match phase {
        Phase::WrongTransport => {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        Phase::Unauthenticated => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Phase::Later => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        // The rest of the request is not worth reading.
        Phase::HeadTooLarge | Phase::TooLarge | Phase::TooSlow => {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    response
}
