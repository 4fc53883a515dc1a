//! Whom this centre asks for shared materials.

use http::Uri;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::bounds;

/// Whom this centre asks for shared materials; a table `[sharing]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sharing {
    /// Where the exchange stands, `http://…` or `https://…`; nobody is asked when empty.
    pub url: String,
    /// What the exchange knows this centre by, sent as a bearer token; none when empty.
    pub token: SecretString,
    /// File of the certificates that the exchange is trusted by, PEM; those of the public web when empty.
    pub ca_file: String,
    /// Seconds that an answer may take.
    pub timeout_seconds: u64,
    /// How often a material is asked for before the applicant is told that it cannot be had.
    pub attempts: u32,
}

/// The defaults, in the form in which a file would give them.
#[derive(Serialize)]
pub(super) struct Defaults {
    url: &'static str,
    token: &'static str,
    ca_file: &'static str,
    timeout_seconds: u64,
    attempts: u32,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            url: "",
            token: "",
            ca_file: "",
            timeout_seconds: 10,
            attempts: 20,
        }
    }
}

impl Sharing {
    /// Whether anybody is asked.
    pub fn is_connected(&self) -> bool {
        !self.url.is_empty()
    }

    /// What is out of its bounds: the key, what it is, and what it may be.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let uri = self.url.parse::<Uri>().ok();
        let scheme = uri.as_ref().and_then(Uri::scheme_str);
        if self.is_connected() && !matches!(scheme, Some("http" | "https")) {
            faults.push("sharing.url must be a whole address, http://… or https://…".to_owned());
        }
        faults.extend(bounds::beyond(
            "sharing.timeout_seconds",
            self.timeout_seconds,
        ));
        faults.extend(bounds::beyond("sharing.attempts", self.attempts.into()));
        faults
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use lianshen_domain::sharing::{Asked, Next, SharingProblem, after};

    use super::*;

    #[test]
    fn an_exchange_that_is_away_over_the_weekend_is_still_asked() {
        let most = Defaults::default().attempts;
        let start = DateTime::UNIX_EPOCH;
        let failed = Asked::Failed(SharingProblem::Unreachable);
        let last = (1..most).fold(start, |then, asked| {
            match after(failed, asked, most, then) {
                Next::Again(again) => again,
                Next::Over(state) => panic!("{state:?}"),
            }
        });
        assert_eq!(last - start, TimeDelta::minutes(4_111));
    }

    #[test]
    fn what_nobody_can_be_asked_by_is_named() {
        let sharing = |url: &str, timeout_seconds, attempts| Sharing {
            url: url.to_owned(),
            token: SecretString::from(""),
            ca_file: String::new(),
            timeout_seconds,
            attempts,
        };
        for (url, seconds, attempts, faults) in [
            ("", 10, 8, 0),
            ("http://10.1.2.3/share", 1, 1, 0),
            ("https://exchange.example", 60, 50, 0),
            ("exchange.example/share", 10, 8, 1),
            ("ftp://exchange.example", 10, 8, 1),
            ("http://", 0, 51, 3),
        ] {
            let found = sharing(url, seconds, attempts).faults();
            assert_eq!(found.len(), faults, "{url}: {found:?}");
        }
    }
}
