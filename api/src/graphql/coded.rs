//! The domain's enums as GraphQL enums, described by the words that stand beside their variants.

use std::any::type_name;
use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::{Deprecation, MetaEnumValue, MetaType, MetaTypeId, Registry};
use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, Name, OutputType,
    Positioned, ServerResult, Value,
};
use lianshen_domain::code::Code;

/// An enum of the domain on the wire. Its values and their descriptions come from [`Code`], so that
/// none is listed twice and none can be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeEnum<T>(pub T);

impl<T> From<T> for CodeEnum<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Code> InputType for CodeEnum<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::Enum, |_| meta::<T>())
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let value = value.unwrap_or_default();
        let code = match &value {
            Value::Enum(name) => name.as_str(),
            // Variables arrive as JSON, which knows no enums.
            Value::String(text) => text.as_str(),
            _ => return Err(InputValueError::expected_type(value)),
        };
        T::from_code(code)
            .map(Self)
            .ok_or_else(|| InputValueError::custom(format_args!("{} has no such value.", T::NAME)))
    }

    fn to_value(&self) -> Value {
        Value::Enum(Name::new(self.0.code()))
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        Some(self)
    }
}

impl<T: Code> OutputType for CodeEnum<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, |_| meta::<T>())
    }

    async fn resolve(
        &self,
        _ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(InputType::to_value(self))
    }
}

fn meta<T: Code>() -> MetaType {
    let values = T::ALL.iter().map(|value| {
        let described = MetaEnumValue {
            name: value.code().to_owned(),
            description: Some(tidied(value.about())),
            deprecation: Deprecation::NoDeprecated,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            directive_invocations: Vec::new(),
        };
        (value.code().to_owned(), described)
    });
    MetaType::Enum {
        name: T::NAME.to_owned(),
        description: Some(tidied(T::ABOUT)),
        enum_values: values.collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(type_name::<CodeEnum<T>>()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// A doc comment without the space that begins each of its lines.
fn tidied(doc: &str) -> String {
    let lines: Vec<&str> = doc.lines().map(str::trim).collect();
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
    use lianshen_domain::item::{CaseType, ItemType};

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn echo(&self, value: CodeEnum<CaseType>) -> CodeEnum<CaseType> {
            value
        }
    }

    #[test]
    fn the_schema_shows_every_value_with_its_words() {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let sdl = schema.sdl();
        let at = sdl.find("enum CaseType").unwrap();
        let of_enum = &sdl[at..sdl[at..].find('}').unwrap() + at];
        for value in CaseType::ALL {
            assert!(
                of_enum.contains(&format!("\t{}\n", value.code())),
                "{of_enum}"
            );
            assert!(of_enum.contains(value.about().trim()), "{of_enum}");
        }
        assert!(sdl.contains(&format!(
            "{}\n\"\"\"\nenum CaseType",
            CaseType::ABOUT.trim()
        )));
    }

    #[tokio::test]
    async fn values_go_in_and_out_by_their_codes() {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let answer = schema.execute("{ echo(value: PROMISED) }").await;
        assert_eq!(answer.errors, []);
        assert_eq!(
            answer.data.into_json().unwrap(),
            serde_json::json!({"echo": "PROMISED"})
        );
        for wrong in [
            "{ echo(value: SLOW) }",
            "{ echo(value: 1) }",
            "{ echo(value: null) }",
        ] {
            assert_eq!(schema.execute(wrong).await.errors.len(), 1, "{wrong}");
        }
    }

    #[test]
    fn every_code_is_read_back() {
        for value in ItemType::ALL {
            let wire = InputType::to_value(&CodeEnum(*value));
            assert_eq!(CodeEnum::parse(Some(wire)).ok(), Some(CodeEnum(*value)));
        }
    }
}
