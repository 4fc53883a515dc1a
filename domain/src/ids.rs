//! Identifiers: one type a noun, so that a case is never looked up by the id of a review.

use uuid::Uuid;

/// An identifier of one kind of object.
pub trait Id: Copy + Eq + std::hash::Hash + Send + Sync + 'static {
    /// The word before the colon in the wire form, e.g. `case` in `case:018f…`.
    const KIND: &'static str;

    /// Wraps a raw identifier that is known to be of this kind.
    fn new(raw: Uuid) -> Self;

    /// The raw identifier.
    fn raw(self) -> Uuid;

    /// The wire form, `kind:uuid`.
    fn wire(self) -> String {
        let mut raw = Uuid::encode_buffer();
        [
            Self::KIND,
            ":",
            self.raw().hyphenated().encode_lower(&mut raw),
        ]
        .concat()
    }
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident = $kind:literal;)+) => {
        /// Every kind.
        pub const KINDS: &[&str] = &[$($kind),+];

        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct $name(Uuid);

            impl Id for $name {
                const KIND: &'static str = $kind;

                fn new(raw: Uuid) -> Self {
                    Self(raw)
                }

                fn raw(self) -> Uuid {
                    self.0
                }
            }
        )+
    };
}

ids! {
    /// An account that signs in.
    AccountId = "account";
    /// A signed-in session: one sign-in and all that was refreshed from it.
    SessionId = "session";
    /// A department (部门).
    DepartmentId = "department";
    /// One published version of an item (事项).
    ItemVersionId = "item";
    /// One published version of a bundle (一件事).
    BundleVersionId = "bundle";
    /// An application (申请).
    ApplicationId = "application";
    /// A case (办件).
    CaseId = "case";
    /// A review (审查).
    ReviewId = "review";
    /// A joint site visit or a joint meeting (联合踏勘, 联审会议).
    VisitId = "visit";
    /// A mediation of a conflict (协调).
    MediationId = "mediation";
    /// A material that was handed in (材料).
    MaterialId = "material";
    /// A document that was issued (文书).
    DocumentId = "document";
    /// An alert or a card (预警, 黄牌, 红牌).
    CardId = "card";
    /// An absence of a reviewer (外出).
    AbsenceId = "absence";
    /// An event on a timeline.
    EventId = "event";
}
