//! The command line of the measuring stick.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use lianshen_bench::cluster::Cluster;
use lianshen_bench::duel::{Duel, Side, Terms};
use lianshen_bench::grow::{Growth, grow};
use lianshen_bench::load::Pace;
use lianshen_bench::operation::Operation;
use lianshen_bench::{bounds, program, report, soundness, sweep};

/// Measures lianshen against the limit of the database, in one run on one machine.
///
/// Everything listens on the loopback. Ratios are what counts; absolute numbers are those of the machine.
#[derive(Debug, Parser)]
#[command(name = "lianshen-bench", version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Everything, into BENCHMARKS.md (some minutes to grow, some to measure):
  cargo run --release -p lianshen-bench -- all --write BENCHMARKS.md
A quick look:
  lianshen-bench all --applications 5000 --rounds 1 --seconds 2
Step by step:
  lianshen-bench generate --database sqlite:/tmp/grown.db --applications 5000
  lianshen-bench load --database sqlite:/tmp/grown.db --operations r1,w1
  lianshen-bench load --database sqlite:/tmp/grown.db --operations r1 --rate 500
  lianshen-bench limits --postgres postgres://… --operations r1,w1
  lianshen-bench examine --database sqlite:/tmp/grown.db";

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
        /// The same seed grows the same centre on the same day.
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// Say whether a database is sound: its chain, every due date, its serial numbers.
    Examine {
        /// `sqlite:PATH` or `postgres://…`.
        #[arg(long)]
        database: String,
    },
    /// Load the program on a grown database, and say what it reached.
    Load {
        /// `sqlite:PATH` or `postgres://…`.
        #[arg(long)]
        database: String,
        #[command(flatten)]
        measure: Measure,
        /// So many a second whatever the answers take, instead of as fast as the clients can.
        #[arg(long)]
        rate: Option<f64>,
    },
    /// Load the program and its limit in turn, on databases that were grown before.
    Limits {
        /// `postgres://…`.
        #[arg(long)]
        postgres: Option<String>,
        /// `sqlite:PATH`.
        #[arg(long)]
        sqlite: Option<String>,
        #[command(flatten)]
        measure: Measure,
    },
    /// Measure the sweep for deadlines. Afterwards some applications have been swept once more.
    Sweep {
        /// `sqlite:PATH` or `postgres://…`.
        #[arg(long)]
        database: String,
    },
    /// Measure memory, the first answer and the size of the binary.
    Bounds {
        /// `sqlite:PATH` or `postgres://…`.
        #[arg(long)]
        database: String,
        /// The program; built from these sources if it is not named.
        #[arg(long)]
        binary: Option<PathBuf>,
        /// Seconds of the run at 64 connections.
        #[arg(long, default_value_t = 60)]
        run: u64,
    },
    /// All of it: grow on both engines, measure, and print what goes into BENCHMARKS.md.
    All {
        /// How many applications, about four reviews each.
        #[arg(long, default_value_t = 200_000)]
        applications: u64,
        #[command(flatten)]
        measure: Measure,
        /// Seconds of the run at 64 connections, in which memory is watched.
        #[arg(long, default_value_t = 60)]
        run: u64,
        /// A folder for the databases, on the disk that is to be measured.
        #[arg(long)]
        folder: Option<PathBuf>,
        /// Leave PostgreSQL out.
        #[arg(long)]
        without_postgres: bool,
        /// Leave SQLite out.
        #[arg(long)]
        without_sqlite: bool,
        /// Append the result to this file.
        #[arg(long)]
        write: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
struct Measure {
    /// The program; built from these sources if it is not named.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// How many clients.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// How many rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds that each contestant has in a round.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// What is measured, in this order.
    #[arg(long, value_delimiter = ',', value_enum, default_values_t = Operation::ALL)]
    operations: Vec<Operation>,
}

impl Measure {
    fn terms(&self) -> Terms {
        Terms {
            clients: self.clients,
            rounds: self.rounds,
            time: Duration::from_secs(self.seconds.max(1)),
            operations: self.operations.clone(),
        }
    }
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

async fn run(cli: Cli) -> Result<(), Box<dyn Error>> {
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
            print!("{}", report::grown("Grown", &grow(&growth).await?));
        }
        Command::Examine { database } => {
            let found = soundness::examine(&database).await?;
            println!("{found:#?}");
            if !found.is_sound() {
                return Err("the database is not sound".into());
            }
        }
        Command::Load {
            database,
            measure,
            rate,
        } => {
            let binary = program::binary(measure.binary.as_deref()).await?;
            let side = Side::start(&binary, &database).await?;
            let terms = measure.terms();
            let pace = rate.map_or(Pace::Closed, Pace::Fixed);
            println!(
                "| operation | /s | p50 ms | p90 ms | p99 ms | max ms | failed |\n|---|---:|---:|---:|---:|---:|---:|"
            );
            for operation in &terms.operations {
                for _ in 0..terms.rounds {
                    let reached = side
                        .once(*operation, terms.clients, pace, terms.time)
                        .await?;
                    let at = |quantile| reached.milliseconds(quantile);
                    println!(
                        "| {operation} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} | {} |",
                        reached.rate(),
                        at(0.5),
                        at(0.9),
                        at(0.99),
                        at(1.0),
                        reached.failed
                    );
                    if let Some(fault) = &reached.fault {
                        eprintln!("{operation}: {fault}");
                    }
                }
            }
            side.stop().await?;
        }
        Command::Limits {
            postgres,
            sqlite,
            measure,
        } => {
            let binary = program::binary(measure.binary.as_deref()).await?;
            let text = duel(
                &binary,
                postgres.as_deref(),
                sqlite.as_deref(),
                &measure.terms(),
            )
            .await?;
            print!("{text}");
        }
        Command::Sweep { database } => {
            let swept = sweep::measure(&database).await?;
            print!("{}", report::swept(engine(&database), &swept));
        }
        Command::Bounds {
            database,
            binary,
            run,
        } => {
            let binary = program::binary(binary.as_deref()).await?;
            let found = bounds::measure(&binary, &database, Duration::from_secs(run)).await?;
            print!("{}", report::bounds(engine(&database), &found));
        }
        Command::All {
            applications,
            measure,
            run,
            folder,
            without_postgres,
            without_sqlite,
            write,
        } => {
            let binary = program::binary(measure.binary.as_deref()).await?;
            let folder = folder.unwrap_or_else(std::env::temp_dir);
            let folder = folder.join(format!("lianshen-bench-{}", std::process::id()));
            std::fs::create_dir_all(&folder)?;
            let sqlite =
                (!without_sqlite).then(|| format!("sqlite:{}", folder.join("grown.db").display()));
            let cluster = if without_postgres {
                None
            } else {
                Some(Cluster::start(&folder.join("cluster")).await?)
            };
            let postgres = cluster.as_ref().map(|cluster| cluster.url.clone());
            let run = Duration::from_secs(run);
            let outcome = all(
                &binary,
                (postgres.as_deref(), sqlite.as_deref()),
                applications,
                &measure.terms(),
                run,
            )
            .await;
            if let Some(cluster) = cluster {
                cluster.stop().await?;
            }
            std::fs::remove_dir_all(&folder)?;
            let text = outcome?;
            println!("{text}");
            if let Some(file) = write {
                let before = std::fs::read_to_string(&file).unwrap_or_default();
                std::fs::write(&file, format!("{before}\n{text}"))?;
            }
        }
    }
    Ok(())
}

