//! What the limits let pass, second by second.

use chrono::Duration;

use super::*;

const HALL: &str = "10.0.0.1";
const HOME: &str = "192.0.2.7";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn start() -> DateTime<Utc> {
    "2026-11-23T01:00:00Z".parse().unwrap()
}

fn after(seconds: i64) -> DateTime<Utc> {
    start() + Duration::seconds(seconds)
}

fn throttle() -> Throttle {
    Throttle::new(ThrottleLimits::default())
}

#[test]
fn after_five_failures_the_wait_begins_and_doubles_up_to_ten_minutes() {
    let throttle = throttle();
    let mut now = start();
    for _ in 0..5 {
        throttle.attempt("wang", ip(HALL), now).unwrap();
    }

    let mut waits = Vec::new();
    for _ in 0..11 {
        let refused = throttle.attempt("wang", ip(HALL), now).unwrap_err();
        assert_eq!(refused.limit, Limit::Pair);
        waits.push(refused.seconds);
        now += Duration::seconds(i64::try_from(refused.seconds).unwrap());
        throttle.attempt("wang", ip(HALL), now).unwrap();
    }

    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
}

#[test]
fn asking_while_one_has_to_wait_does_not_lengthen_the_wait() {
    let throttle = throttle();
    for _ in 0..6 {
        let _ = throttle.attempt("wang", ip(HALL), start());
    }

    for _ in 0..10_000 {
        let refused = throttle.attempt("wang", ip(HALL), after(1)).unwrap_err();
        assert_eq!(
            refused,
            Refused {
                limit: Limit::Pair,
                seconds: 1
            }
        );
    }
    assert_eq!(throttle.attempt("wang", ip(HALL), after(2)), Ok(()));
}

#[test]
fn locking_an_account_out_from_one_address_leaves_the_others_working() {
    let throttle = throttle();
    let mut passed = 0;
    for second in 0..10_000 {
        if throttle.attempt("wang", ip(HOME), after(second)).is_ok() {
            passed += 1;
        }
    }

    assert_eq!(passed, 28, "of 10,000 attempts in as many seconds");
    assert_eq!(throttle.attempt("wang", ip(HALL), after(10_000)), Ok(()));
    assert_eq!(throttle.attempt("li", ip(HOME), after(10_000)), Ok(()));
}

#[test]
fn an_account_hammered_from_many_addresses_still_opens_where_its_owner_signed_in_before() {
    let throttle = throttle();
    throttle.attempt("wang", ip(HALL), start()).unwrap();
    throttle.succeeded("wang", ip(HALL), start());

    let strangers = |host: u32| IpAddr::V4((0xC633_6400 + host).into());
    let passed = (0..1000)
        .filter(|host| {
            throttle
                .attempt("wang", strangers(*host), after(60))
                .is_ok()
        })
        .count();

    assert_eq!(passed, 100);
    let refused = throttle.attempt("wang", ip(HOME), after(60)).unwrap_err();
    assert_eq!(
        refused,
        Refused {
            limit: Limit::Account,
            seconds: 6
        }
    );
    assert_eq!(throttle.attempt("wang", ip(HALL), after(60)), Ok(()));
}

#[test]
fn a_hall_behind_one_address_signs_in_all_at_once_and_success_costs_nothing() {
    let throttle = throttle();
    for clerk in 0..2000 {
        let name = format!("clerk{clerk}");
        throttle.attempt(&name, ip(HALL), start()).unwrap();
        throttle.succeeded(&name, ip(HALL), start());
    }
}

#[test]
fn one_password_on_many_accounts_is_stopped_by_the_address_and_then_by_all() {
    let throttle = throttle();
    let passed = (0..2000)
        .filter(|n| {
            throttle
                .attempt(&format!("account{n}"), ip(HOME), start())
                .is_ok()
        })
        .count();
    assert_eq!(passed, 300);
    let refused = throttle.attempt("another", ip(HOME), start()).unwrap_err();
    assert_eq!(
        refused,
        Refused {
            limit: Limit::Address,
            seconds: 1
        }
    );

    let spread = |addresses: u32| {
        let passed = (0..addresses * 100).filter(|n| {
            let address = IpAddr::V4((0xC633_6400 + n % addresses).into());
            throttle
                .attempt(&format!("victim{n}"), address, start())
                .is_ok()
        });
        passed.count()
    };
    // Six from each until half of what there is for all is gone, 300 of them above; then four more.
    assert_eq!(spread(50), 500);
    let refused = throttle
        .attempt("another", ip("198.51.100.1"), start())
        .unwrap_err();
    assert_eq!((refused.limit, refused.seconds), (Limit::Global, 30));
    assert_eq!(throttle.attempt("another", ip(HALL), start()), Ok(()));
    assert_eq!(spread(1_000), 399, "1,200 for all, 801 of them used above");
    let refused = throttle.attempt("more", ip(HALL), start()).unwrap_err();
    assert_eq!((refused.limit, refused.seconds), (Limit::Global, 1));
}

#[test]
fn a_handful_of_addresses_that_hammer_shut_nobody_else_out() {
    let throttle = throttle();
    let mut passed = 0;
    for second in 0..600_u32 {
        let now = after(second.into());
        for n in 0..200 {
            let hammering = IpAddr::V4((0xC633_6400 + n % 20).into());
            let name = format!("account{second}-{n}");
            passed += u32::from(throttle.attempt(&name, hammering, now).is_ok());
        }
        let desk = IpAddr::V4((0x0A00_0000 + second).into());
        let clerk = format!("clerk{second}");
        assert_eq!(throttle.attempt(&clerk, desk, now), Ok(()), "{second}");
        throttle.succeeded(&clerk, desk, now);
    }
    assert!(
        passed < 7_500,
        "600 a minute, and what may come at once: {passed}"
    );
}

