//! Calls of wasm kernels: arguments into the guest's memory, results out of it.

use std::collections::BTreeMap;

use gelcap_compiler::artifact::ResultType;
use gelcap_compiler::types::{ArrayType, Layout};
use gelcap_native_host::runtime;
use gelcap_wasm_host::{Access, Argument, Kernel, Places};
use pyo3::exceptions::{PyMemoryError, PySystemError};
use pyo3::prelude::*;

use crate::call::{Given, named};
use crate::loaded::{HostCode, wasm_error};
use crate::variant::Variant;
use crate::view::{View, extent};

/// Calls the kernel; the results' slots are as native code would leave them.
pub fn call(py: Python<'_>, variant: &Variant, index: usize, given: &[Given], slots: &mut [u64]) -> PyResult<()> {
    let HostCode::Wasm(kernel) = &variant.loaded.code else {
        return Err(PySystemError::new_err("gelcap: an entry without its host"));
    };
    let mut arguments = Vec::with_capacity(variant.param_slots);
    for (i, argument) in given.iter().enumerate() {
        match argument {
            Given::Nothing => {}
            Given::Slot(bits) => arguments.push(Argument::Slot(*bits)),
            Given::Pointer(held) => {
                let name = variant.param_names.get(i).map_or("?", String::as_str);
                arguments.push(held.wasm_argument().map_err(|e| named(py, e, name))?);
            }
            Given::Array(view) => {
                let stores = matches!(variant.params[i], gelcap_compiler::artifact::ParamType::Array(t) if t.writable);
                arguments.push(memory(view, stores));
                arguments.extend(view.shape.iter().chain(&view.strides).map(|n| Argument::Slot(*n as u64)));
            }
        }
    }
    let mut arrays = Vec::new();
    let count = array_slots(&variant.result, 0, &mut arrays);
    debug_assert_eq!(count, variant.result_slots);
    let mut moved = Ok(());
    let mut enter = || {
        // SAFETY: `given` holds the memory for the length of the call.
        unsafe {
            kernel.call_with(index, &arguments, slots, |slots, places| moved = move_out(kernel, &arrays, slots, places))
        }
    };
    let called = if variant.loaded.in_sandbox {
        let enter = Unbound(enter);
        py.detach(|| enter.run())
    } else {
        enter()
    };
    called.map_err(|failure| wasm_error(py, &variant.loaded, &failure))?;
    moved.map_err(|fault| match fault {
        Fault::Memory => PyMemoryError::new_err("no memory for the result"),
        Fault::Address => PySystemError::new_err("gelcap: a result lies outside of the guest's memory"),
    })
}

/// A call that another thread may make Python's while it runs: it touches none of Python's objects, only memory that
/// its arguments hold.
struct Unbound<F>(F);

// SAFETY: it runs on the thread that made it.
unsafe impl<F> Send for Unbound<F> {}

impl<R, F: FnOnce() -> R> Unbound<F> {
    fn run(self) -> R {
        (self.0)()
    }
}

/// The bytes that an array's elements lie in. What lies between them is not the array's: only a contiguous array may
/// be copied back as a whole.
fn memory(view: &View, stores: bool) -> Argument {
    let (start, bytes) = view.extent();
    let offset = (view.data as usize).wrapping_sub(start as usize);
    let access = match (stores, view.ty.layout) {
        (false, _) => Access::ReadOnly,
        (true, Layout::C | Layout::F) => Access::Exclusive,
        (true, Layout::Strided) => Access::Shared,
    };
    Argument::View { start, bytes, offset, access }
}

/// Where the slots of array results begin; gives the first slot behind the result's.
fn array_slots(result: &ResultType, first: usize, found: &mut Vec<(usize, ArrayType)>) -> usize {
    match result {
        ResultType::Array(ty) => found.push((first, *ty)),
        ResultType::Tuple(items) => return items.iter().fold(first, |at, item| array_slots(item, at, found)),
        ResultType::None | ResultType::Scalar { .. } | ResultType::Either { .. } => {}
    }
    first + result.slots()
}

enum Fault {
    Memory,
    Address,
}

/// A range of guest memory that results lie in, and its copy.
struct Moved {
    low: u64,
    high: u64,
    copy: *mut u8,
}

/// Makes the addresses of array results those of the host: views of arguments become views of their own memory, what
/// the kernel allocated is copied into a buffer of ours, one for all results that share a guest's.
fn move_out(
    kernel: &Kernel,
    arrays: &[(usize, ArrayType)],
    slots: &mut [u64],
    places: &Places<'_>,
) -> Result<(), Fault> {
    let mut moved: BTreeMap<u64, Moved> = BTreeMap::new();
    let owner_at = |first: usize, ty: &ArrayType| first + 1 + 2 * usize::from(ty.rank);
    for (first, ty) in arrays {
        let rank = usize::from(ty.rank);
        let axes: Vec<i64> = slots[first + 1..first + 1 + 2 * rank].iter().map(|s| *s as i64).collect();
        let (start, bytes) = extent(slots[*first] as *mut u8, &axes[..rank], &axes[rank..], ty.dtype);
        let (low, owner) = (start as u64, slots[owner_at(*first, ty)]);
        if owner != 0 {
            let high = low.saturating_add(bytes as u64);
            let range = moved.entry(owner).or_insert(Moved { low, high, copy: std::ptr::null_mut() });
            range.low = range.low.min(low);
            range.high = range.high.max(high);
        }
    }
    let mut outcome = Ok(());
    for range in moved.values_mut() {
        let bytes = (range.high - range.low) as usize;
        match places.guest(range.low, bytes) {
            Some(source) => {
                range.copy = runtime::buffer_alloc(bytes as i64);
                if range.copy.is_null() {
                    outcome = Err(Fault::Memory);
                } else {
                    // SAFETY: the source is guest memory of that length, the target is fresh.
                    unsafe { range.copy.copy_from_nonoverlapping(source, bytes) };
                }
            }
            None => outcome = Err(Fault::Address),
        }
    }
    for (first, ty) in arrays {
        let place = owner_at(*first, ty);
        let owner = slots[place];
        match moved.get(&owner).filter(|_| owner != 0) {
            Some(range) => {
                // What a hostile kernel calls an owner need not be one.
                let _ = kernel.release_buffer(owner as u32);
                if outcome.is_ok() {
                    // SAFETY: the copy is alive: the reference that it was made with is given back below.
                    unsafe { runtime::buffer_retain(range.copy) };
                    slots[*first] = range.copy as u64 + (slots[*first] - range.low);
                    slots[place] = range.copy as u64;
                }
            }
            None => match places.argument(slots[*first]) {
                Some(host) => slots[*first] = host as u64,
                None => outcome = outcome.and(Err(Fault::Address)),
            },
        }
    }
    for range in moved.values().filter(|r| !r.copy.is_null()) {
        // SAFETY: the reference that the copy was made with, and those of results that nobody will see.
        unsafe {
            runtime::buffer_release(range.copy);
            if outcome.is_err() {
                let given = arrays.iter().filter(|(first, ty)| slots[owner_at(*first, ty)] == range.copy as u64);
                given.for_each(|_| runtime::buffer_release(range.copy));
            }
        }
    }
    outcome
}
