//! Tokens that must not be accepted, each by its reason, and those that must.

use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://centre.example";
const AUDIENCE: &str = "lianshen";
const LIFETIME: Duration = Duration::minutes(10);
const SECRET: &[u8; 32] = b"0123456789abcdef0123456789abcdef";

fn key(kid: &str, secret: &[u8]) -> SigningKey {
    SigningKey::new(kid, &SecretString::from(STANDARD.encode(secret))).unwrap()
}

fn tokens() -> AccessTokens {
    let keys = [key("2026-11", SECRET), key("2026-10", &[7; 48])];
    AccessTokens::new(&keys, ISSUER, AUDIENCE, LIFETIME).unwrap()
}

fn now() -> DateTime<Utc> {
    "2026-11-23T01:02:03.900Z".parse().unwrap()
}

fn account() -> AccountId {
    AccountId::new(Uuid::from_u128(0xacc0))
}

fn session() -> SessionId {
    SessionId::new(Uuid::from_u128(0x5e55))
}

fn header() -> Value {
    json!({"typ": "at+jwt", "alg": "HS256", "kid": "2026-11"})
}

fn claims() -> Value {
    let at = now().timestamp();
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": account().raw(), "sid": session().raw(),
        "jti": Uuid::from_u128(9), "iat": at, "nbf": at, "exp": at + 600,
    })
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name).unwrap();
    object
}

fn encode(text: &str) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

/// Signs whatever it is given by HMAC-SHA-256, as somebody would who holds the secret.
fn signed_text(header: &str, claims: &str, secret: &[u8]) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signing = EncodingKey::from_secret(secret);
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &signing, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn signed(header: &Value, claims: &Value) -> String {
    signed_text(&header.to_string(), &claims.to_string(), SECRET)
}

fn good() -> String {
    let token = tokens()
        .issue(account(), session(), Uuid::from_u128(9), now())
        .unwrap();
    token.text.expose_secret().to_owned()
}

#[test]
fn a_token_of_ours_says_account_session_and_end_and_nothing_about_rights() {
    let text = good();

    let bearer = tokens().verify(&text, now()).unwrap();

    assert_eq!(bearer.account, account());
    assert_eq!(bearer.session, session());
    assert_eq!(bearer.token, Uuid::from_u128(9));
    assert_eq!(
        bearer.expires_at,
        "2026-11-23T01:12:03Z".parse::<DateTime<Utc>>().unwrap()
    );
    let payload = text.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .unwrap();
    let said: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(said, claims());
}

