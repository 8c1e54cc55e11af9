//! `railjar seal`.

use std::fs;
use std::path::Path;

use cookie::time::OffsetDateTime;
use railjar::cookies::{Jar, SealedCookie};
use railjar::entropy::SystemEntropy;
use railjar::rails::SameSite;
use railjar::serializer::json;
use railjar::{Metadata, SealError, Serializer, Timestamp, Value};

use crate::answer::Answer;
use crate::app::Loaded;
use crate::args::{Attributes, Format, Seal};
use crate::error::{self, Error, Status};
use crate::{input, message, output, time};

pub(crate) fn run(args: &Seal) -> Result<(), Error> {
    let mut app = Loaded::new(&args.app)?;
    let expires = expires(args)?;
    match args.what.message {
        None => seal_cookie(args, &mut app, expires),
        Some(codec) => {
            let made = message::Made::new(codec, &args.message, &mut app)?;
            let payload = match given_payload(args)? {
                Some(payload) => payload,
                None => made.serialize(value(args, &app)?)?,
            };
            let metadata = Metadata::none();
            let purpose = args.message.purpose.as_deref();
            let metadata = purpose.map_or(metadata, |purpose| metadata.purpose(purpose));
            let metadata = expires.map_or(metadata, |at| metadata.expires_at(at));
            let wire = made.seal(&payload, &metadata)?;
            print(args.format, &wire, None, None)
        }
    }
}

fn seal_cookie(args: &Seal, app: &mut Loaded, expires: Option<Timestamp>) -> Result<(), Error> {
    let secrets = app.secrets()?;
    let cookies = app.cookies(&secrets)?;
    let is_session = !args.what.signed && !args.what.encrypted;
    let session = app.session_name().filter(|_| is_session);
    let name = args.what.cookie.as_deref().or(session).ok_or_else(|| {
        Error::new("what is the cookie called?")
            .status(Status::Usage)
            .hint("--cookie NAME, or [cookies.session] in the settings file")
    })?;
    let jar = match (args.what.signed, args.what.encrypted) {
        (true, _) => cookies.signed(name),
        (_, true) => cookies.encrypted(name),
        _ => cookies.session(name),
    };
    let payload = match given_payload(args)? {
        Some(payload) => payload,
        None => serialize(&jar, value(args, app)?, app.profile.settings().cookies_serializer)?,
    };
    let sealed = jar.seal_payload(&payload, expires, &mut SystemEntropy)?;
    let same_site = app.profile.settings().cookies_same_site_protection;
    let header = match args.attributes.set_cookie {
        true => Some(set_cookie(&sealed, &args.attributes, expires, same_site)?),
        false => None,
    };
    print(args.format, sealed.as_str(), Some(&sealed.set_cookie_value()), header.as_deref())
}

pub(crate) fn serialize(
    jar: &Jar<'_>,
    value: Value,
    serializer: Serializer,
) -> Result<Vec<u8>, SealError> {
    match (serializer, value) {
        (Serializer::Null, Value::String(bytes)) => Ok(bytes.into_bytes()),
        (_, value) => jar.serialize(&value),
    }
}

fn expires(args: &Seal) -> Result<Option<Timestamp>, Error> {
    let now = time::now(args.now.as_deref())?;
    let at = match (&args.expires_at, &args.expires_in) {
        (Some(at), _) => time::instant("--expires-at", at)?,
        (None, Some(duration)) => now.plus_seconds(time::duration(duration)?),
        (None, None) => return Ok(None),
    };
    if at <= now {
        let (ago, at) = (time::relative(at, now), time::absolute(at));
        error::warn(&format!("it has expired already: {ago}, at {at}"));
    }
    Ok(Some(at))
}

fn given_payload(args: &Seal) -> Result<Option<Vec<u8>>, Error> {
    let Some(path) = &args.payload_file else {
        return Ok(None);
    };
    fs::read(path).map(Some).map_err(|error| error::io(&path.display().to_string(), &error))
}

fn value(args: &Seal, app: &Loaded) -> Result<Value, Error> {
    if app.used_stdin() && args.file.is_none() && args.value.as_deref().is_none_or(|it| it == "-") {
        return Err(Error::new("standard input cannot be both the secret and the value")
            .status(Status::Usage)
            .hint("--secret-file PATH, or the value by --file PATH"));
    }
    let text = input::read(args.value.as_deref(), args.file.as_deref())?;
    json::from_slice(&text).map_err(|error| {
        let path = args.value.as_deref().filter(|value| Path::new(value).is_file());
        Error::new(format!("the value is not JSON: {error}")).hint(match path {
            Some(path) => format!("--file {path}: the argument is the value itself"),
            None => "a string needs its quotes: railjar seal '\"text\"'".into(),
        })
    })
}

/// The whole value of a `Set-Cookie` header.
fn set_cookie(
    sealed: &SealedCookie<'_>,
    attributes: &Attributes,
    expires: Option<Timestamp>,
    same_site: Option<SameSite>,
) -> Result<String, Error> {
    let pair = sealed.set_cookie_pair()?;
    // Both halves are escaped already, as this app's Rack does it.
    let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
    let mut cookie = cookie::Cookie::build((name, value))
        .path(attributes.path.clone())
        .http_only(!attributes.no_http_only)
        .secure(attributes.secure);
    if let Some(domain) = &attributes.domain {
        cookie = cookie.domain(domain.clone());
    }
    if let Some(same_site) = same_site {
        cookie = cookie.same_site(match same_site {
            SameSite::None => cookie::SameSite::None,
            SameSite::Lax => cookie::SameSite::Lax,
            SameSite::Strict => cookie::SameSite::Strict,
        });
    }
    if let Some(at) = expires {
        let at = OffsetDateTime::from_unix_timestamp(at.unix_seconds())
            .map_err(|_| Error::new("the expiry is outside the years of the calendar"))?;
        cookie = cookie.expires(at);
    }
    Ok(cookie.build().to_string())
}

fn print(
    format: Format,
    wire: &str,
    escaped: Option<&str>,
    header: Option<&str>,
) -> Result<(), Error> {
    if format == Format::Text {
        return output::print(&format!("{}\n", header.unwrap_or(wire)));
    }
    let mut out = Vec::new();
    let answer = Answer::of_command(&mut out, "ok").text("wire", wire);
    let answer = match escaped {
        Some(escaped) => answer.text("set_cookie_value", escaped),
        None => answer,
    };
    match header {
        Some(header) => answer.text("set_cookie", header).end(),
        None => answer.end(),
    }
    output::print(&String::from_utf8_lossy(&out))
}
