//! How refusals and faults stand in an answer.
//!
//! A refusal of a mutation is data, in `userErrors` of its payload. A refusal of a query's arguments,
//! a missing sign-in and a fault of ours are `errors` with a code in `extensions`.

use async_graphql::{Error, ErrorExtensionValues, SimpleObject};
use lianshen_domain::code::Code as _;
use lianshen_domain::rejected::{Lang, Rejected, UserErrorCode};
use uuid::Uuid;

use super::coded::CodeEnum;
use super::fault::FaultCode;
use crate::error::AppError;

/// Why nothing was done. All reasons come at once.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// The stable code, for programs.
    pub code: CodeEnum<UserErrorCode>,
    /// What is wrong and what to do next, for people, in the language of `Accept-Language`.
    pub message: String,
    /// The path of the input field that is to blame, outermost first; empty when no single one is.
    pub field: Vec<String>,
}

impl UserError {
    /// A refusal in the reader's language.
    pub fn of(rejected: Rejected, lang: Lang) -> Self {
        Self {
            code: CodeEnum(rejected.reason.code()),
            message: rejected.reason.message(lang),
            field: rejected.field,
        }
    }

    /// All refusals in the reader's language.
    pub fn all(rejected: Vec<Rejected>, lang: Lang) -> Vec<Self> {
        rejected
            .into_iter()
            .map(|one| Self::of(one, lang))
            .collect()
    }
}

/// What a payload is made of: what was done, or why nothing was.
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    /// What was done.
    pub done: Option<T>,
    /// Why nothing was; empty when something was.
    pub user_errors: Vec<UserError>,
}

pub(super) fn outcome_of<T>(
    result: Result<T, AppError>,
    lang: Lang,
    request_id: Uuid,
) -> Result<Outcome<T>, Error> {
    match result {
        Ok(done) => Ok(Outcome {
            done: Some(done),
            user_errors: Vec::new(),
        }),
        Err(AppError::Rejected(rejected)) => Ok(Outcome {
            done: None,
            user_errors: UserError::all(rejected, lang),
        }),
        Err(error) => Err(error_of(error, lang, request_id)),
    }
}

pub(super) fn error_of(error: AppError, lang: Lang, request_id: Uuid) -> Error {
    match error {
        AppError::Rejected(rejected) => {
            let messages: Vec<String> = rejected
                .iter()
                .map(|one| one.reason.message(lang))
                .collect();
            let first = rejected.first();
            let code = first.map_or(FaultCode::Internal.code(), |one| one.reason.code().code());
            let mut error = coded_error(code, messages.join("\n"));
            if let Some(one) = first.filter(|one| !one.field.is_empty()) {
                let field: Vec<_> = one.field.iter().map(String::as_str).collect();
                extend(&mut error, "field", field.join("."));
            }
            error
        }
        AppError::Unauthenticated(reason) => {
            let mut error = coded_error(FaultCode::Unauthenticated.code(), reason.message(lang));
            extend(&mut error, "reason", reason.code().code().to_owned());
            error
        }
        AppError::Busy(what) => {
            tracing::warn!(request.id = %request_id, %what, "too busy");
            let reason = lianshen_domain::rejected::Reason::Busy;
            coded_error(FaultCode::Busy.code(), reason.message(lang))
        }
        AppError::Unknown(what) => {
            tracing::warn!(request.id = %request_id, %what, "the database did not say whether it was written");
            let message = match lang {
                Lang::Zh => "数据库未确认是否已写入，请稍后用同一幂等键重试。",
                Lang::En => {
                    "The database did not say whether this was written: repeat shortly, with the same idempotency key."
                }
            };
            coded_error(FaultCode::Unavailable.code(), message.to_owned())
        }
        AppError::Internal(fault) => {
            let causes = causes(fault.as_ref());
            tracing::error!(request.id = %request_id, error = %causes, "a request failed by a fault of ours");
            let message = match lang {
                Lang::Zh => "系统内部错误，请凭请求编号联系管理员。",
                Lang::En => "Internal error: give the request id to the administrator.",
            };
            let mut error = coded_error(FaultCode::Internal.code(), message.to_owned());
            extend(&mut error, "requestId", request_id.to_string());
            error
        }
    }
}

fn coded_error(code: &str, message: String) -> Error {
    let mut error = Error::new(message);
    extend(&mut error, "code", code.to_owned());
    error
}

fn extend(error: &mut Error, name: &str, value: String) {
    error
        .extensions
        .get_or_insert_with(ErrorExtensionValues::default)
        .set(name, value);
}

/// A fault and what caused it, outermost first.
fn causes(fault: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    let mut text = fault.to_string();
    let mut source = fault.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use lianshen_domain::rejected::Reason;

    use super::*;
    use crate::error::Lacking;

    fn extension(error: &Error, name: &str) -> Option<String> {
        let value = error.extensions.as_ref()?.get(name)?.clone();
        value.into_json().ok()?.as_str().map(str::to_owned)
    }

    #[test]
    fn refusals_of_a_mutation_are_data() {
        let refused: Vec<Rejected> = vec![
            Reason::TextEmpty.at("input.reasons"),
            Reason::NotFound.into(),
        ];
        let outcome = outcome_of::<()>(Err(refused.into()), Lang::En, Uuid::nil())
            .unwrap_or_else(|_| panic!());
        assert_eq!(outcome.done, None);
        let errors: Vec<_> = outcome
            .user_errors
            .iter()
            .map(|error| (error.code.0.code(), error.field.join(".")))
            .collect();
        assert_eq!(
            errors,
            [
                ("TEXT_EMPTY", "input.reasons".to_owned()),
                ("NOT_FOUND", String::new())
            ]
        );
        assert_eq!(outcome.user_errors[0].message, "This must be filled in.");
    }

    #[test]
    fn refusals_of_a_query_are_errors_with_the_reason_s_code() {
        let refused = Reason::PageSize { max: 100 }.at("first");
        let error = error_of(refused.into(), Lang::Zh, Uuid::nil());
        assert_eq!(extension(&error, "code").as_deref(), Some("PAGE_SIZE"));
        assert_eq!(extension(&error, "field").as_deref(), Some("first"));
        assert_eq!(error.message, "每页条数应在 1 至 100 之间。");
    }

    #[test]
    fn a_missing_sign_in_is_an_error() {
        let error = AppError::Unauthenticated(Reason::SessionEnded);
        let error = outcome_of::<()>(Err(error), Lang::En, Uuid::nil()).unwrap_err();
        assert_eq!(
            extension(&error, "code").as_deref(),
            Some("UNAUTHENTICATED")
        );
        assert_eq!(
            extension(&error, "reason").as_deref(),
            Some("SESSION_ENDED")
        );
    }

    #[test]
    fn faults_of_ours_show_the_request_and_nothing_else() {
        let request_id = Uuid::from_u128(7);
        let error = AppError::internal("column \"secret\" of relation \"account\"");
        let error = error_of(error, Lang::En, request_id);
        assert_eq!(extension(&error, "code").as_deref(), Some("INTERNAL"));
        assert_eq!(extension(&error, "requestId"), Some(request_id.to_string()));
        assert!(!format!("{error:?}").contains("secret"));
        let busy = error_of(AppError::Busy(Lacking::Replica), Lang::En, request_id);
        assert_eq!(extension(&busy, "code").as_deref(), Some("BUSY"));
        assert!(!format!("{busy:?}").contains("eplica"));
    }
}
