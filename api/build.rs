//! Puts the playground into the program: the example documents, and one of two pages.
//!
//! The full page is `GraphiQL`, bundled from the npm registry by `node`. It is built for the release profile, or when
//! `LIANSHEN_PLAYGROUND_BUILD=full`; otherwise, with `LIANSHEN_PLAYGROUND_BUILD=plain`, and whenever the bundle fails for any
//! reason (no Node, no registry, too slow), the plain page of `playground/plain` serves in its place. How an example
//! document begins is told in `src/http/examples.rs`; here it is only carried along.
//!
//! Nothing is written outside of `OUT_DIR`, and a bundle whose sources did not change is not made again.

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, io};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// What of `playground/` the bundle is made from.
const SOURCES: [&str; 5] = [
    "package.json",
    "package-lock.json",
    "bundle.mjs",
    "src",
    "plain",
];

/// No script of any package is run. Where there is no registry, npm shall not try for minutes.
const NPM_ARGUMENTS: [&str; 9] = [
    "ci",
    "--omit=dev",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-timeout=20000",
];

/// `npm ci` takes 15 seconds from a registry nearby, bundling 2; beyond this the registry is not really there.
const NPM_LIMIT: Duration = Duration::from_mins(3);
const BUNDLE_LIMIT: Duration = Duration::from_mins(1);

fn main() -> Fallible<()> {
    let root =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo names no package folder")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no output folder")?);
    let playground = root.join("playground");
    let examples = root.join("examples");

    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", examples.display());
    println!("cargo::rerun-if-env-changed=LIANSHEN_PLAYGROUND_BUILD");
    for source in SOURCES {
        println!(
            "cargo::rerun-if-changed={}",
            playground.join(source).display()
        );
    }

    let mut page = Page {
        full: false,
        folder: playground.join("plain"),
    };
    if wants_full() {
        match full_page(&playground, &out.join("playground")) {
            Ok(folder) => page = Page { full: true, folder },
            Err(reason) => println!(
                "cargo::warning=the playground is the plain page: {reason}; `touch api/build.rs` to try again"
            ),
        }
    }
    fs::write(out.join("examples.rs"), example_list(&examples)?)?;
    fs::write(out.join("playground_assets.rs"), asset_list(&page)?)?;
    Ok(())
}

struct Page {
    full: bool,
    folder: PathBuf,
}

fn wants_full() -> bool {
    match env::var_os("LIANSHEN_PLAYGROUND_BUILD") {
        Some(choice) => choice == "full",
        None => env::var_os("PROFILE").is_some_and(|profile| profile == "release"),
    }
}

/// Makes the full page under `work` and answers the folder of its files.
fn full_page(playground: &Path, work: &Path) -> Fallible<PathBuf> {
    let dist = work.join("dist");
    let made_from = work.join("made-from");
    let digest = digest(playground)?;
    if dist.is_dir() && fs::read_to_string(&made_from).is_ok_and(|before| before == digest) {
        return Ok(dist);
    }

    if work.exists() {
        fs::remove_dir_all(work)?;
    }
    fs::create_dir_all(work)?;
    for source in SOURCES {
        copy(&playground.join(source), &work.join(source))?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(npm, &NPM_ARGUMENTS, work, NPM_LIMIT)?;
    run("node", &["bundle.mjs", "dist"], work, BUNDLE_LIMIT)?;
    // 200 MB that are of no further use.
    fs::remove_dir_all(work.join("node_modules"))?;
    fs::write(made_from, digest)?;
    Ok(dist)
}

/// Runs a command to its end or to the limit. What it prints goes to a file, because cargo reads our own output.
fn run(program: &str, arguments: &[&str], folder: &Path, limit: Duration) -> Fallible<()> {
    let log = folder.join("log.txt");
    let output = File::create(&log)?;
    let deadline = Instant::now() + limit;
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
        .map_err(|error| format!("{program} does not start: {error}"))?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            return Err(format!("{program} took longer than {} seconds", limit.as_secs()).into());
        }
        sleep(Duration::from_millis(50));
    };
    if status.success() {
        return Ok(());
    }
    let said = fs::read_to_string(&log)?;
    let reason = said.lines().find(|line| line.contains("rror"));
    let reason = reason.unwrap_or("it does not say why");
    Err(format!("{program} failed: {reason} (see {})", log.display()).into())
}

/// A fingerprint of everything that the bundle is made from.
fn digest(playground: &Path) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    for source in SOURCES {
        let source = playground.join(source);
        let files = if source.is_dir() {
            files_of(&source)?
        } else {
            vec![source]
        };
        for file in files {
            file.file_name().hash(&mut hasher);
            fs::read(&file)?.hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(|_| ());
    }
    fs::create_dir_all(to)?;
    for file in files_of(from)? {
        if let Some(name) = file.file_name() {
            fs::copy(&file, to.join(name))?;
        }
    }
    Ok(())
}

/// The files of a folder in the order of their names; none if there is no such folder.
fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.is_file());
    files.sort();
    Ok(files)
}

/// The list that `src/http/examples.rs` includes: name without ending, text.
fn example_list(examples: &Path) -> Fallible<String> {
    let mut source = String::from("const EMBEDDED: &[(&str, &str)] = &[\n");
    for file in files_of(examples)? {
        if let Some(name) = file_name(&file)?.strip_suffix(".graphql") {
            writeln!(source, "    ({name:?}, include_str!({:?})),", path(&file)?)?;
        }
    }
    source.push_str("];\n");
    Ok(source)
}

/// The list that `src/http/playground.rs` includes: the files of the page.
fn asset_list(page: &Page) -> Fallible<String> {
    let mut source = format!(
        "const FULL: bool = {};\nconst ASSETS: &[Asset] = &[\n",
        page.full
    );
    for file in files_of(&page.folder)? {
        let stored = file_name(&file)?;
        let name = stored.strip_suffix(".gz").unwrap_or(stored);
        let mut hasher = DefaultHasher::new();
        fs::read(&file)?.hash(&mut hasher);
        let etag = format!("\"{:016x}\"", hasher.finish());
        let (bytes, gzipped) = (path(&file)?, stored != name);
        writeln!(
            source,
            "    Asset {{ name: {name:?}, bytes: include_bytes!({bytes:?}), gzipped: {gzipped}, etag: {etag:?} }},",
        )?;
    }
    source.push_str("];\n");
    Ok(source)
}

fn file_name(file: &Path) -> Fallible<&str> {
    let name = file.file_name().and_then(|name| name.to_str());
    name.ok_or_else(|| format!("{} has no UTF-8 name", file.display()).into())
}

fn path(file: &Path) -> Fallible<&str> {
    file.to_str()
        .ok_or_else(|| format!("{} is not UTF-8", file.display()).into())
}
