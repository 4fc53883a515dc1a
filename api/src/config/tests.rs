use figment::Jail;
use lianshen_domain::clock::CardModel;
use lianshen_domain::supervision::TimeRule;

use super::*;

/// Reads variables and a file, in an environment of its own.
fn read(variables: &[(&str, &str)], file: &str) -> Result<Config, String> {
    let mut read = Err(String::new());
    Jail::expect_with(|jail| {
        jail.clear_env();
        for (name, value) in variables {
            jail.set_env(name, value);
        }
        jail.create_file("lianshen.toml", file)?;
        let loaded = Config::load(Some(Path::new("lianshen.toml")));
        read = loaded.map_err(|error| error.to_string());
        Ok(())
    });
    read
}

#[test]
fn variables_reach_into_the_tables_and_win_over_the_file() {
    let file = "late_entry_days = 5\n[thresholds]\nstill_open_after = 9\npromise_days_left = 2\n\
                [thresholds.grace]\nTIME_02 = 1\n";
    let config = read(
        &[
            ("LIANSHEN_THRESHOLDS__CARD_MODEL", "WARNING_COLOURS"),
            ("LIANSHEN_THRESHOLDS__STILL_OPEN_AFTER", "4"),
            ("LIANSHEN_THRESHOLDS__OFF", "[TIME_05, TIME_08]"),
            ("LIANSHEN_THRESHOLDS__GRACE__TIME_08", "2"),
            ("LIANSHEN_CONVENTIONS__ACCEPTANCE_CHECK_DAYS", "3"),
            ("LIANSHEN_CONVENTIONS__RENEWAL_APPLY__N", "60"),
            ("LIANSHEN_OUTLOOK__DIGEST_AT", "07:15"),
            ("LIANSHEN_OUTLOOK__LEAST_CASES", "3"),
            ("LIANSHEN_SWEEP_SECONDS", "10"),
            ("LIANSHEN_ALLOWED_ORIGINS", "[\"https://a.example\"]"),
            ("LIANSHEN_TRUSTED_PROXIES", "[10.0.0.0/8, \"fd00::1\"]"),
            ("LIANSHEN_TEST_POSTGRES", "skip"),
            ("LIANSHEN_CROWD_SEED", "7"),
            ("LIANSHEN_MODEL_SEED", "7"),
            ("LIANSHEN_MODEL_LIVES", "7"),
        ],
        file,
    )
    .unwrap();
    let thresholds = &config.thresholds;
    assert_eq!(thresholds.card_model, CardModel::WarningColours);
    assert_eq!(
        (thresholds.still_open_after, thresholds.promise_days_left),
        (4, 2)
    );
    assert_eq!(
        thresholds.off,
        [TimeRule::StepPassed, TimeRule::DeliveryPassed]
    );
    let grace = [(TimeRule::PromisePassed, 1), (TimeRule::DeliveryPassed, 2)];
    assert_eq!(thresholds.grace, grace.into());
    assert_eq!(config.conventions.acceptance_check_days, 3);
    assert_eq!(config.conventions.renewal_apply.n, 60);
    assert_eq!(config.outlook.digest_at.to_string(), "07:15:00");
    assert_eq!(
        (config.outlook.least_cases, config.outlook.history_cases),
        (3, 50)
    );
    assert_eq!((config.late_entry_days, config.sweep_seconds), (5, 10));
    assert_eq!(config.allowed_origins, ["https://a.example"]);
    let proxies = ["10.0.0.0/8", "fd00::1"].map(|net| net.parse::<Net>().unwrap());
    assert_eq!(config.trusted_proxies, proxies);
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    for (name, value, named) in [
        ("LIANSHEN_THRESHOLDS__CARD_MODELL", "x", "card_modell"),
        ("LIANSHEN_THRESHOLDS__CARD_MODEL", "PINK", "PINK"),
        ("LIANSHEN_THRESHOLDS__GRACE__TIME_99", "1", "time_99"),
        ("LIANSHEN_CONVENTIONS__SUPPLEMENT", "1", "supplement"),
        ("LIANSHEN_OUTLOOK__DIGEST_AT", "25:00", "25:00"),
        ("LIANSHEN_OUTLOOK__DIGEST_AT", "8 Uhr", "write it as 08:30"),
        ("LIANSHEN_SWEEP", "1", "sweep"),
        ("LIANSHEN_LATE_ENTRY_DAYS", "-1", "LATE_ENTRY_DAYS"),
    ] {
        let error = read(&[(name, value)], "").unwrap_err();
        assert!(error.contains(named), "{name}: {error}");
    }
    assert!(
        read(&[], "[thresholds]\nof = []")
            .unwrap_err()
            .contains("of")
    );
    let defaults = read(&[], "").unwrap();
    assert_eq!(defaults.thresholds, Thresholds::default());
    assert_eq!(defaults.conventions, Conventions::default());
}

