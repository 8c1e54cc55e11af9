//! The signed and the encrypted jar of one app.

use core::hint::black_box;

use railjar::rails::{Profile, Rotation, Version};
use railjar::{Cookies, Digest, Scratch, SecretKeyBase};

use crate::Subject;
use crate::ours::{FixedIv, NOW};

const NAME: &str = "prefs";

/// An app at Rails 7.1.
#[derive(Clone, Debug)]
pub struct Jars(Cookies);

impl Jars {
    /// Without rotations of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Profile::new(Version::V7_1))
    }

    /// With four, for other digests.
    #[must_use]
    pub fn rotated() -> Self {
        let digests = [Digest::Md5, Digest::Sha256, Digest::Sha384, Digest::Sha512];
        Self::of(digests.into_iter().fold(Profile::new(Version::V7_1), |profile, digest| {
            profile.rotate(Rotation::new().digest(digest))
        }))
    }

    fn of(profile: Profile) -> Self {
        let secret = SecretKeyBase::new("the secret of an app").expect("it is not empty");
        Self(profile.cookies(&secret).expect("a profile of Rails"))
    }

    /// The value of a signed cookie around `payload`.
    #[must_use]
    pub fn signed(&self, payload: &[u8]) -> Vec<u8> {
        let sealed = self.0.signed(NAME).seal_payload(payload, EXPIRES, &mut FixedIv);
        sealed.expect("short enough").as_bytes().to_vec()
    }

    /// The value of an encrypted cookie around `payload`.
    #[must_use]
    pub fn encrypted(&self, payload: &[u8]) -> Vec<u8> {
        let sealed = self.0.encrypted(NAME).seal_payload(payload, EXPIRES, &mut FixedIv);
        sealed.expect("short enough").as_bytes().to_vec()
    }

    #[must_use]
    pub fn open_signed(&self, payload: &[u8]) -> Subject {
        let (value, cookies, mut scratch) = (self.signed(payload), self.0.clone(), Scratch::new());
        Subject::new(move || {
            let opened = cookies.signed(NAME).open_in(&mut scratch, black_box(&value), NOW);
            opened.expect("it opens").payload().as_bytes().len()
        })
    }

    #[must_use]
    pub fn open_encrypted(&self, payload: &[u8]) -> Subject {
        let value = self.encrypted(payload);
        let (cookies, mut scratch) = (self.0.clone(), Scratch::new());
        Subject::new(move || {
            let opened = cookies.encrypted(NAME).open_in(&mut scratch, black_box(&value), NOW);
            opened.expect("it opens").payload().as_bytes().len()
        })
    }

    #[must_use]
    pub fn seal_signed(&self, payload: &[u8]) -> Subject {
        let (payload, cookies, mut scratch) = (payload.to_vec(), self.0.clone(), Scratch::new());
        Subject::new(move || {
            let (jar, payload) = (cookies.signed(NAME), black_box(&payload));
            let sealed = jar.seal_payload_in(&mut scratch, payload, EXPIRES, &mut FixedIv);
            sealed.expect("short enough").len()
        })
    }

    #[must_use]
    pub fn seal_encrypted(&self, payload: &[u8]) -> Subject {
        let (payload, cookies, mut scratch) = (payload.to_vec(), self.0.clone(), Scratch::new());
        Subject::new(move || {
            let (jar, payload) = (cookies.encrypted(NAME), black_box(&payload));
            let sealed = jar.seal_payload_in(&mut scratch, payload, EXPIRES, &mut FixedIv);
            sealed.expect("short enough").len()
        })
    }
}

impl Default for Jars {
    fn default() -> Self {
        Self::new()
    }
}

const EXPIRES: Option<railjar::Timestamp> = Some(NOW.plus_seconds(60));
