//! Signing in, staying signed in, signing out.
//!
//! Names and passwords never reach a log; ids do.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use lianshen_domain::account::folded_name;
use lianshen_domain::actor::Actor;
use lianshen_domain::code::Code as _;
use lianshen_domain::event::{EventKind, Happening};
use lianshen_domain::ids::{AccountId, Id as _, SessionId};
use lianshen_domain::rejected::Reason;
use lianshen_domain::session::{RefreshVerdict, SessionEnd, SessionTimes, Shown, judge_refresh};
use lianshen_entity::{account, session};
use secrecy::{ExposeSecret, SecretString};

use super::password::{HashingError, Verdict};
use super::throttle::Limit;
use super::{RefreshToken, store};
use crate::app::App;
use crate::db::{self, Tx};
use crate::error::{AppError, Lacking};
use crate::ledger::{self, Entry};

/// What somebody types to sign in, and from where.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The account name, in any case and width.
    pub name: SecretString,
    /// The password.
    pub password: SecretString,
    /// The address of the client.
    pub peer: IpAddr,
}

/// A session that stands, with the tokens to use it.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Shown with each request.
    pub access_token: SecretString,
    /// When it ends.
    pub access_expires_at: DateTime<Utc>,
    /// Exchanged for the next pair, once.
    pub refresh_token: SecretString,
    /// When the session ends in any case.
    pub session_expires_at: DateTime<Utc>,
    /// Who signed in.
    pub actor: Actor,
}

/// Signs in. The attempt is counted before the password is hashed, and an unknown name costs what a known one does.
///
/// # Errors
/// `TooManyAttempts`, `SignInFailed`, or busy when too many passwords wait to be hashed.
pub async fn sign_in(app: &App, typed: SignIn) -> Result<SignedIn, AppError> {
    let identity = &app.identity;
    // A name that cannot be one is counted and compared like one that nobody has.
    let name = folded_name(typed.name.expose_secret()).unwrap_or_default();
    // Nothing is compared with it, so it takes nobody's attempts away.
    if identity.rule.is_beyond(&typed.password) {
        return Err(Reason::SignInFailed.into());
    }
    identity
        .throttle
        .attempt(&name, typed.peer, app.env.now())
        .map_err(|refused| {
            note_refused(refused.limit);
            Reason::TooManyAttempts {
                seconds: refused.seconds,
            }
        })?;

    let compared = compare(app, &name, &typed.password).await;
    if compared.is_err() {
        let now = app.env.now();
        identity.throttle.unanswered(&name, typed.peer, now);
    }
    let (account, verdict) = compared?;
    let Some(account) = account.filter(|_| verdict.matches) else {
        metrics::counter!("lianshen_sign_ins_total", "outcome" => "failed").increment(1);
        return Err(Reason::SignInFailed.into());
    };
    identity
        .throttle
        .succeeded(&name, typed.peer, app.env.now());
    // Hashed outside the transaction. When the queue is full, the next sign-in will renew it.
    let renewed = if verdict.needs_rehash {
        identity.passwords.hash(typed.password).await.ok()
    } else {
        None
    };

    let signed_in = open_session(app, &account, renewed.as_deref()).await?;
    metrics::counter!("lianshen_sign_ins_total", "outcome" => "succeeded").increment(1);
    Ok(signed_in)
}

/// The account of a name, and whether the password is its.
async fn compare(
    app: &App,
    name: &str,
    password: &SecretString,
) -> Result<(Option<account::Model>, Verdict), AppError> {
    let account = store::account_named(app.db.reader(), name)
        .await?
        .filter(|account| account.closed_at.is_none());
    let stored = account
        .as_ref()
        .map(|account| account.password_hash.clone());
    let passwords = &app.identity.passwords;
    let verdict = passwords.verify(password.clone(), stored).await;
    Ok((account, verdict.map_err(hashing_failed)?))
}

