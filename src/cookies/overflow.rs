//! The size limit of a cookie, 4096, and what each Rails counts against it
//! (`action_dispatch/middleware/cookies.rb#check_for_overflow!`).
//!
//! All count the value before it is escaped, so what travels may be up to three times as long; and
//! attributes never count. A browser that counts otherwise drops the cookie in silence.

use crate::error::SealError;

/// The most that a cookie may have; this many are allowed (Rails' `MAX_COOKIE_SIZE`).
pub const MAX_COOKIE_SIZE: usize = 4096;

/// What counts against [`MAX_COOKIE_SIZE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Overflow {
    /// The characters of the value (Rails 3.2: `value.size`).
    ValueCharacters,
    /// The bytes of the value (Rails 4.0 to 8.0).
    ValueBytes,
    /// The bytes of the name and of the value together (Rails 8.1 and later).
    NameAndValueBytes,
}

impl Overflow {
    /// What counts of this cookie: bytes, or characters under
    /// [`ValueCharacters`](Self::ValueCharacters). `value` is not yet escaped.
    #[must_use]
    pub fn size(self, name: &str, value: &[u8]) -> usize {
        match self {
            Self::ValueCharacters => value.iter().filter(|&&byte| begins_character(byte)).count(),
            Self::ValueBytes => value.len(),
            Self::NameAndValueBytes => name.len().saturating_add(value.len()),
        }
    }

    /// Refuses a cookie that this Rails would raise `CookieOverflow` for. `value` is not yet
    /// escaped.
    ///
    /// # Errors
    /// [`SealError::CookieOverflow`] if the cookie's [size](Self::size) is over
    /// [`MAX_COOKIE_SIZE`].
    pub fn check(self, name: &str, value: &[u8]) -> Result<(), SealError> {
        match self.size(name, value) {
            0..=MAX_COOKIE_SIZE => Ok(()),
            size => Err(SealError::CookieOverflow { size }),
        }
    }
}

/// Whether the byte starts a character of UTF-8.
fn begins_character(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn the_limit_itself_is_allowed() {
        let name = "prefs";
        for (rule, most) in [
            (Overflow::ValueCharacters, 4096),
            (Overflow::ValueBytes, 4096),
            (Overflow::NameAndValueBytes, 4091),
        ] {
            assert_eq!(rule.check(name, &vec![b'x'; most]), Ok(()));
            assert_eq!(
                rule.check(name, &vec![b'x'; most + 1]),
                Err(SealError::CookieOverflow { size: 4097 }),
            );
        }
    }

    #[test]
    fn rails_3_2_counts_characters() {
        let name = "a";
        let value = "é".repeat(4096);
        assert_eq!(Overflow::ValueCharacters.check(name, value.as_bytes()), Ok(()));
        assert_eq!(
            Overflow::ValueBytes.check(name, value.as_bytes()),
            Err(SealError::CookieOverflow { size: 8192 }),
        );
    }
}
