//! Reading a request's `Cookie` header as Rack does (`rack/utils.rb#parse_cookies_header`), whose
//! answer Rails' cookie jar starts from.
//!
//! Rack is more lenient than RFC 6265: nothing is trimmed but the spaces after a separator, quotes
//! are ordinary bytes, and no piece is ever refused. What differs between versions is [`RackCookies`].
//!
//! A request may bring several `Cookie` lines (HTTP/2 allows it, RFC 9113 8.2.3): join them by `; `
//! first, in order, as a server does before Rack sees them.

use alloc::borrow::Cow;
use core::fmt;
use core::ops::Range;

use crate::cookies::escape;

/// Which Rack reads the header.
///
/// The Rack is the app's, not its Rails': Rails 5.0 runs on Rack 2.0 to 2.2. [`Cookies::find`](crate::Cookies::find) goes
/// by the one that the Rails' own releases came with; who knows better calls [`find`] here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RackCookies {
    /// Rack 1.4 to 2.0: `,` separates as `;` does, and names are unescaped. A cookie without `=`
    /// gives way to a later one of its name.
    UpToRack2_0,
    /// Rack 2.1: `,` separates too; names stay as they are.
    Rack2_1,
    /// Rack 2.2 and later: only `;` separates; names stay as they are.
    SinceRack2_2,
}

impl RackCookies {
    /// Where the first separator stands.
    fn separator(self, text: &[u8]) -> Option<usize> {
        match self {
            Self::UpToRack2_0 | Self::Rack2_1 => memchr::memchr2(b';', b',', text),
            Self::SinceRack2_2 => memchr::memchr(b';', text),
        }
    }

    fn unescapes_names(self) -> bool {
        self == Self::UpToRack2_0
    }
}

/// One cookie of a header, still as it was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pair<'h> {
    raw_name: &'h [u8],
    raw_value: Option<&'h [u8]>,
    rules: RackCookies,
}

impl<'h> Pair<'h> {
    /// The name as this Rack reads it: any bytes. May be empty.
    #[must_use]
    pub fn name(&self) -> Cow<'h, [u8]> {
        match self.rules.unescapes_names() {
            true => escape::unescape(self.raw_name),
            false => Cow::Borrowed(self.raw_name),
        }
    }

    /// Whether [`name`](Self::name) is `name`. Allocates nothing.
    #[must_use]
    pub fn is_named(&self, name: &[u8]) -> bool {
        match self.rules.unescapes_names() {
            true => escape::unescapes_to(self.raw_name, name),
            false => self.raw_name == name,
        }
    }

    /// The value as Rack reads it, unescaped: any bytes. `None` for a cookie without `=`, which is
    /// nil in Rails.
    #[must_use]
    pub fn value(&self) -> Option<Cow<'h, [u8]>> {
        self.raw_value.map(escape::unescape)
    }

    /// The value as it was sent, still escaped.
    #[must_use]
    pub fn raw_value(&self) -> Option<&'h [u8]> {
        self.raw_value
    }
}

// Values are session cookies: they stay out of logs.
impl fmt::Debug for Pair<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair").field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// The cookies of a `Cookie` header's value in the order they were sent, duplicates included. Empty
/// pieces are none.
///
/// ```
/// # use railjar::cookies::{header, RackCookies};
/// let mut cookies = header::cookies(b"theme=dark; s=a%2Bb", RackCookies::SinceRack2_2);
/// assert!(cookies.next().is_some_and(|cookie| cookie.is_named(b"theme")));
/// assert_eq!(cookies.next().and_then(|cookie| cookie.value()).as_deref(), Some(&b"a+b"[..]));
/// assert!(cookies.next().is_none());
/// ```
pub fn cookies(header: &[u8], rules: RackCookies) -> impl Iterator<Item = Pair<'_>> + Clone {
    pieces(header, rules).map(|piece| piece.pair)
}

/// A cookie with its place in the header, for who rewrites one and leaves the rest as it is.
#[derive(Clone)]
pub(crate) struct Piece<'h> {
    /// Where name, `=` and value stand, without the separators around them.
    pub(crate) range: Range<usize>,
    pub(crate) pair: Pair<'h>,
}

impl Piece<'_> {
    /// Where the value stands; at the end for a cookie without `=`.
    pub(crate) fn value_range(&self) -> Range<usize> {
        let length = self.pair.raw_value.map_or(0, <[u8]>::len);
        self.range.end.saturating_sub(length)..self.range.end
    }
}

/// As [`cookies`], with their places.
pub(crate) fn pieces(header: &[u8], rules: RackCookies) -> impl Iterator<Item = Piece<'_>> + Clone {
    Pieces { header, rules, next: Some(0) }.filter(|piece| !piece.range.is_empty())
}

/// All that lies between separators, the empty pieces too.
#[derive(Clone)]
struct Pieces<'h> {
    header: &'h [u8],
    rules: RackCookies,
    /// Where the next begins; `None` behind the last.
    next: Option<usize>,
}

impl<'h> Iterator for Pieces<'h> {
    type Item = Piece<'h>;

