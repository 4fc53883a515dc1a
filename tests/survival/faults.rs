//! The faults, each in a run of its own.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::program::Program;
use super::proxy::{Proxy, Weather};
use super::stage::{Report, Settings, Stage};

/// How much of each.
#[derive(Clone, Copy)]
pub struct Measure {
    /// How often the program is killed.
    pub cycles: u32,
    /// The longest time that it works between two faults, in seconds.
    pub seconds: f64,
    /// How often each other fault comes.
    pub rounds: u32,
    /// How long somebody sleeps, or is away, in seconds.
    pub absence: f64,
}

const A_MOMENT: Duration = Duration::from_millis(400);

fn dice(settings: &Settings) -> StdRng {
    StdRng::seed_from_u64(settings.seed)
}

async fn sleep(seconds: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
}

/// The databases of a run of kills. Everything in one is examined after each kill, so that one alone would make the hundredth
/// as long as all before it.
const KILLED: [&str; 4] = ["kill", "kill-2", "kill-3", "kill-4"];
/// The fewest kills for which another database is made.
const KILLS: u32 = 10;

/// The program is killed at any moment, and started again.
pub async fn killed(settings: &Settings, measure: Measure) -> Report {
    let mut dice = dice(settings);
    let mut report = Report::default();
    let mut left = measure.cycles;
    let each = measure.cycles.div_ceil(4).max(KILLS);
    for name in KILLED {
        let cycles = left.min(each);
        if cycles > 0 {
            let one = killed_on_one(settings, (name, cycles), measure.seconds, &mut dice).await;
            report.add(one);
        }
        left -= cycles;
    }
    report
}

