//! Several calendars at once: national, of a region, of a department, and as they were known before.

use chrono::{DateTime, Utc};

use super::*;
use crate::calendar::DayKind;
use crate::calendar::tests::{day, notice, notices};
use crate::code::Code as _;

const CITY: &str = "330100";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn published() -> Calendars {
    Calendars::default()
        .adopting(&notices(), at("2025-11-04T00:00:00Z"))
        .unwrap()
        .after
}

/// A local notice for 2026.
fn local(
    number: &str,
    region: &str,
    department: Option<&str>,
    days: &[(&str, NoticeDayKind)],
) -> Notice {
    Notice {
        number: number.to_owned(),
        issuer: "市人民政府办公厅".to_owned(),
        scope: Scope::of(Some(region), department).unwrap(),
        ..notice(2026, days)
    }
}

fn with(calendars: &Calendars, notices: &[Notice]) -> Calendars {
    calendars
        .adopting(notices, at("2026-01-10T00:00:00Z"))
        .unwrap()
        .after
}

/// Codes and fields of what adoption is refused for.
fn refusal(calendars: &Calendars, notices: &[Notice]) -> Vec<(&'static str, String)> {
    let faults = calendars
        .adopting(notices, at("2026-01-10T00:00:00Z"))
        .unwrap_err();
    let coded = faults
        .into_iter()
        .map(|fault| (fault.reason.code().code(), fault.field.join(".")));
    coded.collect()
}

fn only(code: &'static str, field: &str) -> Vec<(&'static str, String)> {
    vec![(code, field.to_owned())]
}

use NoticeDayKind::{Makeup, Off};

#[test]
fn a_local_notice_holds_where_it_says_and_nowhere_else() {
    // 2026-04-20 is a Monday, 2026-04-18 a Saturday.
    let city = local(
        "杭政办〔2026〕1号",
        CITY,
        None,
        &[("2026-04-20", Off), ("2026-04-18", Makeup)],
    );
    let bureau = local(
        "杭审〔2026〕3号",
        CITY,
        Some("SJJ"),
        &[("2026-04-21", Off), ("2026-04-20", Off)],
    );

    let calendars = with(&published(), &[city, bureau]);

    let kinds = |region: &str, department: Option<&str>| {
        let calendar = calendars.of(region, department);
        ["2026-04-18", "2026-04-20", "2026-04-21"].map(|date| calendar.day(day(date)).kind)
    };
    let plain = [DayKind::Weekend, DayKind::Workday, DayKind::Workday];
    let of_city = [DayKind::Makeup, DayKind::Holiday, DayKind::Workday];
    let of_bureau = [DayKind::Makeup, DayKind::Holiday, DayKind::Holiday];
    assert_eq!(kinds("110000", None), plain, "another province");
    assert_eq!(
        kinds("330000", None),
        plain,
        "a city's notice does not bind its province"
    );
    assert_eq!(kinds("330200", Some("SJJ")), plain, "another city");
    assert_eq!(kinds(CITY, None), of_city);
    assert_eq!(kinds(CITY, Some("CGJ")), of_city, "another department");
    assert_eq!(kinds("330102", None), of_city, "a district of the city");
    assert_eq!(kinds(CITY, Some("SJJ")), of_bureau);
    assert_eq!(
        kinds("330102", Some("SJJ")),
        of_city,
        "a department of another region"
    );
    let national = calendars.national();
    assert_eq!(national.day(day("2026-04-20")).kind, DayKind::Workday);
}

