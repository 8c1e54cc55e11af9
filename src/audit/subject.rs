//! What a tally is of: the app's settings as far as they matter, its cookies, and the recipes that
//! may open each. Tallies of different ones are never added up.

use alloc::borrow::{Cow, ToOwned as _};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::MAX_COOKIES;
use crate::cookies::Cookies;
use crate::error::ConfigError;
use crate::message::{Matched, Origin};
use crate::rails::{
    CookieKind, Profile, RecipeSummary, Rotation, Scope, Secrets, Strictness, Version,
};
use crate::secret::Secret;
use crate::serializer::Serializer;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub(super) rails: Version,
    pub(super) strictness: Strictness,
    pub(super) serializer: Serializer,
    pub(super) cookies: Vec<AuditedCookie>,
    /// A hash over all keys.
    pub(super) keys: String,
}

/// A cookie that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedCookie {
    pub(super) name: String,
    pub(super) kind: CookieKind,
    pub(super) recipes: Vec<AuditedRecipe>,
}

/// A recipe that may open a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditedRecipe {
    pub(super) matched: Matched,
    pub(super) made: RecipeSummary,
    pub(super) changes: Vec<(String, String)>,
}

impl Subject {
    pub(super) fn new<'n>(
        profile: &Profile,
        secrets: &Secrets,
        jars: &Cookies,
        cookies: impl IntoIterator<Item = (&'n str, Option<CookieKind>)>,
    ) -> Result<Self, ConfigError> {
        let has_encrypted = jars.encrypted("").recipes().next().is_some();
        let session = if has_encrypted { CookieKind::Encrypted } else { CookieKind::Signed };
        let mut found: Vec<AuditedCookie> = Vec::new();
        for (name, kind) in cookies {
            let kind = kind.unwrap_or(session);
            if name.is_empty() {
                return Err(ConfigError::CookieName);
            }
            if found.iter().any(|known| known.name == name) {
                return Err(ConfigError::Twice { what: "cookie" });
            }
            let recipes = recipes(profile, jars, kind);
            found.push(AuditedCookie { name: name.to_owned(), kind, recipes });
        }
        match found.len() {
            0 => return Err(ConfigError::Missing { what: "cookie" }),
            count if count > MAX_COOKIES => {
                return Err(ConfigError::Invalid { what: "number of cookies" });
            }
            _ => found.sort_by(|a, b| a.name.cmp(&b.name)),
        }
        let settings = profile.settings();
        Ok(Self {
            rails: profile.version(),
            strictness: strictness(profile),
            serializer: settings.cookies_serializer,
            cookies: found,
            keys: fingerprint(profile, secrets)?,
        })
    }

    /// The cookies, by their names.
    #[must_use]
    pub fn cookies(&self) -> &[AuditedCookie] {
        &self.cookies
    }

    /// The app's version.
    #[must_use]
    pub fn rails(&self) -> Version {
        self.rails
    }

    /// Whether all is taken that this Rails takes.
    #[must_use]
    pub fn strictness(&self) -> Strictness {
        self.strictness
    }

    /// The app's `cookies_serializer`.
    #[must_use]
    pub fn serializer(&self) -> Serializer {
        self.serializer
    }

    /// Sixteen digits of a hash over all keys of the app: alike on two machines only where the keys
    /// are. Whoever would guess a secret can check a guess by it, as by any cookie of the app.
    #[must_use]
    pub fn keys(&self) -> &str {
        &self.keys
    }
}

impl AuditedCookie {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The jar that it is in.
    #[must_use]
    pub fn kind(&self) -> CookieKind {
        self.kind
    }

    /// The primary recipe, then the rotations.
    #[must_use]
    pub fn recipes(&self) -> &[AuditedRecipe] {
        &self.recipes
    }
}

impl AuditedRecipe {
    /// Which recipe it is.
    #[must_use]
    pub fn matched(&self) -> Matched {
        self.matched
    }

    /// What it is made of.
    #[must_use]
    pub fn made(&self) -> RecipeSummary {
        self.made
    }

