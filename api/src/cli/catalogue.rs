//! The catalogue: published from a file, and whether its bundles can keep what they promise.

use std::path::Path;
use std::process::ExitCode;

use chrono::NaiveDate;

use super::commands::{machine, text_of};
use super::{complain, say};
use crate::catalogue::{self, Library};
use crate::config::Config;
use crate::error::AppError;
use crate::server;

/// How many start days a budget is tried on when nobody says.
pub(super) const YEAR: u32 = 365;

/// Publishes a catalogue file.
pub(super) async fn import(
    config: &Config,
    file: &Path,
    despite_faults: bool,
) -> Result<ExitCode, AppError> {
    let read = catalogue::file::parse(&text_of(file)?)
        .map_err(|error| AppError::internal(format!("{}: {error}", file.display())))?;
    let faults = read.faults();
    for (code, fault) in &faults {
        complain(format_args!("{code}: {fault}"));
    }
    if !faults.is_empty() && !despite_faults {
        return Err(AppError::internal(format!(
            "{} publishing rules are broken; nothing was published: mend them, or publish all the same with --despite-faults",
            faults.len()
        )));
    }
    let db = server::open_database(config, None, false).await?;
    catalogue::publish(&db, &machine(), &read).await?;
    say(format_args!(
        "{} ({}): {} departments, {} items, {} bundles are published",
        read.region.centre,
        read.region.code,
        read.departments.len(),
        read.items.len(),
        read.bundles.len()
    ))?;
    let library = Library::open(&db).await?;
    db.close().await;
    let today = machine().moment().today;
    for line in budget_lines(config, &library, &read.region.code, (today, YEAR)) {
        say(format_args!("{line}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says of every bundle that is open whether it can keep its joint limits.
pub(super) async fn budget(
    config: &Config,
    from: Option<NaiveDate>,
    days: u32,
) -> Result<ExitCode, AppError> {
    let db = server::open_database(config, None, false).await?;
    let library = Library::open(&db).await?;
    db.close().await;
    let first = from.unwrap_or_else(|| machine().moment().today);
    for region in library.present().centres.keys() {
        for line in budget_lines(config, &library, region, (first, days)) {
            say(format_args!("{line}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A line a bundle: it fits, or from how many days it doesn't, with the first of them.
fn budget_lines(
    config: &Config,
    library: &Library,
    region: &str,
    tried: (NaiveDate, u32),
) -> Vec<String> {
    let snapshot = library.present();
    let Some(centre) = snapshot.centre(region) else {
        return Vec::new();
    };
    let bundles = centre.catalogue.bundles();
    bundles
        .map(|bundle| {
            let misfits = catalogue::misfits(&snapshot, centre, bundle, config, tried);
            let (code, name) = (&bundle.code, &bundle.name);
            let Some(first) = misfits.first() else {
                return format!("{code} {name}: the joint promise can be kept from every day");
            };
            let law = misfits.iter().filter(|misfit| misfit.breaks_the_law()).count();
            let law = if law > 0 { format!(", the law's limit from {law}") } else { String::new() };
            format!(
                "{code} {name}: the joint promise cannot be kept from {} of {} days{law}; accepted on {}, ready on {}, \
                 promised for {} ({})",
                misfits.len(),
                tried.1,
                first.accepted_on,
                first.ready_on,
                first.promised_due_on,
                first.chain.join(" → ")
            )
        })
        .collect()
}
