//! The JSON round a document: `query`, `operationName`, `variables`, `extensions`.

use std::collections::HashMap;

use async_graphql::{Request, Variables};
use serde_json::Value;

use crate::graphql::Refusal;
use crate::graphql::fault::FaultCode;

/// Reads the body of a POST.
///
/// # Errors
/// The refusal says what is wrong with the body.
pub(super) fn from_body(body: &[u8]) -> Result<Request, Refusal> {
    from_json(serde_json::from_slice(body).map_err(|_| not_json())?)
}

/// Reads the parameters of a GET.
///
/// # Errors
/// The refusal says which parameter is wrong.
pub(super) fn from_parameters(mut parameters: HashMap<String, String>) -> Result<Request, Refusal> {
    let mut object = serde_json::Map::new();
    for name in ["query", "operationName"] {
        if let Some(text) = parameters.remove(name) {
            object.insert(name.to_owned(), Value::String(text));
        }
    }
    for name in ["variables", "extensions"] {
        if let Some(text) = parameters.remove(name).filter(|text| !text.is_empty()) {
            object.insert(
                name.to_owned(),
                serde_json::from_str(&text).map_err(|_| wrong(name))?,
            );
        }
    }
    from_json(Value::Object(object))
}

/// Reads an envelope that is JSON already.
///
/// # Errors
/// The refusal says which member is missing or of the wrong kind.
pub(super) fn from_json(json: Value) -> Result<Request, Refusal> {
    let mut members = match json {
        Value::Object(members) => members,
        Value::Array(_) => {
            return Err(Refusal::new(
                FaultCode::BatchNotSupported,
                "不支持批量请求，请每次只发送一个操作",
                "Batches are not supported: send one operation a request.",
            ));
        }
        _ => return Err(not_json()),
    };
    let mut take = |name: &'static str| members.remove(name).filter(|value| !value.is_null());
    let query = match take("query") {
        Some(Value::String(query)) if !query.trim().is_empty() => query,
        None | Some(Value::String(_)) => {
            return Err(Refusal::new(
                FaultCode::QueryMissing,
                "缺少 query",
                "`query` is missing: give the document as a string.",
            ));
        }
        Some(_) => return Err(wrong("query")),
    };
    let mut request = Request::new(query);
    match take("operationName") {
        // Some clients send an empty name where there is none.
        Some(Value::String(name)) => {
            request.operation_name = Some(name).filter(|name| !name.is_empty());
        }
        None => {}
        Some(_) => return Err(wrong("operationName")),
    }
    match take("variables") {
        Some(variables @ Value::Object(_)) => request.variables = Variables::from_json(variables),
        None => {}
        Some(_) => return Err(wrong("variables")),
    }
    // No extension of ours reads them, so they're only checked.
    match take("extensions") {
        Some(Value::Object(_)) | None => Ok(request),
        Some(_) => Err(wrong("extensions")),
    }
}

fn not_json() -> Refusal {
    Refusal::new(
        FaultCode::RequestMalformed,
        "请求体必须是 JSON 对象，含 query 字段",
        "The body must be a JSON object with a member `query`.",
    )
}

fn wrong(name: &str) -> Refusal {
    let (zh, en) = match name {
        "query" | "operationName" => ("字符串", "a string"),
        _ => ("JSON 对象", "a JSON object"),
    };
    Refusal::new(
        FaultCode::RequestMalformed,
        format!("{name} 必须是{zh}"),
        format!("`{name}` must be {en}."),
    )
}

#[cfg(test)]
mod tests {
    use lianshen_domain::code::Code as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn members_of_the_wrong_kind_are_refused() {
        let code = |json| {
            from_json(json)
                .map(|_| ())
                .map_err(|refusal| refusal.code.code())
        };
        assert_eq!(
            code(
                json!({"query": "{a}", "variables": null, "operationName": null, "extensions": null})
            ),
            Ok(())
        );
        assert_eq!(
            code(
                json!({"query": "{a}", "variables": {"x": 1}, "operationName": "", "extensions": {}})
            ),
            Ok(())
        );
        assert_eq!(code(json!([{"query": "{a}"}])), Err("BATCH_NOT_SUPPORTED"));
        assert_eq!(code(json!({})), Err("QUERY_MISSING"));
        assert_eq!(code(json!({"query": " "})), Err("QUERY_MISSING"));
        for wrong in [
            json!(1),
            json!("x"),
            json!({"query": 1}),
            json!({"query": "{a}", "variables": []}),
            json!({"query": "{a}", "variables": "{}"}),
            json!({"query": "{a}", "operationName": 1}),
            json!({"query": "{a}", "extensions": 1}),
        ] {
            assert_eq!(code(wrong.clone()), Err("REQUEST_MALFORMED"), "{wrong}");
        }
        assert_eq!(
            from_body(b"{\"query\": \"\xff\"}")
                .map(|_| ())
                .unwrap_err()
                .code
                .code(),
            "REQUEST_MALFORMED"
        );
    }
}
