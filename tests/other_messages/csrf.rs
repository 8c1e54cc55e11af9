//! CSRF tokens: those that Rails made, and what it makes of others.

use std::collections::BTreeMap;

use railjar::messages::{Csrf, CsrfForm, CsrfMatch};
use railjar::rails::{Profile, Version};

use crate::case::{Case, Fixed, cases, decode_any};
use crate::differences;

fn csrf(case: &Case) -> Csrf {
    let mut profile = Profile::without_defaults(case.version);
    if let Some(per_form) = case.config("per_form_csrf_tokens").as_bool() {
        profile = profile.per_form_csrf_tokens(per_form);
    }
    if let Some(url_safe) = case.config("urlsafe_csrf_tokens").as_bool() {
        profile = profile.urlsafe_csrf_tokens(url_safe);
    }
    profile.csrf().unwrap()
}

#[test]
fn every_token_is_judged_as_rails_judges_it() {
    let (mut accepted, mut refused) = (0, 0);
    for case in cases("csrf").iter().filter(|case| case.line["kind"] != "session_token") {
        let session = case.config("session_token").as_str().unwrap();
        let token = csrf(case).session_token(session.as_bytes()).unwrap();
        let (path, method) =
            (case.text("request_path").unwrap(), case.text("request_method").unwrap());
        let found = token.verify(case.text("wire").unwrap().as_bytes(), path, method);
        match case.text("expect").unwrap() {
            "ok" => {
                let expected = match (case.text("kind").unwrap(), case.version) {
                    ("per_form", _) => CsrfMatch::PerForm,
                    _ if case.id().contains("neg/unmasked-raw") => CsrfMatch::Unmasked,
                    (_, Version::V4_0 | Version::V4_1) => CsrfMatch::Unmasked,
                    _ if case.id().contains("neg/masked-real-token") => CsrfMatch::MaskedReal,
                    (_, Version::V4_2 | Version::V5_0 | Version::V5_1) => CsrfMatch::MaskedReal,
                    _ => CsrfMatch::Global,
                };
                assert_eq!(found, Ok(expected), "{}", case.name());
                accepted += 1;
            }
            _ => {
                assert!(found.is_err(), "{}", case.name());
                refused += 1;
            }
        }
    }
    assert_eq!((accepted, refused), (423, 392));
    differences::check("csrf", &BTreeMap::new());
}

/// With the pad that Rails drew, which a masked token begins with.
#[test]
fn every_token_of_a_form_is_made_again_byte_for_byte() {
    let mut made = 0;
    for case in cases("csrf").iter().filter(|case| case.line["kind"] != "session_token") {
        if case.id().contains("/neg/") {
            continue;
        }
        let session = case.config("session_token").as_str().unwrap();
        let token = csrf(case).session_token(session.as_bytes()).unwrap();
        let form = match (case.text("form_action"), case.text("form_method")) {
            (Some(action), Some(method)) => CsrfForm::To { action, method, page: "/anything" },
            _ => CsrfForm::Any,
        };
        let wire = case.text("wire").unwrap();
        let pad = Fixed(decode_any(wire)[..32].to_vec());
        let again = token.authenticity_token(form, &mut { pad });
        assert_eq!(again.as_deref(), Ok(wire), "{}", case.name());
        made += 1;
    }
    assert_eq!(made, 374);
}

#[test]
fn every_new_sessions_token_is_made_again_byte_for_byte() {
    let mut made = 0;
    for case in cases("csrf").iter().filter(|case| case.line["kind"] == "session_token") {
        let wire = case.text("wire").unwrap();
        let csrf = csrf(case);
        let again = csrf.generate_session_token(&mut Fixed(decode_any(wire)));
        assert_eq!(again.as_deref(), Ok(wire), "{}", case.name());
        assert!(csrf.session_token(wire.as_bytes()).is_ok(), "{}", case.name());
        made += 1;
    }
    assert_eq!(made, 33);
}
