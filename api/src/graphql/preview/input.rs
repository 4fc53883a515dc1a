//! What a preview is asked about.

use async_graphql::InputObject;
use chrono::NaiveDate;
use lianshen_domain::clock::preview::{
    AskedEvent, AskedLimit, ClockQuestion, DateQuestion, JointComponent, JointQuestion, Otherwise,
    Preview, SerialQuestion,
};
use lianshen_domain::clock::{
    ActKind, Anchor, Boundary, ClockKind, Conventions, JointPolicy, Unit,
};
use lianshen_domain::rejected::Rejected;

use crate::graphql::coded::CodeEnum;
use crate::graphql::scalars::Date;

/// A case that nobody has filed, single clocks, single days, or a joint application: each part is answered by itself.
#[derive(InputObject)]
pub struct DeadlinePreviewInput {
    /// The event from which both periods run; acceptance if not given.
    pub anchor: Option<CodeEnum<Anchor>>,
    /// The promised period.
    pub promised: Option<PreviewLimitInput>,
    /// The statutory period.
    pub statutory: Option<PreviewLimitInput>,
    /// What happens, in its order; at most 200. The first is the receipt or the acceptance.
    pub events: Option<Vec<PreviewEventInput>>,
    /// The day on which the clocks are read; today if not given. Events after it are not yet known.
    pub as_of: Option<Date>,
    /// What the law leaves open; each as this installation has decided if not given, and as it had decided on the day of the
    /// first event, if that was otherwise.
    pub config: Option<PreviewConfigInput>,
    /// Single clocks of the table; at most 50.
    pub clocks: Option<Vec<PreviewClockInput>>,
    /// Days to count; at most 50.
    pub dates: Option<Vec<PreviewDateInput>>,
    /// A joint application.
    pub joint: Option<PreviewJointInput>,
    /// Code of a department, whose own notices then count too; without it, the centre as a whole.
    pub department_code: Option<String>,
}

/// A period.
#[derive(InputObject)]
pub struct PreviewLimitInput {
    /// How many: 0 to 3,650; 0 is an immediate case (即办).
    pub n: i32,
    /// Of what.
    pub unit: CodeEnum<Unit>,
}

/// Something that happens.
#[derive(InputObject)]
pub struct PreviewEventInput {
    /// What: `RECEIVED`, `CORRECTION_NOTICE`, `SUPPLEMENT`, `ACCEPTED`, `SUSPEND`, `RESUME`, `EXTEND`, `DECIDED`,
    /// `TERMINATED`; others move neither clock.
    #[graphql(name = "type")]
    pub kind: CodeEnum<ActKind>,
    /// When; never before the event above it.
    pub date: Date,
    /// Why, for a suspension: a special procedure of article 45 such as `EXPERT_REVIEW`, `APPLICANT_SUPPLEMENT` (only
    /// the promise pauses), `THIRD_PARTY_CONSULTATION` or `OTHER_AGENCY_CONSULTATION`. A `RESUME` with a reason ends
    /// the suspension for it, one without the last.
    pub reason: Option<String>,
    /// The working days of which the applicant was told, for a suspension.
    pub notified_days: Option<i32>,
    /// The days of an extension: 1 to 3,650, in the unit of each period.
    pub days: Option<i32>,
    /// Who approved the extension, e.g. `AGENCY_HEAD`.
    pub approved_by: Option<String>,
    /// Whether it came after closing time, for a receipt, a supplement, and the end of the suspension `APPLICANT_SUPPLEMENT`
    /// that is named by its `reason`. It matters only with `afterHoursRollsForward`.
    #[graphql(default)]
    pub after_hours: bool,
    /// The clocks that a suspension, its end or an extension is about: `promised`, `statutory`; both if not given.
    pub applies_to: Option<Vec<String>>,
}

