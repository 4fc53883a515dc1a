//! GraphQL: one layer over all capabilities. Object types are a cyclic graph, so they stand together.
//!
//! **Invariant.** Nothing here knows the database; a resolver reads its arguments, calls one use case and
//! builds the answer.

pub mod catalogue;
pub mod coded;
pub mod context;
pub mod ids;
pub mod limit;
pub mod page;
pub mod scalars;
pub mod user_error;

use async_graphql::{EmptyMutation, EmptySubscription, MergedObject, Schema};

pub use context::{Ctx, Viewer};

use crate::app::App;
use catalogue::CatalogueQuery;
use coded::CodeEnum;
use user_error::FaultCode;

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(CatalogueQuery);

/// The schema as it is served.
pub type ServedSchema = Schema<Query, EmptyMutation, EmptySubscription>;

/// How much one document may ask for, beside the bounds on its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecutionLimits {
    /// How deep fields may be nested; the introspection of common tools needs 13.
    pub depth: usize,
    /// How many fields may be answered at most, the rows of pages counted.
    pub complexity: usize,
    /// How deep the library may call itself while it validates.
    pub recursive_depth: usize,
    /// How many directives one field may carry.
    pub directives: usize,
}

impl Default for ExecutionLimits {
    fn default() -> Self {
        Self {
            depth: 15,
            complexity: 10_000,
            recursive_depth: 32,
            directives: 10,
        }
    }
}

/// Builds the schema; whether it answers introspection stands in the configuration.
pub fn schema(app: App, limits: ExecutionLimits) -> ServedSchema {
    let introspection = app.config.introspection;
    let builder = Schema::build(Query::default(), EmptyMutation, EmptySubscription)
        .data(app)
        // No field answers it, but callers read it in `errors[].extensions.code`.
        .register_output_type::<CodeEnum<FaultCode>>()
        .limit_depth(limits.depth)
        .limit_complexity(limits.complexity)
        .limit_recursive_depth(limits.recursive_depth)
        .limit_directives(limits.directives)
        // Suggestions would tell the names of a schema that does not answer introspection.
        .disable_suggestions();
    if introspection {
        builder.finish()
    } else {
        builder.disable_introspection().finish()
    }
}

#[cfg(test)]
mod tests;
