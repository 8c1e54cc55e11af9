//! The one change that would have the reader take the message: as data, and in the Ruby of the
//! app's own Rails.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::found::Found;
use super::recipe::KeySource;
use crate::crypto::{Cipher, Digest};
use crate::keys::{SIGN_KEY_LEN, salt};
use crate::rails::{CookieKind, Profile, Rotation, Version};
use crate::serializer::{Format, Serializer};

/// A change to the reader. It was tried: with it, the message opens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Reading what was made with other settings, besides what the app writes now.
    Rotate {
        /// For which jar.
        jar: CookieKind,
        /// What differs, as a [`Profile`] takes it.
        rotation: alloc::boxed::Box<Rotation>,
        /// The same by the names of a settings file. An older secret is not in it.
        settings: Vec<(&'static str, String)>,
        /// The serializer that is needed too.
        serializer: Option<Serializer>,
        /// An initializer for the app's Rails; `None` where that has no rotations.
        ruby: Option<String>,
    },
    /// Another serializer of cookies, which reads both formats.
    Serializer {
        /// Which.
        serializer: Serializer,
        /// An initializer for the app's Rails.
        ruby: String,
    },
    /// A verifier's or an encryptor's own `rotate`.
    RotateOption {
        /// Its option.
        option: &'static str,
        /// The option's value.
        value: String,
        /// The call.
        ruby: String,
    },
}

impl Change {
    /// The Ruby that makes it, where that Rails can be told.
    #[must_use]
    pub fn ruby(&self) -> Option<&str> {
        match self {
            Self::Rotate { ruby, .. } => ruby.as_deref(),
            Self::Serializer { ruby, .. } | Self::RotateOption { ruby, .. } => Some(ruby),
        }
    }
}

