//! Where random bytes come from.

use railjar::SealError;
use railjar::entropy::{Buffered, Entropy, EntropyUnavailable, SystemEntropy};

use super::BadRequest;
use super::request::Request;

pub(super) enum Random<'e> {
    Drawn(&'e mut Buffered<SystemEntropy>),
    /// `iv_hex`: for tests, which compare bytes. Whoever uses one twice gives the key away.
    Given(Vec<u8>),
}

impl<'e> Random<'e> {
    pub(super) fn new(
        request: &Request<'_>,
        entropy: &'e mut Buffered<SystemEntropy>,
    ) -> Result<Self, BadRequest> {
        Ok(request.iv()?.map_or(Self::Drawn(entropy), Self::Given))
    }

    /// What an error in sealing means, with these bytes.
    pub(super) fn error(&self, error: SealError) -> BadRequest {
        match (error, self) {
            (SealError::Entropy, Self::Given(_)) => {
                "iv_hex is not as long as what it stands for".into()
            }
            (error, _) => error.into(),
        }
    }
}

impl Entropy for Random<'_> {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyUnavailable> {
        match self {
            Self::Drawn(entropy) => entropy.fill(out),
            Self::Given(bytes) if bytes.len() == out.len() => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            Self::Given(_) => Err(EntropyUnavailable),
        }
    }
}
