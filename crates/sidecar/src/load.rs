//! Loads the artifact and calls it. The only place in the project where generated code is loaded.

use saggar_sidecar_api::wire::Expected;
use saggar_skill_abi::ABI_VERSION;
use saggar_skill_abi::frame::{Entry, Frame, TABLE_SYMBOL, Table};

unsafe extern "C" {
    /// Standard output, as C's functions use it (stdio(3)).
    static mut stdout: *mut libc::FILE;
    /// Bytes that a stream holds back (stdio_ext(3)). Takes no lock.
    fn __fpending(stream: *mut libc::FILE) -> usize;
}

/// A loaded artifact; never unloaded, processes are.
pub(crate) struct Skill {
    entries: Vec<Entry>,
    base: u64,
}

/// Loads from a path and checks that it is what the host said.
pub(crate) fn load(path: &str, expected: &Expected) -> Result<Skill, String> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that loads generated code"
    )]
    // SAFETY: the constructors that run here are hostile by assumption; Landlock and the first
    // stage of seccomp are what holds them, not this call.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
    let library = library.map_err(|error| error.to_string())?;
    // SAFETY: the symbol is a data object of the generated glue; its content is checked below,
    // and whatever it points to runs under the same confinement.
    let table = unsafe { library.get::<*const Table>(TABLE_SYMBOL.as_bytes()) };
    let table: *const Table = *table.map_err(|_| format!("it does not export {TABLE_SYMBOL}"))?;
    std::mem::forget(library);
    // SAFETY: dlsym returned the address of the object, which stays mapped: the library is never
    // closed. The scanner has checked that the symbol is a data object of this size.
    let found = unsafe { table.read_unaligned() };
    if found.abi != ABI_VERSION {
        return Err(format!("it has ABI {}, this sidecar {ABI_VERSION}", found.abi));
    }
    if found.interface != expected.interface || found.count != expected.functions {
        return Err("it was built for another interface".to_owned());
    }
    // SAFETY: the glue exports `count` entries; a table that lies crashes this process only.
    let entries = unsafe { std::slice::from_raw_parts(found.entries, found.count as usize) };
    Ok(Skill { entries: entries.to_vec(), base: base_of(table) })
}

/// Where the library that holds an address was loaded (dladdr(3)).
fn base_of(table: *const Table) -> u64 {
    // SAFETY: Dl_info is plain pointers, for which null is a valid value.
    let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: dladdr takes any address and writes to a live local.
    let found = unsafe { libc::dladdr(table.cast(), &raw mut info) };
    if found == 0 { 0 } else { info.dli_fbase as u64 }
}

impl Skill {
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    /// Calls a function; `None` if there is none of this number. What it has printed goes out before
    /// another is called.
    pub(crate) fn call(&self, function: u32, frame: &mut Frame) -> Option<u32> {
        let entry = self.entries.get(function as usize)?;
        // SAFETY: the entry takes a frame by the contract of the ABI. It is generated code: what
        // it does with it is held by the confinement, and the host believes nothing of it.
        let status = unsafe { entry(frame) };
        // SAFETY: the C library's own stream, which it never frees. What the skill has made of it is
        // held as the skill is: it can crash or stop this process only.
        unsafe {
            if __fpending(stdout) > 0 {
                libc::fflush(stdout);
            }
        }
        Some(status)
    }
}
