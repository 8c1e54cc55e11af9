//! Ruby's `inspect`, as Ruby 3.3 writes it.

mod strings;

use alloc::collections::BTreeSet;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt::{self, Debug, Display, Formatter, Write as _};
use core::iter;

pub(in crate::value) use crate::value::inspect::strings::is_printable;
use crate::value::to_s::complex;
use crate::value::{
    Body, Bound, DURATION_PARTS, Duration, Encoding, Hash, IpAddress, Label, Links, Object, Range,
    RubyFloat, Symbol, Value,
};

/// How many links one `inspect` follows; it shows `...` for the others.
const MOST_LINKS: usize = 1000;

/// Shared values are shown in full wherever they are linked, as Ruby shows them, but at most 1000
/// times, and inside themselves as `[...]`. Objects are shown without their address.
impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let links = if self.is_scalar() { Links::default() } else { Links::of(self) };
        Inspect { links, open: BTreeSet::new(), budget: MOST_LINKS }.value(f, self)
    }
}

impl Debug for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

struct Inspect<'v> {
    links: Links<'v>,
    open: BTreeSet<Label>,
    budget: usize,
}

impl<'v> Inspect<'v> {
    fn value(&mut self, f: &mut Formatter<'_>, value: &'v Value) -> fmt::Result {
        match value {
            Value::Nil => f.write_str("nil"),
            Value::Bool(value) => Display::fmt(value, f),
            Value::Integer(value) => Display::fmt(value, f),
            Value::Float(value) => Display::fmt(&RubyFloat(*value), f),
            Value::String(value) => Display::fmt(value, f),
            Value::Symbol(value) => Display::fmt(value, f),
            Value::Array(values) => self.list(f, "[", values, "]"),
            Value::Hash(hash) => self.hash(f, hash),
            Value::Time(value) => Display::fmt(value, f),
            Value::TimeWithZone(value) => Display::fmt(value, f),
            Value::Date(value) => Display::fmt(value, f),
            Value::DateTime(value) => Display::fmt(value, f),
            Value::BigDecimal(value) => Display::fmt(value, f),
            Value::Rational(value) => Display::fmt(value, f),
            Value::Complex(number) => {
                let part = |part| self.links.follow(part).to_string();
                write!(f, "({})", complex(&part(&number.real), &part(&number.imaginary)))
            }
            Value::Range(range) => self.range(f, range),
            Value::Regexp(value) => Display::fmt(value, f),
            Value::Set(set) => self.list(f, "#<Set: {", set.iter(), "}>"),
            Value::Module(module) => f.write_str(&module.name.to_utf8().unwrap_or_default()),
            Value::Duration(duration) => {
                let Duration { value, parts } = &**duration;
                let parts = parts.iter().map(|(unit, amount)| (unit.as_str(), amount));
                self.duration(f, value, &parts.collect::<Vec<_>>())
            }
            Value::Pathname(path) => match path.to_utf8() {
                Some(text) if text.is_ascii() || path.encoding() != Encoding::BINARY => {
                    write!(f, "#<Pathname:{text}>")
                }
                // Bytes, as MessagePack gives them, are escaped.
                _ => {
                    let quoted = path.to_string();
                    let text = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                    write!(f, "#<Pathname:{}>", text.unwrap_or_default())
                }
            },
            Value::Uri(text) => write!(f, "#<URI {}>", text.to_utf8().unwrap_or_default()),
            Value::IpAddr(text) => match text.as_str().and_then(IpAddress::parse) {
                Some(address) => f.write_str(&address.inspect()),
                None => write!(f, "#<IPAddr: {}>", text.to_utf8().unwrap_or_default()),
            },
            Value::TimeZone(name) => write!(f, "#<ActiveSupport::TimeZone @name={name}>"),
            Value::Object(object) => self.object(f, object),
            Value::Decorated(decorated) => self.value(f, &decorated.value),
            Value::Shared(shared) => self.shared(f, shared.label, &shared.value),
            Value::Link(label) => self.link(f, *label),
        }
    }

    fn link(&mut self, f: &mut Formatter<'_>, label: Label) -> fmt::Result {
        match self.links.get(label) {
            Some(target) if self.open.contains(&label) => f.write_str(match target.core() {
                Value::Array(_) => "[...]",
                Value::Hash(_) => "{...}",
                _ => "#<...>",
            }),
            Some(target) if self.budget > 0 => {
                self.budget = self.budget.saturating_sub(1);
                self.shared(f, label, target)
            }
            _ => f.write_str("..."),
        }
    }

    fn shared(&mut self, f: &mut Formatter<'_>, label: Label, value: &'v Value) -> fmt::Result {
        let new = self.open.insert(label);
        self.value(f, value)?;
        if new {
            self.open.remove(&label);
        }
        Ok(())
    }

