//! Mediations of conflicts between opinions.

pub mod act;

use std::sync::Arc;

use async_graphql::{Context, Lookahead, Object, Result};
use lianshen_domain::actor::Actor;
use lianshen_domain::conflict::ConflictKind;
use lianshen_domain::ids::{ApplicationId, CaseId, MediationId, ReviewId};
use lianshen_domain::mediation::{self, Ending, MediationLevel, MediationState, Shown};

pub use act::MediationMutation;

use super::case::Case;
use super::catalogue::{Department, department};
use super::coded::CodeEnum;
use super::context::Ctx;
use super::ids::NodeId;
use super::loaders::{ById, CaseById, Loaders, MediationsOf, course_of};
use super::payload::Noun;
use super::scalars::{Date, DateTime};
use crate::app::App;
use crate::case::{self, ApplicationRow};
use crate::error::AppError;

/// A conflict is mediated.
#[derive(Clone)]
pub struct Mediation {
    mediation: mediation::Mediation,
    application: Arc<ApplicationRow>,
}

/// One of the two departments that contradict each other.
pub struct MediationParty {
    party: mediation::Party,
    region: String,
}

/// A level that a mediation reached.
pub struct MediationStep {
    reached: mediation::Reached,
    region: String,
    /// Whether the caller may read why it was passed up.
    shown: bool,
}

/// What a department holds.
pub struct MediationPosition {
    position: mediation::Position,
    region: String,
}

impl Mediation {
    /// The mediations of a case that the caller sees.
    pub(super) async fn all(
        ctx: &Context<'_>,
        application: ApplicationId,
        case: CaseId,
    ) -> Result<Vec<Self>> {
        let loaders = ctx.data::<Loaders>()?;
        let row = loaders.load_one(ById(application)).await;
        let found = loaders.load_one(MediationsOf(application)).await;
        let ctx = Ctx::of(ctx)?;
        let Some(application) = ctx.loaded(row)? else {
            return Ok(Vec::new());
        };
        let found = ctx.loaded(found)?.unwrap_or_default();
        let one = |mediation: &mediation::Mediation| Self {
            mediation: mediation.clone(),
            application: application.clone(),
        };
        let of_case = found.iter().filter(|mediation| mediation.case == case);
        Ok(of_case.map(one).collect())
    }

    /// Whether the caller may read what was said.
    fn is_shown(&self, ctx: &Context<'_>) -> Result<bool> {
        let actor = Ctx::of(ctx)?.actor()?;
        let lead = self.application.lead_department.as_deref();
        Ok(self.mediation.shown_to(actor, lead) == Shown::All)
    }

    fn is_open(&self) -> bool {
        self.mediation.state == MediationState::Open
    }

    fn department(&self, ctx: &Context<'_>, code: Option<&str>) -> Result<Option<Department>> {
        department(ctx, &self.application.region, code)
    }

    async fn case_of(&self, ctx: &Context<'_>) -> Result<Option<Arc<case::CaseRow>>> {
        let key = CaseById(self.mediation.case);
        Ctx::of(ctx)?.loaded(ctx.data::<Loaders>()?.load_one(key).await)
    }

    /// The last day of the level that holds it.
    async fn last_day(&self, ctx: &Context<'_>) -> Result<Option<chrono::NaiveDate>> {
        if !self.is_open() {
            return Ok(None);
        }
        let course = course_of(ctx, self.mediation.application).await?;
        let Some(row) = self.case_of(ctx).await? else {
            return Ok(None);
        };
        let ctx = Ctx::of(ctx)?;
        let Some(course) = course else {
            return Ok(None);
        };
        let app = ctx.app();
        let snapshot = app.library.present();
        let of = (&*self.application, &*row, &*course);
        case::mediation_due_on(app, &snapshot, of, self.mediation.number)
            .map_err(|error| ctx.fail(error))
    }
}

impl Noun for Mediation {
    type Id = MediationId;
    type Shown = ();

    fn shown(_answer: &Lookahead<'_>) {}

    async fn read(
        app: &App,
        actor: &Actor,
        id: MediationId,
        (): (),
    ) -> Result<Option<Self>, AppError> {
        let found = case::mediation(app, actor, id).await?;
        Ok(found.map(|(mediation, application)| Self {
            mediation,
            application: Arc::new(application),
        }))
    }
}

/// The mediation (协调) of a conflict between two opinions on one case. It begins with the lead and climbs, each level having
/// so many working days: lead, centre, the department that the government names, the head of the government. The clocks of
/// the case run on. It is inner work, and not for applicants and windows.
#[Object]
impl Mediation {
    /// Identifier.
    pub async fn id(&self) -> NodeId<MediationId> {
        self.mediation.id.into()
    }

    /// The n-th of its application.
    async fn number(&self) -> u32 {
        self.mediation.number
    }

    /// Counts the changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.mediation.version
    }

    /// How the opinions contradict each other.
    async fn kind(&self) -> CodeEnum<ConflictKind> {
        self.mediation.kind.into()
    }

    /// Where it stands.
    async fn state(&self) -> CodeEnum<MediationState> {
        self.mediation.state.into()
    }

    /// How high it has climbed.
    async fn level(&self) -> CodeEnum<MediationLevel> {
        self.mediation.level().into()
    }

    /// The department that holds the level; null for the centre and the head of the government.
    async fn held_by(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        self.department(ctx, self.mediation.held_by())
    }

