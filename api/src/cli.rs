//! The command line.

mod backup;
mod calendar;
mod catalogue;
mod commands;
mod demo;
mod doctor;

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};

use crate::config::Config;
use crate::error::{AppError, Lacking};
use crate::graphql;
use crate::ledger::Mark;

/// 联审: joint review for government service centres (政务服务中心).
///
/// One application at one window, all departments review at the same time, every legal period on its clock.
#[derive(Debug, Parser)]
#[command(name = "lianshen", version, after_help = EXAMPLES)]
pub struct Cli {
    /// Read settings from this TOML file; `LIANSHEN_CONFIG` names one too, and `LIANSHEN_*` variables win over both.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
To look around:
  lianshen demo                                    a sample centre in ./lianshen-demo.db

To set up a centre:
  lianshen migrate                                 make or update the tables
  lianshen calendar import holidays-cn.json        adopt the holiday notices
  lianshen catalogue import catalogue.json         publish departments, items and bundles
  lianshen account create --region 330100 --name admin --display-name 系统管理员
  lianshen doctor                                  what is still missing, and what to do
  lianshen serve

Settings (each also a LIANSHEN_ variable, e.g. LIANSHEN_LISTEN):
  listen = \"127.0.0.1:4000\"
  database_url = \"sqlite:lianshen.db\"              or postgres://user:password@host/database";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until told to end (SIGTERM or Ctrl-C); running requests are finished.
    #[command(after_help = "\
  lianshen serve --config /etc/lianshen.toml
  LIANSHEN_DATABASE_URL=postgres://lianshen@db/lianshen lianshen serve --migrate

Answers /healthz, /readyz and /metrics besides the API.")]
    Serve {
        /// Bring the tables up to date first; without it, tables that are not are an error.
        #[arg(long)]
        migrate: bool,
    },
    /// Serve a sample centre with playground, for looking around. Never for real applications.
    #[command(after_help = "\
  lianshen demo
  lianshen demo --keep                             go on with what was there
  lianshen demo --listen 127.0.0.1:8080 --database ./sandbox
  lianshen demo --database postgres://lianshen@127.0.0.1/demo")]
    Demo(Demo),
    /// Make the tables, or bring them up to this version of the program.
    ///
    /// Each migration is one transaction. Running it again changes nothing.
    Migrate,
    /// Print the GraphQL schema, as `schema.graphql` holds it. Needs no database.
    #[command(after_help = "\
  lianshen schema > schema.graphql")]
    Schema,
    /// Keep accounts.
    #[command(subcommand)]
    Account(Account),
    /// Say whether everything is set up, and what to do where it is not.
    ///
    /// Prints one line a check: OK, WARN or FAIL. Exits with 1 if anything failed. Changes nothing.
    #[command(after_help = "\
  lianshen doctor
  lianshen doctor --deep                           makes every due date anew from its events, and compares")]
    Doctor {
        /// Also make every due date anew from its events and compare it with the one that is kept.
        #[arg(long)]
        deep: bool,
    },
    /// Check the ledger.
    #[command(subcommand)]
    Audit(Audit),
    /// Copy the SQLite database to a new file, also while the program serves, and examine the copy.
    ///
    /// The copy is what the database held at one moment. It gets its name when it is complete and on the disk. An existing
    /// file is never overwritten. Exits with 1 if anything is wrong with it. PostgreSQL makes its own backups.
    #[command(after_help = "\
  lianshen backup /var/backups/lianshen-2026-11-25.db
  LIANSHEN_DATABASE_URL=sqlite:/var/backups/lianshen-2026-11-25.db lianshen doctor --deep")]
    Backup {
        /// The file to write.
        file: PathBuf,
    },
    /// Keep what can be applied for.
    #[command(subcommand)]
    Catalogue(Catalogue),
    /// Keep the working days.
    #[command(subcommand)]
    Calendar(Calendar),
}

#[derive(Args, Debug)]
struct Demo {
    /// Where to listen instead of where the settings say.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// A folder to hold the database, made if it is missing; or a database, as `sqlite:PATH` or `postgres://…`,
    /// which is used as it is.
    #[arg(long, value_name = "DIR_OR_URL", default_value = ".")]
    database: String,
    /// Go on with the database of the last time instead of making it anew.
    #[arg(long)]
    keep: bool,
}

#[derive(Debug, Subcommand)]
enum Account {
    /// Open the first account of a centre, its system administrator, who then opens the others.
    #[command(after_help = "\
  lianshen account create --region 330100 --name admin --display-name 系统管理员
  pass show lianshen | lianshen account create --region 330100 --name admin --display-name Admin --password-stdin

The password is asked for, or read from standard input; it is never an argument, where others could read it.")]
    Create(AccountCreate),
    /// Give a system administrator another password, when it was forgotten and no other one can.
    ///
    /// The account's sessions end. For everybody else a system administrator does it, by `accountResetPassword`.
    #[command(after_help = "\
  lianshen account reset-password --region 330100 --name admin")]
    ResetPassword(AccountResetPassword),
}

