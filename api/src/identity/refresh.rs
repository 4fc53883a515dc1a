//! Refresh tokens: opaque, random, and stored only as a digest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lianshen_domain::ids::{Id, SessionId};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a client shows to get its next access token: `lsr_`, the session, and 256 random bits.
///
/// The fixed prefix lets scanners recognise a token that was leaked into a file.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    session: SessionId,
    text: SecretString,
}

impl RefreshToken {
    /// Makes a new token for a session.
    pub fn mint(session: SessionId) -> Self {
        Self::from_parts(session, rand::random())
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
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.text.expose_secret().as_bytes()).into()
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

    #[test]
    fn a_token_reads_back_with_its_session_and_no_two_are_alike() {
        let session = SessionId::new(Uuid::from_u128(5));
        let one = RefreshToken::mint(session);
        let two = RefreshToken::mint(session);

        let read = RefreshToken::parse(one.text().expose_secret()).unwrap();

        assert_eq!(read.session(), session);
        assert_eq!(read.digest(), one.digest());
        assert_ne!(two.digest(), one.digest());
        assert_eq!(one.text().expose_secret().len(), 4 + 32 + 1 + 43);
        assert!(!format!("{one:?}").contains("lsr_"), "{one:?}");
    }

    #[test]
    fn anything_that_we_could_not_have_made_is_refused() {
        let good = RefreshToken::mint(SessionId::new(Uuid::from_u128(0xabc)));
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
