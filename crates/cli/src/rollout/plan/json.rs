//! A plan as one line of JSON.

use serde::Serialize;

use super::{Planned, text};
use crate::rollout::check::json as as_json;

#[derive(Serialize)]
struct Line<'p> {
    result: &'static str,
    wait_before_seconds: Option<u64>,
    upgrade_first: Option<&'static str>,
    steps: Vec<StepJson<'p>>,
    findings: Vec<FindingJson<'p>>,
    cookies: Vec<as_json::Cookie<'p>>,
}

#[derive(Serialize)]
struct StepJson<'p> {
    stage: &'p str,
    what: String,
    rails: &'static str,
    secret: &'static str,
    path: Option<&'static str>,
    ruby: Option<&'p str>,
    environment: &'p [String],
    wait_seconds: u64,
}

#[derive(Serialize)]
struct FindingJson<'p> {
    rule: &'static str,
    severity: &'static str,
    cookie: &'p str,
    stage: Option<&'p str>,
}

pub(super) fn of(planned: &Planned) -> String {
    let plan = &planned.plan;
    let stages = plan.rollout.stages();
    let next = stages.last().map(|stage| stage.app().secrets());
    let steps = planned.steps().map(|step| {
        let initializer = planned.ruby(step.number);
        StepJson {
            stage: step.stage.name(),
            what: text::title(planned, &step),
            rails: step.stage.app().profile().version().name(),
            secret: if Some(step.stage.app().secrets()) == next { "next" } else { "now" },
            path: initializer.map(|it| it.path),
            ruby: initializer.map(|it| it.ruby.as_str()),
            environment: initializer.map_or(&[], |it| &it.environment),
            wait_seconds: step.stage.time().as_secs(),
        }
    });
    let findings = plan.report.findings.iter().map(|finding| FindingJson {
        rule: finding.rule.name(),
        severity: finding.severity.name(),
        cookie: &finding.cookie,
        stage: finding.deploy.and_then(|it| Some(stages.get(it.checked_add(1)?)?.name())),
    });
    let line = Line {
        result: if plan.is_safe() { "safe" } else { "unsafe" },
        wait_before_seconds: stages.first().map(|now| now.time().as_secs()),
        upgrade_first: plan.upgrade.map(|version| version.name()),
        steps: steps.collect(),
        findings: findings.collect(),
        cookies: plan.report.matrices.iter().map(as_json::matrix).collect(),
    };
    let text = serde_json::to_string(&line).unwrap_or_default();
    format!("{text}\n")
}
