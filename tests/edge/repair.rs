//! A cookie that the server cannot read is sealed again, and nothing else is touched.

use railjar::edge::{
    CookieHeader, Event, KeptCookie, Lossy, Policies, Rotated, Rule, Unreadable, Upstream, Verdict,
};
use railjar::rails::{Profile, Rotation, Version};
use railjar::value::{Hash, Symbol, Value};
use railjar::{Digest, Matched, SecretKeyBase, Serializer};

use super::world::*;

/// The pairs of states that an app may go through, by name.
fn upgrades() -> Vec<(&'static str, World)> {
    let secret = |text: &str| SecretKeyBase::new(text).unwrap();
    let cbc = Profile::new(Version::V6_1)
        .cookies_serializer(Serializer::Json)
        .use_authenticated_cookie_encryption(false);
    let marshal = Profile::new(Version::V6_1);
    let message_pack = rails_7_2().cookies_serializer(Serializer::MessagePack);
    let changed = |profile: &Profile| {
        profile.cookies(&secret("the secret key base of next year, or so")).unwrap()
    };
    vec![
        ("6.1 to 7.2", World::story()),
        ("6.1 to 7.0", World::devise(&rails_6_1(), &Profile::new(Version::V7_0))),
        ("AES-CBC to AES-GCM", World::devise(&cbc, &rails_7_2())),
        ("Marshal to JSON", World::devise(&marshal, &rails_7_2())),
        ("Marshal to MessagePack", World::devise(&marshal, &message_pack)),
        ("5.2 to 7.2", World::devise(&Profile::new(Version::V5_2), &rails_7_2())),
        ("4.2 to 8.1", World::devise(&Profile::new(Version::V4_2), &Profile::new(Version::V8_1))),
        ("a changed secret", World::new(jars(&rails_7_2()), changed(&rails_7_2()), with_devise)),
    ]
}

#[test]
fn everybody_stays_signed_in_both_ways() {
    for (name, world) in upgrades() {
        for (from, to) in [("old", "new"), ("new", "old")] {
            let browser = cookie(world.jars(from), &member());
            assert_eq!(found(world.jars(to), &browser), None, "{name}: {to} reads it by itself");
            let header = format!("theme=d%zzrk ;  {browser};;last");
            for method in ["GET", "POST"] {
                let decision = world.request(method, &header, world.upstream(to));
                let who = decision.verdict().signed_in().expect(name);
                assert_eq!((who.scope(), who.user()), ("user", Some("42")), "{name}");
                let sent = sent(&decision, &header);
                assert_eq!(found(world.jars(to), sent), Some(member()), "{name}: {from} to {to}");
                let (before, after) = sent.split_at("theme=d%zzrk ;  _app_session=".len());
                assert_eq!(before, "theme=d%zzrk ;  _app_session=");
                assert!(after.ends_with(";;last"));
                assert_eq!(names(decision.events()), ["opened", "resealed"], "{name}");
            }
        }
    }
}

#[test]
fn what_the_server_reads_is_left_alone() {
    for (name, world) in upgrades() {
        for to in ["old", "new"] {
            let browser = cookie(world.jars(to), &member());
            let decision = world.get(&browser, to);
            assert_eq!(decision.verdict().name(), "signed-in", "{name}");
            assert_eq!(*decision.cookie(), CookieHeader::Untouched, "{name}");
            assert_eq!(names(decision.events()), ["opened"], "{name}");
        }
    }
}

#[test]
fn a_rotation_of_the_server_reads_too() {
    let new = rails_7_2().rotate(Rotation::new().key_generator_hash_digest_class(Digest::Sha1));
    let world = World::devise(&rails_6_1(), &new);
    let browser = cookie(&world.old, &member());
    let decision = world.get(&browser, "new");
    assert_eq!(*decision.cookie(), CookieHeader::Untouched);
    let by = world.edge.format("new").unwrap();
    assert!(matches!(decision.events(), [Event::Opened { by: read_by, matched, .. }]
        if *read_by == by && matched.is_rotation()));

    let mut policies = Policies::default();
    policies.rotated = Rotated::Reseal;
    let world =
        World::new(world.old, world.new, |edge| with_devise(edge).policies(policies.clone()));
    let decision = world.get(&browser, "new");
    let sent = sent(&decision, &browser);
    let value = world.new.find(sent.as_bytes(), SESSION).unwrap();
    let opened = world.new.session(SESSION).open(&value, NOW).unwrap();
    assert_eq!(opened.matched(), Matched::Primary);
    assert_eq!(opened.to_value().unwrap(), member());
}

