//! Each cause in words: what happened, and what to do.

use railjar::explain::{Cause, Change, Foreign, Junk, Missing, Report};
use railjar::rails::{CookieKind, Version};
use railjar::{Digest, Timestamp};

use crate::error::Status;
use crate::time;

/// What happened, as one sentence.
pub(crate) fn happened(cause: &Cause, now: Timestamp) -> String {
    match cause {
        Cause::Empty => "there is no text".into(),
        Cause::PlusBecameSpace => "each + has become a space on its way".into(),
        Cause::PercentEncoded { times: 1 } => "it is still percent-encoded".into(),
        Cause::PercentEncoded { times } => format!("it is still percent-encoded, {times} times"),
        Cause::Cut { missing: Missing::Start, length } => {
            format!("its beginning is missing: these {length} bytes are its last part")
        }
        Cause::Cut { length, .. } => match (4000..=4100).contains(length) {
            true => format!("its end is missing: {length} bytes are left, and browsers keep 4096"),
            false => format!("its end is missing: {length} bytes are left"),
        },
        Cause::Junk { junk } => format!("it carries {}", junk_words(*junk)),
        Cause::OtherAlphabet => {
            "its base64 is spelled in the other alphabet, with - and _ for + and /, or the reverse"
                .into()
        }
        Cause::PaddingLost => "the = at the end of its base64 are missing".into(),
        Cause::SeparatorLost => "the -- between its parts are missing".into(),
        Cause::UpperCaseDigest => "its digest is in upper case".into(),
        Cause::Unsigned => {
            "a whole value without a signature: cut off right there, or never signed".into()
        }
        Cause::NotRails { foreign: Foreign::Unknown } => "it is no message of Rails'".into(),
        Cause::NotRails { foreign } => format!("it is no message of Rails', but {foreign}"),
        Cause::NoKeyFits => "none of these secrets made it, or it was changed since".into(),
        Cause::OtherJar { jar: CookieKind::Signed } => "it is a signed cookie".into(),
        Cause::OtherJar { .. } => "it is an encrypted cookie".into(),
        Cause::OtherUse { used_for } => format!("it is {}", used_for.noun()),
        Cause::OtherDigest { digest } => {
            format!("this secret made it, but signed it with {}", digest.name())
        }
        Cause::OtherKeyDigest { digest } => {
            format!("this secret made it, but with a key derived by {}", digest.name())
        }
        Cause::OtherIterations { iterations } => {
            format!("this secret made it, but with a key of {iterations} iterations")
        }
        Cause::OtherCipher { cipher } => {
            format!("this secret made it, but with {}", cipher.name().to_uppercase())
        }
        Cause::OtherSalt { salt } => {
            format!("this secret made it, but with a key of the salt {salt:?}")
        }
        Cause::OtherSecret => "an older secret made it, which this app does not read".into(),
        Cause::OtherRecipe => {
            "a secret that is known made it, but more than one setting was another".into()
        }
        Cause::OnlyLeniency => "this Rails takes it, but no Rails writes it so".into(),
        Cause::Expired { at } => {
            format!("it expired {}, at {}", time::relative(*at, now), time::absolute(*at))
        }
        Cause::OtherCookieName { name } => format!("it was issued as the cookie {name:?}"),
        Cause::OtherPurpose { purpose: Some(purpose) } => {
            format!("it was issued for the purpose {purpose:?}")
        }
        Cause::OtherPurpose { .. } => "it was issued for no purpose".into(),
        Cause::MalformedMetadata => "its metadata cannot be read".into(),
        Cause::NewerEnvelope => "its metadata is in a form that came with a later Rails".into(),
        Cause::DoubleWrapped => "its value is an envelope again: it was sealed twice".into(),
        Cause::ForeignEnvelope => {
            "its envelope is not written as Rails writes it, and is taken for the value".into()
        }
        Cause::SerializerNotAllowed { format } => {
            format!("its value is in {}, which the app's serializer does not read", format.name())
        }
        Cause::MalformedValue { error } => format!("its value cannot be read: {error}"),
        other => other.name().into(),
    }
}

fn junk_words(junk: Junk) -> &'static str {
    match junk {
        Junk::Whitespace => "spaces or newlines",
        Junk::Quotes => "quotation marks",
        Junk::Name => "a name in front",
        Junk::Attributes => "the attributes of a Set-Cookie header",
        Junk::LeadingPart => "a part in front, joined by --",
        Junk::TrailingPart => "a part behind it, joined by --",
        _ => "something around it",
    }
}

