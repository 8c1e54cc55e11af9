//! One thread reads, the others open cookies: each has an auditor of its own, and all share the keys.
//! The pieces in between are few, and their buffers are used again, so that memory stays the same
//! however much is read.

use std::io::{self, BufRead};
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use railjar::Timestamp;
use railjar::audit::{Audit, Auditor, Samples, Tally};

use super::chunks::{Chunk, Chunks};
use super::har;
use crate::error::Error;

/// The most threads: the counts of each must be added up, and each has buffers of 2 MiB.
pub(super) const MAX_THREADS: usize = 256;

pub(super) struct Workers<'a> {
    pub(super) audit: &'a Audit,
    pub(super) threads: Option<NonZeroUsize>,
    /// The time of all lines, if it was given.
    pub(super) at: Option<Timestamp>,
    /// Whether unreadable cookies are kept to be explained.
    pub(super) samples: bool,
}

/// What the reading thread hands its pieces to.
pub(super) struct Pool<'a> {
    full: SyncSender<Chunk>,
    empty: Receiver<Chunk>,
    /// How many buffers may still be made.
    unmade: usize,
    /// Of the reading thread itself: HAR files are no lines.
    auditor: Auditor<'a>,
}

impl<'a> Workers<'a> {
    /// Runs `read` beside the workers, and adds up what all have counted.
    pub(super) fn run<T>(
        &self,
        read: impl FnOnce(&mut Pool<'a>) -> T,
    ) -> Result<(T, Tally, Samples), Error> {
        let threads = self.threads.map_or(1, NonZeroUsize::get).min(MAX_THREADS);
        let (full, chunks) = sync_channel(threads);
        let (give_back, empty) = channel();
        let chunks = Mutex::new(chunks);
        thread::scope(|scope| {
            let made = (0..threads).map(|_| {
                let (chunks, give_back) = (&chunks, give_back.clone());
                let builder = thread::Builder::new();
                builder.spawn_scoped(scope, move || self.work(chunks, &give_back))
            });
            let workers = made.collect::<io::Result<Vec<_>>>().map_err(|error| {
                Error::new(format!("{threads} threads cannot be had: {error}"))
                    .hint("--threads 1, or another limit of processes")
            })?;
            // One in the hands of each worker, one for each in the channel, one being read.
            let unmade = threads.saturating_mul(2).saturating_add(1);
            let mut pool = Pool { full, empty, unmade, auditor: self.auditor() };
            let done = read(&mut pool);
            let Pool { full, auditor, .. } = pool;
            // That is how they know that nothing follows.
            drop(full);
            let (mut tally, mut samples) = auditor.into_parts();
            for worker in workers {
                let (counted, kept) =
                    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                tally.merge(&counted).map_err(|error| Error::new(error.to_string()))?;
                samples.merge(kept);
            }
            Ok((done, tally, samples))
        })
    }

    fn auditor(&self) -> Auditor<'a> {
        let auditor = self.audit.auditor();
        if self.samples { auditor.sampling() } else { auditor }
    }

    fn work(&self, chunks: &Mutex<Receiver<Chunk>>, give_back: &Sender<Chunk>) -> (Tally, Samples) {
        let mut auditor = self.auditor();
        loop {
            let next = chunks.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(chunk) = next else { return auditor.into_parts() };
            for line in chunk.lines() {
                match self.at {
                    Some(_) => auditor.line_at(line, self.at),
                    None => auditor.line(line),
                }
            }
            (0..chunk.too_long).for_each(|_| auditor.skip_line());
            // Nobody takes it back once all is read.
            let _ = give_back.send(chunk);
        }
    }
}

impl Pool<'_> {
    /// Hands on all lines. A failure comes with how many bytes were read before it.
    pub(super) fn lines(&mut self, source: impl BufRead) -> Result<(), (io::Error, u64)> {
        let mut chunks = Chunks::new(source);
        loop {
            let next =
                chunks.next(self.buffer()).and_then(|chunk| match chunk {
                    Some(chunk) => self.full.send(chunk).map(Some).map_err(|_| {
                        io::Error::other("the threads that open cookies have stopped")
                    }),
                    None => Ok(None),
                });
            if !matches!(next, Ok(Some(()))) {
                // The buffer that nothing came in is gone.
                self.unmade = self.unmade.saturating_add(1);
                return next.map(drop).map_err(|error| (error, chunks.read));
            }
        }
    }

    pub(super) fn har(&mut self, source: impl BufRead) -> serde_json::Result<()> {
        har::read(source, &mut self.auditor)
    }

    /// A buffer that is done with, or a new one as long as there are few.
    fn buffer(&mut self) -> Chunk {
        if let Ok(chunk) = self.empty.try_recv() {
            return chunk;
        }
        if let Some(unmade) = self.unmade.checked_sub(1) {
            self.unmade = unmade;
            return Chunk::default();
        }
        self.empty.recv().unwrap_or_default()
    }
}