async fn killed_on_one(
    settings: &Settings,
    (name, cycles): (&'static str, u32),
    seconds: f64,
    dice: &mut StdRng,
) -> Report {
    let mut stage = Stage::open(settings, name, async |_| {}).await;
    for cycle in 0..cycles {
        sleep(dice.random_range(0.1..seconds)).await;
        stage.program.kill().await;
        sleep(dice.random_range(0.0..0.2)).await;
        stage.start_again().await;
        stage.examine().await;
        if cycle % 10 == 9 {
            progress(&stage, cycle + 1);
        }
    }
    stage.close().await
}

/// The program does not move for a while, and goes on as if nothing had been. On PostgreSQL another one has worked
/// meanwhile, to which people turned with what the first one had not answered.
pub async fn paused(settings: &Settings, measure: Measure) -> Report {
    let mut stage = Stage::open(settings, "pause", async |_| {}).await;
    let other = if settings.engine.cluster().is_some() {
        Some(Program::start(&stage.recipe, None).await)
    } else {
        None
    };
    for _ in 0..measure.rounds {
        stage.work(30).await;
        stage.program.signal("STOP").await;
        stage.hall.set_patience(Duration::from_secs(1));
        if let Some(other) = &other {
            stage.hall.turn_to(other.address);
        }
        sleep(measure.absence).await;
        let alone = stage.hall.since_done();
        stage.program.signal("CONT").await;
        if other.is_some() && alone > Duration::from_secs(15) {
            stage.violation(
                "waits-for-the-sleeper",
                format!("nothing was done for {alone:?}"),
            );
        }
        stage.work(5).await;
        stage.hall.set_patience(Duration::from_secs(20));
        stage.examine().await;
        stage.hall.turn_to(stage.program.address);
    }
    let report = stage.close().await;
    if let Some(other) = other {
        other.end().await;
    }
    report
}

/// The clock jumps a day forwards and back, and another day back.
pub async fn wrong_clock(settings: &Settings, measure: Measure) -> Report {
    let mut stage = Stage::open(settings, "clock", async |recipe| recipe.with_clock = true).await;
    // What was done by a clock that was ahead cannot be followed by something of the day before.
    for code in [
        "ACT_OUT_OF_ORDER",
        "ACT_BEFORE_RECEIPT",
        "PROCEDURE_NOTICE_LATE",
    ] {
        stage.hall.journal.excuse(code);
    }
    for _ in 0..measure.rounds {
        for jump in [86_400, -86_400, -86_400, 86_400] {
            stage.work(20).await;
            // Between two acts, and when what happened has its number: events of one application that are numbered together
            // are put in order by the clock, and one that jumps between them would turn them round.
            let hall = stage.hall.clone();
            let rest = hall.rest().await;
            stage.come_to_rest().await;
            hall.seconds_ahead.fetch_add(jump, Ordering::Relaxed);
            stage.program.order(&format!("clock {jump:+}")).await;
            drop(rest);
            stage.work(20).await;
            stage.examine().await;
        }
    }
    stage.close().await
}

/// PostgreSQL is restarted without being asked, and killed.
pub async fn database_restarted(settings: &Settings, measure: Measure) -> Report {
    let cluster = settings.engine.cluster().expect("it runs on PostgreSQL");
    let mut stage = Stage::open(settings, "database-restart", async |_| {}).await;
    for round in 0..measure.rounds {
        stage.work(30).await;
        if round % 2 == 0 {
            cluster.restart().await;
        } else {
            cluster.crash().await;
            sleep(measure.absence.min(8.0)).await;
            expect_not_ready(&mut stage).await;
            cluster.restart().await;
        }
        stage.examine().await;
        expect_ready(&mut stage).await;
    }
    stage.close().await
}

/// The wire to the database is cut, slow, or silent.
pub async fn bad_wire(settings: &Settings, measure: Measure) -> Report {
    let mut proxy = None;
    let mut stage = Stage::open(settings, "wire", async |recipe| {
        let (address, url) = through(&recipe.url);
        let wire = Proxy::before(address).await;
        recipe.url = url(wire.address);
        proxy = Some(wire);
    })
    .await;
    let proxy = proxy.expect("there is a wire");
    let slow = Weather::Slow(Duration::from_millis(40));
    for _ in 0..measure.rounds {
        for (weather, seconds) in [
            (Weather::Cut, 0.2),
            (slow, 2.0),
            (Weather::Cut, measure.absence.min(5.0)),
            (Weather::Stalled, measure.absence),
        ] {
            stage.work(20).await;
            proxy.turn(weather);
            sleep(seconds).await;
            if weather == Weather::Cut && seconds > 3.0 {
                expect_not_ready(&mut stage).await;
            }
            proxy.turn(Weather::Fair);
            stage.examine().await;
            expect_ready(&mut stage).await;
        }
    }
    stage.close().await
}

/// The host and port of a URL, and the URL with others.
fn through(url: &str) -> (SocketAddr, impl Fn(SocketAddr) -> String + use<>) {
    let (scheme, rest) = url.split_once("://").expect("a URL has a scheme");
    let (user, rest) = rest.rsplit_once('@').expect("the cluster has a password");
    let (address, path) = rest.split_once('/').expect("a URL names a database");
    let (before, after) = (format!("{scheme}://{user}@"), format!("/{path}"));
    let address = address.parse().expect("the cluster has an address");
    (address, move |other: SocketAddr| {
        format!("{before}{other}{after}")
    })
}

/// The disk is full: `small` is a file system with little room, where there is one.
pub async fn full_disk(settings: &Settings, small: &Path, measure: Measure) -> Report {
    let mut stage = Stage::open_in(settings, small, "full-disk", async |_| {}).await;
    for _ in 0..measure.rounds {
        stage.work(30).await;
        stage.told(1).await;
        let filler = fill(small);
        suffer(&mut stage, measure).await;
        std::fs::remove_file(filler).unwrap();
        stage.examine().await;
        expect_ready(&mut stage).await;
    }
    stage.close().await
}

/// No file may grow: as on a full disk, with another error.
pub async fn full_quota(settings: &Settings, measure: Measure) -> Report {
    let mut stage = Stage::open(settings, "full-quota", async |recipe| {
        recipe.is_limited = true
    })
    .await;
    for _ in 0..measure.rounds {
        stage.work(30).await;
        stage.told(1).await;
        stage.program.limit_files(Some(1)).await;
        suffer(&mut stage, measure).await;
        stage.program.limit_files(None).await;
        stage.examine().await;
        expect_ready(&mut stage).await;
    }
    stage.close().await
}

/// While nothing can be written, reading goes on.
async fn suffer(stage: &mut Stage, measure: Measure) {
    // Whoever reads had signed in before.
    tokio::time::sleep(A_MOMENT).await;
    let refused = stage.hall.told_to_come_back.load(Ordering::Relaxed);
    sleep(measure.absence.min(4.0)).await;
    if stage.hall.told_to_come_back.load(Ordering::Relaxed) == refused {
        stage.violation(
            "fault-without-effect",
            "nobody was sent away while nothing could be written",
        );
    }
    for _ in 0..5 {
        if let Err(why) = stage.hall.read_now("supervisor").await {
            stage.violation(
                "reading-stopped",
                format!("while nothing could be written: {why}"),
            );
        }
    }
}

fn fill(folder: &Path) -> PathBuf {
    let path = folder.join("filler");
    let mut file = std::fs::File::create(&path).unwrap();
    for size in [64 * 1024, 1024, 1] {
        let bytes = vec![0; size];
        while file.write_all(&bytes).is_ok() {}
    }
    path
}

/// A backup is taken while people work: what was acknowledged before is in it, and it is sound.
pub async fn backed_up(settings: &Settings, measure: Measure) -> Report {
    let mut stage = Stage::open(settings, "backup", async |_| {}).await;
    for round in 0..measure.rounds {
        stage.work(30).await;
        super::backup::take(&mut stage, round).await;
        stage.examine().await;
    }
    stage.close().await
}

async fn expect_not_ready(stage: &mut Stage) {
    if stage.hall.is_ready().await {
        stage.violation("ready-without-database", "/readyz says that all is well");
    }
}

async fn expect_ready(stage: &mut Stage) {
    for _ in 0..100 {
        if stage.hall.is_ready().await {
            return;
        }
        sleep(0.1).await;
    }
    stage.violation("not-ready-again", "/readyz does not recover");
}

fn progress(stage: &Stage, cycle: u32) {
    let sums = stage.hall.journal.sums();
    println!(
        "  {:<18} {cycle:>4} times, {} acts acknowledged, {} with unknown outcome of which {} resolved, {} violations",
        stage.name,
        sums.acknowledged,
        sums.unknown,
        sums.resolved,
        stage.report.violations.len()
    );
    for one in stage.report.violations.iter().take(5) {
        println!("    {}: {}", one.name, one.what);
    }
}
