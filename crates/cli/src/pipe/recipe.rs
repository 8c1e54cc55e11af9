//! From a `config` to what opens and seals with it. Deriving keys takes a thousand times as long as
//! opening a cookie, so recipes are kept, by the text of their config.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::rc::Rc;

use railjar::config::Settings;
use railjar::envelope::EnvelopeForm;
use railjar::rails::{KeyCache, Profile, Rotation, Secrets, Strictness, Version};
use railjar::{
    Cipher, Cookies, Digest, KeyGenerator, MessageEncryptor, MessageRules, MessageVerifier, Secret,
    SecretKeyBase, SecretToken, Serializer, keys,
};
use serde::Deserialize as _;

use super::BadRequest;
use super::fields::Fields;
use super::request::{Layer, Request};

pub(super) enum Recipe {
    Cookies(Box<Cookies>, Serializer),
    Verifier(Box<MessageVerifier>, Serializer),
    Encryptor(Box<MessageEncryptor>, Serializer),
    /// A derived key in hexadecimal: the whole answer of a `kdf` request.
    Key(String),
}

/// The recipes that are kept, by layer, version, strictness and the text of the config.
#[derive(Default)]
pub(super) struct Recipes {
    known: HashMap<Vec<u8>, Rc<Recipe>>,
    key: Vec<u8>,
    /// The last one, which is most often the next one too.
    last_key: Vec<u8>,
    last: Option<Rc<Recipe>>,
    /// Configs that differ in other things have most keys in common.
    keys: KeyCache,
}

/// How many recipes are kept, and the longest config that is: bounds on memory.
const MOST: usize = 1024;
const LONGEST: usize = 1 << 14;

impl Recipes {
    pub(super) fn get(&mut self, request: &Request<'_>) -> Result<Rc<Recipe>, BadRequest> {
        let (layer, version) = (request.layer()?, request.version()?);
        let strictness = request.strictness()?;
        self.key.clear();
        self.key.extend([layer as u8, version as u8, strictness as u8]);
        self.key.extend_from_slice(request.config().as_bytes());
        if let Some(last) = self.last.as_ref().filter(|_| self.key == self.last_key) {
            return Ok(Rc::clone(last));
        }
        let recipe = match self.known.get(&self.key) {
            Some(recipe) => Rc::clone(recipe),
            None => {
                let recipe =
                    Recipe::new((layer, version, strictness), request.config(), &mut self.keys)?;
                let recipe = Rc::new(recipe);
                self.keep(&recipe);
                recipe
            }
        };
        core::mem::swap(&mut self.key, &mut self.last_key);
        Ok(Rc::clone(self.last.insert(recipe)))
    }

    fn keep(&mut self, recipe: &Rc<Recipe>) {
        if self.known.len() >= MOST {
            self.known.clear();
        }
        if self.key.len() <= LONGEST {
            self.known.insert(self.key.clone(), Rc::clone(recipe));
        }
    }
}

impl Recipe {
    fn new(
        (layer, version, strictness): (Layer, Version, Strictness),
        config: &str,
        keys: &mut KeyCache,
    ) -> Result<Self, BadRequest> {
        let config = Fields::parse(config)?;
        let profile = Profile::without_defaults(version).strictness(strictness);
        match layer {
            Layer::Cookie => cookies(profile, config, keys),
            Layer::Message => message(&profile, config),
            Layer::Kdf => kdf(config),
        }
    }
}

fn cookies(
    profile: Profile,
    mut config: Fields,
    keys: &mut KeyCache,
) -> Result<Recipe, BadRequest> {
    let mut secrets = Secrets::new();
    if let Some(base) = config.text("secret_key_base")? {
        secrets = secrets.secret_key_base(&SecretKeyBase::new(base)?);
    }
    if let Some(token) = config.text("secret_token")? {
        secrets = secrets.secret_token(&SecretToken::new(token)?);
    }
    let mut rotations = config.fields("rotations")?;
    let mut profile = Settings::deserialize(config.rest())
        .map_err(|error| format!("config: {error}"))?
        .apply(profile);
    for old in rotations.list("signed")? {
        profile = profile.rotate_signed(rotation(old)?);
    }
    for old in rotations.list("encrypted")? {
        profile = profile.rotate_encrypted(rotation(old)?);
    }
    rotations.end()?;
    let serializer = profile.settings().cookies_serializer;
    Ok(Recipe::Cookies(Box::new(profile.cookies_with_cache(&secrets, keys)?), serializer))
}

fn rotation(mut old: Fields) -> Result<Rotation, BadRequest> {
    let mut rotation = Rotation::new();
    match (old.secret_hex("secret_hex")?, old.secret_hex("sign_secret_hex")?) {
        (Some(secret), Some(sign_secret)) => rotation = rotation.keys(&secret, &sign_secret),
        (Some(secret), None) => rotation = rotation.key(&secret),
        (None, Some(_)) => return Err("sign_secret_hex needs a secret_hex".into()),
        (None, None) => {}
    }
    if let Some(digest) = old.named::<Digest>("digest")? {
        rotation = rotation.digest(digest);
    }
    if let Some(cipher) = old.named::<Cipher>("cipher")? {
        rotation = rotation.encrypted_cookie_cipher(cipher);
    }
    old.end()?;
    Ok(rotation)
}

/// The options that verifiers and encryptors share.
struct Options {
    secret: Option<Secret>,
    sign_secret: Option<Secret>,
    digest: Option<Digest>,
    cipher: Option<Cipher>,
    serializer: Option<Serializer>,
}

