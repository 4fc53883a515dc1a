//! Objects whose fields are mostly known already.
//!
//! The library makes a task of every field, with a place in memory of its own, in case it has to wait. Of a page of an
//! inbox nearly none does: here each field is asked once where it stands, and only who has to wait is kept.

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::resolve_container;
use async_graphql::{
    ContainerType, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
};
use futures_util::future::{BoxFuture, join_all};

/// Laid into a schema without extensions: nothing of theirs stands between fields.
pub struct NothingBetween;

/// An object, answered without making a task of each field. The schema does not know of it: name, fields and failures are
/// those of the object.
#[derive(Clone, Debug)]
pub struct AtOnce<T>(pub T);

impl<T: ContainerType> OutputType for AtOnce<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let mut fields = Vec::with_capacity(ctx.item.node.items.len());
        let type_name = self.0.introspection_type_name();
        let is_plain = ctx.data_opt::<NothingBetween>().is_some()
            && gather(ctx, &ctx.item.node, &type_name, &mut fields);
        if !is_plain {
            return resolve_container(ctx, &self.0).await;
        }
        // Objects stand within each other without end: here the compiler stops to look.
        let answer: BoxFuture<'_, Value> = Box::pin(answer(ctx, &self.0, fields));
        Ok(answer.await)
    }
}

/// Gathers the fields that are asked for, fragments included; `false` where one wants more than to be answered: a
/// directive, or the same name twice, whose answers have to be merged.
fn gather<'a>(
    ctx: &ContextSelectionSet<'a>,
    asked: &'a SelectionSet,
    type_name: &str,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> bool {
    asked.items.iter().all(|selection| {
        let (condition, within) = match &selection.node {
            Selection::Field(field) => {
                let name = &field.node.response_key().node;
                let is_new = |other: &&Positioned<Field>| other.node.response_key().node != *name;
                let is_plain = field.node.directives.is_empty() && fields.iter().all(is_new);
                fields.push(field);
                return is_plain;
            }
            Selection::InlineFragment(fragment) => (
                fragment.node.type_condition.as_ref(),
                &fragment.node.selection_set,
            ),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let Some(fragment) = ctx.query_env.fragments.get(name) else {
                    return false;
                };
                let fragment = &fragment.node;
                (Some(&fragment.type_condition), &fragment.selection_set)
            }
        };
        let is_of_it = condition.is_none_or(|condition| condition.node.on.node == type_name);
        is_of_it && gather(ctx, &within.node, type_name, fields)
    })
}

/// What a field answered; the library leaves nothing where there is no such field.
type Answer = ServerResult<Option<Value>>;

/// Asks each field once, in its order, and waits for those that are not known yet.
async fn answer<T: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    object: &T,
    fields: Vec<&Positioned<Field>>,
) -> Value {
    let ask = |field| async move {
        let of_field = ctx.with_field(field);
        object.resolve_field(&of_field).await
    };
    let mut answers = Vec::with_capacity(fields.len());
    let mut waiting: Vec<BoxFuture<'_, Answer>> = Vec::new();
    // The place of who was answered serves the next.
    let mut free = None;
    poll_fn(|cx| {
        for field in &fields {
            if field.node.name.node == "__typename" {
                let name = object.introspection_type_name().into_owned();
                answers.push(Some(Ok(Some(Value::String(name)))));
                continue;
            }
            let mut asked = placed(free.take(), ask(field));
            match asked.as_mut().poll(cx) {
                Poll::Ready(answer) => {
                    answers.push(Some(answer));
                    free = Some(asked);
                }
                Poll::Pending => {
                    answers.push(None);
                    waiting.push(asked);
                }
            }
        }
        Poll::Ready(())
    })
    .await;
    drop(free);
    named(ctx, &fields, answers, waiting).await
}

/// Waits for all who still have to answer, at the same time, and names what was answered.
async fn named(
    ctx: &ContextSelectionSet<'_>,
    fields: &[&Positioned<Field>],
    answers: Vec<Option<Answer>>,
    waiting: Vec<BoxFuture<'_, Answer>>,
) -> Value {
    let mut waited = join_all(waiting).await.into_iter();
    let mut named = IndexMap::with_capacity(answers.len());
    for (field, answer) in fields.iter().zip(answers) {
        let name = &field.node.response_key().node;
        match answer.or_else(|| waited.next()) {
            Some(Ok(value)) => {
                named.insert(name.clone(), value.unwrap_or_default());
            }
            Some(Err(error)) => ctx.add_error(error),
            None => {}
        }
    }
    // As the library does: an object of which nothing could be answered is none.
    if named.is_empty() {
        Value::Null
    } else {
        Value::Object(named)
    }
}

/// Puts it where another has ended, or into a place of its own.
fn placed<F>(free: Option<Pin<Box<F>>>, asked: F) -> Pin<Box<F>> {
    match free {
        Some(mut place) => {
            place.set(asked);
            place
        }
        None => Box::pin(asked),
    }
}

#[cfg(test)]
mod tests;
