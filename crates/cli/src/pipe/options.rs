//! The options of one verifier or encryptor whose secret is given, and its rotations.

use railjar::envelope::EnvelopeForm;
use railjar::rails::Profile;
use railjar::{
    Cipher, Digest, MessageEncryptor, MessageRules, MessageVerifier, Secret, Serializer,
};

use super::BadRequest;
use super::fields::Fields;
use super::message::Codec;

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

pub(super) fn codec(profile: &Profile, mut config: Fields) -> Result<Codec, BadRequest> {
    let rules = profile.dialect().messages();
    let codec = config.text("codec")?;
    let mut options = Options::take(&mut config)?;
    options.serializer.get_or_insert(profile.settings().message_serializer);
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
        Some("verifier") => Ok(verifier(rules, &options, (url_safe, form), rotations)?.into()),
        Some("encryptor") => {
            let default = if authenticated { Cipher::Aes256Gcm } else { Cipher::Aes256Cbc };
            options.cipher.get_or_insert(default);
            Ok(encryptor(rules, &options, (url_safe, form), rotations)?.into())
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
