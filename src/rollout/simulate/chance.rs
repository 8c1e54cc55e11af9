//! Chance: from the caller's entropy, and by sums and products alone, so that the same bytes give
//! the same numbers on every machine.

use alloc::vec::Vec;

use crate::entropy::{Entropy, EntropyUnavailable};

/// A number from 0 to 1, without 1.
pub(super) fn draw(entropy: &mut impl Entropy) -> Result<f64, EntropyUnavailable> {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes)?;
    // As many bits as an f64 holds.
    let bits = u64::from_le_bytes(bytes) >> 11;
    Ok(bits as f64 / (1_u64 << 53) as f64)
}

/// How long something takes that happens in each second with the same chance.
pub(super) struct Wait {
    /// By seconds: the chance that it has happened.
    happened: Vec<f64>,
}

impl Wait {
    pub(super) fn new(chance: f64, longest: u64) -> Self {
        let mut not_yet = 1.0;
        let happened = (0..longest).map(|_| {
            not_yet *= 1.0 - chance;
            1.0 - not_yet
        });
        // Once it is certain, no more is drawn from.
        let mut is_certain = false;
        let happened =
            happened.take_while(|happened| !core::mem::replace(&mut is_certain, *happened >= 1.0));
        Self { happened: happened.collect() }
    }

    /// In which second from now it happens, from 0; nothing where that is after all that counts.
    pub(super) fn draw(
        &self,
        entropy: &mut impl Entropy,
    ) -> Result<Option<u64>, EntropyUnavailable> {
        let drawn = draw(entropy)?;
        let second = self.happened.partition_point(|happened| *happened <= drawn);
        Ok((second < self.happened.len()).then_some(second as u64))
    }
}

/// The square root, which `core` does not have: by Newton's method.
pub(super) fn square_root(of: f64) -> f64 {
    if of <= 0.0 {
        return 0.0;
    }
    // It halves at least until it is near, and doubles its digits then.
    (0..64).fold(if of > 1.0 { of } else { 1.0 }, |root, _| 0.5 * (root + of / root))
}
