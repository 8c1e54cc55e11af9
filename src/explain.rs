#![doc = include_str!("../docs/explain.md")]

mod candidates;
mod cause;
mod change;
mod cut;
mod foreign;
mod found;
mod judge;
mod keys;
mod looks;
mod mend;
mod recipe;
mod search;
mod shape;

use alloc::vec::Vec;

pub use self::candidates::Candidates;
pub use self::cause::{Cause, Junk, Missing};
pub use self::change::Change;
pub use self::foreign::Foreign;
pub use self::found::{Contents, Found};
pub use self::looks::Looks;
pub use self::recipe::{KeySource, Recipe, Spelling, UsedFor};
pub use self::shape::{Shape, ShapeKind, Unverified};

use self::candidates::SlowKeys;
use self::judge::{Case, Judged};
use self::keys::Tier;
use self::mend::{Mended, mend};
use crate::envelope::Expected;
use crate::message::Matched;
use crate::rails::CookieKind;
use crate::time::Timestamp;

/// A text, and what it is said to be.
#[derive(Clone, Copy)]
#[must_use]
pub struct Question<'q> {
    wire: &'q [u8],
    used: Used<'q>,
}

/// What a text is read as.
#[derive(Clone, Copy)]
enum Used<'q> {
    Unknown,
    Cookie { name: Option<&'q str>, jar: Option<CookieKind> },
    Message(Expected<'q>),
}

impl<'q> Question<'q> {
    /// A text of which nothing is known. It should be as Rails' jar sees it, percent-decoded; if it
    /// is not, that will be the answer.
    pub fn new(wire: &'q [u8]) -> Self {
        Self { wire, used: Used::Unknown }
    }

    /// A cookie of this name. Without it, one that is bound to a name counts as being that one.
    pub fn cookie(self, name: &'q str) -> Self {
        let jar = match self.used {
            Used::Cookie { jar, .. } => jar,
            _ => None,
        };
        Self { used: Used::Cookie { name: Some(name), jar }, ..self }
    }

    /// A cookie that the app looks for in this jar. Without it, either is right.
    pub fn jar(self, jar: CookieKind) -> Self {
        let name = match self.used {
            Used::Cookie { name, .. } => name,
            _ => None,
        };
        Self { used: Used::Cookie { name, jar: Some(jar) }, ..self }
    }

    /// A message that is no cookie, and the purpose that it should have.
    pub fn message(self, expected: Expected<'q>) -> Self {
        Self { used: Used::Message(expected), ..self }
    }
}

impl core::fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Question").finish_non_exhaustive()
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What the text looks like, as it was given.
    pub shape: Shape,
    /// What the text looks like once it is mended; `None` where nothing was to be mended.
    pub mended_shape: Option<Shape>,
    /// The message that a key opened.
    pub found: Option<Found>,
    /// Whether it is taken.
    pub verdict: Verdict,
    /// The one thing that is wrong. A message that is taken may have one too: its value is not what
    /// it was meant to be.
    pub cause: Option<Cause>,
    /// What is wrong besides.
    pub then: Option<Cause>,
    /// The change under which the reader takes it.
    pub change: Option<Change>,
    /// Whether a real server of the app's version takes the text as it is, with all the leniency
    /// that this Rails has; `None` without an app.
    pub as_rails: Option<bool>,
}

/// Whether a message is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// There was nothing to open it with: only its shape is known.
    Unjudged,
    /// One of the secrets opens it, and it has not expired. No reader was named.
    Opens,
    /// The reader takes it.
    Accepted {
        /// From which jar, where it is a cookie.
        jar: Option<CookieKind>,
        /// By which of its recipes.
        matched: Matched,
        /// Whether this Rails writes the cookie again.
        must_reissue: bool,
    },
    /// It is refused.
    Refused,
}

