//! One call on one judge: memory laid out, slots filled, results read, what the kernel left alive counted.

use std::sync::{Mutex, PoisonError};

use gelcap_compiler::abi::{self, status::format_message};
use gelcap_compiler::artifact::{Artifact, Export};
use gelcap_compiler::ir::Module;
use gelcap_compiler::ir::interp::{Config, Interp, PackedOutcome};
use gelcap_compiler::types::{ArrayType, Scalar};
use gelcap_native_host as native_host;
use gelcap_wasm_host as wasm_host;

use super::Observed;
use crate::array::{Array, word};
use crate::foreign;
use crate::reference::{Answer, Argument, Call};
use crate::value::Value;

/// Where the call's memories lie for a judge: address and length.
pub(crate) type Places = Vec<(u64, usize)>;

/// The argument slots; as many as arguments or results need.
fn slots(call: &Call, export: &Export, places: &Places) -> Vec<u64> {
    let at = |memory: usize, offset: i64| places[memory].0.wrapping_add(offset as u64);
    let mut slots = Vec::new();
    for argument in &call.args {
        match argument {
            Argument::None => {}
            Argument::Scalar { scalar, bits, .. } => slots.push(abi::to_slot(*scalar, *bits)),
            Argument::Address { memory, offset } => slots.push(at(*memory, *offset)),
            Argument::Array { memory, offset, view } => {
                slots.push(at(*memory, *offset));
                slots.extend(view.shape.iter().chain(&view.strides).map(|n| *n as u64));
            }
        }
    }
    slots.resize(slots.len().max(export.result.slots()), 0);
    slots
}

/// The result in the slots. Gives back the owners of arrays, however the reading went.
pub(crate) fn returned(
    export: &Export,
    slots: &[u64],
    places: &Places,
    load: &dyn Fn(Scalar, u64) -> Result<u64, String>,
) -> (Result<Answer, String>, Vec<u64>) {
    let (mut owners, mut faults) = (Vec::new(), Vec::new());
    let place = |address: u64| {
        let holds = |&(start, len): &(u64, usize)| address >= start && address < start + len as u64;
        let memory = places.iter().position(holds)?;
        Some((memory, (address - places[memory].0) as i64))
    };
    let mut read = |ty: &ArrayType, words: &[u64]| {
        let Some((owner, words)) = words.split_last() else { return Value::None };
        if *owner != 0 {
            owners.push(*owner);
        }
        // What has no owner must not be read outside of the arguments' memory.
        let guarded = |scalar: Scalar, address: u64| match place(address) {
            None if *owner == 0 => Err(format!("a result without owner has an element at {address:#x}")),
            Some(_) if *owner != 0 => Err("a result with an owner lies in an argument's memory".into()),
            _ => load(scalar, address),
        };
        match Array::read(ty, words, &guarded, &place) {
            Ok(array) => Value::Array(array),
            Err(why) => {
                faults.push(why);
                Value::None
            }
        }
    };
    let value = Value::from_slots(&export.result, &mut slots.iter().copied(), &mut read);
    (if faults.is_empty() { Ok(Answer::Returned(value)) } else { Err(faults.join("; ")) }, owners)
}

/// An answer, unless buffers are left over.
fn settled(answer: Result<Answer, String>, live: usize) -> Result<Answer, String> {
    match (answer, live) {
        (answer, 0) => answer,
        (Err(why), _) => Err(why),
        (Ok(_), live) => Err(format!("{live} buffers are left over")),
    }
}

