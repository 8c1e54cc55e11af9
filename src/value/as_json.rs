//! What Rails makes of a value in JSON: Active Support's `as_json`
//! (`active_support/core_ext/object/json.rb`).

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::error::SealError;
use crate::value::{
    Body, Complex, Fields, Hash, Integer, Label, Links, Object, Range, RubyString, TIME_WITH_ZONE,
    TimeWithZone, Value,
};

/// How much [`Value::as_json`] writes more than once, at most: bytes of strings and eight for each
/// other value. JSON has no links, so what is shared is said in every place.
pub const EXPANSION_LIMIT: usize = 1 << 20;

/// As deep as JSON may be (`serializer::json::MAX_NESTING`).
pub(super) const MAX_DEPTH: usize = 100;
/// A shorter string is hardly longer than the link to it.
const SHORT: usize = 64;

impl Value {
    /// The value as Rails' `to_json` has it, in JSON's own types: what is left of a Marshal session
    /// that moves to JSON. It loses what JSON cannot say:
    ///
    /// * symbols and keys become strings (`nil` is `""`);
    /// * times become ISO 8601 text with milliseconds, dates `2026-01-02`;
    /// * decimals, fractions, ranges, expressions, URIs and paths become text;
    /// * sets become arrays, structs and other objects the hash of their members or instance
    ///   variables;
    /// * subclasses are their base class, and a `HashWithIndifferentAccess` is a hash;
    /// * NaN and the infinities become `nil`;
    /// * what occurs more than once is written as often.
    ///
    /// # Errors
    /// [`SealError::Unrepresentable`] for strings that are not UTF-8 and cannot be converted, where
    /// Rails raises too; for objects that only their own Ruby code can read (`_dump`,
    /// `marshal_dump`, and time zones); for decimals that would be longer than 4096 characters; and
    /// when shared values would be written out beyond [`EXPANSION_LIMIT`].
    /// [`SealError::TooDeep`] when it is nested deeper than 100, or inside itself.
    ///
    /// ```
    /// use railjar::value::{Hash, Symbol, Time, Value};
    ///
    /// let mut session = Hash::new();
    /// session.insert(Symbol::from("at"), Time::utc(1_767_323_045, 678_901_000).unwrap());
    /// let json = Value::from(session).as_json()?;
    /// assert_eq!(json.to_string(), r#"{"at"=>"2026-01-02T03:04:05.678Z"}"#);
    /// # Ok::<(), railjar::SealError>(())
    /// ```
    pub fn as_json(&self) -> Result<Self, SealError> {
        self.as_json_within(&Links::of(self), &mut { EXPANSION_LIMIT })
    }

    /// The same, of a value inside another, which these are the links of. What is written more
    /// than once is taken from `budget`.
    pub(in crate::value) fn as_json_within<'v>(
        &'v self,
        links: &'v Links<'v>,
        budget: &mut usize,
    ) -> Result<Self> {
        let (open, seen) = (BTreeSet::new(), BTreeSet::new());
        let mut projection = Projection { links, open, seen, depth: 0, budget: *budget };
        let json = projection.value(self);
        *budget = projection.budget;
        json
    }

    /// Whether [`as_json`](Self::as_json) would change nothing.
    pub(crate) fn is_json(&self) -> bool {
        match self {
            Self::Nil | Self::Bool(_) | Self::Integer(_) | Self::Float(_) => true,
            Self::String(text) => text.shared_address().is_none() || text.as_bytes().len() < SHORT,
            Self::Array(values) => values.iter().all(Self::is_json),
            Self::Hash(hash) => hash.iter().all(|(key, value)| {
                matches!(key, Self::String(_)) && key.is_json() && value.is_json()
            }),
            _ => false,
        }
    }
}

type Result<T, E = SealError> = core::result::Result<T, E>;

struct Projection<'v> {
    links: &'v Links<'v>,
    /// The links that are being followed.
    open: BTreeSet<Label>,
    /// Where the strings lie that were written.
    seen: BTreeSet<usize>,
    depth: usize,
    budget: usize,
}

