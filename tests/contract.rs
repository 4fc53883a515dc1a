//! The schema as the tests walk it.

use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};

/// Every type by its name, without those of introspection.
pub struct Contract(BTreeMap<String, TypeDefinition>);

impl Contract {
    /// Reads what is served.
    pub fn read(sdl: &str) -> Self {
        let document = parse_schema(sdl).unwrap();
        let types = document
            .definitions
            .into_iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(found) => {
                    Some((found.node.name.node.to_string(), found.node))
                }
                _ => None,
            });
        Self(types.filter(|(name, _)| !name.starts_with("__")).collect())
    }

    /// The types that have fields, with their fields in order.
    pub fn objects(&self) -> impl Iterator<Item = (&str, Vec<&FieldDefinition>)> {
        self.0
            .keys()
            .map(|name| (name.as_str(), self.fields(name)))
            .filter(|(_, fields)| !fields.is_empty())
    }

    /// The fields of a type; none for scalars, enums and inputs.
    pub fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        match self.0.get(name).map(|found| &found.kind) {
            Some(TypeKind::Object(kind)) => kind.fields.iter().map(|field| &field.node).collect(),
            Some(TypeKind::Interface(kind)) => {
                kind.fields.iter().map(|field| &field.node).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The fields of an input.
    pub fn inputs(&self, name: &str) -> Vec<&InputValueDefinition> {
        match self.0.get(name).map(|found| &found.kind) {
            Some(TypeKind::InputObject(kind)) => {
                kind.fields.iter().map(|field| &field.node).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The values of an enum.
    pub fn values(&self, name: &str) -> Vec<&str> {
        match self.0.get(name).map(|found| &found.kind) {
            Some(TypeKind::Enum(kind)) => kind
                .values
                .iter()
                .map(|value| value.node.value.node.as_str())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The objects behind an interface or a union.
    pub fn possible(&self, name: &str) -> Vec<&str> {
        match self.0.get(name).map(|found| &found.kind) {
            Some(TypeKind::Union(kind)) => kind
                .members
                .iter()
                .map(|member| member.node.as_str())
                .collect(),
            Some(TypeKind::Interface(_)) => {
                let behind = self.0.iter().filter(|(_, found)| match &found.kind {
                    TypeKind::Object(kind) => kind.implements.iter().any(|one| one.node == name),
                    _ => false,
                });
                behind.map(|(name, _)| name.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a field of this type is asked for without a selection.
    pub fn is_leaf(&self, name: &str) -> bool {
        !matches!(
            self.0.get(name).map(|found| &found.kind),
            Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_))
        )
    }

    /// Each field of a type that needs no arguments, asked for on a way to it.
    pub fn asked_plainly(&self, noun: &str, before: &str, after: &str) -> Vec<String> {
        let fields = self.fields(noun).into_iter();
        let plain = fields.filter(|field| !needs_arguments(field));
        let asked = plain.map(|field| {
            let name = &field.name.node;
            let is_leaf = self.is_leaf(name_of(&field.ty.node));
            let below = if is_leaf { "" } else { " { __typename }" };
            format!("{before}{name}{below}{after}")
        });
        let asked: Vec<String> = asked.collect();
        assert!(!asked.is_empty(), "{noun}");
        asked
    }
}

/// The name of a type without lists and exclamation marks.
pub fn name_of(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => name_of(inner),
    }
}

/// Whether a field cannot be asked for without arguments.
pub fn needs_arguments(field: &FieldDefinition) -> bool {
    field
        .arguments
        .iter()
        .any(|argument| !argument.node.ty.node.nullable && argument.node.default_value.is_none())
}
