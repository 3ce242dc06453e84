//! Arguments that are files or buffers, of a skill that looks where it should not, in real sidecars.
#![cfg(test)]

mod common;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use common::Scene;
use saggar_engine::{Argument, Buffer, Code, Feedback};
use serde_json::{Value, json};

/// A home with a skill whose source is this.
struct Home(Scene);

impl Home {
    fn new(language: &str, interface: &str, test: &str, source: &str) -> Self {
        let plan = format!(
            "interface = \"\"\"\n{interface}\n\"\"\"\n[limits]\ncall-deadline = \"10s\"\n\
             memory = \"64MiB\"\n[[test]]\n{test}\n"
        );
        Home(Scene::new(language, &plan, source, &[]))
    }

    fn call(&self, name: &str, args: &[Argument<'_>]) -> Result<Value, Box<Feedback>> {
        self.0.engine.call_with(&"probe".parse().unwrap(), name, args, None)
    }

    fn path(&self) -> PathBuf {
        self.0.dir.path().join("file")
    }

    fn file(&self, bytes: &[u8]) -> File {
        fs::write(self.path(), bytes).unwrap();
        File::open(self.path()).unwrap()
    }

    /// A call that must fail so, and a word of what is said of it.
    fn refuses(&self, name: &str, args: &[Argument<'_>], code: Code, word: &str) {
        let told = self.call(name, args).expect_err("it must fail");
        assert_eq!(told.code, code, "{told:?}");
        assert!(told.summary.contains(word), "{}", told.summary);
    }
}

const SUMS: &str = "sum-bytes: func(data: list<u8>) -> u64;
sum-words: func(first: list<u32>, scale: u32, second: list<u32>) -> u64;
sum-doubles: func(values: list<f64>) -> f64;";

const SUMS_TEST: &str = "call = \"sum-bytes\"\nargs = [[1, 2, 250]]\nexpect = 253";

const C: &str = "#include <stddef.h>
#include <stdint.h>
uint64_t sum_bytes(const uint8_t *data, size_t n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += data[i];
    return sum;
}
uint64_t sum_words(const uint32_t *a, size_t n, uint32_t scale, const uint32_t *b, size_t m) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i];
    for (size_t i = 0; i < m; i++) sum += (uint64_t)scale * b[i];
    return sum;
}
double sum_doubles(const double *values, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += values[i];
    return sum;
}
";

const CPP: &str = "#include <cstdint>
#include <numeric>
#include <span>
#include <vector>
std::uint64_t sum_bytes(std::span<const std::uint8_t> data) {
    return std::accumulate(data.begin(), data.end(), std::uint64_t(0));
}
std::uint64_t sum_words(std::span<const std::uint32_t> a, unsigned scale, std::vector<unsigned> b) {
    return std::accumulate(a.begin(), a.end(), std::uint64_t(0)) +
           scale * std::accumulate(b.begin(), b.end(), std::uint64_t(0));
}
double sum_doubles(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}
";

const RUST: &str = "fn sum_bytes(data: &[u8]) -> u64 { data.iter().map(|n| u64::from(*n)).sum() }
fn sum_words(first: &[u32], scale: u32, second: Vec<u32>) -> u64 {
    let sum = |list: &[u32]| list.iter().map(|n| u64::from(*n)).sum::<u64>();
    sum(first) + u64::from(scale) * sum(&second)
}
fn sum_doubles(values: &[f64]) -> f64 { values.iter().sum() }
";

fn words(numbers: impl IntoIterator<Item = u32>) -> Vec<u8> {
    numbers.into_iter().flat_map(u32::to_le_bytes).collect()
}

