//! temp
crate::coded! {
    /// x
    pub enum ApplicantKind {
        /// x
        NaturalPerson = "NATURAL_PERSON",
    }
}
