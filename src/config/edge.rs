//! The settings of an edge: the formats by name, the cookies, the rules, the hints, the policies.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, de};

use super::{App, SecretReference};
use crate::edge::{
    Edge, Format, Headers, Hint, KeptCookie, Lossy, Policies, Rotated, Rule, Unreadable,
};
use crate::error::ConfigError;
use crate::rails::{CookieKind, KeyCache, Strictness};
use crate::secret::Secret;

/// The settings of an [`Edge`]. Unknown keys are errors, at every level; [`nearest`](super::nearest())
/// finds the one that was meant.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EdgeSettings {
    /// The states of the app, by name, in order. Each is read as that Rails really reads, whatever
    /// its `strictness`; its `cookies` are not looked at.
    #[serde(deserialize_with = "in_order")]
    pub formats: Vec<(String, App)>,
    /// The format that browsers should hold.
    #[serde(default)]
    pub browser_format: Option<String>,
    /// The session cookie.
    #[serde(default)]
    pub session: Option<EdgeCookie>,
    /// Other cookies to look after.
    #[serde(default)]
    pub cookies: Vec<EdgeCookie>,
    /// Who counts as signed in.
    #[serde(default)]
    pub signed_in: Vec<SignedInRule>,
    /// Login hints.
    #[serde(default)]
    pub hints: Vec<EdgeHint>,
    /// What is done where there is a choice.
    #[serde(default)]
    pub policies: EdgePolicies,
    /// Names of request headers.
    #[serde(default)]
    pub headers: EdgeHeaders,
}

/// A cookie to look after.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EdgeCookie {
    /// Its name.
    pub name: String,
    /// Its jar; a session may leave it out, and is encrypted then.
    #[serde(default, deserialize_with = "kind")]
    pub kind: Option<CookieKind>,
    /// Its path.
    #[serde(default)]
    pub path: Option<String>,
    /// Its domain.
    #[serde(default)]
    pub domain: Option<String>,
    /// Whether it keeps a page out of the cache.
    #[serde(default)]
    pub cache: CookieInCache,
}

/// Whether a cookie keeps a page out of the cache.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CookieInCache {
    /// It does.
    #[default]
    Matters,
    /// It changes no page.
    Ignored,
}

/// One rule: `preset`, `session_path` or `cookie`, with what belongs to each.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "RuleEntry")]
pub struct SignedInRule(Rule);

/// A rule as it stands in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct RuleEntry {
    preset: Option<Preset>,
    scopes: Option<Vec<String>>,
    session_path: Option<Vec<String>>,
    cookie: Option<String>,
    #[serde(deserialize_with = "kind")]
    kind: Option<CookieKind>,
    scope: Option<String>,
    equals: Option<String>,
    any_value: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Preset {
    Devise,
    Rails8,
}

/// A login hint.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the rest are methods of `edge::Hint`, described there")]
pub struct EdgeHint {
    /// The cookie's name.
    pub name: String,
    #[serde(default)]
    pub value: Option<String>,
    #[serde(default)]
    pub scopes: Vec<String>,
    #[serde(default)]
    pub path: Option<String>,
    #[serde(default)]
    pub domain: Option<String>,
    #[serde(default)]
    pub attributes: Option<String>,
}

/// What is done where there is a choice; what is absent keeps its default.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is a field of `edge::Policies`, described there")]
pub struct EdgePolicies {
    #[serde(deserialize_with = "unreadable")]
    pub unreadable: Unreadable,
    #[serde(deserialize_with = "lossy")]
    pub lossy: Lossy,
    #[serde(deserialize_with = "rotated")]
    pub rotated: Rotated,
    pub harmless_session_keys: Option<Vec<String>>,
}

/// Names of request headers; what is absent keeps its default.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is a field of `edge::Headers`, described there")]
pub struct EdgeHeaders {
    pub verdict: Option<String>,
    pub scope: Option<String>,
    pub user: Option<String>,
    pub cache: Option<String>,
}

impl EdgeSettings {
    /// The edge, with all keys derived. `fetch` fetches the secrets: the text that stands where the
    /// reference points.
    ///
    /// # Errors
    /// What `fetch` fails with, what [`App::profile`] refuses, and what
    /// [`EdgeBuilder::build`](crate::edge::EdgeBuilder::build) refuses.
    pub fn edge<E: From<ConfigError>>(
        &self,
        fetch: &mut impl FnMut(&SecretReference) -> Result<Secret, E>,
    ) -> Result<Edge, E> {
        let mut keys = KeyCache::default();
        let mut edge = Edge::builder();
        for (name, app) in &self.formats {
            let profile = app.profile(fetch)?.strictness(Strictness::AsRails);
            let secrets = app.secrets(fetch)?;
            let cookies = profile.cookies_with_cache(secrets, &mut keys)?;
            edge = edge.format(Format::new(name, cookies));
        }
        if let Some(name) = &self.browser_format {
            edge = edge.browser_format(name);
        }
        if let Some(session) = &self.session {
            edge = edge.session(session.cookie(CookieKind::Encrypted));
        }
        for cookie in &self.cookies {
            let kind = cookie.kind.ok_or(ConfigError::Missing { what: "kind of the cookie" })?;
            edge = edge.cookie(cookie.cookie(kind));
        }
        edge = self.signed_in.iter().fold(edge, |edge, SignedInRule(rule)| edge.rule(rule.clone()));
        edge = self.hints.iter().fold(edge, |edge, hint| edge.hint(hint.hint()));
        Ok(edge.policies(self.policies.policies()).headers(self.headers.headers()).build()?)
    }
}

