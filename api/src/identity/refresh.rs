//! Refresh tokens: opaque, random, and stored only as a digest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lianshen_domain::ids::{Id, SessionId};
use lianshen_domain::session::Shown;
use lianshen_entity::session;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::token::{AccessTokens, TokenError};
use crate::ledger::hex;

/// What a client shows to get its next access token: `lsr_`, the session, 128 random bits, and 128 bits of a keyed digest
/// of both.
///
/// The fixed prefix lets scanners recognise a token that was leaked into a file. By the digest we know our own, also one
/// that is not stored any more: an old token that is shown again is a copy in wrong hands, and one that we never made is
/// nothing.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    session: SessionId,
    random: Half,
    text: SecretString,
}

/// Half of what stands after the session.
type Half = [u8; 16];

impl RefreshToken {
    /// The first token of a session, of random bytes.
    ///
    /// # Errors
    /// When the library fails.
    pub fn mint(
        session: SessionId,
        random: [u8; 32],
        tokens: &AccessTokens,
    ) -> Result<Self, TokenError> {
        let random = first_half(&random);
        let marks = marks(session, random, tokens)?;
        let mark = marks.first().copied().unwrap_or_default();
        Ok(Self::from_parts(session, random, mark))
    }

    /// The tokens that this one may have been exchanged for, one for each signing key, newest first.
    ///
    /// A successor is a keyed digest of its predecessor: without the key it is as good as random, and with
    /// it a lost answer can be given again although only digests are stored. Two tabs that refresh at the
    /// same moment thus receive the same token, and neither is taken for a thief.
    ///
    /// # Errors
    /// When the library fails.
    pub fn successors(&self, tokens: &AccessTokens) -> Result<Vec<Self>, TokenError> {
        let seals = tokens.seals(&format!("refresh:{}", self.text.expose_secret()))?;
        let mut successors = Vec::new();
        for (key, seal) in seals.iter().enumerate() {
            let Some(random) = half_of(seal) else {
                continue;
            };
            // The mark of the same key, so that whoever has that key alone makes the same token.
            let mark = marks(self.session, random, tokens)?.get(key).copied();
            successors.extend(mark.map(|mark| Self::from_parts(self.session, random, mark)));
        }
        Ok(successors)
    }

    /// What it is beside what is stored of its session.
    pub(super) fn beside(&self, stored: &session::Model, is_ours: bool) -> Shown {
        let digest = self.digest();
        if stored.refresh_hash == digest {
            Shown::Current
        } else if stored.previous_hash.as_ref() == Some(&digest) {
            Shown::Previous {
                rotated_at: stored.rotated_at,
            }
        } else if is_ours {
            Shown::Older
        } else {
            Shown::MadeUp
        }
    }

    /// Whether it was made here, by one of these keys; nobody else can make one.
    ///
    /// # Errors
    /// When the library fails.
    pub fn is_ours(&self, tokens: &AccessTokens) -> Result<bool, TokenError> {
        let shown = self.digest();
        let marks = marks(self.session, self.random, tokens)?;
        // Digests of the whole are compared: what their bytes have in common tells nothing of the mark.
        Ok(marks
            .into_iter()
            .any(|mark| Self::from_parts(self.session, self.random, mark).digest() == shown))
    }

    /// Reads what a client shows; `None` when it is nothing that we could have made.
    pub fn parse(text: &str) -> Option<Self> {
        let (session, rest) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let session = SessionId::new(Uuid::try_parse(session).ok()?);
        let rest: [u8; 32] = URL_SAFE_NO_PAD.decode(rest).ok()?.try_into().ok()?;
        let (random, mark) = rest.split_at(16);
        let token = Self::from_parts(session, random.try_into().ok()?, mark.try_into().ok()?);
        // One token has one spelling.
        (token.text.expose_secret() == text).then_some(token)
    }

    /// The session that it belongs to, as the token itself claims.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The token, to be handed out once.
    pub fn text(&self) -> &SecretString {
        &self.text
    }

    /// What is stored. Plain SHA-256 will do: nobody guesses 128 random bits, and nobody can steer the
    /// digest, so that comparing digests tells nothing by its time.
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(self.text.expose_secret().as_bytes()))
    }

    fn from_parts(session: SessionId, random: Half, mark: Half) -> Self {
        let text = format!(
            "{PREFIX}{}_{}",
            session.raw().simple(),
            URL_SAFE_NO_PAD.encode([random, mark].concat())
        );
        Self {
            session,
            random,
            text: SecretString::from(text),
        }
    }
}

