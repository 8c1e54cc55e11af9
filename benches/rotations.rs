//! Opening a message that the last of a list of recipes made: beside others whose messages have
//! another shape, and beside others that look alike.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use railjar::{Expected, Metadata, Serializer};
use railjar_benches::ours::Codec;
use railjar_benches::{Kind, payload};

fn rotations(criterion: &mut Criterion) {
    for kind in Kind::ALL {
        let codec = Codec::new(kind, Serializer::Null);
        let message = codec.seal(&payload(400), &Metadata::none());
        let mut group = criterion.benchmark_group(format!("rotations/{kind}"));
        for (count, others) in [(1, 0), (4, 3), (16, 15)] {
            let others = codec.clone().last_of_other_shapes(others);
            let alike = codec.clone().last_of_equal_shape(kind, count);
            let cases = match count {
                1 => vec![("alone", codec.clone())],
                _ => vec![("other shapes", others), ("equal shape", alike)],
            };
            for (name, list) in cases {
                let mut subject = list.opening(message.clone(), Expected::NoPurpose);
                group.bench_function(format!("{name}/{count}"), |bencher| {
                    bencher.iter_custom(|times| subject.time(times));
                });
            }
        }
    }
}

criterion_group!(benches, rotations);
criterion_main!(benches);