/// Whoever reads it learns what may stand there.
#[test]
fn what_is_wrong_is_told_with_what_is_right() {
    for (file, said) in [
        ("pool = -1", "a whole number, 1 to 1000"),
        ("sweep_seconds = -30", "a whole number, 1 to 300"),
        ("late_entry_days = 99999999999", "a whole number, 0 to 365"),
        ("[sharing]\nattempts = \"many\"", "a whole number, 1 to 50"),
        (
            "[thresholds]\nstill_open_after = -1",
            "a whole number, 0 or more",
        ),
        ("playground = \"on\"", "true or false"),
        ("allowed_origins = \"https://a.example\"", "a list, such as"),
        ("log_format = \"xml\"", "`json` or `text`"),
        (
            "[conventions]\nsupplement_days = \"x\"",
            "for key \"conventions.supplement_days\"",
        ),
        (
            "[conventions]\nclosing_time = \"6 pm\"",
            "write it as 08:30",
        ),
        ("pol = 1", "`pool`"),
        (
            "[conventions]\nrenewal_apply = { n = 30, unit = \"WORKDAY\", m = 1 }",
            "`n` or `unit`",
        ),
        (
            "[conventions]\njoint_suspension_policy = \"SOME\"",
            "known are ANY, ALL, NONE",
        ),
        ("[thresholds]\noff = [\"TIME_00\"]", "known are TIME_01"),
        ("[thresholds.grace]\nTIME_00 = 1", "known are TIME_01"),
    ] {
        let error = read(&[], file).unwrap_err();
        assert!(error.contains(said), "{file}: {error}");
    }
}

/// A browser sends scheme and host: whoever writes less, or more, lets nobody in.
#[test]
fn an_origin_that_no_browser_sends_is_told() {
    let faults = |origin: &str| {
        let file = format!("allowed_origins = [\"{origin}\"]");
        read(&[], &file).unwrap().out_of_bounds()
    };
    for good in ["https://a.example", "http://a.example:8443/"] {
        assert_eq!(faults(good), Vec::<String>::new());
    }
    for wrong in [
        "a.example",
        "https://a.example/hall",
        "https://a.example:443",
        "http://a.example:80",
        "ftp://a.example",
        "",
    ] {
        assert_eq!(faults(wrong).len(), 1, "{wrong}");
        assert!(faults(wrong)[0].contains("wants scheme and host"));
    }
}

