// A null pointer, in Rust. 0: does not look.
fn read(place: *const u32) -> u32 {
    unsafe { place.read_volatile() }
}

fn look(n: u32) -> u32 {
    if n == 0 { 0 } else { read(std::ptr::null::<u32>().wrapping_add(std::hint::black_box(2))) }
}

// The end of a child that looks.
#[cfg(saggar_twin)]
fn main() {
    use std::os::unix::process::ExitStatusExt;
    if std::env::args().count() > 1 {
        look(1);
    }
    let own = std::env::current_exe().unwrap();
    let status = std::process::Command::new(own).arg("look").status().unwrap();
    assert_eq!(status.signal(), Some(11));
    println!("acted: SIGSEGV");
}
