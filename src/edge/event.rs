//! What the edge has to say of a request, for logs and metrics.

use crate::edge::format::FormatId;
use crate::edge::hint::HintId;
use crate::edge::kept::CookieId;
use crate::error::{OpenError, SealError};
use crate::message::Matched;

/// Something that was seen or done. Holds no byte of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A cookie was opened.
    Opened {
        /// Which.
        cookie: CookieId,
        /// The format that read it.
        by: FormatId,
        /// The recipe of that format.
        matched: Matched,
    },
    /// No format reads a cookie.
    Unreadable {
        /// Which.
        cookie: CookieId,
        /// The refusal that says most.
        refusal: OpenError,
    },
    /// A cookie was sealed again.
    Resealed {
        /// Which.
        cookie: CookieId,
        /// The format that it was in.
        from: FormatId,
        /// The recipe of that format that opened it.
        matched: Matched,
        /// The format that it is in now.
        to: FormatId,
    },
    /// A cookie came more than once.
    Twin {
        /// Which.
        cookie: CookieId,
        /// The one that counts.
        kept: Twin,
    },
    /// Sealed again, the cookie is longer than Rails lets a browser have. In a request it is sent all
    /// the same, but a server that writes it raises `CookieOverflow`; in a response the original is
    /// kept.
    Oversize {
        /// Which.
        cookie: CookieId,
        /// Its size, as that version counts.
        size: usize,
    },
    /// The value says when it expires, which the other format cannot. In a request, where it has
    /// been checked, it goes without; in a response the original is kept.
    ExpiryLost {
        /// Which.
        cookie: CookieId,
    },
    /// The value holds what the other format's serializer cannot say.
    ValueLost {
        /// Which.
        cookie: CookieId,
    },
    /// A cookie could not be sealed again, and stays as it is.
    NotSealed {
        /// Which.
        cookie: CookieId,
        /// Why.
        error: SealError,
    },
    /// The server deletes a cookie: a log-out, where it is the session.
    Deleted {
        /// Which.
        cookie: CookieId,
    },
    /// A login hint was missing.
    HintAdded {
        /// Which.
        hint: HintId,
    },
    /// A login hint was there, or was set, for nobody.
    HintRemoved {
        /// Which.
        hint: HintId,
    },
    /// The server deleted a login hint of somebody who is signed in; the browser keeps it.
    HintKept {
        /// Which.
        hint: HintId,
    },
}

/// Which of several cookies of one name counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Twin {
    /// The first, as in Rails.
    First,
    /// A later one: nobody reads those before it, which a server with a known format does not see.
    Later,
    /// None can be read.
    None,
}

impl Event {
    /// The event in one or two words, for metrics: these do not change.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Unreadable { .. } => "unreadable",
            Self::Resealed { .. } => "resealed",
            Self::Twin { .. } => "twin",
            Self::Oversize { .. } => "oversize",
            Self::ExpiryLost { .. } => "expiry-lost",
            Self::ValueLost { .. } => "value-lost",
            Self::NotSealed { .. } => "not-sealed",
            Self::Deleted { .. } => "deleted",
            Self::HintAdded { .. } => "hint-added",
            Self::HintRemoved { .. } => "hint-removed",
            Self::HintKept { .. } => "hint-kept",
        }
    }
}