pub(super) fn interpret(module: &Module, exports: &[Export], config: Config, call: &Call) -> Observed {
    let mut interp = Interp::new(module, config);
    let place = |m: &crate::reference::Memory| (interp.memory.allocate(m.bytes.clone()), m.bytes.len());
    let places: Places = call.memories.iter().map(place).collect();
    let mut answer = match exports.iter().find(|e| e.name == call.kernel) {
        None => Err(format!("there is no kernel {}", call.kernel)),
        Some(export) => {
            let slots = slots(call, export, &places);
            match interp.call_packed(&call.kernel, &slots, export.result.slots()) {
                Err(e) => Err(e.to_string()),
                Ok(PackedOutcome::Returned(slots)) => {
                    let load = |s, at| interp.memory.load_bits(s, at).map_err(|e| e.to_string());
                    let (mut answer, owners) = returned(export, &slots, &places, &load);
                    for owner in owners {
                        if let Err(e) = interp.memory.release_escaped(owner) {
                            answer = Err(e.to_string());
                        }
                    }
                    answer
                }
                Ok(PackedOutcome::Raised(r)) => {
                    let site = &module.sites[r.site];
                    let message = Some(format_message(&site.message, r.payload));
                    Ok(Answer::Raised { class: site.exception.name().into(), message })
                }
            }
        }
    };
    answer = settled(answer, interp.memory.live_buffers());
    let memories = places.iter().map(|&(a, _)| interp.memory.bytes(a).unwrap_or_default().to_vec()).collect();
    Observed { answer, memories }
}

/// Native buffers are counted for the whole process, so calls take turns.
static COUNTED: Mutex<()> = Mutex::new(());

