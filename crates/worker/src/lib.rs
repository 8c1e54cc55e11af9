//! railjar's edge as a Cloudflare Worker: says who sent a request, answers guests from the cache,
//! and gives each side its cookies in the format that it reads. The decisions are the library's;
//! here are the transport, the clock, the entropy and the settings.

mod bindings;
mod cache;
mod decide;
mod log;
#[cfg(feature = "parity")]
pub mod parity;
mod settings;
mod site;
mod tree;

use js_sys::futures::future_to_promise;
use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response, WorkerGlobalScope};
use worker_sys::Context;

use crate::cache::Page;
use crate::decide::Visit;

/// What JavaScript throws, or was thrown at it.
type Result<T, E = JsValue> = core::result::Result<T, E>;

/// Answers a request: the event for which the runtime calls a Worker. Where the origin cannot be
/// reached the promise fails, and the runtime answers 500.
#[wasm_bindgen]
pub fn fetch(request: Request, env: Object, context: Context) -> Promise {
    future_to_promise(async move { Ok(answer(&request, &env, &context).await?.into()) })
}

async fn answer(request: &Request, env: &Object, context: &Context) -> Result<Response> {
    let site = match site::of(env) {
        Ok(site) => site,
        Err(problem) => return problem.response(),
    };
    #[cfg(feature = "parity")]
    if request.url().ends_with(parity::PATH) {
        return parity::respond(request).await;
    }
    // A copy, whose headers may be changed.
    let sent = Request::new_with_request(request)?;
    let visit = Visit::request(&site, &request.method(), &sent.headers())?;
    let page = Page::of(&site, &visit, request).await?;
    if let Some(page) = &page
        && let Some(found) = page.find().await
    {
        return Ok(visit.response(found)?.0);
    }
    let (response, cacheability) = visit.response(forward(&sent).await?)?;
    if let Some(page) = page
        && cacheability.is_cacheable()
        && cache::may_keep(&response)?
    {
        context.wait_until(&page.keep(&response.clone()?))?;
    }
    Ok(response)
}

/// The origin's response.
async fn forward(request: &Request) -> Result<Response> {
    Ok(global().fetch_with_request(request).await?.unchecked_into())
}

fn global() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}
