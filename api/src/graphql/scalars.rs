//! Dates, instants and amounts on the wire.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as Instant, Datelike as _, NaiveDate, SecondsFormat, Utc};
use lianshen_domain::code::Code as _;
use lianshen_domain::rejected::{Lang, Reason};

/// The years in which a date can mean anything here, both included.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// A day in the zone of the centre (Asia/Shanghai), as `YYYY-MM-DD`, e.g. `2026-03-02`. Years 1900
/// to 2200; others answer the code `DATE_OUT_OF_RANGE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A day in the zone of the centre (Asia/Shanghai), as `YYYY-MM-DD`, e.g. `2026-03-02`. Years 1900
/// to 2200; others answer the code `DATE_OUT_OF_RANGE`.
#[Scalar(
    name = "Date",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let date = iso_date(text)
            .ok_or_else(|| InputValueError::custom("A date is written YYYY-MM-DD."))?;
        if YEARS.contains(&date.year()) {
            return Ok(Self(date));
        }
        let reason = Reason::DateOutOfRange {
            from: format!("{}-01-01", YEARS.start()),
            to: format!("{}-12-31", YEARS.end()),
        };
        // The parser of a scalar does not know the reader's language, so both are told.
        let message = [Lang::Zh, Lang::En].map(|lang| reason.message(lang));
        Err(InputValueError::custom(message.join(" ")).with_extension("code", reason.code().code()))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if iso_date(text).is_some())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl Date {
    /// Whether a text is written like a date, of a year that means nothing here.
    pub(super) fn is_beyond(text: &str) -> bool {
        iso_date(text).is_some_and(|date| !YEARS.contains(&date.year()))
    }
}

impl From<NaiveDate> for Date {
    fn from(date: NaiveDate) -> Self {
        Self(date)
    }
}

/// An instant in UTC by RFC 3339, with microseconds, e.g. `2026-03-02T01:30:00.000000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub Instant<Utc>);

/// An instant in UTC by RFC 3339, with microseconds, e.g. `2026-03-02T01:30:00.000000Z`. Other
/// offsets are understood on the way in.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        instant(text)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("An instant is written by RFC 3339."))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if instant(text).is_some())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl From<Instant<Utc>> for DateTime {
    fn from(instant: Instant<Utc>) -> Self {
        Self(instant)
    }
}

/// An exact decimal number as a string, e.g. `"120.50"`; never a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub rust_decimal::Decimal);

/// An exact decimal number as a string, e.g. `"120.50"`; never a float.
#[Scalar(
    name = "Decimal",
    specified_by_url = "https://www.w3.org/TR/xmlschema-2/#decimal"
)]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        decimal(text)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("A decimal number is written like \"120.50\"."))
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if decimal(text).is_some())
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<rust_decimal::Decimal> for Decimal {
    fn from(decimal: rust_decimal::Decimal) -> Self {
        Self(decimal)
    }
}

/// Exactly `YYYY-MM-DD`; the library would also take `2026-3-2` and signs.
fn iso_date(text: &str) -> Option<NaiveDate> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let is_date = text.len() == 10 && plain && text.split('-').map(str::len).eq([4, 2, 2]);
    is_date.then(|| text.parse().ok()).flatten()
}

fn instant(text: &str) -> Option<Instant<Utc>> {
    Instant::parse_from_rfc3339(text)
        .ok()
        .map(|instant| instant.to_utc())
}

fn decimal(text: &str) -> Option<rust_decimal::Decimal> {
    rust_decimal::Decimal::from_str_exact(text).ok()
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn date(&self, value: Date) -> Date {
            value
        }

        async fn instant(&self, value: DateTime) -> DateTime {
            value
        }

        async fn amount(&self, value: Decimal) -> Decimal {
            value
        }
    }

    async fn answer(field: &str, literal: &str) -> Result<String, Option<String>> {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let answer = schema
            .execute(format!("{{ {field}(value: {literal}) }}"))
            .await;
        if let Some(error) = answer.errors.first() {
            let code = error
                .extensions
                .as_ref()
                .and_then(|values| values.get("code"));
            return Err(code.map(ToString::to_string));
        }
        let data = answer.data.into_json().unwrap();
        Ok(data[field].as_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn dates_are_iso_and_within_three_centuries() {
        for date in ["1900-01-01", "2026-03-02", "2200-12-31"] {
            assert_eq!(
                answer("date", &format!("{date:?}")).await.as_deref(),
                Ok(date)
            );
        }
        for date in ["1899-12-31", "2201-01-01", "0000-01-01"] {
            assert_eq!(
                answer("date", &format!("{date:?}")).await,
                Err(Some("\"DATE_OUT_OF_RANGE\"".to_owned()))
            );
        }
        for wrong in [
            "\"2026-3-2\"",
            "\"2026-02-30\"",
            "\"+2026-02-01\"",
            "\"20260301\"",
            "20260301",
        ] {
            assert_eq!(answer("date", wrong).await, Err(None), "{wrong}");
        }
    }

    #[tokio::test]
    async fn instants_are_brought_to_utc() {
        assert_eq!(
            answer("instant", "\"2026-03-02T09:30:00.25+08:00\"")
                .await
                .as_deref(),
            Ok("2026-03-02T01:30:00.250000Z")
        );
        assert_eq!(answer("instant", "\"2026-03-02\"").await, Err(None));
    }

    #[tokio::test]
    async fn amounts_are_exact_strings() {
        assert_eq!(
            answer("amount", "\"120.50\"").await.as_deref(),
            Ok("120.50")
        );
        assert_eq!(answer("amount", "120.5").await, Err(None));
        assert_eq!(answer("amount", "\"1e3\"").await, Err(None));
    }
}
