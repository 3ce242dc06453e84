//! A precompiled header that is damaged, replaced or out of date is not used, and one that does harm
//! all the same fails no build.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::jig::{Jig, Skill, driver, used};

const SOURCE: &str = "#include <vector>\n#include <string>\nunsigned answer(unsigned n) {\n  \
    return std::vector<unsigned>(n + 1, n).front() + std::to_string(n).size(); }\n";

/// A jig with one header, that header, and the artifact it must not change.
fn settled() -> (Jig, std::path::PathBuf, Vec<u8>) {
    let jig = Jig::new();
    let artifact = jig.artifact(&Skill::cpp(SOURCE)).artifact;
    jig.settle();
    let header = jig.headers().remove(0);
    (jig, header, artifact)
}

/// Builds; true if the header was used.
#[track_caller]
fn serves(jig: &Jig, header: &Path, artifact: &[u8]) -> bool {
    let before = used(header);
    assert!(jig.artifact(&Skill::cpp(SOURCE)).artifact == artifact, "another artifact");
    used(header) != before
}

#[test]
fn an_untouched_one_serves_again_and_again_and_a_damaged_one_never() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("cut off", |path| {
            File::options().write(true).open(path).unwrap().set_len(100_000).unwrap();
        }),
        ("empty", |path| fs::write(path, "").unwrap()),
        ("changed within", |path| {
            let mut file = File::options().write(true).open(path).unwrap();
            file.seek(SeekFrom::Start(1 << 20)).unwrap();
            file.write_all(&[0xff; 4096]).unwrap();
        }),
        ("replaced by a copy of something else", |path| {
            let other = path.with_extension("other");
            let mut bytes = fs::read(path).unwrap();
            bytes[2_000_000..2_001_000].fill(0);
            fs::write(&other, bytes).unwrap();
            fs::rename(&other, path).unwrap();
        }),
        ("a directory", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
    ];
    for (name, damage) in damages {
        let (jig, header, artifact) = settled();
        assert!(serves(&jig, &header, &artifact), "{name}");
        assert!(serves(&jig, &header, &artifact), "{name}");
        damage(&header);
        assert!(!serves(&jig, &header, &artifact), "{name}");
        if header.is_dir() {
            continue;
        }
        // What was missed is made again.
        jig.settle();
        assert!(serves(&jig, &header, &artifact), "{name}");
    }
}

#[test]
fn one_that_is_gone_or_not_described_is_not_there() {
    let (jig, header, artifact) = settled();
    let description = fs::read(header.with_extension("json")).unwrap();
    fs::write(header.with_extension("json"), &description[..40]).unwrap();
    assert!(!serves(&jig, &header, &artifact));
    fs::write(header.with_extension("json"), &description).unwrap();
    assert!(serves(&jig, &header, &artifact));
    fs::remove_file(&header).unwrap();
    assert!(!serves(&jig, &header, &artifact));
}

/// As if the description had been forged, or the medium had failed unnoticed.
#[test]
fn damage_that_goes_unnoticed_fails_no_build() {
    for damage in [
        (|bytes: &mut Vec<u8>| bytes.truncate(1000)) as fn(&mut Vec<u8>),
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| bytes.truncate(8),
        |bytes| bytes.clear(),
        |bytes| bytes.fill(0x5a),
        |bytes| {
            let half = bytes.len() / 2;
            bytes[half..half + 200_000].fill(0xff);
        },
    ] {
        let (jig, header, artifact) = settled();
        let mut bytes = fs::read(&header).unwrap();
        damage(&mut bytes);
        fs::write(&header, bytes).unwrap();
        describe_as_it_is(&header);
        assert!(jig.artifact(&Skill::cpp(SOURCE)).artifact == artifact, "another artifact");
    }
}

/// Makes a description true of the file that lies there now.
fn describe_as_it_is(header: &Path) {
    let path = header.with_extension("json");
    let mut kept: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let meta = fs::metadata(header).unwrap();
    kept["file"]["inode"] = meta.ino().into();
    kept["file"]["size"] = meta.size().into();
    kept["file"]["modified"] = serde_json::json!([meta.mtime(), meta.mtime_nsec()]);
    kept["file"]["changed"] = serde_json::json!([meta.ctime(), meta.ctime_nsec()]);
    fs::write(&path, kept.to_string()).unwrap();
}

#[test]
fn a_header_whose_own_headers_changed_is_not_used() {
    let (jig, header, artifact) = settled();
    let path = header.with_extension("json");
    let mut kept: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert!(
        kept["headers"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one.as_str().unwrap().ends_with("/vector"))
    );
    // A file of ours stands for one of the system's that is replaced.
    let own = jig.cache.path().join("own.h");
    fs::write(&own, "").unwrap();
    kept["headers"][0] = own.to_str().unwrap().into();
    fs::write(&path, kept.to_string()).unwrap();
    assert!(!serves(&jig, &header, &artifact));
}

#[test]
fn a_cache_that_was_moved_is_taken_as_it_is() {
    let (jig, header, artifact) = settled();
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("precompiled");
    fs::create_dir(&moved).unwrap();
    for kind in ["gch", "json"] {
        let name = header.with_extension(kind);
        fs::copy(&name, moved.join(name.file_name().unwrap())).unwrap();
    }
    let other = Jig { driver: driver(elsewhere.path(), &[]), cache: elsewhere };
    let header = other.headers().remove(0);
    let inode = fs::metadata(&header).unwrap().ino();
    assert!(!serves(&other, &header, &artifact));
    other.settle();
    assert!(serves(&other, &header, &artifact));
    assert_eq!(fs::metadata(&header).unwrap().ino(), inode, "it was not made again");
    drop(jig);
}

#[test]
fn what_a_process_that_was_ended_left_is_swept() {
    let (jig, header, _) = settled();
    let left = header.with_file_name("0".repeat(64) + ".tmp");
    fs::write(&left, "half a header").unwrap();
    jig.artifact(&Skill::cpp("#include <cstdint>\nunsigned answer(unsigned n) { return n; }\n"));
    jig.settle();
    assert!(!left.exists());
    assert_eq!(jig.headers().len(), 2);
}
