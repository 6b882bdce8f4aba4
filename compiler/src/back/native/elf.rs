//! Relocatable object to shared library (ELF, `ET_DYN`), so that no linker is needed.
//!
//! The file has four segments: read-only (headers, dynamic tables, constants), code, data that is read-only after
//! relocation, data. Everything is bound at load time, the stack is not executable, no symbol has a version, and no
//! other library is named: what is undefined must already be in the process. Section headers and a symbol table are
//! there for debuggers only.

use object::elf;

use super::image::{Access, Image, ImageError, Layout, Object, PlacedSection, PlacedSymbol, Segment};
use super::reloc::Arch;

/// What to write.
pub struct Library<'a> {
    pub object: &'a [u8],
    /// The name that the dynamic linker knows it by.
    pub soname: &'a str,
    /// Whether a global symbol of the object can be seen from outside.
    pub exported: &'a dyn Fn(&str) -> bool,
    /// Whether the object may need a symbol.
    pub importable: &'a dyn Fn(&str) -> bool,
}

const HEADER: u64 = 64;
const PROGRAM_HEADER: u64 = 56;
const SECTION_HEADER: u64 = 64;
const SYMBOL: u64 = 24;
const RELA: u64 = 24;
const DYNAMIC_ENTRIES: u64 = 14;
const EH_FRAME_HEADER: u64 = 8;

/// Makes the shared library.
pub fn write(library: &Library<'_>) -> Result<Vec<u8>, ImageError> {
    let object = Object::read(library.object)?;
    object.check_undefined(library.importable)?;
    let tables = Tables::plan(&object, library);
    let page = match object.arch {
        Arch::X86_64 => 1 << 12,
        // Kernels for this architecture use pages of up to 64 KiB.
        Arch::Aarch64 => 1 << 16,
    };
    let image = object.place(&Layout { page, prefix: tables.end, relro: 16 * DYNAMIC_ENTRIES })?;
    Ok(Writer { image, tables, page }.write())
}

/// Where the tables at the start of the file are; all of their sizes are known before anything is placed.
struct Tables {
    hash: Range,
    symbols: Range,
    strings: Range,
    relocations: Range,
    eh_frame_header: Range,
    end: u64,
    string_table: Vec<u8>,
    soname: u32,
    /// Name and offset in the string table of each undefined symbol, then of each exported one.
    names: Vec<(String, u32)>,
    imports: usize,
}

#[derive(Clone, Copy, Default)]
struct Range {
    start: u64,
    size: u64,
}

/// As many as a file can have: four segments, dynamic, unwind header, RELRO, stack.
const PROGRAM_HEADERS: u64 = 8;

impl Tables {
    fn plan(object: &Object, library: &Library<'_>) -> Tables {
        let mut string_table = vec![0];
        let mut intern = |text: &str| {
            let offset = string_table.len() as u32;
            string_table.extend_from_slice(text.as_bytes());
            string_table.push(0);
            offset
        };
        let soname = intern(library.soname);
        let mut exports: Vec<&str> = object.globals().map(|(name, _)| name).filter(|n| (library.exported)(n)).collect();
        exports.sort_unstable();
        let all = object.undefined.iter().map(String::as_str).chain(exports);
        let names: Vec<(String, u32)> = all.map(|name| (name.to_string(), intern(name))).collect();
        let count = names.len() as u64 + 1;
        let mut end = HEADER + PROGRAM_HEADERS * PROGRAM_HEADER;
        let mut reserve = |size: u64| {
            let range = Range { start: end, size };
            end = (end + size).next_multiple_of(8);
            range
        };
        Tables {
            hash: reserve(4 * (2 + buckets(count) + count)),
            symbols: reserve(SYMBOL * count),
            strings: reserve(string_table.len() as u64),
            relocations: reserve(RELA * object.load_time_words() as u64),
            eh_frame_header: reserve(EH_FRAME_HEADER),
            end,
            string_table,
            soname,
            names,
            imports: object.undefined.len(),
        }
    }
}

fn buckets(symbols: u64) -> u64 {
    (symbols / 2).max(1)
}

/// The hash function of `DT_HASH`.
fn sysv_hash(name: &str) -> u32 {
    name.bytes().fold(0u32, |hash, byte| {
        let hash = (hash << 4).wrapping_add(u32::from(byte));
        let high = hash & 0xf000_0000;
        (hash ^ (high >> 24)) & !high
    })
}

struct Writer {
    image: Image,
    tables: Tables,
    page: u64,
}

/// A section header, in the order of its fields.
#[derive(Default)]
struct Header {
    name: &'static str,
    placed_name: Option<String>,
    sh_type: u32,
    flags: u32,
    address: u64,
    offset: u64,
    size: u64,
    link: u32,
    info: u32,
    align: u64,
    entry: u64,
}

