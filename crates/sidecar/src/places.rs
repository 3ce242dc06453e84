//! Where things lie in this process before any generated code is loaded, for the host to explain a
//! crash by: what a sidecar says of it then is its own word and not the skill's.

use std::ffi::CStr;

use libc::{c_int, c_void, dl_phdr_info, size_t};
use saggar_sidecar_api::arena::Arena;
use saggar_sidecar_api::wire::{LoadedObject, Places};

/// Most objects that are told of; a sidecar has six.
const OBJECTS: usize = 32;

/// The arena, the stack of the first thread, the heap, and every loaded object.
pub(crate) fn take(arena: &Arena) -> Places {
    let here = 0u64;
    let heap = Box::new(0u64);
    let mut objects: Vec<LoadedObject> = Vec::with_capacity(OBJECTS);
    // SAFETY: the callback gets the address of `objects`, which outlives the call, and nothing else
    // uses it meanwhile; no other thread loads or unloads anything.
    unsafe { libc::dl_iterate_phdr(Some(note), (&raw mut objects).cast()) };
    Places {
        arena: arena.pointer(0) as u64,
        stack: &raw const here as u64,
        heap: &raw const *heap as u64,
        objects,
    }
}

extern "C" fn note(info: *mut dl_phdr_info, _size: size_t, objects: *mut c_void) -> c_int {
    // SAFETY: dl_iterate_phdr(3) passes a valid structure, and `take` the address of a list that
    // nothing else uses during the call.
    let (info, objects) = unsafe { (&*info, &mut *objects.cast::<Vec<LoadedObject>>()) };
    if objects.len() == OBJECTS {
        return 1;
    }
    // SAFETY: the name is null or a string of the loader's that ends with a zero byte.
    let path = (!info.dlpi_name.is_null()).then(|| unsafe { CStr::from_ptr(info.dlpi_name) });
    // SAFETY: the loader's headers: so many of them, mapped while the object is.
    let headers =
        unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    let loaded = headers.iter().filter(|header| header.p_type == libc::PT_LOAD);
    let size = loaded.map(|header| header.p_vaddr.saturating_add(header.p_memsz)).max();
    objects.push(LoadedObject {
        path: path.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default(),
        base: info.dlpi_addr,
        size: size.unwrap_or(0),
    });
    0
}
