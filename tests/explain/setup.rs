//! Candidates as a case has them: its secrets alone, or its reader too.

use std::collections::HashMap;

use railjar::explain::{Candidates, Question};
use railjar::rails::{CookieKind, Profile, Strictness};
use railjar::{Expected, Secret, SecretKeyBase, SecretToken};
use serde_json::{Map, Value};

use crate::case::{Case, hex};
use crate::subject::{self, Subject};

/// Candidates by what they were made of: a version's cases share a few, and keys take time.
#[derive(Default)]
pub(crate) struct Pool(HashMap<String, Candidates>);

impl Pool {
    /// All secrets that the case mentions, and nothing else.
    pub(crate) fn secrets(&mut self, case: &Case) -> &mut Candidates {
        let secrets = of_case(case);
        self.0.entry(format!("{secrets:?}")).or_insert_with(|| with(&secrets))
    }

    /// The reader's own secrets, and the reader. `None` where Rails refuses its settings.
    pub(crate) fn reader(&mut self, case: &Case) -> Option<&mut Candidates> {
        let secrets = of_config(&case.config);
        let config = Value::Object(case.config.clone());
        let key = format!("{} {config}", case.version);
        if !self.0.contains_key(&key) {
            let candidates = with(&secrets);
            let candidates = match Subject::reader(case, Strictness::Strict).ok()? {
                Subject::Cookies { .. } => candidates.app(&profile(case)?).ok()?,
                Subject::Verifier(verifier) => candidates.verifier(&verifier),
                Subject::Encryptor(encryptor) => candidates.encryptor(&encryptor),
            };
            self.0.insert(key.clone(), candidates);
        }
        self.0.get_mut(&key)
    }
}

/// The app that reads a case.
fn profile(case: &Case) -> Option<Profile> {
    let mut config = case.config.clone();
    config.remove("secret_key_base");
    config.remove("secret_token");
    subject::profile_of(case.version, config, Strictness::Strict).ok()
}

/// What the reader of the case looks for.
pub(crate) fn expected<'c>(case: &'c Case, wire: &'c [u8]) -> Question<'c> {
    let question = Question::new(wire);
    if case.layer == "message" {
        let purpose = case.purpose.as_deref();
        return question.message(purpose.map_or(Expected::NoPurpose, Expected::Purpose));
    }
    let question = question.cookie(&case.cookie_name);
    match case.kind.as_str() {
        "signed" => question.jar(CookieKind::Signed),
        "encrypted" => question.jar(CookieKind::Encrypted),
        _ => question,
    }
}

/// The kind of a secret, and its text.
type Secrets = Vec<(&'static str, String)>;

fn of_case(case: &Case) -> Secrets {
    let configs = [Some(&case.config), case.sealed_with.as_ref()];
    let mut secrets: Secrets = configs.into_iter().flatten().flat_map(of_config).collect();
    // The keys of a cookie's rotations are derived from secrets that are there too.
    secrets.retain(|(kind, _)| case.layer == "message" || !kind.ends_with("_hex"));
    let mut known = Vec::new();
    secrets.retain(|secret| {
        let is_new = !known.contains(secret);
        known.push(secret.clone());
        is_new
    });
    secrets
}

fn of_config(config: &Map<String, Value>) -> Secrets {
    let config = Value::Object(config.clone());
    let mut secrets = Vec::new();
    let mut of = |object: &Value| {
        for key in ["secret_key_base", "secret_token", "secret_hex", "sign_secret_hex"] {
            if let Some(text) = object[key].as_str() {
                secrets.push((key, text.to_owned()));
            }
        }
    };
    of(&config);
    let rotations = &config["rotations"];
    let lists = [rotations, &rotations["signed"], &rotations["encrypted"]];
    lists.iter().flat_map(|list| list.as_array()).flatten().for_each(&mut of);
    secrets
}

fn with(secrets: &Secrets) -> Candidates {
    secrets.iter().fold(Candidates::new(), |candidates, (kind, text)| match *kind {
        "secret_key_base" => {
            candidates.secret_key_base(&SecretKeyBase::new(text.as_str()).unwrap())
        }
        "secret_token" => match SecretToken::new(text.as_str()) {
            Ok(token) => candidates.secret_token(&token),
            Err(_) => candidates,
        },
        _ => candidates.key(&Secret::new(hex(text))),
    })
}
