//! Refresh tokens: opaque, random, and stored only as a digest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lianshen_domain::ids::{Id, SessionId};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::token::{AccessTokens, TokenError};
use crate::ledger::hex;

/// What a client shows to get its next access token: `lsr_`, the session, and 256 random bits.
///
/// The fixed prefix lets scanners recognise a token that was leaked into a file.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    session: SessionId,
    text: SecretString,
}

impl RefreshToken {
    /// The first token of a session, of random bytes.
    pub fn mint(session: SessionId, random: [u8; 32]) -> Self {
        Self::from_parts(session, random)
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
        let random = seals
            .iter()
            .filter_map(|seal| URL_SAFE_NO_PAD.decode(seal).ok()?.try_into().ok());
        Ok(random
            .map(|random| Self::from_parts(self.session, random))
            .collect())
    }

    /// Reads what a client shows; `None` when it is nothing that we could have made.
    pub fn parse(text: &str) -> Option<Self> {
        let (session, random) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let session = SessionId::new(Uuid::try_parse(session).ok()?);
        let random: [u8; 32] = URL_SAFE_NO_PAD.decode(random).ok()?.try_into().ok()?;
        let token = Self::from_parts(session, random);
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

    /// What is stored. Plain SHA-256 will do: nobody guesses 256 random bits, and nobody can steer the
    /// digest, so that comparing digests tells nothing by its time.
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(self.text.expose_secret().as_bytes()))
    }

    fn from_parts(session: SessionId, random: [u8; 32]) -> Self {
        let text = format!(
            "{PREFIX}{}_{}",
            session.raw().simple(),
            URL_SAFE_NO_PAD.encode(random)
        );
        Self {
            session,
            text: SecretString::from(text),
        }
    }
}

const PREFIX: &str = "lsr_";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::SigningKey;

    #[test]
    fn a_token_reads_back_with_its_session_and_no_two_are_alike() {
        let session = SessionId::new(Uuid::from_u128(5));
        let one = RefreshToken::mint(session, rand::random());
        let two = RefreshToken::mint(session, rand::random());

        let read = RefreshToken::parse(one.text().expose_secret()).unwrap();

        assert_eq!(read.session(), session);
        assert_eq!(read.digest(), one.digest());
        assert_ne!(two.digest(), one.digest());
        assert_eq!(one.text().expose_secret().len(), 4 + 32 + 1 + 43);
        assert!(!format!("{one:?}").contains("lsr_"), "{one:?}");
    }

    #[test]
    fn a_successor_is_the_same_each_time_and_cannot_be_made_without_the_key() {
        let keys = |secret: u8| {
            let text = base64::engine::general_purpose::STANDARD.encode([secret; 32]);
            let key = SigningKey::new("k", &SecretString::from(text)).unwrap();
            AccessTokens::new(&[key], "i", "a", chrono::Duration::minutes(10)).unwrap()
        };
        let first = RefreshToken::mint(SessionId::new(Uuid::from_u128(5)), [1; 32]);
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
    fn anything_that_we_could_not_have_made_is_refused() {
        let good = RefreshToken::mint(SessionId::new(Uuid::from_u128(0xabc)), [7; 32]);
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
