//! Every credentials file, CSRF token, signed id, token and global id of the corpus, put to
//! railjar: read, and written again byte for byte. Each is built from an app's settings and its
//! `secret_key_base` alone. Where the two differ, the difference must be listed in
//! `docs/differences.md`, by its rule and with its count.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may"
)]

#[path = "other_messages/case.rs"]
mod case;
#[path = "other_messages/coordinators.rs"]
mod coordinators;
#[path = "other_messages/credentials.rs"]
mod credentials;
#[path = "other_messages/csrf.rs"]
mod csrf;
#[path = "other_messages/differences.rs"]
mod differences;
#[path = "other_messages/signed.rs"]
mod signed;
