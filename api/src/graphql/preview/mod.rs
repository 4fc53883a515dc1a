//! Previews: what would be due. Arithmetic with law and calendar, open to everybody, reading and writing no case.

mod input;

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::NaiveDate;
use lianshen_domain::calendar::Calendar;
use lianshen_domain::clock::preview::{
    ClockAnswer, ComponentAnswer, DateAnswer, JointAnswer, JointDates, PreviewedClock,
    SerialAnswer, expect_few,
};
use lianshen_domain::clock::{ClockKind, ClockState, Conventions, JointPolicy, Lapse};
use lianshen_domain::rejected::{Lang, Reason, Rejected};

pub use input::DeadlinePreviewInput;

use super::calendar::query::region_of;
use super::clock::LawVersion;
use super::coded::CodeEnum;
use super::context::Ctx;
use super::deadline::{Deadline, say};
use super::scalars::Date;
use super::user_error::UserError;
use input::Asked;

/// What a preview answers. Parts that were not asked for are null; so is everything when there are `userErrors`.
#[derive(Default, SimpleObject)]
pub struct DeadlinePreviewPayload {
    /// The day from which the periods run; null while nothing has started them.
    pub anchor_date: Option<Date>,
    /// The last day of the acceptance check, the second one after a supplement, or of that in which silence accepted; null
    /// without a receipt.
    pub acceptance_check_due: Option<Date>,
    /// Whether silence has accepted by the day of the reading (行政许可法 第三十二条第一款第四项).
    pub deemed_accepted: Option<bool>,
    /// The day at whose beginning that was established.
    pub deemed_acceptance_established_on: Option<Date>,
    /// The promise; null while it has not begun.
    pub promised: Option<PreviewDeadline>,
    /// The statutory period; null while it has not begun.
    pub statutory: Option<PreviewDeadline>,
    /// The single clocks, in the order in which they were asked for.
    #[graphql(complexity = "10 * child_complexity")]
    pub clocks: Option<Vec<PreviewClock>>,
    /// The single days, in the order in which they were asked for.
    #[graphql(complexity = "10 * child_complexity")]
    pub dates: Option<Vec<PreviewDate>>,
    /// The joint application.
    pub joint: Option<PreviewJoint>,
    /// Why nothing was counted; all reasons at once.
    pub user_errors: Vec<UserError>,
}

/// A previewed period, with all that can be asked of a deadline.
#[derive(SimpleObject)]
pub struct PreviewDeadline {
    /// The last day in time; null while the clock is suspended.
    pub due: Option<Date>,
    /// The last day in time if the clock resumed on the day of the reading; null unless it is suspended.
    pub projected_due_if_resumed_on_as_of: Option<Date>,
    /// Days overdue, in `remainingUnit`; 0 if in time.
    pub overdue_workdays: i64,
    /// Whether it stopped in time; null while it has not stopped.
    pub on_time: Option<bool>,
    /// Days used up, in `remainingUnit`.
    pub elapsed_workdays: i64,
    /// What came too late to have an effect, in fixed English words for programs; `whyOverdue` says it in yours.
    pub notes: Vec<String>,
    /// All that can be asked of a deadline.
    #[graphql(flatten)]
    pub deadline: Deadline,
}

/// A single clock.
#[derive(SimpleObject)]
pub struct PreviewClock {
    /// Which.
    pub kind: CodeEnum<ClockKind>,
    /// What people call it, in the language of `Accept-Language`.
    pub name: &'static str,
    /// What its due date is called, e.g. `deliverBy`.
    pub label: &'static str,
    /// The last day in time; null where neither the law of that day, nor the centre, nor you set a period.
    pub date: Option<Date>,
    /// The first day of its lapse.
    pub lapses_on: Option<Date>,
    /// What that day is called, if it has a name, e.g. `deemedRenewedFrom`.
    pub lapse_label: Option<&'static str>,
    /// What it means that it lapses.
    pub on_lapse: CodeEnum<Lapse>,
    /// The text of the law in force on the day of the event; null for clocks of local rules, and before the law.
    pub law: Option<LawVersion>,
    /// The article.
    pub article: &'static str,
    /// The date rests on a year whose holiday notice has not come yet.
    pub provisional: bool,
}

/// A single day.
#[derive(SimpleObject)]
pub struct PreviewDate {
    /// The day that was counted to.
    pub date: Date,
    /// Whether it is worked.
    pub is_workday: bool,
    /// Working days after `from` through this day; negative if it is earlier.
    pub workdays: i64,
    /// A year was counted through whose holiday notice has not come yet.
    pub provisional: bool,
}

/// A joint application by each policy for suspended components (联合办理).
#[derive(SimpleObject)]
pub struct PreviewJoint {
    /// A day is excluded while any undecided component is suspended.
    pub any: Option<PreviewJointDates>,
    /// A day is excluded while all undecided components are.
    pub all: Option<PreviewJointDates>,
    /// No day is excluded.
    pub none: Option<PreviewJointDates>,
    /// By the policy in `config`, or of this installation.
    pub by_policy: Option<PreviewJointDates>,
    /// The working days excluded by each component, added up; overlaps count twice here, and so this moves no date.
    pub sum_of_components: i64,
    /// Each component.
    #[graphql(complexity = "10 * child_complexity")]
    pub components: Vec<PreviewComponent>,
    /// Each component that waits for others.
    #[graphql(complexity = "5 * child_complexity")]
    pub serial: Vec<PreviewSerial>,
}

