//! Whether the program survives: it runs as a process of its own under load, is hurt in every way that we know, and
//! afterwards everything that it acknowledged is there exactly once.
//!
//! ```text
//! lianshen-survival [--engine sqlite|postgres|both] [--only FAULT,…] [--short] [--cycles N] [--seconds S]
//!                   [--seed N] [--program FILE]
//! lianshen-survival program …         the program itself, as `lianshen …`
//! ```
//!
//! `--cycles` is how often the program is killed (100), `--seconds` the longest time that it works between two kills (2).
//! `--program` names another program than the one that the harness was linked with. `--short` is what the tests run.
//! It ends with another status than 0 if anything was lost, doubled, or left undone. Everything talks to the loopback only.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a harness ends where it cannot go on, as a test does"
)]

mod backup;
mod checker;
mod faults;
mod hall;
mod journal;
mod lives;
mod program;
mod proxy;
mod selftest;
mod stage;
mod store;

#[path = "../support/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "what the tests stand on, of which this needs a part"
)]
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::Parser;
use faults::Measure;
use stage::{Report, Settings};
use store::{Cluster, Engine};

/// Hurts the program and sees whether it survives.
#[derive(Debug, Parser)]
#[command(args_override_self = true)]
struct Arguments {
    /// On which database: sqlite, postgres or both.
    #[arg(long, default_value = "both", value_parser = ["sqlite", "postgres", "both"])]
    engine: String,
    /// Only these faults.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// A little of each.
    #[arg(long)]
    short: bool,
    /// How often the program is killed.
    #[arg(long)]
    cycles: Option<u32>,
    /// The longest time between two kills, in seconds.
    #[arg(long)]
    seconds: Option<f64>,
    /// Where the dice begin.
    #[arg(long)]
    seed: Option<u64>,
    /// The program, if it is not the one inside.
    #[arg(long)]
    program: Option<PathBuf>,
    /// A folder on a file system with little room; the harness mounts one itself where it may.
    #[arg(long)]
    small_disk: Option<PathBuf>,
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("program") {
        let words = std::env::args()
            .enumerate()
            .filter(|(at, _)| *at != 1)
            .map(|(_, word)| word);
        return runtime().block_on(lianshen::cli::run(lianshen::cli::Cli::parse_from(words)));
    }
    let arguments = Arguments::parse();
    let unknown = arguments
        .only
        .iter()
        .find(|only| !FAULTS.contains(&only.as_str()));
    if let Some(unknown) = unknown {
        eprintln!(
            "there is no fault {unknown}; there are {}",
            FAULTS.join(", ")
        );
        return ExitCode::from(2);
    }
    std::panic::set_hook(Box::new(|panic| {
        // What the checker looks for, it tells itself.
        if !checker::IS_LOOKING.load(std::sync::atomic::Ordering::Relaxed) {
            eprintln!("{panic}");
        }
    }));
    let mut code = ExitCode::SUCCESS;
    for engine in ["sqlite", "postgres"] {
        if arguments.engine != engine && arguments.engine != "both" {
            continue;
        }
        let is_sound = match (engine, &arguments.small_disk) {
            ("sqlite", None) => {
                with_small_disk().unwrap_or_else(|| runtime().block_on(run(engine, &arguments)))
            }
            _ => runtime().block_on(run(engine, &arguments)),
        };
        if !is_sound {
            code = ExitCode::from(FAILED);
        }
    }
    code
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder
        .enable_all()
        .thread_stack_size(8 * 1024 * 1024)
        .build()
        .unwrap()
}

/// Runs this program again where it sees a small file system that nobody else sees and that goes with it; none where the
/// system does not allow that.
fn with_small_disk() -> Option<bool> {
    const MOUNT: &str =
        "mount -t tmpfs -o size=24m,mode=0700 lianshen \"$1\" || exit 97; shift; exec \"$@\"";
    let folder = std::env::temp_dir().join(format!("lianshen-small-disk.{}", std::process::id()));
    std::fs::create_dir(&folder).ok()?;
    let place = folder.display().to_string();
    let me = std::env::current_exe().ok()?;
    let mut outcome = None;
    for way in [&["--mount"][..], &["--user", "--map-root-user", "--mount"]] {
        let mut command = Command::new("unshare");
        command
            .args(way)
            .args(["sh", "-c", MOUNT, "sh", &place])
            .arg(&me);
        command
            .args(std::env::args().skip(1))
            .args(["--engine", "sqlite", "--small-disk", &place]);
        let status = command.status().ok()?;
        // With 1 unshare says that it may not; with 97 we say that mounting failed. Then the next way is tried.
        if !matches!(status.code(), Some(1 | 97)) {
            outcome = Some(status.success());
            break;
        }
    }
    let _ = std::fs::remove_dir(&folder);
    outcome
}

/// With what a run ends that found something.
const FAILED: u8 = 7;

