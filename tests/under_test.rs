//! The real program, as the crash tests kill it: it listens, and does on its own what a line of its input says.
//!
//! ```text
//! lianshen-under-test URL INSTANT    prints the address on which it serves, and then answers each line by one
//! lianshen-under-test URL now        the same, on a clock that goes, and with the loops that run beside the requests
//! clock +86400                       sets the clock that goes so many seconds forwards, or back; answers the time
//! die N                              dies right after the N-th statement from here on, as by `kill -9`
//! die N soon                         the same, but goes on until death comes, so that it may meet the COMMIT
//! sweep                              sweeps for deadlines; answers how many lamps changed
//! ```

use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use lianshen::case;
use lianshen::config::Config;
use lianshen::db::Observer;
use lianshen::env::{Clock, Env, MachineClock};
use lianshen::server::Server;

/// Time stands still, so that the tokens of the last life are good in the next.
struct Standing(DateTime<Utc>);

impl Clock for Standing {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// Time goes on, and jumps when it is told to.
#[derive(Default)]
struct Jumping {
    seconds_ahead: AtomicI64,
}

impl Clock for Jumping {
    fn now(&self) -> DateTime<Utc> {
        let ahead = TimeDelta::seconds(self.seconds_ahead.load(Ordering::Relaxed));
        MachineClock.now() + ahead
    }
}

/// A death that has been ordered.
struct Death {
    statements_left: u32,
    soon: bool,
    killer: Child,
}

type Ordered = Arc<Mutex<Option<Death>>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(instant)) = (arguments.next(), arguments.next()) else {
        return Err("which database, and when?".into());
    };
    let mut config = Config::defaults()?;
    config.listen = ([127, 0, 0, 1], 0).into();
    config.database_url = url.into();
    config.pool = 2;
    config.access_token_minutes = 60;
    config.sweep_seconds = 1;
    let ordered = Ordered::default();
    let jumping = Arc::new(Jumping::default());
    let goes = instant == "now";
    let env = if goes {
        config.pool = 8;
        Env::new(jumping.clone())
    } else {
        Env::new(Arc::new(Standing(instant.parse()?)))
    };
    let server = Server::builder(config)
        .env(env)
        .observer(observer(ordered.clone()))
        .jobs(goes)
        .start()
        .await?;
    say(&server.addr)?;
    let (lines, mut orders) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    while let Some(order) = orders.recv().await {
        let words: Vec<&str> = order.split(' ').collect();
        match words.as_slice() {
            ["die", count, how @ ..] => {
                let death = Death {
                    statements_left: count.parse()?,
                    soon: how == ["soon"],
                    killer: killer()?,
                };
                *ordered.lock().unwrap_or_else(PoisonError::into_inner) = Some(death);
                say(&"armed")?;
            }
            ["sweep"] => {
                let report = case::sweep(&server.app).await?;
                if report.failed > 0 {
                    return Err(format!("{} cases could not be swept", report.failed).into());
                }
                say(&report.changed)?;
            }
            ["clock", seconds] if goes => {
                let seconds: i64 = seconds.parse()?;
                jumping.seconds_ahead.fetch_add(seconds, Ordering::Relaxed);
                say(&jumping.now())?;
            }
            _ => return Err(format!("what is {order:?}?").into()),
        }
    }
    server.stop().await;
    Ok(())
}

/// Answers a line by one.
fn say(what: &dyn std::fmt::Display) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}")?;
    out.flush()
}

/// Waits for a line, and kills its parent. It is there beforehand, so that death comes at once.
fn killer() -> std::io::Result<Child> {
    let mut shell = Command::new("sh");
    shell.args(["-c", "read -r go && kill -9 $PPID"]);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()
}

fn observer(ordered: Ordered) -> Observer {
    Arc::new(move |_, _, _| {
        let mut ordered = ordered.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(death) = ordered.as_mut() else {
            return;
        };
        death.statements_left = death.statements_left.saturating_sub(1);
        if death.statements_left > 0 {
            return;
        }
        if let Some(wire) = death.killer.stdin.as_mut() {
            let _ = wire.write_all(b"\n");
        }
        // The statement never gets back to who asked for it, and no other begins: the lock is kept.
        if !death.soon {
            loop {
                std::thread::park();
            }
        }
    })
}
