//! A proxy to start, servers to put behind it, and a client that says every byte itself.

#[path = "support/process.rs"]
mod process;
#[path = "support/raw.rs"]
mod raw;
#[path = "support/server.rs"]
mod server;

pub(crate) use self::process::Proxy;
pub(crate) use self::raw::{Client, Reply};
pub(crate) use self::server::{Server, page, raw_server};

use std::net::SocketAddr;

/// A configuration that passes everything through to these servers, with `more` at its end.
pub(crate) fn pass_through(servers: &[SocketAddr], more: &str) -> String {
    let servers: Vec<_> = servers.iter().map(|server| format!("\"{server}\"")).collect();
    format!(
        r#"
mode = "pass_through"
[server]
listen = ["127.0.0.1:0"]
admin = "127.0.0.1:0"
threads = 2
[log]
format = "json"
level = "debug"
[[pools]]
name = "all"
servers = [{}]
{more}
"#,
        servers.join(", ")
    )
}

/// An address at which nobody listens.
pub(crate) async fn nobody() -> SocketAddr {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// The `secret_key_base` of the app in the tests, in an environment variable of the proxy.
pub(crate) const SECRET: &str = "the secret of the proxy's tests";

/// The formats and rules of an app that goes from Rails 6.1 to 7.2.
pub(crate) const EDGE: &str = r#"
[edge.session]
name = "_app_session"
[[edge.signed_in]]
preset = "devise"
[edge.headers]
scope = "X-Railjar-Scope"
cache = "X-Railjar-Cache"
[edge.formats.old]
rails = "6.1"
secrets.secret_key_base = { env = "RAILJAR_TEST_SECRET" }
settings.cookies_serializer = "json"
[edge.formats.new]
rails = "7.2"
secrets.secret_key_base = { env = "RAILJAR_TEST_SECRET" }
"#;

/// A configuration with pools, each a server and its format.
pub(crate) fn with_edge(pools: &[(SocketAddr, &str)], more: &str) -> String {
    let servers: Vec<SocketAddr> = pools.iter().map(|pool| pool.0).collect();
    let all = pass_through(&servers, "");
    let head = all.split("[[pools]]").next().unwrap().replace("mode = \"pass_through\"", "");
    let pools = pools.iter().map(|(server, format)| {
        format!("[[pools]]\nname = \"{format}\"\nservers = [\"{server}\"]\nformat = \"{format}\"\n")
    });
    format!("{head}{}{EDGE}{more}", pools.collect::<String>())
}