/// Exchanges a refresh token for new tokens.
///
/// A token that was exchanged before ends the session, because somebody holds a copy; but for a minute, and as
/// long as its successor was not used, it is taken for a retry after a lost answer, and gets the same answer. One
/// that we never made does nothing to the session that it names.
///
/// # Errors
/// `SessionEnded`, whatever is wrong with the token.
pub async fn refresh(app: &App, token: &SecretString) -> Result<SignedIn, AppError> {
    let shown = RefreshToken::parse(token.expose_secret()).ok_or(Reason::SessionEnded)?;
    let digest = shown.digest();
    let successors = shown
        .successors(&app.identity.tokens)
        .map_err(AppError::internal)?;
    let is_ours = shown
        .is_ours(&app.identity.tokens)
        .map_err(AppError::internal)?;
    // What was made up takes no turn to write. The stored ones are looked at, too: a key that was taken out makes true ones
    // look like it.
    if !is_ours {
        let known = store::session(app.db.reader(), shown.session()).await?;
        let known = known.map(|row| shown.beside(&row, is_ours));
        if known.is_none_or(|shown| matches!(shown, Shown::MadeUp)) {
            return Err(Reason::SessionEnded.into());
        }
    }
    let now = app.env.now();
    let refreshed = db::write(&app.db, async |tx| {
        let Some(row) = store::lock_session(&tx, shown.session()).await? else {
            return Ok(None);
        };
        let Some(standing) = store::standing(&tx.0, shown.session()).await? else {
            return Ok(None);
        };
        if !standing.times().stands(now, app.identity.limits) {
            return Ok(None);
        }
        let actor = standing.actor();
        let next = match judge_refresh(shown.beside(&row, is_ours), now) {
            RefreshVerdict::Exchange => {
                let next = successors.first();
                if let Some(next) = next {
                    store::rotate(&tx, shown.session(), &digest, &next.digest(), now).await?;
                }
                next
            }
            RefreshVerdict::Repeat => successors
                .iter()
                .find(|next| next.digest() == row.refresh_hash),
            RefreshVerdict::Reused => None,
            RefreshVerdict::Refused => return Ok(None),
        };
        if next.is_none() {
            end(&tx, app, &actor, SessionEnd::TokenReused, now).await?;
        }
        Ok(next.map(|next| (actor, next.clone(), row.expires_at)))
    })
    .await?;
    let (actor, next, expires_at) = refreshed.ok_or(Reason::SessionEnded)?;
    hand_out(app, actor, &next, expires_at)
}

/// Ends the session through which the actor acts. A second time does nothing.
///
/// # Errors
/// Faults only.
pub async fn sign_out(app: &App, actor: &Actor) -> Result<(), AppError> {
    db::write(&app.db, async |tx| {
        end(&tx, app, actor, SessionEnd::SignedOut, app.env.now()).await
    })
    .await
}

/// Says who shows an access token. Session and account are read each time, so that what was ended or closed stops
/// at once; the rights are those of now, not those of sign-in.
///
/// # Errors
/// Unauthenticated, `SessionEnded`.
pub async fn authenticate(app: &App, access_token: &str) -> Result<Actor, AppError> {
    Ok(authenticate_until(app, access_token).await?.0)
}

/// As [`authenticate`], with the time at which the token ends: a connection that stays open for it must close then.
///
/// # Errors
/// Unauthenticated, `SessionEnded`.
pub async fn authenticate_until(
    app: &App,
    access_token: &str,
) -> Result<(Actor, DateTime<Utc>), AppError> {
    let now = app.env.now();
    let bearer = app
        .identity
        .tokens
        .verify(access_token, now)
        .map_err(|bad| {
            tracing::debug!(%bad, "access token not accepted");
            AppError::Unauthenticated(Reason::SessionEnded)
        })?;
    let actor = standing_actor(app, bearer.session, now).await?;
    if actor.account != bearer.account {
        return Err(AppError::Unauthenticated(Reason::SessionEnded));
    }
    Ok((actor, bearer.expires_at))
}

/// Asks again whether an actor's session stands, and what their rights are now: for connections that stay open.
///
/// # Errors
/// Unauthenticated, `SessionEnded`.
pub async fn ask_again(app: &App, actor: &Actor) -> Result<Actor, AppError> {
    standing_actor(app, actor.session, app.env.now()).await
}

