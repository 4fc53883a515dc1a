//! Payloads: the changed object, or why nothing was done.

/// Declares payloads of acts on one noun, all of the same shape, and what each is made of.
macro_rules! payloads {
    ($field:ident: $noun:ty; $($(#[doc = $doc:literal])+ $name:ident;)+) => {
        /// What every act on this noun answers.
        struct Acted {
            done: Option<$noun>,
            user_errors: Vec<$crate::graphql::user_error::UserError>,
        }

        $(
            $(#[doc = $doc])+
            #[derive(async_graphql::SimpleObject)]
            pub struct $name {
                /// The object as it stands now; null when there are `userErrors`.
                pub $field: Option<$noun>,
                /// Why nothing was done; all reasons at once.
                pub user_errors: Vec<$crate::graphql::user_error::UserError>,
            }

            impl From<Acted> for $name {
                fn from(Acted { done, user_errors }: Acted) -> Self {
                    Self { $field: done, user_errors }
                }
            }
        )+
    };
}

pub(super) use payloads;
