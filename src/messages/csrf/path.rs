//! The path that a token for one form is made for, from the form's action and from the request.
//! Mirrors `normalize_action_path`, with Ruby's `URI.parse` for what it needs of a URI.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use crate::rails::ActionPath;

/// `normalize_action_path`: the path of `action`, without one slash at its end.
pub(super) fn of_action<'a>(action: &'a str, page: &str, rule: ActionPath) -> Cow<'a, str> {
    let (scheme, path) = split(action);
    match rule {
        // `normalize_relative_action_path`
        ActionPath::FromPage if scheme.is_none() && !action.starts_with('/') => {
            let (_, page) = split(page);
            let path = format!("{page}/{path}").replace("/./", "/");
            Cow::Owned(String::from(chomp(&path)))
        }
        _ => Cow::Borrowed(chomp(path)),
    }
}

/// The path of a request: `request.path.chomp("/")`.
pub(super) fn of_request(path: &str) -> &str {
    chomp(path.split_once('?').map_or(path, |(path, _query)| path))
}

fn chomp(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

/// The scheme of a URI, if it has one, and its path (RFC 3986, section 3).
fn split(uri: &str) -> (Option<&str>, &str) {
    let end = uri.find(['?', '#']).unwrap_or(uri.len());
    let hierarchical = uri.get(..end).unwrap_or_default();
    let (scheme, rest) = match hierarchical.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
        _ => (None, hierarchical),
    };
    let path = match rest.strip_prefix("//") {
        Some(authority) => authority.find('/').and_then(|at| authority.get(at..)).unwrap_or(""),
        None => rest,
    };
    (scheme, path)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Rails 6.1 and 7.2 answer, on the page `/posts/new`.
    #[test]
    fn paths_are_those_of_rails() {
        for (action, from_root, from_page) in [
            ("/posts", "/posts", "/posts"),
            ("/posts/", "/posts", "/posts"),
            ("/posts//", "/posts/", "/posts/"),
            ("/", "", ""),
            ("/posts?a=/b#/c", "/posts", "/posts"),
            ("http://other.test/a/b?x=1#f", "/a/b", "/a/b"),
            ("http://other.test", "", ""),
            ("//other.test/a/", "/a", "/a"),
            ("", "", "/posts/new"),
            ("./", ".", "/posts/new"),
            ("./one", "./one", "/posts/new/one"),
            ("one?x=1", "one", "/posts/new/one"),
            ("?x=1", "", "/posts/new"),
            ("../one", "../one", "/posts/new/../one"),
        ] {
            assert_eq!(
                of_action(action, "/posts/new", ActionPath::FromRoot),
                from_root,
                "{action}"
            );
            assert_eq!(
                of_action(action, "/posts/new", ActionPath::FromPage),
                from_page,
                "{action}"
            );
        }
        assert_eq!(of_request("/posts/?a=/b"), "/posts");
    }
}
