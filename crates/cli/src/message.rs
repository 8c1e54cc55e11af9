//! Messages that are not cookies, as the flags describe them.

use railjar::entropy::SystemEntropy;
use railjar::envelope::EnvelopeForm;
use railjar::explain::Candidates;
use railjar::serializer::Format;
use railjar::{
    Cipher, ConfigError, Digest, Expected, KeyGenerator, MessageEncryptor, MessageVerifier,
    Metadata, OpenError, Opened, Secret, Serializer, Timestamp, Value, keys,
};

use crate::app::Loaded;
use crate::args;
use crate::error::{self, Error, Status};
use crate::secrets;

/// What makes and opens messages.
pub(crate) struct Made {
    codec: Codec,
    serializer: Serializer,
}

enum Codec {
    Verifier(Box<MessageVerifier>),
    Encryptor(Box<MessageEncryptor>),
}

impl Made {
    pub(crate) fn new(
        codec: args::Codec,
        args: &args::Message,
        app: &mut Loaded,
    ) -> Result<Self, Error> {
        let settings = app.profile.settings().clone();
        let rules = app.profile.dialect().messages();
        let serializer = named("--serializer", args.serializer.as_deref(), Serializer::from_name)?
            .unwrap_or(settings.message_serializer);
        let digest =
            named("--digest", args.digest.as_deref(), Digest::from_name)?.unwrap_or(Digest::Sha1);
        let form = match settings.use_message_serializer_for_metadata {
            true => EnvelopeForm::Serializer,
            false => EnvelopeForm::Legacy,
        };
        let default = match settings.use_authenticated_message_encryption {
            true => Cipher::Aes256Gcm,
            false => Cipher::Aes256Cbc,
        };
        let cipher =
            named("--cipher", args.cipher.as_deref(), Cipher::from_name)?.unwrap_or(default);
        let codec = match codec {
            args::Codec::Verifier => {
                let secret = key(args, app, keys::SIGN_KEY_LEN)?;
                let verifier = MessageVerifier::with_rules(&secret, rules);
                let verifier = verifier.digest(digest).serializer(serializer).metadata_form(form);
                let verifier = if args.url_safe { verifier.url_safe() } else { verifier };
                Codec::Verifier(Box::new(verifier))
            }
            args::Codec::Encryptor => {
                let secret = key(args, app, cipher.key_len())?;
                let encryptor = MessageEncryptor::with_rules(&secret, cipher, rules)?;
                let encryptor = encryptor.digest(digest).serializer(serializer).metadata_form(form);
                let encryptor = if args.url_safe { encryptor.url_safe() } else { encryptor };
                let encryptor = match sign_key(args, app)? {
                    Some(sign_key) => encryptor.sign_secret(&sign_key),
                    None => encryptor,
                };
                Codec::Encryptor(Box::new(encryptor))
            }
        };
        Ok(Self { codec, serializer })
    }

    /// The candidates, with this for their reader.
    pub(crate) fn read_by(&self, candidates: Candidates) -> Candidates {
        match &self.codec {
            Codec::Verifier(verifier) => candidates.verifier(verifier),
            Codec::Encryptor(encryptor) => candidates.encryptor(encryptor),
        }
    }

    pub(crate) fn open(
        &self,
        message: &[u8],
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Result<Opened<'static>, OpenError> {
        match &self.codec {
            Codec::Verifier(verifier) => verifier.open(message, expected, now),
            Codec::Encryptor(encryptor) => encryptor.open(message, expected, now),
        }
    }

    /// What the value of a message is in, whatever the app's serializer reads.
    pub(crate) fn format(
        &self,
        message: &[u8],
        expected: Expected<'_>,
        now: Timestamp,
    ) -> Option<Format> {
        [Serializer::JsonAllowMarshal, Serializer::MessagePackAllowMarshal].iter().find_map(|any| {
            let opened = match &self.codec {
                Codec::Verifier(made) => {
                    (**made).clone().serializer(*any).open(message, expected, now)
                }
                Codec::Encryptor(made) => {
                    (**made).clone().serializer(*any).open(message, expected, now)
                }
            };
            opened.ok().map(|opened| opened.format())
        })
    }

    pub(crate) fn serialize(&self, value: Value) -> Result<Vec<u8>, Error> {
        Ok(match (self.serializer, value, &self.codec) {
            (Serializer::Null, Value::String(bytes), _) => bytes.into_bytes(),
            (_, value, Codec::Verifier(verifier)) => verifier.serialize(&value)?,
            (_, value, Codec::Encryptor(encryptor)) => encryptor.serialize(&value)?,
        })
    }

    pub(crate) fn seal(&self, payload: &[u8], metadata: &Metadata<'_>) -> Result<String, Error> {
        Ok(match &self.codec {
            Codec::Verifier(verifier) => verifier.seal_payload(payload, metadata)?,
            Codec::Encryptor(encryptor) => {
                encryptor.seal_payload(payload, metadata, &mut SystemEntropy)?
            }
        })
    }
}

fn named<T>(
    flag: &str,
    name: Option<&str>,
    from_name: impl FnOnce(&str) -> Result<T, ConfigError>,
) -> Result<Option<T>, Error> {
    let found = name.map(|name| from_name(name.strip_prefix(':').unwrap_or(name)));
    found.transpose().map_err(|why| {
        let error = Error::new(format!("{flag}: {why}")).status(Status::Usage);
        error::names(&why.to_string()).into_iter().fold(error, Error::hint)
    })
}

/// The key: given, or derived with the salt.
fn key(args: &args::Message, app: &mut Loaded, length: usize) -> Result<Secret, Error> {
    if let Some(salt) = &args.salt {
        return derive(app, salt, length);
    }
    let (file, env) = (args.key_file.as_deref(), args.key_env.as_deref());
    match secrets::by_flags(file, env, encoding(args))? {
        Some(reference) => app.fetch(&reference),
        None => Err(Error::new("which key made the message?").status(Status::Usage).hint(
            "--salt NAME for Rails.application.message_verifier(NAME); --key-file PATH or \
             --key-env NAME for a key that is not derived",
        )),
    }
}

/// The keys that are not derived.
pub(crate) fn given_keys(args: &args::Message, app: &mut Loaded) -> Result<Vec<Secret>, Error> {
    if args.salt.is_some() {
        return Ok(Vec::new());
    }
    let keys = [Some(key(args, app, keys::SIGN_KEY_LEN)?), sign_key(args, app)?];
    Ok(keys.into_iter().flatten().collect())
}

fn sign_key(args: &args::Message, app: &mut Loaded) -> Result<Option<Secret>, Error> {
    if let Some(salt) = &args.sign_salt {
        return derive(app, salt, keys::SIGN_KEY_LEN).map(Some);
    }
    let (file, env) = (args.sign_key_file.as_deref(), args.sign_key_env.as_deref());
    let reference = secrets::by_flags(file, env, encoding(args))?;
    reference.map(|reference| app.fetch(&reference)).transpose()
}

fn encoding(args: &args::Message) -> &'static str {
    if args.key_hex { "hex" } else { "text" }
}

fn derive(app: &mut Loaded, salt: &str, length: usize) -> Result<Secret, Error> {
    let generator = KeyGenerator::new(app.secret_key_base()?);
    let settings = app.profile.settings();
    let generator = generator
        .digest(settings.key_generator_hash_digest_class)
        .iterations(settings.key_generator_iterations);
    Ok(generator.generate_key(salt.as_bytes(), length)?)
}
