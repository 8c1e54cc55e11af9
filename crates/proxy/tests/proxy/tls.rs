//! Certificates: one that serves, and what is wrong with others.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use rcgen::{CertifiedKey, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::protocols::{http2_over, text};
use crate::support::{Client, Proxy, Server, pass_through};

/// Files of a certificate and its key; they go when it is dropped.
struct Files {
    folder: PathBuf,
    made: CertifiedKey<KeyPair>,
}

impl Files {
    fn new(name: &str) -> Self {
        let folder = format!("railjar-proxy-tls-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
        let files = Self { folder, made };
        files.write("cert.pem", &files.made.cert.pem());
        files.write("key.pem", &files.made.signing_key.serialize_pem());
        files
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).unwrap();
    }

    fn settings(&self) -> String {
        format!(
            "[server.tls]\nlisten = [\"127.0.0.1:0\"]\ncertificate = {:?}\nkey = {:?}",
            self.folder.join("cert.pem"),
            self.folder.join("key.pem")
        )
    }

    /// A client's side, which knows this certificate.
    async fn connect(&self, proxy: &Proxy, protocol: &str) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.made.cert.der().clone()).unwrap();
        connect(proxy, roots, protocol).await.unwrap()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

async fn connect(
    proxy: &Proxy,
    roots: RootCertStore,
    protocol: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.into()];
    let stream = TcpStream::connect(proxy.tls()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

#[tokio::test]
async fn tls_speaks_what_alpn_says() {
    let (server, files) = (Server::echo().await, Files::new("alpn"));
    let proxy = Proxy::start(&pass_through(&[server.address], &files.settings())).await;
    for protocol in ["h2", "http/1.1"] {
        let stream = files.connect(&proxy, protocol).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol.as_bytes()));
        let body = if protocol == "h2" {
            let request = Request::get("https://localhost/").body(Full::<Bytes>::default());
            text(http2_over(stream).await.send_request(request.unwrap()).await.unwrap()).await
        } else {
            Client::over(stream).get("/").await.body
        };
        assert!(body.contains("x-forwarded-proto: https\n"), "{body}");
    }
    // Plain text on that port is no request.
    let mut plain = Client::connect(proxy.tls()).await;
    plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(!plain.rest().await.contains("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_bad_certificate_is_not_taken() {
    let (server, files) = (Server::echo().await, Files::new("bad"));
    let config = pass_through(&[server.address], &files.settings());
    let proxy = Proxy::start(&config).await;
    let other = Files::new("other");
    let (good, key) = (files.made.cert.pem(), files.made.signing_key.serialize_pem());
    let half = &good[..good.len() / 2];
    for (certificate, its_key, says) in [
        ("", &*key, "there is no certificate in this file"),
        ("nonsense", &key, "there is no certificate in this file"),
        (half, &key, "[server.tls] takes PEM files"),
        (&good, "", "[server.tls] takes PEM files"),
        (&good, &other.made.signing_key.serialize_pem(), "cert.pem"),
    ] {
        files.write("cert.pem", certificate);
        files.write("key.pem", its_key);
        // A start is refused …
        let start = Proxy::command(&proxy.file()).arg("--check").output().unwrap();
        let error = String::from_utf8(start.stderr).unwrap();
        assert!(!start.status.success() && error.contains(says), "{says}: {error}");
        // … and a reload too: clients meet the one that there was.
        let before = proxy.lines("the old one stays").len();
        proxy.reload(&config).await;
        assert_eq!(proxy.lines("the old one stays").len(), before + 1);
        let stream = files.connect(&proxy, "http/1.1").await;
        assert_eq!(Client::over(stream).get("/").await.status, 200);
    }
    // A good one is for the next connection.
    files.write("cert.pem", &other.made.cert.pem());
    files.write("key.pem", &other.made.signing_key.serialize_pem());
    proxy.reload(&config).await;
    let stream = other.connect(&proxy, "http/1.1").await;
    assert_eq!(Client::over(stream).get("/").await.status, 200);
}

#[tokio::test]
async fn who_does_not_trust_the_certificate_sends_nothing() {
    let (server, files) = (Server::echo().await, Files::new("trust"));
    let proxy = Proxy::start(&pass_through(&[server.address], &files.settings())).await;
    assert!(connect(&proxy, RootCertStore::empty(), "h2").await.is_err());
    proxy.wait_for(1, "connection ended").await;
    assert_eq!(server.requests(), 0);
    let stream = files.connect(&proxy, "http/1.1").await;
    assert_eq!(Client::over(stream).get("/").await.status, 200);
}
