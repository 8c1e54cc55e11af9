//! CSRF tokens: the session's own, and the ones in forms. Mirrors
//! `action_controller/metal/request_forgery_protection.rb`.

mod path;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::crypto::Digest;
use crate::crypto::hmac::MacKey;
use crate::entropy::{Entropy, EntropyUnavailable};
use crate::error::{ConfigError, FormatError};
use crate::rails::{ActionPath, CsrfText, CsrfToken, Profile};
use crate::secret::Secret;
use crate::wire::base64::{self, Alphabet, Decoding};

/// `AUTHENTICITY_TOKEN_LENGTH`.
const LENGTH: usize = 32;

/// `GLOBAL_CSRF_TOKEN_IDENTIFIER`.
const GLOBAL: &str = "!real_csrf_token";

/// An app's protection against forged requests.
///
/// ```
/// # #[cfg(feature = "getrandom")] {
/// use railjar::entropy::SystemEntropy;
/// use railjar::messages::{CsrfForm, CsrfMatch};
/// use railjar::rails::{Profile, Version};
///
/// let csrf = Profile::new(Version::V7_1).csrf()?;
/// let text = csrf.generate_session_token(&mut SystemEntropy)?; // session["_csrf_token"]
/// let session_token = csrf.session_token(text.as_bytes())?;
///
/// let form = CsrfForm::To { action: "/posts", method: "post", page: "/posts/new" };
/// let token = session_token.authenticity_token(form, &mut SystemEntropy)?;
///
/// let found = session_token.verify(token.as_bytes(), "/posts", "POST");
/// assert_eq!(found, Ok(CsrfMatch::PerForm));
/// assert!(session_token.verify(token.as_bytes(), "/admin", "POST").is_err());
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Csrf {
    token: CsrfToken,
    text: Text,
    session_token: Alphabet,
    per_form: PerForm,
    action_path: ActionPath,
}

/// How tokens are spelled, and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    /// Only the standard alphabet.
    Standard,
    /// The standard alphabet is written, and read first.
    StandardFirst,
    /// The URL-safe alphabet is written, both are read.
    UrlSafe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PerForm {
    Off,
    On,
}

impl Profile {
    /// The protection against forged requests that this app has.
    ///
    /// # Errors
    /// [`ConfigError::NotInThisVersion`] for a setting that this Rails does not have.
    pub fn csrf(&self) -> Result<Csrf, ConfigError> {
        self.check_version()?;
        let (rules, settings) = (self.dialect().other, self.settings());
        let text = match rules.csrf_text {
            CsrfText::Standard => Text::Standard,
            CsrfText::AsConfigured if !settings.urlsafe_csrf_tokens => Text::StandardFirst,
            CsrfText::AsConfigured | CsrfText::UrlSafe => Text::UrlSafe,
        };
        Ok(Csrf {
            token: rules.csrf_token,
            text,
            session_token: match text {
                Text::UrlSafe => rules.csrf_session_token,
                Text::Standard | Text::StandardFirst => Alphabet::Standard,
            },
            per_form: if settings.per_form_csrf_tokens { PerForm::On } else { PerForm::Off },
            action_path: rules.action_path,
        })
    }
}

/// Which form a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsrfForm<'a> {
    /// Any: the token in a page's `meta` tag, and in forms without `per_form_csrf_tokens`.
    Any,
    /// The form with this action and method, on the page with this path. Where the app does not
    /// have `per_form_csrf_tokens`, this is a token for any form.
    To {
        /// The form's `action`: a path, or a whole URL.
        action: &'a str,
        /// Its method, in any case.
        method: &'a str,
        /// The path of the page that the form is on, for an action that goes on from there (7.2 and
        /// later).
        page: &'a str,
    },
}

/// What a token turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CsrfMatch {
    /// The session's own token, as up to 4.1; later versions still read it.
    Unmasked,
    /// The session's own token under a mask, as up to 5.1; later versions still read it.
    MaskedReal,
    /// A token for any form.
    Global,
    /// A token for this form.
    PerForm,
}

impl Csrf {
    /// `generate_csrf_token`: the text for a new session's `_csrf_token`.
    ///
    /// # Errors
    /// [`EntropyUnavailable`] when `entropy` fails.
    pub fn generate_session_token(
        &self,
        entropy: &mut impl Entropy,
    ) -> Result<String, EntropyUnavailable> {
        let mut real = Zeroizing::new([0; LENGTH]);
        entropy.fill(real.as_mut())?;
        Ok(encode(real.as_ref(), self.session_token))
    }

    /// The token that a session holds under `_csrf_token`.
    ///
    /// # Errors
    /// [`FormatError::Malformed`] for text that is no token of this app's version. Rails raises, or
    /// never finds a token that fits.
    pub fn session_token(&self, text: &[u8]) -> Result<SessionToken, FormatError> {
        let token = match self.token {
            CsrfToken::Plain => Token::Text(Secret::new(text)),
            CsrfToken::MaskedReal | CsrfToken::MaskedMac => {
                let real = self.decode(text).filter(|real| real.len() == LENGTH);
                Token::Real(Secret::new(real.ok_or(FormatError::Malformed)?.as_slice()))
            }
        };
        Ok(SessionToken { csrf: *self, token })
    }

