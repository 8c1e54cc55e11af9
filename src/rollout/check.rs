//! From a rollout to what is wrong with it.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::causes::{Answer, Causes, Unread};
use super::finding::{Finding, Move, Party, Subject, Writer};
use super::matrix::{Matrix, Written};
use super::reach::{Meeting, Moment, Step, Way, Who};
use super::size;
use super::world::{Earlier, FormId, PartyId, Role, World};
use super::{Expiry, Reading, Release, Rollout, Rule, Severity};
use crate::error::ConfigError;
use crate::message::Matched;
use crate::serializer::Format;

/// What [`check`](check()) found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// For each cookie: who reads what whom writes.
    pub matrices: Vec<Matrix>,
    /// For each deploy, from a stage to the next: what each side reads of the other's.
    pub deploys: Vec<Compatibility>,
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
}

/// What each side of a deploy reads of the other's, in the words of schema registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compatibility {
    /// Each reads all that the other writes.
    Full,
    /// The new servers read what the old ones write, but not the reverse.
    Backward,
    /// The old servers read what the new ones write, but not the reverse.
    Forward,
    /// Neither reads what the other writes.
    None,
}

impl Compatibility {
    /// `"FULL"`, `"BACKWARD"`, `"FORWARD"` or `"NONE"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Backward => "BACKWARD",
            Self::Forward => "FORWARD",
            Self::None => "NONE",
        }
    }
}

impl Report {
    /// Whether sessions may be lost, or requests fail.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Says who would be logged out by a rollout, and how.
///
/// # Errors
/// [`ConfigError`] where a release is none that there can be: a missing secret, a setting that its
/// Rails does not have.
///
/// ```
/// use core::time::Duration;
/// use railjar::rails::{Profile, Version};
/// use railjar::rollout::{Cookie, Release, Rollout, Rule, Stage, check};
/// use railjar::SecretKeyBase;
///
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let two_weeks = Duration::from_secs(14 * 86_400);
/// let old = Profile::load_defaults(Version::V7_0, Version::V6_1)?;
/// let rollout = Rollout::new(
///     [Cookie::session("_app_session", two_weeks)],
///     Stage::new("now", Release::new(old, &secret)),
/// )
/// .then(Stage::new("next", Release::new(Profile::new(Version::V7_0), &secret)));
///
/// let report = check(&rollout)?;
/// assert!(report.has_errors());
/// assert!(report.findings.iter().any(|finding| finding.rule == Rule::NewCannotReadOld));
/// # Ok::<(), railjar::ConfigError>(())
/// ```
pub fn check(rollout: &Rollout) -> Result<Report, ConfigError> {
    checked(rollout, &mut Causes::new())
}

/// The same, with the causes that are asked for.
pub(super) fn checked(rollout: &Rollout, causes: &mut Causes) -> Result<Report, ConfigError> {
    let (mut world, steps) = world(rollout)?;
    let mut findings = Vec::new();
    for index in 0..rollout.cookies.len() {
        let earlier = earlier(&mut world, &steps, index)?;
        let (world, steps, causes) = (&world, &steps, &mut *causes);
        let mut checking = Checking { rollout, world, steps, index, causes, findings };
        checking.ways(&earlier);
        checking.rotations()?;
        checking.sizes();
        findings = checking.findings;
    }
    findings.sort_by(|a, b| (b.severity, a.deploy, a.rule).cmp(&(a.severity, b.deploy, b.rule)));
    let matrices = matrices(rollout, &world, &steps);
    Ok(Report { matrices, deploys: compatibilities(&world, &steps), findings })
}

/// Who reads what whom writes, of each cookie: of all stages, in whatever order. [`check`](check()) has the
/// same in its report.
///
/// # Errors
/// As [`check`](check()).
pub fn matrix(rollout: &Rollout) -> Result<Vec<Matrix>, ConfigError> {
    let (world, steps) = world(rollout)?;
    Ok(matrices(rollout, &world, &steps))
}

/// All parties of a rollout, and its stages by them.
fn world(rollout: &Rollout) -> Result<(World<'_>, Vec<Step>), ConfigError> {
    let mut world = World::new(&rollout.cookies);
    let mut steps = Vec::new();
    for stage in &rollout.stages {
        let readers = stage.readers.iter().map(|it| world.party(&it.release, Role::Reader));
        let readers = readers.collect::<Result<_, _>>()?;
        let app = world.party(&stage.app, Role::Server)?;
        steps.push(Step { app, readers, serves: stage.serves });
    }
    Ok((world, steps))
}

/// What browsers have from before the first stage: nothing where that has served for longer than
/// the cookie lives.
pub(super) fn earlier(
    world: &mut World<'_>,
    steps: &[Step],
    cookie: usize,
) -> Result<Vec<(FormId, Writer)>, ConfigError> {
    let Some(first) = steps.first() else { return Ok(Vec::new()) };
    if world.cookies.get(cookie).is_none_or(|cookie| first.serves >= cookie.lifetime()) {
        return Ok(Vec::new());
    }
    let forms = world.earlier(cookie, first.app)?.into_iter();
    Ok(forms
        .map(|(form, earlier)| match earlier {
            Earlier::Rotation { index } => (form, Writer::Rotation(index)),
            Earlier::Marshal => (form, Writer::Format(Format::Marshal)),
        })
        .collect())
}

/// One cookie of a rollout.
struct Checking<'r> {
    rollout: &'r Rollout,
    world: &'r World<'r>,
    steps: &'r [Step],
    index: usize,
    causes: &'r mut Causes,
    findings: Vec<Finding>,
}

