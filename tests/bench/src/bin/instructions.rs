//! Does what is done most a fixed number of times, so that somebody can count its instructions; see `tests/instructions`.
//!
//! `lianshen-instructions grow DATABASE` · `names` · `core TIMES` · `documents DATABASE TIMES`

// Without the link across crates the futures of a whole request are laid out here, and are nested deeper than is usual.
#![recursion_limit = "256"]

use std::error::Error;

use lianshen_bench::grow::{Growth, grow};
use lianshen_bench::hot::{Core, DOCUMENTS, Hot, PURE};

// One thread: the order of what it does is the same each time.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["grow", database] => {
            grow(&Growth::of(database, 300)).await?;
        }
        ["names"] => {
            for name in PURE {
                println!("core\t{name}");
            }
            for name in DOCUMENTS {
                println!("documents\t{name}");
            }
        }
        ["core", times] => {
            let (core, times) = (Core::open()?, times.parse()?);
            for number in 0..PURE.len() {
                core.once(number);
                counted_apart();
                for _ in 0..times {
                    core.once(number);
                }
                counted_apart();
            }
        }
        ["documents", database, times] => {
            let (hot, times) = (Hot::open(database).await?, times.parse()?);
            for number in 0..DOCUMENTS.len() {
                // The first times it is new.
                for _ in 0..3 {
                    hot.once(number).await?;
                }
                counted_apart();
                for _ in 0..times {
                    hot.once(number).await?;
                }
                counted_apart();
            }
        }
        _ => return Err("see the head of tests/bench/src/bin/instructions.rs".into()),
    }
    Ok(())
}

/// What comes after it is counted apart from what came before: who counts looks out for this name.
#[inline(never)]
fn counted_apart() {
    std::hint::black_box(());
}
