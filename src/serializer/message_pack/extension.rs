//! The extension types of `active_support/message_pack/extensions.rb`, and in which they differ
//! from version to version.

/// An extension type, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Symbol = 0,
    Integer = 1,
    BigDecimal = 2,
    Rational = 3,
    Complex = 4,
    DateTime = 5,
    Date = 6,
    Time = 7,
    TimeWithZone = 8,
    TimeZone = 9,
    Duration = 10,
    Range = 11,
    Set = 12,
    Uri = 13,
    IpAddr = 14,
    Pathname = 15,
    Regexp = 16,
    HashWithIndifferentAccess = 17,
    SafeBuffer = 18,
}

/// By number, with what an error calls each. 127, with which Rails refuses to write what has no
/// type, is none of them.
const KINDS: [(Kind, &str); 19] = [
    (Kind::Symbol, "a Symbol"),
    (Kind::Integer, "an Integer"),
    (Kind::BigDecimal, "a BigDecimal"),
    (Kind::Rational, "a Rational"),
    (Kind::Complex, "a Complex"),
    (Kind::DateTime, "a DateTime"),
    (Kind::Date, "a Date"),
    (Kind::Time, "a Time"),
    (Kind::TimeWithZone, "a TimeWithZone"),
    (Kind::TimeZone, "a TimeZone"),
    (Kind::Duration, "a Duration"),
    (Kind::Range, "a Range"),
    (Kind::Set, "a Set"),
    (Kind::Uri, "a URI"),
    (Kind::IpAddr, "an IPAddr"),
    (Kind::Pathname, "a Pathname"),
    (Kind::Regexp, "a Regexp"),
    (Kind::HashWithIndifferentAccess, "a HashWithIndifferentAccess"),
    (Kind::SafeBuffer, "a SafeBuffer"),
];

impl Kind {
    pub(super) fn from_number(number: u8) -> Option<Self> {
        KINDS.get(usize::from(number)).map(|(kind, _)| *kind)
    }

    pub(super) fn number(self) -> u8 {
        self as u8
    }

    /// What an error calls it.
    pub(super) fn part(self) -> &'static str {
        KINDS.get(usize::from(self.number())).map_or("", |(_, part)| part)
    }
}

/// In which the versions of `ActiveSupport::MessagePack` differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extensions {
    pub(crate) ip_address: IpAddress,
    pub(crate) safe_buffer: SafeBuffer,
}

/// How type 14 holds an `IPAddr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IpAddress {
    /// 7.1: as text, the prefix lost.
    Text,
    /// From 7.2: as a string of MessagePack, with the prefix where there is one.
    String,
}

/// How type 18 holds a `SafeBuffer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SafeBuffer {
    /// Up to 8.0: not at all.
    None,
    /// 8.1: as text, the encoding lost.
    Text,
    /// From 8.2: as a string of MessagePack.
    String,
}

impl Extensions {
    /// Those of Rails 7.1.
    pub const V7_1: Self = Self { ip_address: IpAddress::Text, safe_buffer: SafeBuffer::None };
    /// Those of Rails 7.2 and 8.0.
    pub const V7_2: Self = Self { ip_address: IpAddress::String, ..Self::V7_1 };
    /// Those of Rails 8.1.
    pub const V8_1: Self = Self { safe_buffer: SafeBuffer::Text, ..Self::V7_2 };
    /// Those of Rails after 8.1.
    pub const V8_2: Self = Self { safe_buffer: SafeBuffer::String, ..Self::V8_1 };

    /// Whether this version has the type.
    pub(super) fn have(&self, kind: Kind) -> bool {
        kind != Kind::SafeBuffer || self.safe_buffer != SafeBuffer::None
    }
}

/// The newest.
impl Default for Extensions {
    fn default() -> Self {
        Self::V8_2
    }
}
