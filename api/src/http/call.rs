//! One call: its id, its language and where it came from.

use std::net::IpAddr;

use uuid::Uuid;

use lianshen_domain::lang::Lang;

/// Laid into the extensions of every request by [`super::framed`], and into the data of every operation.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The id that stands in `x-request-id`, in the log and in internal errors.
    pub request_id: Uuid,
    /// The language for people, from `Accept-Language`.
    pub lang: Lang,
    /// Where it came from: the other end of the connection or whom a trusted proxy there names, if the accept loop is
    /// ours.
    pub peer: Option<IpAddr>,
}
