//! Compile latency and call latency, each beside its baseline: cold compile and bare g++,
//! duplicate submission, warm call and socket echo, crash to next call.

use std::thread;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use saggar_bench::{Echo, Jig, bare_gxx};

fn build(criterion: &mut Criterion) {
    let jig = Jig::new();
    let mut group = criterion.benchmark_group("build");
    group.sample_size(10).measurement_time(Duration::from_secs(20));
    let mut salt = 0;
    let mut fresh = || {
        salt += 1;
        jig.skill(salt)
    };
    group.bench_function("cpp.cold", |bencher| {
        bencher.iter_batched(
            &mut fresh,
            |dir| jig.submit(&dir),
            criterion::BatchSize::PerIteration,
        );
    });
    group.bench_function("cpp.bare", |bencher| {
        bencher.iter_batched(&mut fresh, |dir| bare_gxx(&dir), criterion::BatchSize::PerIteration);
    });
    group.finish();
    let known = jig.skill(0);
    jig.submit(&known);
    let mut group = criterion.benchmark_group("build");
    group.sample_size(50);
    group.bench_function("dedupe", |bencher| {
        bencher.iter(|| assert!(jig.submit(&known).deduplicated));
    });
    group.finish();
}

/// Calls of a batch.
const CALLS: usize = 1000;

fn call(criterion: &mut Criterion) {
    let jig = Jig::new();
    jig.submit(&jig.skill(0));
    let skill = "stats".parse().expect("a skill name");
    let args = [20.into(), 22.into()];
    let mut group = criterion.benchmark_group("call");
    group.bench_function("hot", |bencher| {
        bencher.iter(|| jig.engine.call(&skill, "add", &args).expect("add answers"));
    });
    let calls = vec![args.to_vec(); CALLS];
    group.throughput(Throughput::Elements(CALLS as u64));
    group.bench_function("batch", |bencher| {
        bencher.iter(|| jig.engine.call_all(&skill, "add", &calls).expect("add answers"));
    });
    group.throughput(Throughput::Elements(1));
    let mut echo = Echo::new();
    group.bench_function("uds_echo", |bencher| bencher.iter(|| echo.round_trip()));
    group.finish();
}

fn crash(criterion: &mut Criterion) {
    let jig = Jig::new();
    jig.submit(&jig.skill(0));
    let skill = "stats".parse().expect("a skill name");
    let crash = || {
        // Long enough for a process to stand by again.
        thread::sleep(Duration::from_millis(15));
        jig.engine.call(&skill, "crash", &[8.into()]).expect_err("it crashes")
    };
    let next = |_| jig.engine.call(&skill, "add", &[20.into(), 22.into()]).expect("add answers");
    let mut group = criterion.benchmark_group("crash");
    group.sample_size(50);
    group.bench_function("recover", |bencher| {
        bencher.iter_batched(crash, next, criterion::BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(benches, build, call, crash);
criterion_main!(benches);
