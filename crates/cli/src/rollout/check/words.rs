//! Findings in words.

use std::time::Duration;

use railjar::explain::Cause;
use railjar::rails::CookieKind;
use railjar::rollout::{Finding, Move, Party, Reader, Rule, Stage, Subject, Unreadable, Writer};
use railjar::{Timestamp, Value};

use super::Checked;
use crate::report::plain;
use crate::{explain, time};

impl Checked {
    /// The first line: what somebody in a hurry must know.
    pub(super) fn verdict(&self) -> String {
        let (this, many) = match self.report.deploys.len() {
            0 | 1 => ("This deploy", false),
            _ => ("These deploys", true),
        };
        let verb = |one: &str, more: &str| String::from(if many { more } else { one });
        let it = if many { "they are" } else { "it is" };
        let has = |rule: Rule| self.errors().any(|finding| finding.rule == rule);
        let done = has(Rule::NewCannotReadOld) || has(Rule::RotatorRemovedTooSoon);
        let moments = [
            (has(Rule::OldCannotReadNew), if many { "while they run" } else { "while it runs" }),
            (done, &format!("once {it} done")),
            (has(Rule::RollbackStrands), &format!("if {it} taken back")),
        ];
        let moments = moments.into_iter().filter(|(found, _)| *found);
        let moments: Vec<_> = moments.map(|(_, words)| String::from(words)).collect();
        let mut harm = Vec::new();
        if has(Rule::Poison) {
            harm.push(verb("makes requests fail", "make requests fail"));
        }
        if !moments.is_empty() {
            let logs = verb("logs people out", "log people out");
            harm.push(format!("{logs}: {}", and(&moments)));
        }
        if has(Rule::OverflowAfterUpgrade) {
            harm.push(verb("makes cookies too large", "make cookies too large"));
        }
        if harm.is_empty() && has(Rule::RotationRotatesNothing) {
            harm.push(verb(
                "has a rotation that does nothing",
                "have a rotation that does nothing",
            ));
        }
        let again = if many { "They" } else { "It" };
        let subjects = core::iter::once(this).chain(core::iter::repeat(again));
        let mut told: Vec<_> =
            subjects.zip(&harm).map(|(subject, harm)| format!("{subject} {harm}.")).collect();
        let blind = self.errors().filter(|finding| finding.rule == Rule::EdgeCannotRead);
        let blind =
            blind.filter_map(|finding| self.reader(finding)).fold(Vec::new(), |mut told, name| {
                if !told.contains(&name) {
                    told.push(name);
                }
                told
            });
        if !blind.is_empty() {
            told.push(format!("{} cannot read all cookies.", and(&blind)));
        }
        let nobody = verb("logs nobody out", "log nobody out");
        match (told.is_empty(), self.open().count()) {
            (false, _) => told.join(" "),
            (true, 0) => format!("{this} {nobody}."),
            (true, 1) => format!("{this} {nobody}; there is a warning."),
            (true, count) => format!("{this} {nobody}; there are {count} warnings."),
        }
    }

    /// What is wrong, in one sentence.
    pub(super) fn sentence(&self, finding: &Finding) -> String {
        let cookie = plain(&finding.cookie);
        match (&finding.subject, finding.rule) {
            (Subject::Reading { reader, .. }, Rule::ReissueDropsExpiry) => {
                let rails = self.rails(reader);
                format!(
                    "Rails {rails} writes {cookie} again without its expiry and other options when \
                     a rotation has read it"
                )
            }
            (Subject::Reading { reader, .. }, Rule::ReissueEmptiesHash) => {
                let rails = self.rails(reader);
                match self.is_session(finding) {
                    true => format!(
                        "Rails {rails} puts two keys more into {cookie} when a rotation has read \
                         it: it grows"
                    ),
                    false => format!(
                        "Rails {rails} writes {cookie} again as nil when a rotation has read it \
                         and it holds a hash"
                    ),
                }
            }
            (Subject::Reading { writer, reader }, Rule::Poison) => {
                let (reader, writer) = (self.party(reader), self.written(*writer));
                format!("{reader} fails at the {cookie} {writer}")
            }
            (Subject::Reading { writer, reader }, _) => {
                let (reader, writer) = (self.party(reader), self.written(*writer));
                format!("{reader} cannot read the {cookie} {writer}")
            }
            (Subject::Rotation { party, index }, _) => {
                let name = self.party_name(party);
                format!(
                    "rotations[{index}] for {} cookies of {name} reads no {cookie} that {name} does \
                     not read without it",
                    self.jar(finding)
                )
            }
            (Subject::Size { stage, bytes }, _) => {
                let name = quoted(self.stage(*stage));
                format!("the largest {cookie} is {bytes} bytes as {name} writes it: too large")
            }
            _ => format!("{cookie}: {}", finding.rule),
        }
    }

