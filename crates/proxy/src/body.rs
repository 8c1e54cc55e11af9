//! Bodies on their way through: frame by frame, never gathered, with a limit on silence.

mod request;
mod response;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

pub(crate) use self::request::{Broken, Progress, RequestBody};
pub(crate) use self::response::Body;

/// Runs while a body is waited for, and not while it moves.
struct Silence {
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    running: bool,
}

impl Silence {
    fn new(limit: Duration) -> Self {
        Self { limit, timer: None, running: false }
    }

    /// Something came.
    fn end(&mut self) {
        self.running = false;
    }

    /// Nothing came: whether that has been so for too long. Wakes the task when it will be.
    fn is_too_long(&mut self, context: &mut Context<'_>) -> bool {
        if !self.running {
            match &mut self.timer {
                Some(timer) => timer.set(sleep(self.limit)),
                None => self.timer = Some(Box::pin(sleep(self.limit))),
            }
            self.running = true;
        }
        match &mut self.timer {
            Some(timer) => timer.as_mut().poll(context) == Poll::Ready(()),
            None => false,
        }
    }
}