#[derive(Args, Debug)]
struct AccountCreate {
    /// Division code (行政区划代码) of the centre.
    #[arg(long)]
    region: String,
    /// The name to sign in with.
    #[arg(long)]
    name: String,
    /// The name that others see.
    #[arg(long)]
    display_name: String,
    /// Read the password from standard input, up to the end of the first line.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Args, Debug)]
struct AccountResetPassword {
    /// Division code (行政区划代码) of the centre.
    #[arg(long)]
    region: String,
    /// The name to sign in with.
    #[arg(long)]
    name: String,
    /// Read the password from standard input, up to the end of the first line.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Walk the chain of the ledger and name the first entry that is missing or was changed.
    ///
    /// Exits with 1 if there is one. Prints the last entry as POSITION:HASH: note it elsewhere, since a chain whose end was
    /// cut off is sound by itself.
    #[command(after_help = "\
  lianshen audit verify
  lianshen audit verify --noted 647:0a0ade70552f814c593443d4c6e5c0d2911e4036a9b25ed2eb03084876c83dc0

The second also says whether the entry that was noted then is still in it.")]
    Verify {
        /// An entry that was printed before; the chain must lead through it.
        #[arg(long, value_name = "POSITION:HASH")]
        noted: Option<Mark>,
    },
}

#[derive(Debug, Subcommand)]
enum Catalogue {
    /// Publish a catalogue file (JSON): departments, materials, fees, items, bundles.
    ///
    /// Versions that are already published stay as they are; new ones take over. A file that breaks a
    /// publishing rule is refused as a whole, with every breach named.
    Import {
        /// The file.
        file: PathBuf,
        /// Publish although rules are broken; the breaches are still named.
        #[arg(long)]
        despite_faults: bool,
    },
    /// Say of every bundle whether its joint promise can be kept if every department takes the whole of its term.
    Budget {
        /// The first day of acceptance that is tried; today if not given.
        #[arg(long)]
        from: Option<NaiveDate>,
        /// How many days are tried.
        #[arg(long, default_value_t = catalogue::YEAR, value_parser = clap::value_parser!(u32).range(1..=366))]
        days: u32,
    },
}

#[derive(Debug, Subcommand)]
enum Calendar {
    /// Adopt holiday notices (国务院办公厅关于节假日安排的通知, 地方和部门的通知) from a file (JSON).
    ///
    /// A notice that is already adopted stays as it is. A year has one national notice; an amended one names the number
    /// that it `replaces`. A notice with a `region`, and a `department` of it, holds there only.
    #[command(after_help = "\
  lianshen calendar preview notice.json            what would change
  lianshen calendar import notice.json")]
    Import {
        /// The file.
        file: PathBuf,
    },
    /// Say which days would change if a file were imported. Changes nothing.
    Preview {
        /// The file.
        file: PathBuf,
    },
    /// List every notice that was ever adopted, with where and how long it is in force.
    List,
}

/// Does what the command line asks for, and says on standard error why it could not.
pub async fn run(cli: Cli) -> ExitCode {
    let config = match Config::load(cli.config.as_deref()) {
        Ok(config) => config,
        Err(error) => {
            // Each line names the key and where it came from; secrets are never repeated by it.
            for error in *error {
                complain(format_args!("lianshen: configuration: {error}"));
            }
            return ExitCode::FAILURE;
        }
    };
    match Box::pin(act(cli.command, config)).await {
        Ok(code) => code,
        Err(error) => {
            complain(format_args!("lianshen: {}", in_words(&error)));
            ExitCode::FAILURE
        }
    }
}

async fn act(command: Command, config: Config) -> Result<ExitCode, AppError> {
    match command {
        Command::Serve { migrate } => commands::serve(config, migrate).await,
        Command::Demo(asked) => Box::pin(demo::run(config, asked)).await,
        Command::Migrate => commands::migrate(&config).await,
        Command::Schema => {
            say(graphql::contract().trim_end())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Account(Account::Create(asked)) => commands::account_create(config, asked).await,
        Command::Account(Account::ResetPassword(asked)) => {
            commands::account_reset_password(config, asked).await
        }
        Command::Doctor { deep } => doctor::run(&config, deep).await,
        Command::Audit(Audit::Verify { noted }) => {
            commands::audit_verify(&config, noted.as_ref()).await
        }
        Command::Backup { file } => backup::run(&config, &file).await,
        Command::Catalogue(Catalogue::Import {
            file,
            despite_faults,
        }) => catalogue::import(&config, &file, despite_faults).await,
        Command::Catalogue(Catalogue::Budget { from, days }) => {
            catalogue::budget(&config, from, days).await
        }
        Command::Calendar(Calendar::Import { file }) => calendar::import(&config, &file).await,
        Command::Calendar(Calendar::Preview { file }) => calendar::preview(&config, &file).await,
        Command::Calendar(Calendar::List) => calendar::list(&config).await,
    }
}

/// Prints a line. Who reads may close the pipe before the end (`lianshen doctor | head -1`): nobody wants the rest then, and
/// what the command does goes on to its end.
fn say(line: impl Display) -> Result<(), AppError> {
    say_to(&mut std::io::stdout().lock(), line)
}

fn say_to(out: &mut impl Write, line: impl Display) -> Result<(), AppError> {
    match writeln!(out, "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(AppError::internal(format!(
            "what this command has to say cannot be written: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Says on standard error what is wrong; where nobody listens, the exit status says it.
fn complain(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// An error as whoever runs the program should read it: with its causes, for they hold the machine anyway.
fn in_words(error: &AppError) -> String {
    match error {
        AppError::Rejected(all) => {
            let reasons = all.iter().map(|rejected| {
                let text = rejected.reason.message(lianshen_domain::rejected::Lang::En);
                if rejected.field.is_empty() {
                    text
                } else {
                    format!("{}: {text}", rejected.field.join("."))
                }
            });
            reasons.collect::<Vec<_>>().join("\n          ")
        }
        AppError::Internal(source) => {
            let mut text = source.to_string();
            let mut cause = source.source();
            while let Some(deeper) = cause {
                let deeper_text = deeper.to_string();
                if !text.contains(&deeper_text) {
                    text = format!("{text}: {deeper_text}");
                }
                cause = deeper.source();
            }
            text
        }
        AppError::Busy(what) => format!("{}; nothing was written", in_short(*what)),
        AppError::Unknown(what) => format!(
            "{}; whether it was written is not known, look before you try again",
            in_short(*what)
        ),
        other @ AppError::Unauthenticated(_) => other.to_string(),
    }
}

/// What stood in the way, for whoever can do something about it.
fn in_short(what: Lacking) -> String {
    match what {
        Lacking::Connection => {
            "the database cannot be reached, or takes no more connections".to_owned()
        }
        Lacking::Disk => {
            "the database cannot be written to: it has no room, is read-only, or is a standby"
                .to_owned()
        }
        Lacking::Time => "the database took too long".to_owned(),
        Lacking::Transaction => "somebody else works on the same; try again".to_owned(),
        other => format!("busy: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    /// A wire that breaks in this way.
    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn who_listens_no_longer_ends_nothing_and_a_full_disk_is_told() {
        assert!(say_to(&mut Broken(ErrorKind::BrokenPipe), "a line").is_ok());
        let told = say_to(&mut Broken(ErrorKind::StorageFull), "a line").unwrap_err();
        assert!(told.to_string().contains("cannot be written"), "{told}");
        let mut out = Vec::new();
        say_to(&mut out, format_args!("{} lines", 2)).unwrap();
        assert_eq!(out, b"2 lines\n");
    }

    #[test]
    fn what_stands_in_the_way_is_told_in_words() {
        let full = in_words(&AppError::Busy(Lacking::Disk));
        assert!(
            full.contains("no room") && full.contains("nothing was written"),
            "{full}"
        );
        let unknown = in_words(&AppError::Unknown(Lacking::Connection));
        assert!(unknown.contains("not known"), "{unknown}");
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_examples_of_the_help_are_understood() {
        let mut command = Cli::command();
        let mut pages = vec![command.render_long_help().to_string()];
        for sub in command.get_subcommands_mut() {
            pages.push(sub.render_long_help().to_string());
            for deeper in sub.get_subcommands_mut() {
                pages.push(deeper.render_long_help().to_string());
            }
        }
        let mut tried = 0;
        for line in pages.iter().flat_map(|page| page.lines()) {
            // Before the command there may be a variable or a pipe, after it two spaces and an explanation.
            let Some(at) = line.rfind("lianshen ").filter(|_| line.starts_with("  ")) else {
                continue;
            };
            let before = line[..at].trim();
            if !(before.is_empty() || before.starts_with("LIANSHEN_") || before.ends_with('|')) {
                continue;
            }
            let example = line[at..].split("   ").next().unwrap_or_default();
            let example = example.split(" > ").next().unwrap_or_default();
            parse(example).unwrap_or_else(|error| panic!("{example}: {error}"));
            tried += 1;
        }
        assert!(tried >= 12, "only {tried} examples were found");
    }

    #[test]
    fn the_configuration_may_stand_before_and_after_the_command() {
        for line in [
            "lianshen --config a.toml calendar import b.json",
            "lianshen calendar import b.json --config a.toml",
        ] {
            assert_eq!(parse(line).unwrap().config, Some("a.toml".into()));
        }
    }

    #[test]
    fn a_password_is_never_an_argument() {
        let line = "lianshen account create --region 1 --name a --display-name b --password c";
        assert!(parse(line).is_err());
    }
}
