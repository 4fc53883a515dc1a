//! The program: command line, runtime, run.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use lianshen::cli::{self, Cli};

/// An answer of fifty rows is some thousand small pieces of memory, which threads hand to each other; the allocator of the
/// C library keeps two to three times as much of it afterwards.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Resolving a deep document needs much stack; the bounds of documents are the first belt, this is the second.
        .thread_stack_size(8 * 1024 * 1024)
        .build();
    match runtime {
        // In a task, because the main thread keeps the stack that the system gave it.
        Ok(runtime) => runtime
            .block_on(runtime.spawn(cli::run(cli)))
            .unwrap_or(ExitCode::FAILURE),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "lianshen: cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
