//! Reads the sources and fails on what the compiler lets through but the design does not: an edge against the
//! direction, a file that has grown too long, a name that says nothing, work that was left for later.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The modules of `api`, each knowing only those before it. What is new gets a place here first.
const ORDER: &[&str] = &[
    // What everything stands on.
    "config",
    "error",
    "env",
    "db",
    "gather",
    "telemetry",
    "pulse",
    "page",
    "bell",
    "retention",
    "lease",
    "ledger",
    "feed",
    "idempotency",
    "authority",
    "app",
    // The capabilities.
    "identity",
    "calendar",
    "catalogue",
    "tally",
    "case",
    "review",
    "digest",
    "exchange",
    // What shows them to the world, and what works beside the requests.
    "jobs",
    "rounds",
    "graphql",
    "http",
    "server",
    "demo",
    "cli",
];

/// What [`ORDER`] does not say of single edges, with the reason.
const ALLOWED: &[(&str, &str)] = &[
    // The shared handle of the program holds what these two keep in memory, and nothing else of them.
    ("app", "identity"),
    ("app", "catalogue"),
];

const CAPABILITIES: &[&str] = &[
    "identity",
    "calendar",
    "catalogue",
    "tally",
    "case",
    "review",
    "digest",
    "exchange",
];

#[test]
fn modules_know_only_those_before_them() {
    let mut faults = Faults::default();
    for source in sources("api/src") {
        let Some(module) = module_of(&source.path).filter(|_| !source.is_test()) else {
            continue;
        };
        for target in source.names_after("crate::") {
            let (from, to) = (place(&module), place(&target));
            let (Some(from), Some(to)) = (from, to) else {
                // Items of lib.rs itself begin with a capital letter or stand in a test.
                if ORDER.contains(&module.as_str())
                    && target.starts_with(char::is_lowercase)
                    && is_module(&target)
                {
                    faults.add(
                        &source,
                        &format!("knows `{target}`"),
                        "give it a place in ORDER of tests/tidy.rs",
                    );
                }
                continue;
            };
            if to > from && !ALLOWED.contains(&(module.as_str(), target.as_str())) {
                let remedy = "only modules before it may be known (main > http > graphql > capabilities > app > ledger \
                    > db); let the later one call this one, or append an event that it reads";
                faults.add(
                    &source,
                    &format!("`{module}` knows `{target}`, which comes later"),
                    remedy,
                );
            }
        }
    }
    faults.report();
}

#[test]
fn every_module_has_its_place() {
    let mut faults = Faults::default();
    for source in sources("api/src") {
        if let Some(module) = module_of(&source.path)
            && !source.is_test()
            && !ORDER.contains(&module.as_str())
        {
            faults.add(
                &source,
                &format!("`{module}` has no place"),
                "give it one in ORDER of tests/tidy.rs",
            );
        }
    }
    faults.report();
    let gone: Vec<_> = ORDER.iter().filter(|name| !is_module(name)).collect();
    assert!(gone.is_empty(), "places without a module: {gone:?}");
}

#[test]
fn nobody_reaches_into_another_capabilitys_store() {
    let mut faults = Faults::default();
    for source in sources("api/src") {
        for capability in CAPABILITIES {
            if module_of(&source.path).as_deref() != Some(capability) {
                let store = format!("{capability}::store");
                source.forbid(
                    &store,
                    "call a function of the capability's face (mod.rs)",
                    &mut faults,
                );
            }
        }
    }
    faults.report();
}

/// What a case or a card counts for is told where its row is written, and nowhere else is it written.
#[test]
fn nobody_writes_past_the_tally() {
    let mut faults = Faults::default();
    let sources = sources("api/src");
    let elsewhere = sources
        .iter()
        .filter(|source| !source.is_test() && !source.path.ends_with("case/store.rs"));
    for source in elsewhere {
        for entity in ["case_", "card"] {
            for verb in [
                "Entity::insert",
                "Entity::update",
                "Entity::delete",
                "ActiveModel",
            ] {
                // Another entity may end in the same letters.
                for before in [" ", "(", "&", "{"] {
                    source.forbid(
                        &format!("{before}{entity}::{verb}"),
                        "write it by a function of case/store.rs, which tells the tally",
                        &mut faults,
                    );
                }
            }
        }
    }
    faults.report();
}

/// Who reads may close the pipe before the end, and the macros of the standard library end the program then.
#[test]
fn nobody_prints_but_by_saying() {
    let mut faults = Faults::default();
    for source in sources("api/src").iter().filter(|source| !source.is_test()) {
        source.forbid(
            "println!(",
            "call `say` or `complain` of cli.rs",
            &mut faults,
        );
    }
    faults.report();
}