#[test]
fn c_cpp_and_rust_see_files_and_buffers_as_lists() {
    for (language, source) in [("c", C), ("c++", CPP), ("rust", RUST)] {
        let home = Home::new(language, SUMS, SUMS_TEST, source);
        let bytes: Vec<u8> = (0..100_000u32).map(|n| (n % 251) as u8).collect();
        let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
        let file = home.file(&bytes);
        let whole = [Argument::file(&file)];
        assert_eq!(home.call("sum-bytes", &whole).unwrap(), sum, "{language}");
        let mut buffer = Buffer::new(bytes.len()).unwrap();
        buffer.copy_from_slice(&bytes);
        for _ in 0..3 {
            assert_eq!(home.call("sum-bytes", &[(&buffer).into()]).unwrap(), sum, "{language}");
            buffer.rotate_left(1);
        }
        buffer.fill(2);
        assert_eq!(home.call("sum-bytes", &[(&buffer).into()]).unwrap(), 200_000, "{language}");
        // A part that begins off any page, behind and before what is no list.
        let file = home.file(&words(0..5000));
        let part = Argument::File { file: file.as_fd(), offset: 4 * 1100, length: Some(4 * 100) };
        let mut other = Buffer::new(4 * 5000).unwrap();
        other.copy_from_slice(&words(0..5000));
        let args = [part, json!(3).into(), Argument::Buffer(&other)];
        let expected = (1100..1200u64).sum::<u64>() + 3 * (0..5000u64).sum::<u64>();
        assert_eq!(home.call("sum-words", &args).unwrap(), expected, "{language}");
        // Lists in the block beside it, and nothing in files at all.
        let (first, second) = (json!([1, 2]), json!([]));
        let args = [(&first).into(), json!(9).into(), Argument::file(&file)];
        assert_eq!(home.call("sum-words", &args).unwrap(), 3 + 9 * (0..5000u64).sum::<u64>());
        let args = [(&first).into(), json!(9).into(), (&second).into()];
        assert_eq!(home.call("sum-words", &args).unwrap(), 3);
        let doubles: Vec<u8> = [0.5f64, -2.0, 1e300].iter().flat_map(|n| n.to_le_bytes()).collect();
        assert_eq!(
            home.call("sum-doubles", &[Argument::file(&home.file(&doubles))]).unwrap(),
            1e300
        );
        // Nothing is no mapping.
        assert_eq!(home.call("sum-bytes", &[Argument::file(&home.file(&[]))]).unwrap(), 0);
        assert_eq!(home.call("sum-bytes", &[(&Buffer::new(0).unwrap()).into()]).unwrap(), 0);
    }
}

