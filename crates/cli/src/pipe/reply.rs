//! The beginnings of answers, and the answers that all layers give alike.

use railjar::{OpenError, Opened};

use super::request::Request;
use crate::answer::Answer;
use crate::opened;

pub(super) fn ok<'o>(request: &Request<'_>, out: &'o mut Vec<u8>) -> Answer<'o> {
    Answer::new(out, request.id, "ok")
}

pub(super) fn refused(request: &Request<'_>, error: impl Into<OpenError>, out: &mut Vec<u8>) {
    opened::refusal(Answer::new(out, request.id, "refused"), error.into()).end();
}

/// The message with its value, or why there is none.
pub(super) fn opened(
    request: &Request<'_>,
    opened: Result<Opened<'_>, OpenError>,
    out: &mut Vec<u8>,
) {
    match opened::with_value(opened) {
        Ok((opened, value)) => opened::fields(ok(request, out), &opened, &value).end(),
        Err(error) => refused(request, error, out),
    }
}
