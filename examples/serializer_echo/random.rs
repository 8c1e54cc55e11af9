//! Random values of all kinds that a format has.

#![allow(clippy::indexing_slicing, reason = "the indices are drawn within the arrays")]

use railjar::value::{
    BigDecimal, Bound, Complex, Date, DateTime, Decorated, Duration, Encoding, Hash, Integer,
    Label, Range, Rational, Regexp, RubyString, Set, Shared, Symbol, Time, TimeWithZone, Value,
};

/// Marsaglia's xorshift: random enough, and the same everywhere.
pub(crate) struct Random {
    state: u64,
    /// How many values of this tree are shared.
    labels: u32,
}

/// A kind of value, of those that are made at a time.
type Make = fn(&mut Random, u64) -> Value;

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed | 1, labels: 0 }
    }

    pub(crate) fn for_marshal(&mut self) -> Value {
        const KINDS: [Make; 9] = [
            Random::range,
            Random::regexp,
            Random::complex,
            Random::integer_set,
            Random::indifferent,
            Random::default_hash,
            Random::twice,
            Random::shared,
            |random, _| Value::from(Decorated::html_safe(random.text())),
        ];
        self.labels = 0;
        self.value(4, &KINDS, Self::scalar)
    }

    pub(crate) fn for_message_pack(&mut self) -> Value {
        const KINDS: [Make; 9] = [
            Random::range,
            Random::complex,
            Random::integer_set,
            Random::indifferent,
            Random::duration,
            Random::time_with_zone,
            Random::embedded_regexp,
            Random::named,
            Random::scalar_keys,
        ];
        self.value(4, &KINDS, Self::scalar)
    }

    pub(crate) fn for_json(&mut self) -> Value {
        self.value(5, &[], Self::json_scalar)
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        let length = u64::try_from(choices.len()).unwrap_or(1);
        choices[usize::try_from(self.below(length)).unwrap_or(0)]
    }

    fn signed(&mut self, bits: u64) -> i64 {
        let shift = 63_u64.saturating_sub(self.below(bits));
        self.next().cast_signed() >> shift
    }

    fn nanoseconds(&mut self) -> u32 {
        u32::try_from(self.below(1_000_000_000)).unwrap_or(0)
    }

    fn text(&mut self) -> String {
        const CHARS: [&str; 21] = [
            "a", "b", "Z", "0", "_", " ", "\"", "\\", "#{", "\n", "\0", "é", "😀", "あ", "<", "&",
            ">", "/", "\u{2028}", "\u{7f}", "\u{1f}",
        ];
        (0..self.below(6)).map(|_| self.one_of(&CHARS)).collect()
    }

    fn string(&mut self) -> RubyString {
        let text = self.text();
        match self.below(5) {
            0 => RubyString::new(text.as_bytes(), Encoding::BINARY),
            1 if text.is_ascii() => RubyString::new(text.as_bytes(), Encoding::US_ASCII),
            2 if text.is_ascii() => RubyString::new(text.as_bytes(), Encoding::ISO_8859_1),
            _ => RubyString::from(text),
        }
    }

    fn value(&mut self, depth: u64, kinds: &[Make], scalar: fn(&mut Self) -> Value) -> Value {
        let Some(inner) = depth.checked_sub(1) else {
            return scalar(self);
        };
        let count = self.below(5);
        match self.below(8) {
            0 | 1 => {
                (0..count).map(|_| self.value(inner, kinds, scalar)).collect::<Vec<_>>().into()
            }
            2 | 3 => {
                let mut hash = Hash::new();
                for _ in 0..count {
                    hash.insert(self.text(), self.value(inner, kinds, scalar));
                }
                Value::Hash(hash)
            }
            4 | 5 if !kinds.is_empty() => self.one_of(kinds)(self, inner),
            _ => scalar(self),
        }
    }

    fn json_scalar(&mut self) -> Value {
        match self.below(6) {
            0 => Value::Nil,
            1 => Value::Bool(self.below(2) == 0),
            2 => self.integer(),
            3 | 4 => self.finite(),
            _ => Value::from(self.text()),
        }
    }

    fn scalar(&mut self) -> Value {
        match self.below(11) {
            0 => Value::Nil,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::from(self.signed(64)),
            3 => self.integer(),
            4 => Value::Float(f64::from_bits(self.next())),
            5 => self.finite(),
            6 => Value::from(Symbol::from(self.text())),
            7 => self.date_or_time(),
            8 => {
                let number = format!("{}.{}", self.signed(50), self.below(1_000_000) | 1);
                Value::from(number.parse::<BigDecimal>().unwrap_or_else(|_| unreachable!()))
            }
            9 => {
                // Ruby reduces what it loads.
                let denominator = self.one_of(&[3_i64, 7, 11]);
                let numerator = self.signed(40).saturating_mul(231).saturating_add(1);
                Rational::new(numerator, denominator).map_or(Value::Nil, Value::from)
            }
            _ => Value::String(self.string()),
        }
    }

    fn integer(&mut self) -> Value {
        Value::Integer(Integer::from(i128::from(self.signed(64)) << self.below(60)))
    }

    fn finite(&mut self) -> Value {
        let float = f64::from_bits(self.next());
        let steps = i32::try_from(self.signed(20)).unwrap_or(0);
        let short = f64::from(steps) / self.one_of(&[1.0, 8.0, 1e3, 1e-13, 1e20]);
        Value::Float(if self.below(2) == 0 && float.is_finite() { float } else { short })
    }

    fn offset(&mut self) -> i32 {
        i32::try_from(self.signed(10)).unwrap_or(0).saturating_mul(60).clamp(-43_200, 43_200)
    }

    fn date_or_time(&mut self) -> Value {
        let (seconds, nanoseconds, offset) = (self.signed(38), self.nanoseconds(), self.offset());
        match self.below(4) {
            0 => Time::utc(seconds, nanoseconds).map_or(Value::Nil, Value::from),
            1 => Time::at(seconds, nanoseconds, offset).map_or(Value::Nil, Value::from),
            2 => Value::from(Date::from_julian_day(2_450_000_i64.saturating_add(self.signed(18)))),
            _ => {
                let day = 2_450_000_i64.saturating_add(self.signed(14));
                let second = u32::try_from(self.below(86_400)).unwrap_or(0);
                let nanoseconds = Rational::from(Integer::from(u64::from(nanoseconds)));
                DateTime::new(day, second, nanoseconds, offset).map_or(Value::Nil, Value::from)
            }
        }
    }

    fn range(&mut self, _depth: u64) -> Value {
        Value::from(Range {
            begin: Value::from(self.signed(20)),
            end: Value::from(self.signed(20)),
            bound: self.one_of(&[Bound::Inclusive, Bound::Exclusive]),
        })
    }

    fn complex(&mut self, _depth: u64) -> Value {
        let (real, imaginary) = (Value::from(self.signed(30)), Value::from(self.signed(30)));
        Value::from(Complex { real, imaginary })
    }

    fn integer_set(&mut self, _depth: u64) -> Value {
        (0..self.below(4)).map(|_| self.signed(8)).collect::<Set>().into()
    }

    fn indifferent(&mut self, _depth: u64) -> Value {
        let hash: Hash = (0..self.below(4)).map(|at| (format!("k{at}"), self.scalar())).collect();
        Value::from(Decorated::indifferent(hash))
    }

    fn regexp(&mut self, _depth: u64) -> Value {
        Value::from(Regexp {
            source: RubyString::new(b"a.b+", Encoding::US_ASCII),
            options: u8::try_from(self.below(8)).unwrap_or(0),
        })
    }

    /// `Regexp#to_s`, as MessagePack has it: written once more, nothing is added.
    fn embedded_regexp(&mut self, _depth: u64) -> Value {
        let source = self.one_of(&["(?-mix:a.b+)", "(?mix:[x])", "(?i-mx:a\\/b)", "(?m-ix:)"]);
        Value::from(Regexp { source: RubyString::from(source), options: 0 })
    }

    fn default_hash(&mut self, _depth: u64) -> Value {
        let mut hash = Hash::new();
        hash.insert(self.string(), self.scalar());
        hash.set_default(self.scalar());
        Value::Hash(hash)
    }

    fn scalar_keys(&mut self, _depth: u64) -> Value {
        let mut hash = Hash::new();
        for at in 0..self.below(4) {
            let key = match self.below(5) {
                0 => Value::from(Symbol::from(self.text())),
                1 => Value::from(self.signed(30)),
                2 => Value::Nil,
                3 => Value::from(vec![Value::from(self.text())]),
                _ => Value::from(format!("{at}")),
            };
            hash.insert(key, self.scalar());
        }
        Value::Hash(hash)
    }

    fn twice(&mut self, _depth: u64) -> Value {
        let text = Value::String(self.string());
        Value::Array(vec![text.clone(), text, Value::Float(0.5), Value::Float(0.5)])
    }

    fn shared(&mut self, _depth: u64) -> Value {
        let label = Label(self.labels);
        self.labels = self.labels.saturating_add(1);
        let value = Value::Array((0..self.below(5)).map(|_| self.scalar()).collect());
        let shared = Value::from(Shared { label, value });
        Value::Array(vec![shared, Value::Link(label), Value::Link(label)])
    }

    fn duration(&mut self, _depth: u64) -> Value {
        let value = Value::from(self.signed(40));
        let units = ["years", "months", "weeks", "days", "hours", "minutes", "seconds"];
        let units = units.into_iter().filter(|_| self.next() & 1 == 0).collect::<Vec<_>>();
        let parts = units.into_iter().map(|unit| (Symbol::from(unit), (self.signed(8) | 1).into()));
        Value::from(Duration { value, parts: parts.collect() })
    }

    fn time_with_zone(&mut self, _depth: u64) -> Value {
        let (seconds, nanoseconds) = (self.signed(32), self.nanoseconds());
        let Some(utc) = Time::utc(seconds, nanoseconds) else { return Value::Nil };
        let zone = self.one_of(&["Tokyo", "UTC", "Hawaii", "Asia/Kathmandu"]);
        Value::from(TimeWithZone { utc, zone: RubyString::from(zone), local: None })
    }

    /// What MessagePack has by a text.
    fn named(&mut self, _depth: u64) -> Value {
        let number = self.below(256);
        match self.below(5) {
            0 => Value::TimeZone(RubyString::from(self.one_of(&["Tokyo", "UTC", "Lima"]))),
            1 => Value::Uri(RubyString::from(format!("https://a.test:{number}/b?c={number}#d"))),
            2 => Value::IpAddr(RubyString::from(format!("{number}.0.0.0/8"))),
            3 => Value::IpAddr(RubyString::from(format!("2001:db8::1:{number:x}"))),
            _ => Value::Pathname(RubyString::from(format!("/a/{number}.é"))),
        }
    }
}
