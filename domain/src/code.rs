//! Codes: the stable text form of an enum, as it stands in rows, exchange files and the schema.

/// A closed set of values with one stable code each.
///
/// Codes never change once released; texts for people do.
pub trait Code: Copy + Eq + 'static {
    /// All values, in the order in which people list them.
    const ALL: &'static [Self];

    /// The stable code, `UPPER_SNAKE_CASE`.
    fn code(self) -> &'static str;

    /// The value of a code, or `None` for a code that this version does not know.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.code() == code)
    }
}

/// Declares an enum with a code a variant.
#[macro_export]
macro_rules! coded {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis enum $name { $($(#[$vmeta])* $variant),+ }

        impl $crate::code::Code for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }
    };
}
