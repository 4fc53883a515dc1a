//! The morning digest of a department.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use lianshen_domain::application::{OwedActKind, OwedBy};
use lianshen_domain::digest;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};

use super::catalogue::{Department, Published};
use super::coded::CodeEnum;
use super::context::Ctx;
use super::scalars::{Date, DateTime};
use super::window::sought;
use crate::digest as digests;

/// What lay before a department when a working day began (晨报). It is kept as it was that morning, whatever has been done
/// since.
#[derive(SimpleObject)]
pub struct Digest {
    /// The day.
    pub day: Date,
    /// When it was made: at the hour that the centre has set, later if the program stood still then.
    pub made_at: DateTime,
    /// Code of the department.
    pub department_code: String,
    /// The department; null for one that the catalogue does not have any more.
    pub department: Option<Department>,
    /// Reviews that nobody had taken (待领取).
    pub open: u64,
    /// Reviews that somebody had taken (审查中).
    pub claimed: u64,
    /// Reviews that waited for a predecessor (待前置); nothing could be done on them, and they are in no count below.
    pub waiting: u64,
    /// Cases that waited for the decision (待决定).
    pub to_decide: u64,
    /// Of `open`, `claimed` and `toDecide`: the promise or the statutory period ended that day.
    pub due_today: u64,
    /// Of the same: a limit was near, and ended later.
    pub near: u64,
    /// Of the same: the promise had passed (承诺时限), the statutory period had not. What ended by law that day is in
    /// `dueToday`, too.
    pub promise_passed: u64,
    /// Of the same: the statutory period had passed (法定时限).
    pub statute_passed: u64,
    /// The acts that were due first, by `dueOn`, at most 50.
    #[graphql(complexity = "10 * child_complexity")]
    pub urgent: Vec<DigestAct>,
    /// Joint applications that the department leads and whose forecast passed the joint promise (预计超联办承诺), the latest
    /// first, at most 20; of many open ones the 200 whose promise ends first are looked at. For lead coordinators and
    /// supervisors; empty for others.
    #[graphql(complexity = "10 * child_complexity")]
    pub late: Vec<DigestLateApplication>,
}

/// An act that a department owed that morning.
#[derive(SimpleObject)]
pub struct DigestAct {
    /// Identifier of the case.
    pub case_id: ID,
    /// Its number (办件编号).
    pub case_number: String,
    /// Number on the receipt of its application (受理凭证号).
    pub receipt_number: String,
    /// Code of the item.
    pub item_code: String,
    /// Name of the item.
    pub item_name: String,
    /// What was owed: `OPINION`, `DECISION` or `END_PROCEDURE`.
    pub kind: CodeEnum<OwedActKind>,
    /// The last day of promise or statutory period, whichever came first and had not passed; where all had passed, that
    /// of the statutory period. Null while both stood still.
    pub due_on: Option<Date>,
    /// Working days of the department that were left after that day: 0 on the due date, negative when it had passed.
    pub days_left: Option<i64>,
}

/// A joint application that was expected to miss its promise.
#[derive(SimpleObject)]
pub struct DigestLateApplication {
    /// Identifier.
    pub application_id: ID,
    /// Number on the receipt.
    pub receipt_number: String,
    /// The day on which the last case was expected to be decided.
    pub ends_on: Date,
    /// By how many working days of the centre that was later than the joint promise.
    pub late_workdays: i64,
    /// Who held its clock: the acts whose delay delayed the whole, at most 5.
    pub held_by: Vec<DigestHolding>,
}

/// Who held the clock of an application.
#[derive(SimpleObject)]
pub struct DigestHolding {
    /// By what.
    pub kind: CodeEnum<OwedActKind>,
    /// Who.
    pub by: CodeEnum<OwedBy>,
    /// Code of the department; null for windows and applicants.
    pub department_code: Option<String>,
    /// The last day of the clock by which it was due; null while none ran.
    pub due_on: Option<Date>,
}

impl From<digest::UrgentAct> for DigestAct {
    fn from(act: digest::UrgentAct) -> Self {
        Self {
            case_id: CaseId::new(act.case).wire().into(),
            case_number: act.case_number,
            receipt_number: act.receipt_number,
            item_code: act.item,
            item_name: act.item_name,
            kind: act.kind.into(),
            due_on: act.due_on.map(Date),
            days_left: act.days_left,
        }
    }
}

impl From<digest::LateApplication> for DigestLateApplication {
    fn from(late: digest::LateApplication) -> Self {
        let held_by = late.held_by.into_iter().map(|holding| DigestHolding {
            kind: holding.kind.into(),
            by: holding.by.into(),
            department_code: holding.department,
            due_on: holding.due_on.map(Date),
        });
        Self {
            application_id: ApplicationId::new(late.application).wire().into(),
            receipt_number: late.receipt_number,
            ends_on: Date(late.ends_on),
            late_workdays: late.late_by,
            held_by: held_by.collect(),
        }
    }
}

/// What was told in the morning.
#[derive(Default)]
pub struct DigestQuery;

#[Object]
impl DigestQuery {
    /// The morning digest (晨报) of a working day: of your own department for reviewers, deciders and lead coordinators, of the
    /// department that they name for supervisors and the centre administrator; others are refused with `FORBIDDEN`. Null
    /// where there is none: on other days, before the hour that the centre has set, of other departments.
    #[graphql(complexity = "20 + child_complexity")]
    async fn digest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day; today if not given.")] day: Option<Date>,
        #[graphql(
            desc = "Code of the department; your own if not given. Whoever has none must name one."
        )]
        department_code: Option<String>,
    ) -> Result<Option<Digest>> {
        let ctx = Ctx::of(ctx)?;
        let day = day.map(|day| day.0);
        let department_code =
            sought(department_code, "departmentCode").map_err(|fault| ctx.fail(fault))?;
        let found = digests::digest(ctx.app(), ctx.actor()?, day, department_code)
            .await
            .map_err(|error| ctx.fail(error))?;
        let published = Published::to(ctx);
        Ok(found.map(|found| {
            let told = found.digest;
            Digest {
                day: Date(found.day),
                made_at: DateTime(found.made_at),
                department: published.and_then(|known| known.department(&found.department)),
                department_code: found.department,
                open: told.open,
                claimed: told.claimed,
                waiting: told.waiting,
                to_decide: told.to_decide,
                due_today: told.due_today,
                near: told.near,
                promise_passed: told.promise_passed,
                statute_passed: told.statute_passed,
                urgent: told.urgent.into_iter().map(Into::into).collect(),
                late: told.late.into_iter().map(Into::into).collect(),
            }
        }))
    }
}