/// What to do about it.
pub(crate) fn help(cause: &Cause) -> &'static str {
    match cause {
        Cause::Empty => "look at what the browser holds, and at the cookie's path and domain",
        Cause::PlusBecameSpace => {
            "write the cookie escaped (%2B); to read this one, copy it as the browser shows it"
        }
        Cause::PercentEncoded { .. } => "unescape it before it is read, and escape it only once",
        Cause::Cut { .. } => {
            "copy all of it, up to the part after the last --; if the browser cut it, store less \
             in the session"
        }
        Cause::Junk { .. } => "take the bare value, without what stands around it",
        Cause::OtherAlphabet => "give writer and reader the same url_safe, and pass it on as it is",
        Cause::PaddingLost | Cause::SeparatorLost | Cause::UpperCaseDigest => {
            "find what changes it on its way; it must arrive as it was written"
        }
        Cause::Unsigned => "copy all of it, up to the part after the last --",
        Cause::NotRails { .. } => "ask the program that wrote it",
        Cause::NoKeyFits => {
            "check that the secret is that app's, and that environment's; that all of the value was \
             copied, and nothing else; try older secrets, and the names of verifiers"
        }
        Cause::OtherJar { jar: CookieKind::Signed } => "read it by cookies.signed",
        Cause::OtherJar { .. } => "read it by cookies.encrypted",
        Cause::OtherUse { .. } => "read it by what it is for",
        Cause::OtherKeyDigest { .. } => {
            "read it by a rotation until no such cookie is left (load_defaults 7.0 goes from SHA1 \
             to SHA256)"
        }
        Cause::OtherCipher { .. } => {
            "read it by a rotation, or with the Rails that knows it (load_defaults 5.2 goes from \
             AES-CBC to AES-GCM)"
        }
        Cause::OtherDigest { .. }
        | Cause::OtherIterations { .. }
        | Cause::OtherSalt { .. }
        | Cause::OtherSecret
        | Cause::OtherRecipe => "read it by a rotation until no such cookie is left",
        Cause::OnlyLeniency => "--strictness as-rails, to take what this Rails would take",
        Cause::Expired { .. } => "--now with an earlier time, to look inside",
        Cause::OtherCookieName { .. } => {
            "--cookie with that name; a renamed cookie has to be written anew"
        }
        Cause::OtherPurpose { .. } => "give writer and reader the same purpose",
        Cause::MalformedMetadata | Cause::ForeignEnvelope => {
            "write the envelope byte for byte as Rails does: docs/explain.md shows it"
        }
        Cause::NewerEnvelope => "upgrade the readers before the writers",
        Cause::DoubleWrapped => {
            "open the value before it is sealed again; it has to be written anew"
        }
        Cause::SerializerNotAllowed { .. } => {
            "cookies_serializer = :hybrid (:json_allow_marshal) while old cookies live"
        }
        Cause::MalformedValue { .. } => "write it by the serializer that reads it",
        _ => "docs/explain.md says more",
    }
}

/// What `open` and `convert` are told to try, as flags where there are any for it.
pub(crate) fn hints(report: &Report, app: Version, now: Timestamp) -> Vec<String> {
    let Some(cause) = &report.cause else { return Vec::new() };
    let since = report.shape.since().filter(|since| *since > app);
    let flag = match (cause, &report.change) {
        (_, Some(Change::Rotate { settings, serializer, .. })) if !settings.is_empty() => {
            let pairs: Vec<_> =
                settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let set = serializer.map(|it| format!(" --set cookies_serializer={}", it.name()));
            format!("--rotate {}{}", pairs.join(","), set.unwrap_or_default())
        }
        (_, Some(Change::Serializer { serializer, .. })) => {
            format!("--set cookies_serializer={}", serializer.name())
        }
        (Cause::OtherJar { jar: CookieKind::Signed }, _) => "--signed".into(),
        (Cause::OtherJar { .. }, _) => "--encrypted".into(),
        (Cause::OtherCookieName { .. }, _) => "--cookie with its real name".into(),
        (Cause::NoKeyFits, _) if since.is_some() => {
            format!("--rails {} or later", since.unwrap_or(app))
        }
        (Cause::NoKeyFits, _) => {
            return vec![
                "check that the secret is that app's, and that environment's".into(),
                "check that all of the value was copied, and nothing else".into(),
            ];
        }
        _ => help(cause).into(),
    };
    let happened = match (cause, since) {
        (Cause::NoKeyFits, Some(_)) => format!("its shape is none that Rails {app} reads"),
        _ => happened(cause, now),
    };
    let mut hints = vec![format!("{flag}: {happened}")];
    if report.as_rails == Some(true) {
        let lenient = "--strictness as-rails: no Rails writes it so, but this one would take it";
        hints.push(lenient.into());
    }
    hints
}

/// The exit status that a cause amounts to, as a refusal by `open` has it.
pub(super) fn status(cause: &Cause) -> Status {
    match cause {
        Cause::Expired { .. }
        | Cause::OtherCookieName { .. }
        | Cause::OtherPurpose { .. }
        | Cause::MalformedMetadata
        | Cause::NewerEnvelope => Status::Content,
        Cause::SerializerNotAllowed { .. } | Cause::MalformedValue { .. } => Status::Serialization,
        _ => Status::Format,
    }
}

/// The name of a digest.
pub(super) fn digest(digest: Option<Digest>) -> Option<&'static str> {
    digest.map(Digest::name)
}