#[test]
fn the_nearest_notice_wins_and_is_cited() {
    let province = local(
        "浙政办〔2026〕9号",
        "330000",
        None,
        &[("2026-04-18", Makeup), ("2026-04-19", Makeup)],
    );
    let city = local("杭政办〔2026〕1号", CITY, None, &[("2026-04-18", Off)]);
    let bureau = local("杭审〔2026〕3号", CITY, Some("SJJ"), &[("2026-02-14", Off)]);

    for order in [[&province, &city, &bureau], [&bureau, &city, &province]] {
        let calendars = with(&published(), &order.map(Clone::clone));
        let said = |department: Option<&str>, date: &str| {
            let said = calendars.of(CITY, department).day(day(date));
            (said.kind, said.notice.unwrap().to_owned())
        };
        assert_eq!(
            said(None, "2026-04-18"),
            (DayKind::Holiday, "杭政办〔2026〕1号".to_owned())
        );
        assert_eq!(
            said(None, "2026-04-19"),
            (DayKind::Makeup, "浙政办〔2026〕9号".to_owned())
        );
        assert_eq!(
            said(Some("SJJ"), "2026-02-14"),
            (DayKind::Holiday, "杭审〔2026〕3号".to_owned())
        );
        let (kind, number) = said(None, "2026-02-14");
        assert_eq!(kind, DayKind::Makeup);
        assert!(number.starts_with("国办发明电"), "{number}");
        let (_, number) = said(None, "2026-06-03");
        assert!(
            number.starts_with("国办发明电"),
            "an ordinary day is the national notice's: {number}"
        );
    }
}

#[test]
fn the_count_follows_the_local_days() {
    let city = local(
        "杭政办〔2026〕1号",
        CITY,
        None,
        &[("2026-04-20", Off), ("2026-04-18", Makeup)],
    );
    let bureau = local("杭审〔2026〕3号", CITY, Some("SJJ"), &[("2026-04-21", Off)]);
    let calendars = with(&published(), &[city, bureau]);

    let due = |region, department| {
        let calendar = calendars.of(region, department);
        calendar.add_workdays(day("2026-04-16"), 3).to_string()
    };

    assert_eq!(due("110000", None), "2026-04-21");
    assert_eq!(due(CITY, None), "2026-04-21", "one day won, one lost");
    assert_eq!(due(CITY, Some("SJJ")), "2026-04-22");
}

#[test]
fn only_a_national_notice_settles_a_year() {
    let days = [("2027-04-19", Off)];
    let city = Notice {
        year: 2027,
        ..local("杭政办〔2026〕8号", CITY, None, &days)
    };
    let before = with(&published(), &[city]);

    let calendar = before.of(CITY, None);
    assert_eq!(calendar.day(day("2027-04-19")).kind, DayKind::Holiday);
    assert!(
        calendar.is_provisional(day("2027-04-19")) && calendar.day(day("2027-04-19")).provisional
    );
    assert!(calendar.is_provisional(day("2027-04-20")));
    assert_eq!(calendar.years().last(), Some(&2026));

    let after = with(&before, &[notice(2027, &[("2027-01-01", Off)])]);
    let calendar = after.of(CITY, None);
    assert!(!calendar.is_provisional(day("2027-04-19")));
    assert_eq!(
        calendar.day(day("2027-04-19")).kind,
        DayKind::Holiday,
        "the local day stays"
    );
    assert_eq!(calendar.years().last(), Some(&2027));
}

/// 2020: the Spring Festival was lengthened by a second notice, and the two stood for one year.
#[test]
fn an_amended_notice_takes_the_place_of_the_one_it_names() {
    let first = notice(2027, &[("2027-02-08", Off)]);
    let amended = Notice {
        number: "国办发明电〔2027〕1号".to_owned(),
        replaces: Some(first.number.clone()),
        ..notice(2027, &[("2027-02-08", Off), ("2027-02-09", Off)])
    };
    let calendars = with(&published(), std::slice::from_ref(&first));

    let beside = Notice {
        replaces: None,
        ..amended.clone()
    };
    assert_eq!(
        refusal(&calendars, &[beside]),
        only("NOTICE_YEAR_TAKEN", "year")
    );
    let of_nothing = Notice {
        replaces: Some("国办发明电〔1999〕1号".to_owned()),
        ..amended.clone()
    };
    assert_eq!(
        refusal(&calendars, &[of_nothing]),
        only("NOTICE_REPLACES_UNKNOWN", "replaces")
    );
    let of_other_year = Notice {
        replaces: Some(notices()[0].number.clone()),
        ..amended.clone()
    };
    assert_eq!(
        refusal(&calendars, &[of_other_year]),
        only("NOTICE_REPLACES_UNKNOWN", "replaces")
    );

    let adoption = calendars
        .adopting(std::slice::from_ref(&amended), at("2027-01-26T00:00:00Z"))
        .unwrap();

    assert_eq!(adoption.superseded, [first.number.as_str()]);
    assert_eq!(adoption.adopted, std::slice::from_ref(&amended));
    let after = adoption.after;
    assert!(!after.national().is_workday(day("2027-02-09")));
    let said = after.national().day(day("2027-06-01"));
    assert_eq!(said.notice, Some(amended.number.as_str()));
    let former = after
        .notices()
        .iter()
        .find(|one| one.notice == first)
        .unwrap();
    assert_eq!(former.superseded_at, Some(at("2027-01-26T00:00:00Z")));
    let twice = Notice {
        number: "国办发明电〔2027〕2号".to_owned(),
        ..amended
    };
    assert_eq!(
        refusal(&after, &[twice]),
        only("NOTICE_REPLACES_UNKNOWN", "replaces"),
        "what was replaced is not in force"
    );
}

