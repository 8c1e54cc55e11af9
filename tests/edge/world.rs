//! An app in two states, a browser's cookies, and an edge before them.

use railjar::edge::{
    CookieHeader, Edge, EdgeBuilder, Format, KeptCookie, RequestDecision, RequestHead, Rule,
    Upstream,
};
use railjar::entropy::{Entropy, EntropyUnavailable};
use railjar::rails::{Profile, Strictness, Version};
use railjar::{Cookies, SecretKeyBase, Timestamp, Value};

pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_750_000_000);
pub const SESSION: &str = "_app_session";

/// Another byte each time.
pub struct Counting(pub u8);

impl Entropy for Counting {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

pub fn entropy() -> Counting {
    Counting(0)
}

pub fn secret() -> SecretKeyBase {
    SecretKeyBase::new("the secret key base of these tests").unwrap()
}

pub fn jars(profile: &Profile) -> Cookies {
    profile.clone().strictness(Strictness::AsRails).cookies(&secret()).unwrap()
}

/// Rails 6.1 before its upgrade, with JSON, and 7.2 after it.
pub fn rails_6_1() -> Profile {
    Profile::new(Version::V6_1).cookies_serializer(railjar::Serializer::Json)
}

pub fn rails_7_2() -> Profile {
    Profile::new(Version::V7_2)
}

/// An app in two states.
pub struct World {
    pub old: Cookies,
    pub new: Cookies,
    pub edge: Edge,
}

impl World {
    pub fn new(old: Cookies, new: Cookies, more: impl FnOnce(EdgeBuilder) -> EdgeBuilder) -> Self {
        let builder = Edge::builder()
            .format(Format::new("old", old.clone()))
            .format(Format::new("new", new.clone()));
        Self { old, new, edge: more(builder).build().unwrap() }
    }

    /// With Devise and an encrypted session.
    pub fn devise(old: &Profile, new: &Profile) -> Self {
        Self::new(jars(old), jars(new), with_devise)
    }

    /// The story: 6.1 and its key digest, 7.2 and its own.
    pub fn story() -> Self {
        Self::devise(&rails_6_1(), &rails_7_2())
    }

    pub fn upstream(&self, name: &str) -> Upstream {
        Upstream::Known(self.edge.format(name).unwrap())
    }

    pub fn jars(&self, name: &str) -> &Cookies {
        if name == "old" { &self.old } else { &self.new }
    }

    pub fn get(&self, cookie: &str, upstream: &str) -> RequestDecision {
        self.request("GET", cookie, self.upstream(upstream))
    }

    pub fn request(&self, method: &str, cookie: &str, upstream: Upstream) -> RequestDecision {
        let head = RequestHead { method: method.as_bytes(), cookie: cookie.as_bytes() };
        self.edge.request(head, upstream, NOW, &mut entropy())
    }
}

pub fn with_devise(builder: EdgeBuilder) -> EdgeBuilder {
    builder.session(KeptCookie::encrypted(SESSION)).rule(Rule::devise())
}

/// What Rails has in the session of user 42.
pub fn member() -> Value {
    session(r#"{"session_id":"0f","_csrf_token":"c2FmZQ","warden.user.user.key":[[42],"$2a$12$"]}"#)
}

pub fn guest() -> Value {
    session(r#"{"session_id":"0e"}"#)
}

pub fn session(json: &str) -> Value {
    railjar::serializer::json::from_slice(json.as_bytes()).unwrap()
}

/// `name=value` as the app would set it.
pub fn pair(jar: railjar::cookies::Jar<'_>, value: &Value) -> String {
    jar.seal(value, None, &mut entropy()).unwrap().set_cookie_pair().unwrap()
}

/// The session cookie of `jars` with `value`.
pub fn cookie(jars: &Cookies, value: &Value) -> String {
    pair(jars.session(SESSION), value)
}

/// The header that the server sees.
pub fn sent<'d>(decision: &'d RequestDecision, original: &'d str) -> &'d str {
    match decision.cookie() {
        CookieHeader::Untouched => original,
        CookieHeader::Replace(header) => std::str::from_utf8(header).unwrap(),
        CookieHeader::Remove => "",
    }
}

/// What a server of these jars finds in its session, as Rails reads the header.
pub fn found(jars: &Cookies, header: &str) -> Option<Value> {
    let value = jars.find(header.as_bytes(), SESSION)?;
    Some(jars.session(SESSION).open(&value, NOW).ok()?.to_value().unwrap())
}

pub fn names(events: &[railjar::edge::Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.name()).collect()
}