    fn next(&mut self) -> Option<Piece<'h>> {
        let begin = self.next?;
        let rest = self.header.get(begin..)?;
        let length = self.rules.separator(rest);
        let end = begin.saturating_add(length.unwrap_or(rest.len()));
        self.next = length.map(|_| end.saturating_add(1));
        let mut piece = self.header.get(begin..end)?;
        if begin > 0 {
            // Only the spaces that follow a separator are part of it.
            piece = without_leading_spaces(piece);
        }
        let range = end.saturating_sub(piece.len())..end;
        Some(Piece { range, pair: pair(piece, self.rules) })
    }
}

/// The value that Rails finds under `name`, unescaped: of duplicates, the first. `None` if there is
/// none, or if that one has no value (nil in Rails, as if it were missing).
///
/// `name` is compared byte for byte. (From Rack 2.1 on, Rails itself finds no name that is not
/// ASCII: it compares its UTF-8 with bytes of no encoding.)
///
/// ```
/// # use railjar::cookies::{header, RackCookies};
/// let sent = b"s=first%3D; t=x; s=second";
/// let found = header::find(sent, b"s", RackCookies::SinceRack2_2);
/// assert_eq!(found.as_deref(), Some(&b"first="[..]));
/// ```
#[must_use]
pub fn find<'h>(header: &'h [u8], name: &[u8], rules: RackCookies) -> Option<Cow<'h, [u8]>> {
    let mut named = find_all(header, name, rules);
    match rules {
        // `parse_query` there asks `if params[k]`: a nil does not count as present.
        RackCookies::UpToRack2_0 => named.find_map(|pair| pair.value()),
        RackCookies::Rack2_1 | RackCookies::SinceRack2_2 => named.next()?.value(),
    }
}

/// Every cookie of the name, in the order they were sent. More than one is worth a look: a browser
/// sends a session twice when it was set for two paths or domains, and Rails reads only the first.
pub fn find_all<'h, 'n>(
    header: &'h [u8],
    name: &'n [u8],
    rules: RackCookies,
) -> impl Iterator<Item = Pair<'h>> + Clone + use<'h, 'n> {
    cookies(header, rules).filter(move |pair| pair.is_named(name))
}

fn without_leading_spaces(piece: &[u8]) -> &[u8] {
    let spaces = piece.iter().take_while(|&&byte| byte == b' ').count();
    piece.get(spaces..).unwrap_or_default()
}

fn pair(piece: &[u8], rules: RackCookies) -> Pair<'_> {
    let equals = memchr::memchr(b'=', piece).and_then(|at| piece.split_at_checked(at));
    let (raw_name, raw_value) = match equals {
        Some((name, value)) => (name, value.get(1..)),
        None => (piece, None),
    };
    Pair { raw_name, raw_value, rules }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const ALL: [RackCookies; 3] =
        [RackCookies::UpToRack2_0, RackCookies::Rack2_1, RackCookies::SinceRack2_2];

    fn found(header: &[u8], rules: RackCookies) -> Option<Cow<'_, [u8]>> {
        find(header, b"a", rules)
    }

    #[test]
    fn a_cookie_without_a_value_hides_later_ones_from_rack_2_1_on() {
        assert_eq!(found(b"a; a=1", RackCookies::UpToRack2_0).as_deref(), Some(&b"1"[..]));
        assert_eq!(found(b"a; a=1", RackCookies::Rack2_1), None);
        assert_eq!(found(b"a; a=1", RackCookies::SinceRack2_2), None);
        for rules in ALL {
            assert_eq!(found(b"a=1; a", rules).as_deref(), Some(&b"1"[..]));
            assert_eq!(found(b"a=; a=1", rules).as_deref(), Some(&b""[..]));
        }
    }

    #[test]
    fn duplicates_can_be_counted() {
        for rules in ALL {
            assert_eq!(find_all(b"a=1; b=2; a=3; A=4; a", b"a", rules).count(), 3);
        }
    }

    #[test]
    fn several_headers_are_joined_as_a_server_joins_them() {
        let joined = [&b"b=2"[..], b"a=1", b"a=3; c"].join(&b"; "[..]);
        for rules in ALL {
            assert_eq!(found(&joined, rules).as_deref(), Some(&b"1"[..]));
            assert_eq!(cookies(&joined, rules).count(), 4);
        }
    }

    #[test]
    fn debug_shows_no_byte_of_a_cookie() {
        let shown = alloc::format!("{:?}", cookies(b"name=value", RackCookies::Rack2_1).next());
        assert!(!shown.contains("name") && !shown.contains("value"), "{shown}");
    }

    /// One pass each: a quadratic reader would need minutes for these.
    #[test]
    fn a_mebibyte_of_anything_is_read_in_one_pass() {
        const SIZE: usize = 1 << 20;
        for unit in
            [&b";"[..], b" ", b"; ", b"=", b"a=;", b"%", b"%2", b"%41", b"+", b"a", b"a%zz;"]
        {
            let header: vec::Vec<u8> = unit.iter().copied().cycle().take(SIZE).collect();
            for rules in ALL {
                let named = find_all(&header, b"a", rules).count();
                assert!(named <= cookies(&header, rules).count());
                let _ = found(&header, rules);
                let _ = cookies(&header, rules).map(|pair| pair.name().len()).max();
            }
        }
    }
}
