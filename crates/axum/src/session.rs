//! The session to change. What is not changed is not written, and what is not known stays.

use std::fmt;
use std::marker::PhantomData;

use http::HeaderValue;
use railjar::messages::Flash;
use railjar::value::{Hash, Value};
use railjar::{Opened, SealError, Session, Timestamp, WardenUser};
use serde::Serialize;

use crate::app::{RailsApp, Reissue};
use crate::error::{Unreadable, WriteError};

/// The session of Rails, to change. **It must be returned from the handler**, as a part of the
/// answer, or the changes are lost.
///
/// Every key that is not touched stays as it was, the session's id among them, and so does the
/// expiry, unless the store says [`expire_after`](crate::SessionStore::expire_after).
///
/// Without a session in the request it is a new one, which gets its id when it is first written.
/// With one that cannot be read the extractor refuses ([`SessionRefusal`](crate::SessionRefusal)),
/// rather than writing over what Rails may well read; [`SessionJar::new`] is there for a handler
/// that takes the refusal as a `Result` and wants just that.
///
/// ```
/// # use railjar::SecretKeyBase;
/// # use railjar::rails::{Profile, Version};
/// # use railjar_axum::{RailsApp, SessionJar, SessionStore};
/// # let secret = SecretKeyBase::new("the text of secret_key_base")?;
/// # let app = RailsApp::new(&Profile::new(Version::V7_1), &secret, SessionStore::new("_app_session"))?;
/// let mut session: SessionJar = SessionJar::new(app);
/// assert!(session.set_cookie()?.is_none()); // nothing to write yet
///
/// session.insert("locale", "pt-BR");
/// let header = session.set_cookie()?.ok_or("nothing to write")?;
/// assert!(header.to_str()?.starts_with("_app_session="));
/// assert!(header.to_str()?.ends_with("; HttpOnly; SameSite=Lax; Path=/"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a session that is not returned from the handler is not written"]
pub struct SessionJar<A = RailsApp> {
    app: RailsApp,
    session: Session,
    /// What the cookie carried.
    expires_at: Option<Timestamp>,
    due: Due,
    source: PhantomData<fn() -> A>,
}

/// What there is to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    /// The same in the format of today.
    Reissue,
    Changes,
}

impl<A> SessionJar<A> {
    /// A new and empty session, whatever the request brought. Nothing is written until something
    /// is put into it.
    pub fn new(app: RailsApp) -> Self {
        let session = Session::from(Hash::new());
        Self { app, session, expires_at: None, due: Due::Nothing, source: PhantomData }
    }

    pub(crate) fn read(app: RailsApp, opened: &Opened<'_>) -> Result<Self, Unreadable> {
        let reissues = opened.must_reissue() && app.reissue_policy() == Reissue::WhenRead;
        Ok(Self {
            session: Session::read(opened)?,
            expires_at: opened.expires_at(),
            due: if reissues { Due::Reissue } else { Due::Nothing },
            app,
            source: PhantomData,
        })
    }

    /// The same, with another note of where the app came from.
    #[cfg(feature = "axum")]
    pub(crate) fn with_source<B>(self) -> SessionJar<B> {
        let Self { app, session, expires_at, due, .. } = self;
        SessionJar { app, session, expires_at, due, source: PhantomData }
    }

    /// The app it belongs to.
    #[must_use]
    pub fn app(&self) -> &RailsApp {
        &self.app
    }

    /// All of it.
    #[must_use]
    pub fn as_session(&self) -> &Session {
        &self.session
    }

