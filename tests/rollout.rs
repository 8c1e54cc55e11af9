//! Rollouts: what is found, and what is not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test fails by panicking, and has std"
)]

#[path = "rollout/check.rs"]
mod check;
#[path = "rollout/plan.rs"]
mod plan;
#[cfg(feature = "config")]
#[path = "rollout/settings.rs"]
mod settings;
#[path = "rollout/simulate.rs"]
mod simulate;
