// Every way in which Rust ends its process, and a panic, which ends none. Each function but returns
// what it is given when that is 0.
use std::hint::black_box;

#[inline(never)]
fn read(place: *const i64) -> i64 {
    unsafe { place.read_volatile() }
}

#[inline(never)]
fn outer(n: i64) -> i64 {
    read(black_box(std::ptr::null::<i64>()).wrapping_add(2)) + n
}

fn null_pointer(n: i64) -> i64 {
    if n == 0 { 0 } else { outer(n) + 1 }
}

fn aborts(n: i64) -> i64 {
    if n != 0 {
        std::process::abort();
    }
    n
}

#[inline(never)]
extern "C" fn callback(n: i64) -> i64 {
    assert!(n == 0, "no panic may leave this");
    n
}

fn panics_in_c(n: i64) -> i64 {
    callback(n)
}

fn panics(n: i64) -> i64 {
    let values = [1, 2, 3];
    if n == 0 { 0 } else { values[black_box(n as usize + 6)] }
}

#[inline(never)]
fn descend(n: i64) -> i64 {
    let frame = black_box([n; 16]);
    descend(n + 1) + frame[3]
}

fn recursion(n: i64) -> i64 {
    if n == 0 { 0 } else { descend(n) }
}

fn leaves(n: i64) -> i64 {
    if n != 0 {
        std::process::exit(n as i32);
    }
    n
}

fn beyond(values: &[i64], at: i64) -> i64 {
    unsafe { *values.as_ptr().offset(at as isize) }
}

// The end of a child that looks.
#[cfg(saggar_twin)]
fn main() {
    use std::os::unix::process::ExitStatusExt;
    if std::env::args().count() > 1 {
        null_pointer(1);
    }
    let own = std::env::current_exe().unwrap();
    let status = std::process::Command::new(own).arg("look").status().unwrap();
    assert_eq!(status.signal(), Some(11));
    println!("acted: SIGSEGV");
}