/// Whoever mends one learns of the others now, and not at the next start.
#[test]
fn all_that_is_wrong_is_told_at_once_with_its_key() {
    let file = "pol = 9\npool = 0\nlog_format = \"xml\"\nsweep_seconds = \"often\"\n\
        [conventions]\nsupplement_days = 251\nopinion_day = 3\n\
        [thresholds]\noff = [\"TIME_05\", \"TIME_00\"]\n[thresholds.grace]\nTIME_77 = 1\n\
        [[former_conventions]]\nuntil = \"2025-12-31\"\nconventions = { opinion_days = \"x\" }\n\
        [[former_conventions]]\nuntil = \"2026-13-01\"\n";
    let variables = [
        ("LIANSHEN_PASSES", "3"),
        ("LIANSHEN_CONVENTIONS__OPINION_DAYS", "some"),
    ];
    let error = read(&variables, file).unwrap_err();
    let told: Vec<&str> = error.lines().collect();
    for (key, said) in [
        ("pol\"", "expected one of `listen`, `database_url`"),
        ("log_format\"", "expected `json` or `text`"),
        ("sweep_seconds\"", "a whole number, 1 to 300"),
        ("conventions.opinion_day\"", "`opinion_days`"),
        ("CONVENTIONS.OPINION_DAYS\"", "a whole number"),
        ("thresholds.off.1\"", "known are TIME_01"),
        ("thresholds.grace\"", "known are TIME_01"),
        (
            "former_conventions.0.conventions.opinion_days\"",
            "a whole number",
        ),
        ("former_conventions.1.until\"", "out of range"),
        ("PASSES\"", "unknown field"),
        ("pool is 0", "1 to 1000"),
        ("conventions.supplement_days is 251", "1 to 250"),
    ] {
        let one = told.iter().filter(|line| line.contains(key));
        let one: Vec<_> = one.collect();
        assert_eq!(one.len(), 1, "{key}: {error}");
        assert!(one[0].contains(said), "{key}: {error}");
    }
    assert_eq!(told.len(), 12, "{error}");
    assert!(!error.contains("``"), "{error}");
}

/// What is out of bounds only because another setting is wrong may be within them when that is mended.
#[test]
fn what_rests_on_a_setting_that_is_wrong_is_not_judged() {
    for (wrong, rests) in [
        (
            "database_url = 5\nreplica_url = \"postgres://a\"",
            "replica",
        ),
        (
            "[outlook]\nhistory_cases = \"x\"\nleast_cases = 60",
            "least_cases",
        ),
    ] {
        let error = read(&[], wrong).unwrap_err();
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(!error.contains(rests), "{error}");
    }
}

#[test]
fn what_was_decided_before_is_read_and_checked() {
    let file = "[conventions]\nsupplement_days = 10\n\
        [[former_conventions]]\nuntil = \"2026-12-31\"\nconventions = { supplement_days = 15 }\n\
        [[former_conventions]]\nuntil = \"2025-12-31\"\n";
    let mut config = read(&[], file).unwrap();
    let supplement_days = |day: &str| {
        let day = day.parse().unwrap();
        config.conventions_on(day).supplement_days
    };
    assert_eq!(
        ["2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01"].map(supplement_days),
        [20, 15, 15, 10]
    );
    assert_eq!(config.out_of_bounds(), [""; 0]);

    config.former_conventions[0].conventions.supplement_days = 251;
    config.former_conventions[1].until = config.former_conventions[0].until;
    assert_eq!(
        config.out_of_bounds(),
        [
            "former_conventions until 2026-12-31: supplement_days is 251, and may be 1 to 250",
            "former_conventions has two entries until 2026-12-31; keep one of them",
        ]
    );
    let misspelt = "[[former_conventions]]\nuntil = \"2026-12-31\"\nconvention = {}\n";
    assert!(read(&[], misspelt).unwrap_err().contains("convention"));
}

#[test]
fn what_is_wrong_is_named_and_its_value_is_not() {
    for (variables, file, named) in [
        (
            &[("LIANSHEN_SIGNING_KEYS", "a:S3CRET")][..],
            "",
            "SIGNING_KEYS",
        ),
        (&[("LIANSHEN_POOL", "postgres://a:S3CRET@b/c")], "", "POOL"),
        (&[("LIANSHEN_SHARING", "S3CRET")], "", "SHARING"),
        (&[], "signing_keys = \"a:S3CRET\"", "signing_keys"),
        (
            &[],
            "[sharing]\ntoken = [\"S3CRET\", S3CRET]",
            "line 2, column",
        ),
        (&[], "[sharing]\ntoken = 7331", "sharing.token"),
        (&[("LIANSHEN_SESSION_HOURS", "-7331")], "", "SESSION_HOURS"),
        (
            &[("LIANSHEN_TRUSTED_PROXIES", "[S3CRET]")],
            "",
            "10.0.0.1 or 10.0.0.0/8",
        ),
        (&[], "trusted_proxies = [\"0.0.0.0/0\"]", "not everybody's"),
    ] {
        let error = read(variables, file).unwrap_err();
        assert!(error.contains(named), "{error}");
        assert!(
            !error.contains("S3CRET") && !error.contains("7331"),
            "{error}"
        );
    }
}

