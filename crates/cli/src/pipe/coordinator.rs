//! What the layers `message_verifiers` and `message_encryptors` have in common: a list of options,
//! of which the first write, and where the secrets come from.

use railjar::envelope::EnvelopeForm;
use railjar::messages::{
    EncryptorOptions, GeneratedSecret, RotationCoordinator, SecretOptions, VerifierOptions,
};
use railjar::rails::Profile;
use railjar::{ConfigError, Digest, SecretKeyBase, Serializer};

use super::BadRequest;
use super::fields::Fields;
use super::secret_generator::SecretGenerator;

/// The coordinator of a `config`, and the salt of the codec that is asked for. `options` makes the
/// options of one rotation, and takes what only its codec has.
pub(super) fn build<O: Clone + PartialEq + Default>(
    app: Profile,
    mut config: Fields,
    options: impl Fn(&mut Fields, Options) -> Result<O, BadRequest>,
) -> Result<(RotationCoordinator<O>, String), BadRequest> {
    let salt = config.text("salt")?.ok_or("salt is missing")?;
    let transitional = config.flag("transitional")?;
    let source = Source::take(&mut config)?;
    let rotations = if config.has("rotations") { Some(config.list("rotations")?) } else { None };
    let app = config.settings(app)?;
    let secrets = Secrets { app: app.clone(), source };

    let own = secrets.clone();
    let mut coordinator =
        RotationCoordinator::new(&app, move |salt, options| own.generate(salt, options))?;
    match rotations {
        None => coordinator = coordinator.rotate(O::default()),
        Some(rotations) => {
            for mut fields in rotations {
                let shared = Options::take(&mut fields, &secrets)?;
                coordinator = coordinator.rotate(options(&mut fields, shared)?);
                fields.end()?;
            }
        }
    }
    Ok((if transitional { coordinator.transitional() } else { coordinator }, salt))
}

/// Where secrets come from.
#[derive(Clone)]
enum Source {
    Nowhere,
    /// The app's block.
    Generator(SecretGenerator),
    /// The same for every salt.
    Given(GeneratedSecret),
    Derived(SecretKeyBase),
}

impl Source {
    fn take(fields: &mut Fields) -> Result<Self, BadRequest> {
        let generator = fields.text("secret_generator")?;
        let secret = fields.secret_hex("secret_hex")?;
        let sign_secret = fields.secret_hex("sign_secret_hex")?;
        let base = fields.text("secret_key_base")?;
        Ok(match (generator, secret, sign_secret, base) {
            (None, None, None, None) => Self::Nowhere,
            (Some(text), None, None, None) => Self::Generator(SecretGenerator::parse(&text)?),
            (None, Some(secret), None, None) => Self::Given(secret.into()),
            (None, Some(secret), Some(sign), None) => Self::Given((secret, sign).into()),
            (None, None, None, Some(base)) => Self::Derived(SecretKeyBase::new(base)?),
            _ => {
                let one = "give one of secret_generator, secret_hex (with a sign_secret_hex or \
                           without) and secret_key_base";
                return Err(one.into());
            }
        })
    }
}

/// The secret generator of an app, or of one rotation.
#[derive(Clone)]
struct Secrets {
    app: Profile,
    source: Source,
}

impl Secrets {
    fn generate(
        &self,
        salt: &str,
        options: &SecretOptions<'_>,
    ) -> Result<GeneratedSecret, ConfigError> {
        let length = options.secret_length();
        Ok(match &self.source {
            Source::Nowhere => return Err(ConfigError::MissingSecret),
            Source::Generator(generator) => {
                generator.call(salt, length).ok_or(ConfigError::MissingSecret)?.into()
            }
            Source::Given(secret) => secret.clone(),
            Source::Derived(base) => {
                self.app.key_generator(base).generate_key(salt.as_bytes(), length)?.into()
            }
        })
    }
}

/// The options that verifiers and encryptors share.
pub(super) struct Options {
    digest: Option<Digest>,
    serializer: Option<Serializer>,
    url_safe: bool,
    legacy_metadata: bool,
    secrets: Option<Secrets>,
}

impl Options {
    /// What a rotation does not say of its secrets is as `secrets` has it.
    fn take(fields: &mut Fields, secrets: &Secrets) -> Result<Self, BadRequest> {
        let version = fields.number::<u64>("version")?;
        let source = match (Source::take(fields)?, &secrets.source) {
            (Source::Nowhere, shared) if version.is_some() => shared.clone(),
            (own, _) => own,
        };
        let source = match (source, version) {
            (Source::Generator(generator), Some(version)) => {
                Source::Generator(generator.version(version))
            }
            (source, _) => source,
        };
        Ok(Self {
            digest: fields.named("digest")?,
            serializer: fields.named("serializer")?,
            url_safe: fields.flag("url_safe")?,
            legacy_metadata: fields.flag("force_legacy_metadata_serializer")?,
            secrets: match source {
                Source::Nowhere => None,
                source => Some(Secrets { app: secrets.app.clone(), source }),
            },
        })
    }
}

macro_rules! into_options {
    ($($name:ident -> $options:ty)*) => {
        impl Options {
            $(pub(super) fn $name(self) -> $options {
                let mut options = <$options>::new();
                if let Some(digest) = self.digest {
                    options = options.digest(digest);
                }
                if let Some(serializer) = self.serializer {
                    options = options.serializer(serializer);
                }
                if self.url_safe {
                    options = options.url_safe();
                }
                if self.legacy_metadata {
                    options = options.metadata_form(EnvelopeForm::Legacy);
                }
                match self.secrets {
                    None => options,
                    Some(own) => {
                        options.secret_generator(move |salt, options| own.generate(salt, options))
                    }
                }
            })*
        }
    };
}

into_options! {
    verifier -> VerifierOptions
    encryptor -> EncryptorOptions
}
