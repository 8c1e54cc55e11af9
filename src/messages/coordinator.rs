//! Codecs by their salts, with rotations that all of them share. Mirrors
//! `active_support/messages/rotation_coordinator.rb`, `message_verifiers.rb` and
//! `message_encryptors.rb`.

mod options;
mod secret;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

pub use self::options::{EncryptorOptions, VerifierOptions};
use self::secret::SecretGenerator;
pub use self::secret::{GeneratedSecret, SecretOptions};
use crate::encryptor::MessageEncryptor;
use crate::error::ConfigError;
use crate::rails::{Feature, Profile};
use crate::verifier::MessageVerifier;

/// `ActiveSupport::MessageVerifiers`.
///
/// An app has one of its own, with its own secret:
/// [`Profile::message_verifiers`](crate::rails::Profile::message_verifiers). With another:
///
/// ```
/// use railjar::messages::{MessageVerifiers, SecretOptions, VerifierOptions};
/// use railjar::rails::{Profile, Version};
/// use railjar::{ConfigError, Digest, Secret};
///
/// let verifiers = MessageVerifiers::new(&Profile::new(Version::V7_1), |salt, _options| {
///     Ok(Secret::new(format!("{salt}, and a secret"))) // derive it, rather
/// })?
/// .rotate(VerifierOptions::new().digest(Digest::Sha256).url_safe())
/// .rotate_defaults();
/// let verifier = verifiers.get("tokens")?;
/// # Ok::<(), ConfigError>(())
/// ```
pub type MessageVerifiers = RotationCoordinator<VerifierOptions>;

/// `ActiveSupport::MessageEncryptors`.
///
/// ```
/// use railjar::messages::{EncryptorOptions, MessageEncryptors};
/// use railjar::rails::{Profile, Version};
/// use railjar::{Cipher, SecretKeyBase};
///
/// let profile = Profile::new(Version::V7_1);
/// let generator = profile.key_generator(&SecretKeyBase::new("the secret_key_base")?);
/// let encryptors = MessageEncryptors::new(&profile, move |salt, options| {
///     generator.generate_key(salt.as_bytes(), options.secret_length())
/// })?
/// .rotate_defaults()
/// .rotate(EncryptorOptions::new().cipher(Cipher::Aes256Cbc));
/// let encryptor = encryptors.get("tokens")?;
/// # Ok::<(), railjar::ConfigError>(())
/// ```
pub type MessageEncryptors = RotationCoordinator<EncryptorOptions>;

/// What [`MessageVerifiers`] and [`MessageEncryptors`] have in common: a list of options, of which
/// the first that are for a salt write its messages, and all read them.
#[derive(Clone)]
#[must_use]
pub struct RotationCoordinator<O> {
    profile: Profile,
    generator: SecretGenerator,
    steps: Vec<Step<O>>,
    order: Order,
}

type Block<O> = Arc<dyn Fn(&str) -> Option<O> + Send + Sync>;

/// One call of `rotate`.
#[derive(Clone)]
enum Step<O> {
    Options(O),
    Block(Block<O>),
}

/// Which options write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    AsGiven,
    /// The second, so that servers which do not know the first yet can read everything.
    Transitional,
}

