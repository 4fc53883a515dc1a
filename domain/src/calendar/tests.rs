use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use proptest::prelude::*;

use super::*;
use crate::code::Code;

#[path = "../../testdata/published.rs"]
mod reading;

/// The four notices of 2023 to 2026 as published.
pub(crate) fn notices() -> Vec<Notice> {
    reading::notices().unwrap()
}

pub(crate) fn published() -> Calendar {
    Calendar::try_new(&notices()).unwrap()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn notice(year: i32, days: &[(&str, NoticeDayKind)]) -> Notice {
    let days: Vec<_> = days.iter().map(|(date, kind)| (day(date), *kind)).collect();
    notice_of(year, &days)
}

fn notice_of(year: i32, days: &[(NaiveDate, NoticeDayKind)]) -> Notice {
    let days = days.iter().map(|(date, kind)| NoticeDay {
        date: *date,
        holiday: "元旦".to_owned(),
        kind: *kind,
    });
    Notice {
        number: format!("国办发明电〔{}〕1号", year - 1),
        issuer: "国务院办公厅".to_owned(),
        issued_on: day("2020-11-01"),
        year,
        scope: Scope::National,
        replaces: None,
        days: days.collect(),
    }
}

/// Trap 8: no make-up working days.
#[test]
fn the_days_on_which_others_went_wrong() {
    let calendar = published();

    for (date, kind, note) in [
        (
            "2024-02-09",
            DayKind::Workday,
            "New Year's Eve of 2024 is an ordinary working day",
        ),
        (
            "2025-01-28",
            DayKind::Holiday,
            "from 2025 New Year's Eve is a holiday",
        ),
        (
            "2025-05-02",
            DayKind::Holiday,
            "from 2025 May 2 is a holiday",
        ),
        ("2026-01-04", DayKind::Makeup, "a Sunday that works"),
        (
            "2026-02-14",
            DayKind::Makeup,
            "a Saturday that works before the Spring Festival",
        ),
        (
            "2026-02-28",
            DayKind::Makeup,
            "a Saturday that works after the Spring Festival",
        ),
        (
            "2026-02-21",
            DayKind::Holiday,
            "a Saturday inside the Spring Festival",
        ),
        ("2026-03-07", DayKind::Weekend, "a Saturday like any other"),
        (
            "2022-12-31",
            DayKind::Holiday,
            "the notice for 2023 speaks of the day before New Year",
        ),
        (
            "2025-10-08",
            DayKind::Holiday,
            "the eighth day of the National Day of 2025",
        ),
    ] {
        assert_eq!(calendar.day(day(date)).kind, kind, "{date}: {note}");
        assert_eq!(calendar.is_workday(day(date)), kind.is_worked(), "{date}");
    }
}

/// Trap 8: holidays as a day and a month without a year.
#[test]
fn a_holiday_is_of_its_year_only() {
    let calendar = published();

    assert!(!calendar.is_workday(day("2024-02-12")));
    assert!(calendar.is_workday(day("2025-02-12")));
}

#[test]
fn a_day_cites_the_notice_that_speaks_for_it() {
    let calendar = published();

    let festival = calendar.day(day("2026-02-14"));
    assert_eq!(
        (
            festival.notice.is_some(),
            festival.holiday,
            festival.provisional
        ),
        (true, Some("春节"), false)
    );
    let ordinary = calendar.day(day("2024-03-05"));
    assert_eq!(
        (ordinary.notice, ordinary.holiday),
        (Some("国办发明电〔2023〕7号"), None)
    );
    let unknown = calendar.day(day("2027-01-01"));
    assert_eq!(
        (unknown.kind, unknown.notice, unknown.provisional),
        (DayKind::Workday, None, true)
    );
    let eve = calendar.day(day("2022-12-31"));
    assert_eq!(
        (eve.notice, eve.provisional),
        (Some("国办发明电〔2022〕16号"), false)
    );
}

/// Traps 6 and 10: an answer beyond the last notice neither silent nor refused.
#[test]
fn the_day_after_the_last_notice_is_provisional_and_not_refused() {
    let calendar = published();

    assert!(!calendar.is_provisional(day("2026-12-31")));
    assert!(calendar.is_provisional(day("2027-01-01")));
    assert!(calendar.is_provisional(day("2022-12-30")));
    assert_eq!(calendar.years(), (2023..=2026).collect());
    assert!(Calendar::weekdays_only().years().is_empty());
    assert!(Calendar::weekdays_only().is_provisional(day("2024-03-05")));
    assert!(Calendar::weekdays_only().is_workday(day("2024-10-01")));
}

#[test]
fn arithmetic_by_hand() {
    let calendar = published();
    let add = |from: &str, n| calendar.add_workdays(day(from), n).to_string();
    let subtract = |from: &str, n| calendar.subtract_workdays(day(from), n).to_string();

    assert_eq!(
        add("2025-10-10", 1),
        "2025-10-11",
        "from Friday to a Saturday that works"
    );
    assert_eq!(
        add("2024-03-08", 1),
        "2024-03-11",
        "from Friday over an ordinary weekend"
    );
    assert_eq!(add("2026-02-13", 5), "2026-02-27");
    assert_eq!(
        add("2026-02-21", 0),
        "2026-02-21",
        "no day at all moves nowhere, worked or not"
    );
    assert_eq!(subtract("2026-02-27", 5), "2026-02-13");
    assert_eq!(subtract("2026-03-26", 7), "2026-03-17");
    assert_eq!(
        subtract("2026-02-21", 1),
        "2026-02-14",
        "from a holiday to the last day worked"
    );
    assert_eq!(
        calendar.workdays_between(day("2023-12-31"), day("2024-12-31")),
        251
    );
    assert_eq!(
        calendar.workdays_between(day("2024-12-31"), day("2023-12-31")),
        -251
    );
    assert_eq!(
        calendar.next_workday_on_or_after(day("2025-10-05")),
        day("2025-10-09")
    );
    assert_eq!(
        calendar.next_workday_on_or_after(day("2026-02-28")),
        day("2026-02-28")
    );
}

#[test]
fn nothing_leaves_the_range_of_dates() {
    for calendar in [published(), Calendar::weekdays_only()] {
        for edge in [NaiveDate::MIN, NaiveDate::MAX] {
            for n in [0, 1, 3_650, u32::MAX] {
                assert!(calendar.add_workdays(edge, n) >= edge);
                assert!(calendar.subtract_workdays(edge, n) <= edge);
            }
            let worked = calendar.next_workday_on_or_after(edge);
            assert!(worked == NaiveDate::MAX || calendar.is_workday(worked));
            assert_eq!(calendar.day(edge).date, edge);
        }
        let all = calendar.workdays_between(NaiveDate::MIN, NaiveDate::MAX);
        assert!(all > 136_000_000);
        assert_eq!(
            calendar.workdays_between(NaiveDate::MAX, NaiveDate::MIN),
            -all
        );
        assert_eq!(
            calendar.add_workdays(day("2026-01-01"), u32::MAX),
            NaiveDate::MAX
        );
        assert_eq!(
            calendar.subtract_workdays(day("2026-01-01"), u32::MAX),
            NaiveDate::MIN
        );
    }
}

#[test]
fn contradictory_notices_are_refused() {
    use NoticeDayKind::{Makeup, Off};
    let refusal = |notices: Vec<Notice>| -> Vec<(String, String)> {
        let faults = Calendar::try_new(&notices).unwrap_err();
        let coded = faults.into_iter().map(|fault| {
            let code = fault.reason.code().code().to_owned();
            (code, fault.field.join("."))
        });
        coded.collect()
    };
    let only = |code: &str, field: &str| vec![(code.to_owned(), field.to_owned())];
    let of_2027 = |days: &[(&str, NoticeDayKind)]| vec![notice(2027, days)];
    let new_year = notice(
        2027,
        &[
            ("2026-12-31", Off),
            ("2027-01-01", Off),
            ("2027-01-02", Makeup),
        ],
    );

    assert!(Calendar::try_new(std::slice::from_ref(&new_year)).is_ok());
    let another = Notice {
        number: "国办发明电〔2026〕9号".to_owned(),
        ..new_year.clone()
    };
    assert_eq!(
        refusal(vec![new_year.clone(), another]),
        only("NOTICE_YEAR_TAKEN", "year")
    );
    assert_eq!(
        refusal(of_2027(&[("2027-01-02", Off), ("2027-01-02", Makeup)])),
        only("NOTICE_OFF_AND_MAKEUP", "days.1.date")
    );
    assert_eq!(
        refusal(of_2027(&[("2027-01-02", Off), ("2027-01-02", Off)])),
        only("NOTICE_DAY_TWICE", "days.1.date")
    );
    assert_eq!(
        refusal(vec![notice(2028, &[("2027-01-02", Off)])]),
        only("NOTICE_DAY_OF_OTHER_YEAR", "days.0.date")
    );
    assert_eq!(
        refusal(vec![notice(2026, &[("2027-01-02", Off)])]),
        only("NOTICE_DAY_OF_OTHER_YEAR", "days.0.date"),
        "a notice does not speak of the year after"
    );
    assert_eq!(
        refusal(of_2027(&[("2026-12-01", Off)])),
        only("NOTICE_DAY_OF_OTHER_YEAR", "days.0.date")
    );
    assert_eq!(
        refusal(of_2027(&[("2027-01-04", Makeup)])),
        only("NOTICE_MAKEUP_ON_WEEKDAY", "days.0.date")
    );
    assert_eq!(refusal(of_2027(&[])), only("NOTICE_EMPTY", "days"));
    let unnumbered = Notice {
        number: " ".to_owned(),
        ..new_year.clone()
    };
    assert_eq!(refusal(vec![unnumbered]), only("TEXT_EMPTY", "number"));
    let saturday = notice(2022, &[("2022-12-31", Makeup)]);
    assert_eq!(
        refusal(vec![saturday, notices().remove(0)]),
        only("NOTICE_DAYS_DISAGREE", "days.0.date"),
        "two notices contradict each other"
    );
}

#[test]
fn all_faults_of_a_notice_are_named_at_once() {
    use NoticeDayKind::{Makeup, Off};
    let wrong = Notice {
        issuer: String::new(),
        ..notice(
            2027,
            &[
                ("2027-01-04", Makeup),
                ("2028-01-01", Off),
                ("2027-01-01", Off),
                ("2027-01-01", Off),
            ],
        )
    };

    let faults = wrong.check().unwrap_err();

    let codes: Vec<_> = faults
        .iter()
        .map(|fault| fault.reason.code().code())
        .collect();
    assert_eq!(
        codes,
        [
            "TEXT_EMPTY",
            "NOTICE_MAKEUP_ON_WEEKDAY",
            "NOTICE_DAY_OF_OTHER_YEAR",
            "NOTICE_DAY_TWICE"
        ]
    );
}

#[test]
fn a_refused_notice_names_the_rule_and_its_article() {
    use crate::rejected::{Lang, Reason};
    let date = "2027-01-04".to_owned();
    let number = "国办发明电〔2026〕1号".to_owned();
    for (reason, zh, en) in [
        (
            Reason::NoticeYearTaken {
                year: 2027,
                number: number.clone(),
            },
            "全国年节及纪念日放假办法第七条",
            "Regulations on Public Holidays, article 7",
        ),
        (
            Reason::NoticeEmpty { year: 2027 },
            "行政许可法第八十二条",
            "Administrative Licensing Law, article 82",
        ),
        (
            Reason::NoticeMakeupOnWeekday { date: date.clone() },
            "全国年节及纪念日放假办法第七条",
            "Regulations on Public Holidays, article 7",
        ),
        (
            Reason::NoticeDaysDisagree { date, number },
            "行政许可法第八十二条",
            "Administrative Licensing Law, article 82",
        ),
    ] {
        assert!(reason.message(Lang::Zh).contains(zh), "{reason:?}");
        assert!(reason.message(Lang::En).contains(en), "{reason:?}");
    }
}

#[test]
fn the_order_of_notices_does_not_matter() {
    let mut reversed = notices();
    reversed.reverse();

    assert_eq!(Calendar::try_new(&reversed).unwrap(), published());
}

/// Trap 10: a calendar that ends on a known date.
#[test]
fn a_new_notice_settles_what_was_provisional() {
    let before = published();
    let mut all = notices();
    all.push(notice(2027, &[("2027-01-01", NoticeDayKind::Off)]));
    let after = Calendar::try_new(&all).unwrap();

    assert_eq!(before.add_workdays(day("2026-12-31"), 1), day("2027-01-01"));
    assert_eq!(after.add_workdays(day("2026-12-31"), 1), day("2027-01-04"));
    assert!(!after.is_provisional(day("2027-01-04")));
    assert_eq!(after.years().last(), Some(&2027));
}

/// Trap 5: the calendar in static fields that all tenants share.
#[test]
fn two_calendars_in_many_threads_do_not_mix() {
    let (published, plain) = (published(), Calendar::weekdays_only());

    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..2_000 {
                    assert_eq!(
                        published.add_workdays(day("2026-02-13"), 5),
                        day("2026-02-27")
                    );
                    assert_eq!(plain.add_workdays(day("2026-02-13"), 5), day("2026-02-20"));
                }
            });
        }
    });
}

