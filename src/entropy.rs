//! Entropy is an argument: the library draws none by itself.

use zeroize::Zeroize as _;

/// A source of unpredictable bytes, for initialization vectors.
///
/// It must be cryptographically secure: an AES-GCM key is lost when one IV is used twice.
pub trait Entropy {
    /// Fills all of `out`.
    ///
    /// # Errors
    /// [`EntropyUnavailable`] when the source cannot deliver; `out` must not be used then.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable>;
}

impl<E: Entropy + ?Sized> Entropy for &mut E {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        (**self).fill(out)
    }
}

/// The source of entropy failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntropyUnavailable;

impl core::fmt::Display for EntropyUnavailable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the source of entropy failed")
    }
}

impl core::error::Error for EntropyUnavailable {}

/// The operating system's entropy, one system call each time. Wrap it in [`Buffered`] where many
/// messages are sealed.
#[cfg(feature = "getrandom")]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

#[cfg(feature = "getrandom")]
impl Entropy for SystemEntropy {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        getrandom::fill(out).map_err(|_| EntropyUnavailable)
    }
}

/// Draws 512 bytes at a time from another source and hands them out once each, wiping them as it
/// goes. A system call costs more than sealing a cookie of 400 bytes; this makes it one in 42.
///
/// A process that forks must make a new one in the child: both copies would hand out the same bytes.
///
/// ```
/// # #[cfg(feature = "getrandom")] {
/// use railjar::entropy::{Buffered, Entropy, SystemEntropy};
///
/// let mut entropy = Buffered::new(SystemEntropy);
/// let mut iv = [0; 12];
/// entropy.fill(&mut iv)?;
/// # }
/// # Ok::<(), railjar::entropy::EntropyUnavailable>(())
/// ```
pub struct Buffered<E> {
    source: E,
    pool: [u8; POOL],
    used: usize,
}

const POOL: usize = 512;

impl<E: Entropy> Buffered<E> {
    /// Wraps `source`; nothing is drawn yet.
    #[must_use]
    pub fn new(source: E) -> Self {
        Self { source, pool: [0; POOL], used: POOL }
    }
}

impl<E: Entropy> Entropy for Buffered<E> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        if out.len() > POOL {
            return self.source.fill(out);
        }
        if self.used.saturating_add(out.len()) > POOL {
            self.source.fill(&mut self.pool)?;
            self.used = 0;
        }
        let end = self.used.saturating_add(out.len());
        let fresh = self.pool.get_mut(self.used..end).ok_or(EntropyUnavailable)?;
        out.copy_from_slice(fresh);
        fresh.zeroize();
        self.used = end;
        Ok(())
    }
}

impl<E> Drop for Buffered<E> {
    fn drop(&mut self) {
        self.pool.zeroize();
    }
}

impl<E> core::fmt::Debug for Buffered<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Buffered([redacted])")
    }
}

/// For what needs none: signing. It fails if it is asked all the same.
pub(crate) struct NoEntropy;

impl Entropy for NoEntropy {
    fn fill(&mut self, _out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        Err(EntropyUnavailable)
    }
}