#[test]
fn what_is_no_list_of_numbers_in_a_file_is_refused_by_name() {
    let interface = "bytes: func(data: list<u8>) -> u64;
words: func(data: list<u32>) -> u64;
text: func(data: string) -> u64;
truths: func(data: list<bool>) -> u64;
rows: func(data: list<list<u8>>) -> u64;";
    let source = "#include <cstdint>
#include <span>
#include <string_view>
#include <vector>
uint64_t bytes(std::span<const uint8_t> data) { return data.size(); }
uint64_t words(std::span<const uint32_t> data) { return data.size(); }
uint64_t text(std::string_view data) { return data.size(); }
uint64_t truths(const std::vector<bool> &data) { return data.size(); }
uint64_t rows(const std::vector<std::vector<uint8_t>> &data) { return data.size(); }
";
    let home = Home::new("c++", interface, "call = \"bytes\"\nargs = [[1]]\nexpect = 1", source);
    let file = home.file(b"abc");
    for name in ["text", "truths", "rows"] {
        home.refuses(name, &[Argument::file(&file)], Code::Argument, "args[0]: `data` is a ");
    }
    home.refuses("words", &[Argument::file(&file)], Code::Argument, "have 4 each");
    let odd = Argument::File { file: file.as_fd(), offset: 2, length: Some(0) };
    home.refuses("words", &[odd], Code::Argument, "from 2 on");
    let beyond = |offset, length| Argument::File { file: file.as_fd(), offset, length };
    for range in [beyond(4, None), beyond(0, Some(4)), beyond(2, Some(u64::MAX))] {
        home.refuses("bytes", &[range], Code::Argument, "the file has 3 bytes");
    }
    home.refuses("bytes", &[], Code::Arity, "takes 1");
    home.refuses("bytes", &[Argument::file(&file), Argument::file(&file)], Code::Arity, "takes 1");
    let directory = File::open(home.0.dir.path()).unwrap();
    home.refuses("bytes", &[Argument::file(&directory)], Code::Argument, "is a directory");
    let zeroes = File::open("/dev/zero").unwrap();
    home.refuses("bytes", &[Argument::file(&zeroes)], Code::Argument, "is a device");
    let (pipe, _writer) = std::io::pipe().unwrap();
    home.refuses("bytes", &[Argument::file(&pipe)], Code::Argument, "is a FIFO");
    let (socket, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    home.refuses("bytes", &[Argument::file(&socket)], Code::Argument, "is a socket");
    // More than the policy lets one call map.
    let large = File::create(home.path()).unwrap();
    large.set_len(65 << 30).unwrap();
    home.refuses("bytes", &[Argument::file(&large)], Code::ArgumentsTooLarge, "[sidecar] mapped");
    // A file that says nothing of its size is not taken for an empty one, but where none is asked of
    // it; an empty one is.
    let silent = File::open("/proc/version").unwrap();
    home.refuses("bytes", &[Argument::file(&silent)], Code::Argument, "when it is read");
    let nothing = Argument::File { file: silent.as_fd(), offset: 0, length: Some(0) };
    assert_eq!(home.call("bytes", &[nothing]).unwrap(), 0);
    assert_eq!(home.call("bytes", &[Argument::file(&home.file(b""))]).unwrap(), 0);
    assert_eq!(home.call("bytes", &[Argument::file(&home.file(b"abc"))]).unwrap(), 3);
}

const PRYING: &str = "first: func(data: list<u8>) -> u32;
keep: func(data: list<u8>) -> u32;
again: func() -> u32;
again-beside: func(data: list<u8>) -> u32;
beyond: func(data: list<u8>) -> u32;
scribble: func(data: list<u8>) -> u32;
unlock: func(data: list<u8>) -> s64;
map-again: func(data: list<u8>, writable: u32) -> s64;
descriptors: func(data: list<u8>) -> u32;
rest: func(data: list<u8>) -> s64;
close-it: func(descriptor: s32) -> s32;
late: func(data: list<u8>) -> u32;
sum: func(data: list<u8>) -> u64;
skim: func(data: list<u64>, step: u64) -> u64;";

/// What a prying skill does; its system calls bear no name, so that Scan lets it through.
const PRY: &str = "#include \"saggar.h\"
#include <errno.h>
#include <time.h>
#include <unistd.h>
static const volatile uint8_t *kept;
static long call(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__(\"r10\") = d, r8 __asm__(\"r8\") = e, r9 __asm__(\"r9\") = f;
    __asm__ volatile(\"syscall\" : \"+a\"(number) : \"D\"(a), \"S\"(b), \"d\"(c), \"r\"(r10), \"r\"(r8),
                     \"r\"(r9) : \"rcx\", \"r11\", \"memory\");
    return number;
}
uint32_t first(saggar_list_u8 data) { return data.len ? data.data[0] : 256; }
uint32_t keep(saggar_list_u8 data) { kept = data.data; return *kept; }
uint32_t again(void) { return *kept; }
uint32_t again_beside(saggar_list_u8 data) { (void)data; return *kept; }
uint32_t beyond(saggar_list_u8 data) {
    const volatile uint8_t *at = data.data;
    return at[(data.len + 65535) & ~65535ul];
}
uint32_t scribble(saggar_list_u8 data) {
    *(volatile uint8_t *)data.data = 99;
    return data.data[0];
}
int64_t unlock(saggar_list_u8 data) {
    return call(10, (long)data.data & ~4095L, 4096, 3, 0, 0, 0); /* mprotect, to read and write */
}
int64_t map_again(saggar_list_u8 data, uint32_t writable) {
    (void)data;
    long found = 0;
    for (int fd = 0; fd < 64; fd++) /* mmap, shared, of whatever descriptor there is */
        if (call(9, 0, 4096, writable ? 3 : 1, 1, fd, 0) > 0) found++;
    return found;
}
uint32_t descriptors(saggar_list_u8 data) {
    uint32_t open = 0;
    (void)data;
    for (int fd = 0; fd < 256; fd++)
        if (lseek(fd, 0, SEEK_CUR) != -1 || errno != EBADF) open++;
    return open;
}
int64_t rest(saggar_list_u8 data) {
    long at = call(25, (long)data.data & ~4095L, 4096, 8192, 1, 0, 0); /* mremap, to twice as much */
    return at < 0 ? at : ((const volatile uint8_t *)at)[8191];
}
int close_it(int descriptor) { return close(descriptor); }
uint32_t late(saggar_list_u8 data) {
    const struct timespec nap = {0, 600000000};
    nanosleep(&nap, NULL);
    return data.data[data.len - 1];
}
uint64_t sum(saggar_list_u8 data) {
    uint64_t sum = 0;
    for (size_t i = 0; i < data.len; i++) sum += data.data[i];
    return sum;
}
uint64_t skim(saggar_list_u64 data, uint64_t step) {
    uint64_t sum = 0;
    for (size_t i = 0; i < data.len; i += step) sum += data.data[i];
    return sum + data.data[data.len - 1];
}
";

fn prying() -> Home {
    Home::new("c", PRYING, "call = \"first\"\nargs = [[7]]\nexpect = 7", PRY)
}

#[test]
fn l25_what_one_call_was_shown_the_next_one_does_not_find() {
    let home = prying();
    let file = home.file(&[1; 5000]);
    let mut buffer = Buffer::new(5000).unwrap();
    buffer.fill(2);
    let mut other = Buffer::new(5000).unwrap();
    other.fill(3);
    let again = |args: &[Argument<'_>]| {
        let name = if args.is_empty() { "again" } else { "again-beside" };
        home.call(name, args).map_err(|told| (told.code, told.summary))
    };
    // The twin: what stays mapped is found, so that a look is a look.
    assert_eq!(home.call("keep", &[(&buffer).into()]).unwrap(), 2);
    assert_eq!(again(&[(&buffer).into()]), Ok(json!(2)));
    let (filed, lent) = (Argument::file(&file), Argument::Buffer(&buffer));
    for next in [vec![], vec![json!([4]).into()]] {
        for shown in [&filed, &lent] {
            home.call("keep", std::slice::from_ref(shown)).unwrap();
            let (code, summary) = again(&next).expect_err("it is gone");
            assert!(
                code == Code::Segfault && summary.contains("SIGSEGV while reading"),
                "{summary}"
            );
        }
    }
    // Another one takes its place: never the one before.
    home.call("keep", &[(&buffer).into()]).unwrap();
    assert_eq!(again(&[(&other).into()]), Ok(json!(3)));
    // What was dropped is gone at once, and ends who looks at it.
    home.call("keep", &[(&buffer).into()]).unwrap();
    drop(buffer);
    assert!(again(&[]).is_err());
    assert_eq!(home.call("first", &[(&other).into()]).unwrap(), 3);
}

#[test]
fn what_is_shown_can_be_read_and_nothing_else() {
    let home = prying();
    let mut buffer = Buffer::new(8192).unwrap();
    buffer.fill(7);
    home.file(&[7; 8192]);
    let file = writable(&home);
    let before = home.call("descriptors", &[json!([1]).into()]).unwrap();
    // The artifact's.
    let mappable = home.call("map-again", &[json!([1]).into(), json!(0).into()]).unwrap();
    for shown in [Argument::file(&file), Argument::Buffer(&buffer)] {
        let shown = || [shown.clone()];
        home.refuses("scribble", &shown(), Code::Segfault, "SIGSEGV while writing");
        home.refuses("beyond", &shown(), Code::Segfault, "SIGSEGV while reading");
        // EACCES: what a descriptor cannot write, no mapping of it can.
        assert_eq!(home.call("unlock", &shown()).unwrap(), -13);
        assert_eq!(home.call("descriptors", &shown()).unwrap(), before);
        let [again] = shown();
        let found = home.call("map-again", &[again.clone(), json!(0).into()]);
        assert_eq!(found.unwrap(), mappable);
        let again = [again, json!(1).into()];
        home.refuses("map-again", &again, Code::Forbidden, "SIGSYS");
        assert_eq!(home.call("first", &shown()).unwrap(), 7);
    }
    assert!(buffer.iter().all(|byte| *byte == 7));
    assert_eq!(fs::read(home.path()).unwrap(), [7; 8192]);
}

/// What SECURITY.md says of parts: who may read some of a file can read all of it.
#[test]
fn a_file_that_is_given_in_part_counts_as_given() {
    let home = prying();
    let file = home.file(&[7; 8192]);
    let part = Argument::File { file: file.as_fd(), offset: 0, length: Some(16) };
    assert_eq!(home.call("rest", &[part]).unwrap(), 7);
}

#[test]
fn a_skill_that_closes_the_socket_of_its_sidecar_gets_no_file_and_is_told_why() {
    let home = prying();
    let file = home.file(&[7; 100]);
    assert_eq!(home.call("close-it", &[json!(3).into()]).unwrap(), 0);
    home.refuses("first", &[Argument::file(&file)], Code::BadResult, "does not take the files");
    assert_eq!(home.call("first", &[Argument::file(&file)]).unwrap(), 7);
}

#[test]
fn a_file_that_is_cut_in_mid_call_ends_that_call_and_is_named() {
    let home = prying();
    let file = home.file(&[5; 100_000]);
    // The twin: it is there as long as nobody cuts it.
    assert_eq!(home.call("late", &[Argument::file(&file)]).unwrap(), 5);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(200));
            OpenOptions::new().write(true).open(home.path()).unwrap().set_len(0).unwrap();
        });
        let word = "argument `data` shrank";
        home.refuses("late", &[Argument::file(&file)], Code::Argument, word);
    });
    assert_eq!(home.call("first", &[Argument::file(&home.file(&[6]))]).unwrap(), 6);
}

