//! What was found in a request and its response, in words for the log and the metrics. Never a
//! cookie's value, and not who somebody is.

use std::borrow::Cow;

use railjar::Matched;
use railjar::edge::{Edge, Event, RequestDecision, ResponseDecision, SignedIn, Verdict};

use crate::metrics::Recipe;

/// What was found.
#[derive(Clone, Default)]
pub(crate) struct Found {
    pub(crate) verdict: Option<&'static str>,
    /// The verdict once the browser has the response, where that is another.
    pub(crate) then: Option<&'static str>,
    pub(crate) who: Option<SignedIn>,
    pub(crate) refusal: Option<&'static str>,
    pub(crate) cacheability: Option<&'static str>,
    pub(crate) recipes: Vec<Recipe>,
    /// By name, without those that say only that all is well.
    pub(crate) events: Vec<&'static str>,
    pub(crate) refusals: Vec<&'static str>,
}

impl Found {
    pub(super) fn of_request(edge: &Edge, decision: &RequestDecision) -> Self {
        let verdict = decision.verdict();
        let mut found = Self {
            verdict: Some(verdict.name()),
            who: verdict.signed_in().cloned(),
            refusal: match verdict {
                Verdict::Unreadable(error) => Some(error.reason()),
                _ => None,
            },
            cacheability: Some(decision.cacheability().name()),
            ..Self::default()
        };
        found.add(edge, decision.events());
        found
    }

    pub(super) fn add_response(&mut self, edge: &Edge, decision: &ResponseDecision) {
        self.cacheability = Some(decision.cacheability().name());
        self.then = Some(decision.verdict().name()).filter(|then| Some(*then) != self.verdict);
        self.add(edge, decision.events());
    }

    fn add(&mut self, edge: &Edge, events: &[Event]) {
        for event in events {
            match event {
                Event::Opened { cookie, by, matched } => self.recipes.push(Recipe {
                    cookie: edge.cookie_name(*cookie).to_owned(),
                    format: edge.format_name(*by).to_owned(),
                    recipe: recipe(*matched),
                }),
                Event::Unreadable { refusal, .. } => {
                    self.refusals.push(refusal.reason());
                    self.events.push(event.name());
                }
                event => self.events.push(event.name()),
            }
        }
    }

    /// What was done, for one field of a line.
    pub(crate) fn repairs(&self) -> Option<String> {
        (!self.events.is_empty()).then(|| self.events.join(","))
    }
}

fn recipe(matched: Matched) -> Cow<'static, str> {
    match matched {
        Matched::Primary => "primary".into(),
        Matched::Rotation { index, origin } => format!("rotation-{index}-{}", origin.name()).into(),
    }
}