/// What stands at the end of a token that we made, one for each signing key, newest first.
fn marks(session: SessionId, random: Half, tokens: &AccessTokens) -> Result<Vec<Half>, TokenError> {
    let random = URL_SAFE_NO_PAD.encode(random);
    let seals = tokens.seals(&format!("refresh-mark:{}:{random}", session.raw().simple()))?;
    Ok(seals.iter().filter_map(|seal| half_of(seal)).collect())
}

/// The first half of a seal, which is as hard to guess as its length says.
fn half_of(seal: &str) -> Option<Half> {
    let whole: [u8; 32] = URL_SAFE_NO_PAD.decode(seal).ok()?.try_into().ok()?;
    Some(first_half(&whole))
}

fn first_half(whole: &[u8; 32]) -> Half {
    let mut half = Half::default();
    half.copy_from_slice(whole.split_at(16).0);
    half
}

const PREFIX: &str = "lsr_";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::SigningKey;

    fn keys(secret: u8) -> AccessTokens {
        let text = base64::engine::general_purpose::STANDARD.encode([secret; 32]);
        let key = SigningKey::new("k", &SecretString::from(text)).unwrap();
        AccessTokens::new(&[key], "i", "a", chrono::Duration::minutes(10)).unwrap()
    }

    fn minted(session: SessionId, random: [u8; 32]) -> RefreshToken {
        RefreshToken::mint(session, random, &keys(1)).unwrap()
    }

    #[test]
    fn a_token_reads_back_with_its_session_and_no_two_are_alike() {
        let session = SessionId::new(Uuid::from_u128(5));
        let [one, two] = [(); 2].map(|()| minted(session, rand::random()));

        let read = RefreshToken::parse(one.text().expose_secret()).unwrap();

        assert_eq!(read.session(), session);
        assert_eq!(read.digest(), one.digest());
        assert_ne!(two.digest(), one.digest());
        assert_eq!(one.text().expose_secret().len(), 4 + 32 + 1 + 43);
        assert!(!format!("{one:?}").contains("lsr_"), "{one:?}");
    }

    #[test]
    fn a_successor_is_the_same_each_time_and_cannot_be_made_without_the_key() {
        let first = minted(SessionId::new(Uuid::from_u128(5)), [1; 32]);
        let next =
            |token: &RefreshToken, secret| token.successors(&keys(secret)).unwrap().remove(0);

        let second = next(&first, 1);

        assert_eq!(second.session(), first.session());
        assert_eq!(second.digest(), next(&first, 1).digest());
        assert_ne!(second.digest(), first.digest());
        assert_ne!(second.digest(), next(&first, 2).digest());
        assert_ne!(second.digest(), next(&second, 1).digest());
        assert!(RefreshToken::parse(second.text().expose_secret()).is_some());
    }

    #[test]
    fn a_token_is_ours_by_its_mark_and_by_nothing_else() {
        let session = SessionId::new(Uuid::from_u128(5));
        let (first, ours) = (minted(session, [1; 32]), keys(1));
        let second = first.successors(&ours).unwrap().remove(0);
        for token in [&first, &second] {
            let read = RefreshToken::parse(token.text().expose_secret()).unwrap();
            assert!(read.is_ours(&ours).unwrap());
            assert!(!read.is_ours(&keys(2)).unwrap());
        }
        let text = first.text().expose_secret();
        let of_another = text.replacen("00000005", "00000006", 1);
        let made_up = [
            of_another,
            RefreshToken::from_parts(session, [2; 16], [0; 16])
                .text()
                .expose_secret()
                .to_owned(),
        ];
        for text in made_up {
            let read = RefreshToken::parse(&text).unwrap();
            assert!(!read.is_ours(&ours).unwrap(), "{text}");
        }
    }

    #[test]
    fn anything_that_we_could_not_have_made_is_refused() {
        let good = minted(SessionId::new(Uuid::from_u128(0xabc)), [7; 32]);
        let good = good.text().expose_secret();
        let cut = |end: usize| good.get(..end).unwrap().to_owned();
        for bad in [
            String::new(),
            "lsr_".to_owned(),
            cut(good.len() - 1),
            format!("{good}A"),
            format!("{good}="),
            format!(" {good}"),
            good.to_uppercase(),
            good.replacen("lsr_", "", 1),
            good.replacen("00000abc", "00000ABC", 1),
            good.replacen("lsr_00000000", "lsr_00000000-", 1),
            format!("{}_", cut(36)),
        ] {
            assert!(RefreshToken::parse(&bad).is_none(), "{bad}");
        }
    }
}
