//! The findings as one line of JSON.

use railjar::explain::Change;
use railjar::rails::CookieKind;
use railjar::rollout::{Finding, Matrix, Move, Party, Reading, Subject, Writer, Written};
use railjar::{Matched, OpenError};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Checked, mend, text};

#[derive(Serialize)]
struct Line {
    result: &'static str,
    verdict: String,
    findings: Vec<FindingJson>,
    deploys: Vec<Value>,
    cookies: Vec<Value>,
}

#[derive(Serialize)]
struct FindingJson {
    rule: &'static str,
    severity: &'static str,
    cookie: String,
    /// The stages' names.
    deploy: Option<[String; 2]>,
    message: String,
    cause: Option<&'static str>,
    why: Option<String>,
    writer: Option<Value>,
    reader: Option<Value>,
    rotation: Option<usize>,
    bytes: Option<usize>,
    path: Vec<Value>,
    mend: String,
    change: Option<Value>,
    page: String,
    allowed: Option<String>,
}

pub(super) fn of(checked: &Checked) -> String {
    let result = match (checked.errors().next(), checked.open().next()) {
        (Some(_), _) => "errors",
        (_, Some(_)) => "warnings",
        _ => "ok",
    };
    let deploys = checked.report.deploys.iter().enumerate().map(|(deploy, compatibility)| {
        let [from, to] = checked.stages(deploy);
        json!({ "from": from, "to": to, "compatibility": compatibility.name() })
    });
    let line = Line {
        result,
        verdict: checked.verdict(),
        findings: checked.report.findings.iter().map(|it| checked.json(it)).collect(),
        deploys: deploys.collect(),
        cookies: checked.report.matrices.iter().map(matrix).collect(),
    };
    let text = serde_json::to_string(&line).unwrap_or_default();
    format!("{text}\n")
}

impl Checked {
    fn stages(&self, deploy: usize) -> [String; 2] {
        [self.stage(deploy).into(), self.stage(deploy.saturating_add(1)).into()]
    }

    fn json(&self, finding: &Finding) -> FindingJson {
        let (mut writer, mut reader, mut rotation, mut bytes) = (None, None, None, None);
        match &finding.subject {
            Subject::Reading { writer: from, reader: by } => {
                writer = Some(self.writer(*from));
                reader = Some(self.party_json(by));
            }
            Subject::Rotation { party, index } => {
                reader = Some(self.party_json(party));
                rotation = Some(*index);
            }
            Subject::Size { stage, bytes: size } => {
                writer = Some(self.writer(Writer::Stage(*stage)));
                bytes = Some(*size);
            }
            _ => {}
        }
        let steps = finding.path.iter();
        FindingJson {
            rule: finding.rule.name(),
            severity: finding.severity.name(),
            cookie: finding.cookie.clone(),
            deploy: finding.deploy.map(|deploy| self.stages(deploy)),
            message: self.sentence(finding),
            cause: finding.cause.as_ref().map(|cause| cause.name()),
            why: self.why(finding),
            writer,
            reader,
            rotation,
            bytes,
            path: steps
                .map(|step| json!({ "move": move_name(step), "words": self.step(finding, step) }))
                .collect(),
            mend: self.mend(finding).words,
            change: finding.change.as_deref().map(|it| change(finding, it)),
            page: text::page(finding.rule),
            allowed: self.allowance(finding).map(|it| it.reason.clone()),
        }
    }

    fn writer(&self, writer: Writer) -> Value {
        match writer {
            Writer::Stage(stage) => json!({ "stage": self.stage(stage) }),
            Writer::Rotation(index) => json!({ "before": self.stage(0), "rotation": index }),
            Writer::Format(format) => {
                json!({ "before": self.stage(0), "serializer": format.name() })
            }
            _ => Value::Null,
        }
    }

    fn party_json(&self, party: &Party) -> Value {
        match party {
            Party::Servers { stage } => json!({ "stage": self.stage(*stage) }),
            Party::Reader { stage, name, .. } => {
                json!({ "stage": self.stage(*stage), "name": name })
            }
            _ => Value::Null,
        }
    }
}

fn move_name(step: &Move) -> &'static str {
    match step {
        Move::Has { .. } => "has",
        Move::Writes { .. } => "writes",
        Move::DeployBegins { .. } => "deploy-begins",
        Move::DeployEnds { .. } => "deploy-ends",
        Move::RollsBack { .. } => "rolls-back",
        Move::Rewrites { .. } => "rewrites",
        Move::Meets { .. } => "meets",
        _ => "other",
    }
}

fn change(finding: &Finding, change: &Change) -> Value {
    let ruby = mend::ruby(finding, change);
    match change {
        Change::Rotate { jar, settings, serializer, .. } => {
            let jar = match jar {
                CookieKind::Signed => "signed",
                CookieKind::Encrypted => "encrypted",
            };
            let pairs = settings.iter();
            let settings: serde_json::Map<_, _> =
                pairs.map(|(name, value)| ((*name).into(), json!(value))).collect();
            let serializer = serializer.map(|serializer| serializer.name());
            json!({
                "rotate": jar, "settings": settings, "cookies_serializer": serializer, "ruby": ruby
            })
        }
        Change::Serializer { serializer, .. } => {
            json!({ "cookies_serializer": serializer.name(), "ruby": ruby })
        }
        _ => json!({ "ruby": ruby }),
    }
}

pub(in crate::rollout) fn matrix(matrix: &Matrix) -> Value {
    let rows = matrix.readings.iter().map(|row| row.iter().map(|it| reading(*it)).collect());
    json!({
        "cookie": matrix.cookie,
        "writers": matrix.writers.iter().map(written).collect::<Vec<_>>(),
        "readers": matrix.readers,
        "readings": rows.collect::<Vec<Vec<Value>>>(),
    })
}

fn written(writer: &Written) -> Value {
    let recipe = writer.recipe;
    json!({
        "stage": writer.by,
        "cipher": recipe.and_then(|it| it.cipher).map(|cipher| cipher.name()),
        "digest": recipe.and_then(|it| it.digest).map(|digest| digest.name()),
        "key_digest": recipe.and_then(|it| it.key_digest).map(|digest| digest.name()),
        "serializer": writer.serializer.name(),
        "form": writer.form,
    })
}

fn reading(reading: Reading) -> Value {
    let refused =
        |result: &str, error: OpenError| json!({ "result": result, "reason": error.reason() });
    match reading {
        Reading::Opens { matched, reissues } => {
            let matched = match matched {
                Matched::Primary => json!("primary"),
                Matched::Rotation { index, .. } => json!(index),
            };
            json!({ "result": "opens", "matched": matched, "reissue": reissues })
        }
        Reading::Refused(error) => refused("refused", error),
        Reading::Raises(error) => refused("raises", error),
    }
}
