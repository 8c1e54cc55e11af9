//! `railjar pipe` against the corpus of real Rails, and against requests that are wrong.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may"
)]

#[path = "../../../tests/corpus/case.rs"]
#[allow(dead_code, reason = "only what the rules ask of a case is needed here")]
mod case;
#[path = "pipe/cookies.rs"]
mod cookies;
#[path = "pipe/corpus.rs"]
mod corpus;
#[path = "../../../tests/corpus/differences.rs"]
#[allow(dead_code, reason = "their counts are the library's test")]
mod differences;
#[path = "pipe/layers.rs"]
mod layers;
#[path = "pipe/lines.rs"]
mod lines;
#[path = "pipe/process.rs"]
mod process;
#[path = "pipe/requests.rs"]
mod requests;
#[path = "pipe/sealed.rs"]
mod sealed;
#[path = "pipe/serializers.rs"]
mod serializers;