/// The rotation under which `profile` reads what `found` was made with.
pub(super) fn rotation(
    profile: &Profile,
    found: &Found,
    kind: CookieKind,
    old: Option<&crate::keys::SecretKeyBase>,
) -> Option<(Rotation, Vec<(&'static str, String)>)> {
    let KeySource::Derived { digest, iterations, ref salt, .. } = found.recipe.key else {
        return None;
    };
    let today = profile.settings();
    let own = profile.recipe(kind, crate::message::Matched::Primary)?;
    let mut rotation = Rotation::new();
    let mut settings = Vec::new();
    if let Some(old) = old {
        rotation = rotation.secret_key_base(old);
    }
    if digest != today.key_generator_hash_digest_class {
        rotation = rotation.key_generator_hash_digest_class(digest);
        settings.push(("key_generator_hash_digest_class", digest.name().to_string()));
    }
    if iterations != today.key_generator_iterations {
        rotation = rotation.key_generator_iterations(iterations);
        settings.push(("key_generator_iterations", iterations.to_string()));
    }
    let authenticated = is_authenticated(found);
    if kind == CookieKind::Encrypted {
        if authenticated != today.use_authenticated_cookie_encryption {
            rotation = rotation.use_authenticated_cookie_encryption(authenticated);
            let name = "use_authenticated_cookie_encryption";
            settings.push((name, authenticated.to_string()));
        }
        if let Some(cipher) = found.recipe.cipher.filter(|cipher| own.cipher != Some(*cipher))
            && authenticated
        {
            rotation = rotation.encrypted_cookie_cipher(cipher);
            settings.push(("encrypted_cookie_cipher", cipher.name().to_string()));
        }
    }
    let of_rotation = own.digest.unwrap_or(Digest::Sha1);
    if let Some(digest) = found.recipe.digest.filter(|digest| *digest != of_rotation) {
        rotation = rotation.digest(digest);
        settings.push(("digest", digest.name().to_string()));
    }
    let (today, name) = match (kind, authenticated) {
        (CookieKind::Signed, _) => (&today.signed_cookie_salt, "signed_cookie_salt"),
        (_, true) => {
            let today = &today.authenticated_encrypted_cookie_salt;
            (today, "authenticated_encrypted_cookie_salt")
        }
        (_, false) => (&today.encrypted_signed_cookie_salt, "encrypted_signed_cookie_salt"),
    };
    if salt != today {
        rotation = match (kind, authenticated) {
            (CookieKind::Signed, _) => rotation.signed_cookie_salt(salt.as_str()),
            (_, true) => rotation.authenticated_encrypted_cookie_salt(salt.as_str()),
            (_, false) => rotation.encrypted_signed_cookie_salt(salt.as_str()),
        };
        settings.push((name, salt.clone()));
    }
    Some((rotation, settings))
}

/// Whether the key is the one of authenticated encryption: AES-GCM's, or both keys in one.
fn is_authenticated(found: &Found) -> bool {
    let is_cbc_pair = matches!(
        &found.recipe.key,
        KeySource::Derived { salt, .. } if salt == salt::ENCRYPTED_SIGNED_COOKIE
    );
    found.recipe.cipher.is_some_and(Cipher::is_authenticated)
        || found.recipe.cipher.is_some() && !is_cbc_pair && found.custom_salt().is_none()
}

/// The initializer that adds a rotation. Rails 5.2 was the first that has them.
pub(super) fn rotation_ruby(profile: &Profile, found: &Found, kind: CookieKind) -> Option<String> {
    if profile.version() < Version::V5_2 {
        return None;
    }
    let KeySource::Derived { secret, digest, iterations, salt } = &found.recipe.key else {
        return None;
    };
    let secret = match secret {
        0 => "Rails.application.secret_key_base",
        _ => "ENV.fetch(\"OLD_SECRET_KEY_BASE\")",
    };
    let digest = digest.name();
    let derive = |name: &str, salt: &str, length: usize| {
        format!(
            "{name} = OpenSSL::PKCS5.pbkdf2_hmac({secret}, {salt:?}, {iterations}, {length}, \
             {digest:?})\n"
        )
    };
    let cipher = found.recipe.cipher;
    let length = cipher.map_or(SIGN_KEY_LEN, Cipher::key_len);
    let jar = match kind {
        CookieKind::Signed => "signed",
        CookieKind::Encrypted => "encrypted",
    };
    let (keys, arguments) = match cipher {
        Some(cipher) if !cipher.is_authenticated() && !is_authenticated(found) => {
            let encrypted = &profile.settings().encrypted_cookie_salt;
            let keys = [derive("key", encrypted, length), derive("sign_key", salt, SIGN_KEY_LEN)];
            (keys.concat(), "key, sign_key")
        }
        _ => (derive("key", salt, length), "key"),
    };
    let own = profile.recipe(kind, crate::message::Matched::Primary)?;
    let mut options = String::new();
    if let Some(cipher) = cipher.filter(|cipher| own.cipher != Some(*cipher)) {
        options.push_str(&format!(", cipher: {:?}", cipher.name()));
    }
    if let Some(digest) =
        found.recipe.digest.filter(|digest| *digest != own.digest.unwrap_or(Digest::Sha1))
    {
        options.push_str(&format!(", digest: {:?}", digest.name()));
    }
    Some(format!(
        "# config/initializers/cookies_rotations.rb\n{keys}\
         Rails.application.config.action_dispatch.cookies_rotations.rotate :{jar}, \
         {arguments}{options}\n"
    ))
}

/// The serializer that reads `format` and goes on writing what `profile` writes.
pub(super) fn serializer(profile: &Profile, format: Format) -> Option<(Serializer, String)> {
    let version = profile.version();
    let today = profile.settings().cookies_serializer;
    let serializer = match (today.format(), format) {
        (Format::Json, Format::Marshal) | (Format::Marshal, Format::Json) => {
            Serializer::JsonAllowMarshal
        }
        (Format::MessagePack, Format::Marshal) => Serializer::MessagePackAllowMarshal,
        _ => return None,
    };
    let name = match serializer {
        Serializer::JsonAllowMarshal if version < Version::V7_1 => "hybrid",
        other => other.name(),
    };
    let ruby = format!(
        "# config/initializers/cookies_serializer.rb\n\
         Rails.application.config.action_dispatch.cookies_serializer = :{name}\n"
    );
    (version >= Version::V4_1).then_some((serializer, ruby))
}
