//! The result as one line of JSON.

use railjar::rollout::{Estimate, Fleet, Run};
use serde::Serialize;

use super::Scene;

#[derive(Serialize)]
struct Line<'l> {
    seed: u64,
    runs: Vec<Deploy<'l>>,
}

#[derive(Serialize)]
struct Deploy<'l> {
    cookie: &'l str,
    from: &'l str,
    to: &'l str,
    production: Played<'l>,
    staging: Played<'l>,
}

#[derive(Serialize)]
struct Played<'l> {
    servers: u32,
    deploy_seconds: u64,
    roll_back_at_seconds: Option<u64>,
    sessions: u32,
    users: u64,
    users_hit: Number,
    sessions_lost: Number,
    causes: Vec<Cause<'l>>,
    /// By minutes, as what is in `causes`.
    new_servers: &'l [f64],
}

#[derive(Serialize)]
struct Cause<'l> {
    rule: &'static str,
    counts: &'static str,
    total: Number,
    simulated: &'l [u64],
    expected: &'l [f64],
}

#[derive(Serialize)]
struct Number {
    simulated: u64,
    expected: f64,
    standard_error: f64,
}

pub(super) fn line(scenes: &[Scene<'_>], seed: u64) -> String {
    let runs = scenes.iter().map(|scene| Deploy {
        cookie: &scene.run.cookie,
        from: scene.old,
        to: scene.new,
        production: played(scene.run, scene.fleet),
        staging: played(scene.staged, scene.staging),
    });
    let line = serde_json::to_string(&Line { seed, runs: runs.collect() });
    // Numbers and names are said in JSON.
    format!("{}\n", line.unwrap_or_default())
}

fn played<'l>(run: &'l Run, fleet: &Fleet) -> Played<'l> {
    let causes = run.effects.iter().map(|effect| Cause {
        rule: effect.rule.name(),
        counts: if effect.is_loss() { "sessions" } else { "requests" },
        total: number(effect.total),
        simulated: &effect.simulated,
        expected: &effect.expected,
    });
    Played {
        servers: fleet.servers,
        deploy_seconds: fleet.deploy_takes.as_secs(),
        roll_back_at_seconds: fleet.roll_back.map(|back| back.after.as_secs()),
        sessions: fleet.sessions,
        users: run.users,
        users_hit: number(run.users_hit),
        sessions_lost: number(run.sessions_lost),
        causes: causes.collect(),
        new_servers: &run.new_servers,
    }
}

fn number(estimate: Estimate) -> Number {
    let Estimate { simulated, expected, standard_error, .. } = estimate;
    Number { simulated, expected, standard_error }
}
