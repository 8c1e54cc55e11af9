//! The life of the proxy: it starts, reloads on SIGHUP, and ends on SIGTERM or SIGINT when its
//! requests have.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;
use tracing::{error, info, warn};

use crate::config::Error;
use crate::listener::Listeners;
use crate::site::{Shared, Site};

/// Serves until a signal ends it.
///
/// # Errors
/// [`Error`] if it cannot start.
pub(crate) async fn run(path: &Path) -> Result<(), Error> {
    let catch = |kind| signal(kind).map_err(|error| Error::new("signals", error));
    let mut reload = catch(SignalKind::hangup())?;
    let (mut terminate, mut interrupt) =
        (catch(SignalKind::terminate())?, catch(SignalKind::interrupt())?);
    let shared = Shared::new(Site::load(path, None)?);
    let mut listeners = Listeners::default();
    let config = &shared.site().config;
    let opened = listeners.open(config).await;
    let opened = opened.map_err(|(address, error)| Error::new(address, error))?;
    listeners.serve(opened, config, &shared);
    loop {
        tokio::select! {
            _ = reload.recv() => reload_from(path, &mut listeners, &shared).await,
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    end(&mut listeners, &shared, &mut terminate, &mut interrupt).await;
    Ok(())
}

/// Takes the new configuration if it is good; it changes nothing otherwise.
async fn reload_from(path: &Path, listeners: &mut Listeners, shared: &Arc<Shared>) {
    let refused = |reason: &dyn fmt::Display| {
        let reason = reason.to_string().replace("\n  try:", "; try:");
        shared.metrics.reloaded("refused");
        error!(reason, "the configuration is not reloaded: the old one stays");
    };
    let before = shared.site();
    let site = match Site::load(path, Some(&before)) {
        Ok(site) => site,
        Err(error) => return refused(&error),
    };
    let opened = match listeners.open(&site.config).await {
        Ok(opened) => opened,
        Err((address, error)) => return refused(&format!("{address}: {error}")),
    };
    for (key, differs) in [
        ("server.threads", site.config.server.threads != before.config.server.threads),
        ("limits.connections", site.config.limits.connections != before.config.limits.connections),
        ("log.format", site.config.log.format != before.config.log.format),
        ("log.level", site.config.log.level != before.config.log.level),
    ] {
        if differs {
            warn!(key, "this is read at the start only");
        }
    }
    shared.exchange(site);
    listeners.serve(opened, &shared.site().config, shared);
    shared.metrics.reloaded("done");
    info!("the configuration is reloaded");
}

/// No new connection; those that there are end with their request. Then the tunnels.
async fn end(
    listeners: &mut Listeners,
    shared: &Shared,
    terminate: &mut Signal,
    interrupt: &mut Signal,
) {
    let deadline = shared.site().config.server.shutdown_deadline.0;
    // First, so that whoever reads the log finds `/ready` to agree with it.
    shared.drain();
    info!(connections = shared.open_connections(), "ending: no new connection is taken");
    let drained = async {
        // Connections see it at once, those of the queue when they are taken.
        tokio::join!(listeners.close(), shared.drained());
        shared.drained().await;
    };
    tokio::select! {
        drained = timeout(deadline, drained) => match drained {
            Ok(()) => info!("ended: every request has its response"),
            Err(_) => warn!(connections = shared.open_connections(), "ended at the deadline"),
        },
        _ = terminate.recv() => warn!("ended at once: a second signal came"),
        _ = interrupt.recv() => warn!("ended at once: a second signal came"),
    }
    shared.close_tunnels();
}
