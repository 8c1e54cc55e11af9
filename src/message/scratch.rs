//! The caller's buffers.

use alloc::vec::Vec;

/// Buffers that opening and sealing work in. One that is reused makes both free of allocation once
/// it has grown to the size of the messages; what they return borrows from it.
///
/// ```
/// use railjar::{Expected, MessageVerifier, Scratch, Secret, Timestamp};
///
/// let verifier = MessageVerifier::new(&Secret::new(*b"a secret key"));
/// let mut scratch = Scratch::new();
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// for message in [&b"eyJhIjoxfQ==--0000000000000000000000000000000000000000"[..], b"junk"] {
///     assert!(verifier.open_in(&mut scratch, message, Expected::NoPurpose, now).is_err());
/// }
/// ```
///
/// While something borrows from it, nothing else can be opened or sealed in it:
///
/// ```compile_fail,E0499
/// # use railjar::{Expected, MessageVerifier, Scratch, Timestamp};
/// # fn open(verifier: &MessageVerifier, message: &[u8], now: Timestamp) {
/// let mut scratch = Scratch::new();
/// let first = verifier.open_in(&mut scratch, message, Expected::NoPurpose, now);
/// let second = verifier.open_in(&mut scratch, message, Expected::NoPurpose, now);
/// drop(first);
/// # }
/// ```
///
/// Nor does what was opened outlive it:
///
/// ```compile_fail,E0515
/// # use railjar::{Expected, MessageVerifier, Opened, OpenError, Scratch, Timestamp};
/// # fn open<'a>(verifier: &MessageVerifier, message: &'a [u8], now: Timestamp)
/// # -> Result<Opened<'a>, OpenError> {
/// let mut scratch = Scratch::new();
/// verifier.open_in(&mut scratch, message, Expected::NoPurpose, now)
/// # }
/// ```
#[derive(Default)]
pub struct Scratch {
    /// The signed or decrypted bytes.
    pub(crate) plain: Vec<u8>,
    /// What was wrapped in them: the inside of a CBC message, then the value of an envelope.
    pub(crate) inner: Vec<u8>,
    /// The message being written.
    pub(crate) message: Vec<u8>,
}

impl Scratch {
    /// Empty buffers; they grow with use, to a small multiple of the longest message.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl core::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Scratch([redacted])")
    }
}