#[test]
fn a_file_whose_size_changes_all_the_time_never_harms_the_host() {
    let home = prying();
    home.file(&[1; 50_000]);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = OpenOptions::new().append(true).open(home.path()).unwrap();
            while !done.load(Ordering::Relaxed) {
                file.set_len(0).unwrap();
                for _ in 0..50 {
                    file.write_all(&[1; 1000]).unwrap();
                }
            }
        });
        let mut answered = 0;
        for _ in 0..40 {
            let file = File::open(home.path()).unwrap();
            match home.call("sum", &[Argument::file(&file)]) {
                Ok(sum) => answered += u32::from(sum.as_u64().unwrap() <= 50_000),
                Err(told) => {
                    assert!(matches!(told.code, Code::Argument | Code::BusError), "{told:?}");
                }
            }
        }
        done.store(true, Ordering::Relaxed);
        assert!(answered > 0);
    });
    assert_eq!(home.call("first", &[Argument::file(&home.file(&[6]))]).unwrap(), 6);
}

#[test]
fn callers_at_once_share_a_buffer_and_other_calls_come_between() {
    let home = prying();
    let mut buffer = Buffer::new(100_000).unwrap();
    buffer.fill(2);
    let one = json!([1]);
    thread::scope(|scope| {
        for caller in 0..4 {
            let (home, buffer, one) = (&home, &buffer, &one);
            scope.spawn(move || {
                for turn in 0..50 {
                    if (turn + caller) % 7 == 0 {
                        assert_eq!(home.call("sum", &[one.into()]).unwrap(), 1);
                    }
                    assert_eq!(home.call("sum", &[buffer.into()]).unwrap(), 200_000);
                }
            });
        }
    });
    let calls = home.0.events("calls");
    let answered: u64 = calls.iter().filter_map(|entry| entry["counts"]["ok"].as_u64()).sum();
    let between = (0..4).flat_map(|caller| (0..50).filter(move |turn| (turn + caller) % 7 == 0));
    assert_eq!(answered, 4 * 50 + between.count() as u64);
}

