//! What a client is told when something is refused. Whoever wants another answer takes the refusal
//! as a `Result`; the reason is for the log, and not among the words here.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::csrf::FormRefusal;
use super::signed_in::SignInRefusal;
use crate::csrf::CsrfRefusal;
use crate::error::{MissingApp, SessionRefusal, Unreadable, WriteError};

/// 400: neither a guest nor a user.
impl IntoResponse for Unreadable {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, "A cookie of this site cannot be read.").into_response()
    }
}

/// 401 without a session, 400 for one that cannot be read.
impl IntoResponse for SessionRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::Absent => (StatusCode::UNAUTHORIZED, "There is no session.").into_response(),
            Self::Unreadable(error) => error.into_response(),
            Self::MissingApp(error) => error.into_response(),
        }
    }
}

/// 500: the router lacks its layer.
impl IntoResponse for MissingApp {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

/// 500, with the reason in words: a session over 4096 bytes, most likely.
impl IntoResponse for WriteError {
    fn into_response(self) -> Response {
        let text = format!("A cookie could not be written: {self}.");
        (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
    }
}

/// 422, as Rails answers `InvalidAuthenticityToken`; 400 for a session that cannot be read.
impl IntoResponse for CsrfRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::Unreadable(error) => error.into_response(),
            Self::MissingApp(error) => error.into_response(),
            _ => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "The form is not this session's: load its page again.",
            )
                .into_response(),
        }
    }
}

impl IntoResponse for FormRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::Csrf(error) => error.into_response(),
            Self::Body(error) => error.into_response(),
            Self::Form(error) => error.into_response(),
        }
    }
}

/// 303 to the sign-in page for a guest, 400 for a session that cannot be read.
impl IntoResponse for SignInRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::Guest(sign_in) => sign_in.into_response(),
            Self::Unreadable(error) => error.into_response(),
            Self::MissingApp(error) => error.into_response(),
        }
    }
}