/// Bytes in little-endian order; both architectures have no other.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn u8(&mut self, v: u8) -> &mut Self {
        self.0.push(v);
        self
    }
    fn u16(&mut self, v: u16) -> &mut Self {
        self.0.extend_from_slice(&v.to_le_bytes());
        self
    }
    fn u32(&mut self, v: u32) -> &mut Self {
        self.0.extend_from_slice(&v.to_le_bytes());
        self
    }
    fn u64(&mut self, v: u64) -> &mut Self {
        self.0.extend_from_slice(&v.to_le_bytes());
        self
    }
}

/// The first sections are the dynamic tables, in this order.
const DYNSYM: u32 = 2;
const DYNSTR: u32 = 3;

impl Writer {
    fn write(mut self) -> Vec<u8> {
        let relocations = self.relocations();
        self.put(self.tables.relocations, relocations);
        let symbols = self.dynamic_symbols();
        self.put(self.tables.symbols, symbols);
        let hash = self.hash();
        self.put(self.tables.hash, hash);
        self.put(self.tables.strings, self.tables.string_table.clone());
        let eh_frame_header = self.eh_frame_header();
        self.put(self.tables.eh_frame_header, eh_frame_header);
        let dynamic = self.dynamic();
        self.put(Range { start: self.image.relro, size: 16 * DYNAMIC_ENTRIES }, dynamic);
        let programs = self.program_headers();
        self.put(Range { start: HEADER, size: PROGRAM_HEADERS * PROGRAM_HEADER }, programs);
        self.finish()
    }

    fn put(&mut self, range: Range, bytes: Vec<u8>) {
        debug_assert!(bytes.len() as u64 <= range.size);
        self.image.bytes[range.start as usize..][..bytes.len()].copy_from_slice(&bytes);
    }

    fn relocations(&self) -> Vec<u8> {
        let (relative, glob_dat, absolute) = match self.image.arch {
            Arch::X86_64 => (elf::R_X86_64_RELATIVE, elf::R_X86_64_GLOB_DAT, elf::R_X86_64_64),
            Arch::Aarch64 => (elf::R_AARCH64_RELATIVE, elf::R_AARCH64_GLOB_DAT, elf::R_AARCH64_ABS64),
        };
        let mut out = Bytes::default();
        // Relative ones first: DT_RELACOUNT says how many, and the dynamic linker does them in a tight loop.
        for &(at, address) in &self.image.relative {
            out.u64(at).u64(u64::from(relative)).u64(address);
        }
        for &(at, symbol, addend) in &self.image.imports {
            let r_type = if self.image.got.contains(&at) { glob_dat } else { absolute };
            out.u64(at).u64(((symbol as u64 + 1) << 32) | u64::from(r_type)).u64(addend as u64);
        }
        out.0
    }

    fn dynamic_symbols(&self) -> Vec<u8> {
        let mut out = Bytes::default();
        out.0.resize(SYMBOL as usize, 0);
        for (i, (name, offset)) in self.tables.names.iter().enumerate() {
            let defined = self.image.symbols.iter().find(|s| s.is_global && &s.name == name);
            match defined.filter(|_| i >= self.tables.imports) {
                Some(symbol) => self.symbol(&mut out, *offset, symbol, elf::STB_GLOBAL),
                None => {
                    out.u32(*offset).u8(elf::STB_GLOBAL << 4).u8(0).u16(0).u64(0).u64(0);
                }
            }
        }
        out.0
    }

    fn symbol(&self, out: &mut Bytes, name: u32, symbol: &PlacedSymbol, binding: u8) {
        let kind = if symbol.is_function { elf::STT_FUNC } else { elf::STT_OBJECT };
        let section = self.first_placed_section() + symbol.section as u32;
        out.u32(name).u8((binding << 4) | kind).u8(0).u16(section as u16).u64(symbol.address).u64(symbol.size);
    }

    fn hash(&self) -> Vec<u8> {
        let count = self.tables.names.len() + 1;
        let buckets = buckets(count as u64) as usize;
        let mut heads = vec![0u32; buckets];
        let mut chains = vec![0u32; count];
        for (i, (name, _)) in self.tables.names.iter().enumerate() {
            let bucket = sysv_hash(name) as usize % buckets;
            chains[i + 1] = std::mem::replace(&mut heads[bucket], i as u32 + 1);
        }
        let mut out = Bytes::default();
        out.u32(buckets as u32).u32(count as u32);
        for word in heads.into_iter().chain(chains) {
            out.u32(word);
        }
        out.0
    }

