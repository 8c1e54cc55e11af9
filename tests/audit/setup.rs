//! An app that was upgraded, and a log with one cookie of every kind.

use railjar::audit::{Audit, Day};
use railjar::entropy::SystemEntropy;
use railjar::rails::{Profile, Rotation, Version};
use railjar::{Cookies, Digest, SecretKeyBase, Serializer, Timestamp};

pub(crate) const NAME: &str = "_app_session";
/// Days are counted from 2026-11-24.
pub(crate) const DAY: i64 = 0;

pub(crate) fn day(number: i64) -> Day {
    Day::parse("2026-11-24").unwrap().plus(number)
}

pub(crate) fn at(day_number: i64) -> Timestamp {
    day(day_number).start().plus_seconds(3600)
}

pub(crate) fn secret() -> SecretKeyBase {
    SecretKeyBase::new("the text of secret_key_base").unwrap()
}

fn old_secret() -> SecretKeyBase {
    SecretKeyBase::new("old-secret-of-last-year").unwrap()
}

/// Rails 7.1 that still reads what it wrote with the defaults of 6.1, and with another secret.
pub(crate) fn app() -> Profile {
    Profile::new(Version::V7_1)
        .cookies_serializer(Serializer::JsonAllowMarshal)
        .rotate(Rotation::new().key_generator_hash_digest_class(Digest::Sha1))
        .rotate(Rotation::new().secret_key_base(&old_secret()))
}

pub(crate) fn audit() -> Audit {
    Audit::new(&app(), &secret(), [(NAME, None)]).unwrap()
}

/// Cookies as they stand in a header.
pub(crate) struct Log {
    pub(crate) own: String,
    pub(crate) sha1: String,
    pub(crate) old_secret: String,
    pub(crate) cbc: String,
    pub(crate) marshal: String,
    /// Expires between the day before [`DAY`] and that day.
    pub(crate) expiring: String,
    pub(crate) other_name: String,
    pub(crate) forged: String,
}

impl Log {
    pub(crate) fn new() -> Self {
        let secret = secret();
        let of = |profile: Profile| profile.cookies(&secret).unwrap();
        let seal = |cookies: &Cookies, name: &str, expires| {
            let jar = cookies.encrypted(name);
            let value = ["42", "a longer value, as sessions are"];
            jar.seal(&value, expires, &mut SystemEntropy).unwrap().set_cookie_value()
        };
        let own = of(app());
        let sha1 = Profile::load_defaults(Version::V7_1, Version::V6_1).unwrap();
        let sha1 = sha1.cookies_serializer(Serializer::Json);
        let cbc = Profile::new(Version::V7_1).use_authenticated_cookie_encryption(false);
        let marshal = Profile::new(Version::V7_1).cookies_serializer(Serializer::Marshal);
        let strangers = Profile::new(Version::V7_1)
            .cookies(&SecretKeyBase::new("of another app").unwrap())
            .unwrap();
        Self {
            own: seal(&own, NAME, Some(at(1000))),
            sha1: seal(&of(sha1), NAME, None),
            old_secret: seal(
                &Profile::new(Version::V7_1).cookies(&old_secret()).unwrap(),
                NAME,
                None,
            ),
            cbc: seal(&of(cbc), NAME, None),
            marshal: seal(&of(marshal), NAME, None),
            expiring: seal(&own, NAME, Some(at(DAY).plus_seconds(-7200))),
            other_name: seal(&own, "other", None),
            forged: seal(&strangers, NAME, None),
        }
    }

    pub(crate) fn values(&self) -> [&str; 8] {
        let Self { own, sha1, old_secret, cbc, marshal, expiring, other_name, forged } = self;
        [own, sha1, old_secret, cbc, marshal, expiring, other_name, forged]
    }

    /// One line with each, on that day, in turn as web servers and apps write them.
    pub(crate) fn lines(&self, number: i64) -> impl Iterator<Item = String> {
        let [day, next] = [day(number), day(number + 1)];
        let json = |cookie: &str| cookie.replace('%', "\\u0025").replace('-', "\\u002d");
        let forms = self.values().map(str::to_owned).into_iter().enumerate();
        let sent = forms.map(move |(index, cookie)| match index % 3 {
            0 => format!("{day}T10:00:00.5+01:00 GET / Cookie: t=1; {NAME}={cookie}; u=2"),
            1 => format!(
                "{{\"time\":\"{day}T10:00:00Z\",\"cookie\":\"{NAME}\\u003d{}\"}}",
                json(&cookie)
            ),
            _ => format!("[{day} 23:59:59] {NAME}=\"\" \"{NAME}={cookie}\" {NAME}={cookie}"),
        });
        let written = format!("{day}T10:00:00Z Set-Cookie: {NAME}={}; path=/", self.own);
        let junk = format!("{next}T01:00:00+02:00 Cookie: {NAME}=junk");
        sent.chain([written, junk, format!("{day}T01:00:00Z GET /without")])
    }
}
