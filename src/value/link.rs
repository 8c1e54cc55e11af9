//! Objects that occur more than once, or inside themselves.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use core::fmt;

use crate::value::{Body, Value};

/// Marks an object that occurs more than once: it stands in one place as [`Value::Shared`], and
/// everywhere else, inside itself too, as a [`Value::Link`] with the same label.
///
/// So a tree is never larger than what it was read from, and cycles are only links. Labels mean
/// nothing but their equality; readers number them from 0 in the order in which the objects begin.
/// Strings need none: their clones are one string (see [`RubyString`](crate::value::RubyString)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(pub u32);

/// An object with its label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shared {
    /// What the links to it carry.
    pub label: Label,
    /// The object.
    pub value: Value,
}

impl From<Shared> for Value {
    fn from(shared: Shared) -> Self {
        Self::Shared(Box::new(shared))
    }
}

/// Where the links of a tree lead.
///
/// ```
/// use railjar::value::{Label, Links, Shared, Value};
///
/// let shared = Shared { label: Label(0), value: Value::from(vec![Value::from(1)]) };
/// let tree = Value::from(vec![Value::from(shared), Value::Link(Label(0))]);
/// assert_eq!(tree.to_string(), "[[1], [1]]");
///
/// let links = Links::of(&tree);
/// let second = &tree.as_array().unwrap()[1];
/// assert_eq!(links.follow(second).as_array().unwrap().len(), 1);
/// ```
#[derive(Clone, Default)]
pub struct Links<'v>(BTreeMap<Label, &'v Value>);

impl<'v> Links<'v> {
    /// Looks through the whole tree; its cost is linear.
    #[must_use]
    pub fn of(tree: &'v Value) -> Self {
        let mut links = BTreeMap::new();
        collect(tree, &mut links);
        Self(links)
    }

    /// What a link leads to; any other value is itself.
    #[must_use]
    pub fn follow(&self, value: &'v Value) -> &'v Value {
        match value {
            Value::Link(label) => self.get(*label).unwrap_or(value),
            _ => value,
        }
    }

    /// What has this label.
    #[must_use]
    pub fn get(&self, label: Label) -> Option<&'v Value> {
        self.0.get(&label).copied()
    }
}

fn collect<'v>(value: &'v Value, links: &mut BTreeMap<Label, &'v Value>) {
    if let Value::Shared(shared) = value {
        links.insert(shared.label, &shared.value);
    }
    value.each_part(&mut |part| collect(part, links));
}

impl Value {
    /// Calls `visit` with every value that is directly inside this one.
    pub(crate) fn each_part<'v>(&'v self, visit: &mut dyn FnMut(&'v Value)) {
        match self {
            Self::Nil | Self::Bool(_) | Self::Integer(_) | Self::Float(_) => {}
            Self::String(_) | Self::Symbol(_) | Self::Regexp(_) | Self::Module(_) => {}
            Self::Rational(_) | Self::BigDecimal(_) | Self::Date(_) | Self::DateTime(_) => {}
            Self::Time(_) | Self::TimeWithZone(_) | Self::TimeZone(_) | Self::Link(_) => {}
            Self::Uri(_) | Self::IpAddr(_) | Self::Pathname(_) => {}
            Self::Array(values) => values.iter().for_each(visit),
            Self::Hash(hash) => {
                for (key, value) in hash {
                    visit(key);
                    visit(value);
                }
                hash.default_value().into_iter().for_each(visit);
            }
            Self::Set(set) => set.iter().for_each(visit),
            Self::Range(range) => [&range.begin, &range.end].into_iter().for_each(visit),
            Self::Complex(number) => [&number.real, &number.imaginary].into_iter().for_each(visit),
            Self::Duration(duration) => {
                visit(&duration.value);
                duration.parts.iter().for_each(|(_, value)| visit(value));
            }
            Self::Object(object) => match &object.body {
                Body::Ivars(fields) | Body::Struct(fields) | Body::Dump(_, fields) => {
                    fields.iter().for_each(|(_, value)| visit(value));
                }
                Body::MarshalDump(value) | Body::Data(value) => visit(value),
            },
            Self::Decorated(decorated) => {
                visit(&decorated.value);
                decorated.ivars.iter().for_each(|(_, value)| visit(value));
            }
            Self::Shared(shared) => visit(&shared.value),
        }
    }
}

impl fmt::Debug for Links<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Links").field(&self.0.len()).finish()
    }
}
