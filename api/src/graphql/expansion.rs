//! Bounds what a parsed document grows to when its fragments are written out.
//!
//! Thirty fragments of which each spreads the next one twice are a kilobyte of text and a thousand million selections;
//! the library's validation walks them all. Here each fragment is counted once and its count is reused, and nothing
//! calls itself.

use std::collections::{BTreeMap, HashMap};

use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};

use super::{fault::FaultCode, limits::DocumentLimits, refusal::Refusal};

/// Refuses a document that grows too large.
///
/// # Errors
/// The refusal names the limit that was passed, or a fragment that contains itself.
pub fn measure(document: &ExecutableDocument, limits: &DocumentLimits) -> Result<(), Refusal> {
    // In the order of their names, so that of several faults always the same one is told.
    let fragments: BTreeMap<&str, Written<'_>> = document
        .fragments
        .iter()
        .map(|(name, fragment)| {
            let mut written = Written::of(&fragment.node.selection_set.node);
            written.directives += fragment.node.directives.len();
            (name.as_str(), written)
        })
        .collect();
    let sizes = sizes(&fragments)?;

    let mut text = (0, 0);
    let mut selections = 0_usize;
    for written in fragments.values() {
        text = (text.0 + written.aliases, text.1 + written.directives);
    }
    let mut operations: Vec<_> = document.operations.iter().collect();
    operations.sort_by_key(|(name, _)| *name);
    for (_, operation) in operations {
        let operation = &operation.node;
        let written = Written::of(&operation.selection_set.node);
        let on_variables: usize = operation
            .variable_definitions
            .iter()
            .map(|variable| variable.node.directives.len())
            .sum();
        text = (
            text.0 + written.aliases,
            text.1 + written.directives + operation.directives.len() + on_variables,
        );
        let size = written.size(&sizes);
        selections = selections.saturating_add(size.selections);
        root_fields(operation.ty, size.root_fields, limits)?;
    }
    within(
        text.0,
        limits.aliases,
        FaultCode::DocumentTooManyAliases,
        "别名过多，请拆成几次请求",
        "Too many aliases: split the document",
    )?;
    within(
        text.1,
        limits.directives,
        FaultCode::DocumentTooManyDirectives,
        "指令过多，请减少",
        "Too many directives: use fewer",
    )?;
    // Validation also walks each fragment for itself, whether an operation uses it or not.
    let largest = sizes
        .values()
        .map(|size| size.selections)
        .max()
        .unwrap_or_default();
    let together = sizes
        .values()
        .fold(0_usize, |sum, size| sum.saturating_add(size.selections));
    let counted = selections.max(largest).max(together / FRAGMENT_SHARE);
    within(
        counted,
        limits.selections,
        FaultCode::DocumentTooLarge,
        "片段展开后的字段过多，请减少字段或片段",
        "The document is too large once its fragments are written out: ask for fewer fields",
    )
}

/// Fragments that contain one another are each walked by validation; together they may be this often the limit.
const FRAGMENT_SHARE: usize = 4;

fn root_fields(ty: OperationType, count: usize, limits: &DocumentLimits) -> Result<(), Refusal> {
    match ty {
        OperationType::Query => within(
            count,
            limits.root_fields,
            FaultCode::DocumentTooManyRootFields,
            "一次查询的根字段过多，请拆成几次请求",
            "Too many root fields in one query: split it",
        ),
        OperationType::Mutation => within(
            count,
            limits.mutation_fields,
            FaultCode::DocumentTooManyMutations,
            "一次请求的操作过多，请分次提交",
            "Too many mutations in one document: send them one by one",
        ),
        OperationType::Subscription => within(
            count,
            1,
            FaultCode::DocumentTooManySubscriptions,
            "一次订阅只能有一个根字段",
            "A subscription has exactly one root field",
        ),
    }
}

fn within(count: usize, limit: usize, code: FaultCode, zh: &str, en: &str) -> Result<(), Refusal> {
    if count > limit {
        Err(Refusal::over(code, zh, en, limit))
    } else {
        Ok(())
    }
}

