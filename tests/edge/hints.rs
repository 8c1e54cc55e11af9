//! Login hints in step with the session, both ways.

use railjar::edge::{Hint, RequestDecision, ResponseDecision, Upstream};

use super::world::*;

fn world() -> World {
    World::new(jars(&rails_6_1()), jars(&rails_7_2()), |edge| {
        with_devise(edge)
            .hint(Hint::new("user_credentials").scopes(["user"]).attributes("max-age=31536000"))
            .hint(Hint::new("admin_credentials").scopes(["admin"]).domain("example.test"))
    })
}

fn respond(world: &World, request: &RequestDecision, headers: &[&str]) -> ResponseDecision {
    let headers = headers.iter().map(|header| header.as_bytes());
    world.edge.response(request, headers, world.upstream("new"), NOW, &mut entropy())
}

fn lines(response: &ResponseDecision) -> Option<Vec<String>> {
    let lines = response.set_cookies()?.iter();
    Some(lines.map(|line| String::from_utf8(line.clone()).unwrap()).collect())
}

const GONE: &str = "path=/; max-age=0; expires=Thu, 01 Jan 1970 00:00:00 GMT";

#[test]
fn a_server_is_shown_the_truth() {
    let world = world();
    let (member, guest) = (cookie(&world.new, &member()), cookie(&world.new, &guest()));
    for (header, expected) in [
        (member.clone(), format!("{member}; user_credentials=1")),
        (format!("user_credentials=1; {member}"), format!("user_credentials=1; {member}")),
        (format!("user_credentials=1; {guest}; user_credentials=2"), guest.clone()),
        (format!("admin_credentials=1; {member}"), format!("{member}; user_credentials=1")),
        ("user_credentials=1".into(), String::new()),
        // Who knows?
        (format!("user_credentials=1; {SESSION}=x"), format!("user_credentials=1; {SESSION}=x")),
        (format!("{SESSION}=x"), format!("{SESSION}=x")),
    ] {
        let decision = world.get(&header, "new");
        assert_eq!(sent(&decision, &header), expected);
        assert_eq!(sent(&world.request("GET", &header, Upstream::Unknown), &header), header);
    }
}

#[test]
fn a_browser_is_told_the_truth() {
    let world = world();
    let (member, guest) = (cookie(&world.new, &member()), cookie(&world.new, &guest()));
    let set = "user_credentials=1; path=/; max-age=31536000".to_owned();
    let unset = format!("user_credentials=; {GONE}");
    let with_hint = |session: &str| format!("{session}; user_credentials=1");
    for (request, response, expected) in [
        // In step already.
        (with_hint(&member), vec![], None),
        (guest.clone(), vec![], None),
        // Out of step before.
        (member.clone(), vec![], Some(vec![set.clone()])),
        (with_hint(&guest), vec![], Some(vec![unset.clone()])),
        ("user_credentials=1".into(), vec!["x=1"], Some(vec!["x=1".into(), unset.clone()])),
        // The server took the member for a guest: the story.
        (with_hint(&member), vec!["a=1", &unset, "b=2"], Some(vec!["a=1".into(), "b=2".into()])),
        (member.clone(), vec![&unset], Some(vec![set.clone()])),
        // A log-in, by an app that sets the hint and by one that does not.
        (guest.clone(), vec![&member, &set], None),
        (guest.clone(), vec![&member], Some(vec![member.clone(), set.clone()])),
        (String::new(), vec![&member], Some(vec![member.clone(), set.clone()])),
        // A log-out.
        (with_hint(&member), vec![&guest, &unset], None),
        (with_hint(&member), vec![&guest], Some(vec![guest.clone(), unset.clone()])),
        (
            with_hint(&member),
            vec!["_app_session=; path=/"],
            Some(vec!["_app_session=; path=/".into(), unset.clone()]),
        ),
        (
            with_hint(&member),
            vec!["_app_session=x; max-age=0"],
            Some(vec!["_app_session=x; max-age=0".into(), unset.clone()]),
        ),
        // A hint for nobody.
        (guest.clone(), vec![&set], Some(vec![])),
        (with_hint(&guest), vec![&set], Some(vec![unset.clone()])),
        // The last of several counts.
        (guest.clone(), vec![&member, &guest], None),
        // Nobody can know.
        (with_hint(&member), vec!["_app_session=x", &unset], None),
        (format!("{SESSION}=x; user_credentials=1"), vec![&unset], None),
        (format!("{SESSION}=x"), vec![], None),
    ] {
        let decision = world.get(&request, "new");
        let response = respond(&world, &decision, &response);
        assert_eq!(lines(&response), expected, "{request}");
    }
}

#[test]
fn each_hint_has_its_scope() {
    let world = world();
    let admin = session(r#"{"warden.user.admin.key":[[1],"s"]}"#);
    let header = format!("{}; user_credentials=1", cookie(&world.old, &admin));
    let decision = world.get(&header, "new");
    let response = respond(&world, &decision, &[]);
    assert_eq!(
        lines(&response).unwrap(),
        [
            format!("user_credentials=; {GONE}"),
            "admin_credentials=1; path=/; domain=example.test".to_owned(),
        ]
    );
    assert_eq!(names(response.events()), ["hint-removed", "hint-added"]);
}
