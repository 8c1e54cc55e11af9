//! What the Worker is bound to: the variable with the settings, and the secrets. Where nothing but a
//! binding is deployed Cloudflare keeps the isolate and gives it another `env`, so what was made of
//! the bindings must be made again when one of those that were read has changed.

use js_sys::{JSON, Object, Reflect};
use railjar::Secret;
use railjar::config::{SecretReference, Source};
use wasm_bindgen::JsValue;
use zeroize::Zeroizing;

use crate::settings::Problem;

pub(crate) struct Bindings {
    env: Object,
    read: Vec<(String, JsValue)>,
}

impl Bindings {
    pub(crate) fn new(env: &Object) -> Self {
        Self { env: env.clone(), read: Vec::new() }
    }

    /// Whether all that was read is the same in `env`.
    pub(crate) fn are_those_of(&mut self, env: &Object) -> bool {
        if self.env == *env {
            return true;
        }
        let same = self.read.iter().all(|(name, value)| plain(&bound(env, name)) == *value);
        if same {
            self.env = env.clone();
        }
        same
    }

    /// A variable: a text, or the JSON of what wrangler makes of a table.
    pub(crate) fn variable(&mut self, name: &str) -> Option<String> {
        plain(&self.read(name)).as_string()
    }

    /// The secret that is bound by the name at `reference`, without one newline at its end, which
    /// editors and `echo` add.
    pub(crate) fn secret(&mut self, reference: &SecretReference) -> Result<Secret, Problem> {
        let Source::Env(name) = &reference.source else {
            return Err(Problem::new("a secret is bound to a Worker: { env = \"NAME\" }"));
        };
        let text = self.read(name).as_string().map(Zeroizing::new).ok_or_else(|| {
            Problem::new(format!("the secret {name} is not bound: wrangler secret put {name}"))
        })?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        Ok(Secret::new(text.strip_suffix('\r').unwrap_or(text)))
    }

    fn read(&mut self, name: &str) -> JsValue {
        let value = bound(&self.env, name);
        self.read.push((name.to_owned(), plain(&value)));
        value
    }
}

fn bound(env: &Object, name: &str) -> JsValue {
    Reflect::get(env, &name.into()).unwrap_or_default()
}

/// What can be compared by its content: an object as its JSON.
fn plain(value: &JsValue) -> JsValue {
    if !value.is_object() {
        return value.clone();
    }
    JSON::stringify(value).map(JsValue::from).unwrap_or_default()
}
