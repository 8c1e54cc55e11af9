//! The request headers in which the edge tells the server what it knows.

use alloc::string::String;

/// Names of request headers. Each that is named is set, and taken out of what comes from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Headers {
    /// The verdict's name; `X-Railjar-Verdict` unless it is said.
    pub verdict: String,
    /// The scope of who is signed in, percent-encoded.
    pub scope: Option<String>,
    /// The user's key, percent-encoded.
    pub user: Option<String>,
    /// `cacheable`, or the reason why not.
    pub cache: Option<String>,
}

impl Default for Headers {
    fn default() -> Self {
        Self { verdict: "X-Railjar-Verdict".into(), scope: None, user: None, cache: None }
    }
}

impl Headers {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let optional = [&self.scope, &self.user, &self.cache];
        core::iter::once(&*self.verdict)
            .chain(optional.into_iter().filter_map(|name| name.as_deref()))
    }
}

/// Whether two names arrive at a Rack app as one: case does not count, and an underscore is a dash.
pub(super) fn is_same(a: &[u8], b: &[u8]) -> bool {
    let folded = |byte: &u8| match byte {
        b'_' => b'-',
        byte => byte.to_ascii_lowercase(),
    };
    a.len() == b.len() && a.iter().map(folded).eq(b.iter().map(folded))
}
