//! What an app is told for one step, as Ruby to paste.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::recipe::Recipe;
use crate::crypto::{Cipher, Digest};
use crate::keys::SIGN_KEY_LEN;
use crate::rails::{CookieKind, Settings, Version};
use crate::rollout::Release;
use crate::serializer::Serializer;

/// An initializer for the app's Rails. It says all that differs between what serves now and what
/// shall serve, whatever `load_defaults` says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Initializer {
    /// Where it belongs in the app. It is loaded after what Rails itself generates there.
    pub path: &'static str,
    /// The file.
    pub ruby: String,
    /// The environment variables that it takes secrets from, besides the app's own.
    pub environment: Vec<String>,
}

/// Loaded after `new_framework_defaults_7_0.rb` and the like.
const PATH: &str = "config/initializers/zz_cookies_rollout.rb";

impl Initializer {
    /// What an app is told to be `release`, on the way from `now` to `next`.
    pub(super) fn new(release: &Release, now: &Release, next: &Release) -> Self {
        let mut writer =
            Writer { release, now, next, ruby: String::new(), environment: Vec::new() };
        writer.settings();
        for kind in [CookieKind::Signed, CookieKind::Encrypted] {
            let recipes: Vec<Recipe> = Recipe::rotated(release, kind).collect();
            recipes.iter().for_each(|recipe| writer.rotation(recipe));
        }
        let ruby = writer.ruby.trim_start().to_string();
        Self { path: PATH, ruby, environment: writer.environment }
    }
}

struct Writer<'p> {
    release: &'p Release,
    now: &'p Release,
    next: &'p Release,
    ruby: String,
    environment: Vec<String>,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.ruby.push_str(line);
        self.ruby.push('\n');
    }

    /// Those that are not the same from now to next.
    fn settings(&mut self) {
        let version = self.release.profile.version();
        let [now, next] = [self.now, self.next].map(|release| release.profile.settings());
        let own = self.release.profile.settings();
        for setting in SETTINGS {
            let [is, was, becomes] = [own, now, next].map(setting.value);
            if version >= setting.since && (was != becomes || is != becomes) {
                let (place, name) = (setting.place, setting.name);
                let value = if setting.name == "cookies_serializer" {
                    serializer(own.cookies_serializer, version)
                } else {
                    is
                };
                self.line(&format!("Rails.application.config.{place}.{name} = {value}"));
            }
        }
    }

    fn rotation(&mut self, recipe: &Recipe) {
        let settings = recipe.settings();
        let jar = match recipe.kind() {
            CookieKind::Signed => "signed",
            CookieKind::Encrypted => "encrypted",
        };
        let is_cbc = recipe.kind() == CookieKind::Encrypted && !recipe.cipher().is_authenticated();
        let salts: Vec<(&str, &str, usize)> = match (recipe.kind(), is_cbc) {
            (CookieKind::Signed, _) => {
                [("key", &*settings.signed_cookie_salt, SIGN_KEY_LEN)].into()
            }
            (_, false) => {
                let salt = &*settings.authenticated_encrypted_cookie_salt;
                [("key", salt, recipe.cipher().key_len())].into()
            }
            (_, true) => [
                ("key", &*settings.encrypted_cookie_salt, recipe.cipher().key_len()),
                ("sign_key", &*settings.encrypted_signed_cookie_salt, SIGN_KEY_LEN),
            ]
            .into(),
        };
        self.ruby.push('\n');
        if recipe.has_given_keys() {
            for (name, ..) in &salts {
                let variable = self.variable(&format!("COOKIE_ROTATION_{}", name.to_uppercase()));
                self.line(&format!("{name} = [ENV.fetch({variable:?})].pack(\"H*\")"));
            }
        } else {
            let secret = self.secret(recipe);
            let digest = settings.key_generator_hash_digest_class.name();
            let iterations = settings.key_generator_iterations;
            for (name, salt, length) in &salts {
                self.line(&format!(
                    "{name} = OpenSSL::PKCS5.pbkdf2_hmac({secret}, {}, {iterations}, {length}, \
                     {digest:?})",
                    quoted(salt)
                ));
            }
        }
        let names: Vec<&str> = salts.iter().map(|(name, ..)| *name).collect();
        let own = Recipe::written(self.release, recipe.kind());
        let mut options = String::new();
        if recipe.kind() == CookieKind::Encrypted && recipe.cipher() != own.cipher() {
            options.push_str(&format!(", cipher: {:?}", recipe.cipher().name()));
        }
        if recipe.digest() != own.digest() {
            options.push_str(&format!(", digest: {:?}", recipe.digest().name()));
        }
        self.line(&format!(
            "Rails.application.config.action_dispatch.cookies_rotations.rotate :{jar}, {}{options}",
            names.join(", ")
        ));
    }

    /// The Ruby that gives the secret of a recipe.
    fn secret(&mut self, recipe: &Recipe) -> String {
        let secret = recipe.secret();
        let of = |release: &Release| release.secrets.secret_key_base.clone();
        if secret == of(self.release).as_ref() {
            return "Rails.application.secret_key_base".to_string();
        }
        let name = if secret == of(self.next).as_ref() {
            "NEW_SECRET_KEY_BASE".to_string()
        } else if secret == of(self.now).as_ref() {
            "OLD_SECRET_KEY_BASE".to_string()
        } else {
            self.variable("OLDER_SECRET_KEY_BASE")
        };
        if !self.environment.contains(&name) {
            self.environment.push(name.clone());
        }
        format!("ENV.fetch({name:?})")
    }

    /// A variable that has not been asked for yet.
    fn variable(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number: usize| format!("{name}_{number}"));
        let mut names = core::iter::once(name.to_string()).chain(numbered);
        let free = names.find(|name| !self.environment.contains(name)).unwrap_or_default();
        self.environment.push(free.clone());
        free
    }
}

