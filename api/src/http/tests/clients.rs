//! Foreign clients, where Node and their packages are installed (`npm ci` in `tests/clients`).

use std::path::PathBuf;

use super::*;

/// Runs one script of `tests/clients` against a URL; `None` where it cannot be run.
async fn run(script: &str, url: String) -> Option<(bool, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/clients");
    if !folder.join("node_modules").is_dir() {
        return None;
    }
    let mut command = std::process::Command::new("node");
    command.arg(folder.join(script)).arg(url);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), text))
}

#[tokio::test]
async fn graphql_http_audits_pass() {
    let server = Server::start().await;
    match run("audits.mjs", server.url()).await {
        Some((passed, text)) => {
            println!("{text}");
            assert!(passed && text.contains("61/61"), "{text}");
        }
        None => println!("not run: no Node, or no packages in tests/clients"),
    }
}

#[tokio::test]
async fn graphql_ws_makes_its_round_trip() {
    let server = Server::start().await;
    match run("websocket.mjs", server.url()).await {
        Some((passed, text)) => {
            println!("{text}");
            assert!(passed, "{text}");
        }
        None => println!("not run: no Node, or no packages in tests/clients"),
    }
}
