//! What the Worker's log says: one object where a cookie could not be read or was not kept whole.
//! Never a cookie's value, and not who somebody is.

use js_sys::{Array, Object, Reflect};
use railjar::edge::{Edge, Event, RequestDecision, ResponseDecision, Verdict};
use wasm_bindgen::JsValue;
use web_sys::console;

pub(crate) fn request(edge: &Edge, decision: &RequestDecision) {
    write("request", edge, decision.verdict(), decision.events());
}

pub(crate) fn response(edge: &Edge, decision: &ResponseDecision) {
    write("response", edge, decision.verdict(), decision.events());
}

fn write(on: &str, edge: &Edge, verdict: &Verdict, events: &[Event]) {
    let notable = || events.iter().filter(|event| is_notable(event));
    if notable().next().is_none() {
        return;
    }
    let refused = notable().filter_map(|event| match event {
        Event::Unreadable { cookie, refusal } => {
            Some(format!("{}: {}", edge.cookie_name(*cookie), refusal.reason()))
        }
        _ => None,
    });
    let line = Object::new();
    let set = |key: &str, value: &JsValue| drop(Reflect::set(&line, &key.into(), value));
    set("on", &on.into());
    set("verdict", &verdict.name().into());
    set("events", &notable().map(|event| JsValue::from(event.name())).collect::<Array>());
    set("refusals", &refused.map(JsValue::from).collect::<Array>());
    console::log_1(&line);
}

/// What is not done on every request of a deploy.
fn is_notable(event: &Event) -> bool {
    matches!(
        event,
        Event::Unreadable { .. }
            | Event::Oversize { .. }
            | Event::ExpiryLost { .. }
            | Event::ValueLost { .. }
            | Event::NotSealed { .. }
            | Event::HintKept { .. }
    )
}

/// Something that went wrong here, and not in a request.
pub(crate) fn problem(text: &str, error: &JsValue) {
    console::error_2(&text.into(), error);
}
