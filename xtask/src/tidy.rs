//! `tidy`: what holds for the whole workspace and no compiler checks. Each check is a function
//! of the files, or of what cargo knows, to what is wrong; its tests show it failing.

mod code;
mod files;
mod layers;
mod tree;

use crate::cargo;
use tree::Tree;

/// One thing that is wrong, with its place.
type Violation = String;

pub(crate) fn run() -> Result<(), String> {
    let root = cargo::root();
    let tree = Tree::read(&root)?;
    let home = std::env::var("HOME").unwrap_or_default();
    let machine = [root.display().to_string(), home];
    let metadata = cargo::metadata()?;
    let violations = [
        layers::point_down(&metadata),
        layers::loading(&metadata),
        layers::sidecar_is_small(&cargo::tree("saggar-sidecar")?),
        files::open_with_a_purpose(&tree),
        files::length(&tree, files::LONG),
        files::machine_paths(&tree, &machine),
        code::unsafe_is_forbidden(&tree),
        code::nothing_is_left_undone(&tree),
        code::only_the_jail_spawns(&tree),
        code::only_the_sidecar_loads(&tree),
        code::pure_crates_are_pure(&tree),
    ]
    .concat();
    for violation in &violations {
        eprintln!("{violation}");
    }
    match violations.len() {
        0 => {
            println!("tidy: {} files, nothing wrong", tree.files.len());
            Ok(())
        }
        count => Err(format!("tidy: {count} violations")),
    }
}
