//! A time of day as people write it in a file of settings: `17:30`. For `#[serde(with = "…")]`.

use chrono::NaiveTime;
use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

const FORMAT: &str = "%H:%M";

/// A time of day that is known to be one.
pub(crate) const fn at(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

/// As people write it.
pub(crate) fn text(time: NaiveTime) -> String {
    time.format(FORMAT).to_string()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
pub(crate) fn serialize<S: Serializer>(time: &NaiveTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*time))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveTime::parse_from_str(&text, FORMAT)
        .map_err(|_| D::Error::custom(format!("{text:?} is no time of the day; write it as 08:30")))
}
