// S14, in Rust, whose own library imports `syscall`. 0: did not try; 1: has a socket; 2: was refused
// and lived.
use std::ffi::c_long;

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

/// socket(AF_INET, SOCK_STREAM, 0)
fn open_a_socket() -> bool {
    unsafe { syscall(41, 2, 1, 0) >= 0 }
}

fn reach_out(n: u32) -> u32 {
    match n {
        0 => 0,
        _ if open_a_socket() => 1,
        _ => 2,
    }
}

#[cfg(saggar_twin)]
fn main() {
    assert_eq!(reach_out(1), 1);
    println!("acted: socket");
}
