//! Opening and sealing messages of each format and size, beside the raw floor and the peers.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use railjar::entropy::{Buffered, SystemEntropy};
use railjar::{Expected, Metadata, Serializer};
use railjar_benches::ours::{Codec, FixedIv, NOW};
use railjar_benches::{Kind, SIZES, floor, payload, peers};

fn opening(criterion: &mut Criterion) {
    for kind in Kind::ALL {
        for size in SIZES {
            let payload = payload(size);
            let bytes = Codec::new(kind, Serializer::Null);
            let json = Codec::new(kind, Serializer::Json);
            let message = bytes.seal(&payload, &Metadata::none());
            let bound = Metadata::none().purpose("login").expires_at(NOW.plus_seconds(60));
            let enveloped = json.seal(&payload, &bound);
            let purpose = Expected::Purpose("login");

            let mut group = criterion.benchmark_group(format!("open/{kind}/{size}"));
            group.throughput(Throughput::Bytes(payload.len() as u64));
            let cases = [
                ("floor", Some(floor::open(kind, message.clone()))),
                ("railjar", Some(bytes.opening(message.clone(), Expected::NoPurpose))),
                ("railjar, JSON", Some(json.clone().opening(message.clone(), Expected::NoPurpose))),
                ("railjar, with purpose and expiry", Some(json.opening(enveloped, purpose))),
                ("message_verifier", peers::message_verifier_open(kind, message.clone())),
                ("rails-cookie-parser", peers::rails_cookie_parser_open(kind, message)),
            ];
            for (name, subject) in cases {
                if let Some(mut subject) = subject {
                    group.bench_function(name, |bencher| {
                        bencher.iter_custom(|times| subject.time(times));
                    });
                }
            }
        }
    }
}

fn sealing(criterion: &mut Criterion) {
    for kind in Kind::ALL {
        for size in SIZES {
            let payload = payload(size);
            let codec = Codec::new(kind, Serializer::Null);
            let entropy = Buffered::new(SystemEntropy);

            let mut group = criterion.benchmark_group(format!("seal/{kind}/{size}"));
            group.throughput(Throughput::Bytes(payload.len() as u64));
            let cases = [
                ("floor", Some(floor::seal(kind, payload.clone()))),
                ("railjar, fixed IV", Some(codec.clone().sealing(payload.clone(), FixedIv))),
                ("railjar, IV drawn", Some(codec.sealing(payload.clone(), entropy))),
                ("message_verifier", peers::message_verifier_seal(kind, payload)),
            ];
            for (name, subject) in cases {
                if let Some(mut subject) = subject {
                    group.bench_function(name, |bencher| {
                        bencher.iter_custom(|times| subject.time(times));
                    });
                }
            }
        }
    }
}

criterion_group!(benches, opening, sealing);
criterion_main!(benches);
