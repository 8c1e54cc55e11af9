//! Whether a cookie that fits today still does when it is written otherwise.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::Cookie;
use super::world::{NOW, Still};
use crate::cookies::Cookies;
use crate::error::SealError;
use crate::message::Scratch;

/// The bytes that `new` counts in the cookie whose value has at most `largest` bytes as `old` writes
/// it; nothing where that fits.
pub(super) fn overflow(
    cookie: &Cookie,
    largest: usize,
    old: &Cookies,
    new: &Cookies,
) -> Option<usize> {
    // The longest text that `old` writes in so many bytes.
    let (mut fits, mut too_long) = (0_usize, largest.saturating_add(1));
    while fits.saturating_add(1) < too_long {
        let middle = fits.midpoint(too_long);
        match written(cookie, old, middle) {
            Some((length, _)) if length <= largest => fits = middle,
            _ => too_long = middle,
        }
    }
    match written(cookie, new, fits)? {
        (_, Err(SealError::CookieOverflow { size })) => Some(size),
        _ => None,
    }
}

/// The length of a session with a text of `length` bytes, and whether it fits.
fn written(
    cookie: &Cookie,
    jars: &Cookies,
    length: usize,
) -> Option<(usize, Result<(), SealError>)> {
    let jar = cookie.of(jars);
    let text: String = core::iter::repeat_n('x', length).collect();
    let value = BTreeMap::from([("session_id", "0123456789abcdef0123456789abcdef"), ("x", &text)]);
    let payload = jar.serialize(&value).ok()?;
    let expires = match cookie.expiry() {
        super::Expiry::WithBrowser => None,
        super::Expiry::Set => Some(NOW.plus_seconds(1)),
    };
    let mut scratch = Scratch::new();
    let wire = jar.reseal_in(&mut scratch, &payload, expires, &mut Still).ok()?;
    Some((wire.len(), jar.check_size(wire)))
}
