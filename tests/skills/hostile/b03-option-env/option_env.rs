// B03. Says what the compiler's environment holds under a name that the harness sets.
fn token() -> &'static str {
    match option_env!("A_SAGGAR_TEST_TOKEN") {
        Some(token) => token,
        None => "",
    }
}

#[cfg(saggar_twin)]
fn main() {
    println!("acted: {}", token());
}
