//! HMAC with SHA-1 or SHA-256, straight on the compression functions of the `sha1` and `sha2`
//! crates. Ours is only what FIPS 180-4 section 5 adds: padding and length.
//!
//! Not through the `hmac` crate, because it copies its hashers and their buffers for each MAC. And
//! each compression function stays out of line: inlined into code built with
//! `-Ctarget-cpu=native`, SHA-256 was once measured twelve times slower (Zen 3, rustc 1.95).

use zeroize::Zeroize as _;

/// A compression function on blocks of 64 bytes, whose state is `N` big-endian words.
type Compress<const N: usize> = fn(state: &mut [u32; N], blocks: &[[u8; 64]]);

/// The states after the first block of the inner and of the outer hash.
#[derive(Clone)]
pub(super) struct Words<const N: usize> {
    inner: [u32; N],
    outer: [u32; N],
    compress: Compress<N>,
}

impl Words<5> {
    /// HMAC-SHA1.
    pub(super) fn sha1(key: &[u8; 64]) -> Self {
        #[inline(never)]
        fn compress(state: &mut [u32; 5], blocks: &[[u8; 64]]) {
            sha1::block_api::compress(state, blocks);
        }
        // FIPS 180-4, section 5.3.1.
        let initial = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
        Self::keyed(key, initial, compress)
    }
}

impl Words<8> {
    /// HMAC-SHA256.
    pub(super) fn sha256(key: &[u8; 64]) -> Self {
        #[inline(never)]
        fn compress(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
            sha2::block_api::compress256(state, blocks);
        }
        // FIPS 180-4, section 5.3.3.
        let initial = [
            0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
            0x5be0cd19,
        ];
        Self::keyed(key, initial, compress)
    }
}

impl<const N: usize> Words<N> {
    fn keyed(key: &[u8; 64], initial: [u32; N], compress: Compress<N>) -> Self {
        let after = |pad: u8| {
            let mut block = key.map(|byte| byte ^ pad);
            let mut state = initial;
            compress(&mut state, &[block]);
            block.zeroize();
            state
        };
        Self { inner: after(0x36), outer: after(0x5c), compress }
    }

    /// The MAC of `data`, as words.
    pub(super) fn mac(&self, data: &[u8]) -> [u32; N] {
        let inner = self.finish(self.inner, data);
        self.finish(self.outer, inner.map(u32::to_be_bytes).as_flattened())
    }

    /// Ends with `data` a hash whose one block so far was the key's.
    fn finish(&self, mut state: [u32; N], data: &[u8]) -> [u32; N] {
        let (blocks, rest) = data.as_chunks::<64>();
        (self.compress)(&mut state, blocks);

        // A one bit, zeros, and the length in bits in the last eight bytes of a block.
        let mut padded = [[0; 64]; 2];
        let needed = if rest.len() < 56 { 1 } else { 2 };
        let tail = padded.get_mut(..needed).unwrap_or_default();
        let bytes = tail.as_flattened_mut();
        for (to, from) in bytes.iter_mut().zip(rest) {
            *to = *from;
        }
        if let Some(end) = bytes.get_mut(rest.len()) {
            *end = 0x80;
        }
        if let Some(length) = bytes.last_chunk_mut() {
            let hashed = (data.len() as u64).wrapping_add(64);
            *length = hashed.wrapping_mul(8).to_be_bytes();
        }
        (self.compress)(&mut state, tail);
        state
    }
}

impl<const N: usize> Drop for Words<N> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}
