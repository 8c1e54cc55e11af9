//! Serializers: which formats one reads, which it writes, and what Rails writes again. Mirrors
//! `active_support/messages/serializer_with_fallback.rb` and, before 7.1, the serializers inside
//! `action_dispatch/middleware/cookies.rb`.

pub mod json;
pub mod marshal;
pub mod message_pack;
mod to_value;
mod value;

pub use crate::serializer::marshal::Limits;

pub(crate) use crate::serializer::to_value::to_value;

use crate::error::{ConfigError, SerializationError};

/// A serializer, by the name that Rails has for it.
///
/// A symbol (`:json`) reads what its version falls back to; a module (`JSON`) reads its own format
/// only. Reading Marshal is allowed by the serializer's choice alone: `Json` and `MessagePack`
/// refuse it, since whoever holds a leaked key could have a Ruby process build any object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Serializer {
    /// `NullSerializer`: bytes as they are.
    Null,
    /// `:marshal`.
    Marshal,
    /// `:json`.
    Json,
    /// `:json_allow_marshal`, and `:hybrid`, which is its name before 7.1.
    JsonAllowMarshal,
    /// `:message_pack`.
    MessagePack,
    /// `:message_pack_allow_marshal`.
    MessagePackAllowMarshal,
    /// The module `Marshal`.
    MarshalModule,
    /// The module `JSON` of Ruby's standard library, which escapes less than Active Support's.
    JsonModule,
    /// The module `ActiveSupport::JSON`.
    ActiveSupportJsonModule,
    /// The module `ActiveSupport::MessagePack`.
    ActiveSupportMessagePackModule,
}

/// Every serializer with the name that a Rails configuration has for it.
const NAMES: [(&str, Serializer); 11] = [
    ("NullSerializer", Serializer::Null),
    ("marshal", Serializer::Marshal),
    ("json", Serializer::Json),
    ("json_allow_marshal", Serializer::JsonAllowMarshal),
    ("hybrid", Serializer::JsonAllowMarshal),
    ("message_pack", Serializer::MessagePack),
    ("message_pack_allow_marshal", Serializer::MessagePackAllowMarshal),
    ("Marshal", Serializer::MarshalModule),
    ("JSON", Serializer::JsonModule),
    ("ActiveSupport::JSON", Serializer::ActiveSupportJsonModule),
    ("ActiveSupport::MessagePack", Serializer::ActiveSupportMessagePackModule),
];

impl Serializer {
    /// By its Rails name, without the colon of a symbol: `"json"`, `"ActiveSupport::JSON"`.
    ///
    /// # Errors
    /// [`ConfigError::UnknownName`] for any other text.
    pub fn from_name(name: &str) -> Result<Self, ConfigError> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, serializer)| *serializer)
            .ok_or(ConfigError::UnknownName { what: "serializer" })
    }

    /// Its Rails name.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }

    /// The format that it writes.
    #[must_use]
    pub fn format(self) -> Format {
        match self {
            Self::Null => Format::Bytes,
            Self::Marshal | Self::MarshalModule => Format::Marshal,
            Self::Json
            | Self::JsonAllowMarshal
            | Self::JsonModule
            | Self::ActiveSupportJsonModule => Format::Json,
            Self::MessagePack
            | Self::MessagePackAllowMarshal
            | Self::ActiveSupportMessagePackModule => Format::MessagePack,
        }
    }

    /// Whether it is one that Rails 7.1 puts its new metadata envelope into
    /// (`metadata.rb`: `ENVELOPE_SERIALIZERS`); the null serializer, and so every cookie, is not.
    pub(crate) fn holds_envelope(self) -> bool {
        self != Self::Null
    }
}

/// What serialized bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Whatever the caller put in.
    Bytes,
    /// JSON text.
    Json,
    /// Ruby's Marshal 4.8.
    Marshal,
    /// `ActiveSupport::MessagePack`: a signature of two bytes, then MessagePack.
    MessagePack,
}

impl Format {
    /// `"bytes"`, `"json"`, `"marshal"` or `"message_pack"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Json => "json",
            Self::Marshal => "marshal",
            Self::MessagePack => "message_pack",
        }
    }

    /// What the bytes announce themselves as, as `SerializerWithFallback` tells them apart.
    pub(crate) fn detect(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xcc, 0x80, ..] => Some(Self::MessagePack),
            [0x04, 0x08, ..] => Some(Self::Marshal),
            [b'{' | b'[' | b'"' | b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..] => Some(Self::Json),
            _ if [&b"true"[..], b"false", b"null"].iter().any(|word| bytes.starts_with(word)) => {
                Some(Self::Json)
            }
            _ => None,
        }
    }
}

