//! Every operation that the tests send, in one place, so that a new name is written once.

use std::sync::LazyLock;

macro_rules! documents {
    ($($(#[doc = $doc:literal])+ $name:ident = $($part:expr),+;)+) => {$(
        $(#[doc = $doc])+
        pub static $name: LazyLock<String> = LazyLock::new(|| [$($part),+].concat());
    )+};
}

/// An application with its cases and their reviews.
const APPLICATION: &str = "
  id receiptNumber queryCode state outcome version
  cases {
    id caseNumber state result version
    item { code } department { code }
    reviews { id state opinion reasons version department { code } }
  }";

/// A clock, as it is read.
const CLOCK: &str =
    " { dueOn projectedOn remaining remainingUnit elapsed state overdue provisional } ";

/// What a dashboard says of open cases.
const OPEN: &str = "{ total received correction awaitingPredecessor inReview suspended deciding
  lamps { off green alert yellow red } deadlines { undated inTime near promisePassed statutePassed } }";

/// What a dashboard says of cases that ended.
const CONCLUDED: &str =
    "{ total granted refused terminated notAccepted withdrawn acceptanceRevoked voided
  inTime promisePassed statutePassed undated
  withSuspendedDays { inTime promisePassed statutePassed } }";

/// What a dashboard says of alerts and cards.
const CARD_COUNTS: &str = "{ alert yellow red warningsStanding }";

const REFUSALS: &str = " userErrors { code message field } ";

/// `input: SessionSignInInput!`
pub const SIGN_IN: &str = "mutation SignIn($input: SessionSignInInput!) {
  sessionSignIn(input: $input) { session { accessToken refreshToken } userErrors { code message field } } }";

/// A case with its clocks.
fn case() -> String {
    [
        "id state result closingKind lamp version promised ",
        CLOCK,
        " statutory ",
        CLOCK,
        " specialProcedures { kind basis noticeDeliveredOn startedOn expected { n unit } endedOn } ",
    ]
    .concat()
}

/// What an act is about, by its name: `case` for `caseDecide`.
pub fn subject_of(act: &str) -> &'static str {
    let others = ["case", "review", "visit", "mediation"];
    let found = others.into_iter().find(|subject| act.starts_with(subject));
    found.unwrap_or("application")
}

/// An act on an application, a case, a review, a visit or a mediation, by its name; it takes an input of that name.
pub fn act(name: &str) -> String {
    let input = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let subject = subject_of(name);
    let selection = match subject {
        "case" => case(),
        "review" => "id state version draft { opinion reasons }".to_owned(),
        "visit" | "mediation" => "id state version".to_owned(),
        _ => APPLICATION.to_owned(),
    };
    format!(
        "mutation Act($input: {input}!) {{ {name}(input: $input) {{ {subject} {{ {selection} }} {REFUSALS} }} }}"
    )
}

