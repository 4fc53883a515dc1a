//! How long the core takes, and the ten hottest documents: `cargo bench -p lianshen-bench`, about a minute and a half.
//!
//! The documents go through the whole program but the wire, on SQLite with three hundred applications.

// The futures of a whole request are laid out here, and are nested deeper than is usual.
#![recursion_limit = "256"]

use std::error::Error;
use std::time::Duration;

use criterion::Criterion;
use lianshen_bench::grow::{Growth, grow};
use lianshen_bench::hot::{Core, DOCUMENTS, Hot, PURE};

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .without_plots()
        .configure_from_args();
    let core = Core::open()?;
    let mut group = criterion.benchmark_group("core");
    for (which, name) in PURE.iter().enumerate() {
        group.bench_function(*name, |bencher| bencher.iter(|| core.once(which)));
    }
    group.finish();

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let folder = std::env::temp_dir().join(format!("lianshen-hot-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let database = format!("sqlite:{}", folder.join("grown.db").display());
    runtime.block_on(grow(&Growth::of(&database, 300)))?;
    let hot = runtime.block_on(Hot::open(&database))?;
    let mut group = criterion.benchmark_group("document");
    for (which, name) in DOCUMENTS.into_iter().enumerate() {
        runtime.block_on(hot.once(which))?;
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(hot.once(which)));
        });
    }
    group.finish();
    criterion.final_summary();
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