    /// Why a cookie is not read.
    pub(super) fn why(&self, finding: &Finding) -> Option<String> {
        let Subject::Reading { reader, .. } = &finding.subject else { return None };
        match &finding.cause {
            // Of a rollout, not always an older one.
            Some(Cause::OtherSecret) => Some("another secret_key_base made it".into()),
            Some(cause) if is_of_metadata(finding, cause) => Some(format!(
                "it is bound to its name (use_cookies_with_metadata), which {} does not know",
                self.party_name(reader)
            )),
            Some(_) if self.is_of_expiry(finding) => Some(format!(
                "its expiry is inside, in an envelope of JSON that {} does not know: Rails 5.2 and \
                 later write it",
                self.party_name(reader)
            )),
            Some(cause) => {
                let words = explain::happened(cause, Timestamp::from_unix_seconds(0));
                let name = self.party_name(reader);
                Some(words.replace("the app's serializer", &format!("the serializer of {name}")))
            }
            None if is_unread(finding.rule) => {
                Some(format!("{} has no key that made it", self.party_name(reader)))
            }
            None => None,
        }
    }

    /// All of a finding in plain text: what, why, the way there, and what to do.
    pub(super) fn told(&self, finding: &Finding) -> String {
        let mut told = vec![self.sentence(finding)];
        told.extend(self.why(finding).map(|why| format!("why: {why}")));
        let steps = finding.path.iter().zip(1_usize..);
        told.extend(steps.map(|(step, number)| format!("{number}. {}", self.step(finding, step))));
        let mend = self.mend(finding);
        told.push(format!("mend: {}", mend.words));
        told.extend(mend.code.iter().flat_map(|code| code.lines()).map(|line| format!("  {line}")));
        told.join("\n")
    }

    /// A step of the way there.
    pub(super) fn step(&self, finding: &Finding, step: &Move) -> String {
        let cookie = plain(&finding.cookie);
        let name = |stage: usize| quoted(self.stage(stage));
        match step {
            Move::Has { writer } => format!("a browser has the {cookie} {}", self.written(*writer)),
            Move::Writes { stage } => {
                format!("somebody logs in on {}, which writes {cookie}", name(*stage))
            }
            Move::DeployBegins { deploy } => {
                let (old, new) = (name(*deploy), name(deploy.saturating_add(1)));
                format!("the deploy begins: {old} and {new} both serve")
            }
            Move::DeployEnds { deploy } => {
                format!("the deploy is over: only {} serves", name(deploy.saturating_add(1)))
            }
            Move::RollsBack { deploy } => {
                format!("it is taken back: only {} serves again", name(*deploy))
            }
            Move::Rewrites { stage } => {
                format!("{} reads it, and writes it again in its own way", name(*stage))
            }
            Move::Meets { reader: reader @ Party::Servers { .. } } => {
                let then = match (finding.rule, self.is_session(finding)) {
                    (Rule::Poison, _) => "it raises, at every request",
                    (_, true) => "it finds no session: logged out",
                    _ => "it finds no cookie",
                };
                format!("a request lands on {}: {then}", self.party_name(reader))
            }
            Move::Meets { reader: reader @ Party::Reader { takes, .. } } => {
                let takes = match takes {
                    Unreadable::Guest => "takes it for a guest's",
                    Unreadable::SignedIn => "takes it for a signed-in session",
                    _ => "cannot read it",
                };
                format!("{} meets it, and {takes}", self.party_name(reader))
            }
            _ => String::new(),
        }
    }

