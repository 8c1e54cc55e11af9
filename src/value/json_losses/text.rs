//! The texts of losses: where something stands, what it is, and what it becomes.

use alloc::string::{String, ToString as _};
use core::fmt::{self, Display, Formatter, Write as _};

use super::{Becomes, JsonLoss};
use crate::value::{ModuleKind, Symbol, Value};

/// As many characters of a key, a class or a text are shown.
const SHOWN: usize = 60;

/// A level of a path.
#[derive(Clone, Copy)]
pub(super) enum Step<'v> {
    Index(usize),
    Key(&'v Value),
    Name(&'v str),
}

pub(super) fn path(steps: &[Step<'_>]) -> String {
    let mut path = String::from("$");
    for step in steps {
        let name = match step {
            Step::Index(at) => {
                path.push_str(&alloc::format!("[{at}]"));
                continue;
            }
            Step::Name(name) => Some(*name),
            Step::Key(key) => match key.core() {
                Value::Symbol(symbol) => symbol.as_str(),
                core => core.as_str(),
            },
        };
        match (name, step) {
            (Some(name), _) if is_bare(name) => {
                path.push('.');
                path.push_str(name);
            }
            (Some(name), _) => path.push_str(&alloc::format!("[{}]", short(&Value::from(name)))),
            (None, Step::Key(key)) => path.push_str(&alloc::format!("[{}]", short(key.core()))),
            (None, _) => path.push_str("[…]"),
        }
    }
    path
}

/// Whether a name stands in a path without quotes.
fn is_bare(name: &str) -> bool {
    let known = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '?' | '!');
    (1..=SHOWN).contains(&name.len()) && name.chars().all(known)
}

/// Ruby's notation for a value, cut short. Of what has parts only that there are some.
pub(super) fn short(value: &Value) -> String {
    match value {
        Value::Array(_) => "[…]".into(),
        Value::Hash(hash) if !hash.is_empty() => "{…}".into(),
        value if value.is_scalar() || value.as_hash().is_some() => cut(value),
        value => class_of(value),
    }
}

/// Its text, no more of it than is shown.
fn cut(text: &impl Display) -> String {
    let mut cut = Cut { text: String::new(), left: SHOWN };
    // It fails where the text is too long.
    match write!(cut, "{text}") {
        Ok(()) => cut.text,
        Err(_) => [cut.text.as_str(), "…"].concat(),
    }
}

struct Cut {
    text: String,
    left: usize,
}

impl fmt::Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(char);
        }
        Ok(())
    }
}

/// A class's name. Only a forged one needs Ruby's notation for odd symbols.
pub(super) fn class_name(class: &Symbol) -> String {
    let known = |char: char| char.is_alphanumeric() || matches!(char, '_' | ':');
    match class.as_str().filter(|name| name.chars().take(SHOWN).all(known)) {
        Some(name) => cut(&name),
        None => cut(class),
    }
}

/// The name of a value's class.
pub(super) fn class_of(value: &Value) -> String {
    let name = match value {
        Value::Nil => "nil",
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Integer(_) => "Integer",
        // NaN and the infinities by their own names.
        Value::Float(float) if float.is_finite() => "Float",
        Value::Float(_) => return value.to_string(),
        Value::String(_) => "String",
        Value::Symbol(_) => "Symbol",
        Value::Array(_) => "Array",
        Value::Hash(_) => "Hash",
        Value::Time(_) => "Time",
        Value::TimeWithZone(_) => "ActiveSupport::TimeWithZone",
        Value::Date(_) => "Date",
        Value::DateTime(_) => "DateTime",
        Value::BigDecimal(_) => "BigDecimal",
        Value::Rational(_) => "Rational",
        Value::Complex(_) => "Complex",
        Value::Range(_) => "Range",
        Value::Regexp(_) => "Regexp",
        Value::Set(_) => "Set",
        Value::Module(module) => match module.kind {
            ModuleKind::Module => "Module",
            ModuleKind::Class | ModuleKind::ClassOrModule => "Class",
        },
        Value::Duration(_) => "ActiveSupport::Duration",
        Value::Pathname(_) => "Pathname",
        Value::Uri(_) => "URI",
        Value::IpAddr(_) => "IPAddr",
        Value::TimeZone(_) => "ActiveSupport::TimeZone",
        Value::Object(object) => return class_name(&object.class),
        Value::Decorated(decorated) => match &decorated.class {
            Some(class) => return class_name(class),
            None => return class_of(&decorated.value),
        },
        Value::Shared(shared) => return class_of(&shared.value),
        Value::Link(_) => "an object",
    };
    name.into()
}

impl Display for JsonLoss {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.path, self.what, self.becomes)
    }
}

impl Becomes {
    /// `"scalar"`, `"utf8"`, `"plain"`, `"array"`, `"hash"`, `"copy"`, `"nothing"`,
    /// `"another"` or `"impossible"`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Scalar(_) => "scalar",
            Self::Utf8 => "utf8",
            Self::Plain(_) => "plain",
            Self::Array => "array",
            Self::Hash => "hash",
            Self::Copy => "copy",
            Self::Nothing => "nothing",
            Self::Another => "another",
            Self::Impossible => "impossible",
        }
    }
}

/// What happens, as a verb: `becomes nil`, `is left out`.
impl Display for Becomes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(text @ Value::String(_)) => write!(f, "becomes the text {}", cut(text)),
            Self::Scalar(value) => write!(f, "becomes {}", cut(value)),
            Self::Utf8 => f.write_str("becomes UTF-8"),
            Self::Plain(class) => write!(f, "becomes a plain {class}"),
            Self::Array => f.write_str("becomes an array"),
            Self::Hash => f.write_str("becomes a hash"),
            Self::Copy => f.write_str("becomes a copy"),
            Self::Nothing => f.write_str("is left out"),
            Self::Another => f.write_str("reads back as another value"),
            Self::Impossible => f.write_str("cannot be written as JSON"),
        }
    }
}