#[test]
fn expiry_and_purpose_come_along() {
    let world = World::story();
    let expires = NOW.plus_seconds(60);
    for (from, to) in [("old", "new"), ("new", "old")] {
        let jar = world.jars(from).session(SESSION);
        let sealed = jar.seal(&member(), Some(expires), &mut entropy()).unwrap();
        let header = sealed.set_cookie_pair().unwrap();
        let decision = world.get(&header, to);
        let sent = sent(&decision, &header);
        let value = world.jars(to).find(sent.as_bytes(), SESSION).unwrap();
        let opened = world.jars(to).session(SESSION).open(&value, NOW).unwrap();
        assert_eq!(opened.expires_at(), Some(expires));
        assert_eq!(opened.purpose(), Some("cookie._app_session"));
        // The payload is the same, byte for byte.
        let original = world.jars(from).session(SESSION).open(sealed.as_bytes(), NOW).unwrap();
        assert_eq!(opened.payload().as_bytes(), original.payload().as_bytes());
    }
}

#[test]
fn an_expired_cookie_is_unreadable_and_stays_so() {
    let world = World::story();
    let jar = world.old.session(SESSION);
    let sealed = jar.seal(&member(), Some(NOW), &mut entropy()).unwrap();
    let header = sealed.set_cookie_pair().unwrap();
    for upstream in [world.upstream("old"), world.upstream("new"), Upstream::Unknown] {
        let decision = world.request("GET", &header, upstream);
        let Verdict::Unreadable(refusal) = decision.verdict() else { panic!("{decision:?}") };
        assert_eq!(refusal.reason(), "expired");
        assert_eq!(*decision.cookie(), CookieHeader::Untouched);
    }
    // Under another name it is good for nothing.
    let header = format!("{SESSION}={}", {
        let other = world.old.encrypted("other").seal(&member(), None, &mut entropy()).unwrap();
        other.set_cookie_value()
    });
    let decision = world.get(&header, "new");
    assert!(matches!(decision.verdict(), Verdict::Unreadable(refusal)
        if refusal.reason() == "purpose-mismatch"));
}

#[test]
fn an_old_rails_must_not_take_metadata_for_a_session() {
    // 5.1 opens what 7.2 wrote with the same key, and finds a hash with the key `_rails`.
    let same_key = |profile: Profile| {
        profile.cookies_serializer(Serializer::Json).use_authenticated_cookie_encryption(false)
    };
    let old = Profile::new(Version::V5_1).cookies_serializer(Serializer::Json);
    let new = same_key(Profile::new(Version::V6_1));
    let world = World::devise(&old, &new);
    let browser = cookie(&world.new, &member());
    let wrong = found(&world.old, &browser).expect("the same key");
    assert!(wrong.get("_rails").is_some());
    let decision = world.get(&browser, "old");
    assert_eq!(decision.verdict().name(), "signed-in");
    assert_eq!(found(&world.old, sent(&decision, &browser)), Some(member()));
}

#[test]
fn nothing_is_changed_for_a_server_that_nobody_knows() {
    let world = World::story();
    for (jars, value, verdict) in [
        (&world.old, member(), "signed-in"),
        (&world.new, member(), "signed-in"),
        (&world.new, guest(), "guest"),
    ] {
        let decision = world.request("GET", &cookie(jars, &value), Upstream::Unknown);
        assert_eq!(decision.verdict().name(), verdict);
        assert_eq!(*decision.cookie(), CookieHeader::Untouched);
    }
}