/// A setting that decides how cookies are written.
struct Setting {
    since: Version,
    place: &'static str,
    name: &'static str,
    /// Its value as Ruby.
    value: fn(&Settings) -> String,
}

const fn setting(
    since: Version,
    place: &'static str,
    name: &'static str,
    value: fn(&Settings) -> String,
) -> Setting {
    Setting { since, place, name, value }
}

const SETTINGS: [Setting; 11] = [
    setting(Version::V4_1, "action_dispatch", "cookies_serializer", |it| {
        it.cookies_serializer.name().into()
    }),
    setting(Version::V4_2, "action_dispatch", "cookies_digest", |it| {
        or_nil(it.cookies_digest.map(Digest::name))
    }),
    setting(Version::V5_2, "action_dispatch", "signed_cookie_digest", |it| {
        or_nil(it.signed_cookie_digest.map(Digest::name))
    }),
    setting(Version::V5_2, "action_dispatch", "encrypted_cookie_cipher", |it| {
        or_nil(it.encrypted_cookie_cipher.map(Cipher::name))
    }),
    setting(Version::V5_2, "action_dispatch", "use_authenticated_cookie_encryption", |it| {
        it.use_authenticated_cookie_encryption.to_string()
    }),
    setting(Version::V6_0, "action_dispatch", "use_cookies_with_metadata", |it| {
        it.use_cookies_with_metadata.to_string()
    }),
    setting(Version::V3_2, "action_dispatch", "signed_cookie_salt", |it| {
        quoted(&it.signed_cookie_salt)
    }),
    setting(Version::V4_0, "action_dispatch", "encrypted_cookie_salt", |it| {
        quoted(&it.encrypted_cookie_salt)
    }),
    setting(Version::V4_0, "action_dispatch", "encrypted_signed_cookie_salt", |it| {
        quoted(&it.encrypted_signed_cookie_salt)
    }),
    setting(Version::V5_2, "action_dispatch", "authenticated_encrypted_cookie_salt", |it| {
        quoted(&it.authenticated_encrypted_cookie_salt)
    }),
    setting(Version::V7_0, "active_support", "key_generator_hash_digest_class", |it| {
        format!("OpenSSL::Digest::{}", it.key_generator_hash_digest_class.name())
    }),
];

/// As this Rails calls it.
fn serializer(serializer: Serializer, version: Version) -> String {
    match serializer {
        Serializer::JsonAllowMarshal if version < Version::V7_1 => ":hybrid".into(),
        Serializer::MarshalModule
        | Serializer::JsonModule
        | Serializer::ActiveSupportJsonModule
        | Serializer::ActiveSupportMessagePackModule => serializer.name().into(),
        other => format!(":{}", other.name()),
    }
}

fn or_nil(name: Option<&'static str>) -> String {
    name.map_or("nil".into(), quoted)
}

/// A Ruby string in single quotes: nothing is interpolated there.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
