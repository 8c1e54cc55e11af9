//! The layer `csrf`: the tokens of one session, and new sessions' tokens.

use railjar::SealError;
use railjar::messages::{Csrf, CsrfForm, CsrfMatch, SessionToken};
use railjar::rails::Profile;

use super::fields::Fields;
use super::random::Random;
use super::recipe::{Answered, Recipe, Tools};
use super::request::Request;
use super::words::CsrfKind;
use super::{BadRequest, reply};

pub(super) struct Protection {
    csrf: Csrf,
    session: Option<SessionToken>,
}

pub(super) fn recipe(app: Profile, mut config: Fields) -> Result<Protection, BadRequest> {
    let token = config.text("session_token")?;
    let csrf = config.settings(app)?.csrf()?;
    let session = token.map(|token| csrf.session_token(token.as_bytes())).transpose();
    let session = session.map_err(|_| "session_token is no token of this version")?;
    Ok(Protection { csrf, session })
}

impl Protection {
    fn session(&self) -> Result<&SessionToken, BadRequest> {
        self.session.as_ref().ok_or_else(|| "session_token is missing".into())
    }
}

impl Recipe for Protection {
    fn open(&self, request: &Request<'_>, _: &mut Tools, out: &mut Vec<u8>) -> Answered {
        let wire = request.wire()?;
        let found = match request.csrf_kind()? {
            CsrfKind::Form => {
                let (path, method) = request.sent_to();
                self.session()?.verify(&wire, path, method).map(name)
            }
            CsrfKind::Session => self.csrf.session_token(&wire).map(|_| "session"),
        };
        match found {
            Ok(token) => reply::ok(request, out).text("token", token).end(),
            Err(error) => reply::refused(request, error, out),
        }
        Ok(())
    }

    fn seal(&self, request: &Request<'_>, tools: &mut Tools, out: &mut Vec<u8>) -> Answered {
        let mut pad = Random::new(request, &mut tools.entropy)?;
        let wire =
            match request.csrf_kind()? {
                CsrfKind::Form => {
                    let form = request.form().map_or(CsrfForm::Any, |(action, method)| {
                        CsrfForm::To { action, method, page: request.page() }
                    });
                    self.session()?.authenticity_token(form, &mut pad)
                }
                CsrfKind::Session => self.csrf.generate_session_token(&mut pad),
            };
        let wire = wire.map_err(|_| pad.error(SealError::Entropy))?;
        reply::ok(request, out).text("wire", &wire).end();
        Ok(())
    }
}

/// What a form's token turned out to be.
fn name(found: CsrfMatch) -> &'static str {
    match found {
        CsrfMatch::Unmasked => "unmasked",
        CsrfMatch::MaskedReal => "masked",
        CsrfMatch::Global => "global",
        CsrfMatch::PerForm => "per_form",
        _ => "other",
    }
}
