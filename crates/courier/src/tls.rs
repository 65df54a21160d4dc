//! Encryption: certificates of one's own, authorities that are trusted, and who may be told by a certificate.
//!
//! A client certificate names its facility as `urn:kezek:<environment>:<facility>` among its alternative names. The
//! name is matched and not the key: certificates are renewed every few months by the authority alone, while a change
//! of a pinned key takes two people; and what a facility says is signed with its pinned key besides.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SignatureScheme};
use serde::{Deserialize, Serialize};

use crate::error::CourierError;
use crate::keys::kept_private;
use crate::limits::MAX_PEM_BYTES;
use crate::renewed::Renewed;

/// `[tls]` of a configuration. All files are PEM and are read again when they change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The certificate shown to callers, then those of its authorities; without it plain HTTP is spoken.
    pub certificate_file: Option<PathBuf>,
    /// Its private key.
    pub key_file: Option<PathBuf>,
    /// The authorities of callers' certificates; with it every facility must show one that names it.
    pub client_ca_file: Option<PathBuf>,
    /// Authorities trusted beside those of this machine when calling others.
    pub authorities_file: Option<PathBuf>,
    /// The certificate shown when calling others.
    pub client_certificate_file: Option<PathBuf>,
    /// Its private key.
    pub client_key_file: Option<PathBuf>,
}

impl Tls {
    /// Makes relative paths those of a folder.
    pub fn resolve(&mut self, folder: &Path) {
        let own = [&mut self.certificate_file, &mut self.key_file, &mut self.client_ca_file];
        let others =
            [&mut self.authorities_file, &mut self.client_certificate_file, &mut self.client_key_file];
        for file in own.into_iter().chain(others).flatten() {
            *file = folder.join(&file);
        }
    }

    /// Whether callers are spoken to with encryption.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.certificate_file.is_some()
    }

    /// What callers are spoken to with; `None` for plain HTTP.
    ///
    /// # Errors
    /// When a key stands without its certificate, a file cannot be used, or anybody may read a key.
    pub fn server(&self) -> Result<Option<Arc<ServerTls>>, CourierError> {
        let own = pair(&self.certificate_file, &self.key_file, "certificate_file and key_file go together")?;
        match own {
            Some(own) => ServerTls::load(own, self.client_ca_file.clone()).map(|tls| Some(Arc::new(tls))),
            None if self.client_ca_file.is_some() => {
                Err(CourierError::TlsSettings { why: "client_ca_file needs certificate_file and key_file" })
            }
            None => Ok(None),
        }
    }

    /// What others are called with, for a client of another room.
    ///
    /// # Errors
    /// When a file cannot be used, or anybody may read a key.
    pub fn client_config(&self) -> Result<ClientConfig, CourierError> {
        self.client(crate::client::authorities())
    }

    /// What others are called with.
    pub(crate) fn client(&self, known: Arc<RootCertStore>) -> Result<ClientConfig, CourierError> {
        let why = "client_certificate_file and client_key_file go together";
        let own = pair(&self.client_certificate_file, &self.client_key_file, why)?;
        let known = match &self.authorities_file {
            None => known,
            Some(file) => {
                let mut store = (*known).clone();
                store.extend(authorities(file)?.roots);
                Arc::new(store)
            }
        };
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| CourierError::Client(Box::new(error)))?
            .with_root_certificates(known);
        let mut config = match own {
            None => config.with_no_client_auth(),
            Some(own) => config.with_client_cert_resolver(Arc::new(own.shown()?)),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn pair(
    certificate: &Option<PathBuf>,
    key: &Option<PathBuf>,
    why: &'static str,
) -> Result<Option<Own>, CourierError> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Ok(Some(Own { certificate: certificate.clone(), key: key.clone() }))
        }
        (None, None) => Ok(None),
        _ => Err(CourierError::TlsSettings { why }),
    }
}

/// A certificate and its key.
#[derive(Clone)]
struct Own {
    certificate: PathBuf,
    key: PathBuf,
}

