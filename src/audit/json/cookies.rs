//! The cookies and their recipes.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Wrong;
use crate::audit::{AuditedCookie, AuditedRecipe};
use crate::crypto::{Cipher, Digest};
use crate::message::{Matched, Origin};
use crate::rails::{CookieKind, RecipeSummary};

/// The most recipes of a cookie that are read.
const MAX_RECIPES: usize = 1000;
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CookieForm {
    name: String,
    jar: String,
    recipes: Vec<RecipeForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecipeForm {
    name: String,
    cipher: Option<String>,
    digest: Option<String>,
    key_digest: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    changes: BTreeMap<String, String>,
}

impl CookieForm {
    pub(super) fn of(cookie: &AuditedCookie) -> Self {
        Self {
            name: cookie.name().to_owned(),
            jar: jar_name(cookie.kind()).to_owned(),
            recipes: cookie.recipes().iter().map(RecipeForm::of).collect(),
        }
    }

    pub(super) fn read(&self) -> Result<AuditedCookie, Wrong> {
        let kinds = [CookieKind::Signed, CookieKind::Encrypted];
        let kind = kinds.into_iter().find(|kind| jar_name(*kind) == self.jar);
        if self.recipes.is_empty() || self.recipes.len() > MAX_RECIPES {
            return Err(Wrong("recipes"));
        }
        let recipes = self.recipes.iter().enumerate();
        Ok(AuditedCookie {
            name: self.name.clone(),
            kind: kind.ok_or(Wrong("jar"))?,
            recipes: recipes.map(|(at, recipe)| recipe.read(at)).collect::<Result<_, _>>()?,
        })
    }
}

fn jar_name(kind: CookieKind) -> &'static str {
    match kind {
        CookieKind::Signed => "signed",
        CookieKind::Encrypted => "encrypted",
    }
}

impl RecipeForm {
    fn of(recipe: &AuditedRecipe) -> Self {
        let RecipeSummary { cipher, digest, key_digest } = recipe.made();
        Self {
            name: recipe.name().into_owned(),
            cipher: cipher.map(|it| it.name().to_owned()),
            digest: digest.map(|it| it.name().to_owned()),
            key_digest: key_digest.map(|it| it.name().to_owned()),
            changes: recipe.changes().map(|(name, to)| (name.to_owned(), to.to_owned())).collect(),
        }
    }

    fn read(&self, at: usize) -> Result<AuditedRecipe, Wrong> {
        let origins =
            [Origin::Configured, Origin::LegacyCbc, Origin::PrepareUpgrade, Origin::SecretToken];
        let rotation = |origin| Matched::Rotation { index: at.saturating_sub(1), origin };
        let candidates: Vec<Matched> = match at {
            0 => [Matched::Primary].into(),
            _ => origins.into_iter().map(rotation).collect(),
        };
        let digest = |name: &Option<String>| match name {
            Some(name) => Digest::from_name(name).map(Some).map_err(|_| Wrong("digest")),
            None => Ok(None),
        };
        let cipher = match &self.cipher {
            Some(name) => Some(Cipher::from_name(name).map_err(|_| Wrong("cipher"))?),
            None => None,
        };
        let made = RecipeSummary {
            cipher,
            digest: digest(&self.digest)?,
            key_digest: digest(&self.key_digest)?,
        };
        let changes: Vec<_> = self.changes.clone().into_iter().collect();
        let recipe = |matched| AuditedRecipe { matched, made, changes: changes.clone() };
        let mut recipes = candidates.into_iter().map(recipe);
        recipes.find(|recipe| recipe.name() == self.name).ok_or(Wrong("name of a recipe"))
    }
}
