//! How a finding is mended: what to do, and the lines to paste.

use railjar::explain::Change;
use railjar::rollout::{Finding, Party, Rule, Subject};

use super::{Checked, words};
use crate::explain;

/// Cookies as 5.2 reads them.
const METADATA: &str = "\
# config/initializers/use_cookies_with_metadata.rb
Rails.application.config.action_dispatch.use_cookies_with_metadata = false
";

/// Cookies without their expiry, as before 5.2.
const EXPIRY: &str = "\
# config/initializers/cookies.rb
Rails.application.config.action_dispatch.use_authenticated_cookie_encryption = false
";

/// What to do about a finding.
pub(super) struct Mend {
    pub(super) words: String,
    /// Ruby, or a part of a settings file.
    pub(super) code: Option<String>,
}

impl Checked {
    pub(super) fn mend(&self, finding: &Finding) -> Mend {
        let plainly = |words: &str| Mend { words: words.into(), code: None };
        let party = match &finding.subject {
            Subject::Reading { reader: party, .. } | Subject::Rotation { party, .. } => party,
            _ => return plainly("store less in it before this is deployed"),
        };
        let name = self.party_name(party);
        match finding.rule {
            Rule::Poison if self.is_of_expiry(finding) => Mend {
                words: format!(
                    "go to Rails 5.2 first, with this, for as long as {name} serves or may serve \
                     again; Rails 6.0 and later always write it:"
                ),
                code: Some(EXPIRY.into()),
            },
            Rule::OldCannotReadNew | Rule::RollbackStrands => self.before(finding, &name),
            Rule::Poison if matches!(finding.deploy, Some(deploy) if is_of(party, deploy)) => {
                self.before(finding, &name)
            }
            Rule::NewCannotReadOld | Rule::Poison => {
                let lifetime = self.lifetime(finding);
                self.with_change(
                    finding,
                    format!(
                        "give {name} this too, and keep it until {lifetime} after the last server \
                         that writes such cookies is gone:"
                    ),
                )
            }
            Rule::RotatorRemovedTooSoon => plainly(&format!(
                "keep that rotation until {} after the last server that writes such cookies is \
                 gone, and remove it in a deploy of its own",
                self.lifetime(finding)
            )),
            Rule::EdgeCannotRead => self.with_change(
                finding,
                match finding.deploy {
                    Some(_) => format!("before this deploy, have {name} read it too, as with:"),
                    None => format!("have {name} read it too, as with:"),
                },
            ),
            Rule::RotationRotatesNothing => plainly(
                "let it say what it is there to read: how cookies were written before, or how the \
                 next deploy will write them",
            ),
            Rule::ReissueDropsExpiry => plainly(
                "have the app write it anew by itself, with its options, when it reads it; or allow \
                 this if it may end with the browser",
            ),
            Rule::ReissueEmptiesHash if self.is_session(finding) => plainly(
                "go to Rails 6.0 first; or take the keys value and path out of the session again",
            ),
            Rule::ReissueEmptiesHash => plainly(
                "have the app write it anew by itself when it reads it; or store text in it",
            ),
            _ => plainly("the page of the rule says more"),
        }
    }

    /// What the old servers need before the new ones come.
    fn before(&self, finding: &Finding, name: &str) -> Mend {
        if finding.cause.as_ref().is_some_and(|cause| words::is_of_metadata(finding, cause)) {
            return Mend {
                words: "deploy the new release with this first, and without it when all servers \
                        have it:"
                    .into(),
                code: Some(METADATA.into()),
            };
        }
        let has_ruby = finding.change.as_ref().is_some_and(|change| change.ruby().is_some());
        match (&finding.change, has_ruby) {
            (Some(_), false) => Mend {
                words: format!(
                    "the Rails of {name} cannot be told to read it: first deploy the new Rails with \
                     the settings of {name}, and the new settings after that"
                ),
                code: None,
            },
            _ => self.with_change(
                finding,
                format!(
                    "first deploy {name} with this besides, so that it reads both; then go on:"
                ),
            ),
        }
    }

    /// With the change that was tried, in the reader's own language.
    fn with_change(&self, finding: &Finding, words: String) -> Mend {
        let Some(change) = &finding.change else {
            let help =
                finding.cause.as_ref().map_or("the page of the rule says more", explain::help);
            return Mend { words: help.into(), code: None };
        };
        let code = match finding.rule {
            Rule::EdgeCannotRead => Some(settings(change)),
            _ => ruby(finding, change),
        };
        Mend { words, code }
    }
}

/// The Ruby of a change. The other secret is the new one for who is to read what comes.
pub(super) fn ruby(finding: &Finding, change: &Change) -> Option<String> {
    change.ruby().map(|ruby| match finding.rule {
        Rule::OldCannotReadNew | Rule::RollbackStrands => {
            ruby.replace("OLD_SECRET_KEY_BASE", "NEW_SECRET_KEY_BASE")
        }
        _ => ruby.into(),
    })
}

fn is_of(party: &Party, stage: usize) -> bool {
    matches!(party, Party::Servers { stage: of } if *of == stage)
}

/// A change as it stands in a settings file.
pub(in crate::rollout) fn settings(change: &Change) -> String {
    let serializer = |name: &str| format!("[settings]\ncookies_serializer = \"{name}\"\n");
    match change {
        Change::Rotate { settings, serializer: also, .. } => {
            let also = also.map(|it| format!("{}\n", serializer(it.name())));
            let lines = settings.iter().map(|(name, value)| match value.parse::<u64>() {
                Ok(_) => format!("{name} = {value}\n"),
                Err(_) if value == "true" || value == "false" => format!("{name} = {value}\n"),
                Err(_) => format!("{name} = \"{value}\"\n"),
            });
            let lines: String = lines.collect();
            let lines = match lines.is_empty() {
                true => "secret_key_base = { env = \"OTHER_SECRET_KEY_BASE\" }\n".into(),
                false => lines,
            };
            format!("{}[[rotations]]\n{lines}", also.unwrap_or_default())
        }
        Change::Serializer { serializer: it, .. } => serializer(it.name()),
        _ => String::new(),
    }
}