documents! {
    /// `id: ID!`
    CASE_FILE = "query CaseFile($id: ID!) { case(id: $id) {", &case(), "} }";

    /// `id: ID!`
    FILE = "query File($id: ID!) { application(id: $id) {
      state outcome window version receivedOn acceptedOn acceptanceKind establishedOn
      renewal { certificate expiresOn inTime }
      jointPromised ", CLOCK, " jointStatutory ", CLOCK, "
      cases { id state result closingKind lamp reviews { state } }
      documents { kind number issuedOn caseId lines { label value } }
      timeline(first: 100) { nodes { kind happenedAt enteredAt actorRole caseId detail { name value } } }
    } }";

    /// `input: ApplicationSubmitInput!`
    SUBMIT = "mutation Submit($input: ApplicationSubmitInput!) {
      applicationSubmit(input: $input) { application {", APPLICATION, "}", REFUSALS, "} }";

    /// `input: ApplicationAcceptInput!`
    ACCEPT = "mutation Accept($input: ApplicationAcceptInput!) {
      applicationAccept(input: $input) { application {", APPLICATION, "}", REFUSALS, "} }";

    /// `input: ReviewClaimInput!`
    CLAIM = "mutation Claim($input: ReviewClaimInput!) {
      reviewClaim(input: $input) { review { id state version }", REFUSALS, "} }";

    /// `input: ReviewReleaseInput!`
    RELEASE = "mutation Release($input: ReviewReleaseInput!) {
      reviewRelease(input: $input) { review { id state version }", REFUSALS, "} }";

    /// `input: ReviewGiveOpinionInput!`
    GIVE_OPINION = "mutation GiveOpinion($input: ReviewGiveOpinionInput!) {
      reviewGiveOpinion(input: $input) { review { id state opinion reasons version }", REFUSALS, "} }";

    /// `input: CaseDecideInput!`
    DECIDE = "mutation Decide($input: CaseDecideInput!) {
      caseDecide(input: $input) { case { id state result version }", REFUSALS, "} }";

    /// `input: ApplicationDeliverInput!`
    DELIVER = "mutation Deliver($input: ApplicationDeliverInput!) {
      applicationDeliver(input: $input) { application {", APPLICATION, "}", REFUSALS, "} }";

    /// `id: ID!`
    APPLICATION_BY_ID = "query Application($id: ID!) { application(id: $id) {", APPLICATION, "} }";

    /// `id: ID!`
    CASE_CLOCKS = "query Clocks($id: ID!) { case(id: $id) { lamp promised { dueOn } statutory { dueOn } } }";

    /// `id: ID!`
    CASE_BY_ID = "query Case($id: ID!) { case(id: $id) { id state version } }";

    /// `id: ID!`
    REVIEW_BY_ID = "query Review($id: ID!) { review(id: $id) { id state version } }";

    /// `id: ID!`
    NODE_BY_ID = "query Node($id: ID!) { node(id: $id) { id } }";

    /// `number: String!`
    APPLICATION_BY_RECEIPT = "query ByReceipt($number: String!) {
      applicationByReceipt(receiptNumber: $number) { id } }";

    /// `id: ID!`
    APPLICANT_OF = "query Applicant($id: ID!) {
      application(id: $id) { applicant { kind name idNumber phone } } }";

    /// `first: Int, after: String, last: Int, before: String, filter: InboxFilterInput`
    INBOX = "query Inbox($first: Int, $after: String, $last: Int, $before: String, $filter: InboxFilterInput) {
      inbox(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes {
          id state lamp promisedDueOn version
          case { caseNumber item { code name } application { receiptNumber state } }
        }
      } }";

    /// No variables.
    INBOX_COUNTS = "query InboxCounts { inboxCounts { open claimedByMe claimedByOthers waiting alert yellow red } }";

    /// `month: Date`
    DASHBOARD = "query Dashboard($month: Date) { dashboard(month: $month) { today month
      departments { departmentCode department { code } open ", OPEN, " concluded ", CONCLUDED, " cards ", CARD_COUNTS, " }
      jointCards ", CARD_COUNTS, "
      total { open ", OPEN, " concluded ", CONCLUDED, " cards ", CARD_COUNTS, " } } }";

    /// No variables.
    INBOX_CHANGED = "subscription InboxChanged { inboxChanged { __typename } }";

    /// `first: Int, after: String, last: Int, before: String, filter: ApplicationFilterInput`
    APPLICATIONS = "query Applications(
        $first: Int, $after: String, $last: Int, $before: String, $filter: ApplicationFilterInput) {
      applications(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        totalCount pageInfo { hasNextPage endCursor } nodes { id receiptNumber state }
      } }";

    /// `first: Int, after: String, last: Int, before: String, filter: CaseFilterInput`
    CASES = "query Cases($first: Int, $after: String, $last: Int, $before: String, $filter: CaseFilterInput) {
      cases(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        totalCount pageInfo { hasNextPage endCursor } nodes { id state department { code } }
      } }";

    /// `receiptNumber: String!, queryCode: String!`
    PROGRESS = "query Progress($receiptNumber: String!, $queryCode: String!) {
      progress(receiptNumber: $receiptNumber, queryCode: $queryCode) { state } }";

    /// `id: ID!`
    CARDS_OF = "query CardsOf($id: ID!) { application(id: $id) {
      cards { rule department { code } }
      cases { department { code } cards { rule level raisedOn clearedOn } }
    } }";

    /// `first: Int, after: String, last: Int, before: String, filter: CardFilterInput`
    CARDS = "query Cards($first: Int, $after: String, $last: Int, $before: String, $filter: CardFilterInput) {
      cards(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          id rule ruleName level raisedOn raisedAt clearedOn
          department { code } case { id lamp } application { id }
          evidence { clock clockName ordinal anchorOn dueOn charged total unit article }
        }
      } }";

    /// No variables.
    ME = "query Me { me { id role departmentCode } }";

    /// No variables.
    SIGN_OUT = "mutation SignOut { sessionSignOut {", REFUSALS, "} }";

    /// `input: AccountCloseInput!`
    ACCOUNT_CLOSE = "mutation CloseAccount($input: AccountCloseInput!) {
      accountClose(input: $input) { account { id }", REFUSALS, "} }";

    /// `input: AccountResetPasswordInput!`
    ACCOUNT_RESET_PASSWORD = "mutation ResetPassword($input: AccountResetPasswordInput!) {
      accountResetPassword(input: $input) { account { id version }", REFUSALS, "} }";

    /// `id: ID!`
    APPLICATION_EVENTS = "subscription ApplicationEvents($id: ID!) {
      applicationEvents(applicationId: $id) { event { kind departmentCode } } }";

    /// `input: CaseAskOpinionsInput!`
    ASK_OPINIONS = "mutation Ask($input: CaseAskOpinionsInput!) { caseAskOpinions(input: $input) {
      case { id version awaitedOpinions { code } reviews { id state version department { code } consultation { number round part
        rule atLeast askedOn limit { n unit } question vetoArticle withdrawnBecause } } }", REFUSALS, "} }";

    /// `input: ReviewWithdrawInput!`
    WITHDRAW_OPINION = "mutation Withdraw($input: ReviewWithdrawInput!) { reviewWithdraw(input: $input) {
      review { id state lamp promisedDueOn consultation { withdrawnBecause } }", REFUSALS, "} }";

    /// `input: ReviewReplaceInput!`
    REPLACE_OPINION = "mutation Replace($input: ReviewReplaceInput!) { reviewReplace(input: $input) {
      review { id state department { code } }", REFUSALS, "} }";

    /// `bundleCode: String!, answers: [AnswerInput!]`
    GUIDE = "query Guide($bundleCode: String!, $answers: [AnswerInput!]) {
      guide(bundleCode: $bundleCode, answers: $answers) {
        guide {
          items { item { code name } predecessors { code } }
          levels { code } criticalPathDays materialsIfSeparate jointPromised { n unit }
          materials { material { code } bySharing wantedBy { code } }
          applicantProvides { material { code } } obtainedBySharing { material { code } }
          fees { item { code } } siteVisitDepartments { code }
        }", REFUSALS, "} }";

    /// `receiptNumber: String!, queryCode: String!`
    PUBLIC_PROGRESS = "query ByCode($receiptNumber: String!, $queryCode: String!) {
      progress(receiptNumber: $receiptNumber, queryCode: $queryCode) {
        receiptNumber state outcome receivedOn acceptedOn
        cases { itemName state result promised { dueOn } statutory { dueOn } }
        timeline { kind caseId }
      } }";

    /// `id: ID!`
    LIFE = "query Life($id: ID!) { application(id: $id) {
      state outcome receivedOn acceptedOn jointPromised { dueOn } jointStatutory { dueOn }
      materials { id code wantedBy }
      cases { id state result item { code } promised { dueOn } statutory { dueOn }
        reviews { id state opinion department { code } } mediations { id state level dueOn } }
      timeline(first: 100) { nodes { kind caseId } pageInfo { hasNextPage } }
    } }";
}
