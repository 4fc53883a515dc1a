//! The one extension that stands round every document that is new, whichever way it arrived.
//!
//! One and not several, because the library allocates once per extension for every field.

use std::{
    any::Any,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use async_graphql::{
    Request, Response, ServerError, ServerResult, ValidationResult, Value, Variables,
    async_trait::async_trait,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextParseQuery,
        NextPrepareRequest, NextValidation,
    },
    parser::types::{ExecutableDocument, OperationDefinition},
};

use super::{
    beyond, expansion,
    fault::FaultCode,
    known::{Asked, Known, KnownDocuments},
    limits::DocumentLimits,
    operation::{by_the_right_way, chosen},
    progress::{self, Progress, Stage, Transport},
    refusal::Refusal,
    scan, unfit,
};
use lianshen_domain::code::Code as _;
use lianshen_domain::lang::Lang;

/// Checks each document, marks how far it came, and propagates nulls.
pub(super) struct DocumentGuard {
    limits: DocumentLimits,
    known: Arc<KnownDocuments>,
}

impl DocumentGuard {
    /// A guard with these bounds, that keeps what it finds no fault with.
    pub(super) fn new(limits: DocumentLimits, known: Arc<KnownDocuments>) -> Self {
        Self { limits, known }
    }
}

impl ExtensionFactory for DocumentGuard {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Guard {
            limits: self.limits,
            known: self.known.clone(),
            sent: Mutex::default(),
            passed: OnceLock::new(),
            beyond: OnceLock::new(),
        })
    }
}

struct Guard {
    limits: DocumentLimits,
    known: Arc<KnownDocuments>,
    sent: Mutex<Option<Sent>>,
    /// What validation found no fault with.
    passed: OnceLock<Arc<Known>>,
    /// The variables, if a date among them is out of range.
    beyond: OnceLock<Variables>,
}

#[async_trait]
impl Extension for Guard {
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        mut request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        let lang = laid_in::<Lang>(&request, ctx).unwrap_or_default();
        let transport = laid_in::<Transport>(&request, ctx);
        let progress = laid_in::<Progress>(&request, ctx).unwrap_or_default();
        let known = self.known.find(&request.query);
        let admitted = match &known {
            Some(known) => {
                let name = request.operation_name.as_deref();
                fits(
                    &known.document,
                    name,
                    &mut request.variables,
                    transport,
                    lang,
                )
            }
            None => admit(&mut request, transport, &self.limits, lang),
        };
        if let Err(Refused { stage, error }) = admitted {
            progress.mark(stage);
            return Err(*error);
        }
        if beyond::is_among(&request.variables) {
            let _ = self.beyond.set(request.variables.clone());
        }
        *self.sent() = Some(match known {
            Some(known) => {
                let name = request.operation_name.as_deref();
                let asked = Asked::of(&known, name, &request.variables);
                Sent::Known(known, asked)
            }
            None => Sent::Fresh(request.query.clone(), None),
        });
        next.run(ctx, request).await
    }

    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        if let Some(Sent::Known(known, _)) = &*self.sent() {
            return Ok(known.document.clone());
        }
        let lang = || ctx.data_opt::<Lang>().copied().unwrap_or_default();
        let parsed = next.run(ctx, query, variables).await;
        let parsed = parsed.map_err(|error| unfit::told(error, lang()))?;
        if let Some(Sent::Fresh(_, document)) = &mut *self.sent() {
            *document = Some(parsed.clone());
        }
        Ok(parsed)
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let sent = self.sent().take();
        let verdict = next.run(ctx).await.map_err(|errors| {
            let lang = ctx.data_opt::<Lang>().copied().unwrap_or_default();
            let told = errors.into_iter().map(|error| unfit::told(error, lang));
            told.collect::<Vec<_>>()
        })?;
        let passed = match sent {
            Some(Sent::Known(known, asked)) => {
                if let Some(asked) = asked {
                    known.remember(asked);
                }
                Some(known)
            }
            Some(Sent::Fresh(query, Some(document))) => {
                Some(self.known.keep(&query, document, ctx.schema_env))
            }
            _ => None,
        };
        if let Some(passed) = passed {
            let _ = self.passed.set(passed);
        }
        Ok(verdict)
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        if let Some(progress) = ctx.data_opt::<Progress>() {
            progress.mark(Stage::Executing);
        }
        let response = next.run(ctx, operation_name).await;
        match self.passed.get() {
            Some(passed) => passed.settle(operation_name, self.beyond.get(), response),
            None => response,
        }
    }
}

