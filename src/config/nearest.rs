//! The name that was meant, for who shows an error about an unknown one.

use alloc::vec::Vec;

/// A longer name is no slip of the pen.
const MAX_NAME: usize = 64;

/// The name nearest to an unknown one, out of serde's own text: "unknown field `x`, expected one of
/// `y`, `z`". `None` where the text is another, or no name is near.
///
/// ```
/// let message = "unknown field `cookie_serialiser`, expected one of `cookies_digest`, `cookies_serializer`";
/// assert_eq!(railjar::config::nearest(message), Some("cookies_serializer"));
/// ```
#[must_use]
pub fn nearest(message: &str) -> Option<&str> {
    let unknown = message.starts_with("unknown ");
    let mut names = message.split('`').skip(1).step_by(2);
    let meant = names.next().filter(|name| unknown && name.len() <= MAX_NAME)?;
    let ranked =
        names.filter(|name| name.len() <= MAX_NAME).map(|name| (distance(meant, name), name));
    let (distance, name) = ranked.min_by_key(|(distance, _)| *distance)?;
    // A third of it may be wrong.
    let longest = meant.len().max(name.len());
    (distance.saturating_mul(3) <= longest).then_some(name)
}

/// Levenshtein's: how many characters must be put in, taken out or changed.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (at, char) in from.chars().enumerate() {
        let mut cells = row.iter_mut();
        let Some(first) = cells.next() else { break };
        let mut diagonal = core::mem::replace(first, at.saturating_add(1));
        let mut left = *first;
        for (cell, other) in cells.zip(to.chars()) {
            let changed = diagonal.saturating_add(usize::from(char != other));
            diagonal = *cell;
            left = changed.min(left.min(*cell).saturating_add(1));
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_changes() {
        for (from, to, changes) in [
            ("", "", 0),
            ("a", "", 1),
            ("kitten", "sitting", 3),
            ("hint", "hints", 1),
            ("é", "e", 1),
        ] {
            assert_eq!(distance(from, to), changes, "{from} {to}");
        }
    }

    #[test]
    fn nothing_is_near_everything() {
        assert_eq!(nearest("unknown field `zzz`, expected `cookies_digest`"), None);
        assert_eq!(nearest("invalid type: `a`, expected `b`"), None);
        assert_eq!(
            nearest("unknown variant `stripp`, expected one of `pass`, `strip`"),
            Some("strip")
        );
        assert_eq!(nearest("unknown field `x`, there are no fields"), None);
    }
}
