//! GraphQL: one layer over all capabilities. Object types are a cyclic graph, so they stand together.
//!
//! **Invariant.** Nothing here knows the database; a resolver reads its arguments, calls one use case and
//! builds the answer.

// What every document passes before it is executed, and how failures are written into an answer.
mod beyond;
pub mod expansion;
mod extent;
pub mod fault;
mod guard;
mod known;
pub mod limits;
pub mod null_propagation;
mod operation;
pub mod progress;
pub mod refusal;
pub mod scan;
pub mod served;
mod unfit;

// What all nouns share.
pub mod at_once;
pub mod coded;
mod context;
pub mod ids;
pub mod limit;
pub mod page;
mod payload;
pub mod scalars;
pub mod user_error;

// The nouns.
pub mod absence;
pub mod account;
pub mod application;
pub mod as_of;
pub mod calendar;
pub mod card;
pub mod case;
pub mod catalogue;
pub mod clock;
pub mod consultation;
pub mod dashboard;
pub mod deadline;
pub mod digest;
pub mod document;
pub mod event;
pub mod loaders;
pub mod material;
pub mod mediation;
pub mod missing;
pub mod node;
pub mod outlook;
pub mod preview;
pub mod progress_query;
pub mod review;
pub mod sharing;
pub mod subscription;
pub mod visit;
pub mod window;

use async_graphql::{MergedObject, SDLExportOptions, Schema, SchemaBuilder};

pub use context::{Ctx, Sheets, Viewer};
pub use limits::DocumentLimits;
pub use progress::{Progress, Stage, Transport};
pub use refusal::Refusal;
pub use served::Served;

use crate::app::App;
use absence::{AbsenceMutation, AbsenceQuery};
use account::{AccountMutation, AccountQuery};
use application::{
    ApplicationEndingMutation, ApplicationExtensionMutation, ApplicationMutation, ApplicationQuery,
    CorrectionMutation,
};
use calendar::{CalendarMutation, CalendarPreviewQuery, CalendarQuery};
use card::CardQuery;
use case::{
    CaseEndingMutation, CaseLicenceMutation, CaseMutation, CaseQuery, ProcedureMutation,
    RevocationMutation,
};
use catalogue::CatalogueQuery;
use coded::CodeEnum;
use consultation::ConsultationMutation;
use dashboard::DashboardQuery;
use digest::DigestQuery;
use fault::FaultCode;
use material::MaterialMutation;
use mediation::MediationMutation;
use missing::MissingMutation;
use node::NodeQuery;
use preview::PreviewQuery;
use progress_query::ProgressQuery;
use review::{ReviewMutation, ReviewQuery};
use sharing::SharingMutation;
use subscription::Subscription;
use visit::VisitMutation;

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    AbsenceQuery,
    AccountQuery,
    ApplicationQuery,
    CalendarPreviewQuery,
    CalendarQuery,
    CardQuery,
    CaseQuery,
    CatalogueQuery,
    DashboardQuery,
    DigestQuery,
    NodeQuery,
    PreviewQuery,
    ProgressQuery,
    ReviewQuery,
);

/// What can be done. Each field is a transaction of its own; those of one document run one after the other.
#[derive(MergedObject, Default)]
pub struct Mutation(
    AbsenceMutation,
    AccountMutation,
    ApplicationMutation,
    ApplicationEndingMutation,
    ApplicationExtensionMutation,
    CorrectionMutation,
    CalendarMutation,
    CaseMutation,
    CaseEndingMutation,
    CaseLicenceMutation,
    RevocationMutation,
    ConsultationMutation,
    MaterialMutation,
    MissingMutation,
    ProcedureMutation,
    ReviewMutation,
    SharingMutation,
    VisitMutation,
    MediationMutation,
);

/// The schema as it is served.
pub type ServedSchema = Served<Query, Mutation, Subscription>;

/// The schema as text, sorted; `schema.graphql` holds it.
pub fn sdl(served: &ServedSchema) -> String {
    text(served.schema())
}

fn text(schema: &Schema<Query, Mutation, Subscription>) -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    schema.sdl_with_options(options)
}

/// How much one document may ask for, beside the bounds on its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecutionLimits {
    /// How deep fields may be nested; the introspection of common tools needs 15.
    pub depth: usize,
    /// How many fields may be answered at most, the rows of pages counted.
    pub complexity: usize,
    /// How deep the library may call itself while it validates.
    pub recursive_depth: usize,
    /// The bounds on the text.
    pub document: DocumentLimits,
}

impl Default for ExecutionLimits {
    fn default() -> Self {
        Self {
            depth: 15,
            complexity: 10_000,
            recursive_depth: 32,
            document: DocumentLimits::default(),
        }
    }
}

/// Builds the schema; whether it answers introspection stands in the configuration.
pub fn schema(app: App, limits: ExecutionLimits) -> ServedSchema {
    Served::new(limits.document, move || {
        let builder = skeleton(limits).data(app.clone());
        if app.config.introspection {
            builder
        } else {
            builder.disable_introspection()
        }
    })
}

/// The contract: the schema as text, for which no database is needed.
pub fn contract() -> String {
    text(&skeleton(ExecutionLimits::default()).finish())
}

fn skeleton(limits: ExecutionLimits) -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        // No field answers it, but callers read it in `errors[].extensions.code`.
        .register_output_type::<CodeEnum<FaultCode>>()
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .limit_recursive_depth(limits.recursive_depth)
        // Suggestions would tell the names of a schema that does not answer introspection.
        .disable_suggestions()
}

#[cfg(test)]
mod tests;
