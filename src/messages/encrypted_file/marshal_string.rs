//! The one value in an encrypted file: a string in Ruby's Marshal 4.8, in UTF-8 or binary.
//!
//! A file that holds anything else is none of Rails' making, so nothing else is read, and no more
//! of Marshal than this can be reached through a file. (`marshal.c`: `w_string`, `w_long`.)

use alloc::vec::Vec;

use crate::crypto::Authentic;
use crate::error::{SealError, SerializationError};

const VERSION: &[u8] = &[4, 8];
/// One instance variable, `:E`, which says UTF-8 when true and US-ASCII when false.
const ENCODING: &[u8] = &[6, b':', 6, b'E'];

/// The bytes of the string.
pub(super) fn read<'a>(marshalled: &'a Authentic<'_>) -> Result<&'a [u8], SerializationError> {
    let all = marshalled.as_bytes();
    let unsupported = SerializationError::Unsupported;
    let rest = all.strip_prefix(VERSION).ok_or(unsupported)?;
    let (encoded, rest) = match rest.strip_prefix(b"I") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.strip_prefix(b"\"").ok_or(unsupported)?;
    let at = |rest: &[u8]| all.len().saturating_sub(rest.len());
    let cut = || SerializationError::Malformed { offset: at(rest) };
    let (length, rest) = length(rest).ok_or_else(cut)?;
    let (text, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
    let known = match (encoded, rest.strip_prefix(ENCODING)) {
        (false, _) => rest.is_empty(),
        (true, Some(b"T" | b"F")) => true,
        // Another encoding, by its name.
        (true, _) => return Err(unsupported),
    };
    if known { Ok(text) } else { Err(SerializationError::Malformed { offset: at(rest) }) }
}

/// A length, and what follows it: one byte up to 122, else a count of little-endian bytes.
fn length(text: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = text.split_first()?;
    match first {
        0 => Some((0, rest)),
        1..=4 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first))?;
            let length = bytes.iter().rev().try_fold(0_u32, |length, byte| {
                Some(length.checked_mul(256)? | u32::from(*byte))
            })?;
            Some((usize::try_from(length).ok()?, rest))
        }
        6..=0x7f => Some((usize::from(first).saturating_sub(5), rest)),
        // Negative.
        _ => None,
    }
}

/// Bytes without an encoding.
pub(super) fn binary(bytes: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut out = Vec::from(VERSION);
    string(&mut out, bytes)?;
    Ok(out)
}

/// Text in UTF-8.
pub(super) fn utf8(text: &str) -> Result<Vec<u8>, SealError> {
    let mut out = Vec::from(VERSION);
    out.push(b'I');
    string(&mut out, text.as_bytes())?;
    out.extend_from_slice(ENCODING);
    out.push(b'T');
    Ok(out)
}

fn string(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), SealError> {
    out.push(b'"');
    let length = i32::try_from(bytes.len()).map_err(|_| SealError::Unrepresentable)?;
    match u8::try_from(length) {
        Ok(0) => out.push(0),
        Ok(short @ 1..=122) => out.push(short.saturating_add(5)),
        _ => {
            let digits = length.to_le_bytes();
            let count =
                digits.iter().rposition(|digit| *digit != 0).map_or(0, |at| at.saturating_add(1));
            out.push(u8::try_from(count).unwrap_or_default());
            out.extend_from_slice(digits.get(..count).unwrap_or_default());
        }
    }
    out.extend_from_slice(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::crypto::hmac::MacKey;
    use crate::crypto::{Checked, Digest};

    fn checked() -> Checked {
        let key = MacKey::new(Digest::Sha1, b"");
        let mut hex = Vec::new();
        key.write_hex(b"", &mut hex);
        key.verify_hex(b"", &hex).unwrap()
    }

    fn read_back(marshalled: &[u8]) -> Result<Vec<u8>, SerializationError> {
        read(&checked().vouch(marshalled)).map(Vec::from)
    }

    #[test]
    fn strings_of_every_length_are_read_back() {
        for length in [0, 1, 122, 123, 255, 256, 65_535, 65_536, 70_000] {
            let text = "x".repeat(length);
            for marshalled in [binary(text.as_bytes()).unwrap(), utf8(&text).unwrap()] {
                assert_eq!(read_back(&marshalled), Ok(text.clone().into_bytes()));
                for cut in [0, 1, 2, 3, marshalled.len() - 1] {
                    assert!(read_back(&marshalled[..cut]).is_err());
                }
                assert!(read_back(&[&marshalled[..], b"0"].concat()).is_err());
            }
        }
        assert_eq!(read_back(b"\x04\x08I\"\x06a\x06:\x06EF"), Ok(vec![b'a']));
    }

    /// As Ruby 3.1 dumps them.
    #[test]
    fn lengths_are_written_as_ruby_writes_them() {
        for (length, head) in [
            (0, &b"\x04\x08\"\x00"[..]),
            (1, b"\x04\x08\"\x06"),
            (122, b"\x04\x08\"\x7f"),
            (123, b"\x04\x08\"\x01\x7b"),
            (256, b"\x04\x08\"\x02\x00\x01"),
            (65_536, b"\x04\x08\"\x03\x00\x00\x01"),
        ] {
            let marshalled = binary(&vec![b'x'; length]).unwrap();
            assert_eq!(&marshalled[..head.len()], head);
            assert_eq!(marshalled.len(), head.len() + length);
        }
    }

    #[test]
    fn nothing_else_is_read() {
        for other in [
            &b""[..],
            b"\x04\x08",
            b"\x04\x080",
            b"\x04\x08[\x06\"\x06a",
            b"\x04\x07\"\x06a",
            b"\x04\x08\"\xfaa",
            b"\x04\x08\"\x05a",
            b"\x04\x08\"\x04\xff\xff\xff\xff",
            b"\x04\x08I\"\x06a\x06:\rencoding\"\x0eShift_JIS",
            b"\x04\x08I\"\x06a\x00",
        ] {
            assert!(read_back(other).is_err(), "{other:?}");
        }
    }
}
