//! What the settings become, once for each isolate and its bindings: keys take a thousand rounds to
//! derive.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Object;
use railjar::config::EdgeHeaders;
use railjar::edge::{Edge, Headers, Upstream};
use wasm_bindgen::intern;

use crate::bindings::Bindings;
use crate::decide::{COOKIE, SET_COOKIE};
use crate::settings::{CacheUse, Problem, Settings};

/// So that a request costs at most some dozen more deletions.
const MOST_DASHES: usize = 4;

pub(crate) struct Site {
    pub(crate) edge: Edge,
    /// What the origin reads.
    pub(crate) origin: Upstream,
    pub(crate) cache: CacheUse,
    /// The names of all headers that only the edge may set, as Rack would take them for these.
    pub(crate) spellings: Vec<String>,
}

/// A site, or why there is none, and what it was made of.
struct Made {
    bindings: Bindings,
    site: Result<Rc<Site>, Problem>,
}

/// The site of these bindings.
///
/// # Errors
/// [`Problem`] for what is wrong first.
pub(crate) fn of(env: &Object) -> Result<Rc<Site>, Problem> {
    thread_local! {
        static MADE: RefCell<Option<Made>> = const { RefCell::new(None) };
    }
    MADE.with_borrow_mut(|made| {
        if let Some(Made { bindings, site }) = made
            && bindings.are_those_of(env)
        {
            return site.clone();
        }
        let mut bindings = Bindings::new(env);
        let site = Site::new(&mut bindings).map(Rc::new);
        *made = Some(Made { bindings, site: site.clone() });
        site
    })
}

impl Site {
    fn new(bindings: &mut Bindings) -> Result<Self, Problem> {
        let settings = Settings::of(bindings)?;
        let edge = settings.edge.edge(&mut |reference| bindings.secret(reference))?;
        let origin = match &settings.origin.format {
            None => Upstream::Unknown,
            Some(name) => edge.format(name).map(Upstream::Known).ok_or_else(|| {
                Problem::new(format!("origin.format: there is no format \"{name}\""))
            })?,
        };
        let spellings = spellings(&settings.edge.headers)?;
        // JavaScript keeps these texts: they are not handed over anew with each request.
        for name in spellings.iter().map(String::as_str).chain([COOKIE, SET_COOKIE]) {
            intern(name);
        }
        Ok(Self { edge, origin, cache: settings.cache, spellings })
    }
}

/// An underscore is a dash to Rack, and case counts nowhere. To try each spelling is far quicker than
/// to have JavaScript list the headers that came, but there are twice as many with each dash.
fn spellings(headers: &EdgeHeaders) -> Result<Vec<String>, Problem> {
    let EdgeHeaders { verdict, scope, user, cache, .. } = headers;
    let default = Headers::default().verdict;
    let names =
        [Some(verdict.as_ref().unwrap_or(&default)), scope.as_ref(), user.as_ref(), cache.as_ref()];
    let mut all = Vec::new();
    for name in names.into_iter().flatten() {
        let is_dash = |char| matches!(char, '-' | '_');
        if name.chars().filter(|char| is_dash(*char)).count() > MOST_DASHES {
            return Err(Problem::new(format!(
                "headers: \"{name}\" has more than {MOST_DASHES} dashes"
            )));
        }
        let mut spellings = vec![String::new()];
        for char in name.chars() {
            if is_dash(char) {
                let underscored = spellings.iter().map(|before| format!("{before}_"));
                let underscored: Vec<_> = underscored.collect();
                spellings.iter_mut().for_each(|before| before.push('-'));
                spellings.extend(underscored);
            } else {
                spellings.iter_mut().for_each(|before| before.push(char));
            }
        }
        all.extend(spellings);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    fn headers(json: &str) -> EdgeHeaders {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_spelling_of_a_header_is_known() {
        let mut all = spellings(&headers(r#"{"user": "User"}"#)).unwrap();
        all.sort();
        assert_eq!(
            all,
            [
                "User",
                "X-Railjar-Verdict",
                "X-Railjar_Verdict",
                "X_Railjar-Verdict",
                "X_Railjar_Verdict"
            ]
        );
        assert!(spellings(&headers(r#"{"user": "a-b-c-d-e-f-g-h"}"#)).is_err());
    }
}
