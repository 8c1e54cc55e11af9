//! Everything in which versions of Rails *behave* differently, as data: one table, with the Rails
//! source of each cell. Code asks the dialect; nothing else compares versions.

mod other;

pub(crate) use self::other::{ActionPath, CsrfText, CsrfToken, Feature, OtherMessages, Stripping};
use super::{Settings, Version};
use crate::cookies::{Overflow, PurposeRule, RackCookies, SetCookieName};
use crate::envelope::Detection;
use crate::message::{Base64Leniency, EncryptorDigest, LongKeys, MessageRules, SecondAlphabet};
use crate::serializer::message_pack::Extensions;
use crate::serializer::{Fallback, Serializer, json};
use crate::wire::frame::Cut;

/// Whether a reader takes what that Rails takes, or only what that Rails writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// Only what some Rails writes: no junk after the digest, no sloppy base64, no comments in
    /// JSON. The default.
    #[default]
    Strict,
    /// All that this version of Rails lets through, to know what a real server would do.
    AsRails,
}

/// How one version of Rails behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    pub(crate) version: Version,
    pub(crate) messages: MessageRules,
    pub(crate) cookies: CookieBehaviour,
    pub(crate) other: OtherMessages,
}

/// How one version's cookie jars behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CookieBehaviour {
    /// Which setting names the digest of signed cookies.
    pub(crate) signed_digest: SignedDigest,
    /// When a cookie's expiry is embedded in its value too.
    pub(crate) expiry: EmbeddedExpiry,
    /// Whether cookies can be issued for their name: written with `use_cookies_with_metadata`,
    /// and looked for always.
    pub(crate) purpose: PurposeRule,
    /// Whether JSON cookies are written by Ruby's own `JSON`, as 4.1 alone does.
    pub(crate) json: CookieJson,
    /// Which rotations Rails adds by itself.
    pub(crate) automatic: Automatic,
    /// What becomes of an authentic value that the serializer does not read.
    pub(crate) undecodable: Undecodable,
    /// Whether what a rotation opened is written again as it was.
    pub(crate) reissue: HashReissue,
    pub(crate) overflow: Overflow,
    pub(crate) header: RackCookies,
    pub(crate) set_cookie_name: SetCookieName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignedDigest {
    /// Up to 4.1.
    Sha1,
    /// 4.2 to 5.1: `cookies_digest`, for the HMAC of encrypted cookies too.
    CookiesDigest,
    /// From 5.2: `signed_cookie_digest`.
    SignedCookieDigest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EmbeddedExpiry {
    Never,
    /// 5.2, for signed cookies as well.
    WithAuthenticatedEncryption,
    Always,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undecodable {
    /// The serializer's error reaches the app: the request fails.
    Raises,
    /// There is no cookie.
    Nil,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashReissue {
    Faithful,
    /// `self[name] = value` takes a Hash for options: the cookie is nil afterwards.
    Emptied,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookieJson {
    Ruby,
    ActiveSupport,
}

/// The rotations that Rails adds by itself, where the settings call for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Automatic {
    /// What `secret_token` signed is read, and with which digest.
    pub(crate) secret_token: Option<SecretTokenDigest>,
    /// AES-CBC is read where AES-GCM is written.
    pub(crate) legacy_cbc: bool,
    /// AES-GCM is read where AES-CBC is written.
    pub(crate) prepare_upgrade: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretTokenDigest {
    /// 4.0 to 5.1.
    Sha1,
    /// 5.2: a rotation of the primary verifier, with its digest.
    Inherited,
}

impl Version {
    /// How this version behaves, leniency included.
    #[must_use]
    pub fn dialect(self) -> Dialect {
        Dialect::of(self)
    }
}

/// The value of the first step that reaches up to `version`, or `last` beyond them all.
fn up_to<T: Copy>(version: Version, steps: &[(Version, T)], last: T) -> T {
    steps.iter().find(|(until, _)| version <= *until).map_or(last, |(_, value)| *value)
}

impl Dialect {
    fn of(version: Version) -> Self {
        use Version::{V3_2, V4_0, V4_1, V4_2, V5_1, V5_2, V6_0, V6_1, V7_0, V7_1, V8_0, V8_1};

        let messages = MessageRules {
            // message_verifier.rb: `split("--")`; 7.0 `separator_index_for`
            signed_cut: if version <= V6_1 { Cut::Left } else { Cut::Right },
            // message_encryptor.rb: `split("--")`; 7.1 `extract_parts`
            encrypted_cut: if version <= V7_0 { Cut::Left } else { Cut::Right },
            // message_verifier.rb: `decode64`, `strict_decode64` (4.1), `urlsafe_decode64` (7.1)
            base64: up_to(
                version,
                &[(V4_0, Base64Leniency::Anything), (V7_0, Base64Leniency::None)],
                Base64Leniency::MixedAlphabets,
            ),
            // message_verifier.rb#decode: `urlsafe_decode64` takes both; one after the other (7.2)
            second_alphabet: up_to(
                version,
                &[(V7_0, SecondAlphabet::Never), (V7_1, SecondAlphabet::ForUrlSafe)],
                SecondAlphabet::Always,
            ),
            // messages/metadata.rb: none, `extract_metadata` (5.2),
            // `dual_serialized_metadata_envelope_json?` (7.1)
            detection: up_to(
                version,
                &[(V5_1, Detection::None), (V7_0, Detection::Parsed)],
                Detection::Prefixed,
            ),
            // cookies.rb `HybridSerializer`; `MarshalWithJsonFallback` (6.1);
            // messages/serializer_with_fallback.rb (7.1)
            fallback: up_to(
                version,
                &[(V6_0, Fallback::Hybrid), (V7_0, Fallback::MarshalReadsJson)],
                Fallback::All,
            ),
            // active_support/json/encoding.rb
            active_support_json: up_to(
                version,
                &[(V3_2, json::Text::ACTIVE_SUPPORT_3_2), (V4_0, json::Text::ACTIVE_SUPPORT_4_0)],
                json::Text::ACTIVE_SUPPORT,
            ),
            ruby_json: json::Text::STDLIB,
            syntax: json::Syntax::Ruby,
            // active_support/message_pack/extensions.rb
            extensions: up_to(
                version,
                &[(V7_1, Extensions::V7_1), (V8_0, Extensions::V7_2), (V8_1, Extensions::V8_1)],
                Extensions::V8_2,
            ),
            // message_encryptor.rb: `MessageVerifier.new(sign_secret, digest: …)` (4.2)
            encryptor_digest: if version <= V4_1 {
                EncryptorDigest::AlwaysSha1
            } else {
                EncryptorDigest::AsConfigured
            },
            // Ruby's openssl, not Rails
            long_keys: if version <= V4_2 { LongKeys::Truncated } else { LongKeys::Refused },
        };
        let cookies = CookieBehaviour {
            // cookies.rb: `SignedCookieJar`, `SignedKeyRotatingCookieJar` (5.2)
            signed_digest: up_to(
                version,
                &[(V4_1, SignedDigest::Sha1), (V5_1, SignedDigest::CookiesDigest)],
                SignedDigest::SignedCookieDigest,
            ),
            // cookies.rb: `cookie_metadata` (5.2)
            expiry: up_to(
                version,
                &[
                    (V5_1, EmbeddedExpiry::Never),
                    (V5_2, EmbeddedExpiry::WithAuthenticatedEncryption),
                ],
                EmbeddedExpiry::Always,
            ),
            // cookies.rb: `AbstractCookieJar#[]`, `cookie_metadata` (6.0)
            purpose: if version <= V5_2 { PurposeRule::Without } else { PurposeRule::CookieName },
            // cookies.rb 4.1: `JsonSerializer` with `quirks_mode`
            json: if version == V4_1 { CookieJson::Ruby } else { CookieJson::ActiveSupport },
            automatic: Automatic {
                // cookies.rb: `VerifyAndUpgradeLegacySignedMessage`; `@verifier.rotate` (5.2)
                secret_token: up_to(
                    version,
                    &[
                        (V3_2, None),
                        (V5_1, Some(SecretTokenDigest::Sha1)),
                        (V5_2, Some(SecretTokenDigest::Inherited)),
                    ],
                    None,
                ),
                // cookies.rb: `upgrade_legacy_hmac_aes_cbc_cookies?`
                legacy_cbc: version >= V5_2,
                // cookies.rb: `prepare_upgrade_legacy_hmac_aes_cbc_cookies?`
                prepare_upgrade: version >= V6_1,
            },
            // cookies.rb: `deserialize`, with `rescue StandardError` from 7.1 on
            undecodable: if version <= V7_0 { Undecodable::Raises } else { Undecodable::Nil },
            // cookies.rb: `self[name] = value` (4.0, 5.2), `{ value: value }`
            reissue: if matches!(version, V4_0 | V5_2) {
                HashReissue::Emptied
            } else {
                HashReissue::Faithful
            },
            // cookies.rb: `check_for_overflow!`
            overflow: up_to(
                version,
                &[(V3_2, Overflow::ValueCharacters), (V8_0, Overflow::ValueBytes)],
                Overflow::NameAndValueBytes,
            ),
            // The oldest Rack that this Rails' last release runs on, with which the corpus was made.
            // The app may have a newer one: then `cookies::header` reads by that one's rules.
            header: up_to(
                version,
                &[(V5_1, RackCookies::UpToRack2_0), (V5_2, RackCookies::Rack2_1)],
                RackCookies::SinceRack2_2,
            ),
            set_cookie_name: if version <= V8_1 {
                SetCookieName::Escaped
            } else {
                SetCookieName::Validated
            },
        };
        Self { version, messages, cookies, other: OtherMessages::of(version) }
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// How messages that are not cookies are written and read.
    #[must_use]
    pub fn messages(&self) -> MessageRules {
        self.messages
    }

    /// The same with what only this version's leniency lets through refused.
    #[must_use]
    pub fn strict(self) -> Self {
        let messages = MessageRules {
            signed_cut: Cut::Right,
            encrypted_cut: Cut::Right,
            base64: Base64Leniency::None,
            syntax: json::Syntax::Strict,
            ..self.messages
        };
        Self { messages, ..self }
    }

    /// The same with an app's own settings of the text of JSON.
    #[must_use]
    pub(crate) fn with_settings(self, settings: &Settings) -> Self {
        let mut active_support_json = self.messages.active_support_json;
        if !settings.escape_html_entities_in_json {
            active_support_json = active_support_json.with_html(json::HtmlEscape::None);
        } else if self.version == Version::V3_2 {
            active_support_json = active_support_json.with_html(json::HtmlEscape::UpperHex);
        }
        if !settings.escape_js_separators_in_json {
            active_support_json = active_support_json.with_js_separators(json::JsSeparators::Raw);
        }
        Self { messages: MessageRules { active_support_json, ..self.messages }, ..self }
    }

    /// Whether an authentic cookie that the serializer does not read fails the request.
    pub(crate) fn raises_undecodable(&self) -> bool {
        self.cookies.undecodable == Undecodable::Raises
    }

    /// Whether a hash that a rotation opened is lost when Rails writes it again.
    pub(crate) fn empties_reissued_hashes(&self) -> bool {
        self.cookies.reissue == HashReissue::Emptied
    }

    /// Whether `cookies_rotations` exists.
    pub(crate) fn has_rotations(&self) -> bool {
        self.version >= Version::V5_2
    }

    /// Whether `cookies.encrypted` exists, and with it keys that are derived.
    pub(crate) fn has_encrypted_cookies(&self) -> bool {
        self.version > Version::V3_2
    }

    /// The serializer that stands for `cookies_serializer` in this version's jars.
    pub(crate) fn cookie_serialization(
        &self,
        serializer: Serializer,
    ) -> crate::serializer::Serialization {
        let serialization = self.messages.serialization(serializer);
        match self.cookies.json {
            CookieJson::ActiveSupport => serialization,
            CookieJson::Ruby => {
                crate::serializer::Serialization { text: self.messages.ruby_json, ..serialization }
            }
        }
    }
}

/// The newest version's rules, strict.
impl Default for MessageRules {
    fn default() -> Self {
        Version::NEWEST.dialect().strict().messages()
    }
}
