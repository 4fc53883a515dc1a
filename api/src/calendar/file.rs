//! The file format of holiday notices.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use lianshen_domain::calendar::{Notice, NoticeDay, NoticeDayKind};
use serde::Deserialize;

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
    number: String,
    issuer: String,
    issued_on: NaiveDate,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Holiday {
    name: String,
    off_dates: Vec<NaiveDate>,
    makeup_work_dates: Vec<NaiveDate>,
}

/// Reads holiday notices, one a year.
///
/// # Errors
/// Says where the text is not of the format.
pub fn parse(json: &str) -> Result<Vec<Notice>, serde_json::Error> {
    let file: File = serde_json::from_str(json)?;
    let notices = file.years.into_iter().map(|(year, content)| Notice {
        number: content.notice.number,
        issuer: content.notice.issuer,
        issued_on: content.notice.issued_on,
        year,
        days: content.holidays.iter().flat_map(days).collect(),
    });
    Ok(notices.collect())
}

fn days(holiday: &Holiday) -> impl Iterator<Item = NoticeDay> {
    let off = holiday
        .off_dates
        .iter()
        .map(|date| (*date, NoticeDayKind::Off));
    let makeup = holiday
        .makeup_work_dates
        .iter()
        .map(|date| (*date, NoticeDayKind::Makeup));
    off.chain(makeup).map(|(date, kind)| NoticeDay {
        date,
        holiday: holiday.name.clone(),
        kind,
    })
}
