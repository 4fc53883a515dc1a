//! Passwords at rest: argon2id, off the async threads, few at a time.
//!
//! One hash takes 19 MiB and tens of milliseconds of a core. Without a bound, fifty people who sign in
//! at once take gigabytes; with one, they wait for a moment, and those beyond the queue are told to retry.

use std::num::NonZeroUsize;
use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use lianshen_domain::rejected::Reason;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What one hash costs, and how many may wait for theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HashingCost {
    /// Memory of one hash in KiB; at least 19,456.
    pub memory_kib: u32,
    /// Passes over the memory; at least 2.
    pub passes: u32,
    /// Lanes that could be computed side by side.
    pub lanes: u32,
    /// How many hashes may wait while others are computed; beyond, the answer is `Busy`.
    pub queue: usize,
}

impl Default for HashingCost {
    /// The minimum of the OWASP password storage cheat sheet.
    fn default() -> Self {
        Self {
            memory_kib: LEAST_MEMORY_KIB,
            passes: LEAST_PASSES,
            lanes: 1,
            queue: 64,
        }
    }
}

/// What comparing a password with a stored hash showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the password is the one that was stored.
    pub matches: bool,
    /// Whether the stored hash is weaker than those made today; only said when it matches.
    pub needs_rehash: bool,
}

/// Why a hash could not be made or compared.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// As many as may wait are waiting already.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// The configured cost is below the floor or beyond what is sane.
    #[error(
        "password hashing needs {LEAST_MEMORY_KIB} to {MOST_MEMORY_KIB} KiB, {LEAST_PASSES} to {MOST_PASSES} passes and 1 to {MOST_LANES} lanes"
    )]
    Cost,
    /// The stored hash is not one that this program writes.
    #[error("a stored password hash is unreadable")]
    Unreadable,
    /// The library failed.
    #[error("password hashing failed: {0}")]
    Library(password_hash::Error),
    /// The thread that hashed went away.
    #[error("password hashing was interrupted")]
    Interrupted,
}

impl HashingError {
    fn of(fault: impl Into<password_hash::Error>) -> Self {
        Self::Library(fault.into())
    }

    /// The refusal to answer with, or `None` when this is a fault of ours.
    pub fn refusal(&self) -> Option<Reason> {
        matches!(self, Self::Busy).then_some(Reason::Busy)
    }
}

/// Hashes and compares passwords; cheap to clone, all clones share the bound.
#[derive(Clone)]
pub struct Passwords {
    recipe: Arc<Recipe>,
    /// A place to compute or to wait in; none left means busy.
    places: Arc<Semaphore>,
    /// A turn to compute.
    turns: Arc<Semaphore>,
}

impl Passwords {
    /// Prepares hashing at `cost` on a machine of `cores`: one hash at a time for every two cores, at least one.
    ///
    /// # Errors
    /// `Cost` when the cost is outside the bounds, `Library` when the stand-in hash cannot be made.
    pub fn new(cost: HashingCost, cores: NonZeroUsize) -> Result<Self, HashingError> {
        let turns = (cores.get() / 2).max(1);
        Ok(Self {
            recipe: Arc::new(Recipe::new(cost)?),
            places: Arc::new(Semaphore::new(
                turns.saturating_add(cost.queue).min(MOST_PLACES),
            )),
            turns: Arc::new(Semaphore::new(turns)),
        })
    }

    /// Hashes a new password, with a salt of its own.
    ///
    /// # Errors
    /// `Busy` when the queue is full; the others are faults.
    pub async fn hash(&self, password: SecretString) -> Result<String, HashingError> {
        let turn = self.turn().await?;
        let recipe = Arc::clone(&self.recipe);
        in_thread(turn, move || recipe.hash(&password)).await
    }

    /// Compares a password with the stored hash of an account.
    ///
    /// Without an account, pass `None`: the same work is then done against a stand-in, so that the time
    /// taken does not tell whether the account exists. A hash that was made when hashes cost less is compared in less, and
    /// the rest is done where the password is wrong; where it is right, a new hash is due anyway.
    ///
    /// # Errors
    /// `Busy` when the queue is full; the others are faults.
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<Verdict, HashingError> {
        let turn = self.turn().await?;
        let recipe = Arc::clone(&self.recipe);
        let compared = in_thread(turn, move || recipe.verify(&password, stored.as_deref())).await;
        compared.map(|(verdict, _)| verdict)
    }

