//! One request: checked, prepared, forwarded, recorded.

use std::convert::Infallible;
use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;

use crate::answer::Answer;
use crate::body::Body;
use crate::check;
use crate::client::Client;
use crate::forward::Forward;
use crate::record::{Logged, Record};
use crate::site::Shared;

/// Answers a request. The configuration is that of the moment at which it came.
pub(crate) async fn serve(
    request: Request<Incoming>,
    client: Arc<Client>,
    shared: Arc<Shared>,
) -> Result<Response<Body>, Infallible> {
    let site = shared.site();
    let version = request.version();
    let (mut parts, body) = request.into_parts();
    let logged = if site.config.log.requests { Logged::Yes } else { Logged::No };
    let mut record = Record::new(&parts, &client, &shared.metrics, logged);
    let checked = check::check(&mut parts, &site.config.limits);
    let response = match checked {
        Ok(host) => {
            let forward = Forward { site: &site, client: &client, shared: &shared };
            forward.forward(parts, body, &host, &mut record).await
        }
        Err(answer) => Err(answer),
    };
    let response = response.unwrap_or_else(|answer: Answer| answer.response(version));
    record.responds(response.status());
    Ok(response.map(|body| body.recorded(record)))
}