/// A selection set as it stands in the text.
#[derive(Default)]
struct Written<'a> {
    own: Size,
    /// Every spread, with whether it stands at the root.
    spreads: Vec<(&'a str, bool)>,
    aliases: usize,
    directives: usize,
}

/// What a selection set grows to.
#[derive(Clone, Copy, Default)]
struct Size {
    selections: usize,
    root_fields: usize,
}

impl<'a> Written<'a> {
    fn of(set: &'a SelectionSet) -> Self {
        let mut written = Self::default();
        let mut open = vec![(set, true)];
        while let Some((set, root)) = open.pop() {
            for selection in &set.items {
                written.own.selections += 1;
                written.directives += selection.node.directives().len();
                match &selection.node {
                    Selection::Field(field) => {
                        written.own.root_fields += usize::from(root);
                        written.aliases += usize::from(field.node.alias.is_some());
                        open.push((&field.node.selection_set.node, false));
                    }
                    Selection::InlineFragment(fragment) => {
                        open.push((&fragment.node.selection_set.node, root));
                    }
                    Selection::FragmentSpread(spread) => written
                        .spreads
                        .push((spread.node.fragment_name.node.as_str(), root)),
                }
            }
        }
        written
    }

    /// Its size when every spread is replaced. An unknown fragment counts nothing: validation names it.
    fn size(&self, sizes: &HashMap<&str, Size>) -> Size {
        self.spreads.iter().fold(self.own, |size, (name, root)| {
            let inner = sizes.get(name).copied().unwrap_or_default();
            Size {
                selections: size.selections.saturating_add(inner.selections),
                root_fields: if *root {
                    size.root_fields.saturating_add(inner.root_fields)
                } else {
                    size.root_fields
                },
            }
        })
    }
}

/// The size of every fragment, those they spread first.
fn sizes<'a>(
    fragments: &BTreeMap<&'a str, Written<'a>>,
) -> Result<HashMap<&'a str, Size>, Refusal> {
    enum Step<'a> {
        Enter(&'a str),
        Leave(&'a str),
    }
    let mut sizes = HashMap::with_capacity(fragments.len());
    let mut open = std::collections::HashSet::new();
    let mut steps: Vec<Step<'a>> = fragments.keys().map(|name| Step::Enter(name)).collect();
    while let Some(step) = steps.pop() {
        match step {
            Step::Enter(name) => {
                let Some(written) = fragments.get(name) else {
                    continue;
                };
                if sizes.contains_key(name) {
                    continue;
                }
                // All steps above a fragment's `Leave` come from within it, so meeting it again means a circle.
                if !open.insert(name) {
                    return Err(circle(name));
                }
                steps.push(Step::Leave(name));
                steps.extend(written.spreads.iter().map(|(inner, _)| Step::Enter(inner)));
            }
            Step::Leave(name) => {
                open.remove(name);
                if let Some(written) = fragments.get(name) {
                    let size = written.size(&sizes);
                    sizes.insert(name, size);
                }
            }
        }
    }
    Ok(sizes)
}

fn circle(name: &str) -> Refusal {
    let name: String = name.chars().take(64).collect();
    Refusal::new(
        FaultCode::DocumentFragmentCircle,
        format!("片段 {name} 包含了自身，请去掉循环"),
        format!("The fragment {name} contains itself: break the circle."),
    )
}

#[cfg(test)]
mod tests {
    use std::{fmt::Write as _, time::Instant};

    use async_graphql::parser::parse_query;
    use lianshen_domain::code::Code as _;

    use super::*;