#[test]
fn a_day_begins_at_sixteen_hours_utc_of_the_day_before() {
    let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();

    assert_eq!(
        local_date(instant("2026-01-03T15:59:59Z")),
        day("2026-01-03")
    );
    assert_eq!(
        local_date(instant("2026-01-03T16:00:00Z")),
        day("2026-01-04")
    );
    assert_eq!(start_of(day("2026-01-04")), instant("2026-01-03T16:00:00Z"));
    assert_eq!(local_date(DateTime::<Utc>::MAX_UTC), NaiveDate::MAX);
    assert_eq!(start_of(NaiveDate::MIN), DateTime::<Utc>::MIN_UTC);
}

#[test]
fn a_notice_survives_its_exchange_form() {
    for notice in notices() {
        let text = serde_json::to_string(&notice).unwrap();
        assert_eq!(serde_json::from_str::<Notice>(&text).unwrap(), notice);
    }
    for kind in NoticeDayKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
    }
    for scope in [
        Scope::of(Some("330100"), None),
        Scope::of(Some("330100"), Some("SJJ")),
    ] {
        let local = Notice {
            scope: scope.unwrap(),
            replaces: Some("杭政办〔2026〕1号".to_owned()),
            ..notice(2027, &[("2027-01-04", NoticeDayKind::Off)])
        };
        let text = serde_json::to_string(&local).unwrap();
        assert_eq!(serde_json::from_str::<Notice>(&text).unwrap(), local);
    }
}

