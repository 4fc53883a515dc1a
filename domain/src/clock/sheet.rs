//! A clock on paper: what a clerk prints and puts into the file.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use super::ledger::Ledger;
use super::{
    Clock, ClockKind, ClockState, DayRule, Deadline, ExplainedDay, Extension, Interval, Limit,
    MOST_DAYS, Phrase, Unit,
};
use crate::calendar::Calendar;
use crate::lang::Lang;

impl Clock {
    /// The clock read on `today`, with one line a day, in `lang`.
    ///
    /// The same clock gives the same text: nothing in it depends on when or where it is printed.
    pub fn sheet(
        &self,
        kind: ClockKind,
        calendar: &Calendar,
        today: NaiveDate,
        lang: Lang,
    ) -> String {
        let read_on = self.stopped_on.map_or(today, |stop| stop.min(today));
        Sheet {
            clock: self,
            kind,
            ledger: Ledger::of(self, calendar, Some(read_on)),
            read_on,
            said: self.deadline(calendar, today),
            days: self.explain(calendar, today),
            today,
            lang,
        }
        .to_string()
    }
}

struct Sheet<'a> {
    clock: &'a Clock,
    kind: ClockKind,
    ledger: Ledger<'a>,
    /// The day of the sheet or of the stop before it.
    read_on: NaiveDate,
    said: Deadline,
    days: Vec<ExplainedDay<'a>>,
    today: NaiveDate,
    lang: Lang,
}

impl fmt::Display for Sheet<'_> {
    fn fmt(&self, paper: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.kind.row();
        writeln!(paper, "{}", self.say(row.name))?;
        writeln!(paper)?;
        self.heading(paper)?;
        writeln!(paper)?;
        for day in &self.days {
            self.day(paper, day)?;
        }
        writeln!(paper)?;
        self.articles(paper)
    }
}

