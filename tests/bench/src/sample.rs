//! One life, lived through the program while somebody watches what each act writes.

use std::net::SocketAddr;
use std::sync::Arc;

use lianshen::error::AppError;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;

use crate::limit::raw;
use crate::operation::Client;
use crate::replay::{Change, Watcher};
use crate::world::World;

/// What the acts of a life wrote.
#[derive(Debug)]
pub struct Sample {
    /// Submitting and accepting.
    pub submitted: Change,
    /// Each opinion.
    pub opinions: Vec<Change>,
    /// Each decision.
    pub decisions: Vec<Change>,
    /// The delivery.
    pub delivered: Change,
}

/// Lives it.
///
/// # Errors
/// When the program refuses an act.
pub async fn live(
    watcher: &mut Watcher<'_>,
    address: SocketAddr,
    world: &Arc<World>,
) -> Result<Sample, AppError> {
    let random = SmallRng::seed_from_u64(1);
    let mut client = Client::open(address, world.clone(), random).await?;
    let application = client.submit().await?;
    watcher.of(raw(&application.application)?);
    let submitted = watcher.change().await?;
    let mut opinions = Vec::new();
    for waiting in &application.reviews {
        client.agree(waiting).await?;
        opinions.push(watcher.change().await?);
    }
    let mut decisions = Vec::new();
    for waiting in &application.reviews {
        client.grant(waiting).await?;
        decisions.push(watcher.change().await?);
    }
    client.deliver(&application).await?;
    let delivered = watcher.change().await?;
    Ok(Sample {
        submitted,
        opinions,
        decisions,
        delivered,
    })
}
