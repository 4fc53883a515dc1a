//! What the doctor finds, judged without a database.

use std::collections::BTreeSet;
use std::fmt;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Config;
use crate::db;
use crate::exchange::Post;
use crate::identity::SigningKey;
use crate::telemetry;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// It works, but not for ever or not for everybody.
    Warn,
    /// It does not work, or not lawfully.
    Fail,
}

/// One check and its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// How bad it is.
    pub(super) level: Level,
    /// What was looked at.
    about: &'static str,
    /// What was found.
    text: String,
    /// What to do.
    advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(about: &'static str, text: impl Into<String>) -> Self {
        Self {
            level: Level::Ok,
            about,
            text: text.into(),
            advice: None,
        }
    }

    pub(super) fn warn(
        about: &'static str,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Warn,
            about,
            text: text.into(),
            advice: Some(advice.into()),
        }
    }

    pub(super) fn fail(
        about: &'static str,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Fail,
            ..Self::warn(about, text, advice)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "OK",
            Level::Warn => "WARN",
            Level::Fail => "FAIL",
        };
        write!(f, "{level:<4}  {:<13}  {}", self.about, self.text)?;
        if let Some(advice) = &self.advice {
            write!(f, "\n      {:<13}  > {advice}", "")?;
        }
        Ok(())
    }
}

/// Settings that can be read but do not make sense.
pub(super) fn of_settings(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    for fault in config.out_of_bounds() {
        found.push(Finding::fail(
            "configuration",
            fault,
            "Set it within these bounds, or leave it out for the default.",
        ));
    }
    // Whoever cannot be asked by the settings themselves is named above.
    if config.sharing.faults().is_empty()
        && let Err(error) = Post::of(&config.sharing)
    {
        found.push(Finding::fail(
            "configuration",
            error.to_string(),
            "Let sharing.ca_file name a PEM file that this program's user may read, and keep the token to one line.",
        ));
    }
    if let Err(error) = telemetry::filter(&config.log) {
        found.push(Finding::fail(
            "configuration",
            error.to_string(),
            "Write it like info,sqlx=warn.",
        ));
    }
    if found.is_empty() {
        found.push(Finding::ok("configuration", "read"));
    }
    found
}

/// Who may read what SQLite keeps, where that is not its owner alone.
pub(super) fn of_modes(config: &Config) -> Option<Finding> {
    let file = db::file_of(config.database_url.expose_secret()).ok()??;
    let file = file.display();
    let parts = ["", "-wal", "-shm"].map(|end| format!("{file}{end}"));
    let (open, mode) = parts.into_iter().find_map(|part| {
        let mode = Path::new(&part).metadata().ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then_some((part, mode))
    })?;
    Some(Finding::warn(
        "database",
        format!(
            "{open} is open to others than its owner (mode {mode:o}), and holds personal data and keys"
        ),
        format!("Run `chmod 600 {file}*`."),
    ))
}

/// The keys in the configuration.
pub(super) fn of_keys(config: &Config) -> Finding {
    const ADVICE: &str = "Write each as NAME:BASE64, of at least 32 random bytes, e.g. from `openssl rand -base64 32`.";
    let mut names = BTreeSet::new();
    for (index, key) in config.signing_keys.iter().enumerate() {
        let read = key.expose_secret().split_once(':').map(|(kid, secret)| {
            SigningKey::new(kid, &SecretString::from(secret)).map(|key| key.kid().to_owned())
        });
        let number = index + 1;
        match read {
            Some(Ok(name)) if names.insert(name.clone()) => {}
            Some(Ok(name)) => {
                let text = format!("two keys are named {name}");
                return Finding::fail("signing keys", text, ADVICE);
            }
            Some(Err(error)) => {
                let text = format!("key {number}: {error}");
                return Finding::fail("signing keys", text, ADVICE);
            }
            None => {
                let text = format!("key {number} has no name");
                return Finding::fail("signing keys", text, ADVICE);
            }
        }
    }
    if names.is_empty() {
        return Finding::ok("signing keys", "none configured, the database keeps them");
    }
    let names: Vec<_> = names.into_iter().collect();
    Finding::ok("signing keys", format!("configured: {}", names.join(", ")))
}

