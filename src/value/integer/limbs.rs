//! Integers as binary formats spell them: a sign, and the size in 32-bit limbs.
//!
//! Both ways take time in proportion to the square of the length: callers bound it.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::Write as _;

use crate::value::Integer;

/// Nine decimal digits at a time.
const CHUNK: u64 = 1_000_000_000;
const CHUNK_DIGITS: usize = 9;

impl Integer {
    /// The integer with this sign whose size is `limbs`, the lowest first.
    pub(crate) fn from_limbs(negative: bool, mut limbs: Vec<u32>) -> Option<Self> {
        let mut chunks = Vec::new();
        while !limbs.is_empty() {
            let mut rest: u64 = 0;
            for limb in limbs.iter_mut().rev() {
                let all = (rest << 32) | u64::from(*limb);
                *limb = u32::try_from(all.checked_div(CHUNK)?).ok()?;
                rest = all.checked_rem(CHUNK)?;
            }
            chunks.push(rest);
            while limbs.last() == Some(&0) {
                limbs.pop();
            }
        }
        let mut text = String::from(if negative { "-" } else { "" });
        let mut chunks = chunks.iter().rev();
        write!(text, "{}", chunks.next().unwrap_or(&0)).ok()?;
        chunks.try_for_each(|chunk| write!(text, "{chunk:09}")).ok()?;
        text.parse().ok()
    }

    /// Whether it is negative, and its size, the lowest limb first; `None` for one of more than
    /// `most` bytes.
    pub(crate) fn limbs(&self, most: usize) -> Option<(bool, Vec<u32>)> {
        let text = self.to_string();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.as_str()),
        };
        // No byte holds three digits.
        if digits.len() > most.saturating_mul(3) {
            return None;
        }
        let mut limbs: Vec<u32> = Vec::new();
        let (head, rest) = digits.split_at_checked(digits.len().checked_rem(CHUNK_DIGITS)?)?;
        let chunks = rest.as_bytes().chunks(CHUNK_DIGITS).map(core::str::from_utf8);
        for chunk in core::iter::once(Ok(head)).chain(chunks) {
            let chunk = chunk.ok()?;
            let mut carry: u64 = if chunk.is_empty() { 0 } else { chunk.parse().ok()? };
            for limb in &mut limbs {
                let all = u64::from(*limb).checked_mul(CHUNK)?.checked_add(carry)?;
                *limb = u32::try_from(all & u64::from(u32::MAX)).ok()?;
                carry = all >> 32;
            }
            if carry > 0 {
                limbs.push(u32::try_from(carry).ok()?);
            }
        }
        (limbs.len().saturating_mul(4) <= most).then_some((negative, limbs))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn integers_of_any_size_keep_their_limbs() {
        for text in [
            "1",
            "-4294967296",
            "-18446744073709551616",
            "1000000000000000000000000000000",
            "340282366920938463463374607431768211455000000001",
        ] {
            let number: Integer = text.parse().unwrap();
            let (negative, limbs) = number.limbs(1024).unwrap();
            assert_eq!(Integer::from_limbs(negative, limbs), Some(number));
        }
        let long: Integer = ["9"; 2000].concat().parse().unwrap();
        let (_, limbs) = long.limbs(1024).unwrap();
        assert_eq!(Integer::from_limbs(false, limbs), Some(long.clone()));
        assert_eq!(long.limbs(512), None);
        for zero in [vec![], vec![0; 40]] {
            assert_eq!(Integer::from_limbs(true, zero), Some(Integer::from(0_i64)));
        }
    }
}
