//! Which operation of a document runs, and by which way it may arrive.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};

use super::fault::FaultCode;
use super::progress::{Stage, Transport};
use super::refusal::Refusal;

/// The operation that will run, if the request says which one; the library refuses the rest.
pub(super) fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).map(|operation| &operation.node)
        }
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next().map(|operation| &operation.node)
        }
        _ => None,
    }
}

pub(super) fn by_the_right_way(
    ty: OperationType,
    transport: Option<Transport>,
) -> Result<(), (Stage, Refusal)> {
    match (ty, transport) {
        (OperationType::Mutation, Some(Transport::Get | Transport::Socket)) => Err((
            Stage::WrongTransport,
            Refusal::new(
                FaultCode::MutationNeedsPost,
                "变更操作只能用 POST 提交",
                "Send mutations by POST: only there is the outcome of a lost connection defined.",
            ),
        )),
        (OperationType::Subscription, Some(Transport::Post | Transport::Get)) => Err((
            Stage::Refused,
            Refusal::new(
                FaultCode::SubscriptionNeedsWebsocket,
                "订阅只能通过 WebSocket（graphql-transport-ws）进行",
                "Open subscriptions over a WebSocket (graphql-transport-ws).",
            ),
        )),
        _ => Ok(()),
    }
}