    fn verdict(document: &str) -> Result<(), &'static str> {
        let document = parse_query(document).expect("the vector is well-formed");
        measure(&document, &DocumentLimits::default()).map_err(|refusal| refusal.code.code())
    }

    fn doubling(levels: usize) -> String {
        let mut document = "{ ...f0 }".to_owned();
        for level in 0..levels {
            write!(
                document,
                " fragment f{level} on Query {{ ...f{next} ...f{next} }}",
                next = level + 1
            )
            .unwrap();
        }
        write!(document, " fragment f{levels} on Query {{ a }}").unwrap();
        document
    }

    #[test]
    fn doubled_fragments_are_refused_at_once_and_few_levels_pass() {
        let begun = Instant::now();
        assert_eq!(verdict(&doubling(3)), Ok(()));
        assert_eq!(verdict(&doubling(30)), Err("DOCUMENT_TOO_MANY_ROOT_FIELDS"));
        assert_eq!(
            verdict(&doubling(30).replacen("...f0", "b { ...f0 }", 1)),
            Err("DOCUMENT_TOO_LARGE")
        );
        assert_eq!(
            verdict(&doubling(30).replacen("...f0", "b", 1)),
            Err("DOCUMENT_TOO_LARGE"),
            "unused fragments are walked too"
        );
        assert!(begun.elapsed().as_millis() < 500);
    }

    #[test]
    fn fragments_that_contain_themselves_are_refused() {
        assert_eq!(
            verdict("{ ...a } fragment a on Q { x ...a }"),
            Err("DOCUMENT_FRAGMENT_CIRCLE")
        );
        assert_eq!(
            verdict(
                "{ x } fragment a on Q { ...b } fragment b on Q { y { ...c } } fragment c on Q { ...a }"
            ),
            Err("DOCUMENT_FRAGMENT_CIRCLE")
        );
        assert_eq!(
            verdict("{ ...a ...a ...b } fragment a on Q { ...b } fragment b on Q { y ...missing }"),
            Ok(())
        );
    }

    #[test]
    fn a_chain_of_many_fragments_needs_no_stack() {
        let mut document = "{ ...f0 }".to_owned();
        for level in 0..60 {
            write!(
                document,
                " fragment f{level} on Query {{ ...f{} }}",
                level + 1
            )
            .unwrap();
        }
        assert_eq!(verdict(&document), Ok(()));
    }

    #[test]
    fn aliases_directives_and_root_fields_are_bounded() {
        let aliases =
            |count: usize| (0..count).fold(String::new(), |text, n| text + &format!("a{n}: x "));
        assert_eq!(
            verdict(&format!("{{ deep {{ {} }} }}", aliases(30))),
            Ok(())
        );
        assert_eq!(
            verdict(&format!("{{ deep {{ {} }} }}", aliases(31))),
            Err("DOCUMENT_TOO_MANY_ALIASES")
        );
        assert_eq!(verdict(&format!("{{ {} }}", "x ".repeat(20))), Ok(()));
        assert_eq!(
            verdict(&format!("{{ ... on Query {{ {} }} }}", "x ".repeat(21))),
            Err("DOCUMENT_TOO_MANY_ROOT_FIELDS")
        );
        assert_eq!(
            verdict(&format!("{{ x {} }}", "@skip(if: false) ".repeat(50))),
            Ok(())
        );
        assert_eq!(
            verdict(&format!("{{ x {} }}", "@skip(if: false) ".repeat(51))),
            Err("DOCUMENT_TOO_MANY_DIRECTIVES")
        );
        assert_eq!(
            verdict(&format!("query($v: Int {}) {{ x }}", "@d ".repeat(51))),
            Err("DOCUMENT_TOO_MANY_DIRECTIVES")
        );
        assert_eq!(verdict("mutation { a b c d e }"), Ok(()));
        assert_eq!(
            verdict("mutation { a ...f ...f } fragment f on M { b c d }"),
            Err("DOCUMENT_TOO_MANY_MUTATIONS")
        );
        assert_eq!(verdict("subscription { a }"), Ok(()));
        assert_eq!(
            verdict("subscription { a b }"),
            Err("DOCUMENT_TOO_MANY_SUBSCRIPTIONS")
        );
        assert_eq!(
            verdict(&format!(
                "query a {{ x }} mutation b {{ {} }}",
                "m ".repeat(6)
            )),
            Err("DOCUMENT_TOO_MANY_MUTATIONS"),
            "every operation counts"
        );
    }
}
