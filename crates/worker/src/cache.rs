//! Pages for guests, in a cache of their own. Only a request that the edge calls cacheable looks in
//! here or leaves anything: nobody who is signed in, or cannot be read, ever does. The cache has a
//! name, for what lies in the default one can be an answer to any `fetch`.

use js_sys::Promise;
use js_sys::futures::future_to_promise;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Cache, Headers, Request, RequestInit, Response};

use crate::decide::Visit;
use crate::settings::CacheUse;
use crate::site::Site;
use crate::{Result, global, log};

const NAME: &str = "railjar-guests";

/// A page that guests may be given from the cache.
pub(crate) struct Page {
    cache: Cache,
    /// It is found by its URL alone: see [`is_one_for_all`].
    url: String,
    /// With what asks for less than the page.
    request: Request,
}

impl Page {
    /// The page that a request asks for, if the cache may answer it.
    pub(crate) async fn of(
        site: &Site,
        visit: &Visit<'_>,
        request: &Request,
    ) -> Result<Option<Self>> {
        if site.cache == CacheUse::Nobody
            || !visit.cacheability().is_cacheable()
            || request.method() != "GET"
        {
            return Ok(None);
        }
        let headers = request.headers();
        if headers.has("authorization")? || headers.has("upgrade")? {
            return Ok(None);
        }
        let conditions = Headers::new()?;
        for name in ["if-none-match", "if-modified-since", "range"] {
            if let Some(value) = headers.get(name)? {
                conditions.set(name, &value)?;
            }
        }
        let init = RequestInit::new();
        init.set_headers(&conditions);
        let url = request.url();
        let request = Request::new_with_str_and_init(&url, &init)?;
        let cache = global().caches()?.open(NAME).await?.unchecked_into();
        Ok(Some(Self { cache, url, request }))
    }

    /// What the cache has. A cache that fails has nothing.
    pub(crate) async fn find(&self) -> Option<Response> {
        let found = self.cache.match_with_request(&self.request).await;
        found.inspect_err(|error| log::problem("railjar: the cache", error)).ok()?.dyn_into().ok()
    }

    /// Keeps `response`, for as long as it says itself.
    pub(crate) fn keep(self, response: &Response) -> Promise {
        let kept = self.cache.put_with_str(&self.url, response);
        future_to_promise(async {
            let kept = kept.await.inspect_err(|error| log::problem("railjar: the cache", error));
            Ok(kept.unwrap_or(JsValue::UNDEFINED))
        })
    }
}

/// Whether a response, which sets no cookie, says that a shared cache may keep it.
pub(crate) fn may_keep(response: &Response) -> Result<bool> {
    if response.status() != 200 {
        return Ok(false);
    }
    let headers = response.headers();
    let (control, vary) = (headers.get("cache-control")?, headers.get("vary")?);
    Ok(is_fresh(&control.unwrap_or_default()) && is_one_for_all(&vary.unwrap_or_default()))
}

/// Whether `Cache-Control` lets a shared cache keep a response, and says for how long (RFC 9111, 3).
fn is_fresh(control: &str) -> bool {
    let directives = || {
        control.split(',').map(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'))
        })
    };
    let seconds = |wanted: &str| {
        let found = directives().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.parse().unwrap_or(0_u64))
    };
    let is_forbidden = |name: &str| ["private", "no-store", "no-cache"].contains(&name);
    !directives().any(|(name, _)| is_forbidden(&name))
        && seconds("s-maxage").or_else(|| seconds("max-age")).is_some_and(|seconds| seconds > 0)
}

/// Whether `Vary` names nothing but the encoding, which the cache sees to itself: it looks at no
/// other header, and would give one browser what was made for another.
fn is_one_for_all(vary: &str) -> bool {
    vary.split(',')
        .map(str::trim)
        .all(|name| name.is_empty() || name.eq_ignore_ascii_case("accept-encoding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_so_is_kept() {
        for (control, fresh) in [
            ("public, max-age=60", true),
            ("max-age=60", true),
            ("Max-Age=0, S-MaxAge=60", true),
            ("s-maxage=\"60\"", true),
            ("public, max-age=60, s-maxage=0", false),
            ("max-age=0, private, must-revalidate", false),
            ("public, max-age=60, no-cache=\"set-cookie\"", false),
            ("no-store, max-age=60", false),
            ("max-age=-1", false),
            ("max-age", false),
            ("public", false),
            ("", false),
        ] {
            assert_eq!(is_fresh(control), fresh, "{control}");
        }
    }

    #[test]
    fn what_varies_is_not() {
        for (vary, one) in [
            ("", true),
            ("Accept-Encoding", true),
            ("accept-encoding, Accept", false),
            ("*", false),
        ] {
            assert_eq!(is_one_for_all(vary), one, "{vary}");
        }
    }
}
