//! The YAML in credentials: whether it is any, and the text under a name, as Ruby's Psych finds it
//! (`psych/visitors/to_ruby.rb`, `psych/scalar_scanner.rb`).

mod scalar;
mod tabs;

use std::collections::BTreeMap;
use std::rc::Rc;

use railjar::Secret;
use saphyr_parser::{Event, Parser};

use self::scalar::is_text;

/// As deep as it may be nested.
const MAX_DEPTH: usize = 100;
/// As many aliases it may have, and as many merges are followed.
const MAX_ALIASES: usize = 10_000;

/// Why there is no such text; says nothing of what is there.
pub(super) type Trouble = String;

enum Node {
    Scalar { text: String, is_text: bool },
    Sequence(Vec<Rc<Node>>),
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
}

/// Whether Rails can read it. An empty file it can.
pub(super) fn check(yaml: &[u8]) -> Result<(), Trouble> {
    match parse(yaml)?.as_deref() {
        None | Some(Node::Mapping(_)) => Ok(()),
        // Rails takes what is blank for an empty one.
        Some(Node::Scalar { text, is_text }) if is_blank(text, *is_text) => Ok(()),
        Some(_) => Err("it is no mapping, as name: value".into()),
    }
}

/// `blank?` to Ruby.
fn is_blank(text: &str, is_text: bool) -> bool {
    let words = ["~", "null", "no", "false", "off"];
    text.trim().is_empty() || (!is_text && words.contains(&&*text.to_ascii_lowercase()))
}

/// The text under `name`, a dot before each level; `None` where there is none, or only space.
pub(super) fn text(yaml: &[u8], name: &str) -> Result<Option<Secret>, Trouble> {
    let Some(mut node) = parse(yaml)? else { return Ok(None) };
    let mut budget = MAX_ALIASES;
    for key in name.split('.') {
        match node.get(key, &mut budget) {
            Some(found) => node = found,
            None => return Ok(None),
        }
    }
    match &*node {
        Node::Scalar { text, .. } if text.trim().is_empty() => Ok(None),
        Node::Scalar { text, is_text: true } => Ok(Some(Secret::new(text.as_bytes()))),
        _ => Err(format!("{name} is not a text; put it in quotes, if it should be one")),
    }
}

impl Node {
    /// What a mapping holds under a key. `<<` merges another in, over what comes before it.
    fn get(&self, name: &str, budget: &mut usize) -> Option<Rc<Self>> {
        let Self::Mapping(pairs) = self else { return None };
        *budget = budget.checked_sub(1)?;
        let found = pairs.iter().filter_map(|(key, value)| match &**key {
            Self::Scalar { text, .. } if text.strip_prefix(':').unwrap_or(text) == name => {
                Some(Rc::clone(value))
            }
            Self::Scalar { text, .. } if text == "<<" => match &**value {
                Self::Sequence(mappings) => {
                    mappings.iter().find_map(|mapping| mapping.get(name, budget))
                }
                _ => value.get(name, budget),
            },
            _ => None,
        });
        found.last()
    }
}

/// The first document, if there is one.
fn parse(yaml: &[u8]) -> Result<Option<Rc<Node>>, Trouble> {
    let yaml = std::str::from_utf8(yaml).map_err(|_| Trouble::from("it is not UTF-8"))?;
    let spaced = tabs::spaced(yaml);
    let yaml = spaced.as_deref().map_or(yaml, String::as_str);
    let (mut tree, mut aliases) = (Tree::default(), 0_usize);
    for event in Parser::new_from_str(yaml) {
        let (event, _) = event.map_err(|error| {
            let line = error.marker().line();
            format!("it is not YAML, as line {line} shows")
        })?;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = is_text(&text, style, tag.as_deref());
                tree.put(Rc::new(Node::Scalar { text: text.into_owned(), is_text }), anchor);
            }
            Event::SequenceStart(anchor, _) => tree.open(anchor, Kind::Sequence)?,
            Event::MappingStart(anchor, _) => tree.open(anchor, Kind::Mapping)?,
            Event::SequenceEnd | Event::MappingEnd => tree.close(),
            Event::Alias(anchor) => {
                aliases = aliases.saturating_add(1);
                if aliases > MAX_ALIASES {
                    return Err("it has too many aliases".into());
                }
                let node = tree.anchors.get(&anchor).cloned();
                tree.put(node.ok_or("an alias is used before its anchor")?, 0);
            }
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    Ok(tree.root)
}

enum Kind {
    Sequence,
    Mapping,
}

/// What has been read so far.
#[derive(Default)]
struct Tree {
    open: Vec<(usize, Kind, Vec<Rc<Node>>)>,
    anchors: BTreeMap<usize, Rc<Node>>,
    root: Option<Rc<Node>>,
}

impl Tree {
    fn open(&mut self, anchor: usize, kind: Kind) -> Result<(), Trouble> {
        if self.open.len() >= MAX_DEPTH {
            return Err("it is nested too deep".into());
        }
        self.open.push((anchor, kind, Vec::new()));
        Ok(())
    }