#[test]
fn the_graph_knows_no_database_and_the_capabilities_no_graph() {
    let mut faults = Faults::default();
    for source in sources("api/src/graphql") {
        for name in ["sea_orm", "sqlx", "lianshen_entity"] {
            source.forbid(
                name,
                "ask a capability; statements stand in its store.rs",
                &mut faults,
            );
        }
    }
    for capability in CAPABILITIES {
        for source in sources(&format!("api/src/{capability}")) {
            for name in ["async_graphql", "axum"] {
                source.forbid(
                    name,
                    "answer in terms of the domain; api/src/graphql makes it an object",
                    &mut faults,
                );
            }
        }
    }
    faults.report();
}

#[test]
fn the_core_and_the_migrations_stand_alone() {
    let mut faults = Faults::default();
    let manifest = Source::read(root().join("domain/Cargo.toml"));
    for name in [
        "sea-orm",
        "sqlx",
        "axum",
        "tokio",
        "async-graphql",
        "hyper",
        "lianshen-entity",
        "tracing",
    ] {
        manifest.forbid(
            name,
            "the core has no database, no network and no log",
            &mut faults,
        );
    }
    for source in sources("domain/src") {
        for name in [
            "Utc::now",
            "Local::now",
            "std::env",
            "std::fs",
            "std::net",
            "SystemTime",
        ] {
            source.forbid(
                name,
                "the core takes times and texts as values",
                &mut faults,
            );
        }
    }
    let manifest = Source::read(root().join("migration/Cargo.toml"));
    for name in ["lianshen-entity", "lianshen-domain"] {
        manifest.forbid(
            name,
            "entities and rules move on, history must not",
            &mut faults,
        );
    }
    let manifest = Source::read(root().join("entity/Cargo.toml"));
    manifest.forbid(
        "lianshen-migration",
        "an entity does not know how its table came to be",
        &mut faults,
    );
    faults.report();
}

#[test]
fn files_are_short_and_named_after_what_they_hold() {
    const MOST_LINES: usize = 500;
    let mut faults = Faults::default();
    for source in all_sources() {
        // Tests at the end of a file are counted as little as those in a file of their own.
        let lines = source
            .text
            .split("#[cfg(test)]\nmod ")
            .next()
            .unwrap_or_default()
            .lines()
            .count();
        if lines > MOST_LINES && !source.is_test() {
            faults.add(
                &source,
                &format!("has {lines} lines"),
                "make a folder of the noun and move a part of it there",
            );
        }
        let name = source
            .path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if [
            "utils", "util", "common", "helpers", "helper", "types", "models", "misc",
        ]
        .contains(&name.as_str())
        {
            faults.add(
                &source,
                &format!("is named `{name}`"),
                "name it after the noun that it is about",
            );
        }
    }
    faults.report();
}

#[test]
fn nothing_was_left_for_later() {
    let mut faults = Faults::default();
    for source in all_sources() {
        for stub in [
            concat!("todo", "!("),
            concat!("unimplemented", "!("),
            concat!("#[", "ignore"),
            concat!("dbg", "!("),
        ] {
            source.forbid(stub, "finish it, or take it out", &mut faults);
        }
    }
    for source in every_text() {
        for mark in [concat!("FIX", "ME"), concat!("XX", "X:")] {
            source.forbid_anywhere(
                mark,
                "do it, or describe it in the list of open work",
                &mut faults,
            );
        }
    }
    faults.report();
}

#[test]
fn the_repository_stands_by_itself() {
    let mut faults = Faults::default();
    for source in every_text() {
        for outside in [concat!("..", "/shared"), concat!("/work", "/")] {
            source.forbid_anywhere(
                outside,
                "nothing outside the repository may be needed or mentioned",
                &mut faults,
            );
        }
    }
    faults.report();
}

/// The rules above would also be kept by an empty list of files.
#[test]
fn the_sources_are_found() {
    assert!(sources("api/src").len() > 20);
    assert!(sources("domain/src").len() > 20);
    assert!(all_sources().len() > 60);
    assert!(every_text().len() > 60);
    let names = Source {
        path: PathBuf::new(),
        text: "use crate::{a::B, c}; crate::d::e(); // crate::f".to_owned(),
    };
    assert_eq!(names.names_after("crate::"), ["a", "c", "d"]);
    assert!(names.holds("d::e") && !names.holds("crate::f") && !names.holds("::e(x"));
}

