// B02. The harness puts a path where the at-signs are. 0: says nothing; anything else: says what
// the compiler read.
static LOOT: &[u8] = include_bytes!("@SECRET@");

fn bytes(n: u32) -> String {
    if n == 0 { String::new() } else { String::from_utf8_lossy(LOOT).into_owned() }
}

#[cfg(saggar_twin)]
fn main() {
    println!("acted: {}", bytes(1).replace('\n', " "));
}
