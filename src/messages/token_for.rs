//! Tokens that end with what they are for. Mirrors `active_record/token_for.rb`.

use alloc::format;
use alloc::string::String;

use serde::Serialize;

use crate::envelope::{Expected, Metadata};
use crate::error::{ConfigError, OpenError, SealError};
use crate::message::Opened;
use crate::rails::{Feature, Profile, Secrets};
use crate::time::Timestamp;
use crate::value::RubyFloat;
use crate::verifier::MessageVerifier;

pub(crate) const SALT: &str = "active_record/token_for";

/// `generate_token_for` and `find_by_token_for` (7.1 and later). A token holds the record's id, and
/// what the definition's block gave: it is good for as long as the block gives the same.
///
/// ```
/// use railjar::messages::TokenDefinition;
/// use railjar::rails::{Profile, Version};
/// use railjar::{SecretKeyBase, Timestamp};
///
/// // In User: generates_token_for(:password_reset, expires_in: 15.minutes) { salt.last(10) }
/// let definition = TokenDefinition::new("User", "password_reset").expires_in(15 * 60);
/// let now = Timestamp::from_unix_seconds(1_750_000_000);
/// let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// let tokens = Profile::new(Version::V8_0).tokens_for(&secret)?;
///
/// let token = tokens.seal(&definition, &(42, "0123456789"), now)?;
/// let opened = tokens.open(&definition, token.as_bytes(), now)?;
/// let (id, salt) = opened.deserialize::<(u64, String)>()?;
/// assert_eq!((id, salt.as_str()), (42, "0123456789")); // compare the salt with the record's
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TokensFor {
    verifier: MessageVerifier,
}

/// What `generates_token_for` says: the class, the purpose, how long a token is good.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct TokenDefinition<'a> {
    class: &'a str,
    purpose: &'a str,
    expires_in: Option<ExpiresIn>,
}

/// A time span in seconds. It is part of the purpose, letter by letter, so `5400` and `5400.0`
/// (which is what `1.5.hours` is) make different tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ExpiresIn {
    /// `90.minutes`.
    Integer(i64),
    /// `1.5.hours`.
    Float(f64),
}

impl From<i64> for ExpiresIn {
    fn from(seconds: i64) -> Self {
        Self::Integer(seconds)
    }
}

impl From<f64> for ExpiresIn {
    fn from(seconds: f64) -> Self {
        Self::Float(seconds)
    }
}

impl<'a> TokenDefinition<'a> {
    /// A token that does not expire. `class` is the class that says `generates_token_for`, by its
    /// full name.
    pub fn new(class: &'a str, purpose: &'a str) -> Self {
        Self { class, purpose, expires_in: None }
    }

    /// `expires_in:`. A month is 2629746 seconds, a year 31556952.
    pub fn expires_in(self, seconds: impl Into<ExpiresIn>) -> Self {
        Self { expires_in: Some(seconds.into()), ..self }
    }

    /// `full_purpose`: the purpose in the token itself.
    #[must_use]
    pub fn full_purpose(&self) -> String {
        let Self { class, purpose, expires_in } = self;
        match expires_in {
            None => format!("{class}\n{purpose}\n"),
            Some(ExpiresIn::Integer(seconds)) => format!("{class}\n{purpose}\n{seconds}"),
            Some(ExpiresIn::Float(seconds)) => {
                format!("{class}\n{purpose}\n{}", RubyFloat(*seconds))
            }
        }
    }

    fn expires_at(&self, now: Timestamp) -> Result<Option<Timestamp>, SealError> {
        Ok(match self.expires_in {
            None => None,
            Some(ExpiresIn::Integer(seconds)) => Some(now.plus_seconds(seconds)),
            Some(ExpiresIn::Float(seconds)) => {
                Some(plus(now, seconds).ok_or(SealError::ExpiryOutOfRange)?)
            }
        })
    }
}