    fn list(
        &mut self,
        f: &mut Formatter<'_>,
        open: &str,
        values: impl IntoIterator<Item = &'v Value>,
        close: &str,
    ) -> fmt::Result {
        f.write_str(open)?;
        for (position, value) in values.into_iter().enumerate() {
            separate(f, position)?;
            self.value(f, value)?;
        }
        f.write_str(close)
    }

    fn hash(&mut self, f: &mut Formatter<'_>, hash: &'v Hash) -> fmt::Result {
        f.write_char('{')?;
        for (position, (key, value)) in hash.iter().enumerate() {
            separate(f, position)?;
            self.value(f, key)?;
            f.write_str("=>")?;
            self.value(f, value)?;
        }
        f.write_char('}')
    }

    fn range(&mut self, f: &mut Formatter<'_>, range: &'v Range) -> fmt::Result {
        let Range { begin, end, bound } = range;
        // An end that is open is not shown, unless both are.
        if !begin.is_nil() || end.is_nil() {
            self.value(f, begin)?;
        }
        f.write_str(if *bound == Bound::Exclusive { "..." } else { ".." })?;
        if !end.is_nil() || begin.is_nil() {
            self.value(f, end)?;
        }
        Ok(())
    }

    fn object(&mut self, f: &mut Formatter<'_>, object: &'v Object) -> fmt::Result {
        if let Some(shown) = self.known(f, object) {
            return shown;
        }
        let class = object.class.name().to_utf8().unwrap_or_default();
        match &object.body {
            Body::Struct(members) => {
                write!(f, "#<struct {class}")?;
                self.fields(f, members)?;
                f.write_char('>')
            }
            Body::Ivars(fields) => match fields.first() {
                Some((name, message)) if name.is("mesg") => {
                    let message = message.to_s().unwrap_or_default();
                    write!(f, "#<{class}: {message}>")
                }
                _ => {
                    write!(f, "#<{class}")?;
                    self.fields(f, fields)?;
                    f.write_char('>')
                }
            },
            Body::Dump(dumped, _) => write!(f, "#<{class} dumped {dumped}>"),
            Body::MarshalDump(value) | Body::Data(value) => {
                write!(f, "#<{class} dumped ")?;
                self.value(f, value)?;
                f.write_char('>')
            }
        }
    }

    /// Objects whose class has an `inspect` of its own.
    fn known(&mut self, f: &mut Formatter<'_>, object: &'v Object) -> Option<fmt::Result> {
        match object.class.as_str()? {
            "IPAddr" => Some(f.write_str(&IpAddress::of(object)?.inspect())),
            class if class.starts_with("URI::") => {
                let text = object.text()?;
                Some(write!(f, "#<{class} {text}>"))
            }
            "ActiveSupport::Duration" => {
                let parts = object.get("@parts")?.as_hash()?.iter();
                let parts =
                    parts.map(|(unit, amount)| (unit.as_symbol().and_then(Symbol::as_str), amount));
                Some(self.duration(f, object.get("@value")?, &parts.collect::<Vec<_>>()))
            }
            _ => None,
        }
    }

    fn fields(&mut self, f: &mut Formatter<'_>, fields: &'v [(Symbol, Value)]) -> fmt::Result {
        for (position, (name, value)) in fields.iter().enumerate() {
            f.write_str(if position == 0 { " " } else { ", " })?;
            write!(f, "{}=", name.name().to_utf8().unwrap_or_default())?;
            self.value(f, value)?;
        }
        Ok(())
    }

    /// `2 hours and 5 minutes`.
    fn duration(
        &mut self,
        f: &mut Formatter<'_>,
        value: &'v Value,
        parts: &[(Option<&'v str>, &'v Value)],
    ) -> fmt::Result {
        let count = parts.len();
        if count == 0 {
            self.value(f, value)?;
            return f.write_str(" seconds");
        }
        let place = |unit| DURATION_PARTS.iter().position(|known| unit == Some(*known));
        let places = iter::once(None).chain((0..DURATION_PARTS.len()).map(Some));
        let parts = places.flat_map(|at| parts.iter().filter(move |(unit, _)| place(*unit) == at));
        for (position, (unit, amount)) in parts.enumerate() {
            if position > 0 {
                let last = position.saturating_add(1) == count;
                f.write_str(match (last, count) {
                    (true, 2) => " and ",
                    (true, _) => ", and ",
                    (false, _) => ", ",
                })?;
            }
            let unit = unit.unwrap_or_default();
            let one = match self.links.follow(amount).core() {
                Value::Float(amount) => amount.to_bits() == 1.0_f64.to_bits(),
                amount => amount.as_i64() == Some(1),
            };
            let unit = if one { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
            self.value(f, amount)?;
            write!(f, " {unit}")?;
        }
        Ok(())
    }
}

fn separate(f: &mut Formatter<'_>, position: usize) -> fmt::Result {
    if position == 0 { Ok(()) } else { f.write_str(", ") }
}

impl Display for Hash {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Inspect { links: Links::default(), open: BTreeSet::new(), budget: 0 }.hash(f, self)
    }
}

#[cfg(test)]
mod tests;