impl<O: Clone + PartialEq> RotationCoordinator<O> {
    /// A coordinator without any options yet. `generator` is told the salt, and makes the secret,
    /// or two for an encryptor: the cipher's key, and that of the HMAC under AES-CBC. The defaults
    /// are those of `profile`, whose own secret and rotations play no part.
    ///
    /// # Errors
    /// [`ConfigError::NotInThisVersion`] before 7.1, or for a setting that this Rails has not.
    pub fn new<S, G>(profile: &Profile, generator: G) -> Result<Self, ConfigError>
    where
        S: Into<GeneratedSecret>,
        G: Fn(&str, &SecretOptions<'_>) -> Result<S, ConfigError> + Send + Sync + 'static,
    {
        profile.dialect().require(Feature::Coordinators)?;
        profile.check_version()?;
        Ok(Self::unchecked(profile, generator))
    }

    pub(super) fn unchecked<S, G>(profile: &Profile, generator: G) -> Self
    where
        S: Into<GeneratedSecret>,
        G: Fn(&str, &SecretOptions<'_>) -> Result<S, ConfigError> + Send + Sync + 'static,
    {
        let generator = SecretGenerator::new(generator);
        Self { profile: profile.clone(), generator, steps: Vec::new(), order: Order::AsGiven }
    }

    /// `rotate(**options)`: the first options write, those after it are only read.
    pub fn rotate(mut self, options: O) -> Self {
        self.steps.push(Step::Options(options));
        self
    }

    /// `rotate { |salt| … }`: options for some salts; none where `block` gives none.
    pub fn rotate_with(
        mut self,
        block: impl Fn(&str) -> Option<O> + Send + Sync + 'static,
    ) -> Self {
        self.steps.push(Step::Block(Arc::new(block)));
        self
    }

    /// `prepend(**options)`: before all others, and so what writes.
    pub fn prepend(mut self, options: O) -> Self {
        self.steps.insert(0, Step::Options(options));
        self
    }

    /// `prepend { |salt| … }`: as [`prepend`](Self::prepend), for some salts.
    pub fn prepend_with(
        mut self,
        block: impl Fn(&str) -> Option<O> + Send + Sync + 'static,
    ) -> Self {
        self.steps.insert(0, Step::Block(Arc::new(block)));
        self
    }

    /// `clear_rotations`.
    pub fn clear_rotations(mut self) -> Self {
        self.steps.clear();
        self
    }

    /// `transitional = true`: the first two change places, so that a fleet which is being deployed
    /// still writes what its older servers read. Then deploy without it.
    pub fn transitional(mut self) -> Self {
        self.order = Order::Transitional;
        self
    }

    /// The options for one salt, the writing ones first.
    fn options_for(&self, salt: &str) -> Result<Vec<O>, ConfigError> {
        let given = self.steps.iter().map(|step| match step {
            Step::Options(options) => Some(options.clone()),
            Step::Block(block) => block(salt),
        });
        let given: Vec<Option<O>> = given.collect();
        // rotation_coordinator.rb#build_with_rotations: not where the first is not for this salt.
        let swaps = self.order == Order::Transitional && matches!(given.first(), Some(Some(_)));
        let mut options: Vec<O> = given.into_iter().flatten().collect();
        if let (true, [first, second, ..]) = (swaps, options.as_mut_slice()) {
            core::mem::swap(first, second);
        }
        let mut unique: Vec<O> = Vec::with_capacity(options.len());
        for option in options {
            if !unique.contains(&option) {
                unique.push(option);
            }
        }
        Ok(unique)
    }
}

impl RotationCoordinator<VerifierOptions> {
    /// `rotate_defaults`: the options of a verifier that is given none.
    pub fn rotate_defaults(self) -> Self {
        self.rotate(VerifierOptions::new())
    }

    /// `verifiers[salt]`: derives the keys. Rails keeps what it built; keep it too.
    ///
    /// # Errors
    /// [`ConfigError::NoOptions`] where nothing was rotated in for this salt; and what the
    /// generator refuses.
    pub fn get(&self, salt: &str) -> Result<MessageVerifier, ConfigError> {
        let build = |options: VerifierOptions| options.build(salt, &self.profile, &self.generator);
        let mut options = self.options_for(salt)?.into_iter();
        let primary = build(options.next().ok_or(ConfigError::NoOptions)?)?;
        options.try_fold(primary, |primary, older| {
            let older = build(older)?;
            Ok(primary.rotate(|_| older))
        })
    }
}

impl RotationCoordinator<EncryptorOptions> {
    /// `rotate_defaults`: the options of an encryptor that is given none.
    pub fn rotate_defaults(self) -> Self {
        self.rotate(EncryptorOptions::new())
    }

    /// `encryptors[salt]`: derives the keys. Rails keeps what it built; keep it too.
    ///
    /// # Errors
    /// [`ConfigError::NoOptions`] where nothing was rotated in for this salt,
    /// [`ConfigError::KeyLength`] for a secret that does not fit the cipher, and what the generator
    /// refuses.
    pub fn get(&self, salt: &str) -> Result<MessageEncryptor, ConfigError> {
        let build = |options: EncryptorOptions| options.build(salt, &self.profile, &self.generator);
        let mut options = self.options_for(salt)?.into_iter();
        let primary = build(options.next().ok_or(ConfigError::NoOptions)?)?;
        options.try_fold(primary, |primary, older| {
            let older = build(older)?;
            primary.rotate(|_| Ok(older))
        })
    }
}

impl<O> fmt::Debug for RotationCoordinator<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RotationCoordinator")
            .field("steps", &self.steps.len())
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}
