//! What does not fit the schema, told like every other refusal: in the reader's language, and of a value with the field that
//! is to blame. The library says it in English and puts the field into its sentence.

use async_graphql::ServerError;
use lianshen_domain::lang::Lang;

/// With these words the library begins what it says of a value; the path of the value follows.
const OPENING: &str = "Invalid value for argument \"";

/// The longest name that is repeated: a client may call a field by all that fits into a request.
const LONGEST: usize = 64;

/// The longest sentence of the library that is repeated.
const LONGEST_SENTENCE: usize = 300;

/// The same fault in the reader's language, of a value with `extensions.field`.
pub(super) fn told(mut error: ServerError, lang: Lang) -> ServerError {
    if let Some((field, message)) = read(&error.message, lang) {
        error.message = message;
        error.extensions.get_or_insert_default().set("field", field);
    } else {
        let sentence = shortened(&error.message);
        error.message = lang.pick(
            format!("{}（{sentence}）", in_chinese(&error.message)),
            sentence,
        );
    }
    error
}

/// That a document cannot be parsed; the library shows where.
pub(super) fn unread(mut error: ServerError, lang: Lang) -> ServerError {
    let shown = shortened(&error.message);
    error.message = lang.pick(
        format!("查询语句的语法有误，无法解析。请检查下面所指之处。\n{shown}"),
        shown,
    );
    error
}

/// A place as `userErrors` names it, whose paths begin below the one argument of a mutation.
pub(super) fn below_input(path: &str) -> &str {
    path.strip_prefix("input.").unwrap_or(path)
}

/// What to do about a document, for people who read no English; what exactly is wrong stands in the sentence of the library.
fn in_chinese(sentence: &str) -> &'static str {
    const SENTENCES: [(&str, &str); 7] = [
        (
            "Query is too complex",
            "一次查询的内容过多。请减少字段或每页条数，或者分几次查询。",
        ),
        (
            "Query is nested too deep",
            "查询嵌套过深。请减少层数，或者分几次查询。",
        ),
        (
            "The recursion depth of the query",
            "查询嵌套过深。请减少层数，或者分几次查询。",
        ),
        ("Unknown field", "接口没有这个字段。请核对名称。"),
        ("Unknown argument", "接口没有这个参数。请核对名称。"),
        ("Unknown type", "接口没有这个类型。请核对名称。"),
        ("Variable \"$", "变量的声明或使用有误。请核对。"),
    ];
    let mut known = SENTENCES.iter();
    let found = known.find(|(opening, _)| sentence.starts_with(opening));
    found.map_or("查询不符合接口定义。请对照接口定义修改。", |(_, zh)| zh)
}

/// What the library says, which may quote all of a long document.
fn shortened(sentence: &str) -> String {
    let cut = sentence.char_indices().nth(LONGEST_SENTENCE);
    cut.map_or_else(
        || sentence.to_owned(),
        |(at, _)| format!("{}…", &sentence[..at]),
    )
}

/// The field that a sentence of the library speaks of, and what people are told instead of it.
fn read(sentence: &str, lang: Lang) -> Option<(String, String)> {
    let (path, what) = sentence.strip_prefix(OPENING)?.split_once("\", ")?;
    let place = below_input(path);
    let within = |name: &str| match path {
        "input" => short(name),
        _ => format!("{place}.{}", short(name)),
    };
    let told = if let Some((name, _)) = quoted(what, "field \"", "\" of type \"") {
        let field = within(name);
        let message = lang.pick(
            format!("缺少必填项 {field}。请填写后重试。"),
            format!("{field} is missing: give it a value."),
        );
        (field, message)
    } else if let Some((name, _)) = quoted(what, "unknown field \"", "\" of type \"") {
        let field = within(name);
        let message = lang.pick(
            format!("接口没有字段 {field}。请核对名称。"),
            format!("There is no field {field}: check its name."),
        );
        (field, message)
    } else if let Some((kind, value)) = quoted(
        what,
        "enumeration type \"",
        "\" does not contain the value \"",
    ) {
        let value = short(value);
        let message = lang.pick(
            format!("{place} 不能填写 {value}。可填写的值见接口定义中的 {kind}。"),
            format!("{place} cannot be {value}: the schema lists the values of {kind}."),
        );
        (place.to_owned(), message)
    } else {
        let kind = what.strip_prefix("expected type \"")?.strip_suffix('"')?;
        let (zh, en) = written_like(kind);
        let message = lang.pick(
            format!("{place} 的值不正确，此处需要 {kind}{zh}。"),
            format!("The value of {place} is wrong: the type {kind} is wanted here{en}."),
        );
        (place.to_owned(), message)
    };
    Some(told)
}

