//! A plan as one line of JSON.

use serde_json::{Value, json};

use super::{Planned, text};
use crate::rollout::check::json as as_json;

pub(super) fn of(planned: &Planned) -> String {
    let stages = planned.plan.rollout.stages();
    let next = stages.last().map(|stage| stage.app().secrets());
    let steps: Vec<Value> = planned
        .steps()
        .map(|step| {
            let initializer = planned.ruby(step.number);
            json!({
                "stage": step.stage.name(),
                "what": text::title(planned, &step),
                "rails": step.stage.app().profile().version().name(),
                "path": initializer.map(|it| it.path),
                "ruby": initializer.map(|it| it.ruby.as_str()),
                "environment": initializer.map(|it| it.environment.clone()),
                "secret": if Some(step.stage.app().secrets()) == next { "next" } else { "now" },
                "wait_seconds": step.stage.time().as_secs(),
            })
        })
        .collect();
    let findings: Vec<Value> = planned
        .plan
        .report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "rule": finding.rule.name(),
                "severity": finding.severity.name(),
                "cookie": finding.cookie,
                "stage": finding.deploy.and_then(|it| Some(stages.get(it.checked_add(1)?)?.name())),
            })
        })
        .collect();
    let line = json!({
        "result": if planned.plan.is_safe() { "safe" } else { "unsafe" },
        "wait_before_seconds": stages.first().map(|now| now.time().as_secs()),
        "upgrade_first": planned.plan.upgrade.map(|version| version.name()),
        "cookies": planned.plan.report.matrices.iter().map(as_json::matrix).collect::<Vec<_>>(),
        "steps": steps,
        "findings": findings,
    });
    format!("{line}\n")
}
