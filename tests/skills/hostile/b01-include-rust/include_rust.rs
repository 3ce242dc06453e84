// B01. The harness puts a path where the at-signs are: rustc quotes what it cannot parse. The twin
// asks only whether it may read the file: the text itself would not compile.
#[cfg(not(saggar_twin))]
include!("@SECRET@");

fn answer() -> u32 {
    42
}

#[cfg(saggar_twin)]
fn main() {
    let seen: &[u8] = include_bytes!("@SECRET@");
    println!("acted: the compiler sees {} bytes of the file, {}", seen.len(), answer());
}
