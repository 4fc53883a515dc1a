//! A clock on paper: what a clerk prints and puts into the file.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use super::{
    Clock, ClockKind, ClockState, DayRule, Deadline, ExplainedDay, Limit, MOST_DAYS, Phrase, Unit,
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
        Sheet {
            clock: self,
            kind,
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
        let (clock, said, row) = (self.clock, &self.said, self.kind.row());
        let mut line = |zh, en, text: String| {
            writeln!(
                paper,
                "{}{}{text}",
                lang.pick(zh, en),
                lang.pick("：", ": ")
            )
        };
        line("依据", "Source", row.article.to_owned())?;
        let on = |date: NaiveDate, event| format!("{date}{}{event}", lang.pick("，", ", "));
        line("起算日", "Anchor", on(clock.anchor, self.say(row.event)))?;
        line("期限", "Limit", self.limit(clock.limit))?;
        for extension in &clock.extensions {
            // What is not known on the day of the reading does not stand on its paper.
            if extension.approved_on > self.read_on() {
                continue;
            }
            let is_late = said.late_extensions.contains(&extension.approved_on);
            let late =
                self.aside(lang.pick("逾期后批准，无效", "after the due date, without effect"));
            let days = self.days(extension.days.into());
            let text = lang.pick(
                format!("{} 批准，{days}", extension.approved_on),
                format!("{days}, approved on {}", extension.approved_on),
            );
            line("延期", "Extension", text + if is_late { &late } else { "" })?;
        }
        for (place, interval) in clock.suspensions.iter().enumerate() {
            let Some(known) = interval.as_known_on(self.read_on()) else {
                continue;
            };
            let number = place + 1;
            let text = match known.end {
                Some(end) => lang.pick(
                    format!("（{number}）{} 至 {end}", known.start),
                    format!("({number}) {} to {end}", known.start),
                ),
                None => lang.pick(
                    format!("（{number}）自 {} 起，尚未结束", known.start),
                    format!("({number}) since {}, not ended", known.start),
                ),
            };
            line("中止", "Suspension", text)?;
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

    fn read_on(&self) -> NaiveDate {
        self.clock
            .stopped_on
            .map_or(self.today, |stop| stop.min(self.today))
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
        let (zh, one, many) = match unit {
            Unit::Workday => ("个工作日", "working day", "working days"),
            Unit::CalendarDay => ("个自然日", "calendar day", "calendar days"),
            Unit::Month => ("个月", "month", "months"),
            Unit::Year => ("年", "year", "years"),
        };
        let en = if n == 1 { one } else { many };
        self.lang.pick(format!("{n} {zh}"), format!("{n} {en}"))
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
