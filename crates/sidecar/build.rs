//! Links every library of the policy's NEEDED allowlist into the sidecar, used or not, so that
//! loading an artifact opens no other file.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for argument in ["-Wl,--no-as-needed", "-lstdc++", "-lm", "-lgcc_s", "-Wl,--as-needed"] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}