/// The keys in the database, which sign unless some are configured.
pub(super) fn of_kept_keys(kept: usize, config: &Config) -> Finding {
    let text = match (kept, config.signing_keys.is_empty()) {
        (0, true) => "the database keeps none yet; the first start makes one".to_owned(),
        (0, false) => "the database keeps none".to_owned(),
        (kept, true) => {
            format!("the database keeps {kept}; whoever reads a backup can sign with it")
        }
        (kept, false) => {
            format!("the database keeps {kept}, not used as long as others are configured")
        }
    };
    Finding::ok("signing keys", text)
}

/// What SQLite found wrong in its file, or why it could not look.
pub(super) fn of_pages(damage: Result<Vec<String>, String>, thoroughly: bool) -> Finding {
    const ADVICE: &str =
        "Stop the server, keep this file, and go back to the last sound backup; look at the disk.";
    let looked = if thoroughly {
        "every page and every index was read (integrity_check)"
    } else {
        "every page was read (quick_check)"
    };
    match damage {
        Ok(found) if found.is_empty() => Finding::ok("file", looked),
        Ok(mut found) => {
            found.truncate(3);
            let text = format!("it is damaged: {}", found.join("; "));
            Finding::fail("file", text, ADVICE)
        }
        Err(error) => Finding::fail("file", format!("it cannot be examined: {error}"), ADVICE),
    }
}

/// A replica that was asked whether it is a standby, and whether it lacks tables that the primary has.
pub(super) fn of_replica(place: &str, asked: Result<(bool, bool), String>) -> Finding {
    match asked {
        Ok((true, false)) => Finding::ok(
            "replica",
            format!("{place}, a standby with the same migrations"),
        ),
        Ok((true, true)) => Finding::warn(
            "replica",
            format!("{place} has not the same migrations as the primary yet"),
            "Wait until it has caught up; if it does not, look at its log.",
        ),
        Ok((false, _)) => of_no_replica(format!("{place} is no standby (pg_is_in_recovery)")),
        Err(error) => Finding::warn(
            "replica",
            format!("{place} cannot be asked: {error}; the primary is read instead"),
            "Check that it runs and that the user may connect.",
        ),
    }
}

/// What is no replica of this database; a server does not start with it.
pub(super) fn of_no_replica(why: String) -> Finding {
    Finding::fail(
        "replica",
        why,
        "Let replica_url name a streaming standby of the primary, or leave it out.",
    )
}

/// Who can reach the server.
pub(super) fn of_address(config: &Config) -> Finding {
    let listen = config.listen;
    if listen.ip().is_loopback() {
        return Finding::ok(
            "address",
            format!("{listen}, reached from this machine only"),
        );
    }
    let mut text = format!("{listen} is reached from other machines, without TLS");
    if config.introspection || config.playground {
        text.push_str(", and introspection or playground is on");
    }
    Finding::warn(
        "address",
        text,
        "Put a proxy with TLS in front and listen on 127.0.0.1, or let only the proxy reach this port.",
    )
}

/// Whether the machine's clock can be right; every legal period hangs on it.
pub(super) fn of_clock(now: DateTime<Utc>, last_event: Option<DateTime<Utc>>) -> Finding {
    const ADVICE: &str = "Set the clock, e.g. by NTP (`timedatectl`), before anything is entered.";
    let shown = now.format("%Y-%m-%d %H:%M:%S UTC");
    if !(2026..=2100).contains(&now.year()) {
        return Finding::fail("clock", format!("it cannot be {shown}"), ADVICE);
    }
    match last_event {
        Some(last) if last > now + Duration::minutes(1) => {
            let last = last.format("%Y-%m-%d %H:%M:%S UTC");
            let text = format!("it is {shown}, but the last event was entered at {last}");
            Finding::fail("clock", text, ADVICE)
        }
        _ => Finding::ok("clock", shown.to_string()),
    }
}