/// Says what a text is, which of the candidates' keys made it, whether the reader takes it, and if
/// not, the one thing that is wrong.
///
/// ```
/// use railjar::explain::{Candidates, Cause, Question, explain};
/// use railjar::rails::{Profile, Version};
/// use railjar::{Digest, SecretKeyBase, Timestamp};
///
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let old = Profile::new(Version::V6_1).cookies(&secret)?;
/// let cookie = old.signed("user_id").seal(&42, None, &mut railjar::entropy::SystemEntropy)?;
///
/// let app = Profile::new(Version::V7_1);
/// let mut candidates = Candidates::new().secret_key_base(&secret).app(&app)?;
/// let question = Question::new(cookie.as_bytes()).cookie("user_id");
/// let report = explain(question, &mut candidates, now);
/// assert_eq!(report.cause, Some(Cause::OtherKeyDigest { digest: Digest::Sha1 }));
/// let ruby = report.change.as_ref().and_then(|change| change.ruby()).unwrap_or_default();
/// assert!(ruby.contains("cookies_rotations.rotate :signed"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn explain(question: Question<'_>, candidates: &mut Candidates, now: Timestamp) -> Report {
    let wire = question.wire;
    let shape = Shape::of(wire);
    let case = |wire, found| Case { question, wire, found, now };
    let mended = mended(wire, &shape);
    let Some(opening) = open(wire, &mended, candidates, &case) else {
        let (cause, mended_shape) = cut::of_text(wire, &shape, &mended);
        let verdict = match (&cause, candidates.is_empty()) {
            (None, true) => Verdict::Unjudged,
            _ => Verdict::Refused,
        };
        let cause = cause.or((!candidates.is_empty()).then_some(Cause::NoKeyFits));
        let as_rails = case(wire, None).as_rails(candidates);
        let (found, then, change) = (None, None, None);
        return Report { shape, mended_shape, found, verdict, cause, then, change, as_rails };
    };
    let Opening { mended, found } = opening;
    let as_rails = case(wire, found.as_ref()).as_rails(candidates);
    let text = mended.map_or(wire, |(_, text)| text);
    let Judged { verdict, cause, then, change } = case(text, found.as_ref()).judge(candidates);
    let (verdict, cause, then) = match (mended, cause) {
        (Some((mishap, _)), cause) => (Verdict::Refused, Some(mishap.clone()), cause),
        (None, Some(Cause::MalformedValue { .. } | Cause::MalformedMetadata))
            if as_rails == Some(true) =>
        {
            (verdict, Some(Cause::OnlyLeniency), then)
        }
        (None, cause) => (verdict, cause, then),
    };
    let mended_shape = mended.map(|(_, text)| Shape::of(text));
    Report { shape, mended_shape, found, verdict, cause, then, change, as_rails }
}

/// A text that a key opens.
struct Opening<'m> {
    mended: Option<&'m Mended>,
    /// Nothing where only the reader has the key.
    found: Option<Found>,
}

/// The text itself, and then its mended forms, with the likeliest keys first.
fn open<'m>(
    wire: &'m [u8],
    mended: &'m [Mended],
    candidates: &mut Candidates,
    case: &impl Fn(&'m [u8], Option<&'m Found>) -> Case<'m>,
) -> Option<Opening<'m>> {
    let skips_slow = candidates.slow_keys == SlowKeys::Skipped;
    for tier in Tier::ALL.into_iter().filter(|tier| !skips_slow || *tier != Tier::Slow) {
        let texts = core::iter::once((wire, None));
        let mended = mended.iter().map(|mended| (mended.1.as_slice(), Some(mended)));
        for (text, mended) in texts.chain(mended) {
            if let Some(unlocked) = candidates.search(text, tier) {
                return Some(Opening { mended, found: Some(Found::of(unlocked)) });
            }
            if tier == Tier::Defaults && case(text, None).is_readers(candidates) {
                return Some(Opening { mended, found: None });
            }
        }
    }
    None
}

/// The forms of a text, mended in one step or two, that have the shape of a message.
fn mended(wire: &[u8], shape: &Shape) -> Vec<Mended> {
    let once = mend(wire);
    // What stands around a cookie in a header is no fault of its escapes.
    let is_junk = |mended: &&Mended| matches!(mended.0, Cause::Junk { .. });
    let junk_first = once.iter().filter(is_junk).chain(once.iter().filter(|it| !is_junk(it)));
    let twice = junk_first.filter(|_| !shape.is_message()).flat_map(|(cause, text)| {
        let again = mend(text).into_iter().filter(|(cause, _)| *cause != Cause::SeparatorLost);
        again.map(move |(_, text)| (cause.clone(), text))
    });
    let mut all: Vec<Mended> = once.iter().cloned().chain(twice).collect();
    all.retain(|(_, text)| Shape::of(text).is_message());
    let mut known: Vec<Vec<u8>> = Vec::new();
    all.retain(|(_, text)| {
        let is_new = !known.contains(text);
        if is_new {
            known.push(text.clone());
        }
        is_new
    });
    all
}