impl Guard {
    fn sent(&self) -> MutexGuard<'_, Option<Sent>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was sent, between the steps that the library takes with it.
enum Sent {
    /// A document that was sent before, and what validation looks at beside it.
    Known(Arc<Known>, Option<Asked>),
    /// A text that was not, and what it was parsed to.
    Fresh(String, Option<ExecutableDocument>),
}

/// A value that the transport has laid into the request, or into the session of a socket.
fn laid_in<T: Any + Clone + Send + Sync>(
    request: &Request,
    ctx: &ExtensionContext<'_>,
) -> Option<T> {
    let laid = progress::laid_in(request);
    laid.or_else(|| ctx.data_opt::<T>().cloned())
}

struct Refused {
    stage: Stage,
    error: Box<ServerError>,
}

/// Scans, parses and measures a document; the parsed form stays in the request, so that it is parsed once.
fn admit(
    request: &mut Request,
    transport: Option<Transport>,
    limits: &DocumentLimits,
    lang: Lang,
) -> Result<(), Refused> {
    scan::scan(&request.query, limits).map_err(|refusal| {
        let stage = if refusal.code == FaultCode::GraphqlParseFailed {
            Stage::Received
        } else {
            Stage::Refused
        };
        refused(stage, lang)(refusal)
    })?;
    let name = request.operation_name.clone();
    let mut variables = std::mem::take(&mut request.variables);
    let verdict = match request.parsed_query() {
        Err(error) => Err(Refused {
            stage: Stage::Received,
            error: Box::new(parse_failure(error, lang)),
        }),
        Ok(document) => expansion::measure(document, limits)
            .map_err(refused(Stage::Refused, lang))
            .and_then(|()| fits(document, name.as_deref(), &mut variables, transport, lang)),
    };
    request.variables = variables;
    verdict
}

/// What is asked of a request whatever is known of its text. Variables that it does not declare are forgotten.
fn fits(
    document: &ExecutableDocument,
    name: Option<&str>,
    variables: &mut Variables,
    transport: Option<Transport>,
    lang: Lang,
) -> Result<(), Refused> {
    let operation = chosen(document, name)
        .ok_or_else(|| not_chosen(name))
        .map_err(refused(Stage::Received, lang))?;
    by_the_right_way(operation.ty, transport)
        .map_err(|(stage, refusal)| refused(stage, lang)(refusal))?;
    forget_undeclared(variables, document);
    required_variables(operation, variables).map_err(refused(Stage::Received, lang))
}

fn refused(stage: Stage, lang: Lang) -> impl FnOnce(Refusal) -> Refused {
    move |refusal| Refused {
        stage,
        error: Box::new(refusal.into_error(lang)),
    }
}

fn parse_failure(error: ServerError, lang: Lang) -> ServerError {
    let mut error = unfit::unread(error, lang);
    error
        .extensions
        .get_or_insert_default()
        .set("code", FaultCode::GraphqlParseFailed.code());
    error
}

/// The library would say it in English only.
fn not_chosen(name: Option<&str>) -> Refusal {
    let code = FaultCode::GraphqlValidationFailed;
    match name.map(unfit::short) {
        Some(name) => Refusal::new(
            code,
            format!("请求中没有名为 {name} 的操作。请核对 operationName。"),
            format!("The document has no operation {name}: check operationName."),
        ),
        None => Refusal::new(
            code,
            "请求含有多个操作。请用 operationName 指明执行哪一个。",
            "The document has several operations: name the one to run in operationName.",
        ),
    }
}

/// A required variable that is missing is the request's fault (GraphQL 6.1.2); the library would report it as a fault
/// of the field that uses it.
fn required_variables(
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<(), Refusal> {
    for variable in &operation.variable_definitions {
        let variable = &variable.node;
        if variable.var_type.node.nullable
            || variable.default_value.is_some() && !variables.contains_key(&variable.name.node)
        {
            continue;
        }
        if matches!(variables.get(&variable.name.node), None | Some(Value::Null)) {
            let name: String = variable.name.node.chars().take(64).collect();
            return Err(Refusal::new(
                FaultCode::VariableMissing,
                format!("缺少必填变量 ${name}"),
                format!("The required variable ${name} is missing: give it a value."),
            ));
        }
    }
    Ok(())
}

/// Variables that no operation of the document declares are read by nobody, and a subscription would keep them as long as it
/// lives.
fn forget_undeclared(variables: &mut Variables, document: &ExecutableDocument) {
    variables.retain(|name, _| {
        let mut operations = document.operations.iter();
        operations.any(|(_, operation)| {
            let declared = &operation.node.variable_definitions;
            declared.iter().any(|one| one.node.name.node == *name)
        })
    });
}

#[cfg(test)]
mod tests {
    use async_graphql::{Context, EmptySubscription, Name, Object, Schema};

    use super::*;
    use crate::graphql::Served;

    struct Query;

    #[Object]
    impl Query {
        async fn number(&self, value: i32) -> i32 {
            value
        }

        /// The variables that are kept for as long as the operation runs.
        async fn kept(&self, ctx: &Context<'_>) -> String {
            let names = ctx.query_env.variables.keys();
            names.map(Name::as_str).collect()
        }
    }

    struct Mutation;

    #[Object]
    impl Mutation {
        async fn act(&self) -> bool {
            true
        }
    }

    async fn code_and_stage(request: Request) -> (Option<String>, Stage) {
        let schema = Served::new(DocumentLimits::default(), || {
            Schema::build(Query, Mutation, EmptySubscription)
        });
        let progress = Progress::default();
        let response = schema.execute(request.data(progress.clone())).await;
        let code = response.errors.first().map(|error| {
            let code = error
                .extensions
                .as_ref()
                .and_then(|extensions| extensions.get("code"));
            code.map_or_else(
                || "-".to_owned(),
                |code| {
                    code.clone()
                        .into_json()
                        .unwrap()
                        .as_str()
                        .unwrap()
                        .to_owned()
                },
            )
        });
        (code, progress.stage())
    }

    fn with(query: &str, variables: serde_json::Value) -> Request {
        Request::new(query).variables(async_graphql::Variables::from_json(variables))
    }

    #[tokio::test]
    async fn each_stage_is_marked() {
        let refused = |code: &str, stage| (Some(code.to_owned()), stage);
        assert_eq!(
            code_and_stage(Request::new("{ number(value: 1) }")).await,
            (None, Stage::Executing)
        );
        assert_eq!(
            code_and_stage(Request::new("{ number(value: 1)")).await,
            refused("GRAPHQL_PARSE_FAILED", Stage::Received)
        );
        assert_eq!(
            code_and_stage(Request::new("{ nothing }")).await,
            refused("-", Stage::Received)
        );
        assert_eq!(
            code_and_stage(Request::new("{".repeat(50_000))).await,
            refused("DOCUMENT_TOO_LONG", Stage::Refused)
        );
        assert_eq!(
            code_and_stage(Request::new("mutation { act }").data(Transport::Get)).await,
            refused("MUTATION_NEEDS_POST", Stage::WrongTransport)
        );
        assert_eq!(
            code_and_stage(
                Request::new("query a { number(value: 1) } mutation b { act }")
                    .operation_name("b")
                    .data(Transport::Socket)
            )
            .await
            .1,
            Stage::WrongTransport
        );
        assert_eq!(
            code_and_stage(
                Request::new("query a { number(value: 1) } mutation b { act }")
                    .operation_name("a")
                    .data(Transport::Get)
            )
            .await,
            (None, Stage::Executing)
        );
        assert_eq!(
            code_and_stage(Request::new("mutation { act }").data(Transport::Post)).await,
            (None, Stage::Executing)
        );
    }

    #[tokio::test]
    async fn variables_that_nobody_declares_are_not_kept() {
        let schema = Served::new(DocumentLimits::default(), || {
            Schema::build(Query, Mutation, EmptySubscription)
        });
        let query = "query($v: Int!) { kept number(value: $v) }";
        for time in ["the first", "known"] {
            let sent = with(query, serde_json::json!({ "v": 1, "w": [2], "x": "3" }));
            let told = schema.execute(sent).await.data.to_string();
            assert_eq!(told, "{kept: \"v\", number: 1}", "{time}");
        }
    }

    #[tokio::test]
    async fn required_variables_are_looked_for_before_execution() {
        let query = "query($v: Int!) { number(value: $v) }";
        let missing = (Some("VARIABLE_MISSING".to_owned()), Stage::Received);
        assert_eq!(
            code_and_stage(with(query, serde_json::json!({}))).await,
            missing
        );
        assert_eq!(
            code_and_stage(with(query, serde_json::json!({"v": null}))).await,
            missing
        );
        assert_eq!(
            code_and_stage(with(query, serde_json::json!({"v": 3}))).await,
            (None, Stage::Executing)
        );
        let defaulted = "query($v: Int! = 4) { number(value: $v) }";
        assert_eq!(
            code_and_stage(with(defaulted, serde_json::json!({}))).await,
            (None, Stage::Executing)
        );
        assert_eq!(
            code_and_stage(with(defaulted, serde_json::json!({"v": null}))).await,
            missing
        );
    }

    #[tokio::test]
    async fn the_echo_of_a_parse_failure_is_short() {
        let schema = Served::new(DocumentLimits::default(), || {
            Schema::build(Query, Mutation, EmptySubscription)
        });
        let response = schema
            .execute(format!("{{ number(value: \"{}\") % }}", "长".repeat(3_000)))
            .await;
        assert!(response.errors[0].message.chars().count() <= 330);
    }
}
