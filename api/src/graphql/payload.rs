//! Payloads: the changed object, or why nothing was done; and the way of every act from its input to its payload.

use async_graphql::{Context, Lookahead, Result};
use lianshen_domain::actor::Actor;
use lianshen_domain::rejected::Rejected;

use super::context::Ctx;
use super::user_error::UserError;
use crate::app::App;
use crate::error::AppError;

/// What is acted on, and how it is read again after the act.
pub(super) trait Noun: Sized + Send + 'static {
    /// What names it.
    type Id: Send + 'static;

    /// How much of it an answer can show, where it can be read in part.
    type Shown: Send + 'static;

    /// How much of it this answer shows.
    fn shown(answer: &Lookahead<'_>) -> Self::Shown;

    /// Reads it as the actor may see it, and as much as is shown.
    fn read(
        app: &App,
        actor: &Actor,
        id: Self::Id,
        shown: Self::Shown,
    ) -> impl Future<Output = std::result::Result<Option<Self>, AppError>> + Send;
}

/// What every act answers.
pub(super) struct Acted<T> {
    /// The object as it stands now.
    pub done: Option<T>,
    /// Why nothing was done.
    pub user_errors: Vec<UserError>,
}

/// Acts, and reads what was acted on. What was wrong with the input already is answered as every other refusal.
///
/// # Errors
/// When nobody is signed in, the program is too busy, or the fault is ours.
pub(super) async fn acted<T, F>(
    ctx: &Context<'_>,
    act: std::result::Result<impl FnOnce(App, Actor) -> F, Rejected>,
) -> Result<Acted<T>>
where
    T: Noun,
    F: Future<Output = std::result::Result<T::Id, AppError>> + Send + 'static,
{
    let shown = T::shown(&ctx.look_ahead());
    let ctx = Ctx::of(ctx)?;
    let actor = ctx.actor()?.clone();
    let act = match act {
        Ok(act) => act(ctx.app().clone(), actor.clone()),
        Err(fault) => {
            return Ok(Acted {
                done: None,
                user_errors: UserError::all(vec![fault], ctx.lang()),
            });
        }
    };
    let app = ctx.app().clone();
    let read = async move {
        let id = act.await?;
        let read = T::read(&app, &actor, id, shown).await;
        read.map_err(AppError::after_commit)
    };
    let outcome = ctx.outcome(ctx.app().act(read).await)?;
    Ok(Acted {
        done: outcome.done.flatten(),
        user_errors: outcome.user_errors,
    })
}

/// Declares payloads of acts on one noun, all of the same shape, and what each is made of.
macro_rules! payloads {
    ($field:ident: $noun:ty; $($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            /// The object as it stands now; null when there are `userErrors`.
            pub $field: Option<$crate::graphql::at_once::AtOnce<$noun>>,
            /// Why nothing was done; all reasons at once.
            pub user_errors: Vec<$crate::graphql::user_error::UserError>,
        }

        impl From<$crate::graphql::payload::Acted<$noun>> for $name {
            fn from(acted: $crate::graphql::payload::Acted<$noun>) -> Self {
                Self { $field: acted.done.map($crate::graphql::at_once::AtOnce), user_errors: acted.user_errors }
            }
        }
    )+};
}

/// Hands a command, or what was wrong with the input, to its use case, and answers the payload.
macro_rules! act {
    ($ctx:expr, $command:expr, $use_case:path) => {{
        let command: std::result::Result<_, lianshen_domain::rejected::Rejected> = $command;
        let act = command.map(|command| {
            async move |app: $crate::app::App, actor: lianshen_domain::actor::Actor| {
                $use_case(&app, &actor, command).await
            }
        });
        Box::pin($crate::graphql::payload::acted($ctx, act))
            .await
            .map(Into::into)
    }};
}

pub(super) use {act, payloads};
