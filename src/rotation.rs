//! One recipe that writes, any number that only read: the loop that tries them. Mirrors
//! `active_support/messages/rotator.rb`, without its callback and its write on read.

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

use serde::Serialize;

use crate::entropy::Entropy;
use crate::envelope::{
    self, Contents, Detection, EnvelopeForm, Expected, Metadata, Place, PurposeAt,
};
use crate::error::{FormatError, OpenError, SealError};
use crate::message::lock::{Attempt, Lock, Shape, Unlocked};
use crate::message::{Matched, Opened, Origin, Scratch};
use crate::serializer::{Format, Reissue, Serialization, json, marshal, message_pack};
use crate::time::Timestamp;
use crate::wire::base64::Alphabet;

/// All that it takes to open one kind of message, and to write it.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) lock: Lock,
    pub(crate) serialization: Serialization,
    pub(crate) detection: Detection,
    pub(crate) form: EnvelopeForm,
    /// How the value inside the legacy envelope is spelled.
    pub(crate) enclosed: Alphabet,
}

/// The recipes of one app for one kind of message.
#[derive(Clone)]
pub(crate) struct RotationList {
    primary: Recipe,
    /// By the shape of their messages. A message has one shape: which shape is tried first does not
    /// matter, and within one the order is the list's.
    rotations: Vec<(Shape, Vec<Rotation>)>,
}

/// A recipe that only reads, with its place in the list.
#[derive(Clone)]
struct Rotation {
    recipe: Recipe,
    index: usize,
    origin: Origin,
}

/// Where a recipe put what it found.
struct Found<'l> {
    rotation: Option<&'l Rotation>,
    unlocked: Unlocked,
    contents: Contents,
    format: Format,
    reissue: Reissue,
    syntax: json::Syntax,
    extensions: message_pack::Extensions,
}

impl RotationList {
    pub(crate) fn new(primary: Recipe) -> Self {
        Self { primary, rotations: Vec::new() }
    }

    pub(crate) fn set_primary(&mut self, primary: Recipe) {
        self.primary = primary;
    }

    pub(crate) fn push(&mut self, recipe: Recipe, origin: Origin) {
        let index = self.rotations.iter().map(|(_, alike)| alike.len()).sum();
        let shape = recipe.lock.shape();
        let rotation = Rotation { recipe, index, origin };
        match self.rotations.iter_mut().find(|(known, _)| *known == shape) {
            Some((_, alike)) => alike.push(rotation),
            None => self.rotations.push((shape, vec![rotation])),
        }
    }

    /// The same list with its rotation of this place in front, to write with; and where that one
    /// comes from.
    pub(crate) fn promoted(&self, index: usize) -> Option<(Origin, Self)> {
        let mut rotations = self.rotations.iter().flat_map(|(_, alike)| alike);
        let rotation = rotations.find(|rotation| rotation.index == index)?;
        Some((rotation.origin, Self { primary: rotation.recipe.clone(), ..self.clone() }))
    }

    /// Opens `message` with the first recipe that can. A wrong tag lets the next one try; expiry
    /// and purpose are final.
    pub(crate) fn open_in<'s>(
        &self,
        scratch: &'s mut Scratch,
        message: &[u8],
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<Opened<'s>, OpenError> {
        let found = self.find(scratch, message, expected, now)?;
        Ok(found.borrow(scratch))
    }

    /// Inlined, for what it finds is large and would be copied.
    #[inline(always)]
    fn find(
        &self,
        scratch: &mut Scratch,
        message: &[u8],
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<Found<'_>, OpenError> {
        let mut attempt = Attempt::new(message, scratch);
        let mut refusal = OpenError::Format(FormatError::Malformed);
        for (recipe, rotation) in self.recipes(message) {
            let unlocked = match recipe.lock.open(&mut attempt) {
                Ok(unlocked) => unlocked,
                Err(FormatError::Malformed) => continue,
                Err(error) => {
                    if matches!(refusal, OpenError::Format(_)) {
                        refusal = error.into();
                    }
                    continue;
                }
            };
            match recipe.read(attempt.scratch(), &unlocked, expected, now) {
                Ok((contents, format, reissue)) => {
                    let Serialization { syntax, extensions, .. } = recipe.serialization;
                    return Ok(Found {
                        rotation,
                        unlocked,
                        contents,
                        format,
                        reissue,
                        syntax,
                        extensions,
                    });
                }
                Err(error @ OpenError::Content(_)) => return Err(error),
                Err(error) => refusal = error,
            }
            attempt.forget();
        }
        Err(refusal)
    }

    /// Those that could have made `message`, in order.
    fn recipes(&self, message: &[u8]) -> impl Iterator<Item = (&Recipe, Option<&Rotation>)> {
        let fitting = self.rotations.iter().filter(|(shape, _)| shape.fits(message));
        let rotations = fitting.flat_map(|(_, alike)| alike);
        let rotations = rotations.map(|rotation| (&rotation.recipe, Some(rotation)));
        core::iter::once((&self.primary, None)).chain(rotations)
    }

    /// All recipes, in the order of the list.
    pub(crate) fn all(&self) -> Vec<Matched> {
        let rotations = self.rotations.iter().flat_map(|(_, alike)| alike);
        let mut rotations: Vec<_> = rotations.map(|it| (it.index, it.origin)).collect();
        rotations.sort_by_key(|(index, _)| *index);
        let rotations = rotations.into_iter();
        let rotations = rotations.map(|(index, origin)| Matched::Rotation { index, origin });
        core::iter::once(Matched::Primary).chain(rotations).collect()
    }

    /// Serializes `value` and writes it with the primary recipe.
    pub(crate) fn seal_in<'s, T: Serialize + ?Sized>(
        &self,
        scratch: &'s mut Scratch,
        value: &T,
        metadata: &Metadata<'_>,
        entropy: &mut impl Entropy,
    ) -> Result<&'s str, SealError> {
        let mut payload = core::mem::take(&mut scratch.inner);
        payload.clear();
        let wrapped = self
            .primary
            .serialize(&mut payload, value)
            .and_then(|()| self.primary.wrap(&mut scratch.plain, &payload, metadata));
        scratch.inner = payload;
        wrapped?;
        self.lock(scratch, entropy)
    }

    /// Writes an already serialized value with the primary recipe.
    pub(crate) fn seal_payload_in<'s>(
        &self,
        scratch: &'s mut Scratch,
        payload: &[u8],
        metadata: &Metadata<'_>,
        entropy: &mut impl Entropy,
    ) -> Result<&'s str, SealError> {
        self.primary.wrap(&mut scratch.plain, payload, metadata)?;
        self.lock(scratch, entropy)
    }

    /// The format that the primary recipe would read `payload` as.
    pub(crate) fn primary_reads(&self, payload: &[u8]) -> Option<Format> {
        self.primary.serialization.recognize(payload).ok().map(|(format, _)| format)
    }

    /// The format that the primary recipe serializes values in.
    pub(crate) fn writes(&self) -> Format {
        self.primary.serialization.serializer.format()
    }

    /// `value` as the primary recipe serializes it.
    pub(crate) fn serialize<T: Serialize + ?Sized>(&self, value: &T) -> Result<Vec<u8>, SealError> {
        let mut payload = Vec::new();
        self.primary.serialize(&mut payload, value)?;
        Ok(payload)
    }

    /// What sealing `payload` signs or encrypts.
    pub(crate) fn plain(
        &self,
        payload: &[u8],
        metadata: &Metadata<'_>,
    ) -> Result<Vec<u8>, SealError> {
        let mut plain = Vec::new();
        self.primary.wrap(&mut plain, payload, metadata)?;
        Ok(plain)
    }

    fn lock<'s>(
        &self,
        scratch: &'s mut Scratch,
        entropy: &mut impl Entropy,
    ) -> Result<&'s str, SealError> {
        self.primary.lock.seal(scratch, entropy)?;
        // Base64, hexadecimal and dashes: always UTF-8.
        core::str::from_utf8(&scratch.message).map_err(|_| SealError::Unrepresentable)
    }
}