#[test]
fn what_nobody_reads_goes_by_the_policy() {
    let stranger = rails_7_2().cookies(&SecretKeyBase::new("of a stranger, long enough").unwrap());
    let browser = format!("a=1; {}; b=2", cookie(&stranger.unwrap(), &member()));
    for (policy, expected) in [
        (Unreadable::Pass, &*browser),
        (Unreadable::Strip, "a=1; b=2"),
        (Unreadable::Expire, "a=1; b=2"),
    ] {
        let mut policies = Policies::default();
        policies.unreadable = policy;
        let world = World::new(jars(&rails_6_1()), jars(&rails_7_2()), |edge| {
            let session = KeptCookie::encrypted(SESSION).domain("example.test");
            edge.session(session).rule(Rule::devise()).policies(policies.clone())
        });
        let decision = world.get(&browser, "new");
        assert_eq!(decision.verdict().name(), "unreadable");
        assert_eq!(sent(&decision, &browser), expected);
        assert_eq!(names(decision.events()), ["unreadable"]);
        let unknown = world.request("GET", &browser, Upstream::Unknown);
        assert_eq!(*unknown.cookie(), CookieHeader::Untouched);

        let response = world.edge.response(
            &decision,
            [&b"_app_session=fresh; path=/"[..]],
            world.upstream("new"),
            NOW,
            &mut entropy(),
        );
        let headers = response.set_cookies().map(<[_]>::to_vec);
        let expired = "max-age=0; expires=Thu, 01 Jan 1970 00:00:00 GMT";
        let expected = (policy == Unreadable::Expire).then(|| {
            vec![
                format!("_app_session=; path=/; {expired}").into_bytes(),
                format!("_app_session=; domain=example.test; path=/; {expired}").into_bytes(),
                b"_app_session=fresh; path=/".to_vec(),
            ]
        });
        assert_eq!(headers, expected);
    }
}

#[test]
fn a_value_that_json_cannot_say_goes_by_the_policy() {
    let mut value = Hash::new();
    value.insert("locale", Symbol::from("pt"));
    value.insert("warden.user.user.key", vec![Value::from(vec![Value::from(42)])]);
    let old = jars(&Profile::new(Version::V6_1));
    let browser = cookie(&old, &Value::Hash(value));
    for (policy, expected) in
        [(Lossy::Pass, Some(&*browser)), (Lossy::Strip, Some("")), (Lossy::Convert, None)]
    {
        let mut policies = Policies::default();
        policies.lossy = policy;
        let world = World::new(old.clone(), jars(&rails_7_2()), |edge| {
            with_devise(edge).policies(policies.clone())
        });
        let decision = world.get(&browser, "new");
        assert_eq!(decision.verdict().name(), "signed-in");
        let sent = sent(&decision, &browser);
        match expected {
            Some(expected) => {
                assert_eq!(sent, expected);
                assert_eq!(names(decision.events()), ["opened", "value-lost"]);
            }
            None => {
                let read = found(&world.new, sent).unwrap();
                assert_eq!(read.get("locale"), Some(&Value::from("pt")));
            }
        }
    }
}

#[test]
fn other_cookies_are_kept_too() {
    let world = World::new(jars(&rails_6_1()), jars(&rails_7_2()), |edge| {
        with_devise(edge)
            .cookie(KeptCookie::signed("remember_user_token"))
            .cookie(KeptCookie::encrypted("prefs"))
    });
    let token = session(r#"[[42],"salt","1750000000.0"]"#);
    let pairs = [
        cookie(&world.old, &guest()),
        pair(world.old.signed("remember_user_token"), &token),
        pair(world.old.encrypted("prefs"), &Value::from("dark")),
    ];
    let header = pairs.join("; ");
    let decision = world.get(&header, "new");
    let sent = sent(&decision, &header).as_bytes();
    let open = |jar: railjar::cookies::Jar<'_>| {
        let value = world.new.find(sent, jar.name()).unwrap();
        jar.open(&value, NOW).unwrap().to_value().unwrap()
    };
    assert_eq!(open(world.new.session(SESSION)), guest());
    assert_eq!(open(world.new.signed("remember_user_token")), token);
    assert_eq!(open(world.new.encrypted("prefs")), Value::from("dark"));
}

#[test]
fn a_long_cookie_is_sent_and_said() {
    let world = World::story();
    let text = "x".repeat(2100);
    let long = session(&format!(r#"{{"session_id":"0f","text":"{text}"}}"#));
    // Under AES-CBC the same session would be over the limit.
    let cbc = jars(&rails_6_1().use_authenticated_cookie_encryption(false));
    assert!(cbc.session(SESSION).seal(&long, None, &mut entropy()).is_err());
    let world = World::new(world.new.clone(), cbc, with_devise);
    let browser = cookie(&world.old, &long);
    let decision = world.get(&browser, "new");
    assert_eq!(names(decision.events()), ["opened", "oversize", "resealed"]);
    assert_eq!(found(&world.new, sent(&decision, &browser)), Some(long));
}
