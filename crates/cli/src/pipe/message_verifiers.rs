//! The layer `message_verifiers`: one of `ActiveSupport::MessageVerifiers`, by its salt.

use railjar::messages::MessageVerifiers;
use railjar::rails::Profile;

use super::BadRequest;
use super::coordinator;
use super::fields::Fields;
use super::message::{Message, as_given};

pub(super) fn recipe(app: Profile, config: Fields) -> Result<Message, BadRequest> {
    let (verifiers, salt): (MessageVerifiers, _) =
        coordinator::build(app, config, |_, options| Ok(options.verifier()))?;
    Ok(Message::new(verifiers.get(&salt)?, as_given))
}
