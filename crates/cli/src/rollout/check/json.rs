//! The findings as one line of JSON.

use std::collections::BTreeMap;

use railjar::Matched;
use railjar::explain::Change;
use railjar::rails::CookieKind;
use railjar::rollout::{Finding, Matrix, Move, Party, Reading, Subject, Writer, Written};
use serde::Serialize;

use super::{Checked, mend, text};

#[derive(Serialize)]
struct Line<'c> {
    result: &'static str,
    verdict: String,
    findings: Vec<FindingLine<'c>>,
    deploys: Vec<Deploy<'c>>,
    cookies: Vec<Cookie<'c>>,
}

#[derive(Serialize)]
struct FindingLine<'c> {
    rule: &'static str,
    severity: &'static str,
    cookie: &'c str,
    deploy: Option<[&'c str; 2]>,
    message: String,
    cause: Option<&'static str>,
    why: Option<String>,
    writer: Option<Who<'c>>,
    reader: Option<Who<'c>>,
    rotation: Option<usize>,
    bytes: Option<usize>,
    path: Vec<Step>,
    mend: String,
    change: Option<Changed<'c>>,
    page: String,
    allowed: Option<&'c str>,
}

/// A writer or a reader.
#[derive(Serialize)]
#[serde(untagged)]
enum Who<'c> {
    Stage { stage: &'c str },
    Reader { stage: &'c str, name: &'c str },
    Rotation { before: &'c str, rotation: usize },
    Format { before: &'c str, serializer: &'static str },
}

#[derive(Serialize)]
struct Step {
    r#move: &'static str,
    words: String,
}

#[derive(Serialize)]
struct Changed<'c> {
    rotate: Option<&'static str>,
    settings: BTreeMap<&'static str, &'c str>,
    cookies_serializer: Option<&'static str>,
    ruby: Option<String>,
}

#[derive(Serialize)]
struct Deploy<'c> {
    from: &'c str,
    to: &'c str,
    compatibility: &'static str,
}

#[derive(Serialize)]
pub(in crate::rollout) struct Cookie<'c> {
    cookie: &'c str,
    writers: Vec<Row<'c>>,
    readers: &'c [String],
    readings: Vec<Vec<Cell>>,
}

#[derive(Serialize)]
struct Row<'c> {
    stage: &'c str,
    cipher: Option<&'static str>,
    digest: Option<&'static str>,
    key_digest: Option<&'static str>,
    serializer: &'static str,
    form: usize,
}