    async fn turn(&self) -> Result<Turn, HashingError> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| HashingError::Busy)?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| HashingError::Interrupted)?;
        Ok(Turn {
            _place: place,
            _turn: turn,
        })
    }
}

const LEAST_MEMORY_KIB: u32 = 19_456;
const MOST_MEMORY_KIB: u32 = 1_048_576;
const LEAST_PASSES: u32 = 2;
const MOST_PASSES: u32 = 64;
const MOST_LANES: u32 = 16;
const MOST_PLACES: usize = 65_536;

/// The right to compute one hash; given back when dropped.
struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

/// Work of hashing: KiB that were passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Work(u64);

impl Work {
    fn of(params: &Params) -> Self {
        Self(u64::from(params.m_cost()) * u64::from(params.t_cost()))
    }
}

/// How hashes are made today, and the hash that stands in for accounts that do not exist.
struct Recipe {
    params: Params,
    stand_in: String,
}

impl Recipe {
    fn new(cost: HashingCost) -> Result<Self, HashingError> {
        let sane = (LEAST_MEMORY_KIB..=MOST_MEMORY_KIB).contains(&cost.memory_kib)
            && (LEAST_PASSES..=MOST_PASSES).contains(&cost.passes)
            && (1..=MOST_LANES).contains(&cost.lanes);
        if !sane {
            return Err(HashingError::Cost);
        }
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
            .map_err(|_| HashingError::Cost)?;
        // Of the live parameters, so that it can never fall behind them, and of no password: to compare with it is the same
        // work, and to make it is none.
        let stand_in = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).map_err(HashingError::of)?,
            salt: Some(Salt::new(&rand::random::<[u8; 16]>()).map_err(HashingError::of)?),
            hash: Some(Output::new(&rand::random::<[u8; 32]>()).map_err(HashingError::of)?),
        };
        Ok(Self {
            params,
            stand_in: stand_in.to_string(),
        })
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    fn hash(&self, password: &SecretString) -> Result<String, HashingError> {
        self.argon2()
            .hash_password(password.expose_secret().as_bytes())
            .map(|hash| hash.to_string())
            .map_err(HashingError::Library)
    }

    /// What comparing showed, and how much work it was.
    fn verify(
        &self,
        password: &SecretString,
        stored: Option<&str>,
    ) -> Result<(Verdict, Work), HashingError> {
        let text = stored.unwrap_or(&self.stand_in);
        let hash = PasswordHash::new(text).map_err(|_| HashingError::Unreadable)?;
        let made_by = Params::try_from(&hash).map_err(|_| HashingError::Unreadable)?;
        // Whoever can write rows must not make us allocate at will.
        if made_by.m_cost() > MOST_MEMORY_KIB || made_by.t_cost() > MOST_PASSES {
            return Err(HashingError::Unreadable);
        }
        let compared = self
            .argon2()
            .verify_password(password.expose_secret().as_bytes(), &hash);
        let same = match compared {
            Ok(()) => true,
            Err(password_hash::Error::PasswordInvalid) => false,
            Err(fault) => return Err(HashingError::Library(fault)),
        };
        let matches = same && stored.is_some();
        let mut done = Work::of(&made_by);
        if !matches {
            done.0 += self.rest(password, done)?.0;
        }
        let verdict = Verdict {
            matches,
            needs_rehash: matches && self.outgrew(&hash, &made_by),
        };
        Ok((verdict, done))
    }

    /// Does what is left of the work of a hash as they are made today: whole passes, and one over less memory.
    fn rest(&self, password: &SecretString, done: Work) -> Result<Work, HashingError> {
        let memory = u64::from(self.params.m_cost());
        let rest = Work::of(&self.params).0.saturating_sub(done.0);
        let mut also = Work(0);
        for (memory_kib, passes) in [(memory, rest / memory), (rest % memory, 1)] {
            // Argon2 knows neither no passes nor less memory than this.
            if passes == 0 || memory_kib < u64::from(Params::MIN_M_COST) {
                continue;
            }
            let fits = |number| u32::try_from(number).map_err(|_| HashingError::Cost);
            let params = Params::new(fits(memory_kib)?, fits(passes)?, 1, None);
            let params = params.map_err(HashingError::of)?;
            also.0 += Work::of(&params).0;
            let mut nobody_reads = [0; 32];
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(
                    password.expose_secret().as_bytes(),
                    &[0; 16],
                    &mut nobody_reads,
                )
                .map_err(HashingError::of)?;
            std::hint::black_box(nobody_reads);
        }
        Ok(also)
    }

    fn outgrew(&self, hash: &PasswordHash, made_by: &Params) -> bool {
        hash.algorithm != Algorithm::Argon2id.ident()
            || hash.version != Some(Version::V0x13.into())
            || made_by.m_cost() < self.params.m_cost()
            || made_by.t_cost() < self.params.t_cost()
            || made_by.p_cost() < self.params.p_cost()
    }
}

