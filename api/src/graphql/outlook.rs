//! The outlook of an application: when it will end, what makes it so long, and who owes the next act.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use lianshen_domain::application::{
    self, ForecastBasis, History, OwedActKind, OwedBy, Spare as SpareDays,
};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::ids::{ApplicationId, CaseId, Id as _};

use super::case::Case;
use super::catalogue::{Department, published};
use super::coded::CodeEnum;
use super::context::Ctx;
use super::loaders::{HistoryOf, Loaders, course_of};
use super::scalars::Date;
use crate::case::{ApplicationRow, CaseWithReviews, ItemOf, ReviewRead, may_see_owed, outlook_of};

/// The outlook of an application today.
pub struct Outlook {
    row: Arc<ApplicationRow>,
    cases: Vec<CaseWithReviews>,
    histories: HashMap<String, Arc<History>>,
    seen: application::Outlook,
}

/// How a forecast stands to the limits, in working days (工作日) between the two: 0 if it ends on the last day, negative if
/// it will be late.
#[derive(SimpleObject)]
pub struct SpareWorkdays {
    /// To the promise (承诺时限); null where none runs.
    pub promised: Option<i64>,
    /// To the statutory period (法定时限); null where none runs.
    pub statutory: Option<i64>,
}

/// When a case will be decided (办件预测). A forecast binds nobody.
#[derive(SimpleObject)]
pub struct CaseOutlook {
    /// The case.
    pub case: Case,
    /// The day on which its clocks began, or will begin when what it waits for has been granted.
    pub starts_on: Date,
    /// The day on which it will be decided: a working day of its department, never one that has passed.
    pub ends_on: Date,
    /// What that rests on.
    pub basis: CodeEnum<ForecastBasis>,
    /// How many decided cases of the item are known; no more are looked at than the centre has set.
    pub decided_cases: usize,
    /// By how many working days of its department it may be decided later without making the whole later (浮动时间).
    pub slack_workdays: i64,
    /// Whether it lies on the critical path (关键路径), or on another chain that is as long.
    pub critical: bool,
    /// How the forecast stands to its own limits. Those of a case that has not begun are counted from `startsOn`.
    pub spare: SpareWorkdays,
}

/// An act that somebody owes now (待办).
#[derive(SimpleObject)]
pub struct OwedAct {
    /// What.
    pub kind: CodeEnum<OwedActKind>,
    /// By whom.
    pub by: CodeEnum<OwedBy>,
    /// Code of the department that owes it; null for windows, applicants and the centre.
    pub department_code: Option<String>,
    /// The department that owes it.
    pub department: Option<Department>,
    /// The case that it is about; null for the application as a whole.
    pub case: Option<Case>,
    /// The clock by which it is due: of several the one that ends first. Null while none runs.
    pub clock: Option<CodeEnum<ClockKind>>,
    /// The last day of that clock, which may have passed; for a report the last of the days in which departments report.
    pub due_on: Option<Date>,
    /// Whether a delay of it delays the whole.
    pub critical: bool,
}

impl Outlook {
    /// Reads what it is made of: for all applications of an answer at once.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn read(
        ctx: &Context<'_>,
        row: Arc<ApplicationRow>,
        cases: Vec<CaseWithReviews>,
    ) -> Result<Self> {
        let loaders = ctx.data::<Loaders>()?;
        let course = course_of(ctx, ApplicationId::new(row.id)).await?;
        // Nothing is foreseen before the acceptance.
        let open = cases
            .iter()
            .filter(|(case, _)| row.accepted_on.is_some() && !case.state.0.has_ended());
        let items = open.map(|(case, _)| HistoryOf(ItemOf::from(&**case)));
        let histories = loaders.load_many(items).await;
        let ctx = Ctx::of(ctx)?;
        let course = course.unwrap_or_default();
        let histories = ctx.loaded(histories.map(Some))?.unwrap_or_default();
        let histories: HashMap<String, Arc<History>> = histories
            .into_iter()
            .map(|(of, history)| (of.0.item, history))
            .collect();
        let app = ctx.app();
        let snapshot = app.library.present();
        let history = |item: &str| histories.get(item).map(AsRef::as_ref);
        let seen = outlook_of(app, &snapshot, (&row, &cases, &course), &history)
            .map_err(|error| ctx.fail(error))?;
        Ok(Self {
            row,
            cases,
            histories,
            seen,
        })
    }

    fn case(&self, id: CaseId) -> Option<Case> {
        let mut all = self.cases.iter();
        let (case, reviews) = all.find(|(case, _)| case.id == id.raw())?;
        let reviews = reviews.iter().cloned().map(ReviewRead::from);
        Some(Case::new(case.clone()).beside(
            Some(self.row.clone().into()),
            Some(Arc::new(reviews.collect())),
        ))
    }
}

