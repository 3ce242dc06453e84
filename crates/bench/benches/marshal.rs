//! JSON values to blocks and back, and whole calls of a C++ skill that takes the same values, each
//! beside a copy of the same bytes: what the typed interface costs a call.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use saggar_bench::Jig;
use saggar_skill_abi::{Function, Param, Type, decode, encode};
use serde_json::{Value, json};

/// Arguments by the name of the bench. They stand in a result as a tuple.
fn cases() -> Vec<(&'static str, Vec<Type>, Vec<Value>)> {
    let floats = (0..1_000_000).map(|i| f64::from(i) * 0.37);
    let words = (0..10_000).map(|i| format!("word number {i}"));
    let row = |i: i32| (0..100).map(|j| i * j).collect::<Value>();
    vec![
        ("two-integers", vec![Type::S64, Type::S64], vec![json!(20), json!(22)]),
        ("string-1mb", vec![Type::String], vec![json!("x".repeat(1_000_000))]),
        ("list-1e6-f64", vec![Type::F64.list()], vec![floats.collect()]),
        ("list-10000-strings", vec![Type::String.list()], vec![words.collect()]),
        ("list-100x100-s32", vec![Type::S32.list().list()], vec![(0..100).map(row).collect()]),
    ]
}

fn marshal(criterion: &mut Criterion) {
    for (name, types, args) in cases() {
        let params = types.iter().map(|ty| Param { name: "p".into(), ty: ty.clone() }).collect();
        let function = Function { name: "f".into(), params, result: Some(Type::Tuple(types)) };
        let block = encode::args(&function, &args).expect("the arguments are of their types");
        let mut group = criterion.benchmark_group("marshal");
        group.sample_size(30).measurement_time(Duration::from_secs(3));
        group.throughput(Throughput::Bytes(block.len() as u64));
        group.bench_function(format!("encode/{name}"), |bencher| {
            bencher.iter(|| encode::args(&function, black_box(&args)).expect("as before"));
        });
        group.bench_function(format!("decode/{name}"), |bencher| {
            // A tuple lies as the parameters do.
            let ty = function.result.as_ref();
            bencher.iter(|| decode::result(ty, black_box(&block)).expect("the block is valid"));
        });
        let mut copy = block.clone();
        group.bench_function(format!("memcpy/{name}"), |bencher| {
            bencher.iter(|| black_box(&mut copy).copy_from_slice(black_box(&block)));
        });
        group.finish();
    }
}

/// The same values as arguments of a call: encoded, copied into the arena, read by the glue.
fn call(criterion: &mut Criterion) {
    let jig = Jig::new();
    jig.submit(&jig.takers());
    let skill = "takers".parse().expect("a skill name");
    let mut group = criterion.benchmark_group("marshal");
    group.sample_size(30).measurement_time(Duration::from_secs(3));
    for (name, _, args) in cases() {
        let function = format!("take-{}", name.split('-').next_back().unwrap_or_default());
        group.bench_function(format!("call/{name}"), |bencher| {
            bencher.iter(|| jig.engine.call(&skill, &function, black_box(&args)).expect("a count"));
        });
    }
    group.finish();
}

criterion_group!(benches, marshal, call);
criterion_main!(benches);
