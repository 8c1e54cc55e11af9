//! The Ruby-faithful tree in which all serializers meet.
//!
//! It holds what Ruby's own values tell apart and JSON's do not: integers of any size beside
//! floats, strings that are only bytes, symbols, hashes with any key, in order, times, and objects
//! as data. [`Display`](core::fmt::Display) is Ruby's `inspect`, [`Value::as_json`] what Rails makes
//! of one in JSON.

mod accessors;
mod as_json;
mod big_decimal;
mod bridge;
pub(crate) mod calendar;
mod convert;
mod date;
mod deserialize;
mod encoding;
mod float;
mod hash;
mod inspect;
mod integer;
mod ip_address;
mod json_losses;
mod link;
mod object;
mod order;
mod rational;
mod regexp;
mod serialize;
mod set;
mod string;
mod symbol;
mod time;
mod to_s;

use alloc::boxed::Box;
use alloc::vec::Vec;

pub use crate::value::as_json::EXPANSION_LIMIT;
pub use crate::value::big_decimal::{BigDecimal, ParseBigDecimalError};
pub use crate::value::date::{Date, DateTime};
pub use crate::value::encoding::Encoding;
pub use crate::value::hash::{Comparison, Hash};
pub use crate::value::integer::{Integer, ParseIntegerError};
pub use crate::value::json_losses::{Becomes, JsonLoss, JsonLosses, LOSSES_LISTED};
pub use crate::value::link::{Label, Links, Shared};
pub use crate::value::object::{
    Body, Bound, Complex, Decorated, Duration, Fields, Module, ModuleKind, Object, Range,
};
pub use crate::value::rational::Rational;
pub use crate::value::regexp::Regexp;
pub use crate::value::set::Set;
pub use crate::value::string::RubyString;
pub use crate::value::symbol::Symbol;
pub use crate::value::time::{Time, TimeWithZone};

pub(crate) use crate::value::float::{Digits, RubyFloat};
pub(crate) use crate::value::integer::INTEGER_TOKEN;
pub(crate) use crate::value::ip_address::IpAddress;
pub(crate) use crate::value::object::{
    DURATION_PARTS, HASH_WITH_INDIFFERENT_ACCESS, SAFE_BUFFER, TIME_WITH_ZONE,
};
pub(crate) use crate::value::serialize::Plain;

/// A value as Ruby sees it.
///
/// Equality is of what is written: hashes with the same pairs in another order differ, `0.0` and
/// `-0.0` differ, `1` and `1.0` differ, and a NaN equals a NaN. The order of values is total and
/// arbitrary; it only serves to put them in maps.
///
/// What occurs more than once is in the tree once (see [`Label`]), so a tree is no larger than what
/// it was read from. The readers of this crate make none deeper than their limit, so that cloning,
/// comparing, showing and dropping one need little stack. A tree that is built by hand is as deep
/// as its builder likes.
///
/// ```
/// use railjar::value::{Hash, Value};
///
/// let session: Hash = [("user_id", Value::from(42)), ("flash", Value::Nil)].into_iter().collect();
/// let session = Value::Hash(session);
/// assert_eq!(session.get("user_id").and_then(Value::as_i64), Some(42));
/// assert_eq!(session.to_string(), r#"{"user_id"=>42, "flash"=>nil}"#);
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// `nil`.
    #[default]
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// An `Integer` of any size.
    Integer(Integer),
    /// A `Float`, infinities and NaN included.
    Float(f64),
    /// A `String`.
    String(RubyString),
    /// A `Symbol`.
    Symbol(Symbol),
    /// An `Array`.
    Array(Vec<Value>),
    /// A `Hash`.
    Hash(Hash),
    /// A `Time`.
    Time(Box<Time>),
    /// An `ActiveSupport::TimeWithZone`.
    TimeWithZone(Box<TimeWithZone>),
    /// A `Date` that is no `DateTime`.
    Date(Date),
    /// A `DateTime`.
    DateTime(Box<DateTime>),
    /// A `BigDecimal`.
    BigDecimal(Box<BigDecimal>),
    /// A `Rational`.
    Rational(Box<Rational>),
    /// A `Complex`.
    Complex(Box<Complex>),
    /// A `Range`.
    Range(Box<Range>),
    /// A `Regexp`.
    Regexp(Box<Regexp>),
    /// A `Set`.
    Set(Box<Set>),
    /// A class or a module.
    Module(Box<Module>),
    /// An `ActiveSupport::Duration`.
    Duration(Box<Duration>),
    /// A `Pathname`, by its path.
    Pathname(RubyString),
    /// A `URI`, by its text, as MessagePack has it. Marshal dumps one as an [`Object`] with a dozen
    /// instance variables.
    Uri(RubyString),
    /// An `IPAddr`, by its text (`10.0.0.0/8`), as MessagePack has it. Marshal dumps an [`Object`].
    IpAddr(RubyString),
    /// An `ActiveSupport::TimeZone`, by its name, as MessagePack has it. Marshal dumps an
    /// [`Object`].
    TimeZone(RubyString),
    /// Any other object.
    Object(Box<Object>),
    /// A value of a core class with a subclass's name, instance variables or modules.
    Decorated(Box<Decorated>),
    /// A value that occurs elsewhere too, as a [`Link`](Self::Link).
    Shared(Box<Shared>),
    /// The value that is [`Shared`](Self::Shared) with this label, once more.
    Link(Label),
}
