//! The law as data with versions: which text of an act is in force on a day, and what a clock is by it.
//!
//! The table of [`ClockKind`] says what holds today. Where a former text of the act said otherwise, it has a row here.
//! The day that chooses the version is that of the event which starts the clock: of receipt, as a rule.

use chrono::NaiveDate;

use crate::clock::{Approver, ClockKind, ClockRow, Extending, Lapse, Limit, Phrase};
use crate::coded;

coded! {
    /// The acts on which clocks rest.
    pub enum Act {
        /// 中华人民共和国行政许可法: the Administrative Licensing Law.
        Licensing = "ADMINISTRATIVE_LICENSING_LAW",
        /// 中华人民共和国政府信息公开条例: the Regulations on Open Government Information.
        Disclosure = "DISCLOSURE_REGULATIONS",
        /// 全国年节及纪念日放假办法: the Regulations on Public Holidays.
        Holidays = "PUBLIC_HOLIDAY_REGULATIONS",
        /// 中华人民共和国行政复议法: the Administrative Reconsideration Law.
        Reconsideration = "ADMINISTRATIVE_RECONSIDERATION_LAW",
        /// 中华人民共和国民法典: the Civil Code, for how periods are counted.
        CivilCode = "CIVIL_CODE",
    }
}

/// One text of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActVersion {
    /// Which act.
    pub act: Act,
    /// The year by which people tell it from the others.
    pub year: i32,
    /// The order by which it was made.
    pub order: Phrase,
    /// The first day on which it is in force; it ends with the next one.
    pub in_force_from: NaiveDate,
}

/// A clock as the law has it on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowInForce {
    /// The row; without limit and extension where the law of that day sets none.
    pub row: ClockRow,
    /// The text on which it rests; `None` for clocks of local rules, and for days before the act.
    pub law: Option<ActVersion>,
}

/// Every text, those of an act in the order of time.
const VERSIONS: &[ActVersion] = &[
    version(
        Act::Licensing,
        2003,
        "主席令第七号",
        "President's Order No. 7",
        (2004, 7, 1),
    ),
    version(
        Act::Licensing,
        2019,
        "主席令第二十九号",
        "President's Order No. 29",
        (2019, 4, 23),
    ),
    version(
        Act::Disclosure,
        2007,
        "国务院令第492号",
        "State Council Order No. 492",
        (2008, 5, 1),
    ),
    version(
        Act::Disclosure,
        2019,
        "国务院令第711号",
        "State Council Order No. 711",
        (2019, 5, 15),
    ),
    version(
        Act::Holidays,
        2007,
        "国务院令第513号",
        "State Council Order No. 513",
        (2008, 1, 1),
    ),
    version(
        Act::Holidays,
        2013,
        "国务院令第644号",
        "State Council Order No. 644",
        (2014, 1, 1),
    ),
    version(
        Act::Holidays,
        2024,
        "国务院令第795号",
        "State Council Order No. 795",
        (2025, 1, 1),
    ),
    version(
        Act::Reconsideration,
        2023,
        "主席令第九号",
        "President's Order No. 9",
        (2024, 1, 1),
    ),
    version(
        Act::CivilCode,
        2020,
        "主席令第四十五号",
        "President's Order No. 45",
        (2021, 1, 1),
    ),
];

/// What a former text of an act said of a clock, where it is not what the table says.
struct FormerRow {
    kind: ClockKind,
    from: NaiveDate,
    until: NaiveDate,
    limit: Option<Limit>,
    extends: Option<Extending>,
    on_lapse: Lapse,
    article: Phrase,
}

const DISCLOSURE_2007: NaiveDate = date(2008, 5, 1);
const DISCLOSURE_2019: NaiveDate = date(2019, 5, 15);

