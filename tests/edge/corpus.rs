//! Every cookie that real Rails wrote, or that was made from one: what its own app refuses never
//! signs anybody in, before a server that is known and before one that is not.

use railjar::cookies::{CookieName, escape};
use railjar::edge::{CookieHeader, Edge, Format, KeptCookie, RequestHead, Rule, Upstream, Verdict};
use railjar::rails::{Strictness, Version};

use super::case::{Case, cases};
use super::subject::Subject;
use super::world::entropy;

#[test]
fn what_rails_refuses_never_signs_anybody_in() {
    let (mut signed_in, mut unreadable) = (0, 0);
    for version in Version::ALL {
        for case in cases(version, &["cookie", "session"]) {
            match judge(&case) {
                Some(true) => signed_in += 1,
                Some(false) => unreadable += 1,
                None => {}
            }
        }
    }
    // A loader that loses cases must not pass for agreement.
    assert_eq!((signed_in, unreadable), (3_404, 1_638));
}

/// Whether the cookie signed somebody in; `None` for a case without one.
fn judge(case: &Case) -> Option<bool> {
    let subject = Subject::reader(case, Strictness::AsRails).ok()?;
    let wire = case.wire()?;
    let Subject::Cookies { cookies, kind, name } = &subject else { return None };
    if !CookieName::new(&**name).is_ok_and(|name| name.is_token()) {
        return None;
    }
    let edge = Edge::builder().format(Format::new("app", cookies.clone()));
    let is_session = kind == "signed_or_encrypted";
    let edge = match &**kind {
        "signed" => edge.rule(Rule::cookie(KeptCookie::signed(name)).any_value()),
        "encrypted" => edge.rule(Rule::cookie(KeptCookie::encrypted(name)).any_value()),
        _ => {
            let session = edge.session(KeptCookie::encrypted(name));
            session.rule(Rule::session_path(["session_id"]).any_value())
        }
    };
    let edge = edge.build().unwrap();
    let header = format!("a=1; {name}={}; b", escape::escape(&wire));
    let head = RequestHead { method: b"GET", cookie: header.as_bytes() };
    let opened = subject.open(&wire, None, case.now());
    let is_read = opened.is_ok_and(|opened| match opened.to_value() {
        // A value that looks like metadata is taken for some that an old Rails cannot see.
        _ if opened.payload().as_bytes().starts_with(br#"{"_rails":{"message":"#) => false,
        Ok(value) if is_session => value.get("session_id").is_some(),
        value => value.is_ok(),
    });
    for upstream in [Upstream::Known(edge.format("app").unwrap()), Upstream::Unknown] {
        let decision = edge.request(head, upstream, case.now(), &mut entropy());
        let verdict = decision.verdict();
        assert_eq!(*decision.cookie(), CookieHeader::Untouched, "{}", case.id);
        match verdict {
            Verdict::SignedIn(_) => assert!(is_read, "{}: {verdict:?}", case.id),
            Verdict::Unreadable(_) => assert!(!is_read, "{}: {verdict:?}", case.id),
            Verdict::Guest => assert!(is_session && !is_read, "{}: {verdict:?}", case.id),
            Verdict::Absent => panic!("{}", case.id),
        }
        if case.expect != "ok" && !is_read {
            assert!(!decision.cacheability().is_cacheable() || is_session, "{}", case.id);
        }
    }
    Some(is_read)
}