/// How a value of a scalar is written, where its name does not say so.
fn written_like(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "Date" => (
            "，写作 YYYY-MM-DD，如 2026-03-02",
            ", written YYYY-MM-DD, e.g. 2026-03-02",
        ),
        "DateTime" => (
            "，按 RFC 3339 书写，如 2026-03-02T01:30:00Z",
            ", written by RFC 3339, e.g. 2026-03-02T01:30:00Z",
        ),
        "Decimal" => (
            "，写作字符串，如 \"120.50\"",
            ", written as a string, e.g. \"120.50\"",
        ),
        _ => ("", ""),
    }
}

/// What stands between the first two words, and between the second and a closing quote.
fn quoted<'a>(what: &'a str, before: &str, between: &str) -> Option<(&'a str, &'a str)> {
    let (first, rest) = what.strip_prefix(before)?.split_once(between)?;
    let end = rest.find('"').unwrap_or(rest.len());
    Some((first, &rest[..end]))
}

pub(super) fn short(name: &str) -> String {
    name.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Enum, InputObject, Object, Schema};
    use serde_json::{Value, json};

    use super::*;
    use crate::graphql::scalars::{Date, DateTime, Decimal};
    use crate::graphql::{DocumentLimits, Served};

    #[derive(Clone, Copy, PartialEq, Eq, Enum)]
    enum Colour {
        Red,
    }

    #[derive(InputObject)]
    struct Line {
        on: Option<Date>,
        colour: Option<Colour>,
    }

    #[derive(InputObject)]
    struct Input {
        number: i32,
        at: Option<DateTime>,
        amount: Option<Decimal>,
        lines: Option<Vec<Line>>,
    }

    struct Query;

    #[Object]
    impl Query {
        async fn act(&self, input: Input) -> bool {
            let Input {
                number,
                at,
                amount,
                lines,
            } = input;
            let lines = lines.unwrap_or_default();
            let says_all = |line: &Line| line.on.is_some() && line.colour.is_some();
            number > 0 && at.is_some() && amount.is_some() && lines.iter().all(says_all)
        }
        async fn ask(&self, month: Option<Date>) -> bool {
            month.is_some()
        }
        async fn inner(&self) -> Self {
            Self
        }
    }

    async fn fault(document: &str, input: Value, lang: Lang) -> (Option<String>, String) {
        let schema = Served::new(DocumentLimits::default(), || {
            Schema::build(Query, EmptyMutation, EmptySubscription)
        });
        let variables = async_graphql::Variables::from_json(json!({ "input": input }));
        let request = async_graphql::Request::new(document).variables(variables);
        let answer = schema.execute(request.data(lang)).await;
        let error = answer.errors.first().expect("it does not fit");
        let extensions = error.extensions.as_ref();
        let field = extensions.and_then(|known| known.get("field")?.clone().into_json().ok());
        let field = field.and_then(|field| field.as_str().map(str::to_owned));
        (field, error.message.clone())
    }

    #[tokio::test]
    async fn a_value_that_does_not_fit_is_named_and_told_in_both_languages() {
        let act = "query($input: Input!) { act(input: $input) }";
        for (input, field, zh, en) in [
            (
                json!({ "number": 1, "lines": [{}, { "on": "2026-3-2" }] }),
                "lines.1.on",
                "lines.1.on 的值不正确，此处需要 Date，写作 YYYY-MM-DD，如 2026-03-02。",
                "The value of lines.1.on is wrong: the type Date is wanted here, written YYYY-MM-DD, e.g. 2026-03-02.",
            ),
            (
                json!({ "number": 1, "at": "2026-03-02" }),
                "at",
                "at 的值不正确，此处需要 DateTime，按 RFC 3339 书写，如 2026-03-02T01:30:00Z。",
                "The value of at is wrong: the type DateTime is wanted here, written by RFC 3339, e.g. 2026-03-02T01:30:00Z.",
            ),
            (
                json!({ "number": 1, "amount": 120.5 }),
                "amount",
                "amount 的值不正确，此处需要 Decimal，写作字符串，如 \"120.50\"。",
                "The value of amount is wrong: the type Decimal is wanted here, written as a string, e.g. \"120.50\".",
            ),
            (
                json!({ "number": "1" }),
                "number",
                "number 的值不正确，此处需要 Int。",
                "The value of number is wrong: the type Int is wanted here.",
            ),
            (
                json!({ "number": 1, "lines": [{ "colour": "GREEN" }] }),
                "lines.0.colour",
                "lines.0.colour 不能填写 GREEN。可填写的值见接口定义中的 Colour。",
                "lines.0.colour cannot be GREEN: the schema lists the values of Colour.",
            ),
            (
                json!({}),
                "number",
                "缺少必填项 number。请填写后重试。",
                "number is missing: give it a value.",
            ),
            (
                json!({ "number": 1, "lines": [{ "off": 1 }] }),
                "lines.0.off",
                "接口没有字段 lines.0.off。请核对名称。",
                "There is no field lines.0.off: check its name.",
            ),
        ] {
            for (lang, wanted) in [(Lang::Zh, zh), (Lang::En, en)] {
                let told = fault(act, input.clone(), lang).await;
                let wanted = (Some(field.to_owned()), wanted.to_owned());
                assert_eq!(told, wanted, "{input}");
            }
        }
        let month = fault("{ ask(month: \"March\") }", Value::Null, Lang::Zh).await;
        assert_eq!(month.0.as_deref(), Some("month"));
    }

    #[tokio::test]
    async fn a_long_name_is_not_repeated() {
        let act = "query($input: Input!) { act(input: $input) }";
        let mut input = json!({ "number": 1 });
        input["长".repeat(5_000)] = json!(1);
        let (field, message) = fault(act, input, Lang::Zh).await;
        assert_eq!(field.map(|field| field.chars().count()), Some(LONGEST));
        assert!(message.chars().count() < 100, "{message}");
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_document_is_told_in_both_languages() {
        for (document, zh, en) in [
            (
                "{ nothing }",
                "接口没有这个字段。请核对名称。（Unknown field \"nothing\" on type \"Query\".）",
                "Unknown field \"nothing\" on type \"Query\".",
            ),
            (
                "{ ask(week: 1) }",
                "接口没有这个参数。请核对名称。（Unknown argument \"week\" on field \"ask\" of type \"Query\".）",
                "Unknown argument \"week\" on field \"ask\" of type \"Query\".",
            ),
            (
                "query($day: Day) { ask(month: $day) }",
                "接口没有这个类型。请核对名称。（Unknown type \"Day\"）",
                "Unknown type \"Day\"",
            ),
            (
                "{ ask { nothing } }",
                "查询不符合接口定义。请对照接口定义修改。（Field \"ask\" must not have a selection since type \"Boolean\" has no subfields）",
                "Field \"ask\" must not have a selection since type \"Boolean\" has no subfields",
            ),
            (
                "query One { ask } query Other { ask }",
                "请求含有多个操作。请用 operationName 指明执行哪一个。",
                "The document has several operations: name the one to run in operationName.",
            ),
        ] {
            for (lang, wanted) in [(Lang::Zh, zh), (Lang::En, en)] {
                let (field, message) = fault(document, Value::Null, lang).await;
                assert_eq!((field, message.as_str()), (None, wanted));
            }
        }
        let (_, zh) = fault("{ ask(", Value::Null, Lang::Zh).await;
        let (_, en) = fault("{ ask(", Value::Null, Lang::En).await;
        let detail = zh.strip_prefix("查询语句的语法有误，无法解析。请检查下面所指之处。\n");
        assert_eq!(detail, Some(en.as_str()));
        let (_, long) = fault(
            &format!("{{ {} }}", "a".repeat(5_000)),
            Value::Null,
            Lang::Zh,
        )
        .await;
        assert!(long.chars().count() < 400, "{long}");
    }

    #[tokio::test]
    async fn what_asks_for_too_much_is_told_in_both_languages() {
        let schema = Served::new(DocumentLimits::default(), || {
            let builder = Schema::build(Query, EmptyMutation, EmptySubscription);
            builder.limit_depth(1).limit_complexity(2)
        });
        for (document, zh, en) in [
            (
                "{ inner { ask } }",
                "查询嵌套过深。请减少层数，或者分几次查询。（Query is nested too deep.）",
                "Query is nested too deep.",
            ),
            (
                "{ a: ask b: ask c: ask }",
                "一次查询的内容过多。请减少字段或每页条数，或者分几次查询。（Query is too complex.）",
                "Query is too complex.",
            ),
        ] {
            for (lang, wanted) in [(Lang::Zh, zh), (Lang::En, en)] {
                let request = async_graphql::Request::new(document).data(lang);
                let answer = schema.execute(request).await;
                assert_eq!(answer.errors[0].message, wanted);
            }
        }
    }
}
