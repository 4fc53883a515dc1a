//! Identifiers on the wire: `kind:uuid`, e.g. `case:018f…`.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, ID, InputType, InputValueError, InputValueResult, OutputType, Positioned,
    ServerResult, Value,
};
use lianshen_domain::ids::Id;
use lianshen_domain::rejected::{Reason, Rejected};
use uuid::Uuid;

/// An `ID` that should be of one kind. What arrives is read only by [`NodeId::read`], because the
/// refusal belongs into the payload of a mutation, with the path of the field.
#[derive(Clone, Debug)]
pub struct NodeId<T>(Form<T>);

#[derive(Clone, Debug)]
enum Form<T> {
    /// As it arrived.
    Sent(String),
    /// One of ours.
    Known(T),
}

impl<T: Id> NodeId<T> {
    /// The identifier; `path` names the input field, e.g. `caseId`.
    ///
    /// # Errors
    /// `IdMalformed`, `IdWrongKind`.
    pub fn read(&self, path: &str) -> Result<T, Rejected> {
        match &self.0 {
            Form::Sent(wire) => read(wire).map_err(|reason| reason.at(path)),
            Form::Known(id) => Ok(*id),
        }
    }

    fn wire(&self) -> String {
        match &self.0 {
            Form::Sent(wire) => wire.clone(),
            Form::Known(id) => id.wire(),
        }
    }
}

/// The identifiers of a list; `path` names the input field.
///
/// # Errors
/// As [`NodeId::read`], at the place in the list.
pub fn read_all<T: Id>(ids: Vec<NodeId<T>>, path: &str) -> Result<Vec<T>, Rejected> {
    let ids = ids.into_iter().enumerate();
    ids.map(|(at, id)| id.read(&format!("{path}.{at}")))
        .collect()
}

impl<T: Id> From<T> for NodeId<T> {
    fn from(id: T) -> Self {
        Self(Form::Known(id))
    }
}

/// For the interface of all objects, whose `id` is of any kind.
impl<T: Id> From<NodeId<T>> for ID {
    fn from(id: NodeId<T>) -> Self {
        Self(id.wire())
    }
}

impl<T: Id> InputType for NodeId<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <ID as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let ID(wire) = ID::parse(value).map_err(InputValueError::propagate)?;
        Ok(Self(Form::Sent(wire)))
    }

    fn to_value(&self) -> Value {
        Value::String(self.wire())
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        Some(self)
    }
}

impl<T: Id> OutputType for NodeId<T> {
    fn type_name() -> Cow<'static, str> {
        <ID as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(InputType::to_value(self))
    }
}

fn read<T: Id>(wire: &str) -> Result<T, Reason> {
    let (kind, raw) = wire.split_once(':').ok_or(Reason::IdMalformed)?;
    // One spelling for one identifier: the library also takes braces, `urn:` and no hyphens.
    let id = Uuid::try_parse(raw)
        .ok()
        .filter(|id| id.to_string() == raw)
        .ok_or(Reason::IdMalformed)?;
    let is_a_word = (1..=20).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_lowercase());
    if kind == T::KIND {
        Ok(T::new(id))
    } else if is_a_word {
        Err(Reason::IdWrongKind {
            wanted: T::KIND.to_owned(),
            got: kind.to_owned(),
        })
    } else {
        Err(Reason::IdMalformed)
    }
}

#[cfg(test)]
mod tests {
    use lianshen_domain::ids::{CaseId, ReviewId};

    use super::*;

    const RAW: &str = "018f3c2e-7d41-7c33-9b1f-0242ac120002";

    fn typed<T: Id>(wire: &str) -> NodeId<T> {
        NodeId::parse(Some(Value::String(wire.to_owned()))).unwrap_or_else(|_| panic!("{wire}"))
    }

    #[test]
    fn an_id_is_read_back_as_it_was_written() {
        let id = CaseId::new(RAW.parse().unwrap());
        let wire = InputType::to_value(&NodeId::from(id));
        assert_eq!(wire, Value::String(format!("case:{RAW}")));
        assert_eq!(
            typed::<CaseId>(&format!("case:{RAW}")).read("caseId"),
            Ok(id)
        );
    }

    #[test]
    fn an_id_of_another_kind_is_refused_as_such() {
        let got = typed::<ReviewId>(&format!("case:{RAW}")).read("input.reviewId");
        let reason = Reason::IdWrongKind {
            wanted: "review".to_owned(),
            got: "case".to_owned(),
        };
        assert_eq!(got, Err(reason.at("input.reviewId")));
    }

    #[test]
    fn everything_else_is_malformed() {
        let upper = format!("case:{}", RAW.to_uppercase());
        let bare = format!("case:{}", RAW.replace('-', ""));
        let odd_kind = format!("<b>:{RAW}");
        for wire in [
            "",
            RAW,
            "case:",
            "case:7",
            ":",
            &upper,
            &bare,
            &odd_kind,
            "case:case:",
        ] {
            assert_eq!(
                typed::<CaseId>(wire).read("id"),
                Err(Reason::IdMalformed.at("id")),
                "{wire}"
            );
        }
    }
}
