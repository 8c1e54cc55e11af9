//! What opening gave, as fields of JSON: alike in the pipe and in `open --format json`.

use railjar::serializer::Format;
use railjar::serializer::json::{self, Text};
use railjar::{Matched, OpenError, Opened, Value};

use crate::answer::Answer;

/// A message together with its value.
pub(crate) fn with_value(
    opened: Result<Opened<'_>, OpenError>,
) -> Result<(Opened<'_>, Value), OpenError> {
    let opened = opened?;
    let value = opened.to_value()?;
    Ok((opened, value))
}

/// The value as JSON, where that says all of it.
fn exactly(opened: &Opened<'_>, value: &Value) -> Option<Vec<u8>> {
    let exact = opened.format() == Format::Bytes || value.fits_json();
    exact.then(|| json::to_vec(value, &Text::STDLIB).ok()).flatten()
}

/// The fields of an opened message, its value first.
pub(crate) fn fields<'o>(answer: Answer<'o>, opened: &Opened<'_>, value: &Value) -> Answer<'o> {
    let answer = match exactly(opened, value) {
        Some(json) => answer.json("value", &json),
        None => answer.text("value_debug", &value.to_string()),
    };
    let answer = answer
        .base64("payload_b64", opened.payload().as_bytes())
        .text("serializer", opened.format().name())
        .text("envelope", opened.envelope().name());
    let answer = match opened.purpose() {
        Some(purpose) => answer.text("purpose", purpose),
        None => answer.json("purpose", b"null"),
    };
    let answer = match opened.expires_at() {
        Some(at) => answer.text("expires_at", &at.to_string()),
        None => answer.json("expires_at", b"null"),
    };
    let answer = match opened.matched() {
        Matched::Primary => answer.text("matched", "primary"),
        Matched::Rotation { index, origin } => {
            answer.json("matched", index.to_string().as_bytes()).text("matched_name", origin.name())
        }
    };
    answer.flag("reissue", opened.must_reissue())
}

/// The fields of a refusal.
pub(crate) fn refusal(answer: Answer<'_>, error: OpenError) -> Answer<'_> {
    answer.text("kind", error.kind()).text("reason", error.reason())
}
