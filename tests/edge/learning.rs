//! Who may have written a cookie.

use railjar::edge::{Edge, Format, KeptCookie};
use railjar::rails::{Profile, Rotation, Version};
use railjar::{Digest, Serializer};

use super::world::*;

#[test]
fn the_first_recipe_the_serializer_and_the_metadata_tell() {
    let profiles = [
        ("6.1 marshal", Profile::new(Version::V6_1)),
        ("6.1", rails_6_1()),
        ("6.1 bare", rails_6_1().use_cookies_with_metadata(false)),
        ("7.0", Profile::new(Version::V7_0)),
        (
            "7.1 rotating",
            Profile::new(Version::V7_1)
                .rotate(Rotation::new().key_generator_hash_digest_class(Digest::Sha1)),
        ),
        ("7.1 pack", Profile::new(Version::V7_1).cookies_serializer(Serializer::MessagePack)),
        ("5.1", Profile::new(Version::V5_1)),
    ];
    let formats = profiles.each_ref().map(|(name, profile)| Format::new(*name, jars(profile)));
    let edge = formats.into_iter().fold(Edge::builder(), railjar::edge::EdgeBuilder::format);
    let edge = edge.session(KeptCookie::encrypted(SESSION)).build().unwrap();
    for (writer, expected) in [
        ("6.1 marshal", &["6.1 marshal"][..]),
        ("6.1", &["6.1"]),
        ("6.1 bare", &["6.1 bare"]),
        ("7.0", &["7.0", "7.1 rotating"]),
        ("7.1 rotating", &["7.0", "7.1 rotating"]),
        ("7.1 pack", &["7.1 pack"]),
        ("5.1", &["5.1"]),
    ] {
        let (_, profile) = profiles.iter().find(|(name, _)| *name == writer).unwrap();
        let header = format!("{}; path=/; HttpOnly", cookie(&jars(profile), &member()));
        let wrote = edge.set_by(header.as_bytes(), NOW);
        let wrote: Vec<_> = wrote.into_iter().map(|id| edge.format_name(id)).collect();
        assert_eq!(wrote, expected, "{writer}");
    }
    for header in ["", "x", "other=1", "_app_session=", "_app_session=x; path=/"] {
        assert!(edge.set_by(header.as_bytes(), NOW).is_empty(), "{header}");
    }
    assert!(edge.written_by("other", b"x", NOW).is_empty());
    assert_eq!(edge.format("7.0").map(|id| id.index()), Some(3));
    assert_eq!(edge.format("8.0"), None);
}