impl Checking<'_> {
    fn ways(&mut self, earlier: &[(FormId, Writer)]) {
        let Self { rollout, world, steps, index, .. } = *self;
        let (Some(cookie), Some(table)) = (rollout.cookies.get(index), world.table(index)) else {
            return;
        };
        let Rollout { overlap, roll_back, .. } = *rollout;
        let reached = Way { cookie, table, steps, earlier, overlap, roll_back }.walk();
        // A reader that is the same in several stages is told of once.
        let mut told: Vec<(FormId, PartyId, &str)> = Vec::new();
        for meeting in reached.meetings {
            let Some(party) = self.party_id(meeting.who) else { continue };
            match meeting.who {
                Who::Reader { stage, index } => {
                    let reader = rollout.stages.get(stage).and_then(|it| it.readers.get(index));
                    let known = (meeting.form, party, reader.map_or("", |it| it.name.as_str()));
                    if !told.contains(&known) {
                        told.push(known);
                        self.met(Rule::EdgeCannotRead, &meeting);
                    }
                }
                Who::Servers { .. } => self.rules(&meeting).into_iter().for_each(|rule| {
                    self.met(rule, &meeting);
                }),
            }
        }
        for meeting in reached.reissues {
            let Who::Servers { stage } = meeting.who else { continue };
            let rails = rollout.stages.get(stage).map(|it| it.app.profile.dialect());
            let by_rotation =
                matches!(meeting.reading, Reading::Opens { matched, .. } if matched.is_rotation());
            if by_rotation && rails.is_some_and(|rails| rails.empties_reissued_hashes()) {
                self.met(Rule::ReissueEmptiesHash, &meeting);
            }
            if !cookie.jar().is_session() && cookie.expiry() == Expiry::Set {
                self.met(Rule::ReissueDropsExpiry, &meeting);
            }
        }
    }

    /// What it breaks that a server meets a cookie which it does not read.
    fn rules(&self, meeting: &Meeting) -> Vec<Rule> {
        let Who::Servers { stage } = meeting.who else { return Vec::new() };
        if matches!(meeting.reading, Reading::Raises(_)) {
            return [Rule::Poison].into();
        }
        match meeting.when {
            Moment::RolledBack(_) => [Rule::RollbackStrands].into(),
            Moment::Deploying(old) if old == stage => [Rule::OldCannotReadNew].into(),
            _ => self.lost_to_new(meeting.form, stage),
        }
    }

    fn lost_to_new(&self, form: FormId, stage: usize) -> Vec<Rule> {
        let before = stage.checked_sub(1).and_then(|before| self.steps.get(before));
        let Some(before) = before else { return [Rule::NewCannotReadOld].into() };
        let written = self.world.table(self.index).and_then(|it| it.written_by(before.app));
        let rotated = self.world.rotation_for(self.index, form, before.app).is_some();
        let mut rules = Vec::new();
        if written == Some(form) || !rotated {
            rules.push(Rule::NewCannotReadOld);
        }
        if rotated {
            rules.push(Rule::RotatorRemovedTooSoon);
        }
        rules
    }

    fn met(&mut self, rule: Rule, meeting: &Meeting) {
        let Some(reader) = self.party(meeting.who) else { return };
        let mut path = meeting.path.clone();
        let writer = path.iter().rev().find_map(|step| match step {
            Move::Has { writer } => Some(*writer),
            Move::Writes { stage } | Move::Rewrites { stage } => Some(Writer::Stage(*stage)),
            _ => None,
        });
        let writer = writer.unwrap_or(Writer::Stage(0));
        let is_read = meeting.reading.opens();
        path.push(match meeting.who {
            Who::Servers { stage } if is_read => Move::Rewrites { stage },
            _ => Move::Meets { reader: reader.clone() },
        });
        let (cause, change) =
            if is_read { None } else { self.explain(meeting, writer) }.unwrap_or_default();
        let severity = match rule {
            Rule::ReissueDropsExpiry | Rule::ReissueEmptiesHash => Severity::Warning,
            _ => Severity::Error,
        };
        let deploy = match meeting.when {
            Moment::Deploying(deploy) | Moment::RolledBack(deploy) => Some(deploy),
            Moment::Serving(stage) => stage.checked_sub(1),
        };
        let subject = Subject::Reading { writer, reader };
        let cookie = self.name();
        let change = change.map(Box::new);
        let finding = Finding { rule, severity, cookie, deploy, subject, cause, change, path };
        self.findings.push(finding);
    }

    /// Why a cookie is not read, and with what change it would be.
    fn explain(&mut self, meeting: &Meeting, writer: Writer) -> Option<Answer> {
        let (stage, rotation) = match writer {
            Writer::Stage(stage) => (stage, None),
            Writer::Rotation(index) => (0, Some(index)),
            Writer::Format(_) => (0, None),
        };
        let index = self.index;
        let cookie = self.rollout.cookies.get(index)?;
        let writer = &self.rollout.stages.get(stage)?.app;
        let party = self.party_id(meeting.who)?;
        let of_kind = cookie.kind_in(writer).scope();
        let rotation = rotation.and_then(|index| writer.profile.rotations(of_kind).nth(index));
        Some(self.causes.of(&Unread {
            cookie,
            index,
            form: meeting.form,
            wire: self.world.table(index)?.wire(meeting.form),
            writer,
            rotation,
            reader: self.world.release(party)?,
            party,
        }))
    }

    /// Rotations that rotate nothing.
    fn rotations(&mut self) -> Result<(), ConfigError> {
        let mut told: Vec<PartyId> = Vec::new();
        for (stage, step) in self.steps.iter().enumerate() {
            let servers = core::iter::once((Who::Servers { stage }, step.app));
            let readers = step.readers.iter().enumerate();
            let readers = readers.map(|(index, party)| (Who::Reader { stage, index }, *party));
            for (who, id) in servers.chain(readers) {
                if told.contains(&id) {
                    continue;
                }
                told.push(id);
                for index in self.world.useless(self.index, id)? {
                    let Some(party) = self.party(who) else { continue };
                    let severity = match stage {
                        0 => Severity::Warning,
                        _ => Severity::Error,
                    };
                    self.findings.push(Finding {
                        rule: Rule::RotationRotatesNothing,
                        severity,
                        cookie: self.name(),
                        deploy: stage.checked_sub(1),
                        subject: Subject::Rotation { party, index },
                        cause: None,
                        change: None,
                        path: Vec::new(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Cookies that no longer fit.
    fn sizes(&mut self) {
        let Some(cookie) = self.rollout.cookies.get(self.index) else { return };
        let Some(largest) = cookie.largest_size() else { return };
        let jars = |step: &Step| self.world.jars(step.app);
        let Some(first) = self.steps.first().and_then(jars) else { return };
        let later = self.steps.iter().enumerate().skip(1);
        let over = later.filter_map(|(stage, step)| {
            Some((stage, size::overflow(cookie, largest, first, jars(step)?)?))
        });
        for (stage, bytes) in over.collect::<Vec<_>>() {
            self.findings.push(Finding {
                rule: Rule::OverflowAfterUpgrade,
                severity: Severity::Error,
                cookie: self.name(),
                deploy: stage.checked_sub(1),
                subject: Subject::Size { stage, bytes },
                cause: None,
                change: None,
                path: Vec::new(),
            });
        }
    }

    fn name(&self) -> String {
        self.rollout.cookies.get(self.index).map(|it| it.name().to_string()).unwrap_or_default()
    }

    fn party_id(&self, who: Who) -> Option<PartyId> {
        match who {
            Who::Servers { stage } => Some(self.steps.get(stage)?.app),
            Who::Reader { stage, index } => self.steps.get(stage)?.readers.get(index).copied(),
        }
    }

    fn party(&self, who: Who) -> Option<Party> {
        Some(match who {
            Who::Servers { stage } => Party::Servers { stage },
            Who::Reader { stage, index } => {
                let reader = self.rollout.stages.get(stage)?.readers.get(index)?;
                Party::Reader { stage, name: reader.name.clone(), takes: reader.takes }
            }
        })
    }
}

fn matrices(rollout: &Rollout, world: &World<'_>, steps: &[Step]) -> Vec<Matrix> {
    let cookies = 0..rollout.cookies.len();
    cookies.map(|index| of_cookie(rollout, world, steps, index)).collect()
}

fn of_cookie(rollout: &Rollout, world: &World<'_>, steps: &[Step], index: usize) -> Matrix {
    let cookie = rollout.cookies.get(index);
    let table = world.table(index);
    let mut parties: Vec<PartyId> = steps.iter().map(|step| step.app).collect();
    let mut readers: Vec<String> = rollout.stages.iter().map(|it| it.name.clone()).collect();
    let mut shown: Vec<(&str, PartyId)> = Vec::new();
    for (stage, step) in rollout.stages.iter().zip(steps) {
        for (reader, party) in stage.readers.iter().zip(&step.readers) {
            let name = reader.name.as_str();
            if shown.contains(&(name, *party)) {
                continue;
            }
            readers.push(match shown.iter().any(|(known, _)| *known == name) {
                true => format!("{name} ({})", stage.name),
                false => name.to_string(),
            });
            parties.push(*party);
            shown.push((name, *party));
        }
    }
    let mut writers = Vec::new();
    let mut readings = Vec::new();
    for (stage, step) in rollout.stages.iter().zip(steps) {
        let Some((table, form)) =
            table.and_then(|table| Some((table, table.written_by(step.app)?)))
        else {
            continue;
        };
        let Release { profile, .. } = &stage.app;
        writers.push(Written {
            by: stage.name.clone(),
            recipe: cookie.and_then(|it| profile.recipe(it.kind_in(&stage.app), Matched::Primary)),
            serializer: profile.settings().cookies_serializer,
            form: form.0,
        });
        let row = parties.iter().filter_map(|party| table.reading(form, *party));
        readings.push(row.collect());
    }
    let cookie = cookie.map(|it| it.name().to_string()).unwrap_or_default();
    Matrix { cookie, writers, readers, readings }
}

fn compatibilities(world: &World<'_>, steps: &[Step]) -> Vec<Compatibility> {
    let reads = |reader: PartyId, writer: PartyId| {
        (0..world.cookies.len()).all(|index| {
            let table = world.table(index);
            let reading = table.and_then(|it| it.reading(it.written_by(writer)?, reader));
            reading.is_some_and(Reading::opens)
        })
    };
    let pairs = steps.iter().zip(steps.iter().skip(1));
    pairs
        .map(|(old, new)| match (reads(new.app, old.app), reads(old.app, new.app)) {
            (true, true) => Compatibility::Full,
            (true, false) => Compatibility::Backward,
            (false, true) => Compatibility::Forward,
            (false, false) => Compatibility::None,
        })
        .collect()
}
