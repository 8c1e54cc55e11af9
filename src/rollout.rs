#![doc = include_str!("../docs/rollout.md")]

mod causes;
mod check;
mod cookie;
mod finding;
mod matrix;
mod plan;
mod reach;
mod rule;
mod simulate;
mod size;
mod stage;
mod world;

pub use self::check::{Compatibility, Report, check, matrix};
pub use self::cookie::{Cookie, CookieJar, Expiry};
pub use self::finding::{Finding, Move, Party, Subject, Writer};
pub use self::matrix::{Matrix, Reading, Written};
pub use self::plan::{Initializer, Plan, plan};
pub use self::rule::{Rule, Severity};
pub use self::simulate::{
    Effect, Estimate, Fleet, RollBackAt, Run, SimulateError, Simulation, simulate,
};
pub use self::stage::{Overlap, Reader, Release, RollBack, Rollout, Stage, Unreadable};
