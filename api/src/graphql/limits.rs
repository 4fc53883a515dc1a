//! How large a document may be.

/// The bounds of one document. The defaults let the standard introspection query and every example of ours through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentLimits {
    /// Length of the text in bytes.
    pub bytes: usize,
    /// How deep brackets of any kind may be nested. The parser calls itself for each; 2,000 end the process.
    pub nesting: usize,
    /// Names, numbers, strings and punctuators in the text.
    pub tokens: usize,
    /// Fields, spreads and inline fragments of all operations after every fragment has been written out.
    pub selections: usize,
    /// Aliases in the text.
    pub aliases: usize,
    /// Root fields of a query, fragments written out.
    pub root_fields: usize,
    /// Directives in the text.
    pub directives: usize,
    /// Root fields of a mutation, fragments written out. Each is a business act of its own.
    pub mutation_fields: usize,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self {
            bytes: 20 * 1024,
            nesting: 40,
            tokens: 2_000,
            selections: 2_000,
            aliases: 30,
            root_fields: 20,
            directives: 50,
            mutation_fields: 5,
        }
    }
}
