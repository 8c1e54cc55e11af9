//! A line of a log with an encrypted cookie in it, beside the cookie alone.

use core::hint::black_box;

use railjar::audit::Audit;
use railjar::rails::{Profile, Rotation, Version};
use railjar::{Cookies, Digest, Scratch, SecretKeyBase};

use crate::Subject;
use crate::ours::{FixedIv, NOW};

const NAME: &str = "_app_session";
/// The length of a line in bytes.
const LINE: usize = 1024;

/// An app in the middle of an upgrade, and what a browser sends to it.
#[derive(Debug)]
pub struct Log {
    cookies: Cookies,
    audit: &'static Audit,
    value: Vec<u8>,
    line: Vec<u8>,
}

impl Log {
    /// A line of a kilobyte around a session of so many bytes.
    #[must_use]
    pub fn new(payload: &[u8]) -> Self {
        let secret = SecretKeyBase::new("the secret of an app").expect("it is not empty");
        let profile = Profile::new(Version::V7_1)
            .rotate(Rotation::new().key_generator_hash_digest_class(Digest::Sha1));
        let cookies = profile.cookies(&secret).expect("a profile of Rails");
        let audit = Audit::new(&profile, &secret, [(NAME, None)]).expect("one cookie");
        let sealed = cookies.encrypted(NAME).seal_payload(payload, None, &mut FixedIv);
        let sealed = sealed.expect("short enough");
        let start = format!(
            "192.0.2.7 - - [24/Nov/2026:13:00:00 +0000] \"GET /a/path?of=some&length=1 HTTP/1.1\" \
             200 5120 \"https://example.test/\" \"Mozilla/5.0\" \"_ga=GA1.1.23; {NAME}={}; rest=",
            sealed.set_cookie_value()
        );
        let line = start.bytes().chain(core::iter::repeat(b'x')).take(LINE - 1).chain(*b"\"");
        let (line, value) = (line.collect(), sealed.as_bytes().to_vec());
        Self { cookies, audit: Box::leak(Box::new(audit)), value, line }
    }

    #[must_use]
    pub fn open_alone(&self) -> Subject {
        let (cookies, value, mut scratch) =
            (self.cookies.clone(), self.value.clone(), Scratch::new());
        Subject::new(move || {
            let opened = cookies.encrypted(NAME).open_in(&mut scratch, black_box(&value), NOW);
            opened.expect("it opens").matched()
        })
    }

    #[must_use]
    pub fn audit_line(&self) -> Subject {
        let (line, mut auditor) = (self.line.clone(), self.audit.auditor());
        Subject::new(move || auditor.line(black_box(&line)))
    }
}
