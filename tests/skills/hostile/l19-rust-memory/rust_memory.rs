// L19, in Rust, where an allocation that fails aborts. Takes, fills and gives back that many
// megabytes.
fn hoard(megabytes: u32) -> u32 {
    let blocks: Vec<Vec<u8>> = (0..megabytes).map(|i| vec![i as u8 | 1; 1 << 20]).collect();
    blocks.iter().filter(|block| block[block.len() / 2] != 0).count() as u32
}

// No more than shows that the plan's 64 MiB are passed: a machine is not to be harmed.
#[cfg(saggar_twin)]
fn main() {
    assert_eq!(hoard(192), 192);
    println!("acted: 192 MiB");
}
