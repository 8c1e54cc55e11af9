//! Deriving keys as Rails does, beside the raw PBKDF2 and a peer.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use railjar::Digest;
use railjar_benches::{floor, ours, peers};

fn keys(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("derive/64 bytes, 1000 iterations");
    for (name, mut subject) in [
        ("floor, SHA1", floor::derive_sha1(64)),
        ("railjar, SHA1", ours::deriving(Digest::Sha1, 64)),
        ("message_verifier, SHA1", peers::message_verifier_derive()),
        ("floor, SHA256", floor::derive_sha256(64)),
        ("railjar, SHA256", ours::deriving(Digest::Sha256, 64)),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| subject.time(times));
        });
    }
}

criterion_group!(benches, keys);
criterion_main!(benches);
