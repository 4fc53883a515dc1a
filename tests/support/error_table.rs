//! The table of errors in docs/api.md: what a client is told that it may be answered.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

/// The codes in the first column.
pub static CODES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, section) = text.split_once("\n## Bad input and errors\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let codes = rows.flat_map(|cell| cell.split("`, `").map(|code| code.trim_matches('`')));
    codes.map(str::to_owned).collect()
});

/// Makes sure that every error of an answer is one that clients are told of.
pub fn expect_told(answer: &Value) {
    for error in answer["errors"].as_array().into_iter().flatten() {
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        assert!(
            CODES.contains(code),
            "the table of errors in docs/api.md lacks {code:?}: {error}"
        );
    }
}
