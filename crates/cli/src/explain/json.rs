//! The answer as one line of JSON.

use railjar::Timestamp;
use railjar::explain::{
    Cause, Change, Found, KeySource, Recipe, Report, Shape, ShapeKind, Spelling, Verdict,
};
use railjar::rails::CookieKind;

use super::{Explained, words};
use crate::answer::Answer;
use crate::opened;

/// A nested object, in the order of its fields. Values are JSON already.
#[derive(Default)]
struct Object(String);

impl Object {
    fn json(mut self, name: &str, json: &str) -> Self {
        let comma = if self.0.is_empty() { "" } else { "," };
        self.0.push_str(&format!("{comma}\"{name}\":{json}"));
        self
    }

    fn text(self, name: &str, text: Option<&str>) -> Self {
        let json = text.map_or("null".into(), quoted);
        self.json(name, &json)
    }

    fn number(self, name: &str, number: Option<usize>) -> Self {
        self.json(name, &number.map_or("null".into(), |number| number.to_string()))
    }

    fn time(self, name: &str, at: Option<Timestamp>) -> Self {
        self.text(name, at.map(|at| at.to_string()).as_deref())
    }

    fn end(self) -> String {
        format!("{{{}}}", self.0)
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_else(|_| "null".into())
}

pub(super) fn of(it: &Explained<'_>) -> String {
    let Explained { report, now, .. } = it;
    let mut out = Vec::new();
    let answer = Answer::of_command(&mut out, result(report));
    let answer = match it.name() {
        Some(name) => answer.text("cookie_name", name),
        None => answer,
    };
    let answer = match &report.cause {
        None => answer,
        Some(cause) => answer
            .text("cause", cause.name())
            .json("details", details(cause).as_bytes())
            .text("message", &words::happened(cause, *now)),
    };
    let answer = match &report.then {
        None => answer,
        Some(then) => answer.text("then", then.name()),
    };
    let answer = answer.flag("proven", report.found.is_some());
    let answer = answer.json("shape", shape(&report.shape).as_bytes());
    let answer = match &report.found {
        None => answer,
        Some(found) => answer.json("found", found_json(found).as_bytes()),
    };
    let answer = match report.verdict {
        Verdict::Accepted { jar, matched, must_reissue } => {
            let answer = match jar {
                Some(jar) => answer.text("jar", jar_name(jar)),
                None => answer,
            };
            opened::matched(answer, matched).flag("reissue", must_reissue)
        }
        _ => answer,
    };
    let answer = match report.as_rails {
        Some(taken) => answer.flag("as_rails", taken),
        None => answer,
    };
    match &report.change {
        Some(change) => answer.json("change", change_json(change).as_bytes()).end(),
        None => answer.end(),
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn result(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::Unjudged => "unjudged",
        Verdict::Refused => "refused",
        _ => "ok",
    }
}

fn jar_name(jar: CookieKind) -> &'static str {
    match jar {
        CookieKind::Signed => "signed",
        CookieKind::Encrypted => "encrypted",
    }
}

/// What is known of the cause.
fn details(cause: &Cause) -> String {
    let none = Object::default();
    match cause {
        Cause::PercentEncoded { times } => none.number("times", Some(usize::from(*times))),
        Cause::Cut { length, .. } => none.number("length", Some(*length)),
        Cause::Junk { junk } => none.text("junk", Some(junk.name())),
        Cause::NotRails { foreign } => none.text("seems", Some(foreign.name())),
        Cause::OtherJar { jar } => none.text("jar", Some(jar_name(*jar))),
        Cause::OtherUse { used_for } => none.text("is", Some(&used_for.noun())),
        Cause::OtherDigest { digest } | Cause::OtherKeyDigest { digest } => {
            none.text("digest", Some(digest.name()))
        }
        Cause::OtherIterations { iterations } => {
            none.number("iterations", usize::try_from(iterations.get()).ok())
        }
        Cause::OtherCipher { cipher } => none.text("cipher", Some(cipher.name())),
        Cause::OtherSalt { salt } => none.text("salt", Some(salt)),
        Cause::Expired { at } => none.time("at", Some(*at)),
        Cause::OtherCookieName { name } => none.text("name", Some(name)),
        Cause::OtherPurpose { purpose } => none.text("purpose", purpose.as_deref()),
        Cause::SerializerNotAllowed { format } => none.text("serializer", Some(format.name())),
        _ => none,
    }
    .end()
}

fn shape(shape: &Shape) -> String {
    let digest = match shape.kind {
        ShapeKind::Signed { digest } | ShapeKind::EncryptedCbc { digest } => Some(digest.name()),
        _ => None,
    };
    let object = Object::default()
        .text("kind", Some(shape.kind.name()))
        .text("digest", digest)
        .json("url_safe", &(shape.spelling == Spelling::UrlSafe).to_string())
        .text("since_rails", shape.since().map(|version| version.name()))
        .number("wire_length", Some(shape.wire_len))
        .number("data_length", shape.data_len);
    let Some(unverified) = &shape.unverified else { return object.end() };
    let unverified = Object::default()
        .text("serializer", unverified.format.map(|format| format.name()))
        .text("envelope", Some(unverified.envelope.name()))
        .text("purpose", unverified.purpose.as_deref())
        .time("expires_at", unverified.expires_at)
        .number("payload_length", Some(unverified.payload_len));
    object.json("unverified", &unverified.end()).end()
}

fn found_json(found: &Found) -> String {
    let looks = found.looks();
    let defaults = looks.load_defaults.iter();
    let defaults: Vec<_> =
        defaults.map(|it| it.map_or("null".into(), |version| quoted(version.name()))).collect();
    let versions: Vec<_> = looks.versions.iter().map(|version| quoted(version.name())).collect();
    let object = Object::default()
        .text("is", Some(&found.recipe.used_for.noun()))
        .json("recipe", &recipe(&found.recipe))
        .text("words", Some(&found.recipe.to_string()))
        .json("load_defaults", &format!("[{}]", defaults.join(",")))
        .json("rails", &format!("[{}]", versions.join(",")))
        .json("settings", &settings(&found.settings()));
    let Ok(contents) = &found.contents else { return object.end() };
    object
        .text("envelope", Some(contents.envelope.name()))
        .text("purpose", contents.purpose.as_deref())
        .time("expires_at", contents.expires_at)
        .text("serializer", Some(contents.format.name()))
        .number("payload_length", Some(contents.payload_len))
        .end()
}

fn recipe(recipe: &Recipe) -> String {
    let object = Object::default()
        .text("cipher", recipe.cipher.map(|cipher| cipher.name()))
        .text("digest", words::digest(recipe.digest))
        .text("key_digest", words::digest(recipe.key_digest()));
    match &recipe.key {
        KeySource::Derived { secret, iterations, salt, .. } => object
            .number("iterations", usize::try_from(iterations.get()).ok())
            .text("salt", Some(salt))
            .number("secret", Some(*secret)),
        _ => object,
    }
    .end()
}

fn settings(pairs: &[(&'static str, String)]) -> String {
    let object = pairs
        .iter()
        .fold(Object::default(), |object, (name, value)| object.text(name, Some(value)));
    object.end()
}

fn change_json(change: &Change) -> String {
    let object = match change {
        Change::Rotate { jar, settings: pairs, serializer, .. } => Object::default()
            .text("rotate", Some(jar_name(*jar)))
            .json("settings", &settings(pairs))
            .text("cookies_serializer", serializer.map(|serializer| serializer.name())),
        Change::Serializer { serializer, .. } => {
            Object::default().text("cookies_serializer", Some(serializer.name()))
        }
        Change::RotateOption { option, value, .. } => Object::default().text(option, Some(value)),
        _ => Object::default(),
    };
    object.text("ruby", change.ruby()).end()
}
