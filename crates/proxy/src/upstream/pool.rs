//! Connections to one server that wait for their next request.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::client::conn::http1::SendRequest;
use tokio::time::Instant;

use crate::body::RequestBody;

/// One end of a connection; the other is a task.
pub(crate) type Connection = SendRequest<RequestBody>;

/// Whether a server closed a connection that waited. One that is restarted does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    No,
    ByServer,
}

/// The waiting connections, the latest at the end: it is taken first, and the others grow old.
#[derive(Default)]
pub(super) struct Pool {
    waiting: Mutex<Vec<Waiting>>,
}

struct Waiting {
    connection: Connection,
    since: Instant,
}

impl Pool {
    /// A connection that can take a request, and waited for no longer than `longest`; and whether
    /// the server was seen to have closed one before that.
    pub(super) fn take(&self, longest: Duration) -> (Option<Connection>, Closed) {
        let mut closed = Closed::No;
        let mut waiting = self.lock();
        while let Some(latest) = waiting.pop() {
            if latest.since.elapsed() > longest {
                waiting.clear();
                break;
            }
            if latest.connection.is_ready() {
                return (Some(latest.connection), closed);
            }
            if latest.connection.is_closed() {
                closed = Closed::ByServer;
            }
        }
        (None, closed)
    }

    /// Puts a connection back after its response. At most `most` wait.
    pub(super) fn put(&self, connection: Connection, most: usize) {
        let mut waiting = self.lock();
        if waiting.len() < most && !connection.is_closed() {
            waiting.push(Waiting { connection, since: Instant::now() });
        }
    }

    /// Closes what has waited for longer than `longest`.
    pub(super) fn prune(&self, longest: Duration) {
        self.lock().retain(|waiting| {
            waiting.since.elapsed() <= longest && !waiting.connection.is_closed()
        });
    }

    /// Closes them all: the server is another one now.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
