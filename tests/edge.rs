//! The edge, from headers to headers: two states of one app, and what a browser brings and gets.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and has std"
)]

#[path = "edge/cache.rs"]
mod cache;
#[path = "corpus/case.rs"]
#[allow(dead_code, reason = "shared by several suites, each of which uses a part")]
mod case;
#[path = "edge/config.rs"]
mod config;
#[path = "edge/corpus.rs"]
mod corpus;
#[path = "edge/hints.rs"]
mod hints;
#[path = "edge/learning.rs"]
mod learning;
#[path = "edge/repair.rs"]
mod repair;
#[path = "edge/response.rs"]
mod response;
#[path = "edge/rules.rs"]
mod rules;
#[path = "corpus/subject.rs"]
#[allow(dead_code, reason = "shared by several suites, each of which uses a part")]
mod subject;
#[path = "edge/twins.rs"]
mod twins;
#[path = "edge/world.rs"]
mod world;