/// What the law leaves open (约定口径). What is not given is as this installation had decided for what was received on the day
/// of the first event, on the day of unified acceptance, on the day of a single clock.
#[derive(Default, InputObject)]
pub struct PreviewConfigInput {
    /// Whether the first and last day of a suspension count.
    pub suspension_boundary: Option<CodeEnum<Boundary>>,
    /// Whether a period of calendar days, months or years that ends on a day off ends on the next working day.
    pub roll_calendar_end: Option<bool>,
    /// Whether an extension lengthens the promise, too.
    pub extension_applies_to_promise: Option<bool>,
    /// Whether material asked for after acceptance pauses the promise, once.
    pub post_acceptance_supplement_pauses_promise: Option<bool>,
    /// Whether a suspension excludes no more than `notifiedDays`.
    pub cap_exclusion_at_notified_duration: Option<bool>,
    /// When suspended components stop the joint clock.
    pub joint_suspension_policy: Option<CodeEnum<JointPolicy>>,
    /// Working days of the acceptance check: 1 to 5.
    pub acceptance_check_days: Option<i32>,
    /// Working days that an applicant has for a supplement: 1 to 250.
    pub supplement_days: Option<i32>,
    /// Working days for material that a conditional acceptance waits for: 1 to 60.
    pub conditional_supplement_days: Option<i32>,
    /// Working days for an opinion that a case asks of another department: 1 to 60.
    pub opinion_days: Option<i32>,
    /// Unit of the five days in which a hearing may be asked for.
    pub hearing_request_unit: Option<CodeEnum<Unit>>,
    /// Unit of the days before expiry by which a renewal must be applied for, where the item does not say; what an item says
    /// is asked for by the `limit` of a clock.
    pub renewal_unit: Option<CodeEnum<Unit>>,
    /// Whether what is received after closing time (`afterHours`) counts as received on the next day.
    pub after_hours_rolls_forward: Option<bool>,
}

/// A clock of the table, by itself.
#[derive(InputObject)]
pub struct PreviewClockInput {
    /// Which.
    pub kind: CodeEnum<ClockKind>,
    /// The day of its event. The period runs from it; for `HEARING_NOTICE` and `RENEWAL_APPLY` it runs up to it. The law
    /// in force on this day counts.
    pub on: Date,
    /// Another period than that of the law or the centre.
    pub limit: Option<PreviewLimitInput>,
}

/// Days counted from a day.
#[derive(InputObject)]
pub struct PreviewDateInput {
    /// The day, itself not counted.
    pub from: Date,
    /// So many working days later, earlier if negative.
    pub workdays: Option<i32>,
    /// So many calendar days later, earlier if negative; after the working days, if both are given.
    pub days: Option<i32>,
    /// The day through which working days are counted; the others are then not looked at.
    pub to: Option<Date>,
}

/// A joint application (联合办理).
#[derive(InputObject)]
pub struct PreviewJointInput {
    /// The day of unified acceptance.
    pub unified_accepted_on: Date,
    /// The joint promise in working days.
    pub joint_promised: Option<i32>,
    /// The joint statutory period in working days.
    pub joint_statutory: Option<i32>,
    /// Its components; at most 50.
    pub components: Vec<PreviewComponentInput>,
    /// Which components wait for which.
    pub serial: Option<Vec<PreviewSerialInput>>,
}

/// One item of a joint application.
#[derive(InputObject)]
pub struct PreviewComponentInput {
    /// What you call it.
    pub code: String,
    /// The day on which its own clocks start: unified acceptance, or the day on which its predecessor's result is shared.
    pub clock_starts_on: Date,
    /// Its promise in working days.
    pub promised: Option<i32>,
    /// Its statutory period in working days; 20 if not given (行政许可法 第四十二条).
    pub statutory: Option<i32>,
    /// First and last day of each suspension, e.g. `["2026-04-08", "2026-04-15"]`; one that goes on has no last day.
    /// At most 200 of all components together.
    #[graphql(default)]
    pub suspensions: Vec<Vec<Date>>,
    /// The day of its decision; from then on it suspends nothing.
    pub decided_on: Option<Date>,
}

/// A component that waits for others.
#[derive(InputObject)]
pub struct PreviewSerialInput {
    /// The codes of those that it waits for.
    pub before: Vec<String>,
    /// Its code.
    pub after: String,
}

/// A case that nobody has filed, before it is known on which day it is read.
struct AskedCase {
    anchor: Anchor,
    promised: Option<AskedLimit>,
    statutory: Option<AskedLimit>,
    events: Vec<AskedEvent>,
}

/// The questions, as the core takes them.
pub(super) struct Asked {
    pub(super) conventions: Otherwise,
    case: Option<AskedCase>,
    pub(super) clocks: Option<Vec<ClockQuestion>>,
    pub(super) dates: Option<Vec<DateQuestion>>,
    pub(super) joint: Option<JointQuestion>,
}

impl Asked {
    /// The case, if one was asked for, by what `decided` tells of the day of its first event.
    ///
    /// # Errors
    /// What `decided` refuses.
    pub(super) fn case(
        &mut self,
        as_of: NaiveDate,
        decided: impl FnOnce(NaiveDate) -> Result<Conventions, Vec<Rejected>>,
    ) -> Result<Option<Preview>, Vec<Rejected>> {
        let Some(asked) = self.case.take() else {
            return Ok(None);
        };
        let received_on = asked.events.first().map_or(as_of, |event| event.on);
        Ok(Some(Preview {
            anchor: asked.anchor,
            promised: asked.promised,
            statutory: asked.statutory,
            events: asked.events,
            as_of,
            conventions: decided(received_on)?,
        }))
    }
}