impl EdgeCookie {
    fn cookie(&self, default: CookieKind) -> KeptCookie {
        let mut cookie = kept(&self.name, self.kind.unwrap_or(default));
        if let Some(path) = &self.path {
            cookie = cookie.path(path);
        }
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(domain);
        }
        match self.cache {
            CookieInCache::Matters => cookie,
            CookieInCache::Ignored => cookie.ignored_by_cache(),
        }
    }
}

fn kept(name: &str, kind: CookieKind) -> KeptCookie {
    match kind {
        CookieKind::Signed => KeptCookie::signed(name),
        CookieKind::Encrypted => KeptCookie::encrypted(name),
    }
}

impl TryFrom<RuleEntry> for SignedInRule {
    type Error = &'static str;

    fn try_from(entry: RuleEntry) -> Result<Self, &'static str> {
        let RuleEntry { preset, scopes, session_path, cookie, kind, scope, equals, any_value } =
            entry;
        let is_devise = matches!(preset, Some(Preset::Devise));
        if scopes.is_some() && !is_devise {
            return Err("scopes belongs to preset = \"devise\"");
        }
        if kind.is_some() && cookie.is_none() {
            return Err("kind belongs to cookie");
        }
        let mut rule = match (preset, session_path, cookie) {
            (Some(Preset::Devise), None, None) => Rule::devise_scopes(scopes.unwrap_or_default()),
            (Some(Preset::Rails8), None, None) => Rule::rails8(),
            (None, Some(path), None) if !path.is_empty() => Rule::session_path(path),
            (None, None, Some(name)) => {
                let kind = kind.ok_or("cookie needs kind: \"signed\" or \"encrypted\"")?;
                Rule::cookie(kept(&name, kind))
            }
            _ => return Err("a rule has exactly one of preset, session_path and cookie"),
        };
        if let Some(scope) = scope {
            if is_devise {
                return Err("preset = \"devise\" has scopes, a list");
            }
            rule = rule.scope(scope);
        }
        rule = match (equals, any_value) {
            (Some(_), true) => return Err("a rule has equals or any_value, not both"),
            (Some(text), false) => rule.equals(text),
            (None, true) => rule.any_value(),
            (None, false) => rule,
        };
        Ok(Self(rule))
    }
}

impl EdgeHint {
    fn hint(&self) -> Hint {
        let mut hint = Hint::new(&self.name).scopes(&self.scopes);
        macro_rules! apply {
            ($($field:ident)*) => {
                $(if let Some(text) = &self.$field {
                    hint = hint.$field(text);
                })*
            };
        }
        apply! { value path domain attributes }
        hint
    }
}

impl EdgePolicies {
    fn policies(&self) -> Policies {
        let defaults = Policies::default();
        Policies {
            unreadable: self.unreadable,
            lossy: self.lossy,
            rotated: self.rotated,
            harmless_session_keys: self
                .harmless_session_keys
                .clone()
                .unwrap_or(defaults.harmless_session_keys),
        }
    }
}

impl EdgeHeaders {
    fn headers(&self) -> Headers {
        let Self { verdict, scope, user, cache } = self.clone();
        let defaults = Headers::default();
        Headers { verdict: verdict.unwrap_or(defaults.verdict), scope, user, cache }
    }
}

/// A table as a list, in its order.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, App)>, D::Error> {
    struct Formats;

    impl<'de> de::Visitor<'de> for Formats {
        type Value = Vec<(String, App)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table of formats by their names")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut formats = Vec::new();
            while let Some(format) = map.next_entry()? {
                formats.push(format);
            }
            Ok(formats)
        }
    }

    deserializer.deserialize_map(Formats)
}

/// A word for each variant of a type that serde does not know.
macro_rules! words {
    ($($name:ident: $type:ty { $($variant:ident $word:literal),* })*) => {
        $(fn $name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
            #[derive(Deserialize)]
            enum Word {
                $(#[serde(rename = $word)] $variant,)*
            }

            Ok(match Word::deserialize(deserializer)? {
                $(Word::$variant => <$type>::$variant,)*
            })
        })*
    };
}

words! {
    some_kind: CookieKind { Signed "signed", Encrypted "encrypted" }
    unreadable: Unreadable { Pass "pass", Strip "strip", Expire "expire" }
    lossy: Lossy { Pass "pass", Strip "strip", Convert "convert" }
    rotated: Rotated { Pass "pass", Reseal "reseal" }
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<CookieKind>, D::Error> {
    some_kind(deserializer).map(Some)
}
