//! The dashboard: how many there are of each.

use async_graphql::{Context, Object, Result, SimpleObject};
use lianshen_domain::case::{CaseResult, CaseState};
use lianshen_domain::clock::{CardModel, Lamp, Standing};
use lianshen_domain::supervision::CardLevel;
use lianshen_domain::tally::Counts;

use super::catalogue::{Department, Published};
use super::context::Ctx;
use super::scalars::Date;
use crate::tally;

/// How many cases and cards there are (统计看板): of the centre, or of your department. Exact at the moment of the answer.
#[derive(SimpleObject)]
pub struct Dashboard {
    /// Today at the centre: by this day open cases are near a limit or late.
    pub today: Date,
    /// The first day of the month for which `concluded` and the raised cards are told.
    pub month: Date,
    /// Each department (部门) of the centre, by code, also those with nothing to count; for people of a department only that
    /// one.
    pub departments: Vec<DepartmentDashboard>,
    /// Alerts and cards of no department: about applications as a whole, by the joint limits (并联审批时限) and the acceptance
    /// check (`TIME_06`), and about what a window has to hand over (`TIME_08`), also of one case. All 0 for people of a
    /// department.
    pub joint_cards: CardCounts,
    /// The sum of all departments, and of `jointCards`.
    pub total: DashboardTotal,
}

/// The counts of a department.
#[derive(SimpleObject)]
pub struct DepartmentDashboard {
    /// Code of the department.
    pub department_code: String,
    /// The department; null for one that the catalogue does not have any more.
    pub department: Option<Department>,
    /// Its open cases (在办), today, whenever they began.
    pub open: OpenCases,
    /// Its cases that ended in the month (办结).
    pub concluded: ConcludedCases,
    /// Its alerts and cards: those of which it is the `Card.department`.
    pub cards: CardCounts,
}

/// Sums over departments.
#[derive(SimpleObject)]
pub struct DashboardTotal {
    /// Open cases (在办), today, whenever they began.
    pub open: OpenCases,
    /// Cases that ended in the month (办结).
    pub concluded: ConcludedCases,
    /// Alerts and cards.
    pub cards: CardCounts,
}

/// How many cases are open, today.
#[derive(SimpleObject)]
pub struct OpenCases {
    /// All of them: the sum of the states, of the lamps and of the deadlines.
    pub total: i64,
    /// In state `RECEIVED`: not accepted yet.
    pub received: i64,
    /// In state `CORRECTION`: the applicant's supplement is awaited.
    pub correction: i64,
    /// In state `AWAITING_PREDECESSOR`: another case must be granted first.
    pub awaiting_predecessor: i64,
    /// In state `IN_REVIEW`.
    pub in_review: i64,
    /// In state `SUSPENDED`: a special procedure is under way (特别程序).
    pub suspended: i64,
    /// In state `DECIDING`.
    pub deciding: i64,
    /// By the lamp that each shows, as `Case.lamp`.
    pub lamps: LampCounts,
    /// By what its limits say, whatever the colours of the centre mean.
    pub deadlines: DeadlineCounts,
}

/// Open cases by the lamp that they show today; what a colour means is told by `Lamp`.
#[derive(SimpleObject)]
pub struct LampCounts {
    /// `OFF`: no clock runs towards a date.
    pub off: i64,
    /// `GREEN`.
    pub green: i64,
    /// `ALERT`.
    pub alert: i64,
    /// `YELLOW`.
    pub yellow: i64,
    /// `RED`.
    pub red: i64,
}

/// Open cases by what their limits say today; each in one of these, the gravest.
#[derive(SimpleObject)]
pub struct DeadlineCounts {
    /// No clock runs towards a date: none has begun, or all stand still.
    pub undated: i64,
    /// In time.
    pub in_time: i64,
    /// A limit is near, and none has passed.
    pub near: i64,
    /// The promise has passed (承诺时限), the statutory period has not.
    pub promise_passed: i64,
    /// The statutory period of the case has passed (法定时限). The joint period is that of the application, and of none of its
    /// cases: what passes it is in `jointCards`.
    pub statute_passed: i64,
}

/// How many cases ended in the month, by the date of what ended them.
///
/// A refusal that was revoked is in none of these counts, and in that of no month, until the case is decided anew. Then the
/// new decision counts, in its own month and by its own period: a case that was refused late, opened again and granted in
/// time is in time. The cards that it was given before stay, and stay counted.
#[derive(SimpleObject)]
pub struct ConcludedCases {
    /// The cases that were closed (办结件), without those that were not accepted or were voided: the sum of `granted`,
    /// `refused`, `terminated`, `withdrawn` and `acceptanceRevoked`, and of `inTime`, `promisePassed`, `statutePassed`
    /// and `undated`.
    pub total: i64,
    /// Granted (准予), also by silence (视为准予延续).
    pub granted: i64,
    /// Refused (不予许可).
    pub refused: i64,
    /// Ended without decision (终止).
    pub terminated: i64,
    /// Not accepted (不受理, 不予受理); not in `total`.
    pub not_accepted: i64,
    /// Withdrawn by the applicant, or treated as withdrawn because no supplement came (撤回).
    pub withdrawn: i64,
    /// What a conditional acceptance waited for never came (撤销受理).
    pub acceptance_revoked: i64,
    /// Voided as mistaken records (作废); not in `total`.
    pub voided: i64,
    /// Granted or refused by the department within promise and statutory period, or within the period of a new decision. The
    /// joint period is not looked at: it binds the application, and none of its cases.
    pub in_time: i64,
    /// Granted or refused by the department after the promise (承诺时限), within the statutory period.
    pub promise_passed: i64,
    /// Granted or refused by the department after the statutory period (法定时限), or after that of a new decision.
    pub statute_passed: i64,
    /// The cases of `inTime`, `promisePassed` and `statutePassed` once more, as if nothing had ever suspended (挂起) a clock:
    /// every day is charged, and an extension or an entry after the fact that would have come too late is of no effect.
    /// The difference is what suspensions are worth to a department; publish both.
    pub with_suspended_days: DecidedCases,
    /// In `total`, and neither in time nor late: the department did not decide. It was withdrawn or terminated, or its
    /// acceptance revoked, or silence granted it.
    pub undated: i64,
}

