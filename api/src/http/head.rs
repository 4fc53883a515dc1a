//! What the head of a request must be, beyond what the parser of HTTP asks.
//!
//! A head that two readers may understand differently is how one of them is fooled: a proxy that goes by the first `Host`
//! and a program that goes by the last (RFC 9112, section 3.2). So what may stand there once is refused when it stands
//! there twice.

use axum::extract::Request;
use http::{
    HeaderMap, Version,
    header::{AUTHORIZATION, HOST},
    uri::Authority,
};

use super::outcome::Phase;
use crate::graphql::Refusal;
use crate::graphql::fault::FaultCode;

/// The largest head of a request in bytes. The parser itself lets a head pass that has grown to twice of it at once.
pub(super) const BYTES: usize = 32 * 1024;

/// Why a request is turned away by its head alone.
pub(super) fn fault(request: &Request) -> Option<(Phase, Refusal)> {
    let headers = request.headers();
    if length(request) > BYTES {
        let refusal = Refusal::new(
            FaultCode::RequestHeadTooLarge,
            format!("请求头超过 {BYTES} 字节，请减小"),
            format!("The head of the request is larger than {BYTES} bytes: send less in it."),
        );
        return Some((Phase::HeadTooLarge, refusal));
    }
    let malformed = if !is_host_clear(headers, request.version()) {
        Refusal::new(
            FaultCode::RequestMalformed,
            "请求必须且只能带一个有效的 Host",
            "Send exactly one valid `Host`.",
        )
    } else if headers.get_all(AUTHORIZATION).iter().nth(1).is_some() {
        Refusal::new(
            FaultCode::RequestMalformed,
            "Authorization 只能出现一次",
            "Send `Authorization` once.",
        )
    } else {
        return None;
    };
    Some((Phase::Malformed, malformed))
}

/// How long the head was, at least; white space beside values is not counted.
fn length(request: &Request) -> usize {
    let uri = request.uri();
    let target = uri.path_and_query().map_or(0, |path| path.as_str().len())
        + uri.authority().map_or(0, |host| host.as_str().len());
    let line = request.method().as_str().len() + target + "  HTTP/1.1\r\n".len();
    let fields = request.headers().iter();
    let fields = fields.map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    line + fields.sum::<usize>() + "\r\n".len()
}

/// One `Host` that names a host; before HTTP/1.1 there may be none.
fn is_host_clear(headers: &HeaderMap, version: Version) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version < Version::HTTP_11,
        (Some(host), None) => host
            .to_str()
            .is_ok_and(|host| !host.contains('@') && host.parse::<Authority>().is_ok()),
        (Some(_), Some(_)) => false,
    }
}