/// Changes one's own password. All other sessions of the account end; the one at hand goes on.
///
/// # Errors
/// `TooManyAttempts`, `SignInFailed` when the present password is wrong, `PasswordTooWeak`, `SessionEnded`.
pub async fn password_change(
    app: &App,
    actor: &Actor,
    peer: IpAddr,
    present: SecretString,
    wanted: SecretString,
) -> Result<(), AppError> {
    let identity = &app.identity;
    let wrong = || AppError::from(Reason::SignInFailed.at("presentPassword"));
    let gone = || AppError::from(Reason::SessionEnded);
    let account = store::account_in(app.db.reader(), &actor.region, actor.account)
        .await?
        .ok_or_else(gone)?;
    // What says nothing of the present password is no attempt to guess it.
    if identity.rule.is_beyond(&present) {
        return Err(wrong());
    }
    identity
        .rule
        .check(&wanted, &account.name)
        .map_err(|reason| reason.at("wantedPassword"))?;
    identity
        .throttle
        .attempt(&account.name, peer, app.env.now())
        .map_err(|refused| {
            note_refused(refused.limit);
            Reason::TooManyAttempts {
                seconds: refused.seconds,
            }
        })?;
    let stored = Some(account.password_hash.clone());
    let verdict = identity.passwords.verify(present, stored).await;
    if verdict.is_err() {
        let now = app.env.now();
        identity.throttle.unanswered(&account.name, peer, now);
    }
    if !verdict.map_err(hashing_failed)?.matches {
        return Err(wrong());
    }
    identity
        .throttle
        .succeeded(&account.name, peer, app.env.now());
    let hash = identity
        .passwords
        .hash(wanted)
        .await
        .map_err(hashing_failed)?;

    db::write(&app.db, async |tx| {
        let _locked = store::lock_account(&tx, actor.account).await?;
        let now = app.env.now();
        still_signed_in(&tx, app, actor, now).await?;
        if !store::replace_hash(&tx, actor.account, &account.password_hash, &hash).await? {
            return Err(wrong());
        }
        store::end_sessions(
            &tx,
            actor.account,
            Some(actor.session),
            SessionEnd::PasswordChanged,
            now,
        )
        .await?;
        let changed = Happening::of_application(EventKind::PasswordChanged);
        append(&tx, app, actor, now, &[changed]).await
    })
    .await
}

/// Reads the actor's standing again, inside the transaction that depends on it.
///
/// # Errors
/// `SessionEnded` when it does not stand any more.
pub(super) async fn still_signed_in(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let standing = store::standing(&tx.0, actor.session).await?;
    let stands = standing.is_some_and(|standing| {
        standing.times().stands(now, app.identity.limits) && standing.actor().role == actor.role
    });
    if stands {
        Ok(())
    } else {
        Err(AppError::Unauthenticated(Reason::SessionEnded))
    }
}

pub(super) async fn append(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    now: DateTime<Utc>,
    happened: &[Happening],
) -> Result<(), AppError> {
    let entry = Entry {
        region: &actor.region,
        application: None,
        actor: Some(actor),
        happened_at: now,
    };
    ledger::append(tx, &app.env, entry, happened).await
}

pub(super) fn hashing_failed(error: HashingError) -> AppError {
    match error {
        HashingError::Busy => AppError::Busy(Lacking::Hashing),
        fault => AppError::internal(fault),
    }
}