/// How many cases were granted or refused in the month, by how late.
#[derive(SimpleObject)]
pub struct DecidedCases {
    /// Within promise and statutory period.
    pub in_time: i64,
    /// After the promise (承诺时限), within the statutory period.
    pub promise_passed: i64,
    /// After the statutory period (法定时限).
    pub statute_passed: i64,
}

/// How many alerts and cards there are.
#[derive(SimpleObject)]
pub struct CardCounts {
    /// Alerts (预警) dated to the month, cleared since or not.
    pub alert: i64,
    /// Yellow cards (黄牌) dated to the month.
    pub yellow: i64,
    /// Red cards (红牌) dated to the month.
    pub red: i64,
    /// Warnings that stand now, whenever they were raised: their cause is not gone. Where colours warn they are yellow.
    pub warnings_standing: i64,
}

fn open(counts: &Counts, model: CardModel) -> OpenCases {
    let lamp = |lamp| counts.open_showing(lamp, model);
    OpenCases {
        total: counts.open(),
        received: counts.open_in(CaseState::Received),
        correction: counts.open_in(CaseState::Correction),
        awaiting_predecessor: counts.open_in(CaseState::AwaitingPredecessor),
        in_review: counts.open_in(CaseState::InReview),
        suspended: counts.open_in(CaseState::Suspended),
        deciding: counts.open_in(CaseState::Deciding),
        lamps: LampCounts {
            off: lamp(Lamp::Off),
            green: lamp(Lamp::Green),
            alert: lamp(Lamp::Alert),
            yellow: lamp(Lamp::Yellow),
            red: lamp(Lamp::Red),
        },
        deadlines: DeadlineCounts {
            undated: counts.open_standing(Standing::Undated),
            in_time: counts.open_standing(Standing::InTime),
            near: counts.open_standing(Standing::Near),
            promise_passed: counts.open_standing(Standing::PromisePassed),
            statute_passed: counts.open_standing(Standing::StatutePassed),
        },
    }
}

fn concluded(counts: &Counts) -> ConcludedCases {
    use CaseResult::{
        AcceptanceRevoked, Granted, NotCompetent, NotRequired, NotSupplemented, Refused, Renewed,
        TacitPassed, Terminated, Void, Withdrawn,
    };
    ConcludedCases {
        total: counts.ended(),
        granted: counts.ended_as(&[Granted, Renewed, TacitPassed]),
        refused: counts.ended_as(&[Refused]),
        terminated: counts.ended_as(&[Terminated]),
        not_accepted: counts.ended_as(&[NotRequired, NotCompetent]),
        withdrawn: counts.ended_as(&[Withdrawn, NotSupplemented]),
        acceptance_revoked: counts.ended_as(&[AcceptanceRevoked]),
        voided: counts.ended_as(&[Void]),
        // What ended is never near its end.
        in_time: counts.ended_in(Standing::InTime),
        promise_passed: counts.ended_in(Standing::PromisePassed),
        statute_passed: counts.ended_in(Standing::StatutePassed),
        with_suspended_days: DecidedCases {
            in_time: counts.ended_unsuspended(Standing::InTime),
            promise_passed: counts.ended_unsuspended(Standing::PromisePassed),
            statute_passed: counts.ended_unsuspended(Standing::StatutePassed),
        },
        undated: counts.ended_unjudged(),
    }
}

fn cards(counts: &Counts) -> CardCounts {
    CardCounts {
        alert: counts.raised(CardLevel::Alert),
        yellow: counts.raised(CardLevel::Yellow),
        red: counts.raised(CardLevel::Red),
        warnings_standing: counts.warnings(),
    }
}

/// What can be counted.
#[derive(Default)]
pub struct DashboardQuery;

#[Object]
impl DashboardQuery {
    /// How many cases and cards there are, by department: of the whole centre for supervisors and the centre
    /// administrator, of their own department for reviewers, deciders and lead coordinators; others are refused with
    /// `FORBIDDEN`. It costs the same however many there are, and may be asked every few seconds.
    #[graphql(complexity = "20 * child_complexity")]
    async fn dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Any day of the month for which to tell what was concluded and which cards were raised; this month when left out. Open cases and standing warnings are always those of today."
        )]
        month: Option<Date>,
    ) -> Result<Dashboard> {
        let ctx = Ctx::of(ctx)?;
        let month = month.map(|month| month.0);
        let told = tally::dashboard(ctx.app(), ctx.actor()?, month)
            .await
            .map_err(|error| ctx.fail(error))?;
        let model = ctx.app().config.thresholds.card_model;
        let published = Published::to(ctx);
        let departments = told.departments.into_iter().map(|(code, counts)| {
            let department = published.as_ref();
            DepartmentDashboard {
                department: department.and_then(|published| published.department(&code)),
                department_code: code,
                open: open(&counts, model),
                concluded: concluded(&counts),
                cards: cards(&counts),
            }
        });
        Ok(Dashboard {
            today: Date(told.today),
            month: Date(told.month),
            departments: departments.collect(),
            joint_cards: cards(&told.joint),
            total: DashboardTotal {
                open: open(&told.total, model),
                concluded: concluded(&told.total),
                cards: cards(&told.total),
            },
        })
    }
}
