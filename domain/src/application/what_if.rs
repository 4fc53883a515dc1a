//! What would become of the clocks of a running case if something happened to it. Nothing is written.

use std::sync::Arc;

use chrono::NaiveDate;

use super::correction::expect_days;
use super::{Begin, Extend, File, FileClock, Moment, Rules, When};
use crate::clock::{Act, ActKind, ClockKind, Limit, Running, Unit, run};
use crate::coded;
use crate::event::Happening;
use crate::ids::{AccountId, CaseId};
use crate::item::{ExtensionApprover, SpecialProcedureKind};
use crate::rejected::{Reason, Rejected};

coded! {
    /// What somebody wonders about.
    pub enum WhatIfKind {
        /// 特别程序: a special procedure is begun.
        Procedure = "PROCEDURE",
        /// 延期: the periods of the case are extended.
        Extension = "EXTENSION",
        /// 增加审查部门: another department is asked for its opinion.
        Reviewer = "REVIEWER",
        /// 无人办理: nothing is done for some working days.
        Silence = "SILENCE",
    }
}

/// Something that might happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// What.
    pub kind: WhatIfKind,
    /// The procedure, if it is one.
    pub procedure: Option<SpecialProcedureKind>,
    /// The day on which it happens.
    pub on: NaiveDate,
    /// How long: the working days of a procedure, an opinion or a silence, the days of an extension.
    pub days: u32,
    /// The day on which the procedure ends; when its time is over if not given.
    pub until: Option<NaiveDate>,
}

/// What becomes of one clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The case; `None` for the application as a whole.
    pub case: Option<CaseId>,
    /// Which clock.
    pub kind: ClockKind,
    /// The n-th of its kind.
    pub ordinal: u32,
    /// The due date as it stands, or while suspended the projected one; `None` for a clock that would begin.
    pub before: Option<NaiveDate>,
    /// The due date as it would be.
    pub after: NaiveDate,
    /// The days between the two, in `unit`; negative if it comes nearer.
    pub days: i64,
    /// Working days, or calendar days.
    pub unit: Unit,
    /// Whether it would be overdue when all that was asked about is over, and is not now.
    pub becomes_overdue: bool,
}

/// The clocks after everything, and the day on which they are read.
struct Then {
    file: File,
    asked: Vec<FileClock>,
    read_on: NaiveDate,
}

impl File {
    /// What would become of the open clocks of a case and of the whole, if these things happened in this order. The same
    /// rules decide as if somebody did them.
    ///
    /// # Errors
    /// What the acts refuse, pointing at them; `NumberOutOfRange`, `ActOutOfOrder` for an end before its start,
    /// `CodeUnknown` for a procedure that is not named.
    pub fn what_if(
        &self,
        case: CaseId,
        acts: &[WhatIf],
        (by, at): (AccountId, Moment),
        rules: &dyn Rules,
    ) -> Result<Vec<Moved>, Rejected> {
        self.under_way(case)?;
        let mut then = Then {
            file: self.clone(),
            asked: Vec::new(),
            read_on: at.today,
        };
        for (place, act) in acts.iter().enumerate() {
            let at = Moment {
                today: act.on.max(at.today),
                ..at
            };
            then.happens(case, act, (by, at), rules)
                .map_err(|refused| within(refused, place))?;
        }
        Ok(self.compare(case, &then, at.today, rules))
    }

    fn compare(
        &self,
        case: CaseId,
        then: &Then,
        today: NaiveDate,
        rules: &dyn Rules,
    ) -> Vec<Moved> {
        let before = self.clocks(rules);
        let after = then.file.clocks(rules);
        let concerns = |clock: &&FileClock| {
            let is_open = clock.running.stopped_by.is_none();
            is_open && clock.case.is_none_or(|id| id == case)
        };
        let after = after.iter().filter(concerns).chain(&then.asked);
        after
            .filter_map(|clock| {
                let former = before.iter().find(|former| former.is_same(clock));
                let moved = moved(former, clock, (today, then.read_on));
                let matters = moved.before.is_none() || moved.days != 0 || moved.becomes_overdue;
                matters.then_some(moved)
            })
            .collect()
    }
}

impl FileClock {
    fn is_same(&self, other: &Self) -> bool {
        let key = |clock: &Self| (clock.case, clock.running.kind, clock.running.ordinal);
        key(self) == key(other)
    }
}

