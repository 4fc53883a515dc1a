//! Who reviews in a department, who is absent, and who stands in.

use async_graphql::{Context, InputObject, Lookahead, Object, Result};
use lianshen_domain::actor::Actor;
use lianshen_domain::ids::{AbsenceId, AccountId, Id as _};
use lianshen_domain::rejected::Rejected;

use super::context::Ctx;
use super::ids::NodeId;
use super::loaders::{Loaders, NameOf};
use super::payload::{Noun, act, payloads};
use super::scalars::Date;
use crate::app::App;
use crate::error::AppError;
use crate::review::{self, AbsenceRow, CancelAbsence, RegisterAbsence};

/// Days on which a reviewer is absent, and who stands in.
pub struct Absence(AbsenceRow);

impl Noun for Absence {
    type Id = AbsenceId;
    type Shown = ();

    fn shown(_answer: &Lookahead<'_>) {}

    async fn read(
        app: &App,
        actor: &Actor,
        id: AbsenceId,
        (): (),
    ) -> std::result::Result<Option<Self>, AppError> {
        Ok(review::absence(app, actor, id).await?.map(Self))
    }
}

/// Days on which a reviewer is absent (外出); the substitute may act on what the reviewer holds (代办).
#[Object]
impl Absence {
    /// Identifier.
    async fn id(&self) -> NodeId<AbsenceId> {
        AbsenceId::new(self.0.id).into()
    }

    /// Counts the changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// The account of who is absent.
    async fn account_id(&self) -> NodeId<AccountId> {
        AccountId::new(self.0.account_id).into()
    }

    /// Name of who is absent.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        name(ctx, AccountId::new(self.0.account_id)).await
    }

    /// The account of who stands in.
    async fn substitute_id(&self) -> NodeId<AccountId> {
        AccountId::new(self.0.substitute_id).into()
    }

    /// Name of who stands in.
    async fn substitute_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        name(ctx, AccountId::new(self.0.substitute_id)).await
    }

    /// The first day.
    async fn from_on(&self) -> Date {
        Date(self.0.from_on)
    }

    /// The last day.
    async fn through_on(&self) -> Date {
        Date(self.0.through_on)
    }

    /// Why.
    async fn reasons(&self) -> &str {
        &self.0.reasons
    }

    /// Whether it was cancelled, or ended before its last day.
    async fn is_cancelled(&self) -> bool {
        self.0.cancelled_at.is_some()
    }
}

async fn name(ctx: &Context<'_>, account: AccountId) -> Result<Option<String>> {
    let loaded = ctx.data::<Loaders>()?.load_one(NameOf(account)).await;
    Ctx::of(ctx)?.loaded(loaded)
}

/// A reviewer of your department.
#[derive(async_graphql::SimpleObject)]
pub struct Colleague {
    /// The account; a review is assigned to it.
    pub account_id: NodeId<AccountId>,
    /// The name shown inside the centre.
    pub name: String,
    /// How many reviews they hold.
    pub holds: u64,
}

/// An absence.
#[derive(InputObject)]
pub struct AbsenceRegisterInput {
    /// Chosen by you; repeating the request with the same key acts once.
    pub idempotency_key: String,
    /// Who is absent; yourself if not given. Who decides registers that of any reviewer of the department.
    pub account_id: Option<NodeId<AccountId>>,
    /// Who stands in: another reviewer of your department, who is not absent on any of these days.
    pub substitute_id: NodeId<AccountId>,
    /// The first day, today or later.
    pub from_on: Date,
    /// The last day, at most a year later.
    pub through_on: Date,
    /// Why, at most 4,000 characters.
    pub reasons: String,
}

/// An absence that does not come, or ends early.
#[derive(InputObject)]
pub struct AbsenceCancelInput {
    /// Which.
    pub absence_id: NodeId<AbsenceId>,
    /// The version that you looked at; another one is a `CONFLICT`.
    pub expected_version: Option<i64>,
}

payloads! {
    absence: Absence;
    /// What became of registering an absence.
    AbsenceRegisterPayload;
    /// What became of cancelling one.
    AbsenceCancelPayload;
}

/// What can be asked of a department's people.
#[derive(Default)]
pub struct AbsenceQuery;

#[Object]
impl AbsenceQuery {
    /// The absences in your department that last or are to come, the next first; at most 500. For reviewers and deciders.
    #[graphql(complexity = "20 * child_complexity")]
    async fn absences(&self, ctx: &Context<'_>) -> Result<Vec<Absence>> {
        let ctx = Ctx::of(ctx)?;
        let found = review::absences(ctx.app(), ctx.actor()?).await;
        let found = found.map_err(|error| ctx.fail(error))?;
        Ok(found.into_iter().map(Absence).collect())
    }

    /// The reviewers of your department by name, with how much each holds; at most 500. For reviewers and deciders.
    #[graphql(complexity = "20 * child_complexity")]
    async fn colleagues(&self, ctx: &Context<'_>) -> Result<Vec<Colleague>> {
        let ctx = Ctx::of(ctx)?;
        let found = review::colleagues(ctx.app(), ctx.actor()?).await;
        let found = found.map_err(|error| ctx.fail(error))?.into_iter();
        Ok(found
            .map(|colleague| Colleague {
                account_id: colleague.account.into(),
                name: colleague.display_name,
                holds: colleague.holds,
            })
            .collect())
    }
}

/// Acts on absences.
#[derive(Default)]
pub struct AbsenceMutation;

#[Object]
impl AbsenceMutation {
    /// Registers days on which a reviewer is absent, and who stands in (登记外出, 委托代办): on these days the substitute may
    /// claim, pass on and answer what the reviewer holds, and it is theirs from then on. For reviewers, and for who decides.
    async fn absence_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, when, and who stands in.")] input: AbsenceRegisterInput,
    ) -> Result<AbsenceRegisterPayload> {
        act!(ctx, input.command(), review::register_absence)
    }

    /// Cancels an absence, or ends it before its last day (取消外出). For who is absent, and for who decides.
    async fn absence_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: AbsenceCancelInput,
    ) -> Result<AbsenceCancelPayload> {
        act!(ctx, input.command(), review::cancel_absence)
    }
}

impl AbsenceRegisterInput {
    fn command(self) -> Result<RegisterAbsence, Rejected> {
        let account = self.account_id.map(|id| id.read("accountId")).transpose()?;
        Ok(RegisterAbsence {
            idempotency_key: self.idempotency_key,
            account: account.map(AccountId::raw),
            substitute: self.substitute_id.read("substituteId")?.raw(),
            from_on: self.from_on.0,
            through_on: self.through_on.0,
            reasons: self.reasons,
        })
    }
}

impl AbsenceCancelInput {
    fn command(self) -> Result<CancelAbsence, Rejected> {
        Ok(CancelAbsence {
            absence: self.absence_id.read("absenceId")?,
            expected_version: self.expected_version,
        })
    }
}