/// The joint clock by one policy.
#[derive(SimpleObject)]
pub struct PreviewJointDates {
    /// The policy.
    pub policy: CodeEnum<JointPolicy>,
    /// The last day of the joint promise; null without one, and while it stands still.
    pub promised_due: Option<Date>,
    /// The last day of the joint statutory period; null without one, and while it stands still.
    pub statutory_due: Option<Date>,
    /// The working days that are excluded.
    pub excluded_workdays: i64,
    /// A date rests on a year whose holiday notice has not come yet.
    pub provisional: bool,
}

/// One component.
#[derive(SimpleObject)]
pub struct PreviewComponent {
    /// What you call it.
    pub code: String,
    /// The last day of its promise; null without one, and while it is suspended.
    pub promised_due: Option<Date>,
    /// The last day of its statutory period; null while it is suspended.
    pub statutory_due: Option<Date>,
    /// Whether it was decided in time; null while it is not decided.
    pub on_time: Option<bool>,
}

/// A component that waits for others.
#[derive(SimpleObject)]
pub struct PreviewSerial {
    /// Its code.
    pub code: String,
    /// The day on which the last result is shared and its clocks start; null while one is not decided.
    pub starts_on: Option<Date>,
}

/// What would be due.
#[derive(Default)]
pub struct PreviewQuery;

/// What would be due. No sign-in is needed.
#[expect(
    clippy::unused_async,
    reason = "the library wants async fields, and these read memory only"
)]
#[Object]
impl PreviewQuery {
    /// What would be due if this and that happened (期限试算): the clocks of a case that nobody has filed, any clock of
    /// the table from a day, days counted by the calendar, a joint application. It writes nothing and reads no case.
    /// Refused with all reasons at once: `NO_START`, `ACT_OUT_OF_ORDER`, `ACT_BEFORE_RECEIPT`,
    /// `RESUME_WITHOUT_SUSPEND`, `EXTENSION_TWICE`, `CODE_UNKNOWN`, `DEPARTMENT_UNKNOWN`, `NUMBER_OUT_OF_RANGE`,
    /// `DATE_OUT_OF_RANGE` (1949 to 2200), `LIST_TOO_LONG`.
    #[graphql(complexity = "600 + child_complexity")]
    async fn deadline_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked about.")] input: DeadlinePreviewInput,
    ) -> Result<DeadlinePreviewPayload> {
        let ctx = Ctx::of(ctx)?;
        let app = ctx.app();
        let as_of = input.as_of.map_or(app.env.moment().today, |day| day.0);
        let snapshot = app.library.present();
        let region = region_of(ctx, &snapshot);
        let department = input.department_code.clone();
        let department = department.as_deref();
        let calendar = snapshot.calendar(&region, department);
        // Days of the centre would be a wrong answer to who asked about a department.
        let is_unknown = |code: &&str| !snapshot.has_department(&region, code);
        let unknown = department.filter(is_unknown).map(|code| {
            let department = code.to_owned();
            Reason::DepartmentUnknown { department }.at("departmentCode")
        });
        let asked = Asked::from(input);
        let answered = answer(
            asked,
            |received_on| app.config.conventions_on(received_on),
            calendar,
            as_of,
            ctx.lang(),
        );
        let faults = match answered {
            Ok(payload) if unknown.is_none() => return Ok(payload),
            Ok(_) => Vec::new(),
            Err(faults) => faults,
        };
        Ok(DeadlinePreviewPayload {
            user_errors: UserError::all(unknown.into_iter().chain(faults).collect(), ctx.lang()),
            ..DeadlinePreviewPayload::default()
        })
    }
}

