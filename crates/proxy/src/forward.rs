//! Carries a request to an upstream, to another one where that is safe, and its response back.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;

use crate::answer::Answer;
use crate::body::{Body, Progress, RequestBody};
use crate::client::Client;
use crate::decide::Decided;
use crate::headers::{self, Upgrade};
use crate::record::Record;
use crate::retry::{self, Next};
use crate::site::{Shared, Site};
use crate::tunnel::Tunnel;
use crate::upstream::{self, Epoch, Lease, Member, Reached};

/// What forwarding a request needs.
pub(crate) struct Forward<'f> {
    pub(crate) site: &'f Arc<Site>,
    pub(crate) client: &'f Client,
    pub(crate) shared: &'f Shared,
}

impl Forward<'_> {
    /// The response of an upstream.
    ///
    /// # Errors
    /// The [`Answer`] where there is none.
    pub(crate) async fn forward(
        &self,
        mut parts: Parts,
        body: Incoming,
        host: &HeaderValue,
        record: &mut Record,
    ) -> Result<Response<Body>, Answer> {
        let config = &self.site.config;
        let received = parts.version;
        headers::prepare(&mut parts, self.client, host, &config.forwarded);
        let mut upgrade =
            Upgrade::agreed(&parts.headers).and_then(|_| parts.extensions.remove::<OnUpgrade>());
        let progress = Progress::new();
        let (limit, silence) = (config.limits.body_bytes.0, config.timeouts.body.0);
        let mut body = RequestBody::new(body, limit, silence, Arc::clone(&progress));
        let (mut tried, mut answer) = (Vec::new(), Answer::UNAVAILABLE);
        for attempt in 1..=config.retry.attempts {
            let Some(member) = self.site.upstreams.pick(&tried) else { break };
            record.attempts = attempt;
            if attempt > 1 {
                self.shared.metrics.retried();
            }
            record.upstream = Some(member.server.label());
            record.pool = Some(Arc::clone(&member.pool));
            let reached = match Reached::reach(&member.server).await {
                Ok(reached) => reached,
                Err(why) => {
                    tried.push(member);
                    answer = retry::unreached(why);
                    continue;
                }
            };
            let (request, decided) = self.request(&parts, body, member, record);
            let is_repeatable = retry::is_repeatable(&request);
            match reached.send(request, &progress).await {
                Ok((response, lease)) => {
                    let relay = Relay { forward: self, member, decided, received };
                    return relay.relay(response, lease, upgrade.take(), record);
                }
                Err(failure) => match retry::next(failure, is_repeatable) {
                    Next::Elsewhere(again, last) => {
                        tried.push(member);
                        (body, answer) = (again, last);
                    }
                    Next::Again(again, last) => (body, answer) = (again, last),
                    Next::Answer(answer) => return Err(answer),
                },
            }
        }
        Err(answer)
    }

    /// The request as this upstream gets it.
    fn request(
        &self,
        parts: &Parts,
        body: RequestBody,
        member: &Member,
        record: &mut Record,
    ) -> (Request<RequestBody>, Decided) {
        let mut request = Request::new(body);
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = parts.uri.clone();
        *request.headers_mut() = parts.headers.clone();
        let format = member.format(&self.site.formats);
        let headers = request.headers_mut();
        let (decided, found) = self.site.decider.request(&parts.method, headers, format);
        record.found = found;
        (request, decided)
    }
}

/// A response on its way back.
struct Relay<'f> {
    forward: &'f Forward<'f>,
    member: &'f Member,
    decided: Decided,
    /// The version that the client speaks.
    received: Version,
}

impl Relay<'_> {
    fn relay(
        self,
        response: Response<Incoming>,
        lease: Lease,
        upgrade: Option<OnUpgrade>,
        record: &mut Record,
    ) -> Result<Response<Body>, Answer> {
        if !headers::is_chunked_alone(response.headers()) {
            return Err(Answer::BAD_GATEWAY);
        }
        let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        let mut response = response;
        let tunnel = match (switches, upgrade) {
            (false, _) => None,
            // Nobody asked for another protocol.
            (true, None) => return Err(Answer::BAD_GATEWAY),
            (true, Some(client)) => {
                let agreed = Upgrade::agreed(response.headers()).ok_or(Answer::BAD_GATEWAY)?;
                Some((Tunnel { client, upstream: hyper::upgrade::on(&mut response) }, agreed))
            }
        };
        let forward = self.forward;
        self.headers(&mut response, lease.epoch(), record);
        let Some((tunnel, agreed)) = tunnel else {
            let silence = forward.site.config.timeouts.body.0;
            return Ok(response.map(|body| Body::relayed(body, silence, lease)));
        };
        agreed.apply(response.headers_mut());
        tokio::spawn(tunnel.run(lease, forward.shared.end_of_tunnels()));
        Ok(response.map(|_| Body::text("")))
    }

    /// Makes the response's headers into the client's. What the server writes is learned first, and
    /// counts for this response already.
    fn headers(self, response: &mut Response<Incoming>, epoch: Epoch, record: &mut Record) {
        let (site, member) = (self.forward.site, self.member);
        let version = response.version();
        let headers = response.headers_mut();
        let said = headers.remove(&site.config.learn.header.0);
        if member.is_learned() {
            if let Some(said) = said {
                upstream::take(&member.server, &said, epoch, &site.formats);
            }
            if !member.server.learned().is_said()
                && let Some(written) = site.decider.written(headers)
            {
                upstream::take_written(&member.server, written, epoch, &site.formats);
            }
        }
        headers::strip(headers);
        headers::pass_via(headers, version);
        let format = member.format(&site.formats);
        site.decider.response(&self.decided, headers, format, &mut record.found);
        *response.version_mut() = match self.received {
            Version::HTTP_2 => Version::HTTP_2,
            _ => Version::HTTP_11,
        };
    }
}