    /// `decode_csrf_token`.
    fn decode(&self, text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let decode = |decoding| {
            let mut out = Zeroizing::new(Vec::new());
            let length = base64::decode(&mut out, text, decoding)?;
            out.truncate(length);
            Some(out)
        };
        let standard = Decoding::Strict(Alphabet::Standard);
        match self.text {
            Text::Standard => decode(standard),
            Text::StandardFirst => decode(standard).or_else(|| decode(Decoding::UrlSafe)),
            Text::UrlSafe => decode(Decoding::UrlSafe),
        }
    }
}

/// The token of one session, which all others are made from.
#[derive(Clone, Debug)]
pub struct SessionToken {
    csrf: Csrf,
    token: Token,
}

#[derive(Clone, Debug)]
enum Token {
    /// Compared letter by letter.
    Text(Secret),
    /// 32 bytes.
    Real(Secret),
}

impl SessionToken {
    /// `form_authenticity_token`: another text each time, so that a compressed page tells nothing
    /// of it; up to 4.1 the session's own, for any form.
    ///
    /// # Errors
    /// [`EntropyUnavailable`] when `entropy` fails, which is asked for 32 bytes, from 4.2 on.
    pub fn authenticity_token(
        &self,
        form: CsrfForm<'_>,
        entropy: &mut impl Entropy,
    ) -> Result<String, EntropyUnavailable> {
        let real = match &self.token {
            // It came as text, or it would match no form's.
            Token::Text(text) => return Ok(String::from_utf8_lossy(text.expose()).into_owned()),
            Token::Real(real) => real.expose(),
        };
        let raw = match (form, self.csrf.per_form) {
            (CsrfForm::To { action, method, page }, PerForm::On) => {
                let path = path::of_action(action, page, self.csrf.action_path);
                per_form(real, &path, method)
            }
            _ => self.global(real),
        };
        let mut masked = Zeroizing::new([0; LENGTH * 2]);
        let (pad, token) = masked.split_at_mut(LENGTH);
        entropy.fill(pad)?;
        for ((out, raw), pad) in token.iter_mut().zip(raw.expose()).zip(pad) {
            *out = raw ^ *pad;
        }
        let alphabet = match self.csrf.text {
            Text::Standard | Text::StandardFirst => Alphabet::Standard,
            Text::UrlSafe => Alphabet::UrlSafe,
        };
        Ok(encode(masked.as_ref(), alphabet))
    }

    /// `valid_authenticity_token?`: whether `token` was made for this session, and for a request
    /// with this path (what follows a `?` does not count) and method. Compares in constant time.
    ///
    /// # Errors
    /// [`FormatError::Malformed`] for what is no token, [`FormatError::BadSignature`] for one of
    /// another session or another form.
    pub fn verify(&self, token: &[u8], path: &str, method: &str) -> Result<CsrfMatch, FormatError> {
        let real = match &self.token {
            Token::Text(text) => {
                let same = bool::from(text.expose().ct_eq(token));
                return if same { Ok(CsrfMatch::Unmasked) } else { Err(FormatError::BadSignature) };
            }
            Token::Real(real) => real.expose(),
        };
        let decoded = self.csrf.decode(token).ok_or(FormatError::Malformed)?;
        let raw = match decoded.split_at_checked(LENGTH) {
            Some((unmasked, [])) => {
                return if bool::from(unmasked.ct_eq(real)) {
                    Ok(CsrfMatch::Unmasked)
                } else {
                    Err(FormatError::BadSignature)
                };
            }
            Some((pad, token)) if token.len() == LENGTH => {
                let bytes = pad.iter().zip(token).map(|(pad, token)| pad ^ token);
                Secret::new(bytes.collect::<Vec<u8>>())
            }
            _ => return Err(FormatError::Malformed),
        };
        let is = |known: &[u8]| bool::from(raw.expose().ct_eq(known));
        if is(real) {
            return Ok(CsrfMatch::MaskedReal);
        }
        if is(self.global(real).expose()) {
            return Ok(CsrfMatch::Global);
        }
        if self.csrf.per_form == PerForm::On
            && is(per_form(real, path::of_request(path), method).expose())
        {
            return Ok(CsrfMatch::PerForm);
        }
        Err(FormatError::BadSignature)
    }

    /// `global_csrf_token`, and before it the token itself.
    fn global(&self, real: &[u8]) -> Secret {
        match self.csrf.token {
            CsrfToken::MaskedMac => mac(real, GLOBAL),
            CsrfToken::Plain | CsrfToken::MaskedReal => Secret::new(real),
        }
    }
}

fn per_form(real: &[u8], path: &str, method: &str) -> Secret {
    mac(real, &format!("{path}#{}", method.to_lowercase()))
}

fn mac(real: &[u8], identifier: &str) -> Secret {
    Secret::new(MacKey::new(Digest::Sha256, real).tag(identifier.as_bytes()).as_bytes())
}

fn encode(bytes: &[u8], alphabet: Alphabet) -> String {
    let mut out = Vec::new();
    base64::encode(&mut out, bytes, alphabet);
    // Base64 is ASCII.
    String::from_utf8(out).unwrap_or_default()
}
