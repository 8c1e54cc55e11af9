//! What the settings become, once for each isolate: keys take a thousand rounds to derive.

use std::sync::OnceLock;

use js_sys::Object;
use railjar::edge::{Edge, Upstream};

use crate::settings::{self, CacheUse, Problem, Settings};

pub(crate) struct Site {
    pub(crate) edge: Edge,
    /// What the origin reads.
    pub(crate) origin: Upstream,
    pub(crate) cache: CacheUse,
}

/// The site of this isolate, whose bindings never change.
///
/// # Errors
/// [`Problem`] for what is wrong first.
pub(crate) fn of(env: &Object) -> Result<&'static Site, &'static Problem> {
    static SITE: OnceLock<Result<Site, Problem>> = OnceLock::new();
    SITE.get_or_init(|| Site::new(env)).as_ref()
}

impl Site {
    fn new(env: &Object) -> Result<Self, Problem> {
        let settings = Settings::of(env)?;
        let edge = settings.edge.edge(&mut |reference| settings::fetch(env, reference))?;
        let origin = match &settings.origin.format {
            None => Upstream::Unknown,
            Some(name) => edge.format(name).map(Upstream::Known).ok_or_else(|| {
                Problem::new(format!("origin.format: there is no format {name:?}"))
            })?,
        };
        Ok(Self { edge, origin, cache: settings.cache })
    }
}