#[derive(Serialize)]
#[serde(tag = "result", rename_all = "lowercase")]
enum Cell {
    Opens { matched: Recipe, reissue: bool },
    Refused { reason: &'static str },
    Raises { reason: &'static str },
}

/// `"primary"`, or the place of a rotation.
#[derive(Serialize)]
#[serde(untagged)]
enum Recipe {
    Primary(&'static str),
    Rotation(usize),
}

pub(super) fn of(checked: &Checked) -> String {
    let result = match (checked.errors().next(), checked.open().next()) {
        (Some(_), _) => "errors",
        (_, Some(_)) => "warnings",
        _ => "ok",
    };
    let deploys = checked.report.deploys.iter().enumerate().map(|(deploy, compatibility)| {
        let [from, to] = checked.stages(deploy);
        Deploy { from, to, compatibility: compatibility.name() }
    });
    let line = Line {
        result,
        verdict: checked.verdict(),
        findings: checked.report.findings.iter().map(|it| checked.line(it)).collect(),
        deploys: deploys.collect(),
        cookies: checked.report.matrices.iter().map(matrix).collect(),
    };
    // Texts and numbers are always JSON.
    format!("{}\n", serde_json::to_string(&line).unwrap_or_default())
}

impl Checked {
    fn stages(&self, deploy: usize) -> [&str; 2] {
        [self.stage(deploy), self.stage(deploy.saturating_add(1))]
    }

    fn line<'c>(&'c self, finding: &'c Finding) -> FindingLine<'c> {
        let (mut writer, mut reader, mut rotation, mut bytes) = (None, None, None, None);
        match &finding.subject {
            Subject::Reading { writer: from, reader: by } => {
                writer = self.writer(*from);
                reader = self.reads(by);
            }
            Subject::Rotation { party, index } => {
                reader = self.reads(party);
                rotation = Some(*index);
            }
            Subject::Size { stage, bytes: size } => {
                writer = self.writer(Writer::Stage(*stage));
                bytes = Some(*size);
            }
            _ => {}
        }
        let step = |step: &Move| Step { r#move: move_name(step), words: self.step(finding, step) };
        FindingLine {
            rule: finding.rule.name(),
            severity: finding.severity.name(),
            cookie: &finding.cookie,
            deploy: finding.deploy.map(|deploy| self.stages(deploy)),
            message: self.sentence(finding),
            cause: finding.cause.as_ref().map(|cause| cause.name()),
            why: self.why(finding),
            writer,
            reader,
            rotation,
            bytes,
            path: finding.path.iter().map(step).collect(),
            mend: self.mend(finding).words,
            change: finding.change.as_deref().map(|change| changed(finding, change)),
            page: text::page(finding.rule),
            allowed: self.allowance(finding).map(|it| it.reason.as_str()),
        }
    }

    fn writer(&self, writer: Writer) -> Option<Who<'_>> {
        let before = self.stage(0);
        match writer {
            Writer::Stage(stage) => Some(Who::Stage { stage: self.stage(stage) }),
            Writer::Rotation(rotation) => Some(Who::Rotation { before, rotation }),
            Writer::Format(format) => Some(Who::Format { before, serializer: format.name() }),
            _ => None,
        }
    }

    fn reads<'c>(&'c self, party: &'c Party) -> Option<Who<'c>> {
        match party {
            Party::Servers { stage } => Some(Who::Stage { stage: self.stage(*stage) }),
            Party::Reader { stage, name, .. } => {
                Some(Who::Reader { stage: self.stage(*stage), name })
            }
            _ => None,
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

fn changed<'c>(finding: &Finding, change: &'c Change) -> Changed<'c> {
    let (rotate, settings, serializer) = match change {
        Change::Rotate { jar, settings, serializer, .. } => {
            let pairs = settings.iter().map(|(name, value)| (*name, value.as_str()));
            (Some(jar_name(*jar)), pairs.collect(), *serializer)
        }
        Change::Serializer { serializer, .. } => (None, BTreeMap::new(), Some(*serializer)),
        _ => (None, BTreeMap::new(), None),
    };
    let cookies_serializer = serializer.map(|serializer| serializer.name());
    Changed { rotate, settings, cookies_serializer, ruby: mend::ruby(finding, change) }
}

fn jar_name(jar: CookieKind) -> &'static str {
    match jar {
        CookieKind::Signed => "signed",
        CookieKind::Encrypted => "encrypted",
    }
}

/// A cookie's matrix.
pub(in crate::rollout) fn matrix(matrix: &Matrix) -> Cookie<'_> {
    let rows = matrix.readings.iter().map(|row| row.iter().map(|it| cell(*it)).collect());
    Cookie {
        cookie: &matrix.cookie,
        writers: matrix.writers.iter().map(row).collect(),
        readers: &matrix.readers,
        readings: rows.collect(),
    }
}

fn row(writer: &Written) -> Row<'_> {
    let recipe = writer.recipe;
    Row {
        stage: &writer.by,
        cipher: recipe.and_then(|it| it.cipher).map(|cipher| cipher.name()),
        digest: recipe.and_then(|it| it.digest).map(|digest| digest.name()),
        key_digest: recipe.and_then(|it| it.key_digest).map(|digest| digest.name()),
        serializer: writer.serializer.name(),
        form: writer.form,
    }
}

fn cell(reading: Reading) -> Cell {
    match reading {
        Reading::Opens { matched, reissues: reissue } => {
            let matched = match matched {
                Matched::Primary => Recipe::Primary("primary"),
                Matched::Rotation { index, .. } => Recipe::Rotation(index),
            };
            Cell::Opens { matched, reissue }
        }
        Reading::Refused(error) => Cell::Refused { reason: error.reason() },
        Reading::Raises(error) => Cell::Raises { reason: error.reason() },
    }
}
