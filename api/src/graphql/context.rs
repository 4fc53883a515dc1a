//! What a resolver knows of the program and of the caller.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::{Context, Error};
use lianshen_domain::actor::Actor;
use lianshen_domain::rejected::{Lang, Reason};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::user_error::{Outcome, error_of, outcome_of};
use crate::app::App;
use crate::case;
use crate::error::AppError;

/// The caller, as the transport saw it; laid into the data of each request.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Who is signed in; `None` for a visitor.
    pub actor: Option<Actor>,
    /// The language for texts.
    pub lang: Lang,
    /// The number of the request, as it stands in the log.
    pub request_id: Uuid,
    /// The address that it is counted by.
    pub peer: Option<IpAddr>,
    /// The sheets of clocks that this document was given.
    pub sheets: Sheets,
}

/// How much of an answer are sheets: a line a day for ten years is a long text for a short question.
#[derive(Clone, Debug, Default)]
pub struct Sheets(Arc<AtomicUsize>);

impl Sheets {
    /// When so many bytes were given, no further sheet is.
    const MOST: usize = 1024 * 1024;

    /// Makes a sheet, unless those before were too long together.
    pub fn add(&self, make: impl FnOnce() -> String) -> Option<String> {
        if self.0.load(Ordering::Relaxed) >= Self::MOST {
            return None;
        }
        let sheet = make();
        self.0.fetch_add(sheet.len(), Ordering::Relaxed);
        Some(sheet)
    }
}

/// What a resolver works with.
#[derive(Clone, Copy)]
pub struct Ctx<'a> {
    app: &'a App,
    viewer: &'a Viewer,
}

impl<'a> Ctx<'a> {
    /// Takes it out of the library's context.
    ///
    /// # Errors
    /// When the transport has laid in no viewer, or the schema no program: a fault of ours.
    pub fn of(ctx: &Context<'a>) -> Result<Self, Error> {
        let (Some(app), Some(viewer)) = (ctx.data_opt::<App>(), ctx.data_opt::<Viewer>()) else {
            let fault = AppError::internal("the context holds no program or no viewer");
            return Err(error_of(fault, Lang::default(), Uuid::nil()));
        };
        Ok(Self { app, viewer })
    }

    /// The running program.
    pub fn app(&self) -> &'a App {
        self.app
    }

    /// The caller.
    pub fn viewer(&self) -> &'a Viewer {
        self.viewer
    }

    /// The language for texts.
    pub fn lang(&self) -> Lang {
        self.viewer.lang
    }

    /// The number of the request.
    pub fn request_id(&self) -> Uuid {
        self.viewer.request_id
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when nobody is.
    pub fn actor(&self) -> Result<&'a Actor, Error> {
        let signed_out = || self.fail(AppError::Unauthenticated(Reason::SessionEnded));
        self.viewer.actor.as_ref().ok_or_else(signed_out)
    }

    /// The error of a query that did not answer. `?` alone does not compile on an [`AppError`],
    /// because an error must not leave without language and request id.
    pub fn fail(&self, error: impl Into<AppError>) -> Error {
        error_of(error.into(), self.lang(), self.request_id())
    }

    /// What a mutation answers: refusals become data, the rest are errors.
    ///
    /// # Errors
    /// When nobody is signed in any longer, the program is too busy, or the fault is ours.
    pub fn outcome<T>(&self, result: Result<T, AppError>) -> Result<Outcome<T>, Error> {
        outcome_of(result, self.lang(), self.request_id())
    }
    /// What a JSON column holds, for who reads it as it lies.
    ///
    /// # Errors
    /// `INTERNAL` where something else was written into it.
    pub fn kept<'de, T: Deserialize<'de>>(&self, json: &'de Value) -> Result<T, Error> {
        case::kept(json).map_err(|error| self.fail(error))
    }

    /// What a loader brought; its error may be waited for by several fields.
    ///
    /// # Errors
    /// As [`Ctx::fail`].
    pub fn loaded<T>(&self, loaded: Result<Option<T>, Arc<AppError>>) -> Result<Option<T>, Error> {
        loaded.map_err(|error| {
            self.fail(match &*error {
                AppError::Rejected(rejected) => AppError::Rejected(rejected.clone()),
                AppError::Unauthenticated(reason) => AppError::Unauthenticated(reason.clone()),
                AppError::Busy(what) => AppError::Busy(*what),
                AppError::Unknown(what) => AppError::Unknown(*what),
                AppError::Internal(fault) => AppError::internal(fault.to_string()),
            })
        })
    }
}
