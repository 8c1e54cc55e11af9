//! The layer `message_encryptors`: one of `ActiveSupport::MessageEncryptors`, by its salt.

use railjar::Cipher;
use railjar::messages::MessageEncryptors;
use railjar::rails::Profile;

use super::BadRequest;
use super::coordinator;
use super::fields::Fields;
use super::message::{Message, as_given};

pub(super) fn recipe(app: Profile, config: Fields) -> Result<Message, BadRequest> {
    let (encryptors, salt): (MessageEncryptors, _) =
        coordinator::build(app, config, |fields, options| {
            let options = options.encryptor();
            Ok(match fields.named::<Cipher>("cipher")? {
                Some(cipher) => options.cipher(cipher),
                None => options,
            })
        })?;
    Ok(Message::new(encryptors.get(&salt)?, as_given))
}
