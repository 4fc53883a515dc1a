//! Codes: the stable text form of an enum, as it stands in rows, exchange files and the schema.

/// A closed set of values with one stable code each.
///
/// Codes never change once released; texts for people do. The doc comments of the enum and of its
/// variants are kept as data, because the schema shows them to those who call the API.
pub trait Code: Copy + Eq + Send + Sync + 'static {
    /// The name of the set, as the schema shows it.
    const NAME: &'static str;
    /// What the set is for.
    const ABOUT: &'static str;
    /// All values, in the order in which people list them.
    const ALL: &'static [Self];

    /// The stable code, `UPPER_SNAKE_CASE`.
    fn code(self) -> &'static str;

    /// What the value means.
    fn about(self) -> &'static str;

    /// The Chinese term (术语) with which its description begins, for papers that people read.
    fn term(self) -> &'static str {
        let about = self.about().trim();
        let end = about.find([':', '.', ';', ',']);
        end.map_or(about, |end| &about[..end])
    }

    /// The value of a code, or `None` for a code that this version does not know.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.code() == code)
    }
}

/// Why a code cannot be read, and which can.
pub fn unknown<T: Code>(code: &str) -> String {
    let known: Vec<_> = T::ALL.iter().map(|value| value.code()).collect();
    format!(
        "unknown {} {code:?}, known are {}",
        T::NAME,
        known.join(", ")
    )
}

/// Declares an enum with a code a variant; serde writes and reads the code.
///
/// A set in which one value holds unless another is chosen says `#[derive(Default)]` and `#[default]`.
#[macro_export]
macro_rules! coded {
    ($(#[doc = $doc:expr])+ $(#[derive($derive:ident)])? $vis:vis enum $name:ident {
        $($(#[doc = $vdoc:expr])+ $(#[default $($never:lifetime)?])? $variant:ident = $code:literal),+ $(,)?
    }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord $(, $derive)?)]
        $vis enum $name { $($(#[doc = $vdoc])+ $(#[default $($never)?])? $variant),+ }

        impl $crate::code::Code for $name {
            const NAME: &'static str = stringify!($name);
            const ABOUT: &'static str = concat!($($doc, "\n"),+);
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($vdoc, "\n"),+)),+ }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::code::Code::code(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                <Self as $crate::code::Code>::from_code(&code)
                    .ok_or_else(|| serde::de::Error::custom($crate::code::unknown::<Self>(&code)))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    coded! {
        /// How urgent a matter is.
        /// Nothing else depends on it.
        #[derive(Default)]
        enum Urgency {
            /// 平件.
            #[default]
            Plain = "PLAIN",
            /// 急件: today.
            Urgent = "URGENT",
        }
    }

    #[test]
    fn a_code_is_what_rows_and_files_hold() {
        assert_eq!(Urgency::ALL, [Urgency::Plain, Urgency::Urgent]);
        for urgency in Urgency::ALL {
            let text = format!("\"{}\"", urgency.code());
            assert_eq!(serde_json::to_string(urgency).unwrap(), text);
            assert_eq!(serde_json::from_str::<Urgency>(&text).unwrap(), *urgency);
            assert_eq!(Urgency::from_code(urgency.code()), Some(*urgency));
        }
        assert_eq!(Urgency::from_code("urgent"), None);
        let unknown = serde_json::from_str::<Urgency>("\"SOON\"").unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "unknown Urgency \"SOON\", known are PLAIN, URGENT"
        );
    }

    #[test]
    fn the_comments_are_kept_for_the_schema() {
        assert_eq!(Urgency::NAME, "Urgency");
        assert_eq!(
            Urgency::ABOUT,
            " How urgent a matter is.\n Nothing else depends on it.\n"
        );
        assert_eq!(Urgency::Urgent.about(), " 急件: today.\n");
        assert_eq!(
            [Urgency::Plain.term(), Urgency::Urgent.term()],
            ["平件", "急件"]
        );
    }

    #[test]
    fn the_marked_value_holds_unless_another_is_chosen() {
        assert_eq!(Urgency::default(), Urgency::Plain);
    }
}
