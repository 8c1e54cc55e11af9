//! The raw floor: RustCrypto's primitives with stored states, the same base64 engine, buffers that
//! are reused, and offsets that are known beforehand. No checks of shape, no envelope, no errors.

use core::hint::black_box;

use aes::{Aes256, Aes256Enc};
use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, Simd, general_purpose::GeneralPurposeConfig};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, InnerIvInit as _};

use crate::ours::{FIXED_IV, SIGN_KEY, cbc_key, cbc_sign_key, gcm_key};
use crate::{Kind, Subject};

/// Longer than any message here.
const ROOM: usize = 16 * 1024;

fn engine() -> Simd {
    Simd::standard(
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
    )
}

/// HMAC from the two stored states of `N` words. The compression function is out of line, as in
/// the library: inlined, it has been seen to be twelve times slower under `-C target-cpu=native`.
#[derive(Clone, Copy)]
struct Mac<const N: usize> {
    inner: [u32; N],
    outer: [u32; N],
    compress: fn(&mut [u32; N], &[[u8; 64]]),
}

#[inline(never)]
fn compress_sha1(state: &mut [u32; 5], blocks: &[[u8; 64]]) {
    sha1::block_api::compress(state, blocks);
}

#[inline(never)]
fn compress_sha256(state: &mut [u32; 8], blocks: &[[u8; 64]]) {
    sha2::block_api::compress256(state, blocks);
}

fn sha1(key: &[u8; 64]) -> Mac<5> {
    Mac::new(key, [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0], compress_sha1)
}

fn sha256(key: &[u8; 64]) -> Mac<8> {
    let initial = [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
        0x5be0cd19,
    ];
    Mac::new(key, initial, compress_sha256)
}

impl<const N: usize> Mac<N> {
    fn new(key: &[u8; 64], initial: [u32; N], compress: fn(&mut [u32; N], &[[u8; 64]])) -> Self {
        let keyed = |pad: u8| {
            let mut state = initial;
            compress(&mut state, &[key.map(|byte| byte ^ pad)]);
            state
        };
        Self { inner: keyed(0x36), outer: keyed(0x5c), compress }
    }

    fn mac(&self, data: &[u8]) -> [u32; N] {
        let inner = self.finish(self.inner, data);
        self.finish(self.outer, inner.map(u32::to_be_bytes).as_flattened())
    }

    fn finish(&self, mut state: [u32; N], data: &[u8]) -> [u32; N] {
        let (blocks, rest) = data.as_chunks::<64>();
        (self.compress)(&mut state, blocks);
        let mut tail = [[0; 64]; 2];
        let flat = tail.as_flattened_mut();
        flat[..rest.len()].copy_from_slice(rest);
        flat[rest.len()] = 0x80;
        let length = if rest.len() < 56 { 64 } else { 128 };
        let bits = (data.len() as u64 + 64) * 8;
        flat[length - 8..length].copy_from_slice(&bits.to_be_bytes());
        (self.compress)(&mut state, &tail[..length / 64]);
        state
    }

    /// Whether `hex` is the MAC: the digits are made, and compared without a branch.
    fn verify(&self, data: &[u8], hex: &[u8]) -> bool {
        let mut digits = [[[0; 8]; 8]; 2];
        let digits = &mut digits.as_flattened_mut()[..N];
        encode_hex(self.mac(data), digits);
        let pairs = digits.iter().zip(hex.as_chunks().0);
        pairs.fold(0, |differ, (ours, theirs)| {
            differ | (u64::from_ne_bytes(*ours) ^ u64::from_ne_bytes(*theirs))
        }) == 0
    }
}

/// Eight digits for each word.
fn encode_hex<const N: usize>(words: [u32; N], digits: &mut [[u8; 8]]) {
    for (digits, word) in digits.iter_mut().zip(words) {
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(word.to_be_bytes()) {
            *pair = [byte >> 4, byte & 15]
                .map(|nibble| nibble + b'0' + ((nibble + 6) >> 4) * (b'a' - b'0' - 10));
        }
    }
}

/// Opens a message.
#[must_use]
pub fn open(kind: Kind, message: Vec<u8>) -> Subject {
    match kind {
        Kind::SignedSha1 => open_signed(sha1(&SIGN_KEY), message),
        Kind::SignedSha256 => open_signed(sha256(&SIGN_KEY), message),
        Kind::Gcm => open_gcm(message),
        Kind::Cbc => open_cbc(message),
    }
}

/// Seals a payload, under a fixed vector where there is one.
#[must_use]
pub fn seal(kind: Kind, payload: Vec<u8>) -> Subject {
    match kind {
        Kind::SignedSha1 => seal_signed(sha1(&SIGN_KEY), payload),
        Kind::SignedSha256 => seal_signed(sha256(&SIGN_KEY), payload),
        Kind::Gcm => seal_gcm(payload),
        Kind::Cbc => seal_cbc(payload),
    }
}

fn open_signed<const N: usize>(mac: Mac<N>, message: Vec<u8>) -> Subject {
    let (engine, mut out) = (engine(), vec![0; ROOM]);
    Subject::new(move || {
        let (text, digest) = split(black_box(&message), N * 8);
        assert!(mac.verify(text, digest));
        engine.decode_slice(text, &mut out).expect("base64")
    })
}

fn seal_signed<const N: usize>(mac: Mac<N>, payload: Vec<u8>) -> Subject {
    let (engine, mut out) = (engine(), vec![0; ROOM]);
    Subject::new(move || {
        let length = engine.encode_slice(black_box(&payload), &mut out).expect("room");
        sign(&mac, &mut out, length)
    })
}

