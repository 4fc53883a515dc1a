//! The file format of holiday notices: national ones by their year under `years`, and any under `notices`.
//!
//! ```json
//! {
//!   "years": { "2027": { "notice": { "number": "…", "issuer": "国务院办公厅", "issuedOn": "2026-11-04" },
//!     "holidays": [{ "name": "元旦", "offDates": ["2027-01-01"], "makeupWorkDates": [] }] } },
//!   "notices": [{ "year": 2027, "region": "330100", "department": "SJJ", "replaces": "…", "number": "…",
//!     "issuer": "…", "issuedOn": "2027-03-01", "holidays": [] }]
//! }
//! ```

use std::collections::BTreeMap;

use chrono::NaiveDate;
use lianshen_domain::calendar::{Notice, NoticeDay, NoticeDayKind, Scope};
use serde::Deserialize;
use serde::de::Error as _;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    years: BTreeMap<i32, Year>,
    #[serde(default)]
    notices: Vec<Listed>,
}

#[derive(Deserialize)]
struct Year {
    notice: Source,
    holidays: Vec<Holiday>,
}

#[derive(Deserialize)]
struct Listed {
    year: i32,
    #[serde(flatten)]
    notice: Source,
    holidays: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source {
    number: String,
    issuer: String,
    issued_on: NaiveDate,
    /// Division code; a notice without one is national.
    region: Option<String>,
    /// Code of a department of the region.
    department: Option<String>,
    /// The number of the notice in whose place it comes.
    replaces: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Holiday {
    name: String,
    off_dates: Vec<NaiveDate>,
    makeup_work_dates: Vec<NaiveDate>,
}

/// Reads holiday notices, in the order in which they are to be adopted.
///
/// # Errors
/// Says where the text is not of the format.
pub fn parse(json: &str) -> Result<Vec<Notice>, serde_json::Error> {
    let file: File = serde_json::from_str(json)?;
    let by_year = file.years.into_iter();
    let by_year = by_year.map(|(year, content)| notice(year, content.notice, &content.holidays));
    let listed = file.notices.into_iter();
    let listed = listed.map(|one| notice(one.year, one.notice, &one.holidays));
    by_year.chain(listed).collect()
}

fn notice(year: i32, source: Source, holidays: &[Holiday]) -> Result<Notice, serde_json::Error> {
    let (region, department) = (source.region.as_deref(), source.department.as_deref());
    let scope = Scope::of(region, department).ok_or_else(|| {
        let number = &source.number;
        serde_json::Error::custom(format!("{number} names a department without its region"))
    })?;
    Ok(Notice {
        number: source.number,
        issuer: source.issuer,
        issued_on: source.issued_on,
        year,
        scope,
        replaces: source.replaces,
        days: holidays.iter().flat_map(days).collect(),
    }
    .trimmed())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_notices_of_the_country_of_regions_and_of_departments() {
        let notices = parse(
            r#"{
              "years": { "2027": {
                "notice": { "number": "国办发明电〔2026〕1号", "issuer": "国务院办公厅", "issuedOn": "2026-11-04" },
                "holidays": [{ "name": "元旦", "offDates": ["2027-01-01"], "makeupWorkDates": ["2027-01-09"] }] } },
              "notices": [
                { "year": 2027, "number": "杭政办〔2027〕1号", "issuer": "杭州市人民政府", "issuedOn": "2027-03-01",
                  "region": "330100", "holidays": [] },
                { "year": 2027, "number": "杭审〔2027〕2号", "issuer": "审计局", "issuedOn": "2027-03-02",
                  "region": "330100", "department": "SJJ", "replaces": "杭审〔2027〕1号", "holidays": [] }]
            }"#,
        )
        .unwrap();

        let scopes: Vec<_> = notices
            .iter()
            .map(|notice| (notice.scope.region(), notice.scope.department()))
            .collect();
        assert_eq!(
            scopes,
            [
                (None, None),
                (Some("330100"), None),
                (Some("330100"), Some("SJJ"))
            ]
        );
        assert_eq!(notices[2].replaces.as_deref(), Some("杭审〔2027〕1号"));
        let kinds: Vec<_> = notices[0].days.iter().map(|day| day.kind).collect();
        assert_eq!(kinds, [NoticeDayKind::Off, NoticeDayKind::Makeup]);
    }

    #[test]
    fn a_department_of_nowhere_is_not_understood() {
        let refused = parse(
            r#"{ "notices": [{ "year": 2027, "number": "杭审〔2027〕2号", "issuer": "审计局", "issuedOn": "2027-03-02",
                "department": "SJJ", "holidays": [] }] }"#,
        )
        .unwrap_err();

        assert_eq!(
            refused.to_string(),
            "杭审〔2027〕2号 names a department without its region"
        );
    }
}
