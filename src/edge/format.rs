//! The formats that an app's cookies may be in: one for each state of the app that may serve.

use alloc::string::String;
use core::fmt;

use crate::cookies::{Cookies, Jar};
use crate::edge::kept::{Kept, Role};
use crate::rails::CookieKind;

/// One state of the app, by name: `"old"` is Rails 6.1 with its defaults, `"new"` is 7.2.
#[derive(Clone)]
pub struct Format {
    pub(super) name: String,
    cookies: Cookies,
}

impl Format {
    /// A format by the jars of the app in that state, with its rotations.
    ///
    /// Make them [`AsRails`](crate::rails::Strictness::AsRails): the question is what a real server
    /// in that state reads. A stricter reader would have cookies sealed again that need not be.
    #[must_use]
    pub fn new(name: impl Into<String>, cookies: Cookies) -> Self {
        Self { name: name.into(), cookies }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn cookies(&self) -> &Cookies {
        &self.cookies
    }

    /// The jar of a cookie that is kept.
    pub(super) fn jar<'e>(&'e self, kept: &'e Kept) -> Jar<'e> {
        let name = kept.cookie.name();
        match (kept.cookie.kind(), kept.role) {
            (CookieKind::Signed, _) => self.cookies.signed(name),
            (CookieKind::Encrypted, Role::Session) => self.cookies.session(name),
            (CookieKind::Encrypted, Role::Other) => self.cookies.encrypted(name),
        }
    }
}

// What it holds is keys.
impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Format").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A format of one [`Edge`](super::Edge): its place in the list, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormatId(pub(super) usize);

impl FormatId {
    /// The place in the order in which the formats were given, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// Which format the server reads that a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Upstream {
    /// This one.
    Known(FormatId),
    /// Nobody has told yet. Every cookie is passed as it came: one that is sealed again for the
    /// wrong server would be lost, while one that is not sealed again is at worst not read by this
    /// server. The verdict does not need to know who reads: it is what any of the formats proves.
    Unknown,
}

impl Upstream {
    /// The format, if it is known.
    #[must_use]
    pub fn known(self) -> Option<FormatId> {
        match self {
            Self::Known(id) => Some(id),
            Self::Unknown => None,
        }
    }
}
