//! Who counts as signed in, by each rule; and who never does.

use railjar::edge::{Edge, Format, Headers, KeptCookie, Rule, Upstream, Verdict};
use railjar::{ConfigError, Value};

use super::world::*;

/// The verdict's name, scope and user.
fn judged(world: &World, header: &str) -> (String, String, String) {
    let decision = world.get(header, "new");
    let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let who = decision.verdict().signed_in();
    let scope = text(who.map(|who| who.scope()));
    (decision.verdict().name().to_owned(), scope, text(who.and_then(|who| who.user())))
}

fn with(rules: impl IntoIterator<Item = Rule>) -> World {
    World::new(jars(&rails_6_1()), jars(&rails_7_2()), |edge| {
        let edge = edge.session(KeptCookie::encrypted(SESSION));
        rules.into_iter().fold(edge, |edge, rule| edge.rule(rule))
    })
}

fn judged_session(rule: Rule, json: &str) -> (String, String, String) {
    let world = with([rule]);
    judged(&world, &cookie(&world.new, &session(json)))
}

fn found_as(judged: &(String, String, String)) -> (&str, &str, &str) {
    (&judged.0, &judged.1, &judged.2)
}

#[test]
fn warden_and_devise() {
    for (rule, json, expected) in [
        (Rule::devise(), r#"{"warden.user.user.key":[[42],"s"]}"#, ("signed-in", "user", "42")),
        (Rule::devise(), r#"{"warden.user.a.key":[[1,2],"s"]}"#, ("signed-in", "a", "1,2")),
        (Rule::devise(), r#"{"warden.user.a.key":["f0-e1"]}"#, ("signed-in", "a", "-")),
        (Rule::devise(), r#"{"warden.user.a.key":"f0-e1"}"#, ("signed-in", "a", "f0-e1")),
        (Rule::devise(), r#"{"warden.user.a.key":{"id":1}}"#, ("signed-in", "a", "-")),
        (Rule::devise(), r#"{"warden.user.user.key":null}"#, ("guest", "-", "-")),
        (Rule::devise(), r#"{"warden.user.user.key":false}"#, ("guest", "-", "-")),
        (Rule::devise(), r#"{"warden.user.user.session":{"a":1}}"#, ("guest", "-", "-")),
        (Rule::devise(), "{}", ("guest", "-", "-")),
        (
            Rule::devise_scopes(["admin"]),
            r#"{"warden.user.user.key":[[42],"s"]}"#,
            ("guest", "-", "-"),
        ),
        (
            Rule::devise_scopes(["admin", "staff"]),
            r#"{"warden.user.user.key":[[42],"s"],"warden.user.staff.key":[["x@y"],"s"]}"#,
            ("signed-in", "staff", "x@y"),
        ),
    ] {
        assert_eq!(found_as(&judged_session(rule, json)), expected, "{json}");
    }
}

#[test]
fn a_key_or_a_path_of_the_session() {
    let path = || Rule::session_path(["current_user", "id"]).scope("member");
    for (rule, json, expected) in [
        (Rule::session_path(["user_id"]), r#"{"user_id":7}"#, ("signed-in", "user", "7")),
        (Rule::session_path(["user_id"]), r#"{"user_id":null}"#, ("guest", "-", "-")),
        (Rule::session_path(["user_id"]), r#"{"other":7}"#, ("guest", "-", "-")),
        (
            Rule::session_path(["user_id"]).any_value(),
            r#"{"user_id":null}"#,
            ("signed-in", "user", "-"),
        ),
        (path(), r#"{"current_user":{"id":"u1"}}"#, ("signed-in", "member", "u1")),
        (path(), r#"{"current_user":{"name":"u1"}}"#, ("guest", "-", "-")),
        (path(), r#"{"current_user":"u1"}"#, ("guest", "-", "-")),
        (path(), r#"{"current_user":[1]}"#, ("guest", "-", "-")),
        (path().equals("u1"), r#"{"current_user":{"id":"u1"}}"#, ("signed-in", "member", "u1")),
        (path().equals("u1"), r#"{"current_user":{"id":"u2"}}"#, ("guest", "-", "-")),
    ] {
        assert_eq!(found_as(&judged_session(rule, json)), expected, "{json}");
    }
}

#[test]
fn a_cookie_of_its_own() {
    let world = with([Rule::rails8(), Rule::cookie(KeptCookie::encrypted("api")).equals("admin")]);
    let signed = |value: &Value| pair(world.new.signed("session_id"), value);
    let api = |value: &str| pair(world.new.encrypted("api"), &Value::from(value));
    for (header, expected) in [
        (signed(&Value::from(7)), ("signed-in", "user", "7")),
        (signed(&Value::from("0b54-uuid")), ("signed-in", "user", "0b54-uuid")),
        (signed(&Value::Nil), ("guest", "-", "-")),
        (api("admin"), ("signed-in", "user", "admin")),
        (api("nobody"), ("guest", "-", "-")),
        // No rule looks into the session.
        (cookie(&world.new, &member()), ("absent", "-", "-")),
        (String::new(), ("absent", "-", "-")),
        ("session_id=7".into(), ("unreadable", "-", "-")),
        ("session_id".into(), ("unreadable", "-", "-")),
        ("session_id=".into(), ("unreadable", "-", "-")),
    ] {
        assert_eq!(found_as(&judged(&world, &header)), expected, "{header}");
    }
    // From the other format too, and repaired.
    let header = pair(world.old.signed("session_id"), &Value::from(7));
    assert_eq!(found_as(&judged(&world, &header)), ("signed-in", "user", "7"));
    assert_ne!(sent(&world.get(&header, "new"), &header), header);
}

#[test]
fn the_highest_of_several_counts() {
    let world = with([Rule::devise(), Rule::rails8()]);
    let member = cookie(&world.new, &member());
    let guest = cookie(&world.new, &guest());
    let id = pair(world.new.signed("session_id"), &Value::from(7));
    for (header, expected) in [
        (format!("{guest}; {id}"), ("signed-in", "user", "7")),
        (format!("{member}; {id}"), ("signed-in", "user", "42")),
        (format!("{member}; session_id=x"), ("signed-in", "user", "42")),
        (format!("{guest}; session_id=x"), ("unreadable", "-", "-")),
        (format!("{SESSION}=x; {id}"), ("signed-in", "user", "7")),
        (guest.clone(), ("guest", "-", "-")),
    ] {
        assert_eq!(found_as(&judged(&world, &header)), expected, "{header}");
    }
    let decision = world.get(&format!("{member}; {id}"), "new");
    assert_eq!(decision.signed_in().len(), 2);
}

#[test]
fn a_session_that_is_no_hash_is_unreadable() {
    let world = with([Rule::devise()]);
    for json in ["[]", "\"text\"", "1", "null", "true"] {
        let header = cookie(&world.new, &session(json));
        let decision = world.get(&header, "new");
        let Verdict::Unreadable(refusal) = decision.verdict() else { panic!("{json}") };
        assert_eq!(refusal.kind(), "serialization");
    }
}

#[test]
fn a_serializer_that_is_not_allowed_makes_it_unreadable() {
    // All formats have JSON; somebody signed Marshal with the right key.
    let world = with([Rule::devise()]);
    let marshal = jars(&rails_7_2().cookies_serializer(railjar::Serializer::Marshal));
    let decision = world.get(&cookie(&marshal, &member()), "new");
    let Verdict::Unreadable(refusal) = decision.verdict() else { panic!("{decision:?}") };
    assert_eq!(refusal.reason(), "unsupported-serialization");
}

#[test]
fn an_older_rack_may_see_what_a_newer_does_not() {
    let old = jars(&railjar::rails::Profile::new(railjar::rails::Version::V5_2));
    let world = World::new(old, jars(&rails_7_2()), with_devise);
    // Before Rack 2.2 a comma separates.
    let header = format!("a=1,{}", cookie(&world.new, &member()));
    assert_eq!(world.get(&header, "old").verdict().name(), "signed-in");
    assert_eq!(world.get(&header, "new").verdict().name(), "absent");
    let decision = world.request("GET", &header, Upstream::Unknown);
    assert_eq!(decision.verdict().name(), "signed-in");
}

#[test]
fn headers_tell_the_server() {
    let mut headers = Headers::default();
    headers.scope = Some("X-Scope".into());
    headers.user = Some("X-User".into());
    headers.cache = Some("X-Cache-Why".into());
    let world = World::new(jars(&rails_6_1()), jars(&rails_7_2()), |edge| {
        with_devise(edge).rule(Rule::session_path(["email"])).headers(headers.clone())
    });
    let shown = |json: &str| {
        let decision = world.get(&cookie(&world.new, &session(json)), "new");
        let pairs = world.edge.headers(&decision);
        pairs.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>()
    };
    assert_eq!(shown("{}"), ["X-Railjar-Verdict: guest", "X-Cache-Why: cacheable"]);
    assert_eq!(
        shown("{\"email\":\"a b\\r\\nX-Evil: 1\"}"),
        [
            "X-Railjar-Verdict: signed-in",
            "X-Cache-Why: signed-in",
            "X-Scope: user",
            "X-User: a+b%0D%0AX-Evil%3A+1",
        ]
    );
    for name in ["x-railjar-verdict", "X_RAILJAR_VERDICT", "X-Railjar_Verdict", "x-user", "X-SCOPE"]
    {
        assert!(world.edge.owns(name.as_bytes()), "{name}");
    }
    for name in ["x-railjar", "x-railjar-verdict2", "x-forwarded-for", ""] {
        assert!(!world.edge.owns(name.as_bytes()), "{name}");
    }
}

#[test]
fn what_does_not_fit_together_is_an_error() {
    let format = || Format::new("a", jars(&rails_7_2()));
    let session = || KeptCookie::encrypted(SESSION);
    let build = |edge: railjar::edge::EdgeBuilder| edge.build().map(|_| ()).unwrap_err();
    assert_eq!(build(Edge::builder()), ConfigError::Missing { what: "format" });
    let edge = || Edge::builder().format(format());
    assert_eq!(build(edge().format(format())), ConfigError::Twice { what: "format" });
    assert_eq!(build(edge().rule(Rule::devise())), ConfigError::Missing { what: "session" });
    assert_eq!(build(edge().browser_format("b")), ConfigError::UnknownName { what: "format" });
    let twice = ConfigError::Twice { what: "cookie" };
    assert_eq!(build(edge().session(session()).cookie(session())), twice);
    let rule = Rule::cookie(KeptCookie::signed(SESSION));
    assert_eq!(build(edge().session(session()).rule(rule)), twice);
    assert_eq!(build(edge().cookie(KeptCookie::signed(""))), ConfigError::CookieName);
    let path = session().path("/; domain=evil");
    assert_eq!(build(edge().session(path)), ConfigError::Invalid { what: "path" });
    let mut headers = Headers::default();
    headers.verdict = "X Y".into();
    assert_eq!(build(edge().headers(headers)), ConfigError::Invalid { what: "header name" });
}
