//! `Cookie` and `Set-Cookie` headers: finding is looking through, escaping is undone by reading.
#![no_main]

use libfuzzer_sys::fuzz_target;
use railjar::cookies::{CookieName, RackCookies, SetCookie, SetCookieName, escape, header};
use railjar_fuzz::Input;

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let rules =
        input.pick(&[RackCookies::UpToRack2_0, RackCookies::Rack2_1, RackCookies::SinceRack2_2]);
    let writing = input.pick(&[SetCookieName::Escaped, SetCookieName::Validated]);
    let name = input.text();
    let sent = input.rest();

    // Looking for any name that is there, and for one that may be.
    let pairs: Vec<_> = header::cookies(sent, rules).collect();
    let names = pairs.iter().map(|pair| pair.name().into_owned());
    for name in names.take(2).chain([name.clone().into_bytes()]) {
        let named: Vec<_> = pairs.iter().filter(|pair| *pair.name() == *name).collect();
        assert!(header::find_all(sent, &name, rules).eq(named.iter().map(|pair| **pair)));
        let first = match rules {
            RackCookies::UpToRack2_0 => named.iter().find_map(|pair| pair.value()),
            _ => named.first().and_then(|pair| pair.value()),
        };
        assert_eq!(header::find(sent, &name, rules), first);
        for pair in &pairs {
            assert_eq!(pair.is_named(&name), *pair.name() == *name);
        }
    }
    for pair in &pairs {
        assert_eq!(pair.value(), pair.raw_value().map(escape::unescape));
        assert!(pair.raw_value().is_none_or(|value| !value.contains(&b';')));
    }

    let escaped = escape::escape(sent);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"*-._+%".contains(&byte);
    assert!(escaped.bytes().all(plain));
    assert_eq!(*escape::unescape(escaped.as_bytes()), *sent);
    assert!(escape::unescape(sent).len() <= sent.len());

    // A cookie that is written is found again, alone and among others.
    if let Ok(name) = CookieName::new(&*name)
        && let Ok(pair) = writing.pair(&name, sent)
    {
        assert!(pair.is_ascii() && !pair.contains([';', ',', ' ', '\r', '\n']) || !name.is_token());
        let cookie = SetCookie::parse(pair.as_bytes()).expect("it has a =");
        assert_eq!(*cookie.name(writing), *name.as_bytes());
        assert_eq!(*cookie.value(), *sent);
        // Racks that unescape names are asked for what was escaped, the others for tokens.
        if rules == RackCookies::UpToRack2_0 && writing == SetCookieName::Escaped {
            let header = [&b"a; b=1; "[..], pair.as_bytes(), b"; c"].concat();
            if !["a", "b"].contains(&name.as_str()) {
                let found = header::find(&header, name.as_bytes(), rules);
                assert_eq!(found.as_deref(), Some(sent));
            }
        }
    }

    if let Some(cookie) = SetCookie::parse(sent) {
        let same = cookie.replace_value(&cookie.value());
        let parsed = SetCookie::parse(&same).expect("still a cookie");
        assert_eq!(parsed.value(), cookie.value());
        let other = cookie.replace_value(b"a b;=");
        let parsed = SetCookie::parse(&other).expect("still a cookie");
        assert_eq!((&*parsed.value(), parsed.name(writing)), (&b"a b;="[..], cookie.name(writing)));
        assert_eq!(parsed.replace_value(&cookie.value()), same, "nothing else is touched");
    }
});
