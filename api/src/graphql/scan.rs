//! Bounds a document before the parser sees it.
//!
//! The parser calls itself for every nested bracket, and a stack that overflows ends the process: no panic layer can
//! catch that. So brackets and tokens are counted here first, in one pass over the bytes, without recursion.

use super::{fault::FaultCode, limits::DocumentLimits, refusal::Refusal};

/// Refuses a text that is too long, too deeply nested or made of too many tokens.
///
/// # Errors
/// The refusal names the limit that was passed. A string that never ends is refused too: the parser would go back and
/// read the brackets inside it, which this pass has not counted.
pub fn scan(document: &str, limits: &DocumentLimits) -> Result<(), Refusal> {
    if document.len() > limits.bytes {
        return Err(Refusal::over(
            FaultCode::DocumentTooLong,
            "查询文本过长，请拆成几次请求，并把数据放进变量",
            "The document is too long: split it, and pass data as variables",
            limits.bytes,
        ));
    }
    let bytes = document.as_bytes();
    let (mut at, mut tokens, mut depth) = (0, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        let next = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            0xEF if bytes[at..].starts_with("\u{feff}".as_bytes()) => {
                at += 3;
                continue;
            }
            b'#' => {
                at += bytes[at..]
                    .iter()
                    .take_while(|byte| !matches!(byte, b'\r' | b'\n'))
                    .count();
                continue;
            }
            b'"' => at + string_length(&bytes[at..]).ok_or_else(unterminated)?,
            b'.' if bytes[at..].starts_with(b"...") => at + 3,
            byte if is_word(byte) => {
                at + bytes[at..]
                    .iter()
                    .take_while(|byte| is_word(**byte))
                    .count()
            }
            _ => at + 1,
        };
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        tokens += 1;
        if depth > limits.nesting {
            return Err(Refusal::over(
                FaultCode::DocumentTooDeep,
                "查询嵌套过深，请减少层数",
                "The document is nested too deeply: ask for fewer levels at once",
                limits.nesting,
            ));
        }
        if tokens > limits.tokens {
            return Err(Refusal::over(
                FaultCode::DocumentTooManyTokens,
                "查询内容过多，请拆成几次请求",
                "The document has too many tokens: split it",
                limits.tokens,
            ));
        }
        at = next;
    }
    Ok(())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of the string that starts here, quotes included; `None` if it never ends.
fn string_length(bytes: &[u8]) -> Option<usize> {
    if bytes.starts_with(br#"""""#) {
        let mut at = 3;
        while at < bytes.len() {
            if bytes[at..].starts_with(br#"\""""#) {
                at += 4;
            } else if bytes[at..].starts_with(br#"""""#) {
                return Some(at + 3);
            } else {
                at += 1;
            }
        }
        return None;
    }
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\r' | b'\n' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn unterminated() -> Refusal {
    Refusal::new(
        FaultCode::GraphqlParseFailed,
        "查询中有未结束的字符串，请补上引号",
        "A string in the document never ends: close its quotes.",
    )
}

#[cfg(test)]
mod tests {
    use lianshen_domain::code::Code as _;

    use super::*;

    fn verdict(document: &str) -> Result<(), &'static str> {
        scan(document, &DocumentLimits::default()).map_err(|refusal| refusal.code.code())
    }

    #[test]
    fn brackets_are_counted_and_not_those_in_strings_and_comments() {
        let brackets = "[".repeat(300);
        assert_eq!(
            verdict(&format!("{{a(b:{}1{})}}", "[".repeat(38), "]".repeat(38))),
            Ok(())
        );
        assert_eq!(
            verdict(&format!("{{a(b:{}1{})}}", "[".repeat(39), "]".repeat(39))),
            Err("DOCUMENT_TOO_DEEP")
        );
        assert_eq!(
            verdict(&format!("{{a(b:{}", "{a:".repeat(300))),
            Err("DOCUMENT_TOO_DEEP")
        );
        assert_eq!(
            verdict(&format!("query($v:{}", "[".repeat(300))),
            Err("DOCUMENT_TOO_DEEP")
        );
        assert_eq!(verdict(&format!(r#"{{a(b:"{brackets}")}}"#)), Ok(()));
        assert_eq!(verdict(&format!(r#"{{a(b:"\"{brackets}")}}"#)), Ok(()));
        assert_eq!(
            verdict(&format!(
                r#"{{a(b:"""{brackets} \""" " "" {brackets}""")}}"#
            )),
            Ok(())
        );
        assert_eq!(verdict(&format!("{{a #{brackets}\n}}")), Ok(()));
        assert_eq!(
            verdict(&format!("{{a #\n{brackets}")),
            Err("DOCUMENT_TOO_DEEP")
        );
        assert_eq!(
            verdict(&format!("{{a #\r{brackets}")),
            Err("DOCUMENT_TOO_DEEP")
        );
    }

    #[test]
    fn brackets_hidden_behind_an_unclosed_string_are_refused() {
        let brackets = "[".repeat(300);
        for hidden in [
            format!(r#"{{a(b:["""x" {brackets}"#),
            format!("{{a(b:\"x\n{brackets}\""),
            format!(r#"{{a(b:"{brackets}"#),
            r#"{a(b:"\"#.to_owned(),
            r#"{a(b:"""\""""#.to_owned(),
        ] {
            assert_eq!(verdict(&hidden), Err("GRAPHQL_PARSE_FAILED"), "{hidden}");
        }
        assert_eq!(
            verdict(&format!(r#"{{a(b:["" {brackets}"#)),
            Err("DOCUMENT_TOO_DEEP")
        );
        assert_eq!(
            verdict(&format!(r#"{{a(b:["""""" {brackets}"#)),
            Err("DOCUMENT_TOO_DEEP")
        );
    }

    #[test]
    fn length_and_tokens_are_bounded() {
        assert_eq!(verdict(&format!("{{{}}}", "a ".repeat(1_998))), Ok(()));
        assert_eq!(
            verdict(&format!("{{{}}}", "a ".repeat(1_999))),
            Err("DOCUMENT_TOO_MANY_TOKENS")
        );
        assert_eq!(
            verdict(&format!("{{a {}}}", "@".repeat(2_000))),
            Err("DOCUMENT_TOO_MANY_TOKENS")
        );
        assert_eq!(
            verdict(&format!("{{a {}}}", "é".repeat(1_999))),
            Err("DOCUMENT_TOO_MANY_TOKENS")
        );
        assert_eq!(verdict(&" ".repeat(20 * 1024)), Ok(()));
        assert_eq!(
            verdict(&" ".repeat(20 * 1024 + 1)),
            Err("DOCUMENT_TOO_LONG")
        );
        assert_eq!(verdict("\u{feff}{ a }"), Ok(()));
    }
}
