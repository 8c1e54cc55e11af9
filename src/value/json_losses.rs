//! What a value loses when it is written as JSON, place by place. [`Value::as_json`] is what is
//! left of it, [`Value::fits_json`] whether anything is lost at all.

mod compare;
mod text;

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use self::text::{Step, class_name, class_of, short};
use crate::value::as_json::{EXPANSION_LIMIT, MAX_DEPTH};
use crate::value::{
    Body, Comparison, Decorated, Encoding, Fields, Hash, Label, Links, Object, RubyString,
    TIME_WITH_ZONE, Value,
};

/// How many losses are listed at most; more are only counted, so that a hostile value cannot make
/// a list many times its own size.
pub const LOSSES_LISTED: usize = 1000;

/// What a value loses in JSON ([`Value::json_losses`]) or in another serializer
/// ([`Value::differences`]), in the order in which it stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct JsonLosses {
    listed: Vec<JsonLoss>,
    count: usize,
}

/// One thing that is lost. Its text is `$.user.created_at: Time becomes the text "2026-…"`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonLoss {
    /// Where: `$` is the whole value, then `.name`, `["odd name"]` or `[0]` for each level. Long
    /// names are cut short.
    pub path: String,
    /// What is lost: a class (`Time`), a key (`the key :id`), or a part of a value.
    pub what: String,
    /// What stands there instead.
    pub becomes: Becomes,
}

/// What JSON, or another serializer, has in place of what is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Becomes {
    /// This text, number, `nil` or empty hash.
    Scalar(Value),
    /// The same text in UTF-8.
    Utf8,
    /// A value of the base class with this name, and nothing that the subclass adds.
    Plain(&'static str),
    /// An array of its elements.
    Array,
    /// A hash of its members or instance variables.
    Hash,
    /// A second object with the same content.
    Copy,
    /// Nothing: it is left out.
    Nothing,
    /// A value that is not the same, in a way that cannot be said in a line.
    Another,
    /// Nothing at all, for the whole value is refused: [`Value::as_json`] fails.
    Impossible,
}

impl JsonLosses {
    /// The losses, the first [`LOSSES_LISTED`] of them.
    #[must_use]
    pub fn listed(&self) -> &[JsonLoss] {
        &self.listed
    }

    /// How many there are, those included that are not listed.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether nothing is lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Value {
    /// What this value loses when Rails writes it as JSON ([`as_json`](Self::as_json)): each place
    /// with what stands there and what it becomes. Empty where [`fits_json`](Self::fits_json).
    ///
    /// What occurs more than once is looked at in its first place; every other is listed as a copy.
    ///
    /// ```
    /// use railjar::value::{Hash, Symbol, Time, Value};
    ///
    /// let mut user = Hash::new();
    /// user.insert("created_at", Time::utc(1_767_323_045, 0).unwrap());
    /// user.insert(Symbol::from("id"), 1);
    /// let losses = Value::from(user).json_losses();
    ///
    /// let text: Vec<_> = losses.listed().iter().map(ToString::to_string).collect();
    /// assert_eq!(text, [
    ///     r#"$.created_at: Time becomes the text "2026-01-02T03:04:05.000Z""#,
    ///     r#"$.id: the key :id becomes the text "id""#,
    /// ]);
    /// ```
    pub fn json_losses(&self) -> JsonLosses {
        let mut walk = Walk {
            links: Links::of(self),
            open: BTreeSet::new(),
            path: Vec::new(),
            depth: 0,
            budget: EXPANSION_LIMIT,
            losses: JsonLosses::default(),
        };
        walk.value(self);
        walk.losses
    }
}

struct Walk<'v> {
    links: Links<'v>,
    /// The labels of what is being looked at.
    open: BTreeSet<Label>,
    path: Vec<Step<'v>>,
    depth: usize,
    /// How much more may be written of what stands elsewhere too.
    budget: usize,
    losses: JsonLosses,
}

impl<'v> Walk<'v> {
    fn value(&mut self, value: &'v Value) {
        match value {
            Value::Nil | Value::Bool(_) | Value::Integer(_) => {}
            Value::Float(float) if float.is_finite() => {}
            Value::String(text) => self.string(text),
            Value::Array(values) => self.items(values),
            Value::Hash(hash) => self.hash(hash),
            Value::Set(set) => {
                self.lose(|| (class_of(value), Becomes::Array));
                self.items(set.iter());
            }
            Value::Object(object) => self.object(object, value),
            Value::Decorated(decorated) => self.decorated(decorated),
            Value::Shared(shared) => {
                let new = self.open.insert(shared.label);
                self.value(&shared.value);
                if new {
                    self.open.remove(&shared.label);
                }
            }
            Value::Link(label) if self.open.contains(label) => {
                self.lose(|| ("an object inside itself".into(), Becomes::Impossible));
            }
            Value::Link(label) => {
                let class = self.links.get(*label).map(class_of);
                let becomes = class.as_ref().map_or(Becomes::Impossible, |_| Becomes::Copy);
                let class = class.unwrap_or_else(|| "an object".into());
                self.lose(|| (format!("{class} that stands elsewhere too"), becomes));
            }
            leaf => self.leaf(leaf),
        }
    }

    /// What becomes one value without parts.
    fn leaf(&mut self, value: &Value) {
        let becomes = match self.losses.listed.len() < LOSSES_LISTED {
            true => value
                .as_json_within(&self.links, &mut self.budget)
                .map_or(Becomes::Impossible, Becomes::Scalar),
            false => Becomes::Nothing,
        };
        self.lose(|| (class_of(value), becomes));
    }

