//! Documents that were sent before. A front end sends the same few texts over and over, and reading one costs more than
//! answering it: 40 µs to parse and 14 µs to validate, beside 20 µs to execute a small answer.
//!
//! **Invariant.** Only a text that was scanned, parsed, measured and validated without a fault comes in here, and it is
//! found again by the whole text. What also depends on the request is asked of each: the way, the operation, and
//! variables between which validation cannot tell ([`Asked`]). All else is validated again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, OperationType, Selection, SelectionSet, VariableDefinition,
};
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{Request, Response, SchemaEnv, Value, Variables};
use lru::LruCache;

use super::beyond;
use super::null_propagation::{Executed, has_conditions};
use super::operation::{by_the_right_way, chosen};
use super::progress::Transport;

/// How many documents are kept.
const MOST: usize = 512;
/// How many bytes their texts may have together. A document takes up to a hundred times the memory of its text,
/// when it consists of fields of one letter; usually it is twenty times.
const MOST_BYTES: usize = 160 * 1024;
/// For how many operations and kinds of variables it is kept that a document passed.
const MOST_PASSED: usize = 16;

/// The documents of one schema.
pub(super) struct KnownDocuments(Mutex<Shelf>);

struct Shelf {
    documents: LruCache<Arc<str>, Arc<Known>>,
    bytes: usize,
}

/// A document without a fault.
pub(super) struct Known {
    pub(super) document: ExecutableDocument,
    /// Whether variables stand in it as whole arguments only, and of the very type that they are declared with: then all
    /// values of that type are alike to validation.
    has_plain_arguments: bool,
    /// Whether anything may be left out on a condition.
    has_conditions: bool,
    /// What it was validated against.
    schema: SchemaEnv,
    passed: Mutex<VecDeque<Asked>>,
}

/// All that validation looks at beside the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    operation: Option<String>,
    variables: Vec<Plain>,
}

/// A variable that stands by itself as an argument, as validation sees it: any text is as good as another where a text
/// may stand; a number may be the size of a page, which is what an answer may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plain {
    Absent,
    Null,
    Text,
    Number(i64),
    Truth(bool),
}

impl Default for KnownDocuments {
    fn default() -> Self {
        Self(Mutex::new(Shelf {
            documents: LruCache::unbounded(),
            bytes: 0,
        }))
    }
}

impl KnownDocuments {
    /// The document of this very text.
    pub(super) fn find(&self, text: &str) -> Option<Arc<Known>> {
        lock(&self.0).documents.get(text).cloned()
    }

    /// Keeps a document that validation found no fault with; those that were not asked for longest make room.
    pub(super) fn keep(
        &self,
        text: &str,
        document: ExecutableDocument,
        schema: &SchemaEnv,
    ) -> Arc<Known> {
        let known = Arc::new(Known {
            has_plain_arguments: has_plain_arguments(&document, &schema.registry),
            has_conditions: has_conditions(&document),
            document,
            schema: schema.clone(),
            passed: Mutex::default(),
        });
        let mut kept = lock(&self.0);
        if kept.documents.put(text.into(), known.clone()).is_none() {
            kept.bytes += text.len();
        }
        while kept.bytes > MOST_BYTES || kept.documents.len() > MOST {
            let Some((text, _)) = kept.documents.pop_lru() else {
                break;
            };
            kept.bytes -= text.len();
        }
        known
    }

    /// The document of a request with which validation has found no fault, whatever it would look at.
    pub(super) fn passed(
        &self,
        request: &Request,
        transport: Option<Transport>,
    ) -> Option<Arc<Known>> {
        let known = self.find(&request.query)?;
        let name = request.operation_name.as_deref();
        let operation = chosen(&known.document, name)?;
        by_the_right_way(operation.ty, transport).ok()?;
        let asked = Asked::of(&known, name, &request.variables)?;
        known.has_passed(&asked).then_some(known)
    }

    /// How many there are, and how long their texts are together.
    #[cfg(test)]
    fn size(&self) -> (usize, usize) {
        let kept = lock(&self.0);
        let texts = kept.documents.iter().map(|(text, _)| text.len());
        assert_eq!(texts.sum::<usize>(), kept.bytes);
        (kept.documents.len(), kept.bytes)
    }
}

impl Known {
    /// Whether validation found no fault with this before.
    fn has_passed(&self, asked: &Asked) -> bool {
        lock(&self.passed).contains(asked)
    }

    /// Remembers that validation found no fault.
    pub(super) fn remember(&self, asked: Asked) {
        let mut passed = lock(&self.passed);
        if !passed.contains(&asked) {
            if passed.len() == MOST_PASSED {
                passed.pop_front();
            }
            passed.push_back(asked);
        }
    }

