//! What goes into `BENCHMARKS.md`.

use std::fmt::Write as _;
use std::process::Command;

use crate::bounds::Bounds;
use crate::duel::{Outcome, spread};
use crate::grow::{self, Grown};
use crate::sweep::Swept;

/// Machine, versions, commit and date.
pub fn heading(what: &str) -> String {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        text.filter(|text| !text.is_empty())
            .unwrap_or_else(|| "?".to_owned())
    };
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(|| "?".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let commit = said("git", &["-C", root, "rev-parse", "--short=12", "HEAD"]);
    let changed = said("git", &["-C", root, "status", "--porcelain", "-uno"]);
    let changed = if changed == "?" { "" } else { " and changes" };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "## {} · {what}\n\nCommit `{commit}`{changed}. {cores} cores of {}, {} memory, Linux {}; load {} when it began. {}.\n",
        grow::now().format("%Y-%m-%d"),
        field(&read("/proc/cpuinfo"), "model name"),
        field(&read("/proc/meminfo"), "MemTotal"),
        said("uname", &["-r"]),
        read("/proc/loadavg")
            .split_whitespace()
            .next()
            .unwrap_or("?"),
        said("rustc", &["--version"]),
    )
}

/// What was grown.
pub fn grown(of: &str, grown: &Grown) -> String {
    #[expect(clippy::cast_precision_loss, reason = "rows are not that many")]
    let rate = grown.rows as f64 / grown.stamped.as_secs_f64().max(1e-9);
    format!(
        "\n{of}: {} applications, {} rows, {} events chained; {:.0} rows a second, indexes and checks included \
         ({:.0} s, and {:.0} s to play the lives).\n",
        grown.applications,
        grown.rows,
        grown.events,
        rate,
        grown.stamped.as_secs_f64(),
        grown.played.as_secs_f64()
    )
}

/// The rounds, one line an operation.
pub fn rounds(outcomes: &[Outcome]) -> String {
    let mut text = "\n| operation | compared | limit /s | product /s | ratio, median (range) | p50 ms | p99 ms | p99/p50 | failed |\n\
                    |---|---|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for outcome in outcomes {
        let of = |number: &dyn Fn(&crate::load::Reached) -> f64| {
            let numbers: Vec<f64> = outcome.product.iter().map(number).collect();
            spread(&numbers).1
        };
        let (least, median, most) = spread(&outcome.ratios());
        let (_, limit, _) = spread(&outcome.limit);
        let (half, most_of) = (
            of(&|reached| reached.milliseconds(0.5)),
            of(&|reached| reached.milliseconds(0.99)),
        );
        let failed: u64 = outcome.product.iter().map(|reached| reached.failed).sum();
        let ratio = if outcome.limit.is_empty() {
            "-".to_owned()
        } else {
            format!("**{median:.2}** ({least:.2}..{most:.2})")
        };
        let _ = writeln!(
            text,
            "| {} {} | {} ({}) | {limit:.0} | {:.0} | {ratio} | {half:.2} | {most_of:.2} | {:.1} | {failed} |",
            outcome.operation,
            outcome.operation.words(),
            outcome.of,
            outcome.best,
            of(&crate::load::Reached::rate),
            most_of / half.max(1e-9),
        );
        if let Some(fault) = outcome
            .product
            .iter()
            .find_map(|reached| reached.fault.as_ref())
        {
            eprintln!("{}: {fault}", outcome.operation);
        }
    }
    text
}

/// The sweep.
pub fn swept(of: &str, swept: &Swept) -> String {
    let mut text = format!(
        "\nT1 on {of}, {} reviews: nothing due {:.2} ms",
        swept.reviews,
        swept.nothing.as_secs_f64() * 1_000.0
    );
    for (count, took) in &swept.due {
        let each =
            took.as_secs_f64() * 1_000.0 / f64::from(u32::try_from(*count).unwrap_or(1)).max(1.0);
        let _ = write!(
            text,
            "; {count} applications due {:.1} ms ({each:.2} ms each)",
            took.as_secs_f64() * 1_000.0
        );
    }
    text.push_str(".\n");
    text
}

/// The other bounds.
#[expect(clippy::cast_precision_loss, reason = "sizes are not that large")]
pub fn bounds(of: &str, bounds: &Bounds) -> String {
    let mebi = |kib: u64| kib as f64 / 1024.0;
    let first = bounds.first_answers.get(bounds.first_answers.len() / 2);
    let course: Vec<String> = bounds
        .course
        .iter()
        .step_by((bounds.course.len() / 10).max(1))
        .map(|(second, kib)| format!("{second} s {:.0}", mebi(*kib)))
        .collect();
    format!(
        "\nBounds on {of}: anonymous memory {:.1} MiB idle, at most {:.1} MiB at 64 connections; over the run (MiB): {}. \
         First answer after {:.0} ms (median of {}). Stripped binary {:.1} MB.\n",
        mebi(bounds.idle_kib),
        mebi(bounds.busy_kib),
        course.join(", "),
        first.map_or(0.0, |first| first.as_secs_f64() * 1_000.0),
        bounds.first_answers.len(),
        bounds.binary_kib as f64 * 1024.0 / 1e6,
    )
}

/// The version of a PostgreSQL, and what it keeps in memory.
///
/// # Errors
/// When it cannot be reached.
pub async fn version(database: &str) -> Result<String, lianshen::error::AppError> {
    use sqlx::Connection as _;
    let fault = lianshen::error::AppError::internal;
    let mut db = sqlx::postgres::PgConnection::connect(database)
        .await
        .map_err(fault)?;
    let (version, buffers): (String, String) = sqlx::query_as(
        "SELECT current_setting('server_version'), current_setting('shared_buffers')",
    )
    .fetch_one(&mut db)
    .await
    .map_err(fault)?;
    db.close().await.map_err(fault)?;
    Ok(format!(
        "PostgreSQL {version}, shared_buffers {buffers}, fsync and synchronous_commit on.\n"
    ))
}
