//! How a cookie was made, against how the app makes its own: the one setting that differs.

use alloc::vec::Vec;

use crate::crypto::Cipher;
use crate::explain::cause::Cause;
use crate::explain::looks::salt_setting;
use crate::explain::recipe::{KeySource, Recipe};
use crate::message::{Matched, Origin};
use crate::rails::{CookieKind, Profile, RecipeSummary, Version};

/// What differs between a message and the nearest of the recipes that Rails itself gives the app.
pub(super) fn nearest(profile: &Profile, kind: CookieKind, recipe: &Recipe) -> Cause {
    if let Some(cipher) = recipe.cipher.filter(|cipher| cipher.is_authenticated())
        && profile.version() < Version::V5_2
    {
        // That Rails has no such cookies, whatever its settings.
        return Cause::OtherCipher { cipher };
    }
    let automatic = profile.dialect().cookies.automatic;
    let settings = profile.settings();
    let authenticated = settings.use_authenticated_cookie_encryption;
    let own = |origin| profile.recipe(kind, Matched::Rotation { index: 0, origin });
    let has_cbc = !settings.encrypted_cookie_salt.is_empty();
    let mut recipes: Vec<RecipeSummary> = Vec::new();
    if kind == CookieKind::Encrypted && authenticated && automatic.legacy_cbc && has_cbc {
        recipes.extend(own(Origin::LegacyCbc));
    }
    if kind == CookieKind::Encrypted && !authenticated && automatic.prepare_upgrade {
        recipes.extend(own(Origin::PrepareUpgrade));
    }
    recipes.extend(profile.recipe(kind, Matched::Primary));
    let differences = recipes.iter().map(|own| differences(profile, kind, own, recipe));
    let fewest = differences.min_by_key(Vec::len).unwrap_or_default();
    match <[Cause; 1]>::try_from(fewest) {
        Ok([cause]) => cause,
        Err(none) if none.is_empty() => Cause::NoKeyFits,
        Err(_) => Cause::OtherRecipe,
    }
}

fn differences(
    profile: &Profile,
    kind: CookieKind,
    own: &RecipeSummary,
    recipe: &Recipe,
) -> Vec<Cause> {
    let mut all = Vec::new();
    let settings = profile.settings();
    if let Some(cipher) = recipe.cipher.filter(|cipher| own.cipher != Some(*cipher)) {
        all.push(Cause::OtherCipher { cipher });
    }
    // AES-GCM has none to differ.
    let digests = own.digest.zip(recipe.digest);
    all.extend(
        digests
            .filter(|(own, other)| own != other)
            .map(|(_, digest)| Cause::OtherDigest { digest }),
    );
    let KeySource::Derived { secret, digest, iterations, ref salt } = recipe.key else {
        all.push(Cause::OtherSecret);
        return all;
    };
    if secret > 0 {
        all.push(Cause::OtherSecret);
    }
    if own.key_digest.is_some_and(|own| own != digest) {
        all.push(Cause::OtherKeyDigest { digest });
    }
    if iterations != settings.key_generator_iterations {
        all.push(Cause::OtherIterations { iterations });
    }
    let today = match salt_setting(kind, recipe.cipher.is_some_and(Cipher::is_authenticated)) {
        "signed_cookie_salt" => &settings.signed_cookie_salt,
        "authenticated_encrypted_cookie_salt" => &settings.authenticated_encrypted_cookie_salt,
        _ => &settings.encrypted_signed_cookie_salt,
    };
    if salt != today && own.cipher == recipe.cipher {
        all.push(Cause::OtherSalt { salt: salt.clone() });
    }
    all
}