/// The first release stored notices so, and they stay stored.
#[test]
fn a_notice_stored_without_a_scope_is_national() {
    let stored = r#"{"number":"国办发明电〔2026〕1号","issuer":"国务院办公厅","issued_on":"2026-11-01","year":2027,
        "days":[{"date":"2027-01-01","holiday":"元旦","kind":"OFF"}]}"#;

    let read: Notice = serde_json::from_str(stored).unwrap();

    assert_eq!((&read.scope, &read.replaces), (&Scope::National, &None));
    let again = serde_json::to_value(&read).unwrap();
    assert_eq!(
        again,
        serde_json::from_str::<serde_json::Value>(stored).unwrap()
    );
}

/// The rule in its plainest form, for any day near the notices.
fn works_naively(named: &BTreeMap<NaiveDate, NoticeDayKind>, date: NaiveDate) -> bool {
    match named.get(&date) {
        Some(kind) => *kind == NoticeDayKind::Makeup,
        None => !["Sat", "Sun"].contains(&date.weekday().to_string().as_str()),
    }
}

fn named() -> BTreeMap<NaiveDate, NoticeDayKind> {
    notices()
        .into_iter()
        .flat_map(|notice| notice.days)
        .map(|named| (named.date, named.kind))
        .collect()
}

#[test]
fn every_day_agrees_with_the_plain_rule_and_the_count() {
    let (calendar, named) = (published(), named());

    let mut count = 0;
    let start = day("2022-06-01");
    for date in start.iter_days().skip(1).take(2_200) {
        let works = works_naively(&named, date);
        count += i64::from(works);
        assert_eq!(calendar.is_workday(date), works, "{date}");
        assert_eq!(calendar.workdays_between(start, date), count, "{date}");
    }
}