/// Appends `--` and the digest to the first `length` bytes.
fn sign<const N: usize>(mac: &Mac<N>, out: &mut [u8], length: usize) -> usize {
    let words = mac.mac(&out[..length]);
    out[length..length + 2].copy_from_slice(b"--");
    encode_hex(words, out[length + 2..].as_chunks_mut().0);
    length + 2 + N * 8
}

fn open_gcm(message: Vec<u8>) -> Subject {
    let (aead, engine, mut out) = (gcm(), engine(), vec![0; ROOM]);
    Subject::new(move || {
        let (rest, tag_text) = split(black_box(&message), 24);
        let (ciphertext, iv_text) = split(rest, 16);
        let (mut iv, mut tag) = ([0; 12], [0; 18]);
        engine.decode_slice(iv_text, &mut iv).expect("base64");
        engine.decode_slice(tag_text, &mut tag).expect("base64");
        let length = engine.decode_slice(ciphertext, &mut out).expect("base64");
        let tag = tag.first_chunk().expect("16 bytes");
        let buffer = (&mut out[..length]).into();
        aead.decrypt_inout_detached((&iv).into(), b"", buffer, tag.into()).expect("the right tag");
        length
    })
}

fn seal_gcm(payload: Vec<u8>) -> Subject {
    let (aead, engine, mut out) = (gcm(), engine(), vec![0; ROOM]);
    let mut buffer = payload.clone();
    let iv: [u8; 12] = *FIXED_IV.first_chunk().expect("16 bytes");
    Subject::new(move || {
        buffer.copy_from_slice(black_box(&payload));
        let sealed = aead.encrypt_inout_detached((&iv).into(), b"", buffer.as_mut_slice().into());
        let tag = sealed.expect("short enough");
        join(&engine, &mut out, &[&buffer, &iv, &tag])
    })
}

fn gcm() -> AesGcm<Aes256Enc, U12> {
    AesGcm::new((&gcm_key()).into())
}

fn open_cbc(message: Vec<u8>) -> Subject {
    let aes = Aes256::new((&cbc_key()).into());
    cbc_parts(message, move |out, iv| {
        cbc::Decryptor::inner_iv_init(&aes, iv.into())
            .decrypt_padded::<Pkcs7>(out)
            .expect("the right padding")
            .len()
    })
}

/// The part of opening an AES-CBC message that is not decryption: the MAC, and base64 inside base64.
#[must_use]
pub fn verify_cbc(message: Vec<u8>) -> Subject {
    cbc_parts(message, |out, _iv| out.len())
}

fn cbc_parts(
    message: Vec<u8>,
    decrypt: impl Fn(&mut [u8], &[u8; 16]) -> usize + 'static,
) -> Subject {
    let (mac, engine) = (sha1(&cbc_sign_key()), engine());
    let (mut inner, mut out) = (vec![0; ROOM], vec![0; ROOM]);
    Subject::new(move || {
        let (text, digest) = split(black_box(&message), 40);
        assert!(mac.verify(text, digest));
        let length = engine.decode_slice(text, &mut inner).expect("base64");
        let (ciphertext, iv_text) = split(&inner[..length], 24);
        let mut iv = [0; 18];
        engine.decode_slice(iv_text, &mut iv).expect("base64");
        let length = engine.decode_slice(ciphertext, &mut out).expect("base64");
        decrypt(&mut out[..length], iv.first_chunk().expect("16 bytes"))
    })
}

fn seal_cbc(payload: Vec<u8>) -> Subject {
    let aes = Aes256::new((&cbc_key()).into());
    let (mac, engine) = (sha1(&cbc_sign_key()), engine());
    let (mut inner, mut out) = (vec![0; ROOM], vec![0; ROOM]);
    let mut buffer = vec![0; payload.len() + 16];
    Subject::new(move || {
        buffer[..payload.len()].copy_from_slice(black_box(&payload));
        let sealed = cbc::Encryptor::inner_iv_init(&aes, (&FIXED_IV).into())
            .encrypt_padded::<Pkcs7>(&mut buffer, payload.len())
            .expect("room");
        let length = join(&engine, &mut inner, &[sealed, &FIXED_IV]);
        let length = engine.encode_slice(&inner[..length], &mut out).expect("room");
        sign(&mac, &mut out, length)
    })
}

/// What opening a cookie of the legacy envelope adds at the least: base64 once more.
#[must_use]
pub fn unwrap_envelope(payload: &[u8]) -> Subject {
    let (engine, mut out) = (engine(), vec![0; ROOM]);
    let text = engine.encode(payload);
    Subject::new(move || engine.decode_slice(black_box(&text), &mut out).expect("base64"))
}

/// PBKDF2 with 1000 iterations, as Rails derives.
#[must_use]
pub fn derive_sha1(length: usize) -> Subject {
    let mut key = vec![0; length];
    Subject::new(move || {
        pbkdf2::pbkdf2_hmac::<sha1::Sha1>(black_box(b"secret"), b"signed cookie", 1000, &mut key);
    })
}

/// PBKDF2 with 1000 iterations, as Rails derives.
#[must_use]
pub fn derive_sha256(length: usize) -> Subject {
    let mut key = vec![0; length];
    Subject::new(move || {
        pbkdf2::pbkdf2_hmac::<sha2::Sha256>(black_box(b"secret"), b"signed cookie", 1000, &mut key);
    })
}

/// Splits off the last `length` bytes and the two dashes before them.
fn split(message: &[u8], length: usize) -> (&[u8], &[u8]) {
    let at = message.len() - length;
    (&message[..at - 2], &message[at..])
}

fn join(engine: &Simd, out: &mut [u8], parts: &[&[u8]]) -> usize {
    let mut end = 0;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out[end..end + 2].copy_from_slice(b"--");
            end += 2;
        }
        end += engine.encode_slice(part, &mut out[end..]).expect("room");
    }
    end
}
