//! Why a clock ends when it does: one row for each day, with the rule that holds for it and where the rule stands.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::ledger::{End, Ledger};
use super::suspension::Stretch;
use super::{Clock, Phrase, Unit};
use crate::calendar::{Calendar, DayKind, date_of, number_of};
use crate::coded;

/// The most days that are listed, some 22 years. No lawful period is that long, but a clock that nobody stops is
/// overdue for ever.
pub const MOST_DAYS: usize = 8_000;

coded! {
    /// What a day is to a clock. Of several that would fit, the first holds.
    pub enum DayRule {
        /// The list ends before this day because it would be too long; the due date may lie behind it.
        Cut = "CUT",
        /// The day of the event that starts a period of 0 days (即办件), which is also its due date.
        Immediate = "IMMEDIATE",
        /// The day of the event that starts the period; it is not counted (民法典 Art. 201).
        Anchor = "ANCHOR",
        /// After the due date and up to the day of the reading or the stop, and counted as overdue.
        Overdue = "OVERDUE",
        /// After the due date, but a day on which nobody works: the clock is overdue, and not by a day more.
        OverdueRest = "OVERDUE_REST",
        /// The last day of the period is not worked, so the period goes on through the next that is (民法典 Art. 203).
        Rolled = "ROLLED",
        /// Not counted because a suspension excludes it, whether it is worked or not.
        Suspended = "SUSPENDED",
        /// Counted by the calendar, worked or not (民法典 Art. 200, 202).
        CalendarDay = "CALENDAR_DAY",
        /// Counted, because it is a working day.
        Counted = "COUNTED",
        /// Counted, because a notice makes this Saturday or Sunday a working day (调休上班).
        Makeup = "MAKEUP",
        /// Not counted, because it is a Saturday or Sunday.
        Weekend = "WEEKEND",
        /// Not counted, because a notice gives it off.
        Holiday = "HOLIDAY",
    }
}

impl DayRule {
    /// Whether the day is charged to the clock, so that it has an ordinal.
    pub fn is_charged(self) -> bool {
        matches!(self, Self::Counted | Self::Makeup | Self::CalendarDay)
    }

    /// What a clerk says of the day.
    pub const fn says(self) -> Phrase {
        let (zh, en) = match self {
            Self::Cut => (
                "天数过多，以下不再列出",
                "too many days; not listed further",
            ),
            Self::Anchor => ("起算当日，不计入", "the day of the event, not counted"),
            Self::Immediate => ("即办件，当日办结", "due on the day itself"),
            Self::Overdue => ("已逾期", "overdue"),
            Self::OverdueRest => ("已逾期，非工作日", "overdue, no working day"),
            Self::Rolled => (
                "末日为非工作日，顺延",
                "the last day was not worked, so the period goes on",
            ),
            Self::Suspended => ("中止，不计入", "suspended, not counted"),
            Self::CalendarDay => ("自然日，计入", "calendar day, counted"),
            Self::Counted => ("工作日，计入", "working day, counted"),
            Self::Makeup => ("调休上班，计入", "make-up working day, counted"),
            Self::Weekend => ("周末，不计入", "weekend, not counted"),
            Self::Holiday => ("放假，不计入", "holiday, not counted"),
        };
        Phrase { zh, en }
    }

