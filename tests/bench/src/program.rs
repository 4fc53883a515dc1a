//! The program that is measured: the release binary, in a process of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use lianshen::error::AppError;

use crate::wire::Wire;

/// A program that serves.
pub struct Program {
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to its first answer.
    pub first_answer: Duration,
    child: Child,
}

/// The release binary: the one that is named, or the one beside this program, built if it is not there.
///
/// # Errors
/// When it cannot be built.
pub async fn binary(named: Option<&Path>) -> Result<PathBuf, AppError> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let own = std::env::current_exe().map_err(AppError::internal)?;
    let beside = own.with_file_name("lianshen");
    // Always asked for: cargo knows best whether it is the one of these sources.
    let mut build = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    build
        .args(["build", "--quiet", "-p", "lianshen", "--bin", "lianshen"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    if status(build).await?.success() && beside.is_file() {
        return Ok(beside);
    }
    Err(AppError::internal("cargo did not build lianshen"))
}

impl Program {
    /// Starts it on a database, and waits for its first answer.
    ///
    /// # Errors
    /// When it does not start, or answers nothing within half a minute.
    pub async fn start(binary: &Path, database: &str) -> Result<Self, AppError> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(AppError::internal)?;
        let address = free.local_addr().map_err(AppError::internal)?;
        drop(free);
        let began = Instant::now();
        let child = Command::new(binary)
            .arg("serve")
            .env("LIANSHEN_DATABASE_URL", database)
            .env("LIANSHEN_LISTEN", address.to_string())
            // Nobody signs in anew while a round is measured; everything else is as it comes.
            .env("LIANSHEN_ACCESS_TOKEN_MINUTES", "600")
            .env("LIANSHEN_SESSION_IDLE_MINUTES", "600")
            .env("LIANSHEN_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(AppError::internal)?;
        let mut program = Self {
            address,
            first_answer: Duration::ZERO,
            child,
        };
        while began.elapsed() < Duration::from_secs(30) {
            if program.answers().await.is_ok() {
                program.first_answer = began.elapsed();
                return Ok(program);
            }
            if let Some(status) = program.child.try_wait().map_err(AppError::internal)? {
                return Err(AppError::internal(format!("the program ended: {status}")));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Err(AppError::internal("the program does not answer"))
    }

    async fn answers(&self) -> io::Result<()> {
        let mut wire = Wire::open(self.address).await?;
        let (status, _) = wire.post(None, br#"{"query":"{ __typename }"}"#).await?;
        if status == 200 {
            Ok(())
        } else {
            Err(io::Error::other("not yet"))
        }
    }

    /// Its anonymous memory in KiB.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn anonymous_kib(&self) -> Result<u64, AppError> {
        let id = self.child.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status"));
        let status = status.map_err(AppError::internal)?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.ok_or_else(|| AppError::internal("no RssAnon in /proc"))
    }

    /// Ends it in good order.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn stop(mut self) -> Result<(), AppError> {
        let mut kill = Command::new("kill");
        kill.arg(self.child.id().to_string());
        status(kill).await?;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(15) {
            if self.child.try_wait().map_err(AppError::internal)?.is_some() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(AppError::internal("the program does not end"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs another program to its end, beside what this one does.
///
/// # Errors
/// When it cannot be run.
pub async fn status(mut command: Command) -> Result<ExitStatus, AppError> {
    tokio::task::spawn_blocking(move || command.status())
        .await
        .map_err(AppError::internal)?
        .map_err(AppError::internal)
}

/// The same, with what it says.
///
/// # Errors
/// When it cannot be run.
pub async fn output(mut command: Command) -> Result<Output, AppError> {
    tokio::task::spawn_blocking(move || command.output())
        .await
        .map_err(AppError::internal)?
        .map_err(AppError::internal)
}
