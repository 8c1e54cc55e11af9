//! An app's own secret generator, a block in Ruby, where it is a digest of some text:
//! `SHA512("tokens/" + salt + "/" + version)[0, length]`.

use railjar::{Digest, Secret};

use super::BadRequest;

#[derive(Clone)]
pub(super) struct SecretGenerator {
    digest: Digest,
    terms: Vec<Term>,
    length: Length,
    /// What a rotation passes to the block.
    version: Option<u64>,
}

#[derive(Clone)]
enum Term {
    Text(String),
    Salt,
    Version,
}

/// How much of the digest is the secret.
#[derive(Clone, Copy)]
enum Length {
    All,
    /// `[0, length]`: as much as is asked for.
    AsAsked,
}

impl SecretGenerator {
    pub(super) fn parse(text: &str) -> Result<Self, BadRequest> {
        let parsed = Self::parts(text);
        parsed.ok_or_else(|| "secret_generator is not as SHA512(\"text\" + salt)[0, length]".into())
    }

    fn parts(text: &str) -> Option<Self> {
        let (digest, rest) = text.split_once('(')?;
        let (terms, length) = rest.rsplit_once(')')?;
        let length = match length.trim() {
            "" => Length::All,
            "[0, length]" => Length::AsAsked,
            _ => return None,
        };
        Some(Self {
            digest: Digest::from_name(digest.trim()).ok()?,
            terms: terms.split('+').map(|term| Term::parse(term.trim())).collect::<Option<_>>()?,
            length,
            version: None,
        })
    }

    pub(super) fn version(self, version: u64) -> Self {
        Self { version: Some(version), ..self }
    }

    /// The secret; `None` where it needs a version, and has none.
    pub(super) fn call(&self, salt: &str, length: usize) -> Option<Secret> {
        let mut text = String::new();
        for term in &self.terms {
            match term {
                Term::Text(literal) => text.push_str(literal),
                Term::Salt => text.push_str(salt),
                Term::Version => text.push_str(&self.version?.to_string()),
            }
        }
        let secret = self.digest.digest(text.as_bytes());
        match self.length {
            Length::All => Some(secret),
            Length::AsAsked => {
                let bytes = secret.expose();
                Some(Secret::new(bytes.get(..length).unwrap_or(bytes)))
            }
        }
    }
}

impl Term {
    fn parse(term: &str) -> Option<Self> {
        match term {
            "salt" => Some(Self::Salt),
            "version" => Some(Self::Version),
            _ => {
                let text = term.strip_prefix('"')?.strip_suffix('"')?;
                // Nothing that Ruby would read as more than itself.
                let plain = !text.contains(['"', '\\', '#']);
                plain.then(|| Self::Text(text.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_of_terms_is_a_secret() {
        let generator = SecretGenerator::parse("SHA256( \"a/\" + salt+version )").ok().unwrap();
        assert!(generator.call("s", 64).is_none());
        let secret = generator.version(7).call("s", 8).unwrap();
        assert_eq!(secret, Digest::Sha256.digest(b"a/s7"));
        let cut = SecretGenerator::parse("SHA256(salt)[0, length]").ok().unwrap();
        assert_eq!(cut.call("s", 8).unwrap().expose(), &Digest::Sha256.digest(b"s").expose()[..8]);
        assert_eq!(cut.call("s", 64).unwrap(), Digest::Sha256.digest(b"s"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "salt",
            "SHA256",
            "SHA256(",
            "SHA256)(",
            "SHA256()",
            "SHA3(salt)",
            "SHA256(salt)[0, 16]",
            "SHA256(salt +)",
            "SHA256(\"a + salt)",
            "SHA256(\")",
            "SHA256(\"a#{salt}\")",
            "SHA256(\"a\\n\")",
            "SHA256(secret)",
        ] {
            assert!(SecretGenerator::parse(text).is_err(), "{text}");
        }
    }
}
