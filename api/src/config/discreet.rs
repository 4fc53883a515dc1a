//! What is wrong with the configuration, without the values: one that stands in the wrong place may be a secret.

use figment::Error;
use figment::error::{Actual, Kind, OneOf};

use super::bounds;

/// The same errors, each with its key, what was expected and where it came from, but not with what was found.
pub(super) fn discreet(errors: Vec<Error>) -> Error {
    let mut all: Vec<Error> = errors.into_iter().map(alone).collect();
    let first = all.pop();
    let chained = all.into_iter().rev().fold(first, |before, error| {
        Some(match before {
            Some(before) => before.chain(error),
            None => error,
        })
    });
    // There is at least one.
    chained.unwrap_or_else(|| Error::from("it cannot be read"))
}

fn alone(mut error: Error) -> Error {
    let key = error.path.join(".");
    // In a file a key has the name that it has there, and not that of a profile, which nobody chose.
    error.metadata = error.metadata.map(|metadata| match metadata.source {
        Some(_) => metadata.interpolater(|_, path| path.join(".")),
        None => metadata,
    });
    error.kind = match error.kind {
        Kind::InvalidType(found, expected) => {
            Kind::InvalidType(kind_of(found), in_words(expected, &key))
        }
        Kind::InvalidValue(found, expected) => {
            Kind::InvalidValue(kind_of(found), in_words(expected, &key))
        }
        // As the library has it, but with the quotes once.
        Kind::UnknownField(found, known) => Kind::Message(format!(
            "unknown field: found `{found}`, expected {}",
            OneOf(known)
        )),
        Kind::UnknownVariant(found, known) => Kind::Message(format!(
            "unknown variant: found `{found}`, expected {}",
            OneOf(known)
        )),
        Kind::Unsupported(found) => Kind::Unsupported(kind_of(found)),
        Kind::UnsupportedKey(found, expected) => Kind::UnsupportedKey(kind_of(found), expected),
        // The place; below it the parser repeats the line.
        Kind::Message(text) if text.starts_with("TOML parse error") => {
            Kind::Message(text.lines().next().unwrap_or_default().to_owned())
        }
        other => other,
    };
    error
}

/// What is expected, for people who know no Rust.
fn in_words(expected: String, key: &str) -> String {
    match expected.as_str() {
        "u32" | "u64" | "usize" => bounds::in_words(key),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list, such as [\"one\", \"two\"]".to_owned(),
        _ => expected,
    }
}

/// What kind of value it is.
fn kind_of(found: Actual) -> Actual {
    let kind = match found {
        Actual::Bool(_) => "bool",
        Actual::Unsigned(_) | Actual::Signed(_) => "integer",
        Actual::Float(_) => "float",
        Actual::Char(_) | Actual::Str(_) => "string",
        Actual::Bytes(_) => "bytes",
        Actual::Other(_) => "another",
        unnamed => return unnamed,
    };
    Actual::Other(kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_stay_in_their_order_and_none_tells_a_value() {
        let found = Kind::InvalidType(Actual::Str("secret".to_owned()), "u32".to_owned());
        let parsed = "TOML parse error at line 3, column 9\n  |\n3 | token = secret\n  |  ^\nno such value\n";
        let errors = Error::from(parsed.to_owned())
            .chain(Error::from(found).with_path("pool"))
            .chain(Error::from("the last"));
        let told: Vec<String> = discreet(errors.into_iter().collect())
            .into_iter()
            .map(|error| error.to_string())
            .collect();
        assert_eq!(
            told,
            [
                "the last",
                "invalid type: found string, expected a whole number, 1 to 1000",
                "TOML parse error at line 3, column 9",
            ]
        );
    }
}
