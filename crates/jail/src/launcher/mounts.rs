//! The file system of a jail: an empty root in memory, host paths bound into it read-only, `/work`
//! if it has one, `/proc` of its own if it needs one. Called by init, in its own mount namespace.

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

use crate::spec::{Bind, Root, Work};
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
pub(super) fn take_all(root: &Root) -> io::Result<Vec<Taken>> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    let mut binds = root.binds.clone();
    if root.own_image {
        binds.extend(own_image()?);
    }
    binds.iter().filter_map(|bind| take(bind).transpose()).collect()
}

/// Puts the new root together, beside the old one.
pub(super) fn stage(taken: Vec<Taken>, work: Option<&Work>) -> io::Result<()> {
    tmpfs(STAGING, c"size=1m,nr_inodes=4k,mode=0755")?;
    for bind in taken {
        place(bind)?;
    }
    for name in ["proc", "work", "dev", "tmp"] {
        directory(&Path::new(STAGING).join(name))?;
    }
    if let Some(work) = work {
        let options = format!("size={},nr_inodes=64k,mode=0755\0", work.size);
        let options = CStr::from_bytes_with_nul(options.as_bytes()).map_err(io::Error::other)?;
        tmpfs("/tmp/work", options)?;
    }
    Ok(())
}

/// Replaces the root; afterwards nothing of the host is visible but what was staged.
pub(super) fn enter() -> io::Result<()> {
    std::env::set_current_dir(STAGING)?;
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    std::env::set_current_dir("/")?;
    let slash = open_tree(CWD, "/", OpenTreeFlags::OPEN_TREE_CLOEXEC)?;
    sys::restrict_mount(slash.as_fd(), false)
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

fn take(bind: &Bind) -> io::Result<Option<Taken>> {
    let meta = match fs::symlink_metadata(&bind.source) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let what = if meta.is_symlink() {
        What::Link(fs::read_link(&bind.source)?)
    } else {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_RECURSIVE
            | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
        let tree = open_tree(CWD, &bind.source, flags)?;
        sys::restrict_mount(tree.as_fd(), true)?;
        What::Tree { tree, is_dir: meta.is_dir() }
    };
    let target = Path::new(STAGING).join(bind.target.trim_start_matches('/'));
    Ok(Some(Taken { target, what }))
}

fn place(bind: Taken) -> io::Result<()> {
    if let Some(parent) = bind.target.parent() {
        directory(parent)?;
    }
    if fs::symlink_metadata(&bind.target).is_ok() {
        return Ok(()); // the same path twice
    }
    match bind.what {
        What::Link(to) => symlink(to, &bind.target),
        What::Tree { tree, is_dir } => {
            if is_dir {
                directory(&bind.target)?;
            } else {
                fs::File::create_new(&bind.target)?;
            }
            let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
            Ok(move_mount(&tree, "", CWD, &bind.target, flags)?)
        }
    }
}

fn directory(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o755).create(path)
}

fn tmpfs(at: &str, options: &CStr) -> io::Result<()> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    Ok(mount("tmpfs", at, "tmpfs", flags, Some(options))?)
}
