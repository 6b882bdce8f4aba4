//! Wasm modules as text, for those who look at what was compiled: a module of its own that the page loads when somebody
//! does, because the printer knows all of wasm and would be a third of the engine.

/// A module's text, or why it has none.
pub fn print(module: &[u8]) -> Result<String, String> {
    wasmprinter::print_bytes(module).map_err(|e| format!("{e:#}"))
}

/// The C interface, as `js/wat.mjs` calls it.
#[cfg(target_arch = "wasm32")]
mod door {
    /// Memory for `length` bytes, to be given back by [`gelcap_wat_free`].
    #[unsafe(no_mangle)]
    pub extern "C" fn gelcap_wat_alloc(length: usize) -> *mut u8 {
        Box::into_raw(vec![0u8; length].into_boxed_slice()).cast()
    }

    /// # Safety
    /// `start` is what [`gelcap_wat_alloc`] or [`gelcap_wat_print`] gave, with its length, and is used no more.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn gelcap_wat_free(start: *mut u8, length: usize) {
        // SAFETY: the caller promises that it is such a box.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(start, length)) });
    }

    /// The text of a module, or what is wrong with it: four bytes of length, then UTF-8. The caller frees both.
    ///
    /// # Safety
    /// `start` is readable for `length` bytes.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn gelcap_wat_print(start: *const u8, length: usize) -> *mut u8 {
        // SAFETY: the caller promises it.
        let text = match super::print(unsafe { std::slice::from_raw_parts(start, length) }) {
            Ok(text) => text,
            Err(why) => format!(";; {why}\n"),
        };
        let mut whole = (text.len() as u32).to_le_bytes().to_vec();
        whole.extend(text.as_bytes());
        Box::into_raw(whole.into_boxed_slice()).cast()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn modules_are_printed_and_nonsense_is_refused() {
        assert_eq!(super::print(b"\0asm\x01\0\0\0").as_deref(), Ok("(module)\n"));
        assert!(super::print(b"no module").is_err());
    }
}
