//! Changing single cookies inside a `Cookie` header. Every other byte stays, and so does the order.

use alloc::vec::Vec;
use core::fmt;

use crate::cookies::escape;
use crate::cookies::header::{self, RackCookies};

/// What becomes of a request's `Cookie` header.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub enum CookieHeader {
    /// It stays as it came, all its lines.
    Untouched,
    /// One line with these bytes takes the place of all.
    Replace(Vec<u8>),
    /// It goes: nothing would be left in it.
    Remove,
}

// Cookies stay out of logs.
impl fmt::Debug for CookieHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Untouched => "Untouched",
            Self::Replace(_) => "Replace([redacted])",
            Self::Remove => "Remove",
        })
    }
}

/// What is to be changed in one header.
#[derive(Default)]
pub(super) struct Edits {
    /// By the place of the cookie among all.
    changes: Vec<Option<Change>>,
    added: Vec<u8>,
}

enum Change {
    Remove,
    /// The new value, escaped.
    Value(Vec<u8>),
}

impl Edits {
    pub(super) fn remove(&mut self, at: usize) {
        self.change(at, Change::Remove);
    }

    /// Gives the cookie another value, which is not yet escaped.
    pub(super) fn replace(&mut self, at: usize, value: &[u8]) {
        let mut escaped = Vec::new();
        escape::escape_into(&mut escaped, value);
        self.change(at, Change::Value(escaped));
    }

    fn change(&mut self, at: usize, change: Change) {
        if self.changes.len() <= at {
            self.changes.resize_with(at.saturating_add(1), || None);
        }
        if let Some(place) = self.changes.get_mut(at) {
            *place = Some(change);
        }
    }

    /// Adds `name=value` at the end.
    pub(super) fn add(&mut self, pair: &str) {
        if !self.added.is_empty() {
            self.added.extend_from_slice(b"; ");
        }
        self.added.extend_from_slice(pair.as_bytes());
    }

    pub(super) fn apply(mut self, header: &[u8], rules: RackCookies) -> CookieHeader {
        if self.changes.is_empty() && self.added.is_empty() {
            return CookieHeader::Untouched;
        }
        let mut changes = self.changes.into_iter();
        let mut out = Vec::with_capacity(header.len().saturating_add(self.added.len()));
        // Where the last cookie ended, and so where the separator before the next begins.
        let (mut end, mut any_left) = (0, false);
        for (at, piece) in header::pieces(header, rules).enumerate() {
            let change = changes.next().flatten();
            let separator = end..piece.range.start;
            end = piece.range.end;
            if matches!(change, Some(Change::Remove)) {
                continue;
            }
            if any_left || at == 0 {
                out.extend_from_slice(header.get(separator).unwrap_or_default());
            }
            any_left = true;
            match change {
                Some(Change::Value(value)) => {
                    let name = piece.range.start..piece.value_range().start;
                    out.extend_from_slice(header.get(name).unwrap_or_default());
                    out.extend_from_slice(&value);
                }
                _ => out.extend_from_slice(header.get(piece.range).unwrap_or_default()),
            }
        }
        if any_left {
            out.extend_from_slice(header.get(end..).unwrap_or_default());
        }
        if !self.added.is_empty() {
            if any_left {
                out.extend_from_slice(b"; ");
            }
            out.append(&mut self.added);
        }
        match out.is_empty() {
            true => CookieHeader::Remove,
            false => CookieHeader::Replace(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(header: &str, edit: impl FnOnce(&mut Edits)) -> String {
        let mut edits = Edits::default();
        edit(&mut edits);
        match edits.apply(header.as_bytes(), RackCookies::SinceRack2_2) {
            CookieHeader::Untouched => "(untouched)".into(),
            CookieHeader::Replace(bytes) => String::from_utf8(bytes).unwrap(),
            CookieHeader::Remove => "(removed)".into(),
        }
    }

    use alloc::string::String;

    #[test]
    fn nothing_else_is_touched() {
        let header = " a=1;b = 2;;  c=%zz; d;e=\"x\" ;";
        assert_eq!(changed(header, |_| {}), "(untouched)");
        assert_eq!(
            changed(header, |edits| edits.replace(2, b"n w")),
            " a=1;b = 2;;  c=n+w; d;e=\"x\" ;"
        );
        assert_eq!(changed(header, |edits| edits.remove(0)), "b = 2;;  c=%zz; d;e=\"x\" ;");
        assert_eq!(changed(header, |edits| edits.remove(2)), " a=1;b = 2; d;e=\"x\" ;");
        assert_eq!(
            changed(header, |edits| {
                edits.replace(4, b"y");
                edits.remove(1);
                edits.remove(0);
            }),
            "c=%zz; d;e=y;"
        );
    }

    #[test]
    fn what_is_added_comes_last() {
        assert_eq!(changed("", |edits| edits.add("h=1")), "h=1");
        assert_eq!(
            changed("a=1", |edits| {
                edits.add("h=1");
                edits.add("i=1");
            }),
            "a=1; h=1; i=1"
        );
        assert_eq!(
            changed("a=1", |edits| {
                edits.remove(0);
                edits.add("h=1");
            }),
            "h=1"
        );
    }

    #[test]
    fn a_header_without_cookies_goes() {
        assert_eq!(changed("a=1", |edits| edits.remove(0)), "(removed)");
        assert_eq!(
            changed("a=1; a=2;", |edits| {
                edits.remove(0);
                edits.remove(1);
            }),
            "(removed)"
        );
    }
}
