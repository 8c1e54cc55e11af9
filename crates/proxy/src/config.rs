//! Reads and checks the configuration file. What comes out can be served from: every name is known,
//! every secret is there. `docs/proxy.md` describes the keys.

mod error;
mod secrets;
mod shape;
#[cfg(test)]
mod tests;
mod units;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use railjar::config::nearest;
use railjar::edge::Edge;
use railjar::rails::Profile;
use toml::Spanned;

pub(crate) use self::error::Error;
use self::error::Source;
pub(crate) use self::shape::{
    Balance, Config, Forwarded, Health, Level, Limits, Log, LogFormat, Mode, Policy, Pool,
    Timeouts, Tls,
};

/// The word that stands for a format that is found out.
pub(crate) const LEARNED: &str = "learned";

/// A configuration that was found good.
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) formats: Vec<Format>,
    /// None where everything is passed through.
    pub(crate) edge: Option<Edge>,
}

/// How an app writes its cookies.
pub(crate) struct Format {
    pub(crate) name: String,
    pub(crate) profile: Profile,
}

/// Reads the file at `path`.
///
/// # Errors
/// [`Error`] with the line, for what is wrong first.
pub(crate) fn load(path: &Path) -> Result<Loaded, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::new(path.display(), error))?;
    let source = Source { path, text: &text };
    let mut config: Config =
        toml::from_str(&text).map_err(|error| Error::of_toml(&source, &error))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    if let Some(tls) = config.server.tls.as_mut().map(Spanned::get_mut) {
        tls.certificate = folder.join(&tls.certificate);
        tls.key = folder.join(&tls.key);
    }
    check_numbers(&config, path)?;
    check_pools(&config, &source)?;
    let (formats, edge) = edge(&config, &source, folder)?;
    Ok(Loaded { config, formats, edge })
}

fn check_numbers(config: &Config, path: &Path) -> Result<(), Error> {
    let error = |reason: &str| Err(Error::new(path.display(), reason));
    if config.server.listen.is_empty() && config.server.tls.is_none() {
        return error("there is nothing to listen on").map_err(|error: Error| {
            error.hint("[server] with listen = [\"127.0.0.1:3000\"], or [server.tls]")
        });
    }
    let times = &config.timeouts;
    let all = [
        times.header,
        times.body,
        times.idle,
        times.connect,
        times.response,
        times.upstream_idle,
        config.health.interval,
        config.health.timeout,
    ];
    if all.iter().any(|time| time.0.is_zero()) {
        return error("a timeout of 0 would end everything at once: give it a length");
    }
    if config.limits.header_bytes.0 < 8192 {
        return error("limits.header_bytes is at least 8KB: a session cookie alone may have 4KB");
    }
    if config.health.failures == 0 {
        return error("health.failures is at least 1");
    }
    if config.retry.attempts == 0 {
        return error("retry.attempts counts the first one too, so it is at least 1");
    }
    if config.server.threads == Some(0) {
        return error("server.threads is at least 1");
    }
    Ok(())
}

fn check_pools(config: &Config, source: &Source<'_>) -> Result<(), Error> {
    if let Some(edge) = &config.edge
        && edge.get_ref().formats.iter().any(|(name, _)| name == LEARNED)
    {
        let reason = "a format cannot be called \"learned\", which has a meaning";
        return Err(Error::at(source, edge.span(), reason));
    }
    let mut servers = BTreeSet::new();
    for pool in &config.pools {
        for server in &pool.servers {
            let authority = server.get_ref().parse::<http::uri::Authority>();
            if !authority.is_ok_and(|authority| authority.port().is_some()) {
                let reason = format!("{:?} is not a server", server.get_ref());
                let error = Error::at(source, server.span(), reason);
                return Err(error.hint("a host and a port, as \"127.0.0.1:3001\""));
            }
            if !servers.insert(server.get_ref()) {
                let reason = format!("{} stands in two places", server.get_ref());
                return Err(Error::at(source, server.span(), reason));
            }
        }
        check_format(config, pool, source)?;
    }
    if servers.is_empty() {
        let error = Error::new(source.path.display(), "there is no server in any pool");
        return Err(error.hint("[[pools]] with name, servers = [\"127.0.0.1:3001\"] and format"));
    }
    Ok(())
}

fn check_format(config: &Config, pool: &Pool, source: &Source<'_>) -> Result<(), Error> {
    let formats = config.edge.iter().flat_map(|edge| &edge.get_ref().formats);
    let names = || formats.clone().map(|(name, _)| name.as_str()).chain([LEARNED]);
    let known = || names().collect::<Vec<_>>().join(", ");
    if config.mode == Mode::PassThrough {
        return Ok(());
    }
    let Some(format) = &pool.format else {
        let reason = format!("pool {:?} has no format", pool.name);
        let error = Error::new(source.path.display(), reason);
        return Err(error.hint(format!("format = one of {}", known())));
    };
    let name = format.get_ref().as_str();
    if names().any(|known| known == name) {
        return Ok(());
    }
    let error = Error::at(source, format.span(), format!("there is no format {name:?}"));
    let unknown =
        format!("unknown format `{name}`, expected `{}`", names().collect::<Vec<_>>().join("`, `"));
    Err(error.hint(match nearest(&unknown) {
        Some(nearest) => format!("did you mean {nearest:?}?"),
        None => format!("one of {}, or a table [edge.formats.{name}]", known()),
    }))
}

fn edge(
    config: &Config,
    source: &Source<'_>,
    folder: &Path,
) -> Result<(Vec<Format>, Option<Edge>), Error> {
    if config.mode == Mode::PassThrough {
        return Ok((Vec::new(), None));
    }
    let Some(edge) = &config.edge else {
        let error = Error::new(source.path.display(), "there is no table [edge]");
        return Err(error.hint("[edge] with formats and a session, or mode = \"pass_through\""));
    };
    let place = source.line(edge.span().start);
    let settings = edge.get_ref();
    let mut fetch = |reference: &_| secrets::fetch(reference, &place, folder);
    let mut formats = Vec::new();
    for (name, app) in &settings.formats {
        let profile = app.profile(&mut fetch).map_err(|failure| failure.at(&place))?;
        formats.push(Format { name: name.clone(), profile });
    }
    let edge = settings.edge(&mut fetch).map_err(|failure| failure.at(&place))?;
    Ok((formats, Some(edge)))
}
