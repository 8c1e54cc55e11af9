//! A connection that both ends have agreed to use for a WebSocket: bytes both ways, until one of
//! them is done or the proxy ends.

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio::sync::watch;
use tracing::debug;

use crate::upstream::Lease;

/// Both ends.
pub(crate) struct Tunnel {
    pub(crate) client: OnUpgrade,
    pub(crate) upstream: OnUpgrade,
}

impl Tunnel {
    /// Carries bytes. `lease` counts it at its upstream; `end` changes when all tunnels are to end.
    pub(crate) async fn run(self, lease: Lease, mut end: watch::Receiver<()>) {
        let (client, upstream) = match tokio::try_join!(self.client, self.upstream) {
            Ok((client, upstream)) => (client, upstream),
            Err(error) => return debug!(%error, "the upgrade did not happen"),
        };
        let (mut client, mut upstream) = (TokioIo::new(client), TokioIo::new(upstream));
        tokio::select! {
            ended = copy_bidirectional(&mut client, &mut upstream) => {
                if let Err(error) = ended {
                    debug!(%error, "a tunnel broke");
                }
            }
            _ = end.changed() => {}
        }
        drop(lease);
    }
}
