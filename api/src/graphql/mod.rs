//! GraphQL: what every document passes before it is executed, and how failures are written into an answer.

pub mod expansion;
pub mod guard;
pub mod limits;
pub mod null_propagation;
pub mod progress;
pub mod refusal;
pub mod scan;

pub use guard::{DocumentGuard, guarded};
pub use limits::DocumentLimits;
pub use progress::{Progress, Stage, Transport};
pub use refusal::Refusal;