    /// Of a rotation of the app's own, what differs from today: settings by their Rails names. Of a
    /// secret only that it is another.
    pub fn changes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.changes.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// `"primary"`, `"rotations[0]"`, or the name of a rotation that Rails adds by itself:
    /// `"legacy-cbc"`, `"prepare-upgrade"`, `"secret-token"`.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        match self.matched {
            Matched::Primary => Cow::Borrowed("primary"),
            Matched::Rotation { index, origin: Origin::Configured } => {
                Cow::Owned(format!("rotations[{index}]"))
            }
            Matched::Rotation { origin, .. } => Cow::Borrowed(origin.name()),
        }
    }
}

fn recipes(profile: &Profile, jars: &Cookies, kind: CookieKind) -> Vec<AuditedRecipe> {
    let (jar, scope) = match kind {
        CookieKind::Signed => (jars.signed(""), Scope::Signed),
        CookieKind::Encrypted => (jars.encrypted(""), Scope::Encrypted),
    };
    let recipe = |matched| {
        let made = profile.recipe(kind, matched)?;
        let changes = match matched {
            Matched::Rotation { index, origin: Origin::Configured } => {
                changes(profile, profile.rotations(scope).nth(index)?)
            }
            _ => Vec::new(),
        };
        Some(AuditedRecipe { matched, made, changes })
    };
    jar.recipes().filter_map(recipe).collect()
}

fn strictness(profile: &Profile) -> Strictness {
    match profile.clone().strictness(Strictness::Strict) == *profile {
        true => Strictness::Strict,
        false => Strictness::AsRails,
    }
}

/// What a rotation differs in from today.
fn changes(profile: &Profile, rotation: &Rotation) -> Vec<(String, String)> {
    let (old, new) = (rotation.patch(profile.settings()), profile.settings());
    let authenticated = old.use_authenticated_cookie_encryption;
    let cipher = rotation.old_cipher().map(|cipher| cipher.name().to_string());
    let salts = [
        ("signed_cookie_salt", &old.signed_cookie_salt, &new.signed_cookie_salt),
        ("encrypted_cookie_salt", &old.encrypted_cookie_salt, &new.encrypted_cookie_salt),
        (
            "encrypted_signed_cookie_salt",
            &old.encrypted_signed_cookie_salt,
            &new.encrypted_signed_cookie_salt,
        ),
        (
            "authenticated_encrypted_cookie_salt",
            &old.authenticated_encrypted_cookie_salt,
            &new.authenticated_encrypted_cookie_salt,
        ),
    ];
    let (digest, iterations) = (old.key_generator_hash_digest_class, old.key_generator_iterations);
    let others = [
        ("secret_key_base", rotation.old_secret().map(|_| "another".to_string())),
        ("key", rotation.given_keys().map(|_| "given".to_string())),
        ("digest", rotation.old_digest().map(|digest| digest.name().to_string())),
        (
            "key_generator_hash_digest_class",
            (digest != new.key_generator_hash_digest_class).then(|| digest.name().to_string()),
        ),
        (
            "key_generator_iterations",
            (iterations != new.key_generator_iterations).then(|| iterations.to_string()),
        ),
        ("encrypted_cookie_cipher", cipher),
        (
            "use_authenticated_cookie_encryption",
            (authenticated != new.use_authenticated_cookie_encryption)
                .then(|| authenticated.to_string()),
        ),
    ];
    let salts = salts.into_iter().filter(|(_, old, new)| old != new);
    let salts = salts.map(|(name, old, _)| (name.to_string(), old.clone()));
    let others = others.into_iter().filter_map(|(name, value)| Some((name.to_string(), value?)));
    others.chain(salts).collect()
}

/// A hash over the keys that read cookies, in their order.
fn fingerprint(profile: &Profile, secrets: &Secrets) -> Result<String, ConfigError> {
    let mut text = String::new();
    for key in profile.keys(secrets)? {
        text.push_str(&key.key().fingerprint());
    }
    let rotations = profile.rotations(Scope::Signed).chain(profile.rotations(Scope::Encrypted));
    let given = rotations.filter_map(Rotation::given_keys);
    let given = given.flat_map(|keys| [Some(&keys.secret), keys.sign_secret.as_ref()]);
    let token = secrets.secret_token.as_ref().map(|token| token.expose());
    for key in given.flatten().chain(token) {
        text.push_str(&key.fingerprint());
    }
    Ok(Secret::new(text).fingerprint())
}