#[test]
fn signing_in_with_ones_own_account_does_not_reset_what_was_tried_on_others() {
    let throttle = throttle();
    for _ in 0..5 {
        throttle.attempt("victim", ip(HOME), start()).unwrap();
        throttle.attempt("own", ip(HOME), start()).unwrap();
        throttle.succeeded("own", ip(HOME), start());
    }

    assert_eq!(
        throttle
            .attempt("victim", ip(HOME), start())
            .unwrap_err()
            .limit,
        Limit::Pair
    );
}

#[test]
fn failures_are_forgotten_after_an_hour_by_success_and_by_an_administrator() {
    let fail = |throttle: &Throttle, times: usize, at: DateTime<Utc>| {
        (0..times).for_each(|_| throttle.attempt("wang", ip(HALL), at).unwrap());
    };

    let hour = throttle();
    fail(&hour, 4, start());
    fail(&hour, 5, after(3601));

    let success = throttle();
    fail(&success, 5, start());
    success.succeeded("wang", ip(HALL), start());
    fail(&success, 5, start());

    let forgiven = throttle();
    fail(&forgiven, 5, start());
    assert!(forgiven.attempt("wang", ip(HALL), start()).is_err());
    forgiven.forgive("wang");
    fail(&forgiven, 5, start());
}

#[test]
fn a_clock_set_back_by_a_year_locks_nobody_out() {
    let throttle = throttle();
    for _ in 0..5 {
        throttle.attempt("wang", ip(HALL), after(0)).unwrap();
    }
    let year_ago = start() - Duration::days(365);

    let refused = throttle.attempt("wang", ip(HALL), after(0)).unwrap_err();
    assert_eq!(refused.seconds, 2);
    assert_eq!(throttle.attempt("wang", ip(HALL), year_ago), Ok(()));
    assert_eq!(throttle.attempt("li", ip(HALL), year_ago), Ok(()));
}

#[test]
fn addresses_of_one_ipv6_network_and_both_spellings_of_ipv4_are_one() {
    let throttle = throttle();
    for host in 1..=5 {
        throttle
            .attempt("wang", ip(&format!("2001:db8::{host}")), start())
            .unwrap();
        throttle.attempt("li", ip(HALL), start()).unwrap();
    }

    assert!(
        throttle
            .attempt("wang", ip("2001:db8::ffff:1"), start())
            .is_err()
    );
    assert!(
        throttle
            .attempt("wang", ip("2001:db8:0:1::1"), start())
            .is_ok()
    );
    assert!(
        throttle
            .attempt("li", ip("::ffff:10.0.0.1"), start())
            .is_err()
    );
}

#[test]
fn what_is_remembered_is_bounded_and_what_is_used_stays() {
    let limits = ThrottleLimits {
        remembered: 100,
        ..ThrottleLimits::default()
    };
    let throttle = Throttle::new(limits);
    for _ in 0..5 {
        throttle.attempt("wang", ip(HALL), start()).unwrap();
    }

    for host in 0..1000_u32 {
        let address = IpAddr::V4((0xC633_6400 + host).into());
        throttle
            .attempt(&format!("account{host}"), address, start())
            .unwrap();
        assert!(
            throttle.attempt("wang", ip(HALL), start()).is_err(),
            "forgotten at {host}"
        );
    }
    let counts = throttle.counts();
    assert!(counts.pairs.len() <= 101, "{}", counts.pairs.len());
    assert!(counts.addresses.len() <= 101, "{}", counts.addresses.len());
    assert!(counts.accounts.len() <= 101, "{}", counts.accounts.len());
}

#[test]
fn refused_attempts_on_many_names_push_nothing_out() {
    let limits = ThrottleLimits {
        remembered: 1_000,
        ..ThrottleLimits::default()
    };
    let throttle = Throttle::new(limits);
    for _ in 0..5 {
        throttle.attempt("wang", ip(HALL), start()).unwrap();
    }
    // Another one is known there.
    throttle.attempt("li", ip(HALL), start()).unwrap();
    throttle.succeeded("li", ip(HALL), start());

    let stranger = ip("198.51.100.7");
    let let_pass = (0..5_000).filter(|at| {
        let name = format!("account{at}");
        throttle.attempt(&name, stranger, start()).is_ok()
    });
    assert_eq!(let_pass.count(), 300, "the burst of an address");

    assert!(throttle.attempt("wang", ip(HALL), start()).is_err());
    let counts = throttle.counts();
    assert!(counts.pairs.len() <= 302, "{}", counts.pairs.len());
    assert!(counts.accounts.len() <= 302, "{}", counts.accounts.len());
}

#[test]
fn an_hour_in_which_nobody_could_be_examined_locks_nobody_out() {
    let throttle = throttle();
    for second in 0..3_600 {
        let now = after(second);
        throttle.attempt("wang", ip(HALL), now).unwrap();
        throttle.unanswered("wang", ip(HALL), now);
    }
    // What was wrong before and after still counts.
    let now = after(3_600);
    for _ in 0..4 {
        throttle.attempt("wang", ip(HALL), now).unwrap();
    }
    throttle.attempt("wang", ip(HALL), now).unwrap();
    throttle.unanswered("wang", ip(HALL), now);
    throttle.attempt("wang", ip(HALL), now).unwrap();
    assert!(throttle.attempt("wang", ip(HALL), now).is_err());
}
