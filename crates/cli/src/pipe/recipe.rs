//! From a `config` to what answers with it. Deriving keys takes a thousand times as long as opening
//! a cookie, so recipes are kept, by the text of their config.

use std::collections::HashMap;
use std::rc::Rc;

use railjar::Scratch;
use railjar::entropy::{Buffered, SystemEntropy};
use railjar::rails::{KeyCache, Profile, Strictness, Version};

use super::BadRequest;
use super::fields::Fields;
use super::request::Request;
use super::words::Layer;
use super::{
    active_storage, cookie, credentials, csrf, global_id, kdf, message, message_encryptors,
    message_verifiers, serializer, signed_id, token_for,
};

/// One layer of the protocol, with the keys of one config. Nothing is written unless it succeeds.
pub(super) trait Recipe {
    /// Appends the answer to `"op":"open"`.
    fn open(&self, request: &Request<'_>, tools: &mut Tools, out: &mut Vec<u8>) -> Answered;

    /// Appends the answer to `"op":"seal"`.
    fn seal(&self, request: &Request<'_>, tools: &mut Tools, out: &mut Vec<u8>) -> Answered;
}

pub(super) type Answered = Result<(), BadRequest>;

/// What recipes work with.
pub(super) struct Tools {
    pub(super) scratch: Scratch,
    pub(super) entropy: Buffered<SystemEntropy>,
}

/// The recipes that are kept, by layer, version, strictness and the text of the config.
#[derive(Default)]
pub(super) struct Recipes {
    known: HashMap<Vec<u8>, Rc<dyn Recipe>>,
    key: Vec<u8>,
    /// The last one, which is most often the next one too.
    last_key: Vec<u8>,
    last: Option<Rc<dyn Recipe>>,
    /// Configs that differ in other things have most keys in common.
    keys: KeyCache,
}

/// How many recipes are kept, and the longest config that is: bounds on memory.
const MOST: usize = 1024;
const LONGEST: usize = 1 << 14;

impl Recipes {
    pub(super) fn get(&mut self, request: &Request<'_>) -> Result<Rc<dyn Recipe>, BadRequest> {
        let (layer, version) = (request.layer()?, request.version()?);
        let strictness = request.strictness()?;
        self.key.clear();
        self.key.extend([layer as u8, version as u8, strictness as u8]);
        self.key.extend_from_slice(request.config().as_bytes());
        if let Some(last) = self.last.as_ref().filter(|_| self.key == self.last_key) {
            return Ok(Rc::clone(last));
        }
        let recipe = match self.known.get(&self.key) {
            Some(recipe) => Rc::clone(recipe),
            None => {
                let app = (layer, version, strictness);
                let recipe = recipe(app, request.config(), &mut self.keys)?;
                self.keep(&recipe);
                recipe
            }
        };
        core::mem::swap(&mut self.key, &mut self.last_key);
        Ok(Rc::clone(self.last.insert(recipe)))
    }

    fn keep(&mut self, recipe: &Rc<dyn Recipe>) {
        if self.known.len() >= MOST {
            self.known.clear();
        }
        if self.key.len() <= LONGEST {
            self.known.insert(self.key.clone(), Rc::clone(recipe));
        }
    }
}

fn recipe(
    (layer, version, strictness): (Layer, Version, Strictness),
    config: &str,
    keys: &mut KeyCache,
) -> Result<Rc<dyn Recipe>, BadRequest> {
    let config = Fields::parse(config)?;
    let app = Profile::without_defaults(version).strictness(strictness);
    Ok(match layer {
        Layer::Cookie => Rc::new(cookie::recipe(app, config, keys)?),
        Layer::Message => Rc::new(message::recipe(&app, config)?),
        Layer::Kdf => Rc::new(kdf::recipe(config)?),
        Layer::Serializer => Rc::new(serializer::recipe(app, config)?),
        Layer::Credentials => Rc::new(credentials::recipe(&app, config)?),
        Layer::Csrf => Rc::new(csrf::recipe(app, config)?),
        Layer::SignedId => Rc::new(signed_id::recipe(app, config)?),
        Layer::TokenFor => Rc::new(token_for::recipe(app, config)?),
        Layer::ActiveStorage => Rc::new(active_storage::recipe(app, config)?),
        Layer::GlobalId => Rc::new(global_id::recipe(app, config)?),
        Layer::MessageVerifiers => Rc::new(message_verifiers::recipe(app, config)?),
        Layer::MessageEncryptors => Rc::new(message_encryptors::recipe(app, config)?),
    })
}
