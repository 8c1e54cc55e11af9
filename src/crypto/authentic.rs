//! Bytes whose tag has checked, as a type. The envelope is read with a [`Checked`] in hand, which
//! only a verified tag yields; values are read from [`Authentic`] bytes, which only it can make.

use alloc::borrow::Cow;
use core::fmt;

/// Bytes whose tag has checked: someone who holds the key made them.
///
/// Opening a message is the only way to get one. There is no constructor, no `From`, no
/// `Deserialize`:
///
/// ```compile_fail,E0423
/// let forged = railjar::Authentic(b"user 1".as_slice().into());
/// ```
///
/// ```compile_fail,E0277
/// let forged: railjar::Authentic = b"user 1".as_slice().into();
/// ```
///
/// ```compile_fail,E0277
/// let forged: railjar::Authentic = serde_json::from_str("[1]").unwrap();
/// ```
///
/// Nor does any serializer read bytes that are not; what reads is
/// [`Opened`](crate::Opened)'s:
///
/// ```compile_fail,E0603
/// let value = railjar::serializer::json::read(b"[1]", todo!());
/// ```
///
/// That they are authentic says nothing about when and for what they were issued: that is the
/// envelope's part.
#[derive(Clone)]
pub struct Authentic<'a>(Cow<'a, [u8]>);

impl<'a> Authentic<'a> {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same bytes, copied if they were borrowed.
    #[must_use]
    pub fn into_owned(self) -> Authentic<'static> {
        Authentic(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Debug for Authentic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authentic([{} bytes])", self.0.len())
    }
}

/// Proof that a tag was verified. Neither `Copy` nor `Clone`: one check vouches for one value.
#[derive(Debug)]
#[must_use = "nothing is authentic until the check is asked for"]
pub(crate) struct Checked(());

impl Checked {
    /// Asserts that a tag has just been compared and is right. Called by `hmac.rs` and `gcm.rs`
    /// only, once in each.
    pub(super) const fn assertion() -> Self {
        Self(())
    }

    /// A tag would stop a fuzzer at the door, so that it never met what lies behind.
    #[cfg(fuzzing)]
    pub(crate) const fn for_fuzzing() -> Self {
        Self(())
    }

    /// Vouches for the bytes that the tag was about, or that were decoded or decrypted from them.
    pub(crate) fn vouch<'a>(self, bytes: impl Into<Cow<'a, [u8]>>) -> Authentic<'a> {
        Authentic(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn debug_shows_only_the_length() {
        let secret = Checked::assertion().vouch(Vec::from(b"secret")).into_owned();
        assert_eq!(format!("{secret:?}"), "Authentic([6 bytes])");
    }
}