async fn duel(
    binary: &Path,
    postgres: Option<&str>,
    sqlite: Option<&str>,
    terms: &Terms,
) -> Result<String, Box<dyn Error>> {
    let mut duel = Duel::start(binary, postgres, sqlite).await?;
    let mut outcomes = Vec::new();
    for operation in &terms.operations {
        let found = duel.run(terms, *operation).await?;
        // Somebody may be waiting for it.
        eprint!("{}", report::rounds(&found));
        outcomes.extend(found);
    }
    duel.stop().await?;
    Ok(report::rounds(&outcomes))
}

async fn all(
    binary: &Path,
    (postgres, sqlite): (Option<&str>, Option<&str>),
    applications: u64,
    terms: &Terms,
    run: Duration,
) -> Result<String, Box<dyn Error>> {
    let mut text = report::heading(&format!(
        "{applications} applications, {} clients, {} rounds of {} s",
        terms.clients,
        terms.rounds,
        terms.time.as_secs()
    ));
    for database in [postgres, sqlite].into_iter().flatten() {
        let grown = grow(&Growth::of(database, applications)).await?;
        let told = report::grown(engine(database), &grown);
        eprint!("{told}");
        text.push_str(&told);
    }
    if let Some(database) = postgres {
        text.push_str(&report::version(database).await?);
    }
    text.push_str(&duel(binary, postgres, sqlite, terms).await?);
    for database in [postgres, sqlite].into_iter().flatten() {
        let swept = sweep::measure(database).await?;
        text.push_str(&report::swept(engine(database), &swept));
        let found = bounds::measure(binary, database, run).await?;
        text.push_str(&report::bounds(engine(database), &found));
    }
    Ok(text)
}

fn engine(database: &str) -> &'static str {
    if database.starts_with("postgres") {
        "PostgreSQL"
    } else {
        "SQLite"
    }
}