#[test]
fn the_same_notice_again_changes_nothing_and_another_text_is_refused() {
    let calendars = published();

    let again = calendars
        .adopting(&notices(), at("2027-01-01T00:00:00Z"))
        .unwrap();
    assert_eq!((again.adopted.len(), again.superseded.len()), (0, 0));
    assert_eq!(again.after.notices(), calendars.notices());

    let mut other = notices();
    other[0].days.pop();
    assert_eq!(
        refusal(&calendars, &other),
        only("NOTICE_NUMBER_TAKEN", "number")
    );
    let foreign = local(&notices()[0].number, CITY, None, &[("2026-04-20", Off)]);
    assert_eq!(
        refusal(&calendars, &[foreign]),
        only("NOTICE_NUMBER_TAKEN", "number")
    );
}

#[test]
fn local_notices_of_one_place_may_not_contradict_each_other() {
    let first = local(
        "杭政办〔2026〕1号",
        CITY,
        None,
        &[("2026-04-18", Makeup), ("2026-04-20", Off)],
    );
    let calendars = with(&published(), std::slice::from_ref(&first));
    let second = |days: &[(&str, NoticeDayKind)]| local("杭政办〔2026〕2号", CITY, None, days);

    assert_eq!(
        refusal(
            &calendars,
            &[second(&[("2026-04-20", Off), ("2026-04-18", Off)])]
        ),
        only("NOTICE_DAYS_DISAGREE", "days.1.date")
    );
    let agreed = with(
        &calendars,
        &[second(&[("2026-04-18", Makeup), ("2026-05-16", Makeup)])],
    );
    assert!(agreed.of(CITY, None).is_workday(day("2026-05-16")));
    let bureau = local("杭审〔2026〕3号", CITY, Some("SJJ"), &[("2026-04-18", Off)]);
    let calendars = with(&calendars, &[bureau]);
    assert!(
        !calendars
            .of(CITY, Some("SJJ"))
            .is_workday(day("2026-04-18"))
    );
    let replacing = Notice {
        replaces: Some(first.number.clone()),
        ..second(&[("2026-04-18", Off)])
    };
    let calendars = with(&calendars, &[replacing]);
    assert!(!calendars.of(CITY, None).is_workday(day("2026-04-18")));
    assert!(
        calendars.of(CITY, None).is_workday(day("2026-04-20")),
        "the former days are gone with it"
    );
}

#[test]
fn a_local_notice_speaks_of_its_year_and_its_region() {
    let calendars = published();
    let eve = local("杭政办〔2026〕1号", CITY, None, &[("2025-12-31", Off)]);
    assert_eq!(
        refusal(&calendars, &[eve]),
        only("NOTICE_DAY_OF_OTHER_YEAR", "days.0.date")
    );
    for region in [
        "",
        "33",
        "0330100",
        "33010",
        "杭州",
        "330100000",
        "330100000000",
        "33O100",
    ] {
        let nowhere = local("杭政办〔2026〕1号", region, None, &[("2026-04-20", Off)]);
        assert_eq!(
            refusal(&calendars, &[nowhere]),
            only("NOTICE_REGION_INVALID", "region"),
            "{region}"
        );
    }
    for region in ["330000", "331000", "330102", "330102001", "330102001003"] {
        let somewhere = local("政办〔2026〕1号", region, None, &[("2026-04-20", Off)]);
        let calendars = with(&calendars, &[somewhere]);
        assert!(
            !calendars.of(region, None).is_workday(day("2026-04-20")),
            "{region}"
        );
    }
    assert_eq!(
        Scope::of(None, Some("SJJ")),
        None,
        "a department of nowhere"
    );
}

