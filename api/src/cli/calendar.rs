//! The commands that keep the working days.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use lianshen_domain::calendar::{Adoption, Notice, Scope, local_date};
use lianshen_domain::code::Code as _;

use super::commands::{machine, text_of};
use super::say;
use crate::case::Moves;
use crate::catalogue::Library;
use crate::config::Config;
use crate::db::Db;
use crate::error::AppError;
use crate::{calendar, case, server};

/// Adopts the notices of a file.
pub(super) async fn import(config: &Config, file: &Path) -> Result<ExitCode, AppError> {
    let notices = read(file)?;
    let db = server::open_database(config, None, false).await?;
    expect_places(&db, &notices).await?;
    let adoption = calendar::adopt(&db, &machine(), &notices).await?;
    let app = server::open_app(config.clone(), machine(), db).await?;
    let counted = case::reproject(&app).await?;
    app.db.clone().close().await;
    for notice in &notices {
        let state = if adoption.adopted.contains(notice) {
            "adopted"
        } else {
            "known"
        };
        say(format_args!("{state:<8}  {}", line(notice)))?;
    }
    for number in &adoption.superseded {
        say(format_args!("replaced  {number}"))?;
    }
    say(format_args!(
        "{} notices of this file are new, {} were replaced",
        adoption.adopted.len(),
        adoption.superseded.len()
    ))?;
    say(format_args!("{} open deadlines were moved", counted.moved))?;
    Ok(ExitCode::SUCCESS)
}

/// Says what importing a file would change.
pub(super) async fn preview(config: &Config, file: &Path) -> Result<ExitCode, AppError> {
    let notices = read(file)?;
    let db = server::open_database(config, None, false).await?;
    let env = machine();
    expect_places(&db, &notices).await?;
    let adoption = calendar::preview(&db, &env, &notices).await?;
    let snapshot = Library::open(&db).await?.present();
    let (after, today) = (adoption.after.clone(), env.moment().today);
    let bounds = (None, today, LISTED);
    let moves = case::moves(&db, &snapshot, after, &Arc::new(config.clone()), bounds).await?;
    db.close().await;
    for said in told(&adoption).into_iter().chain(moved(&moves)) {
        say(format_args!("{said}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists all notices.
pub(super) async fn list(config: &Config) -> Result<ExitCode, AppError> {
    let db = server::open_database(config, None, false).await?;
    let calendars = calendar::adopted(db.reader()).await?;
    db.close().await;
    for adopted in calendars.notices() {
        let until = match adopted.superseded_at {
            Some(superseded_at) => format!("replaced {}", local_date(superseded_at)),
            None => "in force".to_owned(),
        };
        say(format_args!(
            "{}  adopted {}  {until}",
            line(&adopted.notice),
            local_date(adopted.adopted_at)
        ))?;
    }
    say(format_args!("{} notices", calendars.notices().len()))?;
    Ok(ExitCode::SUCCESS)
}

/// How many moved deadlines a preview lists.
const LISTED: usize = 50;

/// What would become of open deadlines.
fn moved(moves: &Moves) -> Vec<String> {
    let mut lines = vec![format!(
        "{} open deadlines would move, {} would become overdue",
        moves.moved, moves.overdue
    )];
    lines.extend(moves.list.iter().map(|one| {
        let overdue = if one.becomes_overdue { "  overdue" } else { "" };
        format!(
            "  {}  {}  {} -> {}{overdue}",
            one.number,
            one.clock.code(),
            one.before,
            one.after
        )
    }));
    let unlisted = moves.moved - moves.list.len() as u64;
    if unlisted > 0 {
        lines.push(format!("  and {unlisted} more"));
    }
    lines
}

fn read(file: &Path) -> Result<Vec<Notice>, AppError> {
    calendar::parse(&text_of(file)?)
        .map_err(|error| AppError::internal(format!("{}: {error}", file.display())))
}

/// A notice that nobody has to heed has a place that was mistyped.
async fn expect_places(db: &Db, notices: &[Notice]) -> Result<(), AppError> {
    let misplaced = calendar::misplaced(db, notices).await?;
    if misplaced.is_empty() {
        return Ok(());
    }
    Err(AppError::internal(format!(
        "{}; nothing was adopted",
        misplaced.join("\n          ")
    )))
}

fn line(notice: &Notice) -> String {
    format!(
        "{}  {}  {}  {}",
        notice.year,
        notice.number,
        place(&notice.scope),
        notice.issuer
    )
}

fn place(scope: &Scope) -> String {
    match scope {
        Scope::National => "national".to_owned(),
        Scope::Region { region } => region.clone(),
        Scope::Department { region, department } => format!("{region}/{department}"),
    }
}

/// The new notices, and the days that are something else after them for those whom they bind.
fn told(adoption: &Adoption) -> Vec<String> {
    let mut lines: Vec<String> = adoption.adopted.iter().map(line).collect();
    let replaced = adoption.superseded.iter();
    lines.extend(replaced.map(|number| format!("{number} would be replaced")));
    let mut changed = 0;
    let scopes: BTreeSet<&Scope> = adoption.adopted.iter().map(|new| &new.scope).collect();
    let everywhere = adoption
        .before
        .national()
        .changed_days(adoption.after.national());
    for scope in scopes {
        let (before, after) = (
            adoption.before.of_scope(scope),
            adoption.after.of_scope(scope),
        );
        let days = before.changed_days(after).into_iter();
        // What changes in the whole country is told once.
        for day in days.filter(|day| scope.is_national() || !everywhere.contains(day)) {
            let (place, date) = (place(scope), day.date);
            let (before, after) = (day.before.code(), day.after.code());
            lines.push(format!("  {place}  {date}  {before} -> {after}"));
            changed += 1;
        }
    }
    let settled = adoption.after.national().years();
    for year in settled.difference(&adoption.before.national().years()) {
        lines.push(format!("  {year} would no longer be provisional"));
    }
    let new = adoption.adopted.len();
    lines.push(format!(
        "{new} notices are new, {changed} days would change; nothing was changed"
    ));
    lines
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use lianshen_domain::calendar::Calendars;

    use super::*;

    #[test]
    fn a_preview_names_the_days_that_would_change_and_the_year_that_is_settled() {
        let notices = calendar::parse(
            r#"{ "years": { "2027": {
                "notice": { "number": "国办发明电〔2026〕1号", "issuer": "国务院办公厅", "issuedOn": "2026-11-04" },
                "holidays": [{ "name": "元旦", "offDates": ["2027-01-01"], "makeupWorkDates": ["2027-01-09"] }] } } }"#,
        )
        .unwrap();
        let adoption = Calendars::default()
            .adopting(&notices, DateTime::<Utc>::UNIX_EPOCH)
            .unwrap();

        assert_eq!(
            told(&adoption),
            [
                "2027  国办发明电〔2026〕1号  national  国务院办公厅",
                "  national  2027-01-01  WORKDAY -> HOLIDAY",
                "  national  2027-01-09  WEEKEND -> MAKEUP",
                "  2027 would no longer be provisional",
                "1 notices are new, 2 days would change; nothing was changed",
            ]
        );
        let again = adoption
            .after
            .adopting(&notices, DateTime::<Utc>::UNIX_EPOCH)
            .unwrap();
        assert_eq!(
            told(&again),
            ["0 notices are new, 0 days would change; nothing was changed"]
        );
    }
}
