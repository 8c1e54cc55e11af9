//! TLS towards browsers: the certificate, and HTTP/2 or HTTP/1.1 by ALPN.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::{Error, Tls};

/// The protocol's name in ALPN.
pub(crate) const H2: &[u8] = b"h2";

/// Reads the certificate chain and its key.
///
/// # Errors
/// [`Error`] for a file that cannot be read, is no PEM, or does not fit the other one.
pub(crate) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, Error> {
    let wrong = |path: &std::path::Path, error: &dyn std::fmt::Display| {
        Error::new(path.display(), error).hint("[server.tls] takes PEM files")
    };
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(&tls.certificate, &error))?;
    if chain.is_empty() {
        return Err(wrong(&tls.certificate, &"there is no certificate in this file"));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| wrong(&tls.key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new("TLS", error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| Error::new(tls.certificate.display(), error))?;
    config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
