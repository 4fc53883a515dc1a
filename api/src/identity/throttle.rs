//! How often a password may be tried: counted before it is hashed, whatever comes of it.
//!
//! Four things are counted. An account tried from one address waits longer after each failure; an
//! address has a generous budget, because a whole hall sits behind one; so has an account, from all
//! addresses together; and so has the whole installation. Where somebody signed in successfully
//! before, the failures of strangers do not keep them out: whoever hammers an account on the last day
//! of a deadline shuts out themselves, not its owner.
//!
//! The budget of the installation keeps strangers from using up the hashing that everybody needs. When half of it
//! is gone, each address is left a small one: a handful of addresses that hammer have used up theirs by then, and
//! somebody at a new desk has not. So it takes hundreds of addresses at work, and not five, to shut the rest out.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::recent::Recent;

/// A number of attempts that may come at once, and how fast it fills again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Attempts that may come at once.
    pub burst: u32,
    /// Attempts regained a minute.
    pub per_minute: u32,
}

/// The limits on attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThrottleLimits {
    /// Failures on one account from one address before the waiting begins.
    pub free_failures: u32,
    /// The first wait in seconds; it doubles with each failure.
    pub first_wait: u32,
    /// The longest wait in seconds.
    pub longest_wait: u32,
    /// Failures are forgotten after this many seconds without an attempt.
    pub forget_after: u32,
    /// For each address (for IPv6: each /64).
    pub address: Budget,
    /// For each account, from addresses where it did not sign in before.
    pub account: Budget,
    /// For the installation, as for accounts.
    pub global: Budget,
    /// For each address, as for accounts, while more than half of the installation's is used up.
    pub scarce: Budget,
    /// How many accounts, addresses and pairs are remembered, each.
    pub remembered: usize,
}

impl ThrottleLimits {
    /// The limits of sign-ins.
    pub const DEFAULT: Self = Self {
        free_failures: 5,
        first_wait: 2,
        longest_wait: 600,
        forget_after: 3600,
        address: Budget {
            burst: 300,
            per_minute: 120,
        },
        account: Budget {
            burst: 100,
            per_minute: 10,
        },
        global: Budget {
            burst: 1200,
            per_minute: 600,
        },
        scarce: Budget {
            burst: 10,
            per_minute: 2,
        },
        remembered: 50_000,
    };
}

impl Default for ThrottleLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What was exhausted; for metrics and alarms, not for the person who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// This account from this address.
    Pair,
    /// This address.
    Address,
    /// This account.
    Account,
    /// The installation: somebody may be trying one password on many accounts.
    Global,
}

/// The attempt may not be made now. It was not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What was exhausted.
    pub limit: Limit,
    /// When to try again, in full seconds, at least one.
    pub seconds: u64,
}

/// Counts attempts, in memory and in bounded space.
pub struct Throttle {
    limits: ThrottleLimits,
    counts: Mutex<Counts>,
}

impl Throttle {
    /// Starts counting from nothing.
    pub fn new(limits: ThrottleLimits) -> Self {
        Self {
            limits,
            counts: Mutex::new(Counts {
                pairs: Recent::new(limits.remembered),
                accounts: Recent::new(limits.remembered),
                addresses: Recent::new(limits.remembered),
                global: Bucket::default(),
            }),
        }
    }

    /// Counts an attempt on the account called `name`, whether there is one or not, and lets it pass or not.
    ///
    /// # Errors
    /// `Refused` with the time to wait, when any limit is exhausted.
    pub fn attempt(&self, name: &str, peer: IpAddr, now: DateTime<Utc>) -> Result<(), Refused> {
        let (account, address, at) = (digest(name), network(peer), now.timestamp_millis());
        let limits = &self.limits;
        let counts = &mut *self.counts();
        // What is refused takes no place: a stranger with many names must not push out what is remembered of others.
        let pair = counts.pairs.get((account, address));
        let by_address = counts.addresses.get(address);
        let known = pair.is_known(at);

        let mut waits = vec![
            (Limit::Pair, pair.wait(limits, at)),
            (Limit::Address, by_address.all.wait(limits.address, at)),
        ];
        if !known {
            let by_account = counts.accounts.get(account);
            waits.push((Limit::Account, by_account.wait(limits.account, at)));
            waits.push((Limit::Global, counts.global.wait(limits.global, at)));
            if counts.global.is_half_used(limits.global, at) {
                let left = by_address.of_strangers.wait(limits.scarce, at);
                waits.push((Limit::Global, left));
            }
        }
        if let Some((limit, wait)) = waits.into_iter().max_by_key(|(_, wait)| *wait)
            && wait > 0
        {
            let seconds = wait.unsigned_abs().div_ceil(1000);
            return Err(Refused { limit, seconds });
        }

        counts.pairs.entry((account, address)).count(limits, at);
        let by_address = counts.addresses.entry(address);
        by_address.all.count(limits.address, at);
        if !known {
            by_address.of_strangers.count(limits.scarce, at);
            counts.accounts.entry(account).count(limits.account, at);
            counts.global.count(limits.global, at);
        }
        Ok(())
    }

    /// Takes back the attempt that `attempt` let pass, because it succeeded: only failures use up budgets.
    pub fn succeeded(&self, name: &str, peer: IpAddr, now: DateTime<Utc>) {
        let (account, address, at) = (digest(name), network(peer), now.timestamp_millis());
        let counts = &mut *self.counts();
        let pair = counts.pairs.entry((account, address));
        let known = pair.is_known(at);
        *pair = Pair {
            known_until: at.saturating_add(KNOWN_FOR),
            ..Pair::default()
        };
        counts.give_back(&self.limits, account, address, known);
    }

