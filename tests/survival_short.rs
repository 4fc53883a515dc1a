//! The program survives what can happen to it: the short form of `lianshen-survival`, which says what it found.

use std::process::Command;

mod sqlite {
    #[test]
    fn whatever_is_done_to_it_nothing_is_lost_and_nothing_is_doubled() {
        super::survives(
            "sqlite",
            &["kill", "pause", "clock", "checker", "backup", "full-quota"],
        );
    }
}

mod postgres {
    #[test]
    fn whatever_is_done_to_it_nothing_is_lost_and_nothing_is_doubled() {
        super::survives(
            "postgres",
            &["kill", "pause", "clock", "database-restart", "wire"],
        );
    }
}

/// Everything once; each fault says how often it struck.
fn survives(engine: &str, faults: &[&str]) {
    let ran = Command::new(env!("CARGO_BIN_EXE_lianshen-survival"))
        .args(["--short", "--engine", engine])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let error = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}\n{error}");
    for fault in faults {
        let line = said
            .lines()
            .find(|line| line.trim_start().starts_with(fault) && line.contains(" checks: "));
        let line = line.unwrap_or_else(|| panic!("nothing of {fault}:\n{said}"));
        assert!(!line.contains(" 0 faults"), "{line}");
        assert!(line.contains("; 0 violations;"), "{line}");
    }
    for sum in ["lost", "doubled", "violations"] {
        let line = said.lines().find(|line| line.trim_start().starts_with(sum));
        assert!(line.is_some_and(|line| line.ends_with(" 0")), "{said}");
    }
}
