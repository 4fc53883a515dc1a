//! What becomes of the table of refusals: the reasons, their codes, and both texts of each.

/// Makes the reasons of a table: `Variant { field: Type } = "CODE" { "中文" "English" }`, each with its words before it.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident $({ $($field:ident: $type:ty),+ })? = $code:literal { $zh:literal $en:literal })+) => {
        /// Why the program refuses.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Reason {
            $($(#[doc = $doc])+ $variant $({ $(
                #[doc = "Fills the text."]
                $field: $type
            ),+ })?),+
        }

        coded! {
            /// Why a request was refused. Codes never change; texts follow the reader's language.
            pub enum UserErrorCode { $($(#[doc = $doc])+ $variant = $code),+ }
        }

        /// What the table says, for the tests that read all of it: code, fields, Chinese, English.
        #[cfg(test)]
        pub(super) const TABLE: &[(&str, &[&str], &str, &str)] =
            &[$(($code, &[$($(stringify!($field)),+)?], $zh, $en)),+];

        /// One refusal of each code, with nothing filled in.
        #[cfg(test)]
        pub(super) fn one_of_each() -> Vec<Reason> {
            vec![$(Reason::$variant $({ $($field: <$type>::default()),+ })?),+]
        }

        impl Reason {
            /// The stable code.
            pub fn code(&self) -> UserErrorCode {
                match self { $(Self::$variant $({ $($field: _),+ })? => UserErrorCode::$variant),+ }
            }

            /// What is wrong and what to do next.
            pub fn message(&self, lang: Lang) -> String {
                match self {
                    $(Self::$variant $({ $($field),+ })? => {
                        $($(let $field = $field.said(lang);)+)?
                        match lang { Lang::Zh => format!($zh), Lang::En => format!($en) }
                    })+
                }
            }
        }
    };
}

pub(super) use reasons;
