//! What `open` found, for people and for machines.

mod pretty;

pub(crate) use self::pretty::plain;

use anstyle::{AnsiColor, Style};
use railjar::rails::{CookieKind, Profile, RecipeSummary};
use railjar::{Matched, OpenError, Opened, Origin, Session, Timestamp, Value, WardenUser};

use crate::answer::Answer;
use crate::args::Format;
use crate::error::Error;
use crate::{opened, output, time};

/// What was opened.
pub(crate) struct Subject<'s> {
    /// The cookie's name, as far as it is known.
    pub(crate) cookie: Option<&'s str>,
    pub(crate) unescaped: bool,
}

/// The circumstances of an opened cookie or message.
pub(crate) struct Report<'r> {
    pub(crate) profile: &'r Profile,
    /// `None` for a message that is no cookie.
    pub(crate) kind: Option<CookieKind>,
    pub(crate) subject: Subject<'r>,
    pub(crate) now: Timestamp,
}

const GOOD: Style = AnsiColor::Green.on_default().bold();
const NAME: Style = AnsiColor::Cyan.on_default();
const STRONG: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const WARN: Style = AnsiColor::Yellow.on_default();

impl Report<'_> {
    pub(crate) fn print(
        &self,
        opened: &Opened<'_>,
        value: &Value,
        format: Format,
    ) -> Result<(), Error> {
        output::print(&match format {
            Format::Text => self.text(opened, value),
            Format::Json => self.json(opened, value),
        })
    }

    fn recipe(&self, opened: &Opened<'_>) -> Option<RecipeSummary> {
        self.profile.recipe(self.kind?, opened.matched())
    }

    fn text(&self, opened: &Opened<'_>, value: &Value) -> String {
        let mut text = format!("{GOOD}opened:{GOOD:#} {}\n\n", self.what());
        let mut row = |name: &str, content: String| {
            text.push_str(&format!("  {NAME}{name:<12}{NAME:#} {content}\n"));
        };
        if let Some(session) = self.session(value) {
            who(&session).into_iter().for_each(|line| row("signed in", line));
        }
        row("matched", self.matched(opened));
        if let Some(purpose) = opened.purpose() {
            row("purpose", plain(purpose));
        }
        row("valid until", self.validity(opened));
        if self.kind.is_some() {
            row("rewritten", self.reissue(opened));
        }
        row("serializer", serializer(opened));
        if self.subject.unescaped {
            row("note", format!("{QUIET}the value was percent-decoded first{QUIET:#}"));
        }
        text.push_str(&format!("\n{}", pretty::value(value)));
        text
    }

    /// The value as a session, if it is the value of a cookie and looks like one.
    fn session(&self, value: &Value) -> Option<Session> {
        let session = Session::from(value.as_hash()?.clone());
        let is_session = session.session_id().is_some() || session.warden_users().next().is_some();
        (is_session && self.kind.is_some()).then_some(session)
    }

    fn what(&self) -> String {
        let kind = match self.kind {
            None => return "a message".into(),
            Some(CookieKind::Signed) => "a signed cookie",
            Some(CookieKind::Encrypted) => "an encrypted cookie",
        };
        match self.subject.cookie {
            Some(name) => format!("{STRONG}{}{STRONG:#}, {kind}", plain(name)),
            None => kind.into(),
        }
    }

    fn matched(&self, opened: &Opened<'_>) -> String {
        let which = match opened.matched() {
            Matched::Primary => format!("{GOOD}primary{GOOD:#}"),
            Matched::Rotation { index, origin: Origin::Configured } => {
                format!("{WARN}rotations[{index}]{WARN:#} of the app")
            }
            Matched::Rotation { origin, .. } => {
                format!("{WARN}{}{WARN:#}, a rotation of Rails' own", origin.name())
            }
        };
        let made = self.recipe(opened).map(|recipe| recipe_text(&recipe)).unwrap_or_default();
        format!("{which}{made}")
    }

    fn validity(&self, opened: &Opened<'_>) -> String {
        match opened.expires_at() {
            Some(at) => format!(
                "{STRONG}{}{STRONG:#} ({})",
                time::absolute(at),
                time::relative(at, self.now)
            ),
            None if self.kind.is_some() => {
                "no expiry inside the cookie: until the browser drops it, or the secret changes"
                    .into()
            }
            None => "no expiry".into(),
        }
    }

    fn reissue(&self, opened: &Opened<'_>) -> String {
        let version = self.profile.version();
        match opened.must_reissue() {
            true => format!("{WARN}yes{WARN:#}: Rails {version} writes it anew when it reads it"),
            false => format!("no: Rails {version} leaves it as it is"),
        }
    }

    fn json(&self, opened: &Opened<'_>, value: &Value) -> String {
        let mut out = Vec::new();
        let answer = Answer::of_command(&mut out, "ok");
        let answer = match self.kind {
            None => answer,
            Some(CookieKind::Signed) => answer.text("jar", "signed"),
            Some(CookieKind::Encrypted) => answer.text("jar", "encrypted"),
        };
        let answer = match self.subject.cookie {
            Some(name) => answer.text("cookie_name", name),
            None => answer,
        };
        let answer = opened::fields(answer, opened, value);
        let answer = match self.recipe(opened) {
            Some(recipe) => answer.json("recipe", recipe_json(&recipe).as_bytes()),
            None => answer,
        };
        match self.session(value) {
            Some(session) => answer.json("users", &users_json(&session)).end(),
            None => answer.end(),
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// The refusal as the one line of `--format json`.
pub(crate) fn print_refusal(error: OpenError) -> Result<(), Error> {
    let mut out = Vec::new();
    opened::refusal(Answer::of_command(&mut out, "refused"), error).end();
    output::print(&String::from_utf8_lossy(&out))
}

/// Who is logged in, a line each.
fn who(session: &Session) -> Vec<String> {
    let users: Vec<_> = session.warden_users().map(|user| user_text(&user)).collect();
    match users.is_empty() {
        true => vec![format!("nobody {QUIET}(a guest: no Warden user in the session){QUIET:#}")],
        false => users,
    }
}

fn user_text(user: &WardenUser<'_>) -> String {
    let scope = plain(user.scope());
    match user.devise_id() {
        Some(id) => {
            let id: Vec<_> = id.iter().map(Value::to_string).collect();
            format!(
                "{STRONG}{scope} {}{STRONG:#} {QUIET}(Devise, scope {scope}){QUIET:#}",
                id.join(",")
            )
        }
        None => {
            format!("{STRONG}{scope}{STRONG:#} {} {QUIET}(Warden's key){QUIET:#}", user.key())
        }
    }
}

fn users_json(session: &Session) -> Vec<u8> {
    let users = session.warden_users().map(|user| {
        let id = user.devise_id().map(<[Value]>::to_vec).map(Value::from);
        let fields = [
            ("scope", Value::from(user.scope())),
            ("devise_id", id.unwrap_or_default()),
            ("key", user.key().clone()),
        ];
        Value::Hash(fields.into_iter().collect())
    });
    let users = Value::Array(users.collect());
    let text = railjar::serializer::json::Text::STDLIB;
    railjar::serializer::json::to_vec(&users, &text).unwrap_or_else(|_| b"null".to_vec())
}

fn recipe_text(recipe: &RecipeSummary) -> String {
    let cipher = recipe.cipher.map(|cipher| cipher.name().to_uppercase());
    let digest = recipe.digest.map(|digest| format!("HMAC {}", digest.name()));
    let key = match recipe.key_digest {
        Some(digest) => format!("key derived by {}", digest.name()),
        None => "key given".into(),
    };
    let parts = [cipher, digest, Some(key)].into_iter().flatten();
    format!(": {}", parts.collect::<Vec<_>>().join(", "))
}

/// The fields of a recipe, null where it has none.
fn recipe_json(recipe: &RecipeSummary) -> String {
    let name = |name: Option<&str>| name.map_or("null".into(), |name| format!("\"{name}\""));
    format!(
        "{{\"cipher\":{},\"digest\":{},\"key_digest\":{}}}",
        name(recipe.cipher.map(|cipher| cipher.name())),
        name(recipe.digest.map(|digest| digest.name())),
        name(recipe.key_digest.map(|digest| digest.name())),
    )
}

fn serializer(opened: &Opened<'_>) -> String {
    let format = opened.format().name();
    match opened.envelope().name() {
        "none" => format!("{format}, without metadata"),
        form => format!("{format}, in a {form} envelope"),
    }
}