pub(super) fn native(kernel: &native_host::Kernel, call: &Call) -> Observed {
    let _turn = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    let before = native_host::runtime::live_buffers();
    // Words, so that the memory is aligned as an allocator's would be.
    let mut words: Vec<Vec<u64>> = call.memories.iter().map(|m| vec![0; m.bytes.len().div_ceil(8)]).collect();
    for (words, memory) in words.iter_mut().zip(&call.memories) {
        for (word, bytes) in words.iter_mut().zip(memory.bytes.chunks(8)) {
            let mut whole = [0; 8];
            whole[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_ne_bytes(whole);
        }
    }
    let places: Places =
        words.iter_mut().zip(&call.memories).map(|(w, m)| (w.as_mut_ptr() as u64, m.bytes.len())).collect();
    let found = kernel.artifact().export(&call.kernel).and_then(|e| Some((e, kernel.packed(e)?)));
    let answer = match found {
        None => Err(format!("there is no kernel {}", call.kernel)),
        Some((export, entry)) => {
            let mut slots = slots(call, export, &places);
            // SAFETY: `entry` is this kernel's, the slots suffice for arguments and results, and the reference has run
            // the same call and stayed inside the memories.
            match unsafe { kernel.call(entry, &mut slots) } {
                Ok(()) => {
                    // SAFETY: the element belongs to an argument, or to a buffer that is alive until it is given back.
                    let load = |s: Scalar, at: u64| Ok(unsafe { element(s, at as *const u8) });
                    let (answer, owners) = returned(export, &slots, &places, &load);
                    // SAFETY: each owner is a reference that the kernel gave away.
                    owners.into_iter().for_each(|o| unsafe { native_host::runtime::buffer_release(o as *mut u8) });
                    answer
                }
                Err(raised) => match raised.describe(kernel.artifact()) {
                    Some((site, message)) => {
                        Ok(Answer::Raised { class: site.exception.name().into(), message: Some(message) })
                    }
                    None => Err(format!("it raised at unknown site {}", raised.site)),
                },
            }
        }
    };
    let answer = settled(answer, native_host::runtime::live_buffers().saturating_sub(before) as usize);
    let bytes = |(words, memory): (&Vec<u64>, &crate::reference::Memory)| {
        words.iter().flat_map(|w| w.to_ne_bytes()).take(memory.bytes.len()).collect()
    };
    Observed { answer, memories: words.iter().zip(&call.memories).map(bytes).collect() }
}

/// The bits of an element.
///
/// # Safety
/// The address is readable for the scalar's size.
unsafe fn element(scalar: Scalar, address: *const u8) -> u64 {
    // SAFETY: the caller promises it.
    word(unsafe { std::slice::from_raw_parts(address, scalar.bytes() as usize) })
}

pub(super) fn foreign(artifact: &Artifact, program: &foreign::Program, call: &Call) -> Observed {
    let failed = |why: String| Observed { answer: Err(why), memories: vec![] };
    let Some(export) = artifact.export(&call.kernel) else {
        return failed(format!("there is no kernel {}", call.kernel));
    };
    let memories: Vec<&[u8]> = call.memories.iter().map(|m| m.bytes.as_slice()).collect();
    let nowhere: Places = memories.iter().map(|m| (0, m.len())).collect();
    let count = slots(call, export, &nowhere).len();
    let addresses = foreign::Program::addresses(count, memories.iter().map(|m| m.len()));
    let places: Places = addresses.into_iter().zip(memories.iter().map(|m| m.len())).collect();
    let outcome = match program.call(&export.packed, &slots(call, export, &places), &memories) {
        Ok(outcome) => outcome,
        Err(why) => return failed(why),
    };
    let answer = match outcome.status {
        abi::STATUS_OK => {
            let load = |s: Scalar, at: u64| {
                let found = outcome.bytes(at, s.bytes() as usize, &places);
                found.map(word).ok_or_else(|| format!("an element at {at:#x}"))
            };
            // Owners are not counted here: nothing is ever freed.
            returned(export, &outcome.slots, &places, &load).0
        }
        _ => match artifact.sites.get(outcome.site as usize) {
            Some(site) => Ok(Answer::Raised {
                class: site.exception.name().into(),
                message: Some(format_message(&site.template, outcome.payload)),
            }),
            None => Err(format!("it raised at unknown site {}", outcome.site)),
        },
    };
    Observed { answer, memories: outcome.memories }
}

pub(super) fn wasm(kernel: &wasm_host::Kernel, call: &Call) -> Observed {
    let failed = |why: String| Observed { answer: Err(why), memories: vec![] };
    let before = kernel.live_buffers();
    let mut regions = Vec::new();
    for memory in &call.memories {
        match kernel.arena().alloc(memory.bytes.len().max(1)) {
            Ok(region) => regions.push(region),
            Err(e) => return failed(e.to_string()),
        }
    }
    for (region, memory) in regions.iter().zip(&call.memories) {
        // SAFETY: the region is ours alone and at least as long as the memory's bytes.
        unsafe { std::ptr::copy_nonoverlapping(memory.bytes.as_ptr(), region.host(), memory.bytes.len()) };
    }
    let places: Places =
        regions.iter().zip(&call.memories).map(|(r, m)| (u64::from(r.guest()), m.bytes.len())).collect();
    let (Some(export), Ok(index)) = (kernel.artifact().export(&call.kernel), kernel.find(&call.kernel)) else {
        return failed(format!("there is no kernel {}", call.kernel));
    };
    let mut slots = slots(call, export, &places);
    let answer = match kernel.call_packed(index, &mut slots) {
        Ok(()) => {
            let load = |s: Scalar, at: u64| {
                let inside =
                    at.checked_add(s.bytes().into()).is_some_and(|end| end <= kernel.arena().heap_bytes() as u64);
                // SAFETY: the heap is readable, and the guest does not run.
                if inside {
                    Ok(unsafe { element(s, kernel.arena().base().add(at as usize)) })
                } else {
                    Err(format!("an element at {at:#x}"))
                }
            };
            let (mut answer, owners) = returned(export, &slots, &places, &load);
            for owner in owners {
                if let Err(e) = kernel.release_buffer(owner as u32) {
                    answer = Err(format!("{e:?}"));
                }
            }
            answer
        }
        Err(wasm_host::Failure::Trap(trap)) if trap != wasm_host::Trap::StackOverflow => Err(format!("{trap:?}")),
        Err(failure) => Ok(Answer::Raised {
            class: failure.exception(kernel.artifact()).name().into(),
            message: Some(failure.message(kernel.artifact())),
        }),
    };
    let answer = settled(answer, kernel.live_buffers().saturating_sub(before));
    let bytes = |(region, memory): (&wasm_host::Region, &crate::reference::Memory)| {
        // SAFETY: as above, and the guest does not run.
        unsafe { std::slice::from_raw_parts(region.host(), memory.bytes.len()) }.to_vec()
    };
    let memories = regions.iter().zip(&call.memories).map(bytes).collect();
    Observed { answer, memories }
}
