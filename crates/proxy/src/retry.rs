//! What to do when an upstream gave no response. A request goes out again only if no server can have
//! acted on it, or if acting twice is the same as once (RFC 9110, 9.2.2) and it has no body.

use http::{Method, Request};

use crate::answer::Answer;
use crate::body::{Broken, RequestBody};
use crate::upstream::{Failure, Unreached};

/// The next step. The answer is for when there is no server, or no attempt, left.
pub(crate) enum Next {
    /// To another server.
    Elsewhere(RequestBody, Answer),
    /// Perhaps to the same one: only the connection was bad.
    Again(RequestBody, Answer),
    Answer(Answer),
}

/// Whether the request may reach an upstream twice.
pub(crate) fn is_repeatable(request: &Request<RequestBody>) -> bool {
    const METHODS: [Method; 5] =
        [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE];
    METHODS.contains(request.method()) && request.body().is_empty()
}

/// The answer where no server could be reached.
pub(crate) fn unreached(why: Unreached) -> Answer {
    match why {
        Unreached::Refused => Answer::UNAVAILABLE,
        Unreached::Timeout => Answer::TIMEOUT,
    }
}

/// The step after a failure.
pub(crate) fn next(failure: Failure, is_repeatable: bool) -> Next {
    match failure {
        Failure::Stale(request) => Next::Again(request.into_body(), Answer::BAD_GATEWAY),
        Failure::Broken if is_repeatable => {
            Next::Elsewhere(RequestBody::EMPTY, Answer::BAD_GATEWAY)
        }
        Failure::BrokenReused if is_repeatable => {
            Next::Again(RequestBody::EMPTY, Answer::BAD_GATEWAY)
        }
        Failure::Broken | Failure::BrokenReused | Failure::Invalid => {
            Next::Answer(Answer::BAD_GATEWAY)
        }
        // It may be at work still.
        Failure::ResponseTimeout => Next::Answer(Answer::TIMEOUT),
        Failure::Client(Broken::Slow) => Next::Answer(Answer::SLOW_BODY),
        Failure::Client(Broken::TooLarge) => Next::Answer(Answer::TOO_LARGE),
        Failure::Client(Broken::Client) => Next::Answer(Answer::BODY),
    }
}
