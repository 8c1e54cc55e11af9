//! An edge, and what it decides about a cookie full of secrets.

use railjar::edge::{Edge, Format, Hint, KeptCookie, RequestHead, Rule, Upstream};
use railjar::rails::{Profile, Version};
use railjar::{Cookies, SecretKeyBase};

use super::{Marked, NOW, PLAIN, SECRET, shown};

/// What [`silent`](super::silent) looks at, of an edge and of what it decides.
pub fn edges(cookies: &Cookies) -> Vec<(&'static str, String)> {
    let old = Profile::new(Version::V6_1).cookies(&SecretKeyBase::new(SECRET).unwrap()).unwrap();
    let format = Format::new("new", cookies.clone());
    let mut all = vec![("Format", shown(&format))];
    let edge = Edge::builder()
        .format(format)
        .format(Format::new("old", old))
        .session(KeptCookie::encrypted("a"))
        .rule(Rule::session_path(["plain"]))
        .hint(Hint::new("hint"))
        .browser_format("old");
    all.push(("EdgeBuilder", shown(&edge)));
    let edge = edge.build().unwrap();
    all.push(("Edge", shown(&edge)));
    let jar = cookies.session("a");
    let sealed = jar.seal_payload(PLAIN, None, &mut Marked).unwrap();
    let pair = sealed.set_cookie_pair().unwrap();
    let head = RequestHead { method: b"GET", cookie: pair.as_bytes() };
    all.push(("RequestHead", shown(&head)));
    let upstream = Upstream::Known(edge.format("old").unwrap());
    let request = edge.request(head, upstream, NOW, &mut Marked);
    assert_eq!(request.verdict().signed_in().unwrap().user(), Some("PLAINTEXT-MARKER-of-a-user"));
    let response = edge.response(&request, [pair.as_bytes()], upstream, NOW, &mut Marked);
    assert!(response.set_cookies().is_some());
    all.extend([
        ("RequestDecision", shown(&request)),
        ("CookieHeader", shown(request.cookie())),
        ("Verdict", shown(request.verdict())),
        ("SignedIn", shown(&request.signed_in())),
        ("ResponseDecision", shown(&response)),
    ]);
    for (name, shown) in &all {
        assert!(!shown.contains(&sealed.as_str()[..20]), "{name} shows the cookie itself");
    }
    all
}
