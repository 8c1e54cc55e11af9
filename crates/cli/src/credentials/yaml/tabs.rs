//! Tabs between a `:` and a text: Psych (libyaml) takes them for space, our parser for an error.

use std::ops::Range;

use saphyr_parser::{Parser, ScanError};
use zeroize::Zeroizing;

/// As many are looked for: each costs another reading.
const MAX_TABS: usize = 1000;

/// The same with spaces for these tabs; `None` where there are none. Only where the parser stops is
/// a tab replaced, so never within a text.
pub(super) fn spaced(yaml: &str) -> Option<Zeroizing<String>> {
    let mut spaced = None;
    // It stops at no other.
    if !yaml.contains(":\t") {
        return None;
    }
    for _ in 0..MAX_TABS {
        let text = spaced.as_deref().map_or(yaml, String::as_str);
        let Some(tabs) =
            Parser::new_from_str(text).find_map(Result::err).and_then(|error| tabs(text, &error))
        else {
            break;
        };
        let mut next = Zeroizing::new(text.to_owned());
        let spaces = " ".repeat(tabs.len());
        next.replace_range(tabs, &spaces);
        spaced = Some(next);
    }
    spaced
}

/// The space between a `:` and where the parser stopped, if there is a tab in it.
fn tabs(yaml: &str, error: &ScanError) -> Option<Range<usize>> {
    let lines = yaml.split_inclusive('\n').take(error.marker().line().checked_sub(1)?);
    let start = lines.map(str::len).sum::<usize>();
    let (length, _) = yaml.get(start..)?.char_indices().nth(error.marker().col())?;
    let end = start.checked_add(length)?;
    let space = yaml.get(..end)?.trim_end_matches([' ', '\t']);
    let found = yaml.get(..end)?.strip_prefix(space)?;
    (space.ends_with(':') && found.contains('\t')).then_some(space.len()..end)
}