fn dates() -> impl Strategy<Value = NaiveDate> {
    (0_u64..2_400).prop_map(|offset| day("2022-06-01") + Days::new(offset))
}

/// Notices for 2020 to 2030 that name any days that a notice may name.
fn random_calendars() -> impl Strategy<Value = Calendar> {
    let named = (0_i32..11, 1_u32..366, any::<bool>());
    prop::collection::vec(named, 0..120).prop_map(|named| {
        let mut years: BTreeMap<i32, BTreeMap<NaiveDate, NoticeDayKind>> = BTreeMap::new();
        for (year, ordinal, makeup) in named {
            let date = NaiveDate::from_yo_opt(2020 + year, ordinal).unwrap();
            let makeup = makeup && date.weekday().number_from_monday() > 5;
            let kind = if makeup {
                NoticeDayKind::Makeup
            } else {
                NoticeDayKind::Off
            };
            years.entry(2020 + year).or_default().insert(date, kind);
        }
        let notices = years.into_iter().map(|(year, days)| {
            let days: Vec<_> = days.iter().map(|(date, kind)| (*date, *kind)).collect();
            notice_of(year, &days)
        });
        Calendar::try_new(&notices.collect::<Vec<_>>()).unwrap()
    })
}

/// Adds or subtracts working days by looking at one day after the other.
fn walk(calendar: &Calendar, from: NaiveDate, n: u32, forward: bool) -> NaiveDate {
    let (mut date, mut left) = (from, n);
    while left > 0 {
        date = if forward {
            date.succ_opt()
        } else {
            date.pred_opt()
        }
        .unwrap();
        left -= u32::from(calendar.day(date).kind.is_worked());
    }
    date
}

