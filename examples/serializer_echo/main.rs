//! The other side of `tests/live/marshal.rb`, `json.rb` and `message_pack.rb`: reads serialized
//! values and writes them again, or makes random values. One value in hex a line; out comes the
//! value as it is written again, a tab, and its `inspect`.
//!
//! ```sh
//! cargo run --example serializer_echo marshal < dumps.hex          # what Ruby dumped
//! cargo run --example serializer_echo message_pack 1000 42         # random values from seed 42
//! cargo run --example serializer_echo marshal_to_json < dumps.hex  # as Rails' to_json has them
//! cargo run --example serializer_echo message_pack_to_marshal < dumps.hex
//! ```

mod random;

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, Write as _};

use railjar::serializer::json::{self, Text};
use railjar::serializer::message_pack::{self, Extensions};
use railjar::serializer::{Limits, marshal};
use railjar::value::Value;

use self::random::Random;

/// Of the Rails that it is compared with: 7.2, or 6.1, whose JSON is the same.
const TEXT: Text = Text::ACTIVE_SUPPORT;
const EXTENSIONS: Extensions = Extensions::V7_2;

#[derive(Clone, Copy)]
enum Format {
    Marshal,
    MessagePack,
    Json,
    /// Reads the one and writes the other.
    MarshalToJson,
    MessagePackToMarshal,
}

impl Format {
    fn named(name: &str) -> Result<Self, Box<dyn Error>> {
        Ok(match name {
            "marshal" => Self::Marshal,
            "message_pack" => Self::MessagePack,
            "json" => Self::Json,
            "marshal_to_json" => Self::MarshalToJson,
            "message_pack_to_marshal" => Self::MessagePackToMarshal,
            _ => return Err("marshal, message_pack, json, or one _to_ another?".into()),
        })
    }

    fn read(self, bytes: &[u8]) -> Result<Value, Box<dyn Error>> {
        Ok(match self {
            Self::Marshal => marshal::read(bytes, &Limits::default())?,
            Self::MarshalToJson => marshal::read(bytes, &Limits::default())?.as_json()?,
            Self::MessagePack | Self::MessagePackToMarshal => {
                message_pack::read(bytes, &EXTENSIONS, &message_pack::LIMITS)?
            }
            Self::Json => json::from_slice(bytes)?,
        })
    }

    fn write(self, value: &Value) -> Result<Vec<u8>, Box<dyn Error>> {
        Ok(match self {
            Self::Marshal | Self::MessagePackToMarshal => marshal::to_vec(value)?,
            Self::MessagePack => message_pack::to_vec(value, &EXTENSIONS)?,
            Self::Json | Self::MarshalToJson => json::to_vec(value, &TEXT)?,
        })
    }

    fn random(self, random: &mut Random) -> Value {
        match self {
            Self::Marshal | Self::MarshalToJson => random.for_marshal(),
            Self::MessagePack | Self::MessagePackToMarshal => random.for_message_pack(),
            Self::Json => random.for_json(),
        }
    }

    /// The value in one line, whatever an exception's message holds.
    fn line(self, value: &Value) -> Result<String, Box<dyn Error>> {
        let shown = value.to_string().replace('\n', "\\n");
        Ok(format!("{}\t{shown}", hex(&self.write(value)?)))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (format, rest) = arguments.split_first().ok_or("which format?")?;
    let format = Format::named(format)?;
    if let [count, seed] = rest {
        let mut random = Random::new(seed.parse()?);
        for _ in 0..count.parse()? {
            // Shown as it is read back, without what the format cannot say.
            let written = format.write(&format.random(&mut random))?;
            writeln!(out, "{}", format.line(&format.read(&written)?)?)?;
        }
        return Ok(());
    }
    for line in io::stdin().lock().lines() {
        let bytes = unhex(&line?).ok_or("not hex")?;
        match format.read(&bytes).and_then(|value| format.line(&value)) {
            Ok(line) => writeln!(out, "{line}")?,
            Err(error) => writeln!(out, "error: {error}\t")?,
        }
    }
    Ok(())
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
