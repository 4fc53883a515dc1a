//! The codes of everything that is answered outside of a payload and is no refusal of the table: one list, so that each is
//! in the schema and in the document for people.

use lianshen_domain::coded;

coded! {
    /// Codes in `errors[].extensions.code`, beside those of `UserErrorCode`, which stand there when the
    /// arguments of a query are refused.
    pub enum FaultCode {
        /// Nobody is signed in, or no longer; `extensions.reason` says why. Sign in and repeat.
        Unauthenticated = "UNAUTHENTICATED",
        /// Too much is going on; nothing was written. Repeat shortly, with the same idempotency key.
        Busy = "BUSY",
        /// The database did not say whether it was written. Repeat shortly, with the same idempotency key, which tells.
        Unavailable = "UNAVAILABLE",
        /// A fault of the server, logged under `extensions.requestId`.
        Internal = "INTERNAL",
        /// The header `Authorization` holds something else than `Bearer` and a token.
        AuthorizationMalformed = "AUTHORIZATION_MALFORMED",
        /// A value that the schema allows and the field does not.
        InputInvalid = "INPUT_INVALID",
        /// The document is not GraphQL.
        GraphqlParseFailed = "GRAPHQL_PARSE_FAILED",
        /// The document or a variable does not fit the schema, or asks for too much at once.
        GraphqlValidationFailed = "GRAPHQL_VALIDATION_FAILED",
        /// A variable that the document demands was not sent.
        VariableMissing = "VARIABLE_MISSING",
        /// The text of the document is too long.
        DocumentTooLong = "DOCUMENT_TOO_LONG",
        /// Its brackets are nested too deeply.
        DocumentTooDeep = "DOCUMENT_TOO_DEEP",
        /// It has too many tokens.
        DocumentTooManyTokens = "DOCUMENT_TOO_MANY_TOKENS",
        /// It has too many aliases.
        DocumentTooManyAliases = "DOCUMENT_TOO_MANY_ALIASES",
        /// It has too many directives.
        DocumentTooManyDirectives = "DOCUMENT_TOO_MANY_DIRECTIVES",
        /// It has too many selections once its fragments are written out.
        DocumentTooLarge = "DOCUMENT_TOO_LARGE",
        /// A query has too many root fields.
        DocumentTooManyRootFields = "DOCUMENT_TOO_MANY_ROOT_FIELDS",
        /// One document does too many acts.
        DocumentTooManyMutations = "DOCUMENT_TOO_MANY_MUTATIONS",
        /// A subscription has more than one root field.
        DocumentTooManySubscriptions = "DOCUMENT_TOO_MANY_SUBSCRIPTIONS",
        /// A fragment contains itself.
        DocumentFragmentCircle = "DOCUMENT_FRAGMENT_CIRCLE",
        /// Acts are sent by POST, not by GET or on a socket.
        MutationNeedsPost = "MUTATION_NEEDS_POST",
        /// Listening needs a socket.
        SubscriptionNeedsWebsocket = "SUBSCRIPTION_NEEDS_WEBSOCKET",
        /// The body is not said to be JSON.
        ContentTypeUnsupported = "CONTENT_TYPE_UNSUPPORTED",
        /// `Accept` takes none of the two media types of an answer.
        NotAcceptable = "NOT_ACCEPTABLE",
        /// The body, or a parameter of a GET, is not one GraphQL request; or the head has not one `Host`, or two
        /// `Authorization`.
        RequestMalformed = "REQUEST_MALFORMED",
        /// The request has no document.
        QueryMissing = "QUERY_MISSING",
        /// A list of requests was sent.
        BatchNotSupported = "BATCH_NOT_SUPPORTED",
        /// The head is too large.
        RequestHeadTooLarge = "REQUEST_HEAD_TOO_LARGE",
        /// The body is too large.
        RequestTooLarge = "REQUEST_TOO_LARGE",
        /// The body took too long to arrive.
        RequestTimeout = "REQUEST_TIMEOUT",
        /// The page is of an origin that may not open sockets.
        OriginForbidden = "ORIGIN_FORBIDDEN",
        /// Too many operations run on the socket; complete one first.
        TooManySubscriptions = "TOO_MANY_SUBSCRIPTIONS",
    }
}