/// The home's file, opened to be written to as well.
fn writable(home: &Home) -> File {
    OpenOptions::new().read(true).write(true).open(home.path()).unwrap()
}

/// Descriptors of this process that lead to a file.
fn open_to(path: &std::path::Path) -> usize {
    let entries = fs::read_dir("/proc/self/fd").unwrap().flatten();
    entries.filter(|entry| fs::read_link(entry.path()).is_ok_and(|to| to == path)).count()
}

#[test]
fn many_calls_leave_no_descriptor_behind() {
    let home = prying();
    home.file(&[5; 5000]);
    let path = fs::canonicalize(home.path()).unwrap();
    let writable = writable(&home);
    let before = home.call("descriptors", &[json!([1]).into()]).unwrap();
    for _ in 0..200 {
        assert_eq!(home.call("first", &[Argument::file(&writable)]).unwrap(), 5);
    }
    assert_eq!(open_to(&path), 1);
    assert_eq!(home.call("descriptors", &[Argument::file(&writable)]).unwrap(), before);
}

/// The most memory that this process ever had, KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_file_of_ten_gibibytes_costs_the_host_nothing() {
    let home = prying();
    let size = 10u64 << 30;
    home.file(&[]);
    let mut file = writable(&home);
    file.write_all(&3u64.to_le_bytes()).unwrap();
    file.set_len(size).unwrap();
    let before = peak();
    let step = (64u64 << 20) / 8;
    assert_eq!(home.call("skim", &[Argument::file(&file), json!(step).into()]).unwrap(), 3);
    // Its last element alone.
    let last = Argument::File { file: file.as_fd(), offset: size - 8, length: None };
    assert_eq!(home.call("skim", &[last, json!(1).into()]).unwrap(), 0);
    assert!(peak() - before < 64 << 10, "the host grew by {} KiB", peak() - before);
}
