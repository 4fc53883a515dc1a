//! Signing in against a real database: what each party can and cannot do.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use lianshen_domain::account::NewAccount;
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::code::Code as _;
use lianshen_domain::rejected::Reason;
use lianshen_entity::{account, event, session, signing_key};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

use super::*;
use crate::app::App;
use crate::db::DbOptions;
use crate::db::scratch::Scratch;
use crate::env::Clock;

const PASSWORD: &str = "Regenschirm & Walfisch";
const NEXT: &str = "Gewitter & Leuchtturm";
const HALL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 9));

struct Hand(Mutex<DateTime<Utc>>);

impl Clock for Hand {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

struct Centre {
    app: App,
    clock: Arc<Hand>,
    _scratch: Scratch,
}

impl Centre {
    async fn open() -> Self {
        let clock = Arc::new(Hand(Mutex::new("2026-11-23T01:00:00Z".parse().unwrap())));
        let env = Env::new(clock.clone());
        let scratch = Scratch::new();
        let config = Config::defaults().unwrap();
        let options = DbOptions {
            pool: 4,
            ..scratch.options()
        };
        let db = scratch.open_with(&options).await;
        let app = crate::server::open_app(config, env, db).await.unwrap();
        create_first_administrator(&app, "330100", create("admin", Role::Applicant))
            .await
            .unwrap();
        Self {
            app,
            clock,
            _scratch: scratch,
        }
    }

    fn later(&self, time: Duration) {
        *self.clock.0.lock().unwrap() += time;
    }

    async fn sign_in(
        &self,
        name: &str,
        password: &str,
        peer: IpAddr,
    ) -> Result<SignedIn, AppError> {
        let typed = SignIn {
            name: secret(name),
            password: secret(password),
            peer,
        };
        let app = self.app.clone();
        // As the shell does it: this also shows that a use case can be given to a task.
        self.app
            .run(async move { sign_in(&app, typed).await })
            .await
    }

    async fn admin(&self) -> SignedIn {
        self.sign_in("admin", PASSWORD, HALL).await.unwrap()
    }

    async fn actor(&self, signed_in: &SignedIn) -> Result<Actor, AppError> {
        authenticate(&self.app, signed_in.access_token.expose_secret()).await
    }

    async fn events(&self) -> Vec<&'static str> {
        let mut rows = event::Entity::find()
            .all(self.app.db.reader())
            .await
            .unwrap();
        rows.sort_by_key(|row| row.id);
        rows.iter().map(|row| row.kind.0.code()).collect()
    }