const FORMER_ROWS: &[FormerRow] = &[
    FormerRow {
        kind: ClockKind::DisclosureAnswer,
        from: DISCLOSURE_2007,
        until: DISCLOSURE_2019,
        limit: Some(Limit::workdays(15)),
        extends: Some(Extending {
            days: Some(15),
            approver: Approver::DisclosureOfficeHead,
        }),
        on_lapse: Lapse::Overdue,
        article: Phrase {
            zh: "《政府信息公开条例》（2007）第二十四条",
            en: "政府信息公开条例(2007) Art. 24",
        },
    },
    FormerRow {
        kind: ClockKind::DisclosureCorrection,
        from: DISCLOSURE_2007,
        until: DISCLOSURE_2019,
        limit: None,
        extends: None,
        on_lapse: Lapse::Overdue,
        article: Phrase {
            zh: "《政府信息公开条例》（2007）第二十一条第四款",
            en: "政府信息公开条例(2007) Art. 21(4)",
        },
    },
    // Only the text of 2019 says what the silence of those who are asked means; before, the agency answers in time.
    FormerRow {
        kind: ClockKind::DisclosureThirdParty,
        from: DISCLOSURE_2007,
        until: DISCLOSURE_2019,
        limit: None,
        extends: None,
        on_lapse: Lapse::AgencyDecides,
        article: Phrase {
            zh: "《政府信息公开条例》（2007）第二十三条",
            en: "政府信息公开条例(2007) Art. 23",
        },
    },
    FormerRow {
        kind: ClockKind::DisclosureOtherAgency,
        from: DISCLOSURE_2007,
        until: DISCLOSURE_2019,
        limit: None,
        extends: None,
        on_lapse: Lapse::AgencyDecides,
        article: Phrase {
            zh: "《政府信息公开条例》（2007）",
            en: "政府信息公开条例(2007)",
        },
    },
    FormerRow {
        kind: ClockKind::DisclosurePublish,
        from: DISCLOSURE_2007,
        until: DISCLOSURE_2019,
        limit: Some(Limit::workdays(20)),
        extends: None,
        on_lapse: Lapse::Overdue,
        article: Phrase {
            zh: "《政府信息公开条例》（2007）第十八条",
            en: "政府信息公开条例(2007) Art. 18",
        },
    },
];

impl Act {
    /// What the act is called.
    pub const fn title(self) -> Phrase {
        let (zh, en) = match self {
            Self::Licensing => ("行政许可法", "Administrative Licensing Law"),
            Self::Disclosure => (
                "政府信息公开条例",
                "Regulations on Open Government Information",
            ),
            Self::Holidays => ("全国年节及纪念日放假办法", "Regulations on Public Holidays"),
            Self::Reconsideration => ("行政复议法", "Administrative Reconsideration Law"),
            Self::CivilCode => ("民法典", "Civil Code"),
        };
        Phrase { zh, en }
    }

    /// Every text of the act that the program knows, in the order of time.
    pub fn versions(self) -> impl DoubleEndedIterator<Item = ActVersion> {
        VERSIONS
            .iter()
            .copied()
            .filter(move |version| version.act == self)
    }

    /// The text in force on a day; `None` before the first.
    pub fn in_force_on(self, day: NaiveDate) -> Option<ActVersion> {
        self.versions()
            .rev()
            .find(|version| version.in_force_from <= day)
    }

    /// The act that a legal source names first.
    fn named_in(article: &str) -> Option<Self> {
        let mut acts: Vec<_> = VERSIONS
            .iter()
            .filter_map(|version| Some((article.find(version.act.title().zh)?, version.act)))
            .collect();
        acts.sort();
        acts.first().map(|(_, act)| *act)
    }
}

impl ClockKind {
    /// The act on which the clock rests; `None` for clocks of local rules and standards.
    pub fn act(self) -> Option<Act> {
        Act::named_in(self.row().article.zh)
    }

    /// The row as the law has it on a day, with the text on which it rests.
    ///
    /// Before the first text of its act a clock has no limit and no extension by law.
    pub fn row_on(self, day: NaiveDate) -> RowInForce {
        let row = self.row();
        let Some(act) = self.act() else {
            return RowInForce { row, law: None };
        };
        let law = act.in_force_on(day);
        let mut former = FORMER_ROWS.iter();
        let former =
            former.find(|former| former.kind == self && former.from <= day && day < former.until);
        let row = match (law, former) {
            (None, _) => ClockRow {
                limit: None,
                extends: None,
                ..row
            },
            (Some(_), None) => row,
            (Some(_), Some(former)) => ClockRow {
                limit: former.limit,
                extends: former.extends,
                on_lapse: former.on_lapse,
                article: former.article,
                ..row
            },
        };
        RowInForce { row, law }
    }
}

const fn version(
    act: Act,
    year: i32,
    zh: &'static str,
    en: &'static str,
    (from_year, month, day): (i32, u32, u32),
) -> ActVersion {
    ActVersion {
        act,
        year,
        order: Phrase { zh, en },
        in_force_from: date(from_year, month, day),
    }
}

/// A date that stands in a table; a wrong one would be the first of all dates, which a test looks for.
const fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

#[cfg(test)]
mod tests;
