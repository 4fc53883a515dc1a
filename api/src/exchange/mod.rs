//! Exchange with other government systems: asking for what they hold already (数据共享).
//!
//! Whom a centre is connected to stands behind one interface, [`Connector`]; what is asked for, how often, and what becomes
//! of it is none of its business. The connector at hand asks the exchange front end of the region (前置机) over HTTP
//! ([`Post`]); another one is another `impl`.

mod connector;
mod post;
mod round;

pub use connector::Connector;
pub use post::Post;
pub use round::Asking;