#[test]
fn a_calendar_can_be_read_as_it_was_known() {
    let first = notice(2027, &[("2027-02-08", Off)]);
    let amended = Notice {
        number: "国办发明电〔2027〕1号".to_owned(),
        replaces: Some(first.number.clone()),
        ..notice(2027, &[("2027-02-09", Off)])
    };
    let adopt = |calendars: &Calendars, notice: &Notice, instant: &str| {
        calendars
            .adopting(std::slice::from_ref(notice), at(instant))
            .unwrap()
            .after
    };
    let calendars = adopt(&published(), &first, "2026-11-04T02:00:00Z");
    let calendars = adopt(&calendars, &amended, "2027-01-26T02:00:00Z");

    let known = |instant: &str| {
        let then = calendars.as_adopted_at(at(instant));
        let national = then.national();
        let works = ["2027-02-08", "2027-02-09"].map(|date| national.is_workday(day(date)));
        (works, national.is_provisional(day("2027-02-08")))
    };
    assert_eq!(known("2026-11-04T01:59:59Z"), ([true, true], true));
    assert_eq!(known("2026-11-04T02:00:00Z"), ([false, true], false));
    assert_eq!(known("2027-01-26T01:59:59Z"), ([false, true], false));
    assert_eq!(known("2027-01-26T02:00:00Z"), ([true, false], false));
    assert_eq!(
        calendars
            .as_adopted_at(at("2020-01-01T00:00:00Z"))
            .national()
            .years()
            .len(),
        0
    );
    let stored = Calendars::try_new(calendars.notices().to_vec()).unwrap();
    assert_eq!(stored.national(), calendars.national());
    assert_eq!(stored.notices(), calendars.notices());
}

#[test]
fn what_adoption_would_change_can_be_seen_before() {
    let before = published();
    let new_year = notice(
        2027,
        &[
            ("2027-01-01", Off),
            ("2027-01-02", Off),
            ("2027-01-09", Makeup),
        ],
    );

    let adoption = before
        .adopting(&[new_year], at("2026-11-04T00:00:00Z"))
        .unwrap();

    let changed = before.national().changed_days(adoption.after.national());
    let changed: Vec<_> = changed
        .iter()
        .map(|one| (one.date.to_string(), one.before.code(), one.after.code()))
        .collect();
    assert_eq!(
        changed,
        [
            ("2027-01-01".to_owned(), "WORKDAY", "HOLIDAY"),
            ("2027-01-02".to_owned(), "WEEKEND", "HOLIDAY"),
            ("2027-01-09".to_owned(), "WEEKEND", "MAKEUP"),
        ]
    );
    assert!(
        before.national().is_provisional(day("2027-01-01")),
        "nothing was adopted by looking"
    );
}

#[test]
fn nothing_of_an_import_is_adopted_if_one_notice_is_refused() {
    let calendars = published();
    let good = notice(2027, &[("2027-01-01", Off)]);
    let bad = notice(2028, &[("2028-01-03", Makeup)]);

    assert_eq!(
        refusal(&calendars, &[good, bad]),
        only("NOTICE_MAKEUP_ON_WEEKDAY", "days.0.date")
    );
    assert_eq!(calendars.national().years().last(), Some(&2026));
}

/// Trap 5: other programs kept the one calendar in a mutable place that all tenants shared.
#[test]
fn the_calendars_of_two_departments_do_not_mix_in_many_threads() {
    let bureau = local("杭审〔2026〕3号", CITY, Some("SJJ"), &[("2026-04-21", Off)]);
    let calendars = with(&published(), &[bureau]);

    std::thread::scope(|threads| {
        for (department, due) in [
            ("SJJ", "2026-04-22"),
            ("CGJ", "2026-04-21"),
            ("SJJ", "2026-04-22"),
        ] {
            let calendars = &calendars;
            threads.spawn(move || {
                for _ in 0..2_000 {
                    let calendar = calendars.of(CITY, Some(department));
                    assert_eq!(calendar.add_workdays(day("2026-04-16"), 3), day(due));
                }
            });
        }
    });
}
