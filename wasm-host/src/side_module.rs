//! What a module says of the memory it wants for its constants.
//!
//! A module with constants is relocatable as Emscripten's side modules are: it imports `env.__memory_base`, and its
//! first custom section, `dylink.0`, has a subsection 1 that begins with the size. wasmtime copies constants in host
//! code, where a closed page would kill the process, so a module may place them nowhere else.

const CUSTOM: u8 = 0;
const DATA: u8 = 11;

/// An active segment of memory 0 at the value of global 0: `global.get 0; end`.
const AT_MEMORY_BASE: &[u8] = b"\0\x23\0\x0b";

/// Bytes of constants of a module that the engine has accepted; an error if they are placed anywhere else than at the
/// memory base. The caller checks that global 0 is the memory base.
pub(crate) fn data_size(module: &[u8]) -> Result<u32, &'static str> {
    let mut declared = 0;
    let mut reader = Reader(module.get(8..).unwrap_or_default());
    while let Some((id, body)) = reader.section() {
        match id {
            CUSTOM => declared = dylink_size(body).unwrap_or(declared),
            DATA => match placed_bytes(body) {
                Some(bytes) if bytes <= declared => {}
                Some(_) | None => return Err("its constants are not placed at the memory base"),
            },
            _ => {}
        }
    }
    Ok(declared)
}

fn dylink_size(section: &[u8]) -> Option<u32> {
    let mut section = Reader(section);
    let length = section.leb()?;
    if section.take(length)? != b"dylink.0" {
        return None;
    }
    while let Some((kind, body)) = section.section() {
        if kind == 1 {
            return Reader(body).leb();
        }
    }
    None
}

/// The bytes of a data section that is empty or one segment at the memory base; `None` for any other.
fn placed_bytes(section: &[u8]) -> Option<u32> {
    let mut section = Reader(section);
    match section.leb()? {
        0 => Some(0),
        1 if section.take(AT_MEMORY_BASE.len() as u32)? == AT_MEMORY_BASE => section.leb(),
        _ => None,
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn leb(&mut self) -> Option<u32> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(value).ok();
            }
        }
        None
    }

    fn take(&mut self, length: u32) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length as usize)?;
        self.0 = rest;
        Some(taken)
    }

    /// A tag byte, a length and that many bytes.
    fn section(&mut self) -> Option<(u8, &'a [u8])> {
        let id = self.byte()?;
        let length = self.leb()?;
        Some((id, self.take(length)?))
    }
}

#[cfg(test)]
mod tests {
    use super::data_size;

    const DYLINK: &[u8] = b"\0asm\x01\0\0\0\0\x10\x08dylink.0\x01\x05\x80\x02\x03\0\0";

    #[test]
    fn the_size_is_found() {
        assert_eq!(data_size(DYLINK), Ok(256));
        assert_eq!(data_size(b"\0asm\x01\0\0\0"), Ok(0));
        for cut in 0..DYLINK.len() {
            assert_eq!(data_size(&DYLINK[..cut]), Ok(0));
        }
    }

    #[test]
    fn constants_elsewhere_are_refused() {
        let with = |data: &[u8]| data_size(&[DYLINK, b"\x0b", &[data.len() as u8], data].concat());
        assert_eq!(with(b"\x01\0\x23\0\x0b\x02ab"), Ok(256));
        assert!(with(b"\x01\0\x23\x01\x0b\x02ab").is_err());
        assert!(with(b"\x01\0\x41\0\x0b\x02ab").is_err());
        assert!(with(b"\x01\0\x23\0\x0b\x81\x02").is_err());
        assert!(with(b"\x02\0\x23\0\x0b\0\0\x23\0\x0b\0").is_err());
    }
}
