//! What else is bounded: memory, the time to the first answer, the size of the binary.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lianshen::error::AppError;

use crate::load::{Pace, load};
use crate::operation::Operation;
use crate::program::Program;
use crate::world::World;

/// What was found.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// KiB of the binary, stripped as it is built.
    pub binary_kib: u64,
    /// Times to the first answer.
    pub first_answers: Vec<Duration>,
    /// Anonymous memory at rest, KiB.
    pub idle_kib: u64,
    /// The most that was seen at 64 connections, KiB.
    pub busy_kib: u64,
    /// Seconds into the run, and KiB then.
    pub course: Vec<(u64, u64)>,
}

/// Measures them: five starts, then a run at 64 connections for so long.
///
/// # Errors
/// When the program does not start or answer.
pub async fn measure(binary: &Path, database: &str, run: Duration) -> Result<Bounds, AppError> {
    let size = std::fs::metadata(binary).map_err(AppError::internal)?.len();
    let mut first_answers = Vec::new();
    for _ in 0..5 {
        let program = Program::start(binary, database).await?;
        first_answers.push(program.first_answer);
        program.stop().await?;
    }
    first_answers.sort_unstable();
    let program = Program::start(binary, database).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle_kib = program.anonymous_kib()?;
    let world = Arc::new(World::open(database, program.address).await?);
    let began = Instant::now();
    let mut course = Vec::new();
    let mix = [Operation::R1, Operation::R2, Operation::R4, Operation::W1];
    let part = Duration::from_secs(5).min(run / 8);
    let mut at = 0;
    while began.elapsed() < run {
        let operation = mix[at % mix.len()];
        at += 1;
        let reached = load(
            program.address,
            &world,
            operation,
            64,
            Pace::Closed,
            part.max(Duration::from_millis(500)),
        )
        .await?;
        if let Some(fault) = reached.fault {
            return Err(AppError::internal(format!("{operation}: {fault}")));
        }
        course.push((began.elapsed().as_secs(), program.anonymous_kib()?));
    }
    program.stop().await?;
    let busy_kib = course.iter().map(|(_, kib)| *kib).max().unwrap_or(0);
    Ok(Bounds {
        binary_kib: size / 1024,
        first_answers,
        idle_kib,
        busy_kib,
        course,
    })
}
