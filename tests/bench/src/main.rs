//! The command line of the measuring stick.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use lianshen_bench::grow::{Growth, grow};
use lianshen_bench::soundness;

/// Measures lianshen against the limit of the database.
#[derive(Debug, Parser)]
#[command(name = "lianshen-bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Grow a centre in an empty database.
    Generate {
        /// `sqlite:PATH` or `postgres://…`.
        #[arg(long)]
        database: String,
        /// How many applications, about four reviews each.
        #[arg(long, default_value_t = 200_000)]
        applications: u64,
        /// The same seed grows the same centre.
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// Say whether a database is sound: its chain, every due date, its serial numbers.
    Examine {
        /// `sqlite:PATH` or `postgres://…`.
        #[arg(long)]
        database: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lianshen-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    match cli.command {
        Command::Generate {
            database,
            applications,
            seed,
        } => {
            let growth = Growth {
                seed,
                ..Growth::of(&database, applications)
            };
            let grown = grow(&growth).await?;
            println!("{grown:?}");
        }
        Command::Examine { database } => {
            let found = soundness::examine(&database).await?;
            println!("{found:#?}");
            if !found.is_sound() {
                return Err("the database is not sound".into());
            }
        }
    }
    Ok(())
}
