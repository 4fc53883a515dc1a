//! A PostgreSQL for measuring, on disk, with the settings that it comes with.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{output, status};
use lianshen::error::AppError;

/// A cluster that goes when it is stopped, or when this process has gone.
pub struct Cluster {
    /// Where it is.
    pub url: String,
    folder: PathBuf,
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../postgres");

impl Cluster {
    /// Starts one.
    ///
    /// # Errors
    /// When no PostgreSQL is installed, or it does not start.
    pub async fn start(folder: &Path) -> Result<Self, AppError> {
        let mut script = Command::new(SCRIPT);
        script
            .arg("measure")
            .arg(folder)
            .arg(std::process::id().to_string());
        let output = output(script).await?;
        let url = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() && url.starts_with("postgres://") {
            return Ok(Self {
                url,
                folder: folder.to_owned(),
            });
        }
        let fault = String::from_utf8_lossy(&output.stderr);
        Err(AppError::internal(format!("no PostgreSQL: {fault}")))
    }

    /// Stops it, and removes all of it.
    ///
    /// # Errors
    /// When it cannot be stopped.
    pub async fn stop(self) -> Result<(), AppError> {
        let mut script = Command::new(SCRIPT);
        script.arg("stop").arg(&self.folder);
        if status(script).await?.success() {
            Ok(())
        } else {
            Err(AppError::internal("PostgreSQL cannot be stopped"))
        }
    }
}
