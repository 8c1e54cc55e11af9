//! Several cookies of one name: Rails reads the first.

use railjar::edge::{CookieHeader, Event, Twin, Upstream};

use super::world::*;

fn twin(events: &[Event]) -> Option<Twin> {
    events.iter().find_map(|event| match event {
        Event::Twin { kept, .. } => Some(*kept),
        _ => None,
    })
}

#[test]
fn the_first_that_can_be_read_is_the_one_that_the_server_sees() {
    let world = World::story();
    let (mine, other) = (cookie(&world.new, &member()), cookie(&world.new, &guest()));
    let foreign = cookie(&world.old, &member());
    let junk = format!("{SESSION}=junk");
    for (header, verdict, kept, expected) in [
        (format!("{mine}; {other}"), "signed-in", Twin::First, format!("{mine}; {other}")),
        (format!("{other}; {mine}"), "guest", Twin::First, format!("{other}; {mine}")),
        (
            format!("{junk}; x=1; {mine}; {other}"),
            "signed-in",
            Twin::Later,
            format!("x=1; {mine}; {other}"),
        ),
        (format!("{SESSION}; {mine}"), "signed-in", Twin::Later, mine.clone()),
        (
            format!("{junk}; {SESSION}=; y"),
            "unreadable",
            Twin::None,
            format!("{junk}; {SESSION}=; y"),
        ),
    ] {
        let decision = world.get(&header, "new");
        assert_eq!(decision.verdict().name(), verdict, "{header}");
        assert_eq!(twin(decision.events()), Some(kept));
        assert_eq!(sent(&decision, &header), expected);
        let unknown = world.request("GET", &header, Upstream::Unknown);
        assert_eq!(*unknown.cookie(), CookieHeader::Untouched);
        assert_eq!(unknown.verdict().name(), verdict);
    }
    // Dropped and repaired at once.
    let header = format!("{junk}; {foreign}");
    let decision = world.get(&header, "new");
    assert_eq!(found(&world.new, sent(&decision, &header)), Some(member()));
    assert_eq!(names(decision.events()), ["twin", "opened", "resealed"]);
}

#[test]
fn a_flood_of_twins_costs_no_more_than_its_length() {
    let world = World::story();
    let shaped =
        format!("{SESSION}={}--{}--{}", "A".repeat(64), "A".repeat(16), "A".repeat(22) + "==");
    for unit in [&*shaped, "_app_session=x", "_app_session", "_app_session=%"] {
        let header = vec![unit; 20_000].join("; ");
        let decision = world.get(&header, "new");
        assert_eq!(decision.verdict().name(), "unreadable");
        assert_eq!(twin(decision.events()), Some(Twin::None));
    }
}