async fn open_session(
    app: &App,
    account: &account::Model,
    renewed: Option<&str>,
) -> Result<SignedIn, AppError> {
    let actor = Actor {
        account: AccountId::new(account.id),
        session: app.env.id(),
        role: account.role.0,
        region: account.region.clone(),
        department: account.department.clone(),
        window: account.window.clone(),
        display_name: account.display_name.clone(),
    };
    let now = app.env.now();
    let times = SessionTimes::begin(now, app.identity.limits);
    let token = RefreshToken::mint(actor.session, app.env.secret()?, &app.identity.tokens)
        .map_err(AppError::internal)?;
    db::write(&app.db, async |tx| {
        // Closed, or given another password, while this one was hashed?
        let same = store::lock_account(&tx, actor.account)
            .await?
            .is_some_and(|now_stored| {
                now_stored.closed_at.is_none() && now_stored.password_hash == account.password_hash
            });
        if !same {
            return Err(Reason::SignInFailed.into());
        }
        if let Some(renewed) = renewed {
            store::replace_hash(&tx, actor.account, &account.password_hash, renewed).await?;
        }
        let row = session::Model {
            id: actor.session.raw(),
            account_id: account.id,
            refresh_hash: token.digest(),
            previous_hash: None,
            rotated_at: now,
            created_at: now,
            last_seen_at: times.last_seen_at,
            expires_at: times.expires_at,
            ended_at: None,
            end_reason: None,
        };
        store::add_session(&tx, row).await?;
        append(
            &tx,
            app,
            &actor,
            now,
            &[Happening::of_application(EventKind::SessionStarted)],
        )
        .await
    })
    .await?;
    hand_out(app, actor, &token, times.expires_at)
}

fn hand_out(
    app: &App,
    actor: Actor,
    refresh: &RefreshToken,
    session_expires_at: DateTime<Utc>,
) -> Result<SignedIn, AppError> {
    let access = app
        .identity
        .tokens
        .issue(actor.account, actor.session, app.env.uuid(), app.env.now())
        .map_err(AppError::internal)?;
    Ok(SignedIn {
        access_token: access.text,
        access_expires_at: access.expires_at.min(session_expires_at),
        refresh_token: refresh.text().clone(),
        session_expires_at,
        actor,
    })
}

async fn end(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    why: SessionEnd,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    if store::end_session(tx, actor.session, why, now).await? {
        let ended = Happening::of_application(EventKind::SessionEnded).with("why", why.code());
        append(tx, app, actor, now, &[ended]).await?;
    }
    Ok(())
}

async fn standing_actor(
    app: &App,
    session: SessionId,
    now: DateTime<Utc>,
) -> Result<Actor, AppError> {
    let db = app.db.clone();
    let read = move |sessions| {
        let db = db.clone();
        async move { Ok(store::standings(db.reader(), sessions).await?) }
    };
    let standing = app.identity.callers.ask(session, read).await?;
    let stands = |standing: &store::Standing| standing.times().stands(now, app.identity.limits);
    let Some(standing) = standing.filter(stands) else {
        return Err(AppError::Unauthenticated(Reason::SessionEnded));
    };
    if standing.times().is_to_be_noted(now, app.identity.limits)
        && app.identity.is_to_be_noted(session, now)
    {
        note_seen(app, session, now);
    }
    // Whoever asks is shown nothing older than what was published or adopted before they asked, at whichever server.
    let revision = standing.revision.unwrap_or_default();
    let actor = standing.actor();
    let present = app
        .library
        .at_least(app.db.reader(), &actor.region, revision);
    present.await?;
    Ok(actor)
}

/// Notes the use of a session beside the request: a reader never waits for the writer, nor fails with it.
fn note_seen(app: &App, session: SessionId, now: DateTime<Utc>) {
    let app = app.clone();
    tokio::spawn(async move {
        let noted = db::write(&app.db, async |tx| {
            Ok(store::note_seen(&tx, session, now).await?)
        })
        .await;
        if let Err(error) = noted {
            tracing::warn!(session = %session.wire(), %error, "the use of a session was not noted");
        }
    });
}

fn note_refused(limit: Limit) {
    let code = match limit {
        Limit::Pair => "pair",
        Limit::Address => "address",
        Limit::Account => "account",
        Limit::Global => "global",
    };
    metrics::counter!("lianshen_sign_ins_total", "outcome" => "refused", "limit" => code)
        .increment(1);
    if limit == Limit::Global {
        tracing::warn!("sign-in attempts of the whole installation exceed their budget");
    }
}
