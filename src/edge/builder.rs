//! Putting an edge together.

use alloc::string::String;
use alloc::vec::Vec;

use crate::cookies::CookieName;
use crate::edge::attributes::is_attribute;
use crate::edge::kept::{Kept, Role};
use crate::edge::rule::Source;
use crate::edge::{Edge, Format, Headers, Hint, KeptCookie, Policies, Rule};
use crate::error::ConfigError;

/// An edge in the making.
#[derive(Debug, Default)]
#[must_use]
pub struct EdgeBuilder {
    formats: Vec<Format>,
    session: Option<KeptCookie>,
    cookies: Vec<KeptCookie>,
    rules: Vec<Rule>,
    hints: Vec<Hint>,
    policies: Policies,
    headers: Headers,
    browser_format: Option<String>,
}

impl EdgeBuilder {
    /// Adds a format. A cookie that the server does not read is tried in the others in this order,
    /// so those that most browsers hold come first.
    pub fn format(mut self, format: Format) -> Self {
        self.formats.push(format);
        self
    }

    /// The session cookie.
    pub fn session(self, cookie: KeptCookie) -> Self {
        Self { session: Some(cookie), ..self }
    }

    /// Another cookie to look after: `remember_user_token`.
    pub fn cookie(mut self, cookie: KeptCookie) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// Adds a rule for who is signed in.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds a login hint.
    pub fn hint(mut self, hint: Hint) -> Self {
        self.hints.push(hint);
        self
    }

    /// What is done where there is a choice.
    pub fn policies(self, policies: Policies) -> Self {
        Self { policies, ..self }
    }

    /// The request headers for the server.
    pub fn headers(self, headers: Headers) -> Self {
        Self { headers, ..self }
    }

    /// The name of the format that browsers should hold, whichever server wrote. Without it they
    /// get what was written.
    pub fn browser_format(self, name: impl Into<String>) -> Self {
        Self { browser_format: Some(name.into()), ..self }
    }

    /// The edge.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] without a format, or without a session that a rule looks into;
    /// [`ConfigError::Twice`] for two formats, cookies or hints of one name;
    /// [`ConfigError::UnknownName`] for a browser format that there is not;
    /// [`ConfigError::CookieName`] and [`ConfigError::Invalid`] for what cannot stand in a header.
    pub fn build(self) -> Result<Edge, ConfigError> {
        let kept = self.kept()?;
        let Self { formats, rules, hints, policies, headers, browser_format, .. } = self;
        if formats.is_empty() {
            return Err(ConfigError::Missing { what: "format" });
        }
        if has_twins(formats.iter().map(Format::name)) {
            return Err(ConfigError::Twice { what: "format" });
        }
        let names = kept.iter().map(|kept| kept.cookie.name());
        if has_twins(names.chain(hints.iter().map(Hint::name))) {
            return Err(ConfigError::Twice { what: "cookie" });
        }
        hints.iter().try_for_each(Hint::check)?;
        for name in headers.names() {
            let is_token = CookieName::new(name).is_ok_and(|name| name.is_token());
            if !is_token {
                return Err(ConfigError::Invalid { what: "header name" });
            }
        }
        let mut edge =
            Edge { formats, kept, rules, hints, policies, headers, browser_format: None };
        if let Some(name) = browser_format {
            let id = edge.format(&name).ok_or(ConfigError::UnknownName { what: "format" })?;
            edge.browser_format = Some(id);
        }
        Ok(edge)
    }

    /// The session first, then the others, then those that only rules name.
    fn kept(&self) -> Result<Vec<Kept>, ConfigError> {
        let into_session = self.rules.iter().any(Rule::looks_into_session);
        let mut kept = Vec::new();
        match &self.session {
            Some(cookie) => kept.push(Kept {
                cookie: cookie.clone(),
                role: Role::Session,
                looked_at: into_session,
            }),
            None if into_session => return Err(ConfigError::Missing { what: "session" }),
            None => {}
        }
        for cookie in &self.cookies {
            kept.push(Kept { cookie: cookie.clone(), role: Role::Other, looked_at: false });
        }
        for rule in &self.rules {
            let Source::Cookie(cookie) = &rule.source else { continue };
            let known = kept.iter_mut().find(|kept| kept.cookie.name() == cookie.name());
            match known {
                Some(known) if known.cookie.kind() == cookie.kind() => known.looked_at = true,
                Some(_) => return Err(ConfigError::Twice { what: "cookie" }),
                None => {
                    kept.push(Kept { cookie: cookie.clone(), role: Role::Other, looked_at: true })
                }
            }
        }
        for Kept { cookie, .. } in &kept {
            CookieName::new(cookie.name())?;
            for (what, text) in [("path", Some(&cookie.path)), ("domain", cookie.domain.as_ref())] {
                if !text.is_none_or(|text| is_attribute(text)) {
                    return Err(ConfigError::Invalid { what });
                }
            }
        }
        Ok(kept)
    }
}

fn has_twins<'n>(names: impl Iterator<Item = &'n str> + Clone) -> bool {
    let mut rest = names;
    while let Some(name) = rest.next() {
        if rest.clone().any(|other| other == name) {
            return true;
        }
    }
    false
}
