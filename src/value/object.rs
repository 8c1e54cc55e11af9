//! Objects as data: what they hold, and nothing of what they do.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::value::{RubyString, Symbol, Value};

/// An object of a class that has no variant of its own in [`Value`], in the form in which it was
/// dumped.
///
/// ```
/// use railjar::value::{Object, Value};
///
/// let user = Object::new("User", [("@id", Value::from(42)), ("@name", Value::from("Ann"))]);
/// assert_eq!(user.get("@id").and_then(Value::as_i64), Some(42));
/// assert_eq!(Value::from(user).to_string(), r#"#<User @id=42, @name="Ann">"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// The name of its class: `ActionDispatch::Flash::FlashHash`.
    pub class: Symbol,
    /// What it holds.
    pub body: Body,
}

/// Names and values in order: instance variables (with their `@`), or the members of a struct.
pub type Fields = Vec<(Symbol, Value)>;

/// What an object holds, by the way in which Ruby dumps it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Body {
    /// Its instance variables.
    Ivars(Fields),
    /// The members of a `Struct` or `Data`.
    Struct(Fields),
    /// What its `_dump` gave: a string, and that string's instance variables.
    Dump(RubyString, Fields),
    /// What its `marshal_dump` gave.
    MarshalDump(Value),
    /// What its `_dump_data` gave, for the objects of extensions in C.
    Data(Value),
}

impl Object {
    /// An object that holds instance variables, each with its `@`.
    pub fn new<K: Into<Symbol>, V: Into<Value>>(
        class: impl Into<Symbol>,
        ivars: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let ivars = ivars.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { class: class.into(), body: Body::Ivars(ivars.collect()) }
    }

    /// An object that `marshal_dump` turned into `value`.
    pub fn marshal_dumped(class: impl Into<Symbol>, value: impl Into<Value>) -> Self {
        Self { class: class.into(), body: Body::MarshalDump(value.into()) }
    }

    /// Its instance variables, or its members.
    #[must_use]
    pub fn fields(&self) -> &[(Symbol, Value)] {
        match &self.body {
            Body::Ivars(fields) | Body::Struct(fields) | Body::Dump(_, fields) => fields,
            Body::MarshalDump(_) | Body::Data(_) => &[],
        }
    }

    /// One of them by its name, with the `@`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields().iter().find(|(known, _)| known.is(name)).map(|(_, value)| value)
    }
}

/// A value of a core class together with what Ruby can attach to one: the name of a subclass,
/// instance variables, modules.
///
/// A `HashWithIndifferentAccess` is a hash with that class, a `SafeBuffer` a string. The accessors
/// of [`Value`] (`as_str`, `as_hash`, `get`) look at the value inside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decorated {
    /// The modules that it was extended with (`extend`), the last one first.
    pub extended: Vec<Symbol>,
    /// Its class, if that is a subclass of the value's own.
    pub class: Option<Symbol>,
    /// Its instance variables.
    pub ivars: Fields,
    /// The value.
    pub value: Value,
}

/// The class of times in a zone.
pub(crate) const TIME_WITH_ZONE: &str = "ActiveSupport::TimeWithZone";
/// The class of hashes whose keys may be given as strings or symbols; they are strings.
pub(crate) const HASH_WITH_INDIFFERENT_ACCESS: &str = "ActiveSupport::HashWithIndifferentAccess";
/// The class of strings that are HTML already.
pub(crate) const SAFE_BUFFER: &str = "ActiveSupport::SafeBuffer";

impl Decorated {
    /// A value of a subclass.
    #[must_use]
    pub fn of_class(class: impl Into<Symbol>, value: impl Into<Value>) -> Self {
        let (class, value) = (Some(class.into()), value.into());
        Self { extended: Vec::new(), class, ivars: Vec::new(), value }
    }

    /// An `ActiveSupport::HashWithIndifferentAccess`.
    #[must_use]
    pub fn indifferent(hash: impl Into<Value>) -> Self {
        Self::of_class(HASH_WITH_INDIFFERENT_ACCESS, hash)
    }

    /// An `ActiveSupport::SafeBuffer`.
    #[must_use]
    pub fn html_safe(text: impl Into<Value>) -> Self {
        Self::of_class(SAFE_BUFFER, text)
    }

    /// Whether that is its class.
    #[must_use]
    pub fn is_a(&self, class: &str) -> bool {
        self.class.as_ref().is_some_and(|known| known.is(class))
    }
}

/// A Ruby `Range`; `nil` for an end that is open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// Where it begins.
    pub begin: Value,
    /// Where it ends.
    pub end: Value,
    /// Whether its end belongs to it.
    pub bound: Bound,
}

/// Whether the end of a range belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    /// `1..10`.
    Inclusive,
    /// `1...10`.
    Exclusive,
}

/// A Ruby `Complex`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complex {
    /// The real part: an integer, a float, a decimal or a fraction.
    pub real: Value,
    /// The imaginary part, one of the same.
    pub imaginary: Value,
}

/// A class or a module, by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Module {
    /// Which of them.
    pub kind: ModuleKind,
    /// Its full name.
    pub name: RubyString,
}

/// Whether a [`Module`] is a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ModuleKind {
    /// A class.
    Class,
    /// A module that is no class.
    Module,
    /// One or the other, as Ruby before 1.8 dumped them.
    ClassOrModule,
}

/// The units of a duration, the longest first (`ActiveSupport::Duration::PARTS`).
pub(crate) const DURATION_PARTS: [&str; 7] =
    ["years", "months", "weeks", "days", "hours", "minutes", "seconds"];

/// An `ActiveSupport::Duration`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration {
    /// Its length in seconds, with months and years at their average.
    pub value: Value,
    /// How many of each unit, by name (`:hours`), in the order in which it holds them.
    pub parts: Fields,
}

/// Each of them in its variant of [`Value`], which boxes it.
macro_rules! boxed {
    ($($type:ident),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$type(Box::new(value))
            }
        })*
    };
}

boxed!(Object, Decorated, Range, Complex, Module, Duration);