#[test]
fn a_token_is_text_whatever_it_looks_like() {
    for (given, token) in [
        ("123", "123"),
        ("007", "007"),
        ("true", "true"),
        ("[a", "[a"),
        ("\"12\"", "12"),
    ] {
        let config = read(
            &[("LIANSHEN_SHARING__TOKEN", given)],
            "[sharing]\ntoken = \"a\"",
        );
        assert_eq!(config.unwrap().sharing.token.expose_secret(), token);
    }
}

/// The README tells the bounds, and what stands there at the bound is served.
#[test]
fn every_bound_is_told_and_kept() {
    type Set = fn(&mut Config, u32);
    let readme = include_str!("../../../README.md");
    let bounded: [(&str, Set, u32, u32); 16] = [
        ("pool", |c, n| c.pool = n, 1, 1_000),
        (
            "access_token_minutes",
            |c, n| c.access_token_minutes = n,
            1,
            1_440,
        ),
        (
            "session_idle_minutes",
            |c, n| c.session_idle_minutes = n,
            1,
            525_600,
        ),
        ("session_hours", |c, n| c.session_hours = n, 1, 8_760),
        (
            "password_memory_kib",
            |c, n| c.password_memory_kib = n,
            19_456,
            1_048_576,
        ),
        ("password_passes", |c, n| c.password_passes = n, 2, 64),
        (
            "max_connections",
            |c, n| c.max_connections = n as usize,
            1,
            1_000_000,
        ),
        (
            "max_connections_per_peer",
            |c, n| c.max_connections_per_peer = n as usize,
            1,
            1_000_000,
        ),
        (
            "farewell_seconds",
            |c, n| c.farewell_seconds = n.into(),
            0,
            60,
        ),
        (
            "replica_wait_milliseconds",
            |c, n| c.replica_wait_milliseconds = n.into(),
            0,
            400,
        ),
        ("late_entry_days", |c, n| c.late_entry_days = n, 0, 365),
        (
            "keep_idempotency_days",
            |c, n| c.keep_idempotency_days = n,
            7,
            36_500,
        ),
        (
            "keep_sessions_days",
            |c, n| c.keep_sessions_days = n,
            184,
            36_500,
        ),
        (
            "acquire_timeout_seconds",
            |c, n| c.acquire_timeout_seconds = n.into(),
            1,
            60,
        ),
        ("sweep_seconds", |c, n| c.sweep_seconds = n.into(), 1, 300),
        (
            "password_min_chars",
            |c, n| c.password_min_chars = n as usize,
            8,
            64,
        ),
    ];
    for (key, set, least, most) in bounded {
        let faults = |n| {
            let mut config = Config::defaults().unwrap();
            set(&mut config, n);
            config.out_of_bounds()
        };
        assert_eq!(
            [faults(least), faults(most)],
            [vec![], vec![]] as [Vec<String>; 2]
        );
        let may = format!("and may be {least} to {most}");
        assert_eq!(faults(most + 1), [format!("{key} is {}, {may}", most + 1)]);
        if let Some(less) = least.checked_sub(1) {
            assert_eq!(faults(less), [format!("{key} is {less}, {may}")]);
        }
        let start = format!("| `{key}` |");
        let row = readme
            .lines()
            .find(|line| line.starts_with(&start))
            .unwrap();
        assert!(row.contains(&format!("{least} to {most}")), "{row}");
    }
    assert_eq!(Config::defaults().unwrap().out_of_bounds(), [""; 0]);
}