/// Whether there is a holiday notice for this year and the next.
///
/// The State Council usually issues the notice for a year in November of the year before; until then nobody
/// can have it, and dates that reach into that year are provisional.
pub(super) fn of_calendar(years: &BTreeSet<i32>, today: NaiveDate) -> Vec<Finding> {
    const ADVICE: &str = "Get it from www.gov.cn, add its days to the calendar file, run `lianshen calendar import FILE`.";
    let (this, next) = (today.year(), today.year() + 1);
    let missing = |year: i32| {
        format!(
            "no notice 国务院办公厅关于{year}年部分节假日安排的通知 is adopted; due dates in {year} are provisional"
        )
    };
    let mut found = Vec::new();
    if years.contains(&this) {
        found.push(Finding::ok("calendar", format!("{this} has its notice")));
    } else {
        found.push(Finding::fail("calendar", missing(this), ADVICE));
    }
    if years.contains(&next) {
        found.push(Finding::ok("calendar", format!("{next} has its notice")));
    } else if today.month() < 11 {
        let text = format!("the notice for {next} usually comes in November");
        found.push(Finding::ok("calendar", text));
    } else {
        found.push(Finding::warn("calendar", missing(next), ADVICE));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(years: &[i32], today: (i32, u32, u32)) -> Vec<Level> {
        let today = NaiveDate::from_ymd_opt(today.0, today.1, today.2).unwrap();
        of_calendar(&years.iter().copied().collect(), today)
            .iter()
            .map(|finding| finding.level)
            .collect()
    }

    #[test]
    fn the_calendar_covers_this_year_and_in_november_the_next() {
        use Level::{Fail, Ok, Warn};
        assert_eq!(levels(&[2026], (2026, 10, 31)), [Ok, Ok]);
        assert_eq!(levels(&[2026], (2026, 11, 1)), [Ok, Warn]);
        assert_eq!(levels(&[2026, 2027], (2026, 12, 31)), [Ok, Ok]);
        assert_eq!(levels(&[2026], (2027, 1, 1)), [Fail, Ok]);
        assert_eq!(levels(&[2025, 2027], (2026, 12, 1)), [Fail, Ok]);
        assert_eq!(levels(&[], (2026, 12, 1)), [Fail, Warn]);
    }

    #[test]
    fn the_missing_notice_is_named() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let found = of_calendar(&BTreeSet::from([2026]), today);
        let text = found[1].to_string();
        assert!(text.contains("关于2027年部分节假日安排的通知"), "{text}");
        assert!(text.contains("lianshen calendar import"), "{text}");
    }

    #[test]
    fn a_clock_behind_the_ledger_fails() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-23T08:00:00Z");
        assert_eq!(of_clock(now, None).level, Level::Ok);
        assert_eq!(
            of_clock(now, Some(at("2026-11-23T08:00:59Z"))).level,
            Level::Ok
        );
        assert_eq!(
            of_clock(now, Some(at("2026-11-23T08:02:00Z"))).level,
            Level::Fail
        );
        assert_eq!(
            of_clock(at("1970-01-01T00:00:00Z"), None).level,
            Level::Fail
        );
    }

    #[test]
    fn keys_are_judged_and_never_shown() {
        let mut config = Config::defaults().unwrap();
        assert_eq!(of_keys(&config).level, Level::Ok);
        let good = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let judge = |config: &mut Config, keys: &[&str]| {
            config.signing_keys = keys.iter().map(|key| SecretString::from(*key)).collect();
            of_keys(config)
        };
        let fine = judge(&mut config, &[&format!("a:{good}"), &format!("b:{good}")]);
        assert_eq!(fine.level, Level::Ok);
        for wrong in [
            &[&*format!("a:{good}"), &format!("a:{good}")][..],
            &["a:c2hvcnQ="],
            &[good],
            &["a b:c2hvcnQ="],
        ] {
            let finding = judge(&mut config, wrong);
            assert_eq!(finding.level, Level::Fail, "{wrong:?}");
            assert!(!finding.to_string().contains("c2hvcnQ"), "{finding}");
            assert!(!finding.to_string().contains(good), "{finding}");
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_named_with_its_bounds() {
        let mut config = Config::defaults().unwrap();
        assert_eq!(of_settings(&config).len(), 1);
        config.conventions.acceptance_check_days = 9;
        config.thresholds.promise_charged_percent = 0;
        config.late_entry_days = 400;
        config.pool = 0;
        config.sharing.url = "https://exchange.example/share".to_owned();
        config.sharing.ca_file = "/nowhere/ca.pem".to_owned();
        let found = of_settings(&config);
        assert!(found.iter().all(|finding| finding.level == Level::Fail));
        let text: String = found.iter().map(ToString::to_string).collect();
        for named in [
            "late_entry_days is 400",
            "pool is 0, and may be 1 to 1000",
            "sharing.ca_file /nowhere/ca.pem cannot be read",
            "conventions.acceptance_check_days is 9, and may be 1 to 5",
            "thresholds.promise_charged_percent is 0, and may be 1 to 100",
        ] {
            assert!(text.contains(named), "{text}");
        }
    }

    #[test]
    fn kept_keys_are_said_to_sign_only_where_none_is_configured() {
        let mut config = Config::defaults().unwrap();
        let told = |kept, config: &Config| of_kept_keys(kept, config).to_string();
        assert!(told(0, &config).contains("the first start makes one"));
        assert!(told(1, &config).contains("can sign with it"));
        config.signing_keys = vec![SecretString::from("a:AAAA")];
        assert!(told(1, &config).contains("not used"));
        assert!(!told(0, &config).contains("first start"));
    }

    #[test]
    fn damage_fails_and_is_told() {
        assert_eq!(of_pages(Ok(vec![]), false).level, Level::Ok);
        let lines = ["Page 6: one", "two", "three", "four"].map(str::to_owned);
        let found = of_pages(Ok(lines.to_vec()), true);
        assert_eq!(found.level, Level::Fail);
        let text = found.to_string();
        assert!(text.contains("Page 6: one; two; three\n"), "{text}");
        assert_eq!(of_pages(Err("no".to_owned()), true).level, Level::Fail);
    }

    #[test]
    fn a_replica_that_is_away_is_warned_of_and_what_is_none_fails() {
        let judged = |asked| of_replica("PostgreSQL at b:5432, database c", asked).level;
        assert_eq!(judged(Ok((true, false))), Level::Ok);
        assert_eq!(judged(Ok((true, true))), Level::Warn);
        assert_eq!(judged(Err("refused".to_owned())), Level::Warn);
        assert_eq!(judged(Ok((false, false))), Level::Fail);
    }

    #[test]
    fn a_file_that_others_may_read_is_warned_of() {
        let scratch = db::scratch::Scratch::new();
        let file = scratch.file();
        let mut config = Config::defaults().unwrap();
        config.database_url = scratch.url().into();
        let judged = |mode| {
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            of_modes(&config)
        };
        let (open, group, own) = (judged(0o644), judged(0o640), judged(0o600));
        let open = open.unwrap();
        assert_eq!(open.level, Level::Warn);
        assert!(open.to_string().contains("mode 644"), "{open}");
        assert!(group.is_some());
        assert_eq!(own, None);
    }

    #[test]
    fn an_open_address_is_warned_of() {
        let mut config = Config::defaults().unwrap();
        assert_eq!(of_address(&config).level, Level::Ok);
        config.listen = "0.0.0.0:4000".parse().unwrap();
        assert_eq!(of_address(&config).level, Level::Warn);
    }
}
