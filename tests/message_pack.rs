//! `ActiveSupport::MessagePack`, held to what Rails 7.1 to main wrote and refused
//! (`tests/rails-corpus/messagepack.jsonl`), and to its bounds.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a test may"
)]

#[path = "message_pack/corpus.rs"]
mod corpus;
#[path = "message_pack/marshal.rs"]
mod marshal;
#[path = "message_pack/random.rs"]
mod random;
#[path = "message_pack/typed.rs"]
mod typed;
#[path = "message_pack/written.rs"]
mod written;

use railjar::serializer::message_pack::{self, Extensions, LIMITS};
use railjar::value::Value;
use railjar::{SealError, SerializationError};

fn read(bytes: &[u8]) -> Result<Value, SerializationError> {
    message_pack::read(bytes, &Extensions::V8_1, &LIMITS)
}

fn write(value: &Value) -> Result<Vec<u8>, SealError> {
    message_pack::to_vec(value, &Extensions::V8_1)
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
