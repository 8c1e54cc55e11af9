//! What the server sets arrives in the format that browsers should hold, its attributes untouched.

use railjar::edge::{Event, KeptCookie, ResponseDecision, Upstream};
use railjar::rails::{Profile, Version};
use railjar::{Matched, Serializer, Value};

use super::world::*;

fn world(old: &Profile, new: &Profile) -> World {
    World::new(jars(old), jars(new), |edge| {
        with_devise(edge).cookie(KeptCookie::signed("token")).browser_format("new")
    })
}

fn respond(world: &World, headers: &[String], upstream: Upstream) -> ResponseDecision {
    let request = world.request("GET", "", upstream);
    let headers = headers.iter().map(String::as_bytes);
    world.edge.response(&request, headers, upstream, NOW, &mut entropy())
}

const ATTRIBUTES: &str = " ; Path=/;; domain=.example.test; expires=Fri, 02 Jan 2090 03:04:05 GMT; X=a=_app_session=1 ; HttpOnly";

#[test]
fn only_the_value_changes() {
    let world = world(&rails_6_1(), &rails_7_2());
    let headers = [
        format!("{}{ATTRIBUTES}", cookie(&world.old, &member())),
        "theme=dark".to_owned(),
        format!("{}; secure", pair(world.old.signed("token"), &Value::from(1))),
        cookie(&world.new, &guest()),
    ];
    let response = respond(&world, &headers, world.upstream("old"));
    let lines: Vec<_> = response
        .set_cookies()
        .unwrap()
        .iter()
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let value = lines[0].strip_suffix(ATTRIBUTES).unwrap();
    assert_eq!(found(&world.new, value), Some(member()));
    assert_eq!(lines[1], headers[1]);
    let value = lines[2].strip_suffix("; secure").unwrap();
    let value = world.new.find(value.as_bytes(), "token").unwrap();
    assert_eq!(world.new.signed("token").open(&value, NOW).unwrap().matched(), Matched::Primary);
    assert_eq!(lines[3], headers[3], "it is in that format already");
    assert_eq!(names(response.events()), ["opened", "resealed", "opened", "resealed", "opened"]);
    // Nobody is signed in any more: the last counts.
    assert_eq!(response.verdict().name(), "guest");
}

#[test]
fn what_is_already_right_is_left_alone() {
    let world = world(&rails_6_1(), &rails_7_2());
    let headers =
        [cookie(&world.new, &member()), "_app_session=; path=/".into(), "=".into(), "x".into()];
    for upstream in [world.upstream("new"), world.upstream("old")] {
        assert!(respond(&world, &headers, upstream).set_cookies().is_none());
    }
    // As long as nobody knows who wrote it, it is left as it was written.
    let headers = [cookie(&world.old, &member())];
    let response = respond(&world, &headers, Upstream::Unknown);
    assert!(response.set_cookies().is_none());
    assert_eq!(response.verdict().name(), "signed-in");
}

#[test]
fn without_a_browser_format_nothing_is_sealed_again() {
    let world = World::story();
    let headers = [cookie(&world.old, &member()), "_app_session=x".into()];
    let response = respond(&world, &headers, world.upstream("new"));
    assert!(response.set_cookies().is_none());
    assert_eq!(names(response.events()), ["opened", "unreadable"]);
    assert_eq!(response.verdict().name(), "unreadable");
}

#[test]
fn an_expiry_that_would_be_lost_keeps_the_original() {
    let cbc = Profile::new(Version::V5_1).cookies_serializer(Serializer::Json);
    let world = world(&rails_7_2(), &cbc);
    let jar = world.old.session(SESSION);
    let sealed = jar.seal(&member(), Some(NOW.plus_seconds(9)), &mut entropy()).unwrap();
    let headers = [format!("{}; path=/", sealed.set_cookie_pair().unwrap())];
    let response = respond(&world, &headers, world.upstream("old"));
    assert!(response.set_cookies().is_none());
    assert_eq!(names(response.events()), ["opened", "expiry-lost"]);
    // Without one it is sealed again.
    let headers = [cookie(&world.old, &member())];
    assert!(respond(&world, &headers, world.upstream("old")).set_cookies().is_some());
}

#[test]
fn a_cookie_that_would_be_too_long_keeps_the_original() {
    let cbc = rails_6_1().use_authenticated_cookie_encryption(false);
    let world = world(&rails_7_2(), &cbc);
    let text = "x".repeat(2100);
    let long = session(&format!(r#"{{"session_id":"0f","text":"{text}"}}"#));
    let headers = [cookie(&world.old, &long)];
    let response = respond(&world, &headers, world.upstream("old"));
    assert!(response.set_cookies().is_none());
    assert!(matches!(response.events(), [_, Event::Oversize { size, .. }] if *size > 4096));
}

#[test]
fn a_value_that_would_be_lost_keeps_the_original() {
    let marshal = Profile::new(Version::V6_1);
    let world = world(&marshal, &rails_7_2());
    let symbol = Value::Hash([("a", railjar::value::Symbol::from("b"))].into_iter().collect());
    let response = respond(&world, &[cookie(&world.old, &symbol)], world.upstream("old"));
    assert!(response.set_cookies().is_none());
    assert_eq!(names(response.events()), ["opened", "value-lost"]);
    let response = respond(&world, &[cookie(&world.old, &member())], world.upstream("old"));
    let line = String::from_utf8(response.set_cookies().unwrap()[0].clone()).unwrap();
    assert_eq!(found(&world.new, &line), Some(member()));
}