    async fn session(&self, signed_in: &SignedIn) -> session::Model {
        let id = lianshen_domain::ids::Id::raw(signed_in.actor.session);
        session::Entity::find_by_id(id)
            .one(self.app.db.reader())
            .await
            .unwrap()
            .unwrap()
    }
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn create(name: &str, role: Role) -> AccountCreate {
    AccountCreate {
        account: NewAccount {
            name: name.to_owned(),
            display_name: "王芳".to_owned(),
            role,
            department: None,
            window: role.has_window().then(|| "A01".to_owned()),
        },
        password: secret(PASSWORD),
    }
}

/// The code and field of a refusal.
fn told<T: std::fmt::Debug>(outcome: Result<T, AppError>) -> String {
    match outcome.unwrap_err() {
        AppError::Rejected(refusals) => refusals
            .iter()
            .map(|refusal| {
                format!(
                    "{}@{}",
                    refusal.reason.code().code(),
                    refusal.field.join(".")
                )
            })
            .collect::<Vec<_>>()
            .join(" "),
        AppError::Unauthenticated(reason) => format!("unauthenticated {}", reason.code().code()),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn who_signs_in_is_recognised_until_they_sign_out() {
    let centre = Centre::open().await;

    let signed_in = centre
        .sign_in(" ＡＤＭＩＮ ", PASSWORD, HALL)
        .await
        .unwrap();
    let actor = centre.actor(&signed_in).await.unwrap();
    assert_eq!(ask_again(&centre.app, &actor).await.unwrap(), actor);
    sign_out(&centre.app, &actor).await.unwrap();
    assert_eq!(
        told(ask_again(&centre.app, &actor).await),
        "unauthenticated SESSION_ENDED"
    );
    sign_out(&centre.app, &actor).await.unwrap();

    assert_eq!(actor, signed_in.actor);
    assert_eq!(actor.role, Role::SystemAdministrator);
    assert_eq!(actor.region, "330100");
    assert_eq!(
        told(centre.actor(&signed_in).await),
        "unauthenticated SESSION_ENDED"
    );
    assert_eq!(
        told(refresh(&centre.app, &signed_in.refresh_token).await),
        "SESSION_ENDED@"
    );
    assert_eq!(
        centre.events().await,
        ["ACCOUNT_CREATED", "SESSION_STARTED", "SESSION_ENDED"]
    );
    assert_eq!(
        centre.session(&signed_in).await.end_reason.as_deref(),
        Some("SIGNED_OUT")
    );
}

#[tokio::test]
async fn neither_tokens_nor_passwords_stand_in_the_database() {
    let centre = Centre::open().await;
    let signed_in = centre.admin().await;

    let row = centre.session(&signed_in).await;
    let account = account::Entity::find()
        .one(centre.app.db.reader())
        .await
        .unwrap()
        .unwrap();

    let token = signed_in.refresh_token.expose_secret();
    assert_eq!(row.refresh_hash.len(), 64);
    assert_eq!(
        RefreshToken::parse(token).unwrap().digest(),
        row.refresh_hash
    );
    assert!(
        account.password_hash.starts_with("$argon2id$"),
        "{}",
        account.password_hash
    );
}

#[tokio::test]
async fn wrong_password_unknown_name_and_closed_account_get_the_same_answer() {
    let centre = Centre::open().await;
    let admin = centre.admin().await.actor;
    let closed = account_create(&centre.app, &admin, create("gone", Role::Applicant))
        .await
        .unwrap();
    let close = AccountClose {
        account: closed.id,
        expected_version: Some(1),
    };
    account_close(&centre.app, &admin, close).await.unwrap();
    let before = centre.events().await;

    let long = "x".repeat(129);
    for (name, password) in [
        ("admin", "wrong password!"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("not/a name", PASSWORD),
        ("", ""),
        ("admin", &long),
    ] {
        assert_eq!(
            told(centre.sign_in(name, password, HALL).await),
            "SIGN_IN_FAILED@",
            "{name}"
        );
    }
    assert_eq!(centre.events().await, before);
}

#[tokio::test]
async fn an_account_attacked_from_one_address_opens_from_another_and_its_session_goes_on() {
    let centre = Centre::open().await;
    let owner = centre.admin().await;
    for _ in 0..5 {
        told(centre.sign_in("admin", "wrong password!", AWAY).await);
    }

    // The right password does not help either, so that guessing on is useless.
    let refused = centre.sign_in("admin", PASSWORD, AWAY).await.unwrap_err();

    assert!(
        matches!(&refused, AppError::Rejected(why) if why[0].reason == Reason::TooManyAttempts { seconds: 2 }),
        "{refused:?}"
    );
    centre.actor(&owner).await.unwrap();
    centre.sign_in("admin", PASSWORD, HALL).await.unwrap();
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_once_and_its_reuse_ends_the_session() {
    let centre = Centre::open().await;
    let first = centre.admin().await;
    centre.later(Duration::minutes(9));
    let second = refresh(&centre.app, &first.refresh_token).await.unwrap();
    centre.later(Duration::minutes(9));
    let third = refresh(&centre.app, &second.refresh_token).await.unwrap();
    assert_eq!(centre.actor(&third).await.unwrap(), first.actor);

    let thief = refresh(&centre.app, &first.refresh_token).await;

    assert_eq!(told(thief), "SESSION_ENDED@");
    assert_eq!(
        told(centre.actor(&third).await),
        "unauthenticated SESSION_ENDED"
    );
    assert_eq!(
        told(refresh(&centre.app, &third.refresh_token).await),
        "SESSION_ENDED@"
    );
    assert_eq!(
        centre.session(&first).await.end_reason.as_deref(),
        Some("TOKEN_REUSED")
    );
    assert_eq!(
        centre.events().await,
        ["ACCOUNT_CREATED", "SESSION_STARTED", "SESSION_ENDED"]
    );
}

#[tokio::test]
async fn a_lost_answer_is_given_again_within_a_minute_while_the_successor_is_unused() {
    let centre = Centre::open().await;
    let first = centre.admin().await;

    let lost = refresh(&centre.app, &first.refresh_token).await.unwrap();
    centre.later(Duration::seconds(60));
    let again = refresh(&centre.app, &first.refresh_token).await.unwrap();

    assert_eq!(
        lost.refresh_token.expose_secret(),
        again.refresh_token.expose_secret()
    );
    refresh(&centre.app, &lost.refresh_token).await.unwrap();
    assert_eq!(
        told(refresh(&centre.app, &first.refresh_token).await),
        "SESSION_ENDED@"
    );

    let late = centre.admin().await;
    refresh(&centre.app, &late.refresh_token).await.unwrap();
    centre.later(Duration::seconds(61));
    assert_eq!(
        told(refresh(&centre.app, &late.refresh_token).await),
        "SESSION_ENDED@"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_refreshes_at_the_same_moment_agree_and_nobody_is_taken_for_a_thief() {
    let centre = Centre::open().await;
    let first = centre.admin().await;

    let asked: Vec<_> = (0..20)
        .map(|_| {
            let (app, token) = (centre.app.clone(), first.refresh_token.clone());
            tokio::spawn(async move { refresh(&app, &token).await.unwrap() })
        })
        .collect();
    let mut tokens = std::collections::HashSet::new();
    for answer in asked {
        tokens.insert(
            answer
                .await
                .unwrap()
                .refresh_token
                .expose_secret()
                .to_owned(),
        );
    }

    assert_eq!(tokens.len(), 1);
    centre.actor(&first).await.unwrap();
}

#[tokio::test]
async fn a_made_up_token_of_a_session_is_no_way_in_and_does_not_end_it() {
    let centre = Centre::open().await;
    let first = centre.admin().await;
    let session = lianshen_domain::ids::Id::raw(first.actor.session).simple();
    let forged = secret(&format!("lsr_{session}_{}", "A".repeat(43)));
    assert!(RefreshToken::parse(forged.expose_secret()).is_some());

    assert_eq!(told(refresh(&centre.app, &forged).await), "SESSION_ENDED@");
    assert_eq!(
        told(refresh(&centre.app, &secret("lsr_nonsense")).await),
        "SESSION_ENDED@"
    );
    assert_eq!(
        told(refresh(&centre.app, &first.access_token).await),
        "SESSION_ENDED@"
    );
    centre.actor(&first).await.unwrap();
    refresh(&centre.app, &first.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_session_ends_after_half_an_hour_of_rest_or_twelve_hours_of_work() {
    let centre = Centre::open().await;
    let resting = centre.admin().await;
    centre.later(Duration::minutes(30));
    assert_eq!(
        told(refresh(&centre.app, &resting.refresh_token).await),
        "SESSION_ENDED@"
    );

    let mut working = centre.admin().await;
    for _ in 0..79 {
        centre.later(Duration::minutes(9));
        working = refresh(&centre.app, &working.refresh_token).await.unwrap();
        centre.actor(&working).await.unwrap();
    }
    assert_eq!(working.access_expires_at, working.session_expires_at);
    centre.later(Duration::minutes(9));
    assert_eq!(
        told(refresh(&centre.app, &working.refresh_token).await),
        "SESSION_ENDED@"
    );
    assert_eq!(
        told(centre.actor(&working).await),
        "unauthenticated SESSION_ENDED"
    );
}

#[tokio::test]
async fn use_is_noted_at_most_once_a_minute() {
    let centre = Centre::open().await;
    let signed_in = centre.admin().await;
    let begun = centre.session(&signed_in).await.last_seen_at;

    centre.later(Duration::seconds(59));
    centre.actor(&signed_in).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(centre.session(&signed_in).await.last_seen_at, begun);

    centre.later(Duration::seconds(1));
    centre.actor(&signed_in).await.unwrap();
    for _ in 0..100 {
        if centre.session(&signed_in).await.last_seen_at != begun {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(
        centre.session(&signed_in).await.last_seen_at,
        begun + Duration::minutes(1)
    );
}

#[tokio::test]
async fn closing_an_account_stops_its_sessions_at_once() {
    let centre = Centre::open().await;
    let admin = centre.admin().await.actor;
    let clerk = account_create(&centre.app, &admin, create("clerk", Role::WindowClerk))
        .await
        .unwrap();
    let working = centre.sign_in("clerk", PASSWORD, HALL).await.unwrap();
    centre.actor(&working).await.unwrap();

    let stale = AccountClose {
        account: clerk.id,
        expected_version: Some(7),
    };
    assert_eq!(
        told(account_close(&centre.app, &admin, stale).await),
        "CONFLICT@expectedVersion"
    );
    centre.actor(&working).await.unwrap();
    let close = AccountClose {
        account: clerk.id,
        expected_version: Some(1),
    };
    let closed = account_close(&centre.app, &admin, close).await.unwrap();
    let again = account_close(&centre.app, &admin, close).await.unwrap();

    assert_eq!(
        (closed.version, closed.closed_at),
        (2, Some(centre.app.env.now()))
    );
    assert_eq!(again, closed);
    assert_eq!(
        told(centre.actor(&working).await),
        "unauthenticated SESSION_ENDED"
    );
    assert_eq!(
        told(refresh(&centre.app, &working.refresh_token).await),
        "SESSION_ENDED@"
    );
    let closings = centre
        .events()
        .await
        .iter()
        .filter(|kind| **kind == "ACCOUNT_CLOSED")
        .count();
    assert_eq!(closings, 1);
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_the_administrator_and_what_it_opened_ends() {
    let centre = Centre::open().await;
    let app = &centre.app;
    let admin = centre.admin().await.actor;
    let clerk = account_create(app, &admin, create("clerk", Role::WindowClerk))
        .await
        .unwrap();
    let working = centre.sign_in("clerk", PASSWORD, HALL).await.unwrap();
    // Where nobody signed in before, somebody guesses until they have to wait.
    for _ in 0..5 {
        told(centre.sign_in("clerk", "wrong password!", AWAY).await);
    }
    let waits = centre.sign_in("clerk", PASSWORD, AWAY).await;
    assert_eq!(told(waits), "TOO_MANY_ATTEMPTS@");
    let reset = |password: &str, expected_version| AccountResetPassword {
        account: clerk.id,
        password: secret(password),
        expected_version,
    };

    for (password, version, refused) in [
        ("clerk-clerk-clerk", None, "PASSWORD_TOO_WEAK@password"),
        (NEXT, Some(7), "CONFLICT@expectedVersion"),
    ] {
        let outcome = account_reset_password(app, &admin, reset(password, version)).await;
        assert_eq!(told(outcome), refused);
    }
    centre.actor(&working).await.unwrap();
    let done = account_reset_password(app, &admin, reset(NEXT, Some(1))).await;

    assert_eq!(done.unwrap().version, 2);
    assert_eq!(
        told(centre.actor(&working).await),
        "unauthenticated SESSION_ENDED"
    );
    assert_eq!(
        told(refresh(app, &working.refresh_token).await),
        "SESSION_ENDED@"
    );
    // The attempts are forgotten: the new password opens at once, and the old one nowhere.
    centre.sign_in("clerk", NEXT, AWAY).await.unwrap();
    assert_eq!(
        told(centre.sign_in("clerk", PASSWORD, HALL).await),
        "SIGN_IN_FAILED@"
    );
    let resets = centre.events().await;
    let resets = resets.iter().filter(|kind| **kind == "PASSWORD_RESET");
    assert_eq!(resets.count(), 1);
}

#[tokio::test]
async fn nobody_else_resets_a_password_and_nobody_their_own() {
    let centre = Centre::open().await;
    let app = &centre.app;
    let admin = centre.admin().await.actor;
    let clerk = account_create(app, &admin, create("clerk", Role::WindowClerk))
        .await
        .unwrap();
    create_first_administrator(app, "330200", create("other", Role::Applicant))
        .await
        .unwrap();
    let other = centre.sign_in("other", PASSWORD, HALL).await.unwrap().actor;
    let clerk_actor = centre.sign_in("clerk", PASSWORD, HALL).await.unwrap().actor;
    let reset = |account| AccountResetPassword {
        account,
        password: secret(NEXT),
        expected_version: None,
    };
    let before = centre.events().await;
    for (actor, account, refused) in [
        (&clerk_actor, admin.account, "FORBIDDEN@"),
        (&clerk_actor, clerk.id, "FORBIDDEN@"),
        (&other, clerk.id, "NOT_FOUND@"),
        (&admin, admin.account, "OWN_ACCOUNT@"),
    ] {
        let outcome = account_reset_password(app, actor, reset(account)).await;
        assert_eq!(told(outcome), refused);
    }
    assert_eq!(centre.events().await, before);

    let close = AccountClose {
        account: clerk.id,
        expected_version: None,
    };
    account_close(app, &admin, close).await.unwrap();
    let outcome = account_reset_password(app, &admin, reset(clerk.id)).await;
    assert_eq!(told(outcome), "ACCOUNT_CLOSED@accountId");
}

#[tokio::test]
async fn the_command_line_resets_a_system_administrator_of_the_centre_and_nobody_else() {
    let centre = Centre::open().await;
    let app = &centre.app;
    let working = centre.admin().await;
    account_create(app, &working.actor, create("clerk", Role::WindowClerk))
        .await
        .unwrap();
    for (region, name) in [
        ("330100", "clerk"),
        ("330200", "admin"),
        ("330100", "nobody"),
    ] {
        let outcome = reset_administrator(app, region, name, secret(NEXT)).await;
        assert_eq!(told(outcome), "NOT_FOUND@", "{region} {name}");
    }
    let weak = reset_administrator(app, "330100", "admin", secret("admin-admin-1")).await;
    assert_eq!(told(weak), "PASSWORD_TOO_WEAK@password");

    reset_administrator(app, "330100", " ADMIN ", secret(NEXT))
        .await
        .unwrap();

    assert_eq!(
        told(centre.actor(&working).await),
        "unauthenticated SESSION_ENDED"
    );
    centre.sign_in("admin", NEXT, HALL).await.unwrap();
    let row = event::Entity::find()
        .filter(event::Column::Kind.eq("PASSWORD_RESET"))
        .one(app.db.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.region.as_str(), row.actor), ("330100", None));
}

#[tokio::test]
async fn only_the_system_administrator_keeps_accounts_and_only_of_the_own_centre() {
    let centre = Centre::open().await;
    let app = &centre.app;
    let admin = centre.admin().await.actor;
    let clerk = account_create(app, &admin, create("clerk", Role::WindowClerk))
        .await
        .unwrap();
    create_first_administrator(app, "330200", create("other", Role::Applicant))
        .await
        .unwrap();
    let other = centre.sign_in("other", PASSWORD, HALL).await.unwrap().actor;
    let clerk_actor = centre.sign_in("clerk", PASSWORD, HALL).await.unwrap().actor;
    let count = account::Entity::find()
        .count(app.db.reader())
        .await
        .unwrap();

    let close = |id| AccountClose {
        account: id,
        expected_version: None,
    };
    assert_eq!(
        told(account_create(app, &clerk_actor, create("x1", Role::Applicant)).await),
        "FORBIDDEN@"
    );
    assert_eq!(
        told(account_close(app, &clerk_actor, close(admin.account)).await),
        "FORBIDDEN@"
    );
    assert_eq!(
        told(accounts(app, &clerk_actor, None, 10).await),
        "FORBIDDEN@"
    );
    assert_eq!(
        told(account(app, &clerk_actor, admin.account).await),
        "NOT_FOUND@"
    );
    assert_eq!(account(app, &clerk_actor, clerk.id).await.unwrap(), clerk);
    assert_eq!(
        told(account_close(app, &other, close(clerk.id)).await),
        "NOT_FOUND@"
    );
    assert_eq!(told(account(app, &other, clerk.id).await), "NOT_FOUND@");
    assert_eq!(
        told(account_close(app, &admin, close(admin.account)).await),
        "OWN_ACCOUNT@"
    );
    let again = create_first_administrator(app, "330100", create("second", Role::Applicant)).await;
    assert_eq!(told(again), "FORBIDDEN@");

    let names = |rows: Vec<Account>| rows.into_iter().map(|row| row.name).collect::<Vec<_>>();
    assert_eq!(
        names(accounts(app, &admin, None, 10).await.unwrap()),
        ["admin", "clerk"]
    );
    assert_eq!(
        names(accounts(app, &admin, Some("admin"), 10).await.unwrap()),
        ["clerk"]
    );
    assert_eq!(
        names(accounts(app, &other, None, 10).await.unwrap()),
        ["other"]
    );
    assert_eq!(
        account::Entity::find()
            .count(app.db.reader())
            .await
            .unwrap(),
        count
    );
    let closed = account::Entity::find().filter(account::Column::ClosedAt.is_not_null());
    assert_eq!(closed.count(app.db.reader()).await.unwrap(), 0);
}

#[tokio::test]
async fn an_account_is_refused_for_all_that_is_wrong_with_it_and_nothing_is_written() {
    let centre = Centre::open().await;
    let app = &centre.app;
    let admin = centre.admin().await.actor;
    let before = centre.events().await;

    let taken = create("ADMIN", Role::Applicant);
    let weak = AccountCreate {
        password: secret("short"),
        ..create("x1", Role::Applicant)
    };
    let mut nowhere = create("x2", Role::Reviewer);
    assert_eq!(
        told(account_create(app, &admin, nowhere.clone()).await),
        "ACCOUNT_INCOMPLETE@role"
    );
    nowhere.account.department = Some("none".to_owned());
    assert_eq!(
        told(account_create(app, &admin, nowhere).await),
        "DEPARTMENT_UNKNOWN@departmentCode"
    );
    assert_eq!(
        told(account_create(app, &admin, taken).await),
        "ACCOUNT_NAME_TAKEN@name"
    );
    assert_eq!(
        told(account_create(app, &admin, weak).await),
        "PASSWORD_TOO_WEAK@password"
    );

    assert_eq!(centre.events().await, before);
    sign_out(app, &admin).await.unwrap();
    let late = account_create(app, &admin, create("x3", Role::Applicant)).await;
    assert_eq!(told(late), "unauthenticated SESSION_ENDED");
}

#[tokio::test]
async fn a_changed_password_replaces_the_old_one_and_ends_the_other_sessions() {
    let centre = Centre::open().await;
    let app = &centre.app;
    let here = centre.admin().await;
    let there = centre.sign_in("admin", PASSWORD, AWAY).await.unwrap();
    let change = |present: &str, wanted: &str| {
        password_change(app, &here.actor, HALL, secret(present), secret(wanted))
    };

    let outcome = change("wrong password!", "Leuchtturm am Ufer").await;
    assert_eq!(told(outcome), "SIGN_IN_FAILED@presentPassword");
    assert_eq!(
        told(change(PASSWORD, "admin").await),
        "PASSWORD_TOO_WEAK@wantedPassword"
    );
    change(PASSWORD, "Leuchtturm am Ufer").await.unwrap();

    centre.actor(&here).await.unwrap();
    assert_eq!(
        told(centre.actor(&there).await),
        "unauthenticated SESSION_ENDED"
    );
    assert_eq!(
        told(centre.sign_in("admin", PASSWORD, HALL).await),
        "SIGN_IN_FAILED@"
    );
    centre
        .sign_in("admin", "Leuchtturm am Ufer", HALL)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_change_that_compares_no_password_uses_up_no_attempt() {
    let centre = Centre::open().await;
    let here = centre.admin().await;
    let change = |present: &str, wanted: &str| {
        password_change(
            &centre.app,
            &here.actor,
            HALL,
            secret(present),
            secret(wanted),
        )
    };
    let long = "x".repeat(1_000);
    for _ in 0..7 {
        assert_eq!(
            told(change(PASSWORD, "admin").await),
            "PASSWORD_TOO_WEAK@wantedPassword"
        );
        assert_eq!(
            told(change(&long, "Leuchtturm am Ufer").await),
            "SIGN_IN_FAILED@presentPassword"
        );
    }
    centre.sign_in("admin", PASSWORD, HALL).await.unwrap();
    change(PASSWORD, "Leuchtturm am Ufer").await.unwrap();
}

#[tokio::test]
async fn a_password_that_could_not_be_compared_was_not_tried() {
    let centre = Centre::open().await;
    let app = &centre.app;
    let here = centre.admin().await;
    let kept = account::Entity::find()
        .one(app.db.reader())
        .await
        .unwrap()
        .unwrap()
        .password_hash;
    let put = async |hash: &str| {
        db::write(&app.db, async |tx| {
            account::Entity::update_many()
                .col_expr(account::Column::PasswordHash, Expr::value(hash))
                .exec(&tx.0)
                .await?;
            Ok(())
        })
        .await
        .unwrap();
    };
    let change = |present: &str| {
        let wanted = secret("Leuchtturm am Ufer");
        password_change(app, &here.actor, HALL, secret(present), wanted)
    };
    put("no hash").await;
    for _ in 0..7 {
        let fault = change(PASSWORD).await.unwrap_err();
        assert!(matches!(fault, AppError::Internal(_)), "{fault}");
    }
    put(&kept).await;
    for _ in 0..5 {
        assert_eq!(
            told(change("wrong password!").await),
            "SIGN_IN_FAILED@presentPassword"
        );
    }
    assert!(told(change(PASSWORD).await).starts_with("TOO_MANY_ATTEMPTS"));
}

#[tokio::test]
async fn a_hash_of_an_older_cost_is_renewed_when_its_owner_signs_in() {
    let mut centre = Centre::open().await;
    let mut config = (*centre.app.config).clone();
    config.password_passes = 3;
    let risen = Identity::open(&config, &centre.app.db, &centre.app.env)
        .await
        .unwrap();
    centre.app.identity = Arc::new(risen);

    centre.admin().await;

    let row = account::Entity::find()
        .one(centre.app.db.reader())
        .await
        .unwrap()
        .unwrap();
    assert!(
        row.password_hash
            .starts_with("$argon2id$v=19$m=19456,t=3,p=1$"),
        "{}",
        row.password_hash
    );
    centre.admin().await;
}

#[tokio::test]
async fn the_kept_signing_key_survives_a_restart_and_configured_keys_take_its_place() {
    let mut centre = Centre::open().await;
    let signed_in = centre.admin().await;

    let config = centre.app.config.clone();
    let restarted = Identity::open(&config, &centre.app.db, &centre.app.env)
        .await
        .unwrap();
    centre.app.identity = Arc::new(restarted);
    centre.actor(&signed_in).await.unwrap();
    let kept = signing_key::Entity::find()
        .count(centre.app.db.reader())
        .await
        .unwrap();
    assert_eq!(kept, 1);

    let mut config = (*config).clone();
    let key = SigningKey::random("k2", rand::random()).unwrap();
    config.signing_keys = vec![secret(&format!("k2:{}", key.to_base64().expose_secret()))];
    let other = Identity::open(&config, &centre.app.db, &centre.app.env)
        .await
        .unwrap();
    centre.app.identity = Arc::new(other);
    assert_eq!(
        told(centre.actor(&signed_in).await),
        "unauthenticated SESSION_ENDED"
    );
    config.signing_keys = vec![secret("k2:short")];
    assert!(
        Identity::open(&config, &centre.app.db, &centre.app.env)
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_who_close_each_other_at_the_same_moment_leave_one() {
    let centre = Centre::open().await;
    let one = centre.admin().await.actor;
    for round in 0..10 {
        let name = format!("admin{round}");
        account_create(&centre.app, &one, create(&name, Role::SystemAdministrator))
            .await
            .unwrap();
        let two = centre.sign_in(&name, PASSWORD, HALL).await.unwrap().actor;

        let close = |actor: &Actor, whom: &Actor| {
            let (app, actor) = (centre.app.clone(), actor.clone());
            let asked = AccountClose {
                account: whom.account,
                expected_version: None,
            };
            tokio::spawn(async move { account_close(&app, &actor, asked).await })
        };
        let outcomes = [close(&two, &one), close(&one, &two)];
        let mut closed = 0;
        for outcome in outcomes {
            closed += u32::from(outcome.await.unwrap().is_ok());
        }

        assert_eq!(closed, 1);
        if ask_again(&centre.app, &one).await.is_err() {
            ask_again(&centre.app, &two).await.unwrap();
            return;
        }
    }
}

/// Compares the middle of twenty attempts of each kind; taken in turns, so that a busy machine disturbs all alike.
#[tokio::test]
async fn the_time_taken_does_not_tell_whether_a_name_exists() {
    let centre = Centre::open().await;
    let mut times: [Vec<u128>; 2] = [Vec::new(), Vec::new()];
    for round in 0..20 {
        for (kind, name) in ["admin", "nobody"].into_iter().enumerate() {
            // Another address each time, so that nobody is made to wait.
            let peer = IpAddr::V4((0x0A00_0100_u32 + round).into());
            let begun = std::time::Instant::now();
            let outcome = centre.sign_in(name, "wrong password!", peer).await;
            times[kind].push(begun.elapsed().as_micros());
            assert_eq!(told(outcome), "SIGN_IN_FAILED@");
        }
    }

    let [known, unknown] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    // Without the stand-in the unknown name would take a twentieth of the time.
    assert!(
        known * 2 > unknown && unknown * 2 > known,
        "known {known} us, unknown {unknown} us"
    );
}