    /// The last day of the level; on the next it climbs by itself. Null once it ended.
    async fn due_on(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        Ok(self.last_day(ctx).await?.map(Date))
    }

    /// Whether that day has passed: it can climb no further.
    async fn overdue(&self, ctx: &Context<'_>) -> Result<bool> {
        let today = Ctx::of(ctx)?.app().env.moment().today;
        let last = self.last_day(ctx).await?;
        Ok(last.is_some_and(|last| last < today))
    }

    /// The two departments; where one agrees and the other does not, in this order.
    #[graphql(complexity = "2 * child_complexity")]
    async fn parties(&self) -> Vec<MediationParty> {
        let parties = self.mediation.parties.iter().map(|party| MediationParty {
            party: party.clone(),
            region: self.application.region.clone(),
        });
        parties.collect()
    }

    /// The two categories of conditions that exclude each other; none where one does not agree, and for those who may not
    /// read what was said.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<&str>> {
        let shown = self.is_shown(ctx)?;
        let categories = self.mediation.categories.as_ref().filter(|_| shown);
        Ok(categories
            .map(|(one, other)| vec![one.as_str(), other.as_str()])
            .unwrap_or_default())
    }

    /// What is to be settled; null for those who may not read it: the centre administrator as long as it has not come to the
    /// centre.
    async fn question(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let shown = self.is_shown(ctx)?;
        Ok(Some(self.mediation.question.as_str()).filter(|_| shown))
    }

    /// The levels that it reached, the first first.
    #[graphql(complexity = "3 * child_complexity")]
    async fn levels(&self, ctx: &Context<'_>) -> Result<Vec<MediationStep>> {
        let shown = self.is_shown(ctx)?;
        let levels = self.mediation.levels.iter().map(|reached| MediationStep {
            reached: reached.clone(),
            region: self.application.region.clone(),
            shown,
        });
        Ok(levels.collect())
    }

    /// What the two departments hold, the first first; all that each of them said. For those who may read it.
    #[graphql(complexity = "5 * child_complexity")]
    async fn positions(&self, ctx: &Context<'_>) -> Result<Vec<MediationPosition>> {
        if !self.is_shown(ctx)? {
            return Ok(Vec::new());
        }
        let said = self.mediation.positions.iter();
        let said = said.map(|position| MediationPosition {
            position: position.clone(),
            region: self.application.region.clone(),
        });
        Ok(said.collect())
    }

    /// What was agreed; null unless it was settled, and for those who may not read it.
    async fn settlement(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let shown = self.is_shown(ctx)?;
        Ok(match &self.mediation.ending {
            Some(Ending::Settled(text)) if shown => Some(text),
            _ => None,
        })
    }

    /// The department that keeps its view; null unless it ended so.
    async fn minority(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        match &self.mediation.ending {
            Some(Ending::Minority { department, .. }) => self.department(ctx, Some(department)),
            _ => Ok(None),
        }
    }

    /// The view of the minority; null unless it ended so, and for those who may not read it.
    async fn minority_view(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let shown = self.is_shown(ctx)?;
        Ok(match &self.mediation.ending {
            Some(Ending::Minority { view, .. }) if shown => Some(view),
            _ => None,
        })
    }

    /// The day on which it ended.
    async fn ended_on(&self) -> Option<Date> {
        self.mediation.ended_on.map(Date)
    }

    /// The case.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        let row = self.case_of(ctx).await?;
        Ok(row.map(|row| Case::new(row).beside(Some(self.application.clone().into()), None)))
    }
}

/// One of the two departments that contradict each other (分歧一方).
#[Object]
impl MediationParty {
    /// Code of the department.
    async fn department_code(&self) -> &str {
        &self.party.department
    }

    /// The department; null for one that the catalogue does not have any more.
    async fn department(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        department(ctx, &self.region, &*self.party.department)
    }

    /// Identifier of the review with its opinion.
    async fn review_id(&self) -> NodeId<ReviewId> {
        self.party.review.into()
    }
}

/// A level that a mediation reached (协调层级).
#[Object]
impl MediationStep {
    /// Which.
    async fn level(&self) -> CodeEnum<MediationLevel> {
        self.reached.level.into()
    }

    /// The department that held it; null for the centre and the head of the government.
    async fn department(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        department(ctx, &self.region, self.reached.department.as_deref())
    }

    /// The day on which it came there. The days of the level are counted from the next, or where it climbed by itself, at the
    /// beginning of the day, from this one.
    async fn reached_on(&self) -> Date {
        Date(self.reached.on)
    }

    /// Why it was passed up; null for the first level, where time brought it about, and for those who may not read it.
    async fn because(&self) -> Option<&str> {
        self.reached.because.as_deref().filter(|_| self.shown)
    }
}

/// What a department holds in a mediation (立场).
#[Object]
impl MediationPosition {
    /// Code of the department.
    async fn department_code(&self) -> &str {
        &self.position.department
    }

    /// The department; null for one that the catalogue does not have any more.
    async fn department(&self, ctx: &Context<'_>) -> Result<Option<Department>> {
        department(ctx, &self.region, &*self.position.department)
    }

    /// What it says.
    async fn text(&self) -> &str {
        &self.position.text
    }

    /// When it was said.
    async fn said_at(&self) -> DateTime {
        DateTime(self.position.at)
    }
}
