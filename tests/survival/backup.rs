//! Backups under load, and what is found in them.

use std::path::Path;
use std::process::Output;

use lianshen::env::{Clock as _, MachineClock};
use tokio::process::Command;

use super::checker::{Truth, check};
use super::journal::Ending;
use super::program::{Program, Recipe};
use super::stage::Stage;
use super::store::url_of_file;
use crate::support::database::open;

/// Takes one while people work, examines it as an operator does, and goes on from it.
pub async fn take(stage: &mut Stage, round: u32) {
    let file = stage.folder.join(format!("backup-{round}.db"));
    let acknowledged: Vec<_> = stage
        .hall
        .journal
        .read()
        .into_iter()
        .filter(|entry| entry.ending == Some(Ending::Acknowledged))
        .collect();
    let taken = command(
        &stage.recipe,
        &["backup", &file.display().to_string()],
        &stage.url,
    )
    .await;
    expect(stage, "backup", &taken, "sound: ");
    let again = command(
        &stage.recipe,
        &["backup", &file.display().to_string()],
        &stage.url,
    )
    .await;
    if again.status.success() {
        stage.violation("backup-overwritten", file.display().to_string());
    }
    let left = std::fs::read_dir(&stage.folder).unwrap().flatten();
    for entry in left.filter(|entry| entry.file_name().to_string_lossy().contains(".part")) {
        stage.violation("backup-left-behind", entry.path().display().to_string());
    }

    let url = url_of_file(&file);
    for (words, says) in [
        (["audit", "verify"], "sound: "),
        (["doctor", "--deep"], " 0 failed"),
    ] {
        let examined = command(&stage.recipe, &words, &url).await;
        expect(stage, words[0], &examined, says);
    }
    examine(stage, &file, &acknowledged, false).await;
    // Restored: the program goes on from it, and numbers what it finds unnumbered.
    let recipe = Recipe {
        url,
        ..stage.recipe.clone()
    };
    let restored = Program::start(&recipe, None).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    examine(stage, &file, &acknowledged, true).await;
    restored.end().await;
}

async fn examine(
    stage: &mut Stage,
    file: &Path,
    acknowledged: &[super::journal::Entry],
    is_served: bool,
) {
    let db = open(&url_of_file(file)).await;
    let truth = Truth {
        journal: acknowledged,
        is_complete: false,
        told: &[],
        now: MachineClock.now(),
        today: stage.hall.today(),
        is_served,
    };
    let found = check(&db, &truth).await;
    db.close().await;
    for one in found {
        stage.violation(one.name, format!("in the backup: {}", one.what));
    }
}

fn expect(stage: &mut Stage, command: &str, output: &Output, says: &str) {
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() || !said.contains(says) {
        let error = String::from_utf8_lossy(&output.stderr);
        stage.violation("command-failed", format!("{command}: {said} {error}"));
    }
}

async fn command(recipe: &Recipe, words: &[&str], url: &str) -> Output {
    let mut command = match &recipe.program {
        Some(program) => Command::new(program),
        None => {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.arg("program");
            command
        }
    };
    let command = command
        .args(words)
        .env_clear()
        .env("LIANSHEN_DATABASE_URL", url);
    command.output().await.unwrap()
}