/// The turn moves into the thread: a caller that gives up must not make room while its hash still runs.
async fn in_thread<T: Send + 'static>(
    turn: Turn,
    work: impl FnOnce() -> Result<T, HashingError> + Send + 'static,
) -> Result<T, HashingError> {
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    })
    .await
    .map_err(|_| HashingError::Interrupted)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(queue: usize) -> Passwords {
        let cost = HashingCost {
            queue,
            ..HashingCost::default()
        };
        Passwords::new(cost, NonZeroUsize::MIN).unwrap()
    }

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_right_password_matches_and_two_hashes_of_it_differ() {
        let passwords = passwords(4);

        let one = passwords.hash(secret("春江花月夜 1024")).await.unwrap();
        let two = passwords.hash(secret("春江花月夜 1024")).await.unwrap();

        assert_ne!(one, two);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        let right = passwords
            .verify(secret("春江花月夜 1024"), Some(one.clone()))
            .await
            .unwrap();
        assert_eq!(
            right,
            Verdict {
                matches: true,
                needs_rehash: false
            }
        );
        let wrong = passwords
            .verify(secret("春江花月夜 1025"), Some(one))
            .await
            .unwrap();
        assert_eq!(
            wrong,
            Verdict {
                matches: false,
                needs_rehash: false
            }
        );
    }

    #[tokio::test]
    async fn an_unknown_account_costs_a_hash_of_the_live_parameters_and_never_matches() {
        let cost = HashingCost {
            passes: 3,
            ..HashingCost::default()
        };
        let passwords = Passwords::new(cost, NonZeroUsize::MIN).unwrap();

        assert!(
            passwords
                .recipe
                .stand_in
                .starts_with("$argon2id$v=19$m=19456,t=3,p=1$"),
            "{}",
            passwords.recipe.stand_in
        );
        let made = passwords.hash(secret("anything at all")).await.unwrap();
        assert_eq!(
            passwords.recipe.stand_in.len(),
            made.len(),
            "salt and output are as long"
        );
        let verdict = passwords
            .verify(secret("anything at all"), None)
            .await
            .unwrap();
        assert_eq!(
            verdict,
            Verdict {
                matches: false,
                needs_rehash: false
            }
        );
    }

    #[tokio::test]
    async fn a_hash_of_weaker_parameters_is_to_be_renewed_but_only_when_it_matches() {
        let old = passwords(4).hash(secret("correct horse")).await.unwrap();
        let cost = HashingCost {
            passes: 3,
            ..HashingCost::default()
        };
        let risen = Passwords::new(cost, NonZeroUsize::MIN).unwrap();

        let right = risen
            .verify(secret("correct horse"), Some(old.clone()))
            .await
            .unwrap();
        let wrong = risen
            .verify(secret("battery staple"), Some(old))
            .await
            .unwrap();
        let newer = risen.hash(secret("correct horse")).await.unwrap();
        let lowered = passwords(4)
            .verify(secret("correct horse"), Some(newer))
            .await
            .unwrap();

        assert_eq!(
            right,
            Verdict {
                matches: true,
                needs_rehash: true
            }
        );
        assert_eq!(
            wrong,
            Verdict {
                matches: false,
                needs_rehash: false
            }
        );
        assert_eq!(
            lowered,
            Verdict {
                matches: true,
                needs_rehash: false
            }
        );
    }

    #[test]
    fn a_wrong_password_is_as_much_work_whatever_the_hash_cost_that_is_stored() {
        let recipe = |memory_kib, passes| {
            let cost = HashingCost {
                memory_kib,
                passes,
                ..HashingCost::default()
            };
            Recipe::new(cost).unwrap()
        };
        let stored = recipe(19_456, 2).hash(&secret("correct horse")).unwrap();
        for (memory_kib, passes) in [(19_456, 2), (19_456, 5), (20_000, 2), (30_000, 3)] {
            let risen = recipe(memory_kib, passes);
            let work = |password: &str, stored: Option<&str>| {
                let (verdict, work) = risen.verify(&secret(password), stored).unwrap();
                (verdict.matches, work)
            };
            let whole = Work(u64::from(memory_kib) * u64::from(passes));

            let of_nobody = work("battery staple", None);
            let of_somebody = work("battery staple", Some(&stored));
            let signed_in = work("correct horse", Some(&stored));

            assert_eq!((of_nobody, of_somebody), ((false, whole), (false, whole)));
            assert_eq!(signed_in, (true, Work(2 * 19_456)), "a new hash is next");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn beyond_the_queue_the_answer_is_busy_and_the_queue_recovers() {
        let passwords = passwords(2);

        let attempts: Vec<_> = (0..20)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.hash(secret("correct horse")).await })
            })
            .collect();
        let mut made = 0;
        let mut busy = 0;
        for attempt in attempts {
            match attempt.await.unwrap() {
                Ok(_) => made += 1,
                Err(fault) => {
                    assert_eq!(fault.refusal(), Some(Reason::Busy));
                    busy += 1;
                }
            }
        }

        assert!(made >= 3, "one computes and two wait, but {made} were made");
        assert!(busy >= 1, "nobody was turned away");
        assert_eq!(passwords.places.available_permits(), 3);
        passwords.hash(secret("correct horse")).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_caller_that_gives_up_keeps_its_turn_until_the_hash_is_done() {
        let cost = HashingCost {
            memory_kib: 262_144,
            ..HashingCost::default()
        };
        let passwords = Passwords::new(cost, NonZeroUsize::MIN).unwrap();

        let asked = tokio::spawn({
            let passwords = passwords.clone();
            async move { passwords.hash(secret("correct horse")).await }
        });
        while passwords.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());

        assert_eq!(passwords.turns.available_permits(), 0);
    }

    #[test]
    fn a_cost_below_the_floor_or_beyond_sense_is_refused() {
        let good = HashingCost::default();
        for bad in [
            HashingCost {
                memory_kib: 19_455,
                ..good
            },
            HashingCost {
                memory_kib: u32::MAX,
                ..good
            },
            HashingCost { passes: 1, ..good },
            HashingCost { passes: 65, ..good },
            HashingCost { lanes: 0, ..good },
            HashingCost { lanes: 17, ..good },
        ] {
            assert!(
                matches!(
                    Passwords::new(bad, NonZeroUsize::MIN),
                    Err(HashingError::Cost)
                ),
                "{bad:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_stored_text_that_is_no_hash_or_a_monstrous_one_is_a_fault() {
        let passwords = passwords(1);
        let salt_and_hash = "c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g";
        for stored in [
            String::new(),
            "plain".to_owned(),
            format!("$argon2id$v=19$m=4194304,t=2,p=1${salt_and_hash}"),
            format!("$argon2id$v=19$m=19456,t=4000000,p=1${salt_and_hash}"),
        ] {
            let outcome = passwords
                .verify(secret("plain"), Some(stored.clone()))
                .await;
            assert!(
                matches!(outcome, Err(HashingError::Unreadable)),
                "{stored}: {outcome:?}"
            );
        }
    }
}