impl<'v> Projection<'v> {
    fn value(&mut self, value: &'v Value) -> Result<Value> {
        if !self.open.is_empty() {
            self.spend(8)?;
        }
        Ok(match value {
            Value::Nil | Value::Bool(_) | Value::Integer(_) => value.clone(),
            Value::Float(float) if float.is_finite() => value.clone(),
            Value::Float(_) => Value::Nil,
            Value::String(text) => Value::String(self.string(text)?),
            Value::Symbol(symbol) => Value::String(self.string(symbol.name())?),
            Value::Time(time) => Value::from(time.xmlschema(3)),
            Value::TimeWithZone(time) => Value::from(time.xmlschema(3)),
            Value::DateTime(time) => Value::from(time.xmlschema(3)),
            Value::BigDecimal(number) if number.is_finite() => {
                Value::from(number.to_plain().ok_or(SealError::Unrepresentable)?)
            }
            Value::BigDecimal(_) => Value::Nil,
            Value::Array(values) => self.array(values)?,
            Value::Set(set) => self.array(set.iter())?,
            Value::Hash(hash) => self.hash(hash)?,
            Value::Duration(duration) => self.duration(&duration.value)?,
            Value::Object(object) => self.object(object)?,
            Value::Decorated(decorated) => self.value(&decorated.value)?,
            Value::Shared(shared) => {
                // A link to this inside it would never end.
                let new = self.open.insert(shared.label);
                let value = self.value(&shared.value);
                if new {
                    self.open.remove(&shared.label);
                }
                value?
            }
            Value::Link(label) => self.link(*label)?,
            Value::Module(_) => Value::Hash(Hash::new()),
            Value::Complex(number) => {
                let (real, imaginary) = (self.part(&number.real)?, self.part(&number.imaginary)?);
                self.text(&Complex { real, imaginary }.into())?
            }
            Value::Range(range) => {
                let (begin, end) = (self.part(&range.begin)?, self.part(&range.end)?);
                self.text(&Range { begin, end, bound: range.bound }.into())?
            }
            Value::Date(_)
            | Value::Rational(_)
            | Value::Regexp(_)
            | Value::Pathname(_)
            | Value::Uri(_)
            | Value::IpAddr(_)
            | Value::TimeZone(_) => self.text(value)?,
        })
    }

    fn text(&mut self, value: &Value) -> Result<Value> {
        let text = value.to_s().ok_or(SealError::Unrepresentable)?;
        if !self.open.is_empty() {
            self.spend(text.len())?;
        }
        Ok(Value::from(text))
    }

    /// A part of what is shown as text, without links.
    fn part(&mut self, part: &'v Value) -> Result<Value> {
        let Value::Link(_) = part else { return Ok(part.clone()) };
        let target = self.links.follow(part).core();
        // Of a collection there is no text.
        let text = target.to_s().ok_or(SealError::Unrepresentable)?;
        self.spend(text.len())?;
        Ok(target.clone())
    }

    fn link(&mut self, label: Label) -> Result<Value> {
        let target = self.links.get(label).ok_or(SealError::Unrepresentable)?;
        if !self.open.insert(label) {
            return Err(SealError::TooDeep);
        }
        let value = self.value(target);
        self.open.remove(&label);
        value
    }

    fn string(&mut self, text: &RubyString) -> Result<RubyString> {
        let length = text.as_bytes().len();
        if length >= SHORT {
            let again = text.shared_address().is_some_and(|address| !self.seen.insert(address));
            if again || !self.open.is_empty() {
                self.spend(length)?;
            }
        }
        if text.as_str().is_some() {
            return Ok(text.clone());
        }
        text.to_utf8().map(|text| RubyString::from(&*text)).ok_or(SealError::Unrepresentable)
    }

    fn array(&mut self, values: impl IntoIterator<Item = &'v Value>) -> Result<Value> {
        self.enter()?;
        let values: Result<Vec<Value>> =
            values.into_iter().map(|value| self.value(value)).collect();
        self.leave();
        values.map(Value::Array)
    }

    fn hash(&mut self, hash: &'v Hash) -> Result<Value> {
        self.enter()?;
        let mut out = Hash::new();
        for (key, value) in hash {
            let key = self.key(key)?;
            out.insert(key, self.value(value)?);
        }
        self.leave();
        Ok(Value::Hash(out))
    }