// ---- Sources -------------------------------------------------------------------------------------------------------

struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn read(path: PathBuf) -> Self {
        let text =
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self {
            path,
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }

    fn is_test(&self) -> bool {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let within = self.path.strip_prefix(root()).unwrap_or(&self.path);
        stem == "tests"
            || stem.ends_with("_tests")
            || stem.ends_with("_vectors")
            || within.components().any(|part| part.as_os_str() == "tests")
    }

    /// The lines without what stands behind `//`.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines.map(|(at, line)| {
            (
                at + 1,
                line.find("//").map_or(line, |comment| &line[..comment]),
            )
        })
    }

    fn holds(&self, text: &str) -> bool {
        self.code().any(|(_, line)| line.contains(text))
    }

    fn forbid(&self, text: &str, remedy: &str, faults: &mut Faults) {
        for (at, line) in self.code() {
            if line.contains(text) {
                faults.add(self, &format!("line {at} names `{text}`"), remedy);
            }
        }
    }

    fn forbid_anywhere(&self, text: &str, remedy: &str, faults: &mut Faults) {
        for (at, line) in self.text.lines().enumerate() {
            if line.contains(text) {
                faults.add(self, &format!("line {} holds `{text}`", at + 1), remedy);
            }
        }
    }

    /// The first names of all paths that begin with `start`, also of those in braces.
    fn names_after(&self, start: &str) -> Vec<String> {
        let code: String = self.code().map(|(_, line)| format!("{line}\n")).collect();
        let mut names = Vec::new();
        for (at, _) in code.match_indices(start) {
            let rest = &code[at + start.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                let mut depth = 0_u32;
                let mut part = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => names.extend(first_name(&std::mem::take(&mut part))),
                        c => part.push(c),
                    }
                }
                names.extend(first_name(&part));
            } else {
                names.extend(first_name(rest));
            }
        }
        names
    }
}

fn first_name(text: &str) -> Option<String> {
    let name: String = text
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

fn place(module: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == module)
}

fn is_module(name: &str) -> bool {
    let src = root().join("api/src");
    src.join(format!("{name}.rs")).is_file() || src.join(name).join("mod.rs").is_file()
}

/// The module of `api` in which a file stands; none for `lib.rs` and `main.rs`, which know all of them.
fn module_of(path: &Path) -> Option<String> {
    let within = path.strip_prefix(root().join("api/src")).ok()?;
    let first = within
        .components()
        .next()?
        .as_os_str()
        .to_string_lossy()
        .into_owned();
    let module = first.strip_suffix(".rs").unwrap_or(&first).to_owned();
    (module != "lib" && module != "main").then_some(module)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ stands in the repository")
        .to_owned()
}

/// The Rust files of a folder.
fn sources(folder: &str) -> Vec<Source> {
    let folder = root().join(folder);
    if folder.is_dir() {
        walk(&folder, &["rs"])
    } else {
        Vec::new()
    }
}

fn all_sources() -> Vec<Source> {
    ["domain", "entity", "migration", "api", "tests"]
        .into_iter()
        .flat_map(sources)
        .collect()
}

/// Everything that people write.
fn every_text() -> Vec<Source> {
    walk(
        &root(),
        &[
            "rs", "toml", "md", "graphql", "json", "mjs", "js", "ts", "tsx", "css", "html", "yml",
            "yaml", "sh", "",
        ],
    )
}

fn walk(folder: &Path, endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let (path, name) = (
                entry.path(),
                entry.file_name().to_string_lossy().into_owned(),
            );
            let kind = entry.file_type().unwrap();
            if kind.is_dir() && !["target", "node_modules", "dist", ".git"].contains(&name.as_str())
            {
                folders.push(path);
            } else if kind.is_file()
                && name != ".git"
                && endings.contains(
                    &path
                        .extension()
                        .unwrap_or_default()
                        .to_string_lossy()
                        .as_ref(),
                )
            {
                found.push(Source::read(path));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

// ---- Faults --------------------------------------------------------------------------------------------------------

#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, source: &Source, fault: &str, remedy: &str) {
        let path = source
            .path
            .strip_prefix(root())
            .unwrap_or(&source.path)
            .display()
            .to_string();
        let fault = format!("{path}: {fault}\n      -> {remedy}");
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    #[track_caller]
    fn report(self) {
        let mut report = String::new();
        for fault in &self.0 {
            let _ = write!(report, "\n  {fault}");
        }
        assert!(self.0.is_empty(), "{} faults:{report}", self.0.len());
    }
}
