//! The releases that may serve on the way: of either version, writing either way, and reading both.

use alloc::vec::Vec;

use super::recipe::Recipe;
use crate::cookies::Cookies;
use crate::rails::{CookieKind, KeyCache, Profile, Settings, Strictness};
use crate::rollout::world::duplicates;
use crate::rollout::{Reader, Release};
use crate::serializer::{Format, Serializer};

const KINDS: [CookieKind; 2] = [CookieKind::Signed, CookieKind::Encrypted];

/// Every release on the way from `now` to `next`, both of them in front. What a version cannot be
/// told is not among them.
pub(super) fn releases(now: &Release, next: &Release) -> Vec<Release> {
    let mut releases = Vec::from([now.clone(), next.clone()]);
    let recipes = recipes(now, next);
    let mut keys = KeyCache::default();
    for of_version in [now, next] {
        for of_keys in [now, next] {
            for serializer in serializers(now, next) {
                for with_metadata in [now, next] {
                    let bare = bare(of_version, of_keys, serializer, with_metadata);
                    let reading = reading(bare, &recipes, &mut keys);
                    if let Some(release) = reading.filter(|it| !releases.contains(it)) {
                        releases.push(release);
                    }
                }
            }
        }
    }
    releases
}

/// A reader of the formats of both.
pub(super) fn reader(reader: &Reader, now: &Release, next: &Release) -> Option<Reader> {
    let bridging = serializers(now, next).last().copied()?;
    let profile = reader.release.profile.clone();
    let newest = next.profile.version().max(profile.version());
    let settings = next.profile.settings().clone();
    let profile = Profile::of(newest, Settings { cookies_serializer: bridging, ..settings });
    let release = Release::new(profile, &next.secrets);
    let release = reading(release, &recipes(now, next), &mut KeyCache::default())?;
    Some(Reader { release, ..reader.clone() })
}

/// All that either writes or reads by a rotation.
fn recipes(now: &Release, next: &Release) -> Vec<Recipe> {
    let mut recipes: Vec<Recipe> = Vec::new();
    for kind in KINDS {
        let written = [now, next].map(|release| Recipe::written(release, kind));
        let rotated = Recipe::rotated(now, kind).chain(Recipe::rotated(next, kind));
        for recipe in written.into_iter().chain(rotated) {
            if !recipes.contains(&recipe) {
                recipes.push(recipe);
            }
        }
    }
    recipes
}

/// Those of both, and last the one that reads the formats of both and writes that of `next`.
fn serializers(now: &Release, next: &Release) -> Vec<Serializer> {
    let [old, new] = [now, next].map(|release| release.profile.settings().cookies_serializer);
    let bridging = match (old.format(), new.format()) {
        (Format::Marshal, Format::Json) => Serializer::JsonAllowMarshal,
        (Format::Marshal, Format::MessagePack) => Serializer::MessagePackAllowMarshal,
        _ => new,
    };
    let mut serializers = Vec::new();
    for serializer in [old, new, bridging] {
        serializers.retain(|known| *known != serializer);
        serializers.push(serializer);
    }
    serializers
}

/// A release without rotations.
fn bare(
    of_version: &Release,
    of_keys: &Release,
    cookies_serializer: Serializer,
    with_metadata: &Release,
) -> Release {
    let keys = of_keys.profile.settings().clone();
    let settings = Settings {
        cookies_serializer,
        use_cookies_with_metadata: with_metadata.profile.settings().use_cookies_with_metadata,
        cookies_digest: keys.cookies_digest,
        signed_cookie_digest: keys.signed_cookie_digest,
        encrypted_cookie_cipher: keys.encrypted_cookie_cipher,
        use_authenticated_cookie_encryption: keys.use_authenticated_cookie_encryption,
        signed_cookie_salt: keys.signed_cookie_salt,
        encrypted_cookie_salt: keys.encrypted_cookie_salt,
        encrypted_signed_cookie_salt: keys.encrypted_signed_cookie_salt,
        authenticated_encrypted_cookie_salt: keys.authenticated_encrypted_cookie_salt,
        key_generator_hash_digest_class: keys.key_generator_hash_digest_class,
        key_generator_iterations: keys.key_generator_iterations,
        ..of_version.profile.settings().clone()
    };
    Release::new(Profile::of(of_version.profile.version(), settings), &of_keys.secrets)
}

/// The release with a rotation for each recipe that it would not read otherwise; nothing where its
/// Rails cannot be told so.
fn reading(release: Release, recipes: &[Recipe], keys: &mut KeyCache) -> Option<Release> {
    let jars = |release: &Release, keys: &mut KeyCache| -> Option<Cookies> {
        let profile = release.profile.clone().strictness(Strictness::AsRails);
        profile.cookies_with_cache(&release.secrets, keys).ok()
    };
    jars(&release, keys)?;
    if !release.profile.dialect().has_rotations() {
        return Some(release);
    }
    let mut reading = release;
    for recipe in recipes {
        let rotation = recipe.onto(&reading);
        let profile = reading.profile.clone();
        let profile = match recipe.kind() {
            CookieKind::Signed => profile.rotate_signed(rotation),
            CookieKind::Encrypted => profile.rotate_encrypted(rotation),
        };
        let with = Release { profile, ..reading.clone() };
        let Some(cookies) = jars(&with, keys) else { continue };
        if !duplicates(&cookies, recipe.kind()) {
            reading = with;
        }
    }
    Some(reading)
}
