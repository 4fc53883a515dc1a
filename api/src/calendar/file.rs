//! The file format of holiday notices: national ones by their year under `years`, and any under `notices`.
//!
//! A key that nobody knows is refused: a `region` that was mistyped would make a local notice a national one. What a file may
//! say to people beside that has a field here, too, which is read and forgotten.
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
use serde::de::{Error as _, IgnoredAny};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    years: BTreeMap<i32, Year>,
    #[serde(default)]
    notices: Vec<Listed>,
    /// What the file says of itself.
    #[serde(rename = "schemaVersion")]
    _schema_version: Option<IgnoredAny>,
    #[serde(rename = "timezone")]
    _timezone: Option<IgnoredAny>,
    #[serde(rename = "coverage")]
    _coverage: Option<IgnoredAny>,
    #[serde(rename = "rule")]
    _rule: Option<IgnoredAny>,
    #[serde(rename = "verifiedAgainst")]
    _verified_against: Option<IgnoredAny>,
    /// The days of all years once more, for programs that want no more.
    #[serde(rename = "offDates")]
    _off_dates: Option<IgnoredAny>,
    #[serde(rename = "makeupWorkDates")]
    _makeup_work_dates: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    notice: Source,
    holidays: Vec<Holiday>,
    /// What the notice says in words.
    #[serde(rename = "notes")]
    _notes: Option<IgnoredAny>,
}

/// Written out: what serde flattens cannot be refused by its keys.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Listed {
    year: i32,
    number: String,
    issuer: String,
    issued_on: NaiveDate,
    region: Option<String>,
    department: Option<String>,
    replaces: Option<String>,
    holidays: Vec<Holiday>,
    #[serde(rename = "url")]
    _url: Option<IgnoredAny>,
    #[serde(rename = "notes")]
    _notes: Option<IgnoredAny>,
}

impl Listed {
    fn read(self) -> Result<Notice, serde_json::Error> {
        let source = Source {
            number: self.number,
            issuer: self.issuer,
            issued_on: self.issued_on,
            region: self.region,
            department: self.department,
            replaces: self.replaces,
            _url: None,
        };
        notice(self.year, source, &self.holidays)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
    /// Where people can read it.
    #[serde(rename = "url")]
    _url: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
    let listed = file.notices.into_iter().map(Listed::read);
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
    fn what_the_file_says_to_people_is_no_mistake() {
        let shipped = parse(include_str!("../../data/holidays-cn.json")).unwrap();
        assert_eq!(shipped.len(), 4);
        assert!(shipped.iter().all(|notice| notice.scope.is_national()));
    }

    /// A local notice whose region was mistyped would hold in the whole country.
    #[test]
    fn a_key_that_nobody_knows_is_named_with_its_place_and_those_that_exist() {
        let listed = r#"{ "notices": [{ "year": 2027, "number": "杭政办〔2027〕1号", "issuer": "杭州市人民政府",
            "issuedOn": "2027-03-01", "regoin": "330100",
            "holidays": [] }] }"#;
        let in_year = r#"{ "years": { "2027": { "notice": { "number": "1", "issuer": "2", "issuedOn": "2027-01-01",
            "regoin": "330100" }, "holidays": [] } } }"#;
        let in_holiday = r#"{ "years": { "2027": { "notice": { "number": "1", "issuer": "2", "issuedOn": "2027-01-01" },
            "holidays": [{ "name": "元旦", "offDates": [], "makeupWorkDates": [], "regoin": 1 }] } } }"#;
        for (wrong, expected) in [
            (listed, "`region`, `department`"),
            (in_year, "`region`, `department`"),
            (in_holiday, "`name`, `offDates`, `makeupWorkDates`"),
            (
                r#"{ "notises": [],
                "regoin": 1 }"#,
                "`years`, `notices`",
            ),
        ] {
            let refused = parse(wrong).unwrap_err().to_string();
            let named = ["unknown field `regoin`", "unknown field `notises`"];
            assert!(
                named.iter().any(|named| refused.contains(named)),
                "{refused}"
            );
            assert!(refused.contains(expected), "{refused}");
            assert!(refused.contains(" at line "), "{refused}");
        }
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