/// Who reads what besides its own format: it changed twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fallback {
    /// Up to 6.0: only `:hybrid` reads two formats.
    Hybrid,
    /// 6.1 and 7.0: `:marshal` reads JSON too.
    MarshalReadsJson,
    /// From 7.1 (`SerializerWithFallback`): all read JSON and MessagePack; Marshal must be allowed.
    All,
}

/// Whether Rails writes the cookie again after reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reissue {
    /// It leaves it.
    Keep,
    /// It writes it again, in the format and with the key that are current.
    Rewrite,
}

/// A serializer together with the behaviour of its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Serialization {
    pub(crate) serializer: Serializer,
    pub(crate) fallback: Fallback,
    /// How its own JSON is written.
    pub(crate) text: json::Text,
    /// How the legacy envelope is written: always by `ActiveSupport::JSON`.
    pub(crate) envelope_text: json::Text,
    pub(crate) syntax: json::Syntax,
    /// The types of its MessagePack.
    pub(crate) extensions: message_pack::Extensions,
}

impl Serialization {
    /// Which format `payload` is to be read as, and whether Rails would write it again.
    pub(crate) fn recognize(
        &self,
        payload: &[u8],
    ) -> Result<(Format, Reissue), SerializationError> {
        use Format::{Bytes, Json, Marshal, MessagePack};
        use Reissue::{Keep, Rewrite};

        let detected = Format::detect(payload);
        // Marshal has minor versions; Rails' signature is that of 4.8, Ruby itself reads older.
        let marshal = payload.first() == Some(&4);
        let read = match (self.serializer, self.fallback) {
            (Serializer::Null, _) => Some((Bytes, Keep)),
            (Serializer::MarshalModule, _) | (Serializer::Marshal, Fallback::Hybrid) => {
                marshal.then_some((Marshal, Keep))
            }
            // `Marshal.load` of less than its two bytes of version is an ArgumentError, and JSON is
            // tried after a TypeError only: not the `7` that `:json` writes of a 7.
            (Serializer::Marshal, Fallback::MarshalReadsJson) => match payload {
                [] | [_] => None,
                _ if marshal => Some((Marshal, Keep)),
                _ => Some((Json, Keep)),
            },
            (Serializer::JsonModule | Serializer::ActiveSupportJsonModule, _)
            | (Serializer::Json, Fallback::Hybrid | Fallback::MarshalReadsJson) => {
                (!matches!(detected, Some(Marshal | MessagePack))).then_some((Json, Keep))
            }
            (Serializer::JsonAllowMarshal, Fallback::Hybrid | Fallback::MarshalReadsJson) => {
                Some(if detected == Some(Marshal) { (Marshal, Rewrite) } else { (Json, Keep) })
            }
            (Serializer::ActiveSupportMessagePackModule, _) => {
                (detected == Some(MessagePack)).then_some((MessagePack, Keep))
            }
            (Serializer::Marshal, Fallback::All) => detected.map(|format| (format, Keep)),
            (Serializer::Json, Fallback::All) => match detected {
                Some(Json) => Some((Json, Keep)),
                Some(Marshal) => None,
                Some(other) => Some((other, Rewrite)),
                None => Some((Json, Rewrite)),
            },
            (Serializer::JsonAllowMarshal, Fallback::All) => match detected {
                Some(Json) => Some((Json, Keep)),
                Some(other) => Some((other, Rewrite)),
                None => Some((Json, Rewrite)),
            },
            (Serializer::MessagePack, _) => match detected {
                Some(MessagePack) => Some((MessagePack, Keep)),
                Some(Json) => Some((Json, Rewrite)),
                _ => None,
            },
            (Serializer::MessagePackAllowMarshal, _) => match detected {
                Some(MessagePack) => Some((MessagePack, Keep)),
                Some(other) => Some((other, Rewrite)),
                None => None,
            },
        };
        read.ok_or(SerializationError::Unsupported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the cookies of 6.1 and of 7.2 answer.
    #[test]
    fn marshal_falls_back_to_json_but_once_not_to_a_single_byte() {
        let format = |fallback, payload: &[u8]| {
            let text = json::Text::ACTIVE_SUPPORT;
            let serialization = Serialization {
                serializer: Serializer::Marshal,
                fallback,
                text,
                envelope_text: text,
                syntax: json::Syntax::Strict,
                extensions: message_pack::Extensions::default(),
            };
            serialization.recognize(payload).map(|(format, _)| format)
        };
        for fallback in [Fallback::MarshalReadsJson, Fallback::All] {
            assert_eq!(format(fallback, b"42"), Ok(Format::Json));
        }
        assert_eq!(format(Fallback::All, b"7"), Ok(Format::Json));
        let refused = Err(SerializationError::Unsupported);
        assert_eq!(format(Fallback::MarshalReadsJson, b"7"), refused);
        assert_eq!(format(Fallback::Hybrid, b"42"), refused);
    }
}
