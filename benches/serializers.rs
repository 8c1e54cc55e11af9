//! A Devise session read from Marshal and from JSON, after its message was opened.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use railjar::Serializer;
use railjar_benches::sessions::{self, Into};

fn serializers(criterion: &mut Criterion) {
    for (name, into) in [
        ("a type that borrows", Into::Borrowing),
        ("a type of Strings", Into::Owned),
        ("Value", Into::Value),
    ] {
        let mut group = criterion.benchmark_group(format!("a session into {name}"));
        for (name, mut subject) in [
            ("railjar, Marshal", sessions::railjar(Serializer::Marshal, into)),
            ("railjar, JSON", sessions::railjar(Serializer::Json, into)),
            ("serde_json", sessions::serde_json(into)),
        ] {
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|times| subject.time(times));
            });
        }
    }
}

criterion_group!(benches, serializers);
criterion_main!(benches);
