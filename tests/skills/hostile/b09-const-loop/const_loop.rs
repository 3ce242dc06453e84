// B09. A constant that the compiler would have to compute by counting to 2^64; for the twin, to a
// number that it can reach.
#![allow(long_running_const_eval)]

const END: u64 = if cfg!(saggar_twin) { 1000 } else { u64::MAX };
const LAST: u64 = {
    let mut n = 0;
    while n < END {
        n += 1;
    }
    n
};

fn last() -> u64 {
    LAST
}

#[cfg(saggar_twin)]
fn main() {
    println!("acted: the compiler counted to {}", last());
}
