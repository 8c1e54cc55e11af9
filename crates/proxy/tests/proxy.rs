//! The proxy as a process, between clients and servers that are part of the test. No Rails here.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may"
)]

#[path = "proxy/admin.rs"]
mod admin;
#[path = "proxy/carry.rs"]
mod carry;
#[path = "proxy/check.rs"]
mod check;
#[path = "proxy/edge.rs"]
mod edge;
#[path = "proxy/faults.rs"]
mod faults;
#[path = "proxy/health.rs"]
mod health;
#[path = "proxy/learning.rs"]
mod learning;
#[path = "proxy/life.rs"]
mod life;
#[path = "proxy/limits.rs"]
mod limits;
#[path = "proxy/malformed.rs"]
mod malformed;
#[path = "proxy/protocols.rs"]
mod protocols;
#[path = "proxy/sessions.rs"]
mod sessions;
#[path = "proxy/support.rs"]
mod support;
#[path = "proxy/tls.rs"]
mod tls;