    fn eh_frame(&self) -> Option<&PlacedSection> {
        self.image.sections.iter().find(|s| s.name == ".eh_frame")
    }

    /// Points the unwinder at `.eh_frame`, without a search table: it walks the few entries there are.
    fn eh_frame_header(&self) -> Vec<u8> {
        let Some(frame) = self.eh_frame() else { return Vec::new() };
        let distance = frame.start.wrapping_sub(self.tables.eh_frame_header.start + 4);
        let mut out = Bytes::default();
        out.u8(1).u8(0x1b).u8(0xff).u8(0xff).u32(distance as u32);
        out.0
    }

    fn dynamic(&self) -> Vec<u8> {
        let tables = &self.tables;
        let relative = self.image.relative.len() as u64;
        let entries: [(i64, u64); DYNAMIC_ENTRIES as usize - 1] = [
            (elf::DT_SONAME, u64::from(tables.soname)),
            (elf::DT_HASH, tables.hash.start),
            (elf::DT_SYMTAB, tables.symbols.start),
            (elf::DT_SYMENT, SYMBOL),
            (elf::DT_STRTAB, tables.strings.start),
            (elf::DT_STRSZ, tables.strings.size),
            (elf::DT_RELA, tables.relocations.start),
            (elf::DT_RELASZ, tables.relocations.size),
            (elf::DT_RELAENT, RELA),
            (elf::DT_RELACOUNT, relative),
            (elf::DT_FLAGS, u64::from(elf::DF_BIND_NOW)),
            (elf::DT_FLAGS_1, u64::from(elf::DF_1_NOW)),
            (elf::DT_NULL, 0),
        ];
        let mut out = Bytes::default();
        for (tag, value) in entries {
            out.u64(tag as u64).u64(value);
        }
        out.0
    }

    fn program_headers(&self) -> Vec<u8> {
        let mut out = Bytes::default();
        let mut add = |p_type: u32, flags: u32, start: u64, size: u64, align: u64| {
            out.u32(p_type).u32(flags).u64(start).u64(start).u64(start).u64(size).u64(size).u64(align);
        };
        for segment in &self.image.segments {
            add(elf::PT_LOAD, flags(segment.access), segment.start, segment.end - segment.start, self.page);
        }
        add(elf::PT_DYNAMIC, elf::PF_R | elf::PF_W, self.image.relro, 16 * DYNAMIC_ENTRIES, 8);
        if let Some(segment) = self.relro_segment() {
            let size = (segment.end - segment.start).next_multiple_of(self.page);
            add(elf::PT_GNU_RELRO, elf::PF_R, segment.start, size, 1);
        }
        if self.eh_frame().is_some() {
            let header = self.tables.eh_frame_header;
            add(elf::PT_GNU_EH_FRAME, elf::PF_R, header.start, header.size, 4);
        }
        add(elf::PT_GNU_STACK, elf::PF_R | elf::PF_W, 0, 0, 16);
        out.0
    }

    fn relro_segment(&self) -> Option<&Segment> {
        self.image.segments.iter().find(|s| s.access == Access::ReadAfterRelocation)
    }

    fn program_header_count(&self) -> u16 {
        let fixed = 2 + u16::from(self.relro_segment().is_some()) + u16::from(self.eh_frame().is_some());
        self.image.segments.len() as u16 + fixed
    }

    /// Index of the header of `image.sections[0]`.
    fn first_placed_section(&self) -> u32 {
        self.table_headers().len() as u32
    }

    fn table_headers(&self) -> Vec<Header> {
        let tables = &self.tables;
        let table = |name, sh_type, range: Range, link, entry| Header {
            name,
            sh_type,
            flags: elf::SHF_ALLOC,
            address: range.start,
            offset: range.start,
            size: range.size,
            link,
            align: 8,
            entry,
            ..Header::default()
        };
        let mut headers = vec![
            Header::default(),
            table(".hash", elf::SHT_HASH, tables.hash, DYNSYM, 4),
            table(".dynsym", elf::SHT_DYNSYM, tables.symbols, DYNSTR, SYMBOL),
            table(".dynstr", elf::SHT_STRTAB, tables.strings, 0, 0),
            table(".rela.dyn", elf::SHT_RELA, tables.relocations, DYNSYM, RELA),
            table(".eh_frame_hdr", elf::SHT_PROGBITS, tables.eh_frame_header, 0, 0),
        ];
        headers[DYNSYM as usize].info = 1;
        let dynamic = Range { start: self.image.relro, size: 16 * DYNAMIC_ENTRIES };
        let mut dynamic = table(".dynamic", elf::SHT_DYNAMIC, dynamic, DYNSTR, 16);
        dynamic.flags |= elf::SHF_WRITE;
        headers.push(dynamic);
        headers
    }