    fn close(&mut self) {
        let Some((anchor, kind, nodes)) = self.open.pop() else { return };
        let node = match kind {
            Kind::Sequence => Node::Sequence(nodes),
            Kind::Mapping => Node::Mapping(pairs(nodes)),
        };
        self.put(Rc::new(node), anchor);
    }

    fn put(&mut self, node: Rc<Node>, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        match self.open.last_mut() {
            Some((_, _, nodes)) => nodes.push(node),
            None => self.root = Some(node),
        }
    }
}

/// A key and a value in turn.
fn pairs(nodes: Vec<Rc<Node>>) -> Vec<(Rc<Node>, Rc<Node>)> {
    let mut nodes = nodes.into_iter();
    std::iter::from_fn(|| Some((nodes.next()?, nodes.next()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(yaml: &str, name: &str) -> Result<Option<String>, Trouble> {
        let secret = text(yaml.as_bytes(), name)?;
        Ok(secret.map(|secret| String::from_utf8(secret.expose().to_vec()).unwrap()))
    }

    #[test]
    fn a_text_is_found_by_its_name() {
        let yaml =
            "# aws:\nsecret_key_base: 0f8d\nold:\n  secret_key_base: \"a: b\"\n  list: [1]\n";
        assert_eq!(found(yaml, "secret_key_base"), Ok(Some("0f8d".into())));
        assert_eq!(found(yaml, "old.secret_key_base"), Ok(Some("a: b".into())));
        for absent in ["old.other", "other", "secret_key_base.more", "old.list.0", ""] {
            assert_eq!(found(yaml, absent), Ok(None), "{absent}");
        }
        for empty in ["", "# only a comment\n", "secret_key_base:\n", "secret_key_base: \" \"\n"] {
            assert_eq!(found(empty, "secret_key_base"), Ok(None), "{empty}");
        }
    }

    #[test]
    fn it_is_read_as_psych_reads_it() {
        for (yaml, expected) in [
            ("k: 1\nk: last", "last"),
            (":k: symbol", "symbol"),
            ("---\nk: first\n---\nk: second\n", "first"),
            ("a: &x anchored\nk: *x", "anchored"),
            ("a: &x\n  k: merged\n<<: *x\n", "merged"),
            ("a: &x\n  k: merged\nk: own\n<<: *x\n", "merged"),
            ("a: &x\n  k: merged\n<<: *x\nk: own\n", "own"),
            ("a: &x\n  k: x\nb: &y\n  k: y\n<<: [*x, *y]\n", "x"),
            ("k: |\n  line\n", "line\n"),
            ("k: >-\n  folded\n  text\n", "folded text"),
            ("k: !!str 123", "123"),
            ("k: '123'", "123"),
            ("{k: flow}", "flow"),
        ] {
            assert_eq!(found(yaml, "k"), Ok(Some(expected.into())), "{yaml}");
        }
    }

    #[test]
    fn what_ruby_takes_for_something_else_is_no_text() {
        for other in ["12345", "yes", "[a]", "{a: b}", "!!binary aGVsbG8=", "!!int '12'"] {
            let error = found(&format!("k: {other}"), "k").unwrap_err();
            assert!(error.starts_with("k is not a text"), "{other}: {error}");
        }
        for (yaml, text) in [("0912345", "0912345"), ("1.5e3", "1.5e3"), ("!str 123", "123")] {
            assert_eq!(found(&format!("k: {yaml}"), "k"), Ok(Some(text.into())));
        }
    }

    #[test]
    fn what_is_not_yaml_is_told_by_its_line_alone() {
        let error = found("ok: 1\nk: \"hunter2\n", "k").unwrap_err();
        assert!(error.contains("line") && !error.contains("hunter2"), "{error}");
        assert!(check(b"\xff").is_err() && check(b"").is_ok());
        assert!(check("[".repeat(10_000).as_bytes()).is_err());
    }

    #[test]
    fn a_tab_after_a_name_is_space() {
        let yaml = "é:\tone\nk:\t \tabc\tdef # :\tx\nb: |\n  :\tx\nc: \":\tx\"\n";
        for (name, text) in [("é", "one"), ("k", "abc\tdef"), ("b", ":\tx\n"), ("c", ":\tx")] {
            assert_eq!(found(yaml, name), Ok(Some(text.into())), "{name}");
        }
        assert!(check(yaml.as_bytes()).is_ok());
        for wrong in ["k:\t- a", "k:\ta: b", "k:\t\"a"] {
            assert!(check(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_mapping_rails_does_not_load() {
        for other in ["- 1", "just text", "123", "yes", "'~'"] {
            assert!(check(other.as_bytes()).is_err(), "{other}");
        }
        for fine in ["a: 1", "{}", "---\n...\n", "# c\n", "~", "Null", "no", "''"] {
            assert_eq!(check(fine.as_bytes()), Ok(()), "{fine}");
        }
    }
}