impl From<DeadlinePreviewInput> for Asked {
    fn from(input: DeadlinePreviewInput) -> Self {
        let is_case =
            input.promised.is_some() || input.statutory.is_some() || input.events.is_some();
        let events = input.events.unwrap_or_default().into_iter();
        let case = AskedCase {
            anchor: input.anchor.map_or(Anchor::Accepted, |anchor| anchor.0),
            promised: input.promised.map(Into::into),
            statutory: input.statutory.map(Into::into),
            events: events.map(Into::into).collect(),
        };
        Self {
            conventions: input.config.unwrap_or_default().into(),
            case: is_case.then_some(case),
            clocks: input.clocks.map(listed),
            dates: input.dates.map(listed),
            joint: input.joint.map(Into::into),
        }
    }
}

fn listed<T, U: From<T>>(list: Vec<T>) -> Vec<U> {
    list.into_iter().map(Into::into).collect()
}

impl From<PreviewLimitInput> for AskedLimit {
    fn from(input: PreviewLimitInput) -> Self {
        Self {
            n: input.n.into(),
            unit: input.unit.0,
        }
    }
}

impl From<PreviewEventInput> for AskedEvent {
    fn from(input: PreviewEventInput) -> Self {
        Self {
            kind: input.kind.0,
            on: input.date.0,
            reason: input.reason,
            notified_days: input.notified_days.map(Into::into),
            days: input.days.map(Into::into),
            approved_by: input.approved_by,
            after_hours: input.after_hours,
            applies_to: input.applies_to,
        }
    }
}

impl From<PreviewConfigInput> for Otherwise {
    fn from(input: PreviewConfigInput) -> Self {
        Self {
            suspension_boundary: input.suspension_boundary.map(|code| code.0),
            roll_calendar_end: input.roll_calendar_end,
            extension_applies_to_promise: input.extension_applies_to_promise,
            post_acceptance_supplement_pauses_promise: input
                .post_acceptance_supplement_pauses_promise,
            cap_exclusion_at_notified_duration: input.cap_exclusion_at_notified_duration,
            joint_suspension_policy: input.joint_suspension_policy.map(|code| code.0),
            acceptance_check_days: input.acceptance_check_days.map(Into::into),
            supplement_days: input.supplement_days.map(Into::into),
            conditional_supplement_days: input.conditional_supplement_days.map(Into::into),
            opinion_days: input.opinion_days.map(Into::into),
            hearing_request_unit: input.hearing_request_unit.map(|code| code.0),
            renewal_unit: input.renewal_unit.map(|code| code.0),
            after_hours_rolls_forward: input.after_hours_rolls_forward,
        }
    }
}

impl From<PreviewClockInput> for ClockQuestion {
    fn from(input: PreviewClockInput) -> Self {
        Self {
            kind: input.kind.0,
            on: input.on.0,
            limit: input.limit.map(Into::into),
        }
    }
}

impl From<PreviewDateInput> for DateQuestion {
    fn from(input: PreviewDateInput) -> Self {
        Self {
            from: input.from.0,
            workdays: input.workdays.map(Into::into),
            days: input.days.map(Into::into),
            to: input.to.map(|to| to.0),
        }
    }
}

impl From<PreviewJointInput> for JointQuestion {
    fn from(input: PreviewJointInput) -> Self {
        Self {
            accepted_on: input.unified_accepted_on.0,
            promised: input.joint_promised.map(Into::into),
            statutory: input.joint_statutory.map(Into::into),
            components: listed(input.components),
            serial: input.serial.map(listed).unwrap_or_default(),
        }
    }
}

impl From<PreviewComponentInput> for JointComponent {
    fn from(input: PreviewComponentInput) -> Self {
        let days = |pair: Vec<Date>| pair.into_iter().map(|day| day.0).collect();
        Self {
            code: input.code,
            starts_on: input.clock_starts_on.0,
            promised: input.promised.map(Into::into),
            statutory: input.statutory.map(Into::into),
            suspensions: input.suspensions.into_iter().map(days).collect(),
            decided_on: input.decided_on.map(|day| day.0),
        }
    }
}

impl From<PreviewSerialInput> for SerialQuestion {
    fn from(input: PreviewSerialInput) -> Self {
        Self {
            before: input.before,
            after: input.after,
        }
    }
}
