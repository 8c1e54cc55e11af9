//! The extractors, the jars and the layer, by requests to routers. The session is one that Rails 7.1
//! wrote.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod app;
mod csrf;
mod jars;
mod session;
mod signed_in;
