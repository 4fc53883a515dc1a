//! Does one thing a fixed number of times, so that somebody can count its instructions; see `tests/instructions`.
//!
//! `lianshen-instructions grow DATABASE` · `names` · `core NUMBER TIMES` · `document DATABASE NUMBER TIMES`

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
            for (number, name) in PURE.iter().enumerate() {
                println!("core\t{number}\t{name}");
            }
            for (number, name) in DOCUMENTS.iter().enumerate() {
                println!("document\t{number}\t{name}");
            }
        }
        ["core", number, times] => {
            let core = Core::open()?;
            let number = number.parse()?;
            for _ in 0..times.parse()? {
                core.once(number);
            }
        }
        ["document", database, number, times] => {
            let hot = Hot::open(database).await?;
            let number = number.parse()?;
            for _ in 0..times.parse()? {
                hot.once(number).await?;
            }
        }
        _ => return Err("see the head of tests/bench/src/bin/instructions.rs".into()),
    }
    Ok(())
}