impl From<SpareDays> for SpareWorkdays {
    fn from(days: SpareDays) -> Self {
        Self {
            promised: days.promised,
            statutory: days.statutory,
        }
    }
}

/// The outlook of an application today (办理前景): when it will end if things go as they usually do, what makes it so long,
/// and who holds the clock. It comes from how long the newest decided cases of each item took, in working days from the
/// beginning of their clocks to the decision, suspensions included; a case that has already run longer is judged by those
/// that lasted as long. Where too few are known it comes from the promise.
#[Object]
impl Outlook {
    /// The day on which the last case will have been decided (预计办结日); null before acceptance and once all have ended.
    async fn ends_on(&self) -> Option<Date> {
        self.seen.ends_on.map(Date)
    }

    /// How that day stands to the joint limits (联办承诺时限, 并联审批时限), counted by the calendar of the centre.
    async fn spare(&self) -> SpareWorkdays {
        self.seen.spare.into()
    }

    /// The cases one after the other that lead to that day, the first first (关键路径). Of several chains as long it is one;
    /// `CaseOutlook.critical` marks all of them.
    #[graphql(complexity = "5 * child_complexity")]
    async fn critical_path(&self) -> Vec<Case> {
        let path = self.seen.critical_path.iter();
        path.filter_map(|id| self.case(*id)).collect()
    }

    /// The cases that have been accepted and not ended, in their order; at most 50.
    #[graphql(complexity = "7 * child_complexity")]
    async fn cases(&self) -> Vec<CaseOutlook> {
        let outlook = |seen: &application::CaseOutlook| {
            let (known, _) = self
                .cases
                .iter()
                .find(|(case, _)| case.id == seen.case.raw())?;
            let history = self.histories.get(&known.item);
            Some(CaseOutlook {
                case: self.case(seen.case)?,
                starts_on: Date(seen.starts_on),
                ends_on: Date(seen.ends_on),
                basis: seen.basis.into(),
                decided_cases: history.map_or(0, |history| history.known()),
                slack_workdays: seen.slack,
                critical: seen.critical,
                spare: seen.spare.into(),
            })
        };
        self.seen.cases.iter().filter_map(outlook).collect()
    }

    /// The acts that are owed now, and by whom: first what delays the whole, then by due date. A case that waits for another
    /// owes nothing, and nothing is owed on an application that is closed.
    #[graphql(complexity = "7 * child_complexity")]
    async fn owed_acts(&self, ctx: &Context<'_>) -> Result<Vec<OwedAct>> {
        let published = published(ctx, &self.row.region)?;
        let actor = Ctx::of(ctx)?.actor()?;
        let owed = self.seen.owed.iter();
        let owed = owed.filter(|act| may_see_owed(actor, act.kind));
        let owed = owed.map(|act| {
            let code = act.department.as_deref();
            OwedAct {
                kind: act.kind.into(),
                by: act.by.into(),
                department: published
                    .as_ref()
                    .zip(code)
                    .and_then(|(published, code)| published.department(code)),
                department_code: act.department.clone(),
                case: act.case.and_then(|id| self.case(id)),
                clock: act.clock.map(CodeEnum),
                due_on: act.due_on.map(Date),
                critical: act.critical,
            }
        });
        Ok(owed.collect())
    }
}
