//! Numbers as Marshal spells them: integers by their bytes, floats by their digits.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::Write as _;

use crate::value::{Digits, Integer};

/// Nine decimal digits at a time.
const CHUNK: u64 = 1_000_000_000;
const CHUNK_DIGITS: usize = 9;

/// The integer with this sign whose size is `bytes`, the lowest first.
pub(super) fn integer(negative: bool, bytes: &[u8]) -> Option<Integer> {
    if bytes.len() <= 15 {
        let size = bytes.iter().rev().fold(0_i128, |size, byte| (size << 8) | i128::from(*byte));
        return Some(Integer::from(if negative { size.checked_neg()? } else { size }));
    }
    let mut limbs: Vec<u32> = bytes
        .chunks(4)
        .map(|chunk| chunk.iter().rev().fold(0, |limb, byte| (limb << 8) | u32::from(*byte)))
        .collect();
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
    for (place, chunk) in chunks.iter().rev().enumerate() {
        if place == 0 { write!(text, "{chunk}") } else { write!(text, "{chunk:09}") }.ok()?;
    }
    text.parse().ok()
}

/// The sign and the size in pairs of bytes, the lowest first; `None` when it has more than `most`
/// bytes.
pub(super) fn integer_bytes(integer: &Integer, most: usize) -> Option<(bool, Vec<u8>)> {
    let text = integer.to_string();
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
    let mut bytes: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    while bytes.len() > 2 && bytes.ends_with(&[0, 0]) {
        bytes.truncate(bytes.len().saturating_sub(2));
    }
    (bytes.len() <= most).then_some((negative, bytes))
}

/// Whether Ruby keeps this float in the reference itself, so that equal ones are the same object
/// (`rb_float_new_inline`).
pub(super) fn is_immediate(float: f64) -> bool {
    let bits = float.to_bits();
    bits == 0 || (matches!((bits >> 60) & 7, 3 | 4) && bits != 0x3000_0000_0000_0000)
}

/// Appends a float as `w_float` writes it: the shortest digits, in a form of their own.
pub(super) fn float_text(float: f64) -> String {
    let Some(digits) = Digits::of(float).map(|digits| digits.even_on_tie(float)) else {
        let text = if float.is_nan() {
            "nan"
        } else if float < 0.0 {
            "-inf"
        } else {
            "inf"
        };
        return String::from(text);
    };
    let sign = if digits.negative { "-" } else { "" };
    if float == 0.0 {
        return [sign, "0"].concat();
    }
    let text = digits.as_str();
    let point = digits.point;
    let whole = usize::try_from(point).unwrap_or(0);
    match text.split_at_checked(whole) {
        Some((whole, "")) if point > 0 => [sign, whole].concat(),
        Some((whole, fraction)) if point > 0 => [sign, whole, ".", fraction].concat(),
        _ if (-3..=0).contains(&point) => {
            let zeros = "000".get(..usize::try_from(point.unsigned_abs()).unwrap_or(0));
            [sign, "0.", zeros.unwrap_or_default(), text].concat()
        }
        _ => {
            let (first, rest) = text.split_at_checked(1).unwrap_or((text, ""));
            let dot = if rest.is_empty() { "" } else { "." };
            alloc::format!("{sign}{first}{dot}{rest}e{}", point.saturating_sub(1))
        }
    }
}

/// The float that a dump says; from Ruby 1.8 with the lowest bits of its mantissa behind a zero.
///
/// `None` for anything else: Ruby takes whatever C's `strtod` makes of it, 0.0 for no number.
pub(super) fn float(text: &[u8]) -> Option<f64> {
    match text {
        b"nan" => return Some(f64::NAN),
        b"inf" => return Some(f64::INFINITY),
        b"-inf" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let (number, rest) = text.split_at_checked(number_len(text))?;
    let number: f64 = core::str::from_utf8(number).ok()?.parse().ok()?;
    match rest {
        [] => Some(number),
        [0, mantissa @ ..] if number.is_normal() && !mantissa.is_empty() => {
            let high = mantissa.first().copied().unwrap_or_default();
            let low = mantissa.get(1).copied().unwrap_or_default();
            let lowest = u64::from(u16::from_be_bytes([high, low]));
            Some(f64::from_bits((number.to_bits() & !0xffff) | lowest))
        }
        _ => None,
    }
}

/// How many bytes a decimal number takes at the beginning.
fn number_len(text: &[u8]) -> usize {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let sign = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let whole = digits(sign);
    let mut end = sign.saturating_add(whole);
    if whole == 0 {
        return 0;
    }
    if text.get(end) == Some(&b'.') {
        let fraction = digits(end.saturating_add(1));
        if fraction > 0 {
            end = end.saturating_add(fraction).saturating_add(1);
        }
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end.saturating_add(1)), Some(b'-' | b'+')));
        let from = end.saturating_add(1).saturating_add(sign);
        let exponent = digits(from);
        if exponent > 0 {
            end = from.saturating_add(exponent);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_any_size_keep_their_bytes() {
        for text in [
            "0",
            "1073741824",
            "-18446744073709551616",
            "1000000000000000000000000000000",
            "-340282366920938463463374607431768211456",
            "340282366920938463463374607431768211455000000001",
        ] {
            let number: Integer = text.parse().unwrap();
            let (negative, bytes) = integer_bytes(&number, 1024).unwrap();
            assert_eq!(integer(negative, &bytes), Some(number));
        }
        let long = ["9"; 2000].concat().parse::<Integer>().unwrap();
        let (_, bytes) = integer_bytes(&long, 1024).unwrap();
        assert_eq!(integer(false, &bytes), Some(long.clone()));
        assert_eq!(integer_bytes(&long, 512), None);
        assert_eq!(integer(true, &[0; 40]), Some(Integer::from(0_i64)));
    }

    #[test]
    fn floats_have_a_form_of_their_own() {
        // `Marshal.dump(float)` of Ruby 3.3.
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (100.0, "1e2"),
            (120.0, "1.2e2"),
            (123.0, "123"),
            (123.25, "123.25"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.000_012, "1.2e-5"),
            (1e-5, "1e-5"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e308"),
            (12_345_678_901_234_568.0, "12345678901234568"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ];
        for (number, text) in cases {
            assert_eq!(float_text(number), text);
            assert_eq!(float(text.as_bytes()).map(f64::to_bits), Some(number.to_bits()));
        }
    }

    #[test]
    fn ruby_1_8_wrote_the_mantissa_too() {
        assert_eq!(float(b"1.5\0\0"), Some(1.5));
        assert_eq!(float(b"1.1000000000000001\0\x99\x9a"), Some(1.1));
        for text in ["", "abc", "1.5xyz", "1.", "1e", " 1", ".5", "0x1p3", "-", "1\0", "infinity"] {
            assert_eq!(float(text.as_bytes()), None, "{text}");
        }
    }
}
