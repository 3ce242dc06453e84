//! The file system of a jail: an empty root in memory, host paths bound into it read-only, `/work`
//! if it has one, `/proc` of its own if it needs one. Called by init, in its own mount namespace.
//!
//! `/work` is all that can be written to. `/tmp` is there, empty and read-only, and `/dev/shm` is not:
//! compilers use TMPDIR, which lies in `/work` and is counted with it, and a skill opens nothing. A
//! second writable place would be one more to bound, and one that neither needs.

use std::ffi::CStr;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::CWD;
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount,
    mount_change, move_mount, open_tree, unmount,
};
use rustix::process::pivot_root;

use super::step::{At, Stop};
use crate::spec::{Bind, Root, Step, Work};
use crate::sys;

/// Where the new root is put together; covered only in this jail's own mount namespace.
const STAGING: &str = "/tmp";

/// A host path as it was before the staging directory covered anything.
pub(super) struct Taken {
    target: PathBuf,
    what: What,
}

enum What {
    Tree { tree: OwnedFd, is_dir: bool },
    Link(PathBuf),
}

/// Takes the host paths of a root. To be called with the launcher's own user id: a toolchain may
/// lie in a home that only its owner, or root, can enter.
pub(super) fn take_all(root: &Root) -> Result<Vec<Taken>, Stop> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .at(Step::Mounts, "mount(2), to keep what follows here")?;
    let mut binds = root.binds.clone();
    if root.own_image {
        binds.extend(own_image().at(Step::Mounts, "find the sidecar's own libraries")?);
    }
    binds.iter().filter_map(|bind| take(bind).transpose()).collect()
}

/// Puts the new root together, beside the old one.
pub(super) fn stage(taken: Vec<Taken>, work: Option<&Work>) -> Result<(), Stop> {
    tmpfs(STAGING, c"size=1m,nr_inodes=4k,mode=0755")?;
    let (inside, taken): (Vec<_>, Vec<_>) =
        taken.into_iter().partition(|bind| bind.target.starts_with("/tmp/work"));
    for bind in taken {
        place(bind)?;
    }
    for name in ["proc", "work", "dev", "tmp"] {
        directory(&Path::new(STAGING).join(name)).at(Step::Mounts, "make a mount point")?;
    }
    if let Some(work) = work {
        let options = format!("size={},nr_inodes=64k,mode=0755\0", work.size);
        let options = CStr::from_bytes_with_nul(options.as_bytes()).map_err(io::Error::other);
        let options = options.at(Step::Mounts, "mount(2), a tmpfs")?;
        tmpfs("/tmp/work", options)?;
    }
    inside.into_iter().try_for_each(place)
}

/// Replaces the root; afterwards nothing of the host is visible but what was staged.
pub(super) fn enter() -> Result<(), Stop> {
    std::env::set_current_dir(STAGING).at(Step::Mounts, "enter the new root")?;
    pivot_root(".", ".").at(Step::Mounts, "pivot_root(2)")?;
    unmount(".", UnmountFlags::DETACH).at(Step::Mounts, "umount2(2)")?;
    std::env::set_current_dir("/").at(Step::Mounts, "enter the new root")?;
    let slash = open_tree(CWD, "/", OpenTreeFlags::OPEN_TREE_CLOEXEC);
    let slash = slash.at(Step::Mounts, "open_tree(2)")?;
    sys::restrict_mount(slash.as_fd(), false).at(Step::Mounts, "mount_setattr(2)")
}

/// A `/proc` that shows only this pid namespace, and of it only processes. Mounted while the old
/// root is in place: the kernel wants to see that the host's own `/proc` hides nothing.
pub(super) fn proc() -> io::Result<()> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    Ok(mount("proc", "/tmp/proc", "proc", flags, Some(c"subset=pid,hidepid=ptraceable"))?)
}

/// The launcher's own executable and the libraries loaded into it, each under the name the
/// dynamic loader looks for: what a sidecar needs to start.
fn own_image() -> io::Result<Vec<Bind>> {
    let mut binds = Vec::new();
    for target in sys::loaded_objects() {
        let source = fs::canonicalize(&target)?.to_string_lossy().into_owned();
        binds.push(Bind { source, target });
    }
    let exe = fs::read_link("/proc/self/exe")?.to_string_lossy().into_owned();
    binds.push(Bind { source: exe, target: "/sidecar".to_owned() });
    Ok(binds)
}

fn take(bind: &Bind) -> Result<Option<Taken>, Stop> {
    let target = Path::new(STAGING).join(bind.target.trim_start_matches('/'));
    match look(&bind.source) {
        // It may go between one look at it and the next.
        Err(stop) if stop.error.kind() == io::ErrorKind::NotFound => Ok(None),
        what => Ok(Some(Taken { target, what: what? })),
    }
}

fn look(source: &str) -> Result<What, Stop> {
    let meta = fs::symlink_metadata(source).at(Step::Mounts, "look at a host path")?;
    if meta.is_symlink() {
        return Ok(What::Link(fs::read_link(source).at(Step::Mounts, "read a link")?));
    }
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE
        | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
    let tree = open_tree(CWD, source, flags).at(Step::Mounts, "open_tree(2)")?;
    sys::restrict_mount(tree.as_fd(), true).at(Step::Mounts, "mount_setattr(2)")?;
    Ok(What::Tree { tree, is_dir: meta.is_dir() })
}

fn place(bind: Taken) -> Result<(), Stop> {
    if let Some(parent) = bind.target.parent() {
        directory(parent).at(Step::Mounts, "make a mount point")?;
    }
    if fs::symlink_metadata(&bind.target).is_ok() {
        return Ok(()); // the same path twice
    }
    match bind.what {
        What::Link(to) => symlink(to, &bind.target).at(Step::Mounts, "make a link"),
        What::Tree { tree, is_dir } => {
            let point = if is_dir {
                directory(&bind.target)
            } else {
                fs::File::create_new(&bind.target).map(drop)
            };
            point.at(Step::Mounts, "make a mount point")?;
            let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
            move_mount(&tree, "", CWD, &bind.target, flags).at(Step::Mounts, "move_mount(2)")
        }
    }
}

fn directory(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o755).create(path)
}

fn tmpfs(at: &str, options: &CStr) -> Result<(), Stop> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    mount("tmpfs", at, "tmpfs", flags, Some(options)).at(Step::Mounts, "mount(2), a tmpfs")
}