proptest! {
    #[test]
    fn the_closed_form_agrees_with_the_walk(calendar in random_calendars(), from in 0_u64..5_500, n in 0_u32..600) {
        let from = day("2018-06-01") + Days::new(from);
        for forward in [true, false] {
            let said = if forward { calendar.add_workdays(from, n) } else { calendar.subtract_workdays(from, n) };
            prop_assert_eq!(said, walk(&calendar, from, n, forward));
        }
        let to = from + Days::new(n.into());
        let counted = from.iter_days().skip(1).take_while(|date| *date <= to);
        let counted = counted.filter(|date| calendar.day(*date).kind.is_worked()).count();
        prop_assert_eq!(calendar.workdays_between(from, to), i64::try_from(counted).unwrap());
        for date in from.iter_days().take(60) {
            prop_assert_eq!(calendar.is_workday(date), calendar.day(date).kind.is_worked());
        }
    }

    #[test]
    fn adding_then_counting_is_identity(from in dates(), n in 0_u32..3_650) {
        let calendar = published();
        let to = calendar.add_workdays(from, n);
        prop_assert_eq!(calendar.workdays_between(from, to), i64::from(n));
        prop_assert!(n == 0 || calendar.is_workday(to));
    }

    /// Trap 9: forward and backward arithmetic that disagree.
    #[test]
    fn backward_undoes_forward_for_working_days(from in dates(), n in 0_u32..3_650) {
        let calendar = published();
        let from = calendar.next_workday_on_or_after(from);
        prop_assert_eq!(calendar.subtract_workdays(calendar.add_workdays(from, n), n), from);
        prop_assert_eq!(calendar.add_workdays(calendar.subtract_workdays(from, n), n), from);
    }

    /// Trap 9: arithmetic that is not monotone.
    #[test]
    fn more_days_never_end_earlier(from in dates(), n in 0_u32..400, more in 1_u32..40) {
        let calendar = published();
        prop_assert!(calendar.add_workdays(from, n) < calendar.add_workdays(from, n + more));
        prop_assert!(calendar.subtract_workdays(from, n) > calendar.subtract_workdays(from, n + more));
    }

    #[test]
    fn counts_add_up(a in dates(), b in dates(), c in dates()) {
        let calendar = published();
        let count = |after, through| calendar.workdays_between(after, through);
        prop_assert_eq!(count(a, b) + count(b, c), count(a, c));
    }
}
