//! Shares a Ruby on Rails app's session, cookies, flash and CSRF tokens with axum, and by a tower
//! layer with any other service.
//!
//! A [`RailsApp`] holds the keys and the settings; [`RailsLayer`] hands it to each request, as
//! [`RequestCookies`], which read a cookie when something asks for it, and once. With the feature
//! `axum`, which is on by default, handlers take what they need as arguments:
//!
//! | extractor | what it gives |
//! |---|---|
//! | `RailsSession<T>` | the session, read into a type of yours |
//! | [`SessionJar`] | the session to change, with its flash and its CSRF tokens; must be returned |
//! | [`SignedCookies`], [`EncryptedCookies`] | the jars `cookies.signed` and `cookies.encrypted`; must be returned |
//! | `SignedIn<W>` | who is signed in by Warden (Devise), or a redirect to where one signs in |
//! | `Verified`, `ProtectedForm<T>` | a request whose CSRF token was made for this session |
//!
//! A cookie that cannot be read is never taken for one that is absent: `Option<…>` is `None` only
//! for the latter, and the former stays a refusal of its own type, [`Unreadable`].
//!
//! ```
//! use railjar::SecretKeyBase;
//! use railjar::rails::{Profile, Version};
//! use railjar_axum::{RailsApp, SessionStore};
//!
//! let secret = SecretKeyBase::new("the text of secret_key_base")?;
//! let app = RailsApp::new(&Profile::new(Version::V7_1), &secret, SessionStore::new("_app_session"))?;
//!
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, routing::get};
//! use railjar_axum::{RailsLayer, RailsSession, SessionJar, WriteError};
//!
//! #[derive(serde::Deserialize)]
//! struct Session {
//!     locale: Option<String>,
//! }
//!
//! async fn locale(session: Option<RailsSession<Session>>) -> String {
//!     session.and_then(|it| it.into_inner().locale).unwrap_or_else(|| "en".into())
//! }
//!
//! async fn choose(mut session: SessionJar) -> (SessionJar, &'static str) {
//!     session.insert("locale", "pt-BR"); // every other key stays
//!     session.insert_flash("notice", "Saved."); // Rails shows it on its next page
//!     (session, "Saved.")
//! }
//!
//! let router: Router = Router::new()
//!     .route("/locale", get(locale).post(choose))
//!     .layer(RailsLayer::new(app));
//! # }
//! # Ok::<(), railjar::ConfigError>(())
//! ```
//!
//! Nothing here knows a cipher, a salt or a format: all of that is [`railjar`]'s.

#![forbid(unsafe_code)]

mod app;
mod clock;
mod csrf;
mod error;
#[cfg(feature = "axum")]
mod extract;
mod jar;
mod layer;
mod request;
mod session;
mod store;

pub use self::app::{RailsApp, Reissue};
pub use self::csrf::{CsrfRefusal, OriginCheck};
pub use self::error::{MissingApp, SessionRefusal, Unreadable, WriteError};
#[cfg(feature = "axum")]
pub use self::extract::{
    AppSource, DeviseUser, FormRefusal, ProtectedForm, RailsSession, ReturnTo, SignIn,
    SignInRefusal, SignedIn, Verified, WardenScope, WhenUnreadable,
};
pub use self::jar::{CookieJar, Encrypted, EncryptedCookies, JarKind, Signed, SignedCookies};
pub use self::layer::{RailsFuture, RailsLayer, RailsService};
pub use self::request::RequestCookies;
pub use self::session::SessionJar;
pub use self::store::SessionStore;

pub use cookie::{self, Cookie};
pub use railjar;

#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../../../docs/axum.md")]
struct Tutorial;
