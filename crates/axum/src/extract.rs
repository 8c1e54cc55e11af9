//! The extractors of axum over what this crate reads, and the answers that refusals become.

mod csrf;
mod response;
mod session;
mod signed_in;
mod source;

pub use self::csrf::{FormRefusal, ProtectedForm, Verified};
pub use self::session::RailsSession;
pub use self::signed_in::{
    DeviseUser, ReturnTo, SignIn, SignInRefusal, SignedIn, WardenScope, WhenUnreadable,
};
pub use self::source::AppSource;