impl Options {
    fn take(config: &mut Fields) -> Result<Self, BadRequest> {
        Ok(Self {
            secret: config.secret_hex("secret_hex")?,
            sign_secret: config.secret_hex("sign_secret_hex")?,
            digest: config.named("digest")?,
            cipher: config.named("cipher")?,
            serializer: config.named("serializer")?,
        })
    }

    fn verifier(&self, mut verifier: MessageVerifier) -> MessageVerifier {
        if let Some(secret) = &self.secret {
            verifier = verifier.secret(secret);
        }
        if let Some(digest) = self.digest {
            verifier = verifier.digest(digest);
        }
        if let Some(serializer) = self.serializer {
            verifier = verifier.serializer(serializer);
        }
        verifier
    }

    fn encryptor(&self, mut encryptor: MessageEncryptor) -> MessageEncryptor {
        if let Some(secret) = &self.sign_secret {
            encryptor = encryptor.sign_secret(secret);
        }
        if let Some(digest) = self.digest {
            encryptor = encryptor.digest(digest);
        }
        if let Some(serializer) = self.serializer {
            encryptor = encryptor.serializer(serializer);
        }
        encryptor
    }
}

fn message(profile: &Profile, mut config: Fields) -> Result<Recipe, BadRequest> {
    let rules = profile.dialect().messages();
    let codec = config.text("codec")?;
    let mut options = Options::take(&mut config)?;
    let serializer = *options.serializer.get_or_insert(profile.settings().message_serializer);
    let url_safe = config.flag("url_safe")?;
    let legacy = config.flag("force_legacy_metadata_serializer")?;
    let form = match config.flag("use_message_serializer_for_metadata")? && !legacy {
        true => EnvelopeForm::Serializer,
        false => EnvelopeForm::Legacy,
    };
    let authenticated = config.flag("use_authenticated_message_encryption")?;
    // How the caller derived the secret; nothing is derived here.
    config.named::<Digest>("key_generator_digest")?;
    config.number::<u32>("key_generator_iterations")?;
    let rotations = config.list("rotations")?;
    config.end()?;
    match codec.as_deref() {
        Some("verifier") => {
            let message = verifier(rules, &options, (url_safe, form), rotations)?;
            Ok(Recipe::Verifier(Box::new(message), serializer))
        }
        Some("encryptor") => {
            let default = if authenticated { Cipher::Aes256Gcm } else { Cipher::Aes256Cbc };
            options.cipher.get_or_insert(default);
            let message = encryptor(rules, &options, (url_safe, form), rotations)?;
            Ok(Recipe::Encryptor(Box::new(message), serializer))
        }
        _ => Err("codec must be \"verifier\" or \"encryptor\"".into()),
    }
}

fn verifier(
    rules: MessageRules,
    options: &Options,
    (url_safe, form): (bool, EnvelopeForm),
    rotations: Vec<Fields>,
) -> Result<MessageVerifier, BadRequest> {
    let secret = options.secret.as_ref().ok_or("secret_hex is missing")?;
    let mut verifier = MessageVerifier::with_rules(secret, rules).metadata_form(form);
    if url_safe {
        verifier = verifier.url_safe();
    }
    verifier = options.verifier(verifier);
    for mut old in rotations {
        let patch = Options::take(&mut old)?;
        old.end()?;
        verifier = verifier.rotate(|primary| patch.verifier(primary));
    }
    Ok(verifier)
}

fn encryptor(
    rules: MessageRules,
    options: &Options,
    (url_safe, form): (bool, EnvelopeForm),
    rotations: Vec<Fields>,
) -> Result<MessageEncryptor, BadRequest> {
    let secret = options.secret.as_ref().ok_or("secret_hex is missing")?;
    let cipher = options.cipher.ok_or("cipher is missing")?;
    let encryptor = MessageEncryptor::with_rules(secret, cipher, rules)?.metadata_form(form);
    let encryptor = if url_safe { encryptor.url_safe() } else { encryptor };
    let mut encryptor = options.encryptor(encryptor);
    for mut old in rotations {
        let patch = Options::take(&mut old)?;
        old.end()?;
        let secret = patch.secret.as_ref().unwrap_or(secret);
        let cipher = patch.cipher.unwrap_or(cipher);
        encryptor =
            encryptor.rotate(|primary| Ok(patch.encryptor(primary.secret(secret, cipher)?)))?;
    }
    Ok(encryptor)
}

fn kdf(mut config: Fields) -> Result<Recipe, BadRequest> {
    let secret = config.text("secret")?.ok_or("secret is missing")?;
    let salt = config.text("salt")?.ok_or("salt is missing")?;
    let iterations = config.number::<u32>("iterations")?;
    let length = config.number::<usize>("length")?.unwrap_or(keys::SIGN_KEY_LEN);
    let digest = config.named("digest")?.unwrap_or(Digest::Sha1);
    config.end()?;
    let iterations = match iterations {
        None => keys::DEFAULT_ITERATIONS,
        Some(iterations) => NonZeroU32::new(iterations).ok_or("iterations must not be 0")?,
    };
    let generator = KeyGenerator::new(Secret::new(secret)).digest(digest).iterations(iterations);
    let key = generator.generate_key(salt.as_bytes(), length)?;
    Ok(Recipe::Key(key.expose().iter().map(|byte| format!("{byte:02x}")).collect()))
}