/// `now` and `seconds` more, to the nanosecond.
fn plus(now: Timestamp, seconds: f64) -> Option<Timestamp> {
    /// Beyond any year that an expiry can be in.
    const MOST: f64 = 4e11;
    const NANOS: i64 = 1_000_000_000;

    let whole = seconds.abs();
    if !seconds.is_finite() || whole > MOST {
        return None;
    }
    #[allow(
        clippy::cast_possible_truncation,
        reason = "in range, and floors because it is positive"
    )]
    let (seconds_part, nanos_part) = {
        let seconds_part = whole as i64;
        (seconds_part, ((whole - seconds_part as f64) * 1e9) as i64)
    };
    let sign = if seconds < 0.0 { -1 } else { 1 };
    let nanos = i64::from(now.subsec_nanos()).checked_add(nanos_part.checked_mul(sign)?)?;
    let at = now
        .unix_seconds()
        .checked_add(seconds_part.checked_mul(sign)?)?
        .checked_add(nanos.div_euclid(NANOS))?;
    Timestamp::from_unix(at, u32::try_from(nanos.rem_euclid(NANOS)).ok()?)
}

impl Profile {
    /// The tokens of this app's models: `ActiveRecord::Base.generated_token_verifier`.
    ///
    /// # Errors
    /// [`ConfigError::MissingSecret`], and [`ConfigError::NotInThisVersion`] before 7.1 or for a
    /// setting that this Rails does not have.
    pub fn tokens_for(&self, secrets: impl Into<Secrets>) -> Result<TokensFor, ConfigError> {
        self.dialect().require(Feature::TokensFor)?;
        Ok(TokensFor::new(self.application_verifiers(secrets.into())?.get(SALT)?))
    }
}

impl TokensFor {
    /// Tokens by another verifier: `generated_token_verifier=`.
    pub fn new(verifier: MessageVerifier) -> Self {
        Self { verifier }
    }

    /// `generated_token_verifier`, which signs whatever it is given.
    pub fn verifier(&self) -> &MessageVerifier {
        &self.verifier
    }

    /// `generate_token_for`. The payload is a list: the id alone (`&(42,)`), or the id and what the
    /// block gives (`&(42, "…")`).
    ///
    /// # Errors
    /// As [`MessageVerifier::seal`].
    pub fn seal<T: Serialize + ?Sized>(
        &self,
        definition: &TokenDefinition<'_>,
        payload: &T,
        now: Timestamp,
    ) -> Result<String, SealError> {
        let expires_at = definition.expires_at(now)?;
        let metadata = Metadata { expires_at, ..Metadata::none() };
        self.verifier.seal(payload, &metadata.purpose(&definition.full_purpose()))
    }

    /// What `find_by_token_for` looks up: a list of the id and, where the definition has a block,
    /// of what it gave. Compare that with what it gives now, or the token cannot be used up.
    ///
    /// # Errors
    /// As [`MessageVerifier::open`].
    pub fn open(
        &self,
        definition: &TokenDefinition<'_>,
        token: &[u8],
        now: Timestamp,
    ) -> Result<Opened<'static>, OpenError> {
        self.verifier.open(token, Expected::Purpose(&definition.full_purpose()), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_written_as_ruby_writes_it() {
        let definition = TokenDefinition::new("User", "x");
        assert_eq!(definition.full_purpose(), "User\nx\n");
        assert_eq!(definition.expires_in(900).full_purpose(), "User\nx\n900");
        assert_eq!(definition.expires_in(5400.0).full_purpose(), "User\nx\n5400.0");
        assert_eq!(definition.expires_in(0.5).full_purpose(), "User\nx\n0.5");
    }

    #[test]
    fn fractions_of_seconds_are_kept() {
        let now = Timestamp::from_unix(10, 750_000_000).unwrap();
        assert_eq!(plus(now, 1.5), Timestamp::from_unix(12, 250_000_000));
        assert_eq!(plus(now, -1.0), Timestamp::from_unix(9, 750_000_000));
        assert_eq!(plus(now, -0.875), Timestamp::from_unix(9, 875_000_000));
        for out_of_range in [f64::NAN, f64::INFINITY, 1e300, -1e18] {
            assert_eq!(plus(now, out_of_range), None);
        }
    }
}
