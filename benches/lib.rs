//! What the benches measure: railjar, the raw floor under it, and the peers, on the same messages
//! with the same keys. `messages.rs`, `rotations.rs`, `cookies.rs`, `keys.rs` and `serializers.rs`
//! give criterion's times; `ratios.rs` gives the ratios between them, which is all that carries over to another
//! machine.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    clippy::std_instead_of_alloc,
    missing_docs,
    reason = "a bench that cannot be set up must stop"
)]

pub mod audit;
pub mod floor;
pub mod jars;
pub mod ours;
pub mod peers;
pub mod sessions;

use core::fmt;
use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

/// What is sealed, in bytes: a bare session, a common one, one near the cookie limit.
pub const SIZES: [usize; 3] = [100, 400, 3000];

/// The four formats that Rails has defaulted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    SignedSha1,
    SignedSha256,
    Gcm,
    Cbc,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::SignedSha1, Self::SignedSha256, Self::Gcm, Self::Cbc];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignedSha1 => "signed SHA1",
            Self::SignedSha256 => "signed SHA256",
            Self::Gcm => "GCM",
            Self::Cbc => "CBC",
        })
    }
}

/// A session as JSON, exactly `size` bytes of it.
#[must_use]
pub fn payload(size: usize) -> Vec<u8> {
    let head = r#"{"session_id":"4bf28dd1a8a8c2f5d1f0b1d2a0f4e6c7","user_id":42,"note":""#;
    let words = "the quick brown fox jumps over the lazy dog, ".bytes().cycle();
    let note = words.take(size - head.len() - 2);
    head.bytes().chain(note).chain(*br#""}"#).collect()
}

/// An operation that can be repeated. The loop is inside, so that a virtual call is paid once.
pub struct Subject(Box<dyn FnMut(u64)>);

impl Subject {
    /// The result is handed to the optimizer as used.
    pub fn new<R>(mut operation: impl FnMut() -> R + 'static) -> Self {
        Self(Box::new(move |times| {
            for _ in 0..times {
                black_box(operation());
            }
        }))
    }

    /// Both, one after the other.
    #[must_use]
    pub fn then(mut self, mut next: Self) -> Self {
        Self(Box::new(move |times| {
            for _ in 0..times {
                (self.0)(1);
                (next.0)(1);
            }
        }))
    }

    pub fn time(&mut self, times: u64) -> Duration {
        let start = Instant::now();
        (self.0)(times);
        start.elapsed()
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject")
    }
}