    /// The article on which this rests; `None` for the end of a list that is too long.
    ///
    /// A rule does not know of which act the period is; the sheet names that in its heading.
    pub const fn article(self) -> Option<Phrase> {
        let (zh, en) = match self {
            Self::Cut => return None,
            Self::Anchor => (
                "《民法典》第二百零一条：开始的当日不计入，自下一日开始计算",
                "民法典 Art. 201: the first day is not counted, the next is",
            ),
            Self::Immediate => (
                "《行政许可法》第三十四条：能够当场作出决定的，应当当场作出",
                "行政许可法 Art. 34: what can be decided on the spot is decided on the spot",
            ),
            Self::Overdue | Self::OverdueRest => (
                "《民法典》第二百零三条：期间最后一日的截止时间为二十四时",
                "民法典 Art. 203: a period ends at 24:00 of its last day",
            ),
            Self::Rolled => (
                "《民法典》第二百零三条：最后一日是法定休假日的，以其结束的次日为最后一日",
                "民法典 Art. 203: if the last day is a day off, the day after it is the last",
            ),
            Self::Suspended => (
                "《行政许可法》第四十五条（特别程序）、《政府信息公开条例》第三十三条（征求意见）：所需时间不计算在期限内",
                "行政许可法 Art. 45 (special procedures), 政府信息公开条例 Art. 33 (opinions of others): their time is not part of the period",
            ),
            Self::CalendarDay => (
                "《民法典》第二百条、第二百零二条：期间按照公历年、月、日计算，到期月的对应日为最后一日",
                "民法典 Art. 200, 202: periods run by the calendar and end on the corresponding day of the month",
            ),
            Self::Counted => (
                "《行政许可法》第八十二条，或者规定该期限的法规：期限以工作日计算",
                "行政许可法 Art. 82, or the act that sets the period: it is counted in working days",
            ),
            Self::Makeup => (
                "《行政许可法》第八十二条；国务院办公厅放假通知：调休上班",
                "行政许可法 Art. 82; the holiday notice makes it a working day",
            ),
            Self::Weekend => (
                "《行政许可法》第八十二条；《国务院关于职工工作时间的规定》第七条：星期六和星期日为周休息日",
                "行政许可法 Art. 82; 国务院关于职工工作时间的规定 Art. 7: Saturday and Sunday are days of rest",
            ),
            Self::Holiday => (
                "《行政许可法》第八十二条：期限不含法定节假日；国务院办公厅放假通知",
                "行政许可法 Art. 82: periods are without statutory holidays; the holiday notice gives the day off",
            ),
        };
        Some(Phrase { zh, en })
    }
}

/// One day of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExplainedDay<'a> {
    /// The local date.
    pub date: NaiveDate,
    /// What the day is to the clock.
    pub rule: DayRule,
    /// What the day is by itself: a suspended day may be a holiday, too.
    pub kind: DayKind,
    /// That it is the n-th charged day.
    pub ordinal: Option<i64>,
    /// The days left after this day, negative when overdue, by what is known on the day of the reading.
    pub remaining: i64,
    /// The number of the notice that speaks for the day: the one that names it, else the one for its year.
    pub notice: Option<&'a str>,
    /// The holiday for which a notice gives the day off or makes it a working day.
    pub holiday: Option<&'a str>,
    /// The suspension that excludes the day, by its place in [`Clock::suspensions`]; of several the one that excludes
    /// from the earliest day on.
    pub suspension: Option<usize>,
    /// The row rests on a guess by weekday, because no notice speaks for the day yet.
    pub provisional: bool,
}

impl Clock {
    /// The days from the anchor through the due date, and when overdue through `today` or the stop, each with the rule
    /// that holds for it, by what was known on `today` ([`deadline`](Self::deadline) reads the same).
    ///
    /// While a suspension is open the days after `today` are those of the projection, as if it ended on `today`. A
    /// clock that stopped in time is listed through its due date: the days after the stop were left over. Of more than
    /// [`MOST_DAYS`] days the last row is a [`DayRule::Cut`].
    pub fn explain<'a>(&self, calendar: &'a Calendar, today: NaiveDate) -> Vec<ExplainedDay<'a>> {
        self.days(calendar, today).collect()
    }

    /// The same, for who wants the first of them only.
    pub fn days<'a>(
        &self,
        calendar: &'a Calendar,
        today: NaiveDate,
    ) -> impl Iterator<Item = ExplainedDay<'a>> {
        let listed = self.listed(calendar, today).into_iter();
        listed.flat_map(|(mut rows, days)| {
            let last = *days.end();
            days.take(MOST_DAYS).enumerate().map(move |(row, day)| {
                let is_cut = row + 1 == MOST_DAYS && day < last;
                rows.next(day, is_cut)
            })
        })
    }

    /// How many days [`explain`](Self::explain) lists.
    pub fn day_count(&self, calendar: &Calendar, today: NaiveDate) -> usize {
        let listed = self.listed(calendar, today);
        listed.map_or(0, |(_, days)| days.take(MOST_DAYS).count())
    }

    /// What the rows are made of, and the days for which there is one.
    fn listed<'a, 'c>(
        &'c self,
        calendar: &'a Calendar,
        today: NaiveDate,
    ) -> Option<(Rows<'a, 'c>, RangeInclusive<i64>)> {
        let stopped = self.stopped_on.filter(|stop| *stop <= today);
        let read_on = stopped.unwrap_or(today);
        let known = Ledger::of(self, calendar, Some(read_on));
        let end = known.end();
        let suspensions = self.excluded_by(&known, read_on);
        let ledger = match end {
            Some(_) => known,
            None => known.resumed_on(self, read_on),
        };
        let projected = end.or_else(|| ledger.end())?;
        let rows = Rows {
            clock: self,
            calendar,
            suspensions,
            left: ledger.total() + projected.due - projected.last_charged,
            charged: 0,
            ledger,
            end: projected,
        };
        let last = if end.is_some() {
            projected.due.max(number_of(read_on))
        } else {
            projected.due
        };
        Some((rows, number_of(self.anchor)..=last))
    }

    /// What each suspension excludes, as known on `read_on`, by its place; nothing if it was entered too late.
    fn excluded_by(&self, ledger: &Ledger, read_on: NaiveDate) -> Vec<(Stretch, usize)> {
        let known = self
            .suspensions
            .iter()
            .enumerate()
            .filter(|(_, interval)| !ledger.is_late(interval))
            .filter_map(|(place, interval)| Some((interval.as_known_on(read_on)?, place)));
        known
            .map(|(interval, place)| (interval.excluded(self.boundary), place))
            .collect()
    }
}