impl Own {
    fn load(&self) -> Result<CertifiedKey, CourierError> {
        let bad =
            |path: &Path, expected, source| CourierError::TlsFile { path: path.to_owned(), expected, source };
        let chain = certificates(&self.certificate)?;
        let bytes = read(&self.key, "a private key", true)?;
        let key = PrivateKeyDer::from_pem_slice(&bytes)
            .map_err(|error| bad(&self.key, "a private key", error.into()))?;
        CertifiedKey::from_der(chain, key, &provider())
            .map_err(|error| bad(&self.certificate, "the certificate of the key", error.into()))
    }

    fn shown(self) -> Result<Shown, CourierError> {
        let files = vec![self.certificate.clone(), self.key.clone()];
        Renewed::new(files, move || self.load().map(Arc::new)).map(Shown)
    }
}

/// A client certificate that is renewed.
struct Shown(Renewed<Arc<CertifiedKey>>);

impl std::fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Shown(***)")
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.current())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// What callers are spoken to with.
pub struct ServerTls(Renewed<Arc<ServerConfig>>);

impl std::fmt::Debug for ServerTls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ServerTls(***)")
    }
}

impl ServerTls {
    fn load(own: Own, client_ca: Option<PathBuf>) -> Result<Self, CourierError> {
        let files = [own.certificate.clone(), own.key.clone()].into_iter().chain(client_ca.clone()).collect();
        Renewed::new(files, move || server_config(&own, client_ca.as_deref())).map(Self)
    }

    /// The settings for one connection.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        self.0.current()
    }
}

fn server_config(own: &Own, client_ca: Option<&Path>) -> Result<Arc<ServerConfig>, CourierError> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| CourierError::Client(Box::new(error)))?;
    let config = match client_ca {
        None => config.with_no_client_auth(),
        Some(file) => {
            // People come without a certificate: they have tokens. Who must show one is decided for each request.
            let verifier = WebPkiClientVerifier::builder_with_provider(authorities(file)?.into(), provider())
                .allow_unauthenticated()
                .build()
                .map_err(|error| CourierError::Client(Box::new(error)))?;
            config.with_client_cert_verifier(verifier)
        }
    };
    let mut config = config.with_cert_resolver(Arc::new(SingleCertAndKey::from(own.load()?)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The names a caller's certificate carries as URIs. Its signature was verified when the connection was made.
pub(crate) fn names_of(certificates: &[CertificateDer<'_>]) -> Vec<String> {
    let first = certificates.first().and_then(|der| webpki::EndEntityCert::try_from(der).ok());
    first.iter().flat_map(|certificate| certificate.valid_uri_names()).map(str::to_owned).collect()
}

/// The name by which a certificate belongs to a facility.
#[must_use]
pub fn facility_urn(environment: &str, facility: &str) -> String {
    format!("urn:kezek:{environment}:{facility}")
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn authorities(path: &Path) -> Result<RootCertStore, CourierError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(path)? {
        let expected = "certificates of authorities";
        let bad = |source: rustls::Error| CourierError::TlsFile {
            path: path.to_owned(),
            expected,
            source: source.into(),
        };
        store.add(certificate).map_err(bad)?;
    }
    Ok(store)
}

/// The certificates of a file, at least one.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CourierError> {
    let expected = "one or more certificates";
    let bad = |source: Box<dyn std::error::Error + Send + Sync>| CourierError::TlsFile {
        path: path.to_owned(),
        expected,
        source,
    };
    let bytes = read(path, expected, false)?;
    let found = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|error| bad(error.into()))?;
    if found.is_empty() { Err(bad("there is none in it".into())) } else { Ok(found) }
}

fn read(path: &Path, expected: &'static str, is_secret: bool) -> Result<Vec<u8>, CourierError> {
    let unread = |source: std::io::Error| CourierError::TlsFile {
        path: path.to_owned(),
        expected,
        source: source.into(),
    };
    let file = File::open(path).map_err(unread)?;
    if is_secret {
        kept_private(path, &file)?;
    }
    let mut bytes = Vec::new();
    file.take(MAX_PEM_BYTES).read_to_end(&mut bytes).map_err(unread)?;
    Ok(bytes)
}
