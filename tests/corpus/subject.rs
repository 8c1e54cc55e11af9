//! What a case is put to: jars, a verifier or an encryptor, made from the case's own settings.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use railjar::config::Settings;
use railjar::entropy::{Entropy, EntropyUnavailable};
use railjar::envelope::EnvelopeForm;
use railjar::rails::{Profile, Rotation, Secrets, Strictness, Version};
use railjar::{
    Cipher, ConfigError, Cookies, Digest, Expected, MessageEncryptor, MessageVerifier, Metadata,
    OpenError, Opened, SealError, Secret, SecretKeyBase, SecretToken, Serializer, Timestamp,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::case::{Case, hex};

#[derive(Clone)]
pub(crate) enum Subject {
    Cookies { cookies: Cookies, kind: String, name: String },
    Verifier(MessageVerifier),
    Encryptor(MessageEncryptor),
}

/// An IV that is known.
pub(crate) struct Fixed(pub Vec<u8>);

impl Entropy for Fixed {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        if self.0.len() != out.len() {
            return Err(EntropyUnavailable);
        }
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

impl Subject {
    /// The reader of a case.
    pub(crate) fn reader(case: &Case, strictness: Strictness) -> Result<Self, ConfigError> {
        Self::new(case, &case.config, &case.kind, &case.cookie_name, strictness)
    }

    /// The same reader or writer over bytes: `NullSerializer`, and so no envelope of the new form.
    pub(crate) fn of_bytes(case: &Case, config: &Map<String, Value>) -> Result<Self, ConfigError> {
        let mut config = config.clone();
        config.insert("serializer".into(), "NullSerializer".into());
        Self::new(case, &config, &case.kind, &case.cookie_name, Strictness::Strict)
    }

    /// The writer of a case.
    pub(crate) fn writer(case: &Case) -> Result<Self, ConfigError> {
        let config = case.sealed_with.as_ref().unwrap_or(&case.config);
        let kind = case.sealed_kind.as_ref().unwrap_or(&case.kind);
        let name = case.sealed_cookie_name.as_ref().unwrap_or(&case.cookie_name);
        Self::new(case, config, kind, name, Strictness::Strict)
    }

    fn new(
        case: &Case,
        config: &Map<String, Value>,
        kind: &str,
        name: &str,
        strictness: Strictness,
    ) -> Result<Self, ConfigError> {
        if case.layer == "message" {
            return message(case.version, config, strictness);
        }
        let cookies = cookies(case.version, config, strictness)?;
        Ok(Self::Cookies { cookies, kind: kind.to_owned(), name: name.to_owned() })
    }

    pub(crate) fn open(
        &self,
        wire: &[u8],
        purpose: Option<&str>,
        now: Timestamp,
    ) -> Result<Opened<'static>, OpenError> {
        let expected = purpose.map_or(Expected::NoPurpose, Expected::Purpose);
        match self {
            Self::Cookies { cookies, kind, name } => jar(cookies, kind, name).open(wire, now),
            Self::Verifier(verifier) => verifier.open(wire, expected, now),
            Self::Encryptor(encryptor) => encryptor.open(wire, expected, now),
        }
    }

    pub(crate) fn seal_payload(
        &self,
        payload: &[u8],
        metadata: &Metadata<'_>,
        expires: Option<Timestamp>,
        iv: Vec<u8>,
    ) -> Result<String, SealError> {
        let mut iv = Fixed(iv);
        match self {
            Self::Cookies { cookies, kind, name } => {
                let sealed = jar(cookies, kind, name).seal_payload(payload, expires, &mut iv)?;
                Ok(sealed.as_str().to_owned())
            }
            Self::Verifier(verifier) => verifier.seal_payload(payload, metadata),
            Self::Encryptor(encryptor) => encryptor.seal_payload(payload, metadata, &mut iv),
        }
    }

    pub(crate) fn seal<T: Serialize>(
        &self,
        value: &T,
        metadata: &Metadata<'_>,
        expires: Option<Timestamp>,
        iv: Vec<u8>,
    ) -> Result<String, SealError> {
        let mut iv = Fixed(iv);
        match self {
            Self::Cookies { cookies, kind, name } => {
                let sealed = jar(cookies, kind, name).seal(value, expires, &mut iv)?;
                Ok(sealed.as_str().to_owned())
            }
            Self::Verifier(verifier) => verifier.seal(value, metadata),
            Self::Encryptor(encryptor) => encryptor.seal(value, metadata, &mut iv),
        }
    }
}

pub(crate) fn jar<'c>(
    cookies: &'c Cookies,
    kind: &str,
    name: &'c str,
) -> railjar::cookies::Jar<'c> {
    match kind {
        "signed" => cookies.signed(name),
        "encrypted" => cookies.encrypted(name),
        "signed_or_encrypted" => cookies.session(name),
        other => panic!("unknown kind {other}"),
    }
}

/// Jars by their settings: a version's cases share a few dozen, and deriving keys takes time.
type Jars = HashMap<String, Result<Cookies, ConfigError>>;
static JARS: LazyLock<Mutex<Jars>> = LazyLock::new(Mutex::default);

fn cookies(
    version: Version,
    config: &Map<String, Value>,
    strictness: Strictness,
) -> Result<Cookies, ConfigError> {
    let key = format!("{version} {strictness:?} {}", Value::Object(config.clone()));
    if let Some(known) = JARS.lock().unwrap().get(&key) {
        return known.clone();
    }
    let built = build_cookies(version, config.clone(), strictness);
    JARS.lock().unwrap().insert(key, built.clone());
    built
}