    /// Takes back the attempt that `attempt` let pass, because nobody could say whether it was right: an hour without
    /// database shall lock nobody out afterwards.
    pub fn unanswered(&self, name: &str, peer: IpAddr, now: DateTime<Utc>) {
        let (account, address, at) = (digest(name), network(peer), now.timestamp_millis());
        let counts = &mut *self.counts();
        let pair = counts.pairs.entry((account, address));
        pair.failures = pair.failures.saturating_sub(1);
        pair.wait_until = 0;
        let known = pair.is_known(at);
        counts.give_back(&self.limits, account, address, known);
    }

    /// Forgets what was counted against an account, which has been given another password: what was tried before says
    /// nothing about that.
    pub fn forgive(&self, name: &str) {
        let account = digest(name);
        let counts = &mut *self.counts();
        *counts.accounts.entry(account) = Bucket::default();
        counts.pairs.each(|(of, _), pair| {
            if *of == account {
                pair.failures = 0;
                pair.wait_until = 0;
            }
        });
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Thirty days in milliseconds: how long an address counts as one where the account signs in.
const KNOWN_FOR: i64 = 30 * 24 * 3600 * 1000;

type Account = [u8; 16];

struct Counts {
    pairs: Recent<(Account, IpAddr), Pair>,
    accounts: Recent<Account, Bucket>,
    addresses: Recent<IpAddr, Address>,
    global: Bucket,
}

impl Counts {
    /// Takes back what an attempt has used up of the budgets.
    fn give_back(
        &mut self,
        limits: &ThrottleLimits,
        account: Account,
        address: IpAddr,
        known: bool,
    ) {
        let by_address = self.addresses.entry(address);
        by_address.all.give_back(limits.address);
        if !known {
            by_address.of_strangers.give_back(limits.scarce);
            self.accounts.entry(account).give_back(limits.account);
            self.global.give_back(limits.global);
        }
    }
}

/// What was tried from one address.
#[derive(Clone, Copy, Default)]
struct Address {
    all: Bucket,
    /// On accounts that had not signed in there before.
    of_strangers: Bucket,
}

/// One account from one address. Times are milliseconds since 1970.
#[derive(Clone, Copy, Default)]
struct Pair {
    failures: u32,
    last: i64,
    wait_until: i64,
    known_until: i64,
}

impl Pair {
    fn is_known(&self, at: i64) -> bool {
        // The upper bound holds when the clock was set back meanwhile.
        (at + 1..=at.saturating_add(KNOWN_FOR)).contains(&self.known_until)
    }

    fn wait(&self, limits: &ThrottleLimits, at: i64) -> i64 {
        within(self.wait_until - at, i64::from(limits.longest_wait) * 1000)
    }

    fn count(&mut self, limits: &ThrottleLimits, at: i64) {
        if at - self.last > i64::from(limits.forget_after) * 1000 {
            self.failures = 0;
        }
        self.last = at;
        self.failures = self.failures.saturating_add(1);
        let beyond = self.failures.checked_sub(limits.free_failures);
        self.wait_until = beyond.map_or(0, |doublings| {
            let wait = i64::from(limits.first_wait) << doublings.min(20);
            at + wait.min(i64::from(limits.longest_wait)) * 1000
        });
    }
}

/// A budget that fills again evenly; holds only the time at which it will be full.
#[derive(Clone, Copy, Default)]
struct Bucket {
    full_at: i64,
}

impl Bucket {
    fn wait(self, budget: Budget, at: i64) -> i64 {
        let missing = self.missing(budget, at);
        (missing + interval(budget) - interval(budget) * i64::from(budget.burst)).max(0)
    }

    fn count(&mut self, budget: Budget, at: i64) {
        // What goes beyond the burst, where nobody was asked to keep to it, is no debt.
        let used = self.missing(budget, at) + interval(budget);
        self.full_at = at + used.min(interval(budget) * i64::from(budget.burst));
    }

    fn is_half_used(self, budget: Budget, at: i64) -> bool {
        self.missing(budget, at) * 2 >= interval(budget) * i64::from(budget.burst)
    }

    fn give_back(&mut self, budget: Budget) {
        self.full_at -= interval(budget);
    }

    /// How much is used up, as time.
    fn missing(self, budget: Budget, at: i64) -> i64 {
        within(
            self.full_at - at,
            interval(budget) * i64::from(budget.burst),
        )
    }
}

/// A time that cannot lie further ahead than `most`, unless the clock was set back: then counting starts anew,
/// because otherwise everybody would have to wait until the clock has caught up.
fn within(ahead: i64, most: i64) -> i64 {
    if (0..=most).contains(&ahead) {
        ahead
    } else {
        0
    }
}

/// Milliseconds in which one attempt is regained.
fn interval(budget: Budget) -> i64 {
    60_000 / i64::from(budget.per_minute.clamp(1, 60_000))
}

/// Names are kept as digests: of equal size however long the name, and unreadable in a memory dump.
fn digest(name: &str) -> Account {
    let full: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    let mut account = [0; 16];
    account.copy_from_slice(full.split_at(16).0);
    account
}

/// Who has one IPv6 address has 2^64 of them.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
