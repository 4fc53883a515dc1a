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

const REFUSALS: &str = " userErrors { code message field } ";

/// `input: SessionSignInInput!`
pub const SIGN_IN: &str = "mutation SignIn($input: SessionSignInInput!) {
  sessionSignIn(input: $input) { session { accessToken refreshToken } userErrors { code message field } } }";

documents! {
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
}
