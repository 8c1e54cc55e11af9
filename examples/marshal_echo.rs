//! The other side of `tests/live/marshal.rb`: reads dumps and writes them again, or makes random
//! values. One dump in hex a line; out comes the dump, a tab, and the value's `inspect`.
//!
//! ```sh
//! cargo run --example marshal_echo < dumps.hex     # what Ruby dumped
//! cargo run --example marshal_echo 1000 42         # a thousand random values from seed 42
//! ```

#![allow(clippy::indexing_slicing, reason = "the indices are drawn within the arrays")]

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, Write as _};

use railjar::serializer::marshal::{self, Limits};
use railjar::value::{
    BigDecimal, Bound, Complex, Date, DateTime, Decorated, Encoding, Hash, Integer, Label, Range,
    Rational, Regexp, RubyString, Set, Shared, Symbol, Time, Value,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [count, seed] = arguments.as_slice() {
        let mut random = Random(seed.parse::<u64>()? | 1);
        for _ in 0..count.parse()? {
            let mut labels = 0;
            let value = random.value(4, &mut labels);
            writeln!(out, "{}", line(&value)?)?;
        }
        return Ok(());
    }
    let limits = Limits::default();
    for line in io::stdin().lock().lines() {
        let dump = unhex(&line?).ok_or("not hex")?;
        match marshal::read(&dump, &limits) {
            Ok(value) => writeln!(out, "{}", self::line(&value)?)?,
            Err(error) => writeln!(out, "error: {error}\t")?,
        }
    }
    Ok(())
}

/// In one line, whatever an exception's message holds.
fn line(value: &Value) -> Result<String, Box<dyn Error>> {
    let shown = value.to_string().replace('\n', "\\n");
    Ok(format!("{}\t{shown}", hex(&marshal::to_vec(value)?)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2).map(std::str::from_utf8);
    pairs.map(|pair| u8::from_str_radix(pair.ok()?, 16).ok()).collect()
}

/// Marsaglia's xorshift: random enough, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    fn signed(&mut self, bits: u64) -> i64 {
        let shift = 63_u64.saturating_sub(self.below(bits));
        self.next().cast_signed() >> shift
    }

    fn text(&mut self) -> String {
        const CHARS: [&str; 14] =
            ["a", "b", "Z", "0", "_", " ", "\"", "\\", "#{", "\n", "\0", "é", "😀", "あ"];
        (0..self.below(6)).map(|_| CHARS[usize::try_from(self.below(14)).unwrap_or(0)]).collect()
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

    fn scalar(&mut self) -> Value {
        match self.below(12) {
            0 => Value::Nil,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::from(self.signed(64)),
            3 => Value::Integer(Integer::from(i128::from(self.signed(64)) << self.below(60))),
            4 => Value::Float(f64::from_bits(self.next())),
            5 => {
                let steps = i32::try_from(self.signed(20)).unwrap_or(0);
                Value::Float(f64::from(steps) / 8.0)
            }
            6 => Value::from(Symbol::from(self.text())),
            7 => self.date_or_time(),
            8 => {
                let number = format!("{}.{}", self.signed(50), self.below(1_000_000));
                Value::from(number.parse::<BigDecimal>().unwrap_or_else(|_| unreachable!()))
            }
            9 => {
                // Ruby reduces what it loads.
                let denominator = [3_i64, 7, 11][usize::try_from(self.below(3)).unwrap_or(0)];
                let numerator = self.signed(40).saturating_mul(231).saturating_add(1);
                Rational::new(numerator, denominator).map_or(Value::Nil, Value::from)
            }
            _ => Value::String(self.string()),
        }
    }

    fn date_or_time(&mut self) -> Value {
        let seconds = self.signed(38);
        let nanoseconds = u32::try_from(self.below(1_000_000_000)).unwrap_or(0);
        let offset = i32::try_from(self.signed(10)).unwrap_or(0).saturating_mul(60);
        let offset = offset.clamp(-43_200, 43_200);
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

    fn list(&mut self, depth: u64, labels: &mut u32) -> Vec<Value> {
        (0..self.below(5)).map(|_| self.value(depth, labels)).collect()
    }

    fn value(&mut self, depth: u64, labels: &mut u32) -> Value {
        let Some(inner) = depth.checked_sub(1) else {
            return self.scalar();
        };
        match self.below(14) {
            0 | 1 => Value::Array(self.list(inner, labels)),
            2 | 3 => {
                let mut hash = Hash::new();
                for value in self.list(inner, labels) {
                    hash.insert(self.string(), value);
                }
                if self.below(5) == 0 {
                    hash.set_default(self.scalar());
                }
                Value::Hash(hash)
            }
            4 => Value::from(Range {
                begin: Value::from(self.signed(20)),
                end: Value::from(self.signed(20)),
                bound: if self.below(2) == 0 { Bound::Inclusive } else { Bound::Exclusive },
            }),
            5 => (0..self.below(4)).map(|_| self.signed(8)).collect::<Set>().into(),
            6 => Value::from(Regexp {
                source: RubyString::new(b"a.b+", Encoding::US_ASCII),
                options: u8::try_from(self.below(8)).unwrap_or(0),
            }),
            7 => Value::from(Complex {
                real: Value::from(self.signed(30)),
                imaginary: Value::from(self.signed(30)),
            }),
            8 => Value::from(Decorated::html_safe(self.text())),
            9 => {
                let hash: Hash =
                    (0..self.below(4)).map(|at| (format!("k{at}"), self.scalar())).collect();
                Value::from(Decorated::indifferent(hash))
            }
            10 => {
                let text = Value::String(self.string());
                Value::Array(vec![text.clone(), text, Value::Float(0.5), Value::Float(0.5)])
            }
            11 => {
                let label = Label(*labels);
                *labels = labels.saturating_add(1);
                let value = Value::Array(self.list(inner, labels));
                let shared = Value::from(Shared { label, value });
                Value::Array(vec![shared, Value::Link(label), Value::Link(label)])
            }
            _ => self.scalar(),
        }
    }
}