    /// The file: the image, then what only debuggers read, then the ELF header over the bytes kept for it.
    fn finish(self) -> Vec<u8> {
        let mut headers = self.table_headers();
        for section in &self.image.sections {
            headers.push(Header {
                placed_name: Some(section.name.clone()),
                sh_type: elf::SHT_PROGBITS,
                flags: elf::SHF_ALLOC
                    | match section.access {
                        Access::Read => 0,
                        Access::Execute => elf::SHF_EXECINSTR,
                        Access::ReadAfterRelocation | Access::Write => elf::SHF_WRITE,
                    },
                address: section.start,
                offset: section.start,
                size: section.size,
                align: section.align,
                ..Header::default()
            });
        }
        let (symbols, strings) = self.symbol_table();
        let mut file = self.image.bytes.clone();
        let symtab = append(&mut file, &symbols);
        let strtab = append(&mut file, &strings);
        let first_global = (symbols.len() as u64 / SYMBOL) as u32;
        headers.push(Header {
            name: ".symtab",
            sh_type: elf::SHT_SYMTAB,
            offset: symtab,
            size: symbols.len() as u64,
            link: headers.len() as u32 + 1,
            info: first_global,
            align: 8,
            entry: SYMBOL,
            ..Header::default()
        });
        let strings = strings.len() as u64;
        headers.push(Header {
            name: ".strtab",
            sh_type: elf::SHT_STRTAB,
            offset: strtab,
            size: strings,
            align: 1,
            ..Header::default()
        });
        self.section_headers(file, headers)
    }

    /// All defined symbols, as local ones: names for a debugger.
    fn symbol_table(&self) -> (Vec<u8>, Vec<u8>) {
        let mut out = Bytes(vec![0; SYMBOL as usize]);
        let mut strings = vec![0];
        for symbol in &self.image.symbols {
            let name = strings.len() as u32;
            strings.extend_from_slice(symbol.name.as_bytes());
            strings.push(0);
            self.symbol(&mut out, name, symbol, elf::STB_LOCAL);
        }
        (out.0, strings)
    }

    fn section_headers(&self, mut file: Vec<u8>, mut headers: Vec<Header>) -> Vec<u8> {
        headers.push(Header { name: ".shstrtab", sh_type: elf::SHT_STRTAB, align: 1, ..Header::default() });
        let mut names = vec![0u8];
        let mut name_offsets = Vec::new();
        for header in &headers {
            name_offsets.push(names.len() as u32);
            names.extend_from_slice(header.placed_name.as_deref().unwrap_or(header.name).as_bytes());
            names.push(0);
        }
        let names_offset = append(&mut file, &names);
        if let Some(last) = headers.last_mut() {
            (last.offset, last.size) = (names_offset, names.len() as u64);
        }
        let mut out = Bytes::default();
        for (header, name) in headers.iter().zip(name_offsets) {
            out.u32(name).u32(header.sh_type).u64(u64::from(header.flags)).u64(header.address).u64(header.offset);
            out.u64(header.size).u32(header.link).u32(header.info).u64(header.align).u64(header.entry);
        }
        let offset = append(&mut file, &out.0);
        let elf_header = self.elf_header(offset, headers.len() as u16);
        file[..HEADER as usize].copy_from_slice(&elf_header);
        file
    }

    fn elf_header(&self, section_headers: u64, count: u16) -> Vec<u8> {
        let machine = match self.image.arch {
            Arch::X86_64 => elf::EM_X86_64,
            Arch::Aarch64 => elf::EM_AARCH64,
        };
        let mut out = Bytes(vec![0x7f, b'E', b'L', b'F', elf::ELFCLASS64, elf::ELFDATA2LSB, elf::EV_CURRENT, 0]);
        out.u64(0).u16(elf::ET_DYN).u16(machine).u32(1).u64(0).u64(HEADER).u64(section_headers).u32(0);
        out.u16(HEADER as u16).u16(PROGRAM_HEADER as u16).u16(self.program_header_count());
        out.u16(SECTION_HEADER as u16).u16(count).u16(count - 1);
        out.0
    }
}

fn flags(access: Access) -> u32 {
    match access {
        Access::Read => elf::PF_R,
        Access::Execute => elf::PF_R | elf::PF_X,
        Access::ReadAfterRelocation | Access::Write => elf::PF_R | elf::PF_W,
    }
}

/// Adds 8-aligned bytes; gives their offset.
fn append(file: &mut Vec<u8>, bytes: &[u8]) -> u64 {
    file.resize(file.len().next_multiple_of(8), 0);
    let offset = file.len() as u64;
    file.extend_from_slice(bytes);
    offset
}
