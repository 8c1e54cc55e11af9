//! Ruby's `to_s`, where it is not `inspect`.

use alloc::string::{String, ToString as _};

use crate::value::{Bound, IpAddress, Object, Value};

impl Value {
    /// `to_s` of what has one that says what it is; `None` for collections and other objects, and
    /// for text that is not UTF-8.
    pub(crate) fn to_s(&self) -> Option<String> {
        Some(match self.core() {
            Self::Nil => String::new(),
            Self::String(text) | Self::Pathname(text) | Self::Uri(text) | Self::IpAddr(text) => {
                text.to_utf8()?.into_owned()
            }
            Self::Symbol(symbol) => symbol.name().to_utf8()?.into_owned(),
            Self::Module(module) => module.name.to_utf8()?.into_owned(),
            Self::Time(time) => time.to_s(),
            Self::Date(date) => date.iso8601(),
            Self::DateTime(time) => time.xmlschema(0),
            Self::BigDecimal(number) => match number.is_finite() {
                true => number.to_plain()?,
                false => number.to_string(),
            },
            Self::Rational(number) => {
                alloc::format!("{}/{}", number.numerator(), number.denominator())
            }
            Self::Complex(number) => complex(&number.real.to_s()?, &number.imaginary.to_s()?),
            Self::Range(range) => {
                let dots = if range.bound == Bound::Exclusive { "..." } else { ".." };
                [range.begin.to_s()?.as_str(), dots, range.end.to_s()?.as_str()].concat()
            }
            Self::Regexp(regexp) => regexp.to_s()?,
            // A zone's says its offset too.
            Self::Object(object) if !object.class.is("ActiveSupport::TimeZone") => object.text()?,
            core @ (Self::Bool(_) | Self::Integer(_) | Self::Float(_)) => core.to_string(),
            _ => return None,
        })
    }
}

/// `1+2.5i`, from the texts of its parts.
pub(super) fn complex(real: &str, imaginary: &str) -> String {
    let sign = if imaginary.starts_with('-') { "" } else { "+" };
    let times = if imaginary.ends_with(|last: char| last.is_ascii_digit()) { "" } else { "*" };
    [real, sign, imaginary, times, "i"].concat()
}

impl Object {
    /// `to_s` of a `URI` or an `IPAddr` (with its prefix where that is not the whole address), and
    /// the name of an `ActiveSupport::TimeZone`: what MessagePack writes of each.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let class = self.class.as_str()?;
        match class {
            "IPAddr" => IpAddress::of(self).map(|address| address.text()),
            "ActiveSupport::TimeZone" => self.field("@name"),
            _ if class.starts_with("URI::") => self.uri(class),
            _ => None,
        }
    }

    /// A field that is neither absent nor nil.
    fn field(&self, name: &str) -> Option<String> {
        self.get(name).filter(|value| !value.is_nil())?.to_s()
    }

    /// `URI::Generic#to_s`.
    fn uri(&self, class: &str) -> Option<String> {
        let mut text = String::new();
        if let Some(scheme) = self.field("@scheme") {
            text.push_str(&scheme);
            text.push(':');
        }
        if let Some(opaque) = self.field("@opaque") {
            text.push_str(&opaque);
        } else {
            let host = self.field("@host");
            if host.is_some() || class == "URI::File" {
                text.push_str("//");
            }
            if let Some(user) = self.field("@user") {
                text.push_str(&user);
                if let Some(password) = self.field("@password") {
                    text.push(':');
                    text.push_str(&password);
                }
                text.push('@');
            }
            text.push_str(&host.unwrap_or_default());
            match self.field("@port") {
                Some(port) if default_port(class) != Some(port.as_str()) => {
                    text.push(':');
                    text.push_str(&port);
                }
                _ => {}
            }
            text.push_str(&self.field("@path").unwrap_or_default());
            if let Some(query) = self.field("@query") {
                text.push('?');
                text.push_str(&query);
            }
        }
        if let Some(fragment) = self.field("@fragment") {
            text.push('#');
            text.push_str(&fragment);
        }
        Some(text)
    }
}

fn default_port(class: &str) -> Option<&'static str> {
    Some(match class {
        "URI::HTTP" | "URI::WS" => "80",
        "URI::HTTPS" | "URI::WSS" => "443",
        "URI::FTP" => "21",
        "URI::LDAP" => "389",
        "URI::LDAPS" => "636",
        _ => return None,
    })
}