/// Answers every part by what was `decided` for what was received on its day, as the clocks of cases are; or tells everything
/// that stands in the way.
fn answer<'a>(
    mut asked: Asked,
    decided: impl Fn(NaiveDate) -> &'a Conventions,
    calendar: &Arc<Calendar>,
    as_of: NaiveDate,
    lang: Lang,
) -> Result<DeadlinePreviewPayload, Vec<Rejected>> {
    let otherwise = std::mem::take(&mut asked.conventions);
    let by = |day: NaiveDate| otherwise.apply(decided(day));
    // What is asked otherwise is out of its bounds on any day, and also where nothing is counted by it.
    by(as_of)?;
    let mut payload = DeadlinePreviewPayload::default();
    let mut faults = Vec::new();
    if let Some(case) = asked.case(as_of, by)? {
        match case.read(calendar) {
            Ok(read) => {
                let deadline = |clock: PreviewedClock| PreviewDeadline::of(clock, calendar, as_of);
                payload.anchor_date = read.anchor_on.map(Date);
                payload.acceptance_check_due = read.check_due_on.map(Date);
                payload.deemed_accepted = Some(read.deemed.is_some());
                payload.deemed_acceptance_established_on =
                    read.deemed.map(|deemed| Date(deemed.established_on));
                payload.promised = read.promised.map(deadline);
                payload.statutory = read.statutory.map(deadline);
            }
            Err(found) => faults.extend(found),
        }
    }
    payload.clocks = each(asked.clocks, "clocks", &mut faults, |at, question| {
        let answer = question.answer(at, &by(question.on)?, calendar)?;
        Ok(PreviewClock::of(&answer, lang))
    });
    payload.dates = each(asked.dates, "dates", &mut faults, |at, question| {
        Ok(question.answer(at, calendar)?.into())
    });
    if let Some(joint) = asked.joint {
        let conventions = by(joint.accepted_on)?;
        match joint.answer(as_of, &conventions, calendar) {
            Ok(answer) => {
                let policy = conventions.joint_suspension_policy;
                payload.joint = Some(PreviewJoint::of(answer, policy));
            }
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() {
        Ok(payload)
    } else {
        Err(faults)
    }
}

/// Answers each question of a list that is not too long.
fn each<Q, A>(
    questions: Option<Vec<Q>>,
    place: &str,
    faults: &mut Vec<Rejected>,
    answer: impl Fn(usize, Q) -> Result<A, Vec<Rejected>>,
) -> Option<Vec<A>> {
    let questions = questions?;
    if let Err(fault) = expect_few(questions.len(), place) {
        faults.push(fault);
        return None;
    }
    let mut answers = Vec::new();
    for (at, question) in questions.into_iter().enumerate() {
        match answer(at, question) {
            Ok(answer) => answers.push(answer),
            Err(found) => faults.extend(found),
        }
    }
    Some(answers)
}

impl PreviewDeadline {
    fn of(clock: PreviewedClock, calendar: &Arc<Calendar>, as_of: NaiveDate) -> Self {
        let deadline = Deadline::of(&clock.running, clock.suspending, calendar, as_of);
        let state = deadline.state.0;
        Self {
            due: deadline.due_on,
            projected_due_if_resumed_on_as_of: (state == ClockState::Suspended)
                .then_some(deadline.projected_on),
            overdue_workdays: deadline.remaining.saturating_neg().max(0),
            on_time: (state == ClockState::Stopped).then_some(!deadline.overdue),
            elapsed_workdays: deadline.elapsed,
            notes: deadline.notes(),
            deadline,
        }
    }
}

impl PreviewClock {
    fn of(answer: &ClockAnswer, lang: Lang) -> Self {
        let row = answer.kind.row();
        Self {
            kind: answer.kind.into(),
            name: say(row.name, lang),
            label: row.label,
            date: answer.on.map(Date),
            lapses_on: answer.lapses_on.map(Date),
            lapse_label: answer.kind.lapse_label(),
            on_lapse: answer.lapse.into(),
            law: answer.law.map(|version| LawVersion::of(version, lang)),
            article: say(answer.article, lang),
            provisional: answer.provisional,
        }
    }
}

impl From<DateAnswer> for PreviewDate {
    fn from(answer: DateAnswer) -> Self {
        Self {
            date: Date(answer.on),
            is_workday: answer.is_workday,
            workdays: answer.workdays,
            provisional: answer.provisional,
        }
    }
}

impl PreviewJoint {
    fn of(answer: JointAnswer, decided: JointPolicy) -> Self {
        let by = |wanted: JointPolicy| {
            let mut all = answer.by_policy.iter();
            let (policy, dates) = all.find(|(policy, _)| *policy == wanted)?;
            Some(PreviewJointDates::of(*policy, *dates))
        };
        Self {
            any: by(JointPolicy::Any),
            all: by(JointPolicy::All),
            none: by(JointPolicy::None),
            by_policy: by(decided),
            sum_of_components: answer.sum_of_components,
            components: answer.components.into_iter().map(Into::into).collect(),
            serial: answer.serial.into_iter().map(Into::into).collect(),
        }
    }
}

impl PreviewJointDates {
    fn of(policy: JointPolicy, dates: JointDates) -> Self {
        Self {
            policy: policy.into(),
            promised_due: dates.promised_due_on.map(Date),
            statutory_due: dates.statutory_due_on.map(Date),
            excluded_workdays: dates.excluded_workdays,
            provisional: dates.provisional,
        }
    }
}

impl From<ComponentAnswer> for PreviewComponent {
    fn from(answer: ComponentAnswer) -> Self {
        Self {
            code: answer.code,
            promised_due: answer.promised_due_on.map(Date),
            statutory_due: answer.statutory_due_on.map(Date),
            on_time: answer.on_time,
        }
    }
}

impl From<SerialAnswer> for PreviewSerial {
    fn from(answer: SerialAnswer) -> Self {
        Self {
            code: answer.code,
            starts_on: answer.starts_on.map(Date),
        }
    }
}