    fn string(&mut self, text: &RubyString) {
        if text.is_json_text() {
            return;
        }
        let what = || match text.encoding() {
            Encoding::UTF_8 | Encoding::US_ASCII => "String that is not valid UTF-8".into(),
            other => format!("String in {}", other.name()),
        };
        match text.as_str().is_some() || text.to_utf8().is_some() {
            true => self.lose(|| (what(), Becomes::Utf8)),
            false => self.lose(|| (what(), Becomes::Impossible)),
        }
    }

    fn items(&mut self, values: impl IntoIterator<Item = &'v Value>) {
        self.inside(|walk| {
            for (at, value) in values.into_iter().enumerate() {
                walk.at(Step::Index(at), |walk| walk.value(value));
            }
        });
    }

    fn hash(&mut self, hash: &'v Hash) {
        if hash.default_value().is_some() {
            self.lose(|| ("the default of the Hash".into(), Becomes::Nothing));
        }
        if hash.comparison() == Comparison::ByIdentity {
            self.lose(|| ("compare_by_identity of the Hash".into(), Becomes::Nothing));
        }
        let collide = hash.comparison() == Comparison::ByIdentity
            || hash.iter().any(|(key, _)| !matches!(key, Value::String(_)));
        let mut seen = BTreeSet::new();
        self.inside(|walk| {
            for (key, value) in hash {
                walk.at(Step::Key(key), |walk| {
                    let text = walk.key(key);
                    if collide && text.is_some_and(|text| !seen.insert(text)) {
                        let what = "the earlier value of two that get this key";
                        walk.lose(|| (what.into(), Becomes::Nothing));
                    }
                    walk.value(value);
                });
            }
        });
    }

    /// The text that a key becomes.
    fn key(&mut self, key: &'v Value) -> Option<String> {
        let core = match key.core() {
            Value::Link(label) => self.links.get(*label).map_or(key, Value::core),
            core => core,
        };
        let text = core.to_s();
        let fits = matches!(key, Value::String(text) if text.is_json_text());
        if !fits {
            self.lose(|| {
                let becomes = text.as_deref().map(Value::from);
                let becomes = becomes.map_or(Becomes::Impossible, Becomes::Scalar);
                (format!("the key {}", short(core)), becomes)
            });
        }
        text
    }

    fn decorated(&mut self, decorated: &'v Decorated) {
        let base = || class_of(&decorated.value);
        if let Some(class) = &decorated.class {
            let plain = match decorated.value {
                Value::String(_) => Some("String"),
                Value::Array(_) => Some("Array"),
                Value::Hash(_) => Some("Hash"),
                // What the base class becomes is said below.
                _ => None,
            };
            self.lose(|| match plain {
                Some(base) => (class_name(class), Becomes::Plain(base)),
                None => (format!("the class {}", class_name(class)), Becomes::Nothing),
            });
        }
        if !decorated.ivars.is_empty() {
            self.lose(|| (format!("the instance variables of the {}", base()), Becomes::Nothing));
        }
        if !decorated.extended.is_empty() {
            self.lose(|| (format!("the modules of the {}", base()), Becomes::Nothing));
        }
        self.value(&decorated.value);
    }

    fn object(&mut self, object: &'v Object, value: &'v Value) {
        let class = || class_of(value);
        if object.text().is_some() || object.class.is("ActiveSupport::TimeZone") {
            return self.leaf(value);
        }
        match (object.class.as_str().unwrap_or_default(), &object.body) {
            ("Set", Body::Ivars(_)) => match object.get("@hash").map(Value::core) {
                Some(Value::Hash(hash)) => {
                    self.lose(|| (class(), Becomes::Array));
                    self.items(hash.iter().map(|(element, _)| element));
                }
                _ => self.lose(|| (class(), Becomes::Impossible)),
            },
            ("ActiveSupport::Duration", Body::Ivars(_)) => self.leaf(value),
            (TIME_WITH_ZONE, Body::MarshalDump(_)) => self.leaf(value),
            ("OpenStruct", Body::MarshalDump(table)) => {
                self.lose(|| (class(), Becomes::Hash));
                self.inside(|walk| walk.at(Step::Name("table"), |walk| walk.value(table)));
            }
            // An exception is its message.
            (_, Body::Ivars(fields)) if fields.first().is_some_and(|(name, _)| name.is("mesg")) => {
                self.leaf(value);
            }
            (_, Body::Ivars(fields) | Body::Struct(fields)) => {
                self.lose(|| (class(), Becomes::Hash));
                self.fields(fields);
            }
            (_, Body::Dump(..) | Body::MarshalDump(_) | Body::Data(_)) => {
                self.lose(|| (class(), Becomes::Impossible));
            }
        }
    }

    fn fields(&mut self, fields: &'v Fields) {
        self.inside(|walk| {
            for (name, value) in fields {
                let step = name.as_str().map(|name| name.strip_prefix('@').unwrap_or(name));
                walk.at(Step::Name(step.unwrap_or("?")), |walk| walk.value(value));
            }
        });
    }

    fn at(&mut self, step: Step<'v>, look: impl FnOnce(&mut Self)) {
        self.path.push(step);
        look(self);
        self.path.pop();
    }

    /// Goes one level down, if JSON can be as deep.
    fn inside(&mut self, look: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH {
            return self.lose(|| ("what is nested deeper".into(), Becomes::Impossible));
        }
        self.depth = self.depth.saturating_add(1);
        look(self);
        self.depth = self.depth.saturating_sub(1);
    }

    fn lose(&mut self, loss: impl FnOnce() -> (String, Becomes)) {
        self.losses.count = self.losses.count.saturating_add(1);
        if self.losses.listed.len() < LOSSES_LISTED {
            let (what, becomes) = loss();
            self.losses.listed.push(JsonLoss { path: text::path(&self.path), what, becomes });
        }
    }
}

#[cfg(test)]
mod tests;
