//! Documents that were sent before. A front end sends the same few texts over and over, and reading one costs more than
//! answering it: 40 µs to parse and 14 µs to validate, beside 20 µs to execute a small answer.
//!
//! **Invariant.** Only a text that was scanned, parsed, measured and validated without a fault comes in here, and it is
//! found again by the whole text. What also depends on the request is asked of each: the way, the variables, and a
//! verdict only counts for the same operation and for variables between which validation cannot tell
//! ([`Asked`]). All else is validated again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Selection, SelectionSet, VariableDefinition,
};
use async_graphql::{ValidationResult, Value, Variables};
use lru::LruCache;

/// How many documents are kept.
const MOST: usize = 512;
/// How many bytes their texts may have together. A document takes up to a hundred times the memory of its text,
/// when it consists of fields of one letter; usually it is twenty times.
const MOST_BYTES: usize = 160 * 1024;
/// How many verdicts are kept with a document.
const MOST_VERDICTS: usize = 16;

/// The documents of one schema.
pub(super) struct KnownDocuments(Mutex<Shelf>);

struct Shelf {
    documents: LruCache<Arc<str>, Arc<Known>>,
    bytes: usize,
}

/// A document without a fault.
pub(super) struct Known {
    pub(super) document: ExecutableDocument,
    /// Whether variables stand in it as whole arguments only, where their declared type is all that counts.
    has_plain_arguments: bool,
    verdicts: Mutex<Vec<(Asked, ValidationResult)>>,
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
    pub(super) fn keep(&self, text: &str, document: ExecutableDocument) {
        let known = Arc::new(Known {
            has_plain_arguments: has_plain_arguments(&document),
            document,
            verdicts: Mutex::default(),
        });
        let mut kept = lock(&self.0);
        if kept.documents.put(text.into(), known).is_none() {
            kept.bytes += text.len();
        }
        while kept.bytes > MOST_BYTES || kept.documents.len() > MOST {
            let Some((text, _)) = kept.documents.pop_lru() else {
                break;
            };
            kept.bytes -= text.len();
        }
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
    /// What validation said of this before.
    pub(super) fn verdict(&self, asked: &Asked) -> Option<ValidationResult> {
        let verdicts = lock(&self.verdicts);
        let found = verdicts.iter().find(|(before, _)| before == asked);
        found.map(|(_, verdict)| *verdict)
    }

    /// Remembers what validation said.
    pub(super) fn remember(&self, asked: Asked, verdict: ValidationResult) {
        let mut verdicts = lock(&self.verdicts);
        if verdicts.len() == MOST_VERDICTS {
            verdicts.remove(0);
        }
        verdicts.push((asked, verdict));
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

fn has_plain_arguments(document: &ExecutableDocument) -> bool {
    let fragments = document.fragments.values();
    let mut sets = fragments.map(|fragment| &fragment.node.selection_set.node);
    let mut operations = document.operations.iter();
    sets.all(is_plain_set)
        && operations.all(|(_, operation)| is_plain_set(&operation.node.selection_set.node))
}

/// The nesting of the text is bounded, and so is how deep this calls itself.
fn is_plain_set(set: &SelectionSet) -> bool {
    set.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => {
            let mut arguments = field.node.arguments.iter();
            arguments.all(|(_, value)| {
                let mut has_variable = false;
                let value = value.node.clone().into_const_with(|_| {
                    has_variable = true;
                    Ok::<_, ()>(Value::Null)
                });
                !has_variable || value == Ok(Value::Null)
            }) && is_plain_set(&field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => is_plain_set(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => true,
    })
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
