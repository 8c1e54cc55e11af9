//! Secret bytes: wiped when dropped, silent in `Debug`, compared in constant time.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Secret bytes of any length: a raw key, or one that a key generator derived.
///
/// It is wiped when dropped, prints as `[redacted]`, compares in constant time, and has no
/// `Display` and no `Serialize`.
///
/// ```
/// use railjar::Secret;
///
/// let key = Secret::new(b"0123456789abcdef0123456789abcdef");
/// assert_eq!(format!("{key:?}"), "Secret([redacted])");
/// ```
///
/// ```compile_fail,E0277
/// # let key = railjar::Secret::new(b"0123456789abcdef");
/// let shown = format!("{key}");
/// ```
///
/// ```compile_fail,E0277
/// # let key = railjar::Secret::new(b"0123456789abcdef");
/// let written = serde_json::to_string(&key);
/// ```
///
/// ```compile_fail,E0277
/// let read: railjar::Secret = serde_json::from_str("[1]").unwrap();
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes as they are: no decoding, no trimming.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The secret bytes themselves. Named so that every place which looks at them can be found.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the bytes, to tell which key this is
    /// without showing it: `printf %s "$KEY" | sha256sum | cut -c1-16` gives the same.
    ///
    /// It is for keys that were derived or drawn at random. Who sees the fingerprint of a secret
    /// that could be guessed can check the guess.
    ///
    /// ```
    /// let key = railjar::Secret::new(*b"abc");
    /// assert_eq!(key.fingerprint(), "ba7816bf8f01cfea");
    /// ```
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = Sha256::digest(self.expose());
        let digits = hash.iter().take(8).flat_map(|byte| [byte >> 4, byte & 0x0f]);
        digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}