#[test]
fn the_vectors_are_forged_from_a_token_that_would_pass() {
    assert!(
        tokens()
            .verify(&signed(&header(), &claims()), now())
            .is_ok()
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one table")]
fn bad_tokens_are_refused_each_for_its_reason() {
    let at = now().timestamp();
    let hour = Duration::hours(1).num_seconds();
    let other = |alg: Algorithm| {
        let mut header = Header::new(alg);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some("2026-11".to_owned());
        jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(SECRET)).unwrap()
    };
    let none = |alg: &str| {
        let header = with(header(), "alg", json!(alg)).to_string();
        format!("{}.{}.", encode(&header), encode(&claims().to_string()))
    };
    let jwk =
        json!({"kty": "oct", "k": encode("attacker attacker attacker attack"), "alg": "HS256"});
    let own_key = |header: &Value| {
        signed_text(
            &header.to_string(),
            &claims().to_string(),
            b"attacker attacker attacker attac",
        )
    };
    let head = |name: &str, value: Value| signed(&with(header(), name, value), &claims());
    let claim = |name: &str, value: Value| signed(&header(), &with(claims(), name, value));
    let lacking = |name: &str| signed(&header(), &without(claims(), name));
    let parts: Vec<String> = good().split('.').map(str::to_owned).collect();
    let [first, second, third] = parts.as_slice() else {
        panic!()
    };

    let vectors: Vec<(&str, String, BadToken)> = vec![
        // Not tokens at all.
        ("empty", String::new(), BadToken::Malformed),
        ("two dots", "..".to_owned(), BadToken::Malformed),
        ("a word", "token".to_owned(), BadToken::Malformed),
        (
            "two parts",
            format!("{first}.{second}"),
            BadToken::Malformed,
        ),
        (
            "four parts",
            format!("{}.{third}", good()),
            BadToken::Malformed,
        ),
        (
            "a blank before",
            format!(" {}", good()),
            BadToken::Malformed,
        ),
        (
            "with its scheme",
            format!("Bearer {}", good()),
            BadToken::Malformed,
        ),
        ("a megabyte", "a".repeat(1 << 20), BadToken::Malformed),
        (
            "too long by padding",
            claim("pad", json!("x".repeat(2048))),
            BadToken::Malformed,
        ),
        (
            "refresh used as access",
            format!("lsr_{}_{}", session().raw().simple(), "A".repeat(43)),
            BadToken::Malformed,
        ),
        (
            "header not JSON",
            signed_text("nonsense", &claims().to_string(), SECRET),
            BadToken::Malformed,
        ),
        // Algorithms.
        ("alg none", none("none"), BadToken::Malformed),
        ("alg None", none("None"), BadToken::Malformed),
        ("alg empty", none(""), BadToken::Malformed),
        ("alg HS256 unsigned", none("HS256"), BadToken::Signature),
        (
            "alg missing",
            signed(&without(header(), "alg"), &claims()),
            BadToken::Malformed,
        ),
        ("alg HS384", other(Algorithm::HS384), BadToken::Header),
        ("alg HS512", other(Algorithm::HS512), BadToken::Header),
        (
            "alg RS256 over an HMAC",
            head("alg", json!("RS256")),
            BadToken::Header,
        ),
        (
            "alg EdDSA over an HMAC",
            head("alg", json!("EdDSA")),
            BadToken::Header,
        ),
        (
            "alg as a list",
            head("alg", json!(["HS256"])),
            BadToken::Malformed,
        ),
        // Keys.
        ("kid unknown", head("kid", json!("2026-12")), BadToken::Key),
        (
            "kid a path",
            head("kid", json!("../../../../dev/null")),
            BadToken::Key,
        ),
        (
            "kid SQL",
            head("kid", json!("' UNION SELECT 'a")),
            BadToken::Key,
        ),
        ("kid empty", head("kid", json!("")), BadToken::Key),
        (
            "kid in other case or blank",
            head("kid", json!("2026-11 ")),
            BadToken::Key,
        ),
        (
            "kid missing",
            signed(&without(header(), "kid"), &claims()),
            BadToken::Header,
        ),
        ("kid null", head("kid", json!(null)), BadToken::Header),
        ("kid a number", head("kid", json!(1)), BadToken::Malformed),
        (
            "kid of the other key",
            head("kid", json!("2026-10")),
            BadToken::Signature,
        ),
        (
            "jwk embedded",
            own_key(&with(header(), "jwk", jwk)),
            BadToken::Header,
        ),
        (
            "jku",
            own_key(&with(header(), "jku", json!("https://evil.example/keys"))),
            BadToken::Header,
        ),
        (
            "x5u",
            head("x5u", json!("https://evil.example/cert")),
            BadToken::Header,
        ),
        ("crit", head("crit", json!(["exp"])), BadToken::Header),
        (
            "a field more in the header",
            head("b64", json!(false)),
            BadToken::Header,
        ),
        ("another's key", own_key(&header()), BadToken::Signature),
        (
            "an empty key",
            signed_text(&header().to_string(), &claims().to_string(), b""),
            BadToken::Signature,
        ),
        // Kinds.
        ("typ JWT", head("typ", json!("JWT")), BadToken::Header),
        (
            "typ of a refresh token",
            head("typ", json!("rt+jwt")),
            BadToken::Header,
        ),
        (
            "typ missing",
            signed(&without(header(), "typ"), &claims()),
            BadToken::Header,
        ),
        // Tampering.
        (
            "signature cut",
            format!("{first}.{second}.{}", third.get(..20).unwrap()),
            BadToken::Signature,
        ),
        (
            "signature left out",
            format!("{first}.{second}."),
            BadToken::Signature,
        ),
        (
            "claims swapped",
            format!(
                "{first}.{}.{third}",
                encode(&with(claims(), "sub", json!(Uuid::nil())).to_string())
            ),
            BadToken::Signature,
        ),
        // Claims.
        ("exp missing", lacking("exp"), BadToken::Claims),
        ("nbf missing", lacking("nbf"), BadToken::Claims),
        ("iat missing", lacking("iat"), BadToken::Claims),
        ("iss missing", lacking("iss"), BadToken::Claims),
        ("aud missing", lacking("aud"), BadToken::Claims),
        ("sub missing", lacking("sub"), BadToken::Claims),
        ("sid missing", lacking("sid"), BadToken::Claims),
        ("jti missing", lacking("jti"), BadToken::Claims),
        ("exp a text", claim("exp", json!("never")), BadToken::Claims),
        (
            "exp a number in a text",
            claim("exp", json!((at + 600).to_string())),
            BadToken::Claims,
        ),
        ("exp null", claim("exp", json!(null)), BadToken::Claims),
        (
            "exp beyond numbers",
            claim("exp", json!(u64::MAX)),
            BadToken::Claims,
        ),
        (
            "exp beyond dates",
            claim("exp", json!(i64::MAX)),
            BadToken::Claims,
        ),
        ("exp negative", claim("exp", json!(-1)), BadToken::Claims),
        ("nbf a text", claim("nbf", json!("0")), BadToken::Claims),
        ("sub no id", claim("sub", json!("root")), BadToken::Claims),
        (
            "sub a list",
            claim("sub", json!([account().raw()])),
            BadToken::Claims,
        ),
        (
            "claims a list",
            signed_text(&header().to_string(), "[]", SECRET),
            BadToken::Claims,
        ),
        (
            "claim twice",
            signed_text(
                &header().to_string(),
                &claims()
                    .to_string()
                    .replacen('{', &format!("{{\"exp\":{},", at + hour), 1),
                SECRET,
            ),
            BadToken::Claims,
        ),
        (
            "another issuer",
            claim("iss", json!("https://other.example")),
            BadToken::Signature,
        ),
        (
            "issuer with a slash",
            claim("iss", json!(format!("{ISSUER}/"))),
            BadToken::Signature,
        ),
        (
            "another audience",
            claim("aud", json!("other")),
            BadToken::Signature,
        ),
        (
            "audience a list",
            claim("aud", json!([AUDIENCE, "other"])),
            BadToken::Claims,
        ),
        // Times.
        (
            "expired by 6 s",
            claim("exp", json!(at - 6)),
            BadToken::Expired,
        ),
        (
            "expired by an hour",
            claim("exp", json!(at - hour)),
            BadToken::Expired,
        ),
        (
            "not before in 121 s",
            claim("nbf", json!(at + 121)),
            BadToken::NotYet,
        ),
        (
            "issued in 121 s",
            claim("iat", json!(at + 121)),
            BadToken::NotYet,
        ),
    ];

    let tokens = tokens();
    for (what, text, expected) in &vectors {
        assert_eq!(tokens.verify(text, now()), Err(*expected), "{what}");
    }
    assert!(vectors.len() >= 60);
}

#[test]
fn the_time_is_the_one_given_and_clocks_may_differ_as_far_as_two_ready_servers() {
    let tokens = tokens();
    let text = good();
    let end = now() + LIFETIME;

    assert!(tokens.verify(&text, end + Duration::seconds(5)).is_ok());
    assert_eq!(
        tokens.verify(&text, end + Duration::seconds(6)),
        Err(BadToken::Expired)
    );
    assert!(tokens.verify(&text, now() - Duration::seconds(120)).is_ok());
    assert_eq!(
        tokens.verify(&text, now() - Duration::seconds(121)),
        Err(BadToken::NotYet)
    );
    assert_eq!(
        tokens.verify(&text, DateTime::<Utc>::MAX_UTC),
        Err(BadToken::Expired)
    );
    assert_eq!(
        tokens.verify(&text, DateTime::<Utc>::MIN_UTC),
        Err(BadToken::NotYet)
    );
}

#[test]
fn after_a_change_of_keys_the_old_ones_still_verify_and_the_newest_signs() {
    let old = AccessTokens::new(&[key("2026-10", &[7; 48])], ISSUER, AUDIENCE, LIFETIME).unwrap();
    let token = old.issue(account(), session(), Uuid::nil(), now()).unwrap();

    assert!(tokens().verify(token.text.expose_secret(), now()).is_ok());
    assert_eq!(old.verify(&good(), now()), Err(BadToken::Key));
}

#[test]
fn keys_that_are_weak_or_unclear_are_refused() {
    let base64 = |bytes: &[u8]| SecretString::from(STANDARD.encode(bytes));
    let refused = |kid: &str, secret: &SecretString| SigningKey::new(kid, secret).unwrap_err();

    assert_eq!(refused("k", &base64(&[1; 31])), KeyError::Secret);
    assert_eq!(
        refused(
            "k",
            &SecretString::from("not base64 at all, but long enough")
        ),
        KeyError::Secret
    );
    assert_eq!(refused("", &base64(&[1; 32])), KeyError::Name);
    assert_eq!(refused("a/b", &base64(&[1; 32])), KeyError::Name);
    assert_eq!(refused(&"k".repeat(65), &base64(&[1; 32])), KeyError::Name);
    let outcome = |keys: &[SigningKey]| AccessTokens::new(keys, ISSUER, AUDIENCE, LIFETIME).err();
    assert!(matches!(
        outcome(&[]),
        Some(TokenError::Key(KeyError::None))
    ));
    let twice = [key("k", &[1; 32]), key("k", &[2; 32])];
    assert!(matches!(
        outcome(&twice),
        Some(TokenError::Key(KeyError::Twice))
    ));
}

#[test]
fn random_keys_differ_survive_being_kept_and_never_show_their_secret() {
    let one = SigningKey::random("k", rand::random()).unwrap();
    let two = SigningKey::random("k", rand::random()).unwrap();
    let kept = SigningKey::new("k", &one.to_base64()).unwrap();

    assert_ne!(
        one.to_base64().expose_secret(),
        two.to_base64().expose_secret()
    );
    assert_eq!(
        kept.to_base64().expose_secret(),
        one.to_base64().expose_secret()
    );
    assert!(format!("{one:?}").contains("REDACTED"), "{one:?}");
}
