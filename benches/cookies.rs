//! The jars of an app at Rails 7.1, whose cookies are in the legacy envelope.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use railjar_benches::jars::Jars;
use railjar_benches::payload;

fn cookies(criterion: &mut Criterion) {
    for (name, jars) in [("alone", Jars::new()), ("four rotations", Jars::rotated())] {
        let mut group = criterion.benchmark_group(format!("cookies/{name}"));
        let payload = payload(400);
        for (name, mut subject) in [
            ("open signed", jars.open_signed(&payload)),
            ("open encrypted", jars.open_encrypted(&payload)),
            ("seal signed", jars.seal_signed(&payload)),
            ("seal encrypted", jars.seal_encrypted(&payload)),
        ] {
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|times| subject.time(times));
            });
        }
    }
}

criterion_group!(benches, cookies);
criterion_main!(benches);