impl Then {
    fn happens(
        &mut self,
        case: CaseId,
        act: &WhatIf,
        (by, at): (AccountId, Moment),
        rules: &dyn Rules,
    ) -> Result<(), Rejected> {
        let when = When { at, on: act.on };
        let department = self.file.under_way(case)?.department.clone();
        let calendar = rules.calendar(Some(&department));
        match act.kind {
            WhatIfKind::Procedure => {
                let kind = act.procedure.ok_or_else(procedure_missing)?;
                let begin = Begin {
                    kind,
                    expected: Limit::workdays(act.days),
                    notice_delivered_on: act.on,
                    of_own_motion: false,
                };
                let happenings = self.file.begin_procedure(case, begin, when, rules)?;
                self.note(&happenings, (by, at), rules);
                let told = rules.conventions().clock(act.on, begin.expected);
                let told = told.due_on(calendar);
                let until = act.until.or(told).unwrap_or(act.on);
                let at = Moment {
                    today: at.today.max(until),
                    ..at
                };
                let ended = self
                    .file
                    .end_procedure(case, kind, When { at, on: until })?;
                self.note(&ended, (by, at), rules);
                self.read_on = self.read_on.max(until);
            }
            WhatIfKind::Extension => {
                let item = rules.item(self.file.under_way(case)?);
                let allowed = item.and_then(|item| item.extension);
                let approver = allowed.map_or(ExtensionApprover::AgencyHead, |one| one.approver);
                let extend = Extend {
                    days: act.days,
                    approver,
                };
                let extended = self.file.extend(case, extend, when, rules)?;
                self.note(&extended, (by, at), rules);
            }
            WhatIfKind::Reviewer => {
                expect_days(act.days, "days")?;
                let passed =
                    [Act::new(ActKind::Passed, act.on).setting(Some(Limit::workdays(act.days)))];
                let terms = self.file.terms_of_the_whole(rules);
                let subject = self.file.under_way(case)?;
                let suspended = self.file.pauses_until(subject, None, rules);
                for running in run(ClockKind::Opinion, &passed, &terms, &suspended, calendar) {
                    let due_on = running.clock.due_on(calendar);
                    self.read_on = self.read_on.max(due_on.unwrap_or(act.on));
                    // Numbered after those that were asked for.
                    let asked = self.file.under_way(case)?.asked;
                    let before = u32::try_from(self.asked.len()).unwrap_or(u32::MAX);
                    self.asked.push(FileClock {
                        case: Some(case),
                        department: None,
                        suspending: running.suspending(&passed),
                        running: Running {
                            ordinal: asked.saturating_add(before).saturating_add(1),
                            ..running
                        },
                        calendar: Arc::clone(calendar),
                        grave: false,
                    });
                }
            }
            WhatIfKind::Silence => {
                expect_days(act.days, "days")?;
                let since = self.read_on.max(act.on);
                self.read_on = calendar.add_workdays(since, act.days);
            }
        }
        Ok(())
    }

    fn note(&mut self, happenings: &[Happening], (by, at): (AccountId, Moment), rules: &dyn Rules) {
        self.file.course.add(happenings, Some(by), at);
        self.file.wind(rules, at.today);
    }
}

fn moved(
    former: Option<&FileClock>,
    clock: &FileClock,
    (today, read_on): (NaiveDate, NaiveDate),
) -> Moved {
    let (running, calendar) = (&clock.running, &clock.calendar);
    let now = former.map(|former| former.deadline(today));
    let then = clock.deadline(read_on);
    let before = now.as_ref().map(|now| now.projected_on);
    // All that was asked about counts, also what happens after the day of the reading.
    let recorded = clock.due_on();
    let after = recorded.unwrap_or(then.projected_on);
    let unit = then.remaining_unit;
    let days = before.map_or(0, |before| {
        let (first, last) = (before.min(after), before.max(after));
        let days = match unit {
            Unit::Workday => calendar.workdays_between(first, last),
            _ => (last - first).num_days(),
        };
        if after < before { -days } else { days }
    });
    Moved {
        case: clock.case,
        kind: running.kind,
        ordinal: running.ordinal,
        before,
        after,
        days,
        unit,
        becomes_overdue: then.overdue && !now.is_some_and(|now| now.overdue),
    }
}

fn procedure_missing() -> Rejected {
    let known = crate::code::Code::ALL
        .iter()
        .map(|kind: &SpecialProcedureKind| crate::code::Code::code(*kind));
    let known = known.collect::<Vec<_>>().join(" / ");
    Reason::CodeUnknown { known }.at("procedure")
}

/// The refusal of one of several acts.
fn within(refused: Rejected, place: usize) -> Rejected {
    // What the acts call otherwise is called so here.
    let own = refused.field.into_iter().map(|step| match step.as_str() {
        "expected" => "days".to_owned(),
        "happenedOn" | "noticeDeliveredOn" => "on".to_owned(),
        _ => step,
    });
    let own = own.filter(|step| step != "n");
    Rejected {
        field: ["acts".to_owned(), place.to_string()]
            .into_iter()
            .chain(own)
            .collect(),
        ..refused
    }
}
