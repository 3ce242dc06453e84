//! Dependencies only point down, only the sidecar has what loads code, and it has little else.

use serde_json::Value;

use super::Violation;

/// Packages by layer, lowest first. A new package has no place until it is given one here.
const LAYERS: [&[&str]; 10] = [
    &["saggar-skill-abi"],
    &["saggar-model"],
    &["saggar-policy"],
    &["saggar-plugin-abi"],
    &["saggar-jail", "saggar-scanner", "saggar-ledger"],
    &["saggar-artifact-store", "saggar-compiler-driver", "saggar-sidecar-api"],
    &["saggar-sidecar", "saggar-verifier"],
    &["saggar-engine"],
    &["saggar-cli"],
    &["saggar-bench"],
];

/// Packages that may depend on anything, and on which nothing shipped may depend.
const EXEMPT: [&str; 2] = ["saggar-tests", "xtask"];

fn layer(package: &str) -> Option<usize> {
    LAYERS.iter().position(|names| names.contains(&package))
}

fn packages(metadata: &Value) -> impl Iterator<Item = (&str, &Vec<Value>)> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.filter_map(|package| {
        Some((package["name"].as_str()?, package["dependencies"].as_array()?))
    })
}

/// Every dependency of the workspace on itself points to a lower layer.
pub(crate) fn point_down(metadata: &Value) -> Vec<Violation> {
    let members: Vec<&str> = packages(metadata).map(|(name, _)| name).collect();
    let mut wrong = Vec::new();
    for (name, dependencies) in packages(metadata).filter(|(name, _)| !EXEMPT.contains(name)) {
        let Some(above) = layer(name) else {
            wrong.push(format!("{name}: has no layer; give it one in xtask/src/tidy/layers.rs"));
            continue;
        };
        let used = dependencies.iter().filter_map(|dependency| dependency["name"].as_str());
        for used in used.filter(|used| members.contains(used)) {
            if layer(used).is_none_or(|below| below >= above) {
                wrong.push(format!("{name}: depends on {used}, which is not below it"));
            }
        }
    }
    wrong
}

/// Packages that could load code at run time.
const LOADERS: [&str; 3] = ["libloading", "dlopen2", "abi_stable"];

/// Only the sidecar depends on what loads code.
pub(crate) fn loading(metadata: &Value) -> Vec<Violation> {
    let others = packages(metadata).filter(|(name, _)| *name != "saggar-sidecar");
    let uses = |(name, dependencies): (&str, &Vec<Value>)| {
        let used = dependencies.iter().filter_map(|dependency| dependency["name"].as_str());
        let loader = used.into_iter().find(|used| LOADERS.contains(used))?;
        Some(format!("{name}: depends on {loader}; only saggar-sidecar loads code"))
    };
    others.filter_map(uses).collect()
}

/// What a process that runs generated code has no use for: it reads no policy, no plan and no debug
/// information, and keeps no records.
const NOT_IN_A_SIDECAR: [&str; 8] =
    ["toml", "wit-parser", "seccompiler", "gimli", "addr2line", "object", "rusqlite", "clap"];

/// The sidecar has few dependencies. `tree` is what `cargo tree` says of it, one package a line.
pub(crate) fn sidecar_is_small(tree: &str) -> Vec<Violation> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let wrong = names.filter(|name| NOT_IN_A_SIDECAR.contains(name));
    wrong
        .map(|name| format!("saggar-sidecar: links {name}, which no jailed process needs"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn workspace(packages: &[(&str, &[&str])]) -> Value {
        let package = |(name, uses): &(&str, &[&str])| {
            let uses: Vec<Value> = uses.iter().map(|name| json!({ "name": name })).collect();
            json!({ "name": name, "dependencies": uses })
        };
        json!({ "packages": packages.iter().map(package).collect::<Vec<_>>() })
    }

    #[test]
    fn a_sidecar_with_a_parser_is_found() {
        assert!(sidecar_is_small("saggar-sidecar v0.1.0 (x)\nlibloading v0.9.0\n").is_empty());
        assert_eq!(sidecar_is_small("saggar-sidecar v0.1.0\ntoml v1.2.1 (*)\n").len(), 1);
    }

    #[test]
    fn down_is_right() {
        let good = workspace(&[
            ("saggar-model", &["serde", "saggar-skill-abi"]),
            ("saggar-skill-abi", &[]),
            ("saggar-tests", &["saggar-model"]),
        ]);
        assert!(point_down(&good).is_empty());
    }

    #[test]
    fn up_and_across_are_wrong() {
        let up = workspace(&[("saggar-model", &["saggar-policy"]), ("saggar-policy", &[])]);
        assert_eq!(
            point_down(&up),
            ["saggar-model: depends on saggar-policy, which is not below it"]
        );
        let across = workspace(&[("saggar-scanner", &["saggar-jail"]), ("saggar-jail", &[])]);
        assert_eq!(point_down(&across).len(), 1);
        let jig = workspace(&[("saggar-engine", &["saggar-tests"]), ("saggar-tests", &[])]);
        assert_eq!(point_down(&jig).len(), 1);
    }

    #[test]
    fn a_package_without_a_layer_is_wrong() {
        assert_eq!(point_down(&workspace(&[("saggar-utils", &[])])).len(), 1);
    }

    #[test]
    fn a_loader_outside_the_sidecar_is_wrong() {
        assert!(loading(&workspace(&[("saggar-sidecar", &["libloading"])])).is_empty());
        assert_eq!(loading(&workspace(&[("saggar-engine", &["libloading"])])).len(), 1);
    }
}
