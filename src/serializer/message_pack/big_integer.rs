//! Integers over 64 bits, as the gem's `MessagePack::Bigint` has them: a sign, then words of 32
//! bits, the lowest word first, each with its highest byte first.

use alloc::vec::Vec;

use crate::value::Integer;

pub(super) fn read(body: &[u8]) -> Option<Integer> {
    let (sign, words) = body.split_first()?;
    let negative = match sign {
        0 => false,
        1 => true,
        _ => return None,
    };
    let words = words.chunks(4).map(|word| word.try_into().ok().map(u32::from_be_bytes));
    let words: Vec<u32> = words.collect::<Option<_>>()?;
    if words.is_empty() { None } else { Integer::from_limbs(negative, words) }
}

/// Appends what [`read`] reads; `None` for an integer of more than `most` bytes.
pub(super) fn write(out: &mut Vec<u8>, integer: &Integer, most: usize) -> Option<()> {
    let (negative, words) = integer.limbs(most)?;
    out.push(negative.into());
    words.iter().for_each(|word| out.extend_from_slice(&word.to_be_bytes()));
    Some(())
}