/// What the rows so far add up to.
struct Rows<'a, 'c> {
    clock: &'c Clock,
    calendar: &'a Calendar,
    ledger: Ledger<'a>,
    end: End,
    suspensions: Vec<(Stretch, usize)>,
    charged: i64,
    left: i64,
}

impl<'a> Rows<'a, '_> {
    fn next(&mut self, number: i64, is_cut: bool) -> ExplainedDay<'a> {
        let day = self.calendar.day(date_of(number));
        let rule = if is_cut {
            DayRule::Cut
        } else {
            self.rule(number, day.kind)
        };
        let is_charged = rule.is_charged();
        self.charged += i64::from(is_charged);
        self.left -= i64::from(is_charged || matches!(rule, DayRule::Overdue | DayRule::Rolled));
        ExplainedDay {
            date: day.date,
            rule,
            kind: day.kind,
            ordinal: is_charged.then_some(self.charged),
            remaining: self.left,
            notice: day.notice,
            holiday: day.holiday,
            suspension: self.suspension(rule, number),
            provisional: day.provisional && self.rests_on_calendar(rule, number),
        }
    }

    fn rule(&self, day: i64, kind: DayKind) -> DayRule {
        let by_workdays = self.clock.limit.unit == Unit::Workday;
        if day == number_of(self.clock.anchor) {
            if self.ledger.total() == 0 {
                DayRule::Immediate
            } else {
                DayRule::Anchor
            }
        } else if day > self.end.due {
            if by_workdays && !kind.is_worked() {
                DayRule::OverdueRest
            } else {
                DayRule::Overdue
            }
        } else if day > self.end.last_charged {
            DayRule::Rolled
        } else if self.ledger.excludes(day) {
            DayRule::Suspended
        } else if !by_workdays {
            DayRule::CalendarDay
        } else {
            match kind {
                DayKind::Workday => DayRule::Counted,
                DayKind::Makeup => DayRule::Makeup,
                DayKind::Weekend => DayRule::Weekend,
                DayKind::Holiday => DayRule::Holiday,
            }
        }
    }

    fn suspension(&self, rule: DayRule, day: i64) -> Option<usize> {
        if rule != DayRule::Suspended {
            return None;
        }
        let excluding = self
            .suspensions
            .iter()
            .filter(|(stretch, _)| stretch.holds(day));
        excluding
            .min_by_key(|(stretch, place)| (stretch.first, *place))
            .map(|(_, place)| *place)
    }

    /// A suspended day is excluded and a calendar day counted whatever the notices say, and the anchor never counts;
    /// only the end of a calendar period asks whether the day is worked.
    fn rests_on_calendar(&self, rule: DayRule, day: i64) -> bool {
        match rule {
            DayRule::Cut | DayRule::Anchor | DayRule::Immediate | DayRule::Suspended => false,
            DayRule::CalendarDay => day == self.end.last_charged,
            DayRule::Overdue => self.clock.limit.unit == Unit::Workday,
            _ => true,
        }
    }
}