async fn run(engine: &'static str, arguments: &Arguments) -> bool {
    let folder =
        std::env::temp_dir().join(format!("lianshen-survival.{}.{engine}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let seed = arguments
        .seed
        .unwrap_or_else(|| rand::random_range(0..1_000_000));
    let measure = if arguments.short {
        Measure {
            cycles: 10,
            seconds: 0.6,
            rounds: 1,
            absence: 4.0,
        }
    } else {
        Measure {
            cycles: 100,
            seconds: 2.0,
            rounds: 4,
            absence: 60.0,
        }
    };
    let measure = Measure {
        cycles: arguments.cycles.unwrap_or(measure.cycles),
        seconds: arguments.seconds.unwrap_or(measure.seconds),
        ..measure
    };
    println!(
        "survival on {engine}, seed {seed}, {} kills, in {}",
        measure.cycles,
        folder.display()
    );
    let settings = Settings {
        engine: if engine == "sqlite" {
            Engine::Sqlite
        } else {
            Engine::Postgres(Cluster::start(&folder.join("cluster")).await)
        },
        folder: folder.clone(),
        program: arguments.program.clone(),
        seed,
    };
    let mut reports = BTreeMap::new();
    for name in names(&settings, arguments.small_disk.is_some()) {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|only| only == name) {
            continue;
        }
        let began = Instant::now();
        let report = one(name, &settings, arguments.small_disk.as_deref(), measure).await;
        println!("{}", line(name, &report, began.elapsed().as_secs_f64()));
        reports.insert(name, report);
    }
    if let Engine::Postgres(cluster) = settings.engine {
        cluster.stop().await;
    }
    let is_sound = summary(engine, seed, &reports);
    if is_sound {
        let _ = std::fs::remove_dir_all(&folder);
    }
    is_sound
}

const FAULTS: &[&str] = &[
    "kill",
    "pause",
    "clock",
    "checker",
    "backup",
    "full-quota",
    "full-disk",
    "database-restart",
    "wire",
];

/// The faults that make sense there, in the order in which they come.
fn names(settings: &Settings, has_small_disk: bool) -> Vec<&'static str> {
    let mut names = vec!["kill", "pause", "clock"];
    if settings.engine.cluster().is_some() {
        names.extend(["database-restart", "wire"]);
    } else {
        names.extend(["checker", "backup", "full-quota"]);
        if has_small_disk {
            names.push("full-disk");
        } else {
            println!(
                "  full-disk          left out: no file system may be mounted here; full-quota stands for it"
            );
        }
    }
    names
}

async fn one(
    name: &str,
    settings: &Settings,
    small_disk: Option<&Path>,
    measure: Measure,
) -> Report {
    match (name, small_disk) {
        ("kill", _) => faults::killed(settings, measure).await,
        ("pause", _) => faults::paused(settings, measure).await,
        ("clock", _) => faults::wrong_clock(settings, measure).await,
        ("database-restart", _) => faults::database_restarted(settings, measure).await,
        ("wire", _) => faults::bad_wire(settings, measure).await,
        ("checker", _) => selftest::run(settings, measure).await,
        ("backup", _) => faults::backed_up(settings, measure).await,
        ("full-quota", _) => faults::full_quota(settings, measure).await,
        ("full-disk", Some(small)) => faults::full_disk(settings, small, measure).await,
        _ => panic!("there is no fault {name}"),
    }
}

fn line(name: &str, report: &Report, seconds: f64) -> String {
    let Report {
        faults,
        checks,
        sums,
        told_to_come_back,
        recovery,
        violations,
        applications,
        events,
        ..
    } = report;
    let mut text = format!(
        "  {name:<18} {faults:>4} faults {checks:>4} checks: {} acts sent, {} acknowledged, {} refused, {} unknown, \
         {} resolved; {told_to_come_back} times sent away; all answered after {:.1} s at most; {applications} applications, \
         {events} events; {} violations; {seconds:.0} s",
        sums.sent,
        sums.acknowledged,
        sums.refused,
        sums.unknown,
        sums.resolved,
        recovery.as_secs_f64(),
        violations.len()
    );
    for one in violations.iter().take(20) {
        text.push_str(&format!("\n      {}: {}", one.name, one.what));
    }
    text
}

/// Prints the sums; answers whether there was no violation.
fn summary(engine: &str, seed: u64, reports: &BTreeMap<&str, Report>) -> bool {
    let sum = |of: fn(&Report) -> usize| reports.values().map(of).sum::<usize>();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for violation in reports.values().flat_map(|report| &report.violations) {
        *names.entry(violation.name).or_default() += 1;
    }
    let of = |name: &str| names.get(name).copied().unwrap_or_default();
    println!("summary on {engine}, seed {seed}:");
    println!(
        "  kill -9 cycles   {:>8}",
        reports.get("kill").map_or(0, |report| report.faults)
    );
    println!("  all faults       {:>8}", sum(|report| report.faults));
    println!("  acts sent        {:>8}", sum(|report| report.sums.sent));
    println!(
        "  acknowledged     {:>8}",
        sum(|report| report.sums.acknowledged)
    );
    println!(
        "  refused          {:>8}",
        sum(|report| report.sums.refused)
    );
    println!(
        "  unknown          {:>8}",
        sum(|report| report.sums.unknown)
    );
    println!(
        "  resolved         {:>8}",
        sum(|report| report.sums.resolved)
    );
    println!(
        "  lost             {:>8}",
        of("lost-act") + of("never-answered")
    );
    println!(
        "  doubled          {:>8}",
        of("doubled-act") + of("unasked-act") + of("decided-twice")
    );
    println!("  violations       {:>8}", names.values().sum::<usize>());
    for (name, times) in &names {
        println!("    {name:<22} {times:>5}");
    }
    let refusals: Vec<_> = reports
        .values()
        .flat_map(|report| &report.refusals)
        .collect();
    if !refusals.is_empty() {
        println!("  refusals: {refusals:?}");
    }
    names.is_empty()
}
