//! Any headers, before an edge of any settings: nobody is signed in without a cookie that a format
//! verifies; nothing is changed that need not be; what is sealed again is the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::Scratch;
use railjar::cookies::escape::unescape;
use railjar::cookies::{RackCookies, header};
use railjar::edge::{
    CookieHeader, Edge, Format, Hint, KeptCookie, Lossy, Policies, RequestHead, Rotated, Rule,
    Unreadable, Upstream, Verdict,
};
use railjar_fuzz::codecs::{Counting, NOW};
use railjar_fuzz::{APPS, Input};

const SESSION: &str = "s";
const OTHER: &str = "o";

/// What a session or another cookie may hold.
const VALUES: [&str; 6] = [
    "{}",
    r#"{"session_id":"0f"}"#,
    r#"{"session_id":"0f","warden.user.user.key":[[1],"s"],"flash":{}}"#,
    r#"{"id":7,"x":[1.5,null,"é"]}"#,
    "[7]",
    "null",
];

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let mut formats = Vec::new();
    for name in ["a", "b", "c"] {
        formats.push((name, &APPS[input.word() % APPS.len()]));
    }
    let choice = input.byte();
    let kind = |name: &str, bit: u8| match choice & bit {
        0 => KeptCookie::encrypted(name),
        _ => KeptCookie::signed(name),
    };
    let mut policies = Policies::default();
    policies.unreadable = input.pick(&[Unreadable::Pass, Unreadable::Strip, Unreadable::Expire]);
    policies.lossy = input.pick(&[Lossy::Pass, Lossy::Strip, Lossy::Convert]);
    policies.rotated = input.pick(&[Rotated::Pass, Rotated::Reseal]);
    let mut builder = Edge::builder()
        .session(kind(SESSION, 1))
        .cookie(kind(OTHER, 2))
        .rule(Rule::devise())
        .rule(Rule::session_path(["id"]))
        .hint(Hint::new("h"))
        .policies(policies);
    if choice & 4 != 0 {
        builder = builder.rule(Rule::cookie(kind(OTHER, 2)).any_value());
    }
    if choice & 8 != 0 {
        builder = builder.browser_format("b");
    }
    for (name, app) in &formats {
        builder = builder.format(Format::new(*name, app.cookies.clone()));
    }
    let edge = builder.build().expect("valid settings");
    let upstream = match edge.format(input.pick(&["a", "b", "c", "none"])) {
        Some(id) => Upstream::Known(id),
        None => Upstream::Unknown,
    };

    // Some genuine cookies among what the input brings.
    let mut genuine = false;
    let mut sent = Vec::new();
    let mut set = Vec::new();
    for _ in 0..input.byte() % 6 {
        let name = input.pick(&[SESSION, OTHER, "h", "x"]);
        let (_, app) = formats[usize::from(input.byte()) % formats.len()];
        let value = input.pick(&VALUES);
        let value = railjar::serializer::json::from_slice(value.as_bytes()).expect("JSON");
        let expires =
            (input.byte() % 4 == 0).then(|| NOW.plus_seconds(i64::from(input.byte()) - 9));
        let is_signed = choice & if name == SESSION { 1 } else { 2 } != 0;
        let jar = match (name, is_signed) {
            (_, true) => app.cookies.signed(name),
            (SESSION, false) => app.cookies.session(name),
            _ => app.cookies.encrypted(name),
        };
        let Ok(sealed) = jar.seal(&value, expires, &mut Counting(input.byte())) else { continue };
        let mut wire = sealed.set_cookie_value().into_bytes();
        // Perhaps one bit of it. (It says the same where only an escape's case was changed.)
        let flip = input.word();
        let before = unescape(&wire).into_owned();
        if let Some(byte) = wire.get_mut(flip) {
            *byte ^= 1 << (flip % 7);
        }
        genuine |= *unescape(&wire) == *before;
        let pair = [name.as_bytes(), b"=", &wire].concat();
        if input.byte() % 2 == 0 {
            sent.extend_from_slice(&pair);
            sent.extend_from_slice(input.pick(&[&b"; "[..], b";", b",", b" ; ;"]));
        } else {
            let attributes: &[u8] = input.pick(&[
                &b"; path=/"[..],
                b"",
                b"; max-age=0",
                b";Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            ]);
            set.push([&pair, attributes].concat());
        }
    }
    let line = input.text();
    set.push(line.into_bytes());
    sent.extend_from_slice(input.rest());

    let method: &[u8] = input.pick(&[&b"GET"[..], b"POST"]);
    let head = RequestHead { method, cookie: &sent };
    let mut scratch = Scratch::new();
    let decision = edge.request_in(&mut scratch, head, upstream, NOW, &mut Counting(1));
    let signed_in = matches!(decision.verdict(), Verdict::SignedIn(_));
    assert!(!signed_in || genuine, "nobody made that cookie");
    assert_eq!(signed_in, !decision.signed_in().is_empty());
    if signed_in || matches!(decision.verdict(), Verdict::Unreadable(_)) {
        assert!(!decision.cacheability().is_cacheable());
    }
    for (name, value) in edge.headers(&decision) {
        assert!(edge.owns(name.as_bytes()));
        assert!(value.bytes().all(|byte| byte.is_ascii_graphic()));
    }

    // The other cookies stay, byte for byte and in order; the header can still be read.
    let after: &[u8] = match decision.cookie() {
        CookieHeader::Untouched => &sent,
        CookieHeader::Replace(header) => header,
        CookieHeader::Remove => b"",
    };
    if upstream == Upstream::Unknown {
        assert_eq!(*decision.cookie(), CookieHeader::Untouched);
    }
    for rules in [RackCookies::UpToRack2_0, RackCookies::Rack2_1, RackCookies::SinceRack2_2] {
        // Which Rack reads it is the upstream's to say: only what all of them see alike is compared.
        if sent.contains(&b',') || sent.contains(&b'%') && rules == RackCookies::UpToRack2_0 {
            continue;
        }
        let others = |header| -> Vec<_> {
            let all = header::cookies(header, rules);
            let ours = [SESSION, OTHER, "h"];
            let foreign =
                all.filter(|pair| !ours.iter().any(|name| pair.is_named(name.as_bytes())));
            foreign.map(|pair| (pair.name().into_owned(), pair.raw_value())).collect()
        };
        assert_eq!(others(&sent), others(after));
    }

    // What was decided is decided: the server's own request would be judged alike.
    if decision.cookie() != &CookieHeader::Untouched {
        let head = RequestHead { method, cookie: after };
        let again = edge.request(head, upstream, NOW, &mut Counting(9));
        // (Less, where a policy has stripped one.)
        assert!(again.verdict().signed_in().is_none() || signed_in);
        for who in again.signed_in() {
            assert!(decision.signed_in().contains(who));
        }
    }

    let lines = || set.iter().map(Vec::as_slice);
    let response = edge.response(&decision, lines(), upstream, NOW, &mut Counting(3));
    let signed_in = matches!(response.verdict(), Verdict::SignedIn(_));
    assert!(!signed_in || genuine, "nobody made that cookie");
    if let Some(after) = response.set_cookies() {
        // Attributes stay as they are.
        let rest = |line: &[u8]| {
            line.split(|byte| *byte == b';').skip(1).map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        for line in after {
            let known = set.iter().any(|before| rest(before) == rest(line));
            assert!(
                known
                    || line.starts_with(b"h=")
                    || line.starts_with(b"s=")
                    || line.starts_with(b"o=")
            );
        }
    }
    for line in lines() {
        if !edge.set_by(line, NOW).is_empty() {
            assert!(genuine);
        }
    }
});
