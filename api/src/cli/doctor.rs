//! The doctor: what is set up, what is not, and what to do about it. It changes nothing.

mod findings;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use lianshen_domain::actor::Role;
use lianshen_domain::calendar::local_date;
use lianshen_entity::{Coded, account, calendar_notice, centre, event, signing_key};
use sea_orm::{
    ColumnTrait as _, DbBackend, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use secrecy::{ExposeSecret as _, SecretString};

use self::findings::{Finding, Level};
use crate::catalogue::Library;
use crate::config::Config;
use crate::db::{self, Db};
use crate::env::{Env, MachineClock};
use crate::error::{AppError, Lacking};
use crate::{calendar, case, identity, ledger, server};

/// Examines everything and prints what it found.
pub(super) async fn run(config: &Config, deep: bool) -> Result<ExitCode, AppError> {
    let now = Env::new(Arc::new(MachineClock)).now();
    let mut all = findings::of_settings(config);
    all.push(findings::of_keys(config));
    all.push(findings::of_address(config));
    match reach(config).await {
        Ok((db, reached)) => {
            all.push(reached);
            all.extend(findings::of_modes(config));
            all.extend(of_standby(&db).await);
            all.extend(of_pages(config, deep).await);
            all.extend(of_replica(&db, config).await);
            if let Err(error) = of_content(&db, config, now, &mut all).await {
                all.push(Finding::fail(
                    "database",
                    format!("cannot be read: {}", super::in_words(&error)),
                    "Check that this program's database user may read all tables.",
                ));
            }
            if deep {
                look_deeply(&db, config, &mut all).await;
            }
            db.close().await;
        }
        Err(finding) => {
            all.push(finding);
            all.push(findings::of_clock(now, None));
        }
    }
    for finding in &all {
        super::say(finding)?;
    }
    let failed = all
        .iter()
        .filter(|finding| finding.level == Level::Fail)
        .count();
    let warned = all
        .iter()
        .filter(|finding| finding.level == Level::Warn)
        .count();
    super::say(format_args!(
        "{} checks, {failed} failed, {warned} warnings",
        all.len()
    ))?;
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Connects, without making a database where there is none.
async fn reach(config: &Config) -> Result<(Db, Finding), Finding> {
    let url = config.database_url.expose_secret();
    let place = place_of(url)?;
    // The replica is another matter: it may be away.
    let alone = Config {
        replica_url: SecretString::default(),
        ..config.clone()
    };
    match server::connect(&alone, None).await {
        Ok(db) => {
            let text = match db.engine() {
                DbBackend::Postgres => {
                    format!("{place}; fsync, full_page_writes and synchronous_commit are on")
                }
                _ => format!("{place}; journal_mode is WAL, synchronous is FULL"),
            };
            Ok((db, Finding::ok("database", text)))
        }
        Err(error) => {
            let why = super::in_words(&error);
            let text = if why.starts_with(&place) {
                why
            } else {
                format!("{place} cannot be used: {why}")
            };
            Err(Finding::fail(
                "database",
                text,
                "Check database_url, that the server runs, and that the user may connect.",
            ))
        }
    }
}

/// A database to which nothing can be written.
async fn of_standby(db: &Db) -> Option<Finding> {
    // Who cannot be asked is told of below.
    db.is_standby().await.ok()?.then(|| {
        Finding::fail(
            "database",
            "it is a standby (pg_is_in_recovery), and nothing can be written to it",
            "Name the primary in database_url, and the standby in replica_url.",
        )
    })
}

/// What SQLite says of its pages. PostgreSQL looks after its own.
async fn of_pages(config: &Config, thoroughly: bool) -> Option<Finding> {
    let url = config.database_url.expose_secret();
    db::file_of(url).ok()??;
    let damage = db::damage(url, thoroughly).await;
    let damage = damage.map_err(|error| super::in_words(&error));
    Some(findings::of_pages(damage, thoroughly))
}

/// The standby to read from, where one is named.
async fn of_replica(primary: &Db, config: &Config) -> Option<Finding> {
    let url = config.replica_url.expose_secret();
    if url.is_empty() || primary.engine() != DbBackend::Postgres {
        return None;
    }
    let place = match db::place_of_replica(url) {
        Ok(place) => place,
        Err(error) => return Some(findings::of_no_replica(super::in_words(&error))),
    };
    let both = match server::connect(config, None).await {
        Ok(both) => both,
        Err(error) => return Some(findings::of_no_replica(super::in_words(&error))),
    };
    let asked = async {
        let replica = both.of_replica().ok_or(AppError::Busy(Lacking::Replica))?;
        let lacks_some =
            replica.pending_migrations().await? != primary.pending_migrations().await?;
        Ok::<_, AppError>((replica.is_standby().await?, lacks_some))
    };
    let asked = asked.await.map_err(|error| super::in_words(&error));
    both.close().await;
    Some(findings::of_replica(&place, asked))
}

/// Where the database is, without user and password.
fn place_of(url: &str) -> Result<String, Finding> {
    let unreadable = |error: String| {
        Finding::fail(
            "database",
            error,
            "Write sqlite:PATH or postgres://user:password@host/database.",
        )
    };
    let file = db::file_of(url).map_err(|error| unreadable(super::in_words(&error)))?;
    if let Some(file) = file.filter(|file| !file.exists()) {
        return Err(Finding::fail(
            "database",
            format!("there is no file {}", file.display()),
            "Run `lianshen migrate`, or name the right file in database_url.",
        ));
    }
    db::place_of(url).map_err(|error| unreadable(super::in_words(&error)))
}

/// What the database holds.
async fn of_content(
    db: &Db,
    config: &Config,
    now: DateTime<Utc>,
    all: &mut Vec<Finding>,
) -> Result<(), AppError> {
    let pending = match db.pending_migrations().await {
        Ok(pending) => pending,
        Err(error) => {
            all.push(Finding::fail(
                "migrations",
                super::in_words(&error),
                "Take the program that these tables belong to, and see that its user may read them.",
            ));
            all.push(findings::of_clock(now, None));
            return Ok(());
        }
    };
    if !pending.is_empty() {
        all.push(Finding::fail(
            "migrations",
            format!("{} not run yet: {}", pending.len(), pending.join(", ")),
            "Run `lianshen migrate`; the checks of what the tables hold are left out until then.",
        ));
        all.push(findings::of_clock(now, None));
        return Ok(());
    }
    all.push(Finding::ok("migrations", "all have run"));
    let reader = db.reader();
    let last: Option<DateTime<Utc>> = event::Entity::find()
        .select_only()
        .column(event::Column::EnteredAt)
        .order_by_desc(event::Column::EnteredAt)
        .limit(1)
        .into_tuple()
        .one(reader)
        .await?;
    all.push(findings::of_clock(now, last));

    let notices = calendar_notice::Entity::find().all(reader).await?;
    // Only the State Council's notice settles a year.
    let national = notices
        .iter()
        .filter(|notice| notice.region.is_empty() && notice.superseded_at.is_none());
    let years: BTreeSet<i32> = national.map(|notice| notice.year).collect();
    all.extend(findings::of_calendar(&years, local_date(now)));

    let centres = centre::Entity::find().all(reader).await?;
    if centres.is_empty() {
        all.push(Finding::warn(
            "catalogue",
            "nothing is published",
            "Run `lianshen catalogue import FILE`.",
        ));
    }
    let named = config.mediation.named();
    for centre in centres {
        let about = format!("{} ({})", centre.name, centre.region);
        if let Some(code) = named
            && !identity::has_department(reader, &centre.region, code).await?
        {
            let text =
                format!("mediation.named_department is {code:?}, which {about} does not have");
            let advice = "Write a code of its catalogue; until then this level is left out there.";
            all.push(Finding::warn("mediation", text, advice));
        }
        all.push(Finding::ok("catalogue", about.clone()));
        if has_administrator(db, &centre.region).await? {
            all.push(Finding::ok(
                "accounts",
                format!("{about} has an administrator"),
            ));
        } else {
            let advice = format!(
                "Run `lianshen account create --region {} --name NAME --display-name NAME`.",
                centre.region
            );
            let text = format!("{about} has no system administrator");
            all.push(Finding::warn("accounts", text, advice));
        }
    }
    let kept = signing_key::Entity::find().all(reader).await?.len();
    all.push(findings::of_kept_keys(kept, config));
    let position = ledger::last_position(db).await?;
    all.push(Finding::ok(
        "ledger",
        format!("{position} entries are numbered; `lianshen audit verify` walks the chain"),
    ));
    Ok(())
}

/// What takes the longer the more there is: everything is counted, and compared, again.
async fn look_deeply(db: &Db, config: &Config, all: &mut Vec<Finding>) {
    let pending = db.pending_migrations().await;
    if pending.is_ok_and(|pending| !pending.is_empty()) {
        return;
    }
    let clocks = of_clocks(db, config, all).await;
    or_say(all, "clocks", "counted again", clocks);
    let tally = of_tally(db, all).await;
    or_say(all, "tally", "counted again", tally);
    let signatures = of_signatures(db, all).await;
    or_say(all, "opinions", "compared", signatures);
}

fn or_say(all: &mut Vec<Finding>, check: &'static str, what: &str, looked: Result<(), AppError>) {
    if let Err(error) = looked {
        all.push(Finding::fail(
            check,
            format!("cannot be {what}: {}", super::in_words(&error)),
            "Mend what the checks above name first.",
        ));
    }
}

/// Every due date, made anew from its events.
async fn of_clocks(db: &Db, config: &Config, all: &mut Vec<Finding>) -> Result<(), AppError> {
    if !calendar::unprojected(db.reader()).await?.is_empty() {
        all.push(Finding::warn(
            "clocks",
            "a notice was adopted, and what it moves is being written",
            "Run this again in a minute, with the server running.",
        ));
        return Ok(());
    }
    let snapshot = Library::open(db).await?.present();
    let today = Env::new(Arc::new(MachineClock)).moment().today;
    let found = case::recount(db, &snapshot, &Arc::new(config.clone()), today).await?;
    let text = format!(
        "{} clocks of {} applications were made anew from their events",
        found.clocks, found.applications
    );
    all.push(Finding::ok("clocks", text));
    for fault in found.faults {
        all.push(Finding::fail(
            "clocks",
            fault,
            "If it is not understood, a newer program wrote it, or somebody changed it: take that program, or a backup. If [conventions] were changed, write what was in force before into [[former_conventions]]. Otherwise tell the developers; until then go by what the events give, as the API does.",
        ));
    }
    Ok(())
}

/// So many faults of a kind are named.
const NAMED: usize = 100;

/// Every case and every card, counted again.
async fn of_tally(db: &Db, all: &mut Vec<Finding>) -> Result<(), AppError> {
    let found = case::recount_tally(db).await?;
    let text = format!("{} cases and cards were counted again", found.rows);
    all.push(Finding::ok("tally", text));
    for fault in found.faults.into_iter().take(NAMED) {
        all.push(Finding::fail(
            "tally",
            fault,
            "A running server counts again every night and puts it right; tell the developers unless rows were changed by hand.",
        ));
    }
    Ok(())
}

/// Every opinion, compared with its signature.
async fn of_signatures(db: &Db, all: &mut Vec<Finding>) -> Result<(), AppError> {
    let found = case::verify_signatures(db).await?;
    let text = format!(
        "{} are as they were signed, {} are from before opinions were signed",
        found.sound, found.unsigned
    );
    all.push(Finding::ok("opinions", text));
    for fault in found.faults.into_iter().take(NAMED) {
        all.push(Finding::fail(
            "opinions",
            fault,
            "Somebody changed rows by hand: compare with a backup, and with the papers.",
        ));
    }
    Ok(())
}

async fn has_administrator(db: &Db, region: &str) -> Result<bool, AppError> {
    let administrator = account::Entity::find()
        .filter(account::Column::Region.eq(region))
        .filter(account::Column::Role.eq(Coded(Role::SystemAdministrator)))
        .filter(account::Column::ClosedAt.is_null())
        .one(db.reader())
        .await?;
    Ok(administrator.is_some())
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait as _;

    use super::*;
    use crate::db::scratch::Scratch;

    async fn opened(scratch: &Scratch) -> (Db, Config) {
        let mut config = Config::defaults().unwrap();
        config.database_url = scratch.url().into();
        let db = server::open_database(&config, None, true).await.unwrap();
        (db, config)
    }

    async fn write(db: &Db, sql: &'static str) {
        let written = crate::db::write(db, async |tx| {
            tx.execute_unprepared(sql).await?;
            Ok(())
        });
        written.await.unwrap();
    }

    #[tokio::test]
    async fn a_named_department_that_a_centre_does_not_have_is_told() {
        let scratch = Scratch::new();
        let (db, mut config) = opened(&scratch).await;
        write(
            &db,
            "INSERT INTO centre (region, name, region_name, revision) VALUES ('320999', '甲', '乙', 1)",
        )
        .await;
        write(
            &db,
            "INSERT INTO department (id, region, code, name, short_name, definition) \
             VALUES (x'00112233445566778899aabbccddeeff', '320999', 'FGW', '丙', '丁', '{}')",
        )
        .await;
        let now = Env::new(Arc::new(MachineClock)).now();
        for (code, is_told) in [("", false), ("FGW", false), ("fgw", true)] {
            config.mediation.named_department = code.to_owned();
            let mut all = Vec::new();
            of_content(&db, &config, now, &mut all).await.unwrap();
            let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
            let told = lines.iter().any(|line| line.starts_with("WARN  mediation"));
            assert_eq!(told, is_told, "{lines:?}");
        }
        db.close().await;
    }

    #[tokio::test]
    async fn a_count_of_what_is_not_there_is_named() {
        let scratch = Scratch::new();
        let (db, _) = opened(&scratch).await;
        let told = async |db: &Db| {
            let mut all = Vec::new();
            of_tally(db, &mut all).await.unwrap();
            let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
            lines.join("\n")
        };
        assert!(told(&db).await.starts_with("OK    tally"));
        write(
            &db,
            "INSERT INTO tally (region, topic, day, department, code, n) \
             VALUES ('320999', 'WARNING', '0001-01-01', '', 'ALERT', 2)",
        )
        .await;
        let told = told(&db).await;
        db.close().await;
        assert!(told.contains("FAIL  tally"), "{told}");
        assert!(
            told.contains("WARNING ALERT 0001-01-01: kept 2, rows give 0"),
            "{told}"
        );
    }
}
