//! How far a request came, and by which way it arrived.

use std::{
    any::{Any, TypeId},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use async_graphql::Request;

/// The way by which a document arrived. Laid into the request's data by the transport; without it nothing is refused
/// for its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// POST carries queries and mutations.
    Post,
    /// GET carries queries only, so that no link can make a browser act.
    Get,
    /// A WebSocket carries subscriptions and queries. A mutation would be cut off half way by a lost connection.
    Socket,
}

/// How far a document came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It has not begun to execute: what is wrong with it is the caller's to mend.
    Received,
    /// It passed a limit of ours and was not even validated.
    Refused,
    /// It's a mutation that did not come by POST.
    WrongTransport,
    /// It began to execute, so there is a `data` to answer.
    Executing,
}

/// A mark that the transport lays into the request's data and reads afterwards: the answer alone cannot tell an
/// operation that never began from one whose result is null.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU8>);

impl Progress {
    /// How far it came.
    pub fn stage(&self) -> Stage {
        match self.0.load(Ordering::Acquire) {
            0 => Stage::Received,
            1 => Stage::Refused,
            2 => Stage::WrongTransport,
            _ => Stage::Executing,
        }
    }

    pub(super) fn mark(&self, stage: Stage) {
        let mark = match stage {
            Stage::Received => 0,
            Stage::Refused => 1,
            Stage::WrongTransport => 2,
            Stage::Executing => 3,
        };
        self.0.store(mark, Ordering::Release);
    }
}

/// A value that the transport has laid into the request.
pub(super) fn laid_in<T: Any + Clone + Send + Sync>(request: &Request) -> Option<T> {
    let value = request.data.get(&TypeId::of::<T>())?;
    value.downcast_ref::<T>().cloned()
}