fn build_cookies(
    version: Version,
    mut config: Map<String, Value>,
    strictness: Strictness,
) -> Result<Cookies, ConfigError> {
    let mut secrets = Secrets::new();
    if let Some(Value::String(base)) = config.remove("secret_key_base") {
        secrets = secrets.secret_key_base(&SecretKeyBase::new(base)?);
    }
    if let Some(Value::String(token)) = config.remove("secret_token") {
        secrets = secrets.secret_token(&SecretToken::new(token)?);
    }
    profile_of(version, config, strictness)?.cookies(&secrets)
}

/// The app of these settings, which must not have secrets among them.
pub(crate) fn profile_of(
    version: Version,
    mut config: Map<String, Value>,
    strictness: Strictness,
) -> Result<Profile, ConfigError> {
    let rotations = config.remove("rotations").unwrap_or_default();
    let settings: Settings = serde_json::from_value(Value::Object(config)).unwrap();
    let mut profile = settings.apply(Profile::without_defaults(version)).strictness(strictness);
    for rotation in rotations["signed"].as_array().into_iter().flatten() {
        profile = profile.rotate_signed(rotation_of(rotation)?);
    }
    for rotation in rotations["encrypted"].as_array().into_iter().flatten() {
        profile = profile.rotate_encrypted(rotation_of(rotation)?);
    }
    Ok(profile)
}

fn rotation_of(config: &Value) -> Result<Rotation, ConfigError> {
    let mut rotation = Rotation::new();
    rotation = match (secret(config, "secret_hex"), secret(config, "sign_secret_hex")) {
        (Some(secret), Some(sign)) => rotation.keys(&secret, &sign),
        (Some(secret), None) => rotation.key(&secret),
        _ => rotation,
    };
    if let Some(digest) = config["digest"].as_str() {
        rotation = rotation.digest(Digest::from_name(digest)?);
    }
    if let Some(cipher) = config["cipher"].as_str() {
        rotation = rotation.encrypted_cookie_cipher(Cipher::from_name(cipher)?);
    }
    Ok(rotation)
}

fn secret(config: &Value, key: &str) -> Option<Secret> {
    config[key].as_str().map(|text| Secret::new(hex(text)))
}

fn message(
    version: Version,
    config: &Map<String, Value>,
    strictness: Strictness,
) -> Result<Subject, ConfigError> {
    let config = &Value::Object(config.clone());
    let dialect = version.dialect();
    let dialect = if strictness == Strictness::Strict { dialect.strict() } else { dialect };
    let secret_hex = secret(config, "secret_hex").unwrap();
    let serializer = match config["serializer"].as_str() {
        Some(name) => Serializer::from_name(name)?,
        None => Profile::without_defaults(version).settings().message_serializer,
    };
    let digest = config["digest"].as_str().map(Digest::from_name).transpose()?;
    let form = match (
        config["use_message_serializer_for_metadata"].as_bool(),
        config["force_legacy_metadata_serializer"].as_bool(),
    ) {
        (Some(true), None | Some(false)) => EnvelopeForm::Serializer,
        _ => EnvelopeForm::Legacy,
    };
    let url_safe = config["url_safe"] == true;
    let rotations = config["rotations"].as_array().cloned().unwrap_or_default();
    if config["codec"] == "verifier" {
        let mut verifier = MessageVerifier::with_rules(&secret_hex, dialect.messages())
            .serializer(serializer)
            .digest(digest.unwrap_or(Digest::Sha1))
            .metadata_form(form);
        if url_safe {
            verifier = verifier.url_safe();
        }
        for rotation in &rotations {
            let digest = rotation["digest"].as_str().map(Digest::from_name).transpose()?;
            let serializer =
                rotation["serializer"].as_str().map(Serializer::from_name).transpose()?;
            verifier = verifier.rotate(|mut primary| {
                if let Some(serializer) = serializer {
                    primary = primary.serializer(serializer);
                }
                if let Some(secret) = secret(rotation, "secret_hex") {
                    primary = primary.secret(&secret);
                }
                match digest {
                    Some(digest) => primary.digest(digest),
                    None => primary,
                }
            });
        }
        return Ok(Subject::Verifier(verifier));
    }
    let default = match config["use_authenticated_message_encryption"].as_bool() {
        Some(true) => Cipher::Aes256Gcm,
        _ => Cipher::Aes256Cbc,
    };
    let cipher = config["cipher"].as_str().map_or(Ok(default), Cipher::from_name)?;
    let mut encryptor = MessageEncryptor::with_rules(&secret_hex, cipher, dialect.messages())?
        .serializer(serializer)
        .digest(digest.unwrap_or(Digest::Sha1))
        .metadata_form(form);
    if let Some(sign) = secret(config, "sign_secret_hex") {
        encryptor = encryptor.sign_secret(&sign);
    }
    if url_safe {
        encryptor = encryptor.url_safe();
    }
    for rotation in &rotations {
        let old = secret(rotation, "secret_hex").unwrap_or_else(|| secret_hex.clone());
        let cipher = rotation["cipher"].as_str().map_or(Ok(cipher), Cipher::from_name)?;
        let digest = rotation["digest"].as_str().map(Digest::from_name).transpose()?;
        encryptor = encryptor.rotate(|primary| {
            let mut primary = primary.secret(&old, cipher)?;
            if let Some(sign) = secret(rotation, "sign_secret_hex") {
                primary = primary.sign_secret(&sign);
            }
            Ok(match digest {
                Some(digest) => primary.digest(digest),
                None => primary,
            })
        })?;
    }
    Ok(Subject::Encryptor(encryptor))
}