    /// The session's id. A new session has none before it is written.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.session.session_id()
    }

    /// What stands under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.session.get(key)
    }

    /// Who is signed in by Warden, by scope.
    pub fn warden_users(&self) -> impl Iterator<Item = WardenUser<'_>> {
        self.session.warden_users()
    }

    /// Puts `value` under `key`, and returns what it replaces.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.due = Due::Changes;
        self.session.insert(key, value)
    }

    /// Takes out what stands under `key`.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let removed = self.session.remove(key)?;
        self.due = Due::Changes;
        Some(removed)
    }

    /// Puts the fields of a struct, or the entries of a map, over the session's keys. All others
    /// stay. `None` is written as nil, unless serde skips the field.
    ///
    /// # Errors
    /// [`SealError::Unrepresentable`] for what is no struct or map, or cannot be said in JSON.
    pub fn merge<T: Serialize + ?Sized>(&mut self, fields: &T) -> Result<(), WriteError> {
        match serde_json::to_value(fields) {
            Ok(serde_json::Value::Object(fields)) => {
                for (key, value) in fields {
                    self.insert(key, value);
                }
                Ok(())
            }
            _ => Err(SealError::Unrepresentable.into()),
        }
    }

    /// `reset_session`: empties it, its id and who is signed in included. It gets a new id when it
    /// is written.
    pub fn reset(&mut self) {
        self.session = Session::from(Hash::new());
        self.expires_at = None;
        self.due = Due::Changes;
    }

    /// The flash that the last request left. It stays in the session, for Rails to show, until
    /// [`take_flash`](Self::take_flash).
    #[must_use]
    pub fn flash(&self) -> Flash {
        self.session.get(Flash::KEY).map(Flash::from_session_value).unwrap_or_default()
    }

    /// The flash, to be shown now: as in Rails, it is gone then.
    #[must_use = "a flash that is taken and not shown is lost"]
    pub fn take_flash(&mut self) -> Flash {
        self.remove(Flash::KEY).map(|stored| Flash::from_session_value(&stored)).unwrap_or_default()
    }

    /// `flash[key] = message`: a message for the next page, which Rails shows, or whoever takes
    /// the flash first. What is kept under other keys and was not shown yet stays.
    pub fn insert_flash(&mut self, key: &str, message: impl Into<Value>) {
        let mut flash = self.flash();
        flash.insert(key, message);
        self.set_flash(&flash);
    }

    /// Puts `flash` in the place of the one that is kept.
    pub fn set_flash(&mut self, flash: &Flash) {
        match flash.to_session_value() {
            Some(stored) => drop(self.insert(Flash::KEY, stored)),
            None => drop(self.remove(Flash::KEY)),
        }
    }

    /// The `Set-Cookie` header that writes the session, if there is something to write. As a part
    /// of an axum response it adds this header itself.
    ///
    /// # Errors
    /// [`WriteError::Seal`], with [`SealError::CookieOverflow`] if the session has grown over 4096
    /// bytes.
    pub fn set_cookie(&self) -> Result<Option<HeaderValue>, WriteError> {
        let store = self.app.session_store();
        let renewed = store.expiry(self.app.now());
        let expires = match self.due {
            Due::Nothing => return Ok(None),
            Due::Reissue => self.expires_at.or(renewed),
            Due::Changes => renewed.or(self.expires_at),
        };
        let jar = self.app.session_jar();
        let entropy = &mut self.app.entropy_source();
        let sealed = match self.session_id() {
            Some(_) => jar.seal(&self.session, expires, entropy)?,
            None => {
                let mut session = Session::new(entropy)?;
                for (key, value) in self.session.as_hash() {
                    session.insert(key.as_str().ok_or(SealError::Unrepresentable)?, value.clone());
                }
                jar.seal(&session, expires, entropy)?
            }
        };
        let cookie = store.cookie(&sealed, expires)?;
        header(&cookie).map(Some)
    }

    /// Whether something is to be written.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.due == Due::Changes
    }
}

pub(crate) fn header(cookie: &cookie::Cookie<'_>) -> Result<HeaderValue, WriteError> {
    HeaderValue::try_from(cookie.to_string()).map_err(|_| WriteError::Attribute)
}

// What the session holds stays out of logs.
impl<A> fmt::Debug for SessionJar<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionJar")
            .field("session", &self.session)
            .field("due", &self.due)
            .finish_non_exhaustive()
    }
}
