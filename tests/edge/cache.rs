//! What a shared cache may answer.

use railjar::edge::{KeptCookie, Policies};
use railjar::{SecretKeyBase, Value};

use super::world::*;

fn world() -> World {
    World::new(jars(&rails_6_1()), jars(&rails_7_2()), |edge| {
        with_devise(edge)
            .cookie(KeptCookie::signed("remember_user_token"))
            .cookie(KeptCookie::encrypted("seen_banner").ignored_by_cache())
    })
}

#[test]
fn guests_without_anything_of_their_own() {
    let world = world();
    let session_of = |json: &str| cookie(&world.new, &session(json));
    let banner = pair(world.new.encrypted("seen_banner"), &Value::from(true));
    let remember = pair(world.new.signed("remember_user_token"), &Value::from(1));
    for (method, header, why) in [
        ("GET", String::new(), "cacheable"),
        ("HEAD", "theme=dark".into(), "cacheable"),
        ("POST", String::new(), "method"),
        ("get", String::new(), "method"),
        ("GET", cookie(&world.new, &guest()), "cacheable"),
        ("GET", cookie(&world.old, &guest()), "cacheable"),
        ("GET", format!("{}; {banner}", cookie(&world.new, &guest())), "cacheable"),
        ("GET", session_of(r#"{"session_id":"a","flash":null}"#), "cacheable"),
        ("GET", session_of(r#"{"session_id":"a","_csrf_token":"t"}"#), "csrf-token"),
        ("GET", session_of(r#"{"flash":{"flashes":{}},"_csrf_token":"t","x":1}"#), "flash"),
        ("GET", session_of(r#"{"session_id":"a","cart":[1]}"#), "session-key"),
        ("GET", remember.clone(), "cookie"),
        ("GET", "remember_user_token=x".into(), "unreadable"),
        ("GET", format!("{SESSION}=x"), "unreadable"),
        ("GET", cookie(&world.new, &member()), "signed-in"),
        ("POST", cookie(&world.new, &member()), "method"),
    ] {
        let decision = world.request(method, &header, world.upstream("new"));
        assert_eq!(decision.cacheability().name(), why, "{method} {header}");
    }
}

#[test]
fn the_app_says_what_is_harmless() {
    let mut policies = Policies::default();
    policies.harmless_session_keys.push("_csrf_token".into());
    let world = World::new(jars(&rails_6_1()), jars(&rails_7_2()), |edge| {
        with_devise(edge).policies(policies.clone())
    });
    let header = cookie(&world.new, &session(r#"{"session_id":"a","_csrf_token":"t"}"#));
    assert!(world.get(&header, "new").cacheability().is_cacheable());
}

#[test]
fn what_sets_a_cookie_is_not_kept() {
    let world = world();
    let (member, guest) = (cookie(&world.new, &member()), cookie(&world.new, &guest()));
    let stranger = SecretKeyBase::new("of a stranger, long enough").unwrap();
    let foreign = cookie(&rails_7_2().cookies(&stranger).unwrap(), &super::world::member());
    for (request, response, why) in [
        (&guest, None, "cacheable"),
        (&guest, Some("theme=dark"), "set-cookie"),
        (&guest, Some(&*guest), "set-cookie"),
        (&guest, Some(&*member), "signed-in"),
        (&guest, Some(&*foreign), "unreadable"),
        (&member, None, "signed-in"),
        (&member, Some("_app_session=; path=/"), "signed-in"),
    ] {
        let decision = world.get(request, "new");
        let headers = response.iter().map(|header| header.as_bytes());
        let upstream = world.upstream("new");
        let response = world.edge.response(&decision, headers, upstream, NOW, &mut entropy());
        assert_eq!(response.cacheability().name(), why);
    }
}