    /// A key is its `to_s`; of collections that would be their `inspect`, which nobody can read.
    fn key(&mut self, key: &'v Value) -> Result<RubyString> {
        match key.core() {
            Value::String(text) => self.string(text),
            Value::Symbol(symbol) => self.string(symbol.name()),
            Value::Link(label) => {
                let target = self.links.get(*label).ok_or(SealError::Unrepresentable)?;
                if matches!(target, Value::Link(_)) {
                    return Err(SealError::Unrepresentable);
                }
                self.spend(SHORT)?;
                self.key(target)
            }
            other => other.to_s().map(RubyString::from).ok_or(SealError::Unrepresentable),
        }
    }

    fn object(&mut self, object: &'v Object) -> Result<Value> {
        // Rails writes all transitions of the zone, which this crate does not know.
        if object.class.is("ActiveSupport::TimeZone") {
            return Err(SealError::Unrepresentable);
        }
        if let Some(text) = object.text() {
            let address = text.split('/').next().unwrap_or_default();
            return Ok(Value::from(if object.class.is("IPAddr") { address } else { &text }));
        }
        match (object.class.as_str().unwrap_or_default(), &object.body) {
            ("Set", Body::Ivars(_)) => match object.get("@hash").map(Value::core) {
                Some(Value::Hash(hash)) => self.array(hash.iter().map(|(element, _)| element)),
                _ => Err(SealError::Unrepresentable),
            },
            ("ActiveSupport::Duration", Body::Ivars(_)) => {
                self.duration(object.get("@value").ok_or(SealError::Unrepresentable)?)
            }
            (TIME_WITH_ZONE, Body::MarshalDump(_)) => {
                let time = TimeWithZone::of(object, self.links);
                time.map(|time| time.xmlschema(3).into()).ok_or(SealError::Unrepresentable)
            }
            ("OpenStruct", Body::MarshalDump(table)) => {
                self.enter()?;
                let table = self.value(table)?;
                self.leave();
                Ok(Value::Hash([("table", table)].into_iter().collect()))
            }
            // An exception is its message.
            (_, Body::Ivars(fields)) if fields.first().is_some_and(|(name, _)| name.is("mesg")) => {
                self.value(object.get("mesg").unwrap_or(&Value::Nil))
            }
            (_, Body::Ivars(fields) | Body::Struct(fields)) => self.fields(fields),
            (_, Body::Dump(..) | Body::MarshalDump(_) | Body::Data(_)) => {
                Err(SealError::Unrepresentable)
            }
        }
    }

    /// A duration is its whole seconds: `to_i`.
    fn duration(&self, seconds: &'v Value) -> Result<Value> {
        let whole = |text: &str| text.split('.').next().and_then(|text| text.parse().ok());
        let seconds: Option<Integer> = match self.links.follow(seconds).core() {
            Value::Integer(seconds) => Some(seconds.clone()),
            // Beyond 2^53 all are whole, and have more digits than are shown.
            Value::Float(seconds) => match seconds.abs() < 9_007_199_254_740_992.0 {
                true => whole(&seconds.to_string()),
                false => whole(&alloc::format!("{seconds:.0}")),
            },
            Value::BigDecimal(seconds) => seconds.to_plain().and_then(|text| whole(&text)),
            Value::Rational(seconds) => seconds
                .parts()
                .and_then(|(above, below)| above.checked_div(below))
                .map(Integer::from),
            _ => None,
        };
        seconds.map(Value::Integer).ok_or(SealError::Unrepresentable)
    }

    /// `instance_values`: names without the `@`.
    fn fields(&mut self, fields: &'v Fields) -> Result<Value> {
        self.enter()?;
        let mut out = Hash::new();
        for (name, value) in fields {
            let name = name.as_str().ok_or(SealError::Unrepresentable)?;
            let name = String::from(name.strip_prefix('@').unwrap_or(name));
            out.insert(name, self.value(value)?);
        }
        self.leave();
        Ok(Value::Hash(out))
    }

    fn enter(&mut self) -> Result<()> {
        if self.depth >= MAX_DEPTH {
            return Err(SealError::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn spend(&mut self, bytes: usize) -> Result<()> {
        self.budget = self.budget.checked_sub(bytes).ok_or(SealError::Unrepresentable)?;
        Ok(())
    }
}
