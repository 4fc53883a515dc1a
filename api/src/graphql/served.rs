//! The schema as it is served: once with the guard round it, and once without, since what stands between the fields
//! costs as much as they do. With an extension the library allocates for every field and every row.
//!
//! **Invariant.** Only what the guard has passed before is answered without it: the same text, for the same operation, with
//! variables between which validation cannot tell. Both are made of the same roots, with the same limits, and failures
//! are settled in both by the same code.

use std::sync::Arc;

use async_graphql::futures_util::stream::BoxStream;
use async_graphql::{
    Data, Executor, ObjectType, Request, Response, Schema, SchemaBuilder, SubscriptionType,
    ValidationMode,
};

use super::at_once::NothingBetween;
use super::guard::DocumentGuard;
use super::known::KnownDocuments;
use super::limits::DocumentLimits;
use super::progress::{Progress, Stage, Transport, laid_in};

/// A schema fit to be served: our limits before the parser, the library's behind them, and failures that become null
/// where the specification says so.
pub struct Served<Q, M, S> {
    guarded: Schema<Q, M, S>,
    bare: Schema<Q, M, S>,
    known: Arc<KnownDocuments>,
}

impl<Q, M, S> Clone for Served<Q, M, S> {
    fn clone(&self) -> Self {
        Self {
            guarded: self.guarded.clone(),
            bare: self.bare.clone(),
            known: self.known.clone(),
        }
    }
}

impl<Q, M, S> Served<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    /// Makes both; what is built must be the same each time.
    pub fn new(limits: DocumentLimits, build: impl Fn() -> SchemaBuilder<Q, M, S>) -> Self {
        let known = Arc::new(KnownDocuments::default());
        let guard = DocumentGuard::new(limits, known.clone());
        let guarded = build().extension(guard).limit_directives(10).finish();
        let bare = build()
            .validation_mode(ValidationMode::Fast)
            .data(NothingBetween)
            .finish();
        Self {
            guarded,
            bare,
            known,
        }
    }

    /// The schema itself.
    pub fn schema(&self) -> &Schema<Q, M, S> {
        &self.guarded
    }

    /// Answers a query or a mutation.
    pub async fn execute(&self, request: impl Into<Request>) -> Response {
        let mut request = request.into();
        let transport = laid_in::<Transport>(&request);
        let Some(known) = self.known.passed(&request, transport) else {
            return self.guarded.execute(request).await;
        };
        if let Some(progress) = laid_in::<Progress>(&request) {
            progress.mark(Stage::Executing);
        }
        let name = request.operation_name.clone();
        request.set_parsed_query(known.document.clone());
        let response = self.bare.execute(request).await;
        // A variable that is a date is validated each time, and so never comes by this way.
        known.settle(name.as_deref(), None, response)
    }

    /// The documents that it has seen.
    #[cfg(test)]
    pub(super) fn known(&self) -> &KnownDocuments {
        &self.known
    }
}

impl<Q, M, S> Executor for Served<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    async fn execute(&self, request: Request) -> Response {
        Self::execute(self, request).await
    }

    fn execute_stream(
        &self,
        request: Request,
        session_data: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        self.guarded
            .execute_stream_with_session_data(request, session_data.unwrap_or_default())
    }
}
