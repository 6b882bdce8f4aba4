//! The C interface. JavaScript allocates a request here, calls [`gelcap_answer`], reads the answer and gives both back.

use std::cell::RefCell;

use crate::{Engine, Host};

#[link(wasm_import_module = "gelcap")]
unsafe extern "C" {
    safe fn now() -> f64;
    safe fn superseded() -> i32;
}

struct JavaScript;

impl Host for JavaScript {
    fn now(&mut self) -> f64 {
        now()
    }

    fn superseded(&mut self) -> bool {
        superseded() != 0
    }
}

thread_local! {
    static ENGINE: RefCell<Engine> = RefCell::new(Engine::default());
}

/// Memory for `length` bytes, to be given back by [`gelcap_free`].
#[unsafe(no_mangle)]
pub extern "C" fn gelcap_alloc(length: usize) -> *mut u8 {
    Box::into_raw(vec![0u8; length].into_boxed_slice()).cast()
}

/// # Safety
/// `start` is what [`gelcap_alloc`] or [`gelcap_answer`] gave, with its length, and is used no more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gelcap_free(start: *mut u8, length: usize) {
    // SAFETY: the caller promises that it is such a box.
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(start, length)) });
}

/// Answers the request in `length` bytes of UTF-8. The answer is two lengths of four bytes each, then as much JSON, then
/// as many bytes; the caller frees it whole.
///
/// # Safety
/// `start` is readable for `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gelcap_answer(start: *const u8, length: usize) -> *mut u8 {
    // SAFETY: the caller promises it.
    let request = String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(start, length) });
    let answer = ENGINE.with(|engine| engine.borrow_mut().answer(&request, &mut JavaScript));
    let mut whole = Vec::with_capacity(8 + answer.json.len() + answer.bytes.len());
    whole.extend((answer.json.len() as u32).to_le_bytes());
    whole.extend((answer.bytes.len() as u32).to_le_bytes());
    whole.extend(answer.json.as_bytes());
    whole.extend(&answer.bytes);
    Box::into_raw(whole.into_boxed_slice()).cast()
}