    /// Who does not read it.
    fn reader(&self, finding: &Finding) -> Option<String> {
        match &finding.subject {
            Subject::Reading { reader, .. } => Some(self.party_name(reader)),
            _ => None,
        }
    }

    pub(super) fn party_name(&self, party: &Party) -> String {
        match party {
            Party::Servers { stage } => quoted(self.stage(*stage)),
            Party::Reader { name, .. } => quoted(name),
            _ => String::new(),
        }
    }

    /// Somebody at the beginning of a sentence.
    fn party(&self, party: &Party) -> String {
        match party {
            Party::Reader { stage, .. } => {
                format!("{}, beside {},", self.party_name(party), quoted(self.stage(*stage)))
            }
            _ => self.party_name(party),
        }
    }

    /// Who wrote it, behind the cookie's name.
    pub(super) fn written(&self, writer: Writer) -> String {
        let first = quoted(self.stage(0));
        match writer {
            Writer::Stage(stage) => format!("that {} writes", quoted(self.stage(stage))),
            Writer::Rotation(index) => {
                format!("from before {first}, for which its rotations[{index}] is there")
            }
            Writer::Format(format) => {
                format!("from before {first}, when its value was in {}", format.name())
            }
            _ => String::new(),
        }
    }

    fn rails(&self, reader: &Party) -> String {
        let stage = match reader {
            Party::Servers { stage } | Party::Reader { stage, .. } => *stage,
            _ => 0,
        };
        let stage = self.rollout.stages().get(stage);
        stage.map(|it| it.app().profile().version().to_string()).unwrap_or_default()
    }

    /// Whether the reader raises at what is around the value, which is in the reader's own format.
    pub(super) fn is_of_expiry(&self, finding: &Finding) -> bool {
        let Some(Cause::SerializerNotAllowed { format }) = &finding.cause else { return false };
        let Subject::Reading { reader, .. } = &finding.subject else { return false };
        let release = match reader {
            Party::Servers { stage } => self.rollout.stages().get(*stage).map(Stage::app),
            Party::Reader { stage, name, .. } => {
                let readers = self.rollout.stages().get(*stage).map_or(&[][..], Stage::readers);
                readers.iter().find(|it| it.name() == name).map(Reader::release)
            }
            _ => None,
        };
        let own = release.map(|it| it.profile().settings().cookies_serializer.format());
        finding.rule == Rule::Poison && own == Some(*format)
    }

    pub(super) fn is_session(&self, finding: &Finding) -> bool {
        let mut cookies = self.rollout.cookies().iter();
        cookies.any(|cookie| cookie.name() == finding.cookie && cookie.jar().is_session())
    }

    fn jar(&self, finding: &Finding) -> &'static str {
        let mut cookies = self.rollout.cookies().iter();
        let cookie = cookies.find(|cookie| cookie.name() == finding.cookie);
        match cookie.map(|cookie| cookie.jar().kind()) {
            Some(CookieKind::Signed) => "signed",
            _ => "encrypted",
        }
    }

    /// How long a cookie of this finding may still be used.
    pub(super) fn lifetime(&self, finding: &Finding) -> String {
        let mut cookies = self.rollout.cookies().iter();
        let cookie = cookies.find(|cookie| cookie.name() == finding.cookie);
        time::length(cookie.map_or(Duration::ZERO, |cookie| cookie.lifetime()))
    }
}

/// Whether it is about a cookie that is not read for want of a key or a serializer.
fn is_unread(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::OldCannotReadNew
            | Rule::NewCannotReadOld
            | Rule::RollbackStrands
            | Rule::EdgeCannotRead
            | Rule::RotatorRemovedTooSoon
    )
}

/// Whether the cookie is bound to its own name, and the reader expects none.
pub(super) fn is_of_metadata(finding: &Finding, cause: &Cause) -> bool {
    matches!(cause, Cause::OtherCookieName { name } if *name == finding.cookie)
}

/// A name of the file, in quotes.
fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}

/// `a, b and c`.
fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [words @ .., last] => format!("{} and {last}", words.join(", ")),
    }
}
