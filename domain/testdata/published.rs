//! Reads the notices that the program brings along; for tests, benchmarks and examples, which name the types.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Notice, NoticeDay, NoticeDayKind, Scope};

#[derive(Deserialize)]
struct File {
    years: BTreeMap<i32, Year>,
}

#[derive(Deserialize)]
struct Year {
    notice: Source,
    holidays: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    issuer: String,
    number: String,
    issued_on: NaiveDate,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Holiday {
    name: String,
    off_dates: Vec<NaiveDate>,
    makeup_work_dates: Vec<NaiveDate>,
}

/// The notices as published, by year.
pub(super) fn notices() -> Result<Vec<Notice>, serde_json::Error> {
    let file: File = serde_json::from_str(include_str!("../../api/data/holidays-cn.json"))?;
    let notices = file.years.into_iter().map(|(year, body)| Notice {
        number: body.notice.number,
        issuer: body.notice.issuer,
        issued_on: body.notice.issued_on,
        year,
        scope: Scope::National,
        replaces: None,
        days: body.holidays.iter().flat_map(days).collect(),
    });
    Ok(notices.collect())
}

fn days(holiday: &Holiday) -> impl Iterator<Item = NoticeDay> {
    let off = holiday
        .off_dates
        .iter()
        .map(|date| (date, NoticeDayKind::Off));
    let makeup = holiday
        .makeup_work_dates
        .iter()
        .map(|date| (date, NoticeDayKind::Makeup));
    off.chain(makeup).map(|(date, kind)| NoticeDay {
        date: *date,
        holiday: holiday.name.clone(),
        kind,
    })
}