impl Sheet<'_> {
    fn heading(&self, paper: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lang = self.lang;
        let (clock, said) = (self.clock, &self.said);
        let row = self.kind.row_on(clock.anchor).row;
        let mut line = |zh, en, text: String| {
            writeln!(
                paper,
                "{}{}{text}",
                lang.pick(zh, en),
                lang.pick("：", ": ")
            )
        };
        line("依据", "Source", self.say(row.article).to_owned())?;
        let on = |date: NaiveDate, event| format!("{date}{}{event}", lang.pick("，", ", "));
        line("起算日", "Anchor", on(clock.anchor, self.say(row.event)))?;
        line("期限", "Limit", self.limit(clock.limit))?;
        // What is not known on the day of the reading does not stand on its paper.
        let read_on = self.read_on;
        for extension in &clock.extensions {
            if extension.known_from() <= read_on {
                line("延期", "Extension", self.extension(extension))?;
            }
        }
        for (place, interval) in clock.suspensions.iter().enumerate() {
            if let Some(known) = interval.as_known_on(read_on) {
                line("中止", "Suspension", self.suspension(place, known))?;
            }
        }
        let provisional = if said.provisional {
            self.aside(lang.pick(
                "暂定，放假通知尚未发布",
                "provisional, the holiday notice is not out yet",
            ))
        } else {
            String::new()
        };
        match said.due_on {
            Some(due) => line("截止日", "Due", format!("{due}{provisional}"))?,
            None => line(
                "预计截止日",
                "Projected due",
                format!(
                    "{}{}{provisional}",
                    said.projected_on,
                    self.aside(lang.pick("如当日恢复计时", "if resumed on the day of this sheet"))
                ),
            )?,
        }
        if let Some(stop) = clock.stopped_on.filter(|stop| *stop <= self.today) {
            line("停止", "Stopped", on(stop, self.say(row.stops)))?;
        }
        line("计算日", "Day of this sheet", self.today.to_string())?;
        let left = if said.remaining < 0 {
            let over = self.days(said.remaining.saturating_neg());
            lang.pick(format!("逾期 {over}"), format!("overdue by {over}"))
        } else {
            self.days(said.remaining)
        };
        line("剩余", "Remaining", left)?;
        line("状态", "State", self.state().to_owned())
    }

    fn extension(&self, extension: &Extension) -> String {
        let (on, days) = (extension.approved_on, self.days(extension.days.into()));
        let is_late = self.said.late_extensions.contains(&on);
        self.lang.pick(
            format!("{on} 批准，{days}"),
            format!("{days}, approved on {on}"),
        ) + &self.entered(extension.entered_on, is_late)
    }

    fn suspension(&self, place: usize, known: Interval) -> String {
        let (number, start) = (place + 1, known.start);
        let text = match known.end {
            Some(end) => self.lang.pick(
                format!("（{number}）{start} 至 {end}"),
                format!("({number}) {start} to {end}"),
            ),
            None => self.lang.pick(
                format!("（{number}）自 {start} 起，尚未结束"),
                format!("({number}) since {start}, not ended"),
            ),
        };
        let entered_on = known.start_entered_on;
        text + &self.entered(entered_on, self.ledger.is_late(&known))
    }

    /// That an act was entered after the fact, and that it came too late.
    fn entered(&self, entered_on: Option<NaiveDate>, is_late: bool) -> String {
        let lang = self.lang;
        let entered =
            entered_on.map(|on| lang.pick(format!("{on} 补录"), format!("entered on {on}")));
        let late = is_late.then(|| {
            lang.pick("期满之后，无效", "after the due date, without effect")
                .to_owned()
        });
        let remarks: Vec<String> = entered.into_iter().chain(late).collect();
        if remarks.is_empty() {
            return String::new();
        }
        self.aside(&remarks.join(lang.pick("，", ", ")))
    }

    fn day(&self, paper: &mut fmt::Formatter<'_>, day: &ExplainedDay<'_>) -> fmt::Result {
        let weekday = self.weekday(day.date);
        let number = match day.rule {
            DayRule::Overdue => day.remaining.to_string(),
            _ => day
                .ordinal
                .map_or_else(|| "–".to_owned(), |ordinal| ordinal.to_string()),
        };
        write!(
            paper,
            "{} {weekday} {number:>4}  {}",
            day.date,
            self.say(day.rule.says())
        )?;
        if day.rule == DayRule::Cut {
            let most = self.lang.pick(
                format!("最多列出 {MOST_DAYS} 行"),
                format!("a sheet has at most {MOST_DAYS} lines"),
            );
            return writeln!(paper, "{}", self.aside(&most));
        }
        if let Some(place) = day.suspension {
            write!(
                paper,
                "{}",
                self.lang
                    .pick(format!("（{}）", place + 1), format!(" ({})", place + 1))
            )?;
        }
        if let (Some(holiday), Some(notice)) = (day.holiday, day.notice) {
            write!(
                paper,
                "{}",
                self.aside(&self.lang.pick(
                    format!("{holiday}，{notice}"),
                    format!("{holiday}, {notice}")
                ))
            )?;
        }
        if day.provisional {
            write!(
                paper,
                "{}",
                self.aside(self.lang.pick("暂定", "provisional"))
            )?;
        }
        writeln!(paper)
    }

    /// The articles of the rules that occur, each once.
    fn articles(&self, paper: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rules: Vec<DayRule> = Vec::new();
        for day in &self.days {
            if !rules.contains(&day.rule) {
                rules.push(day.rule);
            }
        }
        for rule in rules {
            if let Some(article) = rule.article() {
                let (says, colon) = (self.say(rule.says()), self.lang.pick("——", " -- "));
                writeln!(paper, "{says}{colon}{}", self.say(article))?;
            }
        }
        Ok(())
    }

    fn say(&self, phrase: Phrase) -> &'static str {
        self.lang.pick(phrase.zh, phrase.en)
    }

    fn aside(&self, text: &str) -> String {
        self.lang.pick(format!("（{text}）"), format!(" ({text})"))
    }

    fn limit(&self, limit: Limit) -> String {
        self.count(limit.n.into(), limit.unit)
    }

    fn days(&self, n: i64) -> String {
        self.count(n, self.said.remaining_unit)
    }

    fn count(&self, n: i64, unit: Unit) -> String {
        counted(n, unit, self.lang)
    }

    fn state(&self) -> &'static str {
        let (zh, en) = match self.said.state {
            ClockState::NotStarted => ("尚未起算", "not started"),
            ClockState::Running => ("计时中", "running"),
            ClockState::Suspended => ("中止", "suspended"),
            ClockState::Overdue => ("已逾期", "overdue"),
            ClockState::Stopped if self.said.overdue => ("已停止，逾期", "stopped, overdue"),
            ClockState::Stopped => ("已停止，未逾期", "stopped in time"),
        };
        self.lang.pick(zh, en)
    }

    fn weekday(&self, date: NaiveDate) -> &'static str {
        let (zh, en) = match date.weekday() {
            chrono::Weekday::Mon => ("周一", "Mon"),
            chrono::Weekday::Tue => ("周二", "Tue"),
            chrono::Weekday::Wed => ("周三", "Wed"),
            chrono::Weekday::Thu => ("周四", "Thu"),
            chrono::Weekday::Fri => ("周五", "Fri"),
            chrono::Weekday::Sat => ("周六", "Sat"),
            chrono::Weekday::Sun => ("周日", "Sun"),
        };
        self.lang.pick(zh, en)
    }
}

/// So many of a unit, in words.
pub(super) fn counted(n: i64, unit: Unit, lang: Lang) -> String {
    let (zh, one, many) = match unit {
        Unit::Workday => ("个工作日", "working day", "working days"),
        Unit::CalendarDay => ("个自然日", "calendar day", "calendar days"),
        Unit::Month => ("个月", "month", "months"),
        Unit::Year => ("年", "year", "years"),
    };
    let en = if n == 1 { one } else { many };
    lang.pick(format!("{n} {zh}"), format!("{n} {en}"))
}