impl Recipe {
    fn read(
        &self,
        scratch: &mut Scratch,
        unlocked: &Unlocked,
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<(Contents, Format, Reissue), OpenError> {
        let Scratch { plain, inner, .. } = scratch;
        let plain = plain.get(..unlocked.length).unwrap_or_default();
        let Self { detection, serialization, enclosed, .. } = self;
        let proof = &unlocked.proof;
        let contents = envelope::unwrap(
            proof,
            plain,
            inner,
            *detection,
            serialization,
            *enclosed,
            expected,
            now,
        )?;
        let payload = payload(plain, inner, &contents.place);
        let (format, reissue) = match contents.form {
            EnvelopeForm::Serializer => (self.serialization.recognize(plain)?.0, Reissue::Keep),
            _ => self.serialization.recognize(payload)?,
        };
        Ok((contents, format, reissue))
    }

    fn serialize<T: Serialize + ?Sized>(
        &self,
        out: &mut Vec<u8>,
        value: &T,
    ) -> Result<(), SealError> {
        match self.serialization.serializer.format() {
            Format::Json => json::write(out, value, &self.serialization.text),
            Format::Marshal => marshal::write(out, value),
            Format::MessagePack => message_pack::write(out, value, &self.serialization.extensions),
            _ => Err(SealError::UnsupportedSerializer),
        }
    }

    fn wrap(
        &self,
        out: &mut Vec<u8>,
        payload: &[u8],
        metadata: &Metadata<'_>,
    ) -> Result<(), SealError> {
        envelope::wrap(out, payload, metadata, self.form, &self.serialization, self.enclosed)
    }
}

fn payload<'s>(plain: &'s [u8], inner: &'s [u8], place: &Place) -> &'s [u8] {
    match place {
        Place::Plain(range) => plain.get(range.clone()),
        Place::Inner(length) => inner.get(..*length),
    }
    .unwrap_or_default()
}

impl Found<'_> {
    fn borrow(self, scratch: &Scratch) -> Opened<'_> {
        let plain = scratch.plain.get(..self.unlocked.length).unwrap_or_default();
        let purpose = match self.contents.purpose {
            Some(PurposeAt::Plain(range)) => {
                plain.get(range).and_then(|text| core::str::from_utf8(text).ok()).map(Cow::Borrowed)
            }
            Some(PurposeAt::Unescaped(text)) => Some(Cow::Owned(text)),
            None => None,
        };
        let payload = payload(plain, &scratch.inner, &self.contents.place);
        let (matched, reissue) = match self.rotation {
            None => (Matched::Primary, self.reissue),
            Some(Rotation { index, origin, .. }) => {
                (Matched::Rotation { index: *index, origin: *origin }, Reissue::Rewrite)
            }
        };
        Opened {
            payload: self.unlocked.proof.vouch(payload),
            format: self.format,
            syntax: self.syntax,
            extensions: self.extensions,
            envelope: self.contents.form,
            purpose,
            expires_at: self.contents.expires_at,
            matched,
            reissue,
        }
    }
}
