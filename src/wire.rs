//! Bytes to parts and back, without any key: base64 by Ruby's rules, and the
//! frames that join the parts. Mirrors `active_support/messages/codec.rb` and the framing
//! in `message_verifier.rb` and `message_encryptor.rb`.

pub(crate) mod base64;
pub(crate) mod frame;
