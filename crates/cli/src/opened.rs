//! What opening gave, as fields of JSON: alike in the pipe and in `open --format json`.

use railjar::serializer::Format;
use railjar::serializer::json::{self, Text};
use railjar::{Matched, OpenError, Opened, Timestamp, Value};

use crate::answer::Answer;

/// A message together with its value.
pub(crate) fn with_value(
    opened: Result<Opened<'_>, OpenError>,
) -> Result<(Opened<'_>, Value), OpenError> {
    let opened = opened?;
    let value = opened.to_value()?;
    Ok((opened, value))
}

/// The fields of an opened message, its value first.
pub(crate) fn fields<'o>(answer: Answer<'o>, opened: &Opened<'_>, read: &Value) -> Answer<'o> {
    let answer = serialized(value(answer, read, opened.format()), opened)
        .text("envelope", opened.envelope().name());
    let answer = metadata(answer, opened.purpose(), opened.expires_at());
    matched(answer, opened.matched()).flag("reissue", opened.must_reissue())
}

/// The value as JSON, where that says all of it, and else in Ruby's notation.
pub(crate) fn value<'o>(answer: Answer<'o>, value: &Value, format: Format) -> Answer<'o> {
    let exact = format == Format::Bytes || value.fits_json();
    match exact.then(|| json::to_vec(value, &Text::STDLIB).ok()).flatten() {
        Some(json) => answer.json("value", &json),
        None => answer.text("value_debug", &value.to_string()),
    }
}

/// The value as it came.
pub(crate) fn serialized<'o>(answer: Answer<'o>, opened: &Opened<'_>) -> Answer<'o> {
    answer
        .base64("payload_b64", opened.payload().as_bytes())
        .text("serializer", opened.format().name())
}

pub(crate) fn metadata<'o>(
    answer: Answer<'o>,
    purpose: Option<&str>,
    expires_at: Option<Timestamp>,
) -> Answer<'o> {
    let answer = match purpose {
        Some(purpose) => answer.text("purpose", purpose),
        None => answer.json("purpose", b"null"),
    };
    match expires_at {
        Some(at) => answer.text("expires_at", &at.to_string()),
        None => answer.json("expires_at", b"null"),
    }
}

/// Which recipe opened it.
pub(crate) fn matched(answer: Answer<'_>, matched: Matched) -> Answer<'_> {
    match matched {
        Matched::Primary => answer.text("matched", "primary"),
        Matched::Rotation { index, origin } => {
            answer.json("matched", index.to_string().as_bytes()).text("matched_name", origin.name())
        }
    }
}

/// The fields of a refusal.
pub(crate) fn refusal(answer: Answer<'_>, error: OpenError) -> Answer<'_> {
    answer.text("kind", error.kind()).text("reason", error.reason())
}