    /// Settles what failed in an answer to it. The variables are those of the request, if a date among them is out of range.
    pub(super) fn settle(
        &self,
        name: Option<&str>,
        variables: Option<&Variables>,
        mut response: Response,
    ) -> Response {
        beyond::name_fields(&mut response, &self.document, variables);
        match chosen(&self.document, name) {
            Some(operation) => Executed {
                document: &self.document,
                operation,
                has_conditions: self.has_conditions,
                registry: &self.schema.registry,
            }
            .settle(response),
            None => response,
        }
    }
}

impl Asked {
    /// What validation looks at, or nothing if that is more than can be told here.
    pub(super) fn of(
        known: &Known,
        operation: Option<&str>,
        variables: &Variables,
    ) -> Option<Self> {
        // The size of what is not asked for is counted, too.
        let operations = known.document.operations.iter();
        let definitions =
            operations.flat_map(|(_, operation)| &operation.node.variable_definitions);
        let variables = definitions.map(|definition| plain(&definition.node, variables));
        let variables: Vec<Plain> = variables.collect::<Option<_>>()?;
        let is_plain = variables.is_empty() || known.has_plain_arguments;
        is_plain.then(|| Self {
            operation: operation.map(str::to_owned),
            variables,
        })
    }
}

/// A variable of a type that the specification defines, with a value that is of this type without doubt.
fn plain(definition: &VariableDefinition, variables: &Variables) -> Option<Plain> {
    let BaseType::Named(name) = &definition.var_type.node.base else {
        return None;
    };
    match (name.as_str(), variables.get(&definition.name.node)) {
        ("ID" | "String" | "Int" | "Boolean", None) => Some(Plain::Absent),
        ("ID" | "String" | "Int" | "Boolean", Some(Value::Null)) => Some(Plain::Null),
        ("ID" | "String", Some(Value::String(_))) => Some(Plain::Text),
        ("Int", Some(Value::Number(number))) => number.as_i64().map(Plain::Number),
        ("Boolean", Some(Value::Boolean(truth))) => Some(Plain::Truth(*truth)),
        _ => None,
    }
}

fn has_plain_arguments(document: &ExecutableDocument, registry: &Registry) -> bool {
    let operations = || document.operations.iter().map(|(_, operation)| operation);
    let definitions = operations().flat_map(|operation| &operation.node.variable_definitions);
    let variables = definitions.map(|definition| {
        let definition = &definition.node;
        let name = definition.name.node.as_str();
        (name, definition.var_type.node.to_string())
    });
    let arguments = PlainArguments {
        registry,
        variables: variables.collect(),
    };
    let mut fragments = document.fragments.values();
    fragments.all(|fragment| {
        let on = &fragment.node.type_condition.node.on.node;
        arguments.are_in(
            &fragment.node.selection_set.node,
            registry.types.get(on.as_str()),
        )
    }) && operations().all(|operation| {
        let root = match operation.node.ty {
            OperationType::Query => Some(registry.query_type.as_str()),
            OperationType::Mutation => registry.mutation_type.as_deref(),
            OperationType::Subscription => registry.subscription_type.as_deref(),
        };
        let root = root.and_then(|root| registry.types.get(root));
        arguments.are_in(&operation.node.selection_set.node, root)
    })
}

/// The variables of a document, by name and type; two operations may declare one each.
struct PlainArguments<'a> {
    registry: &'a Registry,
    variables: Vec<(&'a str, String)>,
}

impl PlainArguments<'_> {
    /// The nesting of the text is bounded, and so is how deep this calls itself.
    fn are_in(&self, set: &SelectionSet, parent: Option<&MetaType>) -> bool {
        set.items.iter().all(|selection| match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                let known = parent.and_then(|parent| parent.field_by_name(&field.name.node));
                let mut arguments = field.arguments.iter();
                arguments.all(|(name, value)| {
                    let mut used = None;
                    let value = value.node.clone().into_const_with(|variable| {
                        used = Some(variable);
                        Ok::<_, ()>(Value::Null)
                    });
                    let declared = known.and_then(|known| known.args.get(name.node.as_str()));
                    used.is_none_or(|variable| {
                        value == Ok(Value::Null)
                            && self.fits(&variable, declared.map(|declared| declared.ty.as_str()))
                    })
                }) && self.are_in(
                    &field.selection_set.node,
                    known.and_then(|known| self.registry.concrete_type_by_name(&known.ty)),
                )
            }
            Selection::InlineFragment(fragment) => {
                let on = fragment.node.type_condition.as_ref();
                let on = on.and_then(|on| self.registry.types.get(on.node.on.node.as_str()));
                self.are_in(&fragment.node.selection_set.node, on.or(parent))
            }
            Selection::FragmentSpread(_) => true,
        })
    }

    /// Whether a variable that stands as a whole argument is declared with the type of that argument.
    fn fits(&self, variable: &str, declared: Option<&str>) -> bool {
        let mut types = self.variables.iter().filter(|(name, _)| *name == variable);
        types.all(|(_, ty)| {
            declared
                .is_some_and(|declared| declared.trim_end_matches('!') == ty.trim_end_matches('!'))
        })
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
