//! The connector at hand: one POST a material, to the exchange front end of the region.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::code::Code as _;
use lianshen_domain::sharing::SharingProblem;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::Connector;
use crate::case::{Brought, HandedIn, SharingAsk, SharingCase, material_faults};
use crate::config::Sharing;
use crate::error::AppError;

/// The longest answer that is read.
const ANSWER_MAX: usize = 64 * 1024;

/// Asks the exchange front end over HTTP.
pub struct Post {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    to: Uri,
    token: Option<HeaderValue>,
    patience: Duration,
}

/// What is asked, on the wire. Whoever is asked learns for which cases, and no more of the applicant than they need to
/// find the record.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    request_id: String,
    region: &'a str,
    material: &'a str,
    material_name: &'a str,
    asked_of: Option<&'a str>,
    receipt_number: &'a str,
    purpose: &'a [SharingCase],
    applicant: Applicant<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Applicant<'a> {
    kind: &'a str,
    name: &'a str,
    id_number: &'a str,
}

/// What is answered, on the wire.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    held: bool,
    #[serde(default)]
    originals: i32,
    #[serde(default)]
    copies: i32,
    file_name: Option<String>,
    sha256: Option<String>,
}

impl Post {
    /// A connector to whom the configuration names; `None` where it names nobody.
    ///
    /// # Errors
    /// When the address, the token or the certificates cannot be used.
    pub fn of(config: &Sharing) -> Result<Option<Self>, AppError> {
        if !config.is_connected() {
            return Ok(None);
        }
        let token = config.token.expose_secret();
        let token = (!token.is_empty()).then(|| {
            let mut value = HeaderValue::try_from(format!("Bearer {token}"))
                .map_err(|_| AppError::internal("sharing.token cannot stand in a header"))?;
            value.set_sensitive(true);
            Ok::<_, AppError>(value)
        });
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(trust(&config.ca_file)?)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Some(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            to: config.url.parse().map_err(AppError::internal)?,
            token: token.transpose()?,
            patience: Duration::from_secs(config.timeout_seconds),
        }))
    }

    async fn exchange(&self, ask: &SharingAsk) -> Result<Brought, SharingProblem> {
        let question =
            serde_json::to_vec(&Question::of(ask)).map_err(|_| SharingProblem::Garbled)?;
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&self.to)
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token);
        }
        let request = request
            .body(Full::from(question))
            .map_err(|_| SharingProblem::Garbled)?;
        let response = self.client.request(request).await;
        let response = response.map_err(|_| SharingProblem::Unreachable)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(Brought::NotHeld),
            StatusCode::TOO_MANY_REQUESTS => return Err(SharingProblem::Unreachable),
            status if status.is_server_error() => return Err(SharingProblem::Unreachable),
            status if status.is_client_error() => return Err(SharingProblem::Refused),
            _ => return Err(SharingProblem::Garbled),
        }
        let body = Limited::new(response.into_body(), ANSWER_MAX);
        let body = body.collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                SharingProblem::Garbled
            } else {
                SharingProblem::Unreachable
            }
        })?;
        let reply: Reply =
            serde_json::from_slice(&body.to_bytes()).map_err(|_| SharingProblem::Garbled)?;
        reply.brought(&ask.code)
    }
}

#[async_trait]
impl Connector for Post {
    async fn ask(&self, ask: &SharingAsk) -> Brought {
        let answered = tokio::time::timeout(self.patience, self.exchange(ask)).await;
        let answered = answered.unwrap_or(Err(SharingProblem::Unreachable));
        answered.unwrap_or_else(Brought::Failed)
    }
}

impl<'a> Question<'a> {
    fn of(ask: &'a SharingAsk) -> Self {
        let kind: ApplicantKind = ask.applicant_kind;
        Self {
            request_id: ask.id.to_string(),
            region: &ask.region,
            material: &ask.code,
            material_name: &ask.name,
            asked_of: ask.asked_of.as_deref(),
            receipt_number: &ask.receipt_number,
            purpose: &ask.cases,
            applicant: Applicant {
                kind: kind.code(),
                name: &ask.applicant_name,
                id_number: &ask.applicant_number,
            },
        }
    }
}

impl Reply {
    fn brought(self, code: &str) -> Result<Brought, SharingProblem> {
        if !self.held {
            return Ok(Brought::NotHeld);
        }
        let material = HandedIn {
            code: code.to_owned(),
            originals: self.originals,
            copies: self.copies,
            file_name: self.file_name,
            sha256: self.sha256,
        };
        if material_faults(&material, "").is_empty() {
            Ok(Brought::Held(material))
        } else {
            Err(SharingProblem::Garbled)
        }
    }
}

/// Whom the exchange is trusted by: an intranet has an authority of its own.
fn trust(ca_file: &str) -> Result<ClientConfig, AppError> {
    let provider = aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(AppError::internal)?;
    if ca_file.is_empty() {
        return Ok(config.with_webpki_roots().with_no_client_auth());
    }
    let unread =
        |error| AppError::internal(format!("sharing.ca_file {ca_file} cannot be read: {error}"));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca_file).map_err(unread)? {
        let added = roots.add(certificate.map_err(unread)?);
        added.map_err(AppError::internal)?;
    }
    if roots.is_empty() {
        return Err(AppError::internal(format!(
            "sharing.ca_file {ca_file} holds no certificate"
        )));
    }
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
